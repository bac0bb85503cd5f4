// What several checks have in common.

/** One line of a check's result. */
export const line = (name, passed, detail = "") => ({ name, passed: Boolean(passed), detail: String(detail) });

/** At most so many words of prose. */
export function within(answer, { words }, most) {
  const count = words(answer);
  return line(`at most ${most} words`, count <= most, `${count} words`);
}

/** Whether a number stands in the answer, however its thousands are parted, within a tolerance. */
export function says(answer, number, tolerance = 0) {
  const found = answer.match(/\d[\d.,\u00a0\u202f' ]*/g) ?? [];
  return found.flatMap(readings).some((value) => Math.abs(value - number) <= tolerance);
}

/** A text of digits and marks as the numbers that it may mean: 1.234,5 and 1,234.5 and 1 234.5. */
function readings(text) {
  const bare = text.replace(/[\s'\u00a0\u202f]/g, "").replace(/[.,]+$/, "");
  const point = bare.replaceAll(",", "");
  const comma = bare.replaceAll(".", "").replace(",", ".");
  return [Number(point), Number(comma)].filter(Number.isFinite);
}

/** The code of an answer: the block for a file, or the longest one in the language. */
export function code(answer, { codeBlocks }, file, info) {
  const blocks = codeBlocks(answer);
  const named = blocks.find((block) => block.file === file);
  const fitting = blocks
    .filter((block) => info.test(block.info))
    .sort((one, other) => other.text.length - one.text.length);
  return (named ?? fitting[0])?.text ?? null;
}

/** Runs tests, each a line of JavaScript that throws where it fails, against a module of the answer. */
export async function runs(answer, tools, { file, imports, tests }) {
  const source = code(answer, tools, file, /^(js|javascript|mjs|)/i);
  if (source === null) return [line(`${file} is there`, false, "no code block")];
  const main = [
    'import assert from "node:assert/strict";',
    `import ${imports} from "./${file}";`,
    "const results = [];",
    ...Object.entries(tests).map(
      ([name, test]) =>
        `try { await (async () => { ${test} })(); results.push([${JSON.stringify(name)}, true, ""]); } ` +
        `catch (error) { results.push([${JSON.stringify(name)}, false, String(error.message).split("\\n")[0]]); }`,
    ),
    "console.log(JSON.stringify(results));",
  ];
  const files = { "main.mjs": main.join("\n"), [file]: source };
  const {
    code: status,
    stdout,
    stderr,
    timedOut,
  } = await tools.runNode({ files, args: ["main.mjs"], timeoutMs: 10_000 });
  const last = stdout.trim().split("\n").at(-1) ?? "";
  const results = tools.json(last);
  if (!Array.isArray(results))
    return [line("the code runs", false, timedOut ? "it does not end" : `exit ${status}: ${stderr.slice(0, 200)}`)];
  return results.map(([name, passed, detail]) => line(name, passed, detail));
}
