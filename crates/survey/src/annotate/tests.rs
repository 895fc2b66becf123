//! Inputs made by hand, in the forms that scanners publish.

use portolan_registry::Transport;

use super::*;

/// `192.0.2.7:22/tcp ssh|OpenSSH|9.2 tls number`, one line for each claim.
fn said(text: &str) -> (Form, String) {
    let read = read(text.as_bytes()).unwrap();
    assert!(read.faults.is_empty(), "{:?}", read.faults);
    (read.form, lines(&read))
}

fn lines(read: &ScanResult) -> String {
    let line = |claim: &Claim| {
        let word = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut line = format!("{}:{}/{}", claim.host, claim.port, claim.transport);
        let parts = [&claim.service, &claim.product, &claim.version, &claim.name].map(word);
        if parts.iter().any(|part| !part.is_empty()) {
            line.push_str(&format!(" {}", parts.join("|")));
        }
        line.push_str(if claim.tls { " tls" } else { "" });
        line.push_str(if claim.by_number { " number" } else { "" });
        line
    };
    let mut all: Vec<String> = read.claims.iter().map(line).collect();
    if read.not_open > 0 {
        all.push(format!("{} not open", read.not_open));
    }
    all.join("\n")
}

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="by hand" start="0" version="7.0" xmloutputversion="1.05">
<host starttime="0" endtime="0"><status state="up" reason="localhost-response" reason_ttl="0"/>
<address addr="192.0.2.7" addrtype="ipv4"/>
<address addr="02:00:00:00:00:01" addrtype="mac" vendor="Nobody"/>
<hostnames><hostname name="web1.example" type="PTR"/><hostname name="web2.example" type="PTR"/></hostnames>
<ports><extraports state="closed" count="996"/>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1" extrainfo="protocol 2.0" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe></service></port>
<port protocol="tcp" portid="443"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx &amp; friends" tunnel="ssl" method="probed" conf="10"/></port>
<port protocol="tcp" portid="4444"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="krb524" method="table" conf="3"/></port>
<port protocol="udp" portid="161"><state state="open|filtered" reason="no-response" reason_ttl="0"/></port>
<port protocol="tcp" portid="81"><state state="closed" reason="conn-refused" reason_ttl="0"/></port>
</ports></host>
<host><address addr="2001:db8::7" addrtype="ipv6"/><ports><port protocol="sctp" portid="36412"><state state="open"/></port></ports></host>
<runstats><finished time="0"/></runstats>
</nmaprun>
"#;

#[test]
fn xml() {
    assert_eq!(
        said(XML),
        (
            Form::Xml,
            "192.0.2.7:22/tcp ssh|OpenSSH|9.2p1|web1.example\n\
             192.0.2.7:443/tcp http|nginx & friends||web1.example tls\n\
             192.0.2.7:4444/tcp krb524|||web1.example number\n\
             2001:db8::7:36412/sctp\n\
             2 not open"
                .to_owned()
        )
    );
    let line = |port| {
        let read = read(XML.as_bytes()).unwrap();
        read.claims.iter().find(|c| c.port == port).unwrap().line
    };
    assert_eq!((line(22), line(36412)), (9, 15));
}

#[test]
fn a_run_that_was_broken_off_still_says_what_it_saw() {
    let at = XML.find("<port protocol=\"udp\"").unwrap();
    let read = read(&XML.as_bytes()[..at]).unwrap();
    assert_eq!((read.claims.len(), read.fault_count), (3, 1));
    assert_eq!(read.faults[0].why, "the document ends in the middle");
}

#[test]
fn a_port_without_a_state_is_a_fault_and_not_open() {
    let damaged = XML.replacen("<state state=\"open\"", "<state stat\0=\"open\"", 1);
    let read = read(damaged.as_bytes()).unwrap();
    assert_eq!((read.claims.len(), read.fault_count), (3, 1));
    assert_eq!(read.faults[0].why, "a <port> without a state");
}

#[test]
fn entities_of_its_own_are_refused() {
    let bomb = r#"<?xml version="1.0"?>
<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<r><host><address addr="&b;"/><ports><port protocol="tcp" portid="22"><state state="open"/></port></ports></host></r>"#;
    assert_eq!(read(bomb.as_bytes()), Err(Error::Entities { line: 2 }));
    // One that nobody defined stays as it stands.
    let plain = "<r><host><address addr=\"&b;\"/><ports><port protocol=\"tcp\" portid=\"22\"><state state=\"open\"/></port></ports></host></r>";
    assert_eq!(said(plain).1, "&b;:22/tcp");
    let deep = "<a>".repeat(100_000);
    assert!(
        matches!(read(deep.as_bytes()), Err(Error::Unknown(fault)) if fault.why.contains("64 deep"))
    );
}

