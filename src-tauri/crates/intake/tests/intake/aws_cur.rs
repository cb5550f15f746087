//! What each line item type of a Cost and Usage Report becomes.

use crate::common::{Charge, charges, columns, decimal};
use intake::{Recognised, Sample, SourceColumn, recognise};

const HEADER: [&str; 27] = [
    "bill/BillingEntity",
    "bill/BillingPeriodStartDate",
    "bill/BillingPeriodEndDate",
    "lineItem/LineItemType",
    "lineItem/UsageStartDate",
    "lineItem/UsageEndDate",
    "lineItem/ProductCode",
    "lineItem/UsageType",
    "lineItem/Operation",
    "lineItem/UsageAmount",
    "lineItem/NormalizedUsageAmount",
    "lineItem/CurrencyCode",
    "lineItem/UnblendedRate",
    "lineItem/UnblendedCost",
    "lineItem/LineItemDescription",
    "lineItem/TaxType",
    "product/sku",
    "pricing/publicOnDemandCost",
    "reservation/ReservationARN",
    "reservation/EffectiveCost",
    "reservation/UnusedQuantity",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/UnusedRecurringFee",
    "savingsPlan/SavingsPlanARN",
    "savingsPlan/SavingsPlanEffectiveCost",
    "savingsPlan/TotalCommitmentToDate",
    "savingsPlan/UsedCommitment",
];

/// A report with these columns besides the usual ones, and one row of it.
struct Report {
    columns: Vec<SourceColumn>,
    recognised: Recognised,
}

impl Report {
    fn with(further: &[&str]) -> Self {
        let names: Vec<&str> = HEADER.iter().chain(further).copied().collect();
        let columns = columns(&names);
        let recognised = recognise(&Sample { columns: &columns, rows: &[] }).expect("a report");
        Self { columns, recognised }
    }

    fn charges(&self, line_item_type: &str, fields: &[(&str, &str)]) -> Vec<Charge> {
        let usual = [
            ("lineItem/LineItemType", line_item_type),
            ("bill/BillingPeriodStartDate", "2026-03-01T00:00:00Z"),
            ("bill/BillingPeriodEndDate", "2026-04-01T00:00:00Z"),
            ("lineItem/UsageStartDate", "2026-03-01T00:00:00Z"),
            ("lineItem/UsageEndDate", "2026-03-01T01:00:00Z"),
            ("lineItem/ProductCode", "AmazonEC2"),
            ("lineItem/CurrencyCode", "USD"),
            ("product/sku", "SKU1"),
        ];
        let row: Vec<Option<String>> = self
            .columns
            .iter()
            .map(|column| {
                let given = fields.iter().chain(&usual).find(|(name, _)| *name == column.name);
                given.map(|(_, value)| (*value).to_owned())
            })
            .collect();
        charges(&self.recognised.mapping, &self.columns, &row)
    }
}

/// Billed, effective, list and contracted cost.
fn costs(charge: &Charge) -> [String; 4] {
    ["billed_cost", "effective_cost", "list_cost", "contracted_cost"]
        .map(|column| charge.number(column).map_or_else(|| "null".to_owned(), |cost| cost.normalize().to_string()))
}

#[test]
fn each_line_item_type_has_its_costs() {
    let report = Report::with(&[]);
    let plan = ("savingsPlan/SavingsPlanARN", "arn:plan");
    let reservation = ("reservation/ReservationARN", "arn:reservation");
    let cost = ("lineItem/UnblendedCost", "8");
    let list = ("pricing/publicOnDemandCost", "10");
    for (line_item_type, fields, category, expected) in [
        ("Usage", vec![cost, list], "Usage", ["8", "8", "10", "8"]),
        (
            "DiscountedUsage",
            vec![("lineItem/UnblendedCost", "0"), list, reservation, ("reservation/EffectiveCost", "6")],
            "Usage",
            ["0", "6", "10", "10"],
        ),
        (
            "SavingsPlanCoveredUsage",
            vec![cost, list, plan, ("savingsPlan/SavingsPlanEffectiveCost", "5")],
            "Usage",
            ["0", "5", "10", "8"],
        ),
        ("RIFee", vec![cost, ("pricing/publicOnDemandCost", "0"), reservation], "Purchase", ["8", "0", "0", "0"]),
        ("SavingsPlanRecurringFee", vec![cost, list, plan], "Purchase", ["8", "0", "0", "0"]),
        ("SavingsPlanUpfrontFee", vec![cost, plan], "Purchase", ["8", "0", "0", "0"]),
        ("Fee", vec![cost, reservation], "Purchase", ["8", "0", "0", "0"]),
        ("Fee", vec![cost], "Purchase", ["8", "8", "8", "8"]),
        ("Tax", vec![cost], "Tax", ["8", "8", "8", "8"]),
        ("Credit", vec![("lineItem/UnblendedCost", "-8")], "Credit", ["-8", "-8", "-8", "-8"]),
        ("Refund", vec![("lineItem/UnblendedCost", "-8")], "Usage", ["-8", "-8", "-8", "-8"]),
        (
            "Refund",
            vec![("lineItem/UnblendedCost", "-8"), ("lineItem/TaxType", "VAT")],
            "Tax",
            ["-8", "-8", "-8", "-8"],
        ),
        (
            "Refund",
            vec![
                ("lineItem/UnblendedCost", "-8"),
                ("lineItem/LineItemDescription", "Refund for one-time fee for Savings Plan ID: 1"),
            ],
            "Purchase",
            ["-8", "0", "0", "0"],
        ),
        ("EdpDiscount", vec![("lineItem/UnblendedCost", "-1")], "Usage", ["-1", "-1", "0", "-1"]),
        ("SomethingNew", vec![cost], "Adjustment", ["8", "8", "8", "8"]),
    ] {
        let charges = report.charges(line_item_type, &fields);
        assert_eq!(charges.len(), 1, "{line_item_type} makes one charge");
        assert_eq!(costs(&charges[0]), expected, "costs of {line_item_type} with {fields:?}");
        assert_eq!(charges[0].text("charge_category"), Some(category), "{line_item_type}");
        let correction = (line_item_type == "Refund").then_some("Correction");
        assert_eq!(charges[0].text("charge_class"), correction, "{line_item_type}");
    }
}

