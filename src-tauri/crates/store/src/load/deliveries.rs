//! Which files are one delivery of a bill, and which are deliveries of the same bill after one another.
//!
//! A manifest says so where there is one. Otherwise files of one folder (and one time stamp in the name) belong together unless they
//! hold the same charges, and what lies in several folders is parts of one delivery unless it does. Whatever had to be assumed is
//! told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::combine::{self, Told};
use super::likeness::{Charges, Likeness, likeness};
use super::naming::Name;
use super::protocol::{StagedInput, StagedUnit};
use super::run::{Lost, Staged};
use super::skipped::SkippedFile;
use super::{FileCode, HeldBack, LoadReport};
use crate::sql::literal;
use crate::{Engagement, Result, Watch};

/// What is replaced as one: a billing period of a report of a provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UnitKey {
    pub(super) billing_period: String,
    pub(super) provider: String,
    pub(super) report: String,
}

/// One staged table on its way in.
pub(super) struct Incoming<'a> {
    pub(super) staged: &'a Staged,
    pub(super) input: &'a StagedInput,
    /// The name under which its database is attached.
    pub(super) alias: String,
    /// Which of several reports of one bill it is, where its format knows several.
    pub(super) dataset: Option<String>,
}

impl Incoming<'_> {
    /// Whether a column holds a value in some row.
    pub(super) fn is_filled(&self, column: &str) -> bool {
        self.input.filled.iter().any(|other| other == column)
    }
}

/// The parts of one unit that came in one delivery: the position of the staged table, and its unit.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    pub(super) parts: Vec<(usize, StagedUnit)>,
}

/// A part at its place.
struct Piece<'a> {
    position: usize,
    unit: StagedUnit,
    /// The delivery of a manifest, in their order.
    manifest: Option<usize>,
    folder: PathBuf,
    name: Name,
    shown: String,
    changed: Option<SystemTime>,
    incoming: &'a Incoming<'a>,
}

/// Pieces that are taken together.
struct Cluster<'a> {
    pieces: Vec<Piece<'a>>,
}

/// The condition of a unit's charges in a staged table named `c`.
pub(super) fn is_of(unit: &StagedUnit) -> String {
    format!(
        "c.provider = {provider} AND coalesce(c.billing_account_id, '') = {account}
           AND c.billing_period_start >= {day}::DATE AND c.billing_period_start < {day}::DATE + 1",
        provider = literal(&unit.provider),
        account = literal(&unit.billing_account),
        day = literal(&unit.billing_period),
    )
}

/// Everything that was staged, with its notes told.
pub(super) fn incoming<'a>(staged: &'a [Staged], report: &mut LoadReport) -> Result<Vec<Incoming<'a>>> {
    let inputs: Vec<(&Staged, &StagedInput)> =
        staged.iter().flat_map(|one| one.result.inputs.iter().map(move |input| (one, input))).collect();
    let told: Vec<Told> = inputs
        .iter()
        .map(|(one, input)| Told { path: &one.path, format: &input.format, signs: &input.signs })
        .collect();
    let datasets = combine::settle(&told)?;
    for (one, input) in &inputs {
        let label = super::reader::label(&one.path, input.member.as_deref());
        report.notes.extend(input.notes.iter().map(|note| format!("{label}: {note}")));
    }
    let mut databases: BTreeMap<&Path, usize> = BTreeMap::new();
    let incoming = inputs.into_iter().zip(datasets).map(|((staged, input), dataset)| {
        // Small files may share a staging database.
        let next = databases.len();
        let number = *databases.entry(&input.database).or_insert(next);
        Incoming { staged, input, alias: format!("staged_{number}"), dataset }
    });
    Ok(incoming.collect())
}

