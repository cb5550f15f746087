//! The tables of `forecast`.

use serde_json::Value;

use super::MISSING;
use crate::loading::{shown, text};
use crate::output::Table;
use crate::unit_costs::list;

/// What is expected, in the columns of the reply.
const FIGURES: [&str; 5] = ["amount", "low_80", "high_80", "low_95", "high_95"];

pub(super) fn step_table(reply: &Value) -> Table {
    let figures = |of: &Value| FIGURES.map(|name| shown(&of[name]));
    let rows = list(&reply["steps"])
        .iter()
        .map(|step| {
            let mut cells = vec![shown(&step["time"])];
            cells.extend(figures(step));
            cells.push(shown(&step["remark"]));
            cells
        })
        .collect();
    let grain = text(&reply["grain"]);
    let names = [grain.as_str(), "#expected", "#80% from", "#80% to", "#95% from", "#95% to", "remark"];
    let mut table = Table::new(&names, rows);
    let total = &reply["total"];
    if !total.is_null() {
        let mut cells = vec![Some(format!("{} to {}", text(&total["from"]), text(&total["to"])))];
        cells.extend(figures(total));
        cells.push(None);
        table.total = Some(cells);
    }
    table
}

pub(super) fn history_table(reply: &Value) -> Table {
    let rows = list(&reply["history"])
        .iter()
        .map(|actual| {
            let provisional = (actual["provisional"] == true).then(|| "not complete".to_owned());
            vec![shown(&actual["time"]), shown(&actual["amount"]), provisional]
        })
        .collect();
    Table::new(&[text(&reply["grain"]).as_str(), "#charged", "remark"], rows)
}

pub(super) fn record_table(reply: &Value) -> Table {
    /// What the record has, each with its name in the literature.
    const FIGURES: [(&str, &str); 10] = [
        ("origins", "earlier points"),
        ("steps", "steps ahead"),
        ("wape", "WAPE"),
        ("bias", "bias"),
        ("mase", "MASE"),
        ("skill_against_seasonal_naive", "skill against seasonal naive"),
        ("skill_against_run_rate", "skill against run-rate"),
        ("coverage_80", "coverage of the 80 % interval"),
        ("coverage_95", "coverage of the 95 % interval"),
        ("year_error", "error of a year's sum"),
    ];
    let record = &reply["record"];
    let value = |name: &str| match &record[name] {
        Value::Number(number) => Some(number.to_string()),
        other => shown(other),
    };
    let rows = if record.is_null() {
        Vec::new()
    } else {
        FIGURES.iter().map(|(name, label)| vec![Some((*label).to_owned()), value(name)]).collect()
    };
    Table::new(&["record", "#value"], rows)
}

pub(super) fn model_table(reply: &Value) -> Table {
    let models = list(&reply["models"]);
    let names: Vec<String> = models.iter().map(|model| format!("#{}", text(&model["name"]))).collect();
    let grain = text(&reply["grain"]);
    let columns: Vec<&str> = std::iter::once(grain.as_str()).chain(names.iter().map(String::as_str)).collect();
    let rows = list(&reply["steps"])
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let amounts = models.iter().map(|model| shown(&model["amounts"][at]));
            std::iter::once(shown(&step["time"])).chain(amounts).collect()
        })
        .collect();
    Table::new(&columns, rows)
}

fn part_name(part: &Value) -> String {
    match part["value"].as_str() {
        Some(value) => value.to_owned(),
        None if part["other"] == true => "(other)".to_owned(),
        None => MISSING.to_owned(),
    }
}

/// A part, after the one that it is a part of.
fn part_row(part: &Value, within: Option<&str>) -> Vec<Option<String>> {
    let name = part_name(part);
    let mut cells = vec![Some(within.map_or_else(|| name.clone(), |whole| format!("{whole} / {name}")))];
    cells.extend(FIGURES.map(|figure| shown(&part["total"][figure])));
    cells.push(shown(&part["method"]));
    cells.push(shown(&part["record"]["wape"]));
    cells.push((part["locked"] == true).then(|| "set by hand".to_owned()));
    cells
}

