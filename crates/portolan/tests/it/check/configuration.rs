//! Where the policy is read from, and that a mistake in it stops every command that reads it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::stand::Stand;
use crate::command::{finished, portolan, run};

#[test]
fn without_a_policy_it_says_where_it_looked_and_how_to_begin() {
    let without = run(&["check"]);
    assert_eq!(
        (without.code, without.out.as_str(), without.err.as_str()),
        (
            Some(2),
            "",
            "portolan: there is no policy to check against: there is no file at /etc/portolan/portolan.toml and /nonexistent/.config/portolan/portolan.toml; for one that is true now: portolan check --learn > portolan.toml\n"
        )
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portolan.toml");
    fs::write(&path, "[probe]\nnever = []\n").unwrap();
    let path = path.display().to_string();
    let without = run(&["check", "--config", &path]);
    assert_eq!(
        (without.code, without.err),
        (
            Some(2),
            format!(
                "portolan: there is no policy to check against: no rule stands in {path}; for one that is true now: portolan check --learn > portolan.toml\n"
            )
        )
    );
}

#[test]
fn a_mistake_stops_every_command_that_reads_the_policy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portolan.toml");
    let path = path.display().to_string();
    for (text, said) in [
        (
            "[[expect]]\nport = 443\nprogramm = \"nginx\"\n",
            "line 3, column 1: there is no key \"programm\" in [[expect]]; the nearest is \"program\"",
        ),
        (
            "deny = [22, 70000]\n",
            "line 1, column 13: 70000 is no port; a port is 1 to 65535",
        ),
        (
            "[probe]\nnever = [\"80\", \"ssh\"]\n",
            "line 2, column 16: \"ssh\" is no entry for [probe] never; write a port (\"5432\"), a range (\"9000-9010\"), \"program:java\" or \"unit:backup.service\"",
        ),
        (
            "[prob]\n",
            "line 1, column 2: there is no key \"prob\" here; the nearest is \"probe\"",
        ),
    ] {
        fs::write(&path, text).unwrap();
        for command in [
            &["check"][..],
            &[],
            &["80"],
            &["listen"],
            &["sweep", "127.0.0.1"],
            &["--no-live", "80"],
        ] {
            let run = run(&[command, &["--config", &path]].concat());
            assert_eq!(
                (run.code, run.out.as_str(), run.err),
                (
                    Some(2),
                    "",
                    format!("portolan: cannot read the configuration {path}, {said}\n")
                ),
                "{command:?}"
            );
        }
    }
}

#[test]
fn a_named_file_that_is_none_is_malformed_and_a_usual_one_could_not_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent.toml").display().to_string();
    let itself = folder.path().display().to_string();
    for (path, error) in [
        (&absent, "No such file or directory (os error 2)"),
        (&itself, "Is a directory (os error 21)"),
    ] {
        for command in [
            &["check"][..],
            &["check", "--learn"],
            &["check", "--junit"],
            &[],
            &["80"],
            &["listen"],
            &["suggest"],
            &["sweep", "127.0.0.1"],
            &["--no-live", "80"],
        ] {
            let run = run(&[command, &["--config", path]].concat());
            assert_eq!(
                (run.code, run.out.as_str(), run.err),
                (
                    Some(2),
                    "",
                    format!(
                        "portolan: cannot read the configuration {path}: {error}; give --config a file that is there and that you may read\n"
                    )
                ),
                "{command:?}"
            );
        }
    }

    // A folder where the own file would be: even root cannot read it.
    let usual = folder.path().join("portolan/portolan.toml");
    fs::create_dir_all(&usual).unwrap();
    let mut command = portolan();
    command.env("XDG_CONFIG_HOME", folder.path()).arg("check");
    let run = finished(command.output().unwrap());
    assert_eq!((run.code, run.out.as_str()), (Some(3), ""));
    assert_eq!(
        run.err,
        format!(
            "portolan: cannot read the configuration {}: Is a directory (os error 21); it may say what to expect and whom not to ask, so nothing was asked; make it readable, or set XDG_CONFIG_HOME to another folder\n",
            usual.display()
        )
    );
}

