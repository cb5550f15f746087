//! Charges added up by SKU, as the items of a bridge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use money::{Amount, AmountError};
use query::{ChangeLine, ChangePlan, Dimension, Filter, Operator, QueryError};
use store::{Engagement, Watch};
use variance::{Cell, Class, Item, Units};

use crate::ApiError;
use crate::context::locked;

/// Usage of one SKU in one unit, or charges of another nature that belong together, in both periods.
#[derive(Clone, Debug)]
pub(super) struct Sku {
    pub(super) provider: Option<String>,
    pub(super) service: Option<String>,
    pub(super) region: Option<String>,
    /// The dimension that `name` is a value of.
    pub(super) named_by: Option<String>,
    pub(super) name: Option<String>,
    pub(super) label: Option<String>,
    /// The unit; none where there is none, or where it differs between the periods.
    pub(super) unit: Option<String>,
    /// Every unit of its charges.
    units: Vec<Option<String>>,
    pub(super) item: Item,
}

/// The lines of the statements that were run last.
#[derive(Default)]
pub(crate) struct RememberedLines(Mutex<Vec<(Statement, Arc<Vec<ChangeLine>>)>>);

/// An engagement's folder and generation, and what was run on it.
type Statement = (PathBuf, u64, String);

/// So many statements are remembered,
const STATEMENTS_MAX: usize = 4;

/// unless their lines are more than memory should hold.
const LINES_MAX: usize = 100_000;

impl RememberedLines {
    /// Forgets them all.
    pub(crate) fn clear(&self) {
        locked(&self.0).clear();
    }

    /// Runs a plan and reads its rows batch by batch, or takes them from memory.
    pub(super) fn read(
        &self,
        engagement: &Engagement,
        plan: &ChangePlan,
        watch: &Watch,
    ) -> Result<Arc<Vec<ChangeLine>>, ApiError> {
        let statement = (engagement.folder().to_owned(), engagement.generation()?, plan.sql.clone());
        if let Some((_, lines)) = locked(&self.0).iter().find(|(known, _)| *known == statement) {
            return Ok(lines.clone());
        }
        let batches = engagement.run(&plan.sql, watch)?;
        let mut lines = Vec::with_capacity(batches.iter().map(arrow::record_batch::RecordBatch::num_rows).sum());
        for batch in &batches {
            for row in store::rows::result_set(std::slice::from_ref(batch))? {
                lines.push(query::change_line(row)?);
            }
        }
        let lines = Arc::new(lines);
        if lines.len() <= LINES_MAX {
            let mut remembered = locked(&self.0);
            remembered.truncate(STATEMENTS_MAX - 1);
            remembered.insert(0, (statement, lines.clone()));
        }
        Ok(lines)
    }
}

/// What tells SKUs apart.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    provider: Option<&'a str>,
    service: Option<&'a str>,
    region: Option<&'a str>,
    class: &'a str,
    named_by: Option<&'a str>,
    name: Option<&'a str>,
    currency: Option<&'a str>,
}

/// What a SKU cost in one unit: base, then current.
type Pair = [Option<Cell>; 2];

/// The charges of a SKU.
#[derive(Default)]
struct Entry<'a> {
    label: Option<&'a str>,
    by_unit: BTreeMap<Option<&'a str>, Pair>,
}

/// The lines as items, in a total order. `converted` says that costs were converted from the currency that each line names.
pub(super) fn skus<'a>(lines: impl IntoIterator<Item = &'a ChangeLine>, converted: bool) -> Result<Vec<Sku>, ApiError> {
    let mut entries: BTreeMap<Key<'a>, Entry<'a>> = BTreeMap::new();
    for line in lines {
        let key = Key {
            provider: line.provider.as_deref(),
            service: line.service.as_deref(),
            region: line.region.as_deref(),
            class: &line.class,
            named_by: line.named_by.as_deref(),
            name: line.sku.as_deref(),
            currency: line.currency.as_deref().filter(|_| converted),
        };
        let entry = entries.entry(key).or_default();
        entry.label = entry.label.max(line.label.as_deref());
        // Only usage has a price in its unit.
        let unit = line.unit.as_deref().filter(|_| line.class == "usage");
        let pair = entry.by_unit.entry(unit).or_default();
        let side = &mut pair[usize::from(line.current)];
        let cell = cell(line, converted);
        *side = Some(match side {
            Some(before) => together(before, &cell).map_err(QueryError::from)?,
            None => cell,
        });
    }
    let currencies: BTreeSet<&str> = entries.keys().filter_map(|key| key.currency).collect();
    let mut families: BTreeMap<(Option<&str>, Option<&str>, &str), usize> = BTreeMap::new();
    let mut skus = Vec::with_capacity(entries.len());
    for (key, entry) in &entries {
        let class: Class = key
            .class
            .parse()
            .map_err(|error: variance::UnknownClass| ApiError::new("internal", error.to_string(), ""))?;
        let currency = key.currency.and_then(|code| currencies.iter().position(|known| *known == code));
        let mut push = |units_of: &[Option<&str>], units: Units, [base, current]: Pair| {
            skus.push(Sku {
                provider: key.provider.map(str::to_owned),
                service: key.service.map(str::to_owned),
                region: key.region.map(str::to_owned),
                named_by: key.named_by.map(str::to_owned),
                name: key.name.map(str::to_owned),
                label: entry.label.map(str::to_owned),
                unit: units_of.first().filter(|_| units_of.len() == 1).and_then(|unit| unit.map(str::to_owned)),
                units: units_of.iter().map(|unit| unit.map(str::to_owned)).collect(),
                item: Item { class, units, currency, base, current },
            });
        };
        let there = |side: usize| entry.by_unit.values().any(|pair| pair[side].is_some());
        let mut without_counterpart: Pair = [None; 2];
        let mut their_units = Vec::new();
        for (unit, pair) in &entry.by_unit {
            let lacks_counterpart = there(0) && there(1) && (pair[0].is_none() || pair[1].is_none());
            if class == Class::Usage && lacks_counterpart {
                without_counterpart = both(without_counterpart, *pair)?;
                their_units.push(*unit);
                continue;
            }
            let units = match unit {
                Some(unit) => {
                    let next = families.len();
                    Units::Family(*families.entry((key.provider, key.service, unit)).or_insert(next))
                }
                None => Units::Missing,
            };
            push(&[*unit], units, *pair);
        }
        if !their_units.is_empty() {
            push(&their_units, Units::Different, without_counterpart);
        }
    }
    Ok(skus)
}

