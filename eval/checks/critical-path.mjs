import { rule, says, wordsWithin } from "./lib/rules.mjs";

const TASKS = {
  A: [2, ""],
  B: [3, "A"],
  C: [2, "A"],
  D: [2, "BC"],
  E: [5, "D"],
  F: [2, "E"],
  G: [14, ""],
  H: [3, "FG"],
  I: [1, "H"],
  J: [8, "I"],
  K: [1, "J"],
  L: [1, "K"],
  M: [2, "KN"],
  N: [2, "E"],
};

export function check(answer, { words }) {
  return [
    wordsWithin("at most 150 words", words(answer), { least: 10, most: 150 }),
    says("how long it takes", answer, lengthOf(TASKS)),
    says("the end with late cabinets", answer, lengthOf({ ...TASKS, G: [17, ""] })),
    rule("both paths are critical", () => {
      const text = answer.replace(/[^\p{L}\p{N}]+/gu, "-");
      const first = /A-(to-)?B-(to-)?D-(to-)?E-(to-|and-)?F/.test(text) || /\bABDEF/.test(text);
      return first && /(^|-)G(H[A-Z]*)?-/.test(text) ? null : "not A-B-D-E-F and G";
    }),
    rule("faster wiring gains nothing", () => {
      // A 28 may well stand elsewhere: L and M begin on day 28.
      const [, ending] = /^[\s\S]*(?:\(2\)|^\W*2[.)]|wiring)([\s\S]*)$/im.exec(answer) ?? ["", answer];
      const gained = lengthOf({ ...TASKS, B: [2, "A"] }) - 1;
      const isSame = /\b29\b|unchanged|no (change|effect|gain)|nothing|same|not /i.test(ending);
      return ending.includes(String(gained)) && !isSame ? `it says ${gained}` : null;
    }),
  ];
}

function lengthOf(tasks) {
  const end = (name) => tasks[name][0] + Math.max(0, ...[...tasks[name][1]].map(end));
  return Math.max(...Object.keys(tasks).map(end));
}
