// What a node of a fleet compares with the others, and who is sent away.

import assert from "node:assert/strict";
import { test } from "node:test";
import { configurationOf, membership } from "../../scripts/serve/fleet.mjs";

const KEY = "k".repeat(32);
const SAME = { variables: { BIG_MODEL: "a" }, version: "1.0.0", key: KEY };

const differing = (one, other) => {
  const [left, right] = [configurationOf(one), configurationOf(other)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((name) => left[name] !== right[name]);
};

test("variables and the version have to agree, and all is keyed", () => {
  assert.deepEqual(differing(SAME, { ...SAME }), []);
  assert.deepEqual(differing(SAME, { ...SAME, version: "1.0.1" }), ["version"]);
  assert.deepEqual(differing(SAME, { ...SAME, variables: { BIG_MODEL: "b" } }), ["BIG_MODEL"]);
  assert.deepEqual(differing(SAME, { ...SAME, variables: {} }), ["BIG_MODEL"]);
  assert.deepEqual(differing(SAME, { ...SAME, key: "l".repeat(32) }), Object.keys(configurationOf(SAME)));
  assert.doesNotMatch(JSON.stringify(configurationOf(SAME)), /1\.0\.0|"a"/);
});

/** A node's start, where the fleet finds that it differs: what became of it, and what it remembers. */
async function started({ known = "", replace = false, configuration = configurationOf(SAME) } = {}) {
  const ending = new AbortController();
  const seen = { remembered: null, joined: 0, problem: null, asked: [] };
  const ready = membership({
    cluster: { address: "127.0.0.1:0", bucket: "s3://b/p", replace, joinMsMax: 1_000 },
    configuration,
    known,
    remember: (digest) => (seen.remembered = digest),
    ask: async (path, body) => {
      seen.asked.push(path);
      const isReplaced = path === "/compare" && JSON.parse(body).replace;
      return { status: 200, text: JSON.stringify({ differing: ["version"], isReplaced }) };
    },
    joined: () => {
      seen.joined++;
      ending.abort();
    },
    fail: (problem) => (seen.problem = problem),
  });
  await ready({ port: 1, clusterPort: 1, signal: ending.signal });
  return seen;
}

test("a node that differs is sent away, unless the others follow it or it starts again as it was", async () => {
  const away = await started();
  assert.match(away.problem.message, /differs from its fleet in s3:\/\/b\/p: version\./);
  assert.deepEqual([away.joined, away.remembered, away.asked], [0, null, ["/compare"]]);

  const leader = await started({ replace: true });
  assert.deepEqual([leader.joined, leader.problem, leader.asked], [1, null, ["/compare", "/member"]]);
  const again = await started({ known: leader.remembered });
  assert.deepEqual([again.joined, again.problem], [1, null]);

  const other = await started({
    known: leader.remembered,
    configuration: configurationOf({ ...SAME, version: "2.0.0" }),
  });
  assert.match(other.problem.message, /version/, "as it is now, it was never a member");
});
