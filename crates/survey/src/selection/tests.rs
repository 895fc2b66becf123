//! Filters against listeners that no machine need have.

use std::net::{IpAddr, Ipv4Addr};

use portolan_ports::{Container, Group, Namespace, Owner, Package, Pod, Published, Unit, Why};
use portolan_registry::Transport;
use proptest::prelude::*;

use super::*;

fn listener(port: u16) -> Listener {
    Listener {
        uid: Some(0),
        inode: 1,
        owner_gap: Some(Gap {
            what: Unseen::Owner,
            why: Why::Permission,
            detail: String::new(),
        }),
        ..Listener::new(Transport::Tcp, (Ipv4Addr::LOCALHOST, port).into())
    }
}

fn container() -> Container {
    Container {
        runtime: "docker".to_owned(),
        id: "0123456789abcdef".repeat(4),
        name: Some("web1".to_owned()),
        image: Some("registry.example:5000/team/nginx:1.27".to_owned()),
    }
}

/// Everything that a filter may ask for.
fn nginx() -> Listener {
    Listener {
        interface: Some("eth0".to_owned()),
        group: Some(Group {
            members: 2,
            reuse_port: Some(true),
        }),
        owner_gap: None,
        socket_unit: Some(Unit("web.socket".to_owned())),
        owners: vec![
            Owner {
                pid: 1,
                program: "systemd".to_owned(),
                exe: Some("/usr/lib/systemd/systemd".to_owned()),
                uid: Some(0),
                user: Some("root".to_owned()),
                ..Owner::default()
            },
            Owner {
                pid: 123,
                program: "nginx".to_owned(),
                exe: Some("/usr/sbin/nginx".to_owned()),
                uid: Some(33),
                user: Some("www-data".to_owned()),
                unit: Some(Unit("nginx@a.service".to_owned())),
                container: Some(container()),
                pod: Some(Pod {
                    uid: "5d0a-11".to_owned(),
                    name: Some("shop/front-0".to_owned()),
                }),
                package: Some(Package {
                    system: "dpkg",
                    name: "nginx-light".to_owned(),
                    version: None,
                }),
                ..Owner::default()
            },
        ],
        ..listener(8080)
    }
}

fn decide(word: &str, listener: &Listener) -> Decision {
    Selection::parse([word]).unwrap().decide(listener)
}

#[test]
fn each_key_finds_what_it_speaks_of() {
    for (word, other) in [
        ("8080", "8081"),
        ("80,8000-8999", "8081-8999"),
        ("port:8080", "port:80"),
        ("transport:tcp", "transport:udp,sctp"),
        ("address:127.0.0.0/8", "address:127.0.0.2"),
        ("scope:loopback,any", "scope:any"),
        ("interface:eth*", "interface:eth1"),
        ("namespace:own", "namespace:blue"),
        ("group:yes", "group:no"),
        ("program:NGINX", "program:apache*"),
        ("exe:/usr/*/nginx", "exe:nginx"),
        ("pid:5,123", "pid:12"),
        ("user:www-data", "user:www"),
        ("user:33", "user:3"),
        ("user:root", "user:nobody"),
        ("unit:nginx@a", "unit:nginx"),
        ("unit:nginx@*.service", "unit:nginx@a.socket"),
        ("unit:web", "unit:web.service"),
        ("container:web*", "container:web"),
        ("container:012345", "container:123456"),
        (
            "container:registry.example:5000/team/nginx",
            "container:nginx",
        ),
        ("container:*/nginx", "container:registry.example"),
        ("pod:front-*", "pod:front"),
        ("pod:5d0a", "pod:0a"),
        ("pod:shop/*", "pod:other/*"),
        ("package:nginx-*", "package:nginx"),
        ("!gap:any", "gap:permission"),
    ] {
        let nginx = nginx();
        assert_eq!(decide(word, &nginx), Decision::Fits, "{word}");
        assert_eq!(decide(other, &nginx), Decision::Differs, "{other}");
        for turn in ["!", "not:", "not:!!"] {
            assert_eq!(decide(&format!("{turn}{word}"), &nginx), Decision::Differs);
            assert_eq!(decide(&format!("{turn}{other}"), &nginx), Decision::Fits);
        }
    }
}

