//! What the formats leave open, for an engagement to choose.

use crate::format::{Format, FormatError, formats};
use crate::own::OwnFormat;

/// Something that an engagement can choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name: `gcp_credits`.
    pub name: String,
    /// The format that leaves it open, in words.
    pub format: String,
    /// What is chosen, for a person; empty where the format does not say.
    pub says: String,
    /// The possible values; the first is the rule.
    pub values: Vec<SettingValue>,
}

/// A possible value of a [`Setting`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingValue {
    /// The value.
    pub value: String,
    /// What it means, for a person; empty where the value says it.
    pub means: String,
}

/// What the formats of the program leave open, and the analyst's own mappings, each name once.
///
/// # Errors
/// [`FormatError`], which the tests find and no user meets.
pub fn settings(own: &[OwnFormat]) -> Result<Vec<Setting>, FormatError> {
    let mut found: Vec<Setting> = Vec::new();
    for format in formats()?.iter().chain(own.iter().map(|own| &own.0)) {
        for setting in of(format) {
            if !found.iter().any(|known| known.name == setting.name) {
                found.push(setting);
            }
        }
    }
    Ok(found)
}

fn of(format: &Format) -> impl Iterator<Item = Setting> + '_ {
    format.settings.iter().map(|(name, setting)| Setting {
        name: name.clone(),
        format: format.title.clone(),
        says: setting.says.clone(),
        values: setting
            .values
            .iter()
            .map(|value| SettingValue {
                value: value.clone(),
                means: setting.means.get(value).cloned().unwrap_or_default(),
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_leaves_open_is_told_in_words() {
        let settings = settings(&[]).unwrap();
        let names: Vec<&str> = settings.iter().map(|setting| setting.name.as_str()).collect();
        assert_eq!(names, ["gcp_credits", "oci_billed", "allocation_currency"]);
        for setting in &settings {
            assert!(!setting.says.is_empty(), "{} says what it is", setting.name);
            assert!(!setting.format.is_empty() && setting.values.len() > 1, "{} is a choice", setting.name);
        }
        assert!(settings[0].values.iter().all(|value| !value.means.is_empty()), "net and gross need words");
        for format in formats().unwrap() {
            for (name, setting) in &format.settings {
                let known = |value: &String| setting.values.contains(value);
                assert!(setting.means.keys().all(known), "{name} gives words to values that it has");
            }
        }
    }

    #[test]
    fn an_own_mapping_may_leave_something_open_too() {
        let text = "format = 'own-ledger'\nmandatory = ['Amount']\nprovider = { from = \"'Ledger'\" }\n[settings]\n\
                    ledger_side = ['debit', 'credit']\ngcp_credits = ['x']\n[columns]\nBilledCost = { from = 'Amount' }\n\
                    BillingCurrency = { from = 'Currency' }\nChargePeriodStart = { from = 'Day' }\nServiceName = { from = 'What' }\n";
        let own = OwnFormat::read(text).unwrap();
        let settings = settings(&[own]).unwrap();
        assert_eq!(settings.last().unwrap().name, "ledger_side");
        let credits = settings.iter().filter(|setting| setting.name == "gcp_credits").count();
        assert_eq!(credits, 1, "what the program knows is listed as the program knows it");
    }
}
