//! Filters, periods and comparisons as text: what is typed on a command line and read in a chip.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate};

use crate::error::cut;
use crate::{Comparison, Dimension, Filter, Operator, Period, Planned, QueryError};

/// Reads a filter: `service = "Amazon EC2"`, `!=`, `in ("a", "b")`, `not in ("a", "b")`, `contains "a"` or `~`, `not contains "a"`
/// or `!~`, `is missing`, `is present`. A value without spaces or signs needs no quotes; inside quotes `\"`, `\\`, `\n`, `\r`, `\t`.
///
/// # Errors
/// [`QueryError::FilterSyntax`] with the character where reading stopped, [`QueryError::UnknownDimension`].
pub fn parse_filter(text: &str) -> Result<Filter, QueryError> {
    let mut reader = Reader::new(text);
    let filter = reader.filter()?;
    reader.end("the end of the filter")?;
    Ok(filter)
}

/// Reads filters joined by `and`.
///
/// # Errors
/// As [`parse_filter`].
pub fn parse_filters(text: &str) -> Result<Vec<Filter>, QueryError> {
    let mut reader = Reader::new(text);
    let mut filters = vec![reader.filter()?];
    while reader.word("and") {
        filters.push(reader.filter()?);
    }
    reader.end("`and` or the end of the filter")?;
    Ok(filters)
}

/// Reads a period: a year `2018`, a quarter `2018-Q4`, a month `2018-10`, a day `2018-10-03`, or two of them with `..` between,
/// both ends counted.
///
/// # Errors
/// [`QueryError::PeriodSyntax`], [`QueryError::EmptyPeriod`].
pub fn parse_period(text: &str) -> Result<Period, QueryError> {
    let unreadable = || QueryError::PeriodSyntax { text: cut(text) };
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let first = calendar_unit(first.trim()).ok_or_else(unreadable)?;
    let last = calendar_unit(last.trim()).ok_or_else(unreadable)?;
    Period::new(first.from, last.to)
}

/// Reads what to compare with: `previous`, `year-ago`, or a period as [`parse_period`] does.
///
/// # Errors
/// As [`parse_period`].
pub fn parse_comparison(text: &str) -> Result<Comparison, QueryError> {
    match text.trim().to_ascii_lowercase().replace('_', "-").as_str() {
        "previous" => Ok(Comparison::Previous),
        "year-ago" => Ok(Comparison::YearAgo),
        _ => parse_period(text).map(Comparison::Period),
    }
}

/// Reads what costs are held against: `budget`, `budget:FILE` or `forecast:NAME`; none where it is something else.
#[must_use]
pub fn parse_planned(text: &str) -> Option<Planned> {
    let (kind, name) =
        text.trim().split_once(':').map_or((text.trim(), None), |(kind, name)| (kind, Some(name.trim())));
    match (kind.to_ascii_lowercase().as_str(), name.filter(|name| !name.is_empty())) {
        ("budget", name) => Some(Planned::Budget(name.unwrap_or_default().to_owned())),
        ("forecast", Some(name)) => Some(Planned::Forecast(name.to_owned())),
        _ => None,
    }
}

/// A year, a quarter, a month or a day.
fn calendar_unit(text: &str) -> Option<Period> {
    let months = |year: i32, month: u32, count: u32| {
        let from = NaiveDate::from_ymd_opt(year, month, 1)?;
        Period::new(from, from.checked_add_months(Months::new(count))?).ok()
    };
    let number = |digits: &str, length: usize| {
        (digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse::<u32>().ok())?
    };
    let parts: Vec<&str> = text.split('-').collect();
    let year = i32::try_from(number(parts.first()?, 4)?).ok()?;
    match parts[1..] {
        [] => months(year, 1, 12),
        [part] => match part.strip_prefix(['Q', 'q']) {
            Some(quarter) => {
                let quarter = number(quarter, 1).filter(|quarter| (1..=4).contains(quarter))?;
                months(year, quarter * 3 - 2, 3)
            }
            None => months(year, number(part, 2)?, 1),
        },
        [month, day] => {
            let from = NaiveDate::from_ymd_opt(year, number(month, 2)?, number(day, 2)?)?;
            Period::new(from, from.succ_opt()?).ok()
        }
        _ => None,
    }
}

impl FromStr for Period {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        parse_period(text)
    }
}

