// What a person writes is never lost and never overwritten without a way back, and what is wrong is told at its field.

import assert from "node:assert/strict";
import { test } from "node:test";
import { held, makeGate, plan, text } from "../e2e/emulators/scripts.mjs";
import { startWithOpenai } from "../e2e/support/worker.mjs";
import { startBrowser } from "./support/browser.mjs";
import { expectText, gone, holds, menu, node, openTab, reach, start, until } from "./support/console.mjs";

const { api, emulator, url } = await startWithOpenai();
const { newPage } = await startBrowser(url);

const MINE = "Something that took me ten minutes to write.";
const prompt = (page) => page.getByLabel("Prompt", { exact: true });
const title = (page, id) => page.getByRole("group", { name: id, exact: true }).getByLabel("Title");

/** A page whose workflow waits for the approval of two subtasks. */
async function waiting() {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(["t1", "t2"]) : undefined));
  const page = await newPage();
  const id = await start(page, workflow.prompt(), { approval: true });
  await reach(page, "waiting");
  return { workflow, page, id };
}

test("an edited plan is kept whatever else is looked at, over a pause and a reload, and runs", async () => {
  const { page, id } = await waiting();
  await title(page, "t1").fill("A better title");
  const kept = async (where) =>
    until(`the edit is there after ${where}`, async () => (await title(page, "t1").inputValue()) === "A better title");
  await node(page, "subtask/t1").click();
  await expectText(page.locator(".panel .step h3"), "A better title");
  await node(page, "plan").click();
  await kept("a node of the graph");
  await openTab(page, "Log");
  await openTab(page, "Step");
  await kept("the log");
  await openTab(page, "Answer");
  await openTab(page, "Step");
  await kept("the answer");
  await page.getByRole("button", { name: "Pause" }).click();
  await reach(page, "paused");
  await kept("a pause");
  await page.locator(".controls").getByRole("button", { name: "Resume" }).click();
  await reach(page, "waiting");
  await kept("a resume");
  await page.reload();
  await kept("a reload");
  await page.getByRole("button", { name: "Approve the edited plan (2 subtasks)" }).click();
  await reach(page, "complete");
  assert.equal((await api.status(id)).steps[1].title, "A better title");
});

test("the graph, the list and the timeline show the plan as it is edited, and mark what was changed", async () => {
  const { page } = await waiting();
  const words = page.locator(".graph-card .card-head .muted");
  await expectText(words, /^2 subtasks, 2 can start at once$/);
  await title(page, "t1").fill("A better title");
  await expectText(node(page, "subtask/t1"), "A better title");
  await expectText(node(page, "subtask/t1"), "edited");
  await expectText(words, /^2 subtasks, as edited here, 2 can start at once$/);
  await page.getByRole("button", { name: "Remove t2" }).click();
  await gone(node(page, "subtask/t2"));
  for (const id of ["t2", "t3"]) {
    await page.getByRole("button", { name: "Add a subtask" }).click();
    await title(page, id).waitFor();
  }
  await expectText(node(page, "subtask/t3"), "No title yet");
  await expectText(node(page, "subtask/t3"), "new");
  await page.getByRole("group", { name: "t3", exact: true }).getByRole("button", { name: "t1" }).click();
  await expectText(words, /^3 subtasks, as edited here, 2 can start at once$/);
  await page.getByRole("button", { name: "Show as a list" }).click();
  await expectText(node(page, "subtask/t3"), "needs t1");
  await expectText(page.locator('[data-lane="subtask/t1"]'), "A better title");
  await expectText(page.locator(".metrics"), "0 of 3");
  // A step that only the edited plan has is looked at as any other one.
  await node(page, "subtask/t3").click();
  await expectText(page.locator(".panel .step"), "It starts once the plan is approved.");
  await page.reload();
  await expectText(page.locator(".panel .step h3"), "No title yet");
  await node(page, "plan").click();
  await page.getByRole("button", { name: "Back to the model's plan" }).click();
  await gone(node(page, "subtask/t3"));
  await expectText(node(page, "subtask/t1"), "Title of t1");
  await expectText(words, /^2 subtasks, 2 can start at once$/);
});

test("a plan that is paused before its approval can be edited, and says what has to come first", async () => {
  const { page } = await waiting();
  await page.getByRole("button", { name: "Pause" }).click();
  await reach(page, "paused");
  await expectText(page.locator(".plan-editor"), "The run is paused before its approval");
  await holds(async () => assert.equal(await page.getByRole("button", { name: /^Approve/ }).count(), 0));
  await title(page, "t2").fill("Edited while paused");
  await page.locator(".plan-editor").getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Approve the edited plan (2 subtasks)" }).waitFor();
  await holds(async () => assert.equal(await title(page, "t2").inputValue(), "Edited while paused"));
});

