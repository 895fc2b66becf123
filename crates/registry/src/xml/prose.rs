//! Text with references, line breaks and paragraphs in it, as descriptions and notes have it.

use std::borrow::Cow;

/// A piece of running text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline<'a> {
    /// Characters, white space as in the file.
    Text(Cow<'a, str>),
    /// `<br/>`.
    Break,
    /// `<xref …/>`.
    Xref(Xref<'a>),
    /// `<paragraph>`.
    Paragraph(Prose<'a>),
}

/// Running text: the content of `<description>`, `<note>`, `<expert>`, `<footnote>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prose<'a> {
    /// The pieces in order; no two texts stand side by side, and none is empty.
    pub inlines: Vec<Inline<'a>>,
}

impl<'a> Prose<'a> {
    /// Plain text.
    #[must_use]
    pub fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        let mut prose = Self::default();
        prose.push_text(text.into());
        prose
    }

    /// Appends characters, to the last text if one stands there.
    pub(super) fn push_text(&mut self, text: Cow<'a, str>) {
        if text.is_empty() {
            return;
        }
        if let Some(Inline::Text(last)) = self.inlines.last_mut() {
            last.to_mut().push_str(&text);
        } else {
            self.inlines.push(Inline::Text(text));
        }
    }

    /// The text alone, where there is nothing else in it.
    #[must_use]
    pub fn as_plain(&self) -> Option<&str> {
        match self.inlines.as_slice() {
            [] => Some(""),
            [Inline::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// What a reference points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum XrefKind<'a> {
    /// Someone in the list of people.
    Person,
    /// An RFC: `rfc6335`.
    Rfc,
    /// A page.
    Uri,
    /// Nothing; the label says all.
    Text,
    /// An Internet-Draft.
    Draft,
    /// A footnote, by its anchor.
    Note,
    /// A kind that this registry has not used so far.
    Other(Cow<'a, str>),
}

impl<'a> XrefKind<'a> {
    pub(super) fn of(word: Cow<'a, str>) -> Self {
        match &*word {
            "person" => Self::Person,
            "rfc" => Self::Rfc,
            "uri" => Self::Uri,
            "text" => Self::Text,
            "draft" => Self::Draft,
            "note" => Self::Note,
            _ => Self::Other(word),
        }
    }

    /// The word in the file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Person => "person",
            Self::Rfc => "rfc",
            Self::Uri => "uri",
            Self::Text => "text",
            Self::Draft => "draft",
            Self::Note => "note",
            Self::Other(word) => word,
        }
    }
}

/// A typed reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Xref<'a> {
    /// What it points at.
    pub kind: XrefKind<'a>,
    /// At which: `rfc6335`, a person's id, an address.
    pub data: Option<Cow<'a, str>>,
    /// Where in it.
    pub section: Option<Cow<'a, str>>,
    /// What to show instead; mostly empty.
    pub label: Cow<'a, str>,
}
