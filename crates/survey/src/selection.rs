//! Which listeners a person asked for: filters as they are typed, and what each makes of a
//! listener. Pure; it neither looks at a machine nor prints.
//!
//! All filters of a [`Selection`] must fit; of a filter's values any one does. Where an owner is
//! hidden, a filter that speaks of owners decides nothing, and the answer says how many listeners
//! that concerns.

mod filter;
mod key;
mod network;
mod pattern;

pub use filter::{Filter, FilterError};
pub use key::{KEYS, Key};

use portolan_inspect::Snapshot;
use portolan_ports::{Gap, Listener, Publication, Unseen};
use portolan_registry::PortRange;

/// What a filter makes of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It is not what was asked for.
    Differs,
    /// What the filter speaks of could not be seen.
    Undecided,
    /// It is what was asked for.
    Fits,
}

impl Decision {
    const fn of(fits: bool) -> Self {
        if fits { Self::Fits } else { Self::Differs }
    }

    const fn negated(self) -> Self {
        match self {
            Self::Differs => Self::Fits,
            Self::Undecided => Self::Undecided,
            Self::Fits => Self::Differs,
        }
    }
}

/// Filters that must all fit. Without any, everything is selected.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    filters: Vec<Filter>,
}

impl Selection {
    /// Reads one filter from each word; see [`Filter`] for their form.
    ///
    /// # Errors
    /// [`FilterError`] for the first word that is none.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, FilterError> {
        let filters = words.into_iter().map(Filter::parse);
        Ok(Self {
            filters: filters.collect::<Result<_, _>>()?,
        })
    }

    /// Whether everything is selected.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.filters.is_empty()
    }

    /// The filters, as they were typed.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.filters.iter().map(Filter::word)
    }

    /// Ports outside of which nothing is selected, so that the kernel need not tell of others;
    /// `None` where no filter bounds them.
    #[must_use]
    pub fn ports(&self) -> Option<&[PortRange]> {
        let count = |ranges: &&[PortRange]| ranges.iter().map(|r| r.count()).sum::<u32>();
        let bounds = self.filters.iter().filter_map(Filter::ports);
        bounds.min_by_key(count)
    }

    /// Whether all that is selected is of the own network namespace, so that no other one need be
    /// entered.
    #[must_use]
    pub fn is_of_own_namespace(&self) -> bool {
        self.filters.iter().any(Filter::is_own_namespace)
    }

    /// Whether all that is selected is of other network namespaces.
    #[must_use]
    pub fn is_of_other_namespaces(&self) -> bool {
        self.filters.iter().any(Filter::is_other_namespaces)
    }

    /// Whether a filter speaks of what only `Options::details` brings.
    #[must_use]
    pub fn needs_details(&self) -> bool {
        self.filters.iter().any(|f| f.key().needs_details())
    }

    /// The first filter that speaks of owners, as typed; without a search for them it decides
    /// nothing.
    #[must_use]
    pub fn needs_owners(&self) -> Option<&str> {
        let needs = self.filters.iter().find(|f| f.key().needs_owners());
        needs.map(Filter::word)
    }

    /// What all filters together make of a listener: one that differs outranks one that is
    /// undecided.
    #[must_use]
    pub fn decide(&self, listener: &Listener) -> Decision {
        let decisions = self.filters.iter().map(|filter| filter.decide(listener));
        decisions.min().unwrap_or(Decision::Fits)
    }

    /// The same of a port that is published without a socket.
    #[must_use]
    pub fn decide_publication(&self, publication: &Publication) -> Decision {
        let decisions = self
            .filters
            .iter()
            .map(|f| f.decide_publication(publication));
        decisions.min().unwrap_or(Decision::Fits)
    }

    /// Leaves what fits. The gaps of listeners that could not be decided stay, as gaps of the
    /// snapshot; how many there are is returned.
    ///
    /// Cost: nothing where everything is selected.
    pub fn apply(&self, seen: &mut Snapshot) -> usize {
        if self.is_everything() {
            return 0;
        }
        let mut undecided = 0;
        let gaps = &mut seen.gaps;
        seen.listeners
            .retain_mut(|listener| match self.decide(listener) {
                Decision::Fits => true,
                Decision::Differs => false,
                Decision::Undecided => {
                    undecided += 1;
                    gaps.extend(listener.owner_gap.take());
                    false
                }
            });
        seen.publications
            .retain(|publication| self.decide_publication(publication) == Decision::Fits);
        if seen.listeners.is_empty() {
            // What is unknown of owners in sight concerns none that is left.
            let idle = |gap: &Gap| matches!(gap.what, Unseen::CoOwners | Unseen::OwnerDetail);
            seen.gaps.retain(|gap| !idle(gap));
        }
        undecided
    }
}

#[cfg(test)]
mod tests;
