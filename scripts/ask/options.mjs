// The command line of `npm run ask`, and of `ask` in the package.

import { parseArgs } from "node:util";
import { commands } from "../lib/command.mjs";
import { hasUser, shownUrl, typedUrl } from "../lib/urls.mjs";
import { sentence } from "./text.mjs";

export function help() {
  const { ask, quietAsk } = commands();
  return `Usage: ${ask} [options] "your prompt"
       ${ask} [options] < prompt.md
       ${ask} --follow ID
       ${ask} list [options]
       ${ask} get ID

Submits a prompt to the orchestrator, shows the subtasks while they run (on stderr), and prints the answer (on stdout).
Ctrl+C leaves the workflow running.

  --url URL              the server (ORCHESTRATOR_URL; http://localhost:8787)
  --token TOKEN          the API token (ORCHESTRATOR_TOKEN)
  --id ID                an id of your own for the workflow
  --follow-up-to ID      go on with the conversation of a workflow that is complete
  --mode MODE            auto: the big model chooses (default); direct: one call of it, the least time and tokens;
                         split: subtasks in any case, several times the tokens
  --review once          let one call more read the answer and correct it
  --length LENGTH        brief (at most 400 words), normal (default), full, or at most N words
  --max-subtasks N       plan at most N subtasks
  --max-concurrency N    run at most N model calls at once
  --token-budget N       spend about N tokens at most
  --deadline SECONDS     be done within about this time
  --instructions TEXT    tone, format or domain, for every model call
  --big-model NAME       one of the configured models that plan and synthesise
  --small-model NAME     one of the configured models that work on subtasks
  --approval plan        wait for an approval of the plan before any subtask starts, and say what it will take
  --approve              approve the plan that waits, as it is: with --follow ID, or with --approval plan
  --follow ID            watch a workflow that is there already; goes with --approve, --json and --quiet only
  --json                 print the workflow's whole status as JSON instead of the answer
  --quiet                show no progress
  --help                 show this

"list" prints the workflows on the server, newest first; "get ID" the answer of one that has ended, without waiting.
Both take --url, --token and --json (one entry a line; the whole status), and "list" also:

  --status STATUS        only those of this status, or of these: running,paused
  --q WORDS              only those whose prompt begins with a text that has all of these words
  --metadata KEY=VALUE   only those with this metadata; may be repeated
  --parent ID            only the follow-ups of this workflow
  --limit N              print at most N (20)

A "-" in the prompt stands for the text on standard input: git diff | ${ask} "Review this change:" -
On a terminal the answer appears as it is written; a file or a pipe gets it whole, at the end.
To write the answer to a file${ask === quietAsk ? "" : ", silence npm itself"}: ${quietAsk} "..." > answer.md

Exit codes: 0 complete, 1 errored or terminated (with "get" also: not ended yet), 2 wrong usage of this command, 3 the
server can't be reached or refuses, 130 Ctrl+C.
`;
}

/** A message for the user, with the exit code that goes with it, and the HTTP status of a server that refuses. */
export class Failure extends Error {
  constructor(exitCode, message, status = undefined) {
    super(message);
    this.exitCode = exitCode;
    this.status = status;
  }
}

export const text = /** @type {const} */ ({ type: "string" });
export const flag = /** @type {const} */ ({ type: "boolean", default: false });
const many = /** @type {const} */ ({ type: "string", multiple: true });

/**
 * What a flag sets of a submission: the field by its name in the API, and how its value is read.
 *
 * @type {Record<string, [string, (flag: string, value: string) => unknown]>}
 */
const SUBMITTED = {
  id: ["id", asWritten],
  "follow-up-to": ["follow_up_to", asWritten],
  mode: ["options.mode", asWritten],
  length: ["options.length", lengthOf],
  review: ["options.review", asWritten],
  "max-subtasks": ["options.max_subtasks", wholeNumber],
  "max-concurrency": ["options.max_concurrency", wholeNumber],
  "token-budget": ["options.token_budget", wholeNumber],
  deadline: ["options.deadline_seconds", wholeNumber],
  instructions: ["options.instructions", asWritten],
  approval: ["options.approval", asWritten],
  "big-model": ["options.big_model", asWritten],
  "small-model": ["options.small_model", asWritten],
};

