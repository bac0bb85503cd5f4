// The list of a tenant's workflows: what it shows, whose it is, how it is searched, and that nothing of what was
// deleted stays in it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { error, hang, held, makeGate, text } from "./emulators/scripts.mjs";
import { Api, assertProblem } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import { allTables, editJournal, indexFiles, objectFiles } from "./support/storage.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const TENANTS = ["alice", "bob", "carol", "dora", "erin", "fritz", "gina", "hugo"];
const tokenOf = (name) => `${name}-0123456789abcdef0123456789`;
const worker = await startWithOpenai({
  vars: { API_TOKENS: TENANTS.map((name) => `${name}:${tokenOf(name)}`).join() },
  platform: true,
});
const bare = await startWithOpenai({ index: false });
const deletions = await startWithOpenai();
const healing = await startWithOpenai();
const reused = await startWithOpenai();
const apiOf = (name) => new Api(worker.url, tokenOf(name));
const { emulator } = worker;

const listed = async (api, query = "") => {
  const answer = await api.get(`/workflows${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const idsOf = ({ workflows }) => workflows.map(({ id }) => id);
/** The list once it is as it should be: it is told after the fact. */
const settled = (api, query, isRight) =>
  eventually(`the list ${query} is right`, async () => {
    const list = await listed(api, query);
    return isRight(list) ? list : null;
  });

test("an entry says how a workflow stands, from its beginning to its end", async () => {
  const api = apiOf("alice");
  assert.deepEqual((await listed(api)).workflows, []);
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "subtask" ? held(gate, text("Answer.")) : undefined));
  const prompt = `${workflow.prompt()} ${"é".repeat(300)}`;
  await api.submit({ id: "one", prompt, metadata: { team: "shop" } });
  const running = await settled(api, "", ({ workflows: [entry] }) => entry?.mode.chosen === "split");
  const [entry] = running.workflows;
  const { prompt: excerpt, queued, start, updated, ...rest } = entry;
  assert.equal(excerpt, [...prompt].slice(0, 200).join(""));
  assert.ok(queued <= start && start <= updated);
  assert.equal(rest.status, "running");
  assert.deepEqual([rest.id, rest.run, rest.error, rest.end, rest.parent], ["one", 1, null, null, null]);
  assert.deepEqual([rest.metadata, rest.children, rest.warnings], [{ team: "shop" }, 0, 0]);
  assert.deepEqual(rest.mode, { asked: "auto", chosen: "split" });
  assert.deepEqual(running.counts.running, 1);
  gate.open();
  const status = await api.reach("one", "complete");
  const ended = await settled(api, "", ({ workflows: [entry] }) => entry.status === "complete");
  const [after] = ended.workflows;
  assert.deepEqual([after.end, after.usage], [status.end, status.usage]);
  assert.deepEqual(after.subtasks, { done: status.plan.tasks.length, planned: status.plan.tasks.length });
  assert.deepEqual([ended.counts.running, ended.counts.complete, ended.next], [0, 1, null]);
  // A restart shows, and so does what a person decides.
  assert.equal((await api.post("/one/restart")).status, 200);
  await settled(api, "", ({ workflows: [entry] }) => entry.status === "complete" && entry.run === 2);
});

test("a workflow that waits, is paused, fails or is terminated is found by its status", async () => {
  const api = apiOf("bob");
  const failing = emulator.workflow(() => error(400, { error: { message: "No." } }));
  const hanging = emulator.workflow(() => hang());
  await api.submit({ id: "waits", prompt: emulator.workflow().prompt(), options: { approval: "plan" } });
  await api.submit({ id: "fails", prompt: failing.prompt() });
  await api.submit({ id: "stops", prompt: hanging.prompt() });
  await api.submit({ id: "done", prompt: emulator.workflow().prompt() });
  await api.post("/stops/terminate");
  const expected = { waiting: ["waits"], errored: ["fails"], terminated: ["stops"], complete: ["done"] };
  for (const [status, ids] of Object.entries(expected)) {
    const list = await settled(api, `?status=${status}`, (list) => idsOf(list).length === 1);
    assert.deepEqual(idsOf(list), ids, status);
    assert.equal(list.counts[status], 1);
  }
  const two = await listed(api, "?status=errored,waiting");
  assert.deepEqual(idsOf(two).sort(), ["fails", "waits"]);
  assert.deepEqual(idsOf(await listed(api, "?status=running")), []);
  const [failed] = (await listed(api, "?status=errored")).workflows;
  assert.equal(failed.error, (await api.status("fails")).error.name);
  await api.post("/waits/approve");
  await settled(api, "?status=complete", (list) => idsOf(list).includes("waits"));
});

test("metadata, words, times and a parent narrow the list, and pages follow each other", async () => {
  const api = apiOf("carol");
  const before = new Date().toISOString();
  const prompt = (words) => `${words} ${emulator.workflow().prompt()}`;
  for (let number = 0; number < 7; number += 1) {
    const metadata = { color: ["red", "green"][number % 2], "a.b": "c d&é" };
    const words = ["Straße nach Köln", "Compare SQLite", "日本語の要約"][number % 3];
    await api.submit({ id: `w${number}`, prompt: prompt(words), metadata });
  }
  const all = await settled(api, "", ({ counts }) => counts.complete === 7);
  assert.deepEqual(idsOf(all), ["w6", "w5", "w4", "w3", "w2", "w1", "w0"]);
  for (const [query, ids] of [
    ["?metadata.color=red", ["w6", "w4", "w2", "w0"]],
    ["?metadata.color=red&metadata.a.b=c%20d%26%C3%A9", ["w6", "w4", "w2", "w0"]],
    ["?metadata.color=re", []],
    ["?metadata.color=green&status=complete&q=sqlite", ["w1"]],
    ["?q=STRASSE", []],
    ["?q=STRA%C3%9FE%20k%C3%B6ln", ["w6", "w3", "w0"]],
    ["?q=%E8%A6%81%E7%B4%84", ["w5", "w2"]],
    ["?q=sqlite%20straße", []],
    [`?created_before=${before}`, []],
    [`?created_after=${before}&q=compare`, ["w4", "w1"]],
  ])
    assert.deepEqual(idsOf(await listed(api, query)), ids, query);
  const seen = [];
  for (let query = "?limit=3"; query !== null; ) {
    const page = await listed(api, query);
    seen.push(...idsOf(page));
    query = page.next && `?limit=3&cursor=${page.next}`;
    // What comes and goes between two pages moves nothing.
    if (seen.length === 3) {
      await api.submit({ id: "late", prompt: prompt("Late") });
      await settled(api, "", (list) => idsOf(list).includes("late"));
      assert.equal((await api.request("DELETE", "/w4")).status, 204);
      await settled(api, "", (list) => !idsOf(list).includes("w4"));
    }
  }
  assert.deepEqual(seen, idsOf(all));
  for (const [query, word] of [
    ["?limit=0", "limit"],
    ["?status=finished", "status"],
    ["?staus=errored", "staus"],
    ["?cursor=abc", "cursor"],
    ["?created_after=yesterday", "created_after"],
  ])
    assert.match(assertProblem(await api.get(`/workflows${query}`), 400, "invalid-request").detail, RegExp(word));
});

test("follow-ups are listed, counted and deleted as a chain", async () => {
  const api = apiOf("dora");
  const submit = async (id, parent) => {
    await api.submit({ id, prompt: emulator.workflow().prompt(), ...(parent ? { follow_up_to: parent } : {}) });
    await api.reach(id, "complete");
  };
  await submit("first");
  await submit("second", "first");
  await submit("other", "first");
  await submit("third", "second");
  await submit("apart");
  await settled(api, "", ({ counts }) => counts.complete === 5);
  const { urls } = await api.status("first");
  assert.equal(urls.follow_ups, "/workflows?parent=first");
  assert.deepEqual(idsOf((await api.get(urls.follow_ups)).json), ["other", "second"]);
  const entries = Object.fromEntries((await listed(api)).workflows.map((entry) => [entry.id, entry]));
  assert.deepEqual([entries.first.children, entries.second.children, entries.third.children], [2, 1, 0]);
  assert.deepEqual([entries.third.parent, entries.first.parent], ["second", null]);
  assert.equal((await api.request("DELETE", "/workflows/first?follow_ups=true")).status, 204);
  for (const id of ["first", "second", "third", "other"]) assertProblem(await api.get(`/${id}`), 404);
  await settled(api, "", (list) => idsOf(list).join() === "apart");
  assertProblem(await api.request("DELETE", "/first?follow_ups=maybe"), 400);
});

test("a chain is that of one life: what was just made belongs to it, what an earlier life left does not", async () => {
  const api = apiOf("gina");
  const submit = async (id, parent) => {
    await api.submit({ id, prompt: emulator.workflow().prompt(), ...(parent ? { follow_up_to: parent } : {}) });
    await api.reach(id, "complete");
  };
  await submit("root");
  await submit("child", "root");
  assert.equal((await api.request("DELETE", "/root")).status, 204);
  assertProblem(await api.request("DELETE", "/root?follow_ups=true"), 404);
  assert.equal((await api.status("child")).status, "complete", "of an earlier life");
  // A circle of ids, and none of lives.
  await submit("root", "child");
  await settled(api, "?parent=child", (list) => idsOf(list).join() === "root");
  await settled(api, "", ({ counts }) => counts.complete === 2);
  assert.deepEqual(idsOf(await listed(api, "?parent=root")), []);
  assert.equal((await api.request("DELETE", "/root?follow_ups=true")).status, 204);
  assert.equal((await api.status("child")).status, "complete");
  // The index has not heard of it yet.
  await api.submit({ id: "late", prompt: emulator.workflow().prompt(), follow_up_to: "child" });
  assert.equal((await api.request("DELETE", "/child?follow_ups=true")).status, 204);
  for (const id of ["child", "late"]) assertProblem(await api.get(`/${id}`), 404);
  await settled(api, "", (list) => idsOf(list).length === 0);
});

test("all statuses can be asked for together", async () => {
  const api = apiOf("hugo");
  await api.run({ id: "w1", prompt: emulator.workflow().prompt() });
  await settled(api, "", ({ counts }) => counts.complete === 1);
  const all = Object.keys((await listed(api)).counts);
  for (let count = 1; count <= all.length; count++) {
    const asked = all.slice(0, count);
    const expected = asked.includes("complete") ? ["w1"] : [];
    assert.deepEqual(idsOf(await listed(api, `?status=${asked.join(",")}`)), expected, `${asked}`);
  }
});

test("a tenant sees its own workflows only, on every route", async () => {
  const [owner, stranger] = [apiOf("erin"), apiOf("fritz")];
  await owner.submit({ id: "mine", prompt: emulator.workflow().prompt(), metadata: { a: "b" } });
  await owner.reach("mine", "complete");
  await settled(owner, "", ({ workflows }) => workflows.length === 1);
  for (const base of ["", "/workflows"])
    for (const [method, path, status] of [
      ["GET", `${base}/mine`, 404],
      ["HEAD", `${base}/mine`, 404],
      ["GET", `${base}/mine/result`, 404],
      ["GET", `${base}/mine/events`, 404],
      ["POST", `${base}/mine/pause`, 404],
      ["POST", `${base}/mine/resume`, 404],
      ["POST", `${base}/mine/terminate`, 404],
      ["POST", `${base}/mine/restart`, 404],
      ["POST", `${base}/mine/approve`, 404],
      ["DELETE", `${base}/mine`, 404],
      ["DELETE", `${base}/mine?follow_ups=true`, 404],
    ]) {
      assert.equal((await stranger.request(method, path)).status, status, `${method} ${path}`);
      assert.equal((await new Api(worker.url).request(method, path)).status, 401, `${method} ${path}`);
    }
  for (const query of ["", "?metadata.a=b", "?parent=mine", "?q=a", "?status=complete"]) {
    const list = await listed(stranger, query);
    assert.deepEqual([list.workflows, list.counts.complete], [[], 0], query);
  }
  assertProblem(await stranger.post("/", { prompt: "x", follow_up_to: "mine" }), 404);
  assertProblem(await new Api(worker.url).get("/workflows"), 401);
  assert.equal((await owner.status("mine")).status, "complete");
  assert.deepEqual(idsOf(await listed(owner)), ["mine"]);
});

test("nothing of what is deleted stays on the disk", async () => {
  const { api, stateDir } = deletions;
  const mark = "Geheimnis-4711";
  const workflow = deletions.emulator.workflow();
  await api.submit({ id: "secret-id", prompt: `${mark} ${workflow.prompt()}`, metadata: { key: `${mark}-value` } });
  await api.reach("secret-id", "complete");
  await api.submit({ id: "stays", prompt: `Bleibt ${deletions.emulator.workflow().prompt()}` });
  await api.reach("stays", "complete");
  await settled(api, "", ({ counts }) => counts.complete === 2);
  assert.equal((await api.request("DELETE", "/secret-id")).status, 204);
  await settled(api, "", (list) => idsOf(list).join() === "stays");
  // What tells the index has the id, until the index knows.
  await eventually("nothing is left", async () => {
    const all = await allTables(stateDir);
    return all.some((tables) => Object.keys(tables).length === 0);
  });
  await deletions.stop();
  let isKept = false;
  for (const file of [...(await objectFiles(stateDir)), ...(await indexFiles(stateDir))]) {
    editJournal(file, "PRAGMA wal_checkpoint(TRUNCATE)");
    const bytes = await readFile(file);
    assert.ok(!bytes.includes(mark.toLowerCase()) && !bytes.includes(mark) && !bytes.includes("secret-id"), file);
    isKept ||= bytes.includes("bleibt");
  }
  assert.ok(isKept, "the search finds what is there");
});

test("nor does it where the id is used again at once, or the list can't be reached", async () => {
  const { api, stateDir, emulator: models } = reused;
  const marks = ["Geheimnis-eins", "Geheimnis-zwei"];
  // Long enough for pages of their own, and for more than one page of the table.
  const prompt = (mark) => `${`${mark} `.repeat(300)} ${models.workflow().prompt()}`;
  for (const [id, mark] of [
    ["again", marks[0]],
    ["unheard", marks[1]],
  ]) {
    await api.submit({ id, prompt: prompt(mark) });
    await api.reach(id, "complete");
  }
  assert.equal((await api.request("DELETE", "/again")).status, 204);
  await api.submit({ id: "again", prompt: prompt("Bleibt") });
  await api.reach("again", "complete");
  await reused.kill();
  await reused.revive({ index: "unreachable" });
  assert.equal((await api.request("DELETE", "/unheard")).status, 204);
  assertProblem(await api.get("/unheard"), 404);
  await reused.stop();
  let isKept = false;
  for (const file of await objectFiles(stateDir)) {
    editJournal(file, "PRAGMA wal_checkpoint(TRUNCATE)");
    const bytes = await readFile(file);
    for (const mark of marks) assert.ok(!bytes.includes(mark), `${mark} in ${file}`);
    isKept ||= bytes.includes("Bleibt");
  }
  assert.ok(isKept, "the search finds what is there");
});

test("an entry that contradicts its object is mended when the object is read", async () => {
  const { api } = healing;
  await api.submit({ id: "gone", prompt: healing.emulator.workflow().prompt() });
  await api.submit({ id: "here", prompt: healing.emulator.workflow().prompt() });
  for (const id of ["gone", "here"]) await api.reach(id, "complete");
  await settled(api, "", ({ counts }) => counts.complete === 2);
  // A deployment without the index deletes one and goes on with the other: the index is told of neither.
  await healing.kill();
  await healing.revive({ index: false });
  assert.equal((await api.request("DELETE", "/gone")).status, 204);
  assert.equal((await api.post("/here/restart")).status, 200);
  await api.reach("here", "complete");
  assertProblem(await api.get("/workflows"), 503, "index-not-configured");
  await healing.stop();
  await healing.revive({ index: true });
  assert.deepEqual(idsOf(await listed(api)).sort(), ["gone", "here"]);
  assertProblem(await api.get("/gone"), 404);
  await api.status("here");
  await settled(api, "", ({ workflows }) => workflows.length === 1 && workflows[0].run === 2);
});

test("without the binding everything else works", async () => {
  const { api } = bare;
  const status = await api.run({ id: "w1", prompt: bare.emulator.workflow().prompt() });
  assert.equal(status.status, "complete");
  assert.match(
    assertProblem(await api.get("/workflows"), 503, "index-not-configured").detail,
    /ORCHESTRATOR_WORKERS_TENANT/,
  );
  assertProblem(await api.request("DELETE", "/w1?follow_ups=true"), 503, "index-not-configured");
  assert.equal((await api.request("DELETE", "/w1")).status, 204);
  assertProblem(await api.get("/w1"), 404);
  const again = await api.run({ id: "w1", prompt: bare.emulator.workflow().prompt() });
  assert.equal(again.status, "complete");
});