pub(super) fn part_table(reply: &Value) -> Table {
    let mut rows = Vec::new();
    for part in list(&reply["parts"]) {
        rows.push(part_row(part, None));
        rows.extend(list(&part["parts"]).iter().map(|below| part_row(below, Some(&part_name(part)))));
    }
    let names = ["part", "#expected", "#80% from", "#80% to", "#95% from", "#95% to", "method", "#WAPE", "remark"];
    let mut table = Table::new(&names, rows);
    let total = &reply["total"];
    if !total.is_null() {
        let mut cells = vec![Some(format!("{} to {}", text(&total["from"]), text(&total["to"])))];
        cells.extend(FIGURES.map(|figure| shown(&total[figure])));
        cells.extend([shown(&reply["method"]), shown(&reply["record"]["wape"]), None]);
        table.total = Some(cells);
    }
    table
}

/// A column for each kind of charge; in each row they add up to the total.
pub(super) fn kind_table(reply: &Value) -> Table {
    let kinds = list(&reply["split"]["kinds"]);
    let labels: Vec<String> = kinds.iter().map(|kind| format!("#{}", text(&kind["label"]).to_lowercase())).collect();
    let grain = text(&reply["grain"]);
    let names: Vec<&str> =
        std::iter::once(grain.as_str()).chain(labels.iter().map(String::as_str)).chain(["#total"]).collect();
    let rows = list(&reply["steps"])
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let amounts = kinds.iter().map(|kind| shown(&kind["steps"][at]));
            std::iter::once(shown(&step["time"])).chain(amounts).chain([shown(&step["amount"])]).collect()
        })
        .collect();
    let mut table = Table::new(&names, rows);
    let total = &reply["total"];
    if !total.is_null() {
        let sums = kinds.iter().map(|kind| shown(&kind["total"]));
        let span = Some(format!("{} to {}", text(&total["from"]), text(&total["to"])));
        table.total = Some(std::iter::once(span).chain(sums).chain([shown(&total["amount"])]).collect());
    }
    table
}

pub(super) fn component_table(reply: &Value) -> Table {
    let components = &reply["components"];
    let columns = ["times", "trend", "season", "remainder"];
    let rows = (0..list(&components["times"]).len())
        .map(|at| columns.iter().map(|column| shown(&components[*column][at])).collect())
        .collect();
    Table::new(&[text(&reply["grain"]).as_str(), "#trend", "#season", "#remainder"], rows)
}

pub(super) fn driver_table(reply: &Value) -> Table {
    let model = &reply["driver_model"];
    let rates = list(&model["rates"]);
    let units: Vec<String> = rates.iter().map(|rate| format!("#{}", text(&rate["metric"]))).collect();
    let grain = text(&reply["grain"]);
    let columns: Vec<&str> = std::iter::once(grain.as_str())
        .chain(units.iter().map(String::as_str))
        .chain(["#expected", "#80% from", "#80% to", "#95% from", "#95% to"])
        .collect();
    let mut rows: Vec<Vec<Option<String>>> = list(&model["steps"])
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let units = rates.iter().map(|rate| shown(&rate["units_ahead"][at]));
            let figures = FIGURES.map(|figure| shown(&step[figure]));
            std::iter::once(shown(&reply["steps"][at]["time"])).chain(units).chain(figures).collect()
        })
        .collect();
    if !model.is_null() {
        let mut costs = vec![Some("cost of a unit; fixed".to_owned())];
        costs.extend(rates.iter().map(|rate| shown(&rate["rate"])));
        costs.push(shown(&model["fixed"]));
        costs.resize(columns.len(), None);
        rows.insert(0, costs);
    }
    Table::new(&columns, rows)
}

pub(super) fn month_end_table(reply: &Value) -> Table {
    let month_end = &reply["month_end"];
    let columns = ["month", "as_of", "to_date", "expected", "low_80", "high_80", "run_rate"];
    let rows = if month_end.is_null() {
        Vec::new()
    } else {
        vec![columns.iter().map(|column| shown(&month_end[*column])).collect()]
    };
    Table::new(&["month", "as of", "#to date", "#expected", "#80% from", "#80% to", "#run-rate"], rows)
}
