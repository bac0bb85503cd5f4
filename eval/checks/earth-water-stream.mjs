import { numbersIn, rule } from "./lib/rules.mjs";

const WORDS = ["EARTH", "WATER", "STREAM"];

export function check(answer) {
  const [only] = solutions();
  return [
    ...WORDS.map((word, at) =>
      rule(word, () => (numbersIn(answer).includes(only[at]) ? null : `no ${only[at]} in it`)),
    ),
    rule("S = 1", () => {
      const said = /\bS\s*(=|is|must be)\s*(\d)/i.exec(answer);
      return said && said[2] !== String(only[2])[0] ? `S = ${said[2]}` : null;
    }),
  ];
}

let found;

/** All of them, column by column from the right, with the carry. */
export function solutions() {
  if (found) return found;
  found = [];
  const [one, other, sum] = WORDS.map((word) => [...word].reverse());
  const digits = new Map();
  const withDigit = (letter, then) => {
    if (letter === undefined) return then(0);
    if (digits.has(letter)) return then(digits.get(letter));
    for (let digit = WORDS.some(([first]) => first === letter) ? 1 : 0; digit <= 9; digit++) {
      if ([...digits.values()].includes(digit)) continue;
      digits.set(letter, digit);
      then(digit);
      digits.delete(letter);
    }
  };
  const column = (at, carry) => {
    if (at === sum.length) {
      if (carry === 0) found.push(WORDS.map((word) => Number([...word].map((letter) => digits.get(letter)).join(""))));
      return;
    }
    withDigit(one[at], (x) =>
      withDigit(other[at], (y) =>
        withDigit(sum[at], (z) => {
          const total = x + y + carry;
          if (total % 10 === z) column(at + 1, Math.floor(total / 10));
        }),
      ),
    );
  };
  column(0, 0);
  return found;
}
