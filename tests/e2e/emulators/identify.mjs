// Which workflow, step and subtask a model call is for, by traits that do not depend on the wording of the prompts.

const WORKFLOW = /\(workflow-marker ([\w-]+)\)/;
const TASK = /\(task-marker ([\w-]+)\)/g;

/** The prompt of a workflow that its calls can be told by. */
export function markPrompt(prompt, workflow) {
  return `${prompt} (workflow-marker ${workflow})`;
}

/**
 * A call with a schema, or that tells the model of `depends_on`, asks for a plan. Models named big and small tell the
 * rest; other names are told by the task marker, which only calls of subtasks carry.
 */
export function identify({ model, messages, schema }) {
  const texts = messages.map((message) => String(message?.content ?? ""));
  const all = texts.join("\n");
  // The last one: a subtask's own instructions come last, after the titles of all, which may have been made from
  // instructions.
  const task = [...all.matchAll(TASK)].at(-1)?.[1] ?? null;
  const workflow = WORKFLOW.exec(all)?.[1] ?? null;
  if (schema || texts.some((part) => part.includes("depends_on"))) return { workflow, step: "plan", task: null };
  const small = model.startsWith("small") || (!model.startsWith("big") && task !== null);
  return small ? { workflow, step: "subtask", task } : { workflow, step: "synthesis", task: null };
}
