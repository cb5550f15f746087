//! The reckoning beside the engine: charges as text, added up in plain Rust with another decimal type.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, Timelike};
use rust_decimal::Decimal;
use serde_json::Value;

/// Every charge, in every currency.
pub struct Ledger {
    charges: Vec<Charge>,
}

struct Charge {
    columns: BTreeMap<String, String>,
    tags: Value,
    extra: Value,
    started: NaiveDateTime,
    billed: NaiveDate,
}

/// What the answer must be.
pub struct Answer {
    pub rows: Vec<Row>,
    pub total: Vec<Cell>,
    pub groups: usize,
    pub charges: usize,
    pub other_currencies: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub keys: Vec<Option<String>>,
    pub other: bool,
    pub cells: Vec<Cell>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub value: Option<Decimal>,
    pub previous: Option<Decimal>,
    pub change: Option<Decimal>,
    pub share: Option<Decimal>,
}

impl Cell {
    pub fn read(cell: &Value) -> Self {
        let figure = |key: &str| cell[key].as_str().map(testsupport::decimal::decimal);
        Self { value: figure("value"), previous: figure("previous"), change: figure("change"), share: figure("share") }
    }

    fn new(value: Option<Decimal>, previous: Option<Decimal>, total: Option<Decimal>, compared: bool) -> Self {
        let known = compared && (value.is_some() || previous.is_some());
        let share = value.zip(total.filter(|total| !total.is_zero())).map(|(value, total)| (value / total).round_dp(6));
        Self {
            value,
            previous: previous.filter(|_| compared),
            change: known.then(|| value.unwrap_or_default() - previous.unwrap_or_default()),
            share,
        }
    }
}

impl Row {
    pub fn read(row: &Value) -> Self {
        let keys = row["keys"].as_array().unwrap().iter().map(|key| key.as_str().map(str::to_owned));
        let cells = row["cells"].as_array().unwrap().iter().map(Cell::read);
        Self { keys: keys.collect(), other: row["role"] == "other", cells: cells.collect() }
    }
}

/// The charges of a group, of the period and of the one compared with.
#[derive(Clone, Default)]
struct Group<'a> {
    current: Vec<&'a Charge>,
    previous: Vec<&'a Charge>,
}

type Keys = Vec<Option<String>>;
/// From a day up to, not including, another.
type DayRange = (NaiveDate, NaiveDate);
/// Where a row stands: its time, whether it is the rest, its keys.
type Place = (Option<String>, bool, Keys);

impl Ledger {
    /// Reads the charges of each currency as the engine lists them.
    pub fn new(pages: impl IntoIterator<Item = api::TextRows>) -> Self {
        let mut charges = Vec::new();
        for page in pages {
            let names: Vec<&str> = page.columns.iter().map(|column| column.name.as_str()).collect();
            for row in &page.rows {
                let cells = names.iter().zip(row).filter_map(|(name, cell)| Some(((*name).to_owned(), cell.clone()?)));
                charges.push(Charge::new(cells.collect()));
            }
        }
        Self { charges }
    }

    pub fn charges(&self) -> usize {
        self.charges.len()
    }

    /// The answer to a question.
    pub fn answer(&self, question: &Value) -> Answer {
        let billing = question["on"] == "billing";
        let period = days(&question["period"]).unwrap_or_else(|| self.loaded(billing));
        let compared = compared(&question["compare"], period);
        let currency = question["currency"].as_str().unwrap_or("USD");
        let passing = |charge: &&Charge| list(&question["filters"]).iter().all(|filter| charge.passes(filter));
        let inside = |charge: &Charge, (from, to): DayRange| {
            let day = if billing { charge.billed } else { charge.started.date() };
            from <= day && day < to
        };
        let by: Vec<&str> = list(&question["by"]).iter().filter_map(Value::as_str).collect();
        let grain = question["grain"].as_str();
        let mut groups: BTreeMap<(Option<String>, Keys), Group> = BTreeMap::new();
        let mut whole = Group::default();
        for charge in
            self.charges.iter().filter(passing).filter(|charge| charge.text("billing_currency") == Some(currency))
        {
            let keys: Keys = by.iter().map(|dimension| charge.dimension(dimension)).collect();
            if inside(charge, period) {
                let time = grain.map(|grain| charge.time(grain, billing, period.0, period.0));
                groups.entry((time, keys.clone())).or_default().current.push(charge);
                whole.current.push(charge);
            }
            if let Some(before) = compared.filter(|before| inside(charge, *before)) {
                let time = grain.map(|grain| charge.time(grain, billing, before.0, period.0));
                groups.entry((time, keys)).or_default().previous.push(charge);
                whole.previous.push(charge);
            }
        }
        let measures: Vec<&str> = list(&question["measures"]).iter().filter_map(Value::as_str).collect();
        let others = self.charges.iter().filter(passing);
        let others =
            others.filter(|charge| charge.text("billing_currency") != Some(currency) && inside(charge, period));
        Answer {
            groups: groups.keys().map(|(_, keys)| keys).collect::<BTreeSet<_>>().len(),
            charges: whole.current.len(),
            other_currencies: others.count() > 0,
            total: cells(&measures, &whole, &whole, compared.is_some()),
            rows: rows(
                groups,
                &whole,
                &measures,
                question["top"].as_u64().filter(|_| !by.is_empty()),
                compared.is_some(),
            ),
        }
    }

