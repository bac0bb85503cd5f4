import assert from "node:assert/strict";
import { eventually } from "../../e2e/support/eventually.mjs";

export const until = eventually;

/**
 * Repeats an assertion until it holds. What a page shows comes in its own time: one look may be before it, however
 * seldom that is on a quick machine. tests/scripts/browser-tests.test.mjs finds the assertions that take one look.
 */
export async function holds(assertion) {
  let last = null;
  await eventually("the assertion holds", async () => {
    try {
      await assertion();
      return true;
    } catch (error) {
      if (!(error instanceof assert.AssertionError)) throw error;
      last = error;
      return false;
    }
  }).catch((error) => {
    throw last ?? error;
  });
}

/** Waits until an element holds a text. */
export async function expectText(locator, text) {
  const pattern = text instanceof RegExp ? text : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  let last = "";
  await eventually(`${locator} says ${text}`, async () => {
    last = await locator.innerText().catch(() => "");
    return pattern.test(last);
  }).catch((error) => assert.fail(`${error.message}; it says: ${last.slice(0, 500)}`));
}
