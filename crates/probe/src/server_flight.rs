//! What a server says first in a handshake, as far as it is in clear: its ServerHello, and up to
//! TLS 1.2 its certificate (RFC 5246 §7.4.2; from TLS 1.3 on that is encrypted).
//!
//! For servers with which no handshake of the TLS library comes to an end.

use portolan_ports::TlsVersion;

/// The most bytes of a flight that are looked at.
pub(crate) const MOST_BYTES: usize = 32 * 1024;

/// A server's answer to a ClientHello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerFlight {
    /// It agreed.
    Hello {
        /// To this version.
        version: TlsVersion,
        /// And this cipher suite (IANA's TLS Cipher Suites registry).
        cipher: u16,
        /// Its own certificate, DER, if that has arrived.
        certificate: Option<Vec<u8>>,
        /// Whether nothing more in clear is to come.
        whole: bool,
    },
    /// It refused, with an alert.
    Refused,
}

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SUPPORTED_VERSIONS: u16 = 43;

impl ServerFlight {
    /// Reads what has arrived; `None` where that is no answer yet, or none of TLS.
    #[must_use]
    pub fn read(received: &[u8]) -> Option<Self> {
        let (messages, ended) = messages(received.get(..MOST_BYTES).unwrap_or(received));
        let Some((kind, hello, rest)) = message(&messages) else {
            return match received {
                [ALERT, 3, 0..=4, 0, 2, 1 | 2, _, ..] => Some(Self::Refused),
                _ => None,
            };
        };
        if kind != SERVER_HELLO {
            return None;
        }
        let (version, cipher) = server_hello(hello)?;
        let mut certificate = None;
        let mut whole = ended || version >= TlsVersion::Tls13;
        if let Some((kind, body, _)) = message(rest).filter(|_| !whole) {
            // What comes in its place, as an anonymous suite's key, means that there is none.
            whole = true;
            if kind == CERTIFICATE {
                certificate = first_certificate(body).map(<[u8]>::to_vec);
            }
        }
        Some(Self::Hello {
            version,
            cipher,
            certificate,
            whole,
        })
    }
}

/// The handshake messages of the records so far, put together (RFC 8446 §5.1), and whether
/// another kind of record, or nonsense, has ended them.
fn messages(mut received: &[u8]) -> (Vec<u8>, bool) {
    let mut messages = Vec::new();
    loop {
        match received {
            [HANDSHAKE, 3, 0..=4, high, low, rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let Some((record, after)) = rest.split_at_checked(length) else {
                    messages.extend_from_slice(rest);
                    return (messages, false);
                };
                messages.extend_from_slice(record);
                received = after;
            }
            [] | [HANDSHAKE] | [HANDSHAKE, 3, ..] if received.len() < 5 => {
                return (messages, false);
            }
            _ => return (messages, true),
        }
    }
}

/// One handshake message: its type, its body, and what follows; `None` while it is incomplete.
fn message(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [kind, rest @ ..] = bytes else {
        return None;
    };
    let (body, after) = split_u24(rest)?;
    Some((*kind, body, after))
}

/// The version that was agreed to, and the cipher suite (RFC 8446 §4.1.3).
fn server_hello(body: &[u8]) -> Option<(TlsVersion, u16)> {
    let legacy = u16::from_be_bytes(*body.first_chunk()?);
    let (&session, rest) = body.get(34..)?.split_first()?;
    let rest = rest.get(usize::from(session)..)?;
    let cipher = u16::from_be_bytes(*rest.first_chunk()?);
    let mut extensions = rest.get(5..).unwrap_or_default();
    let mut version = legacy;
    while let [a, b, high, low, after @ ..] = extensions {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (content, after) = after.split_at_checked(length)?;
        if u16::from_be_bytes([*a, *b]) == SUPPORTED_VERSIONS {
            version = u16::from_be_bytes(content.try_into().ok()?);
        }
        extensions = after;
    }
    Some((TlsVersion::of_wire(version)?, cipher))
}

