//! Rules of our own: mistakes that change figures, which FOCUS does not ask about.

use super::condition::Condition::{self, After, All, Any, Is, IsNot, Not, NotNegative, NotNull, NotZero, Null, Zero};
use super::{Origin, Rule, SenseTest, SetTest, Severity, Test, applicability};
use crate::{Column, by_id, columns};

/// Every rule of our own.
pub(super) fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for family in [periods, usage, later_versions, invoices, commitments, bill] {
        rules.extend(family());
    }
    rules
}

/// A column by an id of this file. Every id here is checked by a test.
fn column(id: &str) -> &'static Column {
    by_id(id).unwrap_or(&columns()[0])
}

fn rule(id: &str, severity: Severity, column: Option<&'static Column>, test: Test) -> Rule {
    Rule {
        id: id.to_owned(),
        also: Vec::new(),
        column,
        origin: Origin::Own,
        severity,
        title: String::new(),
        text: String::new(),
        corrected: None,
        flags: Vec::new(),
        meaning: String::new(),
        action: String::new(),
        test,
    }
}

impl Rule {
    /// With what it found, what that means, and what to do about it.
    fn told(self, [title, meaning, action]: [&str; 3]) -> Self {
        Self { title: title.to_owned(), meaning: meaning.to_owned(), action: action.to_owned(), ..self }
    }

    fn also(self, ids: &[&str]) -> Self {
        Self { also: ids.iter().map(|&id| id.to_owned()).collect(), ..self }
    }

    fn with_flag(self, name: &str) -> Self {
        Self { flags: applicability::flag_by_name(name).into_iter().collect(), ..self }
    }
}

fn of_charges(id: &str, severity: Severity, subject: &str, requirement: Condition, when: Option<Condition>) -> Rule {
    rule(id, severity, Some(column(subject)), Test::Charge { requirement, when })
}

fn is(id: &str, values: &[&str]) -> Condition {
    Is(column(id), values.iter().map(|&value| value.to_owned()).collect())
}

fn is_not(id: &str, values: &[&str]) -> Condition {
    IsNot(column(id), values.iter().map(|&value| value.to_owned()).collect())
}

fn usage_that_is_no_correction() -> Condition {
    All(vec![is("ChargeCategory", &["Usage"]), is_not("ChargeClass", &["Correction"])])
}

fn periods() -> Vec<Rule> {
    let ends_after_start = |id, start: &str, end: &str| {
        of_charges(id, Severity::Error, end, After(column(end), column(start)), None).told([
            &format!("{end} is not after {start}"),
            "A period that has no length lands on one day or hour, whatever it was meant to cover.",
            "Report it to the provider. An end of 23:59:59 is not meant here: only ends at or before the start.",
        ])
    };
    let (start, from, to) = (column("ChargePeriodStart"), column("BillingPeriodStart"), column("BillingPeriodEnd"));
    let inside = All(vec![Any(vec![Null(start), Null(from), Not(Box::new(After(from, start)))]), After(to, start)]);
    vec![
        ends_after_start("QD-CHARGE-PERIOD", "ChargePeriodStart", "ChargePeriodEnd"),
        ends_after_start("QD-BILLING-PERIOD", "BillingPeriodStart", "BillingPeriodEnd"),
        of_charges(
            "QD-OUTSIDE-BILL",
            Severity::Notice,
            "ChargePeriodStart",
            inside,
            Some(usage_that_is_no_correction()),
        )
        .told([
            "Usage lies outside of the billing period it is billed in",
            "Late usage: a month by usage and the same month by bill differ by these charges.",
            "Say with each figure whether it is by charge period or by billing period.",
        ]),
    ]
}

