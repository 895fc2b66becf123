//! The names of users, from `/etc/passwd` (passwd(5)).
//!
//! A directory service's users have no line there and stay numbers; asking one could hang.

use std::io::Read;

/// More than this is read of no user database.
const MOST_BYTES: u64 = 4 << 20;

/// The user database, read once.
#[derive(Debug, Default)]
pub(super) struct Users(Vec<u8>);

impl Users {
    /// Reads the file; without it nobody has a name.
    pub(super) fn read() -> Self {
        let mut text = Vec::new();
        let read = std::fs::File::open("/etc/passwd")
            .and_then(|file| file.take(MOST_BYTES).read_to_end(&mut text));
        if read.is_err() {
            text.clear();
        }
        Self(text)
    }

    /// The name of `uid`; the first line counts, as it does for getpwuid(3).
    pub(super) fn name(&self, uid: u32) -> Option<String> {
        self.0.split(|byte| *byte == b'\n').find_map(|line| {
            let mut fields = line.split(|byte| *byte == b':');
            let name = fields.next().filter(|name| !name.is_empty())?;
            let number = std::str::from_utf8(fields.nth(1)?).ok()?;
            (number.parse() == Ok(uid)).then(|| String::from_utf8_lossy(name).into_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_uid_names_it() {
        let users = Users(
            b"root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\n+::::::\nbad\nwww-data:x:33:33::/:"
                .to_vec(),
        );
        assert_eq!(users.name(0).as_deref(), Some("root"));
        assert_eq!(users.name(33).as_deref(), Some("www-data"));
        assert_eq!(users.name(1000), None);
    }
}
