//! Opens what an export came in: hashes it, takes it out of its container, and makes sure that text is text.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::archive::{self, Members};
use super::hashing::Hashing;
use super::plain_text::{copy_text, is_text};

/// A plain CSV or Parquet file ready to be read.
pub(crate) struct Plain {
    /// The archive member, if any.
    pub(crate) member: Option<String>,
    pub(crate) path: PathBuf,
    pub(crate) parquet: bool,
}

/// What was in a file.
pub(crate) struct Unpacked {
    /// The hash of the file as it lies on disk, in hex.
    pub(crate) sha256: String,
    pub(crate) plains: Vec<Plain>,
    /// Members of an archive that are no exports, each with the reason why it was left.
    pub(crate) passed_over: Vec<(String, String)>,
    /// The manifests in an archive: member and text.
    pub(crate) manifests: Vec<(String, String)>,
}

/// Why a file cannot be taken as it is.
#[derive(Debug)]
pub(crate) struct Unfit {
    /// The archive member, if any.
    pub(crate) member: Option<String>,
    pub(crate) problem: String,
    pub(crate) hint: String,
    /// Whether it looks like something that is no billing export at all.
    pub(crate) not_a_bill: bool,
    /// Whether there was no room on the disk, and so the file is not at fault.
    pub(crate) no_room: bool,
}

pub(super) const CHUNK: usize = 1 << 18;

/// How much of a file is looked at to tell its container: the header of a tar archive.
const HEAD: usize = 512;

/// A file beyond this is staged while it is hashed and checked.
const BESIDE: u64 = 8 << 20;

/// How much of such a file must be text before anything else looks at it.
const BEGINNING: u64 = 1 << 20;

/// A large file that can be read where it lies, by its beginning: whether all of it can be is for [`unpack`] to say, which may do so
/// meanwhile. None where `unpack` has to be asked first.
pub(crate) fn in_place(file: &Path) -> Result<Option<Plain>, Unfit> {
    let mut beginning = Vec::new();
    let length = std::fs::metadata(file).map_err(|error| unreadable(&error, None))?.len();
    if length > BESIDE {
        open(file)?.take(BEGINNING).read_to_end(&mut beginning).map_err(|error| unreadable(&error, Some(0)))?;
    }
    let Some(head) = beginning.first_chunk::<HEAD>() else { return Ok(None) };
    let parquet = match Container::of(head) {
        Container::Parquet => true,
        Container::Text if is_text(&beginning) => false,
        _ => return Ok(None),
    };
    Ok(Some(Plain { member: None, path: file.to_owned(), parquet }))
}

/// The plain files in `file`, which are laid into `staging` where they have to be unpacked.
pub(crate) fn plains(file: &Path, staging: &Path) -> Result<Vec<Plain>, Unfit> {
    match in_place(file)? {
        Some(plain) => Ok(vec![plain]),
        None => Ok(unpack(file, staging, &mut |_| {})?.plains),
    }
}

/// Hashes `file` and lays every export in it into `staging` as a plain file (a plain file stays where it is). `progress` is told
/// the bytes of `file` read so far.
pub(crate) fn unpack(file: &Path, staging: &Path, progress: &mut dyn FnMut(u64)) -> Result<Unpacked, Unfit> {
    let head = head_of(&mut open(file)?)?;
    if head.is_empty() {
        return Err(Unfit::new("the file is empty", "Export it again; an interrupted download leaves such a file."));
    }
    let length = std::fs::metadata(file).map_err(|error| unreadable(&error, None))?.len();
    let budget = Budget::of(length);
    let mut hashing = Hashing::of(open(file)?, length, progress);
    let in_place = |parquet: bool| Members {
        plains: vec![Plain { member: None, path: file.to_owned(), parquet }],
        ..Members::default()
    };
    let members = match Container::of(&head) {
        Container::Gzip => {
            let path = staging.join("unpacked");
            match unpack_gzip(&mut hashing, &path, &budget)? {
                Some(members) => members,
                None => Members {
                    plains: vec![Plain { member: None, parquet: starts_with_parquet(&path), path }],
                    ..Members::default()
                },
            }
        }
        Container::Zip => {
            // A zip is read from its end, so it is hashed on its own.
            drain(&mut hashing)?;
            archive::unpack_zip(file, staging, &budget)?
        }
        Container::Tar => archive::unpack_tar(&mut hashing, staging, &budget)?,
        Container::Parquet => {
            drain(&mut hashing)?;
            in_place(true)
        }
        Container::Compressed(what) => {
            return Err(Unfit::new(
                format!("this is {what}, which is not read"),
                "Unpack it first, or give it as CSV, CSV.gz, zip, tar or Parquet.",
            ));
        }
        Container::Document(what) => {
            return Err(Unfit::not_a_bill(
                format!("this is {what}, which is not read"),
                "Give it as CSV, CSV.gz, zip, tar or Parquet.",
            ));
        }
        Container::Text => {
            copy_text(&mut hashing, &mut io::sink())?;
            in_place(false)
        }
    };
    // What a decoder did not need to read still belongs to the hash.
    drain(&mut hashing)?;
    let Members { plains, passed_over, manifests } = members;
    Ok(Unpacked { sha256: hashing.finish(), plains, passed_over, manifests })
}

