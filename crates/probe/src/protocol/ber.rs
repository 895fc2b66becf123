//! Elements of the Basic Encoding Rules, ITU-T X.690 §8.1: one-byte tags and definite lengths,
//! which is all that LDAP (RFC 4511 §5.1) and Kerberos (RFC 4120 §5.1) use.

/// The longest element that is waited for.
const LONGEST: usize = 64 * 1024;

/// What the bytes begin with.
pub(super) enum Element<'a> {
    /// No element.
    No,
    /// One of this tag, whose end has not arrived; the rest is its contents so far.
    Partial(u8, &'a [u8]),
    /// Its tag, its contents, and what follows it.
    Whole(u8, &'a [u8], &'a [u8]),
}

/// Reads the element that `bytes` begin with; `None` before its head has arrived.
pub(super) fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let (&tag, rest) = bytes.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = match short {
        0..=0x7f => (usize::from(short), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
            let length = digits
                .iter()
                .fold(0usize, |sum, &d| (sum << 8) | usize::from(d));
            (length, rest)
        }
        _ => return Some(Element::No),
    };
    if length > LONGEST {
        return Some(Element::No);
    }
    Some(match rest.split_at_checked(length) {
        Some((contents, rest)) => Element::Whole(tag, contents, rest),
        None => Element::Partial(tag, rest),
    })
}

/// The contents of the element of that tag at the beginning, and what follows it.
pub(super) fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    match element(bytes)? {
        Element::Whole(found, contents, rest) if found == tag => Some((contents, rest)),
        _ => None,
    }
}

/// All elements of a constructed one; `None` unless they fill it exactly.
pub(super) fn elements(mut contents: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    while !contents.is_empty() {
        match element(contents)? {
            Element::Whole(tag, inner, rest) => {
                found.push((tag, inner));
                contents = rest;
            }
            _ => return None,
        }
    }
    Some(found)
}

/// A small INTEGER or ENUMERATED.
pub(super) fn integer(contents: &[u8]) -> Option<u32> {
    let fits = matches!(contents.len(), 1..=4) && contents.first()? & 0x80 == 0;
    fits.then(|| contents.iter().fold(0, |sum, &d| (sum << 8) | u32::from(d)))
}
