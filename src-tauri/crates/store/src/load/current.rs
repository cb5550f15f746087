//! Which files of a place belong to the deliveries that count, as the manifests beside them say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::FileCode;
use super::manifest::Manifest;
use super::naming::Name;

/// A file at its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lying<'a> {
    pub(crate) path: &'a Path,
    /// Named by the analyst: what is named is never passed over.
    pub(crate) named: bool,
}

/// What the manifests say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The deliveries that count, older before newer.
    pub(crate) deliveries: Vec<Delivered>,
    /// Files that are part of no delivery that counts.
    pub(crate) passed_over: BTreeSet<usize>,
    /// What was passed over: the folder, or a manifest, and why.
    pub(crate) told: Vec<(PathBuf, FileCode, String)>,
    /// Deliveries that are not whole: the manifest and what is missing. Their files are passed over.
    pub(crate) missing: Vec<(PathBuf, String)>,
}

/// A delivery as its manifest states it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Delivered {
    pub(crate) manifest: Manifest,
    /// Its files.
    pub(crate) files: Vec<usize>,
    /// What was passed over because the manifest does not name it.
    pub(crate) left: Vec<usize>,
}

/// Chooses among `files` (the manifests may be among them). `changed` tells when a file was changed last, where that is known.
pub(crate) fn choose<'a>(
    manifests: &'a [Manifest],
    files: &[Lying<'_>],
    changed: &dyn Fn(&Path) -> Option<SystemTime>,
) -> Choice {
    let places: BTreeMap<&Path, usize> = files.iter().enumerate().map(|(at, file)| (file.path, at)).collect();
    let there = |path: &Path| places.contains_key(path);
    let mut choice = Choice::default();
    let mut reports: BTreeMap<(&str, &str, &str), Vec<&Manifest>> = BTreeMap::new();
    for manifest in manifests {
        choice.passed_over.extend(places.get(manifest.path.as_path()));
        if manifest.keys.is_empty() {
            let reason = format!("an {} manifest that names no files", manifest.kind);
            choice.told.push((manifest.path.clone(), FileCode::Manifest, reason));
        } else {
            reports.entry((manifest.kind, &manifest.report, &manifest.period)).or_default().push(manifest);
        }
    }
    let mut listed = BTreeSet::new();
    let mut older = Vec::new();
    for manifests in reports.into_values() {
        let named = |manifest: &Manifest| places.get(manifest.path.as_path()).is_some_and(|at| files[*at].named);
        let ranked = ranked(manifests, changed);
        let newest = ranked.len().saturating_sub(1);
        for (position, manifest) in ranked.iter().enumerate() {
            if position != newest && !named(manifest) {
                older.push((*manifest, ranked[newest]));
                continue;
            }
            let found = manifest.files(&there);
            let present: Vec<usize> =
                found.iter().filter_map(|(_, path)| places.get(path.as_deref()?).copied()).collect();
            listed.extend(present.iter().copied());
            let absent: Vec<&str> = found.iter().filter(|(_, path)| path.is_none()).map(|(key, _)| *key).collect();
            match absent.as_slice() {
                [] => choice.deliveries.push(Delivered {
                    manifest: (*manifest).clone(),
                    files: present,
                    left: Vec::new(),
                }),
                [first, rest @ ..] => {
                    let problem = if rest.is_empty() {
                        format!("the manifest names {first}, which is not there")
                    } else {
                        format!("the manifest names {first} and {} more, which are not there", rest.len())
                    };
                    choice.passed_over.extend(present);
                    choice.missing.push((manifest.path.clone(), problem));
                }
            }
        }
    }
    let mut left: BTreeMap<PathBuf, (usize, &Manifest)> = BTreeMap::new();
    let mut leave = |at: usize, current: &'a Manifest| {
        if !files[at].named && !listed.contains(&at) && choice.passed_over.insert(at) {
            let folder = files[at].path.parent().unwrap_or(files[at].path).to_owned();
            left.entry(folder).or_insert((0, current)).0 += 1;
            // A copy of the manifest speaks for the same delivery.
            let of_current = |delivered: &&mut Delivered| {
                (&delivered.manifest.version, &delivered.manifest.keys) == (&current.version, &current.keys)
            };
            if let Some(delivered) = choice.deliveries.iter_mut().find(of_current) {
                delivered.left.push(at);
            }
        }
    };
    for (old, current) in older {
        for (_, path) in old.files(&there) {
            if let Some(at) = path.and_then(|path| places.get(path.as_path()).copied()) {
                leave(at, current);
            }
        }
    }
    for manifest in manifests {
        let own: Vec<PathBuf> = manifest.files(&there).into_iter().filter_map(|(_, path)| path).collect();
        if !own.iter().all(|path| places.get(path.as_path()).is_some_and(|at| listed.contains(at))) {
            continue;
        }
        let beside = Beside::of(&own, &manifest.version);
        for (at, _) in files.iter().enumerate().filter(|(_, file)| beside.holds(file.path)) {
            leave(at, manifest);
        }
    }
    for (folder, (count, current)) in left {
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        choice.told.push((
            folder,
            FileCode::NotInManifest,
            format!(
                "{files} of another delivery of the {}; {} names what counts",
                current.title(),
                current.path.display()
            ),
        ));
    }
    choice
}

