//! `commitment_replay`: what is held, laid on the usage of the bill in the provider's order, beside what the bill says.

use commitment::model::{BenefitPolicy, MonthOfYear, Step};
use commitment::replay::{
    BillFacts, BilledCover, BilledUnused, Comparison, Figures, Prepared, ReplayError, compare_with_bill,
};
use money::{Amount, Currency};
use query::{Dimension, Filter, Grain, Measure, Note, Operator, Period, Question};
use serde::{Deserialize, Serialize};
use store::Watch;
use ts_rs::TS;

use super::usage::{CommitmentStep, LeftOut, Read, Wanted};
use super::{Ground, hours, note, offers, purchased};
use crate::kpis::KpiEvidence;
use crate::{ApiError, Context, asking};

/// Deviations that a reply lists.
const DEVIATIONS: usize = 500;

/// `commitment_replay`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CommitmentReplayRequest {
    /// Its period, filters and currency.
    question: Question,
    /// Hours or days; without it hours where all usage has them, else days.
    #[serde(default)]
    #[ts(optional = nullable)]
    step: Option<CommitmentStep>,
}

/// The replay beside the bill.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CommitmentReplay {
    /// The currency.
    pub currency: Currency,
    /// The period.
    pub period: Period,
    /// Hours or days.
    pub step: CommitmentStep,
    /// Whether covered usage, effective cost and unused are the bill's to the cent, by line, commitment and month.
    pub equal: bool,
    /// Whether they are so by commitment and month.
    pub equal_by_commitment: bool,
    /// How many commitments, lines and months were compared.
    pub compared: u32,
    /// The effective cost of covered usage in the bill.
    pub billed_covered_cost: Amount,
    /// In the replay.
    pub replayed_covered_cost: Amount,
    /// What is unused in the bill.
    pub billed_unused: Amount,
    /// In the replay.
    pub replayed_unused: Amount,
    /// The replay's figures of all months.
    pub figures: CommitmentFigures,
    /// By month.
    pub months: Vec<CommitmentReplayMonth>,
    /// By commitment.
    pub commitments: Vec<CommitmentReplayed>,
    /// Where the replay is not the bill, and why as far as that is known.
    pub deviations: Vec<CommitmentDeviation>,
    /// How many more there are.
    pub more_deviations: u32,
    /// What could be covered but is not in the hours.
    pub left_out: Vec<LeftOut>,
    /// What to know.
    pub notes: Vec<Note>,
    /// How it was read.
    pub evidence: KpiEvidence,
}

/// What commitments do to usage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentFigures {
    /// What all usage costs on demand.
    pub on_demand: Amount,
    /// What of it some programme may cover.
    pub eligible: Amount,
    /// What of it is covered.
    pub covered: Amount,
    /// What commitments cost, prepayments spread.
    pub commitment: Amount,
    /// What of that is unused.
    pub unused: Amount,
    /// What stays on demand.
    pub remainder: Amount,
    /// Commitments and remainder together.
    pub cost: Amount,
    /// On-demand cost less that.
    pub savings: Amount,
    /// A fraction of what may be covered.
    pub coverage: Option<Amount>,
    /// A fraction of the commitments.
    pub utilisation: Option<Amount>,
    /// Savings over what may be covered.
    pub savings_rate: Option<Amount>,
}

impl CommitmentFigures {
    pub(super) fn of(figures: &Figures) -> Result<Self, money::AmountError> {
        Ok(Self {
            on_demand: figures.on_demand.normalized(),
            eligible: figures.eligible.normalized(),
            covered: figures.covered.normalized(),
            commitment: figures.commitment.normalized(),
            unused: figures.unused.normalized(),
            remainder: figures.remainder.normalized(),
            cost: figures.cost()?.normalized(),
            savings: figures.savings()?.normalized(),
            coverage: figures.coverage(),
            utilisation: figures.utilisation(),
            savings_rate: figures.effective_savings_rate(),
        })
    }
}

/// A month of the replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentReplayMonth {
    /// The month.
    pub month: String,
    /// Its figures.
    pub figures: CommitmentFigures,
}

/// A commitment in the replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentReplayed {
    /// Its id.
    pub id: String,
    /// What it cost.
    pub cost: Amount,
    /// What of that usage bears.
    pub used: Amount,
    /// What nobody used.
    pub unused: Amount,
    /// The on-demand cost of what it covered.
    pub covered: Amount,
}

/// Where the replay is not the bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentDeviation {
    /// The month.
    pub month: String,
    /// The commitment.
    pub commitment: String,
    /// The line; null for what is unused.
    pub line: Option<String>,
    /// What differs, in words.
    pub what: String,
    /// In the bill.
    pub bill: Amount,
    /// In the replay.
    pub replay: Amount,
    /// Replay less bill.
    pub difference: Amount,
    /// Why, as far as that is known.
    pub why: String,
}

