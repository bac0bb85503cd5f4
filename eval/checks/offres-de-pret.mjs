import { dataOf, figures } from "./lib/rules.mjs";

const CAPITAL = 220_000;
const OFFERS = {
  1: { years: 20, rate: 0.0335, insurance: 0.003, onBalance: false, fees: 900 + 2_400 },
  2: { years: 20, rate: 0.0315, insurance: 0.0044, onBalance: false, fees: 2_800 },
  3: { years: 25, rate: 0.0345, insurance: 0.002, onBalance: true, fees: 500 + 2_400 },
};

export function check(answer, tools) {
  const expected = {};
  for (const [name, offer] of Object.entries(OFFERS)) {
    const { instalment, cost, after10 } = schedule(offer);
    expected[`mensualite_hors_assurance.${name}`] = instalment;
    expected[`mensualite_avec_assurance_mois_1.${name}`] = instalment + (CAPITAL * offer.insurance) / 12;
    expected[`cout_total.${name}`] = cost;
    expected[`capital_restant_10_ans.${name}`] = after10;
    expected[`ira_10_ans.${name}`] = Math.min((after10 * offer.rate) / 2, after10 * 0.03);
  }
  // A bank rounds each month to whole cents, which adds up over 25 years.
  const within = ([key]) => [key, key.startsWith("mensualite") ? 0.02 : 5];
  return figures(dataOf(answer, tools), expected, Object.fromEntries(Object.entries(expected).map(within)));
}

function schedule({ years, rate, insurance, onBalance, fees }) {
  const monthly = rate / 12;
  const instalment = (CAPITAL * monthly) / (1 - (1 + monthly) ** (-12 * years));
  let balance = CAPITAL;
  let cost = fees;
  let after10 = 0;
  for (let month = 1; month <= 12 * years; month++) {
    const interest = balance * monthly;
    cost += interest + ((onBalance ? balance : CAPITAL) * insurance) / 12;
    balance -= instalment - interest;
    if (month === 120) after10 = balance;
  }
  return { instalment, cost, after10 };
}
