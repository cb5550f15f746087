//! Measures that the analyst defines: a quotient with a name, in `measures.toml` of the engagement; and the metrics that quotients divide by.

use std::path::{Path, PathBuf};

use query::{
    Catalog, EvidenceRule, Measure, MeasureKind, MetricSeries, MetricValue, NamedMeasure, Note, Period, Question,
};
use serde::{Deserialize, Serialize};
use store::Engagement;
use ts_rs::TS;
use unit_economics::{Driver, MetricInfo, Point};

use crate::exporting::put;
use crate::metrics::{self, Kept};
use crate::unit_costs::{Joined, is_label_of};
use crate::{ApiError, Context};

const FILE: &str = "measures.toml";
const NAME_MAX: usize = 80;

/// A measure that the analyst defined.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CalculatedMeasure {
    /// What the analyst calls it.
    pub name: String,
    /// What questions ask for: `effective_cost/consumed_quantity`.
    pub measure: Measure,
    /// As what it is shown: `unit_cost`, `ratio` or `percent`.
    pub kind: MeasureKind,
    /// The formula for a person: `Effective cost / consumed quantity`.
    pub formula: String,
    /// What it means, in a few sentences.
    pub definition: String,
}

/// `calculated_measure_set`. One of the same name is replaced.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CalculatedMeasureRequest {
    name: String,
    /// Two measures with `/` between; the second may be `metric:NAME`.
    formula: String,
    /// As what it is shown; without it what the formula suggests.
    #[serde(default)]
    #[ts(optional = nullable)]
    kind: Option<MeasureKind>,
}

/// `calculated_measure_delete`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CalculatedMeasureDeleteRequest {
    name: String,
}

/// The file as it is written.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, rename = "measure")]
    measures: Vec<WrittenMeasure>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMeasure {
    name: String,
    formula: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<MeasureKind>,
}

fn file(engagement: &Engagement) -> PathBuf {
    engagement.folder().join(FILE)
}

/// The measures by name.
pub(crate) fn list(context: &Context) -> Result<Vec<CalculatedMeasure>, ApiError> {
    Ok(read(&file(&*context.engagement()?))?.into_iter().map(told).collect())
}

pub(crate) fn set(context: &Context, request: &CalculatedMeasureRequest) -> Result<Vec<CalculatedMeasure>, ApiError> {
    let path = file(&*context.engagement()?);
    let name = request.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let new = measure(&WrittenMeasure { name, formula: request.formula.clone(), kind: request.kind })
        .map_err(|problem| refused(&path, &problem))?;
    let mut all = read(&path)?;
    all.retain(|known| !same(&known.name, &new.name));
    if let Some(other) = all.iter().find(|known| known.measure == new.measure) {
        return Err(refused(&path, &format!("\"{}\" is that formula already", other.name)));
    }
    all.push(new);
    write(&path, all)
}

pub(crate) fn delete(
    context: &Context,
    request: &CalculatedMeasureDeleteRequest,
) -> Result<Vec<CalculatedMeasure>, ApiError> {
    let path = file(&*context.engagement()?);
    let mut all = read(&path)?;
    let before = all.len();
    all.retain(|known| !same(&known.name, &request.name));
    if all.len() == before {
        let name: String = request.name.chars().take(60).collect();
        return Err(ApiError::new(
            "not_found",
            format!("there is no calculated measure `{name}`"),
            "`qd measures` lists those that there are.",
        ));
    }
    write(&path, all)
}

/// The names that answers show. A file that cannot be read names nothing: the figures need no name, and the list says what is wrong.
pub(crate) fn named(engagement: &Engagement) -> Vec<NamedMeasure> {
    read(&file(engagement)).unwrap_or_default()
}

