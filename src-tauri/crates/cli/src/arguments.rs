//! What can be typed.

mod budgets;
mod commitments;
mod keeping;
mod scenarios;

use std::convert::Infallible;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use budgets::{BudgetArguments, BudgetCommand, BudgetTable, FrozenCommand};
pub(crate) use commitments::{
    BandsTable, CommitCommand, DrawnPaths, HoursTable, InventoryTable, OptimumTable, PortfolioPlan, PortfolioTable,
    ReplayTable, StepChoice, WhatIfTable,
};
pub(crate) use keeping::{
    AnnotationsCommand, MappingCommand, MeasuresCommand, MetricsCommand, PackCommand, RatesCommand, SettingsCommand,
    ViewsCommand,
};
pub(crate) use scenarios::{
    BaselineCommand, DiffTable, LineFigure, PlanBasis, RunTable, ScenarioCommand, ViewArguments,
};

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
    /// Tell what a re-delivered month changed, by service, account and kind of charge; without loads all that were replaced.
    DiffLoads {
        /// The earlier load, as `qd loads --all` numbers it; alone, the load to set beside what it replaced.
        old: Option<i64>,
        /// The later load.
        new: Option<i64>,
        /// Only loads of this billing month, such as 2018-10.
        #[arg(long, value_name = "YYYY-MM", conflicts_with = "old")]
        period: Option<String>,
    },
    /// List what is loaded beside charges: contract commitments, invoice lines, billing periods; or the rows of one of them.
    Datasets {
        /// Whose rows; without it the list of what is loaded.
        #[arg(value_enum)]
        dataset: Option<SideDataset>,
        /// Also the deliveries that later ones replaced.
        #[arg(long)]
        all: bool,
        /// At most this many rows.
        #[arg(long, default_value_t = 1000)]
        limit: u32,
        /// Leave out this many rows first.
        #[arg(long, default_value_t = 0)]
        offset: u64,
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
    /// Check what is loaded: the FOCUS rules, what belongs together, whether the bill makes sense; one line a finding.
    Check(CheckArguments),
    /// Set each invoice beside its charges, and say what a difference is made of.
    Reconcile(ReconcileArguments),
    /// List rate tables, take one in or remove it: dated exchange rates that questions convert by.
    Rates {
        #[command(subcommand)]
        command: Option<RatesCommand>,
    },
    /// List what can be chosen of the engagement: how its bills are read, and what is assumed of each provider in the checks; or
    /// choose it. What is chosen stands in engagement.toml.
    Settings {
        #[command(subcommand)]
        command: Option<SettingsCommand>,
    },
    /// List tag keys with their cost, and spellings that look alike; or merge spellings by rules that are kept in rules/tags.toml.
    Tags(TagsArguments),
    /// Ask a question.
    Ask(Ask),
    /// Explain what moved between two periods: effects that add up to the difference, and what moved most.
    Change(ChangeArguments),
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
    /// Tell the key figures of a scope: total, run rate, savings rate, commitments, ownership; each with its formula.
    Kpis(KpiArguments),
    /// List business metrics, take a file of them in or remove it: orders, parcels, customers a day, from CSV.
    Metrics {
        #[command(subcommand)]
        command: Option<MetricsCommand>,
    },
    /// Tell what one unit costs: a cost divided by a business metric, and what its change is made of.
    UnitCost(UnitCostArguments),
    /// Tell what a scope will cost, with intervals and the record of the method on earlier points of the same history.
    Forecast(ForecastArguments),
    /// Lay assumptions over what is to be expected: launches, migrations, prices, commitments. Run them, compare them, pass them on.
    Scenario {
        #[command(subcommand)]
        command: ScenarioCommand,
    },
    /// Reservations, savings plans and committed-use discounts: what is held, what it covers, what could be covered and at which price.
    Commit {
        #[command(subcommand)]
        command: CommitCommand,
    },
    /// Take in budgets and hold them against what was charged and what is expected: favourable or not, and how near the forecast came.
    Budget {
        #[command(subcommand)]
        command: BudgetCommand,
    },
    /// Show how each column of a charge was made, and the row as the provider wrote it.
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
    /// List the dimensions and how many values each has; or search the values of one, the dearest first.
    Dims {
        /// Whose values; without it the dimensions.
        dimension: Option<String>,
        #[command(flatten)]
        values: ValueArguments,
    },
    /// List the calculated measures of the engagement, define one (a quotient of two measures, or a cost per business metric), or
    /// remove it. `qd ask --measure NAME` asks for it.
    Measures {
        #[command(subcommand)]
        command: Option<MeasuresCommand>,
    },
    /// List the views kept in the engagement, keep one by its address, or remove one.
    Views {
        #[command(subcommand)]
        command: Option<ViewsCommand>,
    },
    /// List what was written on days and on values, write a remark, or remove one.
    Annotations {
        #[command(subcommand)]
        command: Option<AnnotationsCommand>,
    },
    /// Make and keep mappings for bills of no known format: a SaaS vendor's, a data centre's ledger.
    Mapping {
        #[command(subcommand)]
        command: MappingCommand,
    },
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

/// A dataset that FOCUS puts beside Cost and Usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SideDataset {
    /// What was promised to be spent or used.
    ContractCommitments,
    /// What the invoices say, line by line.
    InvoiceDetails,
    /// Which billing periods are open, and which are closed.
    BillingPeriods,
}

