//! What is measured is what is sent: every request of every step fits its model, what is cut says so, and a run that
//! was accepted never ends in an error of its context.

use orchestrator_workers::engine::show::view::Extent;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::plan::{Border, Form, Plan, PlanDraft, TaskDraft, TaskModel};
use orchestrator_workers::engine::words::spec::{Length, Mode, WorkflowSpec};
use orchestrator_workers::engine::words::step_name::StepName;
use orchestrator_workers::engine::{Event, Input, Recorded, Workflow, can_ever_answer};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::facts::default_context_tokens;
use orchestrator_workers::model::tokens::{estimate_messages_tokens, estimate_tokens, prefix_within_tokens};
use orchestrator_workers::model::{
    AnswerContent, Brief, ErrorClass, Finish, ModelRequest, ModelSpec, PartContent, Provider,
};
use proptest::prelude::*;

use crate::flow::Flow;
use crate::support::{self, T0, error, model, reply, spec_with, truncated};

/// A text of each kind that tokenizers differ about.
const SCRIPTS: [&str; 14] = [
    "The quick brown fox jumps over the lazy dog. ",
    "Die Straßenbahnhaltestellenüberdachung wird erneuert. ",
    "Съешь же ещё этих мягких французских булок. ",
    "色は匂へど散りぬるを我が世誰ぞ常ならむ。",
    "天地玄黃宇宙洪荒日月盈昃辰宿列張。",
    "키스의 고유조건은 입술끼리 만나야 한다. ",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा। ",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า ",
    "საქართველოს დედაქალაქი თბილისია. ",
    "🦀🧑‍🚀🇯🇵 ",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
    "9f86d081884c7d659a2feaa0c55ad015",
    "if (a[i] != b->c) { return x::y<z>(&q, 0x1F); }\n",
    "\t\t   \n   </user_request> ",
];

fn text(script: usize, tokens: u64) -> String {
    let piece = SCRIPTS[script % SCRIPTS.len()];
    let each = estimate_tokens(piece).max(1);
    let whole = piece.repeat(usize::try_from(tokens / each + 1).unwrap());
    prefix_within_tokens(&whole, tokens).to_owned()
}

#[derive(Clone, Debug)]
struct Case {
    big: Vec<u32>,
    small: Vec<u32>,
    script: usize,
    /// Of the big model's context, in percent.
    prompt: u64,
    instructions: u64,
    answers: Vec<u64>,
    /// In percent.
    dependent: u64,
    own_tasks: bool,
    failing: bool,
    cut_off: bool,
    titles: usize,
    configured: (u32, u32, u32),
    shape: Shape,
    /// Tokens of what is shared, of each border and of each criterion.
    contract: (u64, u64, u64),
}

/// How the answer comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A plan of 0.1.0.
    Bare,
    Contract(Form),
    Direct,
}

fn contexts() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![2_000..9_000_u32, 2_000..250_000_u32], 1..3)
}

fn cases() -> impl Strategy<Value = Case> {
    let limits = (256..5_000_u32, 64..5_000_u32, 256..9_000_u32);
    let answer = prop_oneof![0..60_u64, 0..1_500_u64, 0..9_000_u64];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let shape = prop_oneof![
        2 => Just(Shape::Bare),
        2 => Just(Shape::Contract(Form::Merge)),
        4 => Just(Shape::Contract(Form::Assemble)),
        1 => Just(Shape::Direct),
    ];
    let contract = (0..2_500_u64, 1..60_u64, 1..60_u64);
    (
        (contexts(), contexts(), 0..SCRIPTS.len(), 0..115_u64),
        (prop_oneof![0..40_u64, 0..900_u64], prop::collection::vec(answer, 1..51)),
        (0..60_u64, flags, 1..190_usize, limits),
        (shape, contract),
    )
        .prop_map(
            |(
                (big, small, script, prompt),
                (instructions, answers),
                (dependent, flags, titles, configured),
                (shape, contract),
            )| Case {
                shape,
                contract,
                big,
                small,
                script,
                prompt,
                instructions,
                answers,
                dependent,
                own_tasks: flags.0,
                failing: flags.1,
                cut_off: flags.2,
                titles,
                configured,
            },
        )
}

