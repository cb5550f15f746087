//! Files that are not what they should be. Each ends in a message that names the file, and the row where there is one; none changes
//! what was loaded before.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use csv::Terminator;
use serde_json::{Value, json};
use testsupport::bill::file_of;
use testsupport::container::{gzip, zip};
use testsupport::{Bill, Output, Workbench, checkout};

/// A workbench with a bill of December in it, which must outlive whatever the test does.
fn bench() -> Workbench {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let december = Bill::new()
        .usual("BillingPeriodStart", "2025-12-01T00:00:00Z")
        .usual("BillingPeriodEnd", "2026-01-01T00:00:00Z")
        .usual("ChargePeriodStart", "2025-12-31T00:00:00Z")
        .usual("ChargePeriodEnd", "2026-01-01T00:00:00Z");
    let file = bench.write("december.csv", december.charge(&[("BilledCost", "7")]).csv());
    let _report = bench.loaded(&[file]);
    bench
}

/// Loads a file that must be refused: status 1, a message with the file's name and each of `words`, and nothing changed.
#[track_caller]
fn refused(name: &str, bytes: impl AsRef<[u8]>, words: &[&str]) {
    let bench = bench();
    let before = bench.state();
    let output = bench.load(&[bench.write(name, bytes)]);
    assert_eq!(output.status, Some(1), "{name} is refused: {}{}", output.stdout, output.stderr);
    for word in words.iter().chain([&name, &"hint: "]) {
        assert!(output.stderr.contains(word), "the message says {word:?}: {}", output.stderr);
    }
    unchanged(&bench, &before);
}

#[track_caller]
fn unchanged(bench: &Workbench, before: &str) {
    assert_eq!(bench.state(), before, "what was loaded before is as it was");
    assert_eq!(bench.leftovers(), Vec::<String>::new(), "no half-done work is left");
}

/// Loads a bill of January of which some rows cannot be charges: status 3, and December untouched.
#[track_caller]
fn partly(bytes: impl AsRef<[u8]>) -> (Workbench, Output) {
    let bench = bench();
    let output = bench.load(&[bench.write("january.csv", bytes)]);
    assert_eq!(output.status, Some(3), "there is something to look at: {}", output.stderr);
    assert!(output.stderr.contains("qd rejects"), "the message says where to look: {}", output.stderr);
    assert_eq!(month(&bench, "2025-12"), "7", "December is as it was");
    (bench, output)
}

fn month(bench: &Workbench, month: &str) -> String {
    bench.json(&["ask", "--period", month])["total"]["billed_cost"].as_str().unwrap_or("nothing").to_owned()
}

