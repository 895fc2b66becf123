use std::os::unix::net::UnixListener;
use std::thread;

use super::*;

/// What docker 20.10 says of a container that publishes a port, shortened.
const DOCKER: &str = r#"[{"Id":"5da394374d7f","Names":["/other/alias","/web1"],"Image":"harbour:1",
    "ImageID":"sha256:a2603ce2","Command":"/bin/busybox","Created":1795274224,
    "Ports":[{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":32768,"Type":"tcp"},
             {"IP":"::","PrivatePort":80,"PublicPort":32768,"Type":"tcp"},
             {"PrivatePort":443,"Type":"tcp"},
             {"IP":"nowhere","PrivatePort":1,"PublicPort":1,"Type":"tcp"},
             {"IP":"","PrivatePort":53,"PublicPort":5353,"Type":"udp"}],
    "Labels":{"io.kubernetes.pod.name":"web","io.kubernetes.pod.namespace":"shop"},
    "NetworkSettings":{"Networks":{"bridge":{"Gateway":"172.17.0.1","IPAddress":"172.17.0.2"},
                                   "none":{"Gateway":""}}}}]"#;

fn answer(body: &str) -> Vec<u8> {
    format!("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{body}").into_bytes()
}

#[test]
fn a_container_is_read_with_its_ports() {
    let running = parse(&answer(DOCKER)).unwrap();
    let mapping = |transport, address: Option<&str>, port, inside| Mapping {
        transport,
        address: address.map(|address| address.parse().unwrap()),
        port,
        inside,
    };
    let expected = Running {
        id: "5da394374d7f".to_owned(),
        told: Told {
            runtime: None,
            name: Some("web1".to_owned()),
            image: Some("harbour:1".to_owned()),
            pod: Some("shop/web".to_owned()),
        },
        mappings: vec![
            mapping(Transport::Tcp, Some("0.0.0.0"), 32768, 80),
            mapping(Transport::Tcp, Some("::"), 32768, 80),
            mapping(Transport::Udp, None, 5353, 53),
        ],
        gateways: vec!["172.17.0.1".parse().unwrap()],
    };
    assert_eq!(running, [expected]);
}

#[test]
fn what_an_engine_leaves_out_is_unknown() {
    let body = r#"[{"Id":"ab","Names":null,"Image":"","Ports":null,"Labels":null,
        "NetworkSettings":null},{"Id":""}]"#;
    let running = parse(&answer(body)).unwrap();
    let [bare] = &running[..] else {
        panic!("{running:?}")
    };
    assert_eq!(bare.told, Told::default());
    assert_eq!((&bare.mappings[..], &bare.gateways[..]), (&[][..], &[][..]));
}

#[test]
fn other_answers_are_refusals_with_a_reason() {
    let refused = |bytes: &[u8]| {
        let refusal = parse(bytes).unwrap_err();
        format!("{}: {}", refusal.why.as_str(), refusal.detail)
    };
    assert_eq!(refused(b""), "failed: its answer breaks off");
    assert_eq!(
        refused(b"HTTP/1.0 200 OK\r\nA"),
        "failed: its answer breaks off"
    );
    assert!(refused(b"SSH-2.0-OpenSSH\r\n").starts_with("failed: it speaks no HTTP"));
    assert_eq!(
        refused(b"HTTP/1.1 500 Internal Server Error\r\n\r\n"),
        "failed: it answers with status 500"
    );
    assert_eq!(
        refused(b"HTTP/1.1 403 Forbidden\r\n\r\n"),
        "permission: it answers with status 403"
    );
    for body in ["", "{}", "[1]", "[{\"Id\":1}]", "[{\"Id\":\"a\"", "[[[[[["] {
        assert!(
            refused(&answer(body)).starts_with("failed: its answer is not understood"),
            "{body}"
        );
    }
    let deep = format!("[{{\"Id\":\"a\",\"Ports\":{}", "[".repeat(100_000));
    assert!(refused(&answer(&deep)).contains("is not understood"));
}

/// Asks an engine that does as told with the connection.
fn ask_one_that(
    answers: impl FnOnce(UnixStream) + Send + 'static,
) -> Result<Vec<Running>, Refusal> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engine.sock");
    let engine = UnixListener::bind(&path).unwrap();
    let engine = thread::spawn(move || answers(engine.accept().unwrap().0));
    let told = ask(&path);
    engine.join().unwrap();
    told
}

/// Reads the question to its end.
fn listen(stream: &mut UnixStream) -> String {
    let mut question = vec![0; REQUEST.len()];
    stream.read_exact(&mut question).unwrap();
    String::from_utf8(question).unwrap()
}

#[test]
fn an_answer_in_pieces_is_put_together() {
    let running = ask_one_that(|mut stream| {
        assert!(listen(&mut stream).starts_with("GET /containers/json HTTP/1.0\r\n"));
        for piece in answer(DOCKER).chunks(7) {
            stream.write_all(piece).unwrap();
        }
    });
    assert_eq!(running.unwrap().len(), 1);
}

#[test]
fn an_engine_that_drips_or_says_nothing_is_left() {
    for first in ["", "HTTP/1.0 200 OK\r\n"] {
        let refusal = ask_one_that(move |mut stream| {
            stream.write_all(first.as_bytes()).unwrap();
            // Until the other end has had enough.
            let mut rest = Vec::new();
            assert!(stream.read_to_end(&mut rest).is_ok());
        });
        assert_eq!(refusal.unwrap_err(), late());
    }
}

#[test]
fn an_endless_answer_is_cut() {
    let refusal = ask_one_that(|mut stream| {
        let piece = vec![b' '; 1 << 20];
        while stream.write_all(&piece).is_ok() {}
    });
    let detail = refusal.unwrap_err().detail;
    // On a busy machine the time may run out first.
    assert!(
        detail == "its answer is longer than 8 MiB" || detail == late().detail,
        "{detail}"
    );
}

#[test]
fn an_engine_that_is_gone_or_takes_nobody_is_a_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engine.sock");
    assert_eq!(ask(&path).unwrap_err().why, Why::Exited);
    let engine = UnixListener::bind(&path).unwrap();
    drop(engine);
    assert_eq!(ask(&path).unwrap_err().why, Why::Exited);

    let path = folder.path().join("full.sock");
    let engine = UnixListener::bind(&path).unwrap();
    rustix::net::listen(&engine, 0).unwrap();
    let mut waiting = Vec::new();
    let full = loop {
        match unix_socket::open(&path) {
            Ok(stream) => waiting.push(stream),
            Err(errno) => break errno,
        }
    };
    assert_eq!(full, Errno::AGAIN);
    let refusal = ask(&path).unwrap_err();
    assert_eq!(refusal.detail, "it takes no more connections");
}

proptest::proptest! {
    #[test]
    fn no_nonsense_is_taken_for_containers(head in ".{0,40}", body in ".{0,400}") {
        proptest::prop_assert!(parse(head.as_bytes()).is_err());
        // `[]` is an answer: there are none.
        let running = parse(&answer(&body)).unwrap_or_default();
        proptest::prop_assert!(running.is_empty());
    }
}
