// Editing a plan: what the server would refuse is said before it is sent, and every change can be undone.

import { count } from "../lib/format";
import type { Border, Form, Plan, PlannedTask } from "../workflow/events";

/** A plan in the words of its form: what is a number in the API is a text here, as somebody types it. */
export interface Contract {
  form: Form;
  /** Words of the whole; empty where it has none. */
  length: string;
  shared: string;
  borders: Required<Border>[];
  criteria: string[];
  tasks: DraftTask[];
}

export type DraftTask = Required<Omit<PlannedTask, "words">> & { words: string };

/** A plan as it is being edited. */
export interface PlanEdit {
  plan: Contract;
  /** How it was before each change, the latest last. */
  past: Contract[];
  /** What the latest change was of: typing on in the same field is one change. */
  of: string;
}

const PAST_MAX = 100;

export const EDITOR = "editor";

export function contractOf(plan: Plan | null): Contract {
  return {
    form: plan?.form ?? "merge",
    length: plan?.length === undefined ? "" : String(plan.length),
    shared: plan?.shared ?? "",
    borders: (plan?.borders ?? []).map(({ what, owner = "" }) => ({ what, owner })),
    criteria: plan?.criteria ?? [],
    tasks: (plan?.tasks ?? []).map(draftTask),
  };
}

export const draftTask = ({ id, title, instructions, depends_on, ...rest }: PlannedTask): DraftTask => ({
  id,
  title,
  instructions,
  depends_on,
  criteria: rest.criteria ?? [],
  words: rest.words === undefined ? "" : String(rest.words),
  model: rest.model ?? "small",
});

export const begun = (plan: Contract): PlanEdit => ({ plan, past: [], of: "" });

export function changed(edit: PlanEdit, plan: Contract, of: string): PlanEdit {
  const typingOn = of !== "" && of === edit.of;
  return { plan, past: typingOn ? edit.past : [...edit.past, edit.plan].slice(-PAST_MAX), of };
}

export function undone(edit: PlanEdit): PlanEdit {
  const plan = edit.past.at(-1);
  return plan ? { plan, past: edit.past.slice(0, -1), of: "" } : edit;
}

export function freeId(tasks: { id: string }[]): string {
  let number = tasks.length + 1;
  while (tasks.some((task) => task.id === `t${number}`)) number++;
  return `t${number}`;
}

/** Without a task, without what depended on it, and with nobody in its place where it decided. */
export const withoutTask = (plan: Contract, id: string): Contract => ({
  ...plan,
  borders: plan.borders.map((border) => (border.owner === id ? { ...border, owner: "" } : border)),
  tasks: plan.tasks
    .filter((task) => task.id !== id)
    .map((task) => ({ ...task, depends_on: task.depends_on.filter((other) => other !== id) })),
});

/** Without a criterion, by its number. The tasks name those after it by one less. */
export const withoutCriterion = (plan: Contract, number: number): Contract => ({
  ...plan,
  criteria: plan.criteria.filter((_, index) => index + 1 !== number),
  tasks: plan.tasks.map((task) => ({
    ...task,
    criteria: task.criteria.filter((own) => own !== number).map((own) => (own > number ? own - 1 : own)),
  })),
});

/** Who answers for a criterion: `t1, t3`, or the editor where no subtask does. */
export const ownersOf = (tasks: Pick<PlannedTask, "id" | "criteria">[], number: number): string =>
  tasks
    .filter((task) => task.criteria?.includes(number))
    .map(({ id }) => id)
    .join(", ") || "the editor";

/** The body of an approval: only what was changed. */
export function editOf(now: Contract, before: Contract): Record<string, unknown> {
  const sent = { now: bodyOf(now), before: bodyOf(before) };
  const isChanged = (name: keyof Contract) => JSON.stringify(sent.now[name]) !== JSON.stringify(sent.before[name]);
  const names = (Object.keys(sent.now) as (keyof Contract)[]).filter(isChanged);
  return Object.fromEntries(names.map((name) => [name, sent.now[name]]));
}

/** As the API has it. Without a title the server makes one. */
export function bodyOf(plan: Contract): Record<keyof Contract, unknown> {
  const tasks = plan.tasks.map(({ id, title, instructions, depends_on, criteria, words, model }) => ({
    id,
    ...(title.trim() ? { title } : {}),
    instructions,
    depends_on,
    ...(criteria.length > 0 ? { criteria } : {}),
    ...(words.trim() ? { words: Number(words) } : {}),
    ...(model === "big" ? { model } : {}),
  }));
  const borders = plan.borders.map(({ what, owner }) => (owner ? { what, owner } : { what }));
  const length = plan.length.trim() ? Number(plan.length) : undefined;
  return { form: plan.form, length, shared: plan.shared, borders, criteria: plan.criteria, tasks };
}

export type TaskField = "title" | "instructions" | "needs" | "words" | "model" | "criteria";

