// `serve --cluster`: three nodes over one bucket, of which a client may ask any. TEST_FULL=1 adds what takes longer.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { uniqueKey } from "../../scripts/serve/config.mjs";
import { fileOf } from "../../scripts/serve/databases.mjs";
import { startS3 } from "./emulators/s3.mjs";
import { Api } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import {
  assertWhole,
  BUCKET,
  completeThrough,
  Fleet,
  followEvents,
  inFanOut,
  KEY,
  refusedNode,
  SECRET,
  TOKEN,
} from "./support/fleet.mjs";
import { CONFERENCE } from "./support/prompts.mjs";
import { runCommand, startServe, temporaryFolder } from "./support/serve.mjs";

const folder = temporaryFolder();
const TIMEOUT = { timeout: 240_000 };
const s3 = await startS3();
const fleet = new Fleet(s3, folder);
/** All that were submitted and not deleted. */
const ids = [];

before(async () => {
  await fleet.start("a");
  await Promise.all(["b", "c"].map((name) => fleet.start(name)));
}, TIMEOUT);

after(() => s3.close());

const now = () => fleet.nodes;

async function submit(name, body = CONFERENCE) {
  const id = await fleet.node(name).api.submit(body);
  ids.push(id);
  return id;
}

test("one node submits, others read, stream and control; secrets are in one file", TIMEOUT, async (context) => {
  const [a, b, c] = ["a", "b", "c"].map((name) => fleet.node(name));
  const stream = submit("a").then((id) => followEvents(() => [b], id));
  const id = await submit("a");
  assert.equal((await c.api.post(`/${id}/pause`)).status, 200);
  await b.api.reach(id, "paused", 60_000);
  assert.equal((await a.api.post(`/${id}/resume`)).status, 200);
  await c.api.reach(id, "complete", 60_000);
  const { events, breaks } = await stream;
  assert.equal(breaks, 0);
  assert.equal(assertWhole(events), 0);
  for (const { api } of [a, b, c]) assert.equal((await api.get("/ready")).status, 200);

  const posts = [];
  const times = [];
  for (let turn = 0; turn < 12; turn++) {
    const began = performance.now();
    posts.push(await submit("abc"[turn % 3], { prompt: "Say hello.", options: { mode: "direct" } }));
    times.push(performance.now() - began);
  }
  times.sort((one, other) => one - other);
  context.diagnostic(`figure: fleet: POST p50 ${times[6].toFixed(0)} ms, max ${times.at(-1).toFixed(0)} ms`);
  for (const post of posts) await b.api.reach(post, "complete", 60_000);

  const run = path.join(fleet.dataOf("a"), "run");
  const config = path.join(
    run,
    readdirSync(run).find((name) => name.endsWith(".capnp")),
  );
  assert.equal(statSync(config).mode & 0o777, 0o600);
  assert.ok(readFileSync(config, "utf8").includes(KEY));
  for (const node of now())
    for (const secret of [KEY, SECRET, TOKEN]) {
      assert.ok(!JSON.stringify(node.log).includes(secret), "no secret in the log");
      assert.ok(!node.words.includes(secret), "nor in what it says");
    }
  assert.ok(!readFileSync(config, "utf8").includes(SECRET));
});

test("what a workflow costs at the bucket", TIMEOUT, async (context) => {
  const before = s3.requests.length;
  const id = await submit("a");
  const { events } = await followEvents(() => [fleet.node("a")], id);
  await eventually("it is in the list", async () => {
    const { json } = await fleet.node("a").api.get("/workflows?limit=1");
    const [newest] = json?.workflows ?? [];
    return newest?.id === id && newest.status === "complete";
  });
  await sleep(1_000);
  const requests = s3.requests.slice(before);
  const calls = events.filter(({ type }) => type === "attempt_completed").length;
  for (const [what, object] of [
    ["its object", objectOf("OrchestratorWorkflow", `me/${id}`)],
    ["the list", objectOf("OrchestratorTenant", "me")],
  ]) {
    const counts = Object.groupBy(
      requests.filter(({ key }) => key.includes(object)),
      ({ kind }) => kind,
    );
    const words = Object.entries(counts).map(([kind, all]) => `${all.length} ${kind}`);
    context.diagnostic(`figure: fleet: requests to the bucket of a workflow of ${calls} calls, ${what}: ${words}`);
  }
});

