//! What a mapping would make of a file: the file is loaded in full into a scratch engagement, so that a preview shows just what a
//! load will give.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{LoadOptions, Reject};
use crate::Definition;
use crate::{Engagement, Limits, Result, StoreError, Watch, rows};

/// What a mapping makes of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The columns of the charges that hold a value, FOCUS ids.
    pub columns: Vec<String>,
    /// The first charges.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many charges there would be.
    pub charges: u64,
    /// Currency and billed cost.
    pub totals: Vec<(String, String)>,
    /// The first values and rows that are refused.
    pub rejects: Vec<Reject>,
    /// Why it cannot be loaded, if it cannot.
    pub problem: Option<MappingFault>,
}

/// Why a file cannot be loaded by a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingFault {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Charges and rejects that are shown.
const SHOWN: u32 = 50;

impl Engagement {
    /// Tries a mapping on a file. Nothing of this engagement changes.
    ///
    /// # Errors
    /// [`StoreError::Cancelled`], and what is neither the mapping's fault nor the file's: see [`StoreError`].
    pub fn preview(&self, path: &Path, mapping: &str, options: &LoadOptions, watch: &Arc<Watch>) -> Result<Preview> {
        let name = match intake::OwnFormat::read(mapping) {
            Ok(own) => own.name().to_owned(),
            Err(error) => return Ok(refused(error.to_string(), error.hint())),
        };
        let workshop = tempfile::Builder::new()
            .prefix(".staging-")
            .tempdir_in(self.folder())
            .map_err(StoreError::io(self.folder()))?;
        let definition = Definition { tag_keys: Vec::new(), ..(*self.definition()).clone() };
        let limits = Limits { memory_mib: options.memory_mib, threads: 0 };
        let scratch = Self::create(&workshop.path().join("preview"), &definition, limits)?;
        let options = LoadOptions { mappings: vec![mapping.to_owned()], keep_source: false, ..options.clone() };
        let report = match scratch.load(&[PathBuf::from(path)], &options, watch) {
            Ok(report) => report,
            Err(StoreError::File { problem, hint, .. }) => return Ok(refused(problem, hint)),
            Err(StoreError::NothingToLoad { files, .. }) => {
                let reasons: Vec<String> = files.iter().map(|file| format!("{}: {}", file.file, file.reason)).collect();
                return Ok(refused(reasons.join("; "), "Look at the mandatory columns.".to_owned()));
            }
            Err(other) => return Err(other),
        };
        if let Some(other) = report.loads.iter().find(|load| load.format != name) {
            return Ok(refused(
                format!("the file was taken as {}, not by this mapping", other.format),
                "List as `mandatory` only columns that the file has.".to_owned(),
            ));
        }
        let mut columns = vec!["provider".to_owned()];
        let filled = "SELECT column_name FROM information_schema.columns
                      WHERE table_catalog = current_database() AND table_name = 'charge_current'";
        let present: Vec<String> = scratch.texts(filled)?.into_iter().flatten().flatten().collect();
        columns
            .extend(focus::columns().iter().map(|column| column.name.to_owned()).filter(|name| present.contains(name)));
        let list = columns.iter().map(|name| crate::sql::identifier(name)).collect::<Vec<_>>().join(", ");
        let statement = format!("SELECT {list} FROM charge ORDER BY file_id, source_row, part LIMIT {SHOWN}");
        let shown = rows::shown(&scratch.run(&statement, watch)?)?;
        let totals = scratch.texts(
            "SELECT billing_currency, coalesce(sum(billed_cost), 0)::VARCHAR FROM charge GROUP BY 1 ORDER BY 1",
        )?;
        let totals = totals.into_iter().filter_map(|row| match row.as_slice() {
            [Some(currency), Some(billed)] => Some((currency.clone(), trimmed(billed))),
            _ => None,
        });
        let id = |name: &String| focus::by_name(name).map_or_else(|| name.clone(), |column| column.id.to_owned());
        Ok(Preview {
            columns: columns.iter().map(id).collect(),
            rows: shown,
            charges: report.loads.iter().map(|load| load.rows).sum(),
            totals: totals.collect(),
            rejects: scratch.rejects(None, SHOWN)?,
            problem: None,
        })
    }
}

fn refused(message: String, hint: String) -> Preview {
    Preview { problem: Some(MappingFault { message, hint }), ..Preview::default() }
}

/// A decimal without the zeros that its column adds.
fn trimmed(decimal: &str) -> String {
    if decimal.contains('.') {
        decimal.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        decimal.to_owned()
    }
}
