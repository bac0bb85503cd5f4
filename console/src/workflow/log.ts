// The journal as sentences: one entry an event, for the log and for screen readers.

import type { JournalEvent } from "./events";
import { gapsOf } from "./outcome";
import { findStep, type LogEntry, shortName, type Workflow } from "./state";
import { explain, sentence, stepWord } from "./words";

type Said = Pick<LogEntry, "tone" | "step" | "text" | "detail">;

export function describe(event: JournalEvent, state: Workflow): Said | null {
  const say = (
    tone: LogEntry["tone"],
    text: string,
    step: string | null = null,
    detail: string | null = null,
  ): Said => ({
    tone,
    step,
    text,
    detail,
  });
  switch (event.type) {
    case "workflow_queued":
      return say("info", "The workflow was accepted");
    case "workflow_started":
      return say("info", state.run > 1 ? `Run ${state.run} started` : "The workflow started");
    case "workflow_waiting":
      return say("warn", "The plan waits for approval", "plan");
    case "workflow_waiting_for_pause":
      return say("info", "Pausing: calls in flight finish first");
    case "workflow_paused":
      return say("info", "Paused");
    case "workflow_resumed":
      return say("info", "Resumed");
    case "workflow_completed": {
      const gaps = gapsOf(state);
      if (gaps === null) return say("good", "The workflow is complete", "synthesis");
      return say("warn", `The workflow is complete with gaps${gaps && `: ${gaps} subtasks`}`, "synthesis");
    }
    case "workflow_errored":
      return say("bad", `The workflow failed: ${explain(event.error)}`, null, sentence(event.error.message));
    case "workflow_terminated":
      return say("warn", "The workflow was terminated");
    case "workflow_restarted":
      return say(
        "info",
        `Restart: run ${event.run} of ` +
          (event.reset === "everything" ? "everything" : event.reset.steps.map(shortName).join(", ")),
      );
    case "plan_accepted": {
      const count = event.plan.tasks.length;
      return say(
        "good",
        `The plan has ${count} ${count === 1 ? "subtask" : "subtasks"}` +
          (event.source === "client" ? ", given with the prompt" : ""),
        "plan",
      );
    }
    case "plan_approved":
      return say(
        "good",
        event.plan ? `An edited plan of ${event.plan.tasks.length} subtasks was approved` : "The plan was approved",
        "plan",
      );
    case "reduction_planned":
      return say(
        "info",
        `The answers are condensed first, in ${event.reductions.length} parts, ` +
          "since they do not fit the big model together",
      );
    case "attempt_started": {
      const goesOn = (findStep(state, event.step)?.parts.length ?? 0) > 0;
      const again = event.number > 1 && !goesOn ? `: attempt ${event.number} started` : "";
      const text = again || (goesOn ? " goes on where it was cut off" : " started");
      return say("info", `${shortName(event.step)}${text}`, event.step, event.model);
    }
    case "attempt_completed": {
      const goesOn = findStep(state, event.step)?.state === "pending";
      const ending = event.truncated
        ? `stopped at its limit of tokens${goesOn ? ", and is continued" : ""}`
        : "is complete";
      return say(event.truncated && !goesOn ? "warn" : "good", `${shortName(event.step)} ${ending}`, event.step);
    }
    case "attempt_errored": {
      const ending = event.class === "aborted" ? "was stopped" : "failed";
      const next = event.retry_at === null ? "" : " It is tried again.";
      return say(
        event.retry_at === null ? "bad" : "warn",
        `${shortName(event.step)}: attempt ${event.number} ${ending}. ${explain(event.error)}${next}`,
        event.step,
        sentence(event.error.message),
      );
    }
    case "attempt_lost":
      return say(
        "warn",
        `${shortName(event.step)}: the server restarted during attempt ${event.number}. It is repeated.`,
        event.step,
      );
    case "step_errored":
      return say("bad", `${shortName(event.step)} failed for good`, event.step, sentence(event.error.message));
    case "step_skipped": {
      const step = findStep(state, event.step);
      const word = step ? stepWord(step, state).toLowerCase() : "skipped";
      return say("warn", `${shortName(event.step)} was ${word}`, event.step, sentence(event.reason));
    }
    default:
      return null;
  }
}
