// The workflows as a table for people.

import { cut, printable, widthOf } from "./text.mjs";

const HEADINGS = ["ID", "STATUS", "AGE", "SUBTASKS", "TOKENS", "PROMPT"];
const GAP = "  ";
/** Less of a prompt says nothing. */
const EXCERPT_COLUMNS_MIN = 8;

/** The cells of an entry of `GET /workflows`. */
export function rowOf({ id, status, queued, prompt, subtasks, usage, mode }, now) {
  const done =
    subtasks?.planned > 0 ? `${subtasks.done}/${subtasks.planned}` : mode?.chosen === "direct" ? "direct" : "-";
  const tokens = `${usage?.estimated ? "~" : ""}${(usage?.total_tokens ?? 0).toLocaleString("en-US")}`;
  return [id, status, ageOf(now - Date.parse(queued)), done, tokens, prompt].map((cell) =>
    printable(String(cell ?? "")),
  );
}

/** `5s`, `12m`, `3h`, `40d` */
export function ageOf(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Lines of aligned columns. The prompt, the last, is cut so that a line fits `columns`; whole without them. */
export function tableOf(rows, columns = Number.POSITIVE_INFINITY) {
  if (rows.length === 0) return "";
  const all = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((row) => widthOf(row[column]))));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  const room = Math.max(EXCERPT_COLUMNS_MIN, columns - before);
  const line = (row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cut(cell, room) : cell + " ".repeat(widths[column] - widthOf(cell)),
      )
      .join(GAP)
      .trimEnd();
  return all.map((row) => `${line(row)}\n`).join("");
}
