// Crashes of the WebAssembly while workflows run: a panic, no memory, an uncaught exception, an exhausted stack; a
// journal that can't be written; an invocation that may make no further call. On the crash-test build, whose workflows
// crash where the model says so (src/cloudflare/crash.rs: the reply is there, and not yet in the journal).

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { assertProblem, stepOf } from "./support/api.mjs";
import { assertSound, eventsOf, journalOf } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { editJournal, objectFiles } from "./support/storage.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const buildDir = fileURLToPath(new URL("../../build/crash-test", import.meta.url));
const worker = await startWithOpenai({ buildDir });
const { api, emulator } = worker;
const KINDS = ["panic", "memory", "throw", "stack"];
/** A plan of one subtask is answered directly, and one at the same time would share the writes of `a`. */
const AFTER = { id: "b", depends_on: ["a"] };
/** Loose: without the guard of main.js they would wait for ever. */
const ANSWERED_WITHIN_MS = 10_000;

/** `step` says `command` in each call of `numbers`, and answers as usual in all others. */
function saying(command, { step = "subtask", task, numbers = [1], tasks = ["a", "b"] }) {
  return emulator.workflow((call, number) => {
    const now = call.step === step && (task === undefined || call.task === task) && numbers.includes(number);
    if (now) return text(`(crash: ${command})`);
    return call.step === "plan" ? plan(tasks) : undefined;
  });
}

/** A workflow that has finished one subtask and runs another, which the gate holds. */
async function innocent(gate) {
  const workflow = emulator.workflow((call, number) => {
    if (call.step === "plan") return plan(["done", "slow"]);
    return call.task === "slow" && number === 1 ? held(gate, text("Lost.")) : undefined;
  });
  const id = await api.submit(workflow.prompt());
  await eventually(
    "one subtask is done, one runs",
    async () =>
      (await api.status(id)).steps.some((step) => step.name === "subtask/done" && step.success) &&
      workflow.count("subtask", "slow") === 1,
  );
  return { workflow, id };
}

/** How an event stream ends. */
async function watched(id) {
  try {
    for await (const _ of eventsOf(api, id));
    return "ended as if complete";
  } catch {
    return "broke off";
  }
}

/** Of a workflow that has ended: the steps of its lost attempts, after a look at its whole journal. */
async function lostSteps(id) {
  const journal = await journalOf(api, id);
  assert.deepEqual([...assertSound(journal)], []);
  assert.ok(!journal.some((event) => event.type === "attempt_errored"), "what is lost is no failure");
  const completed = journal.filter((event) => event.type === "attempt_completed").map((event) => event.step);
  assert.equal(new Set(completed).size, completed.length, "nothing was completed twice");
  return journal.filter((event) => event.type === "attempt_lost").map((event) => event.step);
}

for (const kind of KINDS) {
  test(`${kind} while a workflow runs: no client hangs, and it and the others of the isolate go on`, async () => {
    const gate = makeGate();
    const other = await innocent(gate);
    const waiting = api.get(`/${other.id}`, { prefer: "wait=60" });
    const watching = watched(other.id);
    const guilty = saying(kind, { task: "a" });
    const began = Date.now();
    const posted = api.post("/", { prompt: guilty.prompt() }, { prefer: "wait=60" });
    const [waited, submitted] = await Promise.all([waiting, posted]);
    for (const answer of [waited, submitted]) assertProblem(answer, 500, "internal-error");
    assert.equal(await watching, "broke off");
    assert.ok(Date.now() - began < ANSWERED_WITHIN_MS, `answered after ${Date.now() - began} ms`);
    gate.open();
    await eventually(
      "both go on by themselves",
      () => guilty.count("synthesis") === 1 && other.workflow.count("synthesis") === 1,
      30_000,
    );
    await api.reach(other.id, "complete");
    assert.deepEqual(await lostSteps(other.id), ["subtask/slow"]);
    assert.equal(other.workflow.count("subtask", "done"), 1);
    assert.equal(guilty.count("subtask", "a"), 2);
    assert.equal(guilty.count("plan"), 1);
  });
}

test("a crash in each step, and again in the call that the alarm repeats", async () => {
  const runs = [
    [saying("panic", { step: "plan", numbers: [1, 2] }), { plan: 3, synthesis: 1 }],
    [saying("panic", { step: "synthesis", numbers: [1, 2] }), { plan: 1, synthesis: 3 }],
  ];
  // One after the other: each crash takes the calls of all others with it.
  for (const [workflow, counts] of runs) {
    const id = await api.submit(workflow.prompt());
    await eventually("it goes on by itself", () => workflow.count("synthesis") === counts.synthesis, 30_000);
    await api.reach(id, "complete");
    assert.deepEqual({ plan: workflow.count("plan"), synthesis: workflow.count("synthesis") }, counts);
    assert.equal((await lostSteps(id)).length, 2);
  }
});

test("an invocation that may make no further call is replaced, and no failure counted", async () => {
  const workflow = saying("interrupted", { task: "a" });
  const id = await api.submit(workflow.prompt());
  const status = await api.reach(id, "complete");
  assert.deepEqual([workflow.count("subtask", "a"), workflow.count("subtask", "b")], [2, 1]);
  assert.deepEqual(await lostSteps(id), ["subtask/a"]);
  assert.deepEqual(status.output.workerResponses, ["Answer of a.", "Answer of b."]);
  assert.deepEqual(status.warnings, []);
});

