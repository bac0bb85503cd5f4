// Editing a plan: what the server would refuse is said before it is sent.

import type { PlannedTask } from "../workflow/events";

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

export function problemOf(tasks: PlannedTask[], subtasksMax: number): string | null {
  if (tasks.length > subtasksMax) return `At most ${subtasksMax} subtasks are allowed.`;
  const empty = tasks.find((task) => !task.instructions.trim());
  if (empty) return `${empty.id} has no instructions yet.`;
  const stuck = tasksInCycles(tasks);
  return stuck.length > 0 ? `${stuck.join(", ")} depend on each other in a circle.` : null;
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
