// One request in two ways, judged blind, in a real browser on a scripted model.

import assert from "node:assert/strict";
import { test } from "node:test";
import { direct } from "../e2e/emulators/answers.mjs";
import { error, held, makeGate, text } from "../e2e/emulators/scripts.mjs";
import { startWithOpenai } from "../e2e/support/worker.mjs";
import { shifts, startBrowser, VIEWS, violations } from "./support/browser.mjs";
import { expectText, holds } from "./support/console.mjs";

const { api, emulator, url } = await startWithOpenai();
const { newPage } = await startBrowser(url);

const side = (page, letter) => page.getByRole("region", { name: letter, exact: true });
const choose = (page, name) => page.locator(".choices").getByRole("button", { name, exact: true });
const revealed = (page) => page.getByRole("region", { name: "What they are" });

async function compare(page, prompt) {
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).fill(prompt);
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await page.waitForURL(/#compare\/[\w-]+\/[\w-]+$/);
  return new URL(page.url()).hash.split("/").slice(1);
}

for (const [view, options] of VIEWS) {
  test(`on ${view} two answers are judged without their names, which are told then`, async () => {
    const gate = makeGate();
    const workflow = emulator.workflow((call) =>
      call.kind === "direct" ? held(gate, text("By one call.")) : undefined,
    );
    const page = await newPage(options);
    const pair = await compare(page, workflow.prompt());
    await expectText(page.locator(".lead"), "One of the two is done.");
    await holds(async () =>
      assert.equal(await page.locator(".side .skeleton").count(), 2, "not even that one is shown"),
    );
    assert.deepEqual(await violations(page), []);
    gate.open();
    await expectText(page.locator(".lead"), "Their order is random.");
    const asked = await Promise.all(pair.map(async (id) => (await api.status(id)).mode.asked));
    assert.deepEqual([...asked].sort(), ["auto", "direct"]);
    const one = asked[0] === "direct" ? "A" : "B";
    await expectText(side(page, one), "By one call.");
    await expectText(side(page, one === "A" ? "B" : "A"), "The final result.");
    await holds(async () => assert.equal(await page.getByText(/direct|auto|tokens|subtask/i).count(), 0));
    assert.deepEqual(await violations(page), []);
    await holds(async () =>
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider"),
    );
    const { total, worst } = await shifts(page);
    assert.ok(total < 0.05, `layout shift ${total}: ${JSON.stringify(worst)}`);
    // A reload keeps the order.
    await page.reload();
    await expectText(side(page, one), "By one call.");
    await choose(page, one).click();
    await expectText(page.locator(".lead"), `You would send ${one}. Direct: one call of the big model.`);
    const rows = async () =>
      revealed(page)
        .locator("tbody th")
        .evaluateAll((all) => all.map((cell) => cell.textContent));
    await holds(async () => assert.deepEqual(await rows(), ["Words", "Tokens", "Model calls", "Seconds", "Warnings"]));
    const links = revealed(page).getByRole("link");
    await holds(async () => assert.equal(await links.first().getAttribute("href"), `/${pair[0]}`));
    await holds(async () => assert.equal(await choose(page, "Neither").isDisabled(), true));
    assert.deepEqual(await violations(page), []);
    await page.reload();
    await expectText(page.locator(".lead"), `You would send ${one}.`);
  });
}

test("two answers of one call each are said to differ by chance", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? direct() : text("One fact.")));
  const page = await newPage();
  await compare(page, workflow.prompt());
  await choose(page, "Both alike").click();
  await expectText(page.locator(".lead"), "Both are alike to you. Both were written by one call");
  await page.getByRole("link", { name: "Orchestrator Workers" }).click();
  await page.getByRole("heading", { name: "What should be done?" }).waitFor();
  await page.goBack();
  await expectText(page.locator(".lead"), "Both are alike to you.");
});

test("a side without an answer is no choice", async () => {
  const workflow = emulator.workflow((call) =>
    call.kind === "direct" ? error(401, { error: { message: "No.", code: "invalid_api_key" } }) : undefined,
  );
  const page = await newPage();
  await compare(page, workflow.prompt());
  await expectText(page.locator(".lead"), "One of the two has no answer");
  await expectText(revealed(page), "Direct: one call of the big model");
  await holds(async () => assert.equal(await page.locator(".choices").count(), 0));
  assert.deepEqual(await violations(page), []);
});

test("where the second one is refused the first one is not left to run", async () => {
  const workflow = emulator.workflow();
  const page = await newPage({ expect: /status of 400/ });
  const ids = [];
  page.on("response", async (response) => {
    if (response.request().method() === "POST" && response.status() === 202) ids.push((await response.json()).id);
  });
  let sent = 0;
  const refusal = { type: "x/invalid", title: "Not valid", status: 400, detail: "options.mode is wrong: no" };
  await page.route("**/workflows", (route) =>
    ++sent === 2
      ? route.fulfill({ status: 400, contentType: "application/problem+json", body: JSON.stringify(refusal) })
      : route.continue(),
  );
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).fill(workflow.prompt());
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await expectText(page.locator(".composer .notice"), "Not valid");
  await holds(async () => assert.equal(ids.length, 1));
  assert.equal((await api.get(`/${ids[0]}`)).status, 404);
  // Given subtasks can't be answered by one call, whatever mode is chosen.
  const given = await api.submit({ prompt: workflow.prompt(), tasks: ["Do it. (task-marker t1)"] });
  await page.goto(`/${given}`);
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page
    .locator(".menu-list")
    .getByRole("button", { name: /^New workflow/ })
    .click();
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await expectText(page.locator("#option-mode-fault"), "can't be answered directly");
});

test("a pair of which one is gone is told as gone", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  const page = await newPage({ expect: /status of 404/ });
  await page.goto(`/#compare/${id}/none-of-this-id`);
  await expectText(page.locator(".notice"), /no such|not found|unknown/i);
  await holds(async () => assert.equal(await page.locator(".side").count(), 0));
  assert.deepEqual(await violations(page), []);
});
