//! `change_against`: from what was planned to what it cost, line by line of the plan.

use budget::{Breakdown, Budget, Hierarchy};
use money::{Amount, Currency, Ratio};
use query::{Against, Answer, Dimension, Evidence, Filter, Grain, Note, Period, Question};
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;
use variance::{PlanLine, plan_bridge};

use super::plan::{Plan, hierarchy};
use super::scope::{Conditions, conditions, filters, filters_of_rest, of_scope, scope_of};
use super::{RATIO_DECIMALS, note, words};
use crate::budgets::costs::costs;
use crate::{ApiError, Context, asking, changing};

/// `change_against`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ChangeAgainstRequest {
    /// The question: its cost, period, filters, and what it is held against.
    question: Question,
    /// Which breakdown of the plan, where it has several, as the reply names them; without it the first.
    #[serde(default)]
    #[ts(optional = nullable)]
    breakdown: Option<String>,
}

impl ChangeAgainstRequest {
    /// A question held against its plan, in the plan's first breakdown.
    pub(crate) fn of(question: Question) -> Self {
        Self { question, breakdown: None }
    }
}

/// From what was planned to what was charged. The lines' differences add up to the whole one.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ChangeAgainstReply {
    /// The question as it was answered.
    pub question: Question,
    /// What amounts are in.
    pub currency: Currency,
    /// The days that are held against the plan.
    pub period: Period,
    /// The plan.
    pub against: Against,
    /// What was planned.
    pub planned: Amount,
    /// What was charged.
    pub actual: Amount,
    /// What was charged less what was planned.
    pub difference: Amount,
    /// The difference as a fraction of what was planned; null where nothing was.
    pub change_ratio: Option<Amount>,
    /// The part of the difference in planned lines: plans have no units, so that rate and volume are not separable in it.
    pub not_separable: Amount,
    /// The part that nobody planned.
    pub not_planned: Amount,
    /// What happened, in one sentence.
    pub headline: String,
    /// The lines, the largest difference first, what is left and what nobody planned last.
    pub lines: Vec<ChangeAgainstLine>,
    /// How the plan can be broken down, and how it is.
    pub breakdowns: Vec<String>,
    /// The breakdown of the lines; null where the plan has none.
    pub breakdown: Option<String>,
    /// What to know before using it.
    pub notes: Vec<Note>,
    /// How what was charged was computed.
    pub evidence: Evidence,
}

/// A line of the plan.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ChangeAgainstLine {
    /// Its name.
    pub name: String,
    /// What it is for, in words.
    pub scope: String,
    /// Whether it is a line of the plan, what its parts leave of a planned whole, or what nobody planned.
    pub kind: PlanLineKind,
    /// What was planned; null where nothing was.
    pub planned: Option<Amount>,
    /// What was charged.
    pub actual: Amount,
    /// What was charged less what was planned.
    pub difference: Amount,
    /// The difference as a fraction of the whole one, signs aside; null where there is none.
    pub share: Option<Amount>,
    /// What is known of the difference: that rate and volume are not separable in it, and by how much.
    pub explanation: String,
    /// The filters of its charges; null where no filters say them.
    pub filters: Option<Vec<Filter>>,
}

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PlanLineKind {
    /// A line of the plan.
    Planned,
    /// What the parts of a planned whole leave of it.
    Left,
    /// What no line of the plan is for.
    Unplanned,
}

/// A line before its cost is known.
struct Open {
    name: String,
    kind: PlanLineKind,
    planned: Option<Amount>,
    /// What it holds; of what parts leave the whole.
    holds: Conditions,
    /// The parts that are taken from it.
    less: Vec<Conditions>,
}

