//! JSON text that is safe to show: whatever the strings hold, no byte of it steers a terminal.

use std::io;

use portolan_registry::steers;
use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter, Serializer};

/// One document as JSON, indented or on one line, without a line feed at the end.
///
/// What [`steers`] the text around it, beside the control characters of ASCII, is written as `\u` and
/// four hexadecimal digits, which every JSON reader turns back into the same text (RFC 8259 §7).
///
/// # Errors
/// None for the documents of this crate; serde's where a map's key were no string.
pub fn to_json(document: &impl Serialize, indented: bool) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::new();
    if indented {
        let formatter = Escaping(PrettyFormatter::new());
        document.serialize(&mut Serializer::with_formatter(&mut bytes, formatter))?;
    } else {
        put_json(&mut bytes, document)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The same on one line, into an output.
pub(super) fn put_json(
    output: impl io::Write,
    document: &impl Serialize,
) -> Result<(), serde_json::Error> {
    document.serialize(&mut Serializer::with_formatter(
        output,
        Escaping(CompactFormatter),
    ))
}

struct Escaping<F>(F);

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for piece in fragment.split_inclusive(steers) {
            let last = piece.chars().next_back().filter(|c| steers(*c));
            let plain = piece.len() - last.map_or(0, char::len_utf8);
            writer.write_all(&piece.as_bytes()[..plain])?;
            if let Some(c) = last {
                // Beyond the basic plane as a surrogate pair (RFC 8259 §7).
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_steers_a_terminal_and_nothing_is_lost() {
        let hostile = "a\u{1b}[2J\u{7f}\u{9b}b\u{202e}c\u{ad}\u{e0041}\"d\\é";
        let json = super::to_json(&hostile, false).unwrap();
        assert_eq!(
            json,
            r#""a\u001b[2J\u007f\u009bb\u202ec\u00ad\udb40\udc41\"d\\é""#
        );
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    }
}
