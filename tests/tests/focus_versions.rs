//! FOCUS 1.0 to 1.4, each in all its columns and in everything that exports come packed in: whatever a version has arrives, to the
//! letter and to the last digit.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::collections::BTreeMap;

use focus::{Column, Kind, Version, columns};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use testsupport::decimal::decimal;
use testsupport::{Workbench, container, parquet_file};

/// The charges of a bill; the last ones have nothing in every column that may be empty.
const CHARGES: usize = 12;
const BARE_CHARGES: usize = 2;

/// The digits after the point of every number in the bill.
const SCALE: u32 = 10;

/// The columns that are maps in Parquet.
const MAPS: [&str; 3] = ["AllocatedTags", "SkuPriceDetails", "Tags"];

/// Each total of an answer, and the FOCUS column whose sum it is.
const COSTS: [(&str, &str); 4] = [
    ("billed_cost", "BilledCost"),
    ("effective_cost", "EffectiveCost"),
    ("contracted_cost", "ContractedCost"),
    ("list_cost", "ListCost"),
];

/// A bill with every column of a version, in the order of the specification.
struct Bill {
    version: Version,
    columns: Vec<&'static Column>,
}

impl Bill {
    fn of(version: Version) -> Self {
        Self { version, columns: columns().iter().filter(|column| column.exists_in(version)).collect() }
    }

    /// What a charge has in a column. No two columns have the same, nor have two charges in a column that may be anything: a value
    /// in the wrong place is found out.
    fn value(column: &Column, charge: usize) -> Option<String> {
        let place = columns().iter().position(|known| known.id == column.id).unwrap();
        if column.nullable && charge >= CHARGES - BARE_CHARGES {
            return None;
        }
        Some(match (column.id, column.kind) {
            ("BillingPeriodStart", _) => "2026-01-01T00:00:00Z".to_owned(),
            ("BillingPeriodEnd", _) => "2026-02-01T00:00:00Z".to_owned(),
            ("ChargePeriodStart", _) => format!("2026-01-{:02}T{:02}:00:00Z", charge + 1, charge),
            ("ChargePeriodEnd", _) => format!("2026-01-{:02}T{:02}:00:00Z", charge + 1, charge + 1),
            ("BillingCurrency" | "PricingCurrency", _) => "USD".to_owned(),
            // One load has one billing account, and one provider.
            ("BillingAccountId" | "ProviderName" | "ServiceProviderName", _) => format!("{} of all", column.id),
            (_, Kind::Decimal) => format!("{}.{:010}", charge * 100 + place, 9_876_543_210 - place * 1000 - charge),
            (_, Kind::Json) => json!({ "column": column.id, "charge": charge.to_string() }).to_string(),
            (_, Kind::Text) if !column.allowed_values.is_empty() => {
                column.allowed_values[charge % column.allowed_values.len()].to_owned()
            }
            (_, Kind::Text) => format!("{}, \"{charge}\"", column.id),
            (_, Kind::DateTime) => panic!("{} is a time that the test does not know", column.id),
        })
    }

    fn values(column: &Column) -> impl Iterator<Item = Option<String>> {
        (0..CHARGES).map(|charge| Self::value(column, charge))
    }

    fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| column.id)).unwrap();
        for charge in 0..CHARGES {
            let record = self.columns.iter().map(|column| Self::value(column, charge).unwrap_or_default());
            writer.write_record(record).unwrap();
        }
        writer.into_inner().unwrap()
    }

    fn parquet(&self) -> Vec<u8> {
        let columns = self.columns.iter().map(|column| parquet_file::Column {
            name: column.id.to_owned(),
            kind: match column.kind {
                // Providers write tags and the like as maps, and JSON with more in it as text.
                Kind::Json if MAPS.contains(&column.id) => parquet_file::Kind::Map,
                Kind::Text | Kind::Json => parquet_file::Kind::Text,
                Kind::Decimal => parquet_file::Kind::Decimal { scale: SCALE },
                Kind::DateTime => parquet_file::Kind::Time,
            },
            values: Self::values(column).collect(),
        });
        parquet_file::parquet(&columns.collect::<Vec<_>>())
    }

    /// The bill in everything that it may come in.
    fn files(&self) -> [(&'static str, Vec<u8>); 4] {
        let csv = self.csv();
        [
            ("bill.csv.gz", container::gzip(&csv)),
            ("bill.zip", container::zip(&[("export/bill.csv", &csv)])),
            ("bill.parquet", self.parquet()),
            ("bill.csv", csv),
        ]
    }
}

/// What the engagement has of the bill, as the bill spells it: by column, one for each charge.
fn arrived(bench: &Workbench) -> BTreeMap<&'static str, Vec<Option<String>>> {
    let read = |column: &Column| match column.kind {
        Kind::DateTime => format!("strftime({}, '%Y-%m-%dT%H:%M:%SZ')", column.name),
        _ => format!("{}::VARCHAR", column.name),
    };
    let list = columns().iter().map(read).collect::<Vec<_>>().join(", ");
    let found = bench.json(&["sql", &format!("SELECT {list} FROM charge ORDER BY source_row, part")]);
    let rows = found["rows"].as_array().unwrap();
    let cell = |row: &Value, at: usize| row[at].as_str().map(str::to_owned);
    let by_column =
        |(at, column): (usize, &'static Column)| (column.id, rows.iter().map(|row| cell(row, at)).collect());
    columns().iter().enumerate().map(by_column).collect()
}