/// Row, column and value of everything that was refused.
fn rejects(bench: &Workbench) -> Value {
    let found = bench.json(&["rejects"]);
    let of = |reject: &Value| {
        assert_eq!(reject["file"], "january.csv", "a reject names its file");
        assert!(reject["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "and its reason");
        json!([reject["row"], reject["column"], reject["value"]])
    };
    found.as_array().unwrap().iter().map(of).collect()
}

/// The source rows of the charges of January.
fn source_rows(bench: &Workbench) -> Value {
    let found =
        bench.json(&["rows", "--period", "2026-01", "--columns", "source_row,resource_id", "--order", "source_row"]);
    found.as_array().unwrap().iter().map(|row| json!([row["source_row"], row["resource_id"]])).collect()
}

#[test]
fn a_gzip_that_was_cut_short() {
    let whole = gzip(&Bill::of(400).csv());
    refused("january.csv.gz", &whole[..whole.len() * 2 / 3], &["after line", "cut short"]);
}

#[test]
fn a_gzip_with_damaged_bytes() {
    let mut damaged = gzip(&Bill::of(400).csv());
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0xff);
    refused("january.csv.gz", damaged, &["the compressed data are damaged"]);
}

#[test]
fn a_zip_that_was_cut_short() {
    let whole = zip(&[("january.csv", &Bill::of(400).csv())]);
    refused("january.zip", &whole[..whole.len() / 2], &["the zip archive is damaged or cut short"]);
}

#[test]
fn an_empty_file() {
    refused("empty.csv", "", &["the file is empty"]);
    refused("blank.csv", "\n\n  \n", &["the file is empty"]);
    refused("empty.csv.gz", gzip(b""), &["holds nothing"]);
}

#[test]
fn a_header_without_rows() {
    let bench = bench();
    let before = bench.state();
    let output = bench.load(&[bench.write("header.csv", Bill::new().csv())]);
    assert_eq!(output.status, Some(0), "a month without charges is no fault: {}", output.stderr);
    let told = output.stderr.matches("header.csv: The file has a header and no rows.").count();
    assert_eq!(told, 1, "but it is told, once: {}", output.stderr);
    unchanged(&bench, &before);
}

#[test]
fn rows_with_too_few_and_too_many_fields() {
    let mut lines = Bill::of(6).lines();
    lines[2] = lines[2].rsplit_once(',').unwrap().0.to_owned();
    lines[5] += ",surplus";
    let (bench, output) = partly(file_of(&lines));
    assert!(output.stderr.contains("2 rows were refused"), "{}", output.stderr);
    let rows: Vec<Value> = rejects(&bench).as_array().unwrap().iter().map(|reject| reject[0].clone()).collect();
    assert_eq!(rows, [json!(2), json!(5)], "each with its row in the file");
    let sound = [("1", "instance-1"), ("3", "instance-3"), ("4", "instance-4"), ("6", "instance-6")];
    assert_eq!(source_rows(&bench), json!(sound), "the others are loaded under their own rows");
    assert_eq!(month(&bench, "2026-01"), "10", "four charges of 2.5");
    let source = bench.json(&["source", "2.6"]);
    let cells = source["cells"].as_array().unwrap();
    let resource = cells.iter().find(|cell| cell["column"] == "ResourceId").unwrap();
    assert_eq!(resource["value"], "instance-6", "and lead back to them past the refused ones");
}

#[test]
fn refused_rows_are_counted_in_rows_and_not_in_lines() {
    // A mark at the head, line ends of two bytes, fields that go over several lines: none of it may shift the numbers.
    let mut bill = Bill::new();
    for number in 1..=6 {
        let resource = format!("instance-{number}");
        bill = bill.charge(&[("ResourceId", &resource), ("ChargeDescription", "one\ntwo, and\nthree")]);
    }
    let text = String::from_utf8(bill.delimited(b',', Terminator::CRLF)).unwrap();
    let mut rows: Vec<String> = text.split("\r\n").map(str::to_owned).collect();
    rows[4] += ",surplus";
    let bytes = [b"\xef\xbb\xbf", rows.join("\r\n").as_bytes()].concat();
    let (bench, _) = partly(bytes);
    assert_eq!(rejects(&bench)[0][0], 4, "the fourth row of the file");
    let sound =
        [("1", "instance-1"), ("2", "instance-2"), ("3", "instance-3"), ("5", "instance-5"), ("6", "instance-6")];
    assert_eq!(source_rows(&bench), json!(sound));
}

#[test]
fn a_quote_that_is_never_closed() {
    let mut lines = Bill::of(4).lines();
    lines[3] = format!("\"{}", lines[3]);
    let bench = bench();
    let output = bench.load(&[bench.write("january.csv", file_of(&lines))]);
    assert!(matches!(output.status, Some(1 | 3)), "it is not taken for sound: {}{}", output.stdout, output.stderr);
    assert_eq!(month(&bench, "2025-12"), "7", "December is as it was");
    if output.status == Some(3) {
        assert_eq!(rejects(&bench)[0][0], 3, "the row that opens the quote is named");
    }
}

#[test]
fn a_byte_order_mark_and_the_line_ends_of_windows() {
    let bench = bench();
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    bytes.extend(Bill::of(3).delimited(b',', Terminator::CRLF));
    let _report = bench.loaded(&[bench.write("january.csv", bytes)]);
    assert_eq!(month(&bench, "2026-01"), "7.5");
    let zones = bench.value("SELECT count(*) FROM charge WHERE availability_zone IS NULL AND tags IS NULL");
    assert_eq!(zones, "4", "the first column has its name and the last one no carriage return");
}

#[test]
fn rows_that_end_in_two_ways() {
    let lines = Bill::of(4).lines();
    let quoted = lines[2].replace("Instance hours", "\"Hours,\r\nof an instance\"");
    // A last row that was typed by hand, files of two systems put together, and a quoted last field before either end.
    for ends in
        [["\r\n", "\r\n", "\r\n", "\r\n", "\n"], ["\n", "\n", "\r\n", "\r\n", "\r\n"], ["\r\n", "\n", "\r\n", "\n", ""]]
    {
        for tags in ["", "\"{\"\"env\"\":\"\"prod\"\"}\""] {
            let rows = [&lines[0], &lines[1], &quoted, &lines[3], &lines[4]];
            let rows = rows.iter().zip(ends).enumerate();
            let text: String =
                rows.map(|(at, (row, end))| format!("{row}{}{end}", if at == 0 { "" } else { tags })).collect();
            let bench = bench();
            let file = bench.write("january.csv", &text);
            let report = bench.loaded(&[file]);
            assert_eq!(report["rejected_rows"], 0, "{text:?}");
            assert_eq!(month(&bench, "2026-01"), "10");
            let said = bench.value("SELECT charge_description FROM charge WHERE source_row = 2 AND load_id = 2");
            assert_eq!(said, "Hours,\r\nof an instance", "what is within quotes stays as it is");
            let source = bench.json(&["source", "2.4"]);
            assert!(source.to_string().contains("instance-4"), "and each row is where it was: {source}");
        }
    }
}

#[test]
fn nul_bytes() {
    let mut lines = Bill::of(3).lines();
    lines[2].insert(40, '\0');
    refused("january.csv", file_of(&lines), &["line 3 holds a NUL byte"]);
}

/// Lines of a bill so large that it is read while it is checked.
fn large() -> Vec<String> {
    let long = "long ".repeat(400);
    let mut lines = Bill::new().charge(&[("ResourceName", &long)]).lines();
    let charge = lines[1].clone();
    lines.resize(5_001, charge);
    lines
}

#[test]
fn what_is_wrong_far_behind_in_a_large_file_is_told_as_in_a_small_one() {
    let mut lines = large();
    lines[4_800].insert(40, '\0');
    refused("january.csv", file_of(&lines), &["line 4801 holds a NUL byte"]);
    let mut latin = file_of(&large());
    let last = latin.len() - 100;
    latin[last] = 0xfc;
    refused("january.csv", latin, &["line 5001 holds the byte 0xFC, which is not UTF-8"]);
    // What reading makes of the rest does not matter then.
    let mut lines = large();
    for line in &mut lines[1..] {
        *line = line.replacen("2026-01-01", "no day", 9);
    }
    refused("january.csv", file_of(&lines), &["none of its 5000 rows can be read"]);
    lines[4_000].push('\0');
    refused("january.csv", file_of(&lines), &["line 4001 holds a NUL byte"]);
    let mut other = large();
    other[0] =
        other[0].to_lowercase().replace("billed", "other").replace("effective", "another").replace("charge", "x");
    refused("january.csv", file_of(&other), &["none of the known formats"]);
}

#[test]
fn a_large_file_is_known_again() {
    let bench = bench();
    let file = bench.write("january.csv", file_of(&large()));
    let _report = bench.loaded(std::slice::from_ref(&file));
    assert_eq!(month(&bench, "2026-01"), "12500");
    let again = bench.load(&[file]);
    assert!(again.stderr.contains("loaded already"), "its hash is that of all of it: {}{}", again.stdout, again.stderr);
    let mut changed = large();
    changed[5_000] = changed[5_000].replace("2.5", "3.5");
    let _report = bench.loaded(&[bench.write("january.csv", file_of(&changed))]);
    assert_eq!(month(&bench, "2026-01"), "12501", "a change in the last row is a change");
}

#[test]
fn other_delimiters() {
    for delimiter in [b';', b'\t', b'|', 1] {
        let bench = bench();
        let _report =
            bench.loaded(&[bench.write("january.csv", Bill::of(3).delimited(delimiter, Terminator::Any(b'\n')))]);
        assert_eq!(month(&bench, "2026-01"), "7.5", "delimiter {delimiter}");
    }
    refused("january.csv", Bill::of(3).delimited(b'^', Terminator::Any(b'\n')), &["the header is a single column"]);
}

#[test]
fn text_that_is_not_utf_8() {
    let bill = Bill::new().charge(&[("ResourceName", "Zurich")]).charge(&[("ResourceName", "Zurich")]);
    let text = String::from_utf8(bill.csv()).unwrap();
    let mut latin = text.clone().into_bytes();
    let second = text.rfind("Zurich").unwrap();
    latin[second + 1] = 0xfc;
    refused("january.csv", latin, &["line 3 holds the byte 0xFC, which is not UTF-8"]);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused("wide.csv", &wide, &["UTF-16"]);
    let mut marked = vec![0xff, 0xfe];
    marked.extend(wide);
    refused("marked.csv", marked, &["UTF-16"]);
}

#[test]
fn a_parquet_file_without_mandatory_columns() {
    let fixture = checkout().join("tests/fixtures/focus-without-mandatory-columns.parquet");
    let bytes = std::fs::read(fixture).unwrap();
    refused("january.parquet", &bytes, &["BillingCurrency and ServiceName are missing"]);
    refused("short.parquet", &bytes[..bytes.len() - 30], &["the Parquet file is damaged or cut short"]);
}

#[test]
fn a_header_without_mandatory_columns_or_with_one_twice() {
    let bill = || Bill::of(1);
    refused("january.csv", bill().without("BillingCurrency").csv(), &["BillingCurrency is missing"]);
    let mut lines = bill().lines();
    lines[0] = lines[0].replace("ListUnitPrice", "ListCost");
    refused("january.csv", file_of(&lines), &["ListCost stands more than once"]);
    let headless = file_of(&bill().lines()[1..]);
    refused("january.csv", headless, &["the first row looks like data, not like a header"]);
}

#[test]
fn numbers_that_are_none() {
    let words = ["123456789012345678901234567890", "NaN", "1e400", "Infinity", "1,5", "$2", "2.5 USD", "0x10"];
    let bill = words.iter().fold(Bill::of(1), |bill, word| bill.charge(&[("BilledCost", word)]));
    let (bench, _) = partly(bill.csv());
    let expected: Vec<Value> = words.iter().enumerate().map(|(at, word)| json!([at + 2, "BilledCost", word])).collect();
    assert_eq!(rejects(&bench), Value::Array(expected), "each with row, column and value");
    assert_eq!(month(&bench, "2026-01"), "2.5", "the sound row is loaded");
}

#[test]
fn a_bad_number_that_a_charge_can_do_without() {
    let bill = Bill::of(1).charge(&[("ListUnitPrice", "about 3"), ("ResourceId", "instance-2")]);
    let bench = bench();
    let output = bench.load(&[bench.write("january.csv", bill.csv())]);
    assert_eq!(output.status, Some(3), "there is something to look at: {}", output.stderr);
    assert_eq!(month(&bench, "2026-01"), "5", "the charge counts");
    assert_eq!(rejects(&bench), json!([[2, "ListUnitPrice", "about 3"]]));
    assert_eq!(bench.json(&["rejects"])[0]["kept"], true, "and its value is listed");
}

#[test]
fn no_value_of_a_refused_row_is_missing_from_a_charge() {
    let bill = Bill::of(1)
        .charge(&[("ListCost", "about 3"), ("BilledCost", "some"), ("ResourceId", "instance-2")])
        .charge(&[("ListCost", "about 4"), ("ResourceId", "instance-3")]);
    let bench = bench();
    let output = bench.load(&[bench.write("january.csv", bill.csv())]);
    let told = "1 rows were refused, and 1 values in rows that count";
    assert!(output.stderr.contains(told), "{}", output.stderr);
    assert!(output.stderr.contains("the list cost of 1 rows cannot be read"), "{}", output.stderr);
    let kept: Vec<Value> = bench
        .json(&["rejects"])
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["row"], one["column"], one["kept"]]))
        .collect();
    let expected = [json!([2, "BilledCost", false]), json!([2, "ListCost", false]), json!([3, "ListCost", true])];
    assert_eq!(kept, expected, "both values of the refused row are listed, as such");
    assert_eq!(bench.value("SELECT count(*) FROM reject WHERE kept"), "1", "that is how it is written down");
}

