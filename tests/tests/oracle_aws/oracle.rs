//! What each row of a Cost and Usage Report is in FOCUS, written out row by row: one arm for each line item type, no formula shared
//! with the mapping file.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, TimeDelta, Timelike};
use rust_decimal::Decimal;
use testsupport::decimal::decimal;

use crate::report::Line;

/// The value of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Number(Decimal),
    Time(NaiveDateTime),
    Object(BTreeMap<String, String>),
}

/// A charge: its part and its columns; a column that is not here has no value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Charge {
    pub part: u8,
    pub cells: BTreeMap<&'static str, Cell>,
}

impl Charge {
    pub fn set(&mut self, column: &'static str, value: Option<Cell>) {
        match value {
            Some(cell) => self.cells.insert(column, cell),
            None => self.cells.remove(column),
        };
    }

    fn text(&mut self, column: &'static str, value: Option<impl Into<String>>) {
        self.set(column, value.map(|text| Cell::Text(text.into())));
    }

    fn number(&mut self, column: &'static str, value: Option<Decimal>) {
        self.set(column, value.map(Cell::Number));
    }

    pub fn amount(&self, column: &str) -> Decimal {
        match self.cells.get(column) {
            Some(Cell::Number(number)) => *number,
            _ => Decimal::ZERO,
        }
    }

    pub fn word(&self, column: &str) -> Option<&str> {
        match self.cells.get(column) {
            Some(Cell::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// The four costs of a charge.
struct Costs {
    billed: Option<Decimal>,
    effective: Option<Decimal>,
    list: Option<Decimal>,
    contracted: Option<Decimal>,
}

impl Costs {
    fn all(cost: Option<Decimal>) -> Self {
        Self { billed: cost, effective: cost, list: cost, contracted: cost }
    }

    /// Of a fee that pays for later use: it counts when it is billed, and again as the use of others.
    fn prepaid(cost: Option<Decimal>) -> Self {
        let zero = Some(Decimal::ZERO);
        Self { billed: cost, effective: zero, list: zero, contracted: zero }
    }
}

/// What kind of row it is, for the columns that go by kind.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    OwnUse,
    CoveredUse,
    Discount,
    CommitmentFee,
    Fee,
    CommitmentRefund,
    Other,
}

/// Gathers the fields that a row is judged by.
struct Row<'a, 'b> {
    line: &'a Line<'b>,
}

impl Row<'_, '_> {
    fn text(&self, name: &str) -> Option<String> {
        self.line.text(name)
    }

    fn number(&self, name: &str) -> Option<Decimal> {
        self.text(name).map(|text| decimal(&text))
    }

    fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name))
    }

    fn first_number(&self, names: &[&str]) -> Option<Decimal> {
        self.first(names).map(|text| decimal(&text))
    }

    fn time(&self, name: &str) -> Option<NaiveDateTime> {
        self.text(name).map(|text| instant(&text))
    }
}

/// A number, where a text is one.
fn readable(text: &str) -> Option<Decimal> {
    text.starts_with(|first: char| first.is_ascii_digit() || first == '-').then(|| decimal(text))
}

/// A time as reports write it: ISO 8601 or with a blank, with `Z`, an offset of nothing, or no zone at all.
pub fn instant(text: &str) -> NaiveDateTime {
    let text = text.trim_end_matches('Z').trim_end_matches("+00:00").trim_end_matches("+00").replace('T', " ");
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").unwrap_or_else(|_| panic!("{text} is a time"))
}

