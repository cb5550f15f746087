//! Google Cloud's billing export against a second implementation of its mapping, row by row, in every shape that it comes in; and
//! the traps that are known of it.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod expected;
mod export;

use std::collections::BTreeMap;

use export::{Credit, Row};
use rust_decimal::Decimal;
use serde_json::Value;
use testsupport::Workbench;
use testsupport::decimal::decimal;

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

/// The charges of the engagement in the order of their rows, the columns that the oracle speaks of.
fn charges(bench: &Workbench) -> Vec<BTreeMap<String, Option<String>>> {
    let columns = expected::COLUMNS;
    let texts: Vec<String> = columns.iter().map(|column| format!("{column}::VARCHAR")).collect();
    let sql = format!("SELECT {} FROM charge ORDER BY file_id, source_row, part", texts.join(", "));
    let found = bench.json(&["sql", &sql, "--limit", "100000"]);
    let row = |row: &Value| {
        let values = row.as_array().unwrap().iter().map(|value| value.as_str().map(str::to_owned));
        columns.iter().map(|column| (*column).to_owned()).zip(values).collect()
    };
    found["rows"].as_array().unwrap().iter().map(row).collect()
}

/// Numbers and objects by what they say, everything else to the letter.
fn compared(charges: &[BTreeMap<String, Option<String>>], rows: &[Row], gross: bool, shape: &str) {
    let expected: Vec<_> =
        rows.iter().enumerate().flat_map(|(at, row)| expected::charges(at + 1, row, gross)).collect();
    assert_eq!(charges.len(), expected.len(), "{shape}: a charge for each row and each credit on its own");
    for (found, wanted) in charges.iter().zip(&expected) {
        for column in expected::COLUMNS {
            let (found, wanted) = (&found[column], &wanted[column]);
            let same = match (found, wanted) {
                (Some(found), Some(wanted)) if expected::is_number(column) => decimal(found) == decimal(wanted),
                (Some(found), Some(wanted)) if column == "tags" => {
                    serde_json::from_str::<Value>(found).unwrap() == serde_json::from_str::<Value>(wanted).unwrap()
                }
                (found, wanted) => found == wanted,
            };
            assert!(same, "{shape}: {column} is {found:?} and not {wanted:?} in {:?}", expected::place(charges, found));
        }
    }
}

#[test]
fn every_shape_makes_the_charges_of_the_oracle() {
    let rows = expected::rows(300, 20_260_901);
    for (name, bytes) in [
        ("rows.json", export::json_lines(&rows).into_bytes()),
        ("rows.parquet", export::parquet(&rows)),
        ("rows.csv", export::csv(&rows)),
    ] {
        let bench = bench();
        let report = bench.loaded(&[bench.write(name, bytes)]);
        assert_eq!(report["rejected_rows"], 0, "{name}: no row is refused: {report:#}");
        assert_eq!(report["loads"][0]["format"], "gcp", "{name}");
        compared(&charges(&bench), &rows, false, name);
    }
}

#[test]
fn gross_shows_every_credit_and_comes_to_the_same() {
    let rows = expected::rows(120, 7);
    let (net, gross) = (bench(), bench());
    let definition = gross.engagement().join("engagement.toml");
    let text = std::fs::read_to_string(&definition).unwrap() + "\n[settings]\ngcp_credits = \"gross\"\n";
    std::fs::write(&definition, text).unwrap();
    for bench in [&net, &gross] {
        bench.loaded(&[bench.write("rows.jsonl", export::json_lines(&rows))]);
    }
    compared(&charges(&gross), &rows, true, "gross");
    for column in ["billed_cost", "effective_cost"] {
        let sql = format!("SELECT sum({column})::VARCHAR FROM charge");
        assert_eq!(
            decimal(&gross.value(&sql)),
            decimal(&net.value(&sql)),
            "the {column} does not depend on the choice"
        );
    }
    for (bench, choice) in [(&net, "gcp_credits = net"), (&gross, "gcp_credits = gross")] {
        let answer = bench.json(&["ask", "--measure", "billed", "--period", "2026-08"]);
        assert_eq!(answer["evidence"]["loads"][0]["settings"][0], choice, "the evidence names the choice");
    }
    let shown = gross.value("SELECT count(*)::VARCHAR FROM charge WHERE charge_category = 'Credit'");
    let credits: usize = rows.iter().map(|row| row.credits.len()).sum();
    assert_eq!(shown, credits.to_string(), "every credit is a charge");
}

