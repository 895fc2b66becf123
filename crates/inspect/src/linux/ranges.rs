//! What this system sets aside: ip(7), Documentation/networking/ip-sysctl.rst. IPv6 sockets go by
//! the same settings.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use portolan_ports::system::LocalRanges;
use portolan_ports::{Gap, Unseen, Why};
use portolan_registry::{Port, PortRange};

/// The settings of the network namespace that this process is in.
const FOLDER: &str = "/proc/sys/net/ipv4";

/// A setting of usual length; and the longest list there can be, every second port of all, which
/// is 32,768 numbers of five digits and their commas.
const SIZES: [usize; 2] = [4 * 1024, 256 * 1024];

pub(crate) fn local_ranges() -> LocalRanges {
    read(Path::new(FOLDER))
}

/// Cost: three small files.
fn read(folder: &Path) -> LocalRanges {
    let mut gaps = Vec::new();
    LocalRanges {
        ephemeral: setting(folder, "ip_local_port_range", range, &mut gaps),
        reserved: setting(folder, "ip_local_reserved_ports", list, &mut gaps).unwrap_or_default(),
        unprivileged_from: setting(folder, "ip_unprivileged_port_start", port, &mut gaps),
        gaps,
    }
}

fn setting<T>(
    folder: &Path,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
    gaps: &mut Vec<Gap>,
) -> Option<T> {
    let mut gap = |why, said: String| {
        gaps.push(Gap {
            what: Unseen::SystemRanges,
            why,
            detail: format!("cannot read {}: {said}", folder.join(name).display()),
        });
    };
    match whole(&folder.join(name)) {
        Ok(text) => {
            let parsed = parse(&text);
            if parsed.is_none() {
                gap(Why::Failed, "it is not of the form that ip(7) gives".into());
            }
            parsed
        }
        Err(error) => {
            let why = match error.kind() {
                io::ErrorKind::NotFound => Why::Unsupported,
                io::ErrorKind::PermissionDenied => Why::Permission,
                _ => Why::Failed,
            };
            gap(why, error.to_string());
            None
        }
    }
}

/// By one read(2) with room for all of it: the kernel answers the first read of a list alone, with
/// as much as fits and not a word about the rest (`proc_do_large_bitmap` of kernel/sysctl.c). What
/// std reads first from a file of no size is 32 bytes.
fn whole(path: &Path) -> io::Result<String> {
    for size in SIZES {
        let mut bytes = vec![0; size];
        let count = File::open(path)?.read(&mut bytes)?;
        if count < size {
            bytes.truncate(count);
            return String::from_utf8(bytes)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no text"));
        }
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        "it is longer than any list of ports",
    ))
}

fn port(text: &str) -> Option<Port> {
    text.trim().parse().ok()
}

/// "32768 60999", with a tab between.
fn range(text: &str) -> Option<PortRange> {
    let mut numbers = text.split_ascii_whitespace().map(str::parse);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(first)), Some(Ok(last)), None) => PortRange::new(first, last),
        _ => None,
    }
}

/// "8080,9148,10000-11000", in order and without touching each other; an empty line for none. What
/// a person may have put around the numbers is forgiven.
fn list(text: &str) -> Option<Vec<PortRange>> {
    let items = text.split(',').map(str::trim);
    let ranges: Option<Vec<PortRange>> = items.filter(|item| !item.is_empty()).map(item).collect();
    let mut ranges = ranges?;
    ranges.sort_unstable();
    let mut joined: Vec<PortRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(before) if range.first() <= before.last().saturating_add(1) => {
                let last = before.last().max(range.last());
                *before = PortRange::new(before.first(), last)?;
            }
            _ => joined.push(range),
        }
    }
    Some(joined)
}

fn item(text: &str) -> Option<PortRange> {
    let number = |text: &str| text.trim().parse().ok();
    match text.split_once('-') {
        Some((first, last)) => PortRange::new(number(first)?, number(last)?),
        None => Some(PortRange::single(number(text)?)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn said(text: &str) -> Option<String> {
        let ranges = list(text)?;
        let words: Vec<String> = ranges.iter().map(ToString::to_string).collect();
        Some(words.join(" "))
    }

    #[test]
    fn a_range_is_two_numbers_in_order() {
        assert_eq!(range("32768\t60999\n"), PortRange::new(32768, 60999));
        assert_eq!(range("60999\t32768\n"), None);
        assert_eq!(range("32768\n"), None);
        assert_eq!(range("1 2 3"), None);
        assert_eq!(range(""), None);
    }

    #[test]
    fn a_list_has_numbers_and_ranges() {
        for (text, ranges) in [
            ("\n", Some("")),
            ("8080\n", Some("8080")),
            ("8080,9148,10000-11000\n", Some("8080 9148 10000-11000")),
            (
                " 9148 ,\t8080,, 10000 - 11000 ",
                Some("8080 9148 10000-11000"),
            ),
            ("1,2,4-9,7-8,10,65535", Some("1-2 4-10 65535")),
            ("65534-65535,65535", Some("65534-65535")),
            ("65536", None),
            ("9-8", None),
            ("1;2", None),
            ("-1", None),
            ("1-2-3", None),
        ] {
            assert_eq!(said(text).as_deref(), ranges, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_list_panics_and_none_invents_a_port(text in "[0-9,\\- \\t\\n]{0,40}|.{0,20}") {
            for range in list(&text).unwrap_or_default() {
                prop_assert!(text.contains(&range.first().to_string()));
                prop_assert!(text.contains(&range.last().to_string()));
            }
        }

        #[test]
        fn a_list_holds_just_the_ports_that_were_written(ports in proptest::collection::btree_set(0..300u16, 0..60)) {
            let words: Vec<String> = ports.iter().map(ToString::to_string).collect();
            let ranges = list(&words.join(",")).unwrap();
            let again: Vec<u16> = ranges.iter().flat_map(|range| range.ports()).collect();
            prop_assert_eq!(again, ports.into_iter().collect::<Vec<u16>>());
        }
    }

    #[test]
    fn a_long_list_is_read_whole_and_an_endless_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ip_local_reserved_ports");
        let every_second: Vec<String> = (0..=u16::MAX)
            .step_by(2)
            .map(|port| port.to_string())
            .collect();
        fs::write(&file, every_second.join(",")).unwrap();
        assert_eq!(read(folder.path()).reserved.len(), 32_768);
        fs::write(&file, "1,".repeat(200_000)).unwrap();
        let found = read(folder.path());
        assert_eq!(found.reserved, []);
        assert!(
            found.gaps.iter().any(|gap| gap.why == Why::Failed
                && gap.detail.ends_with("longer than any list of ports")),
            "{:?}",
            found.gaps
        );
    }

    #[test]
    fn what_is_not_told_is_a_gap_each() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ip_local_port_range"), b"\xff\x00\n").unwrap();
        fs::write(folder.path().join("ip_unprivileged_port_start"), "80\n").unwrap();
        let found = read(folder.path());
        assert_eq!((found.ephemeral, found.unprivileged_from), (None, Some(80)));
        let whys: Vec<Why> = found.gaps.iter().map(|gap| gap.why).collect();
        assert_eq!(whys, [Why::Failed, Why::Unsupported]);
        assert!(
            found
                .gaps
                .iter()
                .all(|gap| gap.what == Unseen::SystemRanges)
        );
    }
}
