// The list of workflows: its pages and how they are brought up to date, the filter in the address, what is selected,
// and what is done with it.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { load } from "./support/load.mjs";

const { EVERYTHING, ApiProblem, Listing, ...list } = await load(
  "list/entries.ts",
  "list/filter.ts",
  "list/picked.ts",
  "list/actions.ts",
  "list/listing.ts",
  "net/problem.ts",
);

/** `e(3)` is older than `e(4)`. */
const e = (n, more = {}) => ({
  id: `w${n}`,
  status: "complete",
  queued: new Date(1_700_000_000_000 + n * 1000).toISOString(),
  children: 0,
  mode: { asked: "auto", chosen: "split" },
  subtasks: { done: 2, planned: 2 },
  warnings: 0,
  usage: { total_tokens: 1234, estimated: false },
  ...more,
});
const es = (...numbers) => numbers.map((n) => e(n));
const idsOf = ({ entries }) => entries.map(({ id }) => id).join(" ");
const COUNTS = {
  queued: 1,
  running: 2,
  waiting: 3,
  waitingForPause: 4,
  paused: 5,
  complete: 1200,
  errored: 7,
  terminated: 8,
};
const IDLE = { ...COUNTS, queued: 0, running: 0, waitingForPause: 0 };

test("the newest entries read again: new ones on top, changed ones in place, none that is gone", () => {
  const known = { entries: es(9, 8, 7, 6, 5, 4), next: "4" };
  const merged = (numbers, next) => list.merged(known, { workflows: es(...numbers), next });
  assert.equal(idsOf(merged([10, 9, 8], "8")), "w10 w9 w8 w7 w6 w5 w4");
  assert.equal(merged([10, 9, 8], "8").next, "4", "what comes after the last one is read from there");
  assert.equal(idsOf(merged([9, 7, 6], "6")), "w9 w7 w6 w5 w4", "w8 was deleted");
  assert.equal(idsOf(merged([9, 8], null)), "w9 w8", "there are no more");
  assert.deepEqual(merged([11, 10], "10"), { entries: es(11, 10), next: "10" }, "between w10 and w9 may be others");
  assert.equal(merged([], "1"), known, "so far none matches");
  assert.equal(idsOf(merged([10, 9, 3], "3")), "w10 w9 w3", "the last one was not known");
  assert.equal(merged([10, 9, 3], "3").next, "3");
  const changed = list.merged(known, { workflows: [e(9, { status: "running" })], next: "9" });
  assert.equal(changed.entries[0].status, "running");
  assert.equal(idsOf(changed), "w9 w8 w7 w6 w5 w4");
  assert.equal(idsOf(list.merged({ entries: [], next: null }, { workflows: es(2, 1), next: "1" })), "w2 w1");
});

test("a further page is put below, and what was there keeps its place", () => {
  assert.deepEqual(list.appended(es(9, 8), { workflows: es(8, 7), next: null }), { entries: es(9, 8, 7), next: null });
});

test("as many are read again as may change, and no more than the server gives at once", () => {
  const entries = Array.from({ length: 150 }, (_, index) => e(200 - index));
  assert.equal(list.refreshedCount(entries), 25);
  assert.equal(list.refreshedCount(entries.with(59, e(1, { status: "running" }))), 60);
  assert.equal(list.refreshedCount(entries.with(149, e(1, { status: "waiting" }))), 100);
});

test("a filter is a fragment of the address and a query of the API, and nothing of it is lost", () => {
  assert.deepEqual(list.filterOf(""), EVERYTHING);
  assert.deepEqual(list.filterOf("compare/a/b"), EVERYTHING);
  assert.deepEqual(list.filterOf("status=nonsense&q="), EVERYTHING);
  assert.equal(list.fragmentOf(EVERYTHING), "");
  for (const filter of [
    { tab: "running", q: "bees & honey=50% #1 é", parent: "w1" },
    { tab: "all", q: "a+b", parent: null },
  ])
    assert.deepEqual(list.filterOf(decodeURIComponent(encodeURI(list.fragmentOf(filter)))), filter);
  assert.equal(list.queryOf(EVERYTHING, 25, null), "limit=25");
  const query = list.queryOf({ tab: "running", q: " bees honey ", parent: "w1" }, 25, "99");
  assert.deepEqual(Object.fromEntries(new URLSearchParams(query)), {
    status: "queued,running,waitingForPause",
    q: "bees honey",
    parent: "w1",
    limit: "25",
    cursor: "99",
  });
});

test("every status belongs to one tab, and is counted there", () => {
  const counted = list.TABS.slice(1).map(([tab]) => list.countOf(tab, COUNTS));
  assert.deepEqual(counted, [7, 8, 1200, 7, 8]);
  assert.equal(list.countOf("all", COUNTS), 1230);
  assert.equal(list.totalOf(COUNTS), 1230);
  assert.deepEqual([list.isActive(COUNTS), list.isActive(IDLE)], [true, false]);
});

