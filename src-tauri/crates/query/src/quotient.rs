//! [`Quotient`]: a sum divided by another, or by a business metric. The sums are made first: a quotient of sums, never a sum of quotients.

use crate::error::cut;
use crate::measure::UnknownMeasure;
use crate::{Measure, MeasureKind};

/// The decimals of a quotient, half to even. Unit prices of requests and bytes have up to ten.
pub const QUOTIENT_DECIMALS: u8 = 12;

/// What divides by a business metric begins with this.
const METRIC: &str = "metric:";

/// The longest name of a metric that a question can divide by.
const METRIC_NAME_MAX: usize = 200;

/// One measure divided by another, or by a metric. Neither of them is a quotient itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quotient {
    numerator: Measure,
    divisor: Divisor,
}

/// What a sum is divided by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Divisor {
    /// Another sum over the same charges.
    Measure(Measure),
    /// The values of a business metric of that name in the same days.
    Metric(String),
}

impl Quotient {
    /// The quotient of two measures that are added up; none where one of them is divided already, or both are the same.
    #[must_use]
    pub fn new(numerator: Measure, divisor: Divisor) -> Option<Self> {
        let added = |measure: &Measure| measure.quotient().is_none();
        let sound = match &divisor {
            Divisor::Measure(measure) => added(measure) && *measure != numerator,
            Divisor::Metric(name) => {
                !name.trim().is_empty()
                    && name.trim() == name
                    && name.chars().count() <= METRIC_NAME_MAX
                    && !name.chars().any(char::is_control)
            }
        };
        (sound && added(&numerator)).then_some(Self { numerator, divisor })
    }

    /// Reads what stands on both sides of the `/`.
    pub(crate) fn parse(numerator: &str, divisor: &str) -> Result<Self, UnknownMeasure> {
        let by = match divisor.trim().strip_prefix(METRIC) {
            Some(metric) => Divisor::Metric(metric.trim().to_owned()),
            None => Divisor::Measure(divisor.parse()?),
        };
        Self::new(numerator.parse()?, by)
            .ok_or_else(|| UnknownMeasure { text: cut(&format!("{numerator}/{divisor}")), near: Vec::new() })
    }

    /// What is divided.
    #[must_use]
    pub const fn numerator(&self) -> &Measure {
        &self.numerator
    }

    /// What it is divided by.
    #[must_use]
    pub const fn divisor(&self) -> &Divisor {
        &self.divisor
    }

    /// The metric that it is divided by.
    #[must_use]
    pub fn metric(&self) -> Option<&str> {
        match &self.divisor {
            Divisor::Metric(name) => Some(name),
            Divisor::Measure(_) => None,
        }
    }

    /// Its name: `effective_cost/consumed_quantity`, `billed_cost/metric:orders`.
    pub(crate) fn name(&self) -> String {
        match &self.divisor {
            Divisor::Measure(measure) => format!("{}/{measure}", self.numerator),
            Divisor::Metric(name) => format!("{}/{METRIC}{name}", self.numerator),
        }
    }

    pub(crate) fn label(&self) -> String {
        match &self.divisor {
            Divisor::Measure(measure) => {
                format!("{} / {}", self.numerator.label(), measure.label().to_lowercase())
            }
            Divisor::Metric(name) => format!("{} / {name}", self.numerator.label()),
        }
    }

    /// Money by money is a share; money by anything else a cost of one; the rest plain numbers.
    pub(crate) fn kind(&self) -> MeasureKind {
        let by_money = matches!(&self.divisor, Divisor::Measure(measure) if measure.kind() == MeasureKind::Currency);
        match (self.numerator.kind() == MeasureKind::Currency, by_money) {
            (true, true) => MeasureKind::Percent,
            (true, false) => MeasureKind::UnitCost,
            (false, _) => MeasureKind::Ratio,
        }
    }

    pub(crate) fn definition(&self) -> String {
        let (label, numerator) = (self.label(), self.numerator.label().to_lowercase());
        let by = match &self.divisor {
            Divisor::Measure(measure) => format!("the {} of the same charges", measure.label().to_lowercase()),
            Divisor::Metric(name) => format!("what the business metric {name} has in the same days"),
        };
        format!(
            "{label} is the {numerator} divided by {by}: a quotient of the sums, to {QUOTIENT_DECIMALS} decimals, half to even. \
             Totals and the rest are divided anew from their own sums. Where the divisor is zero or missing there is no value."
        )
    }
}

/// A quotient that the analyst gave a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedMeasure {
    /// What the analyst calls it.
    pub name: String,
    /// The quotient.
    pub measure: Measure,
    /// As what it is shown.
    pub kind: MeasureKind,
}

impl NamedMeasure {
    /// Whether a quotient can be shown as a kind of number: money divided by what is no money is a cost of one and nothing else.
    #[must_use]
    pub fn fits(measure: &Measure, kind: MeasureKind) -> bool {
        measure.quotient().is_some_and(|quotient| match quotient.kind() {
            MeasureKind::UnitCost => kind == MeasureKind::UnitCost,
            _ => matches!(kind, MeasureKind::Ratio | MeasureKind::Percent),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Measure {
        text.parse().expect("a measure")
    }

    #[test]
    fn a_quotient_is_its_name_everywhere() {
        for (typed, name, label, kind) in [
            (
                "effective/usage",
                "effective_cost/consumed_quantity",
                "Effective cost / consumed quantity",
                MeasureKind::UnitCost,
            ),
            ("billed / list", "billed_cost/list_cost", "Billed cost / list cost", MeasureKind::Percent),
            ("usage/charges", "consumed_quantity/charges", "Consumed quantity / charges", MeasureKind::Ratio),
            (
                "billed/metric:orders / day",
                "billed_cost/metric:orders / day",
                "Billed cost / orders / day",
                MeasureKind::UnitCost,
            ),
        ] {
            let measure = parsed(typed);
            assert_eq!((&*measure.name(), &*measure.label(), measure.kind()), (name, label, kind));
            assert_eq!(parsed(name), measure, "the name reads back");
            let wire = serde_json::to_value(&measure).unwrap();
            assert_eq!(wire, name);
            assert_eq!(serde_json::from_value::<Measure>(wire).unwrap(), measure);
        }
    }

    #[test]
    fn what_cannot_be_divided_is_refused() {
        for text in [
            "billed/billed",
            "billed/list/usage",
            "billed/",
            "/billed",
            "billed/metric:",
            "billed/metric: ",
            "metric:orders/billed",
            "billed/nothing",
        ] {
            assert!(text.parse::<Measure>().is_err(), "{text} is no measure");
        }
    }

    #[test]
    fn a_cost_of_one_is_shown_as_nothing_else() {
        let fits = |text: &str, kind| NamedMeasure::fits(&parsed(text), kind);
        assert!(fits("billed/usage", MeasureKind::UnitCost) && !fits("billed/usage", MeasureKind::Percent));
        assert!(fits("billed/list", MeasureKind::Percent) && fits("billed/list", MeasureKind::Ratio));
        assert!(!fits("billed/list", MeasureKind::UnitCost) && !fits("billed", MeasureKind::Currency));
    }
}
