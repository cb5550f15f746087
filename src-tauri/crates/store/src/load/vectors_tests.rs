//! What the functions over vectors say is what the engine says.

use duckdb::Connection;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::mapping_sql::MACROS;
use super::number_sql::text_flag;
use crate::DecimalType;
use crate::database::TIME_ZONE;
use crate::sql::literal;

fn connection() -> Connection {
    let connection = Connection::open_in_memory().expect("an engine");
    vectors::register(&connection, &vectors::Numbers::default()).expect("the functions are sound");
    connection.execute_batch(&format!("{TIME_ZONE} {MACROS}")).expect("the macros are sound");
    connection
}

fn asked(connection: &Connection, sql: &str) -> (Option<String>, Option<String>) {
    connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("a row")
}

fn check<S: Strategy>(strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() })
        .run(&strategy, test)
        .expect("both say the same");
}

#[test]
fn a_plain_time_is_the_time_that_the_engine_reads() {
    let connection = connection();
    let clock =
        "(1[0-9]|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,7})?(Z| UTC)?)?";
    check(clock, |text| {
        let text = literal(&text);
        let (plain, engine) = asked(
            &connection,
            &format!(
                "SELECT plain_time(t, 0::UTINYINT)::VARCHAR, TRY_CAST(TRY_CAST(t AS TIMESTAMPTZ) AS TIMESTAMP)::VARCHAR FROM (SELECT unnest([{text}]) AS t)"
            ),
        );
        prop_assert!(plain.is_none() || plain == engine, "{text}: {plain:?} {engine:?}");
        Ok(())
    });
    check("[01][0-9]/[0-3][0-9]/(19|20)[0-9]{2}", |text| {
        let text = literal(&text);
        let (plain, engine) = asked(
            &connection,
            &format!(
                "SELECT plain_time(t, 1::UTINYINT)::VARCHAR, try_strptime(t, '%m/%d/%Y')::VARCHAR FROM (SELECT unnest([{text}]) AS t)"
            ),
        );
        prop_assert_eq!(plain, engine, "{}", text);
        Ok(())
    });
}

#[test]
fn an_object_is_what_the_engine_makes_of_its_texts() {
    let connection = connection();
    let texts = prop::collection::vec(prop::option::of("[^\u{0}]{0,12}"), 3);
    check(texts, |texts| {
        let listed: Vec<String> =
            texts.iter().map(|text| text.as_deref().map_or("NULL::VARCHAR".to_owned(), literal)).collect();
        let (plain, engine) = asked(
            &connection,
            &format!(
                "SELECT object_of('\"a\"' || chr(1) || '\"b\"' || chr(1) || '\"c\"', x, y, z),
                        nullif('{{' || concat_ws(',', '\"a\":' || to_json(x), '\"b\":' || to_json(y), '\"c\":' || to_json(z)) || '}}', '{{}}')
                 FROM (SELECT unnest([{}]) AS x, unnest([{}]) AS y, unnest([{}]) AS z)",
                listed[0], listed[1], listed[2]
            ),
        );
        prop_assert_eq!(plain, engine, "{:?}", texts);
        Ok(())
    });
}

#[test]
fn a_plain_merge_is_the_merge_of_the_engine() {
    let connection = connection();
    let word = "[a-cé\"\\\\ ]{0,3}";
    let entry = (word, prop::option::of(word)).prop_map(|(key, value)| {
        let value = value.map_or("null".to_owned(), |value| serde_json::Value::from(value).to_string());
        format!("{{\"key\": {}, \"value\":{value}}}", serde_json::Value::from(key))
    });
    let array = prop::collection::vec(entry, 0..4).prop_map(|entries| format!("[{}]", entries.join(",")));
    check((prop::option::of(array.clone()), prop::option::of(array)), |(one, other)| {
        let [one, other] = [one, other].map(|text| text.map_or("NULL::VARCHAR".to_owned(), |text| literal(&text)));
        let pairs = |name: &str, prefix: &str| format!("json_pairs({name}, {name}, '/key', '/value', '{prefix}')");
        let (plain, engine) = asked(
            &connection,
            &format!(
                "SELECT plain_merge('key' || chr(1) || 'value' || chr(1) || '' || chr(2) || 'key' || chr(1) || 'value' || chr(1) || 'p/', a, b),
                        coalesce(json_merged([{}, {}]), '')
                 FROM (SELECT unnest([{one}]) AS a, unnest([{other}]) AS b)",
                pairs("a", ""),
                pairs("b", "p/")
            ),
        );
        prop_assert!(plain.is_none() || plain == engine, "{one} {other}: {plain:?} {engine:?}");
        Ok(())
    });
}

