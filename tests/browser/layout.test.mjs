// What is where: the plan as a graph or a list, the answer first, and how steps look.

import assert from "node:assert/strict";
import { test } from "node:test";
import { error, hang, plan, text } from "../e2e/emulators/scripts.mjs";
import { startForFile, startWithOpenai } from "../e2e/support/worker.mjs";
import { drawn, startBrowser, violations } from "./support/browser.mjs";
import {
  confirm,
  expectText,
  holds,
  node,
  openStep,
  openTab,
  reach,
  start,
  stepState,
  until,
  wholeAnswer,
} from "./support/console.mjs";

const { api, emulator, url } = await startWithOpenai();
const demo = await startForFile({ vars: { DEMO_SPEED: "0" } });
const { newPage } = await startBrowser(url);
const { newPage: newDemoPage } = await startBrowser(demo.url);

const DESKTOP = { width: 1440, height: 900 };
const WIDE = { width: 2560, height: 1300 };
const PHONE = { viewport: { width: 375, height: 667 }, hasTouch: true, isMobile: true };
/** In pixels: what the issue calls readable. */
const TITLE_MIN = 11;

const titled = (count, depends = () => []) =>
  Array.from({ length: count }, (_, index) => ({
    id: `t${index + 1}`,
    title: `Describe topic ${index + 1} of the conference`,
    depends_on: depends(index + 1),
  }));
const failure = () => error(401, { error: { message: "No such key.", type: "invalid_request_error" } });
const LONG = "A sentence of the answer that is long enough for a line. ".repeat(8);

/** Submits a plan and waits for its end. */
async function ran(page, tasks, script = () => undefined, status = "complete") {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(tasks) : script(call)));
  const id = await start(page, workflow.prompt(), { subtasks: 50 });
  await reach(page, status, 60_000);
  return id;
}

const SHAPES = {
  "side by side": titled(8),
  "six, then two more": titled(8, (n) => (n === 7 ? ["t1", "t2", "t3", "t4", "t5", "t6"] : n === 8 ? ["t7"] : [])),
  "two by two": titled(8, (n) => (n > 4 ? [`t${n - 4}`] : [])),
};
for (const [shape, tasks] of Object.entries(SHAPES)) {
  test(`a graph of eight subtasks, ${shape}, is in view as a whole and can be read`, async () => {
    const page = await newPage({ viewport: DESKTOP });
    await ran(page, tasks);
    await page.getByRole("region", { name: "Graph of the steps" }).waitFor();
    await holds(async () => assert.equal(await page.locator(".node").count(), 10));
    await holds(async () => assert.deepEqual(await outOfFrame(page), []));
    await holds(async () => assert.ok((await smallestTitle(page)) >= TITLE_MIN - 0.01));
  });
}

test("eight subtasks one after the other, twenty and fifty are lists that say what needs what", async () => {
  const chain = await newPage({ viewport: DESKTOP });
  await ran(
    chain,
    titled(8, (n) => (n > 1 ? [`t${n - 1}`] : [])),
  );
  await chain.getByRole("region", { name: "List of the steps" }).waitFor();
  await expectText(node(chain, "subtask/t8"), "needs t7");
  for (const count of [20, 50]) {
    const page = await newPage({ viewport: DESKTOP });
    await ran(
      page,
      titled(count, (n) => (n === count ? ["t1", "t2", "t3", "t4", "t5"] : n > count - 4 ? ["t2", "t3"] : [])),
    );
    await page.getByRole("region", { name: "List of the steps" }).waitFor();
    await holds(async () => assert.equal(await page.locator(".node").count(), count + 2));
    await holds(async () => assert.ok((await smallestTitle(page)) >= TITLE_MIN - 0.01));
    await expectText(node(page, `subtask/t${count - 1}`), "needs t2, t3");
    await expectText(node(page, `subtask/t${count}`), "needs t1, t2, t3 and 2 more");
    await expectText(node(page, "synthesis"), "needs all");
    await expectText(page.locator(".wave h3").first(), new RegExp(`At once\\s+${count - 4}`));
    const cut = await page
      .locator(".node-title")
      .evaluateAll((titles) => titles.filter((title) => title.scrollWidth > title.clientWidth).length);
    assert.equal(cut, 0, "titles that are cut");
    assert.deepEqual(await violations(page), []);
  }
});

