//! `commitment_hours`: the usage that commitments can cover, by line and step.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use commitment::model::{LineKey, Program, Step};
use money::{Amount, Currency, Ratio};
use query::{Note, Period, Question};
use serde::{Deserialize, Serialize};
use store::Watch;
use ts_rs::TS;

use super::usage::{self, CommitmentStep, DAYS_LEAST, LeftOut, Read, Wanted};
use super::{Ground, facts};
use crate::context::locked;
use crate::kpis::KpiEvidence;
use crate::{ApiError, Context};

/// Lines that a reply lists without being asked for more.
const LINES: u32 = 500;

/// `commitment_hours`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CommitmentHoursRequest {
    /// Its period, filters and currency.
    question: Question,
    /// Hours or days; without it hours where all usage has them, else days.
    #[serde(default)]
    #[ts(optional = nullable)]
    step: Option<CommitmentStep>,
    /// Only what this program may cover, by its key.
    #[serde(default)]
    #[ts(optional = nullable)]
    program: Option<String>,
    /// Whether to give the steps: on-demand cost and what of it is covered.
    #[serde(default)]
    #[ts(optional = nullable)]
    steps: Option<bool>,
    /// At most this many lines, the dearest first.
    #[serde(default)]
    #[ts(optional = nullable)]
    limit: Option<u32>,
}

/// The usage that commitments can cover.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CommitmentHours {
    /// The currency.
    pub currency: Currency,
    /// The period.
    pub period: Period,
    /// Hours or days.
    pub step: CommitmentStep,
    /// The start of the first step, UTC.
    pub first: String,
    /// How many steps.
    pub steps: u32,
    /// How many of them have no usage of a provider that is loaded before and after.
    pub missing: u32,
    /// The starts of the first of those.
    pub missing_first: Vec<String>,
    /// On how many days usage is loaded.
    pub days: u32,
    /// Whether that is enough for a recommendation.
    pub enough: bool,
    /// What all of it costs on demand, at contracted prices.
    pub on_demand: Amount,
    /// What commitments cover of that in the bill.
    pub covered: Amount,
    /// The same by program that may cover it; a line counts for each of its programs.
    pub programs: Vec<CommitmentProgram>,
    /// The lines, dearest first.
    pub lines: Vec<CommitmentLine>,
    /// How many lines more there are.
    pub more_lines: u32,
    /// On-demand cost and covered part by step; empty unless asked for.
    pub series: Vec<CommitmentHour>,
    /// What could be covered but is not in the hours.
    pub left_out: Vec<LeftOut>,
    /// What to know.
    pub notes: Vec<Note>,
    /// How it was read.
    pub evidence: KpiEvidence,
}

/// What a program may cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentProgram {
    /// Its key.
    pub program: String,
    /// In words.
    pub label: String,
    /// On-demand cost of what it may cover.
    pub on_demand: Amount,
    /// How many lines.
    pub lines: u32,
}

/// A line of usage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentLine {
    /// The provider.
    pub provider: String,
    /// The account.
    pub account: String,
    /// Its name.
    pub account_name: Option<String>,
    /// The owner, where lines are told apart by it.
    pub owner: Option<String>,
    /// The service.
    pub service: String,
    /// The region.
    pub region: Option<String>,
    /// The zone.
    pub zone: Option<String>,
    /// The family.
    pub family: Option<String>,
    /// The instance type.
    pub instance_type: Option<String>,
    /// The operating system or engine.
    pub platform: Option<String>,
    /// The tenancy.
    pub tenancy: Option<String>,
    /// The SKU.
    pub sku: String,
    /// A description.
    pub description: Option<String>,
    /// The programs that may cover it.
    pub programs: Vec<String>,
    /// The rule that says so.
    pub rule: String,
    /// Why.
    pub why: String,
    /// Whether that is a reading.
    pub reading: bool,
    /// Normalised units in one unit, where sizes are exchangeable.
    pub size_factor: Option<Amount>,
    /// What it costs on demand.
    pub on_demand: Amount,
    /// At list prices.
    pub list: Option<Amount>,
    /// How much, in `unit`.
    pub quantity: Amount,
    /// The unit.
    pub unit: Option<String>,
    /// How much in normalised units.
    pub normalised: Option<Amount>,
    /// What commitments cover of it in the bill, at on-demand prices.
    pub covered: Amount,
    /// That over its on-demand cost.
    pub coverage: Option<Amount>,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentHour {
    /// Its start, UTC: `2026-07-01T14` or `2026-07-01`.
    pub time: String,
    /// On-demand cost; null where the step is missing.
    pub on_demand: Option<Amount>,
    /// What of it is covered.
    pub covered: Option<Amount>,
}

