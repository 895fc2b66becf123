//! People and organisations, to whom contacts and assignees refer by `[Id]`.

/// Someone in the registry's list of people.
///
/// Shape:  any text but the id may be empty. Only IANA's XML form has people; a registry that was
///         read from CSV knows none.
/// Source: `<people>` in IANA's XML form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Person<'a> {
    /// What stands between brackets in contacts and assignees: `Mark_Lottor`.
    pub id: &'a str,
    /// The name.
    pub name: &'a str,
    /// The organisation.
    pub organisation: &'a str,
    /// Where they are reached, as IANA writes it: `mailto:` with `&` for `@`, or a page. Several
    /// stand one line each.
    pub uri: &'a str,
    /// When the entry changed, `YYYY-MM-DD` or `YYYY-MM`.
    pub updated: &'a str,
}

impl<'a> Person<'a> {
    /// Name and organisation as one would write them; the id where neither is known.
    #[must_use]
    pub fn called(&self) -> String {
        match (self.name, self.organisation) {
            ("", "") => self.id.replace('_', " ").trim().to_owned(),
            (name, "") => name.to_owned(),
            ("", organisation) => organisation.to_owned(),
            (name, organisation) if name == organisation => name.to_owned(),
            (name, organisation) => format!("{name} ({organisation})"),
        }
    }

    /// The first mail address, with `@` again.
    #[must_use]
    pub fn mail(&self) -> Option<String> {
        self.uri
            .lines()
            .find_map(|uri| uri.strip_prefix("mailto:"))
            .filter(|address| !address.is_empty())
            .map(|address| address.replacen('&', "@", 1))
    }
}

/// The ids in a contact or assignee cell: `[A_B][C]` has two.
pub fn person_ids(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('[')
        .skip(1)
        .filter_map(|part| part.split_once(']'))
        .map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_by_what_is_known() {
        let person = |name, organisation| Person {
            id: "_Jo_Doe",
            name,
            organisation,
            uri: "https://example.org/\nmailto:jo&example.org",
            updated: "",
        };
        assert_eq!(person("", "").called(), "Jo Doe");
        assert_eq!(person("Jo Doe", "").called(), "Jo Doe");
        assert_eq!(person("", "Doe & Co").called(), "Doe & Co");
        assert_eq!(person("Jo Doe", "Doe & Co").called(), "Jo Doe (Doe & Co)");
        assert_eq!(person("", "").mail().as_deref(), Some("jo@example.org"));
        assert_eq!(
            person_ids("[A_B][C] and [").collect::<Vec<_>>(),
            ["A_B", "C"]
        );
    }
}
