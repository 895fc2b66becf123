//! A second look at what was proven: TLS versions one by one, and TLS behind STARTTLS.

use std::net::SocketAddr;

use portolan_ports::{Identification, TlsSession, TlsVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, timeout, timeout_at};

use crate::client_hello::client_hello;
use crate::door::Door;
use crate::exchange::Sent;
use crate::handshake::{Hello, Recorder, in_clear, session, shake};
use crate::plan::Waits;
use crate::protocol::Protocol;
use crate::server_flight::{MOST_BYTES, ServerFlight};

/// Adds to `found` what further connections, at most `connections`, show about its TLS.
///
/// `innermost` is the protocol that was proven, `host` the name that the user gave.
pub(crate) async fn look(
    found: &mut Identification,
    innermost: &'static Protocol,
    host: Option<&str>,
    target: SocketAddr,
    waits: &Waits,
    connections: usize,
    sent: &Sent,
) {
    let upgrading = innermost.stream.and_then(|s| s.upgrade);
    let offered = found.starttls || UNTOLD.contains(&innermost.name);
    let behind = offered && upgrading.is_some();
    if !found.tls && !behind {
        return;
    }
    let mut door = Door {
        target,
        // An address is no name: RFC 6066 §3 has none in a ClientHello.
        host: host.filter(|h| h.parse::<std::net::IpAddr>().is_err()),
        upgrading: upgrading.filter(|_| !found.tls),
        waits,
        sent,
        left: connections,
    };
    // What is found stands in `found` at once: this may be cut off by the end of the time.
    let unnamed = |s: &TlsSession| s.certificate.as_ref().is_none_or(|c| c.for_host.is_none());
    let nameless = door.host.is_some() && found.session.as_deref().is_none_or(unnamed);
    if door.upgrading.is_some() || nameless {
        let farewell = innermost.stream.and_then(|s| s.farewell);
        let farewell = farewell.filter(|_| door.upgrading.is_some());
        match agree(&mut door, farewell).await {
            Some(fresh) => {
                found.starttls |= door.upgrading.is_some();
                add(&mut found.session, fresh);
            }
            // What cannot be reached once more is not asked for its versions.
            None if door.upgrading.is_some() => return,
            None => {}
        }
    }
    if !BANS.contains(&innermost.name) {
        versions(&mut door, &mut found.session).await;
    }
}

/// Protocols whose servers ban whoever connects often, so that versions are not worth their
/// connections: Murmur does after ten in two minutes (its `autobanAttempts`).
const BANS: [&str; 1] = ["mumble"];

/// Protocols that tell whether they offer TLS only when they are asked for it.
const UNTOLD: [&str; 2] = ["ldap", "postgresql"];

/// Adds what a later connection showed to what earlier ones did.
fn add(seen: &mut Option<Box<TlsSession>>, fresh: TlsSession) {
    if fresh == TlsSession::default() {
        return;
    }
    let seen = seen.get_or_insert_default();
    seen.versions.extend(fresh.versions);
    seen.versions.sort_unstable();
    seen.versions.dedup();
    // A handshake that ended well, and one with the name that was asked for, tells more.
    if fresh.version.is_some() || seen.certificate.is_none() {
        seen.certificate = fresh.certificate.or(seen.certificate.take());
    }
    if fresh.version.is_some() || seen.cipher.is_none() {
        seen.cipher = fresh.cipher.or(seen.cipher.take());
    }
    seen.version = fresh.version.or(seen.version);
    seen.alpn = seen.alpn.take().or(fresh.alpn);
}

/// One handshake, after which nothing is said but goodbye; `None` where no connection got that
/// far.
async fn agree(door: &mut Door<'_>, farewell: Option<&'static [u8]>) -> Option<TlsSession> {
    let mut recorder = Recorder::new(door.open().await?);
    let shaking = shake(
        &mut recorder,
        Hello::Bare,
        door.host,
        door.target,
        door.waits,
        door.sent,
    );
    let shaken = match shaking.await {
        Ok(mut stream) => {
            let session = session(stream.get_ref().1, door.host);
            let parting = async {
                if let Some(farewell) = farewell {
                    stream.write_all(farewell).await?;
                    stream.flush().await?;
                }
                stream.shutdown().await
            };
            // Whether it arrives changes nothing any more.
            drop(timeout(FAREWELL, parting).await);
            Some(session)
        }
        Err(_) => None,
    };
    shaken.or_else(|| Some(in_clear(recorder.raw(), door.host).unwrap_or_default()))
}

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_millis(50);

/// Asks for one version after the other, newest first, each on a connection of its own.
///
/// A server answers with the newest that it has and that was asked for, so what it skips it does
/// not have. What was agreed on before is not asked for again.
async fn versions(door: &mut Door<'_>, seen: &mut Option<Box<TlsSession>>) {
    if let Some(seen) = seen {
        seen.versions.extend(seen.version);
        seen.versions.sort_unstable();
        seen.versions.dedup();
    }
    let mut below = None;
    for version in TlsVersion::ALL.into_iter().rev() {
        let known = |s: &TlsSession| s.versions.contains(&version);
        if seen.as_deref().is_some_and(known) || below.is_some_and(|below| version >= below) {
            continue;
        }
        let Some(stream) = door.open().await else {
            break;
        };
        match ask(stream, version, door).await {
            Answer::Silence => break,
            Answer::Refusal => {}
            Answer::Agreed(flight) => {
                below = flight.versions.first().copied();
                add(seen, flight);
            }
        }
    }
}

/// What came of asking for one version.
enum Answer {
    /// It agreed to the one that stands in the session.
    Agreed(TlsSession),
    /// It refused, or hung up.
    Refusal,
    /// Nothing came in time: asking on would only take longer.
    Silence,
}

async fn ask(mut stream: TcpStream, version: TlsVersion, door: &Door<'_>) -> Answer {
    let name = format!("tls ClientHello for {}", version.as_str());
    door.sent.push(name.into());
    let until = Instant::now() + door.waits.reply;
    let hello = client_hello(version, door.host);
    let mut received = Vec::new();
    let hearing = async {
        if stream.write_all(&hello).await.is_err() {
            return;
        }
        while !settled(&received) {
            let mut bounded = (&mut stream).take((MOST_BYTES - received.len()) as u64);
            if !bounded
                .read_buf(&mut received)
                .await
                .is_ok_and(|count| count > 0)
            {
                return;
            }
        }
    };
    let late = timeout_at(until, hearing).await.is_err();
    match in_clear(&received, door.host) {
        // Nothing newer than what was asked for can be agreed to.
        Some(flight) if flight.versions.iter().all(|&agreed| agreed <= version) => {
            Answer::Agreed(flight)
        }
        Some(_) => Answer::Refusal,
        None if late => Answer::Silence,
        None => Answer::Refusal,
    }
}

/// Whether no further byte adds to what was heard.
fn settled(received: &[u8]) -> bool {
    // No TLS begins with another byte, and no flight in clear is longer.
    let other = received
        .first()
        .is_some_and(|first| ![21, 22].contains(first));
    other
        || received.len() >= MOST_BYTES
        || match ServerFlight::read(received) {
            Some(ServerFlight::Hello { whole, .. }) => whole,
            Some(ServerFlight::Refused) => true,
            None => false,
        }
}
