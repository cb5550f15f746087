//! What a baseline is made of: the built-in one, and `baselines/NAME.toml`.

use std::path::Path;

use query::{Catalog, Dimension, Filter, Measure, MeasureKind};
use scenario::Month;
use serde::{Deserialize, Serialize};
use store::Engagement;

use super::baseline_wire::{
    BaselineConversion, BaselineDriver, BaselineInfo, BaselineReply, BaselineRequest, BaselineSaveTextRequest,
    BaselineSetRequest,
};
use super::files::{checked_name, toml_files};
use super::wire::ScenarioList;
use crate::exporting::{io, put};
use crate::{ApiError, Context, planning, text_file};

/// The baseline that is always there.
pub(super) const BUILT_IN: &str = "forecast";
const FOLDER: &str = "baselines";
const BYTES_MAX: u64 = 1 << 20;
const MONTHS: u32 = 12;
const MONTHS_MAX: u32 = 36;
/// Tag keys that the built-in baseline tries.
const TAGS: usize = 2;

/// How a baseline is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Definition {
    /// The cost that is planned.
    #[serde(default = "effective")]
    pub(super) measure: String,
    /// The dimensions of its lines.
    pub(super) dimensions: Vec<Dimension>,
    /// How many months it looks ahead.
    #[serde(default = "year")]
    pub(super) months: u32,
    /// The first month of the history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    /// The last month of the history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<String>,
    /// The charges that it is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) filters: Vec<Filter>,
    /// What is billed in other currencies, and by which rates it is converted; without it only what is billed in the engagement's counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) convert: Option<BaselineConversion>,
    /// Business metrics that usage follows.
    #[serde(default, rename = "driver", skip_serializing_if = "Vec::is_empty")]
    pub(super) drivers: Vec<BaselineDriver>,
}

/// Drivers of one baseline.
const DRIVERS_MAX: usize = 20;

fn effective() -> String {
    "effective".to_owned()
}

fn year() -> u32 {
    MONTHS
}

/// A baseline by name, with the text that it was made by.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) definition: Definition,
    /// Whether dimensions at the end are left out where there would be too many lines.
    pub(super) may_shorten: bool,
    /// The text of the definition: what a kept baseline is known by.
    pub(super) text: String,
}

impl Definition {
    pub(super) fn measure(&self) -> Result<Measure, ApiError> {
        let measure: Measure =
            self.measure.parse().map_err(|error: query::UnknownMeasure| wrong(&error.to_string()))?;
        let cost = [Measure::EffectiveCost, Measure::BilledCost, Measure::ContractedCost, Measure::ListCost];
        if measure.kind() != MeasureKind::Currency || !cost.contains(&measure) {
            return Err(wrong(&format!("`{}` is no cost that a baseline can be of", self.measure)));
        }
        Ok(measure)
    }

    pub(super) fn history(&self) -> Result<(Option<Month>, Option<Month>), ApiError> {
        let month = |text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => text.parse::<Month>().map(Some).map_err(|error| wrong(&error.to_string())),
        };
        let (from, until) = (month(&self.from)?, month(&self.until)?);
        match (from, until) {
            (Some(first), Some(last)) if first > last => {
                Err(wrong(&format!("its history ends in {last}, before it begins in {first}")))
            }
            _ => Ok((from, until)),
        }
    }

    fn check(&self) -> Result<(), ApiError> {
        if self.dimensions.is_empty() || self.dimensions.len() > 8 {
            return Err(wrong("it has no dimensions, or more than eight"));
        }
        for (place, dimension) in self.dimensions.iter().enumerate() {
            if self.dimensions[..place].contains(dimension) {
                return Err(wrong(&format!("dimension `{}` is named twice", dimension.name())));
            }
        }
        if !(1..=MONTHS_MAX).contains(&self.months) {
            return Err(wrong(&format!("{} months cannot be planned; from 1 to {MONTHS_MAX} can", self.months)));
        }
        self.measure()?;
        if self.drivers.len() > DRIVERS_MAX {
            return Err(wrong(&format!("it has {} drivers; at most {DRIVERS_MAX} can be", self.drivers.len())));
        }
        for (place, driver) in self.drivers.iter().enumerate() {
            driver.check().map_err(|problem| wrong(&problem))?;
            let other = |other: &&BaselineDriver| other.name() == driver.name() && !other.same_units(driver);
            if self.drivers[..place].iter().find(other).is_some() {
                return Err(wrong(&format!(
                    "driver `{}` is to go on in two ways; give one of the two another `name`",
                    driver.name()
                )));
            }
        }
        self.history().map(|_| ())
    }
}