/// The metrics that a question divides by, under its filters.
pub(crate) fn series(
    engagement: &Engagement,
    question: &Question,
    catalog: &Catalog,
) -> Result<Vec<MetricSeries>, ApiError> {
    let mut names: Vec<&str> = question.measures.iter().filter_map(|measure| measure.quotient()?.metric()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let kept = metrics::kept(engagement)?;
    // A metric that is not there is refused where the question is planned.
    let known = names.into_iter().filter_map(|name| kept.metrics.info(name));
    known.map(|info| one(&kept, &info, question, catalog)).collect()
}

fn one(kept: &Kept, info: &MetricInfo, question: &Question, catalog: &Catalog) -> Result<MetricSeries, ApiError> {
    let joined = Joined::new(None, Vec::new(), question, info, catalog)?;
    let points = joined.points(&kept.metrics);
    let labels: Vec<(&str, &query::Dimension)> = question
        .by
        .iter()
        .filter_map(|dimension| {
            let label = info.labels.iter().find(|label| is_label_of(&label.name, dimension))?;
            Some((label.name.as_str(), dimension))
        })
        .collect();
    let value = |point: &&Point| {
        Some(MetricValue {
            days: Period::new(point.when.first(), point.when.end()).ok()?,
            value: point.value,
            labels: labels.iter().map(|(label, _)| joined.value(&point.labels, label).map(str::to_owned)).collect(),
        })
    };
    let files = kept.files.iter().filter(|file| info.files.contains(&format!("{}.csv", file.name)));
    let says = format!("{} has {} values from {} to before {}.", info.name, info.values, info.from, info.to);
    let mut notes = joined.filter_notes(points.is_empty());
    notes.extend(gaps(info, &points, question, catalog)?);
    Ok(MetricSeries {
        name: info.name.clone(),
        values: points.iter().filter_map(value).collect(),
        labels: labels.into_iter().map(|(_, dimension)| dimension.clone()).collect(),
        files: files
            .map(|file| EvidenceRule {
                file: format!("metrics/{}.csv", file.name),
                version: file.sha256.chars().take(12).collect(),
                says: vec![says.clone()],
            })
            .collect(),
        notes,
    })
}

/// Says how many days of the period have a cost and no units.
fn gaps(
    info: &MetricInfo,
    points: &[&Point],
    question: &Question,
    catalog: &Catalog,
) -> Result<Option<Note>, ApiError> {
    let asked = question.period.or(catalog.charges);
    let Some(days) = asked.and_then(|asked| catalog.charges?.intersection(&asked)) else { return Ok(None) };
    let units = Driver::new(points.iter().copied())?.units(days.from, days.to)?;
    Ok((units.missing > 0).then(|| Note {
        code: "units_incomplete".to_owned(),
        message: format!(
            "{} lacks a value on {} of the {} days that have charges: its units are too few and what is divided by them is too high.",
            info.name, units.missing, units.days
        ),
    }))
}

fn told(named: NamedMeasure) -> CalculatedMeasure {
    CalculatedMeasure {
        formula: named.measure.label().into_owned(),
        definition: named.measure.definition().into_owned(),
        name: named.name,
        measure: named.measure,
        kind: named.kind,
    }
}

fn same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.trim().to_lowercase()
}

/// What is wrong with a measure, as a sentence.
fn measure(written: &WrittenMeasure) -> Result<NamedMeasure, String> {
    let name = &written.name;
    if name.trim() != name || name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(format!("a measure's name has 1 to {NAME_MAX} characters"));
    }
    let measure: Measure = written.formula.parse().map_err(|error: query::UnknownMeasure| error.to_string())?;
    if measure.quotient().is_none() {
        return Err(format!("{measure} is no formula; write two measures with / between"));
    }
    let kind = written.kind.unwrap_or_else(|| measure.kind());
    if !NamedMeasure::fits(&measure, kind) {
        return Err(match measure.kind() {
            MeasureKind::UnitCost => format!("{measure} is a cost of one, which is shown as nothing else: unit_cost"),
            _ => format!("{measure} is shown as ratio or as percent"),
        });
    }
    // A name that is also a formula would mean two things where it is typed.
    if name.parse::<Measure>().is_ok() {
        return Err(format!("`{name}` is the name of a measure already"));
    }
    Ok(NamedMeasure { name: name.clone(), measure, kind })
}

fn read(path: &Path) -> Result<Vec<NamedMeasure>, ApiError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refused(path, &error.to_string())),
    };
    let written: Written = toml::from_str(&text).map_err(|error| refused(path, error.message()))?;
    let mut all: Vec<NamedMeasure> = Vec::new();
    for one in &written.measures {
        let found = measure(one).map_err(|problem| refused(path, &problem))?;
        if let Some(known) = all.iter().find(|known| same(&known.name, &found.name) || known.measure == found.measure) {
            return Err(refused(path, &format!("\"{}\" and \"{}\" are one", known.name, found.name)));
        }
        all.push(found);
    }
    sort(&mut all);
    Ok(all)
}

fn sort(all: &mut [NamedMeasure]) {
    all.sort_by(|left, right| (left.name.to_lowercase(), &left.name).cmp(&(right.name.to_lowercase(), &right.name)));
}

fn write(path: &Path, mut all: Vec<NamedMeasure>) -> Result<Vec<CalculatedMeasure>, ApiError> {
    sort(&mut all);
    let measures = all.iter().map(|named| WrittenMeasure {
        name: named.name.clone(),
        formula: named.measure.to_string(),
        kind: Some(named.kind),
    });
    let body = toml::to_string_pretty(&Written { measures: measures.collect() })
        .map_err(|error| refused(path, &error.to_string()))?;
    put(path, format!("# Measures of this engagement: a quotient of sums, with a name.\n\n{body}").as_bytes())?;
    Ok(all.into_iter().map(told).collect())
}

fn refused(path: &Path, problem: &str) -> ApiError {
    ApiError::new(
        "calculated_measure",
        format!("{}: {problem}", path.display()),
        "A measure is a name and a formula such as effective_cost/consumed_quantity, billed_cost/list_cost or billed_cost/metric:orders.",
    )
}
