//! `commitment_inventory`, `commitments_import`.

use chrono::NaiveDate;
use commitment::inventory::{Held, completions, expiries};
use money::Amount;
use query::{Dimension, Filter, Measure, Operator, Question};
use store::Watch;

use super::facts::{self, BYTES_MAX, FILE};
use super::reply::{
    CommitmentExpiry, CommitmentFinding, CommitmentInventory, CommitmentRequest, CommitmentTotal, CommitmentUnnamed,
    CommitmentsImportRequest, shown,
};
use super::{Ground, note};
use crate::exporting::put;
use crate::kpis::KpiEvidence;
use crate::{ApiError, Context, asking, kpis, text_file};

pub(crate) fn inventory(
    context: &Context,
    request: &CommitmentRequest,
    watch: &Watch,
) -> Result<CommitmentInventory, ApiError> {
    let engagement = context.engagement()?;
    let ground = Ground::new(&engagement, &request.question, watch)?;
    let mut found = facts::found(&ground)?;
    known_from_all(&ground, &mut found)?;
    let as_of = as_of(&ground, &found)?;
    let (kpis, sums, evidence) = kpis::of_commitments(context, &ground.question, watch)?;
    let held = &found.inventory.held;
    let commitments =
        held.iter().map(|one| shown(one, as_of, sums.coverable)).collect::<Result<Vec<_>, money::AmountError>>()?;
    let sum = |of: fn(&commitment::inventory::Held) -> Amount| Amount::sum(held.iter().map(of));
    let (used, unused) = (sum(|one| one.figures.used)?, sum(|one| one.figures.unused)?);
    let covered = sum(|one| one.figures.covered.unwrap_or_default())?;
    // What no commitment is named for is the difference to the sums behind the key figures: there is one way to a number.
    let rest = CommitmentUnnamed {
        used: sums.used.checked_sub(used)?,
        unused: sums.unused.checked_sub(unused)?,
        covered: sums.covered.checked_sub(covered)?,
    };
    let unnamed = Some(rest).filter(|rest| ![rest.used, rest.unused, rest.covered].iter().all(|one| one.is_zero()));
    let mut notes = Vec::new();
    if unnamed.is_some() {
        notes.push(note(
            "unnamed_commitments",
            "Some charges are the used or unused part of a commitment without naming it, or cover usage without its contracted cost: they \
             count in the totals and are on no line.",
        ));
    }
    notes.extend(without_name(context, &ground)?);
    if held.is_empty() {
        notes.push(note("no_commitments", "No charge in the period names a commitment."));
    }
    let open = |one: &&super::reply::CommitmentHeld| {
        use super::reply::CommitmentState::{Running, Unknown};
        matches!(one.state, Running | Unknown) && (one.remaining_fees.is_none() || one.remaining_upfront.is_none())
    };
    let total = CommitmentTotal {
        used: sums.used,
        unused: sums.unused,
        covered: sums.covered,
        coverable: sums.coverable,
        remaining_fees: Amount::sum(commitments.iter().filter_map(|one| one.remaining_fees))?,
        remaining_upfront: Amount::sum(commitments.iter().filter_map(|one| one.remaining_upfront))?,
        remaining_unknown: u32::try_from(commitments.iter().filter(open).count()).unwrap_or(u32::MAX),
    };
    let from = as_of.and_time(chrono::NaiveTime::MIN).and_utc();
    let expiries = expiries(held, from)?.into_iter().map(|expiry| CommitmentExpiry {
        month: expiry.month.to_string(),
        ends: expiry.ends,
        hourly: expiry.hourly,
        hourly_left: expiry.hourly_left,
    });
    let own = KpiEvidence {
        question: None,
        id: None,
        scope: format!("Charges of commitments, {}", ground.period()),
        charges: Some(found.charges),
        sql: found.sql,
    };
    Ok(CommitmentInventory {
        currency: kpis_currency(&ground)?,
        period: ground.period(),
        as_of,
        kpis,
        commitments,
        unnamed,
        total,
        expiries: expiries.collect(),
        findings: found.inventory.findings.into_iter().map(CommitmentFinding::from).collect(),
        notes,
        evidence: vec![own, evidence],
    })
}

