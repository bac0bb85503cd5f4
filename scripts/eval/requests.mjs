// The requests: those of eval/requests, or a file of the user's own.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Failure } from "../ask/options.mjs";
import { inRoot } from "../lib/paths.mjs";

const FOLDER = inRoot("eval/requests");
const CHECKS = inRoot("eval/checks");

/**
 * Of `eval/requests`, or of `file` (a JSON array, or JSON Lines), each with an `id`. A `file` of one's own may name
 * programs that check the answers only with `allowChecks`, because they run on this machine.
 *
 * @param {{ file?: string, allowChecks?: boolean }} [options]
 */
export async function loadRequests({ file, allowChecks = false } = {}) {
  const requests = file ? ofFile(file) : ofFolder();
  // Not above: every script can be loaded before the packages are installed.
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  /** @type {(request: any) => boolean} */
  const isValid = (request) => validate(request);
  const validate = new Ajv2020({ allErrors: true }).compile(
    JSON.parse(readFileSync(inRoot("eval/request.schema.json"), "utf8")),
  );
  const seen = new Set();
  for (const { where, request } of requests) {
    if (!isValid(request)) throw new Failure(2, `${where}: ${problemsOf(validate.errors)}.`);
    if (request.id === undefined) throw new Failure(2, `${where} has no id.`);
    if (seen.has(request.id)) throw new Failure(2, `${where}: there is another request ${request.id}.`);
    seen.add(request.id);
    if (file && request.check && !allowChecks)
      throw new Failure(
        2,
        `${where} names the program ${request.check}. Programs of a file run on this machine: add --allow-checks.`,
      );
  }
  if (requests.length === 0) throw new Failure(2, `There is no request in ${file ?? FOLDER}.`);
  const checks = file ? path.dirname(path.resolve(file)) : CHECKS;
  return requests.map(({ request, where }) => ({ ...request, checkFile: checkFileOf(request, checks, where) }));
}

function ofFolder() {
  if (!existsSync(FOLDER)) throw new Failure(2, `There is no folder ${FOLDER}: name a file with --requests.`);
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => {
    const request = parsed(readFileSync(path.join(FOLDER, name), "utf8"), name);
    return { where: name, request: { id: name.replace(/\.json$/, ""), ...request } };
  });
}

function ofFile(file) {
  const text = textOf(file);
  if (text.trimStart().startsWith("["))
    return parsed(text, file).map((request, index) => ({ where: `${file}, request ${index + 1}`, request }));
  return text
    .split("\n")
    .map((line, index) => ({ where: `${file}, line ${index + 1}`, line }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ where, line }) => ({ where, request: parsed(line, where) }));
}

/** The text of a file that the reader has named. */
export function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure(2, `${file} can't be read (${error.code}).`);
  }
}

function parsed(text, where) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(2, `${where} is no JSON: ${error.message}.`);
  }
}

function problemsOf(errors) {
  return errors
    .map(({ instancePath, message, params }) => {
      const what = params.additionalProperty ? ` (${params.additionalProperty})` : "";
      return `${instancePath.slice(1).replaceAll("/", ".") || "it"} ${message}${what}`;
    })
    .join("; ");
}

function checkFileOf({ check }, folder, where) {
  if (!check) return null;
  const file = path.join(folder, check);
  if (!existsSync(file)) throw new Failure(2, `${where} names ${file}, which is not there.`);
  return file;
}

/** `(answer) -> [{ name, passed, detail }]` of a request with a program; null for others. */
export async function checkOf({ checkFile }) {
  if (checkFile === null) return null;
  const { check } = await import(pathToFileURL(checkFile).href);
  if (typeof check !== "function") throw new Error("it exports no function check");
  return check;
}

/**
 * As many of them as `count`, of every shape alike and none that is held out: for a quick look, also while prompts are
 * worked on.
 */
export function quickOf(requests, count) {
  const shapes = new Map();
  for (const request of shuffled(requests.filter((request) => !request.held_out))) {
    if (!shapes.has(request.shape)) shapes.set(request.shape, []);
    shapes.get(request.shape).push(request);
  }
  const rounds = Math.max(0, ...[...shapes.values()].map((list) => list.length));
  const inTurns = Array.from({ length: rounds }, (_, round) => [...shapes.values()].map((list) => list[round])).flat();
  return inTurns.filter(Boolean).slice(0, count);
}

/** In an order that is always the same and mixes kinds, so that what a cap leaves over is a mixture as well. */
export function shuffled(requests) {
  const key = ({ id }) => sha256(`order ${id}`);
  return [...requests].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

export const sha256 = (text) => createHash("sha256").update(text).digest("hex");
