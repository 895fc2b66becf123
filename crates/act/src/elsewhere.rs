//! Systems that this crate cannot change: every act answers so. Never met where a plan is made, for
//! its every step is refused there.

use std::time::Duration;

/// Why nothing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this system is not supported")]
pub struct Unsupported;

/// [`crate::deadline`] on such a system: over from the beginning.
pub mod deadline {
    use super::{Duration, Unsupported};

    /// A timer that has run down.
    #[derive(Debug)]
    pub struct Deadline;

    impl Deadline {
        /// No timer.
        ///
        /// # Errors
        /// Always.
        pub const fn after(_time: Duration) -> Result<Self, Unsupported> {
            Err(Unsupported)
        }

        /// Over.
        #[must_use]
        pub const fn is_over(&self) -> bool {
            true
        }

        /// Over.
        #[must_use]
        pub const fn pause(&self) -> bool {
            false
        }

        /// Over.
        pub const fn run_down(&self) {}
    }
}

/// [`crate::process`] on such a system.
pub mod process {
    use super::{Duration, Unsupported};

    /// The signals that are sent elsewhere.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Ask {
        /// To end in order.
        Terminate,
        /// To be ended by the kernel.
        Kill,
    }

    /// Why nothing was done to a process.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
    pub enum Error {
        /// It has ended.
        #[error("it has ended")]
        Gone,
        /// This user may not.
        #[error("the system does not let this user do that")]
        NotPermitted,
        /// Always.
        #[error("this system is not supported")]
        Unsupported,
    }

    /// A process; there is none to hold.
    #[derive(Debug)]
    pub struct Process;

    impl Process {
        /// # Errors
        /// Always.
        pub const fn open(_pid: u32) -> Result<Self, Error> {
            Err(Error::Unsupported)
        }

        /// None.
        #[must_use]
        pub const fn pid(&self) -> u32 {
            0
        }

        /// Not known.
        #[must_use]
        pub const fn is_unchanged(&self) -> bool {
            false
        }

        /// # Errors
        /// Always.
        pub const fn holds(&self, _inode: u64) -> Result<bool, Error> {
            Err(Error::Unsupported)
        }

        /// Not known.
        #[must_use]
        pub const fn has_ended(&self) -> bool {
            false
        }

        /// # Errors
        /// Always.
        pub const fn signal(&self, _ask: Ask) -> Result<(), Error> {
            Err(Error::Unsupported)
        }
    }

    /// # Errors
    /// Always.
    pub const fn wait(_processes: &[&Process], _time: Duration) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    /// # Errors
    /// Always.
    pub const fn may_signal(_pid: u32) -> Result<(), Error> {
        Err(Error::Unsupported)
    }

    /// Not known.
    #[must_use]
    pub const fn own_user() -> Option<u32> {
        None
    }
}

/// [`crate::tool`] on such a system.
pub mod tool {
    use super::Duration;

    /// How a program ended.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Ended {
        /// Its exit code.
        pub code: Option<i32>,
        /// What it wrote to standard error.
        pub said: String,
    }

    /// Why there is no end to tell of.
    pub use super::Unsupported as Error;

    /// # Errors
    /// Always.
    pub const fn run(_command: &[String], _time: Duration) -> Result<Ended, Error> {
        Err(super::Unsupported)
    }
}
