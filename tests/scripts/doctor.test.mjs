// The checks of `npm run doctor`, each against what it is for: real folders, real servers that play model services, and
// a wrangler that only plays one. tests/e2e/doctor.test.mjs has the checks of a server.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import test from "node:test";
import { serverUrl } from "../../scripts/ask/options.mjs";
import { cloudflare, wantedBindings } from "../../scripts/doctor/cloudflare.mjs";
import { contextIn, contextOf } from "../../scripts/doctor/contexts.mjs";
import { dataFolder, disk } from "../../scripts/doctor/data.mjs";
import { doctor } from "../../scripts/doctor/index.mjs";
import { clock, node, runtime } from "../../scripts/doctor/machine.mjs";
import { call, models } from "../../scripts/doctor/models.mjs";
import { readOptions } from "../../scripts/doctor/options.mjs";
import { ok, shown, summary } from "../../scripts/doctor/result.mjs";
import { server } from "../../scripts/doctor/server.mjs";
import { areOfServe } from "../../scripts/doctor/variables.mjs";
import { Web } from "../../scripts/doctor/web.mjs";
import { modelsOf } from "../../scripts/lib/models.mjs";
import { inRoot, root } from "../../scripts/lib/paths.mjs";
import { family, processesWith } from "../../scripts/lib/processes.mjs";
import { fromShell } from "../../scripts/lib/variables.mjs";
import { CLASSES } from "../../scripts/serve/config.mjs";
import { DataFolder } from "../../scripts/serve/data.mjs";
import { eventually } from "../e2e/support/eventually.mjs";

const home = mkdtempSync(path.join(tmpdir(), "orchestrator-doctor-"));
test.after(() => rmSync(home, { recursive: true, force: true }));
const states = (results) => results.map(({ state, name }) => `${name}: ${state}`);

test("a Node that is too old is no fault, and a workerd that does not run is one", async () => {
  assert.deepEqual([node("22.16.0").state, node("20.1.0").state], ["ok", "note"]);
  assert.equal((await runtime("npm run build")).state, "ok");
  const missing = await runtime("npm run build", () => {
    throw new Error("no such module");
  });
  assert.deepEqual([missing.state, missing.mend], ["mend", "npm run build"]);
  assert.equal((await runtime("npm run build", () => "/bin/false")).state, "mend");
});

test("a clock is compared with what servers say", async (t) => {
  const server = await serving(t, (request, response) => {
    const shift = Number(new URL(request.url, "http://x").searchParams.get("s")) * 1_000;
    response.setHeader("date", new Date(Date.now() + shift).toUTCString());
    response.end();
  });
  for (const [seconds, state, words] of [
    [0, "ok", /agrees/],
    [-60, "mend", /(59|60) s ahead of/],
    [60, "mend", /(59|60) s behind/],
  ]) {
    const web = new Web();
    await web.ask(`${server}/?s=${seconds}`);
    const result = clock(web);
    assert.equal(result.state, state);
    assert.match(result.found, words);
  }
  assert.match(clock(new Web()).found, /nobody was asked/);
  const silent = await serving(t, (_, response) => {
    response.sendDate = false;
    response.end();
  });
  const web = new Web();
  await web.ask(silent);
  const { state, found } = clock(web);
  assert.deepEqual([state, found], ["note", `not compared: ${new URL(silent).host} answered without the time`]);
});

test("nothing of Node's own words on its SQLite is between the results", () => {
  const script =
    'const { doctor } = await import("./scripts/doctor/index.mjs");' +
    'await doctor([], { wrangler: () => null, words: { install: "x" } });';
  const env = { ...process.env };
  for (const name of [...fromShell(env), "NODE_OPTIONS"]) delete env[name];
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  assert.match(stdout, /^Time\n/m, stderr);
  assert.equal(stderr, "");
});

