// What a check finds, and how it is shown.

/**
 * `ok`: all is well. `mend`: something is wrong, and `mend` is what to do. `note`: something is not set up that need
 * not be; `mend` is what to do for whoever wants it.
 *
 * @typedef {{ state: "ok" | "mend" | "note", name: string, found: string, mend?: string }} Result
 */

/** @returns {Result} */
export const ok = (name, found) => ({ state: "ok", name, found });
/** @returns {Result} */
export const mend = (name, found, what) => ({ state: "mend", name, found, mend: what });
/** @returns {Result} */
export const note = (name, found, what = undefined) => ({ state: "note", name, found, mend: what });

const MARKS = { ok: "ok  ", mend: "MEND", note: "-   " };
const NAME_COLUMNS = 14;

/** The lines of one result. */
export function shown({ state, name, found, mend: what }) {
  const line = `  ${MARKS[state]}  ${name.padEnd(NAME_COLUMNS)} ${found}`;
  return what === undefined ? line : `${line}\n        ${" ".repeat(NAME_COLUMNS)} -> ${what}`;
}

/** The sentence at the end, for all results. */
export function summary(results) {
  const count = results.filter(({ state }) => state === "mend").length;
  if (count === 0) return "All is well.";
  return count === 1 ? "One thing is to be mended." : `${count} things are to be mended.`;
}
