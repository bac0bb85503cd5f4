// The OpenAPI document by itself: its schemas compile, and each of its examples is what its schema says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertDescribed, assertDescribedAnswer } from "../e2e/support/described.mjs";
import { assertDocumented, assertDocumentedEvent, assertValid, document, schemaAt } from "../e2e/support/openapi.mjs";

test("every example is what its schema says", () => {
  let examples = 0;
  walk(document, [], (node, at) => {
    const isSchemaOf = (key) => node.schema && node[key] !== undefined;
    const where = at.join(" ");
    const check = (schema, value) => {
      examples += 1;
      assertValid(schema, value, where);
    };
    if (isSchemaOf("example")) check(schemaAt([...at, "schema"]), node.example);
    if (isSchemaOf("examples"))
      for (const { value } of Object.values(node.examples)) check(schemaAt([...at, "schema"]), value);
    if (Array.isArray(node.examples)) for (const value of node.examples) check(schemaAt(at), value);
  });
  assert.ok(examples > 60, `only ${examples} examples`);
});

test("every schema can be compiled", () => {
  for (const name of Object.keys(document.components.schemas)) {
    try {
      assertValid({ $ref: `#/components/schemas/${name}` }, undefined, name);
    } catch (error) {
      assert.match(error.message, /is not what the document says/, name);
    }
  }
});

// A checker that can't fail proves nothing.
test("what is not documented is noticed", () => {
  const health = document.paths["/health"].get.responses[200].content["application/json"].example;
  const headers = {
    "content-type": "application/json",
    "cache-control": "private, no-cache",
    vary: "Origin",
    "x-content-type-options": "nosniff",
  };
  const answer = (changes = {}) => ({
    method: "GET",
    path: "/health",
    status: 200,
    text: JSON.stringify({ ...health, ...changes.body }),
    ...changes,
    headers: new Headers({ ...headers, ...changes.headers }),
  });
  assertDocumented(answer());
  const refused = (changes, reason) => assert.throws(() => assertDocumented(answer(changes)), reason);
  refused({ status: 418 }, /GET \/health 418 is not documented/);
  refused({ body: { extra: 1 } }, /additional properties.*extra/);
  refused({ body: { version: 1 } }, /must be string/);
  refused({ headers: { "x-extra": "1" } }, /x-extra is not documented/);
  refused({ headers: { "cache-control": "public" } }, /cache-control/);
  refused({ headers: { "content-type": "text/html" } }, /text\/html is not documented/);
  refused({ method: "DELETE" }, /expected MethodNotAllowed/);
  refused({ path: "/health/" }, /expected NotFound/);
  refused({ path: "/usage" }, /expected NotFound/);
  refused({ method: "PROPFIND" }, /expected MethodNotAllowed/);
  assert.throws(() => assertDocumentedEvent({ id: "1", event: "workflow_dreamt", data: {} }), /is not documented/);
  assert.throws(
    () => assertDocumentedEvent({ id: "1", event: "workflow_started", data: { seq: 1, type: "workflow_started" } }),
    /at/,
  );
});

test("what a door has not described is noticed", () => {
  const sent = { id: "resp_w1", object: "response", deleted: true };
  const answer = ({ method = "DELETE", status = 200, type = "application/json", body = sent, path = "resp_w1" } = {}) =>
    assertDescribedAnswer(
      method,
      `http://127.0.0.1/v1/responses/${path}`,
      { status, headers: new Headers({ "content-type": type }) },
      typeof body === "string" ? body : JSON.stringify(body),
    );
  answer();
  assert.throws(() => answer({ status: 418 }), /DELETE \/v1\/responses\/resp_w1 418 is not documented/);
  assert.throws(() => answer({ method: "PUT" }), /PUT .* 200 is not documented/);
  assert.throws(() => answer({ type: "text/plain" }), /text\/plain is not documented/);
  assert.throws(() => answer({ body: { ...sent, extra: 1 } }), /additional properties.*extra/);
  assert.throws(() => answer({ status: 404 }), /must have required property 'error'/);
  const stream = { method: "GET", type: "text/event-stream" };
  answer({ ...stream, body: "data: [DONE]\n\n" });
  assert.throws(() => answer({ ...stream, body: 'data: {"type":"response.dreamt"}\n\n' }), /is not what/);
  assert.throws(() => assertDescribed("OpenaiError", { error: "no" }), /must be object/);
});

function walk(node, at, visit) {
  if (node === null || typeof node !== "object") return;
  if (!Array.isArray(node)) visit(node, at);
  for (const [key, value] of Object.entries(node))
    if (!["example", "examples"].includes(key)) walk(value, [...at, key], visit);
}
