//! The page: its packages and its build, both left alone when nothing changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::duckdb::hex;
use crate::process::{Outcome, run};
use crate::workspace::Workspace;

/// What the build reads, below `ui/`.
const INPUTS: &[&str] = &[
    "index.html",
    "package.json",
    "package-lock.json",
    "public",
    "src",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
];

/// npm in the page's folder.
pub fn npm(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(workspace.ui()).args(arguments);
    command
}

/// Installs the packages exactly as the lock file names them, unless they lie there.
pub fn install(workspace: &Workspace) -> Outcome {
    if installed(&workspace.ui()) {
        return Ok(());
    }
    run(&mut npm(workspace, &["ci", "--no-audit", "--no-fund"]))
}

/// Builds the page into `ui/dist`, unless the last build saw the same files.
pub fn build(workspace: &Workspace) -> Outcome {
    let stamp = workspace.own().join("page.sha256");
    let inputs = fingerprint(&workspace.ui())?;
    let built = workspace.ui().join("dist/index.html").is_file();
    if built && fs::read_to_string(&stamp).is_ok_and(|last| last == inputs) {
        return Ok(());
    }
    run(&mut npm(workspace, &["run", "--silent", "build"]))?;
    fs::create_dir_all(workspace.own())
        .and_then(|()| fs::write(&stamp, inputs))
        .map_err(|error| format!("{}: {error}", stamp.display()))
}

/// Whether npm's own record of what it installed agrees with the lock file. A package may be missing only where it is optional.
fn installed(ui: &Path) -> bool {
    let read = |path: PathBuf| -> Option<serde_json::Map<String, Value>> {
        let lock: Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        lock["packages"].as_object().cloned()
    };
    let Some(wanted) = read(ui.join("package-lock.json")) else { return false };
    let Some(present) = read(ui.join("node_modules/.package-lock.json")) else { return false };
    wanted.iter().filter(|(path, _)| !path.is_empty()).all(|(path, package)| match present.get(path) {
        Some(found) => found["version"] == package["version"] && found["integrity"] == package["integrity"],
        None => package["optional"] == true,
    })
}

fn fingerprint(ui: &Path) -> Outcome<String> {
    let mut files = Vec::new();
    for input in INPUTS {
        collect(&ui.join(input), &mut files).map_err(|error| format!("{}: {error}", ui.join(input).display()))?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in &files {
        let content = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        hash.update(file.strip_prefix(ui).unwrap_or(file).to_string_lossy().as_bytes());
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(&content);
    }
    Ok(hex(&hash.finalize()))
}

/// Every file at or below a path; a path that is not there holds none.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_path_buf());
    }
    Ok(())
}
