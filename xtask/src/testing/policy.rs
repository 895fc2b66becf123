//! The policy: `policy-rc.d`, Debian's say on whether an installed server may start itself.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Where invoke-rc.d and deb-systemd-invoke look.
pub(crate) const PATH: &str = "/usr/sbin/policy-rc.d";

const FORBID: &str = "#!/bin/sh\n# Written by `cargo xtask test --install`, which removes it when it ends.\nexit 101\n";

/// While this lives, nothing that is installed starts itself; afterwards all is as it was.
#[derive(Debug)]
pub(crate) struct Policy {
    path: PathBuf,
    own: bool,
}

impl Policy {
    /// Forbids starting, unless a policy of somebody else is in place: that one is left alone.
    pub(crate) fn forbid(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o755)
            .open(&path)
        {
            Ok(mut file) => {
                // Ours from here on, so that a failed write is cleaned up as well.
                let policy = Self { path, own: true };
                file.write_all(FORBID.as_bytes())
                    .with_context(|| format!("cannot write {}", policy.path.display()))?;
                Ok(policy)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                // A run that was killed could not remove its own.
                let own = fs::read_to_string(&path).is_ok_and(|text| text == FORBID);
                Ok(Self { path, own })
            }
            Err(error) => Err(error).with_context(|| format!("cannot make {}", path.display())),
        }
    }

    /// Whether it was made here and will be removed.
    pub(crate) fn is_own(&self) -> bool {
        self.own
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if self.own
            && let Err(error) = fs::remove_file(&self.path)
        {
            eprintln!(
                "cannot remove {}: {error}; remove it by hand",
                self.path.display()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_there_while_it_lives_and_gone_after() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy-rc.d");
        let policy = Policy::forbid(&path).unwrap();
        assert!(policy.is_own());
        assert!(fs::read_to_string(&path).unwrap().ends_with("exit 101\n"));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o755,
            0o755
        );
        drop(policy);
        assert!(!path.exists());
    }

    #[test]
    fn somebody_elses_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy-rc.d");
        fs::write(&path, "#!/bin/sh\nexit 0\n").unwrap();
        let policy = Policy::forbid(&path).unwrap();
        assert!(!policy.is_own());
        drop(policy);
        assert_eq!(fs::read_to_string(&path).unwrap(), "#!/bin/sh\nexit 0\n");
    }

    #[test]
    fn one_left_by_a_killed_run_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy-rc.d");
        fs::write(&path, FORBID).unwrap();
        drop(Policy::forbid(&path).unwrap());
        assert!(!path.exists());
    }
}
