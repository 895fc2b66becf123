//! A speaker: as much of a protocol as its first exchange needs, said as its grammar says it.

use std::io::{self, BufRead, BufReader, Read, Write};

/// Which protocol a listener of the street speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// RFC 9112.
    Http,
    /// RFC 4253 §4.2: the identification line, and then the caller's.
    Ssh,
    /// RFC 5321.
    Smtp,
    /// RESP2, arrays and inline commands.
    Redis,
    /// PostgreSQL's frontend/backend protocol 3.0, refusing everyone as a real server may.
    Postgresql,
    /// Accepts and says nothing.
    Mute,
}

/// The longest line or packet that is read.
const MOST_BYTES: u64 = 16 * 1024;

const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;

impl Speaker {
    /// Holds one conversation to its end.
    pub(crate) fn converse(self, input: impl Read, output: impl Write) -> io::Result<()> {
        let input = BufReader::new(input.take(MOST_BYTES));
        match self {
            Self::Http => http(input, output),
            Self::Ssh => ssh(input, output),
            Self::Smtp => smtp(input, output),
            Self::Redis => redis(input, output),
            Self::Postgresql => postgresql(input, output),
            Self::Mute => Ok(()),
        }
    }
}

fn http(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut request = String::new();
    input.read_line(&mut request)?;
    let mut field = String::new();
    while input.read_line(&mut field)? > 0 && field.trim_end() != "" {
        field.clear();
    }
    let status =
        if request.trim_end().ends_with("HTTP/1.1") || request.trim_end().ends_with("HTTP/1.0") {
            "200 OK"
        } else {
            "400 Bad Request"
        };
    let body = "<!doctype html><title>load</title>\n";
    write!(
        output,
        "HTTP/1.1 {status}\r\nServer: load/1\r\nContent-Type: text/html\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn ssh(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    output.write_all(b"SSH-2.0-Load_1.0\r\n")?;
    io::copy(&mut input, &mut io::sink()).map(drop)
}

fn smtp(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    output.write_all(b"220 load.example ESMTP\r\n")?;
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let verb = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let reply: &[u8] = match verb.as_str() {
            "EHLO" => b"250-load.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
            "HELO" => b"250 load.example\r\n",
            "NOOP" | "RSET" => b"250 2.0.0 OK\r\n",
            "QUIT" => return output.write_all(b"221 2.0.0 Bye\r\n"),
            _ => b"502 5.5.2 Command not recognized\r\n",
        };
        output.write_all(reply)?;
        line.clear();
    }
    Ok(())
}

fn redis(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    while let Some(words) = redis_command(&mut input)? {
        let Some(verb) = words.first() else { continue };
        match verb.to_ascii_uppercase().as_str() {
            "PING" => output.write_all(b"+PONG\r\n")?,
            "QUIT" => return output.write_all(b"+OK\r\n"),
            _ => write!(
                output,
                "-ERR unknown command '{}'\r\n",
                verb.escape_default()
            )?,
        }
    }
    Ok(())
}

/// The words of the next command; `None` at the end.
fn redis_command(input: &mut impl BufRead) -> io::Result<Option<Vec<String>>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let Some(count) = line.trim_end().strip_prefix('*') else {
        return Ok(Some(line.split_whitespace().map(str::to_owned).collect()));
    };
    let count: u8 = count.parse().map_err(io::Error::other)?;
    let mut words = Vec::new();
    for _ in 0..count {
        for _length_then_word in 0..2 {
            line.clear();
            input.read_line(&mut line)?;
        }
        words.push(line.trim_end().to_owned());
    }
    Ok(Some(words))
}

fn postgresql(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    loop {
        let mut head = [0; 8];
        input.read_exact(&mut head)?;
        let [a, b, c, d, code @ ..] = head;
        let length = u32::from_be_bytes([a, b, c, d]);
        match u32::from_be_bytes(code) {
            SSL_REQUEST | GSS_REQUEST => output.write_all(b"N")?,
            _ => {
                let rest = u64::from(length.saturating_sub(8));
                io::copy(&mut input.by_ref().take(rest), &mut io::sink())?;
                return output.write_all(&refusal());
            }
        }
    }
}

/// An ErrorResponse.
fn refusal() -> Vec<u8> {
    let fields = b"SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry for this host\0\0";
    let mut message = vec![b'E'];
    message.extend((fields.len() as u32 + 4).to_be_bytes());
    message.extend(fields);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(speaker: Speaker, said: &[u8]) -> String {
        let mut reply = Vec::new();
        // A caller that stops in the middle ends the conversation with an error; what was said stays.
        let _ended = speaker.converse(said, &mut reply);
        String::from_utf8_lossy(&reply).into_owned()
    }

    #[test]
    fn each_says_what_its_grammar_says() {
        let page = told(Speaker::Http, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(
            page.starts_with("HTTP/1.1 200 OK\r\nServer: load/1\r\n"),
            "{page}"
        );
        assert!(told(Speaker::Http, b"EHLO\r\n").starts_with("HTTP/1.1 400 "));
        assert_eq!(told(Speaker::Ssh, b"SSH-2.0-x\r\n"), "SSH-2.0-Load_1.0\r\n");
        assert_eq!(
            told(Speaker::Smtp, b"quit\r\n"),
            "220 load.example ESMTP\r\n221 2.0.0 Bye\r\n"
        );
        assert_eq!(told(Speaker::Mute, b"anything"), "");
    }

    #[test]
    fn redis_hears_arrays_and_inline_commands() {
        assert_eq!(
            told(Speaker::Redis, b"PING\r\n*1\r\n$4\r\nPING\r\n"),
            "+PONG\r\n+PONG\r\n"
        );
        assert_eq!(
            told(Speaker::Redis, b"HELLO 3\r\n"),
            "-ERR unknown command 'HELLO'\r\n"
        );
    }

    #[test]
    fn postgresql_refuses_encryption_and_then_the_caller() {
        let mut said = 8_u32.to_be_bytes().to_vec();
        said.extend(SSL_REQUEST.to_be_bytes());
        said.extend(9_u32.to_be_bytes());
        said.extend(196_608_u32.to_be_bytes());
        said.push(0);
        let reply = told(Speaker::Postgresql, &said);
        assert!(reply.starts_with("NE"), "{reply}");
        assert!(reply.contains("C28000"), "{reply}");
    }
}
