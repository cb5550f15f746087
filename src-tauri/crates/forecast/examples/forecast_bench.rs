//! Forecasts series from the standard input, for the benchmark beside the reference implementation.
//!
//! `forecast_bench MODEL` reads lines `NAME PERIOD HORIZON VALUE VALUE ...` and writes a line of JSON for each: the name, what was chosen,
//! the points and, for the last three, the ends of the intervals. MODEL is `ets`, `theta`, `ces`, `stl`, `naive`, `ensemble`
//! (the default ensemble's median, without a backtest), `default` (all that the product does), `unguarded` (the same, but
//! that no simple method takes the ensemble's place) or `many` (as the product does with many series at once).
//! `threads` in front of MODEL forecasts on all cores, as the product does.
#![expect(clippy::unwrap_used, reason = "a benchmark that is given something else may stop")]

use std::io::{BufWriter, Read, Write, stdin, stdout};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;

use chrono::NaiveDate;
use forecast::ensemble::{Ensemble, median_of};
use forecast::models::{ces::Ces, ets::Ets, naive::seasonal_naive, stl::damped_forecast, theta::Theta};
use forecast::{Forecast, Grain, Guard, History, Member, Settings, Step};
use serde_json::{Value, json};

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let all_cores = arguments.first().is_some_and(|word| word == "threads");
    if all_cores {
        arguments.remove(0);
    }
    let model = arguments.pop().unwrap_or_else(|| "default".to_owned());
    let mut text = String::new();
    stdin().read_to_string(&mut text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let cores = if all_cores { available_parallelism().map_or(1, NonZero::get) } else { 1 };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut made = Vec::new();
        while let Some(line) = lines.get(next.fetch_add(1, Ordering::Relaxed)) {
            made.push(forecast_of(line, &model));
        }
        made
    };
    let made: Vec<Value> = if cores == 1 {
        work()
    } else {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        })
    };
    let mut out = BufWriter::new(stdout().lock());
    for one in made {
        writeln!(out, "{one}").unwrap();
    }
}

fn forecast_of(line: &str, model: &str) -> Value {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap();
    let period: usize = words.next().unwrap().parse().unwrap();
    let horizon: usize = words.next().unwrap().parse().unwrap();
    let series: Vec<f64> = words.map(|word| word.parse().unwrap()).collect();
    let mut answer = answer(model, &series, period, horizon);
    answer["name"] = json!(name);
    answer
}

fn answer(model: &str, series: &[f64], period: usize, horizon: usize) -> Value {
    match model {
        "ets" => {
            let ets = Ets::choose(series, period).unwrap();
            json!({ "chosen": ets.form.name(), "point": ets.forecast(horizon) })
        }
        "theta" => json!({ "point": Theta::fit(series, period).unwrap().forecast(horizon) }),
        "ces" => {
            let ces = Ces::choose(series, period).unwrap();
            json!({ "chosen": ces.season, "point": ces.forecast(horizon) })
        }
        "stl" => json!({ "point": damped_forecast(series, period, horizon).unwrap() }),
        "naive" => json!({ "point": seasonal_naive(series, period, horizon) }),
        "ensemble" => {
            let ensemble = Ensemble::fit(series, period, &Member::MONTHLY);
            json!({ "point": median_of(&ensemble.forecasts(horizon)).unwrap() })
        }
        "unguarded" => whole(series, period, horizon, Settings { guard: Guard::Never, ..Settings::default() }),
        "many" => whole(series, period, horizon, Settings::for_many()),
        _ => whole(series, period, horizon, Settings::default()),
    }
}

/// All that the product does, but for the lengths of months: these series say nothing of their dates.
fn whole(series: &[f64], period: usize, horizon: usize, settings: Settings) -> Value {
    let grain = if period == 7 { Grain::Day } else { Grain::Month };
    let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    let history = History::of_values(grain, first, series).unwrap();
    let settings = Settings { horizon, period: Some(period), month_lengths: None, ..settings };
    let Forecast { steps, method, fallbacks, card, .. } = forecast::forecast(&history, &settings);
    let each = |value: fn(&Step) -> f64| steps.iter().map(value).collect::<Vec<f64>>();
    json!({
        "point": each(|step| step.point),
        "low_80": each(|step| step.low_80),
        "high_80": each(|step| step.high_80),
        "low_95": each(|step| step.low_95),
        "high_95": each(|step| step.high_95),
        "chosen": method,
        "fallbacks": fallbacks,
        "card": card,
    })
}
