//! How many sockets there are, from `/proc/net/sockstat{,6}` (proc_pid_net(5)).
//!
//! Walking the kernel's hash tables costs by their size, not by what is in them: half a million
//! buckets on a big machine. Two short files tell whether a table holds anything at all.

use rustix::fs::{Mode, OFlags, open};

/// Counters of sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sockstat {
    /// Hashed TCP sockets of this network namespace, IPv4 and IPv6: listening or connected.
    pub(super) in_use: u64,
    /// TCP sockets of this network namespace in TIME-WAIT.
    pub(super) time_wait: u64,
    /// TCP sockets of all network namespaces, whatever they do.
    pub(super) allocated: u64,
    /// Bound UDP sockets of this network namespace, IPv4 and IPv6.
    pub(super) udp_in_use: u64,
}

impl Sockstat {
    /// Reads both files, of the namespace that this thread is in; `None` where one cannot be read or understood.
    pub(super) fn read() -> Option<Self> {
        let mut buffer = [0; 1024];
        let text = file(c"/proc/thread-self/net/sockstat", &mut buffer)?;
        let tcp = line(text, b"TCP:")?;
        let mut stat = Self {
            in_use: value(tcp, b"inuse")?,
            time_wait: value(tcp, b"tw")?,
            allocated: value(tcp, b"alloc")?,
            udp_in_use: value(line(text, b"UDP:")?, b"inuse")?,
        };
        // The file is missing where IPv6 is off.
        if let Some(text) = file(c"/proc/thread-self/net/sockstat6", &mut buffer) {
            stat.in_use += value(line(text, b"TCP6:")?, b"inuse")?;
            stat.udp_in_use += value(line(text, b"UDP6:")?, b"inuse")?;
        }
        Some(stat)
    }
}

fn file<'a>(path: &std::ffi::CStr, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let fd = open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let read = rustix::io::read(&fd, &mut *buffer).ok()?;
    buffer.get(..read)
}

/// What follows `name` on the line that begins with it.
fn line<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    text.split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(name))
}

fn value(line: &[u8], name: &[u8]) -> Option<u64> {
    let mut words = line
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    words.find(|word| *word == name)?;
    std::str::from_utf8(words.next()?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"sockets: used 290\n\
        TCP: inuse 12 orphan 0 tw 3 alloc 17 mem 1\n\
        UDP: inuse 4 mem 2\n";

    #[test]
    fn counters_are_found_by_name() {
        let tcp = line(TEXT, b"TCP:").unwrap();
        assert_eq!(value(tcp, b"inuse"), Some(12));
        assert_eq!(value(tcp, b"tw"), Some(3));
        assert_eq!(value(tcp, b"alloc"), Some(17));
        assert_eq!(value(tcp, b"none"), None);
        assert_eq!(line(TEXT, b"TCP6:"), None);
    }

    #[test]
    fn this_machine_tells_them() {
        let stat = Sockstat::read().unwrap();
        assert!(stat.allocated < 1 << 32);
    }
}
