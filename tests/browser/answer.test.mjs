// Modes, contracts and assembled answers, in a real browser on a scripted model.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contract, direct, edit, editor } from "../e2e/emulators/answers.mjs";
import { held, makeGate, text } from "../e2e/emulators/scripts.mjs";
import { startWithOpenai } from "../e2e/support/worker.mjs";
import { shifts, startBrowser } from "./support/browser.mjs";
import {
  answer,
  expectText,
  holds,
  menu,
  node,
  openStep,
  openTab,
  reach,
  start,
  stepState,
  wholeAnswer,
} from "./support/console.mjs";

const { api, emulator, url } = await startWithOpenai();
const { newPage } = await startBrowser(url);

const PARTS = { t1: "The port is 80.", t2: "The host is here." };
const part = (call) => (call.step === "subtask" ? text(PARTS[call.task]) : undefined);
const FIX = edit("t1", "The port is 80.", "The port is 8080.");
const MISS = edit("t2", "No such words.", "Other words.");

async function copied(page) {
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  return page.evaluate(() => navigator.clipboard.readText());
}

test("a request that is answered directly leads with its answer, and moves nothing", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? held(gate, direct()) : text("Exactly one fact."),
  );
  const page = await newPage();
  const id = await start(page, workflow.prompt());
  await expectText(page.locator(".mode-line"), "The big model chooses how to answer.");
  await stepState(page, "plan", "running");
  gate.open();
  await reach(page, "complete");
  await wholeAnswer(page, /Exactly one fact/);
  await expectText(page.locator(".mode-line"), "Answered directly by one call of the big model. One writer is enough.");
  await holds(async () => assert.equal(await page.locator(".plan-frame").count(), 0, "no graph of one call"));
  await expectText(page.locator(".answer-length"), "3 words");
  const { total, worst } = await shifts(page);
  assert.ok(total < 0.05, `layout shift ${total}: ${JSON.stringify(worst)}`);
  await openTab(page, "Log");
  await expectText(page.locator(".panel .log"), "The request is answered directly, by one call of the big model");
  assert.deepEqual((await api.status(id)).mode, { asked: "auto", chosen: "direct", reason: "One writer is enough." });
});

test("mode and length are chosen on the start page, sent, kept, and brought along", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? undefined : text("Short.")));
  const page = await newPage();
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).fill(workflow.prompt());
  const open = () => page.locator("summary", { hasText: "Options" }).click();
  await open();
  await page.getByRole("radio", { name: "Direct", exact: true }).check();
  await page.getByLabel("Length of the answer").selectOption("words");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const words = page.getByLabel("Words, at most");
  await expectText(page.locator("#option-maxWords-fault"), "Enter a whole number from 50 to 20,000.");
  await words.fill("600");
  await page.getByText("The same with curl").click();
  await expectText(page.locator(".composer pre"), '"options":{"mode":"direct","length":{"max_words":600}}');
  await page.reload();
  await open();
  await holds(async () => assert.equal(await words.inputValue(), "600"));
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await reach(page, "complete");
  assert.equal(workflow.count("plan"), 0);
  await expectText(page.locator(".mode-line"), "The request asked for it.");
  await expectText(page.locator(".answer-length"), "1 word, limit 600");
  await menu(page, "More", /^New workflow/);
  await open();
  await holds(async () =>
    assert.equal(await page.getByRole("radio", { name: "Direct", exact: true }).isChecked(), true),
  );
  await holds(async () => assert.equal(await words.inputValue(), "600"));
});

test("the answer streams as its reader will have it, with a mark where it is not settled", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return contract(["t1", "t2"]);
    if (call.kind === "edit") return editor(call, { edits: [FIX, MISS], lead: "In short: 🦀." });
    if (call.kind === "edit-repair") return held(gate, text(edit("t2", "The host is here.", "The host is there.")));
    return part(call);
  });
  const page = await newPage();
  const id = await start(page, workflow.prompt());
  await stepState(page, "edit/2", "running");
  // The text is there while the repair of an edit may still change the end of it.
  await expectText(answer(page), "The port is 8080.");
  await expectText(answer(page).locator(".block.open").last(), "The host is here.");
  await expectText(page.locator(".open-note"), "not settled yet: corrections are being repaired");
  await expectText(answer(page).locator(".visually-hidden"), "not settled and may still change");
  gate.open();
  await reach(page, "complete");
  await wholeAnswer(page, /In short: 🦀.[\s\S]*The port is 8080[\s\S]*The host is there/);
  await expectText(page.locator(".open-note > :not(.past)"), "All of it is settled.");
  await holds(async () => assert.equal(await page.locator(".block.open").count(), 0));
  const { output } = await api.status(id);
  await holds(async () => assert.equal(await copied(page), output.finalResult));
  await expectText(page.locator('[data-lane="synthesis"]'), "put together");
  await openTab(page, "Log");
  await expectText(page.locator(".panel .log li", { hasText: "put together" }), "of 2 parts, with");
  await openStep(page, "edit/1");
  await expectText(page.locator(".panel .step"), "The editor's script");
  await expectText(page.locator(".panel .raw"), "@include t1");
  await node(page, "edit/2").click();
  await expectText(page.locator(".panel .step > h3"), "Repairing edits");
  // A page that is opened afterwards says the same.
  await page.reload();
  await page.getByRole("tab", { name: "Answer" }).click();
  await holds(async () => assert.equal(await copied(page), output.finalResult));
});

