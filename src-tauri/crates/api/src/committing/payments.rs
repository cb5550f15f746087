//! One purchase paid in each of the ways there are: what it costs, when it has paid for itself, what paying early earns.

use commitment::model::Payment;
use commitment::money_time::{BreakEven, Comparison, Terms, compare};
use money::{Amount, Ratio, Rounding};
use serde::Serialize;
use ts_rs::TS;

use super::reply::payment_word;
use crate::ApiError;

/// The hours of a month, a twelfth of 8,760: what providers reckon with.
const HOURS_A_MONTH: i64 = 730;
/// A partial upfront pays half at once (AWS Savings Plans User Guide, "Payment options").
const HALF: i64 = 2;
/// Decimals of what is paid.
const CENTS: u8 = 2;

/// A way to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentPaymentOption {
    /// `no_upfront`, `partial_upfront` or `all_upfront`.
    pub payment: String,
    /// The discount on what the purchase covers, a fraction.
    pub discount: Amount,
    /// Paid at purchase.
    pub upfront: Amount,
    /// Paid a month.
    pub monthly: Amount,
    /// Paid in all.
    pub total: Amount,
    /// On-demand cost over the term less that, if usage goes on as in the hours looked at.
    pub savings: Amount,
    /// The same in today's money, at the cost of capital.
    pub net_present_value: Amount,
    /// Savings over what is paid, a fraction.
    pub return_on_investment: Option<Amount>,
    /// After so many months what was saved has paid for what was paid at purchase; none where it never does.
    pub break_even_month: Option<Amount>,
    /// What paying earlier earns a year beside the way that pays least at purchase, a fraction; none for that way and where it earns nothing.
    pub prepayment_yield: Option<Amount>,
    /// Whether that is more than capital costs; none for the way that pays least at purchase.
    pub beats_cost_of_capital: Option<bool>,
}

/// A purchase over the hours that were looked at.
pub(super) struct Purchase {
    /// The hours with data.
    pub(super) hours: u64,
    /// What it costs over them, at `discount`.
    pub(super) commitment: Amount,
    /// The on-demand cost of what it covers over them.
    pub(super) covered: Amount,
    /// The mean discount of what it may cover.
    pub(super) discount: Amount,
    pub(super) months: u32,
}

/// The ways to pay a purchase, the best present value first. `discounts` are the ways that have a rate for all of its usage, with the mean discount of
/// each: the same usage covered at another discount costs `(1 - other) / (1 - discount)` as much.
pub(super) fn options(
    purchase: &Purchase,
    discounts: &[(Payment, Amount)],
    cost_of_capital: Amount,
) -> Result<Vec<CommitmentPaymentOption>, ApiError> {
    let one = Amount::from_integer(1);
    let hours = Amount::from_integer(i64::try_from(purchase.hours).unwrap_or(i64::MAX));
    let month = Amount::from_integer(HOURS_A_MONTH);
    let rest = one.checked_sub(purchase.discount)?;
    let Some(displaced) = Ratio::of(purchase.covered.checked_mul(month)?, hours, CENTS) else { return Ok(Vec::new()) };
    let mut terms = Vec::new();
    for (payment, discount) in discounts {
        let fee = purchase.commitment.checked_mul(month)?.checked_mul(one.checked_sub(*discount)?)?;
        let Some(monthly) = Ratio::of(fee, hours.checked_mul(rest)?, CENTS) else { continue };
        let whole = monthly.checked_mul(Amount::from_integer(purchase.months.into()))?;
        let (upfront, monthly) = match payment {
            Payment::NoUpfront => (Amount::ZERO, monthly),
            Payment::PartialUpfront => {
                let half = |amount: Amount| Ratio::of(amount, Amount::from_integer(HALF), CENTS).unwrap_or(amount);
                (half(whole), half(monthly))
            }
            Payment::AllUpfront => (whole, Amount::ZERO),
        };
        terms.push(Terms { name: payment_word(*payment).to_owned(), months: purchase.months, upfront, monthly });
    }
    let by_month = vec![displaced; purchase.months as usize];
    let compared = compare(&terms, &by_month, cost_of_capital)
        .map_err(|error| ApiError::new("usage", error.to_string(), "Write 0.08 for 8 % a year."))?;
    let discount_of = |name: &str| discounts.iter().find(|(payment, _)| payment_word(*payment) == name);
    Ok(compared
        .into_iter()
        .map(|option| {
            let discount = discount_of(&option.name).map_or(purchase.discount, |(_, discount)| *discount);
            shown(option, discount)
        })
        .collect())
}

