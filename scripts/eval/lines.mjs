// What a line of the results must be, so that whoever reads one need not ask. Pure.

import { ARMS } from "./arms.mjs";
import { SAMPLES_MAX } from "./options.mjs";

/** More lines than any eval has. */
const LINES_MAX = 1_000_000;

const isText = (value) => typeof value === "string";
const isBoolean = (value) => typeof value === "boolean";
const isAmount = (value) => Number.isFinite(value) && value >= 0;
const isNull = (value) => value === undefined || value === null;
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isArm = (value) => isText(value) && Object.hasOwn(ARMS, value);
const isPair = (value) => isText(value) && value.split(":").length === 2 && value.split(":").every(isArm);
const isWinner = (value) => ["A", "B", "tie"].includes(value);
const maybe = (is) => (value) => isNull(value) || is(value);
const listOf = (is) => (value) => Array.isArray(value) && value.every(is);
/** An object with these fields; it may have others. */
const fields = (shape) => (value) =>
  typeof value === "object" && value !== null && Object.entries(shape).every(([name, is]) => is(value[name], value));

/** What is only there where there is a verdict. */
const ofVerdict =
  (is) =>
  (value, { winner }) =>
    isNull(winner) || is(value);
const ofAnswer =
  (is) =>
  (value, { error }) =>
    isNull(error) ? is(value) : value === null;

const NAMED = { request: isText, sample: isCount };
const VERDICT = { order: isCount, winner: maybe(isWinner) };
const TICKS = ofVerdict(listOf(isBoolean));

/** By kind. */
const KINDS = new Map(
  Object.entries({
    run: {
      id: isText,
      started: isText,
      url: isText,
      deployment: fields({}),
      prompts: fields({ version: isCount, sha256: isText }),
      programs: maybe(fields({})),
      requests: listOf(fields({ id: isText, shape: isText, held_out: isBoolean, max_words: maybe(isCount) })),
      arms: listOf(isArm),
      samples: (value) => isCount(value) && value <= SAMPLES_MAX,
      judge: maybe(fields({ model: isText })),
    },
    answer: {
      ...NAMED,
      arm: isArm,
      text: ofAnswer(isText),
      sha256: ofAnswer(isText),
      words: isAmount,
      tokens: isAmount,
      calls: isCount,
      seconds: (value) => value === null || isAmount(value),
      models: listOf(isText),
      prompts: listOf(isCount),
      error: maybe(fields({})),
    },
    checks: { ...NAMED, arm: isArm, checks: listOf(fields({ name: isText, passed: isBoolean })) },
    verdict: { ...NAMED, ...VERDICT, pair: isPair, a: TICKS, b: TICKS, reason: maybe(isText), problem: maybe(isText) },
    control: { ...VERDICT, id: isText },
  }),
);

/** What is wrong with a line of the results; null where it is one. */
export function problemOf(entry) {
  if (!fields({})(entry)) return "is no object";
  if (!KINDS.has(entry.kind)) return `is of an unknown kind: ${JSON.stringify(entry.kind) ?? "none"}`;
  const shape = {
    line: (value) => isCount(value) && value < LINES_MAX,
    tokens: maybe(isAmount),
    ...KINDS.get(entry.kind),
  };
  const wrong = Object.keys(shape).find((name) => !shape[name](entry[name], entry));
  return wrong === undefined ? null : `has no ${wrong} as ${entry.kind} lines have it`;
}
