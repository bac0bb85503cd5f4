//! Requests, recorded replies and a fixed seed for the tests of the providers.
//!
//! A reply is `(name, content type, body, outcome)`; the outcome is `finish|usage|text` or `error class name`.

use crate::model::{Brief, Finish, Message, MessageRole, ModelError, ModelReply, ModelRequest, ModelSpec, Provider};
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

pub(in crate::providers) struct Fixture {
    pub(in crate::providers) name: &'static str,
    pub(in crate::providers) content_type: Option<&'static str>,
    pub(in crate::providers) body: &'static str,
    pub(in crate::providers) outcome: &'static str,
}

/// The outcome of a reply in the words of the fixtures.
pub(in crate::providers) fn outcome_of(reply: &Result<ModelReply, ModelError>) -> String {
    match reply {
        Err(error) => format!("error {:?} {}", error.class, error.name),
        Ok(reply) => {
            let finish = if reply.finish == Finish::Stop { "stop" } else { "length" };
            let usage = reply.usage.map_or("-".to_owned(), |usage| {
                format!("{}+{}", usage.prompt_tokens, usage.completion_tokens)
            });
            format!("{finish}|{usage}|{}", reply.text)
        }
    }
}

const SSE: Option<&str> = Some("text/event-stream; charset=utf-8");
const JSON: Option<&str> = Some("application/json");

const fn fixture(
    name: &'static str,
    content_type: Option<&'static str>,
    body: &'static str,
    outcome: &'static str,
) -> Fixture {
    Fixture {
        name,
        content_type,
        body,
        outcome,
    }
}

