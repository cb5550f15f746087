//! Rules as SQL text over the charge table. The dialect is plain: comparisons, `CASE`, aggregates, `IN` of a subquery.

use super::{COMMITMENT_TOLERANCE, PRODUCT_TOLERANCE, PROVIDER_ALIASES, Rule, RuleTest, When};
use crate::{Column, service_subcategories};

/// A rule as SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSql {
    /// A condition on one row of the charge table, true for the charges that break the rule. Never null.
    pub predicate: String,
    /// For rules about sets of charges: a whole `SELECT` with one row for each offending key: `provider`, `key` and (as text)
    /// `found`. These are what is counted; `predicate` then selects the charges with such a key.
    pub keys: Option<String>,
}

/// The rule's test as SQL over a table of charges. `table` is put into the text as it is.
pub fn sql(test: &RuleTest, table: &str) -> RuleSql {
    match test {
        RuleTest::OneValuePer { column, key } => one_value_per(column.name, key.name, table),
        RuleTest::CommitmentCost => commitment(COMMITMENT_COST, table),
        RuleTest::CommitmentQuantity => commitment(COMMITMENT_QUANTITY, table),
        test => RuleSql { predicate: row_predicate(test), keys: None },
    }
}

/// The condition that restricts a rule to the loads it speaks to, if it is restricted: those in which the column that the rule
/// needs has a value.
pub fn load_condition(rule: &Rule, table: &str) -> Option<String> {
    let column = crate::by_id(rule.needs?)?;
    Some(format!("load_id IN (SELECT DISTINCT load_id FROM {table} WHERE {} IS NOT NULL)", column.name))
}

fn row_predicate(test: &RuleTest) -> String {
    match test {
        RuleTest::NotNull(column) => format!("{} IS NULL", column.name),
        RuleTest::NotNullWhen(column, when) => format!("({} IS NULL AND {})", column.name, condition(when)),
        RuleTest::NullWhen(column, when) => format!("({} IS NOT NULL AND {})", column.name, condition(when)),
        RuleTest::NullTogether(one, other) => format!("(({} IS NULL) <> ({} IS NULL))", one.name, other.name),
        RuleTest::AllowedValues(column, values) => {
            format!("({0} IS NOT NULL AND {0} NOT IN ({1}))", column.name, literals(values))
        }
        RuleTest::NotValueWhen(column, value, when) => {
            format!("({} AND {})", is(column, &[value]), condition(when))
        }
        RuleTest::NonNegative(column) => format!("coalesce({} < 0, false)", column.name),
        RuleTest::ZeroWhen(column, when) => format!("(coalesce({} <> 0, false) AND {})", column.name, condition(when)),
        RuleTest::ProductEquals { price, quantity, cost } => product(price, quantity, cost),
        RuleTest::HalfOpenPeriod { start, end } => format!("coalesce({} <= {}, false)", end.name, start.name),
        RuleTest::SubcategoryParent => subcategory_parent(),
        RuleTest::BilledByThirdParty => billed_by_third_party(),
        RuleTest::OneValuePer { .. } | RuleTest::CommitmentCost | RuleTest::CommitmentQuantity => "false".to_owned(),
    }
}

fn condition(when: &When) -> String {
    match when {
        When::Is(column, values) => is(column, values),
        When::IsNot(column, values) => format!("NOT {}", is(column, values)),
        When::Null(column) => format!("{} IS NULL", column.name),
        When::NotNull(column) => format!("{} IS NOT NULL", column.name),
        When::Not(inner) => format!("NOT ({})", condition(inner)),
        When::All(conditions) => {
            let all: Vec<String> = conditions.iter().map(condition).collect();
            format!("({})", all.join(" AND "))
        }
    }
}

fn is(column: &Column, values: &[&str]) -> String {
    format!("coalesce({} IN ({}), false)", column.name, literals(values))
}

fn literals(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| literal(value)).collect();
    quoted.join(", ")
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Decimals of 18 places each overflow when they are multiplied, so the comparison alone is made in double precision: its error is
/// far below the tolerance, and no amount comes out of it.
fn product(price: &Column, quantity: &Column, cost: &Column) -> String {
    let double = |column: &Column| format!("CAST({} AS DOUBLE)", column.name);
    let (absolute, relative) = PRODUCT_TOLERANCE;
    format!(
        "(coalesce(abs({} * {} - {cost}) > greatest({absolute}, {relative} * abs({cost})), false) AND coalesce(charge_class, '') <> 'Correction')",
        double(price),
        double(quantity),
        cost = double(cost),
    )
}

fn subcategory_parent() -> String {
    let branches: Vec<String> = service_subcategories()
        .iter()
        .map(|(name, category)| format!("WHEN {} THEN {}", literal(name), literal(category)))
        .collect();
    format!("coalesce(CASE service_subcategory {} END <> service_category, false)", branches.join(" "))
}

fn billed_by_third_party() -> String {
    let first_word = |column: &str| format!("regexp_extract(lower({column}), '[a-z0-9]+')");
    let issuer = first_word("invoice_issuer_name");
    let branches: Vec<String> = PROVIDER_ALIASES
        .iter()
        .map(|(provider, names)| format!("WHEN {} THEN {issuer} NOT IN ({})", literal(provider), literals(names)))
        .collect();
    format!(
        "(coalesce(billed_cost <> 0, false) AND invoice_issuer_name IS NOT NULL AND coalesce(CASE {provider} {} ELSE {issuer} <> {provider} END, false))",
        branches.join(" "),
        provider = first_word("provider"),
    )
}

