//! [`Figure`]: a number with the formula that gave it, or the reason why there is none.

use money::{Amount, Currency, Ratio, Rounding, group_digits};

use super::{Kpi, KpiEvidence, KpiTarget, KpiUnit};

/// The decimals of a ratio, half to even.
const RATIO_DECIMALS: u8 = 6;

/// A figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) value: Result<Amount, String>,
    pub(super) formula: String,
}

impl Figure {
    /// None, for a reason.
    pub(super) fn none(why: impl Into<String>) -> Self {
        Self { value: Err(why.into()), formula: String::new() }
    }

    /// An amount as it stands.
    pub(super) fn amount(value: Amount, formula: String) -> Self {
        Self { value: Ok(value), formula }
    }

    /// `part / whole`; none where the whole is zero, for the reason given, or has no room.
    pub(super) fn ratio(part: Amount, whole: Amount, terms: &str, nothing: &str) -> Self {
        if whole.is_zero() {
            return Self::none(nothing);
        }
        match Ratio::of(part, whole, RATIO_DECIMALS) {
            Some(ratio) => Self { value: Ok(ratio), formula: format!("{terms} = {}", percent(ratio)) },
            None => Self::none("the quotient needs more than 38 digits"),
        }
    }
}

/// What a key figure is beside its number.
pub(super) struct Named<'a> {
    pub(super) id: &'a str,
    pub(super) label: &'a str,
    pub(super) unit: KpiUnit,
    pub(super) definition: &'a str,
}

impl Named<'_> {
    /// The key figure, with that of the compared period where there is one.
    pub(super) fn kpi(self, now: Figure, before: Option<Figure>, evidence: Vec<KpiEvidence>) -> Kpi {
        let previous = before.and_then(|figure| figure.value.ok());
        let (value, not_applicable) = match now.value {
            Ok(value) => (Some(value), None),
            Err(why) => (None, Some(format!("not applicable, because {why}"))),
        };
        let change = value.zip(previous).and_then(|(value, previous)| value.checked_sub(previous).ok());
        Kpi {
            id: self.id.to_owned(),
            label: self.label.to_owned(),
            value,
            unit: self.unit,
            not_applicable,
            estimate: None,
            definition: self.definition.to_owned(),
            formula: now.formula,
            target: None,
            previous,
            change,
            variants: Vec::new(),
            evidence,
        }
    }
}

impl Kpi {
    /// The key figure with what the field aims for; bounds in per cent.
    pub(super) fn aiming(mut self, says: &str, least: Option<i64>, most: Option<i64>) -> Self {
        let bound = |percent: i64| Amount::new(percent.into(), 2).unwrap_or_default();
        let (least, most) = (least.map(bound), most.map(bound));
        let within = |value: Amount| least.is_none_or(|least| value >= least) && most.is_none_or(|most| value <= most);
        self.target = Some(KpiTarget { says: says.to_owned(), least, most, met: self.value.map(within) });
        self
    }
}

/// An amount in a formula: exact, with commas between thousands and at least the currency's decimals.
pub(super) fn money(amount: Amount, currency: Currency) -> String {
    number(amount, currency.minor_digits())
}

/// A number in a formula.
pub(super) fn number(amount: Amount, decimals: u8) -> String {
    let plain = amount.normalized();
    let wide =
        if plain.scale() < decimals { plain.rescaled(decimals, Rounding::HalfEven).unwrap_or(plain) } else { plain };
    let text = wide.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if wide.is_negative() { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", group_digits(whole))
}

/// A fraction in per cent with two decimals, half to even.
pub(super) fn percent(ratio: Amount) -> String {
    let hundredfold = ratio.checked_mul(Amount::from_integer(100)).unwrap_or(ratio);
    format!("{} %", number(hundredfold.rounded(2, Rounding::HalfEven), 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_formulas_are_exact_and_grouped() {
        let amount = |text: &str| text.parse::<Amount>().unwrap();
        for (value, decimals, shown) in [
            ("1234567.5", 2, "1,234,567.50"),
            ("-1234.123456", 2, "-1,234.123456"),
            ("-0.5", 2, "-0.50"),
            ("999", 0, "999"),
            ("0", 2, "0.00"),
        ] {
            assert_eq!(number(amount(value), decimals), shown);
        }
        assert_eq!(percent(amount("0.147199")), "14.72 %");
        assert_eq!(percent(amount("-0.5")), "-50.00 %");
    }

    #[test]
    fn of_nothing_there_is_no_share() {
        let figure = Figure::ratio(Amount::ZERO, Amount::ZERO, "0 / 0", "nothing was billed");
        assert_eq!(figure.value, Err("nothing was billed".to_owned()));
    }
}
