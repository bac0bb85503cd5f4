import { dataOf, figures } from "./lib/rules.mjs";

const PRICE = 29;
const COHORTS = { jan: [420, 294, 239, 210], feb: [510, 347, 281], mar: [640, 371] };

export function check(answer, tools) {
  const { jan, feb, mar } = COHORTS;
  const percent = (part, whole) => (100 * part) / whole;
  const weighted = (month, ...cohorts) =>
    percent(
      cohorts.reduce((sum, cohort) => sum + cohort[month], 0),
      cohorts.reduce((sum, cohort) => sum + cohort[0], 0),
    );
  const revenue = (cohort) => (PRICE * (cohort[0] + cohort[1] + cohort[2])) / cohort[0];
  const expected = {
    "m1.jan": percent(jan[1], jan[0]),
    "m1.feb": percent(feb[1], feb[0]),
    "m1.mar": percent(mar[1], mar[0]),
    m1_weighted: weighted(1, jan, feb, mar),
    m2_weighted: weighted(2, jan, feb),
    m3_jan: percent(jan[3], jan[0]),
    "revenue_m0_m2.jan": revenue(jan),
    "revenue_m0_m2.feb": revenue(feb),
    z_march: pooledZ([mar[1], mar[0]], [jan[1] + feb[1], jan[0] + feb[0]]),
  };
  const within = Object.fromEntries(
    Object.keys(expected).map((key) => [key, key.startsWith("revenue") ? 0.011 : 0.06]),
  );
  return figures(dataOf(answer, tools), expected, within);
}

function pooledZ([x, n], [y, m]) {
  const pooled = (x + y) / (n + m);
  return Math.abs(x / n - y / m) / Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
}
