//! The bodies of answers, written straight from borrowed state: no text is copied but into the answer itself.

use serde::Serialize;

use super::config::Config;
use super::id::WorkflowId;
use super::model_names::shown_name;
use crate::engine::show::live::life;
use crate::engine::show::view::WorkflowView;
use crate::json;
use crate::model::ModelSpec;

pub const NAME: &str = env!("CARGO_PKG_NAME");
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What every answer brings: model output must never be taken for a page, and a status is only as good as its last
/// check.
pub const ANSWER_HEADERS: [(&str, &str); 2] = [
    ("x-content-type-options", "nosniff"),
    ("cache-control", "private, no-cache"),
];

/// The headers of an event stream, in place of the answers' `cache-control` and beside the rest: nobody keeps,
/// compresses or gathers a stream. `x-accel-buffering` is nginx's word for it.
pub const STREAM_HEADERS: [(&str, &str); 2] =
    [("cache-control", "no-store, no-transform"), ("x-accel-buffering", "no")];

/// `{"id", "details": STATUS}`: the answer to a submission.
pub fn submitted(id: &WorkflowId, view: &WorkflowView) -> String {
    json::text(&Submitted {
        id,
        details: StatusView::new(id, view),
    })
}

/// `{"id", "status": STATUS}`: the answer to `GET /:id`.
pub fn status(id: &WorkflowId, view: &WorkflowView) -> String {
    json::text(&WithStatus {
        id,
        status: StatusView::new(id, view),
    })
}

/// The path of a workflow, for Location.
pub fn location(id: &WorkflowId) -> String {
    format!("/{id}")
}

/// A weak entity tag of `GET /:id`. `nonce` tells the workflow from an earlier one under the same id; `seq` is the last
/// event's number. The form and the code's version are in it, because each gives other bytes.
pub fn etag(nonce: &str, seq: u64, simple: bool) -> String {
    let life = life(nonce);
    let form = if simple { "simple" } else { "full" };
    format!("W/\"{life}-{seq}-{form}-{VERSION}\"")
}

#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(super) struct Submitted<'a> {
    id: &'a WorkflowId,
    details: StatusView<'a>,
}

#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(super) struct WithStatus<'a> {
    id: &'a WorkflowId,
    status: StatusView<'a>,
}

/// STATUS: the engine's view with the workflow's URLs.
#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct StatusView<'a> {
    #[serde(flatten)]
    view: &'a WorkflowView<'a>,
    urls: Urls,
}

impl<'a> StatusView<'a> {
    pub fn new(id: &WorkflowId, view: &'a WorkflowView<'a>) -> Self {
        StatusView {
            view,
            urls: Urls::of(id),
        }
    }
}

/// Relative to the origin: behind a proxy nobody knows the public one.
#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Urls {
    status: String,
    events: String,
    result: String,
    console: String,
}

impl Urls {
    fn of(id: &WorkflowId) -> Urls {
        Urls {
            status: location(id),
            events: format!("/{id}/events"),
            result: format!("/{id}/result"),
            console: location(id),
        }
    }
}

/// The body of `GET /`.
#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct IndexView {
    name: &'static str,
    version: &'static str,
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "super::access::Environment"))]
    environment: &'static str,
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "crate::model::Provider"))]
    provider: &'static str,
    models: ModelsView,
    urls: IndexUrls,
}

/// In order of preference, by the names that `options.big_model` and `options.small_model` take.
#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct ModelsView {
    big: Vec<String>,
    small: Vec<String>,
}

#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct IndexUrls {
    submit: &'static str,
    status: &'static str,
    events: &'static str,
    result: &'static str,
    health: &'static str,
    openapi: &'static str,
}

