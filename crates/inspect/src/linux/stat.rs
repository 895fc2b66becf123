//! One line of a process's `stat`, as far as its place among other processes goes.

use super::process::text;

/// The longest name that is kept; a kernel thread's may have more than 15 bytes.
const MOST_NAME: usize = 64;

/// What `/proc/PID/stat` tells (proc_pid_stat(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    /// `comm`.
    pub(super) name: String,
    /// `ppid`; 0 where the parent is the kernel, or lives in a pid namespace above the observer's.
    pub(super) parent: u32,
    /// `starttime`, in clock ticks since boot.
    pub(super) started: u64,
}

impl Stat {
    /// `None` for a line of another form.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let open = memchr::memchr(b'(', line)?;
        // The name may hold anything, brackets too; what follows it holds none.
        let close = memchr::memrchr(b')', line)?;
        let name = line.get(open + 1..close)?;
        let name = name.get(..MOST_NAME).unwrap_or(name);
        let mut fields = line.get(close + 1..)?.split(|byte| *byte == b' ').skip(1);
        // The state is the third field, the parent the fourth, the start the 22nd.
        let parent = number(fields.nth(1)?)?;
        let started = number(fields.nth(17)?)?;
        Some(Self {
            name: text(name),
            parent: parent.try_into().ok()?,
            started,
        })
    }
}

fn number(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let line = b"42 (a) R 1 (x)) S 7 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2\n";
        let stat = Stat::read(line).unwrap();
        assert_eq!(
            (stat.name.as_str(), stat.parent, stat.started),
            ("a) R 1 (x)", 7, 98765)
        );
    }

    #[test]
    fn another_form_tells_nothing() {
        for line in [
            &b""[..],
            b")(",
            b"1 (a)",
            b"1 (a) S",
            b"1 (a) S x",
            b"1 (a) S 1 2 3",
            b"()",
        ] {
            assert_eq!(Stat::read(line), None);
        }
    }
}
