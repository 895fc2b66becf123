//! A member: one process of the crowd. It ends when its standard input does or its parent dies.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process;

use anyhow::{Context, Result, ensure};
use lexopt::{Arg, Parser, ValueExt};
use rustix::process::{Signal, getppid, set_parent_process_death_signal};

use super::group;

/// Each process of listeners has addresses of its own, 127.10.INDEX.1 to .4.
pub(crate) const MOST_PROCESSES: u32 = 250;

/// Addresses of a process; the first listener on each takes the shared port.
pub(crate) const ADDRESSES: u32 = 4;
/// Standard input, output and error.
const STANDARD_DESCRIPTORS: u32 = 3;

/// What a process of the crowd does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    /// Listens on addresses of its own, one port of each being the crowd's shared one.
    Listener {
        index: u32,
        listeners: u32,
        shared: u16,
        /// The group below which it gets one of its own.
        group: Option<PathBuf>,
    },
    /// Holds descriptors.
    Idle { descriptors: u32 },
}

impl Member {
    /// The arguments that make this program such a member.
    pub(crate) fn arguments(self) -> Vec<OsString> {
        let mut words = vec!["load".to_owned(), "member".into(), "--parent".into()];
        words.push(process::id().to_string());
        let mut words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
        match self {
            Self::Listener {
                index,
                listeners,
                shared,
                group,
            } => {
                words.extend(["--index".into(), index.to_string().into()]);
                words.extend(["--listeners".into(), listeners.to_string().into()]);
                words.extend(["--shared".into(), shared.to_string().into()]);
                if let Some(group) = group {
                    words.extend(["--group".into(), group.into()]);
                }
            }
            Self::Idle { descriptors } => {
                words.extend(["--descriptors".into(), descriptors.to_string().into()]);
            }
        }
        words
    }

    fn hold(self) -> Result<Vec<OwnedFd>> {
        match self {
            Self::Listener {
                index,
                listeners,
                shared,
                group,
            } => {
                if let Some(crowd) = group {
                    group::enter(&crowd)?;
                }
                listen(index, listeners, shared)
            }
            Self::Idle { descriptors } => idle(descriptors.saturating_sub(STANDARD_DESCRIPTORS)),
        }
    }
}

/// Lives as a member until it is no longer wanted.
pub(crate) fn run(mut arguments: Parser) -> Result<()> {
    let (mut parent, mut index, mut listeners, mut shared, mut descriptors) = (0_i32, 0, 0, 0, 0);
    let mut group = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("parent") => parent = arguments.value()?.parse()?,
            Arg::Long("index") => index = arguments.value()?.parse()?,
            Arg::Long("listeners") => listeners = arguments.value()?.parse()?,
            Arg::Long("shared") => shared = arguments.value()?.parse()?,
            Arg::Long("group") => group = Some(PathBuf::from(arguments.value()?)),
            Arg::Long("descriptors") => descriptors = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    set_parent_process_death_signal(Some(Signal::KILL)).context("cannot tie it to its parent")?;
    // A parent that died before the line above never signals.
    ensure!(
        getppid().is_some_and(|pid| pid.as_raw_nonzero().get() == parent),
        "its parent {parent} is gone; members are started by `cargo xtask load` alone"
    );

    let member = if index > 0 {
        Member::Listener {
            index,
            listeners,
            shared,
            group,
        }
    } else {
        Member::Idle { descriptors }
    };
    let held = member.hold()?;
    io::stdout()
        .write_all(b"ready\n")
        .context("cannot say that it is ready")?;
    io::copy(&mut io::stdin().lock(), &mut io::sink()).context("cannot wait for its end")?;
    drop(held);
    Ok(())
}

fn listen(index: u32, listeners: u32, shared: u16) -> Result<Vec<OwnedFd>> {
    let block = u8::try_from(index).context("no address block of that number")?;
    (0..listeners)
        .map(|number| {
            let address = Ipv4Addr::new(127, 10, block, (number % ADDRESSES) as u8 + 1);
            let port = if number < ADDRESSES { shared } else { 0 };
            let listener = TcpListener::bind((address, port))
                .with_context(|| format!("cannot listen on {address}, port {port}"))?;
            Ok(listener.into())
        })
        .collect()
}

/// Kinds as an ordinary process holds them: files, pipes and sockets.
fn idle(descriptors: u32) -> Result<Vec<OwnedFd>> {
    let mut held: Vec<OwnedFd> = Vec::new();
    while held.len() + 4 <= descriptors as usize {
        let (reader, writer) = io::pipe().context("cannot make a pipe")?;
        let (near, far) = UnixStream::pair().context("cannot make a pair of sockets")?;
        held.extend([reader.into(), writer.into(), near.into(), far.into()]);
    }
    while held.len() < descriptors as usize {
        held.push(
            File::open("/dev/null")
                .context("cannot open /dev/null")?
                .into(),
        );
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_member_holds_exactly_what_was_asked() {
        for descriptors in [0, 3, 7, 97] {
            assert_eq!(idle(descriptors).unwrap().len(), descriptors as usize);
        }
    }

    #[test]
    fn listeners_spread_over_four_addresses_and_share_a_port() {
        let free = TcpListener::bind("127.10.254.2:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let held = listen(249, 9, free).unwrap();
        let addresses: Vec<_> = held
            .into_iter()
            .map(|fd| TcpListener::from(fd).local_addr().unwrap())
            .collect();
        assert_eq!(
            addresses
                .iter()
                .filter(|address| address.port() == free)
                .count(),
            4
        );
        for (number, address) in addresses.iter().enumerate() {
            assert_eq!(
                address.ip().to_string(),
                format!("127.10.249.{}", number % 4 + 1)
            );
        }
    }
}
