//! Method and path to a [`Route`]. Paths are compared as they arrive, without decoding, because no id needs an escape.
//! So an escaped, doubled or trailing slash, a dot segment or another script is a path that does not exist.
//!
//! Workflows live below `/workflows`. The same routes at the root are aliases, as 0.1.0 has them, but a reserved word
//! is no id there, so that a new route hides no workflow.

use serde::{Deserialize, Serialize};

use super::id::WorkflowId;
use super::problem::{Problem, ProblemType, shown};

/// What a request asks for. HEAD is the same as GET: the transport leaves out the body, and opens no event stream for
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `GET /`: the console, or what this deployment is.
    Index,
    /// `GET /workflows`
    List,
    /// `POST /workflows`, or `POST /`.
    Submit(Collection),
    Health,
    Ready,
    /// `GET /openapi.json`.
    OpenApi,
    /// `GET /v1/access`: whose workflows the caller may see.
    Access,
    Status(WorkflowId),
    Delete(WorkflowId),
    Result(WorkflowId),
    Events(WorkflowId),
    Control(WorkflowId, ControlName),
    /// OPTIONS on a path that exists: a preflight, or the question what is allowed.
    Options {
        allow: &'static str,
    },
}

/// Where the workflows are that a client asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// `/`, as 0.1.0 has it.
    #[default]
    Root,
    /// `/workflows`
    Workflows,
}

/// The last part of `POST /:id/...`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlName {
    Pause,
    Resume,
    Terminate,
    Restart,
    Approve,
}

impl ControlName {
    pub const ALL: [ControlName; 5] = [
        ControlName::Pause,
        ControlName::Resume,
        ControlName::Terminate,
        ControlName::Restart,
        ControlName::Approve,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            ControlName::Pause => "pause",
            ControlName::Resume => "resume",
            ControlName::Terminate => "terminate",
            ControlName::Restart => "restart",
            ControlName::Approve => "approve",
        }
    }
}

impl Route {
    /// `path` without the query. 404 for an unknown path, 405 with Allow for a known one. A method that nobody knows is
    /// a wrong one.
    pub fn parse(method: &str, path: &str) -> Result<Route, Problem> {
        let resource = Resource::parse(path)?;
        let allow = resource.allow();
        match (method, resource) {
            ("OPTIONS", _) => Ok(Route::Options { allow }),
            ("GET" | "HEAD", Resource::Root) => Ok(Route::Index),
            ("POST", Resource::Root) => Ok(Route::Submit(Collection::Root)),
            ("GET" | "HEAD", Resource::Workflows) => Ok(Route::List),
            ("POST", Resource::Workflows) => Ok(Route::Submit(Collection::Workflows)),
            ("GET" | "HEAD", Resource::Health) => Ok(Route::Health),
            ("GET" | "HEAD", Resource::Ready) => Ok(Route::Ready),
            ("GET" | "HEAD", Resource::OpenApi) => Ok(Route::OpenApi),
            ("GET" | "HEAD", Resource::Access) => Ok(Route::Access),
            ("GET" | "HEAD", Resource::Workflow(id)) => Ok(Route::Status(id)),
            ("DELETE", Resource::Workflow(id)) => Ok(Route::Delete(id)),
            ("GET" | "HEAD", Resource::Result(id)) => Ok(Route::Result(id)),
            ("GET" | "HEAD", Resource::Events(id)) => Ok(Route::Events(id)),
            ("POST", Resource::Control(id, control)) => Ok(Route::Control(id, control)),
            _ => {
                let detail = format!("{} is not possible here; possible are: {allow}", shown(method));
                Err(Problem::new(ProblemType::MethodNotAllowed, detail).with_header("allow", allow))
            }
        }
    }

    /// The route of a browser's preflight, which is answered for every path: it only asks whether a page may send the
    /// request, and without a yes the page can't read that the path does not exist.
    pub fn of_preflight(path: &str) -> Route {
        let allow = Resource::parse(path).map_or("OPTIONS", |resource| resource.allow());
        Route::Options { allow }
    }

    /// Whether the route is closed without a token: all that reads or changes workflows.
    pub fn needs_access(&self) -> bool {
        !matches!(
            self,
            Route::Index | Route::Health | Route::Ready | Route::OpenApi | Route::Options { .. }
        )
    }
}

/// What a path names, before the method is looked at.
enum Resource {
    Root,
    Health,
    Ready,
    OpenApi,
    Access,
    Workflows,
    Workflow(WorkflowId),
    Result(WorkflowId),
    Events(WorkflowId),
    Control(WorkflowId, ControlName),
}

