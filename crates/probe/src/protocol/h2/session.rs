//! What a server sent on a connection of HTTP/2, frame by frame: RFC 9113 §4 and §6.

use super::hpack::{Decoder, Header};

/// The most that a frame may carry where nobody said otherwise (RFC 9113 §6.5.2).
const MOST_PAYLOAD: usize = 16_384;

/// More parameters than anybody sends at once.
const MOST_SETTINGS: usize = 32;

/// The frames of a server, as far as they are whole and sound.
pub(in crate::protocol) struct Session {
    /// The answers by stream, in the order in which they began.
    pub(in crate::protocol) replies: Vec<Reply>,
    /// What happened, in order.
    pub(in crate::protocol) events: Vec<Event>,
    /// Whether our own SETTINGS were acknowledged.
    pub(in crate::protocol) acknowledged: bool,
    /// Whether its SETTINGS have parameters that the core of gRPC made up for itself.
    pub(in crate::protocol) of_grpc: bool,
    /// Whether a frame came that no server may send; nothing after it is read.
    pub(in crate::protocol) broken: bool,
}

/// An answer.
pub(in crate::protocol) struct Reply {
    pub(in crate::protocol) stream: u32,
    /// Those of its head and of its trailers.
    pub(in crate::protocol) headers: Vec<Header>,
    pub(in crate::protocol) body: Vec<u8>,
    pub(in crate::protocol) ended: bool,
}

/// What tells one kind of server from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::protocol) enum Event {
    /// The first header block of a stream; its reply stands at that place.
    Answered { stream: u32, reply: usize },
    /// A stream was ended without an answer.
    Reset { stream: u32 },
    /// The connection is about to be closed.
    GoAway,
}

/// One frame.
struct Frame<'a> {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: &'a [u8],
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 0x01;
const END_HEADERS: u8 = 0x04;
const PADDED: u8 = 0x08;
const PRIORITY: u8 = 0x20;

impl Session {
    /// Reads `bytes` from their start. `Ok(None)` while the first frame may still become the
    /// SETTINGS that must come first (§3.4), `Err` once it cannot.
    pub(in crate::protocol) fn read(bytes: &[u8]) -> Result<Option<Self>, ()> {
        if !may_begin(bytes) {
            return Err(());
        }
        let mut rest = bytes;
        if Frame::next(&mut rest)?.is_none() {
            return Ok(None);
        }
        let mut session = Self {
            replies: Vec::new(),
            events: Vec::new(),
            acknowledged: false,
            of_grpc: false,
            broken: false,
        };
        let mut decoder = Decoder::default();
        // A header block that further frames continue: the first of them, and its bytes.
        let mut open: Option<(u32, u8, Vec<u8>)> = None;
        loop {
            let frame = match Frame::next(&mut rest) {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(Some(session)),
                Err(()) => {
                    session.broken = true;
                    return Ok(Some(session));
                }
            };
            if session.take(&frame, &mut decoder, &mut open).is_none() {
                session.broken = true;
                return Ok(Some(session));
            }
        }
    }

    /// Takes one frame in; `None` where it is unsound.
    fn take(
        &mut self,
        frame: &Frame<'_>,
        decoder: &mut Decoder,
        open: &mut Option<(u32, u8, Vec<u8>)>,
    ) -> Option<()> {
        if let Some((stream, flags, mut block)) = open.take() {
            // §6.10: nothing else may come in between.
            if frame.kind != CONTINUATION || frame.stream != stream {
                return None;
            }
            block.extend_from_slice(frame.payload);
            if frame.flags & END_HEADERS != 0 {
                return self.answer(stream, flags, decoder.block(&block)?);
            }
            *open = (block.len() <= MOST_PAYLOAD).then_some((stream, flags, block));
            return open.as_ref().map(|_| ());
        }
        match frame.kind {
            HEADERS => {
                let block = frame.unpadded()?;
                let block = match frame.flags & PRIORITY {
                    0 => block,
                    _ => block.get(5..)?,
                };
                if frame.flags & END_HEADERS == 0 {
                    *open = Some((frame.stream, frame.flags, block.to_vec()));
                    return Some(());
                }
                self.answer(frame.stream, frame.flags, decoder.block(block)?)
            }
            DATA => {
                let body = frame.unpadded()?;
                let reply = self.replies.iter_mut().find(|r| r.stream == frame.stream)?;
                reply.body.extend_from_slice(body);
                reply.ended |= frame.flags & END_STREAM != 0;
                Some(())
            }
            RST_STREAM => {
                let stream = frame.stream;
                match self.replies.iter_mut().find(|r| r.stream == stream) {
                    Some(reply) => reply.ended = true,
                    None => self.events.push(Event::Reset { stream }),
                }
                Some(())
            }
            SETTINGS => {
                self.acknowledged |= frame.flags & 1 != 0;
                let mut parameters = frame.payload.chunks_exact(6);
                self.of_grpc |=
                    parameters.any(|p| p.starts_with(&[0xfe, 3]) || p.starts_with(&[0xfe, 4]));
                Some(())
            }
            GOAWAY => {
                self.events.push(Event::GoAway);
                Some(())
            }
            CONTINUATION => None,
            _ => Some(()),
        }
    }

