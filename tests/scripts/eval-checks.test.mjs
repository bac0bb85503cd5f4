// The eval's requests, and the programs that check answers to them: each program passes good samples and catches the
// errors that bad samples name.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { solutions } from "../../eval/checks/earth-water-stream.mjs";
import { isLike, numbersIn } from "../../eval/checks/lib/rules.mjs";
import { checkOf, loadRequests } from "../../scripts/eval/requests.mjs";
import { tools } from "../../scripts/eval/tools.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";

const CHECKS = inRoot("eval/checks");
const SAMPLES = path.join(CHECKS, "samples");
// Throws where a request does not fit the schema, names no program that is there, or has another one's id.
const requests = await loadRequests();
const checked = requests.filter(({ checkFile }) => checkFile !== null);
const samples = readdirSync(SAMPLES).map((name) => {
  const [, id, kind] = /^([a-z0-9-]+)\.(good|bad)(?:-[a-z0-9-]+)?\.md$/.exec(name) ?? [];
  assert.ok(id, `${name} is neither a good nor a bad sample`);
  return { name, id, kind, text: readFileSync(path.join(SAMPLES, name), "utf8") };
});

/** What is no answer at all, or has the form of one with nothing in it. */
const NO_ANSWERS = [
  "",
  "I can't help with that.",
  "```json\n[1, 2",
  "null",
  "[]",
  "{}",
  '[{"a": null}]',
  "# \n\n| |\n",
];

describe("the requests", () => {
  test("are at least forty, of every kind and several languages", () => {
    assert.ok(requests.length >= 42, `${requests.length} requests`);
    const kinds = countBy(requests, ({ kind }) => kind);
    assert.equal(kinds.size, 7);
    for (const [kind, count] of kinds) assert.ok(count >= 5, `${kind}: ${count}`);
    assert.ok(countBy(requests, ({ language }) => language).size >= 5);
    const others = requests.filter(({ language }) => language !== "en").length;
    assert.ok(others >= requests.length / 3, `${others} in other languages than English`);
  });

  test("are simple or sequential for a third, in every kind", () => {
    assertThird(requests.filter(({ shape }) => shape !== "split").length);
    for (const shape of ["simple", "sequential"]) {
      const kinds = countBy(
        requests.filter((request) => request.shape === shape),
        ({ kind }) => kind,
      );
      assert.equal(kinds.size, 7, `${shape}: ${[...kinds.keys()]}`);
    }
  });

  test("are held out for a third, evenly over kinds and shapes", () => {
    assertThird(requests.filter((request) => request.held_out).length);
    for (const of of ["kind", "shape"]) {
      const heldOut = countBy(
        requests.filter((request) => request.held_out),
        (request) => request[of],
      );
      for (const [value, count] of countBy(requests, (request) => request[of]))
        assert.ok(Math.abs((heldOut.get(value) ?? 0) - count / 3) <= 1, `${value}: ${heldOut.get(value)} of ${count}`);
    }
  });

  test("ask for no more words than they allow, and favour no length in their checklists", () => {
    for (const { id, checklist } of requests)
      for (const statement of checklist)
        assert.doesNotMatch(statement, /\b(detailed|comprehensive|thorough|in depth|ausführlich|umfassend)\b/i, id);
  });
});

describe("the checks", () => {
  test("belong to a request each, and to samples, one good and two bad at least", () => {
    const modules = readdirSync(CHECKS).filter((name) => name.endsWith(".mjs"));
    assert.deepEqual(modules.sort(), checked.map(({ check }) => check).sort());
    assert.ok(checked.length >= 16, `${checked.length} checks`);
    for (const { id } of checked) {
      const kinds = countBy(
        samples.filter((sample) => sample.id === id),
        ({ kind }) => kind,
      );
      assert.ok((kinds.get("good") ?? 0) >= 1 && (kinds.get("bad") ?? 0) >= 2, `${id}: ${JSON.stringify([...kinds])}`);
    }
    for (const { id, name } of samples)
      assert.ok(
        checked.some((request) => request.id === id),
        `${name} belongs to no check`,
      );
  });

  test("numbers are read in every way that they are written", () => {
    for (const [text, value] of [
      ["1,234.5 €", 1234.5],
      ["1.234,5 €", 1234.5],
      ["1\u202f234,5 €", 1234.5],
      ["1'234.5", 1234.5],
      ["1.234", 1.234],
      ["1.234", 1234],
      ["12,5 %", 12.5],
      ["of 29.", 29],
      ["134,820", 134820],
    ])
      assert.ok(numbersIn(text).includes(value), text);
    // A group of thousands never follows a zero: 5 was read from this once.
    assert.deepEqual(new Set(numbersIn("p = 0.005")), new Set([0.005]));
    assert.ok(isLike(0.3, 0.1 + 0.2) && !isLike("0.3", 0.3) && !isLike(0.32, 0.3, 0.01) && !isLike(undefined, null));
  });

  test("the letters of the sum have one solution", () => assert.equal(solutions().length, 1));
});

describe("a check", { concurrency: 6 }, () => {
  for (const request of checked) {
    const own = samples.filter(({ id }) => id === request.id);
    for (const { name, kind, text } of own)
      test(`${kind === "good" ? "passes" : "catches"} ${name}`, async () => {
        const [, expected, answer] = /^(?:<!-- fails: (.*) -->\n)?([\s\S]*)$/.exec(text);
        const results = await resultsOf(request, answer);
        const failed = results.filter(({ passed }) => !passed);
        const details = failed.map(({ name, detail }) => `${name}: ${detail}`).join("\n");
        if (kind === "bad") assert.ok(expected, "a bad sample says in its first line which checks it fails");
        assert.deepEqual(
          failed.map((one) => one.name),
          kind === "good" ? [] : expected.split(" | "),
          details,
        );
      });

    test(`${request.id} has the same names for every answer, and passes none that is none`, async () => {
      const good = await resultsOf(request, own.find(({ kind }) => kind === "good")?.text ?? "");
      const names = good.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, "two have the same name");
      for (const answer of NO_ANSWERS) {
        const results = await resultsOf(request, answer);
        assert.deepEqual(
          results.map(({ name }) => name),
          names,
          JSON.stringify(answer),
        );
        assert.ok(
          results.some(({ passed }) => !passed),
          JSON.stringify(answer),
        );
      }
    });
  }
});

/** As the harness runs it, and of the form that the harness demands. */
async function resultsOf(request, answer) {
  const results = await (await checkOf(request))(answer, tools);
  for (const { name, passed, detail } of results) {
    assert.ok(typeof name === "string" && name !== "" && !name.includes(" | "));
    assert.equal(typeof passed, "boolean");
    assert.equal(typeof detail, "string");
    assert.ok(passed || detail !== "", `${name} does not say why`);
  }
  return results;
}

function countBy(list, keyOf) {
  const counts = new Map();
  for (const one of list) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}

function assertThird(count) {
  assert.ok(Math.abs(count / requests.length - 1 / 3) <= 0.05, `${count} of ${requests.length}`);
}
