//! [`Sums`]: the costs of a scope by what savings and commitments are told apart by. One question, and one more for what commitments
//! have ever covered.

use std::collections::BTreeSet;

use money::{Amount, AmountError};
use query::{Answer, Dimension, Filter, Measure, MeasureKind, Operator, Question};
use store::{Engagement, Watch};

use crate::{ApiError, Context, asking};

/// What the costs are told apart by, in this order.
const DIMENSIONS: [Dimension; 7] = [
    Dimension::Provider,
    Dimension::Service,
    Dimension::PricingUnit,
    Dimension::ChargeCategory,
    Dimension::PricingCategory,
    Dimension::CommitmentStatus,
    Dimension::CommitmentCategory,
];

/// The costs of each group.
const COSTS: [Measure; 3] = [Measure::EffectiveCost, Measure::ContractedCost, Measure::ListCost];

/// A service of a provider, in a unit that it is priced by.
pub(super) type Priced = [Option<String>; 3];

/// The costs of a scope.
pub(super) struct Sums {
    pub(super) answer: Answer,
    /// The groups of the period.
    pub(super) now: Vec<Group>,
    /// Those of the compared period, where there is one.
    pub(super) before: Option<Vec<Group>>,
    /// What any loaded charge of the currency was covered for by a commitment, whatever the scope: what commitments could cover.
    pub(super) coverable: BTreeSet<Priced>,
    /// The answer that says so.
    pub(super) coverable_answer: Answer,
}

/// The costs of charges that agree in everything that matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) priced: Priced,
    pub(super) kind: Kind,
    pub(super) effective: Option<Amount>,
    pub(super) contracted: Option<Amount>,
    pub(super) list: Option<Amount>,
}

/// What a charge is to commitments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Usage that a commitment covered.
    Used,
    /// The part of a commitment that nobody used.
    Unused,
    /// Usage at standard prices.
    OnDemand,
    /// The purchase of a commitment.
    CommitmentPurchase,
    /// Anything else: taxes, credits, spot, support.
    Other,
}

impl Kind {
    fn of(category: Option<&str>, pricing: Option<&str>, status: Option<&str>, commitment: Option<&str>) -> Self {
        match (category, pricing, status, commitment) {
            (Some("Usage"), _, Some("Used"), _) => Self::Used,
            (Some("Usage"), _, Some("Unused"), _) => Self::Unused,
            (Some("Usage"), Some("Standard"), None, _) => Self::OnDemand,
            (Some("Purchase"), _, _, Some(_)) => Self::CommitmentPurchase,
            _ => Self::Other,
        }
    }
}

impl Sums {
    pub(super) fn of(
        context: &Context,
        engagement: &Engagement,
        question: &Question,
        watch: &Watch,
    ) -> Result<Self, ApiError> {
        // The strip's own cost first: it is the total.
        let own = question.measures.first().cloned().filter(|measure| measure.kind() == MeasureKind::Currency);
        let mut measures = vec![own.unwrap_or(Measure::EffectiveCost)];
        measures.extend(COSTS.into_iter().filter(|cost| !measures.contains(cost)).collect::<Vec<_>>());
        let asked = Question { measures: measures.clone(), by: DIMENSIONS.to_vec(), ..question.clone() };
        let answer = asking::answer(context, engagement, &asked, watch)?;
        let place = |cost: &Measure| measures.iter().position(|measure| measure == cost).unwrap_or(0);
        let places = COSTS.each_ref().map(place);
        let now = groups(&answer, places, |cell| cell.value);
        let before = answer.compared_with.map(|_| groups(&answer, places, |cell| cell.previous));
        let used = [Dimension::CommitmentStatus, Dimension::ChargeCategory]
            .into_iter()
            .zip(["Used", "Usage"])
            .map(|(dimension, value)| Filter { dimension, operator: Operator::Is, values: vec![value.to_owned()] });
        let covered = Question {
            measures: vec![Measure::EffectiveCost],
            by: DIMENSIONS[..3].to_vec(),
            filters: used.collect(),
            period: None,
            compare: None,
            ..question.clone()
        };
        let coverable_answer = asking::answer(context, engagement, &covered, watch)?;
        let priced = |keys: &[Option<String>]| <Priced>::try_from(keys.to_vec()).ok();
        let coverable = coverable_answer.rows.iter().filter_map(|row| priced(&row.keys)).collect();
        Ok(Self { answer, now, before, coverable, coverable_answer })
    }

