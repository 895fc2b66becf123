//! An address, or all addresses that begin alike (RFC 4632 §3.1, RFC 4291 §2.3).

use std::net::IpAddr;
use std::str::FromStr;

/// The addresses whose first `bits` are those of `address`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether the address is one of them; an IPv4-mapped IPv6 address counts as its IPv4 address.
    pub(super) fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits));
                (own.to_bits() ^ other.to_bits()) & mask.unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits));
                (own.to_bits() ^ other.to_bits()) & mask.unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = ();

    /// Reads `127.0.0.0/8`, `fe80::/10`, or one address, an IPv6 one also in brackets.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let bare = address.strip_prefix('[').and_then(|a| a.strip_suffix(']'));
        let address: IpAddr = bare.unwrap_or(address).parse().map_err(|_| ())?;
        // Only a lone address may be an IPv4 one in IPv6 clothes: its bits count differently.
        let address = match bits {
            None => address.to_canonical(),
            Some(_) => address,
        };
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().map_err(|_| ())?
            }
            Some(_) => return Err(()),
        };
        if bits > most {
            return Err(());
        }
        Ok(Self { address, bits })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_belong_to_networks() {
        for (network, address, fits) in [
            ("127.0.0.0/8", "127.9.9.9", true),
            ("127.0.0.0/8", "128.0.0.1", false),
            ("127.0.0.0/8", "::ffff:127.0.0.1", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("0.0.0.0", "0.0.0.0", true),
            ("0.0.0.0", "10.0.0.1", false),
            ("fe80::/10", "fe80::1", true),
            ("::/0", "fe80::1", true),
            ("[::1]", "::1", true),
        ] {
            let read: Network = network.parse().unwrap();
            assert_eq!(
                read.contains(address.parse().unwrap()),
                fits,
                "{network} {address}"
            );
        }
        for wrong in [
            "",
            "127.0.0.0/33",
            "::/129",
            "127.0.0.1/",
            "127.0.0.1/+8",
            "eth0",
            "1/8",
        ] {
            assert_eq!(wrong.parse::<Network>(), Err(()), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_shorter_network_holds_all_of_a_longer_one(own: u32, other: u32, bits in 0..=32u8) {
            let holds = |bits| Network { address: IpAddr::V4(own.into()), bits }
                .contains(IpAddr::V4(other.into()));
            let alike = (own ^ other).leading_zeros();
            prop_assert_eq!(holds(bits), alike >= u32::from(bits));
        }
    }
}
