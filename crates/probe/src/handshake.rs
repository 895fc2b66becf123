//! One connection inside TLS: a real handshake, and the conversation in it.
//!
//! Any certificate is accepted: the question is what speaks there, not whom to trust, and
//! nothing secret is ever sent.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use portolan_ports::{TlsSession, TlsVersion};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientConfig, ClientConnection, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription, CipherSuite, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::certificate::read_certificate;
use crate::exchange::{Conversation, Ending, Sent, converse, listen};
use crate::plan::Waits;
use crate::protocol::{Match, Proof, Protocol, protocol};
use crate::server_flight::ServerFlight;

/// What a handshake asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hello {
    /// ALPN http/1.1 (RFC 7301), and the host's name if it was named by one.
    Web,
    /// ALPN h2: for servers that insist on it, as those of gRPC do.
    H2,
    /// No ALPN, and on loopback the name "localhost" if no other was given: for servers that
    /// refuse the first.
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
    /// The hello that a new connection should begin with, where the server objected to this one.
    pub(crate) next: Option<Hello>,
    /// What the handshake showed; where it failed, what the server said in clear.
    pub(crate) session: Option<Box<TlsSession>>,
}

/// Shakes hands, asking for the `host` that the user named, and holds a conversation inside,
/// opened by `opening`.
pub(crate) async fn wrap(
    stream: TcpStream,
    hello: Hello,
    host: Option<&str>,
    opening: Option<&'static Protocol>,
    target: SocketAddr,
    waits: &Waits,
    sent: &Sent,
) -> Wrapped {
    let mut recorder = Recorder::new(stream);
    let mut wrapped = Wrapped {
        raw: Vec::new(),
        proof: None,
        inner: None,
        ending: Ending::Quiet,
        next: None,
        session: None,
    };
    match shake(&mut recorder, hello, host, target, waits, sent).await {
        Err(failure) => {
            wrapped.ending = failure.ending;
            wrapped.next = failure.next;
        }
        Ok(mut stream) => {
            wrapped.session = Some(Box::new(session(stream.get_ref().1, host)));
            let alpn = stream.get_ref().1.alpn_protocol();
            // What was chosen has to be spoken; where its row is missing nothing fits.
            let opening = match alpn {
                Some(b"h2") => protocol("h2"),
                _ => opening,
            };
            // A server that chose a protocol by ALPN waits for it; others may greet, as smtps does.
            let talk = if alpn.is_some() {
                None
            } else {
                Some(listen(&mut stream, waits.silence).await)
            };
            let heard = talk.as_ref().map_or(0, |t| t.received.len());
            let inner = match talk {
                Some(talk) if heard == 0 && talk.ending != Ending::Quiet => {
                    // Go's gRPC hangs up on whoever agreed to no protocol.
                    wrapped.next = (hello == Hello::Web).then_some(Hello::H2);
                    talk
                }
                talk => {
                    let opening = opening.filter(|_| heard == 0);
                    let heard = talk.map(|t| t.received).unwrap_or_default();
                    converse(&mut stream, opening, heard, target, waits, sent, INSIDE).await
                }
            };
            wrapped.ending = inner.ending;
            wrapped.inner = Some(inner);
        }
    }
    wrapped.raw = recorder.raw;
    if wrapped.session.is_none() {
        wrapped.session = in_clear(&wrapped.raw, host).map(Box::new);
    }
    let grammar = protocol("tls").map(|p| p.recognise(&wrapped.raw));
    if let Some(Match::Proven(proof)) = grammar {
        wrapped.proof = Some(proof);
    }
    wrapped
}

/// What is added to the names of packets that were sent inside.
const INSIDE: &str = " in tls";

/// A handshake that came to nothing.
pub(crate) struct Failure {
    /// How the connection ended.
    ending: Ending,
    /// The hello that may do better.
    next: Option<Hello>,
}

/// Shakes hands, within the time for a reply.
pub(crate) async fn shake<'a>(
    recorder: &'a mut Recorder,
    hello: Hello,
    host: Option<&str>,
    target: SocketAddr,
    waits: &Waits,
    sent: &Sent,
) -> Result<Box<TlsStream<&'a mut Recorder>>, Failure> {
    let late = Failure {
        ending: Ending::Quiet,
        next: None,
    };
    let Some(config) = config(hello) else {
        return Err(late);
    };
    sent.hello();
    let loopback = (hello == Hello::Bare && target.ip().is_loopback()).then_some("localhost");
    let name = host
        .or(loopback)
        .and_then(|name| ServerName::try_from(name.to_owned()).ok());
    // The library sends no name that is an address, as RFC 6066 §3 has it.
    let name = name.unwrap_or_else(|| ServerName::IpAddress(target.ip().into()));
    let shaking = TlsConnector::from(config)
        .connect(name, recorder)
        .into_fallible();
    match timeout_at(Instant::now() + waits.reply, shaking).await {
        Err(_) => Err(late),
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err((error, _))) => {
            let ending = match error.kind() {
                std::io::ErrorKind::UnexpectedEof => Ending::Closed,
                std::io::ErrorKind::InvalidData => Ending::Settled,
                std::io::ErrorKind::FileTooLarge => Ending::Flood,
                _ => Ending::Reset,
            };
            let cause = error
                .get_ref()
                .and_then(|e| e.downcast_ref::<rustls::Error>());
            Err(Failure {
                ending,
                next: cause.and_then(|cause| objection(cause, hello)),
            })
        }
    }
}

