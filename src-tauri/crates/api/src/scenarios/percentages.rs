//! Charges that are a percentage of the bill: of all that their provider, account and currency cost, whether the baseline holds all of it or a part.

use std::collections::{BTreeMap, BTreeSet};

use forecast::posting::{amount_of, number_of};
use forecast::split::{FlowWay, percentage_way};
use forecast::{Floor, Settings};
use money::{Amount, Rounding};
use query::{Dimension, Note};
use scenario::{Filter, PercentageCharge, RuleTable, Tier, Treatment, observed_percentage};
use store::{Engagement, Watch};

use super::baseline::Ground;
use super::bill::{Bill, day, note};
use super::definitions::Named;
use super::{currencies, usage};
use crate::{ApiError, Context};

/// Percentage charges that are planned one by one; more are put together by the first dimension.
const PERCENTAGES_MAX: usize = 40;

/// The bill without the baseline's filters, by what a percentage is charged on.
pub(super) struct Outside {
    bill: Bill,
    names: Vec<String>,
}

/// What a percentage is charged on.
fn is_base(dimension: &Dimension) -> bool {
    matches!(dimension, Dimension::Provider | Dimension::SubAccount | Dimension::BillingCurrency)
}

/// The bill that the baseline's filters let a part of through, where percentages were charged in that part.
pub(super) fn outside(
    context: &Context,
    engagement: &Engagement,
    named: &Named,
    rules: &RuleTable,
    bill: &Bill,
    dimensions: &[Dimension],
    watch: &Watch,
) -> Result<Option<Outside>, ApiError> {
    let charged = bill.charges.iter().any(|charges| charges.corrected == Treatment::PercentageOfBill);
    if named.definition.filters.is_empty() || !charged {
        return Ok(None);
    }
    let mut whole = named.clone();
    whole.definition.filters.clear();
    // The service tells tax from what it is charged on.
    whole.definition.dimensions = vec![Dimension::Service];
    whole.definition.dimensions.extend(dimensions.iter().filter(|dimension| is_base(dimension)).cloned());
    let names = whole.definition.dimensions.iter().map(|dimension| dimension.name().into_owned()).collect();
    Ok(Some(Outside { bill: currencies::read(context, engagement, &whole, rules, watch)?, names }))
}

impl Outside {
    /// What a percentage is charged on that the baseline does not hold, month by month of the baseline's history.
    fn base(
        &self,
        ground: &Ground<'_>,
        filter: &Filter,
        inside: &[Amount],
        is_tax: bool,
    ) -> Result<Vec<Amount>, ApiError> {
        let mut sums: Vec<Amount> = inside.iter().map(|amount| amount.negated()).collect();
        let later = self.bill.first.since(ground.bill.first);
        for charges in &self.bill.charges {
            let counts = match charges.corrected {
                Treatment::RecurringUsage | Treatment::CommitmentFee => true,
                Treatment::PercentageOfBill => is_tax && !names_tax(&charges.values),
                _ => false,
            };
            let month = i32::try_from(charges.month).unwrap_or(i32::MAX).saturating_add(later);
            let sum = usize::try_from(month).ok().and_then(|month| sums.get_mut(month));
            if let Some(sum) = sum.filter(|_| counts && filter.fits(&self.names, &charges.values)) {
                *sum = sum.checked_add(charges.cost)?;
            }
        }
        Ok(sums)
    }

    /// The same ahead, as a forecast of it in all.
    fn ahead(ground: &Ground<'_>, elsewhere: &[Amount]) -> Result<Vec<Amount>, ApiError> {
        if !ground.goes_on(elsewhere) {
            return Ok(Vec::new());
        }
        let settings = Settings { horizon: ground.horizon, floor: Floor::Zero, ..Settings::for_many() };
        let found = usage::forecast_of(day(ground.bill.first).unwrap_or_default(), elsewhere, &settings)?;
        let digits = ground.currency().minor_digits();
        let point = |month: usize| found.steps.get(month).map_or(0.0, |step| step.point);
        Ok((0..ground.horizon).map(|month| amount_of(point(month), digits)).collect::<Result<_, _>>()?)
    }
}

