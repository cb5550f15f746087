//! The program and the engagement: what is open, what was open lately.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use query::Period;
use serde::{Deserialize, Serialize};
use store::{Definition, Engagement};
use ts_rs::TS;

use crate::{ApiError, Context};

/// The program.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct AppInfo {
    /// The version, such as `0.1.0`.
    pub version: String,
    /// Whether the sample company's bills are installed.
    pub sample_available: bool,
    /// Engagements that were open lately, the last one first.
    pub recent: Vec<Recent>,
}

/// An engagement that was open lately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Recent {
    /// The folder.
    pub path: String,
    /// The engagement's name.
    pub name: String,
}

/// The open engagement.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct EngagementInfo {
    /// The folder.
    pub path: String,
    /// The name.
    pub name: String,
    /// The currency that answers are in unless asked otherwise.
    pub currency: money::Currency,
    /// The first month of the fiscal year, 1 to 12.
    pub fiscal_year_start: u32,
    /// The days of the loaded charges.
    pub period: Option<Period>,
    /// The billing currencies that occur.
    pub currencies: Vec<money::Currency>,
    /// The charges that are loaded.
    pub charges: u64,
    /// Rises with every load.
    pub generation: u64,
    /// The tag keys that are fast to drill by.
    pub tag_keys: Vec<String>,
    /// The loads that are current.
    pub loads: u64,
}

/// `engagement_new`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct NewRequest {
    path: String,
    name: String,
    currency: money::Currency,
    #[serde(default)]
    #[ts(optional)]
    fiscal_year_start: Option<u32>,
}

/// `engagement_open`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct OpenRequest {
    path: String,
}

/// The folder of the person who runs the program where Quarterdeck keeps what belongs to no engagement.
///
/// # Errors
/// When the system has no home folder for the person.
pub fn app_data_folder() -> Result<PathBuf, ApiError> {
    directories::ProjectDirs::from("", "", "Quarterdeck").map(|folders| folders.data_dir().to_owned()).ok_or_else(
        || {
            ApiError::new(
                "no_home",
                "this system has no folder for the settings of the person who is logged in",
                "Set HOME.",
            )
        },
    )
}

const RECENT_MAX: usize = 8;

pub(crate) fn app_info(context: &Context) -> AppInfo {
    AppInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sample_available: sample_bills(context).is_some(),
        recent: recent(context)
            .into_iter()
            .filter(|one| Path::new(&one.path).join("engagement.toml").is_file())
            .collect(),
    }
}

pub(crate) fn new(context: &Context, request: &NewRequest) -> Result<EngagementInfo, ApiError> {
    let definition = Definition {
        name: request.name.clone(),
        currency: request.currency,
        fiscal_year_start: request.fiscal_year_start.unwrap_or(1),
        tag_keys: Vec::new(),
        applicability: BTreeMap::new(),
        settings: BTreeMap::new(),
    };
    make(context, Path::new(&request.path), &definition)
}

pub(crate) fn open(context: &Context, request: &OpenRequest) -> Result<EngagementInfo, ApiError> {
    let path = Path::new(&request.path);
    let present = context.engagement().ok();
    let engagement =
        match present.filter(|engagement| path.canonicalize().is_ok_and(|path| path == engagement.folder())) {
            // A page that reloads opens what is open; work that is under way in it goes on.
            Some(engagement) => engagement,
            None => context.open(|limits| Engagement::open(path, limits))?,
        };
    remember(context, &engagement);
    info(&engagement)
}

/// Opens the sample engagement, or makes an empty one for it: the caller then loads [`sample_bills`]. The company's business metrics
/// and budgets are in it.
pub(crate) fn open_sample(context: &Context) -> Result<EngagementInfo, ApiError> {
    let sample = installed_sample(context)?;
    let folder = context.settings.app_data.join("sample-engagement");
    if folder.join("engagement.toml").is_file() {
        let opened = open(context, &OpenRequest { path: folder.to_string_lossy().into_owned() })?;
        crate::metrics::install_sample(&*context.engagement()?, &sample)?;
        crate::budgets::install_sample(&*context.engagement()?, &sample)?;
        return Ok(opened);
    }
    let definition = Definition {
        name: "Sample company".to_owned(),
        currency: "USD".parse().map_err(|_| ApiError::no_engagement())?,
        fiscal_year_start: 1,
        tag_keys: Vec::new(),
        applicability: BTreeMap::new(),
        settings: BTreeMap::new(),
    };
    let made = make(context, &folder, &definition)?;
    crate::metrics::install_sample(&*context.engagement()?, &sample)?;
    crate::budgets::install_sample(&*context.engagement()?, &sample)?;
    Ok(made)
}

/// The folder with the sample company's bills, where they are installed.
#[must_use]
pub fn sample_bills(context: &Context) -> Option<PathBuf> {
    context.settings.sample_data.clone().filter(|folder| folder.is_dir())
}

/// The same, or an error that says how to make them.
pub(crate) fn installed_sample(context: &Context) -> Result<PathBuf, ApiError> {
    sample_bills(context).ok_or_else(|| {
        ApiError::new(
            "no_sample",
            "the sample company's bills are not installed",
            "`cargo xtask sample-data` makes them.",
        )
    })
}

fn make(context: &Context, folder: &Path, definition: &Definition) -> Result<EngagementInfo, ApiError> {
    let engagement = context.open(|limits| Engagement::create(folder, definition, limits))?;
    crate::packs::install_default(&engagement)?;
    remember(context, &engagement);
    info(&engagement)
}

pub(crate) fn info(engagement: &Engagement) -> Result<EngagementInfo, ApiError> {
    let catalog = crate::planning::with_rules(engagement)?;
    let definition = engagement.definition();
    let charges = catalog.tables.iter().find(|table| table.name == "charge").map_or(0, |table| table.rows);
    Ok(EngagementInfo {
        path: engagement.folder().to_string_lossy().into_owned(),
        name: definition.name.clone(),
        currency: definition.currency,
        fiscal_year_start: definition.fiscal_year_start,
        period: catalog.charges,
        currencies: catalog.currencies.clone(),
        charges,
        generation: engagement.generation()?,
        tag_keys: catalog.tag_keys(),
        loads: engagement.loads(false)?.len() as u64,
    })
}

fn recent(context: &Context) -> Vec<Recent> {
    let text = std::fs::read(context.settings.app_data.join("recent.json")).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Puts the engagement first in the list. The list is a convenience: that it cannot be written is logged and no error.
fn remember(context: &Context, engagement: &Engagement) {
    let path = engagement.folder().to_string_lossy().into_owned();
    let mut list = recent(context);
    list.retain(|one| one.path != path);
    list.insert(0, Recent { path, name: engagement.definition().name.clone() });
    list.truncate(RECENT_MAX);
    let file = context.settings.app_data.join("recent.json");
    if let Err(error) =
        serde_json::to_vec_pretty(&list).map_err(std::io::Error::other).and_then(|text| std::fs::write(&file, text))
    {
        tracing::warn!("{}: {error}", file.display());
    }
}
