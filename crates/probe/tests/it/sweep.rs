//! Sweeps in network namespaces of their own, where every port may be dialled and nobody is
//! disturbed. They need root and ip(8).

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd as _;
use std::process::Command;
use std::time::Duration;

use portolan_probe::sweep::{PortSet, Sweep, Swept, sweep};

/// A namespace of ip-netns(8), taken away again when it is dropped.
struct Netns(String);

impl Netns {
    fn new(what: &str) -> Self {
        let made = Self(format!("portolan-sweep-{what}-{}", std::process::id()));
        ip(&["netns", "add", &made.0]);
        ip(&["-n", &made.0, "link", "set", "lo", "up"]);
        made
    }

    /// Does something on a thread inside.
    fn inside<T: Send>(&self, what: impl FnOnce() -> T + Send) -> T {
        let door = File::open(format!("/run/netns/{}", self.0)).unwrap();
        std::thread::scope(|scope| {
            let enter = || {
                let kind = rustix::thread::LinkNameSpaceType::Network;
                rustix::thread::move_into_link_name_space(door.as_fd(), Some(kind)).unwrap();
                what()
            };
            scope.spawn(enter).join().unwrap()
        })
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        ip(&["netns", "del", &self.0]);
    }
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output();
    let output = output.unwrap_or_else(|error| {
        panic!("ip is needed; `cargo xtask test --install` brings it: {error}")
    });
    assert!(
        output.status.success(),
        "ip {arguments:?}, as root: {output:?}"
    );
}

fn listen(count: usize, at: &str) -> (Vec<TcpListener>, PortSet) {
    let listeners: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind((at, 0)).unwrap())
        .collect();
    let ports = listeners.iter().map(|l| l.local_addr().unwrap().port());
    let ports = ports.collect();
    (listeners, ports)
}

fn ask(target: &str, ports: &PortSet, how: &Sweep) -> Swept {
    let target = SocketAddr::new(target.parse().unwrap(), 0);
    sweep(target, ports, how, &mut |_| {})
}

#[test]
fn all_ports_of_an_own_address_are_told_rightly_on_every_run() {
    Netns::new("own").inside(|| {
        let (_held, open) = listen(64, "127.0.0.1");
        for _ in 0..20 {
            let swept = ask("127.0.0.1", &PortSet::all(), &Sweep::near());
            assert_eq!(swept.open, open);
            assert_eq!(swept.closed.len(), 65_535 - 64);
        }
        let (_held, open) = listen(3, "::1");
        let swept = ask("::1", &PortSet::all(), &Sweep::near());
        assert_eq!((swept.open, swept.closed.len()), (open, 65_535 - 3));
        let left = std::fs::read_to_string("/proc/thread-self/net/tcp").unwrap();
        // 06 is TIME_WAIT (net/tcp_states.h).
        let waiting = left
            .lines()
            .filter(|l| l.split_whitespace().nth(3) == Some("06"));
        assert_eq!(waiting.count(), 0);
    });
}

#[test]
fn another_host_is_swept_within_its_pace_and_a_missing_one_is_silent() {
    let here = Netns::new("here");
    let there = Netns::new("there");
    let (near, far) = ("198.51.100.1/24", "198.51.100.2/24");
    ip(&[
        "-n", &here.0, "link", "add", "near0", "type", "veth", "peer", "name", "far0", "netns",
        &there.0,
    ]);
    for (namespace, link, address) in [(&here, "near0", near), (&there, "far0", far)] {
        ip(&["-n", &namespace.0, "addr", "add", address, "dev", link]);
        ip(&["-n", &namespace.0, "link", "set", link, "up"]);
    }
    let (_held, open) = there.inside(|| listen(20, "198.51.100.2"));
    here.inside(|| {
        let fast = Sweep {
            rate: std::num::NonZeroU32::new(50_000),
            ..Sweep::far()
        };
        let few: PortSet = (30_000..40_000).chain(open.ports()).collect();
        let swept = ask("198.51.100.2", &few, &fast);
        assert_eq!(swept.open, open);
        assert_eq!(swept.closed.len(), few.len() - swept.open.len());

        let paced = Sweep {
            rate: std::num::NonZeroU32::new(500),
            ..Sweep::far()
        };
        let three: PortSet = (1..=300).collect();
        let swept = ask("198.51.100.2", &three, &paced);
        assert_eq!(swept.closed, three);
        assert!(
            swept.elapsed >= Duration::from_millis(580),
            "{:?}",
            swept.elapsed
        );

        // Nobody has this address: nothing comes back, or the kernel says so in the end.
        let impatient = Sweep {
            patience: Duration::from_millis(200),
            ..Sweep::far()
        };
        let swept = ask("198.51.100.77", &three, &impatient);
        assert_eq!(
            swept.silent.len() + swept.unreachable.len(),
            300,
            "{swept:?}"
        );
        // Nor does anyone beyond, and there is no way there.
        let swept = ask("192.0.2.1", &three, &impatient);
        assert_eq!(swept.unreachable, three);
        let short = Sweep {
            total: Duration::from_millis(300),
            ..paced
        };
        let swept = ask("198.51.100.2", &PortSet::all(), &short);
        assert!(swept.unasked.len() > 60_000 && !swept.closed.is_empty());
        assert!(
            swept.elapsed < Duration::from_secs(3),
            "{:?}",
            swept.elapsed
        );
    });
}
