//! `portolan listen --follow`: changes of listeners, each as soon as it is known.

mod exec;
mod signal;

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::Context;
use portolan_survey::Sources;
use portolan_survey::changes::Change;
use portolan_survey::document::{FollowDocument, ListenerChangeDocument, to_json};
use portolan_survey::selection::{Decision, Selection};
use rustix::event::PollFlags;

use crate::arguments::{Arguments, Follow, TICK};
use crate::exit::Exit;
use crate::following::{Following, Looked, Turn};
use crate::print::Output;
use crate::{clock, input, print};

use exec::Runner;
pub(crate) use signal::{Ready, Signals};

pub(super) fn run(
    arguments: &Arguments,
    follow: &Follow,
    selection: &Selection,
    output: &Output,
) -> anyhow::Result<Exit> {
    let runner = follow.exec.as_deref().map(Runner::start).transpose()?;
    input::with_sources(arguments, |sources| {
        let signals = Signals::catch().context("cannot wait for signals")?;
        let tick = follow.tick.unwrap_or(TICK);
        let end = follow.duration.map(|time| clock::steady() + time);
        let mut following = Following::start(tick, false);
        let mut teller = Teller {
            json: arguments.json,
            sources,
            selection,
            output,
            runner: runner.as_ref(),
            left: follow.count.unwrap_or(u64::MAX),
            latest: tick * 3,
        };
        teller.begin(&following, tick)?;
        let stdout = io::stdout();
        // Without flags poll(2) still tells of the reader's end.
        let others = [
            (signals.as_fd(), PollFlags::IN),
            (stdout.as_fd(), PollFlags::empty()),
        ];
        while teller.left > 0 {
            match following
                .turn(&others, end)
                .context("cannot wait for changes")?
            {
                Turn::Looked(looked) => teller.tell(looked)?,
                Turn::Woken => break,
                Turn::Ended => {
                    let changes = following.finish();
                    teller.changes(changes)?;
                    break;
                }
            }
        }
        if let Some(runner) = &runner {
            runner.finish(&signals);
        }
        Ok(Exit::Fine)
    })
}

/// Tells changes, and counts them.
struct Teller<'a> {
    json: bool,
    sources: &'a Sources<'a>,
    selection: &'a Selection,
    output: &'a Output,
    runner: Option<&'a Runner>,
    /// How many changes may still be told.
    left: u64,
    /// The time between two looks from which on it is remarked upon.
    latest: Duration,
}

impl Teller<'_> {
    fn begin(&self, following: &Following, tick: Duration) -> anyhow::Result<()> {
        let follower = &following.follower;
        let fitting = follower.listeners().filter(|l| self.fits(l)).count();
        if self.json {
            let host = portolan_inspect::host_name();
            let document = FollowDocument::new(&host, follower, fitting, tick, clock::moment());
            self.output.line(&to_json(&document, false)?)?;
        } else {
            let noun = if fitting == 1 {
                "listener"
            } else {
                "listeners"
            };
            let tick = jiff::SignedDuration::try_from(tick).unwrap_or_default();
            self.output.remark(&format!(
                "following {fitting} {noun}; looking for new ones every {tick:#}"
            ));
        }
        for gap in follower.gaps() {
            self.output.remark(&format!("not seen: {}", gap.detail));
        }
        Ok(())
    }

    fn tell(&mut self, looked: Looked) -> anyhow::Result<()> {
        if looked.lost {
            self.output.complain(
                "the kernel had no room for all close events; closes are told all the same, when a look misses the listener",
            );
        }
        for gap in &looked.gaps {
            self.output.remark(&format!("not seen: {}", gap.detail));
        }
        if looked.after > self.latest {
            self.latest = looked.after * 2;
            self.output.complain(&format!(
                "this machine was too busy to look for {:.1} s; what opened and closed meanwhile went unseen",
                looked.after.as_secs_f64()
            ));
        }
        self.changes(looked.changes)
    }

    fn changes(&mut self, changes: Vec<Change>) -> anyhow::Result<()> {
        for change in changes {
            let fits =
                self.fits(&change.listener) || change.before.as_ref().is_some_and(|l| self.fits(l));
            if !fits || self.left == 0 {
                continue;
            }
            self.left -= 1;
            let document = ListenerChangeDocument::new(&change, self.sources);
            if self.json {
                self.output.line(&to_json(&document, false)?)?;
            } else {
                self.output
                    .line(&print::change::line(&change, self.output))?;
            }
            if let Some(runner) = self.runner {
                runner.run(&change, to_json(&document, false)?, self.output);
            }
        }
        Ok(())
    }

    /// What a hidden owner leaves open is told: better one line too many than one too few.
    fn fits(&self, listener: &portolan_ports::Listener) -> bool {
        self.selection.decide(listener) != Decision::Differs
    }
}
