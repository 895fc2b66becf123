//! The rules by which an HTTP answer names its product; the data is `data/http-products.toml`.
//!
//! The build script turns the file into one text, which the first HTTP answer reads. A pattern is
//! compiled when its literal is first met, and never before.

use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use super::Told;

/// Where in an answer a rule looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// The value of a header, by its lower-case name.
    Header(&'static str),
    /// The names of all headers, one to a line, in lower case.
    Names,
    /// The reason phrase of the status line.
    Reason,
    /// The text of the page's title.
    Title,
    /// The body, as far as it was read.
    Body,
}

/// One way in which one product tells itself.
pub(crate) struct Rule {
    key: &'static str,
    /// CPE's `vendor:product`; empty where no pair is well known.
    cpe: &'static str,
    /// Whether its rank is that of a front or an application.
    settled: bool,
    field: Field,
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
            key: field()?,
            cpe: field()?,
            settled: field()? == "true",
            field: match field()? {
                "@names" => Field::Names,
                "@reason" => Field::Reason,
                "@title" => Field::Title,
                "@body" => Field::Body,
                name => Field::Header(name),
            },
            literal: field()?,
            pattern: field()?,
            because: field()?,
            regex: OnceLock::new(),
        })
    }

    /// The version within `text` (empty where it told none), if the rule is met.
    fn meet<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        if !contains(text, self.literal.as_bytes()) {
            return None;
        }
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

static TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/http_products.txt"));

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| TEXT.lines().filter_map(Rule::read).collect());

/// The first product, in the table's order, that the answer names, and what proves it.
///
/// `values` hands out the texts of a field. A product named by several rules takes the first
/// version that any of them tells.
pub(crate) fn told<'a>(
    values: &dyn Fn(Field) -> Vec<Cow<'a, [u8]>>,
) -> Option<(Told, &'static str)> {
    let mut found: Option<&Rule> = None;
    for rule in RULES.iter() {
        if found.is_some_and(|f| f.key != rule.key) {
            break;
        }
        for text in values(rule.field) {
            let Some(version) = rule.meet(&text) else {
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

/// Whether `text` holds `literal`, which is lower-case ASCII, in any case.
fn contains(text: &[u8], literal: &[u8]) -> bool {
    literal.is_empty()
        || text
            .windows(literal.len())
            .any(|w| w.eq_ignore_ascii_case(literal))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key, field, text, version told; from the examples of the data file.
    type Example = (&'static str, Field, &'static str, Option<&'static str>);
    include!(concat!(env!("OUT_DIR"), "/http_examples.rs"));

    #[test]
    fn every_example_names_its_product() {
        assert_eq!(RULES.len(), TEXT.lines().count());
        for (key, field, text, version) in EXAMPLES {
            let values = |f: Field| match f == *field {
                true => vec![Cow::Borrowed(text.as_bytes())],
                false => Vec::new(),
            };
            let (told, because) = told(&values).unwrap_or_else(|| panic!("{key}: {text}"));
            assert_eq!(told.key, *key, "{text} by {because}");
            assert_eq!(told.version.as_deref(), *version, "{text}");
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
            let values = |f: Field| match f {
                Field::Header("server") | Field::Reason | Field::Title | Field::Body => {
                    vec![Cow::Borrowed(text.as_bytes())]
                }
                Field::Header(_) | Field::Names => Vec::new(),
            };
            assert_eq!(told(&values), None, "{text}");
        }
    }
}
