//! One TCP connection, made or not.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// What came of dialling.
pub(crate) enum Dialled {
    /// A connection, and how long it took.
    Open(TcpStream, Duration),
    /// Refused, unreachable, or merely connected to itself.
    Closed(String),
    /// Taken, and reset before a byte could be sent.
    Reset,
    /// Nothing at all came back in time.
    Silent,
}

/// Dials `target`.
pub(crate) async fn dial(target: SocketAddr, within: Duration) -> Dialled {
    let begun = Instant::now();
    let stream = match timeout(within, TcpStream::connect(target)).await {
        Err(_) => return Dialled::Silent,
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => return Dialled::Reset,
        Ok(Err(error)) => return Dialled::Closed(reason(&error)),
        Ok(Ok(stream)) => stream,
    };
    // The kernel may pick the very port that is dialled as the near end: TCP's simultaneous open
    // (RFC 9293 §3.5) then connects the socket to itself, though nothing listens there.
    let ends = stream.local_addr().ok().zip(stream.peer_addr().ok());
    if ends.is_some_and(|(near, far)| near == far) {
        return Dialled::Closed("the connection met itself; nothing listens there".into());
    }
    Dialled::Open(stream, begun.elapsed())
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "it refused the connection".into(),
        _ => format!("it could not be reached: {error}"),
    }
}
