//! Listens on every transport that the kernel has, on a VRF where there is one called `red`, and
//! says what the crate sees of it and what ss(8) does. It is `kernel.rs` that runs it, on a machine
//! of its own.
#![expect(
    clippy::print_stdout,
    reason = "what this part says is read on a serial line"
)]

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::Command;

use portolan_inspect::{Options, listeners};
use socket2::{Domain, Protocol, Socket, Type};

use crate::child;

pub(crate) const NAME: &str = "transports";

/// From `linux/net.h` and `linux/in.h`.
const SOCK_DCCP: i32 = 6;
const IPPROTO_DCCP: i32 = 33;
const IPPROTO_SCTP: i32 = 132;
const IPPROTO_MPTCP: i32 = 262;

#[test]
fn part() {
    if !child::plays(NAME) {
        return;
    }
    // The test harness writes on the first line.
    println!();
    let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let v6 = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    let stream = i32::from(Type::STREAM);
    let asked = [
        ("sctp", IPPROTO_SCTP, stream, v4, None),
        ("sctp", IPPROTO_SCTP, stream, v6, None),
        ("dccp", IPPROTO_DCCP, SOCK_DCCP, v4, None),
        ("mptcp", IPPROTO_MPTCP, stream, v4, None),
        (
            "vrf",
            6,
            stream,
            (Ipv4Addr::UNSPECIFIED, 0).into(),
            Some("red"),
        ),
    ];
    let mut held = Vec::new();
    for (name, protocol, kind, address, device) in asked {
        match listen(protocol, kind, address, device) {
            Ok(socket) => {
                let end = socket.local_addr().ok().and_then(|end| end.as_socket());
                println!("held {name} {}", end.map_or(0, |end| end.port()));
                held.push(socket);
            }
            Err(error) => println!("refused {name}: {error}"),
        }
    }
    let seen = listeners(&Options::default());
    for listener in &seen.listeners {
        let pids: Vec<u32> = listener.owners.iter().map(|owner| owner.pid).collect();
        println!(
            "seen {} {} {} multipath={} interface={} queue={:?} pids={pids:?}",
            listener.transport,
            listener.address,
            listener.port,
            listener.multipath,
            listener.interface.as_deref().unwrap_or("-"),
            listener.queue.map(|queue| (queue.pending, queue.backlog)),
        );
    }
    for gap in &seen.gaps {
        println!("gap {gap:?}");
    }
    for option in ["--sctp", "--dccp", "--mptcp", "--tcp"] {
        let ss = Command::new("ss").args(["-Hlnp", option]).output();
        let text = ss.map(|out| out.stdout).unwrap_or_default();
        for line in String::from_utf8_lossy(&text).lines() {
            println!("ss {option} {line}");
        }
    }
    println!("pid {}", std::process::id());
}

fn listen(
    protocol: i32,
    kind: i32,
    address: SocketAddr,
    device: Option<&str>,
) -> io::Result<Socket> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::from(kind), Some(Protocol::from(protocol)))?;
    socket.bind_device(device.map(str::as_bytes))?;
    socket.bind(&address.into())?;
    socket.listen(7)?;
    Ok(socket)
}
