//! Where expectations come from.

use portolan_ports::knowledge::Knowledge;
use portolan_ports::policy::Policy;
use portolan_ports::{Expectation, embedded};
use portolan_registry::{Port, Registry, Transport};

use crate::site::SiteRegistry;

/// Everything that says what is supposed to be on a port.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// IANA's registry.
    pub registry: &'a Registry,
    /// The curated facts.
    pub knowledge: Knowledge<'a>,
    /// The host's own policy.
    pub policy: &'a Policy,
    /// The organisation's own assignments, where there are any.
    pub site: Option<&'a SiteRegistry>,
}

impl Sources<'static> {
    /// What the program carries with it: no file, no network, no set-up.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            registry: embedded::registry(),
            knowledge: embedded::knowledge(),
            policy: Policy::none(),
            site: None,
        }
    }
}

impl<'a> Sources<'a> {
    /// The same with another registry.
    #[must_use]
    pub const fn with_registry(self, registry: &'a Registry) -> Self {
        Self { registry, ..self }
    }

    /// The same with this host's policy.
    #[must_use]
    pub const fn with_policy(self, policy: &'a Policy) -> Self {
        Self { policy, ..self }
    }

    /// The same with a site registry.
    #[must_use]
    pub const fn with_site(self, site: Option<&'a SiteRegistry>) -> Self {
        Self { site, ..self }
    }

    /// All claims on one port and transport.
    #[must_use]
    pub fn expectation(&self, port: Port, transport: Transport) -> Expectation<'a> {
        let records = self.site.map_or(&[][..], |site| site.covering(port));
        Expectation::new(port, transport, self.registry, self.knowledge, self.policy)
            .with_site(records.iter().collect())
    }
}
