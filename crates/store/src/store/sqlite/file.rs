//! The folder, and the files in it.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{CWD, FlockOperation, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::{beside, may_write, trouble};
use crate::Error;

/// The files of a folder.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) folder: PathBuf,
    pub(super) database: PathBuf,
    /// A database that is being made, and becomes the database whole.
    pub(super) new: PathBuf,
    /// A backup that is being made.
    pub(super) copy: PathBuf,
    /// Whoever makes, migrates or writes the database holds this; it stays.
    lock: PathBuf,
}

/// Held until dropped (flock(2)).
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// What the folder's group may do where it may write the folder: read and write.
const GROUP: u32 = 0o060;
const GROUP_WRITE: u32 = 0o020;

impl Files {
    pub(super) fn of(folder: &Path) -> Result<Self, Error> {
        // Absolute, so that no name can be taken for a URI.
        let absolute = std::path::absolute(folder)
            .map_err(|error| trouble::of_call(folder, "find its folder", &error))?;
        Ok(Self {
            database: beside(&absolute, ""),
            new: beside(&absolute, ".new"),
            copy: beside(&absolute, ".backup.new"),
            lock: beside(&absolute, ".lock"),
            folder: absolute,
        })
    }

    /// The error of a system call, said of the database.
    pub(super) fn told<E: Into<io::Error>>(&self, what: &str, error: E) -> Error {
        trouble::of_call(&self.database, what, &error.into())
    }

    /// Makes the folder where there is none, for everybody to enter.
    pub(super) fn make_folder(&self) -> Result<(), Error> {
        if self.folder.is_dir() {
            return Ok(());
        }
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(&self.folder)
            // Whatever the umask: who may read the registry is not only who keeps it.
            .and_then(|()| fs::set_permissions(&self.folder, Permissions::from_mode(0o755)));
        made.map_err(|error| self.told("make its folder", error))
    }

    pub(super) fn has_database(&self) -> Result<bool, Error> {
        match fs::metadata(&self.database) {
            Ok(found) if found.is_file() => Ok(true),
            Ok(_) => Err(Error::Damaged {
                path: self.database.clone(),
                because: "it is no file".to_owned(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.told("look into its folder", error)),
        }
    }

    /// SQLite opens what cannot be written for reading, and only complains at the first step.
    pub(super) fn must_be_writable(&self) -> Result<(), Error> {
        may_write(&self.database).map_err(|error| self.told("write it", error))?;
        may_write(&self.folder).map_err(|error| self.told("write in its folder", error))
    }

    pub(super) fn is_writable(&self) -> bool {
        self.must_be_writable().is_ok()
    }

    /// Waits for the lock, up to `patience`.
    pub(super) async fn lock(&self, patience: Duration) -> Result<Lock, Error> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o644)
            .open(&self.lock)
            .map_err(|error| self.told("make its lock", error))?;
        self.share(&self.lock);
        let taken = tokio::time::timeout(patience, async {
            loop {
                match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                    Err(Errno::WOULDBLOCK | Errno::INTR) => {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                    other => return other,
                }
            }
        });
        match taken.await {
            Ok(Ok(())) => Ok(Lock { _file: file }),
            Ok(Err(error)) => Err(self.told("lock it", error)),
            Err(_) => Err(Error::Locked {
                path: self.database.clone(),
            }),
        }
    }

    /// An empty file that everybody may read; what an interrupted attempt left there goes.
    pub(super) fn make_empty(&self, path: &Path) -> Result<(), Error> {
        let mut journal = path.as_os_str().to_owned();
        journal.push("-journal");
        for left in [path, Path::new(&journal)] {
            match fs::remove_file(left) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(self.told("remove what an interrupted attempt left", error));
                }
                _ => {}
            }
        }
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(path)
            .and_then(|file| file.set_permissions(Permissions::from_mode(0o644)))
            .map_err(|error| self.told("make it", error))?;
        self.share(path);
        Ok(())
    }

    /// Lets the folder's group write a file where it may write the folder: for the database, its lock
    /// and its backups, also where they are older than that right. Only a file of this user's and of
    /// the folder's group is touched; where it cannot be, the group is told when it comes to write.
    pub(super) fn share(&self, path: &Path) {
        // Without a name that could become another file in between, and without dropping the process's
        // locks, as closing any other descriptor of the database would (fcntl(2)).
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let shared = || -> io::Result<()> {
            let folder = fs::metadata(&self.folder)?;
            let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
            let about = file.metadata()?;
            let is_own = about.is_file()
                && about.nlink() == 1
                && about.uid() == rustix::process::geteuid().as_raw()
                && about.gid() == folder.gid();
            let is_shared = about.mode() & GROUP == GROUP;
            if folder.mode() & GROUP_WRITE == 0 || !is_own || is_shared {
                return Ok(());
            }
            let name = format!("/proc/self/fd/{}", file.as_raw_fd());
            fs::set_permissions(name, Permissions::from_mode((about.mode() & 0o777) | GROUP))
        };
        shared().unwrap_or_default();
    }

    /// Moves a file that is whole to where it belongs, for good; `false` where something is there.
    pub(super) fn put(&self, from: &Path, to: &Path) -> Result<bool, Error> {
        let moved = match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // The file system does not know the flag; the lock is held.
            Err(Errno::INVAL | Errno::NOSYS) if !to.exists() => rustix::fs::rename(from, to),
            other => other,
        };
        match moved {
            Ok(()) => {}
            Err(Errno::EXIST) => return Ok(false),
            Err(error) => return Err(self.told("put it in its place", error)),
        }
        File::open(&self.folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| self.told("put it in its place", error))?;
        Ok(true)
    }
}