fn cell(line: &ChangeLine, converted: bool) -> Cell {
    Cell {
        cost: line.cost,
        local: if converted { line.local } else { line.cost },
        list: line.list,
        contracted: line.contracted,
        quantity: line.quantity,
        covered: line.covered,
        covered_contracted: line.covered_contracted,
    }
}

fn both(left: Pair, right: Pair) -> Result<Pair, ApiError> {
    let one = |side: usize| match (&left[side], &right[side]) {
        (Some(left), Some(right)) => together(left, right).map(Some),
        (left, right) => Ok(left.or(*right)),
    };
    Ok([one(0).map_err(QueryError::from)?, one(1).map_err(QueryError::from)?])
}

/// Two cells as one; what one of them does not know, both do not.
fn together(left: &Cell, right: &Cell) -> Result<Cell, AmountError> {
    let known = |left: Option<Amount>, right: Option<Amount>| match (left, right) {
        (Some(left), Some(right)) => left.checked_add(right).map(Some),
        _ => Ok(None),
    };
    Ok(Cell {
        cost: left.cost.checked_add(right.cost)?,
        local: left.local.checked_add(right.local)?,
        list: known(left.list, right.list)?,
        contracted: known(left.contracted, right.contracted)?,
        quantity: known(left.quantity, right.quantity)?,
        covered: left.covered.checked_add(right.covered)?,
        covered_contracted: left.covered_contracted.checked_add(right.covered_contracted)?,
    })
}

/// The dimensions that name a SKU, the first that has a value.
const NAMED_BY: [Dimension; 4] =
    [Dimension::Sku, Dimension::SkuPrice, Dimension::SkuMeter, Dimension::ChargeDescription];

impl Sku {
    /// The filters that let through just the charges of the SKU, beside those of the question.
    pub(super) fn filters(&self) -> Vec<Filter> {
        let mut filters = vec![
            is(Dimension::Provider, self.provider.as_deref()),
            is(Dimension::Service, self.service.as_deref()),
            is(Dimension::Region, self.region.as_deref()),
        ];
        let named_by: Option<Dimension> = self.named_by.as_deref().and_then(|name| name.parse().ok());
        let of_commitment = named_by == Some(Dimension::Commitment);
        if of_commitment {
            filters.push(is(Dimension::Commitment, self.name.as_deref()));
        } else {
            let before = NAMED_BY.into_iter().take_while(|dimension| Some(dimension) != named_by.as_ref());
            // Of other charges than usage the description names nothing.
            let before = before
                .filter(|dimension| *dimension != Dimension::ChargeDescription || self.item.class == Class::Usage);
            filters.extend(before.map(|dimension| is(dimension, None)));
            filters.extend(named_by.map(|dimension| is(dimension, self.name.as_deref())));
        }
        if self.item.class == Class::Usage {
            filters.extend(self.of_units());
        }
        filters.extend(nature(self.item.class, of_commitment));
        filters
    }

    /// The filter on its units; none where some of its charges have a unit and some have none, which one filter cannot say.
    fn of_units(&self) -> Option<Filter> {
        let named: Vec<String> = self.units.iter().flatten().cloned().collect();
        match (named.len(), self.units.len()) {
            (0, _) => Some(is(Dimension::PricingUnit, None)),
            (some, all) if some == all => {
                Some(Filter { dimension: Dimension::PricingUnit, operator: Operator::Is, values: named })
            }
            _ => None,
        }
    }
}

