//! A server's certificate, read from its DER (RFC 5280). It is not verified, and not trusted with
//! anything: every text is bounded, and what cannot be read is left out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portolan_ports::Certificate;
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// The longest certificate that is read: that of a handshake message that TLS libraries take.
const LONGEST: usize = 64 * 1024;

/// Reads one certificate; `None` where it is none. `host` is the name that the user gave.
#[must_use]
pub fn read_certificate(der: &[u8], host: Option<&str>) -> Option<Certificate> {
    if der.len() > LONGEST {
        return None;
    }
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let (names, for_host) = names(&parsed, host);
    Some(Certificate {
        subject: distinguished(parsed.subject()),
        issuer: distinguished(parsed.issuer()),
        names,
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
        self_signed: self_signed(&parsed),
        for_host,
        sha256: hexadecimal(&Sha256::digest(der)),
    })
}

/// The first names of the subject alternative name, and whether any of all of them is for `host`.
///
/// The common name is not looked at: RFC 9525 §2 no longer takes it for a name of a server.
fn names(parsed: &X509Certificate<'_>, host: Option<&str>) -> (Vec<String>, Option<bool>) {
    let mut names = Vec::new();
    let mut matched = false;
    let alternative = parsed
        .extensions()
        .iter()
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
            _ => None,
        })
        .flatten();
    for name in alternative {
        let text = match name {
            GeneralName::DNSName(presented) => {
                matched |= host.is_some_and(|host| is_for(presented, host));
                text(presented)
            }
            GeneralName::IPAddress(bytes) => match address(bytes) {
                Some(address) => address.to_string(),
                None => continue,
            },
            GeneralName::RFC822Name(name) | GeneralName::URI(name) => text(name),
            _ => continue,
        };
        if names.len() < Certificate::MOST_NAMES && !names.contains(&text) {
            names.push(text);
        }
    }
    (names, host.map(|_| matched))
}

/// Whether a presented DNS name is for `host`, RFC 9525 §6.3: labels are compared without regard
/// to ASCII case, and `*` stands for exactly one label, the leftmost, and only alone in it.
///
/// At least two labels must follow a `*`: one for a whole top-level domain is for nobody.
fn is_for(presented: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let presented = presented.strip_suffix('.').unwrap_or(presented);
    if host.is_empty() || !presented.is_ascii() || !host.is_ascii() {
        return false;
    }
    let Some(parent) = presented.strip_prefix("*.") else {
        return !presented.contains('*') && presented.eq_ignore_ascii_case(host);
    };
    let Some((label, rest)) = host.split_once('.') else {
        return false;
    };
    let wide = parent.contains('*') || !parent.contains('.') || parent.starts_with('.');
    !wide && !label.is_empty() && rest.eq_ignore_ascii_case(parent)
}

/// An iPAddress, RFC 5280 §4.2.1.6: four or sixteen bytes.
fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|b| IpAddr::V4(Ipv4Addr::from(b)));
    let v6 = <[u8; 16]>::try_from(bytes).map(|b| IpAddr::V6(Ipv6Addr::from(b)));
    v4.or(v6).ok()
}

/// Whether its own key signed it. A certificate that names another issuer did not, whatever its
/// signature (RFC 5280 §6.1); where the algorithm is not verified here nothing is claimed.
fn self_signed(parsed: &X509Certificate<'_>) -> Option<bool> {
    if parsed.subject().as_raw() != parsed.issuer().as_raw() {
        return Some(false);
    }
    match parsed.verify_signature(None) {
        Ok(()) => Some(true),
        // Shorter RSA keys than these are refused by the verifier, whoever signed.
        Err(X509Error::SignatureVerificationError) => match parsed.public_key().parsed() {
            Ok(PublicKey::RSA(key)) if key.key_size() < 2048 => None,
            _ => Some(false),
        },
        Err(_) => None,
    }
}

/// A distinguished name in the form of RFC 4514: the last part first, special characters escaped.
fn distinguished(name: &X509Name<'_>) -> String {
    let parts: Vec<_> = name.iter_rdn().collect();
    let mut written = String::new();
    for (at, part) in parts.into_iter().rev().enumerate() {
        if at > 0 {
            written.push(',');
        }
        for (at, attribute) in part.iter().enumerate() {
            if at > 0 {
                written.push('+');
            }
            write_attribute(&mut written, attribute);
        }
        if written.len() > 4 * Certificate::LONGEST_TEXT {
            break;
        }
    }
    text(&written)
}

/// The short names of RFC 4514 §3, and those that certificates use beside them (RFC 4519, RFC 2985).
const SHORT: [(&str, &str); 12] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

