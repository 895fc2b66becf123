//! Zabbix's frame, which agents and servers share; Zabbix manual, appendix "Header" and
//! "Zabbix protocols". Which of them it is, is not decided here.

/// `ZBXD`, flags 1, the length in eight octets (four and four reserved), then the data.
pub(super) fn frame(data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap_or(0).to_le_bytes();
    [b"ZBXD\x01", length.as_slice(), &[0; 4], data].concat()
}

/// What a frame is so far.
pub(super) enum Read<'a> {
    No,
    Partial,
    Whole(&'a [u8]),
}

/// Reads the one frame of an answer.
pub(super) fn read(received: &[u8]) -> Read<'_> {
    const MAGIC: &[u8] = b"ZBXD\x01";
    const HEADER: usize = 13;
    const LONGEST: usize = 64 * 1024;
    let shared = received.len().min(MAGIC.len());
    if received.get(..shared) != MAGIC.get(..shared) {
        return Read::No;
    }
    let number = |from: usize| {
        let bytes = received.get(from..from + 4)?;
        usize::try_from(bytes.iter().rev().fold(0, |n, &b| n << 8 | u32::from(b))).ok()
    };
    if number(9).is_some_and(|reserved| reserved != 0) || number(5).is_some_and(|n| n > LONGEST) {
        return Read::No;
    }
    let data = number(5).and_then(|length| received.get(HEADER..HEADER + length));
    data.map_or(Read::Partial, Read::Whole)
}
