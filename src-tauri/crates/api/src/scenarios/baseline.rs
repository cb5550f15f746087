//! The baseline of a bill: what is to be expected when nothing is decided.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use forecast::Forecast;
use money::{Amount, AmountError, Currency, Rounding, grouped};
use query::{Dimension, Evidence, Measure, Note};
use scenario::{Baseline, Figures, Filter, Line, Month, PreparedBaseline, Treatment};
use store::{Engagement, Watch};

use super::bill::{self, Bill, Charges, ScenarioSplit, note};
use super::definitions::{self, Named};
use super::drivers::{self, Block, Driven, ScenarioDriver};
use super::lined::{self, Lined};
use super::{attachments, currencies, percentages, promised, rules, usage};
use crate::{ApiError, Context, metrics};

/// The built-in baseline has no more lines than this.
const LINES_SHORT: usize = 500;
/// No baseline has more.
const LINES_MAX: usize = 5_000;
/// What has not been charged for so many months has ended.
pub(super) const RECENT: usize = 3;
/// The latest year tells what is charged now.
pub(super) const YEAR: usize = 12;

/// A baseline that was made, with all that a run needs of it.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) prepared: Arc<PreparedBaseline>,
    /// The forecasts behind its lines of usage.
    pub(super) forecasts: Vec<Forecast>,
    /// The lines that follow a business metric.
    pub(super) blocks: Vec<Block>,
    /// That of all usage but theirs together.
    pub(super) whole: Option<Forecast>,
    /// By line, the forecast or, behind those, the block that it follows, and its share of it in millionths.
    pub(super) followed: Vec<Option<(usize, Amount)>>,
    /// What a line is counted in, by its id.
    pub(super) units: BTreeMap<String, String>,
    pub(super) drivers: Vec<ScenarioDriver>,
    pub(super) split: Vec<ScenarioSplit>,
    pub(super) notes: Vec<Note>,
    pub(super) evidence: Evidence,
}

/// Makes a baseline of the bill.
pub(super) fn make(
    context: &Context,
    engagement: &Engagement,
    named: &Named,
    rules: &str,
    watch: &Watch,
) -> Result<Made, ApiError> {
    let table = rules::rules_of(rules)?;
    let (named, added) = told_apart(engagement, named)?;
    let mut bill = currencies::read(context, engagement, &named, &table, watch)?;
    let dimensions = shortened(&mut bill, &named, added)?;
    let outside = percentages::outside(context, engagement, &named, &table, &bill, &dimensions, watch)?;
    let horizon = usize::try_from(named.definition.months).unwrap_or(YEAR);
    let amortised = named.definition.measure()? == Measure::EffectiveCost;
    let mut notes = std::mem::take(&mut bill.notes);
    let ground = Ground { bill: &bill, dimensions: &dimensions, horizon };
    let commitments = if amortised { attachments::commitments(&ground, &mut notes)? } else { attachments::none() };
    let usage_lines = lined::lines(&ground, &commitments.ids, &mut notes)?;
    let driven = driven(engagement, &ground, &named, &usage_lines, &mut notes)?;
    let expected = usage::expected(&ground, &usage_lines, &driven, &mut notes, watch)?;
    let mut lines = expected.lines;
    lines.extend(attachments::fees(&ground, &commitments.ids, &mut notes)?);
    let percentage_charges = percentages::charges(&ground, outside.as_ref(), &mut notes)?;
    let promised = promised::of(engagement, &ground, &mut notes)?;
    attachments::not_repeated(&ground, promised.credits.len(), &mut notes)?;
    let baseline = Baseline {
        name: named.name.clone(),
        currency: bill.currency,
        first_month: bill.first.plus(i32::try_from(bill.months).unwrap_or(0)),
        months: horizon,
        dimensions: dimensions.iter().map(|dimension| dimension.name().into_owned()).collect(),
        lines,
        drivers: driven.drivers,
        rates: bill.rates.clone(),
        commitments: commitments.planned,
        agreements: promised.agreements,
        percentage_charges,
        credits: promised.credits,
    };
    let prepared = PreparedBaseline::new(baseline).map_err(|refused| {
        ApiError::new("internal", format!("the baseline cannot be laid out: {refused}"), "Choose other dimensions.")
    })?;
    Ok(Made {
        prepared: Arc::new(prepared),
        forecasts: expected.forecasts,
        blocks: driven.blocks,
        whole: expected.whole,
        followed: expected.followed,
        units: expected.units,
        drivers: driven.told,
        split: bill::told(&bill.split)?,
        notes,
        evidence: bill.evidence,
    })
}

