use proptest::prelude::*;

use super::*;

/// Three listeners and the end of a dump, as Linux 6.18 told them on x86-64.
const LISTENERS: &[u8] = include_bytes!("listeners.bin");

fn listener(local: &str, cookie: u64, inode: u32, backlog: u32, v6_only: Option<bool>) -> Framed {
    let local: SocketAddr = local.parse().unwrap();
    let remote = if local.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let record = Record {
        state: state::LISTEN,
        local,
        remote: remote.parse().unwrap(),
        interface: 0,
        cookie: Some(cookie),
        receive_queue: 0,
        send_queue: Some(backlog),
        uid: 0,
        inode,
        v6_only,
        control_group: Some(1),
        drops: None,
    };
    Framed {
        sequence: 7,
        interrupted: false,
        message: Message::Socket(record),
    }
}

/// The fixture is in the byte order of the machine that it was taken on.
#[cfg(target_endian = "little")]
#[test]
fn a_recorded_dump_is_read() {
    let read: Vec<Framed> = messages(LISTENERS).collect::<Result<_, _>>().unwrap();
    let expected = [
        listener("127.0.0.1:40709", 14102, 203_913, 7, None),
        listener("[::]:50435", 14103, 203_914, 9, Some(false)),
        listener("[::1]:45365", 14104, 203_915, 3, Some(true)),
        Framed {
            sequence: 7,
            interrupted: false,
            message: Message::Done(0),
        },
    ];
    assert_eq!(read, expected);
}

