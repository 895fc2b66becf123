//! A DNS message as it travels, RFC 1035 §4: what a query is made of and what an answer holds.
//! Whose answer it is, and what it proves, is not decided here.

/// The type TXT, RFC 1035 §3.2.2.
pub(in crate::protocol) const TXT: u16 = 16;
/// The type PTR.
pub(in crate::protocol) const PTR: u16 = 12;
/// The class IN, RFC 1035 §3.2.4.
pub(in crate::protocol) const IN: u16 = 1;
/// The class CH, in which servers speak of themselves.
pub(in crate::protocol) const CH: u16 = 3;

/// More records than this are nobody's answer to one of our questions.
const MOST_RECORDS: usize = 64;

/// A query of one question.
pub(in crate::protocol) fn query(
    id: u16,
    flags: u16,
    name: &str,
    kind: u16,
    class: u16,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(18 + name.len());
    for word in [id, flags, 1, 0, 0, 0] {
        bytes.extend(word.to_be_bytes());
    }
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap_or(0));
        bytes.extend(label.bytes());
    }
    bytes.push(0);
    bytes.extend(kind.to_be_bytes());
    bytes.extend(class.to_be_bytes());
    bytes
}

/// A whole response.
pub(in crate::protocol) struct Message<'a> {
    /// §4.1.1: the second word of the header.
    pub(in crate::protocol) flags: u16,
    /// The one question that it repeats; none in a response that is a header alone.
    pub(in crate::protocol) question: Option<Question>,
    /// The records of the answer section.
    pub(in crate::protocol) answers: Vec<Record<'a>>,
}

/// §4.1.2, the name in lower case.
#[derive(PartialEq, Eq)]
pub(in crate::protocol) struct Question {
    pub(in crate::protocol) name: String,
    pub(in crate::protocol) kind: u16,
    pub(in crate::protocol) class: u16,
}

/// §4.1.3, the name in lower case.
pub(in crate::protocol) struct Record<'a> {
    pub(in crate::protocol) name: String,
    pub(in crate::protocol) kind: u16,
    pub(in crate::protocol) data: &'a [u8],
    /// Where its data begins in the message: names within may point back.
    pub(in crate::protocol) at: usize,
}

impl<'a> Message<'a> {
    /// Reads a response to the query of that id; `None` unless every byte of it is accounted for.
    pub(in crate::protocol) fn read(bytes: &'a [u8], id: u16) -> Option<Self> {
        const QR: u16 = 0x8000;
        const OPCODE: u16 = 0x7800;
        let mut at = 0;
        let flags = {
            let theirs = word(bytes, &mut at)?;
            let flags = word(bytes, &mut at)?;
            (theirs == id && flags & QR != 0 && flags & OPCODE == 0).then_some(flags)?
        };
        let questions = word(bytes, &mut at)?;
        let answered = usize::from(word(bytes, &mut at)?);
        let more = usize::from(word(bytes, &mut at)?) + usize::from(word(bytes, &mut at)?);
        if questions > 1 || answered + more > MOST_RECORDS {
            return None;
        }
        let question = match questions {
            0 => None,
            _ => Some(Question {
                name: name(bytes, &mut at)?,
                kind: word(bytes, &mut at)?,
                class: word(bytes, &mut at)?,
            }),
        };
        let mut answers = Vec::with_capacity(answered);
        for index in 0..answered + more {
            let record = record(bytes, &mut at)?;
            if index < answered {
                answers.push(record);
            }
        }
        (at == bytes.len()).then_some(Self {
            flags,
            question,
            answers,
        })
    }

    /// The response code.
    pub(in crate::protocol) fn code(&self) -> u16 {
        self.flags & 0x0f
    }
}

fn record<'a>(bytes: &'a [u8], at: &mut usize) -> Option<Record<'a>> {
    let name = name(bytes, at)?;
    let kind = word(bytes, at)?;
    // The class and the time to live, which may be anything (an OPT record puts others there).
    *at = at.checked_add(6)?;
    let length = usize::from(word(bytes, at)?);
    let data = bytes.get(*at..at.checked_add(length)?)?;
    let begins = *at;
    *at += length;
    Some(Record {
        name,
        kind,
        data,
        at: begins,
    })
}

fn word(bytes: &[u8], at: &mut usize) -> Option<u16> {
    let pair = bytes.get(*at..at.checked_add(2)?)?;
    *at += 2;
    Some(u16::from_be_bytes([*pair.first()?, *pair.get(1)?]))
}

/// A name, following the pointers of §4.1.4: each must point before itself, so this ends.
pub(in crate::protocol) fn name(bytes: &[u8], at: &mut usize) -> Option<String> {
    const LONGEST: usize = 255;
    let mut name = String::new();
    let (mut here, mut jumped) = (*at, false);
    loop {
        let length = *bytes.get(here)?;
        match length {
            0 => {
                if !jumped {
                    *at = here + 1;
                }
                return Some(name);
            }
            1..=63 => {
                let label = bytes.get(here + 1..here + 1 + usize::from(length))?;
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(&String::from_utf8_lossy(label).to_ascii_lowercase());
                if name.len() > LONGEST {
                    return None;
                }
                here += 1 + usize::from(length);
            }
            192.. => {
                let to = usize::from(length & 0x3f) << 8 | usize::from(*bytes.get(here + 1)?);
                if !jumped {
                    *at = here + 2;
                }
                if to >= here {
                    return None;
                }
                (here, jumped) = (to, true);
            }
            _ => return None,
        }
    }
}

/// The strings of a TXT record's data, §3.3.14, joined.
pub(in crate::protocol) fn strings(mut data: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    while let Some((&length, rest)) = data.split_first() {
        text.extend(rest.get(..usize::from(length))?);
        data = rest.get(usize::from(length)..)?;
    }
    Some(text)
}
