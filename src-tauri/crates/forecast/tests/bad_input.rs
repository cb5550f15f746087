//! What a bill can do to a forecast: single values, zeros, credits, gaps, jumps. Whatever comes, the forecast is finite, ordered, says
//! what it did, and is the same the next time.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]
#![expect(clippy::float_arithmetic, reason = "forecasts are statistics")]

use chrono::NaiveDate;
use forecast::hierarchy::{Hierarchy, NodeErrors};
use forecast::random::Random;
use forecast::{
    Event, Fallback, Floor, Forecast, Grain, Guard, History, HistoryError, Member, Method, Observation, Settings,
    StepSource, Treatment, forecast,
};
use proptest::prelude::*;

fn first() -> NaiveDate {
    "2023-01-01".parse().unwrap()
}

fn run(grain: Grain, values: &[f64]) -> Forecast {
    forecast(&History::of_values(grain, first(), values).unwrap(), &Settings::default())
}

fn says(forecast: &Forecast, wanted: impl Fn(&Fallback) -> bool) -> bool {
    forecast.fallbacks.iter().any(wanted)
}

/// Finite, in order, and above the floor where there is one.
fn assert_sound(forecast: &Forecast, floor: bool) {
    for step in &forecast.steps {
        let ends = [step.low_95, step.low_80, step.point, step.high_80, step.high_95];
        assert!(ends.iter().all(|end| end.is_finite()), "not finite: {step:?}");
        assert!(ends.windows(2).all(|pair| pair[0] <= pair[1]), "out of order: {step:?}");
        assert!(!floor || step.low_95 >= 0.0, "below zero: {step:?}");
    }
    for path in forecast.paths(20, 1) {
        assert!(path.iter().all(|value| value.is_finite() && (!floor || *value >= 0.0)), "a path: {path:?}");
    }
    let json = serde_json::to_string(&forecast.steps).unwrap();
    assert!(!json.contains("null"), "a number that JSON has not: {json}");
}

fn noisy(count: usize, value: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut random = Random::new(5);
    (0..count).map(|at| value(at) * (1.0 + 0.04 * random.normal())).collect()
}

#[test]
fn one_point_is_repeated_and_said_to_be_little() {
    for grain in [Grain::Day, Grain::Month] {
        let forecast = run(grain, &[310.0]);
        assert_sound(&forecast, true);
        assert_eq!(forecast.method, Method::RunRate, "one value has no pattern");
        assert!(
            says(&forecast, |fallback| *fallback == Fallback::RunRateOnly { values: 1 }),
            "{:?}",
            forecast.fallbacks
        );
        assert!(forecast.card.is_none(), "nothing can be judged");
    }
}

#[test]
fn nothing_and_zeros_forecast_nothing() {
    let nothing = run(Grain::Month, &[]);
    assert_eq!((nothing.method, nothing.steps.len()), (Method::NoHistory, 12), "twelve months of nothing");
    assert!(says(&nothing, |fallback| *fallback == Fallback::NoHistory), "said");
    let zeros = run(Grain::Day, &[0.0; 90]);
    assert_eq!(zeros.method, Method::Zero, "nothing was ever charged");
    assert!(zeros.steps.iter().all(|step| step.point.abs() <= 0.0 && step.high_95.abs() <= 0.0), "nor will be");
    assert_sound(&zeros, true);
}

#[test]
fn credits_may_be_below_zero_and_usage_never() {
    let values = noisy(48, |at| if at % 6 == 5 { -300.0 } else { 100.0 });
    let forecast_of = |floor| {
        let history = History::of_values(Grain::Month, first(), &values).unwrap();
        forecast(&history, &Settings { floor, ..Settings::default() })
    };
    let free = forecast_of(Floor::WhereHistoryIs);
    assert_sound(&free, false);
    assert!(free.steps.iter().any(|step| step.low_95 < 0.0), "credits come again");
    assert_sound(&forecast_of(Floor::Zero), true);
}

#[test]
fn a_falling_cost_ends_at_zero() {
    let forecast = run(Grain::Month, &noisy(40, |at| (820.0 - 20.0 * at as f64).max(5.0)));
    assert_sound(&forecast, true);
}

