//! One address, over the connections that its plan allows.
//!
//! The first connection listens; where nobody greets, the likeliest packet goes out on that same
//! connection and the others follow on connections of their own, each a little later. Proof
//! cancels the rest. Where two attempts prove different things, the plan's order decides, not the
//! clock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use portolan_ports::{Identification, Probe, ProbeState};
use tokio::time::{Instant, timeout_at};

use crate::attempt::{Attempt, Ended, Ground, Line, Running, Way, ended, hear_out, reason, verb};
use crate::dial::{Dialled, dial};
use crate::exchange::{Conversation, Ending, Sent, listen};
use crate::handshake::{Hello, Wrapped};
use crate::limits::Pool;
use crate::plan::SECOND_LOOK;
use crate::protocol::{Match, Protocol};
use crate::{Outcome, Plan, Request, State, deep, found};

/// How long an attempt that the plan prefers may still overrule a proof.
const GRACE: Duration = Duration::from_millis(100);

/// The first connection, as long as it only listens: what greets there is believed first.
const LISTENER: Attempt = Attempt {
    rank: 0,
    way: Way::Listen,
    pointed: false,
};

/// Asks one address. Ends at `until` at the latest.
pub(crate) async fn inquire(request: Request, until: Instant, pool: Pool) -> Outcome {
    let Request {
        target, host, plan, ..
    } = request;
    let room = pool.room().await;
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
    let ground = Ground {
        target,
        host: host.map(Arc::from),
        waits,
        passive: plan.passive,
        sent: Sent::default(),
        pool,
    };
    let mut inquiry = Inquiry::new(ground, plan, until);
    // Whatever has been found by `until` stands.
    drop(timeout_at(until, inquiry.run(Line { stream, room })).await);
    inquiry.running.clear();
    drop(timeout_at(until, inquiry.look_deeper()).await);
    inquiry.outcome(begun.elapsed())
}

/// What has been tried, what waits, and what was found.
struct Inquiry {
    ground: Ground,
    plan: Plan,
    until: Instant,
    queue: VecDeque<Attempt>,
    running: Vec<Running>,
    /// Connections made so far, the first included.
    used: usize,
    /// Whether TLS was tried, or is about to be.
    wrapped: bool,
    /// Whether the openings inside TLS were queued.
    opened: bool,
    /// Whether HTTP's own question was asked, or is about to be; the same for each by name.
    asked: Vec<&'static str>,
    best: Option<(usize, Identification)>,
    /// Stands if nothing better is found.
    fallback: Option<Identification>,
    /// Stands if nothing is proven.
    likely: Option<(usize, Identification)>,
    reasons: Vec<(usize, String)>,
}

impl Inquiry {
    fn new(ground: Ground, plan: Plan, until: Instant) -> Self {
        let queue: VecDeque<Attempt> = plan
            .protocols
            .iter()
            .enumerate()
            .filter(|(_, p)| p.is_asked() && !plan.passive)
            .map(|(at, &p)| Attempt {
                rank: at + 1,
                way: Way::to(p),
                pointed: false,
            })
            .collect();
        let wrapped = queue.iter().any(|a| matches!(a.way, Way::Tls { .. }));
        let asked = plan.protocols.iter().map(|p| p.name).collect();
        Self {
            ground,
            plan,
            until,
            queue,
            running: Vec::new(),
            used: 1,
            wrapped,
            opened: false,
            asked,
            best: None,
            fallback: None,
            likely: None,
            reasons: Vec::new(),
        }
    }

    async fn run(&mut self, mut line: Line) {
        let mut carried = None;
        if self.plan.straight {
            carried = Some(line);
        } else {
            let heard = listen(&mut line.stream, self.ground.waits.silence).await;
            match (heard.received.is_empty(), heard.ending) {
                (true, Ending::Quiet) if self.plan.patient || self.plan.passive => {
                    self.listen_on(Some(line));
                }
                (true, Ending::Quiet) => {
                    carried = Some(line);
                    if !self.plan.stop_at_banner {
                        // Somebody may greet late, and then not into our own words.
                        let at = self.queue.len().min(self.plan.expected);
                        self.queue.insert(at, LISTENER);
                    }
                }
                (true, ending) => {
                    self.reasons
                        .push((0, format!("it {} at once, without a byte", verb(ending))));
                    if self.plan.stop_at_banner {
                        return;
                    }
                    self.keep_expected(&[]);
                }
                (false, _) => {
                    let talk = hear_out(&self.ground, &mut line, heard.received).await;
                    let greeting = talk.received.clone();
                    let done = self.judge(LISTENER, talk);
                    if done || (self.plan.stop_at_banner && self.fallback.is_none()) {
                        return;
                    }
                    self.keep_expected(&greeting);
                }
            }
        }
        self.attempt(carried).await;
    }

    /// Listens until the end, on a connection of its own or on the first.
    fn listen_on(&mut self, carried: Option<Line>) {
        let within = self.until.saturating_duration_since(Instant::now());
        let within = within.min(self.ground.waits.reply);
        self.running.push(Running::start(
            LISTENER,
            carried,
            within,
            None,
            self.ground.clone(),
        ));
    }

