//! What the program says about TLS: a line, findings, a document, and nothing that a terminal
//! would obey.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::command::{alone, json as document, run};
use crate::schema::check;

/// A web server inside TLS, for as long as the tests run, with a certificate of its own for `name`
/// that ended at the end of 2020.
fn expired(name: &str) -> SocketAddr {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "\u{1b}[31mred");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            key.serialize_der().try_into().unwrap(),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let connection = ServerConnection::new(config).unwrap();
                let mut stream = StreamOwned::new(connection, stream);
                let mut heard = [0; 1024];
                if stream
                    .read(&mut heard)
                    .is_ok_and(|n| heard[..n].starts_with(b"GET "))
                {
                    drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
                    drop(stream.flush());
                }
            });
        }
    });
    address
}

/// The kinds of the findings, with their severities.
fn kinds(findings: &Value) -> Vec<String> {
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings
        .as_array()
        .unwrap()
        .iter()
        .map(|f| format!("{} {}", word(f, "severity"), word(f, "kind")))
        .collect()
}

#[test]
fn identify_says_what_tls_showed_and_what_is_wrong_with_it() {
    let _alone = alone();
    let address = expired("web.test");
    let said = run(&["identify", &format!("localhost:{}", address.port())]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let lines: Vec<&str> = said.out.lines().skip(2).collect();
    assert_eq!(
        lines[..3],
        [
            "",
            &format!("{address}/tcp"),
            "  TLS 1.2, 1.3; certificate for web.test, self-signed, until 2021-01-01",
        ]
    );
    let begun = "  certificate expired: the certificate for web.test expired on 2021-01-01, ";
    assert!(lines[3].starts_with(begun), "{}", lines[3]);
    assert_eq!(
        lines[4..],
        [
            "  certificate name mismatch: the certificate is not for the host that was asked for: \
             it is for web.test"
        ]
    );
}

#[test]
fn the_document_has_the_whole_certificate_and_the_findings() {
    let _alone = alone();
    let address = expired("web.test");
    let target = address.to_string();
    let answer = document(&["identify", &target]);
    check("identify.json", &answer);
    let target = &answer["targets"][0];
    let mut session = target["identified"]["tls_session"].clone();
    let sha256 = session["certificate"]["sha256"].take();
    assert_eq!(sha256.as_str().unwrap().len(), 64);
    assert_eq!(
        session,
        json!({
            "version": "TLS 1.3",
            "versions": ["TLS 1.2", "TLS 1.3"],
            "alpn": null,
            "cipher": session["cipher"],
            "certificate": {
                "subject": "CN=\u{1b}[31mred",
                "issuer": "CN=\u{1b}[31mred",
                "names": ["web.test"],
                "not_before": "2020-01-01T00:00:00Z",
                "not_after": "2021-01-01T00:00:00Z",
                "self_signed": true,
                "for_host": null,
                "sha256": null,
            },
        })
    );
    assert_eq!(target["identified"]["told"], json!([]));
    assert_eq!(
        kinds(&target["findings"]),
        [
            "warning certificate_expired",
            "note certificate_self_signed"
        ]
    );
}

#[test]
fn a_survey_warns_of_a_certificate_that_has_expired() {
    let _alone = alone();
    // Without a name of its own it is called by its subject, which must not reach the terminal.
    let address = expired("127.0.0.1");
    let port = address.port().to_string();
    let answer = document(&["--probe", &port]);
    check("lookup.json", &answer);
    let listener = &answer["ports"][0]["listeners"][0];
    let session = &listener["identified"]["tls_session"];
    assert_eq!(session["versions"], json!([]));
    assert_eq!(session["certificate"]["names"], json!(["127.0.0.1"]));
    let found = kinds(&listener["findings"]);
    assert!(
        found.contains(&"warning certificate_expired".to_owned()),
        "{found:?}"
    );
    let survey = run(&[]).out;
    let line = survey
        .lines()
        .find(|line| line.contains("certificate expired") && line.contains(&port))
        .unwrap_or_else(|| panic!("{survey}"));
    assert!(line.contains("[RFC 5280 section 4.1.2.5]"), "{line}");
    assert!(!survey.contains('\u{1b}'));
}
