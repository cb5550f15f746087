//! What one unit costs: the answer to a question beside the values of a business metric.

mod labels;
mod rows;

use std::collections::BTreeMap;

use money::{Amount, Currency};
use query::{Answer, Dimension, Evidence, Grain, MeasureColumn, MeasureKind, Note, Period, Question};
use serde::{Deserialize, Serialize};
use store::Watch;
use ts_rs::TS;
use unit_economics::{
    DECIMALS_MAX, Driver, Elasticity, Metrics, Observation, Side, Split, SplitOrder, Units, per_unit, split_cost,
    split_unit_cost,
};

use crate::metrics::{self, MetricFileInfo};
use crate::{ApiError, Context, asking, planning};
pub(crate) use labels::{Joined, is_label_of};
use rows::Spans;

/// `unit_cost`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct UnitCostRequest {
    /// Whose cost: its first measure, which must be money, under its filters. Its own breakdown, grain and top are not used; with a
    /// comparison the change is split against that period, without one against the period before the last.
    question: Question,
    /// The metric.
    metric: String,
    /// Only values with these labels.
    #[serde(default)]
    #[ts(optional)]
    labels: Option<Vec<LabelFilter>>,
    /// By month or by day.
    grain: Grain,
    /// A dimension that the metric has a label of: cost and units of each value stand beside each other.
    #[serde(default)]
    #[ts(optional = nullable)]
    by: Option<Dimension>,
    /// The decimals of a unit cost; six where it is not said.
    #[serde(default)]
    #[ts(optional = nullable)]
    decimals: Option<u8>,
}

impl UnitCostRequest {
    /// What a pinned unit cost asks: all values of the metric.
    pub(crate) const fn of(question: Question, metric: String, grain: Grain, by: Option<Dimension>) -> Self {
        Self { question, metric, labels: None, grain, by, decimals: None }
    }
}

/// A condition on a label.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export, rename = "MetricLabelFilter")]
pub struct LabelFilter {
    /// The label, such as `region`.
    pub(crate) label: String,
    /// One of these values.
    pub(crate) values: Vec<String>,
}

/// What one unit costs.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct UnitCostReply {
    /// The metric.
    pub metric: String,
    /// What is divided by it.
    pub measure: MeasureColumn,
    /// The currency of every cost.
    pub currency: Currency,
    /// The step of the rows.
    pub grain: Grain,
    /// The dimension that cost and units are joined by.
    pub by: Option<Dimension>,
    /// The label of the metric that the dimension is joined with.
    pub label: Option<String>,
    /// The decimals of unit costs, half to even.
    pub decimals: u8,
    /// The period.
    pub period: Period,
    /// The period that the change is measured against, where the question compares.
    pub compared_with: Option<Period>,
    /// By time, then by cost from high to low.
    pub rows: Vec<UnitCostRow>,
    /// The whole period and all values of the dimension.
    pub total: UnitCostGroup,
    /// Each value of the dimension over the whole period, by cost from high to low.
    pub groups: Vec<UnitCostGroup>,
    /// What to know before using the figures.
    pub notes: Vec<Note>,
    /// The question whose answer the costs are: `evidence_recompute` takes it with the id of the evidence.
    pub question: Question,
    /// How the costs were made.
    pub evidence: Evidence,
    /// The files that the units come from.
    pub files: Vec<MetricFileInfo>,
}

/// Cost, units and unit cost of a month or day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct UnitCostRow {
    /// `2026-03` or `2026-03-05`.
    pub time: String,
    /// The value of the dimension; null where there is no dimension, and for charges without a value.
    pub key: Option<String>,
    /// What it cost; null where there is no charge.
    pub cost: Option<Amount>,
    /// How many units there were; null where no value is known.
    pub units: Option<Amount>,
    /// The one by the other; null where there are no units.
    pub unit_cost: Option<Amount>,
    /// How many days cost and units cover.
    pub days: u32,
    /// Whether that is the whole month or day, each day with units.
    pub complete: bool,
    /// Why there is no unit cost, or why it is not that of a whole month; null where there is nothing to say.
    pub remark: Option<String>,
}

