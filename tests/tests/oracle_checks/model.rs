//! The published requirements model, read and run as it stands.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde_json::Value;
use testsupport::decimal::decimal;
use testsupport::shared_data;

use crate::ours::corrected;
use crate::row::{Row, RowRule};

/// Two rules that have lost their condition, and one that asks that what is not null is not null.
const SET_ASIDE: [&str; 3] = ["InvoiceId-C-004-C", "InvoiceId-C-005-C", "PricingQuantity-C-008-M"];

/// What the model asks of single charges and is run as it is stated. What is run otherwise, and why, is written out below.
pub(crate) fn published() -> Vec<RowRule> {
    const NOT_ON_ROWS: [&str; 8] = [
        "ColumnPresent",
        "TypeString",
        "TypeDecimal",
        "TypeDateTime",
        "FormatNumeric",
        "FormatDateTime",
        "CheckDistinctCount",
        "CheckModelRule",
    ];
    let model: Value =
        serde_json::from_slice(&std::fs::read(shared_data("reference/model-1.2.0.1.json")).unwrap()).unwrap();
    let rules = model["ModelRules"].as_object().unwrap();
    let corrected: BTreeSet<String> = corrected().into_iter().map(|rule| rule.id).collect();
    let parents: Vec<(&Value, BTreeSet<&str>)> = rules
        .values()
        .map(|rule| {
            let items = rule["ValidationCriteria"]["Requirement"]["Items"].as_array();
            let children = items.into_iter().flatten().filter_map(|item| item["ModelRuleId"].as_str()).collect();
            (rule, children)
        })
        .collect();
    let mut found = Vec::new();
    for (id, rule) in rules {
        let criteria = &rule["ValidationCriteria"];
        let requirement = criteria["Requirement"].clone();
        let function = requirement["CheckFunction"].as_str().unwrap_or("CheckModelRule");
        let lists_rules = requirement["Items"][0]["ModelRuleId"].is_string();
        if rule["Type"] != "Static" || criteria["Keyword"] == "MAY" || NOT_ON_ROWS.contains(&function) || lists_rules {
            continue;
        }
        if SET_ASIDE.contains(&id.as_str()) || corrected.contains(id) {
            continue;
        }
        let mut conditions = vec![criteria["Condition"].clone()];
        let mut child = id.as_str();
        while let Some((parent, _)) = parents.iter().find(|(_, children)| children.contains(child)) {
            conditions.push(parent["ValidationCriteria"]["Condition"].clone());
            child = rules.iter().find(|(_, rule)| rule == parent).unwrap().0;
        }
        conditions.retain(|condition| condition.as_object().is_some_and(|fields| fields.contains_key("CheckFunction")));
        let mut columns = BTreeSet::new();
        columns_of(&requirement, &mut columns);
        let only = (columns.len() == 1).then(|| columns.iter().next().unwrap().clone());
        let listed = function == "OR";
        found.push(RowRule {
            id: id.clone(),
            columns,
            // A list of allowed values says nothing about a missing one.
            required: Box::new(move |row| {
                (listed && only.as_ref().is_some_and(|column| !row.contains_key(column))) || holds(&requirement, row)
            }),
            applies: Box::new(move |row| conditions.iter().all(|condition| holds(condition, row))),
        });
    }
    assert!(found.len() > 90, "the model asks much of single charges; only {} rules were found", found.len());
    found
}

fn columns_of(node: &Value, into: &mut BTreeSet<String>) {
    for key in ["ColumnName", "ColumnAName", "ColumnBName", "ResultColumnName"] {
        into.extend(node[key].as_str().map(str::to_owned));
    }
    for item in node["Items"].as_array().into_iter().flatten() {
        columns_of(item, into);
    }
}

