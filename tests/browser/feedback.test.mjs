// Every control shows at once that it was taken, asks before it throws something away, and says what became of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { error, hang, held, makeGate, plan, text } from "../e2e/emulators/scripts.mjs";
import { startWithOpenai } from "../e2e/support/worker.mjs";
import { startBrowser } from "./support/browser.mjs";
import {
  confirm,
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

const worker = await startWithOpenai();
const { api, emulator, url } = worker;
const { newPage } = await startBrowser(url);

const focused = (page) => page.locator(":focus");
const TWO = ["t1", { id: "t2", depends_on: ["t1"] }];

test("a restart shows at once, on the page of a run that ended long ago too", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.step === "synthesis" && call.number > 1 ? held(gate, text("Anew.")) : undefined;
  });
  const page = await newPage();
  await page.clock.install();
  await start(page, workflow.prompt());
  await reach(page, "complete");
  // By now the page asks every half minute whether somebody restarted it.
  const polls = [];
  page.on("request", (request) => request.url().includes("/events") && polls.push(request));
  for (let polled = 0; polled < 7; polled++) {
    await until("it is asked again", async () => {
      await page.clock.fastForward(30_000);
      return polls.length > polled;
    });
  }
  await menu(page, "Restart", /^From Synthesis/);
  await confirm(page, "Restart");
  await page.locator('[data-status="running"]').waitFor({ timeout: 5000 });
  await expectText(page.locator(".run-id"), "Run 2");
  gate.open();
  await reach(page, "complete");
  await wholeAnswer(page, /Anew/);
});

test("a control that is on its way says so, and no other one can be pressed meanwhile", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? hang() : undefined));
  const page = await newPage();
  const id = await start(page, workflow.prompt());
  const arrived = makeGate();
  await page.route(`**/${id}/terminate`, async (route) => {
    await arrived.opened;
    await route.continue();
  });
  await page.getByRole("button", { name: "Terminate" }).click();
  await confirm(page, "Terminate it");
  await expectText(page.locator(".controls"), "Terminating…");
  for (const name of ["Pause", "Terminate", "Restart"])
    await holds(async () => assert.ok(await page.getByRole("button", { name, exact: true }).isDisabled(), name));
  arrived.open();
  await reach(page, "terminated");
  await until("it is done", async () => !/Terminating/.test(await page.locator(".controls").innerText()));
  await holds(async () => assert.ok(await page.getByRole("button", { name: "Restart", exact: true }).isEnabled()));
});

test("what would be lost for good is asked about, and what keeps it has the focus", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(TWO) : call.step === "synthesis" && call.number === 1 ? hang() : undefined,
  );
  const page = await newPage();
  const id = await start(page, workflow.prompt());
  await stepState(page, "synthesis", "running");
  await page.getByRole("button", { name: "Terminate" }).click();
  await expectText(focused(page), "Let it run");
  await page.keyboard.press("Enter");
  await gone(page.getByRole("dialog"));
  assert.equal((await api.status(id)).status, "running");
  await menu(page, "Restart", /^Everything/);
  await expectText(page.getByRole("dialog"), "can't be undone: the plan, t1 and t2.");
  await expectText(focused(page), "Keep them");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Terminate" }).click();
  await confirm(page, "Terminate it");
  await reach(page, "terminated");

  // Nothing that exists is lost by going on, so that it asks nothing.
  await menu(page, "Restart", /^What is left/);
  await reach(page, "complete");
  assert.deepEqual(
    ["plan", "subtask"].map((step) => workflow.count(step)),
    [1, 2],
    "what was complete is kept",
  );
  await openStep(page, "subtask/t1");
  await page.getByRole("button", { name: "Restart from t1" }).click();
  await expectText(page.getByRole("dialog"), "the answer, t1 and t2.");
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save the answer first" }).click(),
  ]);
  assert.match(saved.suggestedFilename(), /-run-2\.md$/);
  await confirm(page, "Keep them");
  assert.equal((await api.status(id)).run, 2);

  await menu(page, "More", /^Delete/);
  await expectText(focused(page), "Keep it");
  await page.keyboard.press("Enter");
  await gone(page.getByRole("dialog"));
  assert.equal((await api.get(`/${id}`)).status, 200);
});

test("an error of a control goes once the connection is back, and can be closed before", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1", "t2"]) : call.task === "t1" ? held(gate, text("Done.")) : undefined,
  );
  const page = await newPage({ expect: /ERR_|Failed to load|status of 50/ });
  await start(page, workflow.prompt());
  await stepState(page, "subtask/t1", "running");
  await worker.kill();
  await page.getByRole("button", { name: "Pause" }).click();
  const notice = page.locator(".run-actions .notice");
  await expectText(notice, "The server could not be reached");
  await page.getByRole("button", { name: "Close the message" }).click();
  await gone(notice);
  await page.getByRole("button", { name: "Pause" }).click();
  await expectText(notice, "The server could not be reached");
  await worker.revive();
  await gone(notice);
  gate.open();
  await reach(page, "complete", 30_000);
});

test("an error of a control goes once the workflow has moved on, though the connection was never lost", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "plan" ? held(gate, plan(["t1", "t2"])) : undefined));
  const page = await newPage({ expect: /ERR_|Failed to load/ });
  const id = await start(page, workflow.prompt());
  await page.route(`**/${id}/pause`, (route) => route.abort());
  await page.getByRole("button", { name: "Pause" }).click();
  const notice = page.locator(".run-actions .notice");
  await expectText(notice, "The server could not be reached");
  gate.open();
  await reach(page, "complete");
  await gone(notice);
});

