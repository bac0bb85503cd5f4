// What goes wrong on the way: failures, lost connections, a server that dies, hostile and huge answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { error, held, makeGate, plan, text } from "../e2e/emulators/scripts.mjs";
import { startWithOpenai } from "../e2e/support/worker.mjs";
import { startBrowser } from "./support/browser.mjs";
import {
  answer,
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

const { api, emulator, url, crash } = await startWithOpenai();
const { newPage } = await startBrowser(url);

/** A text in many small pieces, which takes about `seconds`. */
const slow = (content, seconds) => {
  // Whole characters: half of one is no text that a model could send.
  const pieces = content.match(/.{1,24}/gsu);
  return text(content, { pieces, pauseMs: Math.ceil((seconds * 1000) / pieces.length) });
};
const WORDS = Array.from({ length: 220 }, (_, index) => `word${index} é🦀`).join(" ");

test("a subtask that fails for good is named where it happened and in the answer", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    if (call.task === "t2")
      return error(401, { error: { message: "No such key.", type: "invalid_request_error", code: "invalid_api_key" } });
    return undefined;
  });
  const page = await newPage();
  await start(page, workflow.prompt());
  await reach(page, "complete");
  await expectText(page.locator(".panel .answer"), "t2 failed");
  await expectText(page.locator(".panel .answer"), "did not accept the API key");
  await page.getByRole("button", { name: "Show t2" }).click();
  await expectText(page.locator(".panel .step"), "Failed for good after 1 attempt");
  await holds(async () => assert.equal(await node(page, "subtask/t2").getAttribute("data-state"), "errored"));
});

test("a workflow that fails says why, and that a restart keeps what is there", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "subtask" ? error(403, { error: { message: "Not for you.", type: "permission_error" } }) : undefined,
  );
  const page = await newPage();
  await start(page, workflow.prompt());
  await reach(page, "errored");
  await expectText(page.locator(".panel .answer"), "The workflow failed.");
});

test("a reload in mid-stream shows the same text again, and it goes on", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.task === "t1" ? slow(WORDS, 5) : undefined;
  });
  const page = await newPage();
  const id = await start(page, workflow.prompt());
  await openStep(page, "subtask/t1");
  const shown = page.locator(".panel .step .markdown");
  await expectText(shown, /word40/);
  const before = await shown.innerText();
  await page.reload();
  await expectText(shown, /word4\d/);
  const after = await shown.innerText();
  assert.ok(after.startsWith(before.slice(0, 200)));
  await reach(page, "complete");
  await page.locator('.panel .step .markdown[data-complete="true"]').waitFor();
  await holds(async () => assert.ok((await shown.innerText()).trim() === WORDS, "the text is whole"));
  assert.ok((await api.get(`/${id}`)).json.status.steps[1].output === WORDS, "as STATUS has it");
});

test("a server that is killed in mid-stream and comes back is found again without a reload", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.task === "t1" && call.number === 1 ? slow(WORDS, 20) : undefined;
  });
  const page = await newPage({ expect: /ERR_|Failed to load|status of 50/ });
  await start(page, workflow.prompt());
  await openStep(page, "subtask/t1");
  await expectText(page.locator(".panel .step .markdown"), /word10/);
  let navigations = 0;
  page.on("framenavigated", () => navigations++);
  await crash();
  await reach(page, "complete", 30_000);
  assert.equal(navigations, 0);
  await openTab(page, "Log");
  await expectText(page.locator(".log"), "the server restarted during attempt 1");
});

test("a lost connection is told discreetly, and tried again at once on demand", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.step === "synthesis" ? held(gate, text("Last words.")) : undefined,
  );
  const page = await newPage({ expect: /ERR_|Failed to load/ });
  const id = await start(page, workflow.prompt());
  await stepState(page, "synthesis", "running");
  // A stream that is under way can't be cut from here: a reload meets a network that is gone.
  await page.route(`**/${id}/events*`, (route) => route.abort());
  await page.reload();
  // Long enough before the next try that it is not by itself that it comes.
  await expectText(page.locator(".toast"), /Connection lost.*in [3-9] s/);
  await page.unroute(`**/${id}/events*`);
  await page.getByRole("button", { name: "Try now" }).click();
  gate.open();
  await reach(page, "complete");
  await holds(async () => assert.equal(await page.locator(".toast").count(), 0));
});