impl Case {
    fn drafts(&self) -> Vec<TaskDraft> {
        let is_contract = matches!(self.shape, Shape::Contract(_));
        let draft = |(index, _): (usize, &u64)| TaskDraft {
            criteria: if is_contract {
                vec![1 + index as u32 % 6]
            } else {
                Vec::new()
            },
            model: if is_contract && index % 9 == 4 {
                TaskModel::Big
            } else {
                TaskModel::Small
            },
            words: is_contract.then_some(300),
            id: Some(format!("t{index}")),
            title: Some(format!("{index} {}", "Title ".repeat(self.titles / 6))),
            instructions: format!("Do part {index}. {}", text(self.script, self.instructions))
                .trim()
                .to_owned(),
            depends_on: (0..index)
                .filter(|earlier| (index * 31 + earlier * 17) as u64 % 100 < self.dependent)
                .map(|earlier| format!("t{earlier}"))
                .collect(),
        };
        self.answers.iter().enumerate().map(draft).collect()
    }

    /// The plan with all that it says.
    fn plan(&self) -> PlanDraft {
        let (shared, border, criterion) = self.contract;
        let bare = PlanDraft {
            tasks: self.drafts(),
            ..PlanDraft::default()
        };
        let Shape::Contract(form) = self.shape else {
            return bare;
        };
        let line = |tokens| {
            text(self.script, tokens)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                + "."
        };
        PlanDraft {
            form,
            length: Some(900),
            shared: text(self.script, shared).trim().to_owned(),
            borders: vec![
                Border {
                    what: line(border),
                    owner: None
                };
                7
            ],
            criteria: vec![line(criterion); 6],
            ..bare
        }
    }

    fn spec(&self) -> Option<WorkflowSpec> {
        let plan = Plan::from_draft(self.plan(), 50).ok()?;
        let specs = |name: &str, contexts: &[u32]| -> Vec<ModelSpec> {
            let spec = |(index, context): (usize, &u32)| model(&format!("{name}-{index}"), *context);
            contexts.iter().enumerate().map(spec).collect()
        };
        let spec = spec_with(|spec| {
            let largest = u64::from(*self.big.iter().max().unwrap());
            let mut prompt = text(self.script, (largest * self.prompt / 100).max(1)) + "?";
            prompt.truncate(prompt.floor_char_boundary(128 * 1024));
            spec.prompt = prompt;
            spec.options.max_subtasks = 50;
            if self.shape == Shape::Direct {
                spec.options.mode = Mode::Direct;
            } else {
                spec.tasks = self.own_tasks.then_some(plan);
            }
            if self.failing {
                spec.options.length = Length::Brief;
            }
            spec.big_models = specs("big", &self.big);
            spec.small_models = specs("small", &self.small);
            let (plan, subtask, synthesis) = self.configured;
            spec.policy.plan_max_tokens = plan;
            spec.policy.subtask_max_tokens = subtask;
            spec.policy.synthesis_max_tokens = synthesis;
        });
        can_ever_answer(&spec).is_ok().then_some(spec)
    }

    /// The plan, as a model writes it.
    fn plan_text(&self) -> String {
        let plan = self.plan();
        let tasks: Vec<_> = plan
            .tasks
            .into_iter()
            .map(|draft| {
                serde_json::json!({"id": draft.id, "title": draft.title, "instructions": draft.instructions,
                    "depends_on": draft.depends_on, "criteria": draft.criteria, "words": draft.words,
                    "model": draft.model})
            })
            .collect();
        if self.shape == Shape::Bare {
            return serde_json::json!({ "tasks": tasks }).to_string();
        }
        serde_json::json!({"mode": "split", "form": plan.form, "length": plan.length, "shared": plan.shared,
            "borders": plan.borders, "criteria": plan.criteria, "tasks": tasks})
        .to_string()
    }
}

/// What a request takes as it is sent.
fn tokens(request: &ModelRequest) -> u64 {
    let schema = request
        .json_schema
        .as_ref()
        .map_or(0, |schema| estimate_tokens(&schema.to_string()));
    estimate_messages_tokens(&request.messages) + schema
}

