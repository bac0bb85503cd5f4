// What the checks have in common: a rule with a name, figures in JSON or prose, words within limits.

/**
 * One line of a check's result. `problem` returns what is wrong, or nothing. An answer may have any form, so what its
 * form breaks is wrong as well; it is no error of the check, which the samples hold.
 *
 * @param {string} name
 * @param {() => unknown} problem
 */
export function rule(name, problem) {
  let detail;
  try {
    detail = problem() ?? "";
  } catch (error) {
    detail = `the answer can't be read: ${error.message}`;
  }
  return { name, passed: detail === "", detail: String(detail) };
}

/**
 * A rule for each figure that the answer's JSON must have: `expected` maps paths ("offers.a") to values; a number may
 * differ by `within`, which is a number or a map by path. Other values must be equal.
 */
export function figures(data, expected, within = 0) {
  return Object.entries(expected).map(([path, value]) =>
    rule(path, () => {
      const found = path.split(".").reduce((part, key) => part?.[key], data);
      const slack = typeof within === "number" ? within : (within[path] ?? 0);
      return isLike(found, value, slack) ? null : `${JSON.stringify(found) ?? "nothing"} instead of ${shown(value)}`;
    }),
  );
}

const shown = (value) => (typeof value === "number" ? Number(value.toFixed(4)) : JSON.stringify(value));

export function isLike(found, value, within = 0) {
  if (typeof value !== "number") return JSON.stringify(found) === JSON.stringify(value);
  // Floating point: a difference of exactly `within` is allowed.
  return typeof found === "number" && Math.abs(found - value) <= within + 1e-9;
}

export function wordsWithin(name, count, { least = 0, most }) {
  return rule(name, () => (count >= least && count <= most ? null : `${count} words, not ${least} to ${most}`));
}

/** `prose` has the figure somewhere, written in any of the usual ways. */
export function says(name, prose, value, within = 0) {
  return rule(name, () =>
    numbersIn(prose).some((one) => isLike(one, value, within)) ? null : `no ${shown(value)} in it`,
  );
}

/** Every number of a text, in each way that its marks can be read: "1.234" is 1234 and 1.234. */
export function numbersIn(text) {
  const found = text.replace(/(\d)[\u00a0\u202f' ](?=\d{3}\b)/g, "$1").match(/\d[\d.,]*/g) ?? [];
  return found.flatMap((token) => {
    const plain = token.replace(/[.,]+$/, "");
    const readings = [];
    if (isNumber(plain, ",", ".")) readings.push(Number(plain.replaceAll(",", "")));
    if (isNumber(plain, ".", ",")) readings.push(Number(plain.replaceAll(".", "").replace(",", ".")));
    return readings;
  });
}

function isNumber(text, thousands, decimal) {
  const [whole, ...fraction] = text.split(decimal);
  if (fraction.length > 1 || fraction.some((part) => !/^\d+$/.test(part))) return false;
  const [first, ...groups] = whole.split(thousands);
  if (groups.length === 0) return /^\d+$/.test(first);
  return /^[1-9]\d{0,2}$/.test(first) && groups.every((group) => /^\d{3}$/.test(group));
}

/**
 * The JSON that a request wants at the end of an answer: the last code block that is some, or what begins a line, or
 * the first there is.
 */
export function dataOf(answer, { codeBlocks, json }) {
  const ends = [...codeBlocks(answer).map(({ text }) => text), answer.slice(answer.lastIndexOf("\n{") + 1)];
  for (const text of ends.reverse()) {
    try {
      return JSON.parse(text);
    } catch {
      // Another block, or code.
    }
  }
  return json(answer);
}

/** The parts of a Markdown text by heading: `{ title, text }`. What stands before the first heading is left out. */
export function sectionsOf(text) {
  const parts = text.split(/^#{1,6}[ \t]+(.+)$/m).slice(1);
  return parts.flatMap((title, index) =>
    index % 2 === 0 ? [{ title: title.replace(/[*:#]/g, "").trim(), text: parts[index + 1] ?? "" }] : [],
  );
}

/** Sections whose titles are, in this order and among others, `titles`; throws where one is missing. */
export function sectionsNamed(text, titles) {
  const sections = sectionsOf(text);
  return titles.map((title) => {
    const found = sections.find((section) => section.title.toLowerCase() === title.toLowerCase());
    if (!found) throw new Error(`no section "${title}"`);
    return found.text.trim();
  });
}
