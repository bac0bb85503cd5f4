// The index of each tenant is exactly right in the end, although the process dies five times, the index can't be
// reached for a while, and workflows are deleted, made again and restarted meanwhile. Nothing is held up by it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "./emulators/scripts.mjs";
import { Api } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import { makeRandom } from "./support/random.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const FULL = process.env.TEST_FULL === "1";
const WORKFLOWS = FULL ? 1_000 : 300;
const UNREACHABLE_MS = FULL ? 60_000 : 8_000;
const AT_A_TIME = 20;
const KILLS = 5;
const TENANTS = ["alice", "bob", "carol"];
const tokenOf = (name) => `${name}-0123456789abcdef0123456789`;
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const worker = await startWithOpenai({
  vars: { API_TOKENS: TENANTS.map((name) => `${name}:${tokenOf(name)}`).join() },
});
const apis = Object.fromEntries(TENANTS.map((name) => [name, new Api(worker.url, tokenOf(name))]));

/** A request that is repeated until the process is there again. */
async function again(request) {
  return eventually("an answer", async () => {
    try {
      const answer = await request();
      return answer.status < 500 ? answer : null;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return null;
    }
  });
}

test("the lists are exactly right in the end", { timeout: FULL ? 900_000 : 300_000 }, async (context) => {
  const random = makeRandom(SEED);
  const workflow = worker.emulator.workflow(() => text("Done."));
  /** What has to be listed in the end: the status of each id, by tenant. */
  const expected = Object.fromEntries(TENANTS.map((name) => [name, new Map()]));
  let [submitted, kills] = [0, 0];
  const one = async (number) => {
    const tenant = TENANTS[number % TENANTS.length];
    const api = apis[tenant];
    const id = `w${number}`;
    const body = { id, prompt: workflow.prompt(), metadata: { number: `${number % 7}` }, options: { mode: "direct" } };
    const made = await again(() => api.post("/", body));
    // A repetition of one that was kept before the process died.
    assert.ok(made.status === 202 || made.status === 409, made.text);
    submitted += 1;
    expected[tenant].set(id, "complete");
    await eventually(`${id} ends`, async () => {
      const answer = await again(() => api.get(`/${id}?fields=status`));
      return answer.json.status.status === "complete" || null;
    });
    const fate = random.whole(0, 9);
    if (fate === 0) {
      await again(() => api.request("DELETE", `/${id}`));
      expected[tenant].delete(id);
    } else if (fate === 1) {
      await again(() => api.request("DELETE", `/${id}`));
      await again(() => api.post("/", body));
      expected[tenant].set(id, "complete");
    } else if (fate === 2) {
      await again(() => api.post(`/${id}/restart`));
    }
  };
  let next = 0;
  const lane = async () => {
    while (next < WORKFLOWS) {
      next += 1;
      await one(next - 1);
    }
  };
  const lanes = Promise.all(Array.from({ length: AT_A_TIME }, lane));
  const trouble = (async () => {
    while (kills < KILLS) {
      await eventually("some more", () => submitted >= ((kills + 1) * WORKFLOWS) / (KILLS + 2) || null, 200_000);
      await worker.kill();
      kills += 1;
      const isUnreachable = kills === 2;
      await worker.revive({ index: isUnreachable ? "unreachable" : true });
      if (isUnreachable) {
        const before = submitted;
        await new Promise((resolve) => setTimeout(resolve, UNREACHABLE_MS));
        assert.ok(submitted > before || submitted === WORKFLOWS, "nothing is held up");
        await worker.kill();
        await worker.revive({ index: true });
      }
    }
  })();
  await Promise.all([lanes, trouble]);
  for (const tenant of TENANTS) {
    const api = apis[tenant];
    const begin = Date.now();
    await eventually(
      `the list of ${tenant} is right`,
      async () => {
        const listed = new Map();
        let counts;
        for (let query = "?limit=100"; query !== null; ) {
          const page = (await api.get(`/workflows${query}`)).json;
          for (const { id, status } of page.workflows) listed.set(id, status);
          counts = page.counts;
          query = page.next && `?limit=100&cursor=${page.next}`;
        }
        const isSame =
          listed.size === expected[tenant].size &&
          [...expected[tenant]].every(([id, status]) => listed.get(id) === status) &&
          counts.complete === [...listed.values()].filter((status) => status === "complete").length;
        return (
          isSame ||
          (Date.now() - begin > 90_000 ? assert.fail(JSON.stringify(difference(listed, expected[tenant]))) : null)
        );
      },
      100_000,
    );
  }
  context.diagnostic(`figure: index: ${WORKFLOWS} workflows of ${TENANTS.length} tenants, ${kills + 1} kills: exact`);
});

function difference(listed, expected) {
  const ids = new Set([...listed.keys(), ...expected.keys()]);
  return [...ids]
    .filter((id) => listed.get(id) !== expected.get(id))
    .map((id) => [id, listed.get(id), expected.get(id)]);
}
