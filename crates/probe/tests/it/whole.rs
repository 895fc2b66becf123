//! The whole table at work, as `identify` asks: its bounds, its order, and what it never does.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use portolan_ports::ProbeState;
use portolan_probe::{Hints, Limits, Plan, Request, Safety, State, identify, protocols};
use portolan_registry::Transport;

use crate::hostile::{Script, drain, fewest, hear, reply, reset};
use crate::{SLACK, ask, identifying, protocol};

/// The longest that one target may take, whatever it does.
fn longest() -> Duration {
    identifying(None).total + SLACK
}

fn passive() -> Plan {
    Plan::identify(Transport::Tcp, Hints::default(), Safety::Passive)
}

#[test]
fn a_mute_listener_gets_every_first_packet_on_few_connections() {
    let script = Script::play(drain);
    let (outcome, taken) = fewest(&script, &identifying(None));
    assert_eq!(outcome.probe.state, ProbeState::Silent, "{outcome:?}");
    assert!(taken <= 32, "{taken}");
    assert!(outcome.elapsed < longest(), "{:?}", outcome.elapsed);
    let likely = ["http GET /", "tls ClientHello", "redis INFO server"];
    for name in likely {
        assert!(outcome.probe.sent.iter().any(|s| s == name), "{name}");
    }
}

#[test]
fn whoever_greets_or_hangs_up_in_words_of_its_own_is_not_asked_everything() {
    let expected = identifying(None).expected;
    for script in [
        Script::play(drop),
        Script::play(reset),
        Script::play(|mut stream| {
            reply(&mut stream, b"HELLO acme-ledger 7 ready\r\n");
            drain(stream);
        }),
        Script::play(|mut stream| {
            reply(&mut stream, &[0xac, 0x3e, 0, 0, 0, 9, 1, 2, 3]);
            drain(stream);
        }),
    ] {
        let (outcome, taken) = fewest(&script, &identifying(None));
        assert_eq!(outcome.identification, None);
        assert_eq!(outcome.probe.state, ProbeState::Inconclusive);
        assert!(taken <= 1 + expected, "{taken}");
    }
}

#[test]
fn a_late_greeting_is_heard_on_a_connection_of_its_own() {
    let script = Script::play(|mut stream| {
        stream
            .set_read_timeout(Some(Duration::from_millis(700)))
            .unwrap();
        let mut first = [0; 1];
        // Whoever talks before the greeting is turned away, as exim does.
        if stream.read(&mut first).is_err() {
            reply(&mut stream, b"SSH-2.0-OpenSSH_9.2p1\r\n");
            drain(stream);
        }
    });
    let outcome = ask(script.address(), identifying(None));
    assert_eq!(protocol(&outcome), Some(("ssh", false)), "{outcome:?}");
}

#[test]
fn a_passive_plan_sends_not_one_byte() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heard);
    let script = Script::play(move |mut stream| {
        reply(&mut stream, b"220 mail.example ESMTP ready\r\n");
        let bytes = hear(&mut stream);
        kept.lock().unwrap().extend(bytes);
    });
    let outcome = ask(script.address(), passive());
    // A greeting of 220 could be SMTP's or FTP's, and asking which would be sending.
    assert_eq!(outcome.identification, None, "{outcome:?}");
    assert_eq!(outcome.probe.sent, ["listen"]);
    let greeter = Script::play(|mut stream| {
        reply(&mut stream, b"SSH-2.0-OpenSSH_9.2p1\r\n");
        drain(stream);
    });
    assert_eq!(
        protocol(&ask(greeter.address(), passive())),
        Some(("ssh", false))
    );
    drop(script);
    assert!(heard.lock().unwrap().is_empty());
}

#[test]
fn drips_floods_codes_and_resets_cost_bounded_time_and_prove_nothing() {
    let drip = |mut stream: TcpStream| {
        let (mut rest, mut at) = ([0; 512], 0usize);
        stream
            .set_read_timeout(Some(Duration::from_millis(100)))
            .unwrap();
        // One byte at each tick until the far end has gone.
        while !matches!(stream.read(&mut rest), Ok(0)) {
            if stream.write_all(&[b"220 "[at % 4]]).is_err() {
                return;
            }
            at += 1;
        }
    };
    let flood = |mut stream: TcpStream| {
        let chunk = vec![b'x'; 1 << 16];
        // A gigabyte, if anybody took it.
        for _ in 0..1 << 14 {
            if stream.write_all(&chunk).is_err() {
                return;
            }
        }
    };
    let codes = |mut stream: TcpStream| {
        let text = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31m".repeat(3000);
        reply(&mut stream, text.as_bytes());
        drain(stream);
    };
    let resets = |mut stream: TcpStream| {
        drop(hear(&mut stream));
        reset(stream);
    };
    for script in [
        Script::play(drip),
        Script::play(flood),
        Script::play(codes),
        Script::play(resets),
    ] {
        let outcome = ask(script.address(), identifying(None));
        assert_eq!(outcome.identification, None, "{outcome:?}");
        assert!(outcome.elapsed < longest(), "{:?}", outcome.elapsed);
    }
}