    /// Whoever greets, or hangs up unasked, waits for no first packet: only what is expected is
    /// still worth a connection, and what the greeting itself may be the beginning of: a server of
    /// HTTP/2 may send its SETTINGS before the client's preface (RFC 9113 §3.4).
    fn keep_expected(&mut self, greeting: &[u8]) {
        let expected = self.plan.expected;
        let begun = |way: Way| match way {
            Way::Plain(p) if !greeting.is_empty() => {
                matches!(p.recognise(greeting), Match::Partial | Match::Likely(_))
            }
            _ => false,
        };
        self.queue
            .retain(|a| a.rank <= expected || a.pointed || begun(a.way));
    }

    /// Works the queue off, several attempts at a time.
    async fn attempt(&mut self, mut carried: Option<Line>) {
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
                        self.ground.waits.silence
                    } else {
                        self.ground.waits.stagger
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

    fn start(&mut self, attempt: Attempt, carried: Option<Line>) {
        let inside = match attempt.way {
            Way::Tls { inside, .. } => self.openings().nth(inside),
            Way::Plain(_) => None,
            Way::Listen => return self.listen_on(carried),
        };
        let (within, ground) = (self.plan.connect, self.ground.clone());
        self.running
            .push(Running::start(attempt, carried, within, inside, ground));
    }

    /// Takes a second look at what was proven, as far as the plan's connections reach.
    async fn look_deeper(&mut self) {
        let left = self.plan.connections.saturating_sub(self.used);
        let found = match &mut self.best {
            Some((_, best)) => Some(best),
            None => self.fallback.as_mut(),
        };
        let Some(found) = found.filter(|_| self.plan.deep) else {
            return;
        };
        let Some(innermost) = crate::protocol(&found.protocol) else {
            return;
        };
        let Ground {
            target,
            host,
            waits,
            sent,
            pool,
            ..
        } = &self.ground;
        let room = pool.room().await;
        let left = left.min(SECOND_LOOK);
        let host = host.as_deref();
        deep::look(found, innermost, host, *target, waits, left, sent).await;
        drop(room);
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
            if let Some(likely) = found::likely(&talk)
                && self
                    .likely
                    .as_ref()
                    .is_none_or(|(rank, _)| attempt.rank < *rank)
            {
                self.likely = Some((attempt.rank, likely));
            }
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
                likely: None,
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
        // What it chose by ALPN is not forgotten over what it says to a hello without.
        let chose = |f: &Identification| f.session.as_ref().is_some_and(|s| s.alpn.is_some());
        let known = self.fallback.take().filter(chose);
        self.fallback = Some(known.unwrap_or(identification));
        self.queue.retain(|a| matches!(a.way, Way::Tls { .. }));
        if let Some(hello) = wrapped.next {
            let way = Way::Tls { hello, inside };
            self.queue.push_front(Attempt {
                way,
                pointed: true,
                ..attempt
            });
        } else if wrapped.inner.is_some() && !self.opened {
            self.opened = true;
            // What chose h2 was not asked in anything else.
            let unasked = |at: &usize| *at != inside || hello == Hello::H2;
            let more = (0..self.openings().count()).filter(unasked);
            self.queue.extend(more.map(|inside| Attempt {
                rank: attempt.rank + inside,
                way: Way::Tls {
                    hello: Hello::Bare,
                    inside,
                },
                pointed: true,
            }));
        }
    }

    fn settle(&mut self, rank: usize, mut identification: Identification) {
        // The answer to another protocol's packet may have told more than that to its own.
        if let Some(other) = &self.fallback
            && other.protocol == identification.protocol
            && other.tls == identification.tls
            && identification.product.is_none()
            && other.product.is_some()
        {
            identification.product.clone_from(&other.product);
            identification.version.clone_from(&other.version);
            identification.cpe.clone_from(&other.cpe);
            identification.evidence.extend(other.evidence.clone());
        }
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
            .or(self.fallback.take())
            .or(self.likely.take().map(|(_, found)| found));
        self.reasons.sort_by_key(|(rank, _)| *rank);
        let why = self
            .reasons
            .into_iter()
            .map(|(_, why)| why)
            .find(|why| !why.is_empty());
        let state = match (&identification, &why) {
            (Some(found), _) if found.is_proven() => ProbeState::Proven,
            (Some(_), _) => ProbeState::Inconclusive,
            (None, Some(_)) => ProbeState::Inconclusive,
            (None, None) => ProbeState::Silent,
        };
        let why = match &identification {
            None => why,
            Some(found) if found.is_proven() => None,
            Some(_) => Some("what it said is too little to prove a protocol".to_owned()),
        };
        let probe = Probe {
            state,
            why,
            sent: self.ground.sent.names(),
        };
        Outcome {
            state: State::Open,
            probe,
            identification,
            elapsed,
        }
    }
}
