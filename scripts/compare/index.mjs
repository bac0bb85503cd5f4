// Submits a request twice, waits for both, shows them blind, asks, and tells. Needs Node 18 and nothing else.

import { Client } from "../ask/client.mjs";
import { Failure } from "../ask/options.mjs";
import { promptOf } from "../ask/prompt.mjs";
import { commands } from "../lib/command.mjs";
import { replyTo } from "../lib/question.mjs";
import {
  answerOf,
  choiceOf,
  failureText,
  inRandomOrder,
  lostAnswer,
  QUESTION,
  revealText,
  sidesText,
} from "./blind.mjs";
import { help, parseCommandLine } from "./options.mjs";

const MODES = ["direct", "auto"];
const TICK_MS = 1_000;

/** Resolves to the exit code. `terminal`: where it reads and writes. */
export async function compare(args, terminal = process) {
  terminal.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));
  try {
    return await submitAndCompare(args, terminal);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    terminal.stderr.write(`compare: ${failure.message}\n`);
    return failure.exitCode;
  }
}

async function submitAndCompare(args, terminal) {
  const { stdin, stdout, stderr } = terminal;
  const options = parseCommandLine(args, process.env);
  if (options.help) {
    stdout.write(help());
    return 0;
  }
  // Before anything is paid for.
  if (!options.json && !(stdin.isTTY && stdout.isTTY))
    throw new Failure(2, "compare shows two answers and asks which you would send; without a terminal add --json.");
  const prompt = await promptOf(options.words, commands().compare);
  const client = new Client(options.url, options.token);
  const submitted = [];
  const leave = () => {
    const urls = submitted.map(({ url }) => `  ${url}\n`).join("");
    if (urls) stderr.write(`\nWhat was submitted goes on without you:\n${urls}`);
    process.exit(130);
  };
  process.once("SIGINT", leave);
  await submitBoth(client, { prompt, ...options.body }, submitted);
  const answers = await both(client, submitted, stderr);
  process.off("SIGINT", leave);
  const failed = answers.filter(({ text }) => text === null);
  for (const answer of failed) stderr.write(`compare: ${failureText(answer)}\n`);
  const code = failed.length === 0 ? 0 : 1;
  if (!options.json) return (await show(answers, code === 0, terminal)) ?? code;
  stdout.write(`${JSON.stringify({ prompt, answers }, null, 2)}\n`);
  return code;
}

/** Fills `submitted` with `{ id, url }` of each. Half of a comparison is of no use, and costs: it is taken back. */
async function submitBoth(client, body, submitted) {
  try {
    for (const mode of MODES) {
      const id = await client.submit({ ...body, options: { ...body.options, mode } });
      submitted.push({ id, url: `${client.url}/${id}` });
    }
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    const told = await Promise.all(submitted.map((one) => takenBack(client, one)));
    throw new Failure(failure.exitCode, [failure.message, ...told].join("\n"));
  }
}

async function takenBack(client, { id, url }) {
  try {
    await client.remove(id);
    return `The other workflow is deleted: ${url}`;
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    return `The other workflow could not be deleted, and goes on: ${url}`;
  }
}

/** Says that time passes, and not which of the two is done: that would tell which is which. */
async function both(client, submitted, stderr) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1_000);
  const tick = () => stderr.write(`\r\u001b[KBoth answers are being written (${seconds()} s)`);
  if (!stderr.isTTY) stderr.write("Both answers are being written.\n");
  const timer = stderr.isTTY ? setInterval(tick, TICK_MS) : undefined;
  try {
    return await Promise.all(submitted.map((one, index) => answer(client, MODES[index], one)));
  } finally {
    clearInterval(timer);
    if (stderr.isTTY) stderr.write("\r\u001b[K");
  }
}

/** One that can't be watched to its end hides nothing of the other one. */
async function answer(client, mode, workflow) {
  try {
    let last;
    for await (last of client.follow(workflow.id, { live: false, away: () => {} }));
    return answerOf(mode, workflow, last);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    return lostAnswer(mode, workflow, failure);
  }
}

/**
 * Shows both, asks, and tells which is which. Where one is missing there is nothing to ask, and all is told at once.
 * Resolves to an exit code where nobody chooses.
 */
async function show(answers, isWhole, { stdin, stdout }) {
  const order = isWhole ? inRandomOrder(answers) : inRandomOrder(answers, false);
  stdout.write(sidesText(order));
  let choice = isWhole ? undefined : null;
  while (choice === undefined) {
    const reply = await replyTo(QUESTION, { input: stdin, output: stdout });
    if (reply === null) return 130;
    choice = choiceOf(reply);
  }
  stdout.write(`\n${revealText(order, choice)}`);
  return undefined;
}
