//! `commitment_whatif`: a basket of dated decisions on usage laid forward, beside deciding nothing.

use std::sync::Arc;

use chrono::{DateTime, Months, NaiveDate, Utc};
use commitment::model::{BenefitPolicy, Commitment, Sharing, Step, Usage};
use commitment::offer::OfferRate;
use commitment::replay::Prepared;
use commitment::whatif::{
    Basket, Desk, Gain, MonthOutcome, Outcome, WhatIfError, change_demand, lay_forward, lock_in, who_gains,
};
use money::{Amount, Currency, Ratio};
use query::{Note, Period, Question};
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

use super::baskets::{self, CommitmentBasket, CommitmentDemand, HORIZON_MAX};
use super::drawn::{self, CommitmentDraw, Drawn};
use super::market::{Market, demand};
use super::memo::{memo, scenario_text};
use super::replay::CommitmentFigures;
use super::usage::{CommitmentStep, LeftOut, Read, Wanted};
use super::{Ground, facts, from_scenarios, hours, note, offers, purchased};
use crate::kpis::KpiEvidence;
use crate::{ApiError, Context};

/// A year ahead, where a basket does not say.
const HORIZON: u32 = 12;

/// `commitment_whatif`.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct CommitmentWhatIfRequest {
    /// The history: its period, filters and currency.
    question: Question,
    /// Hours or days; without it hours where all usage has them, else days.
    #[serde(default)]
    #[ts(optional = nullable)]
    step: Option<CommitmentStep>,
    /// A basket that is kept, by name.
    #[serde(default)]
    #[ts(optional = nullable)]
    name: Option<String>,
    /// Or the basket itself.
    #[serde(default)]
    #[ts(optional = nullable)]
    basket: Option<CommitmentBasket>,
    /// Whether benefits are shared in the organisation; they are without it.
    #[serde(default)]
    #[ts(optional = nullable)]
    shared: Option<bool>,
}

impl CommitmentWhatIfRequest {
    /// A basket that is kept.
    pub(crate) fn of(question: &Question, basket: &str) -> Self {
        Self { question: question.clone(), step: None, name: Some(basket.to_owned()), basket: None, shared: None }
    }
}

/// What a basket comes to.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CommitmentWhatIf {
    /// The currency.
    pub currency: Currency,
    /// The history that is laid forward.
    pub history: Period,
    /// Hours or days.
    pub step: CommitmentStep,
    /// The first day ahead.
    #[ts(type = "string")]
    pub from: NaiveDate,
    /// The day after the last.
    #[ts(type = "string")]
    pub until: NaiveDate,
    /// What the basket comes to, by month.
    pub months: Vec<CommitmentMonthAhead>,
    /// All months together.
    pub total: Option<CommitmentMonthAhead>,
    /// The same when nothing is decided: what is held runs to its end, nothing is bought.
    pub undecided: Vec<CommitmentMonthAhead>,
    /// All of it together.
    pub undecided_total: Option<CommitmentMonthAhead>,
    /// What the basket costs less than that.
    pub saves: Amount,
    /// What it binds.
    pub lock_in: CommitmentLockIn,
    /// Who pays what, when benefits are shared and when they are not.
    pub gains: Vec<CommitmentGain>,
    /// The commitments that run, by id, with when they end.
    pub commitments: Vec<CommitmentAhead>,
    /// The basket as operations of a scenario.
    pub scenario_text: String,
    /// The decision on one page.
    pub memo: Vec<String>,
    /// What could be covered but is not in the hours.
    pub left_out: Vec<LeftOut>,
    /// What to know before deciding.
    pub notes: Vec<Note>,
    /// How the history was read.
    pub evidence: KpiEvidence,
}

/// A month ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentMonthAhead {
    /// The month.
    pub month: String,
    /// Coverage, use and cost; a write-off is in the cost and not here.
    pub figures: CommitmentFigures,
    /// Cost with write-offs.
    pub cost: Amount,
    /// On-demand cost less that.
    pub savings: Amount,
    /// Prepaid and given up.
    pub write_off: Amount,
    /// What is paid in the month.
    pub cash: Amount,
}