/// The containers that are told apart by their first bytes.
pub(super) enum Container {
    Gzip,
    Zip,
    Tar,
    Parquet,
    Text,
    /// Compressed in a way that is not read; a bill may be in it.
    Compressed(&'static str),
    /// Nothing that a bill could be in.
    Document(&'static str),
}

impl Container {
    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            [b'P', b'A', b'R', b'1', ..] => Self::Parquet,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Compressed("a Zstandard archive"),
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Compressed("a bzip2 archive"),
            [0xfd, b'7', b'z', b'X', ..] => Self::Compressed("an xz archive"),
            [b'7', b'z', 0xbc, 0xaf, ..] => Self::Compressed("a 7-Zip archive"),
            [b'R', b'a', b'r', b'!', ..] => Self::Compressed("a RAR archive"),
            [b'%', b'P', b'D', b'F', ..] => Self::Document("a PDF document"),
            [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => Self::Document("a picture"),
            [0xd0, 0xcf, 0x11, 0xe0, ..] => Self::Document("an old Office document"),
            _ if is_tar(head) => Self::Tar,
            _ => Self::Text,
        }
    }
}

/// Whether a file begins with a tar header: its checksum says so, with or without the later mark.
fn is_tar(head: &[u8]) -> bool {
    let Ok(block) = <&[u8; 512]>::try_from(head) else { return false };
    let header = tar::Header::from_byte_slice(block);
    // The checksum counts itself as blanks.
    let sum: u32 =
        block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) }).sum();
    block[0] != 0 && header.cksum().is_ok_and(|stated| stated == sum)
}

/// Unpacks a gzip stream to `target`; gives the members when there is a tar archive in it instead of a file.
pub(super) fn unpack_gzip(source: &mut dyn Read, target: &Path, budget: &Budget) -> Result<Option<Members>, Unfit> {
    let decoder = flate2::read::MultiGzDecoder::new(BufReader::with_capacity(CHUNK, source));
    let mut decoder = budget.limit(decoder);
    let head = head_of(&mut decoder)?;
    if head.is_empty() {
        return Err(Unfit::new("the gzip file holds nothing", "Export it again."));
    }
    let mut stream = (&head[..]).chain(decoder);
    match Container::of(&head) {
        Container::Parquet => {
            copy_bytes(&mut stream, target, Some(0))?;
            Ok(None)
        }
        Container::Tar => {
            let staging = target.parent().unwrap_or(target);
            archive::unpack_tar(&mut stream, staging, budget).map(Some)
        }
        Container::Gzip | Container::Zip | Container::Compressed(_) => Err(Unfit::new(
            "it is an archive inside an archive, which is not opened",
            "Unpack the outer one and load what is in it.",
        )),
        Container::Document(_) | Container::Text => {
            copy_text(&mut stream, &mut create(target)?)?;
            Ok(None)
        }
    }
}

/// How much a file may unpack to. Bills compress ten- to fifty-fold; a file made to fill a disk compresses a thousandfold.
pub(super) struct Budget {
    packed: u64,
    left: Cell<u64>,
}

/// Unpacked bytes that any file may have,
const UNPACKED_FREE: u64 = 4 << 30;

/// and for each of its own bytes.
const UNPACKED_RATIO: u64 = 250;

impl Budget {
    fn of(packed: u64) -> Self {
        Self::new(packed, UNPACKED_FREE.max(packed.saturating_mul(UNPACKED_RATIO)))
    }

