// An answer as JSON that fits a schema, in a real browser on a scripted model.

import assert from "node:assert/strict";
import { test } from "node:test";
import { direct } from "../e2e/emulators/answers.mjs";
import { held, makeGate, text } from "../e2e/emulators/scripts.mjs";
import { startWithOpenai } from "../e2e/support/worker.mjs";
import { shifts, startBrowser, VIEWS, violations } from "./support/browser.mjs";
import { answer, expectText, holds, menu, openTab, reach, run, wholeAnswer } from "./support/console.mjs";

const { api, emulator, url } = await startWithOpenai();
const { newPage } = await startBrowser(url);

const SCHEMA = { type: "object", properties: { port: { type: "integer" } }, required: ["port"] };
const JSON_TEXT = '{"port":8080,"10":"x","big":12345678901234567890}';

const schema = (page) => page.getByLabel("The answer as JSON, by a JSON Schema (2020-12)");
const toggle = (page) => page.getByRole("button", { name: "Structured output" });

async function fillIn(page, prompt, wanted) {
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).fill(prompt);
  await page.locator("summary", { hasText: "Options" }).click();
  await schema(page).fill(wanted);
}

for (const [view, options] of VIEWS) {
  test(`on ${view} a schema is checked at its field, and the JSON that fits it is shown and copied`, async () => {
    const gate = makeGate();
    const workflow = emulator.workflow((call) => {
      if (call.step === "plan") return direct();
      return call.step === "structure" ? held(gate, text(JSON_TEXT)) : text("The port is 8080.");
    });
    const page = await newPage({ ...options, expect: /status of 400/ });
    await fillIn(page, workflow.prompt(), '{"type": ');
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await expectText(page.locator("#option-outputSchema-fault"), "This is no JSON.");
    await holds(async () => assert.equal(await schema(page).evaluate((box) => box === document.activeElement), true));
    assert.deepEqual(await violations(page), []);
    await schema(page).fill('{"tpye": "object"}');
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await expectText(page.locator("#option-outputSchema-fault"), 'The server does not take this. "tpye"');
    await schema(page).fill(JSON.stringify(SCHEMA));
    await expectText(page.locator("#option-outputSchema-hint"), "One call more of the big model");
    const id = await run(page);
    await page.locator('[data-lane="structure"]').waitFor();
    await expectText(answer(page), "The port is 8080.");
    await holds(async () => assert.equal(await toggle(page).isDisabled(), true));
    gate.open();
    await reach(page, "complete");
    const { output } = await api.status(id);
    assert.equal(output.structured.port, 8080);
    await toggle(page).click();
    await expectText(page.locator(".json code"), '"big": 12345678901234567890');
    await page.getByRole("button", { name: "Copy JSON" }).click();
    await holds(async () =>
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), JSON_TEXT, "as it was written"),
    );
    assert.deepEqual(await violations(page), []);
    await holds(async () =>
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider"),
    );
    await page.locator('[data-lane="structure"]').click();
    await expectText(page.locator(".panel .json code"), '"port": 8080');
    assert.deepEqual(await violations(page), []);
    await openTab(page, "Log");
    await expectText(page.locator(".panel .log"), "JSON output fits the schema");
    const { total, worst } = await shifts(page);
    assert.ok(total < 0.05, `layout shift ${total}: ${JSON.stringify(worst)}`);
    await menu(page, "More", /^New workflow/);
    await page.locator("summary", { hasText: "Options" }).click();
    await holds(async () => assert.deepEqual(JSON.parse(await schema(page).inputValue()), SCHEMA));
  });
}

test("where no JSON fits the run has failed, its answer is there, and a restart asks for the JSON alone", async () => {
  let isMended = false;
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return direct();
    if (call.step !== "structure") return text("The port is 8080.");
    return text(isMended ? JSON_TEXT : '{"port": "none"}');
  });
  const page = await newPage();
  await fillIn(page, workflow.prompt(), JSON.stringify(SCHEMA));
  const id = await run(page);
  await reach(page, "errored", 40_000);
  await expectText(page.locator(".panel .notice"), "The workflow failed.");
  await expectText(page.locator(".panel .notice"), "/port");
  await wholeAnswer(page, /The port is 8080/);
  await holds(async () => assert.equal(await toggle(page).isDisabled(), true));
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await holds(async () => assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "The port is 8080."));
  await holds(async () => assert.equal(await page.locator(".follow-up").count(), 0, "only a finished one goes on"));
  assert.deepEqual(await violations(page), []);
  isMended = true;
  await menu(page, "Restart", /^What failed/);
  await reach(page, "complete");
  assert.equal((await api.status(id)).output.structured.port, 8080);
  assert.equal(workflow.count("synthesis"), 1);
  await page.locator(".follow-up").waitFor();
  await page.getByLabel("Also as JSON that fits the same schema").uncheck();
  await page.getByRole("button", { name: "Shorter" }).click();
  await page.waitForURL((address) => address.pathname !== `/${id}`);
  await reach(page, "complete");
  const child = await api.status(new URL(page.url()).pathname.slice(1));
  assert.equal("structured" in child.output, false);
});