impl Resource {
    fn parse(path: &str) -> Result<Resource, Problem> {
        let not_found = || Problem::new(ProblemType::NotFound, format!("there is nothing at {}", shown(path)));
        let rest = path.strip_prefix('/').ok_or_else(not_found)?;
        match rest {
            "" => return Ok(Resource::Root),
            "health" => return Ok(Resource::Health),
            "ready" => return Ok(Resource::Ready),
            "openapi.json" => return Ok(Resource::OpenApi),
            "v1/access" => return Ok(Resource::Access),
            "workflows" => return Ok(Resource::Workflows),
            _ => {}
        }
        let (rest, at_root) = match rest.strip_prefix("workflows/") {
            Some(rest) => (rest, false),
            None => (rest, true),
        };
        let (id, part) = match rest.split_once('/') {
            Some((id, part)) => (id, Some(part)),
            None => (rest, None),
        };
        let id = WorkflowId::parse(id).map_err(|_| not_found())?;
        if at_root && id.is_reserved() {
            let detail = format!(
                "there is nothing at {}: {id} is a reserved word, and is an id only below /workflows",
                shown(path)
            );
            return Err(Problem::new(ProblemType::NotFound, detail));
        }
        match part {
            None => Ok(Resource::Workflow(id)),
            Some("result") => Ok(Resource::Result(id)),
            Some("events") => Ok(Resource::Events(id)),
            Some(part) => {
                let control = ControlName::ALL
                    .into_iter()
                    .find(|control| control.as_str() == part)
                    .ok_or_else(not_found)?;
                Ok(Resource::Control(id, control))
            }
        }
    }

    fn allow(&self) -> &'static str {
        match self {
            Resource::Root | Resource::Workflows => "GET, HEAD, POST, OPTIONS",
            Resource::Health
            | Resource::Ready
            | Resource::OpenApi
            | Resource::Access
            | Resource::Result(_)
            | Resource::Events(_) => "GET, HEAD, OPTIONS",
            Resource::Workflow(_) => "GET, HEAD, DELETE, OPTIONS",
            Resource::Control(..) => "POST, OPTIONS",
        }
    }
}

