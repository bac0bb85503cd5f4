// A journal at its bound: the run ends with what is there, and whatever is asked of it later fits the memory that an
// isolate has. A larger journal, as an older build could leave it, still opens.

import assert from "node:assert/strict";
import { test } from "node:test";
import { plan, tasksOf, text } from "./emulators/scripts.mjs";
import { eventually } from "./support/eventually.mjs";
import { crashTestBuild, inMib, MIB, peakMemory } from "./support/memory.mjs";
import { alarmTimes, editJournal, journalRows, objectFiles } from "./support/storage.mjs";
import { startWithOpenai } from "./support/worker.mjs";

/** The default of JOURNAL_BYTES_MAX. */
const JOURNAL_BYTES_MAX = 24 * MIB;
const MEMORY_MAX = 96 * MIB;
/** Three quarters of the isolate's 128 MB are for what this build writes; an older journal may take nearly all. */
const MEMORY_MAX_OLDER = 120 * MIB;
const OLDER_JOURNAL_BYTES = 60 * MIB;
/** Just below what one event may have. */
const ANSWER_BYTES = 1_000_000;
/** Together far more than the bound. */
const SUBTASKS = Array.from({ length: 40 }, (_, index) => `t${index + 1}`);
const CONCURRENT = 4;
/** The journal is to reach its bound before the tokens reach theirs. */
const BUDGET = 1_000_000_000;
const RUNS_WITHIN_MS = 60_000;

// Nobody but the test makes a workflow load while it runs: the heartbeat is long.
const worker = await startWithOpenai({ buildDir: crashTestBuild, vars: { HEARTBEAT_MS: "60000" } });
const { api, emulator, stateDir } = worker;

/** Text of so many bytes in its stored form, in which quotes and line breaks take two. */
function prose(bytes) {
  const line = 'Grüße, "world" 🌍, and\nall that. ';
  const stored = Buffer.byteLength(JSON.stringify(line)) - 2;
  return line.repeat(Math.floor(bytes / stored));
}

const answer = prose(ANSWER_BYTES);
const pieces = answer.match(/[\s\S]{1,50000}/gu);

async function submitted({ id, long, form = "merge", subtasks = SUBTASKS }) {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(subtasks);
    if (call.kind === "edit") return text(`@answer\nThe lead.\n\n${includes(subtasks)}`);
    return call.step === "subtask" && long ? text(answer, { pieces }) : undefined;
  });
  const limits = { max_subtasks: subtasks.length, max_concurrency: CONCURRENT, token_budget: BUDGET };
  const own = form === "assemble" ? { form, tasks: tasksOf(subtasks) } : {};
  return api.submit({ id, prompt: workflow.prompt(), options: limits, ...own });
}

function includes(subtasks) {
  return subtasks.map((id) => `@include ${id}`).join("\n\n");
}

/** STATUS without the texts, once it has ended. */
function ended(id) {
  return eventually(
    `${id} ends`,
    async () => {
      const { status } = (await api.get(`/${id}?simple=true`)).json;
      return ["complete", "errored"].includes(status.status) && status;
    },
    RUNS_WITHIN_MS,
  );
}

/** The file of the object whose workflow has this id, and the bytes of its journal. */
async function journalOf(id) {
  for (const file of await objectFiles(stateDir)) {
    const rows = await journalRows(file);
    if (JSON.parse(rows[0].data).spec.id === id)
      return { file, bytes: rows.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0) };
  }
  throw new Error(`no journal of ${id}`);
}

/**
 * Until nobody but the test makes a workflow load, because all of them share the memory. Where a run has ended, the
 * alarm of its last heartbeat is still armed; a load arms one for now, and that one the next.
 */
function settled() {
  return eventually(
    "no alarm is due soon",
    async () => (await alarmTimes(stateDir)).every((at) => at > Date.now() + RUNS_WITHIN_MS),
    RUNS_WITHIN_MS,
  );
}

/** Parts that fill the journal to nearly three quarters, so that all of them are put together. */
const ASSEMBLED = SUBTASKS.slice(0, 16);

for (const { id, what, form, subtasks, isStopped } of [
  { id: "bounded", what: "a run", form: "merge", subtasks: SUBTASKS, isStopped: true },
  { id: "assembled-bounded", what: "an assembled run", form: "assemble", subtasks: SUBTASKS, isStopped: true },
  { id: "assembled", what: "a whole assembled run", form: "assemble", subtasks: ASSEMBLED, isStopped: false },
])
  test(`${what} whose journal reaches its bound ends with what is there, and says where something is missing`, {
    timeout: 2 * RUNS_WITHIN_MS,
  }, async (context) => {
    await worker.crash();
    const status = await ended(await submitted({ id, long: true, form, subtasks }));
    const memory = await peakMemory(worker);
    const { bytes } = await journalOf(id);
    await worker.crash();
    await ended(id);
    await settled();
    context.diagnostic(
      `figure: ${what} up to the journal's bound: ${inMib(bytes)} on disk, WebAssembly ${inMib(memory)}`,
    );
    assert.equal(status.status, "complete", JSON.stringify(status.error));
    assert.equal(
      status.warnings.some(({ reason, message }) => reason === "limit" && /journal/i.test(message)),
      isStopped,
      JSON.stringify(status.warnings),
    );
    assert.ok(bytes <= JOURNAL_BYTES_MAX, `${bytes} bytes`);
    assert.ok(bytes > JOURNAL_BYTES_MAX / 2, "it went near the bound");
    assert.ok(memory < MEMORY_MAX, inMib(memory));
  });

const json = (body) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
for (const id of ["bounded", "assembled"])
  for (const [what, path, init] of [
    ["GET", ""],
    ["GET without texts", "?simple=true"],
    ["the event stream", "/events"],
    ["the event stream with the answer", "/events?types=all"],
    ["a restart of the synthesis", "/restart", json({ from: { name: "synthesis" } })],
  ])
    test(`${what} of ${id}, a journal at its bound, fits the memory, load included`, async (context) => {
      await worker.crash();
      const response = await fetch(`${api.url}/${id}${path}`, init);
      const answered = (await response.arrayBuffer()).byteLength;
      // A journal without room for another run refuses one.
      assert.ok([200, ...(init ? [409] : [])].includes(response.status), `${response.status}`);
      await ended(id);
      const memory = await peakMemory(worker);
      await settled();
      context.diagnostic(
        `figure: ${what} of ${id} at the journal's bound: ${inMib(answered)}, WebAssembly ${inMib(memory)}`,
      );
      assert.ok(memory < MEMORY_MAX, inMib(memory));
    });

test("a journal of 60 MB, as an older build could leave it, opens", async (context) => {
  await submitted({ id: "older", long: false });
  await ended("older");
  await worker.kill();
  const { file } = await journalOf("older");
  const grown = prose(OLDER_JOURNAL_BYTES / SUBTASKS.length);
  const longAnswers = `type = 'attempt_completed' AND data ->> '$.step' LIKE 'subtask/%'`;
  editJournal(file, `UPDATE event SET data = json_set(data, '$.text', '${grown}') WHERE ${longAnswers}`);
  const { bytes } = await journalOf("older");
  assert.ok(bytes > 0.95 * OLDER_JOURNAL_BYTES, `${bytes} bytes`);
  await worker.revive();
  const { status } = (await api.get("/older?simple=true")).json;
  assert.equal(status.status, "complete");
  const memory = await peakMemory(worker);
  context.diagnostic(`figure: a journal of ${inMib(bytes)} opens without texts: WebAssembly ${inMib(memory)}`);
  assert.ok(memory < MEMORY_MAX_OLDER, inMib(memory));
});