/// Whose key figures.
#[derive(Debug, Args)]
pub(crate) struct KpiArguments {
    /// The cost of the total and the run rate: billed, effective, contracted or list.
    #[arg(long, default_value = "effective")]
    pub(crate) cost: String,
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// What to compare with: previous, year-ago, or a period.
    #[arg(long)]
    pub(crate) compare: Option<String>,
    /// What is printed; JSON has all of it.
    #[arg(long, value_enum, default_value = "values")]
    pub(crate) show: KpiTable,
}

/// A table of `kpis`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KpiTable {
    /// The figures.
    Values,
    /// The formulas with the numbers in them; of the savings rate each vendor's.
    Formulas,
    /// What each figure means.
    Definitions,
}

/// Whose cost is forecast, and how far.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ForecastArguments {
    /// What is done with forecasts that are kept as they were made.
    #[command(subcommand)]
    pub(crate) frozen: Option<FrozenCommand>,
    /// The cost: billed, effective, contracted or list.
    #[arg(long, default_value = "effective")]
    pub(crate) cost: String,
    /// The step; months where it is not said.
    #[arg(long, value_enum)]
    pub(crate) grain: Option<TimeGrain>,
    /// Months or days beyond the history; without it twelve months or ninety days.
    #[arg(long)]
    pub(crate) horizon: Option<u32>,
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// A dimension whose values are forecast, too, so that they add up to the total: service, sub_account, tag:team. A second one tells apart
    /// what each of them consists of: --by provider --by service.
    #[arg(long, value_name = "DIM")]
    pub(crate) by: Vec<String>,
    /// How many values stand for themselves; the others are one part. Ten without it.
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<u32>,
    /// A part set by hand: what its steps beyond the history come to. The total moves by as much, and no other part. May be repeated.
    #[arg(long, value_name = "VALUE=AMOUNT")]
    pub(crate) lock: Vec<String>,
    /// The total set by hand: the parts that nobody set give way, by how large their past errors were.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) lock_total: Option<String>,
    /// A business metric that drives the cost: `orders`, with a growth a step or a typed unit cost `orders,growth=0.02,rate=0.35`. May be
    /// repeated.
    #[arg(long, value_name = "METRIC")]
    pub(crate) driver: Vec<String>,
    /// Writes a workbook whose formulas live.
    #[arg(long, value_name = "FILE.xlsx")]
    pub(crate) workbook: Option<PathBuf>,
    /// What is printed; JSON has all of it.
    #[arg(long, value_enum, default_value = "steps")]
    pub(crate) show: ForecastTable,
}

/// A table of `forecast`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ForecastTable {
    /// What is expected, with intervals.
    Steps,
    /// What was charged.
    History,
    /// How well the method would have done from earlier points.
    Record,
    /// What each model expects by itself.
    Models,
    /// What each value of the dimension is expected to cost.
    Parts,
    /// What each kind of charge comes to: usage, fees, percentages, credits, one-offs.
    Kinds,
    /// Trend, season and rest of the history.
    Components,
    /// The cost from its drivers.
    Drivers,
    /// What the running month will come to.
    MonthEnd,
}

