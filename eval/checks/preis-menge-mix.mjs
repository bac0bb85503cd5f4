import { dataOf, figures } from "./lib/rules.mjs";

/** Quantity, price and variable cost in 2024, then in 2025. */
const PRODUCTS = [
  [12_000, 40, 24, 11_000, 42, 26],
  [5_000, 85, 52, 6_200, 83, 54],
  [20_000, 9.5, 3.1, 24_000, 9.9, 3.6],
];

export function check(answer, tools) {
  const sum = (of) => PRODUCTS.reduce((total, product) => total + of(product), 0);
  const before = sum(([q, p]) => q * p);
  const after = sum(([, , , q, p]) => q * p);
  const price = sum(([, p, , q1, p1]) => (p1 - p) * q1);
  const volume = ((sum(([, , , q1]) => q1) - sum(([q]) => q)) * before) / sum(([q]) => q);
  const margins = [sum(([q, p, c]) => q * (p - c)), sum(([, , , q, p, c]) => q * (p - c))];
  const expected = {
    "umsatz.2024": before,
    "umsatz.2025": after,
    preiseffekt: price,
    mengeneffekt: volume,
    mixeffekt: after - before - price - volume,
    "db.2024": margins[0],
    "db.2025": margins[1],
    "db_quote.2024": (100 * margins[0]) / before,
    "db_quote.2025": (100 * margins[1]) / after,
    db_menge: sum(([q, p, c, q1]) => (q1 - q) * (p - c)),
    db_preis: price,
    db_kosten: -sum(([, , c, q1, , c1]) => (c1 - c) * q1),
  };
  // Whoever computes with an average price of 29.59 is right as well.
  const within = { mengeneffekt: 25, mixeffekt: 25, "db_quote.2024": 0.006, "db_quote.2025": 0.006 };
  return figures(dataOf(answer, tools), expected, within);
}
