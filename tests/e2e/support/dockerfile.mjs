// What a Dockerfile says, for tests on machines without a container engine.

import { readFileSync } from "node:fs";

/** Its instructions, stage by stage: `{ base, instructions: [{ name, value }] }`. */
export function stagesOf(file) {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => !line.startsWith("#"));
  const stages = [];
  for (const line of lines.join("\n").replace(/\\\n/g, " ").split("\n")) {
    const [, name, value] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === "FROM") stages.push({ base: value, instructions: [] });
    else if (name) stages.at(-1).instructions.push({ name, value: value.replace(/\s+/g, " ") });
  }
  return stages;
}

/** The values of all instructions of this name. */
export const valuesOf = (stage, name) =>
  stage.instructions.filter((one) => one.name === name).map(({ value }) => value);

/** The variables of ENV. */
export function environmentOf(stage) {
  const pairs = valuesOf(stage, "ENV").flatMap((value) => value.split(" ").map((pair) => pair.split("=")));
  return Object.fromEntries(pairs);
}

/** The command of ENTRYPOINT or HEALTHCHECK, which is written as JSON. */
export function commandOf(stage, name) {
  const [value] = valuesOf(stage, name);
  return JSON.parse(value.slice(value.indexOf("[")));
}
