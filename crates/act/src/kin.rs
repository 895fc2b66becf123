//! Whom never to hit: this process's own ancestors, and the ssh session that it runs in.
//!
//! Source: proc_pid_stat(5) for parents, proc_pid_cgroup(5) for units, ssh(1) for SSH_CONNECTION.

use std::fs;

use crate::plan::Reason;
use crate::vitals::Vitals;

/// Longer than any line of ancestors that is real.
const MOST_ANCESTORS: usize = 1024;

/// Programs that let people in.
const DOORS: [&str; 4] = ["sshd", "sshd-session", "sshd-auth", "dropbear"];

/// Units of those.
const DOOR_UNITS: [&str; 7] = [
    "ssh.service",
    "ssh.socket",
    "sshd.service",
    "sshd.socket",
    "sshd-unix-local.socket",
    "dropbear.service",
    "dropbear.socket",
];

/// This process and everything above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kin {
    /// Process ids, this one first.
    pub line: Vec<u32>,
    /// The control groups that they live in, as `/proc/PID/cgroup` has them.
    pub control_groups: Vec<String>,
    /// How this session came in over ssh, where it did.
    pub ssh: Option<Door>,
}

/// The ssh server that let this session in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// Its port, where the session was told.
    pub port: Option<u16>,
}

impl Kin {
    /// Walks up from this process. `ssh_connection` is the variable SSH_CONNECTION of ssh(1);
    /// sudo(8) takes it away, so that an ssh server above this process counts as well.
    ///
    /// Cost: three small files for each ancestor.
    #[must_use]
    pub fn read(ssh_connection: Option<&str>) -> Self {
        let mut kin = Self {
            ssh: ssh_connection.and_then(door),
            ..Self::default()
        };
        let mut pid = std::process::id();
        while pid != 0 && kin.line.len() < MOST_ANCESTORS && !kin.line.contains(&pid) {
            kin.line.push(pid);
            if let Ok(groups) = fs::read_to_string(format!("/proc/{pid}/cgroup")) {
                kin.control_groups.push(groups);
            }
            let Some(vitals) = Vitals::read(pid) else {
                break;
            };
            if DOORS.contains(&vitals.name.as_str()) && kin.ssh.is_none() {
                kin.ssh = Some(Door::default());
            }
            pid = vitals.parent;
        }
        kin
    }

    /// Why a process is left alone, where it is.
    #[must_use]
    pub fn refuses(&self, pid: u32, vitals: &Vitals) -> Option<Reason> {
        if pid == 1 {
            Some(Reason::FirstProcess)
        } else if self.line.contains(&pid) {
            Some(Reason::Ancestor)
        } else if vitals.kernel_thread {
            Some(Reason::KernelThread)
        } else if self.ssh.is_some() && DOORS.contains(&vitals.name.as_str()) {
            Some(Reason::SshSession)
        } else if vitals.nested {
            Some(Reason::OtherPidNamespace)
        } else {
            None
        }
    }

    /// Why a unit is left alone, where it is: this process lives in it, or came in by it.
    #[must_use]
    pub fn refuses_unit(&self, unit: &str) -> Option<Reason> {
        if self.ssh.is_some() && (DOOR_UNITS.contains(&unit) || unit.starts_with("sshd@")) {
            return Some(Reason::SshSession);
        }
        let lives = self
            .control_groups
            .iter()
            .flat_map(|groups| groups.lines())
            .flat_map(|line| line.split('/').skip(1))
            .any(|part| part.strip_prefix('_').unwrap_or(part) == unit);
        lives.then(|| Reason::OwnUnit(unit.to_owned()))
    }

    /// Whether this process, or one above it, lives in a control group with this in its name, as a
    /// container's id is.
    #[must_use]
    pub fn lives_in(&self, id: &str) -> bool {
        self.control_groups.iter().any(|groups| groups.contains(id))
    }

    /// Whether the ssh server that let this session in listens on this TCP port.
    #[must_use]
    pub fn came_in_by(&self, port: u16) -> bool {
        self.ssh.and_then(|door| door.port) == Some(port)
    }
}

/// SSH_CONNECTION: client address, client port, server address, server port.
fn door(connection: &str) -> Option<Door> {
    if connection.trim().is_empty() {
        return None;
    }
    let port = connection.split_ascii_whitespace().nth(3);
    Some(Door {
        port: port.and_then(|port| port.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kin() -> Kin {
        Kin {
            line: vec![77, 50, 1],
            control_groups: vec![
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/code.service\n".into(),
            ],
            ssh: door("192.0.2.7 40022 192.0.2.1 2222"),
        }
    }

    #[test]
    fn nobody_above_and_no_door_is_hit() {
        let kin = kin();
        let plain = Vitals::default();
        assert_eq!(kin.refuses(1, &plain), Some(Reason::FirstProcess));
        assert_eq!(kin.refuses(50, &plain), Some(Reason::Ancestor));
        assert_eq!(kin.refuses(51, &plain), None);
        let door = Vitals {
            name: "sshd".into(),
            ..Vitals::default()
        };
        assert_eq!(kin.refuses(51, &door), Some(Reason::SshSession));
        let here = Kin { ssh: None, ..kin };
        assert_eq!(here.refuses(51, &door), None);
        let nested = Vitals {
            nested: true,
            ..Vitals::default()
        };
        assert_eq!(here.refuses(51, &nested), Some(Reason::OtherPidNamespace));
        let thread = Vitals {
            kernel_thread: true,
            ..Vitals::default()
        };
        assert_eq!(here.refuses(51, &thread), Some(Reason::KernelThread));
    }

    #[test]
    fn the_own_unit_and_the_door_are_left_alone() {
        let kin = kin();
        let own = |unit: &str| Some(Reason::OwnUnit(unit.into()));
        assert_eq!(kin.refuses_unit("code.service"), own("code.service"));
        assert_eq!(
            kin.refuses_unit("user@1000.service"),
            own("user@1000.service")
        );
        assert_eq!(kin.refuses_unit("ssh.service"), Some(Reason::SshSession));
        assert_eq!(kin.refuses_unit("nginx.service"), None);
        assert!(kin.lives_in("code.service") && !kin.lives_in("0123456789ab"));
        assert!(kin.came_in_by(2222) && !kin.came_in_by(22));
        assert_eq!(door(""), None);
        assert_eq!(door("garbage"), Some(Door { port: None }));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_itself_and_its_parent_above() {
        let kin = Kin::read(None);
        assert_eq!(kin.line[0], std::process::id());
        assert_eq!(kin.line[1], std::os::unix::process::parent_id());
        assert_eq!(
            kin.refuses(std::process::id(), &Vitals::default()),
            Some(Reason::Ancestor)
        );
    }
}
