//! A first mapping for a file of no known format: columns are guessed by their names and by what is in them. The analyst looks at
//! it, mends it and saves it ([`crate::OwnFormat`]).

use std::fmt::Write as _;

use crate::header::fold;
use crate::{DateSpelling, Sample};

/// Which names a column has in ledgers and vendors' bills, most telling first, folded; and what its fields must look like.
struct Guess {
    target: &'static str,
    names: &'static [&'static str],
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Day,
    Currency,
}

const GUESSES: [Guess; 14] = [
    Guess {
        target: "BilledCost",
        names: &[
            "billedcost",
            "netamount",
            "amountexcltax",
            "amount",
            "net",
            "cost",
            "totalcost",
            "total",
            "linetotal",
            "charge",
            "charges",
            "price",
            "subtotal",
        ],
        kind: Kind::Number,
    },
    Guess {
        target: "BillingCurrency",
        names: &["billingcurrency", "currency", "currencycode", "curr", "ccy"],
        kind: Kind::Currency,
    },
    Guess {
        target: "ChargePeriodStart",
        names: &[
            "chargeperiodstart",
            "usagedate",
            "date",
            "day",
            "startdate",
            "periodstart",
            "from",
            "postingdate",
            "servicedate",
            "invoicedate",
            "transactiondate",
            "timestamp",
            "month",
        ],
        kind: Kind::Day,
    },
    Guess {
        target: "ChargePeriodEnd",
        names: &["chargeperiodend", "enddate", "periodend", "to", "until"],
        kind: Kind::Day,
    },
    Guess {
        target: "ServiceName",
        names: &[
            "servicename",
            "service",
            "product",
            "productname",
            "item",
            "itemname",
            "sku",
            "plan",
            "category",
            "module",
            "costtype",
            "meter",
            "description",
        ],
        kind: Kind::Text,
    },
    Guess {
        target: "SubAccountId",
        names: &[
            "subaccountid",
            "accountid",
            "account",
            "subscription",
            "subscriptionid",
            "workspace",
            "organization",
            "organisation",
            "project",
            "projectid",
            "customer",
            "customerid",
            "costcenter",
            "costcentre",
            "team",
        ],
        kind: Kind::Text,
    },
    Guess {
        target: "SubAccountName",
        names: &["subaccountname", "accountname", "workspacename", "projectname", "customername"],
        kind: Kind::Text,
    },
    Guess {
        target: "ChargeDescription",
        names: &["chargedescription", "description", "details", "memo", "text", "lineitem", "linedescription"],
        kind: Kind::Text,
    },
    Guess {
        target: "ConsumedQuantity",
        names: &["consumedquantity", "quantity", "qty", "usage", "usageamount", "units", "hours", "seats"],
        kind: Kind::Number,
    },
    Guess {
        target: "ConsumedUnit",
        names: &["consumedunit", "unit", "uom", "unitofmeasure", "usageunit"],
        kind: Kind::Text,
    },
    Guess {
        target: "RegionId",
        names: &["regionid", "region", "location", "site", "datacenter", "datacentre"],
        kind: Kind::Text,
    },
    Guess {
        target: "ResourceId",
        names: &["resourceid", "resource", "host", "hostname", "server", "asset", "assetid", "device", "instance"],
        kind: Kind::Text,
    },
    Guess { target: "ResourceName", names: &["resourcename", "assetname", "name"], kind: Kind::Text },
    Guess {
        target: "InvoiceId",
        names: &["invoiceid", "invoicenumber", "invoiceno", "invoice", "documentnumber"],
        kind: Kind::Text,
    },
];

