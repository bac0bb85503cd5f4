// What a restart runs again, and what it throws away: as `restart` of src/engine/decide/controls.rs has it.

import {
  EDIT,
  findStep,
  isAfterSynthesis,
  isResolved,
  REPAIR,
  REVIEW,
  STRUCTURE,
  type Step,
  shortName,
  type Workflow,
} from "./state";

/** The body of `POST /ID/restart`. */
export type From = "everything" | "failed" | { name: string };

/** `remark`: what the step should do otherwise. */
export const bodyOf = (from: From, remark = ""): unknown =>
  from === "everything" ? {} : { from, ...(remark.trim() ? { instructions: remark.trim() } : {}) };

/** The steps that run again though they have run, with all that depends on them. */
export function resetBy(workflow: Workflow, from: From): Step[] {
  if (from === "everything" || (typeof from === "object" && from.name === "plan")) return workflow.steps;
  const hasFailed = (step: Step) => step.state === "errored" || step.state === "skipped";
  const repair = findStep(workflow, REPAIR);
  const failed = workflow.steps.filter(hasFailed);
  // Where the answer is whole, only what comes after it is done again.
  const isWhole =
    failed.length > 0 && failed.every(isAfterSynthesis) && findStep(workflow, "synthesis")?.answer != null;
  // The editor's call takes the place of the synthesis's. Where only its repair failed, it stays.
  const edits = from === "failed" ? !isWhole && (!repair || !hasFailed(repair)) : from.name === "synthesis";
  const chosen = (step: Step) =>
    (edits && step.name === EDIT) || (from === "failed" ? hasFailed(step) : step.name === from.name);
  const names = new Set(workflow.steps.filter(chosen).map((step) => step.name));
  addDependents(workflow, names);
  // A synthesis of other answers, or of all where some are new, is another one.
  const before = (step: Step) => names.has(step.name) && !isAfterSynthesis(step);
  if (workflow.steps.some(before) || (from === "failed" && !isWhole)) names.add("synthesis");
  addDependents(workflow, names);
  return workflow.steps.filter((step) => names.has(step.name));
}

function addDependents({ steps }: Workflow, names: Set<string>): void {
  for (let known = -1; known !== names.size; ) {
    known = names.size;
    for (const step of steps) if (step.dependsOn.some((name) => names.has(name))) names.add(step.name);
  }
}

/** What exists now and would be gone, in words; empty where nothing is lost. */
export function lostBy(workflow: Workflow, from: From): string[] {
  const steps = resetBy(workflow, from);
  const lost = steps
    .filter((step) => step.kind === "subtask" && step.answer !== null)
    .map((step) => shortName(step.name));
  const plan = steps.some((step) => step.kind === "plan") && workflow.plan !== null;
  return [...answersLostBy(workflow, steps), ...(plan ? ["the plan"] : []), ...lost];
}

/** Of the answer, its review and its JSON: what is not made of another one that is lost. */
function answersLostBy({ result, reviewed }: Workflow, reset: Step[]): string[] {
  const of = (wanted: string) => reset.find(({ name }) => name === wanted);
  if (of("synthesis")) return result === null ? [] : ["the answer"];
  const review = of(REVIEW) && reviewed !== null ? ["the review of the answer"] : [];
  return of(STRUCTURE)?.answer ? [...review, "the answer as JSON"] : review;
}

/**
 * The steps without an answer, which were never begun or were stopped, and the first of those that make the answer: a
 * restart from there runs them all, and keeps what there is.
 */
export function leftOver(workflow: Workflow): { steps: Step[]; from: Step | undefined } {
  const steps = workflow.steps.filter((step) => step.kind !== "plan" && !isResolved(step));
  return { steps, from: steps.find((step) => step.kind === "synthesis" || isAfterSynthesis(step)) };
}
