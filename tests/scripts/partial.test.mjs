// Copies that meet another one, a signal, a kill -9 or what somebody else has there.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, mock, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { backup, restore } from "../../scripts/serve/backup.mjs";
import { DataFolder } from "../../scripts/serve/data.mjs";
import { wholly } from "../../scripts/serve/partial.mjs";

/** As long as one that reads so many databases may have. */
const DATABASES = 60;
const folder = mkdtempSync(path.join(tmpdir(), "orchestrator-partial-"));
const in_ = (...parts) => path.join(folder, ...parts);
after(() => rmSync(folder, { recursive: true, force: true }));

/** A copy that does not end by itself. */
const ENDLESS = `
  import { writeFileSync } from "node:fs";
  const { wholly } = await import(process.argv[1]);
  const keep = setInterval(() => {}, 1_000);
  await wholly(process.argv[2], (folder) => {
    writeFileSync(folder + "/prompts", "secret");
    console.log("filling");
    return new Promise(() => keep.ref());
  });
`;

/** Calls `step()` with each change or look at a path that is like `pattern`, before it or after it. */
const STEPS = `
  const { syncBuiltinESMExports } = require("node:module");
  function steps(pattern, { before = () => {}, after = () => {} }) {
    const fs = require("node:fs");
    for (const name of ["existsSync", "mkdirSync", "readdirSync", "writeFileSync", "copyFileSync", "renameSync",
      "rmdirSync", "rmSync"]) {
      const real = fs[name];
      fs[name] = (file, ...others) => {
        const isStep = pattern.test(String(file));
        if (isStep) before();
        try {
          return real(file, ...others);
        } finally {
          if (isStep) after();
        }
      };
    }
    syncBuiltinESMExports();
  }
`;

/** A restore that is killed before a certain step. */
const KILLED = `
  ${STEPS}
  const [script, data, target, last] = process.argv.slice(1);
  let step = 0;
  import(script).then(({ restore }) => {
    steps(/\\.partial-/, { before: () => ++step === Number(last) && process.kill(process.pid, "SIGKILL") });
    return restore(target, data);
  });
`;

/** A copy that stops after certain steps, until it may go on. */
const STOPPED = `
  ${STEPS}
  const { parentPort, workerData } = require("node:worker_threads");
  const { script, target, pattern, stops, gate } = workerData;
  let [step, stopped] = [0, 0];
  const after = () => {
    if (!stops.includes(++step)) return;
    parentPort.postMessage("stopped");
    Atomics.wait(gate, 0, stopped++);
  };
  import(script)
    .then(({ wholly }) => {
      steps(pattern, { after });
      return wholly(target, (folder) => require("node:fs").writeFileSync(folder + "/file", target));
    })
    .then(() => parentPort.postMessage("whole"), (error) => parentPort.postMessage(String(error.stack)));
`;

mkdirSync(in_("data/objects/class"), { recursive: true });
writeFileSync(in_("data/orchestrator-workers.json"), '{"format":1,"version":"0.1.0"}');
for (let number = 0; number < DATABASES; number++) {
  const database = new DatabaseSync(in_(`data/objects/class/${number}.sqlite`));
  database.exec("CREATE TABLE some (text TEXT)");
  database.close();
}

/** Starts `node ARGS`: `{ child, ended }`, the latter being `{ status, words }`. */
function start(args) {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  after(() => child.kill("SIGKILL"));
  let words = "";
  child.stderr.on("data", (chunk) => (words += chunk));
  const ended = once(child, "close").then(([status, signal]) => ({ status: status ?? signal, words }));
  return { child, ended };
}

async function endless(target) {
  const copy = start(["--input-type=module", "-e", ENDLESS, inRoot("scripts/serve/partial.mjs"), target]);
  await once(copy.child.stdout, "data");
  return copy;
}

const namesLike = (pattern) => readdirSync(folder).filter((name) => pattern.test(name));
const databasesOf = (name) => readdirSync(in_(name, "objects/class")).filter((file) => /^\d+\.sqlite$/.test(file));

