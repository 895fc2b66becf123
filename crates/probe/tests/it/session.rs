//! TLS in depth: certificates, versions one by one, and TLS behind another protocol's request.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use portolan_ports::{Certificate, ProbeState, TlsSession, TlsVersion, tls_findings};
use portolan_probe::{Limits, Outcome, Plan, Request, identify};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};

use crate::hostile::{Script, drain, hear};
use crate::live::{nginx_with, pem, postgresql, run, unhurried, write};
use crate::server::Server;
use crate::{SLACK, ask, identifying, protocol, request, surveying};

/// Asks what the user named `host`.
fn ask_as(host: &str, target: SocketAddr) -> Outcome {
    let request = Request {
        host: Some(host.to_owned()),
        ..request(target, unhurried(identifying(None)))
    };
    identify(vec![request], &Limits::default(), &mut |_, _| {}).remove(0)
}

fn session(outcome: &Outcome) -> &TlsSession {
    let found = outcome.identification.as_ref().unwrap();
    found.session.as_deref().unwrap()
}

fn certificate(outcome: &Outcome) -> &Certificate {
    session(outcome).certificate.as_ref().unwrap()
}

/// The kinds of all findings, at this moment.
fn findings(outcome: &Outcome, now: i64) -> Vec<&'static str> {
    let found = outcome.identification.as_ref().unwrap();
    let findings = tls_findings(found, Some(now));
    findings.iter().map(|f| f.kind.as_str()).collect()
}

/// 2026-11-21.
const NOW: i64 = 1_795_219_200;

/// Valid for a year around that moment.
fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = date_time_ymd(2026, 5, 1);
    params.not_after = date_time_ymd(2027, 5, 1);
    params.distinguished_name.push(DnType::CommonName, "web");
    params
}

/// Writes what nginx and others read.
fn put(home: &Path, certificates: &[&[u8]], key: &KeyPair) {
    let chain: String = certificates.iter().map(|c| pem("CERTIFICATE", c)).collect();
    write(home, "cert.pem", &chain);
    write(home, "key.pem", &pem("PRIVATE KEY", &key.serialize_der()));
}

fn self_signed(home: &Path, params: &CertificateParams) {
    let key = KeyPair::generate().unwrap();
    let made = params.self_signed(&key).unwrap();
    put(home, &[made.der()], &key);
}

#[test]
fn a_self_signed_certificate_is_read_whole() {
    let server = nginx_with(true, |home| self_signed(home, &params(&["localhost"])));
    let outcome = ask_as("localhost", server.address());
    assert_eq!(protocol(&outcome), Some(("http", true)));
    let seen = session(&outcome);
    // What nginx 1.22 offers unless its configuration says more.
    assert_eq!(seen.version, Some(TlsVersion::Tls12));
    assert_eq!(seen.versions, [TlsVersion::Tls12]);
    assert_eq!(seen.alpn.as_deref(), Some("http/1.1"));
    let cipher = seen.cipher.as_deref().unwrap();
    assert!(cipher.starts_with("TLS_ECDHE_ECDSA_WITH_"), "{cipher}");
    let own = certificate(&outcome);
    assert_eq!(own.names, ["localhost"]);
    assert_eq!(
        (own.subject.as_str(), own.issuer.as_str()),
        ("CN=web", "CN=web")
    );
    assert_eq!((own.self_signed, own.for_host), (Some(true), Some(true)));
    assert_eq!(findings(&outcome, NOW), ["certificate_self_signed"]);
}

#[test]
fn a_survey_reads_the_certificate_and_makes_no_more_connections() {
    let server = nginx_with(true, |home| {
        let mut old = params(&["localhost"]);
        old.not_after = date_time_ymd(2026, 11, 1);
        self_signed(home, &old);
    });
    let outcome = ask(server.address(), unhurried(surveying(Some("tls"), None)));
    assert_eq!(protocol(&outcome), Some(("http", true)));
    assert_eq!(session(&outcome).versions, [TlsVersion::Tls12; 0]);
    assert_eq!(certificate(&outcome).for_host, None);
    assert_eq!(outcome.probe.sent, ["tls ClientHello", "http GET / in tls"]);
    assert_eq!(
        findings(&outcome, NOW),
        ["certificate_expired", "certificate_self_signed"]
    );
}