/// The charges of a row: none, one, or one and what was not used of it.
pub fn charges(line: &Line<'_>, categories: &BTreeMap<String, String>) -> Vec<Charge> {
    let row = Row { line };
    let kind =
        if line.has("lineItem/LineItemType") { row.text("lineItem/LineItemType") } else { Some("Usage".to_owned()) };
    let kind = kind.as_deref();
    if kind == Some("SavingsPlanNegation") || is_split_of_another(&row) {
        return Vec::new();
    }
    let has_net = line.has("lineItem/NetUnblendedCost");
    let unblended = row.number("lineItem/UnblendedCost");
    let cost = row.number("lineItem/NetUnblendedCost").or(unblended);
    let reservation = row.text("reservation/ReservationARN");
    let plan = row.text("savingsPlan/SavingsPlanARN");
    let spreads_reservations = line.has("reservation/EffectiveCost");
    let spreads_plans = line.has("savingsPlan/SavingsPlanEffectiveCost");
    let zero = Some(Decimal::ZERO);
    // A generator has words there for reserved usage: then there is no list cost, and nothing is put in its place.
    let public_text = row.text("pricing/publicOnDemandCost");
    let public = public_text.as_deref().and_then(readable);
    let unreadable = public_text.is_some() && public.is_none();
    let description = row.text("lineItem/LineItemDescription").unwrap_or_default();
    let is_tax_refund = row.text("lineItem/TaxType").is_some();

    // Category, how often, pricing category, kind, costs.
    let (category, frequency, pricing, is, costs) = match kind {
        Some("Usage" | "FlatRateSubscription") => {
            let spot = row.text("lineItem/UsageType").is_some_and(|meter| meter.contains("SpotUsage"));
            let pricing = if spot { "Dynamic" } else { "Standard" };
            let costs = Costs { list: public.or(cost), ..Costs::all(cost) };
            ("Usage", "Usage-Based", Some(pricing), Kind::OwnUse, costs)
        }
        Some("DiscountedUsage") => {
            let effective = row.first_number(&["reservation/NetEffectiveCost", "reservation/EffectiveCost"]).or(cost);
            let effective = if spreads_reservations { effective } else { cost };
            let costs = Costs { billed: cost, effective, list: public.or(cost), contracted: public.or(zero) };
            ("Usage", "Usage-Based", Some("Committed"), Kind::CoveredUse, costs)
        }
        Some("SavingsPlanCoveredUsage") => {
            let names = ["savingsPlan/NetSavingsPlanEffectiveCost", "savingsPlan/SavingsPlanEffectiveCost"];
            let effective = if spreads_plans { row.first_number(&names).or(zero) } else { zero };
            let costs = Costs { billed: zero, effective, list: public.or(unblended), contracted: unblended };
            ("Usage", "Usage-Based", Some("Committed"), Kind::CoveredUse, costs)
        }
        Some("RIFee") => {
            let effective = if spreads_reservations { zero } else { cost };
            let costs = Costs { effective, ..Costs::prepaid(cost) };
            ("Purchase", "Recurring", Some("Standard"), Kind::CommitmentFee, costs)
        }
        Some("SavingsPlanRecurringFee" | "SavingsPlanUpfrontFee") => {
            let effective = if spreads_plans { zero } else { cost };
            let often = if kind == Some("SavingsPlanUpfrontFee") { "One-Time" } else { "Recurring" };
            ("Purchase", often, Some("Standard"), Kind::CommitmentFee, Costs { effective, ..Costs::prepaid(cost) })
        }
        Some("Fee") if reservation.is_some() => {
            let effective = if spreads_reservations { zero } else { cost };
            let costs = Costs { effective, ..Costs::prepaid(cost) };
            ("Purchase", "One-Time", Some("Standard"), Kind::CommitmentFee, costs)
        }
        Some("Fee") => ("Purchase", "One-Time", Some("Standard"), Kind::Fee, Costs::all(cost)),
        Some("Tax") => ("Tax", "One-Time", None, Kind::Other, Costs::all(cost)),
        Some("Credit") => ("Credit", "One-Time", None, Kind::Other, Costs::all(cost)),
        Some("Refund") if description.starts_with("Refund for one-time fee for Savings Plan ID") => {
            ("Purchase", "One-Time", None, Kind::CommitmentRefund, Costs::prepaid(cost))
        }
        Some("Refund") if is_tax_refund => ("Tax", "One-Time", None, Kind::Other, Costs::all(cost)),
        Some("Refund") => ("Usage", "One-Time", None, Kind::Other, Costs::all(cost)),
        Some("EdpDiscount" | "PrivateRateDiscount" | "BundledDiscount" | "Discount") => {
            // With net costs the usage is discounted already.
            let own = if has_net { row.number("lineItem/NetUnblendedCost").or(zero) } else { unblended };
            let costs = Costs { list: zero, ..Costs::all(own) };
            ("Usage", "Usage-Based", Some("Standard"), Kind::Discount, costs)
        }
        _ => ("Adjustment", "One-Time", None, Kind::Other, Costs::all(cost)),
    };

    let mut charge = Charge::default();
    common(&mut charge, &row, categories);
    charge.text("charge_category", Some(category));
    charge.text("charge_class", (kind == Some("Refund")).then_some("Correction"));
    charge.text("charge_frequency", Some(frequency));
    charge.text("pricing_category", pricing);
    charge.number("billed_cost", costs.billed);
    charge.number("effective_cost", costs.effective);
    let by_public_price = matches!(is, Kind::OwnUse | Kind::CoveredUse) && unreadable;
    charge.number("list_cost", costs.list.filter(|_| !by_public_price));
    let covered_by_reservation = kind == Some("DiscountedUsage");
    charge.number("contracted_cost", costs.contracted.filter(|_| !(by_public_price && covered_by_reservation)));
    prices(&mut charge, &row, kind, is, has_net);
    commitment(&mut charge, &row, kind, is, plan.as_deref(), reservation.as_deref(), cost);
    let tax = kind == Some("Tax");
    charge.text("sku_id", row.text("product/sku").filter(|_| !tax));
    charge.text("sku_meter", row.text("lineItem/UsageType").filter(|_| !tax));
    let rate = row.text("pricing/RateCode").or_else(|| {
        let id = row.text("pricing/RateId")?;
        Some(row.text("product/sku").map_or_else(|| id.clone(), |sku| format!("{sku}.{id}")))
    });
    charge.text("sku_price_id", rate.filter(|_| !tax));

    let unused = unused(&charge, &row, kind, plan.is_some() || reservation.is_some());
    std::iter::once(charge).chain(unused).collect()
}

