//! The short cuts to a decimal read what the engine's own cast reads.

use duckdb::Connection;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::mapping_sql::MACROS;
use crate::sql::literal;

fn connection() -> Connection {
    let connection = Connection::open_in_memory().expect("an engine");
    vectors::register(&connection, &vectors::Numbers::default()).expect("the functions are sound");
    connection.execute_batch(MACROS).expect("the macros are sound");
    connection
}

/// The value by the short cut and by the engine's cast, and how many decimals the text has.
fn both(connection: &Connection, text: &str) -> (Option<String>, Option<String>, Option<i64>) {
    let text = literal(text);
    let sql = format!(
        "SELECT wide_decimal(t)::VARCHAR, TRY_CAST(t AS DECIMAL(38,18))::VARCHAR, decimals_of(t)::BIGINT
         FROM (SELECT unnest([{text}]) AS t)"
    );
    connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("a row")
}

#[test]
fn what_is_nearly_a_number_is_read_as_before() {
    let connection = connection();
    for text in [
        "",
        "-",
        ".",
        "0",
        "-0",
        "-0.5",
        ".5",
        "5.",
        "+1.5",
        " 1.5",
        "1.5 ",
        "1 .5",
        "- 1",
        "1.2.3",
        "1,5",
        "1_000",
        "0x1F",
        "NaN",
        "123456789012345678",
        "1234567890123456789",
        "99999999999999999999.9",
        "999999999999999999999",
        "0.123456789012345678",
        "5E-3",
        "-5.25e-10",
        "1E-0",
        "12.5E-3",
        "5E--5",
        "5.E-3",
        ".5E-3",
        "5e-3e-4",
        "+5.1E-2",
        "5E-+3",
        "5.0E-1a",
        "1.5E3",
        "1e400",
        "-99.99e-2",
        "٣",
    ] {
        let (short, engine, _) = both(&connection, text);
        assert_eq!(short, engine, "{text:?}");
    }
}

#[test]
fn digits_beyond_the_type_are_rounded_to_the_nearest() {
    let connection = connection();
    let read = |text| both(&connection, text).0;
    assert_eq!(read("0.0000000000000000016").as_deref(), Some("0.000000000000000002"));
    assert_eq!(read("1.0000000000000000004").as_deref(), Some("1.000000000000000000"));
}

#[test]
fn a_number_is_read_as_the_engine_reads_it() {
    let connection = connection();
    let texts = prop_oneof![
        "-?[0-9]{1,22}(\\.[0-9]{0,18})?",
        "-?[0-9]{1,14}(\\.[0-9]{0,8})?[eE]-[0-9]{1,2}",
        // As programs print floats.
        "-?[1-9]\\.[0-9]{13,16}e[-+][0-9]{2}",
        "[-+0-9eE. ]{1,10}",
    ];
    let same = |text: String| {
        let (short, engine, decimals) = both(&connection, &text);
        if decimals.is_none_or(|decimals| decimals <= 18) {
            prop_assert_eq!(short, engine, "{}", text);
            return Ok(());
        }
        // Beyond its decimals the engine's cast of an exponent rounds some numbers away from the nearest.
        let units = |value: Option<String>| value.map(|value| value.replace('.', "").parse::<i128>().expect("units"));
        match (units(short), units(engine)) {
            (Some(short), Some(engine)) => prop_assert!((short - engine).abs() <= 1, "{text}: {short}, {engine}"),
            (short, engine) => prop_assert_eq!(short, engine, "{}", text),
        }
        Ok(())
    };
    if let Err(failure) = TestRunner::new(Config::with_cases(500)).run(&texts, same) {
        panic!("{failure}");
    }
}
