// A fleet under what goes wrong again and again, with the lease as it is in production: only with TEST_FULL=1.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { uniqueKey } from "../../scripts/serve/config.mjs";
import { fileOf } from "../../scripts/serve/databases.mjs";
import { startS3 } from "./emulators/s3.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertWhole, completeThrough, Fleet, followEvents, inFanOut } from "./support/fleet.mjs";
import { CONFERENCE } from "./support/prompts.mjs";
import { otherVersion, temporaryFolder } from "./support/serve.mjs";

const FULL = process.env.TEST_FULL === "1";
const OPTIONS = { timeout: 600_000, skip: !FULL };
const NAMES = ["a", "b", "c"];
const KILLS = 5;
/** Entries, so that a few changes do not make workerd write the list anew. */
const LONG_LIST = 500;
const s3 = await startS3();
const fleet = new Fleet(s3, temporaryFolder(), { divisor: 1, vars: { HEARTBEAT_MS: "" } });
/** Until the end of all tests: nodes go on running from it. */
const otherTree = temporaryFolder();
const now = () => fleet.nodes;
const ids = [];

before(async () => {
  if (!FULL) return;
  await fleet.start(NAMES[0]);
  await Promise.all(NAMES.slice(1).map((name) => fleet.start(name)));
}, OPTIONS);

after(() => s3.close());

async function submit(name) {
  const id = await fleet.node(name).api.submit(CONFERENCE);
  ids.push(id);
  return id;
}

test("five kills of owners in mid fan-out", OPTIONS, async (context) => {
  for (let kill = 0; kill < KILLS; kill++) {
    const name = NAMES[kill % NAMES.length];
    const id = await submit(name);
    const stream = followEvents(() => fleet.others(name), id);
    await inFanOut(fleet.node(name).api, id);
    const began = Date.now();
    await fleet.lose(name);
    const away = [];
    await completeThrough(now, id, { away });
    for (const { status, headers } of away) {
      assert.equal(status, 503);
      assert.ok(headers.get("retry-after"), "Retry-After");
    }
    const { events, breaks } = await stream;
    const told = `${assertWhole(events)} calls made again, ${breaks} breaks of the stream, ${away.length} times 503`;
    const longest = Math.max(0, ...away.map(({ ms }) => ms));
    context.diagnostic(`figure: fleet: complete ${Date.now() - began} ms after kill -9: ${told}, after ${longest} ms`);
    await fleet.start(name);
  }
});

test("a rolling restart, and a fourth node, under load", OPTIONS, async (context) => {
  await underLoad(context, "rolling restart", async () => {
    await fleet.start("d");
    for (const name of NAMES) {
      assert.equal(await fleet.stop(name), 0);
      await fleet.start(name);
    }
    assert.equal(await fleet.stop("d"), 0);
  });
});

test(
  "a roll to another version, under load, and a node that starts again unchanged in between",
  OPTIONS,
  async (context) => {
    const [first, second, third] = NAMES;
    const next = otherVersion(otherTree, "99.0.0");
    await underLoad(context, "another version", async () => {
      const told = (name) =>
        fleet
          .node(name)
          .logged("fleet_configuration")
          .map((line) => [line.differing, line.is_replaced]);
      assert.equal(await fleet.stop(first), 0);
      fleet.script = next;
      await fleet.start(first, { args: ["--new-configuration"] });
      assert.equal(fleet.node(first).logged("serve_ready")[0].version, "99.0.0");
      assert.deepEqual(told(first), [[["version"], true]]);
      fleet.script = undefined;
      assert.equal(await fleet.stop(second), 0);
      await fleet.start(second);
      assert.deepEqual(told(second), [[["version"], false]], "it is not sent away");
      fleet.script = next;
      for (const name of [second, third]) {
        assert.equal(await fleet.stop(name), 0);
        await fleet.start(name);
        assert.deepEqual(told(name), []);
      }
    });
  },
);

/**
 * `work()` while workflows are submitted to whichever node is ready, and to another where that one ends just now: none
 * is lost, and none is refused otherwise than with 503 and Retry-After.
 */
