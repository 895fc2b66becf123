//! Whole screens.

use portolan_ports::{Gap, Unit, Unseen, Why};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::super::detail;
use super::super::key::Action;
use super::super::state::tests::{change, listener, moment, state};
use super::*;

/// The screen as text; spaces at the ends of lines are left out.
fn screen(state: &mut State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, state, false)).unwrap();
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(usize::from(width));
    let lines = rows.map(|row| {
        let line: String = row.iter().map(|cell| cell.symbol()).collect();
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

fn harbour() -> State {
    let mut nginx = listener(8080, "0.0.0.0", "nginx", 2301);
    nginx.owners[0].unit = Some(Unit("nginx.service".to_owned()));
    nginx.owners.push(nginx.owners[0].clone());
    nginx.queue.as_mut().unwrap().pending = 3;
    let mut hidden = listener(5432, "::1", "", 0);
    hidden.owners.clear();
    hidden.owner_gap = Some(Gap {
        what: Unseen::Owner,
        why: Why::Permission,
        detail: "12 processes do not show their descriptors to this user".to_owned(),
    });
    let evil = listener(4444, "127.0.0.1", "x\u{1b}[2Jy", 66);
    let gone = listener(9000, "192.168.100.200", "a-rather-long-program-name", 7);
    let mut state = state(&[nginx.clone(), hidden.clone(), evil.clone()]);
    let changes = vec![
        change(ChangeKind::Opened, &evil),
        change(ChangeKind::Closed, &gone),
    ];
    state.update(vec![nginx, hidden, evil], changes, moment());
    state
}

#[test]
fn the_table_fits_eighty_columns() {
    insta::assert_snapshot!(screen(&mut harbour(), 80, 24));
}

#[test]
fn a_wider_screen_shows_more() {
    insta::assert_snapshot!(screen(&mut harbour(), 120, 40));
}

#[test]
fn the_pane_tells_everything_about_one() {
    let mut state = harbour();
    let nginx = state.rows[2].listener.clone();
    let sources = portolan_survey::Sources::embedded();
    state.pane = Pane::Detail(detail::lines(&nginx, &sources), 0);
    insta::assert_snapshot!(screen(&mut state, 80, 24));
}

#[test]
fn the_help_tells_the_keys() {
    let mut state = harbour();
    state.act(Action::Help, moment());
    insta::assert_snapshot!(screen(&mut state, 80, 24));
}

#[test]
fn a_filter_is_seen_while_it_is_typed() {
    let mut state = harbour();
    for action in [Action::Filter, Action::Letter('8'), Action::Letter('0')] {
        state.act(action, moment());
    }
    let seen = screen(&mut state, 80, 24);
    assert_eq!(seen.lines().last(), Some("filter: 80"));
    state.act(Action::Accept, moment());
    let seen = screen(&mut state, 80, 24);
    assert!(
        seen.starts_with("portolan top  web1  0 of 3 listeners  every 250ms  filter: 80\n"),
        "{seen}"
    );
    assert!(seen.contains("nothing fits the filter"));
}

#[test]
fn any_size_is_drawn() {
    for (width, height) in [(1, 1), (2, 3), (10, 4), (40, 10), (79, 5), (500, 100)] {
        let mut state = harbour();
        state.paused = true;
        let seen = screen(&mut state, width, height);
        assert_eq!(seen.lines().count(), usize::from(height));
        state.act(Action::Help, moment());
        screen(&mut state, width, height);
    }
}

#[test]
fn colours_are_left_out_where_they_are_not_wanted() {
    for coloured in [false, true] {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let mut state = harbour();
        terminal
            .draw(|frame| draw(frame, &mut state, coloured))
            .unwrap();
        let cells = terminal.backend().buffer().content();
        let has = cells.iter().any(|cell| cell.fg != Color::Reset);
        assert_eq!(has, coloured);
    }
}
