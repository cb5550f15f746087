//! Usage that commitments can cover, read from the charges into the hours of the crate `commitment`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use commitment::eligibility::{Attributes, EligibilityTable};
use commitment::inventory::Held;
use commitment::model::{Capacity, LineKey, MonthOfYear, Program, Span, Step, Usage};
use money::{Amount, Currency};
use query::{Dimension, Note, Period, Question, UsageKind};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::facts::{eligibility, values};
use super::steps::Hours;
use super::{Ground, instant, note};
use crate::kpis::owner_key;
use crate::{ApiError, planning};

/// Charge periods are read so many days at a time: an hour of each line is a row.
const DAYS_AT_ONCE: i64 = 31;
/// A recommendation needs so many whole days.
pub(super) const DAYS_LEAST: usize = 14;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// The steps that usage is laid on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum CommitmentStep {
    /// Hours; usage that is only known by the day is left out.
    Hour,
    /// Days.
    Day,
}

/// What to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Hours or days; without it hours where all usage has them, else days.
    pub(super) step: Option<CommitmentStep>,
    /// Whether lines are told apart by their owner.
    pub(super) by_owner: bool,
}

/// Usage as it was read, with what the bill says of it.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) usage: Usage,
    /// By line, what the rules say of it.
    pub(super) rules: BTreeMap<LineKey, Ruled>,
    /// What the bill says each commitment covered, by line and month.
    pub(super) covers: BTreeMap<(String, LineKey, MonthOfYear), Covered>,
    /// By line and step, the on-demand cost of what is covered.
    pub(super) covered_steps: BTreeMap<LineKey, BTreeMap<usize, Amount>>,
    /// Steps in which any usage is loaded, in whole days.
    pub(super) days: usize,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) notes: Vec<Note>,
    pub(super) sql: String,
    pub(super) charges: u64,
}

/// What the rules say of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ruled {
    pub(super) rule: String,
    pub(super) why: String,
    pub(super) description: Option<String>,
    pub(super) charges: u64,
}

/// What the bill says a commitment covered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Covered {
    /// On demand; none where a charge has no such cost and none could be worked out.
    pub(super) on_demand: Option<Amount>,
    pub(super) quantity: Amount,
    pub(super) commitment_quantity: Option<Amount>,
    pub(super) cost: Amount,
}

/// Usage that is not in the hours, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct LeftOut {
    /// Why: `no_rule`, `by_the_day`, `longer_than_a_day`, `no_price`.
    pub code: String,
    /// In words, with what it is.
    pub message: String,
    /// Its effective cost.
    pub effective: Amount,
    /// How many charges.
    #[ts(type = "number")]
    pub charges: u64,
}

/// A kind of usage with its place among the lines.
pub(super) struct Kind {
    pub(super) key: LineKey,
    pub(super) account_name: Option<String>,
    pub(super) programs: BTreeSet<Program>,
    pub(super) size_factor: Option<Amount>,
    ruled: Ruled,
    /// Whether no rule but a commitment's cover tells that it is eligible.
    pub(super) by_cover: bool,
}

