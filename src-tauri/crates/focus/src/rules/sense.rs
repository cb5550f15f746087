//! Whether a bill makes sense as a whole: days, billing periods, services and accounts that are not there, charges that are there
//! twice, tags that differ by case only.

use serde::Serialize;

use super::sql::{Statement, identifier, literal};
use crate::columns;

/// What is tested over the bill as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SenseTest {
    /// Within a load, each day between the first and the last with usage has usage. Usage billed by the month shows no days and does
    /// not count.
    DayWithoutCharges,
    /// A load's usage begins on the first day of its billing period and ends on the last, unless it is the newest (which may be under
    /// way) or the oldest (which may have begun late) of its report.
    MissingDays,
    /// The loads of a report leave no billing period out.
    MissingPeriod,
    /// A service with usage in one billing period has usage in the next, when that one is over. Services below a thousandth of the
    /// provider's cost are let go.
    ServiceVanished,
    /// The same of sub accounts.
    AccountVanished,
    /// No charge stands in two files of a load, or twice with a line number of the provider's.
    DuplicateCharges,
    /// No two charges with a cost in one file are equal where the export has no line numbers.
    RepeatedCharges,
    /// Tag keys of a provider differ by more than case.
    TagKeyCase,
    /// Values of a tag key differ by more than case; of the keys that are columns.
    TagValueCase,
}

impl SenseTest {
    /// What breaks the rule. `tags` are the tag keys that are columns of the table, with their columns.
    pub fn statement(self, table: &str, tags: &[(String, String)]) -> Statement {
        match self {
            Self::DayWithoutCharges => day_without_charges(table),
            Self::MissingDays => missing_days(table),
            Self::MissingPeriod => missing_period(table),
            Self::ServiceVanished => vanished("service_name", table),
            Self::AccountVanished => vanished("sub_account_id", table),
            Self::DuplicateCharges => repeated(table, ACROSS_FILES),
            Self::RepeatedCharges => repeated(table, WITHIN_A_FILE),
            Self::TagKeyCase => tag_key_case(table),
            Self::TagValueCase => tag_value_case(table, tags),
        }
    }
}

/// Usage by the day or finer, within its billing period: one row a load and day. Its days say when something happened.
fn days(table: &str) -> String {
    format!(
        "SELECT provider, load_id, charge_period_start::DATE AS day FROM {table} \
         WHERE charge_category = 'Usage' AND coalesce(charge_class, '') <> 'Correction' \
         AND charge_period_end <= charge_period_start + INTERVAL 1 DAY \
         AND charge_period_start >= billing_period_start AND charge_period_start < billing_period_end GROUP BY ALL"
    )
}

/// A load's days are judged when most days between the first and the last have usage; otherwise usage comes now and then.
const STEADY: &str = "count(*) > 1 AND 2 * count(*) > max(day) - min(day)";

/// One line a day that is missing. `bounds` gives `provider`, `load_id`, `lower` and `upper`, both days included.
fn days_between(table: &str, bounds: &str) -> Statement {
    let days = days(table);
    let keys = format!(
        "WITH days AS MATERIALIZED ({days}), \
         span AS (SELECT provider, load_id, min(day) AS first, max(day) AS last FROM days GROUP BY provider, load_id HAVING {STEADY}), \
         bounds AS ({bounds}), \
         wanted AS (SELECT provider, load_id, unnest(generate_series(lower::TIMESTAMP, upper::TIMESTAMP, INTERVAL 1 DAY))::DATE AS day \
                    FROM bounds WHERE lower <= upper) \
         SELECT wanted.provider, wanted.load_id, wanted.day::VARCHAR AS key, load.report AS found, \
                NULL::VARCHAR AS currency, NULL::DECIMAL(38,18) AS cost \
         FROM wanted ANTI JOIN days ON days.load_id = wanted.load_id AND days.day = wanted.day \
         JOIN load ON load.load_id = wanted.load_id ORDER BY wanted.provider, found, key, wanted.load_id"
    );
    Statement { counted: "days", keys: Some(keys), predicate: None }
}

fn day_without_charges(table: &str) -> Statement {
    days_between(table, "SELECT provider, load_id, first AS lower, last AS upper FROM span")
}

fn missing_days(table: &str) -> Statement {
    let places = "SELECT load_id, billing_period, \
         lag(load_id) OVER report IS NOT NULL AS has_older, lead(load_id) OVER report IS NOT NULL AS has_newer \
         FROM load WHERE state = 'current' WINDOW report AS (PARTITION BY provider, report ORDER BY billing_period, load_id)";
    days_between(
        table,
        &format!(
            "SELECT provider, span.load_id, billing_period AS lower, first - 1 AS upper FROM span JOIN ({places}) AS place USING (load_id) \
             WHERE has_older AND first > billing_period \
             UNION ALL \
             SELECT provider, span.load_id, last + 1, (date_trunc('month', billing_period) + INTERVAL 1 MONTH)::DATE - 1 \
             FROM span JOIN ({places}) AS place USING (load_id) WHERE has_newer"
        ),
    )
}

