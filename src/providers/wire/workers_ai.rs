//! The `inputs` of `env.AI.run(model, inputs, options)`.
//!
//! They depend on the family (`facts::workers_ai_family`). Native models get `max_tokens` and, in JSON mode, no stream
//! (error 5023). Chat-style models get `max_tokens` and `max_completion_tokens`, because a model's age decides which of
//! the two it reads, and a streamed JSON mode that [`Adaptations`] gives up when it is refused. `@` models get a bare
//! schema, as Cloudflare's own client sends it, although the pages of the newer ones declare OpenAI's envelope; the
//! envelope is the first alternative. gpt-oss gets `messages`, not `input`, and so answers like the others.

use super::adapt::Adaptations;
use super::chat::{Call, common_fields};
use crate::model::ModelRequest;
use serde_json::Value;

/// The inputs of a call. The options (signal, `returnRawResponse`, gateway) are the transport's and always the same.
pub fn workers_ai_call(request: &ModelRequest, adaptations: &Adaptations) -> Call {
    let streaming = adaptations.streams(request.json_schema.is_some());
    let body = Value::Object(common_fields(request, adaptations, streaming));
    Call {
        body,
        streaming,
        max_tokens: adaptations.max_tokens(request.max_tokens),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::fixtures::{plan_request, plan_schema, subtask_request};
    use super::*;
    use crate::model::Provider;
    use serde_json::json;

    const LLAMA: &str = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";
    const GEMMA: &str = "@cf/google/gemma-4-26b-a4b-it";

    fn call(request: &ModelRequest) -> Call {
        workers_ai_call(request, &Adaptations::new(&request.model))
    }

    #[test]
    fn a_plan_on_a_native_model_has_a_bare_schema_and_no_stream() {
        let call = call(&plan_request(Provider::WorkersAi, LLAMA));
        assert!(!call.streaming);
        assert_eq!(
            call.body,
            json!({
                "messages": [{"role": "system", "content": "You plan."}, {"role": "user", "content": "Build it."}],
                "max_tokens": 4096, "temperature": 0.2,
                "response_format": {"type": "json_schema", "json_schema": plan_schema()},
            })
        );
    }

    #[test]
    fn a_subtask_on_a_native_model_streams() {
        let call = call(&subtask_request(Provider::WorkersAi, LLAMA));
        assert!(call.streaming);
        assert_eq!(
            call.body,
            json!({"messages": [{"role": "user", "content": "Do it."}], "max_tokens": 4096, "stream": true})
        );
    }

    #[test]
    fn a_native_model_without_json_mode_plans_by_the_prompt_and_streams() {
        let call = call(&plan_request(Provider::WorkersAi, "@cf/meta/llama-3.2-3b-instruct"));
        assert!(call.streaming && call.body.get("response_format").is_none());
    }

    #[test]
    fn a_plan_on_a_chat_style_model_streams_with_both_limits_and_low_effort() {
        for name in [
            GEMMA,
            "@cf/openai/gpt-oss-120b",
            "@cf/nvidia/nemotron-3-120b-a12b",
            "@cf/zai-org/glm-4.7-flash",
        ] {
            let call = call(&plan_request(Provider::WorkersAi, name));
            assert!(call.streaming);
            assert_eq!(call.body["stream"], true);
            assert_eq!(
                (&call.body["max_tokens"], &call.body["max_completion_tokens"]),
                (&json!(4096), &json!(4096))
            );
            assert_eq!(call.body["reasoning_effort"], "low");
            assert_eq!(call.body["response_format"]["json_schema"], plan_schema());
            assert!(call.body.get("temperature").is_none() && call.body.get("model").is_none());
        }
    }

    #[test]
    fn refusals_change_the_form_of_the_schema() {
        let request = plan_request(Provider::WorkersAi, GEMMA);
        let mut adaptations = Adaptations::new(&request.model);
        assert!(adaptations.learn(
            400,
            concat!(
                r#"{"errors":[{"code":5006,"message":"Error: required property 'name' missing at "#,
                r#"/response_format/json_schema"}]}"#,
            )
        ));
        assert_eq!(
            workers_ai_call(&request, &adaptations).body["response_format"]["json_schema"]["name"],
            "plan"
        );
        assert!(adaptations.learn(400, "InferenceUpstreamError: 5024: JSON Mode couldn't be met"));
        let call = workers_ai_call(&request, &adaptations);
        assert!(call.streaming && call.body.get("response_format").is_none());
    }

    #[test]
    fn a_model_of_the_catalogue_gets_the_envelope_and_its_limit() {
        let call = call(&plan_request(Provider::WorkersAi, "openai/gpt-5-mini"));
        assert_eq!(call.body["response_format"]["json_schema"]["strict"], true);
        assert_eq!(call.body["max_completion_tokens"], 4096);
        assert!(call.body.get("max_tokens").is_none());
    }
}
