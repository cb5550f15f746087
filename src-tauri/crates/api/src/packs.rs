//! Packs: the definition in the engagement, the answers, the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use query::Period;
use report::{
    Calendar, DifferencePart, Extras, InvoiceLine, PackDefinition, PeriodChoice, Reconciliation, ReportModel,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Engagement, Watch};
use ts_rs::TS;

use crate::jobs::JobReply;
use crate::pinning::{self, PinnedSection};
use crate::{ApiError, Context, asking, reconciling};

/// The pack that every engagement starts with.
const DEFAULT: (&str, &str) = ("qbr", include_str!("../../../../packs/qbr.toml"));

/// A pack that can be built.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct PackInfo {
    /// The name, which is the file's name.
    pub name: String,
    /// The title on the first page.
    pub title: String,
    /// The definition.
    pub file: String,
    /// What was pinned to it.
    pub pinned: Vec<PinnedSection>,
}

/// `pack_build`.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct PackRequest {
    /// The pack's name.
    pack: String,
    /// The period instead of the definition's.
    #[serde(default)]
    #[ts(optional = nullable)]
    period: Option<Period>,
    /// The folder that the files go to; the engagement's `packs/` without it.
    #[serde(default)]
    #[ts(optional = nullable)]
    out: Option<PathBuf>,
    /// The forms.
    formats: Vec<PackFormat>,
    /// The date that the pack speaks of as today; today's without it.
    #[serde(default)]
    #[ts(optional = nullable, type = "string | null")]
    as_of: Option<NaiveDate>,
}

/// A form of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PackFormat {
    /// For reading.
    Pdf,
    /// For reckoning.
    Xlsx,
}

/// The files of a pack.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct PackReply {
    /// One for each form.
    pub files: Vec<PackFile>,
}

/// A file of a pack.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct PackFile {
    /// Where it lies.
    pub path: String,
    /// Its form.
    pub format: PackFormat,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hex.
    pub sha256: String,
}

/// Lays the default pack into a new engagement.
pub(crate) fn install_default(engagement: &Engagement) -> Result<(), ApiError> {
    let path = engagement.folder().join("packs").join(format!("{}.toml", DEFAULT.0));
    std::fs::write(&path, DEFAULT.1).map_err(|error| io(&path, &error))
}

