//! The lines of a scorecard: budgets within budgets, with what parts leave of their whole, from what they cost to what they are told as.

use std::collections::{BTreeMap, BTreeSet};

use budget::{Budget, Given, Hierarchy, Judged, Period, Scope};
use money::{Amount, AmountError, Currency};
use query::{Dimension, Filter, Operator};

use super::costs;
use super::month_end::Estimate;
use super::reply::{BudgetCell, BudgetPeriodState};
use super::words;

/// A line on its way to the reply.
pub(super) struct Line {
    pub(super) name: String,
    /// None where it is what parts leave.
    pub(super) scope: Option<Scope>,
    pub(super) in_words: String,
    pub(super) filters: Option<Vec<Filter>>,
    /// Its place among the budgets of the year.
    pub(super) budget: Option<usize>,
    pub(super) parent: Option<usize>,
    pub(super) depth: u32,
    pub(super) breakdown: Option<String>,
    pub(super) net_new: bool,
    /// By period; none where the file has no amount.
    pub(super) amounts: Vec<Option<Amount>>,
    /// Its parts by breakdown; what they leave is the last of each.
    pub(super) parts: Vec<Vec<usize>>,
    pub(super) findings: Vec<String>,
    pub(super) cost: Cost,
    /// By period that is not over.
    pub(super) expected: Vec<Option<Amount>>,
    pub(super) estimate: Option<Estimate>,
}

/// What a line cost, up to the last day that counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    /// By month of the history.
    pub(super) months: Vec<Amount>,
    /// By period of the year.
    pub(super) periods: Vec<Amount>,
    /// By each of the latest days.
    pub(super) days: Vec<Amount>,
}

impl Cost {
    /// This cost less that of parts.
    pub(super) fn less<'a>(&self, parts: impl Iterator<Item = &'a Self>) -> Result<Self, AmountError> {
        let mut left = self.clone();
        for part in parts {
            subtract(&mut left.months, &part.months)?;
            subtract(&mut left.periods, &part.periods)?;
            subtract(&mut left.days, &part.days)?;
        }
        Ok(left)
    }
}

fn subtract(from: &mut [Amount], what: &[Amount]) -> Result<(), AmountError> {
    for (from, what) in from.iter_mut().zip(what) {
        *from = from.checked_sub(*what)?;
    }
    Ok(())
}

/// What is still to be put into its place.
enum Next {
    Budget(usize),
    /// What the parts leave of the whole, with the breakdown's dimensions and its amounts.
    Rest(Vec<String>, Vec<Option<Amount>>),
}

