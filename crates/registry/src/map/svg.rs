//! The map as a picture: SVG that stands alone, with a title, a description and a legend in words.

use std::fmt::Write as _;

use super::{PortMap, Use};
use crate::PortRange;

/// A port's side in the picture's units.
const SIDE: usize = 3;
const LEFT: usize = 64;
const TOP: usize = 64;
const SQUARE: usize = 256 * SIDE;

impl Use {
    /// Colours of Okabe and Ito's palette, which people with any colour vision tell apart; they
    /// differ in lightness as well, so that the picture survives a black and white printer.
    const fn colour(self) -> &'static str {
        match self {
            Self::Assigned => "#0072b2",
            Self::Reserved => "#e69f00",
            Self::Unassigned => "#f4f4f0",
            Self::Dynamic => "#b9bec4",
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Assigned => "assigned to a service",
            Self::Reserved => "reserved",
            Self::Unassigned => "unassigned",
            Self::Dynamic => "Dynamic range, never assigned",
        }
    }
}

impl PortMap {
    /// The map as an SVG document of some 100 kB. `date` is the registry's.
    #[must_use]
    pub fn to_svg(&self, date: &str) -> String {
        let count = self.count(PortRange::ALL);
        let (width, height) = (LEFT + SQUARE + 24, TOP + SQUARE + 24 + Use::ALL.len() * 26);
        let subject = self.subject();
        let date = escaped(date);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"t d\" \
             font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
             <title id=\"t\">The port space, {subject}: IANA registry of {date}</title>\n\
             <desc id=\"d\">A square of 256 rows of 256 ports, port 0 at the top left, port 65535 \
             at the bottom right. {} ports are assigned, {} reserved, {} unassigned; {} lie in \
             the Dynamic range, which is the lower quarter.</desc>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
             <text x=\"{LEFT}\" y=\"28\" font-size=\"18\" font-weight=\"bold\" fill=\"#1a1a1a\">The port \
             space, {subject}</text>\n\
             <text x=\"{LEFT}\" y=\"50\" fill=\"#1a1a1a\">IANA registry of {date}; 256 ports a row, \
             from the top left</text>\n",
            count[0], count[1], count[2], count[3],
        );
        for used in Use::ALL {
            self.path(&mut svg, used);
        }
        for row in (0..256).step_by(16) {
            let y = TOP + row * SIDE + 10;
            _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\" fill=\"#1a1a1a\">{}</text>",
                LEFT - 8,
                row * 256
            );
        }
        _ = writeln!(
            svg,
            "<rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{SQUARE}\" height=\"{SQUARE}\" fill=\"none\" \
             stroke=\"#1a1a1a\"/>"
        );
        for (at, used) in Use::ALL.into_iter().enumerate() {
            let y = TOP + SQUARE + 18 + at * 26;
            _ = writeln!(
                svg,
                "<rect x=\"{LEFT}\" y=\"{y}\" width=\"18\" height=\"18\" fill=\"{}\" \
                 stroke=\"#1a1a1a\"/><text x=\"{}\" y=\"{}\" fill=\"#1a1a1a\">{}: {} ports</text>",
                used.colour(),
                LEFT + 26,
                y + 14,
                used.meaning(),
                count[used as usize]
            );
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// Every run of ports of one use as a stroke of one path, in units of ports.
    fn path(&self, svg: &mut String, used: Use) {
        _ = write!(
            svg,
            "<path transform=\"translate({LEFT} {TOP}) scale({SIDE})\" stroke=\"{}\" d=\"",
            used.colour()
        );
        for (y, row) in self.uses().chunks(256).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run[0] == used {
                    _ = write!(svg, "M{x} {y}.5h{}", run.len());
                }
                x += run.len();
            }
        }
        svg.push_str("\"/>\n");
    }
}

/// The date comes from a file, which may hold anything.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
