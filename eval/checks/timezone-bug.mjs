import { line, within } from "./common.mjs";

export const check = (answer, tools) => [
  within(answer, tools, 150),
  line("names daylight saving time", /daylight|summer time|DST|CEST/i.test(answer)),
  line("proposes UTC or another hour", /\bUTC\b|outside|0?[345]:\d\d|01:\d\d/i.test(answer)),
];
