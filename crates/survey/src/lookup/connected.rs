//! Who is connected to a port, counted by the far end's address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use portolan_ports::{Socket, SocketState};
use portolan_registry::{Port, Transport};

/// Which end of a connection has the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// This machine's: it was connected to, or so it seems.
    Incoming,
    /// The far one's.
    Outgoing,
}

impl Direction {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
        }
    }
}

/// The connections with one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Which end has the port.
    pub direction: Direction,
    /// The transport.
    pub transport: Transport,
    /// The far end.
    pub remote: IpAddr,
    /// Connections that are not over.
    pub open: usize,
    /// Connections that are over and wait for their time to end (TIME-WAIT of RFC 9293).
    pub closed: usize,
}

/// Counts the connected ones among `sockets`: incoming ones first, most connections first.
#[must_use]
pub fn connected(port: Port, sockets: &[Socket]) -> Vec<Peer> {
    let mut counts: BTreeMap<(Direction, Transport, IpAddr), (usize, usize)> = BTreeMap::new();
    for socket in sockets {
        let Some(remote) = socket.remote else {
            continue;
        };
        let direction = if socket.local.port() == port {
            Direction::Incoming
        } else {
            Direction::Outgoing
        };
        let address = remote.ip().to_canonical();
        let key = (direction, socket.transport, address);
        let (open, closed) = counts.entry(key).or_default();
        *match socket.state {
            SocketState::TimeWait => closed,
            _ => open,
        } += 1;
    }
    let mut peers: Vec<Peer> = counts
        .into_iter()
        .map(|((direction, transport, remote), (open, closed))| Peer {
            direction,
            transport,
            remote,
            open,
            closed,
        })
        .collect();
    peers.sort_by_key(|peer| (peer.direction, std::cmp::Reverse((peer.open, peer.closed))));
    peers
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn socket(local: u16, remote: Option<(u8, u16)>, state: SocketState) -> Socket {
        Socket {
            transport: Transport::Tcp,
            local: ([127, 0, 0, 1], local).into(),
            remote: remote.map(|(host, port)| ([10, 0, 0, host], port).into()),
            state,
            uid: None,
            inode: 0,
            owners: Vec::new(),
            owner_gap: None,
        }
    }

    #[test]
    fn peers_are_counted_by_address_and_direction() {
        use SocketState::{Bound, Established, TimeWait};
        let sockets = [
            socket(80, Some((1, 5000)), Established),
            socket(80, Some((2, 5000)), Established),
            socket(80, Some((2, 5001)), Established),
            socket(80, Some((2, 5002)), TimeWait),
            socket(5000, Some((1, 80)), Established),
            socket(80, None, Bound),
        ];
        let said: Vec<String> = connected(80, &sockets)
            .iter()
            .map(|p| {
                format!(
                    "{} {} {} {}",
                    p.direction.as_str(),
                    p.remote,
                    p.open,
                    p.closed
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                "incoming 10.0.0.2 2 1",
                "incoming 10.0.0.1 1 0",
                "outgoing 10.0.0.1 1 0"
            ]
        );
    }

    proptest! {
        #[test]
        fn no_connection_is_lost(ends in proptest::collection::vec((0..3u16, 0..3u8, 0..3u16), 0..20)) {
            let sockets: Vec<Socket> = ends
                .iter()
                .map(|(local, host, remote)| {
                    socket(*local, Some((*host, *remote)), SocketState::Established)
                })
                .collect();
            let counted: usize = connected(1, &sockets).iter().map(|p| p.open + p.closed).sum();
            prop_assert_eq!(counted, sockets.len());
        }
    }
}