fn names_tax(values: &[String]) -> bool {
    values.iter().any(|value| value.to_lowercase().contains("tax"))
}

/// Charges that are a percentage of the bill, at the percentage of the latest year.
pub(super) fn charges(
    ground: &Ground<'_>,
    outside: Option<&Outside>,
    notes: &mut Vec<Note>,
) -> Result<Vec<PercentageCharge>, ApiError> {
    let charges = || {
        ground
            .charges(Treatment::PercentageOfBill)
            .map(|charges| (charges.values.as_slice(), charges.month, charges.cost))
    };
    let mut sums = ground.by_values(charges())?;
    if sums.len() > PERCENTAGES_MAX {
        let mut merged: BTreeMap<Vec<String>, Vec<Amount>> = BTreeMap::new();
        for (mut values, history) in sums {
            let kept = places(ground, |dimension| is_base(dimension) && *dimension != Dimension::SubAccount);
            for (place, value) in values.iter_mut().enumerate().skip(1) {
                if !kept.contains(&place) {
                    value.clear();
                }
            }
            let entry = merged.entry(values).or_insert_with(|| vec![Amount::ZERO; history.len()]);
            for (sum, amount) in entry.iter_mut().zip(history) {
                *sum = sum.checked_add(amount)?;
            }
        }
        sums = merged;
    }
    let mut base: Vec<(Vec<String>, Vec<Amount>)> = Vec::new();
    let counts = [Treatment::RecurringUsage, Treatment::CommitmentFee];
    let counted = ground.bill.charges.iter().filter(|charges| counts.contains(&charges.corrected));
    base.extend(ground.by_values(counted.map(|charges| (charges.values.as_slice(), charges.month, charges.cost)))?);
    let mut found = Vec::new();
    let (mut told, mut steady) = (Vec::new(), Vec::new());
    // Support is charged on the bill, tax on both: what comes to less is a percentage of fewer things.
    let mut ordered: Vec<(Vec<String>, Vec<Amount>)> = sums.into_iter().collect();
    ordered.sort_by_key(|(values, _)| names_tax(values));
    let shared: Vec<Vec<String>> = ordered.iter().map(|(values, _)| values.clone()).collect();
    for (values, history) in ordered {
        let recent = &history[ground.recent_from()..];
        if recent.iter().all(|amount| amount.is_zero()) {
            continue;
        }
        let first = history.iter().position(|amount| !amount.is_zero()).unwrap_or(0).max(ground.year_from());
        let filter = base_filter(ground, &values, several_accounts(ground, &shared, &values));
        let names = ground.names();
        let mut sums = vec![Amount::ZERO; history.len()];
        for (_, amounts) in base.iter().filter(|(of, _)| filter.fits(&names, of)) {
            for (sum, amount) in sums.iter_mut().zip(amounts) {
                *sum = sum.checked_add(*amount)?;
            }
        }
        let elsewhere = outside.map(|outside| outside.base(ground, &filter, &sums, names_tax(&values))).transpose()?;
        for (sum, amount) in sums.iter_mut().zip(elsewhere.iter().flatten()) {
            *sum = sum.checked_add(*amount)?;
        }
        let elsewhere = elsewhere.map(|base| Outside::ahead(ground, &base)).transpose()?.unwrap_or_default();
        let percent = observed_percentage(&history[first..], &sums[first..]).filter(|percent| !percent.is_negative());
        let Some(percent) = percent else {
            told.push(format!("{} is left out, as there was nothing to be a percentage of", ground.id(&values)));
            continue;
        };
        // What came to the same every month, however the bill moved, is a plan at its minimum: what percentage it would turn into is not known.
        let flat = flat(ground, &history[first..], &sums[first..]);
        let (tiers, minimum) = match flat {
            Some(amount) => {
                steady.push(format!("{} {}", ground.id(&values), ground.money(amount)));
                (vec![Tier { up_to: None, percent: Amount::ZERO }], amount)
            }
            None => {
                let shown = percent.rounded(2, Rounding::HalfEven);
                let beyond = if elsewhere.is_empty() { "" } else { " of a bill of which this baseline holds a part" };
                told.push(format!("{} {shown} %{beyond}", ground.id(&values)));
                (vec![Tier { up_to: None, percent }], Amount::ZERO)
            }
        };
        base.push((values.clone(), history));
        found.push(PercentageCharge {
            id: ground.id(&values),
            billed_in: ground.billed_in(&values),
            values,
            base: filter,
            elsewhere,
            tiers,
            minimum,
        });
    }
    if !told.is_empty() {
        let more = if told.len() > 4 { format!(" and {} more", told.len() - 4) } else { String::new() };
        told.truncate(4);
        notes.push(note(
            "percentages",
            format!(
                "Worked out anew as a percentage of usage and fees, as observed in the latest year: {}{more}.",
                told.join("; ")
            ),
        ));
    }
    if !steady.is_empty() {
        let more = if steady.len() > 4 { format!(" and {} more", steady.len() - 4) } else { String::new() };
        steady.truncate(4);
        notes.push(note(
            "flat_percentages",
            format!(
                "Called a percentage of the bill, but the same every month however the bill moved, and planned so: {}{more}.",
                steady.join("; ")
            ),
        ));
    }
    Ok(found)
}

