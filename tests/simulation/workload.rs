//! What is simulated: a workflow's specification, how much goes wrong, and what people do to it.

use orchestrator_workers::engine::words::history::Conversation;
use orchestrator_workers::engine::words::plan::{Form, Plan, PlanDraft, PlanEdit, TaskDraft, TaskModel};
use orchestrator_workers::engine::words::spec::{
    Approval, Exchange, Length, Mode, OnDisconnect, OnSubtaskFailure, Review, WorkflowSpec,
};

use crate::random::Random;
use crate::support;

/// Chances in percent.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    pub error: u64,
    pub hang: u64,
    pub nonsense: u64,
    pub truncation: u64,
    /// A reply that comes once more, some time later.
    pub late: u64,
    /// An append fails, the write lost or kept.
    pub journal: u64,
    /// A crash at any time, beside those at every commit.
    pub crash: u64,
    /// Per thousand turns: the host is gone in the middle of a turn, at any await.
    pub gone: u64,
    /// `delete_all`, `sync` and reading fail.
    pub storage: u64,
    /// A deployment with a wrong configuration, for minutes.
    pub configuration: u64,
    /// Work in the background that is never polled again.
    pub dropped: u64,
    /// A crash after which the alarm is gone, as an older build could leave it.
    pub alarm_lost: u64,
    /// What the index of the tenant is told gets lost, or its answer.
    pub network: u64,
}

#[derive(Clone, Debug)]
pub struct Workload {
    pub spec: WorkflowSpec,
    pub heartbeat_ms: u64,
    pub trouble: Trouble,
    /// Answers are long and contexts small: reductions and cut inputs.
    pub long_answers: bool,
    pub subtasks_max: u64,
    /// In order of time.
    pub script: Vec<(u64, Action)>,
}

/// What a client does.
#[derive(Clone, Debug)]
pub enum Action {
    Create,
    Read,
    Wait {
        ms: u64,
    },
    Pause,
    Resume,
    Terminate,
    Approve {
        edited: bool,
    },
    RestartEverything,
    /// Any step: the one at this index, modulo their number.
    RestartFrom {
        index: u64,
    },
    /// The same, with a remark.
    RestartWithRemark {
        index: u64,
    },
    RestartFailed,
    Delete,
    Crash,
    /// The platform drops the work in the background, while the object stays in memory.
    DropBackground,
    /// The configuration is wrong for so long.
    Misconfigure {
        ms: u64,
    },
}

pub fn generate(seed: u64) -> Workload {
    let random = Random::new(seed);
    let trouble = match random.range(0, 9) {
        0..=2 => Trouble {
            error: 0,
            hang: 0,
            nonsense: 0,
            truncation: 0,
            late: 0,
            journal: 0,
            crash: 0,
            gone: 0,
            storage: 0,
            configuration: 0,
            dropped: 0,
            alarm_lost: 0,
            network: 0,
        },
        3..=7 => Trouble {
            error: 12,
            hang: 4,
            nonsense: 8,
            truncation: 8,
            late: 15,
            journal: 2,
            crash: 20,
            gone: 2,
            storage: 2,
            configuration: 4,
            dropped: 4,
            alarm_lost: 10,
            network: 30,
        },
        _ => Trouble {
            error: 40,
            hang: 10,
            nonsense: 20,
            truncation: 20,
            late: 30,
            journal: 8,
            crash: 50,
            gone: 10,
            storage: 10,
            configuration: 15,
            dropped: 10,
            alarm_lost: 30,
            network: 60,
        },
    };
    // One in two has no failing journal, so that the checks that such a failure excuses have bite.
    let trouble = Trouble {
        journal: if random.percent(50) { trouble.journal } else { 0 },
        storage: if random.percent(50) { trouble.storage } else { 0 },
        ..trouble
    };
    let long_answers = random.percent(5);
    let subtasks_max = random.range(1, if random.percent(20) { 8 } else { 4 });
    let mut spec = support::spec();
    spec.nonce = format!("nonce-{seed}-1");
    choose_options(&mut spec, &random);
    if random.percent(15) {
        follow_up(&mut spec, &random);
    }
    choose_policy(&mut spec, &random, long_answers);
    choose_patience(&mut spec, &Random::new(!seed));
    if random.percent(25) {
        spec.tasks = Some(client_tasks(&random, subtasks_max));
    } else {
        choose_mode(&mut spec, &random);
    }
    Workload {
        heartbeat_ms: *random.pick(&[500, 10_000]),
        script: script(&random, &trouble, &spec),
        spec,
        trouble,
        long_answers,
        subtasks_max,
    }
}

fn choose_options(spec: &mut WorkflowSpec, random: &Random) {
    let options = &mut spec.options;
    options.max_concurrency = *random.pick(&[1, 2, 3, 50, 50]);
    if random.percent(15) {
        options.approval = Approval::Plan;
    }
    if random.percent(15) {
        options.on_subtask_failure = OnSubtaskFailure::Fail;
    }
    if random.percent(30) {
        options.review = Review::Once;
    }
    if random.percent(20) {
        options.output_schema = Some(serde_json::json!({ "type": "object" }));
    }
    if random.percent(10) {
        options.token_budget = Some(random.range(20, 400));
    }
    if random.percent(15) {
        options.deadline_seconds = Some(random.range(1, 60));
    }
}

/// It goes on with a conversation, now and then with a long one.
fn follow_up(spec: &mut WorkflowSpec, random: &Random) {
    let answer = |number| {
        format!(
            "Earlier answer {number}.{}",
            " word".repeat(random.range(0, 400) as usize)
        )
    };
    let history = (1..=random.range(1, 6)).map(|number| Exchange {
        request: format!("Earlier request {number}."),
        answer: answer(number),
        cut: false,
    });
    let nonce = format!("parent-{:x}", random.bits());
    let conversation = Conversation::new("w0".to_owned(), nonce, 1, 0, history.collect());
    (spec.parent, spec.history) = (Some(conversation.parent), conversation.history);
}

