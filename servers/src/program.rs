//! A program: its file, wherever Debian puts it.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::package;
use crate::row::Row;

/// Where packages put programs. These come before the path: a developer's own Python is not the
/// packaged one, whose modules and version are wanted.
pub(crate) const FOLDERS: [&str; 8] = [
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/games",
    "/usr/libexec",
    "/usr/local/sbin",
    "/usr/local/bin",
];

/// The row's program.
///
/// # Errors
/// [`Error::Absent`], which names the command that brings it.
pub fn find(row: &Row) -> Result<PathBuf, Error> {
    let aside = package::aside(&row.name);
    let named = row.program.replace("{aside}", &aside.display().to_string());
    let on_path = env::var_os("PATH").unwrap_or_default();
    let candidates = match named.contains('/') {
        true => vec![PathBuf::from(&named)],
        false => FOLDERS
            .iter()
            .map(PathBuf::from)
            .chain(env::split_paths(&on_path))
            .map(|folder| folder.join(&named))
            .collect(),
    };
    let found = candidates.into_iter().find(|file| is_program(file));
    // What is unpacked aside may run under a program of the system's.
    let unpacked = !row.aside || aside.is_dir();
    found.filter(|_| unpacked).ok_or_else(|| Error::Absent {
        server: row.name.clone(),
        program: match unpacked {
            true => named,
            false => aside.display().to_string(),
        },
        command: match row.aside {
            true => "cargo xtask identify-bench --install".into(),
            false => format!(
                "apt-get install --no-install-recommends {}",
                row.package.join(" ")
            ),
        },
    })
}

fn is_program(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
