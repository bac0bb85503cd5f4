//! Plans that are no JSON, as public reports tell of model replies: each is read, and each beginning of it is refused.
//!
//! A row has the source that told of the kind, and a reply of our own that is of this kind.

use super::*;

/// All hold these two subtasks.
fn expected() -> Vec<Task> {
    let task = |id: &str, instructions: &str, depends_on: &[&str]| Task {
        criteria: Vec::new(),
        model: Default::default(),
        words: None,
        id: id.to_owned(),
        title: format!("Part {id}"),
        instructions: instructions.to_owned(),
        depends_on: depends_on.iter().map(|id| (*id).to_owned()).collect(),
    };
    vec![task("a", "List what's there.", &[]), task("b", "Sum it up.", &["a"])]
}

const READ: &[(&str, &str)] = &[
    (
        "a comma before a closing bracket: bytedance/deer-flow 2371, dataelement/Clawith 212, manhhailua/lorekeep 192",
        r#"{"tasks": [{"id": "a", "title": "Part a", "instructions": "List what's there.", "depends_on": [],},
            {"id": "b", "title": "Part b", "instructions": "Sum it up.", "depends_on": ["a",],},],}"#,
    ),
    (
        "Python's quotes, None and True: waybarrios/vllm-mlx 63, huggingface/smolagents 962, lablup/mlxcel 1306",
        r#"{'analysis': None, 'done': True, 'tasks': [
            {'id': 'a', 'title': 'Part a', 'instructions': "List what's there.", 'depends_on': []},
            {'id': 'b', 'title': 'Part b', 'instructions': 'Sum it up.', 'depends_on': ['a']}]}"#,
    ),
    (
        "an apostrophe escaped as in Python: NousResearch/atropos 478, evalops/diffscope 45",
        r#"{'tasks': [{'id': 'a', 'title': 'Part a', 'instructions': 'List what\'s there.', 'depends_on': []},
            {'id': 'b', 'title': 'Part b', 'instructions': 'Sum it up.', 'depends_on': ['a']}]}"#,
    ),
    (
        "keys without quotes: mangiucugna/json_repair, the README of jsonrepair-rs",
        r#"{tasks: [{id: "a", title: "Part a", instructions: "List what's there.", depends_on: []},
            {id: "b", title: "Part b", instructions: "Sum it up.", depends_on: ["a"]}]}"#,
    ),
    (
        "comments of both kinds: langchain4j 3233, FoundationAgents/MetaGPT 733 and 799, MorpheusAIs/Lite-Client 15",
        r#"{ // the plan
            "tasks": [ # two parts
            {"id": "a", "title": "Part a", "instructions": "List what's there.", "depends_on": []}, // first
            /* then */ {"id": "b", "title": "Part b", "instructions": "Sum it up.", "depends_on": ["a"]}]}"#,
    ),
    (
        "typographic quotes: konklone/json 158, Qarj/fix-busted-json 5",
        r#"{“tasks”: [{“id”: “a”, “title”: “Part a”, “instructions”: "List what's there.", “depends_on”: []},
            {“id”: “b”, “title”: “Part b”, “instructions”: “Sum it up.”, “depends_on”: [“a”]}]}"#,
    ),
    (
        "a comma forgotten between objects and at a line's end: mangiucugna/json_repair",
        "{\"analysis\": \"\"\n\"tasks\": [{\"id\": \"a\", \"title\": \"Part a\"\n\"instructions\": \
            \"List what's there.\"} \
            {\"id\": \"b\", \"title\": \"Part b\", \"instructions\": \"Sum it up.\", \"depends_on\": [\"a\"]}]}",
    ),
    (
        "the list as a string: coctostan/pi-hashline-readmap 145 (GLM, Opus), NousResearch/hermes-agent 114486",
        r#"{"tasks": "[{\"id\": \"a\", \"title\": \"Part a\", \"instructions\": \"List what's there.\"}, {\"id\":
            \"b\", \"title\": \"Part b\", \"instructions\": \"Sum it up.\", \"depends_on\": [\"a\"]}]"}"#,
    ),
    (
        "a tool call with its arguments as a string: huggingface/smolagents 267 and 1000",
        r#"{"name": "plan", "arguments": "{\"tasks\": [{\"id\": \"a\", \"title\": \"Part a\", \"instructions\":
            \"List what's there.\"}, {\"id\": \"b\", \"title\": \"Part b\", \"instructions\": \"Sum it up.\",
            \"depends_on\": [\"a\"]}]}"}"#,
    ),
    (
        "a tool call in tags, its arguments as an object: Qwen's template, awslabs/hybrid-model-factory 7",
        r#"<tool_call>{"name": "plan", "arguments": {"tasks": [{"id": "a", "title": "Part a", "instructions":
            "List what's there."}, {"id": "b", "title": "Part b", "instructions": "Sum it up.", "depends_on": ["a"]}]}}
            </tool_call>"#,
    ),
    (
        "a tool call under `function`: huggingface/smolagents 962",
        r#"{"type": "function", "function": {"name": "plan", "parameters": {"tasks": [{"id": "a", "title": "Part a",
            "instructions": "List what's there."}, {"id": "b", "title": "Part b", "instructions": "Sum it up.",
            "depends_on": ["a"]}]}}}"#,
    ),
    (
        "a whole message's tool_calls as text: Arthur-Ficial/apfel 188",
        r#"{"tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "plan", "arguments":
            "{'tasks': [{'id': 'a', 'title': 'Part a', 'instructions': 'List what\\'s there.'}, {'id': 'b',
            'title': 'Part b', 'instructions': 'Sum it up.', 'depends_on': ['a']}]}"}}]}"#,
    ),
    (
        "a list of one tool call: NousResearch/hermes-agent 58057",
        r#"[{"name": "plan", "arguments": {"tasks": [{"id": "a", "title": "Part a", "instructions":
            "List what's there."}, {"id": "b", "title": "Part b", "instructions": "Sum it up.",
            "depends_on": ["a"]}]}}]"#,
    ),
    (
        "a field that is NaN, between prose and a fence",
        "Here is the plan {as asked}:\n```json\n{\"score\": NaN, \"tasks\": [{\"id\": \"a\", \"title\": \"Part a\", \
            \"instructions\": \"List what's there.\"}, {\"id\": \"b\", \"title\": \"Part b\", \"instructions\": \
            \"Sum it up.\", \"depends_on\": [\"a\"]}]}\n```\nGood luck!",
    ),
];

