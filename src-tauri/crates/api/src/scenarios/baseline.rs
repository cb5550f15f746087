//! The baseline of a bill: what is to be expected when nothing is decided.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use forecast::Forecast;
use money::{Amount, AmountError, Currency, Rounding};
use query::{Dimension, Evidence, Measure, Note};
use scenario::{Baseline, Figures, Line, Month, PreparedBaseline, Treatment};
use store::{Engagement, Watch};

use super::bill::{self, Bill, Charges, ScenarioSplit, note};
use super::definitions::{self, Named};
use super::{attachments, usage};
use crate::{ApiError, Context};

/// The built-in baseline has no more lines than this.
const LINES_SHORT: usize = 500;
/// No baseline has more.
const LINES_MAX: usize = 5_000;
/// What has not been charged for so many months has ended.
pub(super) const RECENT: usize = 3;
/// The latest year tells what is charged now.
pub(super) const YEAR: usize = 12;

/// A baseline that was made, with all that a run needs of it.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) prepared: Arc<PreparedBaseline>,
    /// The forecasts behind its lines of usage.
    pub(super) forecasts: Vec<Forecast>,
    /// That of all usage together.
    pub(super) whole: Option<Forecast>,
    /// By line, the forecast that it follows and its share of it in millionths.
    pub(super) followed: Vec<Option<(usize, Amount)>>,
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
    let table = definitions::rules_of(rules)?;
    let mut bill = bill::read(context, engagement, named, &table, watch)?;
    let dimensions = shortened(&mut bill, named)?;
    let horizon = usize::try_from(named.definition.months).unwrap_or(YEAR);
    let amortised = named.definition.measure()? == Measure::EffectiveCost;
    let mut notes = std::mem::take(&mut bill.notes);
    let ground = Ground { bill: &bill, dimensions: &dimensions, horizon };
    let commitments = if amortised { attachments::commitments(&ground, &mut notes)? } else { attachments::none() };
    let expected = usage::expected(&ground, &commitments.ids, &mut notes, watch)?;
    let mut lines = expected.lines;
    lines.extend(attachments::fees(&ground, &commitments.ids, &mut notes)?);
    let percentage_charges = attachments::percentages(&ground, &mut notes)?;
    attachments::not_repeated(&ground, &mut notes)?;
    let baseline = Baseline {
        name: named.name.clone(),
        currency: bill.currency,
        first_month: bill.first.plus(i32::try_from(bill.months).unwrap_or(0)),
        months: horizon,
        dimensions: dimensions.iter().map(|dimension| dimension.name().into_owned()).collect(),
        lines,
        drivers: Vec::new(),
        rates: BTreeMap::new(),
        commitments: commitments.planned,
        agreements: Vec::new(),
        percentage_charges,
        credits: Vec::new(),
    };
    let prepared = PreparedBaseline::new(baseline).map_err(|refused| {
        ApiError::new("internal", format!("the baseline cannot be laid out: {refused}"), "Choose other dimensions.")
    })?;
    Ok(Made {
        prepared: Arc::new(prepared),
        forecasts: expected.forecasts,
        whole: expected.whole,
        followed: expected.followed,
        split: bill.split,
        notes,
        evidence: bill.evidence,
    })
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
        Line { id, values, treatment, figures: Figures::Cost(cost), driver: None, billed_in: None }
    }

    pub(super) fn money(&self, amount: Amount) -> String {
        format!("{} {}", grouped(self.cents(amount)), self.currency())
    }

    pub(super) fn month(&self, place: usize) -> Month {
        self.bill.first.plus(i32::try_from(place).unwrap_or(0))
    }
}

/// An amount for a sentence: with a comma between each three digits.
pub(super) fn grouped(amount: Amount) -> String {
    let text = amount.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{decimals}", money::group_digits(whole))
}

/// Leaves dimensions at the end out until there are few enough lines.
fn shortened(bill: &mut Bill, named: &Named) -> Result<Vec<Dimension>, ApiError> {
    let dimensions = &named.definition.dimensions;
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
