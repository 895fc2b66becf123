//! What the live view knows and shows. Pure: it neither looks nor draws, and is told the time.

use std::time::{Duration, Instant};

use portolan_ports::Listener;
use portolan_survey::changes::{Change, ChangeKind};
use portolan_survey::selection::{Decision, Selection};

use super::key::Action;

/// How long a change stands out.
const STANDS_OUT: Duration = Duration::from_secs(5);

/// The most letters of a filter.
const LONGEST_FILTER: usize = 200;

/// Everything on the screen.
#[derive(Debug)]
pub(super) struct State {
    pub(super) host: String,
    pub(super) tick: Duration,
    /// Rows that fit the filter, in order.
    pub(super) rows: Vec<Row>,
    /// How many listeners there are, whatever the filter.
    pub(super) total: usize,
    pub(super) selected: usize,
    /// The first row on the screen.
    pub(super) top: usize,
    pub(super) sort: Sort,
    pub(super) filter: String,
    /// The filter that is being typed.
    pub(super) draft: Option<String>,
    pub(super) pane: Pane,
    pub(super) paused: bool,
    /// The last thing that went wrong.
    pub(super) trouble: Option<String>,
    /// How many rows the table has room for; the view says so.
    pub(super) room: usize,
    selection: Selection,
    listeners: Vec<Listener>,
    marked: Vec<Marked>,
    /// The newest list that came while it was paused.
    waiting: Option<Vec<Listener>>,
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) listener: Listener,
    /// What became of it in the last seconds.
    pub(super) mark: Option<ChangeKind>,
}

#[derive(Debug)]
struct Marked {
    listener: Listener,
    kind: ChangeKind,
    until: Instant,
}

/// What fills the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pane {
    Table,
    /// Lines about one listener, and the first one shown.
    Detail(Vec<(String, String)>, usize),
    Help,
}

/// What the screen cannot do itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Nothing,
    Quit,
    Suspend,
    Redraw,
    /// Everything about this listener.
    Detail(Box<Listener>),
}

/// The order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sort {
    pub(super) column: Column,
    pub(super) descending: bool,
}

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Port,
    Address,
    Program,
    Pid,
    User,
    Home,
    Queue,
}

impl Column {
    pub(super) const ALL: [Self; 7] = [
        Self::Port,
        Self::Address,
        Self::Program,
        Self::Pid,
        Self::User,
        Self::Home,
        Self::Queue,
    ];

    pub(super) const fn head(self) -> &'static str {
        match self {
            Self::Port => "PORT",
            Self::Address => "ADDRESS",
            Self::Program => "PROGRAM",
            Self::Pid => "PID",
            Self::User => "USER",
            Self::Home => "UNIT/CONTAINER",
            Self::Queue => "QUEUE",
        }
    }

    fn next(self) -> Self {
        let at = Self::ALL.iter().position(|column| *column == self);
        Self::ALL[at.map_or(0, |at| (at + 1) % Self::ALL.len())]
    }
}

impl State {
    pub(super) fn new(
        host: String,
        tick: Duration,
        words: &[String],
        selection: Selection,
    ) -> Self {
        Self {
            host,
            tick,
            rows: Vec::new(),
            total: 0,
            selected: 0,
            top: 0,
            sort: Sort {
                column: Column::Port,
                descending: false,
            },
            filter: words.join(" "),
            draft: None,
            pane: Pane::Table,
            paused: false,
            trouble: None,
            room: 1,
            selection,
            listeners: Vec::new(),
            marked: Vec::new(),
            waiting: None,
        }
    }

    /// Takes a newer list, and what changed since the last one.
    pub(super) fn update(&mut self, listeners: Vec<Listener>, changes: Vec<Change>, now: Instant) {
        self.marked.extend(changes.into_iter().map(|change| Marked {
            listener: change.listener,
            kind: change.kind,
            until: now + STANDS_OUT,
        }));
        if self.paused {
            self.waiting = Some(listeners);
        } else {
            self.listeners = listeners;
        }
        self.arrange();
    }

    /// Lets marks fade whose time is over; whether there were any.
    pub(super) fn fade(&mut self, now: Instant) -> bool {
        let before = self.marked.len();
        if !self.paused {
            self.marked.retain(|marked| marked.until > now);
        }
        let faded = self.marked.len() < before;
        if faded {
            self.arrange();
        }
        faded
    }

    /// The listener that a person points at.
    pub(super) fn pointed_at(&self) -> Option<&Row> {
        self.rows.get(self.selected)
    }

    /// Does what a key asks for, as far as it can be done here.
    pub(super) fn act(&mut self, action: Action, now: Instant) -> Wish {
        self.trouble = None;
        match action {
            Action::Quit => return Wish::Quit,
            Action::Suspend => return Wish::Suspend,
            Action::Redraw => return Wish::Redraw,
            Action::Move(by) => self.travel(by),
            Action::Page(by) => {
                self.travel(by * isize::try_from(self.room.max(2) - 1).unwrap_or(1));
            }
            Action::First => self.travel(isize::MIN),
            Action::Last => self.travel(isize::MAX),
            Action::SortNext => {
                self.sort.column = self.sort.column.next();
                self.sort.descending = false;
                self.arrange();
            }
            Action::SortTurn => {
                self.sort.descending = !self.sort.descending;
                self.arrange();
            }
            Action::Detail => match self.pointed_at() {
                Some(row) if self.pane == Pane::Table => {
                    return Wish::Detail(Box::new(row.listener.clone()));
                }
                _ => self.pane = Pane::Table,
            },
            Action::Help if self.pane == Pane::Help => self.pane = Pane::Table,
            Action::Help => self.pane = Pane::Help,
            Action::Pause => {
                self.paused = !self.paused;
                if !self.paused {
                    self.go_on(now);
                }
            }
            Action::Filter => {
                self.pane = Pane::Table;
                self.draft = Some(self.filter.clone());
            }
            Action::Back => {
                self.draft = None;
                self.pane = Pane::Table;
            }
            Action::Letter(letter) => {
                if let Some(draft) = &mut self.draft
                    && draft.chars().count() < LONGEST_FILTER
                {
                    draft.push(letter);
                }
            }
            Action::Erase => {
                self.draft.as_mut().and_then(String::pop);
            }
            Action::EraseAll => {
                if let Some(draft) = &mut self.draft {
                    draft.clear();
                }
            }
            Action::Accept => self.accept(),
        }
        Wish::Nothing
    }

