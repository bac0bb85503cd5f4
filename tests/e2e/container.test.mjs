// What the Dockerfile makes, without a container engine: its first stage's commands run in a folder that stands for the
// root of the file system, and its entry point serves from there as another user, who may write nothing but the volume.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { quietly } from "../../scripts/lib/exec.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { pack } from "../../scripts/package/stage.mjs";
import { commandOf, environmentOf, stagesOf, valuesOf } from "./support/dockerfile.mjs";
import { eventually } from "./support/eventually.mjs";
import { freePort } from "./support/ports.mjs";

const ARCHITECTURES = new Map([
  ["x64", "amd64"],
  ["arm64", "arm64"],
]);
/** The folders of the image, which stand below our own here. */
const FOLDERS = /(?<![\w.-])\/(package|opt|data)(?=[/"':\s]|$)/g;
const READY_WITHIN_MS = 60_000;
const token = randomBytes(16).toString("hex");

const image = mkdtempSync(path.join(tmpdir(), "orchestrator-image-"));
const inImage = (...parts) => path.join(image, ...parts);
const asInImage = (text) => text.replace(FOLDERS, (folder) => inImage(folder));
const [build, final] = stagesOf(inRoot("Dockerfile"));
const user = Number(valuesOf(final, "USER")[0].split(":")[0]);
const running = new Set();
after(async () => {
  for (const child of running) child.kill("SIGKILL");
  writable(image, true);
  rmSync(image, { recursive: true, force: true });
});

test("the image's commands install it, and its entry point serves, keeps and ends", {
  skip: process.platform !== "linux" && "images are made for Linux",
  timeout: 180_000,
}, async () => {
  await built();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const first = await served(port);
  const id = await answered(url);
  assert.equal(await isHealthy(), 0, "HEALTHCHECK");
  assert.equal(await first.end(), 0, first.output());
  assert.equal(await isHealthy(), 1, "HEALTHCHECK of one that has ended");

  const second = await served(port);
  const { status } = await (await fetch(`${url}/workflows/${id}`, { headers })).json();
  assert.equal(status.status, "complete", "the volume has kept it");
  assert.equal(await second.end(), 0, second.output());
  const written = readdirSync(inImage("data"));
  assert.ok(written.includes("objects"), written.join());
});

test("without tokens it refuses to be open to others, with a status that forbids another start", {
  skip: process.platform !== "linux" && "images are made for Linux",
}, async () => {
  const child = start(await freePort(), {});
  assert.equal(await child.exit, 78, child.output());
  assert.match(child.output(), /API_TOKENS/);
});

const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", prefer: "wait=30" };

/** The first stage, and what the second takes of it. */
async function built() {
  // A folder of its own, because other tests pack too.
  await pack(inImage(), process.env, inImage("staged"));
  chmodSync(image, 0o755);
  mkdirSync(inImage("bin"));
  // The folder of ours may be closed to others.
  const node = inImage("bin/node");
  try {
    linkSync(process.execPath, node);
  } catch {
    copyFileSync(process.execPath, node);
  }
  const env = { ...process.env, TARGETARCH: ARCHITECTURES.get(process.arch) };
  for (const { name, value } of build.instructions) {
    if (name === "COPY") {
      assert.equal(value, "build/package/ ./");
      cpSync(inImage("staged"), inImage("package"), { recursive: true });
    }
    if (name === "RUN") await quietly("sh", ["-c", asInImage(value)], { cwd: inImage("package"), env });
  }
  if (process.getuid() === 0) chownSync(inImage("data"), user, user);
  for (const folder of ["opt", "package", "bin"]) writable(inImage(folder), false);
}

/** The entry point, once it is ready. */
async function served(port) {
  const child = start(port, { API_TOKENS: `me:${token}`, DEMO_SPEED: "0" });
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  const isThere = async () => child.hasEnded() || (await isReady());
  await eventually("the entry point is ready", isThere, READY_WITHIN_MS);
  assert.ok(!child.hasEnded(), child.output());
  return child;
}

function start(port, variables) {
  const [program, ...args] = commandOf(final, "ENTRYPOINT").map(asInImage);
  const ofImage = environmentOf(final);
  const PATH = asInImage(ofImage.PATH).replace("$PATH", `${inImage("bin")}:/usr/bin:/bin`);
  const child = spawn(program, [...args, "--port", String(port)], {
    cwd: inImage("data"),
    env: { ...ofImage, PATH, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
    ...(process.getuid() === 0 ? { uid: user, gid: user } : {}),
  });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk) => (output += chunk));
  const exit = once(child, "close").then(([code, signal]) => {
    running.delete(child);
    return code ?? 128 + constants.signals[signal];
  });
  const [signal] = /** @type {NodeJS.Signals[]} */ (valuesOf(final, "STOPSIGNAL"));
  return {
    exit,
    output: () => output,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    end() {
      child.kill(signal);
      return exit;
    },
  };
}

/** The id of a workflow that is complete. */
async function answered(url) {
  const body = JSON.stringify({ prompt: "- Find a venue\n- Draft a schedule" });
  const response = await fetch(`${url}/workflows`, { method: "POST", headers, body });
  const { id, details } = await response.json();
  assert.deepEqual([response.status, details?.status], [200, "complete"]);
  return id;
}

/** The exit status of HEALTHCHECK. */
async function isHealthy() {
  const [program, ...args] = commandOf(final, "HEALTHCHECK").map(asInImage);
  assert.equal(program, "node");
  const [code] = await once(spawn(process.execPath, args, { stdio: "ignore" }), "close");
  return code;
}

/** For everybody, as a read-only file system is. */
function writable(folder, isWritable) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) writable(file, isWritable);
  }
  chmodSync(folder, isWritable ? 0o755 : 0o555);
}
