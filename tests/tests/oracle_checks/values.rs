//! What may stand in a column of a bill that is drawn.

const NUMBERS: &[&str] = &["", "0", "1", "2.5", "-1", "0.000000001", "1E-3", "24"];
const TEXTS: &[&str] = &["", "a", "b", " ", "N/A", "none", "x \u{fffd}", "O'Neil\"; --"];
const TIMES_DRAWN: &[&str] = &[
    "2026-01-01T00:00:00Z",
    "2026-01-02T00:00:00Z",
    "2026-01-31T23:00:00Z",
    "2026-02-01T00:00:00Z",
    "2025-12-31T00:00:00Z",
];

/// What may stand in a column, sound and unsound.
pub(crate) fn drawn_from(column: &str) -> &'static [&'static str] {
    match column {
        "BilledCost" | "EffectiveCost" => &["0", "2.5", "-1", "48", "2.5000001", ""],
        "BillingCurrency" => &["USD", "USD", "ABC"],
        "BillingPeriodStart" => &["2026-01-01T00:00:00Z"],
        "BillingPeriodEnd" => &["2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", ""],
        "ChargePeriodStart" => TIMES_DRAWN,
        "ChargePeriodEnd" => &["2026-01-02T00:00:00Z", "2026-02-01T00:00:00Z", "2025-12-01T00:00:00Z", ""],
        "ServiceName" => &["Virtual Machines", "n/a", ""],
        "ServiceCategory" => &["Compute", "Storage", "compute", ""],
        "ServiceSubcategory" => &["Virtual Machines", "Object Storage", "Levitation", ""],
        "ProviderName" => &["AWS"],
        "InvoiceIssuerName" => &["Amazon Web Services, Inc.", "AWS EMEA SARL", "Example Reseller", "N/A", ""],
        "ChargeCategory" => &["Usage", "Usage", "Usage", "Purchase", "Tax", "Credit", "Adjustment", "usage", ""],
        "ChargeClass" => &["", "", "", "Correction", "correction"],
        "ChargeFrequency" => &["Usage-Based", "Recurring", "One-Time", "Monthly", ""],
        "PricingCategory" => &["Standard", "Committed", "Dynamic", "Other", "Spot", ""],
        "CommitmentDiscountStatus" | "CapacityReservationStatus" => &["", "", "Used", "Unused", "Active"],
        "CommitmentDiscountCategory" => &["", "Spend", "Usage", "spend"],
        "CommitmentDiscountId" | "ResourceId" => &["", "plan-1", "PLAN-1", "instance-1", " "],
        "PricingCurrency" => &["USD", "usd", "CREDITS", "ABC", "none", ""],
        // Loading keeps objects as tags and nothing else.
        "Tags" => &["", r#"{"a":"b"}"#, r#"{"a":1,"b":true,"c":null}"#, r#"{"a":{"b":1}}"#, r#"{"a":1,"a":2}"#],
        "SkuPriceDetails" => &["", r#"{"a":"b"}"#, r#"{"a":{"b":1}}"#, r#"{"a":[1]}"#, r#"["a"]"#, "a=b"],
        "PricingUnit" | "ConsumedUnit" | "CommitmentDiscountUnit" => {
            &["", "Hours", "GB-Hours", "GB/Hour", "Hrs", "1000 Tokens", "GB-Mo", "Units/3 Months", "%", "hours", "-"]
        }
        column if column.contains("Price") && !column.ends_with("Id") => NUMBERS,
        column if column.ends_with("Cost") || column.ends_with("Quantity") => NUMBERS,
        _ => TEXTS,
    }
}