/// Cost, units and unit cost over the whole period, and how they moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct UnitCostGroup {
    /// The value of the dimension; null for the total, and for charges without a value.
    pub key: Option<String>,
    /// What it cost.
    pub cost: Option<Amount>,
    /// How many units there were.
    pub units: Option<Amount>,
    /// The one by the other; null where there are no units.
    pub unit_cost: Option<Amount>,
    /// Why there is no unit cost, or how many days of it lack units.
    pub remark: Option<String>,
    /// How cost and unit cost changed.
    pub change: UnitCostChange,
    /// How strongly cost follows the units.
    pub elasticity: Elasticity,
}

/// A change between two periods, split into what cost and what units did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct UnitCostChange {
    /// The earlier period in words; null where there is none to compare with.
    pub before: Option<String>,
    /// The later period in words.
    pub now: Option<String>,
    /// The units before.
    pub units_before: Option<Amount>,
    /// The units now.
    pub units_now: Option<Amount>,
    /// The splits in either order; none where there is nothing to split.
    pub splits: Vec<UnitCostSplits>,
    /// Why there is none, or what to know of it.
    pub remark: Option<String>,
}

/// The change of cost and of unit cost, split in one order. The effects add up to the differences exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct UnitCostSplits {
    /// The order in which the factors move.
    pub order: SplitOrder,
    /// The cost: what a unit's cost did, and what the number of units did.
    pub cost: Split,
    /// The unit cost: what the cost did, and what the number of units did.
    pub unit_cost: Split,
}

const DECIMALS: u8 = 6;

pub(crate) fn unit_cost(
    context: &Context,
    request: &UnitCostRequest,
    watch: &Watch,
) -> Result<UnitCostReply, ApiError> {
    let engagement = context.engagement()?;
    let asked = asking::in_own_currency(&engagement, &request.question)?;
    let decimals = request.decimals.unwrap_or(DECIMALS);
    check(request, &asked, decimals)?;
    let kept = metrics::kept(&engagement)?;
    let info = kept.metrics.info(&request.metric).ok_or_else(|| unknown_metric(&request.metric, &kept.metrics))?;
    if request.grain == Grain::Day && !info.daily {
        return Err(usage(format!("{} is known by the month only", request.metric), "Ask by month: --grain month."));
    }
    let catalog = planning::with_rules(&engagement)?;
    let joined = Joined::new(request.by.as_ref(), request.labels.clone().unwrap_or_default(), &asked, &info, &catalog)?;
    let measures = asked.measures[..1].to_vec();
    let plain = Question { measures, by: Vec::new(), grain: None, top: None, ..asked };
    let by: Vec<Dimension> = request.by.iter().cloned().collect();
    let totals = asking::answer(context, &engagement, &Question { by: by.clone(), ..plain.clone() }, watch)?;
    let timed = Question { by, grain: Some(request.grain), compare: None, ..plain };
    let timed = asking::answer(context, &engagement, &timed, watch)?;
    let complete =
        planning::complete(context, &engagement, &catalog, |one| joined.has_provider(one), timed.period, watch)?;
    let spans =
        Spans { grain: request.grain, period: timed.period, covered: catalog.covered, complete_until: complete.until };
    let counted = joined.points(&kept.metrics);
    let whole = Driver::new(counted.iter().copied())?;
    let mut work = Work {
        request,
        decimals,
        spans: &spans,
        costs: Costs::of(&timed)?,
        period: timed.period,
        totals: &totals,
        rows: Vec::new(),
    };
    let (total, groups) = if request.by.is_none() {
        (work.group(None, &whole, Whose::All)?, Vec::new())
    } else {
        let own = joined.by_value(&counted);
        let mut groups = Vec::new();
        for key in joined.keys(&totals, &own) {
            // A charge without a value and a unit without a label have nothing in common but what they lack.
            let points = key.as_deref().and_then(|key| own.get(key)).map(Vec::as_slice).unwrap_or_default();
            groups.push(work.group(key.as_deref(), &Driver::new(points.iter().copied())?, Whose::One)?);
        }
        let rows = std::mem::take(&mut work.rows);
        let total = work.group(None, &whole, Whose::All)?;
        work.rows = rows;
        (total, groups)
    };
    let mut rows = work.rows;
    // Stable: within a time the groups keep their order.
    rows.sort_by(|left, right| left.time.cmp(&right.time));
    let mut notes = joined.notes(&timed, &counted, &rows, &groups);
    notes.extend(complete.note);
    let measure = timed.measures[0].clone();
    Ok(UnitCostReply {
        metric: request.metric.clone(),
        measure,
        currency: timed.currency,
        grain: request.grain,
        by: request.by.clone(),
        label: joined.label.clone(),
        decimals,
        period: timed.period,
        compared_with: totals.compared_with,
        rows,
        total,
        groups,
        notes,
        question: timed.question,
        evidence: timed.evidence,
        files: kept.files.into_iter().filter(|file| info.files.contains(&format!("{}.csv", file.name))).collect(),
    })
}

