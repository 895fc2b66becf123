//! A secret in a listener's command line is in no output.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json as document};

use crate::command::{alone, run};

/// Listens on a port that the system gives, and tells it; ends with its standard input.
const SCRIPT: &str = "\
import socket, sys
held = socket.create_server(('127.0.0.1', 0))
print(held.getsockname()[1], flush=True)
sys.stdin.read()
";

/// A running listener with secrets on its command line.
struct Careless {
    child: Child,
    port: String,
    /// Where its script lies.
    _folder: tempfile::TempDir,
}

impl Careless {
    fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("serve.py"), SCRIPT).unwrap();
        let child = Command::new("python3")
            .arg("serve.py")
            .args(arguments)
            .current_dir(folder.path())
            .env("PGPASSWORD", "hunter0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let advice = "apt-get install --no-install-recommends python3";
        let mut child = child.unwrap_or_else(|e| panic!("python3: {e}; {advice}"));
        let mut port = String::new();
        let output = child.stdout.as_mut().unwrap();
        BufReader::new(output).read_line(&mut port).unwrap();
        Self {
            child,
            port: port.trim().to_owned(),
            _folder: folder,
        }
    }
}

impl Drop for Careless {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

/// Every owner in a document with this pid.
fn owners<'a>(value: &'a Value, pid: u32, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| owners(value, pid, found)),
        Value::Object(keys) => {
            if keys.get("pid") == Some(&pid.into()) && keys.contains_key("exe") {
                found.push(value);
            }
            keys.values().for_each(|value| owners(value, pid, found));
        }
        _ => {}
    }
}

#[test]
fn no_output_has_the_secrets_of_a_command_line() {
    let _alone = alone();
    let listener = Careless::start(&[
        "--password",
        "hunter2",
        "--database=postgres://portolan:hunter3@db.example/ports",
        "--header",
        "Authorization: Bearer hunter4",
        "API_TOKEN=hunter5",
        "--port",
        "5432",
    ]);
    let port = listener.port.as_str();
    // Behind the interpreter, whose name a wrapper may have made longer.
    let wanted = document!([
        "serve.py",
        "--password",
        "***",
        "--database=postgres://***@db.example/ports",
        "--header",
        "Authorization: ***",
        "API_TOKEN=***",
        "--port",
        "5432",
    ]);
    for (told, arguments) in [
        (false, vec!["listen"]),
        (true, vec!["listen", "--json"]),
        (false, vec![port]),
        (true, vec![port, "--json"]),
        (false, vec!["show", port]),
        (true, vec!["show", port, "--json"]),
        (false, vec![port, "--probe"]),
        (false, vec!["--passive"]),
        (true, vec!["--passive", "--json"]),
        (false, vec![]),
        (true, vec!["--json"]),
    ] {
        let run = run(&arguments);
        assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.err);
        assert!(run.out.contains(port), "{arguments:?}: {}", run.out);
        for text in [&run.out, &run.err] {
            assert!(!text.contains("hunter"), "{arguments:?}: {text}");
        }
        if told {
            let document: Value = serde_json::from_str(&run.out).unwrap();
            let mut found = Vec::new();
            owners(&document, listener.child.id(), &mut found);
            assert!(!found.is_empty(), "{arguments:?}");
            for owner in found {
                let told = owner["command_line"].as_array().unwrap();
                assert_eq!(Value::from(&told[1..]), wanted, "{arguments:?}");
            }
        }
    }
}
