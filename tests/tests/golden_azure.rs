//! Real Azure exports through the command line, to the last digit. The sums were added up by another engine from the texts of the
//! files.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use serde_json::Value;
use testsupport::{Workbench, shared_data};

/// A file: what it is recognised as, its rows, its costs (billed, effective, contracted, list), its quantities (priced, used), and
/// how many of its costs had more than 18 decimals.
struct Export {
    file: &'static str,
    version: &'static str,
    report: &'static str,
    period: &'static str,
    currency: &'static str,
    rows: u64,
    costs: [&'static str; 4],
    quantities: [&'static str; 2],
    rounded: u64,
}

const EXPORTS: [Export; 4] = [
    Export {
        file: "finops-toolkit/EA_ActualCost_Small.csv",
        version: "Enterprise Agreement",
        report: "azure/actual/8611537",
        period: "2023-09-01",
        currency: "USD",
        rows: 11,
        costs: ["8.5450077867419368", "5.2950077867419368", "5.295007719", "5.295007719"],
        quantities: ["54.07079406", "105.06559406"],
        rounded: 0,
    },
    Export {
        file: "finops-toolkit/EA_AmortizedCost_Small.csv",
        version: "Enterprise Agreement",
        report: "azure/amortised/8611537",
        period: "2023-09-01",
        currency: "USD",
        rows: 28,
        costs: ["15.797780136168644627", "16.296932136636644627", "16.979127594784", "16.979127594784"],
        quantities: ["185.35816553", "1588.21786553"],
        rounded: 3,
    },
    Export {
        file: "focus_converters/sample-anonymous-ea-export-dataset.csv",
        version: "Enterprise Agreement",
        report: "azure/actual/12345678",
        period: "2023-09-01",
        currency: "CAD",
        rows: 27,
        costs: ["1.26136926505726", "1.26136926505726", "6.4913987500077", "0.59159663244747928"],
        quantities: ["43.834164336466", "8858.567364336466"],
        rounded: 0,
    },
    Export {
        file: "generated/nise/costreport_27680f11-513d-4937-8f76-4ac5f73cbf2b.csv",
        version: "Microsoft Customer Agreement",
        report: "azure/actual/66231455",
        period: "2026-09-01",
        currency: "USD",
        rows: 240,
        costs: ["33.423772592429773053", "33.423772592429773053", "33.423772592429773271", "33.423772592429773271"],
        quantities: ["118.583147309147340369", "1629124091.180906408778274728"],
        rounded: 0,
    },
];

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

/// How many billed costs of a load had more than 18 decimals.
fn rounded(load: &Value) -> u64 {
    let of_billed = load["rounded"].as_array().unwrap().iter().find(|entry| entry["column"] == "BilledCost");
    of_billed.map_or(0, |entry| entry["count"].as_u64().unwrap())
}

#[test]
fn the_real_files_come_out_to_the_last_digit() {
    for export in EXPORTS {
        let bench = bench();
        let report = bench.loaded(&[shared_data(export.file)]);
        assert_eq!(report["rejected_rows"], 0, "{}: no row of a real file is refused", export.file);
        let load = &report["loads"][0];
        let told = ["provider", "format", "format_version", "report", "billing_period", "currency"];
        let expected = ["Microsoft", "azure", export.version, export.report, export.period, export.currency];
        assert_eq!(told.map(|key| load[key].as_str().unwrap()), expected, "{}", export.file);
        assert_eq!(load["rows"], export.rows, "{}: every row is a charge", export.file);
        for (cost, exact) in ["billed", "effective", "contracted", "list"].iter().zip(export.costs) {
            assert_eq!(load[cost], exact, "{cost} cost of {}", export.file);
        }
        let sums = "SELECT sum(pricing_quantity)::VARCHAR, sum(consumed_quantity)::VARCHAR FROM charge";
        let found = bench.json(&["sql", sums]);
        let plain = |value: &Value| testsupport::decimal::decimal(value.as_str().unwrap()).normalize().to_string();
        let row = found["rows"][0].as_array().unwrap();
        assert_eq!(row.iter().map(plain).collect::<Vec<_>>(), export.quantities, "quantities of {}", export.file);
        assert_eq!(rounded(load), export.rounded, "{}", export.file);
    }
}

/// The two exports of Microsoft's own tests are of different resources, but of one account and one month.
#[test]
fn the_real_actual_and_amortised_cost_are_one_bill() {
    let files = ["finops-toolkit/EA_ActualCost_Small.csv", "finops-toolkit/EA_AmortizedCost_Small.csv"];
    for order in [[0, 1], [1, 0]] {
        let bench = bench();
        for at in order {
            let _report = bench.loaded(&[shared_data(files[at])]);
        }
        let total = bench.json(&["ask", "--measure", "billed,effective,charges"])["total"].clone();
        assert_eq!(total["charges"], "29", "all of the amortised, and the one reservation that was bought");
        assert_eq!(total["billed_cost"], "19.047780136168644627", "the reservation of 3.25 is billed");
        assert_eq!(total["effective_cost"], "16.296932136636644627", "and spread in the amortised cost");
    }
}

/// Charges of Azure under FOCUS names, as JSON; the days end one second early.
#[test]
fn the_real_json_file_comes_out_to_the_last_digit() {
    let bench = bench();
    let report = bench.loaded(&[shared_data("fairwinds/azure-focus-sample-output.json")]);
    let load = &report["loads"][0];
    assert_eq!((&load["rows"], &load["format"]), (&46.into(), &"focus".into()));
    assert_eq!(
        (&load["billed"], &load["effective"]),
        (&"22.608517574310623227".into(), &"22.608517574310623227".into())
    );
    assert_eq!(rounded(load), 3, "three costs have more than 18 decimals");
}

/// A formula may stand on definitions that stand on others: the trace names the cells at the bottom.
#[test]
fn a_charge_tells_the_cells_behind_defined_names() {
    let bench = bench();
    let _report = bench.loaded(&[shared_data("finops-toolkit/EA_ActualCost_Small.csv")]);
    let source = bench.json(&["source", "1.1"]);
    let cells: Vec<&str> =
        source["cells"].as_array().unwrap().iter().map(|cell| cell["column"].as_str().unwrap()).collect();
    let mapped = source["mapped"].as_array().unwrap();
    let sources = |column: &str| -> Vec<&str> {
        let cell = mapped.iter().find(|cell| cell["column"] == column).unwrap();
        cell["sources"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
    };
    assert_eq!(sources("BillingCurrency"), ["BillingCurrency"]);
    assert!(sources("BilledCost").contains(&"Cost"), "a column is told by its name in the file");
    let service = sources("ServiceName");
    let written = mapped.iter().find(|cell| cell["column"] == "ServiceName").unwrap()["expression"].clone();
    assert_eq!(written, "service", "the formula itself names no cell");
    for name in ["ResourceId", "MeterCategory", "ChargeType", "benefitId"] {
        assert!(service.contains(&name), "{name} is behind it: {service:?}");
    }
    for cell in mapped {
        for name in cell["sources"].as_array().unwrap() {
            assert!(cells.contains(&name.as_str().unwrap()), "{name} is a cell of the row");
        }
    }
}
