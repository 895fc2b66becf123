//! The same question put to ss(8) and lsof(8): what they see before and after is seen here too,
//! with every owner.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;

use portolan_inspect::{Options, listeners};
use portolan_ports::Listener;
use rustix::net::{AddressFamily, SocketType, bind, listen, socket, sockopt};

use crate::child::{self, Part};
use crate::home;
use crate::machine::{Netns, run};

const NAME: &str = "owner";

/// What is known of a socket: who holds it, and what must agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    pids: BTreeSet<u32>,
    transport: String,
    port: u16,
    cookie: String,
}

/// The sockets with an inode that `ss -tulnpe` lists, by that: `tcp LISTEN 0 5 127.0.0.1:80
/// 0.0.0.0:* users:(("x",pid=1,fd=3)) ino:22 sk:1f …`.
fn ss(namespace: Option<&str>) -> BTreeMap<u64, Told> {
    let question = ["ss", "-H", "-tulnpe"];
    let text = match namespace {
        None => run(question[0], &question[1..]),
        Some(name) => run("ip", &[&["netns", "exec", name], &question[..]].concat()),
    };
    let socket = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let after = |key: &str| words.iter().find_map(|word| word.strip_prefix(key));
        let pids = line
            .split("pid=")
            .skip(1)
            .filter_map(|rest| rest.split(',').next()?.parse().ok());
        let told = Told {
            pids: pids.collect(),
            transport: words[0].to_owned(),
            port: words[4].rsplit(':').next().unwrap().parse().unwrap(),
            cookie: after("sk:").unwrap().to_owned(),
        };
        Some((after("ino:")?.parse().ok()?, told))
    };
    text.lines()
        .filter_map(socket)
        .filter(|(inode, _)| *inode != 0)
        .collect()
}

/// What two looks agree on: who was there before and after was there between them too.
fn lasting(before: &BTreeMap<u64, Told>, after: &BTreeMap<u64, Told>) -> BTreeMap<u64, Told> {
    let both = |(inode, told): (&u64, &Told)| {
        let after = after.get(inode)?;
        let pids = told.pids.intersection(&after.pids).copied().collect();
        let told = Told {
            pids,
            ..told.clone()
        };
        Some((*inode, told))
    };
    before.iter().filter_map(both).collect()
}

/// What is wrong with the listeners here, held against what ss saw twice.
fn differences(found: &[&Listener], lasting: &BTreeMap<u64, Told>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (inode, told) in lasting {
        let Some(listener) = found.iter().find(|l| l.inode == *inode) else {
            wrong.push(format!("{inode} is missing: {told:?}"));
            continue;
        };
        let pids: BTreeSet<u32> = listener.owners.iter().map(|o| o.pid).collect();
        if !told.pids.is_subset(&pids) {
            wrong.push(format!("{inode} lacks owners: {told:?} {pids:?}"));
        }
        let mine = (listener.transport.to_string(), listener.port);
        if mine != (told.transport.clone(), told.port) {
            wrong.push(format!("{inode} is another: {told:?} {mine:?}"));
        }
        // The cookie of a Multipath TCP socket is its own, and ss -t tells that of its TCP side.
        if !listener.multipath
            && listener.cookie.map(|c| format!("{c:x}")).as_ref() != Some(&told.cookie)
        {
            wrong.push(format!(
                "{inode} has another cookie: {told:?} {:?}",
                listener.cookie
            ));
        }
    }
    wrong
}

/// Two sockets of one kind at one place.
fn pair(kind: SocketType) -> [OwnedFd; 2] {
    let make = |address: SocketAddr| {
        let fd = socket(AddressFamily::INET, kind, None).unwrap();
        sockopt::set_socket_reuseport(&fd, true).unwrap();
        bind(&fd, &address).unwrap();
        if kind == SocketType::STREAM {
            listen(&fd, 8).unwrap();
        }
        fd
    };
    let first = make((Ipv4Addr::LOCALHOST, 0).into());
    let second = make(
        rustix::net::getsockname(&first)
            .unwrap()
            .try_into()
            .unwrap(),
    );
    [first, second]
}

