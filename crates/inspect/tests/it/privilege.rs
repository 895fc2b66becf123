//! Giving root away, in a child that has it.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::Command;

use portolan_inspect::privilege::{Error, Identity, Outcome, drop_to_unprivileged};
use rustix::process::DumpableBehavior;

#[test]
fn only_an_ordinary_caller_of_sudo_is_taken_over() {
    let of = |uid: &str, gid: &str| Identity::of_sudo(Some(OsStr::new(uid)), Some(OsStr::new(gid)));
    assert_eq!(of("1000", "1001"), Identity::new(1000, 1001).unwrap());
    for (uid, gid) in [
        ("0", "1"),
        ("1", "0"),
        ("-1", "5"),
        ("4294967295", "5"),
        ("a", "5"),
        ("", ""),
    ] {
        assert_eq!(of(uid, gid), Identity::NOBODY);
    }
    assert_eq!(
        Identity::of_sudo(None, Some(OsStr::new("5"))),
        Identity::NOBODY
    );
    assert_eq!(Identity::of_sudo(None, None), Identity::NOBODY);
}

#[test]
fn an_ordinary_process_has_nothing_to_give_away_and_a_threaded_one_must_not() {
    let _alone = crate::alone();
    let result = drop_to_unprivileged(Identity::NOBODY);
    if rustix::process::geteuid().is_root() {
        // The test harness has a thread of its own.
        assert!(
            matches!(result, Err(Error::Threads { count: 2.. })),
            "{result:?}"
        );
        assert!(rustix::process::geteuid().is_root());
    } else {
        assert_eq!(result, Ok(Outcome::NotRoot));
    }
}

#[test]
#[expect(
    unsafe_code,
    reason = "only what runs between fork and exec has one thread and root"
)]
fn every_id_and_capability_is_given_away() {
    let _alone = crate::alone();
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let identity = Identity::new(1234, 4321).unwrap();
    let mut command = Command::new("cat");
    command.arg("/proc/self/status");
    // SAFETY: the closure allocates, which the C library allows after fork(2) (it takes the
    // allocator's locks around it), and touches no other state of this process.
    unsafe {
        command.pre_exec(move || {
            let done = drop_to_unprivileged(identity) == Ok(Outcome::Dropped(identity))
                && rustix::process::dumpable_behavior()? == DumpableBehavior::NotDumpable
                && drop_to_unprivileged(identity) == Ok(Outcome::NotRoot);
            if done {
                Ok(())
            } else {
                Err(std::io::ErrorKind::Other.into())
            }
        });
    }
    let output = command.output().unwrap();
    let status = String::from_utf8(output.stdout).unwrap();
    let field = |name: &str| {
        let value = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap();
        value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(field("Uid:"), "1234 1234 1234 1234");
    assert_eq!(field("Gid:"), "4321 4321 4321 4321");
    assert_eq!(field("Groups:"), "");
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"] {
        assert_eq!(field(set), "0000000000000000", "{set}");
    }
    assert_eq!(field("NoNewPrivs:"), "1");
}