#[test]
fn the_same_target_gives_the_same_answer_every_time() {
    // It answers whatever it is asked by an error in HTTP, and plain silence in HTTP's own form
    // only the second time: the order of the plan decides, not which answer came first.
    let script = Script::play(|mut stream| {
        let asked = hear(&mut stream);
        let text: &[u8] = match asked.starts_with(b"GET ") {
            true => b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 0\r\n\r\n",
            false => b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        };
        reply(&mut stream, text);
        drain(stream);
    });
    let mut first = ask(script.address(), identifying(None));
    assert_eq!(crate::product(&first), (Some("nginx"), Some("1.22.1")));
    for _ in 0..5 {
        let again = ask(script.address(), identifying(None));
        first.elapsed = again.elapsed;
        first.probe.sent.clone_from(&again.probe.sent);
        assert_eq!(first, again);
    }
}

fn over_udp(target: std::net::SocketAddr, safety: Safety) -> portolan_probe::Outcome {
    let requests = vec![Request {
        target,
        transport: Transport::Udp,
        host: None,
        plan: Plan::identify(Transport::Udp, Hints::default(), safety),
    }];
    identify(requests, &Limits::default(), &mut |_, _| {}).remove(0)
}

#[test]
fn over_udp_silence_refusal_and_nonsense_are_told_apart() {
    let mute = UdpSocket::bind("127.0.0.1:0").unwrap();
    let outcome = over_udp(mute.local_addr().unwrap(), Safety::Polite);
    assert_eq!(
        (outcome.state, outcome.probe.state),
        (State::Silent, ProbeState::Silent)
    );
    assert!(outcome.elapsed < longest());

    // Held by a TCP listener, so that nobody takes the number for UDP meanwhile is likely, and
    // nothing listens there.
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let outcome = over_udp(held.local_addr().unwrap(), Safety::Polite);
    assert_eq!(
        (outcome.state, outcome.probe.state),
        (State::Closed, ProbeState::Refused)
    );

    let house = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = house.local_addr().unwrap();
    let answering = thread::spawn(move || {
        house
            .set_read_timeout(Some(Duration::from_secs(4)))
            .unwrap();
        let mut buffer = [0; 2048];
        while let Ok((_, from)) = house.recv_from(&mut buffer) {
            drop(house.send_to(b"acme-beacon 12 ok", from));
        }
    });
    let outcome = over_udp(target, Safety::Polite);
    assert_eq!(
        (outcome.state, outcome.probe.state),
        (State::Open, ProbeState::Inconclusive)
    );
    assert_eq!(outcome.identification, None);
    answering.join().unwrap();
}

#[test]
fn over_udp_a_passive_plan_asks_nobody() {
    let mute = UdpSocket::bind("127.0.0.1:0").unwrap();
    let outcome = over_udp(mute.local_addr().unwrap(), Safety::Passive);
    assert_eq!(outcome.probe.state, ProbeState::Skipped);
    assert!(outcome.probe.sent.is_empty());
    mute.set_nonblocking(true).unwrap();
    assert!(mute.recv(&mut [0; 1]).is_err());
}

#[test]
fn what_can_do_harm_is_asked_only_at_full_safety() {
    for transport in [Transport::Tcp, Transport::Udp] {
        let polite = Plan::identify(transport, Hints::default(), Safety::Polite);
        assert!(polite.protocols.iter().all(|p| p.safety <= Safety::Polite));
        let full = Plan::identify(transport, Hints::default(), Safety::Full);
        let harmful = protocols().filter(|p| p.safety == Safety::Full).count();
        let asked = |p: &&&portolan_probe::Protocol| p.safety == Safety::Full;
        assert_eq!(full.protocols.iter().filter(asked).count(), harmful);
    }
}

#[test]
fn over_udp_an_answer_counts_though_its_server_ends_with_it() {
    let house = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = house.local_addr().unwrap();
    let answering = thread::spawn(move || {
        let mut buffer = [0; 2048];
        let (_, from) = house.recv_from(&mut buffer).unwrap();
        house.send_to(b"acme-beacon 12 ok", from).unwrap();
    });
    let outcome = over_udp(target, Safety::Polite);
    answering.join().unwrap();
    assert_eq!(
        (outcome.state, outcome.probe.state),
        (State::Open, ProbeState::Inconclusive),
        "{outcome:?}"
    );
    let why = outcome.probe.why.unwrap_or_default();
    assert!(
        why.ends_with("17 bytes that meet no known grammar"),
        "{why}"
    );
}

#[test]
fn what_sends_our_own_words_back_is_an_echo_and_nothing_else() {
    let script = Script::play(|mut stream| {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            reply(&mut stream, &buffer[..count]);
        }
    });
    let outcome = ask(script.address(), identifying(None));
    assert_eq!(protocol(&outcome), Some(("echo", false)), "{outcome:?}");
    // Asked in a protocol whose answer may look like its question.
    for hint in ["iscsi-target", "kafka", "h2"] {
        let outcome = ask(script.address(), identifying(Some(hint)));
        assert_eq!(protocol(&outcome), Some(("echo", false)), "{hint}");
    }

    let echo = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = echo.local_addr().unwrap();
    let answering = thread::spawn(move || {
        echo.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        let mut buffer = [0; 4096];
        while let Ok((count, from)) = echo.recv_from(&mut buffer) {
            drop(echo.send_to(&buffer[..count], from));
        }
    });
    let outcome = over_udp(target, Safety::Polite);
    answering.join().unwrap();
    assert_eq!(protocol(&outcome), Some(("echo", false)), "{outcome:?}");
}
