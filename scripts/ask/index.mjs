// Submits a prompt, shows the subtasks while they run, prints the answer. Or prints the list of the workflows, or the
// answer of one. Needs Node 18 and nothing else.

import { commands, quoted } from "../lib/command.mjs";
import { makeAnswer } from "./answer.mjs";
import { Client, STANDING } from "./client.mjs";
import { rowOf, tableOf } from "./list.mjs";
import { commandOf, Failure, help, parseCommandLine, parseGet, parseList } from "./options.mjs";
import { makeProgress, silent } from "./progress.mjs";
import { promptOf } from "./prompt.mjs";
import { cut, printable, sentence } from "./text.mjs";

/** A planner may say more than one wants to read here. */
const REASON_COLUMNS = 240;
/** Workflows among which one may have been under way at the same time. */
const RECENT = 100;
const { env, stdout, stderr } = process;

/** Resolves to the exit code. */
export async function ask(args) {
  // The reader of a pipe may have seen enough: `ask ... | head`.
  stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));
  try {
    const { command, args: rest } = commandOf(args);
    if (command === "list") return await list(rest);
    if (command === "get") return await get(rest);
    return await submitAndFollow(rest);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    stderr.write(`ask: ${failure.message}\n`);
    return failure.exitCode;
  }
}

async function list(args) {
  const { help: isHelp, url, token, json, query, limit } = parseList(args, env);
  if (isHelp) return printHelp();
  const rows = [];
  let last = { isLast: true };
  for await (last of new Client(url, token).list(query, limit)) {
    if (json) for (const entry of last.entries) stdout.write(`${JSON.stringify(entry)}\n`);
    else rows.push(...last.entries.map((entry) => rowOf(entry, Date.now())));
  }
  if (json) return 0;
  stdout.write(tableOf(rows, stdout.isTTY ? stdout.columns : undefined));
  if (rows.length === 0) stderr.write("There are no such workflows.\n");
  else if (!last.isLast) stderr.write("There are more: give a larger --limit.\n");
  return 0;
}

/** Prints what there is, and waits for nothing. */
async function get(args) {
  const options = parseGet(args, env);
  if (options.help) return printHelp();
  const status = await new Client(options.url, options.token).status(options.id);
  return report(status, options.id, options, makeAnswer(stdout));
}

function printHelp() {
  stdout.write(help());
  return 0;
}

async function submitAndFollow(args) {
  const options = parseCommandLine(args, env);
  if (options.help) return printHelp();
  const client = new Client(options.url, options.token);
  const id =
    options.follow ?? (await client.submit({ prompt: await promptOf(options.words, commands().ask), ...options.body }));
  const progress = options.quiet ? silent : makeProgress(stderr);
  process.on("SIGINT", () => {
    progress.end();
    stderr.write(partingWords(id, options));
    process.exit(130);
  });
  const answer = makeAnswer(stdout, () => progress.end());
  const status = await follow(client, id, options, progress, answer);
  progress.end();
  return report(status, id, options, answer);
}

/** Shows the workflow until it ends; resolves to its last STATUS. */
async function follow(client, id, options, progress, answer) {
  const streamed = answer.streams && !options.json && !options.quiet;
  const over = new AbortController();
  const away = (gone) =>
    progress.note(gone ? "The server does not answer; waiting for it to come back." : "The server is back.");
  let stream = null;
  let before = null;
  let approved = false;
  let chosen = false;
  let status;
  for await (status of client.follow(id, { live: !options.quiet, away })) {
    // Only now it is known that there is such a workflow.
    if (before === null) progress.note(`Workflow ${printable(id)} on ${options.url}`);
    // Once the answer is being written the lines above it stay as they are.
    if (!answer.begun) progress.show(status);
    if (status.status === "running" && STANDING.has(before) && !approved) progress.note("It goes on.");
    if (!chosen && status.mode?.chosen) {
      chosen = true;
      if (!answer.begun) progress.note(choiceOf(status, await estimateOf(client, id, status)));
    }
    if (status.status !== before) approved = (await standing(client, id, status, options, progress)) || approved;
    before = status.status;
    if (streamed) stream ??= tell(client.texts(id, over.signal), answer);
  }
  over.abort();
  await stream;
  if (options.approve && !approved) {
    progress.end();
    stderr.write("There was no plan that waited for an approval.\n");
  }
  return status;
}

async function tell(texts, answer) {
  for await (const event of texts) answer.update(event);
}

/** What to say and do where a workflow stands until somebody acts. Resolves to true where it was a plan to approve. */
async function standing(client, id, status, options, progress) {
  const estimate = status.status === "waiting" ? await estimateOf(client, id, status) : "";
  if (status.status === "waiting" && options.approve) {
    if (await client.approve(id)) progress.note(`Its plan of ${subtasksOf(status)}${estimate} is approved.`);
    return true;
  }
  const words = new Map([
    [
      "waiting",
      `It waits for an approval of its plan of ${subtasksOf(status)}${estimate}. Approve it with
  ${commands().ask}${where(options)} --follow ${id} --approve
  ${curl(options)} -X POST ${options.url}/${id}/approve
or look at it and edit it on ${options.url}/${id}`,
    ],
    [
      "paused",
      `It is paused. Resume it with
  ${curl(options)} -X POST ${options.url}/${id}/resume`,
    ],
  ]).get(status.status);
  if (words && options.quiet) stderr.write(`${words}\n`);
  else if (words) progress.note(words);
  return false;
}