fn wrong(problem: &str) -> ApiError {
    ApiError::new("baseline", format!("the baseline cannot be made: {problem}"), "Mend it in `baselines/`.")
}

/// The built-in baseline of what is loaded: effective cost by service, by provider where there are several, by account and by the first
/// tags.
fn built_in(catalog: &Catalog, providers: usize) -> Definition {
    let mut dimensions = vec![Dimension::Service];
    if providers > 1 {
        dimensions.push(Dimension::Provider);
    }
    dimensions.push(Dimension::SubAccount);
    dimensions.extend(catalog.tag_keys().into_iter().take(TAGS).map(Dimension::Tag));
    Definition {
        measure: effective(),
        dimensions,
        months: MONTHS,
        from: None,
        until: None,
        filters: Vec::new(),
        convert: None,
        drivers: Vec::new(),
    }
}

pub(super) fn providers(engagement: &Engagement) -> Result<usize, ApiError> {
    let loads = engagement.loads(false)?;
    let names: std::collections::BTreeSet<&str> = loads.iter().map(|load| load.provider.as_str()).collect();
    Ok(names.len())
}

/// A baseline by its name.
pub(super) fn named(engagement: &Engagement, name: &str) -> Result<Named, ApiError> {
    if name == BUILT_IN {
        let definition = built_in(&*planning::with_rules(engagement)?, providers(engagement)?);
        let text = written(&definition)?;
        return Ok(Named { name: name.to_owned(), definition, may_shorten: true, text });
    }
    let files = toml_files(&engagement.folder().join(FOLDER))?;
    let Some((_, path)) = files.iter().find(|(known, _)| known == name) else {
        let mut names = vec![BUILT_IN];
        names.extend(files.iter().map(|(known, _)| known.as_str()));
        return Err(ApiError::new(
            "not_found",
            format!("there is no baseline `{}`", name.chars().take(60).collect::<String>()),
            format!("There is {}.", names.join(", ")),
        ));
    };
    let (definition, text) = read(path)?;
    Ok(Named { name: name.to_owned(), definition, may_shorten: false, text })
}

fn read(path: &Path) -> Result<(Definition, String), ApiError> {
    let shown = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let refuse = |problem: &str| wrong(&format!("{shown}: {problem}"));
    let text = text_file::read(path, BYTES_MAX, "a baseline").map_err(|problem| refuse(&problem))?;
    let definition: Definition = parsed(&text).map_err(|problem| refuse(&problem))?;
    definition.check()?;
    Ok((definition, text))
}

/// What a text says, or what is wrong with it and in which line.
pub(super) fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        format!("{line}{}", error.message())
    })
}

fn written(definition: &Definition) -> Result<String, ApiError> {
    toml::to_string_pretty(definition).map_err(|error| wrong(&error.to_string()))
}

pub(super) fn list(context: &Context, engagement: &Engagement) -> Result<Vec<BaselineInfo>, ApiError> {
    let own = named(engagement, BUILT_IN)?;
    let mut baselines = vec![info(context, engagement, &own, true)];
    for (name, path) in toml_files(&engagement.folder().join(FOLDER))? {
        // The built-in one cannot be replaced.
        if name == BUILT_IN {
            continue;
        }
        baselines.push(match read(&path) {
            Ok((definition, text)) => {
                info(context, engagement, &Named { name, definition, may_shorten: false, text }, false)
            }
            Err(error) => BaselineInfo {
                name,
                built_in: false,
                dimensions: Vec::new(),
                months: 0,
                first_month: None,
                what: error.message.clone(),
                problem: Some(error.message),
                drivers: Vec::new(),
                commitments: Vec::new(),
                currencies: Vec::new(),
            },
        });
    }
    Ok(baselines)
}

