import { line } from "./common.mjs";

const WHOLE = {
  number: "2026-1147",
  date: "2026-11-03",
  vat_id: "DE811907980",
  net: 219.3,
  vat: 41.67,
  gross: 260.97,
  due: "2026-11-17",
  cash_discount_until: "2026-11-10",
  cash_discount_amount: 5.22,
};

export function check(answer, { json }) {
  const given = json(answer);
  if (typeof given !== "object" || given === null) return [line("the JSON is there", false)];
  const items = Array.isArray(given.items) ? given.items : [];
  const sum = items.reduce((total, { total: one }) => total + one, 0);
  return [
    ...Object.entries(WHOLE).map(([name, value]) => line(name, given[name] === value, given[name])),
    line("discount", Math.abs(Math.abs(given.discount) - 4.78) < 0.001, given.discount),
    line(
      "five items whose sum is right",
      items.length === 5 && Math.abs(sum - 224.08) < 0.005,
      `${items.length}: ${sum}`,
    ),
    line(
      "the return is an item of its own",
      items.some(({ quantity, total }) => quantity === -1 && total === -59),
    ),
  ];
}