test("a list that is longer than its frame follows the run, until somebody scrolls", async () => {
  const page = await newPage({ viewport: DESKTOP });
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(titled(30, (n) => (n === 30 ? ["t1"] : [])));
    return call.task === "t30" ? hang() : undefined;
  });
  await start(page, workflow.prompt(), { subtasks: 50 });
  await stepState(page, "subtask/t30", "running");
  const list = page.getByRole("region", { name: "List of the steps" });
  await until("t30 is in view", async () => !(await outOfFrame(page)).includes("subtask/t30"));
  await holds(async () => assert.ok((await scrolled(list)).top > 200));
});

test("a graph that is too large is dragged, and fits as a whole when asked to", async () => {
  const page = await newPage({ viewport: DESKTOP });
  await ran(
    page,
    titled(50, (n) => (n > 20 ? [`t${n - 20}`, `t${((n * 7) % 20) + 1}`] : [])),
  );
  await page.getByRole("button", { name: "Show as a graph" }).click();
  const frame = page.getByRole("region", { name: "Graph of the steps" });
  await holds(async () =>
    assert.ok((await outOfFrame(page)).length > 0, "readable first, so not all of it is in view"),
  );
  await holds(async () => assert.ok((await smallestTitle(page)) >= TITLE_MIN - 0.01));
  assert.deepEqual(await violations(page), []);
  const { x, y, width, height } = await frame.boundingBox();
  const [before, panel] = [await scrolled(frame), new URL(page.url()).hash];
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 - 30, y + height / 2 - 90, { steps: 5 });
  await page.mouse.up();
  await holds(async () => assert.deepEqual(await scrolled(frame), { left: before.left + 30, top: before.top + 90 }));
  await holds(async () => assert.equal(new URL(page.url()).hash, panel, "what was dragged was not clicked"));
  await page.getByRole("button", { name: "Fit the whole graph" }).click();
  await holds(async () => assert.deepEqual(await outOfFrame(page), []));
  await holds(async () => assert.deepEqual(await scrolled(frame), { left: 0, top: 0 }));
  // An overview of fifty is too small to click in; the list and the timeline lead to the same steps.
  const amiss = (await violations(page)).filter((line) => !/^target-size: button\[data-step/.test(line));
  assert.deepEqual(amiss, []);
});

for (const [name, options] of Object.entries({ "1440x900": { viewport: DESKTOP }, "a phone": PHONE })) {
  test(`on ${name} the answer leads once the run is complete`, async () => {
    const page = await newPage(options);
    await ran(page, titled(3), (call) => (call.step === "synthesis" ? text(`${LONG}\n\n${LONG}`) : undefined));
    await wholeAnswer(page);
    await page.evaluate(() => scrollTo(0, 0));
    const lead = await page.locator(".answer .markdown p").first().boundingBox();
    const plan = await page.locator(".graph-card").boundingBox();
    const { width, height } = page.viewportSize();
    assert.ok(lead.y + 5 * 24 < height, `five lines of it are in view, from ${lead.y} on`);
    assert.ok(lead.x < width / 2 && lead.width > 0.4 * width, "it is the first column, and the larger one");
    assert.ok(plan.x > lead.x || plan.y > lead.y, "the plan is behind it");
    const order = await page.evaluate(() =>
      document.querySelector(".answer").compareDocumentPosition(document.querySelector(".graph-card")),
    );
    assert.equal(order, 4, "for the keyboard too");
  });
}

