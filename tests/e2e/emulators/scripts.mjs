// What a test may tell an emulated model to do. A script is plain data, read by `play.mjs`.

/**
 * A reply of text. Options:
 * - `pieces`: the text as the model's tokens would split it; words by default.
 * - `pauseMs`: between pieces.
 * - `writes`: bytes of each TCP write, so that frames and UTF-8 sequences split anywhere; by default a write per frame.
 * - `finish`: the finish_reason (`stop`, `length`), or null for none.
 * - `usage`: false for a server that reports none.
 * - `reasoning`: text that the model thinks aloud first, in a field of its own.
 * - `noise`: comments and keep-alives between the frames.
 * - `tight`: `data:` without the space after it.
 * - `whole`: plain JSON although a stream was asked for.
 * - `ending`: `done`, or how the stream breaks off: `cut` (connection reset), `end` (a clean end that lacks the end
 *   marks), `stall` (silence on an open connection), `error` (an error object in the stream).
 */
export function text(content, options = {}) {
  return { kind: "text", text: content, finish: "stop", usage: true, ending: "done", ...options };
}

/** A plan in the format that the planner is asked for. `tasks` as for `tasksOf`. */
export function plan(tasks, options = {}) {
  return text(planJson(tasks), options);
}

export function planJson(tasks) {
  return JSON.stringify({ analysis: "Emulated.", tasks: tasksOf(tasks) });
}

/**
 * Planned tasks from ids (`"t1"`) or parts of tasks (`{ id, depends_on }`). The marker in the instructions lets the
 * emulator tell later which subtask a call is for; titles carry none, because every subtask sees the titles of all.
 */
export function tasksOf(tasks) {
  return tasks.map((task) => {
    const {
      id,
      title = `Title of ${id}`,
      instructions = `Work on ${id}.`,
      depends_on = [],
    } = typeof task === "string" ? { id: task } : task;
    return { id, title, instructions: `${instructions} (task-marker ${id})`, depends_on };
  });
}

/** An HTTP error with a JSON body (an object), or any other body as it is. */
export function error(status, body, headers = {}) {
  return { kind: "error", status, body, headers };
}

/** What a proxy in front of the model says. */
export function html(status = 502) {
  const page = `<html>\r\n<head><title>${status} Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n`;
  return { kind: "error", status, body: page, headers: { "content-type": "text/html" } };
}

/**
 * Bytes as they are: `parts` are written one after the other (a number is a pause in ms), whatever the protocol says.
 * `ending`: `end`, or `cut` (connection reset).
 */
export function raw(parts, { status = 200, headers = { "content-type": "text/event-stream" }, ending = "end" } = {}) {
  return { kind: "raw", parts, status, headers, ending };
}

/** Takes the request and never answers. */
export function hang() {
  return { kind: "hang" };
}

/** Closes the connection without an answer. */
export function reset() {
  return { kind: "reset" };
}

/** Answers by `script` once `gate` has opened: how a test decides the order of events without a sleep. */
export function held(gate, script) {
  return { kind: "held", gate, script };
}

/** A gate for `held`. */
export function makeGate() {
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** The ids of the parts that an editor's call shows. */
export function partsOf(call) {
  const shown = call.messages.map((message) => message.content).join("\n");
  return [...shown.matchAll(/^<(?:written_part|part_outline) id="([^"]+)"/gm)].map(([, id]) => id);
}

/** An editor's script: edits as they are written, then the answer, which is the lead and every part. */
export function script(call, { edits = "", lead = "The final result." } = {}) {
  const includes = partsOf(call).map((id) => `@include ${id}`);
  return [...(edits ? [edits] : []), `@answer\n${lead}`, ...includes].join("\n\n");
}

/** Plans three tasks, answers each with a text that names it, and puts all parts together. */
export function defaultScript(call) {
  if (call.step === "plan") return plan(["t1", "t2", "t3"]);
  if (call.step === "subtask") return text(`Answer of ${call.task}.`);
  if (call.kind === "edit") return text(script(call));
  if (call.kind === "edit-repair") return text("none");
  return text("The final result.");
}
