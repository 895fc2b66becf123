//! Starts the servers that are named, or all of a family or file, says where they listen, and ends
//! them at the end of its input: `cargo run -p portolan-servers --example stand -- redis web data/x.toml`.
#![expect(clippy::print_stdout, reason = "it speaks to the person who runs it")]

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use portolan_servers::{Error, Row, Server, end_all, rows, rows_of, start_all};

fn main() -> ExitCode {
    let wanted: Vec<String> = env::args().skip(1).collect();
    let rows = match chosen(&wanted) {
        Ok(rows) => rows,
        Err(error) => {
            println!("{error}");
            return ExitCode::from(2);
        }
    };
    let rows: Vec<&Row> = rows.iter().collect();
    let mut fine = !rows.is_empty();
    let mut servers: Vec<Server> = Vec::new();
    for outcome in start_all(&rows, 2) {
        match outcome {
            Ok(server) => {
                for one in server.asked() {
                    let (protocol, transport) = (&one.port.protocol, one.port.transport.as_str());
                    println!("{} {}/{transport} {protocol}", server.name(), one.address);
                }
                servers.push(server);
            }
            Err(error) => {
                println!("{}", said(&error));
                fine = false;
            }
        }
    }
    println!("{} of {} stand", servers.len(), rows.len());
    // The end of the input, or a key, is what ends them.
    let _line = io::stdin().read_line(&mut String::new());
    end_all(servers);
    match fine {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// The rows that a name, a family or a file stands for.
fn chosen(wanted: &[String]) -> Result<Vec<Row>, Error> {
    let mut chosen = Vec::new();
    for word in wanted {
        match word.ends_with(".toml") {
            true => {
                let path = Path::new(word);
                let text = fs::read_to_string(path).map_err(|source| Error::Read {
                    path: path.to_owned(),
                    source,
                })?;
                chosen.extend(rows_of(path, &text)?);
            }
            false => {
                let all = rows()?;
                chosen.extend(
                    all.into_iter()
                        .filter(|r| r.name == *word || r.family == *word),
                );
            }
        }
    }
    Ok(chosen)
}

/// The error with what lies below it.
fn said(error: &Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |below| format!("{error}: {below}"))
}
