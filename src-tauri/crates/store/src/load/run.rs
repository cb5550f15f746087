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
use super::{FailedFile, LoadOptions, LoadReport, SkippedFile, commit, reading};
use crate::{Engagement, Result, StoreError, Watch};

/// A file that was staged.
pub(crate) struct Staged {
    pub(super) path: PathBuf,
    /// When the file was changed last.
    pub(super) changed: Option<SystemTime>,
    pub(super) result: ReadResult,
    /// The delivery of a manifest that it is part of; later ones have higher numbers.
    delivery: Option<usize>,
    /// The same of the members of an archive with manifests in it.
    member_deliveries: BTreeMap<String, usize>,
}

impl Staged {
    /// The delivery of a manifest that a file, or a member of it, is part of.
    pub(super) fn delivery_of(&self, member: Option<&str>) -> Option<usize> {
        member.and_then(|member| self.member_deliveries.get(member).copied()).or(self.delivery)
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
            report.failed.push(FailedFile { file: path.display().to_string(), problem, hint });
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
                    let mut one =
                        Staged { path, changed, result, delivery: file.delivery, member_deliveries: BTreeMap::new() };
                    within_archive(&mut one, &mut deliveries, &mut report);
                    staged.push(one);
                }
                // No load asks for a look.
                Reading::Looked(_) => {}
                Reading::NotABill { file: name, problem, hint } if file.delivery.is_some() => {
                    report.failed.push(FailedFile { file: name, problem, hint });
                    lost.push(Lost { path: file.path.clone(), delivery: file.delivery });
                }
                Reading::NotABill { file: name, problem, .. } => {
                    report.skipped.push(SkippedFile { file: name, reason: problem });
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
        Ok(report)
    }
}

impl FailedFile {
    fn told(error: StoreError, path: &Path) -> Self {
        match error {
            StoreError::File { file, problem, hint } => Self { file, problem, hint },
            StoreError::ReaderDied { file, how } => Self {
                file,
                problem: format!("the reader stopped without an answer ({how}); the file may be damaged"),
                hint: "Try the file again; if it happens again, export it anew.".to_owned(),
            },
            other => Self { file: path.display().to_string(), problem: other.to_string(), hint: String::new() },
        }
    }
}

/// The error of a load without anything to take in.
pub(super) fn nothing(paths: &[PathBuf], report: &LoadReport) -> StoreError {
    if let [FailedFile { file, problem, hint }] = report.failed.as_slice() {
        return StoreError::File { file: file.clone(), problem: problem.clone(), hint: hint.clone() };
    }
    let failed = report.failed.iter().map(|file| format!("{}: {}", file.file, file.problem));
    let skipped = report.skipped.iter().map(|file| format!("{}: {}", file.file, file.reason));
    StoreError::NothingToLoad {
        paths: paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
        details: failed.chain(skipped).collect(),
    }
}

/// The files that count, as the manifests among them say, and how many deliveries the manifests name.
fn counting(mut found: Vec<Found>, report: &mut LoadReport) -> Result<(Vec<Found>, usize)> {
    let texts = found.iter().filter_map(|file| Some((file, manifest::candidate(&file.path)?)));
    let manifests: Vec<(bool, Manifest)> = texts
        .filter_map(|(file, text)| Some((file.named, manifest::read(&absolute(&file.path), text.as_bytes())?)))
        .collect();
    if manifests.is_empty() {
        return Ok((found, 0));
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
            problem: problem.clone(),
            hint: WHOLE.to_owned(),
        });
    }
    let deliveries = choice.deliveries.len();
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
        Some(archive) => super::stage::label(archive, path.to_str()),
        None => path.display().to_string(),
    };
    for (folder, reason) in choice.told {
        report.skipped.push(SkippedFile { file: shown(folder), reason });
    }
    for (manifest, problem) in choice.missing {
        report.failed.push(FailedFile { file: shown(manifest), problem, hint: WHOLE.to_owned() });
    }
}

/// Leaves out what the manifests in an archive say does not count.
fn within_archive(staged: &mut Staged, deliveries: &mut usize, report: &mut LoadReport) {
    let path = staged.path.clone();
    for (member, reason) in std::mem::take(&mut staged.result.passed_over) {
        report.skipped.push(SkippedFile { file: super::stage::label(&path, Some(&member)), reason });
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
    for delivered in &choice.deliveries {
        for file in &delivered.files {
            staged.member_deliveries.insert(inputs[*file].member.clone().unwrap_or_default(), *deliveries);
        }
        *deliveries += 1;
    }
    let kept = inputs.into_iter().enumerate().filter(|(position, _)| !choice.passed_over.contains(position));
    staged.result.inputs = kept.map(|(_, input)| input).collect();
    tell(choice, Some(&path), report);
}
