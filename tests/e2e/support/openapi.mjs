// Holds answers against the OpenAPI document: an undocumented path, status, header, media type, field or event fails.
// Those of doors are held in described.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { partsOfDoors } from "../../../scripts/openapi/doors.mjs";

export const document = JSON.parse(readFileSync(new URL("../../../src/api/openapi.json", import.meta.url), "utf8"));

export const pathsOfDoors = partsOfDoors().flatMap(({ paths }) => Object.keys(paths));

/** `paths` of the API itself. */
export const ownPaths = Object.fromEntries(
  Object.entries(document.paths).filter(([path]) => !pathsOfDoors.includes(path)),
);

/** What Node, workerd and HTTP itself add. `content-type` is compared with the media types. */
const OF_THE_TRANSPORT = [
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
  "transfer-encoding",
];

const ID = "openapi";
const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
addFormats(ajv);
for (const format of ["uint", "uint32", "uint64"]) ajv.addFormat(format, true);
ajv.addSchema(closed(document), ID);

/** `METHOD /path status` of every answer that was held against the document in this process, and the problem types. */
export const seen = { answers: new Set(), problems: new Set() };

/** Asserts that this answer is one that the document describes. `text` is the whole body. */
export function assertDocumented({ method, path, status, headers, text }) {
  const what = `${method} ${path.slice(0, 100)} ${status}`;
  const [pathname] = path.split("?");
  const template = Object.keys(ownPaths).find((candidate) => matches(candidate, pathname));
  const [response, at] = responseOf(template, method.toLowerCase(), String(status), what);
  seen.answers.add(`${method} ${template ?? "-"} ${status}`);
  assertHeaders(response, headers, what);
  if (method === "HEAD" || !response.content) {
    assert.equal(text, "", `${what} has a body`);
    return;
  }
  const mediaType = headers.get("content-type")?.split(";")[0];
  assert.ok(mediaType in response.content, `${what}: the media type ${mediaType} is not documented`);
  const keys = [...at, "content", mediaType, "schema"];
  // Where only some fields of a status may come, all must come unless fewer were asked for.
  const whole = response.content[mediaType].schema?.anyOf && !/[?&]fields=/.test(path);
  assertBody(whole ? [...keys, "anyOf", 0] : keys, mediaType, text, what);
}

/** Asserts that the document describes an event, `{ id, event, data }`. */
export function assertDocumentedEvent({ id, event, data }) {
  const schema = EVENTS[event];
  assert.ok(schema, `the event ${event} is not documented`);
  assertValid(schema, data, `event ${event}`);
  // A journaled event's id is its number and the life of the workflow's id.
  if (event === "delta" || event === "answer") assert.equal(id, null, `the id of a live ${event}`);
  else assert.match(id, new RegExp(`^${data.seq}-[0-9a-f]{8}$`), `the id of ${event}`);
}

/** The schema of each event by its name. */
export const EVENTS =
  document.paths["/workflows/{id}/events"].get.responses[200].content["text/event-stream"]["x-events"];

/** The response of the document, and where it stands. */
function responseOf(template, method, status, what) {
  let at = ["paths", template, method, "responses", status];
  if (!template) at = ["components", "responses", "NotFound"];
  else if (!document.paths[template][method]) at = ["components", "responses", "MethodNotAllowed"];
  const response = at.reduce((node, key) => node?.[key], document);
  assert.ok(response, `${what} is not documented`);
  if (at[0] === "components") {
    const expected = document.components.schemas[`Problem${at[2]}`].properties.status.const;
    assert.equal(Number(status), expected, `${what}: expected ${at[2]}`);
  }
  if (!response.$ref) return [response, at];
  const target = response.$ref.slice(2).split("/");
  return [target.reduce((node, key) => node[key], document), target];
}

function matches(template, path) {
  if (!template.includes("{id}")) return template === path;
  const [, id] = path.match(new RegExp(`^${template.replace("{id}", "([^/]*)")}$`)) ?? [];
  return id !== undefined && validator(resolve(document.paths[template].parameters[0]).schema)(id);
}

function assertHeaders(response, headers, what) {
  const documented = new Map(
    Object.entries(response.headers ?? {}).map(([name, header]) => [name.toLowerCase(), resolve(header)]),
  );
  for (const [name, header] of documented)
    if (header.required) assert.ok(headers.has(name), `${what} lacks the header ${name}`);
  for (const [name, value] of headers) {
    if (OF_THE_TRANSPORT.includes(name)) continue;
    const header = documented.get(name);
    assert.ok(header, `${what}: the header ${name} is not documented`);
    assertValid(header.schema, header.schema.type === "integer" ? Number(value) : value, `${what}: the header ${name}`);
  }
}

function assertBody(schemaKeys, mediaType, text, what) {
  if (mediaType === "text/event-stream") {
    for (const frame of frames(text)) assertDocumentedEvent(frame);
    return;
  }
  const isJson = mediaType.endsWith("json");
  const body = isJson ? JSON.parse(text) : text;
  assertValid(schemaAt(schemaKeys), body, what);
  if (mediaType === "application/problem+json") seen.problems.add(body.type);
}

/** Asserts that a value is what a schema of the document says. */
export function assertValid(schema, value, what) {
  const validate = validator(schema);
  const reasons = () =>
    validate.errors.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  if (!validate(value))
    assert.fail(`${what} is not what the document says: ${reasons().slice(0, 8).join("; ")}\n${JSON.stringify(value)}`);
}

const validators = new Map();

function validator(schema) {
  const key = JSON.stringify(schema);
  if (!validators.has(key)) validators.set(key, ajv.compile(JSON.parse(key.replaceAll('"#/', `"${ID}#/`))));
  return validators.get(key);
}

function resolve(node) {
  return node.$ref
    ? node.$ref
        .slice(2)
        .split("/")
        .reduce((at, key) => at[key], document)
    : node;
}

/** A reference to what stands in the document under these keys. */
export const schemaAt = (keys) => ({ $ref: `#/${keys.map(escaped).join("/")}` });

const escaped = (key) => encodeURIComponent(String(key).replaceAll("~", "~0").replaceAll("/", "~1"));

function frames(text) {
  return text
    .split("\n\n")
    .filter((part) => part.includes("data: "))
    .map((part) => {
      const field = (name) => part.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1] ?? null;
      return { id: field("id"), event: field("event"), data: JSON.parse(field("data")) };
    });
}

/** The same document with closed objects. Clients must bear with new fields; these tests must not. */
function closed(node) {
  if (Array.isArray(node)) return node.map(closed);
  if (node === null || typeof node !== "object") return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  if (node.type === "object" && node.properties && !("additionalProperties" in node)) copy.additionalProperties = false;
  return copy;
}
