import { line, within } from "./common.mjs";

export function check(answer, tools) {
  const text = answer.trim();
  const paragraphs = text.split(/\n\s*\n/).filter((one) => one.trim() && !/^#/.test(one.trim()));
  const count = (text.match(/\blight\b/gi) ?? []).length;
  return [
    within(answer, tools, 200),
    line("three paragraphs", paragraphs.length === 3, paragraphs.length),
    line("light three times", count === 3, count),
    line("the last sentence is a question", /\?["'”’*_\s]*$/.test(text)),
    line("no dialogue", !/["“”«»]/.test(text)),
  ];
}
