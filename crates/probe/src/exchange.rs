//! One connection: listen, say what the protocol says, and judge what comes back.
//!
//! Every wait has a deadline and every read a bound, so a server that drips, floods or falls
//! silent costs no more than any other.

use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use crate::plan::Waits;
use crate::protocol::{Match, Packet, Proof, Protocol, protocols};

/// The most bytes read on one connection.
const MOST_BYTES: usize = 16 * 1024;

/// From how many bytes on an answer that begins as what was said does is taken for an echo.
const SHORTEST_ECHO: usize = 4;

/// The most reads on one connection: each is judged anew, so their number is what a drip costs.
const MOST_READS: usize = 256;

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_millis(50);

/// The names of all packets sent during one inquiry, in order; shared by its connections, so that
/// what a cancelled one had sent is still told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent(Arc<Mutex<Vec<Cow<'static, str>>>>);

impl Sent {
    pub(crate) fn push(&self, name: Cow<'static, str>) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.contains(&name) {
            names.push(name);
        }
    }

    /// The names so far; "listen" alone where nothing was sent.
    pub(crate) fn names(&self) -> Vec<Cow<'static, str>> {
        let names = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if names.is_empty() {
            vec![Cow::Borrowed("listen")]
        } else {
            names
        }
    }

    /// Notes a packet that the TLS library sends.
    pub(crate) fn hello(&self) {
        self.push(Cow::Borrowed(HELLO));
    }
}

/// The name under which a ClientHello is reported.
pub(crate) const HELLO: &str = "tls ClientHello";

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All that was wanted had been heard, or what was heard can prove nothing.
    Settled,
    /// Nothing more came in time.
    Quiet,
    /// It closed the connection.
    Closed,
    /// It reset the connection.
    Reset,
    /// It sent more than is read.
    Flood,
}

/// What one connection brought.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// The name of the last packet that was sent; `None` if only listened.
    pub(crate) asked: Option<Cow<'static, str>>,
    /// All that was read.
    pub(crate) received: Vec<u8>,
    /// What that proves.
    pub(crate) proven: Option<(&'static Protocol, Box<Proof>)>,
    /// What it looks like where nothing is proven.
    pub(crate) likely: Option<(&'static Protocol, Box<Proof>)>,
    /// How it ended.
    pub(crate) ending: Ending,
}

impl Conversation {
    fn new(received: Vec<u8>, ending: Ending) -> Self {
        Self {
            asked: None,
            received,
            proven: None,
            likely: None,
            ending,
        }
    }
}

/// Waits `silence` for a server that speaks first; a quiet end means that it does not.
pub(crate) async fn listen<S>(stream: &mut S, silence: Duration) -> Conversation
where
    S: AsyncRead + Unpin,
{
    let mut received = Vec::new();
    let ending = read(stream, &mut received, Instant::now() + silence).await;
    Conversation::new(received, ending.unwrap_or(Ending::Settled))
}

/// Says `opening`'s first packet, if any, and whatever has to follow, and judges the answers.
///
/// `heard` is what was read before. `inside` is what is added to the names of packets.
pub(crate) async fn converse<S>(
    stream: &mut S,
    opening: Option<&'static Protocol>,
    heard: Vec<u8>,
    target: SocketAddr,
    waits: &Waits,
    sent: &Sent,
    inside: &'static str,
) -> Conversation
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut talk = Conversation::new(heard, Ending::Settled);
    let mut spoken = None;
    let mut said = Vec::new();
    let mut followed = 0;
    let mut deadline = Instant::now() + waits.reply;
    let mut reads = 0;
    let mut next = opening
        .and_then(|p| p.stream?.first)
        .map(|first| first(target));
    let mut unheard = next.is_some() && talk.received.is_empty();
    loop {
        if let Some(packet) = next.take() {
            let name = named(&packet, inside);
            sent.push(name.clone());
            talk.asked = Some(name);
            deadline = Instant::now() + waits.reply;
            said.extend_from_slice(&packet.bytes);
            if let Err(ending) = say(stream, &packet.bytes, deadline).await {
                talk.ending = ending;
                break;
            }
            unheard = true;
        }
        if !unheard {
            let verdict = judge(opening, &said, &talk.received);
            if let Some(proven) = verdict.proven {
                let (protocol, wanting) = (proven.0, proven.1.more);
                talk.proven = Some(proven);
                if !wanting {
                    next = protocol.follow(&talk.received, followed, target);
                    spoken = next.as_ref().map(|_| protocol).or(spoken);
                    if next.is_none() {
                        talk.ending = Ending::Settled;
                        break;
                    }
                }
            } else {
                let hopeful = !verdict.partial.is_empty() || verdict.likely.is_some();
                talk.likely = verdict.likely;
                let next_packet = verdict.partial.into_iter().find_map(|p| {
                    p.follow(&talk.received, followed, target)
                        .map(|packet| (p, packet))
                });
                let Some((protocol, packet)) = next_packet else {
                    if !hopeful {
                        talk.ending = Ending::Settled;
                        break;
                    }
                    if !wait(
                        stream,
                        &mut talk,
                        match followed {
                            0 => deadline.min(Instant::now() + waits.silence),
                            // What it was asked in its own protocol it may have to think about.
                            _ => deadline,
                        },
                        &mut reads,
                    )
                    .await
                    {
                        break;
                    }
                    continue;
                };
                spoken = Some(protocol);
                next = Some(packet);
            }
            if next.is_some() {
                followed += 1;
                continue;
            }
        }
        unheard = false;
        if !wait(stream, &mut talk, deadline, &mut reads).await {
            break;
        }
    }
    if let Some(bytes) = spoken.and_then(|p| p.stream?.farewell) {
        // Whether the farewell arrives changes nothing any more.
        drop(timeout(FAREWELL, part(stream, bytes)).await);
    }
    talk
}

