//! A listener on a port, and what answered there: the stage on which verdicts are tried.

use std::net::Ipv4Addr;

use portolan_ports::policy::Policy;
use portolan_ports::site::Record;
use portolan_ports::{
    Certainty, Evidence, Expectation, Identification, Listener, Observation, Owner, Probe,
    ProbeState, Surroundings, Verdict, embedded, judge,
};
use portolan_registry::Transport;

/// A listener, how far it was asked, and what answered.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) listener: Listener,
    pub(crate) probe: Probe,
    pub(crate) identification: Option<Identification>,
    pub(crate) policy: Policy,
    /// What the site registry has of the port.
    pub(crate) site: Vec<Record>,
    /// Symbolic links, and where they lead to.
    pub(crate) links: Vec<(&'static str, &'static str)>,
}

impl Scene {
    /// A TCP listener on loopback that a program holds and nobody has asked.
    pub(crate) fn new(port: u16, program: &str) -> Self {
        let owner = Owner {
            pid: 7,
            program: program.to_owned(),
            ..Owner::default()
        };
        Self {
            listener: Listener {
                uid: Some(0),
                inode: 1,
                owners: vec![owner],
                ..Listener::new(Transport::Tcp, (Ipv4Addr::LOCALHOST, port).into())
            },
            probe: Probe {
                state: ProbeState::Silent,
                why: None,
                sent: Vec::new(),
            },
            identification: None,
            policy: Policy::default(),
            site: Vec::new(),
            links: Vec::new(),
        }
    }

    /// The same, with proof of a protocol.
    pub(crate) fn proven(mut self, protocol: &str, tls: bool, product: Option<&str>) -> Self {
        self.probe.state = ProbeState::Proven;
        self.identification = Some(identification(protocol, tls, product));
        self
    }

    pub(crate) fn judge(&self) -> Verdict {
        self.judge_in(&Surroundings::default())
    }

    pub(crate) fn judge_in(&self, surroundings: &Surroundings<'_>) -> Verdict {
        let expectation = self.expectation();
        let observation = Observation {
            listener: &self.listener,
            probe: &self.probe,
            identification: self.identification.as_ref(),
            surroundings,
        };
        judge(&expectation, &observation)
    }

    fn expectation(&self) -> Expectation<'_> {
        let real = |path: &str| {
            let link = self.links.iter().find(|(link, _)| *link == path);
            link.map(|(_, real)| (*real).to_owned())
        };
        Expectation::new(
            self.listener.port,
            self.listener.transport,
            embedded::registry(),
            embedded::knowledge(),
            &self.policy,
        )
        .with_site(self.site.iter().collect())
        .resolve(real)
    }

    pub(crate) fn usual_protocol(&self) -> Option<&str> {
        self.expectation().usual_protocol()
    }

    /// `mismatch: why`.
    pub(crate) fn said(&self) -> String {
        let verdict = self.judge();
        format!("{}: {}", verdict.kind.as_str(), verdict.because)
    }
}

pub(crate) fn identification(protocol: &str, tls: bool, product: Option<&str>) -> Identification {
    Identification {
        protocol: protocol.to_owned().into(),
        tls,
        starttls: false,
        product: product.map(|p| p.to_owned().into()),
        version: None,
        cpe: None,
        unauthenticated: None,
        session: None,
        told: Vec::new(),
        certainty: Certainty::Proven,
        evidence: vec![Evidence {
            sent: None,
            received: b"x".to_vec(),
            rule: "a rule".into(),
        }],
    }
}