/// Reads usage, with the programmes of the commitments that are held.
pub(super) fn read(ground: &Ground<'_>, held: &[Held], wanted: Wanted) -> Result<Read, ApiError> {
    let programs = held.iter().map(|one| (one.id.clone(), one.program.value.clone())).collect();
    let is_sized = |one: &&Held| {
        one.capacity.as_ref().is_some_and(|capacity| matches!(capacity.value, Capacity::NormalisedUnits(_)))
    };
    let sized: BTreeSet<&str> = held.iter().filter(is_sized).map(|one| one.id.as_str()).collect();
    let catalog = planning::catalog(ground.engagement, &ground.question, ground.watch)?;
    let owner =
        if wanted.by_owner { owner_key(&ground.engagement.definition(), &catalog).map(Dimension::Tag) } else { None };
    let sql = query::usage_kinds_sql(&ground.question, &catalog, owner.as_ref())?;
    let table = eligibility()?;
    let found = ground.read(&sql, query::usage_kind)?;
    let distinct: BTreeSet<i64> = found.iter().map(|kind| kind.key).collect();
    if distinct.len() != found.len() {
        return Err(ApiError::new(
            "internal",
            "two kinds of usage have the same number",
            "Narrow the period and ask again.",
        ));
    }
    let mut reading = Reading {
        ground,
        step: Step::Hour,
        kinds: BTreeMap::new(),
        left_out: BTreeMap::new(),
        notes: Vec::new(),
        charges: 0,
    };
    reading.choose(&table, found, wanted);
    let (span, missing, days) = reading.span(&catalog)?;
    let mut hours = Hours::new(currency(ground)?, span);
    for period in chunks(ground.period()) {
        let question = Question { period: Some(period), ..ground.question.clone() };
        let keys: Vec<i64> = reading.kinds.keys().copied().collect();
        let sql = query::usage_steps_sql(&question, &catalog, owner.as_ref(), &keys)?;
        for step in ground.read(&sql, query::usage_step)? {
            reading.charges += step.charges;
            hours.add(&reading.kinds, step, &programs)?;
        }
    }
    hours.reprice(&mut reading)?;
    let usage = hours.finish(&reading.kinds, missing, &sized)?;
    let mut rules: BTreeMap<LineKey, Ruled> = BTreeMap::new();
    for kind in reading.kinds.into_values() {
        let charges = kind.ruled.charges;
        rules.entry(kind.key).or_insert(Ruled { charges: 0, ..kind.ruled }).charges += charges;
    }
    let left_out = reading.left_out.into_iter().map(|((code, _), (message, effective, charges))| LeftOut {
        code: code.to_owned(),
        message,
        effective,
        charges,
    });
    Ok(Read {
        usage,
        rules,
        covers: hours.covers,
        covered_steps: hours.covered_steps,
        days,
        left_out: left_out.collect(),
        notes: reading.notes,
        sql,
        charges: reading.charges,
    })
}

impl Read {
    /// Refuses to recommend anything from less than two weeks.
    pub(super) fn enough(&self) -> Result<(), ApiError> {
        if self.days >= DAYS_LEAST {
            return Ok(());
        }
        Err(ApiError::new(
            "too_few_hours",
            format!("{} days of usage are loaded in the period; a recommendation needs {DAYS_LEAST}", self.days),
            "Load more, or choose a longer period.",
        ))
    }
}

fn currency(ground: &Ground<'_>) -> Result<Currency, ApiError> {
    let catalog = ground.engagement.catalog()?;
    let only = catalog.currencies.first().copied().filter(|_| catalog.currencies.len() == 1);
    Ok(ground.question.currency.or(only).unwrap_or(catalog.currency))
}

fn chunks(period: Period) -> impl Iterator<Item = Period> {
    let mut from = period.from;
    std::iter::from_fn(move || {
        let to = (from + Duration::days(DAYS_AT_ONCE)).min(period.to);
        let chunk = Period { from, to };
        let more = from < period.to;
        from = to;
        more.then_some(chunk)
    })
}

/// What is read so far.
pub(super) struct Reading<'a> {
    ground: &'a Ground<'a>,
    step: Step,
    pub(super) kinds: BTreeMap<i64, Kind>,
    left_out: BTreeMap<(&'static str, String), (String, Amount, u64)>,
    pub(super) notes: Vec<Note>,
    charges: u64,
}

