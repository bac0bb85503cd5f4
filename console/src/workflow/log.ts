// The journal as sentences: one entry an event, for the log and for screen readers.

import { plural } from "../lib/format";
import type { JournalEvent } from "./events";
import { gapsOf } from "./outcome";
import {
  EDIT,
  findStep,
  isDirect,
  type LogEntry,
  REVIEW,
  STRUCTURE,
  shortName,
  unreviewed,
  type Workflow,
} from "./state";
import { estimateWords, explain, sentence, stepWord } from "./words";

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
      return say("info", event.reason ? "Paused, because nobody listened" : "Paused");
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
      return say("warn", `The workflow was terminated${event.reason ? ", because nobody listened" : ""}`);
    case "workflow_restarted": {
      const { run, reset, remark } = event;
      const what = reset === "everything" ? "everything" : reset.steps.map(shortName).join(", ");
      const told = remark ? `, with a remark on ${shortName(remark.step)}` : "";
      return say("info", `Restart: run ${run} of ${what}${told}`, remark?.step ?? null, remark?.text ?? null);
    }
    case "plan_accepted": {
      const why = sentence(event.plan.analysis);
      if (isDirect(state))
        return say("good", "The request is answered directly, by one call of the big model", "synthesis", why || null);
      const expected = event.estimate ? `: ${estimateWords(event.estimate)}` : "";
      const given = event.source === "client" ? ", given with the prompt" : "";
      return say("good", `The plan has ${plural(event.plan.tasks.length, "subtask")}${given}${expected}`, "plan");
    }
    case "plan_approved": {
      const expected = event.estimate ? `: ${estimateWords(event.estimate)}` : "";
      return say(
        "good",
        event.plan
          ? `An edited plan of ${plural(event.plan.tasks.length, "subtask")} was approved${expected}`
          : "The plan was approved",
        "plan",
      );
    }
    case "reduction_planned":
      return say(
        "info",
        `The answers are condensed first, in ${event.reductions.length} parts, ` +
          "since they do not fit the big model together",
      );
    case "answer_assembled":
      return assembled(event, state);
    case "answer_reviewed":
      return reviewed(event, state);
    case "attempt_started": {
      const goesOn = (findStep(state, event.step)?.parts.length ?? 0) > 0;
      const again = event.number > 1 && !goesOn ? `: attempt ${event.number} started` : "";
      const text = again || (goesOn ? " goes on where it was cut off" : " started");
      return say("info", `${shortName(event.step)}${text}`, event.step, event.model);
    }
    case "attempt_completed": {
      const goesOn = findStep(state, event.step)?.state === "pending";
      const whole = event.step === STRUCTURE ? "fits the schema" : "is complete";
      const ending = event.truncated ? `stopped at its limit of tokens${goesOn ? ", and is continued" : ""}` : whole;
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
    case "step_errored": {
      // The answer stands without a review.
      const tone = event.step === REVIEW ? "warn" : "bad";
      return say(tone, `${shortName(event.step)} failed for good`, event.step, sentence(event.error.message));
    }
    case "step_skipped": {
      const step = findStep(state, event.step);
      const word = step ? stepWord(step, state).toLowerCase() : "skipped";
      return say("warn", `${shortName(event.step)} was ${word}`, event.step, sentence(event.reason));
    }
    default:
      return null;
  }
}

function assembled(event: Extract<JournalEvent, { type: "answer_assembled" }>, state: Workflow): Said {
  const of = (wanted: string) => (event.edits ?? []).filter(({ state: its }) => its === wanted).length;
  const [made, failed] = [of("applied"), of("failed")];
  const included = state.assembly?.included.length ?? 0;
  const said = [
    event.unmarked ? "as the editor wrote it" : included > 0 ? `of ${plural(included, "part")}` : "without any part",
    made > 0 && `with ${plural(made, "correction")}`,
    failed > 0 && `${plural(failed, "correction")} could not be made`,
  ];
  const tone = failed > 0 || (event.problems ?? []).length > 0 ? "warn" : "good";
  const step = findStep(state, EDIT) ? EDIT : "synthesis";
  return { tone, step, text: `The answer was put together ${said.filter(Boolean).join(", ")}`, detail: null };
}

function reviewed(event: Extract<JournalEvent, { type: "answer_reviewed" }>, state: Workflow): Said {
  const { edits = [], refused } = event;
  const of = (wanted: string) => edits.filter(({ state: its }) => its === wanted).length;
  const [made, failed] = [of("applied"), of("failed")];
  const changed = made > 0 ? `made ${plural(made, "correction")}` : "wrote the answer anew";
  const said = [
    unreviewed(state) === null ? "left the answer as it was" : changed,
    failed > 0 && `${plural(failed, "correction")} could not be made`,
    refused && "what it wrote was not taken",
  ];
  const tone = failed > 0 || refused ? "warn" : "good";
  const text = `The review ${said.filter(Boolean).join(", ")}`;
  return { tone, step: REVIEW, text, detail: refused ? sentence(refused) : null };
}
