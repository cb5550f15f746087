//! Rules about charges that belong together.

use serde_json::json;
use testsupport::Bill;

use crate::{count, finding, priced, with};

#[test]
fn a_key_with_two_values_is_told_once() {
    let bill = priced(3).charge(&[("ServiceCategory", "Storage")]);
    let found = finding(&with(&[("bill.csv", &bill)]), "ServiceName-C-005-C");
    assert_eq!((&found["count"], &found["counted"]), (&json!(1), &json!("keys")));
    assert_eq!(found["examples"], json!(["Example Cloud: Virtual Machines: Compute, Storage"]));
    assert_eq!(found["cost"], json!([{ "currency": "USD", "billed": "10" }]), "all charges of the service");
    let two = priced(2).charge(&[("ServiceCategory", "Storage"), ("ServiceName", "Disks")]);
    assert_eq!(count(&two, "ServiceName-C-005-C"), 0, "two services may have two categories");
    let sku = priced(1).charge(&[("SkuId", "sku-2")]);
    assert_eq!(count(&sku, "SkuPriceId-C-008-M"), 1, "a price belongs to one SKU");
}

#[test]
fn an_invoice_has_one_issuer_currency_account_and_period() {
    let bill = || priced(0).usual("InvoiceId", "A-1").charge(&[]);
    for (rule, column, value) in [
        ("QD-INVOICE-ISSUER", "InvoiceIssuerName", "Another Cloud"),
        ("QD-INVOICE-CURRENCY", "BillingCurrency", "EUR"),
        ("QD-INVOICE-ACCOUNT", "BillingAccountId", "101"),
        ("QD-INVOICE-PERIOD", "BillingPeriodStart", "2025-12-01T00:00:00Z"),
    ] {
        assert_eq!(count(&bill().charge(&[(column, value)]), rule), 1, "{rule}: one invoice, two values");
        let other = bill().charge(&[(column, value), ("InvoiceId", "A-2")]);
        assert_eq!(count(&other, rule), 0, "{rule}: two invoices may differ");
    }
}

#[test]
fn currencies_of_one_account_are_told_apart() {
    let bench = with(&[("bill.csv", &priced(2).charge(&[("BillingCurrency", "EUR")]))]);
    let found = finding(&bench, "QD-CURRENCY-MIX");
    assert_eq!(found["examples"], json!(["Example Cloud: 100 in 2026-01: EUR, USD"]));
    let cost = json!([{ "currency": "EUR", "billed": "2.5" }, { "currency": "USD", "billed": "5" }]);
    assert_eq!(found["cost"], cost, "costs are told by currency and never added");
    let apart = priced(2).charge(&[("BillingCurrency", "EUR"), ("BillingAccountId", "101")]);
    assert_eq!(count(&apart, "QD-CURRENCY-MIX"), 0, "another account may be billed otherwise");
}

/// A commitment of 10 a fee; `fees` are the days of its fees, `length` their days, and each day from the 1st to the 5th has used and
/// unused parts that add up to `day`.
fn committed(fees: &[u32], length: u32, day: (&str, &str)) -> Bill {
    let at = |day: u32| format!("2026-01-{day:02}T00:00:00Z");
    let mut bill = priced(0)
        .usual("BillingPeriodEnd", "2026-01-06T00:00:00Z")
        .usual("CommitmentDiscountQuantity", "")
        .usual("CommitmentDiscountUnit", "")
        .usual("CommitmentDiscountId", "plan-1")
        .usual("CommitmentDiscountUnit", "Hours");
    for &fee in fees {
        bill = bill.charge(&[
            ("ChargeCategory", "Purchase"),
            ("ChargeFrequency", "Recurring"),
            ("BilledCost", "10"),
            ("EffectiveCost", "0"),
            ("ChargePeriodStart", &at(fee)),
            ("ChargePeriodEnd", &at(fee + length)),
            ("CommitmentDiscountQuantity", "10"),
        ]);
    }
    for number in 1..=5 {
        for (status, cost) in [("Used", day.0), ("Unused", day.1)] {
            bill = bill.charge(&[
                ("CommitmentDiscountStatus", status),
                ("BilledCost", "0"),
                ("EffectiveCost", cost),
                ("ChargePeriodStart", &at(number)),
                ("ChargePeriodEnd", &at(number + 1)),
                ("CommitmentDiscountQuantity", cost),
            ]);
        }
    }
    bill
}

#[test]
fn used_and_unused_make_up_the_fee() {
    const COST: &str = "QD-COMMITMENT-COST";
    const QUANTITY: &str = "QD-COMMITMENT-QUANTITY";
    let whole = committed(&[1], 5, ("1.5", "0.5"));
    assert_eq!((count(&whole, COST), count(&whole, QUANTITY)), (0, 0), "5 days of 2 are 10");
    let less = committed(&[1], 5, ("1.5", "0.4"));
    assert_eq!((count(&less, COST), count(&less, QUANTITY)), (1, 1), "a part of the unused is missing");
    let rounded = committed(&[1], 5, ("1.5", "0.499999"));
    assert_eq!(count(&rounded, COST), 0, "5 millionths are rounding");
    let more = committed(&[1], 5, ("1.5", "0.6"));
    assert_eq!((count(&more, COST), count(&more, QUANTITY)), (0, 1), "more cost may be of a part paid upfront");
    let found = finding(&with(&[("bill.csv", &less)]), COST);
    let expected = "Example Cloud: plan-1: paid 10.000000000, spread 9.500000000 from 2026-01-01 to 2026-01-06";
    assert_eq!(found["examples"], json!([expected]));
    assert_eq!(found["also"], json!(["DiscountHandling-A-011-C", "EffectiveCost-C-012-C", "EffectiveCost-C-013-C"]));
}

#[test]
fn a_fee_is_held_against_its_own_time() {
    const COST: &str = "QD-COMMITMENT-COST";
    let daily = committed(&[1, 2, 3, 4, 5], 1, ("9", "1"));
    assert_eq!(count(&daily, COST), 0, "each day's fee is spread over its day");
    // The days before make up for it in the month's sum, and not in the day's.
    let uneven = committed(&[1, 2, 3, 4], 1, ("9", "1")).charge(&[
        ("ChargeCategory", "Purchase"),
        ("ChargeFrequency", "Recurring"),
        ("BilledCost", "12"),
        ("EffectiveCost", "0"),
        ("ChargePeriodStart", "2026-01-05T00:00:00Z"),
        ("ChargePeriodEnd", "2026-01-06T00:00:00Z"),
        ("CommitmentDiscountQuantity", "10"),
    ]);
    let found = finding(&with(&[("bill.csv", &uneven)]), COST);
    assert_eq!(found["count"], 1);
    assert!(found["examples"][0].as_str().unwrap().ends_with("from 2026-01-05 to 2026-01-06"), "{found}");
    // Azure dates a month's fee with one day.
    let dated = committed(&[1], 1, ("1.5", "0.4"));
    assert_eq!(count(&dated, COST), 0, "its month is not over, so nothing is said");
    let twice = committed(&[1, 3], 1, ("4", "1"));
    assert_eq!(count(&twice, COST), 0, "the first fee is for the time to the second");
    let short = committed(&[1, 3], 1, ("4", "0.5"));
    assert_eq!(count(&short, COST), 1);
}
