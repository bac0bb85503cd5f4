// The project's pages of Markdown as data: links, anchors, tables, blocks of code.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { inRoot } from "../../../scripts/lib/paths.mjs";

/** Every page that a reader of the project meets, by its path. */
export const PAGES = [
  "README.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  ...readdirSync(inRoot("docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

export const read = (name) => readFileSync(inRoot(name), "utf8");

/** The text without what stands in blocks of code. */
const prose = (text) => text.replace(/^( *)(`{3,}).*\n[\s\S]*?^\1\2$/gm, "");

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchorsOf(text) {
  const anchors = new Set();
  for (const [, heading] of prose(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = words
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
      .trim()
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The targets of all links and pictures of a page that are no addresses of the web. */
export function linksOf(text) {
  const withoutCode = prose(text).replace(/`[^`\n]*`/g, "");
  return [...withoutCode.matchAll(/\]\(([^()\s]+)\)/g)].map(([, to]) => to).filter((to) => !/^[a-z]+:/.test(to));
}

/** What is wrong with the links of a page: a file or an anchor that is not there. */
export function brokenLinks(name, text = read(name)) {
  return linksOf(text).filter((to) => {
    const [file, anchor] = to.split("#");
    const target = file === "" ? name : path.join(path.dirname(name), file);
    if (target.startsWith("..") || !existsSync(inRoot(target))) return true;
    if (anchor === undefined) return false;
    if (statSync(inRoot(target)).isDirectory() || !target.endsWith(".md")) return true;
    return !anchorsOf(target === name ? text : read(target)).has(anchor);
  });
}

/** The rows of the table whose header begins so, cell by cell. */
export function table(text, header) {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.startsWith(header));
  if (at < 0) throw new Error(`there is no table that begins with ${header}`);
  const length = lines.slice(at).findIndex((line) => !line.startsWith("|"));
  const end = length < 0 ? lines.length : at + length;
  return lines.slice(at + 2, end).map((line) =>
    line
      .replace(/^\||\|$/g, "")
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** What stands between backticks, but for blocks of code. */
export const codesOf = (text) => [...prose(text).matchAll(/`([^`]+)`/g)].map(([, code]) => code);

/** The blocks of code of a page: `{ language, code }`. */
export function blocksOf(text) {
  return [...text.matchAll(/^( *)(`{3,})(\S*)\n([\s\S]*?)^\1\2$/gm)].map(([, , , language, code]) => ({
    language,
    code,
  }));
}

/** The part of a page below a heading. */
export function section(text, heading) {
  const from = text.indexOf(`\n## ${heading}\n`);
  if (from < 0) throw new Error(`there is no section ${heading}`);
  const to = text.indexOf("\n## ", from + 1);
  return text.slice(from, to < 0 ? undefined : to);
}
