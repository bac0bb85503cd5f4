import { line, says, within } from "./common.mjs";

export const check = (answer, tools) => [
  within(answer, tools, 150),
  line("A kostet 384 €", says(answer, 384)),
  line("B kostet 456 €", says(answer, 456)),
  line("C kostet 464 €", says(answer, 464)),
  line("die Grenze liegt bei 13,5 GB", says(answer, 13.5)),
];