test("entries are selected one by one, as a range, and all of them", () => {
  const shown = ["a", "b", "c", "d", "e"];
  const ids = ({ ids }) => [...ids].sort().join("");
  const b = list.toggled(list.NONE, "b", shown, false);
  const range = list.toggled(b, "d", shown, true);
  assert.equal(ids(range), "bcd");
  assert.equal(ids(list.toggled(range, "b", shown, true)), "", "a range is deselected as its end is");
  assert.equal(ids(list.toggled(range, "c", shown, false)), "bd");
  assert.equal(ids(list.toggled(list.NONE, "c", shown, true)), "c", "there is no first one");
  assert.equal(ids(list.toggled({ ids: new Set(), anchor: "gone" }, "c", shown, true)), "c");
  assert.equal(ids(list.allToggled(range, shown)), "abcde");
  assert.equal(ids(list.allToggled(list.allToggled(range, shown), shown)), "");
  assert.equal(ids(list.within(range, ["a", "c", "x"])), "c", "what is not shown is not selected");
  assert.equal(list.within(range, shown), range);
});

test("what has ended can't be terminated, and everything can be deleted", () => {
  const statuses = Object.keys(COUNTS);
  const entries = statuses.map((status, n) => e(n, { status }));
  const { done, left } = list.partsOf("terminate", entries);
  assert.deepEqual(
    done.map(({ status }) => status),
    ["queued", "running", "waiting", "waitingForPause", "paused"],
  );
  assert.equal(done.length + left.length, entries.length);
  assert.deepEqual(list.partsOf("delete", entries), { done: entries, left: [] });
  assert.equal(list.named(["a", "b", "c", "d", "e", "f", "g"]), "“a”, “b”, “c”, “d”, “e” and 2 more");
  assert.equal(list.named(["a"]), "“a”");
});

test("an action on many runs six at once, and a failure stops none of the others", async () => {
  const ids = Array.from({ length: 20 }, (_, n) => `w${n}`);
  let [running, most] = [0, 0];
  const heard = [];
  const act = async (id) => {
    most = Math.max(most, ++running);
    await new Promise((done) => setImmediate(done));
    running--;
    if (id === "w7" || id === "w3") throw new Error(`not ${id}`);
  };
  const failed = await list.actOnAll(ids, act, (done) => heard.push(done));
  assert.deepEqual(
    failed.map(({ id, error }) => [id, error.message]),
    [
      ["w3", "not w3"],
      ["w7", "not w7"],
    ],
  );
  assert.deepEqual([most, heard.at(-1), heard.length], [6, 20, 20]);
  assert.deepEqual(await list.actOnAll([], act), []);
});

test("subtasks, tokens and gaps in words", () => {
  assert.deepEqual(list.subtaskWords(e(1)), ["2 of 2", "subtasks"]);
  const none = { subtasks: { done: 0, planned: 0 } };
  assert.deepEqual(list.subtaskWords(e(1, { ...none, mode: { chosen: "direct" } })), ["1", "direct call"]);
  assert.deepEqual(list.subtaskWords(e(1, { ...none, mode: { chosen: null } })), ["–", "no plan yet"]);
  assert.deepEqual(list.tokenWords(e(1, { usage: { total_tokens: 12345, estimated: true } })), ["≈ 12,345", "tokens"]);
  const lacking = { subtasks: { done: 1, planned: 2 } };
  assert.deepEqual([e(1), e(1, lacking), e(1, { ...lacking, status: "running" })].map(list.hasGaps), [
    false,
    true,
    false,
  ]);
});

