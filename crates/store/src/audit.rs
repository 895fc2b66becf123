//! The audit trail: append-only, each entry bound to the one before it by SHA-256.

use sha2::{Digest, Sha256};

/// One entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Its number, from 1, without holes.
    pub number: u64,
    /// Who, when, what, why.
    pub entry: crate::Entry,
    /// The record it is about.
    pub record: u64,
    /// The record as it stood after the step, in JSON; what the hash covers.
    pub content: String,
    /// The hash of the entry before, in hexadecimal; 64 zeros for the first.
    pub previous: String,
    /// Its own hash.
    pub hash: String,
}

impl Audited {
    /// The hash that this entry should have: SHA-256, in hexadecimal, over the parts number, at, by,
    /// step, why, record, content, previous, in this order, each as its length in bytes (eight,
    /// big-endian) and its UTF-8; numbers are written in decimal.
    ///
    /// The lengths keep one part from being read as the beginning of the next.
    #[must_use]
    pub fn expected_hash(&self) -> String {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        };
        part(&self.number.to_string());
        part(&self.entry.at);
        part(&self.entry.by);
        part(&self.entry.step);
        part(&self.entry.why);
        part(&self.record.to_string());
        part(&self.content);
        part(&self.previous);
        hexadecimal(&hash.finalize())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.collect()
}

/// What stands in the place of the hash before the first entry: 64 zeros.
pub(crate) const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What [`Site::verify`](crate::Site::verify) found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last one: whoever keeps it elsewhere can tell that none was cut off.
    pub head: String,
    /// What does not fit, oldest first; empty where the chain is whole.
    pub faults: Vec<Fault>,
}

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The entry, or the one that should be there; 0 where it is about the database as a whole.
    pub number: u64,
    /// What is wrong, as the end of a sentence.
    pub because: String,
}
