// The list of workflows on the start page: what it shows, how it keeps up, its filter in the address, and what is done
// with several at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { error, hang, plan } from "../e2e/emulators/scripts.mjs";
import { startForFile, startWithOpenai } from "../e2e/support/worker.mjs";
import { shifts, startBrowser, VIEWS, violations } from "./support/browser.mjs";
import {
  confirm,
  entry,
  entryTitle,
  expectText,
  gone,
  holds,
  reach,
  start,
  until,
  withoutList,
} from "./support/console.mjs";

const TOKEN = "a-token-of-the-tests-0123456789";
const { api, emulator, url } = await startWithOpenai();
const many = await startForFile({ vars: { DEMO_SPEED: "0" } });
const bare = await startForFile({ vars: { DEMO_SPEED: "0" } });
const closed = await startForFile({ vars: { API_TOKENS: `tester:${TOKEN}`, DEMO_SPEED: "0" }, token: TOKEN });
const { newPage } = await startBrowser(url);
const { newPage: newManyPage } = await startBrowser(many.url);
const { newPage: newBarePage } = await startBrowser(bare.url);
const { newPage: newClosedPage } = await startBrowser(closed.url);

const MANY = 60;
const refused = () => error(400, { error: { message: "Bad.", type: "invalid_request_error" } });
const hanging = () => emulator.workflow((call) => (call.step === "plan" ? hang() : undefined));
const entries = (page) => page.locator(".entry");
const tab = (page, name) => page.getByRole("button", { name: new RegExp(`^${name} [\\d,]+$`) });
const search = (page) => page.getByRole("searchbox", { name: "Search workflows" });
const pick = (page, id) => entry(page, id).getByRole("checkbox");
const bulk = (page, name) => page.locator(".bulk").getByRole("button", { name });
const count = async (page, number) => {
  await holds(async () => assert.equal(await entries(page).count(), number));
};

/** The server's list of these, once it has been told of all of them. */
const told = (from, query, wanted) =>
  until(`the index has what ${query} asks for`, async () => {
    const { json } = await from.get(`/workflows?${query}`);
    return json.workflows.length === wanted;
  });

test("a workflow is listed with what it has come to, and its row leads to its page", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1", "t2", "t3"]) : call.task === "t2" ? refused() : undefined,
  );
  const page = await newPage();
  const id = await api.submit({ prompt: workflow.prompt(), metadata: { team: "research" } });
  await page.goto("/");
  await expectText(entry(page, id), "Complete with gaps");
  await expectText(entry(page, id), /2 of 3\s+subtasks/);
  await expectText(entry(page, id), /[\d,]+\s+tokens/);
  await expectText(entry(page, id), /⚠ \d+ warning/);
  await expectText(entry(page, id), "team: research");
  await expectText(entry(page, id), "just now");
  const next = await api.submit({ prompt: emulator.workflow().prompt(), follow_up_to: id });
  await expectText(entry(page, next), `follow-up of ${id}`);
  await expectText(entry(page, id), "1 follow-up");
  await entry(page, id).getByRole("link", { name: "1 follow-up" }).click();
  await holds(async () => assert.equal(new URL(page.url()).hash, `#parent=${id}`));
  await count(page, 1);
  await expectText(page.locator(".parent-filter"), `Only the follow-ups of ${id}`);
  await page.getByRole("button", { name: "Show all" }).click();
  await entry(page, id).waitFor();
  await entryTitle(page, id).click();
  await reach(page, "complete");
  await holds(async () => assert.equal(new URL(page.url()).pathname, `/${id}`));
});

