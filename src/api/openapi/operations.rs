//! The operations: every method and path that [`Route::parse`] lets through, and what each answers.

use serde_json::{Map, Value, json};

use super::parameters::parameter;
use super::requests;
use super::responses::{ANSWER, Header, JSON_OR_PAGE, PREFLIGHT, Responses, STREAM};
use super::schemas::{SAYS_SOMETHING, Schemas};
use super::{events, examples};
use crate::api::negotiation::Form;
use crate::api::problem::ProblemType;
use crate::api::routes::{Collection, ControlName, Route};
use crate::api::status_fields;
use crate::api::views::{AccessView, HealthView, IndexView, Submitted, WithStatus};
use crate::engine::show::summary::Summary;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// Stands for `{id}` where a path is parsed.
pub(super) const SAMPLE_ID: &str = "w1";

/// Behind the names of the aliases.
const AT_ROOT: &str = "AtRoot";

/// Can happen to any request.
const ALWAYS: [ProblemType; 2] = [ProblemType::InternalError, ProblemType::InvalidConfiguration];
/// Can happen to any that needs a token.
const CLOSED: [ProblemType; 2] = [ProblemType::InvalidToken, ProblemType::AuthNotConfigured];
/// Can happen to any that asks the object of a workflow.
const OBJECT: [ProblemType; 2] = [ProblemType::NewerJournal, ProblemType::Unavailable];

/// The paths, `{id}` for the id: those of the deployment, those of workflows, and the aliases of these at the root.
fn templates() -> Vec<String> {
    let parts = ["", "/result", "/events"].map(str::to_owned).into_iter();
    let controls = ControlName::ALL.iter().map(|control| format!("/{}", control.as_str()));
    let parts: Vec<String> = parts.chain(controls).collect();
    let below = |base: &str| parts.iter().map(|part| format!("{base}/{{id}}{part}")).collect();
    let fixed = ["/", "/health", "/ready", "/openapi.json", "/v1/access", "/workflows"]
        .map(str::to_owned)
        .to_vec();
    [fixed, below("/workflows"), below("")].concat()
}

/// An alias of 0.1.0's.
fn is_alias(path: &str) -> bool {
    path.starts_with("/{id}")
}

/// Every route that there is: its path, its method and what that is parsed to.
pub(super) fn routes() -> Vec<(String, &'static str, Route)> {
    let pairs = templates()
        .into_iter()
        .flat_map(|path| METHODS.map(|method| (path.clone(), method)));
    pairs
        .filter_map(|(path, method)| {
            let route = Route::parse(method, &path.replace("{id}", SAMPLE_ID)).ok()?;
            Some((path, method, route))
        })
        .collect()
}

/// `paths` of the document.
pub(super) fn paths(schemas: &mut Schemas) -> Value {
    let mut paths = Map::new();
    for (path, method, route) in routes() {
        let item = paths.entry(path.clone()).or_insert_with(|| item(&path));
        item[method.to_ascii_lowercase()] = operation(&path, method, &route, schemas);
    }
    Value::Object(paths)
}

fn item(path: &str) -> Value {
    if is_alias(path) {
        json!({"parameters": [parameter("idAtRoot")]})
    } else if path.contains("{id}") {
        json!({"parameters": [parameter("id")]})
    } else {
        json!({})
    }
}

fn operation(path: &str, method: &str, route: &Route, schemas: &mut Schemas) -> Value {
    let mut operation = described(path, route, schemas);
    if !route.needs_access() {
        operation["security"] = json!([]);
    } else {
        operation["security"] = json!([{"token": []}]);
    }
    let mut name = operation["operationId"].as_str().unwrap_or_default().to_owned();
    if method != "OPTIONS" && (is_alias(path) || *route == Route::Submit(Collection::Root)) {
        // Names of operations are names of functions in clients that are generated.
        name = format!("{name}{AT_ROOT}");
        operation["operationId"] = name.clone().into();
        let summary = operation["summary"].as_str().unwrap_or_default();
        operation["summary"] = format!("{summary}, by its path in 0.1.0").into();
    }
    match method {
        "HEAD" => {
            operation["operationId"] = format!("{name}Head").into();
            operation["summary"] = format!("The head of what GET {path} answers").into();
            if matches!(route, Route::Events(_)) {
                // It opens no stream, so neither where one would begin nor how many there are matters.
                if let Some(responses) = operation["responses"].as_object_mut() {
                    responses.remove("204");
                    responses.remove("429");
                }
            }
        }
        "OPTIONS" => {
            operation["operationId"] = format!(
                "options{}",
                events::camel_case(&path.replace(['/', '{', '}', '.'], "_"))
            )
            .into()
        }
        _ => {}
    }
    operation
}

