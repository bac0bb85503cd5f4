//! The rules of attempts: when one may start, and what its failure leads to.

use orchestrator_workers::engine::Event;
use orchestrator_workers::engine::words::event::FailureClass;
use orchestrator_workers::engine::words::spec::Approval;
use orchestrator_workers::engine::words::step_name::StepName;
use orchestrator_workers::model::Finish;

use super::answer::{EDITOR, REPAIR, REVIEW, has_marks};
use super::{Phase, Referee, State, StepRecord, Verdict, ensure};
use crate::world::Call;

/// So often JSON that does not fit is asked for again.
const REPAIRS: u32 = 3;

impl Referee {
    pub(super) fn started(
        &mut self,
        step: &StepName,
        run: u32,
        number: u32,
        (model, model_index): (&str, Option<usize>),
        at: u64,
    ) -> Verdict {
        ensure(self.phase == Some(Phase::Running), || format!("while {:?}", self.phase))?;
        ensure(run == self.run, || format!("in run {}", self.run))?;
        let needs_approval = self
            .spec
            .as_ref()
            .is_some_and(|spec| spec.options.approval == Approval::Plan);
        ensure(*step == StepName::Plan || self.approved || !needs_approval, || {
            "the plan is not approved".into()
        })?;
        let limit = self
            .spec
            .as_ref()
            .map_or(1, |spec| spec.options.max_concurrency as usize);
        ensure(self.in_flight().count() < limit, || {
            format!("{limit} calls are in flight already")
        })?;
        for needed in self.needs(step) {
            ensure(self.is_resolved(&needed), || {
                format!(
                    "needs {needed}, which is {:?}",
                    self.steps.get(&needed).map(|record| &record.state)
                )
            })?;
        }
        ensure(*step != StepName::Synthesis || self.made.is_none(), || {
            "no model writes this answer".into()
        })?;
        if *step == REPAIR && !self.steps.contains_key(step) {
            self.repairs()?;
            // It begins with the model that wrote the script.
            let model = self.steps.get(&EDITOR).map_or(0, |editor| editor.model);
            let record = StepRecord {
                model,
                ..StepRecord::default()
            };
            self.steps.insert(REPAIR, record);
        }
        let models = self.models(step).to_vec();
        let record = self.steps.entry(step.clone()).or_default();
        match record.state {
            State::Pending => {}
            State::Backoff { at: due, for_good } => {
                ensure(due <= at, || format!("due only at {due}"))?;
                ensure(!for_good, || "its last attempt has failed".into())?;
            }
            _ => return Err(format!("the step is {:?}", record.state)),
        }
        ensure(number == record.number + 1, || {
            format!("follows attempt {}", record.number)
        })?;
        // A model that the step does not fit is passed over, and the event says so.
        let index = model_index.unwrap_or(record.model);
        let expected = models.get(index).map(|model| model.name.as_str());
        ensure(expected == Some(model), || format!("{expected:?} is next"))?;
        if index != record.model {
            let passed = (record.model..models.len()).chain(0..record.model);
            record.too_small.extend(passed.take_while(|passed| *passed != index));
            (record.model, record.on_model) = (index, 0);
        }
        record.number = number;
        record.state = State::InFlight { run, number };
        Ok(())
    }

    /// The outcome is the model's own or a time limit's, and the decision about the next attempt is right.
    pub(super) fn errored(&mut self, event: &Event, call: &Call, at: u64) -> Verdict {
        let Event::AttemptErrored {
            step,
            error,
            class,
            usage,
            retry_at,
            next_model,
            context,
            ..
        } = event
        else {
            return Ok(());
        };
        let policy = self.policy(Clone::clone);
        let models = self.models(step).len();
        let record = self.steps.entry(step.clone()).or_default();
        let said = match &call.outcome {
            Some(Ok(reply)) => match error.name.as_str() {
                "EmptyReply" | "InvalidPlan" => true,
                "InvalidOutput" => {
                    // A reply that comes past the runner has met no validator.
                    let is_unread = error.message.contains("no validator has read");
                    *step == StepName::Structure && (is_unread || !is_an_object(&reply.text))
                }
                "InvalidReview" => {
                    let is_readable = has_marks(&reply.text) || reply.text.starts_with("none");
                    *step == REVIEW && (!is_readable || reply.finish == Finish::Length)
                }
                "UnknownFinish" => matches!(reply.finish, Finish::Unknown(_)),
                _ => false,
            },
            Some(Err(given)) => error.is(given.name),
            None => {
                error.name == "Timeout"
                    && at
                        >= call.at
                            + policy
                                .idle_timeout_ms
                                .min(policy.first_token_timeout_ms)
                                .min(policy.attempt_timeout_ms)
            }
        };
        ensure(said, || format!("this call's model said {:?}", call.outcome))?;
        record.failures += 1;
        record.unfit += u32::from(error.name == "InvalidOutput");
        let asked = call
            .outcome
            .as_ref()
            .and_then(|outcome| outcome.as_ref().err()?.retry_after_ms);
        let next = (record.model + 1..models).find(|index| !record.too_small.contains(index));
        // A request that was too long is asked again at once, shorter, and no worse than once without numbers.
        let again = context.is_some();
        let moves_on = matches!(class, FailureClass::Permanent | FailureClass::Quota) && !again;
        // A second reply in words, and a wait of more than a minute.
        let in_words = error.message.contains("the reply holds no JSON") && record.on_model + 1 >= 2;
        let asks_too_long = asked.is_some_and(|ms| ms > 60_000);
        let worn_out = record.on_model + 1 >= policy.failures_per_model || in_words || asks_too_long;
        let fails = record.failures >= policy.attempts_max || (moves_on && next.is_none()) || record.unfit > REPAIRS;
        // Paid for is paid for, whatever came of it.
        let used = call.outcome.as_ref().and_then(|outcome| match outcome {
            Ok(reply) => reply.usage,
            Err(error) => error.usage.map(|used| used.usage),
        });
        ensure(
            used.is_none_or(|used| usage.is_some_and(|counted| counted.completion_tokens == used.completion_tokens)),
            || format!("used {used:?}, counted {usage:?}"),
        )?;
        ensure(fails == retry_at.is_none(), || {
            format!("after {} failures", record.failures)
        })?;
        if let Some(due) = retry_at {
            let expected = next
                .filter(|_| !again && (moves_on || worn_out))
                .unwrap_or(record.model);
            ensure(*next_model == expected, || format!("model {expected} is next"))?;
            let stays = expected == record.model;
            ensure(!stays || asked.is_none_or(|ms| due.0 >= at + ms), || {
                format!("the server asked for {asked:?} ms")
            })?;
            ensure(
                due.0 <= at + policy.backoff_max_ms.max(asked.unwrap_or(0) + 1_000),
                || "far too late".into(),
            )?;
            record.on_model = if stays { record.on_model + 1 } else { 0 };
            record.model = expected;
        }
        record.state = State::Backoff {
            at: retry_at.map_or(at, |due| due.0),
            for_good: retry_at.is_none(),
        };
        self.progress();
        Ok(())
    }
}

/// Whether a reply holds the object that the simulated schema wants, whole.
fn is_an_object(reply: &str) -> bool {
    let from = reply.find('{').unwrap_or(reply.len());
    let to = reply.rfind('}').map_or(from, |end| end + 1);
    serde_json::from_str::<serde_json::Value>(&reply[from..to.max(from)]).is_ok_and(|value| value.is_object())
}
