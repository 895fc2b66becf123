//! A list that is kept up to date: what opens, what closes, and who holds it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use portolan_inspect::{Clock, FollowOptions, Follower, Seen};
use portolan_ports::Listener;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::home;

#[expect(clippy::disallowed_methods, reason = "a test is the caller")]
fn options() -> FollowOptions {
    let clock = Clock {
        wall: SystemTime::now,
        steady: Instant::now,
    };
    FollowOptions {
        recheck: Duration::ZERO,
        ..FollowOptions::new(clock)
    }
}

/// What a look saw of this test's own address; other programs' listeners come and go.
fn mine(mut seen: Seen) -> Seen {
    let is_mine = |l: &Listener| l.address == home();
    seen.opened.retain(is_mine);
    seen.closed.retain(|closed| is_mine(&closed.listener));
    seen.renewed.retain(|renewed| is_mine(&renewed.now));
    seen
}

/// Looks until it sees what is wanted.
#[expect(clippy::disallowed_methods, reason = "a test waits with a bound")]
fn look_until(follower: &mut Follower, wanted: impl Fn(&Seen) -> bool) -> Seen {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        let seen = mine(follower.look());
        if wanted(&seen) {
            return seen;
        }
        let timeout = Timespec::try_from(Duration::from_millis(10)).unwrap();
        let mut polled: Vec<PollFd<'_>> = follower
            .descriptors()
            .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        poll(&mut polled, Some(&timeout)).unwrap();
    }
    panic!("it was never seen");
}

#[test]
fn a_listener_is_seen_to_open_and_heard_to_close() {
    let _alone = crate::alone();
    let mut follower = Follower::start(&options());
    let held = TcpListener::bind((home(), 0)).unwrap();
    let datagrams = UdpSocket::bind((home(), 0)).unwrap();
    let opened = mine(follower.look()).opened;
    let ends: Vec<SocketAddr> = opened.iter().map(Listener::socket_address).collect();
    assert_eq!(
        ends,
        [held.local_addr().unwrap(), datagrams.local_addr().unwrap()]
    );
    for listener in &opened {
        assert_eq!(listener.owners[0].pid, std::process::id());
        assert!(follower.listeners().any(|known| known == listener));
    }
    drop((held, datagrams));
    let mut closed = Vec::new();
    while closed.len() < 2 {
        closed.extend(look_until(&mut follower, |seen| !seen.closed.is_empty()).closed);
    }
    for closed in &closed {
        assert!(closed.heard);
        assert_eq!(closed.listener.owners[0].pid, std::process::id());
    }
    assert!(!follower.listeners().any(|known| known.address == home()));
}

#[test]
fn a_connection_that_ends_is_no_listener() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let mut follower = Follower::start(&options());
    let near = TcpStream::connect(held.local_addr().unwrap()).unwrap();
    drop((near, held.accept().unwrap()));
    for _ in 0..5 {
        assert!(!follower.hear());
        let seen = mine(follower.look());
        assert_eq!((seen.opened, seen.closed), (vec![], vec![]));
    }
}

#[test]
fn one_that_stops_listening_without_an_end_is_missed() {
    let _alone = crate::alone();
    let held = UdpSocket::bind((home(), 0)).unwrap();
    let mut follower = Follower::start(&options());
    held.connect((Ipv4Addr::LOCALHOST, 9)).unwrap();
    let seen = mine(follower.look());
    assert_eq!((seen.closed, seen.unsure), (vec![], true));
    let closed = look_until(&mut follower, |seen| !seen.closed.is_empty()).closed;
    assert_eq!((closed.len(), closed[0].heard), (1, false));
    assert_eq!(mine(follower.look()).closed, []);
}

#[test]
fn a_flood_of_closes_is_survived_and_no_close_is_lost() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let mut follower = Follower::start(&FollowOptions {
        event_bytes: 2048,
        ..options()
    });
    let mut held = Some(held);
    let (mut lost, mut closed) = (false, 0);
    // The kernel sends the events when it likes: more come until it had no room for some.
    for _ in 0..1000 {
        for _ in 0..300 {
            drop(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
        }
        drop(held.take());
        let seen = mine(follower.look());
        lost |= seen.lost;
        closed += seen.closed.len();
        if lost && closed > 0 {
            break;
        }
    }
    assert!(lost);
    assert_eq!(closed, 1);
}

/// A program that holds the descriptor it is given as its standard input, and nothing else.
struct Holder(Child);

impl Holder {
    fn of(descriptor: OwnedFd) -> Self {
        let mut command = Command::new("sleep");
        command.arg("600").stdin(Stdio::from(descriptor));
        Self(command.stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

#[test]
fn who_holds_a_socket_is_looked_at_again() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let mut follower = Follower::start(&options());
    let heir = Holder::of(held.try_clone().unwrap().into());
    let pids = |l: &Listener| -> Vec<u32> { l.owners.iter().map(|o| o.pid).collect() };
    let (me, them) = (std::process::id(), heir.0.id());
    let seen = look_until(&mut follower, |seen| !seen.renewed.is_empty());
    assert_eq!(pids(&seen.renewed[0].before), [me]);
    let mut both = pids(&seen.renewed[0].now);
    both.sort_unstable();
    let mut expected = [me, them];
    expected.sort_unstable();
    assert_eq!(both, expected);

    drop(held);
    let seen = look_until(&mut follower, |seen| !seen.renewed.is_empty());
    assert_eq!(pids(&seen.renewed[0].now), [them]);
    drop(heir);
    let closed = look_until(&mut follower, |seen| !seen.closed.is_empty()).closed;
    assert_eq!(pids(&closed[0].listener), [them]);
}
