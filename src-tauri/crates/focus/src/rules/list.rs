//! The list of rules.

use std::sync::LazyLock;

use super::{Rule, RuleTest, Severity, When};
use crate::{Column, by_id, columns};

/// Every rule, in the order in which findings are told: by severity, then by subject.
pub fn rules() -> &'static [Rule] {
    &RULES
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules = Vec::new();
    for family in [not_null, figures, allowed_values, prices, usage, commitments, companions, sets, notices] {
        rules.extend(family());
    }
    rules.sort_by_key(|rule| rule.severity);
    rules
});

/// A column by an id of this file. Every id here is checked by a test.
fn column(id: &str) -> &'static Column {
    by_id(id).unwrap_or(&columns()[0])
}

fn rule(id: &'static str, severity: Severity, subject: &'static Column, test: RuleTest) -> Rule {
    Rule {
        id,
        severity,
        title: String::new(),
        since: subject.since,
        removed: subject.removed,
        needs: None,
        meaning: subject.description.to_owned(),
        action: String::new(),
        test,
    }
}

impl Rule {
    fn titled(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    fn meaning(self, meaning: impl Into<String>) -> Self {
        Self { meaning: meaning.into(), ..self }
    }

    fn action(self, action: impl Into<String>) -> Self {
        Self { action: action.into(), ..self }
    }

    fn needs(self, column: &'static Column) -> Self {
        Self { needs: Some(column.id), ..self }
    }
}

const TAX: &[&str] = &["Tax"];
const USAGE: &[&str] = &["Usage"];
const USAGE_OR_PURCHASE: &[&str] = &["Usage", "Purchase"];
const CORRECTION: &[&str] = &["Correction"];

fn is_category(values: &'static [&'static str]) -> When {
    When::Is(column("ChargeCategory"), values)
}

fn is_no_correction() -> When {
    When::IsNot(column("ChargeClass"), CORRECTION)
}

fn not_null() -> Vec<Rule> {
    const COSTS: [(&str, &str); 4] = [
        ("BilledCost-C-003-M", "BilledCost"),
        ("EffectiveCost-C-003-M", "EffectiveCost"),
        ("ListCost-C-003-M", "ListCost"),
        ("ContractedCost-C-003-M", "ContractedCost"),
    ];
    const OTHERS: [(&str, &str); 13] = [
        ("BillingAccountId-C-001-M", "BillingAccountId"),
        ("BillingCurrency-C-004-M", "BillingCurrency"),
        ("BillingPeriodStart-C-003-M", "BillingPeriodStart"),
        ("BillingPeriodEnd-C-003-M", "BillingPeriodEnd"),
        ("ChargeCategory-C-002-M", "ChargeCategory"),
        ("ChargePeriodStart-C-003-M", "ChargePeriodStart"),
        ("ChargePeriodEnd-C-003-M", "ChargePeriodEnd"),
        ("InvoiceIssuerName-C-003-M", "InvoiceIssuerName"),
        ("ProviderName-C-003-M", "ProviderName"),
        ("PublisherName-C-003-M", "PublisherName"),
        ("ServiceCategory-C-002-M", "ServiceCategory"),
        ("ServiceName-C-003-M", "ServiceName"),
        ("QD-SERVICE-PROVIDER", "ServiceProviderName"),
    ];
    let cost = |(id, name): (&'static str, &'static str)| {
        let subject = column(name);
        rule(id, Severity::Error, subject, RuleTest::NotNull(subject))
            .titled(format!("{name} is null"))
            .meaning(format!("Totals by this cost leave these charges out. {}", subject.description))
            .action("Ask the provider for the missing amounts; until then compare by another cost.")
    };
    let other = |(id, name): (&'static str, &'static str)| {
        let subject = column(name);
        rule(id, Severity::Warning, subject, RuleTest::NotNull(subject))
            .titled(format!("{name} is null"))
            .action("Ask the provider to fill the column; these charges stand under \"(missing)\" until then.")
    };
    COSTS.into_iter().map(cost).chain(OTHERS.into_iter().map(other)).collect()
}

