// The thread of one check: says `{ checks }`, or `{ problem }`.

import { parentPort, workerData } from "node:worker_threads";
import { wordsOf } from "./check.mjs";
import { checkOf } from "./requests.mjs";
import { tools } from "./tools.mjs";

const { file, answer } = workerData;

// Not awaited: one that waits for ever lets the thread end, which tells it.
main();

async function main() {
  try {
    const check = await checkOf({ checkFile: file });
    const checks = await check(answer, tools);
    assertChecks(checks);
    parentPort.postMessage({ checks });
  } catch (thrown) {
    parentPort.postMessage({ problem: wordsOf(thrown) });
  }
}

function assertChecks(checks) {
  const isOne = (one) => typeof one?.name === "string" && typeof one.passed === "boolean";
  if (!Array.isArray(checks) || checks.length === 0 || !checks.every(isOne))
    throw new Error("it gives no list of { name, passed, detail }");
}
