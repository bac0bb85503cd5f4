// What checks of answers may use: words and code as the engine reads them, JSON, and a sandbox for programs.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { runCheck } from "../../scripts/eval/check.mjs";
import { linesOf } from "../../scripts/eval/markdown.mjs";
import { OUTPUT_BYTES_MAX } from "../../scripts/eval/sandbox.mjs";
import { tools } from "../../scripts/eval/tools.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";

const { codeBlocks, words, json, runNode } = tools;
const rust = (name) => readFileSync(inRoot("src/engine/answer", name), "utf8");
const unquoted = (literal) => JSON.parse(`"${literal}"`);

test("words are counted as the engine counts them, by the engine's own examples", () => {
  const source = rust("length.rs");
  const table = source.slice(source.indexOf("fn words_are_counted_in_several_languages"));
  const examples = [
    ...table.matchAll(/^ {12}\("((?:[^"\\]|\\.)*)", (\d+)\),$/gm),
    ...source.matchAll(/assert_eq!\(prose_words\("((?:[^"\\]|\\.)*)"\), (\d+)\)/g),
  ].map(([, text, count]) => [unquoted(text), Number(count)]);
  assert.ok(examples.length >= 16, `only ${examples.length} examples were found`);
  for (const [text, count] of examples) assert.equal(words(text), count, text);
  assert.equal(words("one two\n\n```rust\nfn main() {}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nthree\n"), 3);
});

test("code fences are the engine's, by its own example", () => {
  const [, text, expected] = /let text = "([^\n]*)";[\s\S]*?let expected = \[([^\]]*)\]/.exec(
    rust("fences.rs").replace(/\s+/g, (space) => (space.includes("\n") ? " " : space)),
  );
  const found = [...linesOf(unquoted(text))].map(({ code }) => code);
  assert.deepEqual(
    found,
    expected
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean)
      .map((word) => word === "true"),
  );
});

test("a code block has the name that stands in its fence or right before it", () => {
  const of = (text) => codeBlocks(text).map(({ file }) => file);
  for (const [text, file] of [
    ["```ts src/a.ts\n```", "src/a.ts"],
    ["```ts:src/a.ts\n```", "src/a.ts"],
    ['```ts title="a.test.ts"\n```', "a.test.ts"],
    ["```js file=a.mjs\n```", "a.mjs"],
    ["## `src/b.ts`\n\n```ts\n```", "src/b.ts"],
    ["### src/b.ts\n```ts\n```", "src/b.ts"],
    ["**b.ts**\n\n```ts\n```", "b.ts"],
    ["**File: `./src/b.ts`**\n\n```ts\n```", "src/b.ts"],
    ["Then the tests, in `b.test.ts`:\n\n```ts\n```", "b.test.ts"],
    ["b.ts:\n```ts\n```", "b.ts"],
    ["Run this. It is simple:\n```sh\n```", null],
    ["```ts\n```", null],
    ["Version 2.0 is old.\n```ts\n```", null],
  ])
    assert.deepEqual(of(text), [file], text);
  assert.deepEqual(of("`a.ts`\n```ts\n```\n```ts\n```"), ["a.ts", null], "a name is for one block");
});

test("a code block's text is what stands between the fences, also where the last one is open", () => {
  const answer = "a\n````md\n```js\nx\n```\n````\n  ~~~ json\n  {}\n  ~~~\n```\nopen";
  assert.deepEqual(codeBlocks(answer), [
    { info: "md", file: null, text: "```js\nx\n```\n" },
    { info: "json", file: null, text: "  {}\n" },
    { info: "", file: null, text: "open\n" },
  ]);
});

test("JSON is found whole, in a block and in prose", () => {
  for (const [answer, value] of [
    ['{"a": 1}', { a: 1 }],
    [" [1, 2]\n", [1, 2]],
    ['Here:\n```js\nlet x;\n```\n```json\n{"a": {"b": "}"}}\n```', { a: { b: "}" } }],
    ['Sure {not this}: {"a": "\\"}"} and [1]', { a: '"}' }],
    ["nothing {of the kind", undefined],
    ["", undefined],
  ])
    assert.deepEqual(json(answer), value, answer);
});

const program = (text, more = {}) => runNode({ files: { "main.mjs": text }, ...more });

test("a program runs in its folder, with files, arguments and TypeScript", async () => {
  const files = {
    "main.mjs": `import fs from "node:fs"; import { twice } from "./lib/twice.ts";
fs.writeFileSync("out.txt", "x"); console.log(twice(Number(process.argv[2])), fs.readdirSync(".").join());`,
    "lib/twice.ts": "export const twice = (n: number): number => 2 * n;",
  };
  const result = await runNode({ files, args: ["main.mjs", "21"] });
  const stdout = "42 lib,main.mjs,out.txt,package.json\n";
  assert.deepEqual(result, { code: 0, stdout, stderr: "", timedOut: false, tooMuchOutput: false });
  assert.equal((await program("process.exit(3)")).code, 3);
});

