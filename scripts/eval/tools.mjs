// What a check of an answer may use (eval/checks). Checks are ours, answers are not: they are text, and a program in
// one runs in the sandbox alone.

import { codeBlocks, words } from "./markdown.mjs";
import { runNode } from "./sandbox.mjs";

/** The first JSON value in an answer: all of it, a code block, or what begins at a brace. Undefined where none is. */
export function json(answer) {
  const whole = parsed(answer);
  if (whole !== undefined) return whole;
  const blocks = codeBlocks(answer);
  for (const { text } of [...blocks.filter(({ info }) => /^json/i.test(info)), ...blocks]) {
    const value = parsed(text);
    if (value !== undefined) return value;
  }
  return firstValue(answer);
}

export const tools = Object.freeze({ codeBlocks, words, json, runNode });

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object or an array that stands within prose. */
function firstValue(text) {
  for (const { index } of text.matchAll(/[{[]/g)) {
    const end = endOf(text, index);
    const value = end === null ? undefined : parsed(text.slice(index, end));
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Behind the bracket that closes the one at `start`, brackets within strings not counting. */
function endOf(text, start) {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const letter = text[at];
    if (inString) {
      if (letter === "\\") at += 1;
      else if (letter === '"') inString = false;
    } else if (letter === '"') inString = true;
    else if ("{[".includes(letter)) depth += 1;
    else if ("}]".includes(letter) && --depth === 0) return at + 1;
  }
  return null;
}
