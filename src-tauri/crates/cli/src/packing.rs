//! Packs: `pack list`, `pack build`.

use std::path::Path;

use api::ApiError;
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::Format;
use crate::output::{self, Table};
use crate::session::Session;

/// `qd pack list`.
pub(crate) fn list(session: &Session) -> Result<Outcome, ApiError> {
    let packs = session.call_value("packs", json!({}))?;
    print(session, &packs, &["name", "title", "file"], &["name", "title", "file"])
}

/// `qd pack build`.
pub(crate) fn build(
    session: &Session,
    pack: &str,
    period: Option<&str>,
    out: Option<&Path>,
    formats: &[String],
    as_of: Option<NaiveDate>,
) -> Result<Outcome, ApiError> {
    let period = period.map(query::parse_period).transpose().map_err(ApiError::from)?;
    let payload = json!({ "pack": pack, "period": period, "out": out, "formats": formats, "as_of": as_of });
    let started = session.call_value("pack_build", payload)?;
    let built = session.wait(&started)?;
    print(session, &built["files"], &["path", "format", "#bytes", "sha256"], &["path", "format", "bytes", "sha256"])
}

fn print(session: &Session, list: &Value, names: &[&str], keys: &[&str]) -> Result<Outcome, ApiError> {
    if session.format == Format::Json {
        output::json(list)?;
        return Ok(Outcome::Done);
    }
    let text = |value: &Value| value.as_str().map_or_else(|| Some(value.to_string()), |text| Some(text.to_owned()));
    let rows =
        list.as_array().into_iter().flatten().map(|one| keys.iter().map(|key| text(&one[key])).collect()).collect();
    Table::new(names, rows).print(session.format)?;
    Ok(Outcome::Done)
}
