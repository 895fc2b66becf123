//! Standard output and standard error, with or without colours.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use super::columns::folded;
use crate::arguments::Colour;

/// Where answers and complaints go.
#[derive(Debug)]
pub(crate) struct Output {
    coloured: bool,
    width: Option<usize>,
    /// Of standard error, where that is a terminal.
    told_width: Option<usize>,
    root: bool,
}

/// What a colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it should be.
    Good,
    /// Look at it.
    Warning,
    /// Look at it now.
    Bad,
    /// Less important than the rest.
    Faint,
    /// A title.
    Strong,
    /// Neither good nor bad.
    Plain,
}

impl Tone {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Self::Good => colour(AnsiColor::Green),
            Self::Warning => colour(AnsiColor::Yellow),
            Self::Bad => colour(AnsiColor::Red).bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
            Self::Plain => Style::new(),
        }
    }
}

impl Output {
    /// Colours as asked for: <https://no-color.org>, and none for a terminal that calls itself dumb.
    pub(crate) fn new(colour: Colour) -> Self {
        let terminal = io::stdout().is_terminal();
        let wanted = || {
            let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
            terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
        };
        let coloured = match colour {
            Colour::Auto => wanted(),
            Colour::Always => true,
            Colour::Never => false,
        };
        let told_width = width(terminal_size::terminal_size_of(io::stderr()));
        let width = width(terminal_size::terminal_size_of(io::stdout())).filter(|_| terminal);
        let root = portolan_inspect::privilege::is_root();
        Self {
            coloured,
            width,
            told_width,
            root,
        }
    }

    /// Sentences for standard output, broken between words where that is a terminal.
    pub(crate) fn folded(&self, text: &str) -> String {
        folded(text, self.width)
    }

    /// The width of standard error, where that is a terminal.
    pub(crate) const fn told_width(&self) -> Option<usize> {
        self.told_width
    }

    /// Output to a terminal that is so wide, or to none.
    #[cfg(test)]
    pub(crate) fn of_width(colour: Colour, width: Option<usize>) -> Self {
        Self {
            width,
            ..Self::new(colour)
        }
    }

    /// Whether this process began as root; it may have given that up since.
    pub(crate) const fn is_root(&self) -> bool {
        self.root
    }

    /// The terminal's width in columns; `None` where the output is no terminal.
    pub(crate) const fn width(&self) -> Option<usize> {
        self.width
    }

    /// Whether colours are wanted.
    pub(crate) const fn coloured(&self) -> bool {
        self.coloured
    }

    /// The text in the tone's colour.
    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        if self.coloured && tone != Tone::Plain {
            let style = tone.style();
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// Writes bytes as they are.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    /// Writes a line.
    pub(crate) fn line(&self, text: &str) -> io::Result<()> {
        self.write(format!("{text}\n").as_bytes())
    }

    /// A buffered stream for long output.
    pub(crate) fn stream(&self) -> impl Write {
        io::BufWriter::with_capacity(1 << 16, io::stdout().lock())
    }

    /// Says on standard error how an answer came about.
    pub(crate) fn remark(&self, what: &str) {
        let line = format!("{}\n", folded(&super::neutral(what), self.told_width));
        let _unheard = io::stderr().write_all(line.as_bytes());
    }

    /// Says on standard error what went wrong. Where that is closed nobody listens.
    pub(crate) fn complain(&self, what: &str) {
        let line = format!("portolan: {}", super::neutral(what));
        let line = format!("{}\n", folded(&line, self.told_width));
        let _unheard = io::stderr().write_all(line.as_bytes());
    }
}

fn width(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    let (columns, _) = size?;
    Some(usize::from(columns.0)).filter(|columns| *columns > 0)
}
