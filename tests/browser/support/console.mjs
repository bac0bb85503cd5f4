// The console as a person uses it: what is clicked and read, by role and name.

import { expectText, holds, until } from "./until.mjs";

/** Opens the start page and submits a prompt; resolves on the workflow's page to its id. */
export async function start(page, prompt, { approval = false, subtasks } = {}) {
  await page.goto("/");
  await page.getByLabel("Prompt", { exact: true }).fill(prompt);
  if (approval) await page.getByLabel("Let me review and edit the plan").check();
  if (subtasks) {
    await page.getByText("Options", { exact: true }).click();
    await page.getByLabel("Subtasks, at most").fill(String(subtasks));
  }
  return run(page);
}

/** Submits the start page as it is filled in; resolves on the workflow's page to its id. */
export async function run(page) {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForURL(/\/[\w-]{8,}$/);
  return new URL(page.url()).pathname.slice(1);
}

export const reach = (page, status, timeout) => page.locator(`[data-status="${status}"]`).waitFor({ timeout });

export const node = (page, step) => page.locator(`.node[data-step="${step}"]`);

export const stepState = (page, step, state) =>
  page.locator(`.node[data-step="${step}"][data-state="${state}"]`).waitFor();

export const openTab = (page, name) => page.getByRole("tab", { name }).click();

export const openStep = async (page, step) => {
  await node(page, step).click();
  // Drawn with the panel, which may have shown another step before.
  await page.locator(`.node[data-step="${step}"][aria-current]`).waitFor();
  await page.locator(".panel .step").waitFor();
};

export const answer = (page) => page.locator(".panel .answer .markdown");

/** Waits until the answer is rendered whole and says `pattern`. */
export async function wholeAnswer(page, pattern = /\S/) {
  await page.locator('.panel .answer .markdown[data-complete="true"]').waitFor();
  // Blocks that were not in a picture yet have no text to read.
  await expectText(answer(page), pattern);
}

export async function menu(page, name, item) {
  await page.getByRole("button", { name, exact: true }).click();
  await page.locator(".menu-list").getByRole("button", { name: item }).click();
}

/** A row of the list on the start page, and its link. */
export const entry = (page, id) => page.locator(`.entry[data-id="${id}"]`);
export const entryTitle = (page, id) => entry(page, id).locator(".entry-title");

/**
 * As a server without a list: an older one (404), one without the index (503), or one that fails (500). Resolves to
 * what brings the list back.
 */
export async function withoutList(page, status) {
  const problem = {
    404: { type: "about:blank", title: "Not found", detail: "there is nothing" },
    500: { type: "about:blank", title: "Something went wrong", detail: "" },
    503: { type: "x:index-not-configured", title: "There is no index", detail: "the binding is missing" },
  }[status];
  const address = /\/workflows\?/;
  await page.route(address, (route) =>
    route.fulfill({ status, contentType: "application/problem+json", body: JSON.stringify({ ...problem, status }) }),
  );
  return () => page.unroute(address);
}

/** Waits until there is none of it. */
export const gone = (locator) => locator.first().waitFor({ state: "hidden" });

/** Answers the question that a control asks before it throws something away. */
export const confirm = (page, name) => page.getByRole("dialog").getByRole("button", { name, exact: true }).click();

/** What stands large in each field of the header. `note` gives the small one below. */
export async function metrics(page) {
  const rows = await page
    .locator(".metrics > div")
    .evaluateAll((all) =>
      all.map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").firstChild.textContent]),
    );
  return Object.fromEntries(rows);
}

export const note = (page, name) => page.locator(".metrics > div", { hasText: name }).locator("small");

export { expectText, holds, until };
