//! Sweeps of small ranges around listeners that the test holds: everything else on this machine
//! is left alone.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use super::*;

fn held(count: usize) -> (Vec<TcpListener>, PortSet) {
    let listeners: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let ports = listeners
        .iter()
        .map(|l| l.local_addr().unwrap().port())
        .collect();
    (listeners, ports)
}

/// Ports that are bound and do not listen: nobody else can open them meanwhile.
fn closed(count: usize) -> (Vec<rustix::fd::OwnedFd>, PortSet) {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};
    let sockets: Vec<_> = (0..count)
        .map(|_| {
            let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
            bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
            socket
        })
        .collect();
    let port = |socket| {
        let own: SocketAddr = getsockname(socket).unwrap().try_into().unwrap();
        own.port()
    };
    let ports = sockets.iter().map(port).collect();
    (sockets, ports)
}

const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn union(a: &PortSet, b: &PortSet) -> PortSet {
    a.ports().chain(b.ports()).collect()
}

#[test]
fn what_listens_is_open_and_nothing_else_on_every_run() {
    let (_open, open) = held(40);
    let (_closed, closed) = closed(200);
    let ports = union(&open, &closed);
    for _ in 0..20 {
        let swept = sweep(HERE, &ports, &Sweep::near(), &mut |_| {});
        assert_eq!((&swept.open, &swept.closed), (&open, &closed));
        assert!(swept.silent.is_empty() && swept.unreachable.is_empty());
        assert!(swept.unasked.is_empty());
    }
}

#[test]
fn other_systems_way_and_a_paced_window_find_the_same() {
    let (_open, open) = held(10);
    let (_closed, closed) = closed(60);
    let ports = union(&open, &closed);
    let ledger = Ledger::new(&ports);
    let how = Sweep::near();
    elsewhere::sweep(HERE, &ledger, &how, now() + how.total, &mut |_| {});
    let swept = Swept::of(&ledger, Duration::ZERO);
    assert_eq!((swept.open, swept.closed), (open.clone(), closed.clone()));

    let paced = Sweep {
        rate: NonZeroU32::new(200),
        ..Sweep::far()
    };
    let swept = sweep(HERE, &ports, &paced, &mut |_| {});
    assert_eq!((swept.open, swept.closed), (open, closed));
    // Seventy at 200 a second: the last one begins 345 ms after the first.
    assert!(
        swept.elapsed >= Duration::from_millis(330),
        "{:?}",
        swept.elapsed
    );
}

/// Every port of the ephemeral range that is free is its sockets' possible source port, and yet
/// none is open by that.
#[test]
fn a_sweep_of_its_own_source_ports_connects_to_nobody() {
    // What is asked is free at the beginning: a listener that another test opens meanwhile is no
    // fault, so ports that turn out open must have one.
    let ports: PortSet = (40_000..44_000)
        .filter(|port| TcpListener::bind((Ipv4Addr::new(127, 9, 8, 7), *port)).is_ok())
        .collect();
    let target = SocketAddr::from((Ipv4Addr::new(127, 9, 8, 7), 0));
    for _ in 0..5 {
        let swept = sweep(target, &ports, &Sweep::near(), &mut |_| {});
        let free = |port: &u16| TcpListener::bind((Ipv4Addr::new(127, 9, 8, 7), *port)).is_ok();
        let falsely: PortSet = swept.open.ports().filter(free).collect();
        assert_eq!(falsely, PortSet::default());
        assert!(swept.unasked.is_empty(), "{:?}", swept.unasked);
    }
}

#[test]
fn a_full_queue_is_silent_and_bounded() {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};
    let full = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&full, &HERE).unwrap();
    listen(&full, 0).unwrap();
    let place: SocketAddr = getsockname(&full).unwrap().try_into().unwrap();
    // A queue of length 0 takes one connection (listen(2) adds one), and the next one waits.
    let taken: Vec<_> = (0..3)
        .map(|_| std::net::TcpStream::connect_timeout(&place, Duration::from_millis(200)))
        .collect();
    assert!(taken.iter().any(Result::is_err));
    let ports: PortSet = [place.port()].into_iter().collect();
    let how = Sweep {
        patience: Duration::from_millis(100),
        ..Sweep::near()
    };
    let swept = sweep(HERE, &ports, &how, &mut |_| {});
    assert_eq!(swept.silent, ports);
    assert!(
        swept.elapsed < Duration::from_secs(2),
        "{:?}",
        swept.elapsed
    );
}

#[test]
fn time_that_is_over_leaves_ports_unasked() {
    let (_open, open) = held(3);
    let how = Sweep {
        total: Duration::ZERO,
        ..Sweep::near()
    };
    let swept = sweep(HERE, &open, &how, &mut |_| {});
    assert_eq!(swept.unasked, open);
    let nothing = sweep(HERE, &PortSet::default(), &Sweep::near(), &mut |_| {});
    assert!(nothing.open.is_empty() && nothing.unasked.is_empty());
}

#[test]
fn nothing_is_left_behind() {
    let (listeners, open) = held(1);
    let swept = sweep(HERE, &open, &Sweep::near(), &mut |_| {});
    assert_eq!(swept.open, open);
    let place = listeners[0].local_addr().unwrap();
    drop(listeners);
    // A TIME-WAIT of the server's port would forbid this without SO_REUSEADDR, which the standard
    // library sets; a plain socket shows it.
    use rustix::net::{AddressFamily, SocketType, bind, socket};
    let again = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&again, &place).unwrap();
}

#[test]
fn own_addresses_are_told_from_others() {
    let own = |ip: &str| is_own(SocketAddr::new(ip.parse().unwrap(), 80));
    assert!(own("127.0.0.1") && own("127.1.2.3"));
    assert_eq!(
        own("::1"),
        UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
    );
    // Documentation addresses (RFC 5737, RFC 3849), a multicast and the unspecified one.
    for ip in ["192.0.2.1", "2001:db8::1", "224.0.0.1", "0.0.0.0", "::"] {
        assert!(!own(ip), "{ip}");
    }
}
