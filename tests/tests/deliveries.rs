//! Bills that are delivered more than once, in parts, in archives, with manifests, and with parts that are bad: the engagement holds
//! exactly the latest delivery of each bill, and what it replaced.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use money::Amount;
use serde_json::{Value, json};
use testsupport::container::{gzip, tar_of, zip};
use testsupport::{Bill, Output, Workbench, parquet_file};

const FIRST: &str = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
const SECOND: &str = "9c858901-8a57-4791-81fe-4c455b099bc9";
const THIRD: &str = "7d444840-9dc0-11d1-b245-5ffdce74fad2";

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

/// Charges of January: two resources on each day from `first` to `last`, at `cost`.
fn january(first: u32, last: u32, cost: &str) -> Bill {
    days(Bill::new(), first, last, cost)
}

fn days(bill: Bill, first: u32, last: u32, cost: &str) -> Bill {
    (first..=last).fold(bill, |bill, day| {
        ["instance-1", "instance-2"].iter().fold(bill, |bill, resource| {
            bill.charge(&[
                ("ChargePeriodStart", &format!("2026-01-{day:02}T00:00:00Z")),
                ("ChargePeriodEnd", &format!("2026-01-{:02}T00:00:00Z", day + 1)),
                ("ResourceId", resource),
                ("BilledCost", cost),
                ("EffectiveCost", cost),
            ])
        })
    })
}

/// A bill of February with `count` charges of 2.5.
fn february(count: usize) -> Vec<u8> {
    let bill = Bill::new()
        .usual("BillingPeriodStart", "2026-02-01T00:00:00Z")
        .usual("BillingPeriodEnd", "2026-03-01T00:00:00Z")
        .usual("ChargePeriodStart", "2026-02-01T00:00:00Z")
        .usual("ChargePeriodEnd", "2026-02-02T00:00:00Z");
    (1..=count).fold(bill, |bill, number| bill.charge(&[("ResourceId", &format!("instance-{number}"))])).csv()
}

fn billed(bench: &Workbench, month: &str) -> String {
    bench.json(&["ask", "--period", month])["total"]["billed_cost"].as_str().unwrap_or("nothing").to_owned()
}

/// The states of all loads, oldest first.
fn states(bench: &Workbench) -> Vec<String> {
    let mut loads = bench.json(&["loads", "--all"]).as_array().unwrap().clone();
    loads.sort_by_key(|load| load["id"].as_i64());
    loads.iter().map(|load| format!("{} {}", load["rows"], load["state"].as_str().unwrap())).collect()
}

/// Loads a folder of which something is to be looked at, and gives the report.
#[track_caller]
fn partly(bench: &Workbench, folder: &str) -> Value {
    let output = load_json(bench, folder);
    assert_eq!(output.status, Some(3), "there is something to look at: {}{}", output.stdout, output.stderr);
    output.json()
}

fn load_json(bench: &Workbench, path: &str) -> Output {
    bench.qd(&["--format", "json", "load", bench.path(path).to_str().unwrap()])
}

fn amount(value: &Value) -> Amount {
    value.as_str().map_or(Amount::from_integer(0), |text| text.parse().unwrap())
}

/// The parts of a difference are the whole, to the last digit.
#[track_caller]
fn adds_up(dollars: &Value) {
    for list in ["by_service", "by_account", "by_charge_kind", "changes"] {
        for cost in ["billed", "effective", "contracted", "list"] {
            let parts = dollars[list].as_array().unwrap().iter().map(|line| amount(&line[cost]["difference"]));
            assert_eq!(Amount::sum(parts).unwrap(), amount(&dollars["total"][cost]["difference"]), "{list} of {cost}");
        }
    }
}

#[test]
fn four_cumulative_snapshots_in_one_folder_count_once() {
    let bench = bench();
    // Each snapshot has all days so far: adding them up would give 3.3 times the month.
    for (name, last) in [("2026-01-08", 7), ("2026-01-15", 14), ("2026-01-22", 21), ("2026-01-31", 30)] {
        let _file = bench.write(&format!("snapshots/costs_{name}.csv"), january(1, last, "2.5").csv());
    }
    let report = bench.loaded(&[bench.path("snapshots")]);
    assert_eq!(billed(&bench, "2026-01"), "150", "thirty days of two charges at 2.5");
    assert_eq!(states(&bench), ["14 superseded", "28 superseded", "42 superseded", "60 current"]);
    let notes = report["notes"].to_string();
    assert!(notes.contains("delivered more than once") && notes.contains("costs_2026-01-31.csv counts"), "{notes}");
    let before = bench.state();
    let again = bench.qd(&["load", bench.path("snapshots").to_str().unwrap()]);
    assert_eq!(again.status, Some(0), "{}", again.stderr);
    assert_eq!(billed(&bench, "2026-01"), "150", "the folder again gives the same month");
    assert_eq!(before.contains("\"rows\": 60"), bench.state().contains("\"rows\": 60"));
}

