//! [`Commitment`]: what was or would be bought.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Duration, Months, Timelike, Utc};
use money::{Amount, AmountError, Currency, Rounding};

use crate::model::{LineFilter, LineKey, Program, Scope, Span};

/// The length of a commitment, in months; providers sell 12 and 36.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    /// Months, at least one.
    pub months: u32,
}

impl Term {
    /// One year.
    pub const ONE_YEAR: Self = Self { months: 12 };
    /// Three years.
    pub const THREE_YEARS: Self = Self { months: 36 };

    /// The end of a term that begins at `start`; none beyond the calendar.
    #[must_use]
    pub fn end_of(self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        start.checked_add_months(Months::new(self.months))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.months, self.months % 12) {
            (12, _) => write!(formatter, "1 year"),
            (months, 0) => write!(formatter, "{} years", months / 12),
            (1, _) => write!(formatter, "1 month"),
            (months, _) => write!(formatter, "{months} months"),
        }
    }
}

/// When a commitment is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payment {
    /// All at the start.
    AllUpfront,
    /// A part at the start, the rest as it runs.
    PartialUpfront,
    /// Nothing at the start.
    NoUpfront,
}

/// What a commitment can cover in one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// Money an hour at the committed prices, as AWS and Azure savings plans are bought: 10 covers what costs 10 at the plan's rates.
    DiscountedSpend(Amount),
    /// Money an hour at on-demand prices, as some Google Cloud spend commitments are bought: 10 covers what costs 10 on demand.
    OnDemandSpend(Amount),
    /// Units of the lines' quantity an hour: two instances are 2.
    Units(Amount),
    /// Normalised units an hour, where sizes of a family are exchangeable: two `large` of AWS are 8.
    NormalisedUnits(Amount),
}

impl Capacity {
    /// The amount an hour.
    #[must_use]
    pub const fn hourly(self) -> Amount {
        match self {
            Self::DiscountedSpend(hourly)
            | Self::OnDemandSpend(hourly)
            | Self::Units(hourly)
            | Self::NormalisedUnits(hourly) => hourly,
        }
    }

    /// The same kind of capacity with another amount an hour.
    #[must_use]
    pub const fn with_hourly(self, hourly: Amount) -> Self {
        match self {
            Self::DiscountedSpend(_) => Self::DiscountedSpend(hourly),
            Self::OnDemandSpend(_) => Self::OnDemandSpend(hourly),
            Self::Units(_) => Self::Units(hourly),
            Self::NormalisedUnits(_) => Self::NormalisedUnits(hourly),
        }
    }

    /// Whether it counts money, not units.
    #[must_use]
    pub const fn is_spend(self) -> bool {
        matches!(self, Self::DiscountedSpend(_) | Self::OnDemandSpend(_))
    }
}

/// A price under a commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// The part of the on-demand price that falls away: 0.28 is 28 % off.
    Discount(Amount),
    /// What is paid for so much on-demand spend, both as the bill has them: exact where a discount would not be a decimal.
    Share {
        /// Paid under the commitment.
        paid: Amount,
        /// The same usage on demand, above zero.
        on_demand: Amount,
    },
    /// What one unit of the line's quantity costs under the commitment.
    Unit(Amount),
}

/// A price as a fraction of on-demand spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceShare {
    /// Paid, in the same units as `on_demand`.
    pub paid: i128,
    /// On demand, above zero.
    pub on_demand: i128,
}

impl Price {
    /// What is paid for one of on-demand spend; none for a unit price, which needs the line's quantity.
    #[must_use]
    pub fn share(self) -> Option<PriceShare> {
        let (paid, on_demand) = match self {
            Self::Discount(discount) => (Amount::from_integer(1).checked_sub(discount).ok()?, Amount::from_integer(1)),
            Self::Share { paid, on_demand } => (paid, on_demand),
            Self::Unit(_) => return None,
        };
        let (paid, on_demand) = (paid.normalized(), on_demand.normalized());
        let scale = paid.scale().max(on_demand.scale());
        let units = |amount: Amount| amount.rescaled(scale, Rounding::Down).ok().map(Amount::units);
        let (paid, on_demand) = (units(paid)?, units(on_demand)?);
        if on_demand <= 0 {
            return None;
        }
        let common = num_integer::gcd(paid, on_demand).max(1);
        Some(PriceShare { paid: paid / common, on_demand: on_demand / common })
    }
}

