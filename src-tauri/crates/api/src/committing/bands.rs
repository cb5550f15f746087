//! `commitment_bands_start`: a basket replayed along many ways that demand may go, as a job that can be watched and stopped.

use std::sync::Arc;

use chrono::NaiveDate;
use commitment::model::{Commitment, Step, Usage};
use commitment::whatif::{
    Band, Basket, MonthBands, PathBands, Paths, SamplePath, WhatIfError, band, bands, mean_of_highest,
};
use money::{Amount, Currency};
use query::{Note, Question};
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

use super::baskets::CommitmentBasket;
use super::drawn::{self, CommitmentDraw, CommitmentDrawn, SEED, on_all_cores};
use super::usage::CommitmentStep;
use super::whatif::{Outlook, asked_basket, policy, wrong};
use super::{Ground, hours, note};
use crate::jobs::JobReply;
use crate::kpis::KpiEvidence;
use crate::{ApiError, Context};

/// `commitment_bands_start`.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct CommitmentBandsRequest {
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
    /// How the paths are drawn.
    #[serde(flatten)]
    draw: CommitmentDraw,
    /// The share of paths outside a band on either side; 0.1 without it.
    #[serde(default)]
    #[ts(optional = nullable)]
    tail: Option<Amount>,
    /// Which paths are the worst: 0.95, as it is without it, is one in twenty.
    #[serde(default)]
    #[ts(optional = nullable)]
    level: Option<Amount>,
}

impl CommitmentBandsRequest {
    /// A basket that is kept, along so many paths.
    pub(crate) fn of(question: &Question, basket: &str, paths: u32) -> Self {
        Self {
            question: question.clone(),
            step: None,
            name: Some(basket.to_owned()),
            basket: None,
            shared: None,
            draw: CommitmentDraw { paths: Some(paths), ..CommitmentDraw::default() },
            tail: None,
            level: None,
        }
    }
}

/// What most paths keep within.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentBand {
    /// The low end.
    pub low: Amount,
    /// On the likely path.
    pub likely: Amount,
    /// The high end.
    pub high: Amount,
}

impl From<Band> for CommitmentBand {
    fn from(band: Band) -> Self {
        Self { low: band.low.normalized(), likely: band.likely.normalized(), high: band.high.normalized() }
    }
}

/// The bands of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentMonthBands {
    /// The month.
    pub month: String,
    /// Cost, write-offs with it.
    pub cost: CommitmentBand,
    /// What is paid in the month.
    pub cash: CommitmentBand,
    /// On-demand cost less cost.
    pub savings: CommitmentBand,
    /// Commitment that nobody uses.
    pub unused: CommitmentBand,
    /// A fraction of what may be covered.
    pub coverage: Option<CommitmentBand>,
    /// A fraction of the commitments.
    pub utilisation: Option<CommitmentBand>,
}

impl From<&MonthBands> for CommitmentMonthBands {
    fn from(bands: &MonthBands) -> Self {
        Self {
            month: bands.month.to_string(),
            cost: bands.cost.into(),
            cash: bands.cash.into(),
            savings: bands.savings.into(),
            unused: bands.unused.into(),
            coverage: bands.coverage.map(Into::into),
            utilisation: bands.utilisation.map(Into::into),
        }
    }
}

/// The result of the job.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CommitmentBands {
    /// The currency.
    pub currency: Currency,
    /// Hours or days.
    pub step: CommitmentStep,
    /// The first day ahead.
    #[ts(type = "string")]
    pub from: NaiveDate,
    /// The day after the last.
    #[ts(type = "string")]
    pub until: NaiveDate,
    /// How many paths.
    pub paths: u32,
    /// What they were drawn from.
    #[ts(type = "number")]
    pub seed: u64,
    /// The share of paths outside a band on either side.
    pub tail: Amount,
    /// Which paths are the worst.
    pub level: Amount,
    /// Whether likely demand follows the forecast.
    pub follow_forecast: bool,
    /// By month.
    pub months: Vec<CommitmentMonthBands>,
    /// Of the sums over all months: not the sums of the months' bands. Under the first month's name.
    pub total: CommitmentMonthBands,
    /// What deciding nothing costs.
    pub undecided_cost: CommitmentBand,
    /// What the basket costs less than deciding nothing, path by path.
    pub saves: CommitmentBand,
    /// Mean cost of the dearest paths.
    pub tail_cost: Option<Amount>,
    /// Mean of what the basket saves on the paths on which it saves least.
    pub tail_saves: Option<Amount>,
    /// The paths, of a thousand, on which the basket costs more than deciding nothing.
    pub worse_than_nothing: u32,
    /// Cost of each path.
    pub costs: Vec<Amount>,
    /// How the paths were drawn.
    pub drawn: Vec<CommitmentDrawn>,
    /// What to know.
    pub notes: Vec<Note>,
    /// How the history was read.
    pub evidence: KpiEvidence,
}

