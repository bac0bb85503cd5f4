// Which workflow, step and subtask a model call is for, by traits that do not depend on the wording of the prompts.

const WORKFLOW = /\(workflow-marker ([\w-]+)\)/;
const TASK = /\(task-marker ([\w-]+)\)/;

/** The prompt of a workflow that its calls can be told by. */
export function markPrompt(prompt, workflow) {
  return `${prompt} (workflow-marker ${workflow})`;
}

/**
 * A call with a schema, or that tells the model of `depends_on`, asks for a plan. Models named big and small tell the rest; other
 * names are told by the task marker, which only a subtask's own instructions carry.
 */
export function identify({ model, messages, schema }) {
  const texts = messages.map((message) => String(message?.content ?? ""));
  const all = texts.join("\n");
  const task = TASK.exec(all)?.[1] ?? null;
  const workflow = WORKFLOW.exec(all)?.[1] ?? null;
  if (schema || texts.some((part) => part.includes("depends_on"))) return { workflow, step: "plan", task: null };
  const small = model.startsWith("small") || (!model.startsWith("big") && task !== null);
  return small ? { workflow, step: "subtask", task } : { workflow, step: "synthesis", task: null };
}
