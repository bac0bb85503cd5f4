// Runs our test cases against the modules of an answer, in the sandbox.

import { randomUUID } from "node:crypto";
import path from "node:path";
import { rule } from "./rules.mjs";

/** All cases together take milliseconds. */
const TIMEOUT_MS = 5_000;

/** The files of an answer by their names; of one name, the last is the one that the answer ends with. */
export function filesOf(answer, { codeBlocks }) {
  const named = codeBlocks(answer).filter(({ file }) => file !== null && !file.split("/").includes(".."));
  return Object.fromEntries(named.map(({ file, text }) => [path.posix.normalize(file).replace(/^\/+/, ""), text]));
}

/**
 * A rule for each of `cases`, functions by name that get the module `file`, `node:assert` and throw. They run within
 * the answer's process, so that they may use nothing of what stands around them here. What the answer's program prints
 * is told from our results by a mark that it can't know.
 *
 * @param {string} answer
 * @param {any} tools
 * @param {{ file: string, cases: Record<string, (module: any, assert: any) => unknown> }} options
 */
export async function runCases(answer, tools, { file, cases }) {
  const files = filesOf(answer, tools);
  const name = Object.keys(files).find((one) => one === file) ?? onlyModule(answer, tools, files, file);
  if (!name) return Object.keys(cases).map((one) => rule(one, () => `no code block is named ${file}`));
  const mark = randomUUID();
  const program = "cases-of-the-check.mjs";
  const run = await tools.runNode({
    files: { ...files, [program]: source(name, cases) },
    args: [program, mark],
    timeoutMs: TIMEOUT_MS,
  });
  const lines = run.stdout.split("\n").filter((line) => line.startsWith(mark));
  const results = new Map(lines.map((line) => JSON.parse(line.slice(mark.length))));
  const why = run.timedOut ? "it did not end" : (/^.*Error.*$/m.exec(run.stderr)?.[0] ?? "it ended early");
  return Object.keys(cases).map((one) => rule(one, () => (results.has(one) ? results.get(one) : why)));
}

/** The file in another folder, or the only code block of its language that nobody has named. */
function onlyModule(answer, { codeBlocks }, files, file) {
  const elsewhere = Object.keys(files).find((one) => path.posix.basename(one) === file);
  if (elsewhere) return elsewhere;
  const unnamed = codeBlocks(answer).filter((block) => block.file === null && /^export /m.test(block.text));
  if (unnamed.length !== 1) return null;
  files[file] = unnamed[0].text;
  return file;
}

function source(file, cases) {
  const list = Object.entries(cases).map(([name, work]) => `[${JSON.stringify(name)}, ${work}]`);
  return `
import assert from "node:assert/strict";
const { log } = console;
const mark = process.argv[2];
process.argv.length = 2;
const module = await import(${JSON.stringify(`./${file}`)});
for (const [name, work] of [${list.join(",\n")}]) {
  let problem = null;
  try {
    await work(module, assert);
  } catch (error) {
    problem = String(error?.message ?? error).split("\\n")[0].slice(0, 400) || "it threw";
  }
  log(mark + JSON.stringify([name, problem]));
}
process.exit(0);
`;
}
