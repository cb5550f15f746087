//! `forecasts/NAME.toml`: a forecast as it was frozen. It is written once and never changed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

use budget::Scope;
use money::{Amount, Currency};
use query::{Evidence, Grain, Period, Question};
use serde::{Deserialize, Serialize};
use store::Engagement;

use crate::ApiError;
use crate::exporting::io;
use crate::text_file::{self, is_name};

const FOLDER: &str = "forecasts";
const BYTES_MAX: u64 = 32 << 20;

/// A forecast as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) frozen_at: String,
    pub(super) measure: String,
    pub(super) currency: Currency,
    pub(super) grain: Grain,
    pub(super) method: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) budget_file: Option<String>,
    /// The last day that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) known_until: Option<chrono::NaiveDate>,
    pub(super) made_from: Period,
    pub(super) question: Question,
    pub(super) evidence: Evidence,
    /// What was known of the history, as it was then.
    pub(super) history: Vec<Known>,
    pub(super) steps: Vec<Step>,
    #[serde(default)]
    pub(super) scopes: Vec<Part>,
}

/// A step of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) time: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<Amount>,
    #[serde(default)]
    pub(super) provisional: bool,
}

/// A step of the forecast.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) time: String,
    pub(super) amount: Amount,
    pub(super) low_80: Amount,
    pub(super) high_80: Amount,
    pub(super) low_95: Amount,
    pub(super) high_95: Amount,
}

/// A scope with its own forecast.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) name: String,
    /// Whether it is what the other scopes leave.
    #[serde(default)]
    pub(super) rest: bool,
    #[serde(default)]
    pub(super) net_new: bool,
    /// The dimensions with their values; an empty list is a missing value.
    #[serde(default)]
    pub(super) scope: BTreeMap<String, Vec<String>>,
    /// One amount for each step.
    pub(super) amounts: Vec<Amount>,
    /// The ends of the intervals of each step; none in files that were written before there were any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) low_80: Vec<Amount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) high_80: Vec<Amount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) low_95: Vec<Amount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) high_95: Vec<Amount>,
    /// The ends of the 80 % interval of the sum of the first steps: of one, of two, ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) sums_low_80: Vec<Amount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) sums_high_80: Vec<Amount>,
}

impl Part {
    pub(super) fn scope(&self) -> Scope {
        self.scope.iter().fold(Scope::everything(), |scope, (dimension, values)| {
            if values.is_empty() {
                return scope.with_missing(dimension);
            }
            values.iter().fold(scope, |scope, value| scope.with(dimension, value))
        })
    }
}

/// A scope as it is written. One that has both values and a missing one cannot be; nobody makes such.
pub(super) fn written(scope: &Scope) -> BTreeMap<String, Vec<String>> {
    let values = |values: &BTreeSet<Option<String>>| values.iter().flatten().cloned().collect();
    scope.dimensions().map(|(dimension, of)| (dimension.to_owned(), values(of))).collect()
}

/// The names of the forecasts, in order.
pub(super) fn names(engagement: &Engagement) -> Result<Vec<String>, ApiError> {
    let folder = engagement.folder().join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| io(&folder, &error))? {
        let path = entry.map_err(|error| io(&folder, &error))?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "toml") && is_name(&stem) {
            names.push(stem);
        }
    }
    names.sort();
    Ok(names)
}

/// The forecast of a name.
pub(super) fn read(engagement: &Engagement, name: &str) -> Result<File, ApiError> {
    let path = path(engagement, name)?;
    if !path.is_file() {
        let names = names(engagement)?;
        let hint = match names.as_slice() {
            [] => "`qd forecast freeze NAME` keeps one.".to_owned(),
            names => format!("There are {}.", names.join(", ")),
        };
        return Err(ApiError::new("not_found", format!("there is no frozen forecast `{name}`"), hint));
    }
    let problem = |problem: String| {
        ApiError::new("frozen", format!("{}: {problem}", path.display()), "Put the file back as it was written.")
    };
    let text = text_file::read(&path, BYTES_MAX, "a forecast").map_err(problem)?;
    let file: File = toml::from_str(&text).map_err(|error| problem(error.message().to_owned()))?;
    let odd = |part: &&Part| {
        let ends = [&part.low_80, &part.high_80, &part.low_95, &part.high_95, &part.sums_low_80, &part.sums_high_80];
        let steps = file.steps.len();
        part.amounts.len() != steps || ends.iter().any(|ends| !ends.is_empty() && ends.len() != steps)
    };
    if let Some(part) = file.scopes.iter().find(odd) {
        return Err(problem(format!("{:?} has not one amount for each step", part.name)));
    }
    Ok(file)
}

/// Writes a forecast, unless one has the name.
pub(super) fn write(engagement: &Engagement, name: &str, file: &File) -> Result<(), ApiError> {
    let path = path(engagement, name)?;
    let taken = names(engagement)?.iter().any(|known| known.to_lowercase() == name.to_lowercase());
    if taken || path.exists() {
        return Err(exists(name));
    }
    let folder = engagement.folder().join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| io(&folder, &error))?;
    let text = toml::to_string(file)
        .map_err(|error| ApiError::new("internal", format!("the forecast cannot be written: {error}"), ""))?;
    let head =
        "# A forecast of Quarterdeck as it was frozen, to be judged by what comes. It is never written over.\n\n";
    // Made only where nothing is, whoever else may be writing at the same moment.
    let mut new = match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(new) => new,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(exists(name)),
        Err(error) => return Err(io(&path, &error)),
    };
    new.write_all(format!("{head}{text}").as_bytes()).and_then(|()| new.sync_all()).map_err(|error| {
        // Half a forecast is none; that it may stay is no second error.
        let _left = std::fs::remove_file(&path);
        io(&path, &error)
    })
}

pub(super) fn exists(name: &str) -> ApiError {
    ApiError::new(
        "exists",
        format!("there is a frozen forecast `{name}`, and none is ever written over"),
        "Choose another name.",
    )
}

pub(super) fn delete(engagement: &Engagement, name: &str) -> Result<(), ApiError> {
    // What cannot be read can still be taken away; what is not there cannot.
    let path = path(engagement, name)?;
    if !path.is_file() {
        return read(engagement, name).map(drop);
    }
    std::fs::remove_file(&path).map_err(|error| io(&path, &error))
}

fn path(engagement: &Engagement, name: &str) -> Result<PathBuf, ApiError> {
    if !is_name(name) || name.trim() != name {
        return Err(ApiError::new(
            "usage",
            format!("`{}` cannot be the name of a forecast", name.chars().take(60).collect::<String>()),
            "Use letters, digits, `-`, `_` and spaces.",
        ));
    }
    Ok(engagement.folder().join(FOLDER).join(format!("{name}.toml")))
}
