//! Settings of the kernel, from `/proc/sys/net` (ip(7), ipv6(7)) and uname(2).

use portolan_registry::Transport;

pub(crate) fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// By SIOCGIFINDEX, since `/sys/class/net` may be another namespace's.
pub(crate) fn interface_index(name: &str) -> Option<u32> {
    use rustix::net::{AddressFamily, SocketType, netdevice, socket};
    let any = socket(AddressFamily::INET, SocketType::DGRAM, None).ok()?;
    netdevice::name_to_index(any, name)
        .ok()
        .or_else(|| name.parse().ok())
}

/// What IPV6_V6ONLY is for sockets that did not choose; the best guess where the kernel does not
/// tell it per socket.
pub(crate) fn v6_only_by_default() -> bool {
    std::fs::read("/proc/sys/net/ipv6/bindv6only").is_ok_and(|text| text.first() == Some(&b'1'))
}

/// Whether the running kernel may have a transport just now. SCTP makes a folder of settings in every
/// network namespace when it is loaded; without `/proc` it may be there. Linux 6.16 took DCCP out.
pub(super) fn kernel_may_have(transport: Transport) -> bool {
    use rustix::fs::{Access, access};
    let has = |path: &std::ffi::CStr| access(path, Access::EXISTS).is_ok();
    match transport {
        Transport::Tcp | Transport::Udp => true,
        Transport::Sctp => has(c"/proc/sys/net/sctp") || !has(c"/proc/sys/net"),
        Transport::Dccp => !kernel_is_at_least(6, 16),
    }
}

/// Whether the running kernel is at least `major.minor`; false where its version cannot be read.
pub(super) fn kernel_is_at_least(major: u32, minor: u32) -> bool {
    let system = rustix::system::uname();
    let release = system.release().to_bytes();
    let mut numbers = release.split(|byte| !byte.is_ascii_digit()).map(|digits| {
        std::str::from_utf8(digits)
            .ok()
            .and_then(|d| d.parse::<u32>().ok())
    });
    matches!((numbers.next(), numbers.next()), (Some(Some(a)), Some(Some(b))) if (a, b) >= (major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_numbered() {
        assert_eq!(interface_index("lo"), Some(1));
        assert_eq!(
            interface_index("7"),
            Some(7),
            "an interface that only its number is known of"
        );
        assert_eq!(interface_index("../../../proc"), None);
        assert_eq!(interface_index("no-such-one"), None);
    }

    #[test]
    fn this_kernel_is_younger_than_linux_2_and_older_than_1000() {
        assert!(kernel_is_at_least(2, 6));
        assert!(!kernel_is_at_least(1000, 0));
    }
}
