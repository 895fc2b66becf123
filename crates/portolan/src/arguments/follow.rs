//! What can be typed to follow listeners.

use std::time::Duration;

use clap::Args;

pub(super) const TOP_EXAMPLES: &str = "\
Filters are those of listen. Press ? in it for the keys.

Examples:
  portolan top
  sudo portolan top scope:any not:port:22";

/// How often it is looked for new listeners, unless said otherwise.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// What a tick may be.
const TICKS: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(50)..=Duration::from_secs(3600);

/// Whether to stay, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Follow {
    /// Stay, and print each change: opened, closed, another owner, another scope.
    #[arg(long, conflicts_with_all = ["columns", "sort", "csv", "no_header", "all_owners", "details", "fast", "no_owners", "way", "own_namespace", "explain"])]
    pub(crate) follow: bool,
    /// Follow: how often to look for new listeners, 50ms to 1h; 250ms unless given.
    #[arg(long, value_name = "TIME", value_parser = tick, requires = "follow")]
    pub(crate) tick: Option<Duration>,
    /// Follow: run this for each change, without a shell; the change is in its environment, and as
    /// JSON on its standard input.
    #[arg(long, value_name = "COMMAND", requires = "follow")]
    pub(crate) exec: Option<String>,
    /// Follow: end after so many changes.
    #[arg(long, value_name = "N", requires = "follow")]
    pub(crate) count: Option<u64>,
    /// Follow: end after this time, as 30s or 2h.
    #[arg(long = "for", value_name = "TIME", value_parser = time, requires = "follow")]
    pub(crate) duration: Option<Duration>,
}

/// The live view.
#[derive(Debug, Args)]
pub(crate) struct Top {
    /// Only listeners that fit, to begin with; see portolan listen --help.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// How often to look for new listeners, 50ms to 1h; 250ms unless given.
    #[arg(long, value_name = "TIME", value_parser = tick)]
    pub(crate) tick: Option<Duration>,
}

fn time(text: &str) -> Result<Duration, String> {
    let read = text.parse::<jiff::SignedDuration>().ok();
    read.and_then(|time| Duration::try_from(time).ok())
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "a time is a number and its unit, as 250ms, 30s, 5m or 1h".to_owned())
}

fn tick(text: &str) -> Result<Duration, String> {
    let time = time(text)?;
    if TICKS.contains(&time) {
        Ok(time)
    } else {
        Err("a tick is 50ms to 1h".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_ticks_have_bounds() {
        assert_eq!(time("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(time("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!(time("1m 30s"), Ok(Duration::from_secs(90)));
        for wrong in ["", "5", "-1s", "0s", "soon"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
        assert!(tick("50ms").is_ok() && tick("1h").is_ok());
        assert!(tick("49ms").is_err() && tick("61m").is_err());
    }
}
