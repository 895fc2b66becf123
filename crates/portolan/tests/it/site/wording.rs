//! What is said once, what is told to a person who made a slip, and what was kept all the same.

use std::fs::{self, File};

use super::Site;
use crate::command::{alone, finished, portolan};

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

#[test]
fn one_cause_is_one_line() {
    let _alone = alone();
    let site = Site::new();
    fs::write(
        site.folder().join("portolan.db"),
        "no database at all, of some length",
    )
    .unwrap();
    for arguments in [&["list"][..], &["audit"], &["review", "1"]] {
        let run = site.run(arguments);
        assert_eq!(lines(&run.err).len(), 1, "{arguments:?}: {run:?}");
        assert_eq!(run.code, Some(3), "{run:?}");
    }
    let run = site.request("shop-api", "18325", &[]);
    assert_eq!((lines(&run.err).len(), run.code), (1, Some(3)), "{run:?}");
    let mut command = portolan();
    command.arg("--state").arg(site.folder()).arg("check");
    let run = finished(command.output().unwrap());
    assert_eq!(lines(&run.err).len(), 1, "{run:?}");
    assert_eq!(run.out.matches("portolan.db").count(), 1, "{run:?}");
    for arguments in [&["stats"][..], &["map"]] {
        let run = site.run(arguments);
        assert_eq!((run.err.as_str(), run.code), ("", Some(0)), "{arguments:?}");
    }
}

#[test]
fn what_was_kept_is_no_failure() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("shop-api", "18325", &[]).code, Some(0));
    let mut command = portolan();
    command.arg("--state").arg(site.folder()).arg("registry");
    command.args(["review", "1", "--approve", "--json"]);
    command.stdout(File::create("/dev/full").unwrap());
    let run = finished(command.output().unwrap());
    assert_eq!(run.code, Some(3));
    assert!(
        run.err
            .starts_with("portolan: record 1 was approved; its answer could not be written: "),
        "{run:?}"
    );
    assert_eq!(lines(&run.err).len(), 1, "{run:?}");
    let (document, _) = site.json(&["list"], "site.json");
    assert_eq!(document["records"][0]["status"], "assigned");
}

#[test]
fn a_slip_is_told_what_was_meant() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("shop-api", "18325", &[]).code, Some(0));
    let run = site.request("shop-feed", "18325", &["--scope", "Host:DB1"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let run = site.run(&["review", "shop-apj", "--approve"]);
    assert_eq!(
        run.err,
        "portolan: the site registry has no record \"shop-apj\"; near it: shop-api\n"
    );
    for (arguments, said) in [
        (
            &["report-use", "40000-40010", "--because", "b"][..],
            "is not one port",
        ),
        (&["list", "99999"], "99999: no port"),
        (&["list", "9-1"], "9-1: "),
        (&["list", ":0"], ":0: port 0 is Reserved"),
        (
            &["modify", "1", "--contact", "pay@example.net"],
            "its contact is that already",
        ),
        (
            &["revoke", "1", "--notice-days", "3661"],
            "write 0 to 3,660 days",
        ),
    ] {
        let run = site.run(arguments);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.err.contains(said), "{run:?}");
    }
    assert_eq!(
        site.run(&["review", "1", "--ask", "--because", "why?"])
            .code,
        Some(0)
    );
    let run = site.run(&["modify", "1", "--contact", "pay@example.net"]);
    assert!(run.err.contains("--because ANSWER is enough"), "{run:?}");
    let (found, _) = site.json(&["list", "udp"], "site.json");
    assert_eq!(found["records"].as_array().unwrap().len(), 0);
    let (found, _) = site.json(&["list", "--transport", "tcp, udp"], "site.json");
    assert_eq!(found["records"].as_array().unwrap().len(), 1);
}

#[test]
fn several_records_of_a_place_are_named() {
    let _alone = alone();
    let site = Site::new();
    for (name, host) in [("shop-api", "host:a"), ("shop-feed", "Host: b")] {
        let run = site.request(name, "18400", &["--scope", host]);
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    let run = site.run(&["review", ":18400"]);
    assert!(
        run.err
            .starts_with("portolan: port 18400 names several records: 1 ("),
        "{run:?}"
    );
    assert!(run.err.ends_with("; give a number\n"), "{run:?}");
    let (document, code) = site.json(&["review", ":18400", "--approve"], "site-step.json");
    assert_eq!(
        (document["outcome"].as_str(), code),
        (Some("unknown"), Some(1))
    );
    let (document, code) = site.json(&["deassign", "77", "--because", "b"], "site-step.json");
    assert_eq!(
        (document["outcome"].as_str(), code),
        (Some("unknown"), Some(1))
    );
    assert!(
        document["remarks"][0]
            .as_str()
            .unwrap()
            .contains("no record 77")
    );
}

#[test]
fn who_had_a_number_before_is_told() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("shop-api", "18325", &[]).code, Some(0));
    assert_eq!(site.run(&["review", "1", "--approve"]).code, Some(0));
    let fields = [
        "--description",
        "d",
        "--reference",
        "r",
        "--why-not-dynamic",
        "w",
    ];
    let run = site.run(&[&["reuse", "1", "ledger-api"][..], &fields].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(site.run(&["review", "2", "--approve"]).code, Some(0));
    let run = site.run(&["audit", "18325/tcp"]);
    assert!(
        run.err
            .contains("record 1 (shop-api) had the number before"),
        "{run:?}"
    );
    assert_eq!(lines(&run.out).len(), 1 + 6, "{run:?}");
    let (found, _) = site.json(&["list", "18325"], "site.json");
    assert_eq!(found["records"].as_array().unwrap().len(), 2);
}

#[test]
fn a_dry_run_keeps_nothing() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("shop-api", "18325", &[]).code, Some(0));
    assert_eq!(site.run(&["withdraw", "1", "--dry-run"]).code, Some(0));
    assert_eq!(site.run(&["review", "1", "--approve"]).code, Some(0));
    for step in ["deassign", "revoke", "report-use"] {
        let run = site.run(&[step, "1", "--because", "b", "--dry-run"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(
            run.out.ends_with("Nothing was kept: this was a dry run.\n"),
            "{run:?}"
        );
    }
    let (trail, _) = site.json(&["audit"], "site-audit.json");
    assert_eq!(trail["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn a_flag_is_named_where_it_chose_the_file() {
    let _alone = alone();
    let site = Site::new();
    let file = site.folder().join("ours.toml");
    fs::write(&file, "").unwrap();
    let mut command = portolan();
    command
        .arg("--site")
        .arg(&file)
        .args(["registry", "request", "shop-api"]);
    let run = finished(command.output().unwrap());
    assert!(
        run.err.contains("ours.toml (--site), in which no steps"),
        "{run:?}"
    );
}

#[test]
fn the_database_is_held_to_the_rules() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("shop-http", "18325", &[]).code, Some(0));
    let run = |more: &[&str]| {
        let mut command = portolan();
        command.arg("--state").arg(site.folder());
        command.args(["registry", "lint", "--site", "database", "--all"]);
        finished(command.args(more).output().unwrap())
    };
    let seen = run(&[]);
    assert!(
        seen.out.ends_with('\n') && seen.out.contains("site registry, 1 record: "),
        "{seen:?}"
    );
    let document: serde_json::Value = serde_json::from_str(&run(&["--json"]).out).unwrap();
    crate::schema::check("lint.json", &document);
}
