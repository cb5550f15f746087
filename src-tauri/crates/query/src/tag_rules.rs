//! [`TagRules`]: which spellings of tag keys and values mean the same. The tags of the charges stay as they were billed; the rules
//! apply to the dimension `tag:KEY` of a question, and its evidence names their version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The reviewed rules of an engagement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagRules {
    version: String,
    keys: BTreeMap<String, TagKeyRule>,
}

/// What one key gathers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagKeyRule {
    /// The keys as billed, in the order in which they are looked at: a charge with several takes the first one's value.
    pub from: Vec<String>,
    /// By value as billed: the value that it counts as.
    pub values: BTreeMap<String, String>,
}

/// A rule file that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EvidenceRule {
    /// The file in the engagement's folder.
    pub file: String,
    /// The first twelve hex digits of the SHA-256 of its text.
    pub version: String,
    /// What it did to the answer, one sentence each.
    pub says: Vec<String>,
}

/// Why rules contradict themselves.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagRuleError {
    /// One spelling would mean two keys.
    #[error("the key `{key}` is gathered by `{first}` and by `{second}`")]
    KeyTwice {
        /// The key as billed.
        key: String,
        /// The rule that has it.
        first: String,
        /// The rule that wants it too.
        second: String,
    },
    /// One spelling of a value would mean two values.
    #[error("the value `{value}` of `{key}` counts as `{first}` and as `{second}`")]
    ValueTwice {
        /// The key.
        key: String,
        /// The value as billed.
        value: String,
        /// What it counts as.
        first: String,
        /// What it would count as too.
        second: String,
    },
    /// A key without a name.
    #[error("a tag key without a name")]
    NoName,
}

/// Where the rules are kept in an engagement.
pub const TAG_RULES_FILE: &str = "rules/tags.toml";

impl TagRules {
    /// Rules of one version: by key the keys as billed that it gathers, and by key and value the values as billed that count as it. A
    /// key that does not list itself looks at itself first.
    ///
    /// # Errors
    /// [`TagRuleError`] when a spelling would mean two things.
    pub fn new(
        version: &str,
        keys: &BTreeMap<String, Vec<String>>,
        values: &BTreeMap<String, BTreeMap<String, Vec<String>>>,
    ) -> Result<Self, TagRuleError> {
        let mut rules: BTreeMap<String, TagKeyRule> = BTreeMap::new();
        for key in keys.keys().chain(values.keys()) {
            if key.is_empty() {
                return Err(TagRuleError::NoName);
            }
            let mut from = keys.get(key).cloned().unwrap_or_default();
            if !from.contains(key) {
                from.insert(0, key.clone());
            }
            let mut seen = Vec::new();
            from.retain(|one| {
                !one.is_empty() && !seen.contains(one) && {
                    seen.push(one.clone());
                    true
                }
            });
            rules.insert(key.clone(), TagKeyRule { from, values: BTreeMap::new() });
        }
        let mut owner: BTreeMap<&str, &str> = BTreeMap::new();
        for (key, rule) in &rules {
            for from in &rule.from {
                if let Some(first) = owner.insert(from, key) {
                    return Err(TagRuleError::KeyTwice {
                        key: from.clone(),
                        first: first.to_owned(),
                        second: key.clone(),
                    });
                }
            }
        }
        for (key, canonical) in values {
            let Some(rule) = rules.get_mut(key) else { continue };
            for (value, spellings) in canonical {
                for spelling in spellings {
                    let known = rule.values.insert(spelling.clone(), value.clone());
                    if let Some(first) = known.filter(|first| first != value) {
                        return Err(TagRuleError::ValueTwice {
                            key: key.clone(),
                            value: spelling.clone(),
                            first,
                            second: value.clone(),
                        });
                    }
                }
            }
            rule.values.retain(|spelling, value| spelling != value);
        }
        Ok(Self { version: version.to_owned(), keys: rules })
    }

    /// The version: the first twelve hex digits of the SHA-256 of the rules' text; empty where there are none.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The rule of a key, if it has one.
    #[must_use]
    pub fn of(&self, key: &str) -> Option<&TagKeyRule> {
        self.keys.get(key)
    }

    /// The keys that have rules, in order.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &TagKeyRule)> {
        self.keys.iter().map(|(key, rule)| (key.as_str(), rule))
    }

    /// The key that gathers a key as billed; itself where no rule does.
    #[must_use]
    pub fn gathered_by<'a>(&'a self, key: &'a str) -> &'a str {
        self.keys.iter().find(|(_, rule)| rule.from.iter().any(|from| from == key)).map_or(key, |(name, _)| name)
    }

    /// What the rules do to the keys that a question names, for its evidence; none where they do nothing.
    #[must_use]
    pub fn evidence<'a>(&self, asked: impl Iterator<Item = &'a str>) -> Option<EvidenceRule> {
        let mut asked: Vec<&str> = asked.collect();
        asked.sort_unstable();
        asked.dedup();
        let says: Vec<String> = asked.iter().filter_map(|key| Some(self.of(key)?.sentence(key))).collect();
        (!says.is_empty()).then(|| EvidenceRule {
            file: TAG_RULES_FILE.to_owned(),
            version: self.version.clone(),
            says,
        })
    }
}

impl TagKeyRule {
    fn sentence(&self, key: &str) -> String {
        let mut sentence = format!("Tag {key} is the first value found under {}", self.from.join(", "));
        let mut by_value: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (spelling, value) in &self.values {
            by_value.entry(value).or_default().push(spelling);
        }
        for (value, spellings) in by_value {
            sentence.push_str(&format!("; {} counts as {value}", spellings.join(", ")));
        }
        sentence + "."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(list: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        list.iter()
            .map(|(key, from)| ((*key).to_owned(), from.iter().map(|from| (*from).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn the_order_of_the_list_decides_and_the_key_itself_is_in_it() {
        let rules = TagRules::new(
            "v",
            &keys(&[("environment", &["env", "Env", "environment"]), ("team", &["Team"])]),
            &BTreeMap::new(),
        )
        .unwrap();
        assert_eq!(rules.of("environment").unwrap().from, ["env", "Env", "environment"]);
        assert_eq!(rules.of("team").unwrap().from, ["team", "Team"], "a key that does not list itself comes first");
        assert_eq!((rules.gathered_by("Env"), rules.gathered_by("owner")), ("environment", "owner"));
    }

    #[test]
    fn no_spelling_means_two_things() {
        let error = TagRules::new("v", &keys(&[("a", &["x"]), ("b", &["x"])]), &BTreeMap::new()).unwrap_err();
        assert_eq!(error.to_string(), "the key `x` is gathered by `a` and by `b`");
        let values = BTreeMap::from([("a".to_owned(), keys(&[("prod", &["P"]), ("pre", &["P"])]))]);
        assert!(TagRules::new("v", &BTreeMap::new(), &values).unwrap_err().to_string().contains("`P`"));
    }
}
