// `npm run ask` against a server that plays the orchestrator: what it prints where, and how it exits.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeAnswer } from "../../scripts/ask/answer.mjs";
import { Client } from "../../scripts/ask/client.mjs";
import { flagOf, help } from "../../scripts/ask/options.mjs";
import { makeProgress } from "../../scripts/ask/progress.mjs";
import { printable, sentence } from "../../scripts/ask/text.mjs";

const SCRIPT = fileURLToPath(new URL("../../scripts/ask.mjs", import.meta.url));

/** Runs the script to its end: `{ code, out, err }`. `onErr(text, child)` sees stderr as it grows. */
function ask(args, { input, env = {}, onErr = () => {} } = {}) {
  const child = spawn(process.execPath, [SCRIPT, ...args], { env: { PATH: process.env.PATH, ...env } });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
    onErr(err, child);
  });
  child.stdin.end(input ?? "");
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

function step(name, state, more = {}) {
  return {
    name,
    title: `Title of ${name}`,
    state,
    start: "2026-01-01T00:00:00.000Z",
    end: null,
    error: null,
    attempts: [{}],
    ...more,
  };
}

const RUNNING = {
  status: "running",
  output: null,
  error: null,
  warnings: [],
  steps: [step("plan", "complete"), step("subtask/t1", "running")],
};
const COMPLETE = {
  status: "complete",
  output: { orchestratorTasks: ["a"], workerResponses: ["b"], finalResult: "# The answer" },
  error: null,
  warnings: [{ step: "subtask/t2", reason: "failed", message: "the model\nrefused" }],
  steps: [
    step("plan", "complete"),
    step("subtask/t1", "complete", { end: "2026-01-01T00:00:02.500Z" }),
    step("synthesis", "complete"),
  ],
};

/** Plays the orchestrator. `statuses` are given one after another, the last again and again; requests are kept. */
async function orchestrator(t, statuses, { submit, onPost = () => {} } = {}) {
  const requests = [];
  let polls = 0;
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    requests.push({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: body && JSON.parse(body),
    });
    const send = (status, value, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(value === undefined ? undefined : JSON.stringify(value));
    };
    if (request.method === "POST") {
      onPost(request.url);
      if (submit) send(submit.status, submit);
      else send(202, { id: "wf-1", details: RUNNING });
      return;
    }
    const index = Math.min(polls, statuses.length - 1);
    polls += 1;
    const etag = `"${index}"`;
    if (request.headers["if-none-match"] === etag) send(304, undefined, { etag });
    else send(200, { id: "wf-1", status: statuses[index] }, { etag });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, requests, close: () => server.closeAllConnections() };
}

