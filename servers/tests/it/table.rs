//! The rows are of their form, and what is not is refused with its place.

use std::path::Path;

use portolan_servers::{Transport, rows, rows_of};

const ROW: &str = "
[[server]]
name = 'x'
package = ['p']
program = 'x'
[[server.port]]
transport = 'tcp'
protocol = 'http'
";

fn refusal(text: &str) -> String {
    rows_of(Path::new("data/x.toml"), text)
        .unwrap_err()
        .to_string()
}

#[test]
fn every_row_is_of_the_form_and_names_are_unique() {
    let rows = rows().unwrap();
    assert!(rows.iter().any(|row| row.name == "redis-password"));
    for row in rows
        .iter()
        .flat_map(|row| row.asked().map(move |port| (row, port)))
    {
        let (row, port) = row;
        let word = |text: &str| {
            let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._+/".contains(c);
            text.chars().all(fit)
        };
        assert!(word(&port.protocol), "{}: {}", row.name, port.protocol);
        assert!(word(&port.product), "{}: {}", row.name, port.product);
    }
}

#[test]
fn what_is_left_out_has_a_meaning() {
    let rows = rows_of(Path::new("data/x.toml"), ROW).unwrap();
    let [row] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    assert_eq!(row.family, "x");
    assert!(row.hold && !row.aside && !row.test && row.user.is_none());
    let port = row.asked().next().unwrap();
    assert_eq!((port.name.as_str(), port.transport), ("", Transport::Tcp));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let unknown = refusal(&ROW.replace("program", "programme"));
    assert!(
        unknown.contains("data/x.toml") && unknown.contains("programme"),
        "{unknown}"
    );
    assert!(unknown.contains("line 5"), "{unknown}");
    let twice = refusal(&format!(
        "{ROW}[[server.port]]\ntransport = 'tcp'\nprotocol = 'ssh'\n"
    ));
    assert_eq!(twice, "server \"x\": two tcp ports \"\"");
    let bare = refusal(&ROW.replace("protocol = 'http'", ""));
    assert_eq!(bare, "server \"x\": port \"\" is asked and has no protocol");
    let versioned = refusal(&format!("{ROW}version = '1'\n"));
    assert_eq!(
        versioned,
        "server \"x\": port \"\" has a version of no product"
    );
    assert!(refusal(&ROW.replace("'tcp'", "'sctp'")).contains("sctp"));
}
