use portolan_ports::Unit;
use portolan_registry::Transport;

use super::*;

const ID: &str = "5da394374d7ff9b32df9d2ac5e4d8b866899957fafaffb988955e2b72e5808b8";

fn owner(program: &str) -> Owner {
    Owner {
        pid: 7,
        program: program.to_owned(),
        ..Owner::default()
    }
}

fn in_container(runtime: &str, id: &str) -> Owner {
    Owner {
        container: Some(Container {
            runtime: runtime.to_owned(),
            id: id.to_owned(),
            name: None,
            image: None,
        }),
        pod: Some(Pod {
            uid: "u".to_owned(),
            name: None,
        }),
        ..owner("nginx")
    }
}

fn listener(address: &str, owners: Vec<Owner>) -> Listener {
    let address: std::net::SocketAddr = address.parse().unwrap();
    Listener {
        inode: 1,
        owners,
        ..Listener::new(Transport::Tcp, address)
    }
}

fn running(address: Option<&str>, port: Port) -> Running {
    Running {
        id: ID.to_owned(),
        told: Told {
            runtime: None,
            name: Some("web1".to_owned()),
            image: Some("harbour:1".to_owned()),
            pod: Some("shop/web".to_owned()),
        },
        mappings: vec![Mapping {
            transport: Transport::Tcp,
            address: address.map(|address| address.parse().unwrap()),
            port,
            inside: 80,
        }],
        gateways: Vec::new(),
    }
}

/// What one running container makes of listeners: for each, whether it is published, and the places
/// of publications.
fn take(listeners: &mut [Listener], running: Running) -> (Vec<bool>, Vec<String>) {
    let mut looking = Looking::new(listeners, &mut [], &Places::default());
    looking.take("docker", &[running], |_| true);
    let publications = looking.publications.iter();
    let publications = publications.map(|p| format!("{}:{}", p.address, p.port));
    let publications = publications.collect();
    let published = listeners.iter().map(|l| l.published.is_some()).collect();
    (published, publications)
}

#[test]
fn a_published_port_is_its_proxys_at_exactly_that_address() {
    let mut listeners = [
        listener("127.0.0.1:8080", vec![owner("docker-proxy")]),
        listener("127.0.0.2:8080", vec![owner("docker-proxy")]),
        listener("127.0.0.1:8081", vec![owner("docker-proxy")]),
    ];
    let (published, publications) = take(&mut listeners, running(Some("127.0.0.1"), 8080));
    assert_eq!(published, [true, false, false]);
    assert_eq!(publications, [""; 0]);
    let to = listeners[0].published.as_ref().unwrap();
    assert_eq!(
        (to.container.to_string(), to.port),
        ("docker web1".to_owned(), 80)
    );
}

#[test]
fn another_program_there_is_no_proxy_and_a_hidden_one_is() {
    let mut listeners = [listener("0.0.0.0:8080", vec![owner("nginx")])];
    let (published, publications) = take(&mut listeners, running(Some("0.0.0.0"), 8080));
    assert_eq!(
        (&published[..], &publications[..]),
        (&[false][..], &["0.0.0.0:8080".to_owned()][..])
    );
    let mut listeners = [listener("0.0.0.0:8080", Vec::new())];
    let (published, _) = take(&mut listeners, running(Some("0.0.0.0"), 8080));
    assert_eq!(published, [true]);
}

#[test]
fn a_listener_for_both_families_holds_the_port_of_either() {
    let mut both = listener("[::]:8080", vec![owner("rootlessport")]);
    both.dual_stack = true;
    assert_eq!(
        take(&mut [both.clone()], running(Some("0.0.0.0"), 8080)).0,
        [true]
    );
    assert_eq!(
        take(&mut [both.clone()], running(Some("::"), 8080)).0,
        [true]
    );
    assert_eq!(take(&mut [both.clone()], running(None, 8080)).0, [true]);
    assert_eq!(
        take(&mut [both.clone()], running(Some("127.0.0.1"), 8080)).0,
        [false]
    );
    both.dual_stack = false;
    assert_eq!(take(&mut [both], running(Some("0.0.0.0"), 8080)).0, [false]);
}

