//! Favourable or not, how near a forecast came, and what a month will come to.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::collections::BTreeMap;

use budget::{
    Band, Expected, FiscalCalendar, Given, Judged, MonthEndError, MonthEndMethod, Period, PeriodRule, Scorecard,
    Verdict, month_end, month_end_errors, side_by_side,
};
use chrono::{Datelike, Days, NaiveDate};
use money::Amount;
use proptest::prelude::*;

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn periods() -> Vec<Period> {
    FiscalCalendar::new(1, PeriodRule::Months).unwrap().periods(2026).unwrap()
}

fn given(month: usize, actual: Option<&str>, forecast: Option<&str>, budget: Option<&str>) -> Given {
    let some = |text: Option<&str>| text.map(amount);
    Given { period: periods()[month].clone(), actual: some(actual), forecast: some(forecast), budget: some(budget) }
}

#[test]
fn a_difference_is_told_in_words() {
    let rows = vec![
        given(0, Some("90"), Some("95"), Some("100")),
        given(1, Some("112.5"), None, Some("100")),
        given(2, None, Some("100.004"), Some("100")),
        given(3, None, Some("50"), None),
        given(4, None, None, Some("70")),
        given(5, Some("3"), None, Some("0")),
    ];
    let comparison = side_by_side(rows, "USD".parse().unwrap()).unwrap();
    let told: Vec<(&str, Verdict)> =
        comparison.periods.iter().map(|beside| (beside.words.as_str(), beside.verdict)).collect();
    assert_eq!(
        told,
        [
            ("10.00 USD (10.0 %) under budget: favourable", Verdict::Favourable),
            ("12.50 USD (12.5 %) over budget: unfavourable", Verdict::Unfavourable),
            ("on budget", Verdict::OnBudget),
            ("no budget", Verdict::NotComparable),
            ("no cost and no forecast yet", Verdict::NotComparable),
            ("3.00 USD over budget: unfavourable", Verdict::Unfavourable),
        ]
    );
    assert_eq!(comparison.periods[0].expected, Expected::Actual, "what was paid counts, not what was expected");
    assert_eq!(comparison.periods[2].expected, Expected::Forecast);
    let total = &comparison.total;
    assert_eq!((total.periods, total.actual, total.budget), (4, amount("205.5"), amount("300")));
    assert_eq!(total.words, "5.50 USD (1.8 %) over budget: unfavourable");
}

fn judged(scope: &str, forecast: Option<&str>, actual: &str) -> Judged {
    Judged { scope: scope.to_owned(), forecast: forecast.map(amount), actual: amount(actual), net_new: false }
}

#[test]
fn the_bands_include_their_ends() {
    for (actual, band) in [
        ("100", Band::Within5),
        ("105", Band::Within5),
        ("95", Band::Within5),
        ("105.0000000001", Band::Within12),
        ("112", Band::Within12),
        ("87.99", Band::Within15),
        ("115", Band::Within15),
        ("120", Band::Within20),
        ("80", Band::Within20),
        ("120.01", Band::Above20),
        ("-100", Band::Above20),
    ] {
        let card = Scorecard::new(vec![judged("s", Some("100"), actual)]).unwrap();
        assert_eq!(card.scopes[0].score.band, band, "{actual} of 100");
    }
    let card = Scorecard::new(vec![judged("s", Some("0"), "7"), judged("t", Some("0"), "0")]).unwrap();
    let bands: Vec<Band> = card.scopes.iter().map(|scored| scored.score.band).collect();
    assert_eq!(bands, [Band::Unmeasured, Band::Within5], "nothing forecast and nothing spent is as forecast");
}

