// What a restart runs again, and what it throws away: as `restart` of src/engine/decide/controls.rs has it.

import { EDIT, findStep, isResolved, REPAIR, type Step, shortName, type Workflow } from "./state";

/** The body of `POST /ID/restart`. */
export type From = "everything" | "failed" | { name: string };

export const bodyOf = (from: From): unknown => (from === "everything" ? {} : { from });

/** The steps that run again though they have run, with all that depends on them. */
export function resetBy(workflow: Workflow, from: From): Step[] {
  if (from === "everything" || (typeof from === "object" && from.name === "plan")) return workflow.steps;
  const hasFailed = (step: Step) => step.state === "errored" || step.state === "skipped";
  const repair = findStep(workflow, REPAIR);
  // The editor's call takes the place of the synthesis's. Where only its repair failed, it stays.
  const edits = from === "failed" ? !repair || !hasFailed(repair) : from.name === "synthesis";
  const chosen = (step: Step) =>
    (edits && step.name === EDIT) || (from === "failed" ? hasFailed(step) : step.name === from.name);
  const names = new Set(workflow.steps.filter(chosen).map((step) => step.name));
  for (let known = -1; known !== names.size; ) {
    known = names.size;
    for (const step of workflow.steps) if (step.dependsOn.some((name) => names.has(name))) names.add(step.name);
  }
  // A synthesis of other answers, or of all where some are new, is another one.
  return workflow.steps.filter((step) => names.has(step.name) || step.kind === "synthesis");
}

/** What exists now and would be gone, in words; empty where nothing is lost. */
export function lostBy(workflow: Workflow, from: From): string[] {
  const steps = resetBy(workflow, from);
  const lost = steps
    .filter((step) => step.kind === "subtask" && step.answer !== null)
    .map((step) => shortName(step.name));
  const plan = steps.some((step) => step.kind === "plan") && workflow.plan !== null;
  return [...(workflow.result === null ? [] : ["the answer"]), ...(plan ? ["the plan"] : []), ...lost];
}

/** The steps without an answer that a restart from the synthesis runs: those that were never begun or were stopped. */
export function leftOver(workflow: Workflow): Step[] {
  if (!workflow.steps.some((step) => step.kind === "synthesis")) return [];
  return workflow.steps.filter((step) => step.kind !== "plan" && !isResolved(step));
}
