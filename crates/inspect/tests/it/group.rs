//! What the kernel tells of a listener beyond its address, against getsockopt(2) and ss(8).

use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;

use portolan_inspect::{Options, OwnerSearch, Source, listeners};
use portolan_ports::{Group, Listener, Queue};
use rustix::net::{AddressFamily, SocketType, bind, ipproto, listen, socket, sockopt};

use crate::machine::{line_with, run};
use crate::{home, on, one};

fn with_reuse_port(kind: SocketType, port: u16) -> OwnedFd {
    let fd = socket(AddressFamily::INET, kind, None).unwrap();
    sockopt::set_socket_reuseport(&fd, true).unwrap();
    bind(&fd, &SocketAddr::from((home(), port))).unwrap();
    fd
}

fn local(fd: &OwnedFd) -> SocketAddr {
    rustix::net::getsockname(fd).unwrap().try_into().unwrap()
}

#[test]
fn tcp_sockets_share_a_place_by_reuse_port() {
    let _alone = crate::alone();
    let first = with_reuse_port(SocketType::STREAM, 0);
    let port = local(&first).port();
    let second = with_reuse_port(SocketType::STREAM, port);
    listen(&first, 4).unwrap();
    assert_eq!(one(port).group, None);
    listen(&second, 4).unwrap();
    // On every address: the same port, but another place.
    let alone = with_reuse_port(SocketType::STREAM, 0);
    listen(&alone, 4).unwrap();

    let found = on(port);
    let group = Some(Group {
        members: 2,
        reuse_port: Some(sockopt::socket_reuseport(&first).unwrap()),
    });
    assert_eq!(
        found.iter().map(|l| l.group).collect::<Vec<_>>(),
        [group; 2]
    );
    let cookies = [&first, &second].map(|fd| sockopt::socket_cookie(fd).ok());
    assert!(found.iter().all(|l| cookies.contains(&l.cookie)));
    assert_eq!(one(local(&alone).port()).group, None);
}

#[test]
fn udp_sockets_share_a_place_by_either_option() {
    let _alone = crate::alone();
    let by_port = with_reuse_port(SocketType::DGRAM, 0);
    let port = local(&by_port).port();
    let _other = with_reuse_port(SocketType::DGRAM, port);
    let groups = || on(port).iter().map(|l| l.group).collect::<Vec<_>>();
    let group = |reuse_port| {
        Some(Group {
            members: 2,
            reuse_port,
        })
    };
    assert_eq!(groups(), [group(Some(true)); 2]);
    // Nobody who holds them was looked for, so nobody could be asked.
    let unasked = listeners(&Options {
        owners: OwnerSearch::None,
        ..Options::default()
    });
    let mine: Vec<_> = unasked
        .listeners
        .iter()
        .filter(|l| l.port == port)
        .collect();
    assert!(mine.iter().all(|l| l.group == group(None)), "{mine:?}");

    let by_address = || {
        let fd = socket(AddressFamily::INET, SocketType::DGRAM, None).unwrap();
        sockopt::set_socket_reuseaddr(&fd, true).unwrap();
        fd
    };
    let (first, second) = (by_address(), by_address());
    bind(&first, &SocketAddr::from((home(), 0))).unwrap();
    bind(&second, &local(&first)).unwrap();
    let found = on(local(&first).port());
    assert_eq!(
        found.iter().map(|l| l.group).collect::<Vec<_>>(),
        [group(Some(false)); 2]
    );
}

#[test]
fn sockets_of_two_interfaces_are_no_group() {
    let _alone = crate::alone();
    let free = with_reuse_port(SocketType::DGRAM, 0);
    let bound = with_reuse_port(SocketType::DGRAM, local(&free).port());
    bind_to_device(&bound, "lo");
    let found = on(local(&free).port());
    let told: Vec<_> = found
        .iter()
        .map(|l| (l.interface.as_deref(), l.group))
        .collect();
    assert!(
        told.contains(&(None, None)) && told.contains(&(Some("lo"), None)),
        "{told:?}"
    );
}

/// SO_BINDTODEVICE, as another program sets it: python3 has the option under its number.
fn bind_to_device(fd: &OwnedFd, name: &str) {
    use std::os::fd::AsRawFd;
    rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::empty()).unwrap();
    let number = fd.as_raw_fd();
    let code = format!(
        "import socket; s = socket.socket(fileno={number}); \
         s.setsockopt(socket.SOL_SOCKET, 25, b'{name}\\0'); \
         print(s.getsockopt(socket.SOL_SOCKET, 25, 16).rstrip(b'\\0').decode())"
    );
    assert_eq!(run("python3", &["-c", &code]).trim(), name);
    rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC).unwrap();
}

