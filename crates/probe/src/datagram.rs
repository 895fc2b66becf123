//! One address over UDP: every protocol's first datagrams, each protocol from a socket of its own.
//!
//! A silent port may be open, or a firewall may swallow what is sent: only an answer, or the
//! kernel's word that nothing is there (ICMP port unreachable), tells.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use portolan_ports::{Identification, Probe, ProbeState};
use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep, timeout_at};

use crate::attempt::Ground;
use crate::exchange::Sent;
use crate::limits::Pool;
use crate::plan::Waits;
use crate::protocol::{Datagram, Match, Packet, Proof, Protocol, protocols};
use crate::{Outcome, Request, State, found};

/// The most that is kept of one datagram.
const MOST_BYTES: usize = 8 * 1024;

/// The most datagrams read on one socket.
const MOST_READS: usize = 32;

/// How many follow-up datagrams a protocol may add.
const MOST_FOLLOWED: usize = 4;

/// Between the first datagrams of one protocol and of the next, on loopback.
const STAGGER: Duration = Duration::from_millis(8);

/// How long a protocol that the plan prefers may still overrule a proof.
const GRACE: Duration = Duration::from_millis(60);

/// What one protocol's datagrams brought.
enum Ended {
    Found(&'static Protocol, Box<Proof>, Exchange),
    /// It answered, and no grammar knows that.
    Unknown(Exchange),
    /// Nothing listens there.
    Refused,
    Silent,
    /// The system would not send.
    Failed(String),
}

/// The datagram that counts, and the name of what drew it.
struct Exchange {
    asked: Cow<'static, str>,
    received: Vec<u8>,
    certain: bool,
}

struct Asking {
    rank: usize,
    future: Pin<Box<dyn Future<Output = Ended> + Send>>,
}

/// Asks one address. Ends at `until` at the latest.
pub(crate) async fn inquire(request: Request, until: Instant, pool: Pool) -> Outcome {
    let Request { target, plan, .. } = request;
    let begun = Instant::now();
    let waits = plan.waits(Duration::ZERO);
    let ground = Ground {
        target,
        host: None,
        waits,
        passive: plan.passive,
        sent: Sent::default(),
        pool,
    };
    let until = until.min(begun + waits.total);
    let mut inquiry = Inquiry::default();
    let asked = plan.protocols.iter().filter(|p| p.datagram.is_some());
    let asked = asked.take(if plan.passive { 0 } else { plan.connections });
    let mut asking: Vec<Asking> = asked
        .enumerate()
        .filter_map(|(rank, &protocol)| {
            let datagram = protocol.datagram?;
            let (ground, heard) = (ground.clone(), Arc::clone(&inquiry.heard));
            // What is expected gets a head start, so that often nothing else needs to be sent.
            let head = match plan.expected > 0 && rank > 0 {
                true => waits.silence / 2,
                false => Duration::ZERO,
            };
            let delay = head + STAGGER * u32::try_from(rank).unwrap_or(u32::MAX);
            let future = Box::pin(async move {
                sleep(delay).await;
                ask(protocol, datagram, &ground, &heard).await
            });
            Some(Asking { rank, future })
        })
        .collect();
    drop(timeout_at(until, inquiry.run(&mut asking)).await);
    drop(asking);
    inquiry.outcome(&ground.sent, plan.passive, begun.elapsed())
}

/// What was found so far.
#[derive(Default)]
struct Inquiry {
    best: Option<(usize, Identification)>,
    likely: Option<(usize, Identification)>,
    /// Whether anything came back, on whichever socket.
    heard: Arc<AtomicBool>,
    refused: bool,
    reason: Option<String>,
}

impl Inquiry {
    async fn run(&mut self, asking: &mut Vec<Asking>) {
        let mut grace: Option<Instant> = None;
        while !asking.is_empty() {
            let next = match grace {
                None => ended(asking).await,
                Some(until) => match timeout_at(until, ended(asking)).await {
                    Ok(next) => next,
                    Err(_) => return,
                },
            };
            let (rank, end) = next;
            match end {
                Ended::Found(protocol, proof, exchange) => {
                    let slot = match exchange.certain {
                        true => &mut self.best,
                        false => &mut self.likely,
                    };
                    if slot.as_ref().is_none_or(|(best, _)| rank < *best) {
                        let Exchange {
                            asked,
                            received,
                            certain,
                        } = exchange;
                        let one = found::told(protocol, &proof, Some(asked), &received, certain);
                        *slot = Some((rank, one));
                    }
                }
                Ended::Unknown(exchange) => {
                    let (asked, count) = (exchange.asked, exchange.received.len());
                    self.reason.get_or_insert(format!(
                        "it answered {asked} with {count} bytes that meet no known grammar"
                    ));
                }
                Ended::Refused => {
                    self.refused = true;
                    if !self.heard.load(Ordering::Relaxed) {
                        return;
                    }
                }
                Ended::Silent => {}
                Ended::Failed(why) => drop(self.reason.get_or_insert(why)),
            }
            if let Some((best, _)) = &self.best {
                asking.retain(|a| a.rank < *best);
                grace = grace.or(Some(Instant::now() + GRACE));
            }
        }
    }

