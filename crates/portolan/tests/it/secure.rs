//! Updates over TLS and through a proxy.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use crate::command::{Run, alone, finished, portolan};
use crate::mirror::{Mirror, ok};
use crate::update::later;

/// A server whose certificate, for 127.0.0.1, lies in the folder.
fn secure(folder: &TempDir, answer: Vec<u8>) -> Mirror {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    fs::write(folder.path().join("authority.pem"), made.cert.pem()).unwrap();
    let key = made.signing_key.serialize_der().try_into().unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    Mirror::silent(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let mut line = String::new();
        let mut head = BufReader::new(&mut stream);
        while head.read_line(&mut line).unwrap_or(0) > 2 {}
        // A client that trusts us not is gone.
        let _refused = stream.write_all(&answer).and_then(|()| {
            stream.conn.send_close_notify();
            stream.flush()
        });
    })
}

fn update(state: &Path, from: &str, environment: &[(&str, String)]) -> Run {
    let mut command = portolan();
    command
        .env_remove("SSL_CERT_DIR")
        .env_remove("SSL_CERT_FILE");
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command
        .arg("--state")
        .arg(state)
        .args(["registry", "update", "--from", from]);
    finished(command.output().unwrap())
}

fn trusting(folder: &TempDir) -> [(&'static str, String); 1] {
    let path = folder.path().join("authority.pem");
    [("SSL_CERT_FILE", path.display().to_string())]
}

fn said(run: &Run, from: &str) -> String {
    let host = from.split('/').nth(2).unwrap();
    run.err
        .replace(from, "FROM")
        .replace(host, "HOST")
        .trim_end()
        .to_owned()
}

#[test]
fn a_certificate_that_the_system_trusts_is_taken_and_no_other() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mirror = secure(&folder, ok("", later().as_bytes()));
    let from = mirror.url().replace("http://", "https://");
    let stranger = tempfile::tempdir().unwrap();
    let mut of = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    of.distinguished_name
        .push(rcgen::DnType::CommonName, "Stranger");
    let other = of
        .self_signed(&rcgen::KeyPair::generate().unwrap())
        .unwrap();
    fs::write(stranger.path().join("authority.pem"), other.pem()).unwrap();
    let refused = update(folder.path(), &from, &trusting(&stranger));
    assert_eq!(refused.code, Some(3));
    assert_eq!(
        said(&refused, &from),
        "portolan: cannot update the registry from FROM (that of 2026-09-17 stays in force): no secure connection to HOST, whose certificate must be trusted by this system: invalid peer certificate: UnknownIssuer"
    );
    let taken = update(folder.path(), &from, &trusting(&folder));
    assert_eq!((taken.code, taken.err.as_str()), (Some(0), ""));
}

#[test]
fn encryption_is_not_given_up_on_the_way() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let plain = Mirror::of(ok("", later().as_bytes()));
    let answer = format!(
        "HTTP/1.1 301 Moved Permanently\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
        plain.url()
    );
    let mirror = secure(&folder, answer.into_bytes());
    let from = mirror.url().replace("http://", "https://");
    let run = update(folder.path(), &from, &trusting(&folder));
    assert_eq!(run.code, Some(3));
    assert_eq!(
        said(&run, &from),
        format!(
            "portolan: cannot update the registry from FROM (that of 2026-09-17 stays in force): the server redirects to \"{}\", which is not encrypted",
            plain.url()
        )
    );
    assert!(plain.asked().is_empty());
}

#[test]
fn a_proxy_is_asked_for_the_host_unless_it_is_excepted() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let proxy = Mirror::start(|head, stream| {
        assert!(head.starts_with("connect registry.test:80 "), "{head}");
        stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
        let mut asked = String::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while reader.read_line(&mut asked).unwrap() > 2 {}
        assert!(asked.starts_with("GET /ports.csv "), "{asked}");
        stream.write_all(&ok("", later().as_bytes())).unwrap();
    });
    let through = |value: &str| value.replace("http://", "http://me:secret@");
    let environment = [
        ("http_proxy", through(&proxy.url())),
        ("NO_PROXY", "127.0.0.1".into()),
    ];
    let run = update(
        folder.path(),
        "http://registry.test/ports.csv",
        &environment,
    );
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(proxy.asked()[0].contains("proxy-authorization: basic "));

    let direct = Mirror::of(ok("", later().as_bytes()));
    let run = update(folder.path(), &direct.url(), &environment);
    assert_eq!(
        (run.code, proxy.asked().len(), direct.asked().len()),
        (Some(0), 1, 1)
    );

    let refusing = Mirror::of("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let environment = [("http_proxy", through(&refusing.url()))];
    let run = update(
        folder.path(),
        "http://registry.test/ports.csv",
        &environment,
    );
    assert_eq!(run.code, Some(3));
    assert!(
        !run.err.contains("secret") && run.err.lines().count() == 1,
        "{}",
        run.err
    );
}
