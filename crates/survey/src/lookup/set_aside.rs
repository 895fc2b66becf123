//! What systems do with a port number by themselves, whoever else claims it.

use portolan_ports::is_browser_blocked;
use portolan_ports::system::{LocalRanges, System};
use portolan_registry::{Port, PortRange};

/// What systems set aside, as far as it concerns one port. What this machine does not tell, or was
/// not asked, is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetAside {
    /// Whether this machine was asked.
    pub looked: bool,
    /// From where this system takes ports for sockets that name none.
    pub ephemeral_range: Option<PortRange>,
    /// Whether it may take this one.
    pub ephemeral: Option<bool>,
    /// Whether somebody told the system never to take it.
    pub reserved: Option<bool>,
    /// The lowest port that anyone may bind here.
    pub unprivileged_from: Option<Port>,
    /// Whether only the privileged may bind this one.
    pub privileged: Option<bool>,
    /// The systems that take ports from around it unless they are told otherwise.
    pub by_default: Vec<System>,
    /// Whether web browsers refuse it.
    pub browser_blocked: bool,
}

impl SetAside {
    pub(super) fn new(port: Port, here: Option<&LocalRanges>) -> Self {
        let takes = |system: &System| {
            let (first, last) = system.takes();
            (first..=last).contains(&port)
        };
        let general = Self {
            by_default: System::ALL.into_iter().filter(takes).collect(),
            browser_blocked: is_browser_blocked(port),
            ..Self::default()
        };
        let Some(here) = here else {
            return general;
        };
        let reserved = here.reserves(port);
        Self {
            looked: true,
            ephemeral_range: here.ephemeral,
            ephemeral: here.ephemeral.map(|_| here.ephemeral_with(port).is_some()),
            // A list that could not be read is empty too.
            reserved: (reserved || here.gaps.is_empty()).then_some(reserved),
            unprivileged_from: here.unprivileged_from,
            privileged: here.privileged(port),
            ..general
        }
    }
}

#[cfg(test)]
mod tests {
    use portolan_ports::{Gap, Unseen, Why};

    use super::*;

    fn here() -> LocalRanges {
        LocalRanges {
            ephemeral: PortRange::new(32768, 60999),
            reserved: vec![PortRange::single(40000)],
            unprivileged_from: Some(80),
            gaps: Vec::new(),
        }
    }

    #[test]
    fn a_reserved_port_of_the_range_is_never_taken() {
        let of = |port| SetAside::new(port, Some(&here()));
        let said = |port| {
            let SetAside {
                ephemeral,
                reserved,
                privileged,
                ..
            } = of(port);
            (ephemeral, reserved, privileged)
        };
        assert_eq!(said(40000), (Some(false), Some(true), Some(false)));
        assert_eq!(said(40001), (Some(true), Some(false), Some(false)));
        assert_eq!(said(79), (Some(false), Some(false), Some(true)));
        assert_eq!(said(80), (Some(false), Some(false), Some(false)));
    }

    #[test]
    fn what_was_not_told_is_not_made_up() {
        let untold = LocalRanges {
            gaps: vec![Gap {
                what: Unseen::SystemRanges,
                why: Why::Unsupported,
                detail: String::new(),
            }],
            ..LocalRanges::default()
        };
        let said = SetAside::new(2049, Some(&untold));
        assert_eq!(
            (said.ephemeral, said.reserved, said.privileged),
            (None, None, None)
        );
        assert!(said.looked && said.browser_blocked);
        let without = SetAside::new(60000, None);
        assert!(!without.looked && !without.browser_blocked);
        assert_eq!(
            without.by_default,
            [
                System::Linux,
                System::Windows,
                System::MacOs,
                System::FreeBsd
            ]
        );
        assert_eq!(
            SetAside::new(31337, None).by_default,
            [System::FreeBsd, System::Kubernetes]
        );
    }
}
