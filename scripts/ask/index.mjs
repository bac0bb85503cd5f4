// Submits a prompt, shows the subtasks while they run, prints the answer. Needs Node 18 and nothing else.

import { commands } from "../lib/command.mjs";
import { Client } from "./client.mjs";
import { Failure, help, parseCommandLine } from "./options.mjs";
import { makeProgress, printable, silent } from "./progress.mjs";

const { env, stdin, stdout, stderr } = process;

/** Resolves to the exit code. */
export async function ask(args) {
  // The reader of a pipe may have seen enough: `ask ... | head`.
  stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));
  try {
    return await submitAndFollow(args);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    stderr.write(`ask: ${failure.message}\n`);
    return failure.exitCode;
  }
}

async function submitAndFollow(args) {
  const options = parseCommandLine(args, env);
  if (options.help) {
    stdout.write(help());
    return 0;
  }
  const client = new Client(options.url, options.token);
  const id = options.follow ?? (await client.submit({ prompt: await promptOf(options.words), ...options.body }));
  const progress = options.quiet ? silent : makeProgress(stderr);
  progress.note(`workflow ${printable(id)} on ${options.url}`);
  process.on("SIGINT", () => {
    progress.end();
    stderr.write(partingWords(id, options));
    process.exit(130);
  });
  const away = (gone) =>
    progress.note(gone ? "the server does not answer; waiting for it to come back" : "the server is back");
  let status;
  for await (status of client.follow(encodeURIComponent(id), { live: !options.quiet, away })) progress.show(status);
  progress.end();
  return report(status, options);
}

/** The words of the command line, in which `-` stands for standard input; without any, standard input. */
async function promptOf(words) {
  if (words.length === 0 && stdin.isTTY)
    throw new Failure(2, `give a prompt: ${commands().ask} "..."\nTry: ${commands().ask} --help`);
  const parts = [];
  for (const word of words.length > 0 ? words : ["-"]) parts.push(word === "-" ? `\n${await standardInput()}` : word);
  const prompt = parts.join(" ").trim();
  if (prompt === "") throw new Failure(2, "the prompt is empty");
  return prompt;
}

async function standardInput() {
  const chunks = [];
  for await (const chunk of stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8").trim();
}

/** Prints the outcome, and gives the exit code. */
function report(status, { json }) {
  for (const { step, reason, message } of status.warnings ?? [])
    stderr.write(`warning: ${step} ${reason}: ${printable(message)}\n`);
  if (json) stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  if (status.status === "complete") {
    if (!json) stdout.write(forOutput(status.output.finalResult));
    return 0;
  }
  const why = status.error ? `: ${status.error.name}: ${printable(status.error.message)}` : "";
  stderr.write(`ask: the workflow is ${status.status}${why}\n`);
  return 1;
}

/**
 * A file gets the model's text as it is; a terminal gets it without escape sequences, which the model may have been
 * talked into.
 */
function forOutput(answer) {
  const shown = stdout.isTTY ? answer.replace(/[^\P{Cc}\n\t]/gu, "") : answer;
  return shown.endsWith("\n") ? shown : `${shown}\n`;
}

function partingWords(id, { url }) {
  const where = url === "http://localhost:8787" || env.ORCHESTRATOR_URL ? "" : ` --url ${url}`;
  return `
The workflow goes on without you.
  watch it again   ${commands().ask}${where} --follow ${id}
  look at it       curl ${url}/${id}
  end it           curl -X POST ${url}/${id}/terminate
`;
}