    /// The groups of the period by one thing more, in the order of its keys.
    pub(super) fn by(
        context: &Context,
        engagement: &Engagement,
        question: &Question,
        by: &By,
        watch: &Watch,
    ) -> Result<(Grouped, Answer), ApiError> {
        let mut asked = Question { measures: COSTS.to_vec(), compare: None, ..question.clone() };
        let mut at = 0;
        match by {
            By::Time(grain) => asked.grain = Some(*grain),
            By::Dimension(dimension) => {
                if let Some(place) = DIMENSIONS.iter().position(|known| known == dimension) {
                    at = place;
                } else {
                    asked.by.push(dimension.clone());
                }
            }
        }
        // A dimension that the groups have anyway is not asked for twice.
        let front = usize::from(asked.grain.is_some() || !asked.by.is_empty());
        asked.by.extend(DIMENSIONS);
        let answer = asking::answer(context, engagement, &asked, watch)?;
        let mut groups: std::collections::BTreeMap<Option<String>, Vec<Group>> = std::collections::BTreeMap::new();
        for row in &answer.rows {
            let key = row.keys.get(at).cloned().flatten();
            groups.entry(key).or_default().push(group(row, front, [0, 1, 2], &|cell| cell.value));
        }
        Ok((groups.into_iter().collect(), answer))
    }

    /// A figure over the groups of the period, and over those of the compared one.
    pub(super) fn both<T>(&self, figure: impl Fn(&[Group]) -> T) -> (T, Option<T>) {
        (figure(&self.now), self.before.as_deref().map(figure))
    }

    /// Whether commitments could have covered a group: it is usage at standard prices of a service, in a unit, that they have covered.
    pub(super) fn is_coverable(&self, group: &Group) -> bool {
        group.kind == Kind::OnDemand && self.coverable.contains(&group.priced)
    }
}

/// Something with its key; a missing value has none.
pub(crate) type Keyed<T> = (Option<String>, T);

/// The groups of each key.
pub(super) type Grouped = Vec<Keyed<Vec<Group>>>;

/// One thing more that costs are told apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// Steps of time.
    Time(query::Grain),
    /// A dimension.
    Dimension(Dimension),
}

fn groups(answer: &Answer, places: [usize; 3], side: impl Fn(&query::Cell) -> Option<Amount>) -> Vec<Group> {
    answer.rows.iter().map(|row| group(row, 0, places, &side)).collect()
}

/// A row as a group; its dimensions begin at `from`.
fn group(row: &query::Row, from: usize, places: [usize; 3], side: &impl Fn(&query::Cell) -> Option<Amount>) -> Group {
    let key = |at: usize| row.keys.get(from + at).and_then(|key| key.as_deref());
    let cost = |at: usize| row.cells.get(at).and_then(side);
    let [effective, contracted, list] = places.map(cost);
    Group {
        priced: [0, 1, 2].map(|at| key(at).map(str::to_owned)),
        kind: Kind::of(key(3), key(4), key(5), key(6)),
        effective,
        contracted,
        list,
    }
}

/// The sum of a cost over groups; a missing one is nothing.
pub(super) fn total<'a>(
    groups: impl Iterator<Item = &'a Group>,
    cost: fn(&Group) -> Option<Amount>,
) -> Result<Amount, AmountError> {
    Amount::sum(groups.filter_map(cost))
}

/// The provider whose charges have an effective cost and not the other one, so that their difference would be no saving.
pub(super) fn lacking<'a>(
    mut groups: impl Iterator<Item = &'a Group>,
    cost: fn(&Group) -> Option<Amount>,
) -> Option<&'a str> {
    let lacks = |group: &&Group| cost(group).is_none() && group.effective.is_some_and(|effective| !effective.is_zero());
    groups.find(lacks).map(|group| group.priced[0].as_deref().unwrap_or("a provider without a name"))
}