test("where too many read a workflow's events already the page says so, and asks again on demand", async () => {
  const workflow = emulator.workflow();
  const id = await api.submit(workflow.prompt());
  await api.reach(id, "complete");
  const title = "Too many clients read the workflow's events";
  const type = "urn:orchestrator-workers:problem:too-many-subscribers";
  const page = await newPage({ expect: /429/ });
  await page.route(`**/${id}/events*`, (route) =>
    route.fulfill({
      status: 429,
      contentType: "application/problem+json",
      headers: { "retry-after": "60" },
      body: JSON.stringify({ type, title, status: 429, detail: "100 clients read", subscribers_max: 100 }),
    }),
  );
  await page.goto(`/${id}`);
  await expectText(page.locator(".toast"), title);
  await expectText(page.locator(".toast"), /Trying again in \d\d s\./);
  await page.unroute(`**/${id}/events*`);
  await page.getByRole("button", { name: "Try now" }).click();
  await reach(page, "complete");
  await holds(async () => assert.equal(await page.locator(".toast").count(), 0));
});

test("an id that is deleted and used again shows the new workflow, and nothing of the old one", async () => {
  const [old, anew] = [
    ["t1", "t2", "t3"],
    [{ id: "t1", title: "Anew" }, "t2"],
  ].map((tasks) => emulator.workflow((call) => (call.step === "plan" ? plan(tasks) : undefined)));
  const page = await newPage();
  const id = await start(page, old.prompt(), { approval: true });
  const titles = page.locator("fieldset.task").getByLabel("Title");
  await titles.first().fill("Edited for the old one");
  // The page comes back once the new one waits, too.
  const gate = makeGate();
  await page.route(`**/${id}/events*`, async (route) => {
    await gate.opened;
    await route.continue();
  });
  assert.equal((await api.request("DELETE", `/${id}`)).status, 204);
  await api.submit({ id, prompt: anew.prompt(), options: { approval: "plan" } });
  await api.reach(id, "waiting");
  gate.open();
  await until("the new plan is there", async () => (await titles.count()) === 2);
  await holds(async () =>
    assert.equal(await titles.first().inputValue(), "Anew", "what was edited is of the old plan"),
  );
  await page.getByRole("button", { name: "Approve 2 subtasks" }).click();
  await reach(page, "complete");
  await openTab(page, "Log");
  const { status } = (await api.get(`/${id}`)).json;
  await holds(async () =>
    assert.deepEqual(
      await page.locator(".node").evaluateAll((nodes) => nodes.map((one) => [one.dataset.step, one.dataset.state])),
      status.steps.map((step) => [step.name, step.state]),
    ),
  );
  assert.equal(old.count("subtask"), 0);
});

const HOSTILE = `# Answer <script>window.hacked = 1</script>

<script>window.hacked = 2</script>
<img src="http://evil.invalid/a.png" onerror="window.hacked = 3">
<img src=x onerror=window.hacked=4>

![picture](http://evil.invalid/b.png "title")
<svg onload="window.hacked = 5"><use href="http://evil.invalid/c.svg#x"/></svg>
<iframe src="http://evil.invalid/d"></iframe><object data="http://evil.invalid/e"></object>\
<embed src="http://evil.invalid/f">
<style>@import "http://evil.invalid/g.css"; body { display: none }</style>\
<link rel="stylesheet" href="http://evil.invalid/h.css">
<meta http-equiv="refresh" content="0; url=http://evil.invalid/i"><base href="http://evil.invalid/">
<form action="http://evil.invalid/j"><input name="token" autofocus onfocus="window.hacked = 6">\
<button>Log in</button></form>
<a href="javascript:window.hacked = 7">raw link</a> <a href="data:text/html,<script>1</script>">data</a> \
<div id="root" name="prompt" style="position:fixed;inset:0;background:url(http://evil.invalid/k)">cover</div>
<video src="http://evil.invalid/l" autoplay></video><audio src="http://evil.invalid/m"></audio>\
<math><mtext><style><img src=x onerror=window.hacked=8></style></mtext></math>

[markdown link](javascript:window.hacked=9) [vb](vbscript:x) [relative](/other) [good](https://example.com/page)

\`\`\`"><img src=x onerror=window.hacked=10>
code
\`\`\`

\`\`\`html
<script>window.hacked = 11</script><img src="http://evil.invalid/n">
\`\`\`

| a | b |
| --- | --- |
| <img src=x onerror=window.hacked=12> | ok |

The end <b onclick="window.hacked=13">of it</b>.`;

