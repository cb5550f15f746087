//! The pack that ships, over a made-up company: what it says, and that its parts make its whole.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod support;

use std::path::Path;

use money::Amount;
use proptest::prelude::*;
use query::Answer;
use report::{Block, Kpi, ReportError, ReportModel, Table, Unit, assemble, plan, words};

/// The model as JSON is what other forms of the pack and the screen build on: a change in it is a change of contract. To accept one,
/// run with `UPDATE_GOLDEN=1` and read the difference.
#[test]
fn the_model_is_what_it_was() {
    let json = serde_json::to_string_pretty(&support::model()).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/quarterly-review.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("{json}\n")).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    assert!(golden.trim_end() == json, "the model differs from tests/golden/quarterly-review.json; see UPDATE_GOLDEN");
    let read: ReportModel = serde_json::from_str(&golden).unwrap();
    assert_eq!(read, support::model(), "what is written reads back as the same model");
}

fn headline(model: &ReportModel) -> (&str, &[Kpi]) {
    match model.sections[0].blocks.as_slice() {
        [Block::Headline { text, .. }, Block::Kpis { kpis }, ..] => (text, kpis),
        other => panic!("the pack opens with {other:?}"),
    }
}

/// The sum of the made-up charges of a quarter, by the simplest possible means.
fn sum_between(from: &str, to: &str) -> Amount {
    let (from, to) = (support::date(from), support::date(to));
    Amount::sum(
        support::charges()
            .iter()
            .filter(|charge| from <= charge.month && charge.month < to)
            .map(|charge| charge.billed),
    )
    .unwrap()
}

#[test]
fn the_headline_is_the_sum_of_the_charges() {
    let model = support::model();
    let (text, kpis) = headline(&model);
    let (now, before) = (sum_between("2026-07-01", "2026-10-01"), sum_between("2026-04-01", "2026-07-01"));
    assert_eq!(kpis[0].figure.amount, now, "the first figure is the quarter's billed cost");
    assert_eq!(kpis[0].change.as_ref().unwrap().amount, now.checked_sub(before).unwrap());
    assert!(text.contains(&words::money_with_currency(now, model.currency)), "{text} states the total");
    assert!(text.contains("up USD") && text.contains("from Q2 2026"), "{text} states the change");
}

#[test]
fn sentences_are_made_from_the_figures() {
    let model = support::model();
    let paragraphs: Vec<&str> = model
        .sections
        .iter()
        .flat_map(|section| &section.blocks)
        .filter_map(|block| match block {
            Block::Commentary { paragraphs, .. } => Some(paragraphs),
            _ => None,
        })
        .flatten()
        .map(String::as_str)
        .collect();
    for expected in [
        "The main driver was Amazon Elastic Compute Cloud: up",
        "Against it, the largest fall was Azure Data Factory: down USD\u{a0}2,403.75 (100.0%).",
        "New: Vertex AI.",
        "Gone: Azure Data Factory.",
        "1 of 3 invoices agree exactly with the charges loaded for them; the difference of 1 is explained to the last digit; 1 is open.",
    ] {
        assert!(
            paragraphs.iter().any(|paragraph| paragraph.starts_with(expected)),
            "{expected:?} is in {paragraphs:#?}"
        );
    }
}

fn column_sum(table: &Table, position: usize, shown: bool) -> Amount {
    let figures = table.rows.iter().filter_map(|row| row.cells[position].figure());
    Amount::sum(figures.map(|figure| match (&figure.unit, shown) {
        (Unit::Money { currency } | Unit::MoneyChange { currency }, true) => words::rounded(figure.amount, *currency),
        _ => figure.amount,
    }))
    .unwrap()
}

fn check_tables(model: &ReportModel) {
    let ids: Vec<&str> = model.evidence.iter().map(|evidence| evidence.id.as_str()).collect();
    for table in model.sections.iter().flat_map(report::Section::tables) {
        let total = table.total.as_ref().unwrap();
        let mut printed_differs = false;
        for (position, column) in table.columns.iter().enumerate().filter(|(_, column)| column.adds_up) {
            let whole = total.cells[position].figure().unwrap().amount;
            assert_eq!(
                column_sum(table, position, false),
                whole,
                "{}, {}: parts equal the whole",
                table.caption,
                column.label
            );
            printed_differs |= column_sum(table, position, true) != words::rounded(whole, model.currency);
        }
        let is_noted = table.notes.iter().any(|note| note.contains("Each figure is rounded by itself"));
        assert_eq!(
            is_noted, printed_differs,
            "{}: a note says so exactly where printed rows do not add up",
            table.caption
        );
        for figure in table.rows.iter().chain(&table.total).flat_map(|row| &row.cells).filter_map(|cell| cell.figure())
        {
            assert!(ids.contains(&figure.evidence_id.as_str()), "{} can be explained", figure.evidence_id);
        }
    }
}

#[test]
fn every_table_adds_up_and_explains_itself() {
    let model = support::model();
    assert!(
        model.sections.iter().flat_map(report::Section::tables).count() >= 6,
        "month, service, account, movers, categories, invoices"
    );
    check_tables(&model);
}

fn answers() -> Vec<Answer> {
    let definition = support::definition();
    let period = definition.period.resolve(&support::extras().calendar).unwrap();
    plan(&definition, period.period)
        .iter()
        .map(|planned| support::answer(&planned.question, &support::charges()))
        .collect()
}

fn assembled(answers: &[Answer]) -> Result<ReportModel, ReportError> {
    let (definition, extras) = (support::definition(), support::extras());
    let period = definition.period.resolve(&extras.calendar).unwrap();
    assemble(&definition, &period, answers, &extras)
}

