//! Systems that nobody has taught this crate yet: everything is one gap.

use portolan_ports::{Gap, Unseen, Why};
use portolan_registry::{Port, PortRange};

pub(crate) use crate::polling::Follower;
use crate::privilege::{Error, Identity, Outcome};
use crate::{Options, PortSnapshot, Snapshot};

fn gap(what: Unseen) -> Gap {
    Gap {
        what,
        why: Why::Unsupported,
        detail: "this system is not supported yet".to_owned(),
    }
}

pub(crate) fn listeners(_options: &Options) -> Snapshot {
    Snapshot {
        listeners: Vec::new(),
        gaps: vec![gap(Unseen::Listeners)],
    }
}

pub(crate) fn ports(_ranges: &[PortRange], _options: &Options) -> PortSnapshot {
    let gaps = vec![gap(Unseen::Listeners), gap(Unseen::Sockets)];
    PortSnapshot {
        gaps,
        ..PortSnapshot::default()
    }
}

pub(crate) fn host_name() -> String {
    String::new()
}

pub(crate) fn processes() -> Vec<portolan_ports::Owner> {
    Vec::new()
}

pub(crate) fn sockets_of(_pid: u32) -> Option<Vec<u64>> {
    None
}

pub(crate) fn interface_index(_name: &str) -> Option<u32> {
    None
}

pub(crate) fn ephemeral_range() -> Option<PortRange> {
    None
}

pub(crate) fn unprivileged_port_start() -> Option<Port> {
    None
}

pub(crate) fn drop_to_unprivileged(_identity: Identity) -> Result<Outcome, Error> {
    Err(Error::Left {
        what: "everything, for this system is not supported yet",
    })
}