async function underLoad(context, name, work) {
  const first = ids.length;
  let isOver = false;
  let again = 0;
  const load = (async () => {
    for (let turn = 0; !isOver; turn++) {
      const key = `load-${first}-${turn}`;
      const deadline = Date.now() + 30_000;
      for (let answer = null; answer?.status !== 202; ) {
        assert.ok(Date.now() < deadline, `${key} was refused: ${answer?.text ?? "no answer"}`);
        const ready = [];
        for (const node of now())
          if ((await node.api.get("/ready").catch(() => null))?.status === 200) ready.push(node);
        if (ready.length === 0) continue;
        const { api } = ready[turn % ready.length];
        answer = await api.post("/", { prompt: CONFERENCE }, { "idempotency-key": key }).catch(() => null);
        if (answer?.status === 202) ids.push(answer.json.id);
        else again++;
        if (answer !== null && answer.status !== 202)
          assert.ok(answer.status === 503 && answer.headers.has("retry-after"), answer.text);
      }
      await sleep(1_000);
    }
  })();
  // It is seen below, also where it fails first.
  load.catch(() => {});
  try {
    await work();
  } finally {
    isOver = true;
  }
  await load;
  let lost = 0;
  for (const id of ids.slice(first)) {
    await completeThrough(now, id);
    lost += assertWhole((await followEvents(now, id)).events);
  }
  context.diagnostic(
    `figure: fleet: ${name}: ${ids.length - first} complete, ${again} asked again, ${lost} calls made again`,
  );
}

for (const [fault, ms] of [
  ["lose", 0],
  ["503", 5_000],
  ["hang", 5_000],
  ["refuse", 5_000],
  ["refuse", 40_000],
])
  test(`the bucket: ${fault} for ${ms} ms`, OPTIONS, async (context) => {
    const all = await Promise.all(NAMES.map(submit));
    await inFanOut(fleet.node("a").api, all[0]);
    s3.fault = fault;
    await sleep(Number(ms));
    if (fault !== "lose") s3.mend();
    const began = Date.now();
    let lost = 0;
    for (const id of all) {
      await completeThrough(now, id);
      lost += assertWhole((await followEvents(now, id)).events);
    }
    context.diagnostic(
      `figure: fleet: bucket ${fault} ${ms} ms: complete ${Date.now() - began} ms later, ${lost} again`,
    );
  });

test(
  "what a long list tells of a deleted workflow goes from the bucket, also where its node is lost",
  OPTIONS,
  async (context) => {
    const { api } = fleet.node("a");
    let left = LONG_LIST;
    const lane = async () => {
      while (left-- > 0) ids.push(await api.submit({ prompt: "Say hello.", options: { mode: "direct" } }));
    };
    await Promise.all(Array.from({ length: 10 }, lane));
    const own = path.basename(fileOf(uniqueKey("OrchestratorTenant"), "me"), ".sqlite");
    const holding = (text) => s3.holding(text).filter((key) => key.includes(own)).length;
    for (const text of ["Wolpertinger", "Elwetritsch"]) {
      const id = await api.submit(`Invite the ${text}.`);
      await api.reach(id, "complete", 60_000);
      await eventually("it is in the bucket", () => holding(text) > 0, 30_000);
      assert.equal((await api.request("DELETE", `/${id}`)).status, 204);
      const began = Date.now();
      if (text === "Elwetritsch") {
        await eventually("the list has heard of it", async () => {
          const answer = await api.get(`/workflows?q=${text}`);
          return answer.json.workflows.length === 0;
        });
        await fleet.lose("a");
        await eventually(
          "another node has the list",
          async () => {
            const answer = await fleet.node("b").api.get("/workflows?limit=1");
            return answer.status === 200;
          },
          60_000,
        );
      }
      await eventually("it is gone", () => holding(text) === 0, 60_000);
      context.diagnostic(`figure: fleet: gone from the bucket's list of ${ids.length} ${Date.now() - began} ms later`);
    }
    await fleet.start("a");
  },
);

test("each list is exact", OPTIONS, async (context) => {
  const began = Date.now();
  let counts;
  for (const { api } of now())
    await eventually(
      "the list has all",
      async () => {
        counts = (await api.get("/workflows")).json?.counts;
        return counts?.complete === ids.length;
      },
      90_000,
    ).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(counts)}, not ${ids.length}`));
  context.diagnostic(`figure: fleet: the list of ${ids.length} is exact ${Date.now() - began} ms after the last fault`);
  assert.deepEqual(await fleet.stopAll(), [0, 0, 0]);
});
