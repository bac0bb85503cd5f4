// The benchmark: what the engine costs, beside the last release and beside a bare JavaScript Durable Object that makes
// the same calls and stores nothing. All run on workerd against the same model server, in turns: the ratios hold on any
// machine, the milliseconds do not.

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startMiniflare, startWorker } from "../../tests/e2e/harness/miniflare.mjs";
import { inRoot } from "../lib/paths.mjs";
import { main, Problem, say } from "../lib/say.mjs";
import { startModel } from "./model.mjs";

const RELEASE = "0.1.0";
const MODEL_PAUSE_MS = 100;
const FAN_OUTS = [5, 20, 50];
/** A single subtask is no subtask: the big model answers at once, which the model server can't tell from a plan. */
const SUBTASKS_MIN = 2;
/** Longer than any workflow takes. */
const PATIENCE_MS = 60_000;
const ROUNDS = 20;
/** Of five subtasks each, with a model that answers at once. */
const WORKFLOWS = 150;
const WORKFLOWS_AT_ONCE = 10;
const BATCHES = 4;
/** Calls of one workflow that the model answers one after the other: plan, subtasks, synthesis. */
const CALLS_IN_A_ROW = 3;
/** Of /proc/PID/stat, on every Linux. */
const TICKS_PER_SECOND = 100;

await main(async () => {
  const rows = [];
  await withContestants(MODEL_PAUSE_MS, async (contestants) => {
    for (const subtasks of FAN_OUTS) {
      const runs = await inTurns(contestants, ROUNDS, (contestant) => overhead(contestant, subtasks));
      rows.push(row(`overhead over the model's own time, ${subtasks} subtasks, ms`, runs));
    }
    rows.push(row("answer to POST, ms", await inTurns(contestants, 3 * ROUNDS, answer)));
  });
  await withContestants(0, async (contestants) => {
    const batches = await inTurns(contestants, BATCHES, batch);
    rows.push(
      row(
        "workflows per second",
        batches.map((runs) => runs.map(({ perSecond }) => perSecond)),
      ),
    );
    rows.push(
      row(
        "processor time per workflow, ms",
        batches.map((runs) => runs.map(({ cpuMs }) => cpuMs)),
      ),
    );
  });
  print(rows);
  return 0;
});

/** The engine, its last release and the floor, each with a workerd of its own and all with one model server. */
async function withContestants(pauseMs, measure) {
  const model = await startModel({ pauseMs });
  const stateDir = await mkdtemp(path.join(os.tmpdir(), "orchestrator-bench-"));
  const vars = { MODEL_PROVIDER: "openai", OPENAI_BASE_URL: model.url, BIG_MODEL: "big", SMALL_MODEL: "small" };
  const [own, released] = ["own", "released"].map((name) => path.join(stateDir, name));
  const workers = [
    await startWorker({ stateDir: own, vars, site: false }),
    await startWorker({ stateDir: released, vars, site: false, buildDir: unpackedRelease(stateDir) }),
    await startMiniflare(floor(model.url)),
  ];
  try {
    await measure(workers.map((worker) => ({ ...worker, model })));
  } finally {
    for (const worker of workers) await worker.stop();
    await model.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** The built Worker of the release's package. */
function unpackedRelease(folder) {
  const file = inRoot(`tests/fixtures/releases/orchestrator-workers-${RELEASE}.tgz`);
  execFileSync("tar", ["xzf", file, "-C", folder]);
  return path.join(folder, "package/build");
}

function floor(modelUrl) {
  const contents = readFileSync(inRoot("scripts/bench/floor.js"), "utf8");
  const config = {
    name: "floor",
    compatibilityDate: "2026-10-01",
    manifest: {
      mainModule: "floor.js",
      modulesRoot: inRoot("scripts/bench"),
      modules: { "floor.js": { type: "esm", contents } },
    },
    env: {
      FLOOR: { type: "durable-object", worker: "floor", exportName: "Floor" },
      MODEL_URL: { type: "text", value: modelUrl },
    },
    exports: { Floor: { type: "durable-object", storage: "sqlite" } },
  };
  return { host: "127.0.0.1", port: 0, cf: false, enableDevRegistry: false, workers: [{ config }] };
}

/**
 * What `measure` gives for each contestant, `rounds` times, the one and the other in turn; the first time of each is a
 * rehearsal.
 */
async function inTurns(contestants, rounds, measure) {
  const results = contestants.map(() => []);
  for (let round = 0; round <= rounds; round += 1)
    for (const [index, contestant] of contestants.entries()) {
      const result = await measure(contestant);
      if (round > 0) results[index].push(result);
    }
  return results;
}

/** Submits; `ended` resolves when the model has given the last call's answer. */
async function submit({ url, model }, subtasks) {
  const name = `w${randomUUID().slice(0, 8)}`;
  const late = () => Promise.reject(new Problem(`${url} has not ended a workflow of ${subtasks} within a minute`));
  const ended = Promise.race([model.ended(name), sleep(PATIENCE_MS, undefined, { ref: false }).then(late)]);
  const body = JSON.stringify({ prompt: `workflow: ${name}, subtasks: ${subtasks}`, options: { max_subtasks: 50 } });
  const began = performance.now();
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  await response.arrayBuffer();
  if (response.status !== 202) throw new Problem(`${url} answers ${response.status}`);
  return { began, answered: performance.now(), ended };
}

async function overhead(contestant, subtasks) {
  const { began, ended } = await submit(contestant, subtasks);
  return (await ended) - began - CALLS_IN_A_ROW * MODEL_PAUSE_MS;
}

async function answer(contestant) {
  const { began, answered, ended } = await submit(contestant, SUBTASKS_MIN);
  await ended;
  return answered - began;
}

async function batch(contestant) {
  const cpu = cpuMs(contestant.pid);
  const began = performance.now();
  let left = WORKFLOWS;
  const one = async () => {
    while (left-- > 0) await (await submit(contestant, FAN_OUTS[0])).ended;
  };
  await Promise.all(Array.from({ length: WORKFLOWS_AT_ONCE }, one));
  const seconds = (performance.now() - began) / 1000;
  return { perSecond: WORKFLOWS / seconds, cpuMs: (cpuMs(contestant.pid) - cpu) / WORKFLOWS };
}

function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

function row(name, runs) {
  const medians = runs.map((values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);
  const [ours, released, floor] = medians;
  say(`  ${name}: ${ours.toFixed(1)}, ${RELEASE} ${released.toFixed(1)}, floor ${floor.toFixed(1)}`);
  const ratios = [ours / released, ours / floor, released / floor];
  return [name, ...medians.map((median) => median.toFixed(1)), ...ratios.map((ratio) => ratio.toFixed(2))];
}

function print(rows) {
  const columns = ["median", "this", RELEASE, "bare object", `this / ${RELEASE}`, "this / bare", `${RELEASE} / bare`];
  const table = [columns, columns.map((_, index) => (index === 0 ? "---" : "---:")), ...rows];
  console.log(table.map((cells) => `| ${cells.join(" | ")} |`).join("\n"));
}
