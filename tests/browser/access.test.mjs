// Who may, and who can: tokens, keyboard, screen readers, phones, dark mode.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hang, plan } from "../e2e/emulators/scripts.mjs";
import { startForFile, startWithOpenai } from "../e2e/support/worker.mjs";
import { PHONE, startBrowser, violations } from "./support/browser.mjs";
import {
  expectText,
  node,
  openStep,
  openTab,
  reach,
  start,
  stepState,
  until,
  wholeAnswer,
} from "./support/console.mjs";

const TOKEN = "a-token-of-the-tests-0123456789";
const open = await startWithOpenai();
const closed = await startForFile({ vars: { API_TOKENS: `tester:${TOKEN}`, DEMO_SPEED: "0" }, token: TOKEN });
const unconfigured = await startForFile({ vars: { ENVIRONMENT: "production" } });
const { newPage } = await startBrowser(open.url);
const { newPage: newClosedPage } = await startBrowser(closed.url);
const { newPage: newUnconfiguredPage } = await startBrowser(unconfigured.url);

test("a token is asked for when the server wants one, and then all works, a reload and a deep link too", async () => {
  const page = await newClosedPage({ expect: /401/ });
  await page.goto("/");
  await page.getByLabel("Prompt").fill("Tell me about bees. Tell me about honey.");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expectText(page.locator(".token-card"), "This deployment asks for a token");
  await page.getByLabel("Token", { exact: true }).fill("not-the-right-one");
  await page.getByRole("button", { name: "Use it" }).click();
  await expectText(page.locator(".token-card"), "The token was not accepted");
  await page.getByLabel("Token", { exact: true }).fill(TOKEN);
  await page.getByRole("button", { name: "Use it" }).click();
  await page.waitForURL(/\/[\w-]{20,}$/);
  await reach(page, "complete");
  await page.reload();
  assert.match(await wholeAnswer(page), /Demo/);
  assert.equal(await page.locator(".token-card").count(), 0);
  assert.equal(await page.evaluate(() => localStorage.getItem("orchestrator.token")), null, "for the session only");

  const other = await newClosedPage({ expect: /401/ });
  await other.goto(new URL(page.url()).pathname);
  await other.getByLabel("Token", { exact: true }).fill(TOKEN);
  await other.getByLabel("Token", { exact: true }).press("Enter");
  assert.match(await wholeAnswer(other), /Demo/);
});

test("a deployment without tokens says what its owner has to do", async () => {
  const page = await newUnconfiguredPage({ expect: /503/ });
  await page.goto("/some-workflow");
  await expectText(page.locator(".token-card"), "This deployment has no tokens yet");
  await expectText(page.locator(".token-card"), "API_TOKENS");
});

test("everything can be done by keyboard", async () => {
  const page = await newPage();
  const workflow = open.emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1", "t2"]) : call.task === "t2" ? hang() : undefined,
  );
  await page.goto("/");
  await expectFocus(page, "prompt");
  await page.keyboard.insertText(workflow.prompt());
  await page.keyboard.press("Control+Enter");
  await stepState(page, "subtask/t2", "running");
  await node(page, "subtask/t1").focus();
  await page.keyboard.press("Enter");
  await expectText(page.locator(".panel .step h3"), "Title of t1");
  // A new page begins at its beginning.
  await page.reload();
  await page.locator(".panel .step").waitFor();
  await page.keyboard.press("Tab");
  await expectText(page.locator(":focus"), "Skip to the content");
  await page.getByRole("tab", { name: "Step" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.locator(".panel .log").waitFor();
  await page.getByRole("button", { name: "Restart", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expectText(page.locator(":focus"), "Everything");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".menu-list").count(), 0);
  await expectText(page.locator(":focus"), "Restart");
  await page.getByRole("button", { name: "Terminate" }).focus();
  await page.keyboard.press("Enter");
  await reach(page, "terminated");
  // The change is told to those who do not see it.
  await expectText(page.locator('p[role="status"]'), "The workflow was terminated");
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`axe finds no violation in ${colorScheme} mode, from the prompt to the answer`, async () => {
    const page = await newPage({ colorScheme });
    const check = async (where) => assert.deepEqual(await violations(page), [], where);
    const workflow = open.emulator.workflow((call) => {
      if (call.step === "plan") return plan(["t1", "t2", { id: "t3", depends_on: ["t1"] }]);
      if (call.task === "t2" && call.number === 1) return hang();
      return undefined;
    });
    await page.goto("/");
    await page.getByText("Options", { exact: true }).click();
    await page.getByText("The same with curl").click();
    await check("the start page");
    await start(page, workflow.prompt(), { approval: true });
    await reach(page, "waiting");
    await check("the plan's editor");
    await page.getByRole("button", { name: "Approve 3 subtasks" }).click();
    await stepState(page, "subtask/t3", "complete");
    await openStep(page, "subtask/t2");
    await check("a running step");
    await page.getByRole("button", { name: "Terminate" }).click();
    await reach(page, "terminated");
    await openTab(page, "Answer");
    await check("a terminated workflow");
    await page.getByRole("button", { name: "Restart", exact: true }).click();
    await check("an open menu");
    await page.locator(".menu-list button").last().click();
    await reach(page, "complete");
    await check("the answer");
    await openTab(page, "Log");
    await check("the log");
    await page.getByRole("link", { name: "Orchestrator Workers" }).click();
    await check("the list of recent workflows");
  });
}

const expectFocus = (page, id) =>
  until(`the focus is on ${id}`, () => page.evaluate((id) => document.activeElement?.id === id, id));

test("on a phone nothing is wider than the screen, and a step's text is one tap away", async () => {
  const page = await newPage({ viewport: PHONE, hasTouch: true, isMobile: true });
  const narrow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.goto("/");
  assert.equal(await narrow(), 0);
  await start(page, open.emulator.workflow().prompt());
  await reach(page, "complete");
  assert.equal(await narrow(), 0);
  await node(page, "subtask/t2").tap();
  await expectText(page.locator(".panel .step"), "Answer of t2");
  // Scrolled away under the header, a row would count as too small.
  await page.evaluate(() => scrollTo(0, 0));
  assert.deepEqual(await violations(page), []);
});

test("dark mode follows the system, and can be chosen", async () => {
  const page = await newPage({ colorScheme: "dark" });
  await page.goto("/");
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(await background(), "rgb(15, 16, 18)");
  await page.getByRole("button", { name: /^Colours/ }).click();
  assert.equal(await background(), "rgb(247, 247, 248)");
  await page.reload();
  assert.equal(await background(), "rgb(247, 247, 248)");
});
