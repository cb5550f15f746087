//! What a row of the export becomes, written down a second time without the mapping's language or any engine.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value};
use testsupport::decimal::decimal;

use super::export::{Credit, Pairs, Row};

pub const COLUMNS: [&str; 34] = [
    "source_row",
    "part",
    "provider",
    "billing_account_id",
    "billing_currency",
    "billing_period_start",
    "billing_period_end",
    "charge_period_start",
    "charge_period_end",
    "charge_category",
    "charge_class",
    "charge_description",
    "charge_frequency",
    "billed_cost",
    "effective_cost",
    "contracted_cost",
    "list_cost",
    "consumed_quantity",
    "consumed_unit",
    "pricing_quantity",
    "pricing_unit",
    "pricing_category",
    "contracted_unit_price",
    "commitment_discount_id",
    "commitment_discount_category",
    "commitment_discount_status",
    "service_name",
    "sku_id",
    "sku_price_id",
    "sub_account_id",
    "region_id",
    "availability_zone",
    "resource_id",
    "tags",
];

pub fn is_number(column: &str) -> bool {
    column.ends_with("_cost") || column.ends_with("_quantity") || column.ends_with("_price")
}

/// Where a charge comes from, for a message.
pub fn place(charges: &[BTreeMap<String, Option<String>>], value: &Option<String>) -> Vec<Option<String>> {
    let found = charges.iter().find(|charge| charge.values().any(|other| std::ptr::eq(other, value)));
    found.map(|charge| vec![charge["source_row"].clone(), charge["part"].clone()]).unwrap_or_default()
}

const DISCOUNTS: [&str; 6] = [
    "COMMITTED_USAGE_DISCOUNT",
    "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE",
    "SUSTAINED_USAGE_DISCOUNT",
    "DISCOUNT",
    "RESELLER_MARGIN",
    "FEE_UTILIZATION_OFFSET",
];

type Charge = BTreeMap<String, Option<String>>;

