//! The datasets that FOCUS puts beside Cost and Usage: whole or not at all, replaced by delivery, exact, and of use to the
//! reconciliation.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use rust_decimal::Decimal;
use serde_json::{Value, json};
use testsupport::decimal::{Sheet, decimal};
use testsupport::parquet_file::{Column, Kind, parquet};
use testsupport::{Bill, Workbench, shared_data};

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

const GENERATED: &str = "generated/focus-data-toolkit";

/// A column of `qd datasets NAME`, by its id.
fn column<'a>(found: &'a Value, id: &str) -> Vec<Option<&'a str>> {
    let at = found["columns"].as_array().unwrap().iter().position(|name| name == id).unwrap();
    found["rows"].as_array().unwrap().iter().map(|row| row[at].as_str()).collect()
}

fn sum(values: &[Option<&str>]) -> Decimal {
    values.iter().flatten().map(|text| decimal(text)).sum()
}

#[test]
fn contract_commitments_of_focus_1_3() {
    let bench = bench();
    let folder = shared_data(GENERATED);
    let file = folder.join("focus_1_3_contract_commitment_aws.csv.gz");
    let report = bench.loaded(&[&file]);
    assert_eq!(report["loads"], json!([]), "there are no charges in it");
    let load = &report["datasets"][0];
    assert_eq!(
        (&load["dataset"], &load["provider"]),
        (&json!("contract_commitment"), &json!("AWS")),
        "its identifiers tell whose it is"
    );
    assert_eq!((&load["rows"], &load["format_version"], &load["rejected"]), (&json!(348), &json!("1.3"), &json!(0)));
    let found = bench.json(&["datasets", "contract-commitments"]);
    assert_eq!(found["total"], 348);
    assert_eq!(found["columns"].as_array().unwrap().len(), 31, "whose it is, and the thirty columns of 1.4");
    assert_eq!(sum(&column(&found, "ContractCommitmentCost")), decimal("97278755.2"));
    assert_eq!(sum(&column(&found, "ContractCommitmentQuantity")), decimal("613300000"));
    let sheet = Sheet::open(&file);
    for id in sheet.columns() {
        for (row, (cell, text)) in column(&found, id).into_iter().zip(sheet.column(id)).enumerate() {
            let same = match cell {
                Some(cell) if id.ends_with("Cost") || id.ends_with("Quantity") => decimal(cell) == decimal(text),
                cell => cell.unwrap_or_default() == text,
            };
            assert!(same, "row {}, {id}: {cell:?} was made of {text}", row + 1);
        }
    }
    let other = bench.loaded(&[folder.join("focus_1_3_contract_commitment_gcp.csv.gz")]);
    assert_eq!(other["datasets"][0]["provider"], "Google Cloud");
    assert_eq!(
        bench.json(&["datasets", "contract-commitments"])["total"],
        348 + 350,
        "another provider's stand beside them"
    );
}

#[test]
fn the_four_datasets_of_focus_1_4_in_one_load() {
    let bench = bench();
    let folder = shared_data(GENERATED).join("aws-1.4-synthetic");
    let report = bench.loaded(&[&folder]);
    let rows: u64 = report["loads"].as_array().unwrap().iter().map(|load| load["rows"].as_u64().unwrap()).sum();
    assert_eq!(rows, 5000, "the charges");
    let datasets: Vec<(&str, u64)> = report["datasets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|load| (load["dataset"].as_str().unwrap(), load["rows"].as_u64().unwrap()))
        .collect();
    let expected = [("billing_period", 1), ("contract_commitment", 348), ("invoice_detail", 3), ("invoice_detail", 3)];
    assert_eq!(datasets, expected, "invoice lines are one delivery for each billing account");
    let lines = bench.json(&["datasets", "invoice-details"]);
    let costs = column(&lines, "BilledCost");
    assert_eq!(costs[1], Some("115.409477204077276"), "to the last digit");
    assert_eq!(sum(&costs), decimal("52609.016161658848806") + decimal("53520.334815274080641"));
    let periods = bench.json(&["datasets", "billing-periods"]);
    assert_eq!(column(&periods, "BillingPeriodStatus"), [Some("Closed")]);
    assert_eq!(column(&periods, "BillingPeriodEnd"), [Some("2026-06-01T00:00:00Z")]);

    // The invoices are those of the dataset: no list was given.
    let reconciled = bench.json(&["reconcile"]);
    let invoices = reconciled["invoices"].as_array().unwrap();
    let known: Vec<(&str, &str, &str)> = invoices
        .iter()
        .map(|line| {
            (
                line["invoice_id"].as_str().unwrap(),
                line["status"].as_str().unwrap(),
                line["known_from"].as_str().unwrap(),
            )
        })
        .collect();
    let expected =
        [("INV-2026-05-0001", "matched", "invoice_detail"), ("INV-2026-05-0002", "matched", "invoice_detail")];
    assert_eq!(known, expected, "the lines come to what the charges come to");
    assert_eq!(invoices[0]["amount"], "52609.016161658848806");

    // A list that the analyst gives has the last word.
    let list = "invoice_id,issuer,billing_account_id,billing_period,currency,amount\nINV-2026-05-0001,AWS,100000000001,2026-05,USD,52609.02\n";
    let given = bench.write("invoices.csv", list);
    let reconciled = bench.json(&["reconcile", "--invoices", given.to_str().unwrap()]);
    let line = &reconciled["invoices"][0];
    assert_eq!((&line["known_from"], &line["status"]), (&json!("list"), &json!("difference")));
    assert_eq!(line["difference"], "0.003838341151194");
    assert_eq!(reconciled["invoices"].as_array().unwrap().len(), 2, "the other one is still that of the dataset");
}

#[test]
fn the_same_delivery_again_changes_nothing() {
    let bench = bench();
    let folder = shared_data(GENERATED).join("aws-1.4-synthetic");
    let _report = bench.loaded(&[&folder]);
    let before = bench.json(&["datasets", "--all"]);
    let again = bench.loaded(&[&folder]);
    assert_eq!(again["datasets"], json!([]));
    let reasons: Vec<&str> =
        again["skipped"].as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap()).collect();
    assert!(reasons.contains(&"FOCUS Contract Commitment of AWS is loaded already, byte for byte"), "{reasons:?}");
    assert_eq!(bench.json(&["datasets", "--all"]), before);
}