/// What commitments bind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentLockIn {
    /// Fees still to be paid.
    pub unpaid: Amount,
    /// Prepaid and not used up.
    pub prepaid: Amount,
    /// Both together.
    pub remaining: Amount,
    /// That in months of on-demand spend.
    pub months_of_spend: Option<Amount>,
    /// The remaining term in months, weighed by what remains.
    pub remaining_term: Option<Amount>,
    /// By month, what is still bound and what has ended by then.
    pub months: Vec<CommitmentBound>,
}

/// A month of what is bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentBound {
    /// The month.
    pub month: String,
    /// What the commitments cost in it.
    pub bound: Amount,
    /// What has ended by then.
    pub sheddable: Amount,
}

/// What an account and owner pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentGain {
    /// Whether benefits are shared.
    pub shared: bool,
    /// The account.
    pub account: String,
    /// The owner.
    pub owner: Option<String>,
    /// What its usage costs on demand.
    pub on_demand: Amount,
    /// What it pays: what covered usage bears, what stays on demand, what is unused of its own commitments.
    pub cost: Amount,
    /// The first less the second.
    pub savings: Amount,
}

/// A commitment ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentAhead {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The programme in words.
    pub program: String,
    /// The first instant.
    pub start: String,
    /// The instant after the last.
    pub end: String,
    /// What it covers an hour.
    pub hourly: Amount,
    /// What that is counted in.
    pub hourly_in: String,
    /// Paid at the start.
    pub upfront: Amount,
    /// Paid for every hour beside it.
    pub recurring: Amount,
}

pub(super) fn wrong(error: &WhatIfError) -> ApiError {
    let code = if matches!(error, WhatIfError::TooLittleHistory { .. }) { "too_few_hours" } else { "basket" };
    ApiError::new(code, error.to_string(), "")
}

pub(crate) fn whatif(
    context: &Context,
    request: &CommitmentWhatIfRequest,
    watch: &Watch,
) -> Result<CommitmentWhatIf, ApiError> {
    let engagement = context.engagement()?;
    let (name, basket) = asked_basket(context, request.name.as_deref(), request.basket.as_ref())?;
    let ground = Ground::new(&engagement, &request.question, watch)?;
    let outlook = Outlook::of(context, &ground, request.step, &basket.demand, basket.horizon_months)?;
    let read = &outlook.read.0;
    let currency = read.usage.currency();
    let Ahead { usage, inventory, first, until, notes, horizon } = &outlook.ahead;
    let (first, until, horizon, mut notes) = (*first, *until, *horizon, notes.clone());
    let decided = outlook.market().basket(&name, &basket, inventory)?;
    let shared = request.shared.unwrap_or(true);
    let policy = policy(shared);
    let mut desk = Desk::new(usage, policy, inventory.clone());
    let nothing = Basket { name: "nothing decided".to_owned(), decisions: Vec::new() };
    let undecided = desk.evaluate(&nothing).map_err(|error| wrong(&error))?;
    let outcome = desk.evaluate(&decided).map_err(|error| wrong(&error))?;
    notes.extend(outcome.findings.iter().map(|finding| note("replay", finding.to_string())));
    notes.extend(outcome.notices.iter().map(|notice| note("ask_the_provider", notice.to_string())));

    let total = outcome.total()?;
    let undecided_total = undecided.total()?;
    let cost = |total: &Option<MonthOutcome>| total.as_ref().map_or(Ok(Amount::ZERO), MonthOutcome::cost);
    let saves = cost(&undecided_total)?.checked_sub(cost(&total)?)?.normalized();
    let months_ahead = i64::from(horizon.max(1));
    let on_demand = total.as_ref().map_or(Amount::ZERO, |total| total.figures.eligible);
    let monthly = Ratio::of(on_demand, Amount::from_integer(months_ahead), 2).unwrap_or_default();
    let bound = lock_in(&outcome.commitments, first, monthly, horizon as usize)?;
    let prepared = Prepared::new(usage);
    let mut gains = Vec::new();
    for shared in [true, false] {
        let rows = who_gains(&prepared, &outcome.commitments, &self::policy(shared)).map_err(|error| wrong(&error))?;
        for row in rows {
            gains.push(gain(&row, shared)?);
        }
    }
    let all = |outcome: &Outcome| outcome.months.iter().map(month).collect::<Result<Vec<_>, _>>();
    let memo = memo(&name, &basket, &outcome, (&undecided_total, &total, saves), &bound.remaining, &notes, currency)?;
    Ok(CommitmentWhatIf {
        currency,
        history: ground.period(),
        step: if usage.span().step() == Step::Hour { CommitmentStep::Hour } else { CommitmentStep::Day },
        from: first.date_naive(),
        until: until.date_naive(),
        months: all(&outcome)?,
        total: total.as_ref().map(month).transpose()?,
        undecided: all(&undecided)?,
        undecided_total: undecided_total.as_ref().map(month).transpose()?,
        saves,
        lock_in: CommitmentLockIn {
            unpaid: bound.unpaid.normalized(),
            prepaid: bound.prepaid.normalized(),
            remaining: bound.remaining.normalized(),
            months_of_spend: bound.months_of_spend,
            remaining_term: bound.remaining_term,
            months: bound
                .months
                .iter()
                .map(|month| CommitmentBound {
                    month: month.month.to_string(),
                    bound: month.bound.normalized(),
                    sheddable: month.sheddable.normalized(),
                })
                .collect(),
        },
        gains,
        scenario_text: scenario_text(&basket, &outcome, usage),
        commitments: outcome.commitments.iter().map(ahead).collect(),
        memo,
        left_out: read.left_out.clone(),
        evidence: hours::evidence(&ground, read),
        notes,
    })
}

