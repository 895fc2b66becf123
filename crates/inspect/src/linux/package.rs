//! Which installed package a file belongs to.

mod dpkg;
mod rpm;

use std::collections::HashMap;
use std::path::Path;

use portolan_ports::{Gap, Package};

/// The packages of some files.
#[derive(Debug, Default)]
pub(super) struct Packages {
    by_path: HashMap<String, Package>,
    /// A database is there that could not be read.
    pub(super) gap: Option<Gap>,
}

impl Packages {
    /// Looks for the packages of `paths`, which have no symbolic link in them, all in one go.
    ///
    /// Source: dpkg's database, then rpm's for what that did not know; nothing where a machine has
    ///         neither.
    /// Cost:   for dpkg one pass over the lists of files, whatever the number of paths: 9 ms of CPU
    ///         for 794 packages with 122,000 files in the page cache, and most of it is opening the
    ///         lists; less where all paths are found early. For rpm one run of rpm(8): some 20 ms,
    ///         and 3 seconds at the most.
    pub(super) fn of(paths: &[String]) -> Self {
        Self::below(Path::new("/"), paths)
    }

    /// The same, of the databases below another root.
    fn below(root: &Path, paths: &[String]) -> Self {
        let mut packages = Self::default();
        if paths.is_empty() {
            return packages;
        }
        packages.by_path = dpkg::packages(root, paths);
        let unknown: Vec<&String> = paths
            .iter()
            .filter(|path| !packages.by_path.contains_key(*path))
            .collect();
        if !unknown.is_empty()
            && let Some(database) = rpm::database(root)
        {
            match rpm::packages(&database, &unknown) {
                Ok(found) => packages.by_path.extend(found),
                Err(gap) => packages.gap = Some(gap),
            }
        }
        packages
    }

    /// The package of one of the paths.
    pub(super) fn named(&self, path: &str) -> Option<Package> {
        self.by_path.get(path).cloned()
    }
}
