//! Reads texts: plain ones, running ones, and references.

use std::borrow::Cow;

use super::Reader;
use crate::xml::MOST_TEXT_BYTES;
use crate::xml::error::Error;
use crate::xml::fragment::{Fragment, Tag};
use crate::xml::prose::{Inline, Prose, Xref, XrefKind};

impl<'a> Reader<'a> {
    pub(super) fn xref(&mut self, tag: Tag<'a>) -> Result<Xref<'a>, Error> {
        let (mut kind, mut data, mut section) = (None, None, None);
        self.fragments.attributes(tag, |name, value| match name {
            "type" => self.set(&mut kind, value, tag, "@type", "xref"),
            "data" => self.set(&mut data, value, tag, "@data", "xref"),
            "section" => self.set(&mut section, value, tag, "@section", "xref"),
            other => self.unknown_attribute(tag, other, "xref"),
        })?;
        Ok(Xref {
            kind: XrefKind::of(kind.unwrap_or_default()),
            data,
            section,
            label: self.text("xref")?,
        })
    }

    /// The text of an element that has nothing else; it is open, and closed after.
    pub(super) fn text(&mut self, element: &'static str) -> Result<Cow<'a, str>, Error> {
        let offset = self.fragments.offset;
        let mut whole = Cow::Borrowed("");
        loop {
            match self.fragments.next()? {
                Fragment::Text(text) if whole.is_empty() => whole = text,
                Fragment::Text(text) => whole.to_mut().push_str(&text),
                Fragment::Open(tag) => self.skip(tag, element)?,
                Fragment::Close | Fragment::End => return Ok(whole),
            }
            if whole.len() > MOST_TEXT_BYTES {
                return Err(self.too_long(offset, element));
            }
        }
    }

    /// The running text of an element, which is open, and closed after.
    pub(super) fn prose(&mut self, element: &'static str) -> Result<Prose<'a>, Error> {
        let mut bytes = 0;
        let offset = self.fragments.offset;
        self.prose_within(element, &mut bytes, offset)
    }

    /// The depth of paragraphs is bounded with that of all elements.
    fn prose_within(
        &mut self,
        element: &'static str,
        bytes: &mut usize,
        offset: usize,
    ) -> Result<Prose<'a>, Error> {
        let mut prose = Prose::default();
        loop {
            match self.fragments.next()? {
                Fragment::Text(text) => {
                    *bytes += text.len();
                    prose.push_text(text);
                }
                Fragment::Close | Fragment::End => return Ok(prose),
                Fragment::Open(tag) => {
                    // What a reference or an empty element takes in the row, at least.
                    *bytes += 1;
                    match tag.name {
                        "br" => {
                            self.no_attributes(tag, "br")?;
                            if !self.text("br")?.trim().is_empty() {
                                return Err(self.stray(tag.offset, "br", "text"));
                            }
                            prose.inlines.push(Inline::Break);
                        }
                        "xref" => {
                            let xref = self.xref(tag)?;
                            let data = xref.data.as_deref().unwrap_or_default();
                            *bytes += data.len() + xref.label.len();
                            prose.inlines.push(Inline::Xref(xref));
                        }
                        "paragraph" => {
                            self.no_attributes(tag, "paragraph")?;
                            let inner = self.prose_within(element, bytes, offset)?;
                            prose.inlines.push(Inline::Paragraph(inner));
                        }
                        _ => self.skip(tag, element)?,
                    }
                }
            }
            if *bytes > MOST_TEXT_BYTES {
                return Err(self.too_long(offset, element));
            }
        }
    }
}
