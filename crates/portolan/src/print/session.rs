//! What TLS showed, in one line.

use portolan_ports::{Certificate, Identification, TlsSession, TlsVersion};

/// `TLS 1.2, 1.3; certificate for localhost, self-signed, until 2027-01-01`; not neutralised.
/// `None` where there is no session.
pub(super) fn line(seen: &Identification) -> Option<String> {
    let session = seen.session.as_deref()?;
    let mut parts = vec![versions(session)];
    if !seen.tls {
        parts[0].push_str(" after STARTTLS");
    }
    if let Some(alpn) = &session.alpn {
        parts.push(format!("ALPN {alpn}"));
    }
    parts.push(match &session.certificate {
        Some(own) => certificate(own),
        None => "no certificate that can be read".to_owned(),
    });
    Some(parts.join("; "))
}

/// The versions that were agreed to, `TLS` said once.
fn versions(session: &TlsSession) -> String {
    let mut seen: Vec<TlsVersion> = session.versions.clone();
    seen.extend(session.version.filter(|v| !seen.contains(v)));
    seen.sort_unstable();
    let mut said = false;
    let names: Vec<&str> = seen
        .into_iter()
        .map(|version| {
            let name = version.as_str();
            let short = name.strip_prefix("TLS ").filter(|_| said);
            said |= name.starts_with("TLS ");
            short.unwrap_or(name)
        })
        .collect();
    match names.is_empty() {
        true => "TLS".to_owned(),
        false => names.join(", "),
    }
}

fn certificate(own: &Certificate) -> String {
    let signer = match own.self_signed {
        Some(true) => "self-signed".to_owned(),
        Some(false) => format!("signed by {}", issuer(own)),
        None => "naming itself as its issuer".to_owned(),
    };
    let until = jiff::Timestamp::from_second(own.not_after)
        .map(|until| {
            until
                .to_string()
                .chars()
                .take_while(|c| *c != 'T')
                .collect()
        })
        .unwrap_or_else(|_| "the end of the calendar".to_owned());
    format!("certificate for {}, {signer}, until {until}", own.called())
}

/// The issuer's common name or organisation, else all of its name.
fn issuer(own: &Certificate) -> &str {
    let part = |kind: &str| {
        let mut parts = own.issuer.split(',');
        parts.find_map(|part| part.strip_prefix(kind))
    };
    part("CN=").or_else(|| part("O=")).unwrap_or(&own.issuer)
}

#[cfg(test)]
mod tests {
    use portolan_ports::{Certainty, Evidence};

    use super::*;

    fn seen(tls: bool, session: TlsSession) -> Identification {
        Identification {
            protocol: "http".into(),
            tls,
            starttls: !tls,
            product: None,
            version: None,
            cpe: None,
            unauthenticated: None,
            session: Some(Box::new(session)),
            told: Vec::new(),
            certainty: Certainty::Proven,
            evidence: vec![Evidence {
                sent: None,
                received: Vec::new(),
                rule: "a rule".into(),
            }],
        }
    }

    fn certificate() -> Certificate {
        Certificate {
            subject: "CN=web".into(),
            issuer: "CN=Harbour CA,O=Harbour".into(),
            names: vec!["localhost".into()],
            not_before: 0,
            not_after: 1_798_761_600,
            self_signed: Some(true),
            for_host: None,
            sha256: String::new(),
        }
    }

    #[test]
    fn one_line_says_it() {
        let mut session = TlsSession {
            version: Some(TlsVersion::Tls13),
            versions: vec![TlsVersion::Tls12],
            certificate: Some(certificate()),
            ..TlsSession::default()
        };
        assert_eq!(
            line(&seen(true, session.clone())).unwrap(),
            "TLS 1.2, 1.3; certificate for localhost, self-signed, until 2027-01-01"
        );
        session.versions = vec![TlsVersion::Ssl3, TlsVersion::Tls10, TlsVersion::Tls11];
        session.version = None;
        session.alpn = Some("h2".into());
        session.certificate = Some(Certificate {
            self_signed: Some(false),
            not_after: i64::MAX,
            ..certificate()
        });
        assert_eq!(
            line(&seen(false, session)).unwrap(),
            "SSL 3.0, TLS 1.0, 1.1 after STARTTLS; ALPN h2; certificate for localhost, signed by \
             Harbour CA, until the end of the calendar"
        );
        let bare = TlsSession::default();
        assert_eq!(
            line(&seen(true, bare)).unwrap(),
            "TLS; no certificate that can be read"
        );
    }
}