/**
 * What is wrong, where. With an id: in a field of that task. Else in a field of the whole (`length`, `shared`, `form`,
 * `border-0`, `criterion-2`), or without a field with the plan as it is.
 */
export interface PlanFault {
  id: string | null;
  field: string | null;
  text: string;
}

/** In characters and numbers, as src/engine/words/plan.rs has them. */
const TITLE_CHARS_MAX = 200;
const INSTRUCTIONS_CHARS_MAX = 16_000;
const SHARED_CHARS_MAX = 32_000;
const LINE_CHARS_MAX = 500;
const BORDERS_MAX = 60;
const CRITERIA_MAX = 40;
const WORDS_MIN = 20;
const WORDS_MAX = 20_000;
const LENGTH_WORDS_MAX = 1_000_000;

/** `planned`: what was proposed. A length can be changed, and not taken back. */
export function faultsOf(plan: Contract, subtasksMax: number, planned: Contract = contractOf(null)): PlanFault[] {
  const faults: PlanFault[] = [];
  const fault = (id: string | null, field: string | null, text: string) => faults.push({ id, field, text });
  const long = (id: string | null, field: string, text: string, max: number) => {
    const { length } = [...text];
    if (length > max) fault(id, field, `Too long: ${length} characters of at most ${max}.`);
  };
  const words = (id: string | null, field: string, value: string, max: number, isOptional: boolean) => {
    const text = value.trim();
    if (!text && isOptional) return;
    const isFine = /^\d{1,7}$/.test(text) && Number(text) >= WORDS_MIN && Number(text) <= max;
    const none = isOptional ? ", or nothing" : "";
    if (!isFine) fault(id, field, `Enter a whole number from ${WORDS_MIN} to ${count(max)}${none}.`);
  };
  words(null, "length", plan.length, LENGTH_WORDS_MAX, planned.length === "");
  long(null, "shared", plan.shared, SHARED_CHARS_MAX);
  const lines = (name: string, texts: string[], max: number) => {
    if (texts.length > max) fault(null, `${name}-${max}`, `At most ${max} are allowed: remove some.`);
    for (const [index, text] of texts.entries()) {
      if (!text.trim()) fault(null, `${name}-${index}`, "Say what it is, or remove it.");
      long(null, `${name}-${index}`, text, LINE_CHARS_MAX);
    }
  };
  lines(
    "border",
    plan.borders.map(({ what }) => what),
    BORDERS_MAX,
  );
  lines("criterion", plan.criteria, CRITERIA_MAX);
  const { tasks } = plan;
  if (tasks.length > subtasksMax) fault(null, null, `At most ${subtasksMax} subtasks are allowed: remove some.`);
  for (const task of tasks) {
    long(task.id, "title", task.title, TITLE_CHARS_MAX);
    if (!task.instructions.trim()) fault(task.id, "instructions", `Say what ${task.id} has to do.`);
    long(task.id, "instructions", task.instructions, INSTRUCTIONS_CHARS_MAX);
    words(task.id, "words", task.words, WORDS_MAX, true);
  }
  const stuck = tasksInCycles(tasks);
  for (const id of stuck) fault(id, "needs", `${stuck.join(", ")} wait for each other in a circle.`);
  return faults;
}

function tasksInCycles(tasks: DraftTask[]): string[] {
  const done = new Set<string>();
  for (let again = true; again; ) {
    const ready = tasks.filter((task) => !done.has(task.id) && task.depends_on.every((id) => done.has(id)));
    for (const task of ready) done.add(task.id);
    again = ready.length > 0;
  }
  return tasks.filter((task) => !done.has(task.id)).map((task) => task.id);
}

/** The fields of a task by their names in the API. */
const TASK_FIELDS: Record<string, TaskField> = {
  title: "title",
  instructions: "instructions",
  depends_on: "needs",
  words: "words",
  model: "model",
  criteria: "criteria",
};

/** Where the server's refusal of a field belongs: `tasks[1].words`, `borders[0]`, `shared`. Null where nowhere. */
export function placeOf(field: string, plan: Contract): Pick<PlanFault, "id" | "field"> | null {
  const [, name = "", index, inner = ""] = /^(\w+)(?:\[(\d+)\])?(?:\.(\w+))?/.exec(field) ?? [];
  const at = index === undefined ? null : Number(index);
  if (name === "tasks") {
    const task = at === null ? undefined : plan.tasks[at];
    return task ? { id: task.id, field: TASK_FIELDS[inner] ?? "instructions" } : null;
  }
  if (name === "borders" || name === "criteria") {
    const one = name === "borders" ? "border" : "criterion";
    return { id: null, field: at !== null && at < plan[name].length ? `${one}-${at}` : name };
  }
  return name === "shared" || name === "form" || name === "length" ? { id: null, field: name } : null;
}
