//! The manifests that providers lay beside an export: which files belong to the delivery that counts.
//!
//! - AWS Cost and Usage Report: `assemblyId`, `reportKeys`, `billingPeriod`; one beside the assembly folders names the current
//!   assembly, a copy of it lies in each assembly folder (docs.aws.amazon.com/cur, "Understanding your report versions").
//! - AWS Data Exports (Cost and Usage Report 2.0, FOCUS): `executionId`, `dataFiles`, under `metadata/BILLING_PERIOD=2026-01/`.
//! - Azure Cost Management: `manifestVersion`, `exportConfig`, `runInfo`, `blobs`, one beside the files of each run.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

/// A manifest is smaller than this, and read into memory: 16 MiB.
const BYTES_MAX: u64 = 16 << 20;

/// A manifest that was recognised by its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// Where it lies; in an archive the member.
    pub(crate) path: PathBuf,
    /// What it is, for a person.
    pub(crate) kind: &'static str,
    /// The report that it is of: equal for all its deliveries.
    pub(crate) report: String,
    /// The period as far as it is told: `2018-01-01`.
    pub(crate) period: String,
    /// The provider's id of the delivery: assembly, execution or run.
    pub(crate) version: String,
    /// When it was made, where it says so.
    pub(crate) submitted: String,
    /// The files of the delivery as the provider's store calls them.
    pub(crate) keys: Vec<String>,
}

/// The text of a file that may be a manifest: small, and a JSON object by its first letter.
pub(crate) fn candidate(path: &Path) -> Option<String> {
    use std::io::Read;
    let mut file = std::fs::File::open(path).ok()?;
    if file.metadata().ok()?.len() > BYTES_MAX {
        return None;
    }
    let mut head = [0_u8; 64];
    let count = file.read(&mut head).ok()?;
    let text = head[..count].strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head[..count]);
    if text.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    std::fs::read_to_string(path).ok()
}

/// Recognises a manifest; `None` for any other text.
pub(crate) fn read(path: &Path, text: &[u8]) -> Option<Manifest> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let value: Value = serde_json::from_slice(text).ok()?;
    cost_and_usage_report(path, &value).or_else(|| data_export(path, &value)).or_else(|| cost_management(path, &value))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The texts of a list, or of one field of its objects.
fn keys(list: &Value, fields: &[&str]) -> Option<Vec<String>> {
    let entry = |entry: &Value| {
        let named = fields.iter().find_map(|field| entry.get(field));
        named.unwrap_or(entry).as_str().map(str::to_owned)
    };
    list.as_array()?.iter().map(entry).collect()
}

fn cost_and_usage_report(path: &Path, value: &Value) -> Option<Manifest> {
    let keys = keys(value.get("reportKeys")?, &[])?;
    let version = value.get("assemblyId")?.as_str()?.to_owned();
    let start = text(&value["billingPeriod"]["start"]);
    Some(Manifest {
        path: path.to_owned(),
        kind: "AWS Cost and Usage Report",
        report: format!("{}/{}/{}", text(&value["account"]), text(&value["bucket"]), text(&value["reportName"])),
        period: day(&start),
        version,
        submitted: String::new(),
        keys,
    })
}

fn data_export(path: &Path, value: &Value) -> Option<Manifest> {
    let keys = keys(value.get("dataFiles")?, &["s3Uri", "key", "path"])?;
    let signs = ["executionId", "exportArn", "exportName", "columns"];
    if !signs.iter().any(|sign| value.get(sign).is_some()) {
        return None;
    }
    let places = keys.iter().map(String::as_str).chain(path.to_str());
    let period = places.clone().find_map(partition).unwrap_or_default();
    // Where the export's files lie is what is the same from delivery to delivery.
    let root = keys.first().and_then(|key| key.split("/data/").next()).unwrap_or_default();
    Some(Manifest {
        path: path.to_owned(),
        kind: "AWS Data Export",
        report: format!("{}/{root}", text(&value["exportArn"])),
        period,
        version: text(&value["executionId"]),
        submitted: String::new(),
        keys,
    })
}