test("the list keeps up with a run, and asks nothing while the page is hidden", async () => {
  const page = await newPage();
  const asked = [];
  page.on("request", (request) => request.url().includes("/workflows?") && asked.push(request.url()));
  await page.goto("/");
  const workflow = hanging();
  const id = await api.submit(workflow.prompt());
  await entry(page, id).waitFor();
  await expectText(entry(page, id), "Running");
  assert.equal((await api.post(`/${id}/terminate`)).status, 200);
  await expectText(entry(page, id), "Terminated");
  const show = (state) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "visibilityState", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await show("hidden");
  // What was under way when it was hidden is done.
  await page.waitForTimeout(500);
  const before = asked.length;
  const missed = await api.submit(hanging().prompt());
  await page.waitForTimeout(4000);
  assert.equal(asked.length, before);
  await show("visible");
  await entry(page, missed).waitFor({ timeout: 2500 });
  assert.equal((await api.request("DELETE", `/${missed}`)).status, 204);
  await gone(entry(page, missed));
});

test("pages are loaded on demand, and a refresh keeps them, the selection, the focus and what is in view", async () => {
  for (let number = 1; number <= MANY; number++) {
    const prompt = `Describe bees, part ${number}.`;
    await many.api.submit({ id: `bees-${number}`, prompt, options: { mode: "direct" } });
  }
  await many.api.reach(`bees-${MANY}`, "complete");
  await told(many.api, "status=complete&limit=100", MANY);
  const page = await newManyPage();
  await page.goto("/");
  await count(page, 25);
  await page.getByRole("button", { name: "Load more" }).click();
  await count(page, 50);
  await pick(page, "bees-30").check();
  await entryTitle(page, "bees-20").focus();
  const top = () => page.evaluate(() => document.activeElement?.getBoundingClientRect().top);
  await page.evaluate(() => document.activeElement?.scrollIntoView({ block: "center" }));
  const before = await top();
  await page.evaluate(() => {
    window.shifted.total = 0;
  });
  await many.api.submit({ id: "newest", prompt: "Describe wasps.", options: { mode: "direct" } });
  await entry(page, "newest").waitFor({ timeout: 12_000 });
  assert.equal((await many.api.request("DELETE", "/bees-50")).status, 204);
  // Nothing runs, so that the next look is ten seconds away.
  await entry(page, "bees-50").waitFor({ state: "detached", timeout: 12_000 });
  await count(page, 50);
  await holds(async () => assert.equal(await pick(page, "bees-30").isChecked(), true));
  await holds(async () =>
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Describe bees, part 20."),
  );
  await holds(async () => assert.ok(Math.abs((await top()) - before) < 80, "at most the row that went"));
  const { total, worst } = await shifts(page);
  assert.ok(total < 0.1, `${total}: ${JSON.stringify(worst)}`);
  await page.getByRole("button", { name: "Load more" }).click();
  await count(page, MANY);
  await gone(page.getByRole("button", { name: "Load more" }));
});

test("tabs and the search are in the address, and a reload and the way back keep them", async () => {
  const page = await newPage();
  const mark = `zebra${Date.now()}`;
  const workflow = emulator.workflow();
  const id = await api.submit(`${mark} finch. ${workflow.prompt()}`);
  const running = await api.submit(`${mark} heron. ${hanging().prompt()}`);
  await api.reach(id, "complete");
  await page.goto("/");
  await search(page).fill(`${mark.toUpperCase()} FINCH`);
  await count(page, 1);
  await entry(page, id).waitFor();
  await search(page).fill(mark);
  await count(page, 2);
  await tab(page, "Running").click();
  await count(page, 1);
  await entry(page, running).waitFor();
  await holds(async () => assert.equal(new URL(page.url()).hash, `#status=running&q=${mark}`));
  await page.reload();
  await count(page, 1);
  await holds(async () => assert.equal(await search(page).inputValue(), mark));
  await holds(async () => assert.equal(await tab(page, "Running").getAttribute("aria-pressed"), "true"));
  await page.goBack();
  await count(page, 2);
  await tab(page, "Failed").click();
  await expectText(page.locator(".workflows"), "No workflow matches.");
  await page.getByRole("link", { name: "Show all" }).click();
  await entry(page, id).waitFor();
  await holds(async () => assert.equal(await search(page).inputValue(), ""));
  await entryTitle(page, id).click();
  await reach(page, "complete");
  await page.goBack();
  await entry(page, id).waitFor();
  assert.equal((await api.post(`/${running}/terminate`)).status, 200);
});