const COMMITMENTS: &str = "ContractCommitmentId,ContractCommitmentCategory,ContractCommitmentCost,ContractCommitmentPeriodStart,\
ContractCommitmentPeriodEnd,x_Note\n";

fn commitments(rows: &[(&str, &str)]) -> String {
    let line =
        |(id, cost): &(&str, &str)| format!("{id},Spend,{cost},2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,kept\n");
    COMMITMENTS.to_owned() + &rows.iter().map(line).collect::<String>()
}

#[test]
fn a_delivery_replaces_those_that_name_the_same_commitments() {
    let bench = bench();
    let load = |name: &str, rows: &[(&str, &str)]| bench.loaded(&[bench.write(name, commitments(rows))]);
    let _report = load("one/a.csv", &[("arn:aws:1", "100"), ("arn:aws:2", "200")]);
    let _report = load("two/a.csv", &[("arn:aws:9", "900")]);
    let total = || sum(&column(&bench.json(&["datasets", "contract-commitments"]), "ContractCommitmentCost"));
    assert_eq!(total(), decimal("1200"), "another account's commitments stand beside the first ones");
    let report = load("three/a.csv", &[("arn:aws:1", "110"), ("arn:aws:3", "300")]);
    assert_eq!(report["datasets"][0]["rows"], 2);
    assert_eq!(total(), decimal("1310"), "what the new delivery does not name any more is gone with the old one");
    let all = bench.json(&["datasets", "--all"]);
    let states: Vec<(i64, &str)> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|load| (load["id"].as_i64().unwrap(), load["state"].as_str().unwrap()))
        .collect();
    assert!(
        states.contains(&(1, "superseded")) && states.contains(&(2, "current")) && states.contains(&(3, "current")),
        "{states:?}"
    );
    assert_eq!(bench.value("SELECT count(*) FROM contract_commitment_superseded"), "2", "the replaced rows are kept");
    assert_eq!(
        bench.value("SELECT DISTINCT extra->>'x_Note' FROM contract_commitment"),
        "kept",
        "and so is what FOCUS does not know"
    );
}

const LINES: &str = "InvoiceDetailId,InvoiceId,InvoiceIssueStatus,InvoiceIssuerName,BilledCost,BillingAccountId,BillingCurrency,\
BillingPeriodStart,BillingPeriodEnd,ChargeCategory\n";

fn invoice_line(id: &str, invoice: &str, status: &str, cost: &str, month: &str) -> String {
    format!(
        "{id},{invoice},{status},Example Cloud,{cost},100,USD,2026-{month}-01T00:00:00Z,2026-{month}-28T00:00:00Z,Usage\n"
    )
}

