//! What is told of an owner only where details are asked for: where it works, what stands above
//! it, and the package that brought its executable.
//!
//! It is read after the look for holders, once for each process. A process id may belong to another
//! process by then: nothing is told unless the start of the one that has it now is the owner's.

use std::os::fd::OwnedFd;

use portolan_ports::{Gap, Owner, Unseen, Why};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatxFlags, open, openat, readlinkat_raw, statx};
use rustix::io::Errno;

use super::clock::Clock;
use super::gap;
use super::lineage::Lineage;
use super::owner::processes_are_hidden;
use super::package::Packages;
use super::process::{BUFFER, Identity, below_root, file, text};
use super::stat::Stat;

/// Fills in the details of owners whose `started` is known by the `clock`.
///
/// Cost: three small reads for each owner and one for each process above them; then, for all
///       together, the look for packages, which is the dearer part ([`Packages::of`]).
pub(super) fn tell(owners: &mut [&mut Owner], clock: &Clock) -> Vec<Gap> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let proc = match open(c"/proc", flags, Mode::empty()) {
        Ok(proc) => proc,
        Err(errno) => {
            let detail = format!("cannot open /proc: {errno}");
            return vec![gap(Unseen::OwnerDetail, Why::Failed, detail)];
        }
    };
    let mut lineage = Lineage::new(&proc);
    let mut buffer = vec![0; BUFFER];
    let (mut hidden, mut elsewhere) = (0, Vec::new());
    for (at, owner) in owners.iter_mut().enumerate() {
        let Some((process, stat)) = same(&proc, owner, clock, &mut buffer) else {
            continue;
        };
        owner.parents = lineage.above(&stat);
        match readlinkat_raw(&process, c"cwd", &mut buffer[..]) {
            Ok(length) => owner.working_folder = Some(text(&buffer[..length])),
            Err(Errno::ACCESS | Errno::PERM) => hidden += 1,
            // It has gone, or is a zombie.
            Err(_) => {}
        }
        if !owner
            .exe
            .as_deref()
            .is_some_and(|exe| sees_our_file(&process, exe))
        {
            elsewhere.push(at);
        }
    }
    let mut gaps = Vec::new();
    if hidden > 0 {
        let detail = format!("{hidden} owners hide their working directories from this user");
        gaps.push(gap(Unseen::OwnerDetail, Why::Permission, detail));
    }
    if let Some(errno) = lineage.unseen {
        let (why, detail) = match errno {
            Errno::NOENT | Errno::SRCH if !processes_are_hidden() => (
                Why::Exited,
                "a process above an owner ended while it was looked for",
            ),
            _ => (
                Why::Permission,
                "some processes above the owners are hidden from this user",
            ),
        };
        gaps.push(gap(Unseen::OwnerDetail, why, detail));
    }
    let ours = |at: &usize| elsewhere.binary_search(at).is_err();
    let mut paths: Vec<String> = owners
        .iter()
        .enumerate()
        .filter(|(at, owner)| ours(at) && owner.started.is_some())
        .filter_map(|(_, owner)| owner.exe.clone())
        .collect();
    paths.sort_unstable();
    paths.dedup();
    let packages = Packages::of(&paths);
    gaps.extend(packages.gap.clone());
    for (at, owner) in owners.iter_mut().enumerate() {
        if ours(&at) && owner.started.is_some() {
            owner.package = owner.exe.as_deref().and_then(|exe| packages.named(exe));
        }
    }
    gaps
}

/// The owner's directory, if its process id is still its own.
fn same(
    proc: &OwnedFd,
    owner: &Owner,
    clock: &Clock,
    buffer: &mut [u8],
) -> Option<(OwnedFd, Stat)> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let process = openat(proc, owner.pid.to_string(), flags, Mode::empty()).ok()?;
    let stat = Stat::read(file(&process, c"stat", buffer)?)?;
    (owner.started == Some(clock.moment(stat.started))).then_some((process, stat))
}

/// Whether a path means the same file to the process and to us, whose package database is read: a
/// container's /usr/sbin/nginx is not this machine's.
///
/// A unit with a mount namespace of its own (PrivateTmp=, systemd.exec(5)) still sees this
/// machine's files, so the file itself decides; where it has been deleted, the root does.
fn sees_our_file(process: &OwnedFd, path: &str) -> bool {
    match (below_root(process, path.as_bytes()), here(path)) {
        (Ok(theirs), Ok(ours)) => theirs == ours,
        (Err(Errno::NOENT | Errno::NOTDIR), Err(Errno::NOENT | Errno::NOTDIR)) => {
            let root = |folder: &OwnedFd| {
                let flags = StatxFlags::INO | StatxFlags::MNT_ID;
                let stat = statx(folder, c"root", AtFlags::empty(), flags)?;
                let device = (stat.stx_dev_major, stat.stx_dev_minor);
                Ok::<_, Errno>((device, stat.stx_ino, stat.stx_mnt_id))
            };
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let own = open(c"/proc/self", flags, Mode::empty()).and_then(|own| root(&own));
            own.is_ok() && own == root(process)
        }
        _ => false,
    }
}

fn here(path: &str) -> Result<Identity, Errno> {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC | AtFlags::NO_AUTOMOUNT;
    let stat = statx(CWD, path, flags, StatxFlags::INO)?;
    Ok((stat.stx_dev_major, stat.stx_dev_minor, stat.stx_ino))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_process_that_has_the_owners_id_now_is_not_the_owner() {
        let clock = Clock::read();
        let stat = std::fs::read("/proc/self/stat").unwrap();
        let started = clock.moment(Stat::read(&stat).unwrap().started);
        let told = |started| {
            let mut owner = Owner {
                pid: std::process::id(),
                exe: Some("/proc/self/exe".to_owned()),
                started,
                ..Owner::default()
            };
            tell(&mut [&mut owner], &clock);
            (owner.working_folder.is_some(), !owner.parents.is_empty())
        };
        assert_eq!(told(Some(started)), (true, true));
        assert_eq!(
            told(Some(started - Duration::from_millis(10))),
            (false, false)
        );
        assert_eq!(told(None), (false, false));
    }
}
