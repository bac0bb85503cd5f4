// Which workflow, step and subtask a model call is for.

const WORKFLOW = /\(workflow-marker ([\w-]+)\)/;
/**
 * Where the call's own request begins: a follow-up shows earlier ones before it, with the markers of theirs. One
 * without a marker goes on with their script.
 */
const OWN_REQUEST = "\n<user_request>\n";
const TASK = /\(task-marker ([\w-]+)\)/g;

/**
 * How the system prompt of each kind of call begins (`src/engine/ask/prompts/*.md`; a test in `prompts/tests` holds
 * both together), and the step that makes it. The plain prompts begin as the others do.
 */
const KINDS = [
  ["You plan the work on a user's request.", "plan", "plan"],
  ["You write one part of the answer to a user's request.", "part", "subtask"],
  ["You answer a user's request.", "direct", "synthesis"],
  ["You are the editor of the answer to a user's request.", "edit", "edit"],
  ["You repair edits that could not be applied.", "edit-repair", "edit"],
  ["You write the final answer to a user's request from its parts.", "merge", "synthesis"],
  ["You review an answer before it goes to the user who wrote <user_request>.", "review", "review"],
  ["You turn a finished answer into JSON.", "structure", "structure"],
  ["You condense parts of the answer to a user's request", "reduce", "reduce"],
];

/** The prompt of a workflow that its calls can be told by. */
export function markPrompt(prompt, workflow) {
  return `${prompt} (workflow-marker ${workflow})`;
}

/**
 * `{ workflow, kind, step, task }`. `kind` tells the ways apart in which a step is asked: a synthesis is `merge`
 * or `direct`, an edit `edit` or `edit-repair`; an editor that is asked for one text is a `merge` too. A call that
 * begins in no known way is told by its shape: a call with a schema, or that tells the model of `depends_on`, asks for
 * a plan, and models named big and small tell the rest.
 */
export function identify({ model, messages, schema }) {
  const texts = messages.map((message) => String(message?.content ?? ""));
  const all = texts.join("\n");
  // The last one: a subtask's own instructions come last, after the titles of all, which may have been made from
  // instructions.
  const lastTask = [...all.matchAll(TASK)].at(-1)?.[1] ?? null;
  const own = all.slice(Math.max(0, all.indexOf(OWN_REQUEST)));
  const workflow = (WORKFLOW.exec(own) ?? WORKFLOW.exec(all))?.[1] ?? null;
  const known = KINDS.find(([beginning]) => texts[0]?.startsWith(beginning));
  const [, kind, step] = known ?? ["", ...guess({ model, texts, schema, task: lastTask })];
  return { workflow, kind, step, task: step === "subtask" ? lastTask : null };
}

function guess({ model, texts, schema, task }) {
  if (schema || texts.some((part) => part.includes("depends_on"))) return ["plan", "plan"];
  const small = model.startsWith("small") || (!model.startsWith("big") && task !== null);
  return small ? ["part", "subtask"] : ["merge", "synthesis"];
}
