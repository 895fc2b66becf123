//! The way to a ClientHello: a fresh connection, or one that was changed to TLS by what its own
//! protocol has for that (STARTTLS). How often it is opened is bounded.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::dial::{Dialled, dial};
use crate::exchange::Sent;
use crate::plan::Waits;
use crate::protocol::{Upgrade, Upgrading};

/// Where TLS is spoken at one target, and how often it may still be asked.
#[derive(Debug)]
pub(crate) struct Door<'a> {
    /// The address.
    pub(crate) target: SocketAddr,
    /// The name that the user gave it.
    pub(crate) host: Option<&'a str>,
    /// How a fresh connection is changed to TLS; `None` where it speaks TLS from its first byte.
    pub(crate) upgrading: Option<Upgrading>,
    /// How long each answer may take.
    pub(crate) waits: &'a Waits,
    /// What was sent.
    pub(crate) sent: &'a Sent,
    /// How many more connections may be made.
    pub(crate) left: usize,
}

/// The most bytes that a server may say before TLS.
const MOST_BYTES: usize = 16 * 1024;

/// The most reads and writes before TLS: what a server that drips costs.
const MOST_STEPS: usize = 64;

impl Door<'_> {
    /// A connection on which a ClientHello may be sent; `None` where there is none, or no more
    /// may be made.
    pub(crate) async fn open(&mut self) -> Option<TcpStream> {
        self.left = self.left.checked_sub(1)?;
        let Dialled::Open(mut stream, _) = dial(self.target, self.waits.reply).await else {
            return None;
        };
        let Some(upgrading) = self.upgrading else {
            return Some(stream);
        };
        // A greeting, a list of what it can do, and the change itself: three answers.
        let until = Instant::now() + self.waits.reply * 3;
        let upgraded = timeout_at(until, self.upgrade(&mut stream, upgrading)).await;
        (upgraded == Ok(Some(()))).then_some(stream)
    }

    /// Says what the protocol says, until the server is ready; `None` where it is not to be.
    async fn upgrade(&self, stream: &mut TcpStream, upgrading: Upgrading) -> Option<()> {
        let mut received = Vec::new();
        let mut said = 0;
        for _ in 0..MOST_STEPS {
            match upgrading(&received, said, self.target) {
                Upgrade::Ready => return Some(()),
                Upgrade::Refused => return None,
                Upgrade::Say(packet) => {
                    self.sent.push(packet.name.clone());
                    said += 1;
                    stream.write_all(&packet.bytes).await.ok()?;
                }
                Upgrade::Wait => {
                    let room = MOST_BYTES.checked_sub(received.len()).filter(|&r| r > 0)?;
                    received.reserve(room.min(2048));
                    let mut bounded = (&mut *stream).take(room as u64);
                    if bounded.read_buf(&mut received).await.ok()? == 0 {
                        return None;
                    }
                }
            }
        }
        None
    }
}
