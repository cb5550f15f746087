//! [`Fields`]: the keys of one table, each asked for once by its type; what is left over is unknown.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use money::Amount;
use toml_edit::{Item, TableLike, Value};

use crate::diagnostic::{nearest, quoted};
use crate::operation::Placement;
use crate::{Diagnostic, Estimate, Filter, Month, Slip};

/// The text that places are told in.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
}

impl Place<'_> {
    /// The line of a byte, counted from 1.
    pub(super) fn line(self, byte: usize) -> usize {
        1 + self.text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
    }

    pub(super) fn line_of(self, span: Option<Range<usize>>) -> Option<usize> {
        span.map(|span| self.line(span.start))
    }
}

/// What a number means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Text with a percent sign.
    Percent,
    /// A plain number.
    Plain,
}

/// The keys of a table, and what is wrong with them.
pub(super) struct Fields<'a> {
    table: &'a dyn TableLike,
    pub(super) place: Place<'a>,
    line: Option<usize>,
    pub(super) operation: Option<String>,
    asked: RefCell<BTreeSet<String>>,
    /// Whether reading stopped before all keys were asked for.
    stopped: bool,
    problems: Vec<Diagnostic>,
}

/// The most that a figure of a scenario may be: what is larger is a slip of the pen.
const LARGEST: i64 = 1_000_000_000_000_000;

impl<'a> Fields<'a> {
    pub(super) fn new(table: &'a dyn TableLike, place: Place<'a>, line: Option<usize>) -> Self {
        Self { table, place, line, operation: None, asked: RefCell::default(), stopped: false, problems: Vec::new() }
    }

    /// Reading ends here: keys that were not asked for yet are no mistake.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// The problems, with those of keys that nobody asked for.
    pub(super) fn finish(mut self, what: &str) -> Vec<Diagnostic> {
        if self.stopped {
            return self.problems;
        }
        let asked = self.asked.borrow().clone();
        let unknown: Vec<String> =
            self.table.iter().map(|(key, _)| key.to_owned()).filter(|key| !asked.contains(key)).collect();
        for key in unknown {
            let hint = match nearest(&key, asked.iter().map(String::as_str)) {
                Some(known) => format!("is `{known}` meant?"),
                None => format!("{what} has {}", asked.iter().cloned().collect::<Vec<_>>().join(", ")),
            };
            self.refuse_key(&key, &format!("there is no key {}", quoted(&key)), &hint);
        }
        self.problems
    }

    pub(super) fn refuse(&mut self, message: &str, hint: &str) {
        let mut problem = Diagnostic::error(message, hint).at(self.line);
        problem.operation.clone_from(&self.operation);
        self.problems.push(problem);
    }

    pub(super) fn refuse_key(&mut self, key: &str, message: &str, hint: &str) {
        let mut problem = Diagnostic::error(message, hint).about(key).at(self.line_of(key).or(self.line));
        problem.operation.clone_from(&self.operation);
        self.problems.push(problem);
    }

    fn line_of(&self, key: &str) -> Option<usize> {
        let (key, item) = self.table.get_key_value(key)?;
        self.place.line_of(key.span().or_else(|| item.span()))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn take(&self, key: &str) -> Option<&'a Item> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.table.get(key)
    }