/// The days that each load of [`missing_days`] and [`day_without_charges`] should have, and how many of them have usage: one row a
/// load with `provider`, `load_id`, `wanted`, `present`. A load without usage by the day has no row.
pub fn days_present(table: &str) -> String {
    let days = days(table);
    format!(
        "WITH days AS MATERIALIZED ({days}), \
         span AS (SELECT provider, load_id, min(day) AS first, max(day) AS last, count(*) AS present FROM days GROUP BY provider, load_id HAVING {STEADY}), \
         place AS (SELECT load_id, date_trunc('month', billing_period)::DATE AS begins, \
                   (date_trunc('month', billing_period) + INTERVAL 1 MONTH)::DATE - 1 AS ends, \
                   lag(load_id) OVER report IS NOT NULL AS has_older, lead(load_id) OVER report IS NOT NULL AS has_newer \
                   FROM load WHERE state = 'current' WINDOW report AS (PARTITION BY provider, report ORDER BY billing_period, load_id)) \
         SELECT span.provider, span.load_id, \
                (greatest(last, CASE WHEN has_newer THEN ends ELSE last END) - least(first, CASE WHEN has_older THEN begins ELSE first END) + 1)::BIGINT AS wanted, \
                present::BIGINT AS present \
         FROM span JOIN place USING (load_id) ORDER BY span.provider, span.load_id"
    )
}

fn missing_period(table: &str) -> Statement {
    let keys = format!(
        "WITH months AS (SELECT DISTINCT load.provider, load.report, date_trunc('month', load.billing_period)::DATE AS month \
           FROM load WHERE state = 'current' AND load_id IN (SELECT DISTINCT load_id FROM {table})), \
         wanted AS (SELECT provider, report, unnest(generate_series(min(month)::TIMESTAMP, max(month)::TIMESTAMP, INTERVAL 1 MONTH))::DATE AS month \
           FROM months GROUP BY provider, report) \
         SELECT provider, NULL::BIGINT AS load_id, strftime(month, '%Y-%m') AS key, report AS found, \
                NULL::VARCHAR AS currency, NULL::DECIMAL(38,18) AS cost \
         FROM wanted ANTI JOIN months USING (provider, report, month) ORDER BY provider, found, key"
    );
    Statement { counted: "months", keys: Some(keys), predicate: None }
}

/// Costs are compared in double precision, which decides nothing but whether a key is too small to speak of.
fn vanished(column: &str, table: &str) -> Statement {
    let keys = format!(
        "WITH used AS MATERIALIZED (SELECT provider, billing_currency, {column} AS key, date_trunc('month', billing_period_start)::DATE AS month, \
              sum(abs(effective_cost)) AS weight, sum(billed_cost) AS billed, max(charge_period_end) AS reached, max(billing_period_end) AS ends \
              FROM {table} WHERE charge_category = 'Usage' AND coalesce(commitment_discount_status, '') <> 'Unused' GROUP BY ALL), \
         months AS (SELECT provider, billing_currency, month, sum(weight) AS total, max(reached) >= max(ends) AS over \
              FROM used GROUP BY provider, billing_currency, month), \
         pairs AS (SELECT before.provider, before.billing_currency, before.month, before.total, after.month AS next \
              FROM months AS before JOIN months AS after ON after.provider = before.provider \
                   AND after.billing_currency IS NOT DISTINCT FROM before.billing_currency \
                   AND after.month = (before.month + INTERVAL 1 MONTH)::DATE AND after.over), \
         gone AS (SELECT used.provider, used.billing_currency, used.key, used.month, pairs.next, used.billed \
              FROM used JOIN pairs ON pairs.provider = used.provider AND pairs.month = used.month \
                   AND pairs.billing_currency IS NOT DISTINCT FROM used.billing_currency \
              WHERE used.key IS NOT NULL AND used.weight > 0 AND CAST(used.weight AS DOUBLE) * 1000 >= CAST(pairs.total AS DOUBLE)) \
         SELECT gone.provider, NULL::BIGINT AS load_id, gone.key, \
                concat('billed ', gone.billed, ' ', gone.billing_currency, ' in ', strftime(gone.month, '%Y-%m'), ', no usage in ', strftime(gone.next, '%Y-%m')) AS found, \
                gone.billing_currency AS currency, gone.billed AS cost \
         FROM gone ANTI JOIN used ON used.provider = gone.provider AND used.key = gone.key AND used.month = gone.next \
         ORDER BY gone.provider, gone.next, gone.key, found"
    );
    Statement { counted: "keys", keys: Some(keys), predicate: None }
}

