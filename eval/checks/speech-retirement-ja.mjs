import { line } from "./common.mjs";

export function check(answer) {
  const letters = [...answer.replace(/\s/g, "")].length;
  return [
    line("600字から800字", letters >= 600 && letters <= 800, `${letters}`),
    line("鈴木部長", answer.includes("鈴木")),
    line("山に触れる", /山/.test(answer)),
    line("敬体", (answer.match(/(です|ます|ました|ください)/g) ?? []).length >= 5),
  ];
}
