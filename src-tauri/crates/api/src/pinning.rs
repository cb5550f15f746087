//! What is pinned to a pack: sections of `packs/NAME.toml` with a question, a statement or a change of their own, and what they show.

mod commitment;
mod names;
mod tables;

use std::collections::BTreeMap;
use std::path::Path;

use query::{Evidence, EvidenceLoad, Period, Question};
use report::{Convention, PINNED_ROWS_MAX, PackDefinition, Pinned, PinnedEffect, SectionDefinition, SectionKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Engagement, Watch};
use ts_rs::TS;

use crate::changing::{self, BridgeConvention, ChangeRequest};
use crate::exporting::put;
use crate::{ApiError, Context, asking, console, packs};

const HEADING_MAX: usize = 120;
const TEXT_MAX: usize = 2_000;
const STATEMENT_MAX: usize = 100_000;

/// `pack_pin`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct PackPinRequest {
    /// The pack's name.
    pack: String,
    /// The section's heading.
    heading: String,
    /// What the analyst says of it.
    #[serde(default)]
    #[ts(optional = nullable)]
    text: Option<String>,
    /// What is pinned.
    content: PinContent,
}

/// What is pinned to a pack.
#[derive(Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PinContent {
    /// A statement: what it gives when the pack is built.
    Sql(String),
    /// A question: its answer, as a chart where it can be drawn and as a table. Without a period that of the pack.
    Figures(Question),
    /// A change, split into its effects.
    Change {
        /// The question, with what it compares.
        question: Question,
        /// The order of effects.
        #[serde(default)]
        convention: BridgeConvention,
    },
    /// Rows by columns: the first dimension by the second one, or by the steps of time.
    Pivot(Question),
    /// What one of something costs by the question's grain, months where it says none.
    UnitCost {
        /// The question: its cost, period and filters, and by what the units are joined.
        question: Question,
        /// The metric.
        metric: String,
    },
    /// What a cost will be, by the question's grain, months where it says none.
    Forecast {
        /// The question: its cost and filters; its period is the history that is learned from.
        question: Question,
        /// Steps beyond the history.
        #[serde(default)]
        horizon: Option<u32>,
    },
    /// A plan of commitments on one page, for who approves it.
    Commitment {
        /// The question: its currency, filters and history.
        question: Question,
        /// The basket that is kept.
        basket: String,
    },
}

/// `pack_unpin`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct PackUnpinRequest {
    /// The pack's name.
    pack: String,
    /// The section's place in the pack, from 1.
    section: usize,
}

/// A pinned section of a pack.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct PinnedSection {
    /// Its place in the pack, from 1.
    pub section: usize,
    /// Its heading.
    pub heading: String,
    /// `figures`, `sql`, `change`, `pivot`, `unit_cost`, `forecast` or `commitment`.
    pub kind: String,
}

/// The pinned sections of a definition.
pub(crate) fn sections(definition: &PackDefinition) -> Vec<PinnedSection> {
    let kind = |kind: SectionKind| match kind {
        SectionKind::PinnedFigures => "figures",
        SectionKind::PinnedSql => "sql",
        SectionKind::PinnedPivot => "pivot",
        SectionKind::PinnedUnitCost => "unit_cost",
        SectionKind::PinnedForecast => "forecast",
        SectionKind::PinnedCommitment => "commitment",
        _ => "change",
    };
    definition
        .sections
        .iter()
        .enumerate()
        .filter(|(_, section)| section.kind.is_pinned())
        .map(|(place, section)| PinnedSection {
            section: place + 1,
            heading: section.heading.clone(),
            kind: kind(section.kind).to_owned(),
        })
        .collect()
}

/// Pins something to a pack, before its method and evidence. What could not be built is not pinned.
pub(crate) fn pin(context: &Context, request: PackPinRequest, watch: &Watch) -> Result<Vec<packs::PackInfo>, ApiError> {
    let engagement = context.engagement()?;
    let path = packs::file(&engagement, &request.pack)?;
    let section = section(request).map_err(|problem| refused(&path, &problem))?;
    // Asked once now: a statement that does not run, or a question without an answer, is told here and not when the pack is due.
    let loaded = engagement.catalog()?.charges;
    let period = loaded.ok_or(query::QueryError::NothingLoaded)?;
    shown(context, &engagement, &section, period, watch)?;
    let text = packs::text(&path)?;
    let definition = packs::parsed(&path, &text)?;
    let last = [SectionKind::Reconciliation, SectionKind::Method, SectionKind::Evidence];
    let before = definition.sections.iter().position(|known| last.contains(&known.kind));
    #[derive(Serialize)]
    struct One {
        section: [SectionDefinition; 1],
    }
    let written = toml::to_string(&One { section: [section] }).map_err(|error| refused(&path, &error.to_string()))?;
    let lines: Vec<&str> = text.lines().collect();
    let place = before.and_then(|before| start(&lines, before)).unwrap_or(lines.len());
    let (head, tail) = lines.split_at(place);
    let mut new = head.join("\n").trim_end().to_owned();
    new.push_str(&format!("\n\n{}\n", written.trim_end()));
    if !tail.is_empty() {
        new.push_str(&format!("\n{}\n", tail.join("\n").trim_end()));
    }
    write(&path, &new, definition.sections.len() + 1)?;
    packs::packs(context)
}