#[test]
fn what_python_printed_is_what_a_pattern_makes_of_it() {
    let connection = connection();
    // What was matched is put between marks, and the marks are replaced.
    let pattern = literal(r#"("(?:[^"\\]|\\.)*")|('(?:[^'\\]|\\.)*')|(None|True|False)"#);
    let by_pattern = format!(
        r#"replace(replace(replace(replace(replace(replace(replace(
            regexp_replace(t, {pattern}, '\1' || chr(1) || '\2' || chr(2) || chr(3) || '\3' || chr(4), 'g'),
            chr(1) || chr(2), ''), chr(3) || chr(4), ''), chr(1) || '''', '"'), '''' || chr(2), '"'),
            chr(3) || 'None' || chr(4), 'null'), chr(3) || 'True' || chr(4), 'true'), chr(3) || 'False' || chr(4), 'false')"#
    );
    check("(['\"\\\\a, \n:é]|None|True|Fals|e|'[^'\u{0}-\u{8}]{0,3}'){0,12}", |text| {
        let (own, pattern) = asked(
            &connection,
            &format!("SELECT unprinted(t), {by_pattern} FROM (SELECT unnest([{}]) AS t)", literal(&text)),
        );
        prop_assert_eq!(own, pattern, "{}", text);
        Ok(())
    });
}

#[test]
fn a_number_that_fits_is_one_that_the_cast_holds_exactly() {
    let connection = connection();
    let rung = DecimalType::LADDER[0];
    let numbers = prop_oneof![
        Just("0E-20".to_owned()),
        Just("-0.000E-19".to_owned()),
        "-?[0-9]{1,11}(\\.[0-9]{1,12})?(E-?[0-9]{1,2})?"
    ];
    check(numbers, |text| {
        let text = literal(&text);
        let (flag, exact) = asked(
            &connection,
            &format!(
                "SELECT ({flag})::VARCHAR, (v::DECIMAL(38,18) = wide_decimal(t) AND decimals_of(t) <= 18)::VARCHAR
                 FROM (SELECT t, TRY_CAST(t AS {kind}) AS v FROM (SELECT unnest([{text}]) AS t))",
                flag = text_flag("t", "v", rung),
                kind = rung.sql()
            ),
        );
        prop_assert_eq!(flag.as_deref() == Some("0"), exact.as_deref() == Some("true"), "{}", text);
        Ok(())
    });
}

#[test]
fn decimals_beyond_the_widest_type_are_rounded_as_the_engine_rounds_them() {
    let connection = connection();
    check("-?[0-9]{0,21}\\.[0-9]{14,24}0{0,3}", |text| {
        let text = literal(&text);
        let (plain, engine) = asked(
            &connection,
            &format!(
                "SELECT plain_decimal(t)::VARCHAR || ' ' || is_beyond_decimal(t)::VARCHAR,
                        TRY_CAST(t AS DECIMAL(38,18))::VARCHAR || ' ' || (decimals_of(t) > 18)::VARCHAR
                 FROM (SELECT unnest([{text}]) AS t)"
            ),
        );
        prop_assert!(plain.is_none() || plain == engine, "{text}: {plain:?} {engine:?}");
        Ok(())
    });
}