/// The units with their deliveries, earlier before later. The staged databases must be attached.
pub(super) fn group(
    engagement: &Engagement,
    incoming: &[Incoming],
    watch: &Watch,
    report: &mut LoadReport,
) -> Result<BTreeMap<UnitKey, Vec<Delivery>>> {
    let mut units: BTreeMap<UnitKey, Vec<Piece>> = BTreeMap::new();
    for (position, one) in incoming.iter().enumerate() {
        for unit in &one.input.units {
            let key = UnitKey {
                billing_period: unit.billing_period.clone(),
                provider: unit.provider.clone(),
                report: combine::report_name(&one.input.format, one.dataset.as_deref(), &unit.billing_account),
            };
            units.entry(key).or_default().push(Piece::new(position, one, unit.clone()));
        }
    }
    let mut copies = BTreeSet::new();
    let mut grouped = BTreeMap::new();
    for (key, pieces) in units {
        let clusters = without_copies(clusters(pieces), &mut copies);
        let mut assumed = Vec::new();
        let clusters = within(engagement, clusters, watch, &mut assumed)?;
        let deliveries = between(engagement, clusters, watch, &mut assumed)?;
        let title = format!("{} {} of {}", key.provider, key.billing_period, key.report);
        report.notes.extend(assumed.into_iter().map(|note| format!("{title}: {note}")));
        grouped.insert(key, deliveries);
    }
    for (file, first) in copies {
        let reason = format!("the same content as {first}");
        report.skipped.push(SkippedFile { file, code: FileCode::SameContent, reason });
    }
    Ok(grouped)
}

/// Leaves out the units of which a part is among the `lost` files: half a delivery must not replace a whole one.
///
/// A lost file is a part when the manifest says so, or when it is numbered as the others are. Beyond that nobody knows what was in
/// it; then charges are not replaced by fewer, unless the file's name or an earlier load says that it is of another month.
pub(super) fn hold_back(
    engagement: &Engagement,
    grouped: &mut BTreeMap<UnitKey, Vec<Delivery>>,
    incoming: &[Incoming],
    lost: &[Lost],
    report: &mut LoadReport,
) -> Result<()> {
    if lost.is_empty() {
        return Ok(());
    }
    let loaded = engagement.texts(
        "SELECT provider, report, billing_period::VARCHAR, name, load.rows::VARCHAR, charge_to::DATE::VARCHAR
         FROM load JOIN load_file USING (load_id) JOIN source_file USING (file_id) WHERE state = 'current'",
    )?;
    let text = |row: &[Option<String>], at: usize| row[at].clone().unwrap_or_default();
    let mut files = BTreeSet::new();
    let mut extents: BTreeMap<UnitKey, (u64, String)> = BTreeMap::new();
    for row in &loaded {
        let key = UnitKey { provider: text(row, 0), report: text(row, 1), billing_period: text(row, 2) };
        extents.insert(key.clone(), (text(row, 4).parse().unwrap_or(0), text(row, 5)));
        files.insert((key, text(row, 3)));
    }
    grouped.retain(|key, deliveries| {
        let parts: Vec<&Incoming> =
            deliveries.iter().flat_map(|delivery| &delivery.parts).map(|(position, _)| &incoming[*position]).collect();
        let present: BTreeSet<&str> =
            files.iter().filter(|(unit, _)| unit == key).map(|(_, name)| name.as_str()).collect();
        let known = |name: &str| files.iter().any(|(_, other)| other == name);
        let reason = lost.iter().find_map(|lost| {
            let name = lost.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let own = Name::of(&name);
            let beside = |part: &&&Incoming| part.staged.path.parent() == lost.path.parent();
            let called =
                |part: &&Incoming| Name::of(&part.staged.path.file_name().unwrap_or_default().to_string_lossy());
            if lost.delivery.is_some() && parts.iter().any(|part| part.staged.delivery_of(None) == lost.delivery) {
                return Some(format!("{name} is part of the delivery and cannot be loaded"));
            }
            if lost.delivery.is_some() || !parts.iter().any(|part| beside(&part)) {
                return None;
            }
            if own.shape.contains('#') && parts.iter().filter(|part| beside(part)).any(|part| called(part) == own) {
                return Some(format!("{name} is called like a part of it and cannot be loaded"));
            }
            let elsewhere =
                own.is_of_another_month(&key.billing_period) || (known(&name) && !present.contains(name.as_str()));
            let newest = deliveries.last().map(|delivery| delivery.parts.as_slice()).unwrap_or_default();
            let rows: u64 = newest.iter().map(|(_, unit)| unit.rows).sum();
            let last_day = newest.iter().map(|(_, unit)| &unit.last_day).max();
            let fewer =
                extents.get(key).is_some_and(|(before, to)| rows < *before || last_day.is_some_and(|day| day < to));
            (fewer && !elsewhere)
                .then(|| format!("{name} may be part of it and cannot be loaded; what was loaded before has more"))
        });
        if let Some(reason) = &reason {
            report.held_back.push(HeldBack {
                provider: key.provider.clone(),
                report: key.report.clone(),
                billing_period: key.billing_period.clone(),
                reason: reason.clone(),
            });
        }
        reason.is_none()
    });
    Ok(())
}