test("what is removed from a plan, and a plan that is thrown back, comes back by Undo", async () => {
  const { page } = await waiting();
  await title(page, "t2").fill("Mine");
  await page.getByRole("button", { name: "Remove t2" }).click();
  await page.getByRole("button", { name: "Approve the edited plan (1 subtask)" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await holds(async () => assert.equal(await title(page, "t2").inputValue(), "Mine"));
  await page.getByRole("button", { name: "Back to the model's plan" }).click();
  await page.getByRole("button", { name: "Approve 2 subtasks" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await holds(async () => assert.equal(await title(page, "t2").inputValue(), "Mine"));
});

test("a new subtask is in view with the focus, and is no mistake before somebody has left it or approves", async () => {
  const { page, workflow } = await waiting();
  await page.getByRole("button", { name: "Add a subtask" }).click();
  await until("its title has the focus", () => page.evaluate(() => document.activeElement?.id === "task-t3-title"));
  const box = await title(page, "t3").boundingBox();
  assert.ok(box.y > 0 && box.y + box.height < 860, "it is in view");
  await holds(async () => assert.equal(await page.locator("fieldset .fault").count(), 0));
  const approve = page.getByRole("button", { name: "Approve the edited plan (3 subtasks)" });
  await approve.click();
  const instructions = page.getByRole("group", { name: "t3", exact: true }).getByLabel("Instructions");
  await expectText(page.locator("fieldset .fault"), "Say what t3 has to do.");
  await holds(async () =>
    assert.ok(await instructions.evaluate((field) => field === document.activeElement), "what is wrong has the focus"),
  );
  await holds(async () =>
    assert.equal(await instructions.getAttribute("aria-describedby"), "task-t3-instructions-fault"),
  );
  assert.equal(workflow.count("subtask"), 0, "nothing was sent");
  await instructions.fill("Something. (task-marker t1)");
  await gone(page.locator("fieldset .fault"));
  await approve.click();
  await reach(page, "complete");
});

test("a title that is too long, and a circle, are told at their fields", async () => {
  const { page } = await waiting();
  const [one, two] = ["t1", "t2"].map((id) => page.getByRole("group", { name: id, exact: true }));
  await title(page, "t1").fill("x".repeat(201));
  await title(page, "t2").focus();
  await expectText(one.locator(".fault"), "Too long: 201 characters of at most 200.");
  await title(page, "t1").fill("Short");
  await one.getByRole("button", { name: "t2" }).click();
  await two.getByRole("button", { name: "t1" }).click();
  await expectText(two.locator(".fault"), "t1, t2 wait for each other in a circle.");
});

test("what was edited here is not gone where another client approves the plan first", async () => {
  const { page, id } = await waiting();
  await title(page, "t1").fill("Mine");
  await node(page, "plan").click();
  assert.equal((await api.post(`/${id}/approve`)).status, 200);
  await reach(page, "complete");
  await node(page, "plan").click();
  await expectText(page.locator(".plan-text"), "approved elsewhere, without what you changed here");
  await expectText(page.locator(".plan-text"), "Mine");
});

test("an example takes the place of what was typed, and Ctrl+Z or a button brings it back", async () => {
  const page = await newPage();
  await page.goto("/");
  await prompt(page).fill(MINE);
  const example = page.getByRole("button", { name: "Plan a conference" });
  await example.click();
  await holds(async () => assert.match(await prompt(page).inputValue(), /developer conference/));
  await expectText(page.locator(".set-aside"), MINE);
  await page.keyboard.press("Control+z");
  await holds(async () => assert.equal(await prompt(page).inputValue(), MINE));
  await example.click();
  await page.reload();
  await page.getByRole("button", { name: "Bring it back" }).click();
  await holds(async () => assert.equal(await prompt(page).inputValue(), MINE));
  await gone(page.locator(".set-aside"));
});

test("a prompt taken from a workflow sets aside what was being written, and brings all of its options", async () => {
  const workflow = emulator.workflow();
  const tasks = [{ title: "One", instructions: "Do it. (task-marker t1)" }];
  const id = await api.submit({
    prompt: workflow.prompt(),
    tasks,
    metadata: { team: "a" },
    options: { max_subtasks: 2, max_concurrency: 1, instructions: "Be brief.", deadline_seconds: 600 },
  });
  const page = await newPage();
  await page.goto("/");
  await prompt(page).fill(MINE);
  await page.goto(`/${id}`);
  await reach(page, "complete");
  await menu(page, "More", /^New workflow/);
  await expectText(page.locator(".set-aside"), MINE);
  await expectText(page.locator(".composer"), "With 1 given subtask: no plan is made.");
  await expectText(page.locator(".composer"), "With team: a.");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForURL((to) => to.pathname.length > 10 && to.pathname !== `/${id}`);
  await reach(page, "complete");
  const again = new URL(page.url()).pathname;
  assert.deepEqual((await api.status(again.slice(1))).metadata, { team: "a" });
  const spec = await page.evaluate(async (path) => {
    const text = await (await fetch(`${path}/events`, { headers: { accept: "text/event-stream" } })).text();
    return JSON.parse(/data: (.*)/.exec(text)[1]).spec;
  }, again);
  const { max_subtasks, max_concurrency, instructions, deadline_seconds } = spec.options;
  assert.deepEqual([max_subtasks, max_concurrency, instructions, deadline_seconds], [2, 1, "Be brief.", 600]);
  assert.equal(spec.tasks.tasks[0].title, "One");
});

test("a prompt taken from a workflow without options has none set, and the empty fields tell what holds", async () => {
  const page = await newPage();
  await start(page, emulator.workflow().prompt());
  await reach(page, "complete");
  await menu(page, "More", /^New workflow/);
  await until("the prompt is there", async () => (await prompt(page).inputValue()) !== "");
  const fold = page.locator("details", { has: page.locator(".options") });
  await expectText(fold.locator("summary"), /^Options$/);
  await page.getByText("Options", { exact: true }).click();
  const { defaults } = (await api.get("/", { accept: "application/json" })).json;
  for (const [label, usual] of [
    ["Subtasks, at most", defaults.max_subtasks],
    ["At once, at most", defaults.max_concurrency],
  ]) {
    const field = page.getByLabel(label);
    await holds(async () =>
      assert.deepEqual([await field.inputValue(), await field.getAttribute("placeholder")], ["", String(usual)]),
    );
  }
});

test("an option that is wrong opens its fold and says so at its field, by the button and by Ctrl+Enter", async () => {
  const page = await newPage();
  const submissions = [];
  page.on("request", (request) => request.method() === "POST" && submissions.push(request.url()));
  await page.goto("/");
  await prompt(page).fill("Something.");
  const fold = page.locator("details", { has: page.locator(".options") });
  await page.getByText("Options", { exact: true }).click();
  const field = page.getByLabel("Subtasks, at most");
  await field.fill("99");
  await page.getByLabel("Time limit, seconds").fill("soon");
  for (const submit of [
    () => page.getByRole("button", { name: "Run", exact: true }).click(),
    () => prompt(page).press("Control+Enter"),
  ]) {
    await fold.evaluate((element) => element.removeAttribute("open"));
    await expectText(fold.locator("summary"), "2 to mend");
    await submit();
    await until("the first one has the focus", () => field.evaluate((input) => input === document.activeElement));
    await expectText(page.locator("#option-maxSubtasks-fault"), "Enter a whole number from 1 to 50, or nothing.");
    await holds(async () => assert.equal(await field.getAttribute("aria-invalid"), "true"));
  }
  await expectText(page.locator("#option-deadlineSeconds-fault"), "Enter a whole number from 1 to 604,800");
  assert.deepEqual(submissions, []);
  await field.fill("2");
  await gone(page.locator("#option-maxSubtasks-fault"));
});

test("an empty prompt is answered with words, and no mistake before", async () => {
  const page = await newPage();
  await page.goto("/");
  await prompt(page).waitFor();
  await holds(async () => assert.equal(await page.locator(".fault").count(), 0));
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expectText(page.locator("#prompt-fault"), "Write what should be done first.");
  await prompt(page).pressSequentially("x");
  await gone(page.locator(".fault"));
});

test("what the server refuses of a field stands at that field, and goes once it is changed", async () => {
  const page = await newPage({ expect: /400/ });
  await page.route("/workflows", (route) =>
    route.request().method() === "POST"
      ? route.fulfill({
          status: 400,
          contentType: "application/problem+json",
          body: JSON.stringify({
            type: "urn:orchestrator-workers:problem:invalid-request",
            title: "The request is not valid",
            status: 400,
            detail: "options.instructions is too long: expected at most 10 bytes",
            field: "options.instructions",
          }),
        })
      : route.continue(),
  );
  await page.goto("/");
  await prompt(page).fill("Something.");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expectText(page.locator("#option-instructions-fault"), "Expected at most 10 bytes.");
  await holds(async () =>
    assert.equal(await page.getByText("options.instructions").count(), 0, "the API's name is for its clients"),
  );
  await page.getByLabel("Instructions for tone").fill("Brief.");
  await gone(page.locator("#option-instructions-fault"));
});

test("the count of options that are set leaves out the check box above them", async () => {
  const page = await newPage();
  await page.goto("/");
  await page.getByLabel("Let me review and edit the plan").check();
  const count = page.locator("summary", { hasText: "Options" });
  await expectText(count, /^Options$/);
  await page.getByText("Options", { exact: true }).click();
  await page.getByLabel("Subtasks, at most").fill("3");
  await expectText(count, "1 set");
});

test("what is typed while a prompt is on its way is the next one", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "plan" ? held(gate, plan(["t1", "t2"])) : text("Done.")));
  const page = await newPage();
  const arrived = makeGate();
  await page.route("/workflows", async (route) => {
    if (route.request().method() === "POST") await arrived.opened;
    await route.continue();
  });
  await page.goto("/");
  await prompt(page).fill(workflow.prompt());
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await prompt(page).fill(MINE);
  arrived.open();
  await page.waitForURL(/\/[\w-]{8,}$/);
  gate.open();
  await reach(page, "complete");
  await page.getByRole("link", { name: "Orchestrator Workers" }).click();
  await holds(async () => assert.equal(await prompt(page).inputValue(), MINE));
});