    /// The value of a key that there must be.
    fn needed(&mut self, key: &str) -> Option<&'a Item> {
        let item = self.take(key);
        if item.is_none() {
            self.refuse_key(key, &format!("`{key}` is missing"), &format!("write `{key} = ...`"));
        }
        item
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.needed(key)?;
        self.optional_text(key)
    }

    pub(super) fn optional_text(&mut self, key: &str) -> Option<String> {
        let item = self.take(key)?;
        match item.as_str() {
            Some(text) if !text.trim().is_empty() || key == "note" || key == "owner" => Some(text.to_owned()),
            Some(_) => {
                self.refuse_key(key, &format!("`{key}` is empty"), "write a name");
                None
            }
            None => {
                self.refuse_key(key, &format!("`{key}` is not a text"), &format!("write `{key} = \"...\"`"));
                None
            }
        }
    }

    pub(super) fn optional_texts(&mut self, key: &str) -> Option<Vec<String>> {
        let item = self.take(key)?;
        let texts: Option<Vec<String>> =
            item.as_array().and_then(|list| list.iter().map(|value| value.as_str().map(str::to_owned)).collect());
        if texts.is_none() {
            let hint = format!("write `{key} = [\"...\", \"...\"]`");
            self.refuse_key(key, &format!("`{key}` is not a list of texts"), &hint);
        }
        texts
    }

    pub(super) fn boolean(&mut self, key: &str, default: bool) -> bool {
        let Some(item) = self.take(key) else { return default };
        item.as_bool().unwrap_or_else(|| {
            self.refuse_key(key, &format!("`{key}` is neither true nor false"), "write true or false");
            default
        })
    }

    pub(super) fn month(&mut self, key: &str) -> Option<Month> {
        self.needed(key)?;
        self.optional_month(key)
    }

    pub(super) fn optional_month(&mut self, key: &str) -> Option<Month> {
        let item = self.take(key)?;
        let read = item.as_str().map(str::parse::<Month>);
        match read {
            Some(Ok(month)) => Some(month),
            Some(Err(error)) => {
                self.refuse_key(key, &format!("`{key}`: {error}"), &format!("write `{key} = \"2026-04\"`"));
                None
            }
            None => {
                self.refuse_key(key, &format!("`{key}` is not a month"), &format!("write `{key} = \"2026-04\"`"));
                None
            }
        }
    }

    /// From and to, the latter not before the former.
    pub(super) fn dates(&mut self) -> (Option<Month>, Option<Month>) {
        let (from, to) = (self.month("from"), self.optional_month("to"));
        if let (Some(first), Some(last)) = (from, to)
            && last < first
        {
            let message = format!("it ends in {last}, before it begins in {first}");
            self.refuse_key("to", &message, "exchange `from` and `to`, or take `to` out");
        }
        (from, to)
    }

    /// A whole number from 1 to 1200, or the default.
    pub(super) fn months(&mut self, key: &str, default: Option<u32>, least: u32) -> Option<u32> {
        let item = match default {
            None => self.needed(key)?,
            Some(default) => match self.take(key) {
                None => return Some(default),
                Some(item) => item,
            },
        };
        let number = item.as_integer().and_then(|number| u32::try_from(number).ok());
        if let Some(number) = number.filter(|number| (least..=1200).contains(number)) {
            return Some(number);
        }
        let message = format!("`{key}` is not a number of months from {least} to 1200");
        self.refuse_key(key, &message, &format!("write `{key} = 12`"));
        None
    }

    /// A number as it is written, so that no digit is lost on a float.
    fn number(&self, value: &Value, unit: Unit) -> Result<Amount, String> {
        let written = match value {
            Value::String(text) => text.value().trim().to_owned(),
            Value::Integer(_) | Value::Float(_) => {
                value.span().map_or_else(String::new, |span| self.place.text[span].replace('_', ""))
            }
            _ => return Err("is not a number".to_owned()),
        };
        let plain = match (unit, written.strip_suffix('%')) {
            (Unit::Percent, Some(number)) => number.trim_end().to_owned(),
            (Unit::Percent, None) => return Err(format!("is {}, which has no percent sign", quoted(&written))),
            (Unit::Plain, Some(_)) => return Err(format!("is {}, a percentage", quoted(&written))),
            (Unit::Plain, None) => written,
        };
        let plain = plain.strip_prefix('+').unwrap_or(&plain);
        let amount: Amount = plain.parse().map_err(|error: money::AmountError| format!("cannot be read: {error}"))?;
        if amount.abs() > Amount::from_integer(LARGEST) || amount.normalized().scale() > 12 {
            return Err(format!("is {}, which is past 10^15 or has more than 12 decimals", quoted(plain)));
        }
        Ok(amount)
    }

    fn number_hint(key: &str, unit: Unit) -> String {
        match unit {
            Unit::Percent => format!("write `{key} = \"12.5 %\"`"),
            Unit::Plain => format!("write `{key} = 1234.50`"),
        }
    }

    pub(super) fn amount(&mut self, key: &str, unit: Unit, default: Option<Amount>) -> Option<Amount> {
        let item = match default {
            None => self.needed(key)?,
            Some(default) => match self.take(key) {
                None => return Some(default),
                Some(item) => item,
            },
        };
        let read = item.as_value().map_or_else(|| Err("is not a number".to_owned()), |value| self.number(value, unit));
        match read {
            Ok(amount) => Some(amount),
            Err(problem) => {
                self.refuse_key(key, &format!("`{key}` {problem}"), &Self::number_hint(key, unit));
                None
            }
        }
    }

    /// A figure, or its low, likely and high case, each within `range`.
    pub(super) fn estimate(
        &mut self,
        key: &str,
        unit: Unit,
        default: Option<Amount>,
        range: (Option<i64>, Option<i64>),
        senseless: &str,
    ) -> Option<Estimate> {
        let item = match default {
            None => self.needed(key)?,
            Some(default) => match self.take(key) {
                None => return Some(Estimate::certain(default)),
                Some(item) => item,
            },
        };
        let estimate = if item.as_inline_table().is_some() || item.is_table() {
            let table = item.as_table_like()?;
            let figures = ["low", "likely", "high"].map(|name| {
                let value = table.get(name).and_then(Item::as_value);
                value.map_or_else(|| Err(format!("has no `{name}`")), |value| self.number(value, unit))
            });
            if table.len() != 3 {
                let hint = format!("write `{key} = {{ low = ..., likely = ..., high = ... }}`");
                self.refuse_key(key, &format!("`{key}` is not made of low, likely and high"), &hint);
                return None;
            }
            match figures {
                [Ok(low), Ok(likely), Ok(high)] => Estimate { low, likely, high },
                [low, likely, high] => {
                    let problem = [low, likely, high].into_iter().find_map(Result::err).unwrap_or_default();
                    self.refuse_key(key, &format!("`{key}` {problem}"), &Self::number_hint("likely", unit));
                    return None;
                }
            }
        } else {
            Estimate::certain(self.amount(key, unit, None)?)
        };
        if estimate.low > estimate.likely || estimate.likely > estimate.high {
            self.refuse_key(
                key,
                &format!("`{key}` does not rise from low over likely to high"),
                "put the three in order",
            );
            return None;
        }
        let (least, most) = range;
        if least.is_some_and(|least| estimate.low < Amount::from_integer(least))
            || most.is_some_and(|most| estimate.high > Amount::from_integer(most))
        {
            let sign = if unit == Unit::Percent { " %" } else { "" };
            let bounds = match (least, most) {
                (Some(least), Some(most)) => format!("from {least}{sign} to {most}{sign}"),
                (Some(least), None) => format!("of at least {least}{sign}"),
                (None, Some(most)) => format!("of at most {most}{sign}"),
                (None, None) => String::new(),
            };
            self.refuse_key(key, &format!("`{key}` is out of range: {senseless}"), &format!("write a figure {bounds}"));
            return None;
        }
        Some(estimate)
    }

    pub(super) fn slip(&mut self) -> Slip {
        const KEY: &str = "slip_months";
        const FURTHEST: i64 = 120;
        let Some(item) = self.take(KEY) else { return Slip::default() };
        let month = |item: Option<&Item>| {
            let number = item.and_then(Item::as_integer).filter(|number| (-FURTHEST..=FURTHEST).contains(number));
            number.and_then(|number| i32::try_from(number).ok())
        };
        let read = match item.as_table_like() {
            None => month(Some(item)).map(|likely| Slip { low: likely, likely, high: likely }),
            Some(table) if table.len() == 3 => {
                match (month(table.get("low")), month(table.get("likely")), month(table.get("high"))) {
                    (Some(low), Some(likely), Some(high)) if low <= likely && likely <= high => {
                        Some(Slip { low, likely, high })
                    }
                    _ => None,
                }
            }
            Some(_) => None,
        };
        read.unwrap_or_else(|| {
            let hint =
                "write `slip_months = 2` or `slip_months = { low = 0, likely = 1, high = 3 }`, at most 120 either way";
            self.refuse_key(KEY, "`slip_months` is not a number of months, nor a rising low, likely and high", hint);
            Slip::default()
        })
    }

    /// Which lines: a table of dimensions, or the word `everything`.
    pub(super) fn filter(&mut self, key: &str) -> Option<Filter> {
        let hint = format!("write `{key} = {{ service = \"...\" }}` or `{key} = \"everything\"`");
        let item = self.needed(key)?;
        if item.as_str() == Some("everything") {
            return Some(Filter::Everything);
        }
        let Some(table) = item.as_table_like().filter(|table| !table.is_empty()) else {
            self.refuse_key(key, &format!("`{key}` does not say which lines"), &hint);
            return None;
        };
        let mut values = BTreeMap::new();
        for (dimension, item) in table.iter() {
            let allowed: Option<BTreeSet<String>> = match item.as_array() {
                Some(list) => list.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
                None => item.as_str().map(|value| BTreeSet::from([value.to_owned()])),
            };
            match allowed.filter(|allowed| !allowed.is_empty()) {
                Some(allowed) => values.insert(dimension.to_owned(), allowed),
                None => {
                    let message = format!("`{key}` has no text and no list of texts for {}", quoted(dimension));
                    self.refuse_key(key, &message, &hint);
                    return None;
                }
            };
        }
        Some(Filter::Values(values))
    }

    /// Where something stands, with `new` beside it.
    pub(super) fn placement(&mut self, key: &str) -> Option<Placement> {
        let new = self.boolean("new", false);
        let hint = format!("write `{key} = {{ service = \"...\", owner = \"...\" }}`");
        let item = self.needed(key)?;
        let Some(table) = item.as_table_like().filter(|table| !table.is_empty()) else {
            self.refuse_key(key, &format!("`{key}` does not say where"), &hint);
            return None;
        };
        let mut values = BTreeMap::new();
        for (dimension, item) in table.iter() {
            let Some(value) = item.as_str() else {
                let message = format!("`{key}` has no text for {}", quoted(dimension));
                self.refuse_key(key, &message, &hint);
                return None;
            };
            values.insert(dimension.to_owned(), value.to_owned());
        }
        Some(Placement { values, new })
    }

    /// Months to numbers.
    pub(super) fn by_month(&mut self, key: &str) -> Option<BTreeMap<Month, Amount>> {
        let hint = format!("write `{key} = {{ \"2026-04\" = 1200, \"2026-05\" = 1300 }}`");
        let table = self.needed(key)?.as_table_like().filter(|table| !table.is_empty());
        let Some(table) = table else {
            self.refuse_key(key, &format!("`{key}` is not a table of months"), &hint);
            return None;
        };
        let mut months = BTreeMap::new();
        for (name, item) in table.iter() {
            let read = name.parse::<Month>().map_err(|error| error.to_string()).and_then(|month| {
                let value = item.as_value().ok_or_else(|| "is not a number".to_owned())?;
                Ok((month, self.number(value, Unit::Plain)?))
            });
            match read {
                Ok((_, value)) if value.is_negative() => {
                    self.refuse_key(key, &format!("`{key}` is below zero in {name}"), "a driver counts things");
                    return None;
                }
                Ok((month, value)) => months.insert(month, value),
                Err(problem) => {
                    self.refuse_key(key, &format!("`{key}`, {}: {problem}", quoted(name)), &hint);
                    return None;
                }
            };
        }
        Some(months)
    }
}
