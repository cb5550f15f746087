//! Mappings that the analyst makes, for bills of no known format: a SaaS vendor's invoice lines, a data centre's ledger.
//!
//! They are mapping files like those of the program. What a ledger does not tell apart (its four costs, its periods) need not be
//! written: [`OwnFormat::read`] fills it in from what is.

use toml::{Table, Value};

use crate::format::{Format, FormatError, formats};

/// A mapping that the analyst made.
#[derive(Debug)]
pub struct OwnFormat(pub(crate) Format);

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OwnFormatError {
    /// It is no mapping file, or one of its formulas cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The name is taken by the program or cannot be a file name.
    #[error("\"{0}\" cannot be its name")]
    Name(String),
    /// What a charge cannot be without is not mapped.
    #[error("nothing says what {0} becomes")]
    Missing(&'static str),
    /// No column tells the file from any other.
    #[error("it names no mandatory column, so that it would take every file")]
    TakesAll,
}

impl OwnFormatError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Format(_) => "Mend that entry of the mapping.".to_owned(),
            Self::Name(_) => {
                "Use lower-case letters, digits and dashes; not the name of a format of the program.".to_owned()
            }
            Self::Missing(column) => format!("Add an entry for {column} below [columns]."),
            Self::TakesAll => "List the columns that only this bill has as `mandatory`.".to_owned(),
        }
    }
}

/// What has to be written, because nothing else tells it.
pub(crate) const NEEDED: [&str; 4] = ["BilledCost", "BillingCurrency", "ChargePeriodStart", "ServiceName"];

/// What is filled in, with `{Column}` standing for the entry of that column, and why.
const DEFAULTS: [(&str, &str, &str); 12] = [
    ("BillingPeriodEnd", "month_end({ChargePeriodStart})", "taken to be billed by the calendar month"),
    ("BillingPeriodStart", "month_start({ChargePeriodStart})", "taken to be billed by the calendar month"),
    ("ChargeCategory", "'Usage'", "the bill tells no categories apart"),
    ("ChargePeriodEnd", "next_day({ChargePeriodStart})", "the bill names a day"),
    ("ContractedCost", "{BilledCost}", "the bill has one cost"),
    ("EffectiveCost", "{BilledCost}", "the bill has one cost"),
    ("InvoiceIssuerName", "{provider}", "who sells also bills"),
    ("ListCost", "{BilledCost}", "the bill has one cost"),
    ("ProviderName", "{provider}", "who sells"),
    ("PublisherName", "{provider}", "who sells"),
    ("ServiceCategory", "'Other'", "the bill has no categories of services"),
    ("ServiceProviderName", "{provider}", "who sells"),
];

impl OwnFormat {
    /// Reads a mapping and fills in what it leaves open.
    ///
    /// # Errors
    /// [`OwnFormatError`] says which entry cannot be used and why.
    pub fn read(text: &str) -> Result<Self, OwnFormatError> {
        let shape = |error: toml::de::Error| OwnFormatError::Format(FormatError::Shape(error.to_string()));
        let mut file: Table = text.parse().map_err(shape)?;
        let name = file.get("format").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !is_name(&name) || formats()?.iter().any(|format| format.name == name) {
            return Err(OwnFormatError::Name(name));
        }
        file.entry("title").or_insert_with(|| Value::String(name.clone()));
        file.entry("nulls").or_insert_with(|| Value::Array(Vec::new()));
        if file.get("mandatory").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            return Err(OwnFormatError::TakesAll);
        }
        let provider = entry(&file, "provider").ok_or(OwnFormatError::Missing("provider"))?;
        let mut columns = file.get("columns").and_then(Value::as_table).cloned().unwrap_or_default();
        if let Some(missing) = NEEDED.into_iter().find(|column| entry(&columns, column).is_none()) {
            return Err(OwnFormatError::Missing(missing));
        }
        for (column, formula, why) in DEFAULTS {
            if columns.contains_key(column) {
                continue;
            }
            let mut formula = formula.replace("{provider}", &provider);
            for needed in NEEDED {
                formula = formula.replace(&format!("{{{needed}}}"), &entry(&columns, needed).unwrap_or_default());
            }
            let filled = [("from", formula), ("why", why.to_owned())];
            let filled: Table = filled.into_iter().map(|(key, text)| (key.to_owned(), Value::String(text))).collect();
            columns.insert(column.to_owned(), Value::Table(filled));
        }
        for column in focus::columns() {
            let nothing = Table::from_iter([("from".to_owned(), Value::String("null".to_owned()))]);
            columns.entry(column.id).or_insert_with(|| Value::Table(nothing));
        }
        file.insert("columns".to_owned(), Value::Table(columns));
        Ok(Self(Format::read(&file.to_string())?))
    }

    /// Its short name: the report's name in the engagement, and that of its file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name for a person.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.0.title
    }
}

