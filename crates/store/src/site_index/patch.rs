//! What changed since an index was made: few records, read at once, and found without reading their
//! JSON. Little-endian, no padding.
//!
//! ```text
//! header   of which index it is, and to which state of the database it brings it
//! heads    80 bytes for each record: where it lies, by what it is found, and the same of the one
//!          that it replaces
//! heap     the records, JSON
//! ```

use std::io::{Error, Read};
use std::path::Path;

use portolan_ports::site::Record;
use portolan_registry::PortRange;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::database::Seal;
use super::form::{self, WIDE, fold, key, scope_hash};
use super::{damaged, record_of};

/// The file below a folder of state.
pub(super) const FILE: &str = "site.index.patch";

/// The most records that a patch has; what changes more makes the index anew.
pub(super) const MOST: usize = 256;

/// The longest patch, in bytes.
pub(super) const MOST_BYTES: usize = 1 << 18;

/// So many bytes are read at once, which most patches do not have.
const FIRST: usize = 1 << 16;

const MAGIC: [u8; 8] = *b"PTLNPTCH";

/// Counted up whenever this form changes; a patch of another form is none.
const FORM: u32 = 1;

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Header {
    magic: [u8; 8],
    form: U32,
    count: U32,
    /// The checksum of the index's header.
    base: U64,
    /// To which state it brings the index.
    generation: U64,
    device: U64,
    inode: U64,
    modified_ns: U64,
    database_length: U64,
    /// Of the whole patch.
    length: U64,
    /// Of all before, and all behind.
    checksum: U64,
}

/// By what a record is found.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Face {
    /// The first bytes of the folded name.
    pub(super) key: [u8; 16],
    pub(super) scope: U32,
    first: U16,
    last: U16,
    /// [`NAMED`], [`PLACED`], [`HOLDS`].
    traits: U32,
}

/// It has a name.
const NAMED: u32 = 1;
/// It has ports.
const PLACED: u32 = 2;
/// It holds them.
const HOLDS: u32 = 4;

impl Face {
    pub(super) fn of(record: &Record) -> Self {
        let folded = fold(&record.fields.service_name);
        let ports = record.fields.ports;
        let has = |what: bool, bit: u32| if what { bit } else { 0 };
        let traits = has(!folded.is_empty(), NAMED)
            | has(ports.is_some(), PLACED)
            | has(record.status.holds(), HOLDS);
        Self {
            key: key(&folded),
            scope: scope_hash(&record.fields.scope).into(),
            first: ports.map_or(0, PortRange::first).into(),
            last: ports.map_or(0, PortRange::last).into(),
            traits: traits.into(),
        }
    }

    fn is(&self, bit: u32) -> bool {
        self.traits.get() & bit != 0
    }

    pub(super) fn is_named(&self) -> bool {
        self.is(NAMED)
    }

    pub(super) fn holds(&self) -> bool {
        self.is(HOLDS)
    }

    /// Whether an index has it among the wide ones.
    pub(super) fn is_wide(&self) -> bool {
        u32::from(self.last.get().saturating_sub(self.first.get())) >= WIDE
    }

    pub(super) fn meets(&self, ports: PortRange) -> bool {
        self.is(PLACED) && self.first.get() <= ports.last() && ports.first() <= self.last.get()
    }
}

/// A record of a patch.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Head {
    pub(super) id: U64,
    /// Where the record that it replaces lies in the index's heap; [`NOWHERE`] where it is new.
    pub(super) old_at: U64,
    /// Where it lies, from the patch's beginning.
    at: U32,
    length: U32,
    pub(super) now: Face,
    /// The one that it replaces, as the index has it.
    pub(super) old: Face,
}

pub(super) const NOWHERE: u64 = u64::MAX;

/// A patch that is whole.
#[derive(Debug, Default)]
pub(super) struct Patch {
    bytes: Vec<u8>,
    heads: Vec<Head>,
    /// Where those lie that are replaced, in order.
    replaced: Vec<u64>,
}

