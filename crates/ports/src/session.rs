//! What a TLS handshake showed: versions, and the certificate as the server sent it.

/// A TLS session, as far as it was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSession {
    /// The version that was agreed on; `None` where no handshake of ours ended well.
    pub version: Option<TlsVersion>,
    /// Every version that the server agreed to when asked for it alone; empty where it was not
    /// asked.
    pub versions: Vec<TlsVersion>,
    /// The protocol chosen by ALPN (RFC 7301).
    pub alpn: Option<String>,
    /// The cipher suite's IANA name.
    pub cipher: Option<String>,
    /// The server's own certificate; `None` where none was sent or it could not be read.
    pub certificate: Option<Certificate>,
}

/// A version of SSL or TLS, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// SSL 3.0, RFC 6101; forbidden by RFC 7568.
    Ssl3,
    /// TLS 1.0, RFC 2246; forbidden by RFC 8996.
    Tls10,
    /// TLS 1.1, RFC 4346; forbidden by RFC 8996.
    Tls11,
    /// TLS 1.2, RFC 5246.
    Tls12,
    /// TLS 1.3, RFC 8446.
    Tls13,
}

impl TlsVersion {
    /// The usual name, which is the JSON value too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ssl3 => "SSL 3.0",
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }
}

/// An X.509 certificate (RFC 5280), as the server sent it: nothing of it was verified.
///
/// All texts are from outside: bounded, and to be neutralised before they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The subject's distinguished name (RFC 4514).
    pub subject: String,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// The names and addresses of the subject alternative name (RFC 5280 §4.2.1.6), at most 64.
    pub names: Vec<String>,
    /// Not valid before, in seconds since 1970.
    pub not_before: i64,
    /// Not valid after, in seconds since 1970.
    pub not_after: i64,
    /// Whether it was signed by its own key.
    pub self_signed: bool,
    /// Whether it is for the host that the user named; `None` where only an address was named.
    pub for_host: Option<bool>,
    /// SHA-256 of the certificate, in lower-case hexadecimal.
    pub sha256: String,
}
