//! What takes paths of demand: `commit portfolio` and `commit bands`.

use api::ApiError;
use serde_json::{Map, Value, json};

use super::{print, rows, tell};
use crate::Outcome;
use crate::arguments::{BandsTable, DrawnPaths, PortfolioPlan, PortfolioTable, StepChoice};
use crate::asking::question_in;
use crate::loading::{shown, text};
use crate::output::Table;
use crate::session::Session;
use crate::unit_costs::list;

/// `qd commit bands`.
pub(super) fn bands(
    session: &Session,
    mut request: Value,
    paths: &DrawnPaths,
    show: BandsTable,
) -> Result<Outcome, ApiError> {
    for (key, value) in draw(paths)? {
        request[key] = value;
    }
    let reply = session.wait(&session.call_value("commitment_bands_start", request)?)?;
    let table = match show {
        BandsTable::Months => {
            let mut lines =
                list(&reply["months"]).iter().map(|month| banded(month, &text(&month["month"]))).collect::<Vec<_>>();
            lines.push(banded(&reply["total"], "all months"));
            let heads = [
                "month",
                "#cost low",
                "#likely",
                "#high",
                "#savings low",
                "#likely",
                "#high",
                "#unused likely",
                "#high",
                "#coverage low",
                "#high",
                "#utilisation low",
                "#high",
            ];
            Table::new(&heads, lines)
        }
        BandsTable::Drawn => drawn(&reply["drawn"]),
        BandsTable::Costs => costs(&reply["costs"]),
    };
    print(session, &reply, table)?;
    let band = |name: &str| {
        let of = &reply[name];
        format!("{} (from {} to {})", text(&of["likely"]), text(&of["low"]), text(&of["high"]))
    };
    session.note(&format!(
        "from {} to {}, {} paths: the basket saves {} {}; on the worst paths {}; a tenth of the paths lies outside on either side unless asked otherwise",
        text(&reply["from"]),
        text(&reply["until"]),
        reply["paths"],
        band("saves"),
        text(&reply["currency"]),
        text(&reply["tail_saves"]),
    ));
    tell(session, &reply);
    Ok(Outcome::Done)
}

fn banded(month: &Value, name: &str) -> Vec<Option<String>> {
    let of = |figure: &str, end: &str| shown(&month[figure][end]);
    let mut line = vec![Some(name.to_owned())];
    for (figure, ends) in [
        ("cost", ["low", "likely", "high"].as_slice()),
        ("savings", &["low", "likely", "high"]),
        ("unused", &["likely", "high"]),
        ("coverage", &["low", "high"]),
        ("utilisation", &["low", "high"]),
    ] {
        line.extend(ends.iter().map(|end| of(figure, end)));
    }
    line
}

fn drawn(items: &Value) -> Table {
    let names = ["provider", "service", "on_demand", "grain", "observations", "method", "low", "high"];
    let heads = ["provider", "service", "#on demand", "from each", "#of them", "method", "#low", "#high"];
    Table::new(&heads, rows(items, &names))
}

fn costs(costs: &Value) -> Table {
    let lines = list(costs).iter().enumerate().map(|(place, cost)| vec![Some((place + 1).to_string()), shown(cost)]);
    Table::new(&["#path", "#cost"], lines.collect())
}

fn draw(paths: &DrawnPaths) -> Result<Vec<(&'static str, Value)>, ApiError> {
    let scenarios = paths.scenario.iter().map(|words| scenario(words)).collect::<Result<Vec<_>, _>>()?;
    Ok(vec![
        ("paths", json!(paths.paths)),
        ("seed", json!(paths.seed)),
        ("follow_forecast", json!(paths.follow_forecast)),
        ("scenarios", Value::Array(scenarios)),
    ])
}

/// `NAME`, `NAME=WEIGHT` or `=WEIGHT`.
fn scenario(words: &str) -> Result<Value, ApiError> {
    let (name, weight) = words.rsplit_once('=').unwrap_or((words, "1"));
    let weight: u32 = weight.trim().parse().map_err(|_| {
        ApiError::new(
            "usage",
            format!("`{words}` does not say how much the scenario weighs"),
            "Write NAME=WEIGHT, such as `launch=2`.",
        )
    })?;
    let name = name.trim();
    Ok(json!({ "name": (!name.is_empty()).then_some(name), "weight": weight }))
}

