//! FOCUS as AWS exports it: Parquet with binary numbers, times in milliseconds and maps; and the same month as FOCUS and as a Cost
//! and Usage Report.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use testsupport::decimal::decimal;
use testsupport::parquet_file::{Column, Kind, parquet};
use testsupport::{Workbench, shared_data};

use crate::PROGRAM;
use crate::maker::{Fields, legacy, rows};
use crate::report::{Line, Report};

/// The columns of both versions with their types, as AWS documents them.
const COMMON: [(&str, Kind); 43] = [
    ("AvailabilityZone", Kind::Text),
    ("BilledCost", Kind::Double),
    ("BillingAccountId", Kind::Text),
    ("BillingAccountName", Kind::Text),
    ("BillingCurrency", Kind::Text),
    ("BillingPeriodEnd", Kind::Milliseconds),
    ("BillingPeriodStart", Kind::Milliseconds),
    ("ChargeCategory", Kind::Text),
    ("ChargeClass", Kind::Text),
    ("ChargeDescription", Kind::Text),
    ("ChargeFrequency", Kind::Text),
    ("ChargePeriodEnd", Kind::Milliseconds),
    ("ChargePeriodStart", Kind::Milliseconds),
    ("CommitmentDiscountCategory", Kind::Text),
    ("CommitmentDiscountId", Kind::Text),
    ("CommitmentDiscountName", Kind::Text),
    ("CommitmentDiscountStatus", Kind::Text),
    ("CommitmentDiscountType", Kind::Text),
    ("ConsumedQuantity", Kind::Double),
    ("ConsumedUnit", Kind::Text),
    ("ContractedCost", Kind::Double),
    ("ContractedUnitPrice", Kind::Double),
    ("EffectiveCost", Kind::Double),
    ("InvoiceIssuerName", Kind::Text),
    ("ListCost", Kind::Double),
    ("ListUnitPrice", Kind::Double),
    ("PricingCategory", Kind::Text),
    ("PricingQuantity", Kind::Double),
    ("PricingUnit", Kind::Text),
    ("ProviderName", Kind::Text),
    ("PublisherName", Kind::Text),
    ("RegionId", Kind::Text),
    ("RegionName", Kind::Text),
    ("ResourceId", Kind::Text),
    ("ResourceName", Kind::Text),
    ("ResourceType", Kind::Text),
    ("ServiceCategory", Kind::Text),
    ("ServiceName", Kind::Text),
    ("SkuId", Kind::Text),
    ("SkuPriceId", Kind::Text),
    ("SubAccountId", Kind::Text),
    ("SubAccountName", Kind::Text),
    ("Tags", Kind::Map),
];

/// What only 1.0 has, and what only 1.2 has.
const ONE_ZERO: [(&str, Kind); 5] = [
    ("x_CostCategories", Kind::Map),
    ("x_Discounts", Kind::DoubleMap),
    ("x_Operation", Kind::Text),
    ("x_ServiceCode", Kind::Text),
    ("x_UsageType", Kind::Text),
];
const ONE_TWO: [(&str, Kind); 18] = [
    ("BillingAccountType", Kind::Text),
    ("CapacityReservationId", Kind::Text),
    ("CapacityReservationStatus", Kind::Text),
    ("CommitmentDiscountQuantity", Kind::Double),
    ("CommitmentDiscountUnit", Kind::Text),
    ("InvoiceId", Kind::Text),
    ("PricingCurrency", Kind::Text),
    ("PricingCurrencyContractedUnitPrice", Kind::Double),
    ("PricingCurrencyEffectiveCost", Kind::Double),
    ("PricingCurrencyListUnitPrice", Kind::Double),
    ("ServiceSubcategory", Kind::Text),
    ("SkuMeter", Kind::Text),
    ("SkuPriceDetails", Kind::Map),
    ("SubAccountType", Kind::Text),
    ("x_Discounts", Kind::DoubleMap),
    ("x_Operation", Kind::Text),
    ("x_ServiceCode", Kind::Text),
    ("x_UsageType", Kind::Text),
];

/// Binary numbers that are no decimal fractions, with their shortest texts.
const NUMBERS: [&str; 8] =
    ["0.1", "0.30000000000000004", "1e-9", "2.5e-17", "1234567.0000001", "-12.5", "98765432109.87654", "0"];

