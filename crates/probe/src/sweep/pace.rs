//! So many a second, evenly.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// When the next may begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    every: Duration,
    next: Instant,
}

/// How far a pace may fall behind and still catch up: a timer's own lateness, and no burst.
const LATE: Duration = Duration::from_millis(10);

impl Pace {
    pub(super) fn new(rate: NonZeroU32, now: Instant) -> Self {
        Self {
            every: Duration::from_secs(1) / rate.get(),
            next: now,
        }
    }

    /// Takes one, if its time has come.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        if now < self.next {
            return false;
        }
        let earliest = now.checked_sub(LATE).unwrap_or(now);
        self.next = self.next.max(earliest) + self.every;
        true
    }

    /// When the next may be taken.
    pub(super) const fn next(&self) -> Instant {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_as_many_as_were_allowed_however_late_the_timer_is() {
        let begun = super::super::now();
        for (rate, late) in [(100, 0), (100, 9), (2500, 3), (7, 50)] {
            let mut pace = Pace::new(NonZeroU32::new(rate).unwrap(), begun);
            let mut now = begun;
            let mut taken = 0;
            while now < begun + Duration::from_secs(1) {
                while pace.take(now) {
                    taken += 1;
                }
                now = pace.next() + Duration::from_millis(late);
            }
            assert!(taken <= rate + 1, "{taken} of {rate}");
            assert!(late > 10 || taken + 50 >= rate, "{taken} of {rate}");
        }
    }
}
