// The pure parts of the door for MCP: ranges and outlines, arguments, results that fit, headers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checked, ToolError } from "../../src/doors/mcp/arguments.js";
import { TOOLS } from "../../src/doors/mcp/definitions.js";
import { Story } from "../../src/doors/mcp/progress.js";
import { isModern, RpcError } from "../../src/doors/mcp/protocol.js";
import { Characters, cut, outlineOf } from "../../src/doors/mcp/text.js";
import { resultOf } from "../../src/doors/mcp/view.js";

const STATUS = {
  status: "complete",
  error: null,
  mode: { asked: "auto", chosen: "split", reason: null },
  plan: null,
  answer: { words: 3, limit: null, reviewed: false },
  start: "2026-11-27T10:00:00.000Z",
  end: "2026-11-27T10:01:00.000Z",
  warnings: [],
  steps: [
    { name: "plan", title: "Plan", state: "complete" },
    { name: "subtask/t1", title: "One", state: "complete", output: "Part one." },
  ],
  usage: { model_calls: 3, total_tokens: 1200, estimated: true },
};
const answered = (finalResult, more = {}) => ({ ...STATUS, output: { finalResult }, ...more });
const ASKED = { part: "answer", start: 0, max_chars: 8_000 };

test("characters are code points", () => {
  const text = new Characters("a🎉b");
  assert.deepEqual([text.length, text.slice(1, 2), text.slice(2, 9)], [3, "🎉", "b"]);
  assert.equal(new Characters("abc").slice(1, 2), "b");
  assert.equal(cut("🎉🎉🎉", 2), "🎉…");
});

test("an outline has the headings and what stands under each, but no lines of code", () => {
  const text =
    "Lead 🎉\n# One\ntext\n```sh\n# no heading\n```\n## Two ##\n~~~~\n# none\n~~~\n# none\n~~~~\n#hash\n### Three";
  const outline = outlineOf(text);
  assert.deepEqual(
    outline.map(({ title, level }) => [title, level]),
    [
      ["One", 1],
      ["Two", 2],
      ["Three", 3],
    ],
  );
  const characters = new Characters(text);
  assert.ok(characters.slice(outline[1].start, outline[1].end).startsWith("## Two ##\n~~~~"));
  assert.equal(characters.slice(outline[2].start, outline[2].end), "### Three");
  assert.equal(outline.at(-1).end, characters.length);
  assert.deepEqual(outlineOf(""), []);
  assert.deepEqual(outlineOf("no headings\nat all"), []);
});

test("both forms of a result fit, whatever the text is made of, and their ranges join", () => {
  for (const text of [
    "x".repeat(50_000),
    '"\\\n'.repeat(10_000),
    "🎉".repeat(20_000),
    "\u0001".repeat(9_000),
    Array.from({ length: 500 }, (_, n) => `# A heading that is rather long, number ${n}\n\ntext`).join("\n"),
  ])
    for (const most of [2_000, 8_000, 30_000]) {
      const characters = new Characters(text);
      let joined = "";
      for (let at = 0; at < characters.length; ) {
        const { content, structuredContent } = resultOf("id", answered(text), { ...ASKED, start: at, max_chars: most });
        assert.ok(JSON.stringify(structuredContent).length <= most);
        assert.ok(content.reduce((sum, block) => sum + (block.text ?? JSON.stringify(block)).length, 0) <= most);
        const { end, text: piece } = structuredContent.answer;
        assert.ok(end > at, `${most}: nothing is read at ${at}`);
        assert.ok(content[0].text.endsWith(piece));
        joined += piece;
        at = end;
      }
      assert.equal(joined, text);
    }
});

test("a short answer is whole and has no outline; a step is read by its name or its id", () => {
  const status = answered("# All\n\nof it");
  const { answer, next } = resultOf("id", status, ASKED).structuredContent;
  assert.deepEqual([answer.whole, answer.outline, answer.text], [true, undefined, "# All\n\nof it"]);
  assert.match(next, /whole.*follow_up/);
  // Its parts are told, to be read.
  const { content, structuredContent } = resultOf("id", status, ASKED);
  assert.deepEqual(structuredContent.steps, [{ name: "subtask/t1", title: "One", state: "complete" }]);
  assert.match(content[0].text, /- subtask\/t1 \(One\): complete/);
  for (const part of ["t1", "subtask/t1"]) {
    const { answer: step } = resultOf("id", status, { ...ASKED, part }).structuredContent;
    assert.deepEqual(
      [step.part, step.text, step.uri],
      ["subtask/t1", "Part one.", "orchestrator://workflows/id/subtasks/t1"],
    );
  }
  assert.throws(() => resultOf("id", status, { ...ASKED, part: "t2" }), /no step "t2"/);
  assert.throws(() => resultOf("id", status, { ...ASKED, start: 99 }), ToolError);
  assert.throws(
    () => resultOf("id", { ...STATUS, output: null, status: "running" }, { ...ASKED, start: 5 }),
    /no text/,
  );
});

