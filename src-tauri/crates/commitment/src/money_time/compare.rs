//! The payment options of one purchase beside each other.

use money::Amount;

use super::schedule::{Terms, TermsError};
use super::value::{BreakEven, Yield, break_even, net_present_value, prepayment_yield, return_on_investment};

/// One payment option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Its name.
    pub name: String,
    /// Cash at purchase, a month, and in all.
    pub upfront: Amount,
    /// A month.
    pub monthly: Amount,
    /// In all.
    pub total: Amount,
    /// On-demand cost that is displaced, less `total`.
    pub savings: Amount,
    /// The same in today's money: what is displaced by month less what is paid, at the cost of capital.
    pub net_present_value: Amount,
    /// `savings / total`.
    pub return_on_investment: Option<Amount>,
    /// Months until it has paid for what was paid upfront, at the mean of what is displaced.
    pub break_even: BreakEven,
    /// What it earns beside the option that pays least upfront; `None` for that one.
    pub prepayment_yield: Option<Yield>,
    /// Whether that is more than capital costs; `None` for the option that pays least upfront.
    pub beats_cost_of_capital: Option<bool>,
}

/// Compares options of the same term, the best net present value first; among equals the one with less upfront.
///
/// `displaced` is the on-demand cost that the purchase displaces in each month, as its usage is expected: unused capacity displaces nothing.
///
/// # Errors
/// [`TermsError`]: months that differ, payments below zero, a rate that is none.
pub fn compare(
    options: &[Terms],
    displaced: &[Amount],
    cost_of_capital: Amount,
) -> Result<Vec<Comparison>, TermsError> {
    for option in options {
        if displaced.len() != option.months as usize {
            return Err(TermsError::Months {
                name: option.name.clone(),
                found: displaced.len(),
                expected: option.months,
            });
        }
    }
    let all = Amount::sum(displaced.iter().copied())?;
    let Some(least) = options.iter().min_by_key(|option| option.upfront) else { return Ok(Vec::new()) };
    let late = least.cash()?;
    let mut compared = Vec::with_capacity(options.len());
    for option in options {
        let cash = option.cash()?;
        let total = option.total()?;
        let gains = std::iter::once(&Amount::ZERO).chain(displaced).zip(&cash);
        let flows = gains.map(|(gain, paid)| gain.checked_sub(*paid)).collect::<Result<Vec<_>, _>>()?;
        let savings = all.checked_sub(total)?;
        let earned = if option == least { None } else { prepayment_yield(&cash, &late)? };
        // The mean month: the term's sums instead of a division.
        let months = Amount::from_integer(option.months.into());
        let upfront = option.upfront.checked_mul(months)?;
        let recurring = option.monthly.checked_mul(months)?;
        compared.push(Comparison {
            name: option.name.clone(),
            upfront: option.upfront,
            monthly: option.monthly,
            total,
            savings,
            net_present_value: net_present_value(&flows, cost_of_capital)?,
            return_on_investment: return_on_investment(savings, total),
            break_even: break_even(upfront, all, Amount::from_integer(1), recurring)?,
            beats_cost_of_capital: if option == least {
                None
            } else {
                Some(earned.is_some_and(|earned| earned.effective_yearly > cost_of_capital))
            },
            prepayment_yield: earned,
        });
    }
    compared.sort_by(|left, right| {
        right.net_present_value.cmp(&left.net_present_value).then(left.upfront.cmp(&right.upfront))
    });
    Ok(compared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn options() -> Vec<Terms> {
        [("no upfront", "0", "73"), ("partial upfront", "420", "36"), ("all upfront", "816", "0")]
            .map(|(name, upfront, monthly)| Terms {
                name: name.into(),
                months: 12,
                upfront: amount(upfront),
                monthly: amount(monthly),
            })
            .to_vec()
    }

    #[test]
    fn the_cost_of_capital_decides() {
        let names = |rate: &str| -> Vec<String> {
            let compared = compare(&options(), &[amount("100"); 12], amount(rate)).unwrap();
            compared.into_iter().map(|option| option.name).collect()
        };
        assert_eq!(
            names("0.08"),
            ["all upfront", "partial upfront", "no upfront"],
            "prepaying earns 14.2 %, more than 8 %"
        );
        assert_eq!(names("0.20")[0], "no upfront", "capital at 20 % is better kept");

        let compared = compare(&options(), &[amount("100"); 12], amount("0.08")).unwrap();
        assert_eq!(compared[0].beats_cost_of_capital, Some(true));
        assert_eq!(compared[0].break_even, BreakEven::Months(amount("8.16")));
        assert_eq!(
            compared[2].prepayment_yield, None,
            "the option that pays least upfront is what the others are held against"
        );
        assert_eq!(compared[2].return_on_investment, Some(amount("0.3699")), "324 saved of 876");
    }

    #[test]
    fn months_must_be_those_of_the_term() {
        let refused = compare(&options(), &[amount("100"); 11], amount("0.08")).unwrap_err();
        assert_eq!(refused.to_string(), "no upfront has 12 months, 11 were given");
    }
}
