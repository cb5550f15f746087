//! Every test there is, in an order that fails early on what is cheap.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::bindings;
use crate::process::{Outcome, capture, find, run};
use crate::python;
use crate::setup::{self, For};
use crate::user_interface::{self, npm};
use crate::workspace::Workspace;

/// What the property tests draw their inputs from.
const PROPERTY_SEED: &str = "PROPTEST_RNG_SEED";

/// Another solver, which the portfolio of commitments is compared with.
const ORACLE_PACKAGES: &[&str] = &["scipy==1.17.1"];

/// Runs every step, prints how each went and fails when any did. A step that later ones stand on ends the run.
pub fn test(workspace: &Workspace) -> Outcome {
    let mut suite = Suite { steps: Vec::new() };
    let outcome = steps(workspace, &mut suite);
    suite.print();
    outcome?;
    match suite.steps.iter().filter(|step| step.outcome.is_err()).count() {
        0 => Ok(()),
        1 => Err("one step failed".into()),
        failed => Err(format!("{failed} steps failed")),
    }
}

fn steps(workspace: &Workspace, suite: &mut Suite) -> Outcome {
    suite.needed("set-up", || setup::setup(workspace, For::Test))?;
    suite.needed("crates", || fetch(workspace))?;
    suite.step("formatting", || {
        run(Command::new("cargo").current_dir(&workspace.root).args(["fmt", "--all", "--check"]))
    });
    suite.step("page: formatting", || run(&mut npm(workspace, &["run", "--silent", "lint"])));
    suite.step("page: types", || run(&mut npm(workspace, &["run", "--silent", "check"])));
    suite.step("page: tests", || run(&mut npm(workspace, &["run", "--silent", "test"])));
    suite.needed("page: build", || user_interface::build(workspace))?;
    suite.step("lints", || {
        run(workspace.cargo(&["clippy"], &[]).args(["--all-targets", "--locked", "--", "--deny", "warnings"]))
    });
    // All targets at once: built apart, programs and tests would see crates with different features and compile them twice.
    suite.needed("programs", || run(workspace.cargo(&["build"], &[]).args(["--all-targets", "--locked"])))?;
    suite.step("tests", || rust_tests(workspace));
    suite.step("documentation tests", || run(workspace.cargo(&["test"], &[]).args(["--doc", "--locked"])));
    suite.step("page types up to date", || bindings::check(workspace));
    suite.step("browser", || browser(workspace));
    if find("cargo-deny").is_some() {
        suite.step("licences and bans", || {
            let mut deny = Command::new("cargo-deny");
            run(deny.current_dir(&workspace.root).args(["--offline", "check", "licenses", "bans", "sources"]))
        });
    } else {
        eprintln!("cargo-deny is not installed: licences are checked by tests/tests/tidy.rs alone");
    }
    Ok(())
}

/// Every crate that this platform needs, so that the tests can ask cargo about all of them without the network.
fn fetch(workspace: &Workspace) -> Outcome {
    let version = capture(Command::new("rustc").arg("-vV"))?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc does not name its platform")?;
    run(Command::new("cargo").current_dir(&workspace.root).args(["fetch", "--locked", "--quiet", "--target", host]))
}

fn rust_tests(workspace: &Workspace) -> Outcome {
    let fresh = bindings::fresh_folder(workspace);
    bindings::clear(&fresh)?;
    // Not nextest: tests of one program share the engagement that it loads, and nextest starts a process for each test.
    let mut tests = workspace.cargo(&["test"], &[]);
    tests.args(["--lib", "--bins", "--tests"]);
    tests.args(["--locked", "--no-fail-fast"]);
    // The same inputs on every run; other ones by setting the variable.
    if std::env::var_os(PROPERTY_SEED).is_none() {
        tests.env(PROPERTY_SEED, "1");
    }
    if python::system().is_some() {
        let oracle = python::with_packages(&python::cache("oracle-python")?, ORACLE_PACKAGES)?;
        tests.env("QUARTERDECK_SCIPY", oracle);
    } else {
        eprintln!("Python 3 is not installed: the portfolio of commitments is not compared with another solver's");
    }
    run(tests.env("TS_RS_EXPORT_DIR", &fresh))
}

/// The page in a real browser, over the bridge, with the real engine.
fn browser(workspace: &Workspace) -> Outcome {
    let mut drive = npm(workspace, &["run", "--silent", "e2e"]);
    drive
        .env("QUARTERDECK_BRIDGE", workspace.program("debug", "quarterdeck-bridge"))
        .env("QUARTERDECK_CHROMIUM", setup::browser()?)
        .env("QUARTERDECK_SAMPLE_DATA", workspace.sample_data());
    run(&mut drive)
}

/// The steps so far.
struct Suite {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    outcome: Outcome,
}

impl Suite {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Outcome) {
        eprintln!("\n== {name}");
        let began = Instant::now();
        let outcome = work();
        if let Err(message) = &outcome {
            eprintln!("{name}: {message}");
        }
        self.steps.push(Step { name, took: began.elapsed(), outcome });
    }

    fn needed(&mut self, name: &'static str, work: impl FnOnce() -> Outcome) -> Outcome {
        self.step(name, work);
        match self.steps.last() {
            Some(Step { outcome: Err(_), .. }) => Err(format!("nothing after \"{name}\" was run")),
            _ => Ok(()),
        }
    }

    fn print(&self) {
        println!("\n{:<26} {:>9}  outcome", "step", "time");
        let mut whole = Duration::ZERO;
        for step in &self.steps {
            whole += step.took;
            let outcome = if step.outcome.is_ok() { "ok" } else { "FAILED" };
            println!("{:<26} {:>9}  {outcome}", step.name, minutes(step.took));
        }
        println!("{:<26} {:>9}", "all", minutes(whole));
    }
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