/// The definition with what its lines must be told apart by for their percentages and rates to be right: the provider, whose support and
/// tax are a percentage of its own bill, and the currency. Whether the provider was added, last of all.
fn told_apart(engagement: &Engagement, named: &Named) -> Result<(Named, bool), ApiError> {
    let mut named = named.clone();
    let dimensions = &mut named.definition.dimensions;
    if named.definition.convert.is_some() && !dimensions.contains(&Dimension::BillingCurrency) {
        dimensions.push(Dimension::BillingCurrency);
    }
    let added = !dimensions.contains(&Dimension::Provider) && definitions::providers(engagement)? > 1;
    if added {
        dimensions.push(Dimension::Provider);
    }
    Ok((named, added))
}

/// What of the usage follows business metrics.
fn driven(
    engagement: &Engagement,
    ground: &Ground<'_>,
    named: &Named,
    lines: &[Lined],
    notes: &mut Vec<Note>,
) -> Result<Driven, ApiError> {
    let definitions = &named.definition.drivers;
    if definitions.is_empty() && !named.may_shorten {
        return Ok(Driven::default());
    }
    let kept = metrics::kept(engagement)?;
    if !definitions.is_empty() {
        return drivers::named(ground, &kept.metrics, definitions, lines, notes);
    }
    drivers::found(ground, &kept.metrics, lines, |cost| ground.is_worth_a_driver(cost, lines), notes)
}

/// The bill and the shape of the baseline that is made of it.
pub(super) struct Ground<'a> {
    pub(super) bill: &'a Bill,
    pub(super) dimensions: &'a [Dimension],
    pub(super) horizon: usize,
}

impl Ground<'_> {
    pub(super) fn currency(&self) -> Currency {
        self.bill.currency
    }

    /// The first month of the latest year.
    pub(super) fn year_from(&self) -> usize {
        self.bill.months.saturating_sub(YEAR)
    }

    /// The first of the latest months.
    pub(super) fn recent_from(&self) -> usize {
        self.bill.months.saturating_sub(RECENT)
    }

    pub(super) fn charges(&self, treatment: Treatment) -> impl Iterator<Item = &Charges> {
        self.bill.charges.iter().filter(move |charges| charges.corrected == treatment)
    }

    /// The sums of charges by their values and month.
    pub(super) fn by_values<'a>(
        &self,
        charges: impl Iterator<Item = (&'a [String], usize, Amount)>,
    ) -> Result<BTreeMap<Vec<String>, Vec<Amount>>, AmountError> {
        let mut sums: BTreeMap<Vec<String>, Vec<Amount>> = BTreeMap::new();
        for (values, month, amount) in charges {
            if !sums.contains_key(values) {
                sums.insert(values.to_vec(), vec![Amount::ZERO; self.bill.months]);
            }
            if let Some(sum) = sums.get_mut(values).and_then(|months| months.get_mut(month)) {
                *sum = sum.checked_add(amount)?;
            }
        }
        Ok(sums)
    }

    /// The names of the dimensions.
    pub(super) fn names(&self) -> Vec<String> {
        self.dimensions.iter().map(|dimension| dimension.name().into_owned()).collect()
    }

    /// The lines with these values of dimensions, all where none are named; the first name that the lines are not told apart by is the error.
    pub(super) fn filter(&self, wanted: &BTreeMap<String, Vec<String>>) -> Result<Filter, String> {
        let mut values = BTreeMap::new();
        for (name, allowed) in wanted {
            let known = name.parse::<Dimension>().ok().filter(|known| self.dimensions.contains(known));
            let known = known.ok_or_else(|| name.clone())?;
            values.insert(known.name().into_owned(), allowed.iter().cloned().collect());
        }
        Ok(if values.is_empty() { Filter::Everything } else { Filter::Values(values) })
    }

    /// The currency that lines of these values are billed in, where it is not the baseline's.
    pub(super) fn billed_in(&self, values: &[String]) -> Option<Currency> {
        let place = self.dimensions.iter().position(|dimension| *dimension == Dimension::BillingCurrency)?;
        let currency: Currency = values.get(place)?.parse().ok()?;
        self.bill.rates.contains_key(&currency).then_some(currency)
    }

    /// Whether anything is to be expected of a history.
    pub(super) fn goes_on(&self, history: &[Amount]) -> bool {
        Amount::sum(history[self.recent_from()..].iter().copied()).is_ok_and(|sum| sum > Amount::ZERO)
    }

    /// Whether a cost is large enough beside all usage for a driver of its own: a hundredth of it over the latest year.
    fn is_worth_a_driver(&self, cost: &[Amount], lines: &[Lined]) -> bool {
        let from = self.year_from();
        let year = |history: &[Amount]| Amount::sum(history[from..].iter().copied()).unwrap_or_default();
        let all = Amount::sum(lines.iter().map(|line| year(&line.history))).unwrap_or_default();
        year(cost).checked_mul(Amount::from_integer(100)).is_ok_and(|hundredfold| hundredfold >= all)
    }

    /// An amount in whole cents.
    pub(super) fn cents(&self, amount: Amount) -> Amount {
        let digits = self.currency().minor_digits();
        amount.rescaled(digits, Rounding::HalfEven).unwrap_or(amount)
    }

    /// What a line is known by.
    pub(super) fn id(&self, values: &[String]) -> String {
        let shown: Vec<&str> = values.iter().map(|value| if value.is_empty() { "(none)" } else { value }).collect();
        shown.join(" / ")
    }

    pub(super) fn line(&self, values: Vec<String>, treatment: Treatment, cost: Vec<Amount>) -> Line {
        let id = match treatment {
            Treatment::RecurringUsage => self.id(&values),
            other => format!("{}: {}", other.name(), self.id(&values)),
        };
        let billed_in = self.billed_in(&values);
        Line { id, values, treatment, figures: Figures::Cost(cost), driver: None, billed_in }
    }

    pub(super) fn money(&self, amount: Amount) -> String {
        format!("{} {}", grouped(self.cents(amount)), self.currency())
    }

    pub(super) fn month(&self, place: usize) -> Month {
        self.bill.first.plus(i32::try_from(place).unwrap_or(0))
    }
}