#[test]
fn more_decimals_than_are_kept() {
    let bench = bench();
    let bill =
        Bill::new().charge(&[("BilledCost", "0.1234567890123456785000000001")]).charge(&[("BilledCost", "1e-27")]);
    let report = bench.loaded(&[bench.write("january.csv", bill.charge(&[("BilledCost", "1.50e0")]).csv())]);
    let rounded = &report["loads"][0]["rounded"];
    assert_eq!(rounded, &json!([{ "column": "BilledCost", "count": 2 }]), "what was rounded is counted");
    assert_eq!(month(&bench, "2026-01"), "1.623456789012345679", "18 decimals are kept, the last one rounded");
    assert_eq!(month(&bench, "2025-12"), "7", "what was loaded with fewer decimals is the same");
}

#[test]
fn dates_that_are_none_or_out_of_range() {
    let dates = [
        "1999-12-31T00:00:00Z",
        "2100-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "09/01/2026",
        "13.01.2026",
        "soon",
        "",
    ];
    let bill = dates.iter().fold(Bill::of(1), |bill, date| bill.charge(&[("ChargePeriodStart", date)]));
    let (bench, _) = partly(bill.csv());
    let expected: Vec<Value> = dates
        .iter()
        .enumerate()
        .map(|(at, date)| json!([at + 2, "ChargePeriodStart", if date.is_empty() { Value::Null } else { json!(date) }]))
        .collect();
    assert_eq!(rejects(&bench), Value::Array(expected), "09/01 is not guessed to be January or September");
    assert_eq!(month(&bench, "2026-01"), "2.5");
}

