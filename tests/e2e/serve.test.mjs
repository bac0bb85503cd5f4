// `serve`: production on one machine, from an empty folder to a SIGTERM, with what can go wrong in between.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "./support/api.mjs";
import { assertDoorAnswers } from "./support/door.mjs";
import { assertSound, journalOf, readEvents } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { bytesOf, filesIn } from "./support/files.mjs";
import { freePort } from "./support/ports.mjs";
import { CONFERENCE } from "./support/prompts.mjs";
import { killed, runCommand, serveAt, startServe, temporaryFolder } from "./support/serve.mjs";

const TOKEN = "0123456789abcdef0123";
/** More than the second within which signals are one. */
const SAME_SIGNAL_MS = 1_300;
/** Workflows, of which some end while they are copied. */
const MANY = 24;
const folder = temporaryFolder();
const in_ = (...parts) => path.join(folder, ...parts);

test("from an empty folder: a token is made and kept, and what is printed works", { timeout: 240_000 }, async () => {
  const data = in_("first");
  const server = await startServe({ data, vars: { DEMO_SPEED: "0" } });
  assert.equal(statSync(path.join(data, "token")).mode & 0o777, 0o600);
  assert.match(server.token, /^[0-9a-f]{64}$/);
  const [config] = readdirSync(path.join(data, "run")).filter((name) => name.endsWith(".capnp"));
  assert.equal(statSync(path.join(data, "run", config)).mode & 0o777, 0o600);
  assert.ok(!readFileSync(path.join(data, "run", config), "utf8").includes(server.token), "no secret in it");
  assert.ok(!JSON.stringify(server.log).includes(server.token), "nor in the log");
  assert.ok(!server.words.includes(server.token), "nor in what may be a log");
  assert.ok(server.words.includes(path.join(data, "token")), server.words);
  assert.equal(readFileSync(path.join(data, ".gitignore"), "utf8"), "*\n");
  assert.match(server.words, /No model is configured: the demo answers/);

  for (const open of ["/health", "/ready"]) assert.equal((await server.api.get(open)).status, 200, open);
  assert.equal((await new Api(server.url).get("/workflows")).status, 401);
  const answer = await server.api.post("/", CONFERENCE_BODY, { prefer: "wait=60", accept: "text/markdown" });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.text, /^Demo: no language model was called\./);
  const completed = async () => (await server.api.get("/workflows")).json.counts.complete;
  await eventually("it is in the list", async () => (await completed()) === 1);
  const page = await fetch(server.url, { headers: { accept: "text/html" } });
  const [script] = /assets\/console\.js\?v=[0-9a-f]{8}/.exec(await page.text());
  assert.equal((await fetch(`${server.url}/${script}`)).status, 200, "the console");
  await assertDoorAnswers(server.url, { authorization: `Bearer ${server.token}` });

  assert.equal(await server.end(), 0);
  assert.deepEqual(
    server.log.map(({ level }) => level).filter((level) => level !== "info"),
    [],
    JSON.stringify(server.log),
  );
  const again = await startServe({ data, vars: { DEMO_SPEED: "0" } });
  assert.equal(again.token, server.token);
  assert.equal((await again.api.get("/workflows")).json.counts.complete, 1);
  assert.equal(await again.end("SIGINT"), 0);
});

const CONFERENCE_BODY = { id: "conference", prompt: CONFERENCE };

