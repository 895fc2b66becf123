//! The names that stand before secrets.

/// What a secret's key contains, in lower case and without punctuation.
const PARTS: &str = "pass secret token apikey accesskey privatekey signingkey encryptionkey \
    masterkey sharedkey accountkey authkey licensekey storagekey credential auth jwt bearer cookie \
    passphrase pwd psk dsn connectionstring webhook signature sessionid kennwort";
/// What a harmless key may contain of the above.
const HARMLESS: &str = "passive bypass passthrough compass tokenizer maxtokens numtokens \
    batchedtokens author";
/// What the key of a path ends in.
const FILES: &str = "file path dir folder config kubeconfig store sock socket";
/// Programs with letters of their own for a secret, as `program:letters`.
const PROGRAMS: &str = "mysql:p mysqldump:p mysqladmin:p mysqlimport:p mysqlshow:p mysqlcheck:p \
    mysqlsh:p mysqlslap:p mysqlbinlog:p mariadb:p mariadb-dump:p mariadb-admin:p mycli:p sshpass:p \
    redis-cli:a redis-benchmark:a valkey-cli:a keydb-cli:a mongo:p mongosh:p mongodump:p \
    mongorestore:p mongoexport:p mongoimport:p mongostat:p mongotop:p login:p ldapsearch:w \
    ldapmodify:w ldapadd:w ldapdelete:w ldapwhoami:w ldappasswd:wsa rdesktop:p mosquitto_pub:P \
    mosquitto_sub:P mosquitto_rr:P sqlcmd:P bcp:P tsql:P isql:P cqlsh:p unzip:P zip:P 7z:p 7za:p \
    ipmitool:Pk snmpget:AX snmpwalk:AX snmpset:AX ss-server:k ss-local:k ss-redir:k ss-tunnel:k \
    sslocal:k ssserver:k impala-shell:p vncviewer:p";

/// The letters after which the programs of a command line take a secret: a bit for each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Letters(u64);

impl Letters {
    pub(super) fn has(self, letter: &str) -> bool {
        letter.bytes().next().is_some_and(|b| self.0 & bit(b) != 0)
    }
}

fn bit(letter: u8) -> u64 {
    match letter {
        b'A'..=b'Z' => 1 << (letter - b'A'),
        b'a'..=b'z' => 1 << (letter - b'a' + 26),
        _ => 0,
    }
}

/// The letters of every program that a word names, wherever it stands: others start it.
pub(super) fn letters<'a>(words: impl Iterator<Item = &'a str>) -> Letters {
    let mut found = 0;
    for word in words {
        let program = word
            .rsplit(['/', '"', '\'', '(', ';', '='])
            .next()
            .unwrap_or(word);
        for row in PROGRAMS.split_ascii_whitespace() {
            if let Some((name, letters)) = row.split_once(':')
                && name.eq_ignore_ascii_case(program)
            {
                found |= letters.bytes().map(bit).fold(0, |a, b| a | b);
            }
        }
    }
    Letters(found)
}

/// Whether what is called so is a secret.
pub(super) fn is_secret(key: &str) -> bool {
    let mut plain = plain(key);
    for harmless in HARMLESS.split_ascii_whitespace() {
        // `authorization`, `authorized`: `author` stands at the end, or is an authority or author.
        if harmless == "author" {
            if plain.ends_with("author") || plain.contains("authority") {
                plain = plain.replace("authority", " ").replace("author", " ");
            }
        } else if plain.contains(harmless) {
            plain = plain.replace(harmless, " ");
        }
    }
    // The working directory of a shell.
    if matches!(key, "PWD" | "OLDPWD") {
        return false;
    }
    let last = key.rsplit(['.', '_', '-']).next().unwrap_or(key);
    let is_key = plain.ends_with("key") || plain.ends_with("keys");
    let is_short = ["pin", "otp", "salt", "nonce", "sig"]
        .iter()
        .any(|short| last.eq_ignore_ascii_case(short));
    is_key
        || is_short
        || PARTS
            .split_ascii_whitespace()
            .any(|part| plain.contains(part))
}

/// Whether the key may as well name the part of a machine as a secret: `auth-service:8080`.
pub(super) fn is_weak(key: &str) -> bool {
    let plain = plain(key)
        .replace("auth", " ")
        .replace("token", " ")
        .replace("secret", " ");
    !is_secret(&plain)
}

/// Whether the key says that its value is a path.
pub(super) fn names_a_file(key: &str) -> bool {
    let plain = plain(key);
    FILES
        .split_ascii_whitespace()
        .any(|file| plain.ends_with(file))
}

/// Whether what is called so is often a path to the secret instead of the secret.
pub(super) fn may_be_a_path(key: &str) -> bool {
    let plain = plain(key);
    names_a_file(key) || (plain.ends_with("key") && !plain.contains("pass"))
}

/// Whether a value looks like a path.
pub(super) fn is_path(value: &str) -> bool {
    ["/", "./", "../", "~/"]
        .iter()
        .any(|start| value.starts_with(start))
        && !value.contains(['=', '+', ' '])
}

/// A byte that keys consist of.
pub(super) fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-') || !byte.is_ascii()
}

fn plain(key: &str) -> String {
    key.chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
