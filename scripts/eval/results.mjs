// The file of results: JSON Lines, appended to and synced line by line, so that whatever ends the eval, all that was
// paid for is there. Each line has a number, which tells of lines that were lost.
//
// The first line is the run (`kind: "run"`). The others are `answer` (request, arm, sample), `checks` (the same),
// `verdict` (request, pair, sample, order) and `control` (id, order). An answer carries the hash of its text, and a
// verdict those of both texts: what does not fit together is not believed, but made again.

import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { Failure } from "../ask/options.mjs";
import { problemOf } from "./lines.mjs";
import { sha256 } from "./requests.mjs";

export const keyOf = {
  answer: ({ request, arm, sample }) => `answer ${request} ${arm} ${sample}`,
  checks: ({ request, arm, sample }) => `checks ${request} ${arm} ${sample}`,
  verdict: ({ request, pair, sample, order }) => `verdict ${request} ${pair} ${sample} ${order}`,
  control: ({ id, order }) => `control ${id} ${order}`,
};

/**
 * `{ run, entries, notes, bytes, next }` of a file's text: `entries` by key, `notes` what is amiss, `bytes` how much of
 * the text is whole lines, `next` the number of the next line.
 */
export function readResults(text, file) {
  const end = text.lastIndexOf("\n") + 1;
  const notes = end < text.length ? ["The last line was cut off while it was written, and is made again."] : [];
  const lines = text
    .slice(0, end)
    .split("\n")
    .slice(0, -1)
    .map((line, index) => parsed(line, index, file));
  const run = lines[0];
  if (run?.kind !== "run") throw new Failure(3, `${file} does not begin with the line of a run.`);
  const numbers = new Set(lines.map(({ line }) => line));
  const next = lines.reduce((most, { line }) => Math.max(most, line), 0) + 1;
  const lost = Array.from({ length: next }, (_, number) => number).filter((number) => !numbers.has(number));
  if (lost.length > 0) notes.push(`Lines of the results that were lost: ${lost.join(", ")}.`);
  return { run, entries: entriesOf(lines.slice(1), notes), notes, bytes: Buffer.byteLength(text.slice(0, end)), next };
}

function entriesOf(lines, notes) {
  const entries = new Map();
  for (const entry of lines) {
    const key = keyOf[entry.kind](entry);
    if (!entries.has(key)) entries.set(key, entry);
    else notes.push(`There is a second ${key}: the first counts.`);
  }
  const drop = (what, isWrong) => {
    const wrong = [...entries].filter(([, entry]) => isWrong(entry));
    for (const [key] of wrong) entries.delete(key);
    if (wrong.length > 0) notes.push(`${what}: ${wrong.length}, left out.`);
  };
  const answer = (entry, arm) => entries.get(keyOf.answer({ ...entry, arm }));
  drop("Answers whose text is not the one that was written", (entry) => {
    return entry.kind === "answer" && entry.text !== null && sha256(entry.text) !== entry.sha256;
  });
  drop("Results of programs on a text that is not there", (entry) => {
    return entry.kind === "checks" && answer(entry, entry.arm)?.sha256 !== entry.sha256;
  });
  drop("Verdicts on other texts, or in another order, than they say", (entry) => {
    if (entry.kind !== "verdict") return false;
    const [first, second] = inOrder(entry.pair.split(":"), entry.order);
    // Where an answer is missing it comes again as it was, and its verdict with it.
    return [
      [first, entry.a_sha256],
      [second, entry.b_sha256],
    ].some(([arm, hash]) => answer(entry, arm) && answer(entry, arm).sha256 !== hash);
  });
  return entries;
}

/** The two of a pair as the judge reads them: order 1 as they are, order 2 swapped. */
export const inOrder = ([one, other], order) => (order === 1 ? [one, other] : [other, one]);

function parsed(line, index, file) {
  const wrong = (problem) =>
    new Failure(3, `line ${index + 1} of ${file} ${problem}: remove it, and what it held is made again.`);
  let entry;
  try {
    entry = JSON.parse(line);
  } catch {
    throw wrong("is no JSON");
  }
  const problem = problemOf(entry) ?? (index > 0 && entry.kind === "run" ? "begins another run" : null);
  if (problem) throw wrong(problem);
  return entry;
}

/** The file, opened for appending. Only one process may have it. */
export class Results {
  file = "";
  run = null;
  entries = new Map();
  /** What was amiss with the file when it was opened. */
  notes = [];
  next = 0;
  #handle;
  #lock;

  /** A new one of `run`, or the one that is there. */
  static open(file, run) {
    const results = new Results();
    results.file = file;
    results.#lock = locked(`${file}.lock`);
    const isNew = !existsSync(file);
    results.#handle = openSync(file, "a");
    if (isNew) {
      results.run = run;
      results.#write({ kind: "run", ...run });
      return results;
    }
    const { bytes, ...read } = readResults(readFileSync(file, "utf8"), file);
    ftruncateSync(results.#handle, bytes);
    return Object.assign(results, read);
  }

  get(kind, key) {
    return this.entries.get(keyOf[kind](key));
  }

  append(kind, entry) {
    const key = keyOf[kind](entry);
    if (this.entries.has(key)) throw new Error(`${key} is there`);
    const line = this.#write({ kind, ...entry });
    this.entries.set(key, line);
    return line;
  }

  close() {
    closeSync(this.#handle);
    rmSync(this.#lock, { force: true });
  }

  #write(entry) {
    const line = { line: this.next, ...entry };
    this.next += 1;
    writeSync(this.#handle, `${JSON.stringify(line)}\n`);
    fsyncSync(this.#handle);
    return line;
  }
}

/**
 * Takes the lock. A link makes it with the process's number in it, so that nobody ever sees it empty. One of a process
 * that is gone, or that nobody can read, is nobody's.
 */
function locked(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    while (!isLinked(own, file)) {
      const pid = holderOf(file);
      if (pid !== null) throw new Failure(3, `process ${pid} writes these results at the moment (${file}).`);
      takeAway(file, `${own}.stale`);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return file;
}

function isLinked(own, file) {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** The process that runs and has the lock; null where nobody does. */
function holderOf(file) {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // It is gone meanwhile, or no file.
  }
  return /^[1-9]\d*$/.test(text) && isRunning(Number(text)) ? Number(text) : null;
}

/** Of several that take away the same lock one succeeds. What it has then may be another's new one, which goes back. */
export function takeAway(file, aside) {
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  if (holderOf(aside) !== null) isLinked(aside, file);
  rmSync(aside, { recursive: true, force: true });
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return error.code === "EPERM";
  }
}