fn export(further: &[(&str, Kind)]) -> Vec<u8> {
    let value = |name: &str, kind: Kind, row: usize| match (name, kind) {
        ("BillingPeriodStart", _) => Some("2026-01-01T00:00:00Z".to_owned()),
        ("BillingPeriodEnd", _) => Some("2026-02-01T00:00:00Z".to_owned()),
        ("ChargePeriodStart", _) => Some(format!("2026-01-31T{:02}:00:00Z", 16 + row)),
        ("ChargePeriodEnd", _) if row == 7 => Some("2026-02-01T00:00:00Z".to_owned()),
        ("ChargePeriodEnd", _) => Some(format!("2026-01-31T{:02}:00:00Z", 17 + row)),
        ("Tags", _) if row == 0 => None,
        ("Tags", _) if row == 1 => Some("{}".to_owned()),
        ("Tags", _) => Some(json!({ "user:env": "a, \"b\"", "aws:createdBy": format!("é{row}") }).to_string()),
        ("x_Discounts", _) if row == 2 => Some(json!({ "EDP": -0.000_001_5 }).to_string()),
        ("x_Discounts" | "x_CostCategories", _) => Some("{}".to_owned()),
        ("SkuPriceDetails", _) => Some(json!({ "InstanceType": "m5.large" }).to_string()),
        ("BillingCurrency" | "PricingCurrency", _) => Some("USD".to_owned()),
        ("ProviderName" | "PublisherName", _) => Some("AWS".to_owned()),
        ("BillingAccountId" | "SubAccountId", _) => Some("000123456789".to_owned()),
        ("ServiceName", _) => Some("Amazon Elastic Compute Cloud".to_owned()),
        ("ServiceCategory", _) => Some("Compute".to_owned()),
        ("ChargeCategory", _) => Some("Usage".to_owned()),
        ("InvoiceIssuerName" | "SkuId" | "SkuPriceId" | "PricingUnit", _) if row == 3 => None,
        ("ListUnitPrice" | "ContractedUnitPrice", _) if row == 3 => None,
        (_, Kind::Double) => Some(NUMBERS[row].to_owned()),
        (name, _) if name.starts_with("Commitment") || name.starts_with("Capacity") || name == "ChargeClass" => None,
        (name, _) => Some(format!("{name} {row}")),
    };
    let columns: Vec<Column> = COMMON
        .iter()
        .chain(further)
        .map(|(name, kind)| Column {
            name: (*name).to_owned(),
            kind: *kind,
            values: (0..NUMBERS.len()).map(|row| value(name, *kind, row)).collect(),
        })
        .collect();
    parquet(&columns)
}

#[test]
fn both_versions_with_the_types_of_aws() {
    for (version, further) in [("1.0", &ONE_ZERO[..]), ("1.2", &ONE_TWO[..])] {
        let bench = Workbench::new(PROGRAM);
        let report = bench.loaded(&[bench.write("export.snappy.parquet", export(further))]);
        let load = &report["loads"][0];
        assert_eq!((&load["format"], &load["format_version"]), (&json!("focus"), &json!(version)));
        assert_eq!(load["rounded"], json!([]), "{version}: the shortest text of a binary number is kept whole");
        let costs = "billed_cost, effective_cost, list_cost, contracted_cost, pricing_quantity, consumed_quantity";
        let found = bench.json(&["sql", &format!("SELECT {costs} FROM charge ORDER BY source_row")]);
        for (row, number) in found["rows"].as_array().unwrap().iter().zip(NUMBERS) {
            for cell in row.as_array().unwrap() {
                let digits = cell.as_str().unwrap().trim_end_matches('0').trim_end_matches('.');
                assert_eq!(decimal(digits), decimal(number), "{version}: {number} to the last digit");
            }
        }
        let sql = "SELECT min(charge_period_start)::VARCHAR, max(charge_period_end)::VARCHAR, count(tags), \
                   count(DISTINCT tags), count(*) FILTER (list_unit_price IS NULL), min(sub_account_id), min(provider), \
                   any_value(billing_period_end)::VARCHAR FROM charge";
        let found = bench.json(&["sql", sql]);
        let expected = json!([
            "2026-01-31 16:00:00",
            "2026-02-01 00:00:00",
            "6",
            "6",
            "1",
            "000123456789",
            "AWS",
            "2026-02-01 00:00:00"
        ]);
        assert_eq!(found["rows"][0], expected, "{version}: times, tags, what may be missing, and leading zeros");
        let text = |sql: &str| -> Value { serde_json::from_str(&bench.value(sql)).unwrap() };
        let tags = text("SELECT tags FROM charge WHERE source_row = 3");
        assert_eq!(tags, json!({ "user:env": "a, \"b\"", "aws:createdBy": "é2" }), "{version}: a map as it was");
        let extra = text("SELECT extra FROM charge WHERE source_row = 3");
        let discounts = extra["x_Discounts"]
            .as_str()
            .map_or(extra["x_Discounts"].clone(), |text| serde_json::from_str(text).unwrap());
        assert_eq!(discounts["EDP"].as_f64(), Some(-0.000_001_5), "{version}: what only AWS has is kept: {extra}");
        assert_eq!(extra["x_Operation"], "x_Operation 2");
    }
}

