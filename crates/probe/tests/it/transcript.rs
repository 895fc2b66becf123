//! Every recorded answer, cut at every byte; look-alikes; and nonsense by the ten thousand.

use std::fs;
use std::path::Path;

use portolan_probe::{Match, Proof, protocol, protocols};
use proptest::prelude::*;

fn read(name: &str) -> Vec<u8> {
    fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/transcripts")
            .join(name),
    )
    .unwrap()
}

fn recognise(name: &str, bytes: &[u8]) -> Match {
    (protocol(name).unwrap().recognise)(bytes)
}

fn proven(name: &str, bytes: &[u8]) -> Proof {
    match recognise(name, bytes) {
        Match::Proven(proof) => *proof,
        other => panic!("{name}: {other:?}"),
    }
}

/// Transcript, protocol, product, version.
const RECORDED: [(&str, &str, Option<&str>, Option<&str>); 17] = [
    (
        "ssh-openssh-9.2p1.bin",
        "ssh",
        Some("openssh"),
        Some("9.2p1"),
    ),
    (
        "ssh-dropbear-2022.83.bin",
        "ssh",
        Some("dropbear"),
        Some("2022.83"),
    ),
    ("smtp-exim-4.96.bin", "smtp", Some("exim"), Some("4.96")),
    (
        "http-nginx-1.22.1.bin",
        "http",
        Some("nginx"),
        Some("1.22.1"),
    ),
    (
        "http-nginx-1.22.1-on-tls.bin",
        "http",
        Some("nginx"),
        Some("1.22.1"),
    ),
    (
        "http-apache-2.4.bin",
        "http",
        Some("apache-httpd"),
        Some("2.4.71"),
    ),
    (
        "http-apache-2.4-on-tls.bin",
        "http",
        Some("apache-httpd"),
        Some("2.4.71"),
    ),
    (
        "http-lighttpd-1.4.69.bin",
        "http",
        Some("lighttpd"),
        Some("1.4.69"),
    ),
    (
        "http-python-3.11.bin",
        "http",
        Some("python-http-server"),
        Some("3.11.7"),
    ),
    (
        "http-werkzeug-redirect.bin",
        "http",
        Some("werkzeug"),
        Some("3.1.8"),
    ),
    ("http-node.bin", "http", None, None),
    ("tls-hello-nginx-tls13.bin", "tls", None, None),
    ("tls-hello-nginx-tls12.bin", "tls", None, None),
    ("tls-alert-openssl-3.0.bin", "tls", None, None),
    ("redis-7.0.15.bin", "redis", Some("redis"), Some("7.0.15")),
    ("redis-7.0.15-password.bin", "redis", None, None),
    ("postgresql-15.bin", "postgresql", Some("postgresql"), None),
];

#[test]
fn each_recorded_answer_is_its_own_protocol_and_no_other() {
    for (file, name, product, version) in RECORDED {
        let bytes = read(file);
        for other in protocols() {
            let is = matches!((other.recognise)(&bytes), Match::Proven(_));
            assert_eq!(is, other.name == name, "{file} as {}", other.name);
        }
        let proof = proven(name, &bytes);
        assert_eq!(proof.product.as_deref(), product, "{file}");
        assert_eq!(proof.version.as_deref(), version, "{file}");
        assert_eq!(proof.wants_tls, file.ends_with("-on-tls.bin"), "{file}");
    }
}

#[test]
fn a_cut_answer_is_partial_until_it_is_proven_and_stays_so() {
    for (file, name, ..) in RECORDED {
        let bytes = read(file);
        let mut seen = false;
        for end in 0..=bytes.len() {
            match recognise(name, &bytes[..end]) {
                Match::Partial => assert!(!seen, "{file}: partial again at {end}"),
                Match::Proven(_) => seen = true,
                Match::No => panic!("{file}: refused at {end}"),
            }
        }
        assert!(seen, "{file}");
    }
}

#[test]
fn what_the_answers_tell_beside_the_product() {
    let redis = proven("redis", &read("redis-7.0.15.bin"));
    assert_eq!(redis.unauthenticated, Some(true));
    assert_eq!(
        redis.cpe.as_deref(),
        Some("cpe:2.3:a:redis:redis:7.0.15:*:*:*:*:*:*:*")
    );
    let asked = proven("redis", &read("redis-7.0.15-password.bin"));
    assert_eq!(asked.unauthenticated, Some(false));
    let postgresql = proven("postgresql", &read("postgresql-15.bin"));
    assert!(postgresql.rule.contains("0A000"), "{}", postgresql.rule);
    assert!(proven("smtp", &read("smtp-exim-4.96.bin")).starttls);
    let python = proven("http", &read("http-python-3.11.bin"));
    assert!(python.product_rule.unwrap().contains("version is Python's"));
}

