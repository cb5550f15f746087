//! What can be typed.

use std::convert::Infallible;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Cloud billing on your own machine: load a bill, ask it, trace it, hand over a pack.
#[derive(Debug, Parser)]
#[command(name = "qd", version, max_term_width = 110, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// The engagement's folder; without it the current folder.
    #[arg(short = 'e', long = "engagement", global = true, env = "QUARTERDECK_ENGAGEMENT", value_name = "DIR", value_parser = path)]
    pub(crate) engagement: Option<PathBuf>,
    /// How data is printed: a table on a terminal, CSV in a pipe.
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<Format>,
    /// No progress and no notes on stderr.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A path as text: it goes to the commands as JSON, so one that is no UTF-8 is wrong use.
fn path(text: &str) -> Result<PathBuf, Infallible> {
    Ok(PathBuf::from(text))
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for a person.
    Table,
    /// One JSON value; money and quantities are strings.
    Json,
    /// RFC 4180, with a header.
    Csv,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an engagement: one folder for a client, a company or an audit.
    New {
        /// A folder that does not exist or is empty.
        #[arg(value_parser = path)]
        folder: PathBuf,
        /// The name; without it the folder's.
        #[arg(long)]
        name: Option<String>,
        /// The currency that answers are in unless asked otherwise.
        #[arg(long, value_name = "CUR")]
        currency: String,
        /// The first month of the fiscal year.
        #[arg(long, value_name = "MM", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=12))]
        fiscal_year_start: u32,
    },
    /// Load bills: files, folders, archives; recognised by content. Replaces what is loaded of the same billing periods.
    Load {
        /// Files and folders.
        #[arg(required = true, value_name = "PATH", value_parser = path)]
        paths: Vec<PathBuf>,
        /// Whose charges they are, for exports that do not say.
        #[arg(long, value_name = "aws|azure|gcp|oci|NAME")]
        provider: Option<String>,
        /// Keep a copy of each file in the engagement.
        #[arg(long)]
        keep_source: bool,
    },
    /// List what is loaded.
    Loads {
        /// Also the loads that later ones replaced.
        #[arg(long)]
        all: bool,
    },
    /// List the values and rows that were refused.
    Rejects {
        /// Of one load.
        #[arg(long, value_name = "LOAD")]
        load: Option<i64>,
        /// At most this many.
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
    /// Check the charges against the FOCUS rules, one line a finding.
    Check,
    /// Set each invoice beside its charges.
    Reconcile {
        /// A CSV with invoice_id, issuer, billing_account_id, billing_period, currency, amount; without it the invoices given before.
        #[arg(long, value_name = "FILE", value_parser = path)]
        invoices: Option<PathBuf>,
    },
    /// Ask a question.
    Ask(Ask),
    /// List the charges behind an answer.
    Rows {
        #[command(flatten)]
        question: Scope,
        /// The columns of the charge, comma separated; without it the ones that matter most.
        #[arg(long, value_delimiter = ',')]
        columns: Vec<String>,
        /// At most this many.
        #[arg(long, default_value_t = 100)]
        limit: u64,
        /// Leave out this many first.
        #[arg(long, default_value_t = 0)]
        offset: u64,
        /// The column to order by; with `-` in front from high to low.
        #[arg(long, allow_hyphen_values = true)]
        order: Option<String>,
    },
    /// Show the row that a charge was made from, as the provider wrote it.
    Source {
        /// The charge, as `qd rows` prints it.
        charge: String,
    },
    /// Run one SELECT, read-only.
    Sql {
        /// The statement.
        text: String,
        /// At most this many rows.
        #[arg(long, default_value_t = 10_000)]
        limit: u64,
    },
    /// List the dimensions and how many values each has.
    Dims,
    /// Build report packs.
    Pack {
        #[command(subcommand)]
        command: PackCommand,
    },
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PackCommand {
    /// List the packs of the engagement.
    List,
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

/// What charges are meant.
#[derive(Debug, Args)]
pub(crate) struct Scope {
    /// The days: 2018, 2018-Q4, 2018-10, 2018-10..2018-12, 2018-10-03..2018-10-09; without it all that is loaded.
    #[arg(long)]
    pub(crate) period: Option<String>,
    /// Whether the period is that of the charge or that of the bill.
    #[arg(long, value_enum, default_value = "charge")]
    pub(crate) on: Basis,
    /// A condition, as often as needed: 'service = "Amazon EC2"', 'tag:team is missing', 'region in ("a", "b")'.
    #[arg(long = "where", value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// The billing currency; without it the engagement's.
    #[arg(long, value_name = "CUR")]
    pub(crate) currency: Option<String>,
}

/// A question.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The cost: billed, effective, contracted or list.
    #[arg(long, value_name = "billed|effective|contracted|list")]
    pub(crate) cost: Option<String>,
    /// Other measures, comma separated: usage, pricing_quantity, savings, negotiated_savings, commitment_savings, charges.
    #[arg(long, value_delimiter = ',')]
    pub(crate) measure: Vec<String>,
    /// The dimensions, comma separated; `qd dims` lists them.
    #[arg(long, value_delimiter = ',', value_name = "DIM")]
    pub(crate) by: Vec<String>,
    /// A time column.
    #[arg(long, value_enum)]
    pub(crate) grain: Option<TimeGrain>,
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// What to compare with: previous, year-ago, or a period.
    #[arg(long)]
    pub(crate) compare: Option<String>,
    /// At most this many groups; the rest is one row, "other".
    #[arg(long)]
    pub(crate) top: Option<u32>,
}

/// Which period of a charge is meant.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Basis {
    /// When the usage happened.
    Charge,
    /// Which bill it is on.
    Billing,
}

/// The step of the time column.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TimeGrain {
    /// Months.
    Month,
    /// Days.
    Day,
    /// Hours.
    Hour,
}
