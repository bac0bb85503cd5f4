//! The bodies of answers, written straight from borrowed state: no text is copied but into the answer itself.

use serde::Serialize;
use serde_json::{Map, Value};

use super::config::Config;
use super::id::WorkflowId;
use super::model_names::shown_name;
use super::routes::Collection;
use super::status_fields::StatusFields;
use super::submission::options::MAX_SUBTASKS_DEFAULT;
use crate::engine::show::live::life;
use crate::engine::show::view::{Extent, WorkflowView};
use crate::engine::words::spec::OnDisconnect;
use crate::json;
use crate::model::{ModelSpec, Provider};

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

/// Which form of STATUS is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StatusForm {
    #[default]
    Full,
    /// `?simple=true`
    Simple,
    /// `?fields=`
    Fields(StatusFields),
}

impl StatusForm {
    pub fn extent(&self) -> Extent {
        match self {
            StatusForm::Full => Extent::FULL,
            StatusForm::Simple => Extent::SIMPLE,
            StatusForm::Fields(fields) => fields.extent(),
        }
    }

    /// Its part of an entity tag.
    fn tag(&self) -> String {
        match self {
            StatusForm::Full => "full".to_owned(),
            StatusForm::Simple => "simple".to_owned(),
            StatusForm::Fields(fields) => fields.tag(),
        }
    }
}

/// `{"id", "details": STATUS}`: the answer to a submission.
pub fn submitted<'a>(id: &'a WorkflowId, view: &'a WorkflowView<'a>) -> impl Serialize + use<'a> {
    Submitted {
        id,
        details: StatusView::new(id, view),
    }
}

/// `{"id", "status": STATUS}`: the answer to `GET /:id`.
pub fn status<'a>(id: &'a WorkflowId, view: &'a WorkflowView<'a>, form: &StatusForm) -> impl Serialize + use<'a> {
    let status = StatusView::new(id, view);
    match form {
        StatusForm::Full | StatusForm::Simple => StatusAnswer::Whole(WithStatus { id, status }),
        StatusForm::Fields(fields) => StatusAnswer::Selected {
            id,
            status: selected(&status, fields),
        },
    }
}

/// Of the fields of STATUS those that are wanted.
fn selected(status: &StatusView, fields: &StatusFields) -> Map<String, Value> {
    match json::tree(status) {
        Value::Object(mut all) => {
            all.retain(|name, _| fields.wants(name));
            all
        }
        // A struct always serialises to an object.
        _ => Map::new(),
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum StatusAnswer<'a> {
    Whole(WithStatus<'a>),
    Selected {
        id: &'a WorkflowId,
        status: Map<String, Value>,
    },
}

/// The path of a workflow, for Location: in the collection that it was submitted to, so that clients of 0.1.0 find what
/// they know.
pub fn location(id: &WorkflowId, collection: Collection) -> String {
    match collection {
        Collection::Root => format!("/{id}"),
        Collection::Workflows => format!("/workflows/{id}"),
    }
}

/// A weak entity tag of `GET /:id`. `nonce` tells the workflow from an earlier one under the same id; `seq` is the last
/// event's number. The form and the code's version are in it, because each gives other bytes.
pub fn etag(nonce: &str, seq: u64, form: &StatusForm) -> String {
    let life = life(nonce);
    let form = form.tag();
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
    /// The workflows that follow this one up.
    follow_ups: String,
}

impl Urls {
    fn of(id: &WorkflowId) -> Urls {
        let status = location(id, Collection::Workflows);
        Urls {
            events: format!("{status}/events"),
            result: format!("{status}/result"),
            console: status.clone(),
            follow_ups: format!("/workflows?parent={id}"),
            status,
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
    provider: Provider,
    models: ModelsView,
    defaults: DefaultsView,
    urls: IndexUrls,
}

/// In order of preference, by the names that `options.big_model` and `options.small_model` take.
#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct ModelsView {
    big: Vec<String>,
    small: Vec<String>,
}

/// What holds for the options of these names that a submission leaves out.
#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct DefaultsView {
    max_subtasks: u32,
    max_concurrency: u32,
    /// Null where a workflow that names none has no budget.
    token_budget: Option<u64>,
    /// What the doors of other protocols ask for. A submission that names none goes on.
    on_disconnect: OnDisconnect,
}

#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct IndexUrls {
    submit: &'static str,
    list: &'static str,
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
            provider: config.provider,
            models: ModelsView {
                big: names(&config.big_models),
                small: names(&config.small_models),
            },
            defaults: DefaultsView {
                max_subtasks: MAX_SUBTASKS_DEFAULT,
                max_concurrency: config.concurrency(),
                token_budget: config.token_budget,
                on_disconnect: config.on_disconnect,
            },
            urls: IndexUrls {
                submit: "/workflows",
                list: "/workflows",
                status: "/workflows/{id}",
                events: "/workflows/{id}/events",
                result: "/workflows/{id}/result",
                health: "/health",
                openapi: "/openapi.json",
            },
        }
    }
}

/// The body of `GET /v1/access`.
#[derive(Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AccessView<'a> {
    /// The name of the token, or `default` where none is needed.
    pub tenant: &'a str,
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
    provider: Provider,
}