/// The month of a path with `BILLING_PERIOD=2023-11` in it.
fn partition(place: &str) -> Option<String> {
    let place = place.to_ascii_lowercase();
    let (_, rest) = place.split_once("billing_period=")?;
    rest.get(..7).map(|month| format!("{month}-01"))
}

fn cost_management(path: &Path, value: &Value) -> Option<Manifest> {
    let keys = keys(value.get("blobs")?, &["blobName", "blobLink"])?;
    let (export, run) = (&value["exportConfig"], &value["runInfo"]);
    if value.get("manifestVersion").is_none() && !export.is_object() && !run.is_object() {
        return None;
    }
    let name = ["resourceId", "exportName"].iter().find_map(|field| export[field].as_str()).unwrap_or_default();
    Some(Manifest {
        path: path.to_owned(),
        kind: "Azure Cost Management export",
        report: format!("{name}/{}/{}", text(&export["type"]), text(&export["dataVersion"])),
        period: day(&text(&run["startDate"])),
        version: text(&run["runId"]),
        submitted: text(&run["submittedTime"]),
        keys,
    })
}

/// The day at the head of a time: `20180101T000000.000Z` and `2018-01-01T00:00:00` alike.
fn day(time: &str) -> String {
    let digits: String = time.chars().take_while(|letter| *letter != 'T').filter(char::is_ascii_digit).collect();
    match (digits.get(..4), digits.get(4..6), digits.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => time.to_owned(),
    }
}

impl Manifest {
    /// What it is of, for a person.
    pub(crate) fn title(&self) -> String {
        let of = if self.period.is_empty() { String::new() } else { format!(" of {}", self.period) };
        format!("{}{of}", self.kind)
    }

    /// Where the files of the manifest lie, of which `there` tells whether they do: by key. The provider's store is seldom copied
    /// from its root, so a key is looked for under each folder above the manifest.
    pub(crate) fn files(&self, there: &dyn Fn(&Path) -> bool) -> Vec<(&str, Option<PathBuf>)> {
        self.keys.iter().map(|key| (key.as_str(), self.file(key, there))).collect()
    }

    fn file(&self, key: &str, there: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
        let parts = parts(key)?;
        let folders: Vec<&Path> = self.path.ancestors().skip(1).collect();
        let join =
            |folder: &Path, from: usize| parts[from..].iter().fold(folder.to_owned(), |path, part| path.join(part));
        let called = |folder: &Path| folder.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        // A folder that the key goes through.
        let mut anchored = false;
        for folder in &folders {
            let name = called(folder);
            for from in (1..parts.len()).rev().filter(|from| parts[from - 1] == name) {
                anchored = true;
                let path = join(folder, from);
                if there(&path) {
                    return Some(path);
                }
            }
        }
        // The key, or its end with a folder in it, below a folder of another name.
        for folder in &folders {
            for from in 0..parts.len().saturating_sub(1) {
                let path = join(folder, from);
                if there(&path) {
                    return Some(path);
                }
            }
        }
        // Everything in one folder.
        let path = join(folders.first()?, parts.len() - 1);
        (!anchored && there(&path)).then_some(path)
    }
}