#[test]
fn gaps_are_filled_and_said() {
    let values = noisy(60, |at| 1_000.0 + 10.0 * at as f64);
    let observe = |(at, value): (usize, &f64)| Observation {
        value: (at != 20 && at != 33).then_some(*value),
        provisional: false,
    };
    let history = History::new(Grain::Month, first(), values.iter().enumerate().map(observe).collect()).unwrap();
    let forecast = forecast(&history, &Settings::default());
    assert_sound(&forecast, true);
    assert!(says(&forecast, |fallback| *fallback == Fallback::GapsFilled { count: 2 }), "{:?}", forecast.fallbacks);
}

#[test]
fn a_jump_yesterday_is_said_and_not_believed_yet_and_one_a_month_ago_is() {
    let mut yesterday = noisy(120, |_| 100.0);
    yesterday[119] = 260.0;
    let forecast = run(Grain::Day, &yesterday);
    assert_sound(&forecast, true);
    let date = "2023-04-30".parse().unwrap();
    assert!(says(&forecast, |fallback| *fallback == Fallback::UnconfirmedShift { date }), "{:?}", forecast.fallbacks);
    assert!(forecast.steps[5].point < 150.0, "one day is no level: {:?}", forecast.steps[5]);
    let month_ago = noisy(120, |at| if at < 90 { 100.0 } else { 260.0 });
    let forecast = run(Grain::Day, &month_ago);
    let shifted =
        |fallback: &Fallback| matches!(fallback, Fallback::LevelShift { by, .. } if (*by - 160.0).abs() < 20.0);
    assert!(says(&forecast, shifted), "{:?}", forecast.fallbacks);
    assert!((forecast.steps[5].point - 260.0).abs() < 25.0, "thirty days are: {:?}", forecast.steps[5]);
}

#[test]
fn short_histories_lean_on_the_last_year() {
    let season = |at: usize| 1_000.0 + 200.0 * [0.0, 1.0, 0.5, -1.0][at % 4];
    let forecast = run(Grain::Month, &noisy(20, season));
    assert_eq!(forecast.method, Method::SeasonalNaive, "20 months");
    assert!(says(&forecast, |fallback| *fallback == Fallback::ShortHistory { values: 20 }), "{:?}", forecast.fallbacks);
    assert!(
        says(&run(Grain::Day, &noisy(20, season)), |fallback| *fallback == Fallback::RunRateOnly { values: 20 }),
        "days"
    );
}

#[test]
fn fifteen_growing_months_are_not_last_year_again() {
    let values: Vec<f64> = (0..15).map(|month| 100.0 + 2.0 * f64::from(month)).collect();
    let settings = Settings { month_lengths: None, cleaning: false, ..Settings::default() };
    let forecast = forecast(&History::of_values(Grain::Month, first(), &values).unwrap(), &settings);
    assert_eq!(forecast.method, Method::LastYearAndLatest);
    assert!(says(&forecast, |fallback| *fallback == Fallback::ShortHistory { values: 15 }), "{:?}", forecast.fallbacks);
    // A year before the first month ahead it was 106; the latest was 128, and it grew by 2 a month.
    assert!((forecast.steps[0].point - 130.0).abs() < 0.5, "{:?}", forecast.steps[0]);
}

#[test]
fn where_repeating_is_better_it_is_done_and_the_card_says_so() {
    let values: Vec<f64> = (0..72_u64).map(|at| Random::new(at % 12).uniform().mul_add(900.0, 100.0)).collect();
    let history = History::of_values(Grain::Month, first(), &values).unwrap();
    let settings = Settings { month_lengths: None, ..Settings::default() };
    let guarded = forecast(&history, &settings);
    assert_eq!(guarded.method, Method::SeasonalNaive, "the same twelve values every year");
    assert!(says(&guarded, |fallback| matches!(fallback, Fallback::SeasonalNaiveIsBetter { .. })), "said");
    let free = forecast(&history, &Settings { guard: Guard::Never, ..settings });
    assert_eq!(free.method, Method::Ensemble, "unless the analyst wants the models");
}

#[test]
fn rare_charges_are_a_rate() {
    let values: Vec<f64> = (0..120).map(|at| if at % 5 == 0 { 50.0 } else { 0.0 }).collect();
    let forecast = run(Grain::Day, &values);
    assert_eq!(forecast.method, Method::Intermittent, "four days of five cost nothing");
    assert!((forecast.steps[3].point - 10.0).abs() < 3.0, "10 a day: {:?}", forecast.steps[3]);
    assert_sound(&forecast, true);
}