for (const [name, argsOf] of /** @type {const} */ ([
  ["backup", (target) => ["backup", target, "--data", in_("data")]],
  ["restore", (target) => ["restore", in_("data"), "--data", target]],
  ["restore into a folder that is there", (target) => ["restore", in_("data"), "--data", target]],
]))
  test(`of several at once to one place, one is whole and no other says that it is: ${name}`, {
    timeout: 60_000,
  }, async () => {
    for (const delays of [
      [0, 0, 0],
      [0, 40, 120],
    ]) {
      const target = in_(`${name.replaceAll(" ", "-")}-${delays.at(-1)}`);
      if (name.includes("there")) mkdirSync(target);
      const all = await Promise.all(
        delays.map(async (ms) => {
          await sleep(ms);
          return start([inRoot("scripts/serve.mjs"), ...argsOf(target)]).ended;
        }),
      );
      const said = JSON.stringify(all);
      assert.equal(all.filter(({ status }) => status === 0).length, 1, said);
      for (const { status, words } of all.filter((one) => one.status !== 0)) {
        assert.ok([75, 78].includes(status), said);
        assert.match(words, /^\nerror: [^\n]*(there already|not empty|by somebody else|another process)[^\n]+\n$/);
      }
      assert.equal(databasesOf(path.basename(target)).length, DATABASES);
      assert.ok(existsSync(path.join(target, "orchestrator-workers.json")));
      assert.deepEqual([...namesLike(/partial/), ...readdirSync(target).filter((one) => /partial/.test(one))], []);
    }
  });

/** A copy to `target` whose `reached()` says how far it is by now: "stopped", "whole", or what is wrong. */
function stoppedAfter(stops, target, pattern) {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const script = inRoot("scripts/serve/partial.mjs");
  const worker = new Worker(STOPPED, {
    eval: true,
    stderr: true,
    workerData: { script, target, pattern, stops, gate },
  });
  const reached = async () => (await once(worker, "message"))[0];
  const goOn = () => {
    const next = reached();
    Atomics.add(gate, 0, 1);
    Atomics.notify(gate, 0);
    return next;
  };
  return { reached, goOn };
}

test("a copy is left alone by whoever looks at it, at whatever moment of both", { timeout: 120_000 }, async () => {
  const lives = /\/lives\.partial-/;
  let [ofOne, ofOther] = ["stopped", "stopped"];
  for (let step = 1; ofOne === "stopped"; step++) {
    ofOther = "stopped";
    for (let look = 1; ofOther === "stopped"; look++) {
      const around = in_(`looked-at-${step}-${look}`);
      mkdirSync(around);
      // One stops, the other comes by and stops too, the one goes a step on, the other to its end, and the one to its.
      const one = stoppedAfter([step, step + 1], path.join(around, "lives"), lives);
      ofOne = await one.reached();
      const other = stoppedAfter([look], path.join(around, "other"), lives);
      ofOther = await other.reached();
      let last = ofOne === "stopped" ? await one.goOn() : ofOne;
      const lastOfOther = ofOther === "stopped" ? await other.goOn() : ofOther;
      if (last === "stopped") last = await one.goOn();
      assert.deepEqual([last, lastOfOther], ["whole", "whole"], `${step} ${look}`);
      for (const name of ["lives", "other"]) {
        assert.deepEqual(readdirSync(path.join(around, name)), ["file"], `${step} ${look}`);
        assert.equal(readFileSync(path.join(around, name, "file"), "utf8"), path.join(around, name));
      }
      assert.deepEqual(readdirSync(around).sort(), ["lives", "other"], `${step} ${look}`);
    }
  }
});

