//! `portolan identify` as it is run: whom it asks what, and what it says beside the answer.

use std::process::Command;

use crate::command::{alone, finished, json};
use crate::server::Server;

#[test]
fn the_program_that_holds_the_port_decides_what_is_asked_first() {
    let _alone = alone();
    let server = Server::start("redis-server", "redis-server", |command, home, address| {
        command.current_dir(home).args(["--bind", "127.0.0.1"]);
        command.args(["--save", "", "--port"]);
        command.arg(address.port().to_string());
    });
    let target = server.address().to_string();
    let document = json(&["identify", &target]);
    let one = &document["targets"][0];
    assert_eq!(one["identified"]["product"], "redis");
    assert_eq!(one["owners"][0]["program"], "redis-server");
    // Its own question was enough; nothing else was sent.
    assert_eq!(
        one["probe"]["sent"],
        serde_json::json!(["redis INFO server"])
    );
}

#[test]
fn other_machines_are_named_before_they_are_asked() {
    // In a network namespace without a way out: what would be sent goes nowhere.
    let output = Command::new("unshare")
        .args(["--net", env!("CARGO_BIN_EXE_portolan"), "identify"])
        .args(["198.51.100.9:80", "198.51.100.9:81", "127.0.0.1:9"])
        .output()
        .unwrap();
    let run = finished(output);
    assert_eq!(
        run.err, "asking 2 ports of other machines: 198.51.100.9\n",
        "{run:?}"
    );
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.out.matches("closed").count(), 3, "{run:?}");
}
