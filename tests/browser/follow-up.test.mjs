// Going on with an answer, and telling a step what to do otherwise, in a real browser on a scripted model.

import assert from "node:assert/strict";
import { test } from "node:test";
import { direct } from "../e2e/emulators/answers.mjs";
import { held, makeGate, text } from "../e2e/emulators/scripts.mjs";
import { startWithOpenai } from "../e2e/support/worker.mjs";
import { shifts, startBrowser, VIEWS, violations } from "./support/browser.mjs";
import { answer, expectText, holds, menu, openStep, reach, start, until, wholeAnswer } from "./support/console.mjs";

const { api, emulator, url } = await startWithOpenai();
const { newPage } = await startBrowser(url);

const WHOLE = "# Towns\n\nAll of them.\n\n## The **well** of a town\n\nIt is deep.";
const sees = (call, words) => call.messages.some(({ content }) => String(content).includes(words));

/** Answers a request by what it asks for: the first whole, the others as they say. */
const talker = () =>
  emulator.workflow((call) => {
    if (call.step === "plan") return direct();
    if (sees(call, "Expand the section")) return text("## The well of a town\n\nIt is very deep, and cold.");
    if (sees(call, "Make your answer shorter")) return text("All towns, in short.");
    return sees(call, "And the roads?") ? text("They are dry.") : text(WHOLE);
  });

const box = (page) => page.getByLabel("Go on with this answer");
const conversation = (page) => page.getByRole("region", { name: "The conversation so far" });
const idOf = (page) => new URL(page.url()).pathname.slice(1);

/** Waits for the page of another workflow, and for its end. */
async function another(page, id) {
  await page.waitForURL((address) => address.pathname !== `/${id}`);
  await reach(page, "complete");
  return idOf(page);
}

for (const [view, options] of VIEWS) {
  test(`on ${view} an answer is gone on with: by words, shorter, and section by section`, async () => {
    const workflow = talker();
    const page = await newPage(options);
    const first = await start(page, workflow.prompt());
    await reach(page, "complete");
    await wholeAnswer(page);
    await box(page).fill("And the roads?");
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Go on", exact: true }).click();
    const second = await another(page, first);
    await wholeAnswer(page, /They are dry/);
    const { parent, history } = await api.status(second);
    assert.deepEqual(parent, { id: first, run: 1, left_out: 0 });
    assert.deepEqual(history, [{ request: workflow.prompt(), answer: WHOLE }]);
    await expectText(conversation(page), "And the roads?");
    await conversation(page).getByText("The answer then").click();
    await expectText(conversation(page).locator(".markdown"), "It is deep.");
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Shorter" }).click();
    const third = await another(page, second);
    await wholeAnswer(page, /in short/);
    // Each exchange leads to its own workflow, the oldest by what its child says of it.
    const links = conversation(page).getByRole("link", { name: "Its workflow" });
    const hrefs = () => links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    await holds(async () => assert.deepEqual(await hrefs(), [`/${first}`, `/${second}`]));
    await links.first().click();
    await another(page, third);
    await page.getByRole("button", { name: "Expand the section “The well of a town”" }).click();
    await another(page, first);
    await wholeAnswer(page, /very deep, and cold/);
    await holds(async () =>
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider"),
    );
    assert.deepEqual(await violations(page), []);
  });
}

test("a follow-up's page moves nothing, and what is written for the next one is kept", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return direct();
    return sees(call, "And the roads?") ? held(gate, text(WHOLE)) : text(WHOLE);
  });
  const page = await newPage();
  const parent = await start(page, workflow.prompt());
  await reach(page, "complete");
  await page.goto("/");
  const child = await api.submit({ prompt: "And the roads?", follow_up_to: parent });
  await page.goto(`/${child}`);
  await conversation(page).getByRole("link", { name: "Its workflow" }).waitFor();
  gate.open();
  await reach(page, "complete");
  await wholeAnswer(page);
  const { total, worst } = await shifts(page);
  assert.ok(total < 0.05, `layout shift ${total}: ${JSON.stringify(worst)}`);
  await box(page).fill("Once more");
  await page.reload();
  await holds(async () => assert.equal(await box(page).inputValue(), "Once more"));
  await menu(page, "More", /^New workflow/);
  await expectText(page.locator(".taken-over"), `Goes on with the answer of ${parent}.`);
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForURL(/\/[\w-]{8,}$/);
  await reach(page, "complete");
  assert.equal((await api.status(idOf(page))).parent.id, parent);
});