for (const isThere of [false, true])
  test(`a restore that was killed at whatever moment is begun once more, and the next copy leaves nothing of it: ${
    isThere ? "into a folder that is there" : "into a new one"
  }`, { timeout: 120_000 }, async () => {
    mkdirSync(in_("small/objects/class"), { recursive: true });
    writeFileSync(in_("small/orchestrator-workers.json"), '{"format":1,"version":"0.1.0"}');
    writeFileSync(in_("small/token"), "0123456789abcdef");
    new DatabaseSync(in_("small/objects/class/0.sqlite")).close();
    const WHOLE = ["objects", "orchestrator-workers.json", "token"];
    const seen = new Set();
    for (let step = 1, status = "SIGKILL"; status === "SIGKILL"; step++) {
      const around = in_(`ended-${isThere}-${step}`);
      const target = path.join(around, "target");
      mkdirSync(isThere ? target : around, { recursive: true });
      const args = ["-e", KILLED, inRoot("scripts/serve/backup.mjs"), in_("small"), target, String(step)];
      const ended = await start(args).ended;
      status = ended.status;
      assert.ok(["SIGKILL", 0].includes(status), ended.words);
      const left = existsSync(target) ? readdirSync(target).filter((name) => !/^\.partial-/.test(name)) : [];
      seen.add(left.sort().join());
      if (left.includes("orchestrator-workers.json")) {
        assert.deepEqual(left, WHOLE);
        new DataFolder(target).open();
        await assert.rejects(restore(target, in_("small")), { exitStatus: 78, message: /target is not empty/ });
      } else {
        const interrupted = {
          exitStatus: 78,
          message: /is what a restore has left that was interrupted: restore to it/,
        };
        if (existsSync(target) && readdirSync(target).length > 0)
          assert.throws(() => new DataFolder(target).open(), interrupted);
        await restore(target, in_("small"));
      }
      await backup(target, path.join(around, "next"));
      assert.deepEqual(readdirSync(around).sort(), ["next", "target"], `${step}`);
      for (const name of ["next", "target"]) {
        assert.deepEqual(readdirSync(path.join(around, name)).sort(), WHOLE, `${step}`);
        assert.ok(existsSync(path.join(around, name, "objects/class/0.sqlite")), `${step}`);
      }
    }
    const states = isThere ? ["", "objects", "objects,token", WHOLE.join()] : ["", WHOLE.join()];
    assert.deepEqual([...seen], states, "it was killed in each of them");
  });

test("what fails while it is moved to its place leaves nothing there", async () => {
  mkdirSync(in_("fails"));
  const { renameSync } = fs;
  const moves = mock.method(fs, "renameSync", (from, to) => {
    if (to === in_("fails/orchestrator-workers.json")) throw Object.assign(new Error("EIO"), { code: "EIO" });
    renameSync(from, to);
  });
  syncBuiltinESMExports();
  try {
    await assert.rejects(restore(in_("fails"), in_("data")), { code: "EIO" });
  } finally {
    moves.mock.restore();
    syncBuiltinESMExports();
  }
  assert.deepEqual(readdirSync(in_("fails")), []);
});

test("a copy that loses files while it is moved to its place is not said to be whole", async () => {
  const { renameSync } = fs;
  const moves = mock.method(fs, "renameSync", (from, to) => {
    renameSync(from, to);
    if (to === in_("loses")) rmSync(in_("loses/objects/class/7.sqlite"));
  });
  syncBuiltinESMExports();
  try {
    const lost = new RegExp(`loses has lost 1 of ${DATABASES} databases while it was made, .*: move it away, and copy`);
    await assert.rejects(backup(in_("data"), in_("loses")), { message: lost });
  } finally {
    moves.mock.restore();
    syncBuiltinESMExports();
  }
});

test("what is beside a remnant whose deletion was cut short is nobody's of ours", async () => {
  const around = in_("cut-short");
  const content = path.join(around, "old.partial-0123456789ab", "content");
  mkdirSync(content, { recursive: true });
  writeFileSync(path.join(content, "orchestrator-workers.json"), "{}");
  writeFileSync(path.join(around, "old.partial-0123456789ab", "partial-lock"), "");
  mkdirSync(path.join(around, "objects"));
  for (const name of ["objects/mine", "token"]) writeFileSync(path.join(around, name), "mine");
  await backup(in_("data"), path.join(around, "new"));
  assert.deepEqual(readdirSync(around).sort(), ["new", "objects", "token"]);
  assert.equal(readFileSync(path.join(around, "objects/mine"), "utf8"), "mine");
});

