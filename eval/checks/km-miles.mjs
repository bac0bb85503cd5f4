import { line, says, within } from "./common.mjs";

export const check = (answer, tools) => [line("26.219", says(answer, 26.219, 0.0004)), within(answer, tools, 60)];
