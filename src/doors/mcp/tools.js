// The tools: from arguments to our API, and from its answers to results.

import { OrchestratorError } from "../../../client/index.js";
import { checked, ToolError } from "./arguments.js";
import { CHARS_DEFAULT, TOOLS, WAIT_SECONDS_MAX } from "./definitions.js";
import { watch } from "./progress.js";
import { badParams, isObject, shown } from "./protocol.js";
import { MAX_CHARS } from "./tasks.js";
import { cut } from "./text.js";
import { resultOf } from "./view.js";

const FIELDS = "status,error,output,mode,plan,answer,start,end,warnings,steps,usage";
const LIST_LIMIT = 10;

/**
 * A call of a tool, ready to be made: `{ waits, run(client, tell, signal) }`. Throws where the request itself is wrong.
 * `waits`: it may take a while, in which `tell` is told what happens. `starts`: it starts a workflow. `asTask`: its
 * client will ask for the result by the id alone.
 */
export function prepared(/** @type {any} */ { name, arguments: args }, { asTask = false } = {}) {
  const given = args ?? {};
  if (typeof name !== "string") throw badParams("The name of the tool must be a string");
  const tool = TOOLS.find((each) => each.name === name);
  if (!tool) throw badParams(`Unknown tool: ${shown(name)}. There are: ${TOOLS.map((each) => each.name).join(", ")}`);
  if (!isObject(given)) throw badParams("The arguments must be an object");
  const usual = name === "get_workflow" ? WAIT_SECONDS_MAX : 0;
  const { wait_seconds: seconds = usual } = given;
  return {
    waits: seconds !== 0,
    starts: RUN[name] === begin,
    run: (client, tell, signal) =>
      asResult(() => RUN[name](client, checked(given, tool.inputSchema), tell, signal, asTask)),
  };
}

const RUN = {
  start_workflow: begin,
  follow_up: begin,
  async get_workflow(client, { id, wait_seconds: seconds = WAIT_SECONDS_MAX, ...asked }, tell, signal) {
    return read(client, id, seconds, asked, tell, signal);
  },
  async list_workflows(client, { status, limit = LIST_LIMIT, ...query }) {
    return listed(await client.page({ ...query, limit, ...(status?.length > 0 ? { status: status.join(",") } : {}) }));
  },
  async approve_plan(client, { id, tasks }) {
    await client.approve(id, tasks && { tasks });
    return read(client, id, 0);
  },
  async terminate_workflow(client, { id }) {
    await client.terminate(id);
    return read(client, id, 0);
  },
};

async function begin(client, given, tell, signal, asTask) {
  const { wait_seconds: seconds = 0, max_chars, idempotency_key: key, ...asked } = given;
  // Elsewhere it would make the same request, with the same key, another one.
  const metadata = asTask && max_chars ? { [MAX_CHARS]: String(max_chars) } : undefined;
  const { id } = await client.submit({ ...submissionOf(asked), metadata }, { idempotencyKey: key });
  try {
    return await read(client, id, seconds, { max_chars }, tell, signal);
  } catch (error) {
    // It has begun: whatever happens now, the id must not be lost.
    if (!(error instanceof OrchestratorError)) throw error;
    throw new ToolError(`The workflow ${id} has been started; call get_workflow with this id. ${error.message}`);
  }
}

/** The submission that our API takes, from the arguments of a tool. */
function submissionOf(/** @type {any} */ { prompt, id, tasks, max_words, length, ...options }) {
  if (length !== undefined && max_words !== undefined) throw new ToolError("Give length or max_words, not both.");
  const extent = max_words === undefined ? length : { max_words };
  return { prompt, follow_up_to: id, tasks, options: { ...options, length: extent } };
}

async function read(client, id, seconds, { part = "answer", start = 0, max_chars = CHARS_DEFAULT } = {}, tell, signal) {
  if (tell && seconds > 0) await watch(client, id, seconds, tell, signal);
  const fields = part === "answer" ? FIELDS : `${FIELDS},steps.output`;
  const status = await client.status(id, { fields, wait: tell ? undefined : seconds, signal });
  return resultOf(id, status, { part, start, max_chars });
}

/** A page of the list within the usual bound: prompts are cut until it fits. */
function listed({ workflows, counts, next }) {
  const some = (chars) => ({
    workflows: workflows.map(({ id, status, prompt, parent, queued, end, subtasks, error }) => ({
      id,
      status,
      prompt: cut(prompt.replace(/\s+/g, " "), chars),
      queued,
      ...(end ? { end } : { subtasks }),
      ...(parent ? { parent } : {}),
      ...(error ? { error } : {}),
    })),
    counts,
    next_cursor: next,
  });
  const fits = [120, 60, 30, 10].map(some).find((candidate) => JSON.stringify(candidate).length <= CHARS_DEFAULT);
  const structuredContent = fits ?? some(1);
  const text = JSON.stringify(structuredContent);
  return { content: [{ type: "text", text }], structuredContent };
}

/** What is the caller's or the service's fault is a result too, so that a model reads it and can do better. */
async function asResult(run) {
  try {
    return await run();
  } catch (error) {
    const words = error instanceof OrchestratorError ? wordsFor(error) : error instanceof ToolError && error.message;
    if (!words) throw error;
    return { content: [{ type: "text", text: words }], isError: true };
  }
}

/** A problem of our API in the words of the tools. */
function wordsFor({ message, status, retryAfterMs, problem }) {
  const isNamed = problem?.field && problem.field !== "follow_up_to";
  const field = isNamed ? ` (${problem.field.replace(/^options\./, "")})` : "";
  const later = retryAfterMs ? ` Try again in ${Math.ceil(retryAfterMs / 1_000)} s.` : "";
  const words = message.replace(/^(.*?: )?follow_up_to is/, "$1id is");
  const found = status === 404 ? " list_workflows shows which workflows there are." : "";
  return `${words}${field}${/[.!?]$/.test(words) ? "" : "."}${found}${later}`;
}
