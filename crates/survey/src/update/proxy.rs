//! Which proxy stands between, by the usual environment variables.

use super::Refusal;

/// The variables as the caller read them; capitals and small letters are both usual.
#[derive(Clone, Default)]
pub struct Proxies {
    /// `HTTPS_PROXY`, for https addresses.
    pub https: Option<String>,
    /// `HTTP_PROXY`, for http addresses.
    pub http: Option<String>,
    /// `ALL_PROXY`, for those that have none of their own.
    pub all: Option<String>,
    /// `NO_PROXY`: hosts and domains that are asked directly, with commas between, or `*`.
    pub none: Option<String>,
}

impl std::fmt::Debug for Proxies {
    /// The values may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proxies")
    }
}

impl Proxies {
    /// Reads the variables through `variable`, small letters first, as curl does.
    #[must_use]
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let either = |name: &str| {
            variable(&name.to_lowercase())
                .or_else(|| variable(name))
                .filter(|value| !value.trim().is_empty())
        };
        // A web server hands a client's "Proxy:" header to its CGI programs as HTTP_PROXY.
        let cgi = variable("REQUEST_METHOD").is_some();
        Self {
            https: either("HTTPS_PROXY"),
            http: either("HTTP_PROXY").filter(|_| !cgi),
            all: either("ALL_PROXY"),
            none: either("NO_PROXY"),
        }
    }

    /// The proxy for an address.
    pub(super) fn between(&self, secure: bool, host: &str) -> Result<Option<ureq::Proxy>, Refusal> {
        let own = match secure {
            true => (&self.https, "HTTPS_PROXY"),
            false => (&self.http, "HTTP_PROXY"),
        };
        let (value, variable) = match own {
            (Some(value), variable) => (value, variable),
            (None, _) => match &self.all {
                Some(value) => (value, "ALL_PROXY"),
                None => return Ok(None),
            },
        };
        if self.is_direct(host) {
            return Ok(None);
        }
        let proxy = ureq::Proxy::new(value.trim()).ok().filter(|proxy| {
            matches!(
                proxy.protocol(),
                ureq::ProxyProtocol::Http | ureq::ProxyProtocol::Https
            )
        });
        proxy.map(Some).ok_or(Refusal::Proxy { variable })
    }

    /// Whether `NO_PROXY` names the host, or a domain that it lies in.
    fn is_direct(&self, host: &str) -> bool {
        let host = host.trim_matches(['[', ']']).to_lowercase();
        let entries = self.none.iter().flat_map(|list| list.split(','));
        entries
            .map(|entry| entry.trim().to_lowercase())
            .any(|entry| {
                let domain = entry.trim_start_matches('*').trim_start_matches('.');
                entry == "*"
                    || (!domain.is_empty()
                        && host
                            .strip_suffix(domain)
                            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_letters_come_first_and_cgi_is_not_believed() {
        let read = |set: &[(&str, &str)]| {
            Proxies::read(|name| {
                let found = set.iter().find(|(n, _)| *n == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let both = read(&[
            ("https_proxy", "a:1"),
            ("HTTPS_PROXY", "b:2"),
            ("NO_PROXY", ""),
        ]);
        assert_eq!((both.https.as_deref(), both.none), (Some("a:1"), None));
        assert_eq!(read(&[("HTTP_PROXY", "a:1")]).http.as_deref(), Some("a:1"));
        assert_eq!(
            read(&[("HTTP_PROXY", "a:1"), ("REQUEST_METHOD", "GET")]).http,
            None
        );
    }

    #[test]
    fn a_proxy_is_chosen_by_scheme_and_host() {
        let proxies = Proxies {
            https: Some("http://me:secret@secure.example:3128".into()),
            http: None,
            all: Some("any.example:8080".into()),
            none: Some("localhost, .corp.example,iana.test,::1".into()),
        };
        let host = |secure, host| {
            let proxy = proxies.between(secure, host).unwrap();
            proxy.map(|p| format!("{}:{}", p.host(), p.port()))
        };
        assert_eq!(host(true, "www.iana.org").unwrap(), "secure.example:3128");
        assert_eq!(host(false, "www.iana.org").unwrap(), "any.example:8080");
        for direct in [
            "localhost",
            "a.corp.example",
            "corp.example",
            "www.IANA.test",
            "[::1]",
        ] {
            assert_eq!(host(true, direct), None, "{direct}");
        }
        assert!(host(true, "notiana.test").is_some());
        assert_eq!(format!("{proxies:?}"), "Proxies");
        let wrong = Proxies {
            https: Some("socks5://a:1".into()),
            ..Proxies::default()
        };
        assert!(wrong.between(true, "a").is_err());
    }
}
