// Submits a request twice, waits for both, shows them blind, asks, and tells. Needs Node 18 and nothing else.

import { createInterface } from "node:readline/promises";
import { Client } from "../ask/client.mjs";
import { Failure } from "../ask/options.mjs";
import { promptOf } from "../ask/prompt.mjs";
import { commands } from "../lib/command.mjs";
import { answerOf, blindText, choiceOf, failureText, inRandomOrder, QUESTION, revealText } from "./blind.mjs";
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
  const ids = await Promise.all(
    MODES.map((mode) =>
      client.submit({ prompt, ...options.body, options: { ...options.body.options, mode } }, undefined),
    ),
  );
  const leave = () => {
    stderr.write(`\nBoth workflows go on without you:\n${ids.map((id) => `  ${options.url}/${id}\n`).join("")}`);
    process.exit(130);
  };
  process.once("SIGINT", leave);
  const answers = await both(client, ids, stderr);
  process.off("SIGINT", leave);
  const failed = answers.filter(({ text }) => text === null);
  for (const answer of failed) stderr.write(`compare: ${failureText(answer)}\n`);
  if (options.json) stdout.write(`${JSON.stringify({ prompt, answers }, null, 2)}\n`);
  else if (failed.length === 0) await choose(inRandomOrder(answers), terminal);
  return failed.length === 0 ? 0 : 1;
}

/** Says that time passes, and not which of the two is done: that would tell which is which. */
async function both(client, ids, stderr) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1_000);
  const tick = () => stderr.write(`\r\u001b[KBoth answers are being written (${seconds()} s)`);
  if (!stderr.isTTY) stderr.write("Both answers are being written.\n");
  const timer = stderr.isTTY ? setInterval(tick, TICK_MS) : undefined;
  try {
    return await Promise.all(ids.map(async (id, index) => answerOf(MODES[index], id, await end(client, id))));
  } finally {
    clearInterval(timer);
    if (stderr.isTTY) stderr.write("\r\u001b[K");
  }
}

async function end(client, id) {
  let last;
  for await (last of client.follow(encodeURIComponent(id), { live: false, away: () => {} }));
  return last;
}

async function choose(order, { stdin, stdout }) {
  stdout.write(blindText(order));
  // The terminal's own line editing is enough, and leaves Ctrl+C to end us.
  const reader = createInterface({ input: stdin, output: stdout, terminal: false });
  // The end of input: nobody answers any more.
  reader.on("close", () => process.exit(130));
  let choice;
  while (choice === undefined) choice = choiceOf(await reader.question(QUESTION));
  reader.removeAllListeners("close");
  reader.close();
  stdout.write(`\n${revealText(order, choice)}`);
}
