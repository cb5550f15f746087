//! What is done with scenarios.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::path;

#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioCommand {
    /// List the scenarios and the baselines that they can be laid over.
    List,
    /// Print a scenario as it is written.
    Show {
        /// Its name.
        name: String,
    },
    /// Tell what a scenario costs month by month, how far that may spread and what each operation does.
    Run {
        /// Its name; without it the baseline alone.
        name: Option<String>,
        #[command(flatten)]
        view: ViewArguments,
        /// What is printed; JSON has all of it.
        #[arg(long, value_enum, default_value = "months")]
        show: RunTable,
    },
    /// Tell what two scenarios differ in: each change by itself, adding up to the difference.
    Diff {
        /// The first one; `baseline` for the second one's baseline.
        from: String,
        /// The second one.
        to: String,
        #[command(flatten)]
        view: ViewArguments,
        /// What is printed; JSON has all of it.
        #[arg(long, value_enum, default_value = "changes")]
        show: DiffTable,
    },
    /// List the lines of a scenario, the dearest first.
    Lines {
        /// Its name; without it the baseline alone.
        name: Option<String>,
        /// Lines whose id contains this.
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// How many.
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: u32,
        /// What is printed of them; JSON has all of it.
        #[arg(long, value_enum, default_value = "cost")]
        show: LineFigure,
    },
    /// Keep a scenario that is written in a file; one of the name is replaced.
    Save {
        /// The name it is kept under.
        name: String,
        /// The file.
        #[arg(value_parser = path)]
        file: PathBuf,
    },
    /// Delete a scenario.
    Delete {
        /// Its name.
        name: String,
    },
    /// Print the rules by which a bill is split before it is planned; with a file, take other rules in.
    Rules {
        /// Rules to be taken in.
        #[arg(value_parser = path)]
        file: Option<PathBuf>,
        /// Go back to the rules that come with the product.
        #[arg(long, conflicts_with = "file")]
        built_in: bool,
    },
    /// Print or take in the credits with their balance and expiry, and tell what the bill has of credits.
    Credits {
        /// A file in place of `rules/credits.toml`.
        #[arg(value_parser = path)]
        file: Option<PathBuf>,
        /// Forget all credits.
        #[arg(long, conflicts_with = "file")]
        none: bool,
    },
    /// Print or take in the promises to spend: what is promised in each period, and rebates.
    Agreements {
        /// A file in place of `rules/agreements.toml`.
        #[arg(value_parser = path)]
        file: Option<PathBuf>,
        /// Forget all agreements.
        #[arg(long, conflicts_with = "file")]
        none: bool,
    },
    /// Print, keep or delete what scenarios are laid over: cost, dimensions, filters, rates, drivers.
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Write a scenario as a workbook whose formulas live: switches and factors for each operation.
    Export {
        /// Its name.
        name: String,
        /// The workbook.
        #[arg(value_parser = path)]
        file: PathBuf,
        /// The scenario that it is held against; without it its baseline.
        #[arg(long, value_name = "NAME")]
        beside: Option<String>,
    },
}

/// What is done with baselines.
#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Print a baseline as it is written.
    Show {
        /// Its name.
        name: String,
    },
    /// Keep a baseline that is written in a file; one of the name is replaced.
    Save {
        /// The name it is kept under.
        name: String,
        /// The file.
        #[arg(value_parser = path)]
        file: PathBuf,
    },
    /// Delete a baseline.
    Delete {
        /// Its name.
        name: String,
    },
}

/// How a scenario is simulated and shown.
#[derive(Debug, Args)]
pub(crate) struct ViewArguments {
    /// The dimension of the groups: one that the baseline has.
    #[arg(long, value_name = "DIM")]
    pub(crate) by: Option<String>,
    /// A budget: how likely it is kept.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) budget: Option<String>,
    /// The budget's first month.
    #[arg(long, value_name = "MONTH", requires = "budget")]
    pub(crate) budget_from: Option<String>,
    /// The budget's last month.
    #[arg(long, value_name = "MONTH", requires = "budget")]
    pub(crate) budget_to: Option<String>,
    /// Amortised cost, or as invoices come.
    #[arg(long, value_enum, default_value = "effective")]
    pub(crate) basis: PlanBasis,
    /// How many courses are drawn.
    #[arg(long, value_name = "N")]
    pub(crate) paths: Option<u32>,
    /// What every draw is keyed with: the same seed gives the same courses.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanBasis {
    /// What is paid at the start is spread over its term.
    Effective,
    /// What is paid at the start falls into its month.
    Billed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunTable {
    /// Baseline, scenario and band by month.
    Months,
    /// The same by quarter of the fiscal year.
    Quarters,
    /// By value of a dimension.
    Groups,
    /// What each operation does.
    Operations,
    /// What the bill behind the baseline is made of.
    Split,
    /// The business metrics that usage follows.
    Drivers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineFigure {
    /// What they cost.
    Cost,
    /// How many units they are, where their units are coherent.
    Units,
    /// What a unit costs.
    Rate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffTable {
    /// What each change adds, with all before it in place.
    Changes,
    /// What each change adds when it comes last, with its low and high figures.
    Tornado,
    /// Month by month.
    Months,
    /// By value of a dimension.
    Groups,
}
