//! Where every figure comes from: one line for each evidence, and the loads behind them.

use std::collections::BTreeMap;

use query::EvidenceLoad;
use rust_xlsxwriter::Worksheet;

use super::sheet::Sheet;
use crate::ReportError;
use crate::model::ReportModel;

pub(super) fn write_evidence(sheet: &mut Sheet, model: &ReportModel) -> Result<(), ReportError> {
    sheet.header(&[
        ("Evidence", 20),
        ("Definition", 44),
        ("Scope", 44),
        ("Table", 18),
        ("Charges", 12),
        ("Loads", 16),
        ("SQL", 100),
    ])?;
    for evidence in &model.evidence {
        let loads: Vec<String> = evidence.loads.iter().map(|load| load.id.to_string()).collect();
        sheet.line(&[
            evidence.id.clone(),
            evidence.definition.join(" "),
            evidence.scope.clone(),
            evidence.source.clone(),
            evidence.charges.to_string(),
            loads.join(", "),
            evidence.sql.clone(),
        ])?;
    }
    Ok(())
}

/// The loads of all evidence, each once.
pub(super) fn loads(model: &ReportModel, name: &str) -> Result<Worksheet, ReportError> {
    let mut sheet = Sheet::new(model, name, "Loads")?;
    sheet.header(&[("Load", 10), ("File", 60), ("SHA-256", 70), ("Charges", 12), ("Settings", 40)])?;
    for load in unique_loads(model) {
        let settings = load.settings.join(", ");
        sheet.line(&[load.id.to_string(), load.file.clone(), load.sha256.clone(), load.rows.to_string(), settings])?;
    }
    sheet.finish()
}

fn unique_loads(model: &ReportModel) -> Vec<&EvidenceLoad> {
    let mut loads: BTreeMap<(i64, &str), &EvidenceLoad> = BTreeMap::new();
    for load in model.evidence.iter().flat_map(|evidence| &evidence.loads) {
        loads.insert((load.id, load.file.as_str()), load);
    }
    loads.into_values().collect()
}
