// Chaos on real workerd: killed with -9 at random moments while workflows run, and started again on the same state
// folder. Nothing is lost, nothing that a client was told of is called again, and it goes on by itself.
//
// CHAOS_ROUNDS: how many kills (20 at least, for `npm test`). CHAOS_SEED: repeats the random choices of a run; the
// moments at which processes get their turns are the machine's.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ChaosWorkflow, KILLS_MAX } from "./support/chaos-workflow.mjs";
import { eventually } from "./support/eventually.mjs";
import { HostileWorkflow } from "./support/hostile-workflow.mjs";
import { makeRandom } from "./support/random.mjs";
import { editJournal, objectFiles } from "./support/storage.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const ROUNDS = Number(process.env.CHAOS_ROUNDS ?? 20);
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);
const WORKFLOWS_AT_ONCE = 5;
const UP_MS_MAX = 700;
const HOSTILE_WORKFLOWS = Number(process.env.CHAOS_HOSTILE ?? 40);
const HOSTILE_KILLS = 3;
/** Half a second of heartbeat, and whatever a busy machine needs to start. */
const RECOVERY_BOUND_MS = 20_000;
const DEFAULT_HEARTBEAT_MS = 10_000;

const chaos = { ...(await startWithOpenai()), random: makeRandom(SEED), life: 1, up: true };
const hostile = { ...(await startWithOpenai()), random: makeRandom(SEED + 1) };
const patient = await startWithOpenai({ vars: { HEARTBEAT_MS: String(DEFAULT_HEARTBEAT_MS) } });

describe("chaos", { concurrency: true }, () => {
  test(`${ROUNDS} kills at random moments (CHAOS_SEED=${SEED})`, {
    timeout: 60_000 + ROUNDS * 10_000,
  }, async (context) => {
    const { emulator, random } = chaos;
    tellLives(chaos);
    context.after(() => {
      chaos.over = true;
    });
    const all = [];
    const following = [];
    const recoveries = [];
    const submit = async () => {
      // About every third goes on with an answer that is there.
      const answered = all.filter(({ ended }) => ended);
      const parent = answered.length > 0 && random.chance(0.35) ? random.oneOf(answered) : null;
      const workflow = new ChaosWorkflow(chaos, `chaos-${all.length + 1}`, parent);
      all.push(workflow);
      await submitted(workflow);
      following.push(workflow.follow());
    };
    const running = () => all.filter((workflow) => !workflow.ended);

    for (let round = 1; round <= ROUNDS; round += 1) {
      while (running().length < WORKFLOWS_AT_ONCE) await submit();
      await eventually("the oldest ones end", () => running().every((workflow) => workflow.kills < KILLS_MAX), 60_000);
      await sleep(random.whole(0, UP_MS_MAX));
      // The kill may also hit a submission: it is then made or not, and never half.
      const hit = random.chance(0.5) ? submit() : null;
      if (hit) await sleep(random.whole(0, 8));
      const recovery = await killed(running());
      if (recovery !== null) recoveries.push(recovery);
      await hit;
    }
    chaos.roundsOver = true;
    await Promise.all(following);

    const repeated = { completed: 0, lost: 0 };
    for (const workflow of all) {
      const again = await workflow.check();
      repeated.completed += again.completed;
      repeated.lost += again.lost;
    }
    const seen = all.reduce((sum, workflow) => sum + workflow.seen.size, 0);
    const kills = all.filter((workflow) => workflow.kills > 0).length;
    const lost = all.filter((workflow) => !workflow.ended).length;
    const forms = Map.groupBy(all, (workflow) => workflow.form);
    const counted = [...forms].map(([form, those]) => `${those.length} ${form}`).join(", ");
    const [reviewed, structured, followUps] = ["reviewed", "structured", "parent"].map(
      (what) => all.filter((workflow) => workflow[what]).length,
    );
    context.diagnostic(
      `figure: chaos: answers by form: ${counted}; ${reviewed} reviewed, ${structured} to a schema, ` +
        `${followUps} follow-ups`,
    );
    context.diagnostic(
      `figure: chaos: ${ROUNDS} rounds (seed ${SEED}), ${all.length} workflows, ` +
        `${kills} of them killed while they ran, ${lost} lost`,
    );
    context.diagnostic(
      `figure: chaos: ${emulator.calls.length} calls, ${seen} completions seen by clients, ` +
        `${repeated.completed} of them repeated, ${repeated.lost} lost calls made again`,
    );
    context.diagnostic(
      `figure: chaos: from "server back" to the next model call: median ${median(recoveries)} ms, ` +
        `max ${Math.max(...recoveries)} ms`,
    );
    assert.equal(lost, 0);
    assert.equal(repeated.completed, 0);
    assert.ok(kills > 0 && recoveries.length > 0, "no kill hit anything: the test proves nothing");
    assert.ok(reviewed > 0 && structured > 0 && followUps > 0, "the test proves nothing of some of them");
  });

  test(`${HOSTILE_WORKFLOWS} workflows whose model servers misbehave at random (CHAOS_SEED=${SEED})`, {
    timeout: 240_000,
  }, async (context) => {
    const all = Array.from(
      { length: HOSTILE_WORKFLOWS },
      (_, index) => new HostileWorkflow(hostile, `hostile-${index + 1}`),
    );
    for (const workflow of all) await hostile.api.submit(workflow.body);
    // A few kills on top: what the server had understood of a reply by then is gone with it.
    for (let kill = 0; kill < HOSTILE_KILLS; kill += 1) {
      await sleep(hostile.random.whole(0, UP_MS_MAX));
      await hostile.crash();
    }
    let warnings = 0;
    for (const workflow of all) warnings += await workflow.check();
    const kinds = new Set(all.flatMap((workflow) => workflow.sent.map((sent) => sent.split(": ")[1])));
    context.diagnostic(
      `figure: chaos: ${all.length} workflows of misbehaving servers (seed ${SEED}), ` +
        `${hostile.emulator.calls.length} calls, ${kinds.size} kinds of misbehaviour, ${HOSTILE_KILLS} kills: ` +
        `0 lost, 0 short in silence, ${warnings} texts with a warning`,
    );
    assert.ok(kinds.size > 10, `few kinds were sent: ${[...kinds]}`);
  });

  test("with the default heartbeat it goes on within ten seconds of the start", async (context) => {
    const workflow = patient.emulator.workflow((call) => (call.number === 1 ? { kind: "hang" } : undefined));
    await patient.api.submit(workflow.prompt());
    await eventually("the planner is called", () => workflow.count("plan") === 1);
    await patient.kill();
    await patient.revive();
    const back = Date.now();
    const again = await eventually("the planner is called again", () => workflow.calls("plan")[1], 60_000);
    context.diagnostic(
      'figure: chaos: with the default heartbeat, from "server back" to the next model call: ' +
        `${again.arrivedAt - back} ms`,
    );
    assert.ok(again.arrivedAt - back < DEFAULT_HEARTBEAT_MS + RECOVERY_BOUND_MS);
  });
});

