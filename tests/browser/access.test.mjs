// Who may, and who can: tokens, keyboard, screen readers, phones, dark mode.

import assert from "node:assert/strict";
import { test } from "node:test";
import { error, hang, held, makeGate, plan } from "../e2e/emulators/scripts.mjs";
import { startForFile, startWithOpenai } from "../e2e/support/worker.mjs";
import { PHONE, startBrowser, violations } from "./support/browser.mjs";
import { expectText, gone, holds, node, reach, start, stepState, until, wholeAnswer } from "./support/console.mjs";

const TOKEN = "a-token-of-the-tests-0123456789";
const open = await startWithOpenai();
const closed = await startForFile({ vars: { API_TOKENS: `tester:${TOKEN}`, DEMO_SPEED: "0" }, token: TOKEN });
const unconfigured = await startForFile({ vars: { ENVIRONMENT: "production" } });
const { newPage } = await startBrowser(open.url);
const { newPage: newClosedPage } = await startBrowser(closed.url);
const { newPage: newUnconfiguredPage } = await startBrowser(unconfigured.url);

test("the token of a link is taken, and leaves the address; one that is there already stays", async () => {
  const page = await newClosedPage();
  await page.goto(`/#token=${TOKEN}`);
  await holds(async () =>
    assert.doesNotMatch(await page.locator(".workflows").innerText(), /being read|once there is a token/),
  );
  await until("the address is clean", async () => new URL(page.url()).hash === "");
  await holds(async () => assert.equal(await page.locator(".token-card").count(), 0));
  await page.goto(`/#token=${"x".repeat(20)}`);
  await until("the address is clean", async () => new URL(page.url()).hash === "");
  await page.reload();
  await holds(async () => assert.equal(await page.evaluate(() => sessionStorage.getItem("orchestrator.token")), TOKEN));
  assert.deepEqual(await violations(page), []);
});

test("a token is asked for when the server wants one, and then all works, a reload and a deep link too", async () => {
  const page = await newClosedPage({ expect: /401/ });
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).fill("Tell me about bees. Tell me about honey.");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expectText(page.locator(".token-card"), "This deployment asks for a token");
  await expectText(page.locator(".token-card"), "Paste one that its owner gave you.");
  await holds(async () =>
    assert.doesNotMatch(await page.locator(".token-card").innerText(), /header|Bearer/, "a person sends no headers"),
  );
  await page.getByRole("button", { name: "Use it" }).click();
  await expectText(page.locator("#token-fault"), "Paste the token first.");
  await page.getByLabel("Token", { exact: true }).fill("not-the-right-one");
  await page.getByRole("button", { name: "Use it" }).click();
  await expectText(page.locator(".token-card"), "The token was not accepted");
  await page.getByLabel("Token", { exact: true }).fill(TOKEN);
  await page.getByRole("button", { name: "Use it" }).click();
  await page.waitForURL(/\/[\w-]{20,}$/);
  await reach(page, "complete");
  await page.reload();
  await wholeAnswer(page, /Demo/);
  await holds(async () => assert.equal(await page.locator(".token-card").count(), 0));
  await holds(async () =>
    assert.equal(await page.evaluate(() => localStorage.getItem("orchestrator.token")), null, "for the session only"),
  );

  const other = await newClosedPage({ expect: /401/ });
  await other.goto(new URL(page.url()).pathname);
  await other.getByLabel("Token", { exact: true }).fill(TOKEN);
  await other.getByLabel("Token", { exact: true }).press("Enter");
  await wholeAnswer(other, /Demo/);
});

test("a token that is kept on the device is there in other tabs and later, until it is forgotten in one", async () => {
  const page = await newClosedPage({ expect: /401|404/ });
  const tab = async () => {
    const other = await page.context().newPage();
    await other.goto("/some-workflow");
    return other;
  };
  await page.goto("/some-workflow");
  await page.getByLabel("Token", { exact: true }).fill(TOKEN);
  await page.getByLabel("Keep on this device").check();
  await expectText(page.locator(".token-card"), "in this browser until you forget it");
  await page.getByRole("button", { name: "Use it" }).click();
  await expectText(page.locator("main"), "There is no such workflow");
  const other = await tab();
  await expectText(other.locator("main"), "There is no such workflow");
  await other.getByRole("button", { name: "Token is set" }).click();
  await expectText(other.locator(".token-card"), "The present one is kept on this device.");
  await other.getByRole("button", { name: "Forget the token" }).click();
  await page.getByRole("button", { name: "Set a token" }).waitFor();
  await holds(async () =>
    assert.deepEqual(
      await page.evaluate(() => [localStorage, sessionStorage].map((storage) => storage.getItem("orchestrator.token"))),
      [null, null],
    ),
  );
  await expectText((await tab()).locator(".token-card"), "This deployment asks for a token");
});