#[test]
fn a_part_that_is_a_billionth_off_is_refused() {
    let billionth: Amount = "0.000000001".parse().unwrap();
    for position in 0..answers().len() {
        let mut tampered = answers();
        let Some(row) = tampered[position].rows.first_mut() else { continue };
        row.cells[0].value = Some(row.cells[0].value.unwrap_or_default().checked_add(billionth).unwrap());
        let error = assembled(&tampered).unwrap_err();
        assert!(matches!(error, ReportError::DoesNotAddUp { .. }), "answer {position}: {error}");
    }
}

#[test]
fn an_answer_of_another_total_is_refused() {
    let billionth: Amount = "0.000000001".parse().unwrap();
    let mut tampered = answers();
    // Consistent in itself, but not with the headline.
    let last = tampered.last_mut().unwrap();
    for cells in [&mut last.rows[0].cells, &mut last.total] {
        cells[0].value = Some(cells[0].value.unwrap().checked_add(billionth).unwrap());
        cells[0].change = Some(cells[0].change.unwrap().checked_add(billionth).unwrap());
    }
    assert!(
        matches!(assembled(&tampered), Err(ReportError::DoesNotAddUp { .. })),
        "every section adds up to the headline"
    );
}

#[test]
fn answers_to_other_questions_are_refused() {
    let mut short = answers();
    short.pop();
    assert!(matches!(assembled(&short), Err(ReportError::Answers { .. })));
    let mut swapped = answers();
    swapped.swap(1, 2);
    assert!(matches!(assembled(&swapped), Err(ReportError::WrongAnswer { place: 2, .. })));
    let mut foreign = answers();
    foreign[3].currency = "EUR".parse().unwrap();
    assert!(matches!(assembled(&foreign), Err(ReportError::Currency { .. })), "currencies are never added together");
}

#[test]
fn a_reconciliation_that_does_not_add_up_is_refused() {
    let (definition, mut extras) = (support::definition(), support::extras());
    let period = definition.period.resolve(&extras.calendar).unwrap();
    extras.reconciliation.as_mut().unwrap().invoices[0].difference = Some("0.01".parse().unwrap());
    let error = assemble(&definition, &period, &answers(), &extras).unwrap_err();
    assert!(error.to_string().contains("AWS-2026-09"), "{error} names the invoice");
}

#[test]
fn the_method_names_the_settings_that_loads_were_made_under() {
    let (definition, extras) = (support::definition(), support::extras());
    let period = definition.period.resolve(&extras.calendar).unwrap();
    let said = |answers: &[Answer]| {
        let model = assemble(&definition, &period, answers, &extras).unwrap();
        let mut definitions =
            model.sections.into_iter().flat_map(|section| section.blocks).filter_map(|block| match block {
                Block::Method { definitions } => Some(definitions),
                _ => None,
            });
        let method = definitions.next().unwrap();
        method.into_iter().find(|one| one.term == "Settings of the loads").map(|one| one.meaning)
    };
    assert_eq!(said(&answers()), None, "where nothing was to be chosen nothing is said");
    let mut chosen = answers();
    for answer in &mut chosen {
        answer.evidence.loads[0].settings = vec!["gcp_credits = gross".to_owned()];
    }
    chosen[0].evidence.loads[1].settings = vec!["gcp_credits = net".to_owned()];
    let meaning = said(&chosen).unwrap();
    assert!(meaning.ends_with(": gcp_credits = gross (load 1); gcp_credits = net (load 2)."), "{meaning}");
}

#[test]
fn a_quarter_without_anything_before_it_says_so() {
    let (definition, mut extras) = (support::definition(), support::extras());
    let period = definition.period.resolve(&extras.calendar).unwrap();
    extras.calendar.loaded = Some(period.period);
    extras.reconciliation = None;
    let from = period.period.from;
    let charges: Vec<support::Charge> = support::charges().into_iter().filter(|charge| charge.month >= from).collect();
    let answers: Vec<Answer> =
        plan(&definition, period.period).iter().map(|planned| support::answer(&planned.question, &charges)).collect();
    let model = assemble(&definition, &period, &answers, &extras).unwrap();
    assert!(headline(&model).0.ends_with("; Q2 2026 has nothing to compare it with."), "{}", headline(&model).0);
    assert_eq!(model.notes[0].code, "partial_comparison", "the reader is told before the figures");
    check_tables(&model);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the charges, the pack is made, its tables add up, and rounding is noted where it shows.
    #[test]
    fn any_charges_add_up(amounts in prop::collection::vec((0_u32..6, 0_usize..30, -5_000_000_000_i128..50_000_000_000, 0_u8..12), 0..120)) {
        let charges: Vec<support::Charge> = amounts
            .into_iter()
            .map(|(month, service, units, scale)| {
                let billed = Amount::new(units, scale).unwrap();
                support::Charge {
                    month: support::date("2026-04-01").checked_add_months(chrono::Months::new(month)).unwrap(),
                    service: (service > 0).then(|| format!("Service {service}")),
                    account: ("Production", "111122223333"),
                    category: if units < 0 { "Credit" } else { "Usage" },
                    billed,
                    effective: billed,
                }
            })
            .collect();
        let (definition, extras) = (support::definition(), support::extras());
        let period = definition.period.resolve(&extras.calendar).unwrap();
        let answers: Vec<Answer> = plan(&definition, period.period).iter().map(|planned| support::answer(&planned.question, &charges)).collect();
        let model = assemble(&definition, &period, &answers, &extras).unwrap();
        check_tables(&model);
        for spec in model.sections.iter().flat_map(report::Section::charts) {
            let size = report::chart::Size { width: 400, height: report::chart::natural_height(spec) };
            let drawing = report::chart::svg(spec, size).unwrap();
            prop_assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "every place on the page is a number");
        }
    }
}