test("kill -9 of an owner in mid fan-out: it goes on elsewhere, and its stream is whole", TIMEOUT, async (context) => {
  const id = await submit("a");
  const stream = followEvents(() => fleet.others("a"), id);
  await inFanOut(fleet.node("b").api, id);
  const began = Date.now();
  await fleet.lose("a");
  const away = [];
  const first = (async () => {
    for (;;) if ((await fleet.node("b").api.get(`/${id}`)).status === 200) return Date.now() - began;
  })();
  await completeThrough(now, id, { away });
  context.diagnostic(`figure: fleet: taken over ${await first} ms after the kill (lease divided by 10)`);
  const told = away.map(({ status, ms, headers }) => `${status} after ${ms} ms, ${headers?.get("retry-after")}`);
  context.diagnostic(`figure: fleet: meanwhile ${away.length} answers were none: ${[...new Set(told)].slice(0, 4)}`);
  for (const { status, headers } of away) {
    assert.equal(status, 503);
    assert.ok(headers.get("retry-after"), "Retry-After");
  }
  const { events, breaks } = await stream;
  const lost = assertWhole(events);
  context.diagnostic(`figure: fleet: ${lost} calls in flight were made again, the stream broke ${breaks} times`);
  await fleet.start("a");
});

test("SIGTERM hands over: no call is lost, and the node ends with 0", TIMEOUT, async (context) => {
  const id = await submit("b");
  const stream = followEvents(() => fleet.others("b"), id);
  await inFanOut(fleet.node("c").api, id);
  const began = Date.now();
  const ended = fleet.stop("b");
  await completeThrough(now, id);
  assert.equal(await ended, 0);
  context.diagnostic(`figure: fleet: SIGTERM in mid fan-out: ended after ${Date.now() - began} ms`);
  const { events, breaks } = await stream;
  const lost = assertWhole(events);
  context.diagnostic(`figure: fleet: ${lost} calls lost in the hand-over, the stream broke ${breaks} times`);
  assert.equal(lost, 0);
  await fleet.start("b");
});

test("each node's list is exact", TIMEOUT, async () => {
  for (const { api } of now())
    await eventually("the list has all", async () => {
      const answer = await api.get("/workflows");
      return answer.status === 200 && answer.json.counts.complete === ids.length;
    });
});

test("a deleted workflow's text is gone from its object in the bucket", TIMEOUT, async (context) => {
  const id = await fleet.node("a").api.submit(`${CONFERENCE}\n- Invite the Wolpertinger of Tegernsee`);
  await fleet.node("b").api.reach(id, "complete", 60_000);
  const [own, list] = [objectOf("OrchestratorWorkflow", `me/${id}`), objectOf("OrchestratorTenant", "me")];
  const count = (object) => s3.holding("Wolpertinger").filter((key) => key.includes(object)).length;
  const told = () => `${count(own)} objects of the workflow, ${count(list)} of the list`;
  context.diagnostic(`figure: fleet: where a prompt stands before DELETE: ${told()}`);
  assert.ok(count(own) > 0, "the test sees it");
  assert.equal((await fleet.node("c").api.request("DELETE", `/${id}`)).status, 204);
  const began = Date.now();
  await eventually("it is gone from the workflow's object", () => count(own) === 0, 30_000);
  context.diagnostic(`figure: fleet: ${Date.now() - began} ms after DELETE: ${told()}`);
  await eventually("it is gone from the list", () => count(list) === 0, 30_000);
  context.diagnostic(`figure: fleet: ${Date.now() - began} ms after DELETE it is gone from the list too`);
});

test("a node that differs from its fleet says in what, unless the others are to follow", TIMEOUT, async () => {
  const data = path.join(folder, "other");
  const [differs, stranger] = await Promise.all([
    refusedNode(s3, data, { vars: { BIG_MODEL: "mine", RETENTION_DAYS: "3" } }),
    refusedNode(s3, path.join(folder, "stranger"), { vars: { CLUSTER_KEY: "x".repeat(32) } }),
  ]);
  assert.equal(differs.status, 78, differs.stderr);
  assert.match(differs.stderr, /differs from its fleet in s3:\/\/workflows\/test: BIG_MODEL, RETENTION_DAYS\. /);
  assert.ok(!differs.stderr.includes("mine"));
  assert.ok([1, 78].includes(stranger.status), stranger.stderr);
  assert.match(stranger.stderr, /CLUSTER_KEY/);
  const vars = { RETENTION_DAYS: "3" };
  const leader = await fleet.start("d", { args: ["--new-configuration"], vars });
  const [told] = leader.logged("fleet_configuration");
  assert.deepEqual([told.differing, told.is_replaced], [["RETENTION_DAYS"], true]);
  const late = await refusedNode(s3, data);
  assert.match(late.stderr, /differs from its fleet.*: RETENTION_DAYS\./);
  await fleet.start("d2", { args: ["--new-configuration"] });
  for (const name of ["d", "d2"]) assert.equal(await fleet.stop(name), 0);
});

