//! Where expectations come from.

use portolan_ports::knowledge::Knowledge;
use portolan_ports::policy::Policy;
use portolan_ports::site::{Record, Scope, assigned};
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
    /// Whether another machine is spoken of: of the site registry only what is valid on every host
    /// counts then, and no policy should be given.
    pub is_elsewhere: bool,
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
            is_elsewhere: false,
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

    /// The site registry's records that speak of a port of this host, as
    /// [`SiteRegistry::covering`] has them; none without a site registry.
    #[must_use]
    pub fn site_records(&self, port: Port) -> &'a [Record] {
        self.site.map_or(&[][..], |site| site.covering(port))
    }

    /// Those among them that are valid on every host, and so may speak of another one: nobody knows
    /// here which groups it is in, nor whether it is the organisation's.
    pub fn on_all_hosts(&self, port: Port) -> impl Iterator<Item = &'a Record> {
        let records = self.site_records(port).iter();
        records.filter(|record| record.fields.scope == Scope::All)
    }

    /// All claims on one port and transport.
    #[must_use]
    pub fn expectation(&self, port: Port, transport: Transport) -> Expectation<'a> {
        let records = match self.is_elsewhere {
            true => self.on_all_hosts(port).collect(),
            false => self.site_records(port).iter().collect(),
        };
        Expectation::new(port, transport, self.registry, self.knowledge, self.policy)
            .with_site(records)
    }

    /// The site's records that assign the port on this transport, the narrowest scope first.
    pub(crate) fn assigned(&self, port: Port, transport: Transport) -> Vec<&'a Record> {
        assigned(self.site_records(port), port, transport)
    }

    /// The same as [`expectation`](Self::expectation) for a listener of this machine: where the site
    /// registry names a program by a path, its symbolic links are followed. Cost: one realpath(3) for each such record.
    pub(crate) fn expectation_here(&self, port: Port, transport: Transport) -> Expectation<'a> {
        self.expectation(port, transport).resolve(|path| {
            let real = std::fs::canonicalize(path).ok()?;
            real.into_os_string().into_string().ok()
        })
    }

    /// The sources for another machine, of which this host's policy does not speak.
    pub(crate) fn foreign(&self) -> Self {
        Self {
            policy: Policy::none(),
            is_elsewhere: true,
            ..*self
        }
    }
}
