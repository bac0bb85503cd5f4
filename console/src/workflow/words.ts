// Errors and warnings in words that a person understands. The server's own message is always shown beside them.

import { count, duration, plural } from "../lib/format";
import type { AssemblyProblem, ErrorInfo, Estimate } from "./events";
import {
  EDIT,
  findStep,
  isDirect,
  isResolved,
  isTerminal,
  lastAttempt,
  type Measured,
  REPAIR,
  REVIEW,
  type Status,
  type Step,
  type StepState,
  shortName,
  type Tone,
  type Workflow,
} from "./state";

const ERRORS: Record<string, string> = {
  RateLimited: "The model's service asked for fewer requests (rate limit).",
  OutOfCapacity: "The model has no free capacity right now.",
  ServerError: "The model's service had a fault of its own.",
  ProviderError: "The model's service reported an error.",
  HttpError: "The model's service answered with an error.",
  NetworkError: "The connection to the model failed.",
  Timeout: "The model took too long.",
  FirstTokenTimeout: "The model did not begin to answer in time.",
  IdleTimeout: "The model stopped in the middle of its answer.",
  AttemptTimeout: "The model's answer took too long in all.",
  Unauthorized: "The model's service did not accept the API key.",
  Forbidden: "This deployment may not use that model.",
  ModelNotFound: "The model's service does not know that model.",
  NotFound: "The address of the model's service is wrong.",
  BadRequest: "The model's service did not accept the request.",
  BadReply: "The model's reply could not be read.",
  EmptyReply: "The model answered without any text.",
  InvalidReview: "The model's review could not be used; the answer stands without it.",
  InvalidOutput: "No reply of the model fits the schema. The answer as text is there all the same.",
  InvalidPlan: "The model's plan could not be used; it is asked to mend it.",
  ContextTooLong: "The text is too long for the model.",
  ContextTooSmall: "The text is too long for the model.",
  RequestTooLarge: "The request is too large for the model's service.",
  ContentFiltered: "The model's service refused the content.",
  QuotaExceeded: "The allowance or credit at the model's service is used up.",
  Lost: "The server restarted during this call. It is repeated and does not count as a failure.",
  CrashLoop: "The server restarted whenever this step ran, so it was given up.",
  Aborted: "The call was stopped.",
  DeadlineReached: "The time limit of the run was reached.",
  TokenBudgetReached: "The token budget of the run was reached.",
  LimitReached: "A limit of the run was reached before there was an answer.",
  JournalFull: "The run has written as much as it may.",
  DemoFailure: "This failure was asked for, by a marker in the demo's prompt.",
  Refused: "The model declined.",
  UnknownFinish: "The model stopped for a reason that is not known here, so its text may be incomplete.",
  StreamCutOff: "The model's reply broke off.",
  ReplyTooLong: "The model's reply is longer than what is read of one.",
  OutputRejected: "The model's service rejected what its own model wrote.",
  ModelLoading: "The model is still being loaded.",
  OutOfMemory: "The model's server has not enough memory for it.",
  RegionNotSupported: "The model's service does not serve this region.",
  InvalidAddress: "The address of the model's service can't be read.",
  NoModel: "No model is named, and the server lists none.",
  NotConfigured: "The model's service is not configured.",
  InvocationEnded:
    "The server's own invocation ended during this call. It is repeated and does not count as a failure.",
  AllSubtasksFailed: "Every subtask failed, so there is nothing to answer with.",
};

/** A sentence for a person. Null where there is none: the message speaks for itself. */
export const explain = (error: ErrorInfo): string =>
  ERRORS[error.name] ?? `${error.name.replace(/(?<=[a-z])(?=[A-Z])/g, " ")}.`;

export const STATUS_WORDS: Record<Status, string> = {
  queued: "Queued",
  running: "Running",
  waiting: "Waiting for approval",
  waitingForPause: "Pausing",
  paused: "Paused",
  complete: "Complete",
  errored: "Failed",
  terminated: "Terminated",
};

export const STEP_WORDS: Record<StepState, string> = {
  pending: "Waiting",
  running: "Running",
  retrying: "Retrying",
  complete: "Complete",
  errored: "Failed",
  skipped: "Skipped",
};

/** What a step's state is called, given what became of the workflow. */
export function stepWord(step: Step, workflow: Workflow): string {
  const stopped = lastAttempt(step)?.outcome === "aborted";
  if (step.state === "skipped" && stopped) return "Stopped";
  if (step.state === "pending" && isTerminal(workflow.status)) return stopped ? "Stopped" : "Not run";
  return STEP_WORDS[step.state];
}