pub(crate) fn change_against(
    context: &Context,
    request: &ChangeAgainstRequest,
    watch: &Watch,
) -> Result<ChangeAgainstReply, ApiError> {
    let engagement = context.engagement()?;
    let asked = asking::in_own_currency(&engagement, &request.question)?;
    let planned = asked.against.clone().ok_or_else(|| {
        ApiError::new("usage", "the question names no plan", "Name a budget or a frozen forecast: --against budget.")
    })?;
    if asked.convert.is_some() {
        return Err(ApiError::new(
            "usage",
            "a plan is held against costs as they were billed, not against converted ones",
            "Take the conversion away.",
        ));
    }
    let period_assumed = asked.period.is_none();
    let held = engagement.catalog()?;
    let period =
        asked.period.or_else(|| changing::last_month(&held, asked.on)).ok_or(query::QueryError::NothingLoaded)?;
    let plain = Question {
        measures: asked.measures.iter().take(1).cloned().collect(),
        by: Vec::new(),
        grain: None,
        top: None,
        period: Some(period),
        compare: None,
        against: None,
        ..asked
    };
    let header = asking::answer(context, &engagement, &plain, watch)?;
    let plan = Plan::of(context, &engagement, &planned, header.currency, watch)?;
    let (days, mut notes) = days(&plan, header.period)?;
    if period_assumed {
        let message =
            format!("No period was named: {} to {}, the last month that is loaded.", period.from, period.last_day());
        notes.insert(0, note("period_assumed", message));
    }
    if let Some(other) = header.question.measures.first().and_then(|measure| plan.of_other(measure)) {
        notes.push(note(
            "other_measure",
            format!("The {} was made of {other}: the costs held against it are others.", plan.label),
        ));
    }
    let whole = conditions(&plain.filters, header.currency).ok_or_else(|| {
        ApiError::new(
            "usage",
            "a plan knows what has a value, and these filters say something else",
            "Filter by values (is, is missing) only.",
        )
    })?;
    let question = Question { period: Some(days), ..plain };
    let header = asking::answer(context, &engagement, &question, watch)?;
    let parted = parted(&plan, &whole, days, request.breakdown.as_deref())?;
    let lines = costed(context, &engagement, &header, &question, parted.lines, watch)?;
    let actual = header.total.first().and_then(|cell| cell.value).unwrap_or_default();
    told(header, plan, days, notes, parted.breakdowns, parted.breakdown, lines, actual)
}

/// The days of a period whose cost is known and that the plan has amounts for.
fn days(plan: &Plan, period: Period) -> Result<(Period, Vec<Note>), ApiError> {
    let known = plan.known_within(period).ok_or_else(|| {
        ApiError::new(
            "usage",
            format!("no cost of {} to {} is known", period.from, period.last_day()),
            plan.known().map_or_else(
                || "Load bills first.".to_owned(),
                |known| format!("Choose a period within {} to {}.", known.from, known.last_day()),
            ),
        )
    })?;
    let span = plan.span().ok_or_else(|| {
        ApiError::new(
            "usage",
            format!("the {} has no amounts in {}", plan.label, plan.currency),
            "Choose another plan or currency.",
        )
    })?;
    let days = span.intersection(&known).ok_or_else(|| {
        ApiError::new(
            "usage",
            format!(
                "the {} is for {} to {}, not for {} to {}",
                plan.label,
                span.from,
                span.last_day(),
                known.from,
                known.last_day()
            ),
            "Choose a period within it.",
        )
    })?;
    let mut notes = Vec::new();
    if days != period {
        notes.push(note(
            "days_in_common",
            format!(
                "{} to {} are compared: the days that the {} is for and whose cost is known.",
                days.from,
                days.last_day(),
                plan.label
            ),
        ));
    }
    Ok((days, notes))
}

/// The plan in lines that do not overlap and that hold everything within the filters.
struct Parted {
    lines: Vec<Open>,
    breakdowns: Vec<String>,
    breakdown: Option<String>,
}