/// The packs of the engagement, by name.
pub(crate) fn packs(context: &Context) -> Result<Vec<PackInfo>, ApiError> {
    let engagement = context.engagement()?;
    let folder = engagement.folder().join("packs");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| io(&folder, &error))? {
        let path = entry.map_err(|error| io(&folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let definition = parsed(&path, &text(&path)?)?;
            let pinned = pinning::sections(&definition);
            found.push(PackInfo { name, title: definition.title, file: path.to_string_lossy().into_owned(), pinned });
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}

/// Starts building a pack.
pub(crate) fn start(context: &std::sync::Arc<Context>, request: PackRequest) -> Result<JobReply, ApiError> {
    let engagement = context.engagement()?;
    let held = context.clone();
    Ok(context.jobs.start(move |watch| {
        let reply = build(&held, &engagement, &request, watch)?;
        serde_json::to_value(reply).map_err(|error| ApiError::bad_request(&error))
    }))
}

fn build(
    context: &Context,
    engagement: &Engagement,
    request: &PackRequest,
    watch: &Watch,
) -> Result<PackReply, ApiError> {
    let as_of = request.as_of.unwrap_or_else(|| chrono::Utc::now().date_naive());
    watch.report(|progress| progress.phase = "Asking".to_owned());
    let model = model(context, engagement, request, as_of, watch)?;
    let folder = request.out.clone().unwrap_or_else(|| engagement.folder().join("packs"));
    std::fs::create_dir_all(&folder).map_err(|error| io(&folder, &error))?;
    let mut files = Vec::new();
    for &format in &request.formats {
        if watch.is_cancelled() {
            return Err(store::StoreError::Cancelled.into());
        }
        let (extension, bytes) = match format {
            PackFormat::Pdf => {
                watch.report(|progress| progress.phase = "Setting the PDF".to_owned());
                ("pdf", pdf::render(&model).map_err(|error| ApiError::new("pack", error.to_string(), ""))?)
            }
            PackFormat::Xlsx => {
                watch.report(|progress| progress.phase = "Writing the workbook".to_owned());
                ("xlsx", report::xlsx::write(&model, as_of)?)
            }
        };
        let path = folder.join(format!(
            "{}-{}.{extension}",
            request.pack,
            model.period_label.to_lowercase().replace(' ', "-")
        ));
        std::fs::write(&path, &bytes).map_err(|error| io(&path, &error))?;
        let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        files.push(PackFile { path: path.to_string_lossy().into_owned(), format, bytes: bytes.len() as u64, sha256 });
    }
    Ok(PackReply { files })
}

/// The model: every figure an answer of the question engine, none computed here.
fn model(
    context: &Context,
    engagement: &Engagement,
    request: &PackRequest,
    as_of: NaiveDate,
    watch: &Watch,
) -> Result<ReportModel, ApiError> {
    let definition = definition(engagement, &request.pack)?;
    let calendar = Calendar {
        as_of,
        loaded: engagement.catalog()?.charges,
        fiscal_year_start: engagement.definition().fiscal_year_start,
    };
    let choice =
        request.period.map_or(definition.period, |period| PeriodChoice::Explicit { from: period.from, to: period.to });
    let period = choice.resolve(&calendar)?;
    let planned = report::plan(&definition, period.period);
    let answers = planned
        .iter()
        .map(|planned| {
            let question = asking::in_own_currency(engagement, &planned.question)?;
            asking::answer(context, engagement, &question, watch)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let extras = Extras {
        engagement: engagement.definition().name.clone(),
        calendar,
        reconciliation: reconciliation(context, engagement, period.period, watch)?,
        pinned: pinning::of(context, engagement, &definition, period.period, watch)?,
    };
    Ok(report::assemble(&definition, &period, &answers, &extras)?)
}

/// The invoices of the pack's months.
fn reconciliation(
    context: &Context,
    engagement: &Engagement,
    period: Period,
    watch: &Watch,
) -> Result<Option<Reconciliation>, ApiError> {
    let Some(found) = reconciling::reconciled(context, engagement, watch)? else { return Ok(None) };
    let currencies = engagement.catalog()?.currencies.clone();
    let inside =
        |month: &str| format!("{month}-01").parse::<NaiveDate>().is_ok_and(|day| period.from <= day && day < period.to);
    let ids: BTreeMap<money::Currency, String> = currencies
        .into_iter()
        .zip(&found.evidence)
        .map(|(currency, evidence)| (currency, evidence.id.clone()))
        .collect();
    let line = |line: reconciling::InvoiceReply| {
        Some(InvoiceLine {
            evidence_id: ids.get(&line.currency)?.clone(),
            invoice_id: line.invoice_id,
            issuer: line.issuer,
            period: line.period,
            currency: line.currency,
            amount: line.amount,
            charges: line.charges,
            difference: Some(line.difference),
            status: match (line.status.as_str(), line.closed) {
                ("matched", _) => "matched",
                ("no_charges", _) => "no charges loaded",
                ("no_invoice", false) => "no invoice given",
                (_, true) => "explained",
                _ => "open",
            }
            .to_owned(),
            parts: line
                .parts
                .into_iter()
                .map(|part| DifferencePart {
                    class: part.class.replace('_', " "),
                    amount: part.amount,
                    rule: part.rule,
                    proven: part.proven,
                })
                .collect(),
            note: line.note.map(|note| note.text),
        })
    };
    let invoices = found.invoices.into_iter().filter(|line| inside(&line.period)).filter_map(line).collect();
    let evidence = found.evidence;
    Ok(Some(Reconciliation { invoices, evidence }))
}

fn definition(engagement: &Engagement, name: &str) -> Result<PackDefinition, ApiError> {
    let path = file(engagement, name)?;
    parsed(&path, &text(&path)?)
}

/// The file of a pack that there is.
pub(crate) fn file(engagement: &Engagement, name: &str) -> Result<PathBuf, ApiError> {
    // A name is a file's stem, never a path.
    let sound = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "-_ ".contains(letter));
    let path = engagement.folder().join("packs").join(format!("{name}.toml"));
    if !sound || !path.is_file() {
        return Err(ApiError::new(
            "not_found",
            format!("there is no pack `{name}`"),
            "`qd pack list` names those there are.",
        ));
    }
    Ok(path)
}

pub(crate) fn text(path: &Path) -> Result<String, ApiError> {
    std::fs::read_to_string(path).map_err(|error| io(path, &error))
}

pub(crate) fn parsed(path: &Path, text: &str) -> Result<PackDefinition, ApiError> {
    PackDefinition::parse(text)
        .map_err(|error| ApiError::new("pack", format!("{}: {error}", path.display()), "Mend the file."))
}

fn io(path: &Path, error: &std::io::Error) -> ApiError {
    ApiError::new("io", format!("{}: {error}", path.display()), "Check the folder and its permissions.")
}
