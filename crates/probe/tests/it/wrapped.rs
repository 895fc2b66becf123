//! TLS: what speaks inside, and what a port says that wanted TLS and got something else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::hostile::{Script, hear};
use crate::{ask, identifying, product, protocol, surveying};

type Inside = StreamOwned<ServerConnection, TcpStream>;

/// Shakes hands with a certificate of its own, offering `alpn`, and plays `script` inside.
fn tls(alpn: &[&str], script: impl Fn(&mut Inside)) -> impl Fn(TcpStream) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|a| a.as_bytes().to_vec()).collect();
    let config = Arc::new(config);
    move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        script(&mut StreamOwned::new(connection, stream));
    }
}

/// Answers one request as a web server, and hangs up.
fn web(stream: &mut Inside) {
    let mut heard = [0; 4096];
    if stream
        .read(&mut heard)
        .is_ok_and(|n| heard[..n].starts_with(b"GET "))
    {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nServer: Caddy\r\nContent-Length: 0\r\n\r\n"));
        drop(stream.flush());
    }
}

#[test]
fn http_inside_tls_is_found_where_plain_text_is_met_by_an_alert_or_silence() {
    for alpn in [&["http/1.1"][..], &[]] {
        let script = Script::play(tls(alpn, web));
        for plan in [
            surveying(None, None),
            surveying(Some("tls"), None),
            identifying(None),
        ] {
            let outcome = ask(script.address(), plan);
            assert_eq!(protocol(&outcome), Some(("http", true)), "{outcome:?}");
            assert_eq!(product(&outcome).0, Some("caddy"));
            assert_eq!(outcome.identification.unwrap().evidence.len(), 2);
        }
    }
}

#[test]
fn a_server_that_refuses_the_alpn_is_asked_again_without() {
    let script = Script::play(tls(&["h2"], web));
    let outcome = ask(script.address(), surveying(Some("tls"), None));
    assert_eq!(protocol(&outcome), Some(("http", true)), "{outcome:?}");
}

#[test]
fn a_server_that_insists_on_h2_is_given_it() {
    // As those of gRPC in Go do: whoever agreed to no protocol is hung up on.
    let script = Script::play(tls(&["h2"], |stream| {
        let mut heard = [0; 24];
        let read = stream.read_exact(&mut heard);
        if stream.conn.alpn_protocol() == Some(b"h2") && read.is_ok() {
            drop(stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]));
            drop(stream.flush());
        }
    }));
    let outcome = ask(script.address(), identifying(None));
    let found = outcome.identification.as_ref().unwrap();
    assert!(found.tls, "{outcome:?}");
    let session = found.session.as_deref().unwrap();
    assert_eq!(session.alpn.as_deref(), Some("h2"), "{outcome:?}");
}

#[test]
fn tls_with_nothing_known_inside_is_tls() {
    let script = Script::play(tls(&[], |stream| {
        let mut heard = [0; 4096];
        while matches!(stream.read(&mut heard), Ok(n) if n > 0) {}
    }));
    let outcome = ask(script.address(), surveying(Some("tls"), None));
    assert_eq!(protocol(&outcome), Some(("tls", true)), "{outcome:?}");
}

#[test]
fn a_mail_server_inside_tls_greets() {
    let script = Script::play(tls(&[], |stream| {
        drop(stream.write_all(b"220 mail ESMTP Postfix\r\n"));
        drop(stream.flush());
        let mut heard = [0; 512];
        if stream
            .read(&mut heard)
            .is_ok_and(|n| heard[..n].starts_with(b"EHLO"))
        {
            drop(stream.write_all(b"250-mail\r\n250 SIZE 1\r\n"));
            drop(stream.flush());
            drop(stream.read(&mut heard));
        }
    }));
    let outcome = ask(script.address(), surveying(Some("tls"), None));
    assert_eq!(protocol(&outcome), Some(("smtp", true)), "{outcome:?}");
    assert_eq!(product(&outcome).0, Some("postfix"));
}

#[test]
fn redis_inside_tls_is_found_after_http_was_tried() {
    let script = Script::play(tls(&[], |stream| {
        let mut heard = [0; 512];
        if stream
            .read(&mut heard)
            .is_ok_and(|n| heard[..n].starts_with(b"*2\r\n$4\r\nINFO"))
        {
            drop(stream.write_all(b"-NOAUTH Authentication required.\r\n"));
            drop(stream.flush());
        }
    }));
    let outcome = ask(script.address(), identifying(None));
    assert_eq!(protocol(&outcome), Some(("redis", true)), "{outcome:?}");
}

#[test]
fn a_400_that_asks_for_tls_leads_there() {
    for complaint in [
        "<title>400 The plain HTTP request was sent to HTTPS port</title>",
        "Client sent an HTTP request to an HTTPS server.\n",
        "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
    ] {
        let inside = tls(&["http/1.1"], web);
        let script = Script::play(move |mut stream| {
            let mut first = [0];
            if stream.peek(&mut first).is_ok_and(|_| first == [0x16]) {
                return inside(stream);
            }
            hear(&mut stream);
            drop(write!(
                stream,
                "HTTP/1.0 400 Bad Request\r\nServer: nginx\r\n\r\n{complaint}"
            ));
        });
        for plan in [
            surveying(None, None),
            surveying(Some("http"), None),
            identifying(None),
        ] {
            let outcome = ask(script.address(), plan);
            assert_eq!(protocol(&outcome), Some(("http", true)), "{complaint}");
            assert_eq!(product(&outcome).0, Some("caddy"));
        }
    }
}

#[test]
fn a_400_whose_tls_then_fails_is_http_still() {
    let script = Script::play(|mut stream| {
        if hear(&mut stream).starts_with(b"GET ") {
            let body = "Client sent an HTTP request to an HTTPS server.\n";
            drop(write!(stream, "HTTP/1.0 400 Bad Request\r\n\r\n{body}"));
        }
    });
    let outcome = ask(script.address(), surveying(None, None));
    assert_eq!(protocol(&outcome), Some(("http", false)));
}
