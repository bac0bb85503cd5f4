// What the page says is true: of a result that lacks something, of time that stands, of runs, of entries in a list.

import assert from "node:assert/strict";
import { test } from "node:test";
import { error, hang, held, makeGate, plan, text } from "../e2e/emulators/scripts.mjs";
import { startWithOpenai } from "../e2e/support/worker.mjs";
import { startBrowser } from "./support/browser.mjs";
import {
  confirm,
  entry,
  expectText,
  gone,
  holds,
  menu,
  metrics,
  node,
  note,
  openStep,
  openTab,
  reach,
  start,
  stepState,
  until,
  withoutList,
} from "./support/console.mjs";

const { api, emulator, url } = await startWithOpenai();
const { newPage } = await startBrowser(url);

const refused = () => error(400, { error: { message: "Bad.", type: "invalid_request_error" } });
const recent = (page, id) => page.locator(`.recents a[href="/${id}"]`);
const home = (page) => page.getByRole("link", { name: "Orchestrator Workers" }).click();

test("a result that lacks a subtask looks like one, on its page, in the log and in the list", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1", "t2", "t3"]) : call.task === "t2" ? refused() : undefined,
  );
  const page = await newPage();
  const id = await start(page, workflow.prompt());
  await reach(page, "complete");
  await expectText(page.locator(".pill"), "Complete with gaps: 2 of 3");
  await holds(async () => assert.equal((await metrics(page)).Subtasks, "2 of 3, 1 failed"));
  await openTab(page, "Log");
  await expectText(page.locator(".log"), "The workflow is complete with gaps: 2 of 3 subtasks");
  await home(page);
  await expectText(entry(page, id), "Complete with gaps");
  await expectText(entry(page, id), /2 of 3\s+subtasks/);
});

test("a workflow that failed does not count what failed as done", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1", "t2"]) : call.task === "t2" ? refused() : undefined,
  );
  const page = await newPage();
  const id = await api.submit({ prompt: workflow.prompt(), options: { on_subtask_failure: "fail" } });
  await page.goto(`/${id}`);
  await reach(page, "errored");
  await holds(async () => assert.match((await metrics(page)).Subtasks, /^[01] of 2, 1 failed$/));
});

test("the browser's list brings itself up to date about what nobody has watched to its end", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.step === "synthesis" ? held(gate, text("Result.")) : call.task === "t2" ? refused() : undefined,
  );
  const page = await newPage({ expect: /404/ });
  await withoutList(page, 404);
  const id = await start(page, workflow.prompt());
  await stepState(page, "synthesis", "running");
  await home(page);
  await expectText(recent(page, id), "Running");
  gate.open();
  await expectText(recent(page, id), "Complete with gaps: 2 of 3");
  await page.reload();
  await expectText(recent(page, id), "Complete with gaps: 2 of 3");
});

test("an entry of the browser's list says that it was deleted elsewhere, and a cleared list comes back", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? hang() : undefined));
  const page = await newPage({ expect: /404/ });
  await withoutList(page, 404);
  const id = await start(page, workflow.prompt());
  await reach(page, "running");
  await home(page);
  await expectText(recent(page, id), "Running");
  assert.equal((await api.request("DELETE", `/${id}`)).status, 204);
  await expectText(recent(page, id), "Not there any more");
  await page.getByRole("button", { name: "Clear list" }).click();
  await gone(recent(page, id));
  await page.getByRole("button", { name: "Undo" }).click();
  await recent(page, id).waitFor();
});

test("the clock of a run that is paused or waits stands, and says why and for how long", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1", "t2"]) : call.task === "t1" ? held(gate, text("Done.")) : undefined,
  );
  const page = await newPage();
  await start(page, workflow.prompt(), { approval: true });
  await reach(page, "waiting");
  await expectText(note(page, "Time"), /^stands: waiting for \d/);
  await page.getByRole("button", { name: "Approve 2 subtasks" }).click();
  await stepState(page, "subtask/t1", "running");
  await expectText(note(page, "Time"), /^and \d.* waiting$/);
  await page.getByRole("button", { name: "Pause" }).click();
  // The call must not end before the pause is asked for.
  await reach(page, "waitingForPause");
  gate.open();
  await reach(page, "paused");
  const { Time } = await metrics(page);
  await expectText(note(page, "Time"), /^stands: paused for ([2-9]|\d\d)\.\d s$/);
  await openTab(page, "Log");
  await holds(async () => assert.equal((await metrics(page)).Time, Time, "a click moves nothing"));
  await page.getByRole("button", { name: "Resume" }).click();
  await reach(page, "complete");
  await expectText(note(page, "Time"), /^and ([2-9]|\d\d)\.\d s paused or waiting$/);
});