/// A row of split cost allocation: a part of an instance's cost told again for one container.
fn is_split_of_another(row: &Row<'_, '_>) -> bool {
    let operation = row.text("lineItem/Operation");
    let container = matches!(operation.as_deref(), Some("EKSPod-EC2" | "ECSTask-EC2"));
    let has_parent = row.text("splitLineItem/ParentResourceId").is_some();
    (container || has_parent) && row.number("lineItem/UnblendedCost").unwrap_or_default().is_zero()
}

/// The columns that do not go by line item type.
fn common(charge: &mut Charge, row: &Row<'_, '_>, categories: &BTreeMap<String, String>) {
    charge.text("provider", Some("AWS"));
    charge.text("host_provider_name", Some("AWS"));
    for (column, name) in [
        ("availability_zone", "lineItem/AvailabilityZone"),
        ("billing_account_id", "bill/PayerAccountId"),
        ("billing_account_name", "bill/PayerAccountName"),
        ("sub_account_id", "lineItem/UsageAccountId"),
        ("sub_account_name", "lineItem/UsageAccountName"),
        ("charge_description", "lineItem/LineItemDescription"),
        ("invoice_id", "bill/InvoiceId"),
        ("pricing_currency", "pricing/currency"),
    ] {
        charge.text(column, row.text(name));
    }
    let currency = row.text("lineItem/CurrencyCode").or_else(|| row.text("pricing/currency"));
    charge.text("billing_currency", Some(currency.unwrap_or_else(|| "USD".to_owned())));
    charge.text("invoice_issuer_name", row.first(&["bill/InvoicingEntity", "lineItem/LegalEntity"]));
    charge.text("region_id", row.first(&["product/regionCode", "product/region"]));
    let service = row.text("lineItem/ProductCode");
    let names = ["product/ProductName", "product/servicename", "lineItem/ProductCode"];
    charge.text("service_name", row.first(&names));
    let category = service.and_then(|code| categories.get(&code).cloned());
    charge.text("service_category", Some(category.unwrap_or_else(|| "Other".to_owned())));
    let seller = row.text("lineItem/LegalEntity");
    let marketplace = row.text("bill/BillingEntity").as_deref() == Some("AWS Marketplace");
    charge.text("publisher_name", if marketplace { seller.clone() } else { Some("AWS".to_owned()) });
    let sells = if marketplace { seller } else { None };
    charge.text("service_provider_name", Some(sells.unwrap_or_else(|| "AWS".to_owned())));
    let tags = row.line.tags();
    charge.set("tags", (!tags.is_empty()).then_some(Cell::Object(tags)));

    let start = row.time("lineItem/UsageStartDate").or_else(|| row.time("bill/BillingPeriodStartDate")).unwrap();
    let (month, after) = match row.time("bill/BillingPeriodStartDate") {
        Some(month) => {
            (month, row.time("bill/BillingPeriodEndDate").map(exclusive).unwrap_or_else(|| month_after(month)))
        }
        None => (first_of_month(start), month_after(start)),
    };
    let end = row.time("lineItem/UsageEndDate").map(exclusive).unwrap_or(after);
    for (column, time) in [
        ("billing_period_start", month),
        ("billing_period_end", after),
        ("charge_period_start", start),
        ("charge_period_end", end),
    ] {
        charge.set(column, Some(Cell::Time(time)));
    }
}

