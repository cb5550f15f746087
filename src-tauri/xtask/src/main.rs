//! The work around the product: `cargo xtask COMMAND`.
//!
//! It runs first on a fresh machine, so it builds with Rust alone: no system library, nothing of the product.

mod bench;
mod bindings;
mod duckdb;
mod process;
mod python;
mod run;
mod sample;
mod setup;
mod suite;
mod user_interface;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use process::Outcome;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask COMMAND

  setup [--headless]                     everything a build needs: system libraries, npm packages, the DuckDB library
  run [--headless] [--engagement DIR]    set up, build, load the sample company and open the window on it;
                                         without a display (or with --headless) do the same job with `qd`
  test                                   every test there is, formatting and lints included
  bench [--rows N,N] [--out FILE] [--formats]
                                         load rate, drilldown latency, memory and size, beside DuckDB and Polars;
                                         with --formats the load rate of each real export, too
  bench forecast [--series N] [--out FILE]
                                         accuracy, intervals and CPU time of the forecasts, beside statsforecast on M3 Monthly
  bench scenario                         scenarios: laying out, evaluating, comparing, and a slider with a thousand courses
  bench commitment [--out FILE]          commitments: optimum and curve, replay, slider, joint portfolio, beside plain methods
  bindings                               write the page's types anew from the Rust types
  sample-data [DIR]                      write the sample company's bills (default: sample-data)
  bench-data --rows N DIR                write N charges of the benchmark's shape as CSV, CSV.gz and Parquet";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[String]) -> Outcome {
    let Some((name, rest)) = arguments.split_first() else { return Err(USAGE.into()) };
    let mut options = Options(rest.to_vec());
    match name.as_str() {
        "setup" => {
            let headless = options.flag("--headless");
            options.finish()?;
            setup::setup(&Workspace::find()?, if headless { setup::For::Headless } else { setup::For::Test })
        }
        "run" => {
            let headless = options.flag("--headless");
            let engagement = options.value("--engagement")?.map(PathBuf::from);
            options.finish()?;
            run::run_product(&Workspace::find()?, headless, engagement)
        }
        "test" => {
            options.finish()?;
            suite::test(&Workspace::find()?)
        }
        "bench" => {
            let rows = options.value("--rows")?;
            let out = options.value("--out")?.map(PathBuf::from);
            let series = options.value("--series")?;
            match options.positional() {
                Some(which) if which == "forecast" => {
                    options.finish()?;
                    return bench::bench_forecast(&Workspace::find()?, series.as_deref(), out);
                }
                Some(which) if which == "scenario" => {
                    options.finish()?;
                    return bench::bench_scenario(&Workspace::find()?);
                }
                Some(which) if which == "commitment" => {
                    options.finish()?;
                    return bench::bench_commitment(&Workspace::find()?, out);
                }
                Some(which) => return Err(format!("{which} is not a benchmark\n\n{USAGE}")),
                None => {}
            }
            let formats = options.flag("--formats");
            options.finish()?;
            bench::bench(&Workspace::find()?, rows.as_deref(), out, formats)
        }
        "bindings" => {
            options.finish()?;
            bindings::write(&Workspace::find()?)
        }
        "sample-data" => {
            let workspace = Workspace::find()?;
            let folder = options.positional().map_or_else(|| workspace.sample_data(), PathBuf::from);
            options.finish()?;
            sample::write_sample(&folder).map_err(|error| format!("{}: {error}", folder.display()))
        }
        "bench-data" => {
            let rows = bench::rows(&options.value("--rows")?.ok_or("bench-data needs --rows N")?)?;
            let folder = PathBuf::from(options.positional().ok_or("bench-data needs a folder")?);
            options.finish()?;
            bench::write_data(&Workspace::find()?, rows, &folder).map(|_| ())
        }
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("{name} is not a command\n\n{USAGE}")),
    }
}

/// The rest of a command line, taken apart piece by piece; what nobody took is an error.
struct Options(Vec<String>);

impl Options {
    fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|argument| argument != name);
        self.0.len() < before
    }

    fn value(&mut self, name: &str) -> Outcome<Option<String>> {
        let Some(at) = self.0.iter().position(|argument| argument == name) else { return Ok(None) };
        if at + 1 == self.0.len() {
            return Err(format!("{name} needs a value"));
        }
        self.0.remove(at);
        Ok(Some(self.0.remove(at)))
    }

    fn positional(&mut self) -> Option<String> {
        let at = self.0.iter().position(|argument| !argument.starts_with("--"))?;
        Some(self.0.remove(at))
    }

    fn finish(self) -> Outcome {
        match self.0.first() {
            None => Ok(()),
            Some(argument) => Err(format!("{argument} is not known here\n\n{USAGE}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Options {
        Options(text.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn flags_values_and_positions_are_told_apart() {
        let mut given = options("--rows 1000 folder --headless");
        assert!(given.flag("--headless"), "the flag was given");
        assert_eq!(given.value("--rows").unwrap().as_deref(), Some("1000"), "a value follows its name");
        assert_eq!(given.positional().as_deref(), Some("folder"), "what is left is positional");
        assert!(given.finish().is_ok(), "everything was taken");
    }

    #[test]
    fn what_nobody_takes_is_an_error() {
        assert!(options("--colour").finish().unwrap_err().contains("--colour"), "the message names the argument");
        assert!(options("--rows").value("--rows").is_err(), "a name without its value is an error");
    }
}