/// `qd commit portfolio`.
pub(super) fn portfolio(session: &Session, plan: &PortfolioPlan) -> Result<Outcome, ApiError> {
    let instruments = plan.instrument.iter().map(|words| instrument(words)).collect::<Result<Vec<_>, _>>()?;
    let demand = match &plan.demand_of {
        Some(name) => session.call_value("commitment_basket", json!({ "name": name }))?["basket"]["demand"].clone(),
        None => json!([]),
    };
    let draw: Map<String, Value> = draw(&plan.paths)?.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let request = json!({
        "question": question_in(&plan.scope)?,
        "step": plan.step.map(StepChoice::word),
        "horizon_months": plan.horizon,
        "demand": if demand.is_null() { json!([]) } else { demand },
        "draw": if plan.certain { Value::Null } else { Value::Object(draw) },
        "instruments": instruments,
        "upfront": plan.upfront,
        "longest_term_months": plan.longest_term,
        "coverage": plan.coverage,
        "most_a_month": plan.most_a_month,
        "risk_weight": plan.risk_weight,
        "risk_weights": plan.frontier,
        "risk_level": plan.risk_level,
        "capital_rate": plan.capital_rate,
    });
    let reply = session.wait(&session.call_value("commitment_portfolio_start", request)?)?;
    let table = match plan.show {
        PortfolioTable::Purchases => {
            let names = ["month", "name", "hourly", "hourly_in"];
            Table::new(&["month", "what to buy", "#an hour", "in"], rows(&reply["purchases"], &names))
        }
        PortfolioTable::Frontier => {
            let names = [
                "risk_weight",
                "expected_savings",
                "tail_cost",
                "tail_savings",
                "expected_cost",
                "upfront",
                "coverage",
                "gap",
            ];
            let heads = [
                "#weight of risk",
                "#expected savings",
                "#tail cost",
                "#tail savings",
                "#expected cost",
                "#upfront",
                "#coverage",
                "#gap",
            ];
            Table::new(&heads, rows(&reply["frontier"], &names))
        }
        PortfolioTable::Costs => costs(&reply["costs"]),
        PortfolioTable::Drawn => drawn(&reply["drawn"]),
    };
    print(session, &reply, table)?;
    let currency = text(&reply["currency"]);
    session.note(&format!(
        "expected cost {} {currency} in place of {}: {} saved; the dearest paths cost {}; {} upfront; {} of usage covered",
        text(&reply["expected_cost"]),
        text(&reply["cost_without"]),
        text(&reply["expected_savings"]),
        text(&reply["tail_cost"]),
        text(&reply["upfront"]),
        text(&reply["coverage"]),
    ));
    session.note(&format!(
        "no portfolio within the limits comes below {} {currency}: a gap of {}; on the likely path it saves {}",
        text(&reply["bound"]),
        text(&reply["gap"]),
        text(&reply["likely"]["saves"]),
    ));
    tell(session, &reply);
    if let Some(name) = &plan.keep {
        session.call_value("commitment_basket_save", json!({ "name": name, "basket": reply["basket"] }))?;
        session.note(&format!("kept as the basket {name}; `qd commit whatif \"{name}\"` tells what it comes to"));
    }
    Ok(Outcome::Done)
}

/// `PROGRAMME[,family=..][,region=..][,term=MONTHS][,payment=..][,discount=0.3][,months=0/3/6]`.
fn instrument(words: &str) -> Result<Value, ApiError> {
    let mut parts = words.split(',').map(str::trim);
    let mut found = json!({ "program": parts.next().unwrap_or_default() });
    for part in parts {
        let wrong = |what: &str| {
            ApiError::new(
                "usage",
                format!("--instrument {words}: {what}"),
                "Write PROGRAMME,family=..,region=..,term=MONTHS,payment=..,discount=0.3,months=0/3/6; all but the programme may be left out.",
            )
        };
        let (key, value) = part.split_once('=').ok_or_else(|| wrong(&format!("`{part}` is no key=value")))?;
        let number =
            |value: &str| value.parse::<u32>().map_err(|_| wrong(&format!("`{value}` is no number of months")));
        match key {
            "family" | "region" | "payment" | "discount" => found[key] = json!(value),
            "term" => found["term_months"] = json!(number(value)?),
            "months" => found["months"] = json!(value.split('/').map(number).collect::<Result<Vec<_>, _>>()?),
            _ => return Err(wrong(&format!("`{key}` is not known"))),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instrument_is_read_from_its_words() {
        let found = instrument("aws-ec2-instance-savings-plan,family=m5,term=36,discount=0.4,months=0/3/6").unwrap();
        let expected = json!({ "program": "aws-ec2-instance-savings-plan", "family": "m5", "term_months": 36,
            "discount": "0.4", "months": [0, 3, 6] });
        assert_eq!(found, expected);
        let refused = instrument("aws-compute-savings-plan,term=long").unwrap_err();
        assert!(refused.message.contains("`long` is no number of months"), "{refused:?}");
        assert!(instrument("aws-compute-savings-plan,colour=red").is_err());
    }
}
