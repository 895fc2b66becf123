//! Other network namespaces: found, named, kept apart, and closed to whom they are closed.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::process::{Command, Stdio};

use portolan_inspect::{Namespaces, Options, OwnerSearch, Source, listeners, ports};
use portolan_ports::{Listener, Namespace, Unseen, Why};
use portolan_registry::PortRange;

use crate::machine::{Netns, line_with, run};

/// Every address there, loopback and any.
fn hold(netns: &Netns, port: u16) -> (TcpListener, UdpSocket) {
    netns.inside(|| {
        let tcp = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap();
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        (tcp, udp)
    })
}

fn of(found: Vec<Listener>, netns: &Netns) -> Vec<Listener> {
    let namespace = Some(Namespace {
        inode: netns.inode(),
        name: Some(netns.0.clone()),
    });
    found
        .into_iter()
        .filter(|l| l.namespace == namespace)
        .collect()
}

#[test]
fn a_namespace_without_a_process_is_entered_and_named() {
    let _alone = crate::alone();
    let netns = Netns::new("kept");
    // The same address and port in the own namespace, another listener.
    let here = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = here.local_addr().unwrap().port();
    let (tcp, udp) = hold(&netns, port);

    let snapshot = listeners(&Options::default());
    assert!(
        snapshot
            .gaps
            .iter()
            .all(|gap| gap.what != Unseen::Namespaces),
        "{:?}",
        snapshot.gaps
    );
    let inode = |fd: &dyn std::os::fd::AsFd| rustix::fs::fstat(fd.as_fd()).unwrap().st_ino;
    let inside = of(snapshot.listeners.clone(), &netns);
    let inodes: Vec<u64> = inside.iter().map(|l| l.inode).collect();
    assert_eq!(inodes, [inode(&tcp), inode(&udp)]);
    // The socket is another namespace's, its owner is this process all the same.
    for listener in &inside {
        assert_eq!(listener.owners.len(), 1, "{listener:?}");
        assert_eq!(listener.owners[0].pid, std::process::id());
        assert_eq!(listener.group, None);
    }
    let own = snapshot
        .listeners
        .iter()
        .find(|l| l.inode == inode(&here))
        .unwrap();
    assert_eq!((own.namespace.clone(), own.group), (None, None));
    // The own namespace's come first.
    let is_other: Vec<bool> = snapshot
        .listeners
        .iter()
        .map(|l| l.namespace.is_some())
        .collect();
    assert!(is_other.is_sorted());

    let text = run("ip", &["netns", "exec", &netns.0, "ss", "-H", "-tulne"]);
    for listener in &inside {
        let words = line_with(&text, &[&format!("ino:{} ", listener.inode)]);
        assert!(
            words.contains(&listener.socket_address().to_string()),
            "{words:?}"
        );
    }

    let asked = ports(&[PortRange::single(port)], &Options::default());
    let inodes: Vec<u64> = of(asked.listeners.clone(), &netns)
        .iter()
        .map(|l| l.inode)
        .collect();
    assert_eq!(inodes, [inode(&tcp)]);
    assert!(asked.listeners.iter().any(|l| l.inode == inode(&here)));

    let own = Options {
        namespaces: Namespaces::Own,
        ..Options::default()
    };
    assert!(
        listeners(&own)
            .listeners
            .iter()
            .all(|l| l.namespace.is_none())
    );
    assert_eq!(
        ports(&[PortRange::single(udp.local_addr().unwrap().port())], &own).listeners,
        []
    );
}

#[test]
fn a_namespace_that_only_a_process_keeps_has_a_number() {
    let _alone = crate::alone();
    let code = "import socket\ns = socket.create_server(('127.0.0.1', 0))\n\
        print(s.getsockname()[1], flush=True)\nimport sys; sys.stdin.read()";
    let mut child = Command::new("unshare")
        .args([
            "--net",
            "--",
            "sh",
            "-c",
            "ip link set lo up; exec python3 -c \"$0\"",
            code,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut output, &mut line).unwrap();
    let port: u16 = line.trim().parse().unwrap();
    let link = std::fs::read_link(format!("/proc/{}/ns/net", child.id())).unwrap();
    for source in [Source::Automatic, Source::ProcNet] {
        let options = Options {
            source,
            ..Options::default()
        };
        let found = ports(&[PortRange::single(port)], &options).listeners;
        let mine = found
            .iter()
            .find(|l| l.owners.iter().any(|o| o.pid == child.id()))
            .unwrap();
        let namespace = mine.namespace.clone().unwrap();
        assert_eq!(namespace.to_string(), link.to_str().unwrap());
        assert_eq!(
            mine.socket_address(),
            SocketAddr::from((Ipv4Addr::LOCALHOST, port))
        );
    }
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn interfaces_are_named_in_their_own_namespace() {
    let _alone = crate::alone();
    let netns = Netns::new("link");
    // The second link of a namespace has a number that means another one, or none, elsewhere.
    let name = format!("pl{}", std::process::id());
    run(
        "ip",
        &["-n", &netns.0, "link", "add", &name, "type", "veth"],
    );
    run("ip", &["-n", &netns.0, "link", "set", &name, "up"]);
    let held = netns.inside(|| {
        let index = portolan_inspect::interface_index(&name).unwrap();
        let group = std::net::Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
        UdpSocket::bind(std::net::SocketAddrV6::new(group, 0, 0, index)).unwrap()
    });
    let found = of(listeners(&Options::default()).listeners, &netns);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].interface.as_deref(), Some(&name[..]));
    assert_eq!(found[0].port, held.local_addr().unwrap().port());
}

#[test]
fn namespaces_that_come_and_go_are_no_trouble() {
    let _alone = crate::alone();
    let lasting = Netns::new("stay");
    let (tcp, _udp) = hold(&lasting, 0);
    let port = tcp.local_addr().unwrap().port();
    std::thread::scope(|scope| {
        let maker = scope.spawn(|| (0..12).for_each(|_| drop(Netns::new("gone"))));
        let mut looks = 0;
        while !maker.is_finished() || looks < 3 {
            let snapshot = listeners(&Options {
                owners: OwnerSearch::None,
                ..Options::default()
            });
            assert_eq!(snapshot.gaps, []);
            let inside = of(snapshot.listeners, &lasting);
            assert!(inside.iter().any(|l| l.port == port));
            looks += 1;
        }
    });
}

#[test]
fn the_text_tables_of_a_namespace_without_a_process_are_a_gap() {
    let _alone = crate::alone();
    let netns = Netns::new("text");
    let snapshot = listeners(&Options {
        source: Source::ProcNet,
        ..Options::default()
    });
    let gaps: Vec<_> = snapshot
        .gaps
        .iter()
        .filter(|gap| gap.detail.contains(&netns.0))
        .collect();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(
        (gaps[0].what, gaps[0].why),
        (Unseen::Namespaces, Why::Unsupported)
    );
}
