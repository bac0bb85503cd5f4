// What a "Deploy to Cloudflare" button deploys: build/deploy, a folder that is complete without Rust and without the
// rest of this project. Cloudflare makes a repository of it in the user's account, reads its wrangler.jsonc, and asks
// for each variable and for each secret of .dev.vars.example, with the descriptions of package.json
// (https://developers.cloudflare.com/workers/platform/deploy-buttons/).

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { Problem } from "../lib/say.mjs";

/** Apart from the rest, because wrangler uploads every module that lies beside an unbundled main. */
const WORKER = "worker";
const CONSOLE = "console";
/** What the form says of each binding, variable and secret. */
const DESCRIPTIONS = {
  API_TOKENS:
    'Who may use the API, as pairs `name:token`. Make one with `echo "me:$(openssl rand -hex 32)"` and **keep it**: ' +
    "a secret can't be read again. The console asks for what follows `me:`. Without it every workflow is closed.",
  ENVIRONMENT: "Leave it `production`.",
  HOSTING: "Leave it `button`, so that messages name this dashboard instead of a command.",
  MODEL_PROVIDER:
    "Who answers: `workers-ai`, or `openai` for OpenAI and servers like it (see the README), or `demo`, which calls " +
    "no model and costs nothing.",
  AI: "[Workers AI](https://developers.cloudflare.com/workers-ai/), whose models plan, work and write.",
  ORCHESTRATOR_WORKERS_WORKFLOW: "One Durable Object for each workflow: its journal.",
  ORCHESTRATOR_WORKERS_TENANT: "One Durable Object for each name of `API_TOKENS`: the list of its workflows.",
  ASSETS: "The files of the web console.",
};

/** Makes the folder of what is built; resolves to its path. `licences`: those of the crates, as one text. */
export async function stageButton(env, licences, folder = inRoot("build/deploy")) {
  const project = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(inRoot("packaging/button"), folder, { recursive: true });
  cpSync(inRoot("build/bundle"), path.join(folder, WORKER), { recursive: true });
  cpSync(inRoot("build/console"), path.join(folder, CONSOLE), { recursive: true });
  cpSync(inRoot("LICENSE"), path.join(folder, "LICENSE"));
  // Outside what is served.
  cpSync(inRoot("docs/console-answer.png"), path.join(folder, "preview.png"));
  const write = (name, text) => writeFileSync(path.join(folder, name), text);
  write("LICENCES-OF-CRATES.txt", licences);
  write(".gitignore", "/node_modules\n/.wrangler\n.dev.vars\n");
  const config = buttonConfig(await wranglerToml(env));
  write("wrangler.jsonc", `// Made of the wrangler.toml of version ${project.version}.\n${json(config)}`);
  write("package.json", json(manifest(project, config)));
  // Of the same versions as the project's: npm drops what is not needed here. Cloudflare installs faster with it.
  cpSync(inRoot("package-lock.json"), path.join(folder, "package-lock.json"));
  await quietly(
    "npm",
    [
      "install",
      "--package-lock-only",
      "--ignore-scripts",
      "--omit-lockfile-registry-resolved",
      "--no-audit",
      "--no-fund",
    ],
    { cwd: folder, env },
  );
  return folder;
}

/** The button's configuration, made of what wrangler.toml has at its top level, which is production. */
export function buttonConfig({ build, env, main, no_bundle, assets, vars, ...rest }) {
  if (!build || !env || !main || !no_bundle || !assets || !vars)
    throw new Problem("wrangler.toml has no main, no_bundle, build, assets, vars or environments, as it used to");
  return {
    $schema: "node_modules/wrangler/config-schema.json",
    ...rest,
    main: `${WORKER}/main.js`,
    no_bundle,
    assets: { ...assets, directory: CONSOLE },
    vars: { ...vars, HOSTING: "button" },
  };
}

/** The names of all that the form asks for or shows. */
export function bindingsOf({ vars, ai, assets, durable_objects }) {
  return [...Object.keys(vars), ai.binding, assets.binding, ...durable_objects.bindings.map(({ name }) => name)];
}

/** As wrangler reads it; by the Node of the set-up, since wrangler may want a newer one than ours. */
async function wranglerToml(env) {
  const script =
    'import { experimental_readRawConfig } from "wrangler";' +
    'console.log(JSON.stringify(experimental_readRawConfig({ config: "wrangler.toml" }).rawConfig));';
  return JSON.parse(await quietly("node", ["--input-type=module", "--eval", script], { env }));
}

function manifest({ name, version, description, license, devDependencies }, config) {
  const shown = ["API_TOKENS", ...bindingsOf(config)];
  const unknown = shown.find((binding) => !Object.hasOwn(DESCRIPTIONS, binding));
  if (unknown) throw new Problem(`scripts/package/button.mjs has no description of ${unknown}`);
  return {
    name,
    version,
    description,
    license,
    private: true,
    type: "module",
    scripts: {
      deploy: "wrangler deploy",
      dev: "wrangler dev",
      start: "wrangler dev",
      check: "wrangler deploy --dry-run",
    },
    devDependencies: { wrangler: devDependencies.wrangler },
    cloudflare: {
      label: "Orchestrator Workers",
      products: ["Workers", "Durable Objects", "Workers AI"],
      categories: ["ai"],
      bindings: Object.fromEntries(shown.map((binding) => [binding, { description: DESCRIPTIONS[binding] }])),
    },
  };
}

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