fn one_value_per(column: &str, key: &str, table: &str) -> RuleSql {
    let groups =
        format!("FROM {table} WHERE {key} IS NOT NULL GROUP BY provider, {key} HAVING count(DISTINCT {column}) > 1");
    RuleSql {
        predicate: format!("coalesce((provider, {key}) IN (SELECT (provider, {key}) {groups}), false)"),
        keys: Some(format!(
            "SELECT provider, {key} AS key, string_agg(DISTINCT {column}, ', ' ORDER BY {column}) AS found {groups} ORDER BY provider, key"
        )),
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

fn commitment(sides: Sides, table: &str) -> RuleSql {
    let Sides { by, paid, spread, broken } = sides;
    let finished = format!(
        "SELECT (provider, billing_period_start) FROM {table} WHERE charge_category = 'Usage' AND coalesce(commitment_discount_status, '') <> 'Unused' \
         GROUP BY provider, billing_period_start HAVING max(charge_period_end) >= max(billing_period_end)"
    );
    let groups = format!(
        "SELECT provider, commitment_discount_id AS key, billing_period_start AS period, \
         sum({paid}) FILTER (charge_category = 'Purchase' AND charge_frequency = 'Recurring') AS paid, \
         coalesce(sum({spread}) FILTER (charge_category = 'Usage'), 0) AS spread \
         FROM {table} WHERE commitment_discount_id IS NOT NULL AND coalesce(charge_class, '') <> 'Correction' \
         AND (provider, billing_period_start) IN ({finished}) GROUP BY provider, key, period, {by}"
    );
    let offenders = format!("({groups}) WHERE {broken} > {COMMITMENT_TOLERANCE}");
    RuleSql {
        predicate: format!(
            "coalesce((provider, commitment_discount_id, billing_period_start) IN (SELECT (provider, key, period) FROM {offenders}), false)"
        ),
        keys: Some(format!(
            "SELECT provider, key, concat('paid ', paid, ', spread ', spread, ' in ', strftime(period, '%Y-%m')) AS found FROM {offenders} ORDER BY provider, key, period"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{by_id, rules};

    fn find(id: &str) -> &'static Rule {
        rules().iter().find(|rule| rule.id == id).expect("the rule exists")
    }

    #[test]
    fn a_rule_on_charges_is_a_predicate() {
        for (id, predicate) in [
            ("ContractedCost-C-003-M", "contracted_cost IS NULL"),
            ("PricingUnit-C-006-C", "((pricing_unit IS NULL) <> (pricing_quantity IS NULL))"),
            (
                "ChargeFrequency-C-004-C",
                "(coalesce(charge_frequency IN ('Usage-Based'), false) AND coalesce(charge_category IN ('Purchase'), false))",
            ),
            (
                "SkuId-C-005-C",
                "(sku_id IS NULL AND (coalesce(charge_category IN ('Usage', 'Purchase'), false) AND NOT coalesce(charge_class IN ('Correction'), false)))",
            ),
        ] {
            let sql = sql(&find(id).test, "charge");
            assert_eq!((sql.predicate.as_str(), sql.keys), (predicate, None), "{id}");
        }
    }

    #[test]
    fn a_rule_on_sets_names_its_keys_and_selects_their_charges() {
        let sql = sql(&find("ServiceName-C-005-C").test, "charge");
        let keys = sql.keys.expect("a rule on sets");
        assert!(keys.starts_with("SELECT provider, service_name AS key, "), "{keys}");
        assert!(keys.ends_with("HAVING count(DISTINCT service_category) > 1 ORDER BY provider, key"), "{keys}");
        assert!(sql.predicate.contains("(provider, service_name) IN (SELECT"), "{}", sql.predicate);
    }

    #[test]
    fn a_rule_that_needs_a_feature_looks_for_it_in_the_load() {
        let condition = load_condition(find("SkuId-C-005-C"), "charge");
        let expected = "load_id IN (SELECT DISTINCT load_id FROM charge WHERE sku_id IS NOT NULL)";
        assert_eq!(condition.as_deref(), Some(expected));
        assert_eq!(
            load_condition(find("BilledCost-C-003-M"), "charge"),
            None,
            "a mandatory column is asked of every load"
        );
    }

    #[test]
    fn texts_are_quoted() {
        static HOSTILE: [&str; 1] = ["O'Neil'); DROP TABLE charge; --"];
        let column = by_id("ServiceName").expect("a column");
        let sql = sql(&RuleTest::AllowedValues(column, &HOSTILE), "charge");
        let expected = "(service_name IS NOT NULL AND service_name NOT IN ('O''Neil''); DROP TABLE charge; --'))";
        assert_eq!(sql.predicate, expected);
    }

    #[test]
    fn names_of_one_provider_are_not_two_companies() {
        let text = sql(&find("BilledCost-C-005-C").test, "charge").predicate;
        assert!(
            text.contains(
                "WHEN 'aws' THEN regexp_extract(lower(invoice_issuer_name), '[a-z0-9]+') NOT IN ('amazon', 'aws')"
            ),
            "{text}"
        );
    }
}
