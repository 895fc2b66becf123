//! Why no port is left, counted.

use std::fmt;

use portolan_registry::PortRange;

use super::Wish;
use super::reason::Kind;

/// Fewer ports are quiet than were wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Of which ports they were to be.
    pub ports: PortRange,
    /// How many were wanted.
    pub wanted: usize,
    /// How many there are.
    pub found: usize,
    /// How many ports each reason rules out, each port by the first that speaks against it, the
    /// most frequent first.
    pub counts: Vec<(&'static str, u32)>,
}

impl Refusal {
    pub(super) const fn new(wish: &Wish) -> Self {
        Self {
            ports: wish.ports,
            wanted: wish.count,
            found: 0,
            counts: Vec::new(),
        }
    }

    pub(super) fn count(&mut self, kind: Kind) {
        let word = kind.makes_them();
        match self.counts.iter_mut().find(|(other, _)| *other == word) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((word, 1)),
        }
    }

    /// The same, the most frequent reason first.
    pub(super) fn after(mut self, found: usize) -> Self {
        self.counts
            .sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
        Self { found, ..self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.found, self.ports.is_single()) {
            (0, true) => write!(f, "{} is not left", self.ports)?,
            (0, false) => write!(f, "no port of {} is left", self.ports)?,
            (1, _) => write!(
                f,
                "only 1 port of {} is left, not {}",
                self.ports, self.wanted
            )?,
            (found, _) => write!(
                f,
                "only {found} ports of {} are left, not {}",
                self.ports, self.wanted
            )?,
        }
        let counts: Vec<String> = self
            .counts
            .iter()
            .map(|(word, count)| format!("{count} {word}"))
            .collect();
        if counts.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", counts.join(", "))
    }
}
