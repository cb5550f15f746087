//! The reading child's work: one file becomes staged tables of charges, one for each export in it.

use std::path::Path;

use super::meter::metered;
use super::protocol::{ReadRequest, ReadResult, ReaderMessage, StagedInput};
use super::refusing::unfit;
use super::stage::stage;
use super::unpack::{self, Plain, Unfit, Unpacked};
use super::{json_lines, line_ends};

/// The part of the progress that unpacking and checking a file takes: one fifth.
const CHECKING_SHARE: u64 = 5;

/// Reads what is asked for and says how it goes.
pub(crate) fn run(request: &ReadRequest, say: &(dyn Fn(ReaderMessage) + Sync)) {
    if request.look {
        return super::look::look(request, say);
    }
    let message = match read(request, say) {
        Ok(result) => ReaderMessage::Done { result },
        Err(unfit) => {
            let file = label(&request.file, unfit.member.as_deref());
            let Unfit { problem, hint, not_a_bill, no_room, .. } = unfit;
            if not_a_bill {
                ReaderMessage::NotABill { file, problem, hint }
            } else {
                ReaderMessage::Failed { file, problem, hint, no_room }
            }
        }
    };
    say(message);
}

/// A file, and the member of an archive in it, for a person.
pub(crate) fn label(file: &Path, member: Option<&str>) -> String {
    member.map_or_else(|| file.display().to_string(), |member| format!("{}!{member}", file.display()))
}

fn read(request: &ReadRequest, say: &(dyn Fn(ReaderMessage) + Sync)) -> Result<ReadResult, Unfit> {
    let before = fingerprint(&request.file)?;
    let phase = |text: &str, bytes: u64| say(ReaderMessage::Progress { phase: text.to_owned(), bytes });
    let (unpacked, staged) = match unpack::in_place(&request.file)? {
        Some(plain) => beside_its_check(&plain, request, before.0, &|bytes| phase("Reading", bytes))?,
        None => {
            // Checking goes through the file once, reading takes several times as long.
            let checked = |bytes: u64| bytes / CHECKING_SHARE;
            let unpacked =
                unpack::unpack(&request.file, &request.staging, &mut |bytes| phase("Checking", checked(bytes)))?;
            let reading = |thousandths: u64| {
                phase("Reading", checked(before.0) + (before.0 - checked(before.0)) / 1000 * thousandths);
            };
            let staged = stage_all(&unpacked, request, &reading)?;
            (unpacked, staged)
        }
    };
    let Unpacked { sha256, mut passed_over, manifests, .. } = unpacked;
    passed_over.extend(staged.passed_over);
    if staged.inputs.is_empty() {
        return Err(Unfit {
            member: passed_over.first().map(|(member, _)| member.clone()),
            ..Unfit::not_a_bill(
                passed_over
                    .first()
                    .map_or_else(|| "the archive holds no file".to_owned(), |(_, problem)| problem.clone()),
                "An archive of CSV or Parquet exports is wanted.",
            )
        });
    }
    if fingerprint(&request.file)? != before {
        return Err(unfit("the file changed while it was read", "Load it again when nothing writes to it any more."));
    }
    Ok(ReadResult { sha256, bytes: before.0, inputs: staged.inputs, passed_over, manifests })
}

/// What became of the exports in a file.
struct Staged {
    inputs: Vec<StagedInput>,
    /// Members that are no exports, each with the reason why it was left.
    passed_over: Vec<(String, String)>,
}

/// Stages a file that lies as it is read while it is hashed and checked, which alone would keep one core busy and the others waiting.
/// What is found wrong with the file itself goes before what staging makes of that.
fn beside_its_check(
    plain: &Plain,
    request: &ReadRequest,
    length: u64,
    tell: &(dyn Fn(u64) + Sync),
) -> Result<(Unpacked, Staged), Unfit> {
    // Both go through the file.
    let reading = |bytes: u64| tell((bytes / 2).min(length));
    std::thread::scope(|scope| {
        let checking = scope.spawn(|| unpack::unpack(&request.file, &request.staging, &mut |_| {}));
        let (staged, unpacked) = metered(&reading, || {
            let staged = stage_one(plain, 0, request);
            // A panic of the check is one of this thread.
            (staged, checking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        Ok((unpacked?, Staged { inputs: vec![staged?], passed_over: Vec::new() }))
    })
}

/// Stages what was unpacked; `tell` hears the thousandths that are read.
fn stage_all(unpacked: &Unpacked, request: &ReadRequest, tell: &(dyn Fn(u64) + Sync)) -> Result<Staged, Unfit> {
    let Unpacked { plains, passed_over, manifests, .. } = unpacked;
    let plain_bytes: u64 =
        plains.iter().filter_map(|plain| std::fs::metadata(&plain.path).ok()).map(|data| data.len()).sum();
    let several = plains.len() + passed_over.len() + manifests.len() > 1;
    let mut staged = Staged { inputs: Vec::new(), passed_over: Vec::new() };
    let mut read_before = 0;
    for (position, plain) in plains.iter().enumerate() {
        // In thousandths of the unpacked size, which may be far from the file's own.
        let reading = |bytes: u64| {
            tell((read_before + bytes).saturating_mul(1000).checked_div(plain_bytes).unwrap_or(0).min(1000));
        };
        reading(0);
        let length = std::fs::metadata(&plain.path).map_or(0, |data| data.len());
        let outcome = metered(&reading, || stage_one(plain, position, request));
        read_before += length;
        match outcome {
            Ok(input) => staged.inputs.push(input),
            // An archive may hold a manifest beside the export.
            Err(unfit) if several && unfit.not_a_bill => {
                let member = unfit.member.or_else(|| plain.member.clone()).unwrap_or_default();
                staged.passed_over.push((member, unfit.problem));
            }
            Err(mut unfit) => {
                unfit.member = unfit.member.or_else(|| plain.member.clone());
                return Err(unfit);
            }
        }
    }
    Ok(staged)
}

/// Stages one export, and removes what it was staged from if that was made for it.
fn stage_one(plain: &Plain, position: usize, request: &ReadRequest) -> Result<StagedInput, Unfit> {
    let beside = |kind: &str| request.staging.join(format!("staged-{position}.{kind}"));
    let mut staged = stage(plain, beside("duckdb"), request);
    let refused = staged.as_ref().map_or(true, |input| input.rejected > 0);
    let even = beside("even.csv");
    if refused && !plain.parquet && !json_lines::is_json(&plain.path) && line_ends::made_even(&plain.path, &even)? {
        discard(&beside("duckdb"), &request.staging);
        let plain = Plain { member: plain.member.clone(), path: even.clone(), parquet: false };
        staged = stage(&plain, beside("even.duckdb"), request);
        discard(&even, &request.staging);
    }
    discard(&plain.path, &request.staging);
    // JSON was laid out as a table beside the database.
    discard(&beside("csv"), &request.staging);
    staged
}

/// Removes what was unpacked once it is staged: a delivery unpacked as a whole may be larger than the disk. What is left lying goes with
/// the staging folder.
pub(super) fn discard(unpacked: &Path, staging: &Path) {
    if unpacked.starts_with(staging) {
        let _left_for_later = std::fs::remove_file(unpacked);
    }
}

/// Size and time of last change.
pub(super) fn fingerprint(file: &Path) -> Result<(u64, Option<std::time::SystemTime>), Unfit> {
    match std::fs::metadata(file) {
        Ok(data) => Ok((data.len(), data.modified().ok())),
        Err(error) => {
            Err(unfit(format!("it cannot be read ({error})"), "Check that the file is there and may be read."))
        }
    }
}
