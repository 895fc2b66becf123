//! The rules: one declarative table.
//!
//! To add one: a row here, a check in the file of its subject, a line of
//! `tests/fixtures/lint-seeded.csv` that breaks it, and its line in `docs/lint.md`.

use super::sheet::{Fault, Sheet};
use super::{alias, code, date, field, name, range, row, sharing};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; the file does not tell whether it is wrong.
    Note,
    /// Something is absent that an assignment needs, or is done that should not be.
    Warning,
    /// A rule without exception is broken, or two rows contradict each other.
    Error,
}

impl Severity {
    /// Every severity, the gravest first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Note];

    /// The lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One rule, and the check that holds a registry to it.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, for `--rule`.
    pub id: &'static str,
    /// The section of RFC 6335; `None` for the form of the file itself.
    pub section: Option<&'static str>,
    /// How much it matters.
    pub severity: Severity,
    /// The rule in one sentence.
    pub says: &'static str,
    /// What to do where it is broken.
    pub advice: &'static str,
    pub(super) check: Check,
}

type Check = fn(&Sheet<'_>) -> Vec<Fault>;

impl Rule {
    /// The rule of this name.
    #[must_use]
    pub fn named(id: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.id == id)
    }

    /// A rule that somebody else's check holds something to: of a site's own registry.
    #[must_use]
    pub const fn stated(
        id: &'static str,
        section: Option<&'static str>,
        severity: Severity,
        says: &'static str,
        advice: &'static str,
    ) -> Self {
        Self {
            id,
            section,
            severity,
            says,
            advice,
            check: |_| Vec::new(),
        }
    }

    /// Where the rule stands: "RFC 6335 section 5.1".
    #[must_use]
    pub fn source(&self) -> String {
        self.section.map_or_else(
            || "the registry's form".to_owned(),
            |section| format!("RFC 6335 section {section}"),
        )
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rule({})", self.id)
    }
}

const fn rule(
    id: &'static str,
    section: &'static str,
    severity: Severity,
    says: &'static str,
    advice: &'static str,
    check: Check,
) -> Rule {
    let section = if section.is_empty() {
        None
    } else {
        Some(section)
    };
    Rule {
        id,
        section,
        severity,
        says,
        advice,
        check,
    }
}

use Severity::{Error, Note, Warning};

