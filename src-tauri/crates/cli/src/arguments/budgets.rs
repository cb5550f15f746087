//! What can be typed of budgets and of forecasts that are frozen.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

use super::{Scope, TimeGrain, path};

#[derive(Debug, Subcommand)]
pub(crate) enum BudgetCommand {
    /// Take in a CSV or a workbook: a row a month, a column a month, or an amount for the year; any scope. A file of the same name
    /// is replaced.
    Import {
        /// The file.
        #[arg(value_parser = path)]
        file: PathBuf,
        /// The name it is kept under; without it the file's.
        #[arg(long)]
        name: Option<String>,
        /// What amounts are in where the file does not say; without it the engagement's currency.
        #[arg(long, value_name = "CUR")]
        currency: Option<String>,
        /// The fiscal year, called after the year it ends in; without it the years that the file names months of.
        #[arg(long)]
        year: Option<i32>,
        /// How an amount for a year is put on its months.
        #[arg(long, value_enum)]
        phasing: Option<PhasingChoice>,
        /// What the periods are.
        #[arg(long, value_enum)]
        rule: Option<RuleChoice>,
        /// The sheet of a workbook; without it the first.
        #[arg(long)]
        sheet: Option<String>,
    },
    /// List the budget files with what is wrong with them.
    List,
    /// Hold budgets against what was charged and what is expected.
    Show(BudgetArguments),
    /// Tell what the month will have cost at its end, for any scope and on any day.
    MonthEnd {
        /// The cost: billed, effective, contracted or list.
        #[arg(long, default_value = "effective")]
        cost: String,
        /// The last day that counts as known; without it the last complete day of the bill.
        #[arg(long, value_name = "YYYY-MM-DD")]
        as_of: Option<NaiveDate>,
        #[command(flatten)]
        scope: Scope,
    },
    /// Remove a budget file; the file that it was taken from stays where it is.
    Remove {
        /// Its name.
        file: String,
    },
}

/// Which scorecard, and what is printed of it.
#[derive(Debug, Args)]
pub(crate) struct BudgetArguments {
    /// The budget file; without it the first by name.
    pub(crate) file: Option<String>,
    /// The fiscal year; without it the one of the last complete day.
    #[arg(long)]
    pub(crate) year: Option<i32>,
    /// The last day that counts as known; without it the last complete day of the bill.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) as_of: Option<NaiveDate>,
    /// The cost that is held against the budget: billed, effective, contracted or list.
    #[arg(long, default_value = "effective")]
    pub(crate) cost: String,
    /// Budgets of which currency; without it the engagement's.
    #[arg(long, value_name = "CUR")]
    pub(crate) currency: Option<String>,
    /// Judge this frozen forecast instead of the budget.
    #[arg(long, value_name = "NAME")]
    pub(crate) frozen: Option<String>,
    /// What is printed; JSON has all of it.
    #[arg(long, value_enum, default_value = "lines")]
    pub(crate) show: BudgetTable,
    /// Write a workbook with live formulas instead of printing; what is there is replaced.
    #[arg(long, value_name = "FILE.xlsx", value_parser = path)]
    pub(crate) out: Option<PathBuf>,
}

/// A table of `budget show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BudgetTable {
    /// Each budget to date and over the year.
    Lines,
    /// Each budget by period.
    Periods,
    /// How near the forecast came, in the bands of the FinOps Framework.
    Scorecard,
    /// What the running month will come to.
    MonthEnd,
}

/// How an amount for a year is put on its months.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PhasingChoice {
    /// The same for each.
    Even,
    /// By the days of each.
    ByDays,
    /// As the scope's own cost of the year before fell; where it has none, as everything fell.
    LastYear,
}

impl PhasingChoice {
    /// Its name in requests.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Even => "even",
            Self::ByDays => "by_days",
            Self::LastYear => "last_year",
        }
    }
}

/// How a fiscal year falls into twelve periods.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RuleChoice {
    /// Calendar months.
    Months,
    /// Quarters of four, four and five weeks.
    #[value(name = "4-4-5")]
    FourFourFive,
}

impl RuleChoice {
    /// Its name in requests.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Months => "months",
            Self::FourFourFive => "4-4-5",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum FrozenCommand {
    /// Keep a forecast as it is made now, to be judged later by what comes. It is never written over.
    Freeze {
        /// The name; no other frozen forecast may have it.
        name: String,
        /// The cost: billed, effective, contracted or list.
        #[arg(long, default_value = "effective")]
        cost: String,
        /// The step; months where it is not said.
        #[arg(long, value_enum)]
        grain: Option<TimeGrain>,
        /// Months or days ahead; without it twelve months or ninety days.
        #[arg(long)]
        horizon: Option<u32>,
        /// Also the values of this dimension, each by itself.
        #[arg(long, value_name = "DIM", conflicts_with = "budget")]
        by: Option<String>,
        /// Also the scopes of this budget file.
        #[arg(long, value_name = "BUDGET")]
        budget: Option<String>,
        #[command(flatten)]
        scope: Scope,
    },
    /// Set a frozen forecast beside what has come since.
    Judge {
        /// Its name.
        name: String,
        /// Its scopes instead of its steps.
        #[arg(long)]
        scopes: bool,
    },
    /// List the frozen forecasts.
    Frozen,
    /// Take a frozen forecast away.
    Unfreeze {
        /// Its name.
        name: String,
    },
}