export interface Warning {
  tone: Tone;
  step: string | null;
  title: string;
  detail: string;
  /** The answer lacks something for it. */
  lacks: boolean;
}

export const lacksOf = (workflow: Workflow): Warning[] => warningsOf(workflow).filter(({ lacks }) => lacks);

/** What the answer lacks, and what went wrong on the way to it: as STATUS has it in `warnings`. */
export function warningsOf(workflow: Workflow): Warning[] {
  const warnings = workflow.steps.flatMap((step) => stepWarnings(step, workflow));
  const unwritten =
    workflow.status === "complete" && workflow.resultSource === "answers"
      ? `${workflow.limit ? "There was no room for a synthesis" : "Nothing put the answers together"}: ` +
        "the result is the subtasks' answers one after the other."
      : "";
  if (workflow.limit) warnings.push(limitWarning(workflow, workflow.limit, unwritten));
  else if (unwritten)
    warnings.push({ tone: "warn", step: "synthesis", title: "No synthesis", detail: unwritten, lacks: true });
  return [...warnings, ...assemblyWarnings(workflow), ...reviewWarnings(workflow), ...remarks(workflow)];
}

/** What of the review did not come into the answer. It stands without one, so that only a correction is lacking. */
function reviewWarnings({ reviewed }: Workflow): Warning[] {
  const failed = (reviewed?.edits ?? [])
    .filter(({ state }) => state === "failed")
    .map(
      ({ reason }): Warning => ({
        tone: "warn",
        step: REVIEW,
        title: "A correction of the review could not be made",
        detail: reason ? sentence(reason) : "The reviewer wanted it, and it did not fit the answer.",
        lacks: true,
      }),
    );
  const refused = reviewed?.refused;
  return refused ? [...failed, remark(REVIEW, "The review was not taken", sentence(refused))] : failed;
}

/** What of the editor's script did not come into the answer. */
function assemblyWarnings(workflow: Workflow): Warning[] {
  const { edits = [], problems = [], unmarked = false } = workflow.assembly ?? {};
  const editor = findStep(workflow, REPAIR)?.answer == null ? EDIT : REPAIR;
  const failed = edits
    .filter(({ state }) => state === "failed")
    .map(({ step, reason }) => ({
      step: editor,
      title: `A correction of ${shortName(step)} could not be made`,
      detail: reason ? sentence(reason) : "The editor wanted it, and it did not fit the part.",
    }));
  const others = problems.map((problem) => ({ step: EDIT, ...problemWords(problem) }));
  const anew = {
    step: EDIT,
    title: "The editor wrote all of the answer anew",
    detail: "It wrote no marks, so that the parts do not stand in the answer as they were written.",
  };
  return [...failed, ...(unmarked ? [anew] : []), ...others].map((warning) => ({
    tone: "warn",
    lacks: true,
    ...warning,
  }));
}

/** By their words in the API: what the editor's script asks for and does not get. `$`: the part's id. */
const PROBLEMS: Record<string, [string, string]> = {
  unknown_include: ["A part is missing that never was", "The editor wanted to include $. There is no such part."],
  repeated_include: ["$ was to stand twice", "It stands in the answer where it came first."],
  left_out: ["$ is left out", "The editor included the other parts and not this one."],
  no_includes: ["No part is included", "The editor wrote all of the answer anew."],
  no_answer: ["The editor wrote no text around the parts", "The answer is all parts, one after the other."],
  repeated_answer: ["The answer was begun twice", "The editor said more than once that it begins."],
  unfinished_mark: ["The editor's text breaks off within a mark", "The mark is left out."],
  too_many_marks: ["The editor made too many marks", "Those that are not read stand in the answer as they are."],
};

function problemWords({ kind, id = "a part" }: AssemblyProblem): { title: string; detail: string } {
  const [title, detail] = PROBLEMS[kind] ?? ["The answer could not be put together as the editor wanted", `${kind}.`];
  return { title: title.replace("$", id), detail: detail.replace("$", id) };
}

const remark = (step: string, title: string, detail: string): Warning => ({
  tone: "info",
  step,
  title,
  detail,
  lacks: false,
});