/// All lines, the whole first, each before its parts. `named` tells which periods have an amount in the file.
pub(super) fn lines(budgets: &[Budget], hierarchy: &Hierarchy, named: &[bool]) -> Result<Vec<Line>, AmountError> {
    let shown = |amounts: &[Amount]| -> Vec<Option<Amount>> {
        amounts.iter().zip(named).map(|(amount, named)| named.then_some(*amount)).collect()
    };
    let mut names = BTreeSet::new();
    let mut lines: Vec<Line> = Vec::new();
    // A stack: what is pushed last comes next.
    let mut open: Vec<(Next, Option<usize>, usize)> = Vec::new();
    match hierarchy.roots.as_slice() {
        [only] if only.children.len() == 1 && budgets[only.children[0]].scope == Scope::everything() => {
            open.push((Next::Budget(only.children[0]), None, 0));
        }
        roots => {
            let mut whole = Line::new("everything".to_owned(), Some(Scope::everything()), named.len());
            if let [only] = roots {
                let sum =
                    |period: usize| Amount::sum(only.children.iter().map(|&child| budgets[child].amounts[period]));
                whole.amounts = shown(&(0..named.len()).map(sum).collect::<Result<Vec<_>, _>>()?);
            }
            whole.parts = vec![Vec::new(); roots.len()];
            names.insert(whole.name.clone());
            lines.push(whole);
            for (group, root) in roots.iter().enumerate().rev() {
                open.push((Next::Rest(root.dimensions.clone(), vec![None; named.len()]), Some(0), group));
                open.extend(root.children.iter().rev().map(|&child| (Next::Budget(child), Some(0), group)));
            }
        }
    }
    while let Some((next, parent, group)) = open.pop() {
        let place = lines.len();
        let mut line = match &next {
            Next::Budget(budget) => {
                let budget = &budgets[*budget];
                let mut line = Line::new(budget.name.clone(), Some(budget.scope.clone()), named.len());
                line.amounts = shown(&budget.amounts);
                line.net_new = budget.net_new;
                line
            }
            Next::Rest(dimensions, amounts) => {
                let by = in_words(dimensions);
                let name = match parent.filter(|parent| *parent > 0) {
                    Some(parent) => format!("{}: not budgeted by {by}", lines[parent].name),
                    None => format!("not budgeted by {by}"),
                };
                let mut line = Line::new(name, None, named.len());
                line.amounts.clone_from(amounts);
                line.breakdown = Some(by);
                line
            }
        };
        if let Some(parent) = parent {
            line.parent = Some(parent);
            line.depth = lines[parent].depth + 1;
            lines[parent].parts[group].push(place);
        }
        line.name = unique(&mut names, &line.name);
        if let Next::Budget(budget) = next {
            line.budget = Some(budget);
            if let Some(whole) = parent {
                let own = budgets[budget].scope.names();
                let of_whole = lines[whole].scope.as_ref().map(Scope::names).unwrap_or_default();
                let apart: Vec<&str> = own.iter().copied().filter(|name| !of_whole.contains(name)).collect();
                let apart = if apart.is_empty() { own } else { apart };
                line.breakdown = Some(in_words(&apart.into_iter().map(str::to_owned).collect::<Vec<_>>()));
            }
            let breakdowns = &hierarchy.nodes[budget].breakdowns;
            line.parts = vec![Vec::new(); breakdowns.len()];
            for (group, breakdown) in breakdowns.iter().enumerate().rev() {
                let rest = breakdown.rest.as_deref().map(&shown).unwrap_or_default();
                open.push((Next::Rest(breakdown.dimensions.clone(), rest), Some(place), group));
                open.extend(breakdown.children.iter().rev().map(|&child| (Next::Budget(child), Some(place), group)));
            }
        }
        lines.push(line);
    }
    for place in 0..lines.len() {
        if lines[place].scope.is_none() {
            lines[place].filters = filters_of_rest(&lines, place);
        }
    }
    Ok(lines)
}

