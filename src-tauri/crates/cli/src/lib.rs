//! `qd`, the command line: the same commands as the window, for scripts and pipes.
//!
//! Data goes to stdout, everything else to stderr. Exit status: 0 done, 1 could not, 2 wrong use, 3 done and there is something
//! to look at.

mod arguments;
mod asking;
mod baselines;
mod budgets;
mod changing;
mod checking;
mod committing;
mod comparing;
mod datasets;
mod dimensions;
mod forecasting;
mod frozen;
mod keeping;
mod kpis;
mod loading;
mod manifests;
mod mapping;
mod measures;
mod output;
mod packing;
mod rates;
mod reconciling;
mod scenarios;
mod session;
mod settings;
mod tags;
mod unit_costs;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::arguments::{Arguments, Command, PackCommand};
use crate::session::Session;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// Done, and there is something to look at: rejected rows, failed checks, an invoice that does not match.
    LookAt,
}

/// Runs the command line `arguments`, the program's own name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    api::run_reader_if_asked();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let wrong = error.use_stderr();
            // The terminal may be gone; then nobody reads this.
            let _gone = error.print();
            return if wrong { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("QUARTERDECK_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    match perform(&arguments) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::LookAt) => ExitCode::from(3),
        Err(error) => {
            complain(&error);
            ExitCode::from(if error.code == "question" || error.code == "usage" { 2 } else { 1 })
        }
    }
}

/// Says what went wrong. A message may quote a bill, so it goes the way of all text from a bill.
fn complain(error: &api::ApiError) {
    let say = |line: &str| eprintln!("{}", output::shown(line));
    // The engine points at a place in a statement on lines of their own; set in, so that no text can pass for a line of ours.
    let mut lines = error.message.lines();
    say(&format!("error: {}", lines.next().unwrap_or_default()));
    lines.for_each(|line| say(&format!("  {line}")));
    for detail in error.details.as_array().into_iter().flatten() {
        if let Some(file) = detail["file"].as_str() {
            say(&format!("  {file}: {}", loading::text(&detail["reason"])));
        }
    }
    if error.code == "scenario" {
        // The first is in the message.
        for problem in error.details.as_array().into_iter().flatten().skip(1) {
            say(&format!("  {}", scenarios::problem(problem)));
        }
    }
    if !error.hint.is_empty() {
        say(&format!("hint: {}", error.hint));
    }
}

fn perform(arguments: &Arguments) -> Result<Outcome, api::ApiError> {
    if let Command::Completions { shell } = &arguments.command {
        clap_complete::generate(*shell, &mut Arguments::command(), "qd", &mut std::io::stdout());
        return Ok(Outcome::Done);
    }
    let session = Session::start(arguments)?;
    match &arguments.command {
        Command::New { folder, name, currency, fiscal_year_start } => {
            loading::new(&session, folder, name.as_deref(), currency, *fiscal_year_start)
        }
        Command::Load { paths, provider, keep_source } => {
            loading::load(&session, paths, provider.as_deref(), *keep_source)
        }
        Command::Loads { all } => loading::loads(&session, *all),
        Command::DiffLoads { old, new, period } => comparing::diff_loads(&session, *old, *new, period.as_deref()),
        Command::Datasets { dataset: None, all, .. } => datasets::list(&session, *all),
        Command::Datasets { dataset: Some(dataset), limit, offset, .. } => {
            datasets::rows(&session, *dataset, *limit, *offset)
        }
        Command::Rejects { load, limit } => loading::rejects(&session, *load, *limit),
        Command::Check(arguments) => checking::check(&session, arguments),
        Command::Reconcile(arguments) => reconciling::reconcile(&session, arguments),
        Command::Rates { command } => rates::rates(&session, command.as_ref()),
        Command::Settings { command } => settings::settings(&session, command.as_ref()),
        Command::Tags(arguments) => tags::tags(&session, arguments),
        Command::Ask(ask) => asking::ask(&session, ask),
        Command::Change(arguments) => changing::change(&session, arguments),
        Command::Rows { question, columns, limit, offset, order } => {
            asking::rows(&session, question, columns, *limit, *offset, order.as_deref())
        }
        Command::Kpis(arguments) => kpis::kpis(&session, arguments),
        Command::Metrics { command } => unit_costs::metrics(&session, command.as_ref()),
        Command::Forecast(arguments) => match &arguments.frozen {
            Some(command) => frozen::frozen(&session, command),
            None => forecasting::forecast(&session, arguments),
        },
        Command::Scenario { command } => scenarios::scenarios(&session, command),
        Command::Budget { command } => budgets::budgets(&session, command),
        Command::Commit { command } => committing::commit(&session, command),
        Command::UnitCost(arguments) => unit_costs::unit_cost(&session, arguments),
        Command::Source { charge } => asking::source(&session, charge),
        Command::Sql { text, limit } => asking::sql(&session, text, *limit),
        Command::Dims { dimension: None, .. } => dimensions::list(&session),
        Command::Dims { dimension: Some(dimension), values } => dimensions::values(&session, dimension, values),
        Command::Measures { command } => measures::measures(&session, command.as_ref()),
        Command::Views { command } => keeping::views(&session, command.as_ref()),
        Command::Annotations { command } => keeping::annotations(&session, command.as_ref()),
        Command::Mapping { command } => mapping::perform(&session, command),
        Command::Pack { command: PackCommand::List } => packing::list(&session),
        Command::Pack {
            command:
                PackCommand::Pin {
                    pack,
                    heading,
                    text,
                    sql,
                    change,
                    convention,
                    pivot,
                    unit_cost,
                    forecast,
                    basket,
                    horizon,
                    question,
                },
        } => {
            let what = match (sql, unit_cost) {
                (Some(sql), _) => packing::Pin::Sql(sql),
                (None, None) if let Some(basket) = basket => packing::Pin::Commitment(question, basket),
                (None, Some(metric)) => packing::Pin::UnitCost(question, metric),
                (None, None) if *change => packing::Pin::Change(question, *convention),
                (None, None) if *pivot => packing::Pin::Pivot(question),
                (None, None) if *forecast => packing::Pin::Forecast(question, *horizon),
                (None, None) => packing::Pin::Figures(question),
            };
            packing::pin(&session, pack, heading, text.as_deref(), &what)
        }
        Command::Pack { command: PackCommand::Unpin { pack, section } } => packing::unpin(&session, pack, *section),
        Command::Pack { command: PackCommand::Build { pack, period, out, forms, as_of } } => {
            packing::build(&session, pack, period.as_deref(), out.as_deref(), forms, *as_of)
        }
        Command::Completions { .. } => Ok(Outcome::Done),
    }
}
