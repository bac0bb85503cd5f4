// The workflow as the page shows it while somebody edits its plan: with the steps that an approval would make.

import { createStore, type Store, useStore } from "../lib/store";
import { awaitsApproval } from "../workflow/outcome";
import { withPlan } from "../workflow/reduce";
import type { Workflow } from "../workflow/state";
import { bodyOf, type Contract, contractOf, type PlanEdit } from "./plan";
import { planDraft } from "./planDrafts";

/** What became of a step in the plan that is being edited. */
export type Mark = "new" | "edited";

export interface Drafted {
  /** Its `plan` is still the one that waits at the server. */
  workflow: Workflow;
  /** By the names of steps. Null where nothing is being edited. */
  marks: Map<string, Mark> | null;
}

const NONE: Store<PlanEdit | null> = createStore<PlanEdit | null>(null);

export function useDrafted(id: string, workflow: Workflow): Drafted {
  const edits = awaitsApproval(workflow) && workflow.plan !== null;
  const edit = useStore<PlanEdit | null>(edits ? (planDraft(id, workflow) as Store<PlanEdit | null>) : NONE);
  return edit ? drafted(workflow, edit.plan) : { workflow, marks: null };
}

export function drafted(workflow: Workflow, plan: Contract): Drafted {
  const before = contractOf(workflow.plan);
  if (JSON.stringify(bodyOf(plan)) === JSON.stringify(bodyOf(before))) return { workflow, marks: null };
  const planned = new Map(before.tasks.map((task) => [task.id, JSON.stringify(task)]));
  const marks = new Map<string, Mark>();
  for (const task of plan.tasks) {
    const old = planned.get(task.id);
    if (old !== JSON.stringify(task)) marks.set(`subtask/${task.id}`, old === undefined ? "new" : "edited");
  }
  const tasks = plan.tasks.map(({ words: _, ...task }) => ({ ...task, title: task.title.trim() || "No title yet" }));
  return { workflow: withPlan(workflow, { tasks, form: plan.form }), marks };
}
