//! A change in words.

use super::change::{Change, Kind};
use crate::{Column, State};

/// How much of a text is quoted, in characters.
const MOST_QUOTED: usize = 160;

impl Change<'_> {
    /// What changed, in half a sentence; the place is not repeated. Texts in it are the
    /// registry's own and may hold anything.
    #[must_use]
    pub fn said(&self) -> String {
        let name = self.service_name();
        match self.kind {
            Kind::Added => self.added(name),
            Kind::Removed => self.removed(name),
            Kind::Renamed => {
                let old = self.before.map_or("", |row| row.service_name());
                format!("{old} is now called {name}")
            }
            Kind::StateChanged => {
                let (before, after) = self.states;
                format!("was {}, is {}", word(before), word(after))
            }
            Kind::Reassigned | Kind::Described | Kind::Referenced | Kind::Noted | Kind::Dated => {
                let told: Vec<String> = self.columns.iter().map(|c| self.column(*c)).collect();
                let told = told.join("; ");
                if name.is_empty() {
                    told
                } else {
                    format!("{name}: {told}")
                }
            }
            Kind::Split => self.block("was cut into", "came in between"),
            Kind::Shrunk => self.block("shrank to", "came"),
            Kind::Grown => self.block("grew from", "went"),
            Kind::Merged => self.block("was joined from", "went from between"),
        }
    }

    fn added(&self, name: &str) -> String {
        let described = self.after.map_or("", |row| row.description());
        let described = if described.is_empty() {
            String::new()
        } else {
            format!(": {}", cut(described))
        };
        let before = self.before.map_or("", |row| row.service_name());
        match self.states.0 {
            Some(State::Assigned) if !before.is_empty() => {
                format!("{name} came, was {before}'s{described}")
            }
            Some(State::Assigned) => format!("{name} came beside others{described}"),
            Some(state) => format!("{name} came, was {}{described}", state.as_str()),
            None => format!("{name} came{described}"),
        }
    }

    fn removed(&self, name: &str) -> String {
        match (self.ports, self.after) {
            (None, _) => format!("{name} went"),
            (_, Some(row)) if row.is_named() => {
                format!("{name} went, is {}'s", row.service_name())
            }
            _ => format!("{name} went, is {}", word(self.states.1)),
        }
    }

    fn column(&self, column: Column) -> String {
        let text =
            |row: Option<crate::Assignment<'_>>| row.map_or("", |r| r.cell(column)).to_owned();
        let name = column.as_str().replace('_', " ");
        match (text(self.before).as_str(), text(self.after).as_str()) {
            ("", after) => format!("{name} now \"{}\"", cut(after)),
            (before, "") => format!("{name} no longer \"{}\"", cut(before)),
            (before, after) => format!("{name} \"{}\", was \"{}\"", cut(after), cut(before)),
        }
    }

    fn block(&self, verb: &str, how: &str) -> String {
        let state = word(self.states.0);
        let pieces: Vec<String> = self.pieces.iter().map(ToString::to_string).collect();
        let because = if self.because.is_empty() {
            String::new()
        } else {
            format!("; {} {how}", self.because.join(", "))
        };
        format!("the {state} block {verb} {}{because}", pieces.join(", "))
    }
}

fn word(state: Option<State>) -> &'static str {
    state.map_or("in no row", State::as_str)
}

fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST_QUOTED {
        return line;
    }
    let start: String = line.chars().take(MOST_QUOTED).collect();
    format!("{start}...")
}
