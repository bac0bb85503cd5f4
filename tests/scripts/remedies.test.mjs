// The commands that messages tell somebody to type: a shell takes what stands in them as it was meant.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { offerToken } from "../../scripts/deploy/tokens.mjs";
import { dataFolder } from "../../scripts/doctor/data.mjs";
import { models } from "../../scripts/doctor/models.mjs";
import { Web } from "../../scripts/doctor/web.mjs";
import { quoted, typedWith } from "../../scripts/lib/command.mjs";
import { DataFolder } from "../../scripts/serve/data.mjs";
import { greetingOf } from "../../scripts/serve/greeting.mjs";
import { readArguments } from "../../scripts/start/arguments.mjs";

const ODD = 'it\'s a $HOME; `x` "y" & (z) \\';
const home = mkdtempSync(path.join(tmpdir(), "orchestrator-remedies-"));
test.after(() => {
  spawnSync("chmod", ["-R", "u+rwX", home]);
  rmSync(home, { recursive: true, force: true });
});

/** The words that a shell makes of a command, which it does not run. */
function words(command) {
  const { stdout, status } = spawnSync("sh", ["-c", `printf '%s\\0' ${command}`], { encoding: "utf8" });
  assert.equal(status, 0, command);
  return stdout.split("\0").slice(0, -1);
}

function mayUseAll() {
  const closed = path.join(home, "closed");
  writeFileSync(closed, "", { mode: 0 });
  try {
    accessSync(closed, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

const assertHas = (command, word) => assert.ok(words(command).includes(word), `${command} has no word ${word}`);

test("a word that others chose is one word of the command", () => {
  for (const word of [ODD, "", "a b", "*", "~", "#x", "!", "-", "ü", "a\nb", "plain/x.y:z@1,2=3"])
    assert.deepEqual(words(quoted(word)), [word]);
  assert.equal(quoted("/data/x.env"), "/data/x.env");
  assert.equal(typedWith("serve", ["--data", "a b", "--port", "1"]), "npm run serve -- --data 'a b' --port 1");
  assert.equal(typedWith("serve", []), "npm run serve");
});

test("folders", () => {
  const folder = path.join(home, ODD);
  const [absent] = dataFolder(folder, true);
  assertHas(absent.mend.replace(/ makes it$/, ""), folder);
  const data = new DataFolder(folder);
  data.open();
  data.fill("1.0.0");
  data.take();
  data.release();
  const served = dataFolder(folder, true).find(({ name }) => name === "served");
  assertHas(served.mend, folder);
  const greeting = greetingOf({
    url: "http://a",
    folder,
    tokenFile: path.join(folder, "token"),
    isNew: true,
    token: null,
    demo: null,
    hint: null,
  });
  const [, cat] = /Bearer \$\((cat .*)\)" -H "Prefer/.exec(greeting);
  assert.deepEqual(words(cat), ["cat", path.join(folder, "token")]);
});

test("a folder that this user may not use", { skip: mayUseAll() && "root may use all" }, () => {
  const folder = path.join(home, `closed ${ODD}`);
  mkdirSync(path.join(folder, "objects"), { recursive: true });
  writeFileSync(path.join(folder, "orchestrator-workers.json"), '{"format":1,"version":"1.0.0"}');
  chmodSync(path.join(folder, "objects"), 0);
  assert.throws(
    () => new DataFolder(folder).open(),
    ({ message }) => {
      assertHas(message.slice(message.lastIndexOf("chmod")), folder);
      return true;
    },
  );
});

test("models, arguments that npm took, a name of the Worker's own", async (t) => {
  const server = http.createServer((_, response) => response.end('{"models": [{"name": "a"}]}'));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  t.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const variables = { OLLAMA_BASE_URL: `http://127.0.0.1:${port}`, MODEL_PROVIDER: "ollama", BIG_MODEL: "it's;x" };
  const { results } = await models(variables, new Web());
  assertHas(results.find(({ mend }) => mend?.startsWith("ollama pull")).mend, "it's;x");
  assert.throws(
    () => readArguments(["--var", ODD], { npm_config_persist_to: ODD }),
    ({ message }) => {
      const command = message.split("Write: ")[1];
      assertHas(command, ODD);
      assertHas(command, `--persist-to=${ODD}`);
      return true;
    },
  );
  let said = "";
  t.mock.method(process.stderr, "write", (text) => {
    said += text;
    return true;
  });
  const wrangler = { read: async () => ({ code: 0, stdout: "[]", stderr: "" }), run: async () => 0 };
  const terminal = { input: null, output: null, isInteractive: false };
  await offerToken({ flags: ["--env=", "--name", ODD], url: null, wrangler, shown: (line) => line, terminal });
  t.mock.restoreAll();
  assertHas(/\| (secret put .*)$/m.exec(said)[1], ODD);
});