fn described(path: &str, route: &Route, schemas: &mut Schemas) -> Value {
    match route {
        Route::Index => json!({
            "operationId": "describe",
            "tags": ["deployment"],
            "summary": "What this deployment is",
            "responses": Responses::default()
                .with(
                    200,
                    "Name, version, provider and models; the console for browsers.",
                    &JSON_OR_PAGE,
                    or_page(json_of::<IndexView>(schemas, examples::index())),
                )
                .problems(schemas, &ALWAYS)
        }),
        Route::Health => json!({
            "operationId": "health",
            "tags": ["deployment"],
            "summary": "Whether this deployment answers",
            "responses": Responses::default()
                .with(
                    200,
                    "It does, and is configured correctly.",
                    &ANSWER,
                    json_of::<HealthView>(schemas, examples::health()),
                )
                .problems(schemas, &ALWAYS)
        }),
        Route::Ready => json!({
            "operationId": "ready",
            "tags": ["deployment"],
            "summary": "Whether requests should be sent here",
            "description": "The same as /health. A process of `serve` that was asked to end answers 503 while it \
                finishes what it has, and so does a node of a fleet that is no member yet.",
            "responses": Responses::default()
                .with(
                    200,
                    "They should.",
                    &ANSWER,
                    json_of::<HealthView>(schemas, examples::health()),
                )
                .problems(schemas, &[ALWAYS.as_slice(), &[ProblemType::Unavailable]].concat())
        }),
        Route::OpenApi => json!({
            "operationId": "openapi",
            "tags": ["deployment"],
            "summary": "This document",
            "parameters": [parameter("ifNoneMatch")],
            "responses": Responses::default()
                .with(
                    200,
                    "This document.",
                    &with_headers(&[Header::Etag]),
                    json!({"application/json": {"schema": {"type": "object"}}}),
                )
                .with(304, "The client has it already.", &with_headers(&[Header::Etag]), Value::Null)
                .problems(schemas, &with(&[ProblemType::NotFound]))
        }),
        Route::Access => json!({
            "operationId": "access",
            "tags": ["deployment"],
            "summary": "Whose workflows the caller may see",
            "description": "Says whether the token is right before anything else is sent. The origin of a page counts \
                as it does for a request that changes something.",
            "responses": Responses::default()
                .with(
                    200,
                    "The caller has access, as this tenant.",
                    &ANSWER,
                    json_of::<AccessView<'_>>(schemas, json!({"tenant": "default"})),
                )
                .problems(schemas, &closed(&[ProblemType::OriginNotAllowed]))
        }),
        Route::List => json!({
            "operationId": "list",
            "tags": ["workflows"],
            "summary": "The workflows of the tenant, newest first",
            "description": "It is told of workflows after the fact, mostly within a second, so that an entry says how \
                a workflow stood at its beginning, its plan, its end, and where it waited or went on. An unknown \
                parameter is refused.",
            "parameters": [
                parameter("statuses"),
                parameter("metadata"),
                parameter("createdAfter"),
                parameter("createdBefore"),
                parameter("words"),
                parameter("parent"),
                parameter("limit"),
                parameter("cursor")
            ],
            "responses": Responses::default()
                .with(
                    200,
                    "A page; the console for browsers. It may have fewer entries than `limit`, or none, while `next` \
                     is no null.",
                    &JSON_OR_PAGE,
                    or_page(json_of::<List<'_>>(schemas, examples::list())),
                )
                .problems(schemas, &closed(&[
                    ProblemType::InvalidRequest,
                    ProblemType::Unavailable,
                    ProblemType::IndexNotConfigured,
                ]))
        }),
        Route::Submit(collection) => submit(*collection, schemas),
        Route::Status(_) => json!({
            "operationId": "status",
            "tags": ["workflows"],
            "summary": "How a workflow stands",
            "parameters": [parameter("simple"), parameter("fields"), parameter("wait"), parameter("ifNoneMatch")],
            "responses": Responses::default()
                .with(
                    200,
                    "How it stands; the console for browsers.",
                    &[JSON_OR_PAGE.as_slice(), &[Header::PageEtag, Header::PreferenceApplied]].concat(),
                    or_page(status_or_fields(schemas)),
                )
                .with(
                    304,
                    "As the client knows it.",
                    &with_headers(&[Header::Etag, Header::PreferenceApplied]),
                    Value::Null,
                )
                .problems(schemas, &workflow(&[ProblemType::InvalidRequest]))
        }),
        Route::Delete(_) => json!({
            "operationId": "delete",
            "tags": ["workflows"],
            "summary": "Delete a workflow",
            "description": "Aborts its calls and deletes all of its data. With `follow_ups` the workflows that follow \
                it up are deleted before it, and theirs; if that ends with an error, the same request goes on.",
            "parameters": [parameter("followUps")],
            "responses": Responses::default()
                .with(204, "It is gone.", &ANSWER, Value::Null)
                .problems(schemas, &workflow(&[
                    ProblemType::InvalidRequest,
                    ProblemType::OriginNotAllowed,
                    ProblemType::IndexNotConfigured,
                ]))
        }),
        Route::Result(_) => json!({
            "operationId": "result",
            "tags": ["workflows"],
            "summary": "The final answer",
            "parameters": [parameter("wait")],
            "responses": Responses::default()
                .with(
                    200,
                    "The answer, as Markdown; as JSON where `output_schema` was asked for and `Accept` prefers it.",
                    &with_headers(&[Header::PreferenceApplied]),
                    markdown_or_json(),
                )
                .problems(schemas, &workflow(&[ProblemType::ResultNotReady, ProblemType::NoResult]))
        }),
        Route::Events(_) => json!({
            "operationId": "events",
            "tags": ["workflows"],
            "summary": "What happens to a workflow, as server-sent events",
            "description": "First the journal, then the text so far of each call in flight, then whatever happens. \
                The stream ends with the workflow, and after a `DELETE` without a last event.",
            "parameters": [parameter("after"), parameter("types"), parameter("lastEventId")],
            "responses": Responses::default()
                .with(200, "The stream.", &STREAM, event_stream(schemas))
                .with(
                    204,
                    "The workflow has ended, and nothing will follow of the types that were asked for: no need to \
                     reconnect.",
                    &ANSWER,
                    Value::Null,
                )
                .problems(schemas, &workflow(&[ProblemType::InvalidRequest, ProblemType::TooManySubscribers]))
        }),
        Route::Control(_, control) => controlled(*control, schemas),
        Route::Options { .. } => {
            // A malformed id is a path that does not exist.
            let problems = if path.contains("{id}") {
                with(&[ProblemType::NotFound])
            } else {
                ALWAYS.to_vec()
            };
            json!({
                "tags": ["deployment"],
                "summary": "Which methods the path has",
                "description": "With `Origin` and `Access-Control-Request-Method` it is a preflight of CORS, which is \
                    answered for every path, so that a page can read the answer to what it then sends.",
                "responses": Responses::default()
                    .with(204, "The methods, and what a page of an allowed origin may do.", &preflight(), Value::Null)
                    .problems(schemas, &problems)
            })
        }
    }
}

/// The body of `GET /workflows`, which [`crate::tenant`] writes.
#[derive(schemars::JsonSchema, serde::Serialize)]
struct List<'a> {
    workflows: Vec<Listed<'a>>,
    /// The `cursor` of the next page. Null: there is none.
    next: Option<String>,
    /// All workflows of the tenant by status, whatever is asked for.
    counts: Counts,
}

