//! Packs: `pack list`, `pack pin`, `pack unpin`, `pack build`.

use std::path::Path;

use api::ApiError;
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Asked, Convention, Format};
use crate::asking;
use crate::output::{self, Table};
use crate::session::Session;

/// `qd pack list`.
pub(crate) fn list(session: &Session) -> Result<Outcome, ApiError> {
    let packs = session.call_value("packs", json!({}))?;
    print_packs(session, &packs)
}

fn print_packs(session: &Session, packs: &Value) -> Result<Outcome, ApiError> {
    print(session, packs, &["name", "title", "file"], &["name", "title", "file"])?;
    for pack in packs.as_array().into_iter().flatten() {
        for pinned in pack["pinned"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (name, kind, heading) = (text(&pack["name"]), text(&pinned["kind"]), text(&pinned["heading"]));
            session.note(&format!("note: pinned to {name}: section {}, {kind}, {heading}", pinned["section"]));
        }
    }
    Ok(Outcome::Done)
}

/// What is pinned.
pub(crate) enum Pin<'a> {
    /// The result of a statement.
    Sql(&'a str),
    /// The answer to a question.
    Figures(&'a Asked),
    /// A change.
    Change(&'a Asked, Convention),
    /// Rows by columns.
    Pivot(&'a Asked),
    /// What one of a metric costs.
    UnitCost(&'a Asked, &'a str),
    /// What a cost will be, so many steps ahead.
    Forecast(&'a Asked, Option<u32>),
    /// A plan of commitments.
    Commitment(&'a Asked, &'a str),
}

/// `qd pack pin`.
pub(crate) fn pin(
    session: &Session,
    pack: &str,
    heading: &str,
    text: Option<&str>,
    what: &Pin<'_>,
) -> Result<Outcome, ApiError> {
    let content = match what {
        Pin::Sql(sql) => json!({ "sql": sql }),
        Pin::Figures(asked) => json!({ "figures": asking::question(session, asked)? }),
        Pin::Pivot(asked) => json!({ "pivot": asking::question(session, asked)? }),
        Pin::UnitCost(asked, metric) => {
            json!({ "unit_cost": { "question": asking::question(session, asked)?, "metric": metric } })
        }
        Pin::Forecast(asked, horizon) => {
            json!({ "forecast": { "question": asking::question(session, asked)?, "horizon": horizon } })
        }
        Pin::Commitment(asked, basket) => {
            json!({ "commitment": { "question": asking::question(session, asked)?, "basket": basket } })
        }
        Pin::Change(asked, convention) => {
            let convention = match convention {
                Convention::BaseFirst => "base_first",
                Convention::Midpoint => "midpoint",
            };
            json!({ "change": { "question": asking::question(session, asked)?, "convention": convention } })
        }
    };
    let payload = json!({ "pack": pack, "heading": heading, "text": text, "content": content });
    print_packs(session, &session.call_value("pack_pin", payload)?)
}

/// `qd pack unpin`.
pub(crate) fn unpin(session: &Session, pack: &str, section: usize) -> Result<Outcome, ApiError> {
    print_packs(session, &session.call_value("pack_unpin", json!({ "pack": pack, "section": section }))?)
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
