//! Connects to a server's unix socket without waiting for it.

use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

/// A connection to the socket at `path`, not blocking.
///
/// # Errors
/// What connect(2) says: `ACCESS`, `NOENT`, `CONNREFUSED` where nobody listens any more, `AGAIN`
/// where the server takes nobody in: unix(7) would have to wait there, for who knows how long.
pub(super) fn open(path: &Path) -> Result<UnixStream, Errno> {
    let address = SocketAddrUnix::new(path)?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    connect(&socket, &address)?;
    Ok(socket.into())
}