test("a parent that is gone is told as gone, and can't be gone on with once more", async () => {
  const workflow = talker();
  const page = await newPage({ expect: /status of 404/ });
  const parent = await api.submit(workflow.prompt());
  await api.reach(parent, "complete");
  const child = await api.submit({ prompt: "And the roads?", follow_up_to: parent });
  await api.reach(child, "complete");
  assert.equal((await api.request("DELETE", `/${parent}`)).status, 204);
  await page.goto(`/${child}`);
  await expectText(conversation(page), "Its workflow is not there any more");
  assert.deepEqual(await violations(page), []);
  await menu(page, "More", /^New workflow/);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expectText(page.locator("#option-followUpTo-fault"), "There is no such workflow.");
  await page.getByRole("button", { name: "Leave it out" }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForURL(/\/[\w-]{8,}$/);
  await reach(page, "complete");
  assert.equal((await api.status(idOf(page))).parent, null);
});

test("a step is run again with a remark, which its page tells and the next run forgets", async () => {
  const workflow = emulator.workflow((call) =>
    call.task === "t2" && sees(call, "Name the river.") ? text("The river is the Tejo.") : undefined,
  );
  const page = await newPage();
  const id = await start(page, workflow.prompt());
  await reach(page, "complete");
  await openStep(page, "subtask/t2");
  await page.getByText("Say what it should do otherwise").click();
  const remark = page.getByLabel("It sees this beside what it had written");
  await remark.fill("x".repeat(5_000));
  await expectText(page.locator("#remark-fault"), "Too long: 4.9 KiB of at most 4 KiB.");
  assert.deepEqual(await violations(page), []);
  await remark.fill("Name the river.");
  await openStep(page, "subtask/t1");
  await openStep(page, "subtask/t2");
  await holds(async () => assert.equal(await remark.inputValue(), "Name the river."));
  await page.getByRole("button", { name: "Restart from t2" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restart", exact: true }).click();
  await page.locator(".run-id", { hasText: "Run 2" }).waitFor();
  await reach(page, "complete");
  await expectText(page.locator(".panel .remark"), "Name the river.");
  await expectText(page.locator(".panel .step .markdown"), "The river is the Tejo.");
  await holds(async () => assert.equal(await remark.inputValue(), ""));
  assert.deepEqual(await violations(page), []);
  const { output } = await api.status(id);
  assert.match(output.workerResponses[1], /Tejo/);
  await menu(page, "Restart", /^From t2/);
  await page.getByRole("dialog").getByRole("button", { name: "Restart", exact: true }).click();
  await page.locator(".run-id", { hasText: "Run 3" }).waitFor();
  await reach(page, "complete");
  await holds(async () => assert.equal(await page.locator(".panel .remark").count(), 0));
  await until("the river is forgotten", async () => !/Tejo/.test((await api.status(id)).output.finalResult));
});

test("what could not be sent is told, and kept to be sent again", async () => {
  const workflow = talker();
  const page = await newPage({ expect: /ERR_FAILED|Failed to load/ });
  const id = await start(page, workflow.prompt());
  await reach(page, "complete");
  await page.route("**/workflows", (route) => route.abort());
  await box(page).fill("And the roads?");
  await box(page).press("Control+Enter");
  await expectText(page.locator(".follow-up .notice"), "The server could not be reached");
  await holds(async () => assert.equal(await box(page).inputValue(), "And the roads?"));
  await page.unroute("**/workflows");
  await box(page).press("Control+Enter");
  await another(page, id);
  await expectText(answer(page), "They are dry.");
});
