//! A crowd: thousands of listeners in many processes, beside processes that hold descriptors and do nothing.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::group::Group;
use super::member::{ADDRESSES, MOST_PROCESSES, Member};
use super::until::Until;

/// How large the crowd is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// TCP listeners, all processes together.
    pub(crate) listeners: u32,
    /// Processes that share them out evenly.
    pub(crate) processes: u32,
    /// Processes without a listener.
    pub(crate) idle: u32,
    /// Descriptors that each of those holds.
    pub(crate) descriptors: u32,
}

impl Plan {
    fn check(&self) -> Result<()> {
        ensure!(
            (1..=MOST_PROCESSES).contains(&self.processes),
            "--processes {} is not between 1 and {MOST_PROCESSES}, one address block each",
            self.processes
        );
        ensure!(
            self.listeners.is_multiple_of(self.processes),
            "--listeners {} cannot be shared out evenly among {} processes",
            self.listeners,
            self.processes
        );
        Ok(())
    }
}

/// Stands the crowd up, says so, and waits.
pub(crate) fn stand(plan: &Plan, until: &Until, life: Duration) -> Result<()> {
    plan.check()?;
    // Held here on an address of its own, so that nothing else takes it while the members bind it.
    let shared = TcpListener::bind("127.10.254.1:0").context("cannot choose the shared port")?;
    let port = shared
        .local_addr()
        .context("cannot read the shared port")?
        .port();

    let mut crowd = Crowd {
        children: Vec::new(),
        group: Group::make(),
    };
    let each = plan.listeners / plan.processes;
    for index in 1..=plan.processes {
        crowd.add(Member::Listener {
            index,
            listeners: each,
            shared: port,
            group: crowd.group.as_ref().map(|group| group.folder().to_owned()),
        })?;
    }
    for _ in 0..plan.idle {
        crowd.add(Member::Idle {
            descriptors: plan.descriptors,
        })?;
    }
    crowd.wait_ready()?;
    println!(
        "ready: {} listeners in {} processes{}, {} of them on port {port}; {} idle processes with {} descriptors each",
        plan.listeners,
        plan.processes,
        if crowd.group.is_some() {
            " with a control group each"
        } else {
            ""
        },
        plan.processes * each.min(ADDRESSES),
        plan.idle,
        plan.descriptors
    );
    let why = until.wait(life);
    println!("ending on {why}");
    Ok(())
}

/// The processes of a crowd; dropping it ends each of them, by its own id.
struct Crowd {
    children: Vec<Child>,
    /// Dropped after the children have ended, for a group in use cannot be removed.
    group: Option<Group>,
}

impl Crowd {
    fn add(&mut self, member: Member) -> Result<()> {
        let own = env::current_exe().context("cannot find this program to start it again")?;
        let child = Command::new(own)
            .args(member.arguments())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a process of the crowd; is the limit of processes reached?")?;
        self.children.push(child);
        Ok(())
    }

    fn wait_ready(&mut self) -> Result<()> {
        for child in &mut self.children {
            let mut line = String::new();
            if let Some(output) = &mut child.stdout {
                BufReader::new(output)
                    .read_line(&mut line)
                    .context("cannot hear a member")?;
            }
            ensure!(
                line == "ready\n",
                "process {} of the crowd failed; see its line above",
                child.id()
            );
        }
        Ok(())
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for child in &mut self.children {
            // One that is gone already needs no end.
            let _gone = child.kill();
        }
        for child in &mut self.children {
            let _reaped = child.wait();
        }
    }
}
