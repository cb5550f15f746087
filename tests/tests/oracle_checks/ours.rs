//! What stands in no model, or wrongly: the rules that are run otherwise than published, and those of our own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use testsupport::shared_data;

use crate::row::{Row, RowRule, company, is, number, rule};

/// Rules of the model that are wrong in it, as the specification has them.
pub(crate) fn corrected() -> Vec<RowRule> {
    let nulls_with = |id: &str, column: &'static str, other: &'static str| {
        rule(id, &[column], move |row| !row.contains_key(column), move |row| !row.contains_key(other))
    };
    let correction = |row: &Row| is(row, "ChargeClass", "Correction");
    vec![
        rule(
            "BilledCost-C-005-C",
            &["BilledCost"],
            |row| number(row, "BilledCost").is_none_or(|cost| cost.is_zero()),
            |row| match (row.get("ProviderName"), row.get("InvoiceIssuerName")) {
                (Some(provider), Some(issuer)) => company(provider) != company(issuer),
                _ => false,
            },
        ),
        nulls_with("CapacityReservationStatus-C-003-C", "CapacityReservationStatus", "CapacityReservationId"),
        rule(
            "CapacityReservationStatus-C-004-C",
            &["CapacityReservationStatus"],
            |row| row.contains_key("CapacityReservationStatus"),
            |row| row.contains_key("CapacityReservationId") && is(row, "ChargeCategory", "Usage"),
        ),
        rule(
            "CommitmentDiscountQuantity-C-007-C",
            &["CommitmentDiscountQuantity"],
            |row| !row.contains_key("CommitmentDiscountQuantity"),
            |row| {
                !row.contains_key("CommitmentDiscountId")
                    || !(is(row, "ChargeCategory", "Usage") || is(row, "ChargeCategory", "Purchase"))
            },
        ),
        rule(
            "CommitmentDiscountStatus-C-004-C",
            &["CommitmentDiscountStatus"],
            |row| row.contains_key("CommitmentDiscountStatus"),
            |row| row.contains_key("CommitmentDiscountId") && is(row, "ChargeCategory", "Usage"),
        ),
        rule(
            "CommitmentDiscountStatus-C-005-M",
            &["CommitmentDiscountStatus"],
            |row| is(row, "CommitmentDiscountStatus", "Used") || is(row, "CommitmentDiscountStatus", "Unused"),
            |row| row.contains_key("CommitmentDiscountStatus"),
        ),
        rule(
            "ConsumedQuantity-C-006-C",
            &["ConsumedQuantity"],
            |row| row.contains_key("ConsumedQuantity"),
            move |row| {
                is(row, "ChargeCategory", "Usage") && !is(row, "CommitmentDiscountStatus", "Unused") && !correction(row)
            },
        ),
        rule(
            "EffectiveCost-C-005-C",
            &["EffectiveCost"],
            |row| number(row, "EffectiveCost").is_none_or(|cost| cost.is_zero()),
            |row| is(row, "ChargeCategory", "Purchase") && row.contains_key("CommitmentDiscountId"),
        ),
        rule(
            "PricingCurrencyEffectiveCost-C-004-M",
            &["PricingCurrencyEffectiveCost"],
            |row| row.contains_key("PricingCurrencyEffectiveCost"),
            |_| true,
        ),
        rule("ServiceSubcategory-C-004-M", &["ServiceSubcategory", "ServiceCategory"], subcategory_fits, |_| true),
    ]
}

static PARENTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    serde_json::from_slice(&std::fs::read(shared_data("reference/focus_1_4_servicesubcategory.json")).unwrap()).unwrap()
});

fn subcategory_fits(row: &Row) -> bool {
    let (Some(category), Some(subcategory)) = (row.get("ServiceCategory"), row.get("ServiceSubcategory")) else {
        return true;
    };
    PARENTS.get(subcategory).is_none_or(|parent| parent == category)
}