fn shown(option: Comparison, discount: Amount) -> CommitmentPaymentOption {
    CommitmentPaymentOption {
        payment: option.name,
        discount: discount.normalized(),
        upfront: option.upfront.normalized(),
        monthly: option.monthly.normalized(),
        total: option.total.normalized(),
        savings: option.savings.normalized(),
        net_present_value: option.net_present_value.rounded(CENTS, Rounding::HalfEven).normalized(),
        return_on_investment: option.return_on_investment,
        break_even_month: match option.break_even {
            BreakEven::Months(months) => Some(months),
            BreakEven::Never => None,
        },
        prepayment_yield: option.prepayment_yield.map(|earned| earned.effective_yearly),
        beats_cost_of_capital: option.beats_cost_of_capital,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    /// A month of 730 hours in which what costs 100 on demand is covered for 73.
    fn purchase() -> Purchase {
        let (commitment, covered, discount) = (amount("73"), amount("100"), amount("0.27"));
        Purchase { hours: 730, commitment, covered, discount, months: 12 }
    }

    #[test]
    fn each_way_pays_by_its_own_discount_and_is_held_against_capital() {
        let discounts = [
            (Payment::NoUpfront, amount("0.27")),
            (Payment::PartialUpfront, amount("0.30")),
            (Payment::AllUpfront, amount("0.32")),
        ];
        let at = |rate: &str| options(&purchase(), &discounts, amount(rate)).unwrap();
        let cheap = at("0.08");
        let way = |found: &[CommitmentPaymentOption], name: &str| {
            found.iter().find(|way| way.payment == name).cloned().unwrap()
        };
        let all = way(&cheap, "all_upfront");
        assert_eq!(
            (all.upfront, all.monthly, all.total),
            (amount("816"), Amount::ZERO, amount("816")),
            "0.68 of 1,200"
        );
        assert_eq!(all.savings, amount("384"));
        assert_eq!(all.break_even_month, Some(amount("8.16")), "816 upfront, 100 displaced a month");
        let partial = way(&cheap, "partial_upfront");
        assert_eq!((partial.upfront, partial.monthly), (amount("420"), amount("35")), "half of 840 at once");
        let none = way(&cheap, "no_upfront");
        assert_eq!((none.upfront, none.monthly, none.total), (Amount::ZERO, amount("73"), amount("876")));
        assert_eq!((none.prepayment_yield, none.beats_cost_of_capital), (None, None), "the others are beside it");
        // 816 = sum of 73 / (1 + i)^m over 12 months: i is 1.1 % a month, 14.2 % a year.
        let earned = all.prepayment_yield.unwrap();
        assert!(earned > amount("0.13") && earned < amount("0.155"), "{earned}");
        assert_eq!(all.beats_cost_of_capital, Some(true));
        assert_eq!(way(&at("0.2"), "all_upfront").beats_cost_of_capital, Some(false));
        assert_eq!(at("0.2")[0].payment, "no_upfront", "dear capital waits");
    }

    #[test]
    fn a_way_without_a_rate_is_left_out_and_a_rate_that_is_none_is_told() {
        let only = [(Payment::NoUpfront, amount("0.27"))];
        assert_eq!(options(&purchase(), &only, Amount::ZERO).unwrap().len(), 1);
        assert_eq!(options(&purchase(), &only, amount("-1")).unwrap_err().code, "usage");
        let none = Purchase { hours: 0, ..purchase() };
        assert_eq!(options(&none, &only, Amount::ZERO).unwrap(), [], "no hours, no payments");
    }
}
