//! Azure's price sheet: of an Enterprise Agreement and of a Customer Agreement.

use money::{Amount, Ratio};

use super::{Collect, Columns, OfferFile, OfferKind, OfferRate, OfferValue, PRICE_DECIMALS, spread};
use crate::eligibility::{Attributes, EligibilityTable};
use crate::inventory::terms::{instant_of, term_of};
use crate::model::{Payment, Program};

const PROVIDER: &str = "Microsoft";

pub(super) fn price_sheet(mut collect: Collect<'_>, text: &str) -> OfferFile {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let columns = Columns::new(&reader.headers().cloned().unwrap_or_default());
    let rules = EligibilityTable::built_in().ok();
    for (place, record) in reader.records().enumerate() {
        let row = place as u64 + 2;
        let Ok(record) = record else {
            collect.say("unreadable", row, format!("Row {row} cannot be read."));
            continue;
        };
        let cell = |name: &str| columns.cell(&record, name);
        let kind = super::plain(cell("pricetype").unwrap_or_default());
        let program = match kind.as_str() {
            "savingsplan" => Program::AzureSavingsPlan,
            "reservation" | "reservedinstance" => Program::AzureReservation,
            _ => continue,
        };
        let term = cell("term").and_then(term_of);
        let listed = cell("unitprice").or_else(|| cell("marketprice")).unwrap_or_default();
        let price = listed.parse::<Amount>().ok().filter(|price| !price.is_negative());
        let block = cell("unitofmeasure").and_then(block);
        let (Some(term), Some(price)) = (term, price) else {
            collect.say("bad_rate", row, format!("Row {row}: the term or the price of this offer cannot be read."));
            continue;
        };
        // A reservation is priced for its whole term; a savings plan for a block of hours.
        let (price, upfront) = match program {
            Program::AzureReservation => (spread(price, term), Some(price)),
            _ => (Ratio::of(price, block.unwrap_or(Amount::from_integer(1)), PRICE_DECIMALS), None),
        };
        let Some(price) = price.map(Amount::normalized) else { continue };
        let (service, meter) = (cell("metercategory").unwrap_or_default(), cell("metername").unwrap_or_default());
        let attributes = Attributes { provider: PROVIDER, service, meter, ..Attributes::default() };
        let family = rules.as_ref().and_then(|rules| Some(rules.of(&attributes)?.family));
        let rate = OfferRate {
            provider: PROVIDER.to_owned(),
            program,
            service: Some(service.to_owned()),
            family,
            instance_type: Some(meter.to_owned()).filter(|meter| !meter.is_empty()),
            region: None,
            platform: None,
            tenancy: None,
            sku: None,
            unit: cell("unitofmeasure").map(str::to_owned),
            term,
            payment: Payment::NoUpfront,
            value: OfferValue::Price(price),
            upfront,
            currency: cell("currency").or_else(|| cell("currencycode")).and_then(|code| code.parse().ok()),
            from: cell("effectivestartdate").and_then(instant_of).map(|instant| instant.date_naive()),
            source: collect.source(row),
        };
        collect.put(rate);
    }
    collect.finish(OfferKind::AzurePriceSheet)
}

/// How many units a price is of: 10 of `10 Hours`, 1 of `1 Hour`.
fn block(unit: &str) -> Option<Amount> {
    let digits: String = unit.chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<Amount>().ok().filter(|count| *count > Amount::ZERO)
}