#[test]
fn the_own_file_and_the_named_one_add_up() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("portolan")).unwrap();
    let own = home.path().join("portolan/portolan.toml");
    let named = home.path().join("named.toml");
    let document = |first: &str, second: &str, named: &std::path::Path| {
        fs::write(&own, first).unwrap();
        if named != own {
            fs::write(named, second).unwrap();
        }
        let mut command = portolan();
        command.env("XDG_CONFIG_HOME", home.path());
        command.args(["check", "--json", "--config"]).arg(named);
        let run = finished(command.output().unwrap());
        assert_eq!(run.err, "");
        serde_json::from_str::<serde_json::Value>(&run.out).unwrap()
    };
    let both = document(
        "[[expect]]\nport = 1\n",
        "allow-unlisted = true\n[[expect]]\nport = 2\n",
        &named,
    );
    assert_eq!(both["rules"], 2);
    assert_eq!(both["policy"].as_array().unwrap().len(), 2);
    assert_eq!(both["violations"], serde_json::json!([]));
    let once = document("allow-unlisted = true\ndeny = [1]\n", "", &own);
    assert_eq!(once["rules"], 1, "a file that is named twice is read once");
}

#[test]
fn no_policy_is_read_from_the_folder_that_a_command_is_run_in() {
    let here = tempfile::tempdir().unwrap();
    for folder in ["portolan", ".config/portolan", "own/portolan"] {
        fs::create_dir_all(here.path().join(folder)).unwrap();
        let path = here.path().join(folder).join("portolan.toml");
        fs::write(path, format!("\"{folder}\" = 1\n")).unwrap();
    }
    let said = |home: &str, own: Option<&str>| {
        let mut command = portolan();
        command.current_dir(here.path()).env("HOME", home);
        if let Some(own) = own {
            command.env("XDG_CONFIG_HOME", own);
        }
        finished(command.arg("check").output().unwrap()).err
    };
    let nowhere = "portolan: there is no policy to check against: there is no file at /etc/portolan/portolan.toml; for one that is true now: portolan check --learn > portolan.toml\n";
    for (home, own) in [
        ("", None),
        ("", Some("")),
        (".", Some("")),
        ("own", Some("own")),
        ("./.", Some("./own")),
    ] {
        assert_eq!(said(home, own), nowhere, "{home:?} {own:?}");
    }
    let read = |folder: &str| format!("there is no key \"{folder}\" here");
    let whole = here.path().to_str().unwrap();
    let home = said(whole, Some("own"));
    assert!(home.contains(&read(".config/portolan")), "{home}");
    let own = said("", Some(&format!("{whole}/own")));
    assert!(own.contains(&read("own/portolan")), "{own}");
}

#[test]
fn the_pages_examples_are_sound() {
    let page = include_str!("../../../../../docs/policy.md");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portolan.toml");
    let blocks = page.split("```toml\n").skip(1);
    let mut count = 0;
    for block in blocks {
        let (text, _) = block.split_once("```").unwrap();
        fs::write(&path, text).unwrap();
        let run = run(&["--no-live", "80", "--config", &path.display().to_string()]);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{text}");
        count += 1;
    }
    assert_eq!(count, 2);
}

/// After setpriv(1) or su(1), HOME is often the home of the one who called.
#[test]
fn a_home_that_may_not_be_entered_holds_no_policy_of_ours() {
    let stand = Stand::new();
    stand.policy("deny = [23]\n");
    let home = stand.path("home");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    let nobody = ["--setuid", "65534", "--setgid", "65534"];
    let mut command = stand.command(&nobody, stand.path("portolan"));
    command.env_remove("XDG_CONFIG_HOME").env("HOME", &home);
    command.args(["check", "--config", "portolan.toml"]);
    let run = finished(command.output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
}
