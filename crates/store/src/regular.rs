//! Opening what has to be a file: whoever may write in the folder can put anything in its place.

use std::fs::File;
use std::io::{Error, Result};
use std::path::Path;

/// Opens a regular file for reading. A symbolic link is not followed, and a pipe is not waited for.
///
/// # Errors
/// Those of open(2), and what is no file.
pub(crate) fn open(path: &Path) -> Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(FLAGS);
    }
    let file = options.open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(Error::other("it is no file")),
    }
}

/// For whoever opens such a file otherwise.
#[cfg(unix)]
pub(crate) const FLAGS: i32 = rustix::fs::OFlags::NOFOLLOW
    .union(rustix::fs::OFlags::NONBLOCK)
    .bits()
    .cast_signed();