/// The request fits, and what is cut in it is marked and warned of.
fn check_request(workflow: &Workflow, step: &StepName, request: &ModelRequest) -> Result<(), TestCaseError> {
    let context = u64::from(request.model.context_tokens);
    let prompt = tokens(request);
    prop_assert!(
        prompt + u64::from(request.max_tokens) <= context && request.max_tokens > 0,
        "{step}: {prompt} + {} in {context}",
        request.max_tokens
    );
    let policy = &workflow.spec().policy;
    let configured = match step {
        StepName::Plan => policy.plan_max_tokens,
        StepName::Subtask(_) => policy.subtask_max_tokens,
        StepName::Edit(_) | StepName::Synthesis | StepName::Review(_) | StepName::Structure => {
            policy.synthesis_max_tokens
        }
        StepName::Reduce(_) => 1,
    };
    let wanted = configured.min(request.model.context_tokens / 2);
    prop_assert!(
        request.max_tokens >= wanted.min((wanted / 4).max(512)),
        "{step} may reply with {} of {wanted} tokens",
        request.max_tokens
    );
    let whole = &workflow.spec().prompt;
    let sent: String = request
        .messages
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    let (shown, answers) = match &request.brief {
        Brief::Plan { prompt, .. }
        | Brief::Direct { prompt, .. }
        | Brief::Edit { prompt, .. }
        | Brief::Review { prompt, .. }
        | Brief::Structure { prompt, .. } => (prompt, &[][..]),
        Brief::Synthesis { prompt, answers, .. } => (prompt, &answers[..]),
        Brief::Subtask { prompt, inputs, .. } => (prompt, &inputs[..]),
        Brief::Reduce { prompt, answers, .. } => (prompt, &answers[..]),
    };
    let mut cut = shown != whole;
    if cut {
        prop_assert!(
            matches!(step, StepName::Subtask(_) | StepName::Reduce(_)),
            "{step} has a cut prompt"
        );
        prop_assert!(shown.contains("cut to fit") && estimate_tokens(shown) < estimate_tokens(whole));
    }
    // Those of a subtask are cut; the others are whole, or pieces that together are.
    if let StepName::Subtask(_) = step {
        for answer in answers {
            if let AnswerContent::Text { text, cut: marked } = &answer.content {
                let shortened = text.contains("cut to fit");
                prop_assert!(!shortened || *marked, "{step}: {} is cut without a mark", answer.id);
                cut |= shortened;
            }
        }
    }
    // The editor's are whole, or outlines of all their sections; those of a plain editor are cut.
    if let Brief::Edit { parts, .. } = &request.brief {
        for part in parts {
            if let PartContent::Whole { text, cut: marked, .. }
            | PartContent::Outline {
                outline: text,
                cut: marked,
                ..
            } = &part.content
            {
                let shortened = text.contains("cut to fit");
                prop_assert!(!shortened || *marked, "{step}: {} is cut without a mark", part.id);
                cut |= shortened;
            }
        }
    }
    cut |= sent.contains("more, cut to fit");
    let warned = workflow
        .warnings()
        .iter()
        .any(|warning| warning.step == step.to_string() && warning.message.contains("was cut to fit"));
    prop_assert!(!cut || warned, "{step} is cut without a warning");
    Ok(())
}

