//! Whether a port can be had here: it is bound, and let go at once. Nothing listens meanwhile, and
//! nothing is sent.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use portolan_registry::{Port, Transport};
use socket2::{Domain, Protocol, Socket, Type};

/// Every address of both families, the one before the other.
const EVERYWHERE: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    IpAddr::V6(Ipv6Addr::UNSPECIFIED),
];

/// How often a port that is in use is tried: another run of this program may hold it, for as long
/// as one trial takes.
const ATTEMPTS: u32 = 3;

/// One try at one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Over which transport.
    pub transport: Transport,
    /// Where: every address of one family.
    pub address: IpAddr,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was bound, and let go.
    Bound,
    /// Another socket has it (EADDRINUSE).
    InUse,
    /// This user may not have it (EACCES).
    NotPermitted,
    /// This machine does not have that family of addresses.
    NoSuchFamily,
    /// Another error; the system's words.
    Failed(String),
}

/// Tries a port on `0.0.0.0` and on `[::]` alone (IPV6_V6ONLY, ipv6(7)), over each of the
/// transports, without SO_REUSEADDR: any socket on any address of this network namespace is in the
/// way, a TCP connection in TIME-WAIT as well (bind(2), socket(7)).
///
/// Only TCP and UDP are tried; of another transport it tells nothing. Port 0 tells nothing either:
/// bind(2) takes it to mean any.
///
/// Cost: three to four calls for each transport and family.
#[must_use]
pub fn try_bind(port: Port, transports: &[Transport]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for &transport in transports {
        let Some((kind, protocol)) = socket_kind(transport).filter(|_| port != 0) else {
            continue;
        };
        for address in EVERYWHERE {
            let at = SocketAddr::new(address, port);
            let mut outcome = outcome(at, kind, protocol);
            for _ in 1..ATTEMPTS {
                if outcome != Outcome::InUse {
                    break;
                }
                std::thread::yield_now();
                outcome = self::outcome(at, kind, protocol);
            }
            trials.push(Trial {
                transport,
                address,
                outcome,
            });
        }
    }
    trials
}

const fn socket_kind(transport: Transport) -> Option<(Type, Protocol)> {
    match transport {
        Transport::Tcp => Some((Type::STREAM, Protocol::TCP)),
        Transport::Udp => Some((Type::DGRAM, Protocol::UDP)),
        Transport::Sctp | Transport::Dccp => None,
    }
}

fn outcome(at: SocketAddr, kind: Type, protocol: Protocol) -> Outcome {
    match bind(at, kind, protocol) {
        Ok(()) => Outcome::Bound,
        Err(error) => match error.kind() {
            ErrorKind::AddrInUse => Outcome::InUse,
            ErrorKind::PermissionDenied => Outcome::NotPermitted,
            // What `disable_ipv6` of ip-sysctl makes of [::].
            ErrorKind::AddrNotAvailable => Outcome::NoSuchFamily,
            _ if lacks_family(&error) => Outcome::NoSuchFamily,
            _ => Outcome::Failed(error.to_string()),
        },
    }
}

fn bind(at: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<()> {
    let socket = Socket::new(Domain::for_address(at), kind, Some(protocol))?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&at.into())
}

/// Whether it is EAFNOSUPPORT of socket(2).
fn lacks_family(error: &io::Error) -> bool {
    #[cfg(unix)]
    const CODE: i32 = rustix::io::Errno::AFNOSUPPORT.raw_os_error();
    // WSAEAFNOSUPPORT of Winsock.
    #[cfg(not(unix))]
    const CODE: i32 = 10047;
    error.raw_os_error() == Some(CODE)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};

    use super::*;

    fn of(trials: &[Trial], transport: Transport) -> Vec<(bool, &Outcome)> {
        let own = trials.iter().filter(|trial| trial.transport == transport);
        own.map(|trial| (trial.address.is_ipv4(), &trial.outcome))
            .collect()
    }

    #[test]
    fn a_held_port_is_in_use_and_only_where_it_is_held() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let trials = try_bind(port, &[Transport::Tcp]);
        assert_eq!(trials[0].outcome, Outcome::InUse, "{trials:?}");
        assert_ne!(trials[1].outcome, Outcome::InUse, "{trials:?}");

        let held = UdpSocket::bind("[::1]:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let trials = try_bind(port, &[Transport::Udp]);
        assert_ne!(trials[0].outcome, Outcome::InUse, "{trials:?}");
        assert_eq!(trials[1].outcome, Outcome::InUse, "{trials:?}");
    }

    #[test]
    fn what_was_tried_is_let_go() {
        // Below the ports that the kernel gives away, so that no other test gets it meanwhile.
        let free = (20_000..30_000).find(|port| {
            let trials = try_bind(*port, &[Transport::Tcp, Transport::Udp]);
            of(&trials, Transport::Tcp)[0].1 == &Outcome::Bound
                && of(&trials, Transport::Udp)[0].1 == &Outcome::Bound
        });
        let port = free.unwrap();
        // A child that another test starts just now holds it until it becomes its program.
        let soon = |bound: &dyn Fn() -> bool| {
            (0..100_000).any(|_| {
                std::thread::yield_now();
                bound()
            })
        };
        assert!(soon(&|| TcpListener::bind(("0.0.0.0", port)).is_ok()));
        assert!(soon(&|| UdpSocket::bind(("0.0.0.0", port)).is_ok()));
    }

    #[test]
    fn nothing_is_told_of_what_is_not_tried() {
        assert_eq!(try_bind(0, &[Transport::Tcp]), []);
        assert_eq!(try_bind(4444, &[Transport::Sctp, Transport::Dccp]), []);
    }
}
