//! A file's text, and where in it something stands.

use std::cell::Cell;

use toml::Spanned;
use toml::de::DeTable;

use super::syntax;
use crate::policy::Origin;

/// Something in a configuration file that has no meaning, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, line {}, column {}: {what}", origin.file, origin.line, origin.column)]
pub struct Mistake {
    /// Where it stands.
    pub origin: Origin,
    /// What is wrong and what to write, as one line.
    pub what: String,
}

/// The text of a file. Finding a place costs the way from the last one, for whoever reads forward.
#[derive(Debug)]
pub(crate) struct Source<'t> {
    file: &'t str,
    text: &'t str,
    last: Cell<Place>,
}

/// A byte of the text by its line and column, both from 1.
#[derive(Clone, Copy, Debug)]
struct Place {
    offset: usize,
    line: u32,
    column: u32,
}

impl<'t> Source<'t> {
    pub(crate) const fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            last: Cell::new(Place::START),
        }
    }

    /// The text of a file's bytes, of which there may be `most`; of more, `too_many` is said.
    pub(crate) fn of_bytes(
        file: &'t str,
        bytes: &'t [u8],
        most: usize,
        too_many: &str,
    ) -> Result<Self, Mistake> {
        if bytes.len() > most {
            return Err(Self::new(file, "").mistake(0, too_many));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = &bytes[..error.valid_up_to()];
            let read = std::str::from_utf8(valid).unwrap_or_default();
            let what = "this byte is no UTF-8, as TOML demands; save the file as UTF-8";
            Source::new(file, read).mistake(read.len(), what)
        })?;
        Ok(Self::new(file, text))
    }

    /// The text as TOML.
    pub(crate) fn table(&self) -> Result<Spanned<DeTable<'t>>, Mistake> {
        DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.mistake(at, syntax::told(self.text, at, error.message()))
        })
    }

    pub(crate) const fn text(&self) -> &'t str {
        self.text
    }

    pub(crate) fn origin(&self, offset: usize) -> Origin {
        let last = self.last.get();
        let mut place = if last.offset <= offset {
            last
        } else {
            Place::START
        };
        let between = self.text.get(place.offset..offset).unwrap_or_default();
        for letter in between.chars() {
            match letter {
                '\n' => (place.line, place.column) = (place.line.saturating_add(1), 1),
                _ => place.column = place.column.saturating_add(1),
            }
        }
        place.offset += between.len();
        self.last.set(place);
        Origin {
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
        }
    }

    pub(crate) fn mistake(&self, offset: usize, what: impl Into<String>) -> Mistake {
        Mistake {
            origin: self.origin(offset),
            what: what.into(),
        }
    }
}

impl Place {
    const START: Self = Self {
        offset: 0,
        line: 1,
        column: 1,
    };
}
