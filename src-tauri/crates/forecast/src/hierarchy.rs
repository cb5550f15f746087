//! Forecasts of a tree that add up: totals, services, accounts, owners.
//!
//! Each node is forecast by itself; then all are moved, as little as their past errors ask for, until every parent is the sum of its
//! children. S. L. Wickramasuriya, G. Athanasopoulos and R. J. Hyndman (2019), "Optimal forecast reconciliation for hierarchical
//! and grouped time series through trace minimization", with the covariance of errors shrunk as J. Schäfer and K. Strimmer
//! (2005) do. The system that is solved has a row for each parent and each lock, not for each node.

mod cents;
mod joint;
mod weights;

use crate::linear::Cholesky;
pub use joint::{Held, JointSpread, NodeSpread, joint_spread};
use weights::Weights;
pub use weights::{NodeErrors, Weighting};

/// A tree of nodes, by position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    /// Parents before their children.
    order: Vec<usize>,
}

/// Why a tree or its locks make no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HierarchyError {
    /// There is no node, or a parent that does not exist.
    #[error("node {node} names a parent that does not exist")]
    NoSuchParent {
        /// The node.
        node: usize,
    },
    /// A node is its own ancestor.
    #[error("node {node} lies below itself")]
    Circle {
        /// The node.
        node: usize,
    },
    /// Forecasts, errors or locks are not those of this tree.
    #[error("{found} values were given for {wanted} nodes")]
    WrongCount {
        /// How many were given.
        found: usize,
        /// How many nodes there are.
        wanted: usize,
    },
    /// A forecast or a lock is not a finite number.
    #[error("the forecast of node {node} is not a finite number")]
    NotFinite {
        /// The node.
        node: usize,
    },
    /// A node that is set by hand cannot have that value, as others that are set leave it another one.
    #[error("node {node} is set by hand to a value that the other nodes set by hand do not leave it; free one of them")]
    ContradictoryLocks {
        /// The node.
        node: usize,
    },
    /// An amount needs more than 38 digits.
    #[error("an amount of the tree needs more than 38 digits")]
    TooLarge,
}

/// A node that is set by hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lock {
    /// The node.
    pub node: usize,
    /// Its value, which stays.
    pub value: f64,
}

impl Hierarchy {
    /// The tree in which each node has the parent named; several roots are several trees.
    ///
    /// # Errors
    /// When a parent does not exist or a node lies below itself.
    pub fn of_parents(parents: Vec<Option<usize>>) -> Result<Self, HierarchyError> {
        let count = parents.len();
        let mut children = vec![Vec::new(); count];
        for (node, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children.get_mut(*parent).ok_or(HierarchyError::NoSuchParent { node })?.push(node);
            }
        }
        let mut order: Vec<usize> = (0..count).filter(|&node| parents[node].is_none()).collect();
        let mut next = 0;
        while next < order.len() {
            let node = order[next];
            order.extend(&children[node]);
            next += 1;
        }
        if order.len() < count {
            // What no root reaches lies on or below a circle.
            let node = (0..count).find(|node| !order.contains(node)).unwrap_or(0);
            return Err(HierarchyError::Circle { node });
        }
        Ok(Self { parents, children, order })
    }

    /// How many nodes there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.parents.len()
    }

    /// The nodes directly below a node.
    #[must_use]
    pub fn children(&self, node: usize) -> &[usize] {
        &self.children[node]
    }

    /// Prepares to reconcile: `errors` say how far to trust each node, `locks` what stays as it is.
    ///
    /// # Errors
    /// When the errors are not those of this tree, or locks contradict each other.
    pub fn reconciler(&self, errors: &NodeErrors, locks: &[Lock]) -> Result<Reconciler<'_>, HierarchyError> {
        if errors.count() != self.count() {
            return Err(HierarchyError::WrongCount { found: errors.count(), wanted: self.count() });
        }
        for lock in locks {
            if lock.node >= self.count() {
                return Err(HierarchyError::NoSuchParent { node: lock.node });
            }
            if !lock.value.is_finite() {
                return Err(HierarchyError::NotFinite { node: lock.node });
            }
        }
        for weighting in errors.weighting().and_below() {
            let weights = Weights::of(self, errors, weighting);
            if let Some(reconciler) = Reconciler::new(self, weights, locks)? {
                return Ok(reconciler);
            }
        }
        // Equal weights make a system that is always positive definite, but for the rounding of enormous trees.
        Err(HierarchyError::TooLarge)
    }

    /// Each parent as the sum of its children, from the leaves up.
    fn summed(&self, mut values: Vec<f64>) -> Vec<f64> {
        for &node in self.order.iter().rev() {
            if !self.children[node].is_empty() {
                values[node] = self.children[node].iter().map(|&child| values[child]).sum();
            }
        }
        values
    }
}

