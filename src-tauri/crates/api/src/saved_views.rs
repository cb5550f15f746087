//! Views that the analyst keeps by name: one file each in the engagement's `views/`, text that a person can read and pass on.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use store::Engagement;
use ts_rs::TS;

use crate::exporting::{file_name, io, put};
use crate::{ApiError, Context};

const FOLDER: &str = "views";
const NAME_MAX: usize = 80;
const ADDRESS_MAX: usize = 200_000;
const TREND_MAX: usize = 400;

/// A view with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct SavedView {
    /// What the analyst calls it. Two views of one name are one view.
    pub name: String,
    /// The view as the part of a link after `quarterdeck://view`: `/explore?where=...`.
    pub address: String,
    /// When it was kept, UTC.
    #[ts(type = "string")]
    pub saved_at: DateTime<Utc>,
    /// The figures of its trend as they were then, for a small picture; plain decimals, none where a step had no charge.
    #[serde(default)]
    pub trend: Vec<String>,
}

/// `views`: those that can be read, and what is wrong with the others.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct SavedViews {
    /// The views in order of name.
    pub views: Vec<SavedView>,
    /// A sentence for each file that cannot be read.
    pub problems: Vec<String>,
}

/// `view_save`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ViewSaveRequest {
    name: String,
    address: String,
    #[serde(default)]
    trend: Vec<String>,
}

/// `view_delete`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ViewDeleteRequest {
    name: String,
}

pub(crate) fn list(context: &Context) -> Result<SavedViews, ApiError> {
    let (found, problems) = read(&*context.engagement()?)?;
    Ok(SavedViews { views: found.into_iter().map(|(_, view)| view).collect(), problems })
}

/// Keeps a view, in the place of the one that had its name.
pub(crate) fn save(context: &Context, request: &ViewSaveRequest, now: DateTime<Utc>) -> Result<SavedViews, ApiError> {
    let engagement = context.engagement()?;
    let name = request.name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(refused(&format!("a view's name has 1 to {NAME_MAX} characters")));
    }
    sound(&request.address, &request.trend).map_err(|problem| refused(&problem))?;
    let view = SavedView {
        name: name.clone(),
        address: request.address.clone(),
        // A file has no use for parts of a second.
        saved_at: DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now),
        trend: request.trend.clone(),
    };
    let (found, _) = read(&engagement)?;
    let path = match found.iter().find(|(_, known)| same(&known.name, &name)) {
        Some((path, _)) => path.clone(),
        None => free(&engagement, &name)?,
    };
    let text = toml::to_string_pretty(&view).map_err(|error| refused(&error.to_string()))?;
    put(&path, format!("# A view of Quarterdeck: what is looked at, not what it said.\n\n{text}").as_bytes())?;
    list(context)
}

pub(crate) fn delete(context: &Context, request: &ViewDeleteRequest) -> Result<SavedViews, ApiError> {
    let (found, _) = read(&*context.engagement()?)?;
    let Some((path, _)) = found.iter().find(|(_, view)| same(&view.name, &request.name)) else {
        return Err(ApiError::new(
            "not_found",
            format!("there is no view `{}`", request.name),
            "`qd views` names those there are.",
        ));
    };
    std::fs::remove_file(path).map_err(|error| io(path, &error))?;
    list(context)
}

fn same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.trim().to_lowercase()
}

fn refused(problem: &str) -> ApiError {
    ApiError::new("view", format!("the view cannot be kept: {problem}"), "")
}

/// An address is text from outside: it must look like one, no more. The page reads it as it reads any link.
fn sound(address: &str, trend: &[String]) -> Result<(), String> {
    if !address.starts_with('/') || address.len() > ADDRESS_MAX || address.chars().any(char::is_control) {
        return Err("its address is none of a view; it begins with /explore".to_owned());
    }
    if trend.len() > TREND_MAX
        || trend.iter().any(|figure| !figure.is_empty() && figure.parse::<money::Amount>().is_err())
    {
        return Err(format!("its trend is not at most {TREND_MAX} figures"));
    }
    Ok(())
}

type Found = Vec<(PathBuf, SavedView)>;

fn read(engagement: &Engagement) -> Result<(Found, Vec<String>), ApiError> {
    let folder = engagement.folder().join(FOLDER);
    let (mut views, mut problems) = (Vec::new(), Vec::new());
    if !folder.is_dir() {
        return Ok((views, problems));
    }
    for entry in std::fs::read_dir(&folder).map_err(|error| io(&folder, &error))? {
        let path = entry.map_err(|error| io(&folder, &error))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden || path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        match parsed(&path) {
            Ok(view) => views.push((path, view)),
            Err(problem) => problems.push(format!("{}: {problem}", path.display())),
        }
    }
    views.sort_by(|(_, left), (_, right)| {
        (left.name.to_lowercase(), &left.name).cmp(&(right.name.to_lowercase(), &right.name))
    });
    problems.sort();
    Ok((views, problems))
}

fn parsed(path: &Path) -> Result<SavedView, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let view: SavedView = toml::from_str(&text).map_err(|error| error.message().to_owned())?;
    sound(&view.address, &view.trend)?;
    Ok(view)
}

fn free(engagement: &Engagement, name: &str) -> Result<PathBuf, ApiError> {
    let folder = engagement.folder().join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| io(&folder, &error))?;
    let stem = file_name(name, "view");
    let stems = std::iter::once(stem.clone()).chain((2u32..).map(|number| format!("{stem}-{number}")));
    let mut paths = stems.map(|stem| folder.join(format!("{stem}.toml"))).take(10_000);
    paths.find(|path| !path.exists()).ok_or_else(|| refused("there are too many of its name"))
}