#[test]
fn months_are_as_long_as_they_are() {
    let per_day = |at: usize| 10.0 * f64::from([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31_i32][at % 12]);
    let values: Vec<f64> = (0..12).map(per_day).collect();
    let forecast = run(Grain::Month, &values);
    for (step, wanted) in [(0, 310.0), (1, 290.0), (3, 300.0)] {
        let point = forecast.steps[step].point;
        assert!(
            (point - wanted).abs() < 1e-6,
            "10 a day in a month of 2024 (February has 29 days): {point} for {wanted}"
        );
    }
}

#[test]
fn a_month_that_is_half_in_is_completed() {
    let mut observations: Vec<Observation> =
        noisy(30, |_| 1_000.0).iter().map(|value| Observation { value: Some(*value), provisional: false }).collect();
    observations.push(Observation { value: Some(640.0), provisional: true });
    let history = History::new(Grain::Month, first(), observations).unwrap();
    let plain = forecast(&history, &Settings { horizon: 3, ..Settings::default() });
    assert_eq!(plain.steps.len(), 4, "the month that is not complete, and three more");
    assert!(
        matches!(plain.steps[0].source, StepSource::AtLeastSeen { .. }),
        "no factor is known: {:?}",
        plain.steps[0]
    );
    let settings = Settings { horizon: 3, completion: vec![0.5], ..Settings::default() };
    let completed = forecast(&history, &settings);
    let step = completed.steps[0];
    assert!(step.point > 1_050.0 && step.point < 1_250.0, "640 in, half of about 1,000 to come: {step:?}");
    assert!(step.low_95 >= 640.0, "what is in is in: {step:?}");
    assert!(step.high_80 - step.point < plain.steps[0].high_80 - plain.steps[0].point, "half is sure: {step:?}");
    assert!(says(&completed, |fallback| *fallback == Fallback::ProvisionalLeftOut { count: 1 }), "said");
}

#[test]
fn declared_events_override_what_is_found() {
    let mut values = noisy(90, |_| 100.0);
    values[60] = 900.0;
    let history = History::of_values(Grain::Day, first(), &values).unwrap();
    let day = history.date(60);
    let with = |treatment| {
        let events = vec![Event { from: day, to: day, treatment }];
        forecast(&history, &Settings { events, ..Settings::default() })
    };
    let found = forecast(&history, &Settings::default());
    assert_eq!((found.outliers.len(), found.outliers[0].date), (1, day), "the spike stands out");
    assert!(found.outliers[0].counted_as < 150.0, "and counts for less: {:?}", found.outliers[0]);
    assert!(with(Treatment::Keep).outliers.is_empty(), "unless it is declared usual");
    let aside = with(Treatment::SetAside);
    assert!(
        aside.outliers.is_empty() && says(&aside, |fallback| *fallback == Fallback::GapsFilled { count: 1 }),
        "or gone"
    );
}

#[test]
fn growth_is_capped_unless_it_is_asked_for() {
    let values = noisy(36, |at| 1_000.0 + 100.0 * at as f64);
    let history = History::of_values(Grain::Month, first(), &values).unwrap();
    let with = |growth_cap| {
        let settings = Settings { growth_cap, guard: Guard::Never, horizon: 24, ..Settings::default() };
        forecast(&history, &Settings { members: Some(vec![Member::Ets]), ..settings })
    };
    let (capped, free) = (with(Some(0.1)), with(None));
    assert!(says(&capped, |fallback| matches!(fallback, Fallback::GrowthCapped { .. })), "{:?}", capped.fallbacks);
    assert!(capped.steps[23].point < 0.9 * free.steps[23].point, "{:?} for {:?}", capped.steps[23], free.steps[23]);
    assert!(!says(&free, |fallback| matches!(fallback, Fallback::GrowthCapped { .. })), "no cap, nothing capped");
}

#[test]
fn histories_that_are_none_are_refused() {
    let infinite = History::of_values(Grain::Day, first(), &[1.0, f64::INFINITY]);
    let date = "2023-01-02".parse().unwrap();
    assert_eq!(infinite, Err(HistoryError::NotUsable { date }), "the message names the day");
    let large = History::of_values(Grain::Day, first(), &[1.0, 1e39]);
    assert_eq!(large, Err(HistoryError::NotUsable { date }), "no amount has 40 digits");
    let late = History::of_values(Grain::Day, NaiveDate::MAX, &[1.0, 2.0]);
    assert!(matches!(late, Err(HistoryError::OutsideCalendar { .. })), "{late:?}");
}