impl<'a> Piece<'a> {
    fn new(position: usize, incoming: &'a Incoming<'a>, unit: StagedUnit) -> Self {
        let member = incoming.input.member.as_deref();
        // An archive is a folder of its own.
        let place = member.map_or_else(|| incoming.staged.path.clone(), |member| incoming.staged.path.join(member));
        Self {
            position,
            unit,
            manifest: incoming.staged.delivery_of(member),
            folder: place.parent().unwrap_or(&place).to_owned(),
            name: Name::of(&place.file_name().unwrap_or_default().to_string_lossy()),
            shown: super::reader::label(&incoming.staged.path, member),
            changed: incoming.staged.changed,
            incoming,
        }
    }

    fn content(&self) -> (&str, Option<&str>) {
        (&self.incoming.staged.result.sha256, self.incoming.input.member.as_deref())
    }

    fn charges(&self, label: usize) -> Charges<'a> {
        Charges {
            label,
            table: format!("{}.charge", self.incoming.alias),
            condition: is_of(&self.unit),
            range: self.incoming.input.range.map(|range| (self.incoming.input.row.as_str(), range)),
            columns: &self.incoming.input.filled,
            rows: self.unit.rows,
        }
    }
}

impl Cluster<'_> {
    /// What tells earlier from later: time stamps of names, the last day that is covered, when the files were changed, how much
    /// there is.
    fn order(&self) -> (Option<usize>, Vec<String>, String, Option<SystemTime>, u64, PathBuf) {
        let first = self.pieces.first();
        let stamps = first.map(|piece| {
            let folders = piece.folder.iter().flat_map(|part| Name::of(&part.to_string_lossy()).stamps);
            folders.chain(piece.name.stamps.iter().cloned()).collect()
        });
        (
            first.and_then(|piece| piece.manifest),
            stamps.unwrap_or_default(),
            self.pieces.iter().map(|piece| piece.unit.last_day.clone()).max().unwrap_or_default(),
            self.pieces.iter().filter_map(|piece| piece.changed).max(),
            self.pieces.iter().map(|piece| piece.unit.rows).sum(),
            first.map(|piece| PathBuf::from(&piece.shown)).unwrap_or_default(),
        )
    }

    fn shares_days(&self, other: &Self) -> bool {
        self.pieces.iter().any(|one| {
            let one = &one.unit;
            other
                .pieces
                .iter()
                .any(|other| one.first_day <= other.unit.last_day && other.unit.first_day <= one.last_day)
        })
    }

    /// Where it lies, for a person.
    fn shown(&self) -> String {
        match self.pieces.as_slice() {
            [piece] => piece.shown.clone(),
            [piece, rest @ ..] => format!("{} and {} more", piece.shown, rest.len()),
            [] => String::new(),
        }
    }
}

