//! A scenario as text: keys in one order, what is as by default left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use money::Amount;

use super::ScenarioFile;
use crate::operation::{Curve, DriverValues, Kind, Operation, Placement, Plateau, RateChange};
use crate::{Estimate, Filter, Month, Slip};

pub(super) fn scenario(file: &ScenarioFile) -> String {
    let mut text = Text(String::new());
    text.optional("baseline", file.baseline.as_deref().map(quote));
    text.optional("based_on", file.based_on.as_deref().map(quote));
    text.optional("note", (!file.note.is_empty()).then(|| quote(&file.note)));
    text.optional("removed", (!file.removed.is_empty()).then(|| list(&file.removed)));
    for operation in &file.operations {
        text.0.push_str("\n[[operation]]\n");
        text.operation(operation);
    }
    text.0
}

struct Text(String);

impl Text {
    fn line(&mut self, key: &str, value: impl Display) {
        self.0.push_str(&format!("{key} = {value}\n"));
    }

    fn optional(&mut self, key: &str, value: Option<String>) {
        if let Some(value) = value {
            self.line(key, value);
        }
    }

    fn operation(&mut self, operation: &Operation) {
        self.line("id", quote(&operation.id));
        self.line("kind", quote(operation.kind.name()));
        self.kind(&operation.kind);
        self.optional("slip_months", (operation.slip_months != Slip::default()).then(|| slip(operation.slip_months)));
        let certain = operation.confidence == Amount::from_integer(100);
        self.optional("confidence", (!certain).then(|| percent(operation.confidence)));
        self.optional("owner", (!operation.owner.is_empty()).then(|| quote(&operation.owner)));
        self.optional("note", (!operation.note.is_empty()).then(|| quote(&operation.note)));
        self.optional("enabled", (!operation.enabled).then(|| "false".to_owned()));
    }

    fn dates(&mut self, from: Month, to: Option<Month>) {
        self.line("from", quote(&from.to_string()));
        self.optional("to", to.map(|to| quote(&to.to_string())));
    }

    fn placement(&mut self, key: &str, placement: &Placement) {
        let values: Vec<String> = placement
            .values
            .iter()
            .map(|(dimension, value)| format!("{} = {}", bare(dimension), quote(value)))
            .collect();
        self.line(key, format!("{{ {} }}", values.join(", ")));
        self.optional("new", placement.new.then(|| "true".to_owned()));
    }

    fn months(&mut self, key: &str, months: u32, default: u32) {
        self.optional(key, (months != default).then(|| months.to_string()));
    }

    fn kind(&mut self, kind: &Kind) {
        if let Some(found) = kind.filter() {
            self.line("where", filter(found));
        }
        match kind {
            Kind::Scale(scale) => {
                self.line("change", estimate(&scale.change, percent));
                self.dates(scale.from, scale.to);
                self.months("over_months", scale.over_months, 1);
                self.optional("compound", scale.compound.then(|| "true".to_owned()));
            }
            Kind::AddFlow(flow) => {
                self.placement("at", &flow.at);
                self.line("amount", estimate(&flow.amount, plain));
                self.dates(flow.from, flow.to);
                self.months("every_months", flow.every_months, 1);
            }
            Kind::OneOff(one_off) => {
                self.placement("at", &one_off.at);
                self.line("amount", estimate(&one_off.amount, plain));
                self.line("month", quote(&one_off.month.to_string()));
            }
            Kind::PriceChange(change) => {
                self.line("change", estimate(&change.change, percent));
                self.dates(change.from, change.to);
            }
            Kind::Shift(shift) => {
                self.placement("into", &shift.into);
                self.line("share", estimate(&shift.share, percent));
                self.line("cost_ratio", estimate(&shift.cost_ratio, percent));
                self.dates(shift.from, None);
                self.months("over_months", shift.over_months, 1);
                self.months("double_running_months", shift.double_running_months, 0);
            }
            Kind::Launch(launch) => {
                self.placement("at", &launch.at);
                self.line("curve", quote(if launch.curve == Curve::Linear { "linear" } else { "s_curve" }));
                match &launch.plateau {
                    Plateau::Money(money) => self.line("plateau", estimate(money, plain)),
                    Plateau::Units { units, unit_price } => {
                        self.line("plateau_units", estimate(units, plain));
                        self.line("unit_price", estimate(unit_price, plain));
                    }
                }
                self.dates(launch.from, launch.to);
                self.months("over_months", launch.over_months, 1);
            }
            Kind::Retire(retire) => {
                self.dates(retire.from, None);
                self.months("over_months", retire.over_months, 1);
            }
            Kind::Cap(cap) => {
                self.line("amount", estimate(&cap.amount, plain));
                self.dates(cap.from, cap.to);
            }
            Kind::Reallocate(reallocate) => {
                self.placement("into", &reallocate.into);
                self.line("share", estimate(&reallocate.share, percent));
                self.dates(reallocate.from, reallocate.to);
            }
            Kind::Commit(_) | Kind::Expire(_) | Kind::Renew(_) => self.commitment(kind),
            Kind::DriverOverride(_) | Kind::CurrencyRate(_) => self.input(kind),
        }
    }

