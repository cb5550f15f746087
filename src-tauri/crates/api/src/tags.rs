//! Tags: which keys there are, how much of the cost they cover, which spellings look alike, and the reviewed rules that merge them.
//!
//! The rules are `rules/tags.toml`, text that a person can read and git can hold. Nothing is merged that is not in it.

use std::collections::BTreeMap;
use std::path::Path;

use money::{Amount, Currency, Ratio};
use query::{TAG_RULES_FILE, TagRules, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Engagement, Watch};
use ts_rs::TS;

use crate::columns::folded;
use crate::{ApiError, Context};

/// Rules as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct TagRulesText {
    /// By key: the keys as billed that it gathers, in the order in which they are looked at.
    #[serde(default)]
    pub keys: BTreeMap<String, Vec<String>>,
    /// By key and value: the values as billed that count as it.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// The rules of the engagement.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct TagRulesReply {
    /// The file, whether it is there yet or not.
    pub file: String,
    /// The first twelve hex digits of the SHA-256 of its text; null where there are no rules.
    pub version: Option<String>,
    /// The rules.
    pub rules: TagRulesText,
}

/// `tag_rules_set`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct TagRulesRequest {
    rules: TagRulesText,
}

/// `tag_survey`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct TagSurveyRequest {
    /// Also the values of this key.
    #[serde(default)]
    #[ts(optional = nullable)]
    key: Option<String>,
}

/// The tags of all charges.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct TagSurvey {
    /// The version of the rules in force; null where there are none.
    pub rules: Option<String>,
    /// All charges.
    pub charges: u64,
    /// Their effective cost, by currency.
    pub cost: Vec<TagCost>,
    /// Charges without any tag, and their cost.
    pub untagged: TagKey,
    /// The keys as billed, by how many charges have them.
    pub keys: Vec<TagKey>,
    /// The values of the key asked for, by how many charges have them.
    pub values: Vec<TagKey>,
    /// Spellings that differ by case or punctuation only and are in no rule yet.
    pub suggestions: Vec<TagSuggestion>,
}

/// A key or a value as billed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct TagKey {
    /// Its name.
    pub name: String,
    /// How many charges have it.
    pub charges: u64,
    /// How many values it has; null for a value.
    pub values: Option<u64>,
    /// What these charges cost.
    pub cost: Vec<TagCost>,
    /// What the rules make of it; null where they do nothing.
    pub counts_as: Option<String>,
}

/// An effective cost in one billing currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct TagCost {
    /// The billing currency.
    pub currency: Currency,
    /// The effective cost.
    pub cost: Amount,
    /// Its share of all charges' cost in the currency, a fraction with six decimals; null where that is zero.
    pub share: Option<Amount>,
}

/// Spellings that look like one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct TagSuggestion {
    /// The key whose values these are; null where they are keys.
    pub key: Option<String>,
    /// What they would count as: the spelling of most charges.
    pub counts_as: String,
    /// All of the spellings, that of most charges first.
    pub spellings: Vec<String>,
    /// The charges that the rule would change.
    pub charges: u64,
}

/// A rule file beyond this size is not one.
const BYTES_MAX: u64 = 4 << 20;

/// Values of a key beyond this many are not compared with each other: ids and addresses, not a vocabulary.
const VOCABULARY_MAX: usize = 500;

/// The rules in force; none where there is no file.
pub(crate) fn rules(engagement: &Engagement) -> Result<Option<TagRules>, ApiError> {
    let path = engagement.folder().join(TAG_RULES_FILE);
    let Some(text) = read(&path)? else { return Ok(None) };
    let written = parsed(&path, &text)?;
    TagRules::new(&version(&text), &written.keys, &written.values)
        .map(Some)
        .map_err(|error| rule_error(&path, &error.to_string()))
}

/// The rules as they are written.
pub(crate) fn written(context: &Context) -> Result<TagRulesReply, ApiError> {
    let engagement = context.engagement()?;
    let path = engagement.folder().join(TAG_RULES_FILE);
    let text = read(&path)?;
    let rules = text.as_deref().map(|text| parsed(&path, text)).transpose()?.unwrap_or_default();
    let file = path.to_string_lossy().into_owned();
    Ok(TagRulesReply { file, version: text.as_deref().map(version), rules })
}

/// Writes the rules, and gives each key that they gather a column, so that questions by it stay quick.
pub(crate) fn set(context: &Context, request: &TagRulesRequest, watch: &Watch) -> Result<TagRulesReply, ApiError> {
    let engagement = context.engagement()?;
    let path = engagement.folder().join(TAG_RULES_FILE);
    let body = toml::to_string_pretty(&request.rules).map_err(|error| rule_error(&path, &error.to_string()))?;
    let text = format!("{HEAD}\n{body}");
    let rules = TagRules::new(&version(&text), &request.rules.keys, &request.rules.values)
        .map_err(|error| rule_error(&path, &error.to_string()))?;
    let folder = path.parent().unwrap_or(&path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, &text))
        .map_err(|error| rule_error(&path, &error.to_string()))?;
    let gathered: Vec<String> = rules.keys().flat_map(|(_, rule)| rule.from.iter().cloned()).collect();
    engagement.add_tag_columns(&gathered, watch)?;
    written(context)
}

