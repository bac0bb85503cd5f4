#!/usr/bin/env node
// The package's program: serves, asks and deploys what is in the package, built. State, .dev.vars and wrangler's files
// belong to the reader's folder; the package's own may be npx's cache, or somebody else's.
//
// Its first line names a program and nothing more, because the env of BusyBox takes no options. So Node takes an
// --env-file for its own but where it is called with two dashes (scripts/lib/env-file.mjs).

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ask } from "../ask/index.mjs";
import { compare } from "../compare/index.mjs";
import { deploy } from "../deploy/index.mjs";
import { doctor, INSTALL } from "../doctor/index.mjs";
import { npx } from "../lib/command.mjs";
import { inRoot, root } from "../lib/paths.mjs";
import { main, Problem } from "../lib/say.mjs";
import { ENVIRONMENTS, wranglerIn } from "../lib/wrangler.mjs";
import { mcp } from "../mcp/index.mjs";
import { COMMANDS as KEPT, runCommand } from "../serve/command.mjs";
import { nodeFolder } from "../setup/node.mjs";
import { assertSupported } from "../setup/supported.mjs";
import { start } from "../start/index.mjs";
import { configFor } from "./config.mjs";

const folder = process.cwd();

const COMMANDS = {
  start: (args) => start(args, folder, prepared),
  ask,
  compare,
  mcp,
  ...Object.fromEntries(KEPT.map((name) => [name, (args) => runCommand(name, args, () => inRoot("build/bundle"))])),
  deploy: deployTo,
  doctor: look,
  wrangler: passOn,
  help,
  version,
};
const SHORT = new Map(Object.entries({ "--help": "help", "-h": "help", "--version": "version", "-v": "version" }));

await main(async () => {
  assertSupported();
  const [first, ...rest] = process.argv.slice(2);
  if (first === undefined) return COMMANDS.start([]);
  const name = SHORT.get(first) ?? first;
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name](rest);
  if (first.startsWith("-")) return COMMANDS.start([first, ...rest]);
  throw new Problem(`there is no command ${first}. Try: ${npx()} --help`);
});

function help() {
  process.stdout.write(`Usage: ${npx()} [command]

  [start] [flags]          serves the development environment on port 8787; --port 9000 and other flags go to \
"wrangler dev"
  ask [options] "prompt"   submits a prompt, shows the subtasks, prints the answer; ask --help has the options
  compare "prompt"         has it answered by one call and by the product, and asks which answer you would send
  mcp [options]            connects an MCP client that starts a program to a server; mcp --help has the options
  serve [options]          serves production on this machine; serve --help has the options
  backup DIR, restore DIR  copies what serve keeps, also while it is served, and back
  export ID, import FILE   prints the journal of a workflow that serve keeps, and takes one in
  deploy [environment]     deploys production, staging or development; --dry-run and other flags go to "wrangler deploy"
  doctor [URL]             what is set up, what is missing and how to mend it; with a URL also that server
  wrangler ...             any command of wrangler on this package's configuration: login, secret put API_TOKENS, tail
  --help, --version

A start takes the Worker's variables from the shell, as in MODEL_PROVIDER=ollama ${npx()}, or from .dev.vars in
this folder, and keeps its workflows in .wrangler/state. All variables: ${inRoot("docs/configuration.md")}
`);
}

function version() {
  process.stdout.write(`${JSON.parse(readFileSync(inRoot("package.json"), "utf8")).version}\n`);
}

async function prepared() {
  return {
    env: await environment(),
    flags: ["--config", config(), "--persist-to", path.join(folder, ".wrangler/state")],
  };
}

async function deployTo(args) {
  const named = args[0] !== undefined && !args[0].startsWith("-");
  const [target, rest] = named ? [args[0], args.slice(1)] : ["production", args];
  if (!ENVIRONMENTS.includes(target))
    throw new Problem(`there is no environment ${target}, only ${ENVIRONMENTS.join(", ")}`);
  return deploy(target, rest, {
    wrangler: await wranglerHere(),
    shown: (line) => `${npx()} wrangler ${line}`,
    folder,
  });
}

function look(args) {
  const words = { wrangler: (line) => `${npx()} wrangler ${line}`, deploy: `${npx()} deploy`, install: INSTALL };
  return doctor(args, { wrangler: wranglerHere, words });
}

async function passOn(args) {
  return (await wranglerHere()).run(args);
}

async function wranglerHere() {
  // Behind the command, which wrangler does not always find behind an option.
  const complete = (args) => {
    const end = args.includes("--") ? args.indexOf("--") : args.length;
    return [...args.slice(0, end), "--config", config(), ...args.slice(end)];
  };
  return wranglerIn({ env: await environment(), cwd: folder, complete });
}

/** With a Node that wrangler accepts first in `PATH`. */
async function environment() {
  return { ...process.env, PATH: [await nodeFolder(), process.env.PATH].join(path.delimiter) };
}

/**
 * The package's configuration, where wrangler may write beside it. Left as it is where it is right: a server that runs
 * here watches it.
 */
function config() {
  const file = path.join(folder, ".wrangler", "orchestrator-workers.toml");
  const wanted = configFor(readFileSync(inRoot("wrangler.toml"), "utf8"), root);
  if (existsSync(file) && readFileSync(file, "utf8") === wanted) return file;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, wanted);
  return file;
}
