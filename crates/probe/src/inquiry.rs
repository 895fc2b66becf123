//! One address, over the connections that its plan allows.
//!
//! The first connection listens; where nobody greets, the likeliest packet goes out on that same
//! connection and the others follow on connections of their own, each a little later. Proof
//! cancels the rest. Where two attempts prove different things, the plan's order decides, not the
//! clock.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use portolan_ports::{Identification, Probe, ProbeState};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::attempt::{Attempt, Connection, Ended, Running, Way, ended, reason, verb};
use crate::exchange::{Conversation, Dialled, Ending, Sent, converse, dial, listen};
use crate::handshake::{Hello, Wrapped};
use crate::plan::Waits;
use crate::protocol::Protocol;
use crate::{Outcome, Plan, Request, State, found};

/// How long an attempt that the plan prefers may still overrule a proof.
const GRACE: Duration = Duration::from_millis(100);

/// The first connection, as long as it only listens: what greets there is believed first.
const LISTENER: Attempt = Attempt {
    rank: 0,
    way: Way::Listen,
    pointed: false,
};

/// Asks one address. Ends at `until` at the latest.
pub(crate) async fn inquire(request: Request, until: Instant) -> Outcome {
    let Request { target, plan } = request;
    let begun = Instant::now();
    let dialled = dial(
        target,
        plan.connect.min(until.saturating_duration_since(begun)),
    )
    .await;
    let unreached = |state, probed, why: String| Outcome {
        state,
        probe: Probe {
            state: probed,
            why: Some(why),
            sent: Vec::new(),
        },
        identification: None,
        elapsed: begun.elapsed(),
    };
    let (stream, took) = match dialled {
        Dialled::Open(stream, took) => (stream, took),
        Dialled::Closed(why) => return unreached(State::Closed, ProbeState::Refused, why),
        Dialled::Reset => {
            let why = "it reset the connection at once, without a byte".into();
            return unreached(State::Open, ProbeState::Inconclusive, why);
        }
        Dialled::Silent => {
            return unreached(
                State::Silent,
                ProbeState::Refused,
                "nothing came back within the time for a connection".into(),
            );
        }
    };
    let waits = plan.waits(if target.ip().is_loopback() {
        Duration::ZERO
    } else {
        took
    });
    let until = until.min(begun + waits.total);
    let mut inquiry = Inquiry::new(target, plan, waits, until);
    // Whatever has been found by `until` stands.
    drop(timeout_at(until, inquiry.run(stream)).await);
    inquiry.outcome(begun.elapsed())
}

/// What has been tried, what waits, and what was found.
struct Inquiry {
    target: SocketAddr,
    plan: Plan,
    waits: Waits,
    until: Instant,
    sent: Sent,
    queue: VecDeque<Attempt>,
    running: Vec<Running>,
    /// Connections made so far, the first included.
    used: usize,
    /// Whether TLS was tried, or is about to be.
    wrapped: bool,
    /// Whether HTTP's own question was asked, or is about to be; the same for each by name.
    asked: Vec<&'static str>,
    best: Option<(usize, Identification)>,
    /// Stands if nothing better is found.
    fallback: Option<Identification>,
    reasons: Vec<(usize, String)>,
}

impl Inquiry {
    fn new(target: SocketAddr, plan: Plan, waits: Waits, until: Instant) -> Self {
        let queue: VecDeque<Attempt> = plan
            .protocols
            .iter()
            .enumerate()
            .filter(|(_, p)| p.is_asked())
            .map(|(at, &p)| Attempt {
                rank: at + 1,
                way: Way::to(p),
                pointed: false,
            })
            .collect();
        let wrapped = queue.iter().any(|a| matches!(a.way, Way::Tls { .. }));
        let asked = plan.protocols.iter().map(|p| p.name).collect();
        Self {
            target,
            plan,
            waits,
            until,
            sent: Sent::default(),
            queue,
            running: Vec::new(),
            used: 1,
            wrapped,
            asked,
            best: None,
            fallback: None,
            reasons: Vec::new(),
        }
    }

