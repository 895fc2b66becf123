//! A quiet port, and why it is quiet; or everything that speaks for and against one port.
//!
//! In reading order: [`order`] (which port is looked at first), [`reason`] (what is said of one),
//! `paper` (registry, facts, policy, ranges, and the site registry by its `holders`), `here` (this
//! machine now), and [`Applicant`], who files what was found. Nothing listens and nothing is sent; a
//! port that may be had is bound for an instant.

mod applicant;
mod here;
mod holders;
mod kept;
mod name;
pub mod order;
mod paper;
pub mod reason;
mod refusal;

use portolan_inspect::OwnerSearch;
use portolan_ports::Gap;
use portolan_ports::site::Scope;
use portolan_ports::system::{LocalRanges, System};
use portolan_registry::{Port, PortRange, Transport};

pub use applicant::{Applicant, Filing};
use here::{Sight, around, around_all};
pub use kept::kept;
pub use order::Order;
pub use paper::MOST_CLAIMED;
use paper::Paper;
use reason::{Kind, Reason, Reasons, Side};
pub use refusal::Refusal;

use crate::Sources;

/// How many candidates the first look at this machine takes: as many ranges as the kernel's own
/// filter does.
const FIRST_LOOK: usize = 16;

/// What a port is held to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criteria {
    /// The transports on which it has to be free: of TCP and UDP one or both.
    pub transports: Vec<Transport>,
    /// The systems from whose ranges to stay away.
    pub avoid: Vec<System>,
    /// What this machine sets aside.
    pub local: LocalRanges,
    /// Where the number is to be valid, by which the site's records are judged; `None` means this
    /// host.
    pub scope: Option<Scope>,
    /// The site's record that the number is for, by its own number: it is in nobody's way.
    pub own: Option<u64>,
}

/// How many ports of which are wanted, and in which order they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The order.
    pub order: Order,
    /// Of these ports alone.
    pub ports: PortRange,
    /// How many.
    pub count: usize,
}

/// What came of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested {
    /// The ports, in the wish's order.
    pub suggestions: Vec<Suggestion>,
    /// Why they are fewer than wanted, where they are.
    pub refused: Option<Refusal>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}

/// A quiet port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The port.
    pub port: Port,
    /// Why, then what is worth knowing besides; none speaks against it.
    pub because: Vec<Reason>,
}

/// The first ports that nothing speaks against. Where they are too few, ports follow against which
/// speaks nothing but that one beside them is held in the site registry: what is given out may fill a
/// range in the end.
///
/// Cost: a registry look-up for each port until enough are found, one look at this machine's
/// sockets for all (a second one where the first 16 candidates do not suffice), and fourteen
/// calls for each port that is tried.
#[must_use]
pub fn suggest(sources: &Sources<'_>, criteria: &Criteria, wish: &Wish) -> Suggested {
    let paper = Paper::new(sources, criteria);
    let mut refusal = Refusal::new(wish);
    let mut suggested = Suggested {
        suggestions: Vec::new(),
        refused: None,
        gaps: criteria.local.gaps.clone(),
    };
    let mut candidates = wish.order.ports().filter(|port| wish.ports.contains(*port));
    let (mut first, mut crowded): (Vec<Port>, Vec<Port>) = Default::default();
    let mut gaps = Vec::new();
    if wish.count < FIRST_LOOK {
        for port in candidates.by_ref() {
            match paper.against(port) {
                Some(Kind::NeighbourSite) => crowded.push(port),
                Some(kind) => refusal.count(kind),
                None => first.push(port),
            }
            if first.len() == FIRST_LOOK {
                break;
            }
        }
    }
    if !first.is_empty() {
        let ranges: Vec<PortRange> = first.iter().map(|port| around(*port)).collect();
        let sight = Sight::look(&ranges, OwnerSearch::None);
        for port in first {
            suggested.hold(port, &paper, &sight, wish, &mut refusal);
        }
        gaps = sight.gaps;
    }
    let mut rest = candidates.peekable();
    let left = rest.peek().is_some() || !crowded.is_empty();
    if suggested.suggestions.len() < wish.count && left {
        let sight = Sight::look(&[around_all(wish.ports)], OwnerSearch::None);
        for port in rest {
            if suggested.suggestions.len() == wish.count {
                break;
            }
            match paper.against(port) {
                Some(Kind::NeighbourSite) => crowded.push(port),
                Some(kind) => refusal.count(kind),
                None => suggested.hold(port, &paper, &sight, wish, &mut refusal),
            }
        }
        for port in crowded {
            suggested.hold(port, &paper, &sight, wish, &mut refusal);
        }
        gaps = sight.gaps;
    }
    suggested.gaps.append(&mut gaps);
    suggested.gaps.append(&mut paper.holders.gaps());
    if suggested.suggestions.len() < wish.count {
        suggested.refused = Some(refusal.after(suggested.suggestions.len()));
    }
    suggested
}

