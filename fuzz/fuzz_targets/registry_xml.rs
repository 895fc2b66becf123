//! Any text at all may be handed in as XML; a document that is taken is a fixed point.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_registry::Registry;
use portolan_registry::xml::Document;

fuzz_target!(|bytes: &[u8]| {
    drop(Registry::read(bytes));
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(document) = Document::read(text) else {
        return;
    };
    let mut written = Vec::new();
    document.write(&mut written).expect("memory takes all");
    let written = std::str::from_utf8(&written).expect("XML is written as UTF-8");
    assert_eq!(Document::read(written).as_ref(), Ok(&document));
});