fn usage() -> Vec<Rule> {
    let quantities = All(vec![NotNegative(column("ConsumedQuantity")), NotNegative(column("PricingQuantity"))]);
    let costs = All(vec![NotNegative(column("BilledCost")), NotNegative(column("EffectiveCost"))]);
    let costs_something = Any(vec![NotZero(column("BilledCost")), NotZero(column("EffectiveCost"))]);
    let used =
        All(vec![usage_that_is_no_correction(), is_not("CommitmentDiscountStatus", &["Unused"]), costs_something]);
    let some_quantity = Not(Box::new(All(vec![Zero(column("ConsumedQuantity")), Zero(column("PricingQuantity"))])));
    vec![
        of_charges(
            "QD-NEGATIVE-USAGE",
            Severity::Warning,
            "ConsumedQuantity",
            quantities,
            Some(usage_that_is_no_correction()),
        )
        .told([
            "Usage has a negative quantity",
            "Nobody uses less than nothing: the charge takes something back without saying that it is a correction.",
            "Compare it with the charge of the same resource and meter that it takes back.",
        ]),
        of_charges("QD-NEGATIVE-COST", Severity::Notice, "BilledCost", costs, Some(usage_that_is_no_correction()))
            .told([
                "Usage has a negative cost",
                "A discount or a refund stands as usage: the cost of a service is less than what was used of it.",
                "Look at its description; keep discounts apart when working out unit costs.",
            ]),
        of_charges("QD-COST-WITHOUT-QUANTITY", Severity::Warning, "PricingQuantity", some_quantity, Some(used)).told([
            "Usage has a cost and no quantity",
            "Unit costs count the cost of these charges and nothing that was used.",
            "Look at the provider's row: the quantity may stand in a column of its own.",
        ]),
    ]
}

fn later_versions() -> Vec<Rule> {
    let (method, resource) = (column("AllocatedMethodId"), column("AllocatedResourceId"));
    let together = Any(vec![All(vec![Null(method), Null(resource)]), All(vec![NotNull(method), NotNull(resource)])]);
    vec![
        of_charges(
            "QD-SERVICE-PROVIDER",
            Severity::Warning,
            "ServiceProviderName",
            NotNull(column("ServiceProviderName")),
            None,
        )
        .told([
            "ServiceProviderName is null",
            "Who offers the service for sale is not told.",
            "Ask the provider to fill the column; these charges stand under \"(missing)\" until then.",
        ]),
        of_charges("QD-ALLOCATED-METHOD", Severity::Notice, "AllocatedMethodId", together, None).told([
            "AllocatedMethodId and AllocatedResourceId do not come together",
            "A split charge tells its resource and not how it was split, or the other way round.",
            "Ask the provider for the missing one of the two.",
        ]),
    ]
}

fn invoices() -> Vec<Rule> {
    use Severity::{Error, Notice, Warning};
    // Id, severity, the column that has one value, for each value of another, within one value of a third.
    #[rustfmt::skip]
    let rules = [
        ("QD-INVOICE-ISSUER", Error, "InvoiceIssuerName", "InvoiceId", None, [
            "One invoice has several issuers",
            "The charges under this number belong to more than one invoice, or an issuer is misspelt; its total is no invoice's.",
            "Reconcile by number and issuer, and ask the provider which name is right.",
        ]),
        ("QD-INVOICE-CURRENCY", Error, "BillingCurrency", "InvoiceId", None, [
            "One invoice has several billing currencies",
            "An invoice is payable in one currency; its charges cannot be added up to what is payable.",
            "Compare the invoice itself with each of the two sums.",
        ]),
        ("QD-INVOICE-PERIOD", Warning, "BillingPeriodStart", "InvoiceId", None, [
            "One invoice has several billing periods",
            "The invoice's total is spread over months; no single month adds up to it.",
            "Reconcile the invoice over all of its billing periods.",
        ]),
        ("QD-INVOICE-ACCOUNT", Notice, "BillingAccountId", "InvoiceId", None, [
            "One invoice has several billing accounts",
            "The invoice's total is spread over billing accounts; no single account adds up to it.",
            "Reconcile the invoice over all of its billing accounts.",
        ]),
        ("QD-CURRENCY-MIX", Warning, "BillingCurrency", "BillingAccountId", Some("BillingPeriodStart"), [
            "One billing account is billed in several currencies in one billing period",
            "Every answer is in one currency: each leaves a part of this account's bill out.",
            "Ask once for each currency, or convert with a table of rates.",
        ]),
    ];
    let of = |(id, severity, subject, key, within, words): (_, _, _, _, Option<&str>, [&str; 3])| {
        let test = SetTest::OneValuePer { key: column(key), column: column(subject), within: within.map(column) };
        rule(id, severity, Some(column(subject)), Test::Set(test)).told(words)
    };
    rules.into_iter().map(of).collect()
}

