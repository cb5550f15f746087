//! Hashes what goes through a reader.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use sha2::{Digest, Sha256};

use super::unpack::CHUNK;

/// Hashing of more than this is done beside the reading.
const BESIDE: u64 = 8 << 20;

/// Chunks that may wait to be hashed.
const WAITING_MAX: usize = 8;

/// A file whose bytes are hashed as they are read.
pub(super) struct Hashing<'a> {
    inner: File,
    hash: Hash,
    read: u64,
    progress: &'a mut dyn FnMut(u64),
}

enum Hash {
    Here(Sha256),
    /// What was read is gathered and given to a thread of its own: checking that text is text takes as long as hashing it.
    Beside {
        gathered: Vec<u8>,
        chunks: SyncSender<Vec<u8>>,
        thread: JoinHandle<Sha256>,
    },
}

impl<'a> Hashing<'a> {
    /// Over a file of so many bytes; `progress` is told how many were read.
    pub(super) fn of(inner: File, length: u64, progress: &'a mut dyn FnMut(u64)) -> Self {
        let hash = if length > BESIDE { Hash::beside() } else { Hash::Here(Sha256::new()) };
        Self { inner, hash, read: 0, progress }
    }

    /// The hash of all that was read, in hex.
    pub(super) fn finish(self) -> String {
        self.hash.finish().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count])?;
        let before = self.read >> 24;
        self.read += count as u64;
        if self.read >> 24 != before {
            (self.progress)(self.read);
        }
        Ok(count)
    }
}

impl Hash {
    fn beside() -> Self {
        let (chunks, waiting) = sync_channel::<Vec<u8>>(WAITING_MAX);
        let thread = std::thread::spawn(move || {
            let mut hash = Sha256::new();
            for chunk in waiting {
                hash.update(&chunk);
            }
            hash
        });
        Self::Beside { gathered: Vec::with_capacity(CHUNK), chunks, thread }
    }

    fn update(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Here(hash) => hash.update(bytes),
            Self::Beside { gathered, chunks, .. } => {
                gathered.extend_from_slice(bytes);
                if gathered.len() >= CHUNK {
                    let chunk = std::mem::replace(gathered, Vec::with_capacity(CHUNK));
                    chunks.send(chunk).map_err(io::Error::other)?;
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Vec<u8> {
        let hash = match self {
            Self::Here(hash) => hash,
            Self::Beside { gathered, chunks, thread } => {
                drop(chunks);
                // The thread does nothing that can fail: a panic of it is one of this one.
                let mut hash = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                hash.update(&gathered);
                hash
            }
        };
        hash.finalize().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_the_reading_or_not_it_is_the_hash_of_the_bytes() {
        let bytes: Vec<u8> = (0..5 * CHUNK + 17).map(|at| (at % 251) as u8).collect();
        let wanted = Sha256::digest(&bytes).to_vec();
        for cut in [1000, CHUNK - 1, CHUNK, CHUNK + 1, bytes.len()] {
            for mut hash in [Hash::Here(Sha256::new()), Hash::beside()] {
                bytes.chunks(cut).for_each(|piece| hash.update(piece).unwrap());
                assert_eq!(hash.finish(), wanted, "cut every {cut} bytes");
            }
        }
        assert_eq!(Hash::beside().finish(), Sha256::digest([]).to_vec(), "of nothing");
    }
}
