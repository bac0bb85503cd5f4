import { line, says } from "./common.mjs";

export const check = (answer) => [
  line("lifetime value of small customers", says(answer, 3_600, 20)),
  line("lifetime value of large customers", says(answer, 264_222, 300) || says(answer, 264, 0.5)),
  line("payback of small customers", says(answer, 6.4, 0.06)),
  line("payback of large customers", says(answer, 5.9, 0.06)),
  line("steady state of small customers", says(answer, 2_927, 4)),
  line("steady state of large customers", says(answer, 1_000)),
];
