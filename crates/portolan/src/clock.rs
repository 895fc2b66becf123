//! The one clock of the program.

/// The time now, in RFC 3339, UTC, to the second.
pub(crate) fn now() -> String {
    jiff::Timestamp::try_from(moment())
        .and_then(|now| now.round(jiff::Unit::Second))
        .map(|now| now.to_string())
        .unwrap_or_default()
}

/// The day today, as `YYYY-MM-DD`, UTC.
pub(crate) fn today() -> String {
    now().chars().take_while(|letter| *letter != 'T').collect()
}

/// The time now, in seconds since 1970.
pub(crate) fn seconds() -> Option<i64> {
    let passed = moment().duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(passed.as_secs()).ok()
}

/// The time now.
#[expect(clippy::disallowed_methods, reason = "the binary holds the clock")]
pub(crate) fn moment() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

/// Time that only passes, whatever is done to the calendar.
#[expect(clippy::disallowed_methods, reason = "the binary holds the clock")]
pub(crate) fn steady() -> std::time::Instant {
    std::time::Instant::now()
}
