//! rpm's database, through rpm(8): its form on the disk is private, and there are three.
//!
//! rpm is asked with an environment of its own and a database by its path: macros in a person's
//! home folder (`~/.rpmmacros`) may run programs, and this may be root's process.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use portolan_ports::{Gap, Package, Unseen, Why};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{ClockId, clock_gettime};

use crate::linux::gap;

/// Where the database lies: of late, and before.
const FOLDERS: [&str; 2] = ["usr/lib/sysimage/rpm", "var/lib/rpm"];
/// The database's file in its three forms: SQLite, NDB, Berkeley DB.
const FILES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];
/// Where the program is.
const PROGRAM: &str = "/usr/bin/rpm";
/// rpm's answers are separated by what it says of this file, which no package brings.
const SEPARATOR: &str = "/proc/version";
/// What rpm tells of each package.
const FORMAT: &str = "%{NAME}\\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\n";
/// rpm is waited for no longer than this.
const MOST_SECONDS: i64 = 3;
/// More than this is read of no answer.
const MOST_BYTES: usize = 1 << 20;
/// The most files that are asked for; their names must fit a command line.
const MOST_PATHS: usize = 256;

/// The folder of this system's database, if it has one.
pub(super) fn database(root: &Path) -> Option<PathBuf> {
    FOLDERS
        .iter()
        .map(|folder| root.join(folder))
        .find(|folder| FILES.iter().any(|file| folder.join(file).exists()))
}

/// The packages of those of `paths` that some package brought.
///
/// # Errors
/// The gap, where rpm is not there, fails or takes too long.
pub(super) fn packages(
    database: &Path,
    paths: &[&String],
) -> Result<HashMap<String, Package>, Gap> {
    let paths = &paths[..paths.len().min(MOST_PATHS)];
    let failed = |what: String| gap(Unseen::OwnerDetail, Why::Failed, what);
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("HOME", "/"), ("LC_ALL", "C")])
        .current_dir("/")
        .arg("--dbpath")
        .arg(database)
        .args(["-q", "--queryformat", FORMAT, "-f", "--"])
        .args(paths.iter().flat_map(|path| [path.as_str(), SEPARATOR]))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command
        .spawn()
        .map_err(|error| failed(format!("cannot ask {PROGRAM} for packages: {error}")))?;
    let answer = child.stdout.take().and_then(whole);
    end(&mut child);
    let answer = answer.ok_or_else(|| {
        failed(format!(
            "{PROGRAM} did not tell packages within {MOST_SECONDS} seconds"
        ))
    })?;
    let answer = String::from_utf8_lossy(&answer);
    // One part for each path, and what stands behind the last separator.
    let parts: Vec<Option<Package>> = parts(&answer).collect();
    if parts.len() != paths.len() {
        return Err(failed(format!("{PROGRAM} answered in another form")));
    }
    Ok(paths
        .iter()
        .zip(parts)
        .filter_map(|(path, package)| Some(((*path).clone(), package?)))
        .collect())
}

/// What stands before each separator: the first package, or none.
fn parts(answer: &str) -> impl Iterator<Item = Option<Package>> {
    let mut package = None;
    answer.lines().filter_map(move |line| {
        if line.contains(SEPARATOR) {
            return Some(package.take());
        }
        if package.is_none()
            && let Some((name, version)) = line.split_once('\t')
        {
            package = Some(Package {
                system: "rpm",
                name: name.to_owned(),
                version: Some(version.to_owned()).filter(|version| !version.is_empty()),
            });
        }
        None
    })
}

/// All that the child writes; `None` where it takes too long or writes too much.
fn whole(mut output: ChildStdout) -> Option<Vec<u8>> {
    let until = clock_gettime(ClockId::Monotonic).tv_sec + MOST_SECONDS;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let left = until - clock_gettime(ClockId::Monotonic).tv_sec;
        let wait = Timespec {
            tv_sec: left.max(0),
            tv_nsec: 0,
        };
        let mut ends = [PollFd::new(&output, PollFlags::IN)];
        match poll(&mut ends, Some(&wait)) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return None,
        }
        match output.read(&mut buffer) {
            Ok(0) => return Some(answer),
            Ok(length) => answer.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
        if answer.len() > MOST_BYTES {
            return None;
        }
    }
}

/// Ends the child, if it has not ended by itself; its exit code only says that some file had no
/// package.
fn end(child: &mut Child) {
    drop(child.kill());
    drop(child.wait());
}

#[cfg(test)]
mod tests;