/// `host[:port]`, path and query of an absolute URL, as the runtime hands it over.
pub fn split_url(url: &str) -> (&str, &str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or_default();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let slash = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(slash);
    (host, if path.is_empty() { "/" } else { path }, query)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::super::id::RESERVED;
    use super::*;

    fn id(text: &str) -> WorkflowId {
        WorkflowId::parse(text).unwrap()
    }

    #[test]
    fn every_route_has_its_method_and_path() {
        let routes = [
            ("GET", "/", Route::Index),
            ("HEAD", "/", Route::Index),
            ("POST", "/", Route::Submit(Collection::Root)),
            ("GET", "/workflows", Route::List),
            ("HEAD", "/workflows", Route::List),
            ("POST", "/workflows", Route::Submit(Collection::Workflows)),
            ("GET", "/health", Route::Health),
            ("GET", "/ready", Route::Ready),
            ("GET", "/openapi.json", Route::OpenApi),
            ("GET", "/v1/access", Route::Access),
            ("HEAD", "/v1/access", Route::Access),
            ("GET", "/w1", Route::Status(id("w1"))),
            ("HEAD", "/w1", Route::Status(id("w1"))),
            ("DELETE", "/w1", Route::Delete(id("w1"))),
            ("GET", "/w1/result", Route::Result(id("w1"))),
            ("GET", "/w1/events", Route::Events(id("w1"))),
            ("POST", "/w1/pause", Route::Control(id("w1"), ControlName::Pause)),
            ("POST", "/w1/resume", Route::Control(id("w1"), ControlName::Resume)),
            (
                "POST",
                "/w1/terminate",
                Route::Control(id("w1"), ControlName::Terminate),
            ),
            ("POST", "/w1/restart", Route::Control(id("w1"), ControlName::Restart)),
            ("POST", "/w1/approve", Route::Control(id("w1"), ControlName::Approve)),
            (
                "OPTIONS",
                "/w1",
                Route::Options {
                    allow: "GET, HEAD, DELETE, OPTIONS",
                },
            ),
            ("GET", "/pause", Route::Status(id("pause"))),
        ];
        for (method, path, route) in routes {
            assert_eq!(Route::parse(method, path), Ok(route), "{method} {path}");
        }
    }

    #[test]
    fn every_route_of_a_workflow_is_below_workflows_too() {
        for (method, part) in [
            ("GET", ""),
            ("HEAD", ""),
            ("DELETE", ""),
            ("OPTIONS", ""),
            ("GET", "/result"),
            ("GET", "/events"),
            ("POST", "/pause"),
            ("POST", "/restart"),
        ] {
            let (alias, canonical) = (format!("/w1{part}"), format!("/workflows/w1{part}"));
            assert_eq!(
                Route::parse(method, &canonical),
                Route::parse(method, &alias),
                "{method} {alias}"
            );
            assert!(Route::parse(method, &canonical).is_ok(), "{method} {canonical}");
        }
    }

    #[test]
    fn a_reserved_word_is_an_id_below_workflows_only() {
        for word in RESERVED {
            for part in ["", "/result", "/events"] {
                let canonical = format!("/workflows/{word}{part}");
                assert!(Route::parse("GET", &canonical).is_ok(), "{canonical}");
                // Some are routes of their own.
                if word == "workflows" || (part.is_empty() && ["health", "ready"].contains(&word)) {
                    continue;
                }
                let problem = Route::parse("GET", &format!("/{word}{part}")).unwrap_err();
                assert_eq!(problem.kind(), ProblemType::NotFound, "{word}{part}");
                assert!(problem.detail().contains("below /workflows"), "{}", problem.detail());
            }
        }
    }

    #[test]
    fn a_method_that_nobody_knows_is_a_wrong_one() {
        for path in [
            "/",
            "/health",
            "/openapi.json",
            "/workflows",
            "/w1",
            "/workflows/w1/result",
            "/w1/pause",
        ] {
            for method in ["PROPFIND", "QUERY", "FOO", "TRACE", "CONNECT", "get", "", "GET "] {
                let problem = Route::parse(method, path).unwrap_err();
                assert_eq!(problem.status(), 405, "{method} {path}");
                assert!(problem.headers().any(|(name, _)| name == "allow"), "{method} {path}");
            }
        }
        assert_eq!(Route::parse("PROPFIND", "/no/such/path").unwrap_err().status(), 404);
    }

    #[test]
    fn a_preflight_is_answered_for_every_path() {
        for (path, allow) in [
            ("/", "GET, HEAD, POST, OPTIONS"),
            ("/workflows", "GET, HEAD, POST, OPTIONS"),
            ("/a.b", "OPTIONS"),
            ("/no/such/path", "OPTIONS"),
        ] {
            assert_eq!(Route::of_preflight(path), Route::Options { allow }, "{path}");
        }
    }

    #[test]
    fn strange_paths_do_not_exist() {
        let long = format!("/{}", "x".repeat(300));
        for path in [
            "",
            "//",
            "/w1/",
            "//w1",
            "/w1//pause",
            "/w1/pause/",
            "/w1/unknown",
            "/w1/Pause",
            "/..",
            "/.",
            "/../health",
            "/w1/..",
            "/%77%31",
            "/w%2F1",
            "/é",
            "/w 1",
            "/health/",
            "/health/pause",
            "/events",
            "/usage",
            "/v1",
            "/v1/",
            "/v1/access/",
            "/v1/chat/completions",
            "/workflows/",
            "/workflows//w1",
            "/workflows/w1/",
            "/workflows/-w1",
            "/workflows/w1/unknown",
            "/workflows/workflows/w1",
            "/Workflows/w1/x",
            "/index",
            "/docs",
            "/favicon.ico",
            "/w1\0",
            "/-w1",
            "*",
            "w1",
            &long,
        ] {
            let problem = Route::parse("GET", path).unwrap_err();
            assert_eq!(
                (problem.status(), problem.kind()),
                (404, ProblemType::NotFound),
                "{path}"
            );
        }
    }

    #[test]
    fn a_wrong_method_is_told_which_are_right() {
        for (method, path, allow) in [
            ("PUT", "/", "GET, HEAD, POST, OPTIONS"),
            ("POST", "/w1", "GET, HEAD, DELETE, OPTIONS"),
            ("GET", "/w1/pause", "POST, OPTIONS"),
            ("POST", "/w1/result", "GET, HEAD, OPTIONS"),
            ("post", "/", "GET, HEAD, POST, OPTIONS"),
            ("DELETE", "/health", "GET, HEAD, OPTIONS"),
            ("DELETE", "/ready", "GET, HEAD, OPTIONS"),
            ("DELETE", "/workflows", "GET, HEAD, POST, OPTIONS"),
            ("DELETE", "/openapi.json", "GET, HEAD, OPTIONS"),
            ("POST", "/v1/access", "GET, HEAD, OPTIONS"),
        ] {
            let problem = Route::parse(method, path).unwrap_err();
            assert_eq!(problem.status(), 405, "{method} {path}");
            assert!(
                problem.headers().any(|header| header == ("allow", allow)),
                "{method} {path}"
            );
        }
    }

    #[test]
    fn only_what_shows_no_workflow_is_open() {
        for (method, path, closed) in [
            ("GET", "/", false),
            ("GET", "/health", false),
            ("OPTIONS", "/w1", false),
            ("POST", "/", true),
            ("GET", "/workflows", true),
            ("GET", "/v1/access", true),
            ("GET", "/w1", true),
            ("GET", "/w1/events", true),
            ("POST", "/w1/terminate", true),
            ("DELETE", "/w1", true),
        ] {
            assert_eq!(
                Route::parse(method, path).unwrap().needs_access(),
                closed,
                "{method} {path}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_method_and_path_has_an_answer(method in any::<String>(), path in any::<String>()) {
            if let Err(problem) = Route::parse(&method, &path) {
                prop_assert!(matches!(problem.status(), 404 | 405));
            }
        }
    }
}