test("errors, warnings and limits of a run are told", () => {
  const error = { name: "AllSubtasksFailed", message: "no subtask has an answer" };
  const warnings = [{ step: "subtask/t1", reason: "failed", message: "it failed" }];
  const { content, structuredContent } = resultOf(
    "id",
    { ...STATUS, status: "errored", output: null, error, warnings },
    ASKED,
  );
  assert.deepEqual([structuredContent.error, structuredContent.done], [error, true]);
  for (const words of [/AllSubtasksFailed: no subtask/, /Warning: subtask\/t1: it failed/, /errored/])
    assert.match(content[0].text, words);
});

test("arguments: null is absent, and what is wrong is named with its place", () => {
  const { inputSchema } = TOOLS.find(({ name }) => name === "start_workflow");
  assert.deepEqual(checked({ prompt: "x", mode: null }, inputSchema), { prompt: "x" });
  for (const [args, words] of [
    [{ prompt: "x", tasks: [{ instructions: "a" }, { instructions: "b", more: 1 }] }, "tasks[1].more"],
    [{ prompt: "x", tasks: [{ instructions: "a", depends_on: [1] }] }, "tasks[0].depends_on[0] is 1"],
    [JSON.parse('{"prompt": "x", "__proto__": 1}'), "no argument __proto__"],
    [{ prompt: "x", constructor: 1 }, "no argument constructor"],
    [{ prompt: "x", max_subtasks: 51 }, "max_subtasks is 51: expected a whole number from 1 to 50"],
    [{ prompt: "x", max_subtasks: 1.5 }, "max_subtasks is 1.5"],
    [{ prompt: "x", output_schema: [] }, "output_schema is []: expected an object"],
  ])
    assert.throws(
      () => checked(args, inputSchema),
      (error) => error instanceof ToolError && error.message.includes(words),
      words,
    );
});

test("the era is told by the body or by the header", () => {
  const era = (meta, headers = {}, method = "tools/list") =>
    isModern({ method, params: { _meta: meta } }, new Headers(headers));
  const META = "io.modelcontextprotocol/";
  const full = { [`${META}protocolVersion`]: "2026-07-28", [`${META}clientCapabilities`]: {} };
  const named = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list" };
  assert.equal(era(undefined), false);
  assert.equal(era({ progressToken: 1 }, { "mcp-protocol-version": "2025-06-18" }), false);
  assert.equal(era(undefined, { "mcp-protocol-version": "1999-01-01" }, "initialize"), false);
  assert.equal(era(full, named), true);
  for (const [meta, headers, code] of [
    [undefined, named, -32602],
    [{ ...full, [`${META}clientCapabilities`]: 1 }, named, -32602],
    [{ ...full, [`${META}protocolVersion`]: 3 }, named, -32602],
    [full, {}, -32020],
    [undefined, { "mcp-protocol-version": "1999-01-01" }, -32022],
  ])
    assert.throws(
      () => era(meta, headers),
      (error) => error instanceof RpcError && error.code === code && error.status === 400,
    );
});

test("what happens is told in words", () => {
  const story = new Story();
  const say = (type, more) => story.learn({ type, ...more });
  const tasks = [
    { id: "t1", title: "Rivers" },
    { id: "t2", title: "Lakes" },
  ];
  assert.equal(say("attempt_completed", { step: "plan" }), "The plan is done");
  assert.equal(say("plan_accepted", { plan: { tasks } }), "The plan has 2 subtasks");
  assert.equal(say("attempt_started", { step: "subtask/t1" }), "subtask/t1 (Rivers) is being written");
  assert.equal(say("attempt_completed", { step: "subtask/t1" }), "subtask/t1 (Rivers) is done (1 of 2 subtasks)");
  const error = { message: "no" };
  assert.equal(
    say("step_errored", { step: "subtask/t2", error }),
    "subtask/t2 (Lakes) has failed: no (2 of 2 subtasks)",
  );
  assert.equal(say("attempt_lost", { step: "synthesis" }), "The answer did not succeed, and is tried again");
  assert.equal(say("workflow_completed"), "The workflow is completed");
  assert.match(story.now(), /completed; it goes on/);
});
