//! Updates within bounds that a test can wait for.

use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use portolan_ports::embedded;
use portolan_survey::update::{Limits, Outcome, Proxies, Request, Source, update};

use crate::mirror::{Mirror, ok};

const HEADER: &str = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\r\n";

/// The reason for a refusal, with the chain of causes, or how new the registry is.
fn outcome(state: &Path, url: &str, today: &str, limits: Limits) -> String {
    let request = Request {
        source: Source::parse(url).unwrap(),
        state,
        today,
        allow_shrink: true,
        proxies: Proxies::default(),
        limits,
    };
    match update(&request, embedded::registry(), &mut |_, _| ()) {
        Ok(Outcome::Updated(updated)) => format!("updated to {}", updated.date),
        Ok(Outcome::NothingNew { date }) => format!("nothing newer than {date}"),
        Err(error) => {
            let host = url.trim_start_matches("http://").split('/').next().unwrap();
            error.refusal.to_string().replace(host, "HOST")
        }
    }
}

fn refused(mirror: &Mirror, limits: Limits) -> String {
    let state = tempfile::tempdir().unwrap();
    outcome(state.path(), &mirror.url(), "2026-11-21", limits)
}

/// Reads until the client is gone.
fn hold(stream: &mut impl Read) {
    let _gone = stream.read(&mut [0]);
}

#[test]
fn a_server_that_falls_silent_is_left() {
    let short = Limits {
        idle: Duration::from_millis(100),
        ..Limits::default()
    };
    let said = "HOST sent nothing for 100ms; try again later";
    let mute = Mirror::start(|_, stream| hold(stream));
    assert_eq!(refused(&mute, short), said);
    let stuck = Mirror::start(|_, stream| {
        stream.write_all(&ok("", HEADER.as_bytes())[..100]).unwrap();
        hold(stream);
    });
    assert_eq!(refused(&stuck, short), said);
}

#[test]
fn a_server_that_trickles_is_left() {
    let limits = Limits {
        total: Duration::from_millis(200),
        ..Limits::default()
    };
    let trickle = Mirror::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        while stream.write_all(b"x").is_ok() {
            std::thread::yield_now();
        }
    });
    assert_eq!(
        refused(&trickle, limits),
        "HOST took longer than 200ms; try again later"
    );
}

#[test]
fn redirects_are_followed_as_far_as_allowed() {
    let row = "beacon,4000,tcp,A beacon,,,2026-11-19,,,,,\r\n";
    let mirror = Mirror::start(move |head, stream| {
        let answer = if head.starts_with("get /other ") {
            ok("", format!("{HEADER}{row}").as_bytes())
        } else {
            b"HTTP/1.1 307 Temporary Redirect\r\nLocation: other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
        };
        stream.write_all(&answer).unwrap();
    });
    assert_eq!(refused(&mirror, Limits::default()), "updated to 2026-11-19");
    assert_eq!(mirror.asked().len(), 2);
    let none = Limits {
        redirects: 0,
        ..Limits::default()
    };
    assert_eq!(
        refused(&mirror, none),
        "the server redirects more than 0 times"
    );
}

#[test]
fn a_program_that_is_newer_than_the_last_look_answers_by_itself() {
    let state = tempfile::tempdir().unwrap();
    let row = "beacon,4000,tcp,A beacon,,,2020-01-01,,,,,\r\n";
    let mirror = Mirror::of(ok("", format!("{HEADER}{row}").as_bytes()));
    let installed = || {
        let found = portolan_survey::update::Installed::open(state.path(), embedded::registry());
        found
            .unwrap()
            .map(|installed| installed.registry.date().to_owned())
    };
    assert_eq!(
        outcome(state.path(), &mirror.url(), "2026-01-01", Limits::default()),
        "updated to 2020-01-01"
    );
    assert_eq!(installed(), None);
    assert_eq!(
        outcome(state.path(), &mirror.url(), "2026-11-21", Limits::default()),
        "updated to 2020-01-01"
    );
    assert_eq!(installed().as_deref(), Some("2020-01-01"));
}
