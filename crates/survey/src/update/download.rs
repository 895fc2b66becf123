//! Over HTTP, with every wait and size bounded.

use std::io::{self, Read, Write};
use std::sync::Arc;

use ureq::http::{Response, Uri, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::folder::{Folder, Record};
use super::source::Arrival;
use super::{Limits, Refusal, Request};

/// Fetches the address into the folder's incoming file; `None` for "304 Not Modified".
pub(super) fn fetch(
    request: &Request<'_>,
    url: &str,
    folder: &Folder,
    known: Option<&Record>,
    on_bytes: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Option<Arrival>, Refusal> {
    let limits = &request.limits;
    let mut at = address(url)?;
    for _ in 0..=limits.redirects {
        let host = at.authority().map(ToString::to_string).unwrap_or_default();
        let secure = at.scheme_str() == Some("https");
        let proxy = request
            .proxies
            .between(secure, at.host().unwrap_or_default())?;
        let response =
            ask(&agent(limits, proxy), &at, known).map_err(|e| refusal(e, &host, limits))?;
        let status = response.status();
        match status.as_u16() {
            200 => return receive(response, &host, limits, folder, on_bytes).map(Some),
            304 => return Ok(None),
            301 | 302 | 303 | 307 | 308 => {
                let to = text(&response, &header::LOCATION).unwrap_or_default();
                at = follow(&at, &to)?;
            }
            _ => {
                let status = status
                    .to_string()
                    .trim_end_matches("<unknown status code>")
                    .trim()
                    .to_owned();
                return Err(Refusal::Status { status });
            }
        }
    }
    Err(Refusal::Redirects {
        most: limits.redirects,
    })
}

fn address(text: &str) -> Result<Uri, Refusal> {
    let wrong = || Refusal::Address {
        why: "the address holds what no address may; is it typed right?",
    };
    text.parse::<Uri>()
        .ok()
        .filter(|uri| uri.host().is_some())
        .ok_or_else(wrong)
}

/// The crypto provider is named here because the process has no default, and two are known to
/// rustls. Certificates are judged by the system's own store: an organisation's authority counts,
/// and the roots do not age with this program.
fn agent(limits: &Limits, proxy: Option<ureq::Proxy>) -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(proxy)
        .tls_config(tls)
        .user_agent(concat!("portolan/", env!("CARGO_PKG_VERSION")))
        .accept("text/csv, application/xml, text/xml, */*;q=0.5")
        .accept_encoding("gzip")
        .timeout_resolve(Some(limits.connect))
        .timeout_connect(Some(limits.connect))
        .timeout_recv_response(Some(limits.idle))
        .timeout_per_read(Some(limits.idle))
        .timeout_per_call(Some(limits.total))
        .build()
        .new_agent()
}

fn ask(agent: &Agent, at: &Uri, known: Option<&Record>) -> Result<Response<Body>, ureq::Error> {
    let mut request = agent.get(at.clone());
    if let Some(known) = known {
        if let Some(etag) = &known.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &known.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
    }
    request.call()
}

fn receive(
    response: Response<Body>,
    host: &str,
    limits: &Limits,
    folder: &Folder,
    on_bytes: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Arrival, Refusal> {
    let most = limits.bytes;
    if let Some(found) = text(&response, &header::CONTENT_ENCODING)
        && !["gzip", "x-gzip", "identity", ""].contains(&found.to_lowercase().as_str())
    {
        return Err(Refusal::Encoding { found: cut(&found) });
    }
    let all = response.body().content_length();
    if let Some(bytes) = all.filter(|bytes| *bytes > most) {
        return Err(Refusal::TooLarge { bytes, most });
    }
    let arrival = Arrival {
        etag: validator(&response, &header::ETAG),
        last_modified: validator(&response, &header::LAST_MODIFIED),
    };
    let mut incoming = folder.receive()?;
    let mut body = response.into_body().into_reader();
    let mut chunk = vec![0; 1 << 16];
    let mut got = 0;
    loop {
        let read = match body.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) => {
                let error = ureq::Error::from(error);
                return Err(match error {
                    ureq::Error::Io(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                        broken_off(got, all)
                    }
                    ureq::Error::BodyStalled => broken_off(got, all),
                    error => refusal(error, host, limits),
                });
            }
        };
        got += read as u64;
        if got > most {
            return Err(Refusal::Endless { most });
        }
        incoming
            .write_all(&chunk[..read])
            .map_err(|source| folder.failed("write", folder.incoming(), source))?;
        on_bytes(got, all);
    }
    if all.is_some_and(|all| got < all) {
        return Err(broken_off(got, all));
    }
    Ok(arrival)
}