test("however doctor ends while it looks at the variables, nothing of the check is left", async (t) => {
  const bundle = path.join(home, "bundle");
  mkdirSync(bundle);
  // It never says how it is.
  const classes = CLASSES.map((name) => `export class ${name} extends DurableObject {}`);
  const main = [
    'import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";',
    ...classes,
    "export class Control extends WorkerEntrypoint {}",
    "export default { async fetch() { await scheduler.wait(60_000); } };",
  ];
  writeFileSync(path.join(bundle, "main.js"), main.join("\n"));
  const script =
    `const { problemOf } = await import(${JSON.stringify(inRoot("scripts/serve/check.mjs"))});` +
    `await problemOf({ OPENAI_API_KEY: "sk-1" }, ${JSON.stringify(bundle)});`;
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"])) {
    const temporary = mkdtempSync(path.join(home, "temporary-"));
    const env = { ...process.env, TMPDIR: temporary };
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { env, stdio: "ignore" });
    const closed = once(child, "close");
    const started = async () => {
      const [folder] = readdirSync(temporary);
      const [one] = folder ? await processesWith(path.join(temporary, folder, "config.capnp")) : [];
      // The socket is there once it listens.
      return one && existsSync(path.join(temporary, folder, "control")) ? one : null;
    };
    const { pid } = await eventually("workerd listens", started);
    const members = async () => (await family(pid)).filter(({ args }) => args.includes(temporary));
    t.after(async () => {
      for (const { pid } of await members()) process.kill(pid, "SIGKILL");
    });
    child.kill(signal);
    assert.deepEqual(await closed, [null, signal]);
    await eventually(`workerd ends after ${signal}`, async () => (await members()).length === 0);
    await eventually(`nothing is left after ${signal}`, () => readdirSync(temporary).length === 0);
  }
});

test("the data folder: absent, foreign, ours, served, on a full disk", () => {
  const absent = path.join(home, "absent");
  assert.deepEqual(states(dataFolder(absent, false)), ["data folder: note", "disk: ok"]);
  assert.deepEqual(states(dataFolder(absent, true)), ["data folder: mend", "disk: ok"]);
  mkdirSync(path.join(home, "foreign"));
  assert.equal(dataFolder(path.join(home, "foreign"), true)[0].state, "mend");
  const data = new DataFolder(path.join(home, "ours"));
  data.open();
  data.fill("9.9.9");
  assert.deepEqual(states(dataFolder(data.folder, true)), ["data folder: ok", "disk: ok"]);
  assert.match(dataFolder(data.folder, true)[0].found, /version 9\.9\.9/);
  data.take();
  assert.deepEqual(states(dataFolder(data.folder, true)), ["data folder: ok", "served: ok", "disk: ok"]);
  data.release();
  assert.deepEqual(states(dataFolder(data.folder, true)), ["data folder: ok", "served: note", "disk: ok"]);
  assert.equal(disk(home, () => ({ bavail: 10, bsize: 4096, ffree: 1e6 })).state, "mend");
  assert.equal(disk(home, () => ({ bavail: 1e9, bsize: 4096, ffree: 12 })).state, "mend");
});

