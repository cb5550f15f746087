//! The way of a load: find the files, let the manifests say which count, have them read, take them in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::child::Reading;
use super::current::{self, Choice, Lying};
use super::discover::{self, Found};
use super::manifest::{self, Manifest};
use super::protocol::{ReadResult, StagedInput};
use super::skipped::SkippedFile;
use super::{FailedFile, FileCode, LoadManifest, LoadOptions, LoadReport, commit, reading};
use crate::{Engagement, Result, StoreError, Watch};

/// A file that was staged.
pub(crate) struct Staged {
    pub(super) path: PathBuf,
    /// When the file was changed last.
    pub(super) changed: Option<SystemTime>,
    pub(super) result: ReadResult,
    /// The delivery of a manifest that it is part of.
    delivery: Option<Delivered>,
    /// The same of the members of an archive with manifests in it.
    member_deliveries: BTreeMap<String, Delivered>,
}

/// A delivery of a manifest.
#[derive(Clone)]
struct Delivered {
    /// Later ones have higher numbers.
    number: usize,
    manifest: Arc<LoadManifest>,
}

impl Staged {
    /// The delivery of a manifest that a file, or a member of it, is part of.
    pub(super) fn delivery_of(&self, member: Option<&str>) -> Option<usize> {
        self.delivered(member).map(|delivered| delivered.number)
    }

    /// The manifest by which a file, or a member of it, came.
    pub(super) fn manifest_of(&self, member: Option<&str>) -> Option<&Arc<LoadManifest>> {
        self.delivered(member).map(|delivered| &delivered.manifest)
    }

    fn delivered(&self, member: Option<&str>) -> Option<&Delivered> {
        member.and_then(|member| self.member_deliveries.get(member)).or(self.delivery.as_ref())
    }
}

/// A file that is missing from what is taken in, though it belongs to it.
pub(super) struct Lost {
    pub(super) path: PathBuf,
    pub(super) delivery: Option<usize>,
}

impl Engagement {
    /// Loads files and folders. All of it becomes charges in one transaction, or nothing changes. Of a folder, what is sound is
    /// loaded, and what is not is told; a delivery of which a part cannot be read is left out whole.
    ///
    /// # Errors
    /// [`StoreError::File`] names the file and the row that cannot be loaded; [`StoreError::Cancelled`]; see [`StoreError`].
    pub fn load(&self, paths: &[PathBuf], options: &LoadOptions, watch: &Arc<Watch>) -> Result<LoadReport> {
        let mut report = LoadReport::default();
        let mut lost = Vec::new();
        let found = discover::discover(paths)?;
        report.files = found.files.len() as u64;
        for (path, problem) in found.odd {
            let hint = "Give it another name.".to_owned();
            report.failed.push(FailedFile::at(&path, path.display().to_string(), problem, hint));
            lost.push(Lost { path, delivery: None });
        }
        let (found, mut deliveries) = counting(found.files, &mut report)?;
        watch.report(|progress| {
            progress.files_total = found.len() as u64;
            progress.bytes_total = found.iter().map(|file| file.bytes).sum();
        });
        let workshop = tempfile::Builder::new()
            .prefix(".staging-")
            .tempdir_in(&self.folder)
            .map_err(StoreError::io(&self.folder))?;
        let mut staged = Vec::new();
        for (file, reading) in found.iter().zip(reading::read_all(&found, workshop.path(), options, watch)?) {
            match reading {
                Reading::Staged { path, result } => {
                    let changed = std::fs::metadata(&path).and_then(|data| data.modified()).ok();
                    let delivery =
                        file.delivery.map(|number| Delivered { number, manifest: deliveries[number].clone() });
                    let mut one = Staged { path, changed, result, delivery, member_deliveries: BTreeMap::new() };
                    within_archive(&mut one, &mut deliveries, &mut report);
                    staged.push(one);
                }
                // No load asks for a look.
                Reading::Looked(_) => {}
                Reading::NotABill { file: name, problem, hint } if file.delivery.is_some() => {
                    report.failed.push(FailedFile::at(&file.path, name, problem, hint));
                    lost.push(Lost { path: file.path.clone(), delivery: file.delivery });
                }
                Reading::NotABill { file: name, problem, .. } => {
                    let code = FileCode::of_unknown(&file.path);
                    report.skipped.push(SkippedFile { file: name, code, reason: problem });
                }
                Reading::Failed(error) => {
                    report.failed.push(FailedFile::told(error, &file.path));
                    lost.push(Lost { path: file.path.clone(), delivery: file.delivery });
                }
            }
        }
        if staged.iter().all(|one| one.result.inputs.is_empty()) {
            return Err(nothing(paths, &report));
        }
        watch.report(|progress| {
            progress.files_done = progress.files_total;
            progress.file = None;
            progress.phase = "Writing charges".to_owned();
        });
        let made = commit::commit(self, &staged, &lost, options, watch, &mut report);
        // Also when it failed: the cubes may be gone.
        self.forget_catalog();
        let made = made?;
        report.loads = self.loads(true)?.into_iter().filter(|load| made.contains(&load.id)).collect();
        report.datasets = self.side_loads(true)?.into_iter().filter(|load| made.contains(&load.id)).collect();
        report.refused_values = self.refused_values(&made)?;
        report.notes.extend(self.told_missing_costs(&made)?);
        Ok(report)
    }
}

/// The error of a load without anything to take in.
pub(super) fn nothing(paths: &[PathBuf], report: &LoadReport) -> StoreError {
    if let [FailedFile { file, code, problem, hint }] = report.failed.as_slice() {
        return StoreError::File { file: file.clone(), code: *code, problem: problem.clone(), hint: hint.clone() };
    }
    let failed = report.failed.iter().map(|failed| SkippedFile {
        file: failed.file.clone(),
        code: failed.code,
        reason: failed.problem.clone(),
    });
    StoreError::NothingToLoad {
        paths: paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
        files: failed.chain(report.skipped.iter().cloned()).collect(),
    }
}

