//! How much of the cost has an owner, and how much carries each tag.

use query::{Catalog, Dimension, Filter, Measure, Operator, Question};

use super::figure::{Figure, Named, money};
use super::{Kpi, KpiEvidence, KpiUnit, OWNER_SETTING, Scope};
use crate::ApiError;

/// The tag key that names an owner: the engagement's choice, or the first key that is a column.
pub(crate) fn owner_key(definition: &store::Definition, catalog: &Catalog) -> Option<String> {
    definition.settings.get(OWNER_SETTING).cloned().or_else(|| catalog.tag_keys().into_iter().next())
}

pub(super) fn kpis(scope: &Scope<'_>, catalog: &Catalog) -> Result<Vec<Kpi>, ApiError> {
    let owner = owner_key(&scope.engagement.definition(), catalog);
    let mut kpis = vec![allocated(scope, owner.as_deref())?];
    for key in catalog.tag_keys() {
        let (now, before, evidence) = tagged(scope, &key)?;
        let named = Named {
            id: &format!("tag_coverage:{key}"),
            label: &format!("Tag coverage by spend: {key}"),
            unit: KpiUnit::Ratio,
            definition: &format!(
                "The effective cost of charges that carry the tag {key} with a value, over that of all charges."
            ),
        };
        kpis.push(named.kpi(now, before, evidence).aiming("85 to 95 %; above 95 % for chargeback", Some(85), None));
    }
    Ok(kpis)
}

fn allocated(scope: &Scope<'_>, owner: Option<&str>) -> Result<Kpi, ApiError> {
    let definition = match owner {
        Some(key) => format!(
            "The effective cost of charges with an owner (the tag {key} has a value), over that of all charges."
        ),
        None => "The effective cost of charges with an owner, over that of all charges.".to_owned(),
    };
    let named =
        Named { id: "allocated_share", label: "Allocated share", unit: KpiUnit::Ratio, definition: &definition };
    let kpi = match owner {
        Some(key) => {
            let (now, before, evidence) = tagged(scope, key)?;
            named.kpi(now, before, evidence)
        }
        None => {
            let why = format!("no owner tag is chosen and no tag key is loaded (setting {OWNER_SETTING})");
            named.kpi(Figure::none(why), None, Vec::new())
        }
    };
    Ok(kpi.aiming("above 85 % of all cost, above 90 % of production", Some(85), None))
}

/// The share of the effective cost that carries a tag, now and before.
fn tagged(scope: &Scope<'_>, key: &str) -> Result<(Figure, Option<Figure>, Vec<KpiEvidence>), ApiError> {
    let dimension = Dimension::Tag(key.to_owned());
    let has = |operator: Operator, values: Vec<String>| Filter { dimension: dimension.clone(), operator, values };
    let mut filters = scope.question.filters.clone();
    // A tag without text names nobody.
    filters.extend([has(Operator::Present, Vec::new()), has(Operator::IsNot, vec![String::new()])]);
    let question = Question {
        measures: vec![Measure::EffectiveCost],
        filters,
        compare: scope.comparison(),
        ..scope.question.clone()
    };
    let tagged = scope.ask(&question)?;
    let sums = &scope.sums.answer;
    let place = sums.measures.iter().position(|measure| measure.name == Measure::EffectiveCost.name());
    let part = tagged.total.first().cloned().unwrap_or_default();
    let whole = place.and_then(|place| sums.total.get(place)).cloned().unwrap_or_default();
    let figure = |part: Option<money::Amount>, whole: Option<money::Amount>| {
        let (part, whole) = (part.unwrap_or_default(), whole.unwrap_or_default());
        let terms = format!("{} / {}", money(part, sums.currency), money(whole, sums.currency));
        Figure::ratio(part, whole, &terms, "the effective cost of the scope is zero")
    };
    let before = sums.compared_with.map(|_| figure(part.previous, whole.previous));
    Ok((figure(part.value, whole.value), before, vec![KpiEvidence::of(&tagged), KpiEvidence::of(sums)]))
}
