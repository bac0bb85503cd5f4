// The prompt of a command line.

import { Failure } from "./options.mjs";

/** The words of the command line, in which `-` stands for standard input; without any, standard input. */
export async function promptOf(words, command) {
  if (words.length === 0 && process.stdin.isTTY)
    throw new Failure(2, `Give a prompt: ${command} "..."\nTry: ${command} --help`);
  const parts = [];
  for (const word of words.length > 0 ? words : ["-"]) parts.push(word === "-" ? `\n${await standardInput()}` : word);
  const prompt = parts.join(" ").trim();
  if (prompt === "") throw new Failure(2, `The prompt is empty. Give one: ${command} "..."`);
  return prompt;
}

async function standardInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8").trim();
}
