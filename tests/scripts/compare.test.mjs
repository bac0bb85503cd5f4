// `npm run compare`: its command line, and what it shows before and after the choice.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  answerOf,
  CHOICES,
  choiceOf,
  failureText,
  inRandomOrder,
  lostAnswer,
  revealText,
  sidesText,
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
const at = (id) => ({ id, url: `http://x/${id}` });
const ANSWERS = [
  answerOf("direct", at("d"), { ...status("# One\n\n", 1, 300), mode: { asked: "direct", chosen: "direct" } }),
  answerOf("auto", at("a"), status("\n# Two \u001b[2J", 2, 12_345)),
];

test("both stand there in equal form, without a name and without control characters", () => {
  const shown = sidesText(inRandomOrder(ANSWERS, false));
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
      "   mode          words  tokens  seconds  model calls  workflow",
      "A  auto (split)      2  12,345     12.3            5  http://x/a",
      "B  direct            1     300     12.3            5  http://x/d",
      "",
      "You would send A: auto.",
      "",
    ].join("\n"),
  );
  assert.match(revealText(order, "neither"), /\n\nYou chose neither\.\n$/);
});

test("an answer that is not there is said by its name", () => {
  const failed = answerOf("auto", at("a"), {
    status: "errored",
    error: { name: "InvalidPlan", message: "no\nplan" },
    usage: { total_tokens: 5, model_calls: 1, estimated: false },
  });
  assert.equal(failureText(failed), "auto has no answer, the workflow is errored: InvalidPlan: no plan.");
  assert.deepEqual([failed.text, failed.words, failed.seconds], [null, null, null]);
  const lost = lostAnswer("auto", at("a"), new Error("no answer from x"));
  assert.equal(failureText(lost), "auto has no answer, its end is unknown: NotWatched: no answer from x.");
  for (const missing of [failed, lost]) {
    const order = inRandomOrder([ANSWERS[0], missing], false);
    assert.match(sidesText(order), /= A =+\n\n# One\n\n=+ B =+\n\nauto has no answer, /);
    assert.match(
      revealText(order, null),
      /^A +direct .*http:\/\/x\/d\nB +auto .*http:\/\/x\/a\n\nThere is nothing to/m,
    );
  }
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

/** A server that gives ids to what is submitted, and answers `/ID` as `replies` say: `[status, body]`. */
async function serving(t, { submissions, replies = {} }) {
  const server = createServer((request, response) => {
    const [status, body] =
      request.method === "POST" ? submissions.shift() : replies[`${request.method} ${request.url}`];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}
const REFUSED = [400, { title: "Too long", detail: "prompt is too long" }];
const made = (id) => [201, { id }];

test("the first one's address is told where the second one is refused and it can't be taken back", async (t) => {
  const submissions = [made("one"), REFUSED];
  const url = await serving(t, { submissions, replies: { "DELETE /workflows/one": [500, {}] } });
  const { code, err } = await run("--json", "--url", url, "x");
  assert.equal(code, 3);
  assert.equal(err.trim().split("\n").at(-1), `The other workflow could not be deleted, and goes on: ${url}/one`);
});

test("nothing is taken back where the first one is refused", async (t) => {
  const url = await serving(t, { submissions: [REFUSED] });
  const { code, err } = await run("--json", "--url", url, "x");
  assert.deepEqual([code, err], [3, "compare: Too long: prompt is too long.\n"]);
});

test("one that can't be watched to its end hides nothing of the other one", async (t) => {
  const found = (answer) => [200, { status: { ...answer, steps: [] } }];
  const replies = {
    "GET /workflows/one": found(status("The answer.", 2, 300)),
    "GET /workflows/two": [404, { title: "Not found" }],
  };
  const url = await serving(t, { submissions: [made("one"), made("two")], replies });
  const { code, out, err } = await run("--json", "--url", url, "x");
  assert.equal(code, 1);
  const [direct, auto] = JSON.parse(out).answers;
  assert.deepEqual([direct.text, direct.url, auto.text, auto.url], ["The answer.", `${url}/one`, null, `${url}/two`]);
  assert.match(err, /compare: auto has no answer, its end is unknown: NotWatched: Not found\./);
});