#[test]
fn cumulative_snapshots_whose_names_tell_nothing() {
    let bench = bench();
    for (name, last) in [("zebra", 7), ("yak", 14), ("ant", 30), ("bee", 21)] {
        let _file = bench.write(&format!("snapshots/{name}.csv"), january(1, last, "2.5").csv());
    }
    let report = bench.loaded(&[bench.path("snapshots")]);
    assert_eq!(billed(&bench, "2026-01"), "150", "the one that goes furthest counts");
    assert!(report["notes"].to_string().contains("ant.csv counts"), "and it is told: {}", report["notes"]);
}

#[test]
fn cumulative_snapshots_in_folders_of_their_own() {
    let bench = bench();
    for (folder, last) in [(THIRD, 30), (FIRST, 7), (SECOND, 14)] {
        let _file = bench.write(&format!("20260101-20260201/{folder}/costs-1.csv"), january(1, last, "2.5").csv());
    }
    let _report = bench.loaded(&[bench.path("20260101-20260201")]);
    assert_eq!(billed(&bench, "2026-01"), "150");
    assert_eq!(states(&bench), ["14 superseded", "28 superseded", "60 current"]);
}

#[test]
fn a_month_that_was_issued_again_at_other_prices() {
    let bench = bench();
    for (folder, cost) in [("issued-2026-02-03", "2.5"), ("issued-2026-02-20", "2.25")] {
        let _file = bench.write(&format!("bills/{folder}/january.csv"), january(1, 10, cost).csv());
    }
    let _report = bench.loaded(&[bench.path("bills")]);
    assert_eq!(billed(&bench, "2026-01"), "45", "no charge is the same, and yet it is the same bill");
}

#[test]
fn the_same_rows_loaded_twice_with_another_loader_id() {
    let bench = bench();
    for (name, id) in [("export-a.csv", "loader-1"), ("export-b.csv", "loader-2")] {
        let bill = Bill::new().usual("x_LoaderId", id);
        let _file = bench.write(&format!("exports/{name}"), days(bill, 1, 20, "2.5").csv());
    }
    let _report = bench.loaded(&[bench.path("exports")]);
    assert_eq!(billed(&bench, "2026-01"), "100", "twenty days once");
}

#[test]
fn parts_of_one_delivery_are_added_up_though_they_share_days_and_some_charges() {
    let bench = bench();
    // Equal charges are legitimate: the same hour, the same price.
    for part in 1..=3 {
        let bill = (1..=30).fold(Bill::of(1), |bill, number| {
            bill.charge(&[
                ("ResourceId", &format!("instance-{part}-{number}")),
                ("BilledCost", &format!("{part}.{number}")),
            ])
        });
        let _file = bench.write(&format!("parts/costs-0000{part}.csv"), bill.csv());
    }
    let _report = bench.loaded(&[bench.path("parts")]);
    assert_eq!(bench.value("SELECT count(*) FROM charge"), "93");
    assert_eq!(states(&bench), ["93 current"]);
}

#[test]
fn two_small_numbered_parts_that_are_alike_by_chance() {
    let bench = bench();
    for part in 1..=2 {
        let _file =
            bench.write(&format!("parts/costs-{part}.csv"), Bill::of(1).usual("SkuId", &part.to_string()).csv());
    }
    let other = bench.write("parts/costs-3.csv", Bill::of(2).csv());
    let _report = bench.loaded(&[bench.path("parts")]);
    assert!(other.exists());
    assert_eq!(billed(&bench, "2026-01"), "7.5", "the first two are one file twice, the third is a part");
}

#[test]
fn folders_by_account_are_parts_of_one_delivery() {
    let bench = bench();
    for account in ["200", "300"] {
        let bill = Bill::new().usual("SubAccountId", account);
        let _file = bench.write(&format!("export/account={account}/data.csv"), days(bill, 1, 10, "2.5").csv());
    }
    let report = bench.loaded(&[bench.path("export")]);
    assert_eq!(billed(&bench, "2026-01"), "100", "ten days of two accounts");
    assert!(report["notes"].to_string().contains("parts of one delivery"), "what was assumed is told");
}

