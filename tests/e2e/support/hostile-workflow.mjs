// One workflow of the chaos test whose model servers misbehave at random.

import assert from "node:assert/strict";
import { contract, editor } from "../emulators/answers.mjs";
import { fails, reads, sloppy } from "../emulators/hostile.mjs";
import { planJson, text } from "../emulators/scripts.mjs";

/** Failing replies of a step in a row: five attempts end a step, and the kills of the test cost none. */
const FAILURES_MAX = 3;

export class HostileWorkflow {
  /** The names of what was sent, each time. */
  sent = [];

  /** `world`: `{ api, emulator, random }`. */
  constructor(world, id) {
    this.world = world;
    this.id = id;
    const { random } = world;
    this.tasks = Array.from({ length: random.whole(1, 4) }, (_, index) => `t${index + 1}`);
    this.assembled = random.chance(0.4);
    this.script = world.emulator.workflow((call) => this.#reply(call));
  }

  get body() {
    return { id: this.id, prompt: this.script.prompt() };
  }

  answerOf(task) {
    return `What ${this.id} says of ${task ?? "all"}: 🎉 ünïcode, "quotes" and <b>tags</b>.\n\n- one\n- two`;
  }

  #said(call) {
    if (call.step === "plan") return this.assembled ? contract(this.tasks).text : planJson(this.tasks);
    return call.kind === "edit" ? editor(call, { lead: this.answerOf(null) }).text : this.answerOf(call.task);
  }

  #reply(call) {
    const { random } = this.world;
    const said = this.#said(call);
    const kinds = call.number <= FAILURES_MAX && random.chance(0.35) ? fails : reads;
    const [name, script] = random.oneOf(Object.entries(kinds));
    this.sent.push(`${call.step} ${call.task ?? ""} ${call.number}: ${name}`);
    if (call.step === "plan" && kinds === reads && random.chance(0.3)) return text(sloppy(said));
    return script(said);
  }

  /** Asserts that every text is whole, or marked where it is not. Gives the number of warnings. */
  async check() {
    const status = await this.world.api.reach(this.id, "complete", 60_000);
    const told = `${JSON.stringify(status.warnings)} after ${this.sent.join("; ")}`;
    const isWarned = (step) => status.warnings.some((warning) => warning.step === step);
    // One subtask is one call of the big model.
    for (const task of this.tasks.length > 1 ? this.tasks : []) {
      const step = status.steps.find((candidate) => candidate.name === `subtask/${task}`);
      assert.ok(step, `${this.id} has no subtask ${task}: ${told}`);
      if (!isWarned(step.name)) assert.equal(step.output, this.answerOf(task), told);
    }
    if (!this.assembled || this.tasks.length === 1) {
      if (!isWarned("synthesis")) assert.equal(status.output.finalResult, this.answerOf(null), told);
    } else if (status.warnings.length === 0) {
      const parts = [null, ...this.tasks].map((task) => this.answerOf(task));
      assert.equal(status.output.finalResult.trimEnd(), parts.join("\n\n"), told);
    }
    return status.warnings.length;
  }
}
