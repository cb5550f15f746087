//! Whether staged tables hold the same charges: the sign of a bill that was delivered more than once. Parts of one delivery cover the
//! same days, too, but not with the same charges.

use std::collections::BTreeMap;

use query::Value;

use super::pieces;
use crate::sql::identifier;
use crate::{Engagement, Result, Watch, rows};

/// Charges to compare at most; of more, whole days are left out, the same in all tables.
const COMPARED_MAX: u64 = 2_000_000;

/// Days of which one is compared, at most.
const DAYS_SKIPPED_MAX: u64 = 8;

/// Staged tables that one statement reads at most: each takes memory for a block of each of its columns.
const TABLES_MAX: usize = 16;

/// Fewer sums than this can be equal by chance.
const SUMS_MIN: u64 = 10;

/// A part of what is compared.
pub(crate) struct Charges<'a> {
    /// What it belongs to: charges with equal labels are one side.
    pub(crate) label: usize,
    /// The staged table.
    pub(crate) table: String,
    /// Which of its charges.
    pub(crate) condition: String,
    /// Of those only the rows from a first to a last, and SQL of the row of a charge: where small files were staged as one table.
    pub(crate) range: Option<(&'a str, (u64, u64))>,
    /// The columns that the table has.
    pub(crate) columns: &'a [String],
    pub(crate) rows: u64,
}

/// How alike two sides are. The shares are in percent of the side that has fewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Likeness {
    /// Charges that are equal with their costs.
    pub(crate) charges: Share,
    /// Charges that are equal without their costs and quantities.
    pub(crate) things: Share,
    /// Costs of a day, account, service and category that are equal.
    pub(crate) sums: Share,
}

/// A share of few or many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) percent: u64,
    /// How many the smaller side has.
    pub(crate) of: u64,
}

impl Likeness {
    /// Whether the two are deliveries of the same charges. Of `few` charges a chance likeness is no sign: parts of one bill have
    /// alike charges here and there.
    pub(crate) fn is_the_same_bill(&self, few: u64) -> bool {
        let share = |share: Share, percent: u64| share.of > few && share.percent >= percent;
        share(self.charges, 50) || share(self.things, 90) || (share(self.sums, 50) && self.sums.of >= SUMS_MIN)
    }
}

