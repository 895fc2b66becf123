//! The kernel's description of its own types, of which one number is wanted: that of the function
//! which stands for a kind of iterator.
//!
//! Source: `/sys/kernel/btf/vmlinux`; the form is in Documentation/bpf/btf.rst. It has 5 megabytes,
//! of which none is kept: the names are searched as they pass, then the types.
//! Cost:   about 1 millisecond.

use std::ffi::CStr;

use memchr::memmem;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::{Errno, pread};

const PATH: &CStr = c"/sys/kernel/btf/vmlinux";
/// `BTF_MAGIC` of `linux/btf.h`.
const MAGIC: u16 = 0xeb9f;
/// How much is read at once.
const PIECE: usize = 64 * 1024;
/// The bytes of `struct btf_type`.
const TYPE: usize = 12;
/// `BTF_KIND_FUNC`.
const FUNCTION: u32 = 12;

/// Why the number is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::linux) enum Error {
    /// The kernel was built without, or `/sys` is not mounted.
    #[error("the kernel does not tell its types: {0}")]
    Unreadable(Errno),
    #[error("the kernel's types have a form that is not known here")]
    Malformed,
    #[error("the kernel has no such iterator")]
    Absent,
}

/// The number of the kernel's function of this name.
pub(super) fn function(name: &str) -> Result<u32, Error> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let file = open(PATH, flags, Mode::empty()).map_err(Error::Unreadable)?;
    let file = |into: &mut [u8], at: u64| read(&file, into, at);
    find(file, name)
}

