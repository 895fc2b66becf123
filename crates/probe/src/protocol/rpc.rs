//! ONC RPC's messages, RFC 5531: calls without credentials, accepted replies, and records over
//! TCP. Shared by the port mapper and the programs of `rpc_program`.

use super::wire::Wire;

/// A program and the version that is asked for; its NULL procedure (§12.3) does no work.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) number: u32,
    pub(super) version: u32,
}

/// The programs that are looked for on a port of their own.
pub(super) const PROGRAMS: [Program; 6] = [
    Program {
        name: "nfs",
        number: 100_003,
        version: 3,
    },
    Program {
        name: "mountd",
        number: 100_005,
        version: 3,
    },
    Program {
        name: "nlockmgr",
        number: 100_021,
        version: 4,
    },
    Program {
        name: "status",
        number: 100_024,
        version: 1,
    },
    Program {
        name: "rquotad",
        number: 100_011,
        version: 1,
    },
    Program {
        name: "ypbind",
        number: 100_007,
        version: 2,
    },
];

/// Programs by the names of rpc(5), where a list names them.
const NAMES: [(u32, &str); 14] = [
    (100_000, "portmapper"),
    (100_001, "rstatd"),
    (100_002, "rusersd"),
    (100_003, "nfs"),
    (100_004, "ypserv"),
    (100_005, "mountd"),
    (100_007, "ypbind"),
    (100_009, "yppasswdd"),
    (100_011, "rquotad"),
    (100_021, "nlockmgr"),
    (100_024, "status"),
    (100_227, "nfs_acl"),
    (150_001, "pcnfsd"),
    (391_002, "sgi_fam"),
];

/// The program's name, else its number.
pub(super) fn name(number: u32) -> String {
    let named = NAMES.iter().find(|(n, _)| *n == number);
    named.map_or_else(
        || format!("program {number}"),
        |(_, name)| (*name).to_owned(),
    )
}

impl Program {
    /// A transaction of our own for every procedure, so that a reply tells what it answers.
    pub(super) const fn transaction(&self, procedure: u32) -> u32 {
        0x504f_0000 | ((self.number & 0xfff) << 4) | procedure
    }

    /// A call of §9 with AUTH_NONE (§8.1) and no arguments.
    pub(super) fn call(&self, procedure: u32) -> Vec<u8> {
        let words = [
            self.transaction(procedure),
            0,
            2,
            self.number,
            self.version,
            procedure,
            0,
            0,
            0,
            0,
        ];
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }
}

/// One record of one fragment, §11.
pub(super) fn record(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or_default();
    [&(LAST | length).to_be_bytes(), message].concat()
}

/// The bit that marks a record's last fragment.
const LAST: u32 = 0x8000_0000;

/// The longest record that is waited for: a long list of programs.
const LONGEST: u32 = 16 * 1024;

/// An accepted reply, §9.
pub(super) struct Reply<'a> {
    pub(super) transaction: u32,
    status: u32,
    pub(super) results: &'a [u8],
}

impl Reply<'_> {
    /// Whether the program is there, if in another version (PROG_MISMATCH).
    pub(super) fn has_program(&self) -> bool {
        matches!(self.status, 0 | 2)
    }
}

/// All whole replies of a connection, and whether one is still arriving.
pub(super) struct Replies<'a> {
    pub(super) whole: Vec<Reply<'a>>,
}

/// Reads the records so far; `None` where they are not accepted replies to calls of ours.
pub(super) fn replies(received: &[u8]) -> Option<Replies<'_>> {
    let mut rest = Wire(received);
    let mut whole = Vec::new();
    while !rest.0.is_empty() {
        let mut ahead = rest;
        let Some(mark) = ahead.u32() else {
            // 24 bytes and more, of which the last fragment is the only one.
            let hopeful = super::wire::opens(rest.0, &[0x80, 0]);
            return (hopeful || !whole.is_empty()).then_some(Replies { whole });
        };
        let length = mark ^ LAST;
        let sound = (24..=LONGEST).contains(&length) && length.is_multiple_of(4);
        let message = usize::try_from(length).ok().and_then(|n| ahead.take(n));
        match message.map(reply) {
            Some(Some(reply)) if sound => whole.push(reply),
            None if sound && begins(ahead.0) => return Some(Replies { whole }),
            // What follows a proof takes nothing back.
            _ => return (!whole.is_empty()).then_some(Replies { whole }),
        }
        rest = ahead;
    }
    Some(Replies { whole })
}

/// Whether the bytes so far may become a reply to a call of ours.
fn begins(message: &[u8]) -> bool {
    let (transaction, rest) = message.split_at(message.len().min(4));
    super::wire::opens(transaction, &[0x50, 0x4f])
        && super::wire::opens(rest, &[0, 0, 0, 1, 0, 0, 0, 0])
}

/// Reads one accepted reply to a call of ours.
pub(super) fn reply(message: &[u8]) -> Option<Reply<'_>> {
    let mut rest = Wire(message);
    let transaction = rest.u32()?;
    let head = (rest.u32()?, rest.u32()?);
    let (_flavour, verifier) = (rest.u32()?, rest.u32()?);
    // Our calls carry no credentials, so a verifier would be a short one at most.
    rest.take(usize::try_from(verifier).ok().filter(|&n| n <= 400)?)?;
    let status = rest.u32()?;
    let ours = transaction & 0xffff_0000 == 0x504f_0000;
    (ours && head == (1, 0) && status <= 5).then_some(Reply {
        transaction,
        status,
        results: rest.0,
    })
}
