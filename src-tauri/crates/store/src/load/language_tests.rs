//! The language of the mapping files, as the engine runs it.

use std::collections::{BTreeMap, HashMap};

use duckdb::Connection;
use intake::{Among, Condition, DateSpelling, Exclusion, Expression, MappedColumn, Mapping, SourceColumn, SourceKind};
use proptest::prelude::*;

use super::dates;
use super::mapping_sql::{FLAGS, MACROS, Source};
use super::time_sql::read_time;
use crate::database::TIME_ZONE;
use crate::sql::{identifier, literal};
use crate::{DecimalType, rows};

/// A mapping that computes one column.
pub(super) fn mapping(target: &str, expression: Expression) -> Mapping {
    let target = focus::by_name(target).expect("a FOCUS column");
    Mapping {
        format: "test".to_owned(),
        version: String::new(),
        null_tokens: vec!["NULL".to_owned()],
        columns: vec![MappedColumn { target, expression, written: String::new(), reason: None }],
        parts: Vec::new(),
        excluded: Vec::new(),
        extra: Vec::new(),
        provider: Expression::Null,
        mandatory_sources: Vec::new(),
        settings: BTreeMap::new(),
        dates: Vec::new(),
        datasets: Vec::new(),
        yields: Vec::new(),
    }
}

fn texts(names: &[&str]) -> Vec<SourceColumn> {
    names.iter().map(|name| SourceColumn { name: (*name).to_owned(), kind: SourceKind::Text }).collect()
}

fn connection() -> Connection {
    let connection = Connection::open_in_memory().expect("an engine");
    vectors::register(&connection, &vectors::Numbers::default()).expect("the functions are sound");
    connection.execute_batch(&format!("{TIME_ZONE} {MACROS}")).expect("the macros are sound");
    connection
}

/// The value and the flag of one target for each row, with the decimal type that all of them need.
fn computed(
    target: &str,
    expression: Expression,
    names: &[&str],
    data: &[&[Option<&str>]],
) -> Vec<(Option<String>, u8)> {
    let mapping = mapping(target, expression);
    let columns = texts(names);
    let list: Vec<String> = names.iter().map(|name| identifier(name)).collect();
    let values: Vec<String> = data
        .iter()
        .map(|row| {
            let fields: Vec<String> =
                row.iter().map(|field| field.map_or("NULL::VARCHAR".to_owned(), literal)).collect();
            format!("({})", fields.join(", "))
        })
        .collect();
    let from = format!("(SELECT * FROM (VALUES {}) AS data ({}))", values.join(", "), list.join(", "));
    let source = Source::new(&columns, &mapping, false);
    let connection = connection();
    for rung in DecimalType::LADDER {
        let decimals = HashMap::from([(target.to_owned(), rung)]);
        let selection = source.selection(&mapping, &[], &decimals);
        let casts: String =
            selection.casts.iter().map(|(name, value)| format!(", {value} AS {}", identifier(name))).collect();
        let value = &selection.columns.iter().find(|(name, _)| name == target).expect("the target").1;
        let sql = format!(
            "SELECT ({value})::VARCHAR, {FLAGS}::VARCHAR FROM (SELECT *, {flags} AS {FLAGS} FROM (SELECT *{casts} FROM {from}))",
            flags = selection.flags,
            from = source.relation(&from, &decimals)
        );
        let mut statement = connection.prepare(&sql).unwrap_or_else(|error| panic!("{error} in {sql}"));
        let batches: Vec<_> = statement.query_arrow([]).unwrap_or_else(|error| panic!("{error} in {sql}")).collect();
        let found: Vec<(Option<String>, u8)> = rows::texts(&batches)
            .expect("texts")
            .into_iter()
            .map(|row| (row[0].clone(), row[1].as_deref().map_or(0, |flag| flag.parse().expect("a flag"))))
            .collect();
        if found.iter().all(|(_, flag)| *flag != 2) {
            return found;
        }
    }
    panic!("the widest type is never too narrow");
}

