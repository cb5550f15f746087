//! Opens what an export came in: hashes it, takes it out of its container, and makes sure that text is text.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A plain CSV or Parquet file ready to be read.
pub(crate) struct Plain {
    /// The archive member, if any.
    pub(crate) member: Option<String>,
    pub(crate) path: PathBuf,
    pub(crate) parquet: bool,
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
}

const CHUNK: usize = 1 << 18;

/// Hashes `file` and lays every export in it into `staging` as a plain file (a plain file stays where it is). `progress` is told
/// the bytes of `file` read so far.
pub(crate) fn unpack(
    file: &Path,
    staging: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(String, Vec<Plain>), Unfit> {
    let mut head = [0_u8; 4];
    let length = open(file)?.read(&mut head).map_err(|error| unreadable(&error))?;
    if length == 0 {
        return Err(Unfit {
            member: None,
            problem: "the file is empty".to_owned(),
            hint: "Export it again; an interrupted download leaves such a file.".to_owned(),
            not_a_bill: false,
        });
    }
    let mut hashing = Hashing { inner: open(file)?, hash: Sha256::new(), read: 0, progress };
    let plains = match Container::of(&head) {
        Container::Gzip => {
            let path = staging.join("unpacked");
            unpack_gzip(&mut hashing, &path)?;
            vec![Plain { member: None, parquet: starts_with_parquet(&path), path }]
        }
        Container::Zip => {
            // A zip is read from its end, so it is hashed on its own.
            io::copy(&mut hashing, &mut io::sink()).map_err(|error| unreadable(&error))?;
            unpack_zip(file, staging)?
        }
        Container::Parquet => {
            io::copy(&mut hashing, &mut io::sink()).map_err(|error| unreadable(&error))?;
            vec![Plain { member: None, path: file.to_owned(), parquet: true }]
        }
        Container::Unsupported(what) => {
            return Err(Unfit {
                member: None,
                problem: format!("this is {what}, which is not read"),
                hint: "Give it as CSV, CSV.gz, zip or Parquet.".to_owned(),
                not_a_bill: true,
            });
        }
        Container::Text => {
            copy_text(&mut hashing, &mut io::sink())?;
            vec![Plain { member: None, path: file.to_owned(), parquet: false }]
        }
    };
    // What a decoder did not need to read still belongs to the hash.
    io::copy(&mut hashing, &mut io::sink()).map_err(|error| unreadable(&error))?;
    Ok((hex(&hashing.hash.finalize()), plains))
}

/// The containers that are told apart by their first bytes.
enum Container {
    Gzip,
    Zip,
    Parquet,
    Text,
    Unsupported(&'static str),
}

impl Container {
    fn of(head: &[u8; 4]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            b"PK\x03\x04" | b"PK\x05\x06" => Self::Zip,
            b"PAR1" => Self::Parquet,
            [0x28, 0xb5, 0x2f, 0xfd] => Self::Unsupported("a Zstandard archive"),
            [b'B', b'Z', b'h', _] => Self::Unsupported("a bzip2 archive"),
            [0xfd, b'7', b'z', b'X'] => Self::Unsupported("an xz archive"),
            [b'7', b'z', 0xbc, 0xaf] => Self::Unsupported("a 7-Zip archive"),
            b"%PDF" => Self::Unsupported("a PDF document"),
            [0x89, b'P', b'N', b'G'] => Self::Unsupported("a picture"),
            _ => Self::Text,
        }
    }
}

fn unpack_gzip(source: &mut dyn Read, target: &Path) -> Result<(), Unfit> {
    let mut decoder = flate2::read::MultiGzDecoder::new(BufReader::with_capacity(CHUNK, source));
    let mut head = [0_u8; 4];
    let mut filled = 0;
    while filled < head.len() {
        match decoder.read(&mut head[filled..]).map_err(|error| broken_gzip(&error, 0))? {
            0 => break,
            count => filled += count,
        }
    }
    if filled == 0 {
        return Err(Unfit {
            member: None,
            problem: "the gzip file holds nothing".to_owned(),
            hint: "Export it again.".to_owned(),
            not_a_bill: false,
        });
    }
    let mut output = create(target)?;
    let mut stream = (&head[..filled]).chain(decoder);
    match Container::of(&head) {
        Container::Parquet => {
            io::copy(&mut stream, &mut output).map_err(|error| broken_gzip(&error, 0))?;
            Ok(())
        }
        _ => copy_text(&mut stream, &mut output),
    }
}

fn unpack_zip(file: &Path, staging: &Path) -> Result<Vec<Plain>, Unfit> {
    let broken = |error: zip::result::ZipError| Unfit {
        member: None,
        problem: format!("the zip archive is damaged or cut short ({error})"),
        hint: "Download it again.".to_owned(),
        not_a_bill: false,
    };
    let mut archive = zip::ZipArchive::new(open(file)?).map_err(broken)?;
    let mut plains = Vec::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(broken)?;
        // The name is only ever shown: what is written goes to a numbered file.
        let name = member.name().map_err(broken)?;
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(200).collect();
        if member.is_dir()
            || name.rsplit('/').next().is_some_and(|last| last.starts_with('.'))
            || name.starts_with("__MACOSX/")
        {
            continue;
        }
        if name == "[Content_Types].xml" {
            return Err(Unfit {
                member: None,
                problem: "this is an Office document".to_owned(),
                hint: "Save the sheet as CSV.".to_owned(),
                not_a_bill: true,
            });
        }
        let path = staging.join(format!("member-{index}"));
        let mut head = [0_u8; 4];
        let filled = member.read(&mut head).map_err(|error| unreadable(&error)).map_err(|unfit| unfit.within(&name))?;
        let mut stream = (&head[..filled]).chain(member);
        match Container::of(&head) {
            Container::Gzip => unpack_gzip(&mut stream, &path),
            Container::Parquet => {
                let mut output = create(&path)?;
                io::copy(&mut stream, &mut output).map(|_| ()).map_err(|error| unreadable(&error))
            }
            _ => create(&path).and_then(|mut output| copy_text(&mut stream, &mut output)),
        }
        .map_err(|unfit| unfit.within(&name))?;
        plains.push(Plain { member: Some(name), parquet: starts_with_parquet(&path), path });
    }
    Ok(plains)
}