/// Which groups of equal charges are meant.
const ACROSS_FILES: &str = "count(DISTINCT file_id) > 1 OR bool_or(numbered)";
const WITHIN_A_FILE: &str = "count(DISTINCT file_id) = 1 AND NOT bool_or(numbered) AND bool_or(coalesce(billed_cost <> 0 OR effective_cost <> 0, false))";

/// All charges of such a group but the first. Equal means equal in every FOCUS column and in what the provider sent beside them; a
/// line number of the provider's is among the latter.
fn repeated(table: &str, which: &str) -> Statement {
    let all: Vec<&str> = columns().iter().map(|column| column.name).collect();
    let all = all.join(", ");
    // Most charges differ in these already, which spares the others a look at every column.
    let some = "load_id, provider, charge_period_start, resource_id, sku_price_id, billed_cost, effective_cost, consumed_quantity, charge_description";
    let predicate = format!(
        "(file_id, source_row, part) IN ( \
           WITH alike AS MATERIALIZED (SELECT hash({some}) AS rough FROM {table} GROUP BY rough HAVING count(*) > 1), \
           told AS MATERIALIZED (SELECT load_id, file_id, source_row, part, billed_cost, effective_cost, hash(provider, {all}, extra) AS whole, \
                coalesce(regexp_matches(extra, '(?i)line_?item_?id|reference_?n(o|umber)'), false) AS numbered \
                FROM {table} WHERE hash({some}) IN (SELECT rough FROM alike)), \
           meant AS (SELECT load_id, whole FROM told GROUP BY load_id, whole HAVING count(*) > 1 AND ({which})) \
           SELECT (file_id, source_row, part) FROM (SELECT file_id, source_row, part, \
                row_number() OVER (PARTITION BY load_id, whole ORDER BY file_id, source_row, part) AS place \
                FROM told SEMI JOIN meant USING (load_id, whole)) WHERE place > 1)"
    );
    Statement { counted: "charges", keys: None, predicate: Some(format!("coalesce({predicate}, false)")) }
}

fn tag_key_case(table: &str) -> Statement {
    let keys_of_tags = format!(
        "(SELECT provider, tags, unnest(json_keys(tags)) AS tag FROM (SELECT DISTINCT provider, tags FROM {table} WHERE tags IS NOT NULL) \
         WHERE json_valid(tags) AND json_type(tags) = 'OBJECT')"
    );
    let broken = format!("FROM {keys_of_tags} GROUP BY provider, lower(tag) HAVING min(tag) <> max(tag)");
    Statement {
        counted: "keys",
        keys: Some(format!(
            "SELECT provider, NULL::BIGINT AS load_id, lower(tag) AS key, string_agg(DISTINCT tag, ', ' ORDER BY tag) AS found, \
             NULL::VARCHAR AS currency, NULL::DECIMAL(38,18) AS cost {broken} ORDER BY provider, key"
        )),
        predicate: Some(format!(
            "coalesce((provider, tags) IN (SELECT (provider, tags) FROM {keys_of_tags} WHERE (provider, lower(tag)) IN (SELECT (provider, lower(tag)) {broken})), false)"
        )),
    }
}

fn tag_value_case(table: &str, tags: &[(String, String)]) -> Statement {
    const NONE: &str = "SELECT NULL::VARCHAR AS provider, NULL::BIGINT AS load_id, NULL::VARCHAR AS key, NULL::VARCHAR AS found, \
                        NULL::VARCHAR AS currency, NULL::DECIMAL(38,18) AS cost WHERE false";
    let mut keys = Vec::new();
    let mut predicates = vec!["false".to_owned()];
    for (tag, name) in tags {
        let column = identifier(name);
        let broken = format!(
            "FROM {table} WHERE {column} IS NOT NULL GROUP BY provider, lower({column}) HAVING min({column}) <> max({column})"
        );
        keys.push(format!(
            "SELECT provider, NULL::BIGINT AS load_id, concat({}, ' = ', lower({column})) AS key, \
             string_agg(DISTINCT {column}, ', ' ORDER BY {column}) AS found, NULL::VARCHAR AS currency, NULL::DECIMAL(38,18) AS cost {broken}",
            literal(tag)
        ));
        predicates.push(format!(
            "coalesce((provider, lower({column})) IN (SELECT (provider, lower({column})) {broken}), false)"
        ));
    }
    let keys = if keys.is_empty() {
        NONE.to_owned()
    } else {
        format!("SELECT * FROM ({}) AS keys ORDER BY provider, key", keys.join(" UNION ALL "))
    };
    Statement { counted: "keys", keys: Some(keys), predicate: Some(format!("({})", predicates.join(" OR "))) }
}