/// Reads usage with the programs of the commitments that the bill names, or takes it from memory: a slider asks for the same again.
pub(super) fn read(context: &Context, ground: &Ground<'_>, wanted: Wanted) -> Result<ReadNow, ApiError> {
    let key = ReadKey {
        folder: ground.engagement.folder().to_owned(),
        generation: ground.engagement.generation()?,
        question: ground.question.clone(),
        wanted,
        told: facts::told(ground)?,
    };
    if let Some(known) = context.commitments.get(&key) {
        return Ok(known);
    }
    let found = facts::found(ground)?;
    let read = Arc::new((usage::read(ground, &found.inventory.held, wanted)?, found));
    context.commitments.put(key, read.clone());
    Ok(read)
}

/// All that is loaded, by the day, under the same filters: what is held and which rates the bill implies does not depend on the period
/// whose usage is looked at.
pub(super) fn whole(context: &Context, ground: &Ground<'_>) -> Result<ReadNow, ApiError> {
    let question = Question { period: None, ..ground.question.clone() };
    let all = Ground::new(ground.engagement, &question, ground.watch)?;
    read(context, &all, Wanted { step: Some(CommitmentStep::Day), by_owner: false })
}

/// What was read is good for: this state of the engagement, this question, and this text of `commitments.csv`.
#[derive(PartialEq)]
struct ReadKey {
    folder: std::path::PathBuf,
    generation: u64,
    question: Question,
    wanted: Wanted,
    told: String,
}

/// Usage and what is held, as read.
type ReadNow = Arc<(Read, facts::Found)>;

/// What was read lately, the latest last.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Vec<(ReadKey, ReadNow)>>);

/// What one screen asks for at once.
const KEPT_MAX: usize = 4;

impl Kept {
    fn get(&self, key: &ReadKey) -> Option<ReadNow> {
        locked(&self.0).iter().find(|(known, _)| known == key).map(|(_, read)| read.clone())
    }

    fn put(&self, key: ReadKey, read: ReadNow) {
        let mut kept = locked(&self.0);
        if kept.len() >= KEPT_MAX {
            kept.remove(0);
        }
        kept.push((key, read));
    }

    /// Forgets it: another engagement is open.
    pub(crate) fn clear(&self) {
        locked(&self.0).clear();
    }
}

