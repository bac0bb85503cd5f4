// The workflow as the page shows it while somebody edits its plan: with the steps that an approval would make.

import { createStore, type Store, useStore } from "../lib/store";
import type { PlannedTask } from "../workflow/events";
import { awaitsApproval } from "../workflow/outcome";
import { withTasks } from "../workflow/reduce";
import type { Workflow } from "../workflow/state";
import type { PlanEdit } from "./plan";
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
  return edit ? drafted(workflow, edit.tasks) : { workflow, marks: null };
}

export function drafted(workflow: Workflow, tasks: PlannedTask[]): Drafted {
  const planned = new Map(workflow.plan?.tasks.map((task) => [task.id, JSON.stringify(task)]));
  if (JSON.stringify(tasks) === JSON.stringify(workflow.plan?.tasks)) return { workflow, marks: null };
  const marks = new Map<string, Mark>();
  for (const task of tasks) {
    const before = planned.get(task.id);
    if (before !== JSON.stringify(task)) marks.set(`subtask/${task.id}`, before === undefined ? "new" : "edited");
  }
  const titled = tasks.map((task) => ({ ...task, title: task.title.trim() || "No title yet" }));
  return { workflow: withTasks(workflow, titled), marks };
}
