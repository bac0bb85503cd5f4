// Earlier turns of a conversation as the core's `history`, cut oldest first to what it keeps.

import { bytesOf } from "./requests.js";

/** As the core bounds a conversation that is gone on with: in JSON, and so many bytes more for each exchange. */
export const HISTORY_BYTES_MAX = 256 * 1024;
const EXCHANGE_BYTES = 64;
/** So many of them at most. */
const EXCHANGES_MAX = 1_000;
/** The core shortens the newest exchange where it is longer than that by itself; beyond this it takes no body. */
const LONGEST_BYTES = 700 * 1024;

/**
 * Exchanges of turns `{ role: "user" | "assistant", text }`. Turns of one role in a row belong together; a conversation
 * that the assistant began has a request in brackets before it.
 *
 * @param {{ role: string, text: string }[]} turns
 */
export function exchangesOf(turns) {
  const exchanges = [];
  let last = null;
  for (const { role, text } of turns) {
    if (text.trim() === "") continue;
    if (role === "user" && (last === null || last.answer !== "")) {
      last = { request: text, answer: "" };
      exchanges.push(last);
    } else if (role === "user") last.request += `\n\n${text}`;
    else {
      if (last === null) {
        last = { request: "(The assistant spoke first.)", answer: "" };
        exchanges.push(last);
      }
      last.answer += (last.answer === "" ? "" : "\n\n") + text;
    }
  }
  return exchanges.map(({ request, answer }) => ({ request, answer: answer === "" ? "(No answer.)" : answer }));
}

/** What an earlier model has called, `{ name, given }` each, as text of its turn. */
export const calledWords = (calls) => {
  const shown = calls.map(({ name = "one", given = "" }) => {
    const text = typeof given === "string" ? given : JSON.stringify(given);
    return `${name}(${text})`;
  });
  return `(Called tools: ${shown.join("; ")})`;
};

/** What that gave, as text of the same turn. */
export const resultWords = (text) => `(A tool's result: ${text})`;

/** `{ history, leftOut }`: the newest exchanges that fit, and how many older ones do not. */
export function newest(exchanges, most = HISTORY_BYTES_MAX) {
  let size = 0;
  let from = exchanges.length;
  const least = Math.max(0, exchanges.length - EXCHANGES_MAX);
  while (from > least) {
    const bytes = bytesOf(JSON.stringify(exchanges[from - 1])) + EXCHANGE_BYTES;
    size += bytes;
    if (size > (from === exchanges.length ? Math.max(most, LONGEST_BYTES) : most)) break;
    from -= 1;
  }
  return { history: exchanges.slice(from), leftOut: from };
}

/** What was left out, as a sentence; null where nothing was. */
export function leftOutWords(leftOut) {
  if (leftOut === 0) return null;
  const turns = leftOut === 1 ? "The oldest turn" : `The oldest ${leftOut} turns`;
  const most = `${HISTORY_BYTES_MAX / 1024} KiB, ${EXCHANGES_MAX} turns`;
  return `${turns} of this conversation did not fit (${most}) and stayed out.`;
}