/// What a manifest names, and what lies in one folder with one time stamp.
fn clusters(pieces: Vec<Piece>) -> Vec<Cluster> {
    let mut clusters: BTreeMap<(Option<usize>, PathBuf, Vec<String>), Cluster> = BTreeMap::new();
    for piece in pieces {
        let key = match piece.manifest {
            Some(manifest) => (Some(manifest), PathBuf::new(), Vec::new()),
            None => (None, piece.folder.clone(), piece.name.stamps.clone()),
        };
        clusters.entry(key).or_insert_with(|| Cluster { pieces: Vec::new() }).pieces.push(piece);
    }
    clusters.into_values().collect()
}

/// Leaves out what is there twice, byte for byte: a file beside its copy, and a folder that is a copy of another. A file that is the
/// same in two deliveries belongs to both.
fn without_copies<'a>(clusters: Vec<Cluster<'a>>, copies: &mut BTreeSet<(String, String)>) -> Vec<Cluster<'a>> {
    let mut kept: Vec<Cluster> = Vec::new();
    for mut cluster in clusters {
        let mut seen: BTreeMap<(String, Option<String>), String> = BTreeMap::new();
        cluster.pieces.retain(|piece| {
            let (sha256, member) = piece.content();
            let key = (sha256.to_owned(), member.map(str::to_owned));
            let first = seen.get(&key).cloned();
            match first {
                Some(first) => {
                    copies.insert((piece.shown.clone(), first));
                    false
                }
                None => {
                    seen.insert(key, piece.shown.clone());
                    true
                }
            }
        });
        let content = |cluster: &Cluster| -> BTreeSet<(String, Option<String>)> {
            cluster
                .pieces
                .iter()
                .map(|piece| (piece.content().0.to_owned(), piece.content().1.map(str::to_owned)))
                .collect()
        };
        match kept.iter().find(|other| content(other) == content(&cluster)) {
            Some(other) => {
                copies.extend(cluster.pieces.iter().map(|piece| (piece.shown.clone(), other.shown())));
            }
            None => kept.push(cluster),
        }
    }
    kept
}

/// Fewer charges than this are no sign that numbered parts are deliveries.
const FEW: u64 = 20;

/// Takes clusters apart whose pieces hold the same charges: deliveries that lie in one folder.
fn within<'a>(
    engagement: &Engagement,
    clusters: Vec<Cluster<'a>>,
    watch: &Watch,
    assumed: &mut Vec<String>,
) -> Result<Vec<Cluster<'a>>> {
    let mut apart = Vec::new();
    for cluster in clusters {
        if cluster.pieces.len() < 2 || cluster.pieces[0].manifest.is_some() {
            apart.push(cluster);
            continue;
        }
        let mut single: Vec<Cluster> =
            cluster.pieces.into_iter().map(|piece| Cluster { pieces: vec![piece] }).collect();
        single.sort_by_cached_key(Cluster::order);
        // Numbers in otherwise equal names are what parts are called by.
        let shape = |one: &Cluster| one.pieces[0].name.shape.trim_end_matches(".gz").to_owned();
        let first = shape(&single[0]);
        let numbered = first.contains('#') && single.iter().all(|one| shape(one) == first);
        let same = same_bills(engagement, &single, if numbered { FEW } else { 0 }, watch)?;
        if same.is_empty() && !numbered && any_share_days(&single) {
            assumed.push(format!(
                "{} files of one folder are taken as parts of one delivery: they cover the same days with other charges",
                single.len()
            ));
        }
        apart.extend(
            layers(single, &same)
                .into_iter()
                .map(|layer| Cluster { pieces: layer.into_iter().flat_map(|cluster| cluster.pieces).collect() }),
        );
    }
    Ok(apart)
}