#[test]
fn overlapping_files_belong_to_both_deliveries() {
    let bench = bench();
    for folder in ["2026-01-20", "2026-01-31"] {
        let _same = bench.write(&format!("d/{folder}/costs-1.csv"), january(1, 12, "2.5").csv());
    }
    let _old = bench.write("d/2026-01-20/costs-2.csv", january(13, 19, "2.5").csv());
    let _new = bench.write("d/2026-01-31/costs-2.csv", january(13, 30, "2.5").csv());
    let _report = bench.loaded(&[bench.path("d")]);
    assert_eq!(billed(&bench, "2026-01"), "150", "the unchanged first part counts in the later delivery");
    assert_eq!(states(&bench), ["38 superseded", "60 current"]);
}

#[test]
fn columns_that_change_from_month_to_month() {
    let bench = bench();
    let _january = bench.write("months/2026-01.csv", january(1, 3, "2.5").csv());
    let february = Bill::new()
        .usual("BillingPeriodStart", "2026-02-01T00:00:00Z")
        .usual("BillingPeriodEnd", "2026-03-01T00:00:00Z")
        .usual("ChargePeriodStart", "2026-02-01T00:00:00Z")
        .usual("ChargePeriodEnd", "2026-02-02T00:00:00Z")
        .usual("x_CostCenter", "42")
        .without("AvailabilityZone");
    let _february = bench.write("months/2026-02.csv", february.charge(&[]).charge(&[("ResourceId", "b")]).csv());
    let _report = bench.loaded(&[bench.path("months")]);
    assert_eq!((billed(&bench, "2026-01"), billed(&bench, "2026-02")), ("15".to_owned(), "5".to_owned()));
    assert_eq!(
        bench.value("SELECT count(*) FROM charge WHERE extra LIKE '%CostCenter%'"),
        "2",
        "no month loses a column"
    );
}

