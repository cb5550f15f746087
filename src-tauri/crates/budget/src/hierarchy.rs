//! [`Hierarchy`]: budgets within budgets, with what the parts leave of the whole.

use std::collections::{BTreeMap, BTreeSet};

use money::{Amount, AmountError, Currency};

use crate::{Period, Scope};

/// A budget of one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Its name; the scope in words where none was given.
    pub name: String,
    /// What it is for.
    pub scope: Scope,
    /// What its amounts are in.
    pub currency: Currency,
    /// One amount for each period.
    pub amounts: Vec<Amount>,
    /// The name of the budget that it is a part of; none to find it by the scopes.
    pub parent: Option<String>,
    /// Whether it is for something that did not exist when forecasts were made.
    pub net_new: bool,
}

impl Budget {
    /// The sum of its periods.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when it needs more than 38 digits.
    pub fn total(&self) -> Result<Amount, AmountError> {
        Amount::sum(self.amounts.iter().copied())
    }
}

/// A budget in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its place in the list of budgets.
    pub budget: usize,
    /// The budget that it is a part of.
    pub parent: Option<usize>,
    /// Its parts, in the order of the list.
    pub children: Vec<usize>,
    /// The same parts by what tells them apart, each with what it leaves. Empty for a budget without parts.
    pub breakdowns: Vec<Breakdown>,
}

/// Parts of one whole that are told apart by the same dimensions. A whole may have several, such as by provider and by owner: each adds up
/// to it by itself, and they are never added to one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// The dimensions of the parts that the whole does not have; those of the whole where they only narrow its values.
    pub dimensions: Vec<String>,
    /// The parts, in the order of the list.
    pub children: Vec<usize>,
    /// What the parts leave of the whole, period by period: parts and rest are the whole. None where the whole has no budget.
    pub rest: Option<Vec<Amount>>,
}

/// What is remarkable about how budgets fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The budget's name.
    pub budget: String,
    /// What it is, and what to do.
    pub message: String,
}

/// Budgets within budgets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    /// One for each budget, in their order.
    pub nodes: Vec<Node>,
    /// The budgets that are part of no other, by what tells them apart. Nothing is known of what they leave.
    pub roots: Vec<Breakdown>,
    /// What does not fit together.
    pub findings: Vec<Finding>,
}

/// Budgets that cannot be put together at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HierarchyError {
    /// A budget has not one amount for each period.
    #[error("budget {budget} has {given} amounts for {periods} periods; give one for each")]
    Length {
        /// The budget.
        budget: String,
        /// How many it has.
        given: usize,
        /// How many periods there are.
        periods: usize,
    },
    /// A figure is too large.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

/// Pairs of parts that can hold the same charges are told up to this many for each whole.
const OVERLAPS_MAX: usize = 20;

impl Hierarchy {
    /// Puts each budget under the one that it names, or under the smallest one whose scope contains its own, and works out what the parts
    /// leave. Budgets of different currencies are never put together.
    ///
    /// # Errors
    /// [`HierarchyError`] when a budget has not one amount for each period, or sums need more than 38 digits.
    pub fn new(periods: &[Period], budgets: &[Budget]) -> Result<Self, HierarchyError> {
        for budget in budgets {
            if budget.amounts.len() != periods.len() {
                let (given, periods) = (budget.amounts.len(), periods.len());
                return Err(HierarchyError::Length { budget: budget.name.clone(), given, periods });
            }
        }
        let mut findings = Vec::new();
        let mut nodes: Vec<Node> = (0..budgets.len())
            .map(|budget| Node { budget, parent: None, children: Vec::new(), breakdowns: Vec::new() })
            .collect();
        let places = Places::new(budgets);
        let mut names = BTreeSet::new();
        for (place, budget) in budgets.iter().enumerate() {
            nodes[place].parent = parent(budgets, &places, place, &mut findings);
            if !names.insert(budget.name.as_str()) {
                tell(&mut findings, budget, "another budget has this name; give each its own".to_owned());
            }
        }
        break_circles(budgets, &mut nodes, &mut findings);
        for place in 0..nodes.len() {
            if let Some(parent) = nodes[place].parent {
                nodes[parent].children.push(place);
            }
        }
        for node in &mut nodes {
            let whole = &budgets[node.budget];
            let mut breakdowns = broken_down(budgets, &node.children, &whole.scope);
            for breakdown in &mut breakdowns {
                for message in overlaps(budgets, &breakdown.children) {
                    tell(&mut findings, whole, format!("its parts {message}"));
                }
                breakdown.rest = Some(rest(periods, budgets, whole, breakdown, &mut findings)?);
            }
            node.breakdowns = breakdowns;
        }
        let alone: Vec<usize> = nodes.iter().filter(|node| node.parent.is_none()).map(|node| node.budget).collect();
        let roots = broken_down(budgets, &alone, &Scope::everything());
        for breakdown in &roots {
            for message in overlaps(budgets, &breakdown.children) {
                tell(&mut findings, &budgets[breakdown.children[0]], format!("the budgets {message}"));
            }
        }
        Ok(Self { nodes, roots, findings })
    }

