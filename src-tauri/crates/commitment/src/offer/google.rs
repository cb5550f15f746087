//! Google Cloud's SKU list (Cloud Billing Catalog), as JSON.

use money::Amount;
use serde_json::Value;

use super::{Collect, OfferFile, OfferKind, OfferRate, OfferValue};
use crate::inventory::terms::instant_of;
use crate::model::{Payment, Program, Term};

const PROVIDER: &str = "Google Cloud";

pub(super) fn skus(mut collect: Collect<'_>, document: &Value) -> OfferFile {
    for (place, sku) in document.get("skus").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let row = place as u64 + 1;
        let text = |path: &str| sku.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let usage_type = text("/category/usageType").unwrap_or_default();
        let term = match usage_type.as_str() {
            "Commit1Yr" => Term::ONE_YEAR,
            "Commit3Yr" => Term::THREE_YEARS,
            _ => continue,
        };
        let description = text("/description").unwrap_or_default();
        // The latest price is the last; the first tier is the one that has a price.
        let pricing = sku.get("pricingInfo").and_then(Value::as_array).and_then(|all| all.last());
        let rates =
            pricing.and_then(|pricing| pricing.pointer("/pricingExpression/tieredRates")).and_then(Value::as_array);
        let priced = rates.into_iter().flatten().filter_map(|rate| rate.get("unitPrice")).find_map(price);
        let Some((price, currency)) = priced else {
            collect.say(
                "bad_rate",
                row,
                format!("SKU {row} of the list ({description}) has no price that can be read."),
            );
            continue;
        };
        let regions: Vec<Option<String>> = match sku.get("serviceRegions").and_then(Value::as_array) {
            Some(regions) if !regions.is_empty() => regions
                .iter()
                .map(|region| region.as_str().filter(|name| *name != "global").map(str::to_owned))
                .collect(),
            _ => vec![None],
        };
        for region in regions {
            let rate = OfferRate {
                provider: PROVIDER.to_owned(),
                program: Program::GcpResourceCommitment,
                service: text("/category/serviceDisplayName"),
                family: family(&description),
                instance_type: None,
                region,
                platform: None,
                tenancy: None,
                sku: None,
                unit: pricing
                    .and_then(|it| it.pointer("/pricingExpression/usageUnit"))
                    .and_then(Value::as_str)
                    .map(str::to_owned),
                term,
                payment: Payment::NoUpfront,
                value: OfferValue::Price(price),
                upfront: None,
                currency: currency.parse().ok(),
                from: pricing
                    .and_then(|it| instant_of(it.get("effectiveTime")?.as_str()?))
                    .map(|instant| instant.date_naive()),
                source: collect.source(row),
            };
            collect.put(rate);
        }
    }
    collect.finish(OfferKind::GoogleSkus)
}

/// Whole units and nanos.
fn price(unit_price: &Value) -> Option<(Amount, String)> {
    let units = unit_price.get("units");
    let units =
        units.and_then(|units| units.as_str().map_or_else(|| units.as_i64(), |text| text.parse().ok())).unwrap_or(0);
    let nanos = unit_price.get("nanos").and_then(Value::as_i64).unwrap_or(0);
    let fraction = Amount::new(nanos.into(), 9).ok()?;
    let price = Amount::from_integer(units).checked_add(fraction).ok()?.normalized();
    (price > Amount::ZERO)
        .then(|| (price, unit_price.get("currencyCode").and_then(Value::as_str).unwrap_or("USD").to_owned()))
}

/// `N2 vCPU` of `Commitment v1: N2 Cpu in Americas for 1 Year`; without a series it is the first one.
fn family(description: &str) -> Option<String> {
    let (_, what) = description.split_once(": ")?;
    let (what, _) = what.split_once(" in ")?;
    let of = |series: &str, kind: &str| {
        let series = series.trim();
        Some(format!("{} {kind}", if series.is_empty() { "N1" } else { series }))
    };
    let lower = what.to_lowercase();
    if lower.ends_with("cpu") {
        of(&what[..what.len() - 3], "vCPU")
    } else if lower.ends_with("ram") {
        of(&what[..what.len() - 3], "memory")
    } else {
        None
    }
}