#[test]
fn backlog_is_what_listen_said_and_drops_are_what_ss_says() {
    let _alone = crate::alone();
    let fd = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&fd, &SocketAddr::from((home(), 0))).unwrap();
    listen(&fd, 3).unwrap();
    let address = local(&fd);
    let fresh = one(address.port());
    assert_eq!(
        fresh.queue,
        Some(Queue {
            pending: 0,
            backlog: 3
        })
    );
    assert_eq!(fresh.drops, Some(0));

    // One more than may wait is taken; the handshakes after that are thrown away.
    let patience = std::time::Duration::from_millis(300);
    let clients: Vec<_> = (0..6)
        .map(|_| TcpStream::connect_timeout(&address, patience))
        .collect();
    assert!(clients.iter().any(Result::is_err));
    let told = || {
        let found = one(address.port());
        let text = run("ss", &["-H", "-tlnm", &format!("src {address}")]);
        (found, text)
    };
    let (found, text) = told();
    assert_eq!(
        found.queue,
        Some(Queue {
            pending: 4,
            backlog: 3
        })
    );
    // Forgotten clients may have been dropped once more between the two looks.
    let again = told().0.drops.unwrap();
    let theirs = drops(&text);
    assert!(
        (found.drops.unwrap()..=again).contains(&theirs),
        "{found:?} {theirs} {again}"
    );
    assert!(found.drops > Some(0));
}

#[test]
fn datagrams_that_found_no_room_are_counted() {
    let _alone = crate::alone();
    let held = UdpSocket::bind((home(), 0)).unwrap();
    sockopt::set_socket_recv_buffer_size(&held, 4096).unwrap();
    let to = held.local_addr().unwrap();
    let from = UdpSocket::bind((home(), 0)).unwrap();
    for _ in 0..50 {
        from.send_to(&[0; 1000], to).unwrap();
    }
    let found = one(to.port());
    let text = run("ss", &["-H", "-ulnm", &format!("src {to}")]);
    assert!(found.drops > Some(0));
    assert_eq!(found.drops, Some(drops(&text)));
}

/// The number after `d` in `skmem:(r0,rb4608,t0,…,d12)`.
fn drops(text: &str) -> u32 {
    let memory = text
        .split("skmem:(")
        .nth(1)
        .unwrap()
        .split(')')
        .next()
        .unwrap();
    let word = memory.split(',').find_map(|word| word.strip_prefix('d'));
    word.unwrap().parse().unwrap()
}

fn multipath(family: AddressFamily, address: SocketAddr, backlog: i32) -> OwnedFd {
    let fd = socket(family, SocketType::STREAM, Some(ipproto::MPTCP)).unwrap();
    bind(&fd, &address).unwrap();
    listen(&fd, backlog).unwrap();
    fd
}

#[test]
fn a_multipath_listener_is_told_once() {
    let _alone = crate::alone();
    let v4 = multipath(AddressFamily::INET, (home(), 0).into(), 5);
    let v6 = multipath(AddressFamily::INET6, (Ipv6Addr::UNSPECIFIED, 0).into(), 6);
    let plain = TcpListener::bind((home(), 0)).unwrap();
    let _client = TcpStream::connect(local(&v4)).unwrap();
    for (fd, pending, backlog) in [(&v4, 1, 5), (&v6, 0, 6)] {
        let found: Listener = one(local(fd).port());
        assert!(found.multipath);
        assert_eq!(found.socket_address(), local(fd));
        assert_eq!(found.queue, Some(Queue { pending, backlog }));
        assert_eq!(found.cookie, Some(sockopt::socket_cookie(fd).unwrap()));
        assert_eq!(found.inode, rustix::fs::fstat(fd).unwrap().st_ino);
        assert_eq!(found.owners.len(), 1);
        assert_eq!(found.group, None);
        let words = line_with(
            &run("ss", &["-H", "-Mlne"]),
            &[&format!("ino:{} ", found.inode)],
        );
        assert!(
            words.contains(&format!("sk:{:x}", found.cookie.unwrap())),
            "{words:?}"
        );
    }
    assert!(one(local(&v6).port()).dual_stack);
    assert!(!one(plain.local_addr().unwrap().port()).multipath);
    // The text tables know nothing of it, and show the TCP side all the same.
    let text = listeners(&Options {
        source: Source::ProcNet,
        owners: OwnerSearch::None,
        ..Options::default()
    });
    let inode = rustix::fs::fstat(&v4).unwrap().st_ino;
    let found: Vec<_> = text.listeners.iter().filter(|l| l.inode == inode).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].address, home());
}
