import { dataOf, rule } from "./lib/rules.mjs";

/** The log with its corrections (11 of 5, 14 of 2) applied. */
const LOG = [
  { line: 1, receive: 40, item: "bolts", to: "A" },
  { line: 2, receive: 35, item: "gears", to: "B" },
  { line: 3, reserve: "501", items: { bolts: 30, gears: 5 } },
  { line: 4, move: 15, item: "bolts", from: "A", to: "B" },
  { line: 5, move: 12, item: "gears", from: "B", to: "Q" },
  { line: 6, ship: "501" },
  { line: 7, receive: 12, item: "gears", to: "A" },
  { line: 8, reserve: "502", items: { gears: 20 } },
  { line: 9, count: 9, item: "bolts", to: "B" },
  { line: 10, move: 12, item: "gears", from: "Q", to: "B" },
  { line: 12, ship: "502" },
  { line: 13, receive: 5, item: "belts", to: "Q" },
  { line: 15, reserve: "503", items: { bolts: 6, belts: 2 } },
  { line: 16, move: 4, item: "belts", from: "Q", to: "A" },
  { line: 17, count: 1, item: "gears", to: "A" },
  { line: 18, ship: "503" },
  { line: 19, reserve: "504", items: { gears: 40 } },
  { line: 20, move: 30, item: "gears", from: "B", to: "A" },
];
const ITEMS = ["bolts", "gears", "belts"];

export function check(answer, tools) {
  const data = dataOf(answer, tools);
  const expected = replay();
  return [
    ...ITEMS.map((item) => rule(`stock of ${item}`, () => same(withoutZeros(data.stock[item]), expected.stock[item]))),
    rule("reserved", () => same(data.reserved, expected.reserved)),
    rule("rejected", () => same(data.rejected, expected.rejected)),
    rule("negative_at", () => same(data.negative_at, expected.negative)),
  ];
}

function replay() {
  const stock = Object.fromEntries(ITEMS.map((item) => [item, { A: 0, B: 0, Q: 0 }]));
  const reserved = {};
  const [rejected, negative] = [[], []];
  for (const entry of LOG) {
    if (!apply(entry, stock, reserved)) rejected.push(entry.line);
    const free = (item) =>
      stock[item].A + stock[item].B - Object.values(reserved).reduce((sum, items) => sum + (items[item] ?? 0), 0);
    if (ITEMS.some((item) => free(item) < 0)) negative.push(entry.line);
  }
  const left = Object.fromEntries(ITEMS.map((item) => [item, withoutZeros(stock[item])]));
  return { stock: left, reserved, rejected, negative };
}

/** False where the line is rejected. */
function apply(entry, stock, reserved) {
  if ("receive" in entry) stock[entry.item][entry.to] += entry.receive;
  if ("count" in entry) stock[entry.item][entry.to] = entry.count;
  if ("reserve" in entry) reserved[entry.reserve] = entry.items;
  if ("move" in entry) {
    if (stock[entry.item][entry.from] < entry.move) return false;
    stock[entry.item][entry.from] -= entry.move;
    stock[entry.item][entry.to] += entry.move;
  }
  if ("ship" in entry) {
    const items = Object.entries(reserved[entry.ship] ?? {});
    if (items.length === 0 || items.some(([item, count]) => stock[item].A + stock[item].B < count)) return false;
    for (const [item, count] of items) {
      const ofA = Math.min(count, stock[item].A);
      stock[item].A -= ofA;
      stock[item].B -= count - ofA;
    }
    delete reserved[entry.ship];
  }
  return true;
}

const withoutZeros = (places) => Object.fromEntries(Object.entries(places).filter(([, count]) => count !== 0));

function same(found, expected) {
  const flat = (value, path = "") =>
    value !== null && typeof value === "object"
      ? Object.entries(value).flatMap(([key, one]) => flat(one, `${path}/${key}`))
      : [`${path}=${JSON.stringify(value)}`];
  const [one, other] = [flat(found).sort().join(" "), flat(expected).sort().join(" ")];
  return one === other ? null : `${one} instead of ${other}`;
}
