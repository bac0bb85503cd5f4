// The command line of `npm run eval`.

import { Failure, flag, parse, serverUrl, text } from "../ask/options.mjs";
import { fromReader } from "../lib/reader.mjs";
import { ARMS, pairsOf, QUICK_ARMS, QUICK_REQUESTS } from "./arms.mjs";

const COMMAND = "npm run eval --";
const CONCURRENCY = 2;
const CONCURRENCY_MAX = 64;
export const SAMPLES_MAX = 100;
const TOKEN_CAP_MAX = Number.MAX_SAFE_INTEGER;

export const HELP = `Usage: ${COMMAND} [options]

Runs requests through several arms on a running deployment, has a judge compare the answers blind, and writes a table
(Markdown) and its data (JSON). It costs model calls: it says how many and asks before it starts. docs/eval.md tells
what the table means. The same command goes on where it was interrupted.

  --url URL              the deployment (ORCHESTRATOR_URL; http://localhost:8787)
  --token TOKEN          its API token (ORCHESTRATOR_TOKEN)
  --arms LIST            of ${Object.keys(ARMS).join(", ")} (default: all)
  --quick                ${QUICK_REQUESTS} requests, none of them held out, and the arms ${QUICK_ARMS.join(" and ")}
  --samples N            answers of each arm to each request (default: 1; at most ${SAMPLES_MAX})
  --requests FILE        your own requests, a JSON array or JSON Lines (default: those of eval/requests)
  --allow-checks         run the programs that FILE names to check answers
  --without-held-out     leave out the requests that are held out from work on prompts
  --token-cap N          stop before N tokens, the judge's among them (default: twice the estimate)
  --concurrency N        requests at once (default: ${CONCURRENCY}; at most ${CONCURRENCY_MAX})
  --no-judge             compare nothing, only measure
  --new                  begin anew rather than go on
  --results FOLDER       where results are kept (default: eval/results)
  --report FILE          make the table of a results file (.jsonl) again, without any call
  --yes                  start without asking
  --help                 show this

The judge is a model behind an OpenAI-compatible server: EVAL_JUDGE_BASE_URL (ends in /v1), EVAL_JUDGE_MODEL and, where
the server wants one, EVAL_JUDGE_API_KEY. Take one of another family than the models that answer.

Exit codes: 0 all of it ran, 1 a part is missing, 2 wrong usage, 3 the deployment or the judge can't be reached or
refuses, 130 Ctrl+C.
`;

/** The command line and the environment, checked as far as can be without asking anybody. */
export function parseCommandLine(args, environment) {
  const { values, positionals } = parse(args, COMMAND, {
    url: text,
    token: text,
    arms: text,
    quick: flag,
    samples: text,
    requests: text,
    "allow-checks": flag,
    "without-held-out": flag,
    "token-cap": text,
    concurrency: text,
    "no-judge": flag,
    new: flag,
    results: text,
    report: text,
    yes: flag,
    help: { ...flag, short: "h" },
  });
  if (positionals.length > 0) throw new Failure(2, `eval takes no ${positionals[0]}.\nTry: ${COMMAND} --help`);
  const measures = values.help || values.report !== undefined;
  return {
    help: values.help,
    report: fileOf(values.report),
    url: serverUrl(values.url ?? (environment.ORCHESTRATOR_URL || "http://localhost:8787")),
    token: values.token ?? environment.ORCHESTRATOR_TOKEN,
    arms: armsOf(values),
    namedArms: values.arms !== undefined,
    quick: values.quick,
    samples: positive("samples", values.samples, SAMPLES_MAX) ?? 1,
    requests: fileOf(values.requests),
    allowChecks: values["allow-checks"],
    withHeldOut: !values["without-held-out"],
    tokenCap: positive("token-cap", values["token-cap"], TOKEN_CAP_MAX),
    concurrency: positive("concurrency", values.concurrency, CONCURRENCY_MAX) ?? CONCURRENCY,
    judge: measures || values["no-judge"] ? null : judgeOf(environment),
    anew: values.new,
    results: fileOf(values.results),
    yes: values.yes,
  };
}

const fileOf = (name) => (name === undefined ? undefined : fromReader(name));

function armsOf(values) {
  const { arms, quick, "no-judge": noJudge } = values;
  if (arms === undefined) return quick ? QUICK_ARMS : Object.keys(ARMS);
  const named = [...new Set(arms.split(",").map((name) => name.trim()))];
  for (const name of named) {
    if (!Object.hasOwn(ARMS, name)) throw new Failure(2, `There is no arm "${name}": ${Object.keys(ARMS).join(", ")}.`);
    const { needs } = ARMS[name];
    if (needs && !named.includes(needs))
      throw new Failure(2, `The arm ${name} spends the tokens that ${needs} took: add ${needs} to --arms.`);
  }
  if (!noJudge && pairsOf(named).length === 0)
    throw new Failure(2, `No two of the arms ${named.join(", ")} are compared with each other.`);
  return Object.keys(ARMS).filter((name) => named.includes(name));
}

function judgeOf({ EVAL_JUDGE_BASE_URL: url, EVAL_JUDGE_MODEL: model, EVAL_JUDGE_API_KEY: key }) {
  if (!url || !model)
    throw new Failure(
      2,
      "Name a judge with EVAL_JUDGE_BASE_URL and EVAL_JUDGE_MODEL, or leave it out with --no-judge.",
    );
  return { url: serverUrl(url), model, key: key || null };
}

function positive(name, value, most) {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(value)) throw new Failure(2, `--${name} takes a whole number above 0, not ${value}.`);
  if (Number(value) > most) throw new Failure(2, `--${name} takes at most ${most}, not ${value}.`);
  return Number(value);
}
