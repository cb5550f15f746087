//! [`Workbench`]: an engagement of its own, a place for files, and the command line over both.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// An empty engagement in US dollars in a folder that is gone when the test ends.
pub struct Workbench {
    program: PathBuf,
    folder: TempDir,
}

/// What a run of the command line left behind.
#[derive(Debug)]
pub struct Output {
    /// The exit status; none when a signal ended it.
    pub status: Option<i32>,
    /// The data.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
}

impl Workbench {
    /// Makes the engagement with `program`, the command line under test.
    #[must_use]
    pub fn new(program: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for room in ["files", "home"] {
            std::fs::create_dir(folder.path().join(room)).unwrap();
        }
        let bench = Self { program: PathBuf::from(program), folder };
        let made =
            run(bench.command().arg("new").arg(bench.engagement()).args(["--name", "Test", "--currency", "USD"]));
        assert_eq!(made.status, Some(0), "the engagement is made: {}", made.stderr);
        bench
    }

    /// The engagement's folder.
    #[must_use]
    pub fn engagement(&self) -> PathBuf {
        self.folder.path().join("engagement")
    }

    /// Where a file of the test lies.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("files").join(name)
    }

    /// The folder that stands for the home of the person.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file of the test, with the folders above it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The command line, not yet started, in a world of its own: no home, no variables of whoever runs the tests.
    #[must_use]
    pub fn command(&self) -> Command {
        self.sealed(&self.program)
    }

    /// Any program in the same world.
    #[must_use]
    pub fn sealed(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path().join("files")).stdin(Stdio::null());
        command.env("HOME", self.home()).env("XDG_DATA_HOME", self.home()).env_remove("QUARTERDECK_ENGAGEMENT");
        command
    }

    /// The command line on the engagement, not yet started.
    #[must_use]
    pub fn started_with(&self, arguments: &[&str]) -> Command {
        let mut command = self.command();
        command.arg("-e").arg(self.engagement()).args(arguments);
        command
    }

    /// Runs the command line on the engagement.
    #[must_use]
    pub fn qd(&self, arguments: &[&str]) -> Output {
        run(&mut self.started_with(arguments))
    }

    /// Loads files and folders.
    #[must_use]
    pub fn load(&self, paths: &[impl AsRef<OsStr>]) -> Output {
        run(self.started_with(&["load"]).args(paths))
    }

    /// Loads what must load without a word of complaint, and gives the report.
    pub fn loaded(&self, paths: &[impl AsRef<OsStr>]) -> Value {
        let output = run(self.started_with(&["--format", "json", "load"]).args(paths));
        assert_eq!(output.status, Some(0), "the load succeeds: {}", output.stderr);
        output.json()
    }

    /// Runs a command that must succeed and gives its JSON.
    #[must_use]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = run(self.started_with(&["--format", "json"]).args(arguments));
        assert!(matches!(output.status, Some(0 | 3)), "{arguments:?} succeeds: {}", output.stderr);
        output.json()
    }

    /// The one value of a SELECT.
    #[must_use]
    pub fn value(&self, sql: &str) -> String {
        let found = self.json(&["sql", sql]);
        found["rows"][0][0].as_str().unwrap_or_else(|| panic!("{sql} gives no value: {found}")).to_owned()
    }

    /// Everything that is loaded, in one text: the loads, old and new, and a fingerprint of all charges with every column. Two
    /// equal texts mean that nothing changed.
    #[must_use]
    pub fn state(&self) -> String {
        let loads = self.json(&["loads", "--all"]);
        let charges = self
            .value("SELECT concat_ws(' ', count(*), sum(billed_cost), bit_xor(hash(c)), sum(hash(c))) FROM charge c");
        let replaced = self.value("SELECT concat_ws(' ', count(*), bit_xor(hash(c))) FROM charge_superseded c");
        format!("{loads:#}\n{charges}\n{replaced}")
    }

    /// What a load left lying in the engagement's folder though it has ended.
    #[must_use]
    pub fn leftovers(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.engagement()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.retain(|name| name.starts_with(".staging") || name.ends_with(".wal"));
        names.sort();
        names
    }
}

impl Output {
    /// The data as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {}", self.stdout))
    }
}

/// Runs a program to its end.
#[must_use]
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Output { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}
