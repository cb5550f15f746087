//! [`Hierarchy`]: budgets within budgets, with what the parts leave of the whole.

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
    /// What its parts leave of it, period by period: children and rest are the parent. None for a budget without parts.
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
        let mut nodes: Vec<Node> =
            (0..budgets.len()).map(|budget| Node { budget, parent: None, children: Vec::new(), rest: None }).collect();
        for (place, budget) in budgets.iter().enumerate() {
            nodes[place].parent = parent(budgets, place, &mut findings);
            if budgets[..place].iter().any(|other| other.name == budget.name) {
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
            node.rest = rest(periods, budgets, node, &mut findings)?;
        }
        Ok(Self { nodes, findings })
    }

    /// The budgets that are part of no other, in their order.
    pub fn roots(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.parent.is_none())
    }
}

fn tell(findings: &mut Vec<Finding>, budget: &Budget, message: String) {
    findings.push(Finding { budget: budget.name.clone(), message });
}

fn parent(budgets: &[Budget], place: usize, findings: &mut Vec<Finding>) -> Option<usize> {
    let budget = &budgets[place];
    if let Some(name) = &budget.parent {
        let Some(found) = budgets.iter().position(|other| other.name == *name) else {
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
    let larger = |other: &usize| {
        let candidate = &budgets[*other];
        *other != place
            && candidate.currency == budget.currency
            && candidate.scope != budget.scope
            && candidate.scope.contains(&budget.scope)
    };
    let candidates: Vec<usize> = (0..budgets.len()).filter(larger).collect();
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
    for start in 0..nodes.len() {
        let mut here = start;
        for _ in 0..nodes.len() {
            match nodes[here].parent {
                Some(above) if above == start => {
                    tell(
                        findings,
                        &budgets[here],
                        "it is a part of itself by way of its parents: it stands alone".to_owned(),
                    );
                    nodes[here].parent = None;
                    break;
                }
                Some(above) => here = above,
                None => break,
            }
        }
    }
}

fn rest(
    periods: &[Period],
    budgets: &[Budget],
    node: &Node,
    findings: &mut Vec<Finding>,
) -> Result<Option<Vec<Amount>>, AmountError> {
    if node.children.is_empty() {
        return Ok(None);
    }
    let whole = &budgets[node.budget];
    for (place, &first) in node.children.iter().enumerate() {
        for &second in &node.children[place + 1..] {
            if budgets[first].scope.overlaps(&budgets[second].scope) {
                let message = format!(
                    "its parts {:?} and {:?} can hold the same charges, which then count twice; narrow one of them",
                    budgets[first].name, budgets[second].name
                );
                tell(findings, whole, message);
            }
        }
    }
    let mut rest = Vec::with_capacity(periods.len());
    for (period, amount) in whole.amounts.iter().enumerate() {
        let parts = Amount::sum(node.children.iter().map(|&child| budgets[child].amounts[period]))?;
        let left = amount.checked_sub(parts)?;
        if left.is_negative() && !amount.is_negative() {
            let label = periods[period].label();
            let message =
                format!("its parts are {} more than it has in {label}; raise it or lower a part", left.negated());
            tell(findings, whole, message);
        }
        rest.push(left);
    }
    Ok(Some(rest))
}
