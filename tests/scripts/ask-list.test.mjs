// `ask list` and `ask get`: how they are read from the command line, and what they print.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ageOf, rowOf, tableOf } from "../../scripts/ask/list.mjs";
import { commandOf, flagOfQuery, parseGet, parseList } from "../../scripts/ask/options.mjs";
import { widthOf } from "../../scripts/ask/text.mjs";

const SCRIPT = fileURLToPath(new URL("../../scripts/ask.mjs", import.meta.url));
const NOW = Date.parse("2026-11-26T10:00:00Z");

/** The n-th newest. */
const entry = (n, more = {}) => ({
  id: `wf-${n}`,
  status: "complete",
  queued: new Date(NOW - n * 60_000).toISOString(),
  prompt: `Prompt ${n}`,
  mode: { asked: "auto", chosen: "split" },
  subtasks: { done: 2, planned: 3 },
  usage: { total_tokens: 12_345, estimated: false },
  ...more,
});

test("a command is the first word that is no flag's value, and never a part of a prompt", () => {
  const submit = (args) => assert.deepEqual(commandOf(args), { command: "submit", args });
  for (const args of [
    [],
    ["list the planets"],
    ["Write", "a", "list"],
    ["--id", "list", "x"],
    ["--", "list"],
    ["--follow", "get"],
    ["- list\n- get"],
    ["--quiet", "-"],
    ["--nonsense"],
  ])
    submit(args);
  assert.deepEqual(commandOf(["list"]), { command: "list", args: [] });
  assert.deepEqual(commandOf(["--url", "http://x", "list", "--q", "get"]), {
    command: "list",
    args: ["--url", "http://x", "--q", "get"],
  });
  assert.deepEqual(commandOf(["--json", "get", "wf-1"]), { command: "get", args: ["--json", "wf-1"] });
});

test("the options of a list are a query of the API", () => {
  const of = (...args) => parseList(args, {});
  const { query, limit, url, json } = of();
  const nothing = { status: undefined, q: undefined, parent: undefined, metadata: {} };
  assert.deepEqual({ ...query, metadata: { ...query.metadata } }, nothing);
  assert.deepEqual([limit, url, json], [20, "http://localhost:8787", false]);
  const all = of(
    ...["--status", "running", "--status=paused,waiting", "--q", "bees & honey", "--parent", "wf-0"],
    ...["--metadata", "team=a=b", "--metadata", "empty=", "--limit", "250", "--json"],
  );
  assert.deepEqual(all.query.status, ["running", "paused,waiting"]);
  assert.deepEqual([all.query.q, all.query.parent], ["bees & honey", "wf-0"]);
  assert.deepEqual({ ...all.query.metadata }, { team: "a=b", empty: "" });
  assert.deepEqual([all.limit, all.json], [250, true]);
  for (const [args, words] of [
    [["--limit", "0"], /--limit takes a whole number from 1 on/],
    [["--limit", "many"], /--limit takes a whole number, not many/],
    [["--metadata", "team"], /--metadata takes KEY=VALUE, not team/],
    [["--metadata", "=a"], /--metadata takes KEY=VALUE/],
    [["--metadata", "a=1", "--metadata", "a=2"], /--metadata a is given twice/],
    [["of", "bees"], /list takes no words/],
    [["--mode", "direct"], /--mode/],
    [["--token", ""], /--token takes a token/],
  ])
    assert.throws(() => of(...args), { message: words, exitCode: 2 });
  assert.deepEqual(["status", "metadata.team", "limit", "cursor", undefined].map(flagOfQuery), [
    "--status",
    "--metadata",
    "--limit",
    undefined,
    undefined,
  ]);
});

test("get takes the id of one workflow", () => {
  assert.equal(parseGet(["wf-1", "--quiet"], {}).id, "wf-1");
  for (const args of [[], [""], ["a", "b"]]) assert.throws(() => parseGet(args, {}), { message: /the id of one/ });
});

test("ages are short", () => {
  const ages = [-5, 0, 59_999, 60_000, 3_599_000, 3_600_000, 86_399_000, 86_400_000 * 40].map(ageOf);
  assert.deepEqual(ages, ["0s", "0s", "59s", "1m", "59m", "1h", "23h", "40d"]);
});

test("a table has a line per workflow, aligned and cut to the terminal", () => {
  const rows = [
    entry(1, { prompt: "Compare\nthe \u001b[2Jbees 🐝 of all the continents" }),
    entry(200, { status: "waitingForPause", subtasks: { done: 0, planned: 0 }, usage: null }),
    entry(3, { subtasks: { done: 0, planned: 0 }, mode: { chosen: "direct" }, prompt: "蜜蜂".repeat(40) }),
    entry(4, { usage: { total_tokens: 7, estimated: true } }),
  ].map((one) => rowOf(one, NOW));
  const whole = tableOf(rows).split("\n");
  assert.equal(whole[0], "ID      STATUS           AGE  SUBTASKS  TOKENS  PROMPT");
  assert.equal(
    whole[1],
    "wf-1    complete         1m   2/3       12,345  Compare the [2Jbees 🐝 of all the continents",
  );
  assert.equal(whole[2], "wf-200  waitingForPause  3h   -         0       Prompt 200");
  assert.match(whole[3], /^wf-3 {4}complete {9}3m {3}direct {4}12,345 {2}蜜/);
  assert.match(whole[4], / ~7 {6}Prompt 4$/);
  const narrow = tableOf(rows, 60).split("\n");
  assert.ok(narrow.every((line) => widthOf(line) <= 60));
  assert.match(narrow[1], / {2}Compare the…$/);
  assert.equal(tableOf([], 60), "");
});