/// Plays a run with models that answer within their limits.
fn play(case: &Case, spec: WorkflowSpec) -> Result<Workflow, TestCaseError> {
    let (mut workflow, first) = Workflow::create(spec, T0);
    let mut log = first;
    log.extend(workflow.handle(Input::TimePassed, T0, 1).unwrap());
    let mut continuations = 0;
    for _ in 0..2_000 {
        let Some(attempt) = workflow.in_flight().first().cloned() else {
            break;
        };
        let request = workflow.model_request(&attempt).unwrap();
        check_request(&workflow, &attempt.step, &request)?;
        let again = workflow.model_request(&attempt);
        prop_assert_eq!(again.as_ref(), Some(&request), "the same state, the same request");
        let limit = u64::from(request.max_tokens);
        let outcome = match &attempt.step {
            StepName::Plan => Ok(reply(case.plan_text())),
            StepName::Subtask(id) => {
                let index: usize = id[1..].parse().unwrap();
                let answer = format!("A{index} {}", text(case.script + index, case.answers[index].min(limit)));
                match index % 7 {
                    3 if case.failing => Err(error(ErrorClass::Permanent, ErrorName::BadRequest)),
                    5 if case.cut_off => Ok(truncated(answer)),
                    _ => Ok(reply(answer)),
                }
            }
            StepName::Reduce(_) => {
                let read = tokens(&request).saturating_sub(600) / 3;
                Ok(reply(text(case.script, read.clamp(1, limit)) + "."))
            }
            StepName::Synthesis if case.cut_off && continuations < 3 => {
                continuations += 1;
                Ok(truncated(text(case.script, limit.max(2)) + "x"))
            }
            StepName::Edit(1) => Ok(match continuations {
                0 if case.cut_off => {
                    continuations += 1;
                    truncated("@edit t0\n<<<<\nnot in the part\n====\n")
                }
                _ if case.script.is_multiple_of(5) => reply("A whole text."),
                _ => reply(
                    "@edit t1\n<<<<\nA1\n====\nB1\n>>>>\n@edit t0\n<<<<\nnot there\n====\n>>>>\n@answer\n@include t0",
                ),
            }),
            StepName::Edit(_) => Ok(reply("none")),
            StepName::Synthesis => Ok(reply("The end.")),
            StepName::Review(_) => Ok(reply("none")),
            StepName::Structure => Ok(reply("{}")),
        };
        log.extend(
            workflow
                .handle(Input::AttemptFinished { attempt, outcome }, T0, 7)
                .unwrap(),
        );
        workflow.validate().map_err(TestCaseError::fail)?;
    }
    let recorded: Vec<Recorded> = log
        .into_iter()
        .zip(1..)
        .map(|(event, seq)| Recorded { seq, at: T0, event })
        .collect();
    support::check(&workflow, &recorded).map_err(TestCaseError::fail)?;
    check_reductions(&recorded)?;
    Ok(workflow)
}

/// Each round reads every text of the one before it, without gap or overlap.
fn check_reductions(log: &[Recorded]) -> Result<(), TestCaseError> {
    let mut texts: Vec<(String, usize)> = Vec::new();
    for recorded in log {
        match &recorded.event {
            Event::AttemptCompleted { step, text, .. } => {
                texts.retain(|(name, _)| *name != step.to_string());
                texts.push((step.to_string(), text.chars().count()));
            }
            Event::ReductionPlanned { reductions } => {
                let mut read: Vec<(String, usize)> = Vec::new();
                for part in reductions.iter().flat_map(|reduction| &reduction.parts) {
                    let name = part.step.to_string();
                    match read.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, to)) => {
                            prop_assert_eq!(*to, part.from);
                            *to = part.to;
                        }
                        None => {
                            prop_assert_eq!(part.from, 0);
                            read.push((name, part.to));
                        }
                    }
                }
                for (name, to) in read {
                    let whole = texts.iter().find(|(known, _)| *known == name).map(|(_, chars)| *chars);
                    prop_assert_eq!(Some(to), whole, "{} is read to its end", name);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    // More with PROPTEST_CASES.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(
        if std::env::var_os("PROPTEST_CASES").is_some() { ProptestConfig::default().cases } else { 24 }) })]

    #[test]
    fn whatever_is_asked_fits_and_an_accepted_run_never_ends_in_an_error_of_its_context(case in cases()) {
        let spec = case.spec();
        prop_assume!(spec.is_some());
        let workflow = play(&case, spec.unwrap())?;
        let view = serde_json::to_value(workflow.view(Extent::SIMPLE)).unwrap();
        // A planner's subtasks may all be too long for every small model, which nobody knows before they are planned.
        let errored = workflow.error().map(|error| error.name.clone());
        prop_assert!(
            workflow.status() == Status::Complete
                || errored.as_deref() == Some("AllSubtasksFailed") && (case.failing || !case.own_tasks),
            "{view:#}"
        );
    }
}

