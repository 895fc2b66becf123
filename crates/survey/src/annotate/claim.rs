//! What another tool says of one port, and how such claims are gathered.

use std::collections::HashSet;

use portolan_registry::{Port, Transport};

use super::{Form, ScanResult};

/// An open port, by another tool's word. Its texts are raw: neutralise before showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The host's address, or its name where the tool gives no address.
    pub host: String,
    /// A name of the host.
    pub name: Option<String>,
    /// The port.
    pub port: Port,
    /// The transport; TCP where the tool does not say.
    pub transport: Transport,
    /// The service, in the tool's words.
    pub service: Option<String>,
    /// The product, in the tool's words.
    pub product: Option<String>,
    /// The version, in the tool's words.
    pub version: Option<String>,
    /// Whether it is said to speak inside TLS.
    pub tls: bool,
    /// Whether the tool says that it took the service from the port's number.
    pub by_number: bool,
    /// The line where it stands, from 1; 0 where that was not counted.
    pub line: u64,
}

impl Claim {
    /// The most claims of one scan result.
    pub const MOST: usize = 1 << 20;
    /// The most characters of a text.
    const MOST_TEXT: usize = 256;

    /// A port of a host, and nothing else.
    #[must_use]
    pub const fn new(host: String, port: Port, transport: Transport, line: u64) -> Self {
        Self {
            host,
            name: None,
            port,
            transport,
            service: None,
            product: None,
            version: None,
            tls: false,
            by_number: false,
            line,
        }
    }
}

/// What could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong, as the end of a sentence; neutral.
    pub why: String,
}

/// Gathers claims within their bounds.
#[derive(Debug, Default)]
pub(super) struct Collector {
    claims: Vec<Claim>,
    known: HashSet<(String, Port, &'static str)>,
    not_open: usize,
    faults: Vec<Fault>,
    fault_count: usize,
    cut: bool,
}

/// Faults that are told one by one; more are counted.
const MOST_FAULTS: usize = 20;

impl Collector {
    /// Takes a claim; of several on one port the first says what there is, and later ones fill in
    /// what it left open.
    pub(super) fn take(&mut self, state: &str, mut claim: Claim) {
        if !is_open(state) {
            self.not_open += 1;
            return;
        }
        claim.host = cut(&claim.host);
        for text in [
            &mut claim.name,
            &mut claim.service,
            &mut claim.product,
            &mut claim.version,
        ] {
            *text = text.take().map(|t| cut(t.trim())).filter(|t| !t.is_empty());
        }
        let key = (claim.host.clone(), claim.port, claim.transport.as_str());
        if self.known.contains(&key) {
            let same = |c: &&mut Claim| {
                c.host == claim.host && c.port == claim.port && c.transport == claim.transport
            };
            // A second word on a port stands near the first.
            if let Some(first) = self.claims.iter_mut().rev().take(64).find(same) {
                first.fill(claim);
            }
        } else if self.claims.len() >= Claim::MOST {
            self.cut = true;
        } else {
            self.known.insert(key);
            self.claims.push(claim);
        }
    }

    /// Notes what could not be read.
    pub(super) fn fault(&mut self, line: u64, why: impl AsRef<str>) {
        self.fault_count += 1;
        if self.faults.len() < MOST_FAULTS {
            let why = portolan_registry::one_line(&cut(why.as_ref()));
            self.faults.push(Fault { line, why });
        }
    }

    pub(super) fn finish(self, form: Form) -> ScanResult {
        ScanResult {
            form,
            claims: self.claims,
            not_open: self.not_open,
            faults: self.faults,
            fault_count: self.fault_count,
            cut: self.cut,
        }
    }
}

impl Claim {
    fn fill(&mut self, other: Self) {
        self.name = self.name.take().or(other.name);
        if self.service.is_none() || (self.by_number && !other.by_number) {
            self.service = other.service.or(self.service.take());
            self.by_number = other.by_number;
        }
        self.product = self.product.take().or(other.product);
        self.version = self.version.take().or(other.version);
        self.tls |= other.tls;
    }
}

/// A tool that is not sure, as with UDP, says `open|filtered`: that is no open port.
fn is_open(state: &str) -> bool {
    matches!(
        state.to_ascii_lowercase().as_str(),
        "" | "open" | "up" | "success"
    )
}

fn cut(text: &str) -> String {
    text.chars().take(Claim::MOST_TEXT).collect()
}
