//! Who claims a port, and on which transports, as look-ups print it.

use super::{in_order, text};
use crate::command::run;

#[test]
fn a_protocol_and_a_wide_range_are_no_programs() {
    // RabbitMQ's 6000-6500 covers both, and Redis is the registered service of the second.
    let said = text(&["6443", "6379", "5432"]);
    for start in ["6443/tcp: ", "6379/tcp: "] {
        let line = said.lines().find(|line| line.starts_with(start)).unwrap();
        assert!(line.ends_with("; 1 other program claims it"), "{line}");
    }
    assert!(said.contains("  unofficial use  6000-6500: RabbitMQ "));
    // Where no product is named, the protocol stands for whoever speaks it.
    let mumble = text(&["64738"]);
    assert!(
        mumble.contains("64738/tcp and 64738/udp: unassigned; 1 program claims it\n"),
        "{mumble}"
    );
    in_order(
        &said,
        &[
            "5432/tcp and 5432/udp: assigned to postgresql (Tom Lane)",
            "  same protocol  Kinetica speaks PostgreSQL's protocol here. [Kinetica 7.1: ports]",
        ],
    );
}

#[test]
fn a_fact_that_leaves_tcp_out_says_so() {
    let begins = |said: &str, start: &str| said.lines().any(|line| line.starts_with(start));
    let both = text(&["31337", "60000"]);
    assert!(begins(&both, "  malware  udp: Back Orifice"), "{both}");
    assert!(
        begins(&both, "  unofficial use  udp 60000-61000: Mosh"),
        "{both}"
    );
    let one = text(&["31337/udp"]);
    assert!(begins(&one, "  malware  Back Orifice"), "{one}");
}

#[test]
fn nobody_listens_on_port_0() {
    let said = run(&["0"]).out;
    in_order(
        &said,
        &["  every system  nobody listens on it: bind(2) takes 0 to mean any port that is free"],
    );
    assert!(!said.contains("privileged"), "{said}");
}

#[test]
fn a_use_that_its_own_row_calls_unassigned_is_not_called_assigned() {
    in_order(
        &text(&["3000"]),
        &[
            "Port 3000, User range 1024-49151",
            "3000/udp: assigned to hbci (Kurt Haubner); remoteware-cl is listed without an assignment",
        ],
    );
}