/// The basket that is asked about, with its name.
pub(super) fn asked_basket(
    context: &Context,
    name: Option<&str>,
    basket: Option<&CommitmentBasket>,
) -> Result<(String, CommitmentBasket), ApiError> {
    Ok(match (basket, name) {
        (Some(basket), name) => (name.unwrap_or("basket").to_owned(), basket.clone()),
        (None, Some(name)) => (name.to_owned(), baskets::usable(context, name)?),
        (None, None) => ("nothing decided".to_owned(), CommitmentBasket::default()),
    })
}

/// Usage ahead and what is held of it.
pub(super) struct Ahead {
    pub(super) usage: Usage,
    /// The commitments that run on, by id.
    pub(super) inventory: Vec<Commitment>,
    pub(super) first: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    /// Months.
    pub(super) horizon: u32,
    pub(super) notes: Vec<Note>,
}

/// What a plan is weighed on: the history, everything that is loaded, the rates, and the usage ahead.
pub(super) struct Outlook {
    pub(super) read: Arc<(Read, facts::Found)>,
    whole: Arc<(Read, facts::Found)>,
    offers: Vec<OfferRate>,
    implied: Vec<OfferRate>,
    pub(super) ahead: Ahead,
}

impl Outlook {
    /// Reads the history, by owner, and lays it forward over `horizon` months (0: a year).
    pub(super) fn of(
        context: &Context,
        ground: &Ground<'_>,
        step: Option<CommitmentStep>,
        demand: &[CommitmentDemand],
        horizon: u32,
    ) -> Result<Self, ApiError> {
        let horizon = if horizon == 0 { HORIZON } else { horizon };
        if horizon > HORIZON_MAX {
            return Err(ApiError::new(
                "basket",
                format!("{horizon} months ahead are too many"),
                format!("At most {HORIZON_MAX}."),
            ));
        }
        let read = hours::read(context, ground, Wanted { step, by_owner: true })?;
        read.0.enough()?;
        let offers = offers::kept(ground.engagement)?.rates;
        let whole = hours::whole(context, ground)?;
        let implied = offers::of_the_bill(&whole.1, &whole.0)?;
        let ahead = look_ahead(&read.0, &whole.1, &offers, demand, horizon)?;
        Ok(Self { read, whole, offers, implied, ahead })
    }