test("tables and code that are too wide scroll by themselves, and show that they do", async () => {
  const columns = Array.from({ length: 14 }, (_, index) => `Column${index}`);
  const code = (line) => `\`\`\`\n${line}\n\`\`\``;
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const wide = [row(columns), row(columns.map(() => "---")), row(columns)].join("\n");
  const answer = ["Text.", wide, "| a | b |\n|---|---|\n| 1 | 2 |", code("x".repeat(400)), code("short")].join("\n\n");
  const page = await newPage({ viewport: DESKTOP });
  await ran(page, titled(3), (call) => (call.step === "synthesis" ? text(answer) : undefined));
  await wholeAnswer(page);
  const scrollers = page.locator(".answer .scroller");
  await until("each frame knows", async () => (await hints(scrollers)).every((hint) => hint !== undefined));
  await holds(async () => assert.deepEqual(await hints(scrollers), ["right", "", "right", ""]));
  const stops = await page
    .locator(".answer .scroller > *")
    .evaluateAll((frames) => frames.map((frame) => frame.tabIndex >= 0));
  assert.deepEqual(stops, [true, false, true, false], "what scrolls can be reached by keyboard, and only that");
  await holds(async () =>
    assert.match(await scrollers.first().evaluate((one) => getComputedStyle(one, "::after").content), /›/),
  );
  await scrollers
    .first()
    .locator("> *")
    .evaluate((frame) => frame.scrollTo({ left: frame.scrollWidth }));
  await until("the other side has more", async () => (await hints(scrollers))[0] === "left");
  assert.deepEqual(await violations(page), []);
});

test("on a phone nothing scrolls up and down within the page", async () => {
  const page = await newPage(PHONE);
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(titled(8));
    return call.step === "synthesis" ? text(`${LONG}\n\n`.repeat(12)) : text(LONG);
  });
  await page.goto("/");
  await page.getByText("The same with curl").click();
  const prompt = `${"A line of the prompt.\n".repeat(30)}${workflow.prompt()}`;
  await page.getByLabel("Prompt", { exact: true }).fill(prompt);
  await holds(async () => assert.deepEqual(await scrollingBoxes(page), []));
  await start(page, prompt, { approval: true });
  await reach(page, "waiting");
  await page.locator(".plan-editor").waitFor();
  await holds(async () => assert.deepEqual(await scrollingBoxes(page), []));
  await page.getByRole("button", { name: "Approve 8 subtasks" }).click();
  await reach(page, "complete");
  await openTab(page, "Answer");
  await wholeAnswer(page);
  await holds(async () => assert.deepEqual(await scrollingBoxes(page), []));
  await page.getByText("Prompt", { exact: true }).click();
  await openTab(page, "Log");
  await page.locator(".panel .log").waitFor();
  await holds(async () => assert.deepEqual(await scrollingBoxes(page), []));
});

test("on a phone a tap on a step far below brings its text into view", async () => {
  const page = await newPage(PHONE);
  await ran(page, titled(12));
  const titles = page.locator(".as-list .node-title");
  await holds(async () => assert.equal(await titles.count(), 14));
  await holds(async () => {
    const cut = await titles.evaluateAll((all) => all.filter((title) => title.scrollWidth > title.clientWidth).length);
    assert.equal(cut, 0, "titles that are cut");
  });
  await node(page, "subtask/t12").tap();
  await expectText(page.locator(".panel .step"), "Answer of t12");
  await until("the panel is in view", async () => {
    const { y } = await page.locator(".inspector").boundingBox();
    return y >= 0 && y < 200;
  });
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`a selected step and a running one look different in ${colorScheme} mode`, async () => {
    const page = await newPage({ viewport: DESKTOP, colorScheme });
    const workflow = emulator.workflow((call) => {
      if (call.step === "plan") return plan(titled(3));
      return call.task === "t2" ? hang() : undefined;
    });
    await start(page, workflow.prompt());
    await stepState(page, "subtask/t1", "complete");
    await stepState(page, "subtask/t2", "running");
    await openStep(page, "subtask/t1");
    await page.mouse.move(0, 0);
    const [selected, running, plain] = [
      await look(node(page, "subtask/t1")),
      await look(node(page, "subtask/t2")),
      await look(node(page, "subtask/t3")),
    ];
    assert.equal(selected.ring, "solid 2px", "a selected one has a ring");
    assert.deepEqual([running.ring, plain.ring], [null, null]);
    assert.notEqual(running.background, plain.background, "a running one is filled");
    assert.equal(selected.background, plain.background);
    // In the list too.
    await page.getByRole("button", { name: "Show as a list" }).click();
    await holds(async () => assert.equal((await look(node(page, "subtask/t1"))).ring, "solid 2px"));
    await holds(async () => assert.equal((await look(node(page, "subtask/t2"))).ring, null));
    assert.deepEqual(await violations(page), []);
  });
}