/// The files that count, as the manifests among them say, and the manifest of each delivery.
fn counting(mut found: Vec<Found>, report: &mut LoadReport) -> Result<(Vec<Found>, Vec<Arc<LoadManifest>>)> {
    let texts = found.iter().filter_map(|file| Some((file, manifest::candidate(&file.path)?)));
    let manifests: Vec<(bool, Manifest)> = texts
        .filter_map(|(file, text)| Some((file.named, manifest::read(&absolute(&file.path), text.as_bytes())?)))
        .collect();
    if manifests.is_empty() {
        return Ok((found, Vec::new()));
    }
    // A manifest that was named by hand stands for its files, wherever they lie.
    let present: BTreeSet<PathBuf> = found.iter().map(|file| absolute(&file.path)).collect();
    for (_, manifest) in manifests.iter().filter(|(named, _)| *named) {
        let files = manifest.files(&|path| present.contains(path) || path.is_file());
        for path in files.into_iter().filter_map(|(_, path)| path).filter(|path| !present.contains(path)) {
            let bytes = std::fs::metadata(&path).map_or(0, |data| data.len());
            found.push(Found { path, named: true, bytes, delivery: None });
        }
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    found.dedup_by(|later, earlier| later.path == earlier.path);
    report.files = found.len() as u64;
    let manifests: Vec<Manifest> = manifests.into_iter().map(|(_, manifest)| manifest).collect();
    let places: Vec<PathBuf> = found.iter().map(|file| absolute(&file.path)).collect();
    let lying: Vec<Lying> = found.iter().zip(&places).map(|(file, path)| Lying { path, named: file.named }).collect();
    let changed = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    let choice = current::choose(&manifests, &lying, &changed);
    for (number, delivered) in choice.deliveries.iter().enumerate() {
        for file in &delivered.files {
            found[*file].delivery = Some(number);
        }
    }
    let named = |path: &Path| found.iter().zip(&places).any(|(file, place)| file.named && place == path);
    if let Some((manifest, problem)) = choice.missing.iter().find(|(manifest, _)| named(manifest)) {
        return Err(StoreError::File {
            file: manifest.display().to_string(),
            code: FileCode::Faulty,
            problem: problem.clone(),
            hint: WHOLE.to_owned(),
        });
    }
    let manifests = choice.deliveries.iter().map(|delivered| {
        let left = delivered.left.iter().map(|at| places[*at].display().to_string()).collect();
        Arc::new(LoadManifest::of(&delivered.manifest, delivered.manifest.path.display().to_string(), left))
    });
    let deliveries = manifests.collect();
    let mut kept = Vec::new();
    for (position, file) in found.into_iter().enumerate() {
        if !choice.passed_over.contains(&position) {
            kept.push(file);
        }
    }
    tell(choice, None, report);
    Ok((kept, deliveries))
}

const WHOLE: &str = "Download the whole delivery; nothing of it was loaded.";

/// The path from the root, without a change to what it leads through.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Tells what manifests said; in an archive if one is given.
fn tell(choice: Choice, archive: Option<&Path>, report: &mut LoadReport) {
    let shown = |path: PathBuf| match archive {
        Some(archive) => super::reader::label(archive, path.to_str()),
        None => path.display().to_string(),
    };
    for (folder, code, reason) in choice.told {
        report.skipped.push(SkippedFile { file: shown(folder), code, reason });
    }
    for (manifest, problem) in choice.missing {
        let (file, hint) = (shown(manifest), WHOLE.to_owned());
        report.failed.push(FailedFile { file, code: FileCode::Faulty, problem, hint });
    }
}

/// Leaves out what the manifests in an archive say does not count.
fn within_archive(staged: &mut Staged, deliveries: &mut Vec<Arc<LoadManifest>>, report: &mut LoadReport) {
    let path = staged.path.clone();
    for (member, reason) in std::mem::take(&mut staged.result.passed_over) {
        let file = super::reader::label(&path, Some(&member));
        report.skipped.push(SkippedFile { file, code: FileCode::ArchiveMember, reason });
    }
    let manifests: Vec<Manifest> = staged
        .result
        .manifests
        .iter()
        .filter_map(|(member, text)| manifest::read(Path::new(member), text.as_bytes()))
        .collect();
    if manifests.is_empty() {
        return;
    }
    let inputs = std::mem::take(&mut staged.result.inputs);
    let place = |input: &StagedInput| PathBuf::from(input.member.clone().unwrap_or_default());
    let places: Vec<PathBuf> = inputs.iter().map(place).collect();
    let lying: Vec<Lying> = places.iter().map(|path| Lying { path, named: false }).collect();
    let choice = current::choose(&manifests, &lying, &|_| None);
    let within = |member: &Path| super::reader::label(&path, member.to_str());
    for delivered in &choice.deliveries {
        let left = delivered.left.iter().map(|at| within(&places[*at])).collect();
        let manifest = LoadManifest::of(&delivered.manifest, within(&delivered.manifest.path), left);
        let one = Delivered { number: deliveries.len(), manifest: Arc::new(manifest) };
        for file in &delivered.files {
            staged.member_deliveries.insert(inputs[*file].member.clone().unwrap_or_default(), one.clone());
        }
        deliveries.push(one.manifest);
    }
    let kept = inputs.into_iter().enumerate().filter(|(position, _)| !choice.passed_over.contains(position));
    staged.result.inputs = kept.map(|(_, input)| input).collect();
    tell(choice, Some(&path), report);
}