/// What the text of FOCUS asks for, and our own rules.
pub(crate) fn ours() -> Vec<RowRule> {
    let equals = |id: &str, cost: &'static str, price: Option<&'static str>| {
        rule(
            id,
            &[cost, "BilledCost"],
            move |row| match (number(row, cost), number(row, "BilledCost")) {
                (Some(cost), Some(billed)) => cost == billed,
                _ => true,
            },
            move |row| is(row, "ChargeCategory", "Credit") && price.is_none_or(|price| !row.contains_key(price)),
        )
    };
    let usage = |row: &Row| is(row, "ChargeCategory", "Usage") && !is(row, "ChargeClass", "Correction");
    let not_negative = |row: &Row, column: &str| number(row, column).is_none_or(|number| number >= Decimal::ZERO);
    let nothing = |row: &Row, column: &str| number(row, column).is_none_or(|number| number.is_zero());
    // All times of these files are written the same way, so their texts compare as the times do.
    let after = |row: &Row, one: &str, other: &str| match (row.get(one), row.get(other)) {
        (Some(one), Some(other)) => one > other,
        _ => true,
    };
    let sold = |row: &Row| is(row, "ChargeCategory", "Usage") || is(row, "ChargeCategory", "Purchase");
    const PRICE: &str = "PricingCurrencyContractedUnitPrice";
    vec![
        equals("EffectiveCost-C-010-C", "EffectiveCost", None),
        equals("ListCost-C-008-C", "ListCost", Some("ListUnitPrice")),
        equals("ContractedCost-C-008-C", "ContractedCost", Some("ContractedUnitPrice")),
        rule(
            "DiscountHandling-A-019-C",
            &["ResourceId", "CommitmentDiscountId"],
            |row| match (row.get("ResourceId"), row.get("CommitmentDiscountId")) {
                (Some(resource), Some(commitment)) => resource.to_lowercase() == commitment.to_lowercase(),
                _ => true,
            },
            |row| is(row, "CommitmentDiscountStatus", "Unused"),
        ),
        rule(
            "PricingCategory-C-009-C",
            &["PricingCategory"],
            |row| is(row, "PricingCategory", "Committed"),
            |row| {
                is(row, "ChargeCategory", "Usage")
                    && is(row, "CommitmentDiscountStatus", "Used")
                    && row.contains_key("PricingCategory")
            },
        ),
        rule(
            "PricingCurrencyContractedUnitPrice-C-004-C",
            &[PRICE],
            |row| !row.contains_key(PRICE),
            |row| is(row, "ChargeCategory", "Tax"),
        ),
        rule(
            "PricingCurrencyContractedUnitPrice-C-005-C",
            &[PRICE],
            |row| row.contains_key(PRICE),
            move |row| sold(row) && !is(row, "ChargeClass", "Correction"),
        ),
        rule("PricingCurrencyContractedUnitPrice-C-008-C", &[PRICE], move |row| not_negative(row, PRICE), |_| true),
        rule(
            "QD-CHARGE-PERIOD",
            &["ChargePeriodStart", "ChargePeriodEnd"],
            move |row| after(row, "ChargePeriodEnd", "ChargePeriodStart"),
            |_| true,
        ),
        rule(
            "QD-BILLING-PERIOD",
            &["BillingPeriodStart", "BillingPeriodEnd"],
            move |row| after(row, "BillingPeriodEnd", "BillingPeriodStart"),
            |_| true,
        ),
        rule(
            "QD-OUTSIDE-BILL",
            &["ChargePeriodStart", "BillingPeriodStart", "BillingPeriodEnd"],
            move |row| {
                let less = |one: &str, other: &str| match (row.get(one), row.get(other)) {
                    (Some(one), Some(other)) => one < other,
                    _ => false,
                };
                let both = row.contains_key("ChargePeriodStart") && row.contains_key("BillingPeriodEnd");
                !less("ChargePeriodStart", "BillingPeriodStart")
                    && (!both || less("ChargePeriodStart", "BillingPeriodEnd"))
            },
            usage,
        ),
        rule(
            "QD-NEGATIVE-USAGE",
            &["ConsumedQuantity", "PricingQuantity"],
            move |row| not_negative(row, "ConsumedQuantity") && not_negative(row, "PricingQuantity"),
            usage,
        ),
        rule(
            "QD-NEGATIVE-COST",
            &["BilledCost", "EffectiveCost"],
            move |row| not_negative(row, "BilledCost") && not_negative(row, "EffectiveCost"),
            usage,
        ),
        rule(
            "QD-COST-WITHOUT-QUANTITY",
            &["ConsumedQuantity", "PricingQuantity"],
            move |row| !(nothing(row, "ConsumedQuantity") && nothing(row, "PricingQuantity")),
            move |row| {
                usage(row)
                    && !is(row, "CommitmentDiscountStatus", "Unused")
                    && !(nothing(row, "BilledCost") && nothing(row, "EffectiveCost"))
            },
        ),
    ]
}
