//! Servers by script that say nothing, too much, too slowly, or nonsense.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use portolan_ports::{Evidence, ProbeState};
use portolan_probe::{Limits, Outcome, Plan, Request, State, identify};

use crate::{SLACK, ask, identifying, product, protocol, request, surveying};

/// A listener that plays one script to each connection.
pub(crate) struct Script {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    taken: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Script {
    pub(crate) fn play(script: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (ended, taken) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let (end, take, script) = (Arc::clone(&ended), Arc::clone(&taken), Arc::new(script));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                take.fetch_add(1, Ordering::SeqCst);
                let script = Arc::clone(&script);
                thread::spawn(move || script(stream));
            }
        });
        Self {
            address,
            ended,
            taken,
            thread: Some(thread),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it took.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Asks three times; the last outcome, and the fewest connections that one asking took.
///
/// The fewest, because others may look around on this machine too and be counted.
pub(crate) fn fewest(script: &Script, plan: &Plan) -> (Outcome, usize) {
    let mut fewest = usize::MAX;
    let mut last = None;
    for _ in 0..3 {
        let before = script.taken();
        last = Some(ask(script.address(), plan.clone()));
        fewest = fewest.min(script.taken() - before);
    }
    (last.unwrap(), fewest)
}

/// Reads until the far end closes.
pub(crate) fn drain(mut stream: TcpStream) {
    let mut rest = [0; 4096];
    while matches!(stream.read(&mut rest), Ok(n) if n > 0) {}
}

/// Reads one packet.
pub(crate) fn hear(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = [0; 4096];
    let count = stream.read(&mut bytes).unwrap_or(0);
    bytes[..count].to_vec()
}

pub(crate) fn reply(stream: &mut TcpStream, bytes: &[u8]) {
    drop(stream.write_all(bytes));
}

/// Closes with a reset: unread bytes wait (RFC 9293 §3.6.1), or linger is nought.
pub(crate) fn reset(stream: TcpStream) {
    rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
}

#[test]
fn a_mute_listener_is_silent_within_a_second() {
    let script = Script::play(drain);
    for (plan, most) in [
        (surveying(None, None), 1),
        (surveying(Some("ssh"), Some("postgresql")), 3),
        (surveying(Some("redis"), Some("postgresql")), 3),
    ] {
        let (outcome, taken) = fewest(&script, &plan);
        assert_eq!(
            (outcome.state, outcome.probe.state),
            (State::Open, ProbeState::Silent)
        );
        assert!(
            outcome.elapsed < Duration::from_millis(1000) + SLACK,
            "{:?}",
            outcome.elapsed
        );
        assert!(taken <= most, "{taken}");
    }
}

#[test]
fn a_drip_costs_no_more_than_silence() {
    let script = Script::play(|mut stream| {
        stream
            .set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        for byte in b"HTTP/1.1 200 OK\r\nX-Drip: "
            .iter()
            .chain(std::iter::repeat(&b'a'))
        {
            // Reading with a deadline is the drip's clock.
            hear(&mut stream);
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
        }
    });
    let outcome = ask(script.address(), surveying(None, None));
    assert_eq!(outcome.probe.state, ProbeState::Inconclusive);
    assert!(
        outcome.elapsed < Duration::from_millis(1000) + SLACK,
        "{:?}",
        outcome.elapsed
    );
}

#[test]
fn a_flood_is_cut_off() {
    let script = Script::play(|mut stream| while stream.write_all(&[b'x'; 65536]).is_ok() {});
    let outcome = ask(script.address(), surveying(None, None));
    assert_eq!(outcome.probe.state, ProbeState::Inconclusive);
    assert_eq!(outcome.identification, None);

    let script = Script::play(|mut stream| {
        hear(&mut stream);
        reply(
            &mut stream,
            b"HTTP/1.1 200 OK\r\nServer: nginx/1.2.3\r\n\r\n",
        );
        while stream.write_all(&[b'x'; 65536]).is_ok() {}
    });
    let outcome = ask(script.address(), surveying(None, None));
    assert_eq!(product(&outcome), (Some("nginx"), Some("1.2.3")));
    let evidence = &outcome.identification.unwrap().evidence[0];
    assert_eq!(evidence.received.len(), Evidence::MOST_BYTES);
}

#[test]
fn a_reset_at_every_step_is_a_reason_and_not_an_error() {
    let at_once = Script::play(reset);
    let after_packet = Script::play(|mut stream| {
        hear(&mut stream);
        reset(stream);
    });
    let amid_answer = Script::play(|mut stream| {
        hear(&mut stream);
        reply(&mut stream, b"HTTP/1.1 200");
        hear_nothing(&stream);
        reset(stream);
    });
    let after_greeting = Script::play(|mut stream| {
        reply(&mut stream, b"220 mail ESMTP\r\n");
        hear(&mut stream);
        reset(stream);
    });
    for (script, word) in [
        (at_once, "reset the connection at once"),
        (
            after_packet,
            "reset the connection without answering http GET /",
        ),
        // What the reset overtakes may be lost on a busy machine.
        (amid_answer, "http GET /"),
        (after_greeting, "answered smtp EHLO with"),
    ] {
        let outcome = ask(script.address(), surveying(None, None));
        assert_eq!(outcome.state, State::Open);
        assert_eq!(outcome.probe.state, ProbeState::Inconclusive);
        let why = outcome.probe.why.unwrap();
        assert!(why.contains(word), "{why}");
    }
}

/// Lets what was written reach the far end before a reset overtakes it.
fn hear_nothing(stream: &TcpStream) {
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    hear(&mut stream.try_clone().unwrap());
}

#[test]
fn a_listener_that_closes_at_once_is_inconclusive() {
    let script = Script::play(drop);
    let (outcome, taken) = fewest(&script, &surveying(None, None));
    assert_eq!(outcome.probe.state, ProbeState::Inconclusive);
    assert_eq!(outcome.probe.sent, ["listen"]);
    assert_eq!(taken, 1);
    assert!(outcome.probe.why.unwrap().contains("at once"));
}

#[test]
fn a_late_greeting_is_heard_where_the_owner_is_known_to_greet() {
    let script = Script::play(|mut stream| {
        stream
            .set_read_timeout(Some(Duration::from_millis(400)))
            .unwrap();
        if hear(&mut stream).is_empty() {
            reply(&mut stream, b"SSH-2.0-OpenSSH_9.2p1\r\n");
        }
    });
    let outcome = ask(script.address(), surveying(Some("ssh"), None));
    assert_eq!(protocol(&outcome), Some(("ssh", false)));
}

#[test]
fn escape_codes_and_garbage_prove_nothing() {
    for bytes in [
        b"\x1b]0;owned\x07\x1b[2J".as_slice(),
        b"\x00\xff\x00\xff",
        b"hello\r\n",
    ] {
        let script = Script::play(move |mut stream| {
            reply(&mut stream, bytes);
            drain(stream);
        });
        let outcome = ask(script.address(), surveying(None, None));
        assert_eq!(outcome.probe.state, ProbeState::Inconclusive);
        assert_eq!(outcome.identification, None);
        assert!(!outcome.probe.why.unwrap().contains('\x1b'));
    }
}

#[test]
fn a_redirect_is_followed_once_on_the_same_connection() {
    let script = Script::play(|mut stream| {
        for _ in 0..3 {
            let heard = String::from_utf8(hear(&mut stream)).unwrap();
            let page = "<html><head><title>Grafana</title></head></html>";
            match heard.split(' ').nth(1) {
                Some("/login") => reply(
                    &mut stream,
                    format!(
                        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}",
                        page.len()
                    )
                    .as_bytes(),
                ),
                _ => reply(
                    &mut stream,
                    b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n",
                ),
            }
        }
    });
    let (outcome, taken) = fewest(&script, &surveying(None, None));
    assert_eq!(product(&outcome).0, Some("grafana"));
    let asked = ["http GET /", "http GET (redirect)", "http GET /api/health"];
    assert_eq!(outcome.probe.sent, asked);
    assert_eq!(taken, 1);
}