/// Takes a pinned section away.
pub(crate) fn unpin(context: &Context, request: &PackUnpinRequest) -> Result<Vec<packs::PackInfo>, ApiError> {
    let engagement = context.engagement()?;
    let path = packs::file(&engagement, &request.pack)?;
    let text = packs::text(&path)?;
    let definition = packs::parsed(&path, &text)?;
    let place = request.section.checked_sub(1);
    let known = place.and_then(|place| Some((place, definition.sections.get(place)?)));
    let Some((place, _)) = known.filter(|(_, section)| section.kind.is_pinned()) else {
        return Err(ApiError::new(
            "not_found",
            format!("section {} of the pack was not pinned to it", request.section),
            "`qd pack list` names what is pinned; other sections are taken out of the file by hand.",
        ));
    };
    let lines: Vec<&str> = text.lines().collect();
    let from = start(&lines, place).ok_or_else(|| refused(&path, "its sections cannot be told apart"))?;
    let to = start(&lines, place + 1).unwrap_or(lines.len());
    let kept: Vec<&str> = lines[..from].iter().chain(&lines[to..]).copied().collect();
    write(&path, &format!("{}\n", kept.join("\n").trim_end()), definition.sections.len() - 1)?;
    packs::packs(context)
}

/// The line where a section of the file begins, the remarks right above it with it.
fn start(lines: &[&str], section: usize) -> Option<usize> {
    // A statement of several lines may hold any text: what lies within three quotes is no header.
    let mut within = false;
    let mut headers = lines.iter().enumerate().filter_map(|(place, line)| {
        let header = !within && line.trim() == "[[section]]";
        if line.matches("\"\"\"").count() % 2 == 1 || line.matches("'''").count() % 2 == 1 {
            within = !within;
        }
        header.then_some(place)
    });
    let header = headers.nth(section)?;
    let remarks = lines[..header].iter().rev().take_while(|line| line.trim_start().starts_with('#')).count();
    Some(header - remarks)
}

/// Writes the file, once it is sure that it can be read and has the sections that it should.
fn write(path: &Path, text: &str, sections: usize) -> Result<(), ApiError> {
    let read = packs::parsed(path, text)?;
    if read.sections.len() != sections {
        return Err(refused(path, "it cannot be changed without losing a section; change it by hand"));
    }
    put(path, text.as_bytes())
}

fn section(request: PackPinRequest) -> Result<SectionDefinition, String> {
    let heading = request.heading.split_whitespace().collect::<Vec<_>>().join(" ");
    if heading.is_empty() || heading.chars().count() > HEADING_MAX {
        return Err(format!("a heading has 1 to {HEADING_MAX} characters"));
    }
    let text = request.text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX) {
        return Err(format!("a remark has at most {TEXT_MAX} characters"));
    }
    let empty = SectionDefinition {
        kind: SectionKind::PinnedSql,
        heading,
        by: Vec::new(),
        top: None,
        months: None,
        text,
        sql: None,
        metric: None,
        basket: None,
        horizon: None,
        convention: None,
        question: None,
    };
    Ok(match request.content {
        PinContent::Sql(sql) if sql.trim().is_empty() || sql.len() > STATEMENT_MAX => {
            return Err(format!("a statement has 1 to {STATEMENT_MAX} characters"));
        }
        PinContent::Sql(sql) => SectionDefinition { sql: Some(sql.trim().to_owned()), ..empty },
        PinContent::Figures(question) => {
            SectionDefinition { kind: SectionKind::PinnedFigures, question: Some(question), ..empty }
        }
        PinContent::Pivot(question) => {
            SectionDefinition { kind: SectionKind::PinnedPivot, question: Some(question), ..empty }
        }
        PinContent::UnitCost { question, metric } => SectionDefinition {
            kind: SectionKind::PinnedUnitCost,
            question: Some(question),
            metric: Some(metric),
            ..empty
        },
        PinContent::Forecast { question, horizon } => {
            SectionDefinition { kind: SectionKind::PinnedForecast, question: Some(question), horizon, ..empty }
        }
        PinContent::Commitment { question, basket } => SectionDefinition {
            kind: SectionKind::PinnedCommitment,
            question: Some(question),
            basket: Some(basket),
            ..empty
        },
        PinContent::Change { question, convention } => SectionDefinition {
            kind: SectionKind::PinnedChange,
            question: Some(question),
            convention: Some(match convention {
                BridgeConvention::BaseFirst => Convention::BaseFirst,
                BridgeConvention::Midpoint => Convention::Midpoint,
            }),
            ..empty
        },
    })
}

