//! IANA's XML form, read and written.

use std::io::Write;

use portolan_registry::xml::{Document, Inline};
use portolan_registry::{Registry, csv, read};
use proptest::prelude::*;

use crate::{HEADER, base};

const EVERY_TRAP: &str = include_str!("../fixtures/every-trap.xml");

fn as_csv(registry: &Registry) -> String {
    let mut written = Vec::new();
    csv::write(registry.rows(), &mut written).unwrap();
    String::from_utf8(written).unwrap()
}

fn written(document: &Document<'_>) -> String {
    let mut xml = Vec::new();
    document.write(&mut xml).unwrap();
    String::from_utf8(xml).unwrap()
}

#[test]
fn every_trap_becomes_the_row_that_iana_makes_of_it() {
    let registry = Registry::read(EVERY_TRAP.as_bytes()).unwrap();
    assert_eq!(
        as_csv(&registry),
        [
            HEADER,
            "multi,7,tcp,\"multi++\nIANA assigned this well-formed service name as a replacement for \"\"multi++\"\".\",\
             [Ada_Example],[Ada_Example],2002-04,2010-01-31,[RFC1][1],42,Known UNAUTHORIZED USEs on port 7,\"one\ntwo\"",
            ",6000-6063,udp,X <Window> System [RFC1013],[IESG],[IETF_Chair],,2024-12-20,\
             \"[RFC8765, Section 6.1][RFC8766, Appendix B][TR-1 and TR-2][n/a][draft-x-01]\",,,",
            ",9-9,,a < b & c,,,,,,,,\"Defined TXT keys:\n      wrapped with a blank here, and without\n      there\"",
            "discovery,,,DNS-SD,,,2020-01-01,,,,,",
            "",
        ]
        .join("\r\n")
    );
    assert_eq!(registry.date(), "2026-02-13");
}

#[test]
fn people_are_found_by_id() {
    let registry = Registry::read(EVERY_TRAP.as_bytes()).unwrap();
    let ada = registry.person("Ada_Example").unwrap();
    assert_eq!(ada.called(), "Ada Example (Example & Sons)");
    assert_eq!(ada.mail().as_deref(), Some("ada@example.org"));
    assert_eq!(ada.uri, "mailto:ada&example.org\nhttps://example.org/");
    assert_eq!(ada.updated, "2013-05");
    assert_eq!(registry.person("IESG").unwrap().called(), "IESG");
    assert_eq!(registry.person("Nobody"), None);
    assert_eq!(registry.people().len(), 2);
    let of_csv = Registry::from_csv(base().as_slice()).unwrap();
    assert_eq!(of_csv.people().len(), 0);
}

#[test]
fn a_document_loses_nothing_and_is_a_fixed_point() {
    let first = Document::read(EVERY_TRAP).unwrap();
    let (second, third);
    second = written(&first);
    let again = Document::read(&second).unwrap();
    assert_eq!(first, again);
    third = written(&again);
    assert_eq!(second, third);
    let kept = Registry::read(second.as_bytes()).unwrap();
    let registry = Registry::read(EVERY_TRAP.as_bytes()).unwrap();
    assert_eq!(as_csv(&kept), as_csv(&registry));
    assert!(kept.people().eq(registry.people()));
    assert_eq!(
        first.experts.len() + first.notes.len() + first.footnotes.len(),
        4
    );
    assert_eq!(first.records[1].name.as_deref(), Some(""));
    assert_eq!(first.records[3].name.as_deref(), Some("discovery"));
    let inlines = &first.records[0].description.as_ref().unwrap().inlines;
    assert_eq!(inlines[1..3], [Inline::Break, Inline::Break]);
}

#[test]
fn the_real_file_goes_through_xml_and_comes_back() {
    let base = base();
    let registry = Registry::from_csv(base.as_slice()).unwrap();
    let xml = written(&Document::of(&registry, registry.rows()));
    let again = Registry::read(xml.as_bytes()).unwrap();
    assert_eq!(registry.len(), again.len());
    for (row, other) in registry.rows().zip(again.rows()) {
        assert_eq!(row, other);
    }
    assert_eq!(registry.date(), again.date());
    let document = Document::read(&xml).unwrap();
    assert_eq!(written(&document), xml);
}

#[test]
fn forms_are_told_apart_by_content() {
    let packed = |text: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    };
    let rows = |bytes: &[u8]| Registry::read(bytes).map(|registry| registry.len());
    let csv_text = format!("{HEADER}\r\na,1,tcp,,,,,,,,,\r\n");
    assert_eq!(rows(csv_text.as_bytes()).unwrap(), 1);
    assert_eq!(rows(&packed(csv_text.as_bytes())).unwrap(), 1);
    assert_eq!(rows(&packed(EVERY_TRAP.as_bytes())).unwrap(), 4);
    let marked = format!("\u{feff}{EVERY_TRAP}");
    assert_eq!(rows(marked.as_bytes()).unwrap(), 4);

    let error = |bytes: &[u8]| rows(bytes).unwrap_err().to_string();
    assert_eq!(error(b"  \n"), "the file is empty");
    assert_eq!(
        error(b"<!DOCTYPE html>\n<p>404 Not Found"),
        "line 1, column 1: this is an HTML page, not a registry"
    );
    let cut = &packed(csv_text.as_bytes())[..20];
    assert!(error(cut).starts_with("the gzip file is damaged or was cut off: "));
    let zeros = vec![0; usize::try_from(read::MOST_BYTES).unwrap() + 1];
    assert_eq!(
        error(&packed(&zeros)),
        "the gzip file unpacks to more than 64 MiB; a registry has about 4 MB"
    );
    assert_eq!(
        Registry::read(std::io::repeat(b'x'))
            .unwrap_err()
            .to_string(),
        "larger than 64 MiB; a registry has about 4 MB"
    );
}

