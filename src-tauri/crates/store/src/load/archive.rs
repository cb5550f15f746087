//! Takes the members out of zip and tar archives. What an archive says about paths, links and sizes is never believed: each
//! member goes to a numbered file, links are not followed, and what is unpacked is counted.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use super::manifest;
use super::plain_text::copy_text;
use super::unpack::{
    Budget, Container, Plain, Unfit, copy_bytes, create, head_of, is_too_large, open, starts_with_parquet, unpack_gzip,
    unreadable,
};

/// Members that an archive may have; one with more is no billing export but a trap.
const MEMBERS_MAX: usize = 10_000;

/// The longest name that is shown of a member.
const NAME_MAX: usize = 200;

/// What an archive held.
#[derive(Default)]
pub(crate) struct Members {
    pub(super) plains: Vec<Plain>,
    /// Members that are no exports, each with the reason why it was left.
    pub(super) passed_over: Vec<(String, String)>,
    /// Texts of the manifests among the members.
    pub(super) manifests: Vec<(String, String)>,
}

/// The members of an archive on their way out of it.
struct Taking<'a> {
    staging: &'a Path,
    budget: &'a Budget,
    seen: usize,
    /// The raw name behind each shown one.
    names: BTreeMap<String, Vec<u8>>,
    members: Members,
}

pub(super) fn unpack_zip(file: &Path, staging: &Path, budget: &Budget) -> Result<Members, Unfit> {
    let mut archive = zip::ZipArchive::new(open(file)?).map_err(|error| broken_zip(&error))?;
    let mut taking = Taking::new(staging, budget);
    for index in 0..archive.len() {
        let raw = archive.by_index_raw(index).map_err(|error| broken_zip(&error))?;
        let name = raw.name_raw().to_vec();
        let (folder, link, encrypted) = (raw.is_dir(), raw.is_symlink(), raw.encrypted());
        drop(raw);
        let shown = shown(&name);
        if shown == "[Content_Types].xml" {
            return Err(Unfit::not_a_bill("this is an Office document", "Save the sheet as CSV."));
        }
        taking.count()?;
        if folder || is_hidden(&shown) {
            continue;
        }
        if link {
            taking.members.passed_over.push((shown, "a link, which is not followed".to_owned()));
            continue;
        }
        if encrypted {
            return Err(
                Unfit::new("it is encrypted", "Unpack it with its password and load what is in it.").within(&shown)
            );
        }
        let mut member = archive.by_index(index).map_err(|error| broken_zip(&error).within(&shown))?;
        taking.take(&name, &mut member)?;
    }
    Ok(taking.members)
}

/// Takes the members of a tar archive as it streams by.
pub(super) fn unpack_tar(stream: &mut dyn Read, staging: &Path, budget: &Budget) -> Result<Members, Unfit> {
    let mut archive = tar::Archive::new(stream);
    let mut taking = Taking::new(staging, budget);
    for entry in archive.entries().map_err(|error| broken_tar(&error))? {
        let mut entry = entry.map_err(|error| broken_tar(&error))?;
        let name = entry.path_bytes().into_owned();
        let shown = shown(&name);
        taking.count()?;
        let kind = entry.header().entry_type();
        let regular = kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse();
        if kind.is_dir() || kind.is_pax_global_extensions() || (regular && is_hidden(&shown)) {
            continue;
        }
        if !regular {
            let link = kind.is_symlink() || kind.is_hard_link();
            let reason = if link { "a link, which is not followed" } else { "a pipe or a device, not a file" };
            taking.members.passed_over.push((shown, reason.to_owned()));
            continue;
        }
        let promised = entry.size();
        let mut counted = Counted { inner: &mut entry, read: 0 };
        taking.take(&name, &mut counted)?;
        // The archive's end is no error to its reader.
        io::copy(&mut counted, &mut io::sink()).map_err(|error| broken_tar(&error))?;
        if counted.read < promised {
            return Err(Unfit::new("the tar archive is cut short", "Download it again.").within(&shown));
        }
    }
    Ok(taking.members)
}

impl<'a> Taking<'a> {
    fn new(staging: &'a Path, budget: &'a Budget) -> Self {
        Self { staging, budget, seen: 0, names: BTreeMap::new(), members: Members::default() }
    }