/// Puts the clusters in order: deliveries of the same charges after one another, parts of one delivery together.
fn between(
    engagement: &Engagement,
    mut clusters: Vec<Cluster<'_>>,
    watch: &Watch,
    assumed: &mut Vec<String>,
) -> Result<Vec<Delivery>> {
    clusters.sort_by_cached_key(Cluster::order);
    let mut same = if clusters.len() > 1 { same_bills(engagement, &clusters, 0, watch)? } else { BTreeMap::new() };
    for (left, one) in clusters.iter().enumerate() {
        for (right, other) in clusters.iter().enumerate().skip(left + 1) {
            let manifests = one.pieces[0].manifest.is_some() && other.pieces[0].manifest.is_some();
            if manifests || (one.shares_days(other) && are_versions(one, other)) {
                same.entry((left, right)).or_default();
            }
        }
    }
    if clusters.len() > 1 && same.is_empty() && any_share_days(&clusters) {
        assumed.push(format!(
            "what lies in {} places is taken as parts of one delivery: it covers the same days with other charges",
            clusters.len()
        ));
    }
    if !same.is_empty() {
        assumed.push(told(&clusters, &same));
    }
    let deliveries = layers(clusters, &same).into_iter().map(|layer| Delivery {
        parts: layer.into_iter().flat_map(|cluster| cluster.pieces).map(|piece| (piece.position, piece.unit)).collect(),
    });
    Ok(deliveries.collect())
}

/// Which clusters hold the same charges, by their positions in `clusters`.
fn same_bills(
    engagement: &Engagement,
    clusters: &[Cluster],
    few: u64,
    watch: &Watch,
) -> Result<BTreeMap<(usize, usize), Likeness>> {
    if !any_share_days(clusters) {
        return Ok(BTreeMap::new());
    }
    let charges: Vec<Charges> = clusters
        .iter()
        .enumerate()
        .flat_map(|(label, cluster)| cluster.pieces.iter().map(move |piece| piece.charges(label)))
        .collect();
    let mut alike = likeness(engagement, &charges, watch)?;
    alike.retain(|(left, right), likeness| {
        clusters[*left].shares_days(&clusters[*right]) && likeness.is_the_same_bill(few)
    });
    Ok(alike)
}

fn any_share_days(clusters: &[Cluster]) -> bool {
    clusters.iter().enumerate().any(|(at, one)| clusters[at + 1..].iter().any(|other| one.shares_days(other)))
}

/// Whether two clusters lie side by side in folders that are called by an id or a time, with files of the same names: a provider's
/// way to keep every delivery.
fn are_versions(one: &Cluster, other: &Cluster) -> bool {
    let (left, right) = (&one.pieces[0], &other.pieces[0]);
    let called = |folder: &Path| Name::of(&folder.file_name().unwrap_or_default().to_string_lossy());
    let (mine, its) = (called(&left.folder), called(&right.folder));
    left.folder != right.folder
        && left.folder.parent() == right.folder.parent()
        && mine.marks_a_delivery()
        && mine.shape == its.shape
        && one.pieces.iter().all(|piece| other.pieces.iter().any(|its| its.name.shape == piece.name.shape))
}

/// The layers of deliveries, earlier before later. What has no counterpart is part of the last one.
fn layers<'a>(clusters: Vec<Cluster<'a>>, same: &BTreeMap<(usize, usize), Likeness>) -> Vec<Vec<Cluster<'a>>> {
    let mut behind = vec![0_usize; clusters.len()];
    for left in (0..clusters.len()).rev() {
        let later = same.keys().filter(|(one, _)| *one == left).map(|(_, other)| behind[*other] + 1);
        behind[left] = later.max().unwrap_or(0);
    }
    let last = behind.iter().copied().max().unwrap_or(0);
    let mut layers: Vec<Vec<Cluster>> = (0..=last).map(|_| Vec::new()).collect();
    for (cluster, behind) in clusters.into_iter().zip(behind) {
        layers[last - behind].push(cluster);
    }
    layers
}

/// What is said of deliveries after one another.
fn told(clusters: &[Cluster], same: &BTreeMap<(usize, usize), Likeness>) -> String {
    let newest = clusters.last().map(Cluster::shown).unwrap_or_default();
    let most =
        same.values().map(|likeness| likeness.charges.percent.max(likeness.things.percent).max(likeness.sums.percent));
    let alike = match most.max().unwrap_or(0) {
        0 => "their folders are called as deliveries are".to_owned(),
        percent => format!("up to {percent} % of their charges or costs are the same"),
    };
    format!("it was delivered more than once ({alike}); {newest} counts")
}
