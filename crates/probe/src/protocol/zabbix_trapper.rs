//! A Zabbix server or proxy: the answer to `zabbix.stats`, which is granted or refused; Zabbix
//! manual, "Remote monitoring of Zabbix stats".

use std::net::SocketAddr;

use super::zabbix::{self, Read};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "zabbix-trapper",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// Reads the server's own figures, where its StatsAllowedIP lets us.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "zabbix-trapper zabbix.stats".into(),
        bytes: zabbix::frame(b"{\"request\":\"zabbix.stats\"}").into(),
    }
}

/// Wants a frame with a JSON object whose `response` is one of the two words.
fn recognise(received: &[u8]) -> Match {
    let data = match zabbix::read(received) {
        Read::No => return Match::No,
        Read::Partial => return Match::Partial,
        Read::Whole(data) => data,
    };
    let text = String::from_utf8_lossy(data);
    let compact: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(4096)
        .collect();
    let granted = compact.starts_with("{\"response\":\"success\"");
    if !granted && !compact.starts_with("{\"response\":\"failed\"") {
        return Match::No;
    }
    let version = compact
        .split_once("\"version\":\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(version, _)| version)
        .filter(|v| v.starts_with(|c: char| c.is_ascii_digit()) && v.len() < 20);
    // A proxy answers in the same words: which of them it is, is not told.
    let told = version.map(|version| Told::new("zabbix", Some(version), Some("zabbix:zabbix")));
    Match::Proven(Box::new(Proof {
        rule: "answer to zabbix.stats in Zabbix's frame".into(),
        unauthenticated: Some(granted),
        ..product::proof(told, "the version among the server's figures")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manuals_answers_prove_it() {
        for (json, version) in [
            (
                r#"{"response":"failed","info":"Permission denied for host."}"#,
                None,
            ),
            (
                r#"{"response": "success", "data": {"boottime": 1, "version": "6.4.1"}}"#,
                Some("6.4.1"),
            ),
        ] {
            let answer = zabbix::frame(json.as_bytes());
            let Match::Proven(proof) = recognise(&answer) else {
                panic!("{json}");
            };
            assert_eq!(proof.version.as_deref(), version);
            for end in 0..answer.len() {
                assert_eq!(recognise(&answer[..end]), Match::Partial, "{end}");
            }
        }
        assert_eq!(recognise(&zabbix::frame(b"6.0.14")), Match::No, "an agent");
    }
}