/// The steps of a key, without the store's name; none when it is no plain way down.
fn parts(key: &str) -> Option<Vec<String>> {
    let key = key.split_once("://").map_or(key, |(_, rest)| rest);
    let key = key.split('?').next().unwrap_or(key);
    let mut parts = Vec::new();
    for component in Path::new(key).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?.to_owned()),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    (!parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const OLD: &str = r#"{"assemblyId":"a1","account":"1","columns":[],"reportName":"hourly","bucket":"b",
        "billingPeriod":{"start":"20180101T000000.000Z","end":"20180201T000000.000Z"},
        "reportKeys":["pre/hourly/20180101-20180201/a1/hourly-1.csv.gz"]}"#;

    fn found(manifest: &str, text: &str, there: &[&str]) -> Vec<Option<String>> {
        let manifest = read(Path::new(manifest), text.as_bytes()).unwrap();
        let there: BTreeSet<&Path> = there.iter().map(Path::new).collect();
        let files = manifest.files(&|path| there.contains(path));
        files.into_iter().map(|(_, path)| path.map(|path| path.display().to_string())).collect()
    }

    #[test]
    fn the_real_manifests_of_three_years_are_recognised() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/jimroth-ice-manifests");
        for (name, period, keys) in [
            ("manifest-2018-01.json", "2018-01-01", 0),
            ("manifest-2019-01.json", "2019-01-01", 0),
            ("manifest-2019-12.json", "2019-12-01", 0),
            ("manifestTest.json", "2017-08-01", 2),
        ] {
            let path = folder.join(name);
            let text = candidate(&path).unwrap();
            let manifest = read(&path, text.as_bytes()).unwrap();
            assert_eq!((manifest.period.as_str(), manifest.keys.len()), (period, keys), "{name}");
        }
    }

    #[test]
    fn other_json_is_no_manifest() {
        for text in [
            "{}",
            "[]",
            "{\"files\": []}",
            "{\"dataFiles\": [\"a\"]}",
            "{\"blobs\": [{\"blobName\": \"a\"}]}",
            "{\"a\": 1}\n{\"a\": 2}",
            "{",
        ] {
            assert_eq!(read(Path::new("m.json"), text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_key_is_found_wherever_the_store_was_copied_to() {
        let period = "20180101-20180201";
        let whole = format!("/d/pre/hourly/{period}/a1/hourly-1.csv.gz");
        let root = format!("/d/pre/hourly/{period}/hourly-Manifest.json");
        let own = format!("/d/pre/hourly/{period}/a1/hourly-Manifest.json");
        assert_eq!(found(&root, OLD, &[&whole]), [Some(whole.clone())]);
        assert_eq!(found(&own, OLD, &[&whole]), [Some(whole)], "from the copy in the assembly folder too");
        let other = "/d/mine/a1/hourly-1.csv.gz";
        assert_eq!(found("/d/mine/m.json", OLD, &[other]), [Some(other.to_owned())], "under a folder of another name");
        let flat = "/d/mine/hourly-1.csv.gz";
        assert_eq!(found("/d/mine/m.json", OLD, &[flat]), [Some(flat.to_owned())], "all in one folder");
        let left_over = format!("/d/pre/hourly/{period}/hourly-1.csv.gz");
        assert_eq!(found(&root, OLD, &[&left_over]), [None], "a file of that name from elsewhere is not the file");
    }

    #[test]
    fn a_key_cannot_lead_out() {
        let text = OLD.replace("pre/hourly", "../../etc");
        assert_eq!(found("/d/m.json", &text, &["/etc/20180101-20180201/a1/hourly-1.csv.gz"]), [None]);
    }

    #[test]
    fn data_exports_and_azure() {
        let text = r#"{"executionId":"e2","columns":[],"dataFiles":["s3://bucket/pre/exp/data/BILLING_PERIOD=2026-01/exp-00001.csv.gz"]}"#;
        let there = "/d/exp/data/BILLING_PERIOD=2026-01/exp-00001.csv.gz";
        let path = "/d/exp/metadata/BILLING_PERIOD=2026-01/exp-Manifest.json";
        assert_eq!(found(path, text, &[there]), [Some(there.to_owned())]);
        assert_eq!(read(Path::new(path), text.as_bytes()).unwrap().period, "2026-01-01");
        let text = r#"{"manifestVersion":"2024-04-01","exportConfig":{"exportName":"daily","type":"ActualCost"},
            "runInfo":{"runId":"r1","submittedTime":"2026-01-05T04:00:00Z","startDate":"2026-01-01T00:00:00"},
            "blobs":[{"blobName":"costs/daily/20260101-20260131/r1/part_0_0001.csv","byteCount":7}]}"#;
        let there = "/x/daily/20260101-20260131/r1/part_0_0001.csv";
        assert_eq!(found("/x/daily/20260101-20260131/r1/manifest.json", text, &[there]), [Some(there.to_owned())]);
        let manifest = read(Path::new("m"), text.as_bytes()).unwrap();
        assert_eq!((manifest.period.as_str(), manifest.submitted.as_str()), ("2026-01-01", "2026-01-05T04:00:00Z"));
    }
}
