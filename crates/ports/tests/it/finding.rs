//! What deserves attention besides the verdict.

use portolan_ports::{ExeState, Gap, Listener, Surroundings, Unseen, Why};
use portolan_registry::PortRange;

use crate::scene::Scene;

fn found(scene: &Scene, surroundings: &Surroundings<'_>) -> Vec<String> {
    let findings = scene.judge_in(surroundings).findings;
    findings
        .iter()
        .map(|f| format!("{} {}: {}", f.severity.as_str(), f.kind.as_str(), f.because))
        .collect()
}

fn alone(scene: &Scene) -> Vec<String> {
    found(scene, &Surroundings::default())
}

#[test]
fn an_ordinary_loopback_listener_has_none() {
    assert_eq!(
        alone(&Scene::new(22, "sshd").proven("ssh", false, None)),
        Vec::<String>::new()
    );
}

#[test]
fn each_kind_with_its_evidence() {
    let mut redis = Scene::new(6379, "redis-server").proven("redis", false, None);
    redis.listener.address = "::".parse().unwrap();
    redis.listener.dual_stack = true;
    redis.identification.as_mut().unwrap().unauthenticated = Some(true);
    redis.listener.owners[0].exe_state = ExeState::Deleted;
    redis.listener.owners[0].exe = Some("/usr/bin/redis-server".into());
    assert_eq!(
        alone(&redis),
        [
            "alert no_authentication: redis answered a question without asking who we are, and it is bound beyond loopback",
            "warning executable_deleted: the file of pid 7, /usr/bin/redis-server, is gone since it started; the old code still runs",
            "note clear_text: redis without TLS: it can be read by whoever can listen on the way",
            "note bound_to_all: bound to every IPv6 and IPv4 address of this machine; the firewall was not consulted",
        ]
    );

    let ephemeral = Surroundings {
        ephemeral: PortRange::new(32768, 60999),
        ..Surroundings::default()
    };
    assert_eq!(
        found(&Scene::new(40000, "x"), &ephemeral),
        [
            "note ephemeral_range: inside 32768-60999, from which this system takes source ports: when it starts, another program may have the port"
        ]
    );
    assert_eq!(
        alone(&Scene::new(6000, "x").proven("http", true, None)),
        ["note browser_blocked: browsers refuse to open port 6000"]
    );
    assert_eq!(
        alone(&Scene::new(724, "x")),
        [
            "note unassigned_system_port: a System port in use that nobody is assigned: registry row 717-728 says \"Unassigned\""
        ]
    );
    assert_eq!(
        alone(&Scene::new(2222, "dropbear").proven("postgresql", false, None)),
        ["warning wire_and_program_disagree: dropbear usually speaks ssh, and postgresql answers"]
    );
    // sshd also holds the ports that its clients forward (ssh -R).
    assert!(alone(&Scene::new(2222, "sshd").proven("postgresql", false, None)).is_empty());
    assert_eq!(
        alone(&Scene::new(22, "dropbear").proven("ssh", false, Some("openssh"))),
        [
            "warning wire_and_program_disagree: dropbear is dropbear, and what answers says that it is openssh"
        ]
    );
}

#[test]
fn a_hidden_owner_on_a_number_known_from_malware() {
    let mut scene = Scene::new(4444, "x");
    scene.listener.owners.clear();
    scene.listener.owner_gap = Some(Gap {
        what: Unseen::Owner,
        why: Why::Permission,
        detail: String::new(),
    });
    let found = alone(&scene);
    assert!(found[0].starts_with("warning malware_port: its owner is unknown, and malware is on record for this number, which proves nothing by itself"));
    assert_eq!(
        found[1..],
        ["note owner_hidden: this user may not see who holds it"]
    );
}

#[test]
fn two_sockets_of_two_programs_share_a_port_and_one_inherited_socket_does_not() {
    let scene = Scene::new(8080, "one");
    let mut other: Listener = scene.listener.clone();
    other.owners[0].program = "two".into();
    let shared = |other: &Listener| {
        found(
            &scene,
            &Surroundings {
                neighbours: &[&scene.listener, other],
                ..Surroundings::default()
            },
        )
    };
    assert_eq!(
        shared(&other),
        Vec::<String>::new(),
        "the same socket in two processes"
    );
    other.inode = 2;
    assert_eq!(
        shared(&other),
        ["warning shared_port: one and two (pid 7) both listen on it"]
    );
    other.address = "10.0.0.1".parse().unwrap();
    assert_eq!(shared(&other), Vec::<String>::new(), "another address");
    other.address = "0.0.0.0".parse().unwrap();
    assert_eq!(shared(&other).len(), 1, "every address takes this one in");
}
