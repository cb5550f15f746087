//! Present values, yields, and when a purchase has paid for itself.

#![expect(clippy::float_arithmetic, reason = "powers of rates are statistics; they are rounded once, to amounts")]

use money::{Amount, Ratio};

use super::schedule::TermsError;

/// When what was saved has paid what was paid upfront.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakEven {
    /// After so many months, with two decimals; zero where nothing is paid upfront.
    Months(Amount),
    /// Never: a month costs no less than what it displaces.
    Never,
}

/// Months until `upfront / (displaced x utilisation - recurring)`.
///
/// `displaced` is the on-demand cost of a month of full use. A result beyond the term means that the purchase does not pay for itself.
///
/// # Errors
/// [`TermsError::TooLarge`].
pub fn break_even(
    upfront: Amount,
    displaced: Amount,
    utilisation: Amount,
    recurring: Amount,
) -> Result<BreakEven, TermsError> {
    let saved = displaced.checked_mul(utilisation)?.checked_sub(recurring)?;
    if saved <= Amount::ZERO {
        return Ok(BreakEven::Never);
    }
    Ratio::of(upfront, saved, 2).map(BreakEven::Months).ok_or(TermsError::TooLarge)
}

/// Present value of cash by month, the first now, at a yearly rate; to as many decimals as the cash has, at least two.
///
/// # Errors
/// [`TermsError::Rate`] for a rate of -100 % or less; [`TermsError::TooLarge`].
pub fn net_present_value(flows: &[Amount], yearly_rate: Amount) -> Result<Amount, TermsError> {
    if yearly_rate <= Amount::from_integer(-1) {
        return Err(TermsError::Rate { rate: yearly_rate });
    }
    let scale = flows.iter().map(|flow| flow.scale()).max().unwrap_or(0).clamp(2, 9);
    if yearly_rate.is_zero() {
        return Ok(Amount::sum(flows.iter().copied())?);
    }
    let monthly = libm::pow(1.0 + statistic(yearly_rate), 1.0 / 12.0);
    rounded(present_value(flows, monthly), scale)
}

/// What a month of paying early earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Yield {
    /// A month, six decimals.
    pub monthly: Amount,
    /// Twelve times that (APR), four decimals.
    pub nominal_yearly: Amount,
    /// Compounded over twelve months (EAR), four decimals: what the cost of capital is held against.
    pub effective_yearly: Amount,
}

/// The rate that paying as in `early` earns beside paying as in `late`; both by month from purchase. `None` when nothing more is paid early, or when what is
/// paid early is never earned back at any rate above -99 % a month.
///
/// # Errors
/// [`TermsError::TooLarge`].
pub fn prepayment_yield(early: &[Amount], late: &[Amount]) -> Result<Option<Yield>, TermsError> {
    let months = early.len().max(late.len());
    let at = |flows: &[Amount], month: usize| flows.get(month).copied().unwrap_or(Amount::ZERO);
    let gained =
        (0..months).map(|month| at(late, month).checked_sub(at(early, month))).collect::<Result<Vec<_>, _>>()?;
    let invested = gained.iter().find(|gain| !gain.is_zero()).is_some_and(|gain| gain.is_negative());
    let (mut low, mut high) = (0.01_f64, 101.0_f64);
    if !invested || present_value(&gained, low) <= 0.0 || present_value(&gained, high) > 0.0 {
        return Ok(None);
    }
    // The value falls as the rate rises; halving finds the root to the last bit in a fixed number of steps.
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if present_value(&gained, middle) > 0.0 { low = middle } else { high = middle }
    }
    let rate = f64::midpoint(low, high) - 1.0;
    Ok(Some(Yield {
        monthly: rounded(rate, 6)?,
        nominal_yearly: rounded(rate * 12.0, 4)?,
        effective_yearly: rounded(libm::pow(1.0 + rate, 12.0) - 1.0, 4)?,
    }))
}

/// What is saved for each unit of money committed, four decimals; `None` without a commitment.
#[must_use]
pub fn return_on_investment(savings: Amount, committed: Amount) -> Option<Amount> {
    Ratio::of(savings, committed, 4)
}

