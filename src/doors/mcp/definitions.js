// What a client is told of the tools: names, words for the model, schemas. The words are what a model decides by.

export const WAIT_SECONDS_MAX = 45;
export const CHARS_DEFAULT = 8_000;
/** Clients bound the size of an event; Python's takes 1 MiB, in which both forms of a result have to fit. */
const CHARS = { minimum: 2_000, maximum: 100_000 };
export const STATUSES = [
  "queued",
  "running",
  "waiting",
  "waitingForPause",
  "paused",
  "complete",
  "errored",
  "terminated",
];

export const INSTRUCTIONS =
  "This server answers one large request at a time by a durable workflow: a big model splits it into parts, small " +
  "models write them at once, and one answer is put together. Use it for reports, plans, comparisons and small code " +
  "bases, which take minutes; not for chat, short questions, or anything that needs the web, files or tools. " +
  "start_workflow returns an id at once. Then call get_workflow with it, again and again, until done is true: the " +
  "run goes on whatever becomes of your calls, so never start it a second time. Long answers come in ranges of " +
  "characters.";

const ID = {
  type: "string",
  pattern: "^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,99}$",
  minLength: 1,
  description: "The workflow's id, as start_workflow or list_workflows gave it.",
};
const PROMPT = {
  type: "string",
  minLength: 1,
  description:
    "The whole request, understandable on its own: the models see neither your conversation nor files nor the web, " +
    "so put in all material and requirements. At most 128 KiB.",
};
const waiting = (initially) => ({
  type: "integer",
  minimum: 0,
  maximum: WAIT_SECONDS_MAX,
  default: initially,
  description: "Seconds to wait for the end of the workflow before this call returns.",
});
const MAX_CHARS = {
  type: "integer",
  ...CHARS,
  default: CHARS_DEFAULT,
  description: "The most characters of this result. More fills your context: better read in ranges.",
};

const TASKS = {
  type: "array",
  items: {
    type: "object",
    properties: {
      instructions: { type: "string", minLength: 1, description: "What to do, understandable on its own." },
      id: { type: "string", description: "Such as t1, for depends_on of others." },
      title: { type: "string" },
      depends_on: { type: "array", items: { type: "string" }, description: "Ids of those whose answers it is given." },
    },
    required: ["instructions"],
    additionalProperties: false,
  },
};

const OPTIONS = {
  instructions: { type: "string", description: "Tone, format, domain: given to every model call." },
  mode: {
    type: "string",
    enum: ["auto", "direct", "split"],
    description: "auto (default): the planner chooses; direct: one call of the big model; split: subtasks in any case.",
  },
  length: {
    type: "string",
    enum: ["brief", "normal", "full"],
    description:
      "brief: at most 400 words; normal (default): about what one call writes; full: as long as it deserves.",
  },
  max_words: { type: "integer", minimum: 50, maximum: 20_000, description: "Instead of length: most words of prose." },
  review: { type: "string", enum: ["none", "once"], description: "once: one call more reads and corrects the answer." },
  approval: {
    type: "string",
    enum: ["none", "plan"],
    description:
      "plan: it waits after planning until approve_plan is called. Use it where the user wants to see the plan.",
  },
  max_subtasks: { type: "integer", minimum: 1, maximum: 50, description: "Most subtasks of the plan; 8 by default." },
  deadline_seconds: { type: "integer", minimum: 1, maximum: 604_800, description: "Be done within about this time." },
  token_budget: { type: "integer", minimum: 1, maximum: 1_000_000_000, description: "Spend about this many tokens." },
  output_schema: {
    type: "object",
    description: "A JSON Schema (2020-12): the answer then also comes as JSON that fits it.",
  },
};

const object = (properties, required = []) => ({ type: "object", properties, required, additionalProperties: false });
const nullable = (schema) => ({ anyOf: [schema, { type: "null" }] });
const list = (items) => ({ type: "array", items });
const STRING = { type: "string" };
const INTEGER = { type: "integer" };
const RANGE = { start: INTEGER, end: INTEGER };

/** What is known of one workflow. */
const WORKFLOW = {
  type: "object",
  properties: {
    id: STRING,
    status: { type: "string", enum: STATUSES },
    done: { type: "boolean", description: "It has ended: complete, errored or terminated." },
    summary: STRING,
    next: { type: "string", description: "What to do now." },
    answer: nullable({
      type: "object",
      description: "The characters start to end of the answer, or of the part that was asked for.",
      properties: {
        part: STRING,
        text: STRING,
        ...RANGE,
        total: INTEGER,
        whole: { type: "boolean" },
        uri: STRING,
        outline: list({ type: "object", properties: { title: STRING, level: INTEGER, ...RANGE } }),
      },
      required: ["part", "text", "start", "end", "total", "whole", "uri"],
    }),
    structured: { description: "JSON that fits output_schema, where it is short enough." },
    structured_uri: STRING,
    steps: list({ type: "object", properties: { name: STRING, title: STRING, state: STRING } }),
    steps_left_out: INTEGER,
    plan: { type: "object", description: "The plan that waits for approval." },
    warnings: list(STRING),
    error: nullable({ type: "object", properties: { name: STRING, message: STRING } }),
  },
  required: ["id", "status", "done", "summary", "next", "answer", "error"],
};

