// `npm run eval`, from the command line to the table.

import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Client } from "../ask/client.mjs";
import { Failure } from "../ask/options.mjs";
import { inRoot } from "../lib/paths.mjs";
import { replyTo } from "../lib/question.mjs";
import { Problem } from "../lib/say.mjs";
import { QUICK_REQUESTS } from "./arms.mjs";
import { changesBetween, configurationOf, isSameCommand } from "./configuration.mjs";
import { Deployment } from "./deployment.mjs";
import { Judge } from "./judge.mjs";
import { defaultCap, estimateAll, Ledger, spentOf } from "./ledger.mjs";
import { HELP, parseCommandLine } from "./options.mjs";
import { summary } from "./report.mjs";
import { loadRequests, quickOf, shuffled, textOf } from "./requests.mjs";
import { Results, readResults } from "./results.mjs";
import { runMissing } from "./run.mjs";
import { markdown } from "./table.mjs";
import { missing } from "./units.mjs";

const { env, stdout, stderr } = process;
const say = (line) => stderr.write(`${line}\n`);
const number = (value) => value.toLocaleString("en-US");

/** Resolves to the exit code. */
export async function evaluate(args) {
  try {
    const options = parseCommandLine(args, env);
    if (options.help) {
      stdout.write(HELP);
      return 0;
    }
    return await (options.report ? again(options.report) : run(options));
  } catch (failure) {
    // A folder that is none, a disk that is full: the system's own sentence names the path.
    if (!(failure instanceof Failure || failure instanceof Problem || failure?.syscall)) throw failure;
    stderr.write(`eval: ${failure.message}\n`);
    return failure instanceof Failure ? failure.exitCode : 3;
  }
}

/** The table of a results file, anew. */
function again(file) {
  return report(file, readResults(textOf(file), file));
}

async function run(options) {
  const requests = await chosen(options);
  const client = new Client(options.url, options.token);
  const deployment = new Deployment(client, say);
  const about = await deployment.describe();
  const arms = await armsThatRun(options, deployment);
  const results = await open(options, { requests, arms, about });
  try {
    const { capped, problems, failure } = await runOpened(options, { results, requests, deployment, about });
    const code = report(results.file, results, problems);
    if (failure) throw failure;
    if (capped) say("The cap on tokens is reached; a larger --token-cap goes on from here.");
    return code;
  } finally {
    results.close();
  }
}

async function chosen({ requests: file, allowChecks, withHeldOut, quick }) {
  const all = (await loadRequests({ file, allowChecks })).filter((request) => withHeldOut || !request.held_out);
  const requests = quick ? quickOf(all, QUICK_REQUESTS) : shuffled(all);
  if (requests.length === 0) throw new Failure(2, "All of the requests are held out.");
  return requests;
}

/** A deployment that knows no review can't run that arm, and the reader hears of it before anything is paid. */
async function armsThatRun({ arms, namedArms }, deployment) {
  if (!arms.includes("auto-review") || (await deployment.reviews())) return arms;
  const left = arms.filter((arm) => arm !== "auto-review");
  const words = "This deployment knows no options.review";
  if (namedArms && left.length < 2) throw new Failure(3, `${words}, so that the arm auto-review can't run.`);
  say(`${words}: the arm auto-review is left out.`);
  return left;
}

/** The results of this configuration that are not complete, or new ones. */
async function open(options, found) {
  const folder = options.results ?? inRoot("eval/results");
  mkdirSync(folder, { recursive: true });
  const configuration = await configurationOf(options, found);
  const unfinished = options.anew ? null : unfinishedOf(folder, configuration);
  if (unfinished) {
    const results = Results.open(unfinished, null);
    say(`It goes on with ${unfinished}.`);
    for (const note of results.notes) say(note);
    return results;
  }
  const id = randomUUID();
  const started = new Date().toISOString();
  const name = `${started.slice(0, 19).replaceAll(":", "")}-${id.slice(0, 4)}${options.quick ? "-quick" : ""}.jsonl`;
  return Results.open(path.join(folder, name), { id, started, ...configuration });
}

