// The states of a workflow in which a server may end, and what is to become of each.

import assert from "node:assert/strict";
import { rateLimited } from "../emulators/openai-errors.mjs";
import { held, plan, text } from "../emulators/scripts.mjs";
import { stepOf } from "./api.mjs";

/** The calls of a workflow by step, as `{ plan: 1, "subtask/a": 2 }`. */
export function countsOf(workflow) {
  const counts = {};
  for (const { step, task } of workflow.calls()) {
    const name = task ? `${step}/${task}` : step;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/**
 * `script(call, gate)` brings a workflow into the state, `there(workflow, status)` tells that it is in it, `before` is
 * asked for just before the server ends, `back` once it is back. In the end the model server has seen `calls`, attempts
 * of the steps `failures` have failed, and the answer is `result`, or else that of `defaultScript`.
 */
export const STATES = {
  planning: {
    script: (call, gate) => (call.step === "plan" && call.number === 1 ? held(gate, plan(["late"])) : undefined),
    there: (workflow) => workflow.count("plan") === 1,
    calls: { plan: 2, "subtask/t1": 1, "subtask/t2": 1, "subtask/t3": 1, synthesis: 1 },
  },
  "repairing a plan, at the last of its five attempts": {
    script: (call, gate) => {
      if (call.step !== "plan") return undefined;
      if (call.number <= 4) return text("This is no plan.");
      return call.number === 5 ? held(gate, text("Neither is this.")) : plan(["a", "b"]);
    },
    there: (workflow) => workflow.count("plan") === 5,
    calls: { plan: 6, "subtask/a": 1, "subtask/b": 1, synthesis: 1 },
    failures: ["plan", "plan", "plan", "plan"],
  },
  "in mid fan-out": {
    script: (call, gate) => {
      if (call.step === "plan") return plan(["done", "slow", { id: "after", depends_on: ["slow", "done"] }]);
      return call.task === "slow" && call.number === 1 ? held(gate, text("Lost.")) : undefined;
    },
    there: async (workflow, status) =>
      workflow.count("subtask", "slow") === 1 && stepOf(await status(), "subtask/done").success === true,
    calls: { plan: 1, "subtask/done": 1, "subtask/slow": 2, "subtask/after": 1, synthesis: 1 },
  },
  "while a retry waits": {
    script: (call) => {
      if (call.step === "plan") return plan(["busy", "calm"]);
      return call.task === "busy" && call.number === 1 ? rateLimited(2) : undefined;
    },
    there: async (_, status) => (await status()).steps.some((step) => step.retry_at),
    calls: { plan: 1, "subtask/busy": 2, "subtask/calm": 1, synthesis: 1 },
    failures: ["subtask/busy"],
  },
  synthesising: {
    script: (call, gate) => (call.step === "synthesis" && call.number === 1 ? held(gate, text("Lost.")) : undefined),
    there: (workflow) => workflow.count("synthesis") === 1,
    calls: { plan: 1, "subtask/t1": 1, "subtask/t2": 1, "subtask/t3": 1, synthesis: 2 },
  },
  "continuing a truncated synthesis": {
    script: (call, gate) => {
      if (call.step === "plan") return plan(["a", "b"]);
      if (call.step !== "synthesis") return undefined;
      if (call.number === 1) return text("The first part, ", { finish: "length" });
      return call.number === 2 ? held(gate, text("Lost.")) : text("and the second.");
    },
    there: (workflow) => workflow.count("synthesis") === 2,
    calls: { plan: 1, "subtask/a": 1, "subtask/b": 1, synthesis: 3 },
    result: "The first part, and the second.",
  },
  pausing: {
    script: (call, gate) => {
      if (call.step === "plan") return plan(["done", "slow", { id: "after", depends_on: ["done"] }]);
      return call.number === 1 && (call.task === "slow" || call.task === "after")
        ? held(gate, text("Lost."))
        : undefined;
    },
    there: (workflow) => workflow.count("subtask") === 3,
    before: async (api, id) => assert.equal((await api.post(`/${id}/pause`)).json.status.status, "waitingForPause"),
    back: async (api, id) => {
      await api.reach(id, "paused");
      assert.equal((await api.post(`/${id}/resume`)).status, 200);
    },
    calls: { plan: 1, "subtask/done": 1, "subtask/slow": 2, "subtask/after": 2, synthesis: 1 },
  },
  "waiting for approval": {
    options: { approval: "plan" },
    script: (call) => (call.step === "plan" ? plan(["a", "b"]) : undefined),
    there: async (_, status) => (await status()).status === "waiting",
    back: async (api, id) => {
      assert.equal((await api.status(id)).status, "waiting");
      assert.equal((await api.post(`/${id}/approve`)).status, 200);
    },
    calls: { plan: 1, "subtask/a": 1, "subtask/b": 1, synthesis: 1 },
  },
};
