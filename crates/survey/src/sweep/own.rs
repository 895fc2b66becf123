//! Which of this machine's listeners an address of it reaches.

use std::net::{IpAddr, SocketAddr};

use portolan_ports::Listener;
use portolan_probe::sweep::PortSet;
use portolan_registry::{Port, Transport};

use super::{Host, Place};

/// The listeners that take what is sent to the address, one for each port and transport, by these:
/// of several the one that is bound to the address itself, as the kernel prefers it.
pub(super) fn listeners(
    seen: &[Listener],
    address: SocketAddr,
    ports: &PortSet,
    udp: bool,
) -> Vec<Listener> {
    let wanted = |listener: &&Listener| {
        let transport = match listener.transport {
            Transport::Tcp => true,
            Transport::Udp => udp,
            Transport::Sctp | Transport::Dccp => false,
        };
        transport
            && listener.namespace.is_none()
            && ports.contains(listener.port)
            && reach(listener, address.ip()).is_some()
    };
    let mut found: Vec<&Listener> = seen.iter().filter(wanted).collect();
    found.sort_by_key(|l| (l.port, l.transport, reach(l, address.ip())));
    found.dedup_by_key(|l| (l.port, l.transport));
    found.into_iter().cloned().collect()
}

/// How near a listener's address is to the one that is dialled: 0 the same, 1 any of its family,
/// 2 an IPv6 one that takes IPv4 too; `None` where it hears nothing of it.
fn reach(listener: &Listener, address: IpAddr) -> Option<u8> {
    let bound = listener.address;
    if bound.to_canonical() == address.to_canonical() {
        Some(0)
    } else if bound.is_unspecified() && bound.is_ipv4() == address.is_ipv4() {
        Some(1)
    } else if bound.is_unspecified() && listener.dual_stack && address.is_ipv4() {
        Some(2)
    } else {
        None
    }
}

/// Marks those that took a connection, and adds open ports that the list does not have.
pub(super) fn join(places: &mut Vec<Place>, host: &Host, open: &PortSet) {
    let is_tcp = |place: &Place| place.listener.transport == Transport::Tcp;
    for place in places.iter_mut().filter(|place| is_tcp(place)) {
        place.dialled = open.contains(place.listener.port);
    }
    let known: PortSet = places
        .iter()
        .filter(|place| is_tcp(place))
        .map(|place| place.listener.port)
        .collect();
    for port in open.ports().filter(|port| !known.contains(*port)) {
        places.push(Place {
            dialled: true,
            ..place(host, Transport::Tcp, port)
        });
    }
    // What was dialled and did not answer is not open, whatever the list said a moment ago.
    if host.way == super::Way::Connect {
        places.retain(|place| place.dialled || !is_tcp(place));
    }
    places.sort_by_key(|place| (place.listener.port, place.listener.transport));
}

/// A place of which nothing else is known.
pub(super) fn place(host: &Host, transport: Transport, port: Port) -> Place {
    let mut at = host.address;
    at.set_port(port);
    Place {
        listener: Listener::new(transport, at),
        listed: false,
        dialled: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reaches_what_is_bound_to_it_or_to_all() {
        let listener = |address: &str, dual| Listener {
            dual_stack: dual,
            ..Listener::new(Transport::Tcp, address.parse().unwrap())
        };
        let seen = [
            listener("0.0.0.0:80", false),
            listener("127.0.0.1:80", false),
            listener("[::]:81", true),
            listener("[::]:82", false),
            listener("10.0.0.1:83", false),
            listener("[::1]:84", false),
            listener("[::ffff:127.0.0.1]:85", false),
        ];
        let reached = |address: &str| {
            let at = SocketAddr::new(address.parse().unwrap(), 0);
            let found = listeners(&seen, at, &PortSet::all(), false);
            let place = |l: &Listener| l.socket_address().to_string();
            found.iter().map(place).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            reached("127.0.0.1"),
            "127.0.0.1:80 [::]:81 [::ffff:127.0.0.1]:85"
        );
        assert_eq!(reached("::1"), "[::]:81 [::]:82 [::1]:84");
        assert_eq!(reached("10.0.0.1"), "0.0.0.0:80 [::]:81 10.0.0.1:83");
    }
}
