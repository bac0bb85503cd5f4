// One workflow of the chaos test: random in shape and pace, watched (or not) while its server is killed over and over.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { contract, direct, edit, editor } from "../emulators/answers.mjs";
import { plan, text } from "../emulators/scripts.mjs";
import { assertSound, eventsOf, journalOf } from "./events.mjs";
import { eventually } from "./eventually.mjs";

/** How a client follows its workflow. `nobody` does: that it ends shows that it goes on without a request. */
const WATCHES = ["sse", "get", "nobody"];
/** How the answer comes about. `mended`: it is put together, and an edit of the editor's has to be repaired. */
const FORMS = ["merge", "direct", "assemble", "mended"];
/** What the JSON of an answer has to fit, and what a model writes first that does not know it. */
const SCHEMA = {
  type: "object",
  properties: { about: { type: "string", pattern: "^chaos-\\d+$" } },
  required: ["about"],
  additionalProperties: false,
};
const MISFIT = '{"about": "something"}';
const POLL_MS = 30;
const PAUSES_MAX = 2;
/** Ten losses without progress end a workflow: one that was killed this often may first finish. */
export const KILLS_MAX = 5;
const TERMINAL = ["complete", "errored", "terminated"];

export class ChaosWorkflow {
  /** Steps whose completion a client has seen, each with the life of the server in which that was at the latest. */
  seen = new Map();
  /** What the event stream showed, over all lives of the server. */
  events = [];
  kills = 0;
  ended = false;
  #pauses = 0;
  #lastEventId = null;

  /** `chaos`: `{ api, emulator, random, life, up, roundsOver, over }`. `parent`: the workflow that it goes on with. */
  constructor(chaos, id, parent = null) {
    this.chaos = chaos;
    this.id = id;
    const { random } = chaos;
    this.watch = random.oneOf(WATCHES);
    // Whoever watches by GET may also pause and resume it, or approve its plan.
    this.meddles = this.watch === "get" && random.chance(0.5);
    this.approves = this.watch === "get" && random.chance(0.3);
    this.form = random.oneOf(FORMS);
    this.parent = parent;
    this.reviewed = random.chance(0.5);
    this.structured = random.chance(0.4);
    // Whether the first JSON does not fit, so that the call is made again with the validator's words.
    this.misfits = random.chance(0.5);
    this.tasks = randomTasks(random);
    const paces = new Map(
      ["plan", "edit", "synthesis", "review", "structure", ...this.tasks.map((task) => task.id)].map((name) => [
        name,
        random.whole(0, 120),
      ]),
    );
    this.script = chaos.emulator.workflow((call) => {
      const pauseMs = paces.get(call.task ?? call.step);
      if (call.step === "plan") return this.#planned({ pauseMs: pauseMs / 12 });
      if (call.step === "edit") return this.#edited(call, { pauseMs: pauseMs / 4 });
      if (call.step === "review") return text(correction(this.#corrected), { pauseMs: pauseMs / 4 });
      if (call.step === "structure") return text(this.misfits && !isRepair(call) ? MISFIT : this.#json, { pauseMs });
      return text(this.answerOf(call.task), { pauseMs });
    });
  }

  get #json() {
    return JSON.stringify({ about: this.id });
  }

  /** What the review puts right, and how. */
  get #corrected() {
    const isAssembled = this.form === "assemble" || this.form === "mended";
    const old = isAssembled ? `What ${this.id} has.` : this.answerOf(null);
    return [old, old.replace(/ (has|says)\b/, " keeps")];
  }

  #planned(options) {
    if (this.form === "direct") return direct("One call is enough.", options);
    return this.form === "merge" ? plan(this.tasks, options) : contract(this.tasks, {}, options);
  }

