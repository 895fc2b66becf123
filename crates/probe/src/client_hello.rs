//! ClientHellos of our own, each for one version: SSL 3 (RFC 6101 §5.6.1.2) to TLS 1.3
//! (RFC 8446 §4.1.2), of which the TLS library speaks only the last two.
//!
//! Such a handshake is never finished, so nothing in it is secret and nothing has to be random.

use portolan_ports::TlsVersion;

/// The hello that asks for `version` and nothing newer.
///
/// A server that knows only older ones answers with the newest of those (RFC 5246 appendix E.1).
pub(crate) fn client_hello(version: TlsVersion, host: Option<&str>) -> Vec<u8> {
    let newest = version == TlsVersion::Tls13;
    let legacy: u16 = match version {
        TlsVersion::Ssl3 => 0x0300,
        TlsVersion::Tls10 => 0x0301,
        TlsVersion::Tls11 => 0x0302,
        TlsVersion::Tls12 | TlsVersion::Tls13 => 0x0303,
    };
    let suites: Vec<u8> = suites(version).flat_map(u16::to_be_bytes).collect();
    // A session id, which TLS 1.3 does not use, gets past middleboxes (RFC 8446 appendix D.4).
    let session: &[u8] = if newest { &RANDOM } else { &[] };
    let mut body = legacy.to_be_bytes().to_vec();
    body.extend_from_slice(&RANDOM);
    body.extend(with_length::<1>(session));
    body.extend(with_length::<2>(&suites));
    // Compression: null alone.
    body.extend_from_slice(&[1, 0]);
    if version > TlsVersion::Ssl3 {
        let mut extensions = extensions(version, host);
        pad(&mut extensions, body.len());
        body.extend(with_length::<2>(&extensions));
    }
    let message = [&[1], with_length::<3>(&body).as_slice()].concat();
    // RFC 8446 §5.1: the record of a first ClientHello may say 3.1 whatever it asks for.
    let record: &[u8] = if version == TlsVersion::Ssl3 {
        &[22, 3, 0]
    } else {
        &[22, 3, 1]
    };
    [record, &with_length::<2>(&message)].concat()
}

const RANDOM: [u8; 32] = *b"portolan asks: which versions?  ";

/// The content after its length in `N` bytes. Contents here are far shorter than any length tells.
fn with_length<const N: usize>(content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let (_, low) = length.split_at(length.len() - N);
    [low, content].concat()
}

/// IANA's TLS Cipher Suites registry, strongest first; broad, because a server that has a single
/// odd one is to be heard as well.
fn suites(version: TlsVersion) -> impl Iterator<Item = u16> {
    let lists: &[&[u16]] = match version {
        TlsVersion::Tls13 => &[&TLS13],
        TlsVersion::Tls12 => &[&TLS12, &ELLIPTIC, &CLASSIC, &WEAK],
        TlsVersion::Tls11 | TlsVersion::Tls10 => &[&ELLIPTIC, &CLASSIC, &WEAK],
        TlsVersion::Ssl3 => &[&CLASSIC, &WEAK],
    };
    // RFC 5746 §3.3: renegotiation_info as a suite, which every version can carry.
    let renegotiation = (version < TlsVersion::Tls13).then_some(0x00ff);
    let lists: Vec<u16> = lists.concat();
    lists.into_iter().chain(renegotiation)
}

/// AES-GCM, ChaCha20, AES-CCM.
const TLS13: [u16; 5] = [0x1301, 0x1302, 0x1303, 0x1304, 0x1305];

/// Of TLS 1.2: authenticated encryption and SHA-2, by ECDHE, DHE, RSA, PSK, and anonymously.
const TLS12: [u16; 55] = [
    0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca9, 0xcca8, 0xccaa, 0x009e, 0x009f, 0x00a2, 0x00a3, 0xc0ac,
    0xc0ad, 0xc0ae, 0xc0af, 0xc09e, 0xc09f, 0xc0a2, 0xc0a3, 0xc05c, 0xc05d, 0xc060, 0xc061, 0xc052,
    0xc053, 0x009c, 0x009d, 0xc09c, 0xc09d, 0xc0a0, 0xc0a1, 0xc050, 0xc051, 0xc023, 0xc024, 0xc027,
    0xc028, 0x0067, 0x006b, 0x0040, 0x006a, 0x003c, 0x003d, 0x00be, 0x00c4, 0x00ba, 0x00c0, 0xccac,
    0xccab, 0x00a8, 0x00a9, 0x00a6, 0x00a7, 0x006c, 0x006d,
];

/// From RFC 4492 on: ECDHE with AES, 3DES and RC4, anonymous and with PSK.
const ELLIPTIC: [u16; 14] = [
    0xc009, 0xc00a, 0xc013, 0xc014, 0xc008, 0xc012, 0xc007, 0xc011, 0xc035, 0xc036, 0xc018, 0xc019,
    0xc017, 0xc016,
];

