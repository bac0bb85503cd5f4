// The controls, in a real browser on a scripted model.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hang, held, makeGate, plan, text } from "../e2e/emulators/scripts.mjs";
import { startWithOpenai } from "../e2e/support/worker.mjs";
import { startBrowser } from "./support/browser.mjs";
import {
  confirm,
  entry,
  expectText,
  gone,
  holds,
  menu,
  node,
  openStep,
  reach,
  start,
  stepState,
  until,
  wholeAnswer,
} from "./support/console.mjs";

const { api, emulator, url } = await startWithOpenai();
const { newPage } = await startBrowser(url);

const TWO = ["t1", { id: "t2", depends_on: ["t1"] }];

test("a plan is edited and approved, and the edited one runs", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(TWO) : undefined));
  const page = await newPage();
  const id = await start(page, workflow.prompt(), { approval: true });
  await reach(page, "waiting");
  await expectText(page.locator(".panel"), "The plan waits for your approval");
  assert.equal(workflow.count("subtask"), 0);
  const first = page.locator("fieldset.task").first();
  await first.getByLabel("Title").fill("A better title");
  await first.getByLabel("Instructions").fill("Do it differently. (task-marker t1)");
  await page.getByRole("button", { name: "Remove t2" }).click();
  await page.getByRole("button", { name: "Add a subtask" }).click();
  const added = page.getByRole("group", { name: "t2", exact: true });
  await added.getByLabel("Title").fill("One more");
  await added.getByLabel("Instructions").fill("Something new. (task-marker t2)");
  await added.getByRole("button", { name: "t1" }).click();
  await page.getByRole("button", { name: "Approve the edited plan (2 subtasks)" }).click();
  await reach(page, "complete");
  await expectText(node(page, "subtask/t1"), "A better title");
  const [call] = workflow.calls("subtask", "t1");
  assert.match(JSON.stringify(call.messages), /Do it differently/);
  assert.equal(workflow.count("plan"), 1);
  const { status } = (await api.get(`/${id}`)).json;
  assert.deepEqual(
    status.steps.map((step) => step.name),
    ["plan", "subtask/t1", "subtask/t2", "synthesis"],
  );
});

test("pause lets what runs finish, resume goes on", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(TWO);
    return call.task === "t1" ? held(gate, text("Answer of t1.")) : undefined;
  });
  const page = await newPage();
  await start(page, workflow.prompt());
  await stepState(page, "subtask/t1", "running");
  await page.getByRole("button", { name: "Pause" }).click();
  await reach(page, "waitingForPause");
  gate.open();
  await reach(page, "paused");
  assert.equal(workflow.count("subtask", "t2"), 0);
  await page.getByRole("button", { name: "Resume" }).click();
  await reach(page, "complete");
  await wholeAnswer(page, /The final result/);
});

test("terminate stops the calls, and what failed can be restarted", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(TWO);
    return call.task === "t1" && call.number === 1 ? hang() : undefined;
  });
  const page = await newPage();
  await start(page, workflow.prompt());
  await until("t1 is called", () => workflow.count("subtask", "t1") === 1);
  await page.getByRole("button", { name: "Terminate" }).click();
  await confirm(page, "Terminate it");
  await reach(page, "terminated");
  await expectText(page.locator(".panel"), "The workflow was terminated");
  await until("the call is closed", () => workflow.calls("subtask", "t1")[0].closedBy === "client");
  await menu(page, "Restart", /^Everything/);
  await confirm(page, "Restart");
  await reach(page, "complete");
  await expectText(page.locator(".run-id"), "Run 2");
});

test("a restart from a step keeps its siblings' answers", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2", { id: "t3", depends_on: ["t2"] }]);
    return call.step === "synthesis" ? text(`Result ${call.number}.`) : undefined;
  });
  const page = await newPage();
  await start(page, workflow.prompt());
  await reach(page, "complete");
  await openStep(page, "subtask/t2");
  await page.getByRole("button", { name: "Restart from t2" }).click();
  await confirm(page, "Restart");
  await expectText(page.locator(".run-id"), "Run 2");
  await reach(page, "complete");
  await page.getByRole("tab", { name: "Answer" }).click();
  await wholeAnswer(page, /Result 2/);
  assert.deepEqual(
    [workflow.count("subtask", "t1"), workflow.count("subtask", "t2"), workflow.count("subtask", "t3")],
    [1, 2, 2],
  );
  await holds(async () => assert.match(await node(page, "subtask/t1").textContent(), /kept from an earlier run/));
});

test("delete asks first, and leads back", async () => {
  const page = await newPage();
  const id = await start(page, emulator.workflow().prompt());
  await reach(page, "complete");
  await menu(page, "More", /^Delete/);
  await page.getByRole("button", { name: "Keep it" }).click();
  await menu(page, "More", /^Delete/);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByLabel("Prompt", { exact: true }).waitFor();
  assert.equal((await api.get(`/${id}`)).status, 404);
  await page.locator(".status-tabs").waitFor();
  await gone(entry(page, id));
});

test("what the server refuses is said where it was asked", async () => {
  const page = await newPage({ expect: /409/ });
  const workflow = emulator.workflow((call) => (call.step === "plan" ? hang() : undefined));
  const id = await start(page, workflow.prompt());
  await page.getByRole("button", { name: "Pause" }).waitFor();
  // Another client is faster, and this page's stream is held up.
  await page.route(`**/${id}/events*`, (route) => route.abort());
  await page.route(`**/${id}/pause`, (route) =>
    route.fulfill({
      status: 409,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: "urn:orchestrator-workers:problem:control-not-allowed",
        title: "Not possible in the workflow's present status",
        detail: "a workflow that is terminated can't be paused",
      }),
    }),
  );
  await page.getByRole("button", { name: "Pause" }).click();
  await expectText(page.locator(".run-actions"), "A workflow that is terminated can't be paused.");
});
