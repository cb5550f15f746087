//! The model's totals, counted without making a row: the other side of every check on the bills.
//!
//! Where [`super::bill`] multiplies and then adds, this adds and then multiplies: hours and quantities of a month are summed
//! per line and price first. A commitment is its hourly fee times hours.

use std::collections::BTreeMap;

use super::{
    calendar::Month,
    charge::{Category, Costs},
    coverage::{self, Hour},
    events::{self, CORRECTION_MONTH, CORRECTION_QUANTITY, Delivery},
    fixed::Fixed,
    model::{Commitment, Event, Line, Model, Payment, Shape},
    usage,
};

/// What the totals are kept by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) billing_account: usize,
    pub(crate) month: Month,
    pub(crate) category: Category,
    pub(crate) service: String,
    /// The sub account's id; empty for what belongs to the whole billing account.
    pub(crate) account: String,
    pub(crate) application: String,
    pub(crate) is_tagged: bool,
}

/// A commitment's month.
#[derive(Clone, Debug)]
pub(crate) struct CommitmentMonth {
    /// Into the model's commitments.
    pub(crate) commitment: usize,
    pub(crate) month: Month,
    /// What was billed for it.
    pub(crate) purchased: Fixed,
    /// The part of its cost that falls into the month.
    pub(crate) available: Fixed,
    pub(crate) used: Fixed,
    /// What it covered, at negotiated prices.
    pub(crate) covered: Fixed,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) totals: BTreeMap<Key, Costs>,
    pub(crate) commitments: Vec<CommitmentMonth>,
}

impl Ledger {
    /// The totals of every month of every account.
    pub(crate) fn of(model: &Model) -> Self {
        let mut ledger = Self::default();
        for billing_account in 0..model.billing_accounts.len() {
            for month in Month::all() {
                ledger.count(model, billing_account, month, Delivery::Final);
            }
        }
        ledger
    }

    /// The totals of one month of one account.
    pub(crate) fn of_month(model: &Model, billing_account: usize, month: Month, delivery: Delivery) -> Self {
        let mut ledger = Self::default();
        ledger.count(model, billing_account, month, delivery);
        ledger
    }

    /// The total of what a condition picks.
    pub(crate) fn total(&self, picks: impl Fn(&Key) -> bool) -> Costs {
        self.totals.iter().filter(|(key, _)| picks(key)).fold(Costs::default(), |mut total, (_, costs)| {
            total += *costs;
            total
        })
    }

    fn count(&mut self, model: &Model, billing_account: usize, month: Month, delivery: Delivery) {
        let mut covered: BTreeMap<usize, (Fixed, Fixed)> = BTreeMap::new();
        let mut hours: BTreeMap<(usize, Hour), i64> = BTreeMap::new();
        for day in month.days() {
            for (line, states) in coverage::replay(model, billing_account, day).lines.iter().enumerate() {
                for state in states.iter().filter(|state| **state != Hour::Off) {
                    *hours.entry((line, *state)).or_default() += 1;
                }
            }
        }
        for ((index, state), hours) in hours {
            let line = &model.lines[index];
            let sku = &model.skus[line.sku];
            let hours = Fixed::whole(hours);
            let contracted = sku.list_price.percent(100 - sku.negotiated_percent).times(hours);
            let mut costs = Costs { list: sku.list_price.times(hours), ..Costs::equal(contracted) };
            if let Hour::Covered(commitment) = state {
                costs.billed = Fixed::ZERO;
                costs.effective = sku.committed_price().times(hours);
                let (used, replaced) = covered.entry(commitment).or_default();
                *used += costs.effective;
                *replaced += contracted;
            }
            self.add(model, line, month, Category::Usage, costs);
        }
        for line in &model.lines {
            if line.billing_account == billing_account && !line.shape.is_instance() {
                self.count_metered(model, line, month, delivery);
            }
        }
        for (index, commitment) in model.commitments.iter().enumerate() {
            if commitment.billing_account == billing_account {
                let (used, replaced) = covered.get(&index).copied().unwrap_or_default();
                self.count_commitment(model, index, commitment, month, used, replaced);
            }
        }
        self.count_closing(model, billing_account, month);
    }