/// One linear equation on the nodes: what is known of a sum of them.
#[derive(Clone, Debug)]
struct Constraint {
    /// Nodes with their signs.
    terms: Vec<(usize, f64)>,
    value: f64,
}

/// Reconciles forecasts of one tree: prepared once, used for every step and every path.
#[derive(Debug)]
pub struct Reconciler<'a> {
    hierarchy: &'a Hierarchy,
    weights: Weights,
    constraints: Vec<Constraint>,
    /// For each constraint the column of covariances with every node.
    columns: Vec<Vec<f64>>,
    system: Option<Cholesky>,
    locks: Vec<Lock>,
}

impl<'a> Reconciler<'a> {
    /// Nothing when the parents alone make a system that cannot be solved with these weights.
    fn new(hierarchy: &'a Hierarchy, weights: Weights, locks: &[Lock]) -> Result<Option<Self>, HierarchyError> {
        let sums = (0..hierarchy.count()).filter(|&node| !hierarchy.children[node].is_empty());
        let sum = |node: usize| {
            let below = hierarchy.children[node].iter().map(|&child| (child, -1.0));
            Constraint { terms: std::iter::once((node, 1.0)).chain(below).collect(), value: 0.0 }
        };
        let mut reconciler = Self {
            hierarchy,
            weights,
            constraints: Vec::new(),
            columns: Vec::new(),
            system: None,
            locks: locks.to_vec(),
        };
        for node in sums {
            reconciler.add(sum(node));
        }
        if !reconciler.constraints.is_empty() && !reconciler.solve_system() {
            return Ok(None);
        }
        for lock in locks {
            reconciler.lock(*lock)?;
        }
        Ok(Some(reconciler))
    }

    fn add(&mut self, constraint: Constraint) {
        self.columns.push(self.weights.column(&constraint.terms));
        self.constraints.push(constraint);
    }

    fn solve_system(&mut self) -> bool {
        let count = self.constraints.len();
        let mut matrix = vec![0.0; count * count];
        for (row, constraint) in self.constraints.iter().enumerate() {
            for (column, covariances) in self.columns.iter().enumerate() {
                matrix[row * count + column] =
                    constraint.terms.iter().map(|(node, sign)| sign * covariances[*node]).sum();
            }
        }
        self.system = Cholesky::of(&matrix, count);
        self.system.is_some()
    }

    /// Adds a node that is set by hand. One that the others settle already must have that very value.
    fn lock(&mut self, lock: Lock) -> Result<(), HierarchyError> {
        let before = self.system.take();
        self.add(Constraint { terms: vec![(lock.node, 1.0)], value: lock.value });
        if self.solve_system() {
            return Ok(());
        }
        self.constraints.pop();
        self.columns.pop();
        self.system = before;
        let settled = self.moved(&vec![0.0; self.hierarchy.count()])[lock.node];
        let size = self.locks.iter().fold(1e-6, |size: f64, lock| size.max(lock.value.abs()));
        if (settled - lock.value).abs() > 1e-6 * size {
            return Err(HierarchyError::ContradictoryLocks { node: lock.node });
        }
        Ok(())
    }

    /// How errors were weighted in the end.
    #[must_use]
    pub const fn weighting(&self) -> Weighting {
        self.weights.weighting
    }

    /// How much of the errors' correlations was given up: 0 all trusted, 1 none.
    #[must_use]
    pub const fn shrinkage(&self) -> f64 {
        self.weights.shrinkage
    }

