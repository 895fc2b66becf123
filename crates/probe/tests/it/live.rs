//! Real servers, asked as a user would ask them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use portolan_ports::ProbeState;
use portolan_probe::{Plan, State};

use crate::server::{Server, hold};
use crate::{ask, identifying, product, protocol, surveying};

/// The same plan with time to spare: these tests are about answers, and a machine that runs
/// eight servers and their clients on one core is late with them.
pub(crate) fn unhurried(plan: Plan) -> Plan {
    let (reply, total) = (Duration::from_secs(8), Duration::from_secs(10));
    Plan {
        reply,
        total,
        ..plan
    }
}

pub(crate) fn write(home: &Path, name: &str, text: &str) -> String {
    let path = home.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

pub(crate) fn run(program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).output();
    let output = output.unwrap_or_else(|e| panic!("{program}: {e}"));
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A certificate of its own for nginx.
fn certificate(home: &Path) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    write(home, "cert.pem", &pem("CERTIFICATE", made.cert.der()));
    write(
        home,
        "key.pem",
        &pem("PRIVATE KEY", &made.signing_key.serialize_der()),
    );
}

/// RFC 7468.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (at, chunk) in der.chunks(3).enumerate() {
        let word =
            chunk.iter().fold(0u32, |w, &b| w << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            match place <= chunk.len() {
                true => text.push(char::from(
                    ALPHABET[(word >> (18 - 6 * place) & 63) as usize],
                )),
                false => text.push('='),
            }
        }
        if at % 16 == 15 {
            text.push('\n');
        }
    }
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

fn nginx(tls: bool) -> Server {
    nginx_with(tls, certificate)
}

/// nginx with the certificate that `certificate` puts into its folder.
pub(crate) fn nginx_with(tls: bool, certificate: impl Fn(&Path) + Send + Sync + 'static) -> Server {
    Server::start("nginx", "nginx-light", move |command, home, address| {
        certificate(home);
        let h = home.display();
        let listen = match tls {
            true => format!(
                "listen {address} ssl; ssl_certificate {h}/cert.pem; ssl_certificate_key {h}/key.pem;"
            ),
            false => format!("listen {address};"),
        };
        let config = format!(
            "daemon off; master_process off; pid {h}/pid; error_log stderr; events {{}}\n\
             http {{ access_log off; client_body_temp_path {h}/b; proxy_temp_path {h}/p; \
             fastcgi_temp_path {h}/f; uwsgi_temp_path {h}/u; scgi_temp_path {h}/s; \
             server {{ {listen} root {h}; }} }}"
        );
        command.args(["-c", &write(home, "nginx.conf", &config), "-e", "stderr"]);
    })
}

fn redis(password: bool) -> Server {
    Server::start(
        "redis-server",
        "redis-server",
        move |command, home, address| {
            command.args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--port",
                &address.port().to_string(),
            ]);
            command.arg("--dir").arg(home);
            if password {
                command.args(["--requirepass", "kein-geheimnis"]);
            }
        },
    )
}

#[test]
fn openssh_greets() {
    let server = Server::start("sshd", "openssh-server", |command, home, address| {
        let key = home.join("key");
        run(
            "ssh-keygen",
            &[
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-f",
                &key.display().to_string(),
            ],
        );
        // sshd insists on its folder for privilege separation.
        fs::create_dir_all("/run/sshd").unwrap();
        let config = format!(
            "Port {}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\n",
            address.port(),
            key.display()
        );
        command.args(["-D", "-e", "-f", &write(home, "config", &config)]);
    });
    let outcome = ask(server.address(), unhurried(surveying(Some("ssh"), None)));
    assert_eq!(protocol(&outcome), Some(("ssh", false)));
    assert_eq!(product(&outcome).0, Some("openssh"));
    assert_eq!(outcome.probe.sent, ["listen"]);
}

#[test]
fn nginx_is_named_with_its_version() {
    let server = nginx(false);
    for plan in [
        surveying(None, None),
        surveying(Some("http"), None),
        identifying(None),
    ] {
        let outcome = ask(server.address(), unhurried(plan));
        assert_eq!(protocol(&outcome), Some(("http", false)));
        assert_eq!(product(&outcome).0, Some("nginx"));
        assert!(
            outcome
                .identification
                .unwrap()
                .cpe
                .unwrap()
                .starts_with("cpe:2.3:a:f5:nginx:1.")
        );
        assert_eq!(outcome.probe.sent, ["http GET /"]);
    }
}

#[test]
fn nginx_inside_tls_is_found_though_plain_http_was_tried_first() {
    let server = nginx(true);
    for plan in [
        surveying(None, None),
        surveying(Some("tls"), None),
        identifying(None),
    ] {
        let outcome = ask(server.address(), unhurried(plan));
        assert_eq!(protocol(&outcome), Some(("http", true)), "{outcome:?}");
        assert_eq!(product(&outcome).0, Some("nginx"));
    }
}

