// STATUS as a result of a tool: at most so many characters, in two forms of which a client gives its model one. Claude
// Code and VS Code give it the structured form, others the text, so both hold all that matters. Pure.

import { ToolError } from "./arguments.js";
import { answerUri, structuredUri, subtaskUri } from "./resources.js";
import { Characters, cut, number, outlineOf } from "./text.js";

const ENDED = ["complete", "errored", "terminated"];
/** How much of the lists and texts around the answer is shown: less and less, until there is room. */
const DETAILS = [1, 0.5, 0.2, 0.05, 0];
/** How much of a result they may take, where there is an answer to show. */
const FRAME_SHARE = 0.5;
const NEXT = {
  waiting: "The plan waits for approval: show it to the user, then call approve_plan or terminate_workflow.",
  paused: "It is paused until somebody resumes it in the console or by the API; terminate_workflow ends it.",
  errored: "It has failed, and starting it again will not help unless the error says so.",
  terminated: "It was ended before it had an answer.",
};

/** A result of `tools/call`. `asked`: `{ part, start, max_chars }`, all with their defaults. */
export function resultOf(id, status, { part, start, max_chars: most }) {
  const source = textOf(id, status, part, start);
  const compose = (detail, length) => composed(id, status, source, detail, start, length);
  const share = source ? FRAME_SHARE : 1;
  const detail = DETAILS.find((candidate) => sizeOf(compose(candidate, 0)) <= most * share) ?? 0;
  if (!source) return compose(detail, 0);
  let length = Math.min(source.characters.length - start, most);
  const frame = sizeOf(compose(detail, 0));
  for (;;) {
    const result = compose(detail, length);
    const size = sizeOf(result);
    if (size <= most || length === 0) return result;
    // A character may take six, as JSON writes it.
    const shorter = Math.floor(length * Math.min(0.98, Math.max(0, (most - frame) / (size - frame))));
    length = atLine(source, start, shorter);
  }
}

/** What is read: the answer, or the text of a step; null where there is none yet. */
function textOf(id, status, part, start) {
  const step = status.steps.find(({ name }) => name === part || name === `subtask/${part}`);
  if (part !== "answer" && !step) {
    const names = status.steps.map(({ name }) => name).join(", ");
    throw new ToolError(`The workflow ${id} has no step ${JSON.stringify(part)}. There are: answer, ${names}.`);
  }
  const text = part === "answer" ? status.output?.finalResult : step.output;
  if (typeof text !== "string") {
    if (start > 0) throw new ToolError(`The workflow ${id} is ${status.status}: there is no text yet to read from.`);
    return null;
  }
  const characters = new Characters(text);
  if (start > characters.length)
    throw new ToolError(`start is ${number(start)}, but there are ${number(characters.length)} characters.`);
  const task = step?.name.startsWith("subtask/") && step.name.slice("subtask/".length);
  const uri = part === "answer" ? answerUri(id) : task ? subtaskUri(id, task) : null;
  return { part: part === "answer" ? part : step.name, characters, outline: outlineOf(text), uri };
}

/** A length that ends with a line, where one ends near it. */
function atLine({ characters }, start, length) {
  const text = characters.slice(start, start + length);
  const line = text.lastIndexOf("\n") + 1;
  return line > text.length * 0.8 ? new Characters(text.slice(0, line)).length : length;
}

/** The longer of the two forms, in characters as they are sent. */
function sizeOf({ content, structuredContent }) {
  return Math.max(
    content.reduce((sum, block) => sum + (block.text ?? JSON.stringify(block)).length, 0),
    JSON.stringify(structuredContent).length,
  );
}

function composed(id, status, source, detail, start, length) {
  const some = (all, most) => all.slice(0, Math.ceil(most * detail));
  const words = (text) => cut(text, Math.ceil(60 + 1_000 * detail));
  const done = ENDED.includes(status.status);
  const total = source?.characters.length ?? 0;
  const end = start + length;
  const whole = start === 0 && end === total;
  const answer = source && {
    part: source.part,
    start,
    end,
    total,
    whole,
    uri: source.uri ?? "",
    ...(whole
      ? {}
      : {
          outline: some(source.outline, 60).map((each) => ({ ...each, title: cut(each.title, 80) })),
        }),
    text: source.characters.slice(start, end),
  };
  // What has ended is read by its parts, and how it went is told by its warnings.
  const waits = status.status === "waiting";
  const listed = status.steps.filter(({ name }) => !waits && (!done || name.startsWith("subtask/")));
  const steps = some(listed, 60).map(({ name, title, state }) => ({ name, title: cut(title, 60), state }));
  const structured = status.output?.structured ?? null;
  const isShort = structured !== null && JSON.stringify(structured).length <= 3_000 * detail;
  const frame = {
    id,
    status: status.status,
    done,
    summary: summaryOf(status),
    next: nextOf(id, status, answer),
    ...(isShort ? { structured } : {}),
    ...(structured !== null ? { structured_uri: structuredUri(id) } : {}),
    ...(waits ? { plan: planOf(status.plan, some, words) } : {}),
    ...(listed.length > 0 ? { steps, steps_left_out: listed.length - steps.length } : {}),
    warnings: some(status.warnings, 20).map(({ step, message }) => words(`${step}: ${message}`)),
    error: status.error && { name: status.error.name, message: words(status.error.message) },
  };
  const links = answer?.uri ? linksOf(id, answer) : [];
  return {
    content: [{ type: "text", text: markdownOf(frame, answer) }, ...links],
    structuredContent: { ...frame, answer },
  };
}