test("a journal write that fails once loses nothing: the answer is written at the second try", async () => {
  for (const [step, task] of [["plan"], ["subtask", "a"], ["synthesis"]]) {
    const command = "write 1";
    const workflow =
      step === "plan"
        ? emulator.workflow((call) =>
            call.step === "plan" ? plan([{ id: "a", instructions: `(crash: ${command})` }, AFTER]) : undefined,
          )
        : saying(command, { step, task, tasks: ["a", AFTER] });
    const id = await api.submit(workflow.prompt());
    await api.reach(id, "complete");
    assert.deepEqual(await lostSteps(id), []);
    assert.equal(workflow.count(), 4, "no call was made again");
  }
});

test("writes that fail twice lose the answer and nothing else, also where the alarm's own write fails", async () => {
  for (const [count, step, task] of [
    [2, "subtask", "a"],
    [2, "synthesis"],
    [4, "subtask", "a"],
  ]) {
    const workflow = saying(`write ${count}`, { step, task, tasks: ["a", AFTER] });
    const id = await api.submit(workflow.prompt());
    // Nobody asks meanwhile: a request would use up a failure.
    await eventually(
      "it goes on by itself",
      () => workflow.count("synthesis") === (step === "synthesis" ? 2 : 1),
      30_000,
    );
    await api.reach(id, "complete");
    assert.deepEqual(await lostSteps(id), [task ? `${step}/${task}` : step]);
    assert.equal(workflow.count(), 5, "one call was made again");
  }
});

/** The answer of `a` waits a moment for others, to share their commit: nobody is there to try again for it. */
for (const [failures, lost] of [
  [1, []],
  [2, ["subtask/a"]],
])
  test(`a shared write that fails ${failures}x while a sibling runs: its call is not made again`, async () => {
    const gate = makeGate();
    const workflow = emulator.workflow((call, number) => {
      if (call.step === "plan") return plan(["a", "slow"]);
      if (call.task === "slow") return held(gate, text("Answer of slow."));
      return call.task === "a" && number === 1 ? text(`(crash: write ${failures})`) : undefined;
    });
    const id = await api.submit(workflow.prompt());
    await eventually(
      "a is done",
      async () => {
        // A request that meets a write that fails is told to come again.
        const answer = await api.get(`/${id}`);
        if (answer.status === 503) return false;
        return answer.json.status.steps.some((step) => step.name === "subtask/a" && step.success);
      },
      30_000,
    );
    gate.open();
    const status = await api.reach(id, "complete");
    assert.equal(workflow.count("subtask", "slow"), 1);
    assert.equal(workflow.count("subtask", "a"), 1 + lost.length);
    assert.deepEqual(await lostSteps(id), lost);
    assert.equal(stepOf(status, "subtask/slow").attempts.length, 1);
  });

/**
 * Submits workflows whose pauses between lost attempts are a tenth of the real ones, since ten of those take a minute.
 * The policy is journaled with each workflow, and so it is changed there, while the Worker is down.
 */
async function submitHurried(...workflows) {
  const ids = [];
  for (const workflow of workflows) ids.push(await api.submit(workflow.prompt()));
  await worker.kill();
  const hurry = "json_set(data, '$.spec.policy.backoff_base_ms', 300, '$.spec.policy.backoff_max_ms', 3000)";
  for (const file of await objectFiles(worker.stateDir))
    editJournal(file, `UPDATE event SET data = ${hurry} WHERE type = 'workflow_queued'`);
  await worker.revive();
  return ids;
}

test("what crashes whenever it runs ends in CrashLoop and says so, and ends nobody else of the isolate", async () => {
  const always = Array.from({ length: 50 }, (_, index) => index + 1);
  const guilty = saying("panic", { task: "a", numbers: always, tasks: ["a", AFTER] });
  // Their calls take longer than the heartbeat: repeated in step with the guilty one's they would never end.
  const innocents = [1, 2, 3].map(() =>
    emulator.workflow((call) =>
      call.step === "plan" ? plan(["long", "longer"]) : text("one two three four", { pauseMs: 180 }),
    ),
  );
  // The guilty one last: it may crash the isolate before another submission is answered.
  const ids = await submitHurried(...innocents, guilty);
  const [id, others] = [ids.at(-1), ids.slice(0, -1)];
  const status = await ended(id);
  assert.equal(status.status, "errored");
  assert.equal(status.error.name, "CrashLoop");
  assert.match(status.error.message, /subtask\/a.*10 times/);
  // One whose isolate ended before its call went out counts as lost, too. The kill may have hit the plan.
  const lost = (await lostSteps(id)).filter((step) => step !== "plan");
  assert.deepEqual(lost, Array(10).fill("subtask/a"));
  assert.ok(guilty.count("subtask", "a") <= 10, `${guilty.count("subtask", "a")} calls`);
  for (const other of others) assert.equal((await ended(other)).status, "complete", "an innocent one");
});

/** STATUS in the end; a crash of the isolate may hit this very request. */
function ended(id) {
  return eventually(
    `${id} ends`,
    async () => {
      const { json, status } = await api.get(`/${id}`);
      return status === 200 && ["complete", "errored"].includes(json.status.status) && json.status;
    },
    90_000,
  );
}
