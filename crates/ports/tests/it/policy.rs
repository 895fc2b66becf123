//! A host's rules come before everything else.

use portolan_ports::policy::{Demand, Expected, Origin, Rule, Standing, Unlisted};
use portolan_ports::{
    Container, Gap, Namespace, Observation, Owner, Probe, Published, Scope, Severity, Surroundings,
    Unit, Unseen, VerdictKind, Why,
};
use portolan_registry::PortRange;

use crate::scene::{Scene, identification};

fn rule(demand: Demand) -> Rule {
    Rule {
        name: "web".into(),
        ports: PortRange::single(4444),
        transport: None,
        demand,
        severity: Severity::Alert,
        origin: Origin {
            file: "portolan.toml".into(),
            line: 1,
            column: 1,
        },
    }
}

fn with(demand: Demand) -> Scene {
    let mut scene = Scene::new(4444, "nginx").proven("http", false, Some("nginx"));
    scene.policy.rules = vec![rule(demand)];
    scene
}

fn expect(expected: Expected) -> Scene {
    with(Demand::Listener(expected))
}

#[test]
fn a_rule_is_kept_broken_or_not_seen() {
    let program = |name: &str| Expected {
        program: Some(name.into()),
        ..Expected::default()
    };
    assert_eq!(
        expect(program("nginx")).said(),
        "expected: rule \"web\" expects this listener"
    );
    assert_eq!(
        expect(program("caddy")).said(),
        "violation: rule \"web\" is broken: its program is nginx, not caddy"
    );
    assert_eq!(
        with(Demand::Nothing).said(),
        "violation: rule \"web\" is broken: nothing may listen here"
    );

    let mut hidden = expect(program("nginx"));
    hidden.listener.owners.clear();
    assert_eq!(
        hidden.judge().kind,
        VerdictKind::Mismatch,
        "what was not seen is not expected"
    );

    let user = Expected {
        user: Some("www-data".into()),
        ..Expected::default()
    };
    assert_eq!(
        expect(user).judge().kind,
        VerdictKind::Mismatch,
        "an unread user is not seen"
    );

    let protocol = |name: &str| Expected {
        protocol: Some(name.into()),
        ..Expected::default()
    };
    assert_eq!(expect(protocol("http")).judge().kind, VerdictKind::Expected);
    assert_eq!(expect(protocol("ssh")).judge().kind, VerdictKind::Violation);
    let mut unasked = expect(protocol("http"));
    unasked.identification = None;
    assert_eq!(unasked.judge().kind, VerdictKind::Unknown);

    let product = |name: &str| Expected {
        product: Some(name.into()),
        ..Expected::default()
    };
    assert_eq!(expect(product("NGINX")).judge().kind, VerdictKind::Expected);
    assert_eq!(
        expect(product("caddy")).judge().kind,
        VerdictKind::Violation
    );

    let mut wide = expect(Expected {
        scope: Some(Scope::Loopback),
        ..Expected::default()
    });
    assert_eq!(wide.judge().kind, VerdictKind::Expected);
    wide.listener.address = "0.0.0.0".parse().unwrap();
    assert_eq!(
        wide.said(),
        "violation: rule \"web\" is broken: its scope is any, wider than loopback"
    );
}

#[test]
fn a_denial_outweighs_what_is_expected() {
    let mut scene = with(Demand::Listener(Expected::default()));
    assert_eq!(scene.judge().kind, VerdictKind::Expected);
    scene.policy.rules.push(rule(Demand::Nothing));
    assert_eq!(scene.judge().kind, VerdictKind::Violation);
}

/// Two resolvers on one port, at two addresses.
fn two_resolvers(program: &str, address: &str) -> Scene {
    let at = |address: &str, program: &str| {
        let mut rule = rule(Demand::Listener(Expected {
            program: Some(program.into()),
            address: Some(address.parse().unwrap()),
            ..Expected::default()
        }));
        rule.name = program.into();
        rule
    };
    let mut scene = Scene::new(4444, program);
    scene.listener.address = address.parse().unwrap();
    scene.policy.rules = vec![at("127.0.0.1", "unbound"), at("10.0.0.1", "dnsmasq")];
    scene
}

