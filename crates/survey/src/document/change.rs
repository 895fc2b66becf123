//! Listeners that are followed, as JSON Lines: one line to begin with, then one for each change.

use std::time::SystemTime;

use portolan_inspect::Follower;
use serde::Serialize;

use super::listener::{GapCount, ListenerDocument};
use crate::Sources;
use crate::changes::Change;

/// The first line of `portolan listen --follow --json`.
#[derive(Debug, Serialize)]
pub struct FollowDocument<'a> {
    schema: &'static str,
    host: &'a str,
    started_at: Option<String>,
    tick_ms: u128,
    listeners: usize,
    gaps: Vec<GapCount>,
}

impl<'a> FollowDocument<'a> {
    /// What is followed from here on: `listeners` of them, looked for anew each `tick`.
    #[must_use]
    pub fn new(
        host: &'a str,
        follower: &Follower,
        listeners: usize,
        tick: std::time::Duration,
        started: SystemTime,
    ) -> Self {
        let own = follower.listeners().filter_map(|l| l.owner_gap.as_ref());
        Self {
            schema: "portolan.follow/1",
            host,
            started_at: instant(started),
            tick_ms: tick.as_millis(),
            listeners,
            gaps: GapCount::count(own.chain(follower.gaps())),
        }
    }
}

/// Every other line of `portolan listen --follow --json`.
#[derive(Debug, Serialize)]
pub struct ListenerChangeDocument<'a> {
    schema: &'static str,
    at: Option<String>,
    change: &'static str,
    listener: ListenerDocument<'a>,
    before: Option<ListenerDocument<'a>>,
}

impl<'a> ListenerChangeDocument<'a> {
    /// The change, with what the registries have for its port.
    #[must_use]
    pub fn new(change: &'a Change, sources: &Sources<'a>) -> Self {
        let document = |listener: &'a portolan_ports::Listener| {
            let standing = sources.registry.standing(listener.port, listener.transport);
            ListenerDocument::new(listener, standing)
                .with_site(sources.assigned(listener.port, listener.transport))
        };
        Self {
            schema: "portolan.change/1",
            at: instant(change.at),
            change: change.kind.as_str(),
            listener: document(&change.listener),
            before: change.before.as_ref().map(document),
        }
    }
}

/// RFC 3339, in UTC, to the millisecond; `None` beyond the years it can say.
fn instant(time: SystemTime) -> Option<String> {
    let moment = jiff::Timestamp::try_from(time).ok()?;
    Some(format!("{moment:.3}"))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_moment_has_three_digits_of_a_second() {
        let at = |milliseconds| instant(UNIX_EPOCH + Duration::from_millis(milliseconds));
        assert_eq!(
            at(1_795_252_323_007).as_deref(),
            Some("2026-11-21T09:12:03.007Z")
        );
        assert_eq!(at(0).as_deref(), Some("1970-01-01T00:00:00.000Z"));
        assert_eq!(at(u64::MAX / 2), None);
    }
}
