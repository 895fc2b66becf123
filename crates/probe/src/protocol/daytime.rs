//! Daytime, RFC 867: one line that is a date and a time and nothing else.
//!
//! The RFC wants no form of it, so only those are known that servers send: ctime(3)'s, with the
//! weekday that the date has, and xinetd's. A date within another line is nobody's daytime.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "daytime",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: Some(Datagram::asked(first, recognise)),
};

/// "The data in the received datagram is ignored."
fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "daytime datagram".into(),
        bytes: b"\r\n".as_slice().into(),
    }]
}

const LONGEST: usize = 40;
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

fn recognise(received: &[u8]) -> Match {
    let Some(end) = received.windows(2).position(|w| w == b"\r\n") else {
        let text = received.strip_suffix(b"\r").unwrap_or(received);
        let fits = |&b: &u8| b.is_ascii_alphanumeric() || b" :+-".contains(&b);
        let hopeful = text.len() <= LONGEST && text.iter().all(fits);
        return if hopeful { Match::Partial } else { Match::No };
    };
    let line = received.get(..end).unwrap_or(&[]);
    let line = std::str::from_utf8(line)
        .ok()
        .filter(|l| l.len() <= LONGEST);
    match line.is_some_and(|line| ctime(line).or_else(|| xinetd(line)).is_some()) {
        false => Match::No,
        true => Match::Proven(Box::new(Proof {
            rule: "one line of RFC 867 that is a date and a time".into(),
            ..Proof::default()
        })),
    }
}

/// `Sat Nov 21 18:17:29 2026`, the day padded with a space.
fn ctime(line: &str) -> Option<()> {
    let (weekday, rest) = line.split_once(' ')?;
    let (month, rest) = rest.split_once(' ')?;
    let (day, rest) = rest.split_at_checked(2)?;
    let (time, year) = rest.strip_prefix(' ')?.split_once(' ')?;
    let month = self::month(month)?;
    let day = number(day.trim_start(), 1..=31)?;
    let year = number(year, 1990..=2100)?;
    is_time(time).then_some(())?;
    let weekday = WEEKDAYS.iter().position(|name| *name == weekday)?;
    (usize::try_from(of_week(year, month, day)).ok()? == weekday).then_some(())
}

/// `21 NOV 2026 18:17:29 UTC`.
fn xinetd(line: &str) -> Option<()> {
    let mut words = line.split(' ');
    let mut next = || words.next();
    let (day, name, year, time, zone) = (next()?, next()?, next()?, next()?, next()?);
    let shouted = |word: &str| word.bytes().all(|b| b.is_ascii_uppercase());
    let sound = number(day, 1..=31).is_some()
        && shouted(name)
        && month(name).is_some()
        && number(year, 1990..=2100).is_some()
        && is_time(time)
        && (2..=5).contains(&zone.len())
        && zone
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'-');
    (sound && next().is_none()).then_some(())
}

fn month(name: &str) -> Option<u32> {
    let at = MONTHS
        .iter()
        .position(|month| month.eq_ignore_ascii_case(name))?;
    u32::try_from(at + 1).ok()
}

fn number(text: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| digits && range.contains(n))
}

/// `HH:MM:SS`, a leap second included.
fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let [h, m, s] = *parts else {
        return false;
    };
    parts.iter().all(|part| part.len() == 2)
        && number(h, 0..=23).is_some()
        && number(m, 0..=59).is_some()
        && number(s, 0..=60).is_some()
}

/// The weekday, 0 for Sunday, by Sakamoto's method.
fn of_week(year: u32, month: u32, day: u32) -> u32 {
    const SHIFT: [u32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let year = if month < 3 { year - 1 } else { year };
    let index = usize::try_from(month - 1).unwrap_or(0);
    let shift = SHIFT.get(index).copied().unwrap_or(0);
    (year + year / 4 - year / 100 + year / 400 + shift + day) % 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_nothing_else_proves_it() {
        for line in [
            "Sat Nov 21 18:17:29 2026\r\n",
            "Thu Jan  1 00:00:00 2026\r\n",
            "21 NOV 2026 18:17:29 UTC\r\n",
        ] {
            assert!(
                matches!(recognise(line.as_bytes()), Match::Proven(_)),
                "{line}"
            );
        }
        for line in [
            "Sun Nov 21 18:17:29 2026\r\n",
            "Sat Nov 21 18:17:29 2026 ready\r\n",
            "server: Sat Nov 21 18:17:29 2026\r\n",
            "Sat Nov 21 24:17:29 2026\r\n",
            "Sat Nov 21 18:17:29 2026\n\n\r\n",
            "21 nov 2026 18:17:29 UTC\r\n",
            "2026-11-21 18:17:29\r\n",
            "\r\n",
        ] {
            assert_eq!(recognise(line.as_bytes()), Match::No, "{line}");
        }
    }
}
