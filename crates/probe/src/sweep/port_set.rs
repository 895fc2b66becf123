//! A set of ports, one bit for each.

use std::fmt;

use portolan_registry::{Port, PortError, PortRange};

const WORDS: usize = 1 << 10;

/// Ports to sweep; never port 0, which nothing can be reached at (RFC 6335 §6).
#[derive(Clone, PartialEq, Eq)]
pub struct PortSet {
    bits: Box<[u64; WORDS]>,
}

impl Default for PortSet {
    fn default() -> Self {
        Self {
            bits: Box::new([0; WORDS]),
        }
    }
}

impl PortSet {
    /// Every port from 1 to 65535.
    #[must_use]
    pub fn all() -> Self {
        let mut all = Self {
            bits: Box::new([u64::MAX; WORDS]),
        };
        all.remove(0);
        all
    }

    /// Reads `1-1024,8080`; `-` alone means all.
    ///
    /// # Errors
    /// The part that is no port and no range, and why; port 0 counts as one.
    pub fn parse(text: &str) -> Result<Self, PortSetError> {
        if text == "-" {
            return Ok(Self::all());
        }
        let mut set = Self::default();
        for part in text.split(',') {
            let wrong = |why| PortSetError {
                part: part.chars().take(60).collect(),
                why,
            };
            let range: PortRange = part.parse().map_err(|why| wrong(Wrong::Form(why)))?;
            if range.is_single() && range.first() == 0 {
                return Err(wrong(Wrong::Zero));
            }
            range.ports().for_each(|port| set.insert(port));
        }
        Ok(set)
    }

    /// Adds a port; 0 is left out.
    pub fn insert(&mut self, port: Port) {
        if port != 0
            && let Some(word) = self.bits.get_mut(usize::from(port >> 6))
        {
            *word |= 1 << (port & 63);
        }
    }

    fn remove(&mut self, port: Port) {
        if let Some(word) = self.bits.get_mut(usize::from(port >> 6)) {
            *word &= !(1 << (port & 63));
        }
    }

    /// Whether the port is in it.
    #[must_use]
    pub fn contains(&self, port: Port) -> bool {
        self.bits
            .get(usize::from(port >> 6))
            .is_some_and(|word| word >> (port & 63) & 1 == 1)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bits.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    /// The ports, lowest first.
    pub fn ports(&self) -> impl Iterator<Item = Port> + '_ {
        (0..=u16::MAX).filter(|port| self.contains(*port))
    }
}

impl FromIterator<Port> for PortSet {
    fn from_iter<T: IntoIterator<Item = Port>>(ports: T) -> Self {
        let mut set = Self::default();
        ports.into_iter().for_each(|port| set.insert(port));
        set
    }
}

impl fmt::Display for PortSet {
    /// As [`PortSet::parse`] reads it: `22,80,8000-8100`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ports = self.ports().peekable();
        let mut comma = "";
        while let Some(first) = ports.next() {
            let mut last = first;
            while let Some(next) = ports.next_if(|port| last.checked_add(1) == Some(*port)) {
                last = next;
            }
            match PortRange::new(first, last) {
                Some(range) => write!(f, "{comma}{range}")?,
                None => write!(f, "{comma}{first}")?,
            }
            comma = ",";
        }
        Ok(())
    }
}

impl fmt::Debug for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PortSet({self})")
    }
}

/// Why a text is no set of ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSetError {
    /// The part between commas; cut at 60 characters.
    pub part: String,
    why: Wrong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wrong {
    Form(PortError),
    Zero,
}

impl fmt::Display for PortSetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = &self.part;
        match &self.why {
            Wrong::Form(why) => write!(f, "{part:?}: {why}"),
            Wrong::Zero => write!(f, "{part:?}: nothing can be reached at port 0"),
        }
    }
}

impl std::error::Error for PortSetError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_alike() {
        for (text, same, count) in [
            ("22", "22", 1),
            ("1-1024,8080", "1-1024,8080", 1025),
            ("80,22,81,82,80-81", "22,80-82", 4),
            ("0-3", "1-3", 3),
            ("-", "1-65535", 65_535),
            ("65535", "65535", 1),
        ] {
            let set = PortSet::parse(text).unwrap();
            assert_eq!((set.to_string().as_str(), set.len()), (same, count));
            assert_eq!(PortSet::parse(same).unwrap(), set);
            assert_eq!(set.ports().collect::<PortSet>(), set);
        }
    }

    #[test]
    fn what_is_no_port_is_named() {
        let said = |text| PortSet::parse(text).unwrap_err().to_string();
        assert_eq!(said(""), "\"\": not a port number");
        assert_eq!(said("22,x"), "\"x\": not a port number");
        assert_eq!(
            said("1-70000"),
            "\"1-70000\": beyond 65535, the highest port"
        );
        assert_eq!(said("9-3"), "\"9-3\": the range runs backwards");
        assert_eq!(said("0"), "\"0\": nothing can be reached at port 0");
    }
}