#[test]
fn json_of_every_kind() {
    // A list of lists of ports; an object per port; a service; modules; our own lines.
    let array = r#"[
{ "ip": "192.0.2.7", "timestamp": "0", "ports": [ {"port": 80, "proto": "tcp", "status": "open", "reason": "syn-ack", "ttl": 64} ] },
{ "ip": "192.0.2.7", "timestamp": "0", "ports": [ {"port": 80, "proto": "tcp", "service": {"name": "http", "banner": "HTTP/1.0 200 OK"} } ] }
]"#;
    assert_eq!(
        said(array),
        (Form::JsonArray, "192.0.2.7:80/tcp http|||".to_owned())
    );
    let lines = r#"{"host":"web1.example","ip":"192.0.2.7","port":8080,"protocol":"tcp","tls":true}
{"ip":"192.0.2.8","port":"53","transport":"udp"}

{"ip":"192.0.2.9","port":22,"protocol":"ssh","transport":"tcp","version":"9.2"}
{"ip":"192.0.2.10","data":{"http":{"status":"success","protocol":"http","port":81},"ssh":{"status":"connection-timeout","protocol":"ssh","port":22}}}
{"schema":"portolan.identify_target/1","address":"::1","port":5432,"transport":"tcp","state":"open","identified":{"protocol":"postgresql","product":"postgresql","version":"15.4","tls":false}}
{"schema":"portolan.sweep_port/1","host":"web1","address":"192.0.2.11","port":443,"transport":"tcp","state":"open","identified":{"protocol":"http","tls":true,"product":"nginx","version":null}}
{"schema":"portolan.sweep_host/1","host":"web1","address":"192.0.2.11","tcp":{"open":1}}
"#;
    assert_eq!(
        said(lines),
        (
            Form::JsonLines,
            "192.0.2.7:8080/tcp |||web1.example tls\n\
             192.0.2.8:53/udp\n\
             192.0.2.9:22/tcp ssh||9.2|\n\
             192.0.2.10:81/tcp http|||\n\
             ::1:5432/tcp postgresql|postgresql|15.4|\n\
             192.0.2.11:443/tcp http|nginx||web1 tls\n\
             1 not open"
                .to_owned()
        )
    );
    let spread = "{\n \"ip\": \"192.0.2.7\",\n \"port\": 22\n}\n{\n \"ip\": \"192.0.2.7\",\n \"port\": 23\n}\n";
    assert_eq!(said(spread).1, "192.0.2.7:22/tcp\n192.0.2.7:23/tcp");
}

#[test]
fn a_fault_is_told_with_its_line_and_costs_nothing_else() {
    let text = "{\"ip\":\"192.0.2.7\",\"port\":22}\nnonsense\n{\"ip\":\"192.0.2.7\",\"port\":99999}\n{\"ip\":\"192.0.2.7\",\"port\":23}\n";
    let read_lines = read(text.as_bytes()).unwrap();
    assert_eq!(read_lines.claims.len(), 2);
    let faults: Vec<_> = read_lines
        .faults
        .iter()
        .map(|f| (f.line, f.why.as_str()))
        .collect();
    assert_eq!(
        faults,
        [
            (2, "not JSON: expected ident"),
            (3, "no \"port\" from 1 to 65535")
        ]
    );
    let trailing = "[\n{\"ip\":\"192.0.2.7\",\"port\":22},\n]";
    let read_array = read(trailing.as_bytes()).unwrap();
    assert_eq!((read_array.claims.len(), read_array.faults[0].line), (1, 3));
    let many: String = (0..1000).map(|n| format!("x{n} y\n")).collect();
    let read_many = read(format!("192.0.2.7:22\n{many}").as_bytes()).unwrap();
    assert_eq!((read_many.fault_count, read_many.faults.len()), (1000, 20));
}

