// A workflow is submitted, watched and read in a real browser, on the demo provider at its normal pace.

import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleSizes } from "../../scripts/build/console.mjs";
import { CONFERENCE } from "../e2e/support/prompts.mjs";
import { startForFile } from "../e2e/support/worker.mjs";
import { shifts, startBrowser } from "./support/browser.mjs";
import {
  answer,
  confirm,
  entry,
  entryTitle,
  expectText,
  gone,
  holds,
  metrics,
  node,
  openStep,
  openTab,
  reach,
  start,
  until,
  wholeAnswer,
} from "./support/console.mjs";

const worker = await startForFile();
const { newPage } = await startBrowser(worker.url);

test("a prompt is submitted and watched: texts stream at once, the timeline shows it, the answer is kept", async () => {
  // As wide as it takes for nodes that tell how much is written.
  const page = await newPage({ acceptDownloads: true, viewport: { width: 1760, height: 860 } });
  const id = await start(page, CONFERENCE);
  await until("two subtasks' texts grow at the same time", growingTogether(page));
  await holds(async () =>
    assert.ok((await barsInParallel(page)) >= 2, "bars that overlap in the timeline, while it runs"),
  );
  await reach(page, "complete", 30_000);
  await wholeAnswer(page, /Demo: no language model was called/);
  await holds(async () => assert.ok((await barsInParallel(page)) >= 2, "bars that overlap in the timeline"));
  await holds(async () => assert.ok((await page.locator(".lane.critical").count()) >= 3, "a critical path"));
  const { total, worst } = await shifts(page);
  console.log(`figure: layout shift while the run streamed: ${total.toFixed(4)}`);
  assert.ok(total < 0.05, `layout shift ${total}: ${JSON.stringify(worst)}`);

  const status = (await worker.api.get(`/${id}`)).json.status;
  const [markdown] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Markdown" }).click(),
  ]);
  assert.equal(await contentOf(markdown), `${status.output.finalResult}\n`);
  const [json] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "JSON" }).click()]);
  assert.equal(JSON.parse(await contentOf(json)).status.output.finalResult, status.output.finalResult);
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await holds(async () =>
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), status.output.finalResult),
  );
});

test("two browsers and a client of the API see the same workflow", async () => {
  const [one, two] = [await newPage(), await newPage()];
  const id = await start(one, CONFERENCE);
  await two.goto(`/workflows/${id}`);
  await Promise.all([reach(one, "complete", 30_000), reach(two, "complete", 30_000)]);
  const [seenByOne, seenByTwo] = await Promise.all([shown(one), shown(two)]);
  assert.deepEqual(seenByOne, seenByTwo);
  const { status } = (await worker.api.get(`/${id}`)).json;
  assert.deepEqual(seenByOne.steps, Object.fromEntries(status.steps.map((step) => [step.name, step.state])));
  assert.equal(seenByOne.metrics.Tokens, `≈ ${status.usage.total_tokens.toLocaleString("en-US")}`);
  assert.equal(seenByOne.metrics["Model calls"], String(status.usage.model_calls));

  // What one of them starts again, the other one sees without a reload.
  await one.getByRole("button", { name: "Restart" }).first().click();
  await one
    .locator(".menu-list")
    .getByRole("button", { name: /^Everything/ })
    .click();
  await confirm(one, "Restart");
  await expectText(two.locator(".run-id"), "Run 2");
  await Promise.all([reach(one, "complete", 30_000), reach(two, "complete", 30_000)]);
});

test("deep links, the back button and a reload in mid-flight lead to the same", async () => {
  const page = await newPage();
  const id = await start(page, CONFERENCE);
  await openStep(page, "subtask/t2");
  await page.reload();
  await expectText(page.locator(".panel .step h3"), "Draft a schedule");
  // The step was a step of the history.
  await page.goBack();
  await holds(async () => assert.equal(new URL(page.url()).hash, ""));
  await page.goBack();
  await page.getByLabel("Prompt", { exact: true }).waitFor();
  await expectText(entry(page, id), "Plan a small conference");
  await entryTitle(page, id).click();
  await holds(async () => assert.equal(new URL(page.url()).pathname, `/${id}`));
  await reach(page, "complete", 30_000);
  await page.goto(`/${id}#log`);
  await expectText(page.locator(".log"), "The workflow is complete");
});