#[test]
fn errors_cancel_out_at_the_top_and_not_below() {
    let mut launch = judged("launch", Some("10"), "60");
    launch.net_new = true;
    let card = Scorecard::new(vec![
        judged("web", Some("100"), "130"),
        judged("data", Some("100"), "70"),
        judged("ml", Some("200"), "206"),
        launch,
        judged("surprise", None, "25"),
    ])
    .unwrap();
    assert_eq!(card.top_line.words, "1.5 % more than forecast: unfavourable");
    assert_eq!(card.top_line.band, Band::Within5);
    assert_eq!(card.with_net_new.actual, amount("491"));
    let order: Vec<&str> = card.scopes.iter().map(|scored| scored.scope.as_str()).collect();
    assert_eq!(order, ["data", "web", "ml"], "the largest difference first, then by name");
    assert_eq!(card.weighted_error.unwrap().to_string(), "0.162562", "66 of 406");
    let counts: Vec<usize> = card.bands.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [1, 0, 0, 0, 2, 0]);
    let new: Vec<&str> = card.net_new.iter().map(|one| one.scope.as_str()).collect();
    assert_eq!((new, card.net_new_cost), (vec!["launch", "surprise"], amount("85")), "apart, the dearest first");
}

proptest! {
    #[test]
    fn the_top_line_is_the_sum_of_its_scopes(made in prop::collection::vec((prop::option::of(-100_i64..1_000), -100_i64..1_000, prop::bool::ANY), 0..12)) {
        let judged = made.iter().enumerate().map(|(place, &(forecast, actual, net_new))| Judged {
            scope: place.to_string(),
            forecast: forecast.map(Amount::from_integer),
            actual: Amount::from_integer(actual),
            net_new,
        });
        let card = Scorecard::new(judged.collect()).unwrap();
        let sum = Amount::sum(card.scopes.iter().map(|scored| scored.score.actual)).unwrap();
        prop_assert_eq!(sum, card.top_line.actual);
        let all = sum.checked_add(card.net_new_cost).unwrap();
        prop_assert_eq!(all, card.with_net_new.actual);
        prop_assert_eq!(all, Amount::sum(made.iter().map(|one| Amount::from_integer(one.1))).unwrap(), "every scope is somewhere");
        let counted: usize = card.bands.iter().map(|(_, count)| count).sum();
        prop_assert_eq!(counted, card.scopes.len());
    }
}

/// Each day by its weekday: Monday 10, ..., Sunday 70.
fn weekly(from: &str, days: u64) -> BTreeMap<NaiveDate, Amount> {
    let days = (0..days).map(|day| date(from).checked_add_days(Days::new(day)).unwrap());
    days.map(|day| (day, Amount::from_integer(10 * i64::from(day.weekday().number_from_monday())))).collect()
}

#[test]
fn a_profile_of_weekdays_hits_a_week_that_repeats() {
    let daily = weekly("2026-06-01", 200);
    let september = &periods()[8];
    let truth = Amount::sum(daily.range(september.from..september.to).map(|(_, amount)| *amount)).unwrap();
    for day in ["2026-08-31", "2026-09-01", "2026-09-13", "2026-09-29", "2026-09-30", "2026-11-01"] {
        let told = month_end(&daily, september, date(day), MonthEndMethod::WeekdayProfile, 2).unwrap();
        assert_eq!(told.total, truth, "on {day}");
        assert_eq!(told.so_far.checked_add(told.left).unwrap(), told.total);
        assert_eq!(told.days_complete + told.days_left, 30);
        assert!(told.notes.is_empty());
    }
    let rate = month_end(&daily, september, date("2026-09-02"), MonthEndMethod::RunRate, 2).unwrap();
    assert_eq!(rate.total, amount("750"), "Tuesday and Wednesday, 25 a day, for 30 days");
    let mean = month_end(&daily, september, date("2026-09-02"), MonthEndMethod::ThirtyDays, 2).unwrap();
    assert_eq!((mean.so_far, mean.method), (amount("50"), MonthEndMethod::ThirtyDays));
}

