use proptest::prelude::*;

use super::*;

/// The words of a line redacted; `·` stands for a blank inside one argument.
fn shown(line: &str) -> String {
    let arguments: Vec<String> = line.split(' ').map(|a| a.replace('·', " ")).collect();
    redact(&arguments)
        .iter()
        .map(|a| a.replace(' ', "·"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn worked_examples() {
    let examples = [
        // Options and their values.
        ("srv --password=x --port 80", "srv --password=*** --port 80"),
        ("srv --password x --port 80", "srv --password *** --port 80"),
        ("srv --db-passwd x", "srv --db-passwd ***"),
        ("srv -passwd x y", "srv -passwd *** y"),
        ("srv --token x", "srv --token ***"),
        ("srv --secret=x", "srv --secret=***"),
        ("srv --api-key x", "srv --api-key ***"),
        ("srv --apiKey=x", "srv --apiKey=***"),
        ("srv --credential x", "srv --credential ***"),
        (
            "srv --password --token x --port 1",
            "srv --password *** *** --port 1",
        ),
        (
            "redis-server --requirepass x",
            "redis-server --requirepass ***",
        ),
        ("srv /password:x", "srv /password:***"),
        ("ngrok authtoken x", "ngrok authtoken ***"),
        // Letters of known programs.
        ("mysql -pSECRET -uroot", "mysql -p*** -uroot"),
        ("/usr/bin/mysql -p SECRET", "/usr/bin/mysql -p ***"),
        ("sudo mysqldump -pSECRET db", "sudo mysqldump -p*** db"),
        ("sshpass -p x ssh host", "sshpass -p *** ssh host"),
        ("redis-cli -a x -p 6379", "redis-cli -a *** -p 6379"),
        ("docker login -u me -p x", "docker login -u me -p ***"),
        ("sh -c mysql·-pSECRET·db", "sh -c mysql·-p***"),
        ("sshd -D -p 2222", "sshd -D -p 2222"),
        (
            "docker-proxy -proto tcp -host-port 80",
            "docker-proxy -proto tcp -host-port 80",
        ),
        // The environment's form.
        (
            "env PGPASSWORD=x psql -h db",
            "env PGPASSWORD=*** psql -h db",
        ),
        (
            "docker run -e POSTGRES_PASSWORD=x -p 5432:5432 postgres",
            "docker run -e POSTGRES_PASSWORD=*** -p 5432:5432 postgres",
        ),
        ("sh -c AUTH=x·exec·srv", "sh -c AUTH=***"),
        (
            "java -Dspring.datasource.password=x -jar a.jar",
            "java -Dspring.datasource.password=*** -jar a.jar",
        ),
        ("srv PWD=/home/me", "srv PWD=/home/me"),
        // Addresses.
        (
            "srv postgres://user:secret@host/db",
            "srv postgres://***@host/db",
        ),
        (
            "srv --db=postgres://user:sec/ret@host:5432/db",
            "srv --db=postgres://***@host:5432/db",
        ),
        (
            "git clone https://x1y2z3@github.com/a/b",
            "git clone https://***@github.com/a/b",
        ),
        ("srv user:pass@tcp(db:3306)/x", "srv ***@tcp(db:3306)/x"),
        ("curl -u me:pass http://h/", "curl -u *** http://h/"),
        ("curl -ume:pass http://h/", "curl -u*** http://h/"),
        ("curl http://h/?token=x&y=1", "curl http://h/?token=***"),
        (
            "npm i https://registry/@scope/a",
            "npm i https://registry/@scope/a",
        ),
        (
            "ssh -N -L 8080:db:80 me@host",
            "ssh -N -L 8080:db:80 me@host",
        ),
        ("sshd:·root@pts/0", "sshd:·root@pts/0"),
        // Headers.
        (
            "curl -H Authorization:·Bearer·x",
            "curl -H Authorization:·***",
        ),
        ("curl -H X-Pin:x", "curl -H X-Pin:***"),
        ("curl --header=Cookie:·x", "curl --header=Cookie:·***"),
        (
            "curl Authorization: Bearer x",
            "curl Authorization: *** ***",
        ),
        (
            "dockerd -H tcp://0.0.0.0:2375",
            "dockerd -H tcp://0.0.0.0:2375",
        ),
        ("dockerd -H fd://", "dockerd -H fd://"),
        // Shapes.
        ("srv eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "srv ***"),
        ("srv --id AKIAIOSFODNN7EXAMPLE", "srv --id ***"),
        (
            "srv https://h/v1/ghp_0123456789abcdefghij/x",
            "srv https://h/v1/***",
        ),
        ("srv wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY12", "srv ***"),
        ("srv ghp_0123456789abcdefghij", "srv ***"),
        ("srv -----BEGIN·PRIVATE·KEY-----·MII", "srv -----BEGIN***"),
        (
            "srv --key 0123456789abcdef0123456789abcdef",
            "srv --key ***",
        ),
        (
            "srv --encryption_key=Zm9vYmFyYmF6",
            "srv --encryption_key=***",
        ),
        (
            "srv {\"password\":·\"x\",\"a\":1}",
            "srv {\"password\":·***",
        ),
        ("srv host=db·password=x·user=y", "srv host=db·password=***"),
        (
            "srv --slack https://hooks.slack.com/services/T0/B0/x",
            "srv --slack https://hooks.slack.com/services/***",
        ),
        // What stays.
        (
            "srv -url=http://h:80/ -upstream http://h:81 --no-auth --port 1",
            "srv -url=http://h:80/ -upstream http://h:81 --no-auth --port 1",
        ),
        (
            "srv --authorization-mode=Node,RBAC --auth-type none --author me -key server.pem",
            "srv --authorization-mode=Node,RBAC --auth-type none --author me -key server.pem",
        ),
        (
            "nginx -c /etc/nginx/nginx.conf -g daemon·off;",
            "nginx -c /etc/nginx/nginx.conf -g daemon·off;",
        ),
        (
            "python3 -m http.server 8000 --bind 127.0.0.1",
            "python3 -m http.server 8000 --bind 127.0.0.1",
        ),
        (
            "kube-apiserver --tls-private-key-file=/etc/k/apiserver.key --secure-port=6443",
            "kube-apiserver --tls-private-key-file=/etc/k/apiserver.key --secure-port=6443",
        ),
        (
            "srv --password-file /run/secrets/db",
            "srv --password-file /run/secrets/db",
        ),
        (
            "srv --tls-key /etc/ssl/server.key --port 1",
            "srv --tls-key /etc/ssl/server.key --port 1",
        ),
        (
            "srv --ssl-key=/etc/ssl/server.key",
            "srv --ssl-key=/etc/ssl/server.key",
        ),
        (
            "srv --passive --bypass-all --compass --tokenizer a --max-tokens 5",
            "srv --passive --bypass-all --compass --tokenizer a --max-tokens 5",
        ),
        (
            "srv --upstream http://auth-service:8080/x",
            "srv --upstream http://auth-service:8080/x",
        ),
        (
            "containerd-shim -id 3f4e8b0a6c1d2e3f4a5b6c7d8e9f00112233445566778899aabbccddeeff0011",
            "containerd-shim -id 3f4e8b0a6c1d2e3f4a5b6c7d8e9f00112233445566778899aabbccddeeff0011",
        ),
        (
            "/usr/lib/secret-service --listen [::1]:53",
            "/usr/lib/secret-service --listen [::1]:53",
        ),
        ("redis-server·127.0.0.1:6379", "redis-server·127.0.0.1:6379"),
    ];
    let wrong: Vec<_> = examples
        .iter()
        .filter(|(given, wanted)| shown(given) != *wanted)
        .map(|(given, wanted)| format!("{given}\n   {}\n   wanted {wanted}", shown(given)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_length_of_a_secret_does_not_show() {
    for secret in ["x", "a much longer one"] {
        let shown = redact(&[
            "a".into(),
            format!("--password={secret}"),
            "--token".into(),
            secret.into(),
        ]);
        assert_eq!(shown, ["a", "--password=***", "--token", "***"]);
    }
    assert!(redact(&[]).is_empty());
    assert_eq!(redact(&["--password".into()]), ["--password"]);
}

/// Texts that come near what is looked for.
fn near() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "--password",
            "-p",
            "mysql",
            "token",
            "=",
            ":",
            "://",
            "@",
            " ",
            "***",
            "-H",
            "-u",
            "Authorization",
            "Bearer",
            "\"",
            "/",
            "key",
            "auth",
            "eyJ",
            "-----BEGIN",
            "é",
            ",",
            "8080",
            "PGPASSWORD",
            "postgres",
            "sk-",
            "?",
            "&",
            "--header=",
            "AKIA",
            "--",
            "-",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z0-9]{1,24}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_was_redacted_stays_so(arguments in prop::collection::vec(near(), 0..6)) {
        let once = redact(&arguments);
        prop_assert_eq!(once.len(), arguments.len());
        prop_assert_eq!(redact(&once), once);
    }

    #[test]
    fn any_text_is_borne(arguments in prop::collection::vec(any::<String>(), 0..5)) {
        prop_assert_eq!(redact(&arguments).len(), arguments.len());
    }

    /// In every form, among other arguments, a secret of any printable form is gone.
    #[test]
    fn no_secret_survives(
        middle in "[!-~]{0,10}",
        key in prop::sample::select(vec![
            "password", "db-password", "token", "secret", "api-key", "passwd", "credential",
            "client_secret", "AUTH", "PGPASSWORD", "MYSQL_PWD", "API_TOKEN", "SECRET_KEY",
        ]),
        before in prop::collection::vec("[a-z]{1,6}|--[a-z]{1,5}=[a-z0-9/]{1,8}|[0-9]{1,5}", 0..3),
        form in 0..14_u8,
    ) {
        let secret = format!("Qz7{middle}zQ7");
        let url = |text: &str| text.replace('@', "%40");
        let attack: Vec<String> = match form {
            0 => vec![format!("--{key}={secret}")],
            1 => vec![format!("--{key}"), secret.clone()],
            2 => vec![format!("{key}={secret}")],
            3 => vec!["mysql".into(), format!("-p{secret}")],
            4 => vec!["sshpass".into(), "-p".into(), secret.clone()],
            5 => vec![format!("postgres://user:{secret}@host/db")],
            6 => vec![format!("--url=redis://:{}@host:6379", url(&secret))],
            7 => vec!["-H".into(), format!("Authorization: Bearer {secret}")],
            8 => vec![format!("--header=X-{key}: {secret}")],
            9 => vec!["sh".into(), "-c".into(), format!("{key}={secret} exec srv")],
            10 => vec![format!("{{\"{key}\": \"{secret}\"}}")],
            11 => vec!["curl".into(), "-u".into(), format!("me:{secret}")],
            12 => vec![format!("sh -c 'srv --{key} {secret} --port 1'")],
            _ => vec!["-H".into(), format!("X-Custom: {secret}")],
        };
        let mut arguments = vec!["srv".to_owned()];
        arguments.extend(before);
        arguments.extend(attack);
        arguments.push("--last".to_owned());
        let shown = redact(&arguments);
        prop_assert!(shown.iter().all(|a| !a.contains(&secret) && !a.contains("zQ7") && !a.contains("Qz7")), "{:?}", shown);
        prop_assert_eq!(shown.last().map(String::as_str), Some("--last"));
    }
}
