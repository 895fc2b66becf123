//! How an index lies in its file: little-endian, no padding, each section behind the one before.
//!
//! ```text
//! header   what it is of, how many rows each section has
//! ports    65,537 rows of 8 bytes: where the entries of a port begin, and how many of them hold it
//! entries  16 bytes for each record and port: holders first, then by a hash of the scope, then id
//! wide     24 bytes for each record of more than 64 ports
//! names    40 bytes for each name, sorted: the first 16 bytes, how it is spelled, who bears it
//! bearers  16 bytes for each record that has a name: by name, then by number
//! numbers  24 bytes for each record, by number: where it lies
//! spelled  the names as they are written
//! heap     the records by number, a line of JSON each, with a checksum behind it
//! ```

use portolan_ports::site::{Here, Scope};
use portolan_registry::folded;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::database::Seal;

pub(super) const MAGIC: [u8; 8] = *b"PTLNSITE";

/// Counted up whenever a section changes; an index of another form is stale.
pub(super) const FORM: u32 = 3;

/// A run of more ports than this is wide.
pub(super) const WIDE: u32 = 64;

/// The longest record that is read, in bytes of JSON.
pub(super) const MOST_RECORD: u32 = crate::site::content::MOST as u32;

/// The longest index, in bytes: whoever made the file, this much memory is the most that it costs. A
/// larger registry is read from its database.
pub(super) const LONGEST: u64 = 256 << 20;

/// The most records of many ports; every look-up reads them all.
pub(super) const MOST_WIDE: u64 = 1 << 16;

/// A row for each port, and one behind the last.
pub(super) const PORTS: u64 = 65_537;

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Header {
    pub(super) magic: [u8; 8],
    pub(super) form: U32,
    pub(super) reserved: U32,
    /// The database's state ([`Site::generation`](crate::Site::generation)).
    pub(super) generation: U64,
    pub(super) device: U64,
    pub(super) inode: U64,
    /// When the database was last written, in nanoseconds since 1970.
    pub(super) modified_ns: U64,
    pub(super) database_length: U64,
    /// Of the whole index.
    pub(super) length: U64,
    pub(super) entries: U64,
    pub(super) wide: U64,
    pub(super) names: U64,
    pub(super) bearers: U64,
    pub(super) numbers: U64,
    /// In bytes.
    pub(super) spelled: U64,
    /// In bytes.
    pub(super) heap: U64,
    /// Of all before.
    pub(super) checksum: U64,
}

/// Where a port's entries begin, and how many of them hold it.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct PortRow {
    pub(super) start: U32,
    pub(super) held: U32,
}

/// A record that speaks of a port.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Entry {
    pub(super) scope: U32,
    pub(super) length: U32,
    pub(super) at: U64,
}

/// A record that speaks of many ports.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Wide {
    pub(super) first: U16,
    pub(super) last: U16,
    /// 1 where it holds them.
    pub(super) holds: U32,
    pub(super) entry: Entry,
}

/// A name.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Name {
    pub(super) key: [u8; 16],
    pub(super) spelled_at: U64,
    pub(super) spelled_length: U32,
    pub(super) bearers: U32,
    pub(super) first_bearer: U64,
}

/// A record that has a name.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Bearer {
    pub(super) at: U64,
    pub(super) length: U32,
    pub(super) reserved: U32,
}

/// A record, by its number.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Number {
    pub(super) id: U64,
    pub(super) at: U64,
    pub(super) length: U32,
    pub(super) reserved: U32,
}

/// Where each section begins, in bytes from the file's beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sections {
    pub(super) ports: u64,
    pub(super) entries: u64,
    pub(super) wide: u64,
    pub(super) names: u64,
    pub(super) bearers: u64,
    pub(super) numbers: u64,
    pub(super) spelled: u64,
    pub(super) heap: u64,
    pub(super) end: u64,
}

impl Header {
    /// Where the sections begin; `None` where no file could be so long.
    pub(super) fn sections(&self) -> Option<Sections> {
        let mut end = size_of::<Self>() as u64;
        let mut section = |rows: u64, size: usize| {
            let begin = end;
            end = rows.checked_mul(size as u64)?.checked_add(end)?;
            Some(begin)
        };
        Some(Sections {
            ports: section(PORTS, size_of::<PortRow>())?,
            entries: section(self.entries.get(), size_of::<Entry>())?,
            wide: section(self.wide.get(), size_of::<Wide>())?,
            names: section(self.names.get(), size_of::<Name>())?,
            bearers: section(self.bearers.get(), size_of::<Bearer>())?,
            numbers: section(self.numbers.get(), size_of::<Number>())?,
            spelled: section(self.spelled.get(), 1)?,
            heap: section(self.heap.get(), 1)?,
            end,
        })
    }

    /// The sections, where this is the header of a whole index of `length` bytes.
    pub(super) fn check(&self, length: u64) -> Option<Sections> {
        let is_own = self.magic == MAGIC
            && self.form.get() == FORM
            && self.length.get() == length
            && self.checksum.get() == self.sum();
        let sections = is_own.then(|| self.sections()).flatten()?;
        let is_bounded = length <= LONGEST && self.wide.get() <= MOST_WIDE;
        (is_bounded && sections.end == length && self.entries.get() <= u64::from(u32::MAX))
            .then_some(sections)
    }

    /// The checksum that belongs here. It finds what is torn, not who forges.
    pub(super) fn sum(&self) -> u64 {
        let bytes = self.as_bytes();
        fnv(&bytes[..bytes.len() - size_of::<U64>()])
    }

    /// What it says of the database.
    pub(super) fn seal(&self) -> Seal {
        Seal {
            generation: Seal::short(self.generation.get()),
            device: self.device.get(),
            inode: self.inode.get(),
            modified_ns: self.modified_ns.get(),
            length: self.database_length.get(),
        }
    }
}

/// What stands behind a record's JSON in its line, so that bytes that changed on the disk are not shown
/// as a record.
pub(super) fn line_sum(text: &[u8]) -> String {
    format!("{:016x}", fnv(text))
}

/// FNV-1a, 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// By what a scope's records are found. Two scopes that [`Here::is_in`] takes for one have the same
/// one; others may have the same by chance.
pub(super) fn scope_hash(scope: &Scope) -> u32 {
    let (kind, name) = match scope {
        Scope::All => (b'a', ""),
        Scope::Group(name) => (b'g', name.as_str()),
        Scope::Host(name) => (b'h', name.split('.').next().unwrap_or_default()),
    };
    let mut bytes = vec![kind];
    bytes.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
    let hash = fnv(&bytes);
    (hash ^ (hash >> 32)) as u32
}

/// The hashes of every scope that is valid here, sorted, each once.
pub(super) fn scope_hashes(here: &Here) -> Vec<u32> {
    let groups = here.groups.iter().cloned().map(Scope::Group);
    let scopes = [Scope::All, Scope::Host(here.host.clone())];
    let mut hashes: Vec<u32> = scopes
        .into_iter()
        .chain(groups)
        .map(|scope| scope_hash(&scope))
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// A name as names are compared.
pub(super) fn fold(name: &str) -> String {
    folded(name).collect()
}

/// The first bytes of a folded name: their order is that of the names, as far as they go.
pub(super) fn key(folded: &str) -> [u8; 16] {
    let mut key = [0; 16];
    let bytes = folded.as_bytes();
    let length = bytes.len().min(key.len());
    key[..length].copy_from_slice(&bytes[..length]);
    key
}
