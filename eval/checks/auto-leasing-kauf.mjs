import { dataOf, figures } from "./lib/rules.mjs";

const MONTHS = 48;
const YEARS = 4;

export function check(answer, tools) {
  const monthly = 1.049 ** (1 / 12) - 1;
  const rate = (30_000 * monthly) / (1 - (1 + monthly) ** -MONTHS);
  const buy = (value) => 8_900 + MONTHS * rate + YEARS * 780 + 1_400 + 900 - value;
  const lease = (km) =>
    MONTHS * 389 + 2_500 + 1_190 + YEARS * 780 + 900 + Math.max(0, (km - 10_000) * YEARS - 2_500) * 0.12;
  const subscribe = (km) =>
    199 + 12 * 649 * (1 + 1.03 + 1.03 ** 2 + 1.03 ** 3) + Math.max(0, km - 15_000) * YEARS * 0.15;
  const expected = {
    rate,
    kauf: buy(17_500),
    leasing: lease(15_000),
    abo: subscribe(15_000),
    gleicher_restwert: buy(0) - lease(15_000),
    "bei_10000.kauf": buy(18_500),
    "bei_10000.leasing": lease(10_000),
    "bei_10000.abo": subscribe(10_000),
    "bei_20000.kauf": buy(16_500),
    "bei_20000.leasing": lease(20_000),
    "bei_20000.abo": subscribe(20_000),
  };
  // Whoever rounds the instalment, or the subscription's price, to whole cents is right as well.
  return figures(dataOf(answer, tools), expected, {
    ...Object.fromEntries(Object.keys(expected).map((key) => [key, 1])),
    rate: 0.02,
  });
}
