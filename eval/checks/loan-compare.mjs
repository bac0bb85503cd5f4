import { line } from "./common.mjs";

const payment = (debt, rate, months) => (debt * rate) / (1 - (1 + rate) ** -months);

function expected() {
  const first = payment(240_000, 0.003, 300);
  const debt = 240_000 * 1.003 ** 60 - (first * (1.003 ** 60 - 1)) / 0.003;
  const second = payment(debt, 0.004, 240);
  return { payment1: first, debt5: debt, payment2: second, interest: 60 * first + 240 * second - 240_000 };
}

/** To the cent, and the total within what rounding of 300 payments may add. */
const TOLERANCES = { payment1: 0.011, debt5: 1, payment2: 0.011, interest: 5 };

export function check(answer, { json }) {
  const blocks = [...answer.matchAll(/\{[^{}]*\}/g)].map(([text]) => json(text)).filter(Boolean);
  const given = blocks.at(-1);
  if (!given) return [line("the JSON is there", false)];
  return Object.entries(expected()).map(([name, value]) =>
    line(name, Math.abs(given[name] - value) <= TOLERANCES[name], `${given[name]}, expected ${value.toFixed(2)}`),
  );
}
