// What the server sends: one flat JSON object an SSE event (src/engine/event.rs and src/api/sse.rs are the source).

export interface PlannedTask {
  id: string;
  title: string;
  instructions: string;
  depends_on: string[];
}

export interface Plan {
  analysis: string;
  tasks: PlannedTask[];
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

export interface Options {
  max_subtasks: number;
  max_concurrency: number;
  approval?: "none" | "plan";
  on_subtask_failure?: "continue" | "fail";
  token_budget?: number;
  deadline_seconds?: number;
  instructions?: string;
}

export interface Spec {
  id: string;
  prompt: string;
  tasks?: Plan;
  metadata?: Record<string, string>;
  options: Options;
  policy: { attempts_max: number; continuations_max: number; [name: string]: number };
  provider: string;
  big_models: ModelSpec[];
  small_models: ModelSpec[];
}

export type FailureClass = "transient" | "permanent" | "quota" | "invalid" | "aborted";
export type Reset = "everything" | { steps: string[] };
export interface Reduction {
  number: number;
  round: number;
  parts: { step: string; from: number; to: number }[];
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
  | { type: "workflow_waiting_for_pause" }
  | { type: "workflow_paused" }
  | { type: "workflow_resumed" }
  | { type: "workflow_completed"; result?: "synthesis" | "answers" }
  | { type: "workflow_errored"; error: ErrorInfo }
  | { type: "workflow_terminated" }
  | { type: "workflow_restarted"; run: number; reset: Reset }
  | { type: "plan_accepted"; plan: Plan; source: "planner" | "client" }
  | { type: "plan_approved"; plan?: Plan }
  | { type: "reduction_planned"; reductions: Reduction[] }
  | ({ type: "attempt_started"; model: string; input_cut?: boolean } & AttemptFields)
  | ({ type: "attempt_completed"; text: string; truncated?: boolean; usage: Usage; model?: string } & AttemptFields)
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