/// Whose cost is divided by what.
#[derive(Debug, Args)]
pub(crate) struct UnitCostArguments {
    /// The metric; `qd metrics` lists them.
    pub(crate) metric: String,
    /// The cost: billed, effective, contracted or list.
    #[arg(long, default_value = "effective")]
    pub(crate) cost: String,
    /// A dimension that the metric has a label of: region, tag:team.
    #[arg(long, value_name = "DIM")]
    pub(crate) by: Option<String>,
    /// The step; months where it is not said.
    #[arg(long, value_enum)]
    pub(crate) grain: Option<TimeGrain>,
    /// Only values with this label, as often as needed; those of one label are alternatives.
    #[arg(long = "label", value_name = "LABEL=VALUE")]
    pub(crate) labels: Vec<String>,
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// What the change is measured against: previous, year-ago, or a period. Without it the last complete month against the one before.
    #[arg(long)]
    pub(crate) compare: Option<String>,
    /// The decimals of a unit cost.
    #[arg(long, default_value_t = 6)]
    pub(crate) decimals: u8,
    /// What is printed; JSON has all of it.
    #[arg(long, value_enum, default_value = "rows")]
    pub(crate) show: UnitCostTable,
}

/// A table of `unit-cost`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnitCostTable {
    /// Cost, units and unit cost by month or day.
    Rows,
    /// The same over the whole period.
    Groups,
    /// The change, split into what the cost and what the units did.
    Change,
    /// How strongly cost follows the units.
    Elasticity,
}

/// What is reconciled, or noted.
#[derive(Debug, Args)]
pub(crate) struct ReconcileArguments {
    /// A CSV with number, issuer, account, period, currency and amount of each invoice; without it the invoices given before.
    #[arg(long, value_name = "FILE", value_parser = path)]
    pub(crate) invoices: Option<PathBuf>,
    /// Write a note on an invoice first; an empty text takes it away.
    #[arg(long, num_args = 2, value_names = ["INVOICE", "TEXT"])]
    pub(crate) note: Option<Vec<String>>,
    /// The class that the note gives to what is unknown.
    #[arg(
        long,
        requires = "note",
        value_name = "tax|credit|refund|timing|rounding|currency|third_party|missing_account"
    )]
    pub(crate) class: Option<String>,
    /// The parts of the differences instead of the lines.
    #[arg(long)]
    pub(crate) parts: bool,
}

/// What is listed of tags, or merged.
#[derive(Debug, Args)]
pub(crate) struct TagsArguments {
    /// The values of this key instead of the keys.
    #[arg(long, value_name = "KEY")]
    pub(crate) values: Option<String>,
    /// Only spellings that differ by case or punctuation and are in no rule.
    #[arg(long)]
    pub(crate) suggestions: bool,
    /// The rules in force.
    #[arg(long)]
    pub(crate) rules: bool,
    /// Merge keys, as often as needed: environment=env,Env.
    #[arg(long, value_name = "KEY=KEY,KEY...")]
    pub(crate) merge: Vec<String>,
    /// Merge values of a key, as often as needed: environment:prod=Prod,production.
    #[arg(long, value_name = "KEY:VALUE=VALUE,VALUE...")]
    pub(crate) merge_values: Vec<String>,
    /// Make rules of all suggestions.
    #[arg(long)]
    pub(crate) accept_suggestions: bool,
}

/// What is checked, and what is shown of it.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// One rule, by its FOCUS id or ours: ServiceName-C-005-C, QD-MISSING-DAYS.
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Option<String>,
    /// The loads of one provider.
    #[arg(long, value_name = "NAME")]
    pub(crate) provider: Option<String>,
    /// Only findings that are at least so grave.
    #[arg(long, value_name = "error|warning|notice", value_parser = ["error", "warning", "notice"])]
    pub(crate) min_severity: Option<String>,
    /// Switch an applicability flag for this check, as often as needed: TAGGING_SUPPORTED=off, AWS:REGION_SUPPORTED=on. For good,
    /// `qd settings set AWS:REGION_SUPPORTED on`.
    #[arg(long, value_name = "[PROVIDER:]FLAG=on|off")]
    pub(crate) set: Vec<String>,
    /// The whole report instead of the findings alone: the score line by line, the flags in force, what became of the rules.
    #[arg(long)]
    pub(crate) report: bool,
}

/// Which values of a dimension are listed.
#[derive(Debug, Args)]
pub(crate) struct ValueArguments {
    /// Only values that contain this text, or whose name does, in any case.
    #[arg(long, requires = "dimension", value_name = "TEXT", default_value = "")]
    pub(crate) search: String,
    /// At most this many.
    #[arg(long, requires = "dimension", default_value_t = 100)]
    pub(crate) limit: u64,
    /// Leave out this many first.
    #[arg(long, requires = "dimension", default_value_t = 0)]
    pub(crate) offset: u64,
    /// The cost beside each value: billed, effective, contracted or list.
    #[arg(long, requires = "dimension", value_name = "billed|effective|contracted|list", default_value = "billed")]
    pub(crate) cost: String,
    #[command(flatten)]
    pub(crate) scope: Scope,
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
    /// The billing currency: only what is billed in it. Where charges in several fit, it has to be named.
    #[arg(long, value_name = "CUR")]
    pub(crate) currency: Option<String>,
}