    fn new(packed: u64, unpacked: u64) -> Self {
        Self { packed, left: Cell::new(unpacked) }
    }

    /// `reader` until the budget is used up; then an error.
    pub(super) fn limit<R: Read>(&self, reader: R) -> Limited<'_, R> {
        Limited { inner: reader, budget: self }
    }
}

/// See [`Budget::limit`].
pub(super) struct Limited<'a, R> {
    inner: R,
    budget: &'a Budget,
}

/// The error of a [`Limited`] reader.
#[derive(Debug, thiserror::Error)]
#[error("{packed} bytes unpack to far more than a bill of that size would")]
struct TooLarge {
    packed: u64,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.budget.left.get().checked_sub(count as u64) {
            Some(left) => self.budget.left.set(left),
            None => return Err(io::Error::other(TooLarge { packed: self.budget.packed })),
        }
        Ok(count)
    }
}

/// The first bytes of a stream: up to 512, fewer when it ends before.
pub(super) fn head_of(stream: &mut dyn Read) -> Result<Vec<u8>, Unfit> {
    let mut head = Vec::new();
    stream.take(HEAD as u64).read_to_end(&mut head).map_err(|error| unreadable(&error, Some(0)))?;
    Ok(head)
}

/// Copies what is no text.
pub(super) fn copy_bytes(source: &mut dyn Read, target: &Path, lines: Option<u64>) -> Result<(), Unfit> {
    let mut output = create(target)?;
    let mut buffer = vec![0_u8; CHUNK];
    loop {
        match source.read(&mut buffer).map_err(|error| unreadable(&error, lines))? {
            0 => return output.flush().map_err(|error| unwritable(&error)),
            count => output.write_all(&buffer[..count]).map_err(|error| unwritable(&error))?,
        }
    }
}

fn drain(stream: &mut dyn Read) -> Result<(), Unfit> {
    io::copy(stream, &mut io::sink()).map(|_| ()).map_err(|error| unreadable(&error, None))
}

impl Unfit {
    pub(super) fn new(problem: impl Into<String>, hint: &str) -> Self {
        Self { member: None, problem: problem.into(), hint: hint.to_owned(), not_a_bill: false, no_room: false }
    }

    pub(super) fn not_a_bill(problem: impl Into<String>, hint: &str) -> Self {
        Self { not_a_bill: true, ..Self::new(problem, hint) }
    }

    pub(super) fn within(mut self, member: &str) -> Self {
        self.member = Some(member.to_owned());
        self
    }
}

/// Whether the error is that of a [`Limited`] reader.
pub(super) fn is_too_large(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<TooLarge>())
}

/// Why a stream cannot be read on; `lines` were read of a text before.
pub(super) fn unreadable(error: &io::Error, lines: Option<u64>) -> Unfit {
    if is_too_large(error) {
        return Unfit::new(
            format!("it was not unpacked to its end: {error}"),
            "If it is a bill all the same, unpack it by hand and load what is in it.",
        );
    }
    match (error.kind(), lines) {
        (io::ErrorKind::UnexpectedEof, Some(lines)) => Unfit::new(
            format!("the compressed data end too early, after line {lines}: the file is cut short"),
            "Download it again.",
        ),
        (io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData, Some(lines)) => {
            Unfit::new(format!("the compressed data are damaged after line {lines} ({error})"), "Download it again.")
        }
        _ => Unfit::new(format!("it cannot be read ({error})"), "Check that the file is there and may be read."),
    }
}

pub(super) fn unwritable(error: &io::Error) -> Unfit {
    let full =
        matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge);
    let problem = if full {
        "the disk is full: there is no room to unpack it in the engagement's folder".to_owned()
    } else {
        format!("it cannot be unpacked into the engagement's folder ({error})")
    };
    Unfit { no_room: true, ..Unfit::new(problem, "Free some space, or move the engagement to a larger disk.") }
}

pub(super) fn open(file: &Path) -> Result<File, Unfit> {
    File::open(file).map_err(|error| unreadable(&error, None))
}

pub(super) fn create(path: &Path) -> Result<BufWriter<File>, Unfit> {
    File::create(path).map(|file| BufWriter::with_capacity(CHUNK, file)).map_err(|error| unwritable(&error))
}

