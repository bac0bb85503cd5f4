// Journals to reduce, event by event.

export const SPEC = {
  id: "w1",
  prompt: "p",
  options: { max_subtasks: 8, max_concurrency: 50 },
  policy: { attempts_max: 5, continuations_max: 3 },
  provider: "demo",
  big_models: [],
  small_models: [],
};
export const USAGE = { prompt_tokens: 10, completion_tokens: 5, estimated: false };

export const LIFE = "9f86d081";

/** A journal: each event one second after the one before it. */
export function journal(...bodies) {
  return bodies.map((body, index) => {
    const seq = index + 1;
    return { ...body, id: `${seq}-${LIFE}`, seq, at: new Date(1000 * seq).toISOString() };
  });
}

/** The same journal under the same id, after the first one was deleted. */
export const inLife = (life, events) => events.map((event) => ({ ...event, id: `${event.seq}-${life}` }));

export const queued = { type: "workflow_queued", spec: SPEC };
export const started = { type: "workflow_started" };
export const attempt = (type, step, number, rest = {}) => ({ type: `attempt_${type}`, step, run: 1, number, ...rest });
export const start = (step, number = 1, run = 1) => attempt("started", step, number, { model: "m", run });
export const done = (step, text, number = 1, rest = {}) =>
  attempt("completed", step, number, { text, usage: USAGE, ...rest });
export const planned = (...tasks) => ({
  type: "plan_accepted",
  source: "planner",
  plan: { analysis: "", tasks: tasks.map(([id, ...depends_on]) => ({ id, title: id, instructions: id, depends_on })) },
});
export const delta = (step, from, text, number = 1) => ({ type: "delta", step, run: 1, attempt: number, from, text });
export const stepOf = (state, name) => state.steps.find((step) => step.name === name);

export const RUN = journal(
  queued,
  started,
  start("plan"),
  done("plan", "{}"),
  planned(["t1"], ["t2"], ["t3", "t1"]),
  start("subtask/t1"),
  start("subtask/t2"),
  done("subtask/t1", "one"),
  start("subtask/t3"),
  attempt("errored", "subtask/t2", 1, {
    error: { name: "ServerError", message: "boom" },
    class: "transient",
    retry_at: "1970-01-01T00:00:11.000Z",
  }),
  start("subtask/t2", 2),
  done("subtask/t2", "two", 2),
  done("subtask/t3", "three"),
  start("synthesis"),
  done("synthesis", "all"),
  { type: "workflow_completed" },
);
