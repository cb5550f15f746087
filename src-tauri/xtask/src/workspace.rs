//! Where things lie.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::duckdb;
use crate::process::{Outcome, capture};

/// The checkout and its build folder.
pub struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// The packages whose types the page shares.
    pub typed: Vec<String>,
}

impl Workspace {
    /// Found from the package that cargo runs; asks cargo for the target folder.
    pub fn find() -> Outcome<Workspace> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("start this with `cargo xtask`")?;
        let root = Path::new(&package).ancestors().nth(2).ok_or("the package lies too high")?.to_path_buf();
        let mut metadata = Command::new("cargo");
        metadata.current_dir(&root).args(["metadata", "--format-version", "1", "--no-deps", "--offline"]);
        let metadata: serde_json::Value =
            serde_json::from_str(&capture(&mut metadata)?).map_err(|error| format!("cargo metadata: {error}"))?;
        let target = metadata["target_directory"].as_str().ok_or("cargo names no target folder")?.into();
        let packages = metadata["packages"].as_array().ok_or("cargo names no packages")?;
        let typed =
            packages.iter().filter(|package| shares_types(package)).filter_map(|package| package["name"].as_str());
        Ok(Workspace { target, typed: typed.map(str::to_owned).collect(), root })
    }

    /// What set-up fetched and what runs left, ignored by git.
    pub fn own(&self) -> PathBuf {
        self.root.join(".quarterdeck")
    }

    /// The page's source.
    pub fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// The sample company's bills.
    pub fn sample_data(&self) -> PathBuf {
        self.root.join("sample-data")
    }

    /// A program that the build made.
    pub fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Cargo in the checkout, on these packages or, where none is named, on all; where no prebuilt DuckDB is known it is compiled.
    pub fn cargo(&self, subcommand: &[&str], packages: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root).args(subcommand);
        for package in packages {
            command.args(["--package", package]);
        }
        if packages.is_empty() {
            command.arg("--workspace");
        }
        if duckdb::PREBUILT.is_none() {
            if !packages.is_empty() {
                command.args(["--package", "quarterdeck-store"]);
            }
            command.args(["--features", "quarterdeck-store/bundled-duckdb"]);
        }
        command
    }
}

fn shares_types(package: &serde_json::Value) -> bool {
    package["dependencies"].as_array().is_some_and(|all| all.iter().any(|dependency| dependency["name"] == "ts-rs"))
}
