// What a start makes of its arguments before anything is built: the port, and whether others could reach the server.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { capture } from "../../scripts/lib/exec.mjs";
import { PATH_FLAGS } from "../../scripts/lib/reader.mjs";
import { Problem } from "../../scripts/lib/say.mjs";
import { valueIn } from "../../scripts/lib/variables.mjs";
import { wrangler } from "../../scripts/lib/wrangler.mjs";
import { nodeFolder } from "../../scripts/setup/node.mjs";
import { FLAGS_OF_WRANGLER, readArguments } from "../../scripts/start/arguments.mjs";
import { assertClosed, isLoopback } from "../../scripts/start/exposure.mjs";
import { isUnheard, whyNot } from "../../scripts/start/port.mjs";
import { stateFolder, takeState } from "../../scripts/start/state.mjs";
import { eventually } from "../e2e/support/eventually.mjs";

const folder = mkdtempSync(path.join(os.tmpdir(), "start-"));
test.after(() => rmSync(folder, { recursive: true }));

const OPENING = [
  ["--ip", "0.0.0.0"],
  ["--ip=0.0.0.0"],
  ["--ip", "::"],
  ["--ip", "[::]"],
  ["--ip", "*"],
  ["--ip=192.168.1.20"],
  ["--ip", "10.0.0.1"],
  ["--ip", "fe80::1"],
  ["--ip", "::ffff:192.168.1.20"],
  ["--ip", "my-machine"],
  ["--ip", "127.1"],
  ["--ip", "0"],
  ["--ip", ""],
  ["--ip", "127.0.0.1", "--ip", "0.0.0.0"],
  ["--log-level", "warn", "--ip", "0.0.0.0"],
  ["--tunnel"],
  ["--tunnel=true"],
  ["--tunnel-name=mine"],
];
const CLOSED = [
  [],
  ["--port", "9000"],
  ["--ip", "127.0.0.1"],
  ["--ip=127.0.0.1"],
  ["--ip", "127.8.9.10"],
  ["--ip", "localhost"],
  ["--ip", "LOCALHOST"],
  ["--ip", "::1"],
  ["--ip", "[::1]"],
  ["--ip", "0:0:0:0:0:0:0:1"],
  ["--ip", "::ffff:127.0.0.1"],
  ["--tunnel=false"],
];

test("a port that somebody has for a moment, such as another start that looks at it, is free", async () => {
  const other = net.createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = /** @type {net.AddressInfo} */ (other.address());
  assert.equal((await whyNot(port, "127.0.0.1"))?.code, "EADDRINUSE");
  assert.equal(isUnheard(port), false);
  const looks = whyNot(port, "127.0.0.1");
  await sleep(20);
  other.close();
  assert.equal(await looks, null);
  // Where it can be known, what answers at a port of another machine's is not taken for ours.
  assert.equal(isUnheard(port), process.platform === "linux");
  assert.deepEqual(await Promise.all(Array.from({ length: 5 }, () => whyNot(port, "127.0.0.1"))), Array(5).fill(null));
});

test("without tokens a start is refused where others could reach the server", () => {
  for (const args of OPENING) assert.throws(() => closed(args), Problem, args.join(" "));
  for (const args of CLOSED) assert.doesNotThrow(() => closed(args), args.join(" "));
});

test("tokens from wherever the Worker gets its variables from open it", () => {
  const args = ["--ip", "0.0.0.0"];
  closed(args, { env: { API_TOKENS: "me:0123456789abcdef0123" } });
  closed([...args, "--var", "API_TOKENS:me:0123456789abcdef0123"]);
  closed(args, { file: "API_TOKENS=me:0123456789abcdef0123\n" });
  for (const file of ["", "# API_TOKENS=me:0123\n", "API_TOKENS=\n", "API_TOKENS=''\n", "OTHER_API_TOKENS=me:0123\n"])
    assert.throws(() => closed(args, { file }), Problem, file);
  // .dev.vars.development hides .dev.vars.
  const both = { file: "API_TOKENS=me:0123456789abcdef0123\n", special: "DEMO_SPEED=1\n" };
  assert.throws(() => closed(args, both), Problem);
});

test("with the reader's own --env-file that file counts, not .dev.vars", () => {
  const own = path.join(folder, "own.env");
  const args = ["--ip", "0.0.0.0", "--env-file", own];
  writeFileSync(own, "DEMO_SPEED=1\n");
  assert.throws(() => closed(args, { file: "API_TOKENS=me:0123456789abcdef0123\n" }), Problem);
  writeFileSync(own, "API_TOKENS=me:0123456789abcdef0123\n");
  closed(args, { file: "" });
});

/** Throws where a start is refused that has this environment, `.dev.vars` and `.dev.vars.development`. */
function closed(args, { env = {}, file, special } = {}) {
  for (const [name, text] of [
    [".dev.vars", file],
    [".dev.vars.development", special],
  ]) {
    rmSync(path.join(folder, name), { force: true });
    if (text !== undefined) writeFileSync(path.join(folder, name), text);
  }
  assertClosed(args, "development", folder, env);
}

test("a loopback address is told from all others in each way of writing it", () => {
  for (const host of ["127.0.0.1", "127.255.0.9", "::1", "[::1]", "localhost"]) assert.equal(isLoopback(host), true);
  for (const host of ["128.0.0.1", "::2", "localhost.example", "[::]", ""]) assert.equal(isLoopback(host), false, host);
});

