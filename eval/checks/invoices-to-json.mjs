import { dataOf, figures, isLike, rule } from "./lib/rules.mjs";

const cents = (value) => (Math.sign(value) * Math.round(Math.abs(value) * 100 + 1e-6)) / 100;

/** Quantity, unit price with its discount, rate of VAT. */
const INVOICES = [
  {
    fixed: { number: "RE-2026-0417", date: "2026-11-03", due: "2026-11-17", already_paid: 0 },
    vatId: "DE811907334",
    lines: [
      [6, 68.5, 19],
      [20, 24.9, 19],
      [2, 39.25, 7],
    ],
  },
  {
    fixed: { number: "88-1203", date: "2026-11-11", due: "2026-12-11", already_paid: 400 },
    vatId: null,
    lines: [
      [45, 18.4 * 0.9, 20],
      [12, 32, 20],
    ],
  },
  {
    fixed: { number: "R-2026/031", date: "2026-11-20", due: "2026-12-31", already_paid: 0 },
    vatId: "ESB60123456",
    lines: [[500, -0.36, 21]],
  },
];

export function check(answer, tools) {
  const data = dataOf(answer, tools);
  return [
    rule("three invoices, and nothing but the block and five lines", () => {
      if (!Array.isArray(data) || data.length !== 3) return "no array of three";
      const rest = answer
        .replace(/```[\s\S]*?```/g, "")
        .split("\n")
        .filter((line) => line.trim() !== "");
      return rest.length <= 5 || answer.trim().startsWith("[") ? null : `${rest.length} lines`;
    }),
    ...INVOICES.flatMap((invoice, index) => ofInvoice(data?.[index], invoice, `invoice ${index + 1}`)),
    rule("the wrong VAT of invoice 2 is a problem", () =>
      data[1].problems.some((text) => /VAT|MwSt|tax|242/i.test(text)) ? null : "not said",
    ),
    rule("invoice 1 has no problem", () => (data[0].problems.length === 0 ? null : data[0].problems[0])),
  ];
}

function ofInvoice(found, { fixed, vatId, lines }, name) {
  const net = lines.reduce((sum, [quantity, price]) => sum + cents(quantity * price), 0);
  const rates = [...new Set(lines.map(([, , rate]) => rate))];
  const netOf = (rate) =>
    lines.filter(([, , one]) => one === rate).reduce((sum, [quantity, price]) => sum + quantity * price, 0);
  const vat = rates.reduce((sum, rate) => sum + cents((netOf(rate) * rate) / 100), 0);
  const expected = { ...fixed, currency: "EUR", net, vat, gross: net + vat, to_pay: net + vat - fixed.already_paid };
  return [
    ...figures(found, expected, 0.001).map((one) => ({ ...one, name: `${name}: ${one.name}` })),
    rule(`${name}: supplier_vat_id`, () => {
      const id = found.supplier_vat_id;
      return (id === null ? null : id.replace(/[\s.-]/g, "").toUpperCase()) === vatId ? null : `${id}`;
    }),
    rule(`${name}: lines`, () => {
      if (found.lines.length !== lines.length) return `${found.lines.length} lines`;
      const wrong = found.lines.find(
        (line, at) =>
          !isLike(line.net, cents(lines[at][0] * lines[at][1]), 0.001) ||
          !isLike(line.quantity * line.unit_price, line.net, 0.011) ||
          line.vat_percent !== lines[at][2],
      );
      return wrong && JSON.stringify(wrong);
    }),
  ];
}
