//! The look at single ports: sockets that do not listen.

use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

use portolan_inspect::{Options, PortSnapshot, Source};
use portolan_ports::{Socket, SocketState, Unseen};
use portolan_registry::{PortRange, Transport};
use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};

use crate::{home, look};

fn all_about(ranges: &[u16]) -> PortSnapshot {
    let ranges: Vec<_> = ranges.iter().map(|port| PortRange::single(*port)).collect();
    look(&ranges, &Options::default())
}

fn ends(socket: &Socket) -> (SocketAddr, Option<SocketAddr>, SocketState) {
    (socket.local, socket.remote, socket.state)
}

#[test]
fn a_connection_is_seen_from_both_ends() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let server = held.local_addr().unwrap();
    let near = TcpStream::connect(server).unwrap();
    let client = near.local_addr().unwrap();
    let (far, _) = held.accept().unwrap();

    for port in [server.port(), client.port()] {
        let snapshot = all_about(&[port]);
        assert_eq!(
            snapshot.listeners.len(),
            usize::from(port == server.port()),
            "{snapshot:#?}"
        );
        let mut expected = vec![
            (server, Some(client), SocketState::Established),
            (client, Some(server), SocketState::Established),
        ];
        expected.sort_unstable();
        assert_eq!(
            snapshot.sockets.iter().map(ends).collect::<Vec<_>>(),
            expected
        );
        for socket in &snapshot.sockets {
            assert_eq!(socket.owners.len(), 1);
            assert_eq!(socket.owner_gap, None);
        }
    }
    drop((far, near));
}

#[test]
fn time_wait_is_seen_and_has_no_owner() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let server = held.local_addr().unwrap();
    let near = TcpStream::connect(server).unwrap();
    let (far, _) = held.accept().unwrap();
    // Whoever closes first waits; the other end has gone when its close returns.
    drop(near);
    std::io::copy(&mut &far, &mut std::io::sink()).unwrap();
    drop(far);

    let sockets = all_about(&[server.port()]).sockets;
    let [socket] = &sockets[..] else {
        panic!("{sockets:?}")
    };
    assert_eq!(socket.state, SocketState::TimeWait);
    assert_eq!((socket.inode, socket.uid), (0, None));
    assert_eq!((&socket.owners[..], &socket.owner_gap), (&[][..], &None));
}

#[test]
fn a_bound_tcp_socket_is_no_listener() {
    let _alone = crate::alone();
    let fd = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&fd, &SocketAddr::from((home(), 0))).unwrap();
    let address = SocketAddr::try_from(getsockname(&fd).unwrap()).unwrap();
    let snapshot = all_about(&[address.port()]);
    assert_eq!(snapshot.listeners, []);
    // Linux tells of these since 6.8.
    let release = rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned();
    let mut numbers = release
        .split('.')
        .map(|number| number.parse::<u32>().unwrap_or(0));
    if (numbers.next(), numbers.next()) >= (Some(6), Some(8)) {
        let [socket] = &snapshot.sockets[..] else {
            panic!("{snapshot:?}")
        };
        assert_eq!(ends(socket), (address, None, SocketState::Bound));
        assert_eq!(socket.owners.len(), 1);
    }
}

#[test]
fn a_connected_udp_socket_is_seen_at_either_port() {
    let _alone = crate::alone();
    let server = UdpSocket::bind((home(), 0)).unwrap();
    let client = UdpSocket::bind((home(), 0)).unwrap();
    let (to, from) = (server.local_addr().unwrap(), client.local_addr().unwrap());
    client.connect(to).unwrap();

    let snapshot = all_about(&[to.port()]);
    assert_eq!(snapshot.listeners.len(), 1);
    assert_eq!(snapshot.listeners[0].transport, Transport::Udp);
    let connected = [(from, Some(to), SocketState::Established)];
    assert_eq!(
        snapshot.sockets.iter().map(ends).collect::<Vec<_>>(),
        connected
    );
    assert_eq!(
        all_about(&[from.port()])
            .sockets
            .iter()
            .map(ends)
            .collect::<Vec<_>>(),
        connected
    );
}

#[test]
fn several_ports_are_asked_for_at_once() {
    let _alone = crate::alone();
    let held = [(); 20].map(|()| TcpListener::bind((home(), 0)).unwrap());
    let mut wanted: Vec<u16> = held
        .iter()
        .map(|l| l.local_addr().unwrap().port())
        .collect();
    wanted.sort_unstable();
    // One program, and past the most that one takes, none.
    for count in [1, 2, 16, 20] {
        let found: Vec<u16> = all_about(&wanted[..count])
            .listeners
            .iter()
            .map(|l| l.port)
            .collect();
        assert_eq!(found, wanted[..count]);
    }
    let range = PortRange::new(wanted[0], wanted[19]).unwrap();
    let found = look(&[range], &Options::default()).listeners;
    assert!(
        wanted
            .iter()
            .all(|port| found.iter().any(|listener| listener.port == *port))
    );
    assert!(found.iter().all(|listener| range.contains(listener.port)));
}

#[test]
fn proc_net_tells_of_ports_too() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let server = held.local_addr().unwrap();
    let near = TcpStream::connect(server).unwrap();
    let options = Options {
        source: Source::ProcNet,
        ..Options::default()
    };
    let snapshot = look(&[PortRange::single(server.port())], &options);
    assert!(
        snapshot.gaps.iter().all(|gap| gap.what == Unseen::CoOwners),
        "{:?}",
        snapshot.gaps
    );
    let [listener] = &snapshot.listeners[..] else {
        panic!("{snapshot:?}")
    };
    assert_eq!(
        (listener.owners.len(), listener.cookie, listener.queue),
        (1, None, None)
    );
    let near = near.local_addr().unwrap();
    assert!(
        snapshot
            .sockets
            .iter()
            .any(|s| s.local == near && s.owners.len() == 1)
    );
}

#[test]
fn a_vacant_port_and_port_zero_have_nothing() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    drop(held);
    for port in [port, 0] {
        let mut found = all_about(&[port]);
        assert!(!std::mem::take(&mut found.explanation).is_empty());
        assert_eq!(found, PortSnapshot::default());
    }
}