/** A list whose pages the test gives: `answers` are pages, or errors, for one request each; the last one again. */
function listing(...answers) {
  const queries = [];
  const page = { visible: true };
  const of = new Listing(
    async (query) => {
      queries.push(Object.fromEntries(new URLSearchParams(query)));
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    () => page.visible,
  );
  return { of, queries, page, answers };
}
const pageOf = (workflows, next = null, counts = COUNTS) => ({ workflows, next, counts });
const settle = async () => {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
};
const pass = async (ms) => {
  mock.timers.tick(ms);
  await settle();
};

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("an open list is read again every 3 s while something runs, and every 10 s otherwise", async () => {
  const { of, queries, answers } = listing(pageOf(es(2, 1)));
  of.open(EVERYTHING);
  await settle();
  assert.equal(idsOf(of.state.get()), "w2 w1");
  assert.deepEqual([of.state.get().kind, of.state.get().reading], ["listed", false]);
  await pass(2999);
  assert.equal(queries.length, 1);
  answers[0] = pageOf(es(3, 2, 1), null, IDLE);
  await pass(1);
  assert.equal(idsOf(of.state.get()), "w3 w2 w1");
  await pass(9999);
  assert.equal(queries.length, 2);
  await pass(1);
  assert.equal(queries.length, 3);
  of.stop();
  await pass(60_000);
  assert.equal(queries.length, 3);
});

test("a hidden page asks nothing, and reads all that was loaded once it is seen", async () => {
  const many = Array.from({ length: 50 }, (_, index) => e(100 - index));
  const { of, queries, page } = listing(
    pageOf(many.slice(0, 25), "76"),
    pageOf(many.slice(25), "51"),
    pageOf(many, "51"),
  );
  page.visible = false;
  of.open(EVERYTHING);
  await pass(60_000);
  assert.equal(queries.length, 0);
  page.visible = true;
  of.look();
  await settle();
  of.more();
  await settle();
  assert.deepEqual([of.state.get().entries.length, queries.at(-1).cursor], [50, "76"]);
  page.visible = false;
  await pass(60_000);
  assert.equal(queries.length, 2);
  page.visible = true;
  of.look();
  await settle();
  assert.deepEqual([queries.length, queries[2].limit, queries[2].cursor], [3, "50", undefined]);
  assert.deepEqual([of.state.get().entries.length, of.state.get().next], [50, "51"]);
  of.stop();
});

test("short and empty pages are read on, up to ten, and then on demand", async () => {
  const { of, queries } = listing(pageOf([], "90"), pageOf(es(5), "80"), pageOf([], "70"));
  of.open({ ...EVERYTHING, q: "bees" });
  await settle();
  assert.equal(queries.length, 10);
  assert.deepEqual([idsOf(of.state.get()), of.state.get().next, of.state.get().reading], ["w5", "70", false]);
  of.more();
  await settle();
  assert.equal(queries.length, 20);
  of.stop();
});

test("another filter begins anew, and an answer to the one before is not taken", async () => {
  const waiting = [];
  const of = new Listing(
    (query, signal) =>
      new Promise((resolve, reject) => {
        waiting.push({ query, resolve });
        signal.addEventListener("abort", () => reject(new Error("aborted")));
      }),
    () => true,
  );
  of.open(EVERYTHING);
  await settle();
  of.open({ ...EVERYTHING, tab: "errored" });
  await settle();
  assert.match(waiting[1].query, /status=errored/);
  waiting[0].resolve(pageOf(es(9)));
  waiting[1].resolve(pageOf(es(1)));
  await settle();
  assert.deepEqual([idsOf(of.state.get()), of.state.get().error], ["w1", null]);
  of.stop();
});

test("a server without a list, one that wants a token, and one that fails are told apart", async () => {
  const kindAfter = async (...answers) => {
    const { of, queries } = listing(...answers);
    of.open(EVERYTHING);
    await settle();
    const { kind } = of.state.get();
    await pass(60_000);
    of.stop();
    return [kind, queries.length > 1];
  };
  assert.deepEqual(await kindAfter(new ApiProblem(404, "not-found", "", "")), ["unavailable", false]);
  assert.deepEqual(await kindAfter(new ApiProblem(405, "method-not-allowed", "", "")), ["unavailable", false]);
  assert.deepEqual(await kindAfter(new ApiProblem(503, "index-not-configured", "", "")), ["unavailable", false]);
  assert.deepEqual(await kindAfter(new ApiProblem(401, "invalid-token", "", "")), ["closed", false]);
  assert.deepEqual(await kindAfter(new ApiProblem(503, "overloaded", "", "")), ["failed", true]);
  assert.deepEqual(await kindAfter(new TypeError("no network"), pageOf(es(1))), ["failed", true]);
});

test("a list that can't be brought up to date stays, says so, and recovers", async () => {
  const { of } = listing(pageOf(es(2, 1)), new TypeError("no network"), pageOf(es(3, 2, 1)));
  of.open(EVERYTHING);
  await settle();
  await pass(3000);
  assert.deepEqual([of.state.get().kind, idsOf(of.state.get())], ["listed", "w2 w1"]);
  assert.ok(of.state.get().error instanceof TypeError);
  await pass(10_000);
  assert.deepEqual([of.state.get().error, idsOf(of.state.get())], [null, "w3 w2 w1"]);
  of.stop();
});

test("a filter that the server refuses shows no entries of the one before", async () => {
  const { of } = listing(pageOf(es(2, 1)), new ApiProblem(400, "invalid-request", "", "too many words"), pageOf(es(1)));
  of.open(EVERYTHING);
  await settle();
  of.open({ ...EVERYTHING, q: "many words" });
  await settle();
  assert.equal(of.state.get().kind, "failed");
  of.open({ ...EVERYTHING, q: "words" });
  await settle();
  assert.deepEqual([of.state.get().kind, idsOf(of.state.get()), of.state.get().error], ["listed", "w1", null]);
  of.stop();
});

test("what was deleted here does not come back from a server that has not heard of it", async () => {
  const { of, answers } = listing(pageOf(es(2, 1)));
  of.open(EVERYTHING);
  await settle();
  of.drop(["w2"]);
  assert.equal(idsOf(of.state.get()), "w1");
  await pass(3000);
  assert.equal(idsOf(of.state.get()), "w1");
  answers[0] = pageOf([{ ...e(9), id: "w2" }, e(1)]);
  await pass(3000);
  assert.equal(idsOf(of.state.get()), "w2 w1");
  of.stop();
});