fn parted(plan: &Plan, whole: &Conditions, days: Period, wanted: Option<&str>) -> Result<Parted, ApiError> {
    let within = scope_of(whole);
    let inside: Vec<Budget> = plan.budgets.iter().filter(|budget| within.contains(&budget.scope)).cloned().collect();
    let names: Vec<String> = inside.iter().map(|budget| budget.name.clone()).collect();
    let inside: Vec<Budget> = inside
        .into_iter()
        .map(|budget| Budget { parent: budget.parent.clone().filter(|parent| names.contains(parent)), ..budget })
        .collect();
    if inside.is_empty() {
        return Err(ApiError::new(
            "usage",
            format!("the {} has no line within these filters", plan.label),
            "Take filters away, or choose those that its lines are told apart by.",
        ));
    }
    let hierarchy = hierarchy(&plan.periods, &inside)?;
    let top = match hierarchy.roots.as_slice() {
        [only] => match only.children.as_slice() {
            [child] if inside[*child].scope == within => Some(*child),
            _ => None,
        },
        _ => None,
    };
    let groups: &[Breakdown] = top.map_or(&hierarchy.roots, |top| &hierarchy.nodes[top].breakdowns);
    let breakdowns: Vec<String> = groups.iter().map(|group| in_words(&group.dimensions)).collect();
    let chosen = match wanted {
        None => 0,
        Some(wanted) => breakdowns.iter().position(|known| known == wanted).ok_or_else(|| {
            ApiError::new(
                "usage",
                format!("the {} is not broken down by {wanted}", plan.label),
                format!("It is by {}.", breakdowns.join(", or by ")),
            )
        })?,
    };
    let mut lines = Vec::new();
    let amount = |place: usize| plan.within(&inside[place].amounts, days);
    match (top, groups.get(chosen)) {
        (Some(top), None) => lines.push(Open::planned(&inside[top], amount(top)?)),
        (_, Some(group)) => {
            let rest = group.rest.as_deref().map(|rest| plan.within(rest, days)).transpose()?;
            // Of the whole it need not be said what it is left of.
            walk(plan, &inside, &hierarchy, group, whole, ("", rest), days, &mut lines)?;
        }
        (None, None) => {}
    }
    Ok(Parted { lines, breakdown: breakdowns.get(chosen).cloned(), breakdowns })
}

/// The lines of a breakdown, down to those that have no parts, and what they leave.
#[expect(clippy::too_many_arguments, reason = "all of it is the place in the plan, and each is used once")]
fn walk(
    plan: &Plan,
    budgets: &[Budget],
    hierarchy: &Hierarchy,
    group: &Breakdown,
    whole: &Conditions,
    (own, rest): (&str, Option<Amount>),
    days: Period,
    lines: &mut Vec<Open>,
) -> Result<(), ApiError> {
    for &child in &group.children {
        let budget = &budgets[child];
        match hierarchy.nodes[child].breakdowns.first() {
            None => lines.push(Open::planned(budget, plan.within(&budget.amounts, days)?)),
            Some(parts) => {
                let rest = parts.rest.as_deref().map(|rest| plan.within(rest, days)).transpose()?;
                let own = format!("{}: ", budget.name);
                walk(plan, budgets, hierarchy, parts, &of_scope(&budget.scope), (&own, rest), days, lines)?;
            }
        }
    }
    // Where the parts are all of the whole, nothing is planned for what they leave.
    let rest = rest.filter(|rest| !rest.is_zero());
    lines.push(Open {
        name: format!("{own}not planned by {}", in_words(&group.dimensions)),
        kind: if rest.is_some() { PlanLineKind::Left } else { PlanLineKind::Unplanned },
        planned: rest,
        holds: whole.clone(),
        less: group.children.iter().map(|&child| of_scope(&budgets[child].scope)).collect(),
    });
    Ok(())
}

impl Open {
    fn planned(budget: &Budget, amount: Amount) -> Self {
        Self {
            name: budget.name.clone(),
            kind: PlanLineKind::Planned,
            planned: Some(amount),
            holds: of_scope(&budget.scope),
            less: Vec::new(),
        }
    }
}

fn in_words(dimensions: &[String]) -> String {
    if dimensions.is_empty() {
        return "name".to_owned();
    }
    let phrase =
        |name: &String| name.parse::<Dimension>().map_or_else(|_| name.clone(), |dimension| dimension.phrase());
    dimensions.iter().map(phrase).collect::<Vec<_>>().join(" and ")
}

