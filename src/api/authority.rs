//! Host names, origins and base URLs, read strictly. A URL library would mend what it can, and the `url` crate costs
//! 80 KB.
//!
//! Anything that is not plainly well-formed is refused, above all other spellings of an address (`127.1`, `0x7f000001`,
//! `localhost.`), because access in development rests on a loopback name in the request.

use std::net::{Ipv4Addr, Ipv6Addr};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// In lower case.
    Name(String),
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

/// `host[:port]`, as in the Host header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    pub host: Host,
    pub port: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

/// A web origin as browsers send it (RFC 6454): scheme, host, port and nothing else. `null` is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    /// Without the scheme's own port.
    authority: Authority,
}

/// Where an HTTP API begins, `https://host[:port][/path]`, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    authority: Authority,
}

impl Host {
    fn parse(text: &str) -> Option<Host> {
        if let Some(inner) = text.strip_prefix('[') {
            return inner.strip_suffix(']')?.parse().ok().map(Host::V6);
        }
        let well_formed = |label: &str| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        if text.len() > 253 || !text.split('.').all(well_formed) {
            return None;
        }
        // A name whose last label is a number is an address in some spelling (URL Standard, "ends in a number
        // checker").
        let last = text.rsplit('.').next().unwrap_or_default();
        if last.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
            let numeric =
                last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") || last.starts_with("0X");
            if numeric {
                return text.parse().ok().map(Host::V4);
            }
        }
        Some(Host::Name(text.to_ascii_lowercase()))
    }

    /// `localhost`, its subdomains, 127.0.0.0/8 and `::1`: names that lead nowhere but to the same machine (RFC 6761
    /// section 6.3).
    pub fn is_loopback(&self) -> bool {
        match self {
            Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::V4(address) => address.is_loopback(),
            Host::V6(address) => address.is_loopback(),
        }
    }
}

impl Authority {
    pub fn parse(text: &str) -> Option<Authority> {
        // The colons of an IPv6 address stand before the bracket.
        let after_host = text.rfind(']').map_or(0, |bracket| bracket + 1);
        let colon = text.get(after_host..)?.find(':').map(|at| after_host + at);
        let (host, port) = match colon {
            Some(at) => (text.get(..at)?, Some(parse_port(text.get(at + 1..)?)?)),
            None => (text, None),
        };
        Some(Authority {
            host: Host::parse(host)?,
            port,
        })
    }
}

