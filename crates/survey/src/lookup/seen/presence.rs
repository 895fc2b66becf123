//! What a port is doing on this machine, from all that a look saw of it.

use portolan_ports::policy::{Policy, Rule};
use portolan_ports::{Gap, Listener, Presence, Unseen};
use portolan_registry::{Port, PortRange};

use super::Seen;

impl Seen<'_> {
    /// What the port is doing; `None` where nobody looked.
    pub(in crate::lookup) fn presence(&self, port: Port, policy: &Policy) -> Option<Presence> {
        let unseen = |gap: &Gap| matches!(gap.what, Unseen::Listeners | Unseen::Sockets);
        self.looked.then(|| {
            let listeners = self.listeners.get(&port).map_or(&[][..], Vec::as_slice);
            let published = self.publications.iter().any(|p| p.port == port);
            // What listens in another namespace is on another machine, as far as addresses go.
            if listeners.iter().any(|j| j.listener.namespace.is_none()) {
                Presence::Listening
            } else if published {
                Presence::InUse
            } else if self.gaps.iter().any(|gap| gap.what == Unseen::Listeners) {
                Presence::Unseen
            } else if policy.rules.iter().any(|rule| self.misses(rule, port)) {
                Presence::Missing
            } else if self.sockets.contains_key(&port) {
                Presence::InUse
            } else if self.gaps.iter().any(unseen) {
                Presence::Unseen
            } else {
                Presence::Vacant
            }
        })
    }

    /// Whether the rule requires a listener that could be on this port, and none is anywhere where
    /// it may be. Of a range that was not looked at as a whole nobody knows.
    fn misses(&self, rule: &Rule, port: Port) -> bool {
        let looked_at = |ports: PortRange| {
            let holds =
                |range: &PortRange| range.contains(ports.first()) && range.contains(ports.last());
            self.asked.iter().any(holds)
        };
        let covers = |listener: &Listener| {
            listener.namespace.is_none() && rule.covers(listener.port, listener.transport)
        };
        rule.is_required()
            && rule.ports.contains(port)
            && looked_at(rule.ports)
            && !self
                .listeners
                .values()
                .flatten()
                .any(|j| covers(&j.listener))
            && !self
                .publications
                .iter()
                .any(|p| rule.covers(p.port, p.transport))
    }
}