impl HealthView {
    pub fn new(config: &Config) -> HealthView {
        HealthView {
            status: "ok",
            name: NAME,
            version: VERSION,
            environment: config.access.environment.as_str(),
            provider: config.provider,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::api::config::Bindings;
    use crate::api::status_fields::FIELDS;
    use crate::api::submission::Submission;
    use crate::engine::show::view::ModeView;
    use crate::engine::words::outcome::{Status, WorkflowUsage};
    use crate::engine::words::spec::Mode;
    use crate::engine::words::time::Timestamp;

    fn view(metadata: &BTreeMap<String, String>) -> WorkflowView<'_> {
        WorkflowView {
            status: Status::Running,
            stop_reason: None,
            error: None,
            output: None,
            run: 1,
            provider: Provider::Demo,
            prompt: Some("p"),
            parent: None,
            history: Some(&[]),
            mode: ModeView {
                asked: Mode::Auto,
                chosen: None,
                reason: None,
            },
            plan: Some(None),
            answer: None,
            metadata,
            queued: Timestamp(0),
            start: None,
            end: None,
            purge: None,
            warnings: Vec::new(),
            steps: None,
            step_count: Some(0),
            usage: WorkflowUsage::default(),
        }
    }

    fn parsed(body: &impl Serialize) -> Value {
        serde_json::to_value(body).unwrap()
    }

    #[test]
    fn a_status_is_wrapped_as_the_original_wraps_it() {
        let (id, metadata) = (WorkflowId::parse("w1").unwrap(), BTreeMap::new());
        let (submitted, status) = (
            parsed(&submitted(&id, &view(&metadata))),
            parsed(&status(&id, &view(&metadata), &StatusForm::Full)),
        );
        assert_eq!((&submitted["id"], &status["id"]), (&json!("w1"), &json!("w1")));
        assert_eq!(submitted["details"], status["status"]);
        assert_eq!(status["status"]["status"], "running");
        assert_eq!(status["status"]["output"], Value::Null);
        assert_eq!(status["status"]["queued"], "1970-01-01T00:00:00.000Z");
        let urls = json!({
            "status": "/workflows/w1",
            "events": "/workflows/w1/events",
            "result": "/workflows/w1/result",
            "console": "/workflows/w1",
            "follow_ups": "/workflows?parent=w1"
        });
        assert_eq!(status["status"]["urls"], urls);
        assert!(status["status"].get("steps").is_none());
    }

    #[test]
    fn only_the_fields_that_are_named_are_shown() {
        let (id, metadata) = (WorkflowId::parse("w1").unwrap(), BTreeMap::new());
        let form = StatusForm::Fields(StatusFields::parse("?fields=usage,status").unwrap().unwrap());
        let body = parsed(&status(&id, &view(&metadata), &form));
        assert_eq!(body["id"], "w1");
        let names: Vec<&String> = body["status"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["status", "usage"]);
    }

    #[test]
    fn every_field_of_a_status_can_be_named() {
        let (id, metadata) = (WorkflowId::parse("w1").unwrap(), BTreeMap::new());
        let view = WorkflowView {
            steps: Some(Vec::new()),
            ..view(&metadata)
        };
        let whole = parsed(&status(&id, &view, &StatusForm::Full));
        for name in whole["status"].as_object().unwrap().keys() {
            assert!(FIELDS.contains(&name.as_str()), "{name}");
        }
        let all = parsed(&status(&id, &view, &StatusForm::Fields(StatusFields::of(FIELDS))));
        assert_eq!(all, whole);
    }

    #[test]
    fn an_entity_tag_changes_with_all_that_changes_the_body() {
        let full = StatusForm::Full;
        let tag = etag("n1", 7, &full);
        assert_eq!(tag, etag("n1", 7, &full));
        let fields = |names: &[&str]| StatusForm::Fields(StatusFields::of(names));
        for other in [
            etag("n2", 7, &full),
            etag("n1", 8, &full),
            etag("n1", 7, &StatusForm::Simple),
            etag("n1", 7, &fields(&["status"])),
        ] {
            assert_ne!(tag, other);
        }
        assert_eq!(
            etag("n1", 7, &fields(&["usage", "status"])),
            etag("n1", 7, &fields(&["status", "usage"]))
        );
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
        let config = Config::from_vars(lookup, &[], Bindings::default()).unwrap();
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

    #[test]
    fn the_defaults_of_the_index_are_what_a_submission_gets() {
        for (provider, max_concurrency) in [("demo", 50), ("ollama", 1)] {
            let lookup = |name: &str| (name == "MODEL_PROVIDER").then(|| provider.to_owned());
            let config = Config::from_vars(lookup, &[], Bindings::default()).unwrap();
            let index = serde_json::to_value(IndexView::new(&config)).unwrap();
            let got = Submission::parse(Some("application/json"), br#"{"prompt": "Write."}"#, &config).unwrap();
            let expected = json!({"max_subtasks": 8, "max_concurrency": max_concurrency, "token_budget": 400_000});
            let mut told = index["defaults"].clone();
            assert_eq!(
                told.as_object_mut().unwrap().remove("on_disconnect"),
                Some(json!("pause"))
            );
            assert_eq!(told, expected);
            let options = serde_json::to_value(&got.options).unwrap();
            for (name, value) in expected.as_object().unwrap() {
                assert_eq!(&options[name], value, "{name}");
            }
        }
    }
}
