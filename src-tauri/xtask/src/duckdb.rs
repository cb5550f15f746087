//! The official DuckDB library, as the npm registry carries it, checked by its hash.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::process::{Outcome, capture};
use crate::workspace::Workspace;

/// A library as it is published.
pub struct Prebuilt {
    package: &'static str,
    file: &'static str,
    sha256: &'static str,
}

/// The library for this machine, where one was verified; elsewhere DuckDB is compiled (`bundled-duckdb`).
pub const PREBUILT: Option<Prebuilt> = if cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
    Some(Prebuilt {
        package: "@duckdb/node-bindings-linux-x64@1.5.6-r.1",
        file: "libduckdb.so",
        sha256: "3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633",
    })
} else {
    None
};

/// Puts the library where `.cargo/config.toml` points. Quick when it lies there already.
pub fn fetch(workspace: &Workspace) -> Outcome {
    let Some(prebuilt) = PREBUILT else {
        eprintln!(
            "No prebuilt DuckDB is known for this machine: it is compiled from source, which takes long the first time"
        );
        return Ok(());
    };
    let folder = workspace.own().join("duckdb");
    let library = folder.join(prebuilt.file);
    if library.is_file() && sha256(&library)? == prebuilt.sha256 {
        return Ok(());
    }
    eprintln!("Fetching {}", prebuilt.package);
    let unpacked = workspace.own().join("duckdb-unpacked");
    let failed = |error: io::Error| format!("{}: {error}", unpacked.display());
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked).map_err(failed)?;
    }
    fs::create_dir_all(&unpacked).map_err(failed)?;
    let mut pack = Command::new("npm");
    pack.current_dir(&unpacked).args(["pack", "--silent", prebuilt.package]);
    let archive = capture(&mut pack)?;
    let archive = archive.trim().lines().last().unwrap_or_default();
    let mut unpack = Command::new("tar");
    unpack.current_dir(&unpacked).args(["-xzf", archive]);
    capture(&mut unpack)?;
    let fetched = unpacked.join("package").join(prebuilt.file);
    let found = sha256(&fetched)?;
    if found != prebuilt.sha256 {
        return Err(format!(
            "{} in {} has SHA-256 {found}, expected {}; it was not installed",
            prebuilt.file, prebuilt.package, prebuilt.sha256
        ));
    }
    fs::create_dir_all(&folder).and_then(|()| fs::rename(&fetched, &library)).map_err(failed)?;
    fs::copy(unpacked.join("package/LICENSE"), folder.join("LICENSE")).map_err(failed)?;
    fs::remove_dir_all(&unpacked).map_err(failed)
}

/// A file's SHA-256 in hexadecimal.
pub fn sha256(path: &Path) -> Outcome<String> {
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    let mut file = File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