test("a variable is read from a dotenv file as dotenv does", () => {
  const text = "A=1\n export B = two # not this\nC='th#ree' # nor this\nA=\"last\"\nE=\n#F=1\nG=`x`\n";
  const read = ["A", "B", "C", "D", "E", "F", "G"].map((name) => valueIn(text, name));
  assert.deepEqual(read, ["last", "two", "th#ree", "", "", "", "x"]);
});

test("the port is read in both ways of writing it, and what is none is refused", () => {
  const port = (...args) => readArguments(args, {}).port;
  assert.deepEqual([port(), port("--port", "9000"), port("--port=9001"), port("--port", "0")], [8787, 9000, 9001, 0]);
  assert.deepEqual(readArguments(["--a", "--port", "9000", "--b=1"], {}).rest, ["--a", "--b=1"]);
  for (const value of ["abc", "", "-1", "65536", "1e3", "80 "])
    assert.throws(() => port(`--port=${value}`), /is no port/, value);
  assert.throws(() => port("--port"), /is no port/);
});

test("what npm took for itself is said, whichever flag of wrangler it was", () => {
  for (const flag of FLAGS_OF_WRANGLER) {
    const variable = `npm_config_${flag.replaceAll("-", "_")}`;
    assert.throws(
      () => readArguments(["9000"], { [variable]: "true" }),
      new RegExp(`npm took --${flag} for itself. Write: .* --${flag} 9000$`),
    );
    assert.throws(() => readArguments([], { [variable]: "9000" }), new RegExp(` --${flag}=9000$`));
  }
  assert.throws(() => readArguments(["9000"], {}), /"9000" is no flag/);
  assert.equal(readArguments([], { npm_config_cache: "/x", npm_config_port: "" }).port, 8787);
});

test("all flags of wrangler are known", async () => {
  const lines = await flagsOf("dev");
  const flags = lines.flatMap((line) => [
    .../^ +((?:-\w, )?(?:--[\w-]+(?:, )?)+)/.exec(line)[1].matchAll(/--([\w-]+)/g),
  ]);
  const names = flags.map(([, name]) => name);
  assert.ok(names.length > 30, lines.join("\n"));
  // Those npm answers itself.
  const unknown = names.filter((name) => !FLAGS_OF_WRANGLER.includes(name) && !["help", "version"].includes(name));
  assert.deepEqual(unknown, []);
});

test("all flags of wrangler that take a path are known, with their short forms", async () => {
  const lines = [...(await flagsOf("dev")), ...(await flagsOf("deploy"))];
  // As they are called or described, and not those of switches.
  const ofPaths = lines.filter((line) =>
    /\b(path|file|directory|assets|certificate)\b.*\[(string|array)\]/i.test(line),
  );
  const names = ofPaths.map((line) => /--([\w-]+)/.exec(line)[1]);
  assert.deepEqual([...new Set(names)].sort(), PATH_FLAGS);
  const short = ofPaths.flatMap((line) => /^ +-(\w), --([\w-]+)/.exec(line)?.slice(1).join(" ") ?? []);
  assert.deepEqual([...new Set(short)], ["c config"]);
  const several = ofPaths.filter((line) => line.includes("[array]")).map((line) => /--([\w-]+)/.exec(line)[1]);
  assert.deepEqual([...new Set(several)], ["env-file"]);
});

/** The lines of a command's help that have a flag. */
async function flagsOf(command) {
  const env = { ...process.env, PATH: [await nodeFolder(), process.env.PATH].join(path.delimiter) };
  const { code, stdout, stderr } = await capture("node", [wrangler(), command, "--help"], { env });
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter((line) => /^ {2,}(-\w, )?--/.test(line));
}

test("a second signal, such as Ctrl+C pressed twice, leaves no process behind", async () => {
  const ending = new URL("../../scripts/start/ending.mjs", import.meta.url).href;
  const program = `import { spawn } from "node:child_process";
    import { untilAskedToEnd } from ${JSON.stringify(ending)};
    await untilAskedToEnd(async () => {
      console.log(spawn("sleep", ["100"], { detached: true, stdio: "ignore" }).pid);
      await new Promise((resolve) => setTimeout(resolve, 100_000));
    });`;
  for (const gap of [0, 0, 0, 2, 10]) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    const [text] = await once(child.stdout, "data");
    process.kill(-child.pid, "SIGINT");
    await sleep(gap);
    process.kill(-child.pid, "SIGTERM");
    await exited;
    // Whoever inherits it has to notice its end first.
    await eventually(`${gap} ms between the signals: it is gone`, () => !isThere(Number(text)));
  }
});

function isThere(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("the state is where wrangler keeps it", () => {
  assert.equal(stateFolder([], "/a"), "/a/.wrangler/state");
  assert.equal(stateFolder(["--persist-to", "here"], "/a"), "/a/here");
  assert.equal(stateFolder(["--persist-to=x", "--persist-to=/b"], "/a"), "/b");
});

test("a state has one start at a time, whatever becomes of it", async () => {
  const state = path.join(folder, "state");
  const first = await takeState(state, 9000);
  await assert.rejects(
    takeState(state, 9001),
    new RegExp(`process ${process.pid}, .*kill ${process.pid}.* --port 9001 --persist-to .wrangler/state-9001$`),
  );
  await (await takeState(path.join(folder, "other"), 9001)).release();
  first.release();

  const module = new URL("../../scripts/start/state.mjs", import.meta.url).href;
  const program = `import { takeState } from ${JSON.stringify(module)};
    await takeState(${JSON.stringify(state)}, 9000);
    console.log("taken");
    setTimeout(() => {}, 100_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await assert.rejects(takeState(state, 9001), new RegExp(`kill ${child.pid}\\)`));
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  (await takeState(state, 9001)).release();
});
