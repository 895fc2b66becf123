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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::protocol::Packet;

    /// A protocol in which the server greets, is asked, and agrees by a line.
    fn upgrading(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
        let lines = received.split(|&b| b == b'\n').count() - 1;
        match (lines, sent) {
            (0, 0) | (1, 1) => Upgrade::Wait,
            (1, 0) => Upgrade::Say(Packet {
                name: "STARTTLS".into(),
                bytes: b"STARTTLS\n".as_slice().into(),
            }),
            (2, 1) if received.ends_with(b"OK\n") => Upgrade::Ready,
            _ => Upgrade::Refused,
        }
    }

    /// Opens the door to a server that says `greeting`, and `answer` to what it is asked.
    fn open(greeting: &'static [u8], answer: &'static [u8]) -> (bool, usize, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            drop(stream.write_all(greeting));
            let mut heard = [0; 9];
            if stream.read_exact(&mut heard).is_ok() {
                assert_eq!(&heard, b"STARTTLS\n");
                drop(stream.write_all(answer));
                drop(stream.read(&mut heard));
            }
        });
        let short = Duration::from_millis(200);
        let waits = Waits {
            silence: short,
            stagger: short,
            reply: short,
            total: short,
        };
        let sent = Sent::default();
        let mut door = Door {
            target,
            host: None,
            upgrading: Some(upgrading),
            waits: &waits,
            sent: &sent,
            left: 1,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let opened = runtime.block_on(async {
            let opened = door.open().await.is_some();
            assert!(door.open().await.is_none(), "more than was allowed");
            opened
        });
        server.join().unwrap();
        let names = sent.names().iter().map(ToString::to_string).collect();
        (opened, door.left, names)
    }

    #[test]
    fn a_server_that_agrees_lets_in_once() {
        let asked = vec!["STARTTLS".to_owned()];
        assert_eq!(open(b"hello\n", b"OK\n"), (true, 0, asked));
    }

    #[test]
    fn whoever_refuses_stalls_or_floods_does_not() {
        for (greeting, answer) in [
            (&b"hello\n"[..], &b"NO\n"[..]),
            (b"hello\n", b""),
            (b"hello\n", b"never a line's end"),
            (b"", b""),
            (b"no line's end", b""),
            (&[b'x'; MOST_BYTES + 1], b""),
        ] {
            let (opened, ..) = open(greeting, answer);
            assert!(!opened, "{} {}", greeting.len(), answer.escape_ascii());
        }
    }
}