    pub(super) fn market(&self) -> Market<'_> {
        Market {
            usage: &self.ahead.usage,
            offers: &self.offers,
            implied: &self.implied,
            currency: self.ahead.usage.currency(),
            first: self.ahead.first,
        }
    }

    /// Paths of demand from the forecast of everything that is loaded, or from scenarios; where likely demand is to follow it, the usage ahead does from here on.
    pub(super) fn draw(
        &mut self,
        (context, engagement): (&Context, &Engagement),
        wanted: &CommitmentDraw,
        watch: &Watch,
    ) -> Result<Drawn, ApiError> {
        let span = self.ahead.usage.span();
        let laid = lay_forward(&self.read.0.usage, span.first(), span.steps()).map_err(|error| wrong(&error))?;
        let mut drawn = drawn::draw(&self.whole.0.usage, &laid, &self.ahead.usage, wanted, watch)?;
        if !wanted.scenarios.is_empty() {
            let of = from_scenarios::Wanted { scenarios: &wanted.scenarios, seed: wanted.seed.unwrap_or(drawn::SEED) };
            from_scenarios::draw(context, engagement, &of, &self.ahead.usage, &mut drawn, watch)?;
        }
        self.ahead.notes.extend(drawn.notes.iter().cloned());
        if wanted.follow_forecast {
            self.ahead.usage = drawn.growth.lay_on(&self.ahead.usage).map_err(|error| wrong(&error))?;
            self.ahead.notes.push(note(
                "follows_the_forecast",
                "Likely demand follows the forecast of each service instead of repeating the weeks of the history.",
            ));
        }
        Ok(drawn)
    }
}

/// Lays usage forward from its end, with what demand is assumed to do.
fn look_ahead(
    read: &Read,
    found: &facts::Found,
    offers: &[OfferRate],
    changes: &[CommitmentDemand],
    horizon: u32,
) -> Result<Ahead, ApiError> {
    let (mut inventory, assumed) = purchased::commitments(&found.inventory.held, read, offers, read.usage.currency())?;
    let mut notes = read.notes.clone();
    notes.extend(assumed);
    let end = read.usage.span().end();
    let first = midnight_after(end);
    let until = first.checked_add_months(Months::new(horizon)).unwrap_or(first);
    let steps = usize::try_from((until - first).num_hours() / read.usage.span().step().hours()).unwrap_or(1);
    for one in &mut inventory {
        let unknown = found.inventory.held.iter().any(|held| held.id == one.id && held.end.is_none());
        if unknown && one.end >= end {
            one.end = until;
            notes.push(note(
                "end_unknown",
                format!("The end of {} is not known: it is taken to run on. Write it in commitments.csv.", one.name),
            ));
        }
    }
    inventory.retain(|one| one.end > first);
    let laid = lay_forward(&read.usage, first, steps).map_err(|error| wrong(&error))?;
    purchased::with_rates_for_all(&mut inventory, &laid, &mut notes);
    let changes = changes.iter().map(|change| demand(change, first, &laid)).collect::<Result<Vec<_>, _>>()?;
    let usage = change_demand(&laid, &changes).map_err(|error| wrong(&error))?;
    Ok(Ahead { usage, inventory, first, until, horizon, notes })
}

fn midnight_after(instant: DateTime<Utc>) -> DateTime<Utc> {
    let day = instant.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    if day == instant { day } else { day + chrono::Duration::days(1) }
}

pub(super) fn policy(shared: bool) -> BenefitPolicy {
    let sharing = if shared { Sharing::OrganisationWide } else { Sharing::Off };
    BenefitPolicy { sharing, ..BenefitPolicy::default() }
}

fn month(month: &MonthOutcome) -> Result<CommitmentMonthAhead, money::AmountError> {
    Ok(CommitmentMonthAhead {
        month: month.month.to_string(),
        figures: CommitmentFigures::of(&month.figures)?,
        cost: month.cost()?.normalized(),
        savings: month.savings()?.normalized(),
        write_off: month.write_off.normalized(),
        cash: month.cash.normalized(),
    })
}

fn gain(row: &Gain, shared: bool) -> Result<CommitmentGain, money::AmountError> {
    Ok(CommitmentGain {
        shared,
        account: row.account.clone(),
        owner: row.owner.clone(),
        on_demand: row.on_demand.normalized(),
        cost: row.cost()?.normalized(),
        savings: row.savings()?.normalized(),
    })
}

fn ahead(one: &Commitment) -> CommitmentAhead {
    let instant = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    CommitmentAhead {
        id: one.id.clone(),
        name: one.name.clone(),
        program: one.program.to_string(),
        start: instant(one.start),
        end: instant(one.end),
        hourly: one.capacity.hourly(),
        hourly_in: super::reply::capacity_word(one.capacity).to_owned(),
        upfront: one.upfront.normalized(),
        recurring: one.recurring.normalized(),
    }
}
