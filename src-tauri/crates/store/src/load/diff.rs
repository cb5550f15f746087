//! What a re-delivery changed: two loads set beside each other by service, account and kind of charge.

use std::collections::{BTreeMap, BTreeSet};

use money::Amount;
use query::Value;
use serde::Serialize;
use ts_rs::TS;

use super::LoadSummary;
use crate::{Engagement, Result, StoreError, Watch, rows, schema};

/// Two loads set beside each other. In each currency the differences of any list add up to the total's, to the last digit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct LoadDiff {
    /// The earlier load, with its files and their hashes.
    pub before: LoadSummary,
    /// The later load.
    pub after: LoadSummary,
    /// Whether both are deliveries of the same bill: provider, report and billing period.
    pub same_bill: bool,
    /// The differences, by billing currency.
    pub currencies: Vec<CurrencyDiff>,
    /// How the figures were made, in words.
    pub definition: String,
    /// The statement that gave them.
    pub sql: String,
}

/// The differences in one billing currency. Lists are ordered by how much the billed cost differs, the most first, then by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CurrencyDiff {
    /// The billing currency.
    pub currency: String,
    /// All charges.
    pub total: DiffFigures,
    /// By service, the unchanged ones included.
    pub by_service: Vec<DiffLine>,
    /// By sub account, the unchanged ones included.
    pub by_account: Vec<DiffLine>,
    /// By charge category and class, the unchanged ones included.
    pub by_charge_kind: Vec<DiffLine>,
    /// By all of these together; only what changed. The rest differs by nothing.
    pub changes: Vec<DiffLine>,
}

/// One line of a difference. What the list does not tell apart is null, and so is what the charges do not name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct DiffLine {
    /// The service.
    pub service: Option<String>,
    /// The sub account's id.
    pub account: Option<String>,
    /// The sub account's name.
    pub account_name: Option<String>,
    /// The charge category: `Usage`, `Purchase`, `Tax`, `Credit`, `Adjustment`.
    pub category: Option<String>,
    /// The charge class: `Correction`, or null for an ordinary charge.
    pub class: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub figures: DiffFigures,
}

/// The figures of a line, before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct DiffFigures {
    /// Charges before.
    pub charges_before: u64,
    /// Charges after.
    pub charges_after: u64,
    /// Billed cost.
    pub billed: CostChange,
    /// Effective cost.
    pub effective: CostChange,
    /// Contracted cost.
    pub contracted: CostChange,
    /// List cost.
    pub list: CostChange,
}

/// A cost before and after. Null where no charge has that cost; a difference counts null as nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CostChange {
    /// The sum in the earlier load.
    pub before: Option<Amount>,
    /// The sum in the later load.
    pub after: Option<Amount>,
    /// After less before.
    pub difference: Option<Amount>,
}

/// The charges of one service, account and kind in one of the two loads.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    later: bool,
    currency: String,
    service: Option<String>,
    account: Option<String>,
    account_name: Option<String>,
    category: Option<String>,
    class: Option<String>,
    charges: u64,
    /// Billed, effective, contracted, list.
    costs: [Option<Amount>; 4],
}

impl Engagement {
    /// Sets two loads beside each other.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such load.
    pub fn load_diff(&self, before: i64, after: i64, watch: &Watch) -> Result<LoadDiff> {
        let loads = self.loads(true)?;
        let load = |id: i64| {
            let found = loads.iter().find(|load| load.id == id).cloned();
            found.ok_or_else(|| StoreError::NotFound { what: "load", id: id.to_string() })
        };
        let (before, after) = (load(before)?, load(after)?);
        let sql = statement(&before, &after, &self.superseded_columns()?);
        let groups =
            rows::result_set(&self.run(&sql, watch)?)?.into_iter().map(group).collect::<Result<Vec<Group>>>()?;
        let currencies = fold(&groups)?;
        for (summary, later) in [(&before, false), (&after, true)] {
            check(summary, later, &currencies)?;
        }
        let bill = |load: &LoadSummary| (load.provider.clone(), load.report.clone(), load.billing_period.clone());
        Ok(LoadDiff {
            same_bill: bill(&before) == bill(&after),
            definition: format!(
                "the charges of load {} less those of load {}, by service, account, charge category and class",
                after.id, before.id
            ),
            before,
            after,
            currencies,
            sql,
        })
    }