#[test]
fn the_unused_part_of_a_reservation_is_a_charge_of_its_own() {
    let report = Report::with(&[]);
    let fee = [
        ("lineItem/UnblendedCost", "22.32"),
        ("lineItem/UsageAmount", "744"),
        ("lineItem/UsageEndDate", "2026-03-31T23:59:59Z"),
        ("lineItem/LineItemDescription", "hourly fee"),
        ("reservation/ReservationARN", "arn:reservation"),
        ("reservation/UnusedQuantity", "100"),
        ("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod", "1.25"),
        ("reservation/UnusedRecurringFee", "3"),
    ];
    let charges = report.charges("RIFee", &fee);
    assert_eq!(charges.iter().map(|charge| charge.part).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(costs(&charges[0]), ["22.32", "0", "0", "0"]);
    assert_eq!(costs(&charges[1]), ["0", "4.25", "0", "0"], "only effective cost, so that the other totals hold");
    let unused = &charges[1];
    for (column, value) in [
        ("charge_category", Some("Usage")),
        ("charge_frequency", Some("Usage-Based")),
        ("commitment_discount_status", Some("Unused")),
        ("commitment_discount_id", Some("arn:reservation")),
        ("commitment_discount_quantity", Some("100")),
        ("commitment_discount_unit", Some("Hours")),
        ("resource_id", Some("arn:reservation")),
        ("pricing_category", Some("Committed")),
        ("pricing_quantity", Some("100")),
        ("consumed_quantity", None),
        ("list_unit_price", None),
        ("charge_description", Some("Unused reservation: hourly fee")),
        ("charge_period_end", Some("2026-04-01 00:00:00")),
    ] {
        assert_eq!(unused.text(column), value, "{column} of the unused part");
    }
    assert_eq!(charges[0].text("commitment_discount_status"), None, "a purchase is neither used nor unused");
    assert_eq!(charges[0].text("resource_id"), Some("arn:reservation"));

    let used_up: Vec<_> = fee
        .into_iter()
        .map(|(name, value)| if name.starts_with("reservation/Unused") { (name, "0.0") } else { (name, value) })
        .collect();
    assert_eq!(report.charges("RIFee", &used_up).len(), 1, "no charge for nothing");
}

#[test]
fn the_unused_part_of_a_savings_plan_is_a_charge_of_its_own() {
    let report = Report::with(&[]);
    let fields = [
        ("lineItem/UnblendedCost", "10"),
        ("savingsPlan/SavingsPlanARN", "arn:plan"),
        ("savingsPlan/TotalCommitmentToDate", "10"),
        ("savingsPlan/UsedCommitment", "7.5"),
    ];
    let charges = report.charges("SavingsPlanRecurringFee", &fields);
    assert_eq!(
        charges.iter().map(|charge| charge.part).collect::<Vec<_>>(),
        [0, 2],
        "the second kind of further charge"
    );
    assert_eq!(costs(&charges[1]), ["0", "2.5", "0", "0"]);
    assert_eq!(charges[1].text("commitment_discount_category"), Some("Spend"));
    assert_eq!(charges[1].text("commitment_discount_unit"), Some("USD"));
}

#[test]
fn rows_that_only_repeat_others_are_no_charges() {
    let report = Report::with(&[]);
    assert!(report.charges("SavingsPlanNegation", &[("lineItem/UnblendedCost", "-8")]).is_empty());
    let split = [("lineItem/Operation", "ECSTask-EC2"), ("lineItem/UnblendedCost", "0")];
    assert!(report.charges("Usage", &split).is_empty(), "the instance itself is charged");
    let paid = [("lineItem/Operation", "ECSTask-EC2"), ("lineItem/UnblendedCost", "1")];
    assert_eq!(report.charges("Usage", &paid).len(), 1, "what costs something is never dropped");
    for exclusion in &report.recognised.mapping.excluded {
        assert!(exclusion.reason.ends_with('.'), "the load report prints the reason");
    }
}

#[test]
fn net_costs_win_and_discounts_do_not_count_twice() {
    let report = Report::with(&["lineItem/NetUnblendedCost"]);
    let cost = ("lineItem/UnblendedCost", "8");
    let net = report.charges("Usage", &[cost, ("lineItem/NetUnblendedCost", "7")]);
    assert_eq!(costs(&net[0])[..2], ["7", "7"]);
    let discount = report.charges("EdpDiscount", &[("lineItem/UnblendedCost", "-1")]);
    assert_eq!(costs(&discount[0]), ["0", "0", "0", "0"], "the net cost of the usage already holds the discount");
}

#[test]
fn a_report_without_amortised_columns_keeps_fees_where_they_are_billed() {
    let names: Vec<&str> =
        HEADER.into_iter().filter(|name| !name.contains("EffectiveCost") && !name.contains("Unused")).collect();
    let columns = columns(&names);
    let recognised = recognise(&Sample { columns: &columns, rows: &[] }).expect("a report");
    assert!(recognised.notes.iter().any(|note| note.contains("not spread over the use")), "{:?}", recognised.notes);
    let report = Report { columns, recognised };
    let fee = report.charges("RIFee", &[("lineItem/UnblendedCost", "8"), ("reservation/ReservationARN", "arn")]);
    assert_eq!(costs(&fee[0])[..2], ["8", "8"], "nothing is lost from effective cost");
}

#[test]
fn quantities_count_use_once() {
    let report = Report::with(&[]);
    let amount = [("lineItem/UsageAmount", "3"), ("lineItem/UnblendedCost", "1")];
    for (line_item_type, consumed, pricing) in [
        ("Usage", Some("3"), Some("3")),
        ("SavingsPlanCoveredUsage", Some("3"), Some("3")),
        ("RIFee", None, Some("3")),
        ("EdpDiscount", None, None),
        ("Tax", None, None),
    ] {
        let charge = &report.charges(line_item_type, &amount)[0];
        assert_eq!(charge.number("consumed_quantity"), consumed.map(decimal), "consumed quantity of {line_item_type}");
        assert_eq!(charge.number("pricing_quantity"), pricing.map(decimal), "pricing quantity of {line_item_type}");
    }
}

#[test]
fn tags_have_their_prefix_however_the_report_holds_them() {
    let usual = HEADER.map(str::to_owned).to_vec();
    let tags = |further: &[(&str, &str)]| {
        let names: Vec<String> =
            usual.iter().cloned().chain(further.iter().map(|(name, _)| (*name).to_owned())).collect();
        let columns = columns(&names);
        let recognised = recognise(&Sample { columns: &columns, rows: &[] }).expect("a report");
        let report = Report { columns, recognised };
        report.charges("Usage", further)[0].text("tags").map(str::to_owned)
    };
    let upright = Some(r#"{"user:env":"user_a","aws:created_by":"b"}"#.to_owned());
    let flat = r#"{"user_env":"user_a","aws_created_by":"b"}"#;
    assert_eq!(tags(&[("resourceTags/user:env", "user_a"), ("resourceTags/aws:created_by", "b")]), upright, "legacy");
    assert_eq!(tags(&[("resource_tags_user_env", "user_a"), ("resource_tags_aws_created_by", "b")]), upright, "Athena");
    assert_eq!(tags(&[("resource_tags", flat)]), upright, "the map of 2.0");
}

#[test]
fn a_report_of_few_columns_is_usage_in_dollars() {
    let names = ["lineItem/UsageStartDate", "lineItem/UsageEndDate", "lineItem/ProductCode", "lineItem/UnblendedCost"];
    let columns = columns(&names);
    let recognised = recognise(&Sample { columns: &columns, rows: &[] }).expect("a report");
    for told in ["every row counts as usage", "taken to be US dollars"] {
        assert!(recognised.notes.iter().any(|note| note.contains(told)), "{told}: {:?}", recognised.notes);
    }
    let report = Report { columns, recognised };
    let charge = &report.charges("Tax", &[("lineItem/UnblendedCost", "8")])[0];
    assert_eq!(costs(charge), ["8", "8", "8", "8"]);
    for (column, value) in [
        ("charge_category", "Usage"),
        ("billing_currency", "USD"),
        ("billing_period_start", "2026-03-01 00:00:00"),
        ("billing_period_end", "2026-04-01 00:00:00"),
    ] {
        assert_eq!(charge.text(column), Some(value), "{column}");
    }
}