    fn accept(&mut self) {
        let Some(draft) = self.draft.take() else {
            return;
        };
        match Selection::parse(draft.split_whitespace()) {
            Ok(selection) => {
                self.selection = selection;
                draft.trim().clone_into(&mut self.filter);
                self.arrange();
            }
            Err(error) => {
                self.trouble = Some(error.to_string());
                self.draft = Some(draft);
            }
        }
    }

    /// Shows what was kept while it was paused; its marks begin now.
    fn go_on(&mut self, now: Instant) {
        for marked in &mut self.marked {
            marked.until = now + STANDS_OUT;
        }
        if let Some(listeners) = self.waiting.take() {
            self.listeners = listeners;
        }
        self.arrange();
    }

    fn travel(&mut self, by: isize) {
        match &mut self.pane {
            Pane::Table => {
                let last = self.rows.len().saturating_sub(1);
                self.selected = self.selected.saturating_add_signed(by).min(last);
                self.follow_selection();
            }
            Pane::Detail(lines, top) => {
                let last = lines.len().saturating_sub(self.room);
                *top = top.saturating_add_signed(by).min(last);
            }
            Pane::Help => {}
        }
    }

    /// Moves the window so that the selected row is in it.
    pub(super) fn follow_selection(&mut self) {
        let room = self.room.max(1);
        let last_top = self.rows.len().saturating_sub(room);
        self.top = self
            .top
            .clamp((self.selected + 1).saturating_sub(room), self.selected)
            .min(last_top);
    }

    /// Makes the rows anew: those that are there and those that just went, filtered and in order.
    /// The same listener stays selected.
    fn arrange(&mut self) {
        let pointed_at = self.pointed_at().map(|row| socket(&row.listener));
        self.total = self.listeners.len();
        let mark = |listener: &Listener| {
            let of_it = self
                .marked
                .iter()
                .rev()
                .find(|marked| socket(&marked.listener) == socket(listener));
            of_it.map(|marked| marked.kind)
        };
        let mut rows: Vec<Row> = self
            .listeners
            .iter()
            .filter(|listener| self.selection.decide(listener) != Decision::Differs)
            .map(|listener| Row {
                listener: listener.clone(),
                mark: mark(listener).filter(|kind| *kind != ChangeKind::Closed),
            })
            .collect();
        if !self.paused {
            let gone = self.marked.iter().filter(|marked| {
                marked.kind == ChangeKind::Closed
                    && self.selection.decide(&marked.listener) != Decision::Differs
            });
            rows.extend(gone.map(|marked| Row {
                listener: marked.listener.clone(),
                mark: Some(ChangeKind::Closed),
            }));
        }
        let Sort { column, descending } = self.sort;
        rows.sort_by(|one, other| {
            let order = compare(&one.listener, &other.listener, column);
            if descending { order.reverse() } else { order }
        });
        self.rows = rows;
        let at = pointed_at.and_then(|socket| {
            self.rows
                .iter()
                .position(|row| self::socket(&row.listener) == socket)
        });
        let last = self.rows.len().saturating_sub(1);
        self.selected = at.unwrap_or(self.selected).min(last);
        self.follow_selection();
    }
}

/// What tells sockets apart.
fn socket(listener: &Listener) -> (Option<u64>, u64, std::net::SocketAddr) {
    (listener.cookie, listener.inode, listener.socket_address())
}

fn compare(one: &Listener, other: &Listener, column: Column) -> std::cmp::Ordering {
    let place = |l: &Listener| (l.port, l.transport, l.address, l.cookie, l.inode);
    let first = |l: &Listener| l.owners.first().cloned().unwrap_or_default();
    let order = match column {
        Column::Port => std::cmp::Ordering::Equal,
        Column::Address => one.address.cmp(&other.address),
        Column::Program => first(one).program.cmp(&first(other).program),
        Column::Pid => first(one).pid.cmp(&first(other).pid),
        Column::User => first(one).user.cmp(&first(other).user),
        Column::Home => home(one).cmp(&home(other)),
        Column::Queue => pending(one).cmp(&pending(other)),
    };
    order.then_with(|| place(one).cmp(&place(other)))
}

/// The container or unit of the first owner, or what made the socket.
pub(super) fn home(listener: &Listener) -> String {
    let Some(owner) = listener.owners.first() else {
        let maker = listener.creator.as_ref().map(ToString::to_string);
        return maker.unwrap_or_default();
    };
    let container = owner.container.as_ref().map(ToString::to_string);
    let unit = || owner.unit.as_ref().map(ToString::to_string);
    container.or_else(unit).unwrap_or_default()
}

fn pending(listener: &Listener) -> u32 {
    listener.queue.map_or(0, |queue| queue.pending)
}

#[cfg(test)]
pub(super) mod tests;
