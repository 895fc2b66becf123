//! ONC RPC, RFC 5531: a NULL call to the port mapper (RFC 1833), and the list of programs that it
//! knows. A server that has no port mapper is asked for the programs of `rpc_program`.

use std::net::SocketAddr;

use super::rpc::{self, Program};
use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "sunrpc",
    safety: Safety::Polite,
    stream: Some(Stream {
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: Some(Datagram {
        follow: follow_datagram,
        ..Datagram::asked(first_datagram, recognise_datagram)
    }),
};

/// Version 2, whose DUMP every port mapper still has.
pub(super) const PORT_MAPPER: Program = Program {
    name: "portmapper",
    number: 100_000,
    version: 2,
};

const NULL: u32 = 0;
const DUMP: u32 = 4;

/// The most programs that are told.
const MOST_PROGRAMS: usize = 64;

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "sunrpc NULL of portmapper".into(),
        bytes: rpc::record(&PORT_MAPPER.call(NULL)).into(),
    }
}

fn first_datagram(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "sunrpc NULL of portmapper".into(),
        bytes: PORT_MAPPER.call(NULL).into(),
    }]
}

/// Wants the port mapper's reply; or that it and every other program is unknown there.
pub(super) fn recognise(received: &[u8]) -> Match {
    let Some(replies) = rpc::replies(received) else {
        return Match::No;
    };
    let reply = |program: &Program, procedure| {
        let transaction = program.transaction(procedure);
        replies.whole.iter().find(|r| r.transaction == transaction)
    };
    match reply(&PORT_MAPPER, NULL).map(|r| r.has_program()) {
        Some(true) => {
            let list = reply(&PORT_MAPPER, DUMP).map(|r| r.results);
            proof(list)
        }
        Some(false) => {
            let strange = rpc::PROGRAMS
                .iter()
                .all(|p| reply(p, NULL).is_some_and(|r| !r.has_program()));
            match strange {
                true => wire::proven("accepted reply of RFC 5531 §9, and no program that is known"),
                false => Match::Partial,
            }
        }
        None => Match::Partial,
    }
}

fn proof(list: Option<&[u8]>) -> Match {
    Match::Proven(Box::new(Proof {
        told: wire::lines(programs(list.unwrap_or_default())),
        ..wire::proof(
            "reply of the port mapper, RFC 1833 §3.1 and RFC 5531 §9",
            None,
        )
    }))
}

/// `pmaplist` of RFC 1833 §3.1: a mark, program, version, transport and port, again and again.
fn programs(list: &[u8]) -> Vec<String> {
    let mut rest = wire::Wire(list);
    let mut told: Vec<String> = Vec::new();
    let mut next = || -> Option<String> {
        let more = rest.u32()? == 1;
        let (number, version) = (rest.u32()?, rest.u32()?);
        let (transport, port) = (rest.u32()?, rest.u32()?);
        let transport = match transport {
            6 => "tcp",
            17 => "udp",
            _ => "other",
        };
        more.then(|| {
            format!(
                "{} version {version} on {transport} {port}",
                rpc::name(number)
            )
        })
    };
    while let Some(line) = next() {
        if told.len() == MOST_PROGRAMS {
            break;
        }
        if !told.contains(&line) {
            told.push(line);
        }
    }
    told
}

/// DUMP, once the port mapper has answered.
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let replies = rpc::replies(received)?;
    let [reply] = replies.whole.as_slice() else {
        return None;
    };
    let answered = reply.transaction == PORT_MAPPER.transaction(NULL) && reply.has_program();
    (followed == 0 && answered).then(|| Packet {
        name: "sunrpc DUMP of portmapper".into(),
        bytes: rpc::record(&PORT_MAPPER.call(DUMP)).into(),
    })
}

fn recognise_datagram(received: &[u8]) -> Match {
    match rpc::reply(received) {
        Some(reply) if reply.has_program() => {
            if reply.transaction == PORT_MAPPER.transaction(NULL) {
                proof(None)
            } else if reply.transaction == PORT_MAPPER.transaction(DUMP) {
                proof(Some(reply.results))
            } else {
                Match::No
            }
        }
        _ => Match::No,
    }
}

fn follow_datagram(_received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    (followed == 0).then(|| Packet {
        name: "sunrpc DUMP of portmapper".into(),
        bytes: PORT_MAPPER.call(DUMP).into(),
    })
}