/// A price and the lines that it holds for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The lines.
    pub lines: LineFilter,
    /// The price.
    pub price: Price,
    /// Where the price is from: a file and row, or `implied by the bill`.
    pub source: Option<String>,
}

/// What was or would be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// The bill's id of it (ARN, benefit id), or the plan's own.
    pub id: String,
    /// For people.
    pub name: String,
    /// The provider, as the lines name it.
    pub provider: String,
    /// The currency of its fees and prices.
    pub currency: Currency,
    /// The programme.
    pub program: Program,
    /// What it can reach.
    pub scope: Scope,
    /// Its length.
    pub term: Term,
    /// When it is paid.
    pub payment: Payment,
    /// The first instant that it covers.
    pub start: DateTime<Utc>,
    /// The instant after the last that it covers; earlier than the term's end where it was returned, exchanged or sold.
    pub end: DateTime<Utc>,
    /// What it covers in one hour.
    pub capacity: Capacity,
    /// Paid at the start.
    pub upfront: Amount,
    /// Paid for every hour of the term, used or not, beside the upfront.
    pub recurring: Amount,
    /// Prices of lines. Needed where the capacity counts money: the narrowest rate that matches a line holds, the earlier among equals;
    /// a line without one is not covered. Reservations need none.
    pub rates: Vec<Rate>,
}

/// What makes a commitment impossible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitmentError {
    /// Its end is not after its start.
    #[error("the commitment {id} ends ({end}) before it begins ({start}); correct its dates")]
    EndsBeforeStart {
        /// The commitment.
        id: String,
        /// Its start.
        start: String,
        /// Its end.
        end: String,
    },
    /// A negative amount.
    #[error("the commitment {id} has a negative {what} ({amount}); commitments and fees are zero or more")]
    Negative {
        /// The commitment.
        id: String,
        /// Which amount.
        what: &'static str,
        /// The amount.
        amount: Amount,
    },
    /// A price that is none.
    #[error(
        "the commitment {id} has a rate ({source_of_rate}) that is no price: {what}; give a discount from 0 to 1, or a price of zero or more"
    )]
    Price {
        /// The commitment.
        id: String,
        /// Where the rate is from.
        source_of_rate: String,
        /// What is wrong.
        what: String,
    },
    /// Its term has no month.
    #[error("the commitment {id} has a term of 0 months; give 12 or 36, or the months of its term")]
    Term {
        /// The commitment.
        id: String,
    },
}

impl Commitment {
    /// Refuses what cannot be.
    ///
    /// # Errors
    /// [`CommitmentError`], naming the commitment and what to correct.
    pub fn check(&self) -> Result<(), CommitmentError> {
        let id = || self.id.clone();
        if self.end <= self.start {
            return Err(CommitmentError::EndsBeforeStart {
                id: id(),
                start: self.start.to_rfc3339(),
                end: self.end.to_rfc3339(),
            });
        }
        if self.term.months == 0 {
            return Err(CommitmentError::Term { id: id() });
        }
        let amounts =
            [("capacity", self.capacity.hourly()), ("upfront fee", self.upfront), ("recurring fee", self.recurring)];
        if let Some((what, amount)) = amounts.into_iter().find(|(_, amount)| amount.is_negative()) {
            return Err(CommitmentError::Negative { id: id(), what, amount });
        }
        for rate in &self.rates {
            let wrong = match rate.price {
                Price::Discount(discount) => (discount.is_negative() || discount > Amount::from_integer(1))
                    .then(|| format!("discount {discount}")),
                Price::Share { paid, on_demand } => (paid.is_negative() || on_demand <= Amount::ZERO)
                    .then(|| format!("{paid} paid for {on_demand} on demand")),
                Price::Unit(price) => price.is_negative().then(|| format!("price {price}")),
            };
            if let Some(what) = wrong {
                let source_of_rate = rate.source.clone().unwrap_or_else(|| "no source".to_owned());
                return Err(CommitmentError::Price { id: id(), source_of_rate, what });
            }
        }
        Ok(())
    }