/// A few of everything, at this thread's place in the world.
fn servers() -> (Vec<OwnedFd>, TcpListener, UdpSocket, UdpSocket) {
    let pairs = [SocketType::STREAM, SocketType::DGRAM].map(pair);
    (
        pairs.into_iter().flatten().collect(),
        TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).unwrap(),
        UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).unwrap(),
        UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap(),
    )
}

#[test]
fn what_ss_sees_twice_is_seen_with_every_owner() {
    let _alone = crate::alone();
    let netns = Netns::new("peer");
    let inside = netns.inside(servers);
    let here = servers();
    // A second process that holds them all, here and there.
    let all = inside.0.iter().chain(&here.0);
    for fd in all.clone() {
        rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::empty()).unwrap();
    }
    let mut heir = Part::start(child::command(&std::env::current_exe().unwrap(), NAME));
    for fd in all {
        rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC).unwrap();
    }
    heir.says("port");

    let before = (ss(None), ss(Some(&netns.0)));
    let found = listeners(&Options::default()).listeners;
    let after = (ss(None), ss(Some(&netns.0)));

    let number = netns.inode();
    let is_inside = |l: &&Listener| l.namespace.as_ref().is_some_and(|n| n.inode == number);
    let (inner, outer) = (lasting(&before.1, &after.1), lasting(&before.0, &after.0));
    assert_eq!(inner.len(), 7, "{inner:?}");
    assert!(outer.len() > 7, "{outer:?}");
    let shared = [std::process::id(), heir.pid()];
    assert!(
        inner
            .values()
            .any(|told| shared.iter().all(|pid| told.pids.contains(pid)))
    );

    let own: Vec<&Listener> = found.iter().filter(|l| l.namespace.is_none()).collect();
    assert_eq!(differences(&own, &outer), Vec::<String>::new());
    let other: Vec<&Listener> = found.iter().filter(is_inside).collect();
    assert_eq!(differences(&other, &inner), Vec::<String>::new());
    // Nothing of one namespace is told of the other.
    assert!(other.iter().all(|l| inner.contains_key(&l.inode)));
    let grouped = |listeners: &[&Listener]| listeners.iter().filter(|l| l.group.is_some()).count();
    assert_eq!(grouped(&other), 4);
    assert!(grouped(&own) >= 4);
    heir.end();
}

/// Who listens where, as `lsof -F pn` lists it: a `p` line for each process, and an `n` line with
/// the address of each of its sockets.
fn lsof() -> BTreeSet<(u32, String)> {
    let text = run("lsof", &["-nP", "-iTCP", "-sTCP:LISTEN", "-F", "pn"]);
    let mut pid = 0;
    let mut held = BTreeSet::new();
    for line in text.lines() {
        match line.split_at(1) {
            ("p", number) => pid = number.parse().unwrap(),
            ("n", address) => {
                held.insert((pid, address.to_owned()));
            }
            _ => {}
        }
    }
    held
}

#[test]
fn lsof_names_no_owner_that_is_not_found_here() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let before = lsof();
    let found = listeners(&Options::default()).listeners;
    let after = lsof();
    let mine = (std::process::id(), held.local_addr().unwrap().to_string());
    assert!(before.contains(&mine), "{before:?}");
    for (pid, address) in before.intersection(&after) {
        let is_it = |l: &&Listener| {
            let any = format!("*:{}", l.port);
            *address == l.socket_address().to_string()
                || l.address.is_unspecified() && *address == any
        };
        let mut there = found.iter().filter(is_it);
        let has = |l: &Listener| l.owners.iter().any(|o| o.pid == *pid);
        assert!(there.any(has), "{pid} {address} is not in {found:#?}");
    }
}
