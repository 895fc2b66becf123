//! The kernel's own walk over all descriptors of all processes: a BPF iterator.
//!
//! Source: `bpf/owners.bpf.c`, loaded by bpf(2). It wants CAP_BPF and CAP_PERFMON
//!         (capabilities(7)) or root's CAP_SYS_ADMIN, the first pid namespace, and Linux 5.17,
//!         which fits a program to its own structures by itself.
//! Shape:  one record for each descriptor that is a socket of IPv4 or IPv6, in any network
//!         namespace; co-owners each have their own.
//! Cost:   about 1.5 milliseconds to load, then 0.25 microseconds for a descriptor of any kind.
//!
//! Nothing stays: whatever is opened here is closed before the answer is given, the kernel then
//! forgets the program, and no thread is started.

mod call;
mod kernel_type;
mod object;

use portolan_ports::Why;
use rustix::io::{Errno, read};
use rustix::thread::{CapabilitySet, capabilities};

use crate::owner_record::{self, OwnerRecord};
use call::Program;

/// The kernel's function that stands for iterators over the files of tasks.
const KIND: &str = "bpf_iter_task_file";
/// The kernel gathers 8 pages before it gives any; with room for those, no record is cut.
const BUFFER: usize = 64 * 1024;
/// How often in a row the kernel may ask for patience: once for a million descriptors of other
/// kinds.
const MOST_PAUSES: usize = 1000;

/// How often the program is offered.
const MOST_TRIES: usize = 10;

/// Why the kernel does not make the walk, as a clause after "because".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// Known without trying.
    #[error("it takes the capabilities CAP_BPF and CAP_PERFMON, which this process does not have")]
    NoCapability,
    /// The kernel's numbers of processes are not those seen here.
    #[error("this process is not in the first pid namespace, whose process ids it tells")]
    OtherPidNamespace,
    #[error("{0}")]
    Types(kernel_type::Error),
    #[error("its program was not made for this processor's byte order")]
    ByteOrder,
    /// Known by a field that it does not expect.
    #[error("this kernel is older than Linux 5.17, and does not fit programs to itself")]
    TooOld,
    #[error("the kernel does not permit it (bpf(2): {0})")]
    Forbidden(Errno),
    /// Not built in, or the program does not fit this kernel.
    #[error("the kernel does not take it ({step}: {errno})")]
    Refused { step: &'static str, errno: Errno },
}

impl Refusal {
    /// The same, for programs.
    pub(super) fn why(self) -> Why {
        match self {
            Self::NoCapability | Self::Forbidden(_) => Why::Permission,
            Self::OtherPidNamespace => Why::OtherPidNamespace,
            Self::Types(_) | Self::ByteOrder | Self::TooOld => Why::Unsupported,
            Self::Refused { .. } => Why::Failed,
        }
    }
}

/// Makes one walk, and hands every record to `each`.
pub(super) fn walk(mut each: impl FnMut(OwnerRecord)) -> Result<(), Refusal> {
    let parts = object::parts().ok_or(Refusal::ByteOrder)?;
    let kind = kernel_type::function(KIND).map_err(Refusal::Types)?;
    let types = call::load_types(parts.types).map_err(|errno| refusal("BPF_BTF_LOAD", errno))?;
    let program = Program {
        instructions: parts.instructions,
        license: parts.license,
        functions: parts.functions,
        relocations: parts.relocations,
        kind,
    };
    let mut tries = 1;
    let program = loop {
        match call::load_program(&program, &types) {
            // A signal came while the kernel proved the program harmless.
            Err(Errno::AGAIN | Errno::INTR) if tries < MOST_TRIES => tries += 1,
            done => break done,
        }
    };
    let program = program.map_err(|errno| refusal("BPF_PROG_LOAD", errno))?;
    let link = call::link(&program).map_err(|errno| refusal("BPF_LINK_CREATE", errno))?;
    let iterator = call::iterate(&link).map_err(|errno| refusal("BPF_ITER_CREATE", errno))?;

    let mut buffer = vec![0; BUFFER];
    let mut kept = 0;
    let mut pauses = 0;
    loop {
        match read(&iterator, &mut buffer[kept..]) {
            Ok(0) => return Ok(()),
            Ok(more) => {
                let length = kept + more;
                let (records, rest) = owner_record::records(&buffer[..length]);
                records.for_each(&mut each);
                buffer.copy_within(length - rest..length, 0);
                (kept, pauses) = (rest, 0);
            }
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) if pauses < MOST_PAUSES => pauses += 1,
            Err(errno) => return Err(refusal("read", errno)),
        }
    }
}

