//! Stops systemd units, as `systemctl` does: the manager ends the processes in its own order, and
//! does not start them anew.
//!
//! Source: systemctl(1), sd_booted(3). OpenRC, runit and supervisord are not asked: their
//! processes get a signal, and one that is started anew is noticed.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use portolan_ports::Unit;

/// systemd lets a unit take 90 s unless told otherwise (DefaultTimeoutStopSec).
const STOP_TIME: Duration = Duration::from_secs(100);

/// Units of one manager that stop together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The units, those that would start others first.
    pub units: Vec<Unit>,
    /// Whose manager.
    pub manager: Manager,
    /// After how long what is still there is sent SIGKILL; `None` leaves that to the manager,
    /// which does so after the unit's own time.
    pub kill_after: Option<Duration>,
}

/// Who runs a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// The system's, process 1.
    System,
    /// That of the user who runs this program.
    Own,
    /// Another user's, by user id; only root reaches it.
    User(u32),
}

impl Stop {
    /// The command, as a person would type it.
    #[must_use]
    pub fn command(&self) -> Vec<String> {
        self.words(&["stop"])
    }

    /// The command that follows after the grace.
    #[must_use]
    pub fn kill_command(&self) -> Vec<String> {
        self.words(&["kill", "--signal=SIGKILL"])
    }

    /// How long the first command may take.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.kill_after.unwrap_or(STOP_TIME)
    }

    fn words(&self, verb: &[&str]) -> Vec<String> {
        let mut words = vec!["systemctl".to_owned(), "--no-ask-password".to_owned()];
        match self.manager {
            Manager::System => {}
            Manager::Own => words.push("--user".to_owned()),
            Manager::User(uid) => {
                words.push("--user".to_owned());
                words.push(format!("--machine={uid}@.host"));
            }
        }
        words.extend(verb.iter().map(|word| (*word).to_owned()));
        words.push("--".to_owned());
        words.extend(self.units.iter().map(|unit| unit.0.clone()));
        words
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.units.iter().map(|unit| unit.0.as_str()).collect();
        let units = if names.len() == 1 { "unit" } else { "units" };
        write!(
            f,
            "stop the {units} {} with everything in it: {}",
            names.join(" and "),
            self.command().join(" ")
        )?;
        match self.kill_after {
            Some(grace) => write!(
                f,
                "; and after {}, if it still runs: {}",
                crate::plan::seconds(grace),
                self.kill_command().join(" ")
            ),
            None => Ok(()),
        }
    }
}

/// Whether this system was booted with systemd, by its folder as sd_booted(3) does.
#[must_use]
pub fn is_booted() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_what_a_person_would_type() {
        let mut stop = Stop {
            units: vec![Unit("a.socket".into()), Unit("a.service".into())],
            manager: Manager::System,
            kill_after: None,
        };
        assert_eq!(
            stop.to_string(),
            "stop the units a.socket and a.service with everything in it: systemctl --no-ask-password stop -- a.socket a.service"
        );
        assert_eq!(stop.time(), STOP_TIME);
        stop.units.remove(0);
        stop.manager = Manager::User(1000);
        stop.kill_after = Some(Duration::from_secs(5));
        assert_eq!(
            stop.to_string(),
            "stop the unit a.service with everything in it: systemctl --no-ask-password --user --machine=1000@.host stop -- a.service; and after 5 s, if it still runs: systemctl --no-ask-password --user --machine=1000@.host kill --signal=SIGKILL -- a.service"
        );
        stop.manager = Manager::Own;
        assert_eq!(
            stop.command().join(" "),
            "systemctl --no-ask-password --user stop -- a.service"
        );
    }
}
