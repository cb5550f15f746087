//! Lays the DuckDB library beside the programs that the build makes, where their rpath looks for it.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    if std::env::var_os("CARGO_FEATURE_BUNDLED_DUCKDB").is_some() {
        return;
    }
    let Some(library_folder) = std::env::var_os("DUCKDB_LIB_DIR").map(PathBuf::from) else { return };
    // OUT_DIR is <target>/<profile>/build/<package>/out.
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    let Some(profile_folder) = out.ancestors().nth(3) else { return };
    for name in ["libduckdb.so", "libduckdb.dylib", "duckdb.dll"] {
        let source = library_folder.join(name);
        if source.is_file() {
            println!("cargo:rerun-if-changed={}", source.display());
            place(&source, &profile_folder.join(name));
        }
    }
}

/// Copies through a temporary name, so that a program that has the old library open keeps it.
fn place(source: &Path, target: &Path) {
    let fresh = target.with_extension("new");
    if let Err(error) = std::fs::copy(source, &fresh).and_then(|_| std::fs::rename(&fresh, target)) {
        println!("cargo:warning=the DuckDB library could not be laid at {}: {error}", target.display());
    }
}
