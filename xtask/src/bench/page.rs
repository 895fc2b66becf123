//! The page: how figures become Markdown.

use std::time::Duration;

use super::sample::{Measured, Spread};

const METHOD: &str = "\
Every command is started afresh for every run (\"cold\" is a new process; its files are in the page cache), \
with its output going into a pipe. The commands of a table take turns, A B C, A B C, and the figure is the \
median of the runs, with the quartiles in brackets; one uncounted round comes first.

CPU is user plus system time from wait4(2). On Linux that sum is the scheduler's own count in nanoseconds, \
not a count of ticks (ticks only divide it into user and system), so it holds for commands of half a \
millisecond; it is checked before anything is measured. How far it scatters shows in the row that measures \
the bare program a second time: its ratio would be 1.00 without noise. Wall time is shown as it was on a \
machine that does other things as well, and says less.
";

/// Title, machine, versions and method.
pub(crate) fn opening(machine: &str, versions: &str, took: Duration) -> String {
    format!(
        "# Benchmarks\n\nWritten by `cargo xtask bench`, which took {:.0} s of measuring; run it to have your own.\n\n\
         ## Machine\n\n{machine}\n## Versions\n\n{versions}\n## Method\n\n{METHOD}",
        took.as_secs_f64()
    )
}

/// The contenders' figures, with ratios to the contender whose place is `reference`.
pub(crate) fn table(all: &[Measured], reference: usize) -> String {
    let reference = all.get(reference);
    let cpu = reference.and_then(Measured::cpu);
    let wall = reference.and_then(Measured::wall);
    let mut text = String::from(
        "| Command | CPU, ms | ratio | Wall, ms | ratio | Runs | Exit |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for measured in all {
        let label = &measured.contender.label;
        match &measured.samples {
            Ok(samples) => {
                let exit = samples.last().and_then(|sample| sample.exit);
                text.push_str(&format!(
                    "| `{label}` | {} | {} | {} | {} | {} | {} |\n",
                    cell(measured.cpu()),
                    ratio_cell(measured.cpu(), cpu),
                    cell(measured.wall()),
                    ratio_cell(measured.wall(), wall),
                    samples.len(),
                    exit.map_or_else(|| "signal".into(), |code| code.to_string())
                ));
            }
            Err(error) => text.push_str(&format!("| `{label}` | not measured: {error:#} ||||||\n")),
        }
    }
    text
}

/// The ratio of two medians.
pub(crate) fn ratio(value: Option<Spread>, reference: Option<Spread>) -> Option<f64> {
    let (value, reference) = (value?.median.as_secs_f64(), reference?.median.as_secs_f64());
    (reference > 0.0).then(|| value / reference)
}

/// As [`ratio`], as a cell of a table.
pub(crate) fn ratio_cell(value: Option<Spread>, reference: Option<Spread>) -> String {
    ratio(value, reference).map_or_else(|| "–".into(), |ratio| format!("{ratio:.2}"))
}

/// Median and quartiles in milliseconds.
pub(crate) fn cell(spread: Option<Spread>) -> String {
    let Some(Spread { low, median, high }) = spread else {
        return "–".into();
    };
    let digits = if median < Duration::from_millis(20) {
        2
    } else {
        0
    };
    let [low, median, high] = [low, median, high].map(|value| value.as_secs_f64() * 1000.0);
    format!("**{median:.digits$}** ({low:.digits$}–{high:.digits$})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(low: u64, median: u64, high: u64) -> Option<Spread> {
        let [low, median, high] = [low, median, high].map(Duration::from_micros);
        Some(Spread { low, median, high })
    }

    #[test]
    fn short_times_keep_two_digits_and_long_ones_none() {
        assert_eq!(cell(of(950, 1000, 1234)), "**1.00** (0.95–1.23)");
        assert_eq!(cell(of(170_000, 184_400, 200_000)), "**184** (170–200)");
        assert_eq!(cell(None), "–");
    }

    #[test]
    fn a_ratio_needs_both() {
        assert_eq!(ratio(of(1, 3, 4), of(1, 2, 4)), Some(1.5));
        assert_eq!(ratio(of(1, 3, 4), None), None);
        assert_eq!(ratio(of(1, 3, 4), of(0, 0, 0)), None);
    }
}