/// Whether it is worth asking the kernel at all.
pub(super) fn may_load() -> Result<(), Refusal> {
    let may = capabilities(None).is_ok_and(|sets| {
        let both = CapabilitySet::BPF | CapabilitySet::PERFMON;
        let effective = sets.effective;
        effective.contains(CapabilitySet::SYS_ADMIN) || effective.contains(both)
    });
    if !may {
        return Err(Refusal::NoCapability);
    }
    if !super::owner::in_first_pid_namespace() {
        return Err(Refusal::OtherPidNamespace);
    }
    Ok(())
}

fn refusal(step: &'static str, errno: Errno) -> Refusal {
    match errno {
        Errno::PERM | Errno::ACCESS if step != "BPF_PROG_LOAD" || errno == Errno::PERM => {
            Refusal::Forbidden(errno)
        }
        Errno::TOOBIG => Refusal::TooOld,
        _ => Refusal::Refused { step, errno },
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn a_walk_tells_every_field_of_a_socket_of_this_process() {
        let held = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let inode = rustix::fs::fstat(&held).unwrap().st_ino;
        let mut found = Vec::new();
        walk(|record| {
            if record.inode == inode && record.process == std::process::id() {
                found.push(record);
            }
        })
        .unwrap();
        let namespace = rustix::fs::stat("/proc/self/ns/net").unwrap().st_ino;
        assert_eq!(found.len(), 1);
        let record = OwnerRecord {
            cookie: rustix::net::sockopt::socket_cookie(&held).unwrap(),
            ..found[0]
        };
        let expected = OwnerRecord {
            inode,
            cookie: record.cookie,
            start: record.start,
            process: std::process::id(),
            thread: std::process::id(),
            descriptor: held.as_raw_fd() as u32,
            namespace: namespace as u32,
            protocol: 6,
            family: 2,
            state: 10,
            reuse_port: false,
        };
        assert_eq!(record, expected);
    }

    /// Not a test of its own: what the child of the next one does.
    #[test]
    #[expect(clippy::print_stdout, reason = "a child speaks to its parent")]
    fn part() {
        if std::env::var_os("PORTOLAN_WALK_PART").is_none() {
            return;
        }
        let held = TcpListener::bind(("0.0.0.0", 0)).unwrap();
        println!("inode={}", rustix::fs::fstat(&held).unwrap().st_ino);
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
    }

    #[test]
    fn a_walk_goes_through_all_network_namespaces() {
        use std::io::{BufRead, BufReader};
        use std::process::{Command, Stdio};
        let mut child = Command::new("unshare")
            .arg("--net")
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "linux::walk::tests::part", "--nocapture"])
            .env("PORTOLAN_WALK_PART", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.lines().map(Result::unwrap);
        let inode = lines.find_map(|line| line.split_once("inode=")?.1.parse::<u64>().ok());
        let inode = inode.unwrap();
        let path = format!("/proc/{}/ns/net", child.id());
        let namespace = rustix::fs::stat(path).unwrap().st_ino;
        let mut found = Vec::new();
        walk(|record| {
            if record.inode == inode {
                found.push((record.process, u64::from(record.namespace)));
            }
        })
        .unwrap();
        assert_eq!(found, [(child.id(), namespace)]);
        drop(child.stdin.take());
        lines.for_each(drop);
        assert!(child.wait().unwrap().success());
    }

    #[test]
    fn refusals_are_told_apart() {
        let forbidden = Refusal::Forbidden(Errno::PERM);
        assert_eq!(refusal("BPF_PROG_LOAD", Errno::PERM), forbidden);
        assert_eq!(refusal("BPF_PROG_LOAD", Errno::TOOBIG), Refusal::TooOld);
        // What the kernel says of a program that it cannot prove harmless.
        let step = "BPF_PROG_LOAD";
        let errno = Errno::ACCESS;
        assert_eq!(refusal(step, errno), Refusal::Refused { step, errno });
    }
}
