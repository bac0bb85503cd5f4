// How many workflows the index of one tenant can have, how many notices it takes a second, and how long a page takes.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import { editJournal, indexFiles } from "./support/storage.mjs";
import { startForFile } from "./support/worker.mjs";

const FULL = process.env.TEST_FULL === "1";
const ENTRIES = FULL ? 100_000 : 20_000;
const PAGES = 40;
/** Of the median. The machine of a test run has other things to do. */
const PAGE_MS_MAX = 20 * (FULL ? 1 : 2);

const worker = await startForFile({ platform: true });

/** As `Notice` of src/notify.rs is written: NUMBER stands for the number of the workflow. */
const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, model_calls: 4, estimated: false };
const summary = {
  id: "w-NUMBER",
  status: "complete",
  error: null,
  run: 1,
  prompt: `Compare number NUMBER with ${"the other databases of a shop ".repeat(6)}`.slice(0, 200),
  metadata: { team: "shop" },
  parent: null,
  mode: { asked: "auto", chosen: "split" },
  subtasks: { done: 5, planned: 5 },
  warnings: 0,
  queued: "2026-11-26T10:00:00.000Z",
  start: "2026-11-26T10:00:00.000Z",
  end: "2026-11-26T10:01:00.000Z",
  updated: "2026-11-26T10:01:00.000Z",
  usage,
};
const notice = {
  id: "w-NUMBER",
  life: "life-NUMBER",
  label: ["mteam0", "mteam1", "mteam2"],
  entry: {
    seq: 9,
    created: 1_790_000_000_000,
    // One in a hundred is errored.
    labels: [...Array(99).fill("scomplete"), "serrored"],
    text: `${summary.prompt.toLowerCase()}\u001fw-NUMBER\u001f${JSON.stringify(summary)}`,
  },
};

test("a page of many workflows takes a moment, whatever is asked for", { timeout: 600_000 }, async (context) => {
  const before = performance.now();
  await worker.fill({ tenant: "default", from: 0, count: ENTRIES }, notice);
  const perSecond = Math.round((ENTRIES * 1000) / (performance.now() - before));
  const again = performance.now();
  await worker.fill({ tenant: "default", from: 0, count: 2_000 }, { ...notice, entry: { ...notice.entry, seq: 10 } });
  const updatesPerSecond = Math.round((2_000 * 1000) / (performance.now() - again));
  const figures = [`${ENTRIES} entries, ${perSecond} new ones and ${updatesPerSecond} updates a second`];
  for (const [name, query, expected] of [
    ["the newest", "?limit=50", 50],
    ["of a status", "?limit=50&status=errored", 50],
    ["of several statuses", "?limit=50&status=errored,running,complete", 50],
    ["by time", `?limit=50&created_before=${new Date(1_790_000_000_000 + ENTRIES / 2).toISOString()}`, 50],
    ["by frequent words", "?limit=50&q=databases%20shop", 50],
    ["by words that none has", "?limit=50&q=nothing%20such", 0],
    ["deep", `?limit=50&cursor=${(1_790_000_000_000 + 500) * 1024}`, 50],
  ]) {
    const times = [];
    for (let count = 0; count < PAGES; count += 1) {
      const begin = performance.now();
      const answer = await worker.api.get(`/workflows${query}`);
      times.push(performance.now() - begin);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.workflows.length, expected, name);
    }
    times.sort((one, other) => one - other);
    const median = times[PAGES / 2];
    figures.push(`${name} ${median.toFixed(1)} ms`);
    assert.ok(median < PAGE_MS_MAX, `${name}: ${median} ms`);
  }
  await worker.stop();
  const [file] = await indexFiles(worker.stateDir);
  editJournal(file, "PRAGMA wal_checkpoint(TRUNCATE)");
  figures.push(`${Math.round(statSync(file).size / ENTRIES)} bytes an entry`);
  context.diagnostic(`figure: index: ${figures.join(", ")}`);
});
