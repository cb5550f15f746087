//! The engine's charges beside the oracle's, column by column.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use testsupport::decimal::decimal;
use testsupport::{Workbench, shared_data};

use crate::oracle::{Cell, Charge, charges};
use crate::report::Report;

const TEXTS: [&str; 35] = [
    "provider",
    "host_provider_name",
    "availability_zone",
    "billing_account_id",
    "billing_account_name",
    "sub_account_id",
    "sub_account_name",
    "charge_description",
    "invoice_id",
    "pricing_currency",
    "billing_currency",
    "invoice_issuer_name",
    "region_id",
    "service_name",
    "service_category",
    "publisher_name",
    "service_provider_name",
    "consumed_unit",
    "pricing_unit",
    "charge_category",
    "charge_class",
    "charge_frequency",
    "pricing_category",
    "resource_id",
    "commitment_discount_id",
    "commitment_discount_category",
    "commitment_discount_type",
    "commitment_discount_status",
    "commitment_discount_unit",
    "sku_id",
    "sku_meter",
    "sku_price_id",
    "capacity_reservation_id",
    "capacity_reservation_status",
    "commitment_discount_name",
];
const NUMBERS: [&str; 9] = [
    "billed_cost",
    "effective_cost",
    "list_cost",
    "contracted_cost",
    "consumed_quantity",
    "pricing_quantity",
    "list_unit_price",
    "contracted_unit_price",
    "commitment_discount_quantity",
];
const TIMES: [&str; 4] = ["billing_period_start", "billing_period_end", "charge_period_start", "charge_period_end"];

/// More charges than any file of the tests makes.
const CHARGES_MAX: &str = "1000000";

/// Every charge of a file by its row, parts in their order.
pub fn loaded(bench: &Workbench, file: u64) -> BTreeMap<u64, Vec<Charge>> {
    let columns: Vec<String> = ["source_row", "part", "tags"]
        .into_iter()
        .chain(TEXTS)
        .chain(TIMES)
        .map(|column| format!("{column}::VARCHAR AS {column}"))
        .chain(NUMBERS.map(|column| format!("{column}::VARCHAR AS {column}")))
        .collect();
    let sql = format!("SELECT {} FROM charge WHERE file_id = {file} ORDER BY source_row, part", columns.join(", "));
    let output = bench.qd(&["--format", "csv", "sql", &sql, "--limit", CHARGES_MAX]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let mut reader = csv::Reader::from_reader(output.stdout.as_bytes());
    let header = reader.headers().unwrap().clone();
    let mut found: BTreeMap<u64, Vec<Charge>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let field = |name: &str| {
            let place = header.iter().position(|column| column == name).unwrap();
            record.get(place).filter(|text| !text.is_empty())
        };
        let mut charge = Charge { part: field("part").unwrap().parse().unwrap(), ..Charge::default() };
        for column in TEXTS {
            charge.set(column, field(column).map(|text| Cell::Text(text.to_owned())));
        }
        for column in NUMBERS {
            charge.set(column, field(column).map(|text| Cell::Number(decimal(text))));
        }
        for column in TIMES {
            let time = |text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap();
            charge.set(column, field(column).map(|text| Cell::Time(time(text))));
        }
        charge.set("tags", field("tags").map(|text| Cell::Object(serde_json::from_str(text).unwrap())));
        found.entry(field("source_row").unwrap().parse().unwrap()).or_default().push(charge);
    }
    found
}

/// Service categories by product code as they are published, and those that were added to them.
pub fn categories() -> BTreeMap<String, String> {
    let mut reader = csv::Reader::from_path(shared_data("reference/mapping/aws_category_mapping.csv")).unwrap();
    let published = reader.deserialize::<(String, String)>().map(Result::unwrap);
    let added = [
        ("AmazonComprehend", "AI and Machine Learning"),
        ("AmazonConnect", "Business Applications"),
        ("AmazonVPCLattice", "Networking"),
        ("AmazonWorkSpaces", "Compute"),
        ("AWSCodeBuild", "Developer Tools"),
        ("AWSEvents", "Integration"),
        ("AWSXRay", "Developer Tools"),
        ("DatabaseSavingsPlans", "Databases"),
        ("MachineLearningSavingsPlans", "AI and Machine Learning"),
    ];
    published.chain(added.map(|(code, category)| (code.to_owned(), category.to_owned()))).collect()
}

/// Compares what the engine has of a file with what the oracle makes of its rows, all but the rows that the engine refused.
/// Gives the oracle's charges.
pub fn compare(bench: &Workbench, file: u64, report: &Report, refused: &[u64]) -> Vec<Charge> {
    let categories = categories();
    let mut engine = loaded(bench, file);
    let mut all = Vec::new();
    for (row, line) in (1_u64..).zip(report.lines()) {
        if refused.contains(&row) {
            assert!(!engine.contains_key(&row), "row {row} was refused and makes no charge");
            continue;
        }
        let expected = charges(&line, &categories);
        let found = engine.remove(&row).unwrap_or_default();
        assert_eq!(
            found.iter().map(|charge| charge.part).collect::<Vec<_>>(),
            expected.iter().map(|charge| charge.part).collect::<Vec<_>>(),
            "the charges of row {row}"
        );
        for (found, expected) in found.iter().zip(&expected) {
            for column in TEXTS.iter().chain(&NUMBERS).chain(&TIMES).chain(&["tags"]) {
                assert_eq!(
                    found.cells.get(column),
                    expected.cells.get(column),
                    "{column} of row {row}, part {}",
                    expected.part
                );
            }
        }
        all.extend(expected);
    }
    assert!(engine.is_empty(), "charges of rows that are not in the file: {:?}", engine.keys().collect::<Vec<_>>());
    all
}