impl Scheme {
    fn split(text: &str) -> Option<(Scheme, &str)> {
        let (scheme, rest) = text.split_once("://")?;
        match () {
            () if scheme.eq_ignore_ascii_case("http") => Some((Scheme::Http, rest)),
            () if scheme.eq_ignore_ascii_case("https") => Some((Scheme::Https, rest)),
            () => None,
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl Origin {
    pub fn parse(text: &str) -> Option<Origin> {
        let (scheme, authority) = Scheme::split(text)?;
        let authority = without_port(Authority::parse(authority)?, scheme.default_port());
        Some(Origin { scheme, authority })
    }

    /// The origin's own pages ask this host. The scheme is not compared: behind a proxy that ends TLS it differs.
    pub fn is_of(&self, host: &Authority) -> bool {
        self.authority == without_port(host.clone(), self.scheme.default_port())
    }

    pub fn is_loopback(&self) -> bool {
        self.authority.host.is_loopback()
    }
}

impl BaseUrl {
    pub fn parse(text: &str) -> Option<BaseUrl> {
        let (_, rest) = Scheme::split(text)?;
        let (authority, path) = match rest.find('/') {
            Some(at) => (rest.get(..at)?, rest.get(at..)?),
            None => (rest, ""),
        };
        let plain = |byte: u8| {
            byte.is_ascii_graphic()
                && !matches!(
                    byte,
                    b'?' | b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
                )
        };
        if text.len() > 2_000 || !path.bytes().all(plain) {
            return None;
        }
        let authority = Authority::parse(authority)?;
        Some(BaseUrl {
            text: text.trim_end_matches('/').to_owned(),
            authority,
        })
    }

    /// OpenAI's own service.
    pub fn openai() -> BaseUrl {
        let host = Host::Name("api.openai.com".to_owned());
        BaseUrl {
            text: "https://api.openai.com/v1".to_owned(),
            authority: Authority { host, port: None },
        }
    }

    /// Where Ollama listens unless told otherwise.
    pub fn ollama() -> BaseUrl {
        let authority = Authority {
            host: Host::V4(Ipv4Addr::LOCALHOST),
            port: Some(11434),
        };
        BaseUrl {
            text: "http://127.0.0.1:11434".to_owned(),
            authority,
        }
    }

    /// Ollama's own API lies beside its OpenAI-compatible one, whose base URL ends in `/v1`.
    pub fn without_v1(mut self) -> BaseUrl {
        if let Some(own) = self.text.strip_suffix("/v1") {
            self.text.truncate(own.len());
        }
        self
    }

    /// For `{base}/chat/completions`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn host(&self) -> &Host {
        &self.authority.host
    }

    /// OpenAI's own service, which answers nobody without a key.
    pub fn is_openai(&self) -> bool {
        matches!(self.host(), Host::Name(name) if name == "api.openai.com" || name.ends_with(".api.openai.com"))
    }
}

/// Digits only: `u16::from_str` would take `+80` as well.
fn parse_port(text: &str) -> Option<u16> {
    let digits = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn without_port(authority: Authority, default_port: u16) -> Authority {
    Authority {
        port: authority.port.filter(|port| *port != default_port),
        ..authority
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn loopback(host: &str) -> bool {
        Authority::parse(host).is_some_and(|authority| authority.host.is_loopback())
    }

    #[test]
    fn loopback_names_are_recognised_with_and_without_a_port() {
        for host in [
            "localhost",
            "LOCALHOST:8787",
            "app.localhost",
            "127.0.0.1:8787",
            "127.8.9.10",
            "[::1]",
            "[::1]:80",
            "[0:0:0:0:0:0:0:1]",
        ] {
            assert!(loopback(host), "{host}");
        }
    }

    #[test]
    fn names_that_only_look_like_loopback_are_not() {
        for host in [
            "",
            "localhost.evil.com",
            "evil-localhost",
            "notlocalhost",
            "localhost.",
            ".localhost",
            "a..localhost",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "127.0.0.01",
            "127.0.0.1.",
            "127.0.0.1.nip.io",
            "0.0.0.0",
            "::1",
            "[::1",
            "[::1]x",
            "[::1]:",
            "[::ffff:127.0.0.1]",
            "localhost:",
            "localhost:+80",
            "localhost:99999",
            "localhost:80:80",
            "user@localhost",
            "localhost/x",
            "localhost\\x",
            " localhost",
            "localhost\0",
            "evil.com#.localhost",
            "evil.com?.localhost",
            "ｌocalhost",
        ] {
            assert!(!loopback(host), "{host}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(
            Origin::parse("https://example.com"),
            Origin::parse("https://EXAMPLE.com:443")
        );
        assert_ne!(
            Origin::parse("https://example.com"),
            Origin::parse("http://example.com")
        );
        for text in [
            "null",
            "",
            "example.com",
            "https://example.com/",
            "https://user@example.com",
            "ftp://example.com",
            "https://",
        ] {
            assert_eq!(Origin::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_origin_knows_its_own_host() {
        let of = |origin: &str, host: &str| Origin::parse(origin).unwrap().is_of(&Authority::parse(host).unwrap());
        assert!(of("https://example.com", "example.com"));
        assert!(of("https://example.com", "example.com:443"));
        assert!(of("http://localhost:8787", "localhost:8787"));
        assert!(!of("http://localhost:8787", "localhost:8788"));
        assert!(!of("https://evil.com", "example.com"));
        assert!(!of("http://127.0.0.1:8787", "localhost:8787"));
    }

    #[test]
    fn a_base_url_loses_its_last_slash() {
        assert_eq!(
            BaseUrl::parse("http://127.0.0.1:11434/v1/").unwrap().as_str(),
            "http://127.0.0.1:11434/v1"
        );
        for default in [BaseUrl::openai(), BaseUrl::ollama()] {
            assert_eq!(BaseUrl::parse(default.as_str()), Some(default));
        }
        assert!(BaseUrl::openai().is_openai());
        assert!(BaseUrl::parse("https://eu.api.openai.com").unwrap().is_openai());
        assert!(
            !BaseUrl::parse("https://api.openai.com.evil.com/v1")
                .unwrap()
                .is_openai()
        );
        for text in [
            "",
            "api.openai.com/v1",
            "ftp://x",
            "https://",
            "https:///v1",
            "https://x/v1?a=b",
            "https://x/#a",
            "https://a:b@x/v1",
            "https://x/a b",
            "file:///etc",
        ] {
            assert_eq!(BaseUrl::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parsers_panic(text in any::<String>()) {
            let _ = (Authority::parse(&text), Origin::parse(&text), BaseUrl::parse(&text));
            let _ = (Origin::parse(&format!("http://{text}")), BaseUrl::parse(&format!("https://{text}")));
        }
    }
}
