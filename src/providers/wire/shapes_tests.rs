use super::*;
use serde_json::json;

fn said(value: Value) -> Said {
    read_part(&value).says.into_iter().next().unwrap_or_default()
}

fn text(value: Value) -> String {
    said(value).text
}

#[test]
fn content_comes_in_four_shapes() {
    assert_eq!(text(json!({"choices": [{"message": {"content": "a"}}]})), "a");
    let hidden = said(json!({"choices": [{"message": {"content": null, "reasoning_content": "r"}}]}));
    assert_eq!((hidden.text.as_str(), hidden.reasoning.as_str()), ("", "r"));
    let parts = said(json!({"choices": [{"message": {"content": [
        {"type": "thinking", "thinking": [{"type": "text", "text": "t"}]},
        {"type": "text", "text": "a"}, "b", {"type": "reference", "reference_ids": [1]}
    ]}}]}));
    assert_eq!(
        (parts.text.as_str(), parts.reasoning.as_str(), parts.doubtful),
        ("ab", "t", false)
    );
    assert_eq!(
        text(json!({"choices": [{"message": {"content": {"tasks": []}}}]})),
        r#"{"tasks":[]}"#
    );
    assert_eq!(text(json!({"choices": [{"text": "a"}]})), "a");
    assert_eq!(
        text(json!({"choices": [{"delta": {"content": null}, "text": "a"}]})),
        "a"
    );
    assert_eq!(
        said(json!({"choices": [{"message": {"content": null, "refusal": "I can't"}}]})).refusal,
        "I can't"
    );
}

#[test]
fn choices_are_given_by_their_numbers() {
    let both = read_part(&json!({"choices": [
        {"index": 1, "delta": {"content": "b"}}, {"index": 0, "delta": {"content": "a"}}
    ]}));
    let texts: Vec<(Option<u64>, &str)> = both.says.iter().map(|said| (said.index, said.text.as_str())).collect();
    assert_eq!(texts, [(Some(0), "a"), (Some(1), "b")]);
}

#[test]
fn a_native_response_is_a_string_an_object_or_a_number() {
    assert_eq!(text(json!({"response": "a"})), "a");
    assert_eq!(text(json!({"response": {"a": 1}})), r#"{"a":1}"#);
    assert_eq!(text(json!({"response": 42})), "42");
    assert_eq!(text(json!({"response": null})), "");
    let both = said(json!({"response": "a", "choices": [{"delta": {"content": "a"}}]}));
    assert_eq!(
        (both.text.as_str(), both.doubtful),
        ("a", false),
        "both name the same token"
    );
    let two = said(json!({"response": "a", "choices": [{"delta": {"content": "b"}}]}));
    assert!(two.doubtful);
}

#[test]
fn a_result_is_unwrapped() {
    let part = read_part(&json!({
        "result": {"response": "a", "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
        "success": true,
        "errors": []
    }));
    assert_eq!(part.says.first().map(|said| said.text.as_str()), Some("a"));
    assert_eq!(part.usage.map(|usage| usage.completion_tokens), Some(2));
    assert_eq!(text(json!({"result": "a", "success": true})), "a");
    assert_eq!(
        text(json!({"code": 200, "data": {"choices": [{"message": {"content": "a"}}]}})),
        "a"
    );
}

#[test]
fn output_items_that_are_no_message_are_left_out() {
    let reply = said(json!({"output": [
        {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "r"}]},
        {"type": "message", "content": [{"type": "output_text", "text": "a"}]},
    ], "status": "incomplete"}));
    assert_eq!((reply.text.as_str(), reply.reasoning.as_str()), ("a", "r"));
    assert_eq!(reply.stopped, Some(Stopped::Length));
    assert_eq!(text(json!({"output": [], "output_text": "a"})), "a");
}

#[test]
fn errors_are_found_in_every_place() {
    for value in [
        json!({"error": {"message": "m"}}),
        json!({"error": "m"}),
        json!({"errors": [{"code": 1, "message": "m"}], "success": false}),
        json!({"success": false, "message": "m"}),
        json!({"object": "error", "message": "m"}),
        json!({"status": "error", "message": "m"}),
        json!({"result": {"error": "m"}, "success": true}),
        json!({"type": "response.failed", "response": {"error": {"message": "m"}}}),
        json!({"internalCode": 3040, "description": "m"}),
        json!({"choices": [{"error": {"message": "m"}, "delta": {}}]}),
        json!({"x_groq": {"error": "m"}, "choices": []}),
        json!({"base_resp": {"status_code": 1008, "status_msg": "m"}, "choices": null}),
        json!({"message": "m", "request_id": "r"}),
        json!({"detail": "m"}),
    ] {
        assert_eq!(
            read_part(&value).fault.map(|fault| fault.message),
            Some("m".to_owned()),
            "{value}"
        );
    }
}

#[test]
fn what_could_hold_text_under_another_name_is_doubtful() {
    let doubtful = |value: Value| {
        let part = read_part(&value);
        part.reading == Reading::Doubtful || part.says.iter().any(|said| said.doubtful)
    };
    for value in [
        json!({"hello": "world"}),
        json!([1]),
        json!("text"),
        json!({"choices": ["text"]}),
        json!({"choices": [{"delta": {"contents": "a"}, "finish_reason": null}]}),
        json!({"choices": [{"delta": "a", "finish_reason": null}]}),
        json!({"choices": [{"delto": {"content": "a"}, "finish_reason": null}]}),
        json!({"choices": [{"delta": {}, "finish_reasons": "length"}]}),
        json!({"choices": [{"delta": {"content": [{"type": "new", "words": "a"}]}}]}),
        json!({"choises": [], "usage": null, "id": "a", "text": "b"}),
        json!({"type": "response.output_text.delts", "delta": "a"}),
        json!({"message": {"content": ""}, "done": true, "done_reasons": "length"}),
    ] {
        assert!(doubtful(value.clone()), "{value}");
    }
    for value in [
        json!({}),
        json!({"choices": []}),
        json!({"choices": null, "usage": null}),
        json!({"choices": [], "sources": ["a"]}),
        json!({"choices": [{"index": 0, "delta": {}}], "usage": {}}),
        json!({"choices": [{"delta": {"role": "assistant"}, "finish_reason": null}]}),
        json!({"choices": [{"delta": {"content": "a", "new": "b"}, "finish_reason": null, "newer": "c"}]}),
        json!({"choices": [{"index": 0, "finish_reason": null, "content_filter_raw": [1]}]}),
        json!({"id": "a", "object": "chat.completion.chunk", "created": 1, "model": "m"}),
        json!({"type": "ping"}),
    ] {
        assert!(!doubtful(value.clone()), "{value}");
    }
}
