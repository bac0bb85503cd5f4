import { line, within } from "./common.mjs";

export const check = (answer, tools) => [
  within(answer, tools, 180),
  line("names the address", answer.includes("help@example.org")),
  line("says how long", /\b(7|seven)[- ]hours?\b/i.test(answer)),
  line("names Friday noon", /friday/i.test(answer) && /noon|12/i.test(answer)),
];
