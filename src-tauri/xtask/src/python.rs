//! Pythons of their own, each with the packages that one purpose needs: peers of benchmarks, oracles of tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, find, run};

/// Whether there is a Python to make others of.
pub fn system() -> Option<PathBuf> {
    find("python3").or_else(|| find("python"))
}

/// The Python in the folder `environment` that has these packages; it is made where it is not there.
///
/// # Errors
/// Where there is no Python, or the packages cannot be fetched.
pub fn with_packages(environment: &Path, packages: &[&str]) -> Outcome<PathBuf> {
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let installed = environment.join("installed");
    let wanted = packages.join(" ");
    if fs::read_to_string(&installed).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    let system = system().ok_or("Python 3 with venv is needed")?;
    run(Command::new(system).args(["-m", "venv"]).arg(environment))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages))?;
    fs::write(&installed, wanted).map_err(|error| format!("{}: {error}", installed.display()))?;
    Ok(python)
}

/// A folder below which what is fetched or made once is kept between runs.
///
/// # Errors
/// Where no place is known, or the folder cannot be made.
pub fn cache(purpose: &str) -> Outcome<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || set("HOME").or_else(|| set("USERPROFILE")).map(|home| home.join(".cache").join("quarterdeck"));
    let cache = set("QUARTERDECK_CACHE").or_else(home).ok_or("neither QUARTERDECK_CACHE nor HOME is set")?;
    let cache = cache.join(purpose);
    fs::create_dir_all(&cache).map_err(|error| format!("{}: {error}", cache.display()))?;
    Ok(cache)
}
