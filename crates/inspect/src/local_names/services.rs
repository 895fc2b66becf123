//! `/etc/services`, services(5): a name, a port with a transport, other names, a comment.

use std::path::Path;

use memchr::memmem;
use portolan_ports::NameOrigin;
use portolan_registry::{Port, PortRange, Transport};

use super::{Found, below};

const FILE: &str = "etc/services";

/// Of so many ports each is searched for; of more the file is read line by line. Some
/// distributions list all of the registry, and a look-up of one port must not pay for that.
const FEW: u32 = 4;

pub(super) fn read(root: &Path, found: &mut Found<'_>) {
    let file = below(root, FILE);
    let Some(bytes) = found.file(&file) else {
        return;
    };
    let count: u32 = found.ports.iter().map(|range| range.count()).sum();
    if count > FEW {
        for line in bytes.split(|byte| *byte == b'\n') {
            add(found, &file, line);
        }
        return;
    }
    let mut starts = Vec::new();
    for port in found.ports.iter().flat_map(|range| range.ports()) {
        for at in memmem::find_iter(&bytes, format!("{port}/").as_bytes()) {
            starts.push(memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |feed| feed + 1));
        }
    }
    starts.sort_unstable();
    starts.dedup();
    for start in starts {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
        add(found, &file, &bytes[start..end]);
    }
}

fn add(found: &mut Found<'_>, file: &Path, line: &[u8]) {
    let text = String::from_utf8_lossy(line);
    let Some(Line {
        port,
        transport,
        names,
        comment,
    }) = parse(&text)
    else {
        return;
    };
    for name in names {
        let place = (PortRange::single(port), Some(transport));
        found.add(NameOrigin::Services, file, place, name, comment);
    }
}

/// A line that names a service of a transport that has ports here.
struct Line<'a> {
    port: Port,
    transport: Transport,
    /// The service, then its aliases.
    names: Vec<&'a str>,
    comment: Option<&'a str>,
}

fn parse(line: &str) -> Option<Line<'_>> {
    let (body, comment) = match line.split_once('#') {
        Some((body, comment)) => (body, Some(comment)),
        None => (line, None),
    };
    let mut words = body.split_ascii_whitespace();
    let name = words.next()?;
    let (port, transport) = words.next()?.split_once('/')?;
    let is_theirs = |own: &Transport| own.as_str() == transport;
    Some(Line {
        port: port.parse().ok()?,
        transport: Transport::ALL.into_iter().find(is_theirs)?,
        names: std::iter::once(name).chain(words).collect(),
        comment,
    })
}
