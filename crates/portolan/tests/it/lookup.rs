//! Look-ups, whole, as they are printed.

use insta::assert_snapshot;

use crate::command::{json, run};

fn text(arguments: &[&str]) -> String {
    let run = run(&[&["--no-live"], arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.err);
    run.out
}

#[test]
fn an_assigned_port_with_a_note_on_its_squatter() {
    assert_snapshot!(text(&["4444"]), @r##"
    Port 4444, User range 1024-49151
      tcp udp    assigned  krb524: KRB524 [registry row 4444]
                           assigned to [B_Clifford_Neuman]
                           reported to IANA: krb524 assigned the port, nv used it without an assignment
                           nv-video: NV Video default [registry row 4444]
                           assigned to [Ron_Frederick]
                           reported to IANA: krb524 assigned the port, nv used it without an assignment
      sctp dccp  reserved  no row for this transport; 4444/tcp is krb524's, and RFC 6335 section 7.2 holds the number back on the others
      neighbours: 4443 pharos, 4445 upnotifyp

    What is known of it
      unofficial use  Percona XtraDB Cluster sends a whole copy of the data to a new node here.
                      [Percona XtraDB Cluster: Secure the network, https://raw.githubusercontent.com/percona/pxc-docs/8.0/docs/secure-network.md]
      unofficial use  Selenium's standalone server and Grid hub take WebDriver clients here.
                      [Docker images for the Selenium Grid Server: README, https://github.com/SeleniumHQ/docker-selenium/blob/00190a22bfb1960151feb969c98454b47c2f37fd/README.md]
      malware         Metasploit's reverse-TCP handler listens here unless the operator picks another port.
                      [Metasploit Framework: reverse_tcp handler, https://github.com/rapid7/metasploit-framework/blob/00b29155544f5e6a46ffad40d943fda09aa5b8da/lib/msf/core/handler/reverse_tcp.rb]
      malware         Symantec advised blocking this port against the Blaster worm, which entered Windows machines through 135.
                      [Symantec: W32.Blaster.T.Worm, http://www.symantec.com/security_response/writeup.jsp?docid=2004-042117-1932-99]
      history         krb524 was assigned the number and NV Video used it without an assignment, which the registry records on both rows.
                      [IANA: Service Name and Transport Protocol Port Number Registry, 2026-02-13, https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv]
      history         Windows before Vista picked the near end of connections and its RPC ports from this range.
                      [Microsoft: service overview and network port requirements for Windows, https://github.com/MicrosoftDocs/SupportArticles-docs/blob/08127321dbcc2ed46d28f03fa6637e7a5922c3dd/support/windows-server/networking/service-overview-and-network-port-requirements.md]
    "##);
}

#[test]
fn an_unassigned_port_is_a_member_of_its_block() {
    assert_snapshot!(text(&["724"]), @r##"
    Port 724, System range 0-1023
      tcp udp sctp dccp  unassigned  registry row 717-728 says "Unassigned"
      neighbours on tcp: 715 iris-lwz, 729 netviewdm1; unassigned block 717-728
      neighbours on udp: 716 pana, 729 netviewdm1; unassigned block 717-728

    What is known of it
      unofficial use  Linux's RPC client, the one that NFS mounts use, takes its privileged near end from this range by default: such a port is in use, not listening.
                      [Linux: sunrpc/xprtsock.h, https://github.com/torvalds/linux/blob/0d3ca07ffda9291843bb0b4b39dea43535bb1f13/include/linux/sunrpc/xprtsock.h]
      unofficial use  BSD kernels and macOS' look for a free privileged port between 600 and 1023 when a program wants any.
                      [Apple: xnu, netinet/in.h, https://github.com/apple-oss-distributions/xnu/blob/5c2921b07a2480ab43ec66f5b9e41cb872bc554f/bsd/netinet/in.h]
      unofficial use  Sun RPC programs that ask glibc for any privileged port get one from this range first, so an RPC service may sit on a number nobody assigned.
                      [glibc: bindresvport, https://github.com/bminor/glibc/blob/7cfcf20b10c97faaf764f5c7784c4f2fa7922c5f/sunrpc/bindrsvprt.c]
      history         Old Mac OS X picked a port from this range by itself when it reached a shared NetInfo domain, unless an administrator fixed one.
                      [Apple: Directory Access Help, static ports for shared NetInfo domains, https://discmaster.textfiles.com/dl/19409/Dev.CD%20Mar%2005.iso/Utilities/Directory%20Access.app/Contents/Resources/English.lproj/DirectoryAccessHelp]
    "##);
}

#[test]
fn a_name_is_found_without_its_hyphen() {
    assert_snapshot!(text(&["watchdognt"]), @r##"
    Port 2723, User range 1024-49151
      tcp udp    assigned  watchdog-nt: WatchDog NT Protocol [registry row 2723]
                           assigned to [Loftware], contact [Glen_Sansoucie], modified 2020-07-20
      sctp dccp  reserved  no row for this transport; 2723/tcp is watchdog-nt's, and RFC 6335 section 7.2 holds the number back on the others
      neighbours: 2722 proactivesrvr, 2724 qotps

    What is known of it
      history  A web page credits this number to a power-supply maker, Tripp Lite; no source was seen that does, and the registry names Loftware.
               Reported only to be corrected: the registry row, last changed 2020-07-20, names Loftware.
               [connected.app: port 2723, https://www.connected.app/zh-TW/ports/2723]
      history  The registry gives this number to Loftware, for the WatchDog NT Protocol.
               [IANA: Service Name and Transport Protocol Port Number Registry, 2026-02-13, https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv]
      history  Windows before Vista picked the near end of connections and its RPC ports from this range.
               [Microsoft: service overview and network port requirements for Windows, https://github.com/MicrosoftDocs/SupportArticles-docs/blob/08127321dbcc2ed46d28f03fa6637e7a5922c3dd/support/windows-server/networking/service-overview-and-network-port-requirements.md]
    "##);
}

#[test]
fn a_ghost_registration_is_named_as_it_stands() {
    assert_snapshot!(text(&["2397"]), @r##"
    Port 2397, User range 1024-49151
      tcp udp    assigned  ncl: NCL [registry row 2397]
                           assigned to [Robert_Wiebe]
      sctp dccp  reserved  no row for this transport; 2397/tcp is ncl's, and RFC 6335 section 7.2 holds the number back on the others
      neighbours: 2396 wusage, 2398 orbiter

    What is known of it
      unofficial use  DirectPlay games of the DirectX 6 and 7 years moved their traffic into this block after a first connection to 47624.
                      [DirectX 7 SDK: client firewall support using the DirectPlay dynamic range, https://library.thedatadungeon.com/directx7/devdoc/live/directx/dpover_852x.content.htm]
      history         The registry names a holder for NCL here, and its description says no more than the name.
                      [IANA: Service Name and Transport Protocol Port Number Registry, 2026-02-13, https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv]
      history         DirectPlay needed only as many of these numbers as games were running, counted from 2300 upward, yet firewalls were told to open all of them.
                      [Platform SDK: host firewall support using the DirectPlay dynamic range, https://library.thedatadungeon.com/msdn-2000-04/dxfound/hh/directx/dpover_1fzt.content.htm]
      history         Windows before Vista picked the near end of connections and its RPC ports from this range.
                      [Microsoft: service overview and network port requirements for Windows, https://github.com/MicrosoftDocs/SupportArticles-docs/blob/08127321dbcc2ed46d28f03fa6637e7a5922c3dd/support/windows-server/networking/service-overview-and-network-port-requirements.md]
    "##);
}

#[test]
fn the_dynamic_range_has_no_rows_and_an_answer() {
    assert_snapshot!(text(&["60000"]), @r##"
    Port 60000, Dynamic range 49152-65535
      tcp udp sctp dccp  unassigned  Dynamic range 49152-65535, never assigned (RFC 6335 section 6)
      neighbours on tcp: 49150 inspider, none; unassigned block 49152-65535
      neighbours on udp: 49001 nusdp-disc, none; unassigned block 49152-65535

    What is known of it
      unofficial use  Mosh, a shell that survives roaming, takes a port between these for each session.
                      [Mosh: README, https://github.com/mobile-shell/mosh/blob/011d082b08ec16a4f2638aab9337a124c0d0eca6/README.md]
      unofficial use  Windows since Vista picks the near end of connections and its RPC ports from this range.
                      [Microsoft: service overview and network port requirements for Windows, https://github.com/MicrosoftDocs/SupportArticles-docs/blob/08127321dbcc2ed46d28f03fa6637e7a5922c3dd/support/windows-server/networking/service-overview-and-network-port-requirements.md]
      unofficial use  macOS' kernel calls this its high range of local ports, for programs that ask for no particular one.
                      [Apple: xnu, netinet/in.h, https://github.com/apple-oss-distributions/xnu/blob/5c2921b07a2480ab43ec66f5b9e41cb872bc554f/bsd/netinet/in.h]
      unofficial use  Linux picks the near end of outgoing connections from this range by default, although IANA can still assign the numbers below 49152.
                      [Linux: ip_local_port_range, 32768 to 60999, https://git.zx2c4.com/linux-dev/diff/?id=07f4c90062f8fc7c8c26f8f95324cbe8fa3145a5]
    "##);
}

#[test]
fn one_transport_alone() {
    assert_snapshot!(text(&["44444/udp", "768/udp"]), @r##"
    Port 44444, User range 1024-49151
      udp  reserved  registry row 44444/udp says "Reserved"
      neighbours: 44322 pmproxy, 44544 domiq

    What is known of it
      unofficial use  Linux picks the near end of outgoing connections from this range by default, although IANA can still assign the numbers below 49152.
                      [Linux: ip_local_port_range, 32768 to 60999, https://git.zx2c4.com/linux-dev/diff/?id=07f4c90062f8fc7c8c26f8f95324cbe8fa3145a5]

    Port 768, System range 0-1023
      udp  unassigned  registry row 768 says "Unassigned"
      neighbours: 767 phonebook, 769 vid; unassigned block 768

    What is known of it
      unofficial use  Linux's RPC client, the one that NFS mounts use, takes its privileged near end from this range by default: such a port is in use, not listening.
                      [Linux: sunrpc/xprtsock.h, https://github.com/torvalds/linux/blob/0d3ca07ffda9291843bb0b4b39dea43535bb1f13/include/linux/sunrpc/xprtsock.h]
      unofficial use  BSD kernels and macOS' look for a free privileged port between 600 and 1023 when a program wants any.
                      [Apple: xnu, netinet/in.h, https://github.com/apple-oss-distributions/xnu/blob/5c2921b07a2480ab43ec66f5b9e41cb872bc554f/bsd/netinet/in.h]
      unofficial use  Sun RPC programs that ask glibc for any privileged port get one from this range first, so an RPC service may sit on a number nobody assigned.
                      [glibc: bindresvport, https://github.com/bminor/glibc/blob/7cfcf20b10c97faaf764f5c7784c4f2fa7922c5f/sunrpc/bindrsvprt.c]
      history         Old Mac OS X picked a port from this range by itself when it reached a shared NetInfo domain, unless an administrator fixed one.
                      [Apple: Directory Access Help, static ports for shared NetInfo domains, https://discmaster.textfiles.com/dl/19409/Dev.CD%20Mar%2005.iso/Utilities/Directory%20Access.app/Contents/Resources/English.lproj/DirectoryAccessHelp]
    "##);
}

#[test]
fn a_report_names_one_port_of_a_block() {
    assert_snapshot!(text(&["44515/tcp"]), @r##"
    Port 44515, User range 1024-49151
      tcp  unassigned  registry row 44446-44543 says "Unassigned"
                       reported to IANA as used without an assignment: Known UNAUTHORIZED USE: Ports 44515 & 44516
      neighbours: 44445 acronis-backup, 44553 rbr-debug; unassigned block 44446-44543

    What is known of it
      unofficial use  Linux picks the near end of outgoing connections from this range by default, although IANA can still assign the numbers below 49152.
                      [Linux: ip_local_port_range, 32768 to 60999, https://git.zx2c4.com/linux-dev/diff/?id=07f4c90062f8fc7c8c26f8f95324cbe8fa3145a5]
    "##);
}

#[test]
fn its_neighbour_shows_it_as_the_blocks_note() {
    assert_snapshot!(text(&["44514/tcp"]), @r##"
    Port 44514, User range 1024-49151
      tcp  unassigned  registry row 44446-44543 says "Unassigned"
                       note of the block 44446-44543, not of this port: Known UNAUTHORIZED USE: Ports 44515 & 44516
      neighbours: 44445 acronis-backup, 44553 rbr-debug; unassigned block 44446-44543

    What is known of it
      unofficial use  Linux picks the near end of outgoing connections from this range by default, although IANA can still assign the numbers below 49152.
                      [Linux: ip_local_port_range, 32768 to 60999, https://git.zx2c4.com/linux-dev/diff/?id=07f4c90062f8fc7c8c26f8f95324cbe8fa3145a5]
    "##);
}

#[test]
fn a_range_becomes_a_table() {
    assert_snapshot!(text(&["717-730"]), @r##"
    PORTS    TRANSPORT          STATE       SAYS
    717-728  tcp udp sctp dccp  unassigned  registry row 717-728 says "Unassigned"
    729      tcp udp            assigned    netviewdm1
    730      tcp udp            assigned    netviewdm2
    4 facts are known of these ports (knowledge of 2026-11-21); name one port to read more
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
    assert_snapshot!(text(&["11434/tcp"]), @r##"
    Port 11434, User range 1024-49151
      tcp  assigned  ollama: Ollama [registry row 11434]
                     from a newer source that tells names and descriptions alone
      neighbours: 11371 hkp, 11489 asgcypresstcps

    What is known of it
      official use  Ollama's HTTP API; it binds to loopback unless OLLAMA_HOST says otherwise.
                    [Ollama: FAQ, https://github.com/ollama/ollama/blob/01d4047ed3c9cdbde19d812c2fc2296497f7a509/docs/faq.md]
      risk          Ollama asks for no login; a scan published in early 2026 found 175,000 of its servers open to the Internet.
                    [Serverman: Ollama security guide, https://www.serverman.co.uk/ollama/ollama-security-guide/]
    "##);
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