    fn superseded_columns(&self) -> Result<BTreeSet<String>> {
        let found = self.texts(&format!(
            "SELECT column_name FROM information_schema.columns
             WHERE table_catalog = current_database() AND table_name = '{}'",
            schema::SUPERSEDED
        ))?;
        Ok(found.into_iter().flatten().flatten().collect())
    }
}

/// What the charges are told apart by, and what is added up.
const COLUMNS: [&str; 10] = [
    "billing_currency",
    "service_name",
    "sub_account_id",
    "sub_account_name",
    "charge_category",
    "charge_class",
    "billed_cost",
    "effective_cost",
    "contracted_cost",
    "list_cost",
];

/// The charges of both loads, summed. A load's charges lie in one table as long as it counts and in the other afterwards, which has
/// only the columns that some load has filled: `kept`.
fn statement(before: &LoadSummary, after: &LoadSummary, kept: &BTreeSet<String>) -> String {
    let charges = |load: &LoadSummary, later: bool| {
        let (table, has): (_, &dyn Fn(&str) -> bool) = if load.state == "current" {
            (schema::CHARGES, &|_| true)
        } else {
            (schema::SUPERSEDED, &|name| kept.contains(name))
        };
        let column = |name: &&str| match (has(name), name.ends_with("_cost")) {
            (true, _) => (*name).to_owned(),
            (false, true) => format!("NULL::DECIMAL(18,9) AS {name}"),
            (false, false) => format!("NULL::VARCHAR AS {name}"),
        };
        let columns = COLUMNS.iter().map(column).collect::<Vec<_>>().join(", ");
        // What gave way to another report when the load counted was no part of its totals.
        let counted = if load.state == "current" {
            String::new()
        } else {
            format!(
                " AND (NOT EXISTS (SELECT 1 FROM load_yield WHERE load_id = {} AND set_aside IS NOT NULL)
                       OR EXISTS (SELECT 1 FROM spared_row AS spared
                                  WHERE spared.file_id = {table}.file_id AND spared.source_row = {table}.source_row))",
                load.id
            )
        };
        format!("SELECT {later} AS later, {columns} FROM {table} WHERE load_id = {}{counted}", load.id)
    };
    format!(
        "SELECT later::INTEGER, billing_currency, service_name, sub_account_id, max(sub_account_name), charge_category, charge_class, \
         count(*)::BIGINT, sum(billed_cost), sum(effective_cost), sum(contracted_cost), sum(list_cost)\n\
         FROM ({}\n      UNION ALL {})\n\
         GROUP BY 1, 2, 3, 4, 6, 7 ORDER BY 1, 2, 3, 4, 6, 7",
        charges(before, false),
        charges(after, true)
    )
}

fn group(row: Vec<Value>) -> Result<Group> {
    let mut cells = row.into_iter();
    let mut next = || cells.next().unwrap_or(Value::Null);
    let whole = |value: Value| match value {
        Value::Integer(number) => u64::try_from(number).unwrap_or(0),
        _ => 0,
    };
    let mut group = Group {
        later: whole(next()) == 1,
        currency: rows::text(next()).unwrap_or_default(),
        service: rows::text(next()),
        account: rows::text(next()),
        account_name: rows::text(next()),
        category: rows::text(next()),
        class: rows::text(next()),
        charges: whole(next()),
        costs: [None; 4],
    };
    for cost in &mut group.costs {
        *cost = match next() {
            Value::Null => None,
            Value::Amount(amount) => Some(amount),
            other => return Err(StoreError::Unexpected { found: format!("{other:?}"), expected: "sum of costs" }),
        };
    }
    Ok(group)
}

/// A list in the making: the lines by what the list tells apart.
type Lines = BTreeMap<[Option<String>; 4], DiffLine>;