#[test]
fn a_plain_field_is_the_value_that_the_engine_finds() {
    let connection = connection();
    let scalar = prop_oneof![
        "-?[0-9]{1,17}(\\.[0-9]{1,6})?([eE]-?[0-9]{1,2})?",
        "\"[a-zé\\\\ ]{0,4}\"",
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("[1, {\"a\": \"x\"}]".to_owned()),
    ];
    let inner = prop::collection::vec((prop_oneof![Just("a"), Just("b"), Just("c~/")], scalar.clone()), 0..3);
    let written = |members: Vec<(&str, String)>| {
        let members: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\" :{value}")).collect();
        format!("{{{}}}", members.join(", "))
    };
    let object = (inner, scalar).prop_map(move |(inner, scalar)| {
        let inner = written(inner);
        format!(" {{\"a\":{scalar},\"b\" : {inner} }}")
    });
    check(object, |text| {
        let text = literal(&text);
        for (path, pointer) in
            [("a", "/a"), ("b\u{1}a", "/b/a"), ("b\u{1}c~/", "/b/c~0~1"), ("a\u{1}a", "/a/a"), ("z", "/z")]
        {
            let path = literal(path);
            let (plain, engine) = asked(
                &connection,
                &format!(
                    "SELECT CASE WHEN plain_holds(t, {path}) THEN coalesce(plain_field(t, {path}), 'none') END,
                            coalesce(json_extract_string(readable_json(t), '{pointer}'), 'none')
                     FROM (SELECT unnest([{text}]) AS t)"
                ),
            );
            prop_assert!(plain.is_none() || plain == engine, "{text} {path}: {plain:?} {engine:?}");
        }
        Ok(())
    });
}

#[test]
fn a_plain_sum_is_the_sum_of_the_engine() {
    let connection = connection();
    let number = prop_oneof![
        "-?[0-9]{1,4}(\\.[0-9]{1,10})?",
        "\"-?[0-9]{1,3}\\.[0-9]{1,3}\"",
        Just("null".to_owned()),
        Just("\"\"".to_owned())
    ];
    let object =
        ("\"[AB]\"|null|1", number).prop_map(|(kind, number)| format!("{{\"type\":{kind}, \"amount\": {number}}}"));
    let array = prop::collection::vec(object, 0..5).prop_map(|objects| format!("[{}]", objects.join(" ,")));
    check(array, |text| {
        let text = literal(&text);
        for (word, not) in [("in", ""), ("out", "NOT ")] {
            let wanted = literal(&format!("amount\u{2}type\u{2}A\u{1}1\u{2}\u{2}{word}"));
            let values = format!(
                "list_filter(list_transform(list_filter(json_extract(readable_json(t), '$[*]'), lambda object:
                     {not}coalesce(json_extract_string(object, '/type') IN ('A', '1'), false)),
                     lambda object: nullif(json_extract_string(object, '/amount'), '')), lambda one: one IS NOT NULL)"
            );
            let (sum, engine) = asked(
                &connection,
                &format!(
                    "SELECT coalesce(nullif(plain_sum(t, {wanted}, 38::UTINYINT, 18::UTINYINT), '')::DECIMAL(38,18)::VARCHAR, 'none'),
                            coalesce(list_sum(list_transform({values}, lambda one: TRY_CAST(one AS DECIMAL(38,18))))::DECIMAL(38,18)::VARCHAR, 'none')
                     FROM (SELECT unnest([{text}]) AS t)"
                ),
            );
            prop_assert_eq!(sum, engine, "{} {}", text, word);
            let (first, engine) = asked(
                &connection,
                &format!(
                    "SELECT plain_first(t, {wanted}), coalesce({values}[1], '') FROM (SELECT unnest([{text}]) AS t)"
                ),
            );
            prop_assert!(first.is_none() || first == engine, "{text} {word}: {first:?} {engine:?}");
        }
        Ok(())
    });
}

#[test]
fn a_piece_is_that_of_the_engine() {
    let connection = connection();
    check(("[ab:/é]{0,8}", "[:/]{1,2}", prop_oneof![1..4_i32, -3..0_i32]), |(text, separator, number)| {
        let (text, separator) = (literal(&text), literal(&separator));
        let (plain, engine) = asked(
            &connection,
            &format!(
                "SELECT piece_of(t, {separator}, '{number}'), nullif(string_split(t, {separator})[{number}], '')
                 FROM (SELECT unnest([{text}]) AS t)"
            ),
        );
        prop_assert_eq!(plain, engine, "{} {} {}", text, separator, number);
        Ok(())
    });
}

#[test]
fn a_constant_that_is_missing_does_not_empty_the_object() {
    let (object, _) = asked(
        &connection(),
        "SELECT object_of('\"a\"' || chr(1) || '\"b\"', CASE WHEN t IS NULL THEN coalesce(NULL::VARCHAR, NULL) ELSE coalesce(NULL::VARCHAR, NULL) END, t), NULL
         FROM (SELECT unnest(['x']) AS t)",
    );
    assert_eq!(object.as_deref(), Some(r#"{"b":"x"}"#), "the engine takes a function of a constant null for null");
}
