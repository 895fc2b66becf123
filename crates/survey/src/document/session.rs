//! What TLS showed, as JSON.

use portolan_ports::{Certificate, TlsSession};
use serde::Serialize;

/// A TLS session.
#[derive(Debug, Serialize)]
pub(super) struct SessionDocument<'a> {
    version: Option<&'static str>,
    versions: Vec<&'static str>,
    alpn: Option<&'a str>,
    cipher: Option<&'a str>,
    certificate: Option<CertificateDocument<'a>>,
}

impl<'a> SessionDocument<'a> {
    pub(super) fn new(session: &'a TlsSession) -> Self {
        Self {
            version: session.version.map(|version| version.as_str()),
            versions: session.versions.iter().map(|v| v.as_str()).collect(),
            alpn: session.alpn.as_deref(),
            cipher: session.cipher.as_deref(),
            certificate: session.certificate.as_ref().map(CertificateDocument::new),
        }
    }
}

/// A server's certificate.
#[derive(Debug, Serialize)]
struct CertificateDocument<'a> {
    subject: &'a str,
    issuer: &'a str,
    names: &'a [String],
    not_before: Option<String>,
    not_after: Option<String>,
    self_signed: Option<bool>,
    for_host: Option<bool>,
    sha256: &'a str,
}

impl<'a> CertificateDocument<'a> {
    fn new(certificate: &'a Certificate) -> Self {
        Self {
            subject: &certificate.subject,
            issuer: &certificate.issuer,
            names: &certificate.names,
            not_before: moment(certificate.not_before),
            not_after: moment(certificate.not_after),
            self_signed: certificate.self_signed,
            for_host: certificate.for_host,
            sha256: &certificate.sha256,
        }
    }
}

/// RFC 3339 in UTC; `None` beyond its years.
fn moment(seconds: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_second(seconds).ok()?;
    Some(moment.to_string())
}