test("Cloudflare: nobody logged in, nothing deployed, closed, open; a secret's value is never asked for", async () => {
  let deployed = ["API_TOKENS", "AI", "ASSETS", "ORCHESTRATOR_WORKERS_WORKFLOW", "ORCHESTRATOR_WORKERS_TENANT"];
  const look = async (who, secrets) => {
    const commands = [];
    const said = {
      whoami: who,
      secret: secrets,
      deployments: { code: 0, stdout: '{"versions": [{"version_id": "v1", "percentage": 100}]}' },
      versions: {
        code: 0,
        stdout: JSON.stringify({
          resources: { bindings: deployed.map((name) => ({ name, text: "of nobody's concern" })) },
        }),
      },
    };
    const wrangler = {
      read(words) {
        commands.push(words.join(" "));
        return said[words[0]];
      },
    };
    const line = (text) => `npx wrangler ${text}`;
    const options = { wrangler, shown: line, deployWith: "npm run deploy", environment: "staging" };
    return { results: await cloudflare(options), commands };
  };
  const who = { code: 0, stdout: '\n{"loggedIn": true, "email": "me@example.com", "accounts": [{"name": "Mine"}]}' };
  const out = await look({ code: 1, stdout: '{"loggedIn":false}' });
  assert.deepEqual(states(out.results), ["Cloudflare: note", "bindings: note"]);
  assert.match(out.results[1].found, /not seen there; .* ORCHESTRATOR_WORKERS_TENANT$/);
  assert.deepEqual(out.commands, ["whoami --json"]);
  const none = await look(who, { code: 1, stdout: "", stderr: 'Worker "x" not found.' });
  assert.deepEqual(states(none.results), ["Cloudflare: ok", "deployment: note"]);
  const closed = await look(who, { code: 0, stdout: "[]" });
  assert.deepEqual(states(closed.results), ["Cloudflare: ok", "secrets: mend", "bindings: ok"]);
  assert.match(closed.results[1].mend, /secret put API_TOKENS --env=staging$/);
  const open = await look(who, { code: 0, stdout: '[{"name": "API_TOKENS", "type": "secret_text"}]' });
  assert.deepEqual(states(open.results), ["Cloudflare: ok", "secrets: ok", "bindings: ok"]);
  assert.deepEqual(open.commands, [
    "whoami --json",
    "secret list --env=staging --format=json",
    "deployments status --env=staging --json",
    "versions view v1 --env=staging --json",
  ]);
  assert.doesNotMatch(JSON.stringify(open.results), /concern/);
  deployed = ["AI", "ASSETS", "ORCHESTRATOR_WORKERS_WORKFLOW"];
  const [, , short] = (await look(who, { code: 0, stdout: "[]" })).results;
  assert.deepEqual([short.state, short.mend], ["mend", "npm run deploy"]);
  assert.equal(short.found, "staging has no ORCHESTRATOR_WORKERS_TENANT");
});

test("models are those of both lists, each once, with the provider that their prefix names", () => {
  const variables = {
    MODEL_PROVIDER: "openai",
    BIG_MODEL: "gpt-5, ollama:llama3.2:3b",
    SMALL_MODEL: "gpt-5,llama3.2:3b",
  };
  assert.deepEqual(modelsOf(variables), [
    { provider: "openai", name: "gpt-5" },
    { provider: "ollama", name: "llama3.2:3b" },
    { provider: "openai", name: "llama3.2:3b" },
  ]);
});

test("each environment's bindings are those of wrangler.toml", () => {
  const objects = ["ORCHESTRATOR_WORKERS_WORKFLOW", "ORCHESTRATOR_WORKERS_TENANT"];
  for (const environment of ["production", "staging"])
    assert.deepEqual(wantedBindings(environment), ["ASSETS", "AI", ...objects]);
  assert.deepEqual(wantedBindings("development"), ["ASSETS", ...objects]);
});

test("a context's size is told: the server's, that of the variables, and where one of them misleads", () => {
  const box = { PROVIDER_BOX_BASE_URL: "http://a", BIG_MODEL: "box:m", SMALL_MODEL: "box:m, box:n" };
  const look = (variables, model, told) => {
    const { state, found, mend } = contextOf({ ...box, ...variables }, model, told);
    return [state, found, mend];
  };
  const [m, n] = ["m", "n"].map((name) => ({ provider: "box", name }));
  assert.deepEqual(look({}, m, 131_072), ["ok", "m: 131,072 tokens, as its server tells", undefined]);
  assert.deepEqual(look({}, n, 8_192), [
    "note",
    "n: 8,192 tokens, as its server tells",
    "set SMALL_MODEL_CONTEXT_TOKENS=8192",
  ]);
  assert.deepEqual(look({ BIG_MODEL_CONTEXT_TOKENS: "9000" }, m, 8_192), [
    "mend",
    "m: 8,192 tokens, as its server tells; BIG_MODEL_CONTEXT_TOKENS makes it 9,000",
    "set BIG_MODEL_CONTEXT_TOKENS=8192 and SMALL_MODEL_CONTEXT_TOKENS=8192",
  ]);
  assert.equal(look({ SMALL_MODEL_CONTEXT_TOKENS: "8192" }, n, 8_192)[0], "ok");
  assert.equal(look({}, n, null)[2], "if that is wrong, set SMALL_MODEL_CONTEXT_TOKENS");
  assert.equal(look({ SMALL_MODEL_CONTEXT_TOKENS: "8192" }, n, null)[0], "ok");
  for (const field of ["max_model_len", "context_length", "context_window"]) assert.equal(contextIn({ [field]: 5 }), 5);
  assert.equal(contextIn({ id: "m" }), null);
});