/// Copies text and refuses what is none: NUL bytes and bytes that are not UTF-8, each with the line where it stands.
fn copy_text(source: &mut dyn Read, target: &mut dyn Write) -> Result<(), Unfit> {
    let mut buffer = vec![0_u8; CHUNK];
    let mut carried = 0;
    let mut lines: u64 = 0;
    let mut total: u64 = 0;
    loop {
        let count = match source.read(&mut buffer[carried..]) {
            Ok(count) => count,
            Err(error) => return Err(broken_gzip(&error, lines)),
        };
        let filled = carried + count;
        let sound = match std::str::from_utf8(&buffer[..filled]) {
            Ok(_) => filled,
            // A character can lie across two chunks; at the end of the file it cannot.
            Err(error) if error.error_len().is_none() && count > 0 => error.valid_up_to(),
            Err(error) => return Err(not_utf8(&buffer[..filled], error.valid_up_to(), lines, total)),
        };
        if let Some(at) = memchr::memchr(0, &buffer[..sound]) {
            return Err(has_nul(&buffer[..sound], at, lines, total));
        }
        target.write_all(&buffer[..sound]).map_err(|error| unwritable(&error))?;
        lines += newlines(&buffer[..sound]);
        total += sound as u64;
        buffer.copy_within(sound..filled, 0);
        carried = filled - sound;
        if count == 0 {
            return target.flush().map_err(|error| unwritable(&error));
        }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

fn not_utf8(chunk: &[u8], at: usize, lines_before: u64, bytes_before: u64) -> Unfit {
    if bytes_before == 0 && (chunk.starts_with(&[0xff, 0xfe]) || chunk.starts_with(&[0xfe, 0xff])) {
        return utf16();
    }
    Unfit {
        member: None,
        problem: format!(
            "line {} holds the byte 0x{:02X}, which is not UTF-8 text (byte {} of the file)",
            lines_before + newlines(&chunk[..at]) + 1,
            chunk[at],
            bytes_before + at as u64 + 1
        ),
        hint: "Save it as UTF-8: `iconv -f WINDOWS-1252 -t UTF-8` does, if it came from Excel.".to_owned(),
        not_a_bill: false,
    }
}

fn has_nul(chunk: &[u8], at: usize, lines_before: u64, bytes_before: u64) -> Unfit {
    // ASCII in UTF-16 is every other byte NUL.
    if bytes_before == 0 && at < 2 {
        return utf16();
    }
    Unfit {
        member: None,
        problem: format!(
            "line {} holds a NUL byte (byte {} of the file); the file is damaged or not text",
            lines_before + newlines(&chunk[..at]) + 1,
            bytes_before + at as u64 + 1
        ),
        hint: "Export it again.".to_owned(),
        not_a_bill: false,
    }
}

fn utf16() -> Unfit {
    Unfit {
        member: None,
        problem: "line 1 is UTF-16 text".to_owned(),
        hint: "Save it as UTF-8: `iconv -f UTF-16 -t UTF-8` does.".to_owned(),
        not_a_bill: false,
    }
}

impl Unfit {
    fn within(mut self, member: &str) -> Self {
        self.member = Some(member.to_owned());
        self
    }
}

fn unreadable(error: &io::Error) -> Unfit {
    Unfit {
        member: None,
        problem: format!("it cannot be read ({error})"),
        hint: "Check that the file is there and may be read.".to_owned(),
        not_a_bill: false,
    }
}

fn unwritable(error: &io::Error) -> Unfit {
    let full =
        matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge);
    Unfit {
        member: None,
        problem: if full {
            "the disk is full: there is no room to unpack it in the engagement's folder".to_owned()
        } else {
            format!("it cannot be unpacked into the engagement's folder ({error})")
        },
        hint: "Free some space, or move the engagement to a larger disk.".to_owned(),
        not_a_bill: false,
    }
}

fn broken_gzip(error: &io::Error, lines: u64) -> Unfit {
    let cut = error.kind() == io::ErrorKind::UnexpectedEof;
    let problem = if cut {
        format!("the compressed data end too early, after line {lines}: the file is cut short")
    } else {
        format!("the compressed data are damaged after line {lines} ({error})")
    };
    Unfit { member: None, problem, hint: "Download it again.".to_owned(), not_a_bill: false }
}

fn open(file: &Path) -> Result<File, Unfit> {
    File::open(file).map_err(|error| unreadable(&error))
}

fn create(path: &Path) -> Result<BufWriter<File>, Unfit> {
    File::create(path).map(|file| BufWriter::with_capacity(CHUNK, file)).map_err(|error| unwritable(&error))
}

fn starts_with_parquet(path: &Path) -> bool {
    let mut head = [0_u8; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && &head == b"PAR1"
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hashes what goes through it.
struct Hashing<'a> {
    inner: File,
    hash: Sha256,
    read: u64,
    progress: &'a mut dyn FnMut(u64),
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        let before = self.read >> 24;
        self.read += count as u64;
        if self.read >> 24 != before {
            (self.progress)(self.read);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(bytes: &[u8]) -> String {
        copy_text(&mut &bytes[..], &mut io::sink()).map_or_else(|unfit| unfit.problem, |()| "none".to_owned())
    }

    #[test]
    fn text_is_text() {
        assert_eq!(problem("a,b\n1,é\n".as_bytes()), "none");
        assert!(problem(b"a,b\n1,\xe9\n").starts_with("line 2 holds the byte 0xE9"), "the line is named");
        assert!(problem(b"a,b\n1,2\n3,\0\n").starts_with("line 3 holds a NUL byte"), "the line is named");
        assert_eq!(problem(b"\xff\xfea\0,\0"), "line 1 is UTF-16 text");
        assert!(
            problem("é".as_bytes().split_last().unwrap().1).starts_with("line 1"),
            "a cut character at the end is damage"
        );
    }

    #[test]
    fn a_character_across_two_chunks_is_whole() {
        let mut text = "x".repeat(CHUNK - 1);
        text.push('é');
        assert_eq!(problem(text.as_bytes()), "none");
    }
}
