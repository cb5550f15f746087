//! `drilldown-bench ENGAGEMENT QUESTIONS RUNS`: times the questions of `cargo xtask bench` through the engine that the window has.
//!
//! The engine remembers answers, so every run adds a condition that no charge fails, another one each time: what is timed is
//! work, not memory.

use std::time::Instant;

use money::Amount;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    api::run_reader_if_asked();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engagement, questions, runs] = arguments.as_slice() else {
        return Err("usage: drilldown-bench ENGAGEMENT QUESTIONS RUNS".into());
    };
    let questions: Vec<Value> = serde_json::from_slice(&std::fs::read(questions)?)?;
    let runs: u32 = runs.parse()?;
    let engine = api::Context::new(api::Settings {
        app_data: std::env::temp_dir().join(format!("drilldown-bench-{}", std::process::id())),
        reader: std::env::current_exe()?,
        sample_data: None,
    })?;
    api::dispatch(&engine, "engagement_open", json!({ "path": engagement }))?;
    let mut found = Vec::new();
    for item in &questions {
        let mut times = Vec::new();
        let mut cpu = Vec::new();
        let mut answer = Value::Null;
        // The first run fills the engine's buffers and is not counted, as with the peers.
        for run in 0..=runs {
            let question = varied(&item["question"], run);
            let (cpu_before, began) = (cpu_ticks()?, Instant::now());
            let api::Reply::Json(reply) = api::dispatch(&engine, "ask", json!({ "question": question }))? else {
                return Err("`ask` answers with JSON".into());
            };
            let took = began.elapsed();
            if run > 0 {
                times.push(milliseconds(took.as_micros()));
                cpu.push(json!((cpu_ticks()? - cpu_before) * 10));
            }
            answer = reply;
        }
        found.push(json!({
            "name": item["name"],
            "wall": times,
            "cpu": cpu,
            "rows": groups(&answer).count(),
            "sums": sums(&answer)?,
            "source": answer["evidence"]["source"],
        }));
    }
    println!("{}", json!({ "questions": found, "peak_mb": status("VmHWM:")? / 1024 }));
    std::fs::remove_dir_all(std::env::temp_dir().join(format!("drilldown-bench-{}", std::process::id())))?;
    Ok(())
}

/// The same question with one more condition, which every charge meets.
fn varied(question: &Value, run: u32) -> Value {
    let mut question = question.clone();
    let always = json!({ "dimension": "provider", "operator": "is_not", "values": [format!("nobody {run}")] });
    match question["filters"].as_array_mut() {
        Some(filters) => filters.push(always),
        None => question["filters"] = json!([always]),
    }
    question
}

/// The rows of the answer that the peers have too: all but "other".
fn groups(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["rows"].as_array().into_iter().flatten().filter(|row| row["role"] == "group")
}

/// What the groups add up to, exactly: each measure, and after it the measure of the compared period where there is one.
fn sums(answer: &Value) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let fields: &[&str] = if answer["compared_with"].is_null() { &["value"] } else { &["value", "previous"] };
    let measures = answer["measures"].as_array().map_or(0, Vec::len);
    let mut sums = Vec::new();
    for measure in 0..measures {
        for field in fields {
            let texts = groups(answer).filter_map(|row| row["cells"][measure][field].as_str());
            let amounts = texts.map(str::parse::<Amount>).collect::<Result<Vec<_>, _>>()?;
            sums.push(Amount::sum(amounts)?.to_string());
        }
    }
    Ok(sums)
}

/// Milliseconds with three decimals, as a JSON number made from whole microseconds.
fn milliseconds(micros: u128) -> Value {
    let text = format!("{}.{:03}", micros / 1000, micros % 1000);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// CPU time of this process in hundredths of a second.
fn cpu_ticks() -> Result<u64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    Ok(fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum())
}

/// A figure of this process in KiB.
fn status(name: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("the system does not tell")?;
    Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
}