impl IndexView {
    pub fn new(config: &Config) -> IndexView {
        let names = |models: &[ModelSpec]| models.iter().map(|model| shown_name(model, config.provider)).collect();
        IndexView {
            name: NAME,
            version: VERSION,
            environment: config.access.environment.as_str(),
            provider: config.provider.as_str(),
            models: ModelsView {
                big: names(&config.big_models),
                small: names(&config.small_models),
            },
            urls: IndexUrls {
                submit: "/",
                status: "/{id}",
                events: "/{id}/events",
                result: "/{id}/result",
                health: "/health",
                openapi: "/openapi.json",
            },
        }
    }
}

/// The body of `GET /health`.
#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct HealthView {
    status: &'static str,
    name: &'static str,
    version: &'static str,
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "super::access::Environment"))]
    environment: &'static str,
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "crate::model::Provider"))]
    provider: &'static str,
}

impl HealthView {
    pub fn new(config: &Config) -> HealthView {
        HealthView {
            status: "ok",
            name: NAME,
            version: VERSION,
            environment: config.access.environment.as_str(),
            provider: config.provider.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;
    use crate::api::config::Bindings;
    use crate::engine::words::outcome::{Status, WorkflowUsage};
    use crate::engine::words::time::Timestamp;

    fn view(metadata: &BTreeMap<String, String>) -> WorkflowView<'_> {
        WorkflowView {
            status: Status::Running,
            error: None,
            output: None,
            run: 1,
            provider: "demo",
            prompt: Some("p"),
            metadata,
            queued: Timestamp(0),
            start: None,
            end: None,
            warnings: Vec::new(),
            steps: None,
            step_count: Some(0),
            usage: WorkflowUsage::default(),
        }
    }

    fn parsed(body: String) -> Value {
        serde_json::from_str(&body).unwrap()
    }

    #[test]
    fn a_status_is_wrapped_as_the_original_wraps_it() {
        let (id, metadata) = (WorkflowId::parse("w1").unwrap(), BTreeMap::new());
        let (submitted, status) = (
            parsed(submitted(&id, &view(&metadata))),
            parsed(status(&id, &view(&metadata))),
        );
        assert_eq!((&submitted["id"], &status["id"]), (&json!("w1"), &json!("w1")));
        assert_eq!(submitted["details"], status["status"]);
        assert_eq!(status["status"]["status"], "running");
        assert_eq!(status["status"]["output"], Value::Null);
        assert_eq!(status["status"]["queued"], "1970-01-01T00:00:00.000Z");
        let urls = json!({"status": "/w1", "events": "/w1/events", "result": "/w1/result", "console": "/w1"});
        assert_eq!(status["status"]["urls"], urls);
        assert!(status["status"].get("steps").is_none());
    }

    #[test]
    fn an_entity_tag_changes_with_all_that_changes_the_body() {
        let tag = etag("n1", 7, false);
        assert_eq!(tag, etag("n1", 7, false));
        for other in [etag("n2", 7, false), etag("n1", 8, false), etag("n1", 7, true)] {
            assert_ne!(tag, other);
        }
        assert!(tag.starts_with("W/\"") && tag.ends_with(&format!("-7-full-{VERSION}\"")));
        assert!(!tag.contains("n1-"));
    }

    #[test]
    fn index_and_health_say_what_is_deployed() {
        let lookup = |name: &str| {
            Some(
                if name == "MODEL_PROVIDER" {
                    "demo"
                } else if name == "ENVIRONMENT" {
                    "development"
                } else {
                    ""
                }
                .to_owned(),
            )
        };
        let config = Config::from_vars(lookup, Bindings::default()).unwrap();
        let index = serde_json::to_value(IndexView::new(&config)).unwrap();
        assert_eq!(index["models"], json!({"big": ["demo-big"], "small": ["demo-small"]}));
        assert_eq!(
            (&index["environment"], &index["provider"]),
            (&json!("development"), &json!("demo"))
        );
        let health = serde_json::to_value(HealthView::new(&config)).unwrap();
        assert_eq!(
            (&health["status"], &health["version"], &health["provider"]),
            (&json!("ok"), &json!(VERSION), &json!("demo"))
        );
    }
}
