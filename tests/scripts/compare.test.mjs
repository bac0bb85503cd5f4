// `npm run compare`: its command line, and what it shows before and after the choice.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  answerOf,
  blindText,
  CHOICES,
  choiceOf,
  failureText,
  inRandomOrder,
  revealText,
} from "../../scripts/compare/blind.mjs";
import { help, parseCommandLine } from "../../scripts/compare/options.mjs";

const SCRIPT = fileURLToPath(new URL("../../scripts/compare.mjs", import.meta.url));

function run(...args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...args], { env: { PATH: process.env.PATH } }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    ).stdin.end();
  });
}

const status = (finalResult, words, tokens) => ({
  status: "complete",
  output: { finalResult },
  answer: { words, limit: null },
  mode: { asked: "auto", chosen: "split" },
  usage: { total_tokens: tokens, model_calls: 5, estimated: false },
  start: "2026-01-01T00:00:00.000Z",
  end: "2026-01-01T00:00:12.340Z",
  error: null,
});
const ANSWERS = [
  answerOf("direct", "d", { ...status("# One\n\n", 1, 300), mode: { asked: "direct", chosen: "direct" } }),
  answerOf("auto", "a", status("\n# Two \u001b[2J", 2, 12_345)),
];

test("both stand there in equal form, without a name and without control characters", () => {
  const shown = blindText(inRandomOrder(ANSWERS, false));
  const rule = (letter) => `===== ${letter} `.padEnd(60, "=");
  assert.equal(shown, `${rule("A")}\n\n# One\n\n${rule("B")}\n\n# Two [2J\n\n${"=".repeat(60)}\n`);
});

test("the order is left to chance", () => {
  const firsts = new Set(Array.from({ length: 200 }, () => inRandomOrder(ANSWERS).A.name));
  assert.deepEqual([...firsts].sort(), ["auto", "direct"]);
  assert.deepEqual(inRandomOrder(ANSWERS, true), { A: ANSWERS[1], B: ANSWERS[0] });
});

test("a choice is a letter or a word, and nothing else is one", () => {
  for (const [letter, name] of Object.entries(CHOICES))
    for (const reply of [letter, letter.toUpperCase(), ` ${name} `]) assert.equal(choiceOf(reply), name, reply);
  for (const reply of ["equal", "both"]) assert.equal(choiceOf(reply), CHOICES.e);
  for (const reply of ["", "c", "ab", "direct", "constructor"]) assert.equal(choiceOf(reply), undefined, reply);
});

test("the choice reveals names, words, tokens and seconds", () => {
  const order = inRandomOrder(ANSWERS, true);
  assert.equal(
    revealText(order, "A"),
    [
      "   mode          words  tokens  seconds  model calls",
      "A  auto (split)      2  12,345     12.3            5",
      "B  direct            1     300     12.3            5",
      "",
      "You would send A: auto.",
      "",
    ].join("\n"),
  );
  assert.match(revealText(order, "neither"), /\n\nYou chose neither\.\n$/);
});

test("an answer that is not there is said by its name", () => {
  const failed = answerOf("auto", "a", {
    status: "errored",
    error: { name: "InvalidPlan", message: "no\nplan" },
    usage: { total_tokens: 5, model_calls: 1, estimated: false },
  });
  assert.equal(failureText(failed), "auto has no answer, the workflow is errored: InvalidPlan: no plan.");
  assert.deepEqual([failed.text, failed.words, failed.seconds], [null, null, null]);
});

test("what goes to both is what ask sends, without mode, id and approval", () => {
  const { body } = parseCommandLine(["--length", "300", "--max-subtasks=3", "--big-model", "m", "x"], {});
  assert.deepEqual(body, { options: { length: { max_words: 300 }, max_subtasks: 3, big_model: "m" } });
  for (const flag of ["--mode", "--id", "--approval"])
    assert.throws(() => parseCommandLine([flag, "auto", "x"], {}), /Unknown option/);
  assert.match(help(), /--length, --review,\s--max-subtasks/);
});

test("wrong usage exits with 2, help with 0, and nothing is asked without a terminal", async () => {
  for (const args of [
    ["--nonsense", "x"],
    ["--url", "localhost:1", "--json", "x"],
    ["--token", "", "--json", "x"],
    ["x"],
  ]) {
    const { code, out, err } = await run(...args);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
    assert.match(err, /^compare: .*[."]\n/);
  }
  const { code, out } = await run("--help");
  assert.equal(code, 0);
  assert.match(out, /Exit codes/);
  assert.match((await run("--json")).err, /The prompt is empty/);
});

test("without a server it says how to start one", async () => {
  const { code, err } = await run("--json", "--url", "http://127.0.0.1:1", "x");
  assert.equal(code, 3);
  assert.match(err, /^compare: no answer from .*npm start/);
});