fn text_of(expression: Expression, names: &[&str], row: &[Option<&str>]) -> Option<String> {
    computed("charge_description", expression, names, &[row]).remove(0).0
}

/// The number without zeros at its end, and its flag.
fn number_of(expression: Expression, names: &[&str], row: &[Option<&str>]) -> (Option<String>, u8) {
    let (value, flag) = computed("list_cost", expression, names, &[row]).remove(0);
    (value.map(|value| value.trim_end_matches('0').trim_end_matches('.').to_owned()), flag)
}

fn column(name: &str) -> Expression {
    Expression::Column(name.to_owned())
}

fn path(keys: &str) -> Vec<String> {
    keys.split('.').map(str::to_owned).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn texts_are_taken_apart() {
    let id = || Box::new(column("id"));
    let row = [Some(" /Sub/A B/vm ")];
    let said = |expression| text_of(expression, &["id"], &row);
    assert_eq!(said(Expression::Lower(id())), some(" /sub/a b/vm "));
    assert_eq!(said(Expression::Upper(Box::new(Expression::Trim(id())))), some("/SUB/A B/VM"));
    assert_eq!(said(Expression::Replace { of: id(), from: " ".into(), to: "_".into() }), some("_/Sub/A_B/vm_"));
    let piece = |number| Expression::Piece { of: Box::new(Expression::Trim(id())), separator: "/".into(), number };
    assert_eq!(said(piece(2)), some("Sub"));
    assert_eq!(said(piece(-1)), some("vm"), "counted from the end");
    assert_eq!(said(piece(1)), None, "nothing stands before the first separator");
    assert_eq!(said(piece(9)), None, "there is no ninth piece");
    let quoted = Expression::Replace { of: id(), from: "'".into(), to: "''".into() };
    assert_eq!(text_of(quoted, &["id"], &[Some("a'b")]), some("a''b"), "quotes are text like any other");
}

#[test]
fn days_and_months_are_moved() {
    let time = |expression, text| computed("charge_period_end", expression, &["day"], &[&[Some(text)]]).remove(0);
    let day = || Box::new(column("day"));
    assert_eq!(time(Expression::NextDay(day()), "2024-02-28"), (some("2024-02-29 00:00:00"), 0));
    let month = |zone: Option<&str>, end| Expression::NamedMonth { of: day(), zone: zone.map(str::to_owned), end };
    let pacific = Some("America/Los_Angeles");
    assert_eq!(time(month(pacific, false), "202608"), (some("2026-08-01 07:00:00"), 0), "summer time");
    assert_eq!(
        time(month(pacific, true), "202610"),
        (some("2026-11-01 07:00:00"), 0),
        "until the first Sunday of November"
    );
    assert_eq!(time(month(pacific, true), "202611"), (some("2026-12-01 08:00:00"), 0), "standard time");
    assert_eq!(time(month(None, true), "202612"), (some("2027-01-01 00:00:00"), 0), "without a zone it is UTC");
    assert_eq!(time(month(None, false), "202613"), (None, 1), "there is no thirteenth month");
    assert_eq!(time(month(None, false), "2026-1"), (None, 1), "six digits name a month");
}

#[test]
fn days_are_read_as_they_are_spelt() {
    let connection = connection();
    let read = |text: &str, spelling| -> Option<String> {
        let sql = format!("SELECT ({})::VARCHAR", read_time(&literal(text), spelling));
        connection.query_row(&sql, [], |row| row.get(0)).expect("a value")
    };
    assert_eq!(read("09/01/2023", DateSpelling::MonthDayYear), some("2023-09-01 00:00:00"));
    assert_eq!(read("9/1/2023 13:05", DateSpelling::MonthDayYear), some("2023-09-01 13:05:00"));
    assert_eq!(read("09/01/2023", DateSpelling::DayMonthYear), some("2023-01-09 00:00:00"));
    assert_eq!(read("30.09.2023", DateSpelling::DayMonthYearDots), some("2023-09-30 00:00:00"));
    assert_eq!(read("09/30/2023", DateSpelling::DayMonthYear), None, "there is no thirtieth month");
    assert_eq!(read("2023-09-01T05:00:00+02:00", DateSpelling::Iso), some("2023-09-01 03:00:00"));
    assert_eq!(read("09/01/2023", DateSpelling::Iso), None, "an American day is no ISO day");
}

#[test]
fn both_ways_to_read_a_time_agree() {
    let connection = connection();
    let read = |expression: &str| -> Option<String> {
        connection.query_row(&format!("SELECT ({expression})::VARCHAR"), [], |row| row.get(0)).expect("a value")
    };
    for text in [
        "2026-03-29T01:30:00Z",
        "2026-03-29 01:30:00",
        "2026-03-29",
        "2026-03-29T01:30:00.123456Z",
        "2026-03-29T01:30Z",
        "2026-03-29T01:30+02",
        "2026-03-29T01:30-02",
        "2026-03-29+02:00",
        "2026-3-9+2",
        "2026-03-29 01:30:00 UTC",
        "2026-03-29 01:30:00.5",
        "2026-03-29 Z",
        "20260329",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "infinity",
        "Z",
        "",
    ] {
        let text = literal(text);
        let calendar = read(&format!("TRY_CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP)"));
        assert_eq!(read(&read_time(&text, DateSpelling::Iso)), calendar, "{text}");
    }
}

#[test]
fn the_days_of_a_file_are_written_in_one_way() {
    let connection = connection();
    let columns = texts(&["day"]);
    let mut mapping = mapping("charge_period_start", Expression::NextDay(Box::new(column("day"))));
    mapping.dates = vec![DateSpelling::Iso, DateSpelling::MonthDayYear, DateSpelling::DayMonthYear];
    let source = Source::new(&columns, &mapping, false);
    let choose = |days: &[&str]| {
        let days: Vec<String> = days.iter().map(|day| format!("({})", literal(day))).collect();
        let from = format!("(SELECT * FROM (VALUES {}) AS data (day))", days.join(", "));
        dates::choose(&connection, &from, &source, &mapping).expect("the statement is sound")
    };
    let spelling = |days: &[&str]| choose(days).map(|found| found.map(|found| (found.spelling, found.note.is_some())));
    assert_eq!(spelling(&["2023-09-30", "2023-09-01"]), Ok(Some((DateSpelling::Iso, false))));
    assert_eq!(spelling(&["09/01/2023", "09/30/2023"]), Ok(Some((DateSpelling::MonthDayYear, false))));
    assert_eq!(spelling(&["09/01/2023", "30/09/2023"]), Ok(Some((DateSpelling::DayMonthYear, false))));
    let both = spelling(&["09/01/2023", "09/02/2023"]);
    assert_eq!(both, Ok(Some((DateSpelling::MonthDayYear, true))), "the first way counts, and it is told");
    assert_eq!(spelling(&["09/30/2023", "nonsense", ""]), Ok(Some((DateSpelling::MonthDayYear, false))));
    assert_eq!(spelling(&[""]), Ok(Some((DateSpelling::Iso, false))), "nothing speaks against the first");
    let mixed = choose(&["09/30/2023", "30/09/2023"]);
    assert!(mixed.is_err_and(|message| message.contains("month/day/year")), "two ways in one file are refused");
}

fn product(factors: &[&str]) -> (Option<String>, u8) {
    let names = ["a", "b", "c"];
    let row: Vec<Option<&str>> = (0..3).map(|at| factors.get(at).copied()).collect();
    number_of(Expression::Product(names[..factors.len()].iter().map(|name| column(name)).collect()), &names, &row)
}

#[test]
fn products_are_exact() {
    assert_eq!(product(&["0.1", "0.2"]), (some("0.02"), 0));
    assert_eq!(product(&["-123456.789", "1000"]), (some("-123456789"), 0));
    assert_eq!(product(&["12345.123456789", "0.000000001"]), (some("0.000012345123456789"), 0), "the type widens");
    assert_eq!(product(&["9999999999", "9999999999"]), (some("99999999980000000001"), 0), "twenty digits are kept");
    assert_eq!(product(&["99999999999", "99999999999"]), (None, 1), "more are refused, not cut");
    assert_eq!(product(&["1.5", "2", "0.0001"]), (some("0.0003"), 0));
    assert_eq!(product(&["two", "2"]), (None, 1), "a text is no number");
}

#[test]
fn products_are_rounded_half_to_even_and_say_so() {
    for (factors, rounded) in [
        (["0.000000001", "0.0000000005"], "0"),
        (["0.000000001", "0.0000000015"], "0.000000000000000002"),
        (["0.000000001", "-0.0000000015"], "-0.000000000000000002"),
        (["0.000000001", "0.0000000025"], "0.000000000000000002"),
        (["0.000000001", "0.00000000250001"], "0.000000000000000003"),
        (["1000000.000000001", "0.0000000005"], "0.0005000000000000000"),
    ] {
        let (value, flag) = product(&factors);
        assert_eq!(flag, 3, "{factors:?} is flagged");
        let value = value.expect("a value");
        let cleaned = rounded.trim_end_matches('0').trim_end_matches('.');
        let wanted = if cleaned.is_empty() { "0" } else { cleaned };
        let value = if value.is_empty() { "0".to_owned() } else { value };
        assert_eq!(value, wanted, "{factors:?}");
    }
}

#[test]
fn a_factor_may_be_looked_up_and_a_branch_not_taken_does_no_harm() {
    let table =
        BTreeMap::from([("10K".to_owned(), "0.0001".to_owned()), ("odd".to_owned(), "0.00000000001".to_owned())]);
    let share = Expression::Lookup {
        of: Box::new(column("unit")),
        table,
        otherwise: Box::new(Expression::Number("1".to_owned())),
    };
    let product = Expression::Product(vec![column("quantity"), share]);
    let names = ["quantity", "unit"];
    let number = |quantity, unit| number_of(product.clone(), &names, &[Some(quantity), Some(unit)]);
    assert_eq!(number("25000", "10K"), (some("2.5"), 0));
    assert_eq!(number("25000", "Hour"), (some("25000"), 0), "no entry, no change");
    assert_eq!(number("3", "odd"), (some("0.00000000003"), 0), "a fine share widens the type instead of being lost");
    let either = Expression::If {
        when: Box::new(Condition::Is(column("unit"), vec!["none".to_owned()])),
        then: Box::new(Expression::Number("0".to_owned())),
        otherwise: Box::new(product.clone()),
    };
    let found = number_of(either, &names, &[Some("not a number"), Some("none")]);
    assert_eq!(found, (some("0"), 0), "what is not computed cannot fail");
}

#[test]
fn a_number_may_be_a_piece_of_a_text() {
    let piece = Expression::Piece { of: Box::new(column("text")), separator: " ".into(), number: 1 };
    let names = ["text"];
    assert_eq!(number_of(piece.clone(), &names, &[Some("12.50 EUR")]), (some("12.5"), 0));
    let sum = Expression::Sum(vec![piece, Expression::Number("0.5".to_owned())]);
    assert_eq!(number_of(sum.clone(), &names, &[Some("12.50 EUR")]), (some("13"), 0));
    assert_eq!(number_of(sum, &names, &[Some("EUR 12.50")]).1, 1, "the first piece is no number");
}

fn sum_of(among: Option<Among>) -> Expression {
    Expression::SumOf { of: Box::new(column("credits")), field: path("amount"), among }
}

fn among(values: &[&str], listed: bool) -> Option<Among> {
    Some(Among { field: path("type"), values: values.iter().map(|value| (*value).to_owned()).collect(), listed })
}

#[test]
fn arrays_are_added_up_to_the_last_digit() {
    let credits = r#"[{"type":"A","amount":-0.12345678901234567},{"type":"B","amount":-1e-2},{"amount":"-2"},{"type":"A","amount":null}]"#;
    let sum = |among| number_of(sum_of(among), &["credits"], &[Some(credits)]);
    assert_eq!(sum(among(&["A"], true)), (some("-0.12345678901234567"), 0), "seventeen digits arrive");
    assert_eq!(sum(among(&["A"], false)), (some("-2.01"), 0), "without a type it is another one");
    assert_eq!(sum(None), (some("-2.13345678901234567"), 0), "the two together");
    assert_eq!(sum(among(&["C"], true)), (None, 0), "nothing to add is nothing");
    let twenty = r#"[{"amount":-0.12345678901234567895}]"#;
    let found = number_of(sum_of(None), &["credits"], &[Some(twenty)]);
    assert_eq!(found, (some("-0.123456789012345679"), 3), "twenty decimals are rounded to eighteen and flagged");
    assert_eq!(number_of(sum_of(None), &["credits"], &[Some("[]")]), (None, 0));
    for hostile in ["{\"amount\":1}", "[{\"amount\":1", "not JSON", "[{\"amount\":\"many\"}]"] {
        let found = number_of(sum_of(None), &["credits"], &[Some(hostile)]);
        assert_eq!(found.1, 1, "{hostile} cannot be added up");
    }
}

#[test]
fn the_first_object_of_a_kind_is_found() {
    let credits = r#"[{"type":"A"},{"type":"B","id":"b1"},{"type":"A","id":"a2"},{"type":"A","id":"a3"}]"#;
    let first = |among| Expression::FirstOf { of: Box::new(column("credits")), field: path("id"), among };
    let said = |among, text| text_of(first(among), &["credits"], &[text]);
    assert_eq!(said(among(&["A"], true), Some(credits)), some("a2"), "the first of the kind that has one");
    assert_eq!(said(among(&["C"], true), Some(credits)), None);
    assert_eq!(said(None, None), None);
}

#[test]
fn arrays_as_python_prints_them_are_read() {
    let printed = r#"[{'amount': -1.5, 'type': 'A', 'note': "it's None", 'extra': None, 'inherited': True}]"#;
    assert_eq!(number_of(sum_of(among(&["A"], true)), &["credits"], &[Some(printed)]), (some("-1.5"), 0));
    let pairs = Expression::Pairs {
        of: Box::new(column("credits")),
        key: path("type"),
        value: path("note"),
        prefix: String::new(),
    };
    assert_eq!(text_of(pairs, &["credits"], &[Some(printed)]), some(r#"{"A":"it's None"}"#));
}

#[test]
fn arrays_of_keys_and_values_become_one_object() {
    let pairs = |name: &str, prefix: &str| Expression::Pairs {
        of: Box::new(column(name)),
        key: path("key"),
        value: path("value"),
        prefix: prefix.to_owned(),
    };
    let labels = r#"[{"key":"env","value":"a\"b"},{"key":"env","value":"later"},{"key":"a/b~c","value":""},{"key":"bare"},{"value":"x"}]"#;
    let found = text_of(pairs("labels", ""), &["labels"], &[Some(labels)]);
    assert_eq!(found, some(r#"{"env":"a\"b","a/b~c":"","bare":true}"#), "the first of equal keys counts");
    assert_eq!(text_of(pairs("labels", ""), &["labels"], &[Some("[]")]), None);
    assert_eq!(text_of(pairs("labels", ""), &["labels"], &[Some("none of it")]), some("none of it"), "nothing is lost");
    let merged = Expression::Merge(vec![pairs("labels", ""), pairs("system", "system/"), column("more")]);
    let row = [Some(labels), Some(r#"[{"key":"env","value":"s"}]"#), Some(r#"{"env":"last","a/b~c":"last","new":1}"#)];
    let found = text_of(merged.clone(), &["labels", "system", "more"], &row);
    assert_eq!(found, some(r#"{"env":"a\"b","a/b~c":"","bare":true,"system/env":"s","new":1}"#));
    assert_eq!(text_of(merged, &["labels", "system", "more"], &[None, None, None]), None);
}

#[test]
fn values_are_found_inside_objects() {
    let field = |keys: &str| Expression::Field { column: "usage".to_owned(), path: path(keys) };
    let usage = r#"{"amount":0.1234567890123456789,"unit":"NULL","deep":{"a":{"b":"x"}},"none":null,"empty":""}"#;
    let text = |keys: &str| text_of(field(keys), &["usage"], &[Some(usage)]);
    assert_eq!(text("deep.a.b"), some("x"));
    assert_eq!((text("none"), text("empty"), text("unit"), text("absent")), (None, None, None, None), "no value");
    assert_eq!(number_of(field("amount"), &["usage"], &[Some(usage)]), (some("0.123456789012345679"), 3));
    assert_eq!(text_of(field("amount"), &["usage"], &[Some("[[[[ hostile")]), None, "what is no JSON holds nothing");
    let sum = Expression::Sum(vec![field("amount"), Expression::Number("1".to_owned())]);
    assert_eq!(number_of(sum, &["usage"], &[Some(r#"{"amount":"2.5"}"#)]), (some("3.5"), 0));
}

#[test]
fn values_in_structs_keep_every_digit() {
    let field = |keys: &str| Expression::Field { column: "usage".to_owned(), path: path(keys) };
    let sum = Expression::SumOf { of: Box::new(field("list")), field: path("a"), among: None };
    let mut mapping = mapping("list_cost", field("amount"));
    mapping.provider = Expression::Concat(vec![sum.clone()]);
    let columns = [SourceColumn { name: "usage".to_owned(), kind: SourceKind::Map }];
    let source = Source::new(&columns, &mapping, false);
    let from = "(SELECT {'amount': 12345678901234567890.123456789012345678::DECIMAL(38,18), 'list': [{'a': 0.1::DOUBLE}]} AS usage)";
    let sql = format!(
        "SELECT {}, {} FROM {}",
        source.text(&field("amount")),
        source.text(&sum),
        source.relation(from, &HashMap::new())
    );
    let found: (String, Option<String>) =
        connection().query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("a row");
    assert_eq!(found.1.as_deref(), Some("0.100000000000000000"), "a sum may be asked for as a text");
    assert_eq!(found.0, "12345678901234567890.123456789012345678", "thirty-eight digits are not a float");
}

#[test]
fn conditions_are_never_undecided() {
    let connection = connection();
    let columns = texts(&["text"]);
    let holds = |condition: &Condition, text: Option<&str>| -> Option<bool> {
        let mut mapping = mapping("charge_description", column("text"));
        mapping.excluded.push(Exclusion { when: condition.clone(), reason: String::new() });
        let source = Source::new(&columns, &mapping, false);
        let from = format!("(SELECT {} AS text)", text.map_or("NULL::VARCHAR".to_owned(), literal));
        let relation = source.relation(&from, &HashMap::new());
        let sql = format!("SELECT {} FROM {relation}", source.condition(condition));
        connection.query_row(&sql, [], |row| row.get(0)).expect("a truth value")
    };
    let same = Condition::Same(column("text"), vec!["SavingsPlan".to_owned()]);
    assert_eq!(holds(&same, Some("savingsplan")), Some(true));
    assert_eq!(holds(&same, None), Some(false), "of nothing nothing is said");
    let ends = Condition::EndsWith(column("text"), "%".to_owned());
    assert_eq!((holds(&ends, Some("5%")), holds(&ends, Some("5"))), (Some(true), Some(false)), "no pattern, a text");
    let positive = Condition::Positive(column("text"));
    assert_eq!((holds(&positive, Some("0.1")), holds(&positive, Some("0"))), (Some(true), Some(false)));
    let sum = Expression::SumOf { of: Box::new(column("text")), field: path("a"), among: None };
    let negative = Condition::Negative(sum);
    assert_eq!(holds(&negative, Some("[{\"a\":-1},{\"a\":0.5}]")), Some(true), "a sum may be asked about");
    assert_eq!((holds(&positive, Some("many")), holds(&positive, None)), (Some(false), Some(false)));
    let zero = Condition::Zero(column("text"));
    assert_eq!((holds(&zero, Some("0.00")), holds(&zero, None)), (Some(true), Some(true)));
    assert_eq!(holds(&zero, Some("many")), Some(false), "what cannot be read is not nothing");
    assert_eq!(holds(&zero, Some("1e-18")), Some(false));
}

/// `if(zero(a), b, c)`.
fn by_zero() -> Expression {
    Expression::If {
        when: Box::new(Condition::All(vec![
            Condition::Is(column("kind"), vec!["x".to_owned()]),
            Condition::Not(Box::new(Condition::Zero(column("a")))),
        ])),
        then: Box::new(column("c")),
        otherwise: Box::new(column("b")),
    }
}

#[test]
fn a_number_that_only_decides_is_told_where_it_cannot_be_read() {
    let flags = |target: &str, a: &str| {
        let rows: [&[Option<&str>]; 2] =
            [&[Some("x"), Some(a), Some("1"), Some("2")], &[Some("y"), Some(a), Some("1"), Some("2")]];
        let found = computed(target, by_zero(), &["kind", "a", "b", "c"], &rows);
        found.into_iter().map(|(value, flag)| (value.map(|value| value[..1].to_owned()), flag)).collect::<Vec<_>>()
    };
    assert_eq!(flags("list_cost", "0"), [(some("1"), 0), (some("1"), 0)]);
    // The bits of the value itself come first.
    assert_eq!(flags("list_cost", "n/a"), [(some("2"), 1 << 2), (some("1"), 0)], "where it decides, and only there");
    assert_eq!(flags("charge_description", "n/a"), [(some("2"), 1), (some("1"), 0)], "a text is decided alike");
    let own = Expression::If {
        when: Box::new(Condition::Zero(column("a"))),
        then: Box::new(column("b")),
        otherwise: Box::new(column("a")),
    };
    let found = computed("list_cost", own, &["a", "b"], &[&[Some("n/a"), Some("1")]]);
    assert_eq!(found, [(None, 1)], "a value that is refused itself is told once");
    let choices = Expression::First(vec![column("a"), Expression::Number("0".to_owned())]);
    let sum = Expression::Sum(vec![column("a"), column("b")]);
    for expression in [choices, sum] {
        let found = computed("list_cost", expression, &["a", "b"], &[&[Some("n/a"), Some("1")]]);
        assert_eq!(found, [(None, 1)], "nothing stands in for what cannot be read");
    }
}

/// The numbers of a file are read with nine decimals first.
#[test]
fn a_small_number_is_not_zero_because_its_layer_has_too_few_decimals() {
    let price = || column("price");
    let contracted = Expression::If {
        when: Box::new(Condition::Zero(price())),
        then: Box::new(column("cost")),
        otherwise: Box::new(Expression::Product(vec![price(), column("quantity")])),
    };
    let names = ["price", "cost", "quantity"];
    let found = number_of(contracted, &names, &[Some("0.0000000000005"), Some("7"), Some("2")]);
    assert_eq!(found, (some("0.000000000001"), 0));
    let sign = Expression::If {
        when: Box::new(Condition::Negative(Expression::Sum(vec![price(), column("cost")]))),
        then: Box::new(column("quantity")),
        otherwise: Box::new(price()),
    };
    let found = number_of(sign, &names, &[Some("-0.0000000000005"), Some("0"), Some("2")]);
    assert_eq!(found, (some("2"), 0), "nor is one that is added to another");
}

#[test]
fn tags_are_an_object_or_told() {
    let tags = |text: Option<&str>| {
        computed("tags", Expression::KeyValue(Box::new(column("tags"))), &["tags"], &[&[text]]).remove(0)
    };
    let sound = r#" {"team": "web", "cost": {"x": 1}}"#;
    assert_eq!(tags(Some(sound)), (some(sound), 0));
    assert_eq!(tags(Some("{}")), (None, 0), "no tag is no fault");
    assert_eq!(tags(None), (None, 0));
    for text in ["team:web", "[1]", "{'team': 'web'}", "{\"team\": \"web\"", "\"team\"", "null but not", "{}{}"] {
        assert_eq!(tags(Some(text)), (some(text), 1), "{text}");
    }
    let piece = |name: &str| Expression::Pairs {
        of: Box::new(column(name)),
        key: path("key"),
        value: path("value"),
        prefix: String::new(),
    };
    let merged = |labels: &str, tags: &str| {
        let expression = Expression::Merge(vec![piece("labels"), piece("tags")]);
        computed("tags", expression, &["labels", "tags"], &[&[Some(labels), Some(tags)]]).remove(0)
    };
    let team = r#"[{"key": "team", "value": "web"}]"#;
    let web = some(r#"{"team":"web"}"#);
    assert_eq!(merged(team, "[]"), (web.clone(), 0));
    assert_eq!(merged(team, "[{'key': 'team', 'value': None}]"), (web.clone(), 0), "as Python prints it");
    for text in ["env=prod", "[{", "5", "\"env\""] {
        assert_eq!(merged(team, text), (web.clone(), 1), "{text}: the other tags stay");
    }
}

#[test]
fn each_object_of_an_array_is_a_row() {
    let mut mapping = mapping("list_cost", Expression::Item(path("amount")));
    mapping.columns.push(MappedColumn {
        target: focus::by_name("charge_description").expect("a column"),
        expression: Expression::Item(path("full.name")),
        written: String::new(),
        reason: None,
    });
    let columns = texts(&["credits"]);
    let source = Source::new(&columns, &mapping, false);
    let connection = connection();
    let credits = r#"[{"amount":-1.00000000000000000001,"full":{"name":"x"}},{"amount":2}]"#;
    let from = format!("(SELECT {} AS credits UNION ALL SELECT '[]' UNION ALL SELECT NULL)", literal(credits));
    let relation = source.relation_of_each(&from, &column("credits"), &HashMap::new());
    let sql = format!(
        "SELECT {}, {}, \"#each\".position::VARCHAR FROM {relation}",
        source.text(&Expression::Item(path("amount"))),
        source.text(&Expression::Item(path("full.name")))
    );
    let mut statement = connection.prepare(&sql).expect("sound");
    let batches: Vec<_> = statement.query_arrow([]).expect("sound").collect();
    let expected = vec![vec![some("-1.00000000000000000001"), some("x"), some("1")], vec![some("2"), None, some("2")]];
    assert_eq!(rows::texts(&batches).expect("texts"), expected, "in the order of the array, every digit kept");
}

/// A decimal as digits and the number of decimals.
fn decimal() -> impl Strategy<Value = (i64, u32)> {
    (-999_999_999_i64..=999_999_999, 0_u32..=18)
}

fn written((digits, decimals): (i64, u32)) -> String {
    let sign = if digits < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", digits.unsigned_abs(), width = decimals as usize + 1);
    let (whole, fraction) = text.split_at(text.len() - decimals as usize);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Against integers: the product of the digits, rounded half to even where it has more than 18 decimals.
    #[test]
    fn products_are_those_of_integers(a in decimal(), b in decimal()) {
        let (digits, decimals) = (i128::from(a.0) * i128::from(b.0), a.1 + b.1);
        let cut = decimals.saturating_sub(18);
        let divisor = 10_i128.pow(cut);
        let (quotient, rest) = (digits.div_euclid(divisor), digits.rem_euclid(divisor));
        let up = rest * 2 > divisor || (rest * 2 == divisor && quotient % 2 != 0);
        let rounded = if cut == 0 { digits } else { quotient + i128::from(up) };
        let scaled = rounded * 10_i128.pow(18 - decimals.min(18));
        let (value, flag) = product(&[&written(a), &written(b)]);
        let mut expected = format!("{:0>19}", scaled.unsigned_abs());
        expected.insert(expected.len() - 18, '.');
        let expected = format!("{}{}", if scaled < 0 { "-" } else { "" }, expected.trim_end_matches('0').trim_end_matches('.'));
        prop_assert_eq!(value.expect("a value"), expected);
        prop_assert_eq!(flag, if rest == 0 { 0 } else { 3 }, "it is told when digits are lost");
    }
}
