//! How much of what commitments could cover they cover, and how much of them is used.

use money::AmountError;

use super::figure::{Figure, Named, money, percent};
use super::savings::NOTHING_COVERABLE;
use super::sums::{Group, Kind, lacking, total};
use super::{Kpi, KpiEvidence, KpiUnit, Scope};
use crate::ApiError;

pub(super) fn kpis(scope: &Scope<'_>) -> Result<Vec<Kpi>, ApiError> {
    let sums = &scope.sums;
    let own = || vec![KpiEvidence::of(&sums.answer)];
    let (coverage, coverage_before) = sums.both(|groups| coverage(scope, groups));
    let (utilisation, utilisation_before) = sums.both(|groups| utilisation(scope, groups));
    let (waste, waste_before) = sums.both(|groups| waste(scope, groups));
    let coverage = Named {
        id: "commitment_coverage",
        label: "Commitment coverage",
        unit: KpiUnit::Ratio,
        definition: "The usage that commitments cover, over all usage that they could cover (that and usage at standard prices of the \
                     same services in the same pricing units), at negotiated prices without commitments (ContractedCost).",
    }
    .kpi(coverage?, coverage_before.transpose()?, vec![KpiEvidence::of(&sums.answer), KpiEvidence::of(&sums.coverable_answer)])
    .aiming("60 to 85 % (others: 50 to 80 %); more locks in, less pays on-demand prices", Some(60), Some(85));
    let utilisation = Named {
        id: "commitment_utilisation",
        label: "Commitment utilisation",
        unit: KpiUnit::Ratio,
        definition: "The effective cost of what was used of commitments, over that of all of them, used and unused \
                     (CommitmentDiscountStatus).",
    }
    .kpi(utilisation?, utilisation_before.transpose()?, own())
    .aiming("90 % and more; the best above 95 %", Some(90), None);
    let waste = Named {
        id: "commitment_waste",
        label: "Commitment waste",
        unit: KpiUnit::Currency,
        definition: "The effective cost of commitments that nobody used (CommitmentDiscountStatus is Unused).",
    }
    .kpi(waste?, waste_before.transpose()?, own());
    Ok(vec![coverage, utilisation, waste])
}

fn coverage(scope: &Scope<'_>, groups: &[Group]) -> Result<Figure, AmountError> {
    let sums = &scope.sums;
    if sums.coverable.is_empty() {
        return Ok(Figure::none(NOTHING_COVERABLE));
    }
    let used = || groups.iter().filter(|group| group.kind == Kind::Used);
    let all = || groups.iter().filter(|group| group.kind == Kind::Used || sums.is_coverable(group));
    if let Some(provider) = lacking(all(), |group| group.contracted) {
        return Ok(Figure::none(format!("usage of {provider} has no contracted cost")));
    }
    let (part, whole) = (total(used(), |group| group.contracted)?, total(all(), |group| group.contracted)?);
    let currency = sums.answer.currency;
    let terms = format!("{} / {}", money(part, currency), money(whole, currency));
    Ok(Figure::ratio(part, whole, &terms, "there is no usage that commitments could cover"))
}

const NO_COMMITMENT: &str = "no charge says that it is the used or the unused part of a commitment";

fn utilisation(scope: &Scope<'_>, groups: &[Group]) -> Result<Figure, AmountError> {
    let of = |kind: Kind| total(groups.iter().filter(|group| group.kind == kind), |group| group.effective);
    let (used, unused) = (of(Kind::Used)?, of(Kind::Unused)?);
    let currency = scope.sums.answer.currency;
    let (left, right) = (money(used, currency), money(unused, currency));
    Ok(Figure::ratio(used, used.checked_add(unused)?, &format!("{left} / ({left} + {right})"), NO_COMMITMENT))
}

fn waste(scope: &Scope<'_>, groups: &[Group]) -> Result<Figure, AmountError> {
    if !groups.iter().any(|group| matches!(group.kind, Kind::Used | Kind::Unused)) {
        return Ok(Figure::none(NO_COMMITMENT));
    }
    let unused = total(groups.iter().filter(|group| group.kind == Kind::Unused), |group| group.effective)?;
    let currency = scope.sums.answer.currency;
    let used = utilisation(scope, groups)?;
    let share = match used.value {
        Ok(used) => money::Amount::from_integer(1)
            .checked_sub(used)
            .map(|waste| format!("; 1 - utilisation = {}", percent(waste)))?,
        Err(_) => String::new(),
    };
    Ok(Figure::amount(unused, format!("{}{share}", money(unused, currency))))
}

/// What commitments cost and cover in a scope: the sums behind the key figures, by whatever the groups are told apart by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CommitmentSums {
    /// The effective cost of what was used of them.
    pub(crate) used: money::Amount,
    /// The effective cost of what nobody used.
    pub(crate) unused: money::Amount,
    /// The contracted cost of what they cover.
    pub(crate) covered: money::Amount,
    /// The contracted cost of what they cover and could cover.
    pub(crate) coverable: money::Amount,
}

impl CommitmentSums {
    pub(super) fn of(sums: &super::sums::Sums, groups: &[Group]) -> Result<Self, AmountError> {
        let of = |kind: Kind| groups.iter().filter(move |group| group.kind == kind);
        let coverable = groups.iter().filter(|group| group.kind == Kind::Used || sums.is_coverable(group));
        Ok(Self {
            used: total(of(Kind::Used), |group| group.effective)?,
            unused: total(of(Kind::Unused), |group| group.effective)?,
            covered: total(of(Kind::Used), |group| group.contracted)?,
            coverable: total(coverable, |group| group.contracted)?,
        })
    }
}