function summaryOf({ status, mode, steps, answer, usage, start, end }) {
  const tasks = steps.filter(({ name }) => name.startsWith("subtask/"));
  const over = tasks.filter(({ state }) => ["complete", "errored", "skipped"].includes(state)).length;
  const running = steps.filter(({ state }) => state === "running").map(({ name }) => name);
  const parts = [
    status,
    mode.chosen === "direct" ? "answered directly by one call" : "",
    tasks.length > 0 ? `${over} of ${tasks.length} subtasks done` : "",
    running.length > 0 ? `now ${running.slice(0, 8).join(", ")}${running.length > 8 ? ", …" : ""}` : "",
    answer ? `${number(answer.words)} words` : "",
    start && end ? `${Math.round((Date.parse(end) - Date.parse(start)) / 1000)} s` : "",
    `${number(usage.model_calls)} model call${usage.model_calls === 1 ? "" : "s"}`,
    `${usage.estimated ? "about " : ""}${number(usage.total_tokens)} tokens`,
  ];
  return parts.filter(Boolean).join("; ");
}

function nextOf(id, status, answer) {
  if (answer && answer.end < answer.total)
    return (
      `Read on: get_workflow with id ${id}${answer.part === "answer" ? "" : `, part ${answer.part}`} and start ` +
      `${answer.end}; or only a section, from its start in the outline.`
    );
  if (status.status === "complete")
    return `${answer?.whole ? "This is the whole text. " : ""}follow_up goes on with it.`;
  return (
    NEXT[status.status] ?? "Call get_workflow with this id again: it waits for the end. The run goes on by itself."
  );
}

function planOf(plan, some, words) {
  if (!plan) return {};
  return {
    estimate: plan.estimate,
    analysis: words(plan.analysis),
    tasks: some(plan.tasks, 50).map(({ id, title, instructions, depends_on }) => ({
      id,
      title: cut(title, 80),
      instructions: words(instructions),
      depends_on,
    })),
    tasks_in_all: plan.tasks.length,
  };
}

function linksOf(id, { uri, part, start, end, total, whole }) {
  const link = (at, description) => ({
    type: "resource_link",
    uri: at,
    name: `${part} of ${id}`,
    description,
    mimeType: "text/markdown",
  });
  const links = [link(uri, `All ${number(total)} characters; with ?start=N&end=M a range of them`)];
  if (!whole && end < total) links.push(link(`${uri}?start=${end}`, `The characters from ${number(end)} on`));
  else if (start > 0) links.push(link(`${uri}?start=0&end=${start}`, `The characters before ${number(start)}`));
  return links;
}

/** The same as text. The answer comes last, as it is. */
function markdownOf(frame, answer) {
  const { id, summary, next, structured, structured_uri, plan, steps, steps_left_out: left, warnings, error } = frame;
  const lines = [`Workflow ${id}: ${summary}.`];
  if (error) lines.push(`Error ${error.name}: ${error.message}`);
  for (const warning of warnings) lines.push(`Warning: ${warning}`);
  lines.push(next);
  if (plan) lines.push("", `Plan: ${JSON.stringify(plan)}`);
  if (steps?.length > 0) {
    lines.push("", ...steps.map(({ name, title, state }) => `- ${name} (${title}): ${state}`));
    if (left > 0) lines.push(`- and ${left} more`);
  }
  if (structured !== undefined) lines.push("", `JSON: ${JSON.stringify(structured)}`);
  else if (structured_uri) lines.push("", `Its JSON is the resource ${structured_uri}`);
  if (answer?.outline?.length > 0) {
    const entry = ({ title, level, start, end }) => `${"  ".repeat(level - 1)}- ${title} (${start} to ${end})`;
    lines.push("", "Outline, with the characters of each section:", ...answer.outline.map(entry));
  }
  if (answer) {
    const range = answer.whole ? "" : `, characters ${answer.start} to ${answer.end} of ${answer.total}`;
    lines.push("", `The text (${answer.part}${range}):`, "", answer.text);
  }
  return lines.join("\n");
}
