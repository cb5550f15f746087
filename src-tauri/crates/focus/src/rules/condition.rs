//! Conditions on one charge, and their form in the rule files: nested arrays, `["and", ["is", "ChargeCategory", "Tax"], ...]`.

use serde::Serialize;
use toml::Value;

use crate::{Column, by_id};

/// A condition on one charge. It is always true or false: a comparison with a missing value is false.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The column has one of these values.
    Is(&'static Column, Vec<String>),
    /// The column has none of these values, or no value.
    IsNot(&'static Column, Vec<String>),
    /// The column has no value.
    Null(&'static Column),
    /// The column has a value.
    NotNull(&'static Column),
    /// The number is zero or missing.
    Zero(&'static Column),
    /// The number is not zero.
    NotZero(&'static Column),
    /// The number is zero or more, or missing.
    NotNegative(&'static Column),
    /// The two columns have equal values, upper and lower case alike, or one has none.
    Same(&'static Column, &'static Column),
    /// Both columns have a value, and the values differ.
    Different(&'static Column, &'static Column),
    /// The first instant is after the second, or one is missing.
    After(&'static Column, &'static Column),
    /// Price times quantity is the cost, within [`super::PRODUCT_TOLERANCE`]; or one of the three is missing.
    Product {
        /// The unit price.
        price: &'static Column,
        /// The quantity it is for.
        quantity: &'static Column,
        /// The cost it should make.
        cost: &'static Column,
    },
    /// The invoice comes from another company than the provider, by the names under which companies are known.
    ThirdParty,
    /// The subcategory belongs to the category, or is none that FOCUS knows.
    SubcategoryParent,
    /// The text is missing, or tells something: it is not blank, no word for "nothing", and its characters were read.
    WrittenText(&'static Column),
    /// The unit is missing or written as FOCUS writes units.
    Unit(&'static Column),
    /// The text is missing or a JSON object of plain values whose keys occur once.
    KeyValue(&'static Column),
    /// The text is missing or the code of a national currency in use, ISO 4217.
    NationalCurrency(&'static Column),
    /// The text is missing, the code of a national currency, or long enough to be the name of a virtual one.
    Currency(&'static Column),
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// The condition does not hold.
    Not(Box<Condition>),
}

/// An entry of a rule file that is no condition: what it says.
pub(super) type Malformed = String;

impl Condition {
    /// Reads a condition of a rule file.
    pub(super) fn read(value: &Value) -> Result<Self, Malformed> {
        let malformed = || format!("{value} is no condition");
        let items = value.as_array().ok_or_else(malformed)?;
        let word = items.first().and_then(Value::as_str).ok_or_else(malformed)?;
        let column = |at: usize| {
            let id = items.get(at).and_then(Value::as_str).ok_or_else(malformed)?;
            by_id(id).ok_or_else(|| format!("there is no column {id}"))
        };
        let rest = |from: usize| items.get(from..).unwrap_or_default().iter();
        let texts = || {
            rest(2).map(|text| text.as_str().map(str::to_owned).ok_or_else(malformed)).collect::<Result<Vec<_>, _>>()
        };
        let conditions = || rest(1).map(Self::read).collect::<Result<Vec<_>, _>>();
        Ok(match word {
            "is" => Self::Is(column(1)?, texts()?),
            "is_not" => Self::IsNot(column(1)?, texts()?),
            "null" => Self::Null(column(1)?),
            "not_null" => Self::NotNull(column(1)?),
            "zero" => Self::Zero(column(1)?),
            "not_negative" => Self::NotNegative(column(1)?),
            "same" => Self::Same(column(1)?, column(2)?),
            "other" => Self::Different(column(1)?, column(2)?),
            "after" => Self::After(column(1)?, column(2)?),
            "product" => Self::Product { price: column(1)?, quantity: column(2)?, cost: column(3)? },
            "third_party" => Self::ThirdParty,
            "subcategory_parent" => Self::SubcategoryParent,
            "written_text" => Self::WrittenText(column(1)?),
            "unit" => Self::Unit(column(1)?),
            "key_value" => Self::KeyValue(column(1)?),
            "national_currency" => Self::NationalCurrency(column(1)?),
            "currency" => Self::Currency(column(1)?),
            "and" => Self::All(conditions()?),
            "or" => Self::Any(conditions()?),
            "not" => Self::Not(Box::new(Self::read(items.get(1).ok_or_else(malformed)?)?)),
            _ => return Err(malformed()),
        })
    }

    /// The columns that it looks at, each once.
    pub fn columns(&self) -> Vec<&'static Column> {
        let mut columns = Vec::new();
        self.collect(&mut columns);
        columns.sort_by_key(|column| column.id);
        columns.dedup();
        columns
    }

    fn collect(&self, into: &mut Vec<&'static Column>) {
        match self {
            Self::Is(column, _)
            | Self::IsNot(column, _)
            | Self::Null(column)
            | Self::NotNull(column)
            | Self::Zero(column)
            | Self::NotZero(column)
            | Self::NotNegative(column)
            | Self::WrittenText(column)
            | Self::Unit(column)
            | Self::KeyValue(column)
            | Self::NationalCurrency(column)
            | Self::Currency(column) => into.push(column),
            Self::Same(one, other) | Self::Different(one, other) | Self::After(one, other) => into.extend([one, other]),
            Self::Product { price, quantity, cost } => into.extend([price, quantity, cost]),
            Self::ThirdParty => into.extend(by_id("InvoiceIssuerName")),
            Self::SubcategoryParent => {
                into.extend(["ServiceCategory", "ServiceSubcategory"].into_iter().filter_map(by_id))
            }
            Self::All(items) | Self::Any(items) => items.iter().for_each(|item| item.collect(into)),
            Self::Not(item) => item.collect(into),
        }
    }

    /// The same condition in one form: nested lists of one kind joined, repetitions left out, the order of items fixed. Two rules
    /// with one form test the same.
    pub(super) fn normalized(self) -> Self {
        let joined = |items: Vec<Self>, all: bool| {
            let mut flat = Vec::new();
            for item in items.into_iter().map(Self::normalized) {
                match item {
                    Self::All(inner) if all => flat.extend(inner),
                    Self::Any(inner) if !all => flat.extend(inner),
                    other => flat.push(other),
                }
            }
            flat.sort_by_key(|item| format!("{item:?}"));
            flat.dedup();
            flat
        };
        match self {
            Self::All(items) => one_or(joined(items, true), Self::All),
            Self::Any(items) => one_or(joined(items, false), Self::Any),
            other => other,
        }
    }

    /// The condition in words: `ChargeCategory is Usage or Purchase and ChargeClass is not Correction`.
    pub fn words(&self) -> String {
        match self {
            Self::Is(column, values) => format!("{} is {}", column.id, values.join(" or ")),
            Self::IsNot(column, values) => format!("{} is not {}", column.id, values.join(" or ")),
            Self::Null(column) => format!("{} is null", column.id),
            Self::NotNull(column) => format!("{} is not null", column.id),
            Self::Zero(column) => format!("{} is 0", column.id),
            Self::NotZero(column) => format!("{} is not 0", column.id),
            Self::NotNegative(column) => format!("{} is not negative", column.id),
            Self::Same(one, other) => format!("{} equals {}", one.id, other.id),
            Self::Different(one, other) => format!("{} differs from {}", one.id, other.id),
            Self::After(one, other) => format!("{} is after {}", one.id, other.id),
            Self::Product { price, quantity, cost } => format!("{} x {} is {}", price.id, quantity.id, cost.id),
            Self::ThirdParty => "another company than the provider issues the invoice".to_owned(),
            Self::SubcategoryParent => "ServiceSubcategory belongs to ServiceCategory".to_owned(),
            Self::WrittenText(column) => format!("{} tells something", column.id),
            Self::Unit(column) => format!("{} is written as a unit", column.id),
            Self::KeyValue(column) => format!("{} is an object of plain values", column.id),
            Self::NationalCurrency(column) => format!("{} is a national currency", column.id),
            Self::Currency(column) => format!("{} is a currency", column.id),
            Self::All(items) => items.iter().map(Self::words).collect::<Vec<_>>().join(" and "),
            Self::Any(items) => items.iter().map(Self::words).collect::<Vec<_>>().join(", or "),
            Self::Not(item) => format!("not: {}", item.words()),
        }
    }
}

fn one_or(mut items: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    if items.len() == 1 { items.remove(0) } else { many(items) }
}

/// ISO 4217 alphabetic codes of national currencies in use.
pub const CURRENCIES: &[&str] = &[
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
    use super::*;

    fn read(text: &str) -> Result<Condition, Malformed> {
        let table: toml::Table = format!("it = {text}").parse().expect("TOML");
        Condition::read(&table["it"])
    }

    #[test]
    fn what_is_written_differently_and_means_the_same_has_one_form() {
        let one =
            read(r#"["and", ["not_null", "SkuId"], ["and", ["is", "ChargeCategory", "Tax"], ["not_null", "SkuId"]]]"#);
        let other = read(r#"["and", ["is", "ChargeCategory", "Tax"], ["not_null", "SkuId"]]"#);
        assert_eq!(
            one.map(Condition::normalized),
            other.map(Condition::normalized),
            "order and repetition do not matter"
        );
        let alone = read(r#"["or", ["null", "SkuId"], ["null", "SkuId"]]"#).map(Condition::normalized);
        assert_eq!(alone, read(r#"["null", "SkuId"]"#), "one thing twice is one thing");
    }

    #[test]
    fn a_misspelt_entry_says_what_is_wrong() {
        assert!(read(r#"["null", "SkuIdd"]"#).is_err_and(|said| said.contains("SkuIdd")), "the column is named");
        assert!(read(r#"["malformed"]"#).is_err(), "what the model garbled is no condition");
        assert!(read("[]").is_err() && read("3").is_err(), "neither is nothing, nor a number");
    }

    #[test]
    fn a_condition_reads_as_a_sentence() {
        let condition =
            read(r#"["and", ["is", "ChargeCategory", "Usage", "Purchase"], ["is_not", "ChargeClass", "Correction"]]"#);
        let words = condition.map(|condition| condition.words());
        assert_eq!(words.as_deref(), Ok("ChargeCategory is Usage or Purchase and ChargeClass is not Correction"));
    }
}
