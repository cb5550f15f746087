//! What a baseline is made of: the built-in one, `baselines/NAME.toml`, and the rules by which charges are told apart,
//! `rules/classification.toml`.

use std::path::{Path, PathBuf};

use query::{Catalog, Dimension, Filter, Measure, MeasureKind};
use scenario::{Month, RuleTable};
use serde::{Deserialize, Serialize};
use store::Engagement;

use super::files::{checked_name, refused, toml_files};
use super::operations;
use super::wire::{
    BaselineDeleteRequest, BaselineInfo, BaselineSetRequest, ClassificationRules, ClassificationRulesRequest,
    ScenarioList,
};
use crate::exporting::{io, put};
use crate::{ApiError, Context, planning, text_file};

/// The baseline that is always there.
pub(super) const BUILT_IN: &str = "forecast";
const FOLDER: &str = "baselines";
const RULES: [&str; 2] = ["rules", "classification.toml"];
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
}

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
    Definition { measure: effective(), dimensions, months: MONTHS, from: None, until: None, filters: Vec::new() }
}

fn providers(engagement: &Engagement) -> Result<usize, ApiError> {
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
    let definition: Definition = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        refuse(&format!("{line}{}", error.message()))
    })?;
    definition.check()?;
    Ok((definition, text))
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
            },
        });
    }
    Ok(baselines)
}

fn info(context: &Context, engagement: &Engagement, named: &Named, built_in: bool) -> BaselineInfo {
    let made = super::kept::known(context, engagement, named);
    let names = |dimensions: &[Dimension]| dimensions.iter().map(|known| known.name().into_owned()).collect();
    let phrases: Vec<String> = named.definition.dimensions.iter().map(Dimension::phrase).collect();
    let what = format!(
        "{} cost by {}, {} months ahead{}",
        named.definition.measure,
        phrases.join(", "),
        named.definition.months,
        if built_in { ": made of all that is loaded." } else { "." },
    );
    BaselineInfo {
        name: named.name.clone(),
        built_in,
        dimensions: made
            .as_ref()
            .map_or_else(|| names(&named.definition.dimensions), |made| made.prepared.baseline().dimensions.clone()),
        months: named.definition.months,
        first_month: made.map(|made| made.prepared.baseline().first_month.to_string()),
        what,
        problem: None,
    }
}

pub(crate) fn set(context: &Context, request: &BaselineSetRequest) -> Result<ScenarioList, ApiError> {
    let engagement = context.engagement()?;
    let name = checked_name(&request.name, "baseline")?;
    if name == BUILT_IN {
        return Err(ApiError::new("baseline", "the built-in baseline cannot be replaced", "Choose another name."));
    }
    let mut dimensions = Vec::with_capacity(request.dimensions.len());
    for text in &request.dimensions {
        dimensions.push(text.parse::<Dimension>().map_err(|error| wrong(&error.to_string()))?);
    }
    let definition = Definition {
        measure: request.measure.clone().unwrap_or_else(effective),
        dimensions,
        months: request.months,
        from: None,
        until: None,
        filters: request.filters.clone(),
    };
    definition.check()?;
    let folder = engagement.folder().join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| io(&folder, &error))?;
    put(&folder.join(format!("{name}.toml")), written(&definition)?.as_bytes())?;
    super::files::list(context)
}

pub(crate) fn delete(context: &Context, request: &BaselineDeleteRequest) -> Result<ScenarioList, ApiError> {
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

fn rules_path(engagement: &Engagement) -> PathBuf {
    RULES.iter().fold(engagement.folder().to_owned(), |path, part| path.join(part))
}

/// The rules of the engagement as text: its own, or those that come with the product.
pub(super) fn rules_text(engagement: &Engagement) -> Result<ClassificationRules, ApiError> {
    let path = rules_path(engagement);
    if !path.is_file() {
        return Ok(ClassificationRules { text: RuleTable::built_in_text().to_owned(), built_in: true });
    }
    let text = text_file::read(&path, BYTES_MAX, "a table of rules")
        .map_err(|problem| ApiError::new("rules", format!("{}: {problem}", path.display()), "Mend the file."))?;
    Ok(ClassificationRules { text, built_in: false })
}

/// The rules of a text.
pub(super) fn rules_of(text: &str) -> Result<RuleTable, ApiError> {
    let problem = |found: scenario::Refused| {
        let problems: Vec<_> = found.0.iter().map(|one| operations::problem(one, None)).collect();
        let mut error = refused("rules", &problems);
        error.code = "rules".to_owned();
        error.message = error.message.replacen("scenario `rules`", "the rules for charges", 1);
        error
    };
    let table = RuleTable::parse(text).map_err(problem)?;
    for column in table.columns() {
        dimension_of(column)?;
    }
    Ok(table)
}

/// The dimension that a column of the rules is asked by.
pub(super) fn dimension_of(column: &str) -> Result<Dimension, ApiError> {
    let name = focus::by_id(column).map(|known| known.name);
    let found = Dimension::all().find(|dimension| name.is_some() && dimension.column() == name);
    found.ok_or_else(|| {
        let known: Vec<&str> = Dimension::all()
            .filter_map(|dimension| focus::by_name(dimension.column()?).map(|column| column.id))
            .collect();
        ApiError::new(
            "rules",
            format!("the rules for charges ask for {column}, by which charges cannot be told apart here"),
            format!("Ask for one of {}.", known.join(", ")),
        )
    })
}

pub(crate) fn rules(context: &Context) -> Result<ClassificationRules, ApiError> {
    rules_text(&*context.engagement()?)
}

pub(crate) fn set_rules(
    context: &Context,
    request: &ClassificationRulesRequest,
) -> Result<ClassificationRules, ApiError> {
    let engagement = context.engagement()?;
    let path = rules_path(&engagement);
    if request.text.trim().is_empty() {
        if path.is_file() {
            std::fs::remove_file(&path).map_err(|error| io(&path, &error))?;
        }
        return rules_text(&engagement);
    }
    rules_of(&request.text)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| io(folder, &error))?;
    }
    put(&path, request.text.as_bytes())?;
    rules_text(&engagement)
}