test("a hostile answer runs nothing and loads nothing, while it streams and after", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan([{ id: "t1", title: "<img src=x onerror=window.hacked=20>" }, "t2"]);
    return call.task === "t1" ? slow(HOSTILE, 1.5) : text(HOSTILE);
  });
  const page = await newPage();
  await start(page, `<img src=x onerror=window.hacked=21> ${workflow.prompt()}`);
  await openStep(page, "subtask/t1");
  await reach(page, "complete");
  await expectText(page.locator(".panel .step .markdown"), "The end");
  await openTab(page, "Answer");
  await wholeAnswer(page);
  await expectText(answer(page), "The end");
  const found = await answer(page).evaluate((root) => ({
    hacked: window.hacked,
    // What the page itself puts beside a heading is no text of the model's.
    elements: [...root.querySelectorAll("*")]
      .filter((element) => !element.closest(".section-tool"))
      .map((element) => element.localName)
      .filter((name) =>
        /^(script|img|svg|iframe|object|embed|style|link|meta|base|form|input|button|video|audio|math)$/.test(name),
      ),
    attributes: [...root.querySelectorAll("*")]
      .filter((element) => !element.closest(".section-tool"))
      .flatMap((element) => element.getAttributeNames())
      .filter((name) => /^on|^(style|id|name|src|srcset|action)$/.test(name)),
    links: [...root.querySelectorAll("a[href]")].map((link) => link.getAttribute("href")),
    rel: [...root.querySelectorAll("a[href]")].every((link) => /noopener/.test(link.rel) && link.target === "_blank"),
  }));
  assert.deepEqual(found, {
    hacked: undefined,
    elements: [],
    attributes: [],
    links: ["http://evil.invalid/b.png", "https://example.com/page"],
    rel: true,
  });
  await expectText(answer(page).locator("pre").last(), "<script>window.hacked = 11</script>");
});

test("an answer of 200 KB streams and is read to its end, and the page stays quick", async () => {
  const section = (n) =>
    `## Section ${n}\n\n${"Some **bold** words and `code` with [a link](https://example.com). ".repeat(12)}\n\n` +
    `\`\`\`rust\nfn section_${n}() -> u32 { ${n} }\n\`\`\`\n\n- one\n- two\n\n`;
  const huge = Array.from({ length: 230 }, (_, n) => section(n)).join("");
  assert.ok(huge.length > 200_000);
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.step === "synthesis" ? text(huge, { pieces: huge.match(/[\s\S]{1,2000}/g), pauseMs: 15 }) : undefined;
  });
  const page = await newPage();
  await page.addInitScript(() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
    }).observe({ type: "longtask" });
  });
  await start(page, workflow.prompt());
  await reach(page, "complete", 40_000);
  await page.locator('.panel .answer .markdown[data-complete="true"]').waitFor();
  const { headings, highlighted, longest } = await page.evaluate(() => ({
    headings: document.querySelectorAll(".answer h2").length,
    highlighted: document.querySelectorAll(".answer code[data-highlighted]").length,
    longest: window.longest,
  }));
  console.log(`figure: 200 KB answer: the page was busy for at most ${Math.round(longest)} ms at a time`);
  assert.deepEqual([headings, highlighted], [230, 230]);
  assert.ok(longest < 3000, `${longest} ms`);
});

test("a plan of fifty subtasks is drawn, every node in its place, and runs", async () => {
  const tasks = Array.from({ length: 50 }, (_, index) => ({
    id: `t${index + 1}`,
    depends_on:
      index < 20
        ? []
        : [`t${index - 19}`, `t${((index * 7) % 20) + 1}`].filter((id, at, all) => all.indexOf(id) === at),
  }));
  const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(tasks) : undefined));
  const page = await newPage();
  await start(page, workflow.prompt(), { subtasks: 50 });
  await reach(page, "complete", 60_000);
  await holds(async () => assert.equal(await page.locator(".node").count(), 52));
  await holds(async () => assert.equal(await page.locator(".lane[data-lane]").count(), 52));
  const boxes = await page
    .locator(".node")
    .evaluateAll((nodes) =>
      nodes
        .map((one) => one.getBoundingClientRect())
        .map(({ left, top, right, bottom }) => ({ left, top, right, bottom })),
    );
  const overlapping = boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter((b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1),
  );
  assert.equal(overlapping.length, 0, "no two nodes overlap");
  await page.locator(".node").nth(40).click();
  await expectText(page.locator(".panel .step"), "Title of t40");
  await expectText(page.locator('.panel .step .markdown[data-complete="true"]'), /Answer of t40/);
});

test("a truncated synthesis is continued, and the log says so", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    if (call.step !== "synthesis") return undefined;
    return call.number === 1 ? text("First half, ", { finish: "length" }) : text("second half.");
  });
  const page = await newPage();
  await start(page, workflow.prompt());
  await reach(page, "complete");
  await wholeAnswer(page, /First half, second half\./);
  await openTab(page, "Log");
  await until("the log names it", async () =>
    /stopped at its limit of tokens/.test(await page.locator(".log").innerText()),
  );
});
