//! AWS's price lists: savings plans and reserved terms, as CSV and as JSON.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use money::Amount;
use serde_json::Value;

use super::{Collect, Columns, OfferFile, OfferKind, OfferRate, OfferSource, OfferValue, family_of, spread};
use crate::inventory::terms::{instant_of, payment_of, term_of};
use crate::model::{Payment, Program, Term};

const PROVIDER: &str = "AWS";

fn day(text: Option<&str>) -> Option<NaiveDate> {
    instant_of(text?).map(|instant| instant.date_naive())
}

/// Which plan a rate is of: its own usage type tells an EC2 Instance Savings Plan from a Compute one.
fn plan(service: &str, usage_type: &str, family: &str) -> Option<Program> {
    let names = format!("{service} {usage_type} {family}").to_lowercase().replace(' ', "");
    if names.contains("ec2sp:") || names.contains("ec2instancesavings") {
        Some(Program::AwsEc2InstanceSavingsPlan)
    } else if names.contains("machinelearningsavings") || names.contains("sagemaker") {
        Some(Program::AwsSageMakerSavingsPlan)
    } else if names.contains("databasesavings") || names.contains("databasesp") {
        Some(Program::AwsDatabaseSavingsPlan)
    } else if names.contains("computesavings") || names.contains("computesp") {
        Some(Program::AwsComputeSavingsPlan)
    } else {
        None
    }
}

/// What a savings plan list says of one rate, in words.
struct PlanRate<'a> {
    program: Option<Program>,
    term: Option<Term>,
    payment: Option<Payment>,
    price: &'a str,
    currency: Option<&'a str>,
    sku: Option<&'a str>,
    service: Option<&'a str>,
    usage_type: Option<&'a str>,
    instance_type: Option<&'a str>,
    region: Option<&'a str>,
    unit: Option<&'a str>,
    from: Option<NaiveDate>,
}

impl PlanRate<'_> {
    fn put(self, collect: &mut Collect<'_>, row: u64) {
        let price = self.price.parse::<Amount>().ok().filter(|price| !price.is_negative());
        let (Some(program), Some(term), Some(payment), Some(price)) = (self.program, self.term, self.payment, price)
        else {
            let price: String = self.price.chars().take(40).collect();
            let message = format!(
                "Row {row} is no rate of a savings plan: its plan, length, payment option or price (`{price}`) cannot be read."
            );
            collect.say("bad_rate", row, message);
            return;
        };
        let typed = self.usage_type.and_then(|of| of.split_once(':')).map(|(_, of)| of).filter(|of| of.contains('.'));
        let instance_type = self.instance_type.or(typed).map(str::to_owned);
        let rate = OfferRate {
            provider: PROVIDER.to_owned(),
            program,
            service: self.service.map(str::to_owned),
            family: instance_type.as_deref().and_then(family_of),
            instance_type,
            region: self.region.map(str::to_owned),
            platform: None,
            tenancy: None,
            sku: self.sku.map(str::to_owned),
            unit: self.unit.map(str::to_owned),
            term,
            payment,
            value: OfferValue::Price(price),
            upfront: None,
            currency: self.currency.and_then(|code| code.parse().ok()),
            from: self.from,
            source: collect.source(row),
        };
        collect.put(rate);
    }
}

pub(super) fn savings_plan_csv(mut collect: Collect<'_>, text: &str, header: usize) -> OfferFile {
    let start = line_start(text, header);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(&text.as_bytes()[start..]);
    let columns = Columns::new(&reader.headers().cloned().unwrap_or_default());
    for (place, record) in reader.records().enumerate() {
        let row = (header + place) as u64 + 2;
        let Ok(record) = record else {
            collect.say("unreadable", row, format!("Row {row} cannot be read."));
            continue;
        };
        let cell = |name: &str| columns.cell(&record, name);
        let length = cell("leasecontractlength")
            .map(|number| format!("{number}{}", cell("leasecontractlengthunit").unwrap_or("year").to_lowercase()));
        let family = cell("productfamily").unwrap_or_default();
        PlanRate {
            program: plan(cell("servicecode").unwrap_or_default(), cell("usagetype").unwrap_or_default(), family),
            term: length.as_deref().and_then(term_of),
            payment: cell("purchaseoption").and_then(payment_of),
            price: cell("discountedrate").unwrap_or_default(),
            currency: cell("currency"),
            sku: cell("discountedsku"),
            service: cell("discountedservicecode"),
            usage_type: cell("discountedusagetype"),
            instance_type: cell("discountedinstancetype"),
            region: cell("discountedregioncode"),
            unit: cell("unit"),
            from: day(cell("effectivedate")),
        }
        .put(&mut collect, row);
    }
    collect.finish(OfferKind::AwsSavingsPlans)
}

