//! What Azure's rows mean, one row at a time.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use testsupport::decimal::{Sheet, decimal};
use testsupport::shared_data;

/// A charge by column of the charge table.
pub type Charge = BTreeMap<&'static str, Option<String>>;

/// Microsoft's tables: units and regions as its open data has them.
pub struct Oracle {
    /// By unit of measure, in small letters: units in a block, and what they are.
    units: BTreeMap<String, (Decimal, String)>,
    /// By the name of a location: id and name of the region.
    regions: BTreeMap<String, (String, String)>,
    /// By type of resource, where the table has one service for it: the service with its category.
    services: BTreeMap<String, Option<(String, String)>>,
}

/// One row by folded column name.
struct Row {
    fields: BTreeMap<String, String>,
}

/// Letters and digits in small letters; of `Deutsch (English)` the English.
fn fold(name: &str) -> String {
    let name = name.rsplit_once('(').map_or(name, |(_, english)| english);
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

impl Row {
    fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// The first of the columns that the file has, if it holds something.
    fn text(&self, names: &[&str]) -> Option<String> {
        let text = names.iter().find_map(|name| self.fields.get(*name))?;
        (!text.is_empty()).then(|| text.clone())
    }

    fn number(&self, names: &[&str]) -> Option<Decimal> {
        self.text(names).map(|text| decimal(&text))
    }

    fn is(&self, name: &str, values: &[&str]) -> bool {
        self.text(&[name]).is_some_and(|text| values.iter().any(|value| value.eq_ignore_ascii_case(&text)))
    }
}

/// What is computed is rounded half to even.
fn rounded(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(18, RoundingStrategy::MidpointNearestEven)
}

/// What is read is rounded half away from zero.
fn written(value: Option<Decimal>) -> Option<String> {
    let kept = |value: Decimal| value.round_dp_with_strategy(18, RoundingStrategy::MidpointAwayFromZero);
    value.map(|value| kept(value).normalize().to_string())
}

fn owned(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A day as it is written, ISO or with the month first, as `YYYY-MM-DD`.
fn day(text: &str) -> chrono::NaiveDate {
    let parsed = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d");
    parsed.or_else(|_| chrono::NaiveDate::parse_from_str(text, "%m/%d/%Y")).unwrap()
}

fn instant(day: chrono::NaiveDate) -> Option<String> {
    Some(format!("{day} 00:00:00"))
}

/// Numbers without trailing zeros; other texts as they are.
pub fn comparable(text: Option<&str>) -> Option<String> {
    text.map(|text| match rust_decimal::Decimal::from_str_exact(text) {
        Ok(number) => number.normalize().to_string(),
        Err(_) => text.to_owned(),
    })
}

impl Oracle {
    pub fn new() -> Self {
        let sheet = |name: &str| Sheet::open(&shared_data(&format!("finops-toolkit/{name}.csv")));
        let units = sheet("PricingUnits");
        let sizes = units.column("PricingBlockSize").map(decimal);
        let kinds = units.column("DistinctUnits").map(str::to_owned);
        let names = units.column("UnitOfMeasure").map(|name| name.trim().to_lowercase());
        let regions = sheet("Regions");
        let ids = regions.column("RegionId").map(str::to_owned);
        let locations = regions.column("OriginalValue").map(|name| name.to_lowercase());
        let services = sheet("Services");
        let mut by_type: BTreeMap<String, Option<(String, String)>> = BTreeMap::new();
        let kinds_of = services.column("ResourceType").map(str::to_lowercase);
        for ((kind, name), category) in
            kinds_of.zip(services.column("ServiceName")).zip(services.column("ServiceCategory"))
        {
            let found = Some((name.to_owned(), category.to_owned()));
            by_type.entry(kind).and_modify(|known| *known = known.take().filter(|_| false)).or_insert(found);
        }
        Self {
            units: names.zip(sizes.zip(kinds)).collect(),
            regions: locations.zip(ids.zip(regions.column("RegionName").map(str::to_owned))).collect(),
            services: by_type,
        }
    }

    /// The charges of a file.
    pub fn charges(&self, bytes: &[u8]) -> Vec<Charge> {
        let mut reader = csv::Reader::from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        let header: Vec<String> = reader.headers().unwrap().iter().map(fold).collect();
        let rows = reader.records().map(|record| {
            let fields = header.iter().cloned().zip(record.unwrap().iter().map(str::to_owned)).collect();
            self.charge(&Row { fields })
        });
        rows.collect()
    }

    fn charge(&self, row: &Row) -> Charge {
        let mut charge = Charge::new();
        self.costs(row, &mut charge);
        self.kind(row, &mut charge);
        self.places(row, &mut charge);
        periods(row, &mut charge);
        charge
    }

    fn unit(&self, row: &Row) -> (Decimal, String) {
        let Some(unit) = row.text(&["unitofmeasure"]) else { return (Decimal::ONE, "Units".to_owned()) };
        let known = self.units.get(&unit.trim().to_lowercase()).cloned();
        known.unwrap_or_else(|| (Decimal::ONE, unit.trim().to_owned()))
    }

    fn costs(&self, row: &Row, charge: &mut Charge) {
        let cost = row.number(&["costinbillingcurrency", "cost", "pretaxcost"]).unwrap();
        let quantity = row.number(&["quantity", "usagequantity"]);
        let rate = row.number(&["exchangeratepricingtobilling"]).unwrap_or(Decimal::ONE);
        let is = Kind::of(row);
        let price = if row.has("unitprice") {
            row.number(&["unitprice"])
        } else if is.usage && is.commitment {
            None
        } else {
            row.number(&["effectiveprice", "resourcerate"])
        };
        let not_zero = |number: Option<Decimal>| number.filter(|number| !number.is_zero());
        let product = |price: Option<Decimal>| Some(rounded(not_zero(price)? * quantity? * rate));
        let contracted = product(price).unwrap_or(cost);
        let retail = row.number(&["paygprice"]);
        let list = not_zero(row.number(&["paygcostinbillingcurrency"])).or_else(|| product(retail));
        let nothing = Decimal::ZERO;
        let free = is.unused || is.purchase && is.commitment;
        let of_use = |use_cost: Decimal| {
            if is.usage {
                use_cost
            } else if free {
                nothing
            } else {
                cost
            }
        };
        let covered = is.usage && is.commitment;
        charge.insert("billed_cost", written(Some(if covered || is.unused { nothing } else { cost })));
        charge.insert("effective_cost", written(Some(if is.purchase && is.commitment { nothing } else { cost })));
        charge.insert("contracted_cost", written(Some(of_use(contracted))));
        charge.insert("list_cost", written(Some(of_use(list.unwrap_or(contracted)))));
        let priced = is.usage || is.purchase && !is.commitment;
        charge.insert("contracted_unit_price", written(price.filter(|_| priced).map(|price| price * rate)));
        charge.insert("list_unit_price", written(not_zero(retail).filter(|_| is.usage).map(|price| price * rate)));
        let (block, unit) = self.unit(row);
        let counted = quantity.filter(|_| is.usage || is.unused || is.purchase);
        charge.insert("pricing_quantity", written(counted));
        let blocks = if block == Decimal::ONE { unit.clone() } else { format!("{block} {unit}") };
        charge.insert("pricing_unit", counted.map(|_| blocks));
        let used = quantity.filter(|_| is.usage);
        charge.insert("consumed_quantity", written(used.map(|used| used * block)));
        charge.insert("consumed_unit", used.map(|_| unit));
    }

    fn kind(&self, row: &Row, charge: &mut Charge) {
        let is = Kind::of(row);
        let category = if is.usage || is.unused {
            "Usage"
        } else if is.purchase {
            "Purchase"
        } else if row.is("chargetype", &["Tax"]) {
            "Tax"
        } else if row.is("chargetype", &["Credit"]) {
            "Credit"
        } else {
            "Adjustment"
        };
        charge.insert("charge_category", owned(category));
        charge.insert("charge_class", row.is("chargetype", &["Refund"]).then(|| "Correction".to_owned()));
        let pricing = if (is.usage && is.commitment) || is.unused {
            Some("Committed")
        } else if !is.usage && !is.purchase {
            None
        } else if row.is("pricingmodel", &["Spot"]) {
            Some("Dynamic")
        } else {
            Some("Standard")
        };
        charge.insert("pricing_category", pricing.map(str::to_owned));
        let benefit = row.text(&["benefitid"]).or_else(|| row.text(&["reservationid"])).map(|id| id.to_lowercase());
        let known = |text: &str| benefit.as_ref().map(|_| text.to_owned());
        charge.insert("commitment_discount_category", known(if is.plan { "Spend" } else { "Usage" }));
        charge.insert("commitment_discount_type", known(if is.plan { "Savings Plan" } else { "Reservation" }));
        let status = if is.unused {
            known("Unused")
        } else if is.usage {
            known("Used")
        } else {
            None
        };
        charge.insert("commitment_discount_status", status);
        charge.insert("commitment_discount_id", benefit);
        let sold = row.is("publishertype", &["Marketplace"]);
        let publisher = row.text(&["publishername"]);
        let seller = if sold { publisher.clone() } else { None };
        charge.insert("service_provider_name", seller.or_else(|| owned("Microsoft")));
        charge.insert("publisher_name", publisher.or_else(|| (!sold).then(|| "Microsoft".to_owned())));
        charge.insert("provider_name", owned("Microsoft"));
        charge.insert("invoice_issuer_name", row.text(&["partnername"]).or_else(|| owned("Microsoft")));
        charge.insert("invoice_id", row.text(&["invoiceid"]));
        let currency = row.text(&["billingcurrency", "billingcurrencycode", "currency"]);
        charge.insert("billing_currency", currency);
    }

    fn places(&self, row: &Row, charge: &mut Charge) {
        let is = Kind::of(row);
        let customer = row.has("exchangeratepricingtobilling") || row.has("pricingcurrency");
        let profile = if customer { row.text(&["billingprofileid"]) } else { None };
        let account = profile.or_else(|| row.text(&["billingaccountid"]));
        charge.insert("billing_account_id", account.map(|id| id.to_lowercase()));
        let subscription = row.text(&["subscriptionid", "subscriptionguid"]);
        charge.insert("sub_account_id", subscription.map(|id| id.to_lowercase()));
        charge.insert("sub_account_name", row.text(&["subscriptionname"]));
        let location = row.text(&["resourcelocation"]);
        let region = location.as_ref().and_then(|name| self.regions.get(&name.to_lowercase()));
        if location.is_none() || region.is_some() {
            charge.insert("region_id", region.map(|(id, _)| id.clone()));
            charge.insert("region_name", region.map(|(_, name)| name.clone()));
        }
        let named = row.text(&["resourceid", "instanceid"]);
        let benefit = row.text(&["benefitid"]).or_else(|| row.text(&["reservationid"]));
        let resource = match (is.unused, is.purchase && is.commitment) {
            (true, _) => benefit.or(named),
            (_, true) => named.or(benefit),
            _ => named,
        };
        let resource = resource.map(|id| id.to_lowercase());
        let kind = resource
            .as_deref()
            .and_then(|id| id.split("/providers/").nth(1))
            .map(|path| path.split('/').take(2).collect::<Vec<_>>().join("/"));
        if let Some(Some((service, category))) = kind.as_ref().and_then(|kind| self.services.get(kind)) {
            charge.insert("service_name", owned(service));
            charge.insert("service_category", owned(category));
        }
        charge.insert("resource_id", resource);
    }
}

/// What the type of a row says.
struct Kind {
    usage: bool,
    unused: bool,
    purchase: bool,
    commitment: bool,
    plan: bool,
}

impl Kind {
    fn of(row: &Row) -> Self {
        let benefit = row.text(&["benefitid"]).or_else(|| row.text(&["reservationid"]));
        let model = |names: &[&str]| row.is("pricingmodel", names);
        let unused_plan = row.is("chargetype", &["UnusedSavingsPlan"]);
        let plan = benefit.as_ref().is_some_and(|id| id.to_lowercase().contains("/microsoft.billingbenefits/"))
            || model(&["SavingsPlan", "Savings Plan"])
            || unused_plan;
        let unused_reservation = row.is("chargetype", &["UnusedReservation"]);
        Self {
            usage: row.text(&["chargetype"]).is_none_or(|kind| kind.eq_ignore_ascii_case("Usage")),
            unused: unused_plan || unused_reservation,
            purchase: row.is("chargetype", &["Purchase", "Refund"]),
            commitment: plan || benefit.is_some() || unused_reservation || model(&["Reservation"]),
            plan,
        }
    }
}

fn periods(row: &Row, charge: &mut Charge) {
    let date = day(&row.text(&["date", "usagedatetime"]).unwrap());
    charge.insert("charge_period_start", instant(date));
    charge.insert("charge_period_end", instant(date.succ_opt().unwrap()));
    let first = date.format("%Y-%m-01").to_string();
    let start = row.text(&["billingperiodstartdate"]).unwrap_or_else(|| first.clone());
    charge.insert("billing_period_start", instant(day(&start)));
    let end = row.text(&["billingperiodenddate"]).map(|end| day(&end).succ_opt().unwrap());
    let next_month = day(&first).checked_add_months(chrono::Months::new(1)).unwrap();
    charge.insert("billing_period_end", instant(end.unwrap_or(next_month)));
}