const HEAD: &str = "\
# Which spellings of tags mean the same. The charges keep what was billed; questions by tag:KEY follow these rules.
# [keys]: a key, and the keys as billed that it gathers. A charge that has several takes the first one's value.
# [values.KEY]: a value of that key, and the values as billed that count as it.
";

/// All keys with their counts, costs and suggestions.
pub(crate) fn survey(context: &Context, request: &TagSurveyRequest, watch: &Watch) -> Result<TagSurvey, ApiError> {
    let engagement = context.engagement()?;
    let rules = rules(&engagement)?.unwrap_or_default();
    // Tags repeat: one row for each set of tags is far fewer than one for each charge.
    let sql = "SELECT tags, billing_currency, count(*), sum(effective_cost) FROM charge GROUP BY 1, 2 ORDER BY 1, 2";
    let sets = store::rows::result_set(&engagement.run(sql, watch)?)?;
    let mut whole = Tally::default();
    let mut untagged = Tally::default();
    let mut keys: BTreeMap<String, Tally> = BTreeMap::new();
    let mut values: BTreeMap<String, BTreeMap<String, Tally>> = BTreeMap::new();
    for set in &sets {
        let (tags, one) = read_set(set)?;
        whole.add(&one)?;
        if tags.is_empty() {
            untagged.add(&one)?;
        }
        for (key, value) in tags {
            keys.entry(key.clone()).or_default().add(&one)?;
            if let Some(value) = value {
                values.entry(key).or_default().entry(value).or_default().add(&one)?;
            }
        }
    }
    let suggestions = suggestions(&rules, &keys, &values);
    let key_rows = keys.iter().map(|(key, tally)| {
        let gathered_by = rules.gathered_by(key);
        let distinct = values.get(key).map_or(0, BTreeMap::len) as u64;
        let counts_as = (gathered_by != key).then(|| gathered_by.to_owned());
        TagKey { values: Some(distinct), counts_as, ..tally.row(key, &whole) }
    });
    let asked = request.key.as_deref().unwrap_or_default();
    let value_rows = values.get(asked).into_iter().flatten().map(|(value, tally)| {
        let counts_as = rules.of(rules.gathered_by(asked)).and_then(|rule| rule.values.get(value)).cloned();
        TagKey { counts_as, ..tally.row(value, &whole) }
    });
    Ok(TagSurvey {
        rules: Some(rules.version().to_owned()).filter(|version| !version.is_empty()),
        charges: whole.charges,
        cost: whole.costs(&whole),
        untagged: untagged.row("", &whole),
        keys: by_charges(key_rows.collect()),
        values: by_charges(value_rows.collect()),
        suggestions,
    })
}

/// Charges and what they cost.
#[derive(Clone, Debug, Default)]
struct Tally {
    charges: u64,
    cost: BTreeMap<Currency, Amount>,
}

impl Tally {
    fn add(&mut self, other: &Self) -> Result<(), ApiError> {
        self.charges += other.charges;
        for (currency, cost) in &other.cost {
            let sum = self.cost.entry(*currency).or_default();
            *sum = sum.checked_add(*cost).map_err(|error| ApiError::new("overflow", error.to_string(), ""))?;
        }
        Ok(())
    }

    fn row(&self, name: &str, whole: &Self) -> TagKey {
        TagKey { name: name.to_owned(), charges: self.charges, values: None, cost: self.costs(whole), counts_as: None }
    }

    fn costs(&self, whole: &Self) -> Vec<TagCost> {
        let share = |currency: &Currency, cost: Amount| Ratio::of(cost, *whole.cost.get(currency)?, 6);
        self.cost
            .iter()
            .map(|(currency, cost)| TagCost {
                currency: *currency,
                cost: cost.normalized(),
                share: share(currency, *cost),
            })
            .collect()
    }
}

/// Keys and values of one set of tags.
type TagSet = Vec<(String, Option<String>)>;

