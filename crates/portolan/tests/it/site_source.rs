//! The site registry in answers: where it lies, which host this is to it, and what is said where it
//! cannot be read.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command::{Run, finished, portolan};

/// What a command prints with this folder of state.
pub(crate) fn with(state: &Path, arguments: &[&str]) -> Run {
    let mut command = portolan();
    command.arg("--state").arg(state).args(arguments);
    finished(command.output().unwrap())
}

/// Files a request with all that has to be said.
pub(crate) fn request(state: &Path, name: &str, port: &str, scope: &str) -> Run {
    let run = with(
        state,
        &[
            "registry",
            "request",
            name,
            "--port",
            port,
            "--transport",
            "tcp",
            "--assignee",
            "Billing",
            "--contact",
            "billing@example.com",
            "--description",
            "Bills",
            "--reference",
            "https://wiki.example/billing",
            "--why-not-dynamic",
            "clients have it written down",
            "--scope",
            scope,
        ],
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    run
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

#[test]
fn a_look_up_reads_the_index_and_the_database_where_that_is_stale() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    request(state, "bills", "15432", "all");
    let index = state.join("site.index");
    let before = fs::read(&index).unwrap();
    let look_up = || with(state, &["--no-live", "15432"]);
    let said = look_up();
    assert!(said.out.contains("bills"), "{said:?}");
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));

    fs::remove_file(&index).unwrap();
    assert_eq!(look_up().out, said.out);
    assert_eq!(fs::read(&index).unwrap(), before);

    // What is damaged where no look-up reads it does no harm; an older index is not believed.
    request(state, "more-bills", "15433", "all");
    fs::write(&index, &before).unwrap();
    let other = with(state, &["--no-live", "15433"]);
    assert!(other.out.contains("more-bills"), "{other:?}");
}

#[test]
fn the_configuration_says_which_host_this_is() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    request(state, "bills", "15432", "host:db1");
    let configuration = folder.path().join("portolan.toml");
    let path = configuration.display().to_string();
    for (host, is_here) in [("db1.example", true), ("db2.example", false)] {
        fs::write(&configuration, format!("[site]\nhost = \"{host}\"\n")).unwrap();
        for sockets in [&["--no-live"][..], &[]] {
            let arguments = [&["--config", &path, "15432", "--json"], sockets].concat();
            let said = document(&with(state, &arguments));
            let text = said["ports"].to_string();
            assert_eq!(
                text.contains("billing@example.com"),
                is_here,
                "{host}: {text}"
            );
        }
    }
}

#[test]
fn what_cannot_be_read_is_said_once_and_the_answer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("portolan.db"), "no database").unwrap();
    for arguments in [
        &["2723", "--no-live"][..],
        &["2723"],
        &["search", "watchdog"],
        &["listen"],
        &["suggest"],
    ] {
        let run = with(folder.path(), arguments);
        assert_eq!(run.err.lines().count(), 1, "{arguments:?}: {run:?}");
        let said = "portolan: cannot read the site registry: ";
        assert!(run.err.starts_with(said), "{arguments:?}: {run:?}");
        assert!(!run.out.is_empty(), "{arguments:?}");
    }
    for arguments in [&["2723", "--no-live", "--json"][..], &["2723", "--json"]] {
        let said = document(&with(folder.path(), arguments));
        let gaps = said["gaps"].as_array().unwrap();
        let told = gaps.iter().filter(|gap| gap["what"] == "site_registry");
        assert_eq!(told.count(), 1, "{arguments:?}: {gaps:?}");
    }
}

#[test]
fn a_configuration_that_does_not_say_which_host_this_is_leaves_the_registry_out() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("portolan");
    fs::create_dir(&configuration).unwrap();
    let complaint = |text: &str| {
        fs::write(configuration.join("portolan.toml"), text).unwrap();
        let mut command = portolan();
        command.env("XDG_CONFIG_HOME", folder.path());
        let run = finished(command.args(["--no-live", "2723"]).output().unwrap());
        assert!(run.out.contains("watchdog-nt"), "{run:?}");
        assert_eq!(run.code, Some(0), "{run:?}");
        run.err
            .replace(&folder.path().display().to_string(), "HOME")
    };
    assert_eq!(
        complaint("[site]\nhosts = 1\n"),
        "portolan: cannot read the configuration HOME/portolan/portolan.toml, line 2, column 1: \
         unknown field `hosts`, expected one of `host`, `groups`, `file`, `review`, `reviewers`, \
         `notice-days`, `assignee`, `contact`; the site registry is left out\n"
    );
    // Who does not ask about this machine has no use for the rest of it.
    assert_eq!(complaint("[probe]\nnevr = []\n"), "");
    assert_eq!(complaint("[site]\nhost = \"web1\"\n"), "");
}
