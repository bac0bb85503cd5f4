import { line } from "./common.mjs";

const EXPECTED = { requests: 9, errors_5xx: 3, error_rate: 0.333, median_ms: 41 };
const HOSTS = { a: [4, 0], b: [3, 2], c: [2, 1] };

export function check(answer, { json }) {
  const given = json(answer);
  if (typeof given !== "object" || given === null) return [line("the JSON is there", false)];
  return [
    ...Object.entries(EXPECTED).map(([name, value]) => line(name, given[name] === value, given[name])),
    ...Object.entries(HOSTS).map(([host, [requests, errors]]) => {
      const own = given.by_host?.[host];
      return line(`host ${host}`, own?.requests === requests && own?.errors_5xx === errors, JSON.stringify(own));
    }),
    line("slowest", given.slowest?.host === "b" && given.slowest?.ms === 30_001, JSON.stringify(given.slowest)),
  ];
}