#[test]
fn what_reports_tell_of_is_read() {
    for (source, reply) in READ {
        let plan = Plan::from_model_reply(reply, 8).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(plan.tasks(), expected(), "{source}");
    }
}

#[test]
fn no_beginning_of_a_reply_is_a_plan_of_fewer_subtasks() {
    for (source, reply) in READ {
        for (end, _) in reply.char_indices() {
            for read in [Plan::from_model_reply, Plan::from_ended_reply] {
                if let Ok(plan) = read(&reply[..end], 8) {
                    assert_eq!(plan.tasks(), expected(), "{source}: {}", &reply[..end]);
                }
            }
        }
    }
}

/// The text of a string is what was meant: langroid 569 (line breaks), json_repair 19 and matthiasn/lotti 4304
/// (Markdown), localOllamaRAG 153 and Vilin97/lean-pool 426 (LaTeX), google/generative-ai-docs 488 (`\u`).
#[test]
fn strings_with_raw_line_breaks_and_needless_backslashes_are_read() {
    for (written, meant) in [
        ("One.\nTwo.\tThree.", "One.\nTwo.\tThree."),
        (r"max\_tokens \- \*all\*", "max_tokens - *all*"),
        (r"\alpha + \sum \\beta", r"\alpha + \sum \beta"),
        (r"\user and \u00e9 and \ud83e\udd80 and \_", "\\user and é and 🦀 and _"),
        (r"half \ud83e one\_", "half \u{fffd} one_"),
        (r"it\'s", "it's"),
    ] {
        let reply = format!("{{\"tasks\": [{{\"instructions\": \"{written}\"}}]}}");
        let plan = Plan::from_model_reply(&reply, 8).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(plan.tasks()[0].instructions, meant);
    }
}

/// ollama 17565 (Gemma 4) and 14180 (gpt-oss), Qarj/fix-busted-json 5. A list that is not closed may lack subtasks.
#[test]
fn the_last_brace_alone_may_be_missing_and_only_where_the_reply_was_not_cut_off() {
    let whole =
        r#"{"analysis": "x", "tasks": [{"id": "a", "instructions": "Do a."}, {"id": "b", "instructions": "Do b."}]}"#;
    for missing in 1..whole.len() {
        let cut = &whole[..whole.len() - missing];
        assert!(Plan::from_model_reply(cut, 8).is_err(), "{cut}");
        assert_eq!(Plan::from_ended_reply(cut, 8).is_ok(), missing == 1, "{cut}");
    }
    let fenced = format!("```json\n{}\n```", &whole[..whole.len() - 1]);
    assert_eq!(Plan::from_ended_reply(&fenced, 8).unwrap().tasks().len(), 2);
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    for reply in [
        // josdejong/jsonrepair 197, mangiucugna/json_repair 49, 56 and 94: quotes that are not escaped.
        r#"{"tasks": [{"instructions": "Say "yes", "no" or nothing."}]}"#,
        "{'tasks': ['List what's there.']}",
        // Words without quotes.
        "{tasks: [do this, then that]}",
        // A dependency is no plan, whatever damage is around it.
        r#"{tasks: [{instructions: do it, depends_on: ["t1"]}]}"#,
        r#"{'tasks': [{'instructions': 'x' 'y', 'depends_on': ["t1", "t2"]}]}"#,
        r#"{"tasks": "Do a, then do b."}"#,
        r#"{"name": "plan", "arguments": "{\"tasks\": [{\"instructions\": \"x\"}"}"#,
    ] {
        assert!(Plan::from_ended_reply(reply, 8).is_err(), "{reply}");
    }
}

#[test]
fn brackets_of_prose_hide_no_plan() {
    let plan = "{'tasks': ['Do a.', 'Do b.']}";
    for prose in [
        "See [#12] first.",
        "Given {x | x > 1}:",
        "As asked [1] {here}:",
        "<think>[ok]</think>",
        "// note [2]",
    ] {
        let reply = format!("{prose}\n{plan}");
        assert_eq!(
            Plan::from_model_reply(&reply, 8).map(|plan| plan.tasks().len()),
            Ok(2),
            "{reply}"
        );
    }
}
