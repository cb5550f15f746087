//! Where `src/rules/model-1.2.toml` comes from: it is derived here, rule by rule, from the requirements model of FOCUS 1.2 that the
//! FinOps Foundation publishes (version 1.2.0.1, as packed in focus-validator 2.2.1; MIT, text CC BY 4.0), and the test fails when
//! the two differ.
//!
//! The derivation takes every active rule that states a test (`Static`, no mere list of other rules), and
//! - writes the test and its condition as nested arrays, `["is", "ChargeCategory", "Usage", "Purchase"]`, an OR over values of one
//!   column drawn together;
//! - joins to the condition those of the rules above it that list it ("when X is not null, X adheres to ..."), which the model keeps
//!   apart, and to the applicability criteria those of the rules above it;
//! - keeps what the model says even where it is wrong: what is wrong with it stands in `judgements.toml`.
//!
//! `QUARTERDECK_WRITE_MODEL=1` writes the file instead.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize().unwrap()
}

fn model() -> Value {
    let path = checkout().join("../shared/data/reference/model-1.2.0.1.json");
    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()
}

/// A requirement or a condition of the model as nested arrays.
fn tree(node: &Value) -> Value {
    let text = |key: &str| node[key].as_str().unwrap().to_owned();
    let column = || text("ColumnName");
    let items = |word: &str| {
        let items = node["Items"].as_array().unwrap().iter().map(tree);
        std::iter::once(json!(word)).chain(items).collect::<Vec<Value>>()
    };
    let of_a_column = node["Items"].is_null() && node["ModelRuleId"].is_null() && node["ColumnAName"].is_null();
    if of_a_column && node["ColumnName"].is_null() {
        return json!(["malformed"]);
    }
    match node["CheckFunction"].as_str() {
        Some("AND") => Value::Array(items("and")),
        Some("OR") => Value::Array(drawn_together(items("or"))),
        Some("ColumnPresent") => json!(["present", column()]),
        Some("TypeString") => json!(["text", column()]),
        Some("TypeDecimal") => json!(["decimal", column()]),
        Some("TypeDateTime") => json!(["time", column()]),
        Some("FormatString") => json!(["written_text", column()]),
        Some("FormatNumeric") => json!(["written_decimal", column()]),
        Some("FormatDateTime") => json!(["written_time", column()]),
        Some("FormatUnit") => json!(["unit", column()]),
        Some("FormatKeyValue") => json!(["key_value", column()]),
        Some("FormatCurrency") => json!(["currency", column()]),
        Some("CheckNationalCurrency") => json!(["national_currency", column()]),
        Some("CheckDecimalValue") => json!(["not_null", column()]),
        Some("CheckGreaterOrEqualThanValue") => {
            assert_eq!(node["Value"], 0, "the model compares prices with nothing but zero");
            json!(["not_negative", column()])
        }
        Some("CheckValue") => match &node["Value"] {
            Value::Null => json!(["null", column()]),
            Value::Number(number) => {
                assert_eq!(number.as_i64(), Some(0), "the model compares numbers with nothing but zero");
                json!(["zero", column()])
            }
            value => json!(["is", column(), value]),
        },
        Some("CheckNotValue") => match &node["Value"] {
            Value::Null => json!(["not_null", column()]),
            value => json!(["is_not", column(), value]),
        },
        Some("CheckSameValue") => json!(["same", text("ColumnAName"), text("ColumnBName")]),
        Some("CheckNotSameValue") => json!(["other", text("ColumnAName"), text("ColumnBName")]),
        Some("CheckDistinctCount") => {
            assert_eq!(node["ExpectedCount"], 1, "the model asks for one value and no other number");
            json!(["one", text("ColumnAName"), text("ColumnBName")])
        }
        Some("ColumnByColumnEqualsColumnValue") => {
            json!(["product", text("ColumnAName"), text("ColumnBName"), text("ResultColumnName")])
        }
        Some("CheckModelRule") => json!(["rule", text("ModelRuleId")]),
        Some(unknown) => panic!("the model has a new check function {unknown}"),
        None => json!(["malformed"]),
    }
}