fn check(request: &UnitCostRequest, asked: &Question, decimals: u8) -> Result<(), ApiError> {
    let money = asked.measures.first().is_some_and(|measure| measure.kind() == MeasureKind::Currency);
    if !money {
        return Err(usage(
            "the first measure of the question is no cost".to_owned(),
            "Ask for a cost: --cost effective.",
        ));
    }
    if request.grain == Grain::Hour {
        return Err(usage("metrics are by day or by month, never by the hour".to_owned(), "Ask by day: --grain day."));
    }
    if decimals > DECIMALS_MAX {
        return Err(usage(format!("{decimals} decimals are too many"), &format!("At most {DECIMALS_MAX}.")));
    }
    Ok(())
}

fn unknown_metric(name: &str, metrics: &Metrics) -> ApiError {
    let known: Vec<String> = metrics.infos().into_iter().map(|info| info.name).take(12).collect();
    let hint = if known.is_empty() {
        "Take in a CSV with date, metric and value: `qd metrics import FILE`.".to_owned()
    } else {
        format!("There are {}.", known.join(", "))
    };
    ApiError::new("not_found", format!("there is no metric `{}`", name.chars().take(60).collect::<String>()), hint)
}

pub(crate) fn usage(message: String, hint: &str) -> ApiError {
    ApiError::new("usage", message, hint)
}

/// Whether figures are those of one value of the dimension or of everything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    One,
    All,
}

/// The costs by time, and by time and value of the dimension.
struct Costs {
    all: BTreeMap<String, Amount>,
    each: BTreeMap<(Option<String>, String), Amount>,
}

impl Costs {
    fn of(timed: &Answer) -> Result<Self, ApiError> {
        let mut costs = Self { all: BTreeMap::new(), each: BTreeMap::new() };
        for row in &timed.rows {
            let (Some(Some(time)), Some(cost)) = (row.keys.first(), row.cells.first().and_then(|cell| cell.value))
            else {
                continue;
            };
            let sum = costs.all.entry(time.clone()).or_default();
            *sum = sum.checked_add(cost)?;
            costs.each.insert((row.keys.get(1).cloned().flatten(), time.clone()), cost);
        }
        Ok(costs)
    }

    /// What a month or a day cost; none where there is no charge.
    fn at(&self, time: &str, key: Option<&str>, whose: Whose) -> Option<Amount> {
        match whose {
            Whose::All => self.all.get(time).copied(),
            Whose::One => self.each.get(&(key.map(str::to_owned), time.to_owned())).copied(),
        }
    }
}

/// What all groups are computed from.
struct Work<'a> {
    request: &'a UnitCostRequest,
    decimals: u8,
    spans: &'a Spans,
    costs: Costs,
    period: Period,
    totals: &'a Answer,
    rows: Vec<UnitCostRow>,
}

