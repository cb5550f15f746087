//! What exports come packed in.

use std::io::{Cursor, Read, Write};
use std::path::Path;

/// Bytes as a gzip file.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a gzip file holds.
#[must_use]
pub fn gunzip(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Files by name as a zip archive.
#[must_use]
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A member of a tar archive, as odd as a test wants it.
#[derive(Clone, Copy, Debug)]
pub struct TarMember<'a> {
    /// The name, at most 100 bytes.
    pub name: &'a str,
    /// What it is, in the format's letters: `0` a file, `1` a hard link, `2` a symbolic link, `5` a folder, `6` a pipe.
    pub kind: u8,
    /// Where a link leads.
    pub target: &'a str,
    /// What a file holds.
    pub bytes: &'a [u8],
}

/// Members as a tar archive (POSIX.1-1988, "ustar").
#[must_use]
pub fn tar(members: &[TarMember<'_>]) -> Vec<u8> {
    let mut archive = Vec::new();
    for member in members {
        let mut header = [0_u8; 512];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, member.name.as_bytes());
        put(100, b"0000644\0");
        put(108, b"0000000\0");
        put(116, b"0000000\0");
        put(124, format!("{:011o}\0", member.bytes.len()).as_bytes());
        put(136, b"00000000000\0");
        // The checksum is that of a header with blanks in its place.
        put(148, b"        ");
        put(156, &[member.kind]);
        put(157, member.target.as_bytes());
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend(header);
        archive.extend(member.bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// Files by name as a tar archive.
#[must_use]
pub fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let members = files.iter().map(|(name, bytes)| TarMember { name, kind: b'0', target: "", bytes });
    tar(&members.collect::<Vec<_>>())
}