/// Leaves dimensions at the end out until there are few enough lines.
fn shortened(bill: &mut Bill, named: &Named, added: bool) -> Result<Vec<Dimension>, ApiError> {
    let mut dimensions = named.definition.dimensions.as_slice();
    let percentages = bill.charges.iter().any(|charges| charges.corrected == Treatment::PercentageOfBill);
    if let Some((_, others)) = dimensions.split_last().filter(|_| added && !percentages) {
        dimensions = others;
        bill.charges.iter_mut().for_each(|charges| charges.values.truncate(others.len()));
    } else if added {
        bill.notes.push(note(
            "told_apart_by_provider",
            "The lines are told apart by provider, too: support and tax are a percentage of their own provider's bill."
                .to_owned(),
        ));
    }
    let from = bill.months.saturating_sub(YEAR);
    let lines = |count: usize| {
        let current = bill.charges.iter().filter(|charges| charges.month >= from);
        current.map(|charges| &charges.values[..count]).collect::<BTreeSet<_>>().len()
    };
    let most = if named.may_shorten { LINES_SHORT } else { LINES_MAX };
    let mut count = dimensions.len();
    while count > 1 && named.may_shorten && lines(count) > most {
        count -= 1;
    }
    let found = lines(count);
    if found > LINES_MAX {
        return Err(ApiError::new(
            "baseline",
            format!("baseline `{}` would have {found} lines; at most {LINES_MAX} can be planned", named.name),
            "Give it fewer dimensions, or filters.",
        ));
    }
    if count < dimensions.len() {
        let left_out: Vec<String> = dimensions[count..].iter().map(Dimension::phrase).collect();
        bill.notes.push(note(
            "fewer_dimensions",
            format!(
                "The lines are not told apart by {}: there would be more than {most}. A baseline of your own can be.",
                left_out.join(" and ")
            ),
        ));
        bill.charges.iter_mut().for_each(|charges| charges.values.truncate(count));
    }
    Ok(dimensions[..count].to_vec())
}
