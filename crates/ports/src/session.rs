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
    /// All of them, oldest first.
    pub const ALL: [Self; 5] = [
        Self::Ssl3,
        Self::Tls10,
        Self::Tls11,
        Self::Tls12,
        Self::Tls13,
    ];

    /// The version by its number on the wire (RFC 8446 §4.1.2, §4.2.1).
    #[must_use]
    pub const fn of_wire(number: u16) -> Option<Self> {
        match number {
            0x0300 => Some(Self::Ssl3),
            0x0301 => Some(Self::Tls10),
            0x0302 => Some(Self::Tls11),
            0x0303 => Some(Self::Tls12),
            0x0304 => Some(Self::Tls13),
            _ => None,
        }
    }

    /// The RFC that forbids it, if one does.
    #[must_use]
    pub const fn forbidden_by(self) -> Option<&'static str> {
        match self {
            Self::Ssl3 => Some("RFC 7568"),
            Self::Tls10 | Self::Tls11 => Some("RFC 8996"),
            Self::Tls12 | Self::Tls13 => None,
        }
    }

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
    /// Whether it was signed by its own key; `None` where it names itself as its issuer, and the
    /// signature's algorithm is none that is verified here.
    pub self_signed: Option<bool>,
    /// Whether it is for the host that the user named; `None` where only an address was named.
    pub for_host: Option<bool>,
    /// SHA-256 of the certificate, in lower-case hexadecimal.
    pub sha256: String,
}

impl Certificate {
    /// The most names that are kept.
    pub const MOST_NAMES: usize = 64;

    /// The most characters that are kept of any one text.
    pub const LONGEST_TEXT: usize = 256;

    /// What it calls itself, in short: the first of its names, else the subject's common name,
    /// else the whole subject; from outside, as all its texts.
    #[must_use]
    pub fn called(&self) -> &str {
        let common = self
            .subject
            .split(',')
            .find_map(|part| part.strip_prefix("CN="))
            .filter(|name| !name.is_empty() && !name.ends_with('\\'));
        let first = self.names.first().map(String::as_str);
        first.or(common).unwrap_or(&self.subject)
    }
}
