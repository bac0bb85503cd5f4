// `npm run eval`, from the command line to the table.

import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { Client } from "../ask/client.mjs";
import { Failure } from "../ask/options.mjs";
import { inRoot } from "../lib/paths.mjs";
import { Problem } from "../lib/say.mjs";
import { QUICK_REQUESTS } from "./arms.mjs";
import { Deployment } from "./deployment.mjs";
import { Judge } from "./judge.mjs";
import { defaultCap, estimateAll, Ledger, spentOf } from "./ledger.mjs";
import { HELP, parseCommandLine } from "./options.mjs";
import { promptsOfCheckout } from "./prompts.mjs";
import { summary } from "./report.mjs";
import { loadRequests, quickOf, sha256, shuffled } from "./requests.mjs";
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
    if (!(failure instanceof Failure || failure instanceof Problem)) throw failure;
    stderr.write(`eval: ${failure.message}\n`);
    return failure instanceof Failure ? failure.exitCode : 3;
  }
}

/** The table of a results file, anew. */
function again(file) {
  if (!existsSync(file)) throw new Failure(2, `There is no ${file}.`);
  return report(file, readResults(readFileSync(file, "utf8"), file));
}

async function run(options) {
  const requests = await chosen(options);
  const client = new Client(options.url, options.token);
  const deployment = new Deployment(client, say);
  const about = await deployment.describe();
  const arms = await armsThatRun(options, deployment);
  const results = open(options, { requests, arms, about });
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
function open(options, { requests, arms, about }) {
  const folder = options.results ?? inRoot("eval/results");
  mkdirSync(folder, { recursive: true });
  const { url, samples, judge } = options;
  const facts = requests.map(({ id, kind, language, shape, held_out, max_words = null, check = null, ...request }) => {
    return { id, kind, language, shape, held_out, max_words, check, sha256: sha256(JSON.stringify(request)) };
  });
  const configuration = {
    url,
    deployment: about,
    prompts: promptsOfCheckout(),
    requests: facts,
    arms,
    samples,
    judge: judge && { url: judge.url, model: judge.model },
  };
  const fingerprint = sha256(JSON.stringify(configuration));
  const unfinished = options.anew ? null : unfinishedOf(folder, fingerprint);
  if (unfinished) {
    const results = Results.open(unfinished, null);
    say(`It goes on with ${unfinished}.`);
    for (const note of results.notes) say(note);
    return results;
  }
  const id = randomUUID();
  const started = new Date().toISOString();
  const name = `${started.slice(0, 19).replaceAll(":", "")}-${id.slice(0, 4)}${options.quick ? "-quick" : ""}.jsonl`;
  return Results.open(path.join(folder, name), { id, started, fingerprint, ...configuration });
}

/** The newest of them. Files that can't be read are somebody's to look at, and none to go on with. */
function unfinishedOf(folder, fingerprint) {
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  const newest = files.map((name) => path.join(folder, name)).sort((one, other) => timeOf(other) - timeOf(one));
  for (const file of newest) {
    const text = readFileSync(file, "utf8");
    const [first] = text.split("\n", 1);
    if (!first.includes(fingerprint)) continue;
    const { run: found, entries } = readResults(text, file);
    if (found.fingerprint === fingerprint && missing(found, entries).length > 0) return file;
  }
  return null;
}

const timeOf = (file) => statSync(file).mtimeMs;

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
  const reader = createInterface({ input: stdin, output: stderr });
  const said = await reader.question("Start? (y/N) ");
  reader.close();
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
