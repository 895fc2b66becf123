//! The terminal that carries the live view: taken over, given back whatever happens.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, atomic::AtomicBool, atomic::Ordering};
use std::time::Duration;

use anyhow::Context;
use portolan_inspect::{Options, ports};
use portolan_ports::Listener;
use portolan_registry::PortRange;
use portolan_survey::Sources;
use portolan_survey::changes::Change;
use portolan_survey::selection::Selection;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event};
use rustix::process::{Pid, Signal, getpid, kill_process};

use super::key::action;
use super::state::{Pane, State, Wish};
use super::{detail, view};
use crate::cmd::{Ready, Signals};
use crate::exit::malformed;
use crate::following::{Following, Turn};
use crate::{clock, print};

/// The longest that a key, a signal or a change waits for its turn.
const PAUSE: Duration = Duration::from_millis(50);

/// How often queues are brought up to date on the screen.
const REFRESH: Duration = Duration::from_secs(1);

/// What the thread that follows has to say.
struct News {
    listeners: Vec<Listener>,
    changes: Vec<Change>,
}

/// Shows the live view until its reader has seen enough.
pub(crate) fn run(
    tick: Duration,
    words: &[String],
    sources: &Sources<'_>,
    output: &print::Output,
) -> anyhow::Result<()> {
    let selection = Selection::parse(words.iter().map(String::as_str)).map_err(malformed)?;
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(malformed(anyhow::anyhow!(
            "top needs a terminal; for a list: portolan listen, for changes: portolan listen --follow"
        )));
    }
    let signals = Signals::catch().context("cannot wait for signals")?;
    let stop = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTSTP, Arc::clone(&stop))
        .context("cannot wait for signals")?;
    let news = follow(tick)?;
    let mut state = State::new(portolan_inspect::host_name(), tick, words, selection);
    // From here on a panic gives the terminal back before it is told.
    let mut terminal = ratatui::try_init().context("cannot take over the terminal")?;
    let done = show(
        &mut terminal,
        &mut state,
        &Surroundings {
            news: &news,
            signals: &signals,
            stop: &stop,
            sources,
            coloured: output.coloured(),
        },
    );
    ratatui::restore();
    done
}

struct Surroundings<'a> {
    news: &'a Receiver<News>,
    signals: &'a Signals,
    stop: &'a AtomicBool,
    sources: &'a Sources<'a>,
    coloured: bool,
}

fn show(
    terminal: &mut DefaultTerminal,
    state: &mut State,
    around: &Surroundings<'_>,
) -> anyhow::Result<()> {
    let mut stale = true;
    while !around.signals.came() {
        loop {
            match around.news.try_recv() {
                Ok(news) => state.update(news.listeners, news.changes, clock::steady()),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => anyhow::bail!("cannot follow the listeners"),
            }
            stale = true;
        }
        stale |= state.fade(clock::steady());
        if around.stop.swap(false, Ordering::Relaxed) {
            suspend(terminal)?;
            stale = true;
        }
        if stale {
            terminal
                .draw(|frame| view::draw(frame, state, around.coloured))
                .context("cannot draw")?;
            stale = false;
        }
        match around.signals.wait_with(io::stdin().as_fd(), PAUSE)? {
            // crossterm would read from a terminal that is gone for ever.
            Ready::HungUp => break,
            Ready::Nothing | Ready::Input => {}
        }
        if !event::poll(Duration::ZERO).context("cannot read keys")? {
            continue;
        }
        stale = true;
        let Event::Key(key) = event::read().context("cannot read keys")? else {
            continue;
        };
        let Some(wanted) = action(key, state.draft.is_some()) else {
            continue;
        };
        match state.act(wanted, clock::steady()) {
            Wish::Nothing => {}
            Wish::Quit => break,
            Wish::Suspend => suspend(terminal)?,
            Wish::Redraw => terminal.clear().context("cannot draw")?,
            Wish::Detail(listener) => {
                let listener = all_about(*listener);
                state.pane = Pane::Detail(detail::lines(&listener, around.sources), 0);
            }
        }
    }
    Ok(())
}

/// Gives the terminal back, stops, and takes it over again once this process may go on.
fn suspend(terminal: &mut DefaultTerminal) -> anyhow::Result<()> {
    ratatui::restore();
    let me: Pid = getpid();
    kill_process(me, Signal::STOP).context("cannot stop")?;
    *terminal = ratatui::try_init().context("cannot take over the terminal")?;
    terminal.clear().context("cannot draw")
}

/// The listener with all details of its owners, as it is now; as it was where it has gone.
fn all_about(listener: Listener) -> Listener {
    let options = Options {
        details: true,
        ..Options::default()
    };
    let found = ports(&[PortRange::single(listener.port)], &options).listeners;
    let is_it = |now: &Listener| {
        (now.cookie, now.inode, now.transport)
            == (listener.cookie, listener.inode, listener.transport)
    };
    found.into_iter().find(is_it).unwrap_or(listener)
}

/// Follows in a thread of its own, which ends with the program.
fn follow(tick: Duration) -> anyhow::Result<Receiver<News>> {
    let (tell, news) = sync_channel(16);
    std::thread::Builder::new()
        .spawn(move || tell_all(&tell, tick))
        .context("cannot start a thread")?;
    Ok(news)
}

/// Ends where nobody listens any more, or where waiting fails.
fn tell_all(tell: &SyncSender<News>, tick: Duration) {
    let mut following = Following::start(tick, true);
    let mut told = clock::steady();
    let mut changes = Vec::new();
    loop {
        let news = News {
            listeners: following.follower.listeners().cloned().collect(),
            changes: std::mem::take(&mut changes),
        };
        if tell.send(news).is_err() {
            return;
        }
        loop {
            match following.turn(&[], None) {
                Ok(Turn::Looked(looked)) => changes = looked.changes,
                Ok(Turn::Woken | Turn::Ended) => {}
                Err(_) => return,
            }
            let now = clock::steady();
            if !changes.is_empty() || now.saturating_duration_since(told) >= REFRESH {
                told = now;
                break;
            }
        }
    }
}
