//! What a manifest said of the delivery that it stands for, kept with the files that came by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use duckdb::Connection;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::commit::number;
use super::deliveries::Incoming;
use super::manifest::Manifest;
use crate::sql::literal;
use crate::{Engagement, Result};

/// The statements that make the tables where an engagement has them not yet.
pub(crate) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS manifest (
    manifest_id BIGINT NOT NULL, path VARCHAR NOT NULL, kind VARCHAR NOT NULL, report VARCHAR NOT NULL, period VARCHAR NOT NULL,
    delivery VARCHAR NOT NULL, submitted VARCHAR NOT NULL, files VARCHAR NOT NULL, passed_over VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS file_manifest (file_id BIGINT NOT NULL, manifest_id BIGINT NOT NULL);
";

/// A manifest by which files of a load came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LoadManifest {
    /// Where it lay, with the member of an archive after `!`.
    pub path: String,
    /// What it is, for a person: `AWS Cost and Usage Report`.
    pub kind: String,
    /// The report that it is of, as it says: equal for all deliveries of a report.
    pub report: String,
    /// The first day that it is about, as far as it says: `2018-01-01`.
    pub period: String,
    /// The provider's id of the delivery: assembly, execution or run. Empty where it names none.
    pub delivery: String,
    /// When the delivery was made, as the manifest writes it; empty where it does not say.
    pub submitted: String,
    /// The files that it names, as the provider's store calls them.
    pub files: Vec<String>,
    /// What lay beside and was passed over because the manifest does not name it.
    pub passed_over: Vec<String>,
}

impl LoadManifest {
    /// The facts of a manifest that lay at `path`.
    pub(super) fn of(manifest: &Manifest, path: String, passed_over: Vec<String>) -> Self {
        Self {
            path,
            kind: manifest.kind.to_owned(),
            report: manifest.report.clone(),
            period: manifest.period.clone(),
            delivery: manifest.version.clone(),
            submitted: manifest.submitted.clone(),
            files: manifest.keys.clone(),
            passed_over,
        }
    }
}

/// Enters the manifests of what came in, for the files that have none yet: also for those that an earlier load took in.
pub(super) fn enter(connection: &Connection, incoming: &[Incoming]) -> Result<()> {
    let mut entered: BTreeMap<*const LoadManifest, i64> = BTreeMap::new();
    for one in incoming {
        let member = one.input.member.as_deref();
        let Some(manifest) = one.staged.manifest_of(member) else { continue };
        let mut statement = connection.prepare(&format!(
            "SELECT max(file_id) FROM source_file WHERE path = {path} AND sha256 = {sha256} AND member IS NOT DISTINCT FROM {member}
             HAVING max(file_id) NOT IN (SELECT file_id FROM file_manifest)",
            path = literal(&one.staged.path.to_string_lossy()),
            sha256 = literal(&one.staged.result.sha256),
            member = member.map_or_else(|| "NULL".to_owned(), literal),
        ))?;
        let file = statement.query_map([], |row| row.get::<_, Option<i64>>(0))?.next().transpose()?.flatten();
        let Some(file) = file else { continue };
        let key = Arc::as_ptr(manifest);
        let id = match entered.get(&key) {
            Some(id) => *id,
            None => {
                let id = write(connection, manifest)?;
                entered.insert(key, id);
                id
            }
        };
        connection.execute_batch(&format!("INSERT INTO file_manifest VALUES ({file}, {id});"))?;
    }
    Ok(())
}

fn write(connection: &Connection, manifest: &LoadManifest) -> Result<i64> {
    let id = number(connection, "SELECT coalesce(max(manifest_id), 0)::BIGINT FROM manifest")? + 1;
    // A list of texts has a JSON form.
    let list = |texts: &[String]| literal(&serde_json::Value::from(texts.to_vec()).to_string());
    connection.execute_batch(&format!(
        "INSERT INTO manifest VALUES ({id}, {}, {}, {}, {}, {}, {}, {}, {});",
        literal(&manifest.path),
        literal(&manifest.kind),
        literal(&manifest.report),
        literal(&manifest.period),
        literal(&manifest.delivery),
        literal(&manifest.submitted),
        list(&manifest.files),
        list(&manifest.passed_over),
    ))?;
    Ok(id)
}

/// The manifests of all loads, by load, each once.
pub(crate) fn by_load(engagement: &Engagement) -> Result<BTreeMap<String, Vec<LoadManifest>>> {
    let rows = engagement.texts(
        "SELECT DISTINCT load_id, manifest_id, path, kind, report, period, delivery, submitted, files, passed_over
         FROM manifest JOIN file_manifest USING (manifest_id) JOIN load_file USING (file_id) ORDER BY load_id, manifest_id",
    )?;
    let mut found: BTreeMap<String, Vec<LoadManifest>> = BTreeMap::new();
    for row in rows {
        let text = |at: usize| row[at].clone().unwrap_or_default();
        let list = |at: usize| serde_json::from_str(&text(at)).unwrap_or_default();
        found.entry(text(0)).or_default().push(LoadManifest {
            path: text(2),
            kind: text(3),
            report: text(4),
            period: text(5),
            delivery: text(6),
            submitted: text(7),
            files: list(8),
            passed_over: list(9),
        });
    }
    Ok(found)
}
