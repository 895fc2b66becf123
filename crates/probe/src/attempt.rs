//! One attempt of an inquiry: what it sends, while it runs, and what came of it.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::TcpStream;

use crate::dial::{Dialled, dial};
use crate::exchange::{Conversation, Ending, Sent, attend, converse, listen};
use crate::handshake::{Hello, Wrapped, wrap};
use crate::limits::{Pool, Room};
use crate::plan::Waits;
use crate::protocol::Protocol;

/// What an attempt sends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// Nothing, but listens on.
    Listen,
    /// The protocol's own first packet.
    Plain(&'static Protocol),
    /// A ClientHello, and inside TLS the opening with that place among the inquiry's.
    Tls { hello: Hello, inside: usize },
}

impl Way {
    /// How to ask for `protocol`.
    pub(crate) fn to(protocol: &'static Protocol) -> Self {
        match protocol.name {
            "tls" => Self::Tls {
                hello: Hello::Web,
                inside: 0,
            },
            _ => Self::Plain(protocol),
        }
    }
}

/// An attempt in its turn; a lower rank is believed before a higher.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) rank: usize,
    pub(crate) way: Way,
    /// Whether an answer pointed to it: it then goes on although something was found.
    pub(crate) pointed: bool,
}

/// What came of an attempt.
pub(crate) enum Ended {
    /// Something was said in plain text, or nothing.
    Plain(Conversation),
    /// A handshake was tried.
    Tls(Wrapped),
    /// There was no connection, for this reason.
    Unreached(String),
}

/// A connection that is open already, with its room.
pub(crate) struct Line {
    pub(crate) stream: TcpStream,
    pub(crate) room: Room,
}

/// What the attempts of one inquiry share.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) target: SocketAddr,
    /// The name that the user gave it, for TLS.
    pub(crate) host: Option<Arc<str>>,
    pub(crate) waits: Waits,
    pub(crate) passive: bool,
    pub(crate) sent: Sent,
    pub(crate) pool: Pool,
}

/// An attempt that is under way; dropping it closes its connection.
pub(crate) struct Running {
    pub(crate) attempt: Attempt,
    future: Pin<Box<dyn Future<Output = Ended> + Send>>,
}

impl Running {
    /// Makes ready; nothing is sent before [`ended`] is awaited.
    ///
    /// `within` is the time for making a connection, or for listening on.
    pub(crate) fn start(
        attempt: Attempt,
        carried: Option<Line>,
        within: Duration,
        inside: Option<&'static Protocol>,
        ground: Ground,
    ) -> Self {
        let future = Box::pin(async move {
            let mut line = match carried {
                Some(line) => line,
                None => match connect(&ground, within).await {
                    Ok(line) => line,
                    Err(why) => return Ended::Unreached(why),
                },
            };
            let Ground {
                target,
                host,
                waits,
                sent,
                ..
            } = &ground;
            match attempt.way {
                Way::Listen => {
                    let heard = listen(&mut line.stream, within).await;
                    if heard.received.is_empty() {
                        return Ended::Plain(heard);
                    }
                    let heard = heard.received;
                    Ended::Plain(hear_out(&ground, &mut line, heard).await)
                }
                Way::Plain(protocol) => {
                    let opening = Some(protocol);
                    let heard = Vec::new();
                    let talk = converse(&mut line.stream, opening, heard, *target, waits, sent, "");
                    Ended::Plain(talk.await)
                }
                Way::Tls { hello, .. } => {
                    let Line { stream, room } = line;
                    let wrapped =
                        wrap(stream, hello, host.as_deref(), inside, *target, waits, sent).await;
                    drop(room);
                    Ended::Tls(wrapped)
                }
            }
        });
        Self { attempt, future }
    }
}

async fn connect(ground: &Ground, within: Duration) -> Result<Line, String> {
    let room = ground.pool.room().await;
    match dial(ground.target, within).await {
        Dialled::Open(stream, _) => Ok(Line { stream, room }),
        Dialled::Closed(why) => Err(format!("on a further connection {why}")),
        Dialled::Reset => Err("it reset a further connection at once".into()),
        Dialled::Silent => Err("it took no further connection in time".into()),
    }
}

/// What a server that spoke first has to say; it is answered unless nothing is to be sent.
pub(crate) async fn hear_out(ground: &Ground, line: &mut Line, heard: Vec<u8>) -> Conversation {
    let Ground {
        target,
        waits,
        passive,
        sent,
        ..
    } = ground;
    match passive {
        true => attend(&mut line.stream, heard, waits).await,
        false => converse(&mut line.stream, None, heard, *target, waits, sent, "").await,
    }
}

/// The next attempt to end; of several that have ended, the first started.
pub(crate) async fn ended(running: &mut Vec<Running>) -> (Attempt, Ended) {
    poll_fn(|cx| {
        for at in 0..running.len() {
            if let Poll::Ready(ended) = running[at].future.as_mut().poll(cx) {
                return Poll::Ready((running.remove(at).attempt, ended));
            }
        }
        Poll::Pending
    })
    .await
}

/// Why a conversation proved nothing; empty where it was mere silence.
pub(crate) fn reason(talk: &Conversation) -> String {
    let count = talk.received.len();
    let what = match &talk.asked {
        Some(asked) => format!("it answered {asked} with"),
        None => "it greeted with".into(),
    };
    match (count, talk.ending, &talk.asked) {
        (0, Ending::Quiet, _) => String::new(),
        (0, ending, Some(asked)) => format!("it {} without answering {asked}", verb(ending)),
        (0, ending, None) => format!("it {} at once, without a byte", verb(ending)),
        (_, Ending::Flood, _) => format!("{what} more than is read, and no known grammar is met"),
        (_, Ending::Quiet | Ending::Closed | Ending::Reset, _) => {
            format!("{what} {count} bytes that no known grammar finds complete")
        }
        (_, Ending::Settled, _) => format!("{what} {count} bytes that meet no known grammar"),
    }
}

/// What it did to the connection.
pub(crate) fn verb(ending: Ending) -> &'static str {
    match ending {
        Ending::Reset => "reset the connection",
        _ => "closed the connection",
    }
}