#[derive(schemars::JsonSchema, serde::Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    /// How many workflows follow it up.
    children: u64,
}

#[derive(schemars::JsonSchema, serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    queued: u64,
    running: u64,
    waiting: u64,
    waiting_for_pause: u64,
    paused: u64,
    complete: u64,
    errored: u64,
    terminated: u64,
}

fn submit(collection: Collection, schemas: &mut Schemas) -> Value {
    let location = match collection {
        Collection::Root => Header::LocationAtRoot,
        Collection::Workflows => Header::Location,
    };
    let headers = with_headers(&[location, Header::PreferenceApplied]);
    let ended_headers = [STREAM.as_slice(), &[location, Header::PreferenceApplied]].concat();
    let schema = schemas.of_answer::<Submitted>();
    let mut ended = json!({"application/json": {"schema": schema, "example": examples::submitted_and_ended()}});
    for (media_type, content) in [markdown(), event_stream(schemas)].into_iter().flat_map(members) {
        ended[media_type] = content;
    }
    let prompt = json!({
        "schema": {"type": "string", "pattern": SAYS_SOMETHING},
        "example": "Compare PostgreSQL and SQLite for a small web shop."
    });
    let mut operation = json!({
        "operationId": "submit",
        "tags": ["workflows"],
        "summary": "Submit a workflow",
        "description": "`Accept: text/event-stream` answers with the workflow's events from the first; \
                        `Accept: text/markdown` together with `Prefer: wait` with the answer itself. JSON without a \
                        media type, or with that of a form, as `curl -d` sends it, is understood.",
        "parameters": [parameter("wait"), parameter("idempotencyKey")],
        "requestBody": {
            "required": true,
            "description": "At most 1 MiB, in UTF-8, without a content coding. `text/markdown` is the prompt itself, \
                character by character. So is `text/plain`, unless it is a JSON object: that is read as JSON if it has \
                a `prompt`, and is refused otherwise.",
            "content": {
                "application/json": {"schema": schemas.of_request::<requests::Submission>(), "examples": {
                    "prompt": {"value": examples::short_submission()},
                    "everything": {"value": examples::submission()}
                }},
                "text/plain": prompt,
                "text/markdown": prompt
            }
        },
        "responses": Responses::default()
            .with(
                202,
                "It is journaled and runs.",
                &headers,
                json!({"application/json": {"schema": schema, "example": examples::submitted()}}),
            )
            .with(
                200,
                "It has ended within the time that `Prefer: wait` asked for; or its events.",
                &ended_headers,
                ended,
            )
            .problems(schemas, &closed(&[
                ProblemType::InvalidJson,
                ProblemType::InvalidRequest,
                ProblemType::InvalidPlan,
                ProblemType::ContextTooSmall,
                ProblemType::OriginNotAllowed,
                ProblemType::NotFound,
                ProblemType::IdTaken,
                ProblemType::ResultNotReady,
                ProblemType::NoResult,
                ProblemType::ContentTooLarge,
                ProblemType::UnsupportedMediaType,
                ProblemType::IdempotencyKeyReused,
                ProblemType::TooManySubscribers,
                ProblemType::NewerJournal,
                ProblemType::Unavailable,
            ]))
    });
    operation["responses"]["202"]["links"] = links(collection);
    operation
}