/// The lines with what they cost.
fn costed(
    context: &Context,
    engagement: &Engagement,
    header: &Answer,
    question: &Question,
    lines: Vec<Open>,
    watch: &Watch,
) -> Result<Vec<(Open, Amount)>, ApiError> {
    let mut places = std::collections::BTreeMap::new();
    for scope in lines.iter().flat_map(|line| std::iter::once(&line.holds).chain(&line.less)) {
        let next = places.len();
        places.entry(scope.clone()).or_insert(next);
    }
    let mut scopes = vec![budget::Scope::everything(); places.len()];
    for (scope, &place) in &places {
        scopes[place] = scope_of(scope);
    }
    let found = costs(context, engagement, question, &scopes, Grain::Month, header.period, watch)?;
    let cost = |scope: &Conditions| {
        let by_time = places.get(scope).and_then(|&place| found.scopes.get(place));
        Amount::sum(by_time.into_iter().flat_map(|by_time| by_time.values().copied()))
    };
    let mut costed = Vec::with_capacity(lines.len());
    for line in lines {
        let mut actual = cost(&line.holds)?;
        for part in &line.less {
            actual = actual.checked_sub(cost(part)?)?;
        }
        let nothing = line.planned.is_none_or(Amount::is_zero) && actual.is_zero();
        if !nothing || line.kind == PlanLineKind::Planned {
            costed.push((line, actual));
        }
    }
    Ok(costed)
}

#[expect(clippy::too_many_arguments, reason = "what a reply is made of, each used once")]
fn told(
    header: Answer,
    plan: Plan,
    days: Period,
    notes: Vec<Note>,
    breakdowns: Vec<String>,
    breakdown: Option<String>,
    mut costed: Vec<(Open, Amount)>,
    actual: Amount,
) -> Result<ChangeAgainstReply, ApiError> {
    let currency = header.currency;
    let difference = |line: &(Open, Amount)| line.1.checked_sub(line.0.planned.unwrap_or_default());
    for line in &costed {
        difference(line)?;
    }
    costed.sort_by_cached_key(|line| {
        let size = difference(line).map(Amount::abs).unwrap_or_default();
        (line.0.kind, std::cmp::Reverse(size), line.0.name.clone())
    });
    let pairs: Vec<PlanLine> =
        costed.iter().map(|(line, actual)| PlanLine { planned: line.planned, actual: Some(*actual) }).collect();
    let bridge = plan_bridge(&pairs)?;
    changing::agree("period", bridge.actual, Some(actual))?;
    let most =
        costed.iter().zip(&bridge.of_lines).filter(|(_, part)| part.is_negative() == bridge.difference.is_negative());
    let most = most.max_by_key(|(_, part)| part.abs()).map(|((line, _), part)| (line.name.as_str(), *part));
    let headline = words::headline(&plan.label, bridge.planned, bridge.difference, most, currency);
    let lines = costed.iter().zip(&bridge.of_lines).map(|((line, actual), part)| ChangeAgainstLine {
        name: line.name.clone(),
        scope: if line.less.is_empty() {
            scope_of(&line.holds).to_string()
        } else {
            "what the other lines leave".to_owned()
        },
        kind: line.kind,
        planned: line.planned,
        actual: *actual,
        difference: *part,
        share: Ratio::of(*part, bridge.difference.abs(), RATIO_DECIMALS),
        explanation: words::explanation(line.planned, *actual, *part, currency),
        filters: if line.less.is_empty() { filters(&line.holds) } else { filters_of_rest(&line.holds, &line.less) },
    });
    let lines = lines.collect();
    let against = Against { plan: plan.planned.clone(), label: plan.label.clone(), period: days };
    let mut evidence = header.evidence;
    evidence.scope = format!("{}, held against the {}", evidence.scope, plan.label);
    evidence.definition.push(plan.definition());
    evidence.rules.push(plan.rule.clone());
    Ok(ChangeAgainstReply {
        question: Question { against: Some(plan.planned.clone()), ..header.question },
        currency,
        period: days,
        against,
        planned: bridge.planned,
        actual: bridge.actual,
        difference: bridge.difference,
        change_ratio: Ratio::of(bridge.difference, bridge.planned.abs(), RATIO_DECIMALS),
        not_separable: bridge.not_separable,
        not_planned: bridge.not_planned,
        headline,
        lines,
        breakdowns,
        breakdown,
        notes: header.notes.into_iter().chain(notes).collect(),
        evidence,
    })
}