#[test]
fn every_model_that_is_known_by_name_is_asked_within_its_context() {
    let names = [
        (Provider::WorkersAi, "@cf/nvidia/nemotron-3-120b-a12b"),
        (Provider::WorkersAi, "@cf/google/gemma-4-26b-a4b-it"),
        (Provider::WorkersAi, "@cf/zai-org/glm-5.3-flash"),
        (Provider::WorkersAi, "@cf/zai-org/glm-5"),
        (Provider::WorkersAi, "@cf/zai-org/glm-4.7-flash"),
        (Provider::WorkersAi, "@cf/openai/gpt-oss-120b"),
        (Provider::WorkersAi, "@cf/moonshotai/kimi-k2"),
        (Provider::WorkersAi, "@cf/meta/llama-3.3-70b-instruct-fp8-fast"),
        (Provider::WorkersAi, "@cf/meta/llama-4-scout-17b"),
        (Provider::WorkersAi, "@cf/meta/llama-3.2-3b-instruct"),
        (Provider::WorkersAi, "@cf/meta/llama-3.2-1b-instruct"),
        (Provider::WorkersAi, "@cf/meta/llama-3.1-8b-instruct-fp8"),
        (Provider::WorkersAi, "@cf/meta/llama-3.1-70b"),
        (Provider::WorkersAi, "@cf/meta/llama-3-8b-instruct"),
        (Provider::WorkersAi, "@cf/meta/llama-2-7b-chat"),
        (Provider::WorkersAi, "@cf/qwen/qwen3-30b-a3b-fp8"),
        (Provider::WorkersAi, "@cf/qwen/qwen2.5-coder-32b"),
        (Provider::WorkersAi, "@cf/qwen/qwq-32b"),
        (Provider::WorkersAi, "@cf/deepseek-ai/deepseek-r1-distill-qwen-32b"),
        (Provider::WorkersAi, "@cf/mistralai/mistral-small-3.1-24b"),
        (Provider::WorkersAi, "@cf/google/gemma-3-12b-it"),
        (Provider::WorkersAi, "@cf/mistral/mistral-7b-instruct"),
        (Provider::WorkersAi, "@cf/somebody/new"),
        (Provider::Openai, "gpt-5-mini"),
        (Provider::Openai, "gpt-4.1"),
        (Provider::Openai, "gpt-4o"),
        (Provider::Openai, "gpt-4-32k"),
        (Provider::Openai, "gpt-4"),
        (Provider::Openai, "gpt-3.5-turbo"),
        (Provider::Openai, "o1-mini"),
        (Provider::Openai, "o3"),
        (Provider::Ollama, "llama3.2:3b"),
    ];
    let mut answered = 0;
    for (number, (provider, name)) in names.into_iter().enumerate() {
        let context = default_context_tokens(provider, name);
        for prompt in [1, 80] {
            let case = Case {
                big: vec![context],
                small: vec![context],
                script: number,
                prompt,
                instructions: 100,
                answers: vec![700; 1 + (number * 7) % 50],
                dependent: 20,
                own_tasks: number % 2 == 0,
                failing: number % 3 == 0,
                cut_off: number % 5 == 0,
                titles: 40,
                configured: (4_096, 4_096, 8_192),
                shape: match number % 4 {
                    0 => Shape::Bare,
                    1 => Shape::Contract(Form::Merge),
                    _ => Shape::Contract(Form::Assemble),
                },
                contract: (800, 30, 30),
            };
            if let Some(spec) = case.spec() {
                let workflow = play(&case, spec).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(
                    workflow.status(),
                    Status::Complete,
                    "{name} {prompt}: {:?}",
                    workflow.error()
                );
                answered += 1;
            }
        }
    }
    assert!(answered * 3 > names.len() * 4, "{answered} of {}", names.len() * 2);
}

#[test]
fn a_continuation_shows_what_fits_and_is_not_refused_for_what_is_not_shown() {
    let mut flow = Flow::planned(
        spec_with(|spec| {
            spec.big_models = vec![model("big", 8_192)];
            spec.policy.synthesis_max_tokens = 4_096;
        }),
        &[("a", &[]), ("b", &[])],
    );
    flow.reply("subtask/a", text(0, 2_000));
    flow.reply("subtask/b", "B");
    for part in 1..=3 {
        let limit = u64::from(flow.request("synthesis").max_tokens);
        flow.finish("synthesis", Ok(truncated(text(0, limit.max(3_500)))));
        let request = flow.request("synthesis");
        assert!(tokens(&request) + u64::from(request.max_tokens) <= 8_192, "part {part}");
        let shown = &request.messages[2].content;
        assert!(estimate_tokens(shown) >= 64, "part {part}: {shown:?}");
        assert!(request.max_tokens >= 512, "part {part}");
    }
    flow.reply("synthesis", "The end.");
    assert_eq!((flow.status(), flow.warnings()), (Status::Complete, vec![]));
}

