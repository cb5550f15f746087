//! Charges that are a percentage of others, and credits with a balance.

use crate::diagnostic::quoted;
use crate::evaluate::{Run, TooLarge};
use crate::exact::{Fraction, amount_of, apportion, cell_of};
use crate::{Diagnostic, Tier};

/// What the tiers make of the part of an amount from `from` to `to`: each tier's part is rounded for itself, half to even.
pub(super) fn by_tiers(tiers: &[Tier], from: i128, to: i128) -> Option<i128> {
    let mut due = 0_i128;
    let mut below = from;
    for tier in tiers {
        let end = match tier.up_to {
            Some(end) => cell_of(end)?.0.min(to),
            None => to,
        };
        let part = (end - below).max(0);
        due = due.checked_add(Fraction::of_percent(tier.percent)?.of(part)?)?;
        below = below.max(end);
    }
    Some(due)
}

impl Run<'_> {
    pub(super) fn percentage_charges(&mut self) -> Result<(), TooLarge> {
        let plan = self.plan;
        for attached in &plan.percentage_charges {
            let charge = &plan.ground.baseline.percentage_charges[attached.place];
            for month in 0..self.months {
                let elsewhere = charge.elsewhere.get(month).map_or(Some(0), |amount| Some(cell_of(*amount)?.0));
                let base = self.sum(&attached.lines, month).and_then(|sum| sum.checked_add(elsewhere?));
                let cell =
                    base.and_then(|base| Some(by_tiers(&charge.tiers, 0, base)?.max(cell_of(charge.minimum)?.0)));
                let too_large = || TooLarge { what: format!("percentage charge {}", quoted(&charge.id)) };
                self.cells[attached.line * self.months + month] = cell.ok_or_else(too_large)?;
            }
        }
        Ok(())
    }

    pub(super) fn credits(&mut self) -> Result<(), TooLarge> {
        let plan = self.plan;
        // What one credit has paid for, in proportion to all that it can pay for, another cannot.
        let mut paid = vec![0_i128; self.cells.len()];
        for attached in &plan.credits {
            let credit = &plan.ground.baseline.credits[attached.place];
            let too_large = || TooLarge { what: format!("credit {}", quoted(&credit.id)) };
            let mut left = cell_of(credit.balance).ok_or_else(too_large)?.0;
            let limit = credit.monthly_limit.and_then(cell_of).map_or(i128::MAX, |(limit, _)| limit);
            for month in 0..self.months {
                let date = plan.first_month().plus(i32::try_from(month).unwrap_or(i32::MAX));
                if date < credit.from || date > credit.expires || left == 0 {
                    continue;
                }
                let places = attached.lines.iter().map(|&line| line * self.months + month);
                let open: Vec<i128> = places.clone().map(|place| (self.cells[place] - paid[place]).max(0)).collect();
                let payable = open.iter().try_fold(0_i128, |sum, &open| sum.checked_add(open)).ok_or_else(too_large)?;
                let drawn = payable.min(left).min(limit);
                for (place, part) in places.zip(apportion(drawn, &open).ok_or_else(too_large)?) {
                    paid[place] += part;
                }
                left -= drawn;
                self.cells[attached.line * self.months + month] = -drawn;
            }
            let last = plan.first_month().plus(i32::try_from(self.months).unwrap_or(i32::MAX) - 1);
            if left > 0 && credit.expires <= last {
                let message = format!(
                    "credit {} expires in {} with {} unused",
                    quoted(&credit.id),
                    credit.expires,
                    amount_of(left)
                );
                self.diagnostics.push(Diagnostic::note(message));
            }
        }
        Ok(())
    }
}
