//! The contract of `qd`: what it prints, how it ends, and what its SQL console refuses.

use serde_json::{Value, json};
use testsupport::decimal::Sheet;
use testsupport::{Bill, Workbench, workbench};

const COMMANDS: [&str; 30] = [
    "new",
    "load",
    "loads",
    "diff-loads",
    "datasets",
    "rejects",
    "check",
    "reconcile",
    "rates",
    "settings",
    "tags",
    "ask",
    "change",
    "rows",
    "kpis",
    "metrics",
    "unit-cost",
    "source",
    "sql",
    "dims",
    "measures",
    "forecast",
    "scenario",
    "budget",
    "commit",
    "views",
    "annotations",
    "mapping",
    "pack",
    "completions",
];

/// Three charges: two of one service and a credit of another.
fn bench() -> Workbench {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let bill = Bill::new()
        .charge(&[("BilledCost", "1.500000000001"), ("Tags", "{\"team\": \"red\"}")])
        .charge(&[("BilledCost", "0.0000001"), ("ResourceId", "instance-2")])
        .charge(&[
            ("ServiceName", "Credits"),
            ("ChargeCategory", "Credit"),
            ("BilledCost", "-20"),
            ("ConsumedQuantity", ""),
        ]);
    let _report = bench.loaded(&[bench.write("january.csv", bill.csv())]);
    bench
}

#[test]
fn help_names_every_command() {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let help = workbench::run(bench.command().arg("help"));
    assert_eq!(help.status, Some(0), "{}", help.stderr);
    for command in COMMANDS {
        assert!(help.stdout.lines().any(|line| line.trim_start().starts_with(command)), "{command}: {}", help.stdout);
        let own = workbench::run(bench.command().args(["help", command]));
        assert_eq!(own.status, Some(0), "{command}: {}", own.stderr);
        assert!(own.stdout.contains("Usage: qd"), "{command}: {}", own.stdout);
        assert!(own.stdout.lines().next().is_some_and(|line| line.len() > 10), "{command} says what it is for");
    }
    let listed = help.stdout.split("Commands:").nth(1).and_then(|rest| rest.split("Options:").next()).unwrap();
    let listed = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).count();
    assert_eq!(listed, COMMANDS.len() + 1, "with `help` itself, and nothing that this test does not know");
}

#[test]
fn completions_know_the_commands() {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = workbench::run(bench.command().args(["completions", shell]));
        assert_eq!(output.status, Some(0), "{shell}: {}", output.stderr);
        assert!(COMMANDS.iter().all(|command| output.stdout.contains(command)), "{shell} completes every command");
    }
}