impl fmt::Display for Period {
    /// The shortest text that [`parse_period`] reads back: a year, a quarter, a month, months, a day or days.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.last_day();
        let (from, to) = (self.from, self.to);
        if !self.is_whole_months() {
            let text = |day: NaiveDate| day.format("%Y-%m-%d").to_string();
            return if from == last {
                formatter.write_str(&text(from))
            } else {
                write!(formatter, "{}..{}", text(from), text(last))
            };
        }
        let months = |count: u32| from.checked_add_months(Months::new(count)) == Some(to);
        let text = |day: NaiveDate| day.format("%Y-%m").to_string();
        if from.month() == 1 && months(12) {
            write!(formatter, "{}", from.format("%Y"))
        } else if from.month() % 3 == 1 && months(3) {
            write!(formatter, "{}-Q{}", from.format("%Y"), from.month() / 3 + 1)
        } else if months(1) {
            formatter.write_str(&text(from))
        } else {
            write!(formatter, "{}..{}", text(from), text(last))
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Previous => formatter.write_str("previous"),
            Self::YearAgo => formatter.write_str("year-ago"),
            Self::Period(period) => period.fmt(formatter),
        }
    }
}

impl FromStr for Filter {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        parse_filter(text)
    }
}

impl fmt::Display for Filter {
    /// The text that [`parse_filter`] reads back, always on one line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = || format!("({})", self.values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", "));
        let test = match (self.operator, self.values.as_slice()) {
            (Operator::Is, [value]) => format!("= {}", quoted(value)),
            (Operator::Is, _) => format!("in {}", list()),
            (Operator::IsNot, [value]) => format!("!= {}", quoted(value)),
            (Operator::IsNot, _) => format!("not in {}", list()),
            (Operator::Contains, [value]) => format!("contains {}", quoted(value)),
            (Operator::Contains, _) => format!("contains {}", list()),
            (Operator::NotContains, [value]) => format!("not contains {}", quoted(value)),
            (Operator::NotContains, _) => format!("not contains {}", list()),
            (Operator::Missing, _) => "is missing".to_owned(),
            (Operator::Present, _) => "is present".to_owned(),
        };
        write!(formatter, "{} {test}", dimension_text(&self.dimension))
    }
}

/// A dimension's name, the key of a tag or an extra quoted where it is more than plain characters.
fn dimension_text(dimension: &Dimension) -> String {
    let keyed = |prefix: &str, key: &str| {
        if key.chars().all(is_plain) { format!("{prefix}:{key}") } else { format!("{prefix}:{}", quoted(key)) }
    };
    match dimension {
        Dimension::Tag(key) => keyed("tag", key),
        Dimension::Extra(name) => keyed("extra", name),
        known => known.name().into_owned(),
    }
}

/// What may stand without quotes.
fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | ':' | '/' | '@' | '+' | '*' | '%' | '#' | '$')
}

/// A text in double quotes, on one line: quotes, backslashes and control characters are escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 2);
    result.push('"');
    for character in text.chars() {
        match character {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            other if other.is_control() || matches!(other, '\u{2028}' | '\u{2029}') => {
                result.push_str(&format!("\\u{{{:x}}}", u32::from(other)));
            }
            other => result.push(other),
        }
    }
    result.push('"');
    result
}

/// Reads a filter's text from left to right.
struct Reader {
    characters: Vec<char>,
    at: usize,
}

impl Reader {
    fn new(text: &str) -> Self {
        Self { characters: text.chars().collect(), at: 0 }
    }

