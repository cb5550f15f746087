//! [`side_by_side`]: actual cost, forecast and budget of each period, and in words which way they differ.

use money::{Amount, AmountError, Currency, Ratio, Rounding};

use crate::Period;

/// What is known of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The period.
    pub period: Period,
    /// What it cost; none while it is not over.
    pub actual: Option<Amount>,
    /// What it is expected to cost.
    pub forecast: Option<Amount>,
    /// What it may cost.
    pub budget: Option<Amount>,
}

/// Where the figure that is held against the budget comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It is what was paid.
    Actual,
    /// It is what is expected.
    Forecast,
    /// Nothing is known.
    Nothing,
}

/// Which way a cost differs from its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Less than the budget.
    Favourable,
    /// More than the budget.
    Unfavourable,
    /// As much as the budget, to the smallest unit of the currency.
    OnBudget,
    /// There is no budget, or no cost.
    NotComparable,
}

/// A period with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// What was given.
    pub given: Given,
    /// Where the cost comes from.
    pub expected: Expected,
    /// The cost: actual where the period is over, else the forecast.
    pub cost: Option<Amount>,
    /// Budget less cost: above zero is favourable.
    pub variance: Option<Amount>,
    /// The variance as a share of the budget, to six decimals; none for a budget of zero or below.
    pub share: Option<Amount>,
    /// Which way it differs.
    pub verdict: Verdict,
    /// The same in words, such as `12.00 USD (10.0 %) under budget: favourable`.
    pub words: String,
}

/// All periods, and their sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// One for each period.
    pub periods: Vec<Beside>,
    /// The periods that have both cost and budget, as one.
    pub total: Total,
}

/// The sum of the periods that have both cost and budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// How many periods are in it.
    pub periods: usize,
    /// Their actual cost.
    pub actual: Amount,
    /// The forecast of those that are not over.
    pub forecast: Amount,
    /// Their budget.
    pub budget: Amount,
    /// Budget less actual less forecast.
    pub variance: Amount,
    /// The variance as a share of the budget, to six decimals.
    pub share: Option<Amount>,
    /// Which way it differs.
    pub verdict: Verdict,
    /// The same in words.
    pub words: String,
}

/// Puts actual cost, forecast and budget side by side.
///
/// # Errors
/// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
pub fn side_by_side(periods: Vec<Given>, currency: Currency) -> Result<Comparison, AmountError> {
    let (mut actual, mut forecast, mut budget) = (Amount::ZERO, Amount::ZERO, Amount::ZERO);
    let mut count = 0;
    let mut beside = Vec::with_capacity(periods.len());
    for given in periods {
        let (expected, cost) = match (given.actual, given.forecast) {
            (Some(actual), _) => (Expected::Actual, Some(actual)),
            (None, Some(forecast)) => (Expected::Forecast, Some(forecast)),
            (None, None) => (Expected::Nothing, None),
        };
        if let (Some(cost), Some(planned)) = (cost, given.budget) {
            count += 1;
            budget = budget.checked_add(planned)?;
            let sum = if expected == Expected::Actual { &mut actual } else { &mut forecast };
            *sum = sum.checked_add(cost)?;
        }
        let told = Told::new(cost, given.budget, currency)?;
        let Told { variance, share, verdict, words } = told;
        beside.push(Beside { given, expected, cost, variance, share, verdict, words });
    }
    let cost = (count > 0).then_some(actual.checked_add(forecast)?);
    let Told { variance, share, verdict, words } = Told::new(cost, (count > 0).then_some(budget), currency)?;
    let variance = variance.unwrap_or(Amount::ZERO);
    let total = Total { periods: count, actual, forecast, budget, variance, share, verdict, words };
    Ok(Comparison { periods: beside, total })
}

struct Told {
    variance: Option<Amount>,
    share: Option<Amount>,
    verdict: Verdict,
    words: String,
}

impl Told {
    fn new(cost: Option<Amount>, budget: Option<Amount>, currency: Currency) -> Result<Self, AmountError> {
        let nothing = |words: &str| {
            Ok(Self { variance: None, share: None, verdict: Verdict::NotComparable, words: words.to_owned() })
        };
        let (Some(cost), Some(budget)) = (cost, budget) else {
            return nothing(match (cost, budget) {
                (Some(_), None) => "no budget",
                (None, Some(_)) => "no cost and no forecast yet",
                _ => "nothing known",
            });
        };
        let variance = budget.checked_sub(cost)?;
        // A share of a credit would have the wrong sign, and of next to nothing no meaning.
        let share = if budget > Amount::ZERO { Ratio::of(variance, budget, 6) } else { None };
        // What is less than half of the smallest unit is no difference to a reader.
        let shown = variance.rescaled(currency.minor_digits(), Rounding::HalfEven)?;
        let (verdict, side) = match shown.cmp(&Amount::ZERO) {
            std::cmp::Ordering::Greater => (Verdict::Favourable, "under budget: favourable"),
            std::cmp::Ordering::Less => (Verdict::Unfavourable, "over budget: unfavourable"),
            std::cmp::Ordering::Equal => (Verdict::OnBudget, "on budget"),
        };
        let words = match (verdict, percent(share)) {
            (Verdict::OnBudget, _) => side.to_owned(),
            (_, Some(percent)) => format!("{} {currency} ({percent}) {side}", shown.abs()),
            (_, None) => format!("{} {currency} {side}", shown.abs()),
        };
        Ok(Self { variance: Some(variance), share, verdict, words })
    }
}

/// A share without its sign as a percentage with one decimal.
pub(crate) fn percent(share: Option<Amount>) -> Option<String> {
    let hundredfold = share?.abs().checked_mul(Amount::from_integer(100)).ok()?;
    Some(format!("{} %", hundredfold.rescaled(1, Rounding::HalfEven).ok()?))
}
