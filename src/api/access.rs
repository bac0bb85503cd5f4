//! Who may ask what: closed by default, because an open endpoint spends its owner's money.
//!
//! - Without `API_TOKENS` every workflow route refuses, with one exception: `development` asked through a loopback host
//!   name. A deployed `development` has another name and is closed. So is one that is reached by DNS rebinding, because
//!   its Host is the attacker's.
//! - With tokens, in every environment, a request needs one of them.
//! - A request that changes something must not come from another site's page, unless its origin is allowed.

use super::authority::{Authority, Origin};
use super::id::Tenant;
use super::problem::{Problem, ProblemType, shown};
use super::tokens::Tokens;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(schemars::JsonSchema),
    schemars(rename_all = "lowercase")
)]
pub enum Environment {
    Development,
    Staging,
    Production,
}

impl Environment {
    pub fn as_str(self) -> &'static str {
        match self {
            Environment::Development => "development",
            Environment::Staging => "staging",
            Environment::Production => "production",
        }
    }
}

/// `ALLOWED_ORIGINS`: whose pages may use this deployment from a browser, beside its own.
#[derive(Clone, Debug, PartialEq)]
pub enum AllowedOrigins {
    Listed(Vec<Origin>),
    /// `*`
    Any,
}

/// The part of the configuration that opens and closes doors.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    pub environment: Environment,
    pub tokens: Tokens,
    pub allowed_origins: AllowedOrigins,
}

/// The part of a request's head that decides who may ask.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    pub method: &'a str,
    /// `host[:port]` as the client asked for it: of the request's URL, which the runtime makes from the Host header.
    pub host: &'a str,
    pub origin: Option<&'a str>,
    pub authorization: Option<&'a str>,
}

impl Access {
    /// Whose workflows the request may see, or why none. For routes of [`super::routes::Route::needs_access`].
    pub fn authorize(&self, head: &RequestHead) -> Result<Tenant, Problem> {
        self.check_origin(head)?;
        if self.tokens.is_empty() {
            return if self.is_local_development(head) {
                Ok(Tenant::default_tenant())
            } else {
                Err(not_configured())
            };
        }
        let presented = head
            .authorization
            .ok_or_else(|| unauthorized("send the header Authorization: Bearer TOKEN", None))?;
        let token = bearer(presented)
            .ok_or_else(|| unauthorized("the Authorization header is not of the form Bearer TOKEN", None))?;
        let tenant = self.tokens.tenant_of(token);
        tenant
            .cloned()
            .ok_or_else(|| unauthorized("this token is not one of API_TOKENS", Some("invalid_token")))
    }

    /// Pages of this origin may read answers (CORS) and change things. `null` is an origin that only `*` allows.
    pub fn allows_origin(&self, origin: &str) -> bool {
        let parsed = Origin::parse(origin);
        let listed = match &self.allowed_origins {
            AllowedOrigins::Any => return true,
            AllowedOrigins::Listed(listed) => listed,
        };
        parsed.is_some_and(|origin| {
            listed.contains(&origin) || (self.environment == Environment::Development && origin.is_loopback())
        })
    }

    /// Browsers send an Origin with every request that can change something, also with those that need no preflight,
    /// such as a form's `text/plain`. Programs send none and are let through to the token check.
    fn check_origin(&self, head: &RequestHead) -> Result<(), Problem> {
        let Some(origin) = head.origin.filter(|_| !is_safe(head.method)) else {
            return Ok(());
        };
        let own = Authority::parse(head.host)
            .zip(Origin::parse(origin))
            .is_some_and(|(host, origin)| origin.is_of(&host));
        if own || self.allows_origin(origin) {
            return Ok(());
        }
        let detail = format!(
            "pages of {} may not use this deployment: its owner can add the origin to ALLOWED_ORIGINS",
            shown(origin)
        );
        Err(Problem::new(ProblemType::OriginNotAllowed, detail))
    }

    fn is_local_development(&self, head: &RequestHead) -> bool {
        let loopback = || Authority::parse(head.host).is_some_and(|authority| authority.host.is_loopback());
        self.environment == Environment::Development && loopback()
    }
}

/// RFC 9110 section 9.2.1.
fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

/// RFC 6750 section 2.1; the scheme's name in any case.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    let token = token.trim_start();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn unauthorized(detail: &str, error: Option<&str>) -> Problem {
    // RFC 6750 section 3: no error code where no token was given.
    let error = error.map(|code| format!(", error=\"{code}\"")).unwrap_or_default();
    Problem::new(ProblemType::InvalidToken, detail).with_header(
        "www-authenticate",
        format!("Bearer realm=\"orchestrator-workers\"{error}"),
    )
}

