// `npm run eval` and `npm run compare` end to end: the real Worker, models and judges that make known errors, and each
// of these errors is caught.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { compare } from "../../scripts/compare/index.mjs";
import { JUDGES, startJudge } from "./emulators/judge.mjs";
import { error, held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const SCRIPT = fileURLToPath(new URL("../../scripts/eval.mjs", import.meta.url));
const COMPARE = fileURLToPath(new URL("../../scripts/compare.mjs", import.meta.url));
const ARMS = ["auto", "same-tokens", "direct"];
const CHECKLIST = ["It is right.", "It is whole.", "It is short.", "It is clear."];

const { emulator, url } = await startWithOpenai();
const judge = await startJudge();
const folder = mkdtempSync(path.join(tmpdir(), "orchestrator-eval-"));
after(() => {
  judge.close();
  rmSync(folder, { recursive: true, force: true });
});

const filler = (words) => "word ".repeat(words).trim();

/**
 * A request whose answers are worth so much: `auto` as the product, `direct` as one call, `revised` after a round of
 * critique and revision.
 */
function request(id, { auto, direct, revised = direct, words = 20, parts = 300, ...more }) {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    if (call.step === "subtask") return text(filler(parts));
    const asked = call.messages.map(({ content }) => content).join("\n");
    if (call.kind === "direct" && asked.includes("List the faults of the draft")) return text("- It could be worse.");
    if (call.kind === "direct" && asked.includes("a reviewer's list of the draft's faults"))
      return text(`[worth ${revised}] ${filler(words)} revised`);
    if (call.kind === "direct") return text(`[worth ${direct}] ${filler(words)} draft`);
    return text(`[worth ${auto}] ${filler(words)} joined from parts`);
  });
  return {
    workflow,
    request: {
      id,
      kind: "writing",
      language: "en",
      shape: "split",
      held_out: false,
      prompt: workflow.prompt(`Write about ${id}.`),
      checklist: CHECKLIST,
      ...more,
    },
  };
}

/** A set of requests of this name with a folder of results of its own, and the evals on it. */
function evalOf(name, requests, { arms = ARMS, env = {} } = {}) {
  const file = path.join(folder, `${name}.json`);
  const results = path.join(folder, name);
  writeFileSync(file, JSON.stringify(requests.map((one) => one.request)));
  const spawned = (...more) =>
    spawn(
      process.execPath,
      [SCRIPT, "--url", url, "--requests", file, "--results", results, "--arms", arms.join(","), "--yes", ...more],
      { env: { PATH: process.env.PATH, EVAL_JUDGE_BASE_URL: judge.url, EVAL_JUDGE_MODEL: "claude-judge", ...env } },
    );
  return {
    spawned,
    /** To its end: `{ code, out, err, found }`, where `found` is the JSON of the table. */
    async run(...more) {
      const { code, out, err } = await ended(spawned(...more));
      return { code, out, err, found: summaryOf(results) };
    },
    file: () => jsonLines(results),
    calls: () => requests.flatMap(({ workflow }) => workflow.calls()),
  };
}

async function ended(child) {
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk) => (out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (err += chunk));
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, out, err };
}

/** By the time of its last change: the names of two of one second tell nothing. */
const newest = (results, ext) =>
  readdirSync(results)
    .filter((name) => name.endsWith(ext))
    .map((name) => path.join(results, name))
    .sort((one, other) => statSync(one).mtimeMs - statSync(other).mtimeMs)
    .at(-1);

function summaryOf(results) {
  const file = newest(results, ".json");
  return file ? JSON.parse(readFileSync(file, "utf8")) : null;
}

function jsonLines(results) {
  const file = newest(results, ".jsonl");
  const lines = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return {
    file,
    lines,
    write: (changed) => writeFileSync(file, changed.map((line) => `${JSON.stringify(line)}\n`).join("")),
  };
}

const pairOf = (found, x, y) => found.pairs.find(({ pair }) => pair[0] === x && pair[1] === y);
const counts = ({ losses, ties, wins, none }) => ({ losses, ties, wins, none });

/** The model server has seen as many calls as the answers say that they took, and no more. */
function assertPaidOnce(ev) {
  const answers = ev.file().lines.filter(({ kind }) => kind === "answer");
  const told = answers.reduce((sum, { calls }) => sum + calls, 0);
  assert.equal(ev.calls().length, told, "calls of the model server, and those of the answers");
}

