//! All claims on one port and transport of one host, ranked.

use portolan_registry::{Assignment, Port, RangeKind, Registry, Standing, Transport};

use crate::knowledge::{Fact, Knowledge};
use crate::policy::{Policy, Rule, Unlisted};
use crate::protocol::{WireForm, Wrapping, wire_form};
use crate::site::{Record, assigned};

/// What is supposed to be on a port: host policy, then the site registry, then IANA's, then
/// knowledge, then the range's rule.
#[derive(Clone, Debug)]
pub struct Expectation<'a> {
    /// The port.
    pub port: Port,
    /// The transport.
    pub transport: Transport,
    /// The host's rules that speak of it.
    pub rules: Vec<&'a Rule>,
    /// What becomes of a listener of which no rule speaks.
    pub unlisted: &'a Unlisted,
    /// The site registry's records that hold the port, on any transport, and are valid on this host.
    pub site: Vec<&'a Record>,
    /// The files that the programs of these records lead to by symbolic links, each with the record's
    /// number, where [`resolve`](Self::resolve) found another than was written.
    pub executables: Vec<(u64, String)>,
    /// What IANA's registry makes of it.
    pub registry: Standing<'a>,
    /// The facts about it.
    pub facts: Vec<Fact<'a>>,
}

impl<'a> Expectation<'a> {
    /// Gathers the claims.
    #[must_use]
    pub fn new(
        port: Port,
        transport: Transport,
        registry: &'a Registry,
        knowledge: Knowledge<'a>,
        policy: &'a Policy,
    ) -> Self {
        Self {
            port,
            transport,
            rules: policy
                .rules
                .iter()
                .filter(|rule| rule.covers(port, transport))
                .collect(),
            unlisted: &policy.unlisted,
            site: Vec::new(),
            executables: Vec::new(),
            registry: registry.standing(port, transport),
            facts: knowledge
                .about(port)
                .filter(|fact| fact.covers(transport))
                .collect(),
        }
    }

    /// The same with what the site registry says: `records` that hold the port here.
    #[must_use]
    pub fn with_site(self, records: Vec<&'a Record>) -> Self {
        Self {
            site: records,
            ..self
        }
    }

    /// Follows the symbolic links of every site record's program that is a path, as
    /// [`Policy::resolve`] does for rules. `real` returns the file that a path leads to; `None` where
    /// it leads nowhere. Cost: one call of `real` for each path.
    #[must_use]
    pub fn resolve(self, real: impl Fn(&str) -> Option<String>) -> Self {
        let written = self.site.iter().filter_map(|record| {
            let path = record.fields.serves.program.as_deref()?;
            path.starts_with('/').then_some((record.id, path))
        });
        let executables = written
            .filter_map(|(id, path)| Some((id, real(path).filter(|real| real != path)?)))
            .collect();
        Self {
            executables,
            ..self
        }
    }

    /// The site's records that assign the port on this very transport, the narrowest scope first,
    /// then by number. Whether their time is over is not looked at.
    pub fn assigned_by_site(&self) -> impl Iterator<Item = &'a Record> {
        assigned(self.site.iter().copied(), self.port, self.transport).into_iter()
    }

    /// The range of RFC 6335 that holds the port.
    #[must_use]
    pub const fn range(&self) -> RangeKind {
        RangeKind::of(self.port)
    }

    /// The rows that give a service name to the port.
    pub fn named(&self) -> impl Iterator<Item = &Assignment<'a>> {
        self.registry
            .assignments
            .iter()
            .filter(|row| row.is_named())
    }

    /// The protocol that a server here would usually speak: the one that the host's rules ask for,
    /// else the one that the site registry says, else the first assigned service whose wire form is known, else the first verified use.
    #[must_use]
    pub fn usual_protocol(&self) -> Option<&'a str> {
        let form = |name: &str| match wire_form(name)? {
            WireForm::Own(protocol, _) | WireForm::Carried(protocol, _) => Some(protocol),
        };
        let asked = self.asked_for().map(|name| form(name).unwrap_or(name));
        let assigned = || self.named().find_map(|row| form(row.service_name()));
        let known = || {
            self.facts
                .iter()
                .filter(|f| f.is_use() && f.verified)
                .find_map(|f| f.protocol)
        };
        asked.or_else(assigned).or_else(known)
    }

    /// Whether a server here would speak inside TLS from the first byte.
    #[must_use]
    pub fn usually_tls(&self) -> bool {
        let in_tls = |name: &str| {
            matches!(
                wire_form(name),
                Some(WireForm::Own(_, Wrapping::Tls) | WireForm::Carried(_, Wrapping::Tls))
            )
        };
        match self.asked_for() {
            Some(name) => in_tls(name),
            None => self.named().any(|row| in_tls(row.service_name())),
        }
    }

    /// The first protocol that a rule of the host asks for, else the first that the site registry
    /// says: by name, or as the wire form of the service's.
    fn asked_for(&self) -> Option<&'a str> {
        let rules = self.rules.iter().copied();
        let by_rule = rules
            .filter_map(Rule::expected)
            .find_map(|expected| expected.protocol.as_deref());
        by_rule.or_else(|| {
            self.assigned_by_site().find_map(|record| {
                let fields = &record.fields;
                let name = Some(&*fields.service_name).filter(|name| wire_form(name).is_some());
                fields.serves.protocol.as_deref().or(name)
            })
        })
    }
}
