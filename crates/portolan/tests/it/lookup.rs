//! Look-ups, whole, as they are printed.

mod claims;

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use insta::assert_snapshot;

use crate::command::{Run, finished, json, run, undisturbed};

fn text(arguments: &[&str]) -> String {
    let run = run(&[&["--no-live"], arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.err);
    run.out
}

/// Asserts that these lines stand there in this order, others among them or not: what is known of a
/// port grows.
fn in_order(text: &str, lines: &[&str]) {
    let mut rest = text.lines();
    for line in lines {
        assert!(
            rest.any(|own| own == *line),
            "{line:?} is missing or out of order in\n{text}"
        );
    }
}

#[test]
fn an_assigned_port_with_a_note_on_its_squatter() {
    let said = text(&["4444"]);
    in_order(
        &said,
        &[
            "Port 4444, User range 1024-49151",
            "4444/udp: assigned to krb524 (B Clifford Neuman); nv-video is listed without an assignment",
            "  tcp udp    assigned  krb524: KRB524 [registry row 4444]",
            "                       reported to IANA: krb524 assigned the port, nv used it without an assignment",
            "                       nv-video: NV Video default [registry row 4444]",
            "  sctp dccp  reserved  no row for this transport; 4444/tcp is krb524's, and RFC 6335 section 7.2 holds the number back on the others",
            "  neighbours: 4443 pharos, 4445 upnotifyp",
            "",
            "What is known of it (addresses and dates: portolan show 4444)",
            "  unofficial use  Selenium's standalone server and Grid hub take WebDriver clients here. [Docker images for the Selenium Grid Server: README]",
            "",
            "Risks and malware: a number proves nothing by itself",
            "  malware  Metasploit's reverse-TCP handler listens here unless the operator picks another port. [Metasploit Framework: reverse_tcp handler]",
            "",
            "History",
            "  krb524 was assigned the number and NV Video used it without an assignment, which the registry records on both rows. [IANA: Service Name and Transport Protocol Port Number Registry, 2026-02-13]",
            "",
            "Check it",
            "  Linux    ss -Htulpn 'sport = :4444'",
            "  macOS    sudo lsof -nP -iTCP:4444 -sTCP:LISTEN",
            "           sudo lsof -nP -iUDP:4444",
            "  Windows  Get-NetTCPConnection -LocalPort 4444 -State Listen",
            "           Get-NetUDPEndpoint -LocalPort 4444",
            "           Get-Process -Id PID",
        ],
    );
    let registered = said.lines().find(|line| line.starts_with("  registered "));
    assert!(
        registered
            .unwrap()
            .contains("krb524, nv-video [IANA's registry of "),
        "{said}"
    );
    assert!(!said.contains("no malware fact on record"), "{said}");
    assert!(!said.contains("On this machine") && !said.contains("this system"));
}

#[test]
fn in_full_each_fact_has_its_address_and_the_day_on_which_it_was_read() {
    let said = run(&["show", "4444/tcp"]).out;
    in_order(
        &said,
        &[
            "What is known of it",
            "  unofficial use  Selenium's standalone server and Grid hub take WebDriver clients here.",
            "                  [Docker images for the Selenium Grid Server: README, https://github.com/SeleniumHQ/docker-selenium/blob/00190a22bfb1960151feb969c98454b47c2f37fd/README.md, checked 2026-11-21]",
        ],
    );
}

#[test]
fn an_unassigned_port_is_a_member_of_its_block() {
    in_order(
        &text(&["724"]),
        &[
            "Port 724, System range 0-1023",
            "724/tcp and 724/udp: unassigned",
            "  tcp udp sctp dccp  unassigned  registry row 717-728 says \"Unassigned\"",
            "  neighbours on tcp: 715 iris-lwz, 729 netviewdm1; unassigned block 717-728",
            "  neighbours on udp: 716 pana, 729 netviewdm1; unassigned block 717-728",
            "  unofficial use  665-1023: Linux's RPC client, the one that NFS mounts use, takes its privileged near end from this range by default: such a port is in use, not listening. [Linux: sunrpc/xprtsock.h]",
            "  unofficial use  600-1023: Sun RPC programs that ask glibc for any privileged port get one from this range first, so an RPC service may sit on a number nobody assigned. [glibc: bindresvport]",
        ],
    );
}

#[test]
fn what_is_not_on_record_is_said_with_the_knowledges_date() {
    let date = json(&["723", "--no-live"])["knowledge_date"]
        .as_str()
        .unwrap()
        .to_owned();
    let nothing = format!("  no risk on record; no malware fact on record (knowledge of {date})");
    // Two unassigned numbers; nobody is known to use the second.
    in_order(&text(&["724/tcp"]), &[&nothing]);
    in_order(
        &text(&["4"]),
        &[
            "4/tcp and 4/udp: unassigned",
            "What is known of it",
            &format!("  no use on record (knowledge of {date})"),
            &nothing,
        ],
    );
    let of = |port: &str| json(&[port, "--no-live"])["ports"][0]["on_record"].clone();
    assert_eq!(
        of("4"),
        serde_json::json!({"use": false, "risk": false, "malware": false, "history": false, "knowledge_date": date})
    );
    assert_eq!(
        (&of("4444")["use"], &of("4444")["malware"]),
        (&true.into(), &true.into())
    );
}

#[test]
fn a_name_is_found_without_its_hyphen() {
    in_order(
        &text(&["watchdognt"]),
        &[
            "Port 2723, User range 1024-49151",
            "2723/tcp and 2723/udp: assigned to watchdog-nt (Loftware)",
            "  tcp udp    assigned  watchdog-nt: WatchDog NT Protocol [registry row 2723]",
            "                       assigned to [Loftware], contact [Glen_Sansoucie], modified 2020-07-20",
            "History",
            "  A web page credits this number to a power-supply maker, Tripp Lite, and shows no source that says so. [connected.app: port 2723]",
            "  It is told here to be corrected: the row, last changed on 2020-07-20, names Loftware.",
        ],
    );
}

#[test]
fn a_ghost_registration_is_named_as_it_stands() {
    in_order(
        &text(&["2397"]),
        &[
            "2397/tcp and 2397/udp: assigned to ncl (Robert Wiebe)",
            "  tcp udp    assigned  ncl: NCL [registry row 2397]",
            "                       assigned to [Robert_Wiebe]",
            "  neighbours: 2396 wusage, 2398 orbiter",
            "  unofficial use  2300-2400: DirectPlay games of the DirectX 6 and 7 years moved their traffic into this block after a first connection to 47624. [DirectX 7 SDK: client firewall support using the DirectPlay dynamic range]",
            "History",
            "  The registry names a holder for NCL here, and its description says no more than the name. [IANA: Service Name and Transport Protocol Port Number Registry, 2026-02-13]",
        ],
    );
}

#[test]
fn a_contested_port_says_how_many_programs_claim_it() {
    let said = text(&["9000", "25565"]);
    let line = |start: &str| said.lines().find(|line| line.starts_with(start)).unwrap();
    let tcp = line("9000/tcp: assigned to cslistener (David Jones); ");
    let count = tcp.rsplit_once("; ").unwrap().1;
    let count: u32 = count
        .strip_suffix(" programs claim it")
        .unwrap()
        .parse()
        .unwrap();
    assert!(count >= 3, "{tcp}");
    assert_eq!(
        json(&["9000", "--no-live"])["ports"][0]["transports"]["tcp"]["claimants"],
        count
    );
    assert!(line("25565/tcp: unassigned; ").contains("claim"), "{said}");
}

#[test]
fn the_dynamic_range_has_no_rows_and_an_answer() {
    in_order(
        &text(&["60000"]),
        &[
            "Port 60000, Dynamic range 49152-65535",
            "60000/tcp and 60000/udp: unassigned",
            "  tcp udp sctp dccp  unassigned  Dynamic range 49152-65535, never assigned (RFC 6335 section 6)",
            "  neighbours on tcp: 49150 inspider, none; unassigned block 49152-65535",
            "  neighbours on udp: 49001 nusdp-disc, none; unassigned block 49152-65535",
        ],
    );
    let port = json(&["60000", "--no-live"])["ports"][0].clone();
    assert_eq!(
        port["set_aside_by"],
        serde_json::json!(["linux", "windows", "macos", "freebsd"])
    );
    assert_eq!(port["system"], serde_json::Value::Null);
}

#[test]
fn one_transport_alone() {
    let said = text(&["44444/udp", "768/udp"]);
    in_order(
        &said,
        &[
            "Port 44444, User range 1024-49151",
            "44444/udp: reserved",
            "  udp  reserved  registry row 44444/udp says \"Reserved\"",
            "  neighbours: 44322 pmproxy, 44544 domiq",
            "  Linux    ss -Hulpn 'sport = :44444'",
            "  macOS    sudo lsof -nP -iUDP:44444",
            "  Windows  Get-NetUDPEndpoint -LocalPort 44444",
            "Port 768, System range 0-1023",
            "768/udp: unassigned",
            "  udp  unassigned  registry row 768 says \"Unassigned\"",
            "  neighbours: 767 phonebook, 769 vid; unassigned block 768",
        ],
    );
    assert!(!said.contains("tcp"), "{said}");
}

#[test]
fn a_report_names_one_port_of_a_block() {
    in_order(
        &text(&["44515/tcp"]),
        &[
            "  tcp  unassigned  registry row 44446-44543 says \"Unassigned\"",
            "                   reported to IANA as used without an assignment: Known UNAUTHORIZED USE: Ports 44515 & 44516",
        ],
    );
}

#[test]
fn its_neighbour_shows_it_as_the_blocks_note() {
    in_order(
        &text(&["44514/tcp"]),
        &[
            "  tcp  unassigned  registry row 44446-44543 says \"Unassigned\"",
            "                   note of the block 44446-44543, not of this port: Known UNAUTHORIZED USE: Ports 44515 & 44516",
        ],
    );
}

#[test]
fn browsers_refuse_some_and_the_sentence_has_every_transport_that_matters() {
    in_order(
        &text(&["2049"]),
        &[
            "2049/tcp and 2049/udp: assigned to shilp and nfs (Brent Callaghan)",
            "2049/sctp: assigned to nfs",
            "  browsers  refuse to open it [WHATWG Fetch, port blocking]",
        ],
    );
    assert_eq!(
        json(&["2049", "--no-live"])["ports"][0]["browser_blocked"],
        true
    );
    assert_eq!(
        json(&["2050", "--no-live"])["ports"][0]["browser_blocked"],
        false
    );
}

/// This machine with files of our own in place of some of its own, for one run.
fn with_files(files: &[(&str, &str)], arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let mut script = String::from("mount --make-rprivate / && ");
    for (at, (path, content)) in files.iter().enumerate() {
        let own = folder.path().join(at.to_string());
        fs::write(&own, content).unwrap();
        script.push_str(&format!("mount --bind {} {path} && ", own.display()));
    }
    script.push_str("exec \"$@\"");
    let mut command = undisturbed(Command::new("unshare"));
    command.args(["--mount", "sh", "-c", &script, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_portolan")).args(arguments);
    let output = command.output();
    finished(output.unwrap_or_else(|error| panic!("unshare, of util-linux: {error}")))
}

#[test]
fn other_names_and_rules_are_those_of_this_machine() {
    let services = "dragon\t723/tcp\tdrake # Here be \u{1b}[31mdragons\ndragon 723/udp\n";
    let files = [("/etc/services", services)];
    let run = with_files(&files, &["723"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let from = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap();
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap();
    let range: Vec<&str> = range.split_ascii_whitespace().collect();
    assert!(from.trim().parse::<u16>().unwrap() > 723, "{from}");
    let rules = format!(
        "  this system    outside the ephemeral range {}; only the privileged may bind it, as any below {}",
        range.join("-"),
        from.trim()
    );
    in_order(
        &run.out,
        &[
            "723/tcp and 723/udp: unassigned; nothing listens here",
            "Other names, and rules of systems",
            "  /etc/services  dragon, drake (Here be \\u{1b}[31mdragons), tcp",
            "                 dragon, udp",
            &rules,
            "On this machine: nothing is there: no listener, no connection",
            "Check it",
        ],
    );
    let found = with_files(&files, &["723", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&found.out).unwrap();
    crate::schema::check("lookup.json", &document);
    let port = &document["ports"][0];
    let names: Vec<&str> = port["local_names"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["dragon", "drake", "dragon"]);
    assert_eq!(
        port["system"],
        serde_json::json!({
            "ephemeral": false,
            "ephemeral_range": range.join("-"),
            "reserved": false,
            "privileged": true,
            "unprivileged_from": from.trim().parse::<u16>().unwrap(),
        })
    );
    assert_eq!(
        with_files(&files, &["723", "--no-live"])
            .out
            .matches("dragon")
            .count(),
        0
    );
}

#[test]
fn the_files_of_firewalls_are_read_where_all_is_told() {
    // Anything may lie in this folder; over it, one of our own.
    let root = tempfile::tempdir().unwrap();
    for (folder, file, content) in [
        (
            "firewalld",
            "dragon.xml",
            r#"<service><short>Here be dragons</short><port port="722-724" protocol="tcp"/></service>"#,
        ),
        (
            "ufw",
            "dragons",
            "[Dragon Full]\ntitle=Dragons, all of them\ndescription=x\nports=723,9/udp\n",
        ),
    ] {
        fs::create_dir_all(root.path().join(folder)).unwrap();
        fs::write(root.path().join(folder).join(file), content).unwrap();
    }
    let script = format!(
        "mount --make-rprivate / && mount -t tmpfs none /etc \
         && mkdir -p /etc/firewalld/services /etc/ufw/applications.d \
         && cp {root}/firewalld/* /etc/firewalld/services && cp {root}/ufw/* /etc/ufw/applications.d \
         && exec \"$@\"",
        root = root.path().display()
    );
    let seen = |arguments: &[&str]| {
        let mut command = undisturbed(Command::new("unshare"));
        command.args(["--mount", "sh", "-c", &script, "sh"]);
        command.arg(env!("CARGO_BIN_EXE_portolan")).args(arguments);
        finished(command.output().unwrap())
    };
    let in_full = seen(&["show", "723"]);
    in_order(
        &in_full.out,
        &[
            "  firewalld    dragon (Here be dragons), 722-724, tcp [/etc/firewalld/services/dragon.xml]",
            "  ufw          Dragon Full (Dragons, all of them), udp [/etc/ufw/applications.d/dragons]",
            "  browsers     open it",
        ],
    );
    let document: serde_json::Value =
        serde_json::from_str(&seen(&["show", "723", "--json"]).out).unwrap();
    crate::schema::check("lookup.json", &document);
    assert_eq!(document["ports"][0]["local_names"][0]["ports"], "722-724");
    assert_eq!(document["ports"][0]["local_names"][1]["origin"], "ufw");
    let short = seen(&["723"]).out;
    assert!(!short.contains("ragon"), "{short}");
}

#[test]
fn the_command_for_linux_shows_this_port_and_no_longer_number() {
    // A number whose digits begin another's: 1xxx beside 1xxxN would be shown by grep.
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let document = json(&[&port.to_string()]);
    let command = document["ports"][0]["commands"]["linux"][0]
        .as_str()
        .unwrap();
    let told = Command::new("sh").args(["-c", command]).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let places: Vec<&str> = told
        .lines()
        .map(|line| line.split_ascii_whitespace().nth(4).unwrap())
        .collect();
    assert!(
        places.contains(&format!("127.0.0.1:{port}").as_str()),
        "{told}"
    );
    assert!(
        places
            .iter()
            .all(|place| place.ends_with(&format!(":{port}"))),
        "{told}"
    );
    let sentence = run(&[&port.to_string()]).out;
    let sentence = sentence
        .lines()
        .find(|line| line.starts_with(&format!("{port}/tcp")));
    assert!(sentence.unwrap().ends_with(" listens here"), "{sentence:?}");
}

#[test]
fn a_range_becomes_a_table() {
    let said = text(&["717-730"]);
    // How many facts there are grows.
    let (table, known) = said.trim_end().rsplit_once('\n').unwrap();
    assert!(known.ends_with("; name one port to read more"), "{known}");
    assert_snapshot!(table, @r##"
    PORTS    TRANSPORT          STATE       SAYS
    717-728  tcp udp sctp dccp  unassigned  registry row 717-728 says "Unassigned"
    729      tcp udp            assigned    netviewdm1
    730      tcp udp            assigned    netviewdm2
    "##);
}

#[test]
fn a_name_without_a_port() {
    assert_snapshot!(text(&["rdp"]), @r##"
    A service name without a port (RFC 6335 section 5)
      any transport  rdp: Reliable Data Protocol
      any transport  rdp: Windows Remote Desktop Protocol
                     assigned to [Jugaari]
    "##);
}

#[test]
fn a_row_from_the_newer_source_says_so() {
    in_order(
        &text(&["11434/tcp"]),
        &[
            "11434/tcp: assigned to ollama",
            "  tcp  assigned  ollama: Ollama [registry row 11434]",
            "                 from a newer source that tells names and descriptions alone",
            "  neighbours: 11371 hkp, 11489 asgcypresstcps",
            "  official use  Ollama's HTTP API; it binds to loopback unless OLLAMA_HOST says otherwise. [Ollama: FAQ]",
        ],
    );
}

#[test]
fn the_document_of_a_look_up_has_the_promised_keys() {
    let document = json(&["4444", "--no-live"]);
    let tcp = &document["ports"][0]["transports"]["tcp"];
    assert_eq!(document["schema"], "portolan.lookup/1");
    assert_eq!(tcp["state"], "assigned");
    let names: Vec<&str> = tcp["assignments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["service_name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["krb524", "nv-video"]);
    assert_eq!(document["ports"][0]["presence"], serde_json::Value::Null);
    let many = json(&["80", "443", "--no-live"]);
    assert_eq!(
        (&many["query"], many["ports"].as_array().unwrap().len()),
        (&"80 443".into(), 2)
    );
}

#[test]
fn a_search_forgives_slips_and_puts_the_best_first() {
    let first = |words: &[&str]| {
        let found = json(&[&["search"], words].concat());
        found["results"][0]["service_name"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(first(&["postgresql"]), "postgresql");
    assert_eq!(first(&["postgersql"]), "postgresql");
    assert_eq!(first(&["watchdog", "nt"]), "watchdog-nt");
    assert_eq!(first(&["11434"]), "ollama");
    let nothing = run(&["search", "xyzzyqwv"]);
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(1), ""));
}

#[test]
fn the_document_tells_what_stands_around_a_port() {
    let port = |query: &str| json(&[query, "--no-live"])["ports"][0]["transports"].clone();
    let tcp = port("724")["tcp"].clone();
    assert_eq!(tcp["unassigned_block"], "717-728");
    assert_eq!(tcp["neighbours"]["next"]["service_name"], "netviewdm1");
    let tcp = port("63")["tcp"].clone();
    assert_eq!(tcp["unassigned_block"], serde_json::Value::Null);
    let aliases: Vec<_> = tcp["assignments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["alias_of"].clone())
        .collect();
    assert_eq!(aliases, [serde_json::Value::Null, "whoispp".into()]);
    let many = json(&["715-731", "--no-live"]);
    for (at, port) in (715u16..=731).enumerate() {
        let one = json(&[&port.to_string(), "--no-live"]);
        assert_eq!(many["ports"][at], one["ports"][0]);
    }
}
