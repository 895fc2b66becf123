//! A street: forty listeners of one process, thirty that answer as real servers do and ten that stay mute.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::speaker::Speaker;
use super::until::Until;

/// How many of each; forty together, ten of them mute.
const HOUSES: [(Speaker, usize); 6] = [
    (Speaker::Http, 9),
    (Speaker::Ssh, 6),
    (Speaker::Smtp, 5),
    (Speaker::Redis, 5),
    (Speaker::Postgresql, 5),
    (Speaker::Mute, 10),
];

/// Connections that a mute listener keeps open, so that a caller sees silence and not an end.
const MOST_HELD: usize = 64;
/// How long a caller may take for its next line.
const PATIENCE: Duration = Duration::from_secs(10);

/// Stands the street up, says so, and waits.
pub(crate) fn stand(until: &Until, life: Duration) -> Result<()> {
    let mut count = 0;
    for (speaker, houses) in HOUSES {
        for _ in 0..houses {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .context("cannot listen on 127.0.0.1")?;
            thread::spawn(move || serve(&listener, speaker));
            count += 1;
        }
    }
    println!("ready: {count} listeners, {} of them mute", HOUSES[5].1);
    let why = until.wait(life);
    println!("ending on {why}");
    Ok(())
}

fn serve(listener: &TcpListener, speaker: Speaker) {
    let mut held: Vec<TcpStream> = Vec::new();
    for stream in listener.incoming().flatten() {
        if speaker == Speaker::Mute {
            if held.len() == MOST_HELD {
                held.remove(0);
            }
            held.push(stream);
            continue;
        }
        thread::spawn(move || {
            let timed = stream
                .set_read_timeout(Some(PATIENCE))
                .and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
            if timed.is_ok() {
                // A caller that goes away in the middle is an ordinary caller.
                let _left = speaker.converse(&stream, &stream);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_houses_and_the_last_ten_are_mute() {
        assert_eq!(HOUSES.iter().map(|(_, count)| count).sum::<usize>(), 40);
        assert_eq!(HOUSES[5], (Speaker::Mute, 10));
    }
}