pub(super) fn refused(error: &ReplayError) -> ApiError {
    ApiError::new("commitments", error.to_string(), "Correct it in commitments.csv.")
}

pub(crate) fn replay(
    context: &Context,
    request: &CommitmentReplayRequest,
    watch: &Watch,
) -> Result<CommitmentReplay, ApiError> {
    let engagement = context.engagement()?;
    let ground = Ground::new(&engagement, &request.question, watch)?;
    let read_now = hours::read(context, &ground, Wanted { step: request.step, by_owner: false })?;
    let (read, found) = (&read_now.0, &read_now.1);
    let known = offers::kept(&engagement)?;
    let currency = read.usage.currency();
    let (commitments, assumed) = purchased::commitments(&found.inventory.held, read, &known.rates, currency)?;
    let replay =
        Prepared::new(&read.usage).replay(&commitments, &BenefitPolicy::default()).map_err(|error| refused(&error))?;
    let facts = bill(context, &ground, read)?;
    let compared: Comparison = compare_with_bill(&read.usage, &commitments, &replay, &facts)
        .map_err(|error| ApiError::new("internal", error.to_string(), ""))?;
    let mut notes = read.notes.clone();
    notes.extend(assumed);
    notes.extend(replay.findings.iter().map(|finding| note("replay", finding.to_string())));
    let months = replay.months.iter().map(|month| {
        let figures = CommitmentFigures::of(&month.figures()?)?;
        Ok(CommitmentReplayMonth { month: month.month.to_string(), figures })
    });
    let by_commitment = replay.commitments.iter().enumerate().map(|(place, id)| {
        let of = |amount: fn(&commitment::replay::CommitmentMonth) -> Amount| {
            Amount::sum(replay.months.iter().map(|month| amount(&month.commitments[place]))).map(Amount::normalized)
        };
        Ok(CommitmentReplayed {
            id: id.clone(),
            cost: of(|month| month.cost)?,
            used: of(|month| month.used)?,
            unused: of(|month| month.unused)?,
            covered: of(|month| month.covered)?,
        })
    });
    let deviations = compared.deviations.iter().take(DEVIATIONS).map(|one| CommitmentDeviation {
        month: one.month.to_string(),
        commitment: one.commitment.clone(),
        line: one.line.as_ref().map(ToString::to_string),
        what: one.kind.to_string(),
        bill: one.bill.normalized(),
        replay: one.replay.normalized(),
        difference: one.difference.normalized(),
        why: one.why.clone(),
    });
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let months = months.collect::<Result<Vec<_>, money::AmountError>>()?;
    let by_commitment = by_commitment.collect::<Result<Vec<_>, money::AmountError>>()?;
    Ok(CommitmentReplay {
        currency,
        period: ground.period(),
        step: if replay.span.step() == Step::Hour { CommitmentStep::Hour } else { CommitmentStep::Day },
        equal: compared.equal,
        equal_by_commitment: compared.equal_by_commitment,
        compared: count(compared.compared),
        billed_covered_cost: compared.covered_cost.0.normalized(),
        replayed_covered_cost: compared.covered_cost.1.normalized(),
        billed_unused: compared.unused.0.normalized(),
        replayed_unused: compared.unused.1.normalized(),
        figures: CommitmentFigures::of(&replay.figures()?)?,
        months,
        commitments: by_commitment,
        deviations: deviations.collect(),
        more_deviations: count(compared.deviations.len().saturating_sub(DEVIATIONS)),
        evidence: hours::evidence(&ground, read),
        left_out: read.left_out.clone(),
        notes,
    })
}

/// What the bill says of covers and of what is unused, by month.
fn bill(context: &Context, ground: &Ground<'_>, read: &Read) -> Result<BillFacts, ApiError> {
    let covers = read.covers.iter().map(|((commitment, line, month), cover)| BilledCover {
        commitment: commitment.clone(),
        line: line.clone(),
        month: *month,
        on_demand: cover.on_demand,
        quantity: Some(cover.quantity),
        cost: cover.cost,
    });
    let is = |dimension, value: &str| Filter { dimension, operator: Operator::Is, values: vec![value.to_owned()] };
    let mut filters = ground.question.filters.clone();
    filters.push(is(Dimension::CommitmentStatus, "Unused"));
    filters.push(is(Dimension::ChargeCategory, "Usage"));
    let question = Question {
        measures: vec![Measure::EffectiveCost],
        by: vec![Dimension::Commitment],
        grain: Some(Grain::Month),
        filters,
        ..ground.question.clone()
    };
    let answer = asking::answer(context, ground.engagement, &question, ground.watch)?;
    let unused = answer.rows.iter().filter_map(|row| {
        let month: MonthOfYear = row.keys.first()?.as_deref()?.parse().ok()?;
        let commitment = row.keys.get(1)?.clone()?;
        Some(BilledUnused { commitment, month, unused: row.cells.first()?.value? })
    });
    Ok(BillFacts { covers: covers.collect(), unused: unused.collect() })
}