/// The amount of every month of a charge that is called a percentage but does not move with the bill.
fn flat(ground: &Ground<'_>, history: &[Amount], base: &[Amount]) -> Option<Amount> {
    let numbers = |amounts: &[Amount]| amounts.iter().map(|amount| number_of(*amount)).collect::<Vec<f64>>();
    let first = ground.month(ground.bill.months.checked_sub(history.len())?);
    let way = percentage_way(day(first)?, &numbers(history), &numbers(base));
    let last = history.last().copied()?;
    (matches!(way, FlowWay::Monthly { .. }) && !last.is_negative()).then(|| ground.cents(last))
}

fn places(ground: &Ground<'_>, wanted: impl Fn(&Dimension) -> bool) -> Vec<usize> {
    (0..ground.dimensions.len()).filter(|place| wanted(&ground.dimensions[*place])).collect()
}

/// Whether a charge is made in several accounts: then each is a percentage of its own account, else of all of its provider.
fn several_accounts(ground: &Ground<'_>, charges: &[Vec<String>], values: &[String]) -> bool {
    let Some(account) = ground.dimensions.iter().position(|dimension| *dimension == Dimension::SubAccount) else {
        return false;
    };
    let provider = places(ground, |dimension| is_base(dimension) && *dimension != Dimension::SubAccount);
    let alike = |other: &&Vec<String>| {
        other.first() == values.first() && provider.iter().all(|place| other[*place] == values[*place])
    };
    let accounts: BTreeSet<&str> = charges.iter().filter(alike).map(|other| other[account].as_str()).collect();
    accounts.len() > 1 && !accounts.contains("")
}

/// What a percentage is of: all of its provider in its currency and, where it is made account by account, of its account, where the baseline tells these apart.
fn base_filter(ground: &Ground<'_>, values: &[String], by_account: bool) -> Filter {
    let named = places(ground, |dimension| is_base(dimension) && (by_account || *dimension != Dimension::SubAccount));
    let wanted: BTreeMap<String, BTreeSet<String>> = named
        .into_iter()
        .filter(|place| !values[*place].is_empty())
        .map(|place| (ground.dimensions[place].name().into_owned(), BTreeSet::from([values[place].clone()])))
        .collect();
    if wanted.is_empty() { Filter::Everything } else { Filter::Values(wanted) }
}