#[test]
fn a_certificate_of_an_authority_for_another_host() {
    let server = nginx_with(true, |home| {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name = rcgen::DistinguishedName::new();
        let name = (DnType::CommonName, "Harbour CA");
        authority.distinguished_name.push(name.0, name.1);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut leaf = params(&["web.test", "*.web.test"]);
        leaf.not_after = date_time_ymd(2026, 12, 1);
        let made = leaf.signed_by(&key, &authority).unwrap();
        put(home, &[made.der(), authority.der()], &key);
    });
    let outcome = ask_as("localhost", server.address());
    let own = certificate(&outcome);
    assert_eq!(own.issuer, "CN=Harbour CA");
    assert_eq!((own.self_signed, own.for_host), (Some(false), Some(false)));
    assert_eq!(
        findings(&outcome, NOW),
        ["certificate_expiring", "certificate_name_mismatch"]
    );
    // Whoever names no host is told of no mismatch.
    let outcome = ask(server.address(), unhurried(identifying(None)));
    assert_eq!(certificate(&outcome).for_host, None);
    assert_eq!(findings(&outcome, NOW), ["certificate_expiring"]);
}

#[test]
fn a_server_that_answers_one_name_alone_is_asked_for_it_at_once() {
    let server = Server::start("nginx", "nginx-light", |command, home, address| {
        self_signed(home, &params(&["localhost"]));
        let h = home.display();
        let config = format!(
            "daemon off; master_process off; pid {h}/pid; error_log stderr; events {{}}\n\
             http {{ access_log off; client_body_temp_path {h}/b; proxy_temp_path {h}/p; \
             fastcgi_temp_path {h}/f; uwsgi_temp_path {h}/u; scgi_temp_path {h}/s; \
             ssl_certificate {h}/cert.pem; ssl_certificate_key {h}/key.pem; \
             server {{ listen {address} ssl default_server; ssl_reject_handshake on; }} \
             server {{ listen {address} ssl; server_name localhost; root {h}; }} }}"
        );
        command.args(["-c", &write(home, "nginx.conf", &config), "-e", "stderr"]);
    });
    let outcome = ask_as("localhost", server.address());
    assert_eq!(protocol(&outcome), Some(("http", true)), "{outcome:?}");
    assert_eq!(certificate(&outcome).for_host, Some(true));
    // Under another name there is nothing but TLS.
    let outcome = ask_as("web.test", server.address());
    assert_eq!(protocol(&outcome), Some(("tls", true)), "{outcome:?}");
    assert_eq!(outcome.identification.unwrap().session, None);
}

/// openssl's own server, with those arguments.
fn s_server(arguments: &'static [&'static str]) -> Server {
    Server::start("openssl", "openssl", |command, home, address| {
        // Older versions than TLS 1.2 sign by SHA-1 and want RSA here.
        run(
            "openssl",
            &[
                &[
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                ][..],
                &[
                    "-subj",
                    "/O=Harbour/CN=old",
                    "-addext",
                    "subjectAltName=DNS:localhost",
                ],
                &["-keyout", &home.join("key.pem").display().to_string()],
                &["-out", &home.join("cert.pem").display().to_string()],
            ]
            .concat(),
        );
        command.args(["s_server", "-www", "-accept", &address.to_string()]);
        command.arg("-cert").arg(home.join("cert.pem"));
        command.arg("-key").arg(home.join("key.pem"));
        command.args(arguments);
    })
}

/// openssl speaks the old versions at security level 0 only.
const OLD: [&str; 2] = ["-cipher", "DEFAULT@SECLEVEL=0"];

#[test]
fn a_server_that_speaks_one_old_version_alone_is_tls_with_that_version_and_its_certificate() {
    for (flag, version) in [
        (&["-tls1", OLD[0], OLD[1]], TlsVersion::Tls10),
        (&["-tls1_1", OLD[0], OLD[1]], TlsVersion::Tls11),
    ] {
        let server = s_server(flag);
        let outcome = ask_as("localhost", server.address());
        assert_eq!(protocol(&outcome), Some(("tls", true)), "{outcome:?}");
        assert_eq!(outcome.probe.state, ProbeState::Proven);
        let seen = session(&outcome);
        assert_eq!(
            (seen.version, seen.versions.as_slice()),
            (None, &[version][..])
        );
        assert!(seen.cipher.as_deref().unwrap().starts_with("TLS_"));
        let own = certificate(&outcome);
        assert_eq!(own.subject, "CN=old,O=Harbour");
        assert_eq!((own.self_signed, own.for_host), (Some(true), Some(true)));
        assert!(findings(&outcome, NOW).contains(&"tls_outdated"));
    }
}

#[test]
fn all_versions_of_a_server_that_has_kept_the_old_ones() {
    let server = s_server(&OLD);
    let outcome = ask(server.address(), unhurried(identifying(None)));
    assert_eq!(protocol(&outcome), Some(("http", true)), "{outcome:?}");
    assert_eq!(session(&outcome).version, Some(TlsVersion::Tls13));
    assert_eq!(session(&outcome).versions, TlsVersion::ALL[1..]);
    let server = s_server(&["-tls1_3"]);
    let outcome = ask(server.address(), unhurried(identifying(None)));
    assert_eq!(session(&outcome).versions, [TlsVersion::Tls13]);
}