fn figures() -> Vec<Rule> {
    let product = |id, price: &str, cost: &str| {
        let test =
            RuleTest::ProductEquals { price: column(price), quantity: column("PricingQuantity"), cost: column(cost) };
        rule(id, Severity::Error, column(price), test)
            .titled(format!("{price} x PricingQuantity is not {cost}"))
            .meaning(format!(
                "Price and quantity of these charges do not explain their {cost}; savings and unit costs may be off."
            ))
            .action("Look at the examples: one of the three is rounded or in another unit. Report it to the provider.")
    };
    let period = |id, start: &str, end: &str| {
        let test = RuleTest::HalfOpenPeriod { start: column(start), end: column(end) };
        rule(id, Severity::Error, column(end), test)
            .titled(format!("{end} is not after {start}"))
            .meaning("A period that has no length lands on one day or hour, whatever it was meant to cover.")
            .action(
                "Report it to the provider. An end of 23:59:59 is not meant here: only ends at or before the start.",
            )
    };
    let covering = When::All(vec![is_category(&["Purchase"]), When::NotNull(column("CommitmentDiscountId"))]);
    vec![
        product("ListUnitPrice-C-010-C", "ListUnitPrice", "ListCost"),
        product("ContractedUnitPrice-C-011-C", "ContractedUnitPrice", "ContractedCost"),
        period("QD-CHARGE-PERIOD", "ChargePeriodStart", "ChargePeriodEnd"),
        period("QD-BILLING-PERIOD", "BillingPeriodStart", "BillingPeriodEnd"),
        rule(
            "EffectiveCost-C-005-C",
            Severity::Error,
            column("EffectiveCost"),
            RuleTest::ZeroWhen(column("EffectiveCost"), covering),
        )
        .titled("The purchase of a commitment has an effective cost")
        .meaning("The commitment counts twice in effective cost: once when it is bought and once when it is used.")
        .action("Compare the effective cost of the commitment's usage with its price; report it to the provider.")
        .needs(column("CommitmentDiscountId")),
        rule("BilledCost-C-005-C", Severity::Warning, column("BilledCost"), RuleTest::BilledByThirdParty)
            .titled("A cost is billed by another company than the provider")
            .meaning("Someone else collects the payment, so by FOCUS nothing is billed here; a reseller's own bill is the exception.")
            .action("Check whose invoice these charges are on before adding them to the provider's."),
    ]
}

fn allowed_values() -> Vec<Rule> {
    const IDS: [(&str, &str); 9] = [
        ("ChargeCategory-C-003-M", "ChargeCategory"),
        ("ChargeClass-C-005-C", "ChargeClass"),
        ("ChargeFrequency-C-003-M", "ChargeFrequency"),
        ("CapacityReservationStatus-C-006-M", "CapacityReservationStatus"),
        ("CommitmentDiscountCategory-C-005-M", "CommitmentDiscountCategory"),
        ("CommitmentDiscountStatus-C-005-M", "CommitmentDiscountStatus"),
        ("PricingCategory-C-007-M", "PricingCategory"),
        ("ServiceCategory-C-003-M", "ServiceCategory"),
        ("QD-SUBCATEGORY", "ServiceSubcategory"),
    ];
    let allowed = |(id, name): (&'static str, &'static str)| {
        let subject = column(name);
        let test = match name {
            "ServiceSubcategory" => RuleTest::SubcategoryParent,
            _ => RuleTest::AllowedValues(subject, subject.allowed_values),
        };
        let title = match name {
            "ServiceSubcategory" => "ServiceSubcategory belongs to another ServiceCategory".to_owned(),
            _ => format!("{name} has a value that FOCUS does not know"),
        };
        rule(id, Severity::Warning, subject, test)
            .titled(title)
            .meaning(format!("Questions by {name} and rules that look at it pass these charges by."))
            .action("Ask the provider for the value of the closed list; upper and lower case count.")
    };
    let currency = |id, name: &str| {
        let subject = column(name);
        rule(id, Severity::Error, subject, RuleTest::AllowedValues(subject, CURRENCIES))
            .titled(format!("{name} is no ISO 4217 currency"))
            .meaning("Amounts in a currency that does not exist can be added to nothing.")
            .action("Check the export's currency settings.")
    };
    let mut rules: Vec<Rule> = IDS.into_iter().map(allowed).collect();
    rules.push(currency("BillingCurrency-C-006-M", "BillingCurrency"));
    rules
}