/// A message as the kernel frames it.
fn framed(kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + payload.len()).unwrap();
    let mut out = length.to_ne_bytes().to_vec();
    out.extend_from_slice(&kind.to_ne_bytes());
    out.extend_from_slice(&flags.to_ne_bytes());
    out.extend_from_slice(&1u32.to_ne_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

/// The kernel's side of the codec, to be read back.
fn encode(record: &Record) -> Vec<u8> {
    let octets = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => [&ip.octets()[..], &[0; 12]].concat(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let family = if record.local.is_ipv4() {
        AF_INET
    } else {
        AF_INET6
    };
    let mut out = vec![family, record.state, 0, 0];
    out.extend_from_slice(&record.local.port().to_be_bytes());
    out.extend_from_slice(&record.remote.port().to_be_bytes());
    out.extend(octets(record.local.ip()));
    out.extend(octets(record.remote.ip()));
    out.extend_from_slice(&record.interface.to_ne_bytes());
    let cookie = record.cookie.unwrap_or(u64::MAX);
    out.extend_from_slice(&(cookie as u32).to_ne_bytes());
    out.extend_from_slice(&((cookie >> 32) as u32).to_ne_bytes());
    for word in [
        0,
        record.receive_queue,
        record.send_queue.unwrap(),
        record.uid,
        record.inode,
    ] {
        out.extend_from_slice(&word.to_ne_bytes());
    }
    attribute(&mut out, 8, &[0]);
    if let Some(drops) = record.drops {
        let memory: Vec<u8> = [[0; 4]; 8]
            .into_iter()
            .chain([drops.to_ne_bytes()])
            .flatten()
            .collect();
        attribute(&mut out, INET_DIAG_SKMEMINFO, &memory);
    }
    if let Some(v6_only) = record.v6_only {
        attribute(&mut out, INET_DIAG_SKV6ONLY, &[u8::from(v6_only)]);
    }
    out
}

fn only(datagram: &[u8]) -> Message {
    let read: Vec<_> = messages(datagram).collect();
    assert_eq!(read.len(), 1);
    read[0].unwrap().message
}

#[test]
fn the_ends_of_a_dump_are_told_apart() {
    assert_eq!(
        only(&framed(NLMSG_DONE, 0, &0i32.to_ne_bytes())),
        Message::Done(0)
    );
    assert_eq!(
        only(&framed(NLMSG_DONE, 0, &(-2i32).to_ne_bytes())),
        Message::Done(-2)
    );
    assert_eq!(only(&framed(NLMSG_DONE, 0, &[])), Message::Done(0));
    assert_eq!(
        only(&framed(NLMSG_ERROR, 0, &(-1i32).to_ne_bytes())),
        Message::Refused(1)
    );
    assert_eq!(
        only(&framed(NLMSG_ERROR, 0, &i32::MIN.to_ne_bytes())),
        Message::Refused(i32::MIN)
    );
    assert_eq!(only(&framed(NLMSG_NOOP, 0, &[])), Message::Other);
}

#[test]
fn an_interrupted_dump_says_so() {
    let datagram = framed(NLMSG_DONE, NLM_F_DUMP_INTR, &0i32.to_ne_bytes());
    assert!(messages(&datagram).next().unwrap().unwrap().interrupted);
}

#[test]
fn false_lengths_end_the_reading() {
    let whole = framed(NLMSG_DONE, 0, &0i32.to_ne_bytes());
    for length in [0u32, 15, 21, u32::MAX] {
        let mut datagram = whole.clone();
        datagram[..4].copy_from_slice(&length.to_ne_bytes());
        datagram.extend_from_slice(&[0; 0]);
        let read: Vec<_> = messages(&datagram).collect();
        let present = datagram.len();
        assert_eq!(
            read,
            [Err(Malformed {
                length: length as usize,
                present
            })]
        );
    }
    let cut = framed(SOCK_DIAG_BY_FAMILY, 0, &[AF_INET; DIAG_MESSAGE - 1]);
    assert!(messages(&cut).next().unwrap().is_err());
    assert!(messages(&[1, 2]).next().unwrap().is_err());
    assert!(messages(&[]).next().is_none());
}

#[test]
fn attributes_with_false_lengths_tell_nothing() {
    let record = [AF_INET6; DIAG_MESSAGE];
    for attributes in [
        &[0u8, 0, 11, 0][..],
        &[3, 0, 11, 0, 1],
        &[255, 255, 11, 0, 1],
        &[4, 0, 11, 0],
        &[5],
    ] {
        let payload = [&record[..], attributes].concat();
        let Message::Socket(read) = only(&framed(SOCK_DIAG_BY_FAMILY, 0, &payload)) else {
            panic!("no socket");
        };
        assert_eq!(read.v6_only, None);
    }
}

#[test]
fn another_family_is_passed_over() {
    assert_eq!(
        only(&framed(SOCK_DIAG_BY_FAMILY, 0, &[1; DIAG_MESSAGE])),
        Message::Other
    );
}

/// The form of net/sctp/diag.c: `sockaddr_storage` after `sockaddr_storage`.
fn addresses(list: &[&str]) -> Vec<u8> {
    let storage = |text: &&str| {
        let mut out = vec![0; ADDRESS];
        match text.parse().unwrap() {
            IpAddr::V4(ip) => {
                out[..2].copy_from_slice(&u16::from(AF_INET).to_ne_bytes());
                out[4..8].copy_from_slice(&ip.octets());
            }
            IpAddr::V6(ip) => {
                out[..2].copy_from_slice(&u16::from(AF_INET6).to_ne_bytes());
                out[8..24].copy_from_slice(&ip.octets());
            }
        }
        out
    };
    list.iter().flat_map(storage).collect()
}

/// What an SCTP socket is told as: addresses, state, and far end.
fn sctp(state: u8, locals: &[u8], is_association: bool) -> Vec<String> {
    let mut socket = vec![AF_INET, state, 0, 0];
    socket.extend_from_slice(&2905u16.to_be_bytes());
    socket.resize(DIAG_MESSAGE, 0);
    attribute(&mut socket, INET_DIAG_LOCALS, locals);
    if is_association {
        attribute(&mut socket, INET_DIAG_PEERS, &addresses(&["192.0.2.9"]));
    }
    let mut datagram = framed(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP_INTR, &socket);
    datagram.extend(framed(NLMSG_DONE, 0, &0i32.to_ne_bytes()));
    let told = messages(&datagram).map(|framed| match framed.unwrap() {
        Framed {
            message: Message::Socket(record),
            interrupted: true,
            ..
        } => {
            let listens = record.listens(Transport::Sctp);
            format!("{} {} {listens}", record.local, record.state)
        }
        Framed {
            message: Message::Done(0),
            ..
        } => "done".to_owned(),
        other => format!("{:?}", other.message),
    });
    told.collect()
}

#[test]
fn an_endpoint_with_several_addresses_comes_once_for_each() {
    let locals = addresses(&["192.0.2.1", "2001:db8::1", "192.0.2.2"]);
    let expected = [
        "192.0.2.1:2905 10 true",
        "[2001:db8::1]:2905 10 true",
        "192.0.2.2:2905 10 true",
        "done",
    ];
    assert_eq!(sctp(state::LISTEN, &locals, false), expected);
    // An address of a family that nobody knows, and one that is cut short.
    let mut odd = vec![0xff; ADDRESS];
    odd.extend(&locals[..ADDRESS + 3]);
    assert_eq!(
        sctp(state::LISTEN, &odd, false),
        ["192.0.2.1:2905 10 true", "done"]
    );
    assert_eq!(
        sctp(state::LISTEN, &[], false),
        ["0.0.0.0:2905 10 true", "done"]
    );
}

#[test]
fn an_association_is_no_listener_and_comes_once() {
    let locals = addresses(&["192.0.2.1", "192.0.2.2"]);
    // SCTP_STATE_ESTABLISHED is 3, TCP_ESTABLISHED 1.
    assert_eq!(sctp(3, &locals, true), ["0.0.0.0:2905 1 false", "done"]);
    // The endpoint of a connected socket says TCP_ESTABLISHED itself.
    assert_eq!(sctp(1, &locals, false), ["Other", "done"]);
}

#[test]
fn requests_have_the_kernels_sizes() {
    let filter = [0; 20];
    let request = |protocol, family, filter| Request {
        protocol,
        family,
        states: 1,
        filter,
        drops: false,
    };
    let sizes = [
        (request(Protocol::Tcp, Family::Both, &[][..]), 16 + 60),
        (request(Protocol::Udp, Family::Both, &[]), 16 + 60 + 8),
        (request(Protocol::Tcp, Family::V4, &[]), 16 + 56),
        (request(Protocol::Udp, Family::V6, &filter), 16 + 56 + 24),
        (request(Protocol::Sctp, Family::V6, &[]), 16 + 56),
        (request(Protocol::Mptcp, Family::V4, &[]), 16 + 56 + 8),
        (request(Protocol::Mptcp, Family::Both, &[]), 16 + 60 + 8),
    ];
    for (request, size) in sizes {
        let bytes = request.encode(9);
        assert_eq!(bytes.len(), size);
        assert_eq!(u32_at(&bytes, 0), Some(size as u32));
        assert_eq!(u32_at(&bytes, 8), Some(9));
    }
    let bytes = request(Protocol::Udp, Family::V6, &filter).encode(0);
    assert_eq!(bytes[16..19], [AF_INET6, 17, 0]);
    let large = request(Protocol::Mptcp, Family::V4, &[]).encode(0);
    assert_eq!(large[16..18], [AF_INET, 255]);
    assert_eq!(u32_at(&large, 16 + 56 + 4), Some(262));
    let drops = |family| Request {
        drops: true,
        ..request(Protocol::Tcp, family, &[])
    };
    assert_eq!(drops(Family::V4).encode(0)[18], 0x40);
    assert_eq!(drops(Family::Both).encode(0)[19], 0x40);
}

fn record() -> impl Strategy<Value = Record> {
    let ends = prop_oneof![
        any::<(Ipv4Addr, u16, Ipv4Addr, u16)>()
            .prop_map(|(a, p, b, q)| ((a, p).into(), (b, q).into())),
        any::<(Ipv6Addr, u16, Ipv6Addr, u16)>()
            .prop_map(|(a, p, b, q)| ((a, p).into(), (b, q).into())),
    ];
    let numbers = any::<(u8, u32, u32, u32, u32, u32)>();
    let told = any::<(Option<u64>, Option<bool>, Option<u32>)>();
    (ends, numbers, told).prop_map(
        |(
            (local, remote),
            (state, interface, receive_queue, backlog, uid, inode),
            (cookie, v6_only, drops),
        )| Record {
            state,
            local,
            remote,
            interface,
            cookie: cookie.filter(|cookie| *cookie != u64::MAX),
            receive_queue,
            send_queue: Some(backlog),
            uid,
            inode,
            v6_only,
            control_group: None,
            drops,
        },
    )
}

proptest! {
    #[test]
    fn a_record_is_read_as_it_was_written(records in proptest::collection::vec(record(), 0..5)) {
        let datagram: Vec<u8> =
            records.iter().flat_map(|record| framed(SOCK_DIAG_BY_FAMILY, 2, &encode(record))).collect();
        let read: Vec<Message> =
            messages(&datagram).map(|framed| framed.map(|f| f.message)).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(read, records.into_iter().map(Message::Socket).collect::<Vec<_>>());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        prop_assert!(messages(&bytes).count() <= bytes.len());
    }

    #[test]
    fn no_damage_panics(at in 0..LISTENERS.len(), byte in any::<u8>(), end in 0..=LISTENERS.len()) {
        let mut bytes = LISTENERS.to_vec();
        bytes[at] = byte;
        prop_assert!(messages(&bytes[..end]).count() <= 30);
    }
}
