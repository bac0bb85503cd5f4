// What models write where an answer is more than one call: a mode, a contract, an editor's script.

import { partsOf, script, tasksOf, text } from "./scripts.mjs";

/** A planner that has the request answered in one call. */
export function direct(why = "One writer is enough.", options = {}) {
  return text(JSON.stringify({ mode: "direct", analysis: why }), options);
}

/** How many words `writesOn` adds. */
export const WORDS_WRITTEN_ON = 3_000;

/**
 * The same of a model that does not stop there: word by word it goes on until its reader hangs up. `call.frames` counts
 * what it has sent until then.
 */
export function directThatWritesOn(options = {}) {
  const mode = '{"mode": "direct", "analysis": "One writer is enough."';
  const on = Array.from({ length: WORDS_WRITTEN_ON }, (_, index) => ` word${index}`);
  const pieces = [...mode.match(/\s*\S+/g), ', "tasks": ["', ...on, '"]}'];
  return text(pieces.join(""), { pieces, pauseMs: 5, ...options });
}

/**
 * A plan that is a contract. `tasks` as for `tasksOf`, with `words`, `criteria` and `model` beside; `fields` are those
 * of the whole: `form`, `length`, `shared`, `borders`, `criteria`.
 */
export function contract(tasks, fields = {}, options = {}) {
  const more = tasks.map((task) => {
    const { words, criteria, model } = typeof task === "string" ? {} : task;
    return { words, criteria, model };
  });
  const written = {
    mode: "split",
    analysis: "Emulated.",
    form: "assemble",
    ...fields,
    tasks: tasksOf(tasks).map((task, index) => ({ ...task, ...more[index] })),
  };
  return text(JSON.stringify(written), options);
}

/** An edit of a part, as an editor's script has it. */
export function edit(id, old, replacement) {
  return `@edit ${id}\n<<<<\n${old}\n====\n${replacement}\n>>>>`;
}

/** A text that comes after a passage of a part. */
export function insert(id, anchor, added) {
  return `@insert ${id}\n<<<<\n${anchor}\n====\n${added}\n>>>>`;
}

/** A section of a part, written anew. */
export function section(number, replacement) {
  return `@section ${number}\n<<<<\n${replacement}\n>>>>`;
}

/**
 * The editor's reply to `call`: `edits` first, then `answer`, or the lead and all parts where there is none. `options`
 * as for `text`.
 */
export function editor(call, { edits = [], answer, lead } = {}, options = {}) {
  const before = edits.join("\n\n");
  if (answer === undefined) return text(script(call, { edits: before, ...(lead ? { lead } : {}) }), options);
  return text([...(before ? [before] : []), `@answer\n${answer}`].join("\n\n"), options);
}

/** An answer of all parts that the call shows, each after some words of the editor's. */
export function around(call, words) {
  return partsOf(call)
    .map((id) => `${words} (${id})\n\n@include ${id}`)
    .join("\n\n");
}

const WORDS =
  "the well of each town has its own name and every road that leads there was made by hand in a dry year".split(" ");

/** A part of so many words, of which each section's heading and last words tell it from all others. */
export function partOf(id, words, sections = 1) {
  const each = Math.floor(words / sections);
  return Array.from({ length: sections }, (_, index) => {
    const body = Array.from({ length: each }, (_, word) => WORDS[word % WORDS.length]).join(" ");
    return `## Section ${index + 1} of ${id}\n\n${body}, end of ${id}.${index + 1}.`;
  }).join("\n\n");
}