test("what was said of a variable is not said twice", async () => {
  const variables = { MODEL_PROVIDER: "openai", OLLAMA_BASE_URL: "http://127.0.0.1:9" };
  const look = async (told) => {
    const { results } = await models(variables, new Web(), told);
    return results.filter(({ state }) => state === "mend").length;
  };
  assert.equal(await look([]), 2);
  assert.equal(await look(["BIG_MODEL", "SMALL_MODEL", "OPENAI_API_KEY"]), 0);
});

test("who is named by a prefix answers, and the demo only where nobody else does", async (t) => {
  const url = await serving(t, (_, response) => response.end('{"data": [{"id": "m", "max_model_len": 131072}]}'));
  const look = async (variables) => {
    const given = { OLLAMA_BASE_URL: "http://127.0.0.1:9", PROVIDER_MY_BOX_BASE_URL: `${url}/v1`, ...variables };
    const { results } = await models(given, new Web());
    return results
      .filter(({ name }) => name !== "Ollama")
      .map(({ state, name, found }) => `${state} ${name}: ${found}`);
  };
  const box = `ok my-box: ${url}/v1 answers and lists 1 models`;
  const context = "ok context: m: 131,072 tokens, as its server tells";
  assert.deepEqual(await look({ BIG_MODEL: "my-box:m", SMALL_MODEL: "my-box:m" }), [
    "ok provider: my-box",
    box,
    context,
  ]);
  assert.deepEqual(await look({ BIG_MODEL: "my-box:m" }), [
    "ok provider: my-box, demo",
    "note demo: SMALL_MODEL names no real model: the demo answers in its place, and the others are real.",
    box,
    context,
  ]);
  assert.deepEqual(await look({}), [
    "note provider: No model is configured: the demo answers. On Cloudflare Workers AI does.",
  ]);
  assert.deepEqual(await look({ MODEL_PROVIDER: "demo" }), ["ok provider: demo"]);
});

test("Ollama: absent, empty, without the model, with it; a call tells the time to the first token", async (t) => {
  let there = [];
  const url = await serving(t, (request, response) => {
    if (request.url === "/api/show") return response.end('{"model_info": {"qwen3.context_length": 40960}}');
    if (request.url === "/api/tags") return response.end(JSON.stringify({ models: there.map((name) => ({ name })) }));
    response.write('data: {"choices":[{"delta":{"content":"ready"}}]}\n\n');
    response.end("data: [DONE]\n\n");
  });
  const look = (variables) => models({ OLLAMA_BASE_URL: `${url}/v1`, ...variables }, new Web());
  const used = { MODEL_PROVIDER: "ollama", BIG_MODEL: "llama3.2:3b" };
  assert.deepEqual(states((await look(used)).results), ["provider: ok", "Ollama: mend"]);
  there = ["qwen3:8b"];
  const without = await look(used);
  assert.deepEqual(states(without.results), ["provider: ok", "Ollama: ok", "model: mend"]);
  assert.equal(without.results[2].mend, "ollama pull llama3.2:3b");
  there = ["llama3.2:3b"];
  const { results, calls } = await look(used);
  assert.deepEqual(states(results), ["provider: ok", "Ollama: ok", "context: ok"]);
  assert.equal(results[2].found, "llama3.2:3b: 40,960 tokens, as its server tells");
  const called = await call(calls[0], new Web());
  assert.equal(called.state, "ok");
  assert.match(called.found, /first token after \d+\.\d s/);
  assert.deepEqual(states((await look({})).results), ["provider: note", "Ollama: note"], "one that nobody asked for");
  const away = await models({ ...used, OLLAMA_BASE_URL: "http://127.0.0.1:9/v1" }, new Web());
  assert.deepEqual([away.results[1].state, away.results[1].mend, away.calls], ["mend", "ollama serve", []]);
});

