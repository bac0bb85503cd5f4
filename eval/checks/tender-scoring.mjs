import { dataOf, figures, rule } from "./lib/rules.mjs";

const CLOSING = "2026-09-30";
const BIDS = {
  Arda: { price: 412_000, marks: [78, 70, 60], until: "2026-12-31" },
  Borealis: { price: 389_000, marks: [66, 64, 45], until: "2028-02-14" },
  Cirro: { price: 298_000, marks: [58, 62, 55], until: "2027-10-01" },
  Delphi: { price: 455_000, marks: [92, 88, 75], until: "2026-09-30" },
  Esker: { price: 371_000, marks: [81, 79, 66], until: "2026-09-29" },
  Fjord: { price: 432_000, marks: [84, 76, 70], until: "2027-03-03" },
};

export function check(answer, tools) {
  const data = dataOf(answer, tools);
  const certified = Object.entries(BIDS).filter(([, { until }]) => until >= CLOSING);
  const remaining = certified.filter(([, bid]) => quality(bid) >= 60);
  const totals = totalsOf(Object.fromEntries(remaining));
  const excluded = Object.fromEntries(
    Object.keys(BIDS)
      .filter((name) => !(name in totals))
      .map((name) => [name, certified.some(([one]) => one === name) ? 2 : 1]),
  );
  const mean = remaining.reduce((sum, [, { price }]) => sum + price, 0) / remaining.length;
  const queried = remaining.filter(([, { price }]) => price < 0.85 * mean).map(([name]) => name);
  return [
    rule("excluded, and by which rule", () => same(data.excluded, excluded)),
    ...figures(data, flat("quality", Object.fromEntries(certified.map(([name, bid]) => [name, quality(bid)]))), 0.006),
    ...figures(data, flat("totals", totals), 0.011),
    rule("totals of nobody else", () => same(Object.keys(data.totals).sort(), Object.keys(totals).sort())),
    rule("queried", () => same(data.queried, queried)),
    rule("winner", () => same(data.winner, winnerOf(totals))),
    rule("fjord_reduction", () => same(data.fjord_reduction, reductionFor("Fjord", Object.fromEntries(remaining)))),
  ];
}

const quality = ({ marks: [concept, team, green] }) => round(0.5 * concept + 0.3 * team + 0.2 * green);
const round = (value) => Math.round(value * 100 + 1e-7) / 100;

function totalsOf(bids) {
  const lowest = Math.min(...Object.values(bids).map(({ price }) => price));
  return Object.fromEntries(
    Object.entries(bids).map(([name, bid]) => [
      name,
      round(round((40 * lowest) / bid.price) + round(0.6 * quality(bid))),
    ]),
  );
}

function winnerOf(totals) {
  const [first, second] = Object.entries(totals).sort(([, one], [, other]) => other - one);
  const isClose = first[1] - second[1] < 0.5 - 1e-9;
  return isClose && quality(BIDS[second[0]]) > quality(BIDS[first[0]]) ? second[0] : first[0];
}

function reductionFor(name, bids) {
  const { price } = bids[name];
  for (let less = 1; less < price; less++)
    if (winnerOf(totalsOf({ ...bids, [name]: { ...bids[name], price: price - less } })) === name) return less;
  return null;
}

function flat(prefix, values) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));
}

function same(found, expected) {
  const sorted = (value) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? JSON.stringify(Object.entries(value).sort())
      : JSON.stringify(value);
  return sorted(found) === sorted(expected) ? null : `${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`;
}