/// Reads the bytes at an offset, as many as there are.
fn read(file: &OwnedFd, into: &mut [u8], at: u64) -> Result<usize, Errno> {
    let mut length = 0;
    while length < into.len() {
        match pread(file.as_fd(), &mut into[length..], at + length as u64) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(length)
}

fn find(
    mut read: impl FnMut(&mut [u8], u64) -> Result<usize, Errno>,
    name: &str,
) -> Result<u32, Error> {
    let mut head = [0; 24];
    if read(&mut head, 0).map_err(Error::Unreadable)? < head.len() {
        return Err(Error::Malformed);
    }
    if u16::from_ne_bytes([head[0], head[1]]) != MAGIC || head[2] != 1 {
        return Err(Error::Malformed);
    }
    // Places count from the end of the head.
    let [head_length, types, types_length, names, names_length] =
        [4, 8, 12, 16, 20].map(|at| u64::from(word(&head, at)));
    let mut piece = vec![0; PIECE];

    let wanted = [b"\0", name.as_bytes(), b"\0"].concat();
    let name_at = {
        let (start, end) = (head_length + names, head_length + names + names_length);
        let finder = memmem::Finder::new(&wanted);
        let mut at = start;
        loop {
            let room = usize::try_from(end - at).map_or(PIECE, |left| left.min(PIECE));
            let length = read(&mut piece[..room], at).map_err(Error::Unreadable)?;
            if let Some(found) = finder.find(&piece[..length]) {
                // The zero before it ends another name.
                break at - start + found as u64 + 1;
            }
            if length <= wanted.len() || at + length as u64 >= end {
                return Err(Error::Absent);
            }
            // It may lie across the edge.
            at += (length - wanted.len()) as u64;
        }
    };

    let (mut at, end) = (head_length + types, head_length + types + types_length);
    // Number 0 is `void` and stands nowhere.
    let mut number = 1;
    while at < end {
        let room = usize::try_from(end - at).map_or(PIECE, |left| left.min(PIECE));
        let length = read(&mut piece[..room], at).map_err(Error::Unreadable)?;
        let mut inside = 0;
        while inside + TYPE <= length {
            let one = &piece[inside..];
            let kind = word(one, 4);
            if (kind >> 24) & 0x1f == FUNCTION && u64::from(word(one, 0)) == name_at {
                return Ok(number);
            }
            inside += TYPE + tail(kind).ok_or(Error::Malformed)?;
            number += 1;
        }
        if inside == 0 {
            return Err(Error::Malformed);
        }
        at += inside as u64;
    }
    Err(Error::Absent)
}

/// How many bytes follow a type, by its `info`.
fn tail(info: u32) -> Option<usize> {
    let count = (info & 0xffff) as usize;
    Some(match (info >> 24) & 0x1f {
        // Integer, variable, declaration tag.
        1 | 14 | 17 => 4,
        // Pointer, forward, typedef, volatile, const, restrict, function, float, type tag.
        2 | 7..=12 | 16 | 18 => 0,
        // Array.
        3 => 12,
        // Structure, union, section, 64-bit enumeration.
        4 | 5 | 15 | 19 => count * 12,
        // Enumeration, prototype.
        6 | 13 => count * 8,
        _ => return None,
    })
}

/// A word that the caller has made sure is there.
fn word(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_ne_bytes(word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn search(bytes: &[u8], name: &str) -> Result<u32, Error> {
        let read = |into: &mut [u8], at: u64| {
            let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..));
            let rest = rest.unwrap_or_default();
            let length = rest.len().min(into.len());
            into[..length].copy_from_slice(&rest[..length]);
            Ok(length)
        };
        find(read, name)
    }

    /// A table of types, and the names they have.
    fn table(types: &[u32], names: &[u8]) -> Vec<u8> {
        let length = types.len() as u32 * 4;
        let mut bytes = Vec::new();
        bytes.extend(MAGIC.to_ne_bytes());
        bytes.extend([1, 0]);
        for word in [24, 0, length, length, names.len() as u32] {
            bytes.extend(word.to_ne_bytes());
        }
        bytes.extend(types.iter().flat_map(|word| word.to_ne_bytes()));
        bytes.extend(names);
        bytes
    }

    #[test]
    fn types_are_counted_over_their_tails() {
        let types = [
            // An integer, a structure of one member, a function of another name, and the one.
            [1, 1 << 24, 4, 32].as_slice(),
            &[0, 4 << 24 | 1, 4, 1, 1, 0],
            &[1, 12 << 24, 1],
            &[5, 12 << 24, 1],
        ]
        .concat();
        let bytes = table(&types, b"\0int\0walk\0");
        assert_eq!(search(&bytes, "walk"), Ok(4));
        assert_eq!(search(&bytes, "int"), Ok(3));
        assert_eq!(search(&bytes, "al"), Err(Error::Absent));
        assert_eq!(search(&bytes[..30], "walk"), Err(Error::Absent));
        assert_eq!(search(&bytes[..20], "walk"), Err(Error::Malformed));
        assert_eq!(search(b"", "walk"), Err(Error::Malformed));
        let unknown = table(&[5, 31 << 24, 1], b"\0int\0walk\0");
        assert_eq!(search(&unknown, "walk"), Err(Error::Malformed));
        let cut = table(&[5, 12 << 24], b"\0int\0walk\0");
        assert_eq!(search(&cut, "walk"), Err(Error::Malformed));
    }

    #[test]
    fn a_name_across_the_edge_of_a_piece_is_found() {
        let mut names = vec![b'x'; PIECE - 3];
        names.extend(b"\0walk\0");
        let bytes = table(&[PIECE as u32 - 2, 12 << 24, 0], &names);
        assert_eq!(search(&bytes, "walk"), Ok(1));
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm(words in prop::collection::vec(any::<u32>(), 0..60), names: Vec<u8>) {
            let names = [b"\0walk\0", &names[..]].concat();
            let _any = search(&table(&words, &names), "walk");
        }

        #[test]
        fn no_nonsense_holds_the_function(mut head in prop::collection::vec(any::<u8>(), 24..80)) {
            head[..4].copy_from_slice(&[0x9f, 0xeb, 1, 0]);
            prop_assert!(search(&head, "walk").is_err());
        }
    }

    #[test]
    fn this_kernel_has_the_iterator() {
        assert!(function("bpf_iter_task_file").is_ok());
        assert_eq!(function("portolan_has_no_such"), Err(Error::Absent));
    }
}
