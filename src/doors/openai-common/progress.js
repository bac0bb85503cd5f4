// What happens while a workflow runs, in words for its reader: doors show them as reasoning. They follow from the
// journal's events alone, so that they are the same again however often they are read.

/**
 * The types of events that have words. `answer` and what ends a workflow are for the door.
 *
 * @type {import("../../../client/index.js").EventType[]}
 */
export const PROGRESS_TYPES = [
  "plan_accepted",
  "plan_approved",
  "reduction_planned",
  "attempt_started",
  "attempt_completed",
  "attempt_errored",
  "attempt_lost",
  "step_errored",
  "step_skipped",
  "workflow_waiting",
  "workflow_paused",
  "workflow_resumed",
  "workflow_restarted",
];

const SUBTASK = "subtask/";

/** The words of a workflow's events, in their order. */
export class Progress {
  /** @type {Map<string, string>} the titles of the parts, by step */
  #parts = new Map();
  #done = new Set();

  /** What the event is in words: a line with its end, or null. */
  words(event) {
    const line = this.#line(event);
    return line === null ? null : `${line}\n`;
  }

  #line({ type, step = "", plan, number, error, reason, reductions, retry_at }) {
    switch (type) {
      case "plan_accepted":
      case "plan_approved":
        return plan ? this.#planned(plan) : null;
      case "attempt_started":
        return number > 1 ? null : started(step, this.#parts.size);
      case "attempt_completed":
        return this.#completed(step);
      case "attempt_errored":
        return retry_at ? `${this.#name(step)}: a call failed (${error?.name}) and is made again.` : null;
      case "attempt_lost":
        return `${this.#name(step)}: a call was lost with its host and is made again.`;
      case "step_errored":
        return `${this.#name(step)} failed: ${error?.message}`;
      case "step_skipped":
        return `${this.#name(step)} is left out: ${reason}`;
      case "reduction_planned":
        return `The parts are too long together: they are condensed in ${reductions?.length} steps.`;
      case "workflow_waiting":
        return "The plan waits to be approved.";
      case "workflow_paused":
        return "Paused.";
      case "workflow_resumed":
        return "Goes on.";
      case "workflow_restarted":
        this.#done.clear();
        return "The run begins anew.";
      default:
        return null;
    }
  }

  #planned({ mode, tasks = [] }) {
    this.#parts = new Map();
    if (mode === "direct" || tasks.length === 0) return "One call answers this best.";
    for (const { id, title } of tasks) this.#parts.set(SUBTASK + id, title);
    const titles = [...this.#parts.values()].map((title, index) => `${index + 1}. ${title}`);
    return [`The plan has ${count(tasks.length, "part")}:`, ...titles].join("\n");
  }

  /** A call may end before its step does; the second time is no news. */
  #completed(step) {
    if (!this.#parts.has(step) || this.#done.has(step)) return null;
    this.#done.add(step);
    return `Part ${this.#done.size} of ${this.#parts.size} is done: ${this.#parts.get(step)}`;
  }

  #name(step) {
    const title = this.#parts.get(step);
    if (title !== undefined) return `The part "${title}"`;
    const kind = KINDS.find(([prefix]) => step.startsWith(prefix));
    return kind ? kind[1] : `The step ${step}`;
  }
}

const KINDS = [
  ["plan", "The plan", "Planning."],
  ["reduce/", "Condensing", null],
  ["edit/2", "The editor's repair", "Mending edits that did not apply."],
  ["edit/", "The editor", "Editing: the parts become one answer."],
  ["review/", "The review", "Reviewing the whole answer."],
  ["structure", "The answer as JSON", "Turning the answer into JSON."],
];

function started(step, parts) {
  // Where there are no parts, the answer itself is the news.
  if (step === "synthesis") return parts > 0 ? "Writing one answer from the parts." : null;
  return KINDS.find(([prefix]) => step.startsWith(prefix))?.[2] ?? null;
}

const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
