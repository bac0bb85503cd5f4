import { line, says, within } from "./common.mjs";

export const check = (answer, tools) => [
  within(answer, tools, 120),
  line("about 9.0 % after one test", says(answer, 9, 0.06) || says(answer, 8.97, 0.02)),
  line("about 65.9 % after two", says(answer, 65.9, 0.15)),
];
