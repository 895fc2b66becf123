//! `portolan suggest --json`: quiet ports with their reasons, or what is said of one.

use portolan_ports::Gap;
use portolan_registry::{Port, PortRange};
use serde::Serialize;

use super::{GapCount, RegistryDocument};
use crate::Sources;
use crate::suggest::reason::{Kind, Reason, Side};
use crate::suggest::{Checked, Criteria, Filing, Order, Suggested, Suggestion, Wish};

/// `portolan suggest --json`.
#[derive(Debug, Serialize)]
pub struct SuggestDocument<'a> {
    schema: &'static str,
    host: &'a str,
    observed_at: &'a str,
    registry: RegistryDocument<'a>,
    knowledge: &'a str,
    #[serde(rename = "for")]
    name: Option<&'a str>,
    near: Option<Port>,
    range: Option<String>,
    count: Option<usize>,
    transports: Vec<&'static str>,
    avoid: Vec<&'static str>,
    suggestions: Vec<SuggestionDocument>,
    check: Option<CheckedDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned: Option<Option<AssignedDocument<'a>>>,
    refused: Option<String>,
    gaps: Vec<GapCount>,
}

#[derive(Debug, Serialize)]
struct SuggestionDocument {
    port: Port,
    transport: Option<&'static str>,
    transports: Vec<&'static str>,
    because: Vec<String>,
}

/// The record that a name has its number by; null where it has none.
#[derive(Debug, Serialize)]
struct AssignedDocument<'a> {
    /// Null where it stands in a file.
    record: Option<u64>,
    status: &'static str,
    version: u64,
    scope: String,
    before: bool,
    remarks: &'a [String],
}

#[derive(Debug, Serialize)]
struct CheckedDocument<'a> {
    port: Port,
    ruling: &'static str,
    because: Option<&'a str>,
    against: Vec<ReasonDocument<'a>>,
    #[serde(rename = "for")]
    in_favour: Vec<ReasonDocument<'a>>,
    besides: Vec<ReasonDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct ReasonDocument<'a> {
    kind: &'static str,
    because: &'a str,
    source: &'a str,
}

impl<'a> SuggestDocument<'a> {
    /// What both answers have in common; `observed_at` is RFC 3339.
    #[must_use]
    pub fn new(
        host: &'a str,
        observed_at: &'a str,
        sources: &Sources<'a>,
        criteria: &Criteria,
    ) -> Self {
        Self {
            schema: "portolan.suggest/1",
            host,
            observed_at,
            registry: RegistryDocument::new(sources.registry),
            knowledge: sources.knowledge.date(),
            name: None,
            near: None,
            range: None,
            count: None,
            transports: criteria.transports.iter().map(|t| t.as_str()).collect(),
            avoid: criteria.avoid.iter().map(|s| s.as_str()).collect(),
            suggestions: Vec::new(),
            check: None,
            assigned: None,
            refused: None,
            gaps: Vec::new(),
        }
    }

    /// The answer to a wish; `name` as it was given.
    #[must_use]
    pub fn suggested(
        mut self,
        name: Option<&'a str>,
        wish: &Wish,
        suggested: &'a Suggested,
    ) -> Self {
        self.name = name;
        self.near = match wish.order {
            Order::Near(port) => Some(port),
            Order::Seeded(_) => None,
        };
        self.range = Some(wish.ports.to_string());
        self.count = Some(wish.count);
        let transports = &self.transports;
        let suggestions = suggested.suggestions.iter();
        self.suggestions = suggestions
            .map(|one| SuggestionDocument::new(one, transports))
            .collect();
        self.refused = suggested.refused.as_ref().map(ToString::to_string);
        self.gaps = GapCount::count(suggested.gaps.iter());
        self
    }

    /// What came of asking for a name's number, of these ports.
    #[must_use]
    pub fn filed(
        mut self,
        name: &'a str,
        ports: PortRange,
        filing: &'a Filing,
        gaps: &[Gap],
    ) -> Self {
        self.name = Some(name);
        self.range = Some(ports.to_string());
        self.count = Some(1);
        self.gaps = GapCount::count(gaps.iter());
        let (record, remarks, before) = match filing {
            Filing::Filed {
                suggestion,
                record,
                remarks,
            } => {
                let transports = &self.transports;
                self.suggestions = vec![SuggestionDocument::new(suggestion, transports)];
                (record, remarks.as_slice(), false)
            }
            Filing::Before { port, record } => {
                let reason = Reason {
                    kind: Kind::Site,
                    side: Side::For,
                    text: format!("already {} for this name", record.status.as_str()),
                    source: record.source(),
                };
                let suggestion = Suggestion {
                    port: *port,
                    because: vec![reason],
                };
                self.suggestions = vec![SuggestionDocument::new(&suggestion, &self.transports)];
                (record, &[][..], true)
            }
            Filing::Refused(refusal) => {
                self.assigned = Some(None);
                self.refused = Some(refusal.to_string());
                return self;
            }
            Filing::NoneLeft(refusal) => {
                self.assigned = Some(None);
                self.refused = Some(refusal.to_string());
                return self;
            }
        };
        self.assigned = Some(Some(AssignedDocument {
            record: record.citation().record(),
            status: record.status.as_str(),
            version: record.version,
            scope: record.fields.scope.to_string(),
            before,
            remarks,
        }));
        self
    }

    /// What is said of one port.
    #[must_use]
    pub fn checked(mut self, checked: &'a Checked) -> Self {
        let on = |side| checked.on(side).map(ReasonDocument::new).collect();
        self.check = Some(CheckedDocument {
            port: checked.port,
            ruling: checked.ruling().as_str(),
            because: checked.headline().map(|reason| reason.text.as_str()),
            against: on(Side::Against),
            in_favour: on(Side::For),
            besides: on(Side::Aside),
        });
        self.gaps = GapCount::count(checked.gaps.iter());
        self
    }
}

impl SuggestionDocument {
    fn new(suggestion: &Suggestion, transports: &[&'static str]) -> Self {
        Self {
            port: suggestion.port,
            transport: match transports {
                [one] => Some(one),
                _ => None,
            },
            transports: transports.to_vec(),
            because: suggestion.because.iter().map(Reason::to_string).collect(),
        }
    }
}

impl<'a> ReasonDocument<'a> {
    fn new(reason: &'a Reason) -> Self {
        Self {
            kind: reason.kind.as_str(),
            because: &reason.text,
            source: &reason.source,
        }
    }
}