pub(super) fn savings_plan_json(mut collect: Collect<'_>, document: &Value) -> OfferFile {
    let text = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let mut products: BTreeMap<String, &Value> = BTreeMap::new();
    for product in document.get("products").and_then(Value::as_array).into_iter().flatten() {
        products.insert(text(product, "/sku").unwrap_or_default(), product);
    }
    let mut row = 0;
    for term in document.pointer("/terms/savingsPlan").and_then(Value::as_array).into_iter().flatten() {
        let product = text(term, "/sku").and_then(|sku| products.get(&sku).copied()).unwrap_or(&Value::Null);
        let own = |path: &str| text(product, path).unwrap_or_default();
        let program = plan(&own("/serviceCode"), &own("/usageType"), &own("/productFamily"));
        let option = text(product, "/attributes/purchaseOption").or_else(|| text(term, "/purchaseOption"));
        let duration = term.pointer("/leaseContractLength/duration");
        let duration = duration.map(|number| number.as_str().map_or_else(|| number.to_string(), str::to_owned));
        let unit = text(term, "/leaseContractLength/unit").unwrap_or_else(|| "year".to_owned()).to_lowercase();
        let length = duration.and_then(|number| term_of(&format!("{number}{unit}")));
        let from = day(text(term, "/effectiveDate").as_deref());
        for rate in term.get("rates").and_then(Value::as_array).into_iter().flatten() {
            row += 1;
            let cell = |path: &str| rate.pointer(path).and_then(Value::as_str);
            PlanRate {
                program: program.clone(),
                term: length,
                payment: option.as_deref().and_then(payment_of),
                price: cell("/discountedRate/price").unwrap_or_default(),
                currency: cell("/discountedRate/currency"),
                sku: cell("/discountedSku"),
                service: cell("/discountedServiceCode"),
                usage_type: cell("/discountedUsageType"),
                instance_type: cell("/discountedInstanceType"),
                region: cell("/discountedRegionCode"),
                unit: cell("/unit"),
                from,
            }
            .put(&mut collect, row);
        }
    }
    collect.finish(OfferKind::AwsSavingsPlans)
}

/// A reserved term: its price is in several rows, the upfront and the hours.
#[derive(Default)]
struct Reserved {
    row: u64,
    upfront: Amount,
    hourly: Amount,
    currency: Option<String>,
    length: Option<String>,
    option: Option<String>,
    convertible: bool,
    from: Option<NaiveDate>,
    service: Option<String>,
    instance_type: Option<String>,
    region: Option<String>,
    platform: Option<String>,
    tenancy: Option<String>,
    sku: String,
    problem: Option<String>,
}

impl Reserved {
    fn price(&mut self, unit: &str, price: &str) {
        let Some(price) = price.parse::<Amount>().ok().filter(|price| !price.is_negative()) else {
            self.problem = Some(format!("the price `{}` cannot be read", price.chars().take(40).collect::<String>()));
            return;
        };
        let place = if unit.eq_ignore_ascii_case("quantity") { &mut self.upfront } else { &mut self.hourly };
        *place = place.checked_add(price).unwrap_or(*place);
    }

    fn put(self, collect: &mut Collect<'_>) {
        let row = self.row;
        let term = self.length.as_deref().and_then(term_of);
        let payment = self.option.as_deref().and_then(payment_of);
        let (Some(term), Some(payment), None) = (term, payment, &self.problem) else {
            let what = self.problem.unwrap_or_else(|| "its length or payment option cannot be read".to_owned());
            collect.say("bad_rate", row, format!("Row {row} is no reserved term: {what}."));
            return;
        };
        let price = spread(self.upfront, term).and_then(|upfront| upfront.checked_add(self.hourly).ok());
        let Some(price) = price.map(Amount::normalized) else { return };
        let program = if self.convertible {
            Program::AwsConvertibleReservedInstance
        } else {
            Program::AwsStandardReservedInstance
        };
        let source = OfferSource { file: collect.file.to_owned(), row: Some(row), commitment: None };
        let instance_type = self.instance_type;
        collect.put(OfferRate {
            provider: PROVIDER.to_owned(),
            program,
            service: self.service,
            family: instance_type.as_deref().and_then(family_of),
            instance_type,
            region: self.region,
            platform: self.platform,
            tenancy: self
                .tenancy
                .map(|tenancy| if tenancy == "Shared" { "default".to_owned() } else { tenancy.to_lowercase() }),
            sku: Some(self.sku),
            unit: Some("Hrs".to_owned()),
            term,
            payment,
            value: OfferValue::Price(price),
            upfront: Some(self.upfront),
            currency: self.currency.and_then(|code| code.parse().ok()),
            from: self.from,
            source,
        });
    }
}