  #edited(call, options) {
    const right = edit("t1", "says of t1", "tells of t1");
    if (call.kind === "edit-repair") return text(right, options);
    const edits = [this.form === "mended" ? edit("t1", "never said of t1", "tells of t1") : right];
    return editor(call, { edits, lead: `What ${this.id} has.` }, options);
  }

  /** Whether it is the call that ends it. */
  #isLast(call) {
    if (this.structured) return call.step === "structure" && isRepair(call) === this.misfits;
    if (this.reviewed) return call.step === "review";
    const kind = { assemble: "edit", mended: "edit-repair" }[this.form];
    return kind ? call.kind === kind : call.step === "synthesis";
  }

  /** The answer before a review. */
  get draft() {
    if (this.form === "merge" || this.form === "direct") return this.answerOf(null);
    const parts = this.tasks.map((task) => this.answerOf(task.id).replace("says of t1", "tells of t1"));
    return [`What ${this.id} has.`, ...parts].join("\n\n");
  }

  get result() {
    return this.reviewed ? this.draft.replace(...this.#corrected) : this.draft;
  }

  get body() {
    const options = {
      ...(this.approves ? { approval: "plan" } : {}),
      ...(this.reviewed ? { review: "once" } : {}),
      ...(this.structured ? { output_schema: SCHEMA } : {}),
    };
    return {
      id: this.id,
      prompt: this.script.prompt(),
      ...(this.parent ? { follow_up_to: this.parent.id } : {}),
      ...(Object.keys(options).length > 0 ? { options } : {}),
    };
  }

  /** The exchanges that its calls are shown, the oldest first. */
  get history() {
    if (!this.parent) return [];
    return [...this.parent.history, { request: this.parent.script.prompt(), answer: this.parent.result }];
  }

  answerOf(task) {
    return `What ${this.id} says of ${task ?? "all"}.`;
  }

  /**
   * Killed now, it calls a model when it is back: a call is running, which is not its last (whose end may be on disk
   * although the connection is still open), and nobody's word is awaited.
   */
  get mustGoOn() {
    return !this.meddles && !this.approves && this.script.calls().some((call) => !call.closedAt && !this.#isLast(call));
  }

  /** Follows it until it ends, through every kill. */
  async follow() {
    while (!this.ended && !this.chaos.over) {
      // After a kill nobody asks for anything until the Worker has gone on by itself.
      if (this.chaos.up) await this[this.watch]().catch(brokenOff);
      if (!this.ended) await sleep(POLL_MS);
    }
  }

  async sse() {
    for await (const { id, data } of eventsOf(this.chaos.api, this.id, { after: this.#lastEventId })) {
      if (id === null) continue;
      this.#lastEventId = id;
      this.events.push(data);
      if (data.type === "attempt_completed") this.#saw(data.step);
      if (["workflow_completed", "workflow_errored", "workflow_terminated"].includes(data.type)) this.ended = true;
    }
  }

  async get() {
    const { chaos } = this;
    const answer = await chaos.api.get(`/${this.id}`);
    if (answer.status >= 500) return;
    assert.equal(answer.status, 200, `${this.id} is lost: ${answer.text}`);
    const { status, steps } = answer.json.status;
    for (const step of steps) if (step.success) this.#saw(step.name);
    this.ended = TERMINAL.includes(status);
    const control = { waiting: "approve", paused: "resume", waitingForPause: "resume" }[status];
    if (control) await chaos.api.post(`/${this.id}/${control}`);
    else if (this.meddles && this.#pauses < PAUSES_MAX && chaos.random.chance(0.1)) {
      this.#pauses += 1;
      await chaos.api.post(`/${this.id}/pause`);
    }
  }

  async nobody() {
    const last = this.script
      .calls()
      .filter((call) => this.#isLast(call))
      .at(-1);
    // Closed by the server of now, so by no kill. If a kill followed at once that can't be told from here, so that in
    // the end it is asked.
    if (last?.closedAt && last.life === this.chaos.life) this.ended = true;
    else if (this.chaos.roundsOver || this.kills >= KILLS_MAX) await this.get();
  }

  /** Asserts all that was promised, and gives the number of calls that were made again. */
  async check() {
    const { api } = this.chaos;
    const status = await api.reach(this.id, "complete", 30_000);
    assert.equal(status.output.finalResult.trimEnd(), this.result);
    assert.deepEqual(status.output.structured ?? null, this.structured ? JSON.parse(this.#json) : null);
    assert.deepEqual(
      [status.answer.reviewed ?? false, status.parent?.id ?? null],
      [this.reviewed, this.parent?.id ?? null],
    );
    assert.deepEqual(
      (status.history ?? []).map(({ request, answer }) => ({ request, answer: answer.trimEnd() })),
      this.history,
    );
    this.#checkCalls();
    const answers = this.tasks.map((task) => this.answerOf(task.id));
    assert.deepEqual(status.output.workerResponses, this.form === "direct" ? [this.result] : answers);
    assert.deepEqual(status.warnings, []);

    const journal = await eventually(`the journal of ${this.id}`, () => journalOf(api, this.id));
    assert.deepEqual([...assertSound(journal)], [], "attempts without an end");
    assert.equal(journal.at(-1).type, "workflow_completed");
    assert.deepEqual(
      this.events,
      journal.slice(0, this.events.length),
      "a client was shown an event that is not in the journal",
    );
    const completed = journal.filter((event) => event.type === "attempt_completed").map((event) => event.step);
    assert.equal(new Set(completed).size, completed.length, `completed twice: ${completed}`);
    return this.again();
  }

  /** Every call was shown what was asked and answered before it. */
  #checkCalls() {
    for (const call of this.script.calls()) {
      const shown = call.messages.map(({ content }) => content).join("\n");
      for (const { request, answer } of this.history)
        assert.ok(shown.includes(request) && shown.includes(answer), `${this.id} called ${call.step} without its past`);
    }
  }

  /** Calls that were repeated: a completed one never, any other once for each kill at most. */
  again() {
    // A call that is made again with the validator's words is another one.
    const calls = Map.groupBy(this.script.calls(), (call) => `${stepOf(call)} ${isRepair(call) ? "repair" : ""}`);
    const repeated = { completed: 0, lost: 0 };
    for (const made of calls.values()) {
      const step = stepOf(made[0]);
      const lives = made.map((call) => call.life);
      assert.equal(new Set(lives).size, lives.length, `${this.id} called ${step} twice between two kills: ${lives}`);
      repeated.lost += made.length - 1;
      const known = this.seen.get(step);
      repeated.completed += known === undefined ? 0 : lives.filter((life) => life > known).length;
    }
    return repeated;
  }

  #saw(step) {
    if (!this.seen.has(step)) this.seen.set(step, this.chaos.life);
  }
}

/** The system's message, the user's, and after them a reply that did not do with what was wrong with it. */
function isRepair(call) {
  return call.step === "structure" && call.messages.length > 2;
}

/** An edit of the reviewer's, whose answer has no parts. */
function correction([old, replacement]) {
  return `@edit\n<<<<\n${old}\n====\n${replacement}\n>>>>`;
}

function stepOf({ step, task, kind }) {
  if (step === "review") return "review/1";
  if (step === "edit") return kind === "edit" ? "edit/1" : "edit/2";
  return task ? `subtask/${task}` : step;
}

function randomTasks(random) {
  const ids = Array.from({ length: random.whole(2, 5) }, (_, index) => `t${index + 1}`);
  return ids.map((id, index) => ({ id, depends_on: ids.slice(0, index).filter(() => random.chance(0.3)) }));
}

/** A kill breaks connections; everything else is a failure of the test. */
function brokenOff(error) {
  if (error instanceof assert.AssertionError || error instanceof ReferenceError || error instanceof SyntaxError)
    throw error;
}
