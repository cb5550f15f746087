//! The page's types, which `ts-rs` writes from the Rust types while the tests run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Outcome, run};
use crate::workspace::Workspace;

/// Where the tests of a checked run write the types, so that they can be compared with the committed ones.
pub fn fresh_folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("bindings")
}

/// Empties that folder: what no type writes any more must not linger.
pub fn clear(folder: &Path) -> Outcome {
    let cleared = if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) };
    cleared.and_then(|()| fs::create_dir_all(folder)).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Fails when the committed types are not what the Rust types say, and names each file.
pub fn check(workspace: &Workspace) -> Outcome {
    let committed = read(&committed_folder(workspace))?;
    let fresh = read(&fresh_folder(workspace))?;
    if fresh.is_empty() {
        return Err("the tests wrote no types: is an `#[ts(export)]` missing?".into());
    }
    let names = committed.keys().chain(fresh.keys()).collect::<std::collections::BTreeSet<_>>();
    let wrong: Vec<String> = names
        .into_iter()
        .filter_map(|name| match (committed.get(name), fresh.get(name)) {
            (Some(old), Some(new)) if old == new => None,
            (Some(_), Some(_)) => Some(format!("{name} is out of date")),
            (None, _) => Some(format!("{name} is missing")),
            (_, None) => Some(format!("{name} has no Rust type any more")),
        })
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!(
        "ui/src/lib/bindings does not match the Rust types; run `cargo xtask bindings`\n  {}",
        wrong.join("\n  ")
    ))
}

/// Writes the committed types anew.
pub fn write(workspace: &Workspace) -> Outcome {
    let fresh = fresh_folder(workspace);
    clear(&fresh)?;
    let typed: Vec<&str> = workspace.typed.iter().map(String::as_str).collect();
    let mut export = workspace.cargo(&["test"], &typed);
    run(export.args(["--quiet", "--lib", "export_bindings"]).env("TS_RS_EXPORT_DIR", &fresh))?;
    let target = committed_folder(workspace);
    clear(&target)?;
    for (name, content) in read(&fresh)? {
        let path = target.join(name);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, content));
        written.map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn committed_folder(workspace: &Workspace) -> PathBuf {
    workspace.ui().join("src/lib/bindings")
}

/// Every file below a folder, by its name relative to it.
fn read(folder: &Path) -> Outcome<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let failed = |error: std::io::Error| format!("{}: {error}", next.display());
        for entry in fs::read_dir(&next).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read_to_string(&path).map_err(failed)?);
            }
        }
    }
    Ok(found)
}
