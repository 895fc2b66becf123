//! Which product answered, where its own bytes tell, and its CPE 2.3 name.

mod rule;

pub(crate) use rule::{told, told_by};

use std::borrow::Cow;

use crate::protocol::Proof;

/// The most bytes of a version that are kept.
const LONGEST_VERSION: usize = 64;

/// A product that a server told, with its version where it told that too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The key: lower-case, with hyphens.
    pub(crate) key: Cow<'static, str>,
    /// At most [`LONGEST_VERSION`] printable bytes.
    pub(crate) version: Option<String>,
    /// See [`cpe`].
    pub(crate) cpe: Option<String>,
    /// Whether it stands for itself, rather than being what some program was built with.
    pub(crate) settled: bool,
}

impl Told {
    /// `name` is CPE's `vendor:product`, for products whose pair is well known.
    pub(crate) fn new(key: &'static str, version: Option<&str>, name: Option<&str>) -> Self {
        let version = version
            .map(|v| printable(upstream(v)))
            .filter(|v| !v.is_empty());
        let cpe = name
            .zip(version.as_deref())
            .and_then(|(name, version)| cpe(name, version));
        Self {
            key: Cow::Borrowed(key),
            version,
            cpe,
            settled: true,
        }
    }
}

/// A proof that carries `told`, if anything was.
pub(crate) fn proof(told: Option<Told>, how: &'static str) -> Proof {
    match told {
        None => Proof::default(),
        Some(told) => Proof {
            product_rule: Some(Cow::Borrowed(how)),
            product: Some(told.key),
            version: told.version,
            cpe: told.cpe,
            ..Proof::default()
        },
    }
}

/// A version without what a distribution's packagers add to say that they repacked its source:
/// `+ds`, `~dfsg1` (Debian's developer's reference §6.7.8).
fn upstream(version: &str) -> &str {
    let end = ["+ds", "~ds", "+dfsg", "~dfsg"]
        .iter()
        .filter_map(|mark| version.find(mark))
        .min();
    version
        .get(..end.unwrap_or(version.len()))
        .unwrap_or(version)
}

fn printable(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_graphic)
        .take(LONGEST_VERSION)
        .collect()
}

/// The CPE 2.3 formatted string of NISTIR 7695 §6.2 for an application.
///
/// A version such as `9.2p1` is split into version and update, as the official dictionary does.
/// `None` where the version holds no digit.
fn cpe(name: &str, version: &str) -> Option<String> {
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (version, update) = match version.split_once('p') {
        Some((v, level)) if !level.is_empty() && level.bytes().all(|b| b.is_ascii_digit()) => {
            (v, format!("p{level}"))
        }
        _ => (version, "*".to_owned()),
    };
    let mut bound = String::with_capacity(version.len());
    for c in version.chars() {
        if !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
            bound.push('\\');
        }
        bound.push(c.to_ascii_lowercase());
    }
    Some(format!("cpe:2.3:a:{name}:{bound}:{update}:*:*:*:*:*:*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpe_splits_an_update_and_quotes_what_is_special() {
        let of = |v| cpe("openbsd:openssh", v);
        assert_eq!(
            of("9.2p1").as_deref(),
            Some("cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*")
        );
        assert_eq!(
            of("1.0+b").as_deref(),
            Some("cpe:2.3:a:openbsd:openssh:1.0\\+b:*:*:*:*:*:*:*")
        );
        assert_eq!(of("unknown"), None);
    }

    #[test]
    fn what_packagers_add_is_no_version_of_the_product() {
        let told = |v| Told::new("x", Some(v), None).version.unwrap();
        assert_eq!(told("1.1.20+ds"), "1.1.20");
        assert_eq!(told("2.42.0+ds1-5"), "2.42.0");
        assert_eq!(told("1.19.2~ds1"), "1.19.2");
        assert_eq!(told("9.2p1"), "9.2p1");
    }

    #[test]
    fn a_version_is_bounded_and_printable() {
        let told = Told::new("x", Some(&"1\u{1b}[2J\u{e9}".repeat(60)), None);
        let version = told.version.unwrap();
        assert!(version.len() <= LONGEST_VERSION);
        assert!(version.bytes().all(|b| b.is_ascii_graphic()));
    }
}
