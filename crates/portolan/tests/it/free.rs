//! `portolan free`, on processes that these tests start, on ports that the kernel chooses.

mod answer;
mod holder;
mod refusal;

use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;

use serde_json::Value;

use crate::command::{Run, alone, portolan_as_nobody, run};
use crate::schema;
use holder::{Holder, STUBBORN, listener};

/// Runs `portolan free` with `--json`, and holds the document to its schema.
fn free(arguments: &[&str]) -> (Value, Option<i32>, String) {
    let run = run(&[&["free"], arguments, &["--json"]].concat());
    let document = read(&run);
    (document, run.code, run.err)
}

fn read(run: &Run) -> Value {
    let document = serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {run:?}"));
    schema::check("free.json", &document);
    document
}

/// What `ss` says listens on a port, in lines.
fn listening(port: u16) -> Vec<String> {
    let filter = format!("sport = :{port}");
    let ss = Command::new("ss").args(["-Htuln", &filter]).output();
    let advice = "apt-get install --no-install-recommends iproute2";
    let ss = ss.unwrap_or_else(|e| panic!("ss: {e}; {advice}"));
    let text = String::from_utf8(ss.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_process_is_asked_to_end_and_the_port_is_free() {
    let _alone = alone();
    let mut holder = Holder::asleep(listener(), "exec sleep 600");
    let port = holder.port.to_string();
    let (document, code, err) = free(&[&port, "--yes"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(document["state"], "freed");
    assert_eq!(document["act"], "stop");
    assert_eq!(document["listeners"][0]["owners"][0]["pid"], holder.pid());
    assert_eq!(
        document["steps"][0]["says"],
        format!("send SIGTERM to pid {} (sleep)", holder.pid())
    );
    assert_eq!(document["steps"][0]["outcome"], "done");
    assert_eq!(document["left"], Value::Array(Vec::new()));
    assert_eq!(holder.ended_by(), Some(15));
    assert_eq!(listening(holder.port), Vec::<String>::new());

    let (vacant, code, _) = free(&[&port, "--yes"]);
    assert_eq!((&vacant["state"], code), (&Value::from("vacant"), Some(0)));
    let text = run(&["free", &port]);
    assert_eq!(text.code, Some(0));
    assert!(
        text.out
            .starts_with(&format!("Nothing listens on {port}.\n")),
        "{}",
        text.out
    );
}

#[test]
fn one_that_ignores_sigterm_is_killed_where_told_so_alone() {
    let _alone = alone();
    let mut holder = Holder::asleep(listener(), STUBBORN);
    let port = holder.port.to_string();
    let (document, code, _) = free(&[&port, "--stop", "--grace", "1", "--yes"]);
    assert_eq!(
        (&document["state"], code),
        (&Value::from("listening"), Some(1))
    );
    assert_eq!(document["steps"][0]["outcome"], "still_runs");
    assert_eq!(document["left"][0]["owners"][0]["pid"], holder.pid());
    assert!(holder.is_alive());

    let client = TcpStream::connect((Ipv4Addr::LOCALHOST, holder.port)).unwrap();
    let killed = run(&["free", &port, "--kill", "--grace", "1", "--yes"]);
    assert_eq!(killed.code, Some(0), "{killed:?}");
    assert!(
        killed.out.contains("1 connection to it would break.\n"),
        "{}",
        killed.out
    );
    assert!(
        killed.out.contains("\n          sleep 600\n"),
        "{}",
        killed.out
    );
    let end = format!(
        "To send SIGTERM to pid {} (sleep), and SIGKILL if it still runs after 1 s needed SIGKILL\nNothing listens on {port} any more.\n",
        holder.pid()
    );
    assert!(killed.out.ends_with(&end), "{}", killed.out);
    assert_eq!(holder.ended_by(), Some(9));
    drop(client);
}

#[test]
fn a_client_of_the_port_survives() {
    let _alone = alone();
    let mut holder = Holder::asleep(listener(), "exec sleep 600");
    let near = TcpStream::connect((Ipv4Addr::LOCALHOST, holder.port)).unwrap();
    let mut client = Holder::asleep(near, STUBBORN);
    let (document, code, _) = free(&[&holder.port.to_string(), "--kill", "--yes"]);
    assert_eq!((code, &document["connections"]), (Some(0), &Value::from(1)));
    assert_eq!(document["steps"].as_array().unwrap().len(), 1);
    assert_eq!(holder.ended_by(), Some(15));
    assert!(client.is_alive());
}

#[test]
fn every_co_owner_is_hit() {
    let _alone = alone();
    let held = listener();
    let mut first = Holder::asleep(held.try_clone().unwrap(), "exec sleep 600");
    let mut second = Holder::asleep(held, "exec sleep 600");
    let (document, code, _) = free(&[&first.port.to_string(), "--yes"]);
    assert_eq!((&document["state"], code), (&Value::from("freed"), Some(0)));
    assert_eq!(document["listeners"].as_array().unwrap().len(), 1);
    assert_eq!(document["steps"].as_array().unwrap().len(), 2);
    assert_eq!((first.ended_by(), second.ended_by()), (Some(15), Some(15)));
}

#[test]
fn a_closed_socket_takes_nobody_and_its_program_lives_on() {
    let _alone = alone();
    let mut acceptor = holder::Acceptor::start(listener());
    let place = (Ipv4Addr::LOCALHOST, acceptor.port);
    let run = run(&["free", &acceptor.port.to_string(), "--close", "--yes"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{}", run.out);
    let said = format!(
        "close the socket at 127.0.0.1:{}/tcp (SOCK_DESTROY)\nNothing listens on {} any more.\n",
        acceptor.port, acceptor.port
    );
    assert!(run.out.ends_with(&said), "{}", run.out);
    assert_eq!(acceptor.says(), "22 Invalid argument");
    assert!(acceptor.is_alive());
    assert_eq!(listening(acceptor.port), Vec::<String>::new());
    assert!(TcpStream::connect(place).is_err());
    assert!(TcpListener::bind(place).is_ok());
}

#[test]
fn an_address_narrows_and_a_wider_one_is_named() {
    let _alone = alone();
    let first = listener();
    let port = first.local_addr().unwrap().port();
    let second = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), port)).unwrap();
    let mut spared = Holder::asleep(first, "exec sleep 600");
    let mut meant = Holder::asleep(second, "exec sleep 600");
    let (document, code, _) = free(&[&format!("127.0.0.2:{port}"), "--yes"]);
    assert_eq!((&document["state"], code), (&Value::from("freed"), Some(0)));
    assert_eq!(meant.ended_by(), Some(15));
    assert!(spared.is_alive());
    assert_eq!(listening(port).len(), 1);
    drop(spared);

    let wide = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let mut wide = Holder::asleep(wide, "exec sleep 600");
    let port = wide.port;
    let run = run(&["free", &format!("127.0.0.1:{port}"), "--yes"]);
    assert_eq!(run.code, Some(1));
    let said = format!(
        "Nothing is bound to {port}/tcp at 127.0.0.1 alone, but 0.0.0.0 takes its connections; to free that: portolan free 0.0.0.0:{port}/tcp\n"
    );
    assert!(run.out.contains(&said), "{}", run.out);
    assert!(wide.is_alive());
    // Another transport is not meant.
    let (document, code, _) = free(&[&format!("{port}/udp"), "--yes"]);
    assert_eq!(
        (&document["state"], code),
        (&Value::from("vacant"), Some(0))
    );
    assert!(wide.is_alive());
}

#[test]
fn what_is_started_anew_is_told() {
    let _alone = alone();
    let supervised = holder::Supervised::start(IpAddr::from(Ipv4Addr::LOCALHOST));
    let port = supervised.port.to_string();
    let (document, code, _) = free(&[&port, "--yes"]);
    assert_eq!(
        (&document["state"], code),
        (&Value::from("returned"), Some(1))
    );
    assert_eq!(document["steps"][0]["outcome"], "done");
    assert_ne!(
        document["left"][0]["owners"][0]["pid"],
        document["listeners"][0]["owners"][0]["pid"]
    );
}

#[test]
fn nobody_may_not() {
    let _alone = alone();
    let mut hidden = Holder::asleep(listener(), "exec sleep 600");
    let as_nobody = |arguments: &[&str]| {
        let (_folder, mut command) = portolan_as_nobody();
        let command = command.arg("free").args(arguments).arg("--json");
        let run = crate::command::finished(command.output().unwrap());
        (read(&run), run.code)
    };
    let (document, code) = as_nobody(&[&hidden.port.to_string(), "--kill", "--yes"]);
    assert_eq!(
        (&document["state"], code),
        (&Value::from("not_permitted"), Some(3))
    );
    assert_eq!(document["refusals"][0]["kind"], "owner_hidden");
    assert!(hidden.is_alive());

    let mut own = Holder::of_nobody(listener());
    let port = own.port.to_string();
    let (document, code) = as_nobody(&[&port, "--close", "--yes"]);
    assert_eq!(
        (&document["state"], code),
        (&Value::from("not_permitted"), Some(3))
    );
    assert_eq!(document["refusals"][0]["kind"], "not_permitted");
    assert!(own.is_alive());
    let (document, code) = as_nobody(&[&port, "--yes"]);
    assert_eq!((&document["state"], code), (&Value::from("freed"), Some(0)));
    assert_eq!(own.ended_by(), Some(15));
    let (document, code) = as_nobody(&[&port, "--yes"]);
    assert_eq!(
        (&document["state"], code),
        (&Value::from("vacant"), Some(0)),
        "{document:#}"
    );
}
