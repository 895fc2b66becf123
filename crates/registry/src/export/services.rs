//! `/etc/services`, as services(5) describes it.

use std::collections::BTreeMap;
use std::io;

use super::Extract;
use crate::{Assignment, Port, Transport, check_name, one_line};

/// The longest line, without its line feed. musl's reader takes 127 bytes at a time and would
/// begin a new entry in the middle of a longer line.
const MOST_LINE_BYTES: usize = 126;

/// The longest name that is written: three fit on a line.
const MOST_NAME_BYTES: usize = 32;

/// The longest named range that is written port by port; IANA's longest holds 100.
const MOST_EXPANDED: u32 = 256;

/// Writes one line for each port and transport that has a name: name, port, aliases, description.
///
/// Shape:  further names of the same port and transport are aliases; a name that RFC 6335 §5.1
///         allows stands before a legacy spelling, one with a description before one without. A
///         range is written port by port, a row without a transport for all four. What cannot be
///         written (no port, a name that the form cannot hold, a long range) is counted or listed
///         in comments at the end.
/// Source: services(5); glibc's `files` service of nsswitch.conf(5) reads it back.
/// Cost:   the names of all ports at once, some hundred kilobytes.
///
/// # Errors
/// Where the output cannot be written.
pub fn write(extract: &Extract<'_>, output: &mut dyn io::Write) -> io::Result<()> {
    let gathered = Gathered::new(extract);
    writeln!(output, "# Network services, Internet style: services(5)")?;
    let whose = match extract.is_site() {
        true => "the site registry",
        false => "IANA's registry",
    };
    match one_line(extract.registry.date()) {
        none if none.is_empty() => writeln!(output, "# from {whose}")?,
        date => writeln!(output, "# from {whose} of {date}")?,
    }
    for ((port, transport), names) in &gathered.entries {
        entry(*port, *transport, names, output)?;
    }
    for row in &gathered.long {
        let (name, place) = (row.service_name(), row.place());
        writeln!(
            output,
            "# left out, more than {MOST_EXPANDED} ports: {name} {place}"
        )?;
    }
    for row in &gathered.illegal {
        let name: String = one_line(row.service_name()).chars().take(40).collect();
        writeln!(
            output,
            "# left out, not a name here: {name:?} {}",
            row.place()
        )?;
    }
    if gathered.portless > 0 {
        writeln!(
            output,
            "# left out, names without a port: {}",
            gathered.portless
        )?;
    }
    Ok(())
}

/// Named rows, by port and transport; and those that the form has no place for.
#[derive(Default)]
struct Gathered<'a> {
    entries: BTreeMap<(Port, Transport), Vec<Assignment<'a>>>,
    long: Vec<Assignment<'a>>,
    illegal: Vec<Assignment<'a>>,
    portless: usize,
}

impl<'a> Gathered<'a> {
    fn new(extract: &Extract<'a>) -> Self {
        let mut gathered = Self::default();
        for row in extract.rows().filter(Assignment::is_named) {
            match row.ports {
                None => gathered.portless += 1,
                Some(_) if !is_word(row.service_name()) => gathered.illegal.push(row),
                Some(ports) if ports.count() > MOST_EXPANDED => gathered.long.push(row),
                Some(ports) => {
                    for port in ports.ports().filter(|p| extract.selection.takes_port(*p)) {
                        for transport in extract.selection.transports_of(&row) {
                            gathered.put((port, transport), row);
                        }
                    }
                }
            }
        }
        for rows in gathered.entries.values_mut() {
            // Whoever asks for the port's name gets the first one: 2049 is nfs, not shilp, of which
            // nothing is told.
            rows.sort_by_key(|row| {
                (
                    check_name(row.service_name()).is_err(),
                    row.description().is_empty(),
                )
            });
        }
        gathered
    }

    fn put(&mut self, place: (Port, Transport), row: Assignment<'a>) {
        let rows = self.entries.entry(place).or_default();
        if rows.iter().all(|r| r.service_name() != row.service_name()) {
            rows.push(row);
        }
    }
}

/// What services(5) can hold as a name: no white space, and no `#`, which begins a comment.
///
/// Wider than RFC 6335 §5.1, so that the legacy names that programs may still ask for stay:
/// `whois++`, `sql*net`, those with an underscore.
fn is_word(name: &str) -> bool {
    (1..=MOST_NAME_BYTES).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_graphic() && b != b'#')
}

/// One line; more where so many names share the port that the line would grow too long.
fn entry(
    port: Port,
    transport: Transport,
    rows: &[Assignment<'_>],
    output: &mut dyn io::Write,
) -> io::Result<()> {
    let begin = |row: &Assignment<'_>| format!("{:<15} {port}/{transport}", row.service_name());
    let mut rest = rows.iter().peekable();
    while let Some(first) = rest.next() {
        let mut line = begin(first);
        while let Some(next) =
            rest.next_if(|row| line.len() + 1 + row.service_name().len() <= MOST_LINE_BYTES)
        {
            line.push(' ');
            line.push_str(next.service_name());
        }
        let told = first
            .description()
            .lines()
            .find(|line| !line.trim().is_empty());
        let description = one_line(told.unwrap_or_default());
        comment(&description, &mut line);
        writeln!(output, "{line}")?;
    }
    Ok(())
}

/// Adds the description where it fits, cut where it is too long, in a column of its own.
fn comment(description: &str, line: &mut String) {
    const COLUMN: usize = 32;
    let padding = COLUMN.saturating_sub(line.len()).max(1);
    let room = MOST_LINE_BYTES.saturating_sub(line.len() + padding + "# ".len());
    if description.is_empty() || room < 8 {
        return;
    }
    let mut text = description;
    if text.len() > room {
        text = &text[..text.floor_char_boundary(room - "...".len())];
        text = text.rfind(' ').map_or(text, |at| &text[..at]);
    }
    line.extend(std::iter::repeat_n(' ', padding));
    line.push_str("# ");
    line.push_str(text);
    if text.len() < description.len() {
        line.push_str("...");
    }
}
