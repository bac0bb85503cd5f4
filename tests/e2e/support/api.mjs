// A client of the Worker's HTTP API, as thin as the tests can do with.

import assert from "node:assert/strict";
import { eventually } from "./eventually.mjs";
import { assertDocumented } from "./openapi.mjs";

const TERMINAL = ["complete", "errored", "terminated"];
const PROBLEM = "application/problem+json";

export class Api {
  /** `documented`: answers are held against the OpenAPI document, which is that of this build and of no other. */
  constructor(url, token, { documented = true } = {}) {
    this.url = url;
    this.token = token;
    this.documented = documented;
  }

  /**
   * Any request; the answer's body is read, and held against the OpenAPI document. `{ status, headers, text, json }`,
   * where `json` is null for other content types.
   */
  async request(method, path, { body, headers = {} } = {}) {
    const json = body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array);
    const response = await fetch(this.url + path, {
      method,
      redirect: "manual",
      headers: {
        ...(json ? { "content-type": "application/json" } : {}),
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...headers,
      },
      body: json ? JSON.stringify(body) : body,
    });
    const text = await response.text();
    if (this.documented) assertDocumented({ method, path, status: response.status, headers: response.headers, text });
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text !== "" ? JSON.parse(text) : null,
    };
  }

  get(path, headers) {
    return this.request("GET", path, { headers });
  }

  post(path, body, headers) {
    return this.request("POST", path, { body, headers });
  }

  /** Submits and gives the id. */
  async submit(body, headers) {
    const answer = await this.post("/", typeof body === "string" ? { prompt: body } : body, headers);
    assert.equal(answer.status, 202, answer.text);
    return answer.json.id;
  }

  /** STATUS of a workflow that exists. */
  async status(id) {
    const answer = await this.get(`/${id}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.status;
  }

  /** STATUS once it has the given status. A terminal one that is another fails at once. */
  async reach(id, wanted, timeoutMs) {
    return eventually(
      `${id} is ${wanted}`,
      async () => {
        const status = await this.status(id);
        if (status.status === wanted) return status;
        if (TERMINAL.includes(status.status))
          assert.fail(`${id} is ${status.status}, not ${wanted}: ${JSON.stringify(status.error)}`);
        return null;
      },
      timeoutMs,
    );
  }

  /** Submits and waits for the end. */
  async run(body, wanted = "complete", timeoutMs) {
    return this.reach(await this.submit(body), wanted, timeoutMs);
  }
}

/** Asserts that an answer is a problem of RFC 9457 that a client can act on, and gives its body. */
export function assertProblem(answer, status, type) {
  assert.equal(answer.status, status, answer.text);
  assert.ok(answer.headers.get("content-type")?.startsWith(PROBLEM), answer.headers.get("content-type"));
  for (const field of ["type", "title", "detail"])
    assert.ok(answer.json[field]?.length > 0, `${field} of ${answer.text}`);
  assert.equal(answer.json.status, status, answer.text);
  if (type) assert.ok(answer.json.type.endsWith(type), answer.json.type);
  return answer.json;
}

export function stepOf(status, name) {
  const step = status.steps.find((candidate) => candidate.name === name);
  assert.ok(step, `no step ${name} among ${status.steps.map((each) => each.name)}`);
  return step;
}