#[test]
fn what_is_no_registry_says_where_and_why() {
    let error = |text: &str| Registry::read(text.as_bytes()).unwrap_err().to_string();
    let record = |inside: &str| {
        error(&format!(
            "<registry>\n <record>\n  {inside}</record>\n</registry>"
        ))
    };
    assert_eq!(
        error("<html><p>404"),
        "line 1, column 1: this is an HTML page, not a registry"
    );
    assert_eq!(
        error("<feed/>"),
        "line 1, column 1: the document is a <feed>, where IANA's is a <registry>"
    );
    assert_eq!(error("<registry/>"), "the <registry> has no <record>");
    assert_eq!(
        error("<!DOCTYPE registry [<!ENTITY a 'b'>]><registry/>"),
        "line 1, column 1: a document type declaration; a registry has none"
    );
    assert_eq!(
        record("<name>&bomb;</name>"),
        "line 3, column 9: \"&bomb;\" is none of XML's own entities"
    );
    assert_eq!(
        record("<xref type=\"&bomb;\"/>"),
        "line 3, column 3: \"&bomb;\" is none of XML's own entities"
    );
    assert_eq!(
        record("é text"),
        "line 2, column 10: text inside <record>, where only elements stand: \"é text\""
    );
    assert_eq!(
        record("<name>a</nam>"),
        "line 3, column 10: </nam> where <name> is to be closed"
    );
    assert_eq!(
        record("<name>a</name><name>b</name>"),
        "line 3, column 17: a second name in one <record>"
    );
    assert_eq!(
        record("<number>65536</number>"),
        "line 2, column 2: <number> says \"65536\": beyond 65535, the highest port"
    );
    assert_eq!(
        record("<protocol>icmp</protocol>"),
        "line 2, column 2: <protocol> says \"icmp\", which is none of tcp, udp, sctp, dccp"
    );
    assert_eq!(
        record("<name>\u{1}</name>"),
        "line 3, column 9: the control character 0x01, which XML does not allow"
    );
    assert_eq!(
        record(&format!("<note>{}</note>", "x".repeat(70_000))),
        "line 3, column 3: the text of <note> is longer than the 65,535 bytes that are taken"
    );
    assert_eq!(
        record(&"<a>".repeat(40)),
        "line 3, column 93: more than 32 elements lie in each other"
    );
    assert_eq!(
        error("<registry>\n <record>\n  <name>cut"),
        "line 3, column 12: the file ends inside <name>; it was cut off, get it again"
    );
    assert_eq!(
        error("<registry>\n <record/>\n</registry><registry/>"),
        "line 3, column 12: a second outermost element; the document was over"
    );
    let latin = b"<registry>\n<record><name>caf\xe9".to_vec();
    assert_eq!(
        Registry::read(latin.as_slice()).unwrap_err().to_string(),
        "line 2, column 18: not UTF-8"
    );
}

#[test]
fn what_is_not_known_yet_is_read_past_but_never_lost_in_silence() {
    let text =
        "<registry>\n<record new='1'><name>a</name><later><deep/></later></record>\n</registry>";
    assert_eq!(Registry::read(text.as_bytes()).unwrap().len(), 1);
    let error = |text| Document::read(text).unwrap_err().to_string();
    assert_eq!(
        error(text),
        "line 2, column 1: @new is not known inside <record>"
    );
    assert_eq!(
        error(&text.replace(" new='1'", "")),
        "line 2, column 23: <later> is not known inside <record>"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut text = b"<registry><record>".to_vec();
        text.extend(&bytes);
        drop(Registry::read(text.as_slice()));
        drop(Registry::read(bytes.as_slice()));
    }

    #[test]
    fn no_markup_makes_the_reader_panic_and_what_it_takes_is_a_fixed_point(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("<record>"), Just("</record>"), Just("<name>"), Just("</name>"), Just("<name/>"),
                Just("<note title='a'>"), Just("<note>"), Just("</note>"), Just("<br/>"), Just("&#13;"),
                Just("<paragraph>"), Just("</paragraph>"), Just("<xref type='rfc' data='rfc1'/>"), Just("&amp;"),
                Just("<![CDATA["), Just("]]>"), Just("<!--"), Just("-->"), Just("\r\n"), Just("é"), Just("x "),
                Just("<description>"), Just("</description>"), Just("<?a ?>"), Just("<xref section=\"&#10;\">"),
                Just("</xref>"), Just("<people>"), Just("<person id='a'>"), Just("</person>"), Just("</people>"),
            ],
            0..24,
        ),
    ) {
        let text = format!("<registry>{}</registry>", pieces.concat());
        drop(Registry::read(text.as_bytes()));
        if let Ok(first) = Document::read(&text) {
            let second = written(&first);
            let again = Document::read(&second);
            prop_assert_eq!(Ok(&first), again.as_ref(), "{}", second);
        }
    }
}
