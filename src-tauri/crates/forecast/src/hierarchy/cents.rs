//! A tree of numbers as a tree of amounts that adds up to the last unit.

use money::Amount;

use super::{HierarchyError, Reconciler};
use crate::posting::{amount_of, parts_of};

impl Reconciler<'_> {
    /// Reconciled values of all nodes as amounts with `scale` decimals: nodes set by hand exactly as set, roots rounded, and every parent
    /// shared out among its children by largest remainder, so that all sums are exact.
    ///
    /// # Errors
    /// When an amount needs more than 38 digits, or nodes set by hand do not add up to the unit.
    pub fn cents(&self, values: &[f64], scale: u8) -> Result<Vec<Amount>, HierarchyError> {
        self.check(values)?;
        let too_large = |_| HierarchyError::TooLarge;
        let settled = self.settled(scale)?;
        let mut amounts = vec![Amount::ZERO; values.len()];
        for &node in &self.hierarchy.order {
            if self.hierarchy.parents[node].is_none() {
                amounts[node] = match settled[node] {
                    Some(amount) => amount,
                    None => amount_of(values[node], scale).map_err(too_large)?,
                };
            }
            let children = self.hierarchy.children(node);
            let mut rest = amounts[node];
            let mut free = Vec::with_capacity(children.len());
            for &child in children {
                match settled[child] {
                    Some(amount) => {
                        amounts[child] = amount;
                        rest = rest.checked_sub(amount).map_err(too_large)?;
                    }
                    None => free.push(child),
                }
            }
            let sizes: Vec<f64> = free.iter().map(|&child| values[child]).collect();
            if free.is_empty() {
                if !children.is_empty() && !rest.is_zero() {
                    return Err(HierarchyError::ContradictoryLocks { node });
                }
                continue;
            }
            let rest = rest.rescaled(scale, money::Rounding::HalfEven).map_err(too_large)?;
            for (child, amount) in free.into_iter().zip(parts_of(rest, &sizes).map_err(too_large)?) {
                amounts[child] = amount;
            }
        }
        Ok(amounts)
    }

    /// The amounts that nodes set by hand settle: their own, and those of parents whose children are all settled.
    fn settled(&self, scale: u8) -> Result<Vec<Option<Amount>>, HierarchyError> {
        let mut settled = vec![None; self.hierarchy.count()];
        for lock in &self.locks {
            settled[lock.node] = Some(amount_of(lock.value, scale).map_err(|_| HierarchyError::TooLarge)?);
        }
        for &node in self.hierarchy.order.iter().rev() {
            let children = self.hierarchy.children(node);
            if settled[node].is_some() || children.is_empty() {
                continue;
            }
            let below: Option<Vec<Amount>> = children.iter().map(|&child| settled[child]).collect();
            if let Some(below) = below {
                settled[node] = Some(Amount::sum(below).map_err(|_| HierarchyError::TooLarge)?);
            }
        }
        Ok(settled)
    }
}