/** How the request is answered, and why. */
function choiceOf(status, estimate) {
  const { chosen, reason } = status.mode;
  const why = reason ? ` ${sentence(cut(printable(reason), REASON_COLUMNS))}` : "";
  if (chosen === "direct") return `It is answered directly, by one call of the big model.${why}`;
  return `It is split into ${subtasksOf(status)}${estimate}.${why}`;
}

/** ` (about 9 model calls, 45,000 tokens)`; nothing where the server says nothing of it. */
async function estimateOf(client, id, status) {
  const estimate = status.plan?.estimate;
  if (!estimate) return "";
  const minutes = await minutesOf(client, id, status, estimate);
  const time = minutes ? `: ${count(minutes, "minute")} at the speed of its plan` : "";
  return ` (about ${count(estimate.calls, "model call")}, ${count(estimate.tokens, "token")}${time})`;
}

/**
 * Of a server that answers one call at a time, as the plan's own call shows its speed; null for others, and where that
 * call may have waited for those of another workflow.
 */
async function minutesOf(client, id, { provider, steps }, { tokens }) {
  if (provider !== "ollama") return null;
  const attempt = steps.find(({ name }) => name === "plan")?.attempts.at(-1);
  if (!attempt?.end || !attempt.usage || !(await wasAlone(client, id, attempt))) return null;
  const took = Date.parse(attempt.end) - Date.parse(attempt.start);
  const { prompt_tokens: read, completion_tokens: written } = attempt.usage;
  return Math.max(1, Math.round((took * tokens) / Math.max(1, read + written) / 60_000));
}

/** Whether no other workflow of the list was under way meanwhile. */
async function wasAlone(client, id, { start, end }) {
  const overlaps = ({ queued, end: ended }) => queued <= end && (!ended || ended >= start);
  try {
    const { value } = await client.list({}, RECENT).next();
    return value.entries.every((entry) => entry.id === id || !overlaps(entry));
  } catch {
    // It is no more than a word beside others.
    return false;
  }
}

function subtasksOf(status) {
  const count = status.steps.filter((step) => step.name.startsWith("subtask/")).length;
  return count === 1 ? "1 subtask" : `${count} subtasks`;
}

/** Prints the outcome, and gives the exit code. */
function report(status, id, options, answer) {
  const { json, quiet } = options;
  const isComplete = status.status === "complete";
  if (isComplete && !json) answer.whole(status.output.finalResult);
  // What ended the workflow is said once, below.
  const warnings = (status.warnings ?? []).filter(({ message }) => !status.error?.message.includes(message));
  for (const { step, reason, message } of warnings)
    stderr.write(`warning: ${step} ${reason.replaceAll("_", " ")}: ${sentence(printable(message))}\n`);
  if (json) stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  if (!isComplete) {
    const why = status.error ? `: ${status.error.name}: ${printable(status.error.message)}` : "";
    stderr.write(`ask: ${sentence(`the workflow is ${status.status}${why}`)}\n`);
  }
  if (!quiet) stderr.write(`${closingLine(status, id, options)}\n`);
  return isComplete ? 0 : 1;
}

/**
 * `complete in 12.3 s, 7 model calls, about 12,345 tokens, 640 words: http://localhost:8787/ID`. The time is that of
 * the last run, and the server counts what all runs have used.
 */
function closingLine({ status, run, start, end, usage, answer }, id, { url }) {
  const took = start && end ? ` in ${((Date.parse(end) - Date.parse(start)) / 1000).toFixed(1)} s` : "";
  const calls = usage ? `, ${count(usage.model_calls, "model call")}` : "";
  const tokens = usage ? `, ${usage.estimated ? "about " : ""}${count(usage.total_tokens, "token")}` : "";
  const scope = usage && run > 1 ? ` in all ${run} runs` : "";
  const words = answer ? `, ${count(answer.words, "word")}` : "";
  return `${status}${took}${calls}${tokens}${scope}${words}: ${url}/${id}`;
}

const count = (number, noun) => `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;

function partingWords(id, options) {
  return `
The workflow goes on without you.
  watch it again   ${commands().ask}${where(options)} --follow ${id}
  look at it       ${options.url}/${id}
  end it           ${curl(options)} -X POST ${options.url}/${id}/terminate
`;
}

/** The server as it has to be named again. */
const where = ({ url, isUsualUrl }) => (isUsualUrl ? "" : ` --url ${quoted(url)}`);
/** Never the token itself, which would stand in somebody's scrollback. */
const curl = ({ token }) => (token ? 'curl -H "Authorization: Bearer $ORCHESTRATOR_TOKEN"' : "curl");