/// What a client can do with the id that it got.
fn links(collection: Collection) -> Value {
    let suffix = match collection {
        Collection::Root => AT_ROOT,
        Collection::Workflows => "",
    };
    let controls = ControlName::ALL.iter().map(|control| control.as_str());
    let link = |name: &str| {
        let link = json!({"operationId": format!("{name}{suffix}"), "parameters": {"id": "$response.body#/id"}});
        (name.to_owned(), link)
    };
    Value::Object(
        ["status", "result", "events", "delete"]
            .into_iter()
            .chain(controls)
            .map(link)
            .collect(),
    )
}

fn controlled(control: ControlName, schemas: &mut Schemas) -> Value {
    // A body that is no text, compressed or too long, is refused even where none is expected.
    let mut problems = vec![
        ProblemType::InvalidRequest,
        ProblemType::OriginNotAllowed,
        ProblemType::ControlNotAllowed,
        ProblemType::ContentTooLarge,
        ProblemType::UnsupportedMediaType,
    ];
    let (summary, description, body) = match control {
        ControlName::Pause => (
            "Pause a workflow",
            "Calls in flight finish, nothing new starts: `waitingForPause`, then `paused`. Changes nothing where it is \
             pausing or paused already, unless for want of a listener: then no listener ends it any more.",
            None,
        ),
        ControlName::Resume => (
            "Resume a paused workflow",
            "Back to the status before the pause. Changes nothing where it is queued or running.",
            None,
        ),
        ControlName::Terminate => (
            "Terminate a workflow",
            "Its calls are aborted and it ends in `terminated`. Changes nothing where it is `terminated` already.",
            None,
        ),
        ControlName::Restart => {
            problems.extend([ProblemType::InvalidJson, ProblemType::UnknownStep]);
            let examples = json!({
                "everything": {"value": {}},
                "failed": {"value": {"from": "failed"}},
                "step": {"value": {"from": {"name": "subtask/t2"}}}
            });
            (
                "Restart a workflow",
                "Always begins the next run of the same workflow; what is not run again keeps its answer. At most 20 \
                 times.",
                Some((schemas.of_request::<requests::Restart>(), examples)),
            )
        }
        ControlName::Approve => {
            problems.extend([
                ProblemType::InvalidJson,
                ProblemType::InvalidPlan,
                ProblemType::ContextTooSmall,
            ]);
            let examples = json!({
                "asItIs": {"value": {}},
                "edited": {"value": {"tasks": examples::submission()["tasks"]}},
                "shorter": {"value": {"shared": "The shop sells books.", "length": 400}}
            });
            (
                "Approve the plan of a workflow that waits for it",
                "With `options.approval: \"plan\"` a workflow waits after every planning. An approval that is sent \
                 again, without changes, does nothing.",
                Some((schemas.of_request::<requests::Approve>(), examples)),
            )
        }
    };
    let mut operation = json!({
        "operationId": control.as_str(),
        "tags": ["controls"],
        "summary": summary,
        "description": description,
        "responses": Responses::default()
            .with(
                200,
                "How the workflow stands now.",
                &with_headers(&[Header::Etag]),
                json_of::<WithStatus>(schemas, examples::status()),
            )
            .problems(schemas, &workflow(&problems))
    });
    if let Some((schema, examples)) = body {
        operation["requestBody"] =
            json!({"required": false, "content": {"application/json": {"schema": schema, "examples": examples}}});
    }
    operation
}

