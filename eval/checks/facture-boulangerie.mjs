import { dataOf, figures } from "./lib/rules.mjs";

const PEAK = 6_820 + 5_940 + 5_510 + 6_630;
const NIGHT = 4_310 + 3_980 + 3_720 + 4_190;
const OFFERS = { a: [0.2146, 0.1696, 58.4], b: [0.189, 0.189, 64], c: [0.229, 0.148, 55] };
const MOVED = 0.15;

export function check(answer, tools) {
  const bill = ([peak, night, month], part) => PEAK * (1 - part) * peak + (NIGHT + PEAK * part) * night + 12 * month;
  const bills = (part) => Object.fromEntries(Object.entries(OFFERS).map(([name, offer]) => [name, bill(offer, part)]));
  const [without, moved] = [bills(0), bills(MOVED)];
  const expected = {
    ...Object.fromEntries(Object.entries(without).map(([name, value]) => [`sans.${name}`, value])),
    ...Object.fromEntries(Object.entries(moved).map(([name, value]) => [`avec.${name}`, value])),
    seuil_pourcent: (100 * (without.c - without.b)) / (PEAK * (OFFERS.c[0] - OFFERS.c[1])),
    cout_nuit: 2 * 5 * 52 * 3.2,
    gain_c: without.c - moved.c,
  };
  return figures(dataOf(answer, tools), expected, {
    ...Object.fromEntries(Object.keys(expected).map((key) => [key, 0.011])),
    seuil_pourcent: 0.06,
  });
}
