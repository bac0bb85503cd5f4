// The progress of a workflow for people: redrawn in place on a terminal, a line per change anywhere else.

import { cut, printable } from "./text.mjs";

// Maps: the state is the server's word, and may be any.
const MARKS = new Map(
  Object.entries({ pending: "·", running: "▸", retrying: "↻", complete: "✓", errored: "✗", skipped: "−" }),
);
const COLOURS = new Map(Object.entries({ running: 36, retrying: 33, complete: 32, errored: 31, skipped: 33 }));

/** `show(status)` after each change, `note(text)` for a remark, `end()` before anything else is printed. */
export function makeProgress(stream, { colour = stream.isTTY && !process.env.NO_COLOR } = {}) {
  return stream.isTTY ? new Redrawn(stream, colour) : new Logged(stream);
}

export const silent = { show() {}, note() {}, end() {} };

class Redrawn {
  #drawn = 0;
  #status = null;
  #timer = null;

  constructor(stream, colour) {
    this.stream = stream;
    this.colour = colour;
  }

  show(status) {
    this.#status = status;
    this.#draw();
    // Running steps count their seconds also while nothing changes.
    this.#timer ??= setInterval(() => this.#draw(), 1_000).unref();
  }

  note(text) {
    this.#erase();
    this.stream.write(`${text}\n`);
    if (this.#status) this.#draw();
  }

  end() {
    clearInterval(this.#timer);
    if (this.#status) this.#draw();
    this.#status = null;
    this.#drawn = 0;
  }

  #draw() {
    const columns = this.stream.columns || 80;
    const room = Math.max(1, (this.stream.rows || 24) - 2);
    const lines = this.#status.steps.map((step) => [step.state, cut(lineOf(step, Date.now()), columns - 1)]);
    // A drawing higher than the screen could not be redrawn: its first lines are out of the cursor's reach.
    const hidden = lines.length > room ? lines.length - room + 1 : 0;
    const shown = hidden > 0 ? [[null, `  … ${hidden} more above`], ...lines.slice(hidden)] : lines;
    this.#erase();
    for (const [state, line] of shown) this.stream.write(`${this.#paint(state, line)}\n`);
    this.#drawn = shown.length;
  }

  #erase() {
    if (this.#drawn > 0) this.stream.write(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }

  #paint(state, line) {
    const code = COLOURS.get(state);
    return this.colour && code ? `\u001b[${code}m${line}\u001b[0m` : line;
  }
}

class Logged {
  #seen = new Map();

  constructor(stream) {
    this.stream = stream;
  }

  show(status) {
    for (const step of status.steps) {
      const seen = `${step.state} ${step.attempts.length}`;
      if (this.#seen.get(step.name) === seen) continue;
      this.#seen.set(step.name, seen);
      // What has only been planned is told when it begins.
      if (step.state !== "pending") this.stream.write(`${lineOf(step, Date.now())}\n`);
    }
  }

  note(text) {
    this.stream.write(`${text}\n`);
  }

  end() {}
}

function lineOf(step, now) {
  const name = step.name.replace(/^subtask\//, "");
  const title = printable(step.title ?? "");
  const attempts = step.attempts.length > 1 ? `, attempt ${step.attempts.length}` : "";
  const took = step.start ? `${seconds(step, now)}s` : "";
  const error = step.error ?? (step.state === "retrying" ? step.attempts.at(-1)?.error : null);
  const parts = [`${step.state}${attempts}`, took, error ? printable(error.message) : ""].filter(Boolean);
  return `${MARKS.get(step.state) ?? " "} ${name}${title && title !== name ? `  ${title}` : ""}  (${parts.join(", ")})`;
}

function seconds(step, now) {
  const end = step.end ? Date.parse(step.end) : now;
  return Math.max(0, (end - Date.parse(step.start)) / 1_000).toFixed(1);
}