/// The INFO reply of a fork: its own fields beside `redis_version`.
fn info(fields: &str) -> Vec<u8> {
    let body = format!("# Server\r\nredis_version:7.2.4\r\n{fields}");
    format!("${}\r\n{body}\r\n", body.len()).into_bytes()
}

#[test]
fn what_was_refused_stays_refused() {
    let mut hello = read("tls-hello-nginx-tls13.bin");
    hello[4] = 60;
    let long = [
        b"x".repeat(300).as_slice(),
        b"\r\nSSH-2.0-OpenSSH_9.2p1\r\n",
    ]
    .concat();
    for (name, bytes) in [
        ("tls", hello.as_slice()),
        ("ssh", &long),
        ("http", b"HTTP/1.1 200 OK\r\nA: b\r\n \x01\r\n\r\n"),
        (
            "redis",
            b"$000031\r\n# Server\r\nredis_version:1\r\nx:y\r\n\r\n",
        ),
    ] {
        for end in 0..=bytes.len() {
            assert!(
                !matches!(recognise(name, &bytes[..end]), Match::Proven(_)),
                "{name} at {end}"
            );
        }
        assert_eq!(recognise(name, bytes), Match::No, "{name}");
    }
}

#[test]
fn the_redis_family_is_told_apart_where_info_tells() {
    for (fields, product, version) in [
        (
            "server_name:valkey\r\nvalkey_version:8.0.1\r\n",
            "valkey",
            "8.0.1",
        ),
        ("dragonfly_version:df-v1.14.0\r\n", "dragonfly", "1.14.0"),
        ("executable:/usr/bin/keydb-server\r\n", "keydb", "7.2.4"),
        ("", "redis", "7.2.4"),
    ] {
        let proof = proven("redis", &info(fields));
        assert_eq!(
            (proof.product.as_deref(), proof.version.as_deref()),
            (Some(product), Some(version))
        );
    }
    let denied =
        b"-DENIED Valkey is running in protected mode because protected mode is enabled\r\n";
    assert_eq!(proven("redis", denied).product.as_deref(), Some("valkey"));
}

#[test]
fn lines_before_the_identification_are_skipped_as_rfc_4253_has_it() {
    let proof = proven(
        "ssh",
        "Willkommen über alles\r\nSSH-2.0-OpenSSH_9.2p1\r\n".as_bytes(),
    );
    assert_eq!(proof.product.as_deref(), Some("openssh"));
    assert_eq!(
        proven("ssh", b"SSH-1.99-Cisco-1.25\n").product.as_deref(),
        Some("cisco-ssh")
    );
}

