//! What is done to what an engagement keeps: mappings, rates, measures, views, remarks, metrics, settings, packs.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;

use super::{Asked, Convention, path};

#[derive(Debug, Subcommand)]
pub(crate) enum MappingCommand {
    /// Write a first mapping for a file to stdout: look at it, mend it, try it, save it.
    Draft {
        /// The bill.
        #[arg(value_parser = path)]
        bill: PathBuf,
        /// Who sells; without it the file's name.
        #[arg(long, value_name = "NAME")]
        provider: Option<String>,
    },
    /// Show what a mapping makes of a bill; nothing is loaded.
    Try {
        /// The bill.
        #[arg(value_parser = path)]
        bill: PathBuf,
        /// The mapping file.
        #[arg(value_parser = path)]
        mapping: PathBuf,
    },
    /// Keep a mapping in the engagement: bills with its columns then load by it.
    Save {
        /// The mapping file.
        #[arg(value_parser = path)]
        mapping: PathBuf,
    },
    /// List the engagement's own mappings.
    List,
    /// Remove a mapping; what was loaded by it stays.
    Delete {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RatesCommand {
    /// Take in a CSV with date, from, to, rate, source; a table of the same name is replaced.
    Import {
        /// The file.
        #[arg(value_parser = path)]
        file: PathBuf,
        /// The name of the table; without it the file's.
        #[arg(long)]
        name: Option<String>,
    },
    /// List the rates of a table.
    Show {
        /// The name of the table.
        table: String,
    },
    /// Remove a table; the CSV that it was taken from stays where it is.
    Remove {
        /// The name of the table.
        table: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum MeasuresCommand {
    /// Define a measure, in the place of the one that has the name.
    Set {
        /// What it is called.
        name: String,
        /// Two measures with / between; the second may be metric:NAME: effective/usage, billed/list, billed/metric:orders.
        formula: String,
        /// As what it is shown; without it what the formula suggests.
        #[arg(long, value_name = "unit_cost|percent|ratio", value_parser = ["unit_cost", "percent", "ratio"])]
        kind: Option<String>,
    },
    /// Remove a measure.
    Delete {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ViewsCommand {
    /// Keep a view, in the place of the one that has the name.
    Save {
        /// What it is called.
        name: String,
        /// What the window gives as the view's link, such as quarterdeck://view/explore?cost=effective_cost.
        link: String,
    },
    /// Remove a view.
    Delete {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AnnotationsCommand {
    /// Write a remark on a day, on a value of a dimension, or on both.
    Add {
        /// The remark.
        text: String,
        /// The day.
        #[arg(long, value_name = "YYYY-MM-DD", required_unless_present = "dimension")]
        day: Option<NaiveDate>,
        /// The dimension of the value; `qd dims` lists them.
        #[arg(long, value_name = "DIM")]
        dimension: Option<String>,
        /// The value; without it the missing value.
        #[arg(long, requires = "dimension")]
        value: Option<String>,
    },
    /// Remove a remark.
    Delete {
        /// Its number, as `qd annotations` lists it.
        id: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum MetricsCommand {
    /// Take in a CSV with date, metric, value and labels as further columns; a file of the same name is replaced.
    Import {
        /// The file.
        #[arg(value_parser = path)]
        file: PathBuf,
        /// The name it is kept under; without it the file's.
        #[arg(long)]
        name: Option<String>,
    },
    /// List the metrics.
    List {
        /// What was found in the rows instead: what does not count and why, gaps, zeros.
        #[arg(long)]
        diagnostics: bool,
    },
    /// Remove a file; the CSV that it was taken from stays where it is.
    Remove {
        /// Its name, without .csv.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Choose a value: gcp_credits gross, AWS:TAGGING_SUPPORTED off; a flag without a provider is that of all.
    Set {
        /// The setting, as `qd settings` lists it.
        key: String,
        /// The value.
        value: String,
    },
    /// Take a choice back, so that the rule counts.
    Unset {
        /// The setting.
        key: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PackCommand {
    /// List the packs of the engagement.
    List,
    /// Pin something to a pack: a question's answer, a pivot, a change split into effects, a unit cost, a forecast, a plan of
    /// commitments, or a statement's result. It is asked anew whenever
    /// the pack is built.
    Pin {
        /// The pack's name.
        pack: String,
        /// The heading of its section.
        heading: String,
        /// What to say of it.
        #[arg(long)]
        text: Option<String>,
        /// The result of this statement.
        #[arg(long, value_name = "SELECT", conflicts_with_all = ["change", "by", "grain", "measure", "filters", "period"])]
        sql: Option<String>,
        /// The change of the cost between --period and --compare, split into its effects.
        #[arg(long)]
        change: bool,
        /// The order of its effects.
        #[arg(long, value_enum, default_value = "base-first", requires = "change")]
        convention: Convention,
        /// Rows by columns: the first dimension of --by against the second one, or against --grain.
        #[arg(long, conflicts_with_all = ["change", "sql"])]
        pivot: bool,
        /// What one of this business metric costs, by --grain.
        #[arg(long, value_name = "METRIC", conflicts_with_all = ["change", "sql", "pivot"])]
        unit_cost: Option<String>,
        /// What the cost will be, by --grain.
        #[arg(long, conflicts_with_all = ["change", "sql", "pivot", "unit_cost"])]
        forecast: bool,
        /// This basket of commitments as a page for who approves it; --period is the history that it is weighed on.
        #[arg(long, value_name = "NAME", conflicts_with_all = ["change", "sql", "pivot", "unit_cost", "forecast"])]
        basket: Option<String>,
        /// Steps of the forecast.
        #[arg(long, value_name = "N", requires = "forecast")]
        horizon: Option<u32>,
        #[command(flatten)]
        question: Box<Asked>,
    },
    /// Take a pinned section out of a pack.
    Unpin {
        /// The pack's name.
        pack: String,
        /// The section's number, as `qd pack list` tells it.
        section: usize,
    },
    /// Write a pack's files and print where they lie.
    Build {
        /// The pack's name.
        #[arg(default_value = "qbr")]
        pack: String,
        /// The period instead of the definition's, such as 2026-Q3.
        #[arg(long)]
        period: Option<String>,
        /// The folder for the files; without it the engagement's `packs/`.
        #[arg(long, value_name = "DIR", value_parser = path)]
        out: Option<PathBuf>,
        /// The forms.
        #[arg(long = "as", value_delimiter = ',', default_value = "pdf,xlsx", value_name = "pdf|xlsx")]
        forms: Vec<String>,
        /// The date that the pack speaks of as today; equal dates give equal bytes.
        #[arg(long, value_name = "YYYY-MM-DD")]
        as_of: Option<NaiveDate>,
    },
}
