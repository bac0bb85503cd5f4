// The texts of workflows as resources: what an agent reads in ranges instead of filling its context with all of it.

import { OrchestratorError } from "../../../client/index.js";
import { badParams, INTERNAL_ERROR, RpcError, shown } from "./protocol.js";
import { Characters, cut } from "./text.js";

const SCHEME = "orchestrator://workflows/";
const MARKDOWN = "text/markdown";
const PAGE = 50;

export const TEMPLATES = [
  {
    uriTemplate: `${SCHEME}{id}/answer{?start,end}`,
    name: "answer",
    title: "Answer of a workflow",
    description: "The final answer, whole or the characters from start (included) to end (not included).",
    mimeType: MARKDOWN,
  },
  {
    uriTemplate: `${SCHEME}{id}/subtasks/{task}{?start,end}`,
    name: "subtask",
    title: "Answer of one subtask",
    description: "What a subtask, such as t1, has answered, whole or in a range, before the editor put it in place.",
    mimeType: MARKDOWN,
  },
  {
    uriTemplate: `${SCHEME}{id}/structured`,
    name: "structured",
    title: "Answer as JSON",
    description: "The JSON that fits the workflow's output_schema, where it was started with one.",
    mimeType: "application/json",
  },
];

export const answerUri = (id) => `${SCHEME}${encodeURIComponent(id)}/answer`;
export const structuredUri = (id) => `${SCHEME}${encodeURIComponent(id)}/structured`;
export const subtaskUri = (id, task) => `${SCHEME}${encodeURIComponent(id)}/subtasks/${encodeURIComponent(task)}`;

/** A page of the answers that there are, newest first. */
export async function listResources(client, { cursor }) {
  if (cursor !== undefined && typeof cursor !== "string") throw badParams("The cursor must be a string");
  const page = await worded(() => client.page({ status: "complete", limit: PAGE, cursor }));
  return {
    resources: page.workflows.map(({ id, prompt, end }) => ({
      uri: answerUri(id),
      name: id,
      title: cut(prompt.replace(/\s+/g, " ").trim(), 80),
      mimeType: MARKDOWN,
      annotations: { lastModified: end },
    })),
    ...(page.next ? { nextCursor: page.next } : {}),
  };
}

/** `notFound`: the code of an error that says that there is no such resource, which the eras have differently. */
export async function readResource(client, { uri }, notFound) {
  if (typeof uri !== "string") throw badParams("The uri must be a string");
  const none = (message) => new RpcError(notFound, message, 200, { uri });
  const { id, part, range } = partsOf(uri, none);
  const fields = part === "answer" || part === "structured" ? "status,output" : "status,steps,steps.output";
  const status = await worded(() => client.status(id, { fields }), none);
  const { text, mimeType } = contentOf(status, id, part, none);
  if (range === null) return { contents: [{ uri, mimeType, text }] };
  const characters = new Characters(text);
  const { start = 0, end = characters.length } = range;
  if (start > characters.length || end < start)
    throw badParams(`The range ${start} to ${end} is not within the ${characters.length} characters`, 200, { uri });
  const _meta = {
    "orchestrator-workers/range": { start, end: Math.min(end, characters.length), of: characters.length },
  };
  return { contents: [{ uri, mimeType, text: characters.slice(start, end), _meta }] };
}

function partsOf(uri, none) {
  const [, id, part, query] =
    /^orchestrator:\/\/workflows\/([\w-]+)\/(answer|structured|subtasks\/[^/?#]+)(?:\?([^#]*))?$/.exec(uri) ?? [];
  if (id === undefined) throw none(`There is no resource ${shown(uri)}: resources/templates/list says which there are`);
  try {
    return { id: decodeURIComponent(id), part: decodeURIComponent(part), range: rangeOf(query) };
  } catch (error) {
    if (error instanceof RpcError) throw error;
    throw none(`The uri ${shown(uri)} is not well-formed`);
  }
}

/** `{ start, end }` of a query, of which either may be absent; null where there is none. */
function rangeOf(query) {
  if (!query) return null;
  const range = {};
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== "start" && name !== "end") throw badParams(`A range has start and end, and not ${shown(name)}`);
    if (!/^\d{1,15}$/.test(value)) throw badParams(`${name} is ${shown(value)}: expected a whole number of characters`);
    range[name] = Number(value);
  }
  return range;
}

function contentOf(status, id, part, none) {
  if (part === "answer" && status.output) return { text: status.output.finalResult, mimeType: MARKDOWN };
  const json = status.output?.structured;
  if (part === "structured" && json !== undefined && json !== null)
    return { text: JSON.stringify(json), mimeType: "application/json" };
  const step = status.steps?.find(({ name }) => name === part.replace("subtasks", "subtask"));
  if (typeof step?.output === "string") return { text: step.output, mimeType: MARKDOWN };
  throw none(`The workflow ${id} is ${status.status} and has no ${part.replace("/", " ")}${step ? " yet" : ""}`);
}

/** Our problems, in JSON-RPC's words. */
async function worded(ask, none) {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    if (error.status === 404 && none) throw none(error.message);
    if (error.status === 400 && !none) throw badParams(error.message);
    throw new RpcError(INTERNAL_ERROR, error.message, 200, error.problem ?? undefined);
  }
}
