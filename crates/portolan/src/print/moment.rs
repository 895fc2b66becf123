//! Moments, as people read them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `2026-11-21 09:12:03 UTC`; nothing for what no calendar holds.
pub(super) fn stamp(time: SystemTime) -> Option<String> {
    let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let moment = jiff::Timestamp::from_second(seconds.try_into().ok()?).ok()?;
    let text = moment.to_string();
    Some(format!(
        "{} UTC",
        text.trim_end_matches('Z').replace('T', " ")
    ))
}

/// `5 h ago`: the largest unit that counts at least one, rounded down.
pub(super) fn ago(then: SystemTime, now: SystemTime) -> String {
    let Ok(passed) = now.duration_since(then) else {
        return "just now".to_owned();
    };
    const UNITS: [(u64, &str); 4] = [(86_400, "days"), (3_600, "h"), (60, "min"), (1, "s")];
    let seconds = Duration::as_secs(&passed);
    match UNITS.into_iter().find(|(length, _)| seconds >= *length) {
        Some((86_400, _)) if seconds < 2 * 86_400 => "1 day ago".to_owned(),
        Some((length, name)) => format!("{} {name} ago", seconds / length),
        None => "just now".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_at_a_glance() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let then = at(1_795_252_323);
        assert_eq!(stamp(then).unwrap(), "2026-11-21 09:12:03 UTC");
        for (passed, said) in [
            (0, "just now"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (5 * 3600 + 9, "5 h ago"),
            (86_400, "1 day ago"),
            (3 * 86_400, "3 days ago"),
        ] {
            assert_eq!(ago(then, at(1_795_252_323 + passed)), said);
        }
        assert_eq!(ago(then, at(0)), "just now");
        assert_eq!(stamp(at(u64::MAX / 4)), None);
    }
}