test("OpenAI: no key, a wrong key, a model that is not listed, a parameter by its other name", async (t) => {
  const key = "sk-right";
  const limits = [];
  const url = await serving(t, async (request, response) => {
    if (request.headers.authorization !== `Bearer ${key}`) return response.writeHead(401).end("{}");
    if (request.url === "/v1/models") return response.end('{"data": [{"id": "big"}]}');
    const body = await bodyOf(request);
    limits.push(Object.keys(body).find((name) => name.startsWith("max_")));
    if ("max_tokens" in body) return response.writeHead(400).end('{"error": {"message": "no max_tokens"}}');
    response.end('data: {"choices":[]}\n\n');
  });
  const variables = { MODEL_PROVIDER: "openai", BIG_MODEL: "big", SMALL_MODEL: "small" };
  const look = async (more) => {
    const { results, calls } = await models({ ...variables, ...more }, new Web());
    return { found: states(results).filter((one) => !one.startsWith("Ollama")), calls };
  };
  assert.deepEqual((await look({})).found, ["provider: ok", "OpenAI: mend"], "OpenAI itself wants a key");
  const wrong = await look({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: "sk-wrong" });
  assert.deepEqual(wrong, { found: ["provider: ok", "OpenAI: mend"], calls: [] });
  const right = await look({ OPENAI_BASE_URL: `${url}/v1/`, OPENAI_API_KEY: key });
  assert.deepEqual(right.found, ["provider: ok", "OpenAI: ok", "model: mend", "context: note"]);
  assert.equal((await call(right.calls[0], new Web())).state, "ok");
  assert.deepEqual(limits, ["max_tokens", "max_completion_tokens"]);
});

test("the whole asks before it spends, shows no secret, and ends with 1 where something is to be mended", async (t) => {
  let calls = 0;
  const url = await serving(t, (request, response) => {
    if (request.url === "/v1/models") return response.end('{"data": [{"id": "m"}]}');
    calls++;
    response.end('data: {"choices":[]}\n\n');
  });
  const env = {
    MODEL_PROVIDER: "openai",
    BIG_MODEL: "m",
    SMALL_MODEL: "m",
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: "sk-of-this-test",
    OLLAMA_BASE_URL: "http://127.0.0.1:9/v1",
  };
  const look = async (args, reply) => {
    let printed = "";
    const print = (text) => {
      printed += text;
    };
    const input = new PassThrough();
    input.end(reply);
    const terminal = { input, output: new PassThrough(), isInteractive: reply !== undefined };
    const words = { wrangler: (line) => line, deploy: "deploy", install: "install" };
    const data = ["--data", path.join(home, "none")];
    const code = await doctor([...data, ...args], { wrangler: async () => null, words, terminal, env, print });
    assert.doesNotMatch(printed, /sk-of-this-test/);
    return { code, printed };
  };
  // The data folder that was named is not there.
  assert.deepEqual([(await look([])).code, calls], [1, 0]);
  await look([], "n\n");
  assert.equal(calls, 0);
  await look([], "y\n");
  assert.equal(calls, 1);
  const { printed } = await look(["--yes"]);
  assert.equal(calls, 2);
  assert.match(printed, /m answers: first token after/);
  assert.match(printed, /One thing is to be mended\.\n$/);
  writeFileSync(path.join(home, "variables"), "BIG_MODEL=other\n");
  assert.match((await look(["--env-file", path.join(home, "variables")])).printed, /lists 1 models/);
});