fn json_of<T: schemars::JsonSchema>(schemas: &mut Schemas, example: Value) -> Value {
    json!({"application/json": {"schema": schemas.of_answer::<T>(), "example": example}})
}

/// The content of `GET /:id`: the whole status, or what `?fields=` names of it.
fn status_or_fields(schemas: &mut Schemas) -> Value {
    let mut content = status_content(schemas);
    let field = |name: &&str| {
        (
            (*name).to_owned(),
            json!({"$ref": format!("#/components/schemas/StatusView/properties/{name}")}),
        )
    };
    let fields: Map<String, Value> = status_fields::FIELDS.iter().map(field).collect();
    let selected = schemas.add(
        "SelectedStatus",
        json!({
            "description": "The fields of STATUS that `?fields=` names.",
            "type": "object",
            "properties": {
                "id": {"$ref": "#/components/schemas/WithStatus/properties/id"},
                "status": {"type": "object", "properties": fields, "minProperties": 0}
            },
            "required": ["id", "status"]
        }),
    );
    let json = &mut content["application/json"];
    json["schema"] = json!({"anyOf": [json["schema"], selected]});
    json["examples"]["fields"] = json!({"summary": "With ?fields=status,run", "value": examples::selected_status()});
    content
}

fn status_content(schemas: &mut Schemas) -> Value {
    json!({"application/json": {"schema": schemas.of_answer::<WithStatus>(), "examples": {
        "full": {"value": examples::status()},
        "simple": {"summary": "With ?simple=true", "value": examples::simple_status()}
    }}})
}

/// Browsers, which prefer HTML, get the console.
fn or_page(mut content: Value) -> Value {
    content[media_type(Form::Html)] = json!({"schema": {"type": "string"}});
    content
}

fn markdown() -> Value {
    json!({media_type(Form::Markdown): {"schema": {"type": "string"}, "example": examples::RESULT}})
}

fn markdown_or_json() -> Value {
    let mut content = markdown();
    content[media_type(Form::Json)] = json!({
        "schema": {"description": "What fits the schema of the request."},
        "example": {"port": 8080}
    });
    content
}

fn event_stream(schemas: &mut Schemas) -> Value {
    json!({media_type(Form::EventStream): events::content(schemas)})
}

/// Without parameters, as documents name them.
fn media_type(form: Form) -> &'static str {
    form.media_type().split(';').next().unwrap_or_default()
}

fn members(object: Value) -> impl Iterator<Item = (String, Value)> {
    match object {
        Value::Object(members) => members.into_iter(),
        _ => Map::new().into_iter(),
    }
}

fn with_headers(headers: &[Header]) -> Vec<Header> {
    [ANSWER.as_slice(), headers].concat()
}

fn preflight() -> Vec<Header> {
    [ANSWER.as_slice(), &[Header::Allow], PREFLIGHT.as_slice()].concat()
}

fn with(kinds: &[ProblemType]) -> Vec<ProblemType> {
    [ALWAYS.as_slice(), kinds].concat()
}

fn closed(kinds: &[ProblemType]) -> Vec<ProblemType> {
    [ALWAYS.as_slice(), CLOSED.as_slice(), kinds].concat()
}

/// Of operations on a workflow that must exist.
fn workflow(kinds: &[ProblemType]) -> Vec<ProblemType> {
    closed(&[OBJECT.as_slice(), &[ProblemType::NotFound], kinds].concat())
}