pub(super) fn starts_with_parquet(path: &Path) -> bool {
    let mut head = [0_u8; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && &head == b"PAR1"
}

#[cfg(test)]
mod tests {
    use testsupport::container::{TarMember, gzip, tar, tar_of, zip};

    use super::*;

    const BILL: &[u8] = b"a,b\n1,2\n";

    /// The members of a file that are exports, with their texts, and what was passed over; or the problem.
    type Opened = Result<(Vec<(Option<String>, String)>, Vec<(String, String)>), String>;

    fn opened(bytes: &[u8]) -> Opened {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("delivery");
        std::fs::write(&file, bytes).unwrap();
        let staging = folder.path().join("staging");
        std::fs::create_dir(&staging).unwrap();
        let unpacked = unpack(&file, &staging, &mut |_| {}).map_err(|unfit| {
            unfit.member.map_or_else(|| unfit.problem.clone(), |member| format!("{member}: {}", unfit.problem))
        })?;
        let inside = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(inside, 2, "nothing is written outside the staging folder");
        let read = |plain: &Plain| (plain.member.clone(), std::fs::read_to_string(&plain.path).unwrap());
        Ok((unpacked.plains.iter().map(read).collect(), unpacked.passed_over))
    }

    #[track_caller]
    fn holds(bytes: &[u8], members: &[&str]) {
        let (plains, passed_over) = opened(bytes).unwrap();
        let expected: Vec<(Option<String>, String)> =
            members.iter().map(|name| (Some((*name).to_owned()), "a,b\n1,2\n".to_owned())).collect();
        assert_eq!((plains, passed_over), (expected, Vec::new()));
    }

    #[test]
    fn containers_are_told_by_content_not_by_name() {
        holds(&tar_of(&[("x/1.csv", BILL), ("x/2", &gzip(BILL))]), &["x/1.csv", "x/2"]);
        holds(&gzip(&tar_of(&[("1.csv", BILL)])), &["1.csv"]);
        holds(&zip(&[("1.csv", BILL), ("2.gz", &gzip(BILL))]), &["1.csv", "2.gz"]);
        let alone = vec![(None, "a,b\n1,2\n".to_owned())];
        assert_eq!(opened(&gzip(BILL)), Ok((alone.clone(), Vec::new())), "a gzip without .csv in its name");
        assert_eq!(opened(BILL), Ok((alone, Vec::new())), "no ending at all");
    }

    #[test]
    fn members_cannot_lead_out_of_the_archive() {
        let ways = ["../../escaped.csv", "/etc/escaped.csv", "a/../../escaped.csv", "..\\escaped.csv"];
        holds(&tar_of(&ways.map(|name| (name, BILL))), &ways);
        holds(&zip(&[("../../escaped.csv", BILL)]), &["../../escaped.csv"]);
    }

    #[test]
    fn links_pipes_and_devices_are_not_followed() {
        let member = |name, kind, target, bytes| TarMember { name, kind, target, bytes };
        let archive = tar(&[
            member("folder/", b'5', "", b""),
            member("passwords", b'2', "/etc/passwd", b""),
            member("again", b'1', "/etc/shadow", b""),
            member("pipe", b'6', "", b""),
            member("passwords/bill.csv", b'0', "", BILL),
        ]);
        let (plains, passed_over) = opened(&archive).unwrap();
        assert_eq!(plains, [(Some("passwords/bill.csv".to_owned()), "a,b\n1,2\n".to_owned())]);
        let reasons: Vec<&str> = passed_over.iter().map(|(_, reason)| reason.as_str()).collect();
        let link = "a link, which is not followed";
        assert_eq!(reasons, [link, link, "a pipe or a device, not a file"]);
    }

    #[test]
    fn an_archive_inside_an_archive_is_not_opened() {
        let (inner, tar) = (zip(&[("1.csv", BILL)]), tar_of(&[("1.csv", BILL)]));
        let nested =
            [zip(&[("in", &inner)]), zip(&[("in", &gzip(&tar))]), tar_of(&[("in", &inner)]), tar_of(&[("in", &tar)])];
        for archive in nested {
            let problem = opened(&archive).unwrap_err();
            assert_eq!(problem, "in: it is an archive inside an archive, which is not opened");
        }
        for archive in [gzip(&inner), gzip(&gzip(BILL))] {
            assert!(opened(&archive).unwrap_err().contains("an archive inside an archive"));
        }
    }

    #[test]
    fn archives_that_were_cut_short() {
        let archive = tar_of(&[("1.csv", BILL), ("2.csv", &BILL.repeat(200))]);
        assert_eq!(opened(&archive[..2048]).unwrap_err(), "2.csv: the tar archive is cut short");
        let packed = gzip(&archive);
        assert!(opened(&packed[..packed.len() / 2]).unwrap_err().contains("cut short"));
        let mut damaged = archive;
        damaged[1024] ^= 1;
        assert!(opened(&damaged).unwrap_err().contains("the tar archive is damaged"));
    }

    #[test]
    fn what_is_no_bill_in_an_archive_is_passed_over_and_what_may_be_one_is_not() {
        let archive = zip(&[("logo.png", b"\x89PNG\r\n"), ("empty.csv", b""), (".hidden", b"\0"), ("1.csv", BILL)]);
        let (plains, passed_over) = opened(&archive).unwrap();
        assert_eq!(plains.len(), 1);
        let told: Vec<String> = passed_over.iter().map(|(name, reason)| format!("{name}: {reason}")).collect();
        assert_eq!(told, ["logo.png: this is a picture", "empty.csv: the file is empty"]);
        let packed = tar_of(&[("1.csv", BILL), ("2.csv.zst", b"\x28\xb5\x2f\xfd")]);
        assert_eq!(opened(&packed).unwrap_err(), "2.csv.zst: this is a Zstandard archive, which is not read");
        let binary = tar_of(&[("1.csv", BILL), ("2.csv", b"a,b\n1,\0\n")]);
        assert!(
            opened(&binary).unwrap_err().starts_with("2.csv: line 2 holds a NUL byte"),
            "a bad part is no part to leave out"
        );
    }

    #[test]
    fn a_member_that_was_added_again_replaces_the_first() {
        let (plains, passed_over) = opened(&tar_of(&[("1.csv", b"old"), ("1.csv", BILL)])).unwrap();
        assert_eq!(plains, [(Some("1.csv".to_owned()), "a,b\n1,2\n".to_owned())]);
        assert_eq!(passed_over.len(), 1, "and it is told");
    }

    #[test]
    fn a_manifest_in_an_archive_is_set_apart() {
        let manifest =
            br#"{"assemblyId":"a","reportKeys":["a/1.csv"],"billingPeriod":{"start":"20180101T000000.000Z"}}"#;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("delivery.zip");
        std::fs::write(&file, zip(&[("a/1.csv", BILL), ("m.json", manifest), ("other.json", b"{}")])).unwrap();
        let staging = folder.path().join("staging");
        std::fs::create_dir(&staging).unwrap();
        let unpacked = unpack(&file, &staging, &mut |_| {}).unwrap();
        assert_eq!(unpacked.manifests.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["m.json"]);
        assert_eq!(unpacked.plains.len(), 2, "what else there is may be a bill");
    }

    #[test]
    fn a_bomb_is_not_unpacked_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let zeros = gzip(&vec![b'0'; 1 << 20]);
        let target = folder.path().join("unpacked");
        let problem = |budget: u64, source: &[u8]| {
            let budget = Budget::new(source.len() as u64, budget);
            unpack_gzip(&mut &source[..], &target, &budget).map_or_else(|unfit| unfit.problem, |_| "none".to_owned())
        };
        assert_eq!(problem(1 << 20, &zeros), "none");
        assert!(problem((1 << 20) - 1, &zeros).contains("unpack to far more than a bill of that size would"));
        assert!(std::fs::metadata(&target).unwrap().len() < 1 << 20, "and not written to its end");
        let member = zeros.clone();
        let archive = gzip(&tar_of(&[("1.csv.gz", &member), ("2.csv.gz", &member)]));
        assert!(problem(3 << 19, &archive).contains("unpack to far more"), "members share the budget");
        assert!(matches!(Budget::of(1 << 30).left.get(), left if left == 250 << 30), "a large bill may unpack to more");
    }

    #[test]
    fn an_archive_of_too_many_files() {
        let names: Vec<String> = (0..10_001).map(|number| number.to_string()).collect();
        let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert!(opened(&tar_of(&members)).unwrap_err().contains("more than 10000 files"));
    }
}