#[test]
fn rules_for_one_port_are_alternatives() {
    assert_eq!(
        two_resolvers("dnsmasq", "10.0.0.1").said(),
        "expected: rule \"dnsmasq\" expects this listener"
    );
    assert_eq!(
        two_resolvers("evil", "10.0.0.1").said(),
        "violation: rule \"dnsmasq\" is broken: its program is evil, not dnsmasq",
        "the nearest rule is named"
    );
    assert_eq!(
        two_resolvers("evil", "0.0.0.0").said(),
        "violation: rule \"unbound\" is broken: its program is evil, not unbound; it is bound to 0.0.0.0, not 127.0.0.1"
    );
    let mut hidden = two_resolvers("dnsmasq", "10.0.0.1");
    hidden.listener.owners.clear();
    assert_eq!(hidden.judge().kind, VerdictKind::Unknown);
}

#[test]
fn what_no_rule_speaks_of_may_be_denied() {
    let mut scene = Scene::new(4444, "nginx");
    let origin = rule(Demand::Nothing).origin;
    let denied = |said| Unlisted::Denied {
        severity: Severity::Warning,
        said,
        origin: origin.clone(),
    };
    scene.policy.unlisted = denied(false);
    assert_eq!(
        scene.said(),
        "violation: no rule of the policy speaks of it (allow-unlisted is false by default once something is expected)"
    );
    scene.policy.unlisted = denied(true);
    assert_eq!(
        scene.said(),
        "violation: no rule of the policy speaks of it"
    );
    assert_eq!(
        scene.judge().sources,
        ["policy: allow-unlisted (portolan.toml:1)"]
    );
    scene.listener.namespace = Some(Namespace {
        inode: 1,
        name: None,
    });
    assert_eq!(
        scene.judge().kind,
        VerdictKind::Unknown,
        "another namespace's addresses are not this host's"
    );
}

/// How the scene stands to its one rule.
fn standing(scene: &Scene) -> Standing {
    let surroundings = Surroundings::default();
    scene.policy.rules[0].judge(&Observation {
        listener: &scene.listener,
        probe: &scene.probe,
        identification: scene.identification.as_ref(),
        surroundings: &surroundings,
    })
}

fn broken(why: &str) -> Standing {
    Standing::Broken(vec![why.to_owned()])
}

fn unseen(why: &str) -> Standing {
    Standing::Unseen(why.to_owned())
}

#[test]
fn no_unit_is_a_difference_and_a_hidden_one_is_not_seen() {
    let mut scene = expect(Expected {
        unit: Some("nginx.service".into()),
        ..Expected::default()
    });
    assert_eq!(
        standing(&scene),
        broken("it has no unit, and should be nginx.service")
    );
    scene.listener.owners[0].unit = Some(Unit("ssh.service".into()));
    assert_eq!(
        standing(&scene),
        broken("its unit is ssh.service, not nginx.service")
    );
    scene.listener.owners.clear();
    scene.listener.owner_gap = Some(Gap {
        what: Unseen::Owner,
        why: Why::Permission,
        detail: "3 processes do not show their descriptors to this user".into(),
    });
    assert_eq!(
        standing(&scene),
        unseen("its unit is hidden: 3 processes do not show their descriptors to this user")
    );
    scene.listener.owner_gap.as_mut().unwrap().why = Why::Kernel;
    assert_eq!(
        standing(&scene),
        broken("no process holds it, the kernel does")
    );
}

#[test]
fn a_path_is_also_the_file_that_it_leads_to() {
    let mut scene = expect(Expected {
        program: Some("/usr/bin/redis-server".into()),
        ..Expected::default()
    });
    let mut runs = |exe: &str, leads_to: Option<&str>| {
        scene.policy.resolve(|path| {
            assert_eq!(path, "/usr/bin/redis-server");
            leads_to.map(str::to_owned)
        });
        scene.listener.owners[0].exe = Some(exe.into());
        standing(&scene)
    };
    let real = "/usr/bin/redis-check-rdb";
    assert_eq!(runs(real, Some(real)), Standing::Kept);
    assert_eq!(runs("/usr/bin/redis-server", Some(real)), Standing::Kept);
    assert_eq!(
        runs("/tmp/redis-server", Some(real)),
        broken("its program is /tmp/redis-server, not /usr/bin/redis-server")
    );
    assert_eq!(
        runs(real, None),
        broken("its program is /usr/bin/redis-check-rdb, not /usr/bin/redis-server")
    );
    let mut by_name = expect(Expected {
        program: Some("redis-server".into()),
        ..Expected::default()
    });
    let untouched = by_name.policy.clone();
    by_name.policy.resolve(|path| Some(format!("/{path}")));
    assert_eq!(by_name.policy, untouched, "a name is no path");
}