test("the check notices a journal that lost what a client had seen", async () => {
  const broken = { ...(await startWithOpenai()), random: makeRandom(SEED), life: 1, up: true };
  const workflow = new ChaosWorkflow(broken, "forgetful");
  workflow.watch = "sse";
  workflow.form = "merge";
  workflow.approves = false;
  workflow.reviewed = false;
  workflow.structured = false;
  tellLives(broken);
  assert.equal((await broken.api.post("/", workflow.body)).status, 202);
  const following = workflow.follow();
  await eventually("a subtask's answer was seen", () => workflow.seen.size >= 2);
  broken.up = false;
  await broken.kill();
  broken.life += 1;
  const [file] = await objectFiles(broken.stateDir);
  editJournal(file, "DELETE FROM event WHERE seq >= (SELECT max(seq) FROM event WHERE type = 'attempt_completed')");
  await broken.revive();
  broken.up = true;
  await eventually("it ends", () => workflow.script.calls("synthesis").some((call) => call.life === 2), 30_000);
  broken.over = true;
  await broken.api.reach(workflow.id, "complete");
  await assert.rejects(workflow.check(), /not in the journal/);
  assert.ok(workflow.again().completed > 0);
  await following;
});

/**
 * kill -9, a start, and the wait until the first model is called again: how many ms that took, or null where none needs
 * to be.
 */
async function killed(running) {
  const { emulator } = chaos;
  const mustGoOn = running.some((workflow) => workflow.mustGoOn);
  chaos.up = false;
  await chaos.kill();
  for (const workflow of running) workflow.kills += 1;
  // All that the old server sent has arrived, and the new one does not run yet: what the model server sees from here on
  // is the new one's.
  chaos.life += 1;
  const calls = emulator.calls.length;
  await chaos.revive();
  const back = Date.now();
  if (!mustGoOn) {
    chaos.up = true;
    return null;
  }
  const next = await eventually(
    "a model is called without any request",
    () => emulator.calls[calls],
    RECOVERY_BOUND_MS,
  );
  chaos.up = true;
  return Math.max(0, next.arrivedAt - back);
}

/** Marks each call with the life of the server that made it. */
function tellLives(world) {
  const { calls } = world.emulator;
  const push = calls.push.bind(calls);
  calls.push = (call) => push(Object.assign(call, { life: world.life }));
}

/** Submits until the Worker says that it has it: under a client's own id that may be repeated. */
function submitted(workflow) {
  return eventually(
    `${workflow.id} is taken`,
    async () => {
      if (!chaos.up) return false;
      const answer = await chaos.api.post("/", workflow.body).catch(() => null);
      if (answer && answer.status < 500) assert.ok([202, 409].includes(answer.status), answer.text);
      return [202, 409].includes(answer?.status);
    },
    60_000,
  );
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}