/// What a finished handshake showed.
pub(crate) fn session(connection: &ClientConnection, host: Option<&str>) -> TlsSession {
    let version = connection
        .protocol_version()
        .and_then(|version| TlsVersion::of_wire(version.into()));
    let suite = connection.negotiated_cipher_suite();
    let own = connection.peer_certificates().and_then(<[_]>::first);
    TlsSession {
        version,
        versions: Vec::new(),
        alpn: connection
            .alpn_protocol()
            .map(|chosen| chosen.escape_ascii().to_string()),
        cipher: suite.map(|suite| cipher_name(suite.suite().into())),
        certificate: own.and_then(|der| read_certificate(der, host)),
    }
}

/// What a server says in clear before a handshake fails: a version that the library does not
/// speak, and the certificate.
pub(crate) fn in_clear(raw: &[u8], host: Option<&str>) -> Option<TlsSession> {
    let ServerFlight::Hello {
        version,
        cipher,
        certificate,
        ..
    } = ServerFlight::read(raw)?
    else {
        return None;
    };
    Some(TlsSession {
        versions: vec![version],
        cipher: Some(cipher_name(cipher)),
        certificate: certificate.and_then(|der| read_certificate(&der, host)),
        ..TlsSession::default()
    })
}

/// A cipher suite's name in IANA's TLS Cipher Suites registry; its number where the TLS library
/// does not know it.
fn cipher_name(number: u16) -> String {
    match CipherSuite::from(number).as_str() {
        // The library's own way of telling the suites of TLS 1.3 from the others.
        Some(name) => name.replacen("TLS13_", "TLS_", 1),
        None => format!("0x{number:04X}"),
    }
}

/// The hello that gets past an alert about what this one asked for; `None` where the failure is
/// about something else.
fn objection(error: &rustls::Error, hello: Hello) -> Option<Hello> {
    let rustls::Error::AlertReceived(alert) = error else {
        return None;
    };
    match (alert, hello) {
        (AlertDescription::NoApplicationProtocol, Hello::Web) => Some(Hello::H2),
        (
            AlertDescription::NoApplicationProtocol
            | AlertDescription::UnrecognisedName
            | AlertDescription::HandshakeFailure
            | AlertDescription::InternalError,
            Hello::Web | Hello::H2,
        ) => Some(Hello::Bare),
        _ => None,
    }
}

/// The configuration, made at the first handshake of the process.
fn config(hello: Hello) -> Option<Arc<ClientConfig>> {
    static WEB: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    static H2: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    static BARE: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    // One protocol at a time: of two the server chooses, mostly h2, and what is to be said inside
    // would depend on that.
    let (cell, alpn) = match hello {
        Hello::Web => (&WEB, vec![b"http/1.1".to_vec()]),
        Hello::H2 => (&H2, vec![b"h2".to_vec()]),
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

/// A stream that keeps a copy of the first bytes read, which the TLS library would swallow, and
/// ends where a handshake or a conversation has no end.
pub(crate) struct Recorder {
    stream: TcpStream,
    raw: Vec<u8>,
    read: usize,
}

/// Room for a ServerHello with every extension it may have, and the certificates after it.
const MOST_RAW: usize = 16 * 1024;

/// The most bytes read on one connection: a long handshake, and a conversation inside.
const MOST_READ: usize = 256 * 1024;

impl Recorder {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            raw: Vec::new(),
            read: 0,
        }
    }

    /// The first bytes that were read.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }
}

impl AsyncRead for Recorder {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.read > MOST_READ {
            return Poll::Ready(Err(std::io::ErrorKind::FileTooLarge.into()));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let fresh = buf.filled().get(before..).unwrap_or_default();
        self.read += fresh.len();
        let room = MOST_RAW.saturating_sub(self.raw.len());
        let kept = fresh.get(..room).unwrap_or(fresh);
        self.raw.extend_from_slice(kept);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_have_their_iana_names() {
        for (number, name) in [
            (0x1301, "TLS_AES_128_GCM_SHA256"),
            (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
            (0xfafa, "0xFAFA"),
        ] {
            assert_eq!(cipher_name(number), name);
        }
    }

    #[test]
    fn an_objection_leads_to_the_next_hello_and_never_round_in_circles() {
        let alert = rustls::Error::AlertReceived;
        let no_protocol = alert(AlertDescription::NoApplicationProtocol);
        let mut hello = Some(Hello::Web);
        let mut tried = Vec::new();
        while let Some(next) = hello {
            tried.push(next);
            hello = objection(&no_protocol, next);
        }
        assert_eq!(tried, [Hello::Web, Hello::H2, Hello::Bare]);
        let unknown_name = alert(AlertDescription::UnrecognisedName);
        assert_eq!(objection(&unknown_name, Hello::Web), Some(Hello::Bare));
        let old = alert(AlertDescription::ProtocolVersion);
        assert_eq!(objection(&old, Hello::Web), None);
        assert_eq!(
            objection(&rustls::Error::DecryptError, Hello::Web),
            None,
            "no alert"
        );
    }
}