test("no line shows the user, the password or the query of a URL, wherever it came from", async (t) => {
  const odd = await serving(t, (_, response) => response.end("{}"));
  const login = (url, query = "") => url.replace("//", "//usr:pass-of-mine@") + query;
  for (const [url, state] of /** @type {[string, string][]} */ ([
    [login("http://127.0.0.1:9/v1"), "mend"],
    [login(odd), "mend"],
    [`${odd}/?key=pass-of-mine`, "note"],
    ["usr:pass-of-mine@127.0.0.1:9", "mend"],
    ["pass-of-mine", "mend"],
  ]))
    for (const variable of ["OLLAMA_BASE_URL", "OPENAI_BASE_URL", "PROVIDER_B_BASE_URL"]) {
      const provider = variable.includes("_B_") ? "b" : variable.split("_")[0].toLowerCase();
      const variables = { MODEL_PROVIDER: provider, BIG_MODEL: "m", SMALL_MODEL: "m", [variable]: url };
      const { results } = await models(variables, new Web());
      assert.doesNotMatch(results.map(shown).join("\n"), /usr|pass-of-mine/);
      const ofServer = results.find(({ name }) => name.toLowerCase() === provider);
      assert.equal(ofServer.state, provider === "ollama" ? "mend" : state, shown(ofServer));
      // Of what the Worker complained about nothing more is to be mended.
      const after = await models(variables, new Web(), [variable]);
      if (provider !== "ollama" && state === "mend") assert.doesNotMatch(states(after.results).join(), /mend/);
    }
  const { results } = await server(login(odd), null, new Web());
  assert.match(results[0].found, /does not answer \(a URL with a user/);
  assert.doesNotMatch(results.map(shown).join("\n"), /usr|pass-of-mine/);
  for (const text of [login(odd), "usr:pass-of-mine@127.0.0.1", "ftp://usr:pass-of-mine@x", "//usr:pass-of-mine@x"])
    for (const read of [() => readOptions([text]), () => serverUrl(text)])
      assert.throws(read, ({ message }) => !/usr|pass-of-mine/.test(message));
});

test("variables are those of serve where its folder is there or named, and those of .dev.vars never are", () => {
  const [none, ours] = [path.join(home, "none"), path.join(home, "served")];
  const data = new DataFolder(ours);
  data.open();
  data.fill("1.0.0");
  const of = (folder, envFile = undefined, isDataNamed = false) => areOfServe({ data: folder, envFile, isDataNamed });
  assert.deepEqual([of(none), of(none, "/x/.env"), of(home)], [false, false, false]);
  assert.deepEqual([of(ours), of(ours, "/x/.env"), of(none, undefined, true)], [true, true, true]);
  for (const name of [".dev.vars", ".dev.vars.staging"]) assert.equal(of(ours, `/x/${name}`, true), false);
  assert.equal(of(ours, "/.dev.vars/x"), true);
});

test("the command line is checked, and results are shown in lines", () => {
  assert.throws(() => readOptions(["--environment", "moon"]), /only production/);
  assert.throws(() => readOptions(["ftp://x"]), /no http or https URL/);
  assert.throws(() => readOptions(["a", "b"]), /one URL/);
  assert.throws(() => readOptions(["--nothing"]), /--nothing/);
  assert.equal(readOptions(["--help"]), null);
  const { url, token } = readOptions(["https://x.example/"], { ORCHESTRATOR_TOKEN: "t" });
  assert.deepEqual([url, token], ["https://x.example", "t"]);
  assert.equal(shown(ok("Node", "22")), "  ok    Node           22");
  assert.equal(summary([ok("Node", "22")]), "All is well.");
});

async function serving(t, handler) {
  const server = http.createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return JSON.parse(text);
}
