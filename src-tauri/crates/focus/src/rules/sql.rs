//! Rules as SQL text over the charge table. The dialect is plain: comparisons, `CASE`, aggregates, `IN` of a subquery.

use super::{CURRENCIES, Condition, PRODUCT_TOLERANCE, SetTest, family_of};
use crate::{Column, Kind, service_subcategories};

/// A rule about charges that belong together, or about the bill, as SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What is counted: `charges`, `keys`, `days`, `months`.
    pub counted: &'static str,
    /// A whole `SELECT` with one row for each thing that breaks the rule, in a stated order: `provider`, `load_id` (or null), `key`,
    /// `found`, `currency` and `cost` (both null where the cost is that of the charges of `predicate`). None where charges are counted.
    pub keys: Option<String>,
    /// A condition on one row of the charge table, true for the charges concerned. Never null. None where the rule concerns no charge.
    pub predicate: Option<String>,
}

/// The condition, true for the charges of `table` that break a rule: what is required does not hold where it should. Never null.
pub fn breach_sql(requirement: &Condition, when: Option<&Condition>, table: &str) -> String {
    let broken = negation(requirement, table);
    match when {
        Some(when) => format!("({} AND {broken})", condition(when, table)),
        None => broken,
    }
}

/// The rule about sets as SQL over a table of charges. `table` is put into the text as it is.
pub fn set_statement(test: &SetTest, table: &str) -> Statement {
    test.statement(table)
}

fn condition(this: &Condition, table: &str) -> String {
    match this {
        Condition::Is(column, values) => format!("coalesce({} IN ({}), false)", column.name, literals(values)),
        Condition::IsNot(column, values) => format!("coalesce({} NOT IN ({}), true)", column.name, literals(values)),
        Condition::Null(column) => format!("{} IS NULL", column.name),
        Condition::NotNull(column) => format!("{} IS NOT NULL", column.name),
        Condition::NotZero(column) => format!("coalesce({} <> 0, false)", column.name),
        Condition::Zero(column) => format!("coalesce({} = 0, true)", column.name),
        Condition::NotNegative(column) => format!("coalesce({} >= 0, true)", column.name),
        Condition::Same(one, other) => format!("coalesce({} = {}, true)", folded(one), folded(other)),
        Condition::Different(one, other) => format!("coalesce({} <> {}, false)", folded(one), folded(other)),
        Condition::After(one, other) => format!("coalesce({} > {}, true)", one.name, other.name),
        Condition::All(items) => joined(items, " AND ", table),
        Condition::Any(items) => joined(items, " OR ", table),
        Condition::Not(item) => negation(item, table),
        other => format!("NOT {}", negation(other, table)),
    }
}

/// The opposite of a condition; what is spelt out as a breach is spelt out here.
fn negation(this: &Condition, table: &str) -> String {
    match this {
        Condition::Null(column) => format!("{} IS NOT NULL", column.name),
        Condition::NotNull(column) => format!("{} IS NULL", column.name),
        Condition::Zero(column) => format!("coalesce({} <> 0, false)", column.name),
        Condition::NotNegative(column) => format!("coalesce({} < 0, false)", column.name),
        Condition::Same(one, other) => format!("coalesce({} <> {}, false)", folded(one), folded(other)),
        Condition::After(one, other) => format!("coalesce({} <= {}, false)", one.name, other.name),
        Condition::Product { price, quantity, cost } => product(price, quantity, cost),
        Condition::ThirdParty => format!("NOT {}", third_party()),
        Condition::SubcategoryParent => subcategory_parent(),
        Condition::WrittenText(column) => blank(column.name),
        Condition::Unit(column) => unlike(column.name, &format!("NOT ({})", unit("value")), table),
        Condition::KeyValue(column) => unlike(column.name, &no_object("value"), table),
        Condition::NationalCurrency(column) => {
            format!("coalesce({} NOT IN ({}), false)", column.name, literals(CURRENCIES))
        }
        // A code of three letters is a national currency's, whatever its case; other names are those of virtual currencies.
        Condition::Currency(column) => format!(
            "coalesce({0} NOT IN ({1}) AND regexp_full_match({0}, '[A-Za-z]{{3}}'), false)",
            column.name,
            literals(CURRENCIES)
        ),
        other => format!("NOT {}", condition(other, table)),
    }
}

