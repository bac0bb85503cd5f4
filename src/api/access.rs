//! Who may ask what: closed by default, because an open endpoint spends its owner's money.
//!
//! - Without `API_TOKENS` every workflow route refuses, with one exception: `development` asked through a loopback host
//!   name. A deployed `development` has another name and is closed. So is one that is reached by DNS rebinding, because
//!   its Host is the attacker's. So is one behind a proxy that says so, because then the Host is what the proxy makes
//!   of it. nginx's plain `proxy_pass` says nothing and is not seen, so whoever listens beyond loopback needs tokens.
//! - With tokens, in every environment, a request needs one of them.
//! - A request that changes something must not come from another site's page, unless its origin is allowed. Where no
//!   token is asked for, `*` allows no more than loopback origins, because any page could spend the owner's money.

use super::authority::{Authority, Origin};
use super::host::Host;
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
    pub host: Host,
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
    /// A header that a proxy has added: see [`is_of_a_proxy`]. Of interest only to [`Access::is_open`].
    pub proxy_header: Option<&'a str>,
}

/// True for the name of a header by which a proxy says that it has forwarded the request: RFC 7239, RFC 9110 section
/// 7.6.3, and the common ones.
pub fn is_of_a_proxy(header: &str) -> bool {
    let name = header.to_ascii_lowercase();
    matches!(name.as_str(), "forwarded" | "via" | "x-real-ip") || name.starts_with("x-forwarded-")
}