/// Every rule, by section.
#[rustfmt::skip]
pub static RULES: [Rule; 40] = [
    rule("shared-port", "5", Note,
        "A port on a transport belongs to one service, but for extensions, old accidents and legacy names.",
        "see that it is one of those cases; a client cannot tell which of the two answers",
        sharing::shared),
    rule("name-twice", "5", Error,
        "A service name stands for one service, so no two rows give it different meanings at one place.",
        "give the second service a name of its own, or join the two rows",
        name::twice),
    rule("redundant-word", "5", Note,
        "A name avoids words that say nothing in this registry: port, service, protocol.",
        "leave the word out of a new name; an old one stays",
        name::redundant_word),
    rule("name-length", "5.1", Error,
        "A service name has 1 to 15 characters.",
        "choose a shorter name; a legacy one stays as an alias to its replacement (section 10.1)",
        name::length),
    rule("name-characters", "5.1", Error,
        "A service name holds only the letters A-Z and a-z, digits and hyphens.",
        "write a hyphen instead; a legacy name stays as an alias to its replacement (section 10.1)",
        name::characters),
    rule("name-no-letter", "5.1", Error,
        "A service name holds at least one letter.",
        "take a name with a letter, so that it is not mistaken for a port number",
        name::no_letter),
    rule("name-edge-hyphen", "5.1", Error,
        "A service name neither begins nor ends with a hyphen.",
        "remove the hyphen",
        name::edge_hyphen),
    rule("name-double-hyphen", "5.1", Error,
        "A service name holds no two hyphens in a row.",
        "keep one of the hyphens",
        name::double_hyphen),
    rule("name-case", "5.1", Error,
        "Service names are compared without regard to case, so no two differ in that alone.",
        "spell the name as before where it is the same service, else choose another",
        name::case),
    rule("dynamic-assigned", "6", Error,
        "A port of the Dynamic range, 49152-65535, is never assigned.",
        "assign a User port, or let the service take any free port at run time",
        range::dynamic),
    rule("range-across", "6", Error,
        "A row lies in one of the three ranges: System, User, Dynamic.",
        "split the row at the ranges' edge",
        range::across),
    rule("edge-reserved", "6", Error,
        "The edges of the ranges (0, 1023, 1024, 49151) are Reserved.",
        "make the edge a Reserved row of its own",
        range::edge),
    rule("gap", "6", Error,
        "Every port from 0 to 49151 is assigned, unassigned or reserved by some row.",
        "add the row that is missing; a file with holes may be cut short",
        range::gap),
    rule("state-unclear", "6", Note,
        "A row without a service name says Unassigned or Reserved.",
        "begin the description with the state and move the rest into the notes",
        range::state_unclear),
    rule("row-overlap", "6", Error,
        "A port on a transport has one state, so no two rows that overlap say different things of it.",
        "cut the port out of the wider row",
        row::overlap),
    rule("experiment", "6.1", Error,
        "1021 and 1022 are exp1's and exp2's, for experiments, and no other service's.",
        "use another port; see also section 10.2",
        range::experiment),
    rule("second-port", "7.2", Warning,
        "A service has one port number, for all its versions and devices.",
        "let the peers find each other on the first port, or name the second service otherwise",
        sharing::second_port),
    rule("named-range", "7.2", Warning,
        "A service has one port number and not a run of them.",
        "multiplex over one port, or negotiate Dynamic ports",
        sharing::named_range),
    rule("other-transport", "7.2", Warning,
        "Where a port is assigned on one transport, it is Reserved and not Unassigned on the others.",
        "make the row Reserved",
        sharing::other_transport),
    rule("description-missing", "8.1.1", Warning,
        "An assignment has a description.",
        "add a few words on what the service does",
        field::description),
    rule("assignee-missing", "8.1.1", Warning,
        "An assignment has an assignee.",
        "add who holds it; without one nobody can give it back or change it",
        field::assignee),
    rule("contact-missing", "8.1.1", Warning,
        "An assignment has a contact.",
        "add whom to ask",
        field::contact),
    rule("iesg-contact", "8.1.1", Note,
        "What a document of the IETF stream assigns has the IESG as assignee and the IETF Chair as contact.",
        "make the contact [IETF_Chair]",
        field::iesg_contact),
    rule("reference-missing", "8.1.1", Warning,
        "An assigned System port has a reference: its request needs a stable specification.",
        "add the document",
        field::reference),
    rule("transport-missing", "8.1.1", Warning,
        "An assigned port names its transport.",
        "one row for each transport that the service uses",
        field::transport),
    rule("portless-transport", "8.1.1", Note,
        "A name without a port names the transports it is used with.",
        "one row for each transport that the service uses",
        field::portless_transport),
    rule("code-missing", "8.1.1", Error,
        "An assignment for DCCP has a Service Code.",
        "add the Service Code (RFC 5595)",
        code::missing),
    rule("code-misplaced", "8.1.1", Error,
        "Only an assignment for DCCP has a Service Code.",
        "remove the Service Code",
        code::misplaced),
    rule("code-malformed", "8.1.1", Error,
        "A Service Code is a 32-bit number.",
        "write it as IANA does, in decimal",
        code::malformed),
    rule("code-reserved", "8.1.1", Error,
        "The Service Codes 0 and 4294967295 are reserved.",
        "take another code",
        code::reserved),
    rule("code-private", "8.1.1", Error,
        "The Service Codes 0x3F000000-0x3FFFFFFF are for private use and not assigned.",
        "take a code outside of these",
        code::private),
    rule("use-elsewhere", "8.1.1", Warning,
        "A row's known unauthorized uses are of its own ports.",
        "move the remark to the row of the ports that it names",
        field::unauthorized_elsewhere),
    rule("unassigned-assignee", "8.1", Warning,
        "An Unassigned port has no assignee and no contact.",
        "empty the columns, or make the row Reserved if it was given back (section 8.2)",
        field::unassigned_assignee),
    rule("alias-note-missing", "10.1", Error,
        "An ill-formed legacy name beside its well-formed replacement says that it is an alias.",
        "add the note: This entry is an alias to \"NAME\"",
        alias::note_missing),
    rule("alias-target-missing", "10.1", Error,
        "The name to which a row is an alias stands on the same port and transport.",
        "add the row of the replacement, or correct the note",
        alias::target_missing),
    rule("alias-target-ill-formed", "10.1", Error,
        "The name to which a row is an alias is well-formed.",
        "make the alias point to a name that keeps to section 5.1",
        alias::target_ill_formed),
    rule("date-malformed", "", Error,
        "A date is YYYY-MM-DD or YYYY-MM, and a day of the calendar.",
        "correct the date",
        date::malformed),
    rule("date-backwards", "", Warning,
        "An assignment is modified after it was registered.",
        "correct one of the two dates",
        date::backwards),
    rule("row-twice", "", Error,
        "No row stands twice.",
        "remove one of the two",
        row::twice),
    rule("row-order", "", Warning,
        "Rows stand by port, and names without a port come last.",
        "sort the rows",
        row::order),
];