/// The filters that let through just the charges of a class, as the lines tell them apart; `of_commitment` says that they are named by
/// their commitment.
fn nature(class: Class, of_commitment: bool) -> Vec<Filter> {
    let category = |name: &str| is(Dimension::ChargeCategory, Some(name));
    let not = |dimension: Dimension, value: &str| Filter {
        dimension,
        operator: Operator::IsNot,
        values: vec![value.to_owned()],
    };
    let with = |dimension: Dimension, operator: Operator| Filter { dimension, operator, values: Vec::new() };
    let mut filters = match class {
        Class::Correction => return vec![is(Dimension::ChargeClass, Some("Correction"))],
        Class::Tax => vec![category("Tax")],
        Class::Credit => vec![category("Credit")],
        Class::Adjustment => vec![category("Adjustment")],
        Class::CommitmentPurchase if of_commitment => vec![category("Purchase")],
        Class::CommitmentPurchase => vec![
            category("Purchase"),
            with(Dimension::Commitment, Operator::Missing),
            with(Dimension::CommitmentCategory, Operator::Present),
        ],
        Class::OtherPurchase => vec![
            category("Purchase"),
            with(Dimension::Commitment, Operator::Missing),
            with(Dimension::CommitmentCategory, Operator::Missing),
        ],
        Class::UnusedCommitment => vec![category("Usage"), is(Dimension::CommitmentStatus, Some("Unused"))],
        Class::Usage => vec![
            Filter {
                dimension: Dimension::ChargeCategory,
                operator: Operator::IsNot,
                values: ["Adjustment", "Credit", "Purchase", "Tax"].map(str::to_owned).to_vec(),
            },
            not(Dimension::CommitmentStatus, "Unused"),
        ],
    };
    filters.push(not(Dimension::ChargeClass, "Correction"));
    filters
}

fn is(dimension: Dimension, value: Option<&str>) -> Filter {
    match value {
        Some(value) => Filter { dimension, operator: Operator::Is, values: vec![value.to_owned()] },
        None => Filter { dimension, operator: Operator::Missing, values: Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line() -> impl Strategy<Value = ChangeLine> {
        let word = |words: &'static [&'static str]| {
            prop::option::of(prop::sample::select(words)).prop_map(|word| word.map(str::to_owned))
        };
        let class = prop::sample::select(["usage", "usage", "usage", "tax", "unused_commitment"].as_slice());
        let quantity = prop::option::of((-5_i64..50).prop_map(Amount::from_integer));
        let keys = (word(&["a", "b"]), word(&["x", "y"]), word(&["sku-1", "sku-2"]), word(&["Hours", "GB"]));
        (any::<bool>(), class, keys, -100_i64..1000, quantity).prop_map(
            |(current, class, (service, region, sku, unit), cost, quantity)| ChangeLine {
                current,
                class: class.to_owned(),
                service,
                region,
                sku,
                unit,
                cost: Amount::from_integer(cost),
                quantity,
                charges: 1,
                ..ChangeLine::default()
            },
        )
    }

    proptest! {
        #[test]
        fn no_line_is_lost_and_none_counts_twice(lines in prop::collection::vec(line(), 0..30)) {
            let found = skus(&lines, false).unwrap();
            for class in Class::ALL {
                for current in [false, true] {
                    let of_lines = lines.iter().filter(|line| line.class == class.name() && line.current == current);
                    let of_items = found.iter().filter(|sku| sku.item.class == class).filter_map(|sku| {
                        if current { sku.item.current } else { sku.item.base }
                    });
                    prop_assert_eq!(
                        Amount::sum(of_lines.map(|line| line.cost)).unwrap(),
                        Amount::sum(of_items.map(|cell| cell.cost)).unwrap(),
                        "{} {}", class.name(), current
                    );
                }
            }
        }

        #[test]
        fn quantities_are_added_in_one_unit_only(lines in prop::collection::vec(line(), 0..30)) {
            let found = skus(&lines, false).unwrap();
            let mut units: BTreeMap<usize, BTreeSet<(&Option<String>, &str)>> = BTreeMap::new();
            for sku in &found {
                if let Units::Family(family) = sku.item.units {
                    units.entry(family).or_default().insert((&sku.service, sku.unit.as_deref().unwrap()));
                }
            }
            for (family, members) in units {
                prop_assert_eq!(members.len(), 1, "family {} is one service in one unit: {:?}", family, members);
            }
        }
    }

    #[test]
    fn a_unit_that_only_one_period_has_is_not_a_new_sku() {
        let line = |current: bool, unit: &str, cost: i64| ChangeLine {
            current,
            class: "usage".to_owned(),
            sku: Some("sku-1".to_owned()),
            unit: Some(unit.to_owned()),
            cost: Amount::from_integer(cost),
            quantity: Some(Amount::from_integer(1)),
            ..ChangeLine::default()
        };
        let lines = [line(false, "Hours", 3), line(true, "Hours", 4), line(true, "GB", 5)];
        let found = skus(&lines, false).unwrap();
        let units: Vec<(Units, Option<&str>)> = found.iter().map(|sku| (sku.item.units, sku.unit.as_deref())).collect();
        assert_eq!(units, [(Units::Family(0), Some("Hours")), (Units::Different, Some("GB"))]);
        let alone = skus(&lines[2..], false).unwrap();
        assert_eq!(alone[0].item.units, Units::Family(0), "without the other period it is just new");
    }
}
