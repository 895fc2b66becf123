//! Until when a load is wanted: a signal, the end of standard input, or the deadline.

use std::io;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Tells when the end has come.
pub(crate) struct Until {
    ended: Receiver<&'static str>,
}

impl Until {
    /// Starts watching for signals and for the end of standard input.
    pub(crate) fn watch() -> Result<Self> {
        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot watch for signals")?;
        let (sender, ended) = mpsc::channel();
        let by_signal = sender.clone();
        thread::spawn(move || {
            for _ in signals.forever() {
                // Nobody waits any more: the end is under way.
                let _late = by_signal.send("a signal");
            }
        });
        thread::spawn(move || {
            // An unreadable input has ended as well.
            let _unreadable = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _late = sender.send("the end of its input");
        });
        Ok(Self { ended })
    }

    /// Waits, at most for `life`, and says what ended it.
    pub(crate) fn wait(&self, life: Duration) -> &'static str {
        self.ended.recv_timeout(life).unwrap_or("its deadline")
    }
}