/** The newest of them. Of one that the same command began and that has to stay behind, the reader hears why. */
function unfinishedOf(folder, configuration) {
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  const newest = files.map((name) => path.join(folder, name)).sort((one, other) => timeOf(other) - timeOf(one));
  let behind = null;
  for (const file of newest) {
    const text = readFileSync(file, "utf8");
    const begun = runOf(text, file);
    if (!begun || !isSameCommand(begun, configuration)) continue;
    const isAsNow = begun.fingerprint === configuration.fingerprint;
    if (isAsNow && leftOf(text, file).length > 0) return file;
    if (!isAsNow) behind ??= { file, text, begun };
  }
  if (behind) tellOf(behind, configuration);
  return null;
}

const timeOf = (file) => statSync(file).mtimeMs;

/** The run of a file's first line; null where it is none: such a file is somebody's to look at. */
function runOf(text, file) {
  return orNull(() => readResults(text.slice(0, text.indexOf("\n") + 1), file).run);
}

function leftOf(text, file) {
  const { run: found, entries } = readResults(text, file);
  return missing(found, entries);
}

function tellOf({ file, text, begun }, configuration) {
  if (orNull(() => leftOf(text, file))?.length === 0) return;
  const changes = changesBetween(begun, configuration).map((change) => `  ${change}`);
  say(`${file} is not finished and can't go on, because this has changed since it began:\n${changes.join("\n")}`);
  say("A new one begins. To go on with that one, undo the change.");
}

function orNull(read) {
  try {
    return read();
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    return null;
  }
}

async function runOpened(options, { results, requests, deployment, about }) {
  const spent = spentOf(results.entries);
  const left = missing(results.run, results.entries);
  const estimate = estimateAll(left, requests, results.entries);
  const cap = options.tokenCap ?? defaultCap(spent, estimate.tokens);
  say(beginning(results.run, { about, left, estimate, spent, cap }));
  if (!options.yes && left.length > 0) await confirm(process);
  process.once("SIGINT", () => {
    say(`\nWhat is done is kept in ${results.file}. The same command goes on from there.`);
    process.exit(130);
  });
  const judge = options.judge ? new Judge(options.judge) : null;
  const ledger = new Ledger(cap, spent);
  const { concurrency } = options;
  try {
    return await runMissing({ results, requests, deployment, judge, ledger, concurrency, say });
  } catch (failure) {
    if (!(failure instanceof Failure || failure instanceof Problem)) throw failure;
    return { capped: false, problems: [], failure };
  }
}

function beginning({ requests, arms, samples, judge }, { about, left, estimate, spent, cap }) {
  const heldOut = requests.filter(({ held_out }) => held_out).length;
  const budget = about.budget === null ? "no budget" : `a budget of ${number(about.budget)} tokens`;
  const models = [...new Set([...about.models.big, ...about.models.small])].join(", ");
  return `requests: ${requests.length} (${heldOut} held out), samples of each: ${samples}
arms: ${arms.join(", ")}
models: ${models} (${about.provider}); judge: ${judge?.model ?? "none"}
parts still to run: ${left.length}, about ${number(estimate.calls)} model calls and ${number(estimate.tokens)} tokens
spent so far: ${number(spent)} tokens; it stops before ${number(cap)} (--token-cap). A single workflow has ${budget}.`;
}

/** Nothing is paid for without a yes. */
export async function confirm({ stdin, stderr }) {
  if (!stdin.isTTY || !stderr.isTTY) throw new Failure(2, "There is no terminal to ask on: add --yes to start.");
  const said = await replyTo("Start? (y/N) ", { input: stdin, output: stderr });
  if (said === null) throw new Failure(130, "nobody said yes, and nothing was started.");
  if (!/^y(es)?$/i.test(said.trim())) throw new Failure(2, "Nothing was started.");
}

/** Writes the table and its data beside the results, prints the table, and gives the exit code. */
function report(file, { run: found, entries, notes }, problems = []) {
  const result = summary({ run: found, entries, notes, problems });
  const base = file.replace(/\.jsonl$/, "");
  const table = markdown(result);
  writeFileSync(`${base}.md`, table);
  writeFileSync(`${base}.json`, `${JSON.stringify(result, null, 2)}\n`);
  stdout.write(table);
  say(`Written: ${base}.md and .json`);
  return result.complete ? 0 : 1;
}
