// Screenshots of the real console for the README: `node scripts/screenshots.mjs`. Writes docs/console-*.png.
//
// The demo provider answers, so that nothing in the pictures pretends to be a model's work.

import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { build } from "./build/worker.mjs";
import { inRoot } from "./lib/paths.mjs";
import { main, Problem, say } from "./lib/say.mjs";
import { findChromium } from "./setup/chromium.mjs";

/** Of all pictures together: they are part of every clone. */
const SIZE_MAX_BYTES = 400_000;
const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking " +
  "--disable-component-update --disable-sync";
const PROMPT = `Plan a one-day developer conference for 200 people in Lisbon:
- Find three kinds of venues and what each is good for
- Draft a schedule with eight talks and two workshops
- Estimate the costs per person
- Then compare the venues based on the schedule and the costs`;
/** 16:9, as Cloudflare's gallery of templates wants it (scripts/package/button.mjs). */
const DESKTOP = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 844 };

await main(async () => {
  const executablePath = findChromium();
  if (!executablePath)
    throw new Problem("no Chrome, Chromium or Edge was found: install one, or name it in CHROME_PATH");
  await build();
  const { chromium: playwright } = await import("playwright-core");
  const { startWorker } = await import("../tests/e2e/harness/miniflare.mjs");
  const stateDir = mkdtempSync(path.join(os.tmpdir(), "orchestrator-screenshots-"));
  const worker = await startWorker({ stateDir });
  const browser = await playwright.launch({ executablePath, args: FLAGS.split(" ") });
  try {
    mkdirSync(inRoot("docs"), { recursive: true });
    const sizes = await takeAll(browser, worker.url);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    say(`${sizes.length} screenshots, ${Math.round(total / 1000)} KB`);
    if (total > SIZE_MAX_BYTES) throw new Problem(`the screenshots have ${total} bytes, more than ${SIZE_MAX_BYTES}`);
  } finally {
    await browser.close();
    await worker.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
});

/** The answer first: it is what one comes for, and what the README shows first. */
async function takeAll(browser, url) {
  const dark = await open(browser, { viewport: DESKTOP, colorScheme: "dark" });
  await start(dark, url);
  await dark.locator('.node[data-step="subtask/t1"][data-state="running"]').waitFor();
  await dark.locator('.node[data-state="complete"][data-step^="subtask/"]').first().waitFor();
  const running = await take(dark, "console-running.png");

  const light = await open(browser, { viewport: DESKTOP, colorScheme: "light" });
  await answered(light, dark.url());
  const phone = await open(browser, { viewport: PHONE, colorScheme: "light", isMobile: true, hasTouch: true });
  await answered(phone, dark.url());
  return [await take(light, "console-answer.png"), running, await take(phone, "console-phone.png")];
}

async function answered(page, url) {
  await page.goto(url);
  await page.locator('[data-status="complete"]').waitFor();
  await page.locator('.answer .markdown[data-complete="true"]').waitFor();
}

async function open(browser, options) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  return context.newPage();
}

async function start(page, url) {
  const body = JSON.stringify({ prompt: PROMPT, options: { review: "once" } });
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { id } = await response.json();
  await page.goto(`${url}/workflows/${id}`);
}

async function take(page, name) {
  const file = inRoot("docs", name);
  writeFileSync(file, await page.screenshot());
  return statSync(file).size;
}
