//! What was read of each port, kept for as long as the registry is.

use std::sync::OnceLock;

use portolan_ports::site::Record;
use portolan_registry::Port;

/// A slot for each port, made in pages of 256 as they are asked for: whoever asks of one port pays
/// for one page, and what was read can be lent out.
#[derive(Debug)]
pub(super) struct Pages {
    pages: Box<[OnceLock<Page>; 256]>,
}

type Page = Box<[OnceLock<Claimed>]>;

/// What speaks of a port.
#[derive(Debug)]
pub(super) struct Claimed {
    /// The records that are valid here.
    pub(super) here: Box<[Record]>,
    /// How many hold it on other hosts alone.
    pub(super) elsewhere: u64,
}

impl Pages {
    pub(super) fn new() -> Self {
        Self {
            pages: Box::new([const { OnceLock::new() }; 256]),
        }
    }

    /// What is kept of the port, or what `read` returns, which is kept from then on.
    pub(super) fn get(&self, port: Port, read: impl FnOnce() -> Claimed) -> &Claimed {
        let page = self.pages[usize::from(port >> 8)]
            .get_or_init(|| (0..256).map(|_| OnceLock::new()).collect());
        page[usize::from(port & 0xff)].get_or_init(read)
    }
}