/// A question, and where its answer goes.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) question: Asked,
    /// Write the answer to a file (.csv, .xlsx, .parquet) instead of printing it; what is there is replaced.
    #[arg(long, value_name = "FILE", value_parser = path)]
    pub(crate) out: Option<PathBuf>,
}

/// A question.
#[derive(Debug, Args)]
pub(crate) struct Asked {
    /// The cost: billed, effective, contracted or list. The first measure ranks the rows.
    #[arg(long, value_name = "billed|effective|contracted|list")]
    pub(crate) cost: Option<String>,
    /// Other measures, comma separated: usage, pricing_quantity, savings, negotiated_savings, commitment_savings, charges; one divided
    /// by another: effective/usage, billed/metric:orders; or the name of a calculated one, as `qd measures` lists it.
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
    /// What to compare with: previous, year-ago, or a period; or what was planned: budget, budget:FILE, forecast:NAME.
    #[arg(long)]
    pub(crate) compare: Option<String>,
    /// At most this many groups; the rest is one row, "other".
    #[arg(long)]
    pub(crate) top: Option<u32>,
    #[command(flatten)]
    pub(crate) conversion: ConversionArguments,
}

/// Whether costs are converted, and by which rates.
#[derive(Debug, Args)]
pub(crate) struct ConversionArguments {
    /// Convert all costs into this currency, by a rate table.
    #[arg(long, value_name = "CUR", requires = "rates")]
    pub(crate) convert: Option<String>,
    /// The rate table; `qd rates` lists them.
    #[arg(long, value_name = "TABLE", requires = "convert")]
    pub(crate) rates: Option<String>,
    /// Which day's rate a charge takes: that of its usage, or the first of its billing month.
    #[arg(long, value_enum, default_value = "charge-day", requires = "convert")]
    pub(crate) rate_date: RateDay,
    /// How many days older than that a rate may be, for tables without weekends.
    #[arg(long, value_name = "DAYS", default_value_t = 0, requires = "convert")]
    pub(crate) rate_age: u32,
}

/// What is explained against what.
#[derive(Debug, Args)]
pub(crate) struct ChangeArguments {
    /// The cost: billed, effective, contracted or list.
    #[arg(long, value_name = "billed|effective|contracted|list", default_value = "billed")]
    pub(crate) cost: String,
    /// What the movers are values of; `qd dims` lists the dimensions.
    #[arg(long, value_name = "DIM", default_value = "service")]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// What to compare with: previous, year-ago, or a period.
    #[arg(long, default_value = "previous")]
    pub(crate) compare: String,
    /// What was planned, in the place of a period: budget, budget:FILE or forecast:NAME. Line by line of the plan.
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["compare", "from", "effect", "by", "convention"])]
    pub(crate) against: Option<String>,
    /// How the plan is broken down, where it can be in several ways: service, team. Without it the first.
    #[arg(long, value_name = "WORDS", requires = "against")]
    pub(crate) breakdown: Option<String>,
    /// The period that is compared with; the same as --compare.
    #[arg(long, value_name = "PERIOD", conflicts_with = "compare")]
    pub(crate) from: Option<String>,
    /// The period that is explained; the same as --period.
    #[arg(long, value_name = "PERIOD", conflicts_with = "period")]
    pub(crate) to: Option<String>,
    /// The order of effects: usage at base prices and prices at current usage, or the mean of both directions.
    #[arg(long, value_enum, default_value = "base-first")]
    pub(crate) convention: Convention,
    /// The SKUs behind one effect, such as list_price, instead of the bridge.
    #[arg(long)]
    pub(crate) effect: Option<String>,
    /// At most this many movers, or SKUs.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) conversion: ConversionArguments,
}

/// The order of effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Convention {
    /// Usage at base prices, prices at current usage.
    BaseFirst,
    /// The mean of both directions: swapping the periods turns every sign.
    Midpoint,
}

/// Which day's rate a charge takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RateDay {
    /// The day of the usage.
    ChargeDay,
    /// The first day of the billing month.
    BillingMonth,
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