/** What a flag of `list` sets of its query. */
const LISTED = /** @type {const} */ (["status", "q", "parent", "limit", "metadata"]);
const LIST_LIMIT = 20;

/** The flag of `list` that sets a parameter of its query; undefined where none does. */
export function flagOfQuery(parameter) {
  const found = LISTED.find((name) => parameter === name || parameter?.startsWith(`${name}.`));
  return found && `--${found}`;
}

/** The flag that sets a field of the API or what is within it, such as `--deadline`; undefined where none does. */
export function flagOf(field) {
  const found = Object.entries(SUBMITTED).find(([, [name]]) => field === name || field?.startsWith(`${name}.`));
  return found && `--${found[0]}`;
}

/** The flags that every command has. */
const COMMON = /** @type {const} */ ({ url: text, token: text, json: flag, help: { ...flag, short: "h" } });

/**
 * `{ command, args }`: what is asked for, "submit" where no command is named, and the other arguments. A command is the
 * first word that is no flag's value; behind `--`, or among more words in one argument, it is a prompt.
 */
export function commandOf(args) {
  const known = { ...submissionFlags(), ...COMMON, follow: text, status: text, q: text, metadata: text, parent: text };
  const { tokens } = parseArgs({
    args: spaced(args),
    options: { ...known, limit: text, quiet: flag, approve: flag },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const first = tokens.find(({ kind }) => kind !== "option");
  if (first?.kind !== "positional" || !["list", "get"].includes(first.value)) return { command: "submit", args };
  return { command: first.value, args: args.filter((_, index) => index !== first.index) };
}

/** `{ url, token, json, help, limit, query }` of `list`, where `query` has the API's names. */
export function parseList(args, environment) {
  const { values, positionals } = parse(args, commands().ask, {
    ...COMMON,
    status: many,
    q: text,
    metadata: many,
    parent: text,
    limit: text,
  });
  if (positionals.length > 0)
    throw new Failure(2, `list takes no words but its options. A prompt is one argument: ${commands().ask} "list ..."`);
  const limit = values.limit === undefined ? LIST_LIMIT : wholeNumber("limit", values.limit);
  if (limit === 0) throw new Failure(2, "--limit takes a whole number from 1 on.");
  const { status, q, parent } = values;
  /** @type {Record<string, string>} */
  const metadata = Object.create(null);
  for (const pair of values.metadata ?? []) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined) throw new Failure(2, `--metadata takes KEY=VALUE, not ${pair}.`);
    if (Object.hasOwn(metadata, key)) throw new Failure(2, `--metadata ${key} is given twice.`);
    metadata[key] = value;
  }
  return { ...server(values, environment), limit, query: { status, q, parent, metadata } };
}

/** `{ url, token, json, quiet, help, id }` of `get`. */
export function parseGet(args, environment) {
  const { values, positionals } = parse(args, commands().ask, { ...COMMON, quiet: flag });
  if (!values.help && (positionals.length !== 1 || positionals[0] === ""))
    throw new Failure(2, `get takes the id of one workflow: ${commands().ask} get ID`);
  return { ...server(values, environment), quiet: values.quiet, id: positionals[0] };
}

/**
 * `{ url, isUsualUrl, token, words, follow, json, quiet, approve, help, body }`, where `body` is the request without
 * its prompt, and `isUsualUrl` says that the next call asks the same server without `--url`.
 */
export function parseCommandLine(args, environment) {
  const { values, positionals } = parse(args, commands().ask, {
    ...submissionFlags(),
    ...COMMON,
    follow: text,
    quiet: flag,
    approve: flag,
  });
  const shared = server(values, environment);
  if (!values.help) assertTogether(values, positionals);
  return {
    ...shared,
    words: positionals,
    follow: values.follow,
    quiet: values.quiet,
    approve: values.approve,
    body: bodyOf(values),
  };
}