#[test]
fn lines_of_every_kind() {
    let text = "# a comment\n\
        Host: 192.0.2.7 (web1.example)\tStatus: Up\n\
        Host: 192.0.2.7 (web1.example)\tPorts: 22/open/tcp//ssh//OpenSSH 9.2p1/, 443/open/tcp//ssl|http//nginx/, 80/closed/tcp//http///\tIgnored State: filtered (997)\n\
        Timestamp: 0\tHost: 192.0.2.8 ()\tPorts: 8080/open/tcp//unknown//\n\
        Host: 192.0.2.8 () Ports: 111/open/udp//rpcbind?//\n\
        192.0.2.9 -> [22,80]\n\
        open tcp 443 192.0.2.10 0\n\
        banner tcp 443 192.0.2.10 0 http HTTP/1.1\n\
        192.0.2.11:53/udp\n\
        [2001:db8::1]:22\n\
        web1.example:8443\n";
    assert_eq!(
        said(text),
        (
            Form::Text,
            "192.0.2.7:22/tcp ssh|OpenSSH 9.2p1||web1.example\n\
             192.0.2.7:443/tcp http|nginx||web1.example tls\n\
             192.0.2.8:8080/tcp unknown|||\n\
             192.0.2.8:111/udp rpcbind||| number\n\
             192.0.2.9:22/tcp\n192.0.2.9:80/tcp\n\
             192.0.2.10:443/tcp http|||\n\
             192.0.2.11:53/udp\n\
             2001:db8::1:22/tcp\n\
             web1.example:8443/tcp\n\
             1 not open"
                .to_owned()
        )
    );
    assert_eq!(said("[2001:db8::1]:22\n").1, "2001:db8::1:22/tcp");
}

#[test]
fn what_is_no_scan_result_says_why() {
    let why = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(why(" \n"), "it is empty");
    for text in [
        "hello world\n",
        "<html><body>404</body></html>",
        "{\"a\":\n",
        "[1,2]",
        "\u{1b}[2J",
        "<",
        "[",
    ] {
        let why = why(text);
        assert!(
            why.contains("it holds no hosts and ports"),
            "{text:?}: {why}"
        );
        assert!(!why.contains('\u{1b}'));
    }
}

#[test]
fn a_claim_is_set_beside_what_is_registered_and_proves_nothing() {
    let sources = Sources::embedded();
    let text = "Host: 192.0.2.7 ()\tPorts: 4444/open/tcp//http//nginx/, 22/open/tcp//ssh//OpenSSH/, 443/open/tcp//ssl|http///, 80/open/tcp//www///\n";
    let claims = read(text.as_bytes()).unwrap().claims;
    let annotated = annotate(&sources, &claims);
    let kinds: Vec<&str> = annotated.iter().map(|a| a.verdict.kind.as_str()).collect();
    assert_eq!(kinds, ["unknown"; 4]);
    assert_eq!(
        annotated[0].verdict.because,
        "not asked: another tool's word is no proof"
    );
    let said = |at: usize| {
        annotated[at]
            .look_at
            .iter()
            .filter(|l| l.starts_with("the other tool"))
            .count()
    };
    assert!(
        annotated[0]
            .look_at
            .iter()
            .any(|l| l.starts_with("the other tool says http, and the port is registered for "))
    );
    assert_eq!([said(1), said(2), said(3)], [0, 0, 0]);
    // A name is no address, so nothing is said of the addresses it is bound to.
    let named = read(b"web1.example:22").unwrap().claims;
    let findings = &annotate(&sources, &named)[0].verdict.findings;
    assert!(
        findings
            .iter()
            .all(|f| f.kind != portolan_ports::FindingKind::BoundToAll)
    );
}

#[test]
fn text_is_bounded_and_any_bytes_are_read() {
    let long = format!(
        "Host: {} ()\tPorts: 22/open/tcp//{}///\n",
        "a".repeat(10_000),
        "b".repeat(10_000)
    );
    let claims = read(long.as_bytes()).unwrap().claims;
    assert_eq!(
        (
            claims[0].host.len(),
            claims[0].service.as_ref().unwrap().len()
        ),
        (256, 256)
    );
    let mut bytes = b"192.0.2.7:22\n".to_vec();
    bytes.extend([0xff, 0xfe, b'\n', 0, b'\n']);
    let read_bytes = read(&bytes).unwrap();
    assert_eq!((read_bytes.claims.len(), read_bytes.fault_count), (1, 2));
    assert_eq!(read_bytes.claims[0].transport, Transport::Tcp);
}

proptest::proptest! {
    #[test]
    fn mutated_results_never_panic(at in 0..3000_usize, byte: u8, cut in 0..3000_usize) {
        for text in [XML, "Host: 192.0.2.7 ()\tPorts: 22/open/tcp//ssh//x/\n192.0.2.9 -> [22,80]\n", "[{\"ip\":\"192.0.2.7\",\"ports\":[{\"port\":22}]}]"] {
            let mut bytes = text.as_bytes().to_vec();
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.truncate(length.saturating_sub(cut % length));
            if let Ok(read) = read(&bytes) {
                // The longest of the texts has six ports.
                proptest::prop_assert!(read.claims.len() <= 6 && read.faults.len() <= read.fault_count);
            }
        }
    }
}
