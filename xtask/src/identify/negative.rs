//! A negative: a listener that speaks nothing anybody knows, of which nothing must be told.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::thread;

/// A listener that stands for as long as the task runs.
pub(crate) struct Negative {
    pub(crate) name: &'static str,
    pub(crate) transport: &'static str,
    pub(crate) port: u16,
}

type Speaker = fn(TcpStream) -> io::Result<()>;

const STREAMS: [(&str, Speaker); 12] = [
    ("mute", mute),
    ("hangs up at once", hang_up),
    ("hangs up after the first byte", hang_up_late),
    ("text banner of its own", |peer| {
        banner(peer, b"WAREHOUSE-FEED 3 READY seq=000417\r\n")
    }),
    ("binary banner of its own", |peer| {
        banner(peer, b"\xd7\x00\x1c\x91WHF\x03\x00\x00\x01\xa1\x7f\xfe\x00\x10\x80\x42\x00\xff\x13\x37\x00\x01\x9c\x11\x5e\xe5\x02\xaa")
    }),
    ("greets with 220 and nothing known", |peer| {
        banner(peer, b"220 line 7 of press 2 ready\r\n")
    }),
    ("greets with a version", |peer| banner(peer, b"v2.4.1\n")),
    ("drips a byte and stops", |peer| banner(peer, b"+")),
    ("lines answered with ERR", err_lines),
    ("lines answered with JSON", json_lines),
    ("length-prefixed echo", framed_echo),
    ("closes with zeros", |mut peer| {
        let _first = peer.read(&mut [0; 1])?;
        peer.write_all(&[0; 64])
    }),
];

type Replier = fn(&[u8]) -> Option<Vec<u8>>;

const DATAGRAMS: [(&str, Replier); 4] = [
    ("never answers", |_| None),
    ("answers bytes of its own", |_| {
        Some(b"WHF\x03\x00\x00\x01\xa1\x7f\xfe\x00\x10".to_vec())
    }),
    ("answers text of its own", |_| {
        Some(b"ERR unknown request\n".to_vec())
    }),
    ("echo behind a header", |asked| {
        Some([b"WHF\x03".as_slice(), asked].concat())
    }),
];

/// Stands all of them up.
pub(crate) fn all() -> io::Result<Vec<Negative>> {
    let mut negatives = Vec::new();
    for (name, speak) in STREAMS {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        negatives.push(Negative {
            name,
            transport: "tcp",
            port: listener.local_addr()?.port(),
        });
        thread::spawn(move || {
            for peer in listener.incoming().flatten() {
                // One that hangs up on a negative is what negatives are for.
                thread::spawn(move || drop(speak(peer)));
            }
        });
    }
    for (name, reply) in DATAGRAMS {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        negatives.push(Negative {
            name,
            transport: "udp",
            port: socket.local_addr()?.port(),
        });
        thread::spawn(move || {
            let mut asked = [0; 2048];
            // An ICMP error of an answer that nobody wants any more is no reason to stop.
            loop {
                let Ok((length, from)) = socket.recv_from(&mut asked) else {
                    continue;
                };
                if let Some(answer) = reply(asked.get(..length).unwrap_or_default()) {
                    let _unwanted = socket.send_to(&answer, from);
                }
            }
        });
    }
    Ok(negatives)
}

/// Reads until the peer hangs up.
fn mute(mut peer: TcpStream) -> io::Result<()> {
    let mut bytes = [0; 4096];
    while peer.read(&mut bytes)? > 0 {}
    Ok(())
}

fn hang_up(peer: TcpStream) -> io::Result<()> {
    drop(peer);
    Ok(())
}

fn hang_up_late(mut peer: TcpStream) -> io::Result<()> {
    peer.read(&mut [0; 1]).map(drop)
}

fn banner(mut peer: TcpStream, text: &[u8]) -> io::Result<()> {
    peer.write_all(text)?;
    mute(peer)
}

fn err_lines(peer: TcpStream) -> io::Result<()> {
    each_line(peer, |_| b"ERR ?\r\n".to_vec())
}

fn json_lines(peer: TcpStream) -> io::Result<()> {
    each_line(peer, |count| {
        format!("{{\"seq\":{count},\"ok\":false,\"error\":\"unknown verb\"}}\n").into_bytes()
    })
}

fn each_line(mut peer: TcpStream, answer: fn(usize) -> Vec<u8>) -> io::Result<()> {
    let mut bytes = [0; 4096];
    let mut count = 0;
    loop {
        let length = peer.read(&mut bytes)?;
        if length == 0 {
            return Ok(());
        }
        for _ in bytes.iter().take(length).filter(|&&byte| byte == b'\n') {
            count += 1;
            peer.write_all(&answer(count))?;
        }
    }
}

/// Everything comes back behind a header of its own: a length and two letters.
fn framed_echo(mut peer: TcpStream) -> io::Result<()> {
    let mut bytes = [0; 4096];
    loop {
        let length = peer.read(&mut bytes)?;
        if length == 0 {
            return Ok(());
        }
        let size = u32::try_from(length + 2).unwrap_or(u32::MAX).to_be_bytes();
        let body = bytes.get(..length).unwrap_or_default();
        peer.write_all(&[&size, b"PF".as_slice(), body].concat())?;
    }
}