pub(super) fn reserved_csv(mut collect: Collect<'_>, text: &str, header: usize) -> OfferFile {
    let start = line_start(text, header);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(&text.as_bytes()[start..]);
    let columns = Columns::new(&reader.headers().cloned().unwrap_or_default());
    let mut terms: BTreeMap<(String, String), Reserved> = BTreeMap::new();
    for (place, record) in reader.records().enumerate() {
        let row = (header + place) as u64 + 2;
        let Ok(record) = record else {
            collect.say("unreadable", row, format!("Row {row} cannot be read."));
            continue;
        };
        let cell = |name: &str| columns.cell(&record, name);
        if cell("termtype") != Some("Reserved") {
            continue;
        }
        let text = |name: &str| cell(name).map(str::to_owned);
        let sku = text("sku").unwrap_or_default();
        let key = (sku.clone(), text("offertermcode").unwrap_or_default());
        let term = terms.entry(key).or_insert_with(|| Reserved {
            row,
            currency: text("currency"),
            length: text("leasecontractlength"),
            option: text("purchaseoption"),
            convertible: cell("offeringclass").is_some_and(|class| class.eq_ignore_ascii_case("convertible")),
            from: day(cell("effectivedate")),
            service: text("servicecode"),
            instance_type: text("instancetype").or_else(|| text("cacheinstancetype")),
            region: text("regioncode"),
            platform: text("databaseengine").or_else(|| text("operatingsystem")),
            tenancy: text("tenancy"),
            sku,
            ..Reserved::default()
        });
        term.price(cell("unit").unwrap_or_default(), cell("priceperunit").unwrap_or_default());
    }
    let mut terms: Vec<Reserved> = terms.into_values().collect();
    terms.sort_by_key(|term| term.row);
    terms.into_iter().for_each(|term| term.put(&mut collect));
    collect.finish(OfferKind::AwsReservedInstances)
}

pub(super) fn reserved_json(mut collect: Collect<'_>, document: &Value) -> OfferFile {
    let mut row = 0;
    let by_sku = document.pointer("/terms/Reserved").and_then(Value::as_object).into_iter().flatten();
    for (sku, terms) in by_sku {
        let product = document.get("products").and_then(|products| products.get(sku)).unwrap_or(&Value::Null);
        let attribute =
            |name: &str| product.pointer(&format!("/attributes/{name}")).and_then(Value::as_str).map(str::to_owned);
        for term in terms.as_object().into_iter().flat_map(|terms| terms.values()) {
            row += 1;
            let text = |path: &str| term.pointer(path).and_then(Value::as_str).map(str::to_owned);
            let mut reserved = Reserved {
                row,
                length: text("/termAttributes/LeaseContractLength"),
                option: text("/termAttributes/PurchaseOption"),
                convertible: text("/termAttributes/OfferingClass").is_some_and(|class| class == "convertible"),
                from: day(text("/effectiveDate").as_deref()),
                service: attribute("servicecode"),
                instance_type: attribute("instanceType"),
                region: attribute("regionCode"),
                platform: attribute("databaseEngine").or_else(|| attribute("operatingSystem")),
                tenancy: attribute("tenancy"),
                sku: sku.clone(),
                ..Reserved::default()
            };
            let dimensions = term.get("priceDimensions").and_then(Value::as_object).into_iter().flatten();
            for (_, dimension) in dimensions {
                let unit = dimension.get("unit").and_then(Value::as_str).unwrap_or_default();
                let price = dimension.get("pricePerUnit").and_then(Value::as_object).and_then(|all| all.iter().next());
                if let Some((currency, price)) = price {
                    reserved.currency = Some(currency.clone());
                    reserved.price(unit, price.as_str().unwrap_or_default());
                }
            }
            reserved.put(&mut collect);
        }
    }
    collect.finish(OfferKind::AwsReservedInstances)
}

/// Where a line begins.
fn line_start(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line).map(str::len).sum()
}