#[test]
fn systemd_that_keeps_a_socket_is_no_owner_beside_the_service() {
    let mut scene = expect(Expected {
        unit: Some("nginx.service".into()),
        program: Some("nginx".into()),
        ..Expected::default()
    });
    let owner = |pid, program: &str, unit: &str| Owner {
        pid,
        program: program.into(),
        unit: Some(Unit(unit.into())),
        ..Owner::default()
    };
    scene.listener.socket_unit = Some(Unit("nginx.socket".into()));
    scene.listener.owners = vec![
        owner(1, "systemd", "init.scope"),
        owner(7, "nginx", "nginx.service"),
    ];
    assert_eq!(standing(&scene), Standing::Kept);
    scene.listener.owners.pop();
    assert_eq!(
        standing(&scene),
        Standing::Broken(vec![
            "its program is systemd, not nginx".into(),
            "its unit is nginx.socket, not nginx.service".into()
        ])
    );
    let mut scene = expect(Expected {
        unit: Some("nginx.socket".into()),
        ..Expected::default()
    });
    scene.listener.socket_unit = Some(Unit("nginx.socket".into()));
    assert_eq!(standing(&scene), Standing::Kept);
}

#[test]
fn a_container_is_known_by_its_name_or_its_id() {
    let container = |name: Option<&str>| Container {
        runtime: "docker".into(),
        id: "0123456789abcdef".repeat(4),
        name: name.map(Into::into),
        image: None,
    };
    let wants = |wanted: &str, found: Option<Container>| {
        let mut scene = expect(Expected {
            container: Some(wanted.into()),
            ..Expected::default()
        });
        scene.listener.owners[0].container = found;
        standing(&scene)
    };
    assert_eq!(wants("web1", Some(container(Some("web1")))), Standing::Kept);
    assert_eq!(wants("0123456789ab", Some(container(None))), Standing::Kept);
    assert_eq!(
        wants("web1", Some(container(Some("web2")))),
        broken("its container is web2, not web1")
    );
    assert_eq!(
        wants("web1", Some(container(None))),
        unseen("what its container docker 0123456789ab is called could not be asked")
    );
    assert_eq!(
        wants("web1", None),
        broken("it has no container, and should be in web1")
    );
    let mut proxied = expect(Expected {
        container: Some("web1".into()),
        ..Expected::default()
    });
    proxied.listener.published = Some(Published {
        container: container(Some("web1")),
        port: 80,
    });
    assert_eq!(
        standing(&proxied),
        Standing::Kept,
        "docker-proxy holds it for the container"
    );
}

#[test]
fn a_protocol_is_proven_by_what_satisfies_it() {
    let answers = |wanted: &str, protocol: &str, tls| {
        let mut scene = expect(Expected {
            protocol: Some(wanted.into()),
            ..Expected::default()
        });
        scene.identification = Some(identification(protocol, tls, None));
        standing(&scene)
    };
    assert_eq!(answers("https", "http", true), Standing::Kept);
    assert_eq!(answers("tls", "http", true), Standing::Kept);
    assert_eq!(answers("zookeeper", "zookeeper", true), Standing::Kept);
    assert_eq!(
        answers("https", "http", false),
        broken("its protocol is http, not https")
    );
    assert_eq!(
        answers("https", "tls", true),
        unseen("what https would say inside TLS was not seen")
    );
    let mut silent = expect(Expected {
        protocol: Some("https".into()),
        ..Expected::default()
    });
    silent.identification = None;
    silent.probe = Probe::skipped("pid 1 holds it, and a connection could start a service");
    assert_eq!(
        standing(&silent),
        unseen(
            "its protocol is not proven: not asked: pid 1 holds it, and a connection could start a service"
        )
    );
}
