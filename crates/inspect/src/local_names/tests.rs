use std::fs;

use super::*;

const ALL: [NameOrigin; 3] = [NameOrigin::Services, NameOrigin::Firewalld, NameOrigin::Ufw];

struct Machine(tempfile::TempDir);

impl Machine {
    fn new(files: &[(&str, &str)]) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            machine.write(path, text.as_bytes());
        }
        machine
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// One line for each name and gap.
    fn says(&self, ports: &[PortRange], origins: &[NameOrigin]) -> Vec<String> {
        let (names, gaps) = local_names(self.0.path(), ports, origins);
        let root = format!("{}/", self.0.path().display());
        let names = names.iter().map(|name| {
            format!(
                "{} {}/{} {:?} {:?} {}",
                name.origin.as_str(),
                name.ports,
                name.transport.map_or("any", Transport::as_str),
                name.name,
                name.title.as_deref().unwrap_or_default(),
                name.file.strip_prefix(&root).unwrap(),
            )
        });
        let gaps = gaps
            .iter()
            .map(|gap| format!("gap {} {}", gap.why.as_str(), gap.detail.replace(&root, "")));
        names.chain(gaps).collect()
    }
}

fn one(port: Port) -> [PortRange; 1] {
    [PortRange::single(port)]
}

const SERVICES: &str = "# head\n\
    http\t\t80/tcp\t\twww\t\t# WorldWideWeb HTTP\n\
    kerberos 0088/udp krb5   #Kerberos # v5\n  indented 80/sctp\n\
    180/tcp 8080/tcp\n#old 80/udp\nrtmp 1/ddp\nbad 80/TCP\nworse 80\nworst\nbig 70000/tcp\nlast 80/udp";