test("on a wide screen the timeline cuts no name", async () => {
  const page = await newPage({ viewport: WIDE });
  await ran(page, titled(8));
  const names = page.locator(".lane-name > [title]");
  await holds(async () => assert.equal(await names.count(), 10));
  const cut = await names.evaluateAll((all) => all.filter((name) => name.scrollWidth > name.clientWidth).length);
  assert.equal(cut, 0);
});

test("a failure that ends the run is told once", async () => {
  const page = await newPage({ viewport: DESKTOP });
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(titled(2)) : call.task === "t1" ? failure() : undefined,
  );
  const id = await api.submit({ prompt: workflow.prompt(), options: { on_subtask_failure: "fail" } });
  await page.goto(`/${id}`);
  await reach(page, "errored");
  const notices = page.locator(".panel .notice");
  await holds(async () => assert.equal(await notices.count(), 1));
  await expectText(notices, "The workflow failed. The model's service did not accept the API key.");
  await holds(async () => assert.equal((await notices.innerText()).match(/no such key/gi)?.length, 1));
  await notices.getByRole("button", { name: "Show t1" }).click();
});

test("what an answer lacks stands above it in one notice, and many gaps do not push the answer away", async () => {
  const page = await newPage({ viewport: DESKTOP });
  await ran(page, titled(8), (call) => (Number(call.task?.slice(1)) > 2 ? failure() : undefined));
  await wholeAnswer(page);
  const notices = page.locator(".panel .notice");
  await holds(async () => assert.equal(await notices.count(), 1));
  await expectText(notices, "The answer lacks 6 of 8 subtasks");
  const lead = await page.locator(".answer .markdown p").first().boundingBox();
  assert.ok(lead.y < 0.6 * DESKTOP.height, `the answer is at ${lead.y}`);
  await notices.getByText("Show all 6").click();
  assert.deepEqual(await violations(page), []);
  await notices.getByRole("button", { name: "Show t8" }).click();
  await expectText(page.locator(".panel .step h3"), "Describe topic 8");
});

test("on a phone an answer with a gap still begins on the first screen", async () => {
  const page = await newPage(PHONE);
  await ran(page, titled(3), (call) => (call.task === "t2" ? failure() : undefined));
  await wholeAnswer(page);
  await page.evaluate(() => scrollTo(0, 0));
  await expectText(page.locator(".panel .notice"), "The answer lacks 1 of 3 subtasks");
  const lead = await page.locator(".answer .markdown p").first().boundingBox();
  assert.ok(lead.y + 24 < PHONE.viewport.height, `the answer is at ${lead.y}`);
  assert.deepEqual(await violations(page), []);
});

test("the demo's failure says that the prompt asks for it", async () => {
  const page = await newDemoPage();
  await start(page, "Describe bees.\nDescribe honey.\n[demo: fail t1 1x]");
  await reach(page, "complete");
  await openTab(page, "Log");
  await expectText(page.locator(".log"), "t1: attempt 1 failed. This failure was asked for, by a marker in the demo's");
});

test("an answer that was continued is no retry", async () => {
  const page = await newPage({ viewport: DESKTOP });
  await ran(page, titled(3), (call) => {
    if (call.step !== "synthesis") return undefined;
    return call.number === 1 ? text("First half, ", { finish: "length" }) : text("second half.");
  });
  await expectText(node(page, "synthesis"), "continued");
  await holds(async () => assert.doesNotMatch(await node(page, "synthesis").textContent(), /×|attempts/));
  await page.goto(`${page.url()}#synthesis`);
  await page.reload();
  await page.locator(".step summary", { hasText: "Parts" }).click();
  await expectText(page.locator(".attempts"), /Part 1 complete[\s\S]*went on in the next part[\s\S]*Part 2 complete/);
  await holds(async () => assert.match(await page.locator('[data-lane="synthesis"]').textContent(), /in 2 parts/));
});