fn prices() -> Vec<Rule> {
    const IDS: [(&str, &str, &str); 8] = [
        ("ListUnitPrice", "ListUnitPrice-C-004-C", "ListUnitPrice-C-005-C"),
        ("ContractedUnitPrice", "ContractedUnitPrice-C-005-C", "ContractedUnitPrice-C-006-C"),
        (
            "PricingCurrencyListUnitPrice",
            "PricingCurrencyListUnitPrice-C-004-C",
            "PricingCurrencyListUnitPrice-C-005-C",
        ),
        (
            "PricingCurrencyContractedUnitPrice",
            "PricingCurrencyContractedUnitPrice-C-004-C",
            "PricingCurrencyContractedUnitPrice-C-005-C",
        ),
        ("PricingQuantity", "PricingQuantity-C-004-C", "PricingQuantity-C-005-C"),
        ("PricingCategory", "PricingCategory-C-003-C", "PricingCategory-C-004-C"),
        ("SkuId", "SkuId-C-004-C", "SkuId-C-005-C"),
        ("SkuPriceId", "SkuPriceId-C-004-C", "SkuPriceId-C-005-C"),
    ];
    const NON_NEGATIVE: [(&str, &str); 4] = [
        ("ListUnitPrice-C-008-M", "ListUnitPrice"),
        ("ContractedUnitPrice-C-009-C", "ContractedUnitPrice"),
        ("PricingCurrencyListUnitPrice-C-008-M", "PricingCurrencyListUnitPrice"),
        ("PricingCurrencyContractedUnitPrice-C-008-C", "PricingCurrencyContractedUnitPrice"),
    ];
    let mut rules = Vec::new();
    for (name, of_tax, of_use) in IDS {
        let subject = column(name);
        rules.push(
            rule(of_tax, Severity::Notice, subject, RuleTest::NullWhen(subject, is_category(TAX)))
                .titled(format!("A tax has a {name}"))
                .meaning("A tax follows from other charges; it has no price and no SKU of its own.")
                .action("Leave these charges out of unit costs."),
        );
        let bought = When::All(vec![is_category(USAGE_OR_PURCHASE), is_no_correction()]);
        rules.push(
            rule(of_use, Severity::Notice, subject, RuleTest::NotNullWhen(subject, bought))
                .titled(format!("{name} of usage or a purchase is null"))
                .meaning(format!(
                    "Without it these charges cannot be explained by price and quantity. {}",
                    subject.description
                ))
                .action("Ask the provider for it; some state in their conformance notes that they leave it out.")
                .needs(subject),
        );
    }
    for (id, name) in NON_NEGATIVE {
        let subject = column(name);
        rules.push(
            rule(id, Severity::Warning, subject, RuleTest::NonNegative(subject))
                .titled(format!("{name} is negative"))
                .meaning("A price is never negative; what is taken back has a negative quantity.")
                .action("Read the charge as a correction and compare it with what it corrects."),
        );
    }
    rules
}

fn usage() -> Vec<Rule> {
    let consumed = column("ConsumedQuantity");
    let used = || {
        When::All(vec![
            is_category(USAGE),
            When::IsNot(column("CommitmentDiscountStatus"), &["Unused"]),
            is_no_correction(),
        ])
    };
    let not_used = When::Not(Box::new(When::All(vec![
        is_category(USAGE),
        When::IsNot(column("CommitmentDiscountStatus"), &["Unused"]),
    ])));
    let frequency = column("ChargeFrequency");
    vec![
        rule("ConsumedQuantity-C-004-C", Severity::Warning, consumed, RuleTest::NullWhen(consumed, not_used))
            .titled("Something other than usage has a ConsumedQuantity")
            .meaning("Quantities added up over these charges count what nobody used.")
            .action("Filter on usage when adding up quantities."),
        rule("ConsumedQuantity-C-006-C", Severity::Notice, consumed, RuleTest::NotNullWhen(consumed, used()))
            .titled("Usage has no ConsumedQuantity")
            .meaning("Unit costs leave these charges' quantity out while their cost counts.")
            .action("Ask the provider for the quantity.")
            .needs(consumed),
        rule(
            "ChargeFrequency-C-004-C",
            Severity::Warning,
            frequency,
            RuleTest::NotValueWhen(frequency, "Usage-Based", is_category(&["Purchase"])),
        )
        .titled("A purchase is usage-based")
        .meaning("A purchase comes once or regularly; fixed and variable spend are told apart by this column.")
        .action("Treat these purchases as recurring."),
    ]
}