test("a program can't read, write, spawn or look around outside its folder", async () => {
  const outside = mkdtempSync(path.join(tmpdir(), "orchestrator-outside-"));
  const target = JSON.stringify(path.join(outside, "written"));
  for (const [what, text] of [
    ["read", 'import fs from "node:fs"; console.log(fs.readFileSync("/etc/passwd", "utf8"));'],
    ["look", 'import fs from "node:fs"; console.log(fs.readdirSync("/"));'],
    ["write", `import fs from "node:fs"; fs.writeFileSync(${target}, "x");`],
    [
      "link",
      'import fs from "node:fs"; fs.symlinkSync("/etc/passwd", "l"); console.log(fs.readFileSync("l", "utf8"));',
    ],
    ["spawn", 'import { execSync } from "node:child_process"; console.log(String(execSync("id")));'],
    ["fork", 'import { fork } from "node:child_process"; fork("./main.mjs");'],
    ["work", 'import { Worker } from "node:worker_threads"; new Worker("1", { eval: true });'],
    ["kill", "process.kill(process.ppid, 9);"],
  ]) {
    const { code, stdout, stderr } = await program(text);
    assert.deepEqual([code, stdout], [1, ""], `${what}: ${stderr}`);
    assert.match(stderr, /ERR_ACCESS_DENIED|has been restricted/, what);
  }
  assert.deepEqual(readdirSync(outside), []);
  rmSync(outside, { recursive: true });
});

test("a program has none of our variables", async () => {
  process.env.EVAL_SANDBOX_SECRET = "secret";
  const { stdout } = await program("console.log(JSON.stringify(process.env))");
  delete process.env.EVAL_SANDBOX_SECRET;
  assert.doesNotMatch(stdout, /secret|EVAL_|API_KEY/);
});

test("a program that connects somewhere out of habit gets nowhere", async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.end("here");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = JSON.stringify(`http://127.0.0.1:${server.address().port}/`);
  for (const text of [
    `await fetch(${url});`,
    `import http from "node:http"; http.get(${url});`,
    `import net from "node:net"; net.connect(new URL(${url}).port);`,
    'import net from "node:net"; net.createServer().listen(0);',
    'import dns from "node:dns"; dns.lookup("localhost", console.log);',
  ])
    assert.equal((await program(text)).code, 1, text);
  server.close();
  assert.equal(asked, 0);
});

test("a program is ended at its time, its output, its memory and the size of its files", async () => {
  const loops = await program("for (;;);", { timeoutMs: 300 });
  assert.deepEqual([loops.code, loops.timedOut], [null, true]);
  const prints = await program('for (let i = 0; i < 100; i++) process.stdout.write("x".repeat(1e6));');
  assert.deepEqual([prints.code, prints.tooMuchOutput], [null, true]);
  assert.ok(prints.stdout.length <= OUTPUT_BYTES_MAX);
  const grows = await program("const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()));");
  assert.notEqual(grows.code, 0);
  assert.match(grows.stderr, /heap/);
  const writes = await program(`import fs from "node:fs";
for (let i = 0; i < 100; i++) fs.appendFileSync("big", Buffer.alloc(1e6));`);
  assert.equal(writes.code, 1);
  assert.match(writes.stderr, /EFBIG/);
});

test("a program that loops for ever ends even where whoever would end it is gone", async () => {
  const { stdout, stderr } = await program(
    "console.log(JSON.stringify(process.report.getReport().userLimits.cpu_time_seconds));",
  );
  const { soft, hard } = JSON.parse(stdout || "{}");
  assert.deepEqual([Number(soft), Number(hard)], [120, 120], stderr);
});

test("a check that fails itself has a problem, whatever it does, and the eval goes on", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "orchestrator-checks-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "check.mjs");
  const run = (text, ms) => {
    writeFileSync(file, text);
    return runCheck(file, "answer", ms);
  };
  const good = 'export const check = (answer) => [{ name: answer, passed: true, detail: "" }];';
  assert.deepEqual(await run(good), { checks: [{ name: "answer", passed: true, detail: "" }] });
  for (const [text, problem, ms] of [
    ["export function check() { throw null; }", /^it threw null$/],
    ["export function check() { throw new Error('no'); }", /^no$/],
    ["export function check() { return new Promise(() => {}); }", /^it ended without a result$/],
    ["export function check() { process.exit(0); }", /^it ended without a result$/],
    ["export function check() { for (;;); }", /^it was not done after 0\.5 s$/, 500],
    ["export function check() { return new Promise(() => setInterval(() => {}, 9)); }", /^it was not done/, 500],
    ["export function check() { setTimeout(() => { throw null; }); return new Promise(() => {}); }", /^it threw null$/],
    ["export function check() { return [{ name: 'x', passed: true, detail: () => {} }]; }", /could not be cloned/],
    ["export function check() { return [null]; }", /^it gives no list of/],
    ["export function check() { return []; }", /^it gives no list of/],
    ["export const x = 1;", /^it exports no function check$/],
    ["export {", /Unexpected end of input/],
  ])
    assert.match((await run(text, ms)).problem ?? "none", problem, text);
});

test("a program leaves nothing behind", async () => {
  const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith("orchestrator-check-"));
  const before = left();
  const { stdout } = await program("console.log(process.cwd())");
  assert.ok(stdout.includes("orchestrator-check-"));
  assert.ok(!existsSync(stdout.trim()));
  assert.deepEqual(left(), before);
});

test("names of files that leave the folder are the caller's error", async () => {
  for (const name of ["../a.mjs", "/tmp/a.mjs"])
    await assert.rejects(runNode({ files: { "a.mjs": "", [name]: "" } }), /leaves the folder/);
  await assert.rejects(runNode({ files: { "a.mjs": "" }, args: ["--eval", "1"] }), /none of the files/);
});