#[test]
fn a_bill_of_which_no_row_can_be_read() {
    let bill = Bill::new().charge(&[("BilledCost", "none")]).charge(&[("BilledCost", "none either")]);
    refused("january.csv", bill.csv(), &["none of its 2 rows can be read", "row 1, column BilledCost"]);
    let currency = Bill::new().charge(&[("BillingCurrency", "dollars")]);
    refused("january.csv", currency.csv(), &["row 1, column BillingCurrency", "dollars"]);
}

#[test]
fn two_currencies_in_one_file() {
    let bench = bench();
    let bill = Bill::of(2).charge(&[("BillingCurrency", "EUR"), ("BilledCost", "40")]);
    let report = bench.loaded(&[bench.write("january.csv", bill.csv())]);
    let totals = report["loads"][0]["totals"].as_array().unwrap();
    let told: Vec<(&Value, &Value)> = totals.iter().map(|total| (&total["currency"], &total["billed"])).collect();
    assert_eq!(told, [(&json!("USD"), &json!("5")), (&json!("EUR"), &json!("40"))], "each has its own total");
    let undecided = bench.qd(&["ask", "--period", "2026-01"]);
    assert_eq!(
        undecided.status,
        Some(2),
        "currencies are not added, and none is chosen silently: {}",
        undecided.stdout
    );
    assert!(
        undecided.stderr.contains("EUR") && undecided.stderr.contains("USD"),
        "both are told: {}",
        undecided.stderr
    );
    let dollars = bench.json(&["ask", "--period", "2026-01", "--currency", "USD"]);
    assert_eq!((&dollars["total"]["billed_cost"], &dollars["currency"]), (&json!("5"), &json!("USD")));
    let notes = dollars["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note["code"] == "other_currencies"), "what is left out is told: {notes:?}");
    let euros = bench.json(&["ask", "--period", "2026-01", "--currency", "EUR"]);
    assert_eq!((&euros["total"]["billed_cost"], &euros["currency"]), (&json!("40"), &json!("EUR")));
}

#[test]
fn the_same_file_twice() {
    let bench = bench();
    let bytes = Bill::of(4).csv();
    let (one, copy) = (bench.write("one.csv", &bytes), bench.write("copy/two.csv", &bytes));
    let output = bench.load(&[&one, &copy, &one]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("the same content as"), "the second one is told: {}", output.stderr);
    assert_eq!(month(&bench, "2026-01"), "10", "it counts once");
    let before = bench.state();
    for file in [&one, &copy] {
        let output = bench.load(&[file]);
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        assert!(output.stderr.contains("is loaded already, byte for byte"), "{}", output.stderr);
    }
    unchanged(&bench, &before);
}

#[test]
fn a_folder_with_other_things_in_it() {
    let bench = bench();
    let _bill = bench.write("delivery/part/january.csv", Bill::of(2).csv());
    let others =
        [("README.md", "# Read me\n"), ("manifest.json", "{\"files\": []}"), ("notes.csv", "name,age\nsomeone,7\n")];
    for (name, text) in others {
        let _other = bench.write(&format!("delivery/{name}"), text);
    }
    let _hidden = bench.write("delivery/.DS_Store", "\0\0");
    let report = bench.loaded(&[bench.path("delivery")]);
    assert_eq!(report["loads"].as_array().unwrap().len(), 1);
    assert_eq!(month(&bench, "2026-01"), "5");
    let skipped = report["skipped"].as_array().unwrap();
    let named = |name: &str| skipped.iter().any(|file| file["file"].as_str().unwrap().ends_with(name));
    assert!(others.iter().all(|(name, _)| named(name)), "each is told: {skipped:?}");
    assert_eq!(skipped.len(), others.len(), "hidden files are not worth a word");
    let nothing = bench.path("delivery/README.md");
    let before = bench.state();
    let output = bench.load(&[nothing]);
    assert_eq!(output.status, Some(1), "named by hand it is an error");
    assert!(output.stderr.contains("README.md"), "{}", output.stderr);
    unchanged(&bench, &before);
}

#[test]
fn one_bad_file_of_several_leaves_all_out() {
    let bench = bench();
    let before = bench.state();
    let sound = bench.write("delivery/january.csv", Bill::of(2).csv());
    let whole = gzip(&Bill::of(300).csv());
    let cut = bench.write("delivery/february.csv.gz", &whole[..whole.len() / 2]);
    let output = bench.load(&[sound, cut]);
    assert_eq!(output.status, Some(1), "half a delivery is no delivery");
    assert!(output.stderr.contains("february.csv.gz"), "the bad one is named: {}", output.stderr);
    unchanged(&bench, &before);
}

#[test]
fn an_archive_cannot_write_where_it_likes() {
    let bench = bench();
    let archive = zip(&[("../../../escaped.csv", &Bill::of(1).csv()), ("notes/readme.txt", b"hello")]);
    let _report = bench.loaded(&[bench.write("january.zip", archive)]);
    assert_eq!(month(&bench, "2026-01"), "2.5", "the member is loaded");
    let around = [bench.path(""), bench.engagement(), bench.home(), bench.engagement().join("..")];
    assert!(around.iter().all(|folder| !folder.join("escaped.csv").exists()), "and lies nowhere outside");
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_or_odd() {
    use std::os::unix::ffi::OsStrExt;
    let bench = bench();
    let _odd = bench.write("o'brien \"x\"/it's; $x, [a]*?.csv", Bill::of(2).csv());
    let _report = bench.loaded(&[bench.path("o'brien \"x\"")]);
    assert_eq!(month(&bench, "2026-01"), "5", "quotes, blanks and stars in a name are nothing special");
    let before = bench.state();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.csv");
    let file = bench.write("latin/readme", "").with_file_name(name);
    std::fs::write(&file, Bill::of(1).csv()).unwrap();
    let by_name = bench.load(&[&file]);
    assert_eq!(by_name.status, Some(2), "the command line takes text: {}", by_name.stderr);
    let by_folder = bench.load(&[bench.path("latin")]);
    assert_eq!(by_folder.status, Some(1));
    assert!(by_folder.stderr.contains("the file's name is not UTF-8 text"), "{}", by_folder.stderr);
    unchanged(&bench, &before);
}

#[test]
fn a_path_that_is_not_there() {
    let bench = bench();
    let before = bench.state();
    let output = bench.load(&["absent.csv"]);
    assert_eq!(output.status, Some(1));
    assert!(output.stderr.contains("absent.csv"), "{}", output.stderr);
    unchanged(&bench, &before);
}