/// A condition of the published model on one row.
fn holds(node: &Value, row: &Row) -> bool {
    let text = |key: &str| node[key].as_str().unwrap();
    let value = || row.get(text("ColumnName"));
    let items = || node["Items"].as_array().unwrap().iter();
    match node["CheckFunction"].as_str().unwrap() {
        "AND" => items().all(|item| holds(item, row)),
        "OR" => items().any(|item| holds(item, row)),
        "CheckValue" => match &node["Value"] {
            Value::Null => value().is_none(),
            Value::Number(_) => value().is_none_or(|text| decimal(text).is_zero()),
            wanted => value().is_some_and(|text| text == wanted.as_str().unwrap()),
        },
        "CheckNotValue" => match &node["Value"] {
            Value::Null => value().is_some(),
            wanted => value().is_none_or(|text| text != wanted.as_str().unwrap()),
        },
        "CheckDecimalValue" => value().is_some(),
        "CheckGreaterOrEqualThanValue" => value().is_none_or(|text| !decimal(text).is_sign_negative()),
        "ColumnByColumnEqualsColumnValue" => {
            let number = |key: &str| row.get(text(key)).map(|text| decimal(text));
            match (number("ColumnAName"), number("ColumnBName"), number("ResultColumnName")) {
                (Some(price), Some(quantity), Some(cost)) => {
                    let tolerance = Decimal::new(1, 9).max(cost.abs() * Decimal::new(1, 6));
                    (price * quantity - cost).abs() <= tolerance
                }
                _ => true,
            }
        }
        "CheckNationalCurrency" => value().is_none_or(|code| CURRENCIES.contains(code)),
        "FormatCurrency" => {
            let three = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
            value().is_none_or(|code| CURRENCIES.contains(code) || !three(code))
        }
        "FormatString" => value().is_none_or(|text| {
            let nothing = [
                "-",
                "N/A",
                "n/a",
                "Not Applicable",
                "not applicable",
                "Null",
                "None",
                "none",
                "NONE",
                "nil",
                "undefined",
            ];
            !text.chars().all(|letter| letter == ' ') && !text.contains('\u{fffd}') && !nothing.contains(&text.as_str())
        }),
        "FormatUnit" => value().is_none_or(|text| is_unit(text)),
        "FormatKeyValue" => value().is_none_or(|text| is_object_of_plain_values(text)),
        other => panic!("{other} is no condition on a row"),
    }
}

static CURRENCIES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let path = shared_data("reference/iso_4217_currencies.json");
    let listed: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    fn collect(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::String(text) if text.len() == 3 => {
                into.insert(text.clone());
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            Value::Object(fields) => fields.iter().for_each(|(key, item)| {
                collect(&Value::String(key.clone()), into);
                collect(item, into);
            }),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    collect(&listed, &mut found);
    assert!(found.contains("USD") && found.len() > 150, "the list of currencies was read: {found:?}");
    found
});

const TIMES: [&str; 6] = ["Year", "Month", "Day", "Hour", "Minute", "Second"];

/// `[N ]Name`, `[N ]Name-Times`, `[N ]Name/Time`, `[N ]Name/N Times`; a unit of time is not shortened.
fn is_unit(text: &str) -> bool {
    let counted = |text: &str| {
        let (number, rest) = text.split_once(' ').unwrap_or(("", text));
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { (true, rest.to_owned()) } else { (false, text.to_owned()) }
    };
    let (_, unit) = counted(text);
    let name = |text: &str| {
        text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ')
    };
    let plural = |text: &str| TIMES.iter().any(|time| format!("{time}s") == text);
    if let Some((left, right)) = unit.split_once('/') {
        let (by_number, time) = counted(right);
        return name(left) && if by_number { plural(&time) } else { TIMES.contains(&time.as_str()) };
    }
    if let Some((left, right)) = unit.split_once('-') {
        return name(left) && plural(right);
    }
    let short = ["Hr", "Hrs", "hr", "hrs", "HRS", "Mo", "Mos", "mo", "Min", "Mins", "Sec", "Secs", "Yr", "Yrs"];
    let small = ["hour", "hours", "month", "months"];
    name(&unit) && !short.contains(&unit.as_str()) && !small.contains(&unit.as_str())
}

fn is_object_of_plain_values(text: &str) -> bool {
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(text) else { return false };
    // A key that occurs twice is lost in reading; it is found again by counting.
    let keys = text.matches("\":").count();
    keys == object.len() && object.values().all(|value| !value.is_object() && !value.is_array())
}