const HEADER: &str = "BilledCost,EffectiveCost,ContractedCost,ListCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,\
                      ChargePeriodStart,ChargePeriodEnd,ChargeCategory,BillingAccountId,SubAccountId,ServiceName,\
                      ServiceCategory,ProviderName,CommitmentDiscountStatus\n";

/// The name that a row gives its service, if it does.
fn own_name(row: &Fields) -> Option<&String> {
    row.get("product/ProductName").or_else(|| row.get("product/servicename"))
}

/// The FOCUS form of a report's rows, the way that the specification tells it: discounts in the rows that they belong to, nothing
/// for what is taken back, commitments spread over their use and what was not used as a row of its own.
struct Converted {
    csv: String,
    /// Rows whose service the report names by its code alone: code, display name, billed and effective cost.
    unnamed: Vec<(String, String, Decimal, Decimal)>,
}

fn converted(rows: &[Fields]) -> Converted {
    let has = |name: &str| rows.iter().any(|row| row.contains_key(name));
    let net_report = has("lineItem/NetUnblendedCost");
    // FOCUS has the display name of a service on every row, a report only on most.
    let names: BTreeMap<&str, &String> =
        rows.iter().filter_map(|row| Some((row["lineItem/ProductCode"].as_str(), own_name(row)?))).collect();
    let mut csv = HEADER.to_owned();
    let mut unnamed = Vec::new();
    for row in rows {
        let number = |name: &str| row.get(name).map(|text| decimal(text));
        let kind = row["lineItem/LineItemType"].as_str();
        let unblended = number("lineItem/UnblendedCost").unwrap_or_default();
        let is_split = row.get("lineItem/Operation").is_some_and(|text| text == "EKSPod-EC2")
            || row.contains_key("splitLineItem/ParentResourceId");
        if kind == "SavingsPlanNegation" || is_split && unblended.is_zero() {
            continue;
        }
        let net = number("lineItem/NetUnblendedCost");
        let invoiced =
            if kind.ends_with("Discount") && net_report && !matches!(kind, "SppDiscount" | "CrossServiceDiscount") {
                net.unwrap_or_default()
            } else {
                net.unwrap_or(unblended)
            };
        let of_reservation = row.contains_key("reservation/ReservationARN");
        let description = row.get("lineItem/LineItemDescription").map_or("", String::as_str);
        let prepaid = matches!(kind, "RIFee" | "SavingsPlanRecurringFee" | "SavingsPlanUpfrontFee")
            || kind == "Fee" && of_reservation
            || kind == "Refund" && description.starts_with("Refund for one-time fee for Savings Plan ID");
        let either = |net: &str, gross: &str| number(net).or_else(|| number(gross));
        let (billed, effective) = match kind {
            _ if prepaid => (invoiced, Decimal::ZERO),
            "SavingsPlanCoveredUsage" => {
                let spread = either("savingsPlan/NetSavingsPlanEffectiveCost", "savingsPlan/SavingsPlanEffectiveCost");
                (Decimal::ZERO, spread.unwrap_or_default())
            }
            "DiscountedUsage" => {
                (invoiced, either("reservation/NetEffectiveCost", "reservation/EffectiveCost").unwrap_or(invoiced))
            }
            _ => (invoiced, invoiced),
        };
        let category = match kind {
            "RIFee" | "SavingsPlanRecurringFee" | "SavingsPlanUpfrontFee" | "Fee" => "Purchase",
            "Tax" => "Tax",
            "Credit" => "Credit",
            _ if prepaid => "Purchase",
            _ => "Usage",
        };
        let code = &row["lineItem/ProductCode"];
        let service = own_name(row).or_else(|| names.get(code.as_str()).copied()).unwrap_or(code);
        let mut line = |billed: Decimal, effective: Decimal, category: &str, status: &str| {
            let period = ["bill/BillingPeriodStartDate", "bill/BillingPeriodEndDate"].map(|name| &row[name]);
            csv += &format!(
                "{billed},{effective},{billed},{billed},USD,{},{},{},{},{category},{},{},\"{}\",Compute,AWS,{status}\n",
                period[0],
                period[1],
                row["lineItem/UsageStartDate"],
                period[1],
                row["bill/PayerAccountId"],
                row["lineItem/UsageAccountId"],
                service.replace('"', "\"\"")
            );
            if own_name(row).is_none() {
                unnamed.push((code.clone(), service.clone(), billed, effective));
            }
        };
        line(billed, effective, category, "");
        let unused = match kind {
            "RIFee" => {
                let of = |rest: &str| {
                    either(&format!("reservation/NetUnused{rest}"), &format!("reservation/Unused{rest}"))
                        .unwrap_or_default()
                };
                of("AmortizedUpfrontFeeForBillingPeriod") + of("RecurringFee")
            }
            "SavingsPlanRecurringFee" => number("savingsPlan/TotalCommitmentToDate")
                .map_or(Decimal::ZERO, |all| all - number("savingsPlan/UsedCommitment").unwrap_or_default()),
            _ => Decimal::ZERO,
        };
        if !unused.is_zero() {
            line(Decimal::ZERO, unused, "Usage", "Unused");
        }
    }
    Converted { csv, unnamed }
}

