//! Asking what is open what it speaks, and judging the answers.

use std::net::IpAddr;
use std::num::NonZeroU32;

use portolan_ports::{Identification, Listener, Observation, Probe, Surroundings, judge};
use portolan_probe::{Limits, Request, State};

use super::{Host, MOST_IDENTIFIED, Open, Place, Prepared, Step};
use crate::Sources;
use crate::identify;
use crate::query::Target;
use crate::restraint::{self, Crowd};
use crate::survey::Judged;

impl Prepared {
    /// Every place that is open, asked as far as that is allowed.
    pub(super) fn ask<'a>(
        &self,
        host: &Host,
        places: Vec<Place>,
        sources: &Sources<'a>,
        on_step: &mut dyn FnMut(Step<'_, 'a>),
    ) -> Vec<Open<'a>> {
        let listeners: Vec<Listener> = places.iter().map(|p| p.listener.clone()).collect();
        let crowd = Crowd::of(&listeners, self.root_looked);
        let mut requests = Vec::new();
        let mut asked = Vec::new();
        let mut answers: Vec<Option<Open<'a>>> = Vec::new();
        for (at, place) in places.iter().enumerate() {
            let planned = if requests.len() < MOST_IDENTIFIED {
                self.plan(host, place, sources, &crowd)
            } else {
                Err(format!("more than {MOST_IDENTIFIED} ports are open here"))
            };
            answers.push(match planned {
                Ok(request) => {
                    requests.push(request);
                    asked.push(at);
                    None
                }
                Err(_) if is_unsure(place) => None,
                Err(why) => {
                    let open = judged(place, sources, Probe::skipped(why), None);
                    on_step(Step::Open(host, &open));
                    Some(open)
                }
            });
        }
        let all = requests.len();
        let mut done = 0;
        if all > 0 {
            let usual = Limits::default();
            let limits = Limits {
                rate: self.rate(host).map(NonZeroU32::get).or(usual.rate),
                total: self.asked.total,
                ..usual
            };
            limits.raise_open_files();
            portolan_probe::identify(requests, &limits, &mut |at, outcome| {
                done += 1;
                on_step(Step::Answered(done, all));
                let Some((at, place)) = asked.get(at).and_then(|at| Some((*at, places.get(*at)?)))
                else {
                    return;
                };
                // Another host's UDP port that said nothing may be open or not.
                if is_unsure(place) && outcome.state != State::Open {
                    return;
                }
                let (probe, seen) = (outcome.probe.clone(), outcome.identification.clone());
                let open = judged(place, sources, probe, seen);
                on_step(Step::Open(host, &open));
                if let Some(answer) = answers.get_mut(at) {
                    *answer = Some(open);
                }
            });
        }
        answers.into_iter().flatten().collect()
    }

    /// How to ask what is open, or why not to.
    fn plan(
        &self,
        host: &Host,
        place: &Place,
        sources: &Sources<'_>,
        crowd: &Crowd,
    ) -> Result<Request, String> {
        let listener = &place.listener;
        let safety = self.asked.safety;
        if !self.asked.identify {
            return Err("--no-identify asks nothing".into());
        }
        if place.listed {
            restraint::allow(listener, &self.asked.never, crowd)?;
        }
        let mut at = host.address;
        at.set_port(listener.port);
        let target = Target {
            host: host.name.clone(),
            port: listener.port,
            transport: listener.transport,
        };
        let by_name = host.name.parse::<IpAddr>().is_err();
        Ok(Request {
            target: at,
            transport: listener.transport,
            host: by_name.then(|| host.name.clone()),
            plan: identify::plan(sources, &target, Some(listener), safety),
        })
    }
}

/// Whether nobody knows yet that it is open.
fn is_unsure(place: &Place) -> bool {
    !place.listed && !place.dialled
}

fn judged<'a>(
    place: &Place,
    sources: &Sources<'a>,
    probe: Probe,
    identification: Option<Identification>,
) -> Open<'a> {
    let listener = place.listener.clone();
    let expectation = sources.expectation(listener.port, listener.transport);
    let seen = Observation {
        listener: &listener,
        probe: &probe,
        identification: identification.as_ref(),
        surroundings: &Surroundings::default(),
    };
    let verdict = judge(&expectation, &seen);
    Open {
        judged: Judged {
            listener,
            expectation,
            probe,
            identification,
            verdict,
        },
        listed: place.listed,
        dialled: place.dialled,
    }
}
