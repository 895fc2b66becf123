//! Why a registry was not taken.

use std::io;
use std::path::PathBuf;

use portolan_registry::read;

/// An update that did not happen.
#[derive(Debug, thiserror::Error)]
#[error("cannot update the registry from {from} (that of {date} stays in force)")]
pub struct Error {
    /// The address or file.
    pub from: String,
    /// How new the registry is that goes on answering.
    pub date: String,
    /// Why.
    #[source]
    pub refusal: Box<Refusal>,
}

/// The reason.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// What `--from` says is no address that can be fetched.
    #[error("{why}")]
    Address {
        /// What is wrong, and what to write instead.
        why: &'static str,
    },
    /// A proxy variable that is none.
    #[error("{variable} names no proxy of the form http://HOST:PORT; correct it or unset it")]
    Proxy {
        /// The environment variable; its value may hold a password.
        variable: &'static str,
    },
    /// No address of the host is known.
    #[error(
        "the host {host} is not known; check its name and this machine's DNS, or set HTTPS_PROXY"
    )]
    Host {
        /// Its name.
        host: String,
    },
    /// The connection could not be made, or broke.
    #[error("the connection to {host} failed")]
    Connection {
        /// The host and port.
        host: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// TLS could not be agreed on, or the certificate is not trusted.
    #[error("no secure connection to {host}, whose certificate must be trusted by this system")]
    Tls {
        /// The host and port.
        host: String,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// A bound in time was passed.
    #[error("{host} {late}; try again later")]
    Late {
        /// The host and port.
        host: String,
        /// Which bound, in words.
        late: String,
    },
    /// Anything else that HTTP forbids.
    #[error("{host} does not keep to HTTP")]
    Http {
        /// The host and port.
        host: String,
        /// How.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The server has no registry there.
    #[error("the server answered {status}; is the address right?")]
    Status {
        /// Code and reason.
        status: String,
    },
    /// It pointed elsewhere too often.
    #[error("the server redirects more than {most} times")]
    Redirects {
        /// The most that are followed.
        most: usize,
    },
    /// It pointed to what no client should follow.
    #[error("the server redirects to {to:?}, which {why}")]
    Redirect {
        /// Where to; cut.
        to: String,
        /// What is wrong with that.
        why: &'static str,
    },
    /// "Not modified", without having been asked whether it was.
    #[error("the server answered 304 Not Modified where nothing had been fetched before")]
    Unasked,
    /// The server used an encoding that was not offered.
    #[error("the server sent the content encoding {found:?}, which was not asked for")]
    Encoding {
        /// Its name; cut.
        found: String,
    },
    /// Less came than was announced.
    #[error("the download broke off after {got} of {all} bytes; try again")]
    Truncated {
        /// How many bytes came.
        got: u64,
        /// How many were announced.
        all: String,
    },
    /// More than is taken.
    #[error(
        "it has {bytes} bytes, more than the {most} that are taken; a registry has about 4,000,000"
    )]
    TooLarge {
        /// As announced, or "more".
        bytes: u64,
        /// The bound.
        most: u64,
    },
    /// More than is taken, and no end in sight.
    #[error("it goes on after the {most} bytes that are taken; a registry has about 4,000,000")]
    Endless {
        /// The bound.
        most: u64,
    },
    /// It unpacks to far too much.
    #[error(
        "it unpacks to more than {times} times its size, which no registry does: a compression bomb"
    )]
    Bomb {
        /// The bound.
        times: u64,
    },
    /// The gzip stream is damaged or ends early.
    #[error("its gzip compression is damaged or ends early; fetch it again")]
    Gzip {
        /// How.
        #[source]
        source: io::Error,
    },
    /// A web page came.
    #[error("it is a web page (HTML), not a registry; is the address right?")]
    Page,
    /// Nothing came.
    #[error("it is empty")]
    Empty,
    /// The last line has no end.
    #[error("it ends in the middle of a line; fetch it again")]
    Cut,
    /// It is no registry, or a broken one.
    #[error("it cannot be read as a registry")]
    Unreadable(#[source] read::Error),
    /// It is larger than a table of the registry can be.
    #[error("it holds more text than a table of the registry takes")]
    TableTooLarge,
    /// Rows are missing.
    #[error(
        "it has {rows} rows where the one in force has {before}; if that is right: --allow-shrink"
    )]
    FewerRows {
        /// How many it has.
        rows: usize,
        /// How many there were.
        before: usize,
    },
    /// Names are missing.
    #[error(
        "it lacks {lost} of the {before} service names in force; if that is right: --allow-shrink"
    )]
    NamesLost {
        /// How many.
        lost: usize,
        /// Of how many.
        before: usize,
    },
    /// Another update holds the lock.
    #[error("another update is running; wait for it to end")]
    Busy,
    /// The file named by `--from`.
    #[error("cannot open it")]
    Open(#[source] io::Error),
    /// The file named by `--from` is a folder or a device.
    #[error("it is no regular file")]
    NotAFile,
    /// The folder of state.
    #[error("cannot {doing} {}; run as its owner, or name another folder with --state", path.display())]
    Folder {
        /// The operation.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl Refusal {
    /// Whether what was handed in is at fault, where else nothing could be fetched or written.
    #[must_use]
    pub const fn is_input(&self) -> bool {
        matches!(
            self,
            Self::Address { .. }
                | Self::Proxy { .. }
                | Self::TooLarge { .. }
                | Self::Endless { .. }
                | Self::Bomb { .. }
                | Self::Gzip { .. }
                | Self::Page
                | Self::Empty
                | Self::Cut
                | Self::Unreadable(_)
                | Self::TableTooLarge
                | Self::FewerRows { .. }
                | Self::NamesLost { .. }
                | Self::NotAFile
        )
    }
}
