use std::net::IpAddr;
use std::time::Duration;

use portolan_ports::{Gap, Published, Unseen};

use super::*;

fn listener(owners: Vec<Owner>) -> Listener {
    Listener {
        uid: Some(0),
        inode: 7,
        cookie: Some(9),
        owners,
        ..Listener::new(Transport::Tcp, (IpAddr::from([127, 0, 0, 1]), 8080).into())
    }
}

fn owner(pid: u32, program: &str) -> Owner {
    Owner {
        pid,
        program: program.into(),
        ..Owner::default()
    }
}

fn docker(name: &str) -> Container {
    Container {
        runtime: "docker".into(),
        id: "0123456789abcdef".repeat(4),
        name: Some(name.into()),
        image: None,
    }
}

fn in_unit(unit: &str, manager_of: Option<u32>) -> Vitals {
    Vitals {
        unit: Some(Unit(unit.into())),
        manager_of,
        ..Vitals::default()
    }
}

/// The plan as lines, steps first; refusals begin with "not".
fn said(listeners: &[Listener], vitals: &[(u32, Vitals)], way: Way, kin: &Kin) -> Vec<String> {
    let mut known: BTreeMap<u32, Vitals> = vitals.iter().cloned().collect();
    for owner in listeners.iter().flat_map(|listener| &listener.owners) {
        known.entry(owner.pid).or_default();
    }
    let asked = Asked {
        port: 8080,
        transport: None,
        address: None,
        way,
        grace: Duration::from_secs(3),
        ssh_connection: None,
    };
    let scene = Scene {
        kin,
        supported: true,
        booted: true,
        own_user: Some(0),
        may_close: true,
        may_signal: &|pid| pid != 666,
        interface: &|name| (name == "eth0").then_some(2),
        vitals: &known,
    };
    let plan = plan(listeners, &[], &asked, &scene);
    let refusals = plan.refusals.iter().map(|refusal| format!("not {refusal}"));
    plan.steps
        .iter()
        .map(ToString::to_string)
        .chain(refusals)
        .collect()
}

fn stop(listeners: &[Listener], vitals: &[(u32, Vitals)]) -> Vec<String> {
    said(listeners, vitals, Way::Stop, &Kin::default())
}

#[test]
fn a_process_of_no_unit_is_sent_a_signal_parents_first() {
    let below = |parent| Vitals {
        parent,
        ..Vitals::default()
    };
    let owners = [10, 20, 30].map(|pid| owner(pid, "nc")).to_vec();
    assert_eq!(
        stop(
            &[listener(owners)],
            &[(10, below(30)), (20, below(10)), (30, below(1))]
        ),
        [
            "send SIGTERM to pid 30 (nc)",
            "send SIGTERM to pid 10 (nc)",
            "send SIGTERM to pid 20 (nc)"
        ]
    );
}

#[test]
fn a_unit_stops_with_the_socket_unit_that_would_start_it_anew() {
    let mut activated = listener(vec![owner(1, "systemd"), owner(50, "web")]);
    activated.socket_unit = Some(Unit("web.socket".into()));
    assert_eq!(
        stop(&[activated.clone()], &[(50, in_unit("web.service", None))]),
        [
            "stop the units web.socket and web.service with everything in it: systemctl --no-ask-password stop -- web.socket web.service"
        ]
    );
    // Not yet activated: the first process alone.
    activated.owners.truncate(1);
    assert_eq!(
        stop(&[activated], &[]),
        [
            "stop the unit web.socket with everything in it: systemctl --no-ask-password stop -- web.socket"
        ]
    );
    assert_eq!(
        stop(
            &[listener(vec![owner(50, "dev")])],
            &[(50, in_unit("dev.service", Some(1000)))]
        ),
        [
            "stop the unit dev.service with everything in it: systemctl --no-ask-password --user --machine=1000@.host stop -- dev.service"
        ]
    );
}

#[test]
fn a_persons_own_manager_is_asked_and_never_hit() {
    let manager = Vitals {
        name: "systemd".into(),
        ..Vitals::default()
    };
    let mut held = listener(vec![Owner {
        uid: Some(1000),
        ..owner(70, "systemd")
    }]);
    assert_eq!(
        stop(&[held.clone()], &[(70, manager.clone())]),
        [
            "not pid 70 (systemd): it is a person's own unit manager, and everything of that person ends with it"
        ]
    );
    held.socket_unit = Some(Unit("dev.socket".into()));
    assert_eq!(
        stop(&[held], &[(70, manager)]),
        [
            "stop the unit dev.socket with everything in it: systemctl --no-ask-password --user --machine=1000@.host stop -- dev.socket"
        ]
    );
}