/// Quantities and prices.
fn prices(charge: &mut Charge, row: &Row<'_, '_>, kind: Option<&str>, is: Kind, has_net: bool) {
    let amount = row.number("lineItem/UsageAmount");
    let used = matches!(is, Kind::OwnUse | Kind::CoveredUse);
    let priced = used || matches!(is, Kind::CommitmentFee | Kind::Fee);
    let unit = row.text("pricing/unit");
    charge.number("consumed_quantity", amount.filter(|_| used));
    charge.text("consumed_unit", unit.clone().filter(|_| used && amount.is_some()));
    charge.number("pricing_quantity", amount.filter(|_| priced));
    let hourly = (kind == Some("RIFee")).then(|| "Hrs".to_owned());
    charge.text("pricing_unit", unit.or(hourly).filter(|_| priced && amount.is_some()));
    let public = row.text("pricing/publicOnDemandRate").as_deref().and_then(readable);
    charge.number("list_unit_price", public.filter(|_| used));
    let own = if has_net { "lineItem/NetUnblendedRate" } else { "lineItem/UnblendedRate" };
    let contracted = match kind {
        Some("DiscountedUsage") => public,
        Some("SavingsPlanCoveredUsage") => row.number("lineItem/UnblendedRate"),
        _ if is == Kind::OwnUse => row.number(own),
        _ => None,
    };
    charge.number("contracted_unit_price", contracted);
}

/// The commitment that a row pays or uses.
fn commitment(
    charge: &mut Charge,
    row: &Row<'_, '_>,
    kind: Option<&str>,
    is: Kind,
    plan: Option<&str>,
    reservation: Option<&str>,
    cost: Option<Decimal>,
) {
    let own = row.text("lineItem/ResourceId");
    let id = plan.or(reservation);
    charge.text("resource_id", own.or_else(|| id.filter(|_| is == Kind::CommitmentFee).map(str::to_owned)));
    let Some(id) = id else { return };
    charge.text("commitment_discount_id", Some(id));
    charge.text("commitment_discount_category", Some(if plan.is_some() { "Spend" } else { "Usage" }));
    let offering = row.text("savingsPlan/OfferingType").unwrap_or_else(|| "Savings Plan".to_owned());
    charge
        .text("commitment_discount_type", Some(if plan.is_some() { offering } else { "Reserved Instance".to_owned() }));
    charge.text("commitment_discount_status", (is == Kind::CoveredUse).then_some("Used"));
    if !matches!(is, Kind::OwnUse | Kind::CoveredUse | Kind::CommitmentFee) {
        return;
    }
    let normalized = row.number("lineItem/NormalizedUsageAmount").filter(|amount| !amount.is_zero());
    let quantity = match (kind, plan) {
        (Some("SavingsPlanCoveredUsage"), _) => row.number("savingsPlan/SavingsPlanEffectiveCost"),
        (Some("SavingsPlanRecurringFee"), _) => row.number("savingsPlan/TotalCommitmentToDate").or(cost),
        (_, Some(_)) => cost,
        (_, None) => normalized.or_else(|| row.number("lineItem/UsageAmount")),
    };
    charge.number("commitment_discount_quantity", quantity);
    let unit = match (plan, normalized) {
        (Some(_), _) => charge.word("billing_currency").map(str::to_owned),
        (None, Some(_)) => Some("Normalized Hours".to_owned()),
        (None, None) => Some("Hours".to_owned()),
    };
    charge.text("commitment_discount_unit", unit);
}

