// Whatever stands in the address bar shows a page that says what is wrong and leads home.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startForFile } from "../e2e/support/worker.mjs";
import { PHONE, startBrowser, violations } from "./support/browser.mjs";
import { expectText, holds } from "./support/console.mjs";

const worker = await startForFile({ vars: { DEMO_SPEED: "0" } });
const { newPage } = await startBrowser(worker.url);

const ADDRESSES = [
  ["/a%20b", 404],
  ["/%zz", 404],
  ["/a/b/c", 404],
  [`/${"x".repeat(200)}`, 404],
  ["/usage", 404],
  ["/tenants", 404],
  ["/some-id/pause", 405],
  ["/assets/nothing", 404],
];

test("an address without a page says so, with the status that a client of the API gets, and leads home", async () => {
  const page = await newPage({ expect: /40[45]/, viewport: PHONE });
  for (const [address, status] of ADDRESSES) {
    const response = await page.goto(address);
    assert.equal(response.status(), status, address);
    await expectText(page.locator("main h1"), "There is no page here");
    const wider = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    await holds(async () => assert.equal(await page.evaluate(wider), 0, address));
    assert.deepEqual(await violations(page), [], address);
  }
  await page.getByRole("link", { name: "Go to the start page" }).click();
  await expectText(page.locator("main h1"), "What should be done?");
  await holds(async () => assert.equal(new URL(page.url()).pathname, "/"));
  await page.goBack();
  await expectText(page.locator("main h1"), "There is no page here");
});

test("a word that the server keeps for itself tells where a workflow with this id is", async () => {
  const page = await newPage({ expect: /404/ });
  await page.goto("/usage");
  await page.getByRole("link", { name: "/workflows/usage" }).click();
  await expectText(page.locator("main h1"), "There is no such workflow");
});
