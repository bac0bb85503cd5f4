// Colours for code, in the languages that answers are most often written in.

import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import cpp from "highlight.js/lib/languages/cpp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { sanitizeHighlight } from "./sanitize";

const LANGUAGES = { bash, cpp, css, diff, go, ini, java, javascript, json, python, rust, sql, typescript, xml, yaml };
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);
hljs.registerAliases(["console", "terminal", "shell-session"], { languageName: "bash" });
hljs.registerAliases(["toml"], { languageName: "ini" });

/** Longer code stays plain: colours are not worth a frozen page. */
const HIGHLIGHT_CHARS_MAX = 40_000;

export function highlight(root: ParentNode): void {
  for (const code of root.querySelectorAll<HTMLElement>('pre > code[class^="language-"]')) {
    const language = code.className.slice("language-".length).toLowerCase();
    const text = code.textContent ?? "";
    if (!hljs.getLanguage(language) || text.length > HIGHLIGHT_CHARS_MAX) continue;
    code.replaceChildren(sanitizeHighlight(hljs.highlight(text, { language, ignoreIllegals: true }).value));
    code.dataset.highlighted = language;
  }
}
