//! From a checkout to the product at work on the sample company.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, line, run, run_allowing};
use crate::setup::{self, For};
use crate::user_interface;
use crate::workspace::Workspace;

/// The last quarter of the sample company's bills.
const LAST_QUARTER: &str = "2026-07..2026-09";

/// `qd` is done, and there is something to look at.
const SOMETHING_TO_LOOK_AT: i32 = 3;

/// Sets up, builds, makes an engagement from the sample and opens the window on it; without a display does the job by `qd`.
pub fn run_product(workspace: &Workspace, headless: bool, engagement: Option<PathBuf>) -> Outcome {
    let headless = headless || !has_display();
    setup::setup(workspace, if headless { For::Headless } else { For::Window })?;
    if headless {
        run(workspace.cargo(&["build"], &["quarterdeck-cli"]).arg("--locked"))?;
    } else {
        user_interface::build(workspace)?;
        run(workspace.cargo(&["build"], &["quarterdeck-cli", "quarterdeck"]).arg("--locked"))?;
    }
    let command_line = CommandLine { program: workspace.program("debug", "qd"), workspace };
    let engagement = match engagement {
        Some(folder) => folder,
        None => command_line.sample_engagement()?,
    };
    if headless { command_line.report(&engagement) } else { window(workspace, &engagement) }
}

fn window(workspace: &Workspace, engagement: &Path) -> Outcome {
    let mut window = Command::new(workspace.program("debug", "quarterdeck"));
    window.arg("--sample-data").arg(workspace.sample_data()).arg("--open").arg(engagement);
    run(&mut window)
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// `qd` as the build made it.
struct CommandLine<'a> {
    program: PathBuf,
    workspace: &'a Workspace,
}

impl CommandLine<'_> {
    /// The sample company's engagement, made anew when its bills or the program changed.
    fn sample_engagement(&self) -> Outcome<PathBuf> {
        let folder = self.workspace.own().join("sample-engagement");
        let stamp = self.workspace.own().join("sample-engagement.made");
        let made = fs::read_to_string(&stamp).unwrap_or_default();
        let now = self.state()?;
        if folder.is_dir() && made == now {
            return Ok(folder);
        }
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed)?;
        }
        fs::create_dir_all(self.workspace.own()).map_err(failed)?;
        let mut new = Command::new(&self.program);
        new.arg("new").arg(&folder).args(["--name", "Brightwater Logistics", "--currency", "USD"]);
        run(&mut new)?;
        for delivery in self.deliveries() {
            self.ask(&folder, &["load"], Some(delivery))?;
        }
        self.ask(&folder, &["metrics", "import"], Some(self.metrics()))?;
        fs::write(&stamp, now).map_err(failed)?;
        Ok(folder)
    }

    /// What the sample engagement was made from: the program and the bills, by length and time.
    fn state(&self) -> Outcome<String> {
        let mut state = String::new();
        let mut paths = vec![self.program.clone()];
        paths.extend(self.deliveries());
        paths.push(self.metrics());
        while let Some(path) = paths.pop() {
            let failed = |error: std::io::Error| format!("{}: {error}", path.display());
            let metadata = fs::metadata(&path).map_err(failed)?;
            if metadata.is_dir() {
                let mut entries = Vec::new();
                for entry in fs::read_dir(&path).map_err(failed)? {
                    entries.push(entry.map_err(failed)?.path());
                }
                entries.sort();
                paths.extend(entries);
            } else {
                let modified = metadata.modified().map_err(failed)?;
                let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                state.push_str(&format!("{} {} {}\n", path.display(), metadata.len(), since.as_nanos()));
            }
        }
        Ok(state)
    }

    /// The bills in the order they were delivered: one month came a second time, corrected.
    fn deliveries(&self) -> [PathBuf; 2] {
        ["bills", "redelivered"].map(|folder| self.workspace.sample_data().join(folder))
    }

    /// Orders, parcels and customers a day.
    fn metrics(&self) -> PathBuf {
        self.workspace.sample_data().join("metrics.csv")
    }

    /// Loads are made; now reconcile, drill and write the pack.
    fn report(&self, engagement: &Path) -> Outcome {
        let sample = self.workspace.sample_data();
        let out = self.workspace.own().join("packs");
        self.ask(engagement, &["loads"], None)?;
        self.ask(engagement, &["reconcile", "--invoices"], Some(sample.join("invoices.csv")))?;
        let drill = ["ask", "--currency", "USD", "--period", LAST_QUARTER, "--compare", "previous", "--by"];
        for further in [&["provider"][..], &["service", "--top", "10", "--where", "provider = AWS"]] {
            self.ask(engagement, &[&drill[..], further].concat(), None)?;
        }
        self.ask(
            engagement,
            &["rows", "--period", LAST_QUARTER, "--where", "service = \"Amazon Bedrock\"", "--limit", "5"],
            None,
        )?;
        self.ask(
            engagement,
            &["unit-cost", "orders", "--by", "region", "--currency", "USD", "--show", "groups"],
            None,
        )?;
        self.ask(engagement, &["pack", "build", "qbr", "--out"], Some(out.clone()))?;
        println!("\nThe engagement lies in {}", engagement.display());
        println!("The pack lies in {}", out.display());
        println!("Ask it more: {} -e {} ask --help", self.program.display(), engagement.display());
        Ok(())
    }

    fn ask(&self, engagement: &Path, words: &[&str], path: Option<PathBuf>) -> Outcome {
        let mut command = Command::new(&self.program);
        command.arg("-e").arg(engagement).args(["--format", "table"]).args(words).args(path);
        println!();
        if run_allowing(&mut command, &[0, SOMETHING_TO_LOOK_AT])? == SOMETHING_TO_LOOK_AT {
            eprintln!("{} is done; it names something to look at", line(&command));
        }
        Ok(())
    }
}
