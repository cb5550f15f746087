//! `commitment_coverage`: coverage, utilisation and waste over time or by a dimension, made of the sums behind the key figures.

use money::{Amount, Currency, Ratio};
use query::{Dimension, Grain, Note, Period, Question};
use serde::{Deserialize, Serialize};
use store::Watch;
use ts_rs::TS;

use super::Ground;
use crate::kpis::{self, By, CommitmentSums, Kpi, KpiEvidence};
use crate::{ApiError, Context};

/// `commitment_coverage`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CommitmentCoverageRequest {
    /// Its period, filters and currency.
    question: Question,
    /// Steps of time; hours of at most 62 days.
    #[serde(default)]
    #[ts(optional = nullable)]
    grain: Option<Grain>,
    /// A dimension instead.
    #[serde(default)]
    #[ts(optional = nullable)]
    by: Option<Dimension>,
}

/// Coverage and utilisation in parts.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CommitmentCoverage {
    /// The currency.
    pub currency: Currency,
    /// The period.
    pub period: Period,
    /// The steps of time, if it is by time.
    pub grain: Option<Grain>,
    /// The dimension, if it is by one.
    pub by: Option<Dimension>,
    /// The parts, in the order of their keys.
    pub parts: Vec<CommitmentCoveragePart>,
    /// All together.
    pub total: CommitmentCoveragePart,
    /// The key figures of the whole.
    pub kpis: Vec<Kpi>,
    /// What to know.
    pub notes: Vec<Note>,
    /// How the figures were made.
    pub evidence: Vec<KpiEvidence>,
}

/// Coverage and utilisation of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentCoveragePart {
    /// The step (`2026-07`, `2026-07-01`, `2026-07-01T14`) or the value; null for a missing one and for the total.
    pub key: Option<String>,
    /// The contracted cost of what is covered.
    pub covered: Amount,
    /// Of what is covered and could be.
    pub coverable: Amount,
    /// The first over the second, a fraction.
    pub coverage: Option<Amount>,
    /// The effective cost of what is used of commitments.
    pub used: Amount,
    /// Of what is not.
    pub unused: Amount,
    /// Used over both, a fraction.
    pub utilisation: Option<Amount>,
}

fn part(key: Option<String>, sums: &CommitmentSums) -> Result<CommitmentCoveragePart, money::AmountError> {
    let whole = sums.used.checked_add(sums.unused)?;
    Ok(CommitmentCoveragePart {
        key,
        covered: sums.covered,
        coverable: sums.coverable,
        coverage: Ratio::of(sums.covered, sums.coverable, 6),
        used: sums.used,
        unused: sums.unused,
        utilisation: Ratio::of(sums.used, whole, 6),
    })
}

pub(crate) fn coverage(
    context: &Context,
    request: &CommitmentCoverageRequest,
    watch: &Watch,
) -> Result<CommitmentCoverage, ApiError> {
    let by = match (request.grain, &request.by) {
        (Some(_), Some(_)) => {
            return Err(ApiError::new(
                "question",
                "coverage is by time or by a dimension, not by both",
                "Give one of them.",
            ));
        }
        (None, Some(dimension)) => By::Dimension(dimension.clone()),
        (grain, None) => By::Time(grain.unwrap_or(Grain::Month)),
    };
    let engagement = context.engagement()?;
    let ground = Ground::new(&engagement, &request.question, watch)?;
    let (groups, answer) = kpis::commitment_sums_by(context, &ground.question, &by, watch)?;
    let (kpis, sums, evidence) = kpis::of_commitments(context, &ground.question, watch)?;
    let parts = groups.into_iter().map(|(key, sums)| part(key, &sums)).collect::<Result<Vec<_>, _>>()?;
    let whole = part(None, &sums)?;
    let added = Amount::sum(parts.iter().map(|part| part.covered))?;
    if added != whole.covered {
        return Err(ApiError::from(query::QueryError::PartsDiffer {
            column: "covered usage".to_owned(),
            parts: added.normalized().to_string(),
            total: whole.covered.normalized().to_string(),
        }));
    }
    // What neither is covered nor could be is of no interest here.
    let of_interest =
        |part: &CommitmentCoveragePart| ![part.coverable, part.used, part.unused].iter().all(|amount| amount.is_zero());
    let own = KpiEvidence {
        question: Some(answer.question.clone()),
        id: Some(answer.evidence.id.clone()),
        scope: answer.evidence.scope.clone(),
        charges: Some(answer.evidence.charges),
        sql: answer.evidence.sql.clone(),
    };
    let (grain, dimension) = match by {
        By::Time(grain) => (Some(grain), None),
        By::Dimension(dimension) => (None, Some(dimension)),
    };
    Ok(CommitmentCoverage {
        currency: answer.currency,
        period: answer.period,
        grain,
        by: dimension,
        parts: parts.into_iter().filter(|part| request.by.is_none() || of_interest(part)).collect(),
        total: whole,
        kpis,
        notes: answer.notes,
        evidence: vec![own, evidence],
    })
}