/// Hears a server out that spoke first, and says nothing: what it takes to recognise a greeting.
pub(crate) async fn attend<S>(stream: &mut S, heard: Vec<u8>, waits: &Waits) -> Conversation
where
    S: AsyncRead + Unpin,
{
    let mut talk = Conversation::new(heard, Ending::Settled);
    let deadline = Instant::now() + waits.reply;
    let mut reads = 0;
    loop {
        let verdict = judge(None, &[], &talk.received);
        let wanting = verdict.proven.as_ref().map(|(_, proof)| proof.more);
        talk.proven = verdict.proven;
        talk.likely = verdict.likely;
        let hopeful = !verdict.partial.is_empty() || talk.likely.is_some();
        if !wanting.unwrap_or(hopeful) || !wait(stream, &mut talk, deadline, &mut reads).await {
            return talk;
        }
    }
}

/// Says goodbye and hears the far end out, so that it is not met by a reset.
async fn part<S>(stream: &mut S, farewell: &[u8]) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(farewell).await?;
    stream.flush().await?;
    let mut rest = [0; 512];
    for _ in 0..4 {
        if stream.read(&mut rest).await? == 0 {
            break;
        }
    }
    stream.shutdown().await
}

/// Reads on; false where the conversation has ended.
async fn wait<S>(stream: &mut S, talk: &mut Conversation, until: Instant, reads: &mut usize) -> bool
where
    S: AsyncRead + Unpin,
{
    *reads += 1;
    let ending = match read(stream, &mut talk.received, until).await {
        None if *reads >= MOST_READS => Some(Ending::Flood),
        None => None,
        Some(ending) => Some(ending),
    };
    let Some(ending) = ending else { return true };
    talk.ending = ending;
    false
}

/// Reads once; what ended it, if anything did.
async fn read<S>(stream: &mut S, received: &mut Vec<u8>, until: Instant) -> Option<Ending>
where
    S: AsyncRead + Unpin,
{
    let room = MOST_BYTES - received.len().min(MOST_BYTES);
    if room == 0 {
        return Some(Ending::Flood);
    }
    received.reserve(room.min(2048));
    let mut bounded = stream.take(room as u64);
    match timeout_at(until, bounded.read_buf(received)).await {
        Err(_) => Some(Ending::Quiet),
        Ok(Ok(0)) => Some(Ending::Closed),
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(ended_by(&error)),
    }
}

async fn say<S>(stream: &mut S, bytes: &[u8], until: Instant) -> Result<(), Ending>
where
    S: AsyncWrite + Unpin,
{
    let written = timeout_at(until, async {
        stream.write_all(bytes).await?;
        stream.flush().await
    });
    match written.await {
        Err(_) => Err(Ending::Quiet),
        Ok(Err(error)) => Err(ended_by(&error)),
        Ok(Ok(())) => Ok(()),
    }
}

fn ended_by(error: &io::Error) -> Ending {
    match error.kind() {
        // TLS inside: the far end hung up without a close_notify.
        io::ErrorKind::UnexpectedEof => Ending::Closed,
        _ => Ending::Reset,
    }
}

fn named(packet: &Packet, inside: &'static str) -> Cow<'static, str> {
    match inside {
        "" => packet.name.clone(),
        _ => Cow::Owned(format!("{}{inside}", packet.name)),
    }
}

struct Verdict {
    proven: Option<(&'static Protocol, Box<Proof>)>,
    likely: Option<(&'static Protocol, Box<Proof>)>,
    partial: Vec<&'static Protocol>,
}

/// Holds the bytes against every grammar: that of the packet sent first, then in the table's
/// order. What was asked does not matter to a grammar: a web server that refuses another
/// protocol's packet in HTTP has proven HTTP.
///
/// What sends our own words back is an echo, whatever grammar those words meet.
fn judge(opening: Option<&'static Protocol>, said: &[u8], received: &[u8]) -> Verdict {
    let mut verdict = Verdict {
        proven: None,
        likely: None,
        partial: Vec::new(),
    };
    let others = protocols().filter(|p| opening.is_none_or(|o| o.name != p.name));
    let shared = said.len().min(received.len());
    let echoed = shared >= SHORTEST_ECHO && said[..shared] == received[..shared];
    for protocol in opening.into_iter().chain(others) {
        if echoed && protocol.name != "echo" {
            continue;
        }
        match protocol.recognise(received) {
            Match::Proven(proof) => {
                verdict.proven = Some((protocol, proof));
                break;
            }
            Match::Likely(proof) => drop(verdict.likely.get_or_insert((protocol, proof))),
            Match::Partial => verdict.partial.push(protocol),
            Match::No => {}
        }
    }
    verdict
}
