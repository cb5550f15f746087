//! Points in time of a mapping in DuckDB's SQL, always in UTC.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use duckdb::Connection;
use intake::{DateSpelling, Expression};
use vectors::Spelling;

use super::mapping_sql::Source;
use crate::sql::{identifier, literal, literals};

impl Source<'_> {
    /// The text of a time before it was moved: what cannot be read cannot be moved either.
    pub(super) fn moved_text(&self, expression: &Expression) -> String {
        match expression {
            Expression::MonthStart(of)
            | Expression::MonthEnd(of)
            | Expression::EndExclusive(of)
            | Expression::NextDay(of)
            | Expression::NamedMonth { of, .. } => self.moved_text(of),
            Expression::If { when, then, otherwise } => format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                self.condition(when),
                self.moved_text(then),
                self.moved_text(otherwise)
            ),
            other => self.text(other),
        }
    }

    /// An expression as a UTC timestamp. A text with an offset is moved to UTC; one without is UTC.
    pub(super) fn timestamp(&self, expression: &Expression) -> String {
        match expression {
            Expression::Column(name) if self.is_time(expression) => format!("CAST({} AS TIMESTAMP)", identifier(name)),
            Expression::MonthStart(of) => format!("CAST(date_trunc('month', {}) AS TIMESTAMP)", self.timestamp(of)),
            Expression::MonthEnd(of) => {
                format!("CAST(date_trunc('month', {}) + INTERVAL 1 MONTH AS TIMESTAMP)", self.timestamp(of))
            }
            Expression::EndExclusive(of) => {
                let value = self.timestamp(of);
                format!("CASE WHEN date_part('second', {value}) = 59 THEN {value} + INTERVAL 1 SECOND ELSE {value} END")
            }
            Expression::First(choices) => {
                let choices: Vec<String> = choices.iter().map(|choice| self.timestamp(choice)).collect();
                format!("coalesce({})", choices.join(", "))
            }
            Expression::If { when, then, otherwise } => format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                self.condition(when),
                self.timestamp(then),
                self.timestamp(otherwise)
            ),
            Expression::NextDay(of) => format!("({} + INTERVAL 1 DAY)", self.timestamp(of)),
            Expression::NamedMonth { of, zone, end } => {
                let digits = self.text(of);
                let first = format!(
                    "try_strptime(CASE WHEN regexp_full_match({digits}, '[0-9]{{6}}') THEN {digits} END, '%Y%m')"
                );
                let first = if *end { format!("({first} + INTERVAL 1 MONTH)") } else { first };
                match zone {
                    Some(zone) => {
                        let moved = format!("timezone('UTC', timezone({}, {first}))", literal(zone));
                        match months(zone, *end) {
                            Some(months) => {
                                let known = format!("value_of({}, {digits})", literal(&months));
                                format!("coalesce(plain_time({known}, {}::UTINYINT), {moved})", Spelling::Iso as u8)
                            }
                            None => moved,
                        }
                    }
                    None => first,
                }
            }
            other => read_time(&self.text(other), self.dates()),
        }
    }
}

/// The months of a zone as a table, by zone and by whether their ends are meant.
type MonthTables = BTreeMap<(String, bool), Option<String>>;

/// When the months of thirty years begin or end in a zone, in UTC, by their six digits: to ask the engine's calendar in every row
/// would take as long as reading the row. None where the engine knows no zones.
fn months(zone: &str, end: bool) -> Option<String> {
    static KNOWN: LazyLock<Mutex<MonthTables>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let months = known.entry((zone.to_owned(), end)).or_insert_with(|| months_by_calendar(zone, end).ok().flatten());
    months.clone()
}

fn months_by_calendar(zone: &str, end: bool) -> duckdb::Result<Option<String>> {
    let sql = format!(
        "SELECT strftime(month, '%Y%m'), timezone('UTC', timezone({}, month + INTERVAL {} MONTH))::VARCHAR
         FROM generate_series(TIMESTAMP '2010-01-01', TIMESTAMP '2039-12-01', INTERVAL 1 MONTH) AS months (month) ORDER BY month",
        literal(zone),
        u8::from(end)
    );
    let connection = Connection::open_in_memory()?;
    let mut statement = connection.prepare(&sql)?;
    let found = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let found = found.collect::<duckdb::Result<Vec<_>>>()?;
    Ok(vectors::table_text(found.iter().map(|(month, time)| (month.as_str(), time.as_str()))))
}

/// A text as a UTC timestamp, null where it is none.
pub(super) fn read_time(text: &str, spelling: DateSpelling) -> String {
    let (days, plain): (&[&str], _) = match spelling {
        DateSpelling::Iso => return format!("iso_time({text})"),
        // Two digits first: four of them would be read as the year 25.
        DateSpelling::MonthDayYear => (&["%m/%d/%y", "%m/%d/%Y"], Spelling::MonthDayYear),
        DateSpelling::DayMonthYear => (&["%d/%m/%y", "%d/%m/%Y"], Spelling::DayMonthYear),
        DateSpelling::DayMonthYearDots => (&["%d.%m.%y", "%d.%m.%Y"], Spelling::DayMonthYearDots),
    };
    let times = ["", " %H:%M:%S", " %H:%M", " %I:%M:%S %p"];
    let spellings: Vec<String> =
        days.iter().flat_map(|day| times.iter().map(move |time| format!("{day}{time}"))).collect();
    let spellings = literals(spellings.iter().map(String::as_str));
    format!("coalesce(plain_time({text}, {}::UTINYINT), try_strptime({text}, [{spellings}]))", plain as u8)
}