/// A name that no line has yet.
fn unique(names: &mut BTreeSet<String>, name: &str) -> String {
    let numbered = (2u32..).map(|number| format!("{name} ({number})"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !names.contains(name));
    let free = free.unwrap_or_else(|| name.to_owned());
    names.insert(free.clone());
    free
}

fn in_words(dimensions: &[String]) -> String {
    if dimensions.is_empty() {
        return "name".to_owned();
    }
    let phrase =
        |name: &String| name.parse::<Dimension>().map_or_else(|_| name.clone(), |dimension| dimension.phrase());
    dimensions.iter().map(phrase).collect::<Vec<_>>().join(" and ")
}

/// What parts leave of their whole, as filters; none where parts are told apart by more than one dimension, which no filters say.
fn filters_of_rest(lines: &[Line], place: usize) -> Option<Vec<Filter>> {
    let whole = &lines[lines[place].parent?];
    let parts = whole.parts.iter().find(|parts| parts.contains(&place))?;
    let mut filters = whole.filters.clone()?;
    let whole_names: Vec<&str> = whole.scope.as_ref()?.names();
    let mut values: BTreeMap<&str, BTreeSet<Option<String>>> = BTreeMap::new();
    for part in parts.iter().filter(|part| **part != place) {
        let scope = lines[*part].scope.as_ref()?;
        let own: Vec<(&str, &BTreeSet<Option<String>>)> =
            scope.dimensions().filter(|(name, _)| !whole_names.contains(name)).collect();
        let [(name, own)] = own[..] else { return None };
        values.entry(name).or_default().extend(own.iter().cloned());
    }
    let mut values = values.into_iter();
    let (Some((name, values)), None) = (values.next(), values.next()) else { return None };
    let dimension: Dimension = name.parse().ok()?;
    if values.contains(&None) {
        filters.push(Filter { dimension: dimension.clone(), operator: Operator::Present, values: Vec::new() });
    }
    let known: Vec<String> = values.into_iter().flatten().collect();
    if !known.is_empty() {
        filters.push(Filter { dimension, operator: Operator::IsNot, values: known });
    }
    Some(filters)
}

impl Line {
    fn new(name: String, scope: Option<Scope>, periods: usize) -> Self {
        let in_words = match &scope {
            Some(scope) => scope.to_string(),
            None => "what its parts leave".to_owned(),
        };
        let filters = scope.as_ref().and_then(costs::filters);
        Self {
            name,
            scope,
            in_words,
            filters,
            budget: None,
            parent: None,
            depth: 0,
            breakdown: None,
            net_new: false,
            amounts: vec![None; periods],
            parts: Vec::new(),
            findings: Vec::new(),
            cost: Cost::default(),
            expected: vec![None; periods],
            estimate: None,
        }
    }

    /// What is known of a period.
    pub(super) fn given(&self, place: usize, period: &Period, state: BudgetPeriodState, loaded: bool) -> Given {
        let over = state == BudgetPeriodState::Over;
        Given {
            period: period.clone(),
            actual: self.cost.periods.get(place).copied().filter(|_| over && loaded),
            forecast: if over { None } else { self.expected[place] },
            budget: self.amounts[place],
        }
    }

    /// Periods together.
    pub(super) fn sum(&self, given: &[Given], currency: Currency) -> Result<BudgetCell, AmountError> {
        let add = |values: Vec<Amount>| if values.is_empty() { Ok(None) } else { Amount::sum(values).map(Some) };
        let actual = add(given.iter().filter_map(|one| one.actual).collect())?;
        let forecast = add(given.iter().filter_map(|one| one.forecast).collect())?;
        let budget = add(given.iter().filter_map(|one| one.budget).collect())?;
        let (Some(first), Some(last)) = (given.first(), given.last()) else {
            let nothing = budget::Beside {
                given: Given { period: no_period(), actual: None, forecast: None, budget: None },
                expected: budget::Expected::Nothing,
                cost: None,
                variance: None,
                share: None,
                verdict: budget::Verdict::NotComparable,
                words: "nothing known".to_owned(),
            };
            return Ok(words::cell(nothing));
        };
        let period = Period { to: last.period.to, ..first.period.clone() };
        let cost = match (actual, forecast) {
            (Some(actual), Some(forecast)) => Some(actual.checked_add(forecast)?),
            (actual, forecast) => actual.or(forecast),
        };
        let together = if forecast.is_some() {
            Given { period, actual: None, forecast: cost, budget }
        } else {
            Given { period, actual: cost, forecast: None, budget }
        };
        let mut comparison = budget::side_by_side(vec![together], currency)?;
        let mut cell = words::cell(comparison.periods.remove(0));
        (cell.actual, cell.forecast) = (actual, forecast);
        Ok(cell)
    }
}

const fn no_period() -> Period {
    let day = chrono::NaiveDate::MIN;
    Period { from: day, to: day, year: 0, number: 0, month: day }
}

/// The lines that a scorecard judges: of each whole the parts of its first breakdown and what they leave, so that no cost counts twice.
pub(super) fn judged(lines: &[Line], over: &[usize]) -> Result<Vec<Judged>, AmountError> {
    let mut judged = Vec::new();
    let mut open = vec![0];
    while let Some(place) = open.pop() {
        let Some(line) = lines.get(place) else { continue };
        if let Some(parts) = line.parts.first() {
            open.extend(parts.iter().rev());
            continue;
        }
        let budgets: Vec<Amount> = over.iter().filter_map(|&period| line.amounts[period]).collect();
        let forecast = if budgets.is_empty() { None } else { Some(Amount::sum(budgets)?) };
        let actual = Amount::sum(over.iter().filter_map(|&period| line.cost.periods.get(period).copied()))?;
        let rest_of_nothing = line.scope.is_none() && actual.is_zero() && forecast.is_none_or(Amount::is_zero);
        if !rest_of_nothing {
            judged.push(Judged { scope: line.name.clone(), forecast, actual, net_new: line.net_new });
        }
    }
    Ok(judged)
}