test("while the connection is lost nothing looks as if it were known", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1", "t2"]) : call.task === "t1" ? held(gate, text("Done.")) : undefined,
  );
  const page = await newPage({ expect: /ERR_|Failed to load|status of 50/ });
  await start(page, workflow.prompt());
  await stepState(page, "subtask/t1", "running");
  await worker.kill();
  await expectText(page.locator(".pill"), "Last known: Running");
  const time = page.locator(".metrics > div", { hasText: "Time" });
  await expectText(time, /as of \d/);
  const stood = await time.innerText();
  await expectText(page.locator(".toast"), /in [3-9] s/);
  await holds(async () => assert.equal(await time.innerText(), stood, "the clock stands"));
  await worker.revive();
  gate.open();
  await reach(page, "complete", 30_000);
  await holds(async () => assert.doesNotMatch(await page.locator(".pill").innerText(), /Last known/));
});

test("after an approval the page follows the run to its answer", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(["t1", "t2"]) : undefined));
  const page = await newPage();
  await start(page, workflow.prompt(), { approval: true });
  await reach(page, "waiting");
  await node(page, "subtask/t1").click();
  // Where something else is looked at, it says where it is needed.
  await page.locator('#tab-step .news[data-news="plan"]').waitFor();
  await page.locator(".controls").getByRole("button", { name: "Review the plan" }).click();
  await page.getByRole("button", { name: "Approve 2 subtasks" }).click();
  await reach(page, "complete");
  await wholeAnswer(page, /The final result/);
  await holds(async () => assert.equal(new URL(page.url()).hash, ""));
});

test("on a step that one stays with, a mark and a button tell that the answer is there", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1", "t2"]) : call.step === "synthesis" ? held(gate, text("Result.")) : undefined,
  );
  const page = await newPage();
  await start(page, workflow.prompt());
  await openStep(page, "subtask/t1");
  await stepState(page, "synthesis", "running");
  await holds(async () => assert.equal(await page.locator(".news").count(), 0));
  gate.open();
  await reach(page, "complete");
  await expectText(page.locator("#tab-answer"), "there is news");
  await page.getByRole("button", { name: "Show the answer" }).click();
  await wholeAnswer(page, /Result/);
  await gone(page.locator(".news"));
  await openStep(page, "subtask/t1");
  await holds(async () => assert.equal(await page.locator(".news").count(), 0, "it was read"));
});

test("the tab's title and icon tell how the run stands", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    if (call.task === "t2" && call.number === 1) return error(403, { error: { message: "Bad." } });
    return call.step === "synthesis" ? held(gate, text("Result.")) : undefined;
  });
  const page = await newPage();
  const icons = [];
  const shows = async (title, icon) => {
    await until(`the title is ${title}`, async () => title.test(await page.title()));
    const href = await page.locator('link[rel="icon"]').getAttribute("href");
    assert.match(href, icon);
    icons.push(href);
  };
  await page.goto("/");
  await shows(/^Orchestrator Workers$/, /\/icon\.svg\?v=[0-9a-f]{8}$/);
  await start(page, workflow.prompt(), { approval: true });
  await shows(/^Approve: Write about/, /icon-asking\.svg\?v=/);
  await page.getByRole("button", { name: "Approve 2 subtasks" }).click();
  await shows(/^2\/2 Write about/, /icon-running\.svg\?v=/);
  gate.open();
  await shows(/^✓ with gaps: Write about/, /icon-gaps\.svg\?v=/);
  await page.getByRole("link", { name: "Orchestrator Workers" }).click();
  await shows(/^Orchestrator Workers$/, /\/icon\.svg\?v=[0-9a-f]{8}$/);
  for (const href of icons) {
    const { status, type } = await page.evaluate(async (path) => {
      const response = await fetch(path);
      return { status: response.status, type: response.headers.get("content-type") };
    }, href);
    assert.deepEqual([status, type], [200, "image/svg+xml"], href);
  }
});

test("Back leads through the steps that were chosen, and a submission begins at the run's heading", async () => {
  const page = await newPage();
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).fill(emulator.workflow().prompt());
  await page.getByLabel("Prompt", { exact: true }).press("Control+Enter");
  await reach(page, "complete");
  await holds(async () => assert.equal(await page.evaluate(() => document.activeElement?.localName), "h1"));
  await openStep(page, "subtask/t1");
  await openStep(page, "subtask/t2");
  await expectText(page.locator(".panel .step h3"), "Title of t2");
  await page.goBack();
  await expectText(page.locator(".panel .step h3"), "Title of t1");
  await page.goBack();
  await wholeAnswer(page, /The final result/);
  await page.goForward();
  await expectText(page.locator(".panel .step h3"), "Title of t1");
});

test("a keyboard reaches the answer with its second stop", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  await api.reach(id, "complete");
  const page = await newPage();
  await page.goto(`/${id}#subtask/t1`);
  await reach(page, "complete");
  await page.getByRole("link", { name: "Skip to the answer" }).waitFor({ state: "attached" });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expectText(focused(page), "Skip to the answer");
  await page.keyboard.press("Enter");
  await until("the panel has the focus", () => page.evaluate(() => document.activeElement?.id === "panel"));
  await expectText(focused(page), "The final result");
});
