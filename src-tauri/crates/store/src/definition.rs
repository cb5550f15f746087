//! [`Definition`]: `engagement.toml`, and how a choice of it is changed.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use serde::{Deserialize, Serialize};
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use crate::{Engagement, Result, StoreError};

/// The file's name in the engagement's folder.
pub(crate) const FILE: &str = "engagement.toml";

/// `engagement.toml`: what a person wrote down about the engagement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The client, the company or the audit.
    pub name: String,
    /// The currency that answers are in unless asked otherwise.
    pub currency: money::Currency,
    /// The first month of the fiscal year, 1 to 12.
    #[serde(default = "january")]
    pub fiscal_year_start: u32,
    /// Tag keys that become columns, at most eight. Empty means the most frequent ones of the loads.
    #[serde(default)]
    pub tag_keys: Vec<String>,
    /// By provider (or `all`): applicability flags of the FOCUS rules that are switched on or off. Without an entry the provider's
    /// usual features count.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub applicability: BTreeMap<String, BTreeMap<String, bool>>,
    /// What the billing formats leave open: `gcp_credits` is `net` (the rule) or `gross`, `allocation_currency` is the
    /// currency of allocations that name none (the rule is that of the engagement). It counts for the loads after it was set. And which
    /// definition key figures have: `effective_savings_rate`, `owner_tag`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

const fn january() -> u32 {
    1
}

/// A choice of `engagement.toml`; a value that is none takes it out of the file, so that the rule counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefinitionChange {
    /// An entry of `[settings]`.
    Setting {
        /// Its name.
        name: String,
        /// Its value.
        value: Option<String>,
    },
    /// A flag of `[applicability.PROVIDER]`.
    Applicability {
        /// The provider, or `all`.
        provider: String,
        /// The flag's name in the FOCUS requirements model.
        flag: &'static str,
        /// Whether the provider has the feature.
        value: Option<bool>,
    },
}

impl Definition {
    /// Reads the text of the file at `path`.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self> {
        toml::from_str(text)
            .map_err(|error| StoreError::Definition { path: path.to_owned(), reason: error.message().to_owned() })
    }
}

impl Engagement {
    /// Writes a choice into `engagement.toml`, whole or not at all, and leaves everything else in it as it is, the comments included.
    /// What was changed in the file by hand since it was read counts from now on, too.
    ///
    /// # Errors
    /// [`StoreError::Definition`] when the file was spoilt by hand, [`StoreError::Io`] when the disk refuses.
    pub fn change_definition(&self, change: &DefinitionChange) -> Result<()> {
        // Held until the file is written: two changes at once would lose one.
        let mut kept = self.definition.write().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder().join(FILE);
        let text = std::fs::read_to_string(&path).map_err(StoreError::io(&path))?;
        let changed = changed(&path, &text, change)?;
        let definition = Definition::parse(&path, &changed)?;
        if changed != text {
            replace(&path, &changed).map_err(StoreError::io(&path))?;
        }
        *kept = Arc::new(definition);
        Ok(())
    }
}

/// The text with the change made.
fn changed(path: &Path, text: &str, change: &DefinitionChange) -> Result<String> {
    let refuse = |reason: String| StoreError::Definition { path: path.to_owned(), reason };
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| refuse(error.message().to_owned()))?;
    let no_table = |name: &str| refuse(format!("`{name}` is no table"));
    match change {
        DefinitionChange::Setting { name, value: wanted } => {
            let settings = table(document.as_table_mut(), "settings", wanted.is_some(), false)
                .map_err(|()| no_table("settings"))?;
            put(settings, std::slice::from_ref(name), name, wanted.as_deref().map(value));
        }
        DefinitionChange::Applicability { provider, flag, value: wanted } => {
            let all = table(document.as_table_mut(), "applicability", wanted.is_some(), true)
                .map_err(|()| no_table("applicability"))?;
            let Some(all) = all else { return Ok(text.to_owned()) };
            // Providers are told apart whatever their case, and flags may be written short.
            let key = all.iter().map(|(key, _)| key.to_owned()).find(|key| key.eq_ignore_ascii_case(provider));
            let key = key.unwrap_or_else(|| provider.clone());
            let flags = table(all, &key, wanted.is_some(), false).map_err(|()| no_table(&key))?;
            let Some(flags) = flags else { return Ok(text.to_owned()) };
            let spellings: Vec<String> = flags
                .iter()
                .map(|(key, _)| key.to_owned())
                .filter(|key| focus::flag_by_name(key).is_some_and(|known| known.name == *flag))
                .collect();
            put(Some(flags), &spellings, flag, wanted.map(value));
            if flags.is_empty() {
                all.remove(&key);
            }
            if all.is_empty() {
                document.remove("applicability");
            }
        }
    }
    if document.get("settings").and_then(Item::as_table_like).is_some_and(TableLike::is_empty) {
        document.remove("settings");
    }
    Ok(document.to_string())
}