impl Access {
    /// Whose workflows the request may see, or why none. For routes of [`super::routes::Route::needs_access`].
    pub fn authorize(&self, head: &RequestHead) -> Result<Tenant, Problem> {
        self.check_origin(head)?;
        if self.tokens.is_empty() {
            return match head.proxy_header {
                _ if !self.is_local_development(head) => Err(self.not_configured(head.host)),
                Some(header) => Err(self.behind_a_proxy(header)),
                None => Ok(Tenant::default_tenant()),
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

    /// Without tokens, `development` is open to whoever asks through a loopback host name.
    pub fn is_open(&self) -> bool {
        self.environment == Environment::Development && self.tokens.is_empty()
    }

    /// Pages of every origin may read answers, also of `null`.
    pub fn allows_every_origin(&self) -> bool {
        self.allowed_origins == AllowedOrigins::Any && !self.is_open()
    }

    /// Pages of this origin may read answers (CORS) and change things.
    pub fn allows_origin(&self, origin: &str) -> bool {
        if self.allows_every_origin() {
            return true;
        }
        let is_listed = |origin: &Origin| match &self.allowed_origins {
            AllowedOrigins::Any => false,
            AllowedOrigins::Listed(listed) => listed.contains(origin),
        };
        Origin::parse(origin).is_some_and(|origin| {
            is_listed(&origin) || (self.environment == Environment::Development && origin.is_loopback())
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

    fn not_configured(&self, host: &str) -> Problem {
        let detail = match self.environment {
            Environment::Development => format!(
                "without tokens this deployment answers only as localhost, and the request came for {}",
                shown(host)
            ),
            Environment::Staging | Environment::Production => {
                "this deployment is closed until it has tokens".to_owned()
            }
        };
        Problem::new(ProblemType::AuthNotConfigured, format!("{detail}: {}", self.remedy()))
    }

    fn behind_a_proxy(&self, header: &str) -> Problem {
        let detail = format!(
            "the request has the header {}, so a proxy stands before this deployment and its host name does not show \
             who asks: {}",
            shown(header),
            self.remedy()
        );
        Problem::new(ProblemType::AuthNotConfigured, detail)
    }

    /// The steps that give this deployment tokens. Nothing tells a deployed `development` from one under `npm start`,
    /// because a tunnel adds all that Cloudflare does, so there both are named.
    fn remedy(&self) -> String {
        let local = match (self.environment, self.host) {
            (Environment::Development, Host::Cloudflare) => {
                "under `npm start` its owner runs `echo \"API_TOKENS=me:$(openssl rand -hex 32)\" >> .dev.vars` in the \
                 folder of the start, and starts it again; where it is deployed, "
            }
            _ => "",
        };
        format!(
            "{local}{}; the value is me: and the output of `openssl rand -hex 32`, which requests then send, without \
             the me:, as Authorization: Bearer TOKEN",
            self.host.steps_to_set("API_TOKENS", self.environment)
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn access(environment: Environment, tokens: &str) -> Access {
        Access {
            environment,
            host: Host::default(),
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
            proxy_header: None,
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
            assert!(problem.detail().contains(&format!("{host:?}")), "{}", problem.detail());
        }
        for environment in [Environment::Staging, Environment::Production] {
            assert_eq!(status(access(environment, "").authorize(&post("localhost:8787"))), 503);
        }
    }

    #[test]
    fn open_development_is_closed_behind_a_proxy() {
        for header in [
            "forwarded",
            "Via",
            "X-Forwarded-For",
            "x-forwarded-host",
            "X-FORWARDED-PROTO",
            "x-forwarded-anything",
            "X-Real-IP",
        ] {
            assert!(is_of_a_proxy(header), "{header}");
            let head = RequestHead {
                proxy_header: Some(header),
                ..post("localhost:8787")
            };
            let problem = access(Environment::Development, "").authorize(&head).unwrap_err();
            assert_eq!(problem.kind(), ProblemType::AuthNotConfigured, "{header}");
            assert!(problem.detail().contains(header));
            let with_token = RequestHead {
                authorization: Some("Bearer 0123456789abcdef"),
                ..head
            };
            let tokens = format!("alice:{TOKEN}");
            assert_eq!(
                status(access(Environment::Development, &tokens).authorize(&with_token)),
                200
            );
        }
        for header in [
            "host",
            "x-forwarded",
            "x-real",
            "viable",
            "mf-original-url",
            "cf-connecting-ip",
            "accept",
        ] {
            assert!(!is_of_a_proxy(header), "{header}");
        }
    }

    #[test]
    fn whoever_is_refused_for_want_of_tokens_reads_the_commands_that_give_them() {
        let secret = |flag: &str| format!("`npx wrangler secret put API_TOKENS {flag}`");
        let local = "`echo \"API_TOKENS=me:$(openssl rand -hex 32)\" >> .dev.vars`";
        for (environment, flag) in [
            (Environment::Development, "--env development"),
            (Environment::Staging, "--env staging"),
            (Environment::Production, "--env=\"\""),
        ] {
            for (host, proxy_header) in [("192.168.1.5:8787", None), ("localhost:8787", Some("via"))] {
                let head = RequestHead {
                    proxy_header,
                    ..post(host)
                };
                let problem = access(environment, "").authorize(&head).unwrap_err();
                let detail = problem.detail();
                assert_eq!(problem.kind(), ProblemType::AuthNotConfigured);
                assert!(detail.contains(&secret(flag)), "{detail}");
                assert_eq!(
                    detail.contains(local),
                    environment == Environment::Development,
                    "{detail}"
                );
            }
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
                proxy_header: Some("x-forwarded-for"),
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

    #[test]
    fn a_star_allows_no_more_than_loopback_where_no_token_is_asked_for() {
        let any = |environment, tokens: &str| Access {
            allowed_origins: AllowedOrigins::Any,
            ..access(environment, tokens)
        };
        let open = any(Environment::Development, "");
        assert!(open.allows_origin("http://localhost:3000") && open.allows_origin("http://127.0.0.1:8787"));
        for origin in ["https://anything.example", "null", ""] {
            assert!(!open.allows_origin(origin), "{origin}");
            let head = RequestHead {
                origin: Some(origin),
                ..post("localhost:8787")
            };
            assert_eq!(status(open.authorize(&head)), 403, "{origin}");
        }
        let with_tokens = any(Environment::Development, &format!("alice:{TOKEN}"));
        assert!(with_tokens.allows_origin("https://anything.example"));
        let listed = with_origins(access(Environment::Development, ""), &["https://app.example"]);
        assert!(listed.allows_origin("https://app.example") && !listed.allows_origin("https://anything.example"));
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
                proxy_header: None,
            };
            let closed = access(Environment::Production, &format!("alice:{TOKEN}"));
            proptest::prop_assert!(matches!(status(closed.authorize(&head)), 401 | 403));
            let _ = access(Environment::Development, "").authorize(&head);
            let _ = crate::api::cors::answer_headers(&closed, origin.as_deref(), true);
        }
    }
}