/// How alike any two sides are; pairs (the smaller label first) that have nothing in common are left out.
pub(crate) fn likeness(
    engagement: &Engagement,
    charges: &[Charges<'_>],
    watch: &Watch,
) -> Result<BTreeMap<(usize, usize), Likeness>> {
    let total: u64 = charges.iter().map(|one| one.rows).sum();
    let every = total.div_ceil(COMPARED_MAX).clamp(1, DAYS_SKIPPED_MAX);
    let found = compared(engagement, charges, every, watch)?;
    // Days that happen to hold nothing tell nothing.
    let labels: std::collections::BTreeSet<usize> = charges.iter().map(|one| one.label).collect();
    if every > 1 && found.sizes.len() < labels.len() {
        return Ok(compared(engagement, charges, 1, watch)?.likeness());
    }
    Ok(found.likeness())
}

/// Marks by kind: how many each side has, and how many two sides have in common.
#[derive(Default)]
struct Marks {
    sizes: BTreeMap<usize, [u64; 3]>,
    common: BTreeMap<(usize, usize), [u64; 3]>,
}

impl Marks {
    fn likeness(&self) -> BTreeMap<(usize, usize), Likeness> {
        let size = |label: usize, kind: usize| self.sizes.get(&label).map_or(0, |sizes| sizes[kind]);
        self.common
            .iter()
            .map(|(&(left, right), common)| {
                let share = |kind: usize| {
                    let of = size(left, kind).min(size(right, kind));
                    Share { percent: (common[kind] * 100).checked_div(of).unwrap_or(0), of }
                };
                ((left, right), Likeness { charges: share(0), things: share(1), sums: share(2) })
            })
            .collect()
    }
}

/// What tells a charge, without its costs.
const THING: [&str; 14] = [
    "charge_period_start",
    "charge_period_end",
    "billing_currency",
    "sub_account_id",
    "service_name",
    "region_id",
    "resource_id",
    "sku_id",
    "sku_price_id",
    "charge_category",
    "charge_class",
    "charge_description",
    "pricing_category",
    "commitment_discount_id",
];

/// What it costs.
const COST: [&str; 3] = ["billed_cost", "effective_cost", "consumed_quantity"];

/// What the costs of a day are added up by.
const SUM: [&str; 4] = ["billing_currency", "sub_account_id", "service_name", "charge_category"];

fn compared(engagement: &Engagement, charges: &[Charges<'_>], every: u64, watch: &Watch) -> Result<Marks> {
    // A column that a later delivery has more must not make all its charges new.
    let shared = |column: &&str| charges.iter().all(|one| one.columns.iter().any(|other| other == column));
    let columns: Vec<&str> = THING.iter().chain(&COST).copied().filter(|column| shared(column)).collect();
    let mut alike: BTreeMap<_, Vec<&Charges>> = BTreeMap::new();
    for (place, one) in charges.iter().enumerate() {
        // Ranges of one table are read together: hundreds of small files are.
        let apart = if one.range.is_some() { None } else { Some(place) };
        alike.entry((&one.table, &one.condition, apart)).or_default().push(one);
    }
    let selects: Vec<String> = alike.values().map(|some| select(some, &columns, every)).collect();
    // A mark that stands more than once on a side tells nothing: equal charges may be in one bill.
    const MARKS: &str = "
        WITH mark AS MATERIALIZED (
            SELECT 0 AS kind, label, whole AS mark FROM line GROUP BY label, whole HAVING count(*) = 1
            UNION ALL SELECT 1, label, thing FROM line GROUP BY label, thing HAVING count(*) = 1
            UNION ALL SELECT 2, label, hash(day, cell, sum(cost)) FROM line GROUP BY label, day, cell HAVING sum(cost) <> 0)
        SELECT kind::BIGINT, label::BIGINT, NULL::BIGINT, count(*)::BIGINT FROM mark GROUP BY kind, label
        UNION ALL
        SELECT one.kind::BIGINT, one.label::BIGINT, other.label::BIGINT, count(*)::BIGINT
        FROM mark AS one JOIN mark AS other USING (kind, mark) WHERE one.label < other.label GROUP BY ALL
        ORDER BY ALL";
    let found = engagement.database.lease(watch, |connection| {
        connection.execute_batch(
            "CREATE OR REPLACE TEMP TABLE line (label BIGINT, whole UBIGINT, thing UBIGINT, cell UBIGINT, day DATE, cost DECIMAL(38,18));",
        )?;
        for some in selects.chunks(TABLES_MAX) {
            connection.execute_batch(&format!("INSERT INTO line {};", some.join(" UNION ALL ")))?;
        }
        let mut statement = connection.prepare(MARKS)?;
        let found: Vec<_> = statement.query_arrow([])?.collect();
        connection.execute_batch("DROP TABLE line;")?;
        Ok(found)
    })?;
    let mut marks = Marks::default();
    for row in rows::result_set(&found)? {
        let number = |at: usize| match row.get(at) {
            Some(Value::Integer(number)) => usize::try_from(*number).ok(),
            _ => None,
        };
        let (Some(kind), Some(label), Some(count)) = (number(0), number(1), number(3)) else { continue };
        let entry = match number(2) {
            Some(other) => marks.common.entry((label, other)).or_default(),
            None => marks.sizes.entry(label).or_default(),
        };
        entry[kind] = count as u64;
    }
    Ok(marks)
}

/// The lines of some charges, all of one table under one condition.
fn select(some: &[&Charges<'_>], columns: &[&str], every: u64) -> String {
    let Some(one) = some.first() else { return String::new() };
    let hash = |wanted: &dyn Fn(&str) -> bool| {
        let chosen = columns.iter().filter(|column| wanted(column)).map(|column| {
            // Types differ from table to table where decimals do, and a number is the same number in either.
            let kind = if COST.contains(column) { "::DECIMAL(38,18)" } else { "" };
            format!("{}{kind}", identifier(column))
        });
        format!("hash({})", std::iter::once("0".to_owned()).chain(chosen).collect::<Vec<_>>().join(", "))
    };
    let cost = if columns.contains(&"billed_cost") { "billed_cost" } else { "NULL" };
    let sample = if every > 1 { format!(" AND hash(charge_period_start::DATE) % {every} = 0") } else { String::new() };
    let lines = |first: &str| {
        format!(
            "SELECT {first}, {whole} AS whole, {thing} AS thing, {cell} AS cell, charge_period_start::DATE AS day, \
                    {cost}::DECIMAL(38,18) AS cost FROM {table} AS c WHERE {condition}{sample}",
            whole = hash(&|_| true),
            thing = hash(&|column| !COST.contains(&column)),
            cell = hash(&|column| SUM.contains(&column)),
            table = one.table,
            condition = one.condition,
        )
    };
    let Some((row, _)) = one.range else { return lines(&format!("{} AS label", one.label)) };
    let ranges =
        some.iter().filter_map(|one| one.range.map(|(_, range)| (range, i64::try_from(one.label).unwrap_or(0))));
    format!(
        "SELECT label, whole, thing, cell, day, cost FROM ({}) AS line {}",
        lines(&format!("c.{row} AS place")),
        pieces::join("line.place", ranges)
    )
}
