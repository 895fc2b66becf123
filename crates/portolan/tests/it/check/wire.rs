//! What a check sends, and to whom.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;

use super::said;
use super::stand::Stand;
use crate::command::{alone, run};
use insta::assert_snapshot;

/// How often a listener was called.
fn calls(listener: &TcpListener) -> usize {
    listener.set_nonblocking(true).unwrap();
    std::iter::from_fn(|| match listener.accept() {
        Ok(_) => Some(()),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            None
        }
    })
    .count()
}

#[test]
fn only_a_listener_whose_rule_speaks_of_the_wire_is_called() {
    let _alone = alone();
    let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let (spoken, silent, unlisted) = (listen(), listen(), listen());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portolan.toml");
    let policy = |protocol: &str| {
        let text = format!(
            "allow-unlisted = true\n[[expect]]\nport = {}\n{protocol}[[expect]]\nport = {}\nscope = \"loopback\"\n",
            port(&spoken),
            port(&silent)
        );
        fs::write(&path, text).unwrap();
        run(&["check", "--config", &path.display().to_string()])
    };
    let quiet = policy("");
    assert_eq!((quiet.code, calls(&spoken)), (Some(0), 0), "{quiet:?}");
    let asked = policy("protocol = \"http\"\n");
    // Nobody answers, so that nothing is proven: that is not seen, and no violation.
    assert_eq!(asked.code, Some(3), "{asked:?}");
    let because = "its protocol is not proven: it takes connections and says nothing";
    assert!(asked.out.contains(because), "{}", asked.out);
    let count = calls(&spoken);
    assert!((1..=3).contains(&count), "{count} connections");
    assert_eq!((calls(&silent), calls(&unlisted)), (0, 0));
}

#[test]
fn a_protocol_is_proven_contradicted_or_left_unseen() {
    let stand = Stand::new();
    let _cache = stand.redis("redis-server", "127.0.0.1", 7777);
    let with = |words: &str| {
        stand.policy(&format!(
            "[[expect]]\nname = \"cache\"\nport = 7777\n{words}\n"
        ));
        said(&stand.check(&[]))
    };
    assert_snapshot!(with("protocol = \"redis\"\nproduct = \"redis\""), @r"
    1 rule, 1 listener: everything is as the policy wants it
    exit 0
    ");
    assert_snapshot!(with("protocol = \"ssh\""), @r"
    alert  7777/tcp at 127.0.0.1  cache  its protocol is redis, not ssh [portolan.toml:1]

    1 rule, 1 listener: 1 violation
    exit 1
    ");
    stand.policy(
        "[probe]\nnever = [\"7777\"]\n[[expect]]\nname = \"cache\"\nport = 7777\nprotocol = \"redis\"\n",
    );
    assert_snapshot!(said(&stand.check(&[])), @r"
    not seen  7777/tcp at 127.0.0.1  cache  its protocol is not proven: not asked: [probe] never of the configuration names 7777 [portolan.toml:3]

    1 rule, 1 listener: 1 rule could not be judged
    exit 3
    ");
}
