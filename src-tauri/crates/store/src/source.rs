//! From a charge back to the row as the provider wrote it.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Engagement, Result, StoreError, Watch};

/// A charge's source row and how the charge was made from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct SourceRow {
    /// The charge's id, `file.row` or `file.row.part`.
    pub charge: String,
    /// The file, with the member of an archive after `!`.
    pub file: String,
    /// The SHA-256 of the file.
    pub sha256: String,
    /// The 1-based data row.
    pub row: u64,
    /// Whether the file is still there, unchanged, so that `cells` is the provider's own row.
    pub available: bool,
    /// What stands in the file, in its order; empty when the file is gone.
    pub cells: Vec<SourceCell>,
    /// The charge: every column that has a value.
    pub charge_cells: Vec<SourceCell>,
    /// How the columns were made: FOCUS id, the expression as written, the reason.
    #[ts(type = "unknown")]
    pub mapping: serde_json::Value,
    /// One sentence about where the row was found, or why not.
    pub message: String,
}

/// A column and its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct SourceCell {
    /// The column.
    pub column: String,
    /// Its text; null where there is none.
    pub value: Option<String>,
}

/// A charge's public id.
struct ChargeId {
    file: i64,
    row: u64,
    part: u8,
}

impl ChargeId {
    fn parse(text: &str) -> Result<Self> {
        let missing = || StoreError::NotFound { what: "charge", id: text.chars().take(60).collect() };
        let mut parts = text.split('.');
        let mut next = || parts.next().map(str::parse::<u64>);
        let (Some(Ok(file)), Some(Ok(row)), part, None) = (next(), next(), next(), next()) else {
            return Err(missing());
        };
        let part = part.transpose().map_err(|_| missing())?.unwrap_or(0);
        Ok(Self {
            file: i64::try_from(file).map_err(|_| missing())?,
            row,
            part: u8::try_from(part).map_err(|_| missing())?,
        })
    }
}

/// Where the file of a charge may be, and how it was read.
struct Original<'a> {
    /// The copy in the engagement.
    kept: Option<PathBuf>,
    path: &'a Path,
    sha256: &'a str,
    member: Option<&'a str>,
    columns: Vec<String>,
}

impl Engagement {
    /// The source of a charge.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such charge.
    pub fn source(&self, charge: &str) -> Result<SourceRow> {
        let id = ChargeId::parse(charge)?;
        let missing = || StoreError::NotFound { what: "charge", id: charge.to_owned() };
        let found = self.texts(&format!(
            "SELECT name, member, path, sha256, mapping, kept, header FROM source_file WHERE file_id = {}",
            id.file
        ))?;
        let file = found.first().ok_or_else(missing)?;
        let text = |at: usize| file[at].clone().unwrap_or_default();
        let charge_cells = self.charge_cells(&id)?.ok_or_else(missing)?;
        let member = file[1].clone();
        let label = member.as_deref().map_or_else(|| text(0), |member| format!("{}!{member}", text(0)));
        let sha256 = text(3);
        let kept = file[5].as_ref().map(|name| self.folder().join("sources").join(name));
        let columns: Vec<String> = serde_json::from_str(&text(6)).unwrap_or_default();
        let path = text(2);
        let original = Original { kept, path: Path::new(&path), sha256: &sha256, member: member.as_deref(), columns };
        let (cells, message) = match self.original(original, id.row) {
            Ok((cells, path)) => (cells, format!("Row {} of {}", id.row, path.display())),
            Err(reason) => (Vec::new(), reason),
        };
        Ok(SourceRow {
            charge: charge.to_owned(),
            file: label,
            sha256,
            row: id.row,
            available: !cells.is_empty(),
            cells,
            charge_cells,
            mapping: serde_json::from_str(&text(4)).unwrap_or_default(),
            message,
        })
    }

    fn charge_cells(&self, id: &ChargeId) -> Result<Option<Vec<SourceCell>>> {
        for table in [crate::schema::CHARGES, crate::schema::SUPERSEDED] {
            let batches = self.run(
                &format!(
                    "SELECT * FROM {table} WHERE file_id = {} AND source_row = {} AND part = {}",
                    id.file, id.row, id.part
                ),
                &Watch::default(),
            )?;
            let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else { continue };
            let names: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
            let rows = crate::rows::result_set(std::slice::from_ref(batch))?;
            let values = rows.into_iter().next().unwrap_or_default().into_iter().map(|value| match value {
                // As many decimals as the figure has, not as many as the column holds.
                query::Value::Amount(amount) => Some(amount.normalized().to_string()),
                other => crate::rows::text(other),
            });
            let cells = names.into_iter().zip(values).map(|(column, value)| SourceCell { column, value });
            return Ok(Some(cells.filter(|cell| cell.value.is_some()).collect()));
        }
        Ok(None)
    }

    /// The row in the kept copy or in the file where it was loaded from, if that is still the same file.
    fn original(&self, original: Original<'_>, row: u64) -> Result<(Vec<SourceCell>, PathBuf), String> {
        let Original { kept, path, sha256, member, columns } = original;
        let candidates = kept.into_iter().chain(std::iter::once(path.to_owned()));
        let mut reason = String::new();
        for candidate in candidates {
            match hash(&candidate) {
                Ok(found) if found == sha256 => {
                    let cells = crate::load::source_row(self.folder(), &candidate, member, &columns, row)?;
                    return Ok((cells, candidate));
                }
                Ok(_) => reason = format!("{} has changed since it was loaded", candidate.display()),
                Err(error) => reason = format!("{} cannot be read any more ({error})", candidate.display()),
            }
        }
        Err(format!("{reason}; load with `--keep-source` to keep a copy in the engagement"))
    }
}

fn hash(path: &Path) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = BufReader::new(std::fs::File::open(path)?);
    std::io::copy(&mut file, &mut hash)?;
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbers() {
        assert!(ChargeId::parse("1.2").is_ok_and(|id| (id.file, id.row, id.part) == (1, 2, 0)));
        assert!(ChargeId::parse("1.2.3").is_ok_and(|id| id.part == 3));
        for text in ["", "1", "1.2.3.4", "a.b", "1.-2", "1.2.300", "1; DROP TABLE charge"] {
            assert!(ChargeId::parse(text).is_err(), "{text:?} is no charge");
        }
    }
}
