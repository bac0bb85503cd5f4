// Holds what a door answers against its part of the OpenAPI document: an undocumented status, media type or field
// fails.

import assert from "node:assert/strict";
import { assertValid, document, pathsOfDoors, schemaAt } from "./openapi.mjs";

/** Asserts that a value is what the document's schema with this name says. */
export const assertDescribed = (name, value) => assertValid(schemaAt(["components", "schemas", name]), value, name);

/**
 * Asserts that a door's answer is one that the document describes. `text` is the whole body; without it, as for a
 * stream that is read elsewhere, only the status and the media type are held.
 */
export function assertDescribedAnswer(method, url, { status, headers }, text) {
  const { pathname } = new URL(url);
  const template = pathsOfDoors.find((candidate) => patternOf(candidate).test(pathname));
  // What a HEAD and an OPTIONS answer is not described.
  if (template === undefined || ["HEAD", "OPTIONS"].includes(method)) return;
  const what = `${method} ${pathname.slice(0, 100)} ${status}`;
  const { parameters: _, ...operations } = document.paths[template];
  // That the path does not have the method, or nothing at all, stands with the methods that it has.
  const isNone = [404, 405].includes(status);
  const operation = operations[method.toLowerCase()] ?? (isNone ? Object.values(operations)[0] : undefined);
  const response = resolved(operation?.responses[status]);
  assert.ok(response, `${what} is not documented`);
  if (!response.content) return;
  const mediaType = headers.get("content-type")?.split(";")[0];
  const schema = response.content[mediaType]?.schema;
  assert.ok(schema, `${what}: the media type ${mediaType} is not documented`);
  if (text === undefined) return;
  if (mediaType === "text/event-stream") for (const data of dataOf(text)) assertValid(schema, data, what);
  else assertValid(schema, JSON.parse(text), what);
}

/** `fetch`, whose answers are held so: a stream event by event, and an event that does not hold breaks it. */
export async function describedFetch(input, init = {}) {
  const response = await fetch(input, init);
  const held = (text) => assertDescribedAnswer(init.method ?? "GET", input, response, text);
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
    held(await response.clone().text());
    return response;
  }
  held();
  // That of a HEAD.
  if (response.body === null) return response;
  const decoder = new TextDecoder();
  let rest = "";
  const events = new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop();
      held(lines.join("\n"));
      controller.enqueue(chunk);
    },
    flush: () => held(rest),
  });
  const { status, headers, url } = response;
  return Object.defineProperty(new Response(response.body.pipeThrough(events), { status, headers }), "url", {
    value: url,
  });
}

/** What the events of a stream have, but for the last of some protocols, which is no JSON. */
const dataOf = (text) =>
  [...text.matchAll(/^data: (.*)$/gm)]
    .map(([, data]) => data)
    .flatMap((data) => (data === "[DONE]" ? [] : [JSON.parse(data)]));

const patternOf = (template) => new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`);

const resolved = (node) =>
  node?.$ref === undefined
    ? node
    : node.$ref
        .slice(2)
        .split("/")
        .reduce((at, key) => at[key], document);