#[test]
fn a_cost_and_its_credits_come_to_what_is_invoiced() {
    let rows = expected::rows(200, 99);
    let bench = bench();
    bench.loaded(&[bench.write("rows.json", export::json_lines(&rows))]);
    let credits = rows.iter().flat_map(|row| &row.credits).map(|credit| &credit.amount);
    let invoiced: Decimal = rows.iter().map(|row| &row.cost).chain(credits).map(|text| decimal(text)).sum();
    assert_eq!(decimal(&bench.value("SELECT sum(billed_cost)::VARCHAR FROM charge")), invoiced);
    assert_eq!(decimal(&bench.value("SELECT sum(effective_cost)::VARCHAR FROM charge")), invoiced);
}

fn one(change: impl Fn(&mut Row)) -> Row {
    let mut row = expected::plain_row();
    change(&mut row);
    row
}

fn promotion(amount: &str) -> Credit {
    Credit { kind: "PROMOTION".to_owned(), name: "Trial".to_owned(), amount: amount.to_owned(), ..Credit::default() }
}

#[test]
fn trap_twenty_decimals() {
    let row = one(|row| {
        row.cost = "0.12345678901234567891".to_owned();
        row.credits = vec![promotion("-0.00000000000000000049"), promotion("-0.10000000000000000001")];
    });
    let bench = bench();
    let report = bench.loaded(&[bench.write("rows.json", export::json_lines(std::slice::from_ref(&row)))]);
    let billed = bench.json(&["sql", "SELECT billed_cost::VARCHAR FROM charge ORDER BY part"]);
    let billed: Vec<Decimal> =
        billed["rows"].as_array().unwrap().iter().map(|row| decimal(row[0].as_str().unwrap())).collect();
    let expected = [decimal("0.123456789012345679"), Decimal::ZERO, decimal("-0.1")];
    assert_eq!(billed, expected, "eighteen decimals are kept, rounded to the nearest");
    let rounded = report["loads"][0]["rounded"].as_array().unwrap();
    let billed = rounded.iter().find(|one| one["column"] == "BilledCost").unwrap();
    assert_eq!(billed["count"], 3, "each rounded value is told");
}

#[test]
fn trap_null_project_and_keys_that_repeat() {
    let tax = one(|row| {
        row.cost_type = "tax".to_owned();
        row.project = None;
        row.usage = None;
    });
    let labelled = one(|row| {
        let pair = |value: &str| vec![("env".to_owned(), value.to_owned())];
        row.labels = pair("resource");
        row.tags = pair("manager");
        row.project = Some(("p-1".to_owned(), "Project".to_owned(), pair("project")));
    });
    let bench = bench();
    bench.loaded(&[bench.write("rows.json", export::json_lines(&[tax, labelled]))]);
    let found = charges(&bench);
    assert_eq!(found[0]["sub_account_id"], None, "a tax belongs to no project");
    assert_eq!(found[0]["charge_category"].as_deref(), Some("Tax"));
    let tags: Value = serde_json::from_str(found[1]["tags"].as_ref().unwrap()).unwrap();
    assert_eq!(tags["env"], "resource");
    assert_eq!(tags["project/env"], "project");
    assert_eq!(tags["tag/env"], "manager");
}

#[test]
fn trap_two_loads_of_the_same_rows() {
    let rows = expected::rows(50, 3);
    let text = export::json_lines(&rows);
    let bench = bench();
    bench.loaded(&[bench.write("first/rows.json", &text)]);
    let before = bench.value("SELECT concat_ws(' ', count(*), sum(billed_cost)) FROM charge");
    // The same rows taken out again, told apart by nothing but the time of the export.
    let again = text.replace("\"cost_type\"", "\"export_time\":\"2026-10-09 00:00:00 UTC\",\"cost_type\"");
    bench.loaded(&[bench.write("second/rows.json", again)]);
    let after = bench.value("SELECT concat_ws(' ', count(*), sum(billed_cost)) FROM charge");
    assert_eq!(after, before, "the second load takes the place of the first");
}