test("a request for a token goes once another tab has given one to keep", async () => {
  const page = await newClosedPage({ expect: /401|404/ });
  await page.goto("/some-workflow");
  await expectText(page.locator(".token-card"), "This deployment asks for a token");
  const other = await page.context().newPage();
  await other.goto("/some-workflow");
  await other.getByLabel("Token", { exact: true }).fill(TOKEN);
  await other.getByLabel("Keep on this device").check();
  await other.getByRole("button", { name: "Use it" }).click();
  await expectText(page.locator("main"), "There is no such workflow");
  await gone(page.locator(".token-card"));
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
  await until("the prompt has the focus", () => page.evaluate(() => document.activeElement?.id === "prompt"));
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
  await holds(async () => assert.equal(await page.locator(".menu-list").count(), 0));
  await expectText(page.locator(":focus"), "Restart");
  await page.getByRole("button", { name: "Terminate" }).focus();
  await page.keyboard.press("Enter");
  await expectText(page.locator(":focus"), "Let it run");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await reach(page, "terminated");
  // The change is told to those who do not see it.
  await expectText(page.locator('p[role="status"]'), "The workflow was terminated");
});

test("on a phone nothing is wider than the screen, and a step's text is one tap away", async () => {
  const page = await newPage({ viewport: PHONE, hasTouch: true, isMobile: true });
  const narrow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).waitFor();
  await holds(async () => assert.equal(await narrow(), 0));
  await start(page, open.emulator.workflow().prompt(), { approval: true });
  await reach(page, "waiting");
  await page.locator(".plan-editor").waitFor();
  await holds(async () => assert.equal(await narrow(), 0));
  await holds(async () => assert.deepEqual(await outOfCards(page), []));
  await page.getByRole("button", { name: /^Approve/ }).tap();
  await reach(page, "complete");
  await wholeAnswer(page);
  await holds(async () => assert.equal(await narrow(), 0));
  await node(page, "subtask/t2").tap();
  await expectText(page.locator(".panel .step"), "Answer of t2");
  await holds(async () => assert.deepEqual(await outOfCards(page), []));
  // Scrolled away under the header, a row would count as too small.
  await page.evaluate(() => scrollTo(0, 0));
  assert.deepEqual(await violations(page), []);
});

test("on a phone the button that leads to the news is within its card, whatever the news", async () => {
  const page = await newPage({ viewport: { width: 360, height: 667 }, hasTouch: true, isMobile: true });
  const refused = () => error(400, { error: { message: "Bad.", type: "invalid_request_error" } });
  for (const [status, failure, words] of [
    ["complete", "continue", "Show the answer"],
    ["errored", "fail", "Show the error"],
    ["terminated", "continue", "Show the end"],
    ["waiting", "continue", "Review the plan"],
  ]) {
    const gate = makeGate();
    const workflow = open.emulator.workflow((call) => {
      if (call.step === "plan") return plan(["t1", "t2", "t3"]);
      return call.task === "t1"
        ? held(gate, refused())
        : call.task === "t2" && failure === "continue"
          ? refused()
          : undefined;
    });
    const approval = status === "waiting" ? "plan" : "none";
    const id = await open.api.submit({ prompt: workflow.prompt(), options: { on_subtask_failure: failure, approval } });
    await page.goto(`/${id}#subtask/t3`);
    if (status === "waiting") await node(page, "subtask/t3").waitFor();
    else await stepState(page, "subtask/t3", "complete");
    if (status === "terminated") assert.equal((await open.api.post(`/${id}/terminate`)).status, 200);
    else gate.open();
    await reach(page, status);
    await node(page, "subtask/t3").tap();
    await page.getByRole("button", { name: words }).waitFor();
    await holds(async () => assert.deepEqual(await outOfCards(page), [], status));
    gate.open();
  }
});

test("dark mode follows the system, and can be chosen", async () => {
  const page = await newPage({ colorScheme: "dark" });
  await page.goto("/");
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await holds(async () => assert.equal(await background(), "rgb(15, 16, 18)"));
  await page.getByRole("button", { name: /^Colours/ }).click();
  await holds(async () => assert.equal(await background(), "rgb(247, 247, 248)"));
  await page.reload();
  await holds(async () => assert.equal(await background(), "rgb(247, 247, 248)"));
});

/** What is wider than the card that it is in, other than within a frame that scrolls. */
const outOfCards = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll(".card *")]
      .filter((one) => {
        const card = one.closest(".card");
        for (let frame = one.parentElement; frame !== card; frame = frame.parentElement)
          if (getComputedStyle(frame).overflowX !== "visible") return false;
        const [room, box] = [card.getBoundingClientRect(), one.getBoundingClientRect()];
        return box.width > 0 && (box.left < room.left - 0.1 || box.right > room.right + 0.1);
      })
      .map((one) => one.className),
  );
