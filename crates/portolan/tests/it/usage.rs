//! What is typed wrong gets one clear line and its exit code.

use std::fs;

use crate::command::{finished, portolan, run};

fn complaint(arguments: &[&str]) -> String {
    let run = run(arguments);
    assert_eq!(run.err.lines().count(), 1, "one line: {}", run.err);
    format!("{} {}", run.code.unwrap(), run.err.trim_end())
}

#[test]
fn every_complaint_is_one_line_that_says_what_to_do() {
    for (arguments, said) in [
        (
            vec!["99999"],
            "2 portolan: cannot look up \"99999\": beyond 65535, the highest port; a port is 0 to 65535, a range is 717-728",
        ),
        (
            vec!["10-5"],
            "2 portolan: cannot look up \"10-5\": the range runs backwards; a port is 0 to 65535, a range is 717-728",
        ),
        (
            vec!["--no-live", "nosuchname"],
            "1 portolan: \"nosuchname\" is no registered service name (without --no-live programs are looked for too); try: portolan search nosuchname",
        ),
        (
            vec!["--no-live", "postgresq"],
            "1 portolan: \"postgresq\" is no registered service name (without --no-live programs are looked for too); the nearest is postgresql",
        ),
        (
            vec!["show"],
            "2 portolan: nothing to show; name a port, a range or a service: portolan show 4444",
        ),
        (
            vec!["--no-live"],
            "2 portolan: --no-live belongs to a look-up; name a port, a range or a service: portolan 4444",
        ),
        (
            vec!["identify", "22"],
            "2 portolan: cannot identify \"22\": no host and port; write it as localhost:22 or [::1]:22",
        ),
        (
            vec!["80", "localhost:80"],
            "2 portolan: addresses and look-ups do not go together; ask for the addresses with: portolan identify",
        ),
        (
            vec!["--registry", "/nonexistent", "80"],
            "3 portolan: cannot open the registry file /nonexistent: No such file or directory (os error 2)",
        ),
        (
            vec!["80", "listen"],
            "2 portolan: 80 does not go with a command; for a service that is named like one: portolan show search",
        ),
        (
            vec!["man", "/nonexistent"],
            "3 portolan: cannot write the manual pages into /nonexistent: No such file or directory (os error 2)",
        ),
    ] {
        assert_eq!(complaint(&arguments), said, "{arguments:?}");
    }
}

#[test]
fn a_registry_that_is_none_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.csv");
    fs::write(&path, "<html>404</html>").unwrap();
    let path = path.display().to_string();
    assert_eq!(
        complaint(&["--registry", &path, "80"]),
        format!(
            "2 portolan: cannot read {path} as a registry, which is IANA's CSV or XML file: line 1, column 1: this is an HTML page, not a registry"
        )
    );
}

#[test]
fn a_configuration_that_is_wrong_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portolan.toml");
    let complaint = |text: &str| {
        fs::write(&path, text).unwrap();
        let output = portolan().arg("--config").arg(&path).output().unwrap();
        let run = finished(output);
        format!(
            "{} {}",
            run.code.unwrap(),
            run.err
                .trim_end()
                .replace(&path.display().to_string(), "FILE")
        )
    };
    assert_eq!(
        complaint("[probe]\nnever = [\"ssh\"]\n"),
        "2 portolan: cannot read the configuration FILE, line 2, column 10: \"ssh\" is no entry for [probe] never; write a port (\"5432\"), a range (\"9000-9010\"), \"program:java\" or \"unit:backup.service\""
    );
    assert_eq!(
        complaint("[probe]\nnevr = []\n"),
        "2 portolan: cannot read the configuration FILE, line 2, column 1: unknown field `nevr`, expected `never`"
    );
}

#[test]
fn malformed_usage_exits_with_2() {
    for arguments in [
        vec!["--frobnicate"],
        vec!["identify"],
        vec!["search"],
        vec!["registry"],
        vec!["80", "--passive"],
    ] {
        assert_eq!(run(&arguments).code, Some(2), "{arguments:?}");
    }
}

#[test]
fn help_completions_and_manual_pages_are_there() {
    let help = run(&["--help"]);
    assert_eq!(help.code, Some(0));
    for word in [
        "Usage:",
        "Examples:",
        "Exit codes:",
        "portolan localhost:8080",
    ] {
        assert!(help.out.contains(word), "{word} in {}", help.out);
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]);
        assert_eq!(
            (script.code, script.out.contains("identify")),
            (Some(0), true),
            "{shell}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let man = run(&["man", &folder.path().display().to_string()]);
    assert_eq!(man.code, Some(0));
    let page = fs::read_to_string(folder.path().join("portolan.1")).unwrap();
    assert!(page.starts_with(".ie") && page.contains("verdict"));
    assert!(folder.path().join("portolan-identify.1").exists());
}

#[test]
fn colours_are_asked_for_or_absent() {
    assert!(!run(&["--no-live", "80"]).out.contains('\u{1b}'));
    assert!(
        run(&["--no-live", "80", "--color", "always"])
            .out
            .contains("\u{1b}[1m")
    );
}