impl Work<'_> {
    /// The figures of one value of the dimension, or of all; adds its rows.
    fn group(&mut self, key: Option<&str>, driver: &Driver, whose: Whose) -> Result<UnitCostGroup, ApiError> {
        let period = self.period;
        let mut rows = Vec::new();
        for time in period.buckets(self.request.grain) {
            let cost = self.costs.at(&time, key, whose);
            let units = self.spans.units(driver, &time)?;
            if cost.is_none() && units.value.is_none() {
                continue;
            }
            let shortfall = self.spans.shortfall(&time);
            let unit_cost = quotient(cost, units.value, self.decimals);
            let complete = shortfall.is_none() && units.missing == 0 && units.value.is_some();
            let remark = remark(cost, &units, shortfall);
            rows.push(UnitCostRow {
                time,
                key: key.map(str::to_owned),
                cost,
                units: units.value,
                unit_cost,
                days: units.days,
                complete,
                remark,
            });
        }
        let cell = match whose {
            Whose::All => self.totals.total.first(),
            Whose::One => {
                let row =
                    self.totals.rows.iter().find(|row| row.keys.first().is_some_and(|known| known.as_deref() == key));
                row.and_then(|row| row.cells.first())
            }
        };
        let (cost, previous) = cell.map_or((None, None), |cell| (cell.value, cell.previous));
        let units = self.spans.of(driver, period)?;
        let change = match self.totals.compared_with {
            Some(before) => {
                let earlier = self.spans.of(driver, before)?;
                let sides = [(before.to_string(), previous, earlier), (period.to_string(), cost, units)];
                self.change(sides)?
            }
            None => self.latest_change(&rows)?,
        };
        let group = UnitCostGroup {
            key: key.map(str::to_owned),
            cost,
            units: units.value,
            unit_cost: quotient(cost, units.value, self.decimals),
            remark: remark(cost, &units, None),
            change,
            elasticity: unit_economics::elasticity(&observations(&rows)),
        };
        self.rows.extend(rows);
        Ok(group)
    }

    /// The change from the last complete row but one to the last.
    fn latest_change(&self, rows: &[UnitCostRow]) -> Result<UnitCostChange, ApiError> {
        let complete: Vec<&UnitCostRow> = rows.iter().filter(|row| row.complete && row.cost.is_some()).collect();
        let [.., before, now] = complete.as_slice() else {
            let word = if self.request.grain == Grain::Day { "days" } else { "months" };
            return Ok(UnitCostChange::refused(format!("it takes two complete {word} with cost and units")));
        };
        let side =
            |row: &UnitCostRow| (row.time.clone(), row.cost, Units { value: row.units, days: row.days, missing: 0 });
        self.change([side(before), side(now)])
    }

    fn change(&self, [before, now]: [(String, Option<Amount>, Units); 2]) -> Result<UnitCostChange, ApiError> {
        let ((before_name, before_cost, before_units), (now_name, now_cost, now_units)) = (before, now);
        let mut change = UnitCostChange {
            before: Some(before_name),
            now: Some(now_name),
            units_before: before_units.value,
            units_now: now_units.value,
            splits: Vec::new(),
            remark: None,
        };
        let (Some(old), Some(new)) = (before_units.value, now_units.value) else {
            let which = if before_units.value.is_none() { "earlier" } else { "later" };
            change.remark = Some(format!("no units are known of the {which} period"));
            return Ok(change);
        };
        let before = Side { cost: before_cost.unwrap_or_default(), units: old };
        let now = Side { cost: now_cost.unwrap_or_default(), units: new };
        for order in [SplitOrder::BaseFirst, SplitOrder::Midpoint] {
            let splits = split_cost(before, now, order, self.decimals)
                .and_then(|cost| Ok((cost, split_unit_cost(before, now, order, self.decimals)?)));
            match splits {
                Ok((cost, unit_cost)) => change.splits.push(UnitCostSplits { order, cost, unit_cost }),
                Err(error) => change.remark = Some(error.to_string()),
            }
        }
        let missing = before_units.missing + now_units.missing;
        if missing > 0 && change.remark.is_none() {
            change.remark = Some(format!("{missing} days of the two periods have no units, so the units are too few"));
        }
        Ok(change)
    }
}

impl UnitCostChange {
    fn refused(why: String) -> Self {
        Self { before: None, now: None, units_before: None, units_now: None, splits: Vec::new(), remark: Some(why) }
    }
}

fn quotient(cost: Option<Amount>, units: Option<Amount>, decimals: u8) -> Option<Amount> {
    cost.zip(units).and_then(|(cost, units)| per_unit(cost, units, decimals))
}

/// The months or days that a line can be laid through: complete ones that have both.
fn observations(rows: &[UnitCostRow]) -> Vec<Observation> {
    let complete = rows.iter().filter(|row| row.complete);
    complete
        .filter_map(|row| Some(Observation { period: row.time.clone(), cost: row.cost?, units: row.units? }))
        .collect()
}

/// Why there is no unit cost, or what it lacks.
fn remark(cost: Option<Amount>, units: &Units, shortfall: Option<String>) -> Option<String> {
    match (cost, units.value) {
        (_, None) if units.days == 0 => Some("no day of it is loaded".to_owned()),
        (_, None) => Some("no units are known".to_owned()),
        (_, Some(units)) if units.is_zero() => Some("there were no units".to_owned()),
        (None, _) => Some("there is no charge".to_owned()),
        _ if units.missing > 0 => {
            let days = if units.days == 1 { "1 day".to_owned() } else { format!("{} days", units.days) };
            Some(format!("{} of {days} have no units", units.missing))
        }
        _ => shortfall,
    }
}
