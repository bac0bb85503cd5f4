import { runCases } from "./lib/cases.mjs";

export const check = (answer, tools) => runCases(answer, tools, { file: "patch.mjs", cases });

const cases = {
  "the six operations": ({ apply }, assert) => {
    const of = (document, ...operations) => apply(document, operations);
    assert.deepEqual(of({ a: [1, 3] }, { op: "add", path: "/a/1", value: 2 }), { a: [1, 2, 3] });
    assert.deepEqual(of({ a: [1] }, { op: "add", path: "/a/-", value: 2 }), { a: [1, 2] });
    assert.deepEqual(of({ a: 1, b: 2 }, { op: "remove", path: "/b" }), { a: 1 });
    assert.deepEqual(of({ a: 1 }, { op: "replace", path: "", value: [1] }), [1]);
    assert.deepEqual(of({ a: [1, 2, 3] }, { op: "move", from: "/a/0", path: "/a/2" }), { a: [2, 3, 1] });
    assert.deepEqual(of({ a: { b: 1 } }, { op: "copy", from: "/a", path: "/c" }), { a: { b: 1 }, c: { b: 1 } });
    assert.deepEqual(of({ "a/b": { "m~n": 1 } }, { op: "replace", path: "/a~1b/m~0n", value: 2 }), {
      "a/b": { "m~n": 2 },
    });
    assert.deepEqual(of({ "~1": 1 }, { op: "test", path: "/~01", value: 1 }), { "~1": 1 });
    assert.deepEqual(of({ "": 1 }, { op: "replace", path: "/", value: 2 }), { "": 2 });
  },
  "test compares structures": ({ apply, TestFailedError, PatchError }, assert) => {
    const document = { a: { x: 1, y: [null] } };
    apply(document, [{ op: "test", path: "/a", value: { y: [null], x: 1 } }]);
    for (const value of [{ x: 1 }, { x: 1, y: [] }, { x: "1", y: [null] }, null])
      assert.throws(() => apply(document, [{ op: "test", path: "/a", value }]), TestFailedError);
    assert.ok(TestFailedError.prototype instanceof PatchError);
  },
  "errors name the operation and change nothing": ({ apply, PatchError }, assert) => {
    const faults = [
      { op: "remove", path: "/b" },
      { op: "replace", path: "/b", value: 1 },
      { op: "add", path: "/x/y", value: 1 },
      { op: "add", path: "/list/3", value: 1 },
      { op: "add", path: "/list/01", value: 1 },
      { op: "remove", path: "/list/-" },
      { op: "add", path: "list", value: 1 },
      { op: "add", path: "/c" },
      { op: "jump", path: "/list" },
      { op: "move", from: "/o", path: "/o/inner" },
      { op: "copy", from: "/none", path: "/c" },
    ];
    for (const fault of faults) {
      const document = { list: [1, 2], o: { p: 1 } };
      const isIt = (error) => error instanceof PatchError && error.index === 1;
      const operations = [{ op: "add", path: "/new", value: 1 }, fault];
      assert.throws(() => apply(document, operations), isIt, JSON.stringify(fault));
      assert.deepEqual(document, { list: [1, 2], o: { p: 1 } });
    }
  },
  "neither the document nor the operations are shared": ({ apply }, assert) => {
    const document = { a: { b: [1] } };
    const operations = [
      { op: "add", path: "/c", value: { d: [] } },
      { op: "add", path: "/c/d/-", value: 1 },
      { op: "copy", from: "/c", path: "/e" },
      { op: "add", path: "/e/d/-", value: 2 },
    ];
    const before = JSON.stringify([document, operations]);
    const result = apply(document, operations);
    assert.deepEqual(result, { a: { b: [1] }, c: { d: [1] }, e: { d: [1, 2] } });
    result.c.d.push(9);
    assert.equal(JSON.stringify([document, operations]), before);
  },
  "prototypes are out of reach": ({ apply }, assert) => {
    for (const path of ["/__proto__/bad", "/constructor/prototype/bad", "/a/__proto__/bad"]) {
      try {
        apply({ a: {} }, [{ op: "add", path, value: 1 }]);
      } catch {
        // Refusing is right.
      }
      assert.equal({}.bad, undefined, path);
    }
    const set = apply({}, [{ op: "add", path: "/__proto__", value: { bad: 1 } }]);
    assert.equal(set.bad, undefined, "the new document's prototype was replaced");
    const own = JSON.parse('{"__proto__": {"x": 1}}');
    const replaced = apply(own, [{ op: "replace", path: "/__proto__/x", value: 2 }]);
    assert.equal(JSON.stringify(replaced), '{"__proto__":{"x":2}}');
  },
  "diff goes round": ({ apply, diff }, assert) => {
    let seed = 7;
    const below = (n) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * n);
    };
    const any = (depth) => {
      const kind = below(depth > 0 ? 6 : 4);
      if (kind < 4) return [null, below(3), "t", false][kind];
      const list = Array.from({ length: below(4) }, () => any(depth - 1));
      return kind === 4 ? list : Object.fromEntries(list.map((value) => [["a", "b/c", "~", "", "0"][below(5)], value]));
    };
    for (let round = 0; round < 500; round++) {
      const [before, after] = [any(3), any(3)];
      const texts = JSON.stringify([before, after]);
      assert.deepEqual(apply(before, diff(before, after)), after, texts);
      assert.equal(JSON.stringify([before, after]), texts, "diff changed what it was given");
    }
  },
  "a small change is a small diff": ({ diff }, assert) => {
    const large = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`key${at}`, { at, list: [1, 2, 3] }]));
    const changed = { ...large, key250: { at: -1, list: [1, 2, 3] } };
    const size = JSON.stringify(diff(large, changed)).length;
    assert.ok(size < 300, `${size} characters for one changed figure`);
    assert.deepEqual(diff(large, structuredClone(large)), []);
  },
};
