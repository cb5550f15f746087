//! What the commands of commitments take and give.

use std::path::PathBuf;

use chrono::NaiveDate;
use commitment::inventory::{Finding, Held, Known};
use commitment::model::{Capacity, Payment};
use money::{Amount, Currency};
use query::{Note, Period, Question};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::kpis::{Kpi, KpiEvidence};

/// A question about commitments: its period, filters and currency count.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CommitmentRequest {
    pub(crate) question: Question,
}

/// `commitments_import`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CommitmentsImportRequest {
    /// A CSV of what the bill does not tell, by `id`; it replaces the engagement's `commitments.csv`.
    pub(crate) path: PathBuf,
}

/// The commitments of the bill.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CommitmentInventory {
    /// The currency of every amount.
    pub currency: Currency,
    /// The period that figures are of.
    pub period: Period,
    /// The day from which on what remains is counted: the end of the loaded usage.
    #[ts(type = "string")]
    pub as_of: NaiveDate,
    /// Coverage, utilisation, waste and effective savings rate, as `kpis` tells them.
    pub kpis: Vec<Kpi>,
    /// The commitments, by provider and id.
    pub commitments: Vec<CommitmentHeld>,
    /// What charges say is the used or unused part of a commitment that they do not name.
    pub unnamed: Option<CommitmentUnnamed>,
    /// All together.
    pub total: CommitmentTotal,
    /// When they end.
    pub expiries: Vec<CommitmentExpiry>,
    /// What is missing, contradicts itself or was told for nothing.
    pub findings: Vec<CommitmentFinding>,
    /// What to know before using the figures.
    pub notes: Vec<Note>,
    /// How the figures were made.
    pub evidence: Vec<KpiEvidence>,
}

/// A value with where it is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentFact {
    /// The value as text: a day, `1 year`, `no_upfront`, an amount.
    pub value: String,
    /// Where it is from.
    pub source: String,
    /// Whether it is inferred, not stated.
    pub reading: bool,
}

/// A commitment.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CommitmentHeld {
    /// The bill's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The provider.
    pub provider: String,
    /// The programme's key, such as `aws-compute-savings-plan`.
    pub program: String,
    /// The programme in words, and where that is from.
    pub program_in_words: CommitmentFact,
    /// The provider's own word for it.
    pub type_name: Option<String>,
    /// The account that it is billed to.
    pub account: Option<String>,
    /// That account's name.
    pub account_name: Option<String>,
    /// What it is bound to: region, zone, family, instance type, platform; empty where it is not.
    pub scope: CommitmentScope,
    /// Its length.
    pub term: Option<CommitmentFact>,
    /// `no_upfront`, `partial_upfront` or `all_upfront`.
    pub payment: Option<CommitmentFact>,
    /// Its first day.
    pub start: Option<CommitmentFact>,
    /// The day after its last.
    pub end: Option<CommitmentFact>,
    /// `running`, `ended`, `upcoming` or `unknown` on the day that counts.
    pub state: CommitmentState,
    /// What it covers in an hour.
    pub hourly: Option<CommitmentFact>,
    /// What that is counted in: `discounted_spend`, `on_demand_spend`, `units` or `normalised_units`.
    pub hourly_in: Option<String>,
    /// Paid at the start.
    pub upfront: Option<CommitmentFact>,
    /// Paid for every hour beside it.
    pub recurring: Option<CommitmentFact>,
    /// The effective cost of what was used of it.
    pub used: Amount,
    /// The effective cost of what nobody used.
    pub unused: Amount,
    /// What was billed for it in the period.
    pub billed: Amount,
    /// What the covered usage costs on demand at contracted prices.
    pub covered: Option<Amount>,
    /// The same at list prices.
    pub covered_list: Option<Amount>,
    /// How much of it was used, in `unit`.
    pub used_quantity: Option<Amount>,
    /// How much nobody used.
    pub unused_quantity: Option<Amount>,
    /// The unit of the quantities.
    pub unit: Option<String>,
    /// What it covers of all that commitments could cover: its part of the coverage, a fraction.
    pub coverage: Option<Amount>,
    /// Used over all of it, a fraction.
    pub utilisation: Option<Amount>,
    /// What it saved against on-demand prices, waste taken off.
    pub savings: Option<Amount>,
    /// That over the on-demand cost of what it covered.
    pub savings_rate: Option<Amount>,
    /// The utilisation from which on it costs less than on demand.
    pub break_even_utilisation: Option<Amount>,
    /// Months after its start when the upfront is earned back, at the use of the period.
    pub break_even_month: Option<Amount>,
    /// Hours left.
    #[ts(type = "number | null")]
    pub remaining_hours: Option<i64>,
    /// What is still to be paid.
    pub remaining_fees: Option<Amount>,
    /// The part of the upfront whose hours are to come.
    pub remaining_upfront: Option<Amount>,
}

/// What a commitment is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentScope {
    /// The region.
    pub region: Option<String>,
    /// The zone.
    pub zone: Option<String>,
    /// The family.
    pub family: Option<String>,
    /// The instance type that it was bought as.
    pub instance_type: Option<String>,
    /// The operating system or engine.
    pub platform: Option<String>,
}

/// Where a commitment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum CommitmentState {
    /// It runs.
    Running,
    /// It has ended.
    Ended,
    /// It has not begun.
    Upcoming,
    /// Its end is not known.
    Unknown,
}

