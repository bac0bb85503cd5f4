// The summary of an eval as Markdown: warnings first, then the headline, losses before wins. Pure.

import { printable } from "../ask/text.mjs";
import { ARMS } from "./arms.mjs";
import { LIKE_LENGTH } from "./outcomes.mjs";
import { sha256 } from "./requests.mjs";

const REASON_CHARS = 200;

export function markdown(found) {
  const parts = [
    `# Eval of ${found.run.started.slice(0, 10)}`,
    ...found.warnings.map((warning) => `> **Warning.** ${text(warning)}`),
    ...found.pairs.map((pair, index) => pairTable(pair, index === 0)),
    found.pairs.length > 0 ? HOW_TO_READ : "",
    armTable(found.arms),
    ...(found.judge ? [judgeText(found.judge)] : []),
    ...found.pairs.map(outcomesText),
    missingText(found),
    madeText(found),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function pairTable({ pair: [x, y], all, like, heldOut, open, shapes }, isHeadline) {
  const title = `## ${isHeadline ? "Headline: " : ""}\`${x}\` against \`${y}\``;
  const rows = [
    ["all requests", all],
    [`of like length (within ${LIKE_LENGTH * 100} %)`, like],
    ["held out from prompt work", heldOut],
    ["not held out", open],
    ...Object.entries(shapes).map(([shape, tally]) => [shape, tally]),
  ].map(([name, tally]) => pairRow(name, tally));
  return `${title}

| requests | losses | ties | wins | no verdict | win rate (95 %) | p | resolves |
| --- | ---: | ---: | ---: | ---: | --- | ---: | --- |
${rows.join("\n")}`;
}

function pairRow(name, { losses, ties, wins, none, n, rate, interval, p, resolves }) {
  const won = n === 0 ? "" : `${percent(rate)} (${percent(interval[0])} to ${percent(interval[1])})`;
  const told = resolves === null ? "nothing" : `from ${percent(resolves)}`;
  const tested = wins + losses === 0 ? "" : p.toFixed(3);
  return `| ${name} | ${losses} | ${ties} | ${wins} | ${none} | ${won} | ${tested} | ${told} |`;
}

const HOW_TO_READ = `One request is one outcome, however many samples it has. The win rate counts ties as half; its \
interval is Wilson's. *p* is the exact sign test over losses and wins. *resolves* is the least true win rate among \
decided requests that this test would find in four of five such evals: with so few of them a smaller difference can't \
be told from none.`;

function armTable(arms) {
  const rows = Object.entries(arms).map(([arm, it]) =>
    [
      `\`${arm}\``,
      it.answers,
      it.failed,
      part(it.criteria),
      part(it.limits),
      part(it.programs),
      part(it.passedWhole),
      number(it.words),
      `${it.estimated ? "about " : ""}${number(it.tokens)}`,
      it.seconds === null ? "" : it.seconds.toFixed(1),
      number(it.calls),
      it.models.map((model) => `\`${text(model)}\``).join(", "),
    ].join(" | "),
  );
  return `## The arms

${Object.keys(arms)
  .map((arm) => `- \`${arm}\`: ${ARMS[arm].title}`)
  .join("\n")}

| arm | answers | none | criteria covered | limits kept | checks passed | programs passed | words | tokens | seconds | \
calls | models |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
${rows.map((row) => `| ${row} |`).join("\n")}

Words, tokens, seconds and calls are medians of an answer. *none* counts requests without an answer, which are losses.`;
}

function judgeText({ model, controls, orders, first, longer, noVerdict }) {
  return `## The judge

\`${text(model)}\` read each pair blind, in both orders; where the orders differ, the pair is a tie.

- known winners found (controls): ${part(controls)}
- pairs in which it changed its mind with the order: ${part({ is: orders.disagreed, of: orders.of })}
- verdicts for the text that stood first: ${part(first)}
- decided pairs won by the longer text: ${part(longer)}
- verdicts that could not be read: ${noVerdict}`;
}

const ORDER = ["loss", "none", "tie", "win"];
const WORDS = { loss: "lost", none: "no verdict", tie: "tie", win: "won" };

function outcomesText({ pair: [x, y], requests }) {
  const sorted = [...requests].sort((one, other) => ORDER.indexOf(one.outcome) - ORDER.indexOf(other.outcome));
  const rows = sorted.map(({ request, held_out, outcome, each }) => {
    const reasons = each.flatMap((one) => (one.unanswered ? ["one of them has no answer"] : one.reasons));
    const words = each.map((one) => one.words.join(" / ")).join(", ");
    const name = `${request}${held_out ? " (held out)" : ""}`;
    return `| ${WORDS[outcome]} | ${name} | ${words} | ${reasons.map(short).join("<br>")} |`;
  });
  return `## \`${x}\` against \`${y}\`, request by request

| \`${x}\` | request | words | the judge's reasons, in both orders (A is what stood first) |
| --- | --- | ---: | --- |
${rows.join("\n")}`;
}

function missingText({ missing }) {
  if (missing.length === 0) return "";
  return `## Not run\n\n${missing.map((name) => `- ${name}`).join("\n")}`;
}

function madeText({ run, models, prompts, tokens, judge }) {
  const { version, provider, environment } = run.deployment;
  const programs = run.programs && JSON.stringify(run.programs);
  const seen = prompts.seen.length > 0 ? `version ${prompts.seen.join(", ")}` : "none seen";
  return `## How it was made

- date: ${run.started}
- deployment: version ${text(version)}, ${text(environment)}, provider ${text(provider)}, ${text(run.url)}
- models: ${models.map((model) => `\`${text(model)}\``).join(", ") || "none"}
- prompts: ${seen}, as the deployment's events say
- prompts of this checkout: version ${prompts.checkout.version}, SHA-256 \`${prompts.checkout.sha256}\`
- the eval's own programs and words: ${programs ? `SHA-256 \`${sha256(programs)}\`` : "not told"}
- judge: ${judge ? `\`${text(judge.model)}\`` : "none"}
- requests: ${run.requests}, ${run.held_out} of them held out from prompt work; samples of each: ${run.samples}
- tokens in all, the judge's among them: ${number(tokens)}
- run: ${run.id}`;
}

const percent = (share) => `${Math.round(share * 100)} %`;
const part = ({ is, of }) => (of === 0 ? "" : `${percent(is / of)} (${is} of ${of})`);
const number = (value) => (value === null ? "" : Math.round(value).toLocaleString("en-US"));
/** On one line, with nothing that a table or Markdown reads as its own. */
const text = (value) => printable(String(value)).replace(/[|<>`*_[\]\\]/g, (sign) => `\\${sign}`);
const short = (reason) => text(reason.length > REASON_CHARS ? `${reason.slice(0, REASON_CHARS)}…` : reason);
