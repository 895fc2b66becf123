//! QMP, the monitor of QEMU: the greeting with its version; QEMU's documentation,
//! docs/interop/qmp-spec, "Server Greeting".

use super::{Match, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "qmp",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: None,
};

/// Wants the greeting's whole line, with the three numbers of the version in any order.
fn recognise(received: &[u8]) -> Match {
    const GREETING: &[u8] = b"{\"QMP\": {\"version\": {\"qemu\": {";
    const LONGEST: usize = 1024;
    let shared = received.len().min(GREETING.len());
    if received.get(..shared) != GREETING.get(..shared) {
        return Match::No;
    }
    let end = received.iter().position(|&b| b == b'\n');
    let line = received.get(..end.unwrap_or(received.len())).unwrap_or(&[]);
    let text = line.iter().all(|&b| b >= 0x20 || b == b'\r');
    if line.len() > LONGEST || !text {
        return Match::No;
    }
    if end.is_none() {
        return Match::Partial;
    }
    let line = String::from_utf8_lossy(line);
    let rest = line.get(GREETING.len()..).unwrap_or("");
    let Some((numbers, rest)) = rest.split_once('}') else {
        return Match::No;
    };
    let number = |wanted: &str| {
        numbers.split(',').find_map(|pair| {
            let (key, value) = pair.split_once(':')?;
            let key = key.trim().strip_prefix('"')?.strip_suffix('"')?;
            (key == wanted).then(|| value.trim().parse::<u16>().ok())?
        })
    };
    let version = (number("major"), number("minor"), number("micro"));
    let (Some(major), Some(minor), Some(micro)) = version else {
        return Match::No;
    };
    if !rest.contains("\"package\":") || !rest.contains("\"capabilities\":") {
        return Match::No;
    }
    let version = format!("{major}.{minor}.{micro}");
    let told = Told::new("qemu", Some(&version), Some("qemu:qemu"));
    Match::Proven(Box::new(Proof {
        rule: "server greeting of QEMU's qmp-spec".into(),
        ..product::proof(Some(told), "the version in the greeting")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_tells_the_version_and_half_of_it_nothing() {
        let line =
            b"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 16, \"minor\": 2, \"major\": 7}, \
            \"package\": \"Debian 1:7.2+dfsg-7\"}, \"capabilities\": [\"oob\"]}}\r\n";
        let Match::Proven(proof) = recognise(line) else {
            panic!("not proven");
        };
        assert_eq!(proof.version.as_deref(), Some("7.2.16"));
        for end in 0..line.len() {
            assert_eq!(recognise(&line[..end]), Match::Partial, "{end}");
        }
        assert_eq!(recognise(b"{\"QMP\": {\"version\": 1}}\r\n"), Match::No);
        let nameless = b"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 1}}}}\n";
        assert_eq!(recognise(nameless), Match::No);
    }
}