impl Patch {
    /// The patch of a folder; `None` where there is none that is whole.
    ///
    /// Cost: three system calls, one more where it is larger than most.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let mut file = crate::regular::open(&folder.join(FILE)).ok()?;
        let mut bytes = vec![0; FIRST];
        let mut read = file.read(&mut bytes).ok()?;
        if read == FIRST {
            bytes.resize(MOST_BYTES + 1, 0);
            read += file.read(&mut bytes[FIRST..]).ok()?;
        }
        bytes.truncate(read);
        Self::of(bytes)
    }

    /// The patch that these bytes are.
    pub(super) fn of(bytes: Vec<u8>) -> Option<Self> {
        let (header, rest) = Header::ref_from_prefix(&bytes).ok()?;
        let is_own = header.magic == MAGIC
            && header.form.get() == FORM
            && header.length.get() == bytes.len() as u64
            && bytes.len() <= MOST_BYTES
            && header.checksum.get() == sum(&bytes);
        let count = usize::try_from(header.count.get()).ok()?;
        if !is_own || count > MOST {
            return None;
        }
        let (heads, _) = <[Head]>::ref_from_prefix_with_elems(rest, count).ok()?;
        let heads = heads.to_vec();
        let olds = heads.iter().map(|head| head.old_at.get());
        let mut replaced: Vec<u64> = olds.filter(|at| *at != NOWHERE).collect();
        replaced.sort_unstable();
        Some(Self {
            bytes,
            heads,
            replaced,
        })
    }

    /// The bytes of a patch of the index that has this header. `None` where it would be too large.
    pub(super) fn bytes(
        base: &form::Header,
        state: Seal,
        mut heads: Vec<(Head, Vec<u8>)>,
    ) -> Option<Vec<u8>> {
        let mut end = size_of::<Header>() + heads.len() * size_of::<Head>();
        for (head, text) in &mut heads {
            head.at = u32::try_from(end).ok()?.into();
            head.length = u32::try_from(text.len()).ok()?.into();
            end += text.len();
        }
        if heads.len() > MOST || end > MOST_BYTES {
            return None;
        }
        let header = Header {
            magic: MAGIC,
            form: FORM.into(),
            count: u32::try_from(heads.len()).ok()?.into(),
            base: base.checksum,
            generation: u64::from(state.generation).into(),
            device: state.device.into(),
            inode: state.inode.into(),
            modified_ns: state.modified_ns.into(),
            database_length: state.length.into(),
            length: (end as u64).into(),
            checksum: 0.into(),
        };
        let mut bytes = Vec::with_capacity(end);
        bytes.extend_from_slice(header.as_bytes());
        for (head, _) in &heads {
            bytes.extend_from_slice(head.as_bytes());
        }
        for (_, text) in &heads {
            bytes.extend_from_slice(text);
        }
        seal(&mut bytes);
        Some(bytes)
    }

    /// To which state of the database it brings its index; `None` where it is empty.
    pub(super) fn seal(&self) -> Option<Seal> {
        let (header, _) = Header::ref_from_prefix(&self.bytes).ok()?;
        Some(Seal {
            generation: u32::try_from(header.generation.get()).ok()?,
            device: header.device.get(),
            inode: header.inode.get(),
            modified_ns: header.modified_ns.get(),
            length: header.database_length.get(),
        })
    }

    /// Whether it is of the index that has this header.
    pub(super) fn is_of(&self, base: &form::Header) -> bool {
        let header = Header::ref_from_prefix(&self.bytes);
        header.is_ok_and(|(header, _)| header.base == base.checksum)
    }

    pub(super) fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// Whether the record that lies there in the index's heap counts no more.
    pub(super) fn replaces(&self, at: u64) -> bool {
        self.replaced.binary_search(&at).is_ok()
    }

    /// Whether it changes who bears a name that begins so.
    pub(super) fn touches(&self, key: [u8; 16]) -> bool {
        let has = |face: &Face| face.is_named() && face.key == key;
        self.heads
            .iter()
            .any(|head| has(&head.now) || has(&head.old))
    }

    /// The JSON of a record.
    pub(super) fn text(&self, head: &Head) -> Result<&[u8], Error> {
        let from = head.at.get() as usize;
        let text = from
            .checked_add(head.length.get() as usize)
            .and_then(|end| self.bytes.get(from..end));
        text.ok_or_else(|| damaged("its patch points behind its own end"))
    }

    pub(super) fn record(&self, head: &Head) -> Result<Record, Error> {
        record_of(self.text(head)?)
    }

    pub(super) fn records(&self) -> impl Iterator<Item = Result<Record, Error>> {
        self.heads.iter().map(|head| self.record(head))
    }
}

impl Head {
    /// A record's head; where it lies is said when all are known.
    pub(super) fn of(record: &Record, old_at: u64, old: Face) -> Self {
        Self {
            id: record.id.into(),
            old_at: old_at.into(),
            at: 0.into(),
            length: 0.into(),
            now: Face::of(record),
            old,
        }
    }
}

/// Gives the bytes of a patch the checksum that belongs there.
pub(super) fn seal(bytes: &mut [u8]) {
    let sum = sum(bytes);
    if let Ok((header, _)) = Header::mut_from_prefix(bytes) {
        header.checksum = sum.into();
    }
}

/// Gives the bytes of a patch a header that fits them and an index, as far as it can.
#[cfg(test)]
pub(super) fn mend(bytes: &mut [u8], base: &form::Header) {
    let length = bytes.len() as u64;
    if let Ok((header, _)) = Header::mut_from_prefix(bytes) {
        header.magic = MAGIC;
        header.form = FORM.into();
        header.base = base.checksum;
        header.length = length.into();
    }
    seal(bytes);
}

/// The checksum of a whole patch: FNV-1a over words of eight bytes, its own place left out. It finds
/// what is torn, not who forges.
fn sum(bytes: &[u8]) -> u64 {
    let place = size_of::<Header>() - size_of::<U64>();
    let (before, behind) = bytes.split_at(place.min(bytes.len()));
    let behind = behind.get(size_of::<U64>()..).unwrap_or_default();
    let (words, rest) = behind.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let words = before.as_chunks::<8>().0.iter().chain(words).chain([&last]);
    words.fold(0xcbf2_9ce4_8422_2325, |hash, word| {
        (hash ^ u64::from_le_bytes(*word)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
