//! Closes a listening socket under its owners: SOCK_DESTROY over NETLINK_SOCK_DIAG.
//!
//! Source: sock_diag(7), `linux/inet_diag.h`, `linux/sock_diag.h`; `tcp_abort` of
//! `net/ipv4/tcp.c`. It needs CAP_NET_ADMIN and a kernel with CONFIG_INET_DIAG_DESTROY. The
//! process lives on; its accept(2) gives EINVAL. Until it closes its descriptor too, the address
//! stays bound: another socket may take it where both have SO_REUSEADDR, as servers do.
//!
//! ```text
//! nlmsghdr          len u32, type u16, flags u16, sequence u32, port u32            16
//! inet_diag_req_v2  family u8, protocol u8, ext u8, pad u8, states u32,
//!                   sport be16, dport be16, src [u8;16], dst [u8;16],
//!                   if u32, cookie [u32;2]                                          56
//! ```

use std::fmt;
use std::net::{IpAddr, SocketAddr};

#[cfg(target_os = "linux")]
pub use linux::{close, may_close};

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{close, may_close};

const SOCK_DESTROY: u16 = 21;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_ACK: u16 = 4;
const IPPROTO_TCP: u8 = 6;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const LENGTH: usize = 16 + 56;

/// A listening TCP socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The address and port it is bound to.
    pub local: SocketAddr,
    /// The index of the interface it is bound to; 0 for none.
    pub interface: u32,
    /// Its cookie (SO_COOKIE): no other socket ever has it.
    pub cookie: u64,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "close the socket at {}/tcp (SOCK_DESTROY)", self.local)
    }
}

impl Target {
    /// The request. `remote_port` says which member of an SO_REUSEPORT group the kernel finds: it
    /// looks the socket up as for a packet from there.
    #[cfg_attr(
        not(any(target_os = "linux", test)),
        expect(dead_code, reason = "netlink is Linux's own")
    )]
    fn encode(&self, sequence: u32, remote_port: u16) -> Vec<u8> {
        let mut out = Vec::with_capacity(LENGTH);
        out.extend_from_slice(&(LENGTH as u32).to_ne_bytes());
        out.extend_from_slice(&SOCK_DESTROY.to_ne_bytes());
        out.extend_from_slice(&(NLM_F_REQUEST | NLM_F_ACK).to_ne_bytes());
        out.extend_from_slice(&sequence.to_ne_bytes());
        out.extend_from_slice(&[0; 4]);
        let mut address = [0; 16];
        let family = match self.local.ip() {
            IpAddr::V4(ip) => {
                address[..4].copy_from_slice(&ip.octets());
                AF_INET
            }
            IpAddr::V6(ip) => {
                address = ip.octets();
                AF_INET6
            }
        };
        out.extend_from_slice(&[family, IPPROTO_TCP, 0, 0]);
        out.extend_from_slice(&u32::MAX.to_ne_bytes());
        out.extend_from_slice(&self.local.port().to_be_bytes());
        out.extend_from_slice(&remote_port.to_be_bytes());
        out.extend_from_slice(&address);
        out.extend_from_slice(&[0; 16]);
        out.extend_from_slice(&self.interface.to_ne_bytes());
        // The low half first, whatever the machine's byte order: `sock_diag_save_cookie`.
        out.extend_from_slice(&(self.cookie as u32).to_ne_bytes());
        out.extend_from_slice(&((self.cookie >> 32) as u32).to_ne_bytes());
        out
    }
}