#[test]
fn a_hidden_owner_decides_nothing_either_way() {
    let hidden = listener(80);
    for key in [
        "program",
        "exe",
        "user",
        "unit",
        "container",
        "pod",
        "package",
    ] {
        for turn in ["", "!"] {
            let word = format!("{turn}{key}:x");
            assert_eq!(decide(&word, &hidden), Decision::Undecided, "{word}");
        }
    }
    assert_eq!(decide("pid:1", &hidden), Decision::Undecided);
    assert_eq!(decide("gap:permission", &hidden), Decision::Fits);
    assert_eq!(decide("gap:kernel", &hidden), Decision::Differs);
    // What differs for certain is not left open by what is hidden.
    let both = Selection::parse(["user:root", "port:81"]).unwrap();
    assert_eq!(both.decide(&hidden), Decision::Differs);
    // One owner in sight is enough to fit, and not enough to differ.
    let half = Listener {
        owners: vec![Owner {
            pid: 9,
            program: "ssh".to_owned(),
            ..Owner::default()
        }],
        ..hidden
    };
    assert_eq!(decide("program:ssh", &half), Decision::Fits);
    assert_eq!(decide("user:root", &half), Decision::Undecided);
}

#[test]
fn another_namespace_is_never_the_own_one() {
    let named = |name: Option<&str>| Listener {
        namespace: Some(Namespace {
            inode: 4026532001,
            name: name.map(str::to_owned),
        }),
        ..listener(80)
    };
    assert_eq!(
        decide("namespace:blue", &named(Some("blue"))),
        Decision::Fits
    );
    assert_eq!(decide("namespace:4026532001", &named(None)), Decision::Fits);
    assert_eq!(
        decide("namespace:net:[4026532001]", &named(None)),
        Decision::Fits
    );
    for name in [None, Some("own"), Some("blue")] {
        assert_eq!(decide("namespace:own", &named(name)), Decision::Differs);
    }
    assert_eq!(decide("namespace:*", &listener(80)), Decision::Differs);
    for (word, own, others) in [
        ("namespace:own", true, false),
        ("namespace:own,blue", false, false),
        ("namespace:blue", false, true),
        ("!namespace:own", false, true),
        ("!namespace:blue", false, false),
        ("port:80", false, false),
    ] {
        let selection = Selection::parse([word]).unwrap();
        assert_eq!(selection.is_of_own_namespace(), own, "{word}");
        assert_eq!(selection.is_of_other_namespaces(), others, "{word}");
    }
}

#[test]
fn a_published_port_is_its_containers() {
    let to = Published {
        container: container(),
        port: 80,
    };
    let proxied = Listener {
        published: Some(to.clone()),
        ..listener(8080)
    };
    assert_eq!(decide("container:web1", &proxied), Decision::Fits);
    assert_eq!(decide("container:db", &proxied), Decision::Differs);
    let publication = Publication {
        transport: Transport::Tcp,
        address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        port: 8080,
        to,
    };
    for (word, fits) in [
        ("container:web1", Decision::Fits),
        ("8080", Decision::Fits),
        ("scope:any", Decision::Fits),
        ("namespace:own", Decision::Fits),
        ("scope:loopback", Decision::Differs),
        ("program:*", Decision::Differs),
        ("!program:nginx", Decision::Fits),
    ] {
        let selection = Selection::parse([word]).unwrap();
        assert_eq!(selection.decide_publication(&publication), fits, "{word}");
    }
}

