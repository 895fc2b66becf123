//! One verdict for one listener, with its reason.

use portolan_ports::{Probe, ProbeState};

use crate::scene::Scene;

#[test]
fn what_was_proven_is_a_service_assigned_to_the_port() {
    assert_eq!(
        Scene::new(22, "sshd")
            .proven("ssh", false, Some("openssh"))
            .said(),
        "registered: ssh answers, and 22/tcp is assigned to it"
    );
    assert_eq!(
        Scene::new(443, "nginx")
            .proven("http", true, Some("nginx"))
            .said(),
        "registered: http inside TLS answers, and 443/tcp is assigned to it"
    );
    assert_eq!(
        Scene::new(8080, "java").proven("http", false, None).said(),
        "registered: http answers, and 8080/tcp is assigned to it"
    );
    assert_eq!(
        Scene::new(5984, "beam.smp")
            .proven("http", false, Some("couchdb"))
            .said(),
        "registered: http answers, and 5984/tcp is assigned to it"
    );
}

#[test]
fn knowledge_names_what_is_not_assigned() {
    let verdict = Scene::new(5173, "node")
        .proven("http", false, Some("vite"))
        .judge();
    assert_eq!(verdict.kind.as_str(), "customary");
    assert!(
        verdict.sources[0].starts_with("https://"),
        "{:?}",
        verdict.sources
    );
    assert!(
        Scene::new(2222, "sshd")
            .proven("ssh", false, Some("openssh"))
            .said()
            .starts_with("customary: ssh answers; ")
    );
    assert!(
        Scene::new(8443, "java")
            .proven("http", true, None)
            .said()
            .starts_with("customary: http inside TLS")
    );
}

#[test]
fn a_contradiction_is_a_mismatch() {
    assert_eq!(
        Scene::new(4444, "python3")
            .proven("http", false, Some("python-http-server"))
            .said(),
        "mismatch: 4444/tcp is assigned: the product that answers, python-http-server, is not krb524; nor is it nv-video"
    );
    assert_eq!(
        Scene::new(22, "nc").proven("http", false, None).said(),
        "mismatch: 22/tcp is assigned: ssh speaks ssh, and http answers"
    );
    assert_eq!(
        Scene::new(443, "nginx")
            .proven("http", false, Some("nginx"))
            .said(),
        "mismatch: 443/tcp is assigned: https is http inside TLS, and clear http answers"
    );
    assert_eq!(
        Scene::new(4444, "postgres")
            .proven("postgresql", false, None)
            .said(),
        "mismatch: 4444/tcp is assigned: postgresql is a service of its own and carries no other, so it is not krb524; nor is it nv-video"
    );
}

#[test]
fn a_carrier_alone_is_no_contradiction() {
    assert_eq!(
        Scene::new(2379, "x").proven("http", false, None).said(),
        "unknown: etcd-client speaks http, and the http that answers does not say which product it is"
    );
    assert_eq!(
        Scene::new(4444, "x").proven("http", false, None).said(),
        "unknown: http carries many services, its product is not told, and how krb524 speaks is not known"
    );
    assert_eq!(
        Scene::new(443, "x").proven("tls", true, None).said(),
        "unknown: what https would say inside TLS was not seen"
    );
}

#[test]
fn an_unassigned_port_with_a_known_answer_is_unregistered() {
    assert_eq!(
        Scene::new(724, "x").proven("http", false, None).said(),
        "unregistered: http answers, and 724/tcp is unassigned: registry row 717-728 says \"Unassigned\""
    );
    assert_eq!(
        Scene::new(60000, "redis-server")
            .proven("redis", false, None)
            .said(),
        "unregistered: redis answers, and 60000/tcp is unassigned: Dynamic range 49152-65535, never assigned (RFC 6335 section 6)"
    );
}

#[test]
fn without_proof_the_reason_is_said() {
    let mut scene = Scene::new(22, "sshd");
    assert_eq!(
        scene.said(),
        "unknown: it takes connections and says nothing"
    );
    scene.probe = Probe::skipped("nc may take one connection only and end with it");
    assert_eq!(
        scene.said(),
        "unknown: not asked: nc may take one connection only and end with it"
    );
    scene.probe = Probe {
        state: ProbeState::Refused,
        why: None,
        sent: Vec::new(),
    };
    assert_eq!(scene.said(), "unknown: it refused the connection");
    scene.probe = Probe {
        state: ProbeState::Inconclusive,
        why: Some("it hung up".into()),
        sent: Vec::new(),
    };
    assert_eq!(
        scene.said(),
        "unknown: no known protocol is proven: it hung up"
    );
}
