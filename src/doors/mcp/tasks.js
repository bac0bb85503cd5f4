// The extension io.modelcontextprotocol/tasks: to a client that declares it, a workflow is a task of the same id, which
// it polls by itself. The tools stay as they are; only what starts a workflow returns its task instead of a result.

import { OrchestratorError } from "../../../client/index.js";
import { ToolError } from "./arguments.js";
import { CHARS_DEFAULT } from "./definitions.js";
import { badParams, INTERNAL_ERROR, INVALID_PARAMS, isObject, RpcError, shown } from "./protocol.js";
import { cut } from "./text.js";
import { resultOf } from "./view.js";

export const TASKS = "io.modelcontextprotocol/tasks";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
const MISSING_CAPABILITY = -32021;
const FIELDS = "status,error,output,run,mode,plan,answer,metadata,queued,start,end,purge,warnings,steps,usage";
const POLL_MS = 5_000;
/** Under which a submission keeps how long its result may be, for whoever asks for it later. */
export const MAX_CHARS = "mcp.max_chars";

/** What a client has declared on its request. */
const declared = ({ _meta }) => _meta[CAPABILITIES];
export const declaresTasks = (params) => isObject(declared(params).extensions?.[TASKS]);
const declaresElicitation = (params) => isObject(declared(params).elicitation);

/** The task in place of the result of a tool that has started a workflow, or the result where no task is needed. */
export async function startedTask(client, params, result) {
  const { id, done, status } = result.structuredContent ?? {};
  // Whoever can't be asked for the approval by its client needs the id, to call approve_plan.
  if (result.isError || done || (status === "waiting" && !declaresElicitation(params))) return result;
  /** @type {any} */
  const { result: _, inputRequests: __, ...task } = await taskOf(client, params, id);
  return { ...task, resultType: "task" };
}

/** The methods, of which each needs that the client declares the extension. */
export const TASK_METHODS = Object.fromEntries(
  Object.entries({ "tasks/get": get, "tasks/update": update, "tasks/cancel": cancel }).map(([name, method]) => [
    name,
    (params, { client }) => {
      if (!declaresTasks(params))
        throw new RpcError(MISSING_CAPABILITY, `Missing required client capability: ${TASKS}`, 400, {
          requiredCapabilities: { extensions: { [TASKS]: {} } },
        });
      if (typeof params.taskId !== "string") throw badParams("The taskId must be a string");
      if (!/^\w[\w-]{0,99}$/.test(params.taskId)) throw badParams(`There is no task ${shown(params.taskId)}`);
      return method(client, params);
    },
  ]),
);

function get(client, params) {
  return taskOf(client, params, params.taskId);
}

/** The client's answers. Those to what is not asked at present are left aside, as the extension has it. */
async function update(client, { taskId: id, inputResponses }) {
  if (!isObject(inputResponses)) throw badParams("The inputResponses must be an object");
  const status = await found(() => client.status(id, { fields: "status,run" }));
  const { action, content } = inputResponses[keyOf(status)] ?? {};
  if (status.status !== "waiting") return {};
  if (action === "accept" && content?.approve === true) await found(() => client.approve(id));
  else if (action === "decline" || action === "accept") await found(() => client.terminate(id));
  return {};
}

async function cancel(client, { taskId }) {
  await found(() => client.terminate(taskId));
  return {};
}

async function taskOf(client, params, id) {
  const status = await found(() => client.status(id, { fields: FIELDS }));
  const times = status.steps.flatMap(({ start, end }) => [start, end]);
  const task = {
    taskId: id,
    createdAt: status.queued,
    lastUpdatedAt: [status.queued, status.start, status.end, ...times].filter(Boolean).sort().at(-1),
    ttlMs: status.purge ? Date.parse(status.purge) - Date.parse(status.queued) : null,
    pollIntervalMs: POLL_MS,
  };
  const most = Number(status.metadata[MAX_CHARS]) || CHARS_DEFAULT;
  const result = resultOf(id, status, { part: "answer", start: 0, max_chars: most });
  const { summary: statusMessage } = result.structuredContent;
  switch (status.status) {
    case "complete":
      return { ...task, status: "completed", statusMessage, result };
    case "errored":
      return { ...task, status: "completed", statusMessage, result: { ...result, isError: true } };
    case "terminated":
      return { ...task, status: "cancelled", statusMessage };
    case "waiting":
      if (declaresElicitation(params))
        return { ...task, status: "input_required", statusMessage, inputRequests: { [keyOf(status)]: asked(status) } };
      return { ...task, status: "working", statusMessage: `${statusMessage}; approve_plan lets workflow ${id} go on` };
    default:
      return { ...task, status: "working", statusMessage };
  }
}

/** A plan is approved once in each run. */
const keyOf = ({ run }) => `approval-${run}`;

function asked({ plan }) {
  const tasks = (plan?.tasks ?? []).map(({ title }, index) => `${index + 1}. ${cut(title, 80)}`);
  const calls = plan?.estimate ? ` It takes about ${plan.estimate.calls} model calls.` : "";
  return {
    method: "elicitation/create",
    params: {
      mode: "form",
      message: `The plan waits for your approval.${calls}\n${tasks.join("\n")}`,
      requestedSchema: {
        type: "object",
        properties: { approve: { type: "boolean", title: "Go on with this plan", default: true } },
        required: ["approve"],
      },
    },
  };
}

/** What our API refuses, in JSON-RPC's words. What can't be done any more is done. */
async function found(ask) {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ToolError) throw badParams(error.message);
    if (!(error instanceof OrchestratorError)) throw error;
    if (error.status === 409) return undefined;
    throw new RpcError(error.status === 404 ? INVALID_PARAMS : INTERNAL_ERROR, error.message);
  }
}
