//! Which numbers may be asked for: RFC 6335's ranges, and IANA's registry.

use portolan_registry::{
    Because, Port, PortRange, RangeKind, Registry, State, Transport, one_line,
};

use crate::site::{Fields, Refusal};

/// The first and last ones of the ranges, which are kept free (§6).
const EDGES: [Port; 4] = [0, 1023, 1024, 49151];
/// For experiments whose peers have agreed (§6.1, RFC 4727).
const EXPERIMENTS: [Port; 2] = [1021, 1022];

/// One port, and one that may be a service's at all.
pub(in crate::site) fn check(ports: PortRange) -> Result<(), Refusal> {
    if !ports.is_single() {
        let because = format!(
            "{ports} are {} ports, and a service gets one",
            ports.count()
        );
        return Err(Refusal::rfc("7.2", because, "ask for one of them"));
    }
    check_each(ports)
}

/// The same without the rule that it is one.
pub(in crate::site) fn check_each(ports: PortRange) -> Result<(), Refusal> {
    let dynamic = RangeKind::Dynamic.bounds();
    if ports.last() >= dynamic.first() {
        let because = format!(
            "{} lies in the Dynamic range {dynamic}, whose numbers are assigned to nobody and identify no service",
            ports.last()
        );
        return Err(Refusal::rfc("8.1.2", because, "ask for a User port"));
    }
    if let Some(edge) = EDGES.into_iter().find(|edge| ports.contains(*edge)) {
        let because = format!("{edge} lies at the edge of a range and is reserved");
        return Err(Refusal::rfc("6", because, "ask for another User port"));
    }
    if let Some(port) = EXPERIMENTS.into_iter().find(|port| ports.contains(*port)) {
        let because = format!("{port} is for experiments in controlled surroundings");
        return Err(Refusal::rfc("6.1", because, "ask for a User port"));
    }
    Ok(())
}

/// What IANA's registry says of a request's port.
#[derive(Debug, Default)]
pub(in crate::site) struct AtIana {
    /// A sentence for each transport of which it says something.
    pub(in crate::site) remarks: Vec<String>,
    /// Whether the number is nobody's there, on any transport.
    pub(in crate::site) free: bool,
}

/// Asks IANA's registry; a number that it reserves is refused.
pub(in crate::site) fn ask_iana(fields: &Fields, registry: &Registry) -> Result<AtIana, Refusal> {
    let Some(ports) = fields.ports else {
        return Ok(AtIana::default());
    };
    let port = ports.first();
    let mut remarks = Vec::new();
    for &transport in &fields.transports {
        let standing = registry.standing(port, transport);
        let because = one_line(&standing.because.to_string());
        match (standing.state, standing.because) {
            (State::Reserved, Because::OtherTransport(row)) => remarks.push(format!(
                "IANA assigns {port} to {} on another transport, and holds {port}/{transport} back for it (RFC 6335 section 7.2)",
                row.service_name()
            )),
            (State::Reserved, _) => {
                let because = format!(
                    "{port}/{transport} is Reserved at IANA ({because}), and reserved numbers take a Standards Action or IESG Approval"
                );
                return Err(Refusal::rfc("8.1", because, "ask for another port"));
            }
            (State::Assigned, Because::Row(row)) => remarks.push(format!(
                "IANA assigns {port}/{transport} to {}: programs and people will take this service for it",
                row.service_name()
            )),
            (State::Assigned | State::Unassigned, _) => {}
        }
    }
    let nobody = |transport| registry.standing(port, transport).state == State::Unassigned;
    let free = Transport::ALL.into_iter().all(nobody);
    Ok(AtIana { remarks, free })
}