test("what is wrong before it serves is one sentence, and an exit status that says whether to try again", {
  timeout: 240_000,
}, async () => {
  const serving = await startServe({ data: in_("taken"), vars: { DEMO_SPEED: "0" } });
  const port = new URL(serving.url).port;
  mkdirSync(in_("foreign"));
  writeFileSync(in_("foreign/notes.txt"), "mine");
  mkdirSync(in_("newer"));
  writeFileSync(in_("newer/orchestrator-workers.json"), '{"format":99,"version":"9.0.0"}');
  mkdirSync(in_("damaged"));
  writeFileSync(in_("damaged/orchestrator-workers.json"), '{"for');
  writeFileSync(in_("file"), "");
  const other = net.createServer().listen(0, "127.0.0.1");
  await eventually("it listens", () => other.listening);
  const cases = [
    [["--data", in_("taken")], 75, /another process serves .*--data/],
    [["--data", in_("x1"), "--port", port], 75, new RegExp(`port ${port} is in use by process \\d+: .*--port`)],
    [["--data", in_("x2"), "--port", String(other.address().port)], 75, /is in use/],
    [["--data", in_("foreign")], 78, /has files of something else \(notes.txt\)/],
    [["--data", in_("newer")], 78, /written by version 9\.0\.0, which is newer/],
    [["--data", in_("damaged")], 78, /can't be read/],
    [["--data", in_("file")], 78, /can't write .*--data/],
    [["--data", in_("x3"), "--host", "0.0.0.0"], 78, /open to others.*API_TOKENS/],
    [["--data", in_("x4"), "--host", "203.0.113.7"], 78, /no tokens|can't listen/],
    [["--data", in_("x5"), "--host", "no.such.invalid", "--port", "0"], 78, /can't listen on no\.such\.invalid/],
    [["--port", "http"], 78, /--port http: expected a whole number/],
    [["--prot", "1"], 78, /Unknown option '--prot'.*--help/],
    [["--data", in_("x".repeat(120))], 78, /too long for a socket/],
  ];
  for (const [args, status, sentence] of cases) {
    const vars = args.includes("no.such.invalid") ? { API_TOKENS: `me:${TOKEN}` } : {};
    const result = await runCommand("serve", args, { cwd: folder, vars });
    assert.equal(result.status, status, `${args}: ${result.stderr}${result.stdout}`);
    assert.match(result.stderr, sentence);
    assert.match(result.stderr, /\nerror: [^\n]+\n$/, "one sentence");
  }
  other.close();
  assert.deepEqual(readdirSync(in_("foreign")), ["notes.txt"], "nothing of it was touched");
  assert.equal((await serving.api.get("/health")).status, 200);
  assert.equal(await serving.end(), 0);
});

test("of two that start in the same moment on one port one serves, and the other ends and says who has it", {
  timeout: 120_000,
}, async () => {
  const port = String(await freePort());
  const both = ["at-once-1", "at-once-2"].map((name) => {
    const server = serveAt(["--data", in_(name), "--port", port]);
    after(() => server.kill());
    return server;
  });
  const loser = await Promise.race(both.map(async (one) => [one, await one.ended]));
  assert.equal(loser[1], 75, loser[0].words);
  assert.match(loser[0].words, new RegExp(`\nerror: port ${port} is in use by process \\d+: .*--port\n$`));
  const [winner] = both.filter((one) => one !== loser[0]);
  await winner.ready();
  assert.equal((await winner.api.get("/health")).status, 200);
  assert.equal(await winner.end(), 0);
});

test("variables come from the shell, then from the file, and a wrong one is said", { timeout: 120_000 }, async () => {
  writeFileSync(in_("vars.env"), `API_TOKENS="alice:${TOKEN}"\nDEMO_SPEED=5\nMAX_CONCURRENT_CALLS=none\n`);
  const args = ["--env-file", in_("vars.env")];
  const wrong = await runCommand("serve", ["--data", in_("vars"), "--port", "0", ...args]);
  assert.equal(wrong.status, 78, wrong.stderr);
  assert.match(wrong.stderr, /error: MAX_CONCURRENT_CALLS: expected a whole number from 1 to 200/);
  assert.doesNotMatch(wrong.stderr, /Ready on/);
  const mended = await startServe({
    data: in_("vars"),
    args,
    vars: { DEMO_SPEED: "0", MAX_CONCURRENT_CALLS: "7" },
    token: TOKEN,
  });
  assert.ok(!existsSync(in_("vars/token")), "no token is made where one is given");
  const begin = Date.now();
  assert.equal((await mended.api.run(CONFERENCE)).status, "complete");
  assert.ok(Date.now() - begin < 5_000, "the shell's DEMO_SPEED holds");
  assert.equal(await mended.end(), 0);
});

test("models that only a prefix names are real, and not called the demo", { timeout: 120_000 }, async () => {
  const vars = { PROVIDER_MY_BOX_BASE_URL: "http://127.0.0.1:9/v1", BIG_MODEL: "my-box:m", SMALL_MODEL: "my-box:m" };
  const server = await startServe({ data: in_("prefixed"), vars });
  assert.match(server.words, /Ready on/);
  assert.doesNotMatch(server.words, /demo/);
  assert.equal(server.logged("serve_ready")[0].provider, "my-box");
  assert.equal(await server.end(), 0);
});

test("no text of a served deployment sends its owner to wrangler", { timeout: 120_000 }, async () => {
  for (const vars of [
    { MODEL_PROVIDER: "openai", BIG_MODEL: "a", SMALL_MODEL: "b" },
    { MODEL_PROVIDER: "workers-ai" },
    { MODEL_PROVIDER: "nonsense" },
    { API_TOKENS: "broken" },
    { HEARTBEAT_MS: "abc" },
    { PROVIDER_X_BASE_URL: "ftp://a" },
  ]) {
    const refused = await runCommand("serve", ["--data", in_("words"), "--port", "0"], { vars });
    assert.equal(refused.status, 78, JSON.stringify(vars) + refused.stderr);
    const [last] = refused.stderr.trim().split("\n").slice(-1);
    assert.match(last, /^error: [A-Z_]+: /);
    assert.doesNotMatch(refused.stderr + refused.stdout, /wrangler|\.dev\.vars|npm start|Ready on/);
  }
  for (const [vars, host] of [
    [{ DEMO_SPEED: "0" }, "serve"],
    [{ DEMO_SPEED: "0", ORCHESTRATOR_HOST: "container" }, "container"],
  ]) {
    const server = await startServe({ data: in_("words"), vars });
    for (const [method, route] of [
      ["GET", "/health"],
      ["GET", "/workflows"],
      ["POST", "/"],
      ["GET", "/nothing"],
      ["GET", "/openapi.json"],
      ["GET", "/"],
    ]) {
      for (const api of [server.api, new Api(server.url), new Api(server.url, "x".repeat(20))]) {
        const { text } = await api.request(method, route, method === "POST" ? { body: { prompt: 1 } } : {});
        assert.doesNotMatch(text, /wrangler|\.dev\.vars|npm start/, `${host ?? JSON.stringify(vars)} ${route}`);
      }
    }
    assert.doesNotMatch(server.words, /wrangler/);
    assert.equal(await server.end(), 0);
  }
});

test("workerd is killed in mid fan-out: it is back within 2 s, and nothing finished is made again", {
  timeout: 120_000,
}, async (context) => {
  const server = await startServe({ data: in_("killed"), vars: { HEARTBEAT_MS: "500" } });
  const id = await server.api.submit(CONFERENCE);
  await eventually("some subtask is complete", async () => {
    const { steps } = await server.api.status(id);
    const subtasks = steps.filter(({ name }) => name.startsWith("subtask/"));
    return subtasks.some(({ state }) => state === "complete") && subtasks.some(({ state }) => state === "running");
  });
  const times = [];
  for (let kill = 0; kill < 3; kill++) {
    killed(await server.workerd());
    const begin = Date.now();
    await eventually(
      "it answers again",
      async () => (await server.api.get("/health").catch(() => null))?.status === 200,
    );
    times.push(Date.now() - begin);
  }
  context.diagnostic(`figure: serve: back after kill -9 of workerd: ${times.join(", ")} ms`);
  assert.ok(Math.max(...times) < 2_000, `${times}`);
  await server.api.reach(id, "complete", 60_000);
  const journal = await journalOf(server.api, id);
  assertOnce(journal);
  assert.ok(
    journal.some(({ type }) => type === "attempt_lost"),
    "the kill hit something",
  );
  assert.equal(server.logged("workerd_ended").length, 3);
  assert.equal(await server.end(), 0);
});

test("workerd stops without an end: it is killed, and another takes its place", { timeout: 120_000 }, async () => {
  const server = await startServe({ data: in_("silent"), vars: { DEMO_SPEED: "0", ORCHESTRATOR_TEST_LOOK_MS: "500" } });
  assert.deepEqual(server.logged("workerd_killed"), []);
  const first = await server.workerd();
  process.kill(first, "SIGSTOP");
  await eventually("it is killed", () => server.logged("workerd_killed").length === 1);
  assert.match(server.logged("workerd_killed")[0].reason, /answers nothing/);
  await eventually("it answers again", async () => (await server.api.get("/health").catch(() => null))?.status === 200);
  assert.notEqual(await server.workerd(), first);
  assert.equal(await server.end(), 0);
});

test("the supervisor itself is killed: the next start ends what it left, and goes on", {
  timeout: 120_000,
}, async () => {
  const data = in_("orphan");
  const first = await startServe({ data, vars: { HEARTBEAT_MS: "500" } });
  const id = await first.api.submit(CONFERENCE);
  const orphan = await first.workerd();
  killed(first.child.pid);
  await first.ended;
  assert.equal((await first.api.get("/health")).status, 200, "workerd lives on");
  const second = await startServe({ data, vars: { HEARTBEAT_MS: "500" } });
  assert.deepEqual(
    second.logged("orphan_ended").map(({ pid }) => pid),
    [orphan],
  );
  await second.api.reach(id, "complete", 60_000);
  assertOnce(await journalOf(second.api, id));
  assert.equal(await second.end(), 0);
});

test("SIGTERM: event streams are told and end in order, and go on whole in the next process", {
  timeout: 120_000,
}, async () => {
  const data = in_("drained");
  const first = await startServe({ data, vars: { HEARTBEAT_MS: "500" } });
  const id = await first.api.submit(CONFERENCE);
  const headers = { authorization: `Bearer ${first.token}` };
  const response = await fetch(`${first.url}/${id}/events`, { headers });
  const waiting = first.api.get(`/${id}/events?types=workflow_completed`);
  // In the protocol of a door an end in order would be that of the answer.
  const message = await fetch(`${first.url}/${id}/ui-message-stream`, { headers });
  const brokenOff = assert.rejects(message.text(), "the stream of a door is broken off");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value;
  const begin = Date.now();
  const status = first.end();
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  assert.match(text, /: this process ends: go on with the next one\nretry: 1000\n\n$/);
  await waiting;
  await brokenOff;
  assert.equal(await status, 0);
  assert.ok(Date.now() - begin < 5_000, "well within the time of grace");
  assert.equal(first.logged("workerd_killed").length, 0, JSON.stringify(first.log.slice(-5)));

  const second = await startServe({ data, vars: { HEARTBEAT_MS: "500" } });
  const last = [...text.matchAll(/^id: ?(.+)$/gm)].at(-1)[1];
  const rest = await fetch(`${second.url}/${id}/events`, { headers: { ...headers, "last-event-id": last } });
  const frames = await readEvents(rest);
  const seen = [...text.matchAll(/^id: ?(.+)$/gm)].map(([, frame]) => frame);
  const all = (await journalOf(second.api, id)).length;
  assert.equal(new Set([...seen, ...frames.map((frame) => frame.id).filter(Boolean)]).size, all, "gapless, none twice");
  assertOnce(await journalOf(second.api, id));
  assert.equal(await second.end(), 0);
});

test("while it ends it is alive and not ready, and whoever waits for an answer gets it", {
  timeout: 120_000,
}, async () => {
  const server = await startServe({ data: in_("ending"), vars: { DEMO_SPEED: "0.7" } });
  const waiting = server.api.post("/", { prompt: CONFERENCE }, { prefer: "wait=60" });
  await eventually("it runs", async () => ((await server.api.get("/workflows")).json.counts.running ?? 0) > 0);
  const ended = server.end();
  let looks = 0;
  await eventually("it says so", async () => (await server.api.get("/ready")).status === 503);
  const answered = waiting.then(() => true);
  const isOver = (ms = 50) => Promise.race([answered, sleep(ms, false)]);
  for (; !(await isOver()); looks++) {
    const asked = [server.api.get("/health"), server.api.get("/ready"), server.api.post("/", { prompt: "Say hello." })];
    const [alive, ready, refused] = await Promise.all(asked).catch(async (error) => {
      // It has gone between the two, which it may once all have their answers.
      assert.ok(await isOver(500), error);
      return [];
    });
    if (!refused) break;
    assert.deepEqual([alive.status, ready.status, refused.status], [200, 503, 503]);
    assert.equal(refused.headers.get("retry-after"), "1");
    assert.equal(refused.json.type, "urn:orchestrator-workers:problem:unavailable");
  }
  assert.ok(looks > 3, `${looks} looks`);
  assert.equal((await waiting).json.details.status, "complete");
  assert.equal(await ended, 0);
  assert.equal(server.logged("workerd_killed").length, 0);
});

test("whoever broke off while waiting for an answer holds up no end", { timeout: 120_000 }, async () => {
  const server = await startServe({ data: in_("broken-off"), vars: { DEMO_SPEED: "20" } });
  const body = JSON.stringify({ prompt: CONFERENCE });
  const { port, host } = new URL(server.url);
  const socket = net.connect(Number(port), "127.0.0.1").on("error", () => {});
  socket.write(
    `POST / HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${server.token}\r\nPrefer: wait=60\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  await eventually("it runs", async () => ((await server.api.get("/workflows")).json.counts.running ?? 0) > 0);
  socket.resetAndDestroy();
  await sleep(500);
  const began = Date.now();
  assert.equal(await server.end(), 0);
  assert.ok(Date.now() - began < 8_000, `${Date.now() - began} ms`);
});

test("a request that does not end is killed after the time of grace", {
  timeout: 120_000,
}, async () => {
  const server = await startServe({ data: in_("grace"), args: ["--grace", "1"], vars: { DEMO_SPEED: "20" } });
  const headers = { prefer: "wait=60" };
  const hanging = server.api.post("/", { prompt: CONFERENCE }, headers).catch(() => null);
  await eventually("it runs", async () => ((await server.api.get("/workflows")).json.counts.running ?? 0) > 0);
  const begin = Date.now();
  assert.equal(await server.end(), 0);
  assert.ok(Date.now() - begin < 8_000);
  assert.equal(server.logged("workerd_killed").length, 1);
  await hanging;
});

test("a second signal ends at once", { timeout: 120_000 }, async () => {
  const server = await startServe({ data: in_("twice"), args: ["--grace", "60"], vars: { DEMO_SPEED: "20" } });
  const hanging = server.api.post("/", { prompt: CONFERENCE }, { prefer: "wait=60" }).catch(() => null);
  await eventually("it runs", async () => ((await server.api.get("/workflows")).json.counts.running ?? 0) > 0);
  const ended = server.end();
  server.end();
  await sleep(SAME_SIGNAL_MS);
  assert.equal(server.logged("workerd_killed").length, 0, "signals that come together are one");
  const begin = Date.now();
  server.end();
  assert.equal(await ended, 0);
  assert.ok(Date.now() - begin < 5_000, `${Date.now() - begin} ms`);
  assert.deepEqual(
    server.logged("workerd_killed").map(({ reason }) => reason),
    ["asked twice"],
  );
  await hanging;
});

test("a backup in mid run is restored to a state that goes on, and a journal moves to another machine", {
  timeout: 180_000,
}, async () => {
  const data = in_("source");
  const vars = { HEARTBEAT_MS: "500" };
  const server = await startServe({ data, vars });
  const done = await server.api.submit({ prompt: "Say hello.", options: { mode: "direct" } });
  await server.api.reach(done, "complete", 60_000);
  const id = await server.api.submit(CONFERENCE);
  await eventually("some subtask is complete", async () => {
    const { steps } = await server.api.status(id);
    return steps.some(({ name, state }) => name.startsWith("subtask/") && state === "complete");
  });
  const made = await runCommand("backup", [in_("copy"), "--data", data]);
  assert.equal(made.status, 0, made.stderr);
  assert.equal((await runCommand("backup", [in_("copy"), "--data", data])).status, 78, "a second one there");
  assert.equal((await runCommand("restore", [in_("copy"), "--data", data])).status, 78, "over what is served");
  await server.api.reach(id, "complete", 60_000);
  const exported = await runCommand("export", [id, "--data", data]);
  assert.equal(exported.status, 0, exported.stderr);
  assert.equal((await runCommand("export", ["nobody", "--data", data])).status, 1);
  assert.equal(await server.end(), 0);

  assert.equal((await runCommand("restore", [in_("copy"), "--data", in_("restored")])).status, 0);
  const restored = await startServe({ data: in_("restored"), vars });
  assert.equal(restored.token, server.token);
  // By its alarm, without anybody who asks for it.
  await eventually(
    "the list has it as complete",
    async () => (await restored.api.get("/workflows")).json.counts.complete === 2,
    60_000,
  );
  const journal = await journalOf(restored.api, id);
  assertOnce(journal);
  assert.equal(await restored.end(), 0);

  writeFileSync(in_("journal.jsonl"), exported.stdout);
  const target = ["--data", in_("imported")];
  assert.equal((await runCommand("import", [in_("journal.jsonl"), ...target])).status, 0);
  assert.equal((await runCommand("import", [in_("journal.jsonl"), ...target])).status, 78, "it is there already");
  writeFileSync(in_("broken.jsonl"), exported.stdout.split("\n").slice(0, 3).concat("{").join("\n"));
  const broken = await runCommand("import", [in_("broken.jsonl"), "--data", in_("imported2")]);
  assert.equal(broken.status, 78);
  assert.match(broken.stderr, /line 4 is no JSON/);
  for (const [name, text] of [
    ["no-id.jsonl", exported.stdout.replace(`,"id":"${id}"`, "")],
    ["null.jsonl", `${exported.stdout.split("\n")[0]}\nnull\n`],
  ]) {
    writeFileSync(in_(name), text);
    const refused = await runCommand("import", [in_(name), "--data", in_("imported3")]);
    assert.equal(refused.status, 78, `${name}: ${refused.stderr}`);
    assert.match(refused.stderr, /\nerror: [^\n]+\n$/);
  }
  const other = await startServe({ data: in_("imported"), vars });
  const status = await other.api.status(id);
  assert.equal(status.status, "complete");
  const rows = exported.stdout.trim().split("\n").slice(1);
  assert.deepEqual(
    (await journalOf(other.api, id)).map(({ seq, type }) => [seq, type]),
    rows.map((row) => JSON.parse(row)).map(({ seq, type }) => [seq, type]),
  );
  await eventually("it is in the list", async () => (await other.api.get("/workflows")).json.counts.complete === 1);
  assert.equal(await other.end(), 0);
});

test("workflows that end while a backup is taken go on in it; it is restored into a folder that is there", {
  timeout: 180_000,
}, async () => {
  const vars = { HEARTBEAT_MS: "1000", DEMO_SPEED: "0.15" };
  const server = await startServe({ data: in_("busy"), vars });
  const prompts = Array.from({ length: MANY }, (_, number) => `Plan part ${number}. Then check it. Then write it up.`);
  await Promise.all(prompts.map((prompt) => server.api.submit(prompt)));
  await eventually(
    "some have ended",
    async () => (await server.api.get("/workflows?limit=1")).json.counts.complete > 3,
    60_000,
  );
  assert.equal((await runCommand("backup", [in_("busy-copy"), "--data", in_("busy")])).status, 0);
  assert.equal(await server.end(), 0);
  // A volume can't be renamed, and its parent is not ours.
  mkdirSync(in_("volume"));
  mkdirSync(in_("volume/.partial-0123456789ab"));
  const { ino } = statSync(in_("volume"));
  assert.equal((await runCommand("restore", [in_("busy-copy"), "--data", in_("volume")])).status, 0);
  assert.equal(statSync(in_("volume")).ino, ino);
  const restored = await startServe({ data: in_("volume"), vars });
  const all = async () => (await restored.api.get("/workflows?limit=1")).json.counts;
  await eventually("all go on, and end", async () => (await all()).complete === MANY, 60_000);
  assert.equal(await restored.end(), 0);
});

test("nothing of what is deleted stays in the folder, and ids that nobody used leave nothing after the next start", {
  timeout: 120_000,
}, async () => {
  const data = in_("erased");
  const marks = ["Geheimnis-eins", "geheimnis-eins"];
  const found = () => filesIn(data).filter((file) => marks.some((mark) => bytesOf(file).includes(mark)));
  const server = await startServe({ data, vars: { DEMO_SPEED: "0" } });
  const { api } = server;
  await api.run({
    id: "secret",
    prompt: "Geheimnis-eins: plan a party. Then a menu.",
    metadata: { key: "Geheimnis-eins" },
  });
  await api.run({ id: "stays", prompt: "Plan a party. Then a menu." });
  await eventually("the list has both", async () => (await api.get("/workflows")).json.counts.complete === 2);
  assert.ok(found().length > 0, "the search finds what is there");
  assert.equal((await api.request("DELETE", "/secret")).status, 204);
  for (let number = 0; number < 5; number++) assert.equal((await api.get(`/unknown-${number}`)).status, 404);
  await eventually("the list has one", async () => (await api.get("/workflows")).json.counts.complete === 1);
  // The workflow's own file has lost it by now; that of the list once its log is folded in.
  await eventually("the workflow's file is empty", () => found().every((file) => file.includes("OrchestratorTenant")));
  assert.equal(await server.end(), 0);
  assert.deepEqual(found(), []);

  const ofWorkflows = () =>
    filesIn(data).filter((file) => file.includes("OrchestratorWorkflow") && !file.includes("metadata")).length;
  assert.equal(ofWorkflows(), 7);
  const again = await startServe({ data, vars: { DEMO_SPEED: "0" } });
  assert.deepEqual(
    again.logged("swept").map(({ files }) => files),
    [6],
  );
  assert.equal(ofWorkflows(), 1);
  assert.equal((await again.api.status("stays")).status, "complete");
  assert.equal((await again.api.get("/secret")).status, 404);
  assert.equal(await again.end(), 0);
});

test("a folder of another user, and a token that others could read", { timeout: 120_000 }, async () => {
  const data = in_("modes");
  const server = await startServe({ data, vars: { DEMO_SPEED: "0" } });
  assert.equal(await server.end(), 0);
  chmodSync(path.join(data, "token"), 0o644);
  const again = await startServe({ data, vars: { DEMO_SPEED: "0" } });
  assert.equal(statSync(path.join(data, "token")).mode & 0o777, 0o600);
  assert.equal(await again.end(), 0);
  writeFileSync(path.join(data, "token"), "short");
  const refused = await runCommand("serve", ["--data", data]);
  assert.equal(refused.status, 78);
  assert.match(refused.stderr, /holds no token: delete it/);
});

/** No finished step was made again, and the journal has no gap. */
function assertOnce(journal) {
  assertSound(journal);
  const completed = journal.filter(({ type }) => type === "attempt_completed").map(({ run, step }) => `${run} ${step}`);
  assert.equal(new Set(completed).size, completed.length, "a completed call was repeated");
  assert.equal(journal.at(-1).type, "workflow_completed");
}
