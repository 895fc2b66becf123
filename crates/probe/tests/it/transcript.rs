//! Every recorded answer, cut at every byte; look-alikes; and nonsense by the ten thousand.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use portolan_probe::{Match, Proof, Protocol, protocol, protocols};
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
    protocol(name).unwrap().recognise(bytes)
}

fn proven(name: &str, bytes: &[u8]) -> Proof {
    match recognise(name, bytes) {
        Match::Proven(proof) => *proof,
        other => panic!("{name}: {other:?}"),
    }
}

/// One row of an index in `tests/transcripts`.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    file: String,
    protocol: String,
    product: Option<String>,
    version: Option<String>,
    /// Whether it is one datagram of UDP rather than all bytes of a TCP connection.
    #[serde(default)]
    datagram: bool,
    /// Whether the grammar is too weak to prove it.
    #[serde(default)]
    likely: bool,
}

/// Bytes that no grammar may take for proof.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LookAlike {
    /// What it must not be taken for; every protocol where left out.
    protocol: Option<String>,
    /// The bytes, with `\\xNN`, `\\r`, `\\n`, `\\\\` as escapes.
    bytes: String,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    #[serde(default)]
    transcript: Vec<Recorded>,
    #[serde(default)]
    lookalike: Vec<LookAlike>,
}

/// All indexes, in the order of their names.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let mut whole = Index::default();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let index: Index =
            toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        whole.transcript.extend(index.transcript);
        whole.lookalike.extend(index.lookalike);
    }
    whole
});

/// What a protocol makes of the bytes of a TCP connection or of a datagram.
fn judged(protocol: &Protocol, bytes: &[u8], datagram: bool) -> Match {
    match datagram {
        true => protocol.recognise_datagram(bytes),
        false => protocol.recognise(bytes),
    }
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match (c, c == '\\') {
            (_, false) => bytes.extend(c.to_string().bytes()),
            (_, true) => match rest.next() {
                Some('r') => bytes.push(b'\r'),
                Some('n') => bytes.push(b'\n'),
                Some('x') => {
                    let hex: String = rest.by_ref().take(2).collect();
                    bytes.push(u8::from_str_radix(&hex, 16).unwrap());
                }
                Some('\\') => bytes.push(b'\\'),
                other => panic!("no such escape: {other:?}"),
            },
        }
    }
    bytes
}

#[test]
fn what_only_looks_alike_proves_nothing() {
    for alike in &INDEX.lookalike {
        let bytes = unescape(&alike.bytes);
        let named = |p: &&Protocol| alike.protocol.as_ref().is_none_or(|n| *n == p.name);
        for protocol in protocols().filter(named) {
            for end in 0..=bytes.len() {
                for datagram in [false, true] {
                    let verdict = judged(protocol, &bytes[..end], datagram);
                    assert!(
                        !matches!(verdict, Match::Proven(_)),
                        "{:?} as {} at {end}",
                        alike.bytes,
                        protocol.name
                    );
                }
            }
        }
    }
}

#[test]
fn each_recorded_answer_is_its_own_protocol_and_no_other() {
    for recorded in &INDEX.transcript {
        let file = &recorded.file;
        let bytes = read(file);
        for other in protocols() {
            let verdict = judged(other, &bytes, recorded.datagram);
            let is = matches!(verdict, Match::Proven(_));
            let own = other.name == recorded.protocol;
            assert_eq!(is, own && !recorded.likely, "{file} as {}", other.name);
            if own && recorded.likely {
                assert!(matches!(verdict, Match::Likely(_)), "{file}: {verdict:?}");
            }
        }
        let whole = judged(
            protocol(&recorded.protocol).unwrap(),
            &bytes,
            recorded.datagram,
        );
        let (Match::Proven(proof) | Match::Likely(proof)) = whole else {
            panic!("{file}: {whole:?}");
        };
        assert_eq!(
            proof.product.as_deref(),
            recorded.product.as_deref(),
            "{file}"
        );
        assert_eq!(
            proof.version.as_deref(),
            recorded.version.as_deref(),
            "{file}"
        );
        assert_eq!(proof.wants_tls, file.ends_with("-on-tls.bin"), "{file}");
    }
}

