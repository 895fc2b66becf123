//! Sweeps of ports that the test holds, and of no others.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};
use serde_json::Value;

use crate::command::{alone, json, run};
use crate::readme::examples_hold;
use crate::schema::check;
use crate::server::Server;

fn python() -> Server {
    Server::start("python3", "python3", |command, home, address| {
        command
            .current_dir(home)
            .args(["-m", "http.server", "--bind", "127.0.0.1"])
            .arg(address.port().to_string());
    })
}

/// A port that is bound and does not listen.
fn closed() -> (OwnedFd, u16) {
    let held = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&held, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let place: SocketAddr = getsockname(&held).unwrap().try_into().unwrap();
    (held, place.port())
}

fn ports(of: &[u16]) -> String {
    let words: Vec<String> = of.iter().map(ToString::to_string).collect();
    words.join(",")
}

#[test]
fn this_machine_is_read_from_its_list_and_dialled_when_told_so() {
    let _alone = alone();
    let server = python();
    let port = server.address().port();
    let (_held, shut) = closed();
    let ports = ports(&[port, shut]);
    for (arguments, way, seen_by) in [
        (&[][..], "socket_table", &["socket_table", "answer"][..]),
        (
            &["--connect"],
            "connect",
            &["socket_table", "connect", "answer"],
        ),
    ] {
        let document = json(&[&["sweep", "127.0.0.1", "-p", &ports], arguments].concat());
        check("sweep.json", &document);
        let host = &document["hosts"][0];
        assert_eq!(
            (host["way"].as_str(), &host["own"]),
            (Some(way), &Value::Bool(true))
        );
        assert_eq!(host["elapsed_ms"].is_null(), way == "socket_table");
        assert_eq!(host["tcp"]["asked"], 2);
        assert_eq!(
            (&host["tcp"]["open"], &host["tcp"]["closed"]),
            (&1.into(), &1.into())
        );
        let open = &host["open"][0];
        assert_eq!(open["port"], port);
        assert_eq!(open["seen_by"], serde_json::json!(seen_by));
        assert_eq!(open["identified"]["product"], "python-http-server");
        assert!(
            open["listener"]["owners"][0]["program"]
                .as_str()
                .unwrap()
                .starts_with("python3")
        );
    }
}

#[test]
fn every_form_tells_the_same() {
    let _alone = alone();
    let server = python();
    let port = server.address().port().to_string();
    let sweep = |form: &str| run(&["sweep", "127.0.0.1", "--connect", "-p", &port, form]);
    let lines = sweep("--lines").out;
    let lines: Vec<Value> = lines
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    check("sweep-port.json", &lines[0]);
    check("sweep-host.json", &lines[1]);
    let verdict = lines[0]["verdict"].as_str().unwrap();
    let version = lines[0]["identified"]["version"].as_str().unwrap();
    assert_eq!(
        sweep("--greppable").out,
        format!(
            "127.0.0.1\t127.0.0.1\topen:1 closed:0 silent:0 unreachable:0 unasked:0\t{port}/tcp/http/python-http-server/{version}/{verdict}\n"
        )
    );
    let alone = sweep("--no-identify").out;
    assert!(
        alone.contains("not asked") && !alone.contains("http-server"),
        "{alone}"
    );
    let passive = run(&[
        "sweep",
        "127.0.0.1",
        "-p",
        &port,
        "--safety",
        "passive",
        "--json",
    ])
    .out;
    let passive: Value = serde_json::from_str(&passive).unwrap();
    assert!(
        passive["hosts"][0]["open"][0]["identified"].is_null(),
        "{passive}"
    );
}

#[test]
fn udp_listeners_are_told_when_asked_for() {
    let _alone = alone();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port().to_string();
    let sweep = ["sweep", "127.0.0.1", "-p", &port, "--no-identify"];
    assert_eq!(run(&sweep).code, Some(1));
    let document = json(&[&sweep[..], &["--udp"]].concat());
    check("sweep.json", &document);
    assert_eq!(document["hosts"][0]["udp"]["open"], 1);
    assert_eq!(document["hosts"][0]["open"][0]["transport"], "udp");
}

#[test]
fn exit_codes() {
    let (_held, shut) = closed();
    let shut = shut.to_string();
    let open = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = open.local_addr().unwrap().port().to_string();
    let code = |arguments: &[&str]| {
        run(&[&["sweep", "127.0.0.1", "--no-identify"], arguments].concat()).code
    };
    assert_eq!(code(&["-p", &port, "--connect"]), Some(0));
    assert_eq!(code(&["-p", &shut, "--connect"]), Some(1));
    assert_eq!(code(&["-p", &shut]), Some(1));
    assert_eq!(code(&["-p", "1-70000"]), Some(2));
    assert_eq!(code(&["-p", &port, "--lines", "--greppable"]), Some(2));
    assert_eq!(code(&["-p", &port, "--rate", "0"]), Some(2));
    assert_eq!(run(&["sweep"]).code, Some(2));
    let bad = run(&["sweep", "", "-p", &port]);
    assert_eq!((bad.code, bad.err.lines().count()), (Some(3), 1), "{bad:?}");
}

#[test]
fn the_page_s_examples_hold() {
    let _alone = alone();
    let server = python();
    let page = include_str!("../../../../docs/sweep.md");
    let page = page.replace("44440", &server.address().port().to_string());
    assert_eq!(examples_hold(&page), 3);
}
