import assert from "node:assert/strict";
import { eventually } from "../../e2e/support/eventually.mjs";

export const until = eventually;

/** Waits until an element holds a text. */
export async function expectText(locator, text) {
  const pattern = text instanceof RegExp ? text : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  let last = "";
  await eventually(`${locator} says ${text}`, async () => {
    last = await locator.innerText().catch(() => "");
    return pattern.test(last);
  }).catch((error) => assert.fail(`${error.message}; it says: ${last.slice(0, 500)}`));
}
