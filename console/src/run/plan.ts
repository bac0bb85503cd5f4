// Editing a plan: what the server would refuse is said before it is sent, and every change can be undone.

import type { PlannedTask } from "../workflow/events";

/** A plan as it is being edited. */
export interface PlanEdit {
  tasks: PlannedTask[];
  /** How it was before each change, the latest last. */
  past: PlannedTask[][];
  /** What the latest change was of: typing on in the same field is one change. */
  of: string;
}

const PAST_MAX = 100;

export const begun = (tasks: PlannedTask[]): PlanEdit => ({ tasks, past: [], of: "" });

export function changed(edit: PlanEdit, tasks: PlannedTask[], of: string): PlanEdit {
  const typingOn = of !== "" && of === edit.of;
  return { tasks, past: typingOn ? edit.past : [...edit.past, edit.tasks].slice(-PAST_MAX), of };
}

export function undone(edit: PlanEdit): PlanEdit {
  const tasks = edit.past.at(-1);
  return tasks ? { tasks, past: edit.past.slice(0, -1), of: "" } : edit;
}

export function freeId(tasks: PlannedTask[]): string {
  let number = tasks.length + 1;
  while (tasks.some((task) => task.id === `t${number}`)) number++;
  return `t${number}`;
}

/** Without a task, and without what depended on it. */
export const withoutTask = (tasks: PlannedTask[], id: string): PlannedTask[] =>
  tasks
    .filter((task) => task.id !== id)
    .map((task) => ({ ...task, depends_on: task.depends_on.filter((other) => other !== id) }));

export type TaskField = "title" | "instructions" | "needs";

/** What is wrong, where. Without an id: with the plan as a whole. */
export interface PlanFault {
  id: string | null;
  field: TaskField | null;
  text: string;
}

/** In characters, as src/engine/words/plan.rs has them. */
const TITLE_CHARS_MAX = 200;
const INSTRUCTIONS_CHARS_MAX = 16_000;

export function faultsOf(tasks: PlannedTask[], subtasksMax: number): PlanFault[] {
  const faults: PlanFault[] = [];
  const fault = (id: string | null, field: TaskField | null, text: string) => faults.push({ id, field, text });
  if (tasks.length > subtasksMax) fault(null, null, `At most ${subtasksMax} subtasks are allowed: remove some.`);
  for (const { id, title, instructions } of tasks) {
    const long = (field: TaskField, text: string, max: number) => {
      const { length } = [...text];
      if (length > max) fault(id, field, `Too long: ${length} characters of at most ${max}.`);
    };
    long("title", title, TITLE_CHARS_MAX);
    if (!instructions.trim()) fault(id, "instructions", `Say what ${id} has to do.`);
    long("instructions", instructions, INSTRUCTIONS_CHARS_MAX);
  }
  const stuck = tasksInCycles(tasks);
  for (const id of stuck) fault(id, "needs", `${stuck.join(", ")} wait for each other in a circle.`);
  return faults;
}

function tasksInCycles(tasks: PlannedTask[]): string[] {
  const done = new Set<string>();
  for (let again = true; again; ) {
    const ready = tasks.filter((task) => !done.has(task.id) && task.depends_on.every((id) => done.has(id)));
    for (const task of ready) done.add(task.id);
    again = ready.length > 0;
  }
  return tasks.filter((task) => !done.has(task.id)).map((task) => task.id);
}