test("a paused run shows what was made, and why the next step has not begun", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1", "t2"]) : call.task === "t1" ? held(gate, text("Answer of t1.")) : undefined,
  );
  const page = await newPage();
  await start(page, workflow.prompt());
  await stepState(page, "subtask/t1", "running");
  await page.getByRole("button", { name: "Pause" }).click();
  // The call must not end before the pause is asked for.
  await reach(page, "waitingForPause");
  gate.open();
  await reach(page, "paused");
  await expectText(page.locator(".panel .step"), "Answer of t1.");
  await page.locator(".step-picker select").selectOption("synthesis");
  await expectText(page.locator(".panel"), "The run is paused: it starts once the run is resumed.");
});

test("what a run has used is told apart from what all runs have", async () => {
  const page = await newPage();
  const id = await start(page, emulator.workflow().prompt());
  await reach(page, "complete");
  await holds(async () => assert.equal((await metrics(page))["Model calls"], "5"));
  await holds(async () => assert.equal(await page.locator(".metrics small").count(), 0, "one run has one scope"));
  await menu(page, "Restart", /^From Synthesis/);
  await confirm(page, "Restart");
  await expectText(page.locator(".run-id"), "Run 2");
  await reach(page, "complete");
  await holds(async () => assert.equal((await metrics(page))["Model calls"], "1"));
  await expectText(note(page, "Model calls"), "6 in all 2 runs");
  const { usage } = await api.status(id);
  await expectText(note(page, "Tokens"), `${usage.total_tokens.toLocaleString("en-US")} in all 2 runs`);
  await openStep(page, "subtask/t1");
  await expectText(page.locator(".panel .facts"), /Kept from\s+run 1/);
});

test("a limit is told once, in words, with what it stopped", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1", { id: "t2", depends_on: ["t1"] }]) : undefined,
  );
  const page = await newPage();
  const unlimited = await api.submit({ prompt: workflow.prompt() });
  const { steps } = await api.reach(unlimited, "complete");
  const [planned, first] = steps.map(({ attempts: [{ usage }] }) => usage.prompt_tokens + usage.completion_tokens);
  // No further subtask begins past three quarters: the first one still does, and the second one does not.
  const budget = Math.round((planned + first / 2) / 0.75);
  const id = await api.submit({ prompt: workflow.prompt(), options: { token_budget: budget } });
  await api.reach(id, "complete");
  await page.goto(`/${id}#answer`);
  await reach(page, "complete");
  const panel = page.locator(".panel .answer");
  await expectText(panel, `the token budget (${budget} tokens) was used. Not started: t2`);
  await holds(async () => assert.doesNotMatch(await panel.innerText(), /token_budget/));
  await holds(async () => assert.equal(await page.locator("#tab-answer .badge").innerText(), "1"));
});

test("an answer that was continued has parts, and is no retry", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    if (call.step !== "synthesis") return undefined;
    return call.number === 1 ? text("First half, ", { finish: "length" }) : text("second half.");
  });
  const page = await newPage();
  await start(page, workflow.prompt());
  await reach(page, "complete");
  await expectText(page.locator(".pill"), /^Complete$/);
  await holds(async () => assert.doesNotMatch(await node(page, "synthesis").innerText(), /×2/));
  await openTab(page, "Step");
  await page.locator(".step-picker select").selectOption("synthesis");
  await page.locator("summary", { hasText: "Parts" }).click();
  await expectText(page.locator(".attempts"), /Part 1\s+complete/);
  await expectText(page.locator(".attempts"), "and went on in the next part");
});

test("a terminated run claims no speed, and a call without a word says how long it is waited for", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(["t1", "t2", "t3"]) : hang()));
  const page = await newPage();
  await start(page, workflow.prompt());
  await until("all are called", () => workflow.count("subtask") === 3);
  await openStep(page, "subtask/t2");
  await expectText(page.locator(".panel .step"), /Waiting for the first word for \d.* It is given up after 2 min 0 s/);
  await expectText(page.locator(".panel .step"), /for ([1-9]|\d\d)\.\d s\./);
  await page.getByRole("button", { name: "Terminate" }).click();
  await confirm(page, "Terminate it");
  await reach(page, "terminated");
  await expectText(page.locator(".timeline-card"), "up to 3 calls at once");
  await holds(async () => assert.doesNotMatch(await page.locator(".timeline-card").innerText(), /times as fast/));
});

test("a malformed address shows a page", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  await api.reach(id, "complete");
  const page = await newPage();
  for (const fragment of ["#50%", "#%", "#subtask/t99", "#%E0%A4%A"]) {
    await page.goto("about:blank");
    await page.goto(`/${id}${fragment}`);
    await expectText(page.locator(".panel .answer"), "The final result");
    await expectText(page.locator(".tabs-row"), "following the run");
  }
  await page.goto("about:blank");
  await page.goto("/#%");
  await page.getByLabel("Prompt", { exact: true }).waitFor();
});
