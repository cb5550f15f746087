//! What a company keeps beside its bills: business metrics, budgets, owners.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    calendar::Month,
    demand::demand,
    fixed::Fixed,
    ledger::Ledger,
    model::{Application, Model},
    random,
};

const SEED: u64 = 71;
/// Budgets were set after this many months, on their average.
const BUDGET_MONTHS: i64 = 3;
/// Budgets allow for this growth a month, in thousandths of the average.
const BUDGET_GROWTH: i64 = 12;

/// An ordinary July day of one metric in one market, and how strongly it follows the parcels.
struct Metric {
    name: &'static str,
    /// The cloud region whose systems take the orders; empty for what no region answers for alone.
    region: &'static str,
    market: &'static str,
    base: i64,
    /// 1000: in proportion; 0: grows with the trend only.
    follows: i64,
}

/// A metric's value on a day.
pub(crate) struct MetricValue {
    pub(crate) day: NaiveDate,
    pub(crate) metric: &'static str,
    pub(crate) region: &'static str,
    pub(crate) market: &'static str,
    pub(crate) value: i64,
}

const METRICS: [Metric; 9] = [
    orders("us-east-1", "north-america", 31_000),
    orders("us-central1", "north-america", 6_200),
    orders("eastus", "north-america", 3_800),
    orders("westeurope", "europe", 8_100),
    orders("eu-west-1", "europe", 1_400),
    Metric { name: "parcels_delivered", region: "", market: "north-america", base: 58_000, follows: 1000 },
    Metric { name: "parcels_delivered", region: "", market: "europe", base: 12_400, follows: 1000 },
    Metric { name: "active_customers", region: "", market: "north-america", base: 17_800, follows: 150 },
    Metric { name: "active_customers", region: "", market: "europe", base: 4_300, follows: 150 },
];

/// Orders follow the parcels; each is taken in one region.
const fn orders(region: &'static str, market: &'static str, base: i64) -> Metric {
    Metric { name: "orders", region, market, base, follows: 1000 }
}

/// What `metrics.csv` holds, by day.
pub(crate) fn metric_values() -> impl Iterator<Item = MetricValue> {
    Month::all().flat_map(Month::days).flat_map(|day| {
        METRICS.into_iter().map(move |Metric { name, region, market, base, follows }| {
            let level =
                1000 + (demand(day) - 1000) * follows / 1000 + 7 * Month::of(day).index() * (1000 - follows) / 1000;
            let seed = random::of_text(SEED, &format!("{name}/{region}/{market}@{day}"));
            let noise = 1000 + random::between(seed, -15, 15);
            MetricValue { day, metric: name, region, market, value: base * level / 1000 * noise / 1000 }
        })
    })
}

/// `metrics.csv`: whole numbers a day.
pub(crate) fn metrics_csv() -> String {
    let mut text = String::from("date,metric,value,region,market\n");
    for MetricValue { day, metric, region, market, value } in metric_values() {
        text.push_str(&format!("{day},{metric},{value},{region},{market}\n"));
    }
    text
}

/// `budgets.csv`: effective cost a month, by cost centre, by provider and in total; set once, on the first quarter.
pub(crate) fn budgets_csv(model: &Model, ledger: &Ledger) -> String {
    let mut averages: BTreeMap<(String, String), Fixed> = BTreeMap::new();
    for (key, costs) in ledger.totals.iter().filter(|(key, _)| key.month.index() < BUDGET_MONTHS) {
        let account = &model.billing_accounts[key.billing_account];
        let cost_center = model.application(&key.application).map(|owner| owner.cost_center.as_str());
        let scopes = [
            String::from("total"),
            format!("provider={}", account.provider.name()),
            format!("cost-center={}", cost_center.unwrap_or("none")),
        ];
        for scope in scopes {
            *averages.entry((account.currency.clone(), scope)).or_default() += costs.effective;
        }
    }
    let mut text = String::from("month,scope,amount,currency\n");
    for month in Month::all() {
        for ((currency, scope), sum) in &averages {
            let average = sum.in_thousandths() / 1000 / BUDGET_MONTHS;
            let planned = average * (1000 + BUDGET_GROWTH * month.index()) / 1000;
            let amount = (planned + 50) / 100 * 100;
            text.push_str(&format!("{month},{scope},{amount}.00,{currency}\n"));
        }
    }
    text
}

/// `owners.csv`: who answers for which cost centre.
pub(crate) fn owners_csv(model: &Model) -> String {
    let mut centers: BTreeMap<&str, Vec<&Application>> = BTreeMap::new();
    for application in &model.applications {
        centers.entry(&application.cost_center).or_default().push(application);
    }
    let mut text = String::from("cost_center,team,owner_group,applications\n");
    for (center, applications) in centers {
        let names: Vec<&str> = applications.iter().map(|application| application.application.as_str()).collect();
        let owner = applications[0];
        text.push_str(&format!("{center},{},{},{}\n", owner.team, owner.owner_group, names.join(" ")));
    }
    text
}