/// The first certificate of a list, which is the server's own (RFC 5246 §7.4.2).
fn first_certificate(body: &[u8]) -> Option<&[u8]> {
    let (list, _) = split_u24(body)?;
    let (first, _) = split_u24(list)?;
    Some(first).filter(|first| !first.is_empty())
}

/// Splits off what three bytes of length announce.
fn split_u24(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [a, b, c, rest @ ..] = bytes else {
        return None;
    };
    let length = [*a, *b, *c]
        .iter()
        .fold(0usize, |sum, &byte| sum << 8 | usize::from(byte));
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
        [&[HANDSHAKE, 3, 1][..], &length, payload].concat()
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind][..], &length[1..], body].concat()
    }

    fn hello(version: u16, extensions: &[u8]) -> Vec<u8> {
        let mut body = version.to_be_bytes().to_vec();
        body.extend([7; 32]);
        body.extend([0, 0, 0x2f, 0]);
        if !extensions.is_empty() {
            body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
            body.extend(extensions);
        }
        message(SERVER_HELLO, &body)
    }

    fn certificate(der: &[u8]) -> Vec<u8> {
        let length = |n: usize| u32::try_from(n).unwrap().to_be_bytes()[1..].to_vec();
        let one = [length(der.len()), der.to_vec()].concat();
        message(CERTIFICATE, &[length(one.len()), one].concat())
    }

    fn agreed(
        version: TlsVersion,
        certificate: Option<&[u8]>,
        whole: bool,
    ) -> Option<ServerFlight> {
        Some(ServerFlight::Hello {
            version,
            cipher: 0x2f,
            certificate: certificate.map(<[u8]>::to_vec),
            whole,
        })
    }

    #[test]
    fn the_certificate_is_found_however_the_records_are_cut() {
        let flight = [hello(0x0301, &[]), certificate(b"der")].concat();
        for size in 1..flight.len() {
            let records: Vec<u8> = flight.chunks(size).flat_map(record).collect();
            let whole = agreed(TlsVersion::Tls10, Some(b"der"), true);
            assert_eq!(ServerFlight::read(&records), whole, "records of {size}");
            for cut in 0..records.len() {
                let read = ServerFlight::read(&records[..cut]);
                let fits = [None, agreed(TlsVersion::Tls10, None, false), whole.clone()];
                assert!(fits.contains(&read), "{read:?}");
            }
        }
    }

    #[test]
    fn the_version_stands_in_the_extension_from_1_3_on() {
        let chosen = [0, 43, 0, 2, 3, 4];
        let read = ServerFlight::read(&record(&hello(0x0303, &chosen)));
        assert_eq!(read, agreed(TlsVersion::Tls13, None, true));
        let read = ServerFlight::read(&record(&hello(0x0303, &[0, 23, 0, 0])));
        assert_eq!(read, agreed(TlsVersion::Tls12, None, false));
    }

    #[test]
    fn an_anonymous_server_has_no_certificate() {
        let flight = [hello(0x0300, &[]), message(12, b"key")].concat();
        let read = ServerFlight::read(&record(&flight));
        assert_eq!(read, agreed(TlsVersion::Ssl3, None, true));
    }

    #[test]
    fn an_alert_refuses_and_nonsense_is_no_answer() {
        let alert = [ALERT, 3, 1, 0, 2, 2, 70];
        assert_eq!(ServerFlight::read(&alert), Some(ServerFlight::Refused));
        for nonsense in [
            &b""[..],
            b"HTTP/1.1 400 Bad Request\r\n",
            &record(&message(1, &[3; 50])),
            &record(&hello(0x0505, &[])),
            &record(&hello(0x0303, &[0, 43, 0, 9, 3])),
            &record(&message(SERVER_HELLO, b"")),
        ] {
            assert_eq!(ServerFlight::read(nonsense), None, "{nonsense:?}");
        }
    }
}
