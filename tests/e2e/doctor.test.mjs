// What `npm run doctor URL` says of a server: of one that is well, of one that keeps people out, and of proxies that
// spoil it.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import test from "node:test";
import { request, server } from "../../scripts/doctor/server.mjs";
import { variablesAre } from "../../scripts/doctor/variables.mjs";
import { Web } from "../../scripts/doctor/web.mjs";
import { eventually } from "./support/eventually.mjs";
import { startForFile } from "./support/worker.mjs";

const TOKEN = "token-of-alice-0123456789";
const worker = await startForFile({ vars: { API_TOKENS: `alice:${TOKEN}`, ENVIRONMENT: "production" } });
const closed = await startForFile({ vars: { ENVIRONMENT: "production" } });
const prefixed = await startForFile({
  vars: {
    API_TOKENS: `alice:${TOKEN}`,
    PROVIDER_MY_BOX_BASE_URL: "http://127.0.0.1:9/v1",
    BIG_MODEL: "my-box:m,demo-big",
  },
});
const wrong = await startForFile({ vars: { API_TOKENS: `alice:${TOKEN}`, HEARTBEAT_MS: "never" } });
const states = (results) => results.map(({ state, name }) => `${name}: ${state}`);
const WELL = ["server: ok", "ready: ok", "token: ok", "stream: ok"];

test("variables are looked at by the Worker itself, one complaint for each that is wrong", async () => {
  const look = async (variables, bundle = undefined) => {
    const { results, told } = await variablesAre(variables, { install: "npm run build", isForServe: true, bundle });
    return [results.map(({ state, found }) => `${state}: ${found.split(": ")[0]}`), told];
  };
  const wrong = {
    PROVIDER_MY_BOX_BASE_URL: "nourl",
    API_TOKENS: "short",
    RETENTION_DAYS: "x",
    MODEL_PROVIDER: "ollama",
    BIG_MODEL: "two words",
  };
  const [results, told] = await look(wrong);
  assert.deepEqual([...told].sort(), ["API_TOKENS", "BIG_MODEL", "PROVIDER_MY_BOX_BASE_URL", "RETENTION_DAYS"]);
  assert.deepEqual(
    results,
    told.map((name) => `mend: ${name}`),
  );
  assert.deepEqual(await look({}), [["ok: serve takes them"], []]);
  assert.deepEqual((await look({ MODEL_PROVIDER: "openai", BIG_MODEL: "m", OPENAI_API_KEY: "k" }))[1], ["SMALL_MODEL"]);
  assert.deepEqual(await look({}, "/nowhere"), [["note: not looked at, because the Worker is not built"], []]);
});

test("variables are looked at as on the host that they are for", async () => {
  const look = async (variables, isForServe) => {
    const { results } = await variablesAre(variables, { install: "npm run build", isForServe });
    return results.map(({ state, found }) => `${state}: ${found.replace(/ is Cloudflare's own.*/, "")}`);
  };
  for (const variables of [{ MODEL_PROVIDER: "workers-ai" }, { BIG_MODEL: "workers-ai:@cf/a/b" }]) {
    const [name] = Object.keys(variables);
    const alone = "ok: the Worker takes them on Cloudflare; workers-ai answers there alone";
    assert.deepEqual(await look(variables, false), [alone]);
    assert.deepEqual(await look(variables, true), [`mend: ${name}: workers-ai`]);
  }
  assert.deepEqual(await look({}, false), ["ok: the Worker takes them on Cloudflare"]);
  assert.match((await look({ MODEL_PROVIDER: "workers-ia" }, false)).join(), /^mend: MODEL_PROVIDER: .* workers-ai, /);
});

test("a server that is well, and leaves nothing behind", async () => {
  const { results, isFree, works } = await server(worker.url, TOKEN, new Web());
  assert.deepEqual([states(results), isFree, works], [WELL, true, true]);
  const asked = await request(worker.url, TOKEN, new Web());
  assert.deepEqual(states(asked), ["request: ok", "Prefer: ok"], JSON.stringify(asked));
  assert.match(asked[0].found, /first token after \d/);
  const headers = { authorization: `Bearer ${TOKEN}` };
  // The list is told after the fact.
  await eventually("the list is empty", async () => {
    const { workflows } = await (await fetch(`${worker.url}/workflows`, { headers })).json();
    return workflows.length === 0;
  });
});

test("a server whose models are named by a prefix may cost something, whatever its provider is called", async () => {
  assert.equal((await (await fetch(`${prefixed.url}/health`)).json()).provider, "demo");
  const { isFree, works } = await server(prefixed.url, TOKEN, new Web());
  assert.deepEqual([isFree, works], [false, true]);
});

test("a wrong token, none, no tokens, a wrong variable, nobody there", async () => {
  const look = async (url, token) => {
    const { results, works } = await server(url, token, new Web());
    assert.equal(works, false);
    return states(results);
  };
  assert.deepEqual(await look(worker.url, "token-of-nobody-012345"), ["server: ok", "ready: ok", "token: mend"]);
  assert.deepEqual(await look(worker.url, null), ["server: ok", "ready: ok", "token: note"]);
  assert.deepEqual(await look(closed.url, null), ["server: ok", "ready: ok", "token: mend"]);
  assert.deepEqual(await look(wrong.url, TOKEN), ["server: mend"]);
  assert.deepEqual(await look("http://127.0.0.1:9", TOKEN), ["server: mend"]);
});

test("a proxy that buffers, or that drops Prefer, is found out; one that does neither is not", async (t) => {
  const look = async (options) => {
    const url = await proxy(t, options);
    return states((await server(url, TOKEN, new Web())).results);
  };
  assert.deepEqual(await look({}), WELL);
  assert.deepEqual(await look({ buffers: true }), [...WELL.slice(0, 3), "stream: mend"]);
  const url = await proxy(t, { drops: "prefer" });
  assert.deepEqual(states(await request(url, TOKEN, new Web())), ["request: ok", "Prefer: mend"]);
});

/** Before the server: passes on, but answers only once it has the whole answer, or without one header. */
async function proxy(t, { buffers = false, drops = null }) {
  const front = http.createServer((incoming, outgoing) => {
    const { [drops]: _, ...headers } = incoming.headers;
    const back = http.request(worker.url + incoming.url, { method: incoming.method, headers }, async (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      if (!buffers) return answer.on("error", () => {}).pipe(outgoing);
      const chunks = await answer.toArray().catch(() => []);
      outgoing.end(Buffer.concat(chunks));
    });
    back.on("error", () => outgoing.destroy());
    outgoing.on("close", () => back.destroy());
    incoming.pipe(back);
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  t.after(() => {
    front.closeAllConnections();
    front.close();
  });
  return `http://127.0.0.1:${front.address().port}`;
}