#[test]
fn a_short_history_is_told() {
    let september = &periods()[8];
    let short = weekly("2026-08-20", 20);
    let told = month_end(&short, september, date("2026-09-05"), MonthEndMethod::WeekdayProfile, 2).unwrap();
    assert_eq!(told.method, MonthEndMethod::ThirtyDays);
    assert!(told.notes[0].contains("17 days are too few"), "{:?}", told.notes);
    let shorter = weekly("2026-09-01", 3);
    let told = month_end(&shorter, september, date("2026-09-03"), MonthEndMethod::WeekdayProfile, 2).unwrap();
    assert_eq!((told.method, told.total), (MonthEndMethod::RunRate, amount("900")));
    assert_eq!(told.notes.len(), 2);
    let none = month_end(&BTreeMap::new(), september, date("2026-08-03"), MonthEndMethod::RunRate, 2);
    assert_eq!(none, Err(MonthEndError::NoDays { through: date("2026-08-03") }));
    let over = month_end(&BTreeMap::new(), september, date("2026-10-03"), MonthEndMethod::RunRate, 2);
    assert!(over.is_err(), "nothing is known of a month that is over");
}

#[test]
fn credits_and_gaps_do_not_make_usage_negative() {
    let september = &periods()[8];
    let mut daily = weekly("2026-06-01", 120);
    daily.insert(date("2026-09-07"), amount("-100000"));
    daily.remove(&date("2026-09-03"));
    let told = month_end(&daily, september, date("2026-09-10"), MonthEndMethod::WeekdayProfile, 2).unwrap();
    assert!(told.so_far.is_negative(), "the credit is what it is");
    assert!(!told.left.is_negative(), "what is left is never less than nothing");
    let notes = told.notes.join("\n");
    assert!(
        notes.contains("1 of 10 complete days have no cost") && notes.contains("below zero and counts as zero"),
        "{notes}"
    );
}

proptest! {
    #[test]
    fn an_estimate_is_what_was_and_what_is_left(
        amounts in prop::collection::vec(-50_i128..5_000, 1..120),
        through in 0_u64..160,
        method in 0..3_usize,
    ) {
        let method = [MonthEndMethod::RunRate, MonthEndMethod::ThirtyDays, MonthEndMethod::WeekdayProfile][method];
        let start = date("2026-07-01");
        let daily: BTreeMap<NaiveDate, Amount> = amounts.iter().zip(0..).map(|(&units, day)| {
            (start.checked_add_days(Days::new(day)).unwrap(), Amount::new(units, 3).unwrap())
        }).collect();
        let september = &periods()[8];
        let through = start.checked_add_days(Days::new(through)).unwrap();
        if let Ok(told) = month_end(&daily, september, through, method, 2) {
            prop_assert_eq!(told.so_far.checked_add(told.left).unwrap(), told.total);
            prop_assert!(!told.left.is_negative());
            let paid = daily.iter().filter(|(day, _)| september.contains(**day) && **day <= through).map(|(_, amount)| *amount);
            prop_assert_eq!(told.so_far, Amount::sum(paid).unwrap(), "later days are not looked at");
        }
    }
}

#[test]
fn an_estimate_is_judged_by_the_same_day_of_earlier_months() {
    // A level that rises by half with the year: the estimates of January to April of 2027 are right but for the first.
    let mut daily = BTreeMap::new();
    let mut day = date("2026-09-01");
    while day < date("2027-05-01") {
        daily.insert(day, if day < date("2027-01-01") { amount("10") } else { amount("15") });
        day = day.checked_add_days(Days::new(1)).unwrap();
    }
    let earlier = FiscalCalendar::new(1, PeriodRule::Months).unwrap().periods(2027).unwrap();
    let errors = month_end_errors(&daily, &earlier[..4], 20, MonthEndMethod::WeekdayProfile, 2).unwrap();
    assert_eq!(errors.len(), 4, "one for each month");
    assert!(errors.iter().all(|error| *error >= Amount::from_integer(1)), "none cost less than estimated: {errors:?}");
    assert!(errors[3] > amount("1.05"), "January cost more: {errors:?}");
    let unknown = month_end_errors(&daily, &earlier[4..], 20, MonthEndMethod::WeekdayProfile, 2).unwrap();
    assert!(unknown.is_empty(), "months without days say nothing");
}