const LIST = {
  type: "object",
  properties: {
    workflows: list({
      type: "object",
      properties: { id: STRING, status: { type: "string", enum: STATUSES }, prompt: STRING, queued: STRING },
      required: ["id", "status", "prompt"],
    }),
    counts: { type: "object", description: "All workflows by status." },
    next_cursor: nullable(STRING),
  },
  required: ["workflows", "counts", "next_cursor"],
};

const READS = { readOnlyHint: true, openWorldHint: false };
const STARTS = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };

export const TOOLS = [
  {
    name: "start_workflow",
    title: "Start a workflow",
    description:
      "Starts work on one large request (a report, a plan, a comparison, a small code base) that is worth several " +
      "model calls and some minutes. Returns at once with an id; then call get_workflow until done is true. Not for " +
      "short questions. The run survives time-outs and crashes, so do not start it again: with the same " +
      "idempotency_key a repetition gives the same workflow. Kept for some days after its end.",
    inputSchema: object(
      {
        prompt: PROMPT,
        ...OPTIONS,
        tasks: { ...TASKS, description: "Your own subtasks, instead of a plan. Usually better left out." },
        idempotency_key: {
          type: "string",
          minLength: 1,
          description: "A word of your own that makes a repetition harmless.",
        },
        wait_seconds: waiting(0),
        max_chars: MAX_CHARS,
      },
      ["prompt"],
    ),
    outputSchema: WORKFLOW,
    annotations: STARTS,
  },
  {
    name: "get_workflow",
    title: "Status or answer of a workflow",
    description:
      "How a workflow stands, and its answer once it is complete. Waits up to 45 seconds for the end; call it again " +
      "while done is false. A long answer comes as its first characters with an outline of its headings and their " +
      "ranges: read on with start, or read only the sections that you need.",
    inputSchema: object(
      {
        id: ID,
        wait_seconds: waiting(WAIT_SECONDS_MAX),
        part: { type: "string", description: 'What to read: "answer" (default), or a step such as "subtask/t1".' },
        start: {
          type: "integer",
          minimum: 0,
          maximum: 100_000_000,
          description: "The first character to read; 0 by default.",
        },
        max_chars: MAX_CHARS,
      },
      ["id"],
    ),
    outputSchema: WORKFLOW,
    annotations: READS,
  },
  {
    name: "list_workflows",
    title: "List workflows",
    description: "The workflows of this access token, newest first: to find an id again, or to see what still runs.",
    inputSchema: object({
      status: {
        type: "array",
        items: { type: "string", enum: STATUSES },
        description: "Only those of these statuses.",
      },
      q: {
        type: "string",
        minLength: 1,
        description: "Only those whose prompt begins with a text that has these words.",
      },
      parent: { type: "string", minLength: 1, description: "Only those that follow up this id." },
      limit: { type: "integer", minimum: 1, maximum: 25, default: 10 },
      cursor: { type: "string", description: "next_cursor of the page before." },
    }),
    outputSchema: LIST,
    annotations: READS,
  },
  {
    name: "approve_plan",
    title: "Approve a plan",
    description:
      "Lets a workflow go on whose status is waiting: it was started with approval plan. Ask the user first. With " +
      "tasks these replace the proposed ones; without, the plan is taken as it is.",
    inputSchema: object({ id: ID, tasks: { ...TASKS, description: "In place of all proposed subtasks." } }, ["id"]),
    outputSchema: WORKFLOW,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
  {
    name: "terminate_workflow",
    title: "End a workflow",
    description: "Ends a workflow that has not ended. Its running calls are lost, and it gives no answer.",
    inputSchema: object({ id: ID }, ["id"]),
    outputSchema: WORKFLOW,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  },
  {
    name: "follow_up",
    title: "Go on with an answer",
    description:
      "Starts a new workflow that goes on with a complete one: its models see that request and answer, so ask for a " +
      "change, a continuation or a detail. Returns a new id at once, as start_workflow does.",
    inputSchema: object(
      {
        id: { ...ID, description: "The id of the complete workflow to go on with." },
        prompt: { ...PROMPT, description: "The further request." },
        ...OPTIONS,
        idempotency_key: {
          type: "string",
          minLength: 1,
          description: "A word of your own that makes a repetition harmless.",
        },
        wait_seconds: waiting(0),
        max_chars: MAX_CHARS,
      },
      ["id", "prompt"],
    ),
    outputSchema: WORKFLOW,
    annotations: STARTS,
  },
];

export const PROMPTS = [
  {
    name: "long_answer",
    title: "Answer by a workflow",
    description: "Has a large request answered in parts, and shows the answer.",
    arguments: [{ name: "request", description: "What to write.", required: true }],
  },
];

/** What a prompt puts in front of the model. */
export const promptText = (request) =>
  "Have this request answered by the tool start_workflow. First put all material that it needs from this " +
  "conversation into its prompt. Then call get_workflow until done is true, read the whole answer in ranges where it " +
  `is long, and show it to me as it is.\n\nThe request: ${request}`;