/// Adds the groups up by currency.
fn fold(groups: &[Group]) -> Result<Vec<CurrencyDiff>> {
    let mut currencies: BTreeMap<&str, (DiffFigures, [Lines; 4])> = BTreeMap::new();
    for group in groups {
        let (total, lists) = currencies.entry(&group.currency).or_default();
        add(total, group)?;
        // Services, accounts, kinds of charge, and all of these together.
        for (list, [service, account, kind]) in
            lists.iter_mut().zip([[true, false, false], [false, true, false], [false, false, true], [true; 3]])
        {
            let told = |told: bool, value: &Option<String>| value.clone().filter(|_| told);
            let line = DiffLine {
                service: told(service, &group.service),
                account: told(account, &group.account),
                account_name: None,
                category: told(kind, &group.category),
                class: told(kind, &group.class),
                figures: DiffFigures::default(),
            };
            let key = [&line.service, &line.account, &line.category, &line.class].map(Clone::clone);
            let line = list.entry(key).or_insert(line);
            if account && (line.account_name.is_none() || group.later) {
                line.account_name = group.account_name.clone().or(line.account_name.take());
            }
            add(&mut line.figures, group)?;
        }
    }
    Ok(currencies
        .into_iter()
        .map(|(currency, (total, lists))| {
            let [by_service, by_account, by_charge_kind, changes] = lists.map(ordered);
            CurrencyDiff {
                currency: currency.to_owned(),
                total,
                by_service,
                by_account,
                by_charge_kind,
                changes: changes.into_iter().filter(|line| line.figures.changed()).collect(),
            }
        })
        .collect())
}

impl DiffFigures {
    fn costs(&self) -> [&CostChange; 4] {
        [&self.billed, &self.effective, &self.contracted, &self.list]
    }

    /// Whether anything differs.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.charges_before != self.charges_after
            || self.costs().iter().any(|cost| cost.difference.is_some_and(|difference| !difference.is_zero()))
    }
}

fn add(figures: &mut DiffFigures, group: &Group) -> Result<()> {
    let charges = if group.later { &mut figures.charges_after } else { &mut figures.charges_before };
    *charges += group.charges;
    let changes = [&mut figures.billed, &mut figures.effective, &mut figures.contracted, &mut figures.list];
    for (change, cost) in changes.into_iter().zip(group.costs) {
        let Some(cost) = cost else { continue };
        let (side, difference) =
            if group.later { (&mut change.after, cost) } else { (&mut change.before, cost.negated()) };
        *side = Some(plus(*side, cost)?);
        change.difference = Some(plus(change.difference, difference)?);
    }
    Ok(())
}

/// The sum, without zeros at its end.
fn plus(sum: Option<Amount>, more: Amount) -> Result<Amount> {
    let sum = sum.map_or(Ok(more), |sum| sum.checked_add(more));
    sum.map(Amount::normalized)
        .map_err(|error| StoreError::Unexpected { found: error.to_string(), expected: "sum of costs" })
}

fn ordered(lines: Lines) -> Vec<DiffLine> {
    let mut lines: Vec<DiffLine> = lines.into_values().collect();
    let size = |cost: &CostChange| cost.difference.map_or(Amount::from_integer(0), Amount::abs);
    // The sort is stable, so names decide among equals.
    lines.sort_by(|left, right| {
        let (left, right) = (&left.figures, &right.figures);
        size(&right.billed).cmp(&size(&left.billed)).then_with(|| size(&right.effective).cmp(&size(&left.effective)))
    });
    lines
}

