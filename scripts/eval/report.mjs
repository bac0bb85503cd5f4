// What the results come to, as data: `summary` makes an eval's JSON, and table.mjs its Markdown. Pure.

import { pairsOf } from "./arms.mjs";
import { CONTROLS } from "./controls.mjs";
import { kinship } from "./families.mjs";
import { spentOf } from "./ledger.mjs";
import { areLike, ofOrders, ofPair, ofRequest, tally } from "./outcomes.mjs";
import { inOrder, keyOf } from "./results.mjs";
import { ALPHA, median, signTest } from "./statistics.mjs";
import { missing, nameOf, ORDERS } from "./units.mjs";

/** From here on the judge contradicts itself too often: a coin does in half of the pairs. */
const DISAGREED_MAX = 1 / 3;
/** Fewer pairs say nothing about a judge. */
const PAIRS_MIN = 3;

/** `notes`: what was amiss with the file. `problems`: what went wrong in the harness. */
export function summary({ run, entries, notes = [], problems = [] }) {
  const arms = Object.fromEntries(run.arms.map((arm) => [arm, armOf(run, entries, arm)]));
  const pairs = run.judge ? pairsOf(run.arms).map((pair) => pairOf(run, entries, pair)) : [];
  const judge = run.judge ? judgeOf(run, entries, pairs) : null;
  const left = missing(run, entries);
  const models = [...new Set(Object.values(arms).flatMap((arm) => arm.models))].sort();
  const prompts = [...new Set(Object.values(arms).flatMap((arm) => arm.prompts))].sort();
  const found = {
    run: { ...run, requests: run.requests.length, held_out: run.requests.filter((one) => one.held_out).length },
    complete: left.length === 0,
    missing: left.map(nameOf),
    models,
    prompts: { seen: prompts, checkout: run.prompts },
    tokens: spentOf(entries),
    arms,
    pairs,
    judge,
  };
  return { ...found, warnings: warningsOf(found, run, notes, problems) };
}

/** Who answered, what, and what it took. */
function armOf(run, entries, arm) {
  const answers = ofKind(entries, "answer").filter((entry) => entry.arm === arm);
  const given = answers.filter(({ error }) => !error);
  const limits = new Map(run.requests.map(({ id, max_words }) => [id, max_words]));
  const limited = given.filter(({ request }) => limits.get(request));
  const checked = ofKind(entries, "checks").filter((entry) => entry.arm === arm);
  const checks = checked.flatMap((entry) => entry.checks);
  const middle = (field) => median(given.map((answer) => answer[field]).filter((value) => value !== null));
  return {
    answers: given.length,
    failed: answers.length - given.length,
    criteria: shareOf(ticksOf(entries, arm), Boolean),
    limits: shareOf(limited, ({ request, words }) => words <= limits.get(request)),
    programs: shareOf(checks, ({ passed }) => passed),
    passedWhole: shareOf(checked, (entry) => entry.checks.every(({ passed }) => passed)),
    words: middle("words"),
    tokens: middle("tokens"),
    seconds: middle("seconds"),
    calls: middle("calls"),
    estimated: given.some(({ estimated }) => estimated),
    models: [...new Set(answers.flatMap(({ models }) => models))].sort(),
    prompts: [...new Set(answers.flatMap((answer) => answer.prompts))].sort(),
  };
}

const shareOf = (list, is) => ({ of: list.length, is: list.filter(is).length });

/** The judge's ticks for an arm's answers, in all verdicts that it gave. */
function ticksOf(entries, arm) {
  return ofKind(entries, "verdict")
    .filter(({ winner }) => winner !== null)
    .flatMap(({ pair, order, a, b }) => {
      const [first, second] = inOrder(pair.split(":"), order);
      return [...(first === arm ? a : []), ...(second === arm ? b : [])];
    });
}

function pairOf(run, entries, pair) {
  const samples = Array.from({ length: run.samples }, (_, index) => index + 1);
  const requests = run.requests.map((request) => {
    const each = samples.map((sample) => sampleOf(entries, request.id, pair, sample)).filter(Boolean);
    return { request, each, outcome: ofRequest(each.map(({ outcome }) => outcome)) };
  });
  const over = (is = (_request) => true) =>
    tally(requests.filter(({ request, outcome }) => outcome && is(request)).map(({ outcome }) => outcome));
  const like = requests.map(({ each }) => ofRequest(each.filter(({ alike }) => alike).map(({ outcome }) => outcome)));
  const shapes = [...new Set(run.requests.map(({ shape }) => shape))].sort();
  return {
    pair,
    all: over(),
    like: tally(like.filter(Boolean)),
    heldOut: over(({ held_out }) => held_out),
    open: over(({ held_out }) => !held_out),
    shapes: Object.fromEntries(shapes.map((name) => [name, over(({ shape }) => shape === name)])),
    requests: requests
      .filter(({ outcome }) => outcome)
      .map(({ request, each, outcome }) => ({ request: request.id, held_out: request.held_out, outcome, each })),
  };
}