fn write_attribute(written: &mut String, attribute: &AttributeTypeAndValue<'_>) {
    let number = attribute.attr_type().to_id_string();
    let short = SHORT.iter().find(|(known, _)| *known == number);
    written.push_str(short.map_or(&number, |(_, short)| short));
    written.push('=');
    let Ok(value) = attribute.as_str() else {
        // §2.4: what has no string form is shown as its bytes.
        written.push('#');
        let bytes = attribute.as_slice();
        written.push_str(&hexadecimal(
            bytes.get(..Certificate::LONGEST_TEXT).unwrap_or(bytes),
        ));
        return;
    };
    let last = value.chars().count().saturating_sub(1);
    for (at, letter) in value.chars().enumerate() {
        let special = matches!(letter, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || (at == 0 && matches!(letter, ' ' | '#'))
            || (at == last && letter == ' ');
        if special {
            written.push('\\');
        }
        written.push(letter);
        if at > Certificate::LONGEST_TEXT {
            return;
        }
    }
}

fn text(whole: &str) -> String {
    whole.chars().take(Certificate::LONGEST_TEXT).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa,
        KeyPair, date_time_ymd,
    };

    use super::*;

    fn params(names: &[&str]) -> CertificateParams {
        let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params
    }

    #[test]
    fn a_self_signed_one_is_read_whole() {
        let mut params = params(&["web.test", "127.0.0.1", "::1"]);
        params.distinguished_name.push(DnType::CountryName, "GR");
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Harbour, \"old\" + new");
        params.distinguished_name.push(DnType::CommonName, "#web ");
        params.not_before = date_time_ymd(2026, 1, 2);
        params.not_after = date_time_ymd(2027, 1, 1);
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let read = read_certificate(made.der(), Some("web.test")).unwrap();
        let own = r#"CN=\#web\ ,O=Harbour\, \"old\" \+ new,C=GR"#;
        assert_eq!((read.subject.as_str(), read.issuer.as_str()), (own, own));
        assert_eq!(read.names, ["web.test", "127.0.0.1", "::1"]);
        assert_eq!(
            (read.not_before, read.not_after),
            (1_767_312_000, 1_798_761_600)
        );
        assert_eq!((read.self_signed, read.for_host), (Some(true), Some(true)));
        assert_eq!(read.sha256.len(), 64);
        assert_eq!(read.called(), "web.test");
        assert_eq!(read_certificate(made.der(), None).unwrap().for_host, None);
    }

    #[test]
    fn one_that_another_signed_is_not_self_signed_even_if_it_says_so() {
        let mut authority = params(&[]);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority
            .distinguished_name
            .push(DnType::CommonName, "Harbour CA");
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let mut leaf = params(&["web.test"]);
        let key = KeyPair::generate().unwrap();
        let made = leaf.clone().signed_by(&key, &authority).unwrap();
        let read = read_certificate(made.der(), None).unwrap();
        assert_eq!(
            (read.subject.as_str(), read.issuer.as_str()),
            ("", "CN=Harbour CA")
        );
        assert_eq!(read.self_signed, Some(false));
        leaf.distinguished_name
            .push(DnType::CommonName, "Harbour CA");
        let made = leaf.signed_by(&key, &authority).unwrap();
        let read = read_certificate(made.der(), None).unwrap();
        assert_eq!(read.subject, read.issuer);
        assert_eq!(read.self_signed, Some(false));
    }

    #[test]
    fn texts_and_names_are_bounded() {
        let names: Vec<String> = (0..200).map(|n| format!("host-{n}.test")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut params = params(&names);
        let long = "é".repeat(5000);
        params.distinguished_name.push(DnType::CommonName, long);
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let read = read_certificate(made.der(), Some("host-199.test")).unwrap();
        assert_eq!(read.names.len(), Certificate::MOST_NAMES);
        assert_eq!(read.subject.chars().count(), Certificate::LONGEST_TEXT);
        assert_eq!(read.for_host, Some(true), "also by a name that is not kept");
    }

    #[test]
    fn names_are_matched_as_rfc_9525_has_it() {
        for (presented, host, wanted) in [
            ("web.test", "web.test", true),
            ("WEB.test", "web.TEST.", true),
            ("web.test", "www.web.test", false),
            ("*.web.test", "www.web.test", true),
            ("*.web.test", "web.test", false),
            ("*.web.test", "a.www.web.test", false),
            ("*.web.test", ".web.test", false),
            ("w*.web.test", "www.web.test", false),
            ("*.*.test", "a.b.test", false),
            ("*.test", "web.test", false),
            ("*", "web", false),
            ("*.", "web.", false),
            ("", "", false),
            ("localhost", "localhost", true),
        ] {
            assert_eq!(is_for(presented, host), wanted, "{presented} for {host}");
        }
    }

    #[test]
    fn what_is_cut_or_changed_never_panics() {
        let made = params(&["web.test"])
            .self_signed(&KeyPair::generate().unwrap())
            .unwrap();
        let der = made.der().to_vec();
        for cut in 0..der.len() {
            assert_eq!(read_certificate(&der[..cut], Some("web.test")), None);
        }
        // What is signed; the rest, as the header before it, may change without a trace.
        let (_, parsed) = X509Certificate::from_der(&der).unwrap();
        let signed: &[u8] = parsed.tbs_certificate.as_ref();
        let from = signed.as_ptr() as usize - der.as_ptr() as usize;
        let signed = from..from + signed.len();
        let mut read = 0;
        for at in 0..der.len() {
            for bit in 0..8 {
                let mut changed = der.clone();
                changed[at] ^= 1 << bit;
                if let Some(other) = read_certificate(&changed, Some("web.test")) {
                    read += 1;
                    let stands = other.self_signed == Some(true);
                    assert!(!stands || !signed.contains(&at), "byte {at}");
                }
            }
        }
        assert!(read > 0, "a changed signature can be read still");
        assert_eq!(read_certificate(&vec![0x30; LONGEST + 1], None), None);
    }
}
