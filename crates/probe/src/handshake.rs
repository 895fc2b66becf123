//! One connection inside TLS: a real handshake, and the conversation in it.
//!
//! Any certificate is accepted: the question is what speaks there, not whom to trust, and
//! nothing secret is ever sent.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientConfig, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use crate::exchange::{Conversation, Ending, Sent, converse, listen};
use crate::plan::Waits;
use crate::protocol::{Match, Proof, Protocol, protocol};

/// What a handshake asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hello {
    /// ALPN http/1.1 (RFC 7301) and no name, as for a bare address.
    Web,
    /// No ALPN, and on loopback the name "localhost": for servers that refuse the first.
    Bare,
}

/// What a connection that began with a ClientHello brought.
#[derive(Debug)]
pub(crate) struct Wrapped {
    /// The first raw bytes of the server.
    pub(crate) raw: Vec<u8>,
    /// Whether those are TLS.
    pub(crate) proof: Option<Box<Proof>>,
    /// What was said inside; `None` where the handshake did not end well.
    pub(crate) inner: Option<Conversation>,
    /// How the connection ended, where the handshake failed.
    pub(crate) ending: Ending,
    /// Whether [`Hello::Bare`] may do better.
    pub(crate) retry: bool,
}

/// Shakes hands and holds a conversation inside, opened by `opening`.
pub(crate) async fn wrap(
    stream: TcpStream,
    hello: Hello,
    opening: Option<&'static Protocol>,
    target: SocketAddr,
    waits: &Waits,
    sent: &Sent,
) -> Wrapped {
    let mut recorder = Recorder {
        stream,
        raw: Vec::new(),
    };
    let mut wrapped = Wrapped {
        raw: Vec::new(),
        proof: None,
        inner: None,
        ending: Ending::Quiet,
        retry: false,
    };
    let Some(config) = config(hello) else {
        return wrapped;
    };
    sent.hello();
    let name = match hello {
        Hello::Bare if target.ip().is_loopback() => ServerName::try_from("localhost").ok(),
        _ => None,
    };
    let name = name.unwrap_or_else(|| ServerName::IpAddress(target.ip().into()));
    let shaking = TlsConnector::from(config)
        .connect(name, &mut recorder)
        .into_fallible();
    match timeout_at(Instant::now() + waits.reply, shaking).await {
        Err(_) => {}
        Ok(Err((error, _))) => {
            wrapped.ending = match error.kind() {
                std::io::ErrorKind::UnexpectedEof => Ending::Closed,
                std::io::ErrorKind::InvalidData => Ending::Settled,
                _ => Ending::Reset,
            };
            let cause = error
                .get_ref()
                .and_then(|e| e.downcast_ref::<rustls::Error>());
            wrapped.retry = hello == Hello::Web && cause.is_some_and(objects);
        }
        Ok(Ok(mut stream)) => {
            // A server that chose a protocol by ALPN waits for it; others may greet, as smtps does.
            let chosen = stream.get_ref().1.alpn_protocol().is_some();
            let talk = if chosen {
                None
            } else {
                Some(listen(&mut stream, waits.silence).await)
            };
            let inner = match talk {
                Some(talk) if talk.received.is_empty() && talk.ending != Ending::Quiet => talk,
                Some(talk) if !talk.received.is_empty() => {
                    converse(
                        &mut stream,
                        None,
                        talk.received,
                        target,
                        waits,
                        sent,
                        INSIDE,
                    )
                    .await
                }
                _ => {
                    converse(
                        &mut stream,
                        opening,
                        Vec::new(),
                        target,
                        waits,
                        sent,
                        INSIDE,
                    )
                    .await
                }
            };
            wrapped.ending = inner.ending;
            wrapped.inner = Some(inner);
        }
    }
    wrapped.raw = recorder.raw;
    let grammar = protocol("tls").map(|p| p.recognise(&wrapped.raw));
    if let Some(Match::Proven(proof)) = grammar {
        wrapped.proof = Some(proof);
    }
    wrapped
}

/// What is added to the names of packets that were sent inside.
const INSIDE: &str = " in tls";

/// Whether the failure is about what the ClientHello asked for, rather than about us.
fn objects(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::AlertReceived(
            AlertDescription::NoApplicationProtocol
                | AlertDescription::UnrecognisedName
                | AlertDescription::HandshakeFailure
                | AlertDescription::InternalError
        )
    )
}

/// The configuration, made at the first handshake of the process.
fn config(hello: Hello) -> Option<Arc<ClientConfig>> {
    static WEB: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    static BARE: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    let (cell, alpn) = match hello {
        Hello::Web => (&WEB, vec![b"http/1.1".to_vec()]),
        Hello::Bare => (&BARE, Vec::new()),
    };
    cell.get_or_init(|| {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .ok()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth();
        config.alpn_protocols = alpn;
        config.resumption = Resumption::disabled();
        Some(Arc::new(config))
    })
    .clone()
}

/// Accepts every certificate and every signature.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A stream that keeps a copy of the first bytes read, which the TLS library would swallow.
struct Recorder {
    stream: TcpStream,
    raw: Vec<u8>,
}

/// Room for a ServerHello with every extension it may have.
const MOST_RAW: usize = 4096;

impl AsyncRead for Recorder {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let fresh = &buf.filled()[before..];
        let room = MOST_RAW - self.raw.len();
        self.raw.extend_from_slice(&fresh[..fresh.len().min(room)]);
        polled
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