/// Charges of commitments without their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentUnnamed {
    /// The effective cost of used parts.
    pub used: Amount,
    /// Of unused parts.
    pub unused: Amount,
    /// The contracted cost of what they cover.
    pub covered: Amount,
}

/// All commitments together; equal to the sums behind the key figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentTotal {
    /// The effective cost of what was used.
    pub used: Amount,
    /// Of what was not.
    pub unused: Amount,
    /// The contracted cost of what is covered.
    pub covered: Amount,
    /// The contracted cost of what is covered and could be.
    pub coverable: Amount,
    /// What is still to be paid of all whose fees and end are known.
    pub remaining_fees: Amount,
    /// The parts of upfronts whose hours are to come.
    pub remaining_upfront: Amount,
    /// How many commitments run whose end or fees are not known.
    pub remaining_unknown: u32,
}

/// What ends in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentExpiry {
    /// The month, such as `2026-07`.
    pub month: String,
    /// The ids.
    pub ends: Vec<String>,
    /// What they cost an hour.
    pub hourly: Amount,
    /// What the others with a known end cost an hour after it.
    pub hourly_left: Amount,
}

/// Something wrong or missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentFinding {
    /// A stable word.
    pub code: String,
    /// What it is about.
    pub subject: String,
    /// The file.
    pub file: Option<String>,
    /// Its row, the header being the first.
    #[ts(type = "number | null")]
    pub row: Option<u64>,
    /// What is wrong and what to do.
    pub message: String,
}

impl From<Finding> for CommitmentFinding {
    fn from(finding: Finding) -> Self {
        let Finding { code, subject, file, row, message } = finding;
        Self { code: code.to_owned(), subject, file, row, message }
    }
}

/// The word of a payment option.
pub(super) const fn payment_word(payment: Payment) -> &'static str {
    match payment {
        Payment::AllUpfront => "all_upfront",
        Payment::PartialUpfront => "partial_upfront",
        Payment::NoUpfront => "no_upfront",
    }
}

/// What a capacity counts.
pub(super) const fn capacity_word(capacity: Capacity) -> &'static str {
    match capacity {
        Capacity::DiscountedSpend(_) => "discounted_spend",
        Capacity::OnDemandSpend(_) => "on_demand_spend",
        Capacity::Units(_) => "units",
        Capacity::NormalisedUnits(_) => "normalised_units",
    }
}

fn fact<T>(known: &Known<T>, text: impl Fn(&T) -> String) -> CommitmentFact {
    CommitmentFact {
        value: text(&known.value),
        source: known.source.clone(),
        reading: known.source.starts_with("a reading:"),
    }
}

/// A commitment as it stands on a day; `coverable` is what all commitments could cover.
pub(super) fn shown(held: &Held, as_of: NaiveDate, coverable: Amount) -> Result<CommitmentHeld, money::AmountError> {
    let now = as_of.and_time(chrono::NaiveTime::MIN).and_utc();
    let figures = &held.figures;
    let upcoming = held.start.as_ref().is_some_and(|start| start.value > now);
    let state = match held.runs_at(now) {
        _ if upcoming => CommitmentState::Upcoming,
        None => CommitmentState::Unknown,
        Some(true) => CommitmentState::Running,
        Some(false) => CommitmentState::Ended,
    };
    let amount = |amount: &Amount| amount.normalized().to_string();
    let day = |at: &chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    Ok(CommitmentHeld {
        id: held.id.clone(),
        name: held.name.clone(),
        provider: held.provider.clone(),
        program: held.program.value.key().to_owned(),
        program_in_words: fact(&held.program, ToString::to_string),
        type_name: held.type_name.clone(),
        account: held.account.clone(),
        account_name: held.account_name.clone(),
        scope: CommitmentScope {
            region: held.region.clone(),
            zone: held.zone.clone(),
            family: held.family.clone(),
            instance_type: held.instance_type.clone(),
            platform: held.platform.clone(),
        },
        term: held.term.as_ref().map(|term| fact(term, ToString::to_string)),
        payment: held.payment.as_ref().map(|known| fact(known, |payment| payment_word(*payment).to_owned())),
        start: held.start.as_ref().map(|known| fact(known, day)),
        end: held.end.as_ref().map(|known| fact(known, day)),
        state,
        hourly: held.capacity.as_ref().map(|known| fact(known, |capacity| amount(&capacity.hourly()))),
        hourly_in: held.capacity.as_ref().map(|known| capacity_word(known.value).to_owned()),
        upfront: held.upfront.as_ref().map(|known| fact(known, amount)),
        recurring: held.recurring.as_ref().map(|known| fact(known, amount)),
        used: figures.used,
        unused: figures.unused,
        billed: figures.billed,
        covered: figures.covered,
        covered_list: figures.covered_list,
        used_quantity: figures.used_quantity,
        unused_quantity: figures.unused_quantity,
        unit: figures.unit.clone(),
        coverage: figures.covered.and_then(|covered| money::Ratio::of(covered, coverable, 6)),
        utilisation: figures.utilisation()?,
        savings: figures.savings()?,
        savings_rate: figures.savings_rate()?,
        break_even_utilisation: figures.break_even_utilisation(),
        break_even_month: held.break_even_month(),
        remaining_hours: held.remaining_hours(now),
        remaining_fees: held.remaining_fees(now),
        remaining_upfront: held.remaining_upfront(now),
    })
}
