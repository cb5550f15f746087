//! Which kind of charge a row is.

use proptest::prelude::*;
use scenario::{RuleTable, Treatment};

fn found<'a>(rules: &'a RuleTable, charge: &[(&str, &'static str)]) -> (Treatment, &'a str) {
    let value = |column: &str| charge.iter().find(|(name, _)| *name == column).map(|(_, value)| *value);
    let classified = rules.classify(value);
    (classified.treatment, classified.reason)
}

#[test]
fn the_built_in_rules_know_the_kinds_of_charges() {
    let rules = RuleTable::built_in().unwrap();
    let usage = ("ChargeCategory", "Usage");
    let purchase = ("ChargeCategory", "Purchase");
    for (charge, wanted, reason) in [
        (&[usage, ("ChargeFrequency", "Usage-Based")][..], Treatment::RecurringUsage, "Everything else is usage"),
        (
            &[usage, ("CommitmentDiscountStatus", "Used"), ("CommitmentDiscountId", "c")],
            Treatment::RecurringUsage,
            "Everything else is usage",
        ),
        (&[usage, ("CommitmentDiscountStatus", "Unused")], Treatment::CommitmentFee, "The unused part of a commitment"),
        (&[usage, ("ChargeClass", "Correction")], Treatment::Correction, "A correction of an earlier bill"),
        (
            &[("ChargeCategory", "Credit"), ("ChargeClass", "Correction")],
            Treatment::Correction,
            "A correction of an earlier bill",
        ),
        (&[("ChargeCategory", "Credit")], Treatment::Credit, "A credit"),
        (&[("ChargeCategory", "Tax")], Treatment::PercentageOfBill, "Tax"),
        (
            &[purchase, ("ChargeFrequency", "Recurring"), ("CommitmentDiscountId", "c")],
            Treatment::CommitmentFee,
            "A commitment paid month by month",
        ),
        (
            &[purchase, ("ChargeFrequency", "One-Time"), ("CommitmentDiscountId", "c")],
            Treatment::OneOff,
            "A commitment paid at once",
        ),
        (&[purchase, ("ChargeFrequency", "One-Time")], Treatment::OneOff, "A purchase that happens once"),
        (&[purchase, ("ChargeFrequency", "Recurring")], Treatment::CommitmentFee, "A subscription"),
        (
            &[usage, ("ServiceName", "AWS Support (Business)")],
            Treatment::PercentageOfBill,
            "A support plan, by the name of its service",
        ),
        (&[("ChargeCategory", "Adjustment")], Treatment::OneOff, "An adjustment"),
        (&[][..], Treatment::RecurringUsage, "Everything else is usage"),
    ] {
        assert_eq!(found(&rules, charge), (wanted, reason), "{charge:?}");
    }
    assert!(rules.columns().contains(&"ChargeFrequency"), "a caller is told which columns it must have at hand");
}

#[test]
fn an_analyst_s_rule_comes_first() {
    let own = format!(
        "[[rule]]\nname = \"Marketplace contracts\"\ntreatment = \"one_off\"\nwhen = {{ PublisherName = {{ not = [\"AWS\", \"Amazon\"] }}, \
         ServiceName = {{ starts_with = \"contract\" }} }}\n{}",
        RuleTable::built_in_text()
    );
    let rules = RuleTable::parse(&own).unwrap();
    assert_eq!(
        found(&rules, &[("ServiceName", "Contract with a vendor"), ("ChargeCategory", "Usage")]),
        (Treatment::OneOff, "Marketplace contracts")
    );
    assert_eq!(
        found(&rules, &[("ServiceName", "Contract"), ("PublisherName", "AWS")]).0,
        Treatment::RecurringUsage,
        "a condition that does not hold leaves it to the next rule"
    );
}

#[test]
fn what_is_wrong_with_rules_is_told() {
    let refused = |text: &str| RuleTable::parse(text).unwrap_err().to_string();
    let rule = |body: &str| {
        refused(&format!(
            "[[rule]]\nname = \"x\"\n{body}\n[[rule]]\nname = \"rest\"\ntreatment = \"recurring_usage\"\n"
        ))
    };
    assert!(rule("treatment = \"usage\"").contains("line 1: rule \"x\": there is no treatment \"usage\""));
    let column = rule("treatment = \"one_off\"\nwhen = { ChargeCategroy = \"Tax\" }");
    assert!(column.contains("FOCUS has no column \"ChargeCategroy\"; is ChargeCategory meant?"), "{column}");
    assert!(rule("treatment = \"one_off\"\nwhen = { ChargeCategory = 7 }").contains("cannot be read"));
    assert!(rule("treatment = \"one_off\"").contains("no later rule is ever tried"));
    assert!(
        rule("treatment = \"one_off\"\nif = 3\nwhen = { ChargeCategory = \"Tax\" }").contains("there is no key \"if\"")
    );
    assert!(
        refused("[[rule]]\nname = \"x\"\ntreatment = \"one_off\"\nwhen = { ChargeCategory = \"Tax\" }\n")
            .contains("fit no rule")
    );
    assert!(refused("").contains("fit no rule"));
    assert!(refused("rule = 3").contains("there is no key") || refused("rule = 3").contains("[[rule]]"));
}

proptest! {
    #[test]
    fn every_charge_gets_a_treatment_and_a_reason(values in prop::collection::vec("[A-Za-z -]{0,12}", 12)) {
        let rules = RuleTable::built_in().unwrap();
        let columns = rules.columns();
        let value = |column: &str| {
            let place = columns.iter().position(|known| *known == column)?;
            values.get(place).map(String::as_str)
        };
        prop_assert!(!rules.classify(value).reason.is_empty());
    }
}
