//! How far long work is, on a terminal's standard error.

use std::io::{self, IsTerminal, Write};

/// A counter that overwrites itself; silent where standard error is no terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    verb: &'static str,
    shown: bool,
    terminal: bool,
}

impl Progress {
    /// Nothing is shown before the first step.
    pub(crate) fn new(verb: &'static str) -> Self {
        Self {
            verb,
            shown: false,
            terminal: io::stderr().is_terminal(),
        }
    }

    /// Shows the step.
    pub(crate) fn show(&mut self, done: usize, all: usize) {
        if self.terminal {
            self.shown = true;
            let _unseen = write!(io::stderr(), "\r\u{1b}[K{done} of {all} {}", self.verb);
        }
    }

    /// Shows a step where nobody knows how many there will be.
    pub(crate) fn count(&mut self, done: usize) {
        if self.terminal {
            self.shown = true;
            let _unseen = write!(io::stderr(), "\r\u{1b}[K{done} {}", self.verb);
        }
    }

    /// Takes the line away again.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _unseen = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
