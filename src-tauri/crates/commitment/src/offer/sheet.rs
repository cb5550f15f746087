//! The offer sheet: a CSV that an analyst writes, and the form in which the rates of other files are kept.

use std::collections::BTreeSet;

use money::Amount;

use super::{Collect, Columns, OfferFile, OfferKind, OfferRate, OfferSource, OfferValue};
use crate::inventory::terms::{instant_of, payment_of, term_of};
use crate::model::{Payment, Program};

/// The columns of the sheet: provider, program, term, and a rate or a percent are needed.
pub const SHEET_COLUMNS: [&str; 20] = [
    "provider",
    "program",
    "service",
    "family",
    "instance_type",
    "region",
    "platform",
    "tenancy",
    "sku",
    "unit",
    "term",
    "payment",
    "rate",
    "percent",
    "upfront",
    "currency",
    "from",
    "source_file",
    "source_row",
    "note",
];

pub(super) fn read(mut collect: Collect<'_>, text: &str) -> OfferFile {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let columns = Columns::new(&header);
    for name in &header {
        if !SHEET_COLUMNS.iter().any(|known| super::plain(known) == super::plain(name)) {
            collect.say("unknown_column", 1, format!("The column `{name}` is not known and is not used."));
        }
    }
    let mut seen = BTreeSet::new();
    for (place, record) in reader.records().enumerate() {
        let row = place as u64 + 2;
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                collect.say("unreadable", row, format!("Row {row} cannot be read: {error}."));
                continue;
            }
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        match rate(&columns, &record, collect.source(row)) {
            Ok(rate) => {
                let what = (
                    rate.provider.clone(),
                    rate.program.clone(),
                    [&rate.service, &rate.family, &rate.instance_type, &rate.region, &rate.platform, &rate.sku]
                        .map(Clone::clone),
                    (rate.term, rate.payment, rate.from),
                );
                if seen.insert(what) {
                    // A sheet is meant for this bill: what does not fit it is told, not passed over.
                    collect.rates.push(rate);
                } else {
                    collect.say(
                        "twice",
                        row,
                        format!("Row {row} is for the same as a row above; the first one counts."),
                    );
                }
            }
            Err(problem) => collect.say("bad_rate", row, format!("Row {row}: {problem}")),
        }
    }
    collect.finish(OfferKind::Sheet)
}

fn rate(columns: &Columns, record: &csv::StringRecord, source: OfferSource) -> Result<OfferRate, String> {
    let cell = |name: &str| columns.cell(record, name);
    let shown = |text: &str| text.chars().take(40).collect::<String>();
    let needed = |name: &str| cell(name).ok_or_else(|| format!("`{name}` is missing."));
    let program = needed("program")?.to_lowercase().replace([' ', '_'], "-");
    let program: Program = program.parse().unwrap_or(Program::Other(program.clone()));
    let number = |name: &str| match cell(name) {
        None => Ok(None),
        Some(text) => {
            let plain = text.trim_end_matches('%').trim();
            let number = plain.parse::<Amount>().ok().filter(|number| !number.is_negative());
            number.map(Some).ok_or_else(|| format!("{name}: `{}` is no number of zero or more.", shown(text)))
        }
    };
    let (price, percent) = (number("rate")?, number("percent")?);
    let value = match (price, percent) {
        (Some(price), None) => OfferValue::Price(price),
        (None, Some(percent)) => {
            if percent > Amount::from_integer(100) {
                return Err(format!("percent: {percent} is more than 100; 28 means 28 % off."));
            }
            let hundredth = Amount::new(1, 2).and_then(|one| percent.checked_mul(one));
            OfferValue::Discount(hundredth.map_err(|error| error.to_string())?.normalized())
        }
        (Some(_), Some(_)) => return Err("both a rate and a percent are given; give one of them.".to_owned()),
        (None, None) => return Err("neither a rate nor a percent is given.".to_owned()),
    };
    let term = term_of(needed("term")?).ok_or("term: write 1yr, 3yr or a number of months.")?;
    let payment = match cell("payment") {
        None => Payment::NoUpfront,
        Some(text) => payment_of(text).ok_or_else(|| {
            format!("payment: `{}` is none; write no_upfront, partial_upfront or all_upfront.", shown(text))
        })?,
    };
    let from = match cell("from") {
        None => None,
        Some(text) => Some(
            instant_of(text)
                .ok_or_else(|| format!("from: `{}` is no day; write YYYY-MM-DD.", shown(text)))?
                .date_naive(),
        ),
    };
    let currency = match cell("currency") {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| format!("currency: `{}` is none.", shown(text)))?),
    };
    let text = |name: &str| cell(name).map(str::to_owned);
    let source = match (text("sourcefile"), cell("sourcerow").and_then(|row| row.parse().ok())) {
        (Some(file), row) => OfferSource { file, row, commitment: None },
        _ => source,
    };
    Ok(OfferRate {
        provider: needed("provider")?.to_owned(),
        program,
        service: text("service"),
        family: text("family"),
        instance_type: text("instancetype"),
        region: text("region"),
        platform: text("platform"),
        tenancy: text("tenancy"),
        sku: text("sku"),
        unit: text("unit"),
        term,
        payment,
        value,
        upfront: number("upfront")?,
        currency,
        from,
        source,
    })
}

/// Rates as a sheet, each with its source: what [`super::read`] reads back as the same rates.
///
/// # Errors
/// When the CSV cannot be written, which memory never refuses.
pub fn write(rates: &[OfferRate]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(SHEET_COLUMNS)?;
    for rate in rates {
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        let payment = match rate.payment {
            Payment::NoUpfront => "no_upfront",
            Payment::PartialUpfront => "partial_upfront",
            Payment::AllUpfront => "all_upfront",
        };
        let (price, percent) = match rate.value {
            OfferValue::Price(price) => (price.to_string(), String::new()),
            other => {
                let discount = match other {
                    OfferValue::Discount(discount) => Some(discount),
                    _ => rate.discount(None),
                };
                let hundredfold = discount.and_then(|part| part.checked_mul(Amount::from_integer(100)).ok());
                (String::new(), hundredfold.unwrap_or_default().normalized().to_string())
            }
        };
        writer.write_record([
            rate.provider.clone(),
            rate.program.key().to_owned(),
            some(&rate.service),
            some(&rate.family),
            some(&rate.instance_type),
            some(&rate.region),
            some(&rate.platform),
            some(&rate.tenancy),
            some(&rate.sku),
            some(&rate.unit),
            rate.term.months.to_string(),
            payment.to_owned(),
            price,
            percent,
            rate.upfront.map(|upfront| upfront.to_string()).unwrap_or_default(),
            rate.currency.map(|currency| currency.code().to_owned()).unwrap_or_default(),
            rate.from.map(|day| day.to_string()).unwrap_or_default(),
            rate.source.file.clone(),
            rate.source.row.map(|row| row.to_string()).unwrap_or_default(),
            String::new(),
        ])?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
