//! A certificate: self-signed, for localhost, made afresh for each server that names it.

use rcgen::{CertifiedKey, generate_simple_self_signed};

/// The certificate and its key, as PEM.
///
/// # Errors
/// Where rcgen makes none; in words.
pub(crate) fn make() -> Result<(String, String), String> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".into()]).map_err(|error| error.to_string())?;
    Ok((
        pem("CERTIFICATE", cert.der()),
        pem("PRIVATE KEY", &signing_key.serialize_der()),
    ))
}

/// RFC 7468, with base64 of RFC 4648 §4.
fn pem(label: &str, der: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in der.chunks(48) {
        for chunk in line.chunks(3) {
            let shift = 8 * (3 - chunk.len());
            let word = chunk.iter().fold(0u32, |w, &b| w << 8 | u32::from(b)) << shift;
            for place in 0..4 {
                let at = (word >> (18 - 6 * place) & 63) as usize;
                let letter = ALPHABET.get(at).filter(|_| place <= chunk.len());
                text.push(letter.map_or('=', |&letter| char::from(letter)));
            }
        }
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648 §10.
    #[test]
    fn base64_pads() {
        let body = |der| pem("X", der).lines().nth(1).unwrap_or_default().to_owned();
        for (der, text) in [
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(body(der.as_bytes()), text);
        }
        assert!(pem("X", &[0; 100]).lines().all(|line| line.len() <= 64));
    }
}