    /// The least move that fulfils every equation, measured by the errors.
    fn moved(&self, base: &[f64]) -> Vec<f64> {
        let Some(system) = &self.system else { return base.to_vec() };
        let gap = |constraint: &Constraint| {
            constraint.terms.iter().map(|(node, sign)| sign * base[*node]).sum::<f64>() - constraint.value
        };
        let gaps: Vec<f64> = self.constraints.iter().map(gap).collect();
        let pulls = system.solve(&gaps);
        let mut moved = base.to_vec();
        for (column, pull) in self.columns.iter().zip(pulls) {
            for (value, covariance) in moved.iter_mut().zip(column) {
                *value -= covariance * pull;
            }
        }
        moved
    }

    /// The forecasts of all nodes at one step (or of one path), made to add up. Sums hold to rounding; for cents see [`Self::cents`].
    ///
    /// # Errors
    /// When the values are not those of this tree or not finite.
    pub fn reconcile(&self, base: &[f64]) -> Result<Vec<f64>, HierarchyError> {
        self.check(base)?;
        Ok(self.hierarchy.summed(self.held(self.moved(base))))
    }

    /// As [`Self::reconcile`], with no leaf below zero: one that would be is set to zero, and the others are moved again.
    ///
    /// # Errors
    /// As [`Self::reconcile`].
    pub fn reconcile_above_zero(&self, base: &[f64]) -> Result<Vec<f64>, HierarchyError> {
        self.reconcile_above(base, &vec![Some(0.0); base.len()])
    }

    /// As [`Self::reconcile`], with no leaf below its least value, where it has one: a leaf that would be is set to it, and the others are
    /// moved again.
    ///
    /// # Errors
    /// As [`Self::reconcile`], and when there is not a least value (or none) for each node.
    pub fn reconcile_above(&self, base: &[f64], least: &[Option<f64>]) -> Result<Vec<f64>, HierarchyError> {
        /// Each round settles some leaves for good; what is still too low after these is cut off.
        const ROUNDS_MAX: usize = 8;
        self.check(base)?;
        if least.len() != base.len() {
            return Err(HierarchyError::WrongCount { found: least.len(), wanted: base.len() });
        }
        let mut values = self.moved(base);
        let mut settled: Vec<usize> = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let found = self.below(&values, least);
            if found.is_empty() {
                break;
            }
            settled.extend(found);
            let held = settled.iter().filter_map(|&node| Some(Lock { node, value: least[node]? }));
            let locks: Vec<Lock> = self.locks.iter().copied().chain(held).collect();
            match Self::new(self.hierarchy, self.weights.clone(), &locks) {
                Ok(Some(again)) => values = again.moved(base),
                Ok(None) | Err(_) => break,
            }
        }
        settled.extend(self.below(&values, least));
        for node in settled {
            values[node] = least[node].unwrap_or(values[node]);
        }
        Ok(self.hierarchy.summed(self.held(values)))
    }

    /// The leaves that are lower than they can be and not set by hand.
    fn below(&self, values: &[f64], least: &[Option<f64>]) -> Vec<usize> {
        let leaf = |node: usize| self.hierarchy.children[node].is_empty();
        let locked = |node: usize| self.locks.iter().any(|lock| lock.node == node);
        let low = |node: usize| least[node].is_some_and(|least| values[node] < least);
        (0..values.len()).filter(|&node| low(node) && leaf(node) && !locked(node)).collect()
    }

    /// Locked leaves to the last bit; locked parents come out of their children's sum.
    fn held(&self, mut values: Vec<f64>) -> Vec<f64> {
        for lock in &self.locks {
            values[lock.node] = lock.value;
        }
        values
    }

    fn check(&self, base: &[f64]) -> Result<(), HierarchyError> {
        if base.len() != self.hierarchy.count() {
            return Err(HierarchyError::WrongCount { found: base.len(), wanted: self.hierarchy.count() });
        }
        match base.iter().position(|value| !value.is_finite()) {
            Some(node) => Err(HierarchyError::NotFinite { node }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