fn joined(items: &[Condition], by: &str, table: &str) -> String {
    let items: Vec<String> = items.iter().map(|item| condition(item, table)).collect();
    format!("({})", items.join(by))
}

/// Identifiers of one thing differ in case between columns of some exports.
fn folded(column: &Column) -> String {
    match column.kind {
        Kind::Text => format!("lower({})", column.name),
        _ => column.name.to_owned(),
    }
}

fn literals(values: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| literal(value.as_ref())).collect();
    quoted.join(", ")
}

/// A text in quotes.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name in quotes.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names in one list.
pub(super) fn key_list(names: &[&str], more: Option<&str>) -> String {
    names.iter().copied().chain(more).collect::<Vec<_>>().join(", ")
}

/// Decimals of 18 places each overflow when they are multiplied, so the comparison alone is made in double precision: its error is
/// far below the tolerance, and no amount comes out of it.
fn product(price: &Column, quantity: &Column, cost: &Column) -> String {
    let double = |column: &Column| format!("CAST({} AS DOUBLE)", column.name);
    let (absolute, relative) = PRODUCT_TOLERANCE;
    format!(
        "coalesce(abs({} * {} - {cost}) > greatest({absolute}, {relative} * abs({cost})), false)",
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

/// Names under which a provider issues its own invoices: the first words, in lower case.
pub const PROVIDER_ALIASES: &[&str] =
    &["alibaba", "aliyun", "amazon", "aws", "azure", "gcp", "google", "microsoft", "oci", "oracle", "tencent"];

/// True where the invoice is another company's; false where either is not told.
fn third_party() -> String {
    let first_word = |column: &str| format!("regexp_extract(lower({column}), '[a-z0-9]+')");
    let (issuer, provider) = (first_word("invoice_issuer_name"), first_word("provider"));
    let branches: Vec<String> = PROVIDER_ALIASES
        .iter()
        .map(|name| {
            let same: Vec<&str> =
                PROVIDER_ALIASES.iter().copied().filter(|other| family_of(other) == family_of(name)).collect();
            format!("WHEN {} THEN {issuer} NOT IN ({})", literal(name), literals(&same))
        })
        .collect();
    format!("coalesce(CASE {provider} {} ELSE {issuer} <> {provider} END, false)", branches.join(" "))
}

/// Words that providers write where there is nothing to say; FOCUS wants the field empty.
const WORDS_FOR_NOTHING: &[&str] = &[
    "",
    "-",
    "N/A",
    "n/a",
    "Not Applicable",
    "not applicable",
    "NULL",
    "Null",
    "null",
    "None",
    "none",
    "NONE",
    "nil",
    "undefined",
];

fn blank(column: &str) -> String {
    format!(
        "coalesce({column} IN ({}) OR (starts_with({column}, ' ') AND trim({column}) = '') OR contains({column}, chr(65533)), false)",
        literals(WORDS_FOR_NOTHING)
    )
}

/// True for the rows whose value is wrong: each value of the table is looked at once, however many rows have it.
fn unlike(column: &str, wrong: &str, table: &str) -> String {
    format!(
        "coalesce({column} IN (SELECT value FROM (SELECT DISTINCT {column} AS value FROM {table} WHERE {column} IS NOT NULL) WHERE {wrong}), false)"
    )
}

/// The forms of the FOCUS unit format: `GB`, `GB-Hours`, `GB/Hour`, each with a whole number before it; `Units/3 Months`. Units of
/// time are spelt out.
fn unit(value: &str) -> String {
    const TIME: &str = "(Year|Month|Day|Hour|Minute|Second)";
    const SHORT: &str = "(Hrs?|hrs?|HRS|Mos?|mo|Mins?|Secs?|Yrs?|[Hh]ours?|month|months)";
    const NAME: &str = "[A-Za-z][A-Za-z0-9 ]*";
    format!(
        "regexp_full_match({value}, '([0-9]+ )?{NAME}(-{TIME}s|/{TIME}|/[0-9]+ {TIME}s)?') \
         AND (NOT regexp_full_match({value}, '([0-9]+ )?{SHORT}') OR regexp_full_match({value}, '([0-9]+ )?{TIME}s?'))"
    )
}

/// Values are looked into only where a second bracket says that there is something to look into.
fn no_object(value: &str) -> String {
    format!(
        "CASE WHEN coalesce(json_type(TRY_CAST({value} AS JSON)) <> 'OBJECT', true) THEN true \
         WHEN len(json_keys({value})) <> len(list_distinct(json_keys({value}))) THEN true \
         WHEN contains(substr({value}, 2), '{{') OR contains({value}, '[') \
         THEN list_has_any(list_transform(json_extract({value}, '$.*'), lambda one: json_type(one)), ['OBJECT', 'ARRAY']) \
         ELSE false END"
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Rule, Test, rules};
    use super::*;
    use crate::by_id;

    fn find(id: &str) -> &'static Rule {
        rules().iter().find(|rule| rule.id == id).expect("the rule exists")
    }

    fn breach(id: &str) -> String {
        match &find(id).test {
            Test::Charge { requirement, when } => breach_sql(requirement, when.as_ref(), "charge"),
            other => panic!("{id} is about {other:?}"),
        }
    }

    #[test]
    fn a_rule_on_charges_is_a_condition() {
        for (id, condition) in [
            ("ContractedCost-C-003-M", "contracted_cost IS NULL"),
            ("PricingUnit-C-006-C", "(pricing_quantity IS NOT NULL AND pricing_unit IS NULL)"),
            (
                "ChargeFrequency-C-004-C",
                "(coalesce(charge_category IN ('Purchase'), false) AND NOT coalesce(charge_frequency NOT IN ('Usage-Based'), true))",
            ),
            (
                "SkuId-C-005-C",
                "((coalesce(charge_category IN ('Usage', 'Purchase'), false) AND coalesce(charge_class NOT IN ('Correction'), true)) AND sku_id IS NULL)",
            ),
            (
                "ChargeCategory-C-003-M",
                "NOT (charge_category IS NULL OR coalesce(charge_category IN ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'), false))",
            ),
        ] {
            assert_eq!(breach(id), condition, "{id}");
        }
    }

    #[test]
    fn a_rule_on_sets_names_its_keys_and_selects_their_charges() {
        let Test::Set(test) = &find("ServiceName-C-005-C").test else { panic!("a rule on sets") };
        let statement = set_statement(test, "charge");
        let keys = statement.keys.expect("the keys are named");
        assert!(keys.starts_with("SELECT provider, NULL::BIGINT AS load_id, service_name AS key, "), "{keys}");
        assert!(
            keys.ends_with("HAVING min(service_category) <> max(service_category) ORDER BY provider, key"),
            "{keys}"
        );
        let predicate = statement.predicate.expect("the charges are selected");
        assert!(predicate.contains("(provider, service_name) IN (SELECT"), "{predicate}");
    }

    #[test]
    fn texts_are_quoted() {
        let column = by_id("ServiceName").expect("a column");
        let hostile = Condition::Is(column, vec!["O'Neil'); DROP TABLE charge; --".to_owned()]);
        let expected = "NOT coalesce(service_name IN ('O''Neil''); DROP TABLE charge; --'), false)";
        assert_eq!(breach_sql(&hostile, None, "charge"), expected);
        assert_eq!(identifier("a\"b"), "\"a\"\"b\"", "a name too");
    }

    #[test]
    fn names_of_one_provider_are_not_two_companies() {
        let text = breach("BilledCost-C-005-C");
        let expected =
            "WHEN 'aws' THEN regexp_extract(lower(invoice_issuer_name), '[a-z0-9]+') NOT IN ('amazon', 'aws')";
        assert!(text.contains(expected), "{text}");
    }
}
