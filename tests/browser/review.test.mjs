// A review of the answer, and what it has changed, in a real browser on a scripted model.

import assert from "node:assert/strict";
import { test } from "node:test";
import { direct } from "../e2e/emulators/answers.mjs";
import { held, makeGate, text } from "../e2e/emulators/scripts.mjs";
import { startWithOpenai } from "../e2e/support/worker.mjs";
import { shifts, startBrowser, VIEWS, violations } from "./support/browser.mjs";
import {
  answer,
  expectText,
  holds,
  menu,
  node,
  openStep,
  openTab,
  reach,
  run,
  stepState,
  wholeAnswer,
} from "./support/console.mjs";

const { api, emulator, url } = await startWithOpenai();
const { newPage } = await startBrowser(url);

const LINES = Array.from({ length: 12 }, (_, index) => `Line ${index + 1} stays as it is.`);
const BEFORE = ["# Ports", ...LINES, "The port is 80."].join("\n\n");
const FIX = "@edit\n<<<<\nThe port is 80.\n====\nThe port is 8080.\n>>>>";

/** Opens the options of the start page, asks for a review, and runs the prompt. */
async function startReviewed(page, prompt) {
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).fill(prompt);
  await page.locator("summary", { hasText: "Options" }).click();
  await page.getByRole("checkbox", { name: "Review the answer before it is final" }).check();
  return run(page);
}

const toggle = (page) => page.getByRole("button", { name: "Changes of the review" });

for (const [view, options] of VIEWS) {
  test(`on ${view} a review is asked for, watched, and compared with what was before`, async () => {
    const gate = makeGate();
    const workflow = emulator.workflow((call) => {
      if (call.step === "plan") return direct();
      return call.step === "review" ? held(gate, text(FIX)) : text(BEFORE);
    });
    const page = await newPage(options);
    const id = await startReviewed(page, workflow.prompt());
    await expectText(page.locator(".open-note"), "not settled yet: it is being reviewed");
    await expectText(answer(page), "The port is 80.");
    await holds(async () => assert.equal(await toggle(page).isDisabled(), true));
    gate.open();
    await reach(page, "complete");
    await wholeAnswer(page, /The port is 8080\./);
    await expectText(page.locator(".open-note > :not(.past)"), "All of it is settled.");
    const { output, steps } = await api.status(id);
    assert.match(output.finalResult, /8080/);
    assert.match(steps.find(({ name }) => name === "synthesis").output, /is 80\./);
    await toggle(page).click();
    const changes = page.getByRole("region", { name: "Changes of the review" });
    await expectText(changes.locator("del"), /removed:\s*80\s*]/);
    await expectText(changes.locator("ins"), /added:\s*8080\s*]/);
    await expectText(changes, /\d+ unchanged lines/);
    await holds(async () => assert.equal(await toggle(page).getAttribute("aria-pressed"), "true"));
    assert.deepEqual(await violations(page), []);
    await holds(async () =>
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider"),
    );
    await toggle(page).click();
    await wholeAnswer(page, /The port is 8080\./);
    await page.locator('[data-lane="review/1"]').click();
    await expectText(page.locator(".panel .step"), "The reviewer's reply");
    await page.locator(".panel summary", { hasText: "Corrections" }).click();
    await expectText(page.locator(".panel .lines-text"), "answer made");
    assert.deepEqual(await violations(page), []);
    await openTab(page, "Log");
    await expectText(page.locator(".panel .log"), "The review made 1 correction");
    const { total, worst } = await shifts(page);
    assert.ok(total < 0.05, `layout shift ${total}: ${JSON.stringify(worst)}`);
  });
}

test("a review of a plan's answer stands in the graph, and a restart from it keeps the answer", async () => {
  let reviews = 0;
  const workflow = emulator.workflow((call) => {
    if (call.step !== "review") return undefined;
    reviews++;
    return text(
      reviews === 1
        ? "none"
        : "@answer\nAnother text, of the reviewer's, which is about as long as the one before it was.",
    );
  });
  const page = await newPage();
  await startReviewed(page, workflow.prompt());
  await reach(page, "complete");
  await stepState(page, "review/1", "complete");
  await holds(async () => assert.equal(await toggle(page).isDisabled(), true));
  await holds(async () => assert.equal(await toggle(page).getAttribute("title"), "The review has changed nothing"));
  await openStep(page, "review/1");
  await page.getByRole("button", { name: "Restart from review" }).click();
  await expectText(page.getByRole("dialog"), "the review of the answer");
  await page.getByRole("dialog").getByRole("button", { name: "Restart", exact: true }).click();
  await page.locator(".run-id", { hasText: "Run 2" }).waitFor();
  await reach(page, "complete");
  await expectText(node(page, "synthesis").locator(".visually-hidden"), "kept from an earlier run");
  await openTab(page, "Answer");
  await wholeAnswer(page, /Another text, of the reviewer's/);
  await menu(page, "More", /^New workflow/);
  await page.locator("summary", { hasText: "Options" }).click();
  const box = page.getByRole("checkbox", { name: "Review the answer before it is final" });
  await holds(async () => assert.equal(await box.isChecked(), true));
  await expectText(page.locator("#option-review-words"), "One call more of the big model");
  assert.deepEqual(await violations(page), []);
});

test("an answer without its review is whole, and says why", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return direct();
    return text(call.step === "review" ? "I find this answer quite good." : "One fact.");
  });
  const page = await newPage();
  await startReviewed(page, workflow.prompt());
  await reach(page, "complete");
  await wholeAnswer(page, /One fact/);
  await expectText(page.locator(".panel .notice"), "Good to know");
  await expectText(page.locator(".panel .notice"), "The answer was not reviewed");
  await expectText(page.locator(".pill"), /^Complete$/);
  assert.deepEqual(await violations(page), []);
});
