//! What must be known of a process before anything is done to it.
//!
//! Source: proc_pid_stat(5), proc_pid_status(5), proc_pid_cgroup(5); every user may read them.

use std::fs;

use portolan_ports::Unit;

/// A process as the kernel describes it to everyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// The kernel's short name for it (`comm`), at most 15 bytes.
    pub name: String,
    /// Its parent's process id; 0 at the top of the pid namespace.
    pub parent: u32,
    /// When it started, in clock ticks since boot: with the process id its identity.
    pub started: u64,
    /// Whether it is a thread of the kernel (PF_KTHREAD of `linux/sched.h`).
    pub kernel_thread: bool,
    /// Whether it lives in a pid namespace below this one.
    pub nested: bool,
    /// Whether it has ended and waits for its parent to notice.
    pub zombie: bool,
    /// The user whose own manager runs its unit; `None` for the system's manager.
    pub manager_of: Option<u32>,
    /// Its unit, where that is a service.
    pub unit: Option<Unit>,
}

const PF_KTHREAD: u32 = 0x0020_0000;

impl Vitals {
    /// Reads it; `None` where there is no such process or the system has no `/proc`.
    #[must_use]
    pub fn read(pid: u32) -> Option<Self> {
        let file = |name: &str| fs::read(format!("/proc/{pid}/{name}")).ok();
        let mut vitals = Self::of_stat(&String::from_utf8_lossy(&file("stat")?))?;
        let text = |name| file(name).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        vitals.nested = text("status").is_some_and(|status| is_nested(&status));
        if let Some(groups) = text("cgroup") {
            (vitals.unit, vitals.manager_of) = service(&groups);
        }
        Some(vitals)
    }

    /// Reads `/proc/PID/stat`; the name in parentheses may hold anything, parentheses too.
    fn of_stat(stat: &str) -> Option<Self> {
        let (front, rest) = stat.rsplit_once(')')?;
        let (_, name) = front.split_once('(')?;
        // The third field of proc_pid_stat(5) is the first here.
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let flags: u32 = fields.get(9 - 3)?.parse().ok()?;
        Some(Self {
            name: name.to_owned(),
            zombie: matches!(*fields.first()?, "Z" | "X"),
            parent: fields.get(4 - 3)?.parse().ok()?,
            kernel_thread: flags & PF_KTHREAD != 0,
            started: fields.get(22 - 3)?.parse().ok()?,
            ..Self::default()
        })
    }
}

/// More than one id in the line NSpid: the process has another id in a namespace below.
fn is_nested(status: &str) -> bool {
    let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
    ids.is_some_and(|ids| ids.split_ascii_whitespace().count() > 1)
}

/// The innermost service of the control group, and whose manager runs it. A scope holds processes
/// that somebody else started, a login for one, and is no service; nor is a user's own manager.
fn service(groups: &str) -> (Option<Unit>, Option<u32>) {
    let paths = groups.lines().filter_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        (controllers.is_empty() || controllers == "name=systemd").then_some(path)
    });
    for path in paths {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let manager = parts.iter().find_map(|part| user_manager(part));
        let unit = parts
            .iter()
            .rev()
            .find(|part| part.ends_with(".service") || part.ends_with(".scope"))
            .filter(|part| part.ends_with(".service") && user_manager(part).is_none());
        if let Some(unit) = unit {
            let name = unit.strip_prefix('_').unwrap_or(unit);
            return (Some(Unit(name.to_owned())), manager);
        }
    }
    (None, None)
}

/// The user in `user@1000.service`, systemd.special(7).
fn user_manager(part: &str) -> Option<u32> {
    let user = part.strip_prefix("user@")?.strip_suffix(".service")?;
    user.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let stat = "42 (a) S (b) S 7 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 99 0";
        let read = Vitals::of_stat(stat).unwrap();
        assert_eq!((read.name.as_str(), read.parent), ("a) S (b", 7));
        assert_eq!((read.started, read.kernel_thread), (12345, false));
        let kernel = stat.replace("4194560", "2129984");
        assert!(Vitals::of_stat(&kernel).unwrap().kernel_thread);
        assert_eq!(Vitals::of_stat("42 (cut"), None);
        assert_eq!(Vitals::of_stat(""), None);
    }

    #[test]
    fn only_a_service_is_a_unit_to_stop() {
        let unit = |path: &str| {
            let (unit, manager) = service(&format!("1:cpu:/x\n0::{path}\n"));
            (unit.map(|unit| unit.0), manager)
        };
        let named = |name: &str, manager| (Some(name.to_owned()), manager);
        assert_eq!(
            unit("/system.slice/nginx.service"),
            named("nginx.service", None)
        );
        assert_eq!(
            unit("/user.slice/user-1000.slice/user@1000.service/app.slice/dev.service"),
            named("dev.service", Some(1000))
        );
        assert_eq!(
            unit("/system.slice/system-a.slice/a@1.service/worker"),
            named("a@1.service", None)
        );
        for none in [
            "/",
            "/user.slice/user-1000.slice/session-3.scope",
            "/user.slice/user-1000.slice/user@1000.service/init.scope",
            "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
            "/init.scope",
        ] {
            assert_eq!(unit(none).0, None, "{none}");
        }
    }

    #[test]
    fn another_id_below_is_another_namespace() {
        assert!(is_nested("Name:\tx\nNSpid:\t4242\t1\n"));
        assert!(!is_nested("Name:\tx\nNSpid:\t4242\n"));
        assert!(!is_nested("Name:\tx\n"));
    }
}