    async fn run(&mut self, mut stream: TcpStream) {
        let mut carried = None;
        if self.plan.straight {
            carried = Some(stream);
        } else {
            let heard = listen(&mut stream, self.waits.silence).await;
            match (heard.received.is_empty(), heard.ending) {
                (true, Ending::Quiet) if self.plan.patient => {
                    let within = self.until.saturating_duration_since(Instant::now());
                    let target = self.target;
                    let connection = Connection {
                        carried: Some(stream),
                        target,
                        within,
                    };
                    let sent = self.sent.clone();
                    self.running
                        .push(Running::start(LISTENER, connection, None, self.waits, sent));
                }
                (true, Ending::Quiet) => carried = Some(stream),
                (true, ending) => {
                    self.reasons
                        .push((0, format!("it {} at once, without a byte", verb(ending))));
                    if self.plan.stop_at_banner {
                        return;
                    }
                }
                (false, _) => {
                    let talk = converse(
                        &mut stream,
                        None,
                        heard.received,
                        self.target,
                        &self.waits,
                        &self.sent,
                        "",
                    )
                    .await;
                    let done = self.judge(LISTENER, talk);
                    if done || (self.plan.stop_at_banner && self.fallback.is_none()) {
                        return;
                    }
                }
            }
        }
        self.attempt(carried).await;
    }

    /// Works the queue off, several attempts at a time.
    async fn attempt(&mut self, mut carried: Option<TcpStream>) {
        let mut next_start = Instant::now();
        let mut grace: Option<Instant> = None;
        loop {
            let now = Instant::now();
            let due = self.best.is_none() && (self.running.is_empty() || now >= next_start);
            if let Some(attempt) = due.then(|| self.next_attempt(carried.is_some())).flatten() {
                self.start(attempt, carried.take());
                // After a straight start the others wait as long as a listener would have.
                let first = self.plan.straight && self.used == 1;
                next_start = now
                    + if first {
                        self.waits.silence
                    } else {
                        self.waits.stagger
                    };
            }
            if self.running.is_empty() {
                return;
            }
            let waiting = self.best.is_none() && !self.queue.is_empty() && now < next_start;
            let wake = match (grace, waiting) {
                (Some(grace), _) => grace,
                (None, true) => next_start,
                (None, false) => self.until,
            };
            match timeout_at(wake, ended(&mut self.running)).await.ok() {
                None if grace.is_some() || wake >= self.until => return,
                None => {}
                Some((attempt, Ended::Plain(talk))) => {
                    self.judge(attempt, talk);
                }
                Some((attempt, Ended::Tls(wrapped))) => self.judge_tls(attempt, wrapped),
                Some((attempt, Ended::Unreached(why))) => self.reasons.push((attempt.rank, why)),
            }
            if let Some((rank, _)) = self.best {
                self.running.retain(|r| r.attempt.rank < rank);
                grace = grace.or(Some(Instant::now() + GRACE));
            } else if self.fallback.is_some() {
                self.queue.retain(|a| a.pointed);
                self.running.retain(|r| r.attempt.pointed);
            }
        }
    }

    /// The next attempt that the plan's connections still allow.
    fn next_attempt(&mut self, carried: bool) -> Option<Attempt> {
        if self.running.len() >= self.plan.abreast {
            return None;
        }
        if !carried {
            if self.used >= self.plan.connections {
                self.queue.clear();
                return None;
            }
            let attempt = self.queue.pop_front()?;
            self.used += 1;
            return Some(attempt);
        }
        self.queue.pop_front()
    }

    fn start(&mut self, attempt: Attempt, carried: Option<TcpStream>) {
        let inside = match attempt.way {
            Way::Tls { inside, .. } => self.openings().nth(inside),
            Way::Listen | Way::Plain(_) => None,
        };
        let (target, within) = (self.target, self.plan.connect);
        let connection = Connection {
            carried,
            target,
            within,
        };
        let sent = self.sent.clone();
        self.running.push(Running::start(
            attempt, connection, inside, self.waits, sent,
        ));
    }

