// Nodes of `serve --cluster` over a stand-in for an S3 server, and a client that goes from one node to another.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { family } from "../../../scripts/lib/processes.mjs";
import { assertSound, eventsOf } from "./events.mjs";
import { eventually } from "./eventually.mjs";
import { killed, runCommand, startServe } from "./serve.mjs";

export const TOKEN = "0123456789abcdef0123";
export const BUCKET = "s3://workflows/test";
/** Of each node: it is in the configuration of workerd, and nowhere else. */
export const KEY = randomBytes(32).toString("hex");
export const SECRET = createHash("sha256").update(KEY).digest("hex");
const AWAY_MS_MAX = 60_000;

/**
 * The variables of a node. ORCHESTRATOR_TEST_TIME_DIVISOR is for tests alone: workerd divides by it the 20 seconds of a
 * lease and the pauses between two looks at the bucket.
 */
export const variables = (s3, more = {}, divisor = 10) => ({
  API_TOKENS: `me:${TOKEN}`,
  HEARTBEAT_MS: "500",
  DEMO_SPEED: "0.5",
  CLUSTER_KEY: KEY,
  AWS_ENDPOINT_URL: s3.url,
  AWS_REGION: "auto",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_ALLOW_HTTP: "true",
  ORCHESTRATOR_TEST_TIME_DIVISOR: String(divisor),
  ...more,
});

const argsOf = (data, args) => ["--data", data, "--port", "0", "--cluster", BUCKET, ...args];

/** A node that never becomes ready: `{ status, stdout, stderr }`. */
export const refusedNode = (s3, data, { vars = {}, args = [] } = {}) =>
  runCommand("serve", argsOf(data, args), { vars: variables(s3, vars) });

/** Its nodes end after the tests of the file that makes it. */
export class Fleet {
  nodes = [];
  /** What a start runs, where that is not this clone. */
  script;
  #started = [];

  constructor(s3, folder, { vars = {}, divisor = 10 } = {}) {
    this.s3 = s3;
    this.folder = folder;
    this.vars = variables(s3, vars, divisor);
    after(() => Promise.all(this.#started.map((node) => node.kill())));
  }

  dataOf(name) {
    return path.join(this.folder, `node-${name}`);
  }

  /** Starts the node of this name, or starts it again. */
  async start(name, { args = [], vars = {} } = {}) {
    const node = await startServe({
      data: this.dataOf(name),
      args: ["--cluster", BUCKET, ...args],
      vars: { ...this.vars, ...vars },
      token: TOKEN,
      lasting: true,
      script: this.script,
    });
    node.name = name;
    this.#started.push(node);
    this.nodes = [...this.nodes.filter((other) => other.name !== name), node];
    return node;
  }

  node(name) {
    return this.nodes.find((node) => node.name === name);
  }

  others(name) {
    return this.nodes.filter((node) => node.name !== name);
  }

  /** As if the machine were gone: the supervisor first, so that it starts nothing again. */
  async lose(name) {
    const node = this.node(name);
    this.nodes = this.others(name);
    const workerd = (await family(node.child.pid)).filter(({ args }) => /workerd serve/.test(args));
    killed(node.child.pid);
    for (const { pid } of workerd) killed(pid);
    await node.ended;
  }

  /** Asks it to end; resolves to the exit status. */
  async stop(name) {
    const node = this.node(name);
    this.nodes = this.others(name);
    return node.end();
  }

  async stopAll() {
    return Promise.all(this.nodes.map((node) => this.stop(node.name)));
  }
}

/**
 * Reads a workflow's events to their end as a client does: where a stream breaks off, or a node answers 503, it goes on
 * with the next node after the last event that it has. `{ events, breaks, refusals }`.
 */
export async function followEvents(nodesNow, id) {
  const events = [];
  let [breaks, after, failedSince] = [0, null, null];
  for (let turn = 0; ; turn++) {
    const nodes = nodesNow();
    const { api } = nodes[turn % nodes.length];
    try {
      for await (const frame of eventsOf(api, id, { after })) {
        failedSince = null;
        if (frame.id === null) continue;
        events.push(frame.data);
        after = frame.id;
      }
      if (events.at(-1)?.type === "workflow_completed") return { events, breaks };
    } catch (error) {
      failedSince ??= Date.now();
      if (Date.now() - failedSince > AWAY_MS_MAX) throw error;
    }
    breaks++;
    await sleep(100);
  }
}

/** STATUS once the workflow is complete, through whichever node answers; `away` gets each answer that was none. */
export async function completeThrough(nodesNow, id, { away = [], timeoutMs = 90_000 } = {}) {
  const deadline = Date.now() + timeoutMs;
  for (let turn = 0; Date.now() < deadline; turn++) {
    const nodes = nodesNow();
    const began = Date.now();
    const answer = await nodes[turn % nodes.length].api.get(`/${id}`).catch((error) => ({ status: 0, error }));
    if (answer.status === 200 && answer.json.status.status === "complete") return answer.json.status;
    if (answer.status === 200 && ["errored", "terminated"].includes(answer.json.status.status))
      throw new Error(`${id} is ${JSON.stringify(answer.json.status)}`);
    if (answer.status !== 200) away.push({ ...answer, ms: Date.now() - began });
    await sleep(100);
  }
  throw new Error(`not within ${timeoutMs} ms: ${id} is complete`);
}

/** Until some subtasks are complete and some run. */
export async function inFanOut(api, id) {
  await eventually("it is in mid fan-out", async () => {
    const answer = await api.get(`/${id}`).catch(() => null);
    const subtasks = (answer?.json?.status?.steps ?? []).filter(({ name }) => name.startsWith("subtask/"));
    return subtasks.some(({ state }) => state === "complete") && subtasks.some(({ state }) => state === "running");
  });
}

/** Gapless, and no call that was completed was made again. Returns how many were lost in flight. */
export function assertWhole(events) {
  assertSound(events);
  const completed = events.filter(({ type }) => type === "attempt_completed").map(({ run, step }) => `${run} ${step}`);
  assert.equal(new Set(completed).size, completed.length, "a completed call was repeated");
  assert.equal(events.at(-1).type, "workflow_completed");
  return events.filter(({ type }) => type === "attempt_lost").length;
}
