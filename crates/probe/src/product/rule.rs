//! The rules by which an answer names its product; the data is `data/products/PROTOCOL.toml`.
//!
//! The build script turns the files into one text, which the first answer reads. A pattern is
//! compiled when its literal is first met, and never before.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use super::Told;

/// One way in which one product tells itself.
struct Rule {
    /// The protocol whose answers it reads.
    protocol: &'static str,
    key: &'static str,
    /// CPE's `vendor:product`; empty where no pair is well known.
    cpe: &'static str,
    /// Whether its rank is that of a front or an application.
    settled: bool,
    /// Where in an answer it looks: a header's name, or what the protocol calls `@greeting`.
    field: &'static str,
    /// What every matching text contains, in lower case: the cheap test before the pattern.
    literal: &'static str,
    pattern: &'static str,
    /// What proves it, in words.
    because: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Rule {
    /// Reads a line of the build script's text.
    fn read(line: &'static str) -> Option<Self> {
        let mut fields = line.split('\u{1f}');
        let mut field = || fields.next();
        Some(Self {
            protocol: field()?,
            key: field()?,
            cpe: field()?,
            settled: field()? == "true",
            field: field()?,
            literal: field()?,
            pattern: field()?,
            because: field()?,
            regex: OnceLock::new(),
        })
    }

    /// The version within `text` (empty where it told none), if the rule is met.
    fn meet<'t>(&self, Text { text, lower }: &'t Text<'_>) -> Option<&'t [u8]> {
        memchr::memmem::find(lower, self.literal.as_bytes())?;
        let regex = self.regex.get_or_init(|| {
            RegexBuilder::new(self.pattern)
                .unicode(false)
                .case_insensitive(true)
                .build()
                .ok()
        });
        let captures = regex.as_ref()?.captures(text)?;
        Some(captures.name("version").map_or(&[], |m| m.as_bytes()))
    }
}

/// One value of a field, and the same in lower case for the cheap test of every rule.
struct Text<'a> {
    text: Cow<'a, [u8]>,
    lower: Vec<u8>,
}

impl<'a> From<Cow<'a, [u8]>> for Text<'a> {
    fn from(text: Cow<'a, [u8]>) -> Self {
        let lower = text.to_ascii_lowercase();
        Self { text, lower }
    }
}

static TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/products.txt"));

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| TEXT.lines().filter_map(Rule::read).collect());

/// The first product, in the order of the protocol's file, that the answer names, and what proves
/// it.
///
/// `values` hands out the texts of a field. A product named by several rules takes the first
/// version that any of them tells.
pub(crate) fn told<'a>(
    protocol: &str,
    values: &dyn Fn(&'static str) -> Vec<Cow<'a, [u8]>>,
) -> Option<(Told, &'static str)> {
    let mut found: Option<&Rule> = None;
    let mut fields: HashMap<&'static str, Vec<Text<'a>>> = HashMap::new();
    for rule in RULES.iter().filter(|r| r.protocol == protocol) {
        if found.is_some_and(|f| f.key != rule.key) {
            break;
        }
        let texts = fields
            .entry(rule.field)
            .or_insert_with(|| values(rule.field).into_iter().map(Text::from).collect());
        for text in texts.iter() {
            let Some(version) = rule.meet(text) else {
                continue;
            };
            if !version.is_empty() {
                let version = String::from_utf8_lossy(version);
                let name = (!rule.cpe.is_empty()).then_some(rule.cpe);
                let told = Told::new(rule.key, Some(&version), name);
                return Some((
                    Told {
                        settled: rule.settled,
                        ..told
                    },
                    rule.because,
                ));
            }
            found = found.or(Some(rule));
        }
    }
    found.map(|rule| {
        (
            Told {
                settled: rule.settled,
                ..Told::new(rule.key, None, None)
            },
            rule.because,
        )
    })
}

/// [`told`], for an answer of few fields: each field's name in the file and its text.
pub(crate) fn told_by(
    protocol: &str,
    fields: &[(&'static str, &[u8])],
) -> Option<(Told, &'static str)> {
    told(protocol, &|field| {
        let named = fields.iter().filter(|(name, _)| *name == field);
        named.map(|(_, text)| Cow::Borrowed(*text)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protocol, key, field, text, version told; from the examples of the data files.
    type Example = (
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        Option<&'static str>,
    );
    include!(concat!(env!("OUT_DIR"), "/examples.rs"));

    #[test]
    fn every_example_names_its_product() {
        assert_eq!(RULES.len(), TEXT.lines().count());
        for (protocol, key, field, text, version) in EXAMPLES {
            let (told, because) = told_by(protocol, &[(field, text.as_bytes())])
                .unwrap_or_else(|| panic!("{protocol}: {key}: {text}"));
            assert_eq!(told.key, *key, "{text} by {because}");
            assert_eq!(told.version.as_deref(), *version, "{text}");
        }
    }

    #[test]
    fn every_file_is_named_after_a_protocol() {
        for rule in RULES.iter() {
            assert!(
                crate::protocol(rule.protocol).is_some(),
                "{}",
                rule.protocol
            );
        }
    }

    #[test]
    fn what_tells_no_product_names_none() {
        for text in [
            "",
            "-",
            "my-server/1.0",
            "Apachesque",
            "not nginx at all",
            "404 page not found",
        ] {
            // Of a header that only one product has, the name is the tell, whatever its value.
            for rule in RULES.iter().filter(|r| !r.literal.is_empty()) {
                let fields = [(rule.field, text.as_bytes())];
                assert_eq!(told_by(rule.protocol, &fields), None, "{text}");
            }
        }
    }
}