/// Writes a mapping file for `sample`, by the name `name` and with `provider` as who sells. It may lack an entry that nothing in the
/// file suggests: reading it then says which.
#[must_use]
pub fn draft(sample: &Sample<'_>, name: &str, provider: &str) -> String {
    let columns: Vec<Guessed<'_>> = sample
        .columns
        .iter()
        .enumerate()
        .map(|(position, column)| {
            let fields = sample.rows.iter().filter_map(move |row| row.get(position)?.as_deref());
            Guessed { name: &column.name, fields: fields.filter(|field| !field.trim().is_empty()).collect() }
        })
        .collect();
    let mut taken = Vec::new();
    let mut entries = Vec::new();
    for guess in &GUESSES {
        let fitting = guess.names.iter().find_map(|wanted| {
            let named = columns.iter().enumerate().filter(|(_, column)| fold(column.name) == **wanted);
            // One column may name the service and describe the charge too; figures and days are used once.
            let mut free = named.filter(|(position, _)| guess.kind == Kind::Text || !taken.contains(position));
            free.find(|(_, column)| column.is(guess.kind))
        });
        let Some((position, column)) = fitting else { continue };
        taken.push(position);
        entries.push((guess.target, column.formula(guess.kind)));
    }
    let days: Vec<&Guessed<'_>> = columns.iter().filter(|column| column.is(Kind::Day)).collect();
    let mut text = format!(
        "# The language is that of the program's own mappings: a name is a column of the file, text stands in single quotes.\n\
         # A column that is named nowhere is kept with each charge all the same.\n\n\
         format = {}\ntitle = {}\ndates = [{}]\nmandatory = [{}]\nprovider = {{ from = {} }}\n\n[columns]\n",
        quoted(name),
        quoted(name),
        spellings(&days).iter().map(|spelling| quoted(spelling)).collect::<Vec<_>>().join(", "),
        sample.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", "),
        quoted(&literal(provider)),
    );
    if !entries.iter().any(|(target, _)| *target == "BillingCurrency") {
        let currency = columns.iter().find_map(Guessed::currency_sign).unwrap_or("USD");
        entries.push(("BillingCurrency", literal(currency)));
    }
    entries.sort_unstable();
    for (target, formula) in entries {
        // Writing to a String cannot fail.
        let _infallible = writeln!(text, "{target} = {{ from = {} }}", quoted(&formula));
    }
    text
}

/// A source column and its fields that are not empty.
struct Guessed<'a> {
    name: &'a str,
    fields: Vec<&'a str>,
}

impl Guessed<'_> {
    fn is(&self, kind: Kind) -> bool {
        let all = |fits: &dyn Fn(&str) -> bool| self.fields.iter().all(|field| fits(field.trim()));
        match kind {
            Kind::Text => true,
            Kind::Number => all(&|field| is_number(&plain(field))),
            Kind::Currency => {
                all(&|field| field.len() == 3 && field.chars().all(|character| character.is_ascii_uppercase()))
            }
            Kind::Day => {
                !self.fields.is_empty() && SPELLINGS.iter().any(|(_, spelling)| all(&|field| is_day(field, *spelling)))
            }
        }
    }

    /// The column as a formula, without what its numbers are decorated with.
    fn formula(&self, kind: Kind) -> String {
        let mut formula = name(self.name);
        if kind == Kind::Number {
            for sign in SIGNS.iter().map(|(sign, _)| *sign).chain([","]) {
                if self.fields.iter().any(|field| field.contains(sign)) {
                    formula = format!("replace({formula}, {}, '')", literal(sign));
                }
            }
        }
        formula
    }

    fn currency_sign(&self) -> Option<&'static str> {
        let decorated = |sign: &str| self.fields.iter().any(|field| field.contains(sign) && is_number(&plain(field)));
        SIGNS.iter().find(|(sign, _)| decorated(sign)).map(|(_, currency)| *currency)
    }
}

/// Currency signs that stand beside a figure, and the currency they most often mean.
const SIGNS: [(&str, &str); 4] = [("$", "USD"), ("\u{20ac}", "EUR"), ("\u{a3}", "GBP"), ("\u{a5}", "JPY")];

/// A field without signs and thousands separators.
fn plain(field: &str) -> String {
    field
        .chars()
        .filter(|character| *character != ',' && !SIGNS.iter().any(|(sign, _)| sign.contains(*character)))
        .collect()
}

fn is_number(field: &str) -> bool {
    let digits = field.trim().trim_start_matches('-');
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    !whole.is_empty() && whole.chars().chain(decimals.chars()).all(|character| character.is_ascii_digit())
}

const SPELLINGS: [(&str, DateSpelling); 4] = [
    ("iso", DateSpelling::Iso),
    ("month/day/year", DateSpelling::MonthDayYear),
    ("day/month/year", DateSpelling::DayMonthYear),
    ("day.month.year", DateSpelling::DayMonthYearDots),
];