fn commitments() -> Vec<Rule> {
    let id = column("CommitmentDiscountId");
    let mut rules = Vec::new();
    for (code, name) in [
        ("CommitmentDiscountName-C-004-C", "CommitmentDiscountName"),
        ("CommitmentDiscountCategory-C-003-C", "CommitmentDiscountCategory"),
        ("CommitmentDiscountType-C-004-C", "CommitmentDiscountType"),
        ("CommitmentDiscountStatus-C-003-C", "CommitmentDiscountStatus"),
    ] {
        rules.push(
            rule(code, Severity::Warning, column(name), RuleTest::NullWhen(column(name), When::Null(id)))
                .titled(format!("{name} without CommitmentDiscountId"))
                .meaning("The charge draws on a commitment, but which one is not told; coverage and use leave it out.")
                .action("Ask the provider for the commitment's id."),
        );
    }
    for (code, name) in [
        ("CommitmentDiscountCategory-C-004-C", "CommitmentDiscountCategory"),
        ("CommitmentDiscountType-C-005-C", "CommitmentDiscountType"),
    ] {
        rules.push(
            rule(code, Severity::Warning, column(name), RuleTest::NotNullWhen(column(name), When::NotNull(id)))
                .titled(format!("CommitmentDiscountId without {name}"))
                .action("Tell the kind of commitment by its id."),
        );
    }
    let (status, quantity) = (column("CommitmentDiscountStatus"), column("CommitmentDiscountQuantity"));
    let of_usage = When::All(vec![When::NotNull(id), is_category(USAGE)]);
    let counted = When::All(vec![When::NotNull(id), is_category(USAGE_OR_PURCHASE), is_no_correction()]);
    let uncounted = When::Not(Box::new(When::All(vec![When::NotNull(id), is_category(USAGE_OR_PURCHASE)])));
    rules.extend([
        rule("CommitmentDiscountStatus-C-004-C", Severity::Warning, status, RuleTest::NotNullWhen(status, of_usage))
            .titled("Usage of a commitment is neither used nor unused")
            .meaning("How much of the commitment was wasted cannot be told.")
            .action("Ask the provider for the status."),
        rule(
            "CommitmentDiscountQuantity-C-005-C",
            Severity::Notice,
            quantity,
            RuleTest::NotNullWhen(quantity, counted),
        )
        .titled("CommitmentDiscountQuantity of a commitment is null")
        .action("Tell the use of the commitment by its cost.")
        .needs(quantity),
        rule("CommitmentDiscountQuantity-C-007-C", Severity::Notice, quantity, RuleTest::NullWhen(quantity, uncounted))
            .titled("CommitmentDiscountQuantity outside of a commitment")
            .action("Leave these charges out when adding up the quantity of commitments."),
    ]);
    rules
}

/// Columns that come and go with another one.
fn companions() -> Vec<Rule> {
    const IDS: [(&str, &str, &str); 10] = [
        ("PricingUnit-C-006-C", "PricingUnit", "PricingQuantity"),
        ("ConsumedUnit-C-006-C", "ConsumedUnit", "ConsumedQuantity"),
        ("CommitmentDiscountUnit-C-006-C", "CommitmentDiscountUnit", "CommitmentDiscountQuantity"),
        ("SubAccountName-C-005-C", "SubAccountName", "SubAccountId"),
        ("SubAccountType-C-005-C", "SubAccountType", "SubAccountId"),
        ("BillingAccountType-C-005-C", "BillingAccountType", "BillingAccountId"),
        ("ResourceType-C-005-C", "ResourceType", "ResourceId"),
        ("RegionName-C-005-C", "RegionName", "RegionId"),
        ("QD-ALLOCATED-METHOD", "AllocatedMethodId", "AllocatedResourceId"),
        ("CapacityReservationStatus-C-003-C", "CapacityReservationStatus", "CapacityReservationId"),
    ];
    let mut rules = Vec::new();
    for (id, name, with) in IDS {
        let (subject, with) = (column(name), column(with));
        let (test, title) = if name == "CapacityReservationStatus" {
            (RuleTest::NullWhen(subject, When::Null(with)), format!("{name} without {}", with.id))
        } else {
            (RuleTest::NullTogether(subject, with), format!("{name} and {} do not come together", with.id))
        };
        let severity = if name.ends_with("Unit") { Severity::Warning } else { Severity::Notice };
        rules.push(
            rule(id, severity, subject, test)
                .titled(title)
                .action("Ask the provider for the missing one of the two.")
                .needs(subject),
        );
    }
    let status = column("CapacityReservationStatus");
    let reserved = When::All(vec![When::NotNull(column("CapacityReservationId")), is_category(USAGE)]);
    rules.push(
        rule("CapacityReservationStatus-C-004-C", Severity::Notice, status, RuleTest::NotNullWhen(status, reserved))
            .titled("Usage of a capacity reservation is neither used nor unused")
            .action("Ask the provider for the status.")
            .needs(status),
    );
    for (id, name, with) in
        [("SkuMeter-C-004-C", "SkuMeter", "SkuId"), ("SkuPriceDetails-C-004-C", "SkuPriceDetails", "SkuPriceId")]
    {
        let (subject, with) = (column(name), column(with));
        rules.push(
            rule(id, Severity::Notice, subject, RuleTest::NullWhen(subject, When::Null(with)))
                .titled(format!("{name} without {}", with.id))
                .action("Do not group these charges by SKU.")
                .needs(with),
        );
    }
    rules
}

