//! Numbers for texts that repeat: storing a number for each row, and each text once, takes a tenth of the time of storing the texts.

use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;

/// Bytes of the texts that are numbered; what comes after them stays a text.
const BYTES_MAX: usize = 48 << 20;

/// What a text takes beside its bytes, at least.
const ENTRY_BYTES: usize = 32;

/// What `object_number` and `text_number` number, each for itself.
#[derive(Clone, Default)]
pub struct Numbers {
    /// The objects.
    pub objects: Numbered,
    /// The texts.
    pub texts: Numbered,
}

/// Texts, each with its number: 1 for the first that was met. Clones share them.
#[derive(Clone, Default)]
pub struct Numbered(Arc<RwLock<Texts>>);

#[derive(Default)]
struct Texts {
    numbers: HashMap<Box<[u8]>, u32>,
    bytes: usize,
}

impl Numbered {
    /// The number of each text that `text` writes for a row, saying whether there is one; none for rows without a text, and for texts that
    /// there is no room for any more.
    pub(crate) fn of(&self, rows: usize, mut text: impl FnMut(usize, &mut Vec<u8>) -> bool) -> Vec<Option<u32>> {
        let (mut bytes, mut new) = (Vec::new(), Vec::new());
        let mut numbers = Vec::with_capacity(rows);
        {
            let texts = self.0.read().unwrap_or_else(PoisonError::into_inner);
            for row in 0..rows {
                let some = text(row, &mut bytes);
                let number = if some { texts.numbers.get(bytes.as_slice()).copied() } else { None };
                if some && number.is_none() && texts.bytes < BYTES_MAX {
                    new.push((row, bytes.clone()));
                }
                numbers.push(number);
            }
        }
        if !new.is_empty() {
            let mut texts = self.0.write().unwrap_or_else(PoisonError::into_inner);
            for (row, bytes) in new {
                numbers[row] = texts.number(bytes);
            }
        }
        numbers
    }

    /// All texts in the order of their numbers.
    pub fn texts(&self) -> Vec<String> {
        let texts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<(u32, &[u8])> = texts.numbers.iter().map(|(text, number)| (*number, &**text)).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, text)| String::from_utf8_lossy(text).into_owned()).collect()
    }
}

impl Texts {
    fn number(&mut self, text: Vec<u8>) -> Option<u32> {
        if let Some(number) = self.numbers.get(text.as_slice()) {
            return Some(*number);
        }
        if self.bytes >= BYTES_MAX {
            return None;
        }
        let number = u32::try_from(self.numbers.len() + 1).ok()?;
        self.bytes += text.len() + ENTRY_BYTES;
        self.numbers.insert(text.into_boxed_slice(), number);
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(numbered: &Numbered, texts: &[Option<&str>]) -> Vec<Option<u32>> {
        numbered.of(texts.len(), |row, bytes| {
            bytes.clear();
            texts[row].inspect(|text| bytes.extend_from_slice(text.as_bytes())).is_some()
        })
    }

    #[test]
    fn a_text_keeps_its_number() {
        let numbered = Numbered::default();
        assert_eq!(numbers(&numbered, &[Some("a"), None, Some("b"), Some("a")]), [Some(1), None, Some(2), Some(1)]);
        assert_eq!(numbers(&numbered.clone(), &[Some("c"), Some("b"), Some("")]), [Some(3), Some(2), Some(4)]);
        assert_eq!(numbered.texts(), ["a", "b", "c", ""], "clones share the texts");
    }

    #[test]
    fn what_there_is_no_room_for_has_no_number() {
        let numbered = Numbered::default();
        let long = "x".repeat(BYTES_MAX);
        assert_eq!(numbers(&numbered, &[Some("a"), Some(&long)]), [Some(1), Some(2)], "the last may go beyond");
        assert_eq!(numbers(&numbered, &[Some("b"), Some("a")]), [None, Some(1)], "what has a number keeps it");
    }

    #[test]
    fn threads_that_meet_the_same_texts_give_them_the_same_numbers() {
        let numbered = Numbered::default();
        let texts: Vec<String> = (0..5_000).map(|text| format!("text {}", text % 700)).collect();
        let of = || {
            let texts: Vec<Option<&str>> = texts.iter().map(|text| Some(text.as_str())).collect();
            numbers(&numbered, &texts)
        };
        let found = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(of)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        let known = numbered.texts();
        assert_eq!(known.len(), 700, "each text once");
        for one in &found {
            for (text, number) in texts.iter().zip(one) {
                assert_eq!(&known[number.unwrap() as usize - 1], text, "the number is that of the text");
            }
        }
    }
}
