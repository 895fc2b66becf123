//! Whether a text is a service name, and the name nearest to one that is none.

use portolan_ports::site::{Refusal, Section};
use portolan_registry::{NameError, check_name};

/// Holds a text against RFC 6335 §5.1.
pub(super) fn check(name: &str) -> Result<(), Refusal> {
    check_name(name).map_err(|fault| Refusal {
        section: Section::Rfc6335("5.1"),
        because: format!("{name:?} is no service name, it {}{fault}", verb(fault)),
        next: match propose(name) {
            Some(name) => format!("try {name}"),
            None => "write up to 15 letters, digits and hyphens".to_owned(),
        },
    })
}

/// What the fault's sentence lacks.
const fn verb(fault: NameError) -> &'static str {
    match fault {
        NameError::Length => "is ",
        NameError::Character
        | NameError::NoLetter
        | NameError::EdgeHyphen
        | NameError::DoubleHyphen => "",
    }
}

/// The service name nearest to a text that is none: what is no letter or digit becomes a hyphen, and
/// what is too long is cut off. `None` where no letter is left.
fn propose(text: &str) -> Option<String> {
    let mut name = String::new();
    for letter in text.chars() {
        match letter {
            letter if letter.is_ascii_alphanumeric() => name.push(letter),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
        if name.len() == MOST {
            break;
        }
    }
    let name = name.trim_end_matches('-');
    check_name(name).is_ok().then(|| name.to_owned())
}

/// The longest name has so many characters.
const MOST: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_name_gets_the_nearest_one() {
        let said = |name| check(name).unwrap_err().to_string();
        let start = "refused by RFC 6335 section 5.1: ";
        for (name, rest) in [
            (
                "my_app",
                r#""my_app" is no service name, it holds a character other than letters, digits and hyphens; try my-app"#,
            ),
            (
                "the-billing-interface",
                r#""the-billing-interface" is no service name, it is not 1 to 15 characters long; try the-billing-int"#,
            ),
            (
                "2024",
                r#""2024" is no service name, it holds no letter; write up to 15 letters, digits and hyphens"#,
            ),
            (
                "a--b-",
                r#""a--b-" is no service name, it begins or ends with a hyphen; try a-b"#,
            ),
            (
                "billing service -api",
                r#""billing service -api" is no service name, it is not 1 to 15 characters long; try billing-service"#,
            ),
        ] {
            assert_eq!(said(name), format!("{start}{rest}"));
        }
        assert_eq!(check("billing-api"), Ok(()));
    }
}