/** What one should know though the answer lacks nothing. */
function remarks(workflow: Workflow): Warning[] {
  const all = workflow.merged.map(({ id, title, into }) =>
    remark("plan", "The plan asked for the same twice", `“${title}” (${id}) was left out: ${into} does its work.`),
  );
  if (workflow.spec?.options.mode === "split" && workflow.plan && isDirect(workflow))
    all.push(remark("plan", "There are no subtasks", "They were asked for, and the planner found nothing to split."));
  all.push(...budgetRemark(workflow));
  const { measured } = workflow;
  const limit = firmWords(workflow);
  if (measured !== null && limit !== null && measured.words * 10 > limit * 11)
    all.push(
      remark(
        "synthesis",
        "The answer is longer than was asked for",
        `It has ${plural(measured.words, "word")} of prose, and at most ${count(limit)} were asked for.`,
      ),
    );
  return all;
}

/** No surprise on the bill: it is said before it is paid, and after. A limit that ended the run says it already. */
function budgetRemark(workflow: Workflow): Warning[] {
  const { spec, total, estimate, steps, status, limit } = workflow;
  const budget = spec?.options.token_budget;
  if (!budget || limit) return [];
  const used = total.prompt + total.completion;
  const left = budget - used;
  if (left < 0) {
    const said = `${plural(used, "token")} were used, of ${count(budget)}: calls under way were still paid for.`;
    return [remark("plan", "More tokens were used than the budget has", said)];
  }
  const hasBegun = steps.some((step) => step.kind !== "plan" && step.attempts.length > 0);
  if (!estimate || hasBegun || isTerminal(status) || estimate.tokens <= left) return [];
  const said = `About ${plural(estimate.tokens, "token")} are expected, and ${count(left)} are left.`;
  return [remark("plan", "The budget may end the run with a part of its answers", said)];
}

/** As src/engine/words/spec.rs has it. */
const BRIEF_WORDS = 400;

/** The limit that the request set, in words of prose. */
function firmWords({ spec }: Workflow): number | null {
  const length = spec?.options.length;
  if (length === "brief") return BRIEF_WORDS;
  return typeof length === "object" ? length.max_words : null;
}

/** `1,240 words, limit 1,500`. Code and tables don't count. */
export const lengthWords = ({ words, limit }: Measured): string =>
  `${plural(words, "word")}${limit === null ? "" : `, limit ${count(limit)}`}`;

/** `about 9 calls, 45,000 tokens`. No time: how long the plan waited behind other workflows is not known here. */
export const estimateWords = ({ calls, tokens }: Estimate): string =>
  `about ${plural(calls, "call")}, ${plural(tokens, "token")}`;

/** How the request is answered, and why, in one line. */
export function modeWords(workflow: Workflow): { chosen: string; why: string } {
  const { spec, plan } = workflow;
  const asked = spec?.options.mode ?? "auto";
  if (isDirect(workflow)) {
    const why = asked === "direct" ? "The request asked for it." : (plan?.analysis ?? "");
    return { chosen: "Answered directly by one call of the big model", why: sentence(why) };
  }
  if (!plan) {
    const open = asked === "split" ? "The big model plans subtasks" : "The big model chooses how to answer";
    return { chosen: isTerminal(workflow.status) ? "There is no plan" : open, why: "" };
  }
  const why = spec?.tasks ? "the request has its own" : asked === "split" ? "the request asked for it" : plan.analysis;
  const form = plan.form === "assemble" ? "its parts are put together by an editor" : "one text is written from them";
  const chosen = plan.tasks.length > 1 ? `Split into subtasks; ${form}` : "One subtask, whose text is the answer";
  return { chosen, why: sentence(why) };
}

/** One cause, one warning, with all that it stopped. */
function limitWarning(workflow: Workflow, limit: string, unwritten: string): Warning {
  const named = (words: string, wanted: string) => {
    // A review says for itself why there is none.
    const limited = workflow.steps.filter((step) => step.kind !== "review" && isLimited(step));
    const steps = limited.filter((step) => stepWord(step, workflow) === wanted);
    return steps.length > 0 ? `${words}: ${steps.map((step) => shortName(step.name)).join(", ")}.` : "";
  };
  const parts = [sentence(limit), named("Stopped", "Stopped"), named("Not started", "Skipped"), unwritten];
  const detail = parts.filter(Boolean).join(" ");
  return { tone: "warn", step: null, title: "A limit of the run was reached", detail, lacks: true };
}

