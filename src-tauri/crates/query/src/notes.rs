//! What an analyst should know before using the figures, as far as the catalogue tells it.

use chrono::{Months, NaiveDate};

use crate::logical::LogicalQuery;
use crate::period::month_start;
use crate::{Catalog, Grain, Note, Period, PeriodBasis};

/// Notes on periods that the loaded data do not fill, and on bills that the period cuts.
pub(crate) fn period_notes(query: &LogicalQuery, catalog: &Catalog) -> Vec<Note> {
    let mut notes = Vec::new();
    if query.basis == PeriodBasis::Billing && !query.current.is_whole_months() && catalog.bills != Some(query.current) {
        notes.push(note("billing_months", "A bill counts whole when its first day lies in the period.".to_owned()));
    }
    let Some(covered) = catalog.covered else { return notes };
    notes.extend(coverage(&query.current, &covered, "partial_period", "The period"));
    if let Some(previous) = &query.previous {
        notes.extend(coverage(previous, &covered, "partial_comparison", "The compared period"));
    }
    if query.time == Some(Grain::Month) {
        notes.extend(partial_months(query, &covered));
    }
    notes
}

fn note(code: &str, message: String) -> Note {
    Note { code: code.to_owned(), message }
}

/// A period that reaches beyond the days for which charges are loaded.
fn coverage(period: &Period, covered: &Period, code: &str, subject: &str) -> Option<Note> {
    match period.intersection(covered) {
        None => Some(note(code, format!("{subject} holds no loaded days: charges are loaded for {}.", span(covered)))),
        Some(loaded) if loaded == *period => None,
        Some(loaded) => Some(note(
            code,
            format!(
                "{subject} is not loaded whole: charges are there for {}, {} of its {} days.",
                span(&loaded),
                loaded.days(),
                period.days()
            ),
        )),
    }
}

/// The first and the last month of a monthly trend, where the period or the loaded data cut them short.
fn partial_months(query: &LogicalQuery, covered: &Period) -> Vec<Note> {
    let shown = match query.basis {
        PeriodBasis::Charge => query.current.intersection(covered),
        PeriodBasis::Billing => Some(query.current),
    };
    let Some(shown) = shown else { return Vec::new() };
    let mut months = vec![month_start(shown.from), month_start(shown.last_day())];
    months.dedup();
    months
        .into_iter()
        .filter_map(|from| {
            let month = Period::new(from, from.checked_add_months(Months::new(1))?).ok()?;
            let counted = month.intersection(&query.current)?.intersection(covered)?;
            (counted != month).then(|| {
                note(
                    "partial_period",
                    format!(
                        "{} counts {} only, {} of {} days.",
                        from.format("%Y-%m"),
                        span(&counted),
                        counted.days(),
                        month.days()
                    ),
                )
            })
        })
        .collect()
}

/// "2018-10-01 to 2018-10-31", or the one day.
fn span(period: &Period) -> String {
    let text = |day: NaiveDate| day.format("%Y-%m-%d").to_string();
    if period.days() == 1 { text(period.from) } else { format!("{} to {}", text(period.from), text(period.last_day())) }
}
