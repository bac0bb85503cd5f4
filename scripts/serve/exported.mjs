// The text of an exported journal: a first line that says whose it is and how many events follow, then one per event.
//
// What this refuses nobody could read or delete: the Worker takes an event that it does not know for one of a newer
// version and leaves the workflow alone, and SQLite refuses a row that is too long with each request. All else that may
// be wrong in an event the Worker finds when it replays them, and such a workflow can still be deleted.

import { ConfigurationProblem } from "./exit.mjs";

const FORMAT = "orchestrator-workers/journal/1";
/** As src/engine/words/event.rs has them; tests/scripts/exported.test.mjs compares. */
export const SCHEMA_VERSION = 2;
export const EVENT_TYPES = [
  "workflow_queued",
  "workflow_started",
  "workflow_waiting",
  "workflow_waiting_for_pause",
  "workflow_paused",
  "workflow_resumed",
  "workflow_completed",
  "workflow_errored",
  "workflow_terminated",
  "workflow_restarted",
  "plan_accepted",
  "plan_approved",
  "reduction_planned",
  "answer_assembled",
  "answer_reviewed",
  "attempt_started",
  "attempt_completed",
  "attempt_errored",
  "attempt_lost",
  "step_errored",
  "step_skipped",
];
/** What each build has written into the first event (src/engine/words/spec.rs): all but what has a default there. */
export const NEEDED = {
  spec: ["id", "tenant", "nonce", "prompt", "options", "policy", "provider", "big_models", "small_models"],
  options: ["max_subtasks", "max_concurrency"],
  policy: [
    "attempts_max",
    "failures_per_model",
    "backoff_base_ms",
    "backoff_max_ms",
    "lost_max",
    "continuations_max",
    "first_token_timeout_ms",
    "idle_timeout_ms",
    "attempt_timeout_ms",
    "plan_max_tokens",
    "subtask_max_tokens",
    "synthesis_max_tokens",
    "retention_ms",
  ],
};
/** Of one event's JSON: what a row holds in production. Those that the Worker writes are about half as long. */
export const EVENT_BYTES_MAX = 2_000_000;
const SHOWN_CHARS_MAX = 80;

export function written({ tenant, id }, events) {
  const head = { format: FORMAT, tenant, id, events: events.length };
  return [head, ...events].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** `{ head, events }`. Refuses what is not whole, and what the Worker could not load. */
export function read(text) {
  const [first, ...rest] = linesOf(text);
  const head = first && parsed(first);
  if (head?.format !== FORMAT)
    throw new ConfigurationProblem(`this is no exported journal: its first line has no format ${FORMAT}`);
  const lines = rest.map((line) => ({ ...line, event: parsed(line) }));
  const events = lines.map(({ number, event }, index) => checked(event, index + 1, number));
  if (events.length === 0) throw new ConfigurationProblem("the journal has no events");
  // Those of early builds of 0.2.0 have no count.
  if (head.events !== undefined && head.events !== events.length)
    throw new ConfigurationProblem(
      `the first line says ${shown(head.events)} events, and ${events.length} follow: the file is not whole`,
    );
  checkSpec(events[0].data.spec, rest[0].number);
  return { head, events };
}

function linesOf(text) {
  const lines = text.split("\n").map((line, index) => ({ line, number: index + 1 }));
  const own = lines.filter(({ line }) => line.trim() !== "");
  if (own[0]?.line.startsWith("> "))
    throw new ConfigurationProblem(
      `line ${own[0].number} is one of npm: export with npm run --silent, or delete what stands above the journal`,
    );
  return own;
}

function parsed({ line, number }) {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new ConfigurationProblem(`line ${number} is no JSON: ${error.message}`);
  }
}

function checked(event, place, number) {
  const refuse = (words) => {
    throw new ConfigurationProblem(`line ${number} ${words}`);
  };
  const { seq, at, type, data } = event ?? {};
  const isWhole = seq === place && Number.isSafeInteger(at) && at >= 0 && typeof type === "string" && isObject(data);
  if (!isWhole) refuse(`is no event ${place} with seq, at, type and data`);
  const version = data.v ?? 1;
  if (!Number.isSafeInteger(version)) refuse("has a version v that is no number");
  if (!EVENT_TYPES.includes(type) || version > SCHEMA_VERSION)
    refuse(`has an event that this version does not know (${shown(type)}): import it with the version that wrote it`);
  if ((type === EVENT_TYPES[0]) !== (place === 1))
    refuse(`is ${shown(type)}: a journal begins with ${EVENT_TYPES[0]} alone`);
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes > EVENT_BYTES_MAX) refuse(`has ${bytes} bytes of data: an event has at most ${EVENT_BYTES_MAX}`);
  return { seq, at, type, data };
}

function checkSpec(spec, number) {
  const missing = Object.entries(NEEDED).flatMap(([part, names]) => {
    const object = part === "spec" ? spec : spec?.[part];
    return names.filter((name) => (object?.[name] ?? null) === null).map((name) => `${part}.${name}`);
  });
  const empty = ["big_models", "small_models"].filter(
    (name) => !(Array.isArray(spec?.[name]) && spec[name].length > 0),
  );
  const wrong = [...new Set([...missing, ...empty.map((name) => `spec.${name}`)])];
  if (wrong.length === 0) return;
  throw new ConfigurationProblem(`line ${number} is no first event: it has no ${wrong.slice(0, 3).join(", ")}`);
}

/** A value of the file in one line of a message. */
export const shown = (value) => String(JSON.stringify(value)).slice(0, SHOWN_CHARS_MAX);

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