/** One sample of a pair; undefined where it has not been run. */
function sampleOf(entries, request, pair, sample) {
  const [x, y] = pair.map((arm) => entries.get(keyOf.answer({ request, arm, sample })));
  const [first, second] = ORDERS.map((order) =>
    entries.get(keyOf.verdict({ request, pair: pair.join(":"), sample, order })),
  );
  const found = ofPair({ x, y, first, second });
  if (!found) return undefined;
  const reasons = [first, second].filter(Boolean).map((verdict) => verdict.reason || verdict.problem || "");
  return { ...found, sample, alike: areLike(x, y), words: [x.words, y.words], reasons };
}

/** What the verdicts tell of the judge itself. */
function judgeOf(run, entries, pairs) {
  const judged = pairs.flatMap(({ requests }) => requests.flatMap(({ each }) => each)).filter((one) => !one.unanswered);
  const decided = judged.filter(({ outcome, words }) => ["win", "loss"].includes(outcome) && words[0] !== words[1]);
  const longer = decided.filter(({ outcome, words: [x, y] }) => (outcome === "win") === x > y).length;
  const verdicts = ofKind(entries, "verdict");
  const controls = CONTROLS.map(({ id }) => {
    const [first, second] = ORDERS.map((order) => entries.get(keyOf.control({ id, order })));
    return { first, second };
  }).filter(({ first, second }) => first && second);
  const sided = verdicts.filter(({ winner }) => winner === "A" || winner === "B");
  return {
    ...run.judge,
    controls: shareOf(controls, ({ first, second }) => ofOrders(first, second).outcome === "win"),
    orders: {
      of: judged.filter(({ outcome }) => outcome !== "none").length,
      disagreed: judged.filter(({ disagreed }) => disagreed).length,
    },
    first: { of: sided.length, is: sided.filter(({ winner }) => winner === "A").length },
    longer: { of: decided.length, is: longer, p: signTest(longer, decided.length - longer) },
    noVerdict: verdicts.filter(({ winner }) => winner === null).length,
  };
}

function warningsOf({ missing: left, models, prompts, judge, pairs }, run, notes, problems) {
  const warnings = [...notes, ...problems];
  if (run.deployment.provider === "demo")
    warnings.push("The deployment runs the demo provider: no language model has written anything here.");
  if (left.length > 0) warnings.push(`Not all of it was run. The missing parts (${left.length}) are listed below.`);
  if (!judge) warnings.push("There was no judge, so that nobody has compared the answers.");
  else warnings.push(...ofTheJudge(judge, models));
  for (const { pair, all } of pairs)
    if (all.resolves === null)
      warnings.push(
        `${pair.join(" against ")}: ${all.wins + all.losses} decided requests are too few to tell a difference ` +
          "from chance.",
      );
  if (prompts.seen.length > 1)
    warnings.push(`The answers were written with prompts of several versions: ${prompts.seen.join(", ")}.`);
  if (prompts.seen.some((version) => version !== prompts.checkout.version))
    warnings.push(
      `The deployment's prompts are of version ${prompts.seen.join(", ")} and this checkout's of version ` +
        `${prompts.checkout.version}: the hash is not the deployment's.`,
    );
  return warnings;
}

function ofTheJudge({ model, controls, orders, longer, noVerdict }, models) {
  const warnings = [];
  if (controls.is < controls.of)
    warnings.push(
      `The judge found the known winner in ${controls.is} of ${controls.of} controls only: its verdicts are not ` +
        "to be believed.",
    );
  if (orders.of >= PAIRS_MIN && orders.disagreed / orders.of >= DISAGREED_MAX)
    warnings.push(
      `The judge changed its mind with the order of the texts in ${orders.disagreed} of ${orders.of} pairs, ` +
        "which therefore are ties.",
    );
  if (longer.p < ALPHA && longer.is > longer.of / 2)
    warnings.push(
      `The judge took the longer text in ${longer.is} of ${longer.of} decided pairs: see the pairs of like length.`,
    );
  if (noVerdict > 0)
    warnings.push(`The judge gave no verdict that can be read ${noVerdict} times; these pairs count as nothing.`);
  const kin = kinship(model, models);
  if (kin) warnings.push(kin);
  return warnings;
}

const ofKind = (entries, kind) => [...entries.values()].filter((entry) => entry.kind === kind);
