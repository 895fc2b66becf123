//! Reading the policy in `portolan.toml`. Every mistake names its place and what to write instead,
//! and a file with one counts for nothing. The form is told in `docs/policy.md`.

mod rule;
pub(crate) mod source;
mod syntax;
pub(crate) mod value;

use std::collections::BTreeMap;

use portolan_registry::{PortRange, Transport};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Origin, Policy, Rule, Unlisted};
use crate::finding::Severity;

pub use source::Mistake;

use rule::Written;
use source::Source;

/// The keys at the top of a file that are the policy's.
pub const KEYS: [&str; 3] = ["allow-unlisted", "deny", "expect"];

/// The largest file that is read, in bytes.
pub const MOST_BYTES: usize = 1 << 20;

/// The most rules of all files together.
pub const MOST_RULES: usize = 10_000;

/// Reads one file after the other: rules add up, the last `allow-unlisted` counts.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    /// The protocols that can be proven, beside the registry's service names.
    protocols: &'a [&'a str],
    /// Keys at the top of a file that somebody else reads.
    others: &'a [&'a str],
    rules: Vec<Rule>,
    /// The rule of each name by its index in `rules`, and whether the name was written.
    names: BTreeMap<String, (usize, bool)>,
    /// What is said of exactly these ports and this transport: whether it is denied, and where.
    places: BTreeMap<(PortRange, Option<Transport>), (bool, Origin)>,
    allow_unlisted: Option<(bool, Origin)>,
}

impl<'a> Reader<'a> {
    /// A reader that has read nothing. `protocols` are those that can be proven; a rule may ask for
    /// one of them, or for a service of the embedded registry. `others` are keys at the top of a
    /// file that somebody else reads.
    #[must_use]
    pub fn new(protocols: &'a [&'a str], others: &'a [&'a str]) -> Self {
        Self {
            protocols,
            others,
            rules: Vec::new(),
            names: BTreeMap::new(),
            places: BTreeMap::new(),
            allow_unlisted: None,
        }
    }

    /// Reads a file, called `file` in what is said of it. Returns its text where somebody else
    /// has to read of it, so that nobody parses it once more in vain.
    ///
    /// # Errors
    /// The first mistake in it. The reader is of no use after that.
    pub fn file<'t>(&mut self, file: &'t str, bytes: &'t [u8]) -> Result<Option<&'t str>, Mistake> {
        let too_many = "the file is larger than 1 MiB; join ports that stand together into ranges";
        let source = Source::of_bytes(file, bytes, MOST_BYTES, too_many)?;
        let document = source.table()?;
        let mut others = false;
        for (key, value) in sorted(document.get_ref()) {
            match key.get_ref().as_ref() {
                "allow-unlisted" => {
                    let allowed = value::boolean(&source, "allow-unlisted", value)?;
                    self.allow_unlisted = Some((allowed, source.origin(value.span().start)));
                }
                "deny" => self.rules_of(&source, "deny", value)?,
                "expect" => self.rules_of(&source, "expect", value)?,
                other if self.others.contains(&other) => others = true,
                other => {
                    let known: Vec<&str> = KEYS.iter().chain(self.others).copied().collect();
                    let what = format!(
                        "there is no key {other:?} here; {}",
                        value::nearest(other, &known)
                    );
                    return Err(source.mistake(key.span().start, what));
                }
            }
        }
        Ok(others.then_some(source.text()))
    }

    /// What all files together say.
    #[must_use]
    pub fn policy(self) -> Policy {
        let said = self.allow_unlisted.is_some();
        // Who only says what may not be there has not said what may.
        let expects = self.rules.iter().find(|rule| rule.expected().is_some());
        let first = expects.map(|rule| (false, rule.origin.clone()));
        let unlisted = match self.allow_unlisted.or(first) {
            Some((false, origin)) => Unlisted::Denied {
                severity: Severity::Alert,
                said,
                origin,
            },
            Some((true, _)) | None => Unlisted::Allowed,
        };
        Policy {
            rules: self.rules,
            unlisted,
        }
    }

    /// The rules under one key: an array of tables, or of the short form.
    fn rules_of(
        &mut self,
        source: &Source<'_>,
        key: &'static str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), Mistake> {
        let Some(entries) = value.get_ref().as_array() else {
            let what = value::no_list(key, value.get_ref());
            return Err(source.mistake(value.span().start, what));
        };
        for entry in entries {
            let written = rule::read(source, self.protocols, key, entry)?;
            self.add(source, entry.span().start, written)?;
        }
        Ok(())
    }

    fn add(&mut self, source: &Source<'_>, at: usize, written: Written) -> Result<(), Mistake> {
        let Written { rule, named } = written;
        if !named && self.is_said_by_another_file(&rule) {
            return Ok(());
        }
        if self.rules.len() >= MOST_RULES {
            let what = format!(
                "this is rule {} of all files, and {MOST_RULES} are the most; join ports that stand together into ranges",
                MOST_RULES + 1
            );
            return Err(source.mistake(at, what));
        }
        let denies = rule.expected().is_none();
        let place = (rule.ports, rule.transport);
        if let Some((denied, origin)) = self.places.get(&place)
            && *denied != denies
        {
            let (here, there) = match denies {
                true => ("denied", "expected"),
                false => ("expected", "denied"),
            };
            let what = format!(
                "{} is {here} here and {there} at {origin}; take one of the two out",
                rule.place()
            );
            return Err(source.mistake(at, what));
        }
        if let Some(other) = self.same_name(&rule) {
            let origin = &other.origin;
            let what = format!(
                "the name {:?} is taken by the rule at {origin}; give one of the two another name",
                value::excerpt(&rule.name)
            );
            return Err(source.mistake(at, what));
        }
        self.places.insert(place, (denies, rule.origin.clone()));
        let index = self.rules.len();
        self.names.insert(rule.name.clone(), (index, named));
        self.rules.push(rule);
        Ok(())
    }

    fn same_name(&self, rule: &Rule) -> Option<&Rule> {
        let (index, _) = self.names.get(&rule.name)?;
        self.rules.get(*index)
    }

    /// Whether another file has the same rule, without a name of its own as this one: said twice, it
    /// is one rule.
    fn is_said_by_another_file(&self, rule: &Rule) -> bool {
        let made = matches!(self.names.get(&rule.name), Some((_, false)));
        made && self.same_name(rule).is_some_and(|other| {
            let same = (other.ports, other.transport) == (rule.ports, rule.transport)
                && other.demand == rule.demand
                && other.severity == rule.severity;
            same && other.origin.file != rule.origin.file
        })
    }
}

pub(crate) type Entry<'d, 'i> = (
    &'d Spanned<std::borrow::Cow<'i, str>>,
    &'d Spanned<DeValue<'i>>,
);

/// The entries of a table in the order in which they stand in the file.
pub(crate) fn sorted<'d, 'i>(table: &'d DeTable<'i>) -> Vec<Entry<'d, 'i>> {
    let mut entries: Vec<Entry<'d, 'i>> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
