//! From the kernel's count of clock ticks since boot to the time of day.

use std::time::{Duration, SystemTime};

use rustix::time::{ClockId, Timespec, clock_gettime};

const NANOSECONDS: u64 = 1_000_000_000;

/// When this machine booted, by the clock on its wall.
///
/// Source: clock_gettime(2). A process's start (`starttime`, proc_pid_stat(5)) counts from boot
///         with the time that the machine slept, as CLOCK_BOOTTIME does; `btime` of `/proc/stat`
///         is the same moment cut to a second.
/// Units:  one clock tick, sysconf(3) `_SC_CLK_TCK`: 10 milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    boot: SystemTime,
    /// In nanoseconds.
    tick: u64,
}

impl Clock {
    pub(super) fn read() -> Self {
        let tick = NANOSECONDS / rustix::param::clock_ticks_per_second().max(1);
        let now = nanoseconds(clock_gettime(ClockId::Realtime));
        let up = nanoseconds(clock_gettime(ClockId::Boottime));
        // Rounded, lest two looks at one process tell it some microseconds apart.
        let boot = (now.saturating_sub(up) + tick / 2) / tick * tick;
        Self {
            boot: SystemTime::UNIX_EPOCH + Duration::from_nanos(boot),
            tick,
        }
    }

    /// The time of day at so many ticks since boot.
    pub(super) fn moment(&self, ticks: u64) -> SystemTime {
        let since = Duration::from_nanos(ticks.saturating_mul(self.tick));
        self.boot.checked_add(since).unwrap_or(self.boot)
    }
}

fn nanoseconds(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let rest = u64::try_from(time.tv_nsec).unwrap_or_default();
    seconds.saturating_mul(NANOSECONDS).saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_count_from_boot() {
        let clock = Clock {
            boot: SystemTime::UNIX_EPOCH,
            tick: 10_000_000,
        };
        assert_eq!(
            clock.moment(250),
            SystemTime::UNIX_EPOCH + Duration::from_millis(2500)
        );
        assert!(clock.moment(u64::MAX) > SystemTime::UNIX_EPOCH);
    }

    #[test]
    fn the_boot_is_the_kernels_own() {
        let stat = std::fs::read_to_string("/proc/stat").unwrap();
        let told = stat
            .lines()
            .find_map(|line| line.strip_prefix("btime "))
            .unwrap();
        let ours = Clock::read()
            .boot
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let told = Duration::from_secs(told.trim().parse().unwrap());
        assert!(
            ours.abs_diff(told) < Duration::from_millis(1100),
            "{ours:?} {told:?}"
        );
    }
}