#[test]
fn a_suite_that_the_tls_library_does_not_have() {
    let server = s_server(&[
        "-nocert",
        "-tls1_2",
        "-cipher",
        "ADH-AES128-SHA:@SECLEVEL=0",
    ]);
    let outcome = ask(server.address(), unhurried(identifying(None)));
    assert_eq!(protocol(&outcome), Some(("tls", true)), "{outcome:?}");
    let seen = session(&outcome);
    assert_eq!(seen.versions, [TlsVersion::Tls12]);
    assert_eq!(
        seen.cipher.as_deref(),
        Some("TLS_DH_anon_WITH_AES_128_CBC_SHA")
    );
    assert_eq!(seen.certificate, None);
}

#[test]
fn postgresql_changes_to_tls_when_asked() {
    let server = postgresql(|command, home| {
        self_signed(home, &params(&["localhost"]));
        for name in ["cert.pem", "key.pem"] {
            let path = home.join(name).display().to_string();
            run("chown", &["postgres", &path]);
            run("chmod", &["600", &path]);
        }
        for (name, value) in [
            ("ssl", "on".to_owned()),
            ("ssl_cert_file", home.join("cert.pem").display().to_string()),
            ("ssl_key_file", home.join("key.pem").display().to_string()),
        ] {
            command.args(["-c", &format!("{name}={value}")]);
        }
    });
    let outcome = ask_as("localhost", server.address());
    assert_eq!(
        protocol(&outcome),
        Some(("postgresql", false)),
        "{outcome:?}"
    );
    assert!(outcome.identification.as_ref().unwrap().starttls);
    let seen = session(&outcome);
    assert_eq!(seen.versions, [TlsVersion::Tls12, TlsVersion::Tls13]);
    assert_eq!(certificate(&outcome).for_host, Some(true));
    let sent = &outcome.probe.sent;
    assert!(sent.iter().any(|name| name == "postgresql SSLRequest"));
    // A survey leaves it at what it has.
    let outcome = ask(
        server.address(),
        unhurried(surveying(Some("postgresql"), None)),
    );
    assert_eq!(outcome.identification.unwrap().session, None);
}

#[test]
fn postgresql_without_tls_says_so() {
    let server = postgresql(|_, _| ());
    let outcome = ask_as("localhost", server.address());
    let found = outcome.identification.as_ref().unwrap();
    assert_eq!((found.starttls, &found.session), (false, &None));
}

#[test]
fn exim_changes_to_tls_by_starttls() {
    let server = Server::start("exim4", "exim4-daemon-light", |command, home, address| {
        // Exim gives up root for its own user, which must reach the folder.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(home, open).unwrap();
        self_signed(home, &params(&["mail.test"]));
        for name in ["cert.pem", "key.pem"] {
            run("chmod", &["644", &home.join(name).display().to_string()]);
        }
        let config = format!(
            "spool_directory = {h}/spool\nlog_file_path = {h}/%slog\nlocal_interfaces = 127.0.0.1\n\
             daemon_smtp_ports = {}\nhost_lookup =\nrfc1413_query_timeout = 0s\n\
             primary_hostname = mail.test\ntls_advertise_hosts = *\n\
             tls_certificate = {h}/cert.pem\ntls_privatekey = {h}/key.pem\n\
             begin acl\nbegin routers\nbegin transports\n",
            address.port(),
            h = home.display()
        );
        command
            .args(["-C", &write(home, "config", &config), "-bdf", "-oP"])
            .arg(home.join("pid"));
    });
    let outcome = ask_as("localhost", server.address());
    assert_eq!(protocol(&outcome), Some(("smtp", false)), "{outcome:?}");
    assert!(outcome.identification.as_ref().unwrap().starttls);
    let seen = session(&outcome);
    assert!(seen.versions.contains(&TlsVersion::Tls12), "{seen:?}");
    assert_eq!(certificate(&outcome).names, ["mail.test"]);
    // Debian's exim has GnuTLS, which keeps TLS 1.0 and 1.1 unless it is told otherwise.
    assert_eq!(
        findings(&outcome, NOW),
        [
            "certificate_name_mismatch",
            "tls_outdated",
            "certificate_self_signed"
        ]
    );
    assert!(
        outcome
            .probe
            .sent
            .iter()
            .any(|name| name == "smtp STARTTLS")
    );
}

/// A record of the handshake, or of another kind.
fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[kind, 3, 1][..], &length, payload].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind][..], &length[1..], body].concat()
}

/// A ServerHello of TLS 1.0.
fn hello() -> Vec<u8> {
    hello_of(1)
}

