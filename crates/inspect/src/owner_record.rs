//! What the iterator of `bpf/owners.bpf.c` tells of one descriptor that is a socket. Pure: bytes
//! in, values out.
//!
//! Shape: 48 bytes per record, in this machine's byte order, one after another without a head.

/// The bytes of one record; `sizeof(struct record)` in `bpf/owners.bpf.c`.
pub const LENGTH: usize = 48;

/// One descriptor of one process, that is an Internet socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnerRecord {
    /// The socket's inode, as in `socket:[INODE]`.
    pub inode: u64,
    /// The socket's cookie (SO_COOKIE, socket(7)); 0 until somebody asked for it.
    pub cookie: u64,
    /// When the process began, in nanoseconds since the machine did (CLOCK_BOOTTIME).
    pub start: u64,
    /// The process's id in the first pid namespace.
    pub process: u32,
    /// The id of the thread through whose table of descriptors it was found; the process's own,
    /// unless a thread has a table to itself (CLONE_FILES of clone(2)).
    pub thread: u32,
    /// The descriptor's number.
    pub descriptor: u32,
    /// The number of the socket's network namespace, as in `net:[NUMBER]`.
    pub namespace: u32,
    /// IPPROTO_TCP, IPPROTO_UDP, ... of `linux/in.h`.
    pub protocol: u16,
    /// AF_INET or AF_INET6.
    pub family: u8,
    /// As `state.rs` has them.
    pub state: u8,
    /// SO_REUSEPORT, socket(7).
    pub reuse_port: bool,
}

/// The records in `bytes`, and how many bytes at the end are the beginning of another one.
pub fn records(bytes: &[u8]) -> (impl Iterator<Item = OwnerRecord>, usize) {
    let (whole, rest) = bytes.as_chunks::<LENGTH>();
    (whole.iter().map(record), rest.len())
}

fn record(bytes: &[u8; LENGTH]) -> OwnerRecord {
    let word = |at: usize| -> u32 {
        let mut word = [0; 4];
        word.copy_from_slice(&bytes[at..at + 4]);
        u32::from_ne_bytes(word)
    };
    let long = |at: usize| -> u64 {
        let mut long = [0; 8];
        long.copy_from_slice(&bytes[at..at + 8]);
        u64::from_ne_bytes(long)
    };
    OwnerRecord {
        inode: long(0),
        cookie: long(8),
        start: long(16),
        process: word(24),
        thread: word(28),
        descriptor: word(32),
        namespace: word(36),
        protocol: u16::from_ne_bytes([bytes[40], bytes[41]]),
        family: bytes[42],
        state: bytes[43],
        reuse_port: word(44) != 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(record: &OwnerRecord) -> Vec<u8> {
        let mut bytes = Vec::new();
        for long in [record.inode, record.cookie, record.start] {
            bytes.extend(long.to_ne_bytes());
        }
        for word in [
            record.process,
            record.thread,
            record.descriptor,
            record.namespace,
        ] {
            bytes.extend(word.to_ne_bytes());
        }
        bytes.extend(record.protocol.to_ne_bytes());
        bytes.extend([record.family, record.state]);
        bytes.extend(u32::from(record.reuse_port).to_ne_bytes());
        bytes
    }

    proptest! {
        #[test]
        fn any_bytes_are_as_many_records_as_fit(input in prop::collection::vec(any::<u8>(), 0..500)) {
            let (found, rest) = records(&input);
            prop_assert_eq!(found.count() * LENGTH + rest, input.len());
            prop_assert!(rest < LENGTH);
        }

        #[test]
        fn every_record_is_read_as_it_was_written(
            longs in any::<[u64; 3]>(),
            words in any::<[u32; 4]>(),
            protocol in any::<u16>(),
            ends in any::<[u8; 2]>(),
            reuse_port in any::<bool>(),
        ) {
            let [inode, cookie, start] = longs;
            let [process, thread, descriptor, namespace] = words;
            let [family, state] = ends;
            let written = OwnerRecord {
                inode, cookie, start, process, thread, descriptor, namespace, protocol, family,
                state, reuse_port,
            };
            let bytes = bytes(&written);
            let (mut found, rest) = records(&bytes);
            prop_assert_eq!((found.next(), found.next(), rest), (Some(written), None, 0));
        }
    }
}
