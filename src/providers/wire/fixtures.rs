//! Requests and a fixed seed for the tests of the providers. What servers answer is in [`super::behaviours`].

use crate::model::{Brief, Message, MessageRole, ModelRequest, ModelSpec, Provider};
use proptest::test_runner::{Config, RngSeed};
use serde_json::{Value, json};

pub(in crate::providers) fn deterministic(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_260_101),
        ..Config::default()
    }
}

pub(in crate::providers) fn plan_schema() -> Value {
    json!({
        "type": "object",
        "properties": {"tasks": {"type": "array", "maxItems": 8, "items": {"type": "string"}}},
        "required": ["tasks"]
    })
}

pub(in crate::providers) fn plan_request(provider: Provider, name: &str) -> ModelRequest {
    ModelRequest {
        model: ModelSpec {
            provider,
            name: name.into(),
            context_tokens: 8_192,
        },
        messages: vec![
            message(MessageRole::System, "You plan."),
            message(MessageRole::User, "Build it."),
        ],
        brief: Brief::Plan {
            plan: Default::default(),
            terms: Default::default(),
            prompt: "Build it.".into(),
            instructions: None,
            max_subtasks: 8,
            repair: None,
        },
        max_tokens: 4_096,
        json_schema: Some(plan_schema()),
        attempt: 1,
    }
}

pub(in crate::providers) fn subtask_request(provider: Provider, name: &str) -> ModelRequest {
    let brief = Brief::Reduce {
        history: Vec::new(),
        prompt: "Do it.".into(),
        instructions: None,
        number: 1,
        answers: vec![],
    };
    ModelRequest {
        messages: vec![message(MessageRole::User, "Do it.")],
        brief,
        json_schema: None,
        ..plan_request(provider, name)
    }
}

fn message(role: MessageRole, content: &str) -> Message {
    Message {
        role,
        content: content.into(),
    }
}