test("the demo says what it is, and its trouble can be clicked", async () => {
  const page = await newPage();
  await page.goto("/");
  await expectText(page.locator(".demo-banner"), "no language model is called");
  await page.getByRole("button", { name: "Plan a conference" }).click();
  await page.getByRole("button", { name: "A subtask fails twice" }).click();
  await holds(async () =>
    assert.match(await page.getByLabel("Prompt", { exact: true }).inputValue(), /\[demo: fail t2 2x\]$/),
  );
  await page.getByLabel("Prompt", { exact: true }).press("Control+Enter");
  await node(page, "subtask/t2").waitFor();
  await openStep(page, "subtask/t2");
  await expectText(page.locator(".attempts"), /Attempt 1\s+failed/);
  await reach(page, "complete", 40_000);
  await expectText(node(page, "subtask/t2"), "×3");
  await openTab(page, "Log");
  await expectText(page.locator(".log"), /t2: attempt 1 failed/);
});

test("a workflow that is deleted elsewhere is a page that says so, and its tab claims nothing more", async () => {
  const page = await newPage({ expect: /404/ });
  const id = await start(page, CONFERENCE);
  await reach(page, "complete", 30_000);
  await holds(async () => assert.match(await page.title(), /^✓ /));
  assert.equal((await worker.api.request("DELETE", `/${id}`)).status, 204);
  await expectText(page.locator("main"), "There is no such workflow");
  await until("the title is plain", async () => (await page.title()) === "Orchestrator Workers");
  await page.getByRole("link", { name: "Orchestrator Workers" }).click();
  await page.locator(".status-tabs").waitFor();
  await gone(entry(page, id));
});

test("an unknown workflow is a page that says so", async () => {
  const page = await newPage({ expect: /404/ });
  await page.goto("/no-such-workflow");
  await expectText(page.locator("main"), "There is no such workflow");
});

test("the whole console is small, comes from one origin, and is kept by the browser", async () => {
  const page = await newPage();
  const answers = [];
  page.on("response", (response) => answers.push(response));
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).waitFor();
  await page.waitForLoadState("networkidle");
  const files = answers.filter((response) => /\/assets\/|\/$/.test(new URL(response.url()).pathname));
  const sent = await Promise.all(files.map(async (response) => (await response.body()).length));
  const gzipped = consoleSizes().reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`figure: the console: ${answers.length} requests, ${sum(sent)} bytes, ${gzipped} gzipped`);
  assert.ok(gzipped < 150_000);
  const script = answers.find((response) => /\.js\?v=[0-9a-f]{8}$/.test(response.url()));
  assert.match(script.headers()["cache-control"], /max-age=\d{4,}/);
  assert.equal(script.headers()["x-content-type-options"], "nosniff");
  const headers = answers[0].headers();
  assert.match(headers["content-security-policy"], /script-src 'self';.*frame-ancestors 'none'/);
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["referrer-policy"], "same-origin");
});

const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);

/** True once each of two running nodes has shown two lengths of text. */
function growingTogether(page) {
  const seen = new Map();
  return async () => {
    const running = await page
      .locator('.node[data-state="running"]')
      .evaluateAll((nodes) => nodes.map((one) => [one.dataset.step, /([\d,]+) chars/.exec(one.textContent)?.[1]]));
    for (const [step, length] of running) {
      if (!step.startsWith("subtask/") || !length) continue;
      seen.set(step, (seen.get(step) ?? new Set()).add(length));
    }
    return running.filter(([step]) => (seen.get(step)?.size ?? 0) >= 2).length >= 2;
  };
}

/** The most bars of subtasks that one vertical line through the timeline crosses. */
async function barsInParallel(page) {
  const spans = await page
    .locator('[data-lane^="subtask/"] .bar:not(.wait)')
    .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect()).map(({ left, right }) => [left, right]));
  return Math.max(0, ...spans.map(([left]) => spans.filter(([from, to]) => from <= left && left < to).length));
}

async function shown(page) {
  await wholeAnswer(page);
  const steps = await page
    .locator(".node")
    .evaluateAll((nodes) => nodes.map((one) => [one.dataset.step, one.dataset.state]));
  return {
    steps: Object.fromEntries(steps),
    metrics: await metrics(page),
    answer: await answer(page).textContent(),
    bars: await page.locator(".bar").evaluateAll((bars) => bars.map((bar) => [bar.dataset.from, bar.dataset.to])),
  };
}

async function contentOf(download) {
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
