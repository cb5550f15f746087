//! What can be typed of commitments.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Scope, TimeGrain, path};

#[derive(Debug, Subcommand)]
pub(crate) enum CommitCommand {
    /// List the commitments of the bill: what they cost, how much of them is used, when they end, what is still to be paid.
    Inventory {
        /// What is printed; JSON has all of it.
        #[arg(long, value_enum, default_value = "commitments")]
        show: InventoryTable,
        #[command(flatten)]
        scope: Scope,
    },
    /// Take in a CSV of what the bill does not tell of its commitments, by `id`: term, payment, start, end, hourly, upfront. It replaces the
    /// one before.
    Import {
        /// The file.
        #[arg(value_parser = path)]
        file: PathBuf,
    },
    /// Tell how much of what commitments could cover they cover, and how much of them is used: over time or by a dimension.
    Coverage {
        /// Steps of time; hours of at most 62 days.
        #[arg(long, value_enum, conflicts_with = "by")]
        grain: Option<TimeGrain>,
        /// A dimension, such as service or sub_account.
        #[arg(long, value_name = "DIMENSION")]
        by: Option<String>,
        #[command(flatten)]
        scope: Scope,
    },
    /// List the usage that commitments can cover, and by which rule; or give it hour by hour.
    Hours {
        /// Hours or days; without it hours where all usage has them.
        #[arg(long, value_enum)]
        step: Option<StepChoice>,
        /// Only what this programme may cover, such as aws-compute-savings-plan.
        #[arg(long, value_name = "PROGRAM")]
        program: Option<String>,
        /// What is printed; JSON has the lines.
        #[arg(long, value_enum, default_value = "lines")]
        show: HoursTable,
        /// At most this many lines.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        #[command(flatten)]
        scope: Scope,
    },
    /// List what commitments cost: what the bill implies, offer sheets, providers' price lists, each rate with where it is from.
    Offers {
        /// Take in an offer sheet or a provider's price list.
        #[arg(long, value_name = "FILE", value_parser = path, conflicts_with = "remove")]
        import: Option<PathBuf>,
        /// The name that it is kept under; without it the file's.
        #[arg(long, requires = "import")]
        name: Option<String>,
        /// Take away a list that is kept.
        #[arg(long, value_name = "NAME")]
        remove: Option<String>,
        #[command(flatten)]
        scope: Scope,
    },
    /// Find the exact optimum of one kind of commitment on what those that run leave on demand, with its whole savings curve.
    Optimize {
        /// The programme, such as aws-compute-savings-plan or azure-reservation.
        program: String,
        /// Only this family; a reservation and an EC2 Instance Savings Plan need one.
        #[arg(long)]
        family: Option<String>,
        /// Only this region.
        #[arg(long)]
        region: Option<String>,
        /// The length in months.
        #[arg(long, value_name = "MONTHS", default_value_t = 12)]
        term: u32,
        /// How it is paid: no_upfront, partial_upfront or all_upfront.
        #[arg(long, default_value = "no_upfront")]
        payment: String,
        /// A discount for all usage, a fraction such as 0.28, in place of the rates of offers and of the bill.
        #[arg(long)]
        discount: Option<String>,
        /// What capital costs a year, a fraction such as 0.08: for present values, and what paying early is held against.
        #[arg(long, value_name = "RATE")]
        capital_rate: Option<String>,
        /// A commitment an hour to show on the curve; may be repeated.
        #[arg(long, value_name = "HOURLY")]
        mark: Vec<String>,
        /// Hours or days; without it hours where all usage has them.
        #[arg(long, value_enum)]
        step: Option<StepChoice>,
        /// What is printed; JSON has all of it.
        #[arg(long, value_enum, default_value = "optimum")]
        show: OptimumTable,
        #[command(flatten)]
        scope: Scope,
    },
    /// Find the mix of commitments that costs least over ways that demand may go: expected cost plus a weight on the dearest of them, within
    /// limits, with a bound on what could still be gained. The replay prices what is found.
    Portfolio(PortfolioPlan),
    /// List the baskets of decisions that are kept in the engagement's folder commitments.
    Baskets,
    /// Keep a basket of decisions from a TOML file under a name, or take one away.
    Basket {
        /// Its name.
        name: String,
        /// The file; without it the basket's text is printed.
        #[arg(value_parser = path)]
        file: Option<PathBuf>,
        /// Take it away.
        #[arg(long, conflicts_with = "file")]
        remove: bool,
    },
    /// Tell what a basket of dated decisions comes to on usage laid forward: cost, cash, savings, coverage, use and waste by month, what it
    /// binds, who gains.
    Whatif {
        /// The basket; without it what comes when nothing is decided.
        name: Option<String>,
        /// Hours or days; without it hours where all usage has them.
        #[arg(long, value_enum)]
        step: Option<StepChoice>,
        /// Nobody uses what another has bought.
        #[arg(long)]
        unshared: bool,
        /// What is printed; JSON has all of it.
        #[arg(long, value_enum, default_value = "months")]
        show: WhatIfTable,
        #[command(flatten)]
        scope: Scope,
    },
    /// Tell within which bands cost, savings, coverage, use and waste of a basket keep, over ways that demand may go that are drawn from the
    /// forecast of each service with its own errors.
    Bands {
        /// The basket; without it what comes when nothing is decided.
        name: Option<String>,
        /// Hours or days; without it hours where all usage has them.
        #[arg(long, value_enum)]
        step: Option<StepChoice>,
        /// Nobody uses what another has bought.
        #[arg(long)]
        unshared: bool,
        #[command(flatten)]
        paths: DrawnPaths,
        /// The share of ways outside a band on either side; 0.1 without it.
        #[arg(long, value_name = "SHARE")]
        tail: Option<String>,
        /// What is printed; JSON has all of it.
        #[arg(long, value_enum, default_value = "months")]
        show: BandsTable,
        #[command(flatten)]
        scope: Scope,
    },
    /// Lay the commitments of the bill on its usage in the provider's order, and set that beside the bill. Exit status 3 where they differ.
    Replay {
        /// Hours or days; without it hours where all usage has them.
        #[arg(long, value_enum)]
        step: Option<StepChoice>,
        /// What is printed; JSON has all of it.
        #[arg(long, value_enum, default_value = "commitments")]
        show: ReplayTable,
        #[command(flatten)]
        scope: Scope,
    },
}

