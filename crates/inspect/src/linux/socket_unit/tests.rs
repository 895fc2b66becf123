use portolan_ports::Owner;

use super::*;

#[test]
fn the_elements_of_listen_are_read() {
    let read = |kind, text, protocol| {
        let (transport, address, port, scoped) = place(kind, text, protocol)?;
        Some(format!("{transport} {address} {port} {scoped}"))
    };
    let told = |text: &str| Some(text.to_owned());
    assert_eq!(read("Stream", "[::]:80", 0), told("tcp :: 80 false"));
    assert_eq!(
        read("Stream", "127.0.0.1:80", 6),
        told("tcp 127.0.0.1 80 false")
    );
    assert_eq!(
        read("Stream", "127.0.0.1:80", 132),
        told("sctp 127.0.0.1 80 false")
    );
    assert_eq!(
        read("SequentialPacket", "127.0.0.1:80", 0),
        told("sctp 127.0.0.1 80 false")
    );
    assert_eq!(
        read("Datagram", "[fe80::1%eth0]:53", 0),
        told("udp fe80::1 53 true")
    );
    // UDP-Lite is another transport, with ports of its own.
    assert_eq!(read("Datagram", "127.0.0.1:53", 136), None);
    for text in [
        "/run/x",
        "@x",
        "",
        ":80",
        "[::]",
        "[::]:",
        "[::]:65536",
        "[::]:-1",
        "[:80",
        "a:1",
    ] {
        assert_eq!(read("Stream", text, 0), None, "{text}");
    }
    assert_eq!(read("Netlink", "route 1", 0), None);
    assert_eq!(read("FIFO", "/run/x:80", 0), None);
}

fn unit(name: &str, address: &str) -> Place {
    let (transport, address, port, scoped) = place("Stream", address, 0).unwrap();
    Place {
        unit: name.to_owned(),
        transport,
        address,
        port,
        scoped,
        v6_only: "default".to_owned(),
        device: String::new(),
        triggers: vec![format!("{name}.service")],
    }
}

fn listener(address: &str, owner: Owner) -> Listener {
    let (transport, address, port, _) = place("Stream", address, 0).unwrap();
    Listener {
        dual_stack: address.is_ipv6(),
        inode: 1,
        owners: vec![owner],
        ..Listener::new(transport, (address, port).into())
    }
}

fn pid(pid: u32) -> Owner {
    Owner {
        pid,
        ..Owner::default()
    }
}

fn found(listener: &Listener, places: &[Place]) -> Result<Option<String>, Vec<String>> {
    unit_of(listener, places).map(|unit| unit.map(|Unit(name)| name))
}

#[test]
fn address_family_and_interface_decide_between_units() {
    let mut six = unit("six", "[::]:80");
    six.v6_only = "ipv6-only".to_owned();
    let mut device = unit("device", "0.0.0.0:80");
    device.device = "eth0".to_owned();
    let places = [
        unit("four", "0.0.0.0:80"),
        six,
        device,
        unit("one", "127.0.0.1:80"),
    ];

    let mut on_eth0 = listener("0.0.0.0:80", pid(1));
    on_eth0.interface = Some("eth0".to_owned());
    let mut only = listener("[::]:80", pid(1));
    only.dual_stack = false;
    for (listener, name) in [
        (listener("0.0.0.0:80", pid(1)), Some("four")),
        (on_eth0, Some("device")),
        (only, Some("six")),
        (listener("[::]:80", pid(1)), None),
        (listener("127.0.0.1:80", pid(1)), Some("one")),
        (listener("127.0.0.2:80", pid(1)), None),
        (listener("127.0.0.1:81", pid(1)), None),
    ] {
        assert_eq!(
            found(&listener, &places),
            Ok(name.map(str::to_owned)),
            "{listener:?}"
        );
    }
}

#[test]
fn who_holds_it_must_have_it_from_the_unit() {
    let places = [unit("a", "127.0.0.1:80")];
    let in_unit = |name: &str| Owner {
        unit: Some(Unit(name.to_owned())),
        ..pid(7)
    };
    let heir = listener("127.0.0.1:80", in_unit("a.service"));
    assert_eq!(found(&heir, &places), Ok(Some("a".to_owned())));
    let other = listener("127.0.0.1:80", in_unit("b.service"));
    assert_eq!(found(&other, &places), Ok(None));
}

#[test]
fn two_units_at_one_place_are_not_chosen_between() {
    let places = [unit("b", "127.0.0.1:80"), unit("a", "127.0.0.1:80")];
    let listener = listener("127.0.0.1:80", pid(1));
    assert_eq!(
        found(&listener, &places),
        Err(vec!["a".to_owned(), "b".to_owned()])
    );
}
