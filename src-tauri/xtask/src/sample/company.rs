//! What a company keeps beside its bills: business metrics, budgets, owners.

use std::collections::BTreeMap;

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

/// An ordinary July day of one metric in one region, and how strongly it follows the parcels.
struct Metric {
    name: &'static str,
    region: &'static str,
    base: i64,
    /// 1000: in proportion; 0: grows with the trend only.
    follows: i64,
}

const METRICS: [Metric; 6] = [
    Metric { name: "orders", region: "north-america", base: 41_000, follows: 1000 },
    Metric { name: "orders", region: "europe", base: 9_500, follows: 1000 },
    Metric { name: "parcels_delivered", region: "north-america", base: 58_000, follows: 1000 },
    Metric { name: "parcels_delivered", region: "europe", base: 12_400, follows: 1000 },
    Metric { name: "active_customers", region: "north-america", base: 17_800, follows: 150 },
    Metric { name: "active_customers", region: "europe", base: 4_300, follows: 150 },
];

/// `metrics.csv`: whole numbers a day; the labels are JSON.
pub(crate) fn metrics_csv() -> String {
    let mut text = String::from("date,metric,value,labels\n");
    for day in Month::all().flat_map(Month::days) {
        for Metric { name, region, base, follows } in METRICS {
            let level =
                1000 + (demand(day) - 1000) * follows / 1000 + 7 * Month::of(day).index() * (1000 - follows) / 1000;
            let noise = 1000 + random::between(random::of_text(SEED, &format!("{name}/{region}@{day}")), -15, 15);
            let value = base * level / 1000 * noise / 1000;
            text.push_str(&format!("{day},{name},{value},\"{{\"\"region\"\":\"\"{region}\"\"}}\"\n"));
        }
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