fn broken_off(got: u64, all: Option<u64>) -> Refusal {
    let all = all.map_or_else(|| "an unknown number of".to_owned(), |all| all.to_string());
    Refusal::Truncated { got, all }
}

fn text(response: &Response<Body>, name: &header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
}

/// A validator is sent back as it came, so it is kept only if it is short and plain.
fn validator(response: &Response<Body>, name: &header::HeaderName) -> Option<String> {
    let plain = |text: &String| {
        (1..=256).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b))
    };
    text(response, name).filter(plain)
}

/// Where a redirect leads, by RFC 3986 section 5.2 without dot segments, which servers resolve.
fn follow(from: &Uri, location: &str) -> Result<Uri, Refusal> {
    let refused = |why| Refusal::Redirect {
        to: cut(location),
        why,
    };
    let scheme = from.scheme_str().unwrap_or("https");
    let authority = from.authority().map_or("", |a| a.as_str());
    let target = location.split('#').next().unwrap_or_default();
    let whole = if target.is_empty() {
        return Err(refused("is no address"));
    } else if target
        .split(['/', '?'])
        .next()
        .is_some_and(|first| first.contains(':'))
    {
        target.to_owned()
    } else if target.starts_with("//") {
        format!("{scheme}:{target}")
    } else if target.starts_with('/') {
        format!("{scheme}://{authority}{target}")
    } else {
        let folder = from
            .path()
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{target}")
    };
    let to: Uri = whole.parse().map_err(|_| refused("is no address"))?;
    let is_plain = to.authority().is_some_and(|a| !a.as_str().contains('@'));
    match (scheme, to.scheme_str()) {
        _ if !is_plain => Err(refused("is no address")),
        ("https", Some("http")) => Err(refused("is not encrypted")),
        (_, Some("http" | "https")) => Ok(to),
        _ => Err(refused("is neither http nor https")),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(120).collect()
}

fn refusal(error: ureq::Error, host: &str, limits: &Limits) -> Refusal {
    let host = host.to_owned();
    let late = |late| Refusal::Late {
        host: host.clone(),
        late,
    };
    match error {
        ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => {
            late(format!("could not be reached within {:?}", limits.connect))
        }
        ureq::Error::Timeout(ureq::Timeout::PerRead | ureq::Timeout::RecvResponse) => {
            late(format!("sent nothing for {:?}", limits.idle))
        }
        ureq::Error::Timeout(_) => late(format!("took longer than {:?}", limits.total)),
        ureq::Error::HostNotFound => Refusal::Host { host },
        ureq::Error::Rustls(source) => Refusal::Tls { host, source },
        // rustls reports through io where a handshake fails in the middle.
        ureq::Error::Io(error) => match error.downcast::<rustls::Error>() {
            Ok(source) => Refusal::Tls { host, source },
            Err(source) => Refusal::Connection { host, source },
        },
        other => Refusal::Http {
            host,
            source: Box::new(other),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_where_the_rules_say() {
        let from: Uri = "https://a.example/x/y.csv".parse().unwrap();
        for (location, to) in [
            ("https://b.example/z", "https://b.example/z"),
            ("//b.example/z", "https://b.example/z"),
            ("/z?q=1#part", "https://a.example/z?q=1"),
            ("z.csv", "https://a.example/x/z.csv"),
        ] {
            assert_eq!(follow(&from, location).unwrap().to_string(), to);
        }
    }

    #[test]
    fn a_redirect_never_gives_up_encryption_nor_leaves_the_web() {
        let from: Uri = "https://a.example/x".parse().unwrap();
        for (location, why) in [
            ("http://a.example/x", "is not encrypted"),
            ("file:///etc/passwd", "is no address"),
            ("ftp://a.example/x", "is neither http nor https"),
            ("https://me:secret@a.example/", "is no address"),
            ("", "is no address"),
        ] {
            let said = follow(&from, location).unwrap_err().to_string();
            assert_eq!(
                said,
                format!("the server redirects to {location:?}, which {why}")
            );
        }
        let plain: Uri = "http://a.example/x".parse().unwrap();
        assert!(follow(&plain, "https://a.example/x").is_ok());
    }
}