/// Items of an OR: values of one column become one list, and pairs with an equal second half one pair.
fn drawn_together(items: Vec<Value>) -> Vec<Value> {
    let mut drawn: Vec<Value> = Vec::new();
    for item in items {
        let Some(last) = drawn.last_mut() else {
            drawn.push(item);
            continue;
        };
        let is_list = |value: &Value| value[0] == "is";
        let pair = |value: &Value| value[0] == "and" && value.as_array().unwrap().len() == 3 && is_list(&value[1]);
        if is_list(last) && is_list(&item) && last[1] == item[1] {
            last.as_array_mut().unwrap().push(item[2].clone());
        } else if pair(last) && pair(&item) && last[2] == item[2] && last[1][1] == item[1][1] {
            last[1].as_array_mut().unwrap().push(item[1][2].clone());
        } else {
            drawn.push(item);
        }
    }
    match <[Value; 2]>::try_from(drawn) {
        Ok([_, only]) => only.as_array().unwrap().clone(),
        Err(drawn) => drawn,
    }
}

/// What the rules above a rule add to it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Inherited {
    conditions: Vec<Value>,
    flags: BTreeSet<String>,
}

/// Walks down from the rules that stand above all others.
fn inherit(rules: &Value, id: &str, above: &Inherited, found: &mut BTreeMap<String, Inherited>) {
    let rule = &rules[id];
    found.entry(id.to_owned()).or_insert_with(|| above.clone());
    let criteria = &rule["ValidationCriteria"];
    let mut below = above.clone();
    if criteria["Condition"].as_object().is_some_and(|condition| !condition.is_empty()) {
        below.conditions.push(tree(&criteria["Condition"]));
    }
    below
        .flags
        .extend(rule["ApplicabilityCriteria"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap().into()));
    for item in criteria["Requirement"]["Items"].as_array().into_iter().flatten() {
        if let Some(child) = item["ModelRuleId"].as_str() {
            inherit(rules, child, &below, found);
        }
    }
}

fn derived() -> String {
    let model = model();
    let rules = &model["ModelRules"];
    let mut inherited = BTreeMap::new();
    inherit(rules, "CostAndUsage-D-000-M", &Inherited::default(), &mut inherited);
    let mut text = String::from(HEAD);
    for (id, rule) in rules.as_object().unwrap() {
        let criteria = &rule["ValidationCriteria"];
        let requirement = &criteria["Requirement"];
        let lists_rules = requirement["Items"].as_array().is_some_and(|items| items[0]["ModelRuleId"].is_string());
        if rule["Type"] != "Static" || rule["Status"] != "Active" || lists_rules {
            continue;
        }
        let above = inherited.get(id).cloned().unwrap_or_default();
        let mut conditions = above.conditions;
        if criteria["Condition"].as_object().is_some_and(|condition| !condition.is_empty()) {
            conditions.push(tree(&criteria["Condition"]));
        }
        let mut flags = above.flags;
        flags
            .extend(rule["ApplicabilityCriteria"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap().into()));
        let when = match conditions.len() {
            0 => String::new(),
            1 => format!("when = {}, ", conditions[0]),
            _ => format!("when = {}, ", Value::Array(std::iter::once(json!("and")).chain(conditions).collect())),
        };
        let flags = if flags.is_empty() { String::new() } else { format!("flags = {}, ", json!(flags)) };
        writeln!(
            text,
            "{id} = {{ column = {}, level = {}, test = {}, {when}{flags}text = {} }}",
            rule["Reference"],
            criteria["Keyword"],
            tree(requirement),
            criteria["MustSatisfy"],
        )
        .unwrap();
    }
    text
}

const HEAD: &str = "\
# The executable rules of the FOCUS 1.2 requirements model, version 1.2.0.1, one line a rule. Derived by `tests/model.rs`, which
# tells how and fails when this file is something else; not written by hand. What is wrong in the model is put right in
# judgements.toml.
# Source: FinOps Foundation, FOCUS requirements model (MIT) and specification text (CC BY 4.0), https://focus.finops.org

";

#[test]
fn the_rules_are_those_of_the_published_model() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/model-1.2.toml");
    let derived = derived();
    if std::env::var_os("QUARTERDECK_WRITE_MODEL").is_some() {
        std::fs::write(&path, &derived).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    let differs = kept.lines().zip(derived.lines()).find(|(kept, derived)| kept != derived);
    assert_eq!(differs, None, "a rule differs from the model");
    assert_eq!(kept.len(), derived.len(), "a rule came or went");
    assert_eq!(kept.lines().filter(|line| line.contains(" = { column = ")).count(), 277, "executable rules of 1.2.0.1");
}