/// The steps of usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StepChoice {
    /// Hours; usage that is billed by the day is left out.
    Hour,
    /// Days.
    Day,
}

impl StepChoice {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

/// What is printed of an inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InventoryTable {
    /// The commitments with what they cost and cover.
    Commitments,
    /// Their terms, each with where it is from.
    Terms,
    /// The months in which they end.
    Expiries,
    /// The key figures with their formulas.
    Kpis,
    /// What is missing or contradicts itself.
    Findings,
}

/// What is printed of hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HoursTable {
    /// The lines, dearest first.
    Lines,
    /// The steps.
    Steps,
    /// What each programme may cover.
    Programs,
    /// By which rule each line is eligible, and why.
    Rules,
    /// What could be covered but is not in the hours.
    LeftOut,
}

/// What is printed of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplayTable {
    /// The commitments.
    Commitments,
    /// The months.
    Months,
    /// Where it is not the bill.
    Deviations,
}

/// What is printed of an optimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OptimumTable {
    /// Nothing, the optimum, the best that is sold, and the marks.
    Optimum,
    /// The savings curve.
    Curve,
    /// The lines with their rates.
    Lines,
    /// The ways to pay: what is paid when, present value, break-even, what paying early earns.
    Payments,
}

/// What is printed of a what-if.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhatIfTable {
    /// The months, beside those when nothing is decided.
    Months,
    /// What is bound, month by month.
    Bound,
    /// Who pays what when benefits are shared, and when they are not.
    Gains,
    /// The commitments that run.
    Commitments,
    /// The decision on one page.
    Memo,
    /// The basket as operations of a scenario, for `qd scenario save`.
    Scenario,
}