    fn outcome(self, sent: &Sent, passive: bool, elapsed: Duration) -> Outcome {
        let identification = self.best.or(self.likely).map(|(_, one)| one);
        let answered = self.heard.load(Ordering::Relaxed);
        let state = match (answered, self.refused) {
            (true, _) => State::Open,
            (false, true) => State::Closed,
            (false, false) => State::Silent,
        };
        let (probe, why) = match &identification {
            Some(one) if one.is_proven() => (ProbeState::Proven, None),
            Some(_) => (
                ProbeState::Inconclusive,
                Some("what it answered is too little to prove a protocol".into()),
            ),
            None if answered => (ProbeState::Inconclusive, self.reason),
            None if self.refused => (
                ProbeState::Refused,
                Some("nothing listens there (ICMP port unreachable)".into()),
            ),
            None if passive => (
                ProbeState::Skipped,
                Some("over UDP nobody speaks unasked, and nothing was to be sent".into()),
            ),
            None => (ProbeState::Silent, self.reason),
        };
        Outcome {
            state,
            probe: Probe {
                state: probe,
                why,
                sent: match probe {
                    ProbeState::Skipped => Vec::new(),
                    _ => sent.names(),
                },
            },
            identification,
            elapsed,
        }
    }
}

async fn ended(asking: &mut Vec<Asking>) -> (usize, Ended) {
    poll_fn(|cx| {
        for at in 0..asking.len() {
            if let Poll::Ready(end) = asking[at].future.as_mut().poll(cx) {
                return Poll::Ready((asking.remove(at).rank, end));
            }
        }
        Poll::Pending
    })
    .await
}

/// Sends one protocol's datagrams, once more where nothing comes, and reads what comes back.
/// `heard` is set as soon as anything does.
async fn ask(
    protocol: &'static Protocol,
    datagram: Datagram,
    ground: &Ground,
    heard: &AtomicBool,
) -> Ended {
    let target = ground.target;
    let _room = ground.pool.room().await;
    let socket = match open(target, datagram.strays).await {
        Ok(socket) => socket,
        Err(error) => return ended_by(&error),
    };
    let Waits { reply, .. } = ground.waits;
    let packets = (datagram.first)(target);
    let mut unknown = None;
    let mut likely = None;
    // An error does not unsay what came before it: a server may answer, and end.
    let mut failure = None;
    'rounds: for round in 0..2 {
        let deadline = Instant::now() + reply / 2;
        for packet in &packets {
            if round > 0 || packet != &packets[0] {
                ground.pool.turn().await;
            }
            if let Err(error) = say(&socket, packet, ground, datagram.strays).await {
                failure = Some(error);
                break 'rounds;
            }
        }
        for _ in 0..MOST_READS {
            let received = match hear(&socket, target, datagram.strays, deadline).await {
                Ok(Some(received)) => received,
                Ok(None) => break,
                Err(error) => {
                    failure = Some(error);
                    break 'rounds;
                }
            };
            heard.store(true, Ordering::Relaxed);
            let asked = named(&packets);
            // What sends our own words back is an echo, whatever grammar those words meet.
            let echoed = packets.iter().any(|p| *p.bytes == *received);
            let judged = match echoed && protocol.name != "echo" {
                true => None,
                false => judge(protocol, &received),
            };
            match judged {
                Some((by, proof, true)) => {
                    let exchange = Exchange {
                        asked,
                        received,
                        certain: true,
                    };
                    let proof = follow(&socket, by, proof, &exchange.received, ground).await;
                    return Ended::Found(by, proof, exchange);
                }
                Some((by, proof, false)) => {
                    let exchange = Exchange {
                        asked,
                        received,
                        certain: false,
                    };
                    likely.get_or_insert((by, proof, exchange));
                }
                None => {
                    let exchange = Exchange {
                        asked,
                        received,
                        certain: false,
                    };
                    unknown.get_or_insert(exchange);
                }
            }
        }
        if unknown.is_some() || likely.is_some() {
            break;
        }
    }
    match (likely, unknown) {
        (Some((by, proof, exchange)), _) => Ended::Found(by, proof, exchange),
        (None, Some(exchange)) => Ended::Unknown(exchange),
        (None, None) => failure.map_or(Ended::Silent, |error| ended_by(&error)),
    }
}