#[test]
fn late_rows_arrive_with_the_next_delivery_of_a_closed_month() {
    let bench = bench();
    let _first = bench.loaded(&[bench.write("first.csv", january(1, 30, "2.5").csv())]);
    let late = january(1, 30, "2.5").charge(&[
        ("ChargeCategory", "Credit"),
        ("ChargeClass", "Correction"),
        ("ServiceName", "Credits"),
        ("SubAccountId", ""),
        ("SubAccountName", ""),
        ("BilledCost", "-12.5"),
        ("EffectiveCost", "-12.5"),
    ]);
    let _second = bench.loaded(&[bench.write("second.csv", late.csv())]);
    assert_eq!(billed(&bench, "2026-01"), "137.5");
    let reply = bench.json(&["diff-loads", "1", "2"]);
    let diff = &reply["diffs"][0];
    assert_eq!((&diff["same_bill"], &diff["before"]["state"]), (&json!(true), &json!("superseded")));
    assert_eq!(diff["before"]["files"][0]["name"], "first.csv", "both loads are named with their files");
    assert_eq!(diff["after"]["files"][0]["sha256"].as_str().unwrap().len(), 64);
    let dollars = &diff["currencies"][0];
    assert_eq!(dollars["total"]["billed"], json!({ "before": "150", "after": "137.5", "difference": "-12.5" }));
    let changes = dollars["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "one line has changed: {changes:?}");
    let names = ["service", "account", "category", "class"].map(|key| changes[0][key].clone());
    assert_eq!(names, [json!("Credits"), Value::Null, json!("Credit"), json!("Correction")]);
    adds_up(dollars);
    assert_eq!(bench.json(&["diff-loads", "2"]), reply, "one load alone is set beside what it replaced");
    assert_eq!(bench.json(&["diff-loads", "--period", "2026-01"]), reply, "and so is a month");
    assert_eq!(bench.json(&["diff-loads", "--period", "2026-02"])["diffs"], json!([]));
    let table = bench.qd(&["--format", "csv", "diff-loads"]);
    assert_eq!(table.status, Some(0), "{}", table.stderr);
    assert!(table.stdout.contains("1 > 2,2026-01-01,USD,service,Credits,0,1,,-12.5,-12.5,-12.5"), "{}", table.stdout);
    assert!(table.stdout.contains("1 > 2,2026-01-01,USD,total,,60,61,150,137.5,-12.5,-12.5"), "{}", table.stdout);
    let missing = bench.qd(&["diff-loads", "1", "9"]);
    assert_eq!(missing.status, Some(1));
    assert!(missing.stderr.contains("there is no load 9"), "{}", missing.stderr);
    let first = bench.qd(&["diff-loads", "1"]);
    assert!(first.stderr.contains("load 1 replaced no earlier one"), "{}", first.stderr);
}

/// One month of Azure costs: `actual` or `amortised`, with what a reservation cost and how it was used.
fn azure(amortised: bool, uses: &[(&str, &str, &str)], purchases: &[&str]) -> String {
    let benefit = "/providers/Microsoft.Capacity/reservationOrders/5B1D/reservations/77AA";
    let mut csv =
        "BillingAccountId,BillingPeriodStartDate,BillingPeriodEndDate,SubscriptionId,Date,MeterCategory,Quantity,\
        CostInBillingCurrency,BillingCurrency,ChargeType,PricingModel,benefitId\n"
            .to_owned();
    let mut row = |subscription: &str, meter: &str, cost: &str, kind: &str, benefit: &str| {
        let model = if benefit.is_empty() { "OnDemand" } else { "Reservation" };
        csv += &format!(
            "86,2026-01-01,2026-01-31,{subscription},2026-01-04,{meter},1,{cost},USD,{kind},{model},{benefit}\n"
        );
    };
    for (subscription, meter, cost) in uses {
        row(subscription, meter, cost, "Usage", "");
    }
    for cost in purchases {
        match amortised {
            true => row("one", "Virtual Machines", cost, "UnusedReservation", benefit),
            false => row("one", "Virtual Machines", cost, "Purchase", benefit),
        }
    }
    csv
}

/// What a re-delivered actual cost changed, of a month in which most of it gives way to the amortised cost.
#[test]
fn a_redelivered_actual_cost_that_gives_way_differs_by_what_counts() {
    let bench = bench();
    let first = [("one", "Storage", "10.25"), ("two", "Bandwidth", "4")];
    let second = [("one", "Storage", "11.5"), ("two", "Bandwidth", "4"), ("two", "Azure DNS", "0.000000001")];
    let load = |name: &str, text: String| bench.loaded(&[bench.write(name, text)]);
    let _actual = load("a/actual.csv", azure(false, &first, &["100.5"]));
    let _amortised = load("b/amortised.csv", azure(true, &first, &["100.5"]));
    let _again = load("c/actual.csv", azure(false, &second, &["90.25", "20.125"]));
    let _month = load("d/amortised.csv", azure(true, &second, &["110.375"]));
    let loads = bench.json(&["loads", "--all"]);
    let mut states: Vec<String> = loads
        .as_array()
        .unwrap()
        .iter()
        .map(|load| {
            format!(
                "{} {} {} {}",
                load["id"],
                load["report"].as_str().unwrap(),
                load["rows"],
                load["state"].as_str().unwrap()
            )
        })
        .collect();
    states.sort();
    let expected = [
        "1 azure/actual/86 1 superseded",
        "2 azure/amortised/86 3 superseded",
        "3 azure/actual/86 2 current",
        "4 azure/amortised/86 4 current",
    ];
    assert_eq!(states, expected, "of the actual cost the purchases count");

    let actual = &bench.json(&["diff-loads", "1", "3"])["diffs"][0];
    let dollars = &actual["currencies"][0];
    assert_eq!(dollars["total"]["billed"], json!({ "before": "100.5", "after": "110.375", "difference": "9.875" }));
    assert_eq!(dollars["total"]["effective"]["difference"], "0", "a purchase has no effective cost");
    assert_eq!((&dollars["total"]["charges_before"], &dollars["total"]["charges_after"]), (&json!(1), &json!(2)));
    let services: Vec<&Value> = dollars["by_service"].as_array().unwrap().iter().map(|line| &line["service"]).collect();
    assert_eq!(services, [&json!("Azure Reservations")], "what gave way is no part of either side");

    let amortised = &bench.json(&["diff-loads", "2", "4"])["diffs"][0];
    let total = &amortised["currencies"][0]["total"];
    assert_eq!(total["billed"], json!({ "before": "14.25", "after": "15.500000001", "difference": "1.250000001" }));
    assert_eq!(total["effective"]["difference"], "11.125000001", "with what nobody used of the reservation");

    // The other order: the purchases of the actual cost beside the use of the amortised one.
    let across = &bench.json(&["diff-loads", "3", "4"])["diffs"][0];
    assert_eq!(across["same_bill"], false, "they are two reports");
    assert_eq!(across["currencies"][0]["total"]["effective"]["difference"], "125.875000001");
    for diff in [actual, amortised, across] {
        adds_up(&diff["currencies"][0]);
    }
    let month = bench.json(&["ask", "--measure", "billed,effective", "--period", "2026-01"])["total"].clone();
    assert_eq!((&month["billed_cost"], &month["effective_cost"]), (&json!("125.875000001"), &json!("125.875000001")));
}

/// A manifest of an AWS Cost and Usage Report.
fn cur(assembly: &str, keys: &[&str]) -> String {
    json!({
        "assemblyId": assembly, "account": "100", "reportName": "hourly", "bucket": "bills", "columns": [],
        "billingPeriod": { "start": "20260101T000000.000Z", "end": "20260201T000000.000Z" },
        "reportKeys": keys.iter().map(|key| format!("pre/hourly/20260101-20260201/{key}")).collect::<Vec<_>>(),
    })
    .to_string()
}

/// Three assemblies of January, of which the manifest beside them names the second.
fn assemblies(bench: &Workbench) {
    let root = "bucket/pre/hourly/20260101-20260201";
    for (assembly, last) in [(FIRST, 10), (SECOND, 20), (THIRD, 25)] {
        let parts = [format!("{assembly}/hourly-1.csv.gz"), format!("{assembly}/hourly-2.csv.gz")];
        let manifest = cur(assembly, &[&parts[0], &parts[1]]);
        let _first = bench.write(&format!("{root}/{}", parts[0]), gzip(&january(1, 5, "2.5").csv()));
        let _second = bench.write(&format!("{root}/{}", parts[1]), gzip(&january(6, last, "2.5").csv()));
        let _copy = bench.write(&format!("{root}/{assembly}/hourly-Manifest.json"), &manifest);
        if assembly == SECOND {
            let _root = bench.write(&format!("{root}/hourly-Manifest.json"), &manifest);
        }
    }
}

#[test]
fn versioned_delivery_counts_what_the_manifest_names() {
    let bench = bench();
    assemblies(&bench);
    let report = bench.loaded(&[bench.path("bucket")]);
    assert_eq!(billed(&bench, "2026-01"), "100", "twenty days, not those of all three assemblies");
    assert_eq!(states(&bench), ["40 current"]);
    let told: Vec<&str> =
        report["skipped"].as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
    assert!(told.len() == 2 && told[0].ends_with(FIRST) && told[1].ends_with(THIRD), "the others are named: {told:?}");
}

#[test]
fn a_manifest_alone_stands_for_its_files() {
    let bench = bench();
    assemblies(&bench);
    let manifest = format!("bucket/pre/hourly/20260101-20260201/{THIRD}/hourly-Manifest.json");
    let _report = bench.loaded(&[bench.path(&manifest)]);
    assert_eq!(billed(&bench, "2026-01"), "125", "what is named by hand counts");
}

#[test]
fn overwriting_delivery_leaves_a_part_of_the_longer_one_behind() {
    let bench = bench();
    let root = "hourly/20260101-20260201";
    let _one = bench.write(&format!("{root}/hourly-1.csv"), january(1, 5, "2.5").csv());
    let _two = bench.write(&format!("{root}/hourly-2.csv"), january(6, 10, "2.5").csv());
    let _left = bench.write(&format!("{root}/hourly-3.csv"), january(11, 12, "2.5").csv());
    let _manifest = bench.write(&format!("{root}/hourly-Manifest.json"), cur(FIRST, &["hourly-1.csv", "hourly-2.csv"]));
    let _report = bench.loaded(&[bench.path("hourly")]);
    assert_eq!(billed(&bench, "2026-01"), "50");
}

#[test]
fn a_part_that_the_manifest_names_and_that_is_missing() {
    let bench = bench();
    let root = "hourly/20260101-20260201";
    let _one = bench.write(&format!("{root}/hourly-1.csv"), january(1, 5, "2.5").csv());
    let manifest = bench.write(&format!("{root}/hourly-Manifest.json"), cur(FIRST, &["hourly-1.csv", "hourly-2.csv"]));
    let before = bench.state();
    for path in [manifest, bench.path("hourly")] {
        let output = bench.load(&[path]);
        assert_eq!(output.status, Some(1), "{}", output.stderr);
        assert!(output.stderr.contains("hourly-2.csv, which is not there"), "{}", output.stderr);
        assert_eq!(bench.state(), before, "half a delivery is none");
    }
    let _february = bench.write("hourly/february.csv", february(4));
    let report = partly(&bench, "hourly");
    assert!(report["failed"][0]["problem"].as_str().unwrap().contains("hourly-2.csv"), "{report}");
    assert_eq!((billed(&bench, "2026-01"), billed(&bench, "2026-02")), ("nothing".to_owned(), "10".to_owned()));
}

#[test]
fn data_exports_keep_their_manifest_in_another_folder() {
    let bench = bench();
    let keys =
        |run: &str| json!([format!("s3://bills/pre/focus/data/BILLING_PERIOD=2026-01/{run}/focus-00001.csv.gz")]);
    for (run, last) in [("20260110T060000-a1", 9), ("20260120T060000-b2", 19)] {
        let file = format!("focus/data/BILLING_PERIOD=2026-01/{run}/focus-00001.csv.gz");
        let _file = bench.write(&file, gzip(&january(1, last, "2.5").csv()));
        let manifest = json!({ "executionId": run.rsplit_once('-').unwrap().1, "columns": [], "dataFiles": keys(run) });
        let folder = format!("focus/metadata/BILLING_PERIOD=2026-01/{run}");
        let _manifest = bench.write(&format!("{folder}/focus-Manifest.json"), manifest.to_string());
    }
    let _report = bench.loaded(&[bench.path("focus")]);
    assert_eq!(billed(&bench, "2026-01"), "95", "the later run");
    assert_eq!(states(&bench), ["38 current"]);
}

#[test]
fn runs_of_an_azure_export() {
    let bench = bench();
    for (run, submitted, last) in [(SECOND, "2026-01-20T04:00:00Z", 19), (FIRST, "2026-01-10T04:00:00Z", 9)] {
        let folder = format!("exports/daily/20260101-20260131/{run}");
        let _part = bench.write(&format!("{folder}/part_0_0001.csv"), january(1, 5, "2.5").csv());
        let _part = bench.write(&format!("{folder}/part_1_0001.csv"), january(6, last, "2.5").csv());
        let blob =
            |part: u8| json!({ "blobName": format!("costs/daily/20260101-20260131/{run}/part_{part}_0001.csv") });
        let manifest = json!({
            "manifestVersion": "2024-04-01", "exportConfig": { "exportName": "daily", "type": "FocusCost" },
            "runInfo": { "runId": run, "submittedTime": submitted, "startDate": "2026-01-01T00:00:00" },
            "blobs": [blob(0), blob(1)],
        });
        let _manifest = bench.write(&format!("{folder}/manifest.json"), manifest.to_string());
    }
    let _report = bench.loaded(&[bench.path("exports")]);
    assert_eq!(billed(&bench, "2026-01"), "95");
}

#[test]
fn archives_of_a_whole_bucket() {
    for container in ["tar", "tar.gz", "zip", "no-ending"] {
        let bench = bench();
        let root = "pre/hourly/20260101-20260201";
        let (old, new) = (january(1, 9, "2.5").csv(), gzip(&january(1, 19, "2.5").csv()));
        let key = format!("{SECOND}/hourly-1.csv.gz");
        let manifest = cur(SECOND, &[&key]);
        let names = [
            format!("{root}/{FIRST}/hourly-1.csv.gz"),
            format!("{root}/{key}"),
            format!("{root}/hourly-Manifest.json"),
            "read-me.txt".to_owned(),
        ];
        let old = gzip(&old);
        let files: [(&str, &[u8]); 4] =
            [(&names[0], &old), (&names[1], &new), (&names[2], manifest.as_bytes()), (&names[3], b"what this is")];
        let bytes = match container {
            "zip" => zip(&files),
            "tar" => tar_of(&files),
            _ => gzip(&tar_of(&files)),
        };
        let name = if container == "no-ending" { "bucket".to_owned() } else { format!("bucket.{container}") };
        let report = bench.loaded(&[bench.write(&name, bytes)]);
        assert_eq!(billed(&bench, "2026-01"), "95", "{container}: only what the manifest names");
        assert!(report["skipped"].to_string().contains(FIRST), "{container}: the other assembly is told");
        let source = bench.json(&["source", "1.7"]);
        assert_eq!(source["available"], true, "{container}: a charge leads back into the archive");
    }
}

#[test]
fn a_folder_with_one_bad_file_loads_the_rest() {
    let bench = bench();
    let _good = bench.write("bills/january.csv", january(1, 10, "2.5").csv());
    let whole = gzip(&february(300));
    let _bad = bench.write("bills/february.csv.gz", &whole[..whole.len() / 2]);
    let _text = bench.write("bills/notes.txt", "nothing");
    let output = bench.load(&[bench.path("bills")]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    for words in ["february.csv.gz", "cut short", "Download it again"] {
        assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
    }
    assert_eq!(billed(&bench, "2026-01"), "50");
    assert_eq!(bench.leftovers(), Vec::<String>::new());
    let report = partly(&bench, "bills");
    assert_eq!(report["failed"].as_array().unwrap().len(), 1, "only the bad bill has failed: {report}");
    assert_eq!(report["failed"][0]["hint"], "Download it again.");
    let alone = bench.load(&[bench.path("bills/february.csv.gz")]);
    assert_eq!(alone.status, Some(1), "named by hand it is an error");
}

#[test]
fn a_folder_of_bad_files_alone_is_an_error() {
    let bench = bench();
    let before = bench.state();
    let whole = gzip(&february(300));
    for name in ["a", "b"] {
        let _bad = bench.write(&format!("bills/{name}.csv.gz"), &whole[..whole.len() / 2]);
    }
    let output = bench.load(&[bench.path("bills")]);
    assert_eq!(output.status, Some(1));
    assert!(output.stderr.contains("a.csv.gz") && output.stderr.contains("b.csv.gz"), "{}", output.stderr);
    assert_eq!(bench.state(), before);
}

#[test]
fn a_delivery_with_a_bad_part_does_not_replace_a_good_one() {
    let bench = bench();
    let good = |folder: &str, last: u32| {
        let _one = bench.write(&format!("{folder}/costs-1.csv"), january(1, 5, "2.5").csv());
        let _two = bench.write(&format!("{folder}/costs-2.csv"), january(6, last, "2.5").csv());
    };
    good("first", 10);
    let _report = bench.loaded(&[bench.path("first")]);
    good("second", 20);
    let _bad = bench.write("second/costs-2.csv", "BilledCost\n\0");
    let _february = bench.write("second/months/february.csv", february(4));
    let report = partly(&bench, "second");
    assert_eq!(billed(&bench, "2026-01"), "50", "the first delivery stands");
    assert_eq!(billed(&bench, "2026-02"), "10", "what has nothing to do with it is loaded");
    assert_eq!(report["held_back"][0]["billing_period"], "2026-01-01", "{report}");
    assert!(report["held_back"][0]["reason"].as_str().unwrap().contains("costs-2.csv"), "{report}");
    assert!(report["failed"][0]["file"].as_str().unwrap().ends_with("costs-2.csv"));
    good("second", 20);
    let _report = bench.loaded(&[bench.path("second")]);
    assert_eq!(billed(&bench, "2026-01"), "100", "whole again, it replaces");
}

#[test]
fn a_bad_part_of_a_manifest_holds_its_delivery_back() {
    let bench = bench();
    assemblies(&bench);
    let part = format!("bucket/pre/hourly/20260101-20260201/{SECOND}/hourly-2.csv.gz");
    let _first = bench.loaded(&[bench.path("bucket")]);
    let _bad = bench.write(&part, &gzip(&january(6, 30, "2.5").csv())[..200]);
    let output = bench.load(&[bench.path("bucket")]);
    assert_eq!(output.status, Some(1), "nothing else is there to load: {}{}", output.stdout, output.stderr);
    assert!(output.stderr.contains("hourly-2.csv.gz"), "{}", output.stderr);
    assert_eq!(billed(&bench, "2026-01"), "100", "what was loaded stands");
}

#[test]
fn a_bad_file_of_another_month_holds_nothing_back() {
    let bench = bench();
    let _january = bench.write("bills/costs-2026-01.csv", january(1, 5, "2.5").csv());
    let _report = bench.loaded(&[bench.path("bills")]);
    let _january = bench.write("bills/costs-2026-01.csv", january(1, 10, "2.5").csv());
    let _bad = bench.write("bills/costs-2026-02.csv", "BilledCost\n\0");
    let report = partly(&bench, "bills");
    assert_eq!(report["held_back"], json!([]));
    assert_eq!(billed(&bench, "2026-01"), "50");
}

#[test]
fn four_hundred_parts_are_as_good_as_one_file() {
    let (one, many) = (bench(), bench());
    let charge = |number: usize| {
        [("ResourceId", format!("instance-{number}")), ("BilledCost", format!("{}.{:03}", number % 7, number % 1000))]
    };
    let all = |range: std::ops::Range<usize>| {
        range.fold(Bill::new(), |bill, number| {
            let fields = charge(number);
            bill.charge(&fields.each_ref().map(|(name, value)| (*name, value.as_str())))
        })
    };
    let _report = one.loaded(&[one.write("month.csv", all(0..2000).csv())]);
    for part in 0..400 {
        let _file = many.write(&format!("month/part-{part:05}.csv"), all(part * 5..part * 5 + 5).csv());
    }
    let report = many.loaded(&[many.path("month")]);
    assert_eq!(report["loads"][0]["files"].as_array().unwrap().len(), 400);
    for sql in [
        "SELECT count(*) FROM charge",
        "SELECT sum(billed_cost) FROM charge",
        "SELECT bit_xor(hash(resource_id, billed_cost)) FROM charge",
    ] {
        assert_eq!(one.value(sql), many.value(sql), "{sql}");
    }
    let sql = "SELECT concat_ws(' ', name, file_id || '.' || source_row, resource_id)
               FROM charge JOIN source_file USING (file_id) WHERE resource_id = 'instance-1503'";
    let found = many.value(sql);
    let (name, charge) = found.trim_end_matches(" instance-1503").split_once(' ').unwrap();
    assert_eq!(name, "part-00300.csv", "a charge is of its own file");
    assert!(charge.ends_with(".4"), "and of its row in it: {charge}");
    let source = many.json(&["source", charge]);
    let resource = source["cells"].as_array().unwrap().iter().find(|cell| cell["column"] == "ResourceId").unwrap();
    assert_eq!(resource["value"], "instance-1503");
}

/// Six small parts, packed and not, with and without a mark at the head and a line end at the end; the fourth has a header only.
fn odd_parts(bench: &Workbench, bad: bool) {
    for part in 0..6_u32 {
        let rows = if part == 3 { 0 } else { 4 };
        let bill = (0..rows).fold(Bill::new(), |bill, row| {
            let cost = if bad && part == 4 && row == 2 { "much" } else { "2.5" };
            let text = format!("part {part}\nrow {row}, \"quoted\"");
            bill.charge(&[("ResourceId", &format!("{part}-{row}")), ("ChargeDescription", &text), ("BilledCost", cost)])
        });
        let mut bytes = bill.csv();
        if part % 2 == 1 {
            bytes.pop();
        }
        if part == 2 {
            bytes = [b"\xef\xbb\xbf", bytes.as_slice()].concat();
        }
        let packed = part == 5;
        let name = format!("parts/part-{part}.csv{}", if packed { ".gz" } else { "" });
        let _file = bench.write(&name, if packed { gzip(&bytes) } else { bytes });
    }
}

#[test]
fn small_parts_keep_their_rows_apart() {
    let bench = bench();
    odd_parts(&bench, false);
    let report = bench.loaded(&[bench.path("parts")]);
    let rows: Vec<u64> =
        report["loads"][0]["files"].as_array().unwrap().iter().map(|file| file["rows"].as_u64().unwrap()).collect();
    assert_eq!(rows, [4, 4, 4, 4, 4], "the file without rows is no part of the load");
    let places = "SELECT count(*) FROM charge JOIN source_file USING (file_id)
                  WHERE resource_id = concat(name[6], '-', source_row - 1)
                    AND charge_description = concat('part ', name[6], chr(10), 'row ', source_row - 1, ', \"quoted\"')";
    assert_eq!(bench.value(places), "20", "each charge is of its file and row");
    assert_eq!(billed(&bench, "2026-01"), "50");
}

/// A bill as Parquet, all columns as texts.
fn as_parquet(bill: &Bill) -> Vec<u8> {
    let records = bill.records();
    let column = |(at, name): (usize, &String)| parquet_file::Column {
        name: name.clone(),
        kind: parquet_file::Kind::Text,
        values: records[1..].iter().map(|row| Some(row[at].clone())).collect(),
    };
    parquet_file::parquet(&records[0].iter().enumerate().map(column).collect::<Vec<_>>())
}

#[test]
fn small_parquet_parts_keep_their_rows_apart() {
    let bench = bench();
    for part in 0..7_u32 {
        let rows = if part == 3 { 0 } else { 4 };
        let mut bill = (0..rows).fold(Bill::new(), |bill, row| {
            bill.charge(&[("ResourceId", &format!("{part}-{row}")), ("BilledCost", "2.5")])
        });
        if part == 6 {
            bill = Bill::new().usual("x_Region", "north").charge(&[("ResourceId", "6-0"), ("BilledCost", "2.5")]);
        }
        let _file = bench.write(&format!("parts/part-{part}.parquet"), as_parquet(&bill));
    }
    let report = bench.loaded(&[bench.path("parts")]);
    let rows: Vec<u64> =
        report["loads"][0]["files"].as_array().unwrap().iter().map(|file| file["rows"].as_u64().unwrap()).collect();
    assert_eq!(rows, [4, 4, 4, 4, 4, 1], "the file without rows is no part of the load, that of another schema is");
    let places = "SELECT count(*) FROM charge JOIN source_file USING (file_id)
                  WHERE resource_id = concat(name[6], '-', source_row - 1)";
    assert_eq!(bench.value(places), "21", "each charge is of its file and row");
    assert_eq!(billed(&bench, "2026-01"), "52.5");
    let sql = "SELECT concat(file_id, '.', source_row) FROM charge WHERE resource_id = '4-2'";
    let source = bench.json(&["source", &bench.value(sql)]);
    let resource = source["cells"].as_array().unwrap().iter().find(|cell| cell["column"] == "ResourceId").unwrap();
    assert_eq!(resource["value"], "4-2", "the trace reads the part itself");
}

#[test]
fn a_refused_row_among_small_parts_is_told_of_its_file() {
    let bench = bench();
    odd_parts(&bench, true);
    let report = partly(&bench, "parts");
    assert_eq!(report["rejected_rows"], 1);
    let reject = &bench.json(&["rejects"])[0];
    assert_eq!((&reject["file"], &reject["row"], &reject["value"]), (&json!("part-4.csv"), &json!(3), &json!("much")));
    assert_eq!(billed(&bench, "2026-01"), "47.5");
}