/// The tags of a set, and how many charges have it. A tag without a value has none; a value that is no text is its JSON.
fn read_set(set: &[Value]) -> Result<(TagSet, Tally), ApiError> {
    let shape = || ApiError::new("internal", "the tags cannot be read", "");
    let [tags, currency, charges, cost] = set else { return Err(shape()) };
    let Value::Integer(charges) = charges else { return Err(shape()) };
    let mut one = Tally { charges: u64::try_from(*charges).unwrap_or(0), cost: BTreeMap::new() };
    let currency = match currency {
        Value::Text(code) => code.parse().ok(),
        _ => None,
    };
    if let (Some(currency), Value::Amount(cost)) = (currency, cost) {
        one.cost.insert(currency, *cost);
    }
    let object: serde_json::Map<String, serde_json::Value> = match tags {
        Value::Text(text) => serde_json::from_str(text).unwrap_or_default(),
        _ => serde_json::Map::new(),
    };
    let tags = object
        .into_iter()
        .map(|(key, value)| match value {
            serde_json::Value::Null => (key, None),
            serde_json::Value::String(text) => (key, Some(text)),
            other => (key, Some(other.to_string())),
        })
        .collect();
    Ok((tags, one))
}

fn by_charges(mut rows: Vec<TagKey>) -> Vec<TagKey> {
    rows.sort_by(|left, right| (right.charges, &left.name).cmp(&(left.charges, &right.name)));
    rows
}

/// Spellings of keys, and of the values of each key as the rules gather them, that are one when only letters and digits count.
fn suggestions(
    rules: &TagRules,
    keys: &BTreeMap<String, Tally>,
    values: &BTreeMap<String, BTreeMap<String, Tally>>,
) -> Vec<TagSuggestion> {
    let key_charges: BTreeMap<String, u64> = keys.iter().map(|(key, tally)| (key.clone(), tally.charges)).collect();
    let mut found = alike(None, &key_charges, &|key| rules.gathered_by(key).to_owned());
    // Values under keys that look alike are one vocabulary, whether the keys are merged already or not.
    let mut merged: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (key, tallies) in values {
        let suggested = found.iter().find(|suggestion| suggestion.spellings.contains(key));
        let key =
            suggested.map_or_else(|| rules.gathered_by(key).to_owned(), |suggestion| suggestion.counts_as.clone());
        for (value, tally) in tallies {
            *merged.entry(key.clone()).or_default().entry(value.clone()).or_default() += tally.charges;
        }
    }
    for (key, charges) in merged.iter().filter(|(_, charges)| charges.len() <= VOCABULARY_MAX) {
        let counted_as = |value: &str| {
            rules.of(key).and_then(|rule| rule.values.get(value)).map_or(value, String::as_str).to_owned()
        };
        found.extend(alike(Some(key), charges, &counted_as));
    }
    found
}

/// The spellings of which several are one when only letters and digits count, and which rules do not make one already.
fn alike(
    key: Option<&str>,
    charges: &BTreeMap<String, u64>,
    counted_as: &dyn Fn(&str) -> String,
) -> Vec<TagSuggestion> {
    let mut groups: BTreeMap<String, Vec<(&str, u64)>> = BTreeMap::new();
    for (spelling, count) in charges {
        groups.entry(folded(spelling)).or_default().push((spelling, *count));
    }
    let mut found = Vec::new();
    for (letters, mut spellings) in groups {
        let mut meanings: Vec<String> = spellings.iter().map(|(spelling, _)| counted_as(spelling)).collect();
        meanings.sort();
        meanings.dedup();
        if letters.is_empty() || meanings.len() < 2 {
            continue;
        }
        spellings.sort_by_key(|(spelling, count)| (std::cmp::Reverse(*count), *spelling));
        // A spelling that is a rule's own name stays what the rule says; else the usual one is taken.
        let ruled = spellings.iter().map(|(spelling, _)| counted_as(spelling)).find(|meaning| {
            spellings.iter().any(|(spelling, _)| spelling != meaning && counted_as(spelling) == *meaning)
        });
        let counts_as = ruled.unwrap_or_else(|| spellings[0].0.to_owned());
        found.push(TagSuggestion {
            key: key.map(str::to_owned),
            charges: spellings.iter().filter(|(spelling, _)| counted_as(spelling) != counts_as).map(|one| one.1).sum(),
            spellings: spellings.iter().map(|(spelling, _)| (*spelling).to_owned()).collect(),
            counts_as,
        });
    }
    found
}

fn version(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path) -> Result<Option<String>, ApiError> {
    let size = match std::fs::metadata(path) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(rule_error(path, &error.to_string())),
    };
    if size > BYTES_MAX {
        return Err(rule_error(path, "it is too large for a file of rules"));
    }
    std::fs::read_to_string(path).map(Some).map_err(|error| rule_error(path, &error.to_string()))
}

fn parsed(path: &Path, text: &str) -> Result<TagRulesText, ApiError> {
    toml::from_str(text).map_err(|error| rule_error(path, error.message()))
}

fn rule_error(path: &Path, problem: &str) -> ApiError {
    ApiError::new(
        "tag_rules",
        format!("{}: {problem}", path.display()),
        "Write [keys] environment = [\"env\", \"Env\"] and [values.environment] prod = [\"Prod\", \"production\"].",
    )
}
