//! What `commitment_portfolio_start` is asked and answers.

use money::{Amount, Currency};
use query::{Note, Question};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::baskets::{CommitmentBasket, CommitmentDemand};
use super::drawn::{CommitmentDraw, CommitmentDrawn};
use super::usage::CommitmentStep;
use crate::kpis::KpiEvidence;

/// `commitment_portfolio_start`.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct CommitmentPortfolioRequest {
    /// The history: its period, filters and currency.
    pub(super) question: Question,
    /// Hours or days; without it hours where all usage has them, else days.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) step: Option<CommitmentStep>,
    /// How far to look ahead; a year without it.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) horizon_months: Option<u32>,
    /// What demand is likely to do.
    #[serde(default)]
    pub(super) demand: Vec<CommitmentDemand>,
    /// Ways that it may go beside that; without them what is likely is taken for certain.
    #[serde(default)]
    pub(super) paths: Vec<CommitmentPath>,
    /// Or how such ways are drawn from the forecast of the usage.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) draw: Option<CommitmentDraw>,
    /// What may be bought.
    pub(super) instruments: Vec<CommitmentInstrument>,
    /// The most that may be paid upfront.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) upfront: Option<Amount>,
    /// The longest term in months.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) longest_term_months: Option<u32>,
    /// The least share of usage that must be covered.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) coverage: Option<Amount>,
    /// The most that may be bought in one month, in money an hour: the rungs of a ladder are of at most this.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) most_a_month: Option<Amount>,
    /// How much the dearest paths count beside the expected cost; nothing without it.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) risk_weight: Option<Amount>,
    /// Further weights, each a point of the frontier of expected savings against tail cost.
    #[serde(default)]
    pub(super) risk_weights: Vec<Amount>,
    /// Which paths are the dearest: 0.95 is one in twenty.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) risk_level: Option<Amount>,
    /// The cost of capital a year, a fraction.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) capital_rate: Option<Amount>,
}

/// A way that demand may go.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct CommitmentPath {
    /// How likely it is beside the others.
    pub(super) weight: u32,
    /// What likely demand is multiplied by, month by month; the last goes on.
    pub(super) factors: Vec<Amount>,
}

/// Something that may be bought.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct CommitmentInstrument {
    /// The programme, by its key.
    pub(super) program: String,
    /// Only this family.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) family: Option<String>,
    /// Only this region.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) region: Option<String>,
    /// The length; a year without it.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) term_months: Option<u32>,
    /// The payment option; without it no upfront.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) payment: Option<String>,
    /// A discount in place of the rates of offers and of the bill.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) discount: Option<Amount>,
    /// Months ahead in which it may be bought, 0 the first; several are the rungs of a ladder. Without them the first.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) months: Option<Vec<u32>>,
}

/// The result of the job.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CommitmentPortfolio {
    /// The currency.
    pub currency: Currency,
    /// What to buy.
    pub purchases: Vec<CommitmentPurchase>,
    /// The same as a basket, to be kept and weighed.
    pub basket: CommitmentBasket,
    /// Mean cost over all paths, with what is held, as the replay says.
    pub expected_cost: Amount,
    /// The same when nothing is bought.
    pub cost_without: Amount,
    /// The difference.
    pub expected_savings: Amount,
    /// Mean cost of the dearest paths, as the replay says.
    pub tail_cost: Amount,
    /// What the dearest paths cost less than those when nothing is bought.
    pub tail_savings: Amount,
    /// What is made small: expected cost and the weight times that.
    pub objective: Amount,
    /// No portfolio within the constraints comes below this.
    pub bound: Amount,
    /// What could still be gained at most, a fraction.
    pub gap: Option<Amount>,
    /// Paid upfront.
    pub upfront: Amount,
    /// Share of expected usage that is covered.
    pub coverage: Option<Amount>,
    /// Cost of each path, in the order of the request, as the replay says.
    pub costs: Vec<Amount>,
    /// What the search took it for before the replay priced it.
    pub searched: CommitmentSearched,
    /// The basket on the likely path: what `commitment_whatif` says of it.
    pub likely: CommitmentLikely,
    /// The best of one instrument alone, for comparison.
    pub best_alone: Option<CommitmentPurchase>,
    /// What that comes to.
    pub best_alone_objective: Option<Amount>,
    /// The best for each weight of risk, the lowest first; the one asked for is among them.
    pub frontier: Vec<CommitmentFrontierPoint>,
    /// How the paths were drawn.
    pub drawn: Vec<CommitmentDrawn>,
    /// What to know.
    pub notes: Vec<Note>,
    /// How the history was read.
    pub evidence: KpiEvidence,
}

/// What the search took a portfolio for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentSearched {
    /// Mean cost over all paths.
    pub expected_cost: Amount,
    /// Mean cost of the dearest paths.
    pub tail_cost: Amount,
    /// Expected cost and the weight times that.
    pub objective: Amount,
}

/// A basket on the likely path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentLikely {
    /// What it costs.
    pub cost: Amount,
    /// What deciding nothing costs.
    pub undecided: Amount,
    /// The difference.
    pub saves: Amount,
}

/// The best portfolio for a weight of risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentFrontierPoint {
    /// The weight.
    pub risk_weight: Amount,
    /// Mean cost over all paths.
    pub expected_cost: Amount,
    /// What that is less than when nothing is bought.
    pub expected_savings: Amount,
    /// Mean cost of the dearest paths.
    pub tail_cost: Amount,
    /// What that is less than when nothing is bought.
    pub tail_savings: Amount,
    /// Expected cost and the weight times tail cost.
    pub objective: Amount,
    /// No portfolio within the constraints comes below this.
    pub bound: Amount,
    /// What could still be gained at most, a fraction.
    pub gap: Option<Amount>,
    /// Paid upfront.
    pub upfront: Amount,
    /// Share of expected usage that is covered.
    pub coverage: Option<Amount>,
    /// What to buy.
    pub purchases: Vec<CommitmentPurchase>,
}

/// Something to buy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentPurchase {
    /// In words.
    pub name: String,
    /// Which of the instruments of the request.
    pub instrument: u32,
    /// The month in which it is bought.
    pub month: String,
    /// How much an hour.
    pub hourly: Amount,
    /// What that is counted in: `discounted_spend`, `units` or `normalised_units`.
    pub hourly_in: String,
}