    fn count_metered(&mut self, model: &Model, line: &Line, month: Month, delivery: Delivery) {
        let sku = &model.skus[line.sku];
        let mut quantities: BTreeMap<(Fixed, Fixed), Fixed> = BTreeMap::new();
        for day in month.days() {
            let prices = (events::list_price(sku, day), events::contracted_price(sku, day));
            *quantities.entry(prices).or_default() += usage::quantity(model, line, day, delivery);
        }
        if month == CORRECTION_MONTH && line.event == Some(Event::Correction) {
            let (first, last) = events::over_metered_days();
            let days = (last - first).num_days() + 1;
            *quantities.entry((events::list_price(sku, first), events::contracted_price(sku, first))).or_default() +=
                -CORRECTION_QUANTITY.times(Fixed::whole(days));
        }
        let category = if line.shape == Shape::Monthly { Category::Purchase } else { Category::Usage };
        for ((list_price, contracted_price), quantity) in quantities {
            if !quantity.is_zero() {
                let contracted = contracted_price.times(quantity);
                let costs = Costs { list: list_price.times(quantity), ..Costs::equal(contracted) };
                self.add(model, line, month, category, costs);
            }
        }
    }

    fn count_commitment(
        &mut self,
        model: &Model,
        index: usize,
        commitment: &Commitment,
        month: Month,
        used: Fixed,
        covered: Fixed,
    ) {
        let first = commitment.from.max(month.first_day());
        let end = commitment.until.min(month.next().first_day());
        let days = (end - first).num_days().max(0);
        if days == 0 {
            return;
        }
        let available = commitment.hourly_cost(&model.skus).times(Fixed::whole(24 * days));
        let purchased = match commitment.payment {
            Payment::Recurring => available,
            Payment::Upfront if first == commitment.from => {
                commitment.unit_price(&model.skus).times(commitment.units())
            }
            Payment::Upfront => Fixed::ZERO,
        };
        let counted = CommitmentMonth { commitment: index, month, purchased, available, used, covered };
        let service = &model.services[model.skus[commitment.sku].service];
        let mut key = Key {
            billing_account: commitment.billing_account,
            month,
            category: Category::Purchase,
            service: service.name.clone(),
            account: model.accounts[commitment.account].id.clone(),
            application: String::new(),
            is_tagged: false,
        };
        if !purchased.is_zero() {
            let of_purchase = Costs { effective: Fixed::ZERO, ..Costs::equal(purchased) };
            *self.totals.entry(key.clone()).or_default() += of_purchase;
        }
        key.category = Category::Usage;
        *self.totals.entry(key).or_default() += Costs { billed: Fixed::ZERO, ..Costs::equal(counted.unused()) };
        self.commitments.push(counted);
    }

    fn count_closing(&mut self, model: &Model, billing_account: usize, month: Month) {
        let account = &model.billing_accounts[billing_account];
        let mut key = Key {
            billing_account,
            month,
            category: Category::Credit,
            service: String::new(),
            account: String::new(),
            application: String::new(),
            is_tagged: false,
        };
        for credit in
            model.credits.iter().filter(|credit| credit.billing_account == account.id && credit.month == month)
        {
            let key = Key { service: credit.service.clone(), account: credit.account.clone(), ..key.clone() };
            *self.totals.entry(key).or_default() += Costs::equal(-credit.amount);
        }
        let mut total = self.total(|other| other.billing_account == billing_account && other.month == month);
        let tax = total.tax(account.tax_percent);
        total += tax;
        key.category = Category::Tax;
        "Tax".clone_into(&mut key.service);
        *self.totals.entry(key.clone()).or_default() += tax;
        if !total.rounding().is_zero() {
            key.category = Category::Adjustment;
            "Invoice rounding".clone_into(&mut key.service);
            *self.totals.entry(key).or_default() += Costs::equal(total.rounding());
        }
    }

    fn add(&mut self, model: &Model, line: &Line, month: Month, category: Category, costs: Costs) {
        let key = Key {
            billing_account: line.billing_account,
            month,
            category,
            service: model.services[model.skus[line.sku].service].name.clone(),
            account: model.accounts[line.account].id.clone(),
            application: line.application.clone(),
            is_tagged: !line.tags.is_empty(),
        };
        *self.totals.entry(key).or_default() += costs;
    }
}

impl CommitmentMonth {
    /// What of the month nobody used.
    pub(crate) fn unused(&self) -> Fixed {
        self.available - self.used
    }
}
