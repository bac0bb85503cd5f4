import { line, says, within } from "./common.mjs";

export const check = (answer, tools) => [
  within(answer, tools, 250),
  line("cite la maire", answer.includes("Morvan")),
  line("les 85 places", says(answer, 85)),
  line("les 6,2 km", says(answer, 6.2)),
  line("le 4 avril 2027", /4 avril 2027/.test(answer)),
];