/** What every command is told: the server, the token, and how to print. */
function server(values, environment) {
  if (values.token === "" && !values.help) throw new Failure(2, "--token takes a token.");
  const usual = environment.ORCHESTRATOR_URL || "http://localhost:8787";
  const url = serverUrl(values.url ?? usual);
  return {
    url,
    isUsualUrl: values.url === undefined || (URL.canParse(usual) && url === serverUrl(usual)),
    token: values.token ?? environment.ORCHESTRATOR_TOKEN,
    json: values.json,
    help: values.help,
  };
}

/** Refuses what would be left out without a word. */
function assertTogether(values, positionals) {
  if (values.follow === "") throw new Failure(2, "--follow takes the id of a workflow.");
  if (values.follow === undefined) {
    if (values.approve && values.approval !== "plan")
      throw new Failure(
        2,
        "--approve approves a plan that waits, and none waits here: name a workflow with --follow ID, or add " +
          "--approval plan.",
      );
    return;
  }
  if (positionals.length > 0) throw new Failure(2, "--follow watches a workflow that is there: it takes no prompt.");
  const set = Object.keys(SUBMITTED).find((name) => values[name] !== undefined);
  if (set) throw new Failure(2, `--follow watches a workflow that is there: --${set} is for a new one.`);
}

/** The flags that set fields of a submission, but for `without`, as parseArgs wants them. */
export function submissionFlags(without = []) {
  const names = Object.keys(SUBMITTED).filter((name) => !without.includes(name));
  return Object.fromEntries(names.map((name) => [name, text]));
}

/**
 * parseArgs for `command`, whose positionals are a prompt.
 *
 * @param {string[]} args
 * @param {string} command
 * @param {NonNullable<import("node:util").ParseArgsConfig["options"]>} options
 * @returns {{ values: Record<string, any>, positionals: string[] }}
 */
export function parse(args, command, options) {
  try {
    return parseArgs({ args: spaced(args), allowPositionals: true, options });
  } catch (error) {
    throw new Failure(2, `${sentence(error.message)}\nTry: ${command} --help`);
  }
}

/**
 * A prompt may begin with a list, which would be read as an option: its lines have a space where an option has a name.
 */
const spaced = (args) => args.map((argument) => (/^-\s/.test(argument) ? `\n${argument}` : argument));

export function serverUrl(value) {
  let url;
  try {
    url = new URL(value);
  } catch {
    throw new Failure(2, `${typedUrl(value)} is no URL; one looks like http://localhost:8787.`);
  }
  // "localhost:8787" is a URL as well, with "localhost" as its scheme.
  if (!["http:", "https:"].includes(url.protocol))
    throw new Failure(2, `${typedUrl(value)} does not begin with http:// or https://, as in http://localhost:8787.`);
  if (hasUser(value)) throw new Failure(2, `${shownUrl(value)} can't be asked with a user or a password in its URL.`);
  return url.href.replace(/\/+$/, "");
}

/** The fields of a submission that flags set. */
export function bodyOf(values) {
  const body = {};
  for (const [flag, [field, read]] of Object.entries(SUBMITTED)) {
    if (values[flag] === undefined) continue;
    const value = read(flag, values[flag]);
    const [outer, inner] = field.split(".");
    if (inner) body[outer] = { ...body[outer], [inner]: value };
    else body[outer] = value;
  }
  return body;
}

function asWritten(_flag, value) {
  return value;
}

/** A word of the API, or a number of words. */
function lengthOf(_flag, value) {
  return /^\d+$/.test(value) ? { max_words: Number(value) } : value;
}

/** The server knows the bounds; what is no number at all is told here, where the option's name is known. */
function wholeNumber(name, value) {
  if (!/^\d+$/.test(value)) throw new Failure(2, `--${name} takes a whole number, not ${value}.`);
  return Number(value);
}
