// Two answers side by side: blind first, then with their names and addresses. Pure but for `flip`, which a test may
// decide.

import { harmless } from "../ask/answer.mjs";
import { printable, sentence } from "../ask/text.mjs";

export const CHOICES = { a: "A", b: "B", e: "both equal", n: "neither" };
export const QUESTION = "Which one would you send? (a, b, e for both equal, n for neither) ";

/** `{ A, B }` of two answers, in an order that nobody can foresee. */
export function inRandomOrder(answers, flip = Math.random() < 0.5) {
  const [A, B] = flip ? [...answers].reverse() : answers;
  return { A, B };
}

/** Both texts in equal form. Nothing but the text tells them apart, or that there is none. */
export function sidesText({ A, B }) {
  return Object.entries({ A, B })
    .map(([letter, side]) => `${rule(letter)}\n\n${side.text === null ? failureText(side) : shown(side)}\n\n`)
    .join("")
    .concat(rule(""), "\n");
}

const shown = ({ text }) => harmless(text).trim();
const rule = (letter) => `${letter ? `===== ${letter} ` : ""}`.padEnd(60, "=");

/** The choice of a reply, by its letter or its word; undefined where it is none. */
export function choiceOf(reply) {
  const word = reply.trim().toLowerCase();
  const found = Object.entries(CHOICES).find(([letter, name]) => [letter, name.toLowerCase()].includes(word));
  return ["equal", "both"].includes(word) ? CHOICES.e : found?.[1];
}

/** Which is which, what each took and where it is. `choice` is null where there was nothing to choose. */
export function revealText({ A, B }, choice) {
  const rows = [
    ["", "mode", "words", "tokens", "seconds", "model calls", "workflow"],
    ...Object.entries({ A, B }).map(([letter, answer]) => [letter, ...cellsOf(answer)]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => aligned(cell, widths[column], column))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n\n${verdictOf({ A, B }, choice)}\n`;
}

function verdictOf({ A, B }, choice) {
  if (choice === null) return "There is nothing to compare.";
  const chosen = new Map(Object.entries({ A, B })).get(choice);
  return chosen ? `You would send ${choice}: ${chosen.name}.` : `You chose ${choice}.`;
}

/** Words to the left, numbers to the right. */
const aligned = (cell, width, column) => (column < 2 || column > 5 ? cell.padEnd(width) : cell.padStart(width));

function cellsOf({ name, chosen, words, tokens, estimated, seconds, model_calls, url }) {
  const how = name === "auto" && chosen ? `auto (${chosen})` : name;
  const number = (value) => value?.toLocaleString("en-US") ?? "?";
  const took = seconds === null ? "?" : seconds.toFixed(1);
  return [how, number(words), `${estimated ? "about " : ""}${number(tokens)}`, took, number(model_calls), url];
}

/** The status of a workflow that could not be watched to its end. */
const LOST = "unknown";

/** What is said of an answer that is not there. */
export function failureText({ name, status, error }) {
  const why = error ? `: ${error.name}: ${printable(error.message)}` : "";
  return sentence(
    `${name} has no answer, ${status === LOST ? "its end is unknown" : `the workflow is ${status}`}${why}`,
  );
}

/** One that could not be watched to its end, and why. */
export function lostAnswer(name, { id, url }, { message }) {
  return answerOf(name, { id, url }, { status: LOST, error: { name: "NotWatched", message } });
}

/** One of the two as `--json` and the table have it. */
export function answerOf(name, { id, url }, status) {
  const seconds = status.start && status.end ? (Date.parse(status.end) - Date.parse(status.start)) / 1_000 : null;
  return {
    name,
    id,
    url,
    status: status.status,
    chosen: status.mode?.chosen ?? null,
    text: status.output?.finalResult ?? null,
    words: status.answer?.words ?? null,
    tokens: status.usage?.total_tokens ?? null,
    estimated: status.usage?.estimated ?? false,
    model_calls: status.usage?.model_calls ?? null,
    seconds,
    error: status.error ?? null,
  };
}