fn choose_policy(spec: &mut WorkflowSpec, random: &Random, long_answers: bool) {
    let policy = &mut spec.policy;
    if random.percent(4) {
        // Beside the reserve, room for a few dozen events.
        policy.journal_bytes_max = 1_572_864 + random.range(8_000, 60_000);
    }
    policy.attempts_max = *random.pick(&[5, 5, 5, 2, 3]) as u32;
    policy.failures_per_model = *random.pick(&[3, 3, 1]) as u32;
    policy.lost_max = *random.pick(&[10, 10, 3]) as u32;
    policy.first_token_timeout_ms = random.range(2_000, 20_000);
    policy.idle_timeout_ms = random.range(1_000, 10_000);
    policy.attempt_timeout_ms = random.range(10_000, 60_000);
    spec.big_models.truncate(random.range(1, 2) as usize);
    spec.small_models.truncate(random.range(1, 2) as usize);
    if long_answers {
        policy.subtask_max_tokens = 512;
        policy.synthesis_max_tokens = 1_024;
        for model in spec.big_models.iter_mut().chain(&mut spec.small_models) {
            model.context_tokens = 4_096;
        }
    }
}

/// What becomes of it while the client is away, which comes back within seconds.
fn choose_patience(spec: &mut WorkflowSpec, random: &Random) {
    spec.policy.disconnect_ms = random.range(100, 4_000);
    spec.options.on_disconnect = match random.range(0, 99) {
        0..=14 => OnDisconnect::Pause,
        15..=17 => OnDisconnect::Terminate,
        _ => OnDisconnect::Continue,
    };
}

fn choose_mode(spec: &mut WorkflowSpec, random: &Random) {
    let options = &mut spec.options;
    options.mode = *random.pick(&[
        Mode::Auto,
        Mode::Auto,
        Mode::Auto,
        Mode::Split,
        Mode::Split,
        Mode::Direct,
    ]);
    if random.percent(6) {
        options.max_subtasks = 1;
    }
    if random.percent(20) {
        options.length = Length::Brief;
    }
}

/// A client's own plan, half of them with a contract.
fn client_tasks(random: &Random, subtasks_max: u64) -> Plan {
    let is_contract = random.percent(50);
    let tasks = (1..=random.range(1, subtasks_max)).map(|number| TaskDraft {
        depends_on: dependencies(random, number),
        criteria: if is_contract && number == 1 {
            vec![1]
        } else {
            Vec::new()
        },
        model: if is_contract && random.percent(30) {
            TaskModel::Big
        } else {
            TaskModel::Small
        },
        ..TaskDraft::new(format!("Do part {number}."))
    });
    let tasks = tasks.collect();
    let draft = if is_contract {
        PlanDraft {
            form: Form::Assemble,
            shared: "The port is 8080.".to_owned(),
            criteria: vec!["It names the port.".to_owned()],
            tasks,
            ..PlanDraft::default()
        }
    } else {
        PlanDraft {
            tasks,
            ..PlanDraft::default()
        }
    };
    Plan::from_draft(draft, 50).unwrap()
}

/// What whoever approves a plan makes of it.
pub fn edited_plan(random: &Random) -> PlanEdit {
    let tasks = || vec![TaskDraft::new("Edited one."), TaskDraft::new("Edited two.")];
    PlanEdit {
        tasks: random.percent(60).then(tasks),
        shared: random.percent(50).then(|| "The port is 9090.".to_owned()),
        form: random.percent(60).then(|| *random.pick(&[Form::Merge, Form::Assemble])),
        ..PlanEdit::default()
    }
}

/// What subtask `number` depends on: any of the earlier ones.
pub fn dependencies(random: &Random, number: u64) -> Vec<String> {
    (1..number)
        .filter(|_| random.percent(35))
        .map(|earlier| format!("t{earlier}"))
        .collect()
}

fn script(random: &Random, trouble: &Trouble, spec: &WorkflowSpec) -> Vec<(u64, Action)> {
    let mut script = vec![(0, Action::Create)];
    let count = if random.percent(50) { 0 } else { random.range(1, 4) };
    for _ in 0..count {
        let at = random.range(1, 20_000);
        script.push((at, any_action(random)));
    }
    if spec.options.approval == Approval::Plan && random.percent(50) {
        script.push((
            random.range(5, 10_000),
            Action::Approve {
                edited: random.percent(30),
            },
        ));
    }
    if random.percent(trouble.crash) {
        script.push((random.range(1, 10_000), Action::Crash));
    }
    if random.percent(trouble.dropped) {
        script.push((random.range(1, 10_000), Action::DropBackground));
    }
    if random.percent(trouble.configuration) {
        let ms = random.range(1, 400_000);
        script.push((random.range(1, 10_000), Action::Misconfigure { ms }));
    }
    script.sort_by_key(|(at, _)| *at);
    script
}

fn any_action(random: &Random) -> Action {
    match random.range(0, 99) {
        0..=19 => Action::Pause,
        20..=34 => Action::Resume,
        35..=39 => Action::Terminate,
        40..=46 => Action::Approve {
            edited: random.percent(50),
        },
        47..=54 => Action::RestartEverything,
        55..=66 => Action::RestartFrom { index: random.bits() },
        67..=72 => Action::RestartWithRemark { index: random.bits() },
        73..=82 => Action::RestartFailed,
        83..=89 => Action::Delete,
        90..=91 => Action::Read,
        _ => Action::Wait {
            ms: random.range(1, 30_000),
        },
    }
}
