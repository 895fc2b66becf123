//! Giving root away, for good, before a byte is dialled or parsed from the wire.

use std::ffi::OsStr;

/// Who to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user id; never 0.
    uid: u32,
    /// The group id; never 0.
    gid: u32,
}

impl Identity {
    /// The user and group that own nothing.
    pub const NOBODY: Self = Self {
        uid: 65534,
        gid: 65534,
    };

    /// An ordinary user and group; `None` where either is root or no id at all (all ones).
    #[must_use]
    pub const fn new(uid: u32, gid: u32) -> Option<Self> {
        if uid == 0 || gid == 0 || uid == u32::MAX || gid == u32::MAX {
            return None;
        }
        Some(Self { uid, gid })
    }

    /// Who called sudo(8), by its SUDO_UID and SUDO_GID; [`Identity::NOBODY`] where they are
    /// absent, malformed or root's own.
    #[must_use]
    pub fn of_sudo(uid: Option<&OsStr>, gid: Option<&OsStr>) -> Self {
        let number = |text: Option<&OsStr>| text?.to_str()?.parse().ok();
        match (number(uid), number(gid)) {
            (Some(uid), Some(gid)) => Self::new(uid, gid).unwrap_or(Self::NOBODY),
            _ => Self::NOBODY,
        }
    }

    /// The user id.
    #[must_use]
    pub const fn uid(self) -> u32 {
        self.uid
    }

    /// The group id.
    #[must_use]
    pub const fn gid(self) -> u32 {
        self.gid
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing to give away.
    NotRoot,
    /// This process is now of this user, with no way back.
    Dropped(Identity),
}

/// Why root could not be given away. Whoever gets one must not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Other threads run, and would keep what this one gives away.
    #[error("cannot give root away: {count} threads run where there must be one")]
    Threads {
        /// How many.
        count: u64,
    },
    /// There is no way to do so on this system.
    #[error("cannot give root away on this system")]
    Unsupported,
    /// A call failed.
    #[error("cannot give root away: {call} failed with error {errno}")]
    Call {
        /// The system call.
        call: &'static str,
        /// Its errno(3).
        errno: i32,
    },
    /// Every call succeeded, and yet this is still so.
    #[error("cannot give root away: {what} is left")]
    Left {
        /// What there still is of root.
        what: &'static str,
    },
}

/// Where this process has root, effective or real: becomes `identity` for good.
///
/// Gives up supplementary groups, group, user, every capability and the way to new ones
/// (PR_SET_NO_NEW_PRIVS), forbids core dumps and tracing by others of that user
/// (PR_SET_DUMPABLE), and proves the result by `/proc/self/status`.
///
/// Call it from `main` before any thread is started: the kernel's ids are a thread's own, and
/// this changes the calling one only (unlike setuid(3) of a C library). It refuses where a second
/// thread exists.
///
/// Source: credentials(7), capabilities(7), prctl(2).
///
/// # Errors
/// Any error means that root may be left: end the process, or go on without dialling.
pub fn drop_to_unprivileged(identity: Identity) -> Result<Outcome, Error> {
    crate::platform::drop_to_unprivileged(identity)
}

/// Whether this process has root's rights now, by its effective user; false on Windows, which has
/// no such user.
#[must_use]
pub fn is_root() -> bool {
    crate::platform::is_root()
}

/// The login name of whoever runs this, as the user database has it: by the real user, and where
/// that is root through sudo(8), by whoever called it. A user without a name is `uid 1000`.
///
/// Nobody becomes another by an argument, and SUDO_UID is believed of root alone, who may call
/// himself what he likes anyway.
///
/// Source: getuid(2), passwd(5); a directory service's users have no line there.
/// Cost:   one file.
#[must_use]
pub fn login_name(sudo_uid: Option<&OsStr>) -> String {
    crate::platform::login_name(sudo_uid.and_then(|uid| uid.to_str()?.parse().ok()))
}