pub(crate) fn hours(
    context: &Context,
    request: &CommitmentHoursRequest,
    watch: &Watch,
) -> Result<CommitmentHours, ApiError> {
    let engagement = context.engagement()?;
    let ground = Ground::new(&engagement, &request.question, watch)?;
    let wanted = Wanted { step: request.step, by_owner: false };
    let kept = read(context, &ground, wanted)?;
    let read = &kept.0;
    let span = read.usage.span();
    let program: Option<Program> =
        request.program.as_deref().map(|key| key.parse().unwrap_or(Program::Other(key.to_owned())));
    let all = 0..span.steps();
    let mut lines = Vec::new();
    let mut programs: BTreeMap<Program, (Amount, u32)> = BTreeMap::new();
    let (mut on_demand, mut covered) = (Amount::ZERO, Amount::ZERO);
    let mut counted: Vec<(&commitment::model::UsageLine, Option<&BTreeMap<usize, Amount>>)> = Vec::new();
    for line in read.usage.lines() {
        if program.as_ref().is_some_and(|program| !line.eligible.contains(program)) {
            continue;
        }
        let cost = line.on_demand.sum(all.clone())?;
        let by_step = read.covered_steps.get(&line.key);
        let covers = Amount::sum(by_step.into_iter().flat_map(BTreeMap::values).copied())?;
        on_demand = on_demand.checked_add(cost)?;
        covered = covered.checked_add(covers)?;
        for program in &line.eligible {
            let sum = programs.entry(program.clone()).or_default();
            *sum = (sum.0.checked_add(cost)?, sum.1 + 1);
        }
        counted.push((line, by_step));
        lines.push(shown(line, read, cost, covers, all.clone())?);
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.on_demand));
    let limit = request.limit.unwrap_or(LINES) as usize;
    let more_lines = u32::try_from(lines.len().saturating_sub(limit)).unwrap_or(u32::MAX);
    lines.truncate(limit);
    let step = if span.step() == Step::Hour { CommitmentStep::Hour } else { CommitmentStep::Day };
    let format = if step == CommitmentStep::Hour { "%Y-%m-%dT%H" } else { "%Y-%m-%d" };
    let time = |at: usize| span.start_of(at).format(format).to_string();
    let mut series = Vec::new();
    for at in all.filter(|_| request.steps == Some(true)) {
        let known = !read.usage.missing().contains(&at);
        let cost = Amount::sum(counted.iter().map(|(line, _)| line.on_demand.at(at)))?;
        let covers = counted.iter().filter_map(|(_, steps)| steps.and_then(|steps| steps.get(&at)).copied());
        let covers = Amount::sum(covers)?;
        series.push(CommitmentHour {
            time: time(at),
            on_demand: known.then_some(cost),
            covered: known.then_some(covers),
        });
    }
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(CommitmentHours {
        currency: read.usage.currency(),
        period: ground.period(),
        step,
        first: time(0),
        steps: count(span.steps()),
        missing: count(read.usage.missing().len()),
        missing_first: read.usage.missing().iter().take(10).map(|at| time(*at)).collect(),
        days: count(read.days),
        enough: read.days >= DAYS_LEAST,
        on_demand,
        covered,
        programs: programs
            .into_iter()
            .map(|(program, (on_demand, lines))| CommitmentProgram {
                program: program.key().to_owned(),
                label: program.to_string(),
                on_demand,
                lines,
            })
            .collect(),
        lines,
        more_lines,
        series,
        evidence: evidence(&ground, read),
        left_out: read.left_out.clone(),
        notes: read.notes.clone(),
    })
}

pub(super) fn evidence(ground: &Ground<'_>, read: &Read) -> KpiEvidence {
    KpiEvidence {
        question: None,
        id: None,
        scope: format!("Usage that commitments can cover, {}", ground.period()),
        charges: Some(read.charges),
        sql: read.sql.clone(),
    }
}

fn shown(
    line: &commitment::model::UsageLine,
    read: &Read,
    on_demand: Amount,
    covered: Amount,
    steps: std::ops::Range<usize>,
) -> Result<CommitmentLine, ApiError> {
    let LineKey {
        provider,
        account,
        owner,
        service,
        region,
        zone,
        family,
        instance_type,
        platform,
        tenancy,
        sku,
        unit,
    } = line.key.clone();
    let ruled = read.rules.get(&line.key).cloned().unwrap_or_default();
    let quantity = line.quantity.sum(steps.clone())?;
    Ok(CommitmentLine {
        provider,
        account,
        account_name: line.account_name.clone(),
        owner,
        service,
        region,
        zone,
        family,
        instance_type,
        platform,
        tenancy,
        sku,
        description: ruled.description,
        programs: line.eligible.iter().map(|program| program.key().to_owned()).collect(),
        rule: ruled.rule,
        reading: ruled.why.starts_with("a reading:"),
        why: ruled.why,
        size_factor: line.size_factor,
        on_demand,
        list: line.list.as_ref().map(|list| list.sum(steps)).transpose()?,
        normalised: line.size_factor.map(|factor| factor.checked_mul(quantity)).transpose()?.map(Amount::normalized),
        quantity,
        unit,
        covered,
        coverage: Ratio::of(covered, on_demand, 6),
    })
}