/// The table of a name, made where it is to be `made` and is not there; an error when something else has the name. A table `of_tables`
/// needs no line of its own.
fn table<'a>(
    parent: &'a mut dyn TableLike,
    name: &str,
    made: bool,
    of_tables: bool,
) -> Result<Option<&'a mut dyn TableLike>, ()> {
    if !parent.contains_key(name) {
        if !made {
            return Ok(None);
        }
        let mut new = Table::new();
        new.set_implicit(of_tables);
        parent.insert(name, Item::Table(new));
    }
    parent.get_mut(name).and_then(Item::as_table_like_mut).map(Some).ok_or(())
}

/// Writes an entry in place of those that are spelt otherwise; none takes them away.
fn put(table: Option<&mut dyn TableLike>, spellings: &[String], name: &str, wanted: Option<Item>) {
    let Some(table) = table else { return };
    let same = |spelling: &String| wanted.is_some() && spelling == name;
    for spelling in spellings.iter().filter(|spelling| !same(spelling)) {
        table.remove(spelling);
    }
    let Some(mut wanted) = wanted else { return };
    // What stands behind the old value on its line stays there.
    if let (Some(old), Some(new)) = (table.get(name).and_then(Item::as_value), wanted.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(name, wanted);
}

/// Puts a file in the place of another in one step: whoever reads it sees the old one or the new one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".engagement-").suffix(".toml").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(std::fs::metadata(path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    const WRITTEN: &str = r#"# The audit of 2026.
name = "Acme"          # as on the contract
currency = "USD"

[settings]
gcp_credits = "net" # as agreed

[applicability.aws]
tagging = false
REGION_SUPPORTED = true
"#;

    fn setting(value: Option<&str>) -> DefinitionChange {
        DefinitionChange::Setting { name: "gcp_credits".to_owned(), value: value.map(str::to_owned) }
    }

    fn flag(provider: &str, value: Option<bool>) -> DefinitionChange {
        DefinitionChange::Applicability { provider: provider.to_owned(), flag: "TAGGING_SUPPORTED", value }
    }

    fn after(text: &str, change: &DefinitionChange) -> String {
        let changed = changed(Path::new(FILE), text, change).unwrap();
        Definition::parse(Path::new(FILE), &changed).unwrap();
        changed
    }

    #[test]
    fn a_change_leaves_everything_else_as_it_stands() {
        assert_eq!(after(WRITTEN, &setting(Some("gross"))), WRITTEN.replace("\"net\"", "\"gross\""));
        let on = after(WRITTEN, &flag("AWS", Some(true)));
        assert_eq!(on, WRITTEN.replace("tagging = false\n", "") + "TAGGING_SUPPORTED = true\n", "one spelling is left");
        let other = after(WRITTEN, &flag("Google Cloud", Some(false)));
        assert_eq!(other, format!("{WRITTEN}\n[applicability.\"Google Cloud\"]\nTAGGING_SUPPORTED = false\n"));
    }

    #[test]
    fn what_is_taken_back_leaves_no_empty_table() {
        let plain = "name = \"Acme\"\ncurrency = \"USD\"\n";
        let set = after(&after(plain, &setting(Some("gross"))), &flag("AWS", Some(true)));
        assert!(set.contains("[settings]") && set.contains("[applicability.AWS]"), "{set}");
        assert_eq!(after(&after(&set, &setting(None)), &flag("aws", None)), plain);
        assert_eq!(after(plain, &setting(None)), plain, "there was nothing to take back");
        assert_eq!(after(plain, &flag("AWS", None)), plain);
    }

    #[test]
    fn tables_on_one_line_are_understood() {
        let inline = "name = \"Acme\"\ncurrency = \"USD\"\napplicability = { AWS = { TAGGING_SUPPORTED = true } }\n";
        let off = after(inline, &flag("AWS", Some(false)));
        assert!(off.contains("applicability = { AWS = { TAGGING_SUPPORTED = false } }"), "{off}");
        assert!(changed(Path::new(FILE), "settings = 3", &setting(Some("net"))).is_err(), "which is no table");
    }

    #[test]
    fn the_file_is_replaced_and_what_it_says_counts_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("acme");
        let definition = Definition::parse(Path::new(FILE), WRITTEN).unwrap();
        let engagement = Engagement::create(&place, &definition, Limits::default()).unwrap();
        // A person writes into the file while it is open.
        std::fs::write(place.join(FILE), WRITTEN.replace("Acme", "Acme Ltd")).unwrap();
        engagement.change_definition(&setting(Some("gross"))).unwrap();
        let now = engagement.definition();
        assert_eq!((now.name.as_str(), now.settings["gcp_credits"].as_str()), ("Acme Ltd", "gross"));
        let text = std::fs::read_to_string(place.join(FILE)).unwrap();
        assert_eq!(text, WRITTEN.replace("Acme", "Acme Ltd").replace("\"net\"", "\"gross\""));
        let hidden = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with('.');
        assert!(!std::fs::read_dir(&place).unwrap().flatten().any(|entry| hidden(&entry)), "nothing is left behind");
        std::fs::write(place.join(FILE), "name = ").unwrap();
        assert!(engagement.change_definition(&setting(None)).is_err(), "a spoilt file is not written over");
        assert_eq!(engagement.definition().settings["gcp_credits"], "gross");
    }
}
