//! Which pages of other sites may read the answers (the Fetch Standard's CORS protocol). Nobody's by default.
//!
//! The entry decides it before anything else, and `main.js` puts these headers on whatever the answer becomes, be it a
//! page or the problem of a wrong configuration, of an object or of a crash. Without them a page can't read why its
//! request failed.
//!
//! Credentials in the sense of cookies are never allowed, because a token travels in the Authorization header, which a
//! page must set itself.

use super::access::Access;
use super::problem::Headers;

const METHODS: &str = "GET, HEAD, POST, DELETE, OPTIONS";
/// `authorization` must be named: `*` does not cover it.
const REQUEST_HEADERS: &str =
    "authorization, content-type, content-encoding, accept, prefer, idempotency-key, last-event-id, if-none-match";
pub(super) const EXPOSED_HEADERS: &str =
    "etag, location, retry-after, preference-applied, www-authenticate, allow, accept-post, accept-encoding";
pub(super) const VARY: &str = "Origin";
pub(super) const VARY_BY_ACCEPT: &str = "Accept, Origin";
/// Browsers keep a preflight for at most two hours.
const MAX_AGE_SECONDS: &str = "7200";

/// The headers that every answer to this origin brings, errors included. `by_accept`: another `Accept` might have got
/// the console's page.
pub fn answer_headers(access: &Access, origin: Option<&str>, by_accept: bool) -> Headers {
    // Whether or not there are more headers: a cache must not hand one origin's answer to another, nor JSON to a
    // browser.
    let vary = if by_accept { VARY_BY_ACCEPT } else { VARY };
    let mut headers = vec![("vary", vary.to_owned())];
    if let Some(allowed) = origin.and_then(|origin| allow_origin(access, origin)) {
        headers.push(("access-control-allow-origin", allowed));
        headers.push(("access-control-expose-headers", EXPOSED_HEADERS.to_owned()));
    }
    headers
}

/// The headers of the 204 that answers OPTIONS. `allow`: the methods of the resource. A refused origin gets no CORS
/// header, which is how a browser learns it.
pub fn preflight_headers(access: &Access, origin: Option<&str>, allow: &'static str) -> Headers {
    let mut headers = vec![("allow", allow.to_owned()), ("vary", VARY.to_owned())];
    if let Some(allowed) = origin.and_then(|origin| allow_origin(access, origin)) {
        headers.push(("access-control-allow-origin", allowed));
        headers.push(("access-control-allow-methods", METHODS.to_owned()));
        headers.push(("access-control-allow-headers", REQUEST_HEADERS.to_owned()));
        headers.push(("access-control-max-age", MAX_AGE_SECONDS.to_owned()));
    }
    headers
}

/// An allowed origin is repeated as it came. Only those that parse are, so that the header stays well-formed.
fn allow_origin(access: &Access, origin: &str) -> Option<String> {
    let allowed = if access.allows_every_origin() { "*" } else { origin };
    access.allows_origin(origin).then(|| allowed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::access::{AllowedOrigins, Environment};
    use super::super::authority::Origin;
    use super::super::host::Host;
    use super::*;

    fn access(environment: Environment, allowed_origins: AllowedOrigins) -> Access {
        Access {
            environment,
            host: Host::default(),
            tokens: Default::default(),
            allowed_origins,
        }
    }

    fn value<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
        headers
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value.as_str())
    }

    #[test]
    fn by_default_no_page_of_another_site_reads_anything() {
        let access = access(Environment::Production, AllowedOrigins::Listed(Vec::new()));
        for origin in [
            None,
            Some("https://evil.example"),
            Some("null"),
            Some("http://localhost:3000"),
        ] {
            assert_eq!(answer_headers(&access, origin, false), [("vary", "Origin".to_owned())]);
            assert_eq!(
                answer_headers(&access, origin, true),
                [("vary", "Accept, Origin".to_owned())]
            );
            assert_eq!(
                value(
                    &preflight_headers(&access, origin, "GET"),
                    "access-control-allow-origin"
                ),
                None
            );
        }
    }

    #[test]
    fn a_listed_origin_is_named() {
        let listed = AllowedOrigins::Listed(vec![Origin::parse("https://app.example").unwrap()]);
        let access = access(Environment::Production, listed);
        let headers = answer_headers(&access, Some("https://app.example"), false);
        assert_eq!(
            value(&headers, "access-control-allow-origin"),
            Some("https://app.example")
        );
        assert!(
            value(&headers, "access-control-expose-headers")
                .unwrap()
                .contains("location")
        );
        assert_eq!(value(&headers, "access-control-allow-credentials"), None);
    }

    #[test]
    fn development_allows_loopback_origins() {
        let access = access(Environment::Development, AllowedOrigins::Listed(Vec::new()));
        let headers = preflight_headers(&access, Some("http://localhost:5173"), "GET, HEAD, POST, OPTIONS");
        assert_eq!(
            value(&headers, "access-control-allow-origin"),
            Some("http://localhost:5173")
        );
        assert_eq!(value(&headers, "allow"), Some("GET, HEAD, POST, OPTIONS"));
        for header in [
            "authorization",
            "content-type",
            "prefer",
            "idempotency-key",
            "last-event-id",
            "accept",
            "if-none-match",
        ] {
            assert!(
                value(&headers, "access-control-allow-headers")
                    .unwrap()
                    .contains(header),
                "{header}"
            );
        }
    }

    #[test]
    fn a_star_is_answered_with_a_star() {
        let access = access(Environment::Production, AllowedOrigins::Any);
        assert_eq!(
            value(
                &answer_headers(&access, Some("https://x.example"), false),
                "access-control-allow-origin"
            ),
            Some("*")
        );
        assert_eq!(
            value(&answer_headers(&access, None, false), "access-control-allow-origin"),
            None
        );
    }

    #[test]
    fn open_development_is_no_star() {
        let access = access(Environment::Development, AllowedOrigins::Any);
        let allowed = |origin| {
            let headers = answer_headers(&access, Some(origin), false);
            value(&headers, "access-control-allow-origin").map(str::to_owned)
        };
        assert_eq!(
            allowed("http://localhost:5173"),
            Some("http://localhost:5173".to_owned())
        );
        assert_eq!(allowed("https://x.example"), None);
    }
}