#[test]
fn a_cut_answer_is_partial_until_it_is_proven_and_stays_so() {
    let streams = INDEX.transcript.iter().filter(|r| !r.datagram);
    for Recorded { file, protocol, .. } in streams {
        let bytes = read(file);
        let mut seen = false;
        for end in 0..=bytes.len() {
            match recognise(protocol, &bytes[..end]) {
                Match::Partial => assert!(!seen, "{file}: partial again at {end}"),
                Match::Likely(_) => {}
                Match::Proven(_) => seen = true,
                Match::No => panic!("{file}: refused at {end}"),
            }
        }
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
        ("ssh", b"SSH-2.1-OpenSSH_9.2\r\n"),
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
        ("http", b"HTTP/2 200 OK\r\n\r\n"),
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

/// Transcripts whose first bytes are held against every change.
const ANCHORED: [(&str, &str); 6] = [
    ("ssh-openssh-9.2p1.bin", "ssh"),
    ("smtp-exim-4.96.bin", "smtp"),
    ("http-nginx-1.22.1.bin", "http"),
    ("tls-hello-nginx-tls13.bin", "tls"),
    ("redis-7.0.15.bin", "redis"),
    ("postgresql-15.bin", "postgresql"),
];

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

/// Protocols whose answers are, but for one header, those of another that carries them: RFC 6455
/// §4.2.2, and the specification of gRPC over HTTP/2. Without it they are the carrier's.
const CARRIED: [(&str, &str); 2] = [("websocket", "http"), ("grpc", "h2")];

/// ONC RPC's programs: what tells their replies apart is the transaction that we gave each call
/// (RFC 5531 §9), so one changed byte of it makes one program's reply another's.
const PROGRAMS: [&str; 7] = [
    "sunrpc", "nfs", "mountd", "nlockmgr", "status", "rquotad", "ypbind",
];

/// What the properties change: some transcript, by its place.
fn some_transcript() -> impl Strategy<Value = &'static Recorded> {
    (0..INDEX.transcript.len()).prop_map(|at| &INDEX.transcript[at])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_prove_nothing(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for protocol in protocols() {
            for datagram in [false, true] {
                let verdict = judged(protocol, &bytes, datagram);
                prop_assert!(!matches!(verdict, Match::Proven(_)), "{}", protocol.name);
            }
        }
    }

    #[test]
    fn a_changed_answer_never_becomes_another_protocol(
        recorded in some_transcript(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = read(&recorded.file);
        bytes.truncate(cut.index(bytes.len()) + 1);
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        let own = recorded.protocol.as_str();
        let akin = |p: &&Protocol| CARRIED.contains(&(own, p.name))
            || (PROGRAMS.contains(&own) && PROGRAMS.contains(&p.name));
        let others = protocols().filter(|p| p.name != own);
        for other in others.filter(|p| !akin(p)) {
            let verdict = judged(other, &bytes, recorded.datagram);
            let file = &recorded.file;
            prop_assert!(!matches!(verdict, Match::Proven(_)), "{file} as {}", other.name);
        }
    }

    #[test]
    fn more_bytes_neither_take_a_proof_back_nor_revive_a_refusal(
        recorded in some_transcript(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = read(&recorded.file);
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        let half = &bytes[..cut.index(bytes.len())];
        for protocol in protocols() {
            let whole = protocol.recognise(&bytes);
            match protocol.recognise(half) {
                Match::Proven(_) => prop_assert!(matches!(whole, Match::Proven(_)), "{}", protocol.name),
                Match::No => prop_assert_eq!(whole, Match::No, "{}", protocol.name),
                Match::Partial | Match::Likely(_) => {}
            }
        }
    }

    #[test]
    fn an_answer_without_its_anchor_is_not_proven(
        which in 0..ANCHORED.len(),
        at in 0usize..8,
        by in 1u8..=255,
    ) {
        let (file, name) = ANCHORED[which];
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
    fn proof_is_never_taken_back(recorded in some_transcript(), more in prop::collection::vec(any::<u8>(), 0..40)) {
        if !recorded.datagram && !recorded.likely {
            let bytes = [read(&recorded.file), more].concat();
            let verdict = recognise(&recorded.protocol, &bytes);
            prop_assert!(matches!(verdict, Match::Proven(_)), "{}", recorded.file);
        }
    }
}