    fn commitment(&mut self, kind: &Kind) {
        match kind {
            Kind::Commit(commit) => {
                self.placement("at", &commit.at);
                self.dates(commit.from, None);
                self.line("term_months", commit.term_months);
                self.line("monthly_fee", plain(commit.monthly_fee));
                self.line("upfront", plain(commit.upfront));
                self.line("discount", estimate(&commit.discount, percent));
            }
            Kind::Expire(expire) => {
                self.line("commitment", quote(&expire.commitment));
                self.dates(expire.from, None);
            }
            Kind::Renew(renew) => {
                self.line("commitment", quote(&renew.commitment));
                self.optional("from", renew.from.map(|from| quote(&from.to_string())));
                self.line("term_months", renew.term_months);
                self.optional("monthly_fee", renew.monthly_fee.map(plain));
                self.line("upfront", plain(renew.upfront));
                self.optional("discount", renew.discount.map(|discount| estimate(&discount, percent)));
            }
            _ => {}
        }
    }

    fn input(&mut self, kind: &Kind) {
        match kind {
            Kind::DriverOverride(driver) => {
                self.line("driver", quote(&driver.driver));
                match &driver.values {
                    DriverValues::Change(change) => self.line("change", estimate(change, percent)),
                    DriverValues::Typed(months) => {
                        let months: Vec<String> =
                            months.iter().map(|(month, value)| format!("\"{month}\" = {}", plain(*value))).collect();
                        self.line("values", format!("{{ {} }}", months.join(", ")));
                    }
                }
                self.dates(driver.from, driver.to);
            }
            Kind::CurrencyRate(currency) => {
                self.line("billed_in", quote(currency.billed_in.code()));
                match &currency.rate {
                    RateChange::Change(change) => self.line("change", estimate(change, percent)),
                    RateChange::Rate(rate) => self.line("rate", estimate(rate, plain)),
                }
                self.dates(currency.from, currency.to);
            }
            _ => {}
        }
    }
}

fn quote(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// A key, in quotes where it needs them.
fn bare(key: &str) -> String {
    toml_edit::Key::new(key).to_string()
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", "))
}

/// Numbers are texts, so that no reader of TOML makes floats of them.
fn plain(amount: Amount) -> String {
    quote(&amount.normalized().to_string())
}

fn percent(amount: Amount) -> String {
    quote(&format!("{} %", amount.normalized()))
}

fn estimate(estimate: &Estimate, figure: impl Fn(Amount) -> String) -> String {
    if estimate.low == estimate.high {
        return figure(estimate.likely);
    }
    let [low, likely, high] = estimate.all().map(figure);
    format!("{{ low = {low}, likely = {likely}, high = {high} }}")
}

fn slip(slip: Slip) -> String {
    if slip.low == slip.high {
        return slip.likely.to_string();
    }
    format!("{{ low = {}, likely = {}, high = {} }}", slip.low, slip.likely, slip.high)
}

fn filter(filter: &Filter) -> String {
    let Filter::Values(values) = filter else { return quote("everything") };
    let several = |allowed: &BTreeSet<String>| match allowed.iter().next() {
        Some(only) if allowed.len() == 1 => quote(only),
        _ => list(&allowed.iter().cloned().collect::<Vec<_>>()),
    };
    let dimension = |values: &BTreeMap<String, BTreeSet<String>>| {
        values
            .iter()
            .map(|(name, allowed)| format!("{} = {}", bare(name), several(allowed)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    format!("{{ {} }}", dimension(values))
}