    fn count(&mut self) -> Result<(), Unfit> {
        self.seen += 1;
        if self.seen > MEMBERS_MAX {
            return Err(Unfit::new(
                format!("the archive holds more than {MEMBERS_MAX} files"),
                "Unpack it and load the files that are bills.",
            ));
        }
        Ok(())
    }

    /// Lays one member into the staging folder.
    fn take(&mut self, name: &[u8], member: &mut dyn Read) -> Result<(), Unfit> {
        let shown = shown(name);
        let path = self.staging.join(format!("member-{}", self.seen));
        match self.lay(&shown, member, &path).map_err(|unfit| unfit.within(&shown))? {
            Laid::Export => {}
            Laid::PassedOver(reason) => {
                self.members.passed_over.push((shown, reason));
                return Ok(());
            }
            Laid::Manifest(text) => {
                self.members.manifests.push((shown, text));
                return Ok(());
            }
        }
        match self.names.insert(shown.clone(), name.to_vec()) {
            None => {}
            // A file that is added to an archive again replaces the one before it.
            Some(before) if before == name => {
                self.members.plains.retain(|plain| plain.member.as_deref() != Some(&shown));
                self.members.passed_over.push((shown.clone(), "it stands in the archive again, further on".to_owned()));
            }
            Some(_) => {
                return Err(Unfit::new(
                    "two files of the archive have names that cannot be told apart",
                    "Unpack it and load the files one by one.",
                )
                .within(&shown));
            }
        }
        self.members.plains.push(Plain { member: Some(shown), parquet: starts_with_parquet(&path), path });
        Ok(())
    }

    fn lay(&self, shown: &str, member: &mut dyn Read, path: &Path) -> Result<Laid, Unfit> {
        let mut member = self.budget.limit(member);
        let head = head_of(&mut member)?;
        let mut stream = (&head[..]).chain(member);
        match Container::of(&head) {
            _ if head.is_empty() => return Ok(Laid::PassedOver("the file is empty".to_owned())),
            Container::Gzip => {
                if unpack_gzip(&mut stream, path, self.budget)?.is_some() {
                    return Err(nested());
                }
            }
            Container::Zip | Container::Tar => return Err(nested()),
            Container::Compressed(what) => {
                return Err(Unfit::new(format!("this is {what}, which is not read"), "Unpack it first."));
            }
            Container::Document(what) => return Ok(Laid::PassedOver(format!("this is {what}"))),
            Container::Parquet => copy_bytes(&mut stream, path, None)?,
            Container::Text => copy_text(&mut stream, &mut create(path)?)?,
        }
        Ok(manifest_text(shown, path).map_or(Laid::Export, Laid::Manifest))
    }
}

/// What came of a member.
enum Laid {
    Export,
    Manifest(String),
    PassedOver(String),
}

/// The text of a member that is a manifest.
fn manifest_text(shown: &str, path: &Path) -> Option<String> {
    manifest::candidate(path).filter(|text| manifest::read(Path::new(shown), text.as_bytes()).is_some())
}

fn nested() -> Unfit {
    Unfit::new(
        "it is an archive inside an archive, which is not opened",
        "Unpack the outer one and load what is in it.",
    )
}

/// A member's name for a person. It is only ever shown and compared: what is written goes to a numbered file.
fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().filter(|letter| !letter.is_control()).take(NAME_MAX).collect()
}

fn is_hidden(name: &str) -> bool {
    name.rsplit(['/', '\\']).next().is_some_and(|last| last.starts_with('.')) || name.starts_with("__MACOSX/")
}

fn broken_zip(error: &zip::result::ZipError) -> Unfit {
    use zip::result::ZipError;
    match error {
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => Unfit::new(
            format!("the zip archive is of a kind that is not read ({error})"),
            "Unpack it and load what is in it.",
        ),
        _ => Unfit::new(format!("the zip archive is damaged or cut short ({error})"), "Download it again."),
    }
}

fn broken_tar(error: &io::Error) -> Unfit {
    if is_too_large(error) {
        return unreadable(error, None);
    }
    Unfit::new(format!("the tar archive is damaged or cut short ({error})"), "Download it again.")
}

/// Counts what is read.
struct Counted<'a> {
    inner: &'a mut dyn Read,
    read: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += count as u64;
        Ok(count)
    }
}
