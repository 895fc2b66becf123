//! A newer, poorer source laid over a file.

use portolan_registry::{Origin, newer};

use crate::registry;

fn laid(rows: &str, changes: &str) -> Vec<String> {
    let base = registry(rows);
    let header = "Change,Port Number,Transport Protocol,Service Name,Description\n";
    let changes = newer::read(format!("{header}{changes}").as_bytes()).unwrap();
    newer::lay(base.rows().collect(), &changes)
        .iter()
        .map(|row| {
            let mark = if row.origin == Origin::Newer { "*" } else { "" };
            format!(
                "{mark}{} {} {}",
                row.place(),
                row.service_name(),
                row.description()
            )
        })
        .collect()
}

#[test]
fn a_new_pair_punches_a_hole() {
    assert_eq!(
        laid(
            ",11431-11488,,Unassigned,,,,,,,,\n",
            "added,11434,tcp,ollama,Ollama\nadded,11434,udp,,Reserved\n"
        ),
        [
            "*11431-11433  Unassigned",
            "*11434/tcp ollama Ollama",
            "*11434/udp  Reserved",
            "*11435-11488  Unassigned"
        ]
    );
    assert_eq!(
        laid(
            ",7575-7587,,Unassigned,,,,,,,,\n",
            "added,7575,tcp,wtmi-panel,Panel\n"
        ),
        ["*7575/tcp wtmi-panel Panel", "*7576-7587  Unassigned"]
    );
    assert_eq!(
        laid(",2794,,Unassigned,,,,,,,,\n", "added,2794,udp,urp,U\n"),
        ["*2794/udp urp U"]
    );
}

#[test]
fn a_pair_changes_hands_or_words() {
    assert_eq!(
        laid(
            "compressnet,2,tcp,Management Utility,,,,,,,,\nepp,700,udp,Old,[A],,,,,,,\n",
            "replaced,2,tcp,,Reserved\ndescribed,700,udp,epp,EPP running over QUIC\n"
        ),
        ["*2/tcp  Reserved", "*700/udp epp EPP running over QUIC"]
    );
    assert_eq!(laid("www,80,tcp,Web,,,,,,,,\n", ""), ["80/tcp www Web"]);
}

#[test]
fn a_bad_line_is_named() {
    let error = |line: &str| {
        newer::read(format!("h,h,h,h,h\nadded,1,tcp,a,\n{line}\n").as_bytes())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error("moved,1,tcp,a,"),
        "line 3: the change is none of added, replaced, described"
    );
    assert_eq!(
        error("added,x,tcp,a,"),
        "line 3: the port is no port number"
    );
    assert_eq!(error("added,1,x,a,"), "line 3: the transport is unknown");
}