#[test]
fn a_service_has_aliases_and_a_comment_for_its_title() {
    let machine = Machine::new(&[("etc/services", SERVICES)]);
    let few = machine.says(&one(80), &ALL);
    assert_eq!(
        few,
        [
            r#"services 80/tcp "http" "WorldWideWeb HTTP" etc/services"#,
            r#"services 80/tcp "www" "WorldWideWeb HTTP" etc/services"#,
            r#"services 80/sctp "indented" "" etc/services"#,
            r#"services 80/udp "last" "" etc/services"#,
        ]
    );
    assert_eq!(
        machine.says(&one(88), &ALL),
        [
            r#"services 88/udp "kerberos" "Kerberos # v5" etc/services"#,
            r#"services 88/udp "krb5" "Kerberos # v5" etc/services"#,
        ]
    );
    // A name that looks like a port is one all the same.
    assert_eq!(
        machine.says(&one(8080), &ALL),
        [r#"services 8080/tcp "180/tcp" "" etc/services"#]
    );
    assert_eq!(machine.says(&one(180), &ALL), [""; 0]);
}

#[test]
fn the_search_for_few_ports_finds_what_reading_every_line_finds() {
    let machine = Machine::new(&[("etc/services", SERVICES)]);
    let all = machine.says(&[PortRange::ALL], &ALL);
    assert_eq!(all.len(), 7, "{all:#?}");
    let mut one_by_one: Vec<String> = (0..=9000)
        .flat_map(|port| machine.says(&one(port), &ALL))
        .collect();
    let mut all = all;
    all.sort();
    one_by_one.sort();
    assert_eq!(one_by_one, all);
}

const SAMBA: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<service>
  <short>Samba &amp; co</short>
  <description>Shares <b>port</b> things.</description>
  <include service="samba-client"/>
  <port protocol="tcp" port="139"/>
  <port protocol="udp" port="8000-8010"></port>
  <port protocol="47" port=""/>
  <source-port protocol="tcp" port="445"/>
  <destination ipv4="224.0.0.251"/>
</service>
"#;

#[test]
fn a_service_of_the_machine_replaces_the_installed_one() {
    let machine = Machine::new(&[
        ("usr/lib/firewalld/services/samba.xml", SAMBA),
        ("usr/lib/firewalld/services/samba.xml.bak", SAMBA),
        ("usr/lib/firewalld/services/web.xml", SAMBA),
        (
            "etc/firewalld/services/web.xml",
            r#"<service><port port="139" protocol="sctp"/></service>"#,
        ),
    ]);
    assert_eq!(
        machine.says(&one(139), &ALL),
        [
            r#"firewalld 139/tcp "samba" "Samba & co" usr/lib/firewalld/services/samba.xml"#,
            r#"firewalld 139/sctp "web" "" etc/firewalld/services/web.xml"#,
        ]
    );
    assert_eq!(
        machine.says(&one(8005), &ALL),
        [r#"firewalld 8000-8010/udp "samba" "Samba & co" usr/lib/firewalld/services/samba.xml"#]
    );
    assert_eq!(machine.says(&one(445), &ALL), [""; 0]);
}

const PROFILES: &str = "\
# a comment
[WWW Full]
title=Web Server (HTTP,HTTPS)
description=Web
 [no] section
 ports=1
Ports = 80,443/tcp|8000:8010/udp

[DNS]
title: Name = server
ports=53
[Twice]
ports=9/tcp
[Twice]
ports=443/any
[Bare]
title=no ports
[Odd]
ports=80/carrier-pigeon
";

#[test]
fn a_profile_has_lists_ranges_and_both_transports() {
    let machine = Machine::new(&[
        ("etc/ufw/applications.d/all", PROFILES),
        ("etc/ufw/applications.d/all.dpkg-old", PROFILES),
        ("etc/ufw/applications.d/.hidden", PROFILES),
        ("etc/ufw/applications.d/below/another", PROFILES),
    ]);
    let of = |port| machine.says(&one(port), &ALL);
    let gaps = [
        r#"gap failed cannot read etc/ufw/applications.d/all: its profile "Bare" has no ports that ufw(8) describes"#,
        r#"gap failed cannot read etc/ufw/applications.d/all: its profile "Odd" has no ports that ufw(8) describes"#,
    ];
    assert_eq!(
        of(443),
        [
            r#"ufw 443/any "Twice" "" etc/ufw/applications.d/all"#,
            r#"ufw 443/tcp "WWW Full" "Web Server (HTTP,HTTPS)" etc/ufw/applications.d/all"#,
            gaps[0],
            gaps[1],
        ]
    );
    assert_eq!(
        of(8010)[0],
        r#"ufw 8000-8010/udp "WWW Full" "Web Server (HTTP,HTTPS)" etc/ufw/applications.d/all"#
    );
    assert_eq!(
        of(53)[0],
        r#"ufw 53/any "DNS" "Name = server" etc/ufw/applications.d/all"#
    );
    assert_eq!(of(1), gaps);
    assert_eq!(of(9), gaps);
}

#[test]
fn what_is_absent_says_nothing_and_what_cannot_be_read_is_a_gap() {
    let machine = Machine::new(&[]);
    assert_eq!(machine.says(&[PortRange::ALL], &ALL), [""; 0]);
    fs::create_dir_all(machine.0.path().join("etc/services")).unwrap();
    machine.write(
        "usr/lib/firewalld/services/broken.xml",
        b"<service><short>x</service>",
    );
    machine.write("usr/lib/firewalld/services/empty.xml", b"");
    machine.write(
        "usr/lib/firewalld/services/named.xml",
        br#"<service><port port="http" protocol="tcp"/></service>"#,
    );
    let said = machine.says(&[PortRange::ALL], &ALL);
    assert_eq!(said.len(), 4, "{said:#?}");
    let beginnings = [
        "gap failed cannot read etc/services: it is no regular file",
        "gap failed cannot read usr/lib/firewalld/services/broken.xml: it is no XML: ",
        "gap failed cannot read usr/lib/firewalld/services/empty.xml: it holds no <service>",
        r#"gap failed cannot read usr/lib/firewalld/services/named.xml: "http" over "tcp" is no port"#,
    ];
    for (said, beginning) in said.iter().zip(beginnings) {
        assert!(said.starts_with(beginning), "{said}");
    }
}

#[test]
fn hostile_files_are_bounded() {
    let machine = Machine::new(&[]);
    let mut bytes = b"\xff\xfe\x00\x1b[31m 80/tcp \xf0\x9f # \x00".to_vec();
    bytes.extend(b"x".repeat(5000));
    bytes.extend(b"\n80/80/tcp 80/tcp 80/\n80/");
    machine.write("etc/services", &bytes);
    let (names, gaps) = local_names(machine.0.path(), &one(80), &ALL);
    assert_eq!(gaps, []);
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(names[0].title.as_ref().unwrap().chars().count() <= LONGEST_TEXT + 3);
    assert_eq!(names[2].name, "80/80/tcp");

    machine.write("etc/services", &b"a 80/tcp\n".repeat(MOST_NAMES + 2));
    let (names, gaps) = local_names(machine.0.path(), &one(80), &ALL);
    assert_eq!((names.len(), gaps.len()), (MOST_NAMES, 1));

    machine.write("etc/services", &vec![b'a'; MOST_BYTES + 1]);
    let said = machine.says(&one(80), &ALL);
    assert_eq!(
        said,
        ["gap failed cannot read etc/services: it is longer than any such file"]
    );
}

proptest::proptest! {
    #[test]
    fn whatever_the_files_hold_a_name_is_of_what_was_asked(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), text in r#"[a-z0-9:,/|#\[\]=<>" \n-]{0,120}"#) {
        let machine = Machine::new(&[]);
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            for path in ["etc/services", "etc/firewalld/services/a.xml", "etc/ufw/applications.d/a"] {
                machine.write(path, bytes);
            }
            for ports in [&one(80)[..], &[PortRange::ALL]] {
                let (names, _gaps) = local_names(machine.0.path(), ports, &ALL);
                for name in names {
                    let asked = |range: &PortRange| {
                        range.first() <= name.ports.last() && name.ports.first() <= range.last()
                    };
                    proptest::prop_assert!(ports.iter().any(asked), "{:?}", name);
                    proptest::prop_assert!(!name.name.is_empty(), "{:?}", name);
                    let title = name.title.as_deref().unwrap_or_default();
                    let longest = name.name.chars().count().max(title.chars().count());
                    proptest::prop_assert!(longest <= LONGEST_TEXT, "{:?}", name);
                }
            }
        }
    }
}