/// What a fee paid for and nobody used, as usage of the commitment itself.
fn unused(fee: &Charge, row: &Row<'_, '_>, kind: Option<&str>, named: bool) -> Option<Charge> {
    let part = match kind {
        Some("RIFee") if row.line.has("reservation/EffectiveCost") => 1,
        Some("SavingsPlanRecurringFee") if row.line.has("savingsPlan/SavingsPlanEffectiveCost") => 2,
        _ => return None,
    };
    let amount = if part == 1 {
        let names = |rest: &str| [format!("reservation/NetUnused{rest}"), format!("reservation/Unused{rest}")];
        let of = |rest: &str| names(rest).iter().find_map(|name| row.number(name)).unwrap_or_default();
        of("AmortizedUpfrontFeeForBillingPeriod") + of("RecurringFee")
    } else {
        row.number("savingsPlan/TotalCommitmentToDate")? - row.number("savingsPlan/UsedCommitment").unwrap_or_default()
    };
    if amount.is_zero() {
        return None;
    }
    let mut charge = Charge { part, ..fee.clone() };
    let words = if part == 1 { "Unused reservation: " } else { "Unused savings plan: " };
    charge.text("charge_description", Some(words.to_owned() + fee.word("charge_description").unwrap_or_default()));
    charge.text("charge_category", Some("Usage"));
    charge.text("charge_frequency", Some("Usage-Based"));
    charge.text("pricing_category", Some("Committed"));
    charge.text("commitment_discount_status", named.then_some("Unused"));
    charge.text("resource_id", fee.word("commitment_discount_id").map(str::to_owned));
    charge.number("billed_cost", Some(Decimal::ZERO));
    charge.number("effective_cost", Some(amount));
    if part == 1 {
        let hours = row.number("reservation/UnusedQuantity");
        let normalized = fee.word("commitment_discount_unit") == Some("Normalized Hours")
            || row.number("lineItem/NormalizedUsageAmount").is_some_and(|amount| !amount.is_zero());
        let held = if normalized { row.number("reservation/UnusedNormalizedUnitQuantity") } else { hours };
        charge.number("commitment_discount_quantity", held);
        charge.number("pricing_quantity", hours);
        let unit = row.text("pricing/unit").unwrap_or_else(|| "Hrs".to_owned());
        charge.text("pricing_unit", hours.map(|_| unit));
    } else {
        charge.number("commitment_discount_quantity", named.then_some(amount));
        charge.number("pricing_quantity", None);
        charge.text("pricing_unit", None::<String>);
    }
    Some(charge)
}

/// A period that ends in the last second of an hour ends with that hour.
fn exclusive(end: NaiveDateTime) -> NaiveDateTime {
    if end.second() == 59 { end + TimeDelta::seconds(1) } else { end }
}

fn first_of_month(time: NaiveDateTime) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(time.year(), time.month(), 1).unwrap().and_hms_opt(0, 0, 0).unwrap()
}

fn month_after(time: NaiveDateTime) -> NaiveDateTime {
    first_of_month(time) + Months::new(1)
}
