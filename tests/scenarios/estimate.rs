//! What a plan is expected to take, as `plan_accepted` says it, against what it takes.

use orchestrator_workers::engine::words::event::Estimate;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::plan::{Form, Plan, PlanDraft, TaskDraft};
use orchestrator_workers::engine::words::spec::{Approval, Length, Mode, WorkflowSpec};
use orchestrator_workers::engine::{Control, Event};
use orchestrator_workers::model::tokens::{estimate_messages_tokens, estimate_tokens};

use crate::flow::Flow;
use crate::support::{model, spec_with};

/// Tasks of so many words each, the later ones depending on the first where it says so.
fn plan(form: Form, words: &[Option<u32>], chained: bool) -> Plan {
    let task = |(index, words): (usize, &Option<u32>)| TaskDraft {
        id: Some(format!("t{index}")),
        words: *words,
        depends_on: if chained && index > 0 {
            vec!["t0".into()]
        } else {
            vec![]
        },
        ..TaskDraft::new(format!("Write part {index}."))
    };
    let draft = PlanDraft {
        form,
        length: Some(words.iter().flatten().sum::<u32>()).filter(|sum| *sum > 0),
        shared: "All prices are in euros.".into(),
        criteria: vec!["The sums add up.".into()],
        tasks: words.iter().enumerate().map(task).collect(),
        ..PlanDraft::default()
    };
    Plan::from_draft(draft, 50).unwrap()
}

fn started(plan: Option<Plan>, change: impl FnOnce(&mut WorkflowSpec)) -> Flow {
    Flow::start(spec_with(|spec| {
        spec.tasks = plan;
        spec.options.max_subtasks = 50;
        change(spec);
    }))
}

fn estimate(flow: &Flow) -> Estimate {
    let accepted = flow.log.iter().find_map(|recorded| match &recorded.event {
        Event::PlanAccepted { estimate, .. } => *estimate,
        _ => None,
    });
    accepted.expect("no plan was accepted with an estimate")
}

fn of(plan: Plan) -> Estimate {
    estimate(&started(Some(plan), |_| {}))
}

/// A text of so many tokens.
fn text(tokens: u64) -> String {
    "word ".repeat(tokens as usize)
}

/// Plays the run with replies of these lengths, and adds up what was sent and answered.
fn spent(flow: &mut Flow, mut reply: impl FnMut(&str) -> String) -> Estimate {
    let mut sum = Estimate::default();
    while let Some(step) = flow.in_flight().first().cloned() {
        let request = flow.request(&step);
        let text = reply(&step);
        sum.calls += 1;
        sum.tokens += estimate_messages_tokens(&request.messages) + estimate_tokens(&text);
        flow.reply(&step, text);
    }
    sum
}

fn assert_close(expected: Estimate, spent: Estimate) {
    assert_eq!(expected.calls, spent.calls);
    let (low, high) = (spent.tokens * 8 / 10, spent.tokens * 12 / 10);
    assert!((low..=high).contains(&expected.tokens), "{expected:?}, but {spent:?}");
}

#[test]
fn it_comes_near_to_what_an_assembled_answer_takes() {
    let mut flow = started(Some(plan(Form::Assemble, &[Some(400); 5], false)), |_| {});
    let expected = estimate(&flow);
    let spent = spent(&mut flow, |step| match step {
        "edit/1" => format!(
            "@answer\n{}\n@include t0\n@include t1\n@include t2\n@include t3\n@include t4",
            text(500)
        ),
        _ => text(650),
    });
    assert_close(expected, spent);
}

#[test]
fn it_comes_near_to_what_a_merged_answer_with_dependencies_takes() {
    let mut flow = started(Some(plan(Form::Merge, &[Some(600); 4], true)), |_| {});
    let expected = estimate(&flow);
    let spent = spent(&mut flow, |step| match step {
        "synthesis" => text(3_600),
        _ => text(1_000),
    });
    assert_close(expected, spent);
}

