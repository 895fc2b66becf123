//! What one look of a follower costs where nothing changes: `tick [LOOKS]` prints CPU and wall time
//! of each. Owners are searched for once, at the start, which is not counted.

#[cfg(target_os = "linux")]
#[expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement has a clock and says what it measured"
)]
fn main() {
    use std::time::{Duration, Instant, SystemTime};

    use portolan_inspect::{Clock, FollowOptions, Follower};
    use rustix::time::{ClockId, clock_gettime};

    let looks: u32 = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .filter(|n| *n > 0)
        .unwrap_or(100);
    let clock = Clock {
        wall: SystemTime::now,
        steady: Instant::now,
    };
    let mut follower = Follower::start(&FollowOptions {
        recheck: Duration::from_secs(3600),
        ..FollowOptions::new(clock)
    });
    // The first look finds room for what the others need.
    follower.look();
    let spent = || {
        let spent = clock_gettime(ClockId::ProcessCPUTime);
        Duration::try_from(spent).unwrap_or_default()
    };
    let (begun, before) = (Instant::now(), spent());
    let mut quiet = 0;
    for _ in 0..looks {
        quiet += u32::from(follower.look().is_empty());
    }
    let (wall, cpu) = (begun.elapsed() / looks, (spent() - before) / looks);
    println!(
        "{{\"listeners\":{},\"looks\":{looks},\"without_change\":{quiet},\"cpu_us\":{},\"wall_us\":{}}}",
        follower.listeners().count(),
        cpu.as_micros(),
        wall.as_micros()
    );
}

#[cfg(not(target_os = "linux"))]
fn main() {}
