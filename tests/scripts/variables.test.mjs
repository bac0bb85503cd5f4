// The variables of the shell on their way to the Worker: scripts/lib/variables.mjs.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import test from "node:test";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { DOCUMENTED, envFileFlags, fromShell } from "../../scripts/lib/variables.mjs";

test("every variable that the configuration reads is handed over", () => {
  const folder = inRoot("src/api/config");
  const files = [`${folder}.rs`, ...readdirSync(folder).map((name) => `${folder}/${name}`)].filter(
    (file) => !file.endsWith("tests.rs"),
  );
  const read = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/"([A-Z]+(?:_[A-Z]+)+)"/g)].map(([, name]) => name),
  );
  assert.deepEqual([...new Set(read)].sort(), DOCUMENTED);
});

test("secrets go through a file that only its owner reads, and never through an argument", (t) => {
  const variables = envFileFlags("development", {
    env: { OPENAI_API_KEY: "sk-it's $HOME", PATH: "/bin", MODEL_PROVIDER: "" },
  });
  t.after(() => variables.remove());
  assert.deepEqual(variables.names, ["OPENAI_API_KEY"]);
  const [flag, file] = variables.flags;
  assert.equal(flag, "--env-file");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(file, "utf8"), /^OPENAI_API_KEY=`sk-it's \\\$HOME`$/m);
});

test("variables of servers are handed over, whatever they are called", () => {
  const env = {
    PROVIDER_GROQ_BASE_URL: "https://api.groq.com/openai/v1",
    PROVIDER_GROQ_HEADERS: "A: 1",
    PROVIDER_X_API_KEY: "",
    PROVIDER_ELSE: "1",
    BIG_MODEL: "groq:a",
  };
  assert.deepEqual(fromShell(env), ["BIG_MODEL", "PROVIDER_GROQ_BASE_URL", "PROVIDER_GROQ_HEADERS"]);
});

test("without variables there is no file, so that wrangler reads .dev.vars itself", () => {
  assert.deepEqual(envFileFlags("development", { env: { PATH: "/bin" } }).flags, []);
});