/** Runs the script to its end. */
function ask(...args) {
  const child = spawn(process.execPath, [SCRIPT, ...args], { env: { PATH: process.env.PATH } });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  child.stdin.end();
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

/** A server whose answers are given by the path and query of the request. */
async function serving(t, answerTo) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    const { status = 200, ...body } = answerTo(new URL(request.url, "http://x"));
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body.body ?? { ...body, status }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, asked };
}

test("a list follows the cursors over short and empty pages, until there are as many as were asked for", async (t) => {
  const pages = {
    null: { workflows: [entry(1), entry(2)], next: "2" },
    2: { workflows: [], next: "3" },
    3: { workflows: [entry(3)], next: "4" },
    4: { workflows: [entry(4)], next: null },
  };
  const { url, asked } = await serving(t, ({ searchParams }) => ({ body: pages[searchParams.get("cursor")] }));
  const three = await ask("--url", url, "list", "--limit", "3", "--q", "prompt");
  assert.deepEqual([three.code, three.err], [0, "There are more: give a larger --limit.\n"]);
  assert.match(three.out, /^ID .*\nwf-1 .*\nwf-2 .*\nwf-3 .*\n$/);
  assert.deepEqual(asked, [
    "/workflows?q=prompt&limit=3",
    "/workflows?q=prompt&limit=1&cursor=2",
    "/workflows?q=prompt&limit=1&cursor=3",
  ]);
  const all = await ask("list", "--url", url, "--json");
  assert.deepEqual(
    all.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id),
    ["wf-1", "wf-2", "wf-3", "wf-4"],
  );
  assert.deepEqual([all.code, all.err], [0, ""]);
});

test("a list that is refused says so by the flag, and where there is none the server's words", async (t) => {
  const problem = {
    status: 400,
    title: "The request is not valid",
    detail: "status is done: expected",
    field: "status",
  };
  const { url } = await serving(t, () => problem);
  assert.deepEqual(await ask("--url", url, "list", "--status", "done"), {
    code: 3,
    out: "",
    err: "ask: --status is done: expected.\n",
  });
  const named = { ...problem, field: undefined, detail: 'the query parameter metadata.a is "b": expected less' };
  const { url: refusing } = await serving(t, () => named);
  assert.equal((await ask("--url", refusing, "list")).err, 'ask: --metadata is "b": expected less.\n');
  const none = { status: 503, type: "x:index-not-configured", title: "There is no index", detail: "no binding" };
  const { url: without } = await serving(t, () => none);
  assert.equal((await ask("--url", without, "list")).err, "ask: There is no index: no binding.\n");
  const empty = await serving(t, () => ({ body: { workflows: [], next: null } }));
  assert.deepEqual(await ask("--url", empty.url, "list"), {
    code: 0,
    out: "",
    err: "There are no such workflows.\n",
  });
});

test("get prints the answer of what has ended, and says of everything else how it stands", async (t) => {
  const view = (status, more = {}) => ({ status, output: null, error: null, warnings: [], steps: [], ...more });
  const statuses = {
    "/workflows/done": view("complete", {
      output: { finalResult: "# The answer" },
      warnings: [{ step: "subtask/t2", reason: "failed", message: "refused" }],
    }),
    "/workflows/going": view("running"),
    "/workflows/failed": view("errored", { error: { name: "PlanFailed", message: "no plan" } }),
  };
  const { url, asked } = await serving(t, ({ pathname }) =>
    statuses[pathname] ? { body: { id: "x", status: statuses[pathname] } } : { body: { status: "ok" } },
  );
  const done = await ask("--url", url, "get", "done");
  assert.deepEqual([done.code, done.out], [0, "# The answer\n"]);
  assert.equal(done.err, `warning: subtask/t2 failed: refused.\ncomplete: ${url}/done\n`);
  const going = await ask("--url", url, "get", "going", "--quiet");
  assert.deepEqual(going, { code: 1, out: "", err: "ask: the workflow is running.\n" });
  const failed = await ask("--url", url, "get", "failed", "--json");
  assert.deepEqual([failed.code, JSON.parse(failed.out)], [1, statuses["/workflows/failed"]]);
  assert.match(failed.err, /errored: PlanFailed: no plan\.\n/);
  assert.deepEqual(await ask("--url", url, "get", "health"), {
    code: 3,
    out: "",
    err: `ask: There is no workflow at ${url}/health.\n`,
  });
  assert.equal(asked.length, 4, "nothing is waited for");
});