#[test]
fn a_published_port_stops_its_container_and_never_the_engine() {
    let mut proxied = listener(vec![owner(50, "docker-proxy")]);
    let engine = [(50, in_unit("docker.service", None))];
    assert_eq!(
        stop(&[proxied.clone()], &engine),
        ["not pid 50 (docker-proxy): it passes the port on for a container that is not known"]
    );
    proxied.published = Some(Published {
        container: docker("web1"),
        port: 80,
    });
    assert_eq!(
        stop(&[proxied.clone()], &engine),
        ["stop the container web1: docker stop 0123456789ab"]
    );
    let mut inside = listener(vec![Owner {
        container: Some(docker("web2")),
        ..owner(60, "nginx")
    }]);
    let nested = Vitals {
        nested: true,
        ..Vitals::default()
    };
    assert_eq!(
        said(
            &[inside.clone()],
            &[(60, nested)],
            Way::Kill,
            &Kin::default()
        ),
        ["stop the container web2: docker stop -t 3 0123456789ab"]
    );
    // Seen from inside the same container, it is a process as any other.
    let kin = Kin {
        control_groups: vec![format!("0::/docker/{}\n", docker("web2").id)],
        ..Kin::default()
    };
    assert_eq!(
        said(&[inside.clone()], &[], Way::Stop, &kin),
        ["send SIGTERM to pid 60 (nginx)"]
    );
    inside.owners[0].container = Some(Container {
        runtime: "lxc".into(),
        ..docker("c1")
    });
    assert_eq!(
        stop(&[inside], &[]),
        ["not pid 60 (nginx): it runs in a container of lxc, which is not stopped from here"]
    );
}

#[test]
fn whoever_must_not_be_hit_is_refused_in_every_way() {
    let kin = Kin {
        line: vec![77, 42, 1],
        control_groups: vec!["0::/system.slice/ci.service\n".into()],
        ..Kin::default()
    };
    for way in [Way::Stop, Way::Kill, Way::Close] {
        let refused = |pid, program| said(&[listener(vec![owner(pid, program)])], &[], way, &kin);
        assert_eq!(
            refused(1, "systemd"),
            ["not pid 1 (systemd): the machine or container ends with it"]
        );
        assert_eq!(
            refused(42, "bash"),
            ["not pid 42 (bash): portolan runs below it and would end with it"]
        );
        let mut hidden = listener(Vec::new());
        hidden.owner_gap = Some(Gap {
            what: Unseen::Owner,
            why: Why::Permission,
            detail: String::new(),
        });
        assert_eq!(
            said(&[hidden], &[], way, &kin),
            ["not 127.0.0.1:8080/tcp: its owner is hidden from this user"]
        );
        let over_ssh = Kin {
            ssh: Some(portolan_act::kin::Door { port: Some(8080) }),
            ..Kin::default()
        };
        assert_eq!(
            said(&[listener(vec![owner(90, "sshd")])], &[], way, &over_ssh),
            [
                "not 127.0.0.1:8080/tcp: this session came in over ssh, and nobody could come in again"
            ]
        );
    }
    let own = [(90, in_unit("ci.service", None))];
    assert_eq!(
        said(&[listener(vec![owner(90, "java")])], &own, Way::Stop, &kin),
        ["not pid 90 (java): portolan itself runs in ci.service"]
    );
    assert_eq!(
        stop(&[listener(vec![owner(666, "other")])], &[]),
        ["not pid 666 (other): sending it a signal is not permitted"]
    );
    let nested = Vitals {
        nested: true,
        ..Vitals::default()
    };
    assert_eq!(
        stop(&[listener(vec![owner(90, "init")])], &[(90, nested)]),
        [
            "not pid 90 (init): it lives in a pid namespace of its own, and everything there may end with it"
        ]
    );
}

#[test]
fn a_socket_is_closed_by_its_cookie_and_tcp_alone() {
    let mut held = listener(vec![owner(50, "nc")]);
    held.interface = Some("eth0".into());
    let close = |listener: &Listener| {
        said(
            std::slice::from_ref(listener),
            &[],
            Way::Close,
            &Kin::default(),
        )
    };
    assert_eq!(
        close(&held),
        ["close the socket at 127.0.0.1:8080/tcp (SOCK_DESTROY)"]
    );
    held.interface = Some("gone0".into());
    assert_eq!(
        close(&held),
        ["not 127.0.0.1:8080/tcp: the interface that it is bound to is gone"]
    );
    held.cookie = None;
    assert_eq!(
        close(&held),
        ["not 127.0.0.1:8080/tcp: the kernel does not tell the socket's cookie"]
    );
    held.transport = Transport::Udp;
    assert_eq!(
        close(&held),
        ["not 127.0.0.1:8080/udp: only a TCP socket can be closed alone; others stay bound"]
    );
}
