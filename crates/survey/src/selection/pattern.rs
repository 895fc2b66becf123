//! A text with `*` for any text, as people type it in filters.

/// A pattern; everything but `*` stands for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Whether the whole of `text` is as the pattern says.
    ///
    /// Cost: the product of both lengths at worst, and no allocation.
    pub(super) fn fits(&self, text: &str) -> bool {
        self.runs(text, |a, b| a == b)
    }

    /// The same, with ASCII letters alike in both cases.
    pub(super) fn fits_in_any_case(&self, text: &str) -> bool {
        self.runs(text, |a, b| a.eq_ignore_ascii_case(&b))
    }

    /// Takes as little as it may for each `*`, and more of the last one where that was too little.
    fn runs(&self, text: &str, same: impl Fn(u8, u8) -> bool) -> bool {
        let (pattern, text) = (self.0.as_bytes(), text.as_bytes());
        let (mut p, mut t) = (0, 0);
        let mut star = None;
        while t < text.len() {
            match pattern.get(p) {
                Some(b'*') => {
                    star = Some((p, t));
                    p += 1;
                }
                Some(byte) if same(*byte, text[t]) => {
                    p += 1;
                    t += 1;
                }
                _ => match &mut star {
                    Some((at, taken)) => {
                        *taken += 1;
                        (p, t) = (*at + 1, *taken);
                    }
                    None => return false,
                },
            }
        }
        pattern[p..].iter().all(|byte| *byte == b'*')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Pattern;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, text, fits) in [
            ("nginx", "nginx", true),
            ("nginx", "nginx2", false),
            ("nginx", "Nginx", false),
            ("ng*", "nginx", true),
            ("*x", "nginx", true),
            ("*g*n*", "nginx", true),
            ("a*bc", "abbbc", true),
            ("a*bc", "abbbcd", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(Pattern::new(pattern).fits(text), fits, "{pattern} {text}");
        }
        assert!(Pattern::new("NG*").fits_in_any_case("nginx"));
    }

    /// As the definition says: the first part begins it, the last ends it, the others follow.
    fn by_definition(pattern: &str, text: &str) -> bool {
        match pattern.split_once('*') {
            None => pattern == text,
            Some((first, rest)) => text.strip_prefix(first).is_some_and(|left| {
                let cuts = left.char_indices().map(|(at, _)| at).chain([left.len()]);
                cuts.into_iter().any(|at| by_definition(rest, &left[at..]))
            }),
        }
    }

    proptest! {
        #[test]
        fn it_fits_as_the_definition_says(pattern in "[ab*é]{0,6}", text in "[abé]{0,8}") {
            let fits = Pattern::new(&pattern).fits(&text);
            prop_assert_eq!(fits, by_definition(&pattern, &text));
        }
    }
}