/** A limit of the run ended it: nothing was wrong with the step itself. */
const isLimited = (step: Step): boolean => step.state === "skipped" || lastAttempt(step)?.failure === "aborted";

function stepWarnings(step: Step, workflow: Workflow): Warning[] {
  if (step.kind === "review") return unreviewedWarnings(step);
  const warnings: Warning[] = [];
  const name = shortName(step.name);
  const add = (tone: Tone, title: string, detail: string) =>
    warnings.push({ tone, step: step.name, title, detail, lacks: true });
  if (lastAttempt(step)?.inputCut)
    add("warn", `${name} saw a shortened input`, "What it was given was cut to fit its model's context.");
  if (isLimited(step)) return warnings;
  if (step.state === "errored" && step.error)
    add("bad", `${name} failed`, `${explain(step.error)} ${sentence(step.error.message)}`);
  if (step.state === "complete" && step.truncated) {
    add("warn", `${name} is incomplete`, "The model stopped at its limit of tokens.");
  }
  if (step.unknownFinish !== null)
    add("warn", `${name} may be incomplete`, `Its model's server ended it with “${step.unknownFinish}”.`);
  if (step.parts.length > 0 && isTerminal(workflow.status)) {
    add("warn", `${name} is incomplete`, "It could not be continued after the model's limit of tokens.");
  }
  return warnings;
}

/** The answer is what it was before, and lacks nothing. */
function unreviewedWarnings(step: Step): Warning[] {
  const why = step.error ? `${explain(step.error)} ${sentence(step.error.message)}` : "";
  if (step.state === "skipped")
    return [remark(step.name, "The answer was not reviewed", sentence(step.skipReason ?? ""))];
  if (step.state === "errored") return [remark(step.name, "The answer was not reviewed", why)];
  const said = step.truncated
    ? "The model stopped at its limit of tokens."
    : lastAttempt(step)?.inputCut
      ? "What it was given was cut to fit its model's context."
      : step.unknownFinish !== null && `Its model's server ended it with “${step.unknownFinish}”.`;
  return said ? [remark(step.name, "The review may be incomplete", said)] : [];
}

/** Why a step that has not begun stands where it does. */
export function pendingWords(step: Step, workflow: Workflow): string {
  if (isTerminal(workflow.status)) return "The run ended before it began.";
  if (workflow.status === "paused" || workflow.status === "waitingForPause")
    return "The run is paused: it starts once the run is resumed.";
  if (workflow.status === "waiting") return "It starts once the plan is approved.";
  const open = workflow.steps.filter((other) => step.dependsOn.includes(other.name) && !isResolved(other));
  if (step.kind === "synthesis" && open.some(({ kind }) => kind === "edit"))
    return "The answer is put together once the editing is done.";
  if (open.length > 0) return `It starts when ${open.map((other) => shortName(other.name)).join(", ")} ended.`;
  return `It starts as soon as there is room: at most ${workflow.spec?.options.max_concurrency} calls run at once.`;
}

/** How long a call without a word is waited for. */
export function silenceWords(step: Step, workflow: Workflow, now: number): string {
  const waited = Math.max(0, now - (lastAttempt(step)?.start ?? now));
  const limit = workflow.spec?.policy.first_token_timeout_ms;
  const until = limit ? ` It is given up after ${duration(limit)}, and tried again.` : "";
  return `Waiting for the first word for ${duration(waited)}.${until}`;
}

/** What happens after a failed attempt. */
export function retryWords(step: Step, now: number): string {
  if (step.retryAt === null) return "";
  const wait = step.retryAt - now;
  return wait > 500 ? `Next attempt in ${duration(wait)}.` : "The next attempt starts as soon as there is room.";
}

/** The API's names of limits, as the server puts them into its messages with their values. */
const LIMITS: [RegExp, string][] = [
  [/\btoken_budget \((\d+)\)/g, "the token budget ($1 tokens)"],
  [/\bdeadline_seconds \((\d+)\)/g, "the time limit ($1 s)"],
];

/** What the server says, as a sentence. */
export function sentence(text: string): string {
  const plain = LIMITS.reduce((said, [name, words]) => said.replace(name, words), text.trim());
  if (!plain) return "";
  // A name of the API or of a model is no word that could begin with a capital letter.
  const first = /^([a-z]+[._[/]|\S+: )/.test(plain) ? plain : plain[0]?.toUpperCase() + plain.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}
