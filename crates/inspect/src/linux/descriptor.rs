//! The sockets that one process holds, whatever they are used for.

/// The inodes of its sockets, sorted, each once; `None` where the process has gone or does not
/// show its descriptors.
///
/// Source: proc_pid_fd(5).
pub(crate) fn sockets_of(pid: u32) -> Option<Vec<u64>> {
    let entries = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    // A descriptor that was closed meanwhile is held no more.
    let links = entries.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let mut inodes: Vec<u64> = links
        .filter_map(|link| {
            let name = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
            name.parse().ok()
        })
        .collect();
    inodes.sort_unstable();
    inodes.dedup();
    Some(inodes)
}