#[test]
fn what_stayed_open_is_counted_and_its_reason_kept() {
    let mut seen = Snapshot {
        listeners: vec![listener(1), nginx(), listener(3)],
        ..Snapshot::default()
    };
    let selection = Selection::parse(["user:www-data", "!port:3"]).unwrap();
    assert_eq!(selection.apply(&mut seen), 1);
    assert_eq!(seen.listeners, [nginx()]);
    assert_eq!(seen.gaps.len(), 1);
    assert_eq!(seen.gaps[0].why, Why::Permission);
}

#[test]
fn the_kernel_is_asked_for_the_fewest_ports() {
    let ports = |words: &[&str]| {
        let selection = Selection::parse(words.iter().copied()).unwrap();
        let ranges = selection.ports().unwrap_or_default();
        ranges
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(",")
    };
    assert_eq!(ports(&["user:root"]), "");
    assert_eq!(ports(&["!22"]), "");
    assert_eq!(ports(&["80,443", "user:root"]), "80,443");
    assert_eq!(ports(&["1-1023", "port:22", "8000-8999"]), "22");
}

#[test]
fn a_word_that_is_no_filter_is_told_why() {
    let said = |word: &str| Filter::parse(word).unwrap_err().to_string();
    assert_each(&[
        (
            said("programm:nginx"),
            "cannot filter by \"programm:nginx\": there is no key \"programm\"; the nearest is \"program\"",
        ),
        (
            said("nginx"),
            "cannot filter by \"nginx\": a filter is a port or KEY:VALUE; for a program write program:nginx",
        ),
        (
            said("port:x"),
            "cannot filter by \"port:x\": \"x\" is no value for port, which takes 8080 or 8000-8999; a bare number means this",
        ),
        (
            said("!scope:any,all"),
            "cannot filter by \"!scope:any,all\": \"all\" is no value for scope, which takes any, interface or loopback",
        ),
        (
            said("user:"),
            "cannot filter by \"user:\": \"\" is no value for user, which takes a name or a number; * stands for any text",
        ),
        (
            said("99999"),
            "cannot filter by \"99999\": \"99999\" is no value for port, which takes 8080 or 8000-8999; a bare number means this",
        ),
        (
            said(""),
            "cannot filter by \"\": a filter is a port or KEY:VALUE; for a program write program:",
        ),
    ]);
}

fn assert_each(said: &[(String, &str)]) {
    for (said, expected) in said {
        assert_eq!(said, expected);
    }
}

proptest! {
    #[test]
    fn no_word_is_too_strange_and_a_filter_reads_back(word in "(not:|!){0,2}[a-z]{0,9}:?[ -~é\\x00]{0,12}") {
        if let Ok(filter) = Filter::parse(&word) {
            prop_assert_eq!(filter.word(), word.as_str());
            let turned = Filter::parse(&format!("!{word}")).unwrap();
            for listener in [nginx(), listener(80)] {
                prop_assert_eq!(turned.decide(&listener), filter.decide(&listener).negated());
            }
        }
    }

    #[test]
    fn ports_bound_what_can_fit(first: u16, last: u16, port: u16) {
        let (first, last) = (first.min(last), first.max(last));
        let selection = Selection::parse([format!("{first}-{last}").as_str()]).unwrap();
        let fits = selection.decide(&listener(port)) == Decision::Fits;
        prop_assert_eq!(fits, (first..=last).contains(&port));
        prop_assert!(selection.ports().unwrap().iter().any(|r| r.contains(port)) == fits);
    }

    #[test]
    fn a_selection_is_all_of_its_filters(own in 0usize..6, other in 0usize..6) {
        let words = ["8080", "user:root", "!program:nginx", "gap:any", "scope:any", "pid:123"];
        for listener in [nginx(), listener(8080)] {
            let each = [own, other].map(|at| decide(words[at], &listener));
            let both = Selection::parse([words[own], words[other]]).unwrap();
            prop_assert_eq!(both.decide(&listener), each[0].min(each[1]));
        }
    }
}
