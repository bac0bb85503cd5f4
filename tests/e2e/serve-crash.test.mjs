// `serve` under load: workerd is killed at random moments, and nothing is lost or made twice; and it does not grow with
// what it has served.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assertSound, journalOf } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { makeRandom } from "./support/random.mjs";
import { killed, startServe, temporaryFolder } from "./support/serve.mjs";

const FULL = process.env.TEST_FULL === "1";
const [WORKFLOWS, KILLS] = FULL ? [1_000, 20] : [60, 4];
const [FIRST, ALL] = [1_000, 10_000];
const GROWTH_MAX = 1.1;
/** Longer than an object is kept that nobody asks. */
const IDLE_MS = 150_000;
/** Of the measured ones, so that as many objects are kept at the end as after the first thousand. */
const EVERY_MS = 1_000 / 15;
const BACK_MS_MAX = 2_000;
const AT_A_TIME = 20;
/** Between two kills, at most, once enough workflows were submitted. */
const PAUSE_MS = FULL ? 4_000 : 300;
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const folder = temporaryFolder();

test(`${WORKFLOWS} workflows and ${KILLS} kills at random moments (SEED=${SEED})`, {
  timeout: FULL ? 1_800_000 : 240_000,
}, async (context) => {
  const random = makeRandom(SEED);
  const vars = { DEMO_SPEED: FULL ? "0.3" : "0.05", HEARTBEAT_MS: "500" };
  const server = await startServe({ data: path.join(folder, "kills"), vars });
  const { api } = server;
  let [next, submitted] = [0, 0];
  const lane = async () => {
    while (next < WORKFLOWS) {
      const id = `w${next++}`;
      await persistently(() => api.post("/", { id, prompt: `Plan part ${id}. Then check it. Then write it up.` }));
      submitted += 1;
      await sleep(random.whole(0, (AT_A_TIME * KILLS * PAUSE_MS) / WORKFLOWS));
    }
  };
  const lanes = Promise.all(Array.from({ length: AT_A_TIME }, lane));
  const backs = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    await eventually("some more", () => submitted >= (kill * WORKFLOWS) / (KILLS + 1), 600_000);
    await sleep(random.whole(0, PAUSE_MS));
    const pid = await server.workerd();
    if (pid) killed(pid);
    const begin = Date.now();
    await eventually("it answers again", async () => (await api.get("/health").catch(() => null))?.status === 200);
    backs.push(Date.now() - begin);
  }
  await lanes;
  const isOver = async () => {
    const { counts } = (await persistently(() => api.get("/workflows?limit=1"))).json;
    return counts.complete === WORKFLOWS;
  };
  await eventually("all are complete, and in the list", isOver, 600_000);
  let [completed, lost] = [0, 0];
  for (let number = 0; number < WORKFLOWS; number++) {
    const journal = await journalOf(api, `w${number}`);
    assertSound(journal);
    const steps = journal.filter(({ type }) => type === "attempt_completed").map(({ run, step }) => `${run} ${step}`);
    assert.equal(new Set(steps).size, steps.length, `a completed call of w${number} was repeated`);
    completed += steps.length;
    lost += journal.filter(({ type }) => type === "attempt_lost").length;
  }
  assert.ok(lost > 0, "no kill hit anything: the test proves nothing");
  backs.sort((one, other) => one - other);
  context.diagnostic(
    `figure: serve: ${WORKFLOWS} workflows, ${KILLS} kills: 0 lost, 0 of ${completed} completed calls repeated, ` +
      `${lost} lost calls made again; back after ${backs[0]} to ${backs.at(-1)} ms`,
  );
  assert.ok(backs.at(-1) < BACK_MS_MAX, `${backs}`);
  assert.equal(await server.end(), 0);
});

// workerd keeps an object for about a minute after its last request, so what it needs grows with how fast workflows
// come. What it has served must not count: they come at an even pace.
if (FULL)
  test("its memory does not grow with the workflows that it has served", { timeout: 2_400_000 }, async (context) => {
    const server = await startServe({ data: path.join(folder, "memory"), vars: { DEMO_SPEED: "0" } });
    const { api } = server;
    let [next, began] = [0, Date.now()];
    const upTo = async (count) => {
      const lane = async () => {
        while (next < count) {
          next += 1;
          await sleep(Math.max(0, began + next * EVERY_MS - Date.now()));
          const body = { prompt: "Plan a party. Then a menu. Then the music.", options: { max_subtasks: 3 } };
          const answer = await api.post("/", body, { prefer: "wait=30" });
          assert.equal(answer.json.details.status, "complete", answer.text);
        }
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, lane));
      await sleep(IDLE_MS);
      began = Date.now() - next * EVERY_MS;
      return residentKilobytes(await server.workerd());
    };
    const first = await upTo(FIRST);
    const last = await upTo(ALL);
    context.diagnostic(
      `figure: serve: ${(first / 1024).toFixed(0)} MiB resident after ${FIRST} workflows, ` +
        `${(last / 1024).toFixed(0)} after ${ALL}`,
    );
    assert.ok(last < first * GROWTH_MAX, `${first} KiB, then ${last}`);
    assert.equal(await server.end(), 0);
  });

function residentKilobytes(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
}

/** A request that is repeated until a process answers it. */
function persistently(request) {
  return eventually(
    "an answer",
    async () => {
      const answer = await request().catch((error) => {
        if (error instanceof assert.AssertionError) throw error;
        return null;
      });
      return answer && answer.status < 500 ? answer : null;
    },
    60_000,
  );
}
