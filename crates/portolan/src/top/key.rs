//! What a key means.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Quit,
    Suspend,
    Redraw,
    /// Rows down, or up where it is negative.
    Move(isize),
    /// Screens down or up.
    Page(isize),
    First,
    Last,
    /// The next column to sort by, or the one before.
    SortNext,
    SortTurn,
    /// The pane with everything about one listener, and back.
    Detail,
    Help,
    Pause,
    Filter,
    /// Leaves a pane, or the filter as it was.
    Back,
    /// While a filter is typed.
    Letter(char),
    Erase,
    EraseAll,
    Accept,
}

/// The keys of the table, for the footer and the help.
pub(super) const KEYS: [(&str, &str, &str); 9] = [
    ("q", "quit", "quit; Ctrl-C does too"),
    (
        "/",
        "filter",
        "filter, in the words of portolan listen; empty shows all",
    ),
    ("s", "sort", "sort by the next column"),
    ("S", "turn", "turn the order round"),
    (
        "Enter",
        "detail",
        "all about the selected listener; Esc leads back",
    ),
    (
        "p",
        "pause",
        "pause: changes are kept and shown when you go on",
    ),
    (
        "j/k",
        "move",
        "move, as the arrows, PgUp, PgDn, Home and End do",
    ),
    ("?", "help", "this help"),
    (
        "Ctrl-L",
        "redraw",
        "draw the screen anew; Ctrl-Z stops the program",
    ),
];

/// The meaning of a key; `typing` while a filter is typed.
pub(super) fn action(key: KeyEvent, typing: bool) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return Some(match key.code {
            KeyCode::Char('c') => Action::Quit,
            KeyCode::Char('z') => Action::Suspend,
            KeyCode::Char('l') => Action::Redraw,
            KeyCode::Char('u') if typing => Action::EraseAll,
            KeyCode::Char('h') if typing => Action::Erase,
            _ => return None,
        });
    }
    if typing {
        return Some(match key.code {
            KeyCode::Enter => Action::Accept,
            KeyCode::Esc => Action::Back,
            KeyCode::Backspace => Action::Erase,
            KeyCode::Char(letter) => Action::Letter(letter),
            _ => return None,
        });
    }
    Some(match key.code {
        KeyCode::Char('q') => Action::Quit,
        KeyCode::Char('/') => Action::Filter,
        KeyCode::Char('s') => Action::SortNext,
        KeyCode::Char('S') => Action::SortTurn,
        KeyCode::Char('p') => Action::Pause,
        KeyCode::Char('?') => Action::Help,
        KeyCode::Char('j') | KeyCode::Down => Action::Move(1),
        KeyCode::Char('k') | KeyCode::Up => Action::Move(-1),
        KeyCode::PageDown | KeyCode::Char(' ') => Action::Page(1),
        KeyCode::PageUp => Action::Page(-1),
        KeyCode::Home | KeyCode::Char('g') => Action::First,
        KeyCode::End | KeyCode::Char('G') => Action::Last,
        KeyCode::Enter => Action::Detail,
        KeyCode::Esc => Action::Back,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_keys_until_a_filter_is_typed() {
        let press = |code| KeyEvent::new(code, KeyModifiers::NONE);
        assert_eq!(action(press(KeyCode::Char('q')), false), Some(Action::Quit));
        assert_eq!(
            action(press(KeyCode::Char('q')), true),
            Some(Action::Letter('q'))
        );
        assert_eq!(action(press(KeyCode::Esc), true), Some(Action::Back));
        assert_eq!(action(press(KeyCode::F(5)), false), None);
        let end = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(action(end, true), Some(Action::Quit));
        let released = KeyEvent::new_with_kind(
            KeyCode::Char('q'),
            KeyModifiers::NONE,
            KeyEventKind::Release,
        );
        assert_eq!(action(released, false), None);
    }
}