/// The formula of an entry.
fn entry(table: &Table, key: &str) -> Option<String> {
    table.get(key)?.get("from")?.as_str().map(str::to_owned)
}

/// Whether a text can name a mapping, a report and a file.
fn is_name(name: &str) -> bool {
    let sound = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    !name.is_empty() && name.len() <= 60 && name.chars().all(sound) && !name.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEDGER: &str = "
        format = 'ledger'
        mandatory = ['Posting Date', 'Net']
        dates = ['day/month/year']
        provider = { from = \"'Rack & Sons'\" }
        [columns]
        BilledCost = { from = 'Net' }
        BillingCurrency = { from = \"'EUR'\" }
        ChargePeriodStart = { from = '`Posting Date`' }
        ServiceName = { from = 'Item' }
    ";

    fn refusal(text: &str) -> String {
        OwnFormat::read(text).expect_err(text).to_string()
    }

    #[test]
    fn what_a_ledger_does_not_tell_apart_is_filled_in() {
        let own = OwnFormat::read(LEDGER).expect("a mapping");
        let written = |column: &str| own.0.columns[column].text.as_str();
        assert_eq!((own.name(), own.title()), ("ledger", "ledger"));
        assert_eq!(written("EffectiveCost"), "Net", "one cost is all four");
        assert_eq!(written("ChargePeriodEnd"), "next_day(`Posting Date`)");
        assert_eq!(written("ServiceProviderName"), "'Rack & Sons'");
        assert_eq!(written("Tags"), "null");
        assert_eq!(own.0.columns.len(), focus::columns().len(), "every FOCUS column has an entry");
    }

    #[test]
    fn what_is_written_stands() {
        let own = OwnFormat::read(&format!("{LEDGER}\n EffectiveCost = {{ from = 'Amortised' }}")).expect("a mapping");
        assert_eq!(own.0.columns["EffectiveCost"].text, "Amortised");
    }

    #[test]
    fn a_mapping_that_cannot_work_is_told_why() {
        assert_eq!(
            refusal(&LEDGER.replace("'ledger'", "'focus'")),
            "\"focus\" cannot be its name",
            "a name of the program"
        );
        assert_eq!(refusal(&LEDGER.replace("'ledger'", "'../x'")), "\"../x\" cannot be its name", "no path");
        assert_eq!(refusal(&LEDGER.replace("ServiceName", "SkuId")), "nothing says what ServiceName becomes");
        assert_eq!(refusal(&LEDGER.replace("provider =", "[other]\nprovider =")), "nothing says what provider becomes");
        let takes_all = LEDGER.replace("['Posting Date', 'Net']", "[]");
        assert!(refusal(&takes_all).contains("every file"), "{}", refusal(&takes_all));
        assert!(refusal(&LEDGER.replace("'Item'", "'Item('")).contains("Item("), "the formula is named");
        assert!(refusal("format = ").contains("TOML"), "{}", refusal("format = "));
    }
}
