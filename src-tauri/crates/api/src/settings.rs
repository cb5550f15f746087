//! What an engagement can choose: how its bills are read, and what is assumed of each provider in the checks.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use store::{Definition, DefinitionChange, Engagement, Watch};
use ts_rs::TS;

use crate::checking::{self, FlagInForce};
use crate::{ApiError, Context, kpis, loading, planning};

/// `setting_set`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct SettingRequest {
    /// As [`SettingInfo::key`] has it; a flag without a provider is that of all.
    key: String,
    /// The value; null for the rule.
    value: Option<String>,
}

/// Something that an engagement can choose, and what it chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct SettingInfo {
    /// `gcp_credits`, or a provider and a flag: `AWS:TAGGING_SUPPORTED`.
    pub key: String,
    /// What it counts for.
    pub counts: SettingScope,
    /// The provider that it is of; null where it is of no one provider.
    pub provider: Option<String>,
    /// What is chosen, for a person.
    pub says: String,
    /// The possible values; none for an entry that nothing reads.
    pub values: Vec<SettingChoice>,
    /// The value that counts.
    pub value: String,
    /// The value in `engagement.toml`; null where it has none.
    pub chosen: Option<String>,
    /// The value that counts where it has none.
    pub rule: String,
    /// Current loads that were made under another value than the one that counts.
    #[ts(type = "Array<number>")]
    pub loads_otherwise: Vec<i64>,
}

/// What a setting counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SettingScope {
    /// Loads made from now on.
    Loads,
    /// Checks, at once.
    Checks,
    /// Key figures, at once.
    Kpis,
}

/// A possible value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct SettingChoice {
    /// The value.
    pub value: String,
    /// What it means; empty where the value says it.
    pub means: String,
}