#[test]
fn http_in_answer_to_another_protocols_packet_leads_to_its_own_question() {
    let script = Script::play(|mut stream| {
        let heard = hear(&mut stream);
        match heard.starts_with(b"GET ") {
            true => reply(
                &mut stream,
                b"HTTP/1.1 200 OK\r\nServer: nginx/1.2.3\r\nContent-Length: 0\r\n\r\n",
            ),
            false => reply(
                &mut stream,
                b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
            ),
        }
    });
    let outcome = ask(script.address(), surveying(Some("redis"), None));
    assert_eq!(protocol(&outcome), Some(("http", false)));
    assert_eq!(product(&outcome), (Some("nginx"), Some("1.2.3")));
}

#[test]
fn identify_stops_at_proof_and_keeps_within_its_connections() {
    let script = Script::play(drain);
    let (outcome, taken) = fewest(&script, &identifying(None));
    assert_eq!(outcome.probe.state, ProbeState::Silent);
    assert!(taken <= 32, "{taken}");
}

#[test]
fn forty_listeners_of_which_ten_are_mute_take_a_second_and_a_half() {
    let mute: Vec<Script> = (0..10).map(|_| Script::play(drain)).collect();
    let web: Vec<Script> = (0..30)
        .map(|_| {
            Script::play(|mut stream| {
                hear(&mut stream);
                reply(&mut stream, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            })
        })
        .collect();
    let requests: Vec<Request> = mute
        .iter()
        .chain(&web)
        .map(|s| request(s.address(), surveying(None, Some("postgresql"))))
        .collect();
    let mut heard = Vec::new();
    let outcomes = identify(requests, &Limits::default(), &mut |at, _| heard.push(at));
    let slowest = outcomes.iter().map(|o| o.elapsed).max().unwrap();
    assert!(slowest < Duration::from_millis(1500), "{slowest:?}");
    assert!(
        outcomes[..10]
            .iter()
            .all(|o| o.probe.state == ProbeState::Silent)
    );
    for outcome in &outcomes[10..] {
        assert_eq!(protocol(outcome), Some(("http", false)), "{outcome:?}");
    }
    heard.sort_unstable();
    assert_eq!(heard, (0..40).collect::<Vec<_>>());
}

#[test]
fn few_descriptors_and_little_time_only_make_it_slower_or_say_so() {
    let script = Script::play(drain);
    let again = || request(script.address(), surveying(None, None));
    let limits = Limits {
        connections: 1,
        rate: None,
        total: Duration::from_millis(600),
    };
    let outcomes = identify(vec![again(), again(), again()], &limits, &mut |_, _| {});
    assert_eq!(outcomes[0].probe.state, ProbeState::Silent);
    assert_eq!(outcomes[2].probe.state, ProbeState::Skipped);
    assert!(
        outcomes[2]
            .probe
            .why
            .as_ref()
            .unwrap()
            .contains("whole run")
    );
}