    /// The budgets that are part of no other, in their order.
    pub fn roots(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.parent.is_none())
    }
}

fn tell(findings: &mut Vec<Finding>, budget: &Budget, message: String) {
    findings.push(Finding { budget: budget.name.clone(), message });
}

/// Where budgets stand, by name and by what a larger scope must have.
struct Places<'a> {
    names: BTreeMap<&'a str, usize>,
    /// By the dimensions of the scope, and one of the values of the first one.
    scopes: BTreeMap<Vec<&'a str>, ByValue<'a>>,
}

/// Places of budgets by a value of the first dimension of their scope; none for those that have no dimension.
type ByValue<'a> = BTreeMap<Option<&'a Option<String>>, Vec<usize>>;

impl<'a> Places<'a> {
    fn new(budgets: &'a [Budget]) -> Self {
        let mut places = Self { names: BTreeMap::new(), scopes: BTreeMap::new() };
        for (place, budget) in budgets.iter().enumerate() {
            places.names.entry(budget.name.as_str()).or_insert(place);
            let by_value = places.scopes.entry(budget.scope.names()).or_default();
            match budget.scope.dimensions().next() {
                Some((_, values)) => {
                    for value in values {
                        by_value.entry(Some(value)).or_default().push(place);
                    }
                }
                None => by_value.entry(None).or_default().push(place),
            }
        }
        places
    }

    /// The budgets whose scope contains another, and is not the same.
    fn containing(&self, budgets: &[Budget], scope: &Scope) -> Vec<usize> {
        let names = scope.names();
        let mut found = Vec::new();
        for (dimensions, by_value) in &self.scopes {
            if !dimensions.iter().all(|dimension| names.contains(dimension)) {
                continue;
            }
            // What contains the scope contains each of its values, so also the first.
            let first = dimensions.first().and_then(|first| {
                scope.dimensions().find(|(dimension, _)| dimension == first).and_then(|(_, values)| values.first())
            });
            let candidates = by_value.get(&first).into_iter().flatten().copied();
            found.extend(candidates.filter(|&place| {
                let candidate = &budgets[place].scope;
                candidate != scope && candidate.contains(scope)
            }));
        }
        found.sort_unstable();
        found
    }
}

fn parent(budgets: &[Budget], places: &Places<'_>, place: usize, findings: &mut Vec<Finding>) -> Option<usize> {
    let budget = &budgets[place];
    if let Some(name) = &budget.parent {
        let Some(&found) = places.names.get(name.as_str()) else {
            tell(findings, budget, format!("it is to be a part of {name:?}, which there is not; name another budget"));
            return None;
        };
        if budgets[found].currency != budget.currency {
            let currencies = (budgets[found].currency, budget.currency);
            tell(findings, budget, format!("it is in {}, {name:?} in {}: it stands alone", currencies.1, currencies.0));
            return None;
        }
        if found == place || !budgets[found].scope.contains(&budget.scope) {
            let message = format!("its scope ({}) is not within that of {name:?}: it stands alone", budget.scope);
            tell(findings, budget, message);
            return None;
        }
        return Some(found);
    }
    let mut candidates = places.containing(budgets, &budget.scope);
    candidates.retain(|&other| budgets[other].currency == budget.currency);
    // The smallest ones: those that contain no other candidate.
    let smallest: Vec<usize> = candidates
        .iter()
        .copied()
        .filter(|&one| {
            let scope = &budgets[one].scope;
            !candidates.iter().any(|&other| budgets[other].scope != *scope && scope.contains(&budgets[other].scope))
        })
        .collect();
    if let [first, second, ..] = smallest[..] {
        let (first, second) = (&budgets[first].name, &budgets[second].name);
        let message =
            format!("it is within both {first:?} and {second:?}: it is counted in {first:?}; name its parent");
        tell(findings, budget, message);
    }
    smallest.first().copied()
}