    fn answer(&mut self, stream: u32, flags: u8, headers: Vec<Header>) -> Option<()> {
        let ended = flags & END_STREAM != 0;
        if let Some(reply) = self.replies.iter_mut().find(|r| r.stream == stream) {
            reply.headers.extend(headers);
            reply.ended |= ended;
            return Some(());
        }
        // §8.3.2: the head of an answer begins with its status.
        let (name, status) = headers.first()?;
        if name != b":status" || status.len() != 3 || !status.iter().all(u8::is_ascii_digit) {
            return None;
        }
        // An interim answer (§8.1) is no answer yet.
        if status.first() == Some(&b'1') {
            return Some(());
        }
        let reply = self.replies.len();
        self.events.push(Event::Answered { stream, reply });
        self.replies.push(Reply {
            stream,
            headers,
            body: Vec::new(),
            ended,
        });
        Some(())
    }
}

/// Whether `bytes` are, or may become, a SETTINGS frame without ACK: nine bytes of which eight
/// are known (§4.1, §6.5).
fn may_begin(bytes: &[u8]) -> bool {
    let most = u8::try_from(MOST_SETTINGS * 6).unwrap_or(u8::MAX);
    bytes.iter().take(9).enumerate().all(|(at, &b)| match at {
        2 => b <= most && b % 6 == 0,
        3 => b == SETTINGS,
        _ => b == 0,
    })
}

impl<'a> Frame<'a> {
    /// The next frame; `None` while it is not whole, `Err` where it is unsound by §6.
    fn next(rest: &mut &'a [u8]) -> Result<Option<Self>, ()> {
        let Some((head, tail)) = rest.split_first_chunk::<9>() else {
            return Ok(None);
        };
        let &[a, b, c, kind, flags, stream @ ..] = head;
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        let stream = u32::from_be_bytes(stream) & 0x7fff_ffff;
        // What was asked, and therefore what is answered, are the first two streams of a client.
        let asked = matches!(stream, 1 | 3);
        let sound = length <= MOST_PAYLOAD
            && match kind {
                DATA | HEADERS | CONTINUATION => asked,
                2 => asked && length == 5,
                RST_STREAM => asked && length == 4,
                SETTINGS => stream == 0 && length % 6 == 0 && (flags & 1 == 0 || length == 0),
                // PUSH_PROMISE: it was told not to.
                5 => false,
                6 => stream == 0 && length == 8,
                GOAWAY => stream == 0 && length >= 8,
                8 => length == 4,
                // §5.5: unknown ones are passed over.
                _ => true,
            };
        if !sound {
            return Err(());
        }
        let Some((payload, after)) = tail.split_at_checked(length) else {
            return Ok(None);
        };
        *rest = after;
        Ok(Some(Self {
            kind,
            flags,
            stream,
            payload,
        }))
    }

    /// The payload without its padding (§6.1).
    fn unpadded(&self) -> Option<&'a [u8]> {
        if self.flags & PADDED == 0 {
            return Some(self.payload);
        }
        let (padding, rest) = self.payload.split_first()?;
        rest.get(..rest.len().checked_sub(usize::from(*padding))?)
    }
}
