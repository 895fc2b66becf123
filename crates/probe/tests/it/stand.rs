//! The servers of the table that are marked for tests: started side by side, asked in one run, and
//! every answer held against what is known of them.

use portolan_probe::{Hints, Limits, Outcome, Plan, Request, Safety, identify};
use portolan_registry::Transport;
use portolan_servers::{Placed, Row, Server, end_all, rows, start_all, version};

use crate::live::unhurried;

/// More of them only wait for each other on two cores.
const AT_ONCE: usize = 4;

#[test]
fn servers_of_the_table_are_told_exactly() {
    let rows = rows().unwrap();
    let rows: Vec<&Row> = rows.iter().filter(|row| row.test).collect();
    let started = start_all(&rows, AT_ONCE).into_iter();
    let servers: Vec<Server> = started
        .map(|one| one.unwrap_or_else(|error| panic!("{error}")))
        .collect();
    let mut asked = Vec::new();
    let mut truth = Vec::new();
    for (row, server) in rows.iter().zip(&servers) {
        let packaged = version(row);
        for one in server.asked() {
            truth.push(expected(&row.name, &one, packaged.as_deref()));
            asked.push((row.name.as_str(), one));
        }
    }
    let requests = asked.iter().map(|(_, one)| request(one)).collect();
    let outcomes = identify(requests, &Limits::default(), &mut |_, _| {});
    end_all(servers);
    let told: Vec<String> = asked
        .iter()
        .zip(&outcomes)
        .map(|((name, one), outcome)| told(name, one, outcome))
        .collect();
    assert_eq!(told, truth);
}

fn request(one: &Placed) -> Request {
    let transport = match one.port.transport {
        portolan_servers::Transport::Tcp => Transport::Tcp,
        portolan_servers::Transport::Udp => Transport::Udp,
    };
    Request {
        target: one.address,
        transport,
        host: None,
        plan: unhurried(Plan::identify(transport, Hints::default(), Safety::Polite)),
    }
}

/// What must be told, in one line.
fn expected(name: &str, one: &Placed, packaged: Option<&str>) -> String {
    let port = &one.port;
    let version = match port.version.as_str() {
        "package" => packaged.unwrap_or("of a package that is not there"),
        literal => literal,
    };
    line(
        name,
        one,
        &port.protocol,
        port.tls,
        [&port.product, version],
    )
}

/// What was told, in the same form.
fn told(name: &str, one: &Placed, outcome: &Outcome) -> String {
    let Some(found) = &outcome.identification else {
        return line(
            name,
            one,
            &format!("nothing ({:?})", outcome.probe.state),
            false,
            ["", ""],
        );
    };
    let protocol = match one.port.accept.iter().any(|also| *also == found.protocol) {
        true => &one.port.protocol,
        false => found.protocol.as_ref(),
    };
    let product = found.product.as_deref().unwrap_or_default();
    let version = found.version.as_deref().unwrap_or_default();
    line(name, one, protocol, found.tls, [product, version])
}

fn line(name: &str, one: &Placed, protocol: &str, tls: bool, product: [&str; 2]) -> String {
    let transport = one.port.transport.as_str();
    let wrapped = if tls { " in tls" } else { "" };
    let [product, version] = product;
    format!("{name} {transport}: {protocol}{wrapped}, product {product:?}, version {version:?}")
}
