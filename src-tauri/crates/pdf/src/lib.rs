//! The report model as an accessible PDF.
//!
//! Typst sets the pages. It sees one template, four fonts and one JSON file with strings: figures arrive printed, text from a bill
//! arrives as data and is never markup. There is no file system, no package and no network behind it, and its clock is the pack's
//! date. The document is tagged and held to PDF/UA-1 and PDF/A-2a; what does not conform is an error, not a warning.
//!
//! The same model gives the same bytes on the same platform.

mod legible;
mod view;
mod world;

use chrono::Datelike;
use report::ReportModel;
use sha2::{Digest, Sha256};
use typst::diag::{Severity, SourceDiagnostic};
use typst::foundations::{Datetime, Smart};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// Why a PDF could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A chart of the model could not be drawn, or the model could not be written as data.
    #[error("the pack cannot be laid out: {0}")]
    Report(#[from] report::ReportError),
    /// The model could not be written as data.
    #[error("the pack's data cannot be written: {0}")]
    Data(#[from] serde_json::Error),
    /// The pages could not be set.
    #[error("the pages cannot be set: {0}")]
    Layout(String),
    /// The document does not conform to the standards it claims.
    #[error("the PDF cannot be written: {0}")]
    Export(String),
}

/// Writes the pack as a PDF.
///
/// # Errors
/// [`PdfError::Report`] when a chart cannot be drawn, [`PdfError::Layout`] and [`PdfError::Export`] with the typesetter's own words.
pub fn render(model: &ReportModel) -> Result<Vec<u8>, PdfError> {
    let date = today(model);
    let mut data = serde_json::to_value(view::view(model)?)?;
    let fonts = world::fonts();
    let unshown = legible::make_legible(&mut data, &fonts);
    data["unshown_characters"] = unshown.into();
    let world = world::PackWorld::new(fonts, serde_json::to_vec(&data)?, date)?;
    let document = typst::compile(&world).output.map_err(|errors| PdfError::Layout(in_words(&errors)))?;
    let hash = Sha256::digest(serde_json::to_vec(model)?);
    let ident: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a])
        .map_err(|error| PdfError::Export(error.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("Quarterdeck".to_owned())),
        timestamp: date.map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| PdfError::Export(in_words(&errors)))
}

/// The pack's date, as midnight.
fn today(model: &ReportModel) -> Option<Datetime> {
    let month = u8::try_from(model.as_of.month()).ok()?;
    let day = u8::try_from(model.as_of.day()).ok()?;
    Datetime::from_ymd_hms(model.as_of.year(), month, day, 0, 0, 0)
}

/// The typesetter's errors in one line.
fn in_words(diagnostics: &[SourceDiagnostic]) -> String {
    let errors: Vec<String> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| {
            let hints: Vec<&str> = diagnostic.hints.iter().map(|hint| hint.v.as_str()).collect();
            format!("{} {}", diagnostic.message, hints.join(" ")).trim_end().to_owned()
        })
        .collect();
    errors.join("; ")
}
