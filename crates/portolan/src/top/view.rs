//! How the live view looks. It shows what `State` knows, and knows nothing else.

use portolan_survey::changes::ChangeKind;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::key::KEYS;
use super::state::{Column, Pane, Row, State, home};
use crate::print::{change, neutral};

/// Draws everything; `coloured` where colours are wanted.
pub(super) fn draw(frame: &mut Frame<'_>, state: &mut State, coloured: bool) {
    let ink = Ink(coloured);
    let [title, heads, body, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    state.room = usize::from(body.height);
    state.follow_selection();
    frame.render_widget(summary(state, title.width), title);
    match &state.pane {
        Pane::Table => table(frame, state, heads, body, ink),
        Pane::Detail(lines, top) => {
            let named = lines.iter().skip(*top).take(state.room);
            let lines = named.map(|(name, text)| named_line(name, text, ink));
            show(frame, body, lines);
        }
        Pane::Help => {
            let keys = KEYS.iter().map(|(key, _, text)| named_line(key, text, ink));
            let marks = [
                ("+", "opened within the last seconds"),
                ("-", "closed within the last seconds"),
                ("~", "another owner or address since the last seconds"),
            ];
            let marks = marks.map(|(mark, text)| named_line(mark, text, ink));
            show(frame, body, keys.chain(marks));
        }
    }
    frame.render_widget(bottom(state, footer.width, ink), footer);
    if let Some(draft) = &state.draft {
        let at = 8 + neutral(draft).width();
        let x = footer.x
            + u16::try_from(at)
                .unwrap_or(u16::MAX)
                .min(footer.width.max(1) - 1);
        frame.set_cursor_position((x, footer.y));
    }
}

/// Colours, or where they are not wanted the modifiers that every terminal has.
#[derive(Clone, Copy)]
struct Ink(bool);

impl Ink {
    fn colour(self, colour: Color) -> Style {
        if self.0 {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }

    fn of_mark(self, mark: Option<ChangeKind>) -> Style {
        match mark {
            None => Style::new(),
            Some(ChangeKind::Opened) => self.colour(Color::Green).bold(),
            Some(ChangeKind::Closed) => self.colour(Color::Red).dim().crossed_out(),
            Some(ChangeKind::Owner | ChangeKind::Scope) => self.colour(Color::Yellow).bold(),
        }
    }
}

fn show<'a>(frame: &mut Frame<'_>, area: Rect, lines: impl Iterator<Item = Line<'a>>) {
    for (line, row) in lines.zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

fn named_line<'a>(name: &str, text: &'a str, ink: Ink) -> Line<'a> {
    let name = Span::styled(format!("  {name:14} "), ink.colour(Color::Cyan));
    Line::from(vec![name, Span::raw(text)])
}

fn summary(state: &State, width: u16) -> Line<'static> {
    let shown = state
        .rows
        .iter()
        .filter(|row| row.mark != Some(ChangeKind::Closed));
    let shown = shown.count();
    let noun = if state.total == 1 {
        "listener"
    } else {
        "listeners"
    };
    let mut text = format!("portolan top  {}  ", neutral(&state.host));
    if state.filter.is_empty() {
        text.push_str(&format!("{} {noun}", state.total));
    } else {
        text.push_str(&format!("{shown} of {} {noun}", state.total));
    }
    let tick = jiff::SignedDuration::try_from(state.tick).unwrap_or_default();
    text.push_str(&format!("  every {tick:#}"));
    if state.paused {
        text.push_str("  PAUSED");
    }
    if !state.filter.is_empty() {
        text.push_str(&format!("  filter: {}", neutral(&state.filter)));
    }
    Line::styled(fit(&text, usize::from(width)), Style::new().bold())
}

