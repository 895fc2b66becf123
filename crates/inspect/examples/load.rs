//! A busy machine in miniature: 5,000 listeners in 50 processes beside 300 idle ones with 100
//! descriptors each. Says "ready", then holds everything until its standard input ends.
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

const LISTENING: usize = 50;
const IDLE: usize = 300;
const EACH: usize = 100;

fn main() -> io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        None => {
            let listening = (0..LISTENING).map(|at| start(&["listen", &at.to_string()]));
            let idle = (0..IDLE).map(|_| start(&["idle"]));
            let children = listening.chain(idle).collect::<io::Result<Vec<_>>>()?;
            println!("ready");
            until_end()?;
            for mut child in children {
                drop(child.stdin.take());
                child.wait()?;
            }
            Ok(())
        }
        Some("listen") => {
            let at = std::env::args()
                .nth(2)
                .and_then(|at| at.parse::<u8>().ok())
                .unwrap_or(0);
            let held = (0..EACH)
                .map(|_| TcpListener::bind((std::net::Ipv4Addr::new(127, 10, at, 1), 0)))
                .collect::<io::Result<Vec<_>>>()?;
            hold(held)
        }
        Some(_) => hold(
            (0..EACH)
                .map(|_| File::open("/dev/null"))
                .collect::<io::Result<Vec<_>>>()?,
        ),
    }
}

/// Starts this program again as one of the crowd, and waits until it holds its descriptors.
fn start(arguments: &[&str]) -> io::Result<Child> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut String::new())?;
    }
    Ok(child)
}

fn hold<T>(held: Vec<T>) -> io::Result<()> {
    println!("ready");
    until_end()?;
    drop(held);
    Ok(())
}

fn until_end() -> io::Result<()> {
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}
