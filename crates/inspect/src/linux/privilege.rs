//! Giving root away on Linux.

use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Gid, Uid, geteuid, getuid, set_dumpable_behavior};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_no_new_privs, set_thread_groups,
    set_thread_res_gid, set_thread_res_uid,
};

use crate::privilege::{Error, Identity, Outcome};

pub(crate) fn drop_to_unprivileged(identity: Identity) -> Result<Outcome, Error> {
    if !geteuid().is_root() && !getuid().is_root() {
        return Ok(Outcome::NotRoot);
    }
    let status = status()?;
    let count = field(&status, "Threads:")
        .and_then(|mut v| v.next()?.parse().ok())
        .unwrap_or(0);
    if count != 1 {
        return Err(Error::Threads { count });
    }
    let (uid, gid) = (Uid::from_raw(identity.uid()), Gid::from_raw(identity.gid()));
    // Without CAP_SETPCAP the bounding set stays; no_new_privs makes it worthless.
    for bit in 0..64 {
        let one = CapabilitySet::from_bits_retain(1 << bit);
        if remove_capability_from_bounding_set(one).is_err() {
            break;
        }
    }
    call("setgroups", set_thread_groups(&[]))?;
    call("setresgid", set_thread_res_gid(gid, gid, gid))?;
    call("setresuid", set_thread_res_uid(uid, uid, uid))?;
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    call("capset", set_capabilities(None, none))?;
    match clear_ambient_capability_set() {
        // Linux before 4.3 has no such set.
        Err(Errno::INVAL) => {}
        done => call("prctl(PR_CAP_AMBIENT)", done)?,
    }
    call("prctl(PR_SET_NO_NEW_PRIVS)", set_no_new_privs(true))?;
    call(
        "prctl(PR_SET_DUMPABLE)",
        set_dumpable_behavior(DumpableBehavior::NotDumpable),
    )?;
    prove(identity)?;
    Ok(Outcome::Dropped(identity))
}

pub(crate) fn is_root() -> bool {
    geteuid().is_root()
}

/// The name of the real user; of root it is that of whoever called sudo(8).
///
/// In a user namespace anybody is root, and any uid: there it is the uid outside, which is no name
/// (user_namespaces(7)).
pub(crate) fn login_name(sudo_uid: Option<u32>) -> String {
    let real = getuid();
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    if let Some(outside) = outside(&map, real.as_raw()) {
        return outside;
    }
    let uid = sudo_uid.filter(|_| real.is_root()).unwrap_or(real.as_raw());
    let name = super::user::Users::read().name(uid);
    name.unwrap_or_else(|| format!("uid {uid}"))
}

/// Who a uid of this user namespace is outside of it, by the namespace's map; `None` where that is
/// everybody's own, or where the kernel has no such namespaces and no map.
///
/// Shape: `inside outside count` on each line.
fn outside(map: &str, uid: u32) -> Option<String> {
    let rows = map.lines().filter_map(|line| {
        let mut numbers = line.split_ascii_whitespace().map(str::parse::<u64>);
        let mut next = || numbers.next()?.ok();
        Some((next()?, next()?, next()?))
    });
    let rows: Vec<(u64, u64, u64)> = rows.collect();
    if matches!(rows.as_slice(), [] | [(0, 0, EVERY_UID)]) {
        return None;
    }
    let uid = u64::from(uid);
    let row = rows
        .iter()
        .find(|(inside, _, count)| uid >= *inside && uid - inside < *count);
    Some(match row {
        Some((inside, outside, _)) => {
            let outside = outside.saturating_add(uid - inside);
            format!("uid {outside} (from a user namespace)")
        }
        None => "nobody (from a user namespace)".to_owned(),
    })
}

/// How many uids the map of the first user namespace has.
const EVERY_UID: u64 = u32::MAX as u64;

/// Looks at what the kernel says of this process, and tries the way back.
fn prove(identity: Identity) -> Result<(), Error> {
    let root = Uid::ROOT;
    if set_thread_res_uid(None, root, None).is_ok() || set_thread_res_uid(root, None, None).is_ok()
    {
        return Err(Error::Left {
            what: "the way back to user 0",
        });
    }
    let status = status()?;
    let all = |name, id: u32| {
        field(&status, name).is_some_and(|values| {
            let values: Vec<&str> = values.collect();
            values.len() == 4 && values.iter().all(|value| value.parse() == Ok(id))
        })
    };
    let zero = |name| {
        field(&status, name)
            .and_then(|mut values| u64::from_str_radix(values.next()?, 16).ok())
            .is_none_or(|set| set == 0)
    };
    let left = if !all("Uid:", identity.uid()) {
        "a user id"
    } else if !all("Gid:", identity.gid()) {
        "a group id"
    } else if field(&status, "Groups:").is_none_or(|mut groups| groups.next().is_some()) {
        "a supplementary group"
    } else if !["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"]
        .into_iter()
        .all(zero)
    {
        "a capability"
    } else {
        return Ok(());
    };
    Err(Error::Left { what: left })
}

/// The calling thread's `status` (proc_pid_status(5)).
fn status() -> Result<String, Error> {
    std::fs::read_to_string("/proc/thread-self/status").map_err(|error| Error::Call {
        call: "reading /proc/thread-self/status",
        errno: error.raw_os_error().unwrap_or(0),
    })
}

fn field<'a>(status: &'a str, name: &str) -> Option<std::str::SplitAsciiWhitespace<'a>> {
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::split_ascii_whitespace)
}

fn call(call: &'static str, result: Result<(), Errno>) -> Result<(), Error> {
    result.map_err(|errno| Error::Call {
        call,
        errno: errno.raw_os_error(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_a_name_in_a_user_namespace() {
        let of = |map, uid| outside(map, uid);
        assert_eq!(of("         0          0 4294967295\n", 0), None);
        assert_eq!(of("", 0), None);
        let told = Some("uid 65534 (from a user namespace)".to_owned());
        assert_eq!(of("         0      65534          1\n", 0), told);
        let ids = "0 1000 1\n1 100000 65536\n";
        let told = Some("uid 100012 (from a user namespace)".to_owned());
        assert_eq!(of(ids, 13), told);
        let told = Some("nobody (from a user namespace)".to_owned());
        assert_eq!(of(ids, 70_000), told);
        assert_eq!(
            of("0 0 1\n", 0).as_deref(),
            Some("uid 0 (from a user namespace)")
        );
    }
}
