import { findStep, isTerminal, type Workflow } from "../workflow/state";

/** What the side panel shows: `answer`, `log` or a step's name. Without a choice it follows the run. */
export function panelOf(workflow: Workflow, fragment: string): string {
  if (fragment === "answer" || fragment === "log" || findStep(workflow, fragment)) return fragment;
  if (isTerminal(workflow.status)) return "answer";
  if (workflow.status === "waiting" && findStep(workflow, "plan")) return "plan";
  const synthesis = findStep(workflow, "synthesis");
  if (synthesis && synthesis.state !== "pending") return "answer";
  const active =
    workflow.steps.find((step) => step.state === "running") ?? workflow.steps.find((step) => step.state === "retrying");
  if (active) return active.name;
  return workflow.steps.find((step) => step.state === "pending")?.name ?? "answer";
}

/** The step that is shown beside the answer when its tab is opened. */
export function stepFor(workflow: Workflow, panel: string): string {
  if (findStep(workflow, panel)) return panel;
  const telling =
    workflow.steps.find((step) => step.state === "running") ?? workflow.steps.find((step) => step.state === "errored");
  return (telling ?? workflow.steps[0])?.name ?? "plan";
}