test("several are terminated and deleted at once, and what fails is said by its id", async () => {
  const page = await newPage({ expect: /500/ });
  const mark = `robin${Date.now()}`;
  const ids = [];
  for (let number = 0; number < 4; number++) ids.push(await api.submit(`${mark} ${number}. ${hanging().prompt()}`));
  const done = await api.submit(`${mark} done. ${emulator.workflow().prompt()}`);
  await api.reach(done, "complete");
  await page.route(`**/${ids[1]}/terminate`, (route) =>
    route.fulfill({
      status: 500,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "about:blank", title: "Something went wrong", status: 500, detail: "on strike" }),
    }),
  );
  await page.goto(`/#q=${mark}`);
  await count(page, 5);
  await expectText(entry(page, done), "Complete");
  await pick(page, done).click();
  await pick(page, ids[0]).click({ modifiers: ["Shift"] });
  await expectText(page.locator(".bulk"), "5 selected");
  await bulk(page, "Terminate…").click();
  await expectText(page.getByRole("dialog"), "Terminate 4 workflows?");
  await expectText(
    page.getByRole("dialog"),
    /1 of the selected can't be terminated, because it has ended: “robin\d+ done/,
  );
  await confirm(page, "Terminate 4");
  await expectText(page.locator(".workflows .notice"), "1 of 4 could not be terminated");
  await expectText(page.locator(".workflows .notice"), `${ids[1]}: On strike.`);
  await expectText(page.locator(".bulk"), "3 of 4 terminated.");
  for (const id of [ids[0], ids[2], ids[3]]) await expectText(entry(page, id), "Terminated");
  await expectText(entry(page, ids[1]), "Running");
  await page.getByRole("button", { name: "Close the message" }).click();
  await page.getByRole("checkbox", { name: /^5 selected$/ }).click();
  await expectText(page.locator(".bulk"), "Select all shown");
  await page.getByRole("checkbox", { name: "Select all shown" }).click();
  await pick(page, done).click();
  await bulk(page, "Delete…").click();
  await expectText(page.getByRole("dialog"), "Delete 4 workflows?");
  await confirm(page, "Delete 4");
  await count(page, 1);
  for (const id of ids) assert.equal((await api.get(`/${id}`)).status, 404);
  await expectText(page.locator(".bulk"), "4 of 4 deleted.");
});

test("a row's menu deletes a workflow with its follow-ups, and the focus goes to the next row", async () => {
  const page = await newPage();
  const mark = `heron${Date.now()}`;
  const below = await api.submit(`${mark} below. ${emulator.workflow().prompt()}`);
  const first = await api.submit(`${mark} first. ${emulator.workflow().prompt()}`);
  await api.reach(first, "complete");
  const second = await api.submit({ prompt: `${mark} second. ${emulator.workflow().prompt()}`, follow_up_to: first });
  await api.reach(second, "complete");
  await api.reach(below, "complete");
  await page.goto(`/#q=${mark}`);
  await count(page, 3);
  await expectText(entry(page, first), "1 follow-up");
  await entry(page, first)
    .getByRole("button", { name: /^Actions for/ })
    .focus();
  await page.keyboard.press("Enter");
  await expectText(page.locator(":focus"), "Delete…");
  await page.keyboard.press("Enter");
  await expectText(page.locator(":focus"), "Keep them");
  await page.getByRole("checkbox", { name: /^With their follow-ups/ }).check();
  await confirm(page, "Delete 1");
  await count(page, 1);
  assert.equal((await api.get(`/${second}`)).status, 404);
  await until("the row below has the focus", () =>
    page.evaluate((id) => document.activeElement?.getAttribute("href") === `/${id}`, below),
  );
});

