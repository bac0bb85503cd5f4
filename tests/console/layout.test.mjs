// The plan as a graph or a list, without a browser: what fits is whole, readable and apart, whatever the plan.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support/load.mjs";

const { fittingLayout, fittingScale, layoutOf, TITLE_MIN } = await load("run/layout.ts");
const { wavesOf } = await load("run/waves.ts");
const { drafted, contractOf } = await load("run/drafted.ts", "run/plan.ts");
const { EMPTY, newStep } = await load("workflow/state.ts");

/** In pixels of the title's font, as graph.css has them. */
const TITLES = { card: 12.5, tile: 11.5, row: 12.5 };
/** The graph's frame at 1440x900. */
const ROOM = { width: 680, height: 396 };

/** A workflow with a plan; `needs` lists each subtask's dependencies by number. */
function planned(needs) {
  const subtasks = needs.map((numbers, index) =>
    newStep(
      `subtask/t${index + 1}`,
      `Title ${index + 1}`,
      numbers.map((number) => `subtask/t${number}`),
    ),
  );
  const synthesis = newStep(
    "synthesis",
    "Synthesis",
    subtasks.map((step) => step.name),
  );
  return { ...EMPTY, steps: [newStep("plan", "Plan", []), ...subtasks, synthesis] };
}

/** A plan of `count` subtasks, of which each needs some of the earlier ones. */
function random(count, seed) {
  let state = seed;
  const next = (n) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % n;
  };
  return planned(
    Array.from({ length: count }, (_, index) =>
      [...new Set(Array.from({ length: next(3) }, () => 1 + next(Math.max(1, index))))].filter((n) => n <= index),
    ),
  );
}

const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test("a graph that fits is whole, can be read, and its nodes lie apart", () => {
  let fitting = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const workflow = random(1 + (seed % 14), seed);
    const layout = fittingLayout(workflow, ROOM);
    if (!layout) continue;
    fitting++;
    const scale = fittingScale(layout, ROOM);
    assert.ok(
      TITLES[layout.size] * scale >= TITLE_MIN - 1e-9,
      `seed ${seed}: titles of ${TITLES[layout.size] * scale}`,
    );
    const boxes = [...layout.nodes.values()];
    assert.equal(boxes.length, workflow.steps.length);
    for (const box of boxes)
      assert.ok(
        box.x >= 0 && box.y >= 0 && box.x + box.width <= layout.width && box.y + box.height <= layout.height,
        `seed ${seed}: a node is outside`,
      );
    const pairs = boxes.flatMap((a, at) => boxes.slice(at + 1).map((b) => [a, b]));
    assert.ok(!pairs.some(([a, b]) => overlap(a, b)), `seed ${seed}: nodes overlap`);
  }
  assert.ok(fitting > 40, `${fitting} of 150 plans are graphs`);
});

test("a few subtasks have large nodes, more have smaller ones, and many are a list", () => {
  const sizes = [3, 5, 8, 20, 50].map((count) => fittingLayout(planned(Array(count).fill([])), ROOM)?.size ?? "list");
  assert.deepEqual(sizes, ["card", "tile", "row", "list", "list"]);
});

test("a graph that was asked for is drawn, however large", () => {
  const layout = layoutOf(planned(Array(50).fill([])), "row");
  assert.equal(layout.nodes.size, 52);
  assert.ok(fittingScale(layout, ROOM) < layout.scaleMin);
});

test("a plan that is being edited is drawn as it would run, a circle too, and what was changed is marked", () => {
  const task = (id, depends_on, title = id) => ({ id, title, instructions: `Do ${id}.`, depends_on });
  const plan = { analysis: "", tasks: [task("t1", []), task("t2", ["t1"]), task("t3", [])] };
  const workflow = { ...planned([[], [1], []]), plan };
  const edited = (...tasks) => contractOf({ ...plan, tasks });
  assert.deepEqual(drafted(workflow, contractOf(plan)), { workflow, marks: null });
  const { workflow: shown, marks } = drafted(
    workflow,
    edited(task("t1", ["t2"]), task("t2", ["t1"]), task("t4", ["t1", "t2"], "  ")),
  );
  assert.deepEqual(
    [...marks],
    [
      ["subtask/t1", "edited"],
      ["subtask/t4", "new"],
    ],
  );
  assert.deepEqual(
    shown.steps.map((step) => [step.name, step.title]),
    [
      ["plan", "Plan"],
      ["subtask/t1", "t1"],
      ["subtask/t2", "t2"],
      ["subtask/t4", "No title yet"],
      ["synthesis", "Synthesis"],
    ],
  );
  assert.equal(shown.plan, plan, "the plan that waits is still the server's");
  // An editor's step comes with the form that asks for one.
  const assembled = drafted(workflow, { ...contractOf(plan), form: "assemble" }).workflow.steps;
  assert.deepEqual(
    assembled.slice(-2).map((step) => step.name),
    ["edit/1", "synthesis"],
  );
  assert.equal(layoutOf(shown, "card").nodes.size, 5);
  assert.equal(wavesOf(shown).flat().length, 5);
});

test("each wave needs only what is in the waves before it, and the plan's order stays", () => {
  const names = (workflow) => wavesOf(workflow).map((wave) => wave.map((step) => step.name.replace("subtask/", "")));
  assert.deepEqual(names(planned([[], [], [1], [1, 3], [2]])), [
    ["plan"],
    ["t1", "t2"],
    ["t3", "t5"],
    ["t4"],
    ["synthesis"],
  ]);
  for (let seed = 1; seed <= 50; seed++) {
    const workflow = random(20, seed);
    const before = new Set();
    for (const wave of wavesOf(workflow)) {
      for (const step of wave)
        assert.ok(
          step.dependsOn.every((name) => before.has(name)),
          `seed ${seed}: ${step.name}`,
        );
      for (const step of wave) before.add(step.name);
    }
    assert.equal(before.size, workflow.steps.length);
  }
});