/// Why a socket was not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no socket with that cookie at that address any more.
    #[error("the socket is gone")]
    Gone,
    /// This user lacks CAP_NET_ADMIN.
    #[error("the kernel does not let this user close others' sockets (CAP_NET_ADMIN)")]
    NotPermitted,
    /// The kernel was built without CONFIG_INET_DIAG_DESTROY, or is before 4.5.
    #[error("this kernel cannot close a socket under its owner (CONFIG_INET_DIAG_DESTROY)")]
    Unsupported,
    /// Another error number, errno(3), or 0 for an answer that is none.
    #[error("the kernel answered with error {0}")]
    Failed(i32),
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::io::Errno;
    use rustix::net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send,
        socket_with,
    };
    use rustix::thread::{CapabilitySet, capabilities};

    use super::{Error, Target};

    /// How many far ends are tried until the kernel finds the wanted member of a group. With a
    /// group of 64 one in e^32 searches fails.
    const MOST_FAR_ENDS: u16 = 2048;

    /// Closes it.
    ///
    /// Cost: one request; in an SO_REUSEPORT group about as many as it has members; where it has
    /// gone, all that are tried.
    ///
    /// # Errors
    /// Where it has gone, this user may not, or the kernel cannot.
    pub fn close(target: &Target) -> Result<(), Error> {
        let fd = socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        )
        .map_err(of)?;
        let mut buffer = [0; 512];
        for remote_port in 0..MOST_FAR_ENDS {
            let asked = target.encode(1 + u32::from(remote_port), remote_port);
            send(&fd, &asked, SendFlags::empty()).map_err(of)?;
            let (length, _) = recv(&fd, &mut buffer[..], RecvFlags::empty()).map_err(of)?;
            match answer(&buffer[..length.min(buffer.len())]) {
                Some(0) => return Ok(()),
                // Found none, or another one than that of the cookie: the kernel says the same.
                Some(errno) if errno == Errno::NOENT.raw_os_error() => {}
                Some(errno) => return Err(of(known(errno))),
                None => return Err(Error::Failed(0)),
            }
        }
        Err(Error::Gone)
    }

    /// Whether this thread has CAP_NET_ADMIN.
    #[must_use]
    pub fn may_close() -> bool {
        capabilities(None).is_ok_and(|has| has.effective.contains(CapabilitySet::NET_ADMIN))
    }

    /// The number in NLMSG_ERROR, positive; 0 is success.
    fn answer(datagram: &[u8]) -> Option<i32> {
        const NLMSG_ERROR: u16 = 2;
        let kind = u16::from_ne_bytes(*datagram.get(4..)?.first_chunk()?);
        let number = i32::from_ne_bytes(*datagram.get(16..)?.first_chunk()?);
        (kind == NLMSG_ERROR).then(|| number.wrapping_neg())
    }

    fn known(errno: i32) -> Errno {
        if (1..4096).contains(&errno) {
            Errno::from_raw_os_error(errno)
        } else {
            Errno::PROTO
        }
    }

    fn of(errno: Errno) -> Error {
        match errno {
            Errno::PERM | Errno::ACCESS => Error::NotPermitted,
            Errno::OPNOTSUPP | Errno::PROTONOSUPPORT | Errno::INVAL => Error::Unsupported,
            errno => Error::Failed(errno.raw_os_error()),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_answer_is_bounded() {
            let mut ok = vec![0; 36];
            ok[4] = 2;
            assert_eq!(answer(&ok), Some(0));
            ok[16..20].copy_from_slice(&(-116_i32).to_ne_bytes());
            assert_eq!(answer(&ok), Some(116));
            ok[4] = 20;
            assert_eq!(answer(&ok), None);
            assert_eq!(answer(&[]), None);
            assert_eq!(known(i32::MIN), Errno::PROTO);
        }
    }
}

/// On other systems there is nothing to close a socket by.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{Error, Target};

    /// # Errors
    /// Always.
    pub const fn close(_target: &Target) -> Result<(), Error> {
        Err(Error::Unsupported)
    }

    /// Never.
    #[must_use]
    pub const fn may_close() -> bool {
        false
    }
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_the_kernels() {
        let target = Target {
            local: "127.0.0.1:8080".parse().unwrap(),
            interface: 3,
            cookie: 0x0102_0304_0506_0708,
        };
        let request = target.encode(9, 5);
        assert_eq!(request.len(), LENGTH);
        assert_eq!(
            request[..16],
            [72, 0, 0, 0, 21, 0, 5, 0, 9, 0, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!(request[16..24], [2, 6, 0, 0, 255, 255, 255, 255]);
        assert_eq!(request[24..32], [0x1f, 0x90, 0, 5, 127, 0, 0, 1]);
        assert_eq!(request[60..], [3, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(
            target.to_string(),
            "close the socket at 127.0.0.1:8080/tcp (SOCK_DESTROY)"
        );
    }
}
