//! Copies text and makes sure that it is text.

use std::io::{Read, Write};

use super::unpack::{CHUNK, Unfit, unreadable, unwritable};

/// Copies text and refuses what is none: NUL bytes and bytes that are not UTF-8, each with the line where it stands.
pub(super) fn copy_text(source: &mut dyn Read, target: &mut dyn Write) -> Result<(), Unfit> {
    let mut buffer = vec![0_u8; CHUNK];
    let mut carried = 0;
    let mut lines: u64 = 0;
    let mut total: u64 = 0;
    loop {
        let count = match source.read(&mut buffer[carried..]) {
            Ok(count) => count,
            Err(error) => return Err(unreadable(&error, Some(lines))),
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

/// Whether the beginning of a file is text, as far as it goes: its last character may be cut.
pub(super) fn is_text(beginning: &[u8]) -> bool {
    let sound = std::str::from_utf8(beginning).map_or_else(|error| error.error_len().is_none(), |_| true);
    sound && memchr::memchr(0, beginning).is_none()
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

fn not_utf8(chunk: &[u8], at: usize, lines_before: u64, bytes_before: u64) -> Unfit {
    if bytes_before == 0 && (chunk.starts_with(&[0xff, 0xfe]) || chunk.starts_with(&[0xfe, 0xff])) {
        return utf16();
    }
    Unfit::new(
        format!(
            "line {} holds the byte 0x{:02X}, which is not UTF-8 text (byte {} of the file)",
            lines_before + newlines(&chunk[..at]) + 1,
            chunk[at],
            bytes_before + at as u64 + 1
        ),
        "Save it as UTF-8: `iconv -f WINDOWS-1252 -t UTF-8` does, if it came from Excel.",
    )
}

fn has_nul(chunk: &[u8], at: usize, lines_before: u64, bytes_before: u64) -> Unfit {
    // ASCII in UTF-16 is every other byte NUL.
    if bytes_before == 0 && at < 2 {
        return utf16();
    }
    Unfit::new(
        format!(
            "line {} holds a NUL byte (byte {} of the file); the file is damaged or not text",
            lines_before + newlines(&chunk[..at]) + 1,
            bytes_before + at as u64 + 1
        ),
        "Export it again.",
    )
}

fn utf16() -> Unfit {
    Unfit::new("line 1 is UTF-16 text", "Save it as UTF-8: `iconv -f UTF-16 -t UTF-8` does.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(bytes: &[u8]) -> String {
        copy_text(&mut &bytes[..], &mut std::io::sink()).map_or_else(|unfit| unfit.problem, |()| "none".to_owned())
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
    fn a_beginning_is_text_even_where_its_last_character_is_cut() {
        for (bytes, text) in [(&b"a,b"[..], true), (b"", true), (b"a,\xc3", true), (b"a,\xc3b", false), (b"a\0", false)]
        {
            assert_eq!(is_text(bytes), text, "{bytes:?}");
        }
    }

    #[test]
    fn a_character_across_two_chunks_is_whole() {
        let mut text = "x".repeat(CHUNK - 1);
        text.push('é');
        assert_eq!(problem(text.as_bytes()), "none");
    }
}