#[test]
fn redis_lets_in_whom_it_does_not_ask() {
    let server = redis(false);
    for plan in [
        surveying(Some("redis"), None),
        surveying(None, Some("redis")),
        identifying(None),
    ] {
        let outcome = ask(server.address(), unhurried(plan));
        assert_eq!(protocol(&outcome), Some(("redis", false)), "{outcome:?}");
        assert_eq!(product(&outcome).0, Some("redis"));
        assert_eq!(outcome.identification.unwrap().unauthenticated, Some(true));
    }
}

#[test]
fn redis_with_a_password_is_redis_still() {
    let server = redis(true);
    let outcome = ask(server.address(), unhurried(surveying(Some("redis"), None)));
    assert_eq!(protocol(&outcome), Some(("redis", false)));
    assert_eq!(outcome.identification.unwrap().unauthenticated, Some(false));
}

#[test]
fn exim_answers_ehlo() {
    let server = Server::start("exim4", "exim4-daemon-light", |command, home, address| {
        // Exim gives up root for its own user, which must reach the folder.
        fs::set_permissions(home, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let config = format!(
            "spool_directory = {h}/spool\nlog_file_path = {h}/%slog\nlocal_interfaces = 127.0.0.1\n\
             daemon_smtp_ports = {}\nhost_lookup =\nrfc1413_query_timeout = 0s\n\
             primary_hostname = mail.test\nbegin acl\nbegin routers\nbegin transports\n",
            address.port(),
            h = home.display()
        );
        command
            .args(["-C", &write(home, "config", &config), "-bdf", "-oP"])
            .arg(home.join("pid"));
    });
    let outcome = ask(server.address(), unhurried(surveying(Some("smtp"), None)));
    assert_eq!(protocol(&outcome), Some(("smtp", false)), "{outcome:?}");
    assert_eq!(product(&outcome).0, Some("exim"));
    assert!(outcome.probe.sent.iter().any(|name| name == "smtp EHLO"));
}

#[test]
fn an_ftp_server_is_told_from_smtp() {
    let server = Server::start("vsftpd", "vsftpd", |command, home, address| {
        let config = format!(
            "listen=YES\nlisten_address=127.0.0.1\nlisten_port={}\nbackground=NO\n\
             anonymous_enable=YES\nsecure_chroot_dir={}\n",
            address.port(),
            home.display()
        );
        command.arg(write(home, "config", &config));
    });
    for plan in [surveying(None, Some("smtp")), identifying(None)] {
        let outcome = ask(server.address(), unhurried(plan));
        assert_eq!(protocol(&outcome), Some(("ftp", false)));
        assert_eq!(product(&outcome), (Some("vsftpd"), Some("3.0.3")));
    }
}

/// PostgreSQL with a cluster of its own; `settings` may add to its folder and its arguments.
pub(crate) fn postgresql(settings: impl Fn(&mut Command, &Path)) -> Server {
    Server::start(
        "setpriv",
        "util-linux postgresql",
        |command, home, address| {
            let data = home.join("data");
            let (bin, h) = ("/usr/lib/postgresql/15/bin", home.display());
            assert!(
                Path::new(bin).join("initdb").exists(),
                "postgres is absent; apt-get install --no-install-recommends postgresql"
            );
            run("chown", &["postgres", &h.to_string()]);
            let own = ["--reuid=postgres", "--regid=postgres", "--init-groups"];
            let initdb = format!("{bin}/initdb");
            let at = data.display().to_string();
            run(
                "setpriv",
                &[own.as_slice(), &[&initdb, "-D", &at, "-A", "trust", "-N"]].concat(),
            );
            command
                .args(own)
                .arg(format!("{bin}/postgres"))
                .arg("-D")
                .arg(&data);
            command.args([
                "-h",
                "127.0.0.1",
                "-k",
                &h.to_string(),
                "-p",
                &address.port().to_string(),
            ]);
            settings(command, home);
        },
    )
}

#[test]
fn postgresql_refuses_the_impossible_version() {
    let server = postgresql(|_, _| ());
    for plan in [surveying(Some("postgresql"), None), identifying(None)] {
        let outcome = ask(server.address(), unhurried(plan));
        assert_eq!(
            protocol(&outcome),
            Some(("postgresql", false)),
            "{outcome:?}"
        );
        assert_eq!(product(&outcome), (Some("postgresql"), None));
    }
}

#[test]
fn python_http_server_is_named_with_the_version_of_python() {
    let server = Server::start("python3", "python3", |command, home, address| {
        command.args([
            "-m",
            "http.server",
            "--bind",
            "127.0.0.1",
            &address.port().to_string(),
        ]);
        command.current_dir(home);
    });
    let outcome = ask(server.address(), unhurried(surveying(None, None)));
    assert_eq!(product(&outcome).0, Some("python-http-server"));
    assert!(product(&outcome).1.unwrap().starts_with("3."));
}

#[test]
fn a_closed_port_is_closed() {
    let (_held, address) = hold();
    let outcome = ask(address, surveying(None, None));
    assert_eq!(
        (outcome.state, outcome.probe.state),
        (State::Closed, ProbeState::Refused)
    );
}
