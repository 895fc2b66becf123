//! What the site registry says of a port and of those beside it.

use portolan_ports::site::{Record, Scope, Status};
use portolan_registry::Port;

use super::{Holders, Kind, Paper, Reasons, Side, are, transports};

const SITE: &str = "site registry";

/// So many records of other hosts are named; the others are counted.
const MOST_NAMED: usize = 4;

impl Paper<'_> {
    /// What the site registry has against a port.
    pub(in super::super) fn held(&self, port: Port) -> Option<Kind> {
        if matches!(self.holders, Holders::Nobody) {
            return None;
        }
        let mut reasons = Reasons::default();
        self.site(port, &mut reasons);
        if let Some(kind) = reasons.against() {
            return Some(kind);
        }
        let beside = beside(port);
        let mut holders = beside.iter().filter_map(|port| self.holders.holder(*port));
        holders.next().map(|_| Kind::NeighbourSite)
    }

    /// Nothing is said where no site registry is in use.
    pub(super) fn site(&self, port: Port, reasons: &mut Reasons) {
        if matches!(self.holders, Holders::Nobody) {
            return;
        }
        let records = self.holders.covering(port);
        for record in records.iter().filter(|record| record.status.holds()) {
            let text = self.has(record);
            reasons.add(Side::Against, Kind::Site, text, record.source());
        }
        for record in &records {
            let reported = &record.fields.unauthorized_use;
            if !reported.is_empty() {
                let text = format!("used without an assignment, as was reported: {reported}");
                reasons.add(Side::Against, Kind::UnauthorizedUse, text, record.source());
            }
        }
        let held = records.iter().any(|record| record.status.holds());
        match self.holders.elsewhere(port) {
            // Without a request nothing is said of a registry that says nothing: an empty one changes
            // no answer.
            0 if held || !self.holders.is_asked_of() => {}
            0 => {
                let text = "no record of the site registry holds it";
                reasons.add(Side::For, Kind::Site, text, SITE);
            }
            _ if self.holders.is_asked_of() => self.elsewhere(port, reasons),
            1 => {
                let text = "a record of other hosts holds it there";
                reasons.add(Side::Aside, Kind::Site, text, SITE);
            }
            count => {
                let text = format!("{count} records of other hosts hold it there");
                reasons.add(Side::Aside, Kind::Site, text, SITE);
            }
        }
        for gap in self.holders.gaps() {
            let text = format!("the site registry was not seen: {}", gap.detail);
            reasons.add(Side::Aside, Kind::Unseen, text, SITE);
        }
    }

    /// Who holds it where it is not wanted: `record 5 (billing-api) holds it for host:db1`.
    fn elsewhere(&self, port: Port, reasons: &mut Reasons) {
        let others = self.holders.named_elsewhere(port);
        for record in others.iter().take(MOST_NAMED) {
            let text = format!("{} holds it for {}", record.title(), record.fields.scope);
            reasons.add(Side::Aside, Kind::Site, text, record.source());
        }
        let text = match others.len().saturating_sub(MOST_NAMED) {
            0 => return,
            1 => "1 more record holds it elsewhere".to_owned(),
            count => format!("{count} more records hold it elsewhere"),
        };
        reasons.add(Side::Aside, Kind::Site, text, SITE);
    }

    /// What somebody has there: `assigned to billing-api: Billing`.
    fn has(&self, record: &Record) -> String {
        let fields = &record.fields;
        let name = match fields.service_name.as_str() {
            "" => "a service without a name",
            name => name,
        };
        let mut text = match record.status {
            Status::Assigned => format!("assigned to {name}"),
            Status::Requested => format!("requested for {name} by {}", record.requested_by),
            Status::Questioned => format!(
                "requested for {name} by {}, of whom more is asked",
                record.requested_by
            ),
            _ if fields.service_name.is_empty() => "reserved".to_owned(),
            _ => format!("reserved, last for {name}"),
        };
        if !fields.description.is_empty() {
            text.push_str(&format!(": {}", fields.description));
        }
        let mut besides = Vec::new();
        let wanted = &self.criteria.transports;
        let own = &fields.transports;
        if !own.is_empty() && !wanted.iter().any(|transport| own.contains(transport)) {
            // RFC 6335 §7.2: the others are held back with it.
            besides.push(format!("on {}", transports(own)));
        }
        if fields.scope != Scope::All {
            besides.push(format!("for {}", fields.scope));
        }
        if let Some(last) = fields.expires {
            besides.push(format!("until {last}"));
        }
        match besides.is_empty() {
            true => text,
            false => format!("{text} ({})", besides.join(", ")),
        }
    }

    /// A record that holds a port beside it is a claim like any other.
    pub(super) fn site_neighbours(&self, port: Port, reasons: &mut Reasons) {
        if matches!(self.holders, Holders::Nobody) {
            return;
        }
        let beside = beside(port);
        let (mut free, mut quiet) = (Vec::new(), true);
        for neighbour in beside {
            match self.holders.holder(neighbour) {
                Some(record) => {
                    let text = format!("beside {neighbour}, {}", self.has(record));
                    reasons.add(Side::Against, Kind::NeighbourSite, text, record.source());
                    quiet = false;
                }
                None => free.push(neighbour.to_string()),
            }
        }
        if quiet && self.holders.is_asked_of() {
            let text = format!("beside it, {} held by no record", are(&free));
            reasons.add(Side::For, Kind::NeighbourSite, text, SITE);
        }
    }
}

fn beside(port: Port) -> Vec<Port> {
    let both = [port.checked_sub(1), port.checked_add(1)];
    both.into_iter().flatten().collect()
}
