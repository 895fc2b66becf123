//! Further questions on the same connection, where the answers so far point to a product and not
//! to its version, or to none: the rows of `data/follow-ups.toml`, and redirects.
//!
//! Which question each answer belongs to is told from the answers alone: the choice is pure, so
//! it is made again.

use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use super::answer::Answer;
use crate::product::{self, Told};

/// The most further questions to one server, redirects included.
pub(super) const MOST: usize = 3;

/// The most redirects that are followed.
const MOST_REDIRECTS: usize = 2;

/// A row of the table: what was told, and the path that tells more.
pub(in crate::protocol) struct FollowUp {
    /// The key of a product that was told without its version; empty where a field decides.
    product: &'static str,
    field: &'static str,
    literal: &'static str,
    pattern: &'static str,
    pub(super) path: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl FollowUp {
    /// Reads a line of the build script's text.
    fn read(line: &'static str) -> Option<Self> {
        let mut fields = line.split('\u{1f}');
        let mut field = || fields.next();
        Some(Self {
            product: field()?,
            field: field()?,
            literal: field()?,
            pattern: field()?,
            path: field()?,
            regex: OnceLock::new(),
        })
    }

    fn fits(&self, values: &[Cow<'_, [u8]>]) -> bool {
        values.iter().any(|text| {
            memchr::memmem::find(&text.to_ascii_lowercase(), self.literal.as_bytes()).is_some()
                && self
                    .regex
                    .get_or_init(|| {
                        RegexBuilder::new(self.pattern)
                            .unicode(false)
                            .case_insensitive(true)
                            .build()
                            .ok()
                    })
                    .as_ref()
                    .is_some_and(|regex| regex.is_match(text))
        })
    }
}

static TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/follow-ups.txt"));

static ROWS: LazyLock<Vec<FollowUp>> =
    LazyLock::new(|| TEXT.lines().filter_map(FollowUp::read).collect());

/// What one answer answers.
#[derive(Clone, Copy)]
pub(in crate::protocol) enum Asked {
    /// The first question.
    Root,
    /// A row's path.
    Row(&'static FollowUp),
    /// Where the answer before it pointed.
    Redirect,
}

/// What each of `answers` answers, in their order.
pub(super) fn replay(answers: &[Answer<'_>]) -> Vec<Asked> {
    let mut asked = vec![Asked::Root];
    for at in 1..answers.len() {
        let before = answers.get(..at).unwrap_or(&[]);
        let next = next(before, &asked, told(before, &asked).as_ref());
        asked.push(next.map_or(Asked::Redirect, Asked::Row));
    }
    asked
}

/// The row whose path is to be asked next.
pub(super) fn next(
    answers: &[Answer<'_>],
    asked: &[Asked],
    told: Option<&(Told, &'static str)>,
) -> Option<&'static FollowUp> {
    if asked.len() > MOST {
        return None;
    }
    let told = told.map(|(told, _)| told);
    if told.is_some_and(|t| t.settled && t.version.is_some()) {
        return None;
    }
    let settled = told.is_some_and(|t| t.settled);
    let wanted = |row: &&FollowUp| match told {
        Some(told) if row.product == told.key => told.version.is_none(),
        _ => !settled && row.product.is_empty() && row.fits(&values(answers, asked, row.field)),
    };
    let new = |row: &&FollowUp| {
        let same = |a: &Asked| matches!(a, Asked::Row(r) if r.path == row.path);
        !asked.iter().any(same)
    };
    ROWS.iter().filter(new).find(wanted)
}

/// Whether another redirect may be followed.
pub(super) fn may_redirect(asked: &[Asked], told: Option<&(Told, &'static str)>) -> bool {
    let redirects = asked.iter().filter(|a| matches!(a, Asked::Redirect));
    asked.len() <= MOST
        && redirects.count() < MOST_REDIRECTS
        && !told.is_some_and(|(told, _)| told.settled)
}

/// The product that the answers name.
pub(in crate::protocol) fn told(
    answers: &[Answer<'_>],
    asked: &[Asked],
) -> Option<(Told, &'static str)> {
    product::told(super::PROTOCOL.name, &|field| values(answers, asked, field))
}

/// The values of a field of the product rules.
///
/// `@at-PATH`, with every character of the path that is no letter or digit as a hyphen, is the body
/// of the answer to a row's path, if its status is 200.
fn values<'a>(answers: &'a [Answer<'_>], asked: &[Asked], field: &str) -> Vec<Cow<'a, [u8]>> {
    let each = answers.iter();
    match field {
        "@names" => each.map(|a| Cow::Owned(a.names())).collect(),
        "@reason" => each.map(|a| Cow::Borrowed(a.reason)).collect(),
        "@title" => each.filter_map(Answer::title).map(Cow::Owned).collect(),
        "@body" => each.map(|a| Cow::Borrowed(a.body.as_ref())).collect(),
        _ => match field.strip_prefix("@at") {
            None => each.flat_map(|a| a.header(field)).collect(),
            Some(name) => each
                .zip(asked)
                .filter(|(a, asked)| {
                    a.status == 200 && matches!(asked, Asked::Row(row) if is_named(row.path, name))
                })
                .map(|(a, _)| Cow::Borrowed(a.body.as_ref()))
                .collect(),
        },
    }
}

/// Whether `name` is `path` with hyphens.
fn is_named(path: &str, name: &str) -> bool {
    path.len() == name.len()
        && path.bytes().zip(name.bytes()).all(|(p, n)| match p {
            _ if p.is_ascii_alphanumeric() => p.eq_ignore_ascii_case(&n),
            _ => n == b'-',
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::http::answer::Answers;

    include!(concat!(env!("OUT_DIR"), "/follow-up-examples.rs"));

    fn path_after(bytes: &[u8]) -> Option<&'static str> {
        let answers = Answers::parse(bytes).ok()?.all;
        let asked = replay(&answers);
        let told = told(&answers, &asked);
        next(&answers, &asked, told.as_ref()).map(|row| row.path)
    }

    #[test]
    fn every_example_fits_its_row() {
        assert_eq!(ROWS.len(), TEXT.lines().count());
        for (field, text, path) in EXAMPLES {
            let value = [Cow::Borrowed(text.as_bytes())];
            let fitting = ROWS
                .iter()
                .filter(|row| row.field == *field && row.fits(&value));
            assert!(fitting.map(|row| row.path).any(|p| p == *path), "{text}");
        }
    }

    #[test]
    fn every_row_names_a_product_that_the_rules_know() {
        let rules = include_str!(concat!(env!("OUT_DIR"), "/products.txt"));
        for row in ROWS.iter().filter(|row| !row.product.is_empty()) {
            let known = rules.lines().any(|line| {
                let mut fields = line.split('\u{1f}');
                fields.next() == Some("http") && fields.next() == Some(row.product)
            });
            assert!(known, "{}", row.product);
        }
    }

    #[test]
    fn a_product_without_its_version_is_asked_for_it_once() {
        let page = |title: &str| {
            let body = format!("<title>{title}</title>");
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        let first = page("Alertmanager");
        assert_eq!(path_after(first.as_bytes()), Some("/api/v2/status"));
        let none = format!("{first}HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(path_after(none.as_bytes()), None);
        assert_eq!(path_after(page("Something else").as_bytes()), None);
    }

    #[test]
    fn what_a_path_told_counts_only_as_the_answer_to_it() {
        let answer = |body: &str| {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        let told_by = |bytes: &str| {
            let answers = Answers::parse(bytes.as_bytes()).ok().unwrap().all;
            told(&answers, &replay(&answers)).map(|(told, _)| (told.key, told.version))
        };
        let version = answer(r#"{"version": "6.4.12"}"#);
        assert_eq!(told_by(&version), None);
        let page = answer("<title>Jupyter Notebook</title>");
        assert_eq!(
            told_by(&format!("{page}{version}")),
            Some(("jupyter".into(), Some("6.4.12".into())))
        );
    }
}
