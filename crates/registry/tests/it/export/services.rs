//! `/etc/services`, read back by the system's own reader.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use portolan_registry::export::{Extract, services};
use portolan_registry::{Registry, Transport};

use super::{six, written};
use crate::base;

#[test]
fn six_rows() {
    let six = six();
    assert_snapshot!(written(services::write, &Extract::whole(&six)), @r###"
    # Network services, Internet style: services(5)
    # from IANA's registry of 2024-06-12
    nfs             2049/tcp shilp nfs_old # Network | File System
    x11             6000/tcp        # <script>alert(1)</script> & more
    x11             6000/udp        # <script>alert(1)</script> & more
    x11             6000/sctp       # <script>alert(1)</script> & more
    x11             6000/dccp       # <script>alert(1)</script> & more
    x11             6001/tcp        # <script>alert(1)</script> & more
    x11             6001/udp        # <script>alert(1)</script> & more
    x11             6001/sctp       # <script>alert(1)</script> & more
    x11             6001/dccp       # <script>alert(1)</script> & more
    x11             6002/tcp        # <script>alert(1)</script> & more
    x11             6002/udp        # <script>alert(1)</script> & more
    x11             6002/sctp       # <script>alert(1)</script> & more
    x11             6002/dccp       # <script>alert(1)</script> & more
    # left out, names without a port: 1
    "###);
}

#[test]
fn what_the_form_cannot_hold_is_said_and_no_line_is_too_long() {
    let long = "word ".repeat(60);
    let many: String = (0..12)
        .map(|n| format!("a-long-name-{n:03},7,tcp,{long},,,,,,,,\n"))
        .collect();
    let registry = crate::registry(&format!(
        "{many}\
         two words,8,tcp,,,,,,,,,\n\
         #note,9,tcp,,,,,,,,,\n\
         \"evil\nssh 22/tcp\",10,tcp,\"x\n# y\nssh 22/tcp\",,,,,,,,\n\
         wide,1-40000,udp,,,,,,,,,\n\
         quiet,11,sctp,\"first\nssh 22/tcp\",,,,,,,,\n"
    ));
    let text = written(services::write, &Extract::whole(&registry));
    assert!(text.lines().all(|line| line.len() <= 126), "{text}");
    assert_snapshot!(text, @r###"
    # Network services, Internet style: services(5)
    # from IANA's registry
    a-long-name-000 7/tcp a-long-name-001 a-long-name-002 a-long-name-003 a-long-name-004 a-long-name-005 a-long-name-006
    a-long-name-007 7/tcp a-long-name-008 a-long-name-009 a-long-name-010 a-long-name-011 # word word word word word word word...
    quiet           11/sctp         # first
    # left out, more than 256 ports: wide 1-40000/udp
    # left out, not a name here: "two words" 8/tcp
    # left out, not a name here: "#note" 9/tcp
    # left out, not a name here: "evil ssh 22/tcp" 10/tcp
    "###);
}

/// Every name of the registry that has a port, and nothing else, as getent lists it.
#[test]
fn getent_reads_back_every_name() {
    let registry = Registry::from_csv(base().as_slice()).unwrap();
    let mut expected: BTreeMap<(u16, String), BTreeSet<&str>> = BTreeMap::new();
    // Four rows have a remark where a name should be, which no reader of the form could tell from
    // a name and aliases.
    let is_name = |name: &str| !name.is_empty() && !name.contains(' ');
    for row in registry.rows().filter(|row| is_name(row.service_name())) {
        let transports = Transport::ALL.into_iter().filter(|t| row.covers(*t));
        for transport in transports {
            for port in row.ports.iter().flat_map(|ports| ports.ports()) {
                let place = (port, transport.to_string());
                expected
                    .entry(place)
                    .or_default()
                    .insert(row.service_name());
            }
        }
    }
    let text = written(services::write, &Extract::whole(&registry));
    let root = Root::new(&text);
    let listed = root.getent(&[]);
    let mut seen: BTreeMap<(u16, String), BTreeSet<&str>> = BTreeMap::new();
    for line in listed.lines() {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap();
        let (port, transport) = words.next().unwrap().split_once('/').unwrap();
        let names = std::iter::once(name).chain(words).collect();
        let place = (port.parse().unwrap(), transport.to_owned());
        assert_eq!(seen.insert(place, names), None, "{line}");
    }
    let odd: Vec<_> = expected
        .iter()
        .filter(|(place, names)| seen.get(place) != Some(names))
        .collect();
    assert!(odd.is_empty() && seen.len() == expected.len(), "{odd:?}");
    let left_out: Vec<&str> = text.lines().filter(|l| l.starts_with("# left")).collect();
    assert_snapshot!(left_out.join("\n"), @r###"
    # left out, not a name here: "Apple Remote Desktop (Net Assistant)" 3283/tcp
    # left out, not a name here: "Apple Remote Desktop (Net Assistant)" 3283/udp
    # left out, not a name here: "Escale (Newton Dock)" 3679/tcp
    # left out, not a name here: "Escale (Newton Dock)" 3679/udp
    # left out, names without a port: 1039
    "###);

    let asked = root.getent(&[
        "http/tcp",
        "nfs",
        "whois++",
        "6010/tcp",
        "2049/udp",
        "boe-cms/udp",
    ]);
    assert_snapshot!(asked, @r###"
    http                  80/tcp www www-http
    nfs                   2049/tcp shilp
    whoispp               63/tcp whois++
    x11                   6010/tcp
    nfs                   2049/udp shilp
    boe-cms               6400/udp
    "###);
}

/// A folder that getent takes for the whole file system, since it reads no other file than
/// `/etc/services`.
struct Root(tempfile::TempDir);

impl Root {
    fn new(services: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let place = |path: &Path| {
            let inside = root.path().join(path.strip_prefix("/").unwrap());
            fs::create_dir_all(inside.parent().unwrap()).unwrap();
            inside
        };
        fs::write(place(Path::new("/etc/services")), services).unwrap();
        fs::write(place(Path::new("/etc/nsswitch.conf")), "services: files\n").unwrap();
        let needed = output(Command::new("ldd").arg("/usr/bin/getent"));
        let libraries = needed
            .split_whitespace()
            .filter(|word| word.starts_with('/'));
        for file in libraries.chain(["/usr/bin/getent"]) {
            fs::copy(file, place(Path::new(file))).unwrap();
        }
        Self(root)
    }

    /// An ordinary user becomes root of a user namespace of its own first.
    fn getent(&self, keys: &[&str]) -> String {
        let own = output(Command::new("id").arg("-u"));
        let mut command = if own.trim() == "0" {
            Command::new("chroot")
        } else {
            let mut command = Command::new("unshare");
            command.args(["--map-root-user", "chroot"]);
            command
        };
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{path}:/usr/sbin:/sbin"));
        output(
            command
                .arg(self.0.path())
                .args(["/usr/bin/getent", "services"])
                .args(keys),
        )
    }
}

fn output(command: &mut Command) -> String {
    let done = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let error = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {error}");
    String::from_utf8(done.stdout).unwrap()
}
