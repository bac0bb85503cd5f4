import { runs } from "./common.mjs";

const NEW = "let now = 0; const cache = new LruCache({ max: 2, ttlMs: 10, now: () => now });";

export const check = (answer, tools) =>
  runs(answer, tools, {
    file: "lru.mjs",
    imports: "{ LruCache }",
    tests: {
      "the least recently used is evicted": `${NEW} cache.set("a", 1); cache.set("b", 2);
        cache.get("a"); cache.set("c", 3);
        assert.equal(cache.get("b"), undefined); assert.equal(cache.get("a"), 1); assert.equal(cache.size, 2);`,
      "an entry expires": `${NEW} cache.set("a", 1); now = 11; assert.equal(cache.get("a"), undefined);
        assert.equal(cache.size, 0);`,
      "setting again refreshes": `${NEW} cache.set("a", 1); now = 8; cache.set("a", 2); now = 15;
        assert.equal(cache.get("a"), 2);`,
      "statistics count": `${NEW} cache.set("a", 1); cache.get("a"); cache.get("x");
        cache.set("b", 1); cache.set("c", 1);
        const { hits, misses, evictions } = cache.stats(); assert.deepEqual([hits, misses, evictions], [1, 1, 1]);`,
      "deleted is gone": `${NEW} cache.set("a", 1); cache.delete("a"); assert.equal(cache.get("a"), undefined);`,
    },
  });
