//! What a process's control groups tell: its systemd unit and its container.
//!
//! Source: cgroups(7), `/proc/PID/cgroup`: lines of `hierarchy:controllers:path`. Version 2 is
//! the line `0::path`; systemd's own tree of version 1 is `name=systemd`; a hybrid has both.
//! The forms of the engines' paths are those that their cgroupfs and systemd drivers make.

use portolan_ports::{Container, Unit};

/// The unit and the container that the text of `/proc/PID/cgroup` names.
pub(super) fn read(text: &[u8]) -> (Option<Unit>, Option<Container>) {
    let text = String::from_utf8_lossy(text);
    let lines = || {
        text.lines().filter_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            Some((fields.next()?, fields.next()?))
        })
    };
    let unit = lines()
        .filter(|(controllers, _)| controllers.is_empty() || *controllers == "name=systemd")
        .find_map(|(_, path)| unit(path));
    let container = lines().find_map(|(_, path)| container(path));
    (unit, container)
}

/// The innermost part of the path that is a service, socket or scope; a slice is no unit here.
pub(super) fn unit(path: &str) -> Option<Unit> {
    path.rsplit('/')
        .find(|part| {
            [".service", ".socket", ".scope"]
                .iter()
                .any(|kind| part.ends_with(kind))
        })
        // systemd puts an underscore before names that the kernel would take for its own files.
        .map(|part| Unit(part.strip_prefix('_').unwrap_or(part).to_owned()))
}

/// The innermost container of the path.
pub(super) fn container(path: &str) -> Option<Container> {
    let parts: Vec<&str> = path.split('/').collect();
    (0..parts.len()).rev().find_map(|at| {
        let parent = at
            .checked_sub(1)
            .and_then(|above| parts.get(above))
            .copied();
        let (runtime, id) = named(parts[at])
            .or_else(|| below(parent.unwrap_or_default(), parts[at], &parts[..at]))?;
        Some(Container {
            runtime: runtime.to_owned(),
            id: id.to_owned(),
            name: None,
            image: None,
        })
    })
}

/// A part that says both engine and id, as the systemd drivers make them.
fn named(part: &str) -> Option<(&'static str, &str)> {
    if let Some(name) = part.strip_prefix("lxc.payload.") {
        return Some(("lxc", name));
    }
    if let Some(name) = part
        .strip_prefix("systemd-nspawn@")
        .and_then(|p| p.strip_suffix(".service"))
    {
        return Some(("systemd-nspawn", name));
    }
    let part = part.strip_suffix(".scope").unwrap_or(part);
    // containerd told to use systemd without a slice writes `slice:prefix:id` as it stands.
    let (prefix, id) = match part.rsplit_once(':') {
        Some((slice_and_prefix, id)) => {
            (slice_and_prefix.rsplit(':').next().unwrap_or_default(), id)
        }
        None => part.rsplit_once('-')?,
    };
    let runtime = match prefix {
        "docker" => "docker",
        "libpod" => "podman",
        "cri-containerd" | "nerdctl" => "containerd",
        "crio" => "cri-o",
        _ => return None,
    };
    is_id(id).then_some((runtime, id))
}

/// A part whose parent says the engine, as the cgroupfs drivers make them.
fn below<'a>(parent: &str, part: &'a str, above: &[&str]) -> Option<(&'static str, &'a str)> {
    match parent {
        "lxc" | "lxc.payload" if !part.is_empty() => return Some(("lxc", part)),
        "docker" if is_id(part) => return Some(("docker", part)),
        _ => {}
    }
    // Kubernetes' own form names no engine.
    let in_pod = parent.starts_with("pod") && above.contains(&"kubepods");
    (in_pod && is_id(part)).then_some(("kubernetes", part))
}

fn is_id(text: &str) -> bool {
    (12..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