/// How ways that demand may go are drawn.
#[derive(Debug, Args)]
pub(crate) struct DrawnPaths {
    /// How many ways are drawn, at most 1,000.
    #[arg(long, default_value_t = 200)]
    pub(crate) paths: u32,
    /// Another seed, other ways; the same seed gives the same.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Likely demand follows the forecast, too, instead of repeating the weeks of the history.
    #[arg(long)]
    pub(crate) follow_forecast: bool,
    /// Draw the ways from a scenario that is kept, as often as it weighs beside the others: NAME, NAME=WEIGHT, or =WEIGHT for what is expected
    /// when nothing is decided; to be repeated.
    #[arg(long, value_name = "NAME[=WEIGHT]")]
    pub(crate) scenario: Vec<String>,
}

/// What a portfolio is chosen from, and within which limits.
#[derive(Debug, Args)]
pub(crate) struct PortfolioPlan {
    /// What may be bought: PROGRAMME[,family=..][,region=..][,term=MONTHS][,payment=..][,discount=0.3][,months=0/3/6], the months ahead in
    /// which it may be bought being the rungs of a ladder; to be repeated.
    #[arg(long, required = true, value_name = "INSTRUMENT")]
    pub(crate) instrument: Vec<String>,
    /// Months to look ahead; a year without it.
    #[arg(long, value_name = "MONTHS")]
    pub(crate) horizon: Option<u32>,
    /// Hours or days; without it hours where all usage has them.
    #[arg(long, value_enum)]
    pub(crate) step: Option<StepChoice>,
    /// The most that may be paid upfront.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) upfront: Option<String>,
    /// The longest term in months.
    #[arg(long, value_name = "MONTHS")]
    pub(crate) longest_term: Option<u32>,
    /// The least share of usage that must be covered, such as 0.7.
    #[arg(long, value_name = "SHARE")]
    pub(crate) coverage: Option<String>,
    /// The most that may be bought in one month, in money an hour.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) most_a_month: Option<String>,
    /// How much the dearest ways count beside the expected cost.
    #[arg(long, value_name = "WEIGHT")]
    pub(crate) risk_weight: Option<String>,
    /// Further weights, with commas between: each is a point of the frontier (`--show frontier`).
    #[arg(long, value_name = "WEIGHTS", value_delimiter = ',')]
    pub(crate) frontier: Vec<String>,
    /// Which ways are the dearest: 0.95 is one in twenty.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) risk_level: Option<String>,
    /// The cost of capital a year, a fraction.
    #[arg(long, value_name = "RATE")]
    pub(crate) capital_rate: Option<String>,
    /// The changes of demand of a basket that is kept.
    #[arg(long, value_name = "BASKET")]
    pub(crate) demand_of: Option<String>,
    /// Take likely demand for certain.
    #[arg(long)]
    pub(crate) certain: bool,
    #[command(flatten)]
    pub(crate) paths: DrawnPaths,
    /// Keep what is found as a basket.
    #[arg(long, value_name = "NAME")]
    pub(crate) keep: Option<String>,
    /// What is printed; JSON has all of it.
    #[arg(long, value_enum, default_value = "purchases")]
    pub(crate) show: PortfolioTable,
    #[command(flatten)]
    pub(crate) scope: Scope,
}

/// What is printed of bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BandsTable {
    /// The months and all of them together.
    Months,
    /// How the ways were drawn, by service.
    Drawn,
    /// What each way costs.
    Costs,
}

/// What is printed of a portfolio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PortfolioTable {
    /// What to buy.
    Purchases,
    /// The best for each weight of risk.
    Frontier,
    /// What each way costs.
    Costs,
    /// How the ways were drawn, by service.
    Drawn,
}
