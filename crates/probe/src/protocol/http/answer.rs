//! One HTTP/1 answer, read in place.

use std::borrow::Cow;

use crate::protocol::Match;

/// What the bytes so far are.
pub(in crate::protocol) enum Parsed<'a> {
    /// No HTTP/1 answer.
    No,
    /// The beginning of one; its header block has not ended.
    Partial,
    /// One whose header block is whole.
    Answer(Box<Answer<'a>>),
}

/// All answers on one connection, without the interim ones of 1xx (RFC 9110 §15.2).
pub(in crate::protocol) struct Answers<'a> {
    /// At least one, in the order of the requests.
    pub(in crate::protocol) all: Vec<Answer<'a>>,
    /// Whether the last of them may still grow, or another has begun.
    pub(in crate::protocol) more: bool,
}

/// More answers than requests are ever sent, interim ones included.
const MOST_ANSWERS: usize = 8;

impl<'a> Answers<'a> {
    /// Reads `bytes` from its start; the refusal or the wait is that of the first answer.
    pub(in crate::protocol) fn parse(bytes: &'a [u8]) -> Result<Self, Match> {
        let mut all = Vec::new();
        let mut rest = bytes;
        for _ in 0..MOST_ANSWERS {
            let answer = match Answer::parse(rest) {
                Parsed::No if all.is_empty() => return Err(Match::No),
                Parsed::Partial if all.is_empty() => return Err(Match::Partial),
                Parsed::No => return Ok(Self { all, more: false }),
                Parsed::Partial => return Ok(Self { all, more: true }),
                Parsed::Answer(answer) => *answer,
            };
            let more = !answer.complete;
            rest = rest.get(answer.end..).unwrap_or(&[]);
            // 101 is the last answer of this protocol (RFC 9110 §15.2.2).
            if !matches!(answer.status, 100 | 102..200) {
                all.push(answer);
            }
            if more || (rest.is_empty() && !all.is_empty()) {
                return Ok(Self { all, more });
            }
        }
        match all.is_empty() {
            true => Err(Match::No),
            false => Ok(Self { all, more: false }),
        }
    }
}

/// A status line, its header block, and as much of the body as has arrived.
pub(in crate::protocol) struct Answer<'a> {
    pub(in crate::protocol) status: u16,
    pub(in crate::protocol) reason: &'a [u8],
    /// Names in lower case; values without the space around them.
    headers: Vec<(String, &'a [u8])>,
    /// Without chunk framing.
    pub(in crate::protocol) body: Cow<'a, [u8]>,
    /// Whether the body has ended by its own framing (RFC 9112 §6.3).
    pub(in crate::protocol) complete: bool,
    /// Whether the server keeps the connection for another request (RFC 9112 §9.3).
    pub(in crate::protocol) keeps: bool,
    /// The number of bytes up to the answer's end, if complete.
    pub(in crate::protocol) end: usize,
}

/// More headers than any server sends.
const MOST_HEADERS: usize = 200;

impl<'a> Answer<'a> {
    /// Reads the answer at the start of `bytes`.
    pub(in crate::protocol) fn parse(bytes: &'a [u8]) -> Parsed<'a> {
        let mut lines = Lines { rest: bytes };
        let Some(line) = lines.next() else {
            return if may_begin(bytes) {
                Parsed::Partial
            } else {
                Parsed::No
            };
        };
        let Some((minor, status, reason)) = status_line(line) else {
            return Parsed::No;
        };
        let mut headers = Vec::new();
        loop {
            match lines.next() {
                None if lines.rest.iter().any(|&b| is_control(b) && b != b'\r') => {
                    return Parsed::No;
                }
                None => return Parsed::Partial,
                Some(b"") => break,
                // §2.2 lets a recipient drop such lines before the first field as well.
                Some(line) if is_folded(line) => {}
                Some(line) => match field_line(line) {
                    Some(header) if headers.len() < MOST_HEADERS => headers.push(header),
                    _ => return Parsed::No,
                },
            }
        }
        let start = bytes.len() - lines.rest.len();
        let mut answer = Self {
            status,
            reason,
            headers,
            body: Cow::Borrowed(lines.rest),
            complete: false,
            keeps: false,
            end: 0,
        };
        answer.keeps = minor >= 1 && !answer.header("connection").any(|v| holds(&v, b"close"));
        answer.frame(start);
        Parsed::Answer(Box::new(answer))
    }

    /// Finds the body's end, by RFC 9112 §6.3.
    fn frame(&mut self, start: usize) {
        let raw: &[u8] = &self.body;
        let chunked = self
            .header("transfer-encoding")
            .any(|v| holds(&v, b"chunked"));
        let length = self.header("content-length").next();
        let (body, used) = if matches!(self.status, 100..200 | 204 | 304) {
            (Vec::new(), Some(0))
        } else if chunked {
            unchunk(raw)
        } else {
            let length = length.and_then(|v| std::str::from_utf8(&v).ok()?.parse::<usize>().ok());
            match length {
                Some(length) if length <= raw.len() => (raw[..length].to_vec(), Some(length)),
                _ => (raw.to_vec(), None),
            }
        };
        self.body = Cow::Owned(body);
        self.complete = used.is_some();
        self.end = start + used.unwrap_or(0);
    }

    /// The values of every header of that lower-case name.
    pub(in crate::protocol) fn header(&self, name: &str) -> impl Iterator<Item = Cow<'a, [u8]>> {
        self.headers
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| Cow::Borrowed(*v))
    }

    /// The names of all headers, one to a line.
    pub(in crate::protocol) fn names(&self) -> Vec<u8> {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.join("\n").into_bytes()
    }

    /// See [`title`].
    pub(in crate::protocol) fn title(&self) -> Option<Vec<u8>> {
        title(&self.body)
    }

    /// Whether this is a server's complaint that TLS was expected: nginx, Go, Apache, Tomcat.
    pub(in crate::protocol) fn wants_tls(&self) -> bool {
        const COMPLAINTS: [&[u8]; 4] = [
            b"The plain HTTP request was sent to HTTPS port",
            b"Client sent an HTTP request to an HTTPS server",
            b"speaking plain HTTP to an SSL-enabled server port",
            b"This combination of host and port requires TLS",
        ];
        self.status == 400 && COMPLAINTS.iter().any(|c| holds(&self.body, c))
    }
}

