// What the server sends: one flat JSON object an SSE event (src/engine/event.rs and src/api/sse.rs are the source).

export interface PlannedTask {
  id: string;
  title: string;
  instructions: string;
  depends_on: string[];
  /** Numbers, from 1, of the plan's criteria that it answers for. */
  criteria?: number[];
  /** Its share of the length, in words. */
  words?: number;
  model?: "small" | "big";
}

/** What two parts touch, and who decides on it: a subtask's id, or `editor`. */
export interface Border {
  what: string;
  owner?: string;
}

/** `merge`: one text is written from the parts. `assemble`: they stand in it, corrected by the editor. */
export type Form = "merge" | "assemble";
export type PlanMode = "direct" | "split";

/** What is absent is as 0.1.0 had it: subtasks, merged, and no more said of them. */
export interface Plan {
  analysis: string;
  mode?: PlanMode;
  form?: Form;
  /** Words of the whole answer. */
  length?: number;
  shared?: string;
  borders?: Border[];
  criteria?: string[];
  /** None where the request is answered directly. */
  tasks: PlannedTask[];
}

/** What the rest of the run is expected to take. */
export interface Estimate {
  calls: number;
  tokens: number;
}

/** A subtask that asked for the same as an earlier one, which does the work of both. */
export interface MergedTask {
  id: string;
  title: string;
  into: string;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  estimated: boolean;
}

export interface ErrorInfo {
  /** A stable word in UpperCamelCase. */
  name: string;
  message: string;
}

export interface ModelSpec {
  provider: string;
  name: string;
  context_tokens: number;
}

export type Mode = "auto" | PlanMode;
export type Length = "brief" | "normal" | "full" | { max_words: number };

export interface Options {
  max_subtasks: number;
  max_concurrency: number;
  mode?: Mode;
  length?: Length;
  /** `once`: a reviewer reads the answer before it is final. */
  review?: "none" | "once";
  /** A JSON Schema that the answer is to fit, as JSON, besides its text. */
  output_schema?: unknown;
  approval?: "none" | "plan";
  on_subtask_failure?: "continue" | "fail";
  token_budget?: number;
  deadline_seconds?: number;
  instructions?: string;
}

/** The workflow that is followed up, as it was then. */
export interface Parent {
  id: string;
  /** The run whose answer was taken. */
  run: number;
  /** So many of the earliest exchanges are not in the history, which would be too long. */
  left_out?: number;
}

/** A request and its answer. */
export interface Exchange {
  request: string;
  answer: string;
  /** One of them was shortened, and says so where it was cut. */
  cut?: boolean;
}

export interface Spec {
  id: string;
  prompt: string;
  parent?: Parent;
  /** The conversation so far, oldest first. */
  history?: Exchange[];
  tasks?: Plan;
  metadata?: Record<string, string>;
  options: Options;
  policy: { attempts_max: number; continuations_max: number; [name: string]: number };
  provider: string;
  big_models: ModelSpec[];
  small_models: ModelSpec[];
}

export type FailureClass = "transient" | "permanent" | "quota" | "invalid" | "aborted";
/** What a person wants a step to do otherwise. */
export interface StepRemark {
  step: string;
  text: string;
}
export type Reset = "everything" | { steps: string[] };
export interface Reduction {
  number: number;
  round: number;
  parts: { step: string; from: number; to: number }[];
}

/**
 * A piece of the answer: characters `from` to `to` of a text that is journaled already, or a text of its own. Number 0
 * is of an answer that was put together without a call.
 */
export type Segment =
  | { step: string; run: number; number: number; from: number; to: number; text?: undefined }
  | { text: string };

export interface EditResult {
  /** The part that it is for; of a review, `synthesis`. */
  step: string;
  state: "applied" | "failed";
  reason?: string;
}

export interface AssemblyProblem {
  /** A word of `ProblemKind` in src/engine/words/answer.rs. */
  kind: string;
  id?: string;
}

interface AttemptFields {
  step: string;
  run: number;
  number: number;
}

type Body =
  | { type: "workflow_queued"; spec: Spec }
  | { type: "workflow_started" }
  | { type: "workflow_waiting" }
  | { type: "workflow_waiting_for_pause"; reason?: "no_listener" }
  | { type: "workflow_paused"; reason?: "no_listener" }
  | { type: "workflow_resumed" }
  | { type: "workflow_completed"; result?: "synthesis" | "answers" }
  | { type: "workflow_errored"; error: ErrorInfo }
  | { type: "workflow_terminated"; reason?: "no_listener" }
  | { type: "workflow_restarted"; run: number; reset: Reset; remark?: StepRemark }
  | {
      type: "plan_accepted";
      plan: Plan;
      source: "planner" | "client";
      merged?: MergedTask[];
      estimate?: Estimate;
    }
  | { type: "plan_approved"; plan?: Plan; estimate?: Estimate }
  | { type: "reduction_planned"; reductions: Reduction[] }
  | {
      type: "answer_assembled";
      segments: Segment[];
      edits?: EditResult[];
      problems?: AssemblyProblem[];
      /** The editor's reply had no mark, so it is the answer as it stands. */
      unmarked?: boolean;
    }
  /** What the review makes of the answer. `refused`: why a whole text of the reviewer's was not taken. */
  | { type: "answer_reviewed"; segments: Segment[]; edits?: EditResult[]; refused?: string }
  | ({ type: "attempt_started"; model: string; input_cut?: boolean } & AttemptFields)
  | ({
      type: "attempt_completed";
      text: string;
      truncated?: boolean;
      unknown_finish?: string;
      usage: Usage;
      model?: string;
    } & AttemptFields)
  | ({
      type: "attempt_errored";
      error: ErrorInfo;
      class: FailureClass;
      reply?: string;
      usage?: Usage;
      retry_at: string | number | null;
      next_model?: number;
    } & AttemptFields)
  | ({ type: "attempt_lost"; retry_at?: string | number | null } & AttemptFields)
  | { type: "step_errored"; step: string; error: ErrorInfo }
  | { type: "step_skipped"; step: string; reason: string };

/** `id`: that of the SSE frame, `SEQ-LIFE`. */
export type JournalEvent = { id: string; seq: number; at: string } & Body;

/** Live only: more text of an attempt in flight. */
export interface Delta {
  type: "delta";
  step: string;
  run: number;
  attempt: number;
  /** Unicode scalar values before `text`. */
  from: number;
  text: string;
  /** No more live text of this attempt follows; the whole text comes with `attempt_completed`. */
  last?: boolean;
}

/** Live only: how the reader's text goes on. With each connection it begins at 0. */
export interface AnswerUpdate {
  type: "answer";
  /** Unicode scalar values before `text`. */
  from: number;
  text: string;
  /** So many characters from the beginning stay as they are, unless an attempt dies and is repeated. */
  settled: number;
  /** The text is longer than what is told of it. The whole comes at the end. */
  last?: boolean;
}
