//! RPC programs on ports of their own: each answers a NULL call to its number, RFC 5531 §12.3.
//! On a connection where the port mapper is not known, they are asked one after the other.

use std::net::SocketAddr;

use super::rpc::{self, Program};
use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream, sunrpc};

/// The rows of these programs, in the order of [`rpc::PROGRAMS`].
pub(super) const NFS: Protocol = row::<0>("nfs");
pub(super) const MOUNTD: Protocol = row::<1>("mountd");
pub(super) const NLOCKMGR: Protocol = row::<2>("nlockmgr");
pub(super) const STATUS: Protocol = row::<3>("status");
pub(super) const RQUOTAD: Protocol = row::<4>("rquotad");
pub(super) const YPBIND: Protocol = row::<5>("ypbind");

const fn row<const N: usize>(name: &'static str) -> Protocol {
    Protocol {
        name,
        safety: Safety::Polite,
        stream: Some(Stream {
            drawn_by: &["sunrpc"],
            follow: follow::<N>,
            ..Stream::asked(first::<N>, recognise::<N>)
        }),
        datagram: Some(Datagram::asked(
            first_datagram::<N>,
            recognise_datagram::<N>,
        )),
    }
}

const NULL: u32 = 0;

fn asked(program: &Program, bytes: Vec<u8>) -> Packet {
    Packet {
        name: format!("{} NULL", program.name).into(),
        bytes: bytes.into(),
    }
}

fn first<const N: usize>(_target: SocketAddr) -> Packet {
    let program = &rpc::PROGRAMS[N];
    asked(program, rpc::record(&program.call(NULL)))
}

fn first_datagram<const N: usize>(_target: SocketAddr) -> Vec<Packet> {
    let program = &rpc::PROGRAMS[N];
    vec![asked(program, program.call(NULL))]
}

/// Wants the program's own reply, whatever was asked before it.
fn recognise<const N: usize>(received: &[u8]) -> Match {
    let program = &rpc::PROGRAMS[N];
    let Some(replies) = rpc::replies(received) else {
        return Match::No;
    };
    let found = |p: &Program| {
        let transaction = p.transaction(NULL);
        replies.whole.iter().find(|r| r.transaction == transaction)
    };
    // The port mapper is a port of its own kind.
    if found(&sunrpc::PORT_MAPPER).is_some_and(|r| r.has_program()) {
        return Match::No;
    }
    // Of several programs on one port, the one that was asked first; of several replies to one
    // call, the first.
    let first = replies.whole.iter().find(|r| r.has_program());
    match (first, found(program)) {
        (Some(first), Some(own)) if std::ptr::eq(first, own) => proof(program),
        (Some(_), _) | (None, Some(_)) => Match::No,
        (None, None) => Match::Partial,
    }
}

fn recognise_datagram<const N: usize>(received: &[u8]) -> Match {
    let program = &rpc::PROGRAMS[N];
    match rpc::reply(received) {
        Some(reply) if reply.has_program() && reply.transaction == program.transaction(NULL) => {
            proof(program)
        }
        _ => Match::No,
    }
}

fn proof(program: &Program) -> Match {
    Match::Proven(Box::new(Proof {
        rule: format!("reply of program {} to NULL, RFC 5531 §9", program.number).into(),
        ..Proof::default()
    }))
}

/// This program, once all that were asked before are known not to be there.
fn follow<const N: usize>(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let program = &rpc::PROGRAMS[N];
    let replies = rpc::replies(received)?;
    let answered = replies.whole.len() == followed + 1;
    let open = replies
        .whole
        .iter()
        .all(|r| !r.has_program() && r.transaction != program.transaction(NULL));
    (answered && open).then(|| asked(program, rpc::record(&program.call(NULL))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_the_name_of_its_program() {
        let rows = [NFS, MOUNTD, NLOCKMGR, STATUS, RQUOTAD, YPBIND];
        let names: Vec<_> = rpc::PROGRAMS.iter().map(|p| p.name).collect();
        assert_eq!(rows.map(|r| r.name).as_slice(), names);
    }

    /// An accepted reply without results, as a record.
    fn reply(program: &Program, status: u32) -> Vec<u8> {
        let words = [program.transaction(NULL), 1, 0, 0, 0, status];
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_be_bytes()).collect();
        rpc::record(&bytes)
    }

    #[test]
    fn programs_are_asked_in_turn_until_one_is_there() {
        let target = SocketAddr::from(([127, 0, 0, 1], 2049));
        let mut heard = reply(&sunrpc::PORT_MAPPER, 1);
        assert_eq!(
            (NFS.recognise(&heard), sunrpc::recognise(&heard)),
            (Match::Partial, Match::Partial)
        );
        let asked = NFS.follow(&heard, 0, target).unwrap();
        assert_eq!(asked.name, "nfs NULL");
        assert_eq!(NFS.follow(&heard, 1, target), None);
        heard.extend(reply(&rpc::PROGRAMS[0], 1));
        assert_eq!(NFS.recognise(&heard), Match::No);
        assert_eq!(
            MOUNTD.follow(&heard, 1, target).unwrap().name,
            "mountd NULL"
        );
        let mut mounts = heard.clone();
        mounts.extend(reply(&rpc::PROGRAMS[1], 0));
        assert!(matches!(MOUNTD.recognise(&mounts), Match::Proven(_)));
        assert_eq!(STATUS.recognise(&mounts), Match::No);
        for program in &rpc::PROGRAMS[1..] {
            heard.extend(reply(program, 1));
        }
        assert!(matches!(sunrpc::recognise(&heard), Match::Proven(_)));
    }
}
