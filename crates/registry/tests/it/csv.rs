//! IANA's CSV form, read and written.

use portolan_registry::{Column, Registry, Statistics, csv};
use proptest::prelude::*;

use crate::{HEADER, base, registry};

#[test]
fn the_real_file_comes_back_byte_for_byte() {
    let base = base();
    let registry = Registry::from_csv(base.as_slice()).unwrap();
    let mut written = Vec::new();
    csv::write(registry.rows(), &mut written).unwrap();
    assert!(
        written == base,
        "the first difference is at byte {:?}",
        written.iter().zip(&base).position(|(a, b)| a != b)
    );
}

#[test]
fn the_real_file_is_counted() {
    let counted = Statistics::of(&Registry::from_csv(base().as_slice()).unwrap());
    assert_eq!((counted.rows, counted.names), (14_447, 7_281));
    assert_eq!(
        counted.single + counted.ranges + counted.portless,
        counted.rows
    );
    for ports in counted.ports {
        assert_eq!(ports.assigned + ports.unassigned + ports.reserved, 65_536);
    }
}

#[test]
fn every_trap_of_the_form_is_read() {
    let old_header = HEADER.replace("Unauthorized Use Reported", "Known Unauthorized Uses");
    let text = format!(
        "\u{feff}{old_header}\r\n\
         multi,7,tcp,\"two\nlines, and a \"\"quote\"\"\",[A],[B],2002-04,2010-01-31,[RFC1][1],42,yes,Ari√´n\r\n\
         x11,6000-6063,tcp,X Window System,,,,,,,,\r\n\
         boe-cms,6400,,Business Objects,,,,,,,,\r\n\
         dns-sd,,udp,no port,,,,,,,,\r\n\
         bare,,,neither,,,,,,,,\r\n"
    );
    let registry = Registry::from_csv(text.as_bytes()).unwrap();
    let rows: Vec<_> = registry.rows().collect();
    assert_eq!(rows[0].description(), "two\nlines, and a \"quote\"");
    assert_eq!(rows[0].cell(Column::RegistrationDate), "2002-04");
    assert_eq!(rows[0].cell(Column::Reference), "[RFC1][1]");
    assert_eq!(rows[0].unauthorized_use(), "yes");
    assert_eq!(rows[0].notes(), "Ari√´n");
    let places: Vec<String> = rows.iter().map(|row| row.place().to_string()).collect();
    assert_eq!(
        places,
        ["7/tcp", "6000-6063/tcp", "6400", "no port/udp", "no port"]
    );
    assert_eq!(registry.date(), "2010-01-31");
}

#[test]
fn what_is_no_registry_says_where_and_why() {
    let error = |text: &str| Registry::from_csv(text.as_bytes()).unwrap_err().to_string();
    let row = |row: &str| error(&format!("{HEADER}\nok,1,tcp,,,,,,,,,\n{row}\n"));
    assert_eq!(
        error("<html>404 Not Found</html>"),
        "line 1, column 1: the header says \"<html>404 Not Found</html>\" where IANA's registry says \"Service Name\""
    );
    assert_eq!(
        error(""),
        "line 1, column 1: the header says \"\" where IANA's registry says \"Service Name\""
    );
    assert_eq!(error(HEADER), "no rows follow the header");
    assert_eq!(
        row("a,1,tcp"),
        "line 3: 3 columns where the registry has 12"
    );
    assert_eq!(
        row("a,65536,tcp,,,,,,,,,"),
        "line 3, column 2 (Port Number): \"65536\": beyond 65535, the highest port"
    );
    assert_eq!(
        row("a,9-7,tcp,,,,,,,,,"),
        "line 3, column 2 (Port Number): \"9-7\": the range runs backwards"
    );
    assert_eq!(
        row("a,007,tcp,,,,,,,,,"),
        "line 3, column 2 (Port Number): \"007\": not a port number"
    );
    assert_eq!(
        row("a,7,icmp,,,,,,,,,"),
        "line 3, column 3 (Transport Protocol): \"icmp\" is none of tcp, udp, sctp, dccp"
    );
    let long = format!("a,7,tcp,{},,,,,,,,", "x".repeat(70_000));
    assert_eq!(
        row(&long),
        "line 3, column 4 (Description): 70000 bytes, more than the 65,535 that are taken"
    );
    let mut latin = format!("{HEADER}\n").into_bytes();
    latin.extend(b"a,7,tcp,caf\xe9,,,,,,,,\n");
    assert_eq!(
        Registry::from_csv(latin.as_slice())
            .unwrap_err()
            .to_string(),
        "line 2, column 4 (Description): not UTF-8"
    );
}

#[test]
fn lines_are_counted_through_crlf_and_feeds_inside_cells() {
    let error = |end: &str| {
        let rows = [
            "ok,1,tcp,\"two\nlines\",,,,,,,,",
            "ok,2,tcp,,,,,,,,,",
            "bad,x,tcp,,,,,,,,,",
        ];
        let text = [HEADER]
            .iter()
            .chain(&rows)
            .map(|row| format!("{row}{end}"))
            .collect::<String>();
        Registry::from_csv(text.as_bytes()).unwrap_err().to_string()
    };
    let said = "line 5, column 2 (Port Number): \"x\": not a port number";
    assert_eq!(error("\n"), said);
    assert_eq!(error("\r\n"), said);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let mut text = HEADER.as_bytes().to_vec();
        text.push(b'\n');
        text.extend(&bytes);
        drop(Registry::from_csv(text.as_slice()));
        drop(Registry::from_csv(bytes.as_slice()));
    }

    #[test]
    fn what_is_written_is_read_again(
        cells in proptest::array::uniform4("[ -~\n]{0,20}"),
        first in any::<u16>(),
        length in 0u16..50,
    ) {
        let last = first.saturating_add(length);
        let port = if first == last { first.to_string() } else { format!("{first}-{last}") };
        let quoted = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        let [a, b, c, d] = &quoted;
        let one = registry(&format!("{a},{port},udp,{b},{c},,,,,,,{d}\n"));
        let mut written = Vec::new();
        csv::write(one.rows(), &mut written).unwrap();
        let again = Registry::from_csv(written.as_slice()).unwrap();
        prop_assert_eq!(one.rows().collect::<Vec<_>>(), again.rows().collect::<Vec<_>>());
    }
}
