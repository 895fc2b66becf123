//! The source tree this task was built from.

use std::env;
use std::path::{Path, PathBuf};

/// The repository's root folder.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// The folder that cargo builds into: the one this program lies in, which cargo marks with a file.
pub(crate) fn target() -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    let mut above = program.ancestors().skip(1);
    let marked = above.find(|folder| folder.join("CACHEDIR.TAG").exists());
    marked.map_or_else(|| root().join("target"), Path::to_owned)
}
