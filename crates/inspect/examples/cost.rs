//! What a look costs: the median wall and CPU time of many, in one process, for each way of
//! looking for owners.
#![expect(clippy::print_stdout, reason = "an example shows its result")]
#![expect(clippy::disallowed_methods, reason = "a measurement holds a clock")]

use std::time::{Duration, Instant};

use portolan_inspect::{Namespaces, Options, OwnerSearch, listeners, ports};
use portolan_registry::PortRange;
use rustix::time::{ClockId, clock_gettime};

fn main() {
    let vacant = PortRange::single(4444);
    let bare = Options {
        owners: OwnerSearch::None,
        ..Options::default()
    };
    let all = Options::default();
    let found = listeners(&all).listeners;
    let details = Options {
        details: true,
        ..Options::default()
    };
    println!("{} listeners", found.len());
    let own = Options {
        namespaces: Namespaces::Own,
        ..all
    };
    show("one vacant port", 400, || drop(ports(&[vacant], &all)));
    show("one vacant port, own namespace alone", 400, || {
        drop(ports(&[vacant], &own))
    });
    let port = found.iter().find(|l| !l.owners.is_empty()).map(|l| l.port);
    if let Some(port) = port {
        let port = PortRange::single(port);
        show("one port in use", 20, || drop(ports(&[port], &all)));
        show("one port in use, with details", 20, || {
            drop(ports(&[port], &details))
        });
        show("one port in use, without owners", 50, || {
            drop(ports(&[port], &bare))
        });
    }
    show("all listeners", 9, || drop(listeners(&all)));
    show("all listeners, with details", 9, || {
        drop(listeners(&details))
    });
    show("all listeners, without owners", 20, || {
        drop(listeners(&bare))
    });
    let ways = [
        ("one thread's scan", OwnerSearch::Scan, 1),
        ("two threads' scan", OwnerSearch::Scan, 2),
        ("the kernel's walk", OwnerSearch::Iterator, 1),
        ("--fast", OwnerSearch::Fast, 2),
    ];
    for (name, owners, threads) in ways {
        let options = Options {
            owners,
            threads,
            ..Options::default()
        };
        show(&format!("all listeners, {name}"), 9, || {
            drop(listeners(&options))
        });
        if let Some(port) = port {
            let port = PortRange::single(port);
            show(&format!("one port in use, {name}"), 9, || {
                drop(ports(&[port], &options))
            });
        }
        for sentence in listeners(&options).explanation {
            println!("  {sentence}");
        }
    }
}

fn show(what: &str, times: usize, mut look: impl FnMut()) {
    let mut taken: Vec<(Duration, Duration)> = (0..times)
        .map(|_| {
            let (wall, cpu) = (Instant::now(), processor());
            look();
            (wall.elapsed(), processor() - cpu)
        })
        .collect();
    let (first_wall, first_cpu) = taken[0];
    let mut median = |key: fn(&(Duration, Duration)) -> Duration| {
        taken.sort_by_key(key);
        key(&taken[times / 2])
    };
    let (wall, cpu) = (median(|t| t.0), median(|t| t.1));
    println!("{what}: wall {wall:?}, CPU {cpu:?} (first: {first_wall:?}, {first_cpu:?})");
}

fn processor() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
