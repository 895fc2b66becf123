//! What kinds of sockets count as listeners, and what is said of them.

use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;

use portolan_inspect::{Options, OwnerSearch, Source, listeners};
use portolan_ports::{ExeState, Listener, Queue};
use portolan_registry::Transport;
use rustix::net::{AddressFamily, SocketType, bind, listen, socket, sockopt};

use crate::{home, on, one};

/// A TCP listener on every IPv6 address, as its IPV6_V6ONLY says.
fn on_all(v6_only: bool) -> TcpListener {
    let fd = socket(AddressFamily::INET6, SocketType::STREAM, None).unwrap();
    sockopt::set_ipv6_v6only(&fd, v6_only).unwrap();
    bind(&fd, &SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))).unwrap();
    listen(&fd, 5).unwrap();
    fd.into()
}

#[test]
fn a_tcp_listener_is_told_with_all_it_has() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let address = held.local_addr().unwrap();
    let waiting = TcpStream::connect(address).unwrap();
    let found = one(address.port());

    assert_eq!(found.transport, Transport::Tcp);
    assert_eq!(found.socket_address(), address);
    assert!(!found.dual_stack);
    assert_eq!(
        (found.interface.as_deref(), found.namespace.clone()),
        (None, None)
    );
    assert!(
        matches!(
            found.queue,
            Some(Queue {
                pending: 1,
                backlog: 1..
            })
        ),
        "{found:?}"
    );
    assert_eq!(found.uid, Some(rustix::process::geteuid().as_raw()));
    assert_eq!(found.inode, rustix::fs::fstat(&held).unwrap().st_ino);
    assert_eq!(found.cookie, Some(sockopt::socket_cookie(&held).unwrap()));
    assert_eq!(found.owner_gap, None);

    let [owner] = &found.owners[..] else {
        panic!("{found:?}")
    };
    let exe = std::env::current_exe().unwrap();
    assert_eq!(owner.pid, std::process::id());
    assert_eq!(owner.exe.as_deref(), exe.to_str());
    assert_eq!(owner.program, exe.file_name().unwrap().to_str().unwrap());
    assert_eq!(owner.exe_state, ExeState::Present);
    assert_eq!(owner.arguments, std::env::args().collect::<Vec<_>>());
    assert_eq!(owner.uid, Some(rustix::process::geteuid().as_raw()));
    assert!(owner.user.is_some());
    drop(waiting);
}

#[test]
fn a_socket_held_twice_by_one_process_has_one_owner() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let again = held.try_clone().unwrap();
    assert_ne!(held.as_raw_fd(), again.as_raw_fd());
    assert_eq!(one(held.local_addr().unwrap().port()).owners.len(), 1);
}

#[test]
fn dual_stack_is_told_from_ipv6_only() {
    let _alone = crate::alone();
    let (both, only) = (on_all(false), on_all(true));
    let specific = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
    assert!(one(both.local_addr().unwrap().port()).dual_stack);
    assert!(!one(only.local_addr().unwrap().port()).dual_stack);
    assert!(!one(specific.local_addr().unwrap().port()).dual_stack);
}

#[test]
fn a_udp_socket_listens_until_it_is_connected() {
    let _alone = crate::alone();
    let held = UdpSocket::bind((home(), 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    let found = one(port);
    assert_eq!((found.transport, found.queue), (Transport::Udp, None));
    assert_eq!(found.owners.len(), 1);

    held.connect((home(), 9)).unwrap();
    assert_eq!(on(port), []);
}

#[test]
fn a_dual_stack_udp_socket_listens() {
    let _alone = crate::alone();
    let held = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).unwrap();
    let found = one(held.local_addr().unwrap().port());
    assert_eq!(found.transport, Transport::Udp);
    assert!(found.dual_stack);
}

#[test]
fn a_socket_bound_to_an_interface_names_it() {
    let _alone = crate::alone();
    // A link-local group binds the socket to the link of its scope; index 1 is always loopback.
    let group = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
    let held = UdpSocket::bind(SocketAddrV6::new(group, 0, 0, 1)).unwrap();
    assert_eq!(
        one(held.local_addr().unwrap().port()).interface.as_deref(),
        Some("lo")
    );
}

#[test]
fn netlink_and_proc_net_tell_the_same_listeners() {
    let _alone = crate::alone();
    let tcp = TcpListener::bind((home(), 0)).unwrap();
    let udp = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
    let (both, only) = (on_all(false), on_all(true));
    let mine = [
        rustix::fs::fstat(&tcp).unwrap().st_ino,
        rustix::fs::fstat(&udp).unwrap().st_ino,
        rustix::fs::fstat(&both).unwrap().st_ino,
        rustix::fs::fstat(&only).unwrap().st_ino,
    ];
    let look = |source| {
        let snapshot = listeners(&Options {
            source,
            owners: OwnerSearch::None,
            ..Options::default()
        });
        assert_eq!(snapshot.gaps, []);
        // Other tests' sockets come and go; these stay.
        let found = snapshot
            .listeners
            .into_iter()
            .filter(|l| mine.contains(&l.inode));
        found
            .map(|listener| Listener {
                queue: None,
                cookie: None,
                control_group: None,
                drops: None,
                dual_stack: false,
                ..listener
            })
            .collect::<Vec<_>>()
    };
    let netlink = look(Source::Netlink);
    assert_eq!(netlink.len(), 4);
    assert_eq!(netlink, look(Source::ProcNet));
}

#[test]
fn listeners_come_by_namespace_transport_port_and_address() {
    let _alone = crate::alone();
    let held = [(); 3].map(|()| TcpListener::bind((home(), 0)).unwrap());
    let found = listeners(&Options {
        owners: OwnerSearch::None,
        ..Options::default()
    })
    .listeners;
    assert!(found.len() >= held.len());
    assert!(found.is_sorted_by_key(|l| (&l.namespace, l.transport, l.port, l.address)));
}
