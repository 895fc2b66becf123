//! The registry that an update put in force, as a look-up finds it.
//!
//! `current.flat` is a flat table followed by a trailer of 64 bytes:
//!
//! | offset | size | holds |
//! |---|---|---|
//! | 0 | 8 | magic |
//! | 8 | 8 | checksum of the table and of the rest of the trailer |
//! | 16 | 32 | SHA-256 of the snapshot it was made from |
//! | 48 | 16 | the day on which the source last had it, padded with zeros |

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use portolan_registry::Registry;

/// Changes with every change of the trailer; the table has its own.
const MAGIC: &[u8; 8] = b"ptlnend1";

const TRAILER: usize = 64;

/// The largest table that is read, in bytes; IANA's has about 1.4 million.
const MOST_BYTES: u64 = 512 << 20;

/// A registry that an update put in force.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The registry.
    pub registry: Registry,
    sha256: String,
}

/// A table that is there and is not used.
#[derive(Debug, thiserror::Error)]
#[error("{} is ignored and the registry inside the program answers: {why}; make it again with: portolan registry update", path.display())]
pub struct Ignored {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

impl Installed {
    /// Opens the table in the folder of state; `None` where there is none, or where the embedded
    /// registry is newer than the day on which this one was last known to be current.
    ///
    /// Cost: one failed open(2) where there is none; else one read into memory and a checksum.
    ///
    /// # Errors
    /// [`Ignored`] where the file is damaged, of another version, or not ours to read.
    pub fn open(state: &Path, embedded: &Registry) -> Result<Option<Self>, Ignored> {
        let path = state.join("registry/current.flat");
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) => {
                use io::ErrorKind::{NotADirectory, NotFound};
                return match error.kind() {
                    NotFound | NotADirectory => Ok(None),
                    _ => Err(Ignored {
                        path,
                        why: error.to_string(),
                    }),
                };
            }
        };
        match read(file) {
            Err(why) => Err(Ignored { path, why }),
            Ok((_, checked)) if checked.as_str() < embedded.date() => Ok(None),
            Ok((installed, _)) => Ok(Some(installed)),
        }
    }

    /// SHA-256 of its snapshot, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

fn read(mut file: File) -> Result<(Installed, String), String> {
    let damaged = || "it is damaged or of another version of Portolan".to_owned();
    let length = file.metadata().map_err(|e| e.to_string())?.len();
    if length > MOST_BYTES {
        return Err("it is larger than any registry".to_owned());
    }
    // Without `take`, whose reads begin small: a file that is only ever renamed into its place
    // does not grow while it is read.
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    let at = bytes.len().checked_sub(TRAILER).ok_or_else(damaged)?;
    let (table, trailer) = bytes.split_at(at);
    let sum = checksum(table, &trailer[16..]).to_le_bytes();
    if !trailer.starts_with(MAGIC) || trailer[8..16] != sum {
        return Err(damaged());
    }
    let sha256 = trailer[16..48].iter().map(|b| format!("{b:02x}")).collect();
    let checked = String::from_utf8_lossy(&trailer[48..])
        .trim_end_matches('\0')
        .to_owned();
    bytes.truncate(at);
    let registry = Registry::open(bytes).map_err(|_| damaged())?;
    Ok((Installed { registry, sha256 }, checked))
}

/// What follows the table in its file.
pub(super) fn trailer(table: &[u8], sha256: &str, checked: &str) -> [u8; TRAILER] {
    let mut trailer = [0; TRAILER];
    trailer[..8].copy_from_slice(MAGIC);
    for (byte, digits) in trailer[16..48].iter_mut().zip(sha256.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16).unwrap_or_default();
    }
    for (byte, letter) in trailer[48..].iter_mut().zip(checked.bytes()) {
        *byte = letter;
    }
    let sum = checksum(table, &trailer[16..]);
    trailer[8..16].copy_from_slice(&sum.to_le_bytes());
    trailer
}

/// Against a disk that forgets, not against a person: four lanes of multiply and rotate, so that
/// it costs a look-up less than reading the file does.
fn checksum(table: &[u8], rest: &[u8]) -> u64 {
    const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |lane: u64, word: u64| (lane ^ word).wrapping_mul(PRIME).rotate_left(29);
    let mut lanes = [1, 2, 3, 4 ^ table.len() as u64];
    let mut take = |bytes: &[u8]| {
        for block in bytes.chunks(32) {
            let mut whole = [0; 32];
            whole[..block.len()].copy_from_slice(block);
            for (lane, word) in lanes.iter_mut().zip(whole.chunks_exact(8)) {
                let word = word.try_into().map_or(0, u64::from_le_bytes);
                *lane = mix(*lane, word);
            }
        }
    };
    take(table);
    take(rest);
    lanes.into_iter().fold(0, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_sees_every_bit_and_the_length() {
        let table: Vec<u8> = (0..1000).map(|n| (n % 251) as u8).collect();
        let sum = checksum(&table, b"rest");
        for at in [0, 31, 32, 500, 999] {
            let mut other = table.clone();
            other[at] ^= 0x80;
            assert_ne!(checksum(&other, b"rest"), sum, "{at}");
        }
        assert_ne!(checksum(&table[..999], b"rest"), sum);
        assert_ne!(checksum(&table, b"resu"), sum);
    }
}
