//! Rows that end in two ways: with carriage return and line feed, and with a line feed alone, as after an edit of the last line, or where
//! files of two systems were put together. The engine takes the first row's way and refuses the others.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use super::csv_shape;
use super::unpack::{self, Unfit};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 18;

/// Writes a CSV file to `even` with a line feed at the end of every row, if its rows end in both ways; says whether they do. Line ends
/// within quotes stay as they are.
///
/// # Errors
/// The file cannot be read, or the copy not be written.
pub(super) fn made_even(text: &Path, even: &Path) -> Result<bool, Unfit> {
    let Ok(shape) = csv_shape::look(text) else { return Ok(false) };
    let open = || Ok::<_, Unfit>(BufReader::with_capacity(CHUNK, unpack::open(text)?));
    let found =
        copy(&mut open()?, shape.quoted(), &mut io::sink()).map_err(|error| unpack::unreadable(&error, None))?;
    if !(found.with_return && found.alone) {
        return Ok(false);
    }
    let mut written: BufWriter<_> = unpack::create(even)?;
    copy(&mut open()?, shape.quoted(), &mut written)
        .and_then(|_| written.flush())
        .map_err(|error| unpack::unwritable(&error))?;
    Ok(true)
}

/// How rows end.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ends {
    /// Some with carriage return and line feed.
    with_return: bool,
    /// Some with a line feed alone.
    alone: bool,
}

fn copy(text: &mut impl BufRead, quoted: bool, even: &mut impl Write) -> io::Result<Ends> {
    let (mut ends, mut within, mut held) = (Ends::default(), false, false);
    loop {
        let chunk = text.fill_buf()?;
        let length = chunk.len();
        if length == 0 {
            break;
        }
        let mut rest = chunk;
        while let Some(at) = memchr::memchr3(b'\r', b'\n', b'"', rest) {
            if held && at > 0 {
                even.write_all(b"\r")?;
                held = false;
            }
            even.write_all(&rest[..at])?;
            match rest[at] {
                b'\r' if !within => {
                    if held {
                        even.write_all(b"\r")?;
                    }
                    held = true;
                }
                b'\n' if !within => {
                    *(if held { &mut ends.with_return } else { &mut ends.alone }) = true;
                    held = false;
                    even.write_all(b"\n")?;
                }
                byte => {
                    if held {
                        even.write_all(b"\r")?;
                        held = false;
                    }
                    within ^= quoted && byte == b'"';
                    even.write_all(&[byte])?;
                }
            }
            rest = &rest[at + 1..];
        }
        if held && !rest.is_empty() {
            even.write_all(b"\r")?;
            held = false;
        }
        even.write_all(rest)?;
        text.consume(length);
    }
    if held {
        even.write_all(b"\r")?;
    }
    Ok(ends)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Byte by byte, with all that was read before in view.
    fn slowly(text: &[u8], quoted: bool) -> (Vec<u8>, Ends) {
        let (mut even, mut ends, mut within) = (Vec::new(), Ends::default(), false);
        for (at, byte) in text.iter().enumerate() {
            within ^= quoted && *byte == b'"';
            let returned = at > 0 && text[at - 1] == b'\r';
            match byte {
                b'\n' if !within && returned => {
                    even.pop();
                    even.push(b'\n');
                    ends.with_return = true;
                }
                _ => {
                    ends.alone |= !within && *byte == b'\n';
                    even.push(*byte);
                }
            }
        }
        (even, ends)
    }

    proptest! {
        #[test]
        fn every_row_ends_with_a_line_feed(text in "[a,\r\n\"]{0,40}", quoted: bool, capacity in 1_usize..8) {
            let mut even = Vec::new();
            let ends = copy(&mut BufReader::with_capacity(capacity, text.as_bytes()), quoted, &mut even).unwrap();
            prop_assert_eq!((even, ends), slowly(text.as_bytes(), quoted));
        }
    }
}
