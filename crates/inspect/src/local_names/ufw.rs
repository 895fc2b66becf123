//! ufw's application profiles, ufw(8) "APPLICATION INTEGRATION": sections with a title and ports.

use std::collections::BTreeMap;
use std::path::Path;

use portolan_ports::{NameOrigin, Why};
use portolan_registry::{PortRange, Transport};

use super::{Found, below, range};

const FOLDER: &str = "etc/ufw/applications.d";

/// What packagers leave behind, which ufw passes over too.
const LEFT_BEHIND: [&str; 6] = [
    ".dpkg-new",
    ".dpkg-old",
    ".dpkg-dist",
    ".rpmnew",
    ".rpmsave",
    "~",
];

pub(super) fn read(root: &Path, found: &mut Found<'_>) {
    let folder = below(root, FOLDER);
    let is_read = |name: &str| {
        !name.starts_with('.') && !LEFT_BEHIND.iter().any(|ending| name.ends_with(ending))
    };
    for name in found.folder(&folder, is_read) {
        let file = folder.join(name);
        // A folder inside the folder is none of its profiles.
        if file.is_dir() {
            continue;
        }
        let Some(bytes) = found.file(&file) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        for (name, profile) in profiles(&text) {
            match ports(profile.ports.unwrap_or_default()) {
                Some(places) => {
                    for place in places {
                        found.add(NameOrigin::Ufw, &file, place, name, profile.title);
                    }
                }
                None => {
                    let said = format!("its profile {name:?} has no ports that ufw(8) describes");
                    found.gap(Why::Failed, &file, &said);
                }
            }
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Profile<'a> {
    title: Option<&'a str>,
    ports: Option<&'a str>,
}

/// The sections of Python's configparser, in which ufw reads them; of two of a name the last counts.
fn profiles(text: &str) -> BTreeMap<&str, Profile<'_>> {
    let mut profiles = BTreeMap::new();
    let mut current = None;
    let mut in_value = false;
    for line in text.lines() {
        let said = line.trim();
        if said.is_empty() || said.starts_with(['#', ';']) {
            continue;
        }
        // The rest of a value that goes on, which only a description does.
        if in_value && line.starts_with([' ', '\t']) {
            continue;
        }
        in_value = false;
        if let Some((name, _)) = said
            .strip_prefix('[')
            .and_then(|rest| rest.rsplit_once(']'))
        {
            current = Some(name);
            profiles.insert(name, Profile::default());
            continue;
        }
        let (Some(name), Some((key, value))) = (current, said.split_once(['=', ':'])) else {
            continue;
        };
        in_value = true;
        let profile: &mut Profile<'_> = profiles.entry(name).or_default();
        match key.trim() {
            key if key.eq_ignore_ascii_case("title") => profile.title = Some(value.trim()),
            key if key.eq_ignore_ascii_case("ports") => profile.ports = Some(value.trim()),
            _ => {}
        }
    }
    profiles
}

type Place = (PortRange, Option<Transport>);

/// "80,443/tcp|8000:8010/udp|53": without a transport a port is meant on both.
fn ports(text: &str) -> Option<Vec<Place>> {
    let mut places = Vec::new();
    for part in text.split('|') {
        let (numbers, transport) = match part.trim().split_once('/') {
            Some((numbers, "any")) => (numbers, None),
            Some((numbers, word)) => (numbers, Some(word.parse().ok()?)),
            None => (part, None),
        };
        for number in numbers.split(',') {
            places.push((range(number, ':')?, transport));
        }
    }
    Some(places)
}