/// One manifest for each delivery, the one that counts last. Where a manifest lies beside the folders of the deliveries, it names the
/// current one, whatever their times.
fn ranked<'a>(mut manifests: Vec<&'a Manifest>, changed: &dyn Fn(&Path) -> Option<SystemTime>) -> Vec<&'a Manifest> {
    manifests.sort_by_key(|manifest| (manifest.path.components().count(), &manifest.path));
    let mut seen = BTreeSet::new();
    manifests.retain(|manifest| seen.insert((&manifest.version, &manifest.keys)));
    let stamps = |manifest: &Manifest| -> Vec<String> {
        let keys = manifest.keys.first().map(Path::new).and_then(Path::parent);
        let places = [keys, manifest.path.parent()].into_iter().flatten().flat_map(|path| path.iter());
        places.flat_map(|part| Name::of(&part.to_string_lossy()).stamps).collect()
    };
    manifests.sort_by_cached_key(|manifest| {
        (
            is_root(manifest),
            manifest.submitted.clone(),
            stamps(manifest),
            changed(&manifest.path),
            manifest.path.clone(),
        )
    });
    manifests
}

/// Whether a manifest lies beside the folders of the deliveries, not in one of them.
fn is_root(manifest: &Manifest) -> bool {
    !manifest.version.is_empty()
        && !manifest.path.parent().is_some_and(|folder| last(folder).contains(&manifest.version))
}

/// Where other deliveries of a report lie than the one that counts.
#[derive(Default)]
struct Beside {
    /// Each delivery has a folder: the folder above them, and the shape of a file's name.
    versioned: BTreeSet<(PathBuf, String)>,
    /// Each delivery overwrites the one before: the folder, and the name of a part.
    overwritten: BTreeSet<(PathBuf, Name)>,
}

impl Beside {
    /// The places beside the files of the delivery that counts.
    fn of(own: &[PathBuf], version: &str) -> Self {
        let mut beside = Self::default();
        for path in own {
            let Some(folder) = path.parent() else { continue };
            match folder.parent().filter(|_| !version.is_empty() && last(folder).contains(version)) {
                Some(above) => beside.versioned.insert((above.to_owned(), Name::of(&last(path)).shape)),
                None => beside.overwritten.insert((folder.to_owned(), Name::of(&last(path)))),
            };
        }
        beside
    }

    fn holds(&self, file: &Path) -> bool {
        let Some(folder) = file.parent() else { return false };
        let name = Name::of(&last(file));
        let above = folder.parent().filter(|_| Name::of(&last(folder)).marks_a_delivery());
        above.is_some_and(|above| self.versioned.contains(&(above.to_owned(), name.shape.clone())))
            || self.overwritten.contains(&(folder.to_owned(), name))
    }
}

