// `mcp` in the package, and `node scripts/mcp.mjs` in a clone: an MCP server on stdin and stdout, which is that of a
// deployment.

import { Failure, flag, parse, serverUrl, text } from "../ask/options.mjs";
import { isClone, npx } from "../lib/command.mjs";
import { say } from "../lib/say.mjs";
import { Bridge } from "./bridge.mjs";
import { linesOf } from "./lines.mjs";

/** How long answers may take that were asked for before the client closed stdin: most are there at once. */
const LAST_ANSWERS_MS = 5_000;

const command = () => (isClone ? "node scripts/mcp.mjs" : `${npx()} mcp`);

const help = () => `Usage: ${command()} [options]

Forwards the Model Context Protocol between stdin and stdout and a deployment's /mcp, for clients that start a program.
A client that takes a URL needs no bridge: give it the URL of /mcp, and a header Authorization: Bearer TOKEN.

  --url URL      the server (ORCHESTRATOR_URL; http://localhost:8787)
  --token TOKEN  the API token (ORCHESTRATOR_TOKEN, which other users of this machine can't see)
  --help         show this
`;

/** Resolves to the exit status, once stdin has ended. */
export async function mcp(args, { stdin = process.stdin, stdout = process.stdout, env = process.env } = {}) {
  let options;
  try {
    options = optionsOf(args, env);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(`mcp: ${error.message}`);
    return error.exitCode;
  }
  if (options.help) {
    stdout.write(help());
    return 0;
  }
  // The client is gone, and nobody is left to answer.
  stdout.on("error", () => process.exit(0));
  const write = (message) => stdout.write(`${JSON.stringify(message)}\n`);
  const bridge = new Bridge({ ...options, write, warn: (words) => say(`mcp: ${words}`) });
  if (stdin.isTTY) say(`mcp: waits for a client's messages on stdin, to forward them to ${options.url}`);
  for await (const line of linesOf(stdin)) bridge.take(line);
  await bridge.finish(LAST_ANSWERS_MS);
  return 0;
}

/** `{ url, token, help }` */
function optionsOf(args, env) {
  const { values, positionals } = parse(args, command(), { url: text, token: text, help: { ...flag, short: "h" } });
  if (positionals.length > 0)
    throw new Failure(2, `there is nothing to do with ${positionals[0]}.\nTry: ${command()} --help`);
  const url = serverUrl(values.url ?? (env.ORCHESTRATOR_URL || "http://localhost:8787"));
  const token = values.token ?? env.ORCHESTRATOR_TOKEN;
  return { url: /\/mcp$/.test(new URL(url).pathname) ? url : `${url}/mcp`, token, help: values.help };
}