#[test]
fn an_answer_in_json() {
    let bench = bench();
    let output =
        bench.qd(&["--format", "json", "ask", "--by", "service", "--measure", "billed,usage", "--period", "2026-01"]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let answer = output.json();
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    let expected =
        ["columns", "rows", "total", "currency", "cost", "period", "compared_with", "groups", "notes", "evidence"];
    assert_eq!(keys, expected, "the parts of an answer, in their order");
    let columns = json!([
        { "name": "service", "type": "text" },
        { "name": "billed_cost", "type": "decimal" },
        { "name": "consumed_quantity", "type": "decimal" },
    ]);
    assert_eq!(answer["columns"], columns);
    assert_eq!(answer["rows"], json!([["Virtual Machines", "1.500000100001", "48"], ["Credits", "-20", null]]));
    assert_eq!(answer["total"], json!({ "billed_cost": "-18.499999899999", "consumed_quantity": "48" }));
    assert_eq!((&answer["currency"], &answer["cost"]), (&json!("USD"), &json!("billed")));
    assert_eq!(answer["period"], json!({ "from": "2026-01-01", "to": "2026-02-01", "on": "charge" }));
    let evidence: Vec<&String> = answer["evidence"].as_object().unwrap().keys().collect();
    assert_eq!(evidence, ["id", "definition", "scope", "sql", "source", "loads", "charges", "rates", "rules"]);
    let load = answer["evidence"]["loads"][0].as_object().unwrap();
    assert_eq!(load.keys().collect::<Vec<_>>(), ["id", "file", "sha256", "rows"]);
    let again =
        bench.qd(&["--format", "json", "ask", "--by", "service", "--measure", "billed,usage", "--period", "2026-01"]);
    assert_eq!(again.stdout, output.stdout, "equal questions give equal bytes");
}

#[test]
fn an_answer_in_csv_and_as_a_table() {
    let bench = bench();
    let piped = bench.qd(&["ask", "--by", "service"]);
    let asked = bench.qd(&["--format", "csv", "ask", "--by", "service"]);
    assert_eq!(piped.stdout, asked.stdout, "in a pipe it is CSV unless asked otherwise");
    assert_eq!(
        asked.stdout,
        "service,billed_cost,unit\nVirtual Machines,1.500000100001,USD\nCredits,-20,USD\nTOTAL,-18.499999899999,USD\n"
    );
    let table = bench.qd(&["--format", "table", "ask", "--by", "service"]);
    for line in ["Virtual Machines    1.500000100001  USD", "Credits           -20.000000000000  USD"] {
        assert!(table.stdout.contains(line), "the points stand in a line: {}", table.stdout);
    }
    assert!(table.stderr.contains("evidence "), "the evidence is told beside the data: {}", table.stderr);
    let quiet = bench.qd(&["--quiet", "--format", "table", "ask", "--by", "service"]);
    assert_eq!((quiet.stdout, quiet.stderr), (table.stdout, String::new()), "--quiet leaves the data alone");
}

#[test]
fn rows_lead_to_their_charges() {
    let bench = bench();
    let rows =
        bench.qd(&["--format", "csv", "rows", "--order", "-billed_cost", "--columns", "billed_cost,service_name,tags"]);
    let sheet = Sheet::read(rows.stdout.as_bytes());
    assert_eq!(sheet.columns().collect::<Vec<_>>(), ["charge", "billed_cost", "service_name", "tags"]);
    assert_eq!(
        sheet.column("billed_cost").collect::<Vec<_>>(),
        ["1.500000000001", "0.0000001", "-20"],
        "never in exponent form"
    );
    let page =
        bench.json(&["rows", "--limit", "1", "--offset", "1", "--order", "-billed_cost", "--columns", "billed_cost"]);
    assert_eq!(page, json!([{ "charge": "1.2", "billed_cost": "0.0000001" }]));
    let source = bench.json(&["source", "1.2"]);
    assert_eq!(source["row"], 2);
    let gone = bench.path("january.csv");
    std::fs::write(&gone, "something else").unwrap();
    let output = bench.qd(&["--format", "json", "source", "1.2"]);
    assert_eq!(output.json()["available"], false, "a file that has changed is not shown as the source");
    assert!(output.json()["message"].as_str().unwrap().contains("has changed since it was loaded"));
    let kept = bench.json(&["ask"]);
    assert_eq!(kept["total"]["billed_cost"], "-18.499999899999", "and the charges stay what they are");
}

#[test]
fn the_engagement_is_named_by_option_variable_or_folder() {
    let bench = bench();
    let by_option = bench.qd(&["ask"]);
    let by_variable = workbench::run(bench.command().arg("ask").env("QUARTERDECK_ENGAGEMENT", bench.engagement()));
    let by_folder = workbench::run(bench.command().arg("ask").current_dir(bench.engagement()));
    assert_eq!(by_option.stdout, by_variable.stdout);
    assert_eq!(by_option.stdout, by_folder.stdout);
    let nowhere = workbench::run(bench.command().arg("ask"));
    assert_eq!(nowhere.status, Some(1));
    assert!(nowhere.stderr.contains("is not an engagement"), "{}", nowhere.stderr);
}

/// Runs the command line and expects a status and words on stderr, nothing on stdout.
#[track_caller]
fn ends(bench: &Workbench, arguments: &[&str], status: i32, words: &str) {
    let output = bench.qd(arguments);
    assert_eq!(output.status, Some(status), "{arguments:?}: {}", output.stderr);
    assert!(output.stderr.contains(words), "{arguments:?} says {words:?}: {}", output.stderr);
    assert_eq!(output.stdout, "", "what went wrong is no data");
}

#[test]
fn wrong_use_is_two() {
    let bench = bench();
    ends(&bench, &["unknown"], 2, "unrecognized subcommand");
    ends(&bench, &["ask", "--by", "servce"], 2, "did you mean `service`?");
    ends(&bench, &["ask", "--measure", "bills"], 2, "bills");
    ends(&bench, &["ask", "--period", "2026-13"], 2, "2026-13");
    ends(&bench, &["ask", "--where", "service is"], 2, "service");
    ends(&bench, &["ask", "--currency", "dollars"], 2, "dollars");
    ends(&bench, &["ask", "--top", "0"], 2, "top");
    ends(&bench, &["rows", "--columns", "secret"], 2, "secret");
    ends(&bench, &["new", "elsewhere", "--currency", "dollars"], 2, "dollars");
    ends(&bench, &["new", "elsewhere"], 2, "--currency");
}

#[test]
fn what_cannot_be_done_is_one() {
    let bench = bench();
    let engagement = bench.engagement();
    ends(&bench, &["new", engagement.to_str().unwrap(), "--currency", "USD"], 1, "is not empty");
    ends(&bench, &["source", "9.9"], 1, "there is no charge 9.9");
    ends(&bench, &["source", "1; DROP TABLE charge"], 1, "there is no charge");
    ends(&bench, &["load", "absent.csv"], 1, "absent.csv");
    ends(&bench, &["pack", "build", "absent"], 1, "there is no pack `absent`");
    ends(&bench, &["pack", "build", "../qbr"], 1, "there is no pack");
    ends(&bench, &["reconcile"], 1, "no invoices were given");
    ends(&bench, &["sql", "SELECT nothing"], 1, "nothing");
}

#[test]
fn something_to_look_at_is_three() {
    let bench = bench();
    let clean = bench.qd(&["rejects"]);
    assert_eq!(clean.status, Some(0), "nothing was refused");
    let bad = Bill::of(1).charge(&[("BilledCost", "much")]);
    assert_eq!(bench.load(&[bench.write("bad.csv", bad.csv())]).status, Some(3), "a refused row");
    assert_eq!(bench.qd(&["rejects"]).status, Some(3), "the list of them");
    let invoices =
        "invoice_id,issuer,billing_account_id,billing_period,currency,amount\n1,Example Cloud,100,2026-01,USD,3\n";
    let file = bench.write("invoices.csv", invoices);
    assert_eq!(
        bench.qd(&["reconcile", "--invoices", file.to_str().unwrap()]).status,
        Some(3),
        "an invoice that differs"
    );
    let matching = invoices.replace(",3\n", ",2.50\n");
    let file = bench.write("invoices.csv", matching);
    assert_eq!(bench.qd(&["reconcile", "--invoices", file.to_str().unwrap()]).status, Some(0), "one that matches");
}

#[test]
fn nothing_loaded_is_told() {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    ends(&bench, &["ask"], 1, "nothing is loaded yet");
    assert_eq!(bench.json(&["loads"]), json!([]));
    assert_eq!(bench.json(&["check"]), json!([]));
    assert_eq!(bench.json(&["rejects"]), json!([]));
}

#[test]
fn dimensions_are_listed_with_how_many_values_they_have() {
    let bench = bench();
    let found = bench.json(&["dims"]);
    let found = found.as_array().unwrap();
    let values =
        |name: &str| found.iter().find(|one| one["name"] == name).map_or(Value::Null, |one| one["values"].clone());
    assert_eq!((values("service"), values("tag:team"), values("charge_class")), (json!(2), json!(1), json!(0)));
}

#[test]
fn sql_gives_rows_of_any_type() {
    let bench = bench();
    let sql = "SELECT sum(billed_cost), count(*), min(charge_period_start), TIMESTAMPTZ '2026-01-01 10:00:00+02', [1, 2], NULL FROM charge";
    let found = bench.json(&["sql", sql]);
    let expected = json!([["-18.499999899999", "3", "2026-01-01T00:00:00", "2026-01-01T08:00:00Z", "[1, 2]", null]]);
    assert_eq!(found["rows"], expected);
    assert_eq!(found["truncated"], false);
    let cut = bench.json(&["sql", "FROM range(10)", "--limit", "3"]);
    assert_eq!(
        (cut["rows"].as_array().unwrap().len(), &cut["truncated"]),
        (3, &json!(true)),
        "that there is more is told"
    );
}

#[test]
fn sql_only_reads() {
    let bench = bench();
    let before = bench.state();
    let outside = bench.write("secret.csv", "word\nsesame\n");
    let outside = outside.to_str().unwrap();
    let target = bench.path("written");
    let target = target.to_str().unwrap();
    let refused = [
        "INSERT INTO meta VALUES ('a', 'b')".to_owned(),
        "UPDATE charge SET billed_cost = 0".to_owned(),
        "DELETE FROM charge".to_owned(),
        "DROP TABLE charge".to_owned(),
        "CREATE TABLE mine AS SELECT 1".to_owned(),
        "CREATE TEMP TABLE mine AS SELECT 1".to_owned(),
        "WITH gone AS (DELETE FROM charge RETURNING *) SELECT * FROM gone".to_owned(),
        format!("ATTACH '{target}' AS other"),
        format!("COPY charge TO '{target}'"),
        format!("EXPORT DATABASE '{target}'"),
        "INSTALL httpfs".to_owned(),
        "LOAD httpfs".to_owned(),
        "SET enable_external_access = true".to_owned(),
        "RESET enable_external_access".to_owned(),
        "PRAGMA database_list".to_owned(),
        "CALL enable_logging()".to_owned(),
        "FROM enable_logging(storage = 'file', storage_path = 'logs')".to_owned(),
        "SELECT 1 WHERE EXISTS (FROM force_checkpoint())".to_owned(),
        "FROM query('FROM checkpoint()')".to_owned(),
        "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))".to_owned(),
        "SELECT 1; SELECT 2".to_owned(),
        "SELECT 1; DROP TABLE charge".to_owned(),
        "SELECT 1) AS console; DROP TABLE charge; --".to_owned(),
        format!("FROM read_csv('{outside}')"),
        format!("FROM '{outside}'"),
        format!("FROM read_text('{outside}')"),
        format!("FROM read_blob('{}/../files/secret.csv')", bench.engagement().display()),
        format!("FROM glob('{outside}')"),
        "FROM read_text('/etc/hostname')".to_owned(),
        "FROM 'https://example.com/data.csv'".to_owned(),
        "SELECT getenv('HOME')".to_owned(),
        String::new(),
        ";".to_owned(),
    ];
    for statement in refused {
        let output = bench.qd(&["sql", &statement]);
        assert_eq!(output.status, Some(1), "{statement} is refused: {}", output.stdout);
        assert!(output.stderr.starts_with("error: "), "{statement} is refused with a word: {}", output.stderr);
        assert!(!output.stderr.contains("sesame") && output.stdout.is_empty(), "{statement} gives nothing away");
    }
    assert!(!bench.path("written").exists(), "nothing was written");
    assert_eq!(bench.state(), before, "nothing changed");
}