test("what is wrong before it joins is one sentence", TIMEOUT, async () => {
  const data = path.join(folder, "wrong");
  const cases = [
    [{ args: ["--cluster", "bucket"] }, /--cluster bucket: expected s3:/],
    [{ args: ["--cluster-address", "here"] }, /expected HOST:PORT/],
    [{ args: ["--cluster-address", "0.0.0.0:7000"] }, /--advertise/],
    [{ vars: { CLUSTER_KEY: "short" } }, /CLUSTER_KEY.*32 bytes/],
    [{ vars: { CLUSTER_KEY: "" } }, /CLUSTER_KEY.*openssl/],
    [{ vars: { API_TOKENS: "" } }, /API_TOKENS/],
    [{ vars: { AWS_SECRET_ACCESS_KEY: "" } }, /AWS_SECRET_ACCESS_KEY/],
  ];
  for (const [options, sentence] of cases) {
    const result = await refusedNode(s3, data, options);
    assert.equal(result.status, 78, result.stderr);
    assert.match(result.stderr, sentence);
  }
  const { host } = new URL(s3.url);
  const taken = await refusedNode(s3, data, { args: ["--cluster-address", host] });
  assert.equal(taken.status, 75, taken.stderr);
  assert.match(
    taken.stderr,
    /error: port \d+ is in use by process \d+: end it, or choose another --cluster-address\n$/,
  );
  const away = await refusedNode(s3, data, { args: ["--cluster-address", "203.0.113.7:7000"] });
  assert.equal(away.status, 78, away.stderr);
  assert.match(away.stderr, /error: can't listen on 203\.0\.113\.7:7000 \(.*\): choose --cluster-address\n$/);
  const alone = await runCommand("serve", ["--data", data, "--advertise", "10.0.0.1:1"]);
  assert.match(alone.stderr, /--advertise needs --cluster/);

  const one = await startServe({ data: path.join(folder, "one"), vars: { DEMO_SPEED: "0" } });
  await one.api.run("Say hello.");
  assert.equal(await one.end(), 0);
  const moved = await refusedNode(s3, path.join(folder, "one"));
  assert.equal(moved.status, 78);
  assert.match(moved.stderr, /holds the workflows of one node.*--data/);
  assert.equal(await fleet.stop("c"), 0);
  const back = await runCommand("serve", ["--data", fleet.dataOf("c")]);
  assert.equal(back.status, 78);
  assert.ok(back.stderr.includes(`is of a node of the fleet ${BUCKET}`), back.stderr);
  const copied = await runCommand("backup", [path.join(folder, "copy"), "--data", fleet.dataOf("c")]);
  assert.equal(copied.status, 78);
  await fleet.start("c");
});

test("the bucket is away: a first start says so, nodes wait for it, and nothing is lost", TIMEOUT, async (context) => {
  const id = await submit("a");
  await inFanOut(fleet.node("a").api, id);
  s3.fault = "refuse";
  const first = await refusedNode(s3, path.join(folder, "first"));
  assert.equal(first.status, 1);
  assert.match(first.stderr, /\nerror: the bucket s3:\/\/workflows\/test can't be used: [^\n]+\n$/);
  assert.match(first.stdout, /the bucket s3:\/\/workflows\/test can't be used: check its name, AWS_ENDPOINT_URL/);
  await eventually("its nodes left", () => fleet.node("a").logged("workerd_ended").length > 1);
  await assert.rejects(new Api(fleet.node("a").url).get("/ready"), "nobody is ready meanwhile");
  s3.mend();
  const began = Date.now();
  const status = await completeThrough(now, id);
  context.diagnostic(`figure: fleet: complete ${Date.now() - began} ms after the bucket was back`);
  assert.equal(status.status, "complete");
  const { events } = await followEvents(now, id);
  assertWhole(events);
  for (const { api } of now()) await eventually("ready", async () => isReady(api), 30_000);
  assert.deepEqual(await fleet.stopAll(), [0, 0, 0]);
});

/** In the bucket, as on a disk, an object has the name that workerd makes of its class and name. */
const objectOf = (className, name) => path.basename(fileOf(uniqueKey(className), name), ".sqlite");

const isReady = async (api) => (await api.get("/ready").catch(() => null))?.status === 200;
