//! Judges a suggestion without a line of what made it: the registry as CSV, the facts' files, the
//! kernel's own files, and bind(2).

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use portolan_ports::is_browser_blocked;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType, bind, ipproto, socket_with, sockopt};

use crate::command::run;

const KNOWLEDGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/knowledge");

/// What is true of every port, however it came to be.
pub(crate) struct Judge {
    /// Every row with a port: its first and last one, and whether it leaves them to anybody.
    rows: Vec<Row>,
    /// The ports of every fact.
    facts: Vec<(u16, u16)>,
    /// `ip_local_port_range`.
    own: (u16, u16),
}

struct Row {
    ports: (u16, u16),
    text: String,
    named: bool,
    open: bool,
}

const fn holds((first, last): (u16, u16), port: u16) -> bool {
    first <= port && port <= last
}

fn ends(text: &str) -> (u16, u16) {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    (first.parse().unwrap(), last.parse().unwrap())
}

impl Judge {
    pub(crate) fn new() -> Self {
        let text = run(&["registry", "export", "--format", "csv"]).out;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records = reader.records().map(Result::unwrap);
        let rows = records.filter(|cells| !cells[1].is_empty()).map(|cells| {
            let named = !cells[0].is_empty();
            Row {
                ports: ends(&cells[1]),
                text: cells[1].to_owned(),
                named,
                open: !named && cells[3].starts_with("Unassigned") && cells[10].is_empty(),
            }
        });
        let rows: Vec<Row> = rows.collect();
        assert!(rows.len() > 13_000, "{}", rows.len());
        let mut facts = Vec::new();
        for file in fs::read_dir(KNOWLEDGE).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let quoted = text.lines().filter_map(|l| l.strip_prefix("ports = \""));
            facts.extend(quoted.filter_map(|l| Some(ends(l.split_once('"')?.0))));
        }
        assert!(facts.len() > 50);
        let own = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap();
        let own: Vec<u16> = own.split_whitespace().map(|n| n.parse().unwrap()).collect();
        Self {
            rows,
            facts,
            own: (own[0], own[1]),
        }
    }

    fn covering(&self, port: u16) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| holds(row.ports, port))
    }

    fn claimed(&self, port: u16) -> bool {
        let mut small = self.facts.iter().filter(|(a, b)| b - a < 1024);
        small.any(|fact| holds(*fact, port))
    }

    /// Everything wrong with a port that was suggested for TCP and UDP by default.
    pub(crate) fn faults(&self, port: u16) -> Vec<String> {
        let mut faults = Vec::new();
        let mut must = |holds: bool, what: String| {
            if !holds {
                faults.push(format!("{port}: {what}"));
            }
        };
        must((1024..=49_151).contains(&port), "no User port".into());
        must(
            self.covering(port).count() > 0 && self.covering(port).all(|row| row.open),
            "not unassigned".into(),
        );
        must(!self.claimed(port), "known for something".into());
        must(!is_browser_blocked(port), "refused by browsers".into());
        for range in [self.own, (32_768, 60_999), (30_000, 32_767)] {
            must(!holds(range, port), format!("in {range:?}"));
        }
        for beside in [port - 1, port + 1] {
            must(
                !self.covering(beside).any(|row| row.named) && !self.claimed(beside),
                format!("beside {beside}"),
            );
        }
        for used in used() {
            must(used.abs_diff(port) > 2, format!("{used} is in use"));
        }
        for (kind, protocol) in [
            (SocketType::STREAM, ipproto::TCP),
            (SocketType::DGRAM, ipproto::UDP),
        ] {
            for at in [
                SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
                SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)),
            ] {
                let family = if at.is_ipv4() {
                    AddressFamily::INET
                } else {
                    AddressFamily::INET6
                };
                let none = rustix::net::SocketFlags::CLOEXEC;
                let socket = socket_with(family, kind, none, Some(protocol)).unwrap();
                if at.is_ipv6() {
                    sockopt::set_ipv6_v6only(&socket, true).unwrap();
                }
                // What this process tried and let go, a child that another test starts just now
                // holds until it becomes its program (execve(2)).
                let mut bound = bind(&socket, &at);
                for _ in 0..100_000 {
                    if bound != Err(Errno::ADDRINUSE) {
                        break;
                    }
                    std::thread::yield_now();
                    bound = bind(&socket, &at);
                }
                must(bound.is_ok(), format!("{at} {kind:?}: {bound:?}"));
            }
        }
        faults
    }

    /// Every reason that is not true of the port, and those that lack.
    pub(crate) fn lies(&self, port: u16, because: &[String]) -> Vec<String> {
        let row = self
            .covering(port)
            .min_by_key(|row| row.ports.1 - row.ports.0);
        let own = format!("{}-{}", self.own.0, self.own.1);
        let must_say = [
            format!(
                "unassigned on tcp and udp: registry row {} says \"Unassigned",
                row.map_or("", |row| &row.text)
            ),
            "no fact claims it alone or in a range of up to 1,024 ports [".to_owned(),
            "outside 32768-60999, from which Linux ".to_owned(),
            "outside 30000-32767, from which Kubernetes ".to_owned(),
            format!("outside {own}, from which this machine "),
            "web browsers do not refuse it [".to_owned(),
            format!(
                "beside it, {} and {} are neither assigned nor claimed [",
                port - 1,
                port + 1
            ),
            "nothing listens on it and no socket is bound to it [".to_owned(),
            "bound and let go on 0.0.0.0 (tcp and udp) and [::] (tcp and udp) [".to_owned(),
            format!(
                "nothing listens beside it, from {} to {} [",
                port - 2,
                port + 2
            ),
        ];
        let freebsd = "not avoided now: in 10000-65535, from which FreeBSD ";
        let mut lies: Vec<String> = must_say
            .iter()
            .filter(|said| !because.iter().any(|line| line.starts_with(*said)))
            .map(|said| format!("{port}: not said: {said}"))
            .collect();
        // `unofficial use of 10002-19999: …`: a fact about too many ports to claim one.
        let wide = |line: &str| {
            let range = line
                .split_once(": ")
                .and_then(|(kind, _)| kind.rsplit_once(" of "));
            let told = |(_, range): (&str, &str)| {
                let mut facts = self.facts.iter();
                facts.any(|(a, b)| {
                    b - a >= 1024 && holds((*a, *b), port) && range == format!("{a}-{b}")
                })
            };
            range.is_some_and(told)
        };
        let true_of_it = |line: &&String| {
            must_say.iter().any(|said| line.starts_with(said))
                || line.starts_with(freebsd) && port >= 10_000
                || wide(line)
        };
        let besides = because.iter().filter(|line| !true_of_it(line));
        lies.extend(besides.map(|line| format!("{port}: not true: {line}")));
        lies
    }
}

/// Every local port of this network namespace, by the kernel's tables.
fn used() -> Vec<u16> {
    let mut ports = Vec::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let text = fs::read_to_string(format!("/proc/net/{table}")).unwrap();
        let local = text
            .lines()
            .skip(1)
            .filter_map(|l| l.split_whitespace().nth(1));
        ports.extend(local.map(|end| {
            let (_, port) = end.rsplit_once(':').unwrap();
            u16::from_str_radix(port, 16).unwrap()
        }));
    }
    ports
}
