// A fleet over a real S3 server, SeaweedFS: only with TEST_FULL=1, because its program has 150 MB.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { seaweedfs } from "../../scripts/setup/seaweedfs.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertWhole, completeThrough, Fleet, followEvents, inFanOut, SECRET } from "./support/fleet.mjs";
import { freePort } from "./support/ports.mjs";
import { CONFERENCE } from "./support/prompts.mjs";
import { killed, temporaryFolder } from "./support/serve.mjs";

const program = process.env.TEST_FULL === "1" ? await seaweedfs() : null;
const folder = temporaryFolder();

test("SeaweedFS: an owner is lost in mid fan-out, and a node stops", {
  timeout: 300_000,
  skip: program === null,
}, async (context) => {
  const url = await startSeaweedfs();
  // With the lease as it is: its writes take longer than the stand-in's.
  const fleet = new Fleet({ url }, folder, { divisor: 1 });
  await fleet.start("a");
  await fleet.start("b");
  const now = () => fleet.nodes;
  const id = await fleet.node("a").api.submit(CONFERENCE);
  const stream = followEvents(() => fleet.others("a"), id);
  await inFanOut(fleet.node("b").api, id);
  const began = Date.now();
  await fleet.lose("a");
  await completeThrough(now, id);
  context.diagnostic(`figure: fleet: SeaweedFS: complete ${Date.now() - began} ms after kill -9 of the owner`);
  assertWhole((await stream).events);

  await fleet.start("a");
  const times = [];
  for (let turn = 0; turn < 8; turn++) {
    const before = performance.now();
    await fleet.node("a").api.submit({ prompt: "Say hello.", options: { mode: "direct" } });
    times.push(Math.round(performance.now() - before));
  }
  context.diagnostic(`figure: fleet: SeaweedFS: POST p50 ${times.sort((one, other) => one - other)[4]} ms`);
  const next = await fleet.node("b").api.submit(CONFERENCE);
  await inFanOut(fleet.node("a").api, next);
  assert.equal(await fleet.stop("b"), 0);
  await completeThrough(now, next);
  assert.equal(assertWhole((await followEvents(now, next)).events), 0);
  await eventually("the list has all", async () => {
    const answer = await fleet.node("a").api.get("/workflows");
    return answer.json?.counts?.complete === 10;
  });
  assert.deepEqual(await fleet.stopAll(), [0]);
});

/** Its address, once the bucket is there. */
async function startSeaweedfs() {
  const [s3, master, volume, filer, admin] = await Promise.all(Array.from({ length: 5 }, freePort));
  const dir = path.join(folder, "weed");
  mkdirSync(dir);
  const ports = {
    "s3.port": s3,
    "master.port": master,
    "volume.port": volume,
    "filer.port": filer,
    "admin.port": admin,
  };
  const child = spawn(
    program,
    [
      "mini",
      `-dir=${dir}`,
      "-ip=127.0.0.1",
      "-ip.bind=127.0.0.1",
      "-bucket=workflows",
      "-webdav=false",
      "-s3.port.iceberg=0",
      ...Object.entries(ports).map(([name, port]) => `-${name}=${port}`),
    ],
    { env: { ...process.env, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: SECRET }, stdio: "ignore", cwd: dir },
  );
  const ended = once(child, "exit");
  after(async () => {
    killed(child.pid);
    await ended;
  });
  const url = `http://127.0.0.1:${s3}`;
  // Without a key it refuses, which shows that it and its bucket are there.
  await eventually(
    "SeaweedFS answers",
    async () => (await fetch(`${url}/workflows?list-type=2`).catch(() => null))?.status === 403,
    60_000,
  );
  return url;
}