fn info(context: &Context, engagement: &Engagement, named: &Named, built_in: bool) -> BaselineInfo {
    let made = super::kept::known(context, engagement, named);
    let names = |dimensions: &[Dimension]| dimensions.iter().map(|known| known.name().into_owned()).collect();
    let phrases: Vec<String> = named.definition.dimensions.iter().map(Dimension::phrase).collect();
    let mut beside = String::new();
    match named.definition.filters.len() {
        0 => {}
        1 => beside.push_str(", under a filter"),
        count => beside.push_str(&format!(", under {count} filters")),
    }
    if let Some(convert) = &named.definition.convert {
        beside.push_str(&format!(", other currencies by {}", convert.rates));
    }
    let follows: Vec<&str> = named.definition.drivers.iter().map(BaselineDriver::name).collect();
    if !follows.is_empty() {
        beside.push_str(&format!(", driven by {}", follows.join(", ")));
    }
    let what = format!(
        "{} cost by {}, {} months ahead{beside}{}",
        named.definition.measure,
        phrases.join(", "),
        named.definition.months,
        if built_in { ": made of all that is loaded." } else { "." },
    );
    let plan = made.as_ref().map(|made| made.prepared.baseline());
    let drivers = plan.map_or_else(
        || named.definition.drivers.iter().map(|driver| driver.name().to_owned()).collect(),
        |plan| plan.drivers.iter().map(|driver| driver.name.clone()).collect::<Vec<_>>(),
    );
    let commitments = plan.map_or_else(Vec::new, |plan| plan.commitments.iter().map(|one| one.id.clone()).collect());
    let currencies = plan.map_or_else(Vec::new, |plan| plan.rates.keys().copied().collect());
    BaselineInfo {
        name: named.name.clone(),
        built_in,
        dimensions: made
            .as_ref()
            .map_or_else(|| names(&named.definition.dimensions), |made| made.prepared.baseline().dimensions.clone()),
        months: named.definition.months,
        first_month: plan.map(|plan| plan.first_month.to_string()),
        what,
        problem: None,
        drivers,
        commitments,
        currencies,
    }
}

pub(crate) fn set(context: &Context, request: &BaselineSetRequest) -> Result<ScenarioList, ApiError> {
    let engagement = context.engagement()?;
    let mut dimensions = Vec::with_capacity(request.dimensions.len());
    for text in &request.dimensions {
        dimensions.push(text.parse::<Dimension>().map_err(|error| wrong(&error.to_string()))?);
    }
    let definition = Definition {
        measure: request.measure.clone().unwrap_or_else(effective),
        dimensions,
        months: request.months,
        from: request.from.clone().filter(|month| !month.trim().is_empty()),
        until: request.until.clone().filter(|month| !month.trim().is_empty()),
        filters: request.filters.clone(),
        convert: request.convert.clone(),
        drivers: request.drivers.clone(),
    };
    definition.check()?;
    put_file(&engagement, &request.name, &written(&definition)?)?;
    super::files::list(context)
}

fn put_file(engagement: &Engagement, name: &str, text: &str) -> Result<(), ApiError> {
    let name = checked_name(name, "baseline")?;
    if name == BUILT_IN {
        return Err(ApiError::new("baseline", "the built-in baseline cannot be replaced", "Choose another name."));
    }
    let folder = engagement.folder().join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| io(&folder, &error))?;
    put(&folder.join(format!("{name}.toml")), text.as_bytes())
}

/// Keeps a baseline's file as it was written by hand.
pub(crate) fn save_text(context: &Context, request: &BaselineSaveTextRequest) -> Result<ScenarioList, ApiError> {
    let engagement = context.engagement()?;
    let definition: Definition = parsed(&request.text).map_err(|problem| wrong(&problem))?;
    definition.check()?;
    put_file(&engagement, &request.name, &request.text)?;
    super::files::list(context)
}

/// A baseline to be edited.
pub(crate) fn get(context: &Context, request: &BaselineRequest) -> Result<BaselineReply, ApiError> {
    let engagement = context.engagement()?;
    let named = named(&engagement, request.name.trim())?;
    let definition = named.definition;
    Ok(BaselineReply {
        built_in: named.name == BUILT_IN,
        name: named.name,
        text: named.text,
        measure: definition.measure()?.name().into_owned(),
        dimensions: definition.dimensions.iter().map(|known| known.name().into_owned()).collect(),
        months: definition.months,
        from: definition.from,
        until: definition.until,
        filters: definition.filters,
        convert: definition.convert,
        drivers: definition.drivers,
    })
}

pub(crate) fn delete(context: &Context, request: &BaselineRequest) -> Result<ScenarioList, ApiError> {
    let engagement = context.engagement()?;
    let name = request.name.trim();
    let files = toml_files(&engagement.folder().join(FOLDER))?;
    let Some((_, path)) = files.iter().find(|(known, _)| known == name && known != BUILT_IN) else {
        return Err(ApiError::new("not_found", format!("there is no baseline `{name}` of your own"), ""));
    };
    let shelf = super::files::shelf(&engagement)?;
    let users: Vec<String> = super::files::readable(&shelf)
        .into_iter()
        .filter(|(_, file)| file.baseline.as_deref() == Some(name))
        .map(|(user, _)| user)
        .collect();
    if !users.is_empty() {
        return Err(ApiError::new(
            "baseline",
            format!("baseline `{name}` cannot be deleted: {} is laid over it", users.join(", ")),
            "Lay it over another baseline first.",
        ));
    }
    std::fs::remove_file(path).map_err(|error| io(path, &error))?;
    super::files::list(context)
}
