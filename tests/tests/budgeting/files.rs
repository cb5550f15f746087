//! Budget files, good and bad, over a small bill whose figures can be told by heart.

use money::Amount;
use proptest::prelude::*;
use serde_json::Value;
use testsupport::{Bill, Workbench, container, workbook};

use super::{PROGRAM, amount, assert_sound, cell, codes, daily_bill, line, list, loaded, money, names, text};

/// The sum of a year of a CSV with twelve equal months.
fn wide(header: &str, rows: &[(&str, &str)]) -> String {
    let months: Vec<String> = (1..=12).map(|month| format!("2026-{month:02}")).collect();
    let mut csv = format!("{header},{}\n", months.join(","));
    for (name, each) in rows {
        csv.push_str(&format!("{name},{}\n", [*each; 12].join(",")));
    }
    csv
}

fn messages(list_of: &Value) -> String {
    list(list_of)
        .iter()
        .map(|one| format!("{} {}; {}\n", one["row"], text(&one["message"]), text(&one["hint"])))
        .collect()
}

#[test]
fn a_scorecard_is_what_the_charges_say() {
    let bench = loaded("2025-11-01", "2026-04-11");
    let csv = wide("name,service", &[("All,", "1000"), ("Machines,Compute", "400"), ("Disks,Storage", "150")]);
    let reply = bench.json(&["budget", "import", bench.write("plan.csv", csv).to_str().unwrap()]);
    assert_eq!((&reply["imported"]["budgets"], &reply["imported"]["rows"]), (&3.into(), &3.into()), "{reply:#}");
    assert_eq!(reply["imported"]["total"], "18600");
    assert_eq!(reply["findings"], Value::Array(Vec::new()));
    let reply = bench.json(&["budget", "show"]);
    assert_sound(&reply);
    assert_eq!(reply["as_of"], "2026-04-10");
    assert_eq!(names(&reply), ["All", "Machines", "Disks", "not budgeted by service"]);
    let march = cell(&reply, line(&reply, "Machines"), "2026-03");
    // 22 weekdays and 9 days of weekends.
    assert_eq!(
        (&march["actual"], text(&march["words"])),
        (&"346.00".into(), "54.00 USD (13.5 %) under budget: favourable")
    );
    let disks = cell(&reply, line(&reply, "Disks"), "2026-03");
    let asked = bench.value(
        "SELECT sum(effective_cost)::VARCHAR FROM charge WHERE service_name = 'Storage' AND charge_period_start >= '2026-03-01' AND charge_period_start < '2026-04-01'",
    );
    assert_eq!(amount(&disks["actual"]).normalized(), money(&asked).normalized());
    assert_eq!(disks["verdict"], "unfavourable");
    let states: Vec<&str> = list(&reply["periods"]).iter().map(|period| text(&period["state"])).collect();
    assert_eq!(states[..5], ["over", "over", "over", "running", "ahead"]);

    let april = &reply["month_end"];
    assert_eq!(april["month"], "2026-04");
    assert!(amount(&april["expected"]) > amount(&april["to_date"]), "{april:#}");
    assert!(text(&april["words"]).contains("favourable"), "{april:#}");
    let running = cell(&reply, &reply["whole"], "2026-04");
    assert_eq!(running["forecast"], april["expected"], "the running month is estimated from its days");
    assert_eq!(running["expected"], "forecast");

    let card = &reply["scorecard"];
    assert_eq!(card["forecast_of"], "the budget");
    assert!(codes(&reply).contains(&"judged_by_budget"), "and it is said that it is the budget that is judged");
    let scopes: Vec<&str> = list(&card["scopes"]).iter().map(|scope| text(&scope["scope"])).collect();
    assert_eq!(scopes, ["not budgeted by service", "Machines", "Disks"], "the largest difference first: {card:#}");
    let sum = list(&card["scopes"]).iter().map(|scope| amount(&scope["score"]["actual"]));
    assert_eq!(Amount::sum(sum).unwrap(), amount(&card["top_line"]["actual"]));
    let counted: u64 = list(&card["bands"]).iter().map(|band| band["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, 3, "each scope has a band");
    let later = bench.json(&["budget", "show"]);
    assert_eq!(later, reply, "the same bill and budget have the same scorecard");
}

#[test]
fn a_month_is_told_on_any_of_its_days() {
    let bench = loaded("2025-06-01", "2026-05-01");
    let _reply = bench.json(&[
        "budget",
        "import",
        bench.write("plan.csv", wide("name,service", &[("All,", "600")])).to_str().unwrap(),
    ]);
    let truth = money(&bench.value(
        "SELECT sum(effective_cost)::VARCHAR FROM charge WHERE charge_period_start >= '2026-03-01' AND charge_period_start < '2026-04-01'",
    ));
    let near = |estimate: Amount| estimate.checked_sub(truth).unwrap().abs() < money("15");
    for (as_of, month_end) in [("2026-03-05", true), ("2026-03-10", true), ("2026-03-20", true), ("2026-03-31", false)]
    {
        let reply = bench.json(&["budget", "show", "--as-of", as_of]);
        assert_sound(&reply);
        assert_eq!(!reply["month_end"].is_null(), month_end, "on {as_of}");
        let own = bench.json(&["budget", "month-end", "--as-of", as_of]);
        let so_far = money(&bench.value(&format!(
            "SELECT sum(effective_cost)::VARCHAR FROM charge WHERE charge_period_start >= '2026-03-01' AND charge_period_start <= '{as_of}'"
        )));
        assert_eq!(amount(&own["to_date"]).normalized(), so_far.normalized(), "on {as_of}");
        assert!(near(amount(&own["expected"])), "on {as_of} {} is expected of {truth}", own["expected"]);
        if month_end {
            assert_eq!(reply["month_end"]["expected"], own["expected"], "there is one way to the number");
            let (low, high) = (amount(&own["low_80"]), amount(&own["high_80"]));
            assert!(low <= amount(&own["expected"]) && amount(&own["expected"]) <= high, "{own:#}");
            assert!(low >= amount(&own["to_date"]), "what has come in is not taken back");
        } else {
            assert_eq!(
                amount(&own["expected"]).normalized(),
                truth.normalized(),
                "on its last day a month is what it is"
            );
        }
    }
    let parts = ["service = Compute", "service = Storage"].map(|filter| {
        amount(&bench.json(&["budget", "month-end", "--as-of", "2026-03-10", "--where", filter])["to_date"])
    });
    let whole = bench.json(&["budget", "month-end", "--as-of", "2026-03-10"]);
    assert_eq!(Amount::sum(parts).unwrap(), amount(&whole["to_date"]), "any scope has its month-end");
    let refused = bench.qd(&["budget", "month-end", "--as-of", "2026-06-10"]);
    assert!(
        refused.status == Some(2) && refused.stderr.contains("known from 2025-06-01 to 2026-04-30"),
        "{}",
        refused.stderr
    );
}

#[test]
fn what_is_wrong_with_a_file_is_told_row_by_row() {
    let bench = loaded("2026-01-01", "2026-03-01");
    let csv = "team,service,month,amount,currency\n\
               web,Compute,2026-01,500,\n\
               web,Compute,2026-02,-20,\n\
               web,Compute,2026-02,30,\n\
               wbe,Compute,2026-01,7,\n\
               data,Storrage,2026-01,8,\n\
               data,Storage,2026-01,12 %,\n\
               data,Storage,2026-13,9,\n\
               data,Storage,2026-01,,\n\
               data,Storage,2026-02,11,XX\n\
               data,Storage,2026-01,99,EUR\n\
               none,Storage,2026-01,40,USD\n";
    let path = bench.write("odd.csv", csv);
    let output = bench.qd(&["--format", "json", "budget", "import", path.to_str().unwrap()]);
    assert_eq!(output.status, Some(3), "there is something to look at: {}", output.stderr);
    let reply = output.json();
    let findings = messages(&reply["findings"]);
    for part in [
        "4 row 3 gives the same scope an amount for 2026-02 already; 30 does not count",
        "7 \"12 %\" is a percentage, not an amount; the row does not count",
        "8 \"2026-13\" is no month such as 2026-04; the row does not count",
        "9 it has no amount; the row does not count",
        "10 `XX` is not a currency code",
    ] {
        assert!(findings.contains(part), "{findings}\ndoes not say {part:?}");
    }
    let unmatched = messages(&reply["unmatched"]);
    for part in [
        "5 no charge has the tag:team \"wbe\"",
        "Is \"web\" meant?",
        "6 no charge has the service \"Storrage\"",
        "Is \"Storage\" meant?",
    ] {
        assert!(unmatched.contains(part), "{unmatched}\ndoes not say {part:?}");
    }
    let output = bench.qd(&["--format", "json", "budget", "show"]);
    assert_eq!(output.status, Some(3), "the scorecard says so, too: {}", output.stderr);
    let reply = output.json();
    assert_sound(&reply);
    assert!(
        codes(&reply).contains(&"unknown_scopes") && codes(&reply).contains(&"other_currencies"),
        "{:?}",
        codes(&reply)
    );
    let web = line(&reply, "service = Compute, tag:team = web");
    assert_eq!(cell(&reply, web, "2026-02")["budget"], "-20", "a budget below zero is one: a credit");
    assert_eq!(
        cell(&reply, web, "2026-03")["budget"],
        Value::Null,
        "of March the file says nothing, which is not zero"
    );
    let untagged = line(&reply, "service = Storage, tag:team = (none)");
    assert_eq!(cell(&reply, untagged, "2026-01")["actual"], "38.75", "31 days of 1.25 without a tag");
    assert_eq!(untagged["filters"][1]["operator"], "missing");
    let euro = bench.json(&["budget", "show", "--currency", "EUR"]);
    assert!(codes(&euro).contains(&"no_charges"), "nothing is billed in EUR: {euro:#}");
    assert_eq!(euro["evidence"], Value::Null);
    assert_eq!(cell(&euro, &euro["lines"][0], "2026-01")["verdict"], "not_comparable");
}

#[test]
fn files_that_are_no_budget_are_refused_and_change_nothing() {
    let bench = loaded("2026-01-01", "2026-02-01");
    let good = bench.write("good.csv", "month,amount\n2026-01,100\n");
    let _reply = bench.json(&["budget", "import", good.to_str().unwrap()]);
    let bomb = container::zip(&[("xl/worksheets/sheet1.xml", vec![b' '; 300 << 20].as_slice())]);
    let cases: [(&str, Vec<u8>, &[&str], &str); 8] = [
        ("empty.csv", Vec::new(), &[], "no header"),
        ("header.csv", b"month,amount\n".to_vec(), &[], "no row of it counts"),
        ("column.csv", b"sevrice,month,amount\na,2026-01,1\n".to_vec(), &[], "is `service` meant?"),
        (
            "outside.csv",
            b"month,amount\n2027-01,1\n".to_vec(),
            &["--year", "2026"],
            "lies outside of the budget's periods",
        ),
        ("latin.csv", b"month,amount,note\n2026-01,1,caf\xe9\n".to_vec(), &[], "UTF-8"),
        ("old.xls", vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1], &[], "before 2007"),
        ("bomb.xlsx", bomb, &[], "unpacks to more than 256 MB"),
        ("good.csv", b"month,amount\nsoon,1\n".to_vec(), &[], "no row of it counts"),
    ];
    for (name, bytes, more, part) in cases {
        let path = bench.write(&format!("bad/{name}"), bytes);
        let mut arguments = vec!["budget", "import", path.to_str().unwrap()];
        arguments.extend(more);
        let output = bench.qd(&arguments);
        assert_eq!(output.status, Some(1), "{name}: {}", output.stderr);
        assert!(output.stderr.contains(part), "{name} says {}, not {part:?}", output.stderr);
    }
    let reply = bench.json(&["budget", "list"]);
    assert_eq!(list(&reply["files"]).len(), 1, "only the good one is kept");
    assert_eq!(reply["files"][0]["total"], "100", "as it was");
    assert_eq!(bench.qd(&["budget", "show", "nothing"]).status, Some(1));
    let gone = bench.json(&["budget", "remove", "good"]);
    assert_eq!(gone["files"], Value::Array(Vec::new()));
    assert!(good.is_file(), "the file that was given stays");
    assert!(bench.qd(&["budget", "show"]).stderr.contains("has no budget"));
}

#[test]
fn ten_thousand_rows_are_a_budget() {
    let bench = Workbench::new(PROGRAM);
    let mut bill = Bill::new();
    for account in 0..40 {
        let account = format!("acc-{account:02}");
        bill = bill.charge(&[
            ("ChargePeriodStart", "2026-01-31T00:00:00Z"),
            ("ChargePeriodEnd", "2026-02-01T00:00:00Z"),
            ("SubAccountId", &account),
            ("EffectiveCost", "3.10"),
            ("BilledCost", "3.10"),
        ]);
    }
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let mut csv = String::from("sub_account,service,month,amount,net_new\n");
    for row in 0..10_000 {
        let (account, month) = (row % 833, row / 833 + 1);
        let new = if account < 40 { "" } else { "yes" };
        csv.push_str(&format!("acc-{account:02},Virtual Machines,2026-{month:02},1.25,{new}\n"));
    }
    let csv = csv.replace("2026-13", "2026-12");
    let reply = bench.json(&["budget", "import", bench.write("large.csv", csv).to_str().unwrap()]);
    assert_eq!(reply["imported"]["budgets"], 833);
    let reply = bench.json(&["budget", "show"]);
    assert_sound(&reply);
    assert_eq!(list(&reply["lines"]).len(), 833, "no account is left over");
    assert_eq!(amount(&cell(&reply, &reply["whole"], "2026-01")["actual"]), money("124.00"));
    let net_new = list(&reply["scorecard"]["net_new"]);
    assert_eq!(net_new.len(), 793, "accounts that are yet to come stand apart");
}

#[test]
fn a_workbook_is_read_as_it_shows() {
    let bench = loaded("2026-01-01", "2026-03-01");
    let sheet = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>Budget 2026</t></is></c></row>
<row r="3"><c r="A3" t="inlineStr"><is><t>Service</t></is></c><c r="B3" s="1"><v>46023</v></c><c r="C3" s="1"><v>46054</v></c></row>
<row r="4"><c r="A4" t="inlineStr"><is><t>Compute</t></is></c><c r="B4"><v>330.1</v></c><c r="C4"><f>B4*2</f><v>0.30000000000000004</v></c></row>
<row r="5"><c r="A5" t="inlineStr"><is><t>Storage</t></is></c><c r="B5" t="e"><v>#REF!</v></c><c r="C5"><v>1E3</v></c></row>
</sheetData></worksheet>"#;
    let book = workbook_of(sheet);
    let path = bench.write("plan 2026.xlsx", book);
    let output = bench.qd(&["--format", "json", "budget", "import", path.to_str().unwrap()]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    let reply = output.json();
    assert_eq!(
        messages(&reply["findings"]),
        "5 column 2: \"#REF!\" is no number; the cell does not count\n",
        "by the sheet's own rows"
    );
    let reply = bench.json(&["budget", "show", "plan 2026"]);
    assert_sound(&reply);
    let budget = |service: &str, month: &str| {
        cell(&reply, line(&reply, &format!("service = {service}")), month)["budget"].clone()
    };
    assert_eq!(budget("Compute", "2026-01"), "330.1", "the decimal that is shown, no float");
    assert_eq!(budget("Compute", "2026-02"), "0.3", "a formula counts by the value that is kept with it");
    assert_eq!(budget("Storage", "2026-02"), "1000");
    let other = bench.qd(&["budget", "import", path.to_str().unwrap(), "--sheet", "Sheet9"]);
    assert!(other.stderr.contains("its sheets are Plan"), "{}", other.stderr);
    let far = sheet.replace("r=\"A5\"", "r=\"XFD1048576\"").replace("<row r=\"5\">", "<row r=\"1048576\">");
    let huge = bench.qd(&["budget", "import", bench.write("huge.xlsx", workbook_of(&far)).to_str().unwrap()]);
    assert!(huge.stderr.contains("too large for a budget"), "a cell far away makes no large table: {}", huge.stderr);
}

fn workbook_of(sheet: &str) -> Vec<u8> {
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#;
    let rels = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let book = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Plan" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let book_rels = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
    let styles = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="3"><numFmt numFmtId="164" formatCode="mmm\ yyyy"/><numFmt numFmtId="165" formatCode="0.0%"/><numFmt numFmtId="166" formatCode="0&quot; (100% certain)&quot;"/></numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="10"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="9"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>"#;
    container::zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", rels.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", book_rels.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

#[test]
fn weeks_of_four_four_and_five() {
    let bench = loaded("2025-12-01", "2026-05-01");
    let csv = wide("name,service", &[("All,", "600"), ("Machines,Compute", "300")]);
    let path = bench.write("weeks.csv", csv);
    let _reply = bench.json(&["budget", "import", path.to_str().unwrap(), "--rule", "4-4-5"]);
    let reply = bench.json(&["budget", "show"]);
    assert_sound(&reply);
    for (at, period) in list(&reply["periods"]).iter().enumerate().take(3) {
        let (from, to) = (text(&period["from"]), text(&period["to"]));
        let asked = bench.value(&format!(
            "SELECT sum(effective_cost)::VARCHAR FROM charge WHERE service_name = 'Compute' AND charge_period_start >= '{from}' AND charge_period_start < '{to}'"
        ));
        let actual = amount(&line(&reply, "Machines")["cells"][at]["actual"]);
        assert_eq!(actual.normalized(), money(&asked).normalized(), "weeks from {from} to {to}");
    }
    let ahead = list(&reply["whole"]["cells"]).iter().filter(|cell| cell["expected"] == "forecast").count();
    assert_eq!(ahead, 9, "the other periods are forecast, days of months shared out: {:#}", reply["periods"]);
}

#[test]
fn an_amount_for_the_year_is_put_on_its_months() {
    let bench = loaded("2025-01-01", "2026-02-01");
    let path = bench.write("year.csv", "service,amount\nCompute,3650.01\n");
    let import = |phasing: &str| {
        let _reply = bench.json(&["budget", "import", path.to_str().unwrap(), "--year", "2026", "--phasing", phasing]);
        let reply = bench.json(&["budget", "show"]);
        assert!(codes(&reply).contains(&"no_budget_of_everything"), "storage is in no budget: {reply:#}");
        let cells = list(&line(&reply, "service = Compute")["cells"]).to_vec();
        let amounts: Vec<Amount> = cells.iter().map(|cell| amount(&cell["budget"])).collect();
        assert_eq!(Amount::sum(amounts.iter().copied()).unwrap(), money("3650.01"), "{phasing}: months are the year");
        amounts
    };
    assert_eq!(import("even")[0], money("304.17"));
    assert_eq!(import("by-days")[1], money("280.00"), "February has 28 of 365 days");
    let last_year = import("last-year");
    assert!(last_year[1] < last_year[0], "as last year's cost fell: {last_year:?}");
    // Compute and storage fall otherwise than everything: each by its own last year.
    let days = bench.value("SELECT sum(effective_cost)::VARCHAR FROM charge WHERE service_name = 'Compute' AND charge_period_start < '2026-01-01'");
    let march = bench.value("SELECT sum(effective_cost)::VARCHAR FROM charge WHERE service_name = 'Compute' AND charge_period_start >= '2025-03-01' AND charge_period_start < '2025-04-01'");
    let own = money::Ratio::of(money("3650.01").checked_mul(money(&march)).unwrap(), money(&days), 2).unwrap();
    assert!(last_year[2].checked_sub(own).unwrap().abs() <= money("0.01"), "{} is not {own}", last_year[2]);
    let path = bench.write("young.csv", "service,team,amount\nCompute,,100\nStorage,later,100\n");
    let output = bench.qd(&[
        "--format",
        "json",
        "budget",
        "import",
        path.to_str().unwrap(),
        "--year",
        "2026",
        "--phasing",
        "last-year",
    ]);
    let told = messages(&output.json()["findings"]);
    assert!(
        output.json()["unmatched"].is_array() && !told.contains("did not cost"),
        "an unknown team is told as such: {told}"
    );
}

#[test]
fn a_share_typed_as_a_percentage_is_no_amount() {
    let bench = loaded("2026-01-01", "2026-03-01");
    let sheet = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>Service</t></is></c><c r="B1" s="1"><v>46023</v></c><c r="C1" s="1"><v>46054</v></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>Compute</t></is></c><c r="B2"><v>330</v></c><c r="C2" s="2"><v>1.25</v></c></row>
<row r="3"><c r="A3" t="inlineStr"><is><t>Storage</t></is></c><c r="B3" s="3"><v>0.125</v></c><c r="C3" s="4"><v>20</v></c></row>
</sheetData></worksheet>"#;
    let path = bench.write("shares.xlsx", workbook_of(sheet));
    let output = bench.qd(&["--format", "json", "budget", "import", path.to_str().unwrap()]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    assert_eq!(
        messages(&output.json()["findings"]),
        "2 column 3: \"125%\" is a percentage, not an amount; the cell does not count\n\
         3 column 2: \"12.5%\" is a percentage, not an amount; the cell does not count\n",
        "as the sheet shows them, and never as 1.25 or 0.125"
    );
    let reply = bench.json(&["budget", "show", "shares"]);
    let storage = line(&reply, "service = Storage");
    assert_eq!(cell(&reply, storage, "2026-02")["budget"], "20", "a percent sign in a text is a text");
}

#[test]
fn a_workbook_of_the_scorecard_lives() {
    let bench = loaded("2025-11-01", "2026-04-11");
    let csv = wide("name,service", &[("All,", "1000"), ("=1+1,Compute", "400")]);
    let _reply = bench.json(&["budget", "import", bench.write("plan.csv", csv).to_str().unwrap()]);
    let path = bench.path("scorecard.xlsx");
    let output = bench.qd(&["budget", "show", "--out", path.to_str().unwrap()]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let book = workbook::read(&std::fs::read(&path).unwrap());
    let reply = bench.json(&["budget", "show"]);
    let sheets: Vec<&str> = book.sheets.keys().map(String::as_str).collect();
    assert_eq!(sheets, ["About", "Periods", "Scorecard", "Year"]);
    let periods = &book.sheets["Periods"];
    // The third period of the first line: March.
    let variance = &periods["I4"];
    assert!(variance.formula.as_deref().unwrap().contains("G4-H4"), "{variance:?}");
    let march = cell(&reply, line(&reply, "All"), "2026-03");
    let near = |cell: &workbook::Cell, wanted: &Value| {
        let stored = cell.number.as_deref().unwrap_or_else(|| panic!("{cell:?} has no stored result"));
        let stored: f64 = stored.parse().unwrap();
        let wanted: f64 = text(wanted).parse().unwrap();
        assert!(
            (stored / wanted).to_string().starts_with("1") || stored.to_string() == wanted.to_string(),
            "{cell:?} is not {wanted}"
        );
    };
    near(variance, &march["variance"]);
    let year = &book.sheets["Year"];
    near(&year["G2"], &line(&reply, "All")["total"]["cost"]);
    assert!(year["G2"].formula.as_deref().unwrap().starts_with("SUMPRODUCT("), "{:?}", year["G2"]);
    assert_eq!(year["A3"].text.as_deref().map(str::trim), Some("=1+1"), "a name is text, never a formula");
    assert!(year["A3"].formula.is_none());
    let band = book.sheets["Scorecard"].values().filter_map(|cell| cell.formula.as_deref());
    assert!(
        band.clone().any(|formula| formula.contains("ABS") && formula.contains("within 5 %")),
        "bands are formulas"
    );
    assert!(band.clone().any(|formula| formula.starts_with("COUNTIF(")), "and are counted by one");
}

#[test]
fn a_budget_can_be_written_before_anything_is_loaded() {
    let bench = Workbench::new(PROGRAM);
    let csv = wide("name,service", &[("All,", "1000"), ("Machines,Compute", "400")]);
    let _reply = bench.json(&["budget", "import", bench.write("plan.csv", csv).to_str().unwrap()]);
    let reply = bench.json(&["budget", "show"]);
    assert_sound(&reply);
    assert_eq!((&reply["as_of"], &reply["scorecard"], &reply["month_end"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!(reply["lines"][0]["total"]["verdict"], "not_comparable");
    let _report = bench.loaded(&[bench.write("bill.csv", daily_bill("2026-01-01", "2026-02-01").csv())]);
    let reply = bench.json(&["budget", "show"]);
    assert_sound(&reply);
    assert_eq!(reply["lines"][0]["to_date"]["verdict"], "favourable");
}

#[test]
fn what_begins_goes_on() {
    let bench = Workbench::new(PROGRAM);
    let mut bill = daily_bill("2025-11-01", "2026-04-11");
    for day in 6..11 {
        let (start, end) = (format!("2026-04-{day:02}T00:00:00Z"), format!("2026-04-{:02}T00:00:00Z", day + 1));
        bill = bill.charge(&[
            ("ChargePeriodStart", start.as_str()),
            ("ChargePeriodEnd", end.as_str()),
            ("BillingPeriodStart", "2026-04-01T00:00:00Z"),
            ("ServiceName", "Launch"),
            ("EffectiveCost", "30"),
        ]);
    }
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let csv = wide(
        "name,service,net_new",
        &[("New,Launch,yes", "900"), ("Machines,Compute,", "400"), ("Not yet,Later,yes", "50")],
    );
    let _reply = bench.json(&["budget", "import", bench.write("plan.csv", csv).to_str().unwrap()]);
    let reply = bench.json(&["budget", "show"]);
    assert_sound(&reply);
    let new = line(&reply, "New");
    assert_eq!(new["net_new"], true);
    assert!(amount(&cell(&reply, new, "2026-05")["forecast"]) > money("100"), "it goes on as it began: {new:#}");
    let never = line(&reply, "Not yet");
    assert_eq!(cell(&reply, never, "2026-05")["forecast"], "0.00");
    assert!(text(&never["findings"][0]).contains("nothing was charged to it so far"), "{never:#}");
    let apart: Vec<&str> = list(&reply["scorecard"]["net_new"]).iter().map(|one| text(&one["scope"])).collect();
    assert_eq!(apart, ["not budgeted by service", "New", "Not yet"], "what nobody forecast stands with them");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    /// Whatever is budgeted, parts and what they leave are the whole, to the last digit.
    #[test]
    fn parts_are_the_whole_whatever_is_budgeted(
        rows in prop::collection::vec((0..3_usize, 0..4_usize, -500_i64..5_000, prop::bool::ANY), 1..9),
        as_of in prop::sample::select(vec!["2026-02-28", "2026-03-01", "2026-03-17"]),
    ) {
        let services = ["", "Compute", "Storage"];
        let teams = ["", "web", "data", "none"];
        let mut csv = String::from("name,service,team,2026-01,2026-02,2026-03,2026-04,2026-06,net_new\n");
        for (at, (service, team, cents, net_new)) in rows.iter().enumerate() {
            let cost = Amount::new(i128::from(*cents), 2).unwrap();
            let new = if *net_new { "yes" } else { "" };
            csv.push_str(&format!("b{at},{},{},{cost},{cost},,{cost},{cost},{new}\n", services[*service], teams[*team]));
        }
        let bench = loaded("2025-12-01", "2026-03-20");
        let _reply = bench.json(&["budget", "import", bench.write("plan.csv", csv).to_str().unwrap()]);
        assert_sound(&bench.json(&["budget", "show", "--as-of", as_of]));
    }
}
