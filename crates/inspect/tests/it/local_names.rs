//! Names of ports, held against the programs whose files they are from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use portolan_inspect::local_names;
use portolan_ports::{LocalName, NameOrigin};
use portolan_registry::{PortRange, Transport};

use crate::machine::{run, target};

/// Where the packages of firewalld, netbase and ufw are unpacked.
fn root() -> PathBuf {
    let root = target().join("stand/names");
    assert!(
        root.join("etc/services").is_file(),
        "{} is missing; run as root: cargo xtask test --install",
        root.display()
    );
    root
}

fn names(root: &Path, ports: PortRange, origin: NameOrigin) -> Vec<LocalName> {
    let (names, gaps) = local_names(root, &[ports], &[origin]);
    assert_eq!(gaps, []);
    names
}

#[test]
fn getservbyport_says_the_same_of_every_port_of_etc_services() {
    let listed = names(Path::new("/"), PortRange::ALL, NameOrigin::Services);
    let places: BTreeSet<(u16, Transport)> = listed
        .iter()
        .filter_map(|name| Some((name.ports.first(), name.transport?)))
        .collect();
    assert!(places.len() > 200, "{}", places.len());
    let keys: Vec<String> = places.iter().map(|(p, t)| format!("{p}/{t}")).collect();
    let mut arguments = vec!["services"];
    arguments.extend(keys.iter().map(String::as_str));
    let told = run("getent", &arguments);
    let told: Vec<Vec<&str>> = told
        .lines()
        .map(|line| line.split_ascii_whitespace().collect())
        .collect();
    assert_eq!(told.len(), places.len());
    for ((port, transport), told) in places.into_iter().zip(told) {
        assert_eq!(told[1], format!("{port}/{transport}"));
        let ours = names(
            Path::new("/"),
            PortRange::single(port),
            NameOrigin::Services,
        );
        let ours: Vec<&str> = ours
            .iter()
            .filter(|name| name.transport == Some(transport))
            .map(|name| name.name.as_str())
            .collect();
        // The first line of a port is the one that getservbyport(3) takes.
        let theirs: Vec<&str> = std::iter::once(told[0]).chain(told[2..].to_vec()).collect();
        assert_eq!(ours[..theirs.len()], theirs, "{port}/{transport}");
    }
}

#[test]
fn every_profile_of_ufw_has_the_ports_that_ufw_reads() {
    const READ: &str = "\
import sys, builtins
builtins._ = lambda text: text
sys.path.insert(0, sys.argv[1] + '/usr/lib/python3/dist-packages')
import ufw.applications as applications
profiles = applications.get_profiles(sys.argv[1] + '/etc/ufw/applications.d')
for name, profile in profiles.items():
    for part in applications.get_ports(profile):
        ports, _, transport = part.partition('/')
        for port in ports.split(','):
            print(name, profile['title'], port.replace(':', '-'), transport or 'any', sep='\\t')
";
    says_the_same(NameOrigin::Ufw, READ, 40);
}

#[test]
fn every_service_of_firewalld_has_the_ports_that_python_reads() {
    const READ: &str = "\
import sys, glob, os, xml.etree.ElementTree as tree
for path in glob.glob(sys.argv[1] + '/usr/lib/firewalld/services/*.xml'):
    service = tree.parse(path).getroot()
    short = service.findtext('short') or ''
    for port in service.findall('port'):
        if port.get('port'):
            name = os.path.basename(path)[:-4]
            print(name, short.strip(), port.get('port'), port.get('protocol'), sep='\\t')
";
    says_the_same(NameOrigin::Firewalld, READ, 300);
}

/// Holds what is read of a collection against what a script in Python prints of it, a line for each
/// name, of which there have to be more than `fewest`.
fn says_the_same(origin: NameOrigin, script: &str, fewest: usize) {
    let root = root();
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(&root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let theirs = String::from_utf8(output.stdout).unwrap();
    let mut theirs: Vec<&str> = theirs.lines().collect();
    let mut ours: Vec<String> = names(&root, PortRange::ALL, origin)
        .iter()
        .map(told)
        .collect();
    theirs.sort_unstable();
    ours.sort();
    assert!(theirs.len() > fewest, "{}", theirs.len());
    assert_eq!(ours, theirs);
}

fn told(name: &LocalName) -> String {
    let title = name.title.as_deref().unwrap_or_default();
    let transport = name.transport.map_or("any", Transport::as_str);
    format!("{}\t{title}\t{}\t{transport}", name.name, name.ports)
}
