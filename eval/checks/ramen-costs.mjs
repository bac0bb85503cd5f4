import { line, says } from "./common.mjs";

export const check = (answer) => [
  line("profit of 7,164", says(answer, 7_164, 1)),
  line("break-even of 112 bowls", says(answer, 112) || says(answer, 111.3, 0.06)),
  line("profit after the rise", says(answer, 7_717, 2)),
];