impl Reading<'_> {
    /// Which kinds count, and on which steps.
    fn choose(&mut self, table: &EligibilityTable, found: Vec<UsageKind>, wanted: Wanted) {
        type Priced = (String, Option<String>, Option<String>);
        let priced = |kind: &UsageKind| -> Priced { (kind.provider.clone(), kind.service.clone(), kind.unit.clone()) };
        let mut eligible: Vec<(UsageKind, Kind)> = Vec::new();
        let mut others: Vec<UsageKind> = Vec::new();
        for kind in found {
            match line(table, &kind) {
                Some(line) => eligible.push((kind, line)),
                None => others.push(kind),
            }
        }
        let by_cover: BTreeSet<Priced> = others.iter().filter(|kind| kind.covered > 0).map(priced).collect();
        for kind in others {
            if by_cover.contains(&priced(&kind)) {
                let line = line_by_cover(&kind);
                eligible.push((kind, line));
            }
        }
        let daily = eligible.iter().any(|(kind, _)| kind.longest > HOUR && kind.longest <= DAY);
        self.step = match wanted.step {
            Some(CommitmentStep::Hour) => Step::Hour,
            Some(CommitmentStep::Day) => Step::Day,
            None if daily => Step::Day,
            None => Step::Hour,
        };
        let mut by_day: BTreeSet<String> = BTreeSet::new();
        for (kind, line) in eligible {
            if kind.longest > DAY {
                let message = format!("{} of {}: a charge is for more than a day", line.key.service, kind.provider);
                self.leave("longer_than_a_day", &line.key.service, message, kind.effective, kind.charges);
                continue;
            }
            if kind.longest > HOUR {
                by_day.insert(kind.provider.clone());
                if self.step == Step::Hour {
                    let message = format!("{} of {}: it is billed by the day", line.key.service, kind.provider);
                    self.leave("by_the_day", &line.key.service, message, kind.effective, kind.charges);
                    continue;
                }
            }
            self.kinds.insert(kind.key, line);
        }
        if self.step == Step::Day && !by_day.is_empty() {
            let names: Vec<&str> = by_day.iter().map(String::as_str).collect();
            self.notes.push(note(
                "days",
                format!(
                    "Usage of {} is billed by the day here, so the whole is laid on days: what a commitment leaves unused in one hour and lacks \
                     in another of the same day evens out, and coverage and savings come out too high.",
                    names.join(" and ")
                ),
            ));
        }
    }

    pub(super) fn leave(&mut self, code: &'static str, what: &str, message: String, effective: Amount, charges: u64) {
        let entry = self.left_out.entry((code, what.to_owned())).or_insert((message, Amount::ZERO, 0));
        entry.1 = entry.1.checked_add(effective).unwrap_or(entry.1);
        entry.2 += charges;
    }

    /// The steps from the first to the last with usage, those that lack it, and how many days have it.
    fn span(&mut self, catalog: &query::Catalog) -> Result<(Span, BTreeSet<usize>, usize), ApiError> {
        let length = if self.step == Step::Hour { HOUR } else { DAY };
        let sql = query::usage_presence_sql(&self.ground.question, catalog, self.step == Step::Hour)?;
        let providers: BTreeSet<&str> = self.kinds.values().map(|kind| kind.key.provider.as_str()).collect();
        let mut present: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for presence in self.ground.read(&sql, query::usage_presence)? {
            if providers.contains(presence.provider.as_str()) {
                present.entry(presence.provider).or_default().insert(presence.start);
            }
        }
        let first = present.values().filter_map(|steps| steps.first()).min().copied();
        let last = present.values().filter_map(|steps| steps.last()).max().copied();
        let (Some(first), Some(last)) = (first, last) else {
            return Err(ApiError::new(
                "no_eligible_usage",
                "no usage in the period can be covered by a commitment",
                "Choose a longer period or fewer filters; `qd commit hours --show rules` lists what can be covered.",
            ));
        };
        let steps = usize::try_from((last - first) / length + 1).unwrap_or(1);
        let span = Span::new(instant(first), self.step, steps)
            .map_err(|error| ApiError::new("question", error.to_string(), "Choose a shorter period."))?;
        let mut missing = BTreeSet::new();
        let mut notes = Vec::new();
        for (provider, seen) in &present {
            let (from, until) = (seen.first().copied().unwrap_or(first), seen.last().copied().unwrap_or(last));
            let lacking: Vec<i64> =
                (0..=(until - from) / length).map(|at| from + at * length).filter(|at| !seen.contains(at)).collect();
            missing.extend(lacking.iter().filter_map(|at| span.position(instant(*at))));
            let unit = if self.step == Step::Hour { "hours" } else { "days" };
            if let Some(one) = lacking.first() {
                notes.push(note(
                    "missing_steps",
                    format!(
                        "{provider} has no usage at all in {} of {} {unit}, the first {}: they are left out of every figure, never taken as unused.",
                        lacking.len(),
                        seen.len() + lacking.len(),
                        instant(*one).format("%Y-%m-%dT%H:%MZ"),
                    ),
                ));
            }
            if from > first || until < last {
                notes.push(note(
                    "loaded_in_part",
                    format!(
                        "Usage of {provider} is loaded from {} to {} only; outside of that it counts as not used.",
                        instant(from).date_naive(),
                        instant(until).date_naive()
                    ),
                ));
            }
        }
        self.notes.extend(notes);
        let all: BTreeSet<i64> = present.values().flatten().map(|start| start.div_euclid(DAY)).collect();
        Ok((span, missing, all.len()))
    }
}