fn bottom(state: &State, width: u16, ink: Ink) -> Line<'static> {
    let width = usize::from(width);
    if let Some(trouble) = &state.trouble {
        let style = ink.colour(Color::Red).bold();
        return Line::styled(fit(&neutral(trouble), width), style);
    }
    if let Some(draft) = &state.draft {
        return Line::raw(fit(&format!("filter: {}", neutral(draft)), width));
    }
    if matches!(state.pane, Pane::Detail(..) | Pane::Help) {
        return Line::raw(fit("Esc back  j/k move  q quit", width));
    }
    let mut spans = Vec::new();
    let mut used = 0;
    for (key, word, _) in KEYS {
        let text = format!(" {word}  ");
        used += key.width() + text.width();
        if used > width + 2 {
            break;
        }
        spans.push(Span::styled(key, ink.colour(Color::Cyan).bold()));
        spans.push(Span::raw(text));
    }
    Line::from(spans)
}

fn table(frame: &mut Frame<'_>, state: &State, heads: Rect, body: Rect, ink: Ink) {
    let widths = widths(usize::from(body.width));
    let head = |column: Column| {
        let turned = if state.sort.descending { "▼" } else { "▲" };
        let mark = if column == state.sort.column {
            turned
        } else {
            ""
        };
        format!("{}{mark}", column.head())
    };
    let cells = Column::ALL.map(head);
    frame.render_widget(
        Line::styled(line(" ", &cells, &widths), ink.colour(Color::Cyan)),
        heads,
    );
    if state.rows.is_empty() {
        let nothing = if state.filter.is_empty() {
            "  nothing listens"
        } else {
            "  nothing fits the filter"
        };
        return show(frame, body, std::iter::once(Line::raw(nothing)));
    }
    let rows = state.rows.iter().enumerate().skip(state.top);
    let lines = rows.map(|(at, row)| {
        let mut style = ink.of_mark(row.mark);
        if at == state.selected {
            style = style.add_modifier(Modifier::REVERSED);
        }
        let mark = match row.mark {
            None => " ",
            Some(ChangeKind::Opened) => "+",
            Some(ChangeKind::Closed) => "-",
            Some(ChangeKind::Owner | ChangeKind::Scope) => "~",
        };
        Line::styled(line(mark, &cells_of(row), &widths), style)
    });
    show(frame, body, lines);
}

fn cells_of(row: &Row) -> [String; 7] {
    let listener = &row.listener;
    let owner = listener.owners.first();
    let more = listener.owners.len().saturating_sub(1);
    let program = match owner {
        Some(owner) if more > 0 => format!("{} +{more}", owner.program),
        Some(owner) => owner.program.clone(),
        None => change::owners(listener),
    };
    let user = owner.and_then(|o| o.user.clone().or(o.uid.map(|uid| uid.to_string())));
    let queue = listener
        .queue
        .map(|q| format!("{}/{}", q.pending, q.backlog));
    [
        change::place(listener),
        change::address(listener),
        program,
        owner.map(|owner| owner.pid.to_string()).unwrap_or_default(),
        user.unwrap_or_default(),
        home(listener),
        queue.unwrap_or_default(),
    ]
    .map(|cell| neutral(&cell).into_owned())
}

/// The columns' widths: what 80 columns have room for, and the rest where it helps most.
fn widths(width: usize) -> [usize; 7] {
    // A mark, seven cells, and a space before each.
    let mut widths = [9, 15, 14, 7, 9, 10, 8];
    let used = 1 + widths.iter().sum::<usize>() + widths.len();
    let spare = width.saturating_sub(used);
    let share = spare / 4;
    widths[1] += share.min(26);
    widths[2] += share.min(16);
    widths[5] += spare - share.min(26) - share.min(16);
    widths
}

fn line(mark: &str, cells: &[String; 7], widths: &[usize; 7]) -> String {
    let mut line = mark.to_owned();
    for (cell, width) in cells.iter().zip(widths) {
        let cell = fit(cell, *width);
        let blank = width - cell.width();
        line.push(' ');
        line.push_str(&cell);
        line.extend(std::iter::repeat_n(' ', blank));
    }
    line
}

/// The text, cut with a mark where it is wider.
fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut fitting = String::new();
    let mut used = 1;
    for letter in text.chars() {
        used += letter.width().unwrap_or(0);
        if used > width {
            break;
        }
        fitting.push(letter);
    }
    if width > 0 {
        fitting.push('…');
    }
    fitting
}

#[cfg(test)]
mod tests;
