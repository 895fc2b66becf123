//! The audit trail: append-only, each entry bound to the one before it by SHA-256.

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
    /// The entry, or the one that should be there.
    pub number: u64,
    /// What is wrong, as the end of a sentence.
    pub because: String,
}
