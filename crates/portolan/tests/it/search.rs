//! Searches, whole, as they are printed.

use insta::assert_snapshot;

use crate::command::{json, run};

fn text(arguments: &[&str]) -> String {
    let run = run(&[&["search"], arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.err);
    run.out
}

#[test]
fn as_ianas_page_a_text_is_found_in_every_column() {
    assert_snapshot!(text(&["--substring", "4444"]), @r##"
    PORT         SERVICE NAME    DESCRIPTION
    4444/tcp     krb524          KRB524
    4444/udp     krb524          KRB524
    4444/tcp     nv-video        NV Video default
    4444/udp     nv-video        NV Video default
    44324-44443  -               Unassigned
    44444/tcp    cognex-dataman  Cognex DataMan Management Protocol
    44444/udp    -               Reserved
    44445/tcp    acronis-backup  Acronis Backup Gateway service port
    44445/udp    -               Reserved
    44446-44543  -               Unassigned
    "##);
}

#[test]
fn rows_and_facts_stand_in_one_order() {
    let found = text(&["remote", "desktop", "--most", "3"]);
    let (first, rest) = found.split_once("... and ").unwrap();
    assert_snapshot!(first, @r##"
    PORT      SERVICE NAME    DESCRIPTION
    3389/tcp  ms-wbt-server   MS WBT Server
    3389      (official use)  Remote Desktop on Windows listens here unless it was given another port.
    no port   rdp             Windows Remote Desktop Protocol
    "##);
    // The facts grow, so their number is asked for and not written down.
    let all = json(&["search", "remote", "desktop"]);
    let total = all["total"].as_u64().unwrap();
    let more = total - 3;
    assert_eq!(
        rest,
        format!("{more} more of {total}; --most 0 shows all\n")
    );
}

#[test]
fn facets_alone_list_rows_in_the_registrys_order() {
    assert_snapshot!(text(&["--reference", "rfc6335", "--transport", "sctp"]), @r##"
    PORT       SERVICE NAME  DESCRIPTION
    1021/sctp  exp1          RFC3692-style Experiment 1
    1022/sctp  exp2          RFC3692-style Experiment 2
    "##);
    let total = |arguments: &[&str]| {
        let found = json(&[&["search"], arguments].concat());
        found["total"].as_u64().unwrap()
    };
    assert!(total(&["--port-state", "reserved", "--range", "system"]) > 50);
    assert_eq!(total(&["--assignee", "loftware"]), 6);
    assert_eq!(total(&["--year", "1992"]), 2);
    assert_eq!(total(&["2049", "--transport", "sctp"]), 1);
    let refused = run(&["search"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
}