    /// Whether two commitments differ in nothing but id and name.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        (self.start, self.end, self.capacity, self.term) == (other.start, other.end, other.capacity, other.term)
            && (self.payment, self.upfront, self.recurring) == (other.payment, other.upfront, other.recurring)
            && (&self.program, &self.provider, self.currency) == (&other.program, &other.provider, other.currency)
            && self.scope == other.scope
            && self.rates == other.rates
    }

    /// The first and the last hour (half-open) that it covers and is charged for, as hours since 1970. Providers write ends both as the
    /// last second (10:36:59) and as the instant after it (10:37:00): both end with the same hour, and the hour in which it was bought
    /// counts while the hour in which it ends does not, so that a year is 8,760 hours.
    #[must_use]
    pub fn hours(&self) -> std::ops::Range<i64> {
        hour_of(self.start)..hour_of(self.end + Duration::seconds(1))
    }

    /// The hours of the term from its start, over which the upfront is amortised, whether or not it ended early.
    #[must_use]
    pub fn term_hours(&self) -> i64 {
        let end = self.term.end_of(self.start).unwrap_or(self.end);
        (hour_of(end) - hour_of(self.start)).max(1)
    }

    /// How many hours of a step it covers.
    #[must_use]
    pub fn hours_in_step(&self, span: &Span, step: usize) -> i64 {
        let hours = self.hours();
        let first = hour_of(span.start_of(step));
        (hours.end.min(first + span.step().hours()) - hours.start.max(first)).max(0)
    }

    /// The upfront amortised over the first `hours` of the term, rounded half to even at `scale`; differences of it are what each step
    /// bears, and over the whole term they add up to the upfront exactly.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the product needs more than 38 digits.
    pub fn amortised_until(&self, hours: i64, scale: u8) -> Result<Amount, AmountError> {
        let term = self.term_hours();
        let hours = hours.clamp(0, term);
        let product = self.upfront.checked_mul(Amount::from_integer(hours))?;
        money::Ratio::of(product, Amount::from_integer(term), scale).ok_or(AmountError::TooLarge)
    }

    /// The rate of a line: the narrowest that matches, the earlier among equals. For many lines [`RateIndex`] is faster.
    #[must_use]
    pub fn rate_of(&self, line: &LineKey) -> Option<&Rate> {
        narrowest(self.rates.iter(), line)
    }
}

fn narrowest<'a>(rates: impl DoubleEndedIterator<Item = &'a Rate>, line: &LineKey) -> Option<&'a Rate> {
    rates.filter(|rate| rate.lines.matches(line)).rev().max_by_key(|rate| rate.lines.narrowness())
}

/// The rates of a commitment by SKU: offer files have one for each of thousands.
#[derive(Clone, Debug)]
pub struct RateIndex<'a> {
    /// By SKU, and under none those that ask for no SKU; each in the commitment's order, with its place there.
    by_sku: BTreeMap<Option<&'a str>, Vec<(usize, &'a Rate)>>,
}

impl<'a> RateIndex<'a> {
    /// Of a commitment's rates.
    #[must_use]
    pub fn new(commitment: &'a Commitment) -> Self {
        let mut by_sku: BTreeMap<Option<&'a str>, Vec<(usize, &'a Rate)>> = BTreeMap::new();
        for (place, rate) in commitment.rates.iter().enumerate() {
            if rate.lines.skus.is_empty() {
                by_sku.entry(None).or_default().push((place, rate));
            }
            for sku in &rate.lines.skus {
                by_sku.entry(Some(sku)).or_default().push((place, rate));
            }
        }
        Self { by_sku }
    }

    /// As [`Commitment::rate_of`].
    #[must_use]
    pub fn rate_of(&self, line: &LineKey) -> Option<&'a Rate> {
        let lists = [Some(line.sku.as_str()), None].map(|sku| self.by_sku.get(&sku));
        let mut found: Vec<(usize, &'a Rate)> = lists.into_iter().flatten().flatten().copied().collect();
        found.sort_by_key(|(place, _)| *place);
        narrowest(found.into_iter().map(|(_, rate)| rate), line)
    }
}