/// The text of the first title element, without the space around it.
pub(in crate::protocol) fn title(body: &[u8]) -> Option<Vec<u8>> {
    let head = body.get(find(body, b"<title")?..)?;
    let text = head.get(head.iter().position(|&b| b == b'>')? + 1..)?;
    let text = text.get(..find(text, b"</title")?)?;
    Some(text.trim_ascii().to_vec())
}

/// Lines that end with CR LF, or with LF alone, which §2.2 lets a recipient accept.
struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|&b| b == b'\n')?;
        let line = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

/// Whether an unfinished first line may become a status line.
fn may_begin(bytes: &[u8]) -> bool {
    let shape = b"HTTP/1.";
    let shared = bytes.len().min(shape.len());
    if bytes[..shared] != shape[..shared] {
        return false;
    }
    let whole = [bytes.strip_suffix(b"\r").unwrap_or(bytes)].concat();
    match whole.len() {
        0..=7 => true,
        8..=12 => {
            whole[7].is_ascii_digit()
                && whole.get(8).is_none_or(|&b| b == b' ')
                && whole[9.min(whole.len())..].iter().all(u8::is_ascii_digit)
        }
        _ => status_line(&whole).is_some(),
    }
}

/// `HTTP/1.x SP 3DIGIT [SP reason]`: the minor version, the status code and the reason.
///
/// A higher minor version is read as the highest known (RFC 9110 §2.5), a status code above 599
/// as a fault of the server (§15), and a bare CR as a space (RFC 9112 §2.2).
fn status_line(line: &[u8]) -> Option<(u8, u16, &[u8])> {
    let rest = line.strip_prefix(b"HTTP/1.")?;
    let [
        minor @ b'0'..=b'9',
        b' ',
        a @ b'1'..=b'9',
        b,
        c,
        reason @ ..,
    ] = rest
    else {
        return None;
    };
    if !b.is_ascii_digit() || !c.is_ascii_digit() {
        return None;
    }
    // The space before an empty reason is left out by some servers.
    let reason = match reason {
        [] => reason,
        [b' ', reason @ ..] => reason,
        _ => return None,
    };
    let digit = |d: &u8| u16::from(d - b'0');
    let status = digit(a) * 100 + digit(b) * 10 + digit(c);
    (!reason.iter().any(|&b| is_control(b) && b != b'\r')).then_some((minor - b'0', status, reason))
}

/// `token ":" OWS value OWS`, RFC 9110 §5.1 and §5.5; space before the colon is taken away, as
/// RFC 9112 §5.1 has it for answers, and a bare CR is read as a space (§2.2).
fn field_line(line: &[u8]) -> Option<(String, &[u8])> {
    let colon = line.iter().position(|&b| b == b':')?;
    let (name, value) = (trim_end(&line[..colon]), trim_space(&line[colon + 1..]));
    let token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    let sound = !name.is_empty()
        && name.iter().all(token)
        && !value.iter().any(|&b| is_control(b) && b != b'\r');
    sound.then(|| (String::from_utf8_lossy(name).to_ascii_lowercase(), value))
}

/// Without the `OWS = *( SP / HTAB )` at both ends, RFC 9110 §5.6.3.
fn trim_space(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

fn trim_end(mut name: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = name {
        name = rest;
    }
    name
}

/// §5.2: a line that begins with space continues the value before it.
fn is_folded(line: &[u8]) -> bool {
    matches!(line, [b' ' | b'\t', ..]) && !line.iter().any(|&b| is_control(b))
}

const fn is_control(b: u8) -> bool {
    (b < 0x20 && b != b'\t') || b == 0x7f
}

/// The body without chunk framing, and the bytes used if its end was met (RFC 9112 §7.1).
fn unchunk(raw: &[u8]) -> (Vec<u8>, Option<usize>) {
    let mut body = Vec::new();
    let mut rest = raw;
    loop {
        let Some(end) = rest.iter().position(|&b| b == b'\n') else {
            return (body, None);
        };
        let size = rest[..end]
            .split(|&b| b == b';')
            .next()
            .unwrap_or(&[])
            .trim_ascii();
        let size = std::str::from_utf8(size)
            .ok()
            .and_then(|s| usize::from_str_radix(s, 16).ok());
        rest = &rest[end + 1..];
        match size {
            None => return (body, None),
            Some(0) => {
                let mut lines = Lines { rest };
                while let Some(line) = lines.next() {
                    if line.is_empty() {
                        return (body, Some(raw.len() - lines.rest.len()));
                    }
                }
                return (body, None);
            }
            Some(size) => {
                body.extend_from_slice(&rest[..size.min(rest.len())]);
                let Some(after) = size.checked_add(2).and_then(|n| rest.get(n..)) else {
                    return (body, None);
                };
                rest = after;
            }
        }
    }
}

/// Where `needle` first stands, in any case.
fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len())
        .position(|w| w.eq_ignore_ascii_case(needle))
}

fn holds(text: &[u8], needle: &[u8]) -> bool {
    find(text, needle).is_some()
}