#[test]
fn a_direct_answer_is_one_call() {
    let direct = |length| {
        let flow = started(None, |spec| {
            spec.options.mode = Mode::Direct;
            spec.options.length = length;
        });
        estimate(&flow)
    };
    let brief = direct(Length::Brief);
    assert_eq!((brief.calls, direct(Length::Normal).calls), (1, 1));
    assert!(brief.tokens < direct(Length::Normal).tokens);
    // The prompt and a third of what the reply may have.
    assert!(
        (2_700..4_000).contains(&direct(Length::Normal).tokens),
        "{:?}",
        direct(Length::Normal)
    );
}

#[test]
fn a_single_subtask_of_a_client_is_one_call() {
    assert_eq!(of(plan(Form::Merge, &[None], false)).calls, 1);
}

#[test]
fn parts_are_as_long_as_the_contract_says_and_no_longer_than_a_reply_may_be() {
    let long = |words| of(plan(Form::Assemble, &[Some(words), Some(words)], false)).tokens;
    assert!(long(1_000) > long(200) + 2_000);
    assert_eq!(long(20_000), long(15_000));
}

#[test]
fn inputs_of_dependents_are_counted() {
    let chained = of(plan(Form::Merge, &[Some(500); 4], true));
    let alone = of(plan(Form::Merge, &[Some(500); 4], false));
    assert_eq!(chained.calls, alone.calls);
    assert!(chained.tokens > alone.tokens + 3 * 800, "{chained:?} {alone:?}");
}

#[test]
fn reductions_are_counted_where_the_parts_do_not_fit_together() {
    let flow = started(Some(plan(Form::Merge, &[Some(2_000); 20], false)), |spec| {
        spec.big_models = vec![model("big", 24_000)];
    });
    assert!(estimate(&flow).calls > 20 + 2, "{:?}", estimate(&flow));
}

#[test]
#[allow(clippy::disallowed_methods, reason = "it measures, and runs natively")]
fn it_is_cheap_for_the_longest_prompt_and_the_most_subtasks() {
    let begun = std::time::Instant::now();
    let flow = started(Some(plan(Form::Assemble, &[None; 50], true)), |spec| {
        spec.prompt = "All of it. ".repeat(11_900);
        spec.options.max_concurrency = 1;
    });
    assert_eq!(estimate(&flow).calls, 51);
    let took = begun.elapsed();
    println!(
        "figure: a plan of 50 subtasks of a prompt of 128 KiB is accepted in {} ms",
        took.as_millis()
    );
    assert!(took.as_secs() < 5, "{took:?}");
}

#[test]
fn a_plan_that_the_budget_does_not_cover_has_a_warning_before_anything_is_paid_for() {
    let waiting = |budget: u64| {
        started(Some(plan(Form::Assemble, &[Some(900); 8], false)), |spec| {
            spec.options.token_budget = Some(budget);
            spec.options.approval = Approval::Plan;
        })
    };
    let flow = waiting(5_000);
    assert_eq!(
        (flow.status(), flow.warnings()),
        (Status::Waiting, vec!["plan budget".to_owned()])
    );
    let message = flow.view()["warnings"][0]["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("and 5000 of token_budget (5000) are left"),
        "{message}"
    );
    assert_eq!(waiting(500_000).warnings(), [""; 0]);
}

#[test]
fn an_edited_plan_has_an_estimate_of_its_own() {
    let mut flow = started(Some(plan(Form::Assemble, &[Some(900); 8], false)), |spec| {
        spec.options.approval = Approval::Plan;
    });
    let before = flow.view()["plan"]["estimate"]["calls"].clone();
    flow.control(Control::Approve(Some(
        vec![TaskDraft::new("a"), TaskDraft::new("b")].into(),
    )));
    let after = flow.view()["plan"]["estimate"]["calls"].clone();
    assert_eq!((before, after), (9.into(), 3.into()));
}

#[test]
fn no_plan_is_longer_than_the_client_allows() {
    let flow = started(Some(plan(Form::Assemble, &[Some(900); 8], false)), |spec| {
        spec.options.length = Length::Brief;
    });
    assert_eq!(flow.view()["plan"]["length"], 400);
}
