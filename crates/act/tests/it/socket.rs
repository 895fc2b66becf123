//! A socket is closed, that one alone, and nothing else happens to its owner.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream};

use portolan_act::socket::{Error, Target, close, may_close};
use rustix::net::{AddressFamily, SocketType, bind, listen, socket, sockopt};

fn target(held: &TcpListener) -> Target {
    assert!(
        may_close(),
        "run the tests as root: closing a socket needs CAP_NET_ADMIN"
    );
    Target {
        local: held.local_addr().unwrap(),
        interface: 0,
        cookie: sockopt::socket_cookie(held).unwrap(),
    }
}

/// How accept(2) fails, without waiting.
fn accept(held: &TcpListener) -> ErrorKind {
    held.set_nonblocking(true).unwrap();
    held.accept().unwrap_err().kind()
}

#[test]
fn a_listener_closes_and_its_connections_live_on() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let held = TcpListener::bind(address).unwrap();
        let place = held.local_addr().unwrap();
        let mut near = TcpStream::connect(place).unwrap();
        let (mut far, _) = held.accept().unwrap();
        let target = target(&held);
        assert_eq!(accept(&held), ErrorKind::WouldBlock);

        assert_eq!(close(&target), Ok(()));
        assert_eq!(accept(&held), ErrorKind::InvalidInput);
        assert_eq!(
            TcpStream::connect(place).unwrap_err().kind(),
            ErrorKind::ConnectionRefused
        );
        near.write_all(b"still here").unwrap();
        let mut heard = [0; 10];
        far.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"still here");
        // Both have SO_REUSEADDR: another may listen there at once.
        assert!(TcpListener::bind(place).is_ok(), "{address}");
        assert_eq!(close(&target), Err(Error::Gone));
    }
}

#[test]
fn one_member_of_a_group_closes_and_the_others_stay() {
    let mut members = Vec::new();
    let mut place = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    for _ in 0..16 {
        let fd = socket(AddressFamily::INET6, SocketType::STREAM, None).unwrap();
        sockopt::set_socket_reuseport(&fd, true).unwrap();
        bind(&fd, &place).unwrap();
        listen(&fd, 5).unwrap();
        let held = TcpListener::from(fd);
        place = held.local_addr().unwrap();
        members.push(held);
    }
    for gone in [11, 3, 0] {
        assert_eq!(close(&target(&members[gone])), Ok(()));
    }
    for (at, member) in members.iter().enumerate() {
        let expected = if [0, 3, 11].contains(&at) {
            ErrorKind::InvalidInput
        } else {
            ErrorKind::WouldBlock
        };
        assert_eq!(accept(member), expected, "member {at}");
    }
}

#[test]
fn another_socket_at_the_same_place_is_not_closed() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let stranger = Target {
        cookie: u64::MAX - 7,
        ..target(&held)
    };
    assert_eq!(close(&stranger), Err(Error::Gone));
    assert_eq!(accept(&held), ErrorKind::WouldBlock);
}
