//! What the binary protocols share: reading numbers off a reply, and saying what it proves. It
//! knows no grammar of its own.

use super::{Match, Proof};
use crate::product::{self, Told};

/// The most lines that a proof tells beside its product, and the most characters of one.
const MOST_TOLD: usize = 64;
const LONGEST_TOLD: usize = 200;

/// The unread rest of a reply. Each reader is `None` where too little has arrived.
#[derive(Clone, Copy)]
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

impl<'a> Wire<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// In network order, as all but the `_le` readers.
    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u16_le(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32_le(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
}

/// Whether `received` begins with `head`, as far as either goes.
pub(super) fn opens(received: &[u8], head: &[u8]) -> bool {
    received.iter().zip(head).all(|(a, b)| a == b)
}

/// A proof that tells no product.
pub(super) fn proven(rule: &'static str) -> Match {
    Match::Proven(Box::new(Proof {
        rule: rule.into(),
        ..Proof::default()
    }))
}

/// A proof with the product that a rule of the protocol's file told, if one did.
pub(super) fn proof(rule: &'static str, told: Option<(Told, &'static str)>) -> Proof {
    let how = told.as_ref().map_or("", |(_, how)| how);
    Proof {
        rule: rule.into(),
        ..product::proof(told.map(|(told, _)| told), how)
    }
}

/// What a reply of fixed shape proves: a whole one, one that is still arriving, or none.
pub(super) fn settled(read: Option<Match>) -> Match {
    read.unwrap_or(Match::Partial)
}

/// Lines for [`Proof::told`]: printable and bounded.
pub(super) fn lines(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let printable = |text: String| -> String {
        let kept = text.chars().filter(|c| !c.is_control());
        kept.take(LONGEST_TOLD).collect()
    };
    texts.into_iter().take(MOST_TOLD).map(printable).collect()
}

/// Text up to the first NUL, as fields of fixed width hold it.
pub(super) fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&b| b == 0).unwrap_or(field.len());
    let shown = field.get(..end).unwrap_or_default();
    String::from_utf8_lossy(shown).trim().to_owned()
}

/// Whether all of it is printable ASCII.
pub(super) fn is_printable(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| (0x20..0x7f).contains(b))
}
