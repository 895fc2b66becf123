//! `load`: makes this machine busy with listeners on loopback, for as long as it is wanted.
//!
//! Two loads: a crowd (many listeners in many processes beside idle ones), and a survey's worth of
//! listeners that answer or stay mute. Either says `ready` when it stands, and ends on SIGINT, SIGTERM,
//! the end of its standard input, or its deadline, taking every process it started along.

mod crowd;
mod group;
mod member;
mod speaker;
mod street;
mod until;

use std::time::Duration;

use anyhow::{Result, ensure};
use lexopt::{Arg, Parser, ValueExt};

/// How long a load lives when nobody says otherwise.
const LIFE: Duration = Duration::from_secs(600);

/// Stands the load up and waits until it is no longer wanted.
pub(crate) fn run(mut arguments: Parser) -> Result<()> {
    let mut crowd = crowd::Plan {
        listeners: 5000,
        processes: 50,
        idle: 300,
        descriptors: 100,
    };
    let mut survey = false;
    let mut life = LIFE;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Value(role) if role == "member" => return member::run(arguments),
            Arg::Long("survey") => survey = true,
            Arg::Long("listeners") => crowd.listeners = arguments.value()?.parse()?,
            Arg::Long("processes") => crowd.processes = arguments.value()?.parse()?,
            Arg::Long("idle") => crowd.idle = arguments.value()?.parse()?,
            Arg::Long("descriptors") => crowd.descriptors = arguments.value()?.parse()?,
            Arg::Long("seconds") => life = Duration::from_secs(arguments.value()?.parse()?),
            other => return Err(other.unexpected().into()),
        }
    }
    ensure!(!life.is_zero(), "--seconds 0 is no life; give at least 1");
    // Watched before anything stands, so that an early signal is kept.
    let until = until::Until::watch()?;
    if survey {
        street::stand(&until, life)
    } else {
        crowd::stand(&crowd, &until, life)
    }
}