#[test]
fn long_reasons_of_many_missing_answers_are_cut_and_never_stop_the_synthesis() {
    let ids: Vec<String> = (0..30).map(|number| format!("t{number}")).collect();
    let tasks: Vec<(&str, &[&str])> = ids.iter().map(|id| (id.as_str(), &[] as &[&str])).collect();
    let mut flow = Flow::planned(
        spec_with(|spec| {
            spec.options.max_subtasks = 50;
            spec.big_models = vec![model("big", 8_192)];
            spec.small_models = vec![model("small", 8_192)];
        }),
        &tasks,
    );
    for id in &ids[1..] {
        let mut failure = error(ErrorClass::Permanent, ErrorName::BadRequest);
        failure.message = "a long explanation of what was wrong with this request, ".repeat(20);
        flow.fail(&format!("subtask/{id}"), failure);
    }
    flow.reply("subtask/t0", "The only answer.");
    assert_eq!(flow.in_flight(), ["synthesis"]);
    let request = flow.request("synthesis");
    assert!(tokens(&request) + u64::from(request.max_tokens) <= 8_192);
    let named = request.messages[1].content.matches("<missing_answer").count();
    assert_eq!(named, 29, "each gap is named");
    assert!(flow.warnings().contains(&"synthesis truncated".to_owned()));
}

#[test]
fn a_reason_that_is_too_long_alone_does_not_stop_a_plan_that_fits() {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.big_models = vec![model("big", 4_096)];
        spec.policy.plan_max_tokens = 1_024;
        spec.prompt = text(0, 1_200);
    }));
    // A cycle of many subtasks with long ids is named whole.
    let id = |number: usize| format!("t{number}-{}", "x".repeat(58));
    let tasks: Vec<_> = (0..8)
        .map(
            |number| serde_json::json!({"id": id(number), "instructions": "Do.", "depends_on": [id((number + 1) % 8)]}),
        )
        .collect();
    flow.reply("plan", serde_json::json!({ "tasks": tasks }).to_string());
    let request = flow.request("plan");
    assert!(tokens(&request) + u64::from(request.max_tokens) <= 4_096);
    assert!(flow.in_flight() == ["plan"] && flow.warnings().is_empty());
}

#[test]
fn an_outline_that_does_not_fit_is_cut_and_says_how_many_are_left_out() {
    let ids: Vec<String> = (0..50).map(|number| format!("t{number}")).collect();
    let tasks: Vec<_> = ids
        .iter()
        .map(|id| {
            serde_json::json!({"id": id, "title": format!("{id} {}", "long title ".repeat(16)),
            "instructions": format!("Do {id}.")})
        })
        .collect();
    let mut flow = Flow::start(spec_with(|spec| {
        spec.options.max_subtasks = 50;
        spec.small_models = vec![model("small", 2_048)];
    }));
    flow.reply("plan", serde_json::json!({ "tasks": tasks }).to_string());
    assert_eq!(flow.in_flight().len(), 50);
    let request = flow.request("subtask/t49");
    assert!(tokens(&request) + u64::from(request.max_tokens) <= 2_048);
    let user = &request.messages[1].content;
    assert!(
        user.contains("<your_task id=\"t49\">") && user.contains("more, cut to fit the model's context"),
        "{user}"
    );
    assert!(flow.warnings().contains(&"subtask/t49 truncated".to_owned()));
}