/// The spellings that every day of the file has; ISO when there is none to look at.
fn spellings(days: &[&Guessed<'_>]) -> Vec<&'static str> {
    let fits = |spelling: DateSpelling| {
        days.iter().all(|column| column.fields.iter().all(|field| is_day(field.trim(), spelling)))
    };
    let found: Vec<&str> = SPELLINGS.iter().filter(|(_, spelling)| fits(*spelling)).map(|(text, _)| *text).collect();
    if found.is_empty() || days.is_empty() { vec!["iso"] } else { found }
}

fn is_day(field: &str, spelling: DateSpelling) -> bool {
    let day = field.split([' ', 'T']).next().unwrap_or_default();
    let (separator, order) = match spelling {
        DateSpelling::Iso => ('-', [0, 1, 2]),
        DateSpelling::MonthDayYear => ('/', [2, 0, 1]),
        DateSpelling::DayMonthYear => ('/', [2, 1, 0]),
        DateSpelling::DayMonthYearDots => ('.', [2, 1, 0]),
    };
    let pieces: Vec<u32> = day.split(separator).filter_map(|piece| piece.parse().ok()).collect();
    let (Some(year), Some(month), Some(day)) = (pieces.get(order[0]), pieces.get(order[1]), pieces.get(order[2]))
    else {
        return false;
    };
    pieces.len() == 3 && (2000..2100).contains(year) && (1..=12).contains(month) && (1..=31).contains(day)
}

/// A column's name as a formula: bare where it can be.
fn name(column: &str) -> String {
    let words = ["and", "or", "not", "in", "null"];
    let bare = column.chars().next().is_some_and(char::is_alphabetic)
        && column.chars().all(|character| character.is_alphanumeric() || character == '_')
        && !words.contains(&column.to_lowercase().as_str());
    if bare { column.to_owned() } else { format!("`{}`", column.replace('`', "``")) }
}

/// A text as a formula.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A text as TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OwnFormat, SourceColumn, SourceKind, recognise_with};

    fn drafted(header: &[&str], rows: &[&[&str]]) -> String {
        let columns: Vec<SourceColumn> =
            header.iter().map(|name| SourceColumn { name: (*name).to_owned(), kind: SourceKind::Text }).collect();
        let rows: Vec<Vec<Option<String>>> =
            rows.iter().map(|row| row.iter().map(|field| Some((*field).to_owned())).collect()).collect();
        let sample = Sample { columns: &columns, rows: &rows };
        let text = draft(&sample, "vendor", "Vendor's");
        let own = OwnFormat::read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let recognised = recognise_with(&sample, &std::collections::BTreeMap::new(), &[own]);
        assert_eq!(recognised.expect("its own file").format, "vendor", "a draft recognises the file it was made from");
        text
    }

    #[test]
    fn a_vendors_bill_is_guessed_by_names_and_fields() {
        let text = drafted(
            &["Invoice #", "Date", "Product", "Workspace", "Qty", "Unit Price", "Amount"],
            &[
                &["17", "03/31/2026", "Seats", "core", "12", "$10.00", "$1,120.00"],
                &["17", "04/01/2026", "Seats", "core", "1", "$10.00", "$10.00"],
            ],
        );
        for line in [
            "BilledCost = { from = \"replace(replace(Amount, '$', ''), ',', '')\" }",
            "BillingCurrency = { from = \"'USD'\" }",
            "ChargePeriodStart = { from = \"Date\" }",
            "ConsumedQuantity = { from = \"Qty\" }",
            "ServiceName = { from = \"Product\" }",
            "SubAccountId = { from = \"Workspace\" }",
            "dates = [\"month/day/year\"]",
            "provider = { from = \"'Vendor''s'\" }",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }

    #[test]
    fn a_day_that_may_be_a_month_is_left_to_the_analyst() {
        let text = drafted(&["date", "service", "amount", "currency"], &[&["03/04/2026", "x", "1", "EUR"]]);
        assert!(text.contains("dates = [\"month/day/year\", \"day/month/year\"]"), "{text}");
        assert!(text.contains("BillingCurrency = { from = \"currency\" }"), "{text}");
    }

    #[test]
    fn hostile_names_stay_names() {
        let text = drafted(&["amount", "date", "in", "a\"]\n[x", "service"], &[&["1", "2026-01-01", "b", "c", "s"]]);
        assert!(text.contains("\"in\""), "{text}");
    }
}