#[test]
fn a_port_of_another_namespace_is_not_this_machines() {
    let mut elsewhere = listener("0.0.0.0:8080", vec![owner("docker-proxy")]);
    elsewhere.namespace = Some(portolan_ports::Namespace {
        inode: 1,
        name: None,
    });
    let mut running = running(None, 8080);
    running.gateways = vec!["192.0.2.1".parse().unwrap()];
    let (published, publications) = take(&mut [elsewhere], running);
    assert_eq!((&published[..], &publications[..]), (&[false][..], &[][..]));
}

#[test]
fn an_owner_gets_its_containers_name_image_and_pod() {
    let mut listeners = [
        listener("127.0.0.1:80", vec![in_container("docker", ID)]),
        listener("127.0.0.1:81", vec![in_container("docker", &ID[..12])]),
        listener(
            "127.0.0.1:82",
            vec![in_container("docker", &"0".repeat(64))],
        ),
    ];
    take(&mut listeners, running(None, 1));
    let told = |listener: &Listener| {
        let owner = &listener.owners[0];
        let container = owner.container.clone().unwrap();
        (
            container.name,
            container.image,
            owner.pod.clone().unwrap().name,
        )
    };
    let all = |name: &str, image: &str, pod: &str| {
        (
            Some(name.to_owned()),
            Some(image.to_owned()),
            Some(pod.to_owned()),
        )
    };
    assert_eq!(told(&listeners[0]), all("web1", "harbour:1", "shop/web"));
    assert_eq!(told(&listeners[1]), all("web1", "harbour:1", "shop/web"));
    assert_eq!(told(&listeners[2]), (None, None, None));
}

#[test]
fn a_container_of_another_engine_keeps_its_own_name() {
    let mut listeners = [
        listener("127.0.0.1:80", vec![in_container("lxc", "5")]),
        listener("127.0.0.1:81", vec![in_container("kubernetes", ID)]),
    ];
    take(&mut listeners, running(None, 1));
    assert_eq!(gaps(&mut listeners, None), [""; 0]);
    let name = |listener: &Listener| listener.owners[0].container.clone().unwrap().name;
    assert_eq!(name(&listeners[0]).as_deref(), Some("5"));
    assert_eq!(name(&listeners[1]).as_deref(), Some("web1"));
}

/// The gaps of a look at engines that are not there or do not tell.
fn gaps(listeners: &mut [Listener], engine: Option<(&'static str, &str)>) -> Vec<String> {
    let engines = engine.into_iter().map(|(runtime, path)| Engine {
        runtime,
        socket: path.into(),
        awake: true,
    });
    let places = Places {
        engines: engines.collect(),
        roots: Roots {
            containerd: "/nonexistent".into(),
            crio: "/nonexistent".into(),
            podman: Vec::new(),
        },
    };
    let mut looking = Looking::new(listeners, &mut [], &places);
    looking.ask_engines(&places.engines, |_| true);
    looking.read_bundles(&places.roots);
    let gaps = looking.gaps();
    gaps.iter()
        .map(|gap| format!("{}: {}", gap.why.as_str(), gap.detail))
        .collect()
}

#[test]
fn an_engine_that_does_not_answer_is_a_gap_only_where_it_matters() {
    let gone = Some(("docker", "/nonexistent/docker.sock"));
    assert_eq!(
        gaps(&mut [listener("127.0.0.1:80", vec![owner("nginx")])], gone),
        [""; 0]
    );
    let said = gaps(
        &mut [listener("127.0.0.1:80", vec![in_container("docker", ID)])],
        gone,
    );
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("exited: cannot ask docker at /nonexistent/docker.sock: "));
}

#[test]
fn a_nameless_container_is_a_gap_once() {
    let mut listeners = [
        listener("127.0.0.1:80", vec![in_container("containerd", ID)]),
        listener("127.0.0.1:81", vec![in_container("containerd", ID)]),
    ];
    assert_eq!(
        gaps(&mut listeners, None),
        ["unsupported: nothing here tells the name of container 5da394374d7f of containerd"]
    );
}

#[test]
fn a_unit_that_made_a_hidden_socket_concerns_its_engine() {
    let mut hidden = listener("0.0.0.0:8080", Vec::new());
    hidden.creator = Some(portolan_ports::Creator {
        path: "/system.slice/docker.service".to_owned(),
        unit: Some(Unit("docker.service".to_owned())),
        container: None,
    });
    let said = gaps(&mut [hidden], Some(("docker", "/nonexistent/docker.sock")));
    assert_eq!(said.len(), 1, "{said:?}");
}