/// Flows by month at a growth a month.
fn present_value(flows: &[Amount], monthly: f64) -> f64 {
    // From the last month to the first, so that nothing is raised to a power.
    flows.iter().rev().fold(0.0, |value, flow| value / monthly + statistic(*flow))
}

fn statistic(amount: Amount) -> f64 {
    amount.units() as f64 / libm::pow(10.0, f64::from(amount.scale()))
}

fn rounded(value: f64, scale: u8) -> Result<Amount, TermsError> {
    let units = libm::rint(value * libm::pow(10.0, f64::from(scale)));
    if !units.is_finite() || units.abs() > 1e30 {
        return Err(TermsError::TooLarge);
    }
    Ok(Amount::new(units as i128, scale)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn flows(first: &str, others: &str, months: usize) -> Vec<Amount> {
        std::iter::once(amount(first)).chain(std::iter::repeat_n(amount(others), months)).collect()
    }

    #[test]
    fn break_even_of_all_upfront() {
        // Twelve months at 32 % off, used in full: 12 x 0.68; at 80 %: a quarter more.
        assert_eq!(
            break_even(amount("816"), amount("100"), amount("1"), amount("0")),
            Ok(BreakEven::Months(amount("8.16")))
        );
        assert_eq!(
            break_even(amount("816"), amount("100"), amount("0.8"), amount("0")),
            Ok(BreakEven::Months(amount("10.20")))
        );
        assert_eq!(
            break_even(amount("400"), amount("100"), amount("1"), amount("35")),
            Ok(BreakEven::Months(amount("6.15")))
        );
        assert_eq!(
            break_even(amount("0"), amount("100"), amount("1"), amount("73")),
            Ok(BreakEven::Months(amount("0")))
        );
        assert_eq!(break_even(amount("10"), amount("100"), amount("0.7"), amount("73")), Ok(BreakEven::Never));
    }

    /// On demand 100 a month, no upfront 73, all upfront 816: 1.11 % a month, 13.3 % APR, 14.2 % EAR.
    #[test]
    fn prepaying_earns_what_the_worked_example_says() {
        let earned = prepayment_yield(&flows("816", "0", 12), &flows("0", "73", 12)).unwrap().unwrap();
        let three = |value: Amount| value.rounded(3, money::Rounding::HalfUp).to_string();
        assert_eq!(earned.monthly.rounded(4, money::Rounding::HalfUp).to_string(), "0.0111");
        assert_eq!((three(earned.nominal_yearly), three(earned.effective_yearly)), ("0.133".into(), "0.142".into()));
        // At that rate the two ways are worth the same.
        let gained = flows("-816", "73", 12);
        let value = net_present_value(&gained, earned.effective_yearly).unwrap();
        assert!(value.abs() < amount("0.10"), "{value} is left of 876 by the rounding of the rate");
    }

    #[test]
    fn no_yield_where_nothing_is_gained() {
        assert_eq!(prepayment_yield(&flows("0", "73", 12), &flows("0", "73", 12)).unwrap(), None, "the same payments");
        assert_eq!(
            prepayment_yield(&flows("0", "73", 12), &flows("816", "0", 12)).unwrap(),
            None,
            "nothing is paid early"
        );
        let lossy = prepayment_yield(&flows("900", "0", 12), &flows("0", "73", 12)).unwrap().unwrap();
        assert!(lossy.monthly.is_negative(), "paying 900 for 876 earns less than nothing");
    }

    #[test]
    fn present_value_against_a_closed_form() {
        // An annuity of 100 at 1 % a month over 12 months is worth 1125.51 (any table of annuities).
        let yearly = amount("0.12682503");
        assert_eq!(net_present_value(&flows("0", "100", 12), yearly).unwrap(), amount("1125.51"));
        assert_eq!(
            net_present_value(&flows("-5", "100", 12), Amount::ZERO).unwrap(),
            amount("1195"),
            "no rate, plain sum"
        );
        assert!(net_present_value(&flows("1", "1", 2), amount("-1")).unwrap_err().to_string().contains("no rate"));
    }
}