/// A ServerHello of 3.`minor`, with AES and RSA.
fn hello_of(minor: u8) -> Vec<u8> {
    let body = [&[3, minor][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
    message(2, &body)
}

/// Plays `answer` to whoever says hello, and hangs up on all others.
fn to_hellos(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> Script {
    Script::play(move |mut stream| {
        if hear(&mut stream).first() == Some(&22) {
            answer(stream);
        }
    })
}

#[test]
fn ssl_3_is_recognised_and_what_was_not_asked_for_is_not_believed() {
    // The one that agrees to SSL 3 whatever it is asked, as a server that knows no other does.
    let script = to_hellos(|mut stream| {
        drop(stream.write_all(&record(22, &[hello_of(0), message(14, b"")].concat())));
        drain(stream);
    });
    let outcome = ask(script.address(), identifying(None));
    let seen = session(&outcome);
    assert_eq!(seen.versions, [TlsVersion::Ssl3], "{outcome:?}");
    assert_eq!(seen.cipher.as_deref(), Some("TLS_RSA_WITH_AES_128_CBC_SHA"));
    let names = &outcome.probe.sent;
    let asked = names
        .iter()
        .filter(|n| n.starts_with("tls ClientHello for"));
    assert_eq!(
        asked.count(),
        1,
        "what is skipped is not asked for: {names:?}"
    );
    // The one that answers TLS 1.2 to every hello, SSL 3's too, without reading it.
    let script = to_hellos(|mut stream| {
        drop(stream.write_all(&record(22, &[hello_of(3), message(14, b"")].concat())));
        drain(stream);
    });
    let outcome = ask(script.address(), identifying(None));
    assert_eq!(session(&outcome).versions, [TlsVersion::Tls12]);
}

#[test]
fn a_certificate_of_garbage_is_none_and_harms_nothing() {
    let length = |n: usize| u32::try_from(n).unwrap().to_be_bytes()[1..].to_vec();
    for garbage in [
        vec![0x30; 5000],
        vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        [&[0x30, 0x80][..], &[0x30, 0x80].repeat(2000)].concat(),
        Vec::new(),
    ] {
        let one = [length(garbage.len()), garbage.clone()].concat();
        let certificate = message(11, &[length(one.len()), one].concat());
        let flight = record(22, &[hello(), certificate].concat());
        let script = to_hellos(move |mut stream| {
            drop(stream.write_all(&flight));
            drain(stream);
        });
        let outcome = ask(script.address(), identifying(None));
        assert_eq!(protocol(&outcome), Some(("tls", true)), "{outcome:?}");
        let seen = session(&outcome);
        assert_eq!(seen.versions, [TlsVersion::Tls10]);
        assert_eq!((seen.version, &seen.certificate), (None, &None));
    }
}

#[test]
fn a_handshake_without_an_end_is_cut_off() {
    // A message that announces 16 MB and comes in records that never stop.
    let endless = to_hellos(|mut stream| {
        let begun = [hello(), vec![11, 0xff, 0xff, 0xff]].concat();
        let mut sent = stream.write_all(&record(22, &begun));
        while sent.is_ok() {
            sent = stream.write_all(&record(22, &[0x30; 16000]));
        }
    });
    let begun = clock();
    let outcome = ask(endless.address(), identifying(None));
    assert_eq!(protocol(&outcome), Some(("tls", true)), "{outcome:?}");
    assert_eq!(session(&outcome).versions, [TlsVersion::Tls10]);
    assert!(begun.elapsed().unwrap() < Duration::from_secs(4));
    // Empty records, which carry nothing and cost no memory, for ever.
    let empty = to_hellos(|mut stream| while stream.write_all(&record(22, &[])).is_ok() {});
    let outcome = ask(empty.address(), identifying(None));
    assert_eq!(outcome.identification, None);
}

#[test]
fn a_server_that_stalls_within_the_handshake_costs_no_more_than_the_plan() {
    for (told, proven) in [(0, false), (30, false), (usize::MAX, true)] {
        let script = to_hellos(move |mut stream| {
            let whole = record(22, &hello());
            drop(stream.write_all(&whole[..whole.len().min(told)]));
            drain(stream);
        });
        let plan: Plan = identifying(None);
        let begun = clock();
        let outcome = ask(script.address(), plan.clone());
        let spent = begun.elapsed().unwrap();
        assert!(spent < plan.total + SLACK, "{spent:?}");
        assert_eq!(outcome.identification.is_some(), proven, "{outcome:?}");
        // Once with a question of each protocol, and then for the versions as often as allowed.
        assert!(script.taken() <= 32);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the wait for a hostile server is bounded by a real clock"
)]
fn clock() -> std::time::SystemTime {
    std::time::SystemTime::now()
}
