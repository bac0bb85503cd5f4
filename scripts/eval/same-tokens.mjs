// The arm that is no product of ours: one model that spends the tokens which `auto` took on the same request, on a
// draft, a critique and a revision, again and again. Its calls are `mode: direct` workflows of the deployment, so that
// model, prompt and limits are those of the product's own direct answer.

import { sha256 } from "./requests.mjs";

/** A critique and a revision read the request and the draft again, and write half of it and all of it. */
const ROUND_OF_DRAFTS = 3;
/** A bound for a budget that would never be spent, such as one of empty replies. */
const ROUNDS_MAX = 50;

/**
 * `call(step, body)` gives an answer as the deployment does. The result is one, with the sums of all calls, `rounds`
 * and `stopped`, which says what ended it before the tokens were spent.
 *
 * A round begins where at least half of it still fits, so that what is spent lies as near to `budget` as whole rounds
 * allow: on average neither below nor above it.
 */
export async function sameTokens({ request, options, budget, call }) {
  const calls = [];
  const ask = async (step, prompt, limits) => {
    const answer = await call(step, { prompt, options: { mode: "direct", ...limits } });
    calls.push(answer);
    return answer;
  };
  const { length } = options;
  const limited = length ? { length } : {};

  let best = await ask("draft", request.prompt, limited);
  let rounds = 0;
  let stopped = null;
  let round = ROUND_OF_DRAFTS * best.tokens;
  while (best.error === null && spent(calls) + round / 2 <= budget) {
    if (rounds === ROUNDS_MAX) {
      stopped = `${ROUNDS_MAX} rounds`;
      break;
    }
    const before = spent(calls);
    const number = rounds + 1;
    const critique = await ask(`critique-${number}`, critiquePrompt(request.prompt, best.text), {});
    if (critique.error) {
      stopped = `critique ${number}: ${critique.error.message}`;
      break;
    }
    const revised = await ask(`revise-${number}`, revisePrompt(request.prompt, best.text, critique.text), limited);
    if (revised.error) {
      stopped = `revision ${number}: ${revised.error.message}`;
      break;
    }
    best = revised;
    rounds = number;
    round = spent(calls) - before;
  }

  return {
    ...best,
    tokens: spent(calls),
    estimated: calls.some(({ estimated }) => estimated),
    seconds: calls.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
    calls: calls.reduce((sum, one) => sum + one.calls, 0),
    models: [...new Set(calls.flatMap(({ models }) => models))],
    prompts: [...new Set(calls.flatMap(({ prompts }) => prompts))],
    rounds,
    stopped,
  };
}

const spent = (calls) => calls.reduce((sum, { tokens }) => sum + tokens, 0);

export function critiquePrompt(request, draft) {
  return `Below are a request and a draft of the answer to it. List the faults of the draft: what is wrong, what is \
missing, what is unclear, what breaks a condition of the request. The worst come first. Say for each what to do about \
it. Write the list and nothing else; do not write the answer.

${block("request", request)}

${block("draft", draft)}`;
}

export function revisePrompt(request, draft, critique) {
  return `Below are a request, a draft of the answer to it, and a reviewer's list of the draft's faults. Write the \
final answer to the request: mend the faults that are faults, keep what is good. Write the whole answer and nothing \
else, without a word about the draft or the list.

${block("request", request)}

${block("draft", draft)}

${block("faults", critique)}`;
}

/** Text between tags that it can't hold itself, because they carry its own hash. */
export function block(name, text) {
  const tag = `${name}-${sha256(text).slice(0, 8)}`;
  return `<${tag}>\n${text}\n</${tag}>`;
}