/// Whole hours since 1970.
fn hour_of(instant: DateTime<Utc>) -> i64 {
    let edge = instant - Duration::seconds(i64::from(instant.minute() * 60 + instant.second()));
    edge.timestamp().div_euclid(3600)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::Step;

    pub(crate) fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    /// A Compute Savings Plan of 2026 without rates.
    pub(crate) fn plan(id: &str, hourly: &str) -> Commitment {
        Commitment {
            id: id.to_owned(),
            name: id.to_owned(),
            provider: "AWS".to_owned(),
            currency: "USD".parse().unwrap(),
            program: Program::AwsComputeSavingsPlan,
            scope: Scope { owner_account: "payer".to_owned(), ..Scope::default() },
            term: Term::ONE_YEAR,
            payment: Payment::NoUpfront,
            start: "2026-01-01T00:00:00Z".parse().unwrap(),
            end: "2027-01-01T00:00:00Z".parse().unwrap(),
            capacity: Capacity::DiscountedSpend(amount(hourly)),
            upfront: Amount::ZERO,
            recurring: amount(hourly),
            rates: Vec::new(),
        }
    }

    #[test]
    fn a_year_is_8760_hours_however_its_end_is_written() {
        for (start, end) in [
            ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z"),
            ("2026-03-10T10:37:00Z", "2027-03-10T10:37:00Z"),
            ("2026-03-10T10:37:00Z", "2027-03-10T10:36:59Z"),
        ] {
            let commitment = Commitment { start: start.parse().unwrap(), end: end.parse().unwrap(), ..plan("a", "1") };
            let hours = commitment.hours();
            assert_eq!(hours.end - hours.start, 8_760, "{start} to {end}");
            assert_eq!(commitment.term_hours(), 8_760);
        }
    }

    #[test]
    fn amortisation_adds_up_to_the_upfront() {
        let commitment = Commitment { upfront: amount("1000"), ..plan("a", "1") };
        let steps: Vec<Amount> = (0..8_760)
            .map(|hour| {
                let until = |hours| commitment.amortised_until(hours, 10).unwrap();
                until(hour + 1).checked_sub(until(hour)).unwrap()
            })
            .collect();
        assert_eq!(Amount::sum(steps).unwrap(), amount("1000"));
    }

    #[test]
    fn a_day_holds_the_hours_that_are_covered() {
        let span = Span::new("2026-03-10T00:00:00Z".parse().unwrap(), Step::Day, 3).unwrap();
        let commitment = Commitment { start: "2026-03-11T10:37:00Z".parse().unwrap(), ..plan("a", "1") };
        assert_eq!([0, 1, 2].map(|day| commitment.hours_in_step(&span, day)), [0, 14, 24]);
    }

    #[test]
    fn the_narrowest_rate_holds() {
        let rate = |family: Option<&str>, discount: &str| Rate {
            lines: LineFilter { families: family.map(str::to_owned).into_iter().collect(), ..LineFilter::default() },
            price: Price::Discount(amount(discount)),
            source: None,
        };
        let rates = vec![rate(None, "0.1"), rate(Some("m5"), "0.2"), rate(Some("m5"), "0.3")];
        let commitment = Commitment { rates, ..plan("a", "1") };
        let of = |family: &str| {
            let line = crate::model::LineKey { family: Some(family.to_owned()), ..Default::default() };
            let found = commitment.rate_of(&line).unwrap();
            assert_eq!(RateIndex::new(&commitment).rate_of(&line), Some(found), "the index finds the same");
            found.price
        };
        assert_eq!(of("m5"), Price::Discount(amount("0.2")), "the earlier of two equally narrow ones");
        assert_eq!(of("c5"), Price::Discount(amount("0.1")));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut wrong = plan("sp-1", "1");
        wrong.end = wrong.start;
        assert!(wrong.check().unwrap_err().to_string().contains("sp-1 ends"));
        assert!(plan("sp-1", "-1").check().is_err());
        let rate = |price| Rate { lines: LineFilter::default(), price, source: Some("offers.csv row 7".to_owned()) };
        for price in [Price::Discount(amount("1.2")), Price::Discount(amount("-0.1")), Price::Unit(amount("-1"))] {
            let error = Commitment { rates: vec![rate(price)], ..plan("sp-1", "1") }.check().unwrap_err();
            assert!(error.to_string().contains("offers.csv row 7"), "the row is named: {error}");
        }
    }

    #[test]
    fn a_share_is_in_lowest_terms() {
        assert_eq!(Price::Discount(amount("0.28")).share(), Some(PriceShare { paid: 18, on_demand: 25 }));
        let share = Price::Share { paid: amount("73.10"), on_demand: amount("100") };
        assert_eq!(share.share(), Some(PriceShare { paid: 731, on_demand: 1000 }));
    }
}