/// What the pinned sections of a pack show, for the pack's period.
pub(crate) fn of(
    context: &Context,
    engagement: &Engagement,
    definition: &PackDefinition,
    period: Period,
    watch: &Watch,
) -> Result<BTreeMap<usize, Pinned>, ApiError> {
    let pinned = definition.sections.iter().enumerate().filter(|(_, section)| section.kind.is_pinned());
    pinned
        .map(|(place, section)| {
            let shown = shown(context, engagement, section, period, watch).map_err(|mut error| {
                error.message = format!("section {} ({}): {}", place + 1, section.heading, error.message);
                error
            })?;
            Ok((place, shown))
        })
        .collect()
}

fn shown(
    context: &Context,
    engagement: &Engagement,
    section: &SectionDefinition,
    period: Period,
    watch: &Watch,
) -> Result<Pinned, ApiError> {
    if let Some(sql) = &section.sql {
        return statement(context, engagement, sql, watch);
    }
    let question = section.question.clone().unwrap_or_default();
    if section.kind == SectionKind::PinnedForecast {
        // What will be follows from all that was, not from the days of the pack.
        return tables::forecast(context, &question, section.horizon, watch);
    }
    if section.kind == SectionKind::PinnedCommitment {
        let basket = section.basket.as_deref().unwrap_or_default();
        return commitment::memo(context, engagement, &question, basket, watch);
    }
    let question = Question { period: Some(question.period.unwrap_or(period)), ..question };
    match section.kind {
        SectionKind::PinnedChange if question.against.is_some() => tables::plan_bridge(context, question, watch),
        SectionKind::PinnedChange => {
            let convention = match section.convention.unwrap_or_default() {
                Convention::BaseFirst => BridgeConvention::BaseFirst,
                Convention::Midpoint => BridgeConvention::Midpoint,
            };
            let found =
                changing::change(context, &ChangeRequest { question, convention, by: None, limit: Some(1) }, watch)?;
            Ok(Pinned::Change {
                currency: found.currency,
                period: found.period,
                compared_with: found.compared_with,
                base: found.base,
                current: found.current,
                effects: found
                    .effects
                    .into_iter()
                    .map(|effect| PinnedEffect { label: effect.label, amount: effect.amount })
                    .collect(),
                headline: found.headline,
                convention: found.convention_in_words,
                notes: found.notes.into_iter().map(|note| note.message).collect(),
                evidence: Box::new(found.evidence),
            })
        }
        SectionKind::PinnedPivot => tables::pivot(context, engagement, &question, watch),
        SectionKind::PinnedUnitCost => {
            tables::unit_cost(context, question, section.metric.as_deref().unwrap_or_default(), watch)
        }
        _ => {
            let question = asking::in_own_currency(engagement, &question)?;
            let mut answer = asking::answer(context, engagement, &question, watch)?;
            if answer.rows.len() > PINNED_ROWS_MAX {
                return Err(ApiError::new(
                    "usage",
                    format!("{} rows are too many for a pack", answer.rows.len()),
                    format!("At most {PINNED_ROWS_MAX}: ask for the top groups, or for coarser steps of time."),
                ));
            }
            names::put(context, engagement, &mut answer, watch)?;
            Ok(Pinned::Figures(Box::new(answer)))
        }
    }
}

/// The rows of a statement, with an evidence of their own: the statement, and all that is loaded.
fn statement(context: &Context, engagement: &Engagement, sql: &str, watch: &Watch) -> Result<Pinned, ApiError> {
    let limit = PINNED_ROWS_MAX as u64;
    let request = console::SqlRequest { text: sql.to_owned(), limit };
    let found = console::sql(context, &request, watch)?;
    let catalog = engagement.catalog()?;
    let loads: Vec<EvidenceLoad> = catalog.loads.iter().map(|info| info.load.clone()).collect();
    let files: Vec<&str> = loads.iter().map(|load| load.sha256.as_str()).collect();
    let digest = Sha256::digest(format!("{sql}\n{}", files.join("\n")).as_bytes());
    let is_figure = |kind: &str| kind.starts_with("Decimal") || kind.starts_with("Int") || kind.starts_with("UInt");
    Ok(Pinned::Rows {
        columns: found.columns.into_iter().map(|column| (column.name, is_figure(&column.kind))).collect(),
        rows: found.rows,
        truncated: found.truncated,
        evidence: Box::new(Evidence {
            id: digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect(),
            definition: vec!["The result of a statement that the analyst wrote, as it stands.".to_owned()],
            scope: "A statement over all that is loaded".to_owned(),
            sql: sql.to_owned(),
            source: "sql".to_owned(),
            charges: loads.iter().map(|load| load.rows).sum(),
            loads,
            rates: None,
            rules: Vec::new(),
        }),
    })
}

fn refused(path: &Path, problem: &str) -> ApiError {
    ApiError::new(
        "pack",
        format!("{}: {problem}", path.display()),
        "Pins are [[section]] with kind pinned_figures, pinned_pivot, pinned_change, pinned_unit_cost, pinned_forecast, pinned_commitment or pinned_sql.",
    )
}
