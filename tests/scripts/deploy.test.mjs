// `npm run deploy` with a wrangler that only plays one, and a server that knows a token some time after it was put.

import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import http from "node:http";
import { PassThrough } from "node:stream";
import test from "node:test";
import { deploy } from "../../scripts/deploy/index.mjs";

test("a deployment without tokens gets one, which is shown once it is known there", async (t) => {
  const { url, server } = await deployment(t);
  const played = await play(t, { url, server, reply: "\n" });
  assert.equal(played.code, 0);
  const [, token] = /#token=([0-9a-f]{64})$/m.exec(played.said);
  assert.deepEqual(played.commands, [
    "deploy --env=",
    "secret list --env= --format=json",
    `secret put API_TOKENS --env= < me:${token}`,
  ]);
  assert.ok(played.said.includes(`curl ${url} -H "Authorization: Bearer ${token}"`), played.said);
  assert.doesNotMatch(played.said, /does not answer/);
  assert.deepEqual(server.asked.at(-1), ["/workflows?limit=1", 200], "it waited until the token was known");
});

test("nothing is put where nobody agrees, or nobody can", async (t) => {
  for (const [reply, isInteractive] of [
    ["n\n", true],
    [null, true],
    ["y\n", false],
  ]) {
    const { url, server } = await deployment(t);
    const { code, said, commands } = await play(t, { url, server, reply, isInteractive, environment: "staging" });
    assert.deepEqual([code, commands.length], [0, 2], said);
    assert.match(said, /echo "me:\$TOKEN" \| npx wrangler secret put API_TOKENS --env=staging$/m);
  }
});

test("a deployment that has tokens is left as it is, as is one whose secrets can't be listed", async (t) => {
  const { url, server } = await deployment(t);
  const has = await play(t, { url, server, reply: "y\n", listed: '[{"name": "API_TOKENS", "type": "secret_text"}]' });
  assert.deepEqual([has.code, has.said], [0, ""]);
  const fails = await play(t, { url, server, reply: "y\n", listed: null });
  assert.match(fails.said, /secret put API_TOKENS --env=""$/m);
  assert.match(fails.said, /^Whether it has API_TOKENS can't be seen \(no network\)\./m);
  assert.doesNotMatch(fails.said, /Closed until/, "which is not known");
  assert.equal(fails.commands.length, 2);
});

test("a deploy that fails, or is none, ends there", async (t) => {
  const { url, server } = await deployment(t);
  const failed = await play(t, { url, server, reply: "y\n", deploys: 1 });
  assert.deepEqual([failed.code, failed.commands.length], [1, 1]);
  for (const arg of ["--dry-run", "--dry-run=true", "--help"])
    for (const version of [null, undefined]) {
      const dry = await play(t, { url, server, reply: "y\n", args: [arg], version });
      assert.deepEqual([dry.commands, dry.said], [[`deploy --env= ${arg}`], ""]);
    }
});

test("a name of the Worker's own holds for its secrets, and a failed put shows no token", async (t) => {
  const { url, server } = await deployment(t);
  const { code, said, commands } = await play(t, { url, server, reply: "y\n", puts: 7, args: ["--name", "mine"] });
  assert.equal(commands[1], "secret list --env= --name mine --format=json");
  assert.equal(code, 7);
  assert.doesNotMatch(said, /[0-9a-f]{64}/);
});

/** A server that is new: it answers /health at the second time, and knows its token at the third. */
async function deployment(t) {
  const asked = [];
  let [health, list] = [0, 0];
  const server = http.createServer((request, response) => {
    const isKnown = request.headers.authorization === `Bearer ${holder.token}` && ++list >= 2;
    const statuses = { "/health": ++health >= 2 ? 200 : 404, "/workflows?limit=1": isKnown ? 200 : 401 };
    response.statusCode = statuses[request.url] ?? 404;
    asked.push([request.url, response.statusCode]);
    response.end();
  });
  const holder = { asked, token: null };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address();
  return { url: `http://127.0.0.1:${port}`, server: holder };
}

/** One deploy; resolves to what it ran, said and ended with. */
async function play(t, { url, server, reply, isInteractive = true, ...given }) {
  const { environment = "production", args = [], listed = "[]", deploys = 0, puts = 0 } = given;
  /** Of what is not deployed null, and undefined where there is no line of it. */
  const version = "version" in given ? given.version : "v1";
  const commands = [];
  const wrangler = {
    run(words, { WRANGLER_OUTPUT_FILE_PATH: file }) {
      commands.push(words.join(" "));
      appendFileSync(file, '{"type": "wrangler-session"}\n');
      const entry = {
        type: "deploy",
        version_id: version,
        targets: version ? ["a.example/*", asHttps(url)] : undefined,
      };
      if (version !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`);
      return deploys;
    },
    read(words, input = "") {
      const isPut = words[1] === "put";
      commands.push(isPut ? `${words.join(" ")} < ${input.trim()}` : words.join(" "));
      if (isPut) server.token = input.trim().split(":")[1];
      if (isPut) return { code: puts, stdout: "", stderr: "" };
      return listed === null
        ? { code: 1, stdout: "", stderr: "\nno network\n" }
        : { code: 0, stdout: `${listed}\n`, stderr: "" };
    },
  };
  // Addresses of deployments begin with https. The server of this test does not.
  const { fetch: real } = globalThis;
  t.mock.method(globalThis, "fetch", (target, init) => real(String(target).replace("https:", "http:"), init));
  let said = "";
  t.mock.method(process.stderr, "write", (text) => {
    said += text;
    return true;
  });
  const input = new PassThrough();
  if (reply === null) input.end();
  else input.write(reply);
  const terminal = { input, output: new PassThrough(), isInteractive };
  const code = await deploy(environment, args, { wrangler, shown: (line) => `npx wrangler ${line}`, terminal });
  t.mock.restoreAll();
  return { code, commands, said: said.replaceAll(asHttps(url), url) };
}

const asHttps = (url) => url.replace("http:", "https:");