/// A value in the one spelling that two equal ones share.
fn spelled(column: &Column, value: Option<String>) -> Option<String> {
    value.map(|text| match column.kind {
        Kind::Decimal => decimal(&text).normalize().to_string(),
        Kind::Json => {
            serde_json::from_str::<BTreeMap<String, Value>>(&text).map(|object| json!(object)).unwrap().to_string()
        }
        Kind::Text | Kind::DateTime => text,
    })
}

fn arrives_whole(bill: &Bill, file: &str, bytes: &[u8]) {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let report = bench.loaded(&[bench.write(file, bytes)]);
    let place = format!("FOCUS {} as {file}", bill.version);
    assert_eq!((&report["rejected_rows"], &report["skipped"]), (&json!(0), &json!([])), "{place}: all of it is read");
    let loads = report["loads"].as_array().unwrap();
    assert_eq!(loads.len(), 1, "{place}: one account's month is one load");
    assert_eq!(loads[0]["format"], "focus", "{place}");
    assert_eq!(loads[0]["format_version"], bill.version.number(), "{place}: the columns tell the version");
    assert_eq!(loads[0]["rows"], CHARGES, "{place}: each row is a charge");
    assert_eq!(loads[0]["rounded"], json!([]), "{place}: no digit is lost");
    let seller = if bill.version < Version::V1_4 { "ProviderName" } else { "ServiceProviderName" };
    assert_eq!(loads[0]["provider"], format!("{seller} of all"), "{place}: 1.4 knows no ProviderName");

    let total = &bench.json(&["ask", "--measure", "billed,effective,contracted,list,charges"])["total"];
    for (cost, id) in COSTS {
        let sum: Decimal = Bill::values(focus::by_id(id).unwrap()).flatten().map(|text| decimal(&text)).sum();
        assert_eq!(decimal(total[cost].as_str().unwrap()), sum, "{place}: {cost} is the sum of {id}");
    }
    assert_eq!(total["charges"], CHARGES.to_string(), "{place}");

    let mut found = arrived(&bench);
    for column in columns() {
        let found = found.remove(column.id).unwrap().into_iter().map(|value| spelled(column, value));
        let known = bill.columns.iter().any(|known| known.id == column.id);
        let expected: Vec<Option<String>> = if known {
            Bill::values(column).map(|value| spelled(column, value)).collect()
        } else {
            vec![None; CHARGES]
        };
        assert_eq!(found.collect::<Vec<_>>(), expected, "{place}: {} of each charge", column.id);
    }
    assert_eq!(
        bench.value("SELECT count(extra)::VARCHAR FROM charge"),
        "0",
        "{place}: no column is taken for an extension"
    );
}

/// The version's bill loads whole from every container; `width` is the published number of columns.
fn every_container(version: Version, width: usize) {
    let bill = Bill::of(version);
    assert_eq!(bill.columns.len(), width, "the bill has every column of FOCUS {version}");
    for (file, bytes) in bill.files() {
        arrives_whole(&bill, file, &bytes);
    }
}

#[test]
fn focus_1_0_arrives_from_every_container() {
    every_container(Version::V1_0, 43);
}

#[test]
fn focus_1_1_arrives_from_every_container() {
    every_container(Version::V1_1, 50);
}

#[test]
fn focus_1_2_arrives_from_every_container() {
    every_container(Version::V1_2, 57);
}

#[test]
fn focus_1_3_arrives_from_every_container() {
    every_container(Version::V1_3, 65);
}

#[test]
fn focus_1_4_arrives_from_every_container() {
    every_container(Version::V1_4, 65);
}

#[test]
fn each_version_adds_the_columns_that_it_is_known_for() {
    let new = |version: Version| -> Vec<&str> {
        columns().iter().filter(|column| column.since == version).map(|column| column.id).collect()
    };
    let of_1_1 = [
        "CapacityReservationId",
        "CapacityReservationStatus",
        "CommitmentDiscountQuantity",
        "CommitmentDiscountUnit",
        "ServiceSubcategory",
        "SkuMeter",
        "SkuPriceDetails",
    ];
    assert_eq!(new(Version::V1_1), of_1_1, "what 1.1 brought");
    assert_eq!(new(Version::V1_4), ["CommitmentProgramEligibilityDetails", "InvoiceDetailId"], "what 1.4 brought");
    let gone = columns().iter().filter(|column| column.removed == Some(Version::V1_4)).map(|column| column.id);
    assert_eq!(gone.collect::<Vec<_>>(), ["ProviderName", "PublisherName"], "what 1.4 took away");
}
