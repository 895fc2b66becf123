//! A difference as an Atom feed: RFC 4287.

use std::io::{self, Write};

use super::{Change, Diff};

/// Writes the feed: one entry for each change, `updated` when the newer registry was.
///
/// The id of an entry is made of both dates, the kind, the place and the names, so that the same
/// difference has the same entries whoever makes it and however often.
///
/// # Errors
/// Where the output cannot be written.
pub fn write_atom(diff: &Diff<'_>, mut output: impl Write) -> io::Result<()> {
    let updated = timestamp(diff.newer);
    let title = format!("IANA port registry, {} to {}", diff.older, diff.newer);
    let feed = [diff.older, diff.newer, "feed"];
    writeln!(
        output,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\">\n  \
         <id>{}</id>\n  \
         <title>{}</title>\n  \
         <updated>{updated}</updated>\n  \
         <author><name>Portolan</name></author>\n  \
         <link rel=\"related\" href=\"{PAGE}\"/>",
        uuid(&feed),
        escaped(&title),
    )?;
    for (number, change) in diff.changes.iter().enumerate() {
        entry(
            diff,
            change,
            repeated(&diff.changes[..number], change),
            &updated,
            &mut output,
        )?;
    }
    writeln!(output, "</feed>")
}

/// IANA's page of the registry.
const PAGE: &str = "https://www.iana.org/assignments/service-names-port-numbers";

/// How many changes just before are of the same key. They stand side by side, being sorted.
fn repeated(before: &[Change<'_>], change: &Change<'_>) -> usize {
    let same = |other: &&Change<'_>| other.rank() == change.rank();
    before.iter().rev().take_while(same).count()
}

fn entry(
    diff: &Diff<'_>,
    change: &Change<'_>,
    repeated: usize,
    updated: &str,
    output: &mut impl Write,
) -> io::Result<()> {
    let place = change.place().to_string();
    let kind = change.kind.as_str();
    let before = change.before.map_or("", |row| row.service_name());
    let nth = repeated.to_string();
    let id = uuid(&[
        diff.older,
        diff.newer,
        kind,
        &place,
        before,
        change.service_name(),
        &nth,
    ]);
    let title = match change.service_name() {
        "" => format!("{place}: {}", kind.replace('_', " ")),
        name => format!("{place} {name}: {}", kind.replace('_', " ")),
    };
    writeln!(
        output,
        "  <entry>\n    \
         <id>{id}</id>\n    \
         <title>{}</title>\n    \
         <updated>{updated}</updated>\n    \
         <category term=\"{kind}\"/>",
        escaped(&title),
    )?;
    if let Some(ports) = change.ports {
        let first = ports.first();
        writeln!(
            output,
            "    <link rel=\"alternate\" href=\"{PAGE}?search={first}\"/>"
        )?;
    }
    let said = escaped(&change.said());
    writeln!(
        output,
        "    <content type=\"text\">{said}</content>\n  </entry>"
    )
}

/// The day's first second. A registry without a sound date is told to be of the epoch, because
/// RFC 4287 §4.2.15 wants a date and a wrong one must not look new.
fn timestamp(date: &str) -> String {
    let digits = |t: &str, length| t.len() == length && t.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = date.split('-').collect();
    let within = |part: &str, most: u8| part.parse().is_ok_and(|n: u8| (1..=most).contains(&n));
    let sound = |year, month, day| {
        digits(year, 4)
            && digits(month, 2)
            && digits(day, 2)
            && within(month, 12)
            && within(day, 31)
    };
    match parts[..] {
        [year, month] if sound(year, month, "01") => format!("{date}-01T00:00:00Z"),
        [year, month, day] if sound(year, month, day) => format!("{date}T00:00:00Z"),
        _ => "1970-01-01T00:00:00Z".to_owned(),
    }
}

/// A UUID of version 8 (RFC 9562 §5.8): 128-bit FNV-1a over the parts, each ended by U+0000.
fn uuid(parts: &[&str]) -> String {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let ended = parts.iter().flat_map(|part| part.bytes().chain([0]));
    let hash = ended.fold(BASIS, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    });
    let version = hash & !(0xf << 76) | (0x8 << 76);
    let hash = version & !(0x3 << 62) | (0x2 << 62);
    let hex = format!("{hash:032x}");
    let [a, b, c, d, e] = [0..8, 8..12, 12..16, 16..20, 20..32].map(|r| hex.get(r).unwrap_or(""));
    format!("urn:uuid:{a}-{b}-{c}-{d}-{e}")
}

/// The text as XML 1.0 may hold it: markup written out, and what no document may hold replaced.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                safe.push('\u{fffd}');
            }
            c => safe.push(c),
        }
    }
    safe
}