pub(crate) fn start(context: &Arc<Context>, request: CommitmentBandsRequest) -> Result<JobReply, ApiError> {
    let engagement = context.engagement()?;
    drawn::count(request.draw.paths)?;
    let held = context.clone();
    Ok(context.jobs.start(move |watch| {
        let reply = made(&held, &engagement, &request, watch)?;
        serde_json::to_value(reply).map_err(|error| ApiError::bad_request(&error))
    }))
}

/// What the paths are replayed with.
struct Run<'a> {
    usage: &'a Usage,
    samples: &'a [SamplePath],
    inventory: &'a [Commitment],
    shared: bool,
    tail: Amount,
    watch: &'a Watch,
}

impl Run<'_> {
    fn bands(&self, basket: &Basket, phase: &str) -> Result<PathBands, ApiError> {
        let mut progress = |done: usize, total: usize| {
            self.watch.report(|progress| {
                progress.phase = phase.to_owned();
                progress.files_done = done as u64;
                progress.files_total = total as u64;
            });
            !self.watch.is_cancelled()
        };
        let policy = policy(self.shared);
        let paths = Paths { samples: self.samples, workers: &on_all_cores };
        bands(self.usage, paths, &policy, self.inventory, basket, self.tail, &mut progress).map_err(|error| match error
        {
            WhatIfError::Stopped { .. } => ApiError::new("cancelled", error.to_string(), ""),
            other => wrong(&other),
        })
    }
}

pub(crate) fn made(
    context: &Context,
    engagement: &Engagement,
    request: &CommitmentBandsRequest,
    watch: &Watch,
) -> Result<CommitmentBands, ApiError> {
    watch.report(|progress| progress.phase = "Reading hours".to_owned());
    let (name, basket) = asked_basket(context, request.name.as_deref(), request.basket.as_ref())?;
    let ground = Ground::new(engagement, &request.question, watch)?;
    let mut outlook = Outlook::of(context, &ground, request.step, &basket.demand, basket.horizon_months)?;
    watch.report(|progress| progress.phase = "Drawing paths".to_owned());
    let drawn = outlook.draw((context, engagement), &request.draw, watch)?;
    let market = outlook.market();
    let decided = market.basket(&name, &basket, &outlook.ahead.inventory)?;
    let nothing = Basket { name: "nothing decided".to_owned(), decisions: Vec::new() };
    let decimals = |units: i128, scale: u8| Amount::new(units, scale);
    let (tail, level) =
        (request.tail.map_or_else(|| decimals(1, 1), Ok)?, request.level.map_or_else(|| decimals(95, 2), Ok)?);
    let run = Run {
        usage: &outlook.ahead.usage,
        samples: &drawn.samples,
        inventory: &outlook.ahead.inventory,
        shared: request.shared.unwrap_or(true),
        tail,
        watch,
    };
    let found = run.bands(&decided, "Replaying paths")?;
    let undecided = run.bands(&nothing, "Replaying paths when nothing is decided")?;
    let saved: Vec<Amount> = undecided
        .costs
        .iter()
        .zip(&found.costs)
        .map(|(before, after)| before.checked_sub(*after))
        .collect::<Result<_, _>>()?;
    let likely = undecided.total.cost.likely.checked_sub(found.total.cost.likely)?;
    let lost: Vec<Amount> = saved.iter().map(|amount| amount.negated()).collect();
    let worse = saved.iter().filter(|amount| amount.is_negative()).count() * 1_000 / saved.len().max(1);
    let mut notes = outlook.ahead.notes.clone();
    if request.draw.scenarios.is_empty() {
        notes.push(note(
            "moved_together",
            "Each service's demand is drawn from the forecast of its own history, as wide as its past errors; services are taken to move together, which makes the bands wide rather than narrow.",
        ));
    }
    for one in drawn.told.iter().filter(|one| one.grain == "none") {
        notes.push(note(
            "not_drawn",
            format!(
                "{} of {} has too little history to draw from: its demand is taken for certain.",
                one.service, one.provider
            ),
        ));
    }
    Ok(CommitmentBands {
        currency: outlook.ahead.usage.currency(),
        step: if outlook.ahead.usage.span().step() == Step::Hour { CommitmentStep::Hour } else { CommitmentStep::Day },
        from: outlook.ahead.first.date_naive(),
        until: outlook.ahead.until.date_naive(),
        paths: u32::try_from(found.paths).unwrap_or(u32::MAX),
        seed: request.draw.seed.unwrap_or(SEED),
        tail,
        level,
        follow_forecast: request.draw.follow_forecast,
        months: found.months.iter().map(Into::into).collect(),
        total: (&found.total).into(),
        undecided_cost: undecided.total.cost.into(),
        saves: band(likely, saved, tail).into(),
        tail_cost: mean_of_highest(&found.costs, level).map(Amount::normalized),
        tail_saves: mean_of_highest(&lost, level).map(|mean| mean.negated().normalized()),
        worse_than_nothing: u32::try_from(worse).unwrap_or(u32::MAX),
        costs: found.costs.iter().map(|cost| cost.normalized()).collect(),
        drawn: drawn.told,
        evidence: hours::evidence(&ground, &outlook.read.0),
        notes,
    })
}
