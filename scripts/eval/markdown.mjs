// An answer's Markdown, read as the engine reads it (src/engine/answer/fences.rs, length.rs): fenced code, and words of
// prose.

/**
 * Lines of a text, and what a fence among them does.
 *
 * @param {string} text
 * @returns {Generator<{ text: string, code: boolean, opens?: { info: string }, closes?: boolean }>}
 */
export function* linesOf(text) {
  let open = null;
  for (const line of text.split("\n").map((line) => line.replace(/\r$/, ""))) {
    const fence = fenceOf(line);
    if (open === null) {
      if (fence) open = fence;
      yield { text: line, code: fence !== null, ...(fence ? { opens: { info: fence.info } } : {}) };
      continue;
    }
    const closes = fence !== null && fence.mark === open.mark && fence.length >= open.length && fence.info === "";
    if (closes) open = null;
    yield { text: line, code: true, ...(closes ? { closes: true } : {}) };
  }
}

function fenceOf(line) {
  const [, marks, info] = /^(`{3,}|~{3,})(.*)$/.exec(line.trim()) ?? [];
  // "```x``` is code" is a line of text.
  if (!marks || (marks[0] === "`" && info.includes("`"))) return null;
  return { mark: marks[0], length: marks.length, info: info.trim() };
}

const CJK_LETTERS = 2;
const THAI_LETTERS = 5;
const LETTER = /[\p{Alphabetic}\p{N}]/u;
const THAI = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]/u;
// The same ranges as the engine's.
const CJK = new RegExp(
  "[\\u3005-\\u3007\\u3031-\\u3035\\u3041-\\u3096\\u309d-\\u309f\\u30a1-\\u30fa\\u30fc-\\u312f\\u31a0-\\u31ff" +
    "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\uff66-\\uff9f\\u{20000}-\\u{3ffff}]",
  "u",
);

/** The words of prose, without fenced code and tables. A test holds it against the engine's own examples. */
export function words(text) {
  let count = { words: 0, cjk: 0, thai: 0 };
  // Of a table without bars at its edges, the line before the dashes is the heading.
  let before = count;
  let inTable = false;
  for (const { text: raw, code } of linesOf(text)) {
    const line = raw.trim();
    if (code) {
      inTable = false;
      continue;
    }
    if ((inTable && line.includes("|")) || line.startsWith("|")) continue;
    inTable = false;
    if (/^[-|: ]+$/.test(line) && line.includes("|") && line.includes("-")) {
      count = before;
      inTable = true;
      continue;
    }
    before = count;
    count = withLine(count, line);
  }
  return count.words + Math.ceil(count.cjk / CJK_LETTERS) + Math.ceil(count.thai / THAI_LETTERS);
}

function withLine({ words, cjk, thai }, line) {
  let inWord = false;
  for (const letter of line) {
    if (THAI.test(letter) && LETTER.test(letter)) {
      thai += 1;
      inWord = false;
    } else if (CJK.test(letter)) {
      cjk += 1;
      inWord = false;
    } else if (LETTER.test(letter)) {
      if (!inWord) words += 1;
      inWord = true;
    } else if (/\s/.test(letter)) inWord = false;
  }
  return { words, cjk, thai };
}

/**
 * The fenced blocks: `{ info, file, text }`. `file` is the name that the info string gives, or the line before the
 * block: a heading, bold text, inline code or a sentence that ends with one of these; null where nobody names one.
 */
export function codeBlocks(text) {
  const blocks = [];
  let lastLine = "";
  let open = null;
  for (const { text: line, code, opens, closes } of linesOf(text)) {
    if (opens) {
      open = { info: opens.info, file: fileOfInfo(opens.info) ?? fileOfLine(lastLine), lines: [] };
      blocks.push(open);
    } else if (closes) {
      open = null;
      lastLine = "";
    } else if (code) open.lines.push(line);
    else if (line.trim() !== "") lastLine = line.trim();
  }
  return blocks.map(({ info, file, lines }) => ({ info, file, text: lines.map((line) => `${line}\n`).join("") }));
}

const FILE = /(?:[\w@.-]+\/)*[\w@-][\w@.-]*\.[A-Za-z][A-Za-z0-9]*/;
const WHOLE_FILE = new RegExp(`^${FILE.source}$`);

/** `ts src/a.ts`, `ts:src/a.ts`, `ts title="a.ts"`, `ts file=a.ts`, `a.ts`. */
function fileOfInfo(info) {
  const named = /(?:title|file|filename|path)\s*=\s*["'{]*([^"'}\s]+)/i.exec(info)?.[1];
  const candidates = named ? [named] : info.split(/[\s:]+/);
  return candidates.find((word) => WHOLE_FILE.test(word)) ?? null;
}

function fileOfLine(line) {
  const code = [...line.matchAll(/`([^`]+)`/g)].map(([, text]) => text);
  const bold = [...line.matchAll(/\*\*([^*]+)\*\*/g)].map(([, text]) => text);
  const plain = /^(?:#{1,6}\s+|\/\/\s*)?(\S+?):?$/.exec(line)?.[1] ?? "";
  const words = [...code, ...bold, plain].flatMap((text) => text.split(/[\s:`*]+/));
  return words.map((word) => word.replace(/^\.\//, "")).find((word) => WHOLE_FILE.test(word)) ?? null;
}