fn sets() -> Vec<Rule> {
    let one = |id, severity, name: &str, key: &str| {
        let test = RuleTest::OneValuePer { column: column(name), key: column(key) };
        rule(id, severity, column(name), test)
            .titled(format!("One {key} has several {name} values"))
            .meaning(format!(
                "What belongs together is split: a breakdown by {name} shows parts of the same {key} apart."
            ))
            .action(format!("Break down by {key}, or map it to one {name}."))
    };
    vec![
        one("ServiceName-C-005-C", Severity::Warning, "ServiceCategory", "ServiceName"),
        one("ServiceName-C-008-C", Severity::Notice, "ServiceSubcategory", "ServiceName"),
        one("SkuPriceId-C-008-M", Severity::Warning, "SkuId", "SkuPriceId"),
        one("CommitmentDiscountUnit-C-008-M", Severity::Warning, "CommitmentDiscountUnit", "CommitmentDiscountId"),
        rule("QD-COMMITMENT-COST", Severity::Error, column("EffectiveCost"), RuleTest::CommitmentCost)
            .titled("A commitment costs more than is spread over its use")
            .meaning(
                "A part of the recurring fee is in nobody's effective cost: the charge for the unused part is missing.",
            )
            .action("Count the difference as unused, and ask the provider for the charge.")
            .needs(column("CommitmentDiscountId")),
        rule(
            "QD-COMMITMENT-QUANTITY",
            Severity::Warning,
            column("CommitmentDiscountQuantity"),
            RuleTest::CommitmentQuantity,
        )
        .titled("Used and unused do not make up the commitment")
        .meaning("The share of a commitment that was used cannot be told from its quantities.")
        .action("Compare the commitment's charges with the provider's own utilisation report.")
        .needs(column("CommitmentDiscountQuantity")),
    ]
}

fn notices() -> Vec<Rule> {
    let description = column("ChargeDescription");
    vec![
        rule("ChargeDescription-C-003-O", Severity::Notice, description, RuleTest::NotNull(description))
            .titled("ChargeDescription is null")
            .action("Tell the charge by service and SKU."),
    ]
}

/// ISO 4217 alphabetic codes of national currencies in use.
const CURRENCIES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF",
    "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF", "CHW", "CLF",
    "CLP", "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR",
    "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS",
    "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT",
    "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR",
    "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP",
    "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE",
    "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS",
    "UAH", "UGX", "USD", "USN", "UYI", "UYU", "UYW", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG",
    "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
];

#[cfg(test)]
mod tests {
    use super::super::sql;
    use super::*;
    use crate::SERVICE_CATEGORIES;

    #[test]
    fn ids_and_titles_are_unique_and_texts_are_there() {
        let mut seen = std::collections::BTreeSet::new();
        for rule in rules() {
            assert!(seen.insert(rule.id), "{} is used once", rule.id);
            assert!(seen.insert(rule.title.as_str()), "{} is told once", rule.title);
            assert!(rule.meaning.ends_with('.') && rule.action.ends_with('.'), "{} tells what it means", rule.id);
        }
        assert!(rules().is_sorted_by_key(|rule| rule.severity), "the gravest come first");
    }

    #[test]
    fn no_rule_stands_on_a_misspelt_column() {
        let first = columns()[0].name;
        for rule in rules() {
            let text = sql(&rule.test, "charge").predicate;
            assert!(!text.contains(first), "{} speaks of {first}, the stand-in for a misspelt id", rule.id);
        }
    }

    #[test]
    fn a_closed_list_is_never_empty() {
        for rule in rules() {
            if let RuleTest::AllowedValues(column, values) = &rule.test {
                assert!(!values.is_empty(), "{} has a list for {}", rule.id, column.id);
            }
        }
        let category = column("ServiceCategory").allowed_values;
        assert_eq!(category, SERVICE_CATEGORIES, "the column knows the same categories");
    }

    #[test]
    fn rules_follow_the_columns_of_a_version() {
        use crate::Version;
        let find = |id: &str| rules().iter().find(|rule| rule.id == id).expect("the rule exists");
        let provider = find("ProviderName-C-003-M");
        assert!(provider.applies_to(Version::V1_3) && !provider.applies_to(Version::V1_4), "1.4 has no ProviderName");
        assert!(!find("QD-SERVICE-PROVIDER").applies_to(Version::V1_2), "1.2 has no ServiceProviderName");
    }
}
