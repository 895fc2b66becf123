//! What a process's control groups tell: its systemd unit, its container and its pod.
//!
//! Source: cgroups(7), `/proc/PID/cgroup`: lines of `hierarchy:controllers:path`. Version 2 is
//! the line `0::path`; systemd's own tree of version 1 is `name=systemd`; a hybrid has both.
//! The forms of the engines' paths are those that their cgroupfs and systemd drivers make.

use portolan_ports::{Container, Pod, Unit};

/// Where a process lives, as its control groups tell it.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) unit: Option<Unit>,
    pub(super) container: Option<Container>,
    pub(super) pod: Option<Pod>,
}

/// What the text of `/proc/PID/cgroup` names.
pub(super) fn read(text: &[u8]) -> Place {
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
    Place {
        unit,
        container: lines().find_map(|(_, path)| container(path)),
        pod: lines().find_map(|(_, path)| pod(path)),
    }
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

/// The innermost pod of the path, by the names that the kubelet gives: `kubepods/burstable/podUID`
/// with cgroupfs, `kubepods-burstable-podUID.slice` with systemd, where UID has underscores for
/// hyphens since a hyphen means a level there (systemd.slice(5)). Inside another container, and
/// with a kubelet that was given a root of its own, more stands before `kubepods`.
pub(super) fn pod(path: &str) -> Option<Pod> {
    let mut inside = None;
    let mut below_all = false;
    for part in path.split('/') {
        let slice = || {
            // containerd told to use systemd without a slice of its own: `slice:prefix:id`.
            let (before, uid) = part
                .split(':')
                .next()?
                .strip_suffix(".slice")?
                .rsplit_once("-pod")?;
            before
                .split('-')
                .any(|level| level == "kubepods")
                .then_some(uid)
        };
        let folder = || part.strip_prefix("pod").filter(|_| below_all);
        inside = slice().or_else(folder).and_then(pod_uid).or(inside);
        below_all |= part.ends_with("kubepods");
    }
    inside.map(|uid| Pod { uid, name: None })
}

/// A pod's UID as the API tells it: RFC 9562's text form; for a pod of the kubelet's own files, 32
/// hexadecimal digits.
fn pod_uid(text: &str) -> Option<String> {
    let uid = text.replace('_', "-");
    let groups = uid.split('-').map(str::len);
    let is_uid = groups.clone().eq([8, 4, 4, 4, 12]) || groups.eq([32]);
    let is_hexadecimal = uid
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    (is_uid && is_hexadecimal).then_some(uid)
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