pub(in crate::providers) const FIXTURES: &[Fixture] = &[
    fixture(
        "an OpenAI stream with usage in a late chunk",
        SSE,
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\
        \"finish_reason\":null}],\"usage\":null}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hé\"},\"finish_reason\":null}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"llo 🦀\"}}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3,\"total_tokens\":12}}\n\n\
        data: [DONE]\n\n",
        "stop|9+3|Héllo 🦀",
    ),
    fixture(
        "a vLLM stream without [DONE] and without usage",
        SSE,
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\ndata: \
        {\"choices\":[{\"delta\":{\"content\":\"b\"},\"finish_reason\":\"length\"}]}",
        "length|-|ab",
    ),
    fixture(
        "an OpenRouter stream with keep-alive comments",
        SSE,
        ": OPENROUTER PROCESSING\n\n\
        : OPENROUTER PROCESSING\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n\
        data: [DONE]\n\n",
        "stop|-|x",
    ),
    fixture(
        "a reasoning stream",
        SSE,
        "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\",\"content\":null}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"yes\"},\"finish_reason\":\"stop\"}],\
        \"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n\
        data: [DONE]\n\n",
        "stop|1+2|yes",
    ),
    fixture(
        "thinking in the content of a stream",
        SSE,
        "data: {\"choices\":[{\"delta\":{\"content\":\"<thi\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"nk>hm</th\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"ink>\\n\\nyes <\"}}]}\n\n\
        data: [DONE]\n\n",
        "stop|-|yes <",
    ),
    fixture(
        "a stream that begins inside a think block",
        SSE,
        "data: {\"choices\":[{\"delta\":{\"content\":\"hm\\n\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"</think>\\n\\nyes\"},\"finish_reason\":\"stop\"}]}\n\n",
        "stop|-|yes",
    ),
    fixture(
        "a Workers AI stream of a native model",
        SSE,
        "data:{\"response\":\"He\"}\n\n\
        data: {\"response\":\"llo\"}\n\n\
        data: {\"response\":7}\n\n\
        data: {\"response\":\"\",\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,\"total_tokens\":7}}\n\n\
        data: [DONE]\n\n",
        "stop|5+2|Hello7",
    ),
    fixture(
        "a stream whose usage shows that the limit was reached",
        SSE,
        "data: {\"response\":\"Hello\"}\n\n\
        data: {\"response\":\"\",\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":4096}}\n\n\
        data: [DONE]\n\n",
        "length|5+4096|Hello",
    ),
    fixture(
        "a stream that was cut off",
        SSE,
        "data: {\"choices\":[{\"delta\":{\"content\":\"ab\"}}]}\n\ndata: {\"choi",
        "error Transient StreamCutOff",
    ),
    fixture(
        "a stream that ended before its first event",
        SSE,
        ": hello\n\n",
        "error Transient StreamCutOff",
    ),
    fixture(
        "malformed events between good ones",
        SSE,
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n\
        data: {oops\n\n\
        data: {\"hello\":1}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n\
        data: [DONE]\n\n",
        "stop|-|ab",
    ),
    fixture(
        "nothing but malformed events",
        SSE,
        "data: {oops\n\ndata: [DONE]\n\n",
        "error Transient BadReply",
    ),
    fixture(
        "events without blank lines between them",
        SSE,
        "data: {\"response\":\"a\"}\ndata: {\"response\":\"b\"}\ndata: [DONE]\n",
        "stop|-|ab",
    ),
    fixture("only [DONE]", SSE, "data: [DONE]\n\n", "stop|-|"),
    fixture(
        "an error in a stream",
        SSE,
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n\
        data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"code\":\"overloaded\"}}\n\n",
        "error Transient OutOfCapacity",
    ),
    fixture(
        "llama.cpp's error field",
        SSE,
        "error: {\"code\":400,\"message\":\"the request exceeds the available context size\",\
        \"type\":\"invalid_request_error\"}\n\n\
        data: [DONE]\n\n",
        "error Permanent ContextTooLong",
    ),
    fixture(
        "OpenRouter's error chunk",
        SSE,
        "data: {\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\"},\
        \"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n",
        "error Transient RateLimited",
    ),
    fixture(
        "a bare JSON error in a stream",
        SSE,
        ": ping\n\n{\"error\":\"insufficient_quota\"}\n",
        "error Quota QuotaExceeded",
    ),
    fixture(
        "a content filter's end",
        SSE,
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"content_filter\"}]}\n\n\
        data: [DONE]\n\n",
        "error Permanent ContentFiltered",
    ),
    fixture(
        "a tool call nobody offered",
        SSE,
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]},\"finish_reason\":\"tool_calls\"}]}\n\n\
        data: [DONE]\n\n",
        "error Transient BadReply",
    ),
    fixture(
        "a Responses API stream",
        SSE,
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\",\
        \"error\":null}}\n\n\
        event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"ab\"}\n\n\
        data: {\"type\":\"response.incomplete\",\"response\":{\"status\":\"incomplete\",\
        \"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"ab\"}]}],\
        \"usage\":{\"input_tokens\":3,\"output_tokens\":2}}}\n\n",
        "length|3+2|ab",
    ),
    fixture(
        "a whole chat completion",
        JSON,
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"<think>x</think>Hello 🦀\"},\
        \"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3}}",
        "stop|9+3|Hello 🦀",
    ),
    fixture(
        "plain JSON in answer to a stream request",
        SSE,
        "\n{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"length\"}]}\n",
        "length|-|a",
    ),
    fixture(
        "a reply of reasoning alone",
        JSON,
        "{\"choices\":[{\"message\":{\"content\":null,\"reasoning_content\":\"hm\"},\"finish_reason\":\"length\"}],\
        \"usage\":{\"prompt_tokens\":1,\"completion_tokens\":9}}",
        "length|1+9|",
    ),
    fixture(
        "a native reply in JSON mode",
        JSON,
        "{\"response\":{\"tasks\":[\"a\"]},\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}",
        "stop|1+2|{\"tasks\":[\"a\"]}",
    ),
    fixture(
        "a native reply as a JSON string",
        JSON,
        "{\"response\":\"{\\\"tasks\\\":[]}\"}",
        "stop|-|{\"tasks\":[]}",
    ),
    fixture("a native reply as a number", JSON, "{\"response\":42}", "stop|-|42"),
    fixture(
        "gpt-oss with input",
        JSON,
        "{\"output\":[{\"type\":\"reasoning\",\"content\":[{\"type\":\"reasoning_text\",\"text\":\"hm\"}]},\
        {\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"yes\"}]}],\"error\":null,\
        \"status\":\"incomplete\",\"usage\":{\"input_tokens\":7,\"output_tokens\":8}}",
        "length|7+8|yes",
    ),
    fixture(
        "the REST API's wrapper",
        None,
        "{\"result\":{\"response\":\"a\"},\"success\":true,\"errors\":[],\"messages\":[]}",
        "stop|-|a",
    ),
    fixture(
        "the REST API's failure",
        JSON,
        "{\"result\":null,\"success\":false,\"errors\":[{\"code\":3040,\"message\":\"busy\"}]}",
        "error Transient OutOfCapacity",
    ),
    fixture(
        "a JSON error of status 200",
        JSON,
        "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\"}}",
        "error Permanent BadRequest",
    ),
    fixture("a JSON string", JSON, "\"hello\"", "stop|-|hello"),
    fixture(
        "a JSON reply cut off",
        JSON,
        "{\"choices\":[{\"mess",
        "error Transient StreamCutOff",
    ),
    fixture("malformed JSON", JSON, "{\"a\":1}}", "error Transient BadReply"),
    fixture(
        "JSON of an unknown shape",
        JSON,
        "{\"hello\":\"world\"}",
        "error Transient BadReply",
    ),
    fixture(
        "an HTML page",
        Some("text/html"),
        "\n<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head></html>",
        "error Permanent BadReply",
    ),
    fixture(
        "plain text",
        Some("text/plain"),
        "upstream connect error\n",
        "error Transient BadReply",
    ),
    fixture("an empty body", None, " \n", "error Transient EmptyReply"),
];
