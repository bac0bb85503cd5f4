import { runCases } from "./lib/cases.mjs";

export const check = (answer, tools) => runCases(answer, tools, { file: "lru.mjs", cases });

const cases = {
  "pushes out the least recently used entry": ({ LruCache }, assert) => {
    const cache = new LruCache({ maxEntries: 2, ttlMs: 100, now: () => 0 });
    cache.set("a", 1).set("b", 2);
    assert.equal(cache.get("a"), 1);
    cache.set("c", 3);
    assert.deepEqual([cache.has("a"), cache.has("b"), cache.has("c"), cache.size], [true, false, true, 2]);
  },
  "has leaves the order alone": ({ LruCache }, assert) => {
    const cache = new LruCache({ maxEntries: 2, ttlMs: 100, now: () => 0 });
    cache.set("a", 1).set("b", 2);
    cache.has("a");
    cache.set("c", 3);
    assert.equal(cache.get("a"), undefined);
    assert.equal(cache.get("b"), 2);
  },
  "expires at the very instant": ({ LruCache }, assert) => {
    let at = 1_000;
    const cache = new LruCache({ maxEntries: 3, ttlMs: 100, now: () => at });
    cache.set("a", 1);
    at = 1_099;
    assert.equal(cache.get("a"), 1, "one millisecond before");
    at = 1_100;
    assert.deepEqual([cache.get("a"), cache.has("a"), cache.size, cache.delete("a")], [undefined, false, 0, false]);
  },
  "get does not renew the lifetime, set does": ({ LruCache }, assert) => {
    let at = 0;
    const cache = new LruCache({ maxEntries: 3, ttlMs: 100, now: () => at });
    cache.set("a", 1).set("b", 1);
    at = 60;
    cache.get("a");
    cache.set("b", 2);
    at = 120;
    assert.deepEqual([cache.get("a"), cache.get("b")], [undefined, 2]);
  },
  "drops expired entries before live ones": ({ LruCache }, assert) => {
    let at = 0;
    const cache = new LruCache({ maxEntries: 2, ttlMs: 100, now: () => at });
    cache.set("old but live", 1);
    cache.set("short", 2, { ttlMs: 10 });
    at = 10;
    cache.set("new", 3);
    assert.deepEqual([cache.get("old but live"), cache.get("new"), cache.size], [1, 3, 2]);
  },
  "replacing pushes nothing out": ({ LruCache }, assert) => {
    const cache = new LruCache({ maxEntries: 2, ttlMs: 100, now: () => 0 });
    cache.set("a", 1).set("b", 2).set("b", 3);
    assert.deepEqual([cache.get("a"), cache.get("b"), cache.size], [1, 3, 2]);
  },
  "undefined is a value": ({ LruCache }, assert) => {
    const cache = new LruCache({ maxEntries: 2, ttlMs: 100, now: () => 0 });
    cache.set("a", undefined).set("b", 2);
    cache.get("a");
    cache.set("c", 3);
    assert.deepEqual(
      [cache.has("a"), cache.has("b"), cache.delete("a"), cache.delete("a")],
      [true, false, true, false],
    );
  },
  "refuses sizes that are no positive integer": ({ LruCache }, assert) => {
    for (const maxEntries of [0, -1, 1.5, Number.NaN, Infinity, "3", undefined])
      assert.throws(() => new LruCache({ maxEntries, ttlMs: 1 }), RangeError, String(maxEntries));
  },
};
