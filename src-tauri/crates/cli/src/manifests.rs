//! How loads came: what the manifests of their deliveries say, beneath the rows of a table and in further columns of a CSV.

use api::ApiError;
use serde_json::Value;

use crate::arguments::Format;
use crate::loading::text;
use crate::output::Table;

/// The further columns of a CSV.
const COLUMNS: [&str; 3] = ["delivery", "#named_files", "passed_over"];

/// As many files that were passed over are named; of the others the number is.
const NAMED_MAX: usize = 3;

/// Prints a table of loads, each row with the load that it is of.
pub(crate) fn print(format: Format, names: &[&str], rows: Vec<(&Value, Vec<Option<String>>)>) -> Result<(), ApiError> {
    if format == Format::Csv {
        let rows = rows.into_iter().map(|(load, mut row)| {
            row.extend(cells(load));
            row
        });
        return Table::new(&[names, &COLUMNS].concat(), rows.collect()).print(format);
    }
    let of = |at: usize| rows.get(at).map(|(load, _)| &load["id"]);
    // A load in two currencies has two rows: how it came is said beneath the last.
    let beneath: Vec<Vec<String>> = rows
        .iter()
        .enumerate()
        .map(|(at, (load, _))| if of(at) == of(at + 1) { Vec::new() } else { manifests(load).map(line).collect() })
        .collect();
    Table::new(names, rows.into_iter().map(|(_, row)| row).collect()).print_with(format, &beneath)
}

fn manifests(load: &Value) -> impl Iterator<Item = &Value> {
    load["manifests"].as_array().into_iter().flatten()
}

fn files<'a>(manifest: &'a Value, key: &str) -> Vec<&'a str> {
    manifest[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The delivery by the provider's name for it, else by the report.
fn delivery(manifest: &Value) -> String {
    ["delivery", "report"].map(|key| text(&manifest[key])).into_iter().find(|name| !name.is_empty()).unwrap_or_default()
}

/// One manifest in words.
fn line(manifest: &Value) -> String {
    let (named, passed_over) = (files(manifest, "files").len(), files(manifest, "passed_over"));
    let noun = if named == 1 { "file" } else { "files" };
    let mut line = format!("{}, delivery {}: names {named} {noun}", text(&manifest["kind"]), delivery(manifest));
    if !passed_over.is_empty() {
        line += &format!("; passed over for it: {}", passed_over[..passed_over.len().min(NAMED_MAX)].join(", "));
    }
    if passed_over.len() > NAMED_MAX {
        line += &format!(" and {} more", passed_over.len() - NAMED_MAX);
    }
    line
}

/// The values of [`COLUMNS`]; those of several manifests one after the other.
fn cells(load: &Value) -> [Option<String>; 3] {
    let joined = |texts: Vec<String>| (!texts.is_empty()).then(|| texts.join("; "));
    let named: usize = manifests(load).map(|manifest| files(manifest, "files").len()).sum();
    let passed_over = manifests(load).flat_map(|manifest| files(manifest, "passed_over")).map(str::to_owned);
    let deliveries = joined(manifests(load).map(delivery).collect());
    [deliveries.clone(), deliveries.map(|_| named.to_string()), joined(passed_over.collect())]
}