#[test]
fn a_month_of_invoice_lines_is_replaced_by_itself() {
    let bench = bench();
    let first = LINES.to_owned()
        + &invoice_line("1", "A", "Open", "10.5", "01")
        + &invoice_line("2", "B", "Issued", "20", "02");
    let _report = bench.loaded(&[bench.write("one/lines.csv", first)]);
    let second = LINES.to_owned()
        + &invoice_line("1", "A", "Issued", "11.000000000000000001", "01")
        + &invoice_line("3", "A", "Issued", "-0.5", "01");
    let _report = bench.loaded(&[bench.write("two/lines.csv", second)]);
    let found = bench.json(&["datasets", "invoice-details"]);
    assert_eq!(
        sum(&column(&found, "BilledCost")),
        decimal("30.500000000000000001"),
        "January is new, February is what it was"
    );
    let listed = bench.json(&["loads"]);
    let datasets: Vec<&Value> = listed.as_array().unwrap().iter().filter(|load| !load["dataset"].is_null()).collect();
    assert_eq!(datasets.len(), 2, "`qd loads` lists both months");
    assert_eq!(datasets[0]["billing_period"], "2026-02-01");
    let reconciled = bench.json(&["reconcile"]);
    assert_eq!(reconciled["invoices"][0]["amount"], "10.500000000000000001", "an invoice is the sum of its lines");
    assert_eq!(reconciled["invoices"][0]["status"], "no_charges");
}

