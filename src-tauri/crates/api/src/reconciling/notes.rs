//! What the analyst wrote on invoices: `rules/invoice-notes.toml`, text that a person can read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reconciliation::Class;
use serde::{Deserialize, Serialize};
use store::Engagement;
use ts_rs::TS;

use super::InvoiceReply;
use crate::ApiError;

/// A note on a line of the reconciliation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct InvoiceNote {
    /// The invoice's number; null for charges that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub invoice_id: Option<String>,
    /// The billing account of charges that name no invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub billing_account: Option<String>,
    /// The billing month of charges that name no invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub period: Option<String>,
    /// What the analyst says.
    pub text: String,
    /// The class that the analyst gives to what is `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub class: Option<String>,
}

/// `invoice_note_set`. A note is on an invoice's number, or, for charges that name no invoice, on their account and month.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct InvoiceNoteRequest {
    #[serde(default)]
    #[ts(optional = nullable)]
    invoice_id: Option<String>,
    #[serde(default)]
    #[ts(optional = nullable)]
    billing_account: Option<String>,
    #[serde(default)]
    #[ts(optional = nullable)]
    period: Option<String>,
    /// The note; an empty one takes away what was there.
    text: String,
    /// The class that the analyst gives to what is `unknown`.
    #[serde(default)]
    #[ts(optional = nullable)]
    class: Option<String>,
}

/// What a note is on: a number, or an account and a month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subject {
    number: Option<String>,
    account_and_period: Option<(Option<String>, String)>,
}

impl Subject {
    fn new(number: Option<&str>, account: Option<&str>, period: Option<&str>) -> Option<Self> {
        match (number, period) {
            (Some(number), _) => Some(Self { number: Some(number.to_owned()), account_and_period: None }),
            (None, Some(period)) => {
                let account = account.map(str::to_owned);
                Some(Self { number: None, account_and_period: Some((account, period.to_owned())) })
            }
            (None, None) => None,
        }
    }

    pub(super) fn of(line: &InvoiceReply) -> Self {
        Self {
            number: line.invoice_id.clone(),
            account_and_period: match line.invoice_id {
                Some(_) => None,
                None => Some((line.billing_account.clone(), line.period.clone())),
            },
        }
    }
}

/// The file as it is written.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Notes {
    #[serde(default, rename = "note")]
    notes: Vec<InvoiceNote>,
}

fn file(engagement: &Engagement) -> PathBuf {
    engagement.folder().join("rules").join("invoice-notes.toml")
}

/// The notes by what they are on.
pub(super) fn read(engagement: &Engagement) -> Result<BTreeMap<Subject, InvoiceNote>, ApiError> {
    let path = file(engagement);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(note_error(&path, &error.to_string())),
    };
    let written: Notes = toml::from_str(&text).map_err(|error| note_error(&path, error.message()))?;
    let mut notes = BTreeMap::new();
    for mut note in written.notes {
        if let Some(class) = &note.class {
            note.class = Some(sound_class(class).map_err(|problem| note_error(&path, &problem))?);
        }
        let subject = Subject::new(note.invoice_id.as_deref(), note.billing_account.as_deref(), note.period.as_deref())
            .ok_or_else(|| note_error(&path, "a note names neither an invoice nor a period"))?;
        notes.insert(subject, note);
    }
    Ok(notes)
}

/// Writes a note in place of the one there was, or takes it away; gives all notes.
pub(super) fn set(engagement: &Engagement, request: &InvoiceNoteRequest) -> Result<Vec<InvoiceNote>, ApiError> {
    let path = file(engagement);
    let mut notes = read(engagement)?;
    let (number, account, period) =
        (request.invoice_id.as_deref(), request.billing_account.as_deref(), request.period.as_deref());
    let subject = Subject::new(number, account, period)
        .ok_or_else(|| ApiError::new("invoice_note", "the note names neither an invoice nor a period", ""))?;
    let text = request.text.trim();
    if text.is_empty() {
        notes.remove(&subject);
    } else {
        let class = request.class.as_deref().map(sound_class).transpose();
        let class = class.map_err(|problem| ApiError::new("invoice_note", problem, ""))?;
        let number = subject.number.clone();
        let (billing_account, period) = match &subject.account_and_period {
            Some((account, period)) => (account.clone(), Some(period.clone())),
            None => (None, None),
        };
        notes
            .insert(subject, InvoiceNote { invoice_id: number, billing_account, period, text: text.to_owned(), class });
    }
    let written = Notes { notes: notes.into_values().collect() };
    let body = toml::to_string_pretty(&written).map_err(|error| note_error(&path, &error.to_string()))?;
    let text = format!("# What the analyst wrote on invoices that differ from their charges.\n\n{body}");
    std::fs::create_dir_all(path.parent().unwrap_or(&path))
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|error| note_error(&path, &error.to_string()))?;
    Ok(written.notes)
}

fn sound_class(text: &str) -> Result<String, String> {
    let class: Class =
        text.parse().map_err(|error: reconciliation::UnknownClass| format!("there is no class `{text}`; {error}"))?;
    Ok(class.name().to_owned())
}

fn note_error(path: &Path, problem: &str) -> ApiError {
    ApiError::new(
        "invoice_note",
        format!("{}: {problem}", path.display()),
        "A note is [[note]] with invoice_id, text and, if you like, class.",
    )
}
