//! The kernel's numbers for the states of a socket (`linux/tcp_states.h`), and their meaning here.

use portolan_ports::SocketState;
use portolan_registry::Transport;

/// TCP_CLOSE; every UDP socket that is not connected, and TCP ones that are only bound.
pub const CLOSE: u8 = 7;
/// TCP_LISTEN.
pub const LISTEN: u8 = 10;
/// TCP_NEW_SYN_RECV, a request socket; told as SYN-RECEIVED.
pub const NEW_SYN_RECV: u8 = 12;
/// TCP_BOUND_INACTIVE: asks for TCP sockets that are bound and neither listen nor are connected
/// (Linux 6.8; older ones ignore the bit).
pub const BOUND_INACTIVE: u8 = 13;

/// Every state there is.
pub const ALL: u32 = (1 << (BOUND_INACTIVE + 1)) - 1;

/// The states whose sockets may be listeners of `transport`.
#[must_use]
pub const fn listening(transport: Transport) -> u32 {
    match transport {
        Transport::Udp => 1 << CLOSE,
        Transport::Tcp | Transport::Sctp | Transport::Dccp => 1 << LISTEN,
    }
}

/// The number of TCP's state nearest to that of an SCTP association (`enum sctp_state` of
/// `linux/sctp.h`, RFC 9260 section 4); 0, which means nothing, for others.
#[must_use]
pub const fn of_association(state: u8) -> u8 {
    match state {
        // COOKIE-WAIT and COOKIE-ECHOED: this side asked and waits for the other.
        1 | 2 => 2,
        3 => 1,
        // SHUTDOWN-PENDING, -SENT, -RECEIVED, -ACK-SENT.
        4 => 4,
        5 => 5,
        6 => 8,
        7 => 9,
        _ => 0,
    }
}

/// What a socket that does not listen is doing; `None` for LISTEN and unknown numbers.
#[must_use]
pub const fn name(state: u8) -> Option<SocketState> {
    Some(match state {
        1 => SocketState::Established,
        2 => SocketState::SynSent,
        3 | NEW_SYN_RECV => SocketState::SynReceived,
        4 => SocketState::FinWait1,
        5 => SocketState::FinWait2,
        6 => SocketState::TimeWait,
        CLOSE | BOUND_INACTIVE => SocketState::Bound,
        8 => SocketState::CloseWait,
        9 => SocketState::LastAck,
        11 => SocketState::Closing,
        _ => return None,
    })
}
