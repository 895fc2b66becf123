//! Verdicts on real listeners with real answers. The registry of a test gives the port that the
//! system gave to the service that the test is about, so that no port is fixed.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::json;
use crate::server::Server;

/// A registry file with one assignment.
pub(crate) struct OneRow {
    _folder: TempDir,
    path: PathBuf,
}

impl OneRow {
    pub(crate) fn new(service_name: &str, port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.csv");
        let header = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes";
        fs::write(
            &path,
            format!("{header}\n{service_name},{port},tcp,,,,,,,,,\n"),
        )
        .unwrap();
        Self {
            _folder: folder,
            path,
        }
    }

    pub(crate) fn path(&self) -> String {
        self.path.display().to_string()
    }
}

/// The verdict on the one listener of a port that is assigned to `service_name`.
fn verdict(service_name: &str, address: SocketAddr) -> Value {
    let port = address.port().to_string();
    let registry = OneRow::new(service_name, address.port());
    let document = json(&["--registry", &registry.path(), "--probe", &port]);
    let listeners = document["ports"][0]["listeners"].as_array().unwrap();
    assert_eq!(listeners.len(), 1, "{listeners:#?}");
    listeners[0].clone()
}

fn said(listener: &Value) -> String {
    format!(
        "{}: {}",
        listener["verdict"].as_str().unwrap(),
        listener["because"].as_str().unwrap()
    )
}

#[test]
fn pythons_server_on_anothers_port_is_a_mismatch() {
    let server = Server::start("python3", "python3", |command, home, address| {
        command
            .current_dir(home)
            .args(["-m", "http.server", "--bind", "127.0.0.1"])
            .arg(address.port().to_string());
    });
    let port = server.address().port();
    let listener = verdict("krb524", server.address());
    assert_eq!(
        said(&listener),
        format!(
            "mismatch: {port}/tcp is assigned: the product that answers, python-http-server, is not krb524"
        )
    );
    assert_eq!(listener["identified"]["protocol"], "http");
    assert_eq!(listener["identified"]["certainty"], "proven");
    assert!(
        listener["identified"]["evidence"][0]["received"]
            .as_str()
            .unwrap()
            .contains("SimpleHTTP")
    );
    assert!(said(&verdict("http-alt", server.address())).starts_with("registered: http answers"));
}

/// HTTP by the book and not a word about the product.
fn bare_http(listener: TcpListener) {
    use std::io::{Read, Write};
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 1024];
            if stream.read(&mut request).is_ok_and(|n| n > 0) {
                drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
            }
        }
    });
}

#[test]
fn bare_http_on_a_port_whose_service_speaks_http_is_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    bare_http(listener);
    assert_eq!(
        said(&verdict("etcd-client", address)),
        "unknown: etcd-client speaks http, and the http that answers does not say which product it is"
    );
}

#[test]
fn a_real_ssh_server_is_what_it_is() {
    let server = Server::start("sshd", "openssh-server", |command, home, address| {
        let key = home.join("key");
        let made = std::process::Command::new("ssh-keygen")
            .args(["-q", "-N", "", "-t", "ed25519", "-f"])
            .arg(&key)
            .status();
        assert!(made.unwrap().success());
        fs::create_dir_all("/run/sshd").unwrap();
        command
            .args([
                "-D",
                "-e",
                "-f",
                "/dev/null",
                "-o",
                "ListenAddress=127.0.0.1",
                "-o",
                "PidFile=none",
            ])
            .args([
                "-o",
                &format!("HostKey={}", key.display()),
                "-p",
                &address.port().to_string(),
            ]);
    });
    let listener = verdict("ssh", server.address());
    assert_eq!(
        said(&listener),
        format!(
            "registered: ssh answers, and {}/tcp is assigned to it",
            server.address().port()
        )
    );
    assert_eq!(listener["identified"]["product"], "openssh");
    assert!(
        listener["identified"]["version"]
            .as_str()
            .unwrap()
            .starts_with(char::is_numeric)
    );
    assert_eq!(listener["owners"][0]["program"], "sshd");
    assert_eq!(listener["probe"]["sent"], serde_json::json!(["listen"]));
}

#[test]
fn a_real_redis_is_what_it_is_and_lets_anyone_in() {
    let server = Server::start("redis-server", "redis-server", |command, home, address| {
        command
            .args(["--bind", "127.0.0.1", "--save", "", "--port"])
            .arg(address.port().to_string())
            .arg("--dir")
            .arg(home);
    });
    let listener = verdict("redis", server.address());
    assert!(said(&listener).starts_with("registered: redis answers"));
    let findings: Vec<&str> = listener["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["kind"].as_str().unwrap())
        .collect();
    assert!(
        findings.contains(&"no_authentication") && findings.contains(&"clear_text"),
        "{findings:?}"
    );
}

#[test]
fn a_mute_listener_stays_unknown() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let listener = verdict("krb524", mute.local_addr().unwrap());
    assert_eq!(
        said(&listener),
        "unknown: it takes connections and says nothing"
    );
    assert_eq!(listener["identified"], Value::Null);
    assert!(listener["probe"]["sent"].as_array().unwrap().len() <= 3);
}
