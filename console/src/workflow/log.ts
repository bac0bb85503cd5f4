// The journal as sentences: one entry an event, for the log and for screen readers.

import type { JournalEvent } from "./events";
import { type LogEntry, shortName, type Workflow } from "./state";
import { explain, sentence } from "./words";

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
    case "workflow_completed":
      return say("good", "The workflow is complete", "synthesis");
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
    case "attempt_started":
      return say(
        "info",
        event.number > 1
          ? `${shortName(event.step)}: attempt ${event.number} started`
          : `${shortName(event.step)} started`,
        event.step,
        event.model,
      );
    case "attempt_completed":
      return say(
        event.truncated ? "warn" : "good",
        `${shortName(event.step)} ${event.truncated ? "stopped at its limit of tokens" : "is complete"}`,
        event.step,
      );
    case "attempt_errored": {
      const next = event.retry_at === null ? "" : " It is tried again.";
      return say(
        event.retry_at === null ? "bad" : "warn",
        `${shortName(event.step)}: attempt ${event.number} failed. ${explain(event.error)}${next}`,
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
    case "step_skipped":
      return say("warn", `${shortName(event.step)} was skipped`, event.step, sentence(event.reason));
    default:
      return null;
  }
}