    fn error(&self, expected: &'static str) -> QueryError {
        QueryError::FilterSyntax { position: self.at + 1, expected }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn end(&mut self, expected: &'static str) -> Result<(), QueryError> {
        self.skip_spaces();
        if self.at == self.characters.len() { Ok(()) } else { Err(self.error(expected)) }
    }

    /// Takes a word, in any case, if it comes next and ends there.
    fn word(&mut self, word: &str) -> bool {
        self.skip_spaces();
        let length = word.chars().count();
        let next = self.characters.get(self.at..self.at + length);
        let matches = next
            .is_some_and(|next| next.iter().zip(word.chars()).all(|(left, right)| left.eq_ignore_ascii_case(&right)));
        let ends = self.characters.get(self.at + length).is_none_or(|next| !is_plain(*next));
        if matches && ends {
            self.at += length;
        }
        matches && ends
    }

    /// Takes a sign such as `=` if it comes next.
    fn sign(&mut self, sign: &str) -> bool {
        self.skip_spaces();
        let signs: Vec<char> = sign.chars().collect();
        let matches = self.characters[self.at..].starts_with(&signs);
        if matches {
            self.at += signs.len();
        }
        matches
    }

    fn filter(&mut self) -> Result<Filter, QueryError> {
        let dimension = self.dimension()?;
        let (operator, values) = self.test()?;
        Ok(Filter { dimension, operator, values })
    }

    fn dimension(&mut self) -> Result<Dimension, QueryError> {
        self.skip_spaces();
        let name = self.plain();
        if let (true, Some('"' | '\'')) = (name.ends_with(':'), self.peek()) {
            let key = self.text_in_quotes()?;
            return Ok(format!("{name}{key}").parse()?);
        }
        if name.is_empty() { Err(self.error("the name of a dimension")) } else { Ok(name.parse()?) }
    }

    fn test(&mut self) -> Result<(Operator, Vec<String>), QueryError> {
        if self.sign("!=") || self.sign("<>") {
            return Ok((Operator::IsNot, vec![self.value()?]));
        }
        if self.sign("!~") {
            return Ok((Operator::NotContains, vec![self.value()?]));
        }
        if self.sign("=") {
            return Ok((Operator::Is, vec![self.value()?]));
        }
        if self.sign("~") || self.word("contains") {
            return Ok((Operator::Contains, vec![self.value()?]));
        }
        if self.word("in") {
            return Ok((Operator::Is, self.values()?));
        }
        if self.word("not") {
            return if self.word("in") {
                Ok((Operator::IsNot, self.values()?))
            } else if self.word("contains") {
                Ok((Operator::NotContains, vec![self.value()?]))
            } else {
                Err(self.error("`in` or `contains` after `not`"))
            };
        }
        if self.word("is") {
            return if self.word("missing") {
                Ok((Operator::Missing, Vec::new()))
            } else if self.word("present") {
                Ok((Operator::Present, Vec::new()))
            } else {
                Err(self.error("`missing` or `present` after `is`"))
            };
        }
        Err(self.error("=, !=, in, not in, contains, not contains, is missing or is present"))
    }

    fn values(&mut self) -> Result<Vec<String>, QueryError> {
        if !self.sign("(") {
            return Err(self.error("an opening bracket"));
        }
        let mut values = vec![self.value()?];
        while self.sign(",") {
            values.push(self.value()?);
        }
        if self.sign(")") { Ok(values) } else { Err(self.error("a comma or a closing bracket")) }
    }

    fn value(&mut self) -> Result<String, QueryError> {
        self.skip_spaces();
        if let Some('"' | '\'') = self.peek() {
            return self.text_in_quotes();
        }
        let plain = self.plain();
        if plain.is_empty() { Err(self.error("a value, in quotes if it has spaces or signs")) } else { Ok(plain) }
    }

    fn plain(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(is_plain) {
            self.at += 1;
        }
        self.characters[start..self.at].iter().collect()
    }

    fn text_in_quotes(&mut self) -> Result<String, QueryError> {
        let quote = self.peek();
        self.at += 1;
        let mut text = String::new();
        loop {
            let character = self.peek().ok_or_else(|| self.error("the closing quote"))?;
            self.at += 1;
            if Some(character) == quote {
                return Ok(text);
            }
            text.push(if character == '\\' { self.escaped()? } else { character });
        }
    }

    fn escaped(&mut self) -> Result<char, QueryError> {
        let expected = "one of \\\\, \\\", \\', \\n, \\r, \\t or \\u{...}";
        let character = self.peek().ok_or_else(|| self.error(expected))?;
        self.at += 1;
        match character {
            '\\' | '"' | '\'' => Ok(character),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'u' if self.peek() == Some('{') => {
                let digits: String =
                    self.characters[self.at + 1..].iter().take_while(|next| next.is_ascii_hexdigit()).collect();
                let end = self.at + 1 + digits.len();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                match (code, self.characters.get(end)) {
                    (Some(code), Some('}')) => {
                        self.at = end + 1;
                        Ok(code)
                    }
                    _ => Err(self.error(expected)),
                }
            }
            _ => Err(self.error(expected)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filter(text: &str) -> Filter {
        parse_filter(text).unwrap()
    }

    fn values(values: &[&str]) -> Vec<String> {
        values.iter().map(|&value| value.to_owned()).collect()
    }

    #[test]
    fn every_form_of_a_filter() {
        let cases: [(&str, Operator, &[&str]); 14] = [
            ("service = \"Amazon EC2\"", Operator::Is, &["Amazon EC2"]),
            ("service='Amazon EC2'", Operator::Is, &["Amazon EC2"]),
            ("Service = EC2", Operator::Is, &["EC2"]),
            ("service != EC2", Operator::IsNot, &["EC2"]),
            ("service <> EC2", Operator::IsNot, &["EC2"]),
            ("service in (\"a\", b)", Operator::Is, &["a", "b"]),
            ("service IN(\"in\")", Operator::Is, &["in"]),
            ("service not in ( 'a' ,'b' )", Operator::IsNot, &["a", "b"]),
            ("service contains EC", Operator::Contains, &["EC"]),
            ("service ~ \"E C\"", Operator::Contains, &["E C"]),
            ("service not contains EC", Operator::NotContains, &["EC"]),
            ("service !~ EC", Operator::NotContains, &["EC"]),
            ("  service is missing ", Operator::Missing, &[]),
            ("service IS PRESENT", Operator::Present, &[]),
        ];
        for (text, operator, expected) in cases {
            assert_eq!(
                filter(text),
                Filter { dimension: Dimension::Service, operator, values: values(expected) },
                "{text}"
            );
        }
    }

    #[test]
    fn tags_and_extras_with_any_key() {
        assert_eq!(filter("tag:team = core").dimension, Dimension::Tag("team".into()));
        assert_eq!(filter("tag:aws:createdBy is missing").dimension, Dimension::Tag("aws:createdBy".into()));
        assert_eq!(filter("tag:\"cost center = \" = x").dimension, Dimension::Tag("cost center = ".into()));
        assert_eq!(filter("extra:x_ResourceGroupName = x").dimension, Dimension::Extra("x_ResourceGroupName".into()));
    }

    #[test]
    fn filters_are_joined_by_and() {
        let filters = parse_filters("service = \"a and b\" and region is missing AND tag:and = and").unwrap();
        assert_eq!(filters.len(), 3);
        assert_eq!(filters[2].values, ["and"]);
    }

    #[test]
    fn an_error_says_where_and_what() {
        let message = |text: &str| parse_filter(text).unwrap_err().to_string();
        assert_eq!(
            message("service Amazon EC2"),
            "cannot read the filter at character 9: expected =, !=, in, not in, contains, not contains, is missing or is present"
        );
        assert_eq!(
            message("service = Amazon EC2"),
            "cannot read the filter at character 18: expected the end of the filter"
        );
        assert_eq!(message("service = \"Amazon"), "cannot read the filter at character 18: expected the closing quote");
        assert_eq!(
            message("service in (a b)"),
            "cannot read the filter at character 15: expected a comma or a closing bracket"
        );
        assert_eq!(
            message("service is nothing"),
            "cannot read the filter at character 12: expected `missing` or `present` after `is`"
        );
        assert_eq!(message("servce = a"), "there is no dimension `servce`; did you mean `service`?");
        assert_eq!(message("= a"), "cannot read the filter at character 1: expected the name of a dimension");
        for text in [
            "",
            "service",
            "service = ",
            "service in ()",
            "service not",
            "service = a b",
            "tag: = a",
            "service = \"\\u{110000}\"",
        ] {
            assert!(parse_filter(text).is_err(), "{text:?} is no filter");
        }
    }

    #[test]
    fn periods_count_both_ends() {
        let days = |text: &str| {
            let period = parse_period(text).unwrap();
            format!("{} {}", period.from, period.to)
        };
        assert_eq!(days("2018-10"), "2018-10-01 2018-11-01");
        assert_eq!(days("2018-10..2018-12"), "2018-10-01 2019-01-01");
        assert_eq!(days("2018-10-03..2018-10-09"), "2018-10-03 2018-10-10");
        assert_eq!(days("2018-12-31"), "2018-12-31 2019-01-01");
        assert_eq!(days("2026-Q3"), "2026-07-01 2026-10-01");
        assert_eq!(days("2026-q4 .. 2027-Q1"), "2026-10-01 2027-04-01");
        assert_eq!(days("2026"), "2026-01-01 2027-01-01");
        assert_eq!(days("2018-10-15..2018-11"), "2018-10-15 2018-12-01");
        for text in [
            "",
            "..",
            "2018-",
            "2018-13",
            "2018-02-30",
            "18-10",
            "2018-1",
            "2018-Q5",
            "2018-10-01-01",
            "+018",
            "2018-10...2018-11",
            "octobre",
        ] {
            assert!(matches!(parse_period(text), Err(QueryError::PeriodSyntax { .. })), "{text:?} is no period");
        }
        assert!(
            matches!(parse_period("2018-11..2018-10"), Err(QueryError::EmptyPeriod { .. })),
            "it ends before it starts"
        );
    }

    #[test]
    fn comparisons_read_back() {
        for (text, expected) in
            [("previous", Comparison::Previous), ("year-ago", Comparison::YearAgo), ("Year_Ago", Comparison::YearAgo)]
        {
            assert_eq!(parse_comparison(text), Ok(expected));
        }
        let own = parse_comparison("2018-Q4").unwrap();
        assert_eq!(parse_comparison(&own.to_string()), Ok(own));
        assert!(parse_comparison("yesterday").is_err());
    }

    fn any_dimension() -> impl Strategy<Value = Dimension> {
        let known: Vec<Dimension> = Dimension::all().collect();
        prop_oneof![
            proptest::sample::select(known),
            any::<String>().prop_filter("a key", |key| !key.is_empty()).prop_map(Dimension::Tag),
            "[a-z_ \"'\\\\=():~!-]{1,12}".prop_map(Dimension::Extra),
        ]
    }

    fn any_filter() -> impl Strategy<Value = Filter> {
        let hostile = prop_oneof![
            any::<String>(),
            "[a-z\"'\\\\,()=~!\n\r\t -]{0,12}",
            Just("and".to_owned()),
            Just("\u{2028}\u{0}\u{202e}".to_owned())
        ];
        (any_dimension(), 0_usize..6, proptest::collection::vec(hostile, 1..4)).prop_map(
            |(dimension, operator, mut values)| {
                let operator = [
                    Operator::Is,
                    Operator::IsNot,
                    Operator::Contains,
                    Operator::NotContains,
                    Operator::Missing,
                    Operator::Present,
                ][operator];
                match operator {
                    Operator::Is | Operator::IsNot => {}
                    Operator::Contains | Operator::NotContains => values.truncate(1),
                    Operator::Missing | Operator::Present => values.clear(),
                }
                Filter { dimension, operator, values }
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(filter in any_filter()) {
            let text = filter.to_string();
            prop_assert_eq!(text.lines().count(), 1, "a filter is one line");
            prop_assert_eq!(parse_filter(&text), Ok(filter));
        }

        #[test]
        fn several_that_are_printed_read_back(filters in proptest::collection::vec(any_filter(), 1..4)) {
            let text: Vec<String> = filters.iter().map(Filter::to_string).collect();
            prop_assert_eq!(parse_filters(&text.join(" and ")), Ok(filters));
        }

        #[test]
        fn a_filter_passes_over_the_wire(filter in any_filter()) {
            let text = serde_json::to_string(&filter).unwrap();
            prop_assert_eq!(serde_json::from_str::<Filter>(&text).unwrap(), filter);
        }

        #[test]
        fn a_period_that_is_printed_reads_back(from in 0_i64..200_000, length in 1_i64..800, whole in any::<bool>()) {
            let mut from = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Duration::days(from);
            let mut to = from + chrono::Duration::days(length);
            if whole {
                from = from.with_day(1).unwrap();
                to = to.with_day(1).unwrap().checked_add_months(Months::new(1)).unwrap();
            }
            let period = Period::new(from, to).unwrap();
            prop_assert_eq!(parse_period(&period.to_string()), Ok(period));
        }

        #[test]
        fn no_text_breaks_the_reader(text in any::<String>()) {
            // Reading may fail, but only with an error that stands inside the text.
            if let Err(QueryError::FilterSyntax { position, .. }) = parse_filter(&text) {
                prop_assert!(position <= text.chars().count() + 2, "{} is outside of the text", position);
            }
            prop_assert!(parse_period(&text).is_err() || text.starts_with(|start: char| start.is_ascii_digit() || start.is_whitespace()));
        }
    }
}