#[test]
fn sums_come_from_paths_and_paths_are_as_wide_as_the_intervals() {
    let forecast = run(Grain::Month, &noisy(84, |at| 1_000.0 + 100.0 * (at % 12) as f64));
    let mut ninth: Vec<f64> = forecast.paths(4_000, 9).iter().map(|path| path[8]).collect();
    ninth.sort_by(f64::total_cmp);
    let step = forecast.steps[8];
    let width = step.high_80 - step.low_80;
    assert!((ninth[400] - step.low_80).abs() < 0.08 * width, "the lower end: {} for {step:?}", ninth[400]);
    assert!((ninth[3_600] - step.high_80).abs() < 0.08 * width, "the upper end: {} for {step:?}", ninth[3_600]);
    let sum = forecast.sum(0, 12, 2_000, 9);
    let added: f64 = forecast.steps.iter().map(|step| step.high_80 - step.point).sum();
    assert!(sum.high_80 - sum.point < added, "errors of twelve months partly cancel");
    assert_eq!(forecast.paths(3, 9)[..], forecast.paths(5, 9)[..3], "more paths leave the first as they were");
    let (total, amounts) = forecast.amounts(2).unwrap();
    assert_eq!(money::Amount::sum(amounts).unwrap(), total, "months add up to the year, to the cent");
}

#[test]
fn five_thousand_series_add_up() {
    let mut random = Random::new(8);
    let settings = Settings { horizon: 3, ..Settings::for_many() };
    let series = |values: &[f64]| forecast(&History::of_values(Grain::Month, first(), values).unwrap(), &settings);
    let leaves: Vec<Vec<f64>> =
        (0..5_000).map(|_| (0..8).map(|_| (100.0 * random.uniform()).round()).collect()).collect();
    let total: Vec<f64> = (0..8).map(|step| leaves.iter().map(|leaf| leaf[step]).sum()).collect();
    let nodes: Vec<Forecast> = std::iter::once(&total).chain(&leaves).map(|values| series(values)).collect();
    let parents = (0..nodes.len()).map(|node| (node > 0).then_some(0)).collect();
    let hierarchy = Hierarchy::of_parents(parents).unwrap();
    let errors = nodes.iter().map(|node| node.one_step_errors.iter().map(|one| one.error).collect()).collect();
    let reconciler = hierarchy.reconciler(&NodeErrors::new(errors), &[]).unwrap();
    for step in 0..3 {
        let base: Vec<f64> = nodes.iter().map(|node| node.steps[step].point).collect();
        let values = reconciler.reconcile_above_zero(&base).unwrap();
        assert!(values.iter().all(|value| value.is_finite() && *value >= 0.0), "never below zero");
        let cents = reconciler.cents(&values, 2).unwrap();
        assert_eq!(money::Amount::sum(cents[1..].iter().copied()).unwrap(), cents[0], "to the cent");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn whatever_comes_the_forecast_is_sound(
        months in any::<bool>(),
        values in prop::collection::vec(prop_oneof![
            4 => (0.0..1e5_f64).prop_map(Some),
            2 => Just(Some(0.0)),
            1 => (-1e5..0.0_f64).prop_map(Some),
            1 => Just(None),
            1 => prop_oneof![Just(Some(1e-300)), Just(Some(1e37)), Just(Some(-1e12))],
        ], 0..90),
        signed in any::<bool>(),
        provisional in 0_usize..4,
        horizon in 0_usize..30,
    ) {
        let grain = if months { Grain::Month } else { Grain::Day };
        let count = values.len();
        let observe = |(at, value): (usize, &Option<f64>)| Observation {
            value: value.map(|value| if signed { value } else { value.abs() }),
            provisional: at + provisional >= count,
        };
        let history = History::new(grain, first(), values.iter().enumerate().map(observe).collect()).unwrap();
        let floor = if signed { Floor::WhereHistoryIs } else { Floor::Zero };
        let settings = Settings { horizon, floor, completion: vec![0.4, 0.9], ..Settings::default() };
        let made = forecast(&history, &settings);
        prop_assert!(made.steps.len() >= horizon, "each step asked for is there");
        assert_sound(&made, !signed);
        let again = forecast(&history, &settings);
        prop_assert_eq!(serde_json::to_string(&made).unwrap(), serde_json::to_string(&again).unwrap(), "the same bits");
    }
}