test("a correction that could not be made is told, with its reason", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return contract(["t1", "t2"]);
    if (call.kind === "edit") return editor(call, { edits: [MISS] });
    if (call.kind === "edit-repair") return text(MISS);
    return part(call);
  });
  const page = await newPage();
  await start(page, workflow.prompt());
  await reach(page, "complete");
  await expectText(page.locator(".pill"), "Complete with gaps");
  await expectText(page.locator(".panel .notice"), "A correction of t2 could not be made");
  await page.getByRole("button", { name: /^Show Repairing edits/ }).click();
  await page.locator(".step-picker select").selectOption("edit/1");
  await page.getByText("Corrections", { exact: false }).first().waitFor();
  await expectText(page.locator(".panel .step"), "t2 not made");
});

const CONTRACT = {
  length: 900,
  shared: "The port is 8080.",
  borders: [
    { what: "port", owner: "t1" },
    { what: "title", owner: "editor" },
  ],
  criteria: ["names the port", "is short"],
};
const proposed = () => contract([{ id: "t1", words: 400, criteria: [1] }, "t2"], CONTRACT);

test("a plan that waits is a contract: it is shown, edited, kept, and sent as far as it was changed", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? proposed() : part(call)));
  const page = await newPage();
  const id = await start(page, workflow.prompt(), { approval: true });
  await reach(page, "waiting");
  const panel = page.locator(".panel");
  await expectText(panel, /It takes about \d+ calls, [\d,]+ tokens/);
  await expectText(
    panel.locator(".contract summary"),
    "put together by an editor, about 900 words, 2 borders, 2 criteria",
  );
  const owners = panel.locator(".lines .owner");
  await holds(async () => assert.deepEqual(await owners.allInnerTexts(), ["t1", "the editor"]));
  const shared = panel.getByLabel("Shared: what all parts have to agree on");
  await shared.fill("The port is 9090.");
  await panel.getByRole("button", { name: "Remove criterion 1" }).click();
  await panel.getByLabel("Who decides on border 1").selectOption("t2");
  const second = page.getByRole("group", { name: "t2", exact: true });
  await second.getByLabel("Words, about").fill("250");
  await second.getByLabel("Big model").check();
  await second.getByRole("button", { name: "1", exact: true }).click();
  await page.reload();
  await holds(async () => assert.equal(await shared.inputValue(), "The port is 9090."));
  await holds(async () => assert.deepEqual(await owners.allInnerTexts(), ["t2"]));
  const [request] = await Promise.all([
    page.waitForRequest(/\/approve$/),
    page.getByRole("button", { name: "Approve the edited plan (2 subtasks)" }).click(),
  ]);
  const { tasks, ...others } = request.postDataJSON();
  assert.deepEqual(others, {
    shared: "The port is 9090.",
    borders: [
      { what: "port", owner: "t2" },
      { what: "title", owner: "editor" },
    ],
    criteria: ["is short"],
  });
  assert.deepEqual(
    tasks.map(({ id: of, words, model, criteria }) => [of, words, model, criteria]),
    [
      ["t1", 400, undefined, undefined],
      ["t2", 250, "big", [1]],
    ],
  );
  await reach(page, "complete");
  const { plan } = await api.status(id);
  assert.deepEqual(
    [plan.shared, plan.length, plan.form, plan.criteria],
    ["The port is 9090.", 900, "assemble", ["is short"]],
  );
  await openStep(page, "plan");
  await expectText(
    page.locator(".plan-text"),
    /Shared\s+The port is 9090\.[\s\S]*decided by t2[\s\S]*answered for by t2/,
  );
});

test("what the server refuses of a contract is told at its field", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? proposed() : part(call)));
  const page = await newPage({ expect: /400/ });
  const id = await start(page, workflow.prompt(), { approval: true });
  await reach(page, "waiting");
  const border = page.getByLabel("Border 1", { exact: true });
  await border.fill(" ");
  await page.getByRole("button", { name: /^Approve/ }).click();
  await expectText(page.locator("#plan-border-0-fault"), "Say what it is, or remove it.");
  await border.fill("port number");
  const detail = "borders[0] is one that the server does not take";
  await page.route(`**/${id}/approve`, (route) =>
    route.fulfill({
      status: 400,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "urn:x:problem:invalid-request", title: "Not valid", detail, field: "borders[0]" }),
    }),
  );
  await page.getByRole("button", { name: /^Approve/ }).click();
  await expectText(page.locator("#plan-border-0-fault"), "The server does not take this.");
  await holds(async () => assert.equal(await border.evaluate((field) => field === document.activeElement), true));
});