    /// The days of all charges, or the months of all bills.
    fn loaded(&self, billing: bool) -> DayRange {
        let days = self.charges.iter().map(|charge| if billing { charge.billed } else { charge.started.date() });
        let (first, last) = (days.clone().min().unwrap(), days.max().unwrap());
        if billing {
            return (first.with_day(1).unwrap(), last.with_day(1).unwrap() + Months::new(1));
        }
        (first, last + Days::new(1))
    }
}

/// The groups as rows: those beyond the top become one for each time; then put in order.
fn rows(
    groups: BTreeMap<(Option<String>, Keys), Group>,
    whole: &Group,
    measures: &[&str],
    top: Option<u64>,
    compared: bool,
) -> Vec<Row> {
    let leaders = top.map(|top| {
        let mut over_time: BTreeMap<&Keys, Group> = BTreeMap::new();
        for ((_, keys), group) in &groups {
            let sum = over_time.entry(keys).or_default();
            sum.current.extend(&group.current);
            sum.previous.extend(&group.previous);
        }
        let mut ranked: Vec<(Option<Decimal>, &Keys)> =
            over_time.into_iter().map(|(keys, group)| (figure(measures[0], &group.current), keys)).collect();
        ranked.sort_by(|left, right| by_rank(left.0, right.0).then_with(|| by_keys(left.1, right.1)));
        ranked.into_iter().take(usize::try_from(top).unwrap()).map(|(_, keys)| keys.clone()).collect::<BTreeSet<Keys>>()
    });
    let mut placed: BTreeMap<Place, Group> = BTreeMap::new();
    for ((time, keys), group) in groups {
        let leads = leaders.as_ref().is_none_or(|leaders| leaders.contains(&keys));
        let keys = if leads { keys } else { vec![None; keys.len()] };
        let sum = placed.entry((time, !leads, keys)).or_default();
        sum.current.extend(group.current);
        sum.previous.extend(group.previous);
    }
    let mut rows: Vec<(Option<Decimal>, Place, Group)> =
        placed.into_iter().map(|(place, group)| (figure(measures[0], &group.current), place, group)).collect();
    rows.sort_by(|(left_rank, left, _), (right_rank, right, _)| {
        let places = (&left.0, left.1).cmp(&(&right.0, right.1));
        places.then_with(|| by_rank(*left_rank, *right_rank)).then_with(|| by_keys(&left.2, &right.2))
    });
    rows.into_iter()
        .map(|(_, (time, other, keys), group)| Row {
            keys: time.into_iter().map(Some).chain(keys).collect(),
            other,
            cells: cells(measures, &group, whole, compared),
        })
        .collect()
}

/// From high to low, what is missing last.
fn by_rank(left: Option<Decimal>, right: Option<Decimal>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => right.cmp(&left),
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}

/// In the order of the bytes, what is missing last.
fn by_keys(left: &Keys, right: &Keys) -> Ordering {
    let pairs = left.iter().zip(right).map(|(left, right)| (left.is_none(), left).cmp(&(right.is_none(), right)));
    pairs.fold(Ordering::Equal, Ordering::then)
}

fn cells(measures: &[&str], group: &Group, whole: &Group, compared: bool) -> Vec<Cell> {
    let cell = |measure: &&str| {
        let of = |charges: &[&Charge]| figure(measure, charges).or((*measure == "charges").then_some(Decimal::ZERO));
        Cell::new(of(&group.current), of(&group.previous), of(&whole.current), compared)
    };
    measures.iter().map(cell).collect()
}

