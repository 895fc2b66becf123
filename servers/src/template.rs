//! A template: text with placeholders such as `{home}`; every other brace stays as it is.

use std::collections::BTreeMap;

/// What the placeholders stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(BTreeMap<String, String>);

impl Values {
    /// Adds one, under its name without braces.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// The text with every placeholder filled.
    ///
    /// # Errors
    /// Names a `{port.…}` that the row has no port for: configurations are full of braces, and only
    /// this form cannot be anything else.
    pub(crate) fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let inside = after.split_once('}');
            match inside.and_then(|(name, then)| Some((self.0.get(name)?, then))) {
                Some((value, then)) => {
                    filled.push_str(value);
                    rest = then;
                }
                None => {
                    if let Some((name, _)) = inside
                        && name.starts_with("port.")
                        && !name.contains(char::is_whitespace)
                    {
                        return Err(format!(
                            "there is no {{{name}}}; add a port of that name, with asked = false where it is not asked"
                        ));
                    }
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_filled() {
        let mut values = Values::default();
        values.set("home", "/h");
        values.set("port", "7");
        values.set("port.b", "8");
        let fill = |text| values.fill(text);
        assert_eq!(
            fill("events {} http { root {home}; listen {port} {port.b}; } {").unwrap(),
            "events {} http { root /h; listen 7 8; } {"
        );
        assert_eq!(fill("{{port}}{other}").unwrap(), "{7}{other}");
        assert_eq!(
            fill("x {port.c}").unwrap_err(),
            "there is no {port.c}; add a port of that name, with asked = false where it is not asked"
        );
    }
}
