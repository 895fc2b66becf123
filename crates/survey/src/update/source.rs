//! Where a registry comes from: an address, or a file.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use super::folder::{Folder, Record};
use super::{Refusal, Request, download};

/// IANA's CSV form.
pub const DEFAULT_URL: &str =
    "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv";

/// Where a registry comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An http or https address.
    Url(String),
    /// A file of this machine.
    File(PathBuf),
}

impl Source {
    /// An address where the text is one, else a file.
    ///
    /// # Errors
    /// [`Refusal::Address`] for a scheme that is not fetched, and for a password: arguments can be
    /// read by everyone on the machine.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok(Self::File(text.into()));
        };
        let wrong = |why| Err(Refusal::Address { why });
        let known = ["http", "https"]
            .into_iter()
            .find(|s| scheme.eq_ignore_ascii_case(s));
        let Some(scheme) = known else {
            return wrong("only https://, http:// and files are read");
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.is_empty() {
            return wrong("the address names no host");
        }
        if authority.contains('@') {
            return wrong(
                "an address with a name or password in it is not taken; fetch the file by other means and name it",
            );
        }
        let whole = rest.split('#').next().unwrap_or_default();
        Ok(Self::Url(format!("{scheme}://{whole}")))
    }
}

impl Default for Source {
    fn default() -> Self {
        Self::Url(DEFAULT_URL.to_owned())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// What came, beside the bytes themselves, which lie in the folder's incoming file.
#[derive(Debug, Default)]
pub(super) struct Arrival {
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

/// Brings the bytes into the folder; `None` where the source says that nothing is new.
pub(super) fn fetch(
    request: &Request<'_>,
    folder: &Folder,
    known: Option<&Record>,
    on_bytes: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Option<Arrival>, Refusal> {
    match &request.source {
        Source::Url(url) => download::fetch(request, url, folder, known, on_bytes),
        Source::File(path) => {
            // A pipe would wait for its writer when it is opened, so its kind is asked first.
            let found = std::fs::metadata(path).map_err(Refusal::Open)?;
            if !found.is_file() {
                return Err(Refusal::NotAFile);
            }
            let file = File::open(path).map_err(Refusal::Open)?;
            let most = request.limits.bytes;
            if found.len() > most {
                let bytes = found.len();
                return Err(Refusal::TooLarge { bytes, most });
            }
            let mut incoming = folder.receive()?;
            let copied = io::copy(&mut file.take(most + 1), &mut incoming)
                .map_err(|source| folder.failed("write", folder.incoming(), source))?;
            if copied > most {
                return Err(Refusal::Endless { most });
            }
            on_bytes(copied, Some(copied));
            Ok(Some(Arrival::default()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_a_file() {
        let url = |text: &str| Source::Url(text.into());
        assert_eq!(
            Source::parse("HTTPS://a.example/b?c#d").unwrap(),
            url("https://a.example/b?c")
        );
        assert_eq!(
            Source::parse("ports.csv").unwrap(),
            Source::File("ports.csv".into())
        );
        for wrong in ["ftp://a/b", "https:///b", "https://me:secret@a/b"] {
            assert!(Source::parse(wrong).is_err(), "{wrong}");
        }
    }
}
