// axe-core with its colour contrast finds nothing to object to, at any page and in any state of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contract, direct, edit, editor } from "../e2e/emulators/answers.mjs";
import { error, hang, held, makeGate, plan, text } from "../e2e/emulators/scripts.mjs";
import { startForFile, startWithOpenai } from "../e2e/support/worker.mjs";
import { PHONE, startBrowser, violations } from "./support/browser.mjs";
import {
  confirm,
  entry,
  expectText,
  gone,
  menu,
  node,
  openStep,
  openTab,
  reach,
  start,
  stepState,
  withoutList,
} from "./support/console.mjs";

const TOKEN = "a-token-of-the-tests-0123456789";
const open = await startWithOpenai();
const closed = await startForFile({ vars: { API_TOKENS: `tester:${TOKEN}`, DEMO_SPEED: "0" }, token: TOKEN });
const { newPage } = await startBrowser(open.url);
const { newPage: newClosedPage } = await startBrowser(closed.url);
const { api, emulator } = open;

const refused = () => error(400, { error: { message: "Bad.", type: "invalid_request_error" } });
const VIEWS = {
  "a light screen": { colorScheme: /** @type {const} */ ("light") },
  "a dark screen": { colorScheme: /** @type {const} */ ("dark") },
  "a dark phone": { colorScheme: /** @type {const} */ ("dark"), viewport: PHONE, hasTouch: true },
};
/** `shown`: what the state is known by, because a page that has not come to it is clean for nothing. */
const check = async (page, where, shown) => {
  await shown.first().waitFor();
  // Scrolled away under the header, what is to be pressed would count as too small.
  await page.evaluate(() => scrollTo(0, 0));
  assert.deepEqual(await violations(page), [], where);
};