#[test]
fn trap_use_of_a_month_that_the_next_one_invoices() {
    let august = one(|row| row.month = "202608".to_owned());
    let late = one(|row| {
        row.start = "2026-08-31 23:00:00 UTC".to_owned();
        row.end = "2026-09-01 00:00:00 UTC".to_owned();
        row.month = "202609".to_owned();
        row.cost = "5".to_owned();
    });
    let september = one(|row| {
        row.start = "2026-09-02 00:00:00 UTC".to_owned();
        row.end = "2026-09-02 01:00:00 UTC".to_owned();
        row.month = "202609".to_owned();
        row.cost = "7".to_owned();
    });
    let bench = bench();
    bench.write("export/2026-08.json", export::json_lines(&[august, late]));
    bench.write("export/2026-09.json", export::json_lines(&[september]));
    bench.loaded(&[bench.path("export")]);
    let billed = bench.json(&[
        "sql",
        "SELECT billing_period_start::VARCHAR, charge_period_start::VARCHAR, billed_cost::VARCHAR FROM charge
         WHERE billing_period_start >= TIMESTAMP '2026-09-01' ORDER BY charge_period_start",
    ]);
    let rows = billed["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "what is invoiced in September is a charge of September: {billed}");
    assert_eq!(rows[0][0], "2026-09-01 07:00:00", "the month begins in Pacific time");
    assert_eq!(rows[0][1], "2026-08-31 23:00:00", "and the use stays where it was");
}

#[test]
fn trap_an_invoice_that_begins_in_the_file_before() {
    let at = |start: &str, end: &str, month: &str, cost: &str| {
        one(|row| {
            row.start = format!("{start} UTC");
            row.end = format!("{end} UTC");
            row.month = month.to_owned();
            row.cost = cost.to_owned();
        })
    };
    let mut august = vec![
        at("2026-08-10 00:00:00", "2026-08-10 01:00:00", "202608", "1"),
        at("2026-08-31 23:00:00", "2026-09-01 00:00:00", "202609", "5"),
    ];
    let september = [at("2026-09-02 00:00:00", "2026-09-02 01:00:00", "202609", "7")];
    let bench = bench();
    let billed = || {
        let found = bench.json(&[
            "sql",
            "SELECT billing_period_start::DATE::VARCHAR, sum(billed_cost)::DECIMAL(18,2)::VARCHAR FROM charge GROUP BY 1 ORDER BY 1",
        ]);
        found["rows"].to_string()
    };
    bench.loaded(&[bench.write("2026-08.json", export::json_lines(&august))]);
    bench.loaded(&[bench.write("2026-09.json", export::json_lines(&september))]);
    assert_eq!(
        billed(),
        r#"[["2026-08-01","1.00"],["2026-09-01","12.00"]]"#,
        "a later file leaves the first charges alone"
    );
    august[1].cost = "6".to_owned();
    bench.loaded(&[bench.write("again/august.json", export::json_lines(&august))]);
    assert_eq!(billed(), r#"[["2026-08-01","1.00"],["2026-09-01","13.00"]]"#, "the same days again take their place");
}

#[test]
fn trap_credits_that_cannot_be_read() {
    let good = one(|row| row.cost = "3".to_owned());
    let text = export::json_lines(&[good.clone(), good]);
    for kind in ["DISCOUNT", "PROMOTION"] {
        one_row_is_refused(&text.replacen(
            "\"credits\":[]",
            &format!("\"credits\":[{{\"type\":\"{kind}\",\"amount\":\"a lot\"}}]"),
            1,
        ));
    }
}

/// Of the four lists that tags are made from, one is none: the others count, and it is told.
#[test]
fn trap_labels_that_are_no_list() {
    let row =
        one(|row| row.project = Some(("shop".to_owned(), "The shop".to_owned(), vec![("team".into(), "web".into())])));
    let plain = export::csv(&[row.clone(), row]);
    let mut reader = csv::Reader::from_reader(plain.as_slice());
    let header = reader.headers().unwrap().clone();
    let labels = header.iter().position(|name| name == "labels").unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for (at, record) in reader.records().enumerate() {
        let record = record.unwrap();
        let broken = |(place, field)| if at == 1 && place == labels { "env=prod" } else { field };
        writer.write_record(record.iter().enumerate().map(broken)).unwrap();
    }
    let bench = bench();
    let output = bench.load(&[bench.write("rows.csv", writer.into_inner().unwrap())]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    let found = bench.json(&["sql", "SELECT tags->>'project/team' FROM charge ORDER BY source_row"]);
    assert_eq!(found["rows"], serde_json::json!([["web"], ["web"]]), "both rows count, with the tags that there are");
    let rejects = bench.json(&["rejects"]);
    assert_eq!(rejects.as_array().unwrap().len(), 1, "{rejects}");
    assert_eq!(
        (&rejects[0]["row"], &rejects[0]["column"], &rejects[0]["kept"]),
        (&2.into(), &"Tags".into(), &true.into())
    );
    assert!(rejects[0]["value"].as_str().unwrap().contains("env=prod"), "{rejects}");
}

fn one_row_is_refused(broken: &str) {
    let bench = bench();
    let report = bench.json(&["load", bench.write("rows.json", broken).to_str().unwrap()]);
    assert_eq!(report["rejected_rows"], 1, "a cost with a credit that is no number is no charge: {report:#}");
    let rejects = bench.json(&["rejects"]);
    assert!(rejects.to_string().contains("a lot"), "the text is shown: {rejects}");
    assert_eq!(bench.value("SELECT count(*)::VARCHAR FROM charge"), "1", "the other row counts");
}

#[test]
fn trap_more_credits_than_a_row_can_have() {
    let row = one(|row| row.credits = vec![promotion("-0.01"); 300]);
    let bench = bench();
    let output = bench.load(&[bench.write("rows.json", export::json_lines(&[row]))]);
    assert_ne!(output.status, Some(0), "no credit is left out in silence");
    assert!(output.stderr.contains("more than 255 charges"), "{}", output.stderr);
}

#[test]
fn trap_an_export_that_is_cut_short() {
    let rows = expected::rows(30, 5);
    let text = export::json_lines(&rows);
    let bench = bench();
    bench.write("export/whole.json", &text);
    bench.write("export/settings.json", "[1, 2, 3]");
    bench.write("export/manifest.json", "{\"files\": [\"whole.json\"]}");
    bench.loaded(&[bench.path("export")]);
    let state = bench.state();
    bench.write("export/cut.json", &text[..text.len() - 40]);
    let output = bench.load(&[bench.path("export")]);
    assert_ne!(output.status, Some(0), "a bill that is cut short in a folder is not passed over");
    assert!(output.stderr.contains("line 30") && output.stderr.contains("cut short"), "{}", output.stderr);
    assert_eq!(bench.state(), state, "nothing changed");
}

#[test]
fn a_charge_leads_to_its_object() {
    let rows = expected::rows(40, 11);
    let with_credit = rows.iter().position(|row| row.credits.iter().any(|credit| credit.kind == "PROMOTION")).unwrap();
    let bench = bench();
    bench.loaded(&[bench.write("rows.json", export::json_lines(&rows))]);
    let id = bench.value(&format!(
        "SELECT file_id || '.' || source_row || '.' || part FROM charge
         WHERE source_row = {} AND charge_category = 'Credit' ORDER BY part LIMIT 1",
        with_credit + 1
    ));
    let source = bench.json(&["source", &id]);
    assert_eq!(source["available"], true, "{source:#}");
    assert!(source["cells"].to_string().contains("PROMOTION"), "the credits are shown as the file has them");
    let category = source["mapped"].as_array().unwrap().iter().find(|one| one["column"] == "ChargeCategory");
    assert_eq!(category.unwrap()["expression"], "'Credit'", "the mapping of a further charge is shown: {category:?}");
    let billed = source["mapped"].as_array().unwrap().iter().find(|one| one["column"] == "BilledCost").unwrap();
    assert_eq!(billed["sources"], serde_json::json!(["credits"]), "and the list that its object is of");
}