/// The charges of a row: its cost, then the credits that count on their own.
pub fn charges(row_number: usize, row: &Row, gross: bool) -> Vec<Charge> {
    let discounted = |credit: &&Credit| !gross && DISCOUNTS.contains(&credit.kind.as_str());
    let sum = |kinds: &[&str]| -> Decimal {
        let meant = row.credits.iter().filter(discounted).filter(|credit| kinds.contains(&credit.kind.as_str()));
        meant.map(|credit| rounded(&credit.amount)).sum()
    };
    let regular = row.cost_type == "regular";
    let fee = regular && row.sku.1.starts_with("Commitment");
    let usage = regular && !fee;
    let cud = row.credits.iter().find(|credit| credit.kind.starts_with("COMMITTED_USAGE_DISCOUNT"));
    let covered = usage && cud.is_some();
    let commitment = match (fee, covered) {
        (true, _) => row.subscription.clone(),
        (_, true) => {
            let named = row
                .credits
                .iter()
                .find(|credit| credit.kind.starts_with("COMMITTED_USAGE_DISCOUNT") && credit.id.is_some());
            named.and_then(|credit| credit.id.clone()).or_else(|| row.subscription.clone())
        }
        _ => None,
    };
    let spend = cud.is_some_and(|credit| credit.kind.ends_with("DOLLAR_BASE")) || row.sku.1.contains("dollar based");
    let cost = rounded(&row.cost);
    let net = cost + sum(&DISCOUNTS);
    let (start, end) = month(&row.month);
    let mut charge: Charge = BTreeMap::new();
    let mut set = |column: &str, value: Option<String>| drop(charge.insert(column.to_owned(), value));
    let text = |text: &str| Some(text.to_owned());
    set("source_row", Some(row_number.to_string()));
    set("part", text("0"));
    set("provider", text("Google Cloud"));
    set("billing_account_id", text(&row.account));
    set("billing_currency", text(&row.currency));
    set("billing_period_start", Some(start));
    set("billing_period_end", Some(end));
    set("charge_period_start", text(row.start.trim_end_matches(" UTC")));
    set("charge_period_end", text(row.end.trim_end_matches(" UTC")));
    let category = match row.cost_type.as_str() {
        "tax" => "Tax",
        "regular" if fee => "Purchase",
        "regular" => "Usage",
        _ => "Adjustment",
    };
    set("charge_category", text(category));
    let corrects = row.cost_type == "adjustment" && row.adjustment.is_some();
    set("charge_class", corrects.then(|| "Correction".to_owned()));
    set("charge_description", text(&row.sku.1));
    set(
        "charge_frequency",
        text(if usage {
            "Usage-Based"
        } else if fee {
            "Recurring"
        } else {
            "One-Time"
        }),
    );
    set("billed_cost", Some(net.to_string()));
    set("effective_cost", Some(net.to_string()));
    let contracted = if fee { Decimal::ZERO } else { cost + sum(&["DISCOUNT", "RESELLER_MARGIN"]) };
    set("contracted_cost", Some(contracted.to_string()));
    let list = row.cost_at_list.as_deref().map_or(cost, rounded);
    set("list_cost", Some(if fee { Decimal::ZERO } else { list }.to_string()));
    let used = row.usage.as_ref().filter(|_| usage);
    set("consumed_quantity", used.map(|usage| usage.0.clone()));
    set("consumed_unit", used.map(|usage| usage.1.clone()));
    let priced = row.usage.as_ref().filter(|_| usage || fee);
    set("pricing_quantity", priced.map(|usage| usage.2.clone()));
    set("pricing_unit", priced.map(|usage| usage.3.clone()));
    let pricing = match (covered, usage || fee) {
        (true, _) => Some("Committed"),
        (_, true) if usage && row.sku.1.contains("Preemptible") => Some("Dynamic"),
        (_, true) => Some("Standard"),
        _ => None,
    };
    set("pricing_category", pricing.map(str::to_owned));
    let price = row.price.as_ref().filter(|price| usage && price.2 == "1");
    set("contracted_unit_price", price.map(|price| price.0.clone()));
    set("commitment_discount_id", commitment.clone());
    let kind = if spend { "Spend" } else { "Usage" };
    set("commitment_discount_category", commitment.as_ref().map(|_| kind.to_owned()));
    let status = commitment.as_ref().filter(|_| covered).map(|_| "Used".to_owned());
    set("commitment_discount_status", status);
    set("service_name", text(&row.service.1));
    set("sku_id", text(&row.sku.0).filter(|_| usage || fee));
    let tier = row.price.as_ref().filter(|_| usage || fee).map(|price| format!("{}/{}", row.sku.0, price.1));
    set("sku_price_id", tier);
    set("sub_account_id", row.project.as_ref().map(|project| project.0.clone()));
    set("region_id", row.location.1.clone().or_else(|| row.location.0.clone()));
    set("availability_zone", row.location.2.clone());
    set("resource_id", row.resource.as_ref().map(|resource| resource.1.clone()));
    set("tags", tags(row));
    let mut all = vec![charge];
    for (place, credit) in row.credits.iter().enumerate().filter(|(_, credit)| !discounted(credit)) {
        let mut further = all[0].clone();
        for column in [
            "charge_class",
            "consumed_quantity",
            "consumed_unit",
            "pricing_quantity",
            "pricing_unit",
            "pricing_category",
            "contracted_unit_price",
            "commitment_discount_id",
            "commitment_discount_category",
            "commitment_discount_status",
            "sku_price_id",
        ] {
            further.insert(column.to_owned(), None);
        }
        let mut set = |column: &str, value: String| drop(further.insert(column.to_owned(), Some(value)));
        set("part", (place + 1).to_string());
        set("charge_category", "Credit".to_owned());
        set("charge_frequency", "One-Time".to_owned());
        set("charge_description", credit.full_name.clone().unwrap_or_else(|| credit.name.clone()));
        for cost in ["billed_cost", "effective_cost", "contracted_cost", "list_cost"] {
            set(cost, rounded(&credit.amount).to_string());
        }
        all.push(further);
    }
    all
}

fn rounded(text: &str) -> Decimal {
    decimal(text).round_dp_with_strategy(18, RoundingStrategy::MidpointAwayFromZero)
}

/// The invoice month in Pacific time. No month begins or ends on a day on which the clocks change before midnight does.
fn month(digits: &str) -> (String, String) {
    let (year, month): (i32, u32) = (digits[..4].parse().unwrap(), digits[4..].parse().unwrap());
    let instant = |year: i32, month: u32| {
        let hour = if (4..=11).contains(&month) { 7 } else { 8 };
        format!("{year}-{month:02}-01 {hour:02}:00:00")
    };
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    (instant(year, month), instant(next.0, next.1))
}

fn tags(row: &Row) -> Option<String> {
    let mut tags = Map::new();
    let none = Pairs::new();
    let project = row.project.as_ref().map_or(&none, |project| &project.2);
    let lists = [(&row.labels, ""), (&row.system_labels, ""), (project, "project/"), (&row.tags, "tag/")];
    for (pairs, prefix) in lists {
        for (key, value) in pairs {
            tags.entry(format!("{prefix}{key}")).or_insert_with(|| Value::from(value.clone()));
        }
    }
    (!tags.is_empty()).then(|| Value::Object(tags).to_string())
}

