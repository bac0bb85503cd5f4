import { awaitsApproval } from "../workflow/outcome";
import { EDIT, findStep, isDirect, isTerminal, lastAttempt, type Step, type Workflow } from "../workflow/state";

/** What the side panel shows: `answer`, `log` or a step's name. Without a choice it follows the run. */
export function panelOf(workflow: Workflow, fragment: string): string {
  if (isChosen(workflow, fragment)) return fragment;
  if (isTerminal(workflow.status)) return "answer";
  if (awaitsApproval(workflow) && findStep(workflow, "plan")) return "plan";
  // With nothing else to look at, the answer leads.
  if (workflow.plan && isDirect(workflow)) return "answer";
  const writer = findStep(workflow, EDIT) ?? findStep(workflow, "synthesis");
  if (writer && writer.state !== "pending") return "answer";
  const active =
    workflow.steps.find((step) => step.state === "running") ?? workflow.steps.find((step) => step.state === "retrying");
  if (active) return active.name;
  // Nothing runs while it is paused: what was made last says more than what has not begun.
  if (workflow.status === "paused") {
    const started = (step: Step) => lastAttempt(step)?.start ?? 0;
    const latest = [...workflow.steps].sort((a, b) => started(b) - started(a))[0];
    if (latest && latest.attempts.length > 0) return latest.name;
  }
  return workflow.steps.find((step) => step.state === "pending")?.name ?? "answer";
}

/** Whether the fragment names something that there is: a stale or mistaken one leaves the page following the run. */
export const isChosen = (workflow: Workflow, fragment: string): boolean =>
  fragment === "answer" || fragment === "log" || findStep(workflow, fragment) !== undefined;

/** The step that is shown beside the answer when its tab is opened. */
export function stepFor(workflow: Workflow, panel: string): string {
  if (findStep(workflow, panel)) return panel;
  const telling =
    workflow.steps.find((step) => step.state === "running") ?? workflow.steps.find((step) => step.state === "errored");
  return (telling ?? workflow.steps[0])?.name ?? "plan";
}
