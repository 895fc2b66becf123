//! Which targets are this machine's own, and who listens there.

use std::net::{IpAddr, SocketAddr};

use portolan_inspect::{Namespaces, Options};
use portolan_ports::Listener;
use portolan_probe::sweep::is_own;
use portolan_registry::{PortRange, Transport};

use crate::query::Target;

/// The listener behind each target, where its address is this machine's and one was found.
///
/// Names are not looked up for this, but for `localhost`: a name service is asked only without
/// privileges.
pub(super) fn listeners(
    targets: &[Target],
    numeric: &[Option<SocketAddr>],
) -> Vec<Option<Listener>> {
    let here: Vec<Option<Where>> = targets
        .iter()
        .zip(numeric)
        .map(|(target, numeric)| Where::of(target, *numeric))
        .collect();
    let mut ranges: Vec<PortRange> = here
        .iter()
        .zip(targets)
        .filter(|(place, _)| place.is_some())
        .map(|(_, target)| PortRange::single(target.port))
        .collect();
    if ranges.is_empty() {
        return vec![None; targets.len()];
    }
    ranges.sort();
    ranges.dedup();
    let options = Options {
        namespaces: Namespaces::Own,
        details: true,
        ..Options::default()
    };
    // The kernel's filter is a program of bounded length; many ports are cheaper to list whole.
    const MOST_RANGES: usize = 16;
    let seen = match ranges.len() > MOST_RANGES {
        true => portolan_inspect::listeners(&options).listeners,
        false => portolan_inspect::ports(&ranges, &options).listeners,
    };
    here.iter()
        .zip(targets)
        .map(|(place, target)| {
            let place = place.as_ref()?;
            let fits = |l: &&Listener| {
                l.transport == target.transport
                    && l.port == target.port
                    && l.namespace.is_none()
                    && place.reaches(l)
            };
            // The listener that is bound to the very address is asked before one bound to all.
            let exact = |l: &&Listener| !l.address.is_unspecified();
            let mut fitting = seen.iter().filter(fits);
            let first = fitting.clone().find(exact);
            first.or_else(|| fitting.next()).cloned()
        })
        .collect()
}

/// An address of this machine.
enum Where {
    /// `localhost`, whichever of the two it means.
    Loopback,
    Address(IpAddr),
}

impl Where {
    fn of(target: &Target, numeric: Option<SocketAddr>) -> Option<Self> {
        if !matches!(target.transport, Transport::Tcp | Transport::Udp) {
            return None;
        }
        match numeric {
            None => (target.host == "localhost").then_some(Self::Loopback),
            Some(address) => is_own(address).then_some(Self::Address(address.ip())),
        }
    }

    fn reaches(&self, listener: &Listener) -> bool {
        let bound = listener.address.to_canonical();
        match self {
            Self::Loopback => bound.is_unspecified() || bound.is_loopback(),
            Self::Address(ip) => {
                let ip = ip.to_canonical();
                let both = ip.is_ipv6() == bound.is_ipv6() || bound.is_ipv6();
                bound == ip || (bound.is_unspecified() && both)
            }
        }
    }
}