/// A measure over charges; none where none of them has it.
fn figure(measure: &str, charges: &[&Charge]) -> Option<Decimal> {
    let sum = |column: &str| {
        let values = charges.iter().filter_map(|charge| charge.text(column)).map(testsupport::decimal::decimal);
        values.reduce(|left, right| left + right)
    };
    let difference = |from: &str, less: &str| match (sum(from), sum(less)) {
        (None, None) => None,
        (from, less) => Some(from.unwrap_or_default() - less.unwrap_or_default()),
    };
    match measure {
        "charges" => (!charges.is_empty()).then(|| Decimal::from(charges.len())),
        "savings" => difference("list_cost", "effective_cost"),
        "negotiated_savings" => difference("list_cost", "contracted_cost"),
        "commitment_savings" => difference("contracted_cost", "effective_cost"),
        column => sum(column),
    }
}

impl Charge {
    fn new(columns: BTreeMap<String, String>) -> Self {
        let object = |name: &str| columns.get(name).map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
        let instant = |name: &str| DateTime::parse_from_rfc3339(&columns[name]).unwrap().naive_utc();
        Self {
            tags: object("tags"),
            extra: object("extra"),
            started: instant("charge_period_start"),
            billed: instant("billing_period_start").date(),
            columns,
        }
    }

    fn text(&self, column: &str) -> Option<&str> {
        self.columns.get(column).map(String::as_str)
    }

    fn dimension(&self, dimension: &str) -> Option<String> {
        let found = match dimension.split_once(':') {
            Some(("tag", key)) => self.tags[key].as_str(),
            Some((_, column)) => self.extra[column].as_str(),
            None => self.text(match dimension {
                "service" => "service_name",
                "region" => "region_id",
                "resource" => "resource_id",
                "sub_account" => "sub_account_id",
                column => column,
            }),
        };
        found.map(str::to_owned)
    }

    fn passes(&self, filter: &Value) -> bool {
        let value = self.dimension(filter["dimension"].as_str().unwrap());
        let values: Vec<&str> = list(&filter["values"]).iter().filter_map(Value::as_str).collect();
        let among = || value.as_deref().is_some_and(|value| values.contains(&value));
        let contained =
            || value.as_deref().is_some_and(|value| value.to_lowercase().contains(&values[0].to_lowercase()));
        match filter["operator"].as_str().unwrap() {
            "is" => among(),
            "is_not" => !among(),
            "contains" => contained(),
            "not_contains" => !contained(),
            "missing" => value.is_none(),
            _ => value.is_some(),
        }
    }

    /// The bucket of time, moved by what lies between the starts of its own period and of the one that is shown.
    fn time(&self, grain: &str, billing: bool, own: NaiveDate, shown: NaiveDate) -> String {
        let months = (shown.year() - own.year()) * 12 + i32::try_from(shown.month()).unwrap()
            - i32::try_from(own.month()).unwrap();
        match grain {
            "month" => {
                let day = if billing { self.billed } else { self.started.date() }.with_day(1).unwrap();
                let moved = if months < 0 {
                    day - Months::new(months.unsigned_abs())
                } else {
                    day + Months::new(months.unsigned_abs())
                };
                moved.format("%Y-%m").to_string()
            }
            "day" => (self.started.date() + (shown - own)).to_string(),
            _ => format!("{}T{:02}", self.started.date() + (shown - own), self.started.hour()),
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn days(period: &Value) -> Option<DayRange> {
    let day = |key: &str| period[key].as_str()?.parse().ok();
    day("from").zip(day("to"))
}

/// The period that is compared with.
fn compared(comparison: &Value, (from, to): DayRange) -> Option<DayRange> {
    match comparison.as_str() {
        Some("previous") if from.day() == 1 && to.day() == 1 => {
            let months = (to.year() - from.year()) * 12 + i32::try_from(to.month()).unwrap()
                - i32::try_from(from.month()).unwrap();
            Some((from - Months::new(months.unsigned_abs()), from))
        }
        Some("previous") => Some((from - (to - from), from)),
        Some(_) => Some((from - Months::new(12), to - Months::new(12))),
        None => days(&comparison["period"]),
    }
}