/// A kind as a line, where a rule fits it.
fn line(table: &EligibilityTable, kind: &UsageKind) -> Option<Kind> {
    let details = kind.details.as_deref().map(values).unwrap_or_default();
    let detail = |names: &[&str]| {
        let found = names.iter().find_map(|name| details.iter().find(|(known, _)| known == name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    let operation = kind.operation.as_deref().and_then(|operation| table.platform_of(operation));
    let engine = detail(&["x_DatabaseEngine", "x_Engine", "DatabaseEngine"]).filter(|engine| *engine != "Any");
    let system = detail(&["OperatingSystem"]).filter(|system| *system != "NA");
    let platform = engine.or(system).or(operation);
    let tenancy = detail(&["x_Tenancy", "Tenancy"]);
    let meter = kind.meter.as_deref().unwrap_or_default();
    let attributes = Attributes {
        provider: &kind.provider,
        service: kind.service.as_deref().unwrap_or_default(),
        meter,
        description: kind.description.as_deref().unwrap_or_default(),
        unit: kind.unit.as_deref().unwrap_or_default(),
        instance_type: detail(&["InstanceType"]).unwrap_or_default(),
        platform: platform.unwrap_or_default(),
        tenancy: tenancy.unwrap_or_default(),
    };
    let found = table.of(&attributes)?;
    let typed = meter.split_once(':').map(|(_, of)| of).filter(|of| of.contains('.'));
    let instance_type = detail(&["InstanceType"]).or(typed).map(str::to_owned);
    let instance_type = instance_type.or_else(|| found.size.as_ref().map(|_| meter.to_owned()));
    let key = LineKey {
        family: Some(found.family.clone()),
        instance_type,
        platform: platform.map(str::to_owned),
        tenancy: tenancy.map(|tenancy| match tenancy {
            "Shared" | "NA" => "default".to_owned(),
            other => other.to_lowercase(),
        }),
        ..key(kind)
    };
    Some(Kind {
        key,
        account_name: kind.account_name.clone(),
        programs: found.programs.clone(),
        size_factor: found.size_factor,
        ruled: Ruled {
            rule: found.rule.to_owned(),
            why: found.why.to_owned(),
            description: kind.description.clone(),
            charges: kind.charges,
        },
        by_cover: false,
    })
}

/// A kind without a rule, of a service and unit that commitments of the bill cover.
fn line_by_cover(kind: &UsageKind) -> Kind {
    let service = kind.service.as_deref().unwrap_or("this service");
    Kind {
        key: LineKey { family: kind.service.clone(), ..key(kind) },
        account_name: kind.account_name.clone(),
        programs: BTreeSet::new(),
        size_factor: None,
        ruled: Ruled {
            rule: "covered in the bill".to_owned(),
            why: format!("a reading: commitments of the bill cover usage of {service} in the same unit"),
            description: kind.description.clone(),
            charges: kind.charges,
        },
        by_cover: true,
    }
}

fn key(kind: &UsageKind) -> LineKey {
    let named = [&kind.sku, &kind.meter, &kind.description].into_iter().flatten().next();
    LineKey {
        provider: kind.provider.clone(),
        account: kind.account.clone().unwrap_or_default(),
        owner: kind.owner.clone(),
        service: kind.service.clone().unwrap_or_default(),
        region: kind.region.clone(),
        zone: kind.zone.clone(),
        sku: named.cloned().unwrap_or_default(),
        unit: kind.unit.clone(),
        ..LineKey::default()
    }
}