test("an honest judge finds who wrote what is worth more, and the table says what it took", async () => {
  writeFileSync(
    path.join(folder, "says-joined.mjs"),
    `export function check(answer, { words }) {
      return [{ name: "joined", passed: answer.includes("joined"), detail: \`\${words(answer)} words\` }];
    }`,
  );
  const requests = [
    request("won", { auto: 4, direct: 1, revised: 3 }),
    request("lost", { auto: 1, direct: 2, held_out: true }),
    request("equal", { auto: 2, direct: 2, words: 80, max_words: 50, check: "says-joined.mjs" }),
  ];
  const ev = evalOf("honest", requests);
  const { code, out, err, found } = await ev.run("--allow-checks");
  assert.equal(code, 0, err);
  const headline = pairOf(found, "auto", "same-tokens");
  assert.deepEqual(counts(headline.all), { losses: 1, ties: 1, wins: 1, none: 0 });
  assert.deepEqual(counts(headline.heldOut), { losses: 1, ties: 0, wins: 0, none: 0 });
  assert.deepEqual(Object.fromEntries(headline.requests.map(({ request: id, outcome }) => [id, outcome])), {
    won: "win",
    lost: "loss",
    equal: "tie",
  });
  assert.equal(found.judge.controls.is, 3);

  // The arm of the same tokens spends about what auto took, and one call is one call.
  const { auto, direct, "same-tokens": same } = found.arms;
  assert.ok(same.tokens > 0.6 * auto.tokens && same.tokens < 1.6 * auto.tokens, `${same.tokens} of ${auto.tokens}`);
  assert.equal(direct.calls, 1);
  assert.deepEqual(auto.criteria, { of: 4 * 4 * 3, is: (4 + 1 + 2) * 4 }, "in two pairs, each in both orders");
  assert.deepEqual(auto.limits, { of: 1, is: 0 });
  assert.deepEqual([auto.programs.is, direct.programs.is, direct.programs.of], [1, 0, 1]);
  assert.deepEqual(found.models, ["big-model", "small-model"]);
  assert.deepEqual(found.prompts.seen, [found.prompts.checkout.version]);

  // Blind, in both orders, without a word of arms or programs.
  const seen = judge.calls.filter(({ text: asked }) => asked.includes("workflow-marker"));
  assert.equal(seen.length, 3 * 2 * 2);
  for (const { a, b, text: asked } of seen) {
    assert.ok(
      seen.some((other) => other.a === b && other.b === a),
      "each pair is read in the swapped order too",
    );
    assert.doesNotMatch(asked, /same-tokens|\bauto\b|\bdirect\b|joined": /);
  }

  // Losses first, and the words that a reader must see.
  const rows = out.slice(out.indexOf("request by request"));
  assert.ok(rows.indexOf("| lost | lost") < rows.indexOf("| won | won"), out);
  assert.match(out, /^## Headline: `auto` against `same-tokens`/m);
  assert.match(out, /can't be told from these names: big-model, small-model/);
  assert.match(out, /decided requests are too few to tell a difference from chance/);
  assert.match(out, /`[0-9a-f]{64}`/);
  assert.doesNotMatch(out, /better/i);
  assertPaidOnce(ev);
});

test("a deployment without reviews is told of before anything is paid", async () => {
  const ev = evalOf("reviews", [request("once", { auto: 1, direct: 0 })], { arms: [...ARMS, "auto-review"] });
  const { code, err, found } = await ev.run();
  assert.equal(code, 0, err);
  const knows = !err.includes("the arm auto-review is left out");
  assert.equal(Object.hasOwn(found.arms, "auto-review"), knows);
});

for (const [name, controls, expected, warning] of [
  ["always the first", 0, { losses: 0, ties: 3, wins: 0, none: 0 }, /changed its mind .* in 3 of 3 pairs/],
  ["always the longer", 1, { losses: 0, ties: 0, wins: 3, none: 0 }, /found the known winner in 1 of 3 controls/],
  ["random", null, null, /found the known winner in [012] of 3 controls only/],
  ["malformed", 0, { losses: 0, ties: 0, wins: 0, none: 3 }, /no verdict that can be read 6 times/],
])
  test(`a judge that errs is seen through: ${name}`, async (t) => {
    judge.decide = JUDGES[name];
    t.after(() => {
      judge.decide = JUDGES.honest;
    });
    const before = judge.calls.length;
    // The longer text of auto is worth less.
    const requests = ["one", "two", "three"].map((id) => request(`${id}-${before}`, { auto: 0, direct: 2 }));
    const { code, out, err, found } = await evalOf(`judge-${before}`, requests, { arms: ["auto", "direct"] }).run();
    assert.equal(code, 0, err);
    assert.match(out, warning);
    assert.match(out, /its verdicts are not to be believed/);
    if (controls !== null) assert.equal(found.judge.controls.is, controls);
    if (expected) assert.deepEqual(counts(pairOf(found, "auto", "direct").all), expected);
    if (name === "always the longer") assert.deepEqual([found.judge.longer.is, found.judge.longer.of], [3, 3]);
    if (name === "malformed") assert.equal(judge.calls.length - before, 2 * (6 + 6), "each is asked once more");
  });

test("a verdict that comes when asked again counts", async (t) => {
  judge.decide = JUDGES["malformed at first"];
  t.after(() => {
    judge.decide = JUDGES.honest;
  });
  const ev = evalOf("again", [request("again", { auto: 0, direct: 1 })], { arms: ["auto", "direct"] });
  const { found } = await ev.run();
  assert.deepEqual(counts(pairOf(found, "auto", "direct").all), { losses: 1, ties: 0, wins: 0, none: 0 });
  assert.equal(found.judge.noVerdict, 0);
});

test("verdicts whose order was swapped in the results are not believed, and are asked for again", async () => {
  const ev = evalOf("swapped", [request("swapped", { auto: 3, direct: 1 })], { arms: ["auto", "direct"] });
  const first = await ev.run();
  assert.deepEqual(counts(pairOf(first.found, "auto", "direct").all), { losses: 0, ties: 0, wins: 1, none: 0 });
  const { lines, write } = ev.file();
  // Believed, it would be a loss.
  write(lines.map((line) => (line.kind === "verdict" ? { ...line, order: 3 - line.order } : line)));
  const [calls, asked] = [ev.calls().length, judge.calls.length];
  const { code, err, found } = await ev.run();
  assert.equal(code, 0, err);
  assert.match(err, /Verdicts on other texts, or in another order, than they say: 2, left out\./);
  assert.deepEqual(counts(pairOf(found, "auto", "direct").all), { losses: 0, ties: 0, wins: 1, none: 0 });
  assert.deepEqual([ev.calls().length - calls, judge.calls.length - asked], [0, 2]);
});

test("a line that is lost from the results is missed, and comes again without being paid again", async () => {
  const ev = evalOf("lost-line", [request("lost-line", { auto: 3, direct: 1 })]);
  const { found: whole } = await ev.run();
  const { file, lines, write } = ev.file();
  const lost = lines.findIndex(({ kind, arm }) => kind === "answer" && arm === "same-tokens");
  write(lines.filter((_, index) => index !== lost));
  const [calls, asked] = [ev.calls().length, judge.calls.length];

  const report = await ev.run("--report", file);
  assert.equal(report.code, 1);
  assert.match(report.out, new RegExp(`Lines of the results that were lost: ${lost}\\.`));
  assert.match(report.out, /## Not run\n\n- answer same-tokens of lost-line/);
  assert.deepEqual(counts(pairOf(report.found, "auto", "same-tokens").all), { losses: 0, ties: 0, wins: 0, none: 0 });

  const { code, err, found } = await ev.run();
  assert.equal(code, 0, err);
  assert.deepEqual([ev.calls().length - calls, judge.calls.length - asked], [0, 0]);
  assert.deepEqual(found.pairs, whole.pairs);
  assert.deepEqual(found.arms, whole.arms);
});

test("kill -9 in the middle, and the same command goes on: nothing is lost, nothing paid twice", async () => {
  const gates = [makeGate(), makeGate()];
  const isCritique = ({ messages }) => messages.some(({ content }) => content.includes("List the faults of the draft"));
  // The first kill lands within the product's own workflow, the second within the rival's critique.
  const [isFirst, isSecond] = [({ kind }) => kind === "merge", isCritique];
  const slow = emulator.workflow((call) => {
    if (isFirst(call)) return held(gates[0], written(call));
    return isSecond(call) ? held(gates[1], written(call)) : written(call);
  });
  const first = { workflow: slow, request: { ...request("first", {}).request, prompt: slow.prompt("Write slowly.") } };
  const ev = evalOf("killed", [first, ...["second", "third"].map((id) => request(id, { auto: 3, direct: 1 }))]);
  for (const [gate, isHeld] of [
    [gates[0], isFirst],
    [gates[1], isSecond],
  ]) {
    const child = ev.spawned("--concurrency", "1");
    const end = ended(child);
    await eventually("a call is held", () => slow.calls().some(isHeld));
    child.kill("SIGKILL");
    assert.equal((await end).code, null);
    gate.open();
  }
  const { code, err, found } = await ev.run("--concurrency", "1");
  assert.equal(code, 0, err);
  assert.match(err, /It goes on with /);
  assert.deepEqual(counts(pairOf(found, "auto", "same-tokens").all), { losses: 0, ties: 0, wins: 3, none: 0 });
  assertPaidOnce(ev);
  const read = judge.calls.filter(({ text: asked }) => /Write (slowly|about (second|third))\./.test(asked));
  assert.equal(read.length, 3 * 2 * 2, "no verdict was asked for twice");
});

/** What is worth 3 as the product and 1 as one call. */
function written(call) {
  if (call.step === "plan") return plan(["t1", "t2"]);
  if (call.step === "subtask") return text(filler(300));
  return text(call.kind === "direct" ? `[worth 1] ${filler(20)} written at once` : `[worth 3] ${filler(20)} joined`);
}

test("at the cap it stops cleanly, says what was not run, and a larger cap goes on", async () => {
  const requests = ["cap-one", "cap-two", "cap-three"].map((id) => request(id, { auto: 3, direct: 1, parts: 4_000 }));
  const ev = evalOf("cap", requests, { arms: ["auto", "direct"] });
  const small = await ev.run("--token-cap", "45000", "--concurrency", "1");
  assert.equal(small.code, 1, small.err);
  assert.match(small.err, /The cap on tokens is reached/);
  assert.match(small.out, /Not all of it was run/);
  assert.match(small.out, /## Not run\n\n(- .*\n)*- answer auto of cap-/);
  assert.ok(small.found.tokens > 0 && small.found.tokens < 45_000, `${small.found.tokens} tokens`);
  const { code, err, found } = await ev.run("--token-cap", "1000000");
  assert.equal(code, 0, err);
  assert.equal(pairOf(found, "auto", "direct").all.wins, 3);
  assertPaidOnce(ev);
});

test("a judge that can't be reached ends it with what is there, and without a made-up verdict", async (t) => {
  judge.decide = () => 401;
  t.after(() => {
    judge.decide = JUDGES.honest;
  });
  const ev = evalOf("no-judge", [request("no-judge", { auto: 3, direct: 1 })], { arms: ["auto", "direct"] });
  const { code, err, found } = await ev.run("--concurrency", "1");
  assert.equal(code, 3);
  assert.match(err, /the judge claude-judge at .* does not answer \(401 /);
  assert.equal(found.complete, false);
  assert.deepEqual(found.judge.noVerdict, 0);
});

test("an answer against none wins, and the missing one is counted", async () => {
  const failing = emulator.workflow((call) =>
    call.step === "plan" ? error(401, { error: { message: "no", code: "invalid_api_key" } }) : written(call),
  );
  const one = { ...request("failing", { auto: 0, direct: 0 }), workflow: failing };
  one.request.prompt = failing.prompt("Fail.");
  const { code, err, found } = await evalOf("failing", [one], { arms: ["auto", "direct"] }).run();
  assert.equal(code, 0, err);
  assert.deepEqual(counts(pairOf(found, "auto", "direct").all), { losses: 1, ties: 0, wins: 0, none: 0 });
  assert.deepEqual([found.arms.auto.answers, found.arms.auto.failed], [0, 1]);
});

test("a check that changes between two runs is told, and its old and new results never mix", async () => {
  const write = (passed) =>
    writeFileSync(
      path.join(folder, "changing.mjs"),
      `export const check = () => [{ name: "x", passed: ${passed}, detail: "" }];`,
    );
  write(true);
  const ev = evalOf("changed", [request("changed", { auto: 3, direct: 1, check: "changing.mjs" })], {
    arms: ["auto", "direct"],
  });
  await ev.run("--allow-checks");
  const { file, lines, write: keep } = ev.file();
  keep(lines.filter(({ kind, arm }) => kind !== "checks" || arm === "auto"));
  write(false);
  const { code, err, found } = await ev.run("--allow-checks");
  assert.equal(code, 0, err);
  assert.match(err, new RegExp(`${file} is not finished and can't go on, .*:\n  the check changing\\.mjs\n`));
  assert.match(err, /A new one begins\. To go on with that one, undo the change\./);
  assert.deepEqual([found.arms.auto.programs.is, found.arms.direct.programs.is], [0, 0]);
  write(true);
  const undone = await ev.run("--allow-checks");
  assert.match(undone.err, new RegExp(`It goes on with ${file}`));
});

test("a check that fails itself is said, and its results are missing rather than bad", async () => {
  writeFileSync(path.join(folder, "waits.mjs"), "export const check = () => new Promise(() => {});");
  const ev = evalOf("waits", [request("waits", { auto: 3, direct: 1, check: "waits.mjs" })], {
    arms: ["auto", "direct"],
  });
  const { code, err, found } = await ev.run("--allow-checks");
  assert.equal(code, 1, err);
  assert.match(err, /The check waits\.mjs itself failed on the answer of auto: it ended without a result/);
  assert.deepEqual(found.missing, ["checks auto of waits", "checks direct of waits"]);
  assert.equal(pairOf(found, "auto", "direct").all.wins, 1, "the judge has read them all the same");
});

test("what can't be read or written is a sentence that names it", async () => {
  const ev = evalOf("paths", [request("paths", { auto: 1, direct: 0 })]);
  for (const [args, code, message] of [
    [["--report", folder], 2, `${folder} can't be read (EISDIR)`],
    [["--report", path.join(folder, "none.jsonl")], 2, "none.jsonl can't be read (ENOENT)"],
    [["--results", path.join(folder, "paths.json")], 3, "EEXIST: file already exists"],
  ]) {
    const { code: ended_, err } = await ended(ev.spawned(...args));
    assert.deepEqual([ended_, err.trim().split("\n").length], [code, 1], err);
    assert.ok(err.startsWith("eval: ") && err.includes(message), err);
  }
});

/** Runs a script of ours that takes its streams for a terminal, and does `leave` once it has said `asked`. */
async function leaving(script, args, asked, leave, env = {}) {
  const isTerminal = "for (const name of ['stdin', 'stdout', 'stderr']) process[name].isTTY = true;";
  const preload = `data:text/javascript,${encodeURIComponent(isTerminal)}`;
  const child = spawn(process.execPath, ["--import", preload, script, "--url", url, ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      if (String(chunk).includes(asked)) leave(child);
    });
  return ended(child);
}

for (const [how, leave] of [
  ["Ctrl+C", (child) => child.kill("SIGINT")],
  ["Ctrl+D", (child) => child.stdin.end()],
]) {
  test(`${how} where eval asks whether to start ends it with 130, and nothing is paid for`, async () => {
    const { workflow, request: one } = request(`left-${how.at(-1).toLowerCase()}`, { auto: 1, direct: 0 });
    const file = path.join(folder, `left-${how}.json`);
    writeFileSync(file, JSON.stringify([one]));
    const args = ["--requests", file, "--results", path.join(folder, `left-${how}`), "--no-judge"];
    const { code, err } = await leaving(SCRIPT, args, "Start?", leave);
    assert.equal(code, 130, err);
    assert.match(err, /Start\? \(y\/N\) \neval: nobody said yes, and nothing was started\.\n$/);
    assert.equal(workflow.calls().length, 0);
  });

  test(`${how} where compare asks which one ends it with 130`, async () => {
    const { workflow } = request(`left-compare-${how}`, { auto: 3, direct: 1 });
    const { code, out } = await leaving(COMPARE, [workflow.prompt("Compare.")], "Which one would you send?", leave);
    assert.equal(code, 130);
    assert.match(out, /Which one would you send\? .*\n$/);
  });
}

/** A terminal that types one of `replies` whenever it is asked. */
function terminal(...replies) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const streams = { stdin, stdout: output(true), stderr: output(false) };
  streams.stdout.on("data", (chunk) => {
    if (String(chunk).includes("Which one would you send?")) stdin.write(`${replies.shift()}\n`);
  });
  return streams;
}

function output(isTTY) {
  const stream = Object.assign(new PassThrough(), { isTTY, written: "" });
  stream.on("data", (chunk) => {
    stream.written += chunk;
  });
  return stream;
}

test("compare shows both answers without a name, asks, and then tells which is which", async () => {
  const { workflow } = request("compared", { auto: 3, direct: 1 });
  const streams = terminal("x", "a");
  const code = await compare(["--url", url, "--length", "300", workflow.prompt("Compare.")], streams);
  const shown = streams.stdout.written;
  assert.equal(code, 0, streams.stderr.written);
  const reveal = shown.search(/^ +mode /m);
  const [before, revealed] = [shown.slice(0, reveal), shown.slice(reveal)];
  assert.equal(before.match(/Which one would you send\?/g).length, 2, "it asks again what it can't read");
  assert.match(before, /===== A =+\n\n\[worth \d\]/);
  assert.match(before, /===== B =+\n\n\[worth \d\]/);
  assert.doesNotMatch(before, /direct|auto|tokens|seconds/);
  assert.match(revealed, /^ +mode +words +tokens +seconds +model calls +workflow$/m);
  const [, first] = /===== A =+\n\n\[worth (\d)\]/.exec(before);
  assert.match(revealed, new RegExp(`You would send A: ${first === "3" ? "auto" : "direct"}\\.`));
  assert.equal(workflow.calls().length, 1 + 4, "one call and a plan, two parts, one text");
});

test("compare without a terminal gives both with their names, or says that it needs --json", async () => {
  const { workflow } = request("compared-json", { auto: 3, direct: 1 });
  const streams = { stdin: new PassThrough(), stdout: output(false), stderr: output(false) };
  assert.equal(await compare(["--url", url, workflow.prompt("Compare.")], streams), 2);
  assert.equal(workflow.calls().length, 0, "nothing was paid for");
  assert.equal(await compare(["--url", url, "--json", workflow.prompt("Compare.")], streams), 0);
  const { answers } = JSON.parse(streams.stdout.written);
  assert.deepEqual(
    answers.map(({ name, chosen, status }) => [name, chosen, status]),
    [
      ["direct", "direct", "complete"],
      ["auto", "split", "complete"],
    ],
  );
  for (const answer of answers) assert.ok(answer.words > 0 && answer.tokens > 0 && answer.seconds > 0);
});

for (const failing of ["auto", "direct"])
  test(`compare shows the answer that was paid for where ${failing} fails, and says what failed`, async () => {
    const workflow = emulator.workflow((call) =>
      (call.kind === "direct") === (failing === "direct")
        ? error(401, { error: { message: "no", code: "invalid_api_key" } })
        : written(call),
    );
    const streams = terminal();
    assert.equal(await compare(["--url", url, workflow.prompt("Compare.")], streams), 1);
    const [shown, said] = [streams.stdout.written, streams.stderr.written];
    assert.match(shown, failing === "auto" ? /= A =+\n\n\[worth 1\]/ : /= B =+\n\n\[worth 3\]/);
    assert.match(shown, new RegExp(`=+\n\n${failing} has no answer, the workflow is errored: \\w+: `));
    assert.match(
      shown,
      new RegExp(`^A  direct .*${url}/[\\w-]+\nB  auto .*${url}/[\\w-]+\n\nThere is nothing to`, "m"),
    );
    assert.doesNotMatch(shown, /Which one would you send/);
    assert.match(said, new RegExp(`compare: ${failing} has no answer`));
  });

test("compare takes back the first workflow where the second one is refused", async () => {
  // The planner's small model could not read this request, and one call of the big model can.
  const {
    api,
    emulator: models,
    url: narrow,
  } = await startWithOpenai({
    vars: { SMALL_MODEL_CONTEXT_TOKENS: "1024", BIG_MODEL_CONTEXT_TOKENS: "32000" },
  });
  const workflow = models.workflow();
  const streams = terminal();
  const code = await compare(["--url", narrow, workflow.prompt(filler(4_000))], streams);
  assert.equal(code, 3);
  const [, id] = new RegExp(`The other workflow is deleted: ${narrow}/(\\S+)\n$`).exec(streams.stderr.written) ?? [];
  assert.ok(id, streams.stderr.written);
  assert.equal((await api.get(`/${id}`)).status, 404);
});