/// Named parents of equal scopes can form a circle: its last link is cut.
fn break_circles(budgets: &[Budget], nodes: &mut [Node], findings: &mut Vec<Finding>) {
    // One that was seen on the way up from an earlier one leads into no circle.
    let mut sound = vec![false; nodes.len()];
    for start in 0..nodes.len() {
        let mut way = vec![start];
        let mut here = start;
        while let Some(above) = nodes[here].parent.filter(|&above| !sound[above]) {
            if way.contains(&above) {
                let message = "it is a part of itself by way of its parents: it stands alone";
                tell(findings, &budgets[here], message.to_owned());
                nodes[here].parent = None;
                break;
            }
            way.push(above);
            here = above;
        }
        for place in way {
            sound[place] = true;
        }
    }
}

/// Parts by the dimensions that tell them apart, in the order of the first of each.
fn broken_down(budgets: &[Budget], children: &[usize], whole: &Scope) -> Vec<Breakdown> {
    let mut breakdowns: Vec<Breakdown> = Vec::new();
    for &child in children {
        let names = budgets[child].scope.names();
        let own: Vec<&str> = names.iter().copied().filter(|name| !whole.names().contains(name)).collect();
        let dimensions: Vec<String> = if own.is_empty() { names } else { own }.into_iter().map(str::to_owned).collect();
        match breakdowns.iter_mut().find(|breakdown| breakdown.dimensions == dimensions) {
            Some(breakdown) => breakdown.children.push(child),
            None => breakdowns.push(Breakdown { dimensions, children: vec![child], rest: None }),
        }
    }
    breakdowns
}

/// Which parts of one breakdown can hold the same charges.
fn overlaps(budgets: &[Budget], children: &[usize]) -> Vec<String> {
    // Only those that share a value of the first dimension can.
    let mut by_value = ByValue::new();
    let mut told = Vec::new();
    let mut pairs = BTreeSet::new();
    for &second in children {
        let values: Vec<Option<&Option<String>>> = match budgets[second].scope.dimensions().next() {
            Some((_, values)) => values.iter().map(Some).collect(),
            None => vec![None],
        };
        for value in values {
            let before = by_value.entry(value).or_default();
            for &first in before.iter() {
                if told.len() >= OVERLAPS_MAX {
                    told.push("hold the same charges in more than these cases".to_owned());
                    return told;
                }
                if budgets[first].scope.overlaps(&budgets[second].scope) && pairs.insert((first, second)) {
                    told.push(format!(
                        "{:?} and {:?} can hold the same charges, which then count twice; narrow one of them",
                        budgets[first].name, budgets[second].name
                    ));
                }
            }
            before.push(second);
        }
    }
    told
}

fn rest(
    periods: &[Period],
    budgets: &[Budget],
    whole: &Budget,
    breakdown: &Breakdown,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Amount>, AmountError> {
    let mut rest = Vec::with_capacity(periods.len());
    for (period, amount) in whole.amounts.iter().enumerate() {
        let parts = Amount::sum(breakdown.children.iter().map(|&child| budgets[child].amounts[period]))?;
        let left = amount.checked_sub(parts)?;
        if left.is_negative() && !amount.is_negative() {
            let label = periods[period].label();
            let by =
                if breakdown.dimensions.is_empty() { "name".to_owned() } else { breakdown.dimensions.join(" and ") };
            let message = format!(
                "its parts by {by} are {} more than it has in {label}; raise it or lower a part",
                left.negated()
            );
            tell(findings, whole, message);
        }
        rest.push(left);
    }
    Ok(rest)
}