/// The settings whose rule is the engagement's own and not the format's: the parts of a bill are in its currency.
pub(crate) fn own_rules(engagement: &Engagement) -> [(&'static str, String); 1] {
    [("allocation_currency", engagement.definition().currency.to_string())]
}

/// Everything that can be chosen: what counts for loading first, then for key figures, then what is assumed of each provider.
pub(crate) fn list(context: &Context, watch: &Watch) -> Result<Vec<SettingInfo>, ApiError> {
    let engagement = context.engagement()?;
    let mut settings = of_loading(&engagement)?;
    settings.extend(of_kpis(&engagement)?);
    settings.extend(of_checks(&engagement.definition(), checking::flags(&engagement, watch)?));
    Ok(settings)
}

/// Writes a choice, or takes it back; gives everything that can be chosen, as it is then.
pub(crate) fn set(context: &Context, request: &SettingRequest, watch: &Watch) -> Result<Vec<SettingInfo>, ApiError> {
    let engagement = context.engagement()?;
    engagement.change_definition(&change(&engagement, request, watch)?)?;
    list(context, watch)
}

fn of_loading(engagement: &Engagement) -> Result<Vec<SettingInfo>, ApiError> {
    let definition = engagement.definition();
    let own: Vec<intake::OwnFormat> =
        engagement.mappings()?.iter().filter_map(|mapping| intake::OwnFormat::read(&mapping.text).ok()).collect();
    let known = intake::settings(&own).map_err(|error| ApiError::new("internal", error.to_string(), ""))?;
    let made: Vec<(i64, Vec<String>)> =
        engagement.loads(false)?.into_iter().map(|load| (load.id, load.settings)).collect();
    let rules = own_rules(engagement);
    let mut found: Vec<SettingInfo> = known
        .into_iter()
        .map(|setting| {
            let own = rules.iter().find(|(name, _)| *name == setting.name).map(|(_, rule)| rule.clone());
            let first = || setting.values.first().map(|first| first.value.clone()).unwrap_or_default();
            let rule = own.unwrap_or_else(first);
            let chosen = definition.settings.get(&setting.name).cloned();
            let value = chosen.clone().unwrap_or_else(|| rule.clone());
            let says = if setting.says.is_empty() { setting.format } else { setting.says };
            let values = setting.values.into_iter().map(|one| SettingChoice { value: one.value, means: one.means });
            let lead = format!("{} = ", setting.name);
            let otherwise = |lines: &Vec<String>| {
                lines.iter().any(|line| line.strip_prefix(&lead).is_some_and(|under| under != value))
            };
            let loads_otherwise = made.iter().filter(|(_, lines)| otherwise(lines)).map(|(id, _)| *id).collect();
            let (key, values) = (setting.name, values.collect());
            let counts = SettingScope::Loads;
            SettingInfo { key, counts, provider: None, says, values, value, chosen, rule, loads_otherwise }
        })
        .collect();
    let keys: BTreeSet<&String> = found.iter().map(|setting| &setting.key).collect();
    let strange: Vec<SettingInfo> = definition
        .settings
        .iter()
        .filter(|(name, _)| !keys.contains(name) && !KPI_SETTINGS.contains(&name.as_str()))
        .map(|(name, value)| SettingInfo {
            key: name.clone(),
            counts: SettingScope::Loads,
            provider: None,
            says: "Nothing reads this entry of engagement.toml".to_owned(),
            values: Vec::new(),
            value: value.clone(),
            chosen: Some(value.clone()),
            rule: String::new(),
            loads_otherwise: Vec::new(),
        })
        .collect();
    found.extend(strange);
    Ok(found)
}

/// The settings of the key figures.
const KPI_SETTINGS: [&str; 2] = [kpis::SAVINGS_RATE_SETTING, kpis::OWNER_SETTING];

/// Which of several definitions a key figure has, and which tag names an owner.
fn of_kpis(engagement: &Engagement) -> Result<Vec<SettingInfo>, ApiError> {
    let definition = engagement.definition();
    let keys = planning::with_rules(engagement)?.tag_keys();
    let choice = |value: &str, means: String| SettingChoice { value: value.to_owned(), means };
    let setting = |key: &str, says: &str, values: Vec<SettingChoice>, rule: String| {
        let chosen = definition.settings.get(key).cloned();
        SettingInfo {
            key: key.to_owned(),
            counts: SettingScope::Kpis,
            provider: None,
            says: says.to_owned(),
            values,
            value: chosen.clone().unwrap_or_else(|| rule.clone()),
            chosen,
            rule,
            loads_otherwise: Vec::new(),
        }
    };
    let rates = kpis::SAVINGS_RATES.iter().map(|rate| choice(rate.id, format!("{}: {}", rate.vendor, rate.definition)));
    let tags = keys.iter().map(|key| choice(key, String::new())).collect();
    Ok(vec![
        setting(
            kpis::SAVINGS_RATE_SETTING,
            "The definition of the effective savings rate",
            rates.collect(),
            kpis::SAVINGS_RATE_RULE.to_owned(),
        ),
        setting(
            kpis::OWNER_SETTING,
            "The tag key that names an owner",
            tags,
            keys.first().cloned().unwrap_or_default(),
        ),
    ])
}

/// A tag key as it is written: keys differ by case, and one that no load has yet may come later.
fn tag_key(wanted: &str) -> Result<String, ApiError> {
    const LENGTH_MAX: usize = 512;
    let key = wanted.trim();
    if key.is_empty() || key.chars().count() > LENGTH_MAX || key.chars().any(char::is_control) {
        return Err(ApiError::new(
            "usage",
            format!("{} cannot be \"{}\"", kpis::OWNER_SETTING, key.chars().take(60).collect::<String>()),
            "It is a tag key, such as team; `qd tags` lists them.",
        ));
    }
    Ok(key.to_owned())
}

/// The flags of the providers that are loaded, then what `engagement.toml` says of others and of all.
fn of_checks(definition: &Definition, flags: Vec<FlagInForce>) -> Vec<SettingInfo> {
    let loaded: BTreeSet<String> = flags.iter().map(|flag| flag.provider.to_lowercase()).collect();
    let others = definition
        .applicability
        .iter()
        .filter(|(provider, _)| !loaded.contains(&provider.to_lowercase()))
        .flat_map(|(provider, flags)| flags.iter().map(move |(name, on)| (provider, name, *on)))
        .filter_map(|(provider, name, on)| {
            let flag = focus::flag_by_name(name)?;
            Some(FlagInForce {
                provider: provider.clone(),
                flag: flag.name.to_owned(),
                says: flag.says.to_owned(),
                on,
                source: "engagement".to_owned(),
                chosen: Some(on),
                // What there is no bill of is judged by what is known of its family.
                otherwise: focus::family_of(provider).is_some_and(|family| flag.on.contains(&family)),
            })
        })
        .collect::<Vec<_>>();
    flags.into_iter().chain(others).map(of_flag).collect()
}

fn of_flag(flag: FlagInForce) -> SettingInfo {
    SettingInfo {
        key: format!("{}:{}", flag.provider, flag.flag),
        counts: SettingScope::Checks,
        provider: Some(flag.provider),
        says: flag.says,
        values: [(true, "it does; the rules that depend on it are run"), (false, "it does not")]
            .map(|(on, means)| SettingChoice { value: switch(on).to_owned(), means: means.to_owned() })
            .to_vec(),
        value: switch(flag.chosen.unwrap_or(flag.otherwise)).to_owned(),
        chosen: flag.chosen.map(|on| switch(on).to_owned()),
        rule: switch(flag.otherwise).to_owned(),
        loads_otherwise: Vec::new(),
    }
}

const fn switch(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// What is to be written.
fn change(engagement: &Engagement, request: &SettingRequest, watch: &Watch) -> Result<DefinitionChange, ApiError> {
    let key = request.key.trim();
    let mut settings = of_loading(engagement)?;
    settings.extend(of_kpis(engagement)?);
    if let Some(setting) = settings.iter().find(|setting| setting.key == key) {
        let value = match &request.value {
            Some(wanted) if setting.key == kpis::OWNER_SETTING => Some(tag_key(wanted)?),
            Some(wanted) => Some(one_of(setting, wanted)?),
            None => None,
        };
        return Ok(DefinitionChange::Setting { name: setting.key.clone(), value });
    }
    let (provider, name) = key.rsplit_once(':').unwrap_or(("all", key));
    let Some(flag) = focus::flag_by_name(name) else {
        if key.contains(':') {
            checking::known(name)?;
        }
        let names: Vec<&str> = settings.iter().map(|setting| setting.key.as_str()).collect();
        return Err(ApiError::new(
            "usage",
            format!("there is no setting \"{}\"", key.chars().take(60).collect::<String>()),
            format!(
                "Settings are {}, and flags of providers such as AWS:TAGGING_SUPPORTED; `qd settings` lists them.",
                names.join(", ")
            ),
        ));
    };
    let value = match request.value.as_deref().map(|value| value.trim().to_ascii_lowercase()).as_deref() {
        None => None,
        Some("on" | "true") => Some(true),
        Some("off" | "false") => Some(false),
        Some(_) => {
            return Err(ApiError::new(
                "usage",
                format!("{} is on or off", flag.name),
                "Without a value the engine's own assumption counts.",
            ));
        }
    };
    let provider = provider_of(engagement, provider.trim(), value.is_some(), watch)?;
    Ok(DefinitionChange::Applicability { provider, flag: flag.name, value })
}

/// The value as the setting spells it.
fn one_of(setting: &SettingInfo, wanted: &str) -> Result<String, ApiError> {
    let found = setting.values.iter().find(|choice| choice.value.eq_ignore_ascii_case(wanted.trim()));
    found.map(|choice| choice.value.clone()).ok_or_else(|| {
        let values: Vec<&str> = setting.values.iter().map(|choice| choice.value.as_str()).collect();
        let hint = if values.is_empty() {
            "Take the entry out: `qd settings unset`.".to_owned()
        } else {
            format!("It is one of {}.", values.join(", "))
        };
        ApiError::new(
            "usage",
            format!("{} cannot be \"{}\"", setting.key, wanted.chars().take(60).collect::<String>()),
            hint,
        )
    })
}

/// The provider as its bills write it. One that is neither loaded nor well known is a slip, unless it is to be taken out.
fn provider_of(engagement: &Engagement, name: &str, set: bool, watch: &Watch) -> Result<String, ApiError> {
    let billed = loading::provider_name(name);
    let loaded: BTreeSet<String> = checking::flags(engagement, watch)?.into_iter().map(|flag| flag.provider).collect();
    let written = engagement.definition().applicability.keys().cloned().collect::<BTreeSet<_>>();
    let same = |known: &&String| known.eq_ignore_ascii_case(name) || known.eq_ignore_ascii_case(&billed);
    if let Some(known) = loaded.iter().chain(&written).find(same) {
        return Ok(known.clone());
    }
    if name.eq_ignore_ascii_case("all") {
        return Ok("all".to_owned());
    }
    if set && focus::family_of(&billed).is_none() {
        let known: Vec<&str> = loaded.iter().map(String::as_str).chain(["all"]).collect();
        return Err(ApiError::new(
            "usage",
            format!("nothing is loaded of a provider \"{}\"", name.chars().take(60).collect::<String>()),
            format!("It is one of {}.", known.join(", ")),
        ));
    }
    Ok(billed)
}