test("what this browser kept before the server had a list is forgotten once the list has it", async () => {
  const page = await newPage({ expect: /404|ERR_FAILED/ });
  const restore = await withoutList(page, 404);
  const id = await start(page, emulator.workflow().prompt());
  await reach(page, "complete");
  await page.goto("/");
  await expectText(page.locator(".recents"), "This server has no list of all workflows.");
  await page.locator(`.recents a[href="/${id}"]`).waitFor();
  await restore();
  const kept = () => page.evaluate(() => localStorage.getItem("orchestrator.recent"));
  // Of a workflow that nobody can tell of, the browser's is the only trace.
  const cut = (route) => route.abort();
  await page.route(new RegExp(`/workflows/${id}\\?`), cut);
  await page.reload();
  await entry(page, id).waitFor();
  await holds(async () => assert.match(await kept(), new RegExp(id)));
  await page.unroute(new RegExp(`/workflows/${id}\\?`), cut);
  await page.reload();
  await holds(async () => assert.equal(await kept(), null));
  await entryTitle(page, id).click();
  await reach(page, "complete");
  await holds(async () => assert.equal(await kept(), null, "a list that nobody reads is not begun again"));
});

test("where the index is not configured the server's words say so, above what this browser keeps", async () => {
  const page = await newPage({ expect: /503/ });
  await withoutList(page, 503);
  await page.goto("/");
  await expectText(page.locator(".recents"), "The binding is missing.");
  await expectText(page.locator(".recents"), "Workflows that you start or open here are listed for you.");
  assert.deepEqual(await violations(page), []);
});

test("a list that fails is tried again, by itself and by a button", async () => {
  const page = await newPage({ expect: /500/ });
  const restore = await withoutList(page, 500);
  const id = await api.submit(hanging().prompt());
  await page.goto("/");
  await expectText(page.locator(".workflows"), "Something went wrong");
  assert.deepEqual(await violations(page), []);
  await restore();
  await page.getByRole("button", { name: "Try again" }).click();
  await entry(page, id).waitFor();
  const again = await withoutList(page, 500);
  await expectText(page.locator(".workflows"), "It could not be brought up to date, and is tried again.");
  await entry(page, id).waitFor();
  await again();
  await gone(page.getByText("It could not be brought up to date"));
  assert.equal((await api.post(`/${id}/terminate`)).status, 200);
});

test("a closed deployment asks for the token, and then lists what belongs to it", async () => {
  const page = await newClosedPage({ expect: /401/ });
  const id = await closed.api.submit("Describe bees.");
  await page.goto("/");
  await expectText(page.locator(".token-card"), "This deployment asks for a token");
  await expectText(page.locator(".workflows"), "The workflows are listed here once there is a token.");
  await page.getByLabel("Token", { exact: true }).fill(TOKEN);
  await page.getByLabel("Token", { exact: true }).press("Enter");
  await entry(page, id).waitFor();
  await gone(page.locator(".token-card"));
});

test("a server without workflows says so", async () => {
  const page = await newBarePage();
  await page.goto("/");
  await expectText(page.locator(".workflows"), "There are no workflows yet.");
  assert.deepEqual(await violations(page), []);
});

for (const [view, options] of VIEWS) {
  test(`on ${view} the list, its questions and its menu are accessible, and nothing is too wide`, async () => {
    const page = await newPage(options);
    const long = emulator.workflow().prompt();
    const id = await api.submit({
      id: "i".repeat(90) + String(Date.now() % 1e9),
      prompt: `${"Long".repeat(40)} ${long}`,
      metadata: { customer: "x".repeat(200) },
    });
    await page.goto("/");
    await expectText(entry(page, id), "Complete");
    const clean = async (where) => {
      await page.evaluate(() => scrollTo(0, 0));
      assert.deepEqual(await violations(page), [], where);
    };
    const wider = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    await holds(async () => assert.equal(await page.evaluate(wider), 0));
    await pick(page, id).check();
    await clean("the list");
    await bulk(page, "Delete…").click();
    await clean("a question");
    await page.getByRole("dialog").getByRole("button", { name: "Keep them" }).click();
    await holds(async () => assert.match(await page.locator(":focus").innerText(), /^Delete/));
    await entry(page, id)
      .getByRole("button", { name: /^Actions for/ })
      .click();
    await clean("a menu");
    await page.keyboard.press("Escape");
  });
}