/// The second path to the same figures: the totals that were noted when the load was made.
fn check(load: &LoadSummary, later: bool, currencies: &[CurrencyDiff]) -> Result<()> {
    for total in &load.totals {
        let figures = currencies.iter().find(|diff| diff.currency == total.currency).map(|diff| &diff.total);
        let side = |cost: &CostChange| if later { cost.after } else { cost.before };
        let found = figures.map(|figures| figures.costs().map(|cost| side(cost).map(|amount| amount.to_string())));
        let noted = [&total.billed, &total.effective, &total.contracted, &total.list].map(Clone::clone);
        if found.as_ref() != Some(&noted) {
            return Err(StoreError::Unexpected {
                found: format!("sum of {found:?} in {} over load {}", total.currency, load.id),
                expected: "sum that was noted when it was loaded",
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name() -> impl Strategy<Value = Option<String>> {
        prop_oneof![Just(None), "[ab]".prop_map(Some)]
    }

    fn groups() -> impl Strategy<Value = Vec<Group>> {
        let cost = || proptest::option::of((-1_000_000_000_i64..1_000_000_000, 0_u8..18));
        let group = (
            any::<bool>(),
            prop_oneof![Just("USD"), Just("EUR")],
            [name(), name(), name(), name()],
            0_u64..1000,
            [cost(), cost(), cost(), cost()],
        );
        let made = group.prop_map(|(later, currency, [service, account, category, class], charges, costs)| Group {
            later,
            currency: currency.to_owned(),
            service,
            account_name: account.clone(),
            account,
            category,
            class,
            charges,
            costs: costs.map(|cost| cost.map(|(units, scale)| Amount::new(i128::from(units), scale).unwrap())),
        });
        proptest::collection::vec(made, 0..40)
    }

    fn sum(amounts: impl Iterator<Item = Option<Amount>>) -> Amount {
        Amount::sum(amounts.flatten()).unwrap()
    }

    proptest! {
        #[test]
        fn every_list_adds_up_to_the_difference_exactly(groups in groups()) {
            let folded = fold(&groups).unwrap();
            for diff in &folded {
                let own = || groups.iter().filter(|group| group.currency == diff.currency);
                for cost in 0..4 {
                    let total = diff.total.costs()[cost];
                    let side = |later: bool| sum(own().filter(|group| group.later == later).map(|group| group.costs[cost]));
                    prop_assert_eq!(total.before.unwrap_or(Amount::from_integer(0)), side(false));
                    prop_assert_eq!(total.after.unwrap_or(Amount::from_integer(0)), side(true));
                    let difference = side(true).checked_sub(side(false)).unwrap();
                    prop_assert_eq!(total.difference.unwrap_or(Amount::from_integer(0)), difference);
                    for list in [&diff.by_service, &diff.by_account, &diff.by_charge_kind, &diff.changes] {
                        let parts = sum(list.iter().map(|line| line.figures.costs()[cost].difference));
                        prop_assert_eq!(parts, difference, "the parts are the whole");
                    }
                    for list in [&diff.by_service, &diff.by_account, &diff.by_charge_kind] {
                        prop_assert_eq!(sum(list.iter().map(|line| line.figures.costs()[cost].after)), side(true));
                    }
                }
                let charges: u64 = own().filter(|group| group.later).map(|group| group.charges).sum();
                prop_assert_eq!(diff.total.charges_after, charges);
                prop_assert_eq!(diff.by_service.iter().map(|line| line.figures.charges_after).sum::<u64>(), charges);
            }
            let currencies: std::collections::BTreeSet<&str> = groups.iter().map(|group| group.currency.as_str()).collect();
            prop_assert_eq!(folded.len(), currencies.len(), "no currency is lost and none is added to another");
        }
    }

    #[test]
    fn a_cost_that_only_one_delivery_has_is_not_zero_in_the_other() {
        let group = |later: bool, effective: Option<i64>| Group {
            later,
            currency: "USD".to_owned(),
            service: Some("a".to_owned()),
            account: None,
            account_name: None,
            category: None,
            class: None,
            charges: 1,
            costs: [Some(Amount::from_integer(5)), effective.map(Amount::from_integer), None, None],
        };
        let diff = fold(&[group(false, None), group(true, Some(3))]).unwrap().remove(0);
        assert_eq!(diff.total.effective.before, None);
        assert_eq!(diff.total.effective.difference, Some(Amount::from_integer(3)));
        assert_eq!(diff.total.list, CostChange::default());
        assert_eq!(diff.changes.len(), 1, "the effective cost changed though the billed one did not");
    }
}