fn commitments() -> Vec<Rule> {
    vec![
        rule("QD-COMMITMENT-COST", Severity::Error, Some(column("EffectiveCost")), Test::Set(SetTest::CommitmentCost))
            .told([
                "A commitment costs more than is spread over its use",
                "A part of the recurring fee is in nobody's effective cost: the charge for the unused part is missing.",
                "Count the difference as unused, and ask the provider for the charge.",
            ])
            .also(&["DiscountHandling-A-011-C", "EffectiveCost-C-012-C", "EffectiveCost-C-013-C"])
            .with_flag("COMMITMENT_DISCOUNT_SUPPORTED"),
        rule(
            "QD-COMMITMENT-QUANTITY",
            Severity::Warning,
            Some(column("CommitmentDiscountQuantity")),
            Test::Set(SetTest::CommitmentQuantity),
        )
        .told([
            "Used and unused do not make up the commitment",
            "The share of a commitment that was used cannot be told from its quantities.",
            "Compare the commitment's charges with the provider's own utilisation report.",
        ])
        .also(&["DiscountHandling-A-017-C"])
        .with_flag("COMMITMENT_DISCOUNT_SUPPORTED"),
    ]
}

fn bill() -> Vec<Rule> {
    use Severity::{Error, Notice, Warning};
    #[rustfmt::skip]
    let rules = [
        ("QD-DAY-WITHOUT-CHARGES", Warning, SenseTest::DayWithoutCharges, [
            "A day has no usage between days that have",
            "The export lacks a day, or everything stood still: the month is too cheap by one day.",
            "Compare the day with the provider's own console; load the export again if the day is there.",
        ]),
        ("QD-MISSING-DAYS", Warning, SenseTest::MissingDays, [
            "A finished billing period lacks days at its start or its end",
            "The export was cut, or not delivered again after the month had ended: the month is too cheap.",
            "Load the last delivery of that billing period.",
        ]),
        ("QD-MISSING-PERIOD", Warning, SenseTest::MissingPeriod, [
            "A billing period is missing between two that are loaded",
            "Trends and comparisons take the missing month for one without cost.",
            "Load the export of that billing period.",
        ]),
        ("QD-SERVICE-VANISHED", Notice, SenseTest::ServiceVanished, [
            "A service has no usage in a billing period after one with usage",
            "It was switched off, renamed, or left out of the export.",
            "Look for a service that began in that billing period, then ask its owner.",
        ]),
        ("QD-ACCOUNT-VANISHED", Notice, SenseTest::AccountVanished, [
            "A sub account has no usage in a billing period after one with usage",
            "It was closed, moved to another billing account, or left out of the export.",
            "Ask its owner; look whether another billing account has it now.",
        ]),
        ("QD-DUPLICATE-CHARGES", Error, SenseTest::DuplicateCharges, [
            "A charge is in the load more than once",
            "The same row stands in two files of one delivery, or twice under one line number of the provider: its cost counts twice.",
            "Load the delivery without the file that repeats another, or export it anew.",
        ]),
        ("QD-REPEATED-CHARGES", Notice, SenseTest::RepeatedCharges, [
            "Charges of one file are equal in every column",
            "The export numbers no lines, so equal rows may be rightful (two events in one hour) or written twice.",
            "Compare the sum with the invoice before taking anything out.",
        ]),
        ("QD-TAG-KEY-CASE", Notice, SenseTest::TagKeyCase, [
            "Tag keys differ by upper and lower case only",
            "A breakdown by one of the keys leaves the charges of the others under \"(missing)\".",
            "Agree on one spelling, or merge the keys by a tag rule.",
        ]),
        ("QD-TAG-VALUE-CASE", Notice, SenseTest::TagValueCase, [
            "Values of a tag differ by upper and lower case only",
            "One owner, environment or project falls apart into several.",
            "Agree on one spelling, or merge the values by a tag rule.",
        ]),
    ];
    let of =
        |(id, severity, test, words): (_, _, _, [&str; 3])| rule(id, severity, None, Test::Sense(test)).told(words);
    rules.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rule_stands_on_a_misspelt_column() {
        let first = &columns()[0];
        for rule in rules() {
            let named = rule.column.into_iter().chain(rule.test.columns());
            assert!(named.into_iter().all(|column| column != first), "{} speaks of the stand-in", rule.id);
        }
    }

    #[test]
    fn ids_are_told_from_those_of_focus() {
        assert!(rules().iter().all(|rule| rule.id.starts_with("QD-")), "ours begin with QD-");
    }
}
