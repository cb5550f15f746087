//! Rules about charges that belong together.

use serde::Serialize;

use super::COMMITMENT_TOLERANCE;
use super::sql::{Statement, key_list};
use crate::{Column, by_id};

/// What is tested over charges that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SetTest {
    /// Within a provider, a key has one value of a column.
    OneValuePer {
        /// The column that decides the other.
        key: &'static Column,
        /// The column that should have one value.
        column: &'static Column,
        /// Groups are also kept apart by this column, if one is given.
        within: Option<&'static Column>,
    },
    /// For each recurring fee of a commitment, at least as much is spread over the usage (used and unused) that began in the fee's time
    /// as the fee is billed, within [`COMMITMENT_TOLERANCE`]; more may be spread, of a part paid upfront. The fee's time is from its
    /// start to the next fee's, or to its own end when it is the last; where fees of one commitment overlap, the billing period. Only
    /// fees whose time the provider's usage has reached the end of.
    CommitmentCost,
    /// For each recurring fee of a commitment and each unit, used and unused of the fee's time make up its quantity. Tolerance and time
    /// as in `CommitmentCost`.
    CommitmentQuantity,
}

impl SetTest {
    /// The columns without which there is nothing to test.
    pub(super) fn columns(&self) -> Vec<&'static Column> {
        match self {
            Self::OneValuePer { key, column, within } => {
                [Some(*key), Some(*column), *within].into_iter().flatten().collect()
            }
            Self::CommitmentCost => by_id("CommitmentDiscountId").into_iter().collect(),
            Self::CommitmentQuantity => {
                ["CommitmentDiscountId", "CommitmentDiscountQuantity"].into_iter().filter_map(by_id).collect()
            }
        }
    }

    /// The groups that break the rule, and their charges.
    pub(super) fn statement(&self, table: &str) -> Statement {
        match self {
            Self::OneValuePer { key, column, within } => {
                one_value_per(key.name, column, within.map(|within| within.name), table)
            }
            Self::CommitmentCost => commitment(&COMMITMENT_COST, table),
            Self::CommitmentQuantity => commitment(&COMMITMENT_QUANTITY, table),
        }
    }
}

fn one_value_per(key: &str, column: &Column, within: Option<&str>, table: &str) -> Statement {
    let value = column.name;
    let groups = key_list(&["provider", key], within);
    let not_null = std::iter::once(key).chain(within).map(|name| format!("{name} IS NOT NULL")).collect::<Vec<_>>();
    // That two values differ is seen from the least and the greatest; counting them would keep every one.
    let broken =
        format!("FROM {table} WHERE {} GROUP BY {groups} HAVING min({value}) <> max({value})", not_null.join(" AND "));
    let shown =
        within.map_or_else(|| key.to_owned(), |within| format!("concat({key}, ' in ', strftime({within}, '%Y-%m'))"));
    Statement {
        counted: "keys",
        keys: Some(format!(
            "SELECT provider, NULL::BIGINT AS load_id, {shown} AS key, \
             string_agg(DISTINCT {value}::VARCHAR, ', ' ORDER BY {value}::VARCHAR) AS found, \
             NULL::VARCHAR AS currency, NULL::DECIMAL(38,18) AS cost \
             {broken} ORDER BY provider, key"
        )),
        predicate: Some(format!("coalesce(({groups}) IN (SELECT ({groups}) {broken}), false)")),
    }
}

/// What is added up on the two sides, what else the groups are by, and when the sides do not fit.
struct Sides {
    by: &'static str,
    paid: &'static str,
    spread: &'static str,
    broken: &'static str,
}

const COMMITMENT_COST: Sides =
    Sides { by: "billing_currency", paid: "billed_cost", spread: "effective_cost", broken: "paid - spread" };
const COMMITMENT_QUANTITY: Sides = Sides {
    by: "commitment_discount_unit",
    paid: "commitment_discount_quantity",
    spread: "commitment_discount_quantity",
    broken: "abs(paid - spread)",
};

fn commitment(sides: &Sides, table: &str) -> Statement {
    let Sides { by, paid, spread, broken } = sides;
    let of_commitments =
        format!("FROM {table} WHERE commitment_discount_id IS NOT NULL AND coalesce(charge_class, '') <> 'Correction'");
    // Some providers date a month's fee with the day it was charged: a fee is for the time to the next one, or to its own end.
    let fees = format!(
        "SELECT provider, key, by_unit, \
           CASE WHEN crossing THEN billed_from ELSE start END AS start, \
           CASE WHEN crossing THEN billed_to WHEN next <= start + INTERVAL 32 DAY THEN next \
                WHEN own_end > start + INTERVAL 1 DAY OR start - previous <= own_end - start THEN own_end \
                ELSE start + INTERVAL 1 MONTH END AS until, \
           sum(paid) AS paid \
         FROM (SELECT *, coalesce(bool_or(next < own_end) OVER (PARTITION BY provider, key, by_unit), false) AS crossing \
               FROM (SELECT *, lead(start) OVER following AS next, lag(start) OVER following AS previous \
                     FROM (SELECT provider, commitment_discount_id AS key, {by} AS by_unit, charge_period_start AS start, \
                                  max(charge_period_end) AS own_end, min(billing_period_start) AS billed_from, \
                                  max(billing_period_end) AS billed_to, sum({paid}) AS paid \
                           {of_commitments} AND charge_category = 'Purchase' AND charge_frequency = 'Recurring' \
                           GROUP BY provider, key, by_unit, start) \
                     WINDOW following AS (PARTITION BY provider, key, by_unit ORDER BY start))) \
         GROUP BY ALL"
    );
    let offenders = format!(
        "(SELECT fee.provider, fee.key, fee.start, fee.until, fee.paid, coalesce(sum(usage.spread), 0) AS spread \
         FROM ({fees}) AS fee \
         JOIN (SELECT provider, max(charge_period_end) AS reached FROM {table} \
               WHERE charge_category = 'Usage' AND coalesce(commitment_discount_status, '') <> 'Unused' GROUP BY provider) AS span \
           ON span.provider = fee.provider AND span.reached >= fee.until \
         LEFT JOIN (SELECT provider, commitment_discount_id AS key, {by} AS by_unit, charge_period_start AS start, sum({spread}) AS spread \
               {of_commitments} AND charge_category = 'Usage' GROUP BY ALL) AS usage \
           ON usage.provider = fee.provider AND usage.key = fee.key AND usage.by_unit IS NOT DISTINCT FROM fee.by_unit \
              AND usage.start >= fee.start AND usage.start < fee.until \
         WHERE fee.paid IS NOT NULL GROUP BY ALL HAVING {broken} > {COMMITMENT_TOLERANCE})"
    );
    Statement {
        counted: "keys",
        keys: Some(format!(
            "SELECT provider, NULL::BIGINT AS load_id, key, \
             concat('paid ', paid, ', spread ', spread, ' from ', strftime(start, '%Y-%m-%d'), ' to ', strftime(until, '%Y-%m-%d')) AS found, \
             NULL::VARCHAR AS currency, NULL::DECIMAL(38,18) AS cost FROM {offenders} ORDER BY provider, key, start, until, found"
        )),
        predicate: Some(format!(
            "coalesce((provider, commitment_discount_id) IN (SELECT (provider, key) FROM {offenders}), false)"
        )),
    }
}