fn not_configured() -> Problem {
    Problem::new(
        ProblemType::AuthNotConfigured,
        "this deployment is closed until it has tokens: its owner runs `npx wrangler secret put API_TOKENS` (with the \
         same --env as the deployment) and enters name:token, for example me: and the output of \
         `openssl rand -hex 32`; then requests send Authorization: Bearer TOKEN",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn access(environment: Environment, tokens: &str) -> Access {
        Access {
            environment,
            tokens: Tokens::parse(tokens).unwrap(),
            allowed_origins: AllowedOrigins::Listed(Vec::new()),
        }
    }

    fn with_origins(access: Access, origins: &[&str]) -> Access {
        let listed = origins.iter().map(|origin| Origin::parse(origin).unwrap()).collect();
        Access {
            allowed_origins: AllowedOrigins::Listed(listed),
            ..access
        }
    }

    fn post(host: &'static str) -> RequestHead<'static> {
        RequestHead {
            method: "POST",
            host,
            origin: None,
            authorization: None,
        }
    }

    fn status(result: Result<Tenant, Problem>) -> u16 {
        result.map_or_else(|problem| problem.status(), |_| 200)
    }

    #[test]
    fn without_tokens_only_local_development_is_open() {
        let development = access(Environment::Development, "");
        for host in ["localhost:8787", "127.0.0.1", "[::1]:8787", "app.localhost"] {
            assert_eq!(
                development.authorize(&post(host)).unwrap().as_str(),
                "default",
                "{host}"
            );
        }
        for host in [
            "dev.example.workers.dev",
            "192.168.1.5:8787",
            "0.0.0.0:8787",
            "evil.com",
            "localhost.evil.com",
            "",
        ] {
            let problem = development.authorize(&post(host)).unwrap_err();
            assert_eq!(problem.kind(), ProblemType::AuthNotConfigured, "{host}");
            assert!(problem.detail().contains("npx wrangler secret put API_TOKENS"));
        }
        for environment in [Environment::Staging, Environment::Production] {
            assert_eq!(status(access(environment, "").authorize(&post("localhost:8787"))), 503);
        }
    }

    #[test]
    fn without_tokens_reading_is_closed_too() {
        let head = RequestHead {
            method: "GET",
            authorization: Some("Bearer "),
            ..post("example.com")
        };
        assert_eq!(status(access(Environment::Production, "").authorize(&head)), 503);
    }

    #[test]
    fn configured_tokens_are_asked_for_in_every_environment() {
        for environment in [Environment::Development, Environment::Staging, Environment::Production] {
            let access = access(environment, &format!("alice:{TOKEN}"));
            for authorization in [
                None,
                Some(""),
                Some("Bearer"),
                Some("Bearer "),
                Some("Basic 0123456789abcdef"),
                Some("Bearer wrong"),
                Some(TOKEN),
            ] {
                let problem = access
                    .authorize(&RequestHead {
                        authorization,
                        ..post("localhost:8787")
                    })
                    .unwrap_err();
                assert_eq!(problem.status(), 401);
                assert!(
                    problem
                        .headers()
                        .any(|(name, value)| name == "www-authenticate" && value.starts_with("Bearer"))
                );
                assert!(!problem.to_json().contains(TOKEN));
            }
            for authorization in ["Bearer 0123456789abcdef", "bearer   0123456789abcdef "] {
                let head = RequestHead {
                    authorization: Some(authorization),
                    ..post("localhost:8787")
                };
                assert_eq!(access.authorize(&head).unwrap().as_str(), "alice");
            }
        }
    }

    #[test]
    fn another_sites_page_may_not_change_anything() {
        let access = with_origins(
            access(Environment::Production, &format!("alice:{TOKEN}")),
            &["https://app.example"],
        );
        let asked = |method, origin| {
            let head = RequestHead {
                method,
                host: "api.example",
                origin: Some(origin),
                authorization: Some("Bearer 0123456789abcdef"),
            };
            status(access.authorize(&head))
        };
        for origin in [
            "https://evil.example",
            "null",
            "https://api.example.evil",
            "http://localhost:3000",
            "",
            "https://app.example:444",
            "http://app.example",
        ] {
            assert_eq!(asked("POST", origin), 403, "{origin}");
            assert_eq!(asked("DELETE", origin), 403, "{origin}");
            assert_eq!(asked("GET", origin), 200, "{origin}");
        }
        for origin in [
            "https://api.example",
            "http://api.example",
            "https://app.example",
            "https://APP.example:443",
        ] {
            assert_eq!(asked("POST", origin), 200, "{origin}");
        }
    }

    #[test]
    fn development_lets_loopback_pages_in_and_nobody_else() {
        let development = access(Environment::Development, "");
        let asked = |origin| {
            status(development.authorize(&RequestHead {
                origin: Some(origin),
                ..post("localhost:8787")
            }))
        };
        assert_eq!(asked("http://localhost:3000"), 200);
        assert_eq!(asked("http://127.0.0.1:8787"), 200);
        assert_eq!(asked("https://evil.com"), 403);
        assert_eq!(asked("null"), 403);
    }

    #[test]
    fn a_star_allows_every_origin() {
        let access = Access {
            allowed_origins: AllowedOrigins::Any,
            ..access(Environment::Production, &format!("alice:{TOKEN}"))
        };
        assert!(access.allows_origin("https://anything.example") && access.allows_origin("null"));
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn no_header_opens_a_door_or_panics(
            host in ".{0,40}",
            origin in proptest::option::of(".{0,40}"),
            authorization in proptest::option::of("(Bearer ?)?.{0,40}"),
        ) {
            let head = RequestHead {
                method: "POST",
                host: &host,
                origin: origin.as_deref(),
                authorization: authorization.as_deref(),
            };
            let closed = access(Environment::Production, &format!("alice:{TOKEN}"));
            proptest::prop_assert!(matches!(status(closed.authorize(&head)), 401 | 403));
            let _ = access(Environment::Development, "").authorize(&head);
            let _ = crate::api::cors::answer_headers(&closed, origin.as_deref(), true);
        }
    }
}