#[test]
fn look_alikes_are_refused() {
    let long = [b"SSH-2.0-".as_slice(), &[b'a'; 300], b"\r\n"].concat();
    let alikes: [(&str, &[u8]); 36] = [
        ("ssh", b"SSH-\r\n"),
        ("ssh", b"SSH-2.0\r\n"),
        ("ssh", b"SSH-2.0-\r\n"),
        ("ssh", b"SSH-3.0-OpenSSH_9.2\r\n"),
        ("ssh", b"SSH-2.0-Open-SSH\r\n"),
        ("ssh", b"SSH-2.0-OpenSSH_9.2\n"),
        ("ssh", b"SSH-2.0-\x1b[2J\r\n"),
        ("ssh", b"SSH-2.0-a\x00b\r\n"),
        ("ssh", &long),
        ("ssh", b"220 mail\r\nSSH-2.0-OpenSSH_9.2\r\n"),
        ("ssh", b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-OpenSSH_9.2\r\n"),
        (
            "smtp",
            b"220 (vsFTPd 3.0.3)\r\n530 Please login with USER and PASS.\r\n",
        ),
        ("smtp", b"220 ProFTPD Server\r\n500 EHLO not understood\r\n"),
        ("smtp", b"220 x\r\n250 \r\n"),
        ("smtp", b"220 x\r\n250-x\r\n250 !!\r\n"),
        ("smtp", b"220 x\r\n250-x\r\n251 y\r\n"),
        ("smtp", b"2200 x\r\n"),
        ("smtp", b"554 go away\r\n"),
        ("http", b"HTTP/9.9 200 OK\r\n\r\n"),
        ("http", b"HTTP/1.2 200 OK\r\n\r\n"),
        ("http", b"HTTP/1.1 2000 OK\r\n\r\n"),
        ("http", b"HTTP/1.1 099 OK\r\n\r\n"),
        ("http", b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"),
        ("http", b"HTTP/1.1 200 OK\r\nX Y: 1\r\n\r\n"),
        ("http", b"HTTP/1.1 200 \x1b]0;x\x07\r\n\r\n"),
        ("http", b"RTSP/1.0 200 OK\r\n\r\n"),
        ("http", b"ICY 200 OK\r\n\r\n"),
        ("redis", b"+OK\r\n"),
        ("redis", b"-ERR unknown command 'INFO'\r\n"),
        ("redis", b"$5\r\nhello\r\n"),
        ("redis", b"$31\r\n# Server\r\nversion:1.0\r\nx:yyyy\r\n\r\n"),
        ("redis", b"-DENIED by policy\r\n"),
        ("redis", b"$-1\r\n"),
        ("postgresql", b"ERROR: go away\r\n"),
        (
            "postgresql",
            b"E\x00\x00\x00\x1aSFATAL\x00C0A0\x00Mnot long\x00\x00",
        ),
        ("tls", b"\x16\x03\x03\xff\xff\x02\x00\x00\x46\x03\x03"),
    ];
    for (name, bytes) in alikes {
        assert_eq!(
            recognise(name, bytes),
            Match::No,
            "{name}: {}",
            String::from_utf8_lossy(bytes)
        );
    }
    // An alert of a description that nobody assigned; a hello whose extensions overrun.
    assert_eq!(recognise("tls", &[21, 3, 3, 0, 2, 2, 255]), Match::No);
    assert_eq!(recognise("tls", &[21, 3, 3, 0, 3, 2, 40, 0]), Match::No);
    let mut hello = read("tls-hello-nginx-tls13.bin");
    hello[8] ^= 1;
    assert_eq!(recognise("tls", &hello), Match::No);
}

/// Where each transcript's grammar rests: changing these bytes must take the proof away.
fn anchor(name: &str) -> usize {
    match name {
        "http" => 8,
        "redis" => 6,
        "tls" => 2,
        "ssh" | "smtp" => 3,
        _ => 1,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_prove_nothing(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for protocol in protocols() {
            prop_assert!(!matches!((protocol.recognise)(&bytes), Match::Proven(_)), "{}", protocol.name);
        }
    }

    #[test]
    fn a_changed_answer_never_becomes_another_protocol(
        which in 0..RECORDED.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let (file, name, ..) = RECORDED[which];
        let mut bytes = read(file);
        bytes.truncate(cut.index(bytes.len()) + 1);
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        for other in protocols() {
            let verdict = (other.recognise)(&bytes);
            if other.name != name {
                prop_assert!(!matches!(verdict, Match::Proven(_)), "{file} as {}", other.name);
            }
        }
    }

    #[test]
    fn more_bytes_neither_take_a_proof_back_nor_revive_a_refusal(
        which in 0..RECORDED.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = read(RECORDED[which].0);
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        let half = &bytes[..cut.index(bytes.len())];
        for protocol in protocols() {
            let whole = (protocol.recognise)(&bytes);
            match (protocol.recognise)(half) {
                Match::Proven(_) => prop_assert!(matches!(whole, Match::Proven(_)), "{}", protocol.name),
                Match::No => prop_assert_eq!(whole, Match::No, "{}", protocol.name),
                Match::Partial => {}
            }
        }
    }

    #[test]
    fn an_answer_without_its_anchor_is_not_proven(
        which in 0..RECORDED.len(),
        at in 0usize..8,
        by in 1u8..=255,
    ) {
        let (file, name, ..) = RECORDED[which];
        let mut bytes = read(file);
        let at = at % anchor(name);
        bytes[at] ^= by;
        let still = matches!(recognise(name, &bytes), Match::Proven(_));
        // A digit of HTTP's minor version or of a length may change into another that is sound.
        let sound = matches!((name, at), ("http", 7) | ("redis", 1..=4)) && bytes[at].is_ascii_digit();
        // TLS: either kind of record begins so, and is then held to the other's grammar.
        prop_assert!(!still || sound, "{file}: byte {at} by {by}");
    }

    #[test]
    fn proof_is_never_taken_back(which in 0..RECORDED.len(), more in prop::collection::vec(any::<u8>(), 0..40)) {
        let (file, name, ..) = RECORDED[which];
        let bytes = [read(file), more].concat();
        prop_assert!(matches!(recognise(name, &bytes), Match::Proven(_)), "{file}");
    }
}