    /// What may be said inside TLS, likeliest first.
    fn openings(&self) -> impl Iterator<Item = &'static Protocol> {
        self.plan
            .protocols
            .iter()
            .copied()
            .filter(|p| p.stream.is_some_and(|s| s.first.is_some() && s.in_tls))
    }

    /// Takes in what a plain connection brought; true where that ends the inquiry.
    fn judge(&mut self, attempt: Attempt, talk: Conversation) -> bool {
        let wants_tls = talk
            .proven
            .as_ref()
            .is_some_and(|(_, proof)| proof.wants_tls);
        let Some((protocol, identification)) = found::plain(&talk) else {
            self.reasons.push((attempt.rank, reason(&talk)));
            // Some TLS servers hang up on plain text without so much as an alert.
            let hung_up = matches!(talk.ending, Ending::Closed | Ending::Reset);
            if hung_up && talk.received.is_empty() && talk.asked.is_some() && !self.wrapped {
                self.wrapped = true;
                let way = Way::Tls {
                    hello: Hello::Web,
                    inside: 0,
                };
                self.queue.push_back(Attempt {
                    rank: usize::MAX,
                    way,
                    pointed: false,
                });
            }
            return false;
        };
        let own = matches!(attempt.way, Way::Plain(p) if p.name == protocol.name);
        if protocol.name == "tls" || wants_tls {
            self.point_to_tls(attempt.rank);
            self.fallback.get_or_insert(identification);
            return false;
        }
        if own || !protocol.is_asked() {
            self.settle(attempt.rank, identification);
            return true;
        }
        // Another protocol's packet drew this answer; its own question may draw a fuller one.
        self.point_to(protocol, attempt.rank);
        self.fallback.get_or_insert(identification);
        false
    }

    fn judge_tls(&mut self, attempt: Attempt, wrapped: Wrapped) {
        let Way::Tls { hello, inside } = attempt.way else {
            return;
        };
        let Some(identification) = found::wrapped(&wrapped) else {
            let talk = Conversation {
                asked: Some(crate::exchange::HELLO.into()),
                received: wrapped.raw,
                proven: None,
                ending: wrapped.ending,
            };
            self.reasons.push((attempt.rank, reason(&talk)));
            return;
        };
        if identification.protocol != "tls" {
            self.settle(attempt.rank, identification);
            return;
        }
        // It is TLS, so whatever else is found must be found inside.
        self.fallback = Some(identification);
        self.queue.retain(|a| matches!(a.way, Way::Tls { .. }));
        let next = match (wrapped.retry, hello) {
            (true, Hello::Web) => Some(Way::Tls {
                hello: Hello::Bare,
                inside,
            }),
            _ if wrapped.inner.is_some() && inside + 1 < self.openings().count() => {
                Some(Way::Tls {
                    hello: Hello::Bare,
                    inside: inside + 1,
                })
            }
            _ => None,
        };
        if let Some(way) = next {
            self.queue.push_front(Attempt {
                way,
                pointed: true,
                ..attempt
            });
        }
    }

    fn settle(&mut self, rank: usize, identification: Identification) {
        if self.best.as_ref().is_none_or(|(best, _)| rank < *best) {
            self.best = Some((rank, identification));
        }
    }

    /// Moves TLS to the front, at the rank of the answer that pointed to it.
    fn point_to_tls(&mut self, rank: usize) {
        let is_tls = |way: Way| matches!(way, Way::Tls { .. });
        if let Some(running) = self.running.iter_mut().find(|r| is_tls(r.attempt.way)) {
            running.attempt.pointed = true;
            return;
        }
        let waiting = self.queue.iter().any(|a| is_tls(a.way));
        if self.wrapped && !waiting {
            return;
        }
        self.wrapped = true;
        self.queue.retain(|a| !is_tls(a.way));
        let way = Way::Tls {
            hello: Hello::Web,
            inside: 0,
        };
        self.queue.push_front(Attempt {
            rank,
            way,
            pointed: true,
        });
    }

    /// Moves a protocol's own question to the front, unless it has been asked.
    fn point_to(&mut self, protocol: &'static Protocol, rank: usize) {
        let same = |a: &Attempt| matches!(a.way, Way::Plain(p) if p.name == protocol.name);
        if let Some(running) = self.running.iter_mut().find(|r| same(&r.attempt)) {
            running.attempt.pointed = true;
            return;
        }
        let waiting = self
            .queue
            .iter()
            .position(same)
            .and_then(|at| self.queue.remove(at));
        if waiting.is_none() && self.asked.contains(&protocol.name) {
            return;
        }
        self.asked.push(protocol.name);
        let attempt = Attempt {
            rank,
            way: Way::Plain(protocol),
            pointed: true,
        };
        self.queue
            .push_front(waiting.map_or(attempt, |w| Attempt { pointed: true, ..w }));
    }

    fn outcome(mut self, elapsed: Duration) -> Outcome {
        let identification = self
            .best
            .take()
            .map(|(_, found)| found)
            .or(self.fallback.take());
        self.reasons.sort_by_key(|(rank, _)| *rank);
        let why = self
            .reasons
            .into_iter()
            .map(|(_, why)| why)
            .find(|why| !why.is_empty());
        let state = match (&identification, &why) {
            (Some(_), _) => ProbeState::Proven,
            (None, Some(_)) => ProbeState::Inconclusive,
            (None, None) => ProbeState::Silent,
        };
        let why = why.filter(|_| identification.is_none());
        let probe = Probe {
            state,
            why,
            sent: self.sent.names(),
        };
        Outcome {
            state: State::Open,
            probe,
            identification,
            elapsed,
        }
    }
}