/// The last step of a path.
fn last(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::manifest;
    use super::*;

    const OLD: &str = "11111111-2222-4333-8444-555555555555";
    const NEW: &str = "99999999-2222-4333-8444-555555555555";
    const PERIOD: &str = "/d/pre/hourly/20180101-20180201";

    fn cur(path: &str, version: &str, folder: &str, parts: u8) -> Manifest {
        let keys: Vec<String> =
            (1..=parts).map(|part| format!("\"pre/hourly/20180101-20180201/{folder}hourly-{part}.csv.gz\"")).collect();
        let text = format!(
            "{{\"assemblyId\":\"{version}\",\"reportName\":\"hourly\",\"billingPeriod\":{{\"start\":\"20180101T000000.000Z\"}},
              \"reportKeys\":[{}]}}",
            keys.join(",")
        );
        manifest::read(Path::new(path), text.as_bytes()).unwrap()
    }

    fn chosen(manifests: &[Manifest], files: &[String]) -> (Vec<String>, Choice) {
        let lying: Vec<Lying> = files.iter().map(|path| Lying { path: Path::new(path), named: false }).collect();
        let choice = choose(manifests, &lying, &|_| None);
        let read = (0..files.len()).filter(|at| !choice.passed_over.contains(at));
        (read.map(|at| files[at].clone()).collect(), choice)
    }

    #[test]
    fn versioned_delivery_the_manifest_beside_the_assemblies_names_the_current_one() {
        let manifests = [
            cur(&format!("{PERIOD}/{NEW}/m.json"), NEW, &format!("{NEW}/"), 1),
            cur(&format!("{PERIOD}/m.json"), OLD, &format!("{OLD}/"), 2),
            cur(&format!("{PERIOD}/{OLD}/m.json"), OLD, &format!("{OLD}/"), 2),
        ];
        let third = "77777777-2222-4333-8444-555555555555";
        let mut files: Vec<String> = manifests.iter().map(|manifest| manifest.path.display().to_string()).collect();
        for (assembly, part) in [(NEW, 1), (OLD, 1), (OLD, 2), (third, 1)] {
            files.push(format!("{PERIOD}/{assembly}/hourly-{part}.csv.gz"));
        }
        let other = format!("{PERIOD}/note.csv");
        files.push(other.clone());
        let (read, choice) = chosen(&manifests, &files);
        let expected = [format!("{PERIOD}/{OLD}/hourly-1.csv.gz"), format!("{PERIOD}/{OLD}/hourly-2.csv.gz"), other];
        assert_eq!(
            read, expected,
            "only what the manifest beside the assemblies names; another file is none of its business"
        );
        let told: Vec<String> = choice.told.iter().map(|(folder, ..)| folder.display().to_string()).collect();
        assert_eq!(
            told,
            [format!("{PERIOD}/{third}"), format!("{PERIOD}/{NEW}")],
            "the others are named, with or without manifest"
        );
        assert!(choice.told[0].2.contains("1 file of another delivery of the AWS Cost and Usage Report of 2018-01-01"));
    }

    #[test]
    fn overwriting_delivery_leaves_parts_of_a_longer_one_behind() {
        let manifests = [cur(&format!("{PERIOD}/m.json"), NEW, "", 2)];
        let files: Vec<String> = (1..=3).map(|part| format!("{PERIOD}/hourly-{part}.csv.gz")).collect();
        let (read, choice) = chosen(&manifests, &files);
        assert_eq!(read, files[..2], "the third part is of an earlier delivery");
        assert_eq!(choice.deliveries[0].files, [0, 1]);
        assert_eq!(choice.told.len(), 1);
        assert_eq!(choice.deliveries[0].left, [2], "the manifest keeps what was passed over for its sake");
    }

    #[test]
    fn a_part_that_is_missing() {
        let manifests = [cur(&format!("{PERIOD}/m.json"), NEW, "", 3)];
        let files: Vec<String> = [1, 3].iter().map(|part| format!("{PERIOD}/hourly-{part}.csv.gz")).collect();
        let (read, choice) = chosen(&manifests, &files);
        assert_eq!(read, Vec::<String>::new(), "what is there of it does not count");
        assert!(choice.missing[0].1.contains("hourly-2.csv.gz, which is not there"), "{:?}", choice.missing);
        assert_eq!(choice.deliveries, []);
    }

    #[test]
    fn runs_of_azure_are_ranked_by_when_they_were_submitted() {
        let run = |id: &str, submitted: &str| {
            let text = format!(
                "{{\"manifestVersion\":\"1\",\"exportConfig\":{{\"exportName\":\"daily\"}},\"runInfo\":{{\"runId\":\"{id}\",
                  \"submittedTime\":\"{submitted}\",\"startDate\":\"2026-01-01\"}},\"blobs\":[{{\"blobName\":\"daily/{id}/part_0_0001.csv\"}}]}}"
            );
            manifest::read(Path::new(&format!("/d/daily/{id}/manifest.json")), text.as_bytes()).unwrap()
        };
        let manifests = [run(OLD, "2026-01-09T00:00:00Z"), run(NEW, "2026-01-05T00:00:00Z")];
        let files = [OLD, NEW].map(|id| format!("/d/daily/{id}/part_0_0001.csv"));
        let (read, _) = chosen(&manifests, &files);
        assert_eq!(read, files[..1]);
    }
}