/// Takes what a commitment is, and what is wrong with that, from all that is loaded: its first and last charges may lie outside of the
/// period, which counts for its figures alone.
fn known_from_all(ground: &Ground<'_>, found: &mut facts::Found) -> Result<(), ApiError> {
    let question = Question { period: None, ..ground.question.clone() };
    let all = Ground::new(ground.engagement, &question, ground.watch)?;
    if all.period() == ground.period() {
        return Ok(());
    }
    let all = facts::found(&all)?.inventory;
    for held in &mut found.inventory.held {
        let Some(known) = all.held.iter().find(|known| known.id == held.id) else { continue };
        *held = Held {
            first_seen: held.first_seen,
            last_seen: held.last_seen,
            figures: held.figures.clone(),
            ..known.clone()
        };
    }
    found.inventory.findings = all.findings;
    Ok(())
}

/// Usage that is priced under a commitment which the bill does not name: it is on no line.
fn without_name(context: &Context, ground: &Ground<'_>) -> Result<Option<query::Note>, ApiError> {
    let filter = |dimension, operator, values: &[&str]| Filter {
        dimension,
        operator,
        values: values.iter().map(|&value| value.to_owned()).collect(),
    };
    let mut filters = ground.question.filters.clone();
    filters.extend([
        filter(Dimension::PricingCategory, Operator::Is, &["Committed"]),
        filter(Dimension::ChargeCategory, Operator::Is, &["Usage"]),
        filter(Dimension::Commitment, Operator::Missing, &[]),
    ]);
    let measures = vec![Measure::EffectiveCost, Measure::Charges];
    let question = Question { measures, filters, ..ground.question.clone() };
    let answer = asking::answer(context, ground.engagement, &question, ground.watch)?;
    let value = |at: usize| answer.total.get(at).and_then(|cell| cell.value).unwrap_or_default();
    let (effective, charges) = (value(0), value(1));
    if charges.is_zero() {
        return Ok(None);
    }
    let message = format!(
        "{} charges of usage ({} {} effective) are priced under commitments that they do not name, so that nothing can be said of those \
         commitments; no line and no key figure has them.",
        money::group_digits(&charges.normalized().to_string()),
        effective.normalized(),
        answer.currency
    );
    Ok(Some(note("committed_without_name", message)))
}

/// The day on which the loaded usage ends.
fn as_of(ground: &Ground<'_>, found: &facts::Found) -> Result<NaiveDate, ApiError> {
    let last = found.seen.values().map(|(_, until)| until.date_naive()).max();
    Ok(last.unwrap_or(ground.period().to))
}

fn kpis_currency(ground: &Ground<'_>) -> Result<money::Currency, ApiError> {
    let catalog = ground.engagement.catalog()?;
    Ok(ground.question.currency.or_else(|| catalog.currencies.first().copied()).unwrap_or(catalog.currency))
}

/// Keeps a table of what the bill does not tell of commitments; it replaces the one that was there.
pub(crate) fn import(
    context: &Context,
    request: &CommitmentsImportRequest,
) -> Result<Vec<CommitmentFinding>, ApiError> {
    let engagement = context.engagement()?;
    let text = text_file::read(&request.path, BYTES_MAX, "a table of commitments").map_err(|problem| {
        ApiError::new(
            "commitments",
            format!("{} cannot be read: {problem}", request.path.display()),
            "Give a CSV in UTF-8 with a column `id`.",
        )
    })?;
    let completion = completions(FILE, text.as_bytes());
    if completion.rows.is_empty() {
        let first = completion.findings.first().map_or("it has no rows", |finding| finding.message.as_str());
        return Err(ApiError::new(
            "commitments",
            format!("{} tells of no commitment: {first}", request.path.display()),
            format!("Columns: {}.", commitment::inventory::COMPLETION_COLUMNS.join(", ")),
        ));
    }
    let path = engagement.folder().join(FILE);
    put(&path, text.as_bytes())?;
    Ok(completion.findings.into_iter().map(CommitmentFinding::from).collect())
}