test("no folder of somebody else is deleted, whatever its name is", async () => {
  const names = ["mine.partial", "mine.partial-0123456789ab"];
  for (const name of names) {
    mkdirSync(in_(name));
    writeFileSync(in_(name, "precious.txt"), "x");
  }
  await backup(in_("data"), in_("mine"));
  for (const name of names) {
    assert.equal(readFileSync(in_(name, "precious.txt"), "utf8"), "x");
    rmSync(in_(name), { recursive: true });
  }
  assert.equal(databasesOf("mine").length, DATABASES);
});

test("a signal leaves nothing, and is said", { timeout: 60_000 }, async () => {
  for (const [signal, status] of /** @type {const} */ ([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])) {
    const copy = await endless(in_("signalled"));
    assert.equal(namesLike(/^signalled\.partial-/).length, 1);
    copy.child.kill(signal);
    const ended = await copy.ended;
    assert.equal(ended.status, status);
    assert.match(ended.words, new RegExp(`error: ended by ${signal}, and nothing is left`));
    assert.deepEqual(namesLike(/^signalled/), []);
  }
});

test("what one that was killed has left goes with the next one; one that lives is left alone", {
  timeout: 60_000,
}, async () => {
  const [first, second] = [await endless(in_("killed")), await endless(in_("lives"))];
  await assert.rejects(backup(in_("data"), in_("lives")), { exitStatus: 75, message: /another process copies to/ });
  first.child.kill("SIGKILL");
  await first.ended;
  assert.equal(namesLike(/^killed\.partial-/).length, 1);
  await backup(in_("data"), in_("next"));
  assert.deepEqual(namesLike(/^killed/), []);
  assert.equal(namesLike(/^lives\.partial-/).length, 1);
  second.child.kill("SIGTERM");
  await second.ended;
});

test("a restore into a volume that was killed is said by serve, and mended by the next one", {
  timeout: 60_000,
}, async () => {
  mkdirSync(in_("volume"));
  const copy = await endless(in_("volume"));
  copy.child.kill("SIGKILL");
  await copy.ended;
  const interrupted = { exitStatus: 78, message: /volume is what a restore has left that was interrupted/ };
  assert.throws(() => new DataFolder(in_("volume")).open(), interrupted);
  await restore(in_("volume"), in_("data"));
  new DataFolder(in_("volume")).open();
  assert.deepEqual(readdirSync(in_("volume")).sort(), ["objects", "orchestrator-workers.json"]);
});

test("what somebody else makes in the place of a copy meanwhile stays, and the copy is refused", async () => {
  const taken = { exitStatus: 78, message: /was made or filled by somebody else meanwhile/ };
  const makes = (file) => () => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "x");
  };
  for (const file of ["a-folder/file", "a-file"])
    await assert.rejects(wholly(in_(file.split("/")[0]), makes(in_(file))), taken);
  mkdirSync(in_("there"));
  await assert.rejects(wholly(in_("there"), makes(in_("there/file"))), taken);
  for (const file of ["a-folder/file", "a-file", "there/file"]) assert.equal(readFileSync(in_(file), "utf8"), "x");
  assert.deepEqual(readdirSync(in_("there")), ["file"]);
  assert.deepEqual(namesLike(/partial/), []);
});

test("a link to nothing is named as it was given", async () => {
  symlinkSync(in_("nowhere"), in_("link"));
  const restored = restore(in_("link"), in_("data"));
  await assert.rejects(restored, {
    exitStatus: 78,
    message: `${in_("link")} is a link to nothing: make the folder it leads to, or name another one`,
  });
  await assert.rejects(backup(in_("data"), in_("link")), { exitStatus: 78, message: /link is there already/ });
  assert.deepEqual(namesLike(/^link/), ["link"]);
});
