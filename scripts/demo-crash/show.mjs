// The demo itself: see demo-crash.mjs. Plain lines where the output is no terminal.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startWorker } from "../../tests/e2e/harness/miniflare.mjs";
import { account, follow } from "./journal.mjs";

const PROMPT = `Prepare a small conference:
- Find three venues
- Draft a schedule for two days
- List topics for six talks
- Write the invitation
- Estimate the costs
- Then compare the venues based on the costs`;
/** How long at most until the alarm finds what was lost; 10 s where nothing else is configured. */
const HEARTBEAT_MS = 2_000;
/** Killed once this many subtasks are done while others run. */
const DONE_BEFORE_KILL = 2;
const TIMEOUT_MS = 90_000;

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
const [BOLD, DIM, RED, GREEN, YELLOW, CYAN] = [1, 2, 31, 32, 33, 36];

const stateDir = mkdtempSync(path.join(tmpdir(), "orchestrator-demo-"));
const options = { stateDir, vars: { HEARTBEAT_MS: String(HEARTBEAT_MS), DEMO_SPEED: process.env.DEMO_SPEED ?? "1" } };
const began = Date.now();
/** @type {Awaited<ReturnType<typeof startWorker>> | undefined} */
let server;
try {
  const giveUp = AbortSignal.timeout(TIMEOUT_MS);
  giveUp.addEventListener("abort", () => {
    say(paint(RED, "it took too long"));
    process.exit(1);
  });
  process.exitCode = await show();
} finally {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
}
process.exit();

async function show() {
  server = await startWorker(options);
  say(`workerd runs as process ${server.pid}; the demo provider plays the models (no network, no key)`);
  const response = await fetch(server.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: PROMPT }),
  });
  const { id } = await response.json();
  say(`workflow ${id}\n`);

  const before = [];
  let killed = null;
  let last = await follow(server.url, id, null, (event) => {
    before.push(event);
    tell(event);
    // In mid fan-out; at once, within the turn in which the event arrived.
    if (!killed && subtasks(before, "attempt_completed") >= DONE_BEFORE_KILL) killed = kill();
  });
  if (!killed) throw new Error("the run was over before it could be killed");
  await killed;
  const { kept, lost } = account(before, before);
  say("");
  say(`  in the journal: ${paint(GREEN, `${kept.length} answers`)} (${kept.join(", ")})`);
  say(`  lost with the process: ${paint(YELLOW, `${lost.length} running calls`)} (${lost.join(", ")})`);
  say("");

  server = await startWorker({ ...options, port: server.port });
  const back = Date.now();
  say(paint(BOLD, `started again on the same state folder, as process ${server.pid}; nobody asks it to go on`));
  const after = [...before];
  let resumed = null;
  while (!isOver(after)) {
    last = await follow(server.url, id, last, (event) => {
      after.push(event);
      if (event.type === "attempt_started") resumed ??= Date.now() - back;
      tell(event, { again: lost });
    });
    await sleep(50);
  }
  // Once more from its first event, as it is on disk now.
  const journal = [];
  await follow(server.url, id, null, (event) => journal.push(event));
  return conclude(account(before, journal), resumed);
}

function kill() {
  say(paint(RED, `\n  kill -9 ${server.pid}\n`));
  return server.kill9();
}

function conclude({ kept, redone, repeated, intact, gapless, complete }, resumed) {
  const good = complete && intact && gapless && repeated.length === 0;
  say("");
  say(
    `the run is ${complete ? "complete" : "not complete"}; its journal is ` +
      (gapless && intact ? "gapless, and what was in it before is unchanged" : "damaged"),
  );
  say(
    `from "server back" to the next model call: ${(resumed / 1000).toFixed(1)} s ` +
      `(heartbeat ${HEARTBEAT_MS / 1000} s; 10 s by default)`,
  );
  say(`completed calls kept: ${kept.length}`);
  say(`calls lost by the kill and made again: ${redone.length}`);
  say(paint(good ? GREEN : RED, `completed calls repeated: ${repeated.length}`));
  return good ? 0 : 1;
}

/** A line for what a person wants to see of an event. */
function tell(event, { again = [] } = {}) {
  const lines = {
    attempt_started: () => [
      CYAN,
      again.includes(event.step) ? `${event.step} is called again` : `${event.step} is called`,
    ],
    attempt_completed: () => [GREEN, `${event.step} has answered`],
    attempt_lost: () => [YELLOW, `${event.step} was lost: to be repeated, and no failure`],
    plan_accepted: () => [DIM, `the plan has ${event.plan.tasks.length} subtasks`],
    workflow_completed: () => [BOLD, "the workflow is complete"],
  };
  const line = Object.hasOwn(lines, event.type) ? lines[event.type]() : null;
  if (line) say(`  ${paint(DIM, `${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s`)}  ${paint(...line)}`);
}

function subtasks(events, type) {
  return events.filter((event) => event.type === type && event.step.startsWith("subtask/")).length;
}

function isOver(events) {
  return ["workflow_completed", "workflow_errored", "workflow_terminated"].includes(events.at(-1)?.type);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
