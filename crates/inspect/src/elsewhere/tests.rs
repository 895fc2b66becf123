//! Held against what Linux's own way says of the same sockets.

use std::net::{Ipv6Addr, TcpListener, UdpSocket};

use super::*;
use crate::Namespaces;

/// What both ways must agree on.
fn agreed(listener: &Listener) -> (Transport, SocketAddr, Vec<Owner>) {
    let owners = listener.owners.iter().map(|owner| Owner {
        pid: owner.pid,
        program: owner.program.clone(),
        exe: owner.exe.clone(),
        ..Owner::default()
    });
    (
        listener.transport,
        listener.socket_address(),
        owners.collect(),
    )
}

#[test]
fn both_ways_tell_the_same_of_the_same_sockets() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let six = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mine = [
        tcp.local_addr().unwrap(),
        six.local_addr().unwrap(),
        udp.local_addr().unwrap(),
    ];
    let options = Options {
        namespaces: Namespaces::Own,
        ..Options::default()
    };
    let pick = |listeners: Vec<Listener>| -> Vec<_> {
        let of_mine = listeners
            .iter()
            .filter(|listener| mine.contains(&listener.socket_address()));
        of_mine.map(agreed).collect()
    };
    let here = pick(crate::linux::listeners(&options).listeners);
    let seen = listeners(&options);
    let there = pick(seen.listeners);
    assert_eq!(there.len(), 3);
    assert_eq!(there, here);
    assert!(there.iter().all(|(_, _, owners)| owners.len() == 1));

    let port = PortRange::single(mine[0].port());
    let one = ports(&[port], &options);
    let of_port = there
        .into_iter()
        .filter(|(_, at, _)| port.contains(at.port()));
    assert_eq!(pick(one.listeners), of_port.collect::<Vec<_>>());
    assert_eq!(one.gaps.last().unwrap().what, Unseen::Sockets);
    let nobody = Options {
        owners: OwnerSearch::None,
        ..options
    };
    let bare = listeners(&nobody).listeners;
    assert!(bare.iter().all(|listener| listener.owners.is_empty()));
}

/// No state of a UDP socket is told, so that one that is connected cannot be left out.
#[test]
fn a_connected_udp_socket_is_taken_for_a_listener() {
    let connected = UdpSocket::bind("127.0.0.1:0").unwrap();
    connected.connect("127.0.0.1:9").unwrap();
    let mine = connected.local_addr().unwrap();
    let is_there = |seen: Snapshot| seen.listeners.iter().any(|l| l.socket_address() == mine);
    let options = Options::default();
    assert!(is_there(listeners(&options)));
    assert!(!is_there(crate::linux::listeners(&options)));
    let said = "a UDP socket that is connected";
    assert!(gaps(true).iter().any(|gap| gap.detail.contains(said)));
}

#[test]
fn this_process_is_among_those_that_hold_ports() {
    let _held = TcpListener::bind("127.0.0.1:0").unwrap();
    let mine = processes()
        .into_iter()
        .find(|o| o.pid == std::process::id());
    let exe = std::env::current_exe().unwrap();
    assert_eq!(mine.unwrap().exe.as_deref(), exe.to_str());
}

#[test]
fn what_is_not_told_is_said() {
    let what = |root| gaps(root).iter().map(|gap| gap.what).collect::<Vec<_>>();
    assert_eq!(what(true), [Unseen::CoOwners]);
    assert_eq!(what(false), [Unseen::CoOwners, Unseen::Listeners]);
    assert_eq!(
        failed("no table").detail,
        "this system's way failed: no table"
    );
}

#[test]
fn forms_of_addresses_and_paths() {
    let ip = |text: &str| address(SocketAddr::new(text.parse().unwrap(), 1)).to_string();
    for (told, meant) in [
        ("::7f00:1", "127.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::", "::"),
        ("::1", "::1"),
        ("fe80::1", "fe80::1"),
        ("0.0.0.0", "0.0.0.0"),
    ] {
        assert_eq!(ip(told), meant, "{told}");
    }
    let program = |name: &str, path: &str| {
        let process = Process {
            pid: 4,
            name: name.into(),
            path: path.into(),
        };
        owner(&process).program
    };
    assert_eq!(
        program("svchost.exe", r"C:\Windows\System32\svchost.exe"),
        "svchost.exe"
    );
    assert_eq!(
        program("Google Chrome He", "/A/Google Chrome Helper"),
        "Google Chrome Helper"
    );
    assert_eq!(program("System", ""), "System");
    assert!(listens(Protocol::UDP, Told::Unknown) && !listens(Protocol::TCP, Told::Unknown));
}

#[test]
fn what_is_set_aside_is_said_to_be_untold() {
    let ranges = local_ranges();
    let whys: Vec<_> = ranges.gaps.iter().map(|gap| (gap.what, gap.why)).collect();
    assert_eq!(whys, [(Unseen::SystemRanges, Why::Unsupported)]);
    assert_eq!((ranges.ephemeral, ranges.privileged(80)), (None, None));
}