/// DHE and RSA with AES, Camellia, SEED, GOST and 3DES.
const CLASSIC: [u16; 21] = [
    0x0033, 0x0039, 0x0032, 0x0038, 0x0045, 0x0088, 0x0044, 0x0087, 0x009a, 0x002f, 0x0035, 0x0041,
    0x0084, 0x0096, 0x0081, 0xc102, 0x0016, 0x0013, 0x000a, 0x0007, 0x008c,
];

/// RC4, DES, export and anonymous suites.
const WEAK: [u16; 19] = [
    0x008d, 0x0005, 0x0004, 0x0015, 0x0012, 0x0009, 0x0014, 0x0011, 0x0008, 0x0006, 0x0003, 0x0034,
    0x003a, 0x001b, 0x0018, 0x003b, 0x0002, 0x0001, 0xc010,
];

/// The extensions that a server of that version needs to agree.
fn extensions(version: TlsVersion, host: Option<&str>) -> Vec<u8> {
    let mut all = Vec::new();
    let mut add = |kind: u16, content: &[u8]| {
        all.extend_from_slice(&kind.to_be_bytes());
        all.extend(with_length::<2>(content));
    };
    if let Some(host) = host.filter(|host| host.len() <= 255) {
        // server_name, RFC 6066 §3: one host_name, without a trailing dot.
        let name = host.strip_suffix('.').unwrap_or(host).as_bytes();
        let entry = [&[0], with_length::<2>(name).as_slice()].concat();
        add(0, &with_length::<2>(&entry));
    }
    let groups: Vec<u8> = GROUPS.into_iter().flat_map(u16::to_be_bytes).collect();
    add(10, &with_length::<2>(&groups));
    if version < TlsVersion::Tls13 {
        // ec_point_formats, RFC 8422 §5.1.2: uncompressed.
        add(11, &[1, 0]);
    }
    if version >= TlsVersion::Tls12 {
        let schemes: Vec<u8> = SCHEMES.into_iter().flat_map(u16::to_be_bytes).collect();
        add(13, &with_length::<2>(&schemes));
    }
    if version == TlsVersion::Tls13 {
        // supported_versions (RFC 8446 §4.2.1), and a key share (§4.2.8). Any 32 bytes are a key
        // of X25519; these are its base point (RFC 7748 §4.1). Whoever wants another group says
        // so in a HelloRetryRequest, which agrees to the version too.
        add(43, &[2, 3, 4]);
        let mut point = [0; 32];
        point[0] = 9;
        let share = [&[0, 29], with_length::<2>(&point).as_slice()].concat();
        add(51, &with_length::<2>(&share));
    }
    all
}

/// supported_groups, RFC 8446 §4.2.7 and RFC 8422 §5.1.1.
const GROUPS: [u16; 9] = [
    0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0016, 0x0013, 0x0100, 0x0101,
];

/// signature_algorithms, RFC 8446 §4.2.3, with the old ones of RFC 5246 §7.4.1.4.1.
const SCHEMES: [u16; 16] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x0401, 0x0501, 0x0601,
    0x0203, 0x0201, 0x0202, 0x0101,
];

/// RFC 7685: some servers hang on hellos of 256 to 511 bytes, so none is that long.
fn pad(extensions: &mut Vec<u8>, before: usize) {
    // With the message's own header and the length of the extensions.
    let length = 4 + before + 2 + extensions.len();
    if (256..512).contains(&length) {
        let padding = vec![0; (512 - length).saturating_sub(4)];
        extensions.extend_from_slice(&[0, 21]);
        extensions.extend(with_length::<2>(&padding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_is_what_its_lengths_say() {
        for version in TlsVersion::ALL {
            for host in [None, Some("web.test")] {
                let hello = client_hello(version, host);
                let record = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
                assert_eq!(hello.len(), 5 + record, "{version:?}");
                let message = u32::from_be_bytes([0, hello[6], hello[7], hello[8]]);
                assert_eq!(record, 4 + message as usize, "{version:?}");
                assert!(!(256..512).contains(&record), "{version:?}: {record}");
                let named = hello.windows(8).any(|w| w == b"web.test");
                assert_eq!(named, host.is_some() && version > TlsVersion::Ssl3);
            }
        }
    }

    #[test]
    fn no_suite_is_offered_twice() {
        for version in TlsVersion::ALL {
            let mut offered: Vec<u16> = suites(version).collect();
            let count = offered.len();
            offered.sort_unstable();
            offered.dedup();
            assert_eq!(offered.len(), count, "{version:?}");
        }
    }
}