/// A row without anything out of the ordinary.
pub fn plain_row() -> Row {
    Row {
        account: "01A2B3-000001-C4D5E6".to_owned(),
        service: ("6F81-5844-456A".to_owned(), "Compute Engine".to_owned()),
        sku: ("2E27-4F75-95CD".to_owned(), "N1 Predefined Instance Core running in Americas".to_owned()),
        start: "2026-08-10 05:00:00 UTC".replace(" UTC", "") + " UTC",
        end: "2026-08-10 06:00:00 UTC".to_owned(),
        project: Some(("shop".to_owned(), "The shop".to_owned(), Pairs::new())),
        cost: "1".to_owned(),
        currency: "USD".to_owned(),
        usage: Some(("3600".to_owned(), "seconds".to_owned(), "1".to_owned(), "hour".to_owned())),
        month: "202608".to_owned(),
        cost_type: "regular".to_owned(),
        ..Row::default()
    }
}

/// Rows of every kind, the same for the same seed.
pub fn rows(count: usize, seed: u64) -> Vec<Row> {
    let mut dice = Dice(seed);
    (0..count).map(|_| row(&mut dice)).collect()
}

struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        // Knuth's MMIX constants; the high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }

    /// At most fifteen digits, so that a float holds it.
    fn amount(&mut self) -> String {
        let decimals = self.roll(13);
        format!(
            "{}.{:0width$}",
            self.roll(100),
            self.roll(10_u64.pow(u32::try_from(decimals).unwrap())),
            width = decimals.max(1) as usize
        )
    }

    fn pairs(&mut self) -> Pairs {
        let keys = ["env", "team", "a/b~c", "quote\"d", "compute.googleapis.com/cores"];
        (0..self.roll(4))
            .map(|_| (self.pick(&keys).to_owned(), self.pick(&["", "x", "ü", "it's"]).to_owned()))
            .collect()
    }
}

fn row(dice: &mut Dice) -> Row {
    let mut row = plain_row();
    let (day, hour) = (dice.roll(28) + 1, dice.roll(23));
    row.start = format!("2026-08-{day:02} {hour:02}:00:00 UTC");
    row.end = format!("2026-08-{day:02} {:02}:00:00 UTC", hour + 1);
    row.cost = dice.amount();
    row.sku.1 = dice
        .pick(&[
            "N1 Predefined Instance Core running in Americas",
            "Spot Preemptible N1 Instance Core running in Americas",
            "Commitment v1: Cpu in Americas for 1 Year",
            "Commitment - dollar based v1: Cloud SQL for 3 years",
        ])
        .to_owned();
    row.cost_type =
        dice.pick(&["regular", "regular", "regular", "regular", "tax", "adjustment", "rounding_error"]).to_owned();
    if row.cost_type == "adjustment" && dice.roll(2) == 0 {
        row.adjustment = Some("PARTIAL_CORRECTION".to_owned());
    }
    if dice.roll(5) == 0 {
        row.cost = format!("-{}", row.cost);
    }
    if dice.roll(4) == 0 {
        row.project = None;
    } else {
        row.project = Some((format!("project-{}", dice.roll(5)), "Name, with comma".to_owned(), dice.pairs()));
    }
    row.labels = dice.pairs();
    row.system_labels = dice.pairs();
    row.tags = dice.pairs();
    if dice.roll(3) > 0 {
        let region = dice.pick(&["us-central1", "europe-west6"]).to_owned();
        let zone = (dice.roll(2) == 0).then(|| format!("{region}-a"));
        row.location = (Some(region.clone()), Some(region), zone);
    } else if dice.roll(2) == 0 {
        row.location.0 = Some("us".to_owned());
    }
    if dice.roll(3) == 0 {
        row.cost_at_list = Some(dice.amount());
    }
    if dice.roll(6) == 0 {
        row.usage = None;
    } else {
        row.usage = Some((dice.amount(), "seconds".to_owned(), dice.amount(), "hour".to_owned()));
    }
    if dice.roll(2) == 0 {
        row.resource = Some(("vm".to_owned(), "//compute.googleapis.com/projects/p/zones/z/instances/1".to_owned()));
    }
    if dice.roll(2) == 0 {
        row.price = Some((dice.amount(), dice.roll(3).to_string(), dice.pick(&["1", "1000"]).to_owned()));
    }
    if dice.roll(3) == 0 {
        row.subscription = Some(format!("subscription-{}", dice.roll(3)));
    }
    let kinds = [
        "COMMITTED_USAGE_DISCOUNT",
        "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE",
        "SUSTAINED_USAGE_DISCOUNT",
        "DISCOUNT",
        "RESELLER_MARGIN",
        "PROMOTION",
        "FREE_TIER",
        "A_KIND_TO_COME",
    ];
    for _ in 0..dice.roll(4) {
        let amount = format!("-{}", dice.amount());
        row.credits.push(Credit {
            id: (dice.roll(3) > 0).then(|| format!("12-b{}-c56", dice.roll(4))),
            kind: dice.pick(&kinds).to_owned(),
            name: "Credit \"one\"".to_owned(),
            full_name: (dice.roll(2) == 0).then(|| "Credit, in full".to_owned()),
            amount,
        });
    }
    row
}
