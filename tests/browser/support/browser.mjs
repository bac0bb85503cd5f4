// A real browser, and pages that are watched: errors in the console, requests to other hosts and layout shifts fail the
// test.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach } from "node:test";
import { chromium } from "playwright-core";
import { findChromium } from "../../../scripts/setup/chromium.mjs";

// Debian's Chromium needs these where there is no network, no GPU and no other user than root.
const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking " +
  "--disable-component-update --disable-sync";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DESKTOP = { width: 1360, height: 860 };
export const PHONE = { width: 360, height: 740 };
/** What a view of its own is looked at in, also in the dark: `[name, options of the page]`. */
export const VIEWS = [
  ["a desktop", {}],
  ["a phone", { viewport: { width: 375, height: 740 }, hasTouch: true, colorScheme: "dark" }],
];
const PATIENCE_MS = 20_000;

/** A browser for one test file. `origin` is the only one that its pages may ask. */
export async function startBrowser(origin) {
  const executablePath = findChromium();
  assert.ok(
    executablePath,
    "no Chrome, Chromium or Edge is installed (or CHROME_PATH names none): the browser tests can't run",
  );
  const browser = await chromium.launch({ executablePath, args: FLAGS.split(" ") });
  const contexts = [];
  after(() => browser.close());
  const watched = [];
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    assert.deepEqual(
      watched.splice(0).flatMap((watch) => watch()),
      [],
      "what the pages did amiss",
    );
  });

  /**
   * A page of a browser of its own (storage and all). `expect`: console messages that this test provokes. `options`:
   * Playwright's, such as `viewport` and `colorScheme`.
   */
  async function newPage({ expect = null, ...options } = {}) {
    const context = await browser.newContext({
      baseURL: origin,
      viewport: DESKTOP,
      reducedMotion: "reduce",
      permissions: ["clipboard-read", "clipboard-write"],
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    contexts.push(context);
    const page = await context.newPage();
    watched.push(watch(page, origin, expect));
    await page.addInitScript(countShifts);
    return page;
  }
  return { newPage };
}

function watch(page, origin, expect) {
  const amiss = [];
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type()) || expect?.test(message.text())) return;
    amiss.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => amiss.push(`exception: ${error.stack}`));
  page.on("dialog", (dialog) => {
    amiss.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", () => amiss.push("a window was opened"));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== "blob:") amiss.push(`request to ${request.url()}`);
  });
  return () => amiss;
}

/** Runs in the page: sums up layout shifts that no input caused. */
function countShifts() {
  window.shifted = { total: 0, worst: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.shifted.total += entry.value;
      window.shifted.worst.push({
        value: entry.value,
        nodes: entry.sources.map(({ node }) => node?.className ?? node?.nodeName),
      });
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/**
 * The layout shift score since the page was opened, without what input caused. Below 0.1 is what browsers' makers call
 * good.
 */
export async function shifts(page) {
  return page.evaluate(() => window.shifted);
}

/** Waits until what was told to the page is in a picture, and what follows a picture has happened. */
export const drawn = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))));

/** axe-core's violations of WCAG 2 A and AA, as lines to read. */
export async function violations(page) {
  // The document is loaded before the console has drawn anything: a page without its main part is not judged.
  await page.getByRole("main").waitFor();
  await drawn(page);
  // Through the debugger: the page's own policy would not let it in.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      resultTypes: ["violations"],
    }),
  );
  const lines = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`),
  );
  // What an open menu lies over is no target until the menu is closed.
  const isUnderMenu = (line) => line.startsWith("target-size:") && line.includes("partially obscured");
  return (await page.locator(".menu-list").count()) > 0 ? lines.filter((line) => !isUnderMenu(line)) : lines;
}
