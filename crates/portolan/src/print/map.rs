//! The map of the port space for a terminal, and in numbers.

use anstyle::{Ansi256Color, Style};
use portolan_registry::map::{PortMap, Use, UseCount};
use portolan_registry::{PortRange, Registry};

use super::registry::grouped;
use super::{Columns, Output, Tone, one_line};

/// Cells in a line, so that label and map fit 80 columns.
const CELLS: u16 = 64;

/// Ports in a cell of the coloured map, two of which stand above each other in a sign.
const FINE: u16 = 16;

/// Ports in a sign of the map without colours.
const COARSE: u16 = 32;

/// Thirty-two lines of 2,048 ports; the first half of the first line is the System range.
pub(crate) fn text(registry: &Registry, map: &PortMap, output: &Output) -> String {
    let title = format!(
        "The port space, {}: registry of {}",
        map.subject(),
        registry.date()
    );
    let mut text = format!("{}\n\n", output.paint(Tone::Strong, &one_line(&title)));
    for line in 0..32u16 {
        let first = line * 2 * FINE * CELLS;
        text.push_str(&format!("{first:>5}  "));
        for cell in 0..CELLS {
            if output.coloured() {
                let upper = first + cell * FINE;
                let count = |at: u16| PortRange::new(at, at + (FINE - 1)).map(|p| map.count(p));
                let shade =
                    |at| count(at).map_or(Style::new(), |c| Style::new().fg_color(colour(c)));
                let (above, below) = (shade(upper), shade(upper + CELLS * FINE));
                let style = above.bg_color(below.get_fg_color());
                text.push_str(&format!("{style}\u{2580}{style:#}"));
            } else {
                let at = first + cell * COARSE;
                let count = PortRange::new(at, at + (COARSE - 1)).map(|p| map.count(p));
                text.push(count.map_or(' ', sign));
            }
        }
        text.push('\n');
    }
    text.push('\n');
    legend(&mut text, map, output);
    text
}

/// What a cell of several ports is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shade {
    /// Three quarters or more are assigned, or half, or a quarter, or at least one.
    Assigned(u8),
    Reserved,
    Unassigned,
    Dynamic,
}

impl Shade {
    const ALL: [Self; 7] = [
        Self::Assigned(4),
        Self::Assigned(3),
        Self::Assigned(2),
        Self::Assigned(1),
        Self::Reserved,
        Self::Unassigned,
        Self::Dynamic,
    ];

    /// One assigned port shows, whatever is around it; else what most ports are.
    fn of(count: UseCount) -> Self {
        let of = |used: Use| count[used as usize];
        let all: u32 = count.iter().sum();
        let assigned = of(Use::Assigned);
        if assigned > 0 {
            let quarters = (assigned * 4 / all.max(1)).min(3);
            Self::Assigned(quarters as u8 + 1)
        } else if of(Use::Reserved) * 2 > all {
            Self::Reserved
        } else if of(Use::Dynamic) > 0 {
            Self::Dynamic
        } else {
            Self::Unassigned
        }
    }

    const fn sign(self) -> char {
        match self {
            Self::Assigned(4..) => '#',
            Self::Assigned(3) => '*',
            Self::Assigned(2) => '+',
            Self::Assigned(_) => ':',
            Self::Reserved => 'r',
            Self::Unassigned => '.',
            Self::Dynamic => '~',
        }
    }

    /// Blue grows darker with use, orange and greys stand apart in lightness too.
    const fn colour(self) -> Ansi256Color {
        Ansi256Color(match self {
            Self::Assigned(4..) => 25,
            Self::Assigned(3) => 32,
            Self::Assigned(2) => 74,
            Self::Assigned(_) => 153,
            Self::Reserved => 214,
            Self::Unassigned => 255,
            Self::Dynamic => 245,
        })
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Assigned(4..) => "three quarters or more assigned",
            Self::Assigned(3) => "half or more assigned",
            Self::Assigned(2) => "a quarter or more assigned",
            Self::Assigned(_) => "fewer assigned, at least one",
            Self::Reserved => "none assigned, most reserved",
            Self::Unassigned => "unassigned",
            Self::Dynamic => "Dynamic range, never assigned",
        }
    }
}

fn sign(count: UseCount) -> char {
    Shade::of(count).sign()
}

fn colour(count: UseCount) -> Option<anstyle::Color> {
    Some(Shade::of(count).colour().into())
}

fn legend(text: &mut String, map: &PortMap, output: &Output) {
    let ports = if output.coloured() { FINE } else { COARSE };
    for shade in Shade::ALL {
        let shown = if output.coloured() {
            let style = Style::new().fg_color(Some(shade.colour().into()));
            format!("{style}\u{2588}{style:#}")
        } else {
            shade.sign().to_string()
        };
        text.push_str(&format!("       {shown}  {}\n", shade.meaning()));
    }
    let all = map.count(PortRange::ALL);
    let counts: Vec<String> = Use::ALL
        .into_iter()
        .map(|used| format!("{} {}", grouped(all[used as usize] as usize), used.as_str()))
        .collect();
    let half = if output.coloured() {
        ", of which its upper half is the first 1,024"
    } else {
        ""
    };
    text.push_str(&format!(
        "\nA sign is {ports} ports, a line 2,048{half}.\nIn all: {}.\n\
         --table prints the numbers, --svg a picture.\n",
        counts.join(", ")
    ));
}

/// The same in numbers: 64 slices, neighbours that are alike taken together.
pub(crate) fn table(map: &PortMap, output: &Output) -> String {
    let mut columns = Columns::new(["PORTS", "ASSIGNED", "RESERVED", "UNASSIGNED", "DYNAMIC"]);
    let slices: Vec<(PortRange, UseCount)> = map.slices().collect();
    let mut row = |ports: String, count: UseCount| {
        let cell = |used: Use| (grouped(count[used as usize] as usize), Tone::Plain);
        columns.push([
            (ports, Tone::Strong),
            cell(Use::Assigned),
            cell(Use::Reserved),
            cell(Use::Unassigned),
            cell(Use::Dynamic),
        ]);
    };
    for run in slices.chunk_by(|(_, a), (_, b)| a == b) {
        let [(first, _), ..] = run else { continue };
        let last = run.last().map_or(first.last(), |(ports, _)| ports.last());
        if let Some(ports) = PortRange::new(first.first(), last) {
            row(ports.to_string(), map.count(ports));
        }
    }
    row("all".to_owned(), map.count(PortRange::ALL));
    columns.text(0, output)
}