#[test]
fn typed_columns_and_maps_become_what_texts_become() {
    let bench = bench();
    let column = |name: &str, kind: Kind, value: &str| Column {
        name: name.to_owned(),
        kind,
        values: vec![Some(value.to_owned())],
    };
    let lines = parquet(&[
        column("InvoiceDetailId", Kind::Text, "007"),
        column("InvoiceId", Kind::Text, "A"),
        column("InvoiceIssueStatus", Kind::Text, "Issued"),
        column("InvoiceIssuerName", Kind::Text, "Example Cloud"),
        column("BilledCost", Kind::Decimal { scale: 17 }, "10.12345678901234567"),
        column("BillingAccountId", Kind::Text, "100"),
        column("BillingCurrency", Kind::Text, "USD"),
        column("BillingPeriodStart", Kind::Time, "2026-01-01T00:00:00Z"),
        column("InvoiceDetailGrain", Kind::Map, r#"{"Team":"web"}"#),
        column("InvoiceIssueDate", Kind::Milliseconds, "2026-02-03T04:05:06Z"),
    ]);
    let _report = bench.loaded(&[bench.write("lines.parquet", lines)]);
    let found = bench.json(&["datasets", "invoice-details"]);
    assert_eq!(self::column(&found, "BilledCost"), [Some("10.12345678901234567")]);
    assert_eq!(self::column(&found, "InvoiceDetailId"), [Some("007")]);
    assert_eq!(self::column(&found, "InvoiceDetailGrain"), [Some(r#"{"Team":"web"}"#)]);
    assert_eq!(self::column(&found, "InvoiceIssueDate"), [Some("2026-02-03T04:05:06Z")]);
}

#[test]
fn the_same_lines_as_json() {
    let bench = bench();
    let lines = r#"[{"InvoiceDetailId":"1","InvoiceId":"A","InvoiceIssueStatus":"Issued","InvoiceIssuerName":"Example Cloud",
        "BilledCost":10.123456789012345678,"BillingAccountId":"100","BillingCurrency":"USD","BillingPeriodStart":"2026-01-01T00:00:00Z",
        "InvoiceDetailGrain":{"Team":"web"},"PurchaseOrderNumber":null}]"#;
    let _report = bench.loaded(&[bench.write("lines.json", lines)]);
    let found = bench.json(&["datasets", "invoice-details"]);
    assert_eq!(self::column(&found, "BilledCost"), [Some("10.123456789012345678")], "no digit is lost to a float");
    assert_eq!(self::column(&found, "InvoiceDetailGrain"), [Some(r#"{"Team":"web"}"#)]);
    assert_eq!(self::column(&found, "PurchaseOrderNumber"), [None]);
}

#[test]
fn a_voided_invoice_is_none() {
    let bench = bench();
    let lines = LINES.to_owned()
        + &invoice_line("1", "A", "Voided", "10", "01")
        + &invoice_line("2", "B", "Issued", "20", "01");
    let _report = bench.loaded(&[bench.write("lines.csv", lines)]);
    let reconciled = bench.json(&["reconcile"]);
    let ids: Vec<&Value> = reconciled["invoices"].as_array().unwrap().iter().map(|line| &line["invoice_id"]).collect();
    assert_eq!(ids, ["B"]);
}

#[test]
fn a_bad_row_is_told_and_the_others_count() {
    let bench = bench();
    let lines = LINES.to_owned()
        + &invoice_line("1", "A", "Issued", "ten", "01")
        + &invoice_line("2", "A", "Issued", "20", "01")
        + "3,A\n"
        + &invoice_line("4", "", "Issued", "20", "01");
    let output = bench.load(&[bench.write("lines.csv", lines)]);
    assert_eq!(output.status, Some(3), "done, and there is something to look at: {}", output.stderr);
    let rejects = bench.json(&["rejects"]);
    let told: Vec<(i64, Option<&str>, &str)> = rejects
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["row"].as_i64().unwrap(), one["column"].as_str(), one["reason"].as_str().unwrap()))
        .collect();
    let expected = [
        (1, Some("BilledCost"), "not a decimal number that fits in 20 digits before the point"),
        (3, None, "the row has fewer fields than the header"),
        (4, Some("InvoiceId"), "there is no value"),
    ];
    assert_eq!(told, expected);
    assert_eq!(bench.json(&["datasets", "invoice-details"])["total"], 1);
}

#[test]
fn no_value_of_a_refused_row_counts_as_one_that_is_missing() {
    let bench = bench();
    let rows = commitments(&[("arn:aws:1", "100"), ("", "ten"), ("arn:aws:3", "ten")]);
    let output = bench.load(&[bench.write("commitments.csv", rows)]);
    let told = "1 rows were refused, and 1 values in rows that count";
    assert!(output.stderr.contains(told), "{}", output.stderr);
    let kept = "SELECT string_agg(source_row || ' ' || column_name || ' ' || kept, ', ' ORDER BY source_row, column_name) FROM reject";
    assert_eq!(
        bench.value(kept),
        "2 ContractCommitmentCost false, 2 ContractCommitmentId false, 3 ContractCommitmentCost true"
    );
}

#[test]
fn nothing_is_taken_in_when_a_file_of_the_load_is_broken() {
    let bench = bench();
    let good = bench.write("good.csv", commitments(&[("arn:aws:1", "100")]));
    let bill = bench.write("bill.csv", Bill::of(3).csv());
    let broken = bench.write(
        "broken.csv",
        LINES.replace(",BilledCost", "")
            + "1,A,Issued,Example Cloud,100,USD,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,Usage\n",
    );
    let output = bench.load(&[&good, &bill, &broken]);
    assert_eq!(output.status, Some(1));
    assert!(output.stderr.contains("FOCUS Invoice Detail export, but BilledCost is missing"), "{}", output.stderr);
    assert_eq!(bench.json(&["datasets"]), json!([]), "whole or not at all");
    assert_eq!(bench.json(&["loads"]), json!([]));
}

#[test]
fn whose_it_is_must_be_known() {
    let bench = bench();
    let file = bench.write("commitments.csv", commitments(&[("contract-1", "100")]));
    let output = bench.load(&[&file]);
    assert_eq!(output.status, Some(1));
    assert!(output.stderr.contains("the row does not say whose it is"), "{}", output.stderr);
    assert!(output.stderr.contains("qd load --provider NAME FILE"), "what to do is said: {}", output.stderr);
    let told = bench.qd(&["load", "--provider", "oci", file.to_str().unwrap()]);
    assert_eq!(told.status, Some(0), "{}", told.stderr);
    assert_eq!(bench.json(&["datasets"])[0]["provider"], "Oracle");
}

#[test]
fn identifiers_tell_whose_a_commitment_is() {
    let bench = bench();
    let reservation = "/subscriptions/1/providers/Microsoft.BillingBenefits/reservations/2";
    let order = "/providers/Microsoft.Capacity/reservationOrders/3";
    let compute = "//compute.googleapis.com/projects/p/regions/r/commitments/c";
    let owners = [
        (reservation, "Microsoft"),
        (order, "Microsoft"),
        (compute, "Google Cloud"),
        ("ocid1.commitment.1", "Oracle"),
        ("arn:aws:1", "AWS"),
    ];
    let _report = bench.loaded(&[bench.write("commitments.csv", commitments(&owners.map(|(id, _)| (id, "100"))))]);
    let found = bench.json(&["datasets", "contract-commitments"]);
    let told = column(&found, "ContractCommitmentId").into_iter().zip(column(&found, "Provider"));
    let told: std::collections::BTreeMap<_, _> = told.collect();
    for (id, owner) in owners {
        assert_eq!(told[&Some(id)], Some(owner), "{id}: a reservation of Azure lies in a subscription or a tenant");
    }
}

#[test]
fn charges_and_datasets_are_numbered_as_one() {
    let bench = bench();
    let _report = bench.loaded(&[bench.write("a/commitments.csv", commitments(&[("arn:aws:1", "100")]))]);
    let report = bench.loaded(&[bench.write("b/bill.csv", Bill::of(2).csv())]);
    assert_eq!(report["loads"][0]["id"], 2, "no two loads have one number");
    let asked = bench.json(&["ask", "--measure", "billed,charges"]);
    assert_eq!(asked["total"]["charges"], "2", "commitments are no charges");
}