for (const [view, options] of Object.entries(VIEWS)) {
  test(`axe finds no violation on ${view}: the start page, the token, an unknown workflow`, async () => {
    const page = await newPage({ ...options, expect: /404/ });
    await page.goto("/");
    await check(page, "an empty start page", page.getByLabel("Prompt", { exact: true }));
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByText("Options", { exact: true }).click();
    await page.getByLabel("Subtasks, at most").fill("99");
    await page.getByText("The same with curl").click();
    await check(page, "a start page with mistakes and open folds", page.locator("#option-maxSubtasks-fault"));
    await page.getByLabel("Prompt", { exact: true }).fill("Something of mine.");
    await page.getByRole("button", { name: "Plan a conference" }).click();
    await check(page, "a prompt that was set aside", page.locator(".set-aside"));
    await page.goto("/no-such-workflow");
    await expectText(page.locator("main"), "There is no such workflow");
    await check(page, "an unknown workflow", page.getByRole("heading", { name: "There is no such workflow" }));

    const locked = await newClosedPage({ ...options, expect: /401/ });
    await locked.goto("/some-workflow");
    await locked.getByRole("button", { name: "Use it" }).click();
    await check(locked, "a token that is asked for", locked.locator("#token-fault"));
    await locked.getByLabel("Token", { exact: true }).fill("not-the-right-one");
    await locked.getByLabel("Keep on this device").check();
    await locked.getByRole("button", { name: "Use it" }).click();
    await expectText(locked.locator(".token-card"), "The token was not accepted");
    await check(locked, "a token that was not accepted", locked.getByText("The token was not accepted"));
    await locked.goto("/");
    await check(locked, "the demo's start page", locked.locator(".demo-banner"));
  });

  test(`axe finds no violation on ${view}: a contract, an answer that is not settled, a direct one`, async () => {
    const gate = makeGate();
    const miss = edit("t2", "No such words.", "Other words.");
    const terms = {
      length: 900,
      shared: "The port is 8080.",
      borders: [{ what: "port", owner: "t1" }],
      criteria: ["names the port"],
    };
    const workflow = emulator.workflow((call) => {
      if (call.step === "plan") return contract(["t1", "t2"], terms);
      if (call.kind === "edit") return editor(call, { edits: [miss] });
      return call.kind === "edit-repair" ? held(gate, text(miss)) : undefined;
    });
    const page = await newPage(options);
    await page.goto("/");
    await page.getByText("Options", { exact: true }).click();
    await page.getByLabel("Length of the answer").selectOption("words");
    await check(page, "modes and lengths", page.locator("#option-maxWords"));
    await page.getByLabel("Length of the answer").selectOption("normal");
    await start(page, workflow.prompt(), { approval: true });
    await reach(page, "waiting");
    await page.getByRole("button", { name: "Add a criterion" }).click();
    await page.getByLabel("Words of the whole, about").fill("few");
    await page.getByRole("button", { name: /^Approve/ }).click();
    await check(page, "a contract with mistakes", page.locator("#plan-length-fault"));
    await page.getByRole("button", { name: "Back to the model's plan" }).click();
    await page.getByRole("button", { name: "Approve 2 subtasks" }).click();
    await check(page, "an answer that is not settled", page.locator(".block.open"));
    gate.open();
    await reach(page, "complete");
    await check(page, "a correction that could not be made", page.locator(".lacking, .notice").first());
    await openStep(page, "plan");
    await check(page, "a contract that was approved", page.locator(".plan-text h4"));
    await openStep(page, "edit/1");
    await check(page, "the editor's script", page.locator(".panel .raw"));

    const simple = emulator.workflow((call) => (call.step === "plan" ? direct() : undefined));
    await start(page, simple.prompt());
    await reach(page, "complete");
    await check(page, "a direct answer", page.locator(".answer-length"));
  });

  test(`axe finds no violation on ${view}: a plan that waits, is paused, has mistakes, is long`, async () => {
    const tasks = Array.from({ length: 15 }, (_, index) => `t${index + 1}`);
    const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(tasks) : undefined));
    const page = await newPage(options);
    await start(page, workflow.prompt(), { approval: true, subtasks: 15 });
    await reach(page, "waiting");
    await check(page, "a plan that waits", page.locator(".plan-editor"));
    await page.getByText("Needs nothing").first().click();
    await page.locator("#task-t1-title").fill("A better title");
    await page.getByRole("button", { name: "Remove t15" }).click();
    await page.getByRole("button", { name: "Add a subtask" }).click();
    await page.getByRole("button", { name: /^Approve the edited plan/ }).click();
    await expectText(page.locator("fieldset .fault"), "Say what t15 has to do.");
    // On a phone the list is far below, where nothing is drawn.
    await node(page, "subtask/t1").scrollIntoViewIfNeeded();
    await expectText(node(page, "subtask/t1"), "edited");
    await check(page, "a plan with mistakes", page.locator("fieldset .fault"));
    await page.getByRole("button", { name: "Pause" }).click();
    await reach(page, "paused");
    await check(page, "a plan of a paused run", page.getByText("The run is paused before its approval"));
    await node(page, "subtask/t3").click();
    await check(
      page,
      "a step that has not begun, and a mark that the plan waits",
      page.locator('.news[data-news="plan"]'),
    );
  });

  test(`axe finds no violation on ${view}: a run, its questions, its trouble and its ends`, async () => {
    const gate = makeGate();
    const workflow = emulator.workflow((call) => {
      if (call.step === "plan") return plan(["t1", "t2", { id: "t3", depends_on: ["t1"] }]);
      if (call.task === "t2") return call.number === 1 ? error(503, "Busy.") : refused();
      if (call.task === "t3" && call.number === 1) return hang();
      return call.step === "synthesis" && call.number === 1
        ? held(gate, text("# Result\n\n`code` and [a](https://example.com)."))
        : undefined;
    });
    const page = await newPage({ ...options, expect: /ERR_|Failed to load/ });
    const id = await start(page, workflow.prompt());
    await stepState(page, "subtask/t3", "running");
    await openStep(page, "subtask/t3");
    await check(page, "a running step", page.locator(".panel .waiting-text"));
    await page.route(`**/${id}/pause`, (route) => route.abort());
    await page.getByRole("button", { name: "Pause" }).click();
    await expectText(page.locator(".run-actions"), "The server could not be reached");
    await check(page, "a control that failed", page.locator(".run-actions .notice"));
    await page.getByRole("button", { name: "Close the message" }).click();
    await page.getByRole("button", { name: "Terminate" }).click();
    await check(page, "a question", page.getByRole("dialog"));
    await confirm(page, "Terminate it");
    await reach(page, "terminated");
    await openTab(page, "Answer");
    await check(page, "a terminated run", page.locator(".panel").getByText("The workflow was terminated"));
    await page.getByRole("button", { name: "Restart", exact: true }).click();
    await check(page, "an open menu", page.locator(".menu-list"));
    await page.keyboard.press("Escape");
    await menu(page, "Restart", /^What is left/);
    await stepState(page, "synthesis", "running");
    await openStep(page, "subtask/t2");
    await check(page, "a step that failed", page.getByText("Failed for good after"));
    gate.open();
    await reach(page, "complete");
    await check(page, "a mark that the answer is there", page.locator('.news[data-news="answer"]'));
    await page.getByRole("button", { name: "Show the answer" }).click();
    await check(page, "a result with gaps, of a second run", page.locator(".panel .answer .markdown"));
    await menu(page, "Restart", /^Everything/);
    await check(page, "a question about what would be lost", page.getByRole("dialog"));
    await confirm(page, "Keep them");
    await menu(page, "More", /^Delete/);
    await check(page, "a question about everything", page.getByRole("dialog"));
    await confirm(page, "Keep it");
    await openTab(page, "Log");
    await check(page, "the log", page.locator(".panel .log"));
    await page.getByRole("link", { name: "Orchestrator Workers" }).click();
    await expectText(entry(page, id), "Complete with gaps");
    await check(page, "the list", entry(page, id).getByText("Complete with gaps"));
    await withoutList(page, 404);
    await page.goto("/");
    await check(page, "the list of this browser", page.getByText("This server has no list of all workflows."));
    await page.goto(`/${id}`);
    await reach(page, "complete");
    await page.goto("/");
    await check(page, "its entries", page.locator(".recents").getByText("Complete with gaps"));
    await page.getByRole("button", { name: "Clear list" }).click();
    await check(page, "the list that was cleared", page.getByRole("button", { name: "Undo" }));
  });

  test(`axe finds no violation on ${view}: a lost connection, a paused run, one that failed`, async () => {
    const gate = makeGate();
    // The first attempt fails for the moment, while the run is being paused, and the second for good.
    const workflow = emulator.workflow((call) => {
      if (call.step === "plan") return plan(["t1", "t2"]);
      return call.number === 1 ? held(gate, error(503, "Busy.")) : refused();
    });
    const page = await newPage({ ...options, expect: /ERR_|Failed to load/ });
    const id = await start(page, workflow.prompt());
    await stepState(page, "subtask/t1", "running");
    await page.getByRole("button", { name: "Pause" }).click();
    await reach(page, "waitingForPause");
    await check(page, "a run that is being paused", page.locator('[data-status="waitingForPause"]'));
    gate.open();
    await reach(page, "paused");
    await check(page, "a paused run", page.locator('[data-status="paused"]'));
    await page.route(`**/${id}/events*`, (route) => route.abort());
    await page.reload();
    await check(page, "a page that could not be loaded", page.locator(".toast"));
    await page.unroute(`**/${id}/events*`);
    await gone(page.locator(".toast"));
    await page.locator(".controls").getByRole("button", { name: "Resume" }).click();
    await reach(page, "errored");
    await check(page, "a run that failed", page.getByText("The workflow failed"));
    assert.equal((await api.status(id)).status, "errored");
  });

  test(`axe finds no violation on ${view}: what was known before the connection was lost`, async () => {
    const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(["t1", "t2"]) : hang()));
    const page = await newPage({ ...options, expect: /ERR_|Failed to load|status of 50/ });
    await start(page, workflow.prompt());
    await stepState(page, "subtask/t1", "running");
    await open.kill();
    await check(page, "a run that was running", page.locator(".pill.lost"));
    await open.revive();
    await gone(page.locator(".pill.lost"));
    await page.getByText("Prompt", { exact: true }).click();
    await check(page, "an open prompt", page.locator(".prompt-text"));
  });

  test(`axe finds no violation on ${view}: an edited plan, one approved elsewhere, a new start`, async () => {
    const tasks = ["t1", "t2"].map((id) => ({ title: `Title of ${id}`, instructions: `Do it. (task-marker ${id})` }));
    const workflow = emulator.workflow((call) => {
      if (call.step === "plan") return plan(["t1", "t2"]);
      if (call.step !== "synthesis") return undefined;
      return call.number === 1 ? text("First half, ", { finish: "length" }) : text("second half.");
    });
    const page = await newPage(options);
    const id = await start(page, workflow.prompt(), { approval: true });
    await page.locator("#task-t1-title").fill("A better title");
    await page.getByRole("button", { name: "Add a subtask" }).click();
    // A graph, and a list on the phone: each is the other one's choice.
    const mark = (shape) => page.locator(`.as-${shape} .node`).getByText("new", { exact: true });
    await mark("graph").or(mark("list")).waitFor();
    const other = (await mark("list").count()) > 0 ? "graph" : "list";
    await check(page, "an edited plan", mark(other === "graph" ? "list" : "graph"));
    await page.getByRole("button", { name: `Show as a ${other}` }).click();
    await check(page, "an edited plan in its other shape", mark(other));
    assert.equal((await api.post(`/${id}/approve`)).status, 200);
    await reach(page, "complete");
    await check(page, "a step of two parts", node(page, "synthesis").getByText("continued"));
    await node(page, "plan").click();
    await check(page, "a plan that was approved elsewhere", page.getByText("The plan was approved elsewhere"));

    const given = await api.submit({ prompt: emulator.workflow().prompt(), tasks, metadata: { team: "a" } });
    await page.goto(`/${given}`);
    await reach(page, "complete");
    await menu(page, "More", /^New workflow/);
    await check(page, "a draft of a workflow with subtasks and metadata", page.locator(".taken-over"));
    await page.getByRole("button", { name: "Set a token" }).click();
    await check(page, "a token that one gives unasked", page.locator(".token-card"));
  });
}
