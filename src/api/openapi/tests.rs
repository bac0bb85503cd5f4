use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::api::config::{Bindings, Config};
use crate::api::problem::ProblemType;
use crate::api::routes::{Collection, Route};
use crate::api::submission::{self, Submission};
use crate::api::{contract, control, sse};

/// `UPDATE_OPENAPI=1 cargo test openapi`, which is `npm run openapi`, writes it anew.
#[test]
fn the_committed_document_is_what_the_types_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/openapi.json");
    let generated = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&file, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == generated,
        "src/api/openapi.json is out of date: run `npm run openapi` and commit it"
    );
}

#[test]
fn every_route_has_an_operation() {
    let index = |route: &Route| match route {
        Route::Index => 0,
        Route::Submit(Collection::Workflows) => 1,
        Route::Submit(Collection::Root) => 10,
        Route::Health => 2,
        Route::OpenApi => 3,
        Route::Status(_) => 4,
        Route::Delete(_) => 5,
        Route::Result(_) => 6,
        Route::Events(_) => 7,
        Route::Control(_, _) => 8,
        Route::Options { .. } => 9,
        Route::List => 11,
        Route::Ready => 12,
        Route::Access => 13,
    };
    let documented: BTreeSet<usize> = operations::routes().iter().map(|(_, _, route)| index(route)).collect();
    assert_eq!(documented, (0..14).collect());
    let document = document();
    for (path, method, _) in operations::routes() {
        let operation = &document["paths"][&path][method.to_ascii_lowercase()];
        assert!(
            operation["operationId"].is_string() && operation["responses"].is_object(),
            "{method} {path}"
        );
    }
}

#[test]
fn operations_have_names_and_tags() {
    let document = document();
    let (mut names, mut used) = (BTreeSet::new(), BTreeSet::new());
    for item in document["paths"].as_object().unwrap().values() {
        for (method, operation) in item.as_object().unwrap() {
            if method == "parameters" {
                continue;
            }
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name), "{name} is there twice");
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{name}");
            used.insert(operation["tags"][0].as_str().unwrap());
        }
    }
    let tags = document["tags"].as_array().unwrap();
    for tag in tags {
        assert!(
            ["stable", "experimental"].contains(&tag["x-stability"].as_str().unwrap()),
            "{tag}"
        );
    }
    assert_eq!(used, tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect());
    assert_eq!(used.len(), tags.len());
}

#[test]
fn links_lead_to_operations() {
    let document = document();
    let names: BTreeSet<String> = operations::routes()
        .iter()
        .map(|(path, method, _)| document["paths"][path][method.to_ascii_lowercase()]["operationId"].to_string())
        .collect();
    for path in ["/", "/workflows"] {
        let links = document["paths"][path]["post"]["responses"]["202"]["links"]
            .as_object()
            .unwrap();
        assert_eq!(links.len(), 9);
        for link in links.values() {
            assert!(names.contains(&link["operationId"].to_string()), "{link}");
        }
    }
}

#[test]
fn no_example_sends_an_owner_to_one_host() {
    let document = document().to_string();
    for own in [
        "wrangler",
        ".dev.vars",
        "npm start",
        "--env-file",
        "dashboard",
        "gives the container",
    ] {
        assert!(!document.contains(own), "{own}");
    }
}

#[test]
fn every_problem_type_is_described_and_its_example_is_one() {
    let document = document();
    for kind in ProblemType::ALL {
        let name = events::camel_case(kind.name());
        assert_eq!(examples::problem_of(kind).kind(), kind);
        assert_eq!(
            document["components"]["schemas"][format!("Problem{name}")]["properties"]["type"]["const"],
            kind.uri()
        );
        let response = &document["components"]["responses"][name];
        for (header, _) in examples::problem_of(kind)
            .headers()
            .filter(|(name, _)| *name != "content-type")
        {
            let documented = response["headers"].as_object().unwrap();
            assert!(
                documented.keys().any(|name| name.eq_ignore_ascii_case(header)),
                "{header} of {kind:?}"
            );
        }
    }
}

#[test]
fn every_event_has_a_schema_and_an_example() {
    let document = document();
    let named = &document["paths"]["/workflows/{id}/events"]["get"]["responses"]["200"]["content"]["text/event-stream"]
        ["x-events"];
    for name in sse::event_names() {
        let reference = named[name]["$ref"]
            .as_str()
            .unwrap_or_else(|| panic!("{name} is missing"));
        let schema = document.pointer(reference.strip_prefix('#').unwrap()).unwrap();
        let example = &schema["examples"][0];
        let is_shown = match name {
            sse::DELTA => true,
            sse::ANSWER => example["settled"].is_u64(),
            journaled => example["type"] == journaled,
        };
        assert!(is_shown, "{name}: {schema}");
    }
    assert_eq!(named.as_object().unwrap().len(), sse::event_names().len());
}

#[test]
fn what_is_private_stays_private() {
    let properties = document()["components"]["schemas"]["WorkflowSpec"]["properties"].clone();
    for private in sse::PRIVATE_SPEC_FIELDS {
        assert!(properties.get(private).is_none(), "{private}");
    }
    assert!(properties.get("prompt").is_some());
}

#[test]
fn the_schema_of_a_submission_has_the_fields_of_its_parser() {
    let document = document();
    let fields = |name: &str| -> BTreeSet<String> {
        let properties = document["components"]["schemas"][name]["properties"].as_object();
        properties.unwrap().keys().cloned().collect()
    };
    assert_eq!(fields("Submission"), submission::FIELDS.map(str::to_owned).into());
    let approve = &document["components"]["schemas"]["Approve"]["anyOf"][0]["properties"];
    let approve: BTreeSet<String> = approve.as_object().unwrap().keys().cloned().collect();
    assert_eq!(approve, contract::FIELDS.map(str::to_owned).into());
    assert_eq!(
        fields("SubmissionOptions"),
        submission::options::FIELDS.map(str::to_owned).into()
    );
}

#[test]
fn the_examples_of_requests_are_understood() {
    let document = document();
    let examples = |path: &str| -> Vec<Value> {
        let content = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"];
        content["examples"]
            .as_object()
            .unwrap()
            .values()
            .map(|example| example["value"].clone())
            .collect()
    };
    let variable = |name: &str| (name == "MODEL_PROVIDER").then(|| "demo".to_owned());
    let config = Config::from_vars(variable, &[], Bindings::default()).unwrap();
    for body in examples("/") {
        Submission::parse(Some("application/json"), body.to_string().as_bytes(), &config).unwrap();
    }
    for body in examples("/{id}/restart") {
        control::restart(body.to_string().as_bytes()).unwrap();
    }
    for body in examples("/{id}/approve") {
        control::approval(body.to_string().as_bytes()).unwrap();
    }
}

/// Links of the source's documentation mean nothing to a reader of the document.
#[test]
fn no_description_links_into_the_source() {
    let text = document().to_string();
    assert!(
        !text.contains("[`"),
        "{:?}",
        text.split("[`").nth(1).map(|rest| &rest[..40])
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        assert!(
            document.pointer(reference.trim_start_matches('#')).is_some(),
            "{reference}"
        );
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                references.push(reference.clone());
            }
            members.values().for_each(|member| collect(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