/// Billed and effective cost by service.
fn by_service(bench: &Workbench) -> BTreeMap<String, [Decimal; 2]> {
    let answer = bench.json(&["ask", "--measure", "billed,effective", "--by", "service"]);
    let rows = answer["rows"].as_array().unwrap();
    let cost = |cell: &Value| cell.as_str().map_or(Decimal::ZERO, decimal);
    rows.iter().map(|row| (row[0].as_str().unwrap().to_owned(), [cost(&row[1]), cost(&row[2])])).collect()
}

/// Takes what is explained out of both answers and compares the rest.
#[track_caller]
fn is_the_same_by_service(report: &Workbench, focus: &Workbench, converted: &Converted) {
    let mut of_report = by_service(report);
    let mut of_focus = by_service(focus);
    assert!(of_focus.len() >= 5, "several services have costs: {of_focus:?}");
    // Row by row, the only difference: such rows stand under the code in the one and under the display name in the other.
    for (code, name, billed, effective) in &converted.unnamed {
        for (costs, service) in [(&mut of_report, code), (&mut of_focus, name)] {
            let costs = costs.get_mut(service).unwrap_or_else(|| panic!("{service} has costs"));
            costs[0] -= billed;
            costs[1] -= effective;
        }
    }
    of_report.retain(|_, costs| costs.iter().any(|cost| !cost.is_zero()));
    of_focus.retain(|_, costs| costs.iter().any(|cost| !cost.is_zero()));
    assert_eq!(of_report, of_focus);
}

#[test]
fn a_month_as_a_report_and_as_focus_is_the_same_by_service() {
    for seed in [20, 21] {
        let rows = rows(seed, 300);
        let (report, focus) = (Workbench::new(PROGRAM), Workbench::new(PROGRAM));
        let _report = report.loaded(&[report.write("report.csv", legacy(&rows).delimited(b',', "", true))]);
        let converted = converted(&rows);
        assert!(!converted.unnamed.is_empty(), "some rows name their service by its code alone");
        let _report = focus.loaded(&[focus.write("focus.csv", &converted.csv)]);
        is_the_same_by_service(&report, &focus, &converted);
    }
}

#[test]
fn a_real_month_as_a_report_and_as_focus_is_the_same_by_service() {
    const NEEDED: [&str; 14] = [
        "bill/BillingPeriodEndDate",
        "bill/BillingPeriodStartDate",
        "bill/PayerAccountId",
        "lineItem/LineItemType",
        "lineItem/ProductCode",
        "lineItem/UnblendedCost",
        "lineItem/UsageAccountId",
        "lineItem/UsageStartDate",
        "product/ProductName",
        "product/servicename",
        "reservation/EffectiveCost",
        "reservation/ReservationARN",
        "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
        "reservation/UnusedRecurringFee",
    ];
    let file = shared_data("aws-well-architected-labs/Oct2018-WorkshopCUR-00001.snappy.parquet");
    let of_file = Report::parquet(&file, Some(&NEEDED));
    let fields = |line: Line<'_>| -> Fields {
        NEEDED.iter().filter_map(|name| Some(((*name).to_owned(), line.text(name)?))).collect()
    };
    let rows: Vec<Fields> = of_file.lines().map(fields).collect();
    let converted = converted(&rows);
    let (report, focus) = (Workbench::new(PROGRAM), Workbench::new(PROGRAM));
    let _report = report.loaded(&[file]);
    let _report = focus.loaded(&[focus.write("focus.csv", &converted.csv)]);
    is_the_same_by_service(&report, &focus, &converted);
    assert_eq!(focus.value("SELECT sum(effective_cost)::DECIMAL(18,10) FROM charge"), "4195.9571093179");
}
