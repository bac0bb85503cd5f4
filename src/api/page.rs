//! The web console's page: which requests it answers, with which status, and the headers it goes out with.
//!
//! The page is the same for every path, holds no data and needs no token. It asks the API for everything that it shows.
//! Where a path does not exist it says so, with the status that a client of the API gets for the same request.

use super::negotiation::{Form, negotiate};
use super::problem::Problem;
use super::routes::Route;

/// Where the page lies among the static assets. No request reaches it by this path: it is no workflow's id.
pub const PAGE_PATH: &str = "/index.html";

/// The Content-Security-Policy lets the page load its own files and ask its own origin, and nothing else: no inline
/// script or style, no eval, no picture, frame or form to anywhere, so that a model's answer could not do harm even if
/// the sanitiser let something through. With `require-trusted-types-for`, no string ever becomes HTML but by the
/// sanitiser (DOMPurify).
pub const PAGE_HEADERS: [(&str, &str); 8] = [
    ("content-type", "text/html; charset=utf-8"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    // It names its files by their hash, which changes with each build.
    ("cache-control", "no-cache"),
];

/// What a browser gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// `/`, `/workflows`, `/ID` or `/workflows/ID`.
    Console,
    /// There is no such path, or none that can be looked at.
    Nothing(Problem),
}

impl Page {
    /// The page that a browser asks for with this request. None where `Accept` prefers JSON, and where the path is a
    /// route that has no page.
    pub fn of(method: &str, path: &str, accept: Option<&str>) -> Option<Page> {
        Page::at(method, path).filter(|_| negotiate(accept, &[Form::Json, Form::Html], Form::Json) == Form::Html)
    }

    /// The page at a path, whatever `Accept` says.
    fn at(method: &str, path: &str) -> Option<Page> {
        if !matches!(method, "GET" | "HEAD") {
            return None;
        }
        match Route::parse(method, path) {
            Ok(Route::Index | Route::List | Route::Status(_)) => Some(Page::Console),
            Ok(_) => None,
            Err(problem) => Some(Page::Nothing(problem)),
        }
    }

    pub fn status(&self) -> u16 {
        match self {
            Page::Console => 200,
            Page::Nothing(problem) => problem.status(),
        }
    }

    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let allow = match self {
            Page::Console => None,
            Page::Nothing(problem) => problem.headers().find(|(name, _)| *name == "allow"),
        };
        PAGE_HEADERS.into_iter().chain(allow)
    }
}

/// True where `Accept` decides between the page and JSON, or between Markdown and JSON, which caches must know of every
/// answer: see [`super::cors::answer_headers`].
pub fn is_by_accept(method: &str, path: &str) -> bool {
    Page::at(method, path).is_some() || matches!(Route::parse(method, path), Ok(Route::Result(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Chromium and Firefox send for a page.
    const BROWSER: Option<&str> = Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

    fn status(method: &str, path: &str, accept: Option<&str>) -> Option<u16> {
        Page::of(method, path, accept).map(|page| page.status())
    }

    #[test]
    fn browsers_get_the_page_and_clients_of_the_api_get_json() {
        for path in [
            "/",
            "/01a20509-9030-722b-af4c-9b1d15ef349b",
            "/my_id",
            "/workflows/my_id",
        ] {
            assert_eq!(status("GET", path, BROWSER), Some(200), "{path}");
            assert_eq!(status("HEAD", path, BROWSER), Some(200), "{path}");
            for accept in [None, Some("*/*"), Some("application/json"), Some("text/markdown")] {
                assert_eq!(status("GET", path, accept), None, "{path} {accept:?}");
            }
        }
    }

    #[test]
    fn a_browser_at_a_path_that_does_not_exist_gets_the_page_with_the_status_of_the_api() {
        let long = format!("/{}", "x".repeat(200));
        for path in [
            "/a%20b",
            "/%zz",
            "/a/b/c",
            &long,
            "/usage",
            "/tenants",
            "/workflows/",
            "/workflows/w1/pause",
            "/w1/pause",
            "/w1/unknown",
            "/index.html",
            "/favicon.ico",
        ] {
            let api = Route::parse("GET", path).unwrap_err().status();
            for method in ["GET", "HEAD"] {
                assert_eq!(status(method, path, BROWSER), Some(api), "{method} {path}");
            }
            for accept in [
                None,
                Some("*/*"),
                Some("application/json"),
                Some("image/avif,*/*;q=0.8"),
            ] {
                assert_eq!(status("GET", path, accept), None, "{path} {accept:?}");
            }
            assert!(is_by_accept("GET", path), "{path}");
        }
        let page = Page::of("GET", "/w1/pause", BROWSER).unwrap();
        assert!(page.headers().any(|header| header == ("allow", "POST, OPTIONS")));
        assert!(
            page.headers()
                .all(|(_, value)| value != super::super::problem::PROBLEM_JSON)
        );
    }

    #[test]
    fn nothing_else_is_a_page() {
        for (method, path) in [
            ("POST", "/"),
            ("DELETE", "/w1"),
            ("DELETE", "/a b"),
            ("POST", "/no/such/path"),
            ("GET", "/health"),
            ("GET", "/openapi.json"),
            ("QUERY", "/w1"),
            ("GET", "/w1/events"),
        ] {
            assert_eq!(status(method, path, BROWSER), None, "{method} {path}");
            assert!(!is_by_accept(method, path), "{method} {path}");
        }
        for path in ["/w1/result", "/workflows/w1/result"] {
            assert_eq!(status("GET", path, BROWSER), None, "{path}");
            assert!(is_by_accept("GET", path), "{path}");
        }
    }
}
