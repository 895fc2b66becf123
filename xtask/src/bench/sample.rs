//! A sample: what one run of a command cost; and what many of them say together.
//!
//! CPU is `ru_utime + ru_stime` of wait4(2). The kernel scales that pair to the scheduler's own count of
//! nanoseconds (`sum_exec_runtime`), whatever it uses to tell user from system, so the *sum* is exact to a
//! microsecond even for a command of half a millisecond. `is_precise` makes sure of that before anything else.

use std::io::{self, Read};
use std::time::Duration;

use anyhow::{Context, Result};
use wait4::Wait4;

use super::contender::Contender;
use crate::clock;

/// One run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// User and system together, children that it waited for included.
    pub(crate) cpu: Duration,
    /// From before the start to after the end.
    pub(crate) wall: Duration,
    /// The largest resident set, never less than that of the measuring program.
    pub(crate) peak_bytes: u64,
    /// `None` where a signal ended it.
    pub(crate) exit: Option<i32>,
}

/// The median and the quartiles around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// A quarter of the runs took no more.
    pub(crate) low: Duration,
    /// Half of them.
    pub(crate) median: Duration,
    /// Three quarters.
    pub(crate) high: Duration,
}

/// A contender's runs, or why there are none.
pub(crate) struct Measured {
    /// Who ran.
    pub(crate) contender: Contender,
    /// Never empty where it is `Ok`.
    pub(crate) samples: Result<Vec<Sample>>,
}

impl Measured {
    /// CPU time.
    pub(crate) fn cpu(&self) -> Option<Spread> {
        self.spread(|sample| sample.cpu)
    }

    /// Wall time.
    pub(crate) fn wall(&self) -> Option<Spread> {
        self.spread(|sample| sample.wall)
    }

    /// The largest resident set of all runs.
    pub(crate) fn peak_bytes(&self) -> Option<u64> {
        self.samples
            .as_ref()
            .ok()?
            .iter()
            .map(|sample| sample.peak_bytes)
            .max()
    }

    fn spread(&self, of: impl Fn(&Sample) -> Duration) -> Option<Spread> {
        let samples = self.samples.as_ref().ok()?;
        spread(samples.iter().map(of).collect())
    }
}

/// Median and quartiles by nearest rank; `None` of nothing.
pub(crate) fn spread(mut values: Vec<Duration>) -> Option<Spread> {
    values.sort_unstable();
    let at = |quarter: usize| {
        values
            .get((values.len().checked_sub(1)? * quarter + 2) / 4)
            .copied()
    };
    Some(Spread {
        low: at(1)?,
        median: at(2)?,
        high: at(3)?,
    })
}

/// What one table may take; a busy machine gets fewer rounds, and the table says how many.
const BUDGET: Duration = Duration::from_secs(120);

/// Runs every contender once per round, one after another: A B C, A B C, ...
///
/// The first round warms the caches and is not counted; who fails in it is not measured.
pub(crate) fn interleave(contenders: Vec<Contender>, rounds: usize) -> Vec<Measured> {
    let mut all: Vec<Measured> = contenders
        .into_iter()
        .map(|contender| {
            let samples = contender.output().map(|_warm| Vec::with_capacity(rounds));
            Measured { contender, samples }
        })
        .collect();
    let start = clock::now();
    for _ in 0..rounds {
        if start.elapsed() > BUDGET {
            break;
        }
        for Measured { contender, samples } in &mut all {
            let Ok(taken) = samples else { continue };
            match take(contender) {
                Ok(sample) => taken.push(sample),
                Err(error) => *samples = Err(error),
            }
        }
    }
    all
}

fn take(contender: &Contender) -> Result<Sample> {
    let (used, wall) = clock::timed(|| -> io::Result<_> {
        let mut child = contender.command().spawn()?;
        if let Some(mut output) = child.stdout.take() {
            output.read_to_end(&mut Vec::with_capacity(1 << 20))?;
        }
        child.wait4()
    });
    let used = used.with_context(|| format!("cannot measure {}", contender.label))?;
    Ok(Sample {
        cpu: used.rusage.utime + used.rusage.stime,
        wall,
        peak_bytes: used.rusage.maxrss,
        exit: used.status.code(),
    })
}

/// Whether this kernel's CPU times are finer than its ticks, of which no machine has less than a millisecond's.
pub(crate) fn is_precise(contender: &Contender) -> Result<bool> {
    let samples = (0..8)
        .map(|_| take(contender))
        .collect::<Result<Vec<_>>>()?;
    Ok(samples
        .iter()
        .any(|sample| sample.cpu.as_micros() % 1000 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u64]) -> Option<Spread> {
        spread(values.iter().copied().map(Duration::from_millis).collect())
    }

    #[test]
    fn the_median_is_a_value_that_occurred() {
        let spread = of(&[9, 1, 5, 3, 7]).unwrap();
        let millis = [spread.low, spread.median, spread.high].map(|value| value.as_millis());
        assert_eq!(millis, [3, 5, 7]);
        assert_eq!(of(&[4]).unwrap().median, Duration::from_millis(4));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_contender_that_is_absent_is_not_measured_and_stops_nobody() {
        let contenders = vec![
            Contender::new("none", "/no/such/program".as_ref(), &[]),
            Contender::new("true", "/bin/true".as_ref(), &[]),
        ];
        let measured = interleave(contenders, 2);
        assert!(measured[0].samples.is_err() && measured[0].cpu().is_none());
        assert_eq!(measured[1].samples.as_ref().unwrap().len(), 2);
    }
}
