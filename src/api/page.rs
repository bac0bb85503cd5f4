//! The web console's page: which requests it answers, and the headers it goes out with.
//!
//! The page is the same for every path, holds no data and needs no token. It asks the API for everything that it shows.

use super::negotiation::{Form, negotiate};
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
    // The names of its files change with each build.
    ("cache-control", "no-cache"),
];

/// True where a browser asks for `/`, `/ID` or `/workflows/ID` as a page.
pub fn is_asked_for(method: &str, path: &str, accept: Option<&str>) -> bool {
    is_page(method, path) && negotiate(accept, &[Form::Json, Form::Html], Form::Json) == Form::Html
}

/// True where `Accept` decides between the page and JSON, which caches must know of every answer: see
/// [`super::cors::answer_headers`].
pub fn is_page(method: &str, path: &str) -> bool {
    matches!(Route::parse(method, path), Ok(Route::Index | Route::Status(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Chromium and Firefox send for a page.
    const BROWSER: Option<&str> = Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

    #[test]
    fn browsers_get_the_page_and_clients_of_the_api_get_json() {
        for path in [
            "/",
            "/01a20509-9030-722b-af4c-9b1d15ef349b",
            "/my_id",
            "/workflows/my_id",
        ] {
            assert!(is_asked_for("GET", path, BROWSER), "{path}");
            assert!(is_asked_for("HEAD", path, BROWSER), "{path}");
            for accept in [None, Some("*/*"), Some("application/json"), Some("text/markdown")] {
                assert!(!is_asked_for("GET", path, accept), "{path} {accept:?}");
            }
        }
    }

    #[test]
    fn nothing_else_is_a_page() {
        for (method, path) in [
            ("POST", "/"),
            ("DELETE", "/w1"),
            ("GET", "/health"),
            ("GET", "/workflows"),
            ("QUERY", "/w1"),
            ("GET", "/w1/events"),
            ("GET", "/w1/result"),
            ("GET", "/index.html"),
        ] {
            assert!(!is_asked_for(method, path, BROWSER), "{method} {path}");
        }
    }
}
