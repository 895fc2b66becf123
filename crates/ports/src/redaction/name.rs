//! The names that stand before secrets.

/// The last words of keys that say of what kind something is, or where, and hold no secret.
const HARMLESS_ENDS: &str = "mode method methods type plugin provider backend url uri host port \
    enabled timeout ttl issuer audience lifetime expiry length algorithm";
/// What the key of a path ends in.
const FILE_ENDS: &str = "file path dir folder config kubeconfig store sock socket";
/// How the name of a file ends that a key may stand in, or a configuration.
const EXTENSIONS: &str = ".pem .key .crt .cert .cer .p12 .pfx .jks .json .conf .cfg .ini .yml \
    .yaml .toml .txt .pub";

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
    let letters = words.flat_map(|word| {
        let program = word.rsplit(['/', '"', '\'', '(', ';', '=']).next();
        own_letters(program.unwrap_or(word)).bytes()
    });
    Letters(letters.map(bit).fold(0, |a, b| a | b))
}

/// The letters with which a program takes a secret; from the programs' own manuals.
fn own_letters(program: &str) -> &'static str {
    match program {
        "mysql" | "mysqldump" | "mysqladmin" | "mysqlimport" | "mysqlshow" | "mysqlcheck"
        | "mysqlsh" | "mysqlslap" | "mysqlbinlog" | "mysqlpump" | "mycli" | "mariadb"
        | "mariadb-dump" | "mariadb-admin" | "mariadb-import" | "mariadb-show"
        | "mariadb-check" | "mariadb-binlog" => "p",
        "sshpass" | "rdesktop" | "cqlsh" | "impala-shell" | "7z" | "7za" | "7zr" => "p",
        "mongo" | "mongosh" | "mongodump" | "mongorestore" | "mongoexport" | "mongoimport"
        | "mongostat" | "mongotop" | "mongofiles" => "p",
        // docker login, podman login, oc login.
        "login" => "p",
        "redis-cli" | "redis-benchmark" | "valkey-cli" | "valkey-benchmark" | "keydb-cli" => "a",
        "ldapsearch" | "ldapmodify" | "ldapadd" | "ldapdelete" | "ldapwhoami" | "ldapcompare" => {
            "w"
        }
        "ldappasswd" => "wsa",
        "mosquitto_pub" | "mosquitto_sub" | "mosquitto_rr" | "sqlcmd" | "bcp" | "tsql"
        | "unzip" | "zip" => "P",
        "ipmitool" => "Pk",
        "snmpget" | "snmpwalk" | "snmpset" | "snmpbulkwalk" | "snmptrap" => "AX",
        "ss-server" | "ss-local" | "ss-redir" | "ss-tunnel" | "sslocal" | "ssserver" => "k",
        _ => "",
    }
}

/// Whether what is called so is a secret.
pub(super) fn is_secret(key: &str) -> bool {
    // The working directory of a shell.
    if matches!(key, "PWD" | "OLDPWD") {
        return false;
    }
    let last = key.rsplit(['.', '_', '-']).next().unwrap_or(key);
    if last.len() < key.len() && is_one_of(HARMLESS_ENDS, last) {
        return false;
    }
    let plain = plain(key);
    is_one_of("pin otp salt nonce sig", last)
        || plain.ends_with("key")
        || plain.ends_with("keys")
        || has_secret_part(plain.as_bytes())
}

/// Whether a key in lower case and without punctuation has a word of secrets in it, other than
/// within a harmless word.
fn has_secret_part(plain: &[u8]) -> bool {
    let behind = |end: &[u8]| plain.ends_with(end);
    (0..plain.len()).any(|at| {
        let (before, rest) = plain.split_at(at);
        let is = |part: &str| rest.starts_with(part.as_bytes());
        let after = |word: &str| before.ends_with(word.as_bytes());
        match rest[0] {
            b'a' => {
                is("auth")
                    && !is("authority")
                    && !(is("author") && (behind(b"author") || behind(b"authors")))
                    || is("apikey")
                    || is("accesskey")
                    || is("accountkey")
            }
            b'b' => is("bearer"),
            b'c' => is("credential") || is("cookie") || is("connectionstring"),
            b'd' => is("dsn"),
            b'e' => is("encryptionkey"),
            b'j' => is("jwt"),
            b'k' => is("kennwort"),
            b'l' => is("licensekey"),
            b'm' => is("masterkey"),
            b'p' => {
                is("pass") && !is("passive") && !is("passthrough") && !after("by") && !after("com")
                    || is("privatekey")
                    || is("pwd")
                    || is("psk")
            }
            b's' => {
                is("secret")
                    || is("signingkey")
                    || is("signature")
                    || is("sharedkey")
                    || is("storagekey")
                    || is("sessionid")
            }
            b't' => {
                is("token")
                    && !is("tokenizer")
                    && !is("tokenize")
                    && !(is("tokens") && (after("max") || after("num") || after("batched")))
            }
            b'w' => is("webhook"),
            _ => false,
        }
    })
}

/// Whether an option with this name turns something on or off and takes no value.
pub(super) fn is_switch(name: &str) -> bool {
    ["no-", "disable-", "enable-", "skip-", "allow-", "without-"]
        .iter()
        .any(|start| name.starts_with(start))
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
    FILE_ENDS
        .split_ascii_whitespace()
        .any(|end| plain.ends_with(end))
}

/// Whether what is called so is often a path to the secret instead of the secret.
pub(super) fn may_be_a_path(key: &str) -> bool {
    let plain = plain(key);
    names_a_file(key) || (plain.ends_with("key") && !plain.contains("pass"))
}

/// Whether a value looks like a path.
pub(super) fn is_path(value: &str) -> bool {
    let starts = || {
        ["/", "./", "../", "~/"]
            .iter()
            .any(|start| value.starts_with(start))
    };
    let ends = || {
        EXTENSIONS
            .split_ascii_whitespace()
            .any(|end| value.ends_with(end))
    };
    !value.contains(['=', '+', ' ']) && (starts() || ends())
}

/// A byte that keys consist of.
pub(super) fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-') || !byte.is_ascii()
}

fn is_one_of(words: &str, word: &str) -> bool {
    words
        .split_ascii_whitespace()
        .any(|one| one.eq_ignore_ascii_case(word))
}

fn plain(key: &str) -> String {
    key.chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
