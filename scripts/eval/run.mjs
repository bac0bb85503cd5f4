// Runs what is missing, a few requests at a time: their arms one after the other, so that times are comparable, then
// the programs, then the judge. What is done is in the results before the next thing begins.

import { ARMS, optionsOf, pairsOf } from "./arms.mjs";
import { runCheck } from "./check.mjs";
import { CONTROLS } from "./controls.mjs";
import { estimateOf } from "./ledger.mjs";
import { inOrder, keyOf } from "./results.mjs";
import { sameTokens } from "./same-tokens.mjs";
import { missing, nameOf, ORDERS } from "./units.mjs";

/** The cap on tokens is reached: nothing further begins. */
class CapReached extends Error {}

/**
 * Resolves to `{ capped, problems }`: whether the cap ended it, and what went wrong in the harness itself. Rejects
 * where the deployment or the judge can't be reached. `requests` are in the order in which they run.
 */
export async function runMissing({ results, requests, deployment, judge, ledger, concurrency, say }) {
  const { run } = results;
  const session = { results, run, requests, deployment, judge, ledger, say, problems: [], stopped: null };
  const total = missing(run, results.entries).length;
  session.done = (unit, told, tokens) => {
    const left = missing(run, results.entries).length;
    say(`[${total - left} of ${total}] ${nameOf(unit)}: ${told}; ${number(ledger.spent)} tokens so far`, tokens);
  };
  const tasks = judge ? [() => controls(session)] : [];
  for (let sample = 1; sample <= run.samples; sample++)
    for (const request of requests) tasks.push(() => requestOf(session, request, sample));
  await inTurns(tasks, concurrency, session);
  if (session.stopped && !(session.stopped instanceof CapReached)) throw session.stopped;
  return { capped: session.stopped !== null, problems: session.problems };
}

/** The first thing that goes wrong lets the others finish what they have begun, and nothing more begin. */
async function inTurns(tasks, concurrency, session) {
  const next = async () => {
    while (tasks.length > 0 && !session.stopped) {
      try {
        await tasks.shift()();
      } catch (error) {
        // A failure tells more than a cap that is reached at the same time.
        if (!session.stopped || session.stopped instanceof CapReached) session.stopped = error;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, next));
}

async function controls(session) {
  for (const { id, prompt, checklist, good, bad } of CONTROLS)
    for (const order of ORDERS) {
      const [a, b] = inOrder([good, bad], order);
      await unit(session, { kind: "control", id, order }, async () => {
        const verdict = await session.judge.verdict({ prompt, checklist, a, b });
        return [verdict, verdict.winner ?? verdict.problem];
      });
    }
}

async function requestOf(session, request, sample) {
  const { run, results } = session;
  for (const arm of Object.keys(ARMS).filter((arm) => run.arms.includes(arm))) {
    await answer(session, request, arm, sample);
    await check(session, request, arm, sample);
  }
  if (!session.judge) return;
  for (const pair of pairsOf(run.arms)) {
    const answers = pair.map((arm) => results.get("answer", { request: request.id, arm, sample }));
    if (answers.some(({ error }) => error)) continue;
    for (const order of ORDERS) await verdict(session, request, { pair, answers, sample, order });
  }
}

function answer(session, request, arm, sample) {
  const { run, results, deployment, ledger } = session;
  const key = { request: request.id, arm, sample };
  const make = async () => {
    const options = optionsOf(arm, request);
    const metadata = { eval: run.id, request: request.id, arm, sample: String(sample) };
    const idempotency = `eval-${run.id}-${request.id}-${arm}-${sample}`;
    const onPlan = (tokens) => ledger.expect(keyOf.answer(key), tokens);
    const call = (step, body) =>
      deployment.answer({ ...body, metadata: { ...metadata, step } }, `${idempotency}-${step}`);
    const made =
      arm === "same-tokens"
        ? await sameTokens({ request, options, budget: results.get("answer", { ...key, arm: "auto" }).tokens, call })
        : await deployment.answer({ prompt: request.prompt, options, metadata }, idempotency, onPlan);
    return [made, told(made)];
  };
  return unit(session, { kind: "answer", ...key }, make);
}

function told({ error, words, tokens, seconds, mode, rounds }) {
  if (error) return `no answer (${error.name}: ${error.message})`;
  const how = rounds === undefined ? mode : `${rounds} rounds`;
  return `${how}, ${number(words)} words, ${number(tokens)} tokens, ${(seconds ?? 0).toFixed(1)} s`;
}

/** A check that fails itself is our fault, and no answer's: it is said, and stays missing. */
async function check(session, request, arm, sample) {
  const key = { request: request.id, arm, sample };
  const { text, sha256, error } = session.results.get("answer", key);
  if (!request.check || error) return;
  await unit(session, { kind: "checks", ...key }, async () => {
    const { checks, problem } = await runCheck(request.checkFile, text);
    if (problem !== undefined) {
      const told = `The check ${request.check} itself failed on the answer of ${arm}: ${problem}`;
      session.problems.push(told);
      session.say(told);
      return null;
    }
    return [{ sha256, checks }, `${checks.filter(({ passed }) => passed).length} of ${checks.length} passed`];
  });
}

async function verdict(session, { id, prompt, checklist }, { pair, answers, sample, order }) {
  const key = { request: id, pair: pair.join(":"), sample, order };
  const [a, b] = inOrder(answers, order);
  await unit(session, { kind: "verdict", ...key }, async () => {
    const given = await session.judge.verdict({ prompt, checklist, a: a.text, b: b.text });
    const made = { a_sha256: a.sha256, b_sha256: b.sha256, ...given };
    return [made, given.winner ?? `no verdict (${given.problem})`];
  });
}

/** Makes a unit unless it is there: `make` gives what to keep and what to tell, or null for nothing. */
async function unit(session, { kind, ...key }, make) {
  const { results, ledger, requests } = session;
  if (results.get(kind, key)) return;
  if (session.stopped) throw session.stopped;
  const name = keyOf[kind](key);
  if (!ledger.admit(name, estimateOf({ kind, ...key }, requests, results.entries).tokens)) throw new CapReached();
  let made = null;
  try {
    made = await make();
  } finally {
    ledger.settle(name, made?.[0].tokens ?? 0);
  }
  if (made === null) return;
  results.append(kind, { ...key, ...made[0] });
  session.done({ kind, ...key }, made[1]);
}

const number = (value) => value.toLocaleString("en-US");
