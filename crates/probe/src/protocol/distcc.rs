//! distcc: a job whose command is a directory, so that there is nothing to run, doc/protocol-1.txt
//! of the distcc project.

use std::net::SocketAddr;

use super::{Match, Packet, Protocol, Safety, Stream, wire};
use crate::product::Told;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "distcc",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// Version 1, the command `. -c none.c -o none.o`, and an empty source. `.` is a directory in
/// whatever folder the server looks for compilers, and execve(2) of a directory fails.
const JOB: &[u8] = b"DIST00000001ARGC00000005ARGV00000001.ARGV00000002-cARGV00000006none.c\
    ARGV00000002-oARGV00000006none.oDOTI00000000";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "distcc job without a program".into(),
        bytes: JOB.into(),
    }
}

/// Wants the tokens of a result: DONE with the version, STAT, and SERR.
pub(super) fn recognise(received: &[u8]) -> Match {
    wire::settled(read(received))
}

fn read(received: &[u8]) -> Option<Match> {
    let mut rest = wire::Wire(received);
    let mut token = |name: &[u8]| -> Option<Option<usize>> {
        if !wire::opens(rest.0, name) {
            return Some(None);
        }
        rest.take(name.len())?;
        let digits = rest.take(8)?;
        let sound = digits
            .iter()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b));
        let number = std::str::from_utf8(digits).ok().filter(|_| sound);
        Some(number.and_then(|d| usize::from_str_radix(d, 16).ok()))
    };
    let done = token(b"DONE")?;
    if !matches!(done, Some(1..=3)) || token(b"STAT")?.is_none() {
        return Some(Match::No);
    }
    let Some(length) = token(b"SERR")?.filter(|&length| length < 8192) else {
        return Some(Match::No);
    };
    let errors = rest.take(length)?;
    // "distccd[123] (dcc_execvp) ERROR: failed to exec .: Permission denied"
    let told = errors.starts_with(b"distccd[").then(|| {
        let how = "the messages of the job begin with the server's name";
        (Told::new("distcc", None, None), how)
    });
    let proof = wire::proof("result of a job in distcc's protocol", told);
    Some(Match::Proven(Box::new(proof)))
}
