//! Which columns to show and by which to sort, as typed.

use super::column::{ALL, Column};

/// The text is no list of columns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unknown(String);

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(name) = self;
        let nearest = ALL
            .into_iter()
            .map(Column::name)
            .min_by_key(|known| strsim::osa_distance(known, name))
            .unwrap_or_default();
        write!(
            f,
            "there is no column {name:?}; the nearest is {nearest:?}; portolan listen --columns help lists them"
        )
    }
}

impl std::error::Error for Unknown {}

/// Reads `port,queue`, or `all`.
pub(crate) fn columns(text: &str) -> Result<Vec<Column>, Unknown> {
    if text == "all" {
        return Ok(ALL.to_vec());
    }
    text.split(',').map(named).collect()
}

fn named(name: &str) -> Result<Column, Unknown> {
    Column::named(name).ok_or_else(|| Unknown(name.to_owned()))
}

/// The columns to sort by; none leaves the natural order.
#[derive(Debug, Default)]
pub(crate) struct Order(Vec<(Column, bool)>);

impl Order {
    /// Reads `port,-queue`.
    pub(crate) fn parse(text: &str) -> Result<Self, Unknown> {
        let keys = text.split(',').map(|word| match word.strip_prefix('-') {
            Some(name) => Ok((named(name)?, true)),
            None => Ok((named(word)?, false)),
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// The columns, and whether each goes from high to low.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (Column, bool)> {
        self.0.iter().copied()
    }

    pub(super) const fn is_natural(&self) -> bool {
        self.0.is_empty()
    }
}