impl Suggested {
    /// Holds a port, against which nothing is written, to what this machine says now; unless there
    /// are enough.
    fn hold(
        &mut self,
        port: Port,
        paper: &Paper<'_>,
        sight: &Sight,
        wish: &Wish,
        refusal: &mut Refusal,
    ) {
        if self.suggestions.len() == wish.count {
            return;
        }
        match Suggestion::of(port, paper, sight) {
            Err(kind) => refusal.count(kind),
            Ok(suggestion) => self.suggestions.push(suggestion),
        }
    }
}

impl Suggestion {
    /// The port, if this machine has nothing against it either; else what it has.
    fn of(port: Port, paper: &Paper<'_>, sight: &Sight) -> Result<Self, Kind> {
        let mut here = Reasons::default();
        sight.reasons(port, paper.transports(), &mut here);
        if let Some(kind) = here.against() {
            return Err(kind);
        }
        let mut because = paper.reasons(port);
        for reason in &mut because {
            // It was taken all the same, for there is none without it.
            if reason.kind == Kind::NeighbourSite && reason.side == Side::Against {
                reason.side = Side::Aside;
            }
        }
        because.append(&mut here.0);
        because.sort_by_key(|reason| reason.side);
        Ok(Self { port, because })
    }
}

/// Everything that speaks for and against one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The port.
    pub port: Port,
    /// Every reason.
    pub reasons: Vec<Reason>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}

/// What the reasons come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Nothing speaks against it.
    Quiet,
    /// Nobody has it, and yet something speaks against it.
    NotQuiet,
    /// Somebody has it, or it cannot be had.
    Taken,
}

impl Ruling {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::NotQuiet => "not_quiet",
            Self::Taken => "taken",
        }
    }
}

impl Checked {
    /// The reasons of one side, in the order in which they are told.
    pub fn on(&self, side: Side) -> impl Iterator<Item = &Reason> {
        self.reasons
            .iter()
            .filter(move |reason| reason.side == side)
    }

    /// What they come to.
    #[must_use]
    pub fn ruling(&self) -> Ruling {
        match self.headline() {
            None => Ruling::Quiet,
            Some(reason) if reason.kind.takes() => Ruling::Taken,
            Some(_) => Ruling::NotQuiet,
        }
    }

    /// The weightiest reason against it.
    #[must_use]
    pub fn headline(&self) -> Option<&Reason> {
        let taken = self.on(Side::Against).find(|reason| reason.kind.takes());
        taken.or_else(|| self.on(Side::Against).next())
    }
}

/// Judges one port by what [`suggest`] holds its candidates to.
///
/// Cost: one look at five ports of this machine, with the owners of what is there.
#[must_use]
pub fn check(sources: &Sources<'_>, criteria: &Criteria, port: Port) -> Checked {
    let sight = Sight::look(&[around(port)], OwnerSearch::Complete);
    let paper = Paper::new(sources, criteria);
    let mut reasons = Reasons(paper.reasons(port));
    sight.reasons(port, &criteria.transports, &mut reasons);
    Checked {
        port,
        reasons: reasons.0,
        gaps: criteria
            .local
            .gaps
            .iter()
            .cloned()
            .chain(sight.gaps)
            .chain(paper.holders.gaps())
            .collect(),
    }
}

#[cfg(test)]
mod tests;
