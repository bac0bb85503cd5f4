import { runCases } from "./lib/cases.mjs";

export const check = (answer, tools) => runCases(answer, tools, { file: "calendar.mjs", cases });

const cases = {
  "merge sorts by number and leaves its argument alone": ({ merge }, assert) => {
    const given = [
      [100, 110],
      [9, 10],
    ];
    assert.deepEqual(merge(given), [
      [9, 10],
      [100, 110],
    ]);
    assert.deepEqual(given, [
      [100, 110],
      [9, 10],
    ]);
    const inner = [[1, 3]];
    merge([...inner, [2, 9]]);
    assert.deepEqual(inner, [[1, 3]], "an interval of the caller was changed");
  },
  "merge keeps the end of what contains another": ({ merge }, assert) => {
    assert.deepEqual(
      merge([
        [1, 10],
        [2, 3],
        [10, 12],
      ]),
      [[1, 12]],
    );
  },
  "merge drops what is empty, refuses what is reversed": ({ merge }, assert) => {
    assert.deepEqual(merge([[5, 5]]), []);
    assert.throws(() => merge([[6, 5]]), RangeError);
    assert.deepEqual(merge([]), []);
  },
  "free stays within its range": ({ free }, assert) => {
    assert.deepEqual(free([[0, 5]], 10, 20), [[10, 20]]);
    assert.deepEqual(free([[30, 40]], 10, 20), [[10, 20]]);
    assert.deepEqual(free([[0, 40]], 10, 20), []);
    assert.deepEqual(
      free(
        [
          [0, 12],
          [15, 16],
          [19, 25],
        ],
        10,
        20,
      ),
      [
        [12, 15],
        [16, 19],
      ],
    );
    assert.deepEqual(free([], 10, 10), []);
  },
  "firstSlot takes what fits exactly": ({ firstSlot }, assert) => {
    assert.equal(firstSlot([[0, 30]], 0, 60, 30, 15), 30);
  },
  "firstSlot rounds up": ({ firstSlot }, assert) => {
    assert.equal(firstSlot([[0, 16]], 0, 120, 30, 15), 30);
    assert.equal(firstSlot([[0, 31]], 0, 60, 20, 15), null);
  },
  "peak counts ends before starts": ({ peak }, assert) => {
    const [early, late] = [
      [0, 10],
      [10, 20],
    ];
    assert.equal(peak([early, late]), 1);
    assert.equal(peak([late, early]), 1);
    assert.equal(peak([early, late, [5, 15], [7, 8]]), 3);
    assert.equal(peak([]), 0);
  },
};