/// Asks on where the protocol wants to; what the answers tell is put together.
async fn follow(
    socket: &UdpSocket,
    protocol: &'static Protocol,
    mut proof: Box<Proof>,
    proving: &[u8],
    ground: &Ground,
) -> Box<Proof> {
    let Some(datagram) = protocol.datagram else {
        return proof;
    };
    let target = ground.target;
    for followed in 0..MOST_FOLLOWED {
        let Some(packet) = (datagram.follow)(proving, followed, target) else {
            break;
        };
        ground.pool.turn().await;
        if say(socket, &packet, ground, datagram.strays).await.is_err() {
            break;
        }
        let deadline = Instant::now() + ground.waits.silence * 2;
        let Ok(Some(received)) = hear(socket, target, datagram.strays, deadline).await else {
            continue;
        };
        if let Match::Proven(more) = (datagram.recognise)(&received) {
            if proof.product.is_none() || (proof.version.is_none() && proof.product == more.product)
            {
                proof.product_rule = more.product_rule;
                proof.product = more.product;
                proof.version = more.version;
                proof.cpe = more.cpe;
            }
            proof.told.extend(more.told);
        }
    }
    proof
}

/// The first grammar that the datagram meets, that of `asked` before all others, and whether it
/// proves it.
fn judge(
    asked: &'static Protocol,
    received: &[u8],
) -> Option<(&'static Protocol, Box<Proof>, bool)> {
    let others = protocols().filter(|p| p.name != asked.name);
    let mut likely = None;
    for protocol in std::iter::once(asked).chain(others) {
        match protocol.recognise_datagram(received) {
            Match::Proven(proof) => return Some((protocol, proof, true)),
            Match::Likely(proof) => drop(likely.get_or_insert((protocol, proof, false))),
            Match::Partial | Match::No => {}
        }
    }
    likely
}

fn named(packets: &[Packet]) -> Cow<'static, str> {
    packets
        .first()
        .map_or(Cow::Borrowed(""), |p| p.name.clone())
}

/// A socket for one protocol. It is connected, so that the kernel tells of ICMP errors, unless
/// answers may come from another port.
async fn open(target: SocketAddr, strays: bool) -> io::Result<UdpSocket> {
    let any: IpAddr = match target {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    // The kernel may pick the very port that is asked, and we would answer ourselves.
    if socket.local_addr()?.port() == target.port() {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    if !strays {
        socket.connect(target).await?;
    }
    Ok(socket)
}

async fn say(socket: &UdpSocket, packet: &Packet, ground: &Ground, strays: bool) -> io::Result<()> {
    ground.sent.push(packet.name.clone());
    match strays {
        true => socket.send_to(&packet.bytes, ground.target).await?,
        false => socket.send(&packet.bytes).await?,
    };
    Ok(())
}

/// The next datagram from the target; `None` where none came in time.
async fn hear(
    socket: &UdpSocket,
    target: SocketAddr,
    strays: bool,
    until: Instant,
) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = vec![0; MOST_BYTES];
    loop {
        let length = match timeout_at(until, socket.recv_from(&mut buffer)).await {
            Err(_) => return Ok(None),
            Ok(Err(error)) => return Err(error),
            // To an unconnected socket anybody may send.
            Ok(Ok((_, from))) if strays && from.ip() != target.ip() => continue,
            Ok(Ok((length, _))) => length,
        };
        buffer.truncate(length);
        return Ok(Some(buffer));
    }
}

fn ended_by(error: &io::Error) -> Ended {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Ended::Refused,
        _ => Ended::Failed(format!("it could not be asked: {error}")),
    }
}
