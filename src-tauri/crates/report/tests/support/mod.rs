//! A made-up company's charges and an asker over them: the simplest thing that answers a pack's questions by the rules of `query`.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};
use money::{Amount, Currency, Ratio};
use query::{
    Answer, Cell, Comparison, Dimension, Evidence, EvidenceLoad, Grain, KeyColumn, Measure, MeasureColumn, Period,
    Question, Row, RowRole,
};
use report::{
    Calendar, DifferencePart, Extras, InvoiceLine, PackDefinition, Reconciliation, ReportModel, assemble, plan,
};

/// One charge of the made-up bill.
#[derive(Clone)]
pub struct Charge {
    pub month: NaiveDate,
    pub service: Option<String>,
    pub account: (&'static str, &'static str),
    pub category: &'static str,
    pub billed: Amount,
    pub effective: Amount,
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn dollars() -> Currency {
    "USD".parse().unwrap()
}

/// Fifteen months on three clouds, with a launch, a service that ends, credits, a charge without a service, and a hostile name.
pub fn charges() -> Vec<Charge> {
    let services: [(&str, i128, i128); 16] = [
        ("Amazon Elastic Compute Cloud", 812_345_678_901, 9_800_000_000),
        ("Amazon Relational Database Service", 401_234_567_890, 3_100_000_000),
        ("Virtual Machines", 322_222_222_222, -4_700_000_000),
        ("Amazon Simple Storage Service", 198_765_432_109, 2_400_000_000),
        ("BigQuery", 155_000_000_001, 6_900_000_000),
        ("Azure SQL Database", 120_333_333_333, 500_000_000),
        ("Compute Engine", 98_111_111_111, 1_900_000_000),
        ("Amazon CloudWatch", 61_010_101_010, 1_000_000_000),
        ("AWS Support (Business)", 45_454_545_454, 300_000_000),
        ("Cloud Storage", 39_999_999_999, 700_000_000),
        ("Azure Kubernetes Service", 31_313_131_313, 1_100_000_000),
        ("AWS Lambda", 12_121_212_121, 250_000_000),
        ("Amazon Route 53", 4_040_404_040, 10_000_000),
        ("Key Vault", 1_414_141_414, 5_000_000),
        ("=cmd|'/C calc'!A0", 140_909_090_909, 1_000_000),
        ("#panic() $x$ *bold* <script>alert(1)</script>", 130_707_070_707, 0),
    ];
    let accounts = [("Production", "111122223333"), ("Data platform", "444455556666"), ("Sandbox", "777788889999")];
    let mut charges = Vec::new();
    for step in 0..15_u32 {
        let month = date("2025-07-01").checked_add_months(Months::new(step)).unwrap();
        for (position, (service, base, growth)) in services.iter().enumerate() {
            for (account, weight) in accounts.iter().zip([5_i128, 3, 2]) {
                let wave = i128::from((step * 7 + u32::try_from(position).unwrap() * 3) % 11) * base / 150;
                let units = (base + growth * i128::from(step) + wave) * weight / 10;
                let billed = Amount::new(units, 8).unwrap();
                let effective = Amount::new(units - units / 9, 8).unwrap();
                charges.push(Charge {
                    month,
                    service: Some((*service).to_owned()),
                    account: *account,
                    category: "Usage",
                    billed,
                    effective,
                });
            }
        }
        let mut single = |service: Option<&str>, category, text: &str| {
            let billed: Amount = text.parse().unwrap();
            let service = service.map(str::to_owned);
            charges.push(Charge { month, service, account: accounts[0], category, billed, effective: billed });
        };
        single(None, "Tax", "1250.125");
        single(Some("Amazon Elastic Compute Cloud"), "Credit", "-420.505");
        if step == 12 {
            single(Some("Amazon Elastic Compute Cloud"), "Purchase", "12000");
        }
        if step >= 13 {
            single(Some("Vertex AI"), "Usage", "2345.678901234");
        }
        if (9..12).contains(&step) {
            single(Some("Azure Data Factory"), "Usage", "801.25");
        }
    }
    charges
}

pub fn definition() -> PackDefinition {
    PackDefinition::parse(include_str!("../../../../../packs/qbr.toml")).unwrap()
}

pub fn extras() -> Extras {
    let loaded = Period { from: date("2025-07-01"), to: date("2026-10-01") };
    let invoice = |id: &str, issuer: &str, amount: &str, charges: &str, difference: &str, status: &str| InvoiceLine {
        invoice_id: Some(id.to_owned()),
        issuer: issuer.to_owned(),
        period: "Sep 2026".to_owned(),
        currency: dollars(),
        amount: Some(amount.parse().unwrap()),
        charges: Some(charges.parse().unwrap()),
        difference: Some(difference.parse().unwrap()),
        status: status.to_owned(),
        parts: match status {
            "agrees" => Vec::new(),
            _ => vec![DifferencePart {
                class: if status == "open" { "unknown" } else { "rounding" }.to_owned(),
                amount: difference.parse().unwrap(),
                rule: "No charges that are loaded come to it.".to_owned(),
                proven: status != "open",
            }],
        },
        note: (status == "open").then(|| "Asked the <b>provider</b> on 2026-10-08".to_owned()),
        evidence_id: "r7c01f9a".to_owned(),
    };
    Extras {
        engagement: "Acme & Sons Logistics".to_owned(),
        calendar: Calendar { as_of: date("2026-11-22"), loaded: Some(loaded), fiscal_year_start: 1 },
        pinned: BTreeMap::new(),
        reconciliation: Some(Reconciliation {
            invoices: vec![
                invoice("AWS-2026-09", "Amazon Web Services", "20345.67", "20345.67", "0", "agrees"),
                invoice("E0900ABCDE", "Microsoft", "8123.40", "8123.41", "-0.01", "explained"),
                invoice("5012345678", "Google Cloud", "6001.00", "5960.50", "40.50", "open"),
            ],
            evidence: vec![evidence("r7c01f9a", &Question::default(), 4242)],
        }),
    }
}

/// The model of the pack that ships, over the made-up charges.
pub fn model() -> ReportModel {
    let (definition, extras) = (definition(), extras());
    let period = definition.period.resolve(&extras.calendar).unwrap();
    let answers: Vec<Answer> =
        plan(&definition, period.period).iter().map(|planned| answer(&planned.question, &charges())).collect();
    assemble(&definition, &period, &answers, &extras).unwrap()
}

fn evidence(id: &str, question: &Question, charges: u64) -> Evidence {
    let dimensions: Vec<String> = question.by.iter().map(Dimension::to_string).collect();
    Evidence {
        id: id.to_owned(),
        definition: question.measures.iter().map(|measure| measure.definition().into_owned()).collect(),
        scope: "Charges in USD whose charge period starts in the period; no filters.".to_owned(),
        sql: format!(
            "SELECT {}, sum(billed_cost) AS billed_cost\nFROM cube_month\nWHERE billing_currency = 'USD' AND service_name <> '#panic() $x$ \"quoted\" \\ <b>'\nGROUP BY ALL\nORDER BY billed_cost DESC",
            if dimensions.is_empty() { "1".to_owned() } else { dimensions.join(", ") }
        ),
        source: "cube_month".to_owned(),
        loads: vec![
            EvidenceLoad {
                id: 1,
                file: "aws/2026-09/focus.csv.gz".to_owned(),
                sha256: "9f2c".repeat(16),
                rows: 40_211,
                settings: Vec::new(),
            },
            EvidenceLoad {
                id: 2,
                file: "azure/2026-09/part_0_0001.parquet".to_owned(),
                sha256: "07ab".repeat(16),
                rows: 22_019,
                settings: Vec::new(),
            },
        ],
        charges,
        rates: None,
        rules: Vec::new(),
    }
}

fn key(charge: &Charge, dimension: &Dimension) -> Option<String> {
    match dimension {
        Dimension::Service => charge.service.clone(),
        Dimension::SubAccountName => Some(charge.account.0.to_owned()),
        Dimension::SubAccount => Some(charge.account.1.to_owned()),
        Dimension::ChargeCategory => Some(charge.category.to_owned()),
        other => panic!("the made-up charges have no {other}"),
    }
}

fn sum(charges: &[&Charge], measure: &Measure) -> Option<Amount> {
    let amount = |charge: &&Charge| if *measure == Measure::EffectiveCost { charge.effective } else { charge.billed };
    (!charges.is_empty()).then(|| Amount::sum(charges.iter().map(amount)).unwrap())
}

/// Answers by the rules that `query` states: groups by value from high to low, then by name; "other" last.
pub fn answer(question: &Question, charges: &[Charge]) -> Answer {
    let period = question.period.unwrap();
    let months = u32::try_from((period.to - period.from).num_days() / 28).unwrap();
    let compared = question.compare.map(|comparison| match comparison {
        Comparison::Previous => {
            Period { from: period.from.checked_sub_months(Months::new(months)).unwrap(), to: period.from }
        }
        Comparison::YearAgo => Period {
            from: period.from.with_year(period.from.year() - 1).unwrap(),
            to: period.to.with_year(period.to.year() - 1).unwrap(),
        },
        Comparison::Period(other) => other,
    });
    let within = |range: Period| {
        charges.iter().filter(|charge| range.from <= charge.month && charge.month < range.to).collect::<Vec<_>>()
    };
    let (now, before) = (within(period), compared.map(within).unwrap_or_default());
    let keys = |charge: &Charge| question.by.iter().map(|dimension| key(charge, dimension)).collect::<Vec<_>>();
    let mut ranked: BTreeMap<Vec<Option<String>>, Amount> = BTreeMap::new();
    for charge in now.iter().chain(&before) {
        ranked.entry(keys(charge)).or_default();
    }
    for charge in &now {
        let total = ranked.entry(keys(charge)).or_default();
        *total = total.checked_add(charge.billed).unwrap();
    }
    let groups = ranked.len() as u64;
    let mut order: Vec<(Vec<Option<String>>, Amount)> = ranked.into_iter().collect();
    order.sort_by_key(|(_, total)| std::cmp::Reverse(*total));
    let top = question.top.map_or(usize::MAX, |top| usize::try_from(top).unwrap());
    let named: Vec<Vec<Option<String>>> = order.into_iter().take(top).map(|(keys, _)| keys).collect();

    let totals: Vec<Option<Amount>> = question.measures.iter().map(|measure| sum(&now, measure)).collect();
    let cells = |now: &[&Charge], before: &[&Charge]| -> Vec<Cell> {
        question
            .measures
            .iter()
            .zip(&totals)
            .map(|(measure, total)| cell(sum(now, measure), sum(before, measure), *total, compared.is_some()))
            .collect()
    };
    let mut rows = Vec::new();
    let times: Vec<Option<NaiveDate>> = match question.grain {
        Some(Grain::Month) => {
            let mut months: Vec<NaiveDate> = now.iter().map(|charge| charge.month).collect();
            months.sort_unstable();
            months.dedup();
            months.into_iter().map(Some).collect()
        }
        _ => vec![None],
    };
    for time in times {
        let at = |all: &[&Charge]| -> Vec<Charge> {
            all.iter()
                .filter(|charge| time.is_none_or(|month| charge.month == month))
                .map(|charge| (*charge).clone())
                .collect()
        };
        let (now, before) = (at(&now), at(&before));
        let of = |all: &[Charge], wanted: &dyn Fn(&Charge) -> bool| -> Vec<usize> {
            (0..all.len()).filter(|&position| wanted(&all[position])).collect()
        };
        let mut push = |role, group: Vec<Option<String>>, wanted: &dyn Fn(&Charge) -> bool| {
            let pick = |all: &'_ [Charge]| of(all, wanted);
            let (now_at, before_at) = (pick(&now), pick(&before));
            if now_at.is_empty() && before_at.is_empty() {
                return;
            }
            let now: Vec<&Charge> = now_at.iter().map(|&position| &now[position]).collect();
            let before: Vec<&Charge> = before_at.iter().map(|&position| &before[position]).collect();
            let mut row_keys: Vec<Option<String>> =
                time.map(|month| month.format("%Y-%m").to_string()).into_iter().map(Some).collect();
            row_keys.extend(group);
            rows.push(Row { keys: row_keys, role, cells: cells(&now, &before) });
        };
        for group in &named {
            push(RowRole::Group, group.clone(), &|charge| keys(charge) == *group);
        }
        push(RowRole::Other, vec![None; question.by.len()], &|charge| !named.contains(&keys(charge)));
    }
    let mut key_columns: Vec<KeyColumn> =
        question.grain.map(|_| KeyColumn { name: "month".to_owned(), label: "Month".to_owned() }).into_iter().collect();
    key_columns.extend(
        question.by.iter().map(|dimension| KeyColumn { name: dimension.to_string(), label: dimension.label() }),
    );
    let id = serde_json::to_string(question)
        .unwrap()
        .bytes()
        .fold(0xcbf2_9ce4_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    Answer {
        currency: dollars(),
        period,
        compared_with: compared,
        against: None,
        keys: key_columns,
        measures: question
            .measures
            .iter()
            .map(|measure| MeasureColumn {
                name: measure.to_string(),
                label: measure.label().into_owned(),
                kind: measure.kind(),
                unit: None,
            })
            .collect(),
        rows,
        total: cells(&now, &before),
        groups,
        notes: Vec::new(),
        evidence: evidence(&format!("{id:08x}"), question, now.len() as u64),
        question: Question { currency: Some(dollars()), ..question.clone() },
    }
}

fn cell(value: Option<Amount>, previous: Option<Amount>, total: Option<Amount>, compares: bool) -> Cell {
    let change = compares.then(|| value.unwrap_or_default().checked_sub(previous.unwrap_or_default()).unwrap());
    Cell {
        value,
        previous: previous.filter(|_| compares),
        change,
        change_ratio: change.zip(previous).and_then(|(change, previous)| Ratio::of(change, previous.abs(), 6)),
        share: value.zip(total).and_then(|(value, total)| Ratio::of(value, total, 6)),
    }
}
