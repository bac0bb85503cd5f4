// A Worker for one test file: a port and a state folder of its own, and an emulated model service behind it.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach } from "node:test";
import { startOllama } from "../emulators/ollama.mjs";
import { startOpenai } from "../emulators/openai.mjs";
import { startWorkersAi } from "../emulators/workers-ai.mjs";
import { startWorker } from "../harness/miniflare.mjs";
import { Api } from "./api.mjs";

const KEY = "sk-emulated-0123456789";
/** Half a second, so that what only the alarm brings forward comes within a test's patience. */
const HEARTBEAT = { HEARTBEAT_MS: "500" };
/** Some workflows of these tests hold more tokens than anybody would pay for unasked. */
const NO_BUDGET = { WORKFLOW_TOKEN_BUDGET: "none" };

/** A Worker that stops, and whose folder goes, after the file's tests. */
export async function startForFile({ vars = {}, ai, token, buildDir, platform, index } = {}) {
  const stateDir = await mkdtemp(path.join(tmpdir(), "orchestrator-e2e-"));
  const options = { stateDir, vars: { ...HEARTBEAT, ...NO_BUDGET, ...vars }, ai, buildDir, platform, index };
  let server = await startWorker(options);
  const worker = {
    stateDir,
    url: server.url,
    api: new Api(server.url, token),
    stop: () => server.stop(),
    kill: () => server.kill9(),
    evict: (name) => server.evict(name),
    fill: (query, notice) => server.fill(query, notice),
    reset: () => server.reset(),
    /** What the Worker has logged since its last start. */
    logs: () => server.logs,
    /** After `kill`: a start on the same folder and port, of another build or with other variables if given. */
    async revive({ buildDir: build = buildDir, vars: changed = {}, index: told = index } = {}) {
      const started = {
        ...options,
        port: server.port,
        buildDir: build,
        vars: { ...options.vars, ...changed },
        index: told,
      };
      server = await startWorker(started);
    },
    /** kill -9, and a start on the same folder and port. */
    async crash() {
      await worker.kill();
      await worker.revive();
    },
  };
  after(async () => {
    await server.stop();
    await rm(stateDir, { recursive: true, force: true });
  });
  return worker;
}

/** A Worker on the `openai` provider, and the emulator it calls. */
export async function startWithOpenai({ emulator: options = {}, vars = {}, token, buildDir, platform, index } = {}) {
  const emulator = watched(await startOpenai({ key: KEY, ...options }));
  const worker = await startForFile({ vars: { ...openaiVars(emulator), ...vars }, token, buildDir, platform, index });
  return { emulator, ...worker };
}

/** A Worker on the `ollama` provider. */
export async function startWithOllama({ emulator: options = {}, vars = {} } = {}) {
  const emulator = watched(await startOllama(options));
  const worker = await startForFile({ vars: { MODEL_PROVIDER: "ollama", OLLAMA_BASE_URL: emulator.url, ...vars } });
  return { emulator, ...worker };
}

/** A Worker on the `workers-ai` provider, with workerd's own `AI` binding. */
export async function startWithWorkersAi({ vars = {} } = {}) {
  const emulator = watched(await startWorkersAi());
  const worker = await startForFile({ vars: { MODEL_PROVIDER: "workers-ai", ...vars }, ai: emulator.url });
  return { emulator, ...worker };
}

export function openaiVars(emulator) {
  return {
    MODEL_PROVIDER: "openai",
    OPENAI_BASE_URL: `${emulator.url}/v1`,
    OPENAI_API_KEY: KEY,
    BIG_MODEL: "big-model",
    SMALL_MODEL: "small-model",
  };
}

/** Closes the emulator after the tests, and fails each test in which it saw something amiss. */
export function watched(emulator) {
  afterEach(() => {
    const found = emulator.violations.splice(0);
    assert.deepEqual(found, [], "what the emulator saw amiss");
  });
  after(() => emulator.close());
  return emulator;
}