#[test]
#[allow(clippy::disallowed_methods, reason = "it measures, and runs natively")]
fn fifty_subtasks_of_the_longest_prompt_are_started_in_a_moment() {
    let case = Case {
        big: vec![250_000],
        small: vec![16_000],
        script: 0,
        prompt: 90,
        instructions: 100,
        answers: vec![100; 50],
        dependent: 0,
        own_tasks: true,
        failing: false,
        cut_off: false,
        titles: 40,
        configured: (4_096, 4_096, 8_192),
        shape: Shape::Contract(Form::Assemble),
        contract: (800, 30, 30),
    };
    let spec = case.spec().unwrap();
    assert!(spec.prompt.len() > 100_000, "{}", spec.prompt.len());
    let begun = std::time::Instant::now();
    let (mut workflow, _) = Workflow::create(spec, T0);
    workflow.handle(Input::TimePassed, T0, 1).unwrap();
    let took = begun.elapsed();
    println!(
        "figure: 50 subtasks of a prompt of 128 KiB start in {} ms",
        took.as_millis()
    );
    assert_eq!(workflow.in_flight().len(), 50);
    // Ten times what it takes on a slow machine: it is there for what is quadratic.
    assert!(took.as_secs() < 5, "{took:?}");
}

#[test]
fn what_the_parts_of_a_run_share_stands_first_in_what_is_sent() {
    let drafts = (0..3).map(|number| TaskDraft {
        criteria: vec![number + 1],
        ..TaskDraft::new(format!("Do part {number}."))
    });
    let plan = PlanDraft {
        shared: "All prices are in euros.".into(),
        borders: vec![Border {
            what: "the list of prices".into(),
            owner: Some("t1".into()),
        }],
        criteria: vec!["one".into(), "two".into(), "three".into()],
        tasks: drafts.collect(),
        ..PlanDraft::default()
    };
    let flow = Flow::start(spec_with(|spec| {
        spec.tasks = Some(Plan::from_draft(plan, 8).unwrap());
        spec.options.instructions = Some("Be formal.".into());
    }));
    let sent: Vec<String> = flow
        .in_flight()
        .iter()
        .map(|step| {
            let messages = flow.request(step).messages;
            messages
                .iter()
                .map(|message| message.content.as_str())
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect();
    let own = sent[0].find("<answer_criteria>\n- one").unwrap();
    for text in [
        "Be formal.",
        "2026-01-01",
        "All prices",
        "(t1 decides)",
        "- t3: Do part 2.",
    ] {
        assert!(sent[0][..own].contains(text), "{text}");
    }
    assert!(sent.iter().all(|other| other.starts_with(&sent[0][..own])));
}

#[test]
fn an_attempt_says_which_prompts_and_which_request_it_was_started_with() {
    let flow = Flow::planned(spec_with(|_| {}), &[("a", &[]), ("b", &[])]);
    let mut seen = std::collections::BTreeSet::new();
    for recorded in &flow.log {
        if let Event::AttemptStarted {
            prompts,
            request_sha256,
            ..
        } = &recorded.event
        {
            assert_eq!(*prompts, Some(2));
            let digest = request_sha256.clone().unwrap();
            assert!(digest.len() == 64 && seen.insert(digest));
        }
    }
    assert_eq!(seen.len(), 3);
}

#[test]
fn parts_that_do_not_fit_the_editor_are_shown_as_outlines_and_go_through_whole() {
    let ids: Vec<String> = (0..50).map(|number| format!("t{number}")).collect();
    let tasks = ids.iter().map(|id| TaskDraft {
        id: Some(id.clone()),
        ..TaskDraft::new(format!("Write {id}."))
    });
    let plan = PlanDraft {
        form: Form::Assemble,
        tasks: tasks.collect(),
        ..PlanDraft::default()
    };
    let mut flow = Flow::start(spec_with(|spec| {
        spec.tasks = Some(Plan::from_draft(plan, 50).unwrap());
        spec.options.max_subtasks = 50;
        spec.big_models = vec![model("big", 32_000)];
    }));
    for id in &ids {
        flow.reply(
            &format!("subtask/{id}"),
            format!(
                "## Part {id}\n\n{}\n\n### More of {id}\n\n{}",
                text(0, 1_500),
                text(0, 1_500)
            ),
        );
    }
    let request = flow.request("edit/1");
    assert!(tokens(&request) + u64::from(request.max_tokens) <= 32_000);
    let user = &request.messages[1].content;
    assert_eq!(user.matches("\n<part_outline id=").count(), 50);
    assert!(
        user.contains("t49.1 ## Part t49") && user.contains("t49.2 ### More of t49"),
        "{user}"
    );
    let includes: String = ids.iter().map(|id| format!("@include {id}\n")).collect();
    flow.reply(
        "edit/1",
        format!("@section t7.2\n<<<<\n### Nothing more\n>>>>\n@answer\nThe lead.\n{includes}"),
    );
    let answer = flow.workflow.result().unwrap();
    assert!(estimate_tokens(answer) > 140_000);
    assert!(answer.contains("### Nothing more") && !answer.contains("### More of t7\n"));
    assert_eq!((flow.status(), flow.warnings()), (Status::Complete, vec![]));
}

#[test]
fn the_repair_of_edits_is_shown_the_parts_concerned_the_script_and_the_reasons() {
    let plan = PlanDraft {
        form: Form::Assemble,
        tasks: vec![TaskDraft::new("One."), TaskDraft::new("Two.")],
        ..PlanDraft::default()
    };
    let mut flow = Flow::start(spec_with(|spec| spec.tasks = Some(Plan::from_draft(plan, 8).unwrap())));
    flow.reply("subtask/t1", "## One\n\nThe first.\n\nNote: check the second.");
    flow.reply("subtask/t2", "## Two\n\nThe second.");
    let user = flow.request("edit/1").messages[1].content.clone();
    assert!(
        user.contains("words=\"3\">\n## One\n\nThe first.\n</written_part>"),
        "{user}"
    );
    assert!(
        user.contains("<part_notes id=\"t1\">\nNote: check the second.\n</part_notes>"),
        "{user}"
    );
    flow.reply(
        "edit/1",
        "@edit t2\n<<<<\nThe third.\n====\nX\n>>>>\n@answer\n@include t1\n@include t2",
    );
    let user = flow.request("edit/2").messages[1].content.clone();
    assert!(
        user.contains("<written_part id=\"t2\"") && !user.contains("<written_part id=\"t1\""),
        "{user}"
    );
    assert!(user.contains("<editor_script>\n@edit t2"), "{user}");
    assert!(
        user.contains("<failed_edits>\n- edit 1 (of t2): the old text is not in part t2"),
        "{user}"
    );
}

#[test]
fn a_direct_answer_needs_room_for_its_own_request_only() {
    let small = |mode, max_subtasks| {
        spec_with(|spec| {
            spec.options.mode = mode;
            spec.options.max_subtasks = max_subtasks;
            spec.big_models = vec![model("big", 2_048)];
            spec.small_models = vec![model("small", 512)];
            spec.prompt = text(0, 1_000);
        })
    };
    assert!(can_ever_answer(&small(Mode::Auto, 8)).is_err());
    assert!(can_ever_answer(&small(Mode::Split, 8)).is_err());
    for spec in [small(Mode::Direct, 8), small(Mode::Auto, 1)] {
        assert!(can_ever_answer(&spec).is_ok());
        let mut flow = Flow::start(spec);
        let request = flow.request("synthesis");
        assert!(matches!(request.brief, Brief::Direct { .. }));
        assert!(tokens(&request) + u64::from(request.max_tokens) <= 2_048);
        flow.reply("synthesis", "The answer.");
        assert_eq!(flow.workflow.result(), Some("The answer."));
    }
}

#[test]
fn a_small_context_gets_the_plain_prompts() {
    for (context, is_plain) in [(16_383, true), (16_384, false)] {
        let flow = Flow::start(spec_with(|spec| spec.big_models = vec![model("big", context)]));
        let system = &flow.request("plan").messages[0].content;
        assert_eq!(!system.contains("\"shared\""), is_plain, "{context}");
    }
}

#[test]
fn an_unknown_finish_is_no_truncation() {
    let mut flow = Flow::planned(spec_with(|_| {}), &[("a", &[]), ("b", &["a"])]);
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    for _ in 0..2 {
        let odd = orchestrator_workers::model::ModelReply {
            finish: Finish::Unknown("odd".into()),
            ..reply("S")
        };
        flow.finish("synthesis", Ok(odd));
        flow.pass(60_000);
    }
    assert_eq!(
        (flow.status(), flow.warnings()),
        (Status::Complete, vec!["synthesis unknown_finish".to_owned()])
    );
}
