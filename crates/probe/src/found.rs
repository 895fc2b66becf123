//! What a conversation proved, put together as an identification.

use std::borrow::Cow;

use portolan_ports::{Certainty, Evidence, Identification};

use crate::exchange::{Conversation, HELLO};
use crate::handshake::Wrapped;
use crate::protocol::{Proof, Protocol};

/// The identification that a plain conversation proves.
pub(crate) fn plain(talk: &Conversation) -> Option<(&'static Protocol, Identification)> {
    let (protocol, proof) = talk.proven.as_ref()?;
    let found = told(protocol, proof, talk.asked.clone(), &talk.received, true);
    Some((protocol, found))
}

/// The identification that a plain conversation makes likely.
pub(crate) fn likely(talk: &Conversation) -> Option<Identification> {
    let (protocol, proof) = talk.likely.as_ref()?;
    let asked = talk.asked.clone();
    Some(told(protocol, proof, asked, &talk.received, false))
}

/// The identification that `proof` makes, `certain` or merely likely.
pub(crate) fn told(
    protocol: &'static Protocol,
    proof: &Proof,
    asked: Option<Cow<'static, str>>,
    received: &[u8],
    certain: bool,
) -> Identification {
    let mut found = identification(protocol.name, proof, asked, received);
    if !certain {
        found.certainty = Certainty::Likely;
    }
    found
}

/// The identification that a conversation inside TLS proves: of what spoke inside, or of TLS.
pub(crate) fn wrapped(wrapped: &Wrapped) -> Option<Identification> {
    let proof = wrapped.proof.as_ref()?;
    let outer = identification("tls", proof, Some(Cow::Borrowed(HELLO)), &wrapped.raw);
    let inner = wrapped
        .inner
        .as_ref()
        .and_then(plain)
        .map(|(_, inner)| inner);
    let session = wrapped.session.clone();
    Some(match inner {
        None => Identification {
            tls: true,
            session,
            ..outer
        },
        Some(mut inner) => {
            inner.tls = true;
            inner.session = session;
            inner.evidence.extend(outer.evidence);
            inner
        }
    })
}

fn identification(
    name: &'static str,
    proof: &Proof,
    asked: Option<Cow<'static, str>>,
    received: &[u8],
) -> Identification {
    let rule = match &proof.product_rule {
        Some(told) => Cow::Owned(format!("{}; {told}", proof.rule)),
        None => proof.rule.clone(),
    };
    let kept = received.len().min(Evidence::MOST_BYTES);
    Identification {
        protocol: Cow::Borrowed(name),
        tls: name == "tls",
        starttls: proof.starttls,
        product: proof.product.clone(),
        version: proof.version.clone(),
        cpe: proof.cpe.clone(),
        unauthenticated: proof.unauthenticated,
        session: None,
        told: proof.told.clone(),
        certainty: Certainty::Proven,
        evidence: vec![Evidence {
            sent: asked,
            received: received[..kept].to_vec(),
            rule,
        }],
    }
}
