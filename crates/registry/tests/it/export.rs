//! Every form that a registry is written in: whole outputs of six rows with every trap.

mod html;
mod services;

use insta::assert_snapshot;
use portolan_registry::export::{self, Extract, Selection};
use portolan_registry::{Registry, Transport};

use crate::base;

/// Lines in cells, quotes, text beyond ASCII, markup, controls, a range, a port-less row, three
/// names on one port.
const SIX: &[u8] = include_bytes!("../fixture/six.csv");

fn six() -> Registry {
    Registry::from_csv(SIX).unwrap()
}

fn written(write: export::Write, extract: &Extract<'_>) -> String {
    let mut output = Vec::new();
    write(extract, &mut output).unwrap();
    String::from_utf8(output).unwrap()
}

#[test]
fn csv_comes_back_byte_for_byte() {
    let six = six();
    let text = written(export::csv::write, &Extract::whole(&six));
    assert!(text.as_bytes() == SIX, "{text}");
}

#[test]
fn text_has_columns_and_wraps() {
    let six = six();
    assert_snapshot!(written(export::text::write, &Extract::whole(&six)), @r###"
            Service Name and Transport Protocol Port Number Registry

    Last Updated: 2024-06-12
    Rows:         6

    Service  Port        Transport  Description                       Assignee           Contact            Registration  Modification  Reference           Service     Unauthorized Use Reported     Assignment Notes
    Name     Number      Protocol                                                                           Date          Date                              Code
    -------  ----------  ---------  --------------------------------  -----------------  -----------------  ------------  ------------  ------------------  ----------  ----------------------------  --------------------
    shilp    2049        tcp                                                                                                                                                                          two
                                                                                                                                                                                                      lines, and a "quote"
    nfs      2049        tcp        Network | File System             [Brent_Callaghan]  [Brent_Callaghan]  1998-02       2009-05-11    [RFC7530][RFC0768]                                            Défined * by 日本
    nfs_old  2049        tcp                                                                                                                                            port 2049, \u{202e}eht
                                                                                                                                                                        ni\u{202c}
    x11      6000-6002              <script>alert(1)</script> & more                                                                    [RFC1013]
             6003-65000  udp        Unassigned
    a-disc                          no port                           [A]                [A]                2024-06-12                                      1145656131                                \u{1b}[2J
    "###);
}

#[test]
fn markdown_is_one_table_whatever_the_cells_hold() {
    let six = six();
    assert_snapshot!(written(export::markdown::write, &Extract::whole(&six)), @r###"
    # Service Name and Transport Protocol Port Number Registry

    Last updated: 2024-06-12. Rows: 6.

    | Service Name | Port Number | Transport Protocol | Description | Assignee | Contact | Registration Date | Modification Date | Reference | Service Code | Unauthorized Use Reported | Assignment Notes |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | shilp | 2049 | tcp | | | | | | | | | two<br>lines, and a "quote" |
    | nfs | 2049 | tcp | Network \| File System | \[Brent\_Callaghan\] | \[Brent\_Callaghan\] | 1998-02 | 2009-05-11 | \[RFC7530\]\[RFC0768\] | | | Défined \* by 日本 |
    | nfs\_old | 2049 | tcp | | | | | | | | port 2049, \\u{202e}eht ni\\u{202c} | |
    | x11 | 6000-6002 | | &lt;script&gt;alert(1)&lt;/script&gt; &amp; more | | | | | \[RFC1013\] | | | |
    | | 6003-65000 | udp | Unassigned | | | | | | | | |
    | a-disc | | | no port | \[A\] | \[A\] | 2024-06-12 | | | 1145656131 | | \\u{1b}\[2J |
    "###);
}

#[test]
fn a_selection_takes_what_overlaps_and_what_covers() {
    let six = six();
    let names = |ports: &[&str], transports: &[Transport]| -> Vec<String> {
        let selection = Selection {
            ports: ports.iter().map(|p| p.parse().unwrap()).collect(),
            transports: transports.to_vec(),
            origin: None,
        };
        let extract = Extract {
            registry: &six,
            selection,
            document: None,
        };
        extract
            .rows()
            .map(|row| format!("{} {}", row.place(), row.service_name()))
            .collect()
    };
    assert_eq!(
        names(&["6002-6003"], &[]),
        ["6000-6002 x11", "6003-65000/udp "]
    );
    assert_eq!(names(&["1-2048", "65001-65535"], &[]), [""; 0]);
    assert_eq!(
        names(&[], &[Transport::Udp]),
        ["6000-6002 x11", "6003-65000/udp "],
        "a name without port and transport speaks of none"
    );
    assert_eq!(names(&["2049"], &[Transport::Udp]), [""; 0]);
    assert_eq!(names(&[], &[]).len(), 6);
}

#[test]
fn every_form_holds_the_whole_registry_and_steers_no_terminal() {
    let registry = Registry::from_csv(base().as_slice()).unwrap();
    let extract = Extract::whole(&registry);
    for (write, least) in [
        (export::text::write as export::Write, 14_447),
        (export::markdown::write, 14_447),
        (export::html::write, 14_447),
        (export::services::write, 12_000),
    ] {
        let text = written(write, &extract);
        assert!(text.lines().count() > least);
        let steering =
            |c: &char| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c);
        assert_eq!(text.chars().find(steering), None);
    }
}

/// A disk that is full, a pipe that is closed: the error comes out as it went in.
#[test]
fn an_output_that_fails_is_told_as_what_it_is() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let registry = Registry::from_csv(base().as_slice()).unwrap();
    for write in [
        export::csv::write,
        export::text::write,
        export::html::write,
        export::services::write,
        export::markdown::write,
    ] {
        let error = write(&Extract::whole(&registry), &mut Closed).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    }
}