test("a terminated run claims no speed", async () => {
  const page = await newPage();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(titled(3));
    return call.task === "t3" ? hang() : text(LONG, { pauseMs: 10 });
  });
  await start(page, workflow.prompt());
  await stepState(page, "subtask/t1", "complete");
  await stepState(page, "subtask/t2", "complete");
  await page.getByRole("button", { name: "Terminate" }).click();
  await confirm(page, "Terminate it");
  await reach(page, "terminated");
  await expectText(page.locator(".timeline-card .card-head"), "3 calls at once");
  await holds(async () => assert.doesNotMatch(await page.locator(".timeline-card").innerText(), /as fast as/));
});

test("the start page waits for the prompt, and says what its keys do", async () => {
  const page = await newDemoPage();
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).waitFor();
  await holds(async () => assert.equal(await page.evaluate(() => document.activeElement?.id), "prompt"));
  await expectText(page.locator("#prompt-keys"), /^Ctrl\s+Enter runs it$/);
  const mac = await newDemoPage();
  await mac.addInitScript(() => Object.defineProperty(navigator, "platform", { get: () => "MacIntel" }));
  await mac.goto("/");
  await expectText(mac.locator("#prompt-keys"), /^⌘\s+Enter runs it$/);
});

test("on a phone the prompt comes before the demo's trouble, and brings up no keyboard by itself", async () => {
  const page = await newDemoPage(PHONE);
  await page.goto("/");
  const prompt = await page.getByLabel("Prompt", { exact: true }).boundingBox();
  const trouble = await page.locator(".demo-banner").boundingBox();
  assert.ok(prompt.y < 250 && trouble.y > prompt.y + prompt.height, `${prompt.y}, ${trouble.y}`);
  await drawn(page);
  await holds(async () => assert.notEqual(await page.evaluate(() => document.activeElement?.id), "prompt"));
  await holds(async () => assert.equal(await page.locator("#prompt-keys").isVisible(), false));
  assert.deepEqual(await violations(page), []);
});

test("on a run's page the demo takes one quiet line", async () => {
  const page = await newDemoPage({ viewport: DESKTOP });
  await start(page, "Describe bees.\nDescribe honey.");
  await reach(page, "complete");
  const line = page.locator(".demo-line");
  await expectText(line, "Demo: no language model was called");
  await holds(async () => assert.ok((await line.boundingBox()).height < 36));
  await line.locator("summary").click();
  await page.getByRole("button", { name: "A subtask hangs" }).waitFor();
  assert.deepEqual(await violations(page), []);
});

/** Steps that are not wholly within the frame. */
const outOfFrame = (page) =>
  page.locator(".plan-frame").evaluate((frame) => {
    const room = frame.getBoundingClientRect();
    return [...frame.querySelectorAll(".node")]
      .map((one) => ({ step: one.dataset.step, box: one.getBoundingClientRect() }))
      .filter(
        ({ box }) =>
          box.left < room.left || box.top < room.top || box.right > room.right + 0.5 || box.bottom > room.bottom + 0.5,
      )
      .map(({ step }) => step);
  });

/** The smallest font of a title, in pixels of the screen. */
const smallestTitle = (page) =>
  page.locator(".plan-frame").evaluate((frame) => {
    const canvas = frame.querySelector(".graph-canvas");
    const scale = canvas ? new DOMMatrix(getComputedStyle(canvas).transform).a : 1;
    const sizes = [...frame.querySelectorAll(".node-title")].map((title) => getComputedStyle(title).fontSize);
    return Math.min(...sizes.map((size) => Number.parseFloat(size) * scale));
  });

const scrolled = (frame) => frame.evaluate(({ scrollLeft, scrollTop }) => ({ left: scrollLeft, top: scrollTop }));

const hints = (scrollers) => scrollers.evaluateAll((all) => all.map((one) => one.dataset.more));

/** Boxes within the page that have more than they show, up or down. */
const scrollingBoxes = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("body *")]
      .filter(
        (one) =>
          one.tagName !== "TEXTAREA" &&
          /auto|scroll/.test(getComputedStyle(one).overflowY) &&
          one.scrollHeight > one.clientHeight + 1,
      )
      .map((one) => one.className),
  );

const look = (one) =>
  one.evaluate((element) => {
    const { outlineStyle, outlineWidth, backgroundColor } = getComputedStyle(element);
    return { ring: outlineStyle === "none" ? null : `${outlineStyle} ${outlineWidth}`, background: backgroundColor };
  });
