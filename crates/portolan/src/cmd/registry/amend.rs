//! The questions of a change: which field, and its new value, with the old one as the proposal. Each
//! answer is held against the procedures at once, and nothing is kept before somebody said yes.

use std::io::{BufRead, Write};

use portolan_ports::site::{Fields, Record, Scope, Status, Step};
use portolan_registry::PortRange;

use super::desk::{Asked, Desk};
use super::fields::transports;
use super::last_word::TO_BE_SAID;
use super::question::Asking;
use crate::arguments::{communication_named, date, port, service_code};
use crate::print::{self, one_line};

/// A field that can be changed.
struct Field {
    name: &'static str,
    /// What it is now, as it would be typed.
    now: fn(&Fields) -> String,
    /// Sets it anew; an empty text empties it.
    set: fn(&mut Fields, &str) -> Result<(), String>,
}

/// What empties a field.
const EMPTY: &str = "-";

macro_rules! text {
    ($name:literal, $field:ident) => {
        Field {
            name: $name,
            now: |fields| fields.$field.clone(),
            set: |fields, text| {
                text.clone_into(&mut fields.$field);
                Ok(())
            },
        }
    };
}

macro_rules! serves {
    ($name:literal, $field:ident) => {
        Field {
            name: $name,
            now: |fields| fields.serves.$field.clone().unwrap_or_default(),
            set: |fields, text| {
                fields.serves.$field = Some(text.to_owned()).filter(|text| !text.is_empty());
                Ok(())
            },
        }
    };
}

const FIELDS: [Field; 21] = [
    text!("name", service_name),
    Field {
        name: "port",
        now: |fields| {
            let first = fields.ports.map(PortRange::first);
            first.map_or_else(String::new, |port| port.to_string())
        },
        set: |fields, text| {
            fields.ports = match text {
                "" => None,
                text => Some(PortRange::single(port(text)?)),
            };
            Ok(())
        },
    },
    Field {
        name: "transport",
        now: |fields| words(fields.transports.iter().map(|one| one.as_str())),
        set: |fields, text| {
            fields.transports = match text {
                "" => Vec::new(),
                text => transports(text)?,
            };
            Ok(())
        },
    },
    text!("contact", contact),
    text!("description", description),
    text!("reference", reference),
    text!("assignee", assignee),
    text!("why-not-dynamic", why_not_dynamic),
    text!("why-not-user", why_not_user),
    Field {
        name: "scope",
        now: |fields| fields.scope.to_string(),
        set: |fields, text| {
            let scope: Result<Scope, _> = text.parse();
            fields.scope = scope.map_err(|error| error.to_string())?;
            Ok(())
        },
    },
    text!("ticket", ticket),
    Field {
        name: "expires",
        now: |fields| {
            fields
                .expires
                .map_or_else(String::new, |day| day.to_string())
        },
        set: |fields, text| {
            fields.expires = match text {
                "" | "never" => None,
                day => Some(date(day)?),
            };
            Ok(())
        },
    },
    text!("notes", notes),
    Field {
        name: "communication",
        now: |fields| words(fields.communication.iter().map(|way| way.as_str())),
        set: |fields, text| {
            let ways: Option<Vec<_>> = text
                .split([',', ' '])
                .filter(|word| !word.is_empty())
                .map(communication_named)
                .collect();
            let wrong = "write some of broadcast, multicast and anycast, with commas";
            fields.communication = super::fields::sorted(&ways.ok_or(wrong)?);
            Ok(())
        },
    },
    Field {
        name: "service-code",
        now: |fields| {
            let code = fields.service_code;
            code.map_or_else(String::new, |code| format!("{code:#010x}"))
        },
        set: |fields, text| {
            fields.service_code = match text {
                "" => None,
                code => Some(service_code(code)?),
            };
            Ok(())
        },
    },
    serves!("program", program),
    serves!("user", user),
    serves!("unit", unit),
    serves!("container", container),
    serves!("protocol", protocol),
    serves!("product", product),
];

fn words<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<&str> = words.collect();
    words.join(",")
}

/// Asks what is to be changed, and why; the new fields and the reason, `None` where nobody said yes
/// or nothing would change. A dry run keeps nothing, and is not asked about.
pub(super) fn amend(
    desk: &Desk<'_>,
    record: &Record,
    because: &str,
    dry_run: bool,
) -> anyhow::Result<Option<(Fields, String)>> {
    let mut asking = Asking::at_terminal("nothing was changed", desk.output);
    asking.show(&print::site::card(record, desk.today, desk.output))?;
    let mut wanted = record.fields.clone();
    while let Some(field) = which(&mut asking, wanted == record.fields)? {
        wanted = value(desk, record, &mut asking, field, &wanted)?;
    }
    if wanted == record.fields && record.status != Status::Questioned {
        return Ok(None);
    }
    let because = match (because, record.status) {
        ("", Status::Questioned) => asking.text(
            "Your answer to the question?",
            &one_line(&record.because),
            "",
        )?,
        ("", _) => asking.optional(
            "Why?",
            "it stays in the audit trail; Enter leaves it out",
            "",
        )?,
        (because, _) => because.to_owned(),
    };
    let yes = dry_run || asking.confirm("Change it?")?;
    Ok(yes.then_some((wanted, because)))
}

/// The field that is to be changed next; `None` where that was all.
fn which<R: BufRead, W: Write>(
    asking: &mut Asking<R, W>,
    is_first: bool,
) -> anyhow::Result<Option<&'static Field>> {
    let names = FIELDS.iter().map(|field| field.name);
    let names: Vec<&str> = names.collect();
    let (question, why) = match is_first {
        true => ("Which field?", names.join(", ")),
        false => ("Which other field?", "Enter where that is all".to_owned()),
    };
    asking.ask(question, &why, "", |answer| {
        let answer = answer.trim_start_matches("--");
        match FIELDS
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(answer))
        {
            Some(field) => Ok(Some(field)),
            None if answer.is_empty() => Ok(None),
            None => Err(format!("write one of {}", names.join(", "))),
        }
    })
}

/// The fields with the new value, unless that would be refused.
fn value<R: BufRead, W: Write>(
    desk: &Desk<'_>,
    record: &Record,
    asking: &mut Asking<R, W>,
    field: &Field,
    so_far: &Fields,
) -> anyhow::Result<Fields> {
    let now = (field.now)(so_far);
    let mut failed = None;
    let question = format!("{}?", field.name);
    let why = "Enter leaves it as it is; - empties it";
    let taken = asking.ask(&question, why, &now, |answer| {
        let mut wanted = so_far.clone();
        if answer == now {
            return Ok(wanted);
        }
        (field.set)(&mut wanted, if answer == EMPTY { "" } else { answer })?;
        let step = Step::Modify(Box::new(wanted.clone()));
        match desk.rehearse(&Asked::on(record, &step, TO_BE_SAID)) {
            Ok(Ok(_)) => Ok(wanted),
            Ok(Err(refusal)) => Err(format!("{refusal}; Enter leaves it as it is")),
            Err(error) => {
                failed = Some(error);
                Ok(wanted)
            }
        }
    })?;
    failed.map_or(Ok(taken), Err)
}