test("the answer goes to stdout, a line per change and the warnings to stderr", async (t) => {
  const { url, requests } = await orchestrator(t, [RUNNING, RUNNING, COMPLETE]);
  const { code, out, err } = await ask(["--url", url, "Write", "about bees"]);
  assert.deepEqual([code, out], [0, "# The answer\n"]);
  assert.deepEqual(requests[0].body, { prompt: "Write about bees" });
  assert.match(err, /t1 {2}Title of subtask\/t1 {2}\(running/);
  assert.match(err, /t1 {2}Title of subtask\/t1 {2}\(complete, 2\.5s\)/);
  assert.match(err, /warning: subtask\/t2 failed: the model refused/);
  assert.equal(err.match(/\(running/g).length, 1, "no line without a change");
});

test("polls carry the ETag of the last answer", async (t) => {
  const { url, requests } = await orchestrator(t, [RUNNING, COMPLETE]);
  await ask(["--url", url, "x"]);
  assert.deepEqual(
    requests.slice(1).map(({ headers }) => headers["if-none-match"]),
    [undefined, '"0"'],
  );
});

test("the prompt comes from a pipe, or from both", async (t) => {
  const { url, requests } = await orchestrator(t, [COMPLETE]);
  await ask([], { input: "From a pipe.\n", env: { ORCHESTRATOR_URL: url } });
  await ask(["Review this:", "-"], { input: "+ line\n", env: { ORCHESTRATOR_URL: `${url}/` } });
  const prompts = requests.filter(({ method }) => method === "POST").map(({ body }) => body.prompt);
  assert.deepEqual(prompts, ["From a pipe.", "Review this: \n+ line"]);
});

test("options and the token reach the server", async (t) => {
  const { url, requests } = await orchestrator(t, [COMPLETE]);
  const flags = [
    "--max-subtasks",
    "3",
    "--max-concurrency=2",
    "--token-budget",
    "1000",
    "--deadline",
    "60",
    "--instructions",
    "Be brief.",
    "--id",
    "mine",
    "--mode=split",
    "--length",
    "800",
  ];
  await ask(["--url", url, ...flags, "x"], { env: { ORCHESTRATOR_TOKEN: "secret" } });
  assert.deepEqual(requests[0].body, {
    prompt: "x",
    id: "mine",
    options: {
      mode: "split",
      length: { max_words: 800 },
      max_subtasks: 3,
      max_concurrency: 2,
      token_budget: 1000,
      deadline_seconds: 60,
      instructions: "Be brief.",
    },
  });
  assert.ok(requests.every(({ headers }) => headers.authorization === "Bearer secret"));
});

test("a length is a word of the API or a number of words", async (t) => {
  const { url, requests } = await orchestrator(t, [COMPLETE]);
  for (const length of ["brief", "full", "50"]) await ask(["--url", url, "--length", length, "x"]);
  const sent = requests.filter(({ method }) => method === "POST").map(({ body }) => body.options.length);
  assert.deepEqual(sent, ["brief", "full", { max_words: 50 }]);
});

test("--json prints the whole status, --quiet nothing but the answer by long polls", async (t) => {
  const { url, requests } = await orchestrator(t, [RUNNING, COMPLETE]);
  const whole = await ask(["--url", url, "--json", "x"]);
  assert.deepEqual(JSON.parse(whole.out), COMPLETE);
  requests.length = 0;
  const quiet = await ask(["--url", url, "--quiet", "x"]);
  assert.deepEqual([quiet.code, quiet.out], [0, "# The answer\n"]);
  assert.match(quiet.err, /^warning[^\n]*\n$/, "no closing line");
  assert.match(requests.at(-1).headers.prefer, /^wait=\d+$/);
});

test("--follow watches without submitting", async (t) => {
  const { url, requests } = await orchestrator(t, [COMPLETE]);
  const { code, out } = await ask(["--url", url, "--follow", "wf-1"]);
  assert.deepEqual([code, out], [0, "# The answer\n"]);
  assert.ok(requests.every(({ method, url: path }) => method === "GET" && path === "/workflows/wf-1"));
});

const PLANNED = {
  ...RUNNING,
  steps: [step("plan", "complete"), step("subtask/t1", "pending"), step("subtask/t2", "pending")],
};
const ESTIMATED = { plan: { estimate: { calls: 9, tokens: 45_000 } } };

test("it says how the request is answered, why, and what that will take", async (t) => {
  const told = async (mode, more = {}) => {
    const { url } = await orchestrator(t, [RUNNING, { ...PLANNED, mode, ...more }, { ...COMPLETE, mode, ...more }]);
    return (await ask(["--url", url, "x"])).err;
  };
  const split = await told({ asked: "auto", chosen: "split", reason: "two\nparts" }, ESTIMATED);
  assert.match(split, /^It is split into 2 subtasks \(about 9 model calls, 45,000 tokens\)\. two parts\.$/m);
  assert.equal(split.match(/^It is split/gm).length, 1);
  const direct = await told({ asked: "auto", chosen: "direct", reason: "One fact." });
  assert.match(direct, /^It is answered directly, by one call of the big model\. One fact\.$/m);
  const long = await told({ asked: "auto", chosen: "split", reason: "x".repeat(20_000) });
  assert.match(long, /^It is split into 2 subtasks\. x{239}…$/m);
  assert.doesNotMatch(await told(undefined), /^It is/m, "an older server does not say");
});

const USAGE = { model_calls: 4, total_tokens: 12_345, estimated: false };

for (const quiet of [[], ["--quiet"]]) {
  test(`a workflow that waits or is paused says so and how to go on ${quiet}`, async (t) => {
    const waiting = { ...PLANNED, ...ESTIMATED, status: "waiting" };
    const paused = { ...RUNNING, status: "paused" };
    const { url } = await orchestrator(t, [waiting, waiting, paused, RUNNING, COMPLETE]);
    const { code, err } = await ask(["--url", url, "--token", "secret", "--follow", "wf-1", ...quiet]);
    assert.equal(code, 0);
    assert.match(
      err,
      /waits for an approval of its plan of 2 subtasks \(about 9 model calls, 45,000 tokens\)\. Approve/,
    );
    assert.ok(err.includes(`npm run ask -- --url ${url} --follow wf-1 --approve\n`), err);
    assert.ok(err.includes(`-X POST ${url}/wf-1/resume\n`), err);
    assert.equal(err.match(/waits for an approval/g).length, 1);
    // Long polls tell only of what somebody has to act upon.
    assert.equal(/\/resume\nIt goes on\.\n/.test(err), quiet.length === 0, err);
    assert.ok(!err.includes("secret"), "the token stays out of the terminal");
  });
}

test("--approve approves a plan that waits, once", async (t) => {
  let approved = false;
  const waiting = { ...PLANNED, ...ESTIMATED, status: "waiting" };
  const { url, requests } = await orchestrator(t, [waiting, waiting, COMPLETE], {
    onPost: (path) => {
      approved ||= path === "/workflows/wf-1/approve";
    },
  });
  const { code, err } = await ask(["--url", url, "--follow", "wf-1", "--approve"]);
  assert.deepEqual([code, approved], [0, true]);
  assert.match(err, /plan of 2 subtasks \(about 9 model calls, 45,000 tokens\) is approved\./);
  assert.equal(requests.filter(({ method }) => method === "POST").length, 1);
});

test("a plan that somebody else has approved meanwhile is followed all the same", async (t) => {
  const problem = { type: "about:blank", status: 409, title: "Not possible in the workflow's present status" };
  const { url } = await orchestrator(t, [{ ...PLANNED, status: "waiting" }, RUNNING, COMPLETE], { submit: problem });
  const { code, out, err } = await ask(["--url", url, "--follow", "wf-1", "--approve"]);
  assert.deepEqual([code, out], [0, "# The answer\n"]);
  assert.doesNotMatch(err, /approv/);
});

test("--approve says so where no plan waited", async (t) => {
  const { url } = await orchestrator(t, [COMPLETE]);
  const { code, err } = await ask(["--url", url, "--follow", "wf-1", "--approve"]);
  assert.equal(code, 0);
  assert.match(err, /There was no plan that waited for an approval\.\n/);
});

test("a command that is printed names the server that was asked", async (t) => {
  const { url } = await orchestrator(t, [{ ...RUNNING, status: "waiting" }, COMPLETE]);
  const printed = async (args, env) => (await ask([...args, "--follow", "wf-1"], { env })).err;
  assert.ok((await printed(["--url", url], { ORCHESTRATOR_URL: "http://elsewhere.test" })).includes(`--url ${url}`));
  assert.ok(!(await printed([], { ORCHESTRATOR_URL: url })).includes("--url"));
  assert.ok(!(await printed(["--url", `${url}/`], { ORCHESTRATOR_URL: url })).includes("--url"));
});

test("--approval plan asks the server to wait", async (t) => {
  const { url, requests } = await orchestrator(t, [COMPLETE]);
  await ask(["--url", url, "--approval", "plan", "x"]);
  assert.deepEqual(requests[0].body.options, { approval: "plan" });
});

test("it ends with the time, the calls, the tokens and the console's address", async (t) => {
  const queued = "2026-01-01T00:00:00.000Z";
  const done = { ...COMPLETE, run: 1, queued, start: queued, end: "2026-01-01T00:00:12.340Z", usage: USAGE };
  const first = await orchestrator(t, [done]);
  const { err } = await ask(["--url", first.url, "x"]);
  assert.ok(err.endsWith(`complete in 12.3 s, 4 model calls, 12,345 tokens: ${first.url}/wf-1\n`), err);
  const measured = await orchestrator(t, [{ ...done, answer: { words: 1240, limit: null } }]);
  const long = await ask(["--url", measured.url, "x"]);
  assert.match(long.err, /12,345 tokens, 1,240 words: /);
  const second = await orchestrator(t, [{ ...done, run: 2, start: "2026-01-01T00:00:10.000Z" }]);
  const again = await ask(["--url", second.url, "--follow", "wf-1"]);
  const tokens = "12,345 tokens in all 2 runs";
  assert.ok(again.err.endsWith(`complete in 2.3 s, 4 model calls, ${tokens}: ${second.url}/wf-1\n`), again.err);
});

test("nothing is said of a workflow before it is known that there is one", async (t) => {
  const problem = { type: "about:blank", status: 404, title: "Not found", detail: 'there is no workflow "wf-9"' };
  const server = createServer((_request, response) => {
    response.writeHead(404, { "content-type": "application/problem+json" });
    response.end(JSON.stringify(problem));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { code, err } = await ask(["--url", `http://127.0.0.1:${server.address().port}`, "--follow", "wf-9"]);
  assert.deepEqual([code, err], [3, 'ask: Not found: there is no workflow "wf-9".\n']);
});

test("what is no workflow is not followed", async (t) => {
  const { url } = await orchestrator(t, ["ok"]);
  const { code, err } = await ask(["--url", url, "--follow", "health"]);
  assert.deepEqual([code, err], [3, `ask: There is no workflow at ${url}/health.\n`]);
});

test("an errored workflow exits with 1 and says why", async (t) => {
  const errored = {
    ...RUNNING,
    status: "errored",
    error: { name: "PlanFailed", message: "plan failed: no plan\nin five attempts" },
    warnings: [{ step: "plan", reason: "failed", message: "no plan\nin five attempts" }],
  };
  const { url } = await orchestrator(t, [errored]);
  const { code, out, err } = await ask(["--url", url, "x"]);
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /errored: PlanFailed: plan failed: no plan in five attempts\.\n/);
  assert.equal(err.match(/in five attempts/g).length, 1, "the cause is said once");
});

test("without a server it says how to start one", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  const { code, err } = await ask(["--url", `http://127.0.0.1:${port}`, "x"]);
  assert.equal(code, 3);
  assert.match(err, /ECONNREFUSED.*npm start/);
});

test("a refusal shows what the server said, and a 401 how to give a token", async (t) => {
  const detail = "send the header Authorization: Bearer TOKEN";
  const problem = { type: "about:blank", status: 401, title: "A valid bearer token is needed", detail };
  const { url } = await orchestrator(t, [], { submit: problem });
  const { code, err } = await ask(["--url", url, "x"]);
  assert.equal(code, 3);
  const hint = "Give a token with --token or ORCHESTRATOR_TOKEN.";
  assert.equal(err, `ask: A valid bearer token is needed: ${detail}. ${hint}\n`);
});

test("what the server refuses of a flag is said by the flag's name", async (t) => {
  const [ofSubmission] = help().split('\n"list" prints');
  const flags = [...ofSubmission.matchAll(/^ {2}--([\w-]+) (?:ID|MODE|LENGTH|N|SECONDS|TEXT|NAME|plan|once) /gm)].map(
    ([, name]) => name,
  );
  const fields = readFileSync(new URL("../../src/api/submission/options.rs", import.meta.url), "utf8")
    .match(/FIELDS: \[&str; \d+\] = \[([^\]]*)\]/)[1]
    .match(/\w+/g);
  const named = ["id", "follow_up_to", ...fields.map((field) => `options.${field}`)].filter(flagOf);
  assert.deepEqual(
    new Set(named.map((field) => flagOf(field).slice(2))),
    new Set(flags.filter((flag) => flag !== "follow")),
    "each flag of a submission sets a field that the API has",
  );
  for (const field of named) {
    const { url } = await orchestrator(t, [], {
      submit: { status: 400, title: "The request is not valid", detail: `${field} is 99: expected less`, field },
    });
    const { code, err } = await ask(["--url", url, "x"]);
    assert.deepEqual([code, err], [3, `ask: ${flagOf(field)} is 99: expected less.\n`]);
  }
  const taken = { type: "urn:orchestrator-workers:problem:id-taken", detail: "there is already a workflow" };
  const { url } = await orchestrator(t, [], { submit: { status: 409, title: "A workflow exists", ...taken } });
  assert.equal((await ask(["--url", url, "x"])).err, "ask: --id: there is already a workflow.\n");
});

test("wrong usage exits with 2", async () => {
  for (const args of [
    ["--nonsense", "x"],
    ["--max-subtasks", "many", "x"],
    ["--url", "not a url", "x"],
    ["--url", "file:///x", "x"],
    ["--url", "localhost:8787", "x"],
    ["--token", "", "x"],
    ["--follow", "a", "x"],
    ["--follow", ""],
    [],
  ]) {
    const { code, out, err } = await ask(args);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
    assert.match(err, /^ask: .*[."]\n/);
  }
});

test("options that would do nothing together are refused, with what to add", async () => {
  const says = async (args) => {
    const { code, err } = await ask(args);
    assert.equal(code, 2, args.join(" "));
    return err;
  };
  for (const args of [[], ["--approval", "none"]])
    assert.match(await says(["--approve", ...args, "x"]), /with --follow ID, or add --approval plan\.\n$/);
  for (const [flag, value] of [
    ["--id", "mine"],
    ["--mode", "direct"],
    ["--length", "brief"],
    ["--max-subtasks", "3"],
    ["--max-concurrency", "3"],
    ["--token-budget", "3"],
    ["--deadline", "3"],
    ["--instructions", "Be brief."],
    ["--approval", "plan"],
    ["--big-model", "m"],
    ["--small-model", "m"],
  ])
    assert.match(await says(["--follow", "wf-1", flag, value]), new RegExp(` ${flag} is for a new one\\.\\n$`));
});

test("--help shows the options and exit codes", async () => {
  const { code, out } = await ask(["--help"]);
  assert.equal(code, 0);
  assert.match(out, /--max-subtasks[\s\S]*Exit codes/);
});

test("Ctrl+C leaves the workflow running and tells how to look at it", async (t) => {
  const { url, requests } = await orchestrator(t, [RUNNING]);
  const { code, err } = await ask(["--url", url, "x"], {
    onErr: (text, child) => text.includes("running") && child.kill("SIGINT"),
  });
  assert.equal(code, 130);
  assert.ok(err.includes(`npm run ask -- --url ${url} --follow wf-1`), err);
  assert.ok(requests.every(({ url: path }) => !path.includes("terminate")));
});

/** A terminal that keeps what was written to it. */
function terminal(rows) {
  return {
    isTTY: true,
    columns: 30,
    rows,
    written: "",
    write(text) {
      this.written += text;
    },
  };
}

test("on a terminal the lines are redrawn in place and cut to its width", () => {
  const stream = terminal(24);
  const progress = makeProgress(stream, { colour: false });
  progress.show(RUNNING);
  const first = stream.written;
  assert.equal(first.split("\n").length, 3);
  assert.ok(first.split("\n").every((line) => line.length < 30));
  progress.show(COMPLETE);
  progress.end();
  assert.ok(stream.written.slice(first.length).startsWith("\u001b[2A\u001b[0J"), "goes up over the two lines");
  assert.match(stream.written, /✓ t1/);
});

test("a plan higher than the terminal shows its end", () => {
  const stream = terminal(6);
  const progress = makeProgress(stream, { colour: false });
  progress.show({ ...RUNNING, steps: Array.from({ length: 20 }, (_, index) => step(`subtask/t${index}`, "pending")) });
  progress.end();
  assert.match(stream.written, /17 more above/);
  assert.match(stream.written, /t19/);
});

test("on a terminal the answer appears as it is written, without escape sequences, and only what is new of it", () => {
  const stream = terminal(24);
  let began = 0;
  const answer = makeAnswer(stream, () => {
    began += 1;
  });
  const update = (from, text) => answer.update({ from, text, settled: from + [...text].length });
  update(0, "One 🎉 ");
  update(6, "two\u001b[2J");
  // After a broken connection the text comes again from its first character.
  update(0, "One 🎉 two\u001b[2J three");
  assert.equal(stream.written, "One 🎉 two[2J three");
  answer.whole("One 🎉 two\u001b[2J three four");
  assert.equal(stream.written, "One 🎉 two[2J three four\n");
  assert.equal(began, 1);
});

test("on a terminal only what is settled of the reader's answer is shown, as it settles", () => {
  const stream = terminal(24);
  const answer = makeAnswer(stream);
  answer.update({ from: 0, text: "One 🎉 tow", settled: 0 });
  assert.deepEqual([stream.written, answer.begun], ["", false]);
  answer.update({ from: 9, text: "", settled: 5 });
  assert.equal(stream.written, "One 🎉");
  // An edit changes what is not settled.
  answer.update({ from: 6, text: "two.", settled: 10 });
  // A new connection tells it from its first character.
  answer.update({ from: 0, text: "One 🎉 two. And", settled: 10 });
  assert.equal(stream.written, "One 🎉 two.");
  // What was missed comes with the whole.
  answer.update({ from: 40, text: "lost", settled: 44 });
  answer.whole("One 🎉 two. And more.");
  assert.equal(stream.written, "One 🎉 two. And more.\n");
});

test("on a terminal an answer that begins anew goes on where it says the same", () => {
  const stream = terminal(24);
  const answer = makeAnswer(stream);
  answer.update({ from: 0, text: "The same, then this", settled: 19 });
  // The attempt died, and another one writes.
  answer.update({ from: 0, text: "", settled: 0 });
  answer.update({ from: 0, text: "The same, ", settled: 10 });
  assert.equal(stream.written, "The same, then this");
  answer.update({ from: 10, text: "then that", settled: 19 });
  answer.whole("The same, then that");
  const mark = "\n\n--- the model broke off and begins anew ---\n\n";
  assert.equal(stream.written, `The same, then this${mark}The same, then that\n`);
});

test("the reader's answer is asked for until the stream has ended, also over a server that is away", async (t) => {
  const wanted = [];
  const server = createServer((request, response) => {
    wanted.push(request.url);
    if (wanted.length === 1) return request.socket.destroy();
    if (wanted.length === 3) return response.writeHead(204).end();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end('event: answer\ndata: {"from":0,"settled":2,"text":"Hi"}\n\n');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const client = new Client(`http://127.0.0.1:${server.address().port}`, undefined);
  const texts = [];
  for await (const { text } of client.texts("wf-1", new AbortController().signal)) texts.push(text);
  assert.deepEqual(texts, ["Hi"]);
  assert.deepEqual(new Set(wanted), new Set(["/workflows/wf-1/events?types=answer"]));
});

test("a sentence ends", () => {
  assert.equal(sentence("no plan"), "no plan.");
  for (const ended of ["Stop.", "Really?", 'He said "no."']) assert.equal(sentence(ended), ended);
});

test("a title can't control the terminal", () => {
  assert.equal(printable("a\u001b[2J\r\nb\u0007\u009b"), "a[2J b");
});
